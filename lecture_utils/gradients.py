"""How a gradient travels through time: products of step Jacobians, factor by factor, and what each step contributes.

    ds_t/ds_s = J_t J_{t-1} ... J_{s+1}        J_t = ds_t/ds_{t-1}; for the plain RNN diag(tanh'(a_t)) W_hh
    dh_t/dh_s = product of phi'(a_n) w_hh      over n = s+1..t: the scalar RNN, one weight and one derivative a step
    dL/dW_hh  = sum over t of da_t h_{t-1}^T   each step's contribution; it adds up since the weights are shared

Sections 3.1-4.5 of the lecture; Y. Bengio, P. Simard and P. Frasconi, "Learning long-term dependencies with gradient
descent is difficult" (1994); R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural
networks" (2013). Indices of time are those of the lecture: state 0 is the initial state, state t that after step t;
from s to t there are t - s factors. The step Jacobians of a cell, `cell.jacobians(params, trace)`, stand in an array
with J_1 in front. They do not commute, and sigma_max(W_hh) max|phi'| < 1 is sufficient for vanishing, while > 1 is only
necessary for exploding (`NON_NORMAL` is an example).

Sizes are kept as log10, so that nothing underflows or overflows over long spans; -inf is the logarithm of an exact 0.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from lecture_utils import bptt, gru, lstm, rnn
from lecture_utils.functions import (
    CROSS_ENTROPY,
    check_finite,
    check_shape,
    check_sizes,
    is_ids,
    one_hot,
    one_of,
    sigmoid,
)

LN10 = math.log(10)
SPAN = 32  # steps that are multiplied before the product is brought to norm 1


# ---- activations, and the logarithm of their derivatives
class Activation(NamedTuple):
    """phi and log10 phi', both functions of the pre-activation a."""

    value: Callable
    log10_derivative: Callable


def log10_d_tanh(a):
    """log10 of tanh'(a) = 4 exp(-2|a|) / (1 + exp(-2|a|))^2: finite where 1 - tanh(a)^2 has long rounded to 0."""
    a = np.abs(a)
    return (math.log(2) - a - np.log1p(np.exp(-a) ** 2)) * (2 / LN10)


def log10_d_sigmoid(a):
    """log10 of sigmoid'(a) = exp(-|a|) / (1 + exp(-|a|))^2, at most log10(1/4)."""
    a = np.abs(a)
    return -(a + 2 * np.log1p(np.exp(-a))) / LN10


def log10_d_relu(a):
    """log10 of relu'(a): 0 where a > 0, -inf where a <= 0 (the derivative at 0 itself is taken as 0)."""
    return np.where(np.isnan(a), np.nan, np.where(np.greater(a, 0), 0.0, -np.inf))


ACTIVATIONS = {
    "tanh": Activation(np.tanh, log10_d_tanh),
    "sigmoid": Activation(sigmoid, log10_d_sigmoid),
    "relu": Activation(lambda a: np.maximum(a, 0.0), log10_d_relu),
    "linear": Activation(lambda a: a, np.zeros_like),
}


# ---- the scalar RNN, factor by factor
SIGNALS = {  # input sequences of size 1, as Python
    "constant": "np.ones({T})",
    "pulse": "np.eye(1, {T})[0]",
    "alternating": "(-1.0) ** np.arange({T})",
    "noise": "np.random.default_rng(4).uniform(-1, 1, {T})",
}


def signal(name, T):
    """One of the SIGNALS, (T,)."""
    return eval(one_of(SIGNALS, name=name).format(T=T))  # what a line of Python shows is what runs


def scalar(w_xh, w_hh, b, w_hy=1.0):
    """bptt.Params of the scalar RNN, y_t = w_hy h_t."""
    cell = rnn.Params(np.array([[w_xh]]), np.array([[w_hh]]), np.array([b]))
    return bptt.Params(cell, np.array([[w_hy]]), np.zeros(1))


