"""The deck's own two questions, Q3 and Q6, in its words and with its options (section 7 of the lecture)."""

import numpy as np

from lecture_utils import bptt, gradients, hello, lstm, rnn
from lecture_utils.functions import softmax
from lecture_utils.widgets.questions import Choice, Evidence, marked


def q3():
    """Each statement about BPTT, put to the numbers; marked is the one that fails."""
    params = hello.rebuild()
    full = bptt.gradients(rnn, params, hello.INPUTS, hello.TARGETS)
    pieces = bptt.gradients(rnn, params, hello.INPUTS, hello.TARGETS, k=2)

    def loss(W_hh):
        cell = params.cell._replace(W_hh=W_hh)
        return bptt.loss(rnn, params._replace(cell=cell), hello.INPUTS, hello.TARGETS)

    error = np.abs(full.grads.cell.W_hh - bptt.complex_step(loss, params.cell.W_hh)).max()
    small, large = (gradients.toy(np.zeros(51), 0, w_hh, 0).log10_gradient[1] for w_hh in (0.5, 2))
    cosine, _ = bptt.compare(pieces.grads.cell, full.grads.cell)

    cell = rnn.init(np.random.default_rng(0), V=4, H=16)
    noise = np.random.default_rng(1).standard_normal((50, 1, 4))
    sizes = gradients.products(rnn.jacobians(cell, rnn.forward(cell, noise))[:, 0]).log10_rms
    verdict = marked(
        a=error > 1e-12,
        b=not (small < -3 and large > 3),
        c=not (pieces.loss == full.loss and cosine < 0.999),  # the states are those of the whole, the gradient is not
        d=sizes[0] - sizes[-1] < -3,  # from step 50 the first steps cannot be felt
    )
    angle = np.degrees(np.arccos(cosine))
    numbers = {"small": small, "large": large, "angle": angle, "near": sizes[-2], "far": sizes[0]}
    return Evidence(verdict, numbers)


def q6():
    """Each statement about the character model, put to the slide's network; marked is the one that fails."""
    logits = bptt.forward(rnn, hello.rebuild(), hello.INPUTS)[1]
    p = softmax(logits)
    same_input = hello.INPUTS[2] == hello.INPUTS[3]
    difference = np.abs(p[2] - p[3]).max()

    noise = np.random.default_rng(1).standard_normal((100, 1, 4))
    sizes = {}
    for name, cell, options in (("rnn", rnn, {}), ("lstm", lstm, {"forget_bias": 3.0})):
        params = cell.init(np.random.default_rng(0), 4, 16, **options)
        steps = cell.jacobians(params, cell.forward(params, noise))[:, 0]
        sizes[name] = gradients.products(steps).log10_rms[0]

    def one_hot(vector):
        return np.array_equal(np.sort(vector), [0, 0, 0, 1])

    verdict = marked(
        a=not np.array_equal(hello.TARGETS[:-1], hello.INPUTS[1:]),
        b=not (same_input and difference > 0.1),
        c=not any(one_hot(vector) for vector in (*logits[:, 0], *p[:, 0])),
        d=not sizes["lstm"] > sizes["rnn"] + 10,
    )
    y, first = logits[0, 0], p[0, 0]
    letters = {f"y{k}": y[k] for k in range(4)} | {f"p{k}": first[k] for k in range(4)}
    return Evidence(verdict, letters | sizes | {"difference": difference})


QUESTIONS = [
    Choice(id="deck.q3", section="4.10", evidence=q3, options="abcd", right="d"),
    Choice(id="deck.q6", section="2.3", evidence=q6, options="abcd", right="c"),
]
