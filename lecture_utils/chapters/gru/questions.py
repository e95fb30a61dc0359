"""Questions on chapter 6: the average, what became of the LSTM's gates, libraries, the number of weights."""

import numpy as np

from lecture_utils import bptt, gru, lstm, rnn
from lecture_utils.functions import sigmoid
from lecture_utils.widgets.questions import Choice, Evidence, Number, WrongLine, marked


def average():
    """h_t from h_{t-1} and the candidate, and the same with z and 1 - z exchanged."""
    z, h_prev, candidate = 0.25, 0.8, -0.4
    h = (1 - z) * h_prev + z * candidate
    return Evidence(h, {"kept": (1 - z) * h_prev, "new": z * candidate, "h": h})


def plain():
    """A GRU with each setting of its gates beside the plain RNN with the weights of the candidate."""
    rng = np.random.default_rng(0)
    params, xs = gru.init(rng, V=2, H=3), rng.standard_normal((6, 1, 2))
    cell = rnn.Params(params.W_x[6:], params.W_h[6:], params.b[6:])
    hs = rnn.forward(cell, xs).h
    differences = {}
    for option, (z, r) in {"a": (0, 0), "b": (0, 1), "c": (1, 0), "d": (1, 1)}.items():
        gate_bias = np.repeat([80.0 * z - 40, 80.0 * r - 40, 0.0], 3)  # sigmoid(-40) and sigmoid(40): shut and open
        held = gru.Params(np.where(np.arange(9)[:, None] < 6, 0, params.W_x), _rows_off(params.W_h), gate_bias)
        differences[option] = np.abs(gru.forward(held, xs).h - hs).max().round(12)
    return Evidence({option for option, size in differences.items() if size == 0}, differences)


def _rows_off(W):
    """The matrix with the rows of z and r at 0, so that only their biases move them."""
    return np.where(np.arange(len(W))[:, None] < len(W) // 3 * 2, 0, W)


def parts():
    """The LSTM's line with f = 1 - z and i = z beside the GRU's; what r does in a real GRU; the states of both."""
    rng = np.random.default_rng(0)
    z, r, h_prev, new = sigmoid(rng.standard_normal(5)), rng.uniform(0, 1, 5), *rng.uniform(-1, 1, (2, 5))
    line, f, i = (1 - z) * h_prev + z * new, 1 - z, z

    W_h = np.vstack([np.zeros((10, 5)), rng.standard_normal((5, 5))])  # rows z, r, candidate
    b = np.concatenate([np.full(5, 40.0), np.log(r / (1 - r)), np.zeros(5)])  # z = 1, and r as drawn
    h = gru.step(gru.Params(np.zeros((15, 1)), W_h, b), np.zeros(1), h_prev).h

    carried = {}
    for name, cell in (("gru", gru), ("lstm", lstm)):
        trace = cell.forward(cell.init(rng, 2, 3), np.zeros((2, 1, 2)))
        carried[name] = np.size(cell.state(trace)) // 3
    verdict = marked(
        a=carried["gru"] == carried["lstm"],
        b=np.allclose(line - f * h_prev, i * new),
        c=np.allclose(h, r * h_prev),
        d=np.allclose(line - i * new, f * h_prev),
    )
    numbers = {"line": line[0], "same": (f * h_prev + i * new)[0], "inside": h[0], "outside": (r * h_prev)[0]}
    return Evidence(verdict, carried | numbers)


def library():
    """A step in which z keeps, with the weights of a cell in which z renews, changed in four ways."""
    rng = np.random.default_rng(0)
    H = 3
    params = gru.init(rng, V=2, H=H)
    params = params._replace(b=rng.standard_normal(3 * H))
    x, h_prev = rng.standard_normal(2), rng.uniform(-1, 1, H)
    ours = gru.step(params, x, h_prev).h

    def keeping(W_x, W_h, b):  # h = z * h_prev + (1 - z) * candidate
        trace = gru.step(gru.Params(W_x, W_h, b), x, h_prev)
        return trace.z * h_prev + (1 - trace.z) * trace.candidate

    def rows(change):  # a change of the rows z in all three arrays
        return keeping(*(np.concatenate([change(array[:H]), array[H:]]) for array in params))

    swapped = (np.concatenate([array[H : 2 * H], array[:H], array[2 * H :]]) for array in params)
    given = {"a": keeping(*params), "b": rows(lambda W: 1 - W), "c": rows(lambda W: -W), "d": keeping(*swapped)}
    differences = {option: np.abs(h - ours).max().round(12) for option, h in given.items()}
    return Evidence({option for option, size in differences.items() if size == 0}, differences)


def count():
    """All numbers in the arrays of three real cells with V = 10 and H = 20."""
    sizes = {
        cell.__name__.rpartition(".")[2]: sum(array.size for array in cell.init(np.random.default_rng(0), 10, 20))
        for cell in (rnn, gru, lstm)
    }
    return Evidence(sizes["gru"], sizes)


BACK = """
for t in reversed(range(T)):
    dh = dhs[t] + dh_next
    da_c = dh * z[t] * (1 - candidate[t] ** 2)
    da_z = dh * (candidate[t] - h_prev[t]) * z[t] * (1 - z[t])
    da_r = (W_c.T @ da_c) * h_prev[t] * r[t] * (1 - r[t])
    dh_next = W_z.T @ da_z + W_r.T @ da_r + r[t] * (W_c.T @ da_c)
    da[t] = np.concatenate([da_z, da_r, da_c])
"""


def error_of(backward):
    """The relative error of dL/db of a backward pass, as source, for a random GRU with T = 5, against the truth."""
    rng = np.random.default_rng(0)
    params = gru.init(rng, V=2, H=3)
    xs, dhs = rng.standard_normal((5, 1, 2)), rng.standard_normal((5, 1, 3))
    trace = gru.forward(params, xs)
    names = {name: array[:, 0] for name, array in trace._asdict().items()}
    names |= dict(zip(("W_z", "W_r", "W_c"), np.split(params.W_h, 3), strict=True))
    names |= {"np": np, "T": 5, "dhs": dhs[:, 0], "da": np.zeros((5, 9)), "dh_next": 0}
    exec(backward, names)
    true = bptt.complex_step(lambda b: (dhs * gru.forward(params._replace(b=b), xs).h).sum(), params.b)
    return np.linalg.norm(names["da"].sum(axis=0) - true) / np.linalg.norm(true)


QUESTIONS = [
    Choice(id="gru.plain", section="6.1", evidence=plain, options="abcd", right="d"),
    Number(
        id="gru.average",
        section="6.2",
        evidence=average,
        value=0.5,
        mistakes={"swapped": -0.1, "sum": 0.4, "half": 0.2, "kept": 0.6},
    ),
    WrongLine(
        id="gru.line",
        section="6.6",
        evidence=error_of,
        code=BACK,
        right="6",
        mended="    dh_next = (1 - z[t]) * dh + W_z.T @ da_z + W_r.T @ da_r + r[t] * (W_c.T @ da_c)",
    ),
    Choice(id="gru.parts", section="6.3", evidence=parts, options="abcd", right="bd", several=True),
    Choice(id="gru.library", section="6.4", evidence=library, options="abcd", right="c"),
    Number(
        id="gru.count",
        section="6.8",
        evidence=count,
        value=1860,
        mistakes={"lstm": 2480, "two": 1240, "no_bias": 1800, "two_biases": 1920, "one": 620},
        units={"weights": 1, "numbers": 1},
        tolerance=1e-6,
    ),
]