class Toy(NamedTuple):
    """One pass of the scalar RNN and the sizes of dh_T/dh_s."""

    a: np.ndarray  # (T,), a_1 .. a_T
    h: np.ndarray  # (T + 1,), h_0 .. h_T
    w_hh: float
    log10_derivative: np.ndarray  # (T,), log10 phi'(a_t): the derivative factor of each step
    log10_weight: np.ndarray  # (T,), log10 |w_hh|: the weight factor of each step
    log10_gradient: np.ndarray  # (T + 1,), log10 |dh_T/dh_s| for s = 0..T
    sign: np.ndarray  # (T + 1,), the sign of dh_T/dh_s, 0 where it is exactly 0
    overflow: int | None  # the first step whose a_t is too large for float64 (shown as +-inf from there on)


def toy(xs, w_xh, w_hh, b, h_0=0.0, activation="tanh"):
    """The Toy of h_t = phi(w_xh x_t + w_hh h_{t-1} + b) for numbers xs (T,); phi is named as in ACTIVATIONS.

    Where the forward pass leaves float64 (linear, relu), h_t is shown as infinite and the derivatives stay true: beside
    it the drive w_xh x_t + b cannot change the sign of a_t. ValueError for what is not finite or larger than 1e150: up
    to there the a_t of tanh and sigmoid never overflow.
    """
    phi = one_of(ACTIVATIONS, activation=activation)
    w_hh, drives = float(w_hh), [float(w_xh) * float(x) + float(b) for x in xs]
    for name, value in [("w_hh", w_hh), ("h_0", h_0)] + [(f"w_xh x_{t} + b", d) for t, d in enumerate(drives, 1)]:
        if not abs(value) <= 1e150:
            raise ValueError(f"{name} is {value}, expected a number of size at most 1e150, e.g. 1.0")
    check_sizes(T=len(drives))

    a, h = [], [float(h_0)]
    for drive in drives:  # Python's floats overflow to inf without a warning
        a.append(drive + w_hh * h[-1])
        h.append(float(phi.value(a[-1])))
    log10_derivative = phi.log10_derivative(np.array(a))
    log10_weight = np.full(len(a), log10(w_hh))
    log10_gradient = sums_after(log10_derivative + log10_weight)
    sign = np.where(np.isneginf(log10_gradient), 0.0, np.sign(w_hh) ** np.arange(len(a), -1, -1))
    overflow = next((t for t, a_t in enumerate(a, 1) if math.isinf(a_t)), None)
    return Toy(np.array(a), np.array(h), w_hh, log10_derivative, log10_weight, log10_gradient, sign, overflow)


def constant_input(w_hh, drive, T, activation="tanh"):
    """log10 |dh_T/dh_1| of scalar RNNs whose drive, w_xh x + b, is the same at each of T >= 2 steps, from h_0 = 0; w_hh and
    drive are arrays of one shape."""
    phi = one_of(ACTIVATIONS, activation=activation)
    h, logs = phi.value(drive), (T - 1) * log10(w_hh)  # step 1
    for _ in range(T - 1):
        a = w_hh * h + drive
        h, logs = phi.value(a), logs + phi.log10_derivative(a)
    return logs


def sums_after(logs):
    """The sum of the entries of steps s+1..T, for s = 0..T: (T, ...) -> (T + 1, ...); the last is 0, the empty sum."""
    sums = np.zeros((len(logs) + 1, *logs.shape[1:]))
    sums[:-1] = np.cumsum(logs[::-1], axis=0)[::-1]
    return sums


def toy_triangle(toy):
    """log10 |dh_t/dh_s|, entry [t, s], for all t and s <= t: (T + 1, T + 1); above the diagonal nan."""
    factors = toy.log10_derivative + toy.log10_weight
    logs = np.full((len(factors) + 1,) * 2, np.nan)
    for t in range(len(logs)):
        logs[t, : t + 1] = sums_after(factors[:t])
    return logs


