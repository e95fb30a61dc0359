"""The exercises of chapter 5: one step, the gradient along the cell state, the forget bias for a given memory."""

import numpy as np

from lecture_utils.functions import sigmoid
from lecture_utils.widgets.exercise import Exercise


# ---- one step, the rows of W_x, W_h and b in the order i, f, o, g
def step(x, h_prev, c_prev, W_x, W_h, b):
    a_i, a_f, a_o, a_g = np.split(W_x @ x + W_h @ h_prev + b, 4)
    c = sigmoid(a_f) * c_prev + sigmoid(a_i) * np.tanh(a_g)
    h = sigmoid(a_o) * np.tanh(c)
    return h, c


def _step_cases():
    rng = np.random.default_rng(5)
    shapes = (2,), (3,), (3,), (12, 2), (12, 3), (12,)
    return [tuple(rng.uniform(-1.5, 1.5, shape) for shape in shapes) for _ in range(3)]


def _wrong_step(order="ifog", squash=np.tanh, forget=sigmoid, show=np.tanh):
    """The step with one of its parts replaced."""

    def wrong(x, h_prev, c_prev, W_x, W_h, b):
        a = dict(zip(order, np.split(W_x @ x + W_h @ h_prev + b, 4), strict=True))
        c = forget(a["f"]) * c_prev + sigmoid(a["i"]) * squash(a["g"])
        return sigmoid(a["o"]) * show(c), c

    return wrong


# ---- dL/dc_{t-1}, from dL/dh_t and from what comes back along the cell state, dc
def cell_gradient(dh, dc, o, f, tanh_c):
    dc = dc + dh * o * (1 - tanh_c**2)
    return dc * f


def _gradient_cases():
    rng = np.random.default_rng(6)
    return [(*rng.uniform(-1, 1, (2, 4)), *rng.uniform(0.1, 0.9, (2, 4)), rng.uniform(-0.9, 0.9, 4)) for _ in range(3)]


# ---- the forget bias with which half of the cell state is left after n steps
def forget_bias(n):
    f = 0.5 ** (1 / n)
    return np.log(f / (1 - f))


def _logit(p):
    return np.log(p / (1 - p))


EXERCISES = {
    "step": Exercise(
        right=step,
        hints=3,
        cases=_step_cases,
        mistakes={
            "deck_order": _wrong_step(order="figo"),
            "library_order": _wrong_step(order="ifgo"),
            "sigmoid_candidate": _wrong_step(squash=sigmoid),
            "no_forget": _wrong_step(forget=np.ones_like),
            "no_tanh": _wrong_step(show=lambda c: c),
            "returned_c_h": lambda *given: step(*given)[::-1],
        },
    ),
    "cell_gradient": Exercise(
        right=cell_gradient,
        hints=3,
        cases=_gradient_cases,
        mistakes={
            "future_only": lambda dh, dc, o, f, tanh_c: dc * f,
            "no_tanh": lambda dh, dc, o, f, tanh_c: (dc + dh * o) * f,
            "no_forget": lambda dh, dc, o, f, tanh_c: dc + dh * o * (1 - tanh_c**2),
            "forget_apart": lambda dh, dc, o, f, tanh_c: dc * f + dh * o * (1 - tanh_c**2),
        },
    ),
    "forget_bias": Exercise(
        right=forget_bias,
        hints=2,
        cases=lambda: [(2,), (10,), (100,)],
        mistakes={
            "gate": lambda n: 0.5 ** (1 / n),
            "forgets": lambda n: _logit(1 - 0.5 ** (1 / n)),
            "linear": lambda n: _logit(1 - 0.5 / n),
            "one_step": lambda n: 0.0,
        },
    ),
}
