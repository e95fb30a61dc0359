"""The GRU: one state, a weighted average of what was and of what is new (sections 6.1-6.3 of the lecture).

    z_t = sigmoid(W_z [h_{t-1}, x_t] + b_z)                 how much to renew
    r_t = sigmoid(W_r [h_{t-1}, x_t] + b_r)                 how much of the past the candidate sees
    candidate_t = tanh(W_c [r_t * h_{t-1}, x_t] + b_c)      the deck's h̃_t
    h_t = (1 - z_t) * h_{t-1} + z_t * candidate_t

Here 1 - z plays the part of the LSTM's forget gate and z that of its input gate. The three products stand stacked in
W_x and W_h, rows z, r, candidate. The deck leaves the biases out; zeros give its formulas.

Libraries differ in two things.
- z keeps in PyTorch, Keras and ONNX: h = z * h_prev + (1 - z) * candidate. Since 1 - sigmoid(a) = sigmoid(-a), changing
  the sign of the rows z (weights and bias) turns one form into the other.
- r stands before the product here, W_c (r * h_prev), as in ONNX by default (linear_before_reset=0) and in Keras with
  reset_after=False. PyTorch always, and Keras by default, apply it after the product, r * (W_c h_prev + b'), with a
  bias b' of its own. That is another function: only where r = 1 do the same weights give the same states.
Rows: ONNX and Keras z, r, candidate; PyTorch r, z, candidate.

Source: K. Cho et al., arXiv:1406.1078, 2014; with this z: J. Chung, C. Gulcehre, K. Cho and Y. Bengio,
arXiv:1412.3555, 2014.
"""

from typing import NamedTuple

import numpy as np

from lecture_utils.functions import (
    aligned,
    bias_gradient,
    blocks,
    check_finite,
    check_shape,
    check_sizes,
    d_tanh,
    opened,
    sigmoid,
    weight_gradient,
    x_gradient,
)


class Params(NamedTuple):
    """The weights of the cell; H rows each for z, r, candidate."""

    W_x: np.ndarray  # (3H, V)
    W_h: np.ndarray  # (3H, H); the rows of the candidate multiply r * h_prev
    b: np.ndarray  # (3H,)


class Trace(NamedTuple):
    """Everything that one pass computed; over time (T, B, .), after `step` without the time axis."""

    x: np.ndarray  # (T, B, V), or (T, B) ids
    a: np.ndarray  # (T, B, 3H), the pre-activations of z, r, candidate
    z: np.ndarray  # (T, B, H), as all that follow
    r: np.ndarray
    candidate: np.ndarray
    h: np.ndarray
    h_prev: np.ndarray  # the same memory as h, one step earlier


def init(rng, V, H, keep_bias=0.0):
    """Params with weights uniform in +-1/sqrt(H) and zero biases, but for that of z: -keep_bias, since 1 - z keeps."""
    check_sizes(V=V, H=H)
    bound = 1 / np.sqrt(H)
    b = np.repeat([-float(keep_bias), 0.0, 0.0], H)
    check_finite("b", b)
    return Params(rng.uniform(-bound, bound, (3 * H, V)), rng.uniform(-bound, bound, (3 * H, H)), b)


def step(params, x, h_prev):
    """The Trace of one step: x (V,) or (B, V), h_prev (H,) or (B, H)."""
    W_x, W_h, b = params
    W_z, W_r, W_candidate = np.split(W_h, 3)
    x_z, x_r, x_candidate = blocks(x @ W_x.T + b, 3)
    a_z = x_z + h_prev @ W_z.T
    a_r = x_r + h_prev @ W_r.T
    z = sigmoid(a_z)
    r = sigmoid(a_r)
    a_candidate = x_candidate + (r * h_prev) @ W_candidate.T
    candidate = np.tanh(a_candidate)
    h = (1 - z) * h_prev + z * candidate
    return Trace(x, np.concatenate([a_z, a_r, a_candidate], axis=-1), z, r, candidate, h, h_prev)


