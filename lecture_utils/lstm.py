"""The LSTM: a cell state that is written, kept and shown through gates (sections 5.1-5.4 of the lecture).

    f_t = sigmoid(W_f [h_{t-1}, x_t] + b_f)         how much of the old cell state to keep
    i_t = sigmoid(W_i [h_{t-1}, x_t] + b_i)         how much of the candidate to write
    g_t = tanh(W_g [h_{t-1}, x_t] + b_g)            the candidate: what to write (the deck's C̃_t)
    c_t = f_t * c_{t-1} + i_t * g_t                 the cell state
    o_t = sigmoid(W_o [h_{t-1}, x_t] + b_o)         how much of the cell state to show
    h_t = o_t * tanh(c_t)                           the hidden state

The four products stand stacked in W_x and W_h, rows i, f, o, g. Along c the gradient is multiplied by f_t only, so a
large forget bias lets it travel far; with forget bias 0 it vanishes, as the plain RNN's does.

Source: S. Hochreiter and J. Schmidhuber, Neural Computation 9(8), 1997; the forget gate: F. A. Gers, J. Schmidhuber and
F. Cummins, Neural Computation 12(10), 2000.
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
    empty,
    opened,
    sigmoid,
    weight_gradient,
    x_gradient,
)


class Params(NamedTuple):
    """The weights of the cell; H rows each for i, f, o, g."""

    W_x: np.ndarray  # (4H, V)
    W_h: np.ndarray  # (4H, H)
    b: np.ndarray  # (4H,)


class State(NamedTuple):
    """What goes from one step to the next; the gradients by it have the same form."""

    h: np.ndarray  # (B, H), or (H,) for one step of one sequence
    c: np.ndarray


class Trace(NamedTuple):
    """Everything that one pass computed; over time (T, B, .), after `step` without the time axis."""

    x: np.ndarray  # (T, B, V), or (T, B) ids
    a: np.ndarray  # (T, B, 4H), the pre-activations of i, f, o, g
    i: np.ndarray  # (T, B, H), as all that follow
    f: np.ndarray
    o: np.ndarray
    g: np.ndarray
    c: np.ndarray
    c_prev: np.ndarray  # the same memory as c, one step earlier
    tanh_c: np.ndarray
    h: np.ndarray
    h_prev: np.ndarray  # the same memory as h, one step earlier


def init(rng, V, H, forget_bias=1.0, input_bias=0.0):
    """Params with weights uniform in +-1/sqrt(H) and zero biases, but for those of the forget and the input gate."""
    check_sizes(V=V, H=H)
    bound = 1 / np.sqrt(H)
    b = np.repeat([float(input_bias), float(forget_bias), 0.0, 0.0], H)
    check_finite("b", b)
    return Params(rng.uniform(-bound, bound, (4 * H, V)), rng.uniform(-bound, bound, (4 * H, H)), b)


def step(params, x, state):
    """The Trace of one step from State(h_prev, c_prev): x (V,) or (B, V), h_prev and c_prev (H,) or (B, H)."""
    W_x, W_h, b = params
    h_prev, c_prev = state
    a = x @ W_x.T + h_prev @ W_h.T + b
    a_i, a_f, a_o, a_g = blocks(a, 4)
    f = sigmoid(a_f)
    i = sigmoid(a_i)
    g = np.tanh(a_g)
    c = f * c_prev + i * g
    o = sigmoid(a_o)
    tanh_c = np.tanh(c)
    h = o * tanh_c
    return Trace(x, a, i, f, o, g, c, c_prev, tanh_c, h, h_prev)


def forward(params, xs, state0=None):
    """The Trace of all steps: xs (T, B, V) numbers or (T, B) ids, state0 a State of (B, H), None for zeros.

    ValueError for arrays whose shapes do not fit together, ids out of range, and numbers that are not finite.
    """
    h_0, c_0 = (None, None) if state0 is None else state0
    xs, a, h_0, c_0 = opened(params, xs, 4, h_of_state0=h_0, c_of_state0=c_0)
    T, (B, H), dtype = len(xs), h_0.shape, a.dtype
    gates = empty((T, 4, B, H), dtype)
    i, f, o, g = gates.transpose(1, 0, 2, 3)
    hs, cs = empty((T + 1, B, H), dtype), empty((T + 1, B, H), dtype)
    hs[0], cs[0] = h_0, c_0
    tanh_c = empty((T, B, H), dtype)
    W_T, row = aligned(params.W_h.T), empty((B, 4 * H), dtype)
    by_gate, product, out = row.reshape(B, 4, H).swapaxes(0, 1), np.dot, row
    if B > 1:  # four small products are faster than one
        W_T, product, out = blocks(W_T, 4), np.matmul, by_gate
    half = np.array(0.5, a.real.dtype)  # sigmoid(a) = tanh(a / 2) / 2 + 1 / 2
    scale = np.full((B, 4 * H), half)
    scale[:, 3 * H :] = 1
    steps = zip(a, gates, gates[:, :3], i, f, o, g, cs[:-1], hs[:-1], cs[1:], hs[1:], tanh_c, strict=True)
    for a_t, gates_t, sigmoids, i_t, f_t, o_t, g_t, c_prev, h_prev, c, h, tanh_c_t in steps:
        product(h_prev, W_T, out=out)
        a_t += row
        np.multiply(a_t, scale, out=row)
        np.tanh(by_gate, out=gates_t)
        sigmoids *= half
        sigmoids += half
        np.multiply(f_t, c_prev, out=c)
        c += i_t * g_t
        np.tanh(c, out=tanh_c_t)
        np.multiply(o_t, tanh_c_t, out=h)
    return Trace(xs, a, i, f, o, g, cs[1:], cs[:-1], tanh_c, hs[1:], hs[:-1])


def state(trace, t=-1):
    """The State after step t, of (B, H)."""
    return State(trace.h[t], trace.c[t])


def backward(params, trace, dhs, dstate=None):
    """(dparams, dxs, dstate0) from dhs (T, B, H), dL/dh_t by way of each step's output, and dstate.

    dstate is what comes in from the future; it and dstate0 are States (dh, dc) of (B, H). dxs is None for ids.
    ValueError when dhs or dstate has another shape than the trace.
    """
    x, a, i, f, o, g, _, c_prev, tanh_c, h, h_prev = trace
    check_shape("dhs", dhs, h.shape, "(T, B, H)")
    dh_next, dc_next = np.zeros((2, *h.shape[1:]), h.dtype) if dstate is None else dstate
    check_shape("dh of dstate", dh_next, h.shape[1:], "(B, H)")
    check_shape("dc of dstate", dc_next, h.shape[1:], "(B, H)")

    T, B, H = h.shape
    W_h = params.W_h if B == 1 else aligned(params.W_h).reshape(4, H, H)  # four small products are faster than one
    da = empty((T, 4, B, H), np.result_type(a, dhs, dh_next, dc_next))
    da_i, da_f, da_o, da_g = da.transpose(1, 0, 2, 3)
    # for all steps at once what da_t is per dc_t (o: per dh_t); the loop multiplies by these
    np.multiply(g, i * (1 - i), out=da_i)  # c_t = f_t * c_{t-1} + i_t * g_t
    np.multiply(c_prev, f * (1 - f), out=da_f)
    np.multiply(i, 1 - g * g, out=da_g)
    np.multiply(h, 1 - o, out=da_o)  # h_t = o_t * tanh(c_t)
    c_slope = o - h * tanh_c
    steps = zip(*(array[::-1] for array in (da, da_i, da_f, da_o, da_g, dhs, c_slope, f)), strict=True)
    for da_t, da_i_t, da_f_t, da_o_t, da_g_t, dh_t, c_slope_t, f_t in steps:
        dh = dh_t + dh_next
        da_o_t *= dh
        dc = dc_next + dh * c_slope_t
        da_i_t *= dc
        da_f_t *= dc
        da_g_t *= dc
        dc_next = dc * f_t
        # a_t = W_x x_t + W_h h_{t-1} + b
        dh_next = da_t.reshape(1, -1).dot(W_h) if B == 1 else np.matmul(da_t, W_h).sum(axis=0)
    da = da.transpose(0, 2, 1, 3).reshape(a.shape)
    dW_x = weight_gradient(da, x, params.W_x)
    dW_h = weight_gradient(da, h_prev, params.W_h)
    dxs = x_gradient(da, x, params.W_x)
    return Params(dW_x, dW_h, bias_gradient(da)), dxs, State(dh_next, dc_next)


def jacobians(params, trace):
    """d(h_t, c_t) / d(h_{t-1}, c_{t-1}) for every step: (T, B, 2H, 2H), rows and columns in the order h, c.

    dc_t = f_t * dc_{t-1} + (g_t i'_t W_i + c_{t-1} f'_t W_f + i_t g'_t W_g) dh_{t-1}
    dh_t = o_t tanh'(c_t) * dc_t + tanh(c_t) o'_t W_o dh_{t-1}
    """
    _, a, i, f, o, g, c, c_prev, tanh_c, _, _ = trace
    H = i.shape[-1]
    W_i, W_f, W_o, W_g = np.split(params.W_h, 4)
    # sigmoid(a) = (1 + tanh(a / 2)) / 2, so its derivative is tanh'(a / 2) / 4
    i_slope, f_slope, o_slope = blocks(d_tanh(0.5 * a[..., : 3 * H]) / 4, 3)
    g_slope, tanh_slope = d_tanh(a[..., 3 * H :]), d_tanh(c)
    dc_dh = (g * i_slope)[..., None] * W_i + (c_prev * f_slope)[..., None] * W_f + (i * g_slope)[..., None] * W_g
    dc_dc = f[..., None] * np.eye(H, dtype=f.dtype)
    shown = (o * tanh_slope)[..., None]
    return np.block([[shown * dc_dh + (tanh_c * o_slope)[..., None] * W_o, shown * dc_dc], [dc_dh, dc_dc]])