def state_path(toy, s):
    """The factors of dh_T/dh_s, from step T down to s+1: [("phi'(a_3)", value), ("w_hh", value), ...]."""
    factors = []
    for t in range(len(toy.a), s, -1):
        factors += [_slope(toy, t), ("w_hh", toy.w_hh)]
    return factors


def weight_paths(toy):
    """The paths from w_hh to h_T, a list of factors for each step s = 1..T; dh_T/dw_hh is the sum of their products.

    The path of step s goes through w_hh's use in a_s, where its factor is h_{s-1}, and on through h_s to h_T.
    """
    return [
        [*state_path(toy, s), _slope(toy, s), (f"h_{s - 1}", float(toy.h[s - 1]))] for s in range(1, len(toy.a) + 1)
    ]


def product(factors):
    """The product of named factors; 0 if one of them is 0, also beside an h that has left float64."""
    values = [value for _, value in factors]
    return 0.0 if 0 in values else math.prod(values)


def _slope(toy, t):
    return f"phi'(a_{t})", float(10.0 ** toy.log10_derivative[t - 1])


def log10(values):
    """log10 of the sizes of numbers; -inf for an exact 0."""
    with np.errstate(divide="ignore"):
        return np.log10(np.abs(values))


# ---- products of step Jacobians, for any cell
class Products(NamedTuple):
    """d state_T / d state_s for s = 0..T, each as 10**log10_norm * unit."""

    log10_norm: np.ndarray  # (T + 1, ...), of the Frobenius norm; -inf for an exact 0
    unit: np.ndarray  # (T + 1, ..., S, S), of Frobenius norm 1, or 0

    @property
    def log10_rms(self):
        """log10 of the root of the mean squared singular value, (T + 1, ...): the Frobenius norm over sqrt(S)."""
        return self.log10_norm - np.log10(self.unit.shape[-1]) / 2


@np.errstate(over="ignore", invalid="ignore")  # of a span that is too long
def products(steps):
    """The Products of step Jacobians (T, ..., S, S), in about T matrix products; for another t than T pass steps[:t].

    At s = T stands the identity, of norm sqrt(S). What has rounded to 0 in the steps themselves is lost: in the plain
    RNN the rows of units with |a| above 373 (`toy` has no such limit).
    """
    T, given = _checked(steps)
    *batch, S, _ = given.shape[1:]
    steps = given.reshape(T, -1, S, S)
    units = np.empty((T + 1, *steps.shape[1:]), steps.dtype)
    entries = units.reshape(T + 1, -1, S * S)
    logs = np.empty(entries.shape[:2], steps.dtype)
    units[T], logs[T] = np.eye(S) / math.sqrt(S), math.log10(S) / 2
    large = np.finfo(steps.dtype).max ** 0.75
    stop, span = T, SPAN
    while stop:  # span by span: a unit times the steps of a span, then all of these to norm 1
        start = max(stop - span, 0)
        for s in reversed(range(start, stop)):
            np.matmul(units[s + 1], steps[s], out=units[s])
        squares, scale = np.vecdot(entries[start:stop], entries[start:stop]), 0.0
        if not 1 / large < squares.min() <= squares.max() < large:  # too large or small to be squared, 0, or not finite
            if not np.isfinite(steps[start:stop]).all():
                check_finite("steps", given)
            if stop - start > 1:
                span = (stop - start) // 2
                continue
            step, scale = _rescaled(steps[start])
            units[start], scales = _rescaled(units[stop] @ step)
            scale = log10(scale) + log10(scales)
            squares = np.vecdot(entries[start:stop], entries[start:stop])
            squares += squares == 0  # an exact 0 stays 0, and so does its scale
        logs[start:stop] = logs[stop] + log10(squares) / 2 + scale
        units[start:stop] *= (1 / np.sqrt(squares))[..., None, None]
        stop, span = start, min(2 * span, SPAN)
    return Products(logs.reshape(T + 1, *batch), units.reshape(T + 1, *batch, S, S))


