"""The long-dependency tasks: what a batch holds, the level of the best guess, and that a cell with memory beats it."""

import math

import numpy as np
import pytest

from lecture_utils import bptt, gru, optimizers, rnn, tasks
from lecture_utils.functions import SQUARED_ERROR


@pytest.mark.parametrize(("T", "B"), [(2, 1), (5, 3), (20, 64)])
def test_adding_asks_for_the_sum_of_one_value_from_each_half(T, B):
    batch = tasks.adding(np.random.default_rng(0), T, B)
    assert batch.xs.shape == (T, B, 2)
    assert batch.targets.shape == (T, B, 1)
    for b in range(B):
        marked = [t for t in range(T) if batch.xs[t, b, 1] != 0]
        assert len(marked) == 2
        assert marked[0] < T // 2 <= marked[1]
        for t in range(T):
            assert batch.xs[t, b, 1] in (0, 1)
            assert batch.targets[t, b, 0] == pytest.approx(sum(batch.xs[s, b, 0] for s in marked), rel=1e-15)
    assert batch.y_mask.tolist() == [False] * (T - 1) + [True]
    assert batch.x_mask is None


def test_adding_draws_values_and_places_evenly():
    xs = tasks.adding(np.random.default_rng(1), 7, 20_000).xs
    counts, edges = np.histogram(xs[..., 0], bins=10)
    assert xs[..., 0].min() >= 0 and xs[..., 0].max() < 1
    assert np.ptp(edges) > 0.999
    assert np.abs(counts / counts.sum() - 0.1).max() < 5 * math.sqrt(0.09 / counts.sum())
    places = xs[..., 1].mean(axis=1)
    np.testing.assert_allclose(places, [1 / 3] * 3 + [1 / 4] * 4, rtol=0, atol=5 * math.sqrt(2 / 9 / 20_000))


def test_adding_chance_is_the_loss_of_always_answering_the_mean():
    """0.167 in the literature. The spread of one squared error around it is sqrt(7 / 180)."""
    assert round(tasks.ADDING_CHANCE, 3) == 0.167
    batch, B = tasks.adding(np.random.default_rng(2), 4, 50_000), 50_000
    one = bptt.Params(rnn.init(np.random.default_rng(0), 2, 1), np.zeros((1, 1)), np.ones(1))
    loss = bptt.loss(rnn, one, *batch[:2], y_mask=batch.y_mask, x_mask=batch.x_mask, criterion=SQUARED_ERROR)
    assert abs(loss - tasks.ADDING_CHANCE) < 5 * math.sqrt(7 / 180 / B)


@pytest.mark.parametrize(("T", "B", "V"), [(1, 1, 1), (20, 3, 4), (200, 32, 10)])
def test_first_symbol_asks_for_the_first_symbol(T, B, V):
    batch = tasks.first_symbol(np.random.default_rng(0), T, B, V)
    assert batch.xs.shape == batch.targets.shape == (T, B)
    assert np.issubdtype(batch.xs.dtype, np.integer)
    for t in range(T):
        assert batch.targets[t].tolist() == batch.xs[0].tolist()
    assert batch.y_mask.tolist() == [False] * (T - 1) + [True]
    assert batch.x_mask.tolist() == [True] + [False] * (T - 1)


def test_first_symbol_draws_all_symbols_evenly():
    B = 20_000
    symbols = tasks.first_symbol(np.random.default_rng(1), 5, B, 4).xs[0]
    np.testing.assert_allclose(np.bincount(symbols) / B, [1 / 4] * 4, rtol=0, atol=5 * math.sqrt(3 / 16 / B))


def test_first_symbol_says_nothing_after_the_first_step():
    """A network without recurrent weights gives the same outputs at the last step whatever the symbol was."""
    batch = tasks.first_symbol(np.random.default_rng(0), 5, 8, 4)
    params = bptt.init(rnn, np.random.default_rng(0), 4, 3)
    params = params._replace(cell=params.cell._replace(W_hh=np.zeros((3, 3))))
    _, outputs = bptt.forward(rnn, params, batch.xs, x_mask=batch.x_mask)
    assert np.ptp(outputs[0], axis=0).min() > 0
    assert np.ptp(outputs[-1], axis=0).max() == 0


