"""Two races: RNN, LSTM and GRU on the same data, with the same number of updates (content.md 5.4). The adding problem:

    answer = sum of the two marked values          error = mean of (output_T - answer)^2 over sequences never trained on

Answering always 1, the mean, costs ADDING_CHANCE = 1/6; below SOLVED a task counts as solved. Weights start uniform in
+-1/sqrt(H), the LSTM's forget bias at 3 and the GRU's keep bias at 3; trained by Adam on fresh batches in float32, with
the gradient's norm clipped. With these settings the plain RNN learns T = 10 and, in more updates, T = 20, not T = 50. That is
a statement about these settings: with an orthogonal W_hh, a rate of 0.001 and some 10,000 updates it learns T = 50 as well.

The first symbol of T = 200 steps has to be named at the end, one of SYMBOLS (`remembering`, `remembered_at`). The gates
start as keepers (GATES); with these settings LSTM and GRU of the seeds 0 to 3 answer all symbols rightly within
SYMBOL_STEPS updates, and no RNN does. With SYMBOL_RATE = 0.003 an RNN of these seeds can, at some 300 to 500 updates.
"""

import time
from itertools import islice
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, gru, lstm, rnn, tasks
from lecture_utils.blas import one_thread
from lecture_utils.functions import SQUARED_ERROR, astype, check_sizes, one_of
from lecture_utils.optimizers import Adam
from lecture_utils.training import accuracy, train

CELLS = {"rnn": (rnn, {}), "lstm": (lstm, {"forget_bias": 3.0}), "gru": (gru, {"keep_bias": 3.0})}
HIDDEN, BATCH, RATE, LIMIT, STEPS = 32, 64, 0.01, 1.0, 1000
TESTED = 100  # sequences
SOLVED = 0.01


class Frame(NamedTuple):
    """Where the race stands after `step` updates of each cell."""

    step: int
    errors: dict  # cell name -> error on the test sequences
    params: dict  # cell name -> bptt.Params
    test: tasks.Batch


def training(name, T, seed, **changed):
    """The Snapshots of training the named cell: STEPS updates. All cells of a seed see the same batches.

    `changed` are options of the cell's `init` in place of those in CELLS, for example keep_bias=0.0.
    """
    cell, options = one_of(CELLS, name=name)
    params = astype(bptt.init(cell, np.random.default_rng(seed), 2, HIDDEN, 1, **options | changed), np.float32)
    rng = np.random.default_rng([seed, 1])
    batches = (_single(tasks.adding(rng, T, BATCH)) for _ in range(STEPS))
    return train(cell, params, batches, Adam(RATE), LIMIT, SQUARED_ERROR)


def _single(batch):
    return batch._replace(xs=batch.xs.astype(np.float32), targets=batch.targets.astype(np.float32))


def unseen(T, seed):
    """TESTED sequences that no training of this seed sees."""
    return tasks.adding(np.random.default_rng([seed, 2]), T, TESTED)


def error(name, params, batch):
    """The mean squared error of the answers at the last step; the forward pass is made in float64."""
    cell, params = one_of(CELLS, name=name)[0], astype(params, np.float64)
    return float(bptt.loss(cell, params, batch.xs, batch.targets, y_mask=batch.y_mask, criterion=SQUARED_ERROR))


def run(names, T, seed, every=10):
    """A generator of Frames, one every so many updates; the first before any."""
    check_sizes(every=every)
    test = unseen(T, seed)
    for snapshots in zip(*(training(name, T, seed) for name in names), strict=True):
        if snapshots[0].step % every == 0:
            params = {name: snapshot.params for name, snapshot in zip(names, snapshots, strict=True)}
            errors = {name: error(name, params[name], test) for name in names}
            yield Frame(snapshots[0].step, errors, params, test)


def solved_at(steps, errors):
    """The first of the steps whose error is below SOLVED, None if none is."""
    return next((step for step, error in zip(steps, errors, strict=True) if error < SOLVED), None)


