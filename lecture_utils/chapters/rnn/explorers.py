"""The explorers of chapter 1: one step, the chain, the parameter count, the kinds of RNN."""

from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from lecture_utils import kinds, rnn
from lecture_utils.drawing import style
from lecture_utils.drawing.board import Board
from lecture_utils.drawing.chart import Tag, curve, ghosted, ring
from lecture_utils.drawing.diagram import Numbers, arrow, board, box, chart, moved, write
from lecture_utils.texts import text
from lecture_utils.training import accuracy
from lecture_utils.widgets.engine import Choice, Slider, explorer

CELL = (0.52, 0.32)  # width and height in inches of one number


def _array(values):
    """An array as Python would read it."""
    return f"np.array({values.tolist()})"


def _cell(params):
    """The lines of Python that make a cell's params."""
    weights = ", ".join(map(_array, params))
    return f"import numpy as np\nfrom lecture_utils import rnn\nparams = rnn.Params({weights})\n"


# ---- one step, number by number (1.2, 1.3)
STEP = rnn.Params(np.array([[1.0, -0.5], [0.3, 0.8]]), np.array([[0.5, -0.4], [0.6, 0.2]]), np.array([0.1, -0.2]))


def compute_step(x0, x1, h0, h1, w_xh, w_hh):
    """A step of STEP with other W_xh[0, 0] and W_hh[0, 0], both ways: xh = W_xh x and hh = W_hh h_prev apart, and
    a_joined = W [x ; h_prev] + b with W = [W_xh | W_hh] (2, 4); all vectors (2,)."""
    W_xh, W_hh, b = STEP.W_xh.copy(), STEP.W_hh.copy(), STEP.b_h
    W_xh[0, 0], W_hh[0, 0] = w_xh, w_hh
    x, h_prev = np.array([x0, x1]), np.array([h0, h1])
    W, xh, hh, trace = np.hstack([W_xh, W_hh]), W_xh @ x, W_hh @ h_prev, rnn.step(rnn.Params(W_xh, W_hh, b), x, h_prev)
    a_joined = W @ np.concatenate([x, h_prev]) + b
    return {"W_xh": W_xh, "W_hh": W_hh, "b": b, "W": W, "xh": xh, "hh": hh, "a_joined": a_joined, **trace._asdict(),
            "x_part": xh[0], "h_part": hh[0], "b_part": b[0], "a0": trace.a[0],
            "difference": round(np.abs(trace.a - a_joined).max(), 12)}  # fmt: skip