def forward(params, xs, state0=None):
    """The Trace of all steps: xs (T, B, V) numbers or (T, B) ids, state0 (B, H), None for zeros.

    ValueError for arrays whose shapes do not fit together, ids out of range, and numbers that are not finite.
    """
    xs, a, h_0 = opened(params, xs, 3, state0=state0)
    T, (B, H), W_h, dtype = len(xs), h_0.shape, params.W_h, a.dtype
    a_gates, a_candidate = a[..., : 2 * H], a[..., 2 * H :]
    gates = np.empty((T, B, 2 * H), dtype)
    z, r = blocks(gates, 2)
    candidate = np.empty((T, B, H), dtype)
    hs = np.empty((T + 1, B, H), dtype)
    hs[0] = h_0
    W_gates_T, W_candidate_T = aligned(W_h[: 2 * H].T), aligned(W_h[2 * H :].T)
    steps = zip(a_gates, a_candidate, gates, z, r, candidate, hs[:-1], hs[1:], strict=True)
    for a_gates_t, a_candidate_t, gates_t, z_t, r_t, candidate_t, h_prev, h in steps:
        a_gates_t += h_prev.dot(W_gates_T)
        np.tanh(np.multiply(a_gates_t, 0.5, out=gates_t), out=gates_t)  # sigmoid(a) = (1 + tanh(a / 2)) / 2
        gates_t += 1
        gates_t *= 0.5
        a_candidate_t += (r_t * h_prev).dot(W_candidate_T)
        np.tanh(a_candidate_t, out=candidate_t)
        h[:] = (1 - z_t) * h_prev + z_t * candidate_t
    return Trace(xs, a, z, r, candidate, hs[1:], hs[:-1])


def state(trace, t=-1):
    """The state after step t, h_t: (B, H)."""
    return trace.h[t]


def backward(params, trace, dhs, dstate=None):
    """(dparams, dxs, dstate0) from dhs (T, B, H), dL/dh_t by way of each step's output, and dstate (B, H).

    dstate is what comes in from the future. dxs is None for ids. ValueError when dhs or dstate has another shape than
    the trace.
    """
    x, a, z, r, candidate, h, h_prev = trace
    check_shape("dhs", dhs, h.shape, "(T, B, H)")
    dh_next = np.zeros_like(h[0]) if dstate is None else dstate
    check_shape("dstate", dh_next, h.shape[1:], "(B, H)")

    H = h.shape[-1]
    W_gates, W_candidate = params.W_h[: 2 * H], params.W_h[2 * H :]
    da = np.empty(a.shape, np.result_type(a, dhs, dh_next))
    da_gates, da_candidate = da[..., : 2 * H], da[..., 2 * H :]
    da_z, da_r = blocks(da_gates, 2)
    # for all steps at once what da_t is per dh_t (r: per d_seen); the loop multiplies by these
    np.multiply(z, 1 - candidate * candidate, out=da_candidate)  # h_t = (1 - z_t) * h_{t-1} + z_t * candidate_t
    np.multiply(candidate - h_prev, z * (1 - z), out=da_z)
    np.multiply(h_prev, r * (1 - r), out=da_r)
    kept = 1 - z
    steps = zip(*(array[::-1] for array in (da_gates, da_z, da_r, da_candidate, dhs, kept, r)), strict=True)
    for da_gates_t, da_z_t, da_r_t, da_candidate_t, dh_t, kept_t, r_t in steps:
        dh = dh_t + dh_next
        da_candidate_t *= dh
        da_z_t *= dh
        d_seen = da_candidate_t.dot(W_candidate)  # a_candidate = W_x x_t + W_h (r_t * h_{t-1}) + b
        da_r_t *= d_seen
        dh_next = dh * kept_t + d_seen * r_t + da_gates_t.dot(W_gates)
    dW_x = weight_gradient(da, x, params.W_x)
    dW_gates = weight_gradient(da_gates, h_prev, W_gates)
    dW_candidate = weight_gradient(da_candidate, r * h_prev, W_candidate)
    dxs = x_gradient(da, x, params.W_x)
    return Params(dW_x, np.concatenate([dW_gates, dW_candidate]), bias_gradient(da)), dxs, dh_next


def jacobians(params, trace):
    """dh_t / dh_{t-1} for every step: (T, B, H, H).

    diag(1 - z) + diag((candidate - h_prev) z') W_z + diag(z candidate') W_c (diag(r) + diag(h_prev r') W_r)
    """
    _, a, z, r, candidate, _, h_prev = trace
    H = z.shape[-1]
    W_z, W_r, W_candidate = np.split(params.W_h, 3)
    # sigmoid(a) = (1 + tanh(a / 2)) / 2, so its derivative is tanh'(a / 2) / 4
    z_slope, r_slope = blocks(d_tanh(0.5 * a[..., : 2 * H]) / 4, 2)
    candidate_slope = d_tanh(a[..., 2 * H :])
    identity = np.eye(H, dtype=z.dtype)
    d_seen = r[..., None] * identity + (h_prev * r_slope)[..., None] * W_r
    kept = (1 - z)[..., None] * identity + ((candidate - h_prev) * z_slope)[..., None] * W_z
    return kept + (z * candidate_slope)[..., None] * (W_candidate @ d_seen)
