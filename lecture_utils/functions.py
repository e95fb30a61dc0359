"""Functions that every network of the lecture uses, the checks at its doors, and parameters as a list.

    sigmoid(a)  = 1 / (1 + exp(-a)) = (1 + tanh(a / 2)) / 2
    softmax(y)  = exp(y / tau) / sum(exp(y / tau))
    loss_t      = -log softmax(y_t)[target_t]                 its derivative: softmax(y_t) - one_hot(target_t)

Sections 2.1-2.4 of the lecture (logits, softmax, the loss of the character model). Every function keeps the dtype that
it is given; complex input is allowed, so that derivatives can be checked by the complex step.
"""

import cmath
import math
from collections.abc import Callable
from numbers import Real
from typing import NamedTuple

import numpy as np


# ---- activations
def sigmoid(a):
    """1 / (1 + exp(-a)); written through tanh, it cannot overflow."""
    return 0.5 * (1 + np.tanh(0.5 * a))


def d_tanh(a):
    """The derivative of tanh at the pre-activation a, 1 - tanh(a)^2, to full relative precision.

    `1 - h * h` loses digits where tanh saturates and is 0 from about |a| = 19 on; this is 0 only from |a| = 373 on.
    """
    with np.errstate(over="ignore"):  # of 2 a
        e = np.exp(np.where(np.real(a) < 0, 2 * a, -2 * a))
    return 4 * e / (1 + e) ** 2


def softmax(logits, tau=1.0):
    """Probabilities over the last axis at temperature tau; tau = 0 puts all weight on the (first) largest logit.

    ValueError for a negative or nan temperature, which would turn the preferences upside down, and where the largest
    logit is not finite; -inf beside it is the logit of the probability 0.
    """
    if not (isinstance(tau, Real) and tau >= 0):
        raise ValueError(
            f"the temperature tau is {tau!r}, expected a number >= 0, e.g. 0 (argmax) or 1 (the model's own)"
        )
    logits = np.asarray(logits)
    dtype, largest = np.result_type(logits, np.float32), _largest(logits)
    check_finite("the largest logit", largest)
    if tau == 0:
        return one_hot(np.argmax(np.real(logits), axis=-1), logits.shape[-1], dtype)
    # in float64 or more, in which no tau is 0; a tiny one sends the smaller logits to -inf: probability 0
    with np.errstate(over="ignore"):
        weights = np.exp((logits - largest) / np.float64(tau))
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(dtype, copy=False)


def log_softmax(logits):
    """log softmax(logits) over the last axis, finite where the probability itself rounds to 0."""
    shifted = logits - _largest(logits)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _largest(logits):
    if np.ndim(logits) == 0 or np.shape(logits)[-1] == 0:
        raise ValueError(f"logits has shape {np.shape(logits)}, expected (..., V), V at least 1, e.g. np.zeros(4)")
    return np.real(logits).max(axis=-1, keepdims=True)


def one_hot(ids, V, dtype=np.float64):
    """Vectors of length V, 1 at the id and 0 elsewhere: integers of any shape -> (..., V)."""
    check_sizes(V=V)
    ids = check_ids("ids", ids, V)
    return (ids[..., None] == np.arange(V)).astype(dtype)


# ---- losses
def cross_entropy(logits, targets):
    """-log softmax(logits)[target] in nats, one per position: logits (..., V), integer targets (...) -> (...)."""
    return cross_entropy_and_slope(logits, targets)[0]


def cross_entropy_and_slope(logits, targets):
    """(cross-entropy, its derivative by the logits, softmax - one_hot (..., V)): both need the same exponentials."""
    targets = check_ids("targets", targets, logits.shape[-1])
    check_shape("targets", targets, logits.shape[:-1])
    at_target = np.arange(targets.size), targets.ravel()
    shifted = (logits - _largest(logits)).reshape(-1, logits.shape[-1])
    slopes = np.exp(shifted)
    sums = slopes.dot(np.ones(slopes.shape[-1], slopes.dtype))  # faster than slopes.sum
    losses = np.log(sums) - shifted[at_target]
    slopes /= sums[:, None]
    slopes[at_target] -= 1
    return losses.reshape(targets.shape), slopes.reshape(logits.shape)


def squared_error(outputs, targets):
    """Sum of (output - target)^2 over the last axis, one per position: (..., V) -> (...)."""
    return squared_error_and_slope(outputs, targets)[0]


def squared_error_and_slope(outputs, targets):
    """(squared error, its derivative by the outputs (..., V))."""
    check_shape("targets", targets, outputs.shape)
    difference = outputs - targets
    return (difference**2).sum(axis=-1), 2 * difference