def draw_step(d):
    """Two rows that give the same h_t: the two products apart, and [W_xh | W_hh] times [x_t ; h_{t-1}]."""
    board = Board(7.4, 4.5)
    width, height = CELL

    def place(name, x, top, quantity, label, **look):
        return board.named(name, x, top, getattr(d, name.removesuffix("'")), quantity, label, CELL, **look).right

    def sign(x, top, mark):
        board.write(x + 0.15, top - height, mark, size=14)
        return x + 0.3

    top = 3.55
    board.write(0.12, top + 0.65, text("rnn.step.word.apart"), size=12, ha="left", bold=True)
    x = place("W_xh", 0.12, top, "input", "$W_{xh}$")
    x = place("x", sign(x, top, "·"), top, "input", "$x_t$", said="xₜ")
    x = place("W_hh", sign(x, top, "+"), top, "hidden", "$W_{hh}$")
    x = place("h_prev", sign(x, top, "·"), top, "hidden", "$h_{t-1}$", said="hₜ₋₁")
    x = place("b", sign(x, top, "+"), top, "weight", "$b_h$", said="b_h")
    made = {"said": "aₜ", "formula": "{xh.#} + {hh.#} + {b.#}"}
    x = place("a", sign(x, top, "="), top, "derivative", "$a_t$", **made)
    board.arrow((x + 0.08, top - height), (x + 0.72, top - height))
    board.write(x + 0.38, top - height + 0.17, "tanh", size=11)
    place("h", x + 0.8, top, "hidden", "$h_t$", said="hₜ", formula="tanh({a.#})")

    below = top - 2 * height - 0.14
    for name, W, x, middle, label in (
        ("xh", "W_xh", "x", 1.06, "$W_{xh}\\,x_t\\;=$"), ("hh", "W_hh", "h_prev", 3.22, "$W_{hh}\\,h_{t-1}\\;=$"),
    ):  # fmt: skip
        board.write(middle, below - height, label, ha="right")
        quantity, made = ("input" if x == "x" else "hidden"), f"{{{W}.#.0}} · {{{x}.0}} + {{{W}.#.1}} · {{{x}.1}}"
        board.numbers(name, middle + 0.1, below, getattr(d, name), quantity, CELL, said=f"{W} {x}", formula=made)

    top = 1.08
    board.write(0.12, top + 0.65, text("rnn.step.word.joined"), size=12, ha="left", bold=True)
    board.numbers("W", 0.6, top, d.W, ["input", "input", "hidden", "hidden"], CELL)
    board.write(0.6 + 2 * width, top + 0.2, "$W = [\\,W_{xh}\\,|\\,W_{hh}\\,]$", size=13)
    board.write(2.84, top - height, "·", size=14)
    board.numbers("x'", 3.0, top + height, d.x, "input", CELL, said="xₜ")
    board.numbers("h_prev'", 3.0, top - height, d.h_prev, "hidden", CELL, said="hₜ₋₁")
    board.write(3.6, top, "$x_t$", size=13, ha="left")
    board.write(3.6, top - 2 * height, "$h_{t-1}$", size=13, ha="left")
    board.write(4.25, top - height, "+", size=14)
    place("b'", 4.4, top, "weight", "$b_h$", said="b_h")
    board.write(5.07, top - height, "=", size=14)
    made = "{W.#.0} · {x'.0} + {W.#.1} · {x'.1} + {W.#.2} · {h_prev'.0} + {W.#.3} · {h_prev'.1} + {b'.#}"
    place("a_joined", 5.22, top, "derivative", "$a_t$", said="aₜ", formula=made)
    return board


step = explorer(
    "rnn.step", compute_step, None,
    Slider("x0", -2.0, 2.0, 0.1, 1.0),
    Slider("x1", -2.0, 2.0, 0.1, 0.0),
    Slider("h0", -1.0, 1.0, 0.1, 0.5),
    Slider("h1", -1.0, 1.0, 0.1, -0.5),
    Slider("w_xh", -5.0, 5.0, 0.1, 1.0),
    Slider("w_hh", -5.0, 5.0, 0.1, 0.5),
    say=lambda d: (None, {"h0": d.h[0], "h1": d.h[1]}),  # of h_t; the controls of these names are h_{t-1}
    line=lambda d: _cell((d.W_xh, d.W_hh, d.b)) + f"rnn.step(params, {_array(d.x)}, {_array(d.h_prev)}).h[0]",
    result="h0",
    presets={
        "no_past": {"h0": 0.0, "h1": 0.0},
        "no_input": {"x0": 0.0, "x1": 0.0},
        "saturated": {"w_xh": 5.0, "x0": 2.0},
    },
    diagram=draw_step,
)  # fmt: skip

# ---- the chain, folded and unrolled (1.1, 1.4)
CHAIN_MOST = 5  # steps that fit the figure
SIGNALS = {
    "pulse": np.array([1.0, 0, 0, 0, 0]),
    "constant": np.ones(CHAIN_MOST),
    "alternating": np.array([1.0, -1, 1, -1, 1]),
}
CHAIN_W_XH, CHAIN_B_H = np.array([[1.0], [-0.5]]), np.zeros(2)


def compute_chain(T, t, signal, w00, w01, w10, w11):
    """T steps on one of the SIGNALS, xs (T, 1) and hs (T, 2); w00 ... w11 are the entries of W_hh, t counts from 1."""
    params = rnn.Params(CHAIN_W_XH, np.array([[w00, w01], [w10, w11]]), CHAIN_B_H)
    t, xs = min(t, T), SIGNALS[signal][:T, None]
    hs = rnn.forward(params, xs[:, None]).h[:, 0]
    return {"t": t, "params": params, "xs": xs, "hs": hs, "h0": hs[t - 1, 0], "h1": hs[t - 1, 1]}


