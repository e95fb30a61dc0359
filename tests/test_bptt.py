"""Loss and gradients of a sequence against plain loops, the complex step and PyTorch; masks and truncation."""

import importlib
import math

import numpy as np
import pytest
from oracles import plain_rnn
from oracles.complex_step import assert_close, derivative, like, parts, replaced

from lecture_utils import bptt, gradients, gru, lstm, rnn
from lecture_utils.functions import CROSS_ENTROPY, SQUARED_ERROR, leaves, one_hot, rebuild

CELLS = [importlib.import_module(f"lecture_utils.{name}") for name in ("rnn", "lstm", "gru")]


def example(cell=rnn, T=6, B=2, V=3, H=4, V_out=5, ids=True, criterion=CROSS_ENTROPY):
    """Params with no zero bias, and the other arguments of `loss` and `gradients`."""
    rng = np.random.default_rng(3)
    params = bptt.init(cell, rng, V, H, V_out)
    params = rebuild(params, [array + 0.1 * rng.normal(size=array.shape) for _, array in leaves(params)])
    xs = rng.integers(0, V, (T, B)) if ids else rng.normal(size=(T, B, V))
    targets = rng.integers(0, V_out, (T, B)) if criterion is CROSS_ENTROPY else rng.normal(size=(T, B, V_out))
    state0 = cell.state(cell.forward(params.cell, xs[::-1]))
    return params, xs, targets, {"state0": state0, "criterion": criterion}


def assert_gradients(grads, params, loss):
    """Every array of grads is the derivative of loss(params)."""
    arrays = [array for _, array in leaves(params)]
    for i, (_, found) in enumerate(leaves(grads)):
        assert_close(found, derivative(lambda moved, i=i: loss(rebuild(params, replaced(arrays, i, moved))), arrays[i]))


def test_loss_in_plain_loops():
    params, xs, targets, options = example()
    losses = []
    for b in range(2):
        one_hots = one_hot(xs, 3)[:, b].tolist()
        weights = [array.tolist() for array in params.cell]
        hs = plain_rnn.hidden_states(*weights, one_hots, options["state0"][b].tolist())
        for h, target in zip(hs, targets[:, b], strict=True):
            y = plain_rnn.logits(params.W_hy.tolist(), params.b_y.tolist(), h)
            losses.append(plain_rnn.cross_entropy(y, target))
    assert bptt.loss(rnn, params, xs, targets, **options) == pytest.approx(sum(losses) / 12, rel=1e-13)
    result = bptt.gradients(rnn, params, xs, targets, **options)
    assert result.loss == pytest.approx(sum(losses) / 12, rel=1e-13)
    np.testing.assert_array_equal(result.outputs, bptt.forward(rnn, params, xs, options["state0"])[1])


@pytest.mark.parametrize("criterion", [CROSS_ENTROPY, SQUARED_ERROR])
@pytest.mark.parametrize("sizes", [(1, 1), (1, 3), (20, 1), (20, 3)])
@pytest.mark.parametrize("ids", [False, True])
def test_gradients_are_the_derivative(sizes, ids, criterion):
    params, xs, targets, options = example(rnn, *sizes, ids=ids, criterion=criterion)
    result = bptt.gradients(rnn, params, xs, targets, **options)
    assert_gradients(result.grads, params, lambda moved: bptt.loss(rnn, moved, xs, targets, **options))
    expected = derivative(lambda h: bptt.loss(rnn, params, xs, targets, h, criterion=criterion), options["state0"])
    assert_close(result.dstate0, expected)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("columns", [False, True])
