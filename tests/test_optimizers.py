"""Updates against the papers' formulas for single numbers, and against torch.optim; clipping by its definition."""

import math
from typing import NamedTuple

import numpy as np
import pytest

from lecture_utils.functions import leaves, rebuild
from lecture_utils.optimizers import SGD, Adagrad, Adam, TrainingStopped, clip_by_norm, clip_by_value, global_norm


class Inner(NamedTuple):
    w: np.ndarray
    b: np.ndarray


class Outer(NamedTuple):
    cell: Inner
    v: np.ndarray


ALL = [SGD(0.1), Adagrad(0.1), Adam(0.1)]


def random_params(rng, dtype=np.float64):
    arrays = [rng.normal(size=shape).astype(dtype) for shape in ((3, 2), (3,), (2, 3))]
    return Outer(Inner(*arrays[:2]), arrays[2])


def trained(optimizer, params, gradients):
    """The params after one update for each of the gradients."""
    state = optimizer.init(params)
    for grads in gradients:
        params, state = optimizer.update(params, grads, state)
    return params


def sgd(p, gradients):
    for g in gradients:
        p -= 0.1 * g
    return p


def adagrad(p, gradients):
    """Duchi et al. (2011): the rate over the root of the sum of all squared gradients so far."""
    for t, g in enumerate(gradients):
        p -= 0.1 * g / (math.sqrt(sum(past**2 for past in gradients[: t + 1])) + 1e-10)
    return p


def adam(p, gradients):
    """Kingma and Ba (2015), algorithm 1, with the paper's constants."""
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        p -= 0.1 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return p


@pytest.mark.parametrize(("optimizer", "formula"), [*zip(ALL, (sgd, adagrad, adam), strict=True)])
def test_update_is_the_papers(optimizer, formula):
    rng = np.random.default_rng(0)
    params, gradients = random_params(rng), [random_params(rng) for _ in range(12)]
    found = trained(optimizer, params, gradients)
    assert isinstance(found, Outer) and isinstance(found.cell, Inner)
    for i, (_, array) in enumerate(leaves(found)):
        for index in np.ndindex(array.shape):
            numbers = [float(leaves(tree)[i][1][index]) for tree in (params, *gradients)]
            assert array[index] == pytest.approx(formula(numbers[0], numbers[1:]), rel=1e-12)


@pytest.mark.parametrize(("optimizer", "name"), [*zip(ALL, ("SGD", "Adagrad", "Adam"), strict=True)])
def test_torch(optimizer, name):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    params, gradients = random_params(rng), [random_params(rng) for _ in range(12)]
    theirs = [torch.tensor(array) for _, array in leaves(params)]
    reference = getattr(torch.optim, name)(theirs, lr=0.1)
    for grads in gradients:
        for tensor, (_, array) in zip(theirs, leaves(grads), strict=True):
            tensor.grad = torch.tensor(array)
        reference.step()
    for (_, found), expected in zip(leaves(trained(optimizer, params, gradients)), theirs, strict=True):
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-12)


def test_first_step_of_adam_and_adagrad_is_the_rate():
    """A known limit: whatever the size of the gradient, the first step is rate * sign(g)."""
    params, grads = Inner(np.zeros(2), np.zeros(1)), Inner(np.array([1e3, -1e-3]), np.array([7.0]))
    for optimizer in (Adagrad(0.1), Adam(0.1)):
        moved = trained(optimizer, params, [grads])
        np.testing.assert_allclose(np.concatenate(moved), [-0.1, 0.1, -0.1], rtol=1e-4)


@pytest.mark.parametrize("optimizer", ALL)
def test_updates_leave_the_past_alone(optimizer):
    rng = np.random.default_rng(2)
    params, grads = random_params(rng), random_params(rng)
    state = optimizer.init(params)
    _, state = optimizer.update(params, grads, state)
    given = (params, grads, state)
    before = deep_copy(given)
    moved, _ = optimizer.update(params, grads, state)
    np.testing.assert_equal(given, before)
    for (_, new), (_, old) in zip(leaves(moved), leaves(params), strict=True):
        assert not np.shares_memory(new, old)


