"""The explorers of chapter 5: the LSTM's cell, one gate, a value held, gates over a text, the highway, race and prose."""

import math
import os
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, charlm, gradients, lstm, race, rnn, textmodel
from lecture_utils.chapters.lstm import pictures as plots
from lecture_utils.drawing.diagram import moved
from lecture_utils.functions import sigmoid
from lecture_utils.widgets.engine import Choice, Entry, Refusal, Slider, Spec, register


# ---- the cell
class Cell(NamedTuple):
    """One unit of the cell, its gates set by hand."""

    f: float
    i: float
    g: float
    o: float
    c_prev: float
    kept: float  # f c_prev
    written: float  # i g
    c: float
    shown: float  # tanh c
    h: float


def compute_cell(f, i, g, o, c_prev):
    """c = f c_prev + i g and h = o tanh c, part by part."""
    kept, written = f * c_prev, i * g
    c = kept + written
    return Cell(f, i, g, o, c_prev, kept, written, c, math.tanh(c), o * math.tanh(c))


cell = register(
    Spec(
        name="lstm.cell",
        controls=(
            Slider("c_prev", -2.0, 2.0, 0.1, 1.5),
            Slider("f", 0.0, 1.0, 0.05, 0.7),
            Slider("i", 0.0, 1.0, 0.05, 0.5),
            Slider("g", -1.0, 1.0, 0.1, -0.8),
            Slider("o", 0.0, 1.0, 0.05, 0.6),
        ),
        compute=compute_cell,
        picture=moved(plots.make_cell, plots.update_cell),
        say=plots.say_cell,
        line=lambda d: (
            "from math import tanh\n"
            f"f, i, g, o, c_prev = {d.f}, {d.i}, {d.g}, {d.o}, {d.c_prev}\n"
            "c = f * c_prev + i * g\n"
            "o * tanh(c)"
        ),
        result="h",
        presets={
            "keep": {"f": 1.0, "i": 0.0, "o": 1.0},
            "overwrite": {"f": 0.0, "i": 1.0, "o": 1.0},
            "count": {"c_prev": 2.0, "f": 1.0, "i": 1.0, "g": 1.0, "o": 1.0},
            "hide": {"f": 1.0, "i": 0.0, "o": 0.0},
        },
        size=(8.5, 4.5),
    )
)

# ---- one gate
GATE_X, GATE_H = 2.0, -1.0  # the gate's two weights


class Gate(NamedTuple):
    """One gate of one unit, and what it does to the value that it is multiplied with."""

    gate: str
    x: float
    h_prev: float
    b: float
    a: float
    opening: float
    value: float
    through: float


def compute_gate(gate, x, h_prev, b, value):
    """The gate's pre-activation, its value, and the product."""
    a = GATE_X * x + GATE_H * h_prev + b
    opening = float(np.tanh(a) if gate == "g" else sigmoid(a))
    return Gate(gate, x, h_prev, b, a, opening, value, opening * value)


def line_gate(d):
    """The gate itself."""
    a = f"{GATE_X} * {d.x} + {GATE_H} * {d.h_prev} + {d.b}"
    if d.gate == "g":
        return f"import numpy as np\nnp.tanh({a})"
    return f"from lecture_utils.functions import sigmoid\nsigmoid({a})"


gate = register(
    Spec(
        name="lstm.gate",
        controls=(
            Choice("gate", ("f", "i", "g", "o"), "f", redraw=True),
            Slider("x", -2.0, 2.0, 0.1, 0.0),
            Slider("h_prev", -1.0, 1.0, 0.1, 0.0),
            Slider("b", -6.0, 6.0, 0.25, 1.0),
            Slider("value", 0.0, 1.0, 0.05, 1.0),
        ),
        compute=compute_gate,
        picture=moved(plots.make_gate, plots.update_gate),
        say=plots.say_gate,
        line=line_gate,
        result="opening",
        presets={"half": {"b": 0.0}, "open": {"b": 6.0}, "shut": {"b": -6.0}, "by_input": {"x": -2.0, "b": 3.0}},
    )
)

