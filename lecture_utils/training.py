"""One training loop for every cell, every task and every kind of RNN: gradients, clip, update.

What differs between tasks is only which inputs and losses are switched on, and that stands in the batch (tasks.Batch).
"""

from typing import NamedTuple

import numpy as np

from lecture_utils import bptt
from lecture_utils.functions import CROSS_ENTROPY, check_finite, check_positive, check_sizes
from lecture_utils.optimizers import QUIET, TrainingStopped, clip_by_norm


class Snapshot(NamedTuple):
    """Where a training stands after `step` updates; never changed afterwards."""

    step: int
    loss: float  # of the batch that led here, before its update; nan at step 0
    params: bptt.Params


def train(cell, params, batches, optimizer, limit=None, criterion=CROSS_ENTROPY, pieces=1, gradients=bptt.gradients):
    """A generator of Snapshots: the first before any update, then one per batch.

    `limit` clips the norm of the gradients, which come from bptt.gradients or another function of the same form. Every
    `pieces` batches are one sequence: its state is carried from one to the next, and no gradient passes back. Raises
    TrainingStopped, naming the step, when the loss, a gradient or a weight is no longer finite; the last Snapshot it
    gave holds the last good weights.
    """
    check_sizes(pieces=pieces)
    if limit is not None:
        check_positive(limit=limit)
    yield Snapshot(0, float("nan"), params)
    memory, state = optimizer.init(params), None
    for step, (xs, targets, y_mask, x_mask) in enumerate(batches, start=1):
        if step % pieces == 1 % pieces:
            state = None
        try:
            with np.errstate(**QUIET):
                result = gradients(
                    cell, params, xs, targets, state0=state, x_mask=x_mask, y_mask=y_mask, criterion=criterion
                )
                check_finite("loss", result.loss)
                grads = result.grads if limit is None else clip_by_norm(result.grads, limit)[0]
                params, memory = optimizer.update(params, grads, memory)
        except ValueError as error:
            raise TrainingStopped(f"training stopped at step {step}: {error}") from error
        state = cell.state(result.trace)
        yield Snapshot(step, float(result.loss), params)


def accuracy(cell, params, batch):
    """The share of right answers among the positions where a loss is taken; 0 to 1."""
    _, outputs = bptt.forward(cell, params, batch.xs, x_mask=batch.x_mask)
    return float((outputs.argmax(axis=-1) == batch.targets)[batch.y_mask].mean())