def deep_copy(trees):
    """Deep copies of NamedTuples, numbers, and tuples and lists of them."""
    if isinstance(trees, tuple | list):
        copies = [deep_copy(tree) for tree in trees]
        return type(trees)(*copies) if hasattr(trees, "_fields") else tuple(copies)
    return np.copy(trees)


@pytest.mark.parametrize("optimizer", ALL)
def test_float32_is_kept(optimizer):
    rng = np.random.default_rng(3)
    moved = trained(optimizer, random_params(rng, np.float32), [random_params(rng, np.float32) for _ in range(2)])
    assert {array.dtype for _, array in leaves(moved)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_stops_the_training(value):
    params = random_params(np.random.default_rng(4))
    grads = rebuild(params, [array.copy() for _, array in leaves(params)])
    grads.cell.b[2] = value
    message = rf"gradient cell.b\[2\] is {value}, expected a finite number"
    for optimizer in ALL:
        with pytest.raises(TrainingStopped, match=message):
            optimizer.update(params, grads, optimizer.init(params))
    for clip in (clip_by_norm, clip_by_value):
        with pytest.raises(TrainingStopped, match=message):
            clip(grads, 1.0)


@pytest.mark.parametrize("optimizer", [SGD(1e307), Adagrad(1e307), Adam(1e307)])
def test_a_weight_that_overflows_stops_the_training(optimizer):
    params = Inner(np.full(1, np.finfo(float).max), np.zeros(2))
    grads = Inner(np.full(1, -1.0), np.ones(2))
    with pytest.raises(TrainingStopped, match=r"updated weight w\[0\] is inf"):
        optimizer.update(params, grads, optimizer.init(params))


@pytest.mark.parametrize("optimizer", [Adagrad(0.1), Adam(0.1)])
def test_a_square_that_overflows_stops_the_training(optimizer):
    """An infinite sum of squares would make every later step 0 without a word."""
    params, grads = Inner(np.zeros(1), np.zeros(1)), Inner(np.full(1, 1e200), np.zeros(1))
    with pytest.raises(TrainingStopped, match=r"squared gradients w\[0\] is inf"):
        optimizer.update(params, grads, optimizer.init(params))


@pytest.mark.parametrize("value", [0, -0.1, np.inf, np.nan])
def test_rates_and_limits_are_positive(value):
    for optimizer in (SGD, Adagrad, Adam):
        with pytest.raises(ValueError, match=f"rate is {value}, expected a finite number > 0"):
            optimizer(value)
    for clip in (clip_by_norm, clip_by_value):
        with pytest.raises(ValueError, match=f"limit is {value}, expected a finite number > 0"):
            clip(Inner(np.ones(1), np.ones(1)), value)


def test_clip_by_norm():
    grads = Inner(np.array([[3.0, 0.0]]), np.array([-4.0]))
    clipped, norm = clip_by_norm(grads, 1.0)
    assert norm == 5
    np.testing.assert_allclose(clipped.w, [[0.6, 0]], rtol=1e-15)
    np.testing.assert_allclose(clipped.b, [-0.8], rtol=1e-15)
    same, norm = clip_by_norm(grads, 5.0)
    assert norm == 5
    np.testing.assert_equal(same, grads)
    zeros = Inner(np.zeros(2), np.zeros(1))
    np.testing.assert_equal(clip_by_norm(zeros, 1.0), (zeros, 0.0))
    assert clip_by_norm(Inner(np.ones(2, np.float32), np.ones(1, np.float32)), 0.1)[0].w.dtype == np.float32


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_norm_where_squares_leave_the_range(size):
    grads = Inner(np.array([3 * size]), np.array([4 * size]))
    assert global_norm(grads) == pytest.approx(5 * size, rel=1e-14)
    np.testing.assert_allclose(np.concatenate(clip_by_norm(grads, size)[0]), [0.6 * size, 0.8 * size], rtol=1e-14)


def test_clip_by_value():
    clipped = clip_by_value(Inner(np.array([3.0, -0.5]), np.array([-4.0])), 1.0)
    np.testing.assert_equal(clipped, Inner(np.array([1.0, -0.5]), np.array([-1.0])))
