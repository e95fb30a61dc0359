"""The explorers of chapter 4: from a geometric sequence to the factors of a gradient, to what they do to training."""

from functools import cache
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, gradients, rnn, tasks
from lecture_utils.chapters.gradients import pictures as plots
from lecture_utils.drawing.diagram import moved
from lecture_utils.functions import SQUARED_ERROR
from lecture_utils.optimizers import SGD, Adam, clip_by_norm, clip_by_value, global_norm
from lecture_utils.training import train
from lecture_utils.widgets.engine import Choice, Slider, Spec, register

W_XH = 2.0  # the deck's toy: w_xh = 2, w_hh = 3, b = 1
TOY = "from lecture_utils import gradients\n"


def _log10(values):
    with np.errstate(divide="ignore"):
        return np.log10(values)


# ---- three steps of the deck's toy: guess first
class FirstGuess(NamedTuple):
    """The toy's three steps and the four factors of dh_3/dh_1, from step 3 back."""

    toy: gradients.Toy
    slopes: np.ndarray  # (3,), phi'(a_t)
    logs: list  # log10 of the four factors
    gradient: float


def compute_first_guess(w_hh, x, b):
    """Three steps with the same input x, from h_0 = 0."""
    toy = gradients.toy([x] * 3, W_XH, w_hh, b)
    logs = [toy.log10_derivative[2], toy.log10_weight[2], toy.log10_derivative[1], toy.log10_weight[1]]
    return FirstGuess(toy, 10.0**toy.log10_derivative, logs, gradients.product(gradients.state_path(toy, 1)))


first_guess = register(
    Spec(
        name="gradients.first_guess",
        controls=(
            Slider("w_hh", 0.1, 4.0, 0.1, 3.0),
            Slider("x", -2.0, 2.0, 0.01, 1.0),
            Slider("b", -2.0, 2.0, 0.1, 1.0),
        ),
        compute=compute_first_guess,
        picture=moved(plots.make_first_guess, plots.update_first_guess),
        say=plots.say_first_guess,
        line=lambda d: (
            f"{TOY}toy = gradients.toy([{d.x}] * 3, {W_XH}, {d.w_hh}, {d.b})\n"
            "gradients.product(gradients.state_path(toy, 1))"
        ),
        result="gradient",
        presets={"deck": {}, "balanced": {"x": -0.5}, "nearly": {"x": -0.4}},
        guesses=("grows", "same", "vanishes"),
        size=(8.4, 4.2),
    )
)


# ---- a geometric sequence
class Geometric(NamedTuple):
    """w^n for n = 0..100, and log10 |w^n|."""

    w: float
    n: int
    powers: np.ndarray
    logs: np.ndarray


def compute_geometric(w, n):
    """The first 101 powers of w."""
    ns = np.arange(plots.POWERS + 1)
    steps = np.full(plots.POWERS, _log10(abs(w)))
    return Geometric(w, n, w**ns, np.concatenate([[0.0], np.cumsum(steps)]))


geometric = register(
    Spec(
        name="gradients.geometric",
        controls=(Slider("w", -2.0, 2.0, 0.01, 0.9), Slider("n", 0, plots.POWERS, 1, 50)),
        compute=compute_geometric,
        picture=moved(plots.make_geometric, plots.update_geometric, ("plain", "log")),
        say=plots.say_geometric,
        line=lambda d: f"({d.w}) ** {d.n}",
        result="power",
        presets={"above": {"w": 1.1}, "negative": {"w": -0.95}, "one": {"w": 1.0}},
        size=(7.8, 3.8),
    )
)

# ---- the main picture
SCALES = {"one": 1.0, "thousand": 1e3, "million": 1e6}
NOISE = np.random.default_rng(4).uniform(-1, 1, 1000)


def signal(name, T):
    """One of the input sequences of size 1, (T,)."""
    if name == "noise":
        return NOISE[:T]
    t = np.arange(T)
    return {"constant": np.ones(T), "pulse": (t == 0) * 1.0, "alternating": (-1.0) ** t}[name]


