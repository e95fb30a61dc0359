"""The rebuilt network of the "hello" slide against the numbers printed there."""

import math

import numpy as np
import pytest
from oracles import plain_rnn

from lecture_utils import bptt, hello, rnn
from lecture_utils.functions import one_hot, softmax
from lecture_utils.optimizers import Adam

# The figure "hello" of the lecture (section 2; A. Karpathy, 2015): rows are the steps h, e, l, l.
PRINTED_H = ["0.3 -0.1 0.9", "1.0 0.3 0.1", "0.1 -0.5 -0.3", "-0.3 0.9 0.7"]
PRINTED_Y = ["1.0 2.2 -3.0 4.1", "0.5 0.3 -1.0 1.2", "0.1 0.5 1.9 -1.1", "0.2 -1.5 -0.1 2.2"]


def printed(rows):
    return [" ".join(f"{number:.1f}" for number in row) for row in rows]


def test_the_word():
    read = "".join(hello.VOCABULARY[i] for i in hello.INPUTS[:, 0])
    due = "".join(hello.VOCABULARY[i] for i in hello.TARGETS[:, 0])
    assert (read, due) == (hello.WORD[:-1], hello.WORD[1:]) == ("hell", "ello")
    assert "".join(dict.fromkeys(hello.WORD)) == hello.VOCABULARY
    assert printed(hello.H) == PRINTED_H and printed(hello.Y) == PRINTED_Y


def test_the_forward_pass_prints_the_slide():
    params = hello.rebuild()
    trace, outputs = bptt.forward(rnn, params, hello.INPUTS)
    assert printed(trace.h[:, 0]) == PRINTED_H
    assert printed(outputs[:, 0]) == PRINTED_Y
    by_loops = plain_rnn.hidden_states(*(a.tolist() for a in params.cell), one_hot([0, 1, 2, 2], 4).tolist(), [0.0] * 3)
    assert printed(by_loops) == PRINTED_H
    assert printed(plain_rnn.logits(params.W_hy.tolist(), params.b_y.tolist(), h) for h in by_loops) == PRINTED_Y


def test_the_weights():
    """The rounded weights as they were found apart from this code; the column of "o" and b_h are exactly 0."""
    cell, W_hy, b_y = hello.rebuild()
    assert not cell.W_xh[:, 3].any() and not cell.b_h.any()
    W_xh = [[0.310, 1.044, -0.125, 0], [-0.100, 0.607, 0.754, 0], [1.472, 0.307, 0.446, 0]]
    W_hh = [[0.185, -0.149, 0.924], [-0.871, -1.488, -0.205], [-0.505, -0.850, -0.156]]
    output = [[0.441, -0.375, 0.801], [1.193, -2.569, 2.074], [-2.239, 0.764, -3.965], [1.057, -0.407, 4.293]]
    for found, expected in (
        (cell.W_xh, W_xh),
        (cell.W_hh, W_hh),
        (W_hy, output),
        (b_y, [0.109, -0.282, 1.316, -0.121]),
    ):
        np.testing.assert_allclose(found, expected, rtol=0, atol=0.00051)


def test_the_loss_is_worse_than_guessing():
    by_hand = np.mean([plain_rnn.cross_entropy(y, t) for y, t in zip(hello.Y.tolist(), (1, 2, 2, 3), strict=True)])
    loss = bptt.loss(rnn, hello.rebuild(), hello.INPUTS, hello.TARGETS)
    assert loss == pytest.approx(by_hand, abs=1e-12)
    assert round(loss, 3) == 1.397 and loss > math.log(4)


def test_what_it_writes():
    """Its largest logits read "oolo" with the true letters as input, "oeolol" when it is fed with its own output."""
    params = hello.rebuild()
    outputs = bptt.forward(rnn, params, hello.INPUTS)[1]
    assert "".join(hello.VOCABULARY[i] for i in outputs[:, 0].argmax(axis=1)) == "oolo"
    assert round(softmax(outputs[0, 0])[3], 2) == 0.84
    text, h, i = "", np.zeros(3), 0
    for _ in range(6):
        h = rnn.step(params.cell, one_hot(i, 4), h).h
        i = int(np.argmax(params.W_hy @ h + params.b_y))
        text += hello.VOCABULARY[i]
    assert text == "oeolol"


def test_training_repairs_it():
    params, optimizer = hello.rebuild(), Adam(0.1)
    state = optimizer.init(params)
    for _ in range(100):
        result = bptt.gradients(rnn, params, hello.INPUTS, hello.TARGETS)
        params, state = optimizer.update(params, result.grads, state)
    outputs = bptt.forward(rnn, params, hello.INPUTS)[1]
    assert bptt.loss(rnn, params, hello.INPUTS, hello.TARGETS) < 0.01
    np.testing.assert_array_equal(outputs.argmax(axis=-1), hello.TARGETS)


def test_each_call_gives_its_own_arrays():
    hello.rebuild().W_hy[:] = 0
    assert printed(hello.Y) == PRINTED_Y and hello.rebuild().W_hy.any()