def triangle(steps):
    """log10 of the Frobenius norm of d state_t / d state_s, entry [t, s], for all t and s: (T + 1, T + 1, ...).

    Above the diagonal -inf: no state depends on a later one.
    """
    T, steps = _checked(steps)
    check_finite("steps", steps)
    steps, sizes = _rescaled(steps)
    logs = np.full((T + 1, T + 1, *steps.shape[1:-2]), -np.inf)
    scales = np.zeros((T + 1, *steps.shape[1:-2]))
    units = np.empty((T + 1, *steps.shape[1:]), steps.dtype)
    for t in range(T + 1):
        if t:
            units[:t], largest = _rescaled(steps[t - 1] @ units[:t])
            scales[:t] += log10(largest) + log10(sizes[t - 1])
        units[t] = np.eye(steps.shape[-1])
        logs[t, : t + 1] = scales[: t + 1] + log10(_frobenius(units[: t + 1]))
    return logs


def log10_singular_values(products):
    """log10 of the singular values of each product, (T + 1, ..., S), largest first; the first is the spectral norm.

    nan where one is lost in rounding, below T S eps times the largest: a long product no longer holds it.
    """
    values = np.linalg.svd(products.unit, compute_uv=False)
    rounding = len(values) * values.shape[-1] * np.finfo(values.dtype).eps
    known = values >= rounding * values[..., :1]
    return np.where(known, products.log10_norm[..., None] + log10(values), np.nan)


def spectral_radius(W):
    """The largest absolute eigenvalue: (..., S, S) -> (...)."""
    return np.abs(np.linalg.eigvals(W)).max(axis=-1)


def _checked(steps):
    """(T, the steps as real numbers); ValueError unless they are square matrices (T, ..., S, S)."""
    steps = np.asarray(steps)
    if steps.ndim < 3 or steps.shape[-1] != steps.shape[-2] or steps.size == 0 or steps.dtype.kind not in "iuf":
        raise ValueError(f"steps has shape {steps.shape} and dtype {steps.dtype}, expected (T, ..., S, S) real numbers, "
                         "none of them 0, e.g. cell.jacobians(params, trace)")  # fmt: skip
    return len(steps), steps.astype(np.result_type(steps, np.float32), copy=False)


def _rescaled(matrices):
    """(each matrix over its largest absolute entry, that entry); an exact 0 stays 0."""
    largest = np.abs(matrices).max(axis=(-2, -1))
    return matrices / (largest + (largest == 0))[..., None, None], largest


def _frobenius(matrices):
    """The Frobenius norm of rescaled matrices, whose squares are safe; np.linalg.norm would copy them all first."""
    entries = matrices.reshape(*matrices.shape[:-2], -1)
    return np.sqrt(np.vecdot(entries, entries))


# ---- the weight's part and the derivative's part, for vectors
class Parts(NamedTuple):
    """Weight part and derivative part, log10, of dh_T/dh_s of the plain RNN for s = 0..T; see `parts`."""

    mean_weight: np.ndarray  # (T + 1,)
    mean_derivative: np.ndarray  # (T + 1, B)
    bound_weight: np.ndarray  # (T + 1,)
    bound_derivative: np.ndarray  # (T + 1, B)