SIGNALS = ("constant", "pulse", "alternating", "noise")


def _signal_line(d):
    """The signal as Python source."""
    T = d.T
    return {
        "constant": f"np.ones({T})",
        "pulse": f"np.eye(1, {T})[0]",
        "alternating": f"(-1.0) ** np.arange({T})",
        "noise": f"np.random.default_rng(4).uniform(-1, 1, {T})",
    }[d.signal]


_signal = signal  # a control has the same name
DECK = {"T": 20, "w_hh": 3.0, "b": 1.0, "signal": "constant", "x": 1.0}


class Flow(NamedTuple):
    """The scalar RNN's pass, and log10 of both parts of dh_T/ds for s = 0..T."""

    toy: gradients.Toy
    T: int
    weight: np.ndarray  # (T + 1,)
    derivative: np.ndarray  # (T + 1,)


def compute_flow(activation, T, w_hh, scale, b, w_xh, signal, x):
    """The scalar RNN on x times one of the SIGNALS, from h_0 = 0; its recurrent weight is w_hh times one of the SCALES."""
    toy = gradients.toy(x * _signal(signal, T), w_xh, w_hh * SCALES[scale], b, activation=activation)
    return Flow(toy, T, gradients.sums_after(toy.log10_weight), gradients.sums_after(toy.log10_derivative))


flow = register(
    Spec(
        name="gradients.flow",
        controls=(
            Choice("activation", tuple(gradients.ACTIVATIONS), "tanh"),
            Slider("T", 2, 1000, 1, 30, redraw=True),
            Slider("w_hh", -8.0, 8.0, 0.05, 1.5),
            Choice("scale", tuple(SCALES), "one"),
            Slider("b", -3.0, 3.0, 0.05, 0.0),
            Slider("w_xh", -3.0, 3.0, 0.05, W_XH),
            Choice("signal", SIGNALS, "noise"),
            Slider("x", -3.0, 3.0, 0.001, 0.5),
        ),
        compute=compute_flow,
        picture=moved(plots.make_flow, plots.update_flow, ("total", "weight", "derivative")),
        say=plots.say_flow,
        line=lambda d: (
            f"import numpy as np\n{TOY}"
            f"xs = {d.x} * {_signal_line(d)}\n"
            f"gradients.toy(xs, {d.w_xh}, {d.w_hh * SCALES[d.scale]}, {d.b}, "
            f"activation={d.activation!r}).log10_gradient[1]"
        ),
        result="log10",
        presets={
            "deck": DECK,
            "tanh_grows": DECK | {"x": -0.5},
            "relu_stops": {"activation": "relu", "w_hh": 0.9, "b": -0.2, "x": 1.0},
            "extreme": DECK | {"activation": "linear", "T": 1000, "w_hh": 1.0, "scale": "million"},
        },
        size=(7.6, 5.4),
    )
)


# ---- the time machine
class TimeMachine(NamedTuple):
    """log10 |dh_t/dh_s| for all t and s, and the chosen pair."""

    toy: gradients.Toy
    T: int
    t: int
    s: int
    logs: np.ndarray  # (T + 1, T + 1), -inf above the diagonal is shown as blank
    share: float  # of the pairs s < t, those below 10^-3


def compute_time_machine(T, t, s, w_hh, b, signal, x):
    """The triangle of the toy on x times one of the SIGNALS; s > t is read as s = t."""
    t = min(t, T)
    s = min(s, t)
    toy = gradients.toy(x * _signal(signal, T), W_XH, w_hh, b)
    factors = toy.log10_derivative + toy.log10_weight
    logs = np.full((T + 1, T + 1), np.nan)
    for end in range(T + 1):
        logs[end, : end + 1] = gradients.sums_after(factors[:end])
    below = np.tril_indices(T + 1, -1)
    return TimeMachine(toy, T, t, s, logs, np.mean(logs[below] < plots.SMALL))