def make_chain(figure, d):
    """Left the folded cell with its loop, right T copies of it; every copy shows the same W."""
    axes = board(figure)
    wide, high, pitch, floor, first = 1.28, 0.92, 1.44, 1.5, 1.75
    write(axes, 0.8, 4.02, "folded", size=13, fontweight="bold")
    write(axes, first, 4.02, "unrolled: the same cell, once per step", size=13, fontweight="bold", ha="left")
    artists = {"W": [], "x": [], "h": [], "now": []}

    def cell(left, top):
        """A copy of the cell, the arrow into it and the one up to `top`; returns its middle."""
        middle, quantities = left + wide / 2, ["input", "hidden", "hidden"]
        box(axes, left, floor, wide, high, "weight")
        write(axes, middle, floor + high - 0.16, r"$[W_{xh}|W_{hh}]$", size=11)
        artists["W"].append(Numbers(axes, left + 0.055, floor + 0.62, (2, 3), quantities, (0.39, 0.27), decimals=1))
        arrow(axes, (middle, 1.12), (middle, floor), "input")
        arrow(axes, (middle, floor + high), (middle, top), "hidden")
        return middle

    middle = cell(0.2, 3.25)
    write(axes, middle, 0.96, r"$x_t$", size=14)
    write(axes, middle, 3.42, r"$h_t$", size=14)
    loop = [(middle, 2.78), (0.08, 2.78), (0.08, floor + 0.3)]
    axes.plot(*zip(*loop, strict=True), color=style.colour("hidden"), linewidth=1.8)
    arrow(axes, (0.08, floor + 0.3), (0.22, floor + 0.3), "hidden")
    write(axes, 0.42, 2.95, r"$h_{t-1}$", size=12)
    for t in range(d.T):
        left = first + t * pitch
        middle = cell(left, 2.72)
        if t + 1 < d.T:
            arrow(axes, (left + wide, floor + high / 2), (left + pitch, floor + high / 2), "hidden")
        artists["x"].append(Numbers(axes, middle - 0.26, 1.08, (1,), "input", CELL))
        artists["h"].append(Numbers(axes, middle - 0.26, 3.4, (2,), "hidden", CELL))
        write(axes, middle, 3.58, rf"$h_{t + 1}$", size=13)
        write(axes, middle, 0.58, rf"$x_{t + 1}$", size=13)
        frame = box(axes, left - 0.06, 0.38, wide + 0.12, 3.42, "ghost", fill=False)
        frame.set(edgecolor=style.INK, linewidth=2.2, linestyle="--")
        artists["now"].append(frame)
    artists["note"] = write(axes, first, 0.18, "", size=12, ha="left")
    return artists


def update_chain(artists, d):
    """W in every copy, the states up to step t, the frame around step t."""
    for copy in artists["W"]:
        copy.set(np.hstack([d.params.W_xh, d.params.W_hh]))
    for t in range(d.T):
        artists["x"][t].set(d.xs[t])
        artists["h"][t].set(d.hs[t], visible=t < d.t)
        artists["now"][t].set_visible(t + 1 == d.t)
    artists["note"].set_text(f"step t = {d.t} of T = {d.T}")


chain = explorer(
    "rnn.chain", compute_chain, moved(make_chain, update_chain),
    Slider("T", 1, CHAIN_MOST, 1, 4, redraw=True),
    Slider("t", 1, CHAIN_MOST, 1, 1, at_most="T"),
    Choice("signal", tuple(SIGNALS), "pulse"),
    Slider("w00", -3.0, 3.0, 0.1, 0.8),
    Slider("w01", -3.0, 3.0, 0.1, 0.0),
    Slider("w10", -3.0, 3.0, 0.1, 0.4),
    Slider("w11", -3.0, 3.0, 0.1, 0.6),
    line=lambda d: (
        f"{_cell(d.params)}xs = {_array(d.xs[:, 0])}.reshape(-1, 1, 1)  # (T, B, V)\n"
        f"rnn.forward(params, xs).h[{d.t - 1}, 0, 0]"
    ),
    result="h0",
    presets={
        "walk": {"T": 5, "t": 5},
        "forget": {"T": 5, "t": 5, "w00": 0.0, "w01": 0.0, "w10": 0.0, "w11": 0.0},
        "flip": {"T": 5, "t": 5, "w00": -1.5},
    },
    size=(8.9, 4.2),
)  # fmt: skip

