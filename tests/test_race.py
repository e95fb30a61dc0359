"""The race on the adding problem: same data, same number of updates, an error that plain loops confirm."""

import math
from itertools import islice

import numpy as np
import pytest

from lecture_utils import bptt, lstm, race, rnn, tasks
from lecture_utils.functions import leaves


def test_all_cells_of_a_seed_see_the_same_batches(monkeypatch):
    seen = {}

    def noting(name):
        adding = tasks.adding

        def wrapped(rng, T, B):
            batch = adding(rng, T, B)
            seen.setdefault(name, []).append(batch.xs.sum())
            return batch

        return wrapped

    for name in race.CELLS:
        with monkeypatch.context() as patched:
            patched.setattr(tasks, "adding", noting(name))
            list(islice(race.training(name, 5, 7), 4))
    assert seen["rnn"] == seen["lstm"] == seen["gru"]
    assert len(set(seen["rnn"])) == 3


def test_the_error_is_that_of_a_plain_loop():
    batch = race.unseen(6, 3)
    params = next(race.training("rnn", 6, 3)).params
    (W_xh, W_hh, b_h), W_hy, b_y = params
    errors = []
    for n in range(race.TESTED):
        h = np.zeros(race.HIDDEN)
        for t in range(6):
            h = np.array([math.tanh(a) for a in W_xh @ batch.xs[t, n] + W_hh @ h + b_h])
        target = sum(value for value, mark in batch.xs[:, n] if mark)
        errors.append((float(W_hy[0] @ h + b_y[0]) - target) ** 2)
    assert race.error("rnn", params, batch) == pytest.approx(sum(errors) / len(errors), rel=1e-6)


def test_frames_come_every_few_updates_and_hold_both():
    frames = list(islice(race.run(("rnn", "lstm"), 4, 0, every=3), 3))
    assert [frame.step for frame in frames] == [0, 3, 6]
    assert all(set(frame.errors) == set(frame.params) == {"rnn", "lstm"} for frame in frames)
    assert frames[0].params["lstm"].cell.b[race.HIDDEN] == 3
    assert {array.dtype for _, array in leaves(frames[2].params["lstm"])} == {np.dtype(np.float32)}


def test_solved_at():
    assert race.solved_at([0, 10, 20], [1, 0.009, 0.5]) == 10
    assert race.solved_at([0, 10], [1, 0.01]) is None


@pytest.mark.parametrize("seed", [11, 12])
def test_at_ten_steps_the_lstm_learns_to_add_within_half_the_updates(seed):
    frames = race.run(("lstm",), 10, seed, every=50)
    assert any(frame.errors["lstm"] < race.SOLVED for frame in islice(frames, 11))


def test_another_bias_can_be_started_with():
    (usual, other) = (next(race.training("gru", 10, 0, **given)).params.cell for given in ({}, {"keep_bias": 0.0}))
    assert usual.b[: race.HIDDEN].tolist() == [-3.0] * race.HIDDEN
    assert not other.b.any() and (usual.W_h == other.W_h).all()


def test_a_race_until_solved_is_that_of_all_up_to_the_first_error_that_counts():
    made = list(race.until_solved("lstm", 4, 0, every=20))
    frames = list(islice(race.run(("lstm",), 4, 0, every=20), len(made)))
    assert [(at.step, at.error) for at in made] == [(frame.step, frame.errors["lstm"]) for frame in frames]
    assert race.solved_at([at.step for at in made], [at.error for at in made]) == made[-1].step < race.STEPS
    np.testing.assert_array_equal(made[0].fresh.xs, race.unseen(4, 0).xs)


def test_practice_learns_and_is_tested_on_other_sequences():
    made = list(race.practice(1, T=6, H=8, tested=50, updates=100, every=50))
    assert [at.step for at in made] == [0, 50, 100] and made[2].error < made[0].error / 2
    assert made[0].fresh.xs.shape == (6, 50, 2) and made[0].params.cell.b[:8].tolist() == [-1.0] * 8
    assert all(at.error == race.error("gru", at.params, made[0].fresh) for at in made)


# ---- the first symbol
@pytest.mark.parametrize("name", sorted(race.CELLS))
def test_what_is_remembered_is_counted_symbol_by_symbol(name):
    params = next(race.remembering(name, 3, 1)).params
    right = 0
    for symbol in range(race.SYMBOLS):
        state = np.zeros((1, race.HIDDEN))
        state = lstm.State(state, state) if name == "lstm" else state
        for t in range(3):
            x = np.eye(race.SYMBOLS)[[symbol]] * (t == 0)
            trace = race.CELLS[name][0].step(params.cell, x, state)
            state = lstm.State(trace.h, trace.c) if name == "lstm" else trace.h
        right += int((trace.h @ params.W_hy.T + params.b_y).argmax()) == symbol
    assert race.remembers(name, params, 3) == right / race.SYMBOLS


def test_the_gates_begin_as_keepers_and_the_batches_are_those_of_the_seed():
    cells = {name: next(race.remembering(name, 5, 2)).params.cell for name in race.CELLS}
    H = race.HIDDEN
    assert not cells["rnn"].b_h.any()
    assert cells["lstm"].b.tolist() == [-3.0] * H + [5.0] * H + [0.0] * 2 * H
    assert cells["gru"].b.tolist() == [-5.0] * H + [0.0] * 2 * H
    losses = [snapshot.loss for snapshot in islice(race.remembering("rnn", 5, 2), 3)]
    batch = tasks.first_symbol(np.random.default_rng([2, 1]), 5, race.SYMBOL_BATCH, race.SYMBOLS)
    start = next(race.remembering("rnn", 5, 2)).params
    first = bptt.loss(rnn, start, batch.xs, batch.targets, x_mask=batch.x_mask, y_mask=batch.y_mask)
    assert losses[1] == pytest.approx(float(first), rel=1e-5) and losses[2] != losses[1]


def test_an_lstm_remembers_over_two_hundred_steps_and_a_short_race_knows_when():
    assert race.remembered_at("lstm", 200, 2) <= 100
    at = race.remembered_at("gru", 6, 0)
    made = islice(race.remembering("gru", 6, 0), 0, at + 1, 10)
    shares = [race.remembers("gru", snapshot.params, 6) for snapshot in made]
    assert shares[-1] == 1 and max(shares[:-1]) < 1 and len(shares) == at // 10 + 1


@pytest.mark.thorough
def test_over_two_hundred_steps_lstm_and_gru_remember_and_no_rnn_does():
    found = {name: [race.remembered_at(name, 200, seed) for seed in range(4)] for name in race.CELLS}
    assert found["rnn"] == [None] * 4
    assert max(found["lstm"]) <= 300 and max(found["gru"]) <= race.SYMBOL_STEPS