# ---- store, hold, release
HOLD_MOST = 15
HOLD_STEPS = HOLD_MOST + 3
DISTURBANCES = (1.0, -0.5, 0.8, -1.0, 0.9, -0.4, -0.7, 1.0, -0.2, -0.6, 0.5, 0.3, -0.9, 0.6, -0.5)  # g while holding
PUPPET = lstm.Params(np.eye(4), np.zeros((4, 1)), np.zeros(4))  # the inputs are the pre-activations of i, f, o, g
SURE = 40.0  # a pre-activation at which a gate is as good as 0 or 1


class Hold(NamedTuple):
    """A value stored at the first step, held for n steps, released at the next one, then erased."""

    f: float
    n: int
    value: float
    leak: float  # the input gate while holding
    gates: dict  # i, f, o -> (T,)
    c: np.ndarray  # (T,)
    h: np.ndarray  # (T,)


def _logit(p):
    """The pre-activation of a gate that shall be p, at most SURE."""
    return float(np.clip(np.log(p) - np.log1p(-p), -SURE, SURE)) if 0 < p < 1 else SURE * (2 * p - 1)


def compute_hold(value, f, n, leak):
    """A real LSTM of one unit, moved like a puppet: each gate gets the pre-activation that opens it as far as told."""
    xs = np.zeros((HOLD_STEPS, 1, 4))
    xs[..., :3] = -SURE  # all gates shut, the forget gate too: erase
    xs[..., 3] = math.atanh(min(max(value, -1 + 1e-16), 1 - 1e-16))
    xs[0, 0, 0] = SURE  # store
    xs[1 : n + 1, 0, 0], xs[1 : n + 2, 0, 1] = _logit(leak), _logit(f)  # hold
    xs[1 : n + 1, 0, 3] = np.arctanh(np.clip(DISTURBANCES[:n], -1 + 1e-16, 1 - 1e-16))
    xs[n + 1, 0, 1:3] = SURE  # release: f = 1, o = 1
    trace = lstm.forward(PUPPET, xs)
    gates = {name: getattr(trace, name)[:, 0, 0] for name in "ifo"}
    return Hold(f, n, value, leak, gates, trace.c[:, 0, 0], trace.h[:, 0, 0])


hold = register(
    Spec(
        name="lstm.hold",
        controls=(
            Slider("value", -1.0, 1.0, 0.1, 1.0),
            Slider("f", 0.0, 1.0, 0.01, 0.7),
            Slider("n", 0, HOLD_MOST, 1, 5),
            Slider("leak", 0.0, 0.5, 0.05, 0.0),
        ),
        compute=compute_hold,
        picture=moved(plots.make_hold, plots.update_hold, ("c",)),
        say=plots.say_hold,
        line=lambda d: (
            "from functools import reduce\nfrom math import tanh\n"
            f"disturbances = {list(DISTURBANCES[: d.n])}\n"
            f"tanh(reduce(lambda c, g: {d.f} * c + {d.leak} * g, disturbances, {d.value}))"
        ),
        result="h",
        presets={
            "deck": {"f": 0.7, "n": 1},
            "perfect": {"f": 1.0, "n": 15},
            "careless": {"f": 1.0, "n": 15, "leak": 0.3},
        },
        size=(7.4, 4.8),
    )
)

# ---- a network trained on the learner's own text
BRACKETS = (
    "the cat (which was black) sat on the mat (which was red). "
    "the dog (which was brown) sat on the cat (which was fat). "
)
SMALL_H, SMALL_T, SMALL_EVERY, SMALL_FRAMES = 32, 128, 10, 30


class Source(NamedTuple):
    """A text, and how Python gets it."""

    text: str
    python: str