# ---- parameters against T (1.4)
LONGEST, MOST_WEIGHTS = 200, 1e7  # where the axes end


def compute_parameters(T, V, H):
    """Weights of an RNN and of a feed-forward layer on a window of T steps, counted from real arrays; the curves
    (LONGEST,) over Ts; the smallest T at which the RNN is the smaller one."""
    recurrent = sum(weight.size for weight in rnn.init(np.random.default_rng(0), V, H))
    window = sum(weight.size for weight in (np.zeros((H, T * V)), np.zeros(H)))
    Ts = np.arange(1, LONGEST + 1)
    return {"rnn": recurrent, "window": window, "ratio": window / recurrent,
            "crossing": 2 + H // V,  # H T V + H > H V + H H + H
            "Ts": Ts, "rnn_curve": np.full(LONGEST, recurrent), "window_curve": H * V * Ts + H}  # fmt: skip


def draw_parameters(figure, d):
    """Number of weights of both networks against T, on logarithmic axes."""
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlim=(1, LONGEST), ylim=(1, MOST_WEIGHTS), xlabel="T  (steps in the window)")
    axes.set_ylabel("weights and biases")
    yield ghosted(curve(axes, "rnn", "RNN", markevery=25)), lambda d: (d.Ts, d.rnn_curve)
    yield ghosted(curve(axes, "weight", "feed-forward on the window", markevery=25)), lambda d: (d.Ts, d.window_curve)
    yield axes.axvline(1, color=style.INK, linestyle=":", linewidth=1.5), lambda d: {"xdata": (d.T, d.T)}
    axes.legend(loc="upper left")

    def tag(d, count, up):
        side, ha = (8, "left") if d.T <= 60 else (-8, "right")  # away from the right edge
        return {"text": f"{count:,}", "xy": (d.T, count), "position": (side, up), "ha": ha}

    size = style.text_size(12)
    yield Tag(axes, va="top", fontsize=size), lambda d: tag(d, d.rnn, -8)
    yield Tag(axes, va="bottom", fontsize=size), lambda d: tag(d, d.window, 8)


parameters = explorer(
    "rnn.parameters", compute_parameters, draw_parameters,
    Slider("T", 1, LONGEST, 1, 50),
    Slider("V", 1, 100, 1, 4),
    Slider("H", 1, 128, 1, 16),
    line=lambda d: (
        "import numpy as np\nfrom lecture_utils import rnn\n"
        f"sum(weight.size for weight in rnn.init(np.random.default_rng(0), V={d.V}, H={d.H}))"
    ),
    result="rnn",
    presets={"hello": {"T": 4, "V": 4, "H": 3}, "sentence": {"T": 200, "V": 100, "H": 128}, "short": {"T": 2}},
)  # fmt: skip

# ---- the kinds of RNN (1.5)
GOAL = 0.95
EVERY = 5  # training steps from one frame to the next
EXAMPLES = 400
FRESH = 1_000_000  # added to the seed for the examples that the network is not trained on


class Frame(NamedTuple):
    """Where the training of a kind stands."""

    step: int
    accuracy: float  # on the examples
    params: tuple
    examples: tuple  # freshly drawn ones


def film_kinds(kind, seed):
    """Frames of the training, every few steps; accuracy on freshly drawn examples."""
    fresh = kinds.batch(kind, np.random.default_rng(seed + FRESH), EXAMPLES)
    for snapshot in kinds.training(kind, np.random.default_rng(seed)):
        if snapshot.step % EVERY == 0:
            yield Frame(snapshot.step, accuracy(rnn, snapshot.params, fresh), snapshot.params, fresh)


