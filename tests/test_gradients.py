"""Gradient flow against plain products, the complex step, exact rational arithmetic, PyTorch and known limits."""

import importlib
import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from oracles.complex_step import assert_close, derivative, like, parts

from lecture_utils import bptt, gradients, lstm, rnn
from lecture_utils.functions import SQUARED_ERROR, one_hot

CELLS = [importlib.import_module(f"lecture_utils.{name}") for name in ("rnn", "lstm", "gru")]
ACTIVATIONS = list(gradients.ACTIVATIONS)
DECK = {"w_xh": 2, "w_hh": 3, "b": 1}


def plain_phi(name, a):
    """The activation of a complex number, written as the textbook has it."""
    if name == "tanh":
        return np.tanh(a)
    if name == "sigmoid":
        return 1 / (1 + np.exp(-a))
    return a if name == "linear" or a.real > 0 else 0 * a


def plain_toy(name, xs, w_xh, w_hh, b, h):
    """h_T of the scalar RNN, for complex arguments."""
    for x in xs:
        h = plain_phi(name, w_xh * x + w_hh * h + b)
    return h


def by_complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# ---- activations
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_log_derivatives_against_the_complex_step(name):
    a = np.array([-9.0, -1.3, -0.2, 0.4, 1.0, 7.5])
    exact = np.array([by_complex_step(lambda z: plain_phi(name, z), value) for value in a])
    np.testing.assert_allclose(10 ** gradients.ACTIVATIONS[name].log10_derivative(a), exact, rtol=1e-12, atol=0)
    found = gradients.ACTIVATIONS[name].value(a)
    np.testing.assert_allclose(found, [plain_phi(name, complex(z)).real for z in a], rtol=1e-12)


@pytest.mark.parametrize(("log10_derivative", "slope"), [(gradients.log10_d_tanh, 2), (gradients.log10_d_sigmoid, 1)])
def test_log_derivatives_where_the_function_has_saturated(log10_derivative, slope):
    """tanh' -> 4 exp(-2|a|), sigmoid' -> exp(-|a|): exact in the limit, where 1 - h^2 is 0."""
    a = np.array([-1e5, -400.0, 30.0, 1e300])
    expected = (2 * (slope == 2) * math.log(2) - slope * np.abs(a)) / math.log(10)
    np.testing.assert_allclose(log10_derivative(a), expected, rtol=1e-14)


def test_only_relu_has_exact_zeros():
    a = np.array([-700.0, -1.0, 0.0, 1.0, np.inf, np.nan])
    np.testing.assert_array_equal(gradients.log10_d_relu(a), [-np.inf, -np.inf, -np.inf, 0, 0, np.nan])
    for name in ("tanh", "sigmoid", "linear"):
        assert np.isfinite(gradients.ACTIVATIONS[name].log10_derivative(a[:4])).all()


# ---- the scalar RNN
def test_the_published_toy_numbers():
    """dh_3/dh_1 of the deck's toy: 5.6e-9 at x = (1, 1, 1); 3^2 = 9 at x = -0.5, where a_t = 0 for ever."""
    vanishing = gradients.toy([1, 1, 1], **DECK)
    assert f"{10 ** vanishing.log10_gradient[1]:.1e}" == "5.6e-09"
    growing = gradients.toy([-0.5] * 3, **DECK)
    np.testing.assert_array_equal(growing.a, 0)
    assert growing.log10_gradient[1] == pytest.approx(math.log10(9), rel=1e-15)
    unstable = gradients.toy([-0.499] * 20, **DECK)
    assert -19 < unstable.log10_gradient[1] < -17


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("w_hh", [0.8, -1.7, 4.5])
def test_toy_against_the_complex_step(name, w_hh):
    xs, w_xh, b, h_0 = [0.3, -0.7, 0.5, 0.1, 0.9], 0.6, 0.05, 0.4
    toy = gradients.toy(xs, w_xh, w_hh, b, h_0, name)
    hs = [h_0] + [plain_toy(name, xs[:t], w_xh, w_hh, b, h_0 + 0j).real for t in range(1, 6)]
    np.testing.assert_allclose(toy.h, hs, rtol=1e-13)
    for s, h in enumerate(hs):
        exact = by_complex_step(lambda z, s=s: plain_toy(name, xs[s:], w_xh, w_hh, b, z), h)
        assert toy.sign[s] * 10 ** toy.log10_gradient[s] == pytest.approx(exact, rel=1e-12, abs=0)
        assert gradients.product(gradients.state_path(toy, s)) == pytest.approx(exact, rel=1e-12, abs=0)
    exact = by_complex_step(lambda w: plain_toy(name, xs, w_xh, w, b, h_0), w_hh)
    paths = gradients.weight_paths(toy)
    assert len(paths) == 5
    assert sum(map(gradients.product, paths)) == pytest.approx(exact, rel=1e-12, abs=0)
    assert toy.overflow is None


