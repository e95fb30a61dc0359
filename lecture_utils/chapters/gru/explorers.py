"""The explorers of chapter 6: the GRU's cell, its weighted average, its gates, its gradient, and the three-way race."""

import time
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, gradients, gru, lstm, race, rnn, tasks
from lecture_utils.chapters.gru import pictures as plots
from lecture_utils.drawing.diagram import moved
from lecture_utils.functions import SQUARED_ERROR
from lecture_utils.optimizers import Adam
from lecture_utils.training import train
from lecture_utils.widgets.engine import Choice, Slider, Spec, register


# ---- the cell
class Cell(NamedTuple):
    """One step of a GRU with one unit, every number on its wires."""

    a_z: float
    a_r: float
    u: float
    w: float
    h_prev: float
    z: float
    open: float  # 1 - z
    r: float
    seen: float  # r h_prev
    candidate: float
    kept: float  # (1 - z) h_prev
    written: float  # z candidate
    h: float


def compute_cell(a_z, a_r, u, w, h_prev):
    """The step: a_z and a_r go into the gates as they are, u + w r h_prev into the candidate."""
    params = gru.Params(np.eye(3), np.array([[0.0], [0.0], [w]]), np.zeros(3))
    trace = gru.step(params, np.array([a_z, a_r, u]), np.array([h_prev]))
    z, r, candidate = trace.z[0], trace.r[0], trace.candidate[0]
    return Cell(a_z, a_r, u, w, h_prev, z, 1 - z, r, r * h_prev, candidate, (1 - z) * h_prev, z * candidate, trace.h[0])


cell = register(
    Spec(
        name="gru.cell",
        controls=(
            Slider("a_z", -6.0, 6.0, 0.1, -1.0),
            Slider("a_r", -6.0, 6.0, 0.1, 1.0),
            Slider("u", -3.0, 3.0, 0.1, 0.5),
            Slider("w", -3.0, 3.0, 0.1, 1.0),
            Slider("h_prev", -1.0, 1.0, 0.1, -0.8),
        ),
        compute=compute_cell,
        picture=moved(plots.make_cell, plots.update_cell),
        say=plots.say_cell,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils import gru\n"
            f"params = gru.Params(np.eye(3), np.array([[0.0], [0.0], [{d.w}]]), np.zeros(3))\n"
            f"x, h_prev = np.array([{d.a_z}, {d.a_r}, {d.u}]), np.array([{d.h_prev}])\n"
            "gru.step(params, x, h_prev).h[0]"
        ),
        result="h",
        presets={
            "keep": {"a_z": -6.0},
            "replace": {"a_z": 6.0},
            "reset": {"a_z": 6.0, "a_r": -6.0},
            "plain": {"a_z": 6.0, "a_r": 6.0},
        },
        size=(7.4, 4.7),
    )
)


# ---- the weighted average
STEPS = 30
CANDIDATES = {
    "zero": "np.zeros(30)",
    "one": "np.ones(30)",
    "noise": "np.random.default_rng(0).uniform(-1, 1, 30)",
}


class Average(NamedTuple):
    """h_0 .. h_T under a constant z, and the weights of h_0 and candidates 1..n in h_n."""

    z: float
    n: int
    candidates: np.ndarray  # (T,)
    h: list
    weights: list  # n + 1 numbers that sum to 1


def _candidates(signal):
    return {"zero": np.zeros(STEPS), "one": np.ones(STEPS), "noise": np.random.default_rng(0).uniform(-1, 1, STEPS)}[
        signal
    ]


def compute_average(z, n, signal, h_0):
    """h_t = (1 - z) h_{t-1} + z candidate_t, step by step."""
    candidates = _candidates(signal)
    h = [h_0]
    for candidate in candidates:
        h.append((1 - z) * h[-1] + z * candidate)
    weights = [(1 - z) ** n] + [z * (1 - z) ** (n - s) for s in range(1, n + 1)]
    return Average(z, n, candidates, h, weights)