def compute_kinds(kind, seed, example, film, frame):
    """What the network of the shown frame answers to one example, the accuracies so far and the shown one in percent;
    the seed stands behind the film."""
    chosen, shown, n = kinds.KINDS[kind], film[frame], example - 1
    said = kinds.answers(kind, shown.params, shown.examples, n)
    right = [chosen.outputs[target] for target in shown.examples.targets[chosen.y_mask, n]]
    return {"T": len(chosen.x_mask), "inputs": int(chosen.x_mask.sum()), "outputs": int(chosen.y_mask.sum()),
            "V": chosen.V, "classes": len(chosen.outputs), "words": kinds.read(kind, shown.examples, n),
            "answers": list(zip(said, right, strict=True)), "said": " ".join(said), "right": " ".join(right),
            "steps": [made.step for made in film], "accuracies": [made.accuracy for made in film],
            "step": shown.step, "accuracy": 100 * shown.accuracy}  # fmt: skip


def make_kinds(figure, d):
    """The chain with its inputs and outputs switched on or off, and one example."""
    axes = board(figure, floor=2.5)
    kind, pitch = kinds.KINDS[d.kind], 1.15
    left = (figure.get_figwidth() - (d.T - 1) * pitch) / 2 + 0.35
    artists = {"words": {}, "answers": []}
    for y, label in ((2.016, "output"), (0.45, "input")):
        write(axes, 0.12, y, label, size=12, ha="left")
    for t in range(d.T):
        x = left + t * pitch
        box(axes, x - 0.3, 0.96, 0.6, 0.56, "hidden", rf"$h_{t + 1}$")
        if t + 1 < d.T:
            arrow(axes, (x + 0.3, 1.24), (x + pitch - 0.3, 1.24), "hidden")
        if kind.x_mask[t]:
            arrow(axes, (x, 0.62), (x, 0.96), "input")
            artists["words"][t] = write(axes, x, 0.58, "", size=12, va="top", linespacing=1.0)
        if kind.y_mask[t]:
            arrow(axes, (x, 1.52), (x, 1.86), "output")
            artists["answers"].append(write(axes, x, 2.02, "", size=13))
    return artists


def update_kinds(artists, d):
    """The example; the answers of the network at the shown frame, right ones marked."""
    for t, label in artists["words"].items():
        label.set_text(d.words[t])
    for label, (said, right) in zip(artists["answers"], d.answers, strict=True):
        mark, colour, weight = ("✓", style.INK, "bold") if said == right else ("✗", style.VERMILION, "normal")
        label.set(text=f"{said} {mark}", color=colour, fontweight=weight)


def draw_kinds(figure, d):
    """Above the chain and the example, below the accuracy while the network trains."""
    yield from moved(make_kinds, update_kinds)(figure, d)
    axes = chart(figure, 1.0, 0.7, 6.1, 1.7)
    axes.set(xlim=(0, kinds.STEPS), ylim=(0, 1.05), xlabel="training step", ylabel="right answers")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.axhline(GOAL, color=style.INK, linestyle=":", linewidth=1.5)
    Tag(axes, f"goal {GOAL:.0%}", (0, -6), (kinds.STEPS, GOAL), ha="right", va="top", fontsize=style.text_size(11))
    yield curve(axes, "rnn", markevery=5), lambda d: (d.steps, d.accuracies)
    yield ring(axes, markersize=10), lambda d: ([d.step], [d.accuracies[d.frame]])


picker = explorer(
    "rnn.picker", compute_kinds, draw_kinds,
    Choice("kind", tuple(kinds.KINDS), "one_to_one", redraw=True),
    Slider("seed", 0, 99, 1, 0),
    Slider("example", 1, 20, 1, 1),
    say=lambda d: d.kind,
    line=lambda d: (
        "import itertools\nimport numpy as np\nfrom lecture_utils import kinds, rnn\n"
        "from lecture_utils.training import accuracy\n"
        f"training = kinds.training({d.kind!r}, np.random.default_rng({d.seed}))\n"
        f"*_, last = itertools.islice(training, {d.frame * EVERY + 1})\n"
        f"fresh = kinds.batch({d.kind!r}, np.random.default_rng({d.seed + FRESH}), {EXAMPLES})\n"
        "100 * accuracy(rnn, last.params, fresh)"
    ),
    result="accuracy",
    presets={kind: {"kind": kind} for kind in ("one_to_many", "many_to_one", "many_to_many_delayed")},
    size=(7.4, 5.0),
    film=film_kinds,
    budget=kinds.STEPS // EVERY,
)  # fmt: skip
