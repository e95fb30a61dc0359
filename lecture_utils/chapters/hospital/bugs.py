"""The bug hospital: wrong implementations that raise no error, and the checks that find them or do not.

Each fault is the library's own code with a line or a few replaced, so that all else about it is right. A check returns
how far off a patient is, relative to the right value, and 0 where all is well: rounding leaves some 1e-15, a fault far
more than TOLERANCE. No check finds every fault; which finds which is computed, never stored.

Sections 3.5, 3.8, 4.8 and 6.4 of the lecture; the faults themselves: section 6.10.
"""

import inspect
from functools import cache, partial
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from lecture_utils import bptt, gru, lstm, rnn
from lecture_utils.functions import arrays, rebuild
from lecture_utils.optimizers import SGD, clip_by_norm, global_norm

TOLERANCE = 1e-6
V, H, T, B = 2, 2, 4, 2
K = 2  # steps in a piece


# ---- two pieces of training code that are easily got wrong
def piecewise(cell, params, xs, targets, k):
    """The bptt.Results of truncated BPTT, one for each piece of k steps; each begins with the last state before it."""
    state, results = None, []
    for start in range(0, len(xs), k):
        result = bptt.gradients(cell, params, xs[start : start + k], targets[start : start + k], state)
        state = cell.state(result.trace)
        results.append(result)
    return results


def clipped_sum(parts, limit):
    """The sum of several gradients of the same params, its norm at most the limit."""
    return clip_by_norm(add(parts), limit)[0]


def add(parts):
    """The sum of several gradients of the same params."""
    return rebuild(parts[0], map(sum, zip(*map(arrays, parts), strict=True)))


# ---- the faults
class Bug(NamedTuple):
    """The cell that has the fault, and what is replaced: (function, right line, wrong line)."""

    cell: ModuleType
    changes: list


# fmt: off
BUGS = {
    "not_passed_back": Bug(rnn, [
        (rnn.backward, "da_t *= dh + dh_next",
                       "da_t *= dh"),
    ]),
    "in_place": Bug(rnn, [
        (rnn.backward, "da_t *= dh + dh_next",
                       "dh += dh_next; da_t *= dh"),
    ]),
    "no_slope": Bug(lstm, [
        (lstm.backward, "np.multiply(c_prev, f * (1 - f), out=da_f)",
                        "da_f[:] = c_prev"),
    ]),
    "later_state": Bug(rnn, [
        (rnn.backward, "dW_hh = weight_gradient(da, trace.h_prev, params.W_hh)",
                       "dW_hh = weight_gradient(da, trace.h, params.W_hh)"),
    ]),
    "one_too_far": Bug(rnn, [
        (piecewise, "state = cell.state(result.trace)",
                    "state = cell.state(cell.forward(params.cell, xs[start : start + k + 1], state))"),
    ]),
    "power": Bug(rnn, [
        (rnn.backward, "dh_next = da_t.dot(params.W_hh)",
                       "dh_next = da_t.dot(np.linalg.matrix_power(params.W_hh, len(da) - 1))"),
    ]),
    "gate_order": Bug(lstm, [
        (lstm.forward, "i, f, o, g = gates.transpose(1, 0, 2, 3)",
                       "i, o, f, g = gates.transpose(1, 0, 2, 3)"),
        (lstm.backward, "da_i, da_f, da_o, da_g = da.transpose(1, 0, 2, 3)",
                        "da_i, da_o, da_f, da_g = da.transpose(1, 0, 2, 3)"),
    ]),
    "z_swapped": Bug(gru, [
        (gru.step, "h = (1 - z) * h_prev + z * candidate",
                   "h = z * h_prev + (1 - z) * candidate"),
        (gru.forward, "h[:] = (1 - z_t) * h_prev + z_t * candidate_t",
                      "h[:] = z_t * h_prev + (1 - z_t) * candidate_t"),
        (gru.backward, "np.multiply(z, 1 - candidate * candidate, out=da_candidate)",
                       "np.multiply(1 - z, 1 - candidate * candidate, out=da_candidate)"),
        (gru.backward, "np.multiply(candidate - h_prev, z * (1 - z), out=da_z)",
                       "np.multiply(h_prev - candidate, z * (1 - z), out=da_z)"),
        (gru.backward, "kept = 1 - z",
                       "kept = z"),
    ]),
    "reset_after": Bug(gru, [
        (gru.step, "a_candidate = x_candidate + (r * h_prev) @ W_candidate.T",
                   "a_candidate = x_candidate + r * (h_prev @ W_candidate.T)"),
        (gru.forward, "a_candidate_t += (r_t * h_prev).dot(W_candidate_T)",
                      "a_candidate_t += r_t * h_prev.dot(W_candidate_T)"),
        (gru.backward, "d_seen = da_candidate_t.dot(W_candidate)",
                       "d_seen = (r_t * da_candidate_t).dot(W_candidate)"),
        (gru.backward, "np.multiply(h_prev, r * (1 - r), out=da_r)",
                       "np.multiply(h_prev @ W_candidate.T, r * (1 - r), out=da_r)"),
        (gru.backward, "da_r_t *= d_seen",
                       "da_r_t *= da_candidate_t"),
        (gru.backward, "dh_next = dh * kept_t + d_seen * r_t",
                       "dh_next = dh * kept_t + d_seen"),
        (gru.backward, "dW_candidate = weight_gradient(da_candidate, r * h_prev, W_candidate)",
                       "dW_candidate = weight_gradient(r * da_candidate, h_prev, W_candidate)"),
    ]),
    "overwritten": Bug(rnn, [
        (rnn.backward, "dW_hh = weight_gradient(da, trace.h_prev, params.W_hh)",
                       "for t in reversed(range(len(da))): dW_hh = da[t].T @ trace.h_prev[t]"),
    ]),
    "clipped_first": Bug(rnn, [
        (clipped_sum, "return clip_by_norm(add(parts), limit)[0]",
                      "return add([clip_by_norm(part, limit)[0] for part in parts])"),
    ]),
}
# fmt: on