def test_gradients_with_masks_and_a_future(cell, columns):
    """Inputs and losses switched on by step or by position, and a gradient that comes in from the future."""
    params, xs, targets, options = example(cell)
    options["x_mask"] = np.array([True, False, True, True, False, True])
    options["y_mask"] = np.array([False, True, False, False, True, True])
    if columns:
        options["x_mask"] = np.stack([options["x_mask"], ~options["x_mask"]], axis=1)
        options["y_mask"] = np.stack([options["y_mask"], np.arange(6) == 0], axis=1)
    state0 = options["state0"]
    rng = np.random.default_rng(4)
    dstate = like(state0, [rng.normal(size=part.shape) for part in parts(state0)])

    def loss(moved):
        last = cell.state(bptt.forward(cell, moved, xs, state0, options["x_mask"])[0])
        future = sum((d * part).sum() for d, part in zip(parts(dstate), parts(last), strict=True))
        return bptt.loss(cell, moved, xs, targets, **options) + future

    result = bptt.gradients(cell, params, xs, targets, **options, dstate=dstate)
    assert_gradients(result.grads, params, loss)
    assert type(result.grads) is bptt.Params and type(result.grads.cell) is cell.Params


def test_masks_by_their_definition():
    params, xs, targets, options = example()
    x_mask = np.array([True, False, True, True, False, True])
    y_mask = np.arange(12).reshape(6, 2) % 5 == 0
    vectors = one_hot(xs, 3)
    vectors[~x_mask] = 0
    outputs = bptt.forward(rnn, params, vectors, options["state0"])[1]
    for inputs in (xs, one_hot(xs, 3)):
        np.testing.assert_allclose(bptt.forward(rnn, params, inputs, options["state0"], x_mask)[1], outputs, atol=1e-14)
    on = [CROSS_ENTROPY.value(outputs[t, b], targets[t, b]) for t in range(6) for b in range(2) if y_mask[t, b]]
    assert bptt.loss(rnn, params, xs, targets, **options, x_mask=x_mask, y_mask=y_mask) == pytest.approx(np.mean(on))


def test_no_input_at_all_is_allowed_and_what_is_off_does_not_count():
    params, xs, _, _ = example()
    silent = bptt.forward(rnn, params, xs, x_mask=np.zeros(6, bool))[1]
    np.testing.assert_array_equal(silent, bptt.forward(rnn, params, np.zeros((6, 2, 3)))[1])
    targets = np.full((6, 2, 5), np.nan)
    targets[-1] = 0
    last = np.arange(6) == 5
    result = bptt.gradients(rnn, params, xs, targets, y_mask=last, criterion=SQUARED_ERROR)
    assert all(np.isfinite(array).all() for _, array in leaves(result.grads))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("k", [1, 2, 4])
def test_truncated_gradients_hold_the_carried_state_constant(cell, k):
    """The truncated gradient is that of the pieces' summed losses where each piece's first state is a mere number."""
    params, xs, targets, options = example(cell)
    options["y_mask"] = np.array([True, True, False, False, True, True])  # with k = 2 one piece has no loss
    trace = bptt.forward(cell, params, xs, options["state0"])[0]
    starts = [cell.state(trace, start - 1) if start else options["state0"] for start in range(0, 6, k)]

    def loss(moved):
        total = 0
        for start, state0 in zip(range(0, 6, k), starts, strict=True):
            piece = slice(start, start + k)
            outputs = bptt.forward(cell, moved, xs[piece], state0)[1]
            total += CROSS_ENTROPY.value(outputs, targets[piece])[options["y_mask"][piece]].sum()
        return total / 8

    result = bptt.gradients(cell, params, xs, targets, **options, k=k)
    assert_gradients(result.grads, params, loss)
    assert result.loss == pytest.approx(bptt.loss(cell, params, xs, targets, **options), rel=1e-14)


def test_pieces_longer_than_the_sequence_cut_nothing():
    params, xs, targets, options = example()
    full = bptt.gradients(rnn, params, xs, targets, **options)
    for k in (6, 7, 100):
        np.testing.assert_equal(bptt.gradients(rnn, params, xs, targets, **options, k=k), full)


