"""The character model of the slide: "hello" over the vocabulary h, e, l, o, and the network behind its numbers.

Section 2 of the lecture; the figure is A. Karpathy's, "The unreasonable effectiveness of recurrent neural networks"
(2015). The slide prints h_t and y_t but not the weights. They follow from

    y_t          = W_hy h_t + b_y               four steps, four unknowns a row: solved exactly
    arctanh(h_t) = W_xh x_t + W_hh h_{t-1}      one least-squares solution for W_xh and W_hh together, b_h = 0

A tanh is never 1.0, so the first unit's 1.0 at the second step is read as 0.96, which is printed as 1.0 too.
"""

import numpy as np

from lecture_utils import bptt, rnn
from lecture_utils.functions import one_hot

WORD = "hello"
VOCABULARY = "helo"
INPUTS = np.array([[0], [1], [2], [2]])  # h e l l, (T, B)
TARGETS = np.array([[1], [2], [2], [3]])  # e l l o, (T, B)

H = np.array([[0.3, -0.1, 0.9], [1.0, 0.3, 0.1], [0.1, -0.5, -0.3], [-0.3, 0.9, 0.7]])  # (T, H), as printed
Y = np.array([[1.0, 2.2, -3.0, 4.1], [0.5, 0.3, -1.0, 1.2], [0.1, 0.5, 1.9, -1.1], [0.2, -1.5, -0.1, 2.2]])  # (T, V)


def rebuild():
    """bptt.Params of an RNN that prints every number of the slide; column o of W_xh is 0: "o" is never an input."""
    hs = H.copy()
    hs[1, 0] = 0.96
    hs_prev = np.vstack([np.zeros(3), hs[:-1]])
    output = np.linalg.solve(np.column_stack([hs, np.ones(4)]), Y).T  # [W_hy | b_y]
    inputs = np.column_stack([one_hot(INPUTS[:, 0], 4), hs_prev])  # [x_t ; h_{t-1}]
    recurrent = np.linalg.lstsq(inputs, np.arctanh(hs))[0].T  # [W_xh | W_hh]
    cell = rnn.Params(recurrent[:, :4].copy(), recurrent[:, 4:].copy(), np.zeros(3))
    return bptt.Params(cell, output[:, :3].copy(), output[:, 3].copy())