average = register(
    Spec(
        name="gru.average",
        controls=(
            Slider("z", 0.0, 1.0, 0.01, 0.1),
            Slider("n", 0, STEPS, 1, 20),
            Slider("h_0", -1.0, 1.0, 0.1, 1.0),
            Choice("signal", tuple(CANDIDATES), "noise"),
        ),
        compute=compute_average,
        picture=moved(plots.make_average, plots.update_average, ("h", "weights")),
        say=plots.say_average,
        line=lambda d: (
            f"import numpy as np\nz, h = {d.z}, {d.h_0}\n"
            f"for candidate in {CANDIDATES[d.signal]}[: {d.n}]: h = (1 - z) * h + z * candidate\nh"
        ),
        result="h_n",
        presets={"keep": {"z": 0.0}, "replace": {"z": 1.0}, "forget": {"signal": "zero"}, "slow": {"z": 0.02, "n": 30}},
    )
)


# ---- two gates and one
TWIN_STEPS = 5


class Twin(NamedTuple):
    """The LSTM's c and the GRU's h over some steps, from the same start and the same new value at every step."""

    f: float
    i: float
    z: float
    c: list
    h: list


def compute_twin(f, i, z, old, new):
    """c_t = f c_{t-1} + i new beside h_t = (1 - z) h_{t-1} + z new."""
    c, h = [old], [old]
    for _ in range(TWIN_STEPS):
        c.append(f * c[-1] + i * new)
        h.append((1 - z) * h[-1] + z * new)
    return Twin(f, i, z, c, h)


twin = register(
    Spec(
        name="gru.twin",
        controls=(
            Slider("f", 0.0, 1.0, 0.01, 0.9),
            Slider("i", 0.0, 1.0, 0.01, 0.6),
            Slider("z", 0.0, 1.0, 0.01, 0.3),
            Slider("old", -1.0, 1.0, 0.1, -0.5),
            Slider("new", -1.0, 1.0, 0.1, 1.0),
        ),
        compute=compute_twin,
        picture=moved(plots.make_twin, plots.update_twin, ("lstm", "gru")),
        say=plots.say_twin,
        line=lambda d: f"c = {d.old}\nfor _ in range({TWIN_STEPS}): c = {d.f} * c + {d.i} * {d.new}\nc",
        result="c",
        presets={
            "tied": {"f": 0.7, "i": 0.3, "z": 0.3},
            "count": {"f": 1.0, "i": 1.0, "z": 1.0},
            "erase": {"f": 0.0, "i": 0.0, "z": 1.0, "old": 1.0},
            "keep": {"f": 1.0, "i": 0.0, "z": 0.0},
        },
        size=(8.2, 4.2),
    )
)

# ---- reset before or after the product
RESET_W = np.array([[0.9, -0.6], [0.4, 0.8]])


class Reset(NamedTuple):
    """The recurrent part of the candidate's pre-activation in both forms, H = 2, with the same bias b'."""

    W: np.ndarray
    r: np.ndarray
    h_prev: np.ndarray
    b: np.ndarray
    seen: np.ndarray  # r * h_prev
    before: np.ndarray  # W (r * h_prev) + b'
    inner: np.ndarray  # W h_prev + b'
    after: np.ndarray  # r * (W h_prev + b')


def compute_reset(r0, r1, h0, h1, b):
    """W (r * h) + b' and r * (W h + b'), both entries of b' being b."""
    r, h_prev, b = np.array([r0, r1]), np.array([h0, h1]), np.full(2, b)
    inner = RESET_W @ h_prev + b
    return Reset(RESET_W, r, h_prev, b, r * h_prev, RESET_W @ (r * h_prev) + b, inner, r * inner)


