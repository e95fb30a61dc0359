"""A backward pass with a broken line, and the check that finds it (section 3.1), on the slide's network (hello).

    |found - reference| / |reference| of each array       the reference by central differences, or by the complex step

The complex step decides: it loses no digit, so what is right agrees to about 1e-16, and PASSES lets nothing else through.
"""

from functools import cache

import numpy as np

from lecture_utils import bptt, hello, rnn
from lecture_utils.functions import leaves, one_hot, one_of, rebuild, softmax

BACKWARD = (
    "for t in (4, 3, 2, 1):",
    "    dy = (p[t] - onehot[t]) / 4",
    "    dW_hy += np.outer(dy, h[t])",
    "    db_y += dy",
    "    dh = W_hy.T @ dy + dh_next",
    "    da = (1 - h[t] ** 2) * dh",
    "    dW_xh += np.outer(da, x[t])",
    "    dW_hh += np.outer(da, h[t - 1])",
    "    db_h += da",
    "    dh_next = W_hh.T @ da",
)
FAULTS = {  # which line of BACKWARD is broken, and how
    "none": (None, ""),
    "sign": (5, "    da = (1 + h[t] ** 2) * dh"),
    "no_carry": (4, "    dh = W_hy.T @ dy"),
    "no_transpose": (9, "    dh_next = W_hh @ da"),
    "assign": (7, "    dW_hh = np.outer(da, h[t - 1])"),
    "wrong_state": (7, "    dW_hh += np.outer(da, h[t])"),
    "no_mean": (1, "    dy = p[t] - onehot[t]"),
}
PASSES, TINY = 1e-6, 1e-20  # the relative error up to which an array agrees; the complex step


def broken(fault):
    """The lines of the backward pass with one of the FAULTS, and the index of the broken line (None: all are right)."""
    index, replacement = one_of(FAULTS, fault=fault)
    return [replacement if n == index else line for n, line in enumerate(BACKWARD)], index


def _by_name(params):
    """The arrays of a bptt.Params by their short name, for example W_hh."""
    return {name.rpartition(".")[2]: array for name, array in leaves(params)}


@cache
def gradients(fault):
    """The gradients that the lines of `broken(fault)`, as they stand, compute, by name of the array."""
    params = hello.rebuild()
    trace, outputs = bptt.forward(rnn, params, hello.INPUTS)

    def from_one(array):  # index t = 1..4, as in the formulas; index 0 is the initial state 0
        return np.pad(array[:, 0], ((1, 0), (0, 0)))

    names = {"np": np, "W_hh": params.cell.W_hh, "W_hy": params.W_hy, "h": from_one(trace.h), "dh_next": np.zeros(3),
             "x": from_one(one_hot(hello.INPUTS, 4)), "p": from_one(softmax(outputs)),
             "onehot": from_one(one_hot(hello.TARGETS, 4))}  # fmt: skip
    weights = _by_name(params)
    names |= {f"d{name}": np.zeros_like(array) for name, array in weights.items()}
    exec("\n".join(broken(fault)[0]), names)  # what the picture shows is what runs
    return {name: names[f"d{name}"] for name in weights}


@cache
def reference(method, step):
    """The gradients by bptt.numerical_gradient or bptt.complex_step, by name of the array."""
    params = hello.rebuild()
    arrays = _by_name(params)

    def loss(changed):
        return bptt.loss(rnn, rebuild(params, (arrays | changed).values()), hello.INPUTS, hello.TARGETS)

    return {name: method(lambda array, name=name: loss({name: array}), arrays[name], step) for name in arrays}


def report(fault, log10_step):
    """The lines of the backward pass, the index of the `broken` one, the `errors` of what they compute with that step, and
    by the complex step which arrays `failed`, how many, and the `worst` error."""
    (lines, index), step = broken(fault), 10.0**log10_step
    found = errors(fault, step)
    failed = [f"d{name}" for name, error in found["complex"].items() if error > PASSES]
    worst = round(float(max(found["complex"].values())), 12)
    said = {"failed": ", ".join(failed), "count": len(failed), "worst": worst, "step": step}
    return found | said | {"lines": lines, "broken": index}


def errors(fault, step):
    """The relative errors of what the lines compute, by array: `central` by central differences with that step,
    `complex` by the complex step."""
    found = gradients(fault)
    references = {"central": reference(bptt.numerical_gradient, step), "complex": reference(bptt.complex_step, TINY)}
    return {
        method: {name: np.linalg.norm(found[name] - array) / np.linalg.norm(array) for name, array in arrays.items()}
        for method, arrays in references.items()
    }
