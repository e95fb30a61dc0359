"""The training loop against the same steps written out: pieces that carry the state, other gradients, how it stops."""

import gc
from functools import partial
from itertools import islice

import numpy as np
import pytest

from lecture_utils import bptt, gru, lstm, rnn
from lecture_utils.functions import arrays, rebuild
from lecture_utils.optimizers import SGD, Adam, TrainingStopped, clip_by_norm
from lecture_utils.tasks import Batch
from lecture_utils.training import train


def example(cell):
    """Params of a small network and six batches of ids."""
    rng = np.random.default_rng(0)
    params = bptt.init(cell, rng, 3, 4)
    return params, [Batch(*rng.integers(0, 3, (2, 5, 2)), None) for _ in range(6)]


@pytest.mark.parametrize("cell", [rnn, lstm, gru])
@pytest.mark.parametrize("pieces", [1, 2, 6])
def test_the_state_goes_on_within_a_sequence_and_starts_at_zero_with_the_next(cell, pieces):
    params, batches = example(cell)
    made = list(train(cell, params, batches, Adam(0.1), limit=0.5, pieces=pieces))
    assert [snapshot.step for snapshot in made] == list(range(7)) and np.isnan(made[0].loss)
    moments, state = Adam(0.1).init(params), None
    for n, (xs, targets, _, _) in enumerate(batches):
        result = bptt.gradients(cell, params, xs, targets, None if n % pieces == 0 else state)
        params, moments = Adam(0.1).update(params, clip_by_norm(result.grads, 0.5)[0], moments)
        state = cell.state(result.trace)
        np.testing.assert_equal(made[n + 1].params, params)
        assert made[n + 1].loss == result.loss


def test_other_gradients_can_be_taken():
    params, batches = example(rnn)
    cut = partial(bptt.gradients, k=2)
    moved = list(train(rnn, params, batches[:1], SGD(0.1), gradients=cut))[-1].params
    grads = cut(rnn, params, batches[0].xs, batches[0].targets).grads
    for found, p, g in zip(arrays(moved), arrays(params), arrays(grads), strict=True):
        np.testing.assert_allclose(found, p - 0.1 * g, rtol=1e-14)


def test_it_stops_with_the_step_and_the_entry_named_and_the_last_good_weights_kept():
    params, batches = example(rnn)
    made = []
    with pytest.raises(TrainingStopped, match=r"training stopped at step 3: xs\[0, 0\] is \d, expected an integer"):
        made += train(rnn, params, [*batches[:2], batches[2]._replace(xs=batches[2].xs + 7)], SGD(0.1))
    made = []
    with pytest.raises(TrainingStopped, match=r"at step 1: updated weight cell.W_xh\[0, 0\] is -?inf"):
        made.extend(train(rnn, params, batches, SGD(1e308), gradients=enormous))
    assert len(made) == 1 and made[0].params is params


def enormous(*given, **options):
    result = bptt.gradients(*given, **options)
    return result._replace(grads=rebuild(result.grads, [np.full_like(g, 1e10) for g in arrays(result.grads)]))


def test_a_snapshot_never_changes():
    params, batches = example(lstm)
    training = train(lstm, params, batches, Adam(0.1), pieces=2)
    third = next(islice(training, 2, None))
    before = [p.copy() for p in arrays(third.params)]
    list(training)
    np.testing.assert_equal(arrays(third.params), before)


@pytest.mark.parametrize("cell", [rnn, gru, lstm])
def test_a_step_leaves_nothing_to_the_garbage_collector(cell):
    """What it cannot free at once keeps old weights alive for many steps: slower, since new arrays are not in the cache."""
    params, batches = example(cell)
    training = train(cell, params, batches, Adam(0.1), limit=0.1)
    next(training)
    gc.collect()
    gc.disable()
    try:
        assert len(list(training)) == len(batches)
        assert gc.collect() == 0
    finally:
        gc.enable()
