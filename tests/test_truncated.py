"""Truncated BPTT, in pieces and as a sliding window, against loops and the complex step; angle, length, memory; training."""

import importlib
import math
from itertools import islice

import numpy as np
import pytest
from oracles.complex_step import assert_close, derivative, parts, replaced

from lecture_utils import bptt, gradients, gru, lstm, rnn, truncated
from lecture_utils.functions import CROSS_ENTROPY, SQUARED_ERROR, leaves, one_hot, rebuild

CELLS = [importlib.import_module(f"lecture_utils.{name}") for name in ("rnn", "lstm", "gru")]
T, B, V, H = 6, 2, 3, 4


def example(cell, ids=True, seed=0):
    rng = np.random.default_rng(seed)
    params = bptt.init(cell, rng, V, H)
    params = rebuild(params, [array + 0.2 * rng.normal(size=array.shape) for _, array in leaves(params)])
    xs = rng.integers(0, V, (T, B)) if ids else rng.normal(size=(T, B, V))
    y_mask = np.array([True, True, False, True, True, True])
    options = {"state0": cell.state(cell.forward(params.cell, xs[::-1])), "y_mask": y_mask}
    return params, xs, rng.integers(0, V, (T, B)), options


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("k", [1, 2, 4, 5])
def test_a_window_holds_the_state_before_it_constant(cell, ids, k):
    """By definition: the loss of step t, run from the state before step t - k + 1 as a mere number; then the sum."""
    params, xs, targets, options = example(cell, ids)
    trace = bptt.forward(cell, params, xs, options["state0"])[0]

    def loss(moved):
        total = 0
        for t in range(T):
            first = max(0, t - k + 1)
            before = cell.state(trace, first - 1) if first else options["state0"]
            outputs = bptt.forward(cell, moved, xs[first : t + 1], before)[1][-1]
            total += CROSS_ENTROPY.value(outputs, targets[t]).sum() * options["y_mask"][t]
        return total / (5 * B)

    result = bptt.windowed_gradients(cell, params, xs, targets, k, **options)
    arrays = [array for _, array in leaves(params)]
    for i, (_, found) in enumerate(leaves(result.grads)):
        assert_close(found, derivative(lambda moved, i=i: loss(rebuild(params, replaced(arrays, i, moved))), arrays[i]))
    assert result.loss == bptt.loss(cell, params, xs, targets, **options)
    assert type(result.grads.cell) is cell.Params


@pytest.mark.parametrize("truncation", ["pieces", "window"])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 6, 9])
def test_the_rnn_in_plain_loops(truncation, k):
    """From each loss back, one step after the other, as far as the truncation lets it."""
    params, xs, targets, options = example(rnn)
    trace, outputs = bptt.forward(rnn, params, xs, options["state0"])
    W_hh = params.cell.W_hh
    dW_xh, dW_hh, db_h, dh_0 = np.zeros((H, V)), np.zeros((H, H)), np.zeros(H), np.zeros((B, H))
    for b in range(B):
        for t in range(T):
            if not options["y_mask"][t]:
                continue
            weights = np.exp(outputs[t, b])
            dy = weights / weights.sum()
            dy[targets[t, b]] -= 1
            dh = params.W_hy.T @ dy / (5 * B)
            first = t // k * k if truncation == "pieces" else max(0, t - k + 1)
            for s in range(t, first - 1, -1):
                da = dh * (1 - trace.h[s, b] ** 2)
                dW_xh += np.outer(da, np.eye(V)[xs[s, b]])
                dW_hh += np.outer(da, trace.h_prev[s, b])
                db_h += da
                dh = W_hh.T @ da
            if first == 0:
                dh_0[b] += dh
    if truncation == "pieces":
        result = bptt.gradients(rnn, params, xs, targets, k=k, **options)
    else:
        result = bptt.windowed_gradients(rnn, params, xs, targets, k, **options)
    for found, expected in zip(result.grads.cell, (dW_xh, dW_hh, db_h), strict=True):
        assert_close(found, expected)
    assert_close(result.dstate0, dh_0)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("k", [T, T + 1, 100])