def parts(params, trace):
    """Two ways in which dh_T/dh_s of the plain RNN, n = T - s factors diag(tanh'(a_t)) W_hh, splits in two.

    Exactly: the mean log10 singular value is mean_weight, n log10|det W_hh| / H, plus mean_derivative, the sum over the
    steps of the units' mean log10 tanh'(a_t). As a bound: log10 of the spectral norm is at most bound_weight,
    n log10 sigma_max(W_hh), plus bound_derivative, the sum of the units' largest log10 tanh'(a_t). The norm itself does
    not split: neither that of W_hh^n nor the spectral radius bounds it, since the factors do not commute.
    """
    T, H = len(trace.a), len(params.W_hh)
    logs = log10_d_tanh(trace.a)
    weights = [np.linalg.slogdet(params.W_hh)[1] / LN10 / H, log10(np.linalg.norm(params.W_hh, 2))]
    mean_weight, bound_weight = (sums_after(np.full(T, weight)) for weight in weights)
    return Parts(mean_weight, sums_after(logs.mean(axis=-1)), bound_weight, sums_after(logs.max(axis=-1)))


# ---- a fresh LSTM or GRU beside a fresh RNN
class Highway(NamedTuple):
    """log10 of sizes, (T + 1,) for t = 0..T; a size is the Frobenius norm over sqrt(H), 1 for the identity."""

    total: np.ndarray  # d c_T / d c_t by all paths; of a GRU d h_T / d h_t
    direct: np.ndarray  # the product of the forget gates alone; of a GRU that of 1 - z
    rnn: np.ndarray  # d h_T / d h_t
    mean_f: float  # of a GRU the mean 1 - z


def highway(bias, T, seed, V=4, H=16):
    """The Highway of both cells as `init` makes them, the LSTM with this forget bias, reading the same noise."""
    xs, plain = _noise_and_plain(T, seed, V, H)
    params = lstm.init(np.random.default_rng(seed), V, H, forget_bias=bias)
    trace = lstm.forward(params, xs)
    total, direct = _last_block(lstm.jacobians(params, trace), H), _last_block(trace.f[..., None] * np.eye(H), H)
    return Highway(total, direct, plain, float(trace.f.mean()))


@lru_cache(maxsize=8)
def _noise_and_plain(T, seed, V, H):
    """(xs (T, 1, V), the RNN's curve), kept while only the bias changes."""
    xs = np.random.default_rng([seed, 1]).standard_normal((T, 1, V))
    params = rnn.init(np.random.default_rng(seed), V, H)
    return xs, _last_block(rnn.jacobians(params, rnn.forward(params, xs)), H)


def _last_block(steps, H):
    """log10 of the sizes of the products of step Jacobians (T, 1, S, S), among the last H of the state: an LSTM's c."""
    path = products(steps[:, 0])
    return path.log10_norm + np.log10(np.linalg.norm(path.unit[:, -H:, -H:], axis=(1, 2)) / math.sqrt(H))


def lag_shares(cell, seed, lags=(0, 1, 5, 20, 40), far=10, T=50, V=4, H=16, B=8, **bias):
    """How large the parts of `bptt.lag_gradients` by W_hh (gated: W_h) are beside the whole gradient: those at `lags`, then all
    from `far` on together, (len(lags) + 1,). The cell is fresh, reads random letters, and has a loss at every step."""
    rng = np.random.default_rng(seed)
    params = bptt.init(cell, rng, V, H, **bias)
    by_lag = bptt.lag_gradients(cell, params, *rng.integers(0, V, (2, T, B)))[1]
    parts = np.array([*by_lag[list(lags)], by_lag[far:].sum(axis=0)])
    return np.linalg.norm(parts, axis=(1, 2)) / np.linalg.norm(by_lag.sum(axis=0))


def gru_highway(keep_bias, T, seed, V=4, H=16):
    """The Highway of an RNN and a GRU as `init` makes them, the GRU with this keep bias, each reading its own noise."""
    keep, total = _through(gru, keep_bias, T, seed, V, H)
    kept = sums_after(np.log10(keep))  # (T + 1, H): of each unit
    highest = kept.max(axis=1)
    direct = highest + np.log10(np.sqrt((10 ** (2 * (kept - highest[:, None]))).mean(axis=1)))
    return Highway(total, direct, _through(rnn, 0.0, T, seed, V, H)[1], keep.mean())