reset = register(
    Spec(
        name="gru.reset",
        controls=(
            Slider("r0", 0.0, 1.0, 0.05, 1.0),
            Slider("r1", 0.0, 1.0, 0.05, 0.2),
            Slider("h0", -1.0, 1.0, 0.1, 0.5),
            Slider("h1", -1.0, 1.0, 0.1, -1.0),
            Slider("b", -1.0, 1.0, 0.1, 0.0),
        ),
        compute=compute_reset,
        picture=moved(plots.make_reset, plots.update_reset),
        say=plots.say_reset,
        line=lambda d: (
            f"import numpy as np\nW, r = np.array({RESET_W.tolist()}), np.array([{d.r0}, {d.r1}])\n"
            f"h, b = np.array([{d.h0}, {d.h1}]), {d.b}\n"
            "round(np.abs(W @ (r * h) + b - r * (W @ h + b)).max(), 12)"
        ),
        result="difference",
        presets={
            "open": {"r0": 1.0, "r1": 1.0},
            "equal": {"r0": 0.5, "r1": 0.5},
            "bias": {"r0": 0.5, "r1": 0.5, "b": 1.0},
        },
        size=(7.4, 3.6),
    )
)

# ---- the gates of a network while it learns
GATES_T, GATES_H, GATES_B, GATES_RATE, GATES_KEEP = 20, 8, 32, 0.02, 1.0
GATES_EVERY, GATES_FRAMES, EXAMPLES = 5, 60, 200


class GatesFrame(NamedTuple):
    """Where the training stands."""

    step: int
    params: bptt.Params
    fresh: tasks.Batch  # sequences the training never sees
    error: float  # on these


class Gates(NamedTuple):
    """Everything the cell computes on one of the fresh sequences, and what it answers."""

    step: int
    error: float
    unit: int
    values: np.ndarray  # (T,)
    marked: np.ndarray  # (T,) booleans
    z: np.ndarray  # (T, H), as the next three
    r: np.ndarray
    candidate: np.ndarray
    h: np.ndarray
    answer: float
    target: float


def film_gates(seed):
    """Frames of a GRU's training on the adding problem, every few updates."""
    params = bptt.init(gru, np.random.default_rng(seed), 2, GATES_H, 1, keep_bias=GATES_KEEP)
    rng, fresh = np.random.default_rng(seed + 1000), tasks.adding(np.random.default_rng(seed + 2000), GATES_T, EXAMPLES)
    batches = (tasks.adding(rng, GATES_T, GATES_B) for _ in range(GATES_EVERY * GATES_FRAMES))
    for snapshot in train(gru, params, batches, Adam(GATES_RATE), limit=1.0, criterion=SQUARED_ERROR):
        if snapshot.step % GATES_EVERY == 0:
            yield GatesFrame(snapshot.step, snapshot.params, fresh, _error(snapshot.params, fresh))


def _error(params, batch):
    return float(bptt.loss(gru, params, batch.xs, batch.targets, y_mask=batch.y_mask, criterion=SQUARED_ERROR))


def compute_gates(seed, example, unit, film, frame):
    """The shown frame's network on one sequence; the seed stands behind the film."""
    shown = film[frame]
    xs = shown.fresh.xs[:, example - 1 : example]
    trace, outputs = bptt.forward(gru, shown.params, xs)
    gates = (field[:, 0] for field in (trace.z, trace.r, trace.candidate, trace.h))
    target = shown.fresh.targets[-1, example - 1, 0]
    return Gates(shown.step, shown.error, unit, xs[:, 0, 0], xs[:, 0, 1] > 0, *gates, outputs[-1, 0, 0], target)


gates = register(
    Spec(
        name="gru.gates",
        controls=(
            Slider("example", 1, EXAMPLES, 1, 1),
            Slider("unit", 0, GATES_H - 1, 1, 2),
            Slider("seed", 0, 99, 1, 1),
        ),
        compute=compute_gates,
        picture=moved(plots.make_gates, plots.update_gates),
        say=plots.say_gates,
        line=lambda d: (
            "from itertools import islice\nfrom lecture_utils import gru\n"
            "from lecture_utils.chapters.gru.explorers import film_gates\n"
            f"shown = next(islice(film_gates(seed={d.seed}), {d.frame}, None))\n"
            f"xs = shown.fresh.xs[:, {d.example - 1} : {d.example}]  # values, marks\n"
            f"gru.forward(shown.params.cell, xs).z[..., {d.unit}][xs[..., 1] > 0].mean()"
        ),
        result="z_marked",
        presets={"other": {"example": 2}, "slow": {"unit": 4}, "seed": {"seed": 2, "unit": 3}},
        size=(8.4, 4.9),
        film=film_gates,
        budget=GATES_FRAMES,
    )
)