class Criterion(NamedTuple):
    """A loss per position, and (loss, its derivative by the outputs); both take (outputs, targets)."""

    value: Callable
    value_and_slope: Callable


CROSS_ENTROPY = Criterion(cross_entropy, cross_entropy_and_slope)
SQUARED_ERROR = Criterion(squared_error, squared_error_and_slope)


# ---- the input's product, for characters (ids) and for vectors
def is_ids(xs):
    """True for a batch of characters, (T, B) integers; False for a batch of vectors, (T, B, V)."""
    return xs.ndim == 2


def product(xs, W):
    """xs @ W for all steps at once, (T, B, n) by (n, m) -> (T, B, m); `@` would make one small product for each t."""
    return xs.reshape(-1, len(W)).dot(W).reshape(*xs.shape[:-1], W.shape[1])


def input_product(xs, W, b):
    """W x_t + b for all t at once, (T, B, rows of W); for an id W x_t is that column of W, looked up."""
    if not is_ids(xs):
        return product(xs, W.T) + b
    if xs.size < W.shape[1]:  # fewer than all columns
        return W.T[xs] + b
    return (np.ascontiguousarray(W.T) + b).take(xs, axis=0)


def weight_gradient(da, inputs, W):
    """dL/dW for a = W @ input at every step: the sum over t and b of outer products of da (T, B, rows) and input."""
    if is_ids(inputs):
        ids, inputs = inputs.ravel(), np.zeros((inputs.size, W.shape[1]), da.dtype)
        inputs[np.arange(ids.size), ids] = 1  # one-hot
    return da.reshape(-1, W.shape[0]).T.dot(inputs.reshape(-1, W.shape[1]))


def x_gradient(da, xs, W):
    """dL/dx for a = W x at every step; None for ids."""
    return None if is_ids(xs) else product(da, W)


def bias_gradient(da):
    """dL/db for a = ... + b at every step: the sum of da (T, B, rows) over t and b."""
    rows = da.reshape(-1, da.shape[-1])
    return np.ones(len(rows), da.dtype).dot(rows)  # a third faster than the sum


def blocks(array, n):
    """The parts of n stacked gates, as views: (..., nH) -> (n, ..., H)."""
    return np.moveaxis(array.reshape(*array.shape[:-1], n, -1), -2, 0)


def empty(shape, dtype):
    """np.empty, but a large array begins at a cache line: sums and products of such are up to twice as fast."""
    array = np.empty(shape, dtype)
    if array.nbytes < 2**17:  # where finding the address would cost more than it gains
        return array
    memory = np.empty(array.nbytes + 64, np.uint8)
    return np.ndarray(array.shape, array.dtype, memory, -memory.ctypes.data % 64)


def aligned(array):
    """A copy, row by row, in such memory: a matrix that multiplies at every step is up to a third faster so."""
    copy = empty(array.shape, array.dtype)
    copy[...] = array
    return copy