def healthy(cell):
    """A cell without a fault, as a patient: its functions, and with them `piecewise` and `clipped_sum`."""
    return SimpleNamespace(**vars(cell), piecewise=piecewise, clipped_sum=clipped_sum)


@cache
def patient(name):
    """The cell of a fault with the wrong lines in place of the right ones. KeyError for an unknown name, ValueError where
    a right line is no longer there."""
    cell, changes = BUGS[name]
    made = healthy(cell)
    sources = {}
    for function, right, wrong in changes:
        source = sources.get(function) or inspect.getsource(function)
        if right not in source:
            raise ValueError(f"{function.__module__}.{function.__name__} has no line {right!r}")
        sources[function] = source.replace(right, wrong)
    for function, source in sources.items():
        names = dict(function.__globals__)
        exec(source, names)
        setattr(made, function.__name__, names[function.__name__])
    return made


# ---- what the checks are made on
class Case(NamedTuple):
    """A small network, a batch that it reads, and a gradient that comes in at each step."""

    params: bptt.Params
    xs: np.ndarray  # (T, B, V)
    targets: np.ndarray  # (T, B)
    state0: Any
    dhs: np.ndarray  # (T, B, H)


def case(cell):
    """The Case of a cell, the same at every call; the initial state is not zero."""
    rng = np.random.default_rng(0)
    params = bptt.init(cell, rng, V, H)
    xs, targets = rng.normal(size=(T, B, V)), rng.integers(0, V, (T, B))
    state0 = rng.normal(size=np.shape(cell.state(cell.forward(params.cell, xs))))
    return Case(params, xs, targets, state0, rng.normal(size=(T, B, H)))


def distance(found, right):
    """How far arrays are from the right ones, as vectors, relative to the right ones; absolute where those are 0."""
    found, right = (np.concatenate([np.ravel(array) for array in vector]) for vector in (found, right))
    return float(np.linalg.norm(found - right) / (np.linalg.norm(right) or 1))


def _worst(found, right):
    """The largest distance of an array: a small array must not hide behind a large one."""
    return max(distance([a], [b]) for a, b in zip(found, right, strict=True))


# ---- the checks
def loss_falls(cell):
    """By how much the loss has risen after ten updates, 0 if it has fallen."""
    params, xs, targets, _, _ = case(cell)
    before = bptt.loss(cell, params, xs, targets)
    for _ in range(10):
        parts = [result.grads for result in cell.piecewise(cell, params, xs, targets, K)]
        params, _ = SGD(0.1).update(params, cell.clipped_sum(parts, limit=1.0), ())
    return float(max(bptt.loss(cell, params, xs, targets) / before - 1, 0))


def one_step(cell):
    """The gradient of every weight against the complex step, on one step from the state 0."""
    params, xs, targets, _, _ = case(cell)
    return _weight_error(cell, params, xs[:1], targets[:1], None)


def weights(cell):
    """The gradient of every weight against the complex step, on all steps."""
    params, xs, targets, state0, _ = case(cell)
    return _weight_error(cell, params, xs, targets, state0)