def test_nothing_is_cut_from_k_equal_T_on(cell, k):
    params, xs, targets, options = example(cell)
    full = bptt.gradients(cell, params, xs, targets, **options)
    np.testing.assert_equal(bptt.gradients(cell, params, xs, targets, k=k, **options), full)  # the same bits
    window = bptt.windowed_gradients(cell, params, xs, targets, k, **options)
    assert window.loss == full.loss
    for (_, found), (_, expected) in zip(leaves(window.grads), leaves(full.grads), strict=True):
        assert_close(found, expected)
    assert type(window.dstate0) is type(full.dstate0)
    for found, expected in zip(parts(window.dstate0), parts(full.dstate0), strict=True):
        assert_close(found, expected)


def test_window_and_pieces_agree_only_at_the_ends():
    params, xs, targets, options = example(gru)

    def both(k):
        pieces = bptt.gradients(gru, params, xs, targets, k=k, **options)
        return pieces.grads, bptt.windowed_gradients(gru, params, xs, targets, k, **options).grads

    for k in (1, T):
        cosine, ratio = bptt.compare(*both(k))
        assert cosine == pytest.approx(1, abs=1e-14) and ratio == pytest.approx(1, rel=1e-13)
    assert bptt.compare(*both(3))[0] < 1 - 1e-6


def test_a_window_with_inputs_switched_off_changes_nothing_it_was_given():
    params, xs, targets, options = example(lstm)
    x_mask = np.array([True, False, True, True, False, True])
    vectors = one_hot(xs, V) * x_mask[:, None, None]
    given = [array for _, array in leaves(params)] + [xs, targets, *options["state0"]]
    before = [array.copy() for array in given]
    found = bptt.windowed_gradients(lstm, params, xs, targets, 3, x_mask=x_mask, **options)
    np.testing.assert_equal(given, before)
    np.testing.assert_equal(found, bptt.windowed_gradients(lstm, params, vectors, targets, 3, **options))


def test_float32_is_kept_and_k_is_checked():
    params, xs, targets, _ = example(lstm)
    params = rebuild(params, [array.astype(np.float32) for _, array in leaves(params)])
    result = bptt.windowed_gradients(lstm, params, xs, targets, 2)
    assert {array.dtype for _, array in leaves(result.grads)} == {np.dtype(np.float32)}
    for k in (0, -1, 2.0, True):
        with pytest.raises(ValueError, match=f"k is {k}, expected a positive integer"):
            bptt.windowed_gradients(lstm, params, xs, targets, k)


def test_torch_detach():
    """Pieces are what PyTorch does when the state is detached between them."""
    torch = pytest.importorskip("torch")
    from oracles import torch_gates

    params, xs, targets, options = example(lstm)
    module = torch_gates.module(torch.nn.LSTM, params.cell, torch_gates.lstm_rows)
    W_hy, b_y = torch_gates.leaf(params.W_hy), torch_gates.leaf(params.b_y)
    state = tuple(torch.tensor(part)[None] for part in options["state0"])
    total = 0
    for start in range(0, T, 2):
        hs, state = module(torch.tensor(one_hot(xs[start : start + 2], V)), state)
        state = tuple(part.detach() for part in state)
        logits = (hs @ W_hy.T + b_y)[options["y_mask"][start : start + 2]]
        wanted = torch.tensor(targets[start : start + 2])[options["y_mask"][start : start + 2]]
        total = total + torch.nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="sum") / 10
    total.backward()
    result = bptt.gradients(lstm, params, xs, targets, k=2, **options)
    ours = [torch_gates.lstm_rows(array) for array in result.grads.cell]
    theirs = [module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0, W_hy, b_y]
    for found, expected in zip([*ours, result.grads.W_hy, result.grads.b_y], theirs, strict=True):
        assert_close(found, expected.grad.numpy())


# ---- tools
def test_output_gradients_against_the_complex_step():
    rng = np.random.default_rng(1)
    outputs, targets = rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 2, 4))
    y_mask = np.array([[True, False], [False, False], [True, True]])

    def loss(outputs):
        return ((outputs - targets) ** 2).sum(axis=-1)[y_mask].mean()

    value, found = bptt.output_gradients(outputs, targets, y_mask, SQUARED_ERROR)
    assert value == pytest.approx(loss(outputs), rel=1e-15)
    assert_close(found, derivative(loss, outputs))


