"""Backpropagation through time: the loss of a whole sequence, and its gradients.

    y_t = W_hy h_t + b_y                                  an output at every step; h_t comes from the cell
    L   = mean of loss(y_t, target_t)                     over the positions whose loss is switched on
    dL/dW = sum over t of (dL/da_t) (input of W at t)^T   the weights are shared, so the contributions add up

Sections 3.1-3.4 of the lecture. Forward over the whole sequence, then backward over the whole sequence; truncated BPTT
cuts the way back at the edges of pieces of k steps, while the state is still carried forward across them (the deck's
form, `gradients` with k), or lets each loss reach back k steps (`windowed_gradients`). Which inputs and losses are
switched on makes the kinds of RNN of section 1.5. P. Werbos, "Backpropagation through time: what it does and how to do
it" (1990); R. Williams and J. Peng, "An efficient gradient-based algorithm for on-line training of recurrent network
trajectories" (1990), for the sliding window.

A cell is a module with `init, forward, backward`: `rnn`, `lstm` or `gru`.
"""

import math
from functools import reduce
from itertools import islice
from operator import iadd
from typing import Any, NamedTuple

import numpy as np

from lecture_utils.functions import (
    CROSS_ENTROPY,
    all_finite,
    bias_gradient,
    check_finite,
    check_inputs,
    check_positive,
    check_shape,
    check_sizes,
    is_ids,
    leaves,
    one_hot,
    product,
    weight_gradient,
)
from lecture_utils.optimizers import global_norm

CACHED = 2**16  # numbers of h in a piece of the way back: short enough to be read again from the processor's cache


class Params(NamedTuple):
    """A cell and the output layer on its hidden state."""

    cell: Any  # the cell's own Params
    W_hy: np.ndarray  # (V_out, H)
    b_y: np.ndarray  # (V_out,)


class Result(NamedTuple):
    """What one pass forward and backward gives."""

    loss: float
    grads: Params
    dstate0: Any  # dL/dstate0, in the form of the cell's state
    trace: Any  # the cell's Trace
    outputs: np.ndarray  # (T, B, V_out)


def init(cell, rng, V, H, V_out=None, **cell_options):
    """Params with W_hy uniform in +-1/sqrt(H) and b_y zero; V_out outputs (None: V), options for the cell's init."""
    V_out = V if V_out is None else V_out
    check_sizes(V_out=V_out)
    cell_params = cell.init(rng, V, H, **cell_options)
    bound = 1 / np.sqrt(H)
    return Params(cell_params, rng.uniform(-bound, bound, (V_out, H)), np.zeros(V_out))


def forward(cell, params, xs, state0=None, x_mask=None):
    """(trace, outputs (T, B, V_out)); where x_mask, (T,) or (T, B) booleans, is False the input is the zero vector.

    ValueError for outputs that are not finite, beside what the cell's forward refuses.
    """
    if x_mask is not None:
        V = params.cell[0].shape[1]
        xs = check_inputs(xs, V)
        x_on = _positions("x_mask", x_mask, *xs.shape[:2])
        xs = (one_hot(xs, V, params.W_hy.dtype) if is_ids(xs) else xs) * x_on[..., None]
    trace = cell.forward(params.cell, xs, state0)
    check_shape("W_hy", params.W_hy, (len(params.b_y), trace.h.shape[-1]), "(V_out, H)")
    check_shape("b_y", params.b_y, (len(params.b_y),))
    if not all_finite(params[1:]):
        check_finite("W_hy", params.W_hy)
        check_finite("b_y", params.b_y)
    outputs = product(trace.h, params.W_hy.T) + params.b_y
    check_finite("outputs", outputs)  # finite weights and inputs may be too large for each other
    return trace, outputs


def loss(cell, params, xs, targets, state0=None, x_mask=None, y_mask=None, criterion=CROSS_ENTROPY):
    """The mean loss over the positions where y_mask, (T,) or (T, B) booleans, is True; ValueError if it is nowhere."""
    outputs = forward(cell, params, xs, state0, x_mask)[1]
    losses = criterion.value(outputs, targets)
    return losses.mean() if y_mask is None else losses[_loss_positions(y_mask, outputs)].mean()