def _weight_error(cell, params, xs, targets, state0):
    own = arrays(params)

    def loss_with(array, j):
        return bptt.loss(cell, rebuild(params, [*own[:j], array, *own[j + 1 :]]), xs, targets, state0)

    right = [bptt.complex_step(partial(loss_with, j=j), array) for j, array in enumerate(own)]
    return _worst(arrays(bptt.gradients(cell, params, xs, targets, state0).grads), right)


def initial_state(cell):
    """The gradient of the initial state against the complex step."""
    params, xs, targets, state0, _ = case(cell)
    right = bptt.complex_step(lambda state: bptt.loss(cell, params, xs, targets, state), state0)
    return distance([bptt.gradients(cell, params, xs, targets, state0).dstate0], [right])


def twice(cell):
    """The second backward pass against the first, from the same arrays."""
    params, xs, _, state0, dhs = case(cell)
    trace = cell.forward(params.cell, xs, state0)
    (first, *rest), (again, *rest_again) = (cell.backward(params.cell, trace, dhs) for _ in range(2))
    return _worst([*again, *rest_again], [*first, *rest])


def step_by_step(cell):
    """`forward` against repeated `step`."""
    params, xs, _, state, _ = case(cell)
    forward, hs = cell.forward(params.cell, xs, state).h, []
    for x in xs:
        trace = cell.step(params.cell, x, state)
        state = (trace.h, trace.c) if hasattr(trace, "c") else trace.h
        hs.append(trace.h)
    return distance([forward], hs)


def pieces(cell):
    """Two pieces against the whole: the states, and the gradients, which must add up."""
    params, xs, targets, _, dhs = case(cell)
    trace = cell.forward(params.cell, xs)
    hs = [result.trace.h for result in cell.piecewise(cell, params, xs, targets, K)]
    whole, _, _ = cell.backward(params.cell, trace, dhs.copy())
    later, _, dstate = cell.backward(params.cell, bptt.piece(trace, K, T), dhs[K:].copy())
    first, _, _ = cell.backward(params.cell, bptt.piece(trace, 0, K), dhs[:K].copy(), dstate)
    return max(distance(hs, [trace.h]), _worst(map(np.add, first, later), whole))


def limits(cell):
    """The state after T steps against what must come out: f = 1, i = 0 keep c; z = 0 keeps h; W_hh = 0 forgets."""
    params, xs, _, state0, _ = case(cell)
    zero = type(params.cell)(*map(np.zeros_like, params.cell))
    if "W_hh" in zero._fields:
        W_xh, W_hh, b_h = params.cell
        forgetful = params.cell._replace(W_hh=0 * W_hh)
        return distance([cell.state(cell.forward(forgetful, xs, state0))], [np.tanh(xs[-1] @ W_xh.T + b_h)])
    shut = [-50, 50, 0, 0] if len(zero.b) == 4 * H else [-50, 0, 0]
    state = cell.state(cell.forward(zero._replace(b=np.repeat(shut, H)), xs, state0))
    return distance([np.reshape(state, (-1, B, H))[-1]], [np.reshape(state0, (-1, B, H))[-1]])


def reference(cell):
    """The last h, from weights and inputs that are sines, against numbers made by ONNX."""
    params = case(cell).params
    sines = type(params.cell)(*(np.sin(np.arange(1, array.size + 1)).reshape(array.shape) for array in params.cell))
    h = cell.forward(sines, np.sin(np.arange(1.0, T * V + 1)).reshape(T, 1, V)).h[-1, 0]
    return distance([h], [REFERENCE[cell.__name__.rpartition(".")[2]]])


# h_T of each cell by onnx's reference evaluator, and by plain loops over the slides' formulas.
REFERENCE = {
    "rnn": (0.997784979016469, 0.06187031564201819),
    "lstm": (0.16418659692082094, 0.09812015900052729),
    "gru": (-0.9122597238695506, 0.05851628074573467),
}


def norm(cell):
    """By how much the clipped sum of several gradients passes the limit."""
    params, xs, targets, _, _ = case(cell)
    parts = [result.grads for result in cell.piecewise(cell, params, xs, targets, K)]
    limit = min(map(global_norm, parts)) / 2
    return max(global_norm(cell.clipped_sum(parts, limit)) / limit - 1, 0.0)


CHECKS = {
    check.__name__: check
    for check in (
        loss_falls, one_step, weights, initial_state, twice, step_by_step, pieces, limits, reference, norm
    )
}  # fmt: skip


def examine(cell):
    """How far off the patient is in each check: name -> error."""
    return {name: check(cell) for name, check in CHECKS.items()}


def finds(error):
    """Whether an error is one; nan is."""
    return not error <= TOLERANCE
