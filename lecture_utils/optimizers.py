"""Gradient descent in three forms, and clipping.

    SGD       p <- p - rate g
    Adagrad   s <- s + g^2;  p <- p - rate g / (sqrt(s) + eps)                       J. Duchi et al. (2011)
    Adam      m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
              p <- p - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)      D. Kingma and J. Ba (2015), alg. 1
    clipping  g <- g min(1, limit / |g|), the norm over all arrays together          R. Pascanu et al. (2013)

Section 4.3 of the lecture (clipping against exploding gradients). `state = optimizer.init(params)`, then
`params, state = optimizer.update(params, grads, state)`. Updates return new arrays: a snapshot never changes later.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lecture_utils.functions import check_finite, leaves, rebuild


class TrainingStopped(ValueError):
    """A gradient, or what an update makes of it, is nan or infinite; the weights before it are the last good ones."""


@dataclass(frozen=True)
class SGD:
    """Plain gradient descent."""

    rate: float

    def __post_init__(self):
        _check_positive("rate", self.rate)

    def init(self, params):
        """Nothing to remember."""
        return ()

    def update(self, params, grads, state):
        """(params, state) after one step."""
        _checked("gradient", grads)
        return _checked("updated weight", _map(lambda p, g: p - self.rate * g, params, grads)), state


@dataclass(frozen=True)
class Adagrad:
    """Each entry's rate falls with the squares of its gradients so far."""

    rate: float
    eps: float = 1e-10

    def __post_init__(self):
        _check_positive("rate", self.rate)

    def init(self, params):
        """The sums of squares, zero."""
        return _map(np.zeros_like, params)

    def update(self, params, grads, state):
        """(params, sums of squares) after one step."""
        _checked("gradient", grads)
        squares = _checked("sum of squared gradients", _map(lambda s, g: s + g * g, state, grads))
        moved = _map(lambda p, g, s: p - self.rate * g / (np.sqrt(s) + self.eps), params, grads, squares)
        return _checked("updated weight", moved), squares


class Moments(NamedTuple):
    """What Adam remembers."""

    t: int  # updates so far
    m: Any  # running mean of the gradients
    v: Any  # running mean of their squares


@dataclass(frozen=True)
class Adam:
    """Steps of about `rate` per entry, in the direction of the running mean of the gradients."""

    rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self):
        _check_positive("rate", self.rate)

    def init(self, params):
        """Moments, zero."""
        return Moments(0, _map(np.zeros_like, params), _map(np.zeros_like, params))

    def update(self, params, grads, state):
        """(params, Moments) after one step."""
        _checked("gradient", grads)
        t = state.t + 1
        m = _map(lambda m, g: self.beta1 * m + (1 - self.beta1) * g, state.m, grads)
        v = _map(lambda v, g: self.beta2 * v + (1 - self.beta2) * g * g, state.v, grads)
        _checked("mean of squared gradients", v)
        rate, scale = self.rate / (1 - self.beta1**t), 1 - self.beta2**t
        moved = _map(lambda p, m, v: p - rate * m / (np.sqrt(v / scale) + self.eps), params, m, v)
        return _checked("updated weight", moved), Moments(t, m, v)


def global_norm(grads):
    """The Euclidean norm of all arrays together, also where the squares would overflow or vanish."""
    largest = max(float(np.abs(array).max()) for array in _arrays(grads))
    if largest == 0:
        return 0.0
    return largest * float(np.sqrt(sum(np.sum((array / largest) ** 2) for array in _arrays(grads))))


def clip_by_norm(grads, limit):
    """(grads, norm before): all arrays scaled by one factor so that their common norm is at most the limit."""
    _check_positive("limit", limit)
    _checked("gradient", grads)
    norm = global_norm(grads)
    return (_map(lambda g: g * (limit / norm), grads) if norm > limit else grads), norm


def clip_by_value(grads, limit):
    """The grads with every entry cut to +-limit; this may turn the direction."""
    _check_positive("limit", limit)
    _checked("gradient", grads)
    return _map(lambda g: np.clip(g, -limit, limit), grads)


def _arrays(tree):
    return [array for _, array in leaves(tree)]


def _map(f, *trees):
    """f of the arrays that stand at the same place in each NamedTuple; overflow is left to `_checked`."""
    with np.errstate(over="ignore", invalid="ignore"):
        return rebuild(trees[0], [f(*arrays) for arrays in zip(*map(_arrays, trees), strict=True)])


def _checked(what, tree):
    """The tree; TrainingStopped if an entry is nan or infinite."""
    for name, array in leaves(tree):
        try:
            check_finite(f"{what} {name}", array)
        except ValueError as error:
            raise TrainingStopped(str(error)) from None
    return tree


def _check_positive(name, value):
    if not 0 < value < np.inf:
        raise ValueError(f"{name} is {value}, expected a finite number > 0, e.g. {name}=0.1")