def test_the_paths_of_the_deck_by_name():
    toy = gradients.toy([1, 1, 1], **DECK)
    names = [[name for name, _ in path] for path in gradients.weight_paths(toy)]
    assert names == [
        ["phi'(a_3)", "w_hh", "phi'(a_2)", "w_hh", "phi'(a_1)", "h_0"],
        ["phi'(a_3)", "w_hh", "phi'(a_2)", "h_1"],
        ["phi'(a_3)", "h_2"],
    ]
    assert [name for name, _ in gradients.state_path(toy, 1)] == ["phi'(a_3)", "w_hh", "phi'(a_2)", "w_hh"]
    assert dict(gradients.state_path(toy, 1))["w_hh"] == 3.0
    assert gradients.state_path(toy, 3) == [] and gradients.product([]) == 1
    exact = by_complex_step(lambda w: plain_toy("tanh", [1, 1, 1], 2, w, 1, 0), 3)
    assert sum(map(gradients.product, gradients.weight_paths(toy))) == pytest.approx(exact, rel=1e-12)


def test_weight_and_derivative_part_add_up():
    toy = gradients.toy([0.1, -0.4, 0.8], 1, -2, 0.1)
    total = gradients.sums_after(toy.log10_weight) + gradients.sums_after(toy.log10_derivative)
    np.testing.assert_allclose(total, toy.log10_gradient, rtol=1e-14)
    np.testing.assert_allclose(gradients.sums_after(toy.log10_weight), np.log10(2) * np.array([3, 2, 1, 0]))
    np.testing.assert_array_equal(toy.sign, [-1, 1, -1, 1])
    np.testing.assert_array_equal(gradients.sums_after(np.array([[1.0], [2.0], [4.0]])), [[7], [6], [4], [0]])


