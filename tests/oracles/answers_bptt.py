"""Answers to the exercises of chapter 3: right ones, and typical wrong ones by the name of their mistake."""

import numpy as np


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
