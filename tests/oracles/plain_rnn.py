"""The RNN as loops over single numbers: the states, the logits and the loss of one sequence."""

import math


def hidden_states(W_xh, W_hh, b_h, xs, h):
    """h_1 .. h_T of one sequence; all arguments are lists of numbers."""
    hs = []
    for x in xs:
        h_next = []
        for i in range(len(h)):
            a = b_h[i]
            for j in range(len(x)):
                a += W_xh[i][j] * x[j]
            for j in range(len(h)):
                a += W_hh[i][j] * h[j]
            h_next.append(math.tanh(a))
        h = h_next
        hs.append(h)
    return hs


def logits(W_hy, b_y, h):
    """W_hy h + b_y for one h."""
    return [b + sum(w * h_j for w, h_j in zip(row, h, strict=True)) for row, b in zip(W_hy, b_y, strict=True)]


def cross_entropy(y, target):
    """-log of the softmax of y at the target."""
    return -math.log(math.exp(y[target]) / sum(math.exp(y_i) for y_i in y))