@pytest.mark.parametrize("signal", gradients.SIGNALS)
def test_the_triangle_of_a_toy_has_the_gradients_of_all_shorter_ones(signal):
    xs = gradients.signal(signal, 6)
    assert np.abs(xs).max() <= 1 and np.abs(xs[0]) > 0
    triangle = gradients.toy_triangle(gradients.toy(xs, **DECK))
    for t in range(7):
        shorter = gradients.toy(xs[:t], **DECK).log10_gradient if t else [0]
        np.testing.assert_array_equal(triangle[t], [*shorter, *[np.nan] * (6 - t)])
    with pytest.raises(ValueError, match="name is 'sine', expected one of constant"):
        gradients.signal("sine", 6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_many_toys_with_a_constant_input_at_once(name):
    w_hh, b = np.meshgrid([-2.0, 0.0, 0.7], [-1.0, 0.4])
    for T in (2, 5):
        found = gradients.constant_input(w_hh, 2 * 0.3 + b, T, name)
        for index in np.ndindex(found.shape):
            toy = gradients.toy([0.3] * T, 2, w_hh[index], b[index], activation=name)
            assert found[index] == pytest.approx(toy.log10_gradient[1], rel=1e-13, nan_ok=True)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_without_recurrence_only_the_last_state_counts(name):
    toy = gradients.toy([1.0, 2.0], 1, 0, 0.5, activation=name)
    np.testing.assert_array_equal(toy.log10_gradient, [-np.inf, -np.inf, 0])
    np.testing.assert_array_equal(toy.sign, [0, 0, 1])
    paths = [gradients.product(path) for path in gradients.weight_paths(toy)]
    assert paths[0] == 0 and paths[1] > 0


@pytest.mark.parametrize(("name", "w_hh"), [("linear", 1e6), ("relu", 1e6), ("linear", -1e6)])
def test_a_forward_pass_that_leaves_float64_is_named_and_its_gradient_stays_true(name, w_hh):
    """Exact rational arithmetic says at which step |a_t| passes the largest float64."""
    toy = gradients.toy([0.5] * 1000, 2, w_hh, 1, activation=name)
    h, t = Fraction(0), 0
    while abs(h) <= Fraction(np.finfo(float).max):
        h, t = Fraction(w_hh) * h + 2, t + 1
    assert toy.overflow == t
    assert not np.isnan(toy.h).any() and np.isinf(toy.h[t:]).all() and np.isfinite(toy.h[:t]).all()
    np.testing.assert_allclose(toy.log10_gradient, 6.0 * np.arange(1000, -1, -1), rtol=1e-12)
    np.testing.assert_array_equal(toy.sign, np.sign(w_hh) ** np.arange(1000, -1, -1))
    assert not any(math.isnan(gradients.product(path)) for path in gradients.weight_paths(toy))


def test_relu_that_swings_to_the_other_side_passes_nothing():
    toy = gradients.toy([1.0] * 1000, 1, -1e6, 0, activation="relu")
    assert toy.overflow is None and toy.log10_gradient[0] == -np.inf and toy.sign[0] == 0
    np.testing.assert_array_equal(toy.h[1:5], [1, 0, 1, 0])


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_a_huge_weight_and_a_long_span_saturate(name):
    """tanh' = 4 exp(-2|a|) with |a| = 1e6 + 1 each step: the weight's 6 decades are nothing against it."""
    toy = gradients.toy([0.0] * 1000, 1, 1e6, 1, h_0=1.0, activation=name)
    a = 1e6 + 1
    step = 6 + (2 * math.log(2) - 2 * a if name == "tanh" else -a) / math.log(10)
    assert toy.overflow is None
    np.testing.assert_allclose(toy.log10_gradient, step * np.arange(1000, -1, -1), rtol=1e-12)


def test_extreme_weights_stay_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ACTIVATIONS:
            for w_hh in (1e150, -1e150, 1e-300, 0.0):
                toy = gradients.toy([1.0, -1.0] * 500, 1e150, w_hh, 0.0, 1e150, name)
                assert not any(np.isnan(field).any() for field in (toy.a, toy.h, toy.log10_gradient, toy.sign))
                if name in ("tanh", "sigmoid"):
                    assert toy.overflow is None and np.isfinite(toy.a).all()
                    assert np.isfinite(toy.log10_gradient).all() == (w_hh != 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"w_hh": 2e150}, "w_hh is 2e.150, expected a number of size at most 1e150"),
        ({"w_hh": math.nan}, "w_hh is nan"),
        ({"h_0": math.inf}, "h_0 is inf"),
        ({"xs": [0, math.nan]}, r"w_xh x_2 \+ b is nan"),
        ({"xs": [1e200], "w_xh": 1e200}, r"w_xh x_1 \+ b is inf"),
        ({"xs": []}, "T is 0, expected a positive integer"),
        ({"activation": "swish"}, "activation is 'swish', expected one of tanh, sigmoid, relu, linear"),
    ],
)
def test_toy_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        gradients.toy(**{"xs": [1], "w_xh": 1, "w_hh": 1, "b": 0, **change})


# ---- products of step Jacobians
def example(cell, T=7, B=2, V=3, H=4, seed=0):
    rng = np.random.default_rng(seed)
    params = cell.init(rng, V, H)
    params = type(params)(*(array + 0.3 * rng.normal(size=array.shape) for array in params))
    xs = rng.normal(size=(T, B, V))
    return params, xs, cell.state(cell.forward(params, xs[::-1]))


@pytest.mark.parametrize("cell", CELLS)
def test_products_are_the_derivative_of_the_state(cell):
    params, xs, state0 = example(cell)
    trace = cell.forward(params, xs, state0)
    found = gradients.products(cell.jacobians(params, trace))
    H = trace.h.shape[-1]
    for s in (0, 2, 6):
        start = parts(cell.state(trace, s - 1) if s else state0)
        for b in range(2):

            def last(flat, s=s, b=b, start=start):
                before = like(state0, [flat[None, i * H : i * H + H] for i in range(len(start))])
                after = cell.state(cell.forward(params, xs[s:, b : b + 1], before))
                return np.concatenate([part[0] for part in parts(after)])

            exact = derivative(last, np.concatenate([part[b] for part in start]))
            assert_close(10 ** found.log10_norm[s, b] * found.unit[s, b], exact)


