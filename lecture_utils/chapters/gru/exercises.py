"""The exercises of chapter 6: one step, the weights for PyTorch, and how many weights there are."""

import numpy as np

from lecture_utils.functions import sigmoid
from lecture_utils.widgets.exercise import Exercise


def step(z, r, x, h_prev, W_xh, W_hh, b):
    candidate = np.tanh(W_xh @ x + W_hh @ (r * h_prev) + b)
    return (1 - z) * h_prev + z * candidate


def _step_cases():
    rng = np.random.default_rng(6)
    shapes = ((3,), (3,), (2,), (3,), (3, 2), (3, 3), (3,))
    cases = [[rng.uniform(-1, 1, shape) for shape in shapes] for _ in range(3)]
    return [(sigmoid(2 * z), sigmoid(2 * r), *rest) for z, r, *rest in cases]


def _mixed(keep, write, h_prev, a):
    """A wrong answer: how much it keeps and writes, and the candidate's pre-activation."""
    return keep * h_prev + write * np.tanh(a)


def to_pytorch(W):
    z, r, candidate = np.split(W, 3)
    return np.concatenate([r, -z, candidate])


def _to_pytorch_cases():
    rng = np.random.default_rng(7)
    return [(rng.normal(size=shape),) for shape in ((6, 4), (6, 2), (9,))]


def _stacked(W, *blocks):
    """Blocks of W by letter, a minus in front changes the sign: a wrong answer."""
    named = dict(zip("zrc", np.split(W, 3), strict=True))
    return np.concatenate([-named[block[1]] if block[0] == "-" else named[block] for block in blocks])


def count(V, H):
    return 3 * (H * V + H * H + H)


EXERCISES = {
    "step": Exercise(
        right=step,
        hints=3,
        cases=_step_cases,
        mistakes={
            "swapped": lambda z, r, x, h, W_xh, W_hh, b: _mixed(z, 1 - z, h, W_xh @ x + W_hh @ (r * h) + b),
            "no_reset": lambda z, r, x, h, W_xh, W_hh, b: _mixed(1 - z, z, h, W_xh @ x + W_hh @ h + b),
            "reset_after": lambda z, r, x, h, W_xh, W_hh, b: _mixed(1 - z, z, h, W_xh @ x + r * (W_hh @ h) + b),
            "reset_kept": lambda z, r, x, h, W_xh, W_hh, b: _mixed(1 - z, z, r * h, W_xh @ x + W_hh @ (r * h) + b),
            "candidate": lambda z, r, x, h, W_xh, W_hh, b: np.tanh(W_xh @ x + W_hh @ (r * h) + b),
        },
    ),
    "to_pytorch": Exercise(
        right=to_pytorch,
        hints=3,
        cases=_to_pytorch_cases,
        mistakes={
            "order": lambda W: _stacked(W, "-z", "r", "c"),
            "sign": lambda W: _stacked(W, "r", "z", "c"),
            "one_minus": lambda W: np.concatenate([_stacked(W, "r"), 1 - _stacked(W, "z"), _stacked(W, "c")]),
            "all_signs": lambda W: _stacked(W, "-r", "-z", "-c"),
            "same": lambda W: W,
        },
    ),
    "count": Exercise(
        right=count,
        hints=3,
        cases=lambda: [(4, 3), (28, 64), (2, 32)],
        mistakes={
            "no_bias": lambda V, H: 3 * (H * V + H * H),
            "lstm": lambda V, H: 4 * (H * V + H * H + H),
            "one_block": lambda V, H: H * V + H * H + H,
            "two_biases": lambda V, H: 3 * (H * V + H * H + 2 * H),
        },
    ),
}
