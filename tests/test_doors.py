"""The doors of the numerics: whatever a public function accepts gives the right value or a refusal in words.

Numbers come from the whole range of float32 and float64, up to their limits; what is right is computed one number at a
time, in Python's own floats, fractions or decimals.
"""

import math
import warnings
from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from properties import holds_for

from lecture_utils import (
    bptt,
    charlm,
    descent,
    functions,
    gradcheck,
    gradients,
    gru,
    kinds,
    lstm,
    optimizers,
    race,
    rnn,
    tasks,
    textmodel,
    training,
    truncated,
)  # fmt: skip

getcontext().prec = 60
CELLS = {"rnn": rnn, "lstm": lstm, "gru": gru}
DTYPES = st.sampled_from([np.float32, np.float64])
EDGES = {dtype: [0.0, 1.0, -1.0] + [float(sign * edge) for edge in (np.finfo(dtype).max, np.finfo(dtype).tiny,
         np.finfo(dtype).smallest_subnormal) for sign in (1, -1)] for dtype in (np.float32, np.float64)}  # fmt: skip
TEMPERATURES = st.one_of(
    st.sampled_from([0, 5e-324, 1e-300, 1e-46, 1e-45, 1e-38, 1e-3, 1, 1e39, 1e300, math.inf, np.float32(0.5)]),
    st.floats(0, 1e6),
)


@st.composite
def vectors(draw, most=6, edges=True):
    """A vector of one of the two dtypes: ordinary numbers, numbers of any size, and the limits."""
    dtype = draw(DTYPES)
    width = 32 if dtype == np.float32 else 64
    anything = st.floats(width=width, allow_nan=False, allow_infinity=False)
    number = st.one_of(st.floats(-5, 5, width=width), *([anything, st.sampled_from(EDGES[dtype])] if edges else []))
    return np.array(draw(st.lists(number, min_size=1, max_size=most)), dtype)