@pytest.mark.parametrize("cell", CELLS)
def test_norms_against_plain_products(cell):
    params, xs, state0 = example(cell)
    steps = cell.jacobians(params, cell.forward(params, xs, state0))[:, 1]
    found, all_norms = gradients.products(steps), gradients.triangle(steps)
    for t in range(8):
        for s in range(8):
            matrix = np.eye(steps.shape[-1])
            for n in range(s, t):  # J_{s+1} first, so it stands rightmost
                matrix = steps[n] @ matrix
            expected = math.log10(math.sqrt((matrix**2).sum())) if s <= t else -math.inf
            assert all_norms[t, s] == pytest.approx(expected, rel=1e-12, abs=1e-13)
            if t == 7:
                assert found.log10_norm[s] == pytest.approx(expected, rel=1e-12, abs=1e-13)
                assert np.linalg.norm(found.unit[s]) == pytest.approx(1, rel=1e-14)
                values = np.linalg.svd(matrix, compute_uv=False)
                logs = gradients.log10_singular_values(found)[s]
                np.testing.assert_allclose(10 ** logs[0], values[0], rtol=1e-12)
                resolved = ~np.isnan(logs)
                np.testing.assert_allclose(10 ** logs[resolved], values[resolved], atol=1e-14 * values[0])
    shorter = gradients.products(steps[:4]).log10_norm
    np.testing.assert_allclose(shorter, all_norms[4, :5], rtol=1e-12, atol=1e-13)


def test_a_batch_is_its_sequences():
    params, xs, state0 = example(rnn)
    steps = rnn.jacobians(params, rnn.forward(params, xs, state0))
    for function in (lambda steps: gradients.products(steps).log10_norm, gradients.triangle):
        for b in range(2):
            np.testing.assert_allclose(function(steps)[..., b], function(steps[:, b]), rtol=1e-13)


@pytest.mark.parametrize("scale", [1e-200, 1e-3, 1.0, 1e3, 1e200])
def test_a_thousand_steps_neither_underflow_nor_overflow(scale):
    """scale * orthogonal: every singular value of n factors is scale^n."""
    Q = gradients.orthogonal(np.random.default_rng(0), 4)
    steps = np.broadcast_to(scale * Q, (1000, 4, 4))
    n = np.arange(1000, -1, -1)
    found = gradients.products(steps)
    np.testing.assert_allclose(found.log10_norm, math.log10(scale) * n + math.log10(2), rtol=1e-12, atol=1e-10)
    logs = gradients.log10_singular_values(found)
    np.testing.assert_allclose(logs, np.tile((math.log10(scale) * n)[:, None], 4), rtol=1e-12, atol=1e-10)
    corner = gradients.triangle(np.broadcast_to(scale * Q, (30, 4, 4)))[30, 0]
    assert corner == pytest.approx(30 * math.log10(scale) + math.log10(2), abs=1e-10)


def test_exact_zeros_are_minus_infinity_and_lost_values_nan():
    steps = np.array([np.eye(2), np.zeros((2, 2)), np.eye(2)])
    found = gradients.products(steps)
    np.testing.assert_array_equal(found.log10_norm == -np.inf, [True, True, False, False])
    np.testing.assert_array_equal(gradients.log10_singular_values(found)[0], [-np.inf, -np.inf])
    np.testing.assert_array_equal(found.unit[0], 0)
    long = gradients.products(np.broadcast_to(np.diag([1.0, 0.1]) @ np.array([[1, 1], [1, -1.0]]), (60, 2, 2)))
    logs = gradients.log10_singular_values(long)
    assert np.isnan(logs[0, 1]) and np.isfinite(logs[0, 0]) and np.isfinite(logs[-3:]).all()


def test_float32_steps_keep_their_range():
    steps = np.full((300, 1, 1), 1e-3, np.float32)
    found = gradients.products(steps)
    assert found.unit.dtype == np.float32
    assert found.log10_norm[0] == pytest.approx(-900, rel=1e-6)