# ---- the highway
WIDTH, INPUTS = 16, 4


class Highway(NamedTuple):
    """log10 of |dh_T/dh_t| / sqrt(H), Frobenius norm, for t = 0..T; it is 0 at t = T."""

    T: int
    keep_bias: float
    rnn: np.ndarray
    direct: np.ndarray  # of the product of diag(1 - z) alone
    gru: np.ndarray
    keep: float  # the mean of 1 - z


def compute_highway(keep_bias, T, seed):
    """A GRU and an RNN as they are initialised, on the same noise."""
    rng = np.random.default_rng(seed)
    plain, gated = rnn.init(rng, INPUTS, WIDTH), gru.init(rng, INPUTS, WIDTH, keep_bias=keep_bias)
    xs = rng.standard_normal((T, 1, INPUTS))
    trace = gru.forward(gated, xs)
    kept = gradients.sums_after(np.log10(1 - trace.z[:, 0]))  # (T + 1, H): of each unit
    highest = kept.max(axis=1)
    return Highway(
        T,
        keep_bias,
        _through(rnn, plain, rnn.forward(plain, xs)),
        highest + np.log10(np.sqrt((10 ** (2 * (kept - highest[:, None]))).mean(axis=1))),
        _through(gru, gated, trace),
        (1 - trace.z).mean(),
    )


def _through(cell, params, trace):
    return gradients.products(cell.jacobians(params, trace)[:, 0]).log10_norm - np.log10(WIDTH) / 2


highway = register(
    Spec(
        name="gru.highway",
        controls=(
            Slider("keep_bias", -1.0, 6.0, 0.1, 0.0),
            Slider("T", 10, 100, 5, 100, redraw=True),
            Slider("seed", 0, 99, 1, 0),
        ),
        compute=compute_highway,
        picture=moved(plots.make_highway, plots.update_highway, ("direct", "gru")),
        say=plots.say_highway,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils import gradients, gru, rnn\n"
            f"rng = np.random.default_rng({d.seed})\n"
            f"_, params = rnn.init(rng, {INPUTS}, {WIDTH}), gru.init(rng, {INPUTS}, {WIDTH}, keep_bias={d.keep_bias})\n"
            f"trace = gru.forward(params, rng.standard_normal(({d.T}, 1, {INPUTS})))\n"
            f"gradients.products(gru.jacobians(params, trace)).log10_norm[0, 0] - np.log10({WIDTH}) / 2"
        ),
        result="gru",
        presets={"bias_1": {"keep_bias": 1.0}, "bias_3": {"keep_bias": 3.0}, "bias_5": {"keep_bias": 5.0}},
        guesses=("survives", "half", "like_rnn"),
    )
)

# ---- the race
RACE_EVERY = 10  # updates from one frame to the next


class Runner(NamedTuple):
    """Where one network of the race stands."""

    step: int
    params: bptt.Params
    error: float  # on sequences never trained on


class RaceFrame(NamedTuple):
    """Where all three stand; whoever has solved the task waits."""

    step: int
    runners: dict  # name -> Runner
    unseen: tasks.Batch


class Race(NamedTuple):
    """The shown frame, and the curves up to the newest one."""

    T: int
    step: int
    runners: dict
    curves: dict  # name -> (updates, errors)
    most: int
    chance: float
    goal: float


def _runner(name, T, seed, unseen):
    """The Runners of one network, until it has solved the task."""
    for snapshot in race.training(name, T, seed):
        if snapshot.step % RACE_EVERY == 0:
            error = race.error(name, snapshot.params, unseen)
            yield Runner(snapshot.step, snapshot.params, error)
            if error < race.SOLVED:
                return


def film_race(T, seed):
    """Frames of the race on the same sequences for all; it ends when all have solved the task."""
    unseen = race.unseen(T, seed)
    running = {name: _runner(name, T, seed, unseen) for name in race.CELLS}
    runners = {}
    for step in range(0, race.STEPS + 1, RACE_EVERY):
        moved = {name: next(run, None) for name, run in running.items()}
        if not any(moved.values()):
            return
        runners = runners | {name: runner for name, runner in moved.items() if runner}
        yield RaceFrame(step, runners, unseen)


