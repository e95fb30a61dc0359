"""Networks of one unit whose weights are set by hand, so that each number of each step can be followed (5.1, 5.2, 5.8, 6.3).

A unit grown out of an RNN in STAGES, one idea at a time, and beside it the GRU, which is grown out of the RNN as well:

    rnn       h_t = tanh(a_t)
    add       c_t = c_{t-1} + g_t                  h_t = tanh(c_t)
    forget    c_t = f_t c_{t-1} + g_t              h_t = tanh(c_t)
    input     c_t = f_t c_{t-1} + i_t g_t          h_t = tanh(c_t)
    lstm      c_t = f_t c_{t-1} + i_t g_t          h_t = o_t tanh(c_t)
    gru       h_t = (1 - z_t) h_{t-1} + z_t g_t

And an LSTM moved like a puppet: its pre-activations make its gates what they are told.
"""

from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from lecture_utils import gru, lstm, rnn

SURE = 40.0  # a pre-activation at which a gate is as good as 0 or 1

# ---- a unit that grows
STAGES = {"rnn": "g", "add": "g", "forget": "fg", "input": "fig", "lstm": "figo", "gru": "rzg"}  # what is computed
WEIGHTS = {  # of x_t and of h_{t-1}, and the bias; the candidate g is the same at all stages
    "g": (1.0, 0.5, 0.0), "f": (1.0, 0.5, 3.0), "i": (4.0, 0.5, -2.0), "o": (2.0, -0.5, 0.0),
    "z": (4.0, 0.5, -3.0), "r": (-1.0, 1.0, 1.0),
}  # fmt: skip


class Pass(NamedTuple):
    """A pass through all steps and back; the state is c, and h where there is no c."""

    found: dict  # name -> (T,), everything computed
    factors: np.ndarray  # (T,), of the direct path: d state_t / d state_{t-1} along it
    directs: np.ndarray  # (T,), their products from step T back to each step: 1 at T
    totals: np.ndarray  # (T,), the last state's derivative by each state, by all paths
    params: Any  # the module's Params


def grown(stage, xs):
    """The Pass of a stage over xs (T,); a gate of the LSTM that is not there yet is held at 1."""
    module, rows = {"rnn": (rnn, "g"), "gru": (gru, "zrg")}.get(stage, (lstm, "ifog"))
    made = np.array([WEIGHTS[gate] if gate in STAGES[stage] else (0, 0, SURE) for gate in rows])
    params = module.Params(made[:, :1], made[:, 1:2], made[:, 2])
    trace = module.forward(params, xs.reshape(-1, 1, 1))
    found = {name: array[:, 0, 0] for name, array in trace._asdict().items() if name != "a"}
    found |= {f"a_{gate}": a for gate, a in zip(rows, trace.a[:, 0].T, strict=True)}
    steps, into = module.jacobians(params, trace)[:, 0], np.ones((len(xs), 1))
    if module is lstm:
        factors, found["kept"], found["written"] = found["f"], found["f"] * found["c_prev"], found["i"] * found["g"]
        into = np.column_stack([found["o"] * (1 - found["tanh_c"] ** 2), into])  # of h_t and c_t by c_t
    elif module is gru:
        g, h_prev, factors = found["candidate"], found["h_prev"], 1 - found["z"]
        found |= {"g": g, "open": factors, "fresh": g - h_prev, "seen": found["r"] * h_prev, "kept": factors * h_prev,
                  "written": found["z"] * g}  # fmt: skip
    else:
        factors, found["g"] = steps[:, 0, 0], found["h"]
    lasts = accumulate(steps[:0:-1], np.matmul, initial=np.eye(steps.shape[1])[-1])  # by each, from T on
    totals = np.array([last @ own for last, own in zip(lasts, into[::-1], strict=True)])[::-1]
    return Pass(found, factors, np.append(np.cumprod(factors[:0:-1])[::-1], 1.0), totals, params)


# ---- a puppet
PUPPET = lstm.Params(np.eye(4), np.zeros((4, 1)), np.zeros(4))  # the inputs are the pre-activations of i, f, o, g


def hold(value, f, leak, disturbances, T):
    """The lstm.Trace of T steps that store a value, hold it while the candidates are `disturbances`, with the forget gate f
    and the input gate `leak`, and release it; after that all gates are shut, the forget gate too: the cell is erased."""
    n, told = len(disturbances), np.zeros((T, 4))  # i, f, o, g
    told[0, 0], told[:, 3] = 1, value  # store
    told[1 : n + 1, :2], told[1 : n + 1, 3] = (leak, f), disturbances  # hold
    told[n + 1, 1:3] = 1  # release: f = 1, o = 1
    with np.errstate(divide="ignore"):
        xs = np.column_stack([np.log(told[:, :3]) - np.log1p(-told[:, :3]), np.arctanh(told[:, 3])])
    return lstm.forward(PUPPET, np.clip(xs, -SURE, SURE)[:, None])
