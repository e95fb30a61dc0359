"""Gradient descent in three forms, and clipping.

    SGD       p <- p - rate g
    Adagrad   s <- s + g^2;  p <- p - rate g / (sqrt(s) + eps)                       J. Duchi et al. (2011)
    Adam      m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
              p <- p - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)      D. Kingma and J. Ba (2015), alg. 1
    clipping  g <- g min(1, limit / |g|), the norm over all arrays together          R. Pascanu et al. (2013)

Section 4.3 of the lecture (clipping against exploding gradients). `state = optimizer.init(params)`, then
`params, state = optimizer.update(params, grads, state)`. Updates return new arrays: a snapshot never changes later.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lecture_utils.functions import all_finite, arrays, check_finite, check_positive, leaves, rebuild

QUIET = {"over": "ignore", "invalid": "ignore"}  # for np.errstate: what is not finite is reported in words


class TrainingStopped(ValueError):
    """A gradient, or what an update makes of it, is nan or infinite; the weights before it are the last good ones."""


@dataclass(frozen=True)
class SGD:
    """Plain gradient descent."""

    rate: float

    def __post_init__(self):
        check_positive(rate=self.rate)

    def init(self, params):
        """Nothing to remember."""
        return ()

    @np.errstate(**QUIET)
    def update(self, params, grads, state):
        """(params, state) after one step."""
        moved = [p - self.rate * g for p, g in zip(arrays(params), arrays(grads), strict=True)]
        return _moved(params, moved, grads), state


@dataclass(frozen=True)
class Adagrad:
    """Each entry's rate falls with the squares of its gradients so far."""

    rate: float
    eps: float = 1e-10

    def __post_init__(self):
        check_positive(rate=self.rate)

    def init(self, params):
        """The sums of squares, zero: an array for each of the params'."""
        return [np.zeros_like(p) for p in arrays(params)]

    @np.errstate(**QUIET)
    def update(self, params, grads, state):
        """(params, sums of squares) after one step."""
        moved, sums = [], []
        for p, g, s in zip(arrays(params), arrays(grads), state, strict=True):
            total = g * g
            total += s
            sums.append(total)
            moved.append(_step(p, self.rate * g, np.sqrt(total), self.eps))
        return _moved(params, moved, grads, sums, "sum of squared gradients"), sums


class Moments(NamedTuple):
    """What Adam remembers; m and v are lists, an array for each of the params'."""

    t: int  # updates so far
    m: list  # running mean of the gradients
    v: list  # running mean of their squares


@dataclass(frozen=True)
class Adam:
    """Steps of about `rate` per entry, in the direction of the running mean of the gradients."""

    rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self):
        check_positive(rate=self.rate)
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(
                    f"{name} is {getattr(self, name)}, expected a number from 0 to below 1, e.g. {name}=0.9"
                )

    def init(self, params):
        """Moments, zero."""
        zeros = [np.zeros_like(p) for p in arrays(params)]
        return Moments(0, zeros, zeros)

    @np.errstate(**QUIET)
    def update(self, params, grads, state):
        """(params, Moments) after one step."""
        t = state.t + 1
        rate, scale = self.rate / (1 - self.beta1**t), 1 - self.beta2**t
        moved, means, squares = [], [], []
        for p, g, m, v in zip(arrays(params), arrays(grads), state.m, state.v, strict=True):
            mean = self.beta1 * m
            mean += (1 - self.beta1) * g
            square = (1 - self.beta2) * g
            square *= g
            square += self.beta2 * v
            means.append(mean)
            squares.append(square)
            root = square / scale
            moved.append(_step(p, rate * mean, np.sqrt(root, out=root), self.eps))
        moved = _moved(params, moved, grads, squares, "mean of squared gradients")
        return moved, Moments(t, means, squares)


def _step(p, g, root, eps):
    """p - g / (root + eps), in the memory of root: for large arrays new memory costs more than the arithmetic."""
    root += eps
    np.divide(g, root, out=root)
    return np.subtract(p, root, out=root)


def global_norm(grads):
    """The Euclidean norm of all arrays together, also where the squares would overflow or vanish; inf beyond float64."""
    squares = sum(float(np.vdot(array, array)) for array in arrays(grads))
    if 1e-30 < squares < math.inf:
        return math.sqrt(squares)
    return math.prod(_norm_in_parts(grads))


def _norm_in_parts(grads):
    """(the largest size of an entry, the norm over it)."""
    largest = max(float(np.abs(array).max()) for array in arrays(grads))
    if largest == 0 or not math.isfinite(largest):
        return largest, 1.0
    return largest, math.sqrt(sum(float(np.sum(np.square(array / largest))) for array in arrays(grads)))


def clip_by_norm(grads, limit):
    """(grads, norm before): all arrays scaled by one factor so that their common norm is at most the limit."""
    check_positive(limit=limit)
    norm = global_norm(grads)
    if not math.isfinite(norm):
        _stop("gradient", grads)
    if norm <= limit:
        return grads, norm
    if limit / norm > 1e-30:
        return rebuild(grads, [array * (limit / norm) for array in arrays(grads)]), norm
    largest, rest = _norm_in_parts(grads)  # their product, or the factor, may lie beyond the type of the numbers
    return rebuild(grads, [array / largest * (limit / rest) for array in arrays(grads)]), norm


def clip_by_value(grads, limit):
    """The grads with every entry cut to +-limit; this may turn the direction."""
    check_positive(limit=limit)
    _stop("gradient", grads)
    most = [
        min(limit, float(np.finfo(array.dtype).max)) for array in arrays(grads)
    ]  # as far as the type of the numbers reaches
    return rebuild(grads, [np.clip(array, -edge, edge) for array, edge in zip(arrays(grads), most, strict=True)])


def _moved(params, moved, grads, squares=None, what=""):
    """The params with the moved arrays; TrainingStopped unless they and the squares (so the grads) are finite."""
    if not all_finite(moved, squares):
        _stop("gradient", grads)
        if squares:
            _stop(what, rebuild(params, squares))
        _stop("updated weight", rebuild(params, moved))
    return rebuild(params, moved)


def _stop(what, tree):
    """TrainingStopped, naming the first entry that is nan or infinite, if there is one."""
    for name, array in leaves(tree):
        try:
            check_finite(f"{what} {name}", array)
        except ValueError as error:
            raise TrainingStopped(str(error)) from None
