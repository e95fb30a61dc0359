"""Answers to the exercises of chapter 5: right ones, and typical wrong ones by the name of their mistake."""

import math

import numpy as np


def squash(a):
    return 1 / (1 + math.exp(-a))


def right_step(x, h_prev, c_prev, W_x, W_h, b, rows="ifog", g_of=math.tanh, keeps=squash, shows=math.tanh):
    """Number by number; the keywords let the wrong answers below differ in one place."""
    H = len(h_prev)
    start = {name: H * n for n, name in enumerate(rows)}
    h, c = [], []
    for j in range(H):
        a = {name: W_x[start[name] + j] @ x + W_h[start[name] + j] @ h_prev + b[start[name] + j] for name in rows}
        c.append(keeps(a["f"]) * c_prev[j] + squash(a["i"]) * g_of(a["g"]))
        h.append(squash(a["o"]) * shows(c[-1]))
    return np.array(h), np.array(c)


def right_gradient(dh, dc, o, f, tanh_c):
    """Central differences of L = sum(dh h + dc c), h = o tanh(c), c = f c_prev + rest."""
    c = np.arctanh(tanh_c)

    def loss(shift):
        return dh * o * np.tanh(c + f * shift) + dc * (c + f * shift)

    return (loss(1e-4) - loss(-1e-4)) / 2e-4


def right_bias(n):
    """Found by bisection on what is left of 1 after n steps."""
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        left = 1.0
        for _ in range(n):
            left *= squash(middle)
        low, high = (middle, high) if left < 0.5 else (low, middle)
    return low


RIGHT = {"lstm.step": right_step, "lstm.cell_gradient": right_gradient, "lstm.forget_bias": right_bias}
WRONG = [
    ("lstm.step", "deck_order", lambda *given: right_step(*given, rows="figo")),
    ("lstm.step", "library_order", lambda *given: right_step(*given, rows="ifgo")),
    ("lstm.step", "sigmoid_candidate", lambda *given: right_step(*given, g_of=squash)),
    ("lstm.step", "no_forget", lambda *given: right_step(*given, keeps=lambda a: 1.0)),
    ("lstm.step", "no_tanh", lambda *given: right_step(*given, shows=lambda c: c)),
    ("lstm.step", "returned_c_h", lambda *given: right_step(*given)[::-1]),
    ("lstm.cell_gradient", "future_only", lambda dh, dc, o, f, t: np.multiply(f, dc)),
    ("lstm.cell_gradient", "no_tanh", lambda dh, dc, o, f, t: f * dc + f * o * dh),
    ("lstm.cell_gradient", "no_forget", lambda dh, dc, o, f, t: right_gradient(dh, dc, o, f, t) / f),
    ("lstm.cell_gradient", "forget_apart", lambda dh, dc, o, f, t: f * dc + o * dh - o * dh * t * t),
    ("lstm.forget_bias", "gate", lambda n: squash(right_bias(n))),
    ("lstm.forget_bias", "forgets", lambda n: -right_bias(n)),
    ("lstm.forget_bias", "linear", lambda n: math.log(2 * n - 1)),
    ("lstm.forget_bias", "one_step", lambda n: right_bias(1)),
]
