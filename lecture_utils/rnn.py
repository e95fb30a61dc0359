"""The plain recurrent cell: one hidden vector h, the same weights at every step.

    h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h)

Sections 1.1-1.4 of the lecture; J. Elman, "Finding structure in time" (1990). Backward (section 3.1): each step's
gradient comes from its own output and from the next step; the gradients of the shared weights add up over the steps.
"""

from typing import NamedTuple

import numpy as np

from lecture_utils.functions import bias_gradient, check_shape, check_sizes, d_tanh, opened, weight_gradient, x_gradient


class Params(NamedTuple):
    """The weights of the cell."""

    W_xh: np.ndarray  # (H, V)
    W_hh: np.ndarray  # (H, H)
    b_h: np.ndarray  # (H,)


class Trace(NamedTuple):
    """Everything that one pass computed; over time (T, B, .), after `step` without the time axis."""

    x: np.ndarray  # (T, B, V), or (T, B) ids
    a: np.ndarray  # (T, B, H), the pre-activation: h = tanh(a)
    h: np.ndarray  # (T, B, H)
    h_prev: np.ndarray  # (T, B, H), the same memory as h, one step earlier


def init(rng, V, H):
    """Params with weights uniform in +-1/sqrt(H) and zero biases."""
    check_sizes(V=V, H=H)
    bound = 1 / np.sqrt(H)
    return Params(rng.uniform(-bound, bound, (H, V)), rng.uniform(-bound, bound, (H, H)), np.zeros(H))


def step(params, x, h_prev):
    """The Trace of one step: x (V,) or (B, V), h_prev (H,) or (B, H)."""
    W_xh, W_hh, b_h = params
    a = x @ W_xh.T + h_prev @ W_hh.T + b_h
    h = np.tanh(a)
    return Trace(x, a, h, h_prev)


def forward(params, xs, state0=None):
    """The Trace of all steps: xs (T, B, V) numbers or (T, B) ids, state0 (B, H), None for zeros.

    ValueError for arrays whose shapes do not fit together, ids out of range, and numbers that are not finite.
    """
    xs, a, h_0 = opened(params, xs, 1, state0=state0)
    T, B, H = a.shape
    hs = np.empty((T + 1, B, H), a.dtype)
    hs[0] = h_0
    W_T = np.ascontiguousarray(params.W_hh.T)  # the same numbers row by row: a third faster at every step
    h_prev = hs[0]
    for a_t, h in zip(a, hs[1:], strict=True):
        a_t += h_prev.dot(W_T)
        h_prev = np.tanh(a_t, out=h)
    return Trace(xs, a, hs[1:], hs[:-1])


def state(trace, t=-1):
    """The state after step t, h_t: (B, H)."""
    return trace.h[t]


def backward(params, trace, dhs, dstate=None):
    """The gradients (dparams, dxs, dstate0) of a loss L; dxs is None for ids.

    dhs (T, B, H) is dL/dh_t by way of each step's output, dstate (B, H) what comes in from the future, None for zeros.
    ValueError when the shape of dhs or dstate is not that of the trace.
    """
    check_shape("dhs", dhs, trace.h.shape, "(T, B, H)")
    dh_next = np.zeros(trace.h.shape[1:], trace.h.dtype) if dstate is None else dstate
    check_shape("dstate", dh_next, trace.h.shape[1:], "(B, H)")

    da = (1 - trace.h * trace.h).astype(np.result_type(trace.h, dhs, dh_next), copy=False)  # h_t = tanh(a_t)
    for da_t, dh in zip(da[::-1], dhs[::-1], strict=True):
        da_t *= dh + dh_next
        dh_next = da_t.dot(params.W_hh)  # a_t = W_xh x_t + W_hh h_{t-1} + b_h
    dW_xh = weight_gradient(da, trace.x, params.W_xh)
    dW_hh = weight_gradient(da, trace.h_prev, params.W_hh)
    dxs = x_gradient(da, trace.x, params.W_xh)
    return Params(dW_xh, dW_hh, bias_gradient(da)), dxs, dh_next


def jacobians(params, trace):
    """dh_t / dh_{t-1} = diag(tanh'(a_t)) W_hh for every step: (T, B, H, H)."""
    return d_tanh(trace.a)[..., None] * params.W_hh


def dependence(params, trace):
    """How much each state depends on what came before: the Frobenius norms of dh_t/dh_s and of dh_t/dx_s, of the first
    sequence, two arrays (T, T) indexed [t, s] from 0; 0 where s > t."""
    steps, read = jacobians(params, trace)[:, 0], d_tanh(trace.a)[:, 0, :, None] * params.W_xh
    on_h, on_x = np.zeros((2, len(steps), len(steps)))
    for s in range(len(steps)):
        product = np.eye(len(params.b_h))
        for t in range(s, len(steps)):
            product = steps[t] @ product if t > s else product
            on_h[t, s], on_x[t, s] = np.linalg.norm(product), np.linalg.norm(product @ read[s])
    return on_h, on_x
