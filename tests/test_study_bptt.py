"""The checkers of chapter 3: the stub, right answers written here, typical wrong ones, and answers that fail."""

import numpy as np
import pytest

from lecture_utils.study import check
from lecture_utils.study.bptt import EXERCISES


def right_step(dh, h, h_prev, W):
    n = range(len(h))
    da = [dh[i] - dh[i] * h[i] * h[i] for i in n]
    return [[da[i] * h_prev[j] for j in n] for i in n], [sum(W[i, j] * da[i] for i in n) for j in n]


def right_truncated(paths, k):
    pieces = range(0, len(paths), k)
    return sum(paths[start : start + k, start : start + k].sum() for start in pieces)


RIGHT = {
    "bptt.step": right_step,
    "bptt.over_time": lambda das, hs: np.einsum("ti,tj->ij", das, hs[: len(das)]),
    "bptt.truncated": right_truncated,
}


def slope(h):
    return 1 - h * h


WRONG = [
    ("bptt.step", "no_slope", lambda dh, h, g, W: (dh[:, None] * g, dh @ W)),
    ("bptt.step", "no_transpose", lambda dh, h, g, W: ((slope(h) * dh)[:, None] * g, W.dot(slope(h) * dh))),
    ("bptt.step", "swapped", lambda dh, h, g, W: (g[:, None] * (slope(h) * dh), (slope(h) * dh) @ W)),
    ("bptt.step", "own_state", lambda dh, h, g, W: ((slope(h) * dh)[:, None] * h, (slope(h) * dh) @ W)),
    ("bptt.step", "skipped", lambda dh, h, g, W: ((slope(h) * dh)[:, None] * g, dh @ W)),
    ("bptt.over_time", "last_only", lambda das, hs: das[-1][:, None] * hs[len(das) - 1]),
    ("bptt.over_time", "own_state", lambda das, hs: np.einsum("ti,tj->ij", das, hs[1:])),
    ("bptt.over_time", "mean", lambda das, hs: np.mean(das[:, :, None] * hs[:-1, None], axis=0)),
    ("bptt.over_time", "transposed", lambda das, hs: np.einsum("ti,tj->ji", das, hs[:-1])),
    ("bptt.over_time", "sums_first", lambda das, hs: sum(das)[:, None] * sum(hs[:-1])),
    ("bptt.truncated", "window", lambda paths, k: np.triu(paths, 1 - k).sum()),
    ("bptt.truncated", "window_too_long", lambda paths, k: np.triu(paths, -k).sum()),
    ("bptt.truncated", "own_loss", lambda paths, k: np.diag(paths).sum()),
    ("bptt.truncated", "all", lambda paths, k: np.sum(paths)),
    ("bptt.truncated", "no_rest", lambda paths, k: right_truncated(paths[: len(paths) - len(paths) % k], k)),
    ("bptt.truncated", "last_piece", lambda paths, k: paths[(n := (len(paths) - 1) // k * k) :, n:].sum()),
]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_right(name):
    feedback = check(name, RIGHT[name])
    assert feedback.right, feedback


@pytest.mark.parametrize("name, mistake, answer", WRONG)
def test_a_typical_mistake_is_recognised(name, mistake, answer):
    feedback = check(name, answer)
    assert not feedback.right
    assert feedback.key == f"{name}.mistake.{mistake}"


def test_every_mistake_that_has_a_sentence_is_tried_here():
    tried = {(name, mistake) for name, mistake, _ in WRONG}
    assert tried == {(f"bptt.{name}", mistake) for name, exercise in EXERCISES.items() for mistake in exercise.mistakes}


@pytest.mark.parametrize("name", RIGHT)
def test_the_stub_is_not_yet_an_answer(name):
    feedback = check(name, lambda *given: None)
    assert not feedback.right
    assert feedback.key == "check.nothing"


@pytest.mark.parametrize("name", RIGHT)
def test_an_answer_that_raises_is_told_so(name):
    feedback = check(name, lambda *given: given[99])
    assert not feedback.right
    assert feedback.key == "check.raised"


@pytest.mark.parametrize(
    "name, answer",
    [
        ("bptt.step", lambda dh, h, g, W: (dh, dh)),
        ("bptt.over_time", lambda das, hs: das.sum()),
        ("bptt.truncated", lambda paths, k: paths.sum(axis=0)),
    ],
)
def test_a_wrong_shape_is_named(name, answer):
    feedback = check(name, answer)
    assert not feedback.right
    assert feedback.key == "check.shape"