@pytest.mark.parametrize("shape", [(3, 4), (5, 2, 3)])
def test_products_refuse_what_is_no_stack_of_square_matrices(shape):
    for function in (gradients.products, gradients.triangle):
        with pytest.raises(ValueError, match=r"expected \(T, \.\.\., S, S\)"):
            function(np.zeros(shape))
        with pytest.raises(ValueError, match=r"steps\[0, 0, 0\] is nan"):
            function(np.full((1, 2, 2), np.nan))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("last", [np.eye(2), np.zeros((2, 2)), np.diag([0.0, 1.0])])
def test_products_name_what_is_not_finite_wherever_it_stands(value, last):
    for t in (0, 3, 39):
        steps = np.broadcast_to(np.eye(2), (41, 2, 2)).copy()
        steps[40], steps[t, 0, 1] = last, value
        for function in (gradients.products, gradients.triangle):
            with pytest.raises(ValueError, match=rf"steps\[{t}, 0, 1\] is {value}, expected a finite number"):
                function(steps)


# ---- weight part and derivative part
def test_the_mean_log_singular_value_splits_exactly_and_the_bound_holds():
    rng = np.random.default_rng(1)
    for radius in (0.5, 1.0, 3.0):
        W = gradients.recurrent_matrix(rng, 5, radius, 0.7)
        params = rnn.Params(rng.normal(size=(5, 3)), W, rng.normal(size=5))
        trace = rnn.forward(params, 0.3 * rng.normal(size=(4, 2, 3)))
        found = gradients.parts(params, trace)
        for b in range(2):
            matrix = np.eye(5)
            for s in reversed(range(5)):
                if s < 4:  # through step s + 1
                    matrix = matrix @ np.diag(1 / np.cosh(trace.a[s, b]) ** 2) @ W
                mean = math.log10(abs(np.linalg.det(matrix))) / 5
                assert found.mean_weight[s] + found.mean_derivative[s, b] == pytest.approx(mean, rel=1e-8, abs=1e-12)
                bound = found.bound_weight[s] + found.bound_derivative[s, b]
                assert math.log10(np.linalg.norm(matrix, 2)) <= bound + 1e-12
        assert found.mean_weight[0] == pytest.approx(4 * math.log10(radius), rel=1e-8, abs=1e-8)


def test_a_singular_weight_matrix_has_no_mean():
    params = rnn.Params(np.zeros((2, 1)), np.diag([1.0, 0.0]), np.zeros(2))
    found = gradients.parts(params, rnn.forward(params, np.zeros((3, 1, 1))))
    np.testing.assert_array_equal(found.mean_weight, [-np.inf, -np.inf, -np.inf, 0])
    np.testing.assert_array_equal(found.bound_weight + found.bound_derivative[:, 0], 0)


# ---- a fresh LSTM beside a fresh RNN
def test_the_highway_against_plain_products():
    T, V, H, bias = 9, 3, 5, 2.0
    found = gradients.highway(bias, T, 7, V=V, H=H)
    xs = np.random.default_rng([7, 1]).standard_normal((T, 1, V))
    gated, plain = (cell.init(np.random.default_rng(7), V, H) for cell in (lstm, rnn))
    gated.b[H : 2 * H] = bias  # of the forget gate
    trace, steps = lstm.forward(gated, xs), rnn.jacobians(plain, rnn.forward(plain, xs))[:, 0]
    factors = {"total": lstm.jacobians(gated, trace)[:, 0], "direct": [np.diag(f) for f in trace.f[:, 0]], "rnn": steps}
    for name, matrices in factors.items():
        product, sizes = np.eye(len(matrices[0])), [1.0]
        for matrix in matrices[::-1]:
            product = product @ matrix
            sizes.append(math.sqrt((product[-H:, -H:] ** 2).sum() / H))
        np.testing.assert_allclose(getattr(found, name), np.log10(sizes[::-1]), rtol=0, atol=1e-12, err_msg=name)
    assert found.mean_f == pytest.approx(trace.f.mean())


def test_the_highway_of_fewer_steps_is_not_that_of_more():
    assert [len(gradients.highway(1.0, T, 0).rnn) for T in (10, 20, 10)] == [11, 21, 11]
    np.testing.assert_array_equal(gradients.highway(1.0, 10, 0).rnn, gradients.highway(3.0, 10, 0).rnn)


