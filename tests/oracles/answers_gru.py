"""Answers to the exercises of chapter 6: right ones, and typical wrong ones by the name of their mistake."""

import math

import numpy as np


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