def source(typed):
    """The Source of what was typed: nothing stands for Python's reference, the name of a file for what is in it."""
    if not typed.strip():
        return Source(textmodel.prose(), "textmodel.prose()")
    if not os.path.isfile(typed):
        return Source(typed, repr(typed))
    try:
        with open(typed, encoding="utf-8") as file:
            return Source(file.read(), f"open({typed!r}, encoding='utf-8').read()")
    except (OSError, ValueError):
        raise Refusal("lstm_text.no_text", name=typed) from None


def usable(typed):
    """What was typed, if it gives a text that a network can learn."""
    try:
        text, _ = charlm.clean(source(typed).text)
    except ValueError:
        raise Refusal("lstm_text.surrogate") from None
    if len(text) < 2:
        raise Refusal("lstm_text.short", typed=text)
    return typed


class SmallFrame(NamedTuple):
    """Where the training of the small network stands."""

    step: int
    loss: float  # nats per character of the text
    params: bptt.Params
    text: textmodel.Text


def film_small(text, seed):
    """Frames of a small LSTM learning a text, in float64; the gradient reaches over SMALL_T characters."""
    read = textmodel.read(source(text).text)
    for made in textmodel.train("lstm", read, seed, H=SMALL_H, T=SMALL_T, dtype=np.float64):
        if made.step % SMALL_EVERY == 0:
            yield SmallFrame(made.step, textmodel.nats("lstm", made.params, read.held_out), made.params, read)


def line_small(d):
    """The first lines: the network of the shown frame."""
    return (
        "import itertools\nimport numpy as np\nfrom lecture_utils import lstm, textmodel\n"
        f"text = textmodel.read({source(d.text).python})\n"
        f"training = textmodel.train('lstm', text, {d.seed}, H={SMALL_H}, T={SMALL_T}, dtype=np.float64)\n"
        f"params = next(itertools.islice(training, {d.frame * SMALL_EVERY}, None)).params\n"
    )


def window(ids, start, most):
    """(where the window begins, its end) for a text of ids, so that it is as full as the text allows."""
    begin = min(start, max(0, len(ids) - most))
    return begin, min(begin + most, len(ids))


GATES_WIDE = 48


class Gates(NamedTuple):
    """One quantity of all units and all quantities of one unit, over a window of the text."""

    quantity: str
    unit: int  # from 1
    t: int  # from 1, in the window
    chars: str
    map: np.ndarray  # (H, T)
    rows: np.ndarray  # (6, T), in the order of plots.ROWS
    mean_f: float
    step: int
    loss: float


def compute_gates(text, seed, quantity, unit, t, start, film, frame):
    """The LSTM of the shown frame reads the text from its beginning; what its gates did in the window.

    The seed stands behind the film.
    """
    made = film[frame]
    ids = made.text.train
    begin, end = window(ids, start, GATES_WIDE)
    trace = lstm.forward(made.params.cell, ids[:end, None])
    rows = np.array([getattr(trace, name)[begin:, 0, unit - 1] for name in plots.ROWS])
    return Gates(
        quantity=quantity,
        unit=unit,
        t=min(t, end - begin),
        chars=made.text.vocab.decode(ids[begin:end]),
        map=getattr(trace, quantity)[begin:, 0].T,
        rows=rows,
        mean_f=float(rows[1].mean()),
        step=made.step,
        loss=made.loss,
    )


def line_gates(d):
    """The forget gate of the unit at the chosen character."""
    ids = textmodel.read(source(d.text).text).train
    begin, end = window(ids, d.start, GATES_WIDE)
    at = begin + min(d.t, end - begin) - 1
    return line_small(d) + f"lstm.forward(params.cell, text.train[:, None]).f[{at}, 0, {d.unit - 1}]"