def test_angle_and_length():
    params = example(rnn)[0]
    zero = rebuild(params, [np.zeros_like(array) for _, array in leaves(params)])

    def scaled(factor):
        return rebuild(params, [factor * array for _, array in leaves(params)])

    assert bptt.compare(scaled(3), params) == pytest.approx((1, 3))
    assert bptt.compare(scaled(-0.5), params) == pytest.approx((-1, 0.5))
    assert bptt.compare(scaled(1e-200), scaled(1e-190)) == pytest.approx((1, 1e-10))  # squares would vanish
    assert bptt.compare(scaled(-1), params)[0] >= -1 and bptt.compare(params, params)[0] <= 1  # arccos takes it
    x, y = zero._replace(b_y=np.array([2.0, 0, 0])), zero._replace(W_hy=np.eye(V, H))
    assert bptt.compare(x, y) == pytest.approx((0, 2 / math.sqrt(3)))
    both = zero._replace(b_y=np.array([1.0, 0, 0]), W_hy=np.eye(1, V * H).reshape(V, H))
    assert bptt.compare(x, both) == pytest.approx((math.cos(math.pi / 4), math.sqrt(2)))
    assert bptt.compare(np.array([3.0, 4.0]), np.array([3.0, 0.0])) == pytest.approx((0.6, 5 / 3))  # single arrays too
    cosine, ratio = bptt.compare(zero, params)
    assert math.isnan(cosine) and ratio == 0
    assert all(map(math.isnan, bptt.compare(params, zero)))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_bytes_kept_by_counting(dtype):
    """Per step and sequence: the inputs, each stored number; one more h (and c) for the initial state."""
    T, B, V, H, item = 10, 3, 5, 7, np.dtype(dtype).itemsize
    xs = np.zeros((T, B, V), dtype)
    for cell, stored, states in ((rnn, 1, 1), (lstm, 4 + 4 + 1, 2), (gru, 3 + 3, 1)):
        params = cell.init(np.random.default_rng(0), V, H)
        trace = cell.forward(type(params)(*(array.astype(dtype) for array in params)), xs)
        expected = item * (T * B * (V + stored * H) + (T + 1) * B * states * H)
        assert bptt.bytes_kept(trace) == expected
        assert bptt.bytes_kept(bptt.piece(trace, 2, 6)) == item * (4 * B * (V + stored * H) + 5 * B * states * H)


def test_gaps_between_numbers_are_not_kept_and_shared_numbers_are_kept_once():
    buffer = np.zeros((6, 5, 8))
    for views in (
        (buffer[:, ::2, :3], buffer[:, 1::2, 4:], buffer[1, 2]),
        (buffer[::-2, :, ::3], buffer[::2], np.broadcast_to(buffer[0, 0, ::4], (9, 2))),
        (buffer[:, :, 1], buffer.T[2:4], buffer[:0]),
    ):
        kept = {array.ctypes.data + sum(i * s for i, s in zip(index, array.strides, strict=True))
                for array in views for index in np.ndindex(array.shape)}  # fmt: skip
        assert bptt.bytes_kept(rnn.Params(*views)) == 8 * len(kept)


def test_a_piece_shares_the_trace_s_memory():
    params, xs, _, options = example(lstm)
    trace = lstm.forward(params.cell, xs, options["state0"])
    part = bptt.piece(trace, 2, 5)
    assert type(part) is lstm.Trace and part.h.shape == (3, B, H)
    assert all(np.shares_memory(a, b) for a, b in zip(part, trace, strict=True))
    np.testing.assert_array_equal(part.c_prev[0], trace.c[1])


