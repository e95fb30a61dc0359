"""The exercises of chapter 1: one step, the number of weights, the masks of a translator."""

import numpy as np

from lecture_utils.widgets.exercise import Exercise


def step(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(W_xh @ x + W_hh @ h_prev + b_h)


def _step_cases():
    rng = np.random.default_rng(1)
    shapes = (3,), (3,), (3, 3), (3, 3), (3,)
    return [tuple(rng.uniform(-1, 1, shape) for shape in shapes) for _ in range(3)]


def parameters(V, H, T):
    return H * V + H * H + H


def masks(n, m):
    x_mask = np.arange(n + m) < n
    return x_mask, ~x_mask


def _everywhere(n, m):
    return np.ones(n + m, bool)


EXERCISES = {
    "step": Exercise(
        right=step,
        hints=3,
        cases=_step_cases,
        mistakes={
            "no_tanh": lambda x, h_prev, W_xh, W_hh, b_h: W_xh @ x + W_hh @ h_prev + b_h,
            "tanh_apart": lambda x, h_prev, W_xh, W_hh, b_h: np.tanh(W_xh @ x) + np.tanh(W_hh @ h_prev) + b_h,
            "no_bias": lambda x, h_prev, W_xh, W_hh, b_h: np.tanh(W_xh @ x + W_hh @ h_prev),
            "transposed": lambda x, h_prev, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h_prev @ W_hh + b_h),
            "no_past": lambda x, h_prev, W_xh, W_hh, b_h: np.tanh(W_xh @ x + b_h),
        },
    ),
    "parameters": Exercise(
        right=parameters,
        hints=2,
        cases=lambda: [(4, 3, 4), (10, 16, 50), (1, 2, 7)],
        mistakes={
            "times_T": lambda V, H, T: T * (H * V + H * H + H),
            "no_bias": lambda V, H, T: H * V + H * H,
            "no_recurrent": lambda V, H, T: H * V + H,
            "window": lambda V, H, T: H * V * T + H,
        },
    ),
    "masks": Exercise(
        right=masks,
        hints=2,
        cases=lambda: [(3, 3), (2, 4), (5, 1)],
        mistakes={
            "swapped": lambda n, m: masks(n, m)[::-1],
            "always_read": lambda n, m: (_everywhere(n, m), masks(n, m)[1]),
            "always_write": lambda n, m: (masks(n, m)[0], _everywhere(n, m)),
        },
    ),
}