def gradients(
    cell,
    params,
    xs,
    targets,
    state0=None,
    x_mask=None,
    y_mask=None,
    criterion=CROSS_ENTROPY,
    dstate=None,
    k=None,
):
    """The Result of one pass: the loss as in `loss`, and its gradients.

    dstate is what comes in from the future, by way of the last state. With k, BPTT is truncated: the sequence is cut
    into pieces of k steps, and no gradient passes from a piece to the one before (dstate0 is that of the first piece).
    """
    trace, outputs = forward(cell, params, xs, state0, x_mask)
    T = len(outputs)
    k = T if k is None else k
    check_sizes(k=k)
    mean_loss, d_outputs = output_gradients(outputs, targets, y_mask, criterion)
    dhs = product(d_outputs, params.W_hy)  # y_t = W_hy h_t + b_y
    n = max(1, CACHED // trace.h[0].size)  # the way back goes in short pieces, for speed alone
    dcells, stop = [], T
    for start in sorted({*range(0, T, k), *range(0, T, n)}, reverse=True):  # the last piece first
        dcell, _, dstate0 = cell.backward(params.cell, piece(trace, start, stop), dhs[start:stop], dstate)
        dcells.append(dcell)
        dstate, stop = None if start % k == 0 else dstate0, start
    return Result(mean_loss, _all_gradients(params, dcells, d_outputs, trace), dstate0, trace, outputs)


def windowed_gradients(cell, params, xs, targets, k, state0=None, x_mask=None, y_mask=None, criterion=CROSS_ENTROPY):
    """The Result of BPTT truncated to a sliding window: the loss of step t reaches back over the k steps t-k+1..t.

    dstate0 is what reaches the initial state. As in `gradients`, the forward pass and the loss are those of the whole
    sequence.
    """
    check_sizes(k=k)
    trace, outputs = forward(cell, params, xs, state0, x_mask)
    mean_loss, d_outputs = output_gradients(outputs, targets, y_mask, criterion)
    dhs = product(d_outputs, params.W_hy)  # y_t = W_hy h_t + b_y
    dcells, arrived = zip(*islice(_lags(cell, params, trace, dhs), k), strict=True)
    dstate0 = sum(arrived)
    dstate0 = dstate0 if dstate0.ndim == 2 else type(cell.state(trace))(*dstate0)
    return Result(mean_loss, _all_gradients(params, dcells, d_outputs, trace), dstate0, trace, outputs)


def lag_gradients(cell, params, xs, targets, state0=None, x_mask=None, y_mask=None, criterion=CROSS_ENTROPY):
    """The gradient of `gradients` by the cell's weights, split by lag: the cell's Params of arrays (T, ...).

    Entry n sums, over all steps t, what the loss of step t has to say about the weights as they were used at step t - n.
    The entries add up to the whole gradient; those below k to that of `windowed_gradients`.
    """
    trace, outputs = forward(cell, params, xs, state0, x_mask)
    dhs = product(output_gradients(outputs, targets, y_mask, criterion)[1], params.W_hy)
    dcells = [dcell for dcell, _ in _lags(cell, params, trace, dhs)]
    return type(params.cell)(*map(np.array, zip(*dcells, strict=True)))


def _lags(cell, params, trace, dhs):
    """For lags 0..T-1 the cell's gradients of the losses of all steps t at once, each at step t - lag, as one batch; and
    what of them has arrived at the initial state."""
    T, B, H = dhs.shape
    dstate = None
    for n in range(T, 0, -1):  # steps that have one so many steps later
        steps = type(trace)(*(field[:n].reshape(1, n * B, *field.shape[2:]) for field in trace))
        dh = (dhs if n == T else np.zeros_like(dhs[:n])).reshape(1, n * B, H)
        dcell, _, dstate = cell.backward(params.cell, steps, dh, dstate)
        dstate = np.asarray(dstate)
        yield dcell, dstate[..., :B, :]
        dstate = dstate[..., B:, :]


def output_gradients(outputs, targets, y_mask=None, criterion=CROSS_ENTROPY):
    """(L, dL/doutputs (T, B, V_out)) of the mean loss L over the positions where y_mask is True."""
    losses, d_losses = criterion.value_and_slope(outputs, targets)
    if y_mask is None:
        d_losses /= losses.size  # L = mean of loss_t
        return losses.sum() / losses.size, d_losses.astype(outputs.dtype, copy=False)
    y_on = _loss_positions(y_mask, outputs)
    d_losses = np.where(y_on[..., None], d_losses, 0)
    return losses[y_on].mean(), (d_losses / y_on.sum()).astype(outputs.dtype)


def piece(trace, start, stop):
    """The part of a Trace from index start up to stop, as views."""
    return type(trace)(*(field[start:stop] for field in trace))


def _all_gradients(params, dcells, d_outputs, trace):
    """The Params of gradients: the cell's parts summed, and those of the output layer."""
    dcell = type(params.cell)(*(reduce(iadd, parts) for parts in zip(*dcells, strict=True)))
    return Params(dcell, weight_gradient(d_outputs, trace.h, params.W_hy), bias_gradient(d_outputs))


def compare(grads, reference):
    """(cosine of the angle, ratio of the lengths) of two gradients, each read as one vector.

    The cosine is nan where one of them is 0; the ratio is nan where the reference is.
    """
    length, reference_length = global_norm(grads), global_norm(reference)
    ratio = length / reference_length if reference_length else math.nan
    if not ratio > 0:
        return math.nan, ratio
    pairs = zip(leaves(grads), leaves(reference), strict=True)
    cosine = sum(float(np.sum((a / length) * (b / reference_length))) for (_, a), (_, b) in pairs)
    return max(-1.0, min(1.0, cosine)), ratio


def degrees(cosine):
    """The angle of a cosine, without the digits that arccos makes up near 0 and 180 degrees."""
    return round(float(np.degrees(np.arccos(cosine))), 3)


def bytes_kept(trace):
    """The bytes of memory that a trace's arrays read; h and h_prev share a buffer, and no byte counts twice."""
    lows, highs = [], []  # of the runs of bytes that an array reads
    for _, array in leaves(trace):
        axes, size = [*zip(array.shape, array.strides, strict=True)], array.itemsize
        while axes and axes[-1][1] == size:
            size *= axes.pop()[0]
        places = (np.arange(n) * stride for n, stride in axes)
        lows.append(reduce(np.add.outer, places, np.array(array.__array_interface__["data"][0])).ravel())
        highs.append(lows[-1] + size)
    low, high = np.concatenate(lows), np.concatenate(highs)
    order = np.argsort(low)
    low, seen = low[order], np.maximum.accumulate(high[order])
    return int((seen - np.maximum(low, np.append(low[0], seen[:-1]))).sum())


def _positions(name, mask, T, B):
    """The mask as (T, B) booleans; ValueError for another shape or type."""
    mask = np.asarray(mask)
    if mask.dtype != bool or mask.shape not in ((T,), (T, B)):
        allowed = f"booleans of shape (T,) = {(T,)} or (T, B) = {(T, B)}"
        raise ValueError(f"{name} has dtype {mask.dtype} and shape {mask.shape}, expected {allowed}")
    return np.broadcast_to(mask.reshape(T, -1), (T, B))


def _loss_positions(y_mask, outputs):
    """The positions (T, B) that count; ValueError if there is none."""
    T, B = outputs.shape[:2]
    y_on = _positions("y_mask", y_mask, T, B)
    if not y_on.any():
        raise ValueError(f"y_mask is False everywhere, expected at least one True, e.g. np.arange({T}) == {T - 1}")
    return y_on


def numerical_gradient(f, array, step=1e-6):
    """Central differences (f(x + step) - f(x - step)) / (2 step) of the number f(array) at every entry of the array."""
    check_positive(step=step)
    gradient = np.zeros(np.shape(array))
    for index in np.ndindex(gradient.shape):
        shift = np.zeros(gradient.shape)
        shift[index] = step
        gradient[index] = (f(array + shift) - f(array - shift)) / (2 * step)
    return gradient


def complex_step(f, array, step=1e-20):
    """Im f(x + i step) / step at every entry: nothing is subtracted, no digit is lost. f must take complex input."""
    check_positive(step=step)
    gradient = np.zeros(np.shape(array))
    for index in np.ndindex(gradient.shape):
        shift = np.zeros(gradient.shape, complex)
        shift[index] = 1j * step
        gradient[index] = np.imag(f(array + shift)) / step
    return gradient
