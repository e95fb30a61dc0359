"""Answers to the exercises of chapter 4: right ones, and typical wrong ones by the name of their mistake."""

import math

import numpy as np


def right_clip(g, limit):
    length = math.sqrt(sum(value**2 for value in g))
    return g if length <= limit else g / length * limit


def right_log_flow(a, w_hh):
    return sum(-2 * math.log10(math.cosh(value)) + math.log10(abs(w_hh)) for value in a)


def right_bound(W_hh, activation, n):
    sigma = math.sqrt(np.linalg.eigvalsh(W_hh @ W_hh.T).max())
    return math.prod([sigma * (0.25 if activation == "sigmoid" else 1.0)] * n)


@np.errstate(divide="ignore")
def rounded(a, w_hh):
    return sum(np.log10(1 - np.tanh(value) ** 2) + np.log10(abs(w_hh)) for value in a)


@np.errstate(divide="ignore")
def product_first(a, w_hh):
    product = 1.0
    for value in a:
        product *= w_hh * (1 - np.tanh(value) ** 2)
    return np.log10(abs(product))


RIGHT = {"gradients.clip": right_clip, "gradients.log_flow": right_log_flow, "gradients.bound": right_bound}
WRONG = [
    ("gradients.clip", "by_value", lambda g, limit: np.minimum(np.maximum(g, -limit), limit)),
    ("gradients.clip", "always", lambda g, limit: limit * g / math.hypot(*g)),
    ("gradients.clip", "not_scaled", lambda g, limit: g / math.hypot(*g) if math.hypot(*g) > limit else g),
    ("gradients.clip", "largest_entry", lambda g, limit: g * min(1, limit / max(map(abs, g)))),
    ("gradients.log_flow", "rounded", rounded),
    ("gradients.log_flow", "product_first", product_first),
    ("gradients.log_flow", "natural", lambda a, w_hh: math.log(10) * right_log_flow(a, w_hh)),
    ("gradients.log_flow", "no_weight", lambda a, w_hh: right_log_flow(a, 1)),
    ("gradients.log_flow", "weight_once", lambda a, w_hh: right_log_flow(a, 1) + math.log10(abs(w_hh))),
    ("gradients.bound", "radius", lambda W, f, n: right_bound(np.diag(np.abs(np.linalg.eigvals(W))), f, n)),
    ("gradients.bound", "frobenius", lambda W, f, n: right_bound(np.eye(3) * math.sqrt((W**2).sum()), f, n)),
    ("gradients.bound", "no_derivative", lambda W, f, n: right_bound(W, "tanh", n)),
    ("gradients.bound", "whole_way", lambda W, f, n: right_bound(W, f, 1)),
]
