"""The plain cell against its formula in plain loops, the complex step, ONNX and PyTorch."""

import numpy as np
import pytest
from oracles import complex_step, plain_rnn

from lecture_utils import rnn
from lecture_utils.functions import one_hot


def example(T, B, V=3, H=5, seed=0):
    """Params with a bias that is not zero, inputs, a first state, and the generator."""
    rng = np.random.default_rng(seed)
    params = rnn.init(rng, V, H)._replace(b_h=rng.normal(size=H))
    return params, rng.normal(size=(T, B, V)), rng.normal(size=(B, H)), rng


SIZES = [(1, 1, 2, 1), (1, 3, 1, 4), (20, 1, 3, 5), (20, 3, 4, 2)]  # T, B, V, H


@pytest.mark.parametrize("sizes", SIZES)
def test_forward_is_the_formula(sizes):
    params, xs, h_0, _ = example(*sizes)
    trace = rnn.forward(params, xs, h_0)
    for b in range(sizes[1]):
        expected = plain_rnn.hidden_states(*(array.tolist() for array in (*params, xs[:, b], h_0[b])))
        np.testing.assert_allclose(trace.h[:, b], expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(trace.h, np.tanh(trace.a))


@pytest.mark.parametrize("sizes", SIZES)
def test_forward_is_repeated_step(sizes):
    params, xs, h, _ = example(*sizes)
    trace = rnn.forward(params, xs, h)
    for t in range(len(xs)):
        one = rnn.step(params, xs[t], h)
        alone = rnn.step(params, xs[t, 0], h[0])
        for name in rnn.Trace._fields:
            found = getattr(trace, name)[t]
            np.testing.assert_allclose(found, getattr(one, name), rtol=0, atol=1e-12)
            np.testing.assert_allclose(found[0], getattr(alone, name), rtol=0, atol=1e-12)
        h = one.h
        np.testing.assert_allclose(rnn.state(trace, t), h, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(rnn.state(trace), trace.h[-1])


def test_the_state_carries_a_sequence_on():
    params, xs, h_0, _ = example(7, 2)
    first = rnn.forward(params, xs[:3], h_0)
    second = rnn.forward(params, xs[3:], rnn.state(first))
    np.testing.assert_allclose(second.h, rnn.forward(params, xs, h_0).h[3:], rtol=0, atol=1e-14)


def test_ids_are_one_hot_vectors():
    params, _, h_0, rng = example(6, 2, V=4)
    ids = rng.integers(0, 4, (6, 2))
    by_id, by_vector = rnn.forward(params, ids, h_0), rnn.forward(params, one_hot(ids, 4), h_0)
    np.testing.assert_allclose(by_id.h, by_vector.h, rtol=0, atol=1e-14)
    dhs = rng.normal(size=by_id.h.shape)
    found, expected = rnn.backward(params, by_id, dhs), rnn.backward(params, by_vector, dhs)
    np.testing.assert_allclose(found[0].W_xh, expected[0].W_xh, rtol=0, atol=1e-13)
    assert found[1] is None


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_backward_is_the_derivative(sizes, ids):
    params, xs, h_0, rng = example(*sizes)
    if ids:
        xs = rng.integers(0, sizes[2], sizes[:2])
    complex_step.assert_backward(rnn, params, xs, h_0, rng)


def test_backward_without_a_future_and_from_zeros():
    params, xs, h_0, rng = example(4, 2)
    zeros = np.zeros_like(h_0)
    trace = rnn.forward(params, xs)
    np.testing.assert_array_equal(trace.h, rnn.forward(params, xs, zeros).h)
    dhs = rng.normal(size=trace.h.shape)
    for found, expected in zip(rnn.backward(params, trace, dhs), rnn.backward(params, trace, dhs, zeros), strict=True):
        np.testing.assert_equal(found, expected)


def test_backward_changes_nothing_and_repeats():
    params, xs, h_0, rng = example(5, 2)
    trace, dhs, dstate = rnn.forward(params, xs, h_0), rng.normal(size=(5, 2, 5)), rng.normal(size=(2, 5))
    given = [*params, *trace, dhs, dstate]
    before = [array.copy() for array in given]
    first, second = rnn.backward(params, trace, dhs, dstate), rnn.backward(params, trace, dhs, dstate)
    np.testing.assert_equal(given, before)
    np.testing.assert_equal(first, second)


@pytest.mark.parametrize("sizes", SIZES)
def test_jacobians_are_the_derivative_of_a_step(sizes):
    params, xs, h_0, _ = example(*sizes)
    complex_step.assert_jacobians(rnn, params, xs, h_0)


def test_the_saturated_toy():
    """Section 3.3 with x = (1, 1, 1), h_0 = 0: dh_3/dh_1 = 5.6e-9; far out tanh' is 4 exp(-2a), not 0."""
    toy = rnn.Params(np.array([[2.0]]), np.array([[3.0]]), np.array([1.0]))
    jacobians = rnn.jacobians(toy, rnn.forward(toy, np.ones((3, 1, 1))))[:, 0, 0, 0]
    assert jacobians[1] * jacobians[2] == pytest.approx(5.6e-9, rel=0.01)
    far = rnn.jacobians(toy, rnn.forward(toy, np.full((1, 1, 1), -15.5)))  # a = -30
    assert far.item() == pytest.approx(3 * 4 * np.exp(-60), rel=1e-12, abs=0)


def test_onnx():
    pytest.importorskip("onnx")
    from oracles import onnx_rnn

    params, xs, h_0, _ = example(20, 3)
    np.testing.assert_allclose(
        rnn.forward(params, xs, h_0).h, onnx_rnn.hidden_states(params, xs, h_0), rtol=0, atol=1e-5
    )


@pytest.mark.parametrize("sizes", SIZES)
def test_torch(sizes):
    torch = pytest.importorskip("torch")
    T, B, V, H = sizes
    params, xs, h_0, rng = example(*sizes)
    dhs, dstate = rng.normal(size=(T, B, H)), rng.normal(size=(B, H))
    net = torch.nn.RNN(V, H, dtype=torch.float64)
    with torch.no_grad():
        for theirs, ours in zip(net.parameters(), (*params, np.zeros(H)), strict=True):
            theirs.copy_(torch.from_numpy(ours))
    x, h = torch.tensor(xs, requires_grad=True), torch.tensor(h_0[None], requires_grad=True)
    output, last = net(x, h)
    ((output * torch.from_numpy(dhs)).sum() + (last * torch.from_numpy(dstate)).sum()).backward()

    trace = rnn.forward(params, xs, h_0)
    complex_step.assert_close(trace.h, output.detach().numpy())
    dparams, dxs, dstate0 = rnn.backward(params, trace, dhs, dstate)
    theirs = [net.weight_ih_l0, net.weight_hh_l0, net.bias_ih_l0, x]
    for found, expected in zip((*dparams, dxs, dstate0[None]), (*theirs, h), strict=True):
        complex_step.assert_close(found, expected.grad.numpy())


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_dtype_is_kept(dtype, ids):
    params, xs, _, rng = example(4, 2)
    params = rnn.Params(*(array.astype(dtype) for array in params))
    xs = rng.integers(0, 3, (4, 2)) if ids else xs.astype(dtype)
    trace = rnn.forward(params, xs)
    dparams, dxs, dstate0 = rnn.backward(params, trace, np.ones((4, 2, 5), dtype))
    arrays = [trace.a, trace.h, trace.h_prev, *dparams, dstate0, rnn.jacobians(params, trace)]
    assert {array.dtype for array in arrays + ([] if ids else [dxs])} == {np.dtype(dtype)}


def test_integer_weights_give_real_states():
    toy = rnn.Params(np.array([[2]]), np.array([[3]]), np.array([1]))
    trace = rnn.forward(toy, np.ones((3, 1, 1), int))
    assert trace.h[0].item() == pytest.approx(np.tanh(3))


def test_h_and_h_prev_share_their_memory():
    trace = rnn.forward(*example(5, 2)[:3])
    assert trace.h.base is trace.h_prev.base
    np.testing.assert_array_equal(trace.h[:-1], trace.h_prev[1:])


def test_init():
    params = rnn.init(np.random.default_rng(0), 30, 16)
    assert [array.shape for array in params] == [(16, 30), (16, 16), (16,)]
    assert 0.24 < np.abs(params.W_xh).max() <= 0.25  # 1 / sqrt(16)
    assert 0.24 < np.abs(params.W_hh).max() <= 0.25
    assert not params.b_h.any()
    np.testing.assert_equal(params, rnn.init(np.random.default_rng(0), 30, 16))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"W_hh": np.zeros((5, 4))}, r"W_hh has shape \(5, 4\), expected \(5, 5\)"),
        ({"b_h": np.zeros((2, 1))}, r"W_xh has shape \(5, 3\), expected \(2, 3\)"),
        ({"W_hh": np.full((5, 5), np.nan)}, r"W_hh\[0, 0\] is nan"),
        ({"b_h": np.array([0, 0, -np.inf, 0, 0])}, r"b_h\[2\] is -inf"),
        ({"xs": np.zeros((4, 2, 2))}, r"xs has shape \(4, 2, 2\), expected \(T, B, V\) = \(4, 2, 3\)"),
        ({"xs": np.zeros(4)}, r"xs has shape \(4,\).*e.g. np.zeros\(\(5, 1, 3\)\)"),
        ({"xs": np.zeros((0, 2, 3))}, r"xs has shape \(0, 2, 3\)"),
        ({"xs": np.full((4, 2, 3), np.inf)}, r"xs\[0, 0, 0\] is inf"),
        ({"xs": np.array([[0], [-1]])}, r"xs\[1, 0\] is -1, expected an integer from 0 to 2"),
        ({"xs": np.array([[0, 3]])}, r"xs\[0, 1\] is 3"),
        ({"xs": np.zeros((4, 3))}, "xs has dtype float64, expected integers"),
        ({"state0": np.zeros(5)}, r"state0 has shape \(5,\), expected \(B, H\) = \(2, 5\)"),
        ({"state0": np.zeros((2, 1))}, r"state0 has shape \(2, 1\)"),
    ],
)
def test_forward_refuses(change, message):
    params, xs, h_0, _ = example(4, 2)
    arguments = {**params._asdict(), "xs": xs, "state0": h_0, **change}
    with pytest.raises(ValueError, match=message):
        rnn.forward(rnn.Params(*(arguments[name] for name in params._fields)), arguments["xs"], arguments["state0"])


