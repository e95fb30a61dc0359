"""The LSTM against its formulas in plain loops, the complex step, ONNX, PyTorch, and the limits of its gates."""

import math

import numpy as np
import pytest
from oracles import complex_step, plain_gates

from lecture_utils import lstm
from lecture_utils.functions import one_hot


def example(T, B, V=3, H=5, seed=0):
    """Params with biases that are not zero, inputs, a first state, and the generator."""
    rng = np.random.default_rng(seed)
    params = lstm.init(rng, V, H)._replace(b=rng.normal(size=4 * H))
    return params, rng.normal(size=(T, B, V)), (rng.normal(size=(B, H)), rng.normal(size=(B, H))), rng


SIZES = [(1, 1, 2, 1), (1, 3, 1, 4), (20, 1, 3, 5), (20, 3, 4, 2)]  # T, B, V, H


@pytest.mark.parametrize("sizes", SIZES)
def test_forward_is_the_formula(sizes):
    params, xs, (h_0, c_0), _ = example(*sizes)
    trace = lstm.forward(params, xs, (h_0, c_0))
    for b in range(sizes[1]):
        hs, cs = plain_gates.lstm(params, xs[:, b].tolist(), h_0[b].tolist(), c_0[b].tolist())
        np.testing.assert_allclose(trace.h[:, b], hs, rtol=0, atol=1e-12)
        np.testing.assert_allclose(trace.c[:, b], cs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sizes", SIZES)
def test_forward_is_repeated_step(sizes):
    params, xs, state, _ = example(*sizes)
    trace = lstm.forward(params, xs, state)
    for t in range(len(xs)):
        one = lstm.step(params, xs[t], state)
        alone = lstm.step(params, xs[t, 0], (state[0][0], state[1][0]))
        for name in lstm.Trace._fields:
            found = getattr(trace, name)[t]
            np.testing.assert_allclose(found, getattr(one, name), rtol=0, atol=1e-12, err_msg=name)
            np.testing.assert_allclose(found[0], getattr(alone, name), rtol=0, atol=1e-12, err_msg=name)
        state = one.h, one.c
        np.testing.assert_allclose(lstm.state(trace, t), state, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(lstm.state(trace), (trace.h[-1], trace.c[-1]))


def test_a_state_has_names_and_a_plain_pair_will_do():
    params, xs, pair, rng = example(3, 2)
    trace = lstm.forward(params, xs, lstm.State(*pair))
    np.testing.assert_equal(trace, lstm.forward(params, xs, pair))
    assert isinstance(lstm.state(trace), lstm.State)
    dhs = rng.normal(size=trace.h.shape)
    _, _, dstate0 = lstm.backward(params, trace, dhs, lstm.State(h=pair[1], c=pair[0]))
    assert isinstance(dstate0, lstm.State)
    np.testing.assert_equal(dstate0, lstm.backward(params, trace, dhs, (pair[1], pair[0]))[2])


def test_the_state_and_its_gradient_carry_a_sequence_on():
    params, xs, state0, rng = example(7, 2)
    whole, first = lstm.forward(params, xs, state0), lstm.forward(params, xs[:3], state0)
    second = lstm.forward(params, xs[3:], lstm.state(first))
    np.testing.assert_allclose(second.c, whole.c[3:], rtol=0, atol=1e-14)
    dhs = rng.normal(size=whole.h.shape)
    late, _, between = lstm.backward(params, second, dhs[3:])
    early, _, dstate0 = lstm.backward(params, first, dhs[:3], between)
    dparams, _, expected = lstm.backward(params, whole, dhs)
    np.testing.assert_allclose(dstate0, expected, rtol=0, atol=1e-13)
    for found, array in zip(map(np.add, early, late), dparams, strict=True):
        np.testing.assert_allclose(found, array, rtol=0, atol=1e-13)


def test_ids_are_one_hot_vectors():
    params, _, state0, rng = example(6, 2, V=4)
    ids = rng.integers(0, 4, (6, 2))
    by_id, by_vector = lstm.forward(params, ids, state0), lstm.forward(params, one_hot(ids, 4), state0)
    np.testing.assert_allclose(by_id.h, by_vector.h, rtol=0, atol=1e-14)
    dhs = rng.normal(size=by_id.h.shape)
    found, expected = lstm.backward(params, by_id, dhs), lstm.backward(params, by_vector, dhs)
    np.testing.assert_allclose(found[0].W_x, expected[0].W_x, rtol=0, atol=1e-13)
    assert found[1] is None


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_backward_is_the_derivative(sizes, ids):
    params, xs, state0, rng = example(*sizes)
    if ids:
        xs = rng.integers(0, sizes[2], sizes[:2])
    complex_step.assert_backward(lstm, params, xs, state0, rng)


def test_backward_without_a_future_and_from_zeros():
    params, xs, _, rng = example(4, 2)
    zeros = np.zeros((2, 2, 5))
    trace = lstm.forward(params, xs)
    np.testing.assert_array_equal(trace.h, lstm.forward(params, xs, zeros).h)
    dhs = rng.normal(size=trace.h.shape)
    np.testing.assert_equal(lstm.backward(params, trace, dhs), lstm.backward(params, trace, dhs, zeros))


def test_nothing_given_is_changed_and_backward_repeats():
    params, xs, state0, rng = example(5, 2)
    trace, dhs, dstate = lstm.forward(params, xs, state0), rng.normal(size=(5, 2, 5)), tuple(rng.normal(size=(2, 2, 5)))
    given = [*params, *state0, *trace, dhs, *dstate]
    before = [array.copy() for array in given]
    first, second = (lstm.backward(params, trace, dhs, dstate) for _ in range(2))
    lstm.jacobians(params, trace)
    lstm.step(params, xs[0], state0)
    np.testing.assert_equal(given, before)
    np.testing.assert_equal(first, second)


@pytest.mark.parametrize("sizes", SIZES)
def test_jacobians_are_the_derivative_of_a_step(sizes):
    params, xs, state0, _ = example(*sizes)
    complex_step.assert_jacobians(lstm, params, xs, state0)


def test_the_jacobian_keeps_its_digits_where_a_gate_saturates():
    """sigmoid'(40) is exp(-40) to 17 digits, where f * (1 - f) gives 0; c_0 = 2 and W_f = 1 make it twice that."""
    params = lstm.Params(np.zeros((4, 1)), np.array([[0.0], [1.0], [0.0], [0.0]]), np.array([0.0, 40.0, 0.0, 0.0]))
    trace = lstm.forward(params, np.zeros((1, 1, 1)), np.array([[[0.0]], [[2.0]]]))
    assert lstm.jacobians(params, trace)[0, 0, 1, 0] == pytest.approx(2 * math.exp(-40), rel=1e-12, abs=0)


@pytest.mark.parametrize("sizes", SIZES)
def test_onnx(sizes):
    pytest.importorskip("onnx")
    from oracles import onnx_gates

    params, xs, state0, _ = example(*sizes)
    trace = lstm.forward(params, xs, state0)
    hs, *last = onnx_gates.lstm(params, xs, state0)
    np.testing.assert_allclose(trace.h, hs, rtol=0, atol=1e-12)
    np.testing.assert_allclose(lstm.state(trace), last, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sizes", SIZES)
def test_torch(sizes):
    torch = pytest.importorskip("torch")
    from oracles import torch_gates

    params, xs, (h_0, c_0), rng = example(*sizes)
    dhs, (dh, dc) = rng.normal(size=(*xs.shape[:2], sizes[3])), rng.normal(size=(2, *h_0.shape))
    net = torch_gates.module(torch.nn.LSTM, params, torch_gates.lstm_rows)
    x, h, c = (torch_gates.leaf(array) for array in (xs, h_0[None], c_0[None]))
    output, (h_T, c_T) = net(x, (h, c))
    pairs = [(output, dhs), (h_T[0], dh), (c_T[0], dc)]
    sum((tensor * torch.from_numpy(weight)).sum() for tensor, weight in pairs).backward()

    trace = lstm.forward(params, xs, (h_0, c_0))
    complex_step.assert_close(trace.h, output.detach().numpy())
    complex_step.assert_close(trace.c[-1], c_T[0].detach().numpy())
    dparams, dxs, (dh_0, dc_0) = lstm.backward(params, trace, dhs, (dh, dc))
    found = [*map(torch_gates.lstm_rows, dparams), dxs, dh_0[None], dc_0[None]]
    expected = [net.weight_ih_l0, net.weight_hh_l0, net.bias_ih_l0, x, h, c]
    for ours, theirs in zip(found, expected, strict=True):
        complex_step.assert_close(ours, theirs.grad.numpy())


def with_constant_gates(i, f):
    """An example of 50 steps whose input and forget gates look at nothing: their pre-activations are i and f."""
    params, xs, state0, _ = example(50, 2)
    looking = np.repeat([0.0, 0.0, 1.0, 1.0], 5)
    b = np.repeat([i, f, 0.0, 0.0], 5)
    return lstm.Params(params.W_x * looking[:, None], params.W_h * looking[:, None], b), xs, state0


def test_a_cell_that_writes_nothing_and_erases_nothing_keeps_its_state_exactly():
    params, xs, state0 = with_constant_gates(i=-1000.0, f=1000.0)
    trace = lstm.forward(params, xs, state0)
    np.testing.assert_array_equal(trace.c, np.broadcast_to(state0[1], (50, 2, 5)))
    dc_dc = lstm.jacobians(params, trace)[..., 5:, 5:]
    np.testing.assert_array_equal(dc_dc, np.broadcast_to(np.eye(5), (50, 2, 5, 5)))


def test_a_cell_that_writes_all_and_erases_all_holds_the_candidate():
    trace = lstm.forward(*with_constant_gates(i=1000.0, f=-1000.0))
    np.testing.assert_array_equal(trace.c, trace.g)


def test_without_weights_the_gates_stand_at_one_half():
    params = lstm.Params(np.zeros((20, 3)), np.zeros((20, 5)), np.zeros(20))
    trace = lstm.forward(params, np.ones((20, 1, 3)), (np.zeros((1, 5)), np.full((1, 5), 3.0)))
    for t in range(20):
        np.testing.assert_array_equal(trace.c[t], 3 / 2 ** (t + 1))
    np.testing.assert_array_equal(trace.h, np.tanh(trace.c) / 2)


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_dtype_is_kept(dtype, ids):
    params, xs, _, rng = example(4, 2)
    params = lstm.Params(*(array.astype(dtype) for array in params))
    xs = rng.integers(0, 3, (4, 2)) if ids else xs.astype(dtype)
    trace = lstm.forward(params, xs)
    dparams, dxs, dstate0 = lstm.backward(params, trace, np.ones((4, 2, 5), dtype))
    arrays = [*trace[1:], *dparams, *dstate0, lstm.jacobians(params, trace)]
    assert {array.dtype for array in arrays + ([] if ids else [dxs])} == {np.dtype(dtype)}
    if dtype == np.float32:
        double = lstm.forward(lstm.Params(*(array.astype(np.float64) for array in params)), xs)
        np.testing.assert_allclose(trace.h, double.h, rtol=0, atol=1e-6)


def test_integer_weights_give_real_states():
    toy = lstm.Params(np.zeros((4, 1), int), np.zeros((4, 1), int), np.array([0, 0, 0, 1]))
    trace = lstm.forward(toy, np.ones((3, 1, 1), int))
    assert trace.c[0].item() == pytest.approx(np.tanh(1) / 2)


def test_states_are_stored_once():
    trace = lstm.forward(*example(5, 2)[:3])
    for later, earlier in ((trace.h, trace.h_prev), (trace.c, trace.c_prev)):
        assert later.base is earlier.base
        np.testing.assert_array_equal(later[:-1], earlier[1:])


def test_init():
    params = lstm.init(np.random.default_rng(0), 30, 16, forget_bias=3, input_bias=-5)
    assert [array.shape for array in params] == [(64, 30), (64, 16), (64,)]
    assert 0.24 < np.abs(params.W_x).max() <= 0.25  # 1 / sqrt(16)
    assert 0.24 < np.abs(params.W_h).max() <= 0.25
    np.testing.assert_array_equal(params.b.reshape(4, 16)[:, 0], [-5, 3, 0, 0])
    np.testing.assert_array_equal(lstm.init(np.random.default_rng(0), 2, 1).b, [0, 1, 0, 0])
    np.testing.assert_equal(params, lstm.init(np.random.default_rng(0), 30, 16, forget_bias=3, input_bias=-5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"W_x": np.zeros((5, 3))}, r"W_x has shape \(5, 3\), expected \(20, 3\)"),
        ({"W_h": np.zeros((15, 5))}, r"W_h has shape \(15, 5\), expected \(20, 5\)"),
        ({"b": np.zeros((20, 1))}, r"b has shape \(20, 1\), expected \(20,\)"),
        ({"b": np.repeat([0, np.nan], 10)}, r"b\[10\] is nan"),
        ({"xs": np.zeros((4, 2, 2))}, r"xs has shape \(4, 2, 2\), expected \(T, B, V\) = \(4, 2, 3\)"),
        ({"xs": np.array([[0], [-1]])}, r"xs\[1, 0\] is -1, expected an integer from 0 to 2"),
        ({"state0": (np.zeros(5), np.zeros((2, 5)))}, r"h of state0 has shape \(5,\), expected \(B, H\) = \(2, 5\)"),
        ({"state0": (np.zeros((2, 5)), np.zeros((2, 1)))}, r"c of state0 has shape \(2, 1\)"),
    ],
)
def test_forward_refuses(change, message):
    params, xs, state0, _ = example(4, 2)
    arguments = {**params._asdict(), "xs": xs, "state0": state0, **change}
    with pytest.raises(ValueError, match=message):
        lstm.forward(lstm.Params(*(arguments[name] for name in params._fields)), arguments["xs"], arguments["state0"])


def test_backward_refuses():
    params, xs, _, _ = example(4, 2)
    trace = lstm.forward(params, xs)
    with pytest.raises(ValueError, match=r"dhs has shape \(2, 5\), expected \(T, B, H\) = \(4, 2, 5\)"):
        lstm.backward(params, trace, np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"dh of dstate has shape \(5,\), expected \(B, H\) = \(2, 5\)"):
        lstm.backward(params, trace, trace.h, (np.zeros(5), np.zeros((2, 5))))
    with pytest.raises(ValueError, match=r"dc of dstate has shape \(5,\)"):
        lstm.backward(params, trace, trace.h, (np.zeros((2, 5)), np.zeros(5)))


def test_init_refuses():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="V is 0, expected a positive integer"):
        lstm.init(rng, 0, 3)
    with pytest.raises(ValueError, match=r"H is 2.5, expected a positive integer"):
        lstm.init(rng, 3, 2.5)
    with pytest.raises(ValueError, match=r"b\[4\] is nan"):
        lstm.init(rng, 3, 4, forget_bias=math.nan)
