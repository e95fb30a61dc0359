"""The shared functions against their definitions, known limits, and derivatives by the complex step."""

import math
from typing import NamedTuple

import numpy as np
import pytest
from oracles.complex_step import assert_close, derivative

from lecture_utils import functions as fn


class Inner(NamedTuple):
    w: np.ndarray
    b: np.ndarray


class Outer(NamedTuple):
    cell: Inner
    v: np.ndarray


def test_sigmoid():
    for a in (-30.0, -2.0, 0.0, 0.5, 7.0):
        assert fn.sigmoid(a) == pytest.approx(1 / (1 + math.exp(-a)), abs=1e-15)
    np.testing.assert_array_equal(fn.sigmoid(np.array([-1e300, 1e300])), [0, 1])
    assert derivative(fn.sigmoid, 0.7) == pytest.approx(fn.sigmoid(0.7) * (1 - fn.sigmoid(0.7)), rel=1e-15)
    assert fn.sigmoid(np.zeros(2, np.float32)).dtype == np.float32


def test_d_tanh():
    for a in (-3.0, -0.2, 0.0, 1.5):
        assert fn.d_tanh(a) == pytest.approx(1 / math.cosh(a) ** 2, rel=1e-14)
    for a in (-300.0, 25.0):  # 1 - tanh(a)**2 is 0 here
        assert fn.d_tanh(a) == pytest.approx(1 / math.cosh(a) ** 2, rel=1e-14) and fn.d_tanh(a) > 0
    assert fn.d_tanh(1e300) == 0
    assert fn.d_tanh(np.ones(2, np.float32)).dtype == np.float32


def test_softmax_of_the_slide():
    """Section 2.4: with the logits 1.0, 2.2, -3.0, 4.1 sampling gives "o" 84 times in 100."""
    probs = fn.softmax(np.array([1.0, 2.2, -3.0, 4.1]))
    weights = [math.exp(y) for y in (1.0, 2.2, -3.0, 4.1)]
    np.testing.assert_allclose(probs, [w / sum(weights) for w in weights], rtol=1e-14)
    assert round(probs[3], 2) == 0.84


def test_softmax_temperature():
    logits = np.array([[1.0, 3.0, 2.0], [5.0, 5.0, -1000.0]])
    np.testing.assert_allclose(fn.softmax(logits, 2.0), fn.softmax(logits / 2), rtol=1e-14)
    np.testing.assert_array_equal(fn.softmax(logits, 0), [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(fn.softmax(logits[:1], 1e-310), [[0, 1, 0]])
    np.testing.assert_allclose(fn.softmax(logits, 1e9), 1 / 3, rtol=1e-5)
    np.testing.assert_array_equal(fn.softmax(logits, np.inf), np.full((2, 3), 1 / 3))
    np.testing.assert_array_equal(fn.softmax(np.array([1e300, -1e300])), [1, 0])
    for tau in (-1, -1e-9, math.nan):
        with pytest.raises(ValueError, match=r"the temperature tau is .* expected a number >= 0"):
            fn.softmax(logits, tau)


@pytest.mark.parametrize("tau", [0, 0.5])
def test_softmax_keeps_the_dtype(tau):
    for dtype in (np.float32, np.float64, np.complex128):
        assert fn.softmax(np.zeros((2, 3), dtype), tau).dtype == dtype


def test_log_softmax():
    logits = np.array([[0.3, -2.0, 1.0]])
    np.testing.assert_allclose(fn.log_softmax(logits), np.log(fn.softmax(logits)), rtol=1e-14)
    np.testing.assert_array_equal(fn.log_softmax(np.array([0.0, -5000.0])), [0, -5000])  # the probability is 0
    assert fn.log_softmax(logits.astype(np.float32)).dtype == np.float32


def test_one_hot():
    np.testing.assert_array_equal(fn.one_hot([[0], [2]], 3), [[[1, 0, 0]], [[0, 0, 1]]])
    np.testing.assert_array_equal(fn.one_hot(1, 2), [0, 1])
    assert fn.one_hot([0], 2, np.float32).dtype == np.float32


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([0, -1], r"ids\[1\] is -1, expected an integer from 0 to 3"),
        ([[0, 1], [4, 9]], r"ids\[1, 0\] is 4"),
        (4, "ids is 4"),
        ([0.0], "ids has dtype float64, expected integers from 0 to 3"),
        ([True], "ids has dtype bool"),
        ("hello", "ids has dtype <U5"),
    ],
)
def test_ids_are_checked(ids, message):
    with pytest.raises(ValueError, match=message):
        fn.one_hot(ids, 4)
    with pytest.raises(ValueError, match=message.replace("ids", "targets")):
        fn.cross_entropy(np.zeros((*np.shape(ids), 4)), ids)


def test_cross_entropy():
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(5, 2, 4)), rng.integers(0, 4, (5, 2))
    losses = fn.cross_entropy(logits, targets)
    for t, b in np.ndindex(5, 2):
        assert losses[t, b] == pytest.approx(-math.log(fn.softmax(logits[t, b])[targets[t, b]]), rel=1e-13)
    np.testing.assert_allclose(fn.cross_entropy(np.zeros((1, 7)), [3]), math.log(7), rtol=1e-15)
    np.testing.assert_array_equal(fn.cross_entropy(np.array([[0.0, 5000.0]]), [0]), [5000])


