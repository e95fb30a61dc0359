"""Three tasks that need a memory (sections 3.9, 4.4 and 5.4 of the lecture).

In `recall` every letter is asked for some steps later. In the other two what counts is shown early and asked for at the
last step only, so the gradient has to travel back over the whole sequence; the mean loss of the best constant answer is
known exactly, `ADDING_CHANCE` and `first_symbol_chance(V)`. A batch goes into `bptt.gradients` with its two masks.

Source: S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997, experiment 4 (adding)
and experiment 2 (the first symbol decides the last; here without distractors, nothing is read in between). The adding
problem stands in the form used today: values in [0, 1] and the plain sum as target (Q. V. Le, N. Jaitly and
G. E. Hinton, arXiv:1504.00941, 2015), one mark in each half (M. Arjovsky, A. Shah and Y. Bengio, arXiv:1511.06464,
2016).
"""

import math
from typing import NamedTuple

import numpy as np

from lecture_utils.functions import check_sizes

ADDING_CHANCE = 1 / 6  # the variance of the sum of two values from U(0, 1): the loss of always answering the mean, 1


class Batch(NamedTuple):
    """Sequences, what to answer, and the steps at which an input is given (None: all) and a loss is taken."""

    xs: np.ndarray  # (T, B, V) numbers, or (T, B) ids
    targets: np.ndarray  # (T, B, 1) numbers, or (T, B) ids; one for each step
    y_mask: np.ndarray  # (T,)
    x_mask: np.ndarray | None = None


def adding(rng: np.random.Generator, T: int, B: int) -> Batch:
    """B sequences of (value, mark) pairs, to be answered with the sum of the two marked values.

    xs (T, B, 2): values from U(0, 1); marks 1 at one random step of each half, else 0. Loss: SQUARED_ERROR.
    ValueError unless T >= 2 and B >= 1.
    """
    check_sizes(T=T, B=B)
    if T < 2:
        raise ValueError(f"T is {T}, expected at least 2: one marked value in each half, e.g. T=20")
    xs = np.zeros((T, B, 2))
    xs[..., 0] = rng.random((T, B))
    columns = np.arange(B)
    xs[rng.integers(0, T // 2, size=B), columns, 1] = 1
    xs[rng.integers(T // 2, T, size=B), columns, 1] = 1
    sums = (xs[..., 0] * xs[..., 1]).sum(axis=0)
    return Batch(xs, np.tile(sums[:, None], (T, 1, 1)), _last_step(T))


def first_symbol(rng: np.random.Generator, T: int, B: int, V: int) -> Batch:
    """B sequences that begin with one of V symbols and are silent after it, to be answered with that symbol.

    xs (T, B): the id at the first step; x_mask switches the other inputs off. Loss: CROSS_ENTROPY.
    ValueError unless all sizes are positive integers.
    """
    check_sizes(T=T, B=B, V=V)
    ids = np.zeros((T, B), int)
    ids[0] = rng.integers(0, V, size=B)
    return Batch(ids, np.tile(ids[0], (T, 1)), _last_step(T), x_mask=np.arange(T) == 0)


def first_symbol_chance(V: int) -> tuple[float, float]:
    """The loss (nats) and the share of right answers of whoever guesses among V symbols: ln V and 1/V."""
    check_sizes(V=V)
    return math.log(V), 1 / V


def recall(rng: np.random.Generator, T: int, B: int, V: int, delay: int) -> Batch:
    """B sequences of random letters, (T, B) ids; at each step the letter read `delay` steps ago is asked for.

    Loss: CROSS_ENTROPY, from step delay + 1 on. ValueError unless all sizes are positive integers and delay < T.
    """
    check_sizes(T=T, B=B, V=V, delay=delay)
    if delay >= T:
        raise ValueError(
            f"delay is {delay}, expected less than T = {T}, or nothing is ever asked for, e.g. T={delay + 1}"
        )
    xs = rng.integers(0, V, (T, B))
    return Batch(xs, np.roll(xs, delay, axis=0), np.arange(T) >= delay)


def _last_step(T):
    return np.arange(T) == T - 1