def test_first_symbol_chance_is_the_loss_of_a_network_that_knows_nothing():
    batch = tasks.first_symbol(np.random.default_rng(0), 10, 8, 6)
    params = bptt.init(rnn, np.random.default_rng(0), 6, 3)._replace(W_hy=np.zeros((6, 3)))
    loss, share = tasks.first_symbol_chance(6)
    assert bptt.loss(rnn, params, *batch[:2], y_mask=batch.y_mask, x_mask=batch.x_mask) == pytest.approx(
        loss, rel=1e-12
    )
    assert share == pytest.approx(1 / 6)


@pytest.mark.parametrize(("T", "B", "V", "delay"), [(2, 1, 1, 1), (12, 16, 4, 3), (5, 3, 4, 4)])
def test_recall_asks_for_the_letter_of_some_steps_ago(T, B, V, delay):
    batch = tasks.recall(np.random.default_rng(0), T, B, V, delay)
    assert batch.xs.shape == batch.targets.shape == (T, B) and batch.x_mask is None
    assert batch.y_mask.tolist() == [t >= delay for t in range(T)]
    assert all(batch.targets[t, b] == batch.xs[t - delay, b] for t in range(delay, T) for b in range(B))
    assert set(batch.xs.ravel().tolist()) <= set(range(V))


def test_randomness_comes_in_as_the_generator():
    for draw in (lambda rng: tasks.adding(rng, 6, 2), lambda rng: tasks.first_symbol(rng, 6, 2, 3),
                 lambda rng: tasks.recall(rng, 6, 2, 3, 1)):  # fmt: skip
        rng = np.random.default_rng(3)
        first, second = draw(rng), draw(rng)
        np.testing.assert_equal(first, draw(np.random.default_rng(3)))
        assert not np.array_equal(first.xs, second.xs)


def test_a_gru_learns_to_add():
    """At T = 20 it gets far below the level of the mean, on sequences it has not seen."""
    rng = np.random.default_rng(0)
    params = bptt.init(gru, rng, 2, 16, V_out=1, keep_bias=3.0)
    adam = optimizers.Adam(0.01)
    moments = adam.init(params)
    for _ in range(300):
        xs, targets, y_mask, x_mask = tasks.adding(rng, 20, 32)
        result = bptt.gradients(gru, params, xs, targets, x_mask=x_mask, y_mask=y_mask, criterion=SQUARED_ERROR)
        params, moments = adam.update(params, optimizers.clip_by_norm(result.grads, 1.0)[0], moments)
    fresh = tasks.adding(rng, 20, 1000)
    loss = bptt.loss(gru, params, fresh.xs, fresh.targets, y_mask=fresh.y_mask, criterion=SQUARED_ERROR)
    assert loss < tasks.ADDING_CHANCE / 5


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda rng: tasks.adding(rng, 1, 3), "T is 1, expected at least 2"),
        (lambda rng: tasks.adding(rng, 20.0, 3), r"T is 20\.0, expected a positive integer"),
        (lambda rng: tasks.adding(rng, 20, 0), "B is 0, expected a positive integer"),
        (lambda rng: tasks.first_symbol(rng, 0, 3, 4), "T is 0, expected a positive integer"),
        (lambda rng: tasks.first_symbol(rng, 20, 3, -1), "V is -1, expected a positive integer"),
        (lambda rng: tasks.recall(rng, 20, 3, 4, 0), "delay is 0, expected a positive integer"),
        (lambda rng: tasks.first_symbol_chance(0), "V is 0, expected a positive integer"),
    ],
)
def test_sizes_are_checked(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(np.random.default_rng(0))