@lru_cache(maxsize=8)
def _through(cell, keep_bias, T, seed, V, H):
    """Of an RNN or a GRU, on noise: 1 - z (T, H), or None; the sizes of dh_T/dh_t for t = 0..T."""
    rng = np.random.default_rng(seed)
    params = {rnn: rnn.init(rng, V, H), gru: gru.init(rng, V, H, keep_bias=keep_bias)}[cell]
    trace = cell.forward(params, rng.standard_normal((T, 1, V)))
    path = products(cell.jacobians(params, trace)[:, 0])
    return 1 - trace.z[:, 0] if cell is gru else None, path.log10_norm - np.log10(H) / 2


# ---- recurrent matrices with a given spectral radius
# sigma_max 1.33, spectral radius 0.63: its powers vanish, and with them, since no entry is negative, all products of
# diag(phi') W_hh with 0 <= phi' <= 1.
NON_NORMAL = np.array([[0.3, 0.0, 1.2], [0.0, 0.0, 0.5], [0.0, 0.8, 0.0]])


def orthogonal(rng, H):
    """A random orthogonal matrix (H, H), uniformly distributed: all singular values are 1."""
    check_sizes(H=H)
    Q, R = np.linalg.qr(rng.standard_normal((H, H)))
    return Q * np.sign(np.diag(R))