def compute_race(T, seed, film, frame):
    """The shown frame and the curves; the seed stands behind the film."""
    curves = {}
    for name in race.CELLS:
        made = {shown.runners[name].step: shown.runners[name].error for shown in film}
        curves[name] = (list(made), list(made.values()))
    shown = film[frame]
    return Race(T, shown.step, shown.runners, curves, race.STEPS, tasks.ADDING_CHANCE, race.SOLVED)


adding = register(
    Spec(
        name="gru.adding",
        controls=(Slider("T", 10, 50, 5, 10), Slider("seed", 0, 99, 1, 0)),
        compute=compute_race,
        picture=moved(plots.make_race, plots.update_race),
        say=plots.say_race,
        line=lambda d: (
            "from itertools import islice\nfrom lecture_utils import race\n"
            f"training = race.training('gru', {d.T}, {d.seed})\n"
            f"made = next(islice(training, {d.film[d.frame].runners['gru'].step}, None))\n"
            f"race.error('gru', made.params, race.unseen({d.T}, {d.seed}))"
        ),
        result="gru",
        presets={"middle": {"T": 20}, "long": {"T": 50}, "again": {"T": 50, "seed": 1}},
        size=(7.4, 4.2),
        film=film_race,
        budget=race.STEPS // RACE_EVERY,
    )
)

# ---- weights and time
CELLS = {"rnn": rnn, "lstm": lstm, "gru": gru}
COST_T, COST_RUNS = 20, 30


class Cost(NamedTuple):
    """Weights and biases of all three cells, counted from real arrays, and the least time per step measured so far."""

    V: int
    H: int
    counts: dict  # name -> int
    same: int  # the largest H at which a GRU has no more weights than this LSTM
    times: dict  # name -> seconds per step, forward and backward; empty before any measurement
    runs: int


def film_cost(V, H, B):
    """Frames of a measurement: each runs all three cells once, forward and backward, and keeps the shortest times."""
    rng = np.random.default_rng(0)
    xs, dhs = rng.standard_normal((COST_T, B, V)), rng.standard_normal((COST_T, B, H))
    params = {name: cell.init(rng, V, H) for name, cell in CELLS.items()}
    times = {}
    while True:
        yield times
        measured = {}
        for name, cell in CELLS.items():
            start = time.perf_counter()
            cell.backward(params[name], cell.forward(params[name], xs), dhs)
            measured[name] = (time.perf_counter() - start) / COST_T
        times = {name: min(measured[name], times.get(name, np.inf)) for name in CELLS}


def compute_cost(V, H, B, film, frame):
    """The counts, and the times of the shown frame; B only matters for the times."""
    counts = {
        name: sum(array.size for array in cell.init(np.random.default_rng(0), V, H)) for name, cell in CELLS.items()
    }
    # 3 S (S + V + 1) <= counts["lstm"], solved for S
    same = int((np.sqrt((V + 1) ** 2 + 4 * counts["lstm"] / 3) - (V + 1)) / 2 + 1e-9)
    return Cost(V, H, counts, same, film[frame], frame)


cost = register(
    Spec(
        name="gru.cost",
        controls=(Slider("V", 1, 128, 1, 28), Slider("H", 1, 128, 1, 64), Slider("B", 1, 64, 1, 16)),
        compute=compute_cost,
        picture=moved(plots.make_cost, plots.update_cost),
        say=plots.say_cost,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils import gru\n"
            f"sum(array.size for array in gru.init(np.random.default_rng(0), V={d.V}, H={d.H}))"
        ),
        result="gru",
        presets={
            "tiny": {"V": 4, "H": 3, "B": 1},
            "characters": {"V": 64, "H": 128, "B": 16},
            "adding": {"V": 2, "H": 32, "B": 64},
        },
        size=(8.5, 4.3),
        film=film_cost,
        budget=COST_RUNS,
    )
)