def refused(act):
    """(what it gives, ""), or (None, the words in which it was refused)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numbers that are too large for each other
        try:
            return act(), ""
        except ValueError as error:
            return None, str(error)


def rounding(dtype):
    return 100 * float(np.finfo(dtype).eps)


# ---- temperatures, logits, draws
@holds_for(logits=vectors(), tau=TEMPERATURES)
def test_a_softmax_at_any_temperature_is_right(logits, tau):
    found = functions.softmax(logits, tau)
    assert found.dtype == logits.dtype
    values = [Decimal(float(value)) for value in logits]
    if tau == 0:
        expected = [float(k == values.index(max(values))) for k in range(len(values))]
    elif math.isinf(tau):
        expected = [1 / len(values)] * len(values)
    else:
        exponents = [(value - max(values)) / Decimal(float(tau)) for value in values]
        weights = [float(exponent.exp()) if exponent > -1000 else 0.0 for exponent in exponents]
        expected = [weight / sum(weights) for weight in weights]
    np.testing.assert_allclose(
        found, expected, rtol=1000 * np.finfo(logits.dtype).eps, atol=np.finfo(logits.dtype).tiny
    )


@pytest.mark.parametrize("tau", [-1, -5e-324, math.nan, "1", None])
def test_what_is_no_temperature_is_refused(tau):
    with pytest.raises(ValueError, match=r"temperature tau is .*expected a number >= 0"):
        functions.softmax(np.zeros(3), tau)


@pytest.mark.parametrize(
    ("logits", "words"),
    [
        (np.zeros(0), "shape"),
        (np.float64(1), "shape"),
        ([1, math.nan], "nan"),
        ([math.inf, 0], "inf"),
        ([-math.inf] * 2, "inf"),
    ],
)
def test_what_are_no_logits_are_refused(logits, words):
    for tau in (0, 1):
        with pytest.raises(ValueError, match=words):
            functions.softmax(logits, tau)


@holds_for(logits=vectors(), target=st.integers(0, 5))
def test_the_cross_entropy_is_right_up_to_the_limits(logits, target):
    target = target % len(logits)
    with np.errstate(over="ignore"):
        loss, slopes = functions.cross_entropy_and_slope(logits, np.array(target))
    values = [Decimal(float(value)) for value in logits]
    sums = sum((value - max(values)).exp() if value - max(values) > -2000 else Decimal(0) for value in values)
    expected = sums.ln() + (max(values) - values[target])
    most = Decimal(float(np.finfo(logits.dtype).max))
    if expected > most * (1 - Decimal(rounding(logits.dtype))):
        assert loss >= float(most) * (1 - rounding(logits.dtype))
    else:
        assert float(loss) == pytest.approx(float(expected), rel=rounding(logits.dtype), abs=rounding(logits.dtype))
    np.testing.assert_allclose(
        slopes + np.eye(len(values))[target], functions.softmax(logits), atol=rounding(logits.dtype)
    )


@holds_for(probs=vectors(), seed=st.integers(0, 99))
def test_a_draw_has_a_probability_or_is_refused(probs, seed):
    ids, words = refused(lambda: charlm.draw(np.random.default_rng(seed), probs, 5))
    total = sum(Decimal(float(value)) for value in probs)
    if (probs < 0).any() or not 0 < total <= Decimal(np.finfo(float).max):
        assert words.startswith("probs is")
    else:
        assert (probs[ids] > 0).all()


def test_no_probabilities_are_refused():
    for probs in ([], [math.nan, 1.0], [math.inf, 1.0]):
        with pytest.raises(ValueError, match="probs is"):
            charlm.draw(np.random.default_rng(0), probs)


# ---- slopes
@holds_for(values=vectors())
def test_slopes_of_tanh_are_right_up_to_the_limits(values):
    found, logs = functions.d_tanh(values), gradients.log10_d_tanh(values)
    sigmoids = gradients.log10_d_sigmoid(values)
    assert found.dtype == logs.dtype == values.dtype
    for value, slope, log, sigmoid in zip(map(float, values), found, logs, sigmoids, strict=True):
        a = abs(Decimal(value))
        e = (-2 * a).exp() if a < 10_000 else Decimal(0)
        expected = (Decimal(4).ln() - 2 * a - 2 * (1 + e).ln()) / Decimal(10).ln()
        near = rounding(values.dtype)
        assert float(log) == pytest.approx(float(expected), rel=near, abs=near)
        assert float(slope) == pytest.approx(10 ** float(max(expected, Decimal(-400))), rel=near, abs=1e-44)
        e = (-a).exp() if a < 10_000 else Decimal(0)
        assert float(sigmoid) == pytest.approx(float((-a - 2 * (1 + e).ln()) / Decimal(10).ln()), rel=near, abs=near)


# ---- clipping and updates
class Weights(optimizers.NamedTuple):
    a: np.ndarray
    b: np.ndarray


def two(vector):
    return Weights(vector[: len(vector) // 2], vector[len(vector) // 2 :].reshape(-1, 1))


def flat(weights):
    """The vector of which `two` has made weights."""
    return np.concatenate([array.ravel() for array in weights])


LIMITS = st.one_of(
    st.sampled_from([5e-324, 1e-300, 1e-40, 1e-8, 1.0, 1e30, 1e39, 1e300, 1.7e308]), st.floats(1e-3, 1e3)
)


@holds_for(vector=vectors(most=8).filter(lambda vector: len(vector) > 1), limit=LIMITS)
def test_a_clipped_gradient_has_the_right_length_and_direction(vector, limit):
    grads, before = optimizers.clip_by_norm(two(vector), limit)
    exact = sum(Decimal(float(value)) ** 2 for value in vector).sqrt()
    dtype, values = vector.dtype, flat(grads)
    assert before == pytest.approx(float(exact), rel=rounding(dtype))
    assert values.dtype == dtype
    factor = min(Decimal(1), Decimal(limit) / exact) if exact else Decimal(1)
    expected = [float(Decimal(float(value)) * factor) for value in vector]
    near = max(limit * rounding(dtype), 4 * float(np.finfo(dtype).smallest_subnormal))
    np.testing.assert_allclose(values, expected, rtol=rounding(dtype), atol=near)


@holds_for(vector=vectors(most=8).filter(lambda vector: len(vector) > 1), limit=LIMITS)
def test_entries_are_cut_at_the_limit(vector, limit):
    values = flat(optimizers.clip_by_value(two(vector), limit))
    assert values.dtype == vector.dtype
    expected = [max(-limit, min(limit, float(value))) for value in vector]
    np.testing.assert_allclose(
        values, expected, rtol=rounding(vector.dtype), atol=np.finfo(vector.dtype).smallest_subnormal
    )


RATES = st.one_of(st.sampled_from([5e-324, 1e-300, 1e-45, 1e-8, 0.1, 1.0, 1e38, 1e39, 1e300]), st.floats(1e-4, 10))


@holds_for(
    vector=vectors(most=8).filter(lambda vector: len(vector) > 1),
    rate=RATES,
    name=st.sampled_from(["SGD", "Adagrad", "Adam"]),
)
def test_a_first_update_is_right_or_refused_in_words(vector, rate, name):
    optimizer = getattr(optimizers, name)(rate)
    params = two(np.ones_like(vector))
    made, words = refused(lambda: optimizer.update(params, two(vector), optimizer.init(params)))
    if words:
        most, large = float(np.finfo(vector.dtype).max) / 10, float(np.abs(vector).max())
        assert "expected a finite number" in words and (rate > most or rate * large > most or large > math.sqrt(most))
        return
    moved, _ = made
    eps = {"SGD": None, "Adagrad": 1e-10, "Adam": 1e-8}[name]
    for found, g in zip(flat(moved), map(float, vector), strict=True):
        step = rate * g if eps is None else rate * (g / (abs(g) + eps))
        assert float(found) == pytest.approx(
            1 - step, rel=rounding(vector.dtype), abs=rounding(vector.dtype) * (1 + abs(step))
        )


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, "0.1", None, np.array([0.1])])
def test_rates_and_limits_are_checked(value):
    grads = two(np.ones(4))
    for act in (
        lambda: optimizers.SGD(value), lambda: optimizers.Adam(value), lambda: optimizers.Adagrad(value),
        lambda: optimizers.clip_by_norm(grads, value), lambda: optimizers.clip_by_value(grads, value),
        lambda: bptt.numerical_gradient(lambda x: 0.0, np.zeros(1), value),
        lambda: bptt.complex_step(lambda x: 0.0, np.zeros(1), value),
        lambda: next(training.train(rnn, two(np.ones(4)), [], optimizers.SGD(1), limit=value or -1)),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"(rate|limit|step) is .*, expected a finite number > 0, e\.g\."):
            act()


@pytest.mark.parametrize("beta", [-0.1, 1, math.nan])
def test_the_betas_of_adam_are_checked(beta):
    for name in ("beta1", "beta2"):
        with pytest.raises(ValueError, match=f"{name} is .*expected a number from 0"):
            optimizers.Adam(0.1, **{name: beta})


# ---- products of Jacobians
@st.composite
def stacks(draw):
    """Step Jacobians (T, S, S) of numbers between -8 and 8, each step at a size of its own in the range of the dtype."""
    dtype = draw(DTYPES)
    T, S = draw(st.integers(1, 40)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    numbers = rng.integers(-8, 9, (T, S, S))
    low, high = (-120, 120) if dtype == np.float32 else (-1000, 1020)
    common = draw(st.integers(low, high))
    powers = np.where(rng.random(T) < draw(st.sampled_from([0, 0.1, 1])), rng.integers(low, high, T), common)
    return np.ldexp(numbers.astype(dtype), powers[:, None, None].astype(np.int32)).astype(dtype), numbers, powers


def exact_log10(numbers, powers):
    """log10 of the Frobenius norm of the product of the last n steps, n = T..0, in whole numbers."""
    S = numbers.shape[-1]
    product, shift, logs = [[int(i == j) for j in range(S)] for i in range(S)], 0, []
    for step, power in [(None, 0), *zip(numbers[::-1].tolist(), powers[::-1].tolist(), strict=True)]:
        if step is not None:
            product = [[sum(row[k] * step[k][j] for k in range(S)) for j in range(S)] for row in product]
            shift += power
        square = sum(value**2 for row in product for value in row)
        logs.append(float(Decimal(square).log10() / 2 + shift * Decimal(2).log10()) if square else -math.inf)
    return logs[::-1]


@holds_for(stack=stacks())
def test_products_of_jacobians_are_right_whatever_their_sizes(stack):
    steps, numbers, powers = stack
    expected = exact_log10(numbers, powers)
    near = {"rtol": 1e-5, "atol": 1e-3} if steps.dtype == np.float32 else {"rtol": 1e-11, "atol": 1e-9}
    made = gradients.products(steps)
    if not any(map(math.isinf, expected)):  # a product of whole numbers that is 0 may come out as a rounding
        np.testing.assert_allclose(made.log10_norm, expected, **near)
        np.testing.assert_allclose(np.sqrt((made.unit.astype(float) ** 2).sum(axis=(1, 2))), 1, rtol=1e-5)
        np.testing.assert_allclose(gradients.triangle(steps)[-1], expected, **near)


@pytest.mark.parametrize(
    "steps", [[[2]], np.zeros((0, 2, 2)), np.zeros((3, 0, 0)), np.ones((2, 2, 2), complex), [[["a"]]]]
)
def test_what_are_no_jacobians_is_refused(steps):
    for act in (gradients.products, gradients.triangle):
        with pytest.raises(ValueError, match="steps has shape"):
            act(steps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_of_products_may_be_too_large_for_their_type(dtype):
    most = float(np.finfo(dtype).max)
    steps = np.full((3, 4, 4), most, dtype)
    expected = [n * math.log10(most) + math.log10(4**n if n else 2) for n in (3, 2, 1, 0)]
    np.testing.assert_allclose(gradients.products(steps).log10_norm, expected, rtol=1e-6)
    np.testing.assert_allclose(gradients.triangle(steps)[-1], expected, rtol=1e-6)


def test_whole_numbers_are_numbers():
    assert gradients.products([[[2]], [[3]]]).log10_norm.tolist() == pytest.approx([math.log10(6), math.log10(3), 0])


# ---- sizes and names
WRONG = st.one_of(
    st.integers(-3, 0), st.booleans(), st.floats(), st.none(), st.text(max_size=2), st.just(np.float64(2)), st.just([3])
)
RNG, TEXT = np.random.default_rng(0), textmodel.read("hello, hello")
SIZED = {
    "rnn V": lambda n: rnn.init(RNG, n, 3), "rnn H": lambda n: rnn.init(RNG, 3, n),
    "lstm V": lambda n: lstm.init(RNG, n, 3), "lstm H": lambda n: lstm.init(RNG, 3, n),
    "gru V": lambda n: gru.init(RNG, n, 3), "gru H": lambda n: gru.init(RNG, 3, n),
    "V_out": lambda n: bptt.init(rnn, RNG, 3, 3, [] if n is None else n),
    "k": lambda n: bptt.windowed_gradients(rnn, bptt.init(rnn, RNG, 3, 3), np.zeros((2, 1), int), np.zeros((2, 1), int), n),
    "adding T": lambda n: tasks.adding(RNG, n, 3), "adding B": lambda n: tasks.adding(RNG, 3, n),
    "symbol T": lambda n: tasks.first_symbol(RNG, n, 3, 3), "symbol V": lambda n: tasks.first_symbol(RNG, 3, 3, n),
    "recall": lambda n: tasks.recall(RNG, 3, 3, 3, n), "chance": tasks.first_symbol_chance,
    "columns": lambda n: textmodel.columns(TEXT.train, n), "chunks": lambda n: next(textmodel.chunks(TEXT.train[:, None], n)),
    "text H": lambda n: textmodel.train("lstm", TEXT, 0, H=n), "text B": lambda n: textmodel.train("lstm", TEXT, 0, B=n),
    "text T": lambda n: textmodel.train("lstm", TEXT, 0, T=n),
    "text every": lambda n: next(textmodel.measured("lstm", TEXT, 0, n, H=2)),
    "sample": lambda n: charlm.sample(rnn, bptt.init(rnn, RNG, 4, 3), charlm.Vocab("helo"), "h", n, RNG),
    "one_hot": lambda n: functions.one_hot([], n), "orthogonal": lambda n: gradients.orthogonal(RNG, n),
    "matrix": lambda n: gradients.recurrent_matrix(RNG, n, 1.0), "noise": lambda n: gradients.noise(n, 0),
    "cliff": lambda n: descent.cliff_loss(1.0, 0.0, n), "kept T": lambda n: truncated.kept("window", n, 2),
    "kept k": lambda n: truncated.kept("pieces", 4, n), "kinds": lambda n: kinds.batch("one_to_one", RNG, n),
    "kinds every": lambda n: next(kinds.run("one_to_one", 0, n)), "race every": lambda n: next(race.run(["rnn"], 4, 0, n)),
    "until": lambda n: next(race.until_solved("rnn", 4, 0, n)), "race T": lambda n: next(race.run(["rnn"], n, 0)),
    "pieces": lambda n: next(training.train(rnn, two(np.ones(4)), [], optimizers.SGD(1), pieces=n)),
}  # fmt: skip


@holds_for(size=WRONG, where=st.sampled_from(sorted(SIZED)))
def test_what_is_no_size_is_refused_in_words(size, where):
    with pytest.raises(ValueError, match=r"(?s)\w+ is .*expected a positive integer, e\.g\. \w+=3"):
        SIZED[where](size)


NAMED = {
    "textmodel.train": lambda name: textmodel.train(name, TEXT, 0),
    "textmodel.nats": lambda name: textmodel.nats(name, bptt.init(rnn, RNG, 5, 3), TEXT.train),
    "textmodel.influence": lambda name: textmodel.influence(name, bptt.init(rnn, RNG, 5, 3), TEXT.train, 0),
    "race.training": lambda name: race.training(name, 4, 0), "race.run": lambda name: next(race.run([name], 4, 0)),
    "race.error": lambda name: race.error(name, None, None), "race.until": lambda name: next(race.until_solved(name, 4, 0)),
    "descent.start": lambda name: descent.adding(RNG, 4, name, 3),
    "descent.clip": lambda name: next(descent.cliff_walks(1.0, 0.0, 0.1, name, 1.0, 3)),
    "gradcheck": gradcheck.broken, "kinds.batch": lambda name: kinds.batch(name, RNG),
    "kinds.training": lambda name: kinds.training(name, RNG), "kinds.read": lambda name: kinds.read(name, None, 0),
    "truncated.kept": lambda name: truncated.kept(name, 3, 3),
    "truncated": lambda name: truncated.train_truncated(name, 3, 1, 0),
    "toy": lambda name: gradients.toy([1.0], 1, 1, 0, activation=name),
    "network": lambda name: gradients.network(name, 3, 1.0, 0.0, 0),
}  # fmt: skip


@holds_for(name=st.one_of(st.none(), st.text("LSTMlstm gru", max_size=4), st.text()).filter(lambda name: name not in CELLS),
           where=st.sampled_from(sorted(NAMED)))  # fmt: skip
def test_what_is_no_name_is_refused_and_the_names_are_said(name, where):
    with pytest.raises(
        ValueError, match=r"(?s)(name|start|clip|fault|kind|form|activation|matrix) is .*, expected one of \w+, \w+"
    ):
        NAMED[where](name)


# ---- texts in columns
@holds_for(n=st.integers(0, 30), B=st.integers(1, 12), T=st.integers(1, 40))
def test_columns_are_read_pair_by_pair_or_refused(n, B, T):
    table = textmodel.columns(np.arange(n), B)
    assert table.T.ravel().tolist() == list(range(n // B * B))
    if n // B < 2:
        with pytest.raises(ValueError, match="one letter to predict"):
            next(textmodel.chunks(table, T))
    else:
        inputs, targets, first = next(textmodel.chunks(table, T))
        assert first and (targets == inputs + 1).all() and inputs.shape == (min(T, n // B - 1), B)


@holds_for(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=3, max_size=40),
           T=st.integers(1, 50), B=st.integers(1, 50), name=st.sampled_from(["rnn", "lstm"]))  # fmt: skip
def test_any_text_of_two_characters_can_be_trained_on(text, T, B, name):
    read, words = refused(lambda: textmodel.read(text))
    if words:
        assert "at least 2 characters" in words
        return
    made = textmodel.train(name, read, 0, H=2, B=B, T=T)
    next(made)
    assert math.isfinite(next(made).loss)


@pytest.mark.parametrize("dtype", [int, bool, "U1"])
def test_weights_are_fractions(dtype):
    with pytest.raises(ValueError, match=r"dtype is .*real numbers"):
        textmodel.train("rnn", TEXT, 0, dtype=dtype)


# ---- shapes, dtypes and sizes of what a network reads
@holds_for(xs=hnp.arrays(st.sampled_from([bool, np.int8, np.uint16, int, np.float16, np.float32, float, complex, object, "U2"]),
                         hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3), fill=st.nothing()),
           name=st.sampled_from(sorted(CELLS)), dtype=st.sampled_from([np.float16, np.float32, np.float64]))  # fmt: skip
def test_a_network_reads_any_array_right_or_refuses_it_in_words(xs, name, dtype):
    cell = CELLS[name]
    params = functions.astype(bptt.init(cell, np.random.default_rng(0), 2, 3), dtype)
    made, words = refused(lambda: bptt.forward(cell, params, xs))
    if words:
        assert "expected" in words
        return
    trace, outputs = made
    assert np.isfinite(outputs).all() and outputs.dtype in (np.float32, np.float64, np.complex64, np.complex128)
    state = np.zeros((xs.shape[1], 3))
    state = lstm.State(state, state) if cell is lstm else state
    exact = functions.astype(params, np.float64).cell
    for t, x in enumerate(xs):
        step = cell.step(exact, np.eye(2)[x] if xs.ndim == 2 else x.astype(np.result_type(x, float)), state)
        state = lstm.State(step.h, step.c) if cell is lstm else step.h
        if np.abs(xs).max() < 1e4:
            np.testing.assert_allclose(
                trace.h[t], step.h, atol=1e-3 if outputs.dtype.itemsize < 8 or dtype is not np.float64 else 1e-12
            )


@holds_for(size=st.integers(-300, 308), scale=st.integers(-300, 308), name=st.sampled_from(sorted(CELLS)), dtype=DTYPES)
def test_weights_of_any_size_give_finite_outputs_or_a_refusal(size, scale, name, dtype):
    cell, most = CELLS[name], float(np.finfo(dtype).max)
    params = bptt.init(cell, np.random.default_rng(0), 2, 3)
    arrays = [np.clip(array * 10.0**size, -most, most) for array in functions.arrays(params)]
    params = functions.astype(functions.rebuild(params, arrays), dtype)
    xs = np.clip(np.ones((2, 1, 2)) * 10.0**scale, 0, most).astype(dtype)
    made, words = refused(lambda: bptt.forward(cell, params, xs))
    assert "outputs[" in words if made is None else all(np.isfinite(array).all() for array in (made[0].h, made[1]))


@pytest.mark.parametrize("name", sorted(CELLS))
def test_a_state_that_is_not_finite_is_refused(name):
    cell, bad = CELLS[name], np.full((1, 3), np.nan)
    with pytest.raises(ValueError, match=r"state0\[0, 0\] is nan"):
        cell.forward(cell.init(RNG, 2, 3), np.zeros((2, 1), int), lstm.State(bad, bad) if cell is lstm else bad)


@holds_for(power=st.integers(-36, 0), name=st.sampled_from(sorted(CELLS)))
def test_a_change_is_followed_in_float32_as_in_float64(power, name):
    cell = CELLS[name]
    params = cell.init(np.random.default_rng(0), 2, 3)
    dx, xs = np.full((1, 2), 10.0**power, np.float32), np.zeros((4, 1), int)
    found = gradients.sensitivity(cell, functions.astype(params, np.float32), xs, dx)
    expected = gradients.sensitivity(cell, params, xs, dx)
    np.testing.assert_allclose(found.linear, expected.linear, rtol=1e-4)


# ---- memory and directions
@holds_for(seed=st.integers(0, 2**32 - 1), dtype=DTYPES)
def test_no_byte_of_a_trace_counts_twice_and_none_that_is_not_read(seed, dtype):
    rng = np.random.default_rng(seed)
    buffers = [np.zeros(rng.integers(1, 6, 3), dtype) for _ in range(2)]
    views, addresses = [], set()
    for _ in range(4):
        view = buffers[rng.integers(2)]
        view = view[tuple(slice(rng.integers(0, n), None, int(rng.choice([-2, -1, 1, 2, 3]))) for n in view.shape)].T
        views.append(view)
        start, item = view.__array_interface__["data"][0], view.itemsize
        for index in np.ndindex(view.shape):
            at = start + sum(i * stride for i, stride in zip(index, view.strides, strict=True))
            addresses |= set(range(at, at + item))
    assert bptt.bytes_kept(Weights(Weights(*views[:2]), Weights(*views[2:]))) == len(addresses)


@holds_for(power=st.integers(-30, 30), dtype=DTYPES, seed=st.integers(0, 99))
def test_main_directions_do_not_depend_on_how_large_the_states_are(power, dtype, seed):
    hs = np.random.default_rng(seed).standard_normal((5, 3))
    found = charlm.main_directions((hs * 10.0**power).astype(dtype))
    np.testing.assert_allclose(found, charlm.main_directions(hs), atol=1e-4)
    flat = np.outer(hs[:, 0], hs[0]) * 10.0**power
    assert (
        not charlm.main_directions(flat.astype(dtype))[1].any() and charlm.main_directions(flat.astype(dtype))[0].any()
    )


@pytest.mark.parametrize("hs", [np.zeros((0, 3)), np.zeros((4, 1)), np.zeros(3)])
def test_states_without_two_directions_are_refused(hs):
    with pytest.raises(ValueError, match="hs has shape"):
        charlm.main_directions(hs)


@holds_for(
    seed=st.integers(0, 99),
    radius=st.sampled_from([0, 1e-300, 1.0, 1e100]),
    more=st.sampled_from([0, 1e-300, 1, 1e100]),
)
def test_matrices_of_any_radius_are_finite(seed, radius, more):
    assert np.isfinite(gradients.recurrent_matrix(np.random.default_rng(seed), 3, radius, more)).all()