# ---- the first symbol
SYMBOLS, SYMBOL_BATCH, SYMBOL_RATE, SYMBOL_STEPS = 4, 32, 0.002, 500
GATES = {"rnn": {}, "lstm": {"forget_bias": 5.0, "input_bias": -3.0}, "gru": {"keep_bias": 5.0}}


def remembering(name, T, seed):
    """The Snapshots of training the named cell to name the first of T symbols: SYMBOL_STEPS updates."""
    cell, _ = one_of(CELLS, name=name)
    params = astype(bptt.init(cell, np.random.default_rng(seed), SYMBOLS, HIDDEN, **GATES[name]), np.float32)
    rng = np.random.default_rng([seed, 1])
    batches = (tasks.first_symbol(rng, T, SYMBOL_BATCH, SYMBOLS) for _ in range(SYMBOL_STEPS))
    return train(cell, params, batches, Adam(SYMBOL_RATE), LIMIT)


def remembers(name, params, T):
    """The share of the SYMBOLS that are answered rightly after T steps: there are no other sequences."""
    ids = np.tile(np.arange(SYMBOLS), (T, 1))
    batch = tasks.first_symbol(np.random.default_rng(0), T, SYMBOLS, SYMBOLS)._replace(xs=ids, targets=ids)
    return accuracy(one_of(CELLS, name=name)[0], astype(params, np.float64), batch)


def remembered_at(name, T, seed, every=10):
    """The first update, looked at every so many, after which all SYMBOLS are answered rightly; None if there is none."""
    check_sizes(every=every)
    made = islice(remembering(name, T, seed), 0, None, every)
    return next((step for step, _, params in made if remembers(name, params, T) == 1), None)


# ---- one network by itself
class Learner(NamedTuple):
    """Where a network stands after `step` updates, and its error on sequences that it never trains on."""

    step: int
    params: bptt.Params
    error: float
    fresh: tasks.Batch


def learners(name, snapshots, fresh, every):
    """The Learners of a training of the named cell, one every so many updates."""
    check_sizes(every=every)
    for step, _, params in islice(snapshots, 0, None, every):
        yield Learner(step, params, error(name, params, fresh), fresh)


def until_solved(name, T, seed, every=10):
    """The Learners of the named cell's race, one every so many updates, until it has solved the task."""
    for learner in learners(name, training(name, T, seed), unseen(T, seed), every):
        yield learner
        if learner.error < SOLVED:
            return


def until_all_solved(T, seed, every=10):
    """A generator of {name: Learner} of all CELLS on the same sequences; who has solved the task waits for the others."""
    running, learnt = {name: until_solved(name, T, seed, every) for name in CELLS}, {}
    while onward := {name: learner for name, run in running.items() if (learner := next(run, None))}:
        learnt = learnt | onward
        yield learnt


def practice(seed, T, H, tested, updates=300, every=5):
    """The Learners of a GRU of H units: smaller batches at a larger rate, so that it learns while one watches its gates."""
    params = bptt.init(gru, np.random.default_rng(seed), 2, H, 1, keep_bias=1.0)
    rng, fresh = np.random.default_rng(seed + 1000), tasks.adding(np.random.default_rng(seed + 2000), T, tested)
    batches = (tasks.adding(rng, T, B=32) for _ in range(updates))
    return learners("gru", train(gru, params, batches, Adam(0.02), LIMIT, SQUARED_ERROR), fresh, every)


# ---- how long a step takes
TIMED = 20  # steps


def step_times(V, H, B):
    """The endless {name: seconds per step}: all CELLS run once more each time, forward and backward, and keep the shortest."""
    one_thread()
    rng = np.random.default_rng(0)
    xs, dhs = rng.standard_normal((TIMED, B, V)), rng.standard_normal((TIMED, B, H))
    params = {name: cell.init(rng, V, H) for name, (cell, _) in CELLS.items()}
    times = {}
    while True:
        yield times
        for name, (cell, _) in CELLS.items():
            start = time.perf_counter()
            cell.backward(params[name], cell.forward(params[name], xs), dhs)
            seconds = (time.perf_counter() - start) / TIMED
            times = times | {name: min(seconds, times.get(name, np.inf))}
