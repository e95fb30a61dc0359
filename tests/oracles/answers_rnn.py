"""Answers to the exercises of chapter 1: right ones, and typical wrong ones by the name of their mistake."""

import math

import numpy as np


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