def recurrent_matrix(rng, H, radius, nonnormality=0.0):
    """A random matrix (H, H) whose eigenvalues all have the size `radius`.

    With nonnormality 0 it is radius times an orthogonal matrix. The nonnormality is P. Henrici's departure from
    normality (1962) over the norm of the eigenvalues: |W|^2 = radius^2 H (1 + nonnormality^2) in the Frobenius norm.
    From the same state of rng come the same eigenvalues and directions whatever radius and nonnormality are.
    """
    check_sizes(H=H)
    for name, value in (("radius", radius), ("nonnormality", nonnormality)):
        if not 0 <= value <= 1e100:
            raise ValueError(f"{name} is {value}, expected a number from 0 to 1e100, e.g. 1.0")
    if H == 1 and nonnormality:
        raise ValueError("nonnormality needs H >= 2: a single number is a normal matrix")
    Q = orthogonal(rng, H)
    schur = np.diag(rng.choice([-1.0, 1.0], H))
    angles = rng.uniform(0, np.pi, (H - 1) // 2)
    i = 2 * np.arange(len(angles))  # rotations at (i, i + 1); the last one or two eigenvalues are real
    schur[i, i] = schur[i + 1, i + 1] = np.cos(angles)
    schur[i, i + 1], schur[i + 1, i] = -np.sin(angles), np.sin(angles)
    above = np.triu(rng.standard_normal((H, H)), 1)
    above[i, i + 1] = 0
    if nonnormality:
        schur += nonnormality * np.sqrt(H) / np.linalg.norm(above) * above
    return radius * Q @ schur @ Q.T


def network(matrix, H, radius, nonnormality, seed):
    """rnn.Params with V = 1: W_hh "random", or NON_NORMAL as the "example", which has a spectral radius of its own."""
    one_of(dict.fromkeys(("random", "example")), matrix=matrix)
    rng = np.random.default_rng(seed)
    W_hh = NON_NORMAL if matrix == "example" else recurrent_matrix(rng, H, radius, nonnormality)
    return rnn.Params(rng.standard_normal((len(W_hh), 1)), W_hh, np.zeros(len(W_hh)))


@lru_cache(maxsize=8)
def spectrum(*arguments):
    """(params, sigmas, lambdas) of a `network`: the singular values of its W_hh and its eigenvalues' sizes, (H,)."""
    params = network(*arguments)
    sizes = np.sort(np.abs(np.linalg.eigvals(params.W_hh)))[::-1]
    return params, np.linalg.svd(params.W_hh, compute_uv=False), sizes


def noise(T, seed):
    """Standard normal inputs (T, 1, 1) of a `network`."""
    check_sizes(T=T)
    return np.random.default_rng(seed + 1000).standard_normal((T, 1, 1))


# ---- what each step contributes to the gradient of the shared weights
class Ledger(NamedTuple):
    """The gradient of a loss by the cell's weights, step by step; step t = 1..T stands at index t - 1."""

    immediate: Any  # the cell's Params (T, ...): step t's own loss only, its previous state taken as a constant
    carried: Any  # the same: by way of state t, from the losses of later steps
    total: Any  # the same: their sum; summed over the steps it is the full gradient
    dh: np.ndarray  # (T + 1, B, H), dL/dh_t for t = 0..T, by way of the step's own output and of all later steps


def ledger(cell, params, xs, targets, state0=None, x_mask=None, y_mask=None, criterion=CROSS_ENTROPY):
    """The Ledger of `bptt.gradients` with the same arguments, for any cell: its backward pass, one step at a time."""
    trace, outputs = bptt.forward(cell, params, xs, state0, x_mask)
    dhs = bptt.output_gradients(outputs, targets, y_mask, criterion)[1] @ params.W_hy
    dstates = [np.zeros_like(cell.state(trace))]
    immediate, carried = [], []
    for t in reversed(range(len(dhs))):
        piece, dh = bptt.piece(trace, t, t + 1), dhs[t : t + 1]
        now, _, dstate_now = cell.backward(params.cell, piece, dh)
        later, _, dstate_later = cell.backward(params.cell, piece, np.zeros_like(dh), dstates[-1])
        immediate.append(now)
        carried.append(later)
        dstates.append(np.add(dstate_now, dstate_later))
    immediate, carried = (
        type(params.cell)(*(np.array(arrays[::-1]) for arrays in zip(*steps, strict=True)))
        for steps in (immediate, carried)
    )
    total = type(params.cell)(*map(np.add, immediate, carried))
    dh = np.array(dstates[::-1]).reshape(len(dhs) + 1, -1, *dhs.shape[1:])[:, 0]  # of a pair (h, c) that of h
    dh[1:] += dhs
    return Ledger(immediate, carried, total, dh)


# ---- the forward side: what a small change becomes
class Sensitivity(NamedTuple):
    """|change of h_t| for t = 1..T after a change at the start, (T, B) each."""

    measured: np.ndarray  # from two forward passes; it cannot fall below the rounding of h itself, some 1e-16
    linear: np.ndarray  # |dh_t/d(start) * change|, the derivative along the change


def sensitivity(cell, params, xs, dx=None, dstate0=None, state0=None):
    """The Sensitivity of h_t to a change dx (B, V) of x_1, and dstate0, in the state's form, of the initial state.

    params are the cell's. The derivative is the complex step's, one more forward pass: nothing is subtracted, so it
    holds down to 1e-288.
    """
    trace = cell.forward(params, xs, state0)
    # in float64 whatever the params are: in float32 a derivative of a tiny step has long become 0
    xs = one_hot(trace.x, params[0].shape[1]) if is_ids(trace.x) else trace.x.astype(np.result_type(trace.x, float))
    state0 = np.zeros(np.shape(cell.state(trace))) if state0 is None else np.array(state0)
    dx = np.zeros(xs[0].shape) if dx is None else dx
    dstate0 = np.zeros(state0.shape) if dstate0 is None else np.array(dstate0)
    check_shape("dx", dx, xs.shape[1:], "(B, V)")
    check_shape("dstate0", dstate0, state0.shape)

    def hs(amount):
        first = xs[:1] + amount * dx
        return cell.forward(params, np.concatenate([first, xs[1:]]), state0 + amount * dstate0).h

    tiny = 1e-20
    changes = hs(1.0) - hs(0.0), hs(1j * tiny).imag / tiny
    return Sensitivity(*(np.hypot.reduce(change, axis=-1) for change in changes))  # hypot: tiny squares would be 0
