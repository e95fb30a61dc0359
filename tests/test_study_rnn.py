"""The checkers of chapter 1: the stub, right answers written here, typical wrong ones, and answers that fail."""

import math

import numpy as np
import pytest

from lecture_utils.study import check


def right_step(x, h_prev, W_xh, W_hh, b_h):
    rows = range(len(b_h))
    return [
        math.tanh(sum(W_xh[i, j] * x[j] for j in rows) + sum(W_hh[i, j] * h_prev[j] for j in rows) + b_h[i])
        for i in rows
    ]


def right_masks(n, m):
    return np.array([True] * n + [False] * m), np.array([False] * n + [True] * m)


RIGHT = {
    "rnn.step": lambda *given: np.array(right_step(*given)),
    "rnn.parameters": lambda V, H, T: H * (V + H + 1),
    "rnn.masks": right_masks,
}
WRONG = [
    ("rnn.step", "no_tanh", lambda x, h, W, U, b: W.dot(x) + U.dot(h) + b),
    ("rnn.step", "tanh_apart", lambda x, h, W, U, b: np.tanh(W.dot(x)) + np.tanh(U.dot(h)) + b),
    ("rnn.step", "transposed", lambda x, h, W, U, b: np.tanh(W.T.dot(x) + U.T.dot(h) + b)),
    ("rnn.step", "no_bias", lambda x, h, W, U, b: np.tanh(W.dot(x) + U.dot(h))),
    ("rnn.step", "no_past", lambda x, h, W, U, b: np.tanh(W.dot(x) + b)),
    ("rnn.parameters", "times_T", lambda V, H, T: H * (V + H + 1) * T),
    ("rnn.parameters", "no_bias", lambda V, H, T: H * (V + H)),
    ("rnn.parameters", "no_recurrent", lambda V, H, T: H * (V + 1)),
    ("rnn.parameters", "window", lambda V, H, T: H * (V * T + 1)),
    ("rnn.masks", "swapped", lambda n, m: right_masks(n, m)[::-1]),
    ("rnn.masks", "always_read", lambda n, m: (right_masks(n, m)[0] | True, right_masks(n, m)[1])),
    ("rnn.masks", "always_write", lambda n, m: (right_masks(n, m)[0], right_masks(n, m)[1] | True)),
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


@pytest.mark.parametrize("name", RIGHT)
def test_the_stub_is_not_yet_an_answer(name):
    feedback = check(name, lambda *given: None)
    assert not feedback.right
    assert feedback.key == "check.nothing"