time_machine = register(
    Spec(
        name="gradients.time_machine",
        controls=(
            Slider("T", 3, 40, 1, 20, redraw=True),
            Slider("t", 1, 40, 1, 15, at_most="T"),
            Slider("s", 0, 40, 1, 5, at_most="T"),
            Slider("w_hh", -4.0, 4.0, 0.05, 1.5),
            Slider("b", -2.0, 2.0, 0.05, 0.0),
            Choice("signal", SIGNALS, "noise"),
            Slider("x", -3.0, 3.0, 0.05, 1.0),
        ),
        compute=compute_time_machine,
        picture=moved(plots.make_time_machine, plots.update_time_machine),
        say=plots.say_time_machine,
        line=lambda d: (
            f"import numpy as np\n{TOY}"
            f"xs = ({d.x} * {_signal_line(d)})[:{d.t}]  # up to step t\n"
            f"gradients.toy(xs, {W_XH}, {d.w_hh}, {d.b}).log10_gradient[{d.s}]"
        ),
        result="log10",
        presets={
            "deck": {"w_hh": 3.0, "b": 1.0, "signal": "constant"},
            "neighbours": {"t": 6, "s": 5},
            "farthest": {"t": 20, "s": 0},
            "pulse": {"signal": "pulse", "w_hh": 1.0},
        },
        size=(8.6, 4.2),
    )
)

# ---- vectors
MATRIX_SEED = 0
SPANS = 6  # spans at which all singular values of the product are drawn, besides 0


class Matrices(NamedTuple):
    """The products of a plain RNN's step Jacobians over the last n steps, n = 0..T, beside the spectrum of W_hh."""

    T: int
    sigmas: np.ndarray  # (H,), the singular values of W_hh, largest first
    lambdas: np.ndarray  # (H,), the sizes of its eigenvalues, largest first
    log10_sigma: float
    log10_radius: float
    log10_rms: np.ndarray  # (T + 1,), of the root of the mean squared singular value: Frobenius norm over sqrt(H)
    spans: np.ndarray
    log10_singular: np.ndarray  # (spans, H)
    mean_slope: float  # the mean of tanh' over steps and units
    largest_slope: float


def network(matrix, H, radius, nonnormality, seed):
    """rnn.Params with V = 1: W_hh random, or the 3x3 example, which has a spectral radius of its own."""
    rng = np.random.default_rng(seed)
    W_hh = gradients.NON_NORMAL if matrix == "example" else gradients.recurrent_matrix(rng, H, radius, nonnormality)
    return rnn.Params(rng.standard_normal((len(W_hh), 1)), W_hh, np.zeros(len(W_hh)))


def noise(T, seed):
    """Standard normal inputs (T, 1, 1)."""
    return np.random.default_rng(seed + 1000).standard_normal((T, 1, 1))


def compute_matrices(matrix, H, radius, nonnormality, drive, T, seed):
    """The products for inputs of size `drive`; with drive 0 the state stays 0, tanh' = 1, and they are powers of W_hh."""
    params = network(matrix, H, radius, nonnormality, seed)
    trace = rnn.forward(params, drive * noise(T, seed))
    products = gradients.products(rnn.jacobians(params, trace)[:, 0])
    backwards = gradients.Products(products.log10_norm[::-1], products.unit[::-1])  # by span n = T - s
    spans = np.unique(np.linspace(0, T, SPANS + 1).astype(int))
    chosen = gradients.Products(backwards.log10_norm[spans], backwards.unit[spans])
    sigmas = np.linalg.svd(params.W_hh, compute_uv=False)
    lambdas = np.sort(np.abs(np.linalg.eigvals(params.W_hh)))[::-1]
    slopes = 1 - trace.h**2
    return Matrices(
        T=T,
        sigmas=sigmas,
        lambdas=lambdas,
        log10_sigma=_log10(sigmas[0]),
        log10_radius=_log10(lambdas[0]),
        log10_rms=backwards.log10_norm - np.log10(len(sigmas)) / 2,
        spans=spans,
        log10_singular=gradients.log10_singular_values(chosen),
        mean_slope=slopes.mean(),
        largest_slope=slopes.max(),
    )