def test_backward_refuses():
    params, xs, _, _ = example(4, 2)
    trace = rnn.forward(params, xs)
    with pytest.raises(ValueError, match=r"dhs has shape \(2, 5\), expected \(T, B, H\) = \(4, 2, 5\)"):
        rnn.backward(params, trace, np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"dstate has shape \(5,\), expected \(B, H\) = \(2, 5\)"):
        rnn.backward(params, trace, trace.h, np.zeros(5))


@pytest.mark.parametrize("sizes", [{"V": 0, "H": 3}, {"V": 3, "H": -1}, {"V": 3, "H": 2.5}, {"V": True, "H": 2}])
def test_init_refuses(sizes):
    with pytest.raises(ValueError, match=r"expected a positive integer, e.g. [VH]=3"):
        rnn.init(np.random.default_rng(0), **sizes)


def test_the_dependence_of_states_is_that_of_complex_steps():
    rng = np.random.default_rng(3)
    params, xs = rnn.init(rng, 2, 3), rng.normal(size=(4, 1, 2))
    trace = rnn.forward(params, xs)
    on_h, on_x = rnn.dependence(params, trace)
    for s in range(4):
        for moved, width in ((on_h, 3), (on_x, 2)):
            columns = np.zeros((4, 3, width))
            for n in range(width):
                nudge = np.zeros((1, width), complex)
                nudge[0, n] = 1e-20j
                start = trace.h[s] + nudge if moved is on_h else rnn.step(params, xs[s] + nudge, trace.h_prev[s]).h
                later = rnn.forward(params, xs[s + 1 :], start).h if s < 3 else np.zeros((0, 1, 3))
                columns[s:, :, n] = np.concatenate([start[None], later])[:, 0].imag / 1e-20
            expected = np.sqrt((columns**2).sum(axis=(1, 2)))
            assert np.allclose(moved[:, s], expected, rtol=1e-10)
