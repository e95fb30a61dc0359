"""The exercises of chapter 4: a norm clip, a gradient in logarithms, a bound that is sufficient for vanishing."""

import numpy as np

from lecture_utils.widgets.exercise import Exercise


def clip(g, limit):
    return g * min(1, limit / np.linalg.norm(g))


def log_flow(a, w_hh):
    size = np.abs(a)
    log10_derivative = 2 * (np.log(2) - size - np.log1p(np.exp(-2 * size))) / np.log(10)
    return np.sum(log10_derivative + np.log10(abs(w_hh)))


def _log_flow_cases():
    rng = np.random.default_rng(4)
    return [(rng.normal(0, 1, 5), -0.7), (rng.normal(0, 2, 1000), 0.5), (np.array([25.0, -30.0, 2.0]), 3.0)]


@np.errstate(divide="ignore")
def _rounded(a, w_hh):
    return np.sum(np.log10(1 - np.tanh(a) ** 2) + np.log10(abs(w_hh)))


@np.errstate(divide="ignore")
def _product_first(a, w_hh):
    return np.log10(np.abs(np.prod((1 - np.tanh(a) ** 2) * w_hh)))


def bound(W_hh, activation, n):
    largest_derivative = {"tanh": 1, "sigmoid": 1 / 4}[activation]
    return (np.linalg.norm(W_hh, 2) * largest_derivative) ** n


def _bound_cases():
    rng = np.random.default_rng(5)
    return [(rng.normal(0, 0.5, (3, 3)), activation, n) for activation, n in (("tanh", 2), ("sigmoid", 3), ("tanh", 1))]


EXERCISES = {
    "clip": Exercise(
        right=clip,
        hints=3,
        cases=lambda: [(np.array([3.0, 4.0]), 1.0), (np.array([0.3, -0.4]), 1.0), (np.array([-6.0, 2.0, 3.0]), 6.5)],
        mistakes={
            "by_value": lambda g, limit: np.clip(g, -limit, limit),
            "always": lambda g, limit: g * limit / np.linalg.norm(g),
            "not_scaled": lambda g, limit: g / max(1, np.linalg.norm(g)) if np.linalg.norm(g) > limit else g,
            "largest_entry": lambda g, limit: g * min(1, limit / np.abs(g).max()),
        },
    ),
    "log_flow": Exercise(
        right=log_flow,
        hints=3,
        cases=_log_flow_cases,
        mistakes={
            "rounded": _rounded,  # before the next: where both are infinite they look alike
            "product_first": _product_first,
            "natural": lambda a, w_hh: log_flow(a, w_hh) * np.log(10),
            "no_weight": lambda a, w_hh: log_flow(a, 1.0),
            "weight_once": lambda a, w_hh: log_flow(a, 1.0) + np.log10(abs(w_hh)),
        },
    ),
    "bound": Exercise(
        right=bound,
        hints=3,
        cases=_bound_cases,
        mistakes={
            "radius": lambda W_hh, activation, n: bound(
                np.abs(np.linalg.eigvals(W_hh)).max()[None, None], activation, n
            ),
            "frobenius": lambda W_hh, activation, n: bound(np.linalg.norm(W_hh)[None, None], activation, n),
            "no_derivative": lambda W_hh, activation, n: np.linalg.norm(W_hh, 2) ** n,
            "whole_way": lambda W_hh, activation, n: bound(W_hh, activation, 1),
        },
    ),
}