def line_matrices(d):
    """log10 of the norm of dh_T/dh_0."""
    arguments = ", ".join(repr(getattr(d, name)) for name in ("matrix", "H", "radius", "nonnormality", "seed"))
    return (
        "from lecture_utils import gradients, rnn\nfrom lecture_utils.chapters.gradients.explorers import network, noise\n"
        f"params = network({arguments})\n"
        f"trace = rnn.forward(params, {d.drive} * noise({d.T}, {d.seed}))\n"
        "gradients.log10_singular_values(gradients.products(rnn.jacobians(params, trace)[:, 0]))[0, 0]"
    )


matrices = register(
    Spec(
        name="gradients.matrices",
        controls=(
            Choice("matrix", ("random", "example"), "random"),
            Slider("radius", 0.05, 2.0, 0.05, 1.0),
            Slider("nonnormality", 0.0, 2.0, 0.1, 0.0),
            Slider("drive", 0.0, 3.0, 0.1, 0.0),
            Slider("H", 2, 64, 1, 16),
            Slider("T", 2, 100, 1, 50, redraw=True),
            Slider("seed", 0, 99, 1, MATRIX_SEED),
        ),
        compute=compute_matrices,
        picture=moved(plots.make_matrices, plots.update_matrices, ("rms", "bound")),
        say=plots.say_matrices,
        line=line_matrices,
        result="log10",
        presets={
            "saturating": {"radius": 1.2, "drive": 1.0},
            "hump": {"radius": 0.8, "nonnormality": 1.0},
            "example": {"matrix": "example"},
        },
        size=(8.6, 4.2),
    )
)


# ---- the map of regimes
class Regimes(NamedTuple):
    """log10 |dh_T/dh_1| over a grid of (w_hh, b), and at the chosen pair."""

    T: int
    w_values: np.ndarray
    b_values: np.ndarray
    logs: np.ndarray  # (b, w)
    w_hh: float
    b: float
    log10: float


W_GRID, B_GRID = np.linspace(-8, 8, 65), np.linspace(-4, 4, 41)


def compute_regimes(activation, T, x, w_hh, b):
    """The map for the constant input x: one scalar RNN for every point of the grid, all at once."""
    phi = gradients.ACTIVATIONS[activation]
    w_values, drives = np.meshgrid(W_GRID, W_XH * x + B_GRID)
    h = phi.value(drives)  # step 1, from h_0 = 0
    logs = (T - 1) * _log10(np.abs(w_values))
    for _ in range(T - 1):
        a = w_values * h + drives
        logs = logs + phi.log10_derivative(a)
        h = phi.value(a)
    here = gradients.toy([x] * T, W_XH, w_hh, b, activation=activation)
    return Regimes(T, W_GRID, B_GRID, logs, w_hh, b, here.log10_gradient[1])


regimes = register(
    Spec(
        name="gradients.regimes",
        controls=(
            Choice("activation", tuple(gradients.ACTIVATIONS), "tanh"),
            Slider("T", 2, 100, 1, 20),
            Slider("x", -2.0, 2.0, 0.05, 0.0),
            Slider("w_hh", -8.0, 8.0, 0.1, 3.0),
            Slider("b", -4.0, 4.0, 0.1, 1.0),
        ),
        compute=compute_regimes,
        picture=moved(plots.make_regimes, plots.update_regimes),
        say=plots.say_regimes,
        line=lambda d: (
            f"{TOY}toy = gradients.toy([{d.x}] * {d.T}, {W_XH}, {d.w_hh}, {d.b}, "
            f"activation={d.activation!r})\ntoy.log10_gradient[1]"
        ),
        result="log10",
        presets={
            "long": {"T": 100},
            "sigmoid": {"activation": "sigmoid", "w_hh": 6.0, "b": -3.0},
            "relu": {"activation": "relu", "w_hh": 1.0},
            "linear": {"activation": "linear", "w_hh": 1.0},
        },
        size=(7.4, 4.6),
    )
)

