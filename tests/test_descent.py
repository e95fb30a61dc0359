"""Walks near the cliff against the complex step and single updates by hand; trainings that stop where a task is solved."""

import math
from itertools import islice

import numpy as np
import pytest

from lecture_utils import descent, race, tasks


@pytest.mark.parametrize(("w_hh", "b"), [(1.5, -0.19), (1.5, -0.3), (3.0, 0.7)])
def test_the_gradient_of_the_cliff_is_that_of_a_plain_loop(w_hh, b):
    h = 0.5
    for _ in range(20):
        h = math.tanh(w_hh * h + b)
    loss, grads = descent.cliff_gradients(descent.Weights(np.array(w_hh), np.array(b)), 20)
    assert loss == pytest.approx((h + 0.5) ** 2, rel=1e-12)
    assert descent.cliff_loss(w_hh, b, 20) == pytest.approx(loss, rel=1e-12)
    for found, (dw, db) in zip(grads, ((1e-30j, 0), (0, 1e-30j)), strict=True):
        assert found == pytest.approx(descent.cliff_loss(w_hh + dw, b + db, 20).imag / 1e-30, rel=1e-9)


def test_a_cliff_with_another_start_and_target():
    *_, last = states = descent.cliff_states(1.2, -0.2, 3, 1.0)
    assert states[:2] == [1.0, math.tanh(1.0)] and len(states) == 4
    loss, grads = descent.cliff_gradients(descent.Weights(1.2, -0.2), 3, 1.0, 0.9)
    assert loss == pytest.approx((last - 0.9) ** 2) == descent.cliff_loss(1.2, -0.2, 3, 1.0, 0.9)
    assert grads.w_hh == pytest.approx(descent.cliff_loss(1.2 + 1e-30j, -0.2, 3, 1.0, 0.9).imag / 1e-30)


@pytest.mark.parametrize("clip", ["norm", "value"])
def test_of_two_walkers_one_is_clipped(clip):
    (start, other), (plain, clipped), (later, _) = islice(descent.cliff_walks(1.5, -0.2, 0.1, clip, 0.5, 20), 3)
    loss, g = descent.cliff_gradients(descent.Weights(np.array(1.5), np.array(-0.2)), 20)
    norm = math.hypot(*g)
    assert start == other and start == (1.5, -0.2, loss, pytest.approx(norm)) and norm > 0.5
    cut = np.array(g) * 0.5 / norm if clip == "norm" else np.clip(g, -0.5, 0.5)
    assert (plain.w_hh, plain.b) == pytest.approx((1.5 - 0.1 * g.w_hh, -0.2 - 0.1 * g.b))
    assert (clipped.w_hh, clipped.b) == pytest.approx((1.5 - 0.1 * cut[0], -0.2 - 0.1 * cut[1]))
    _, g = descent.cliff_gradients(descent.Weights(plain.w_hh, plain.b), 20)
    assert (later.w_hh, later.b) == pytest.approx((plain.w_hh - 0.1 * g.w_hh, plain.b - 0.1 * g.b), rel=1e-9)


@pytest.mark.parametrize(("start", "rate"), [("uniform", 0.01), ("orthogonal", 0.001)])
def test_the_adding_problem_starts_as_it_says(start, rate):
    first, second = descent.adding(np.random.default_rng(3), 6, start, 1)  # one update: two Snapshots
    W_hh, bound = first.params.cell.W_hh, 1 / math.sqrt(race.HIDDEN)
    assert np.allclose(W_hh @ W_hh.T, np.eye(race.HIDDEN)) == (start == "orthogonal")
    assert start == "orthogonal" or 0.9 * bound < np.abs(W_hh).max() <= bound
    moved = np.abs(second.params.W_hy - first.params.W_hy)
    assert (second.step, moved.max()) == (1, pytest.approx(rate, rel=1e-3))  # Adam's first update is the rate itself


def test_a_seed_that_has_solved_its_task_waits_for_the_others(monkeypatch):
    (before, after) = islice(descent.adding_courses(4, (0, 1), "uniform", 80), 2)
    assert (before.step, before.stopped, after.step, after.stopped) == (0, (0, 0), 40, (40, 40))
    assert before.errors[0] == race.error("rnn", before.params[0], descent.adding_unseen(4))
    np.testing.assert_array_equal(before.unseen.xs, tasks.adding(np.random.default_rng(1_000_000), 4, 200).xs)
    monkeypatch.setattr(race, "SOLVED", sum(before.errors) / 2)  # at once by one of them, later by the other
    courses = list(descent.adding_courses(4, (0, 1), "uniform", 80))
    quick = int(np.argmin(before.errors))
    assert {course.stopped[quick] for course in courses} == {0} and courses[-1].stopped[1 - quick] == courses[
        -1
    ].step > 0
    assert [course.step for course in courses] == list(range(0, courses[-1].step + 1, 40))
    assert courses[-1].params[quick] is courses[0].params[quick] and max(courses[-1].errors) < race.SOLVED


@pytest.mark.thorough
def test_the_walker_that_was_thrown_off_creeps_back_after_some_hundred_thousand_updates():
    """As section 4.8 says; the first 60 updates by the library, all others by a plain loop."""
    *_, (plain, _) = islice(descent.cliff_walks(1.5, -0.2, 0.1, "norm", 0.5, 20), 61)
    assert plain.norm == pytest.approx(3.5e-5, rel=0.01) and plain.loss == pytest.approx(0.25, abs=1e-4)
    w, b, loss, updates = float(plain.w_hh), float(plain.b), plain.loss, 60
    while loss > 0.01:
        h, by_w, by_b = 0.5, 0.0, 0.0
        for _ in range(20):
            before, h = h, math.tanh(w * h + b)
            by_w, by_b = (1 - h * h) * (before + w * by_w), (1 - h * h) * (1 + w * by_b)
        loss, w, b = (h + 0.5) ** 2, w - 0.2 * (h + 0.5) * by_w, b - 0.2 * (h + 0.5) * by_b
        updates += 1
    assert 100_000 < updates < 105_000
