"""The GRU against its formulas in plain loops, the complex step, ONNX, PyTorch, and the limits of its gates."""

import math

import numpy as np
import pytest
from oracles import complex_step, plain_gates

from lecture_utils import gru, rnn
from lecture_utils.functions import one_hot


def example(T, B, V=3, H=5, seed=0):
    """Params with biases that are not zero, inputs, a first state, and the generator."""
    rng = np.random.default_rng(seed)
    params = gru.init(rng, V, H)._replace(b=rng.normal(size=3 * H))
    return params, rng.normal(size=(T, B, V)), rng.normal(size=(B, H)), rng


SIZES = [(1, 1, 2, 1), (1, 3, 1, 4), (20, 1, 3, 5), (20, 3, 4, 2)]  # T, B, V, H


@pytest.mark.parametrize("sizes", SIZES)
def test_forward_is_the_formula(sizes):
    params, xs, h_0, _ = example(*sizes)
    trace = gru.forward(params, xs, h_0)
    for b in range(sizes[1]):
        hs = plain_gates.gru(params, xs[:, b].tolist(), h_0[b].tolist())
        np.testing.assert_allclose(trace.h[:, b], hs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sizes", SIZES)
def test_forward_is_repeated_step(sizes):
    params, xs, h, _ = example(*sizes)
    trace = gru.forward(params, xs, h)
    for t in range(len(xs)):
        one = gru.step(params, xs[t], h)
        alone = gru.step(params, xs[t, 0], h[0])
        for name in gru.Trace._fields:
            found = getattr(trace, name)[t]
            np.testing.assert_allclose(found, getattr(one, name), rtol=0, atol=1e-12, err_msg=name)
            np.testing.assert_allclose(found[0], getattr(alone, name), rtol=0, atol=1e-12, err_msg=name)
        h = one.h
        np.testing.assert_allclose(gru.state(trace, t), h, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(gru.state(trace), trace.h[-1])


def test_the_state_and_its_gradient_carry_a_sequence_on():
    params, xs, h_0, rng = example(7, 2)
    whole, first = gru.forward(params, xs, h_0), gru.forward(params, xs[:3], h_0)
    second = gru.forward(params, xs[3:], gru.state(first))
    np.testing.assert_allclose(second.h, whole.h[3:], rtol=0, atol=1e-14)
    dhs = rng.normal(size=whole.h.shape)
    late, _, between = gru.backward(params, second, dhs[3:])
    early, _, dstate0 = gru.backward(params, first, dhs[:3], between)
    dparams, _, expected = gru.backward(params, whole, dhs)
    np.testing.assert_allclose(dstate0, expected, rtol=0, atol=1e-13)
    for found, array in zip(map(np.add, early, late), dparams, strict=True):
        np.testing.assert_allclose(found, array, rtol=0, atol=1e-13)


def test_ids_are_one_hot_vectors():
    params, _, h_0, rng = example(6, 2, V=4)
    ids = rng.integers(0, 4, (6, 2))
    by_id, by_vector = gru.forward(params, ids, h_0), gru.forward(params, one_hot(ids, 4), h_0)
    np.testing.assert_allclose(by_id.h, by_vector.h, rtol=0, atol=1e-14)
    dhs = rng.normal(size=by_id.h.shape)
    found, expected = gru.backward(params, by_id, dhs), gru.backward(params, by_vector, dhs)
    np.testing.assert_allclose(found[0].W_x, expected[0].W_x, rtol=0, atol=1e-13)
    assert found[1] is None


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_backward_is_the_derivative(sizes, ids):
    params, xs, h_0, rng = example(*sizes)
    if ids:
        xs = rng.integers(0, sizes[2], sizes[:2])
    complex_step.assert_backward(gru, params, xs, h_0, rng)


def test_backward_without_a_future_and_from_zeros():
    params, xs, h_0, rng = example(4, 2)
    zeros = np.zeros_like(h_0)
    trace = gru.forward(params, xs)
    np.testing.assert_array_equal(trace.h, gru.forward(params, xs, zeros).h)
    dhs = rng.normal(size=trace.h.shape)
    np.testing.assert_equal(gru.backward(params, trace, dhs), gru.backward(params, trace, dhs, zeros))


def test_nothing_given_is_changed_and_backward_repeats():
    params, xs, h_0, rng = example(5, 2)
    trace, dhs, dstate = gru.forward(params, xs, h_0), rng.normal(size=(5, 2, 5)), rng.normal(size=(2, 5))
    given = [*params, h_0, *trace, dhs, dstate]
    before = [array.copy() for array in given]
    first, second = (gru.backward(params, trace, dhs, dstate) for _ in range(2))
    gru.jacobians(params, trace)
    gru.step(params, xs[0], h_0)
    np.testing.assert_equal(given, before)
    np.testing.assert_equal(first, second)


@pytest.mark.parametrize("sizes", SIZES)
def test_jacobians_are_the_derivative_of_a_step(sizes):
    params, xs, h_0, _ = example(*sizes)
    complex_step.assert_jacobians(gru, params, xs, h_0)


def test_the_jacobian_keeps_its_digits_where_a_gate_saturates():
    """sigmoid'(40) is exp(-40) to 17 digits, where z * (1 - z) gives 0; h_0 = -2, W_z = 1, and the candidate is 0."""
    params = gru.Params(np.zeros((3, 1)), np.array([[1.0], [0.0], [0.0]]), np.array([42.0, 0.0, 0.0]))
    trace = gru.forward(params, np.zeros((1, 1, 1)), np.array([[-2.0]]))
    assert trace.z.item() == 1
    assert gru.jacobians(params, trace).item() == pytest.approx(2 * math.exp(-40), rel=1e-12, abs=0)


@pytest.mark.parametrize("sizes", SIZES)
def test_onnx(sizes):
    pytest.importorskip("onnx")
    from oracles import onnx_gates

    params, xs, h_0, _ = example(*sizes)
    trace = gru.forward(params, xs, h_0)
    hs, h_T = onnx_gates.gru(params, xs, h_0)
    np.testing.assert_allclose(trace.h, hs, rtol=0, atol=1e-12)
    np.testing.assert_allclose(gru.state(trace), h_T, rtol=0, atol=1e-12)


def ours_and_torchs(r_bias):
    """(ours, PyTorch's): h, the gradients of the weights, of the inputs and of h_0, from the same weights."""
    torch = pytest.importorskip("torch")
    from oracles import torch_gates

    params, xs, h_0, rng = example(20, 3)
    params.b[5:10] = r_bias
    dhs, dstate = rng.normal(size=(20, 3, 5)), rng.normal(size=(3, 5))
    net = torch_gates.module(torch.nn.GRU, params, torch_gates.gru_rows)
    x, h = torch_gates.leaf(xs), torch_gates.leaf(h_0[None])
    output, last = net(x, h)
    ((output * torch.from_numpy(dhs)).sum() + (last[0] * torch.from_numpy(dstate)).sum()).backward()
    theirs = [leaf.grad.numpy() for leaf in (net.weight_ih_l0, net.weight_hh_l0, net.bias_ih_l0, x, h)]

    trace = gru.forward(params, xs, h_0)
    dparams, dxs, dstate0 = gru.backward(params, trace, dhs, dstate)
    ours = [trace.h, *map(torch_gates.gru_rows, dparams), dxs, dstate0[None]]
    return ours, [output.detach().numpy(), *theirs]


def test_torch_is_the_same_with_an_open_reset_gate_and_z_swapped():
    for ours, theirs in zip(*ours_and_torchs(r_bias=1000.0), strict=True):
        complex_step.assert_close(ours, theirs)


def test_torch_is_another_function_when_the_reset_gate_closes():
    """It applies r after the product: with the same weights its states are others."""
    (h, *_), (theirs, *_) = ours_and_torchs(r_bias=0.0)
    assert np.abs(h - theirs).max() > 0.01


def with_constant_gates(z, r):
    """An example of 50 steps whose gates look at nothing: their pre-activations are z and r."""
    params, xs, h_0, _ = example(50, 2)
    looking = np.repeat([0.0, 0.0, 1.0], 5)
    b = np.concatenate([np.repeat([z, r], 5), params.b[10:]])
    return gru.Params(params.W_x * looking[:, None], params.W_h * looking[:, None], b), xs, h_0


def test_a_cell_that_renews_nothing_keeps_its_state_exactly():
    params, xs, h_0 = with_constant_gates(z=-1000.0, r=0.0)
    trace = gru.forward(params, xs, h_0)
    np.testing.assert_array_equal(trace.h, np.broadcast_to(h_0, (50, 2, 5)))
    np.testing.assert_array_equal(gru.jacobians(params, trace), np.broadcast_to(np.eye(5), (50, 2, 5, 5)))


def test_a_cell_that_renews_all_and_sees_all_is_the_plain_rnn():
    params, xs, h_0 = with_constant_gates(z=1000.0, r=1000.0)
    plain = rnn.Params(params.W_x[10:], params.W_h[10:], params.b[10:])
    trace, expected = gru.forward(params, xs, h_0), rnn.forward(plain, xs, h_0)
    np.testing.assert_allclose(trace.h, expected.h, rtol=0, atol=1e-12)
    np.testing.assert_allclose(gru.jacobians(params, trace), rnn.jacobians(plain, expected), rtol=0, atol=1e-12)


def test_a_cell_that_renews_all_and_sees_nothing_forgets_the_past():
    params, xs, h_0 = with_constant_gates(z=1000.0, r=-1000.0)
    expected = np.tanh(xs @ params.W_x[10:].T + params.b[10:])
    np.testing.assert_allclose(gru.forward(params, xs, h_0).h, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_dtype_is_kept(dtype, ids):
    params, xs, _, rng = example(4, 2)
    params = gru.Params(*(array.astype(dtype) for array in params))
    xs = rng.integers(0, 3, (4, 2)) if ids else xs.astype(dtype)
    trace = gru.forward(params, xs)
    dparams, dxs, dstate0 = gru.backward(params, trace, np.ones((4, 2, 5), dtype))
    arrays = [*trace[1:], *dparams, dstate0, gru.jacobians(params, trace)]
    assert {array.dtype for array in arrays + ([] if ids else [dxs])} == {np.dtype(dtype)}
    if dtype == np.float32:
        double = gru.forward(gru.Params(*(array.astype(np.float64) for array in params)), xs)
        np.testing.assert_allclose(trace.h, double.h, rtol=0, atol=1e-6)


def test_integer_weights_give_real_states():
    toy = gru.Params(np.zeros((3, 1), int), np.zeros((3, 1), int), np.array([0, 0, 1]))
    trace = gru.forward(toy, np.ones((3, 1, 1), int))
    assert trace.h[0].item() == pytest.approx(np.tanh(1) / 2)


def test_h_and_h_prev_share_their_memory():
    trace = gru.forward(*example(5, 2)[:3])
    assert trace.h.base is trace.h_prev.base
    np.testing.assert_array_equal(trace.h[:-1], trace.h_prev[1:])


def test_init():
    params = gru.init(np.random.default_rng(0), 30, 16, keep_bias=3)
    assert [array.shape for array in params] == [(48, 30), (48, 16), (48,)]
    assert 0.24 < np.abs(params.W_x).max() <= 0.25  # 1 / sqrt(16)
    assert 0.24 < np.abs(params.W_h).max() <= 0.25
    np.testing.assert_array_equal(params.b.reshape(3, 16)[:, 0], [-3, 0, 0])
    assert not gru.init(np.random.default_rng(0), 2, 1).b.any()
    np.testing.assert_equal(params, gru.init(np.random.default_rng(0), 30, 16, keep_bias=3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"W_x": np.zeros((5, 3))}, r"W_x has shape \(5, 3\), expected \(15, 3\)"),
        ({"W_h": np.zeros((10, 5))}, r"W_h has shape \(10, 5\), expected \(15, 5\)"),
        ({"b": np.zeros((15, 1))}, r"b has shape \(15, 1\), expected \(15,\)"),
        ({"b": np.repeat([0, np.nan, 0], 5)}, r"b\[5\] is nan"),
        ({"xs": np.zeros((4, 2, 2))}, r"xs has shape \(4, 2, 2\), expected \(T, B, V\) = \(4, 2, 3\)"),
        ({"xs": np.array([[0], [-1]])}, r"xs\[1, 0\] is -1, expected an integer from 0 to 2"),
        ({"state0": np.zeros((2, 1))}, r"state0 has shape \(2, 1\), expected \(B, H\) = \(2, 5\)"),
    ],
)
def test_forward_refuses(change, message):
    params, xs, h_0, _ = example(4, 2)
    arguments = {**params._asdict(), "xs": xs, "state0": h_0, **change}
    with pytest.raises(ValueError, match=message):
        gru.forward(gru.Params(*(arguments[name] for name in params._fields)), arguments["xs"], arguments["state0"])


def test_backward_refuses():
    params, xs, _, _ = example(4, 2)
    trace = gru.forward(params, xs)
    with pytest.raises(ValueError, match=r"dhs has shape \(2, 5\), expected \(T, B, H\) = \(4, 2, 5\)"):
        gru.backward(params, trace, np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"dstate has shape \(5,\), expected \(B, H\) = \(2, 5\)"):
        gru.backward(params, trace, trace.h, np.zeros(5))


def test_init_refuses():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="V is 0, expected a positive integer"):
        gru.init(rng, 0, 3)
    with pytest.raises(ValueError, match=r"H is 2.5, expected a positive integer"):
        gru.init(rng, 3, 2.5)
    with pytest.raises(ValueError, match=r"b\[0\] is nan"):
        gru.init(rng, 3, 4, keep_bias=math.nan)