# ---- recurrent matrices
@pytest.mark.parametrize("H", [1, 2, 3, 6, 7])
def test_orthogonal(H):
    Q = gradients.orthogonal(np.random.default_rng(2), H)
    np.testing.assert_allclose(Q @ Q.T, np.eye(H), atol=1e-14)


@pytest.mark.parametrize("H", [1, 2, 3, 6, 7])
@pytest.mark.parametrize("nonnormality", [0.0, 0.5, 3.0])
def test_recurrent_matrix(H, nonnormality):
    if H == 1 and nonnormality:
        with pytest.raises(ValueError, match="H >= 2"):
            gradients.recurrent_matrix(np.random.default_rng(3), H, 1, nonnormality)
        return
    W = gradients.recurrent_matrix(np.random.default_rng(3), H, 1.5, nonnormality)
    np.testing.assert_allclose(np.abs(np.linalg.eigvals(W)), 1.5, rtol=1e-5)
    assert gradients.spectral_radius(W) == pytest.approx(1.5, rel=1e-5)
    assert (W**2).sum() == pytest.approx(1.5**2 * H * (1 + nonnormality**2), rel=1e-12)
    if nonnormality == 0:
        np.testing.assert_allclose(W @ W.T, 1.5**2 * np.eye(H), atol=1e-13)
    else:
        assert np.linalg.norm(W @ W.T - W.T @ W) > 0.1
    doubled = gradients.recurrent_matrix(np.random.default_rng(3), H, 3.0, nonnormality)
    np.testing.assert_allclose(doubled, 2 * W, rtol=1e-13)


def test_non_normal_matrices_grow_before_they_vanish():
    W = gradients.recurrent_matrix(np.random.default_rng(4), 8, 0.9, 3.0)
    norms = gradients.products(np.broadcast_to(W, (300, 8, 8))).log10_norm[::-1] - math.log10(math.sqrt(8))
    assert norms.max() > 0.5 and norms[-1] < -5


@pytest.mark.parametrize("change", [{"radius": -1}, {"radius": math.nan}, {"nonnormality": math.inf}, {"H": 0}])
def test_recurrent_matrix_refuses(change):
    with pytest.raises(ValueError, match=f"{next(iter(change))} is"):
        gradients.recurrent_matrix(np.random.default_rng(0), **{"H": 3, "radius": 1, **change})


def test_the_3x3_example_vanishes_though_its_largest_singular_value_exceeds_1():
    W = gradients.NON_NORMAL
    assert round(float(np.linalg.norm(W, 2)), 2) == 1.33
    assert round(float(gradients.spectral_radius(W)), 2) == 0.63
    worst = gradients.products(np.broadcast_to(W, (100, 3, 3))).log10_norm[0]
    rng = np.random.default_rng(5)
    params = rnn.Params(rng.normal(size=(3, 2)), W, rng.normal(size=3))
    for scale in (0.0, 0.1, 1.0):  # 0 stays in the linear range, tanh' = 1
        trace = rnn.forward(params._replace(b_h=scale * params.b_h), scale * rng.normal(size=(100, 1, 2)))
        assert gradients.products(rnn.jacobians(params, trace)[:, 0]).log10_norm[0] <= worst + 1e-9 < -18


def test_networks_and_their_inputs_are_the_same_whenever_a_seed_is():
    for matrix, H in (("random", 5), ("example", 3)):
        params, again = (gradients.network(matrix, 5, 0.9, 1.0, 7) for _ in range(2))
        assert [array.shape for array in params] == [(H, 1), (H, H), (H,)] and not params.b_h.any()
        np.testing.assert_array_equal(params.W_xh, again.W_xh)
        radius = 0.9 if matrix == "random" else gradients.spectral_radius(gradients.NON_NORMAL)
        assert gradients.spectral_radius(params.W_hh) == pytest.approx(radius, rel=1e-5)
    xs = gradients.noise(4, 7)
    assert xs.shape == (4, 1, 1)
    np.testing.assert_array_equal(xs[:, 0, 0], np.random.default_rng(1007).standard_normal(4))


def test_the_rms_singular_value():
    steps = np.random.default_rng(1).normal(size=(2, 3, 3))
    singular = np.linalg.svd(steps[1] @ steps[0], compute_uv=False)
    found = gradients.products(steps).log10_rms
    np.testing.assert_allclose(found[[0, 2]], [np.log10(np.mean(singular**2)) / 2, 0], atol=1e-14)