# ---- the cliff
CLIFF_H_0, CLIFF_TARGET, WALK = 0.5, -0.5, 60
CLIFF_W, CLIFF_B = np.linspace(-1, 4, 101), np.linspace(-1.5, 1, 81)


class Weights(NamedTuple):
    """What the walkers move."""

    w_hh: np.ndarray  # ()
    b: np.ndarray  # ()


class Place(NamedTuple):
    """Where a walker stands: its weights, the loss there, and the norm of its gradient."""

    weights: Weights
    loss: float
    norm: float


class Walk(NamedTuple):
    """A walk as columns."""

    w: np.ndarray
    b: np.ndarray
    loss: np.ndarray
    log10_norm: np.ndarray


class Cliff(NamedTuple):
    """The loss surface and both walks up to the shown frame."""

    w_values: np.ndarray
    b_values: np.ndarray
    surface: np.ndarray  # (b, w)
    plain: Walk
    clipped: Walk
    step: int
    budget: int
    limit: float


def cliff_gradients(weights, T):
    """(loss, Weights of gradients) of (h_T - target)^2, h_t = tanh(w_hh h_{t-1} + b), by BPTT."""
    cell = rnn.Params(np.zeros((1, 1)), np.reshape(weights.w_hh, (1, 1)), np.reshape(weights.b, 1))
    params = bptt.Params(cell, np.ones((1, 1)), np.zeros(1))
    xs, targets = np.zeros((T, 1, 1)), np.full((T, 1, 1), CLIFF_TARGET)
    result = bptt.gradients(
        rnn, params, xs, targets, np.full((1, 1), CLIFF_H_0), y_mask=np.arange(T) == T - 1, criterion=SQUARED_ERROR
    )
    return float(result.loss), Weights(result.grads.cell.W_hh[0, 0], result.grads.cell.b_h[0])


CLIPS = {"norm": lambda grads, limit: clip_by_norm(grads, limit)[0], "value": clip_by_value}


def film_cliff(w_start, b_start, rate, clip, limit, T):
    """Frames (place of the plain walker, place of the clipped walker) of gradient descent from the same start."""
    optimizer = SGD(rate)
    walkers = [Weights(np.array(w_start), np.array(b_start))] * 2
    while True:
        made = [cliff_gradients(weights, T) for weights in walkers]
        yield tuple(Place(w, loss, global_norm(grads)) for w, (loss, grads) in zip(walkers, made, strict=True))
        steps = made[0][1], CLIPS[clip](made[1][1], limit)
        walkers = [optimizer.update(w, grads, ())[0] for w, grads in zip(walkers, steps, strict=True)]


@cache
def cliff_surface(T):
    """The loss over the grid, (b, w)."""
    w_values, b_values = np.meshgrid(CLIFF_W, CLIFF_B)
    h = np.full(w_values.shape, CLIFF_H_0)
    for _ in range(T):
        h = np.tanh(w_values * h + b_values)
    return (h - CLIFF_TARGET) ** 2


def compute_cliff(w_start, b_start, rate, clip, limit, T, film, frame):
    """Both walks; start, rate and kind of clipping stand behind the film."""
    walks = []
    for places in zip(*film[: frame + 1], strict=True):
        columns = [(float(p.weights.w_hh), float(p.weights.b), p.loss, _log10(p.norm)) for p in places]
        walks.append(Walk(*np.array(columns).T))
    return Cliff(CLIFF_W, CLIFF_B, cliff_surface(T), *walks, frame, WALK, limit)


def line_cliff(d):
    """The plain walker's loss at the shown frame."""
    arguments = ", ".join(repr(getattr(d, name)) for name in ("w_start", "b_start", "rate", "clip", "limit", "T"))
    return (
        "from itertools import islice\nfrom lecture_utils.chapters.gradients.explorers import film_cliff\n"
        f"*_, (plain, clipped) = islice(film_cliff({arguments}), {d.frame + 1})\nplain.loss"
    )