# ---- path by path, and the training on `recall`
@pytest.mark.parametrize("form", truncated.FORMS)
@pytest.mark.parametrize("k", [1, 3, 4, 7])
def test_the_paths_that_are_kept_make_the_truncated_gradient(form, k):
    network = truncated.dial_network(7, 0.9, 0)
    found = truncated.FORMS[form](rnn, *network, k=k).grads.cell
    cosine, ratio = bptt.compare(found, bptt.gradients(rnn, *network).grads.cell)
    _, data = truncated.dial_paths(7, 0.9, 0)
    assert data["angles"][form][k - 1] == pytest.approx(math.degrees(math.acos(cosine)), abs=1e-3)
    assert data["ratios"][form][k - 1] == pytest.approx(ratio)
    expected = [[s <= t and (t // k == s // k if form == "pieces" else t - s < k) for s in range(7)] for t in range(7)]
    assert truncated.kept(form, 7, k).tolist() == expected


@pytest.mark.parametrize("k", [1, 3, 7])
def test_the_contributions_of_the_steps_add_up_to_the_gradient_in_pieces(k):
    network = truncated.dial_network(7, 0.9, 0)
    found = truncated.contributions(*network, CROSS_ENTROPY, range(k, 7, k))
    expected = [array.ravel() for array in bptt.gradients(rnn, *network, k=k).grads.cell]
    np.testing.assert_allclose(found.sum(axis=0), np.concatenate(expected), rtol=1e-10, atol=1e-16)
    assert (np.abs(found).max(axis=1) > 0).all()


def test_the_random_network_and_the_sizes_of_its_paths():
    params, xs, targets = truncated.dial_network(200, 0.7, 0)
    assert xs.shape == targets.shape == (200, 1) and set(xs[:, 0]) == set(targets[:, 0]) == {0, 1, 2, 3}
    assert gradients.spectral_radius(params.cell.W_hh) == pytest.approx(0.7)
    assert (np.isfinite(truncated.dial_paths(5, 0.9, 0)[1]["log10_size"]) == np.tri(5)).all()
    da = bptt.gradients(rnn, *truncated.dial_network(1, 0.9, 0)).grads.cell.b_h
    assert truncated.dial_paths(1, 0.9, 0)[1]["log10_size"] == pytest.approx(math.log10(np.linalg.norm(da)))


def test_degrees_of_a_cosine():
    assert [bptt.degrees(cosine) for cosine in (1.0, 0.5, 0.0, -1.0)] == [0, 60, 90, 180]


def test_both_trainings_begin_alike_and_with_k_the_whole_length_stay_so():
    for k, alike in ((2, False), (truncated.LENGTH, True)):
        first, second = islice(truncated.film("pieces", k, 3, 0), 2)
        assert [first.step, second.step] == [0, truncated.EVERY]
        assert first.truncated_loss == first.full_loss == truncated.recall_loss(first.full, 3, 0)[0]
        assert (second.truncated_loss == second.full_loss) == alike
        for params, loss in ((second.truncated, second.truncated_loss), (second.full, second.full_loss)):
            found, xs = truncated.recall_loss(params, 3, 0)
            assert found == loss and (xs == np.random.default_rng(1_000_000).integers(0, 4, (12, 32))).all()
        assert abs(first.full_loss - math.log(truncated.LETTERS)) < 0.3 and first.xs.shape == (12, truncated.EXAMPLES)


def losses(seed, k, every=10, updates=400):
    """The loss of a truncated training on recall with delay 3, every so many updates."""
    made = truncated.train_truncated("pieces", k, 3, seed)
    return [truncated.recall_loss(params, 3, seed)[0] for params in islice(made, 0, updates + 1, every)]


@pytest.mark.parametrize("seeds", [[2], pytest.param(range(8), marks=pytest.mark.thorough)])
def test_with_k_of_the_delay_the_loss_comes_down_and_returns(seeds):
    """As section 3.9 says: lowest between updates 30 and 90, at 0.58 to 0.91; at the end above 1.3."""
    for seed in seeds:
        found = losses(seed, k=3)
        assert 3 <= found.index(min(found)) <= 9 and 0.575 < min(found) < 0.915 and found[-1] > 1.3, seed


@pytest.mark.thorough
def test_with_k_above_the_delay_six_of_seven_more_seeds_learn_it():
    ends = sorted(losses(seed, k=4, every=400)[-1] for seed in range(8) if seed != 2)
    assert ends[5] < 0.1 and 0.115 < ends[6] < 0.125