def test_the_future_reaches_the_last_piece_only():
    params, xs, targets, options = example()
    future = np.ones((2, 4))
    with_future = bptt.gradients(rnn, params, xs, targets, **options, dstate=future, k=2)
    without = bptt.gradients(rnn, params, xs, targets, **options, k=2)
    piece = rnn.Trace(*(field[4:] for field in without.trace))
    expected = rnn.backward(params.cell, piece, np.zeros((2, 2, 4)), future)[0]
    for a, b, c in zip(with_future.grads.cell, without.grads.cell, expected, strict=True):
        np.testing.assert_allclose(a - b, c, rtol=0, atol=1e-14)


def test_torch():
    torch = pytest.importorskip("torch")
    params, xs, targets, options = example()
    weights = [torch.tensor(array, requires_grad=True) for _, array in leaves(params)]
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h = torch.tensor(options["state0"])
    logits = []
    for x in torch.eye(3, dtype=torch.float64)[torch.tensor(xs)]:
        h = torch.tanh(x @ W_xh.T + h @ W_hh.T + b_h)
        logits.append(h @ W_hy.T + b_y)
    loss = torch.nn.functional.cross_entropy(torch.cat(logits), torch.tensor(targets).flatten())
    loss.backward()
    result = bptt.gradients(rnn, params, xs, targets, **options)
    assert result.loss == pytest.approx(loss.item(), rel=1e-13)
    for (_, found), expected in zip(leaves(result.grads), weights, strict=True):
        assert_close(found, expected.grad.numpy())


@pytest.mark.parametrize("cell", CELLS)
def test_first_loss_is_close_to_ln_v(cell):
    rng = np.random.default_rng(0)
    params = bptt.init(cell, rng, 50, 64)
    assert params.W_hy.shape == (50, 64) and not params.b_y.any()
    assert np.abs(params.W_hy).max() <= 1 / 8
    ids = rng.integers(0, 50, (2, 40, 8))
    assert bptt.loss(cell, params, *ids) == pytest.approx(math.log(50), rel=0.02)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("masked", [False, True])
def test_float32_is_kept(cell, masked):
    params, xs, targets, _ = example(cell, criterion=SQUARED_ERROR)
    params = rebuild(params, [array.astype(np.float32) for _, array in leaves(params)])
    options = {"x_mask": np.ones(6, bool), "y_mask": np.arange(6) > 2} if masked else {}
    result = bptt.gradients(cell, params, xs, targets, **options, criterion=SQUARED_ERROR)
    assert {array.dtype for _, array in [*leaves(result.grads), ("", result.outputs)]} == {np.dtype(np.float32)}


def test_gradients_change_nothing_and_repeat():
    params, xs, targets, options = example()
    given = [array for _, array in leaves(params)] + [xs, targets, options["state0"]]
    before = [array.copy() for array in given]
    first = bptt.gradients(rnn, params, xs, targets, **options)
    np.testing.assert_equal(bptt.gradients(rnn, params, xs, targets, **options), first)
    np.testing.assert_equal(given, before)


def test_derivative_tools():
    array = np.array([[0.5, -1.0], [2.0, 0.0]])

    def f(x):
        return (np.sin(x) * x**2).sum()

    exact = np.cos(array) * array**2 + 2 * np.sin(array) * array
    np.testing.assert_allclose(bptt.complex_step(f, array), exact, rtol=1e-14, atol=1e-30)
    np.testing.assert_allclose(bptt.numerical_gradient(f, array), exact, rtol=1e-8, atol=1e-9)
    coarse = [np.abs(bptt.numerical_gradient(f, array, step) - exact).max() for step in (1e-2, 1e-3)]
    assert coarse[0] / coarse[1] == pytest.approx(100, rel=0.01)  # the error of central differences is O(step^2)
    assert bptt.complex_step(np.exp, 1.0) == pytest.approx(math.e, rel=1e-15)