cliff = register(
    Spec(
        name="gradients.cliff",
        controls=(
            Slider("w_start", -0.5, 4.0, 0.1, 1.5),
            Slider("b_start", -1.5, 1.0, 0.1, -0.2),
            Slider("rate", 0.02, 0.5, 0.02, 0.1),
            Choice("clip", tuple(CLIPS), "norm"),
            Slider("limit", 0.1, 5.0, 0.1, 0.5),
            Slider("T", 5, 50, 1, 20),
        ),
        compute=compute_cliff,
        picture=moved(plots.make_cliff, plots.update_cliff),
        say=plots.say_cliff,
        line=line_cliff,
        result="loss",
        presets={"thrown": {}, "short": {"T": 5}, "plateau": {"w_start": 4.0, "b_start": 1.0}},
        size=(8.4, 5.0),
        film=film_cliff,
        budget=WALK,
    )
)

# ---- the forward side
FORWARD_H = 16


class ForwardSide(NamedTuple):
    """log10 of the change of h_t after a change of x_1, t = 1..T, and of the backward picture, s = 0..T."""

    T: int
    exponent: int
    log10_measured: np.ndarray  # (T,)
    log10_linear: np.ndarray  # (T,)
    log10_back: np.ndarray  # (T + 1,)


def compute_forward_side(radius, drive, exponent, T, seed):
    """Two passes whose x_1 differ by 10**exponent, and the products of the step Jacobians."""
    params, xs = network("random", FORWARD_H, radius, 0.0, seed), drive * noise(T, seed)
    change = gradients.sensitivity(rnn, params, xs, dx=np.array([[10.0**exponent]]))
    steps = rnn.jacobians(params, rnn.forward(params, xs))[:, 0]
    back = gradients.products(steps).log10_norm - np.log10(FORWARD_H) / 2
    return ForwardSide(T, exponent, _log10(change.measured[:, 0]), _log10(change.linear[:, 0]), back)


def line_forward_side(d):
    """log10 of the linear prediction at step T."""
    return (
        "import numpy as np\nfrom lecture_utils import gradients, rnn\n"
        "from lecture_utils.chapters.gradients.explorers import network, noise\n"
        f"params = network('random', {FORWARD_H}, {d.radius}, 0.0, {d.seed})\n"
        f"xs = {d.drive} * noise({d.T}, {d.seed})\n"
        f"np.log10(gradients.sensitivity(rnn, params, xs, dx=np.array([[10.0 ** {d.exponent}]])).linear[-1, 0])"
    )


forward_side = register(
    Spec(
        name="gradients.forward_side",
        controls=(
            Slider("radius", 0.2, 2.5, 0.05, 0.8),
            Slider("drive", 0.0, 2.0, 0.1, 0.3),
            Slider("exponent", -10, 0, 1, -3),
            Slider("T", 5, 100, 1, 40, redraw=True),
            Slider("seed", 0, 99, 1, 0),
        ),
        compute=compute_forward_side,
        picture=moved(plots.make_forward_side, plots.update_forward_side, ("linear", "back")),
        say=plots.say_forward_side,
        line=line_forward_side,
        result="log10",
        presets={
            "chaos": {"radius": 2.0, "drive": 0.0, "exponent": -8, "T": 80},
            "rounding": {"radius": 0.5, "exponent": -8},
            "driven": {"radius": 1.3, "drive": 2.0},
        },
        size=(8.2, 4.2),
    )
)

# ---- the adding problem
ADDING_H, ADDING_B, GOAL, FRESH, CLIP = 32, 64, 0.01, 200, 1.0


class Course(NamedTuple):
    """Where the trainings of several seeds stand."""

    step: int  # updates of those that still run
    stopped: tuple  # updates that each has made
    params: tuple
    errors: tuple  # on the fresh sequences
    fresh: tasks.Batch  # which no training sees


class Adding(NamedTuple):
    """Errors of all seeds so far, and how far back the gradient of the shown networks reaches."""

    T: int
    seed: int
    updates: int
    goal: float
    chance: float
    frame: int
    step: int
    steps: list
    errors: np.ndarray  # (frames, seeds)
    log10_reach: list  # for each seed (T + 1,)


