"""One training loop for every cell, every task and every kind of RNN: gradients, clip, update.

What differs between tasks is only which inputs and losses are switched on, and that stands in the batch (tasks.Batch).
"""

from typing import NamedTuple

import numpy as np

from lecture_utils import bptt
from lecture_utils.functions import CROSS_ENTROPY, check_finite
from lecture_utils.optimizers import TrainingStopped, clip_by_norm


class Snapshot(NamedTuple):
    """Where a training stands after `step` updates; never changed afterwards."""

    step: int
    loss: float  # of the batch that led here, before its update; nan at step 0
    params: bptt.Params


def train(cell, params, batches, optimizer, limit=None, criterion=CROSS_ENTROPY):
    """A generator of Snapshots: the first before any update, then one per batch.

    `limit` clips the norm of the gradients. Raises TrainingStopped, naming the step, when the loss, a gradient or a
    weight is no longer finite; the last Snapshot it gave holds the last good weights.
    """
    yield Snapshot(0, float("nan"), params)
    state = optimizer.init(params)
    for step, batch in enumerate(batches, start=1):
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # reported in words
                result = bptt.gradients(
                    cell, params, batch.xs, batch.targets, x_mask=batch.x_mask, y_mask=batch.y_mask, criterion=criterion
                )
                grads = result.grads if limit is None else clip_by_norm(result.grads, limit)[0]
                params, state = optimizer.update(params, grads, state)
            check_finite("loss", result.loss)
        except ValueError as error:
            raise TrainingStopped(f"training stopped at step {step}: {error}") from error
        yield Snapshot(step, float(result.loss), params)


def accuracy(cell, params, batch):
    """The share of right answers among the positions where a loss is taken; 0 to 1."""
    _, outputs = bptt.forward(cell, params, batch.xs, x_mask=batch.x_mask)
    return float((outputs.argmax(axis=-1) == batch.targets)[batch.y_mask].mean())