gates = register(
    Spec(
        name="lstm.gates",
        controls=(
            Entry("text", BRACKETS, parse=usable, redraw=True),
            Slider("seed", 0, 99, 1, 2),
            Choice("quantity", tuple(plots.ROWS), "c"),
            Slider("unit", 1, SMALL_H, 1, 8),
            Slider("t", 1, GATES_WIDE, 1, 9),
            Slider("start", 0, 200, 1, 0, redraw=True),
        ),
        compute=compute_gates,
        picture=moved(plots.make_gates, plots.update_gates),
        say=plots.say_gates,
        line=line_gates,
        result="f",
        presets={"forget": {"quantity": "f"}, "write": {"quantity": "i"}, "second": {"start": 68, "t": 30}},
        size=(8.5, 5.4),
        film=film_small,
        budget=SMALL_FRAMES,
    )
)

COLOUR_WIDE = plots.ACROSS * plots.DOWN
FAR = 10  # characters back


class Colour(NamedTuple):
    """A number for each character of a window: a unit's, or how much it moves the logit of the framed character."""

    what: str
    unit: int  # from 1
    t: int  # the framed character, from 0, in the window
    chars: str
    values: np.ndarray  # up to (60,)
    p: float  # the probability of the framed character
    largest: float  # what the influences are divided by
    far: int
    far_share: float  # of all influence, what comes from more than `far` characters back
    step: int


def compute_colour(text, seed, what, unit, t, start, film, frame):
    """The numbers of one window; all characters before it are read as well. The seed stands behind the film."""
    made = film[frame]
    ids = made.text.train
    begin, end = window(ids, start, COLOUR_WIDE)
    t = min(t, end - begin - 1)
    moved = textmodel.influence("lstm", made.params, ids[: begin + t], ids[begin + t])
    largest = float(moved.sizes.max())
    if what == "influence":
        values = moved.sizes[begin:] / largest
    else:
        values = getattr(lstm.forward(made.params.cell, ids[:end, None]), what)[begin:, 0, unit - 1]
    return Colour(
        what=what,
        unit=unit,
        t=t,
        chars=made.text.vocab.decode(ids[begin:end]),
        values=values,
        p=moved.p,
        largest=largest,
        far=FAR,
        far_share=float(moved.sizes[:-FAR].sum() / moved.sizes.sum()),
        step=made.step,
    )


def line_colour(d):
    """The unit's number at the framed character, or the largest influence on its logit."""
    ids = textmodel.read(source(d.text).text).train
    begin, end = window(ids, d.start, COLOUR_WIDE)
    at = begin + min(d.t, end - begin - 1)
    if d.what == "influence":
        return line_small(d) + f"textmodel.influence('lstm', params, text.train[:{at}], text.train[{at}]).sizes.max()"
    return line_small(d) + f"lstm.forward(params.cell, text.train[:, None]).{d.what}[{at}, 0, {d.unit - 1}]"


colour = register(
    Spec(
        name="lstm.colour",
        controls=(
            Entry("text", BRACKETS, parse=usable, redraw=True),
            Slider("seed", 0, 99, 1, 2),
            Choice("what", ("c", "h", "f", "i", "influence"), "c"),
            Slider("unit", 1, SMALL_H, 1, 8),
            Slider("t", 1, COLOUR_WIDE - 1, 1, 19),
            Slider("start", 0, 200, 1, 0, redraw=True),
        ),
        compute=compute_colour,
        picture=moved(plots.make_colour, plots.update_colour),
        say=plots.say_colour,
        line=line_colour,
        result="value",
        presets={
            "influence": {"what": "influence"},
            "fat": {"what": "influence", "start": 56, "t": 54},
            "shown": {"what": "h"},
        },
        size=(8.5, 3.6),
        film=film_small,
        budget=SMALL_FRAMES,
    )
)

# ---- the highway
HIGHWAY_V, HIGHWAY_H = 4, 16


class Highway(NamedTuple):
    """log10 of sizes, (T + 1,) for t = 0..T; a size is the Frobenius norm over sqrt(H), 1 for the identity."""

    T: int
    bias: float
    total: np.ndarray  # d c_T / d c_t by all paths
    direct: np.ndarray  # the product of the forget gates alone
    rnn: np.ndarray  # d h_T / d h_t
    mean_f: float