def test_central_differences_agree_with_backpropagation():
    """What the notebook does on the spot (section 3.1)."""
    params, xs, targets, options = example()
    grads = bptt.gradients(rnn, params, xs, targets, **options).grads

    def loss(W_hh):
        return bptt.loss(rnn, params._replace(cell=params.cell._replace(W_hh=W_hh)), xs, targets, **options)

    assert_close(bptt.numerical_gradient(loss, params.cell.W_hh), grads.cell.W_hh, 1e-8)
    assert_close(bptt.complex_step(loss, params.cell.W_hh), grads.cell.W_hh)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"y_mask": np.zeros(6, bool)},
            r"y_mask is False everywhere, expected at least one True, e.g. np.arange\(6\) == 5",
        ),
        ({"y_mask": np.ones(5, bool)}, r"y_mask has dtype bool and shape \(5,\), expected .* \(T, B\) = \(6, 2\)"),
        ({"x_mask": np.ones((2, 6), bool)}, r"x_mask has dtype bool and shape \(2, 6\)"),
        ({"x_mask": np.ones(6)}, "x_mask has dtype float64"),
        ({"targets": np.zeros((6, 1), int)}, r"targets has shape \(6, 1\), expected \(6, 2\)"),
        ({"targets": np.full((6, 2), -1)}, r"targets\[0, 0\] is -1, expected an integer from 0 to 4"),
        ({"xs": np.full((6, 2), 3)}, r"xs\[0, 0\] is 3, expected an integer from 0 to 2"),
        ({"xs": np.full((6, 2), 3), "x_mask": np.ones(6, bool)}, r"xs\[0, 0\] is 3"),
        ({"k": 0}, "k is 0, expected a positive integer"),
        ({"W_hy": np.zeros((5, 3))}, r"W_hy has shape \(5, 3\), expected \(V_out, H\) = \(5, 4\)"),
        ({"W_hy": np.full((5, 4), np.nan)}, r"W_hy\[0, 0\] is nan"),
        ({"b_y": np.zeros((5, 1))}, r"b_y has shape \(5, 1\), expected \(5,\)"),
        ({"b_y": np.array([0, 0, 0, 0, np.inf])}, r"b_y\[4\] is inf"),
        ({"cell": rnn.Params(np.zeros((4, 3)), np.full((4, 4), np.inf), np.zeros(4))}, r"W_hh\[0, 0\] is inf"),
    ],
)
def test_odd_inputs_are_refused(change, message):
    params, xs, targets, options = example()
    params = params._replace(**{name: change.pop(name) for name in params._fields if name in change})
    with pytest.raises(ValueError, match=message):
        bptt.gradients(rnn, params, **{"xs": xs, "targets": targets, **options, **change})


def test_init_refuses():
    with pytest.raises(ValueError, match="V_out is 0, expected a positive integer"):
        bptt.init(rnn, np.random.default_rng(0), 3, 4, 0)


@pytest.mark.parametrize("cell", CELLS)
def test_weights_begin_uniform_on_both_sides_of_zero(cell):
    H = 64
    for name, array in leaves(bptt.init(cell, np.random.default_rng(3), V=40, H=H)):
        if array.ndim == 2:  # W, not b
            assert np.abs(array).max() <= H**-0.5
            assert abs(array.mean()) < 0.1 * H**-0.5, name
            assert array.std() == pytest.approx(H**-0.5 / math.sqrt(3), rel=0.05), name


@pytest.mark.parametrize("cell", [rnn, lstm, gru])
@pytest.mark.parametrize("k", [None, 3])
def test_the_pieces_of_the_way_back_that_are_for_speed_change_nothing(cell, k, monkeypatch):
    params, xs, targets, options = example(cell)
    options |= {"dstate": 2 * np.array(options["state0"]), "k": k}
    whole = bptt.gradients(cell, params, xs, targets, **options)
    for size in (1, 2 * 8, 4 * 8):  # pieces of 1, 2 and 4 steps; h has 2 x 4 numbers
        monkeypatch.setattr(bptt, "CACHED", size)
        found = bptt.gradients(cell, params, xs, targets, **options)
        assert_close(found.dstate0, whole.dstate0)
        for (_, one), (_, other) in zip(leaves(found.grads), leaves(whole.grads), strict=True):
            assert_close(one, other)


