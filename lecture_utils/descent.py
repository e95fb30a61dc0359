"""What vanishing and exploding gradients do to gradient descent: two walks near a cliff, and the adding problem.

    cliff     L = (h_T - TARGET)^2, h_t = tanh(w_hh h_{t-1} + b), h_0 = H_0: one unit without input, two weights
    adding    the plain RNN of `race`, in float64, for several seeds, each until its task is solved

Sections 4.3-4.5 of the lecture; R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural
networks" (2013), for the cliff.
"""

from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, gradients, race, rnn, tasks
from lecture_utils.functions import SQUARED_ERROR, check_sizes, one_of
from lecture_utils.optimizers import SGD, Adam, clip_by_norm, clip_by_value, global_norm
from lecture_utils.training import train

H_0, TARGET = 0.5, -0.5
CLIPS = {"norm": lambda grads, limit: clip_by_norm(grads, limit)[0], "value": clip_by_value}
RATES = {"uniform": 0.01, "orthogonal": 0.001}  # how W_hh starts, and Adam's rate then
TESTED = 200  # sequences
EVERY = 40  # updates between two Courses


# ---- the cliff
class Weights(NamedTuple):
    """What the walkers move."""

    w_hh: np.ndarray  # ()
    b: np.ndarray  # ()


class Place(NamedTuple):
    """Where a walker stands: its weights, the loss there, and the norm of its gradient."""

    w_hh: float
    b: float
    loss: float
    norm: float


def cliff_states(w_hh, b, T, h_0=H_0):
    """h_0 .. h_T, the first a number, the others for numbers or for arrays of one shape."""
    check_sizes(T=T)
    hs = [h_0]
    for _ in range(T):
        hs.append(np.tanh(w_hh * hs[-1] + b))
    return hs


def cliff_loss(w_hh, b, T, h_0=H_0, target=TARGET):
    """The loss, for numbers or for arrays of one shape."""
    return (cliff_states(w_hh, b, T, h_0)[-1] - target) ** 2


def cliff_gradients(weights, T, h_0=H_0, target=TARGET):
    """(loss, Weights of gradients), by BPTT."""
    params, last = gradients.scalar(0.0, *weights), np.arange(T) == T - 1
    xs, targets, state0 = np.zeros((T, 1, 1)), np.full((T, 1, 1), target), np.full((1, 1), h_0)
    result = bptt.gradients(rnn, params, xs, targets, state0, y_mask=last, criterion=SQUARED_ERROR)
    return float(result.loss), Weights(result.grads.cell.W_hh[0, 0], result.grads.cell.b_h[0])


def cliff_walks(w_start, b_start, rate, clip, limit, T):
    """Pairs (Place of the plain walker, Place of the clipped one) of gradient descent from the same start, without end."""
    optimizer, cut = SGD(rate), one_of(CLIPS, clip=clip)
    walkers = [Weights(np.array(w_start), np.array(b_start))] * 2
    while True:
        made = [cliff_gradients(weights, T) for weights in walkers]
        yield tuple(Place(*at, loss, global_norm(grads)) for at, (loss, grads) in zip(walkers, made, strict=True))
        steps = made[0][1], cut(made[1][1], limit)
        walkers = [optimizer.update(at, grads, ())[0] for at, grads in zip(walkers, steps, strict=True)]


# ---- the adding problem
class Course(NamedTuple):
    """Where the trainings of several seeds stand."""

    step: int  # updates of those that still run
    stopped: tuple  # updates that each has made
    params: tuple
    errors: tuple  # on the unseen sequences
    unseen: tasks.Batch


def adding(rng, T, start, updates):
    """The Snapshots of an RNN on the adding problem; W_hh starts as one of RATES."""
    rate, params = one_of(RATES, start=start), bptt.init(rnn, rng, 2, race.HIDDEN, 1)
    if start == "orthogonal":
        params = params._replace(cell=params.cell._replace(W_hh=gradients.orthogonal(rng, race.HIDDEN)))
    batches = (tasks.adding(rng, T, race.BATCH) for _ in range(updates))
    return train(rnn, params, batches, Adam(rate), race.LIMIT, SQUARED_ERROR)


def adding_unseen(T):
    """TESTED sequences that no training sees, on which race.error is measured."""
    return tasks.adding(np.random.default_rng(1_000_000), T, TESTED)


def adding_courses(T, seeds, start, updates):
    """A Course every few updates until all seeds have solved the task; a seed that has solved it stops there."""
    unseen = adding_unseen(T)
    running = [adding(np.random.default_rng(seed), T, start, updates) for seed in seeds]
    made = [next(training) for training in running]
    while True:
        errors = tuple(race.error("rnn", snapshot.params, unseen) for snapshot in made)
        steps = tuple(snapshot.step for snapshot in made)
        yield Course(max(steps), steps, tuple(snapshot.params for snapshot in made), errors, unseen)
        unsolved = [n for n, error in enumerate(errors) if error >= race.SOLVED]
        if not unsolved:
            return
        for n in unsolved:
            for _ in range(EVERY):
                made[n] = next(running[n])