def adding_training(rng, T, start, updates):
    """The Snapshots of an RNN on the adding problem; W_hh starts uniform (Adam's rate 0.01) or orthogonal (0.001)."""
    params = bptt.init(rnn, rng, 2, ADDING_H, 1)
    if start == "orthogonal":
        params = params._replace(cell=params.cell._replace(W_hh=gradients.orthogonal(rng, ADDING_H)))
    batches = (tasks.adding(rng, T, ADDING_B) for _ in range(updates))
    rate = {"uniform": 0.01, "orthogonal": 0.001}[start]
    return train(rnn, params, batches, Adam(rate), CLIP, SQUARED_ERROR)


def adding_fresh(T):
    """The sequences on which the error is measured."""
    return tasks.adding(np.random.default_rng(1_000_000), T, FRESH)


def adding_error(params, fresh):
    """The mean squared error of the answers."""
    return float(bptt.loss(rnn, params, fresh.xs, fresh.targets, y_mask=fresh.y_mask, criterion=SQUARED_ERROR))


def _courses(T, seeds, start, updates, every):
    """A Course every few updates until all seeds have solved the task; a seed that has solved it stops there."""
    fresh = adding_fresh(T)
    running = [adding_training(np.random.default_rng(seed), T, start, updates) for seed in seeds]
    made = [next(training) for training in running]
    while True:
        errors = tuple(adding_error(snapshot.params, fresh) for snapshot in made)
        steps = tuple(snapshot.step for snapshot in made)
        yield Course(max(steps), steps, tuple(snapshot.params for snapshot in made), errors, fresh)
        open_seeds = [n for n, error in enumerate(errors) if error >= GOAL]
        if not open_seeds:
            return
        for n in open_seeds:
            for _ in range(every):
                made[n] = next(running[n])


def _adding(name, start, seeds_at_once, updates, every, T, presets):
    """One of the two explorers of the adding problem: `updates` at most, one frame every few of them."""

    def film(T, seed):
        return _courses(T, range(seed, seed + seeds_at_once), start, updates, every)

    def compute(T, seed, film, frame):
        shown = film[frame]
        reach = []
        for params in shown.params:
            steps = rnn.jacobians(params.cell, rnn.forward(params.cell, shown.fresh.xs[:, :1]))[:, 0]
            reach.append(gradients.products(steps).log10_norm - np.log10(ADDING_H) / 2)
        errors = np.array([made.errors for made in film])
        steps = [made.step for made in film]
        return Adding(T, seed, updates, GOAL, tasks.ADDING_CHANCE, frame, shown.step, steps, errors, reach)

    def line(d):
        made = d.film[d.frame].stopped[0]
        return (
            "import numpy as np\n"
            "from lecture_utils.chapters.gradients.explorers import adding_error, adding_fresh, adding_training\n"
            f"*_, last = adding_training(np.random.default_rng({d.seed}), {d.T}, {start!r}, {made})\n"
            f"adding_error(last.params, adding_fresh({d.T}))"
        )

    return register(
        Spec(
            name=name,
            controls=(Slider("T", 10, 50, 10, T, redraw=True), Slider("seed", 0, 999, 1, 0, redraw=True)),
            compute=compute,
            picture=moved(plots.make_adding, plots.update_adding),
            say=plots.say_adding,
            line=line,
            result="error",
            presets=presets,
            size=(8.2, 4.2),
            film=film,
            budget=updates // every,
        )
    )


# two seeds with uniform weights; then one with an orthogonal W_hh, a tenth of the rate and five times the updates
adding = _adding(
    "gradients.adding", "uniform", 2, 3_000, 40, 20, {"short": {"T": 20}, "between": {"T": 30}, "long": {"T": 50}}
)
patient = _adding("gradients.patient", "orthogonal", 1, 15_000, 40, 10, {"short": {"T": 20}, "long": {"T": 50}})