def compute_highway(bias, T, seed):
    """Both cells as `init` makes them, reading the same noise."""
    xs = np.random.default_rng([seed, 1]).standard_normal((T, 1, HIGHWAY_V))
    params = lstm.init(np.random.default_rng(seed), HIGHWAY_V, HIGHWAY_H, forget_bias=bias)
    trace = lstm.forward(params, xs)
    path = gradients.products(lstm.jacobians(params, trace)[:, 0])
    plain = rnn.init(np.random.default_rng(seed), HIGHWAY_V, HIGHWAY_H)
    plain_path = gradients.products(rnn.jacobians(plain, rnn.forward(plain, xs))[:, 0])
    size = math.sqrt(HIGHWAY_H)
    forgets = gradients.sums_after(np.log10(trace.f[:, 0]))  # of each unit
    return Highway(
        T=T,
        bias=bias,
        total=path.log10_norm + np.log10(np.linalg.norm(path.unit[:, HIGHWAY_H:, HIGHWAY_H:], axis=(1, 2)) / size),
        direct=np.log10(np.mean(10 ** (2 * (forgets - forgets.max(axis=1, keepdims=True))), axis=1)) / 2
        + forgets.max(axis=1),
        rnn=plain_path.log10_norm - math.log10(size),
        mean_f=float(trace.f.mean()),
    )


highway = register(
    Spec(
        name="lstm.highway",
        controls=(
            Slider("bias", 0.0, 5.0, 0.1, 1.0),
            Slider("T", 10, plots.HIGHWAY_STEPS, 10, plots.HIGHWAY_STEPS),
            Slider("seed", 0, 99, 1, 0),
        ),
        compute=compute_highway,
        picture=moved(plots.make_highway, plots.update_highway, ("total", "direct")),
        say=plots.say_highway,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils import gradients, lstm\n"
            f"params = lstm.init(np.random.default_rng({d.seed}), V={HIGHWAY_V}, H={HIGHWAY_H},"
            f" forget_bias={d.bias})\n"
            f"xs = np.random.default_rng([{d.seed}, 1]).standard_normal(({d.T}, 1, {HIGHWAY_V}))\n"
            "path = gradients.products(lstm.jacobians(params, lstm.forward(params, xs))[:, 0])  # state: h, then c\n"
            f"path.log10_norm[0] + np.log10(np.linalg.norm(path.unit[0, {HIGHWAY_H}:, {HIGHWAY_H}:]) / {HIGHWAY_H} ** 0.5)"
        ),
        result="total",
        presets={"none": {"bias": 0.0}, "usual": {"bias": 1.0}, "large": {"bias": 3.0}, "too_large": {"bias": 5.0}},
    )
)

# ---- the race
RACE_EVERY, RACE_SHOWN = 10, 60
RACERS = ("rnn", "lstm")


class Race(NamedTuple):
    """Both cells so far: errors at all frames, answers at the shown one."""

    T: int
    step: int
    frame: int
    budget: int
    goal: float
    steps: list
    errors: dict
    solved: dict
    right: np.ndarray
    answers: dict


def film_race(T, seed):
    """Frames of the race, every few updates."""
    return race.run(RACERS, T, seed, RACE_EVERY)


def compute_race(T, seed, film, frame):
    """What both answer at the shown frame; who had solved the task by then. T and seed stand behind the film."""
    shown = film[frame]
    test = shown.test._replace(xs=shown.test.xs[:, :RACE_SHOWN])
    answers = {
        name: bptt.forward(race.CELLS[name][0], shown.params[name], test.xs.astype(np.float32))[1][-1, :, 0]
        for name in RACERS
    }
    steps = [made.step for made in film]
    errors = {name: [made.errors[name] for made in film] for name in RACERS}
    return Race(
        T=T,
        step=shown.step,
        frame=frame,
        budget=race.STEPS,
        goal=race.SOLVED,
        steps=steps,
        errors=errors,
        solved={name: race.solved_at(steps[: frame + 1], errors[name][: frame + 1]) for name in RACERS},
        right=test.targets[-1, :RACE_SHOWN, 0],
        answers=answers,
    )