# ---- the gradient, split by lag
@pytest.mark.parametrize("cell", CELLS)
def test_a_lag_holds_what_each_loss_says_of_the_weights_so_many_steps_before(cell):
    """The weights of one step alone are moved by a complex step, one entry after another; the loss of each step is seen."""
    params, xs, targets, options = example(cell, T=4, V=2, H=2, V_out=3)
    lags = bptt.lag_gradients(cell, params, xs, targets, **options)
    vectors, tiny = np.eye(2)[xs], 1e-20

    def losses(moved, s):
        state, found = options["state0"], []
        for t, x in enumerate(vectors):
            trace = cell.step(moved if t == s else params.cell, x, state)
            state = trace.h if cell is not lstm else lstm.State(trace.h, trace.c)
            found.append(CROSS_ENTROPY.value(trace.h @ params.W_hy.T + params.b_y, targets[t]).mean() / 4)
        return np.array(found).imag / tiny

    for i, array in enumerate(params.cell):
        expected = np.zeros((4, *array.shape))
        for index in np.ndindex(array.shape):
            for s in range(4):
                changed = array.astype(complex)
                changed[index] += 1j * tiny
                moved = params.cell._replace(**{params.cell._fields[i]: changed})
                for t, slope in enumerate(losses(moved, s)):
                    expected[(t - s, *index)] += slope if t >= s else 0
        np.testing.assert_allclose(lags[i], expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("cell", CELLS)
def test_the_lags_add_up_to_the_gradient_and_the_first_ones_to_a_windows(cell):
    params, xs, targets, options = example(cell, T=9, B=3, ids=False)
    x_mask, y_mask = np.arange(9) != 4, np.arange(9) > 2
    options |= {"x_mask": x_mask, "y_mask": y_mask}
    lags = bptt.lag_gradients(cell, params, xs, targets, **options)
    whole = bptt.gradients(cell, params, xs, targets, **options).grads.cell
    for lag, all_of_it in zip(lags, whole, strict=True):
        assert lag.shape == (9, *all_of_it.shape)
        np.testing.assert_allclose(lag.sum(axis=0), all_of_it, rtol=1e-10, atol=1e-14)
    for k in (1, 4, 9, 12):
        window = bptt.windowed_gradients(cell, params, xs, targets, k, **options).grads.cell
        for lag, seen in zip(lags, window, strict=True):
            np.testing.assert_allclose(lag[:k].sum(axis=0), seen, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    ("cell", "options", "first", "last", "far"),
    [
        (rnn, {}, (0.5, 1.1), (0, 1e-6), (0, 0.03)),
        (lstm, {"forget_bias": 0.0}, (0.4, 0.8), (0, 1e-6), (0, 0.03)),
        (lstm, {"forget_bias": 3.0}, (0.03, 0.2), (3e-3, 0.05), (0.4, 0.9)),
        (gru, {"keep_bias": 0.0}, (0.3, 0.8), (0, 1e-6), (0, 0.03)),
        (gru, {"keep_bias": 3.0}, (0.05, 0.15), (1e-3, 0.01), (0.3, 0.8)),
    ],
)
def test_far_lags_vanish_unless_a_gate_keeps_and_the_gradient_never_does(cell, options, first, last, far):
    """What notebooks 04 to 06 say of 30 seeds: shares of lags 0 and 40 and of all from 10 on in the gradient by W_h."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        params = bptt.init(cell, rng, 4, 16, **options)
        xs, targets = rng.integers(0, 4, (2, 50, 8))
        lags = bptt.lag_gradients(cell, params, xs, targets)[1]
        parts = [np.linalg.norm(part) for part in (lags[0], lags[40], sum(lags[10:]))] / np.linalg.norm(sum(lags))
        np.testing.assert_allclose(gradients.lag_shares(cell, seed, (0, 40), **options), parts, rtol=1e-10)
        for part, (low, high) in zip(parts, (first, last, far), strict=True):
            assert low <= part <= high, seed
