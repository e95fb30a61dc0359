"""The checkers of chapter 6: the stub, right answers written here, typical wrong ones, and answers that fail."""

import math

import numpy as np
import pytest

from lecture_utils.study import check
from lecture_utils.study.gru import EXERCISES


def right_step(z, r, x, h_prev, W_xh, W_hh, b):
    h = []
    for j in range(len(h_prev)):
        a = b[j] + sum(W_xh[j, k] * x[k] for k in range(len(x)))
        a += sum(W_hh[j, k] * r[k] * h_prev[k] for k in range(len(h_prev)))
        h.append(h_prev[j] + z[j] * (math.tanh(a) - h_prev[j]))
    return np.array(h)


def right_to_pytorch(W):
    H = len(W) // 3
    sign = np.repeat([1.0, -1.0, 1.0], H).reshape(-1, *[1] * (W.ndim - 1))
    return sign * W[[*range(H, 2 * H), *range(H), *range(2 * H, 3 * H)]]


RIGHT = {
    "gru.step": right_step,
    "gru.to_pytorch": right_to_pytorch,
    "gru.count": lambda V, H: sum(V + H + 1 for _ in range(3 * H)),
}


def seen(r, x, h, W_xh, W_hh, b):
    return np.tanh(b + W_xh.dot(x) + W_hh.dot(h * r))


def scaled(W, *factors):
    """W with its three blocks of rows multiplied by a factor each."""
    return np.concatenate([factor * block for factor, block in zip(factors, np.split(W, 3), strict=True)])


WRONG = [
    ("gru.step", "swapped", lambda z, r, x, h, W, U, b: z * (h - seen(r, x, h, W, U, b)) + seen(r, x, h, W, U, b)),
    ("gru.step", "no_reset", lambda z, r, x, h, W, U, b: h + z * (seen(1, x, h, W, U, b) - h)),
    ("gru.step", "reset_after", lambda z, r, x, h, W, U, b: h + z * (np.tanh(W @ x + b + (r[:, None] * U) @ h) - h)),
    ("gru.step", "reset_kept", lambda z, r, x, h, W, U, b: right_step(z, np.ones(3), x, r * h, W, U, b)),
    ("gru.step", "candidate", lambda z, r, x, h, W, U, b: seen(r, x, h, W, U, b)),
    ("gru.to_pytorch", "order", lambda W: scaled(W, -1, 1, 1)),
    ("gru.to_pytorch", "sign", lambda W: right_to_pytorch(scaled(W, -1, 1, 1))),
    ("gru.to_pytorch", "one_minus", lambda W: right_to_pytorch(W) + scaled(np.ones_like(W), 0, 1, 0)),
    ("gru.to_pytorch", "all_signs", lambda W: right_to_pytorch(scaled(W, 1, -1, -1))),
    ("gru.to_pytorch", "same", np.copy),
    ("gru.count", "no_bias", lambda V, H: 3 * H * (V + H)),
    ("gru.count", "lstm", lambda V, H: 4 * H * (V + H + 1)),
    ("gru.count", "one_block", lambda V, H: H * (V + H + 1)),
    ("gru.count", "two_biases", lambda V, H: 3 * H * (V + H + 2)),
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
    assert tried == {(f"gru.{name}", mistake) for name, exercise in EXERCISES.items() for mistake in exercise.mistakes}


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
        ("gru.step", lambda *given: right_step(*given).sum()),
        ("gru.to_pytorch", lambda W: W[: len(W) // 3]),
        ("gru.count", lambda V, H: 3 * np.array([H * V, H * H, H])),
    ],
)
def test_a_wrong_shape_is_named(name, answer):
    feedback = check(name, answer)
    assert not feedback.right
    assert feedback.key == "check.shape"
