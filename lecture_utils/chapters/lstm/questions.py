"""Questions on chapter 5: the four gates, what is left after n steps, the way back, the forget bias."""

import numpy as np

from lecture_utils import bptt, gradients, lstm
from lecture_utils.functions import sigmoid
from lecture_utils.widgets.questions import Choice, Evidence, Number, WrongLine, marked


def left():
    """The share of a stored value that is left after two steps with f = 0.7 and nothing written."""
    c = 1.0
    for _ in range(2):
        c = 0.7 * c + 0.0
    return Evidence(c, {"one": 0.7, "two": c, "lost": 1 - c})


def gates():
    """(c_t, h_t) for each setting of f, i, g, o, with c_{t-1} = 2: kept and hidden?"""
    settings = {"a": (1, 0, 0.9, 1), "b": (0, 1, 0.9, 0), "c": (1, 1, 0, 0), "d": (1, 0, 0.9, 0)}
    verdict, numbers = set(), {}
    for option, (f, i, g, o) in settings.items():
        c = f * 2.0 + i * g
        h = o * np.tanh(c)
        numbers |= {f"c_{option}": c, f"h_{option}": h}
        if c == 2 and h == 0:
            verdict.add(option)
    return Evidence(verdict, numbers)


def candidate():
    """What each of i and g alone can do to the cell state, from c_{t-1} = 1 with f = 1."""
    i, g = np.meshgrid(np.linspace(0, 1, 11), np.linspace(-1, 1, 21))
    change = i * g
    down = (change < 0).any()
    decided_by_g = (np.sign(change[i > 0]) == np.sign(g[i > 0])).all()  # its direction
    scaled_by_i = np.allclose(np.abs(change), i * np.abs(g)) and (change[i == 0] == 0).all()  # its amount
    kept_by_g = not np.allclose(1.0 + change[i == 0], 1.0)
    verdict = marked(a=not (decided_by_g and scaled_by_i), b=decided_by_g and down, c=kept_by_g, d=not down)
    return Evidence(verdict, {"low": change.min(), "high": change.max(), "none": np.abs(change[i == 0]).max()})


def path():
    """dc_t/dc_{t-1} at fixed h_{t-1} of a random LSTM, beside the four candidates."""
    rng = np.random.default_rng(0)
    params = lstm.init(rng, V=2, H=3)
    trace = lstm.forward(params, rng.standard_normal((4, 1, 2)))
    block = lstm.jacobians(params, trace)[2, 0, 3:, 3:]  # rows and columns of c
    W_g = np.split(params.W_h, 4)[3]
    given = {
        "a": W_g,
        "b": np.diag(1 - trace.tanh_c[2, 0] ** 2),
        "c": np.diag(trace.o[2, 0]),
        "d": np.diag(trace.f[2, 0]),
    }
    verdict = {option for option, matrix in given.items() if np.allclose(matrix, block)}
    off = np.abs(block - np.diag(np.diag(block))).max()
    numbers = {
        f"{name}{k}": values[k] for name, values in (("j", np.diag(block)), ("f", trace.f[2, 0])) for k in range(3)
    }
    return Evidence(verdict, numbers | {"off": off})


def bias():
    """log10 of the gradient over 100 steps of noise, medians of 100 starts: RNNs, and LSTMs with three forget biases."""
    starts = {b: [gradients.highway(b, 100, seed) for seed in range(100)] for b in (0.0, 1.0, 3.0)}
    zero, one, three = (np.median([start.total[0] for start in made]) for made in starts.values())
    plain = np.median([start.rnn[0] for start in starts[0.0]])
    behind = sum(start.total[0] < start.rnn[0] for start in starts[0.0])
    verdict = marked(a=max(zero, plain) < -10 and three > -3, b=zero > -3, c=zero > 3, d=abs(zero - three) < 1)
    numbers = {"rnn": plain, "zero": zero, "one": one, "three": three, "f": sigmoid(0.0), "behind": behind}
    return Evidence(verdict, numbers)


GATES = """
for t in reversed(range(T)):
    dh = dhs[t] + dh_next
    dc = dc_next + dh * o[t] * (1 - tanh_c[t] ** 2)
    da_o = dh * tanh_c[t] * o[t] * (1 - o[t])
    da_f = dc * c_prev[t]
    da_i = dc * g[t] * i[t] * (1 - i[t])
    da_g = dc * i[t] * (1 - g[t] ** 2)
    dc_next = dc * f[t]
    da[t] = np.concatenate([da_i, da_f, da_o, da_g])
"""


def error_of(backward):
    """The relative error of dL/db of a backward pass, as source, for a random LSTM with T = 5, against the truth."""
    rng = np.random.default_rng(0)
    params = lstm.init(rng, V=2, H=3)
    xs, dhs = rng.standard_normal((5, 1, 2)), rng.standard_normal((5, 1, 3))
    trace = lstm.forward(params, xs)
    names = {name: array[:, 0] for name, array in trace._asdict().items() if array.ndim == 3}
    names |= {"np": np, "T": 5, "dhs": dhs[:, 0], "W_h": params.W_h, "da": np.zeros((5, 12))}
    exec(f"dh_next = dc_next = 0\n{backward}\n    dh_next = W_h.T @ da[t]", names)
    true = bptt.complex_step(lambda b: (dhs * lstm.forward(params._replace(b=b), xs).h).sum(), params.b)
    return np.linalg.norm(names["da"].sum(axis=0) - true) / np.linalg.norm(true)


QUESTIONS = [
    Choice(id="lstm.candidate", section="5.5", evidence=candidate, options="abcd", right="b"),
    Choice(id="lstm.gates", section="5.1", evidence=gates, options="abcd", right="cd", several=True),
    Number(
        id="lstm.left",
        section="5.3",
        evidence=left,
        value=0.49,
        mistakes={"slip": 0.09, "linear": 0.4, "one": 0.7, "lost": 0.51, "percent": 49},
        units={"%": 0.01, "percent": 0.01},
    ),
    Choice(id="lstm.path", section="5.8", evidence=path, options="abcd", right="d"),
    WrongLine(
        id="lstm.line",
        section="5.8",
        evidence=error_of,
        code=GATES,
        right="5",
        mended="    da_f = dc * c_prev[t] * f[t] * (1 - f[t])",
    ),
    Choice(id="lstm.bias", section="5.9", evidence=bias, options="abcd", right="a"),
]
