"""The LSTM and the GRU as the lecture writes them: a matrix per gate, times [h, x], in loops over single numbers."""

import math


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


def product(W, b, h, x):
    """W [h, x] + b."""
    joined = [*h, *x]
    return [sum(w * v for w, v in zip(row, joined, strict=True)) + b_j for row, b_j in zip(W, b, strict=True)]


def matrices(gates, params):
    """{gate: (its matrix for [h, x], its bias)}; `gates` names the blocks of rows in their order."""
    H = len(params.b) // len(gates)
    rows = [[*h_row, *x_row] for h_row, x_row in zip(params.W_h.tolist(), params.W_x.tolist(), strict=True)]
    b = params.b.tolist()
    return {gate: (rows[k * H : k * H + H], b[k * H : k * H + H]) for k, gate in enumerate(gates)}


def lstm(params, xs, h, c):
    """(h_1 .. h_T, c_1 .. c_T) of one sequence."""
    W, hs, cs = matrices("ifog", params), [], []
    for x in xs:
        i, f, o, g = (product(*W[gate], h, x) for gate in "ifog")
        c = [sigmoid(f[j]) * c[j] + sigmoid(i[j]) * math.tanh(g[j]) for j in range(len(c))]
        h = [sigmoid(o[j]) * math.tanh(c[j]) for j in range(len(c))]
        hs.append(h)
        cs.append(c)
    return hs, cs


def gru(params, xs, h):
    """h_1 .. h_T of one sequence."""
    W, hs = matrices("zrc", params), []
    for x in xs:
        z = [sigmoid(a) for a in product(*W["z"], h, x)]
        r = [sigmoid(a) for a in product(*W["r"], h, x)]
        seen = [r_j * h_j for r_j, h_j in zip(r, h, strict=True)]
        candidate = [math.tanh(a) for a in product(*W["c"], seen, x)]
        h = [(1 - z[j]) * h[j] + z[j] * candidate[j] for j in range(len(h))]
        hs.append(h)
    return hs