# ---- the ledger
def sequence(cell, ids, seed=6):
    rng = np.random.default_rng(seed)
    params = bptt.init(cell, rng, 3, 4, 2)
    xs = rng.integers(0, 3, (5, 2)) if ids else rng.normal(size=(5, 2, 3))
    state0 = cell.state(cell.forward(params.cell, xs[::-1]))
    options = {"state0": state0, "criterion": SQUARED_ERROR, "y_mask": np.array([True, False, True, True, True])}
    return params, xs, rng.normal(size=(5, 2, 2)), options


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("ids", [False, True])
def test_the_ledger_sums_to_the_full_gradient(cell, ids):
    params, xs, targets, options = sequence(cell, ids)
    result = bptt.gradients(cell, params, xs, targets, **options)
    found = gradients.ledger(cell, params, xs, targets, **options)
    assert type(found.total) is cell.Params
    for total, full in zip(found.total, result.grads.cell, strict=True):
        assert total.shape == (5, *full.shape)
        assert_close(total.sum(axis=0), full)
    np.testing.assert_allclose(found.dh[0], parts(result.dstate0)[0], rtol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_each_entry_of_the_ledger_is_the_derivative_by_that_step_s_own_copy_of_the_weights(cell):
    """Unrolled with a copy of the weights for each step: the derivative by one copy, of one loss and of them all."""
    params, xs, targets, options = sequence(cell, ids=False)
    found = gradients.ledger(cell, params, xs, targets, **options)

    def losses(copies):
        state, values = options["state0"], []
        for t, copy in enumerate(copies):
            trace = cell.forward(copy, xs[t : t + 1], state)
            state = cell.state(trace)
            outputs = trace.h[0] @ params.W_hy.T + params.b_y
            values.append(((outputs - targets[t]) ** 2).sum() * options["y_mask"][t] / 8)
        return values

    for t in range(5):
        for i, array in enumerate(params.cell):

            def moved(array, t=t, i=i):
                copies = [params.cell] * 5
                copies[t] = type(params.cell)(*(array if j == i else a for j, a in enumerate(params.cell)))
                return np.array(losses(copies))

            exact = derivative(moved, array)  # of each loss, by this copy
            for part, expected in (
                (found.immediate, exact[t]),
                (found.carried, exact[t + 1 :].sum(axis=0)),
                (found.total, exact.sum(axis=0)),
            ):
                assert np.linalg.norm(part[i][t] - expected) <= 1e-12 * np.linalg.norm(exact)


def test_the_ledger_of_the_plain_rnn_in_plain_loops():
    """da_t h_{t-1}^T of BPTT, written out."""
    params, xs, targets, options = sequence(rnn, ids=False)
    found = gradients.ledger(rnn, params, xs, targets, **options)
    trace, outputs = bptt.forward(rnn, params, xs, options["state0"])
    from_later = np.zeros((2, 4))
    for t in reversed(range(5)):
        from_output = 2 * (outputs[t] - targets[t]) / 8 * options["y_mask"][t] @ params.W_hy
        np.testing.assert_allclose(found.dh[t + 1], from_output + from_later, rtol=1e-12)
        slope = 1 - trace.h[t] ** 2
        for part, dh in ((found.immediate, from_output), (found.carried, from_later)):
            expected = sum(np.outer(dh[b] * slope[b], trace.h_prev[t, b]) for b in range(2))
            np.testing.assert_allclose(part.W_hh[t], expected, rtol=1e-12, atol=1e-18)
        from_later = (from_output + from_later) * slope @ params.cell.W_hh


def test_the_gradient_at_each_node_against_torch():
    torch = pytest.importorskip("torch")
    from oracles import torch_gates

    params, xs, targets, options = sequence(lstm, ids=False)
    found = gradients.ledger(lstm, params, xs, targets, **options)
    module = torch_gates.module(torch.nn.LSTM, params.cell, torch_gates.lstm_rows)
    h, c = (torch_gates.leaf(part) for part in options["state0"])
    nodes, loss = [h], 0
    for t in range(5):
        _, (h, c) = module(torch.tensor(xs[t : t + 1]), (h[None], c[None]))
        h, c = h[0], c[0]
        h.retain_grad()
        nodes.append(h)
        outputs = h @ torch.tensor(params.W_hy).T + torch.tensor(params.b_y)
        loss = loss + ((outputs - torch.tensor(targets[t])) ** 2).sum() * float(options["y_mask"][t]) / 8
    loss.backward()
    for node, dh in zip(nodes, found.dh, strict=True):
        assert_close(dh, node.grad.numpy())


# ---- sensitivity
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("where", ["x", "state"])
def test_sensitivity_against_the_jacobians_and_two_passes(cell, where):
    params, xs, state0 = example(cell)
    rng = np.random.default_rng(7)
    trace = cell.forward(params, xs, state0)
    if where == "x":
        size = 1e-6 * rng.normal(size=(2, 3))
        found = gradients.sensitivity(cell, params, xs, dx=size, state0=state0)
        moved = cell.forward(params, np.concatenate([xs[:1] + size, xs[1:]]), state0)
    else:
        size = like(state0, [1e-6 * rng.normal(size=part.shape) for part in parts(state0)])
        found = gradients.sensitivity(cell, params, xs, dstate0=size, state0=state0)
        moved = cell.forward(params, xs, like(state0, [p + d for p, d in zip(parts(state0), parts(size), strict=True)]))
        change = np.concatenate(parts(size), axis=-1)[..., None]
        for t, step in enumerate(cell.jacobians(params, trace)):
            change = step @ change
            np.testing.assert_allclose(found.linear[t], np.linalg.norm(change[:, :4, 0], axis=-1), rtol=1e-12)
    measured = np.linalg.norm(moved.h - trace.h, axis=-1)
    np.testing.assert_allclose(found.measured, measured, atol=1e-15)
    np.testing.assert_allclose(found.measured, found.linear, rtol=1e-3)


def test_sensitivity_of_characters_and_where_the_linear_prediction_fails():
    params, _, _ = example(rnn)
    ids = np.array([[0], [1], [2], [1]])
    dx = np.array([[-1.0, 0.0, 1.0]])  # "c" in place of "a"
    found = gradients.sensitivity(rnn, params, ids, dx=dx)
    changed = rnn.forward(params, np.array([[2], [1], [2], [1]])).h - rnn.forward(params, ids).h
    np.testing.assert_allclose(found.measured, np.linalg.norm(changed, axis=-1), rtol=1e-12)
    vectors = gradients.sensitivity(rnn, params, one_hot(ids, 3), dx=dx)
    np.testing.assert_array_equal(vectors, found)
    assert np.abs(found.measured / found.linear - 1).max() > 0.01  # a whole letter is no small change


def test_a_vanishing_sensitivity_is_followed_far_below_rounding():
    """h_t = 1e-3^(t-1) h_1 in the linear range: two passes end at the rounding of h, the prediction goes on."""
    params = rnn.Params(np.ones((1, 1)), np.full((1, 1), 1e-3), np.zeros(1))
    found = gradients.sensitivity(rnn, params, np.zeros((90, 1, 1)), dx=np.full((1, 1), 1e-5))
    np.testing.assert_allclose(np.log10(found.linear[:, 0]), -5 - 3.0 * np.arange(90), rtol=1e-12)
    saturated = gradients.sensitivity(
        rnn, params._replace(b_h=np.full(1, 30.0)), np.zeros((2, 1, 1)), dx=np.ones((1, 1))
    )
    assert np.log10(saturated.linear[0, 0]) == pytest.approx(gradients.log10_d_tanh(30.0), rel=1e-12)
    assert saturated.measured[0, 0] == 0


def test_sensitivity_without_a_change_and_with_a_wrong_one():
    params, xs, state0 = example(rnn)
    np.testing.assert_array_equal(gradients.sensitivity(rnn, params, xs), 0)
    with pytest.raises(ValueError, match=r"dx has shape \(3,\), expected \(B, V\) = \(2, 3\)"):
        gradients.sensitivity(rnn, params, xs, dx=np.zeros(3))
    with pytest.raises(ValueError, match=r"dstate0 has shape \(1, 4\), expected \(2, 4\)"):
        gradients.sensitivity(rnn, params, xs, dstate0=np.zeros((1, 4)), state0=state0)