adding = register(
    Spec(
        name="lstm.adding",
        controls=(Slider("T", 10, 60, 10, 50), Slider("seed", 0, 99, 1, 0)),
        compute=compute_race,
        picture=moved(plots.make_race, plots.update_race),
        say=plots.say_race,
        line=lambda d: (
            "import itertools\nfrom lecture_utils import race\n"
            f"training = race.training('lstm', {d.T}, {d.seed})\n"
            f"made = next(itertools.islice(training, {d.frame * RACE_EVERY}, None))\n"
            f"race.error('lstm', made.params, race.unseen({d.T}, {d.seed}))"
        ),
        result="lstm",
        presets={"short": {"T": 10}, "middle": {"T": 20}, "again": {"T": 50, "seed": 1}},
        size=(8.5, 4.2),
        film=film_race,
        budget=race.STEPS // RACE_EVERY,
    )
)

# ---- prose
PROSE_EVERY, PROSE_FRAMES = 10, 80


class ProseFrame(NamedTuple):
    """Where both stand."""

    step: int
    losses: dict  # nats per character on what is held out
    params: dict
    text: textmodel.Text


class Prose(NamedTuple):
    """Both networks so far: losses at all frames, what they write at the shown one."""

    step: int
    frame: int
    budget: int
    steps: list
    losses: dict
    samples: dict
    V: int
    even: float  # ln V
    length: int
    tau: float


def film_prose(text):
    """Frames of both cells learning a text, every few updates."""
    read = textmodel.read(source(text).text)
    for both in zip(*(textmodel.train(name, read, 0) for name in RACERS), strict=True):
        if both[0].step % PROSE_EVERY == 0:
            params = {name: made.params for name, made in zip(RACERS, both, strict=True)}
            losses = {name: textmodel.nats(name, params[name], read.held_out) for name in RACERS}
            yield ProseFrame(both[0].step, losses, params, read)


def compute_prose(text, tau, draw, film, frame):
    """Losses so far and samples of the shown frame, drawn with the same random numbers for both."""
    shown = film[frame]
    vocab = shown.text.vocab
    samples = {
        name: charlm.sample(
            textmodel.CELLS[name][0],
            shown.params[name],
            vocab,
            vocab.chars[0],
            plots.WRITTEN,
            np.random.default_rng(draw),
            tau,
        ).text
        for name in RACERS
    }
    return Prose(
        step=shown.step,
        frame=frame,
        budget=PROSE_FRAMES * PROSE_EVERY,
        steps=[made.step for made in film],
        losses={name: [made.losses[name] for made in film] for name in RACERS},
        samples=samples,
        V=len(vocab),
        even=math.log(len(vocab)),
        length=shown.text.length,
        tau=tau,
    )


prose = register(
    Spec(
        name="lstm.prose",
        controls=(
            Entry("text", "", parse=usable, redraw=True),
            Slider("tau", 0.0, 2.0, 0.1, 1.0),
            Slider("draw", 0, 99, 1, 0),
        ),
        compute=compute_prose,
        picture=moved(plots.make_prose, plots.update_prose),
        say=plots.say_prose,
        line=lambda d: (
            "import itertools\nfrom lecture_utils import textmodel\n"
            f"text = textmodel.read({source(d.text).python})\n"
            f"made = next(itertools.islice(textmodel.train('lstm', text, 0), {d.frame * PROSE_EVERY}, None))\n"
            "textmodel.nats('lstm', made.params, text.held_out)"
        ),
        result="lstm",
        presets={"largest": {"tau": 0.0}, "careful": {"tau": 0.5}, "wild": {"tau": 1.5}},
        size=(8.5, 5.2),
        film=film_prose,
        budget=PROSE_FRAMES,
        varies=True,  # each Python has its own language reference
    )
)
