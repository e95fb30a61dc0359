"""Derivatives by the complex step, Im f(x + ih) / h, and a cell's gradients and Jacobians held against them."""

import numpy as np


def derivative(f, array, h=1e-30):
    """d f(array) / d array: the shape of f's value, then the shape of the array."""
    array = np.asarray(array)
    columns = []
    for index in np.ndindex(array.shape):
        moved = array.astype(complex)
        moved[index] += 1j * h
        columns.append(np.imag(f(moved)) / h)
    return np.stack(columns, axis=-1).reshape((*np.shape(columns[0]), *array.shape))


def assert_close(found, expected, tolerance=1e-12):
    """The difference is small by norm, beside the norm of the expected array."""
    assert np.shape(found) == np.shape(expected)
    assert np.linalg.norm(np.subtract(found, expected)) <= tolerance * np.linalg.norm(expected)


def parts(state):
    """The arrays of a state: one for rnn and gru, (h, c) for lstm."""
    return list(state) if isinstance(state, tuple) else [state]


def like(state, arrays):
    """The arrays in the form of the state."""
    return tuple(arrays) if isinstance(state, tuple) else arrays[0]


def replaced(arrays, index, array):
    """A list with one array exchanged."""
    return [array if i == index else other for i, other in enumerate(arrays)]


def assert_backward(cell, params, xs, state0, rng, tolerance=1e-12):
    """cell.backward is right for a loss that weighs every h_t and the last state by random numbers."""
    trace = cell.forward(params, xs, state0)
    dhs = rng.normal(size=trace.h.shape)
    dstate = like(state0, [rng.normal(size=part.shape) for part in parts(state0)])

    def loss(params=params, xs=xs, state0=state0):
        trace = cell.forward(params, xs, state0)
        last = zip(parts(cell.state(trace)), parts(dstate), strict=True)
        return (dhs * trace.h).sum() + sum((weight * part).sum() for part, weight in last)

    dparams, dxs, dstate0 = cell.backward(params, trace, dhs, dstate)
    assert type(dparams) is type(params)
    for i, array in enumerate(params):
        expected = derivative(lambda moved, i=i: loss(params=type(params)(*replaced(params, i, moved))), array)
        assert_close(dparams[i], expected, tolerance)
    if np.ndim(xs) == 3:
        assert_close(dxs, derivative(lambda moved: loss(xs=moved), xs), tolerance)
    else:
        assert dxs is None
    for i, array in enumerate(parts(state0)):
        expected = derivative(lambda moved, i=i: loss(state0=like(state0, replaced(parts(state0), i, moved))), array)
        assert_close(parts(dstate0)[i], expected, tolerance)


def assert_jacobians(cell, params, xs, state0, tolerance=1e-12):
    """cell.jacobians is right at every step: the derivative of `step` by the state before it, h then c."""
    trace = cell.forward(params, xs, state0)
    found = cell.jacobians(params, trace)
    T, B = trace.h.shape[:2]
    state, H = state0, trace.h.shape[-1]
    for t in range(T):
        for b in range(B):

            def next_state(flat, t=t, b=b):
                before = like(state0, [flat[i : i + H] for i in range(0, flat.size, H)])
                after = cell.step(params, xs[t, b], before)
                return np.concatenate([after.h, after.c] if isinstance(state0, tuple) else [after.h])

            expected = derivative(next_state, np.concatenate([part[b] for part in parts(state)]))
            assert_close(found[t, b], expected, tolerance)
        state = cell.state(trace, t)
    assert found.shape[:2] == (T, B)
