"""Questions on chapter 3: what meets at h_t, wrong lines, checks by numbers, truncated BPTT."""

import math

import numpy as np

from lecture_utils import bptt, rnn
from lecture_utils.functions import SQUARED_ERROR
from lecture_utils.widgets.questions import Choice, Evidence, Number, WrongLine, marked


def meeting():
    """Four candidates for dL/dh_2 of a one-unit network with three losses, against the complex step."""
    w_xh, w_hh, xs, targets = 0.8, 1.2, (1.0, -0.5, 0.5), (0.5, 0.5, -0.5)
    h_1 = np.tanh(w_xh * xs[0])
    h_2 = np.tanh(w_xh * xs[1] + w_hh * h_1)

    def loss(h_2):  # of the three steps, as a function of h_2
        h_3 = np.tanh(w_xh * xs[2] + w_hh * h_2)
        return sum((h - target) ** 2 for h, target in zip((h_1, h_2, h_3), targets, strict=True)) / 3

    h_3 = np.tanh(w_xh * xs[2] + w_hh * h_2)
    own = 2 * (h_2 - targets[1]) / 3
    future = w_hh * (1 - h_3**2) * 2 * (h_3 - targets[2]) / 3
    true = bptt.complex_step(loss, np.array(h_2))[()]
    candidates = {"a": own, "b": future, "c": own + future, "d": own * future}
    verdict = {option for option, value in candidates.items() if math.isclose(value, true)}
    return Evidence(verdict, {"own": own, "future": future, "sum": own + future, "true": true})


def error_of(backward):
    """The relative error of dW_hh of a backward pass, as source, on a random network with T = 5, against the truth."""
    rng = np.random.default_rng(0)
    params = bptt.init(rnn, rng, V=2, H=3)
    xs, targets = rng.standard_normal((5, 1, 2)), rng.standard_normal((5, 1, 2))

    def loss(W_hh):
        changed = params._replace(cell=params.cell._replace(W_hh=W_hh))
        return bptt.loss(rnn, changed, xs, targets, criterion=SQUARED_ERROR)

    trace, outputs = bptt.forward(rnn, params, xs)
    names = {
        "np": np, "T": 5, "W_hy": params.W_hy, "W_hh": params.cell.W_hh,
        "hs": np.concatenate([np.zeros((1, 3)), trace.h[:, 0]]), "dys": 2 * (outputs - targets)[:, 0] / 5,
    }  # fmt: skip
    exec(backward, names)
    true = bptt.complex_step(loss, params.cell.W_hh)
    return np.linalg.norm(names["dW_hh"] - true) / np.linalg.norm(true)


SUM = """
dW_hh, dh_next = np.zeros(W_hh.shape), 0
for t in reversed(range(T)):
    dh = W_hy.T @ dys[t] + dh_next
    da = (1 - hs[t + 1] ** 2) * dh
    dW_hh = np.outer(da, hs[t])
    dh_next = W_hh.T @ da
"""
PAST = """
dW_hh, dh_next = np.zeros(W_hh.shape), 0
for t in reversed(range(T)):
    dh = W_hy.T @ dys[t]
    da = (1 - hs[t + 1] ** 2) * dh
    dW_hh += np.outer(da, hs[t])
    dh_next = W_hh.T @ da
"""


def check():
    """The error of central differences of tanh at 0.5 for three steps, and that of the complex step."""
    a = np.array(0.5)
    true = 1 - np.tanh(a) ** 2
    errors = [abs(bptt.numerical_gradient(np.tanh, a, step) - true) / true for step in (1e-2, 1e-6, 1e-14)]
    exact = abs(bptt.complex_step(np.tanh, a, step=1e-20) - true) / true
    verdict = marked(
        a=exact > 1e-12,  # the derivative itself would be wrong
        b=errors[2] > 1e3 * errors[1] and exact < 1e-12,  # only what subtracts suffers
        c=errors[2] < errors[1],
        d=errors[1] > 1e-3,
    )
    return Evidence(verdict, {"coarse": errors[0], "middle": errors[1], "fine": errors[2], "exact": exact})


def paths():
    """The pairs (loss of step t, step s it reaches) that are left when each piece of k steps stands alone."""
    T, k = 6, 3
    all_pairs = [(t, s) for t in range(T) for s in range(t + 1)]
    kept = [(t, s) for t, s in all_pairs if s // k == t // k]
    return Evidence(len(kept), {"all": len(all_pairs), "kept": len(kept), "cut": len(all_pairs) - len(kept)})


def truncated():
    """One random network with T = 12 and k = 3: loss, reach, memory, gradient and memory of the forward pass."""
    T, k, rng = 12, 3, np.random.default_rng(0)
    params = bptt.init(rnn, rng, V=4, H=8)
    ids, targets = rng.integers(0, 4, (2, T, 1))
    full, pieces = (bptt.gradients(rnn, params, ids, targets, k=length) for length in (None, k))
    cosine, _ = bptt.compare(pieces.grads.cell, full.grads.cell)

    dhs = np.zeros((k, 1, 8))
    dhs[0] = 1  # the loss of a piece's first step
    last = bptt.piece(full.trace, T - k, T)
    dW_hh = rnn.backward(params.cell, last, dhs)[0].W_hh
    own = np.outer((1 - last.h[0, 0] ** 2) * dhs[0, 0], last.h_prev[0, 0])
    kept = [bptt.bytes_kept(rnn.forward(params.cell, np.zeros((length, 1, 4)))) for length in (k, T)]

    other = ids.copy()
    other[0] = (ids[0] + 1) % 4
    moved = np.abs(bptt.forward(rnn, params, other)[1][k:] - full.outputs[k:]).max()
    verdict = marked(
        a=pieces.loss == full.loss,
        b=np.allclose(dW_hh, own),  # nothing but the step itself: the edge stops the rest
        c=kept[0] < kept[1] / 3,
        d=cosine > 0.9999,
        e=moved == 0,
    )
    angle = np.degrees(np.arccos(cosine))
    return Evidence(verdict, {"loss": pieces.loss, "piece": kept[0], "whole": kept[1], "angle": angle, "moved": moved})


QUESTIONS = [
    Choice(id="bptt.meeting", section="3.2", evidence=meeting, options="abcd", right="c"),
    WrongLine(
        id="bptt.sum",
        section="3.3",
        evidence=error_of,
        code=SUM,
        right="5",
        mended="    dW_hh += np.outer(da, hs[t])",
    ),
    WrongLine(
        id="bptt.past",
        section="3.2",
        evidence=error_of,
        code=PAST,
        right="3",
        mended="    dh = W_hy.T @ dys[t] + dh_next",
    ),
    Choice(id="bptt.check", section="3.5", evidence=check, options="abcd", right="b"),
    Number(
        id="bptt.paths",
        section="3.8",
        evidence=paths,
        value=12,
        mistakes={"window": 15, "all": 21, "one_piece": 6, "squares": 18, "cut": 9},
        units={"paths": 1},
        tolerance=1e-6,
    ),
    Choice(id="bptt.truncated", section="3.8", evidence=truncated, options="abcde", right="abc", several=True),
]