def test_squared_error():
    outputs, targets = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[0.0, 4.0], [0.0, 1.0]])
    np.testing.assert_array_equal(fn.squared_error(outputs, targets), [5, 0])


def test_predicting_the_mean():
    """The adding problem's level without memory: the sum of two U(0, 1) has variance 2/12 = 0.167."""
    sums = np.random.default_rng(0).uniform(size=(2, 100_000, 1)).sum(axis=0)
    assert fn.squared_error(np.ones_like(sums), sums).mean() == pytest.approx(1 / 6, rel=0.01)


def test_derivatives_of_the_losses():
    rng = np.random.default_rng(1)
    outputs, ids, targets = rng.normal(size=(3, 2, 4)), rng.integers(0, 4, (3, 2)), rng.normal(size=(3, 2, 4))
    for criterion, target in ((fn.CROSS_ENTROPY, ids), (fn.SQUARED_ERROR, targets)):
        expected = derivative(lambda y, c=criterion, t=target: c.value(y, t).sum(), outputs)
        losses, slopes = criterion.value_and_slope(outputs, target)
        assert_close(slopes, expected)
        np.testing.assert_array_equal(losses, criterion.value(outputs, target))
    assert {array.dtype for array in fn.cross_entropy_and_slope(outputs.astype(np.float32), ids)} == {np.dtype("f4")}


def test_losses_refuse_shapes_that_would_broadcast():
    with pytest.raises(ValueError, match=r"targets has shape \(5, 1\), expected \(5, 2\)"):
        fn.cross_entropy(np.zeros((5, 2, 4)), np.zeros((5, 1), int))
    with pytest.raises(ValueError, match=r"targets has shape \(3,\), expected \(3, 1\)"):
        fn.squared_error(np.zeros((3, 1)), np.zeros(3))


@pytest.mark.parametrize("T", [1, 4])  # 2 ids, fewer than W has columns, and 8
def test_the_products_are_sums_over_time(T):
    rng = np.random.default_rng(2)
    W, xs, da, bias = (rng.normal(size=shape) for shape in ((5, 3), (T, 2, 3), (T, 2, 5), 5))
    ids = rng.integers(0, 3, (T, 2))
    for inputs, vectors in ((xs, xs), (ids, np.eye(3)[ids])):
        product, gradient = np.zeros((T, 2, 5)), np.zeros((5, 3))
        for t, b in np.ndindex(T, 2):
            product[t, b] = W @ vectors[t, b]
            gradient += np.outer(da[t, b], vectors[t, b])
        np.testing.assert_allclose(fn.input_product(inputs, W, bias), product + bias, rtol=0, atol=1e-13)
        np.testing.assert_allclose(fn.weight_gradient(da, inputs, W), gradient, rtol=0, atol=1e-13)


def test_check_finite():
    fn.check_finite("W", np.array([1.0, -1e308]))
    for value in (np.nan, np.inf, -np.inf):
        with pytest.raises(ValueError, match=rf"W\[1, 0\] is {value}, expected a finite number"):
            fn.check_finite("W", np.array([[1.0, 0.0], [value, np.nan]]))
    with pytest.raises(ValueError, match="b is nan"):
        fn.check_finite("b", np.nan)


def test_leaves_and_rebuild():
    params = Outer(Inner(np.ones(2), np.zeros(1)), np.full(3, 7.0))
    names, arrays = zip(*fn.leaves(params), strict=True)
    assert names == ("cell.w", "cell.b", "v")
    assert arrays[0] is params.cell.w
    doubled = fn.rebuild(params, [2 * array for array in arrays])
    assert isinstance(doubled, Outer) and isinstance(doubled.cell, Inner)
    np.testing.assert_equal(doubled, Outer(Inner(np.full(2, 2.0), np.zeros(1)), np.full(3, 14.0)))
    assert fn.leaves(params.v) == [("", params.v)] and fn.rebuild(params.v, [1]) == 1


def test_a_sum_of_squares_that_overflows_is_no_fault():
    """The quick test says no, and the slow one, which names the entry, finds none."""
    assert not fn.all_finite([np.full(3, 1e200)]) and not fn.all_finite([np.full(3, 1e30, np.float32)])
    fn.check_finite("W", np.full(3, 1e200))
    assert fn.all_finite([np.ones(2), np.zeros(1), np.array([1j])])
    assert not fn.all_finite([np.ones(2), np.array([np.nan])])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("other", [0.0, -1.0, 1.0, np.inf])
def test_two_lists_are_finite_if_both_are(value, other):
    """Also where one product takes the other away: inf - inf is nan, and 0 inf too."""
    one, two = np.array([1.0, value, 1.0]), np.array([1.0, other, 1.0])
    assert fn.all_finite([np.ones(2), np.ones(3)], [np.zeros(2), np.ones(3)])
    assert not fn.all_finite([np.ones(2), one], [np.ones(2), two])
    assert not fn.all_finite([np.ones(2), two], [np.ones(2), one])
    assert not fn.all_finite([np.array([value, value])], [np.array([1.0, -1.0])])
