"""The exercises of chapter 2: logits by hand, softmax at a temperature, the floor of a word."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np

from lecture_utils import hello
from lecture_utils.functions import softmax
from lecture_utils.widgets.exercise import Exercise


# ---- from a letter to its logits, h_0 = 0
def logits(i, W_xh, b_h, W_hy, b_y):
    x = np.zeros(W_xh.shape[1])
    x[i] = 1
    h = np.tanh(W_xh @ x + b_h)
    return W_hy @ h + b_y


def logits_cases():
    """Two letters of the slide's network, with a b_h that is not 0."""
    (W_xh, _, _), W_hy, b_y = hello.rebuild()
    b_h = np.array([0.2, -0.4, 0.1])
    return [(0, W_xh, b_h, W_hy, b_y), (2, W_xh, b_h, W_hy, b_y)]


def _row(i, W_xh, b_h, W_hy, b_y):
    return W_hy @ np.tanh(W_xh[i, : len(b_h)] + b_h) + b_y


# ---- softmax at a temperature, without overflow
def softmax_at(y, tau):
    weights = np.exp((y - y.max()) / tau)
    return weights / weights.sum()


def softmax_cases():
    """The slide's first logits, cold, neutral and hot; and three for which each exp is finite, but not their sum."""
    y = hello.Y[0]
    return [(y, 1.0), (y, 0.5), (y, 4.0), (np.array([709.5, 709.4, 709.0]), 1.0)]


def _unshifted(y, tau):
    with np.errstate(over="ignore"):
        weights = np.exp(y / tau)
        return weights / weights.sum()


# ---- the floor of a word
def floor(word):
    pairs = [word[t : t + 2] for t in range(len(word) - 1)]
    return np.mean([np.log(word[:-1].count(pair[0]) / pairs.count(pair)) for pair in pairs])


def _no_condition(word):
    """The entropy of the next letter, the current one not known."""
    nexts = Counter(word[1:])
    return sum(k * math.log((len(word) - 1) / k) for k in nexts.values()) / (len(word) - 1)


def _unweighted(word):
    """Every current letter counts once, however often it comes."""
    totals = []
    for letter, n in Counter(word[:-1]).items():
        nexts = Counter(b for a, b in pairwise(word) if a == letter)
        totals.append(sum(k / n * math.log(n / k) for k in nexts.values()))
    return sum(totals) / len(totals)


EXERCISES = {
    "logits": Exercise(
        right=logits,
        hints=3,
        cases=logits_cases,
        mistakes={
            "no_tanh": lambda i, W_xh, b_h, W_hy, b_y: W_hy @ (W_xh[:, i] + b_h) + b_y,
            "no_b_y": lambda i, W_xh, b_h, W_hy, b_y: W_hy @ np.tanh(W_xh[:, i] + b_h),
            "no_b_h": lambda i, W_xh, b_h, W_hy, b_y: W_hy @ np.tanh(W_xh[:, i]) + b_y,
            "row": _row,
            "probabilities": lambda *given: softmax(logits(*given)),
        },
    ),
    "softmax": Exercise(
        right=softmax_at,
        hints=3,
        cases=softmax_cases,
        mistakes={
            "overflow": _unshifted,
            "no_tau": lambda y, tau: softmax(y),
            "times": lambda y, tau: softmax(y * tau),
            "tau_after": lambda y, tau: softmax(y) / tau,
            "sum": lambda y, tau: np.exp((y - y.max()) / tau),
        },
    ),
    "floor": Exercise(
        right=floor,
        hints=3,
        cases=lambda: [("hello",), ("mississippi",), ("banana",), ("abracadabra",)],
        mistakes={
            "bits": lambda word: floor(word) / math.log(2),
            "sum": lambda word: floor(word) * (len(word) - 1),
            "length": lambda word: floor(word) * (len(word) - 1) / len(word),
            "no_condition": _no_condition,
            "unweighted": _unweighted,
        },
    ),
}