# ---- checks at the doors: every message says what was given, where, and what is expected
def check_sizes(**sizes):
    """ValueError unless every size is a positive integer."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
            raise ValueError(f"{name} is {size!r}, expected a positive integer, e.g. {name}=3")


def check_positive(**numbers):
    """ValueError unless every number is finite and above 0."""
    for name, value in numbers.items():
        if not (isinstance(value, Real) and 0 < value < math.inf):
            raise ValueError(f"{name} is {value!r}, expected a finite number > 0, e.g. {name}=0.1")


def one_of(table, **names):
    """What stands in the table under a name; ValueError, naming what there is, for another one."""
    ((what, name),) = names.items()
    if name not in table:
        raise ValueError(f"{what} is {name!r}, expected one of {', '.join(table)}")
    return table[name]


def check_shape(name, array, expected, symbols=""):
    """ValueError unless the array has the expected shape; `symbols` explains it, e.g. "(T, B, H)"."""
    if np.shape(array) != tuple(expected):
        meaning = f"{symbols} = " if symbols else ""
        raise ValueError(f"{name} has shape {np.shape(array)}, expected {meaning}{tuple(expected)}")


def check_finite(name, array):
    """ValueError naming the first entry that is nan or infinite."""
    if not all_finite([array]) and not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        where = f"{name}{list(index)}" if index else name
        raise ValueError(f"{where} is {np.asarray(array)[index]}, expected a finite number")


def all_finite(arrays, others=None):
    """True if the product of each array and the other beside it (None: itself) is finite, and so all entries of both.

    A test for the price of one product; False also where only the product overflows.
    """
    return all(map(cmath.isfinite, map(np.vdot, arrays, arrays if others is None else others)))  # vdot gives no warning


def check_params(params, *shapes):
    """ValueError unless every array of a NamedTuple has its shape and is finite."""
    if tuple(map(np.shape, params)) == shapes and all_finite(params):
        return
    for name, array, shape in zip(params._fields, params, shapes, strict=True):
        check_shape(name, array, shape)
        check_finite(name, array)


def check_ids(name, ids, V):
    """The ids as an array; ValueError unless all are integers from 0 to V - 1 (numpy reads -1 as the last row)."""
    ids = np.asarray(ids)
    if ids.dtype.kind not in "iu":
        raise ValueError(
            f"{name} has dtype {ids.dtype}, expected integers from 0 to {V - 1}, e.g. {name}=np.array([[0]])"
        )
    if ids.size and (ids.min() < 0 or ids.max() >= V):
        index = tuple(int(i) for i in np.argwhere((ids < 0) | (ids >= V))[0])
        where = f"{name}{list(index)}" if index else name
        raise ValueError(f"{where} is {ids[index]}, expected an integer from 0 to {V - 1}")
    return ids


def check_inputs(xs, V):
    """The inputs as an array; ValueError unless (T, B) ids or (T, B, V) finite numbers, with T and B at least 1."""
    xs = np.asarray(xs)
    if xs.ndim not in (2, 3) or xs.size == 0 or xs.dtype.kind not in "biufc":
        example = f"np.zeros((5, 1, {V})) for T = 5 steps, B = 1"
        raise ValueError(
            f"xs has shape {xs.shape} and dtype {xs.dtype}, expected (T, B) integer ids or (T, B, V) numbers with V = {V}, "
            f"e.g. {example}"
        )
    if is_ids(xs):
        return check_ids("xs", xs, V)
    check_shape("xs", xs, (*xs.shape[:2], V), "(T, B, V)")
    check_finite("xs", xs)
    return xs


def opened(params, xs, n, **states):
    """(xs, a, *states): how the `forward` of a cell of n stacked gates begins, all of it checked.

    a (T, B, nH) is W x_t + b, fresh and of the dtype of the whole pass, states are (B, H), zero where None is given.
    """
    W_x, _, b = params
    H, V = len(b) // n, W_x.shape[-1]
    check_params(params, (n * H, V), (n * H, H), (n * H,))
    xs = check_inputs(xs, V)
    B = xs.shape[1]
    for name, state in states.items():
        if state is None:
            states[name] = np.zeros((B, H), b.dtype)
        else:
            check_shape(name.replace("_of_", " of "), state, (B, H), "(B, H)")
            check_finite(name.replace("_of_", " of "), state)
    read = () if is_ids(xs) else (xs,)
    dtype = np.result_type(*read, *params, *states.values(), np.float32)  # float32: whole numbers become real ones
    a = input_product(xs, W_x.astype(dtype, copy=False), b.astype(dtype, copy=False))
    return xs, a.astype(dtype, copy=False), *states.values()


# ---- parameters as a list of arrays
def leaves(params, name=""):
    """[(name, array), ...] of a NamedTuple of arrays and NamedTuples, in order; names like "cell.W_hh"."""
    if not isinstance(params, tuple):
        return [(name, params)]
    prefix = f"{name}." if name else ""
    return [leaf for field, value in params._asdict().items() for leaf in leaves(value, prefix + field)]


def rebuild(params, arrays):
    """The NamedTuple `params` with its arrays replaced, in the order of `leaves`."""
    if not isinstance(params, tuple):
        return next(iter(arrays))
    arrays = iter(arrays)  # an inner function that calls itself would keep them until the garbage collector comes
    return type(params)(*[rebuild(node, arrays) if isinstance(node, tuple) else next(arrays) for node in params])


def astype(params, dtype):
    """The NamedTuple `params` with its arrays in another type of number; ValueError for one of whole numbers."""
    if np.dtype(dtype).kind not in "fc":
        raise ValueError(f"dtype is {np.dtype(dtype)}, expected real numbers, e.g. np.float32: weights are fractions")
    return rebuild(params, [array.astype(dtype) for _, array in leaves(params)])


def arrays(params):
    """The arrays of `leaves` without their names."""
    if not isinstance(params, tuple):
        return [params]
    found = []
    for node in params:
        if isinstance(node, tuple):
            found += arrays(node)
        else:
            found.append(node)
    return found
