"""The explorers of chapter 6: the GRU's cell, its weighted average, its gates, its gradient, and the three-way race."""

import math
from itertools import accumulate

import numpy as np
from matplotlib.patches import Rectangle

from lecture_utils import bptt, gradients, gru, race, rnn, tasks  # noqa: F401 (a line of Python needs rnn)
from lecture_utils.blas import one_thread
from lecture_utils.chapters.lstm.explorers import GROW_OTHER, SYMBOLS, spoken
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import Tag, axes_at, curve, edge_mark, ghosted, ring
from lecture_utils.drawing.diagram import CELL, Board, number
from lecture_utils.drawing.network import dot
from lecture_utils.texts import text
from lecture_utils.widgets.engine import Choice, Slider, explorer

# ---- the cell
CELL_SYMBOLS = SYMBOLS | GROW_OTHER["gru"] | {"w": ("weight", "w"), "u": ("input", "u"), "a_r": ("r", "a_r"),
                "a_z": ("z", "a_z"), "candidate": GROW_OTHER["gru"]["g"]}  # fmt: skip


def compute_cell(a_z, a_r, u, w, h_prev):
    """One step of one unit, all scalars: a_z and a_r go into the gates as they are, u + w r h_prev into the candidate."""
    params = gru.Params(np.eye(3), np.array([[0.0], [0.0], [w]]), np.zeros(3))
    trace = gru.step(params, np.array([a_z, a_r, u]), np.array([h_prev]))
    z, r, candidate = trace.z[0], trace.r[0], trace.candidate[0]
    return {"z": z, "open": 1 - z, "r": r, "seen": r * h_prev, "candidate": candidate,
            "kept": (1 - z) * h_prev, "written": z * candidate, "h": trace.h[0]}  # fmt: skip


def draw_cell(d):
    """The cell as it is usually drawn: along the top the state, below it r, z and the candidate; every wire its number."""
    board, (width, height) = Board(7.4, 4.7), CELL
    top, write_y, cross, low = 4.0, 3.05, 2.62, 1.55
    x_r, x_z, x_w, x_c = 1.75, 3.15, 4.42, 5.3
    board.box(0.93, 0.98, 5.5, 3.55, "ghost", fill=False)

    def place(name, x, y, dx, dy, size, formula=None):
        """A number whose left edge is at x, its middle at y; its symbol that far from there, in the middle or beside it."""
        quantity, symbol = CELL_SYMBOLS[name]
        look = {"said": spoken(symbol), "formula": formula}
        board.numbers(name, x, y + height / 2, getattr(d, name), quantity, CELL, **look)
        if name != "open":  # the node beside it says it
            board.write(x + dx, y + dy, f"${symbol}$", size=size, ha="left" if dx > width / 2 else "center")

    # the wires of the state, of r and of what the candidate sees of it, which passes below that of z, of the candidate;
    # the two that meet in the sum are as wide as their share
    board.arrow((0.72, top), (x_z - 0.17, top), "hidden")
    board.arrow((x_z + 0.17, top), (x_c - 0.17, top), "hidden", "kept.wire", width=0.6 + 5 * d.open)
    board.arrow((x_c + 0.17, top), (6.7, top), "hidden")
    board.wire([(1.15, top), (1.15, cross), (x_r - 0.17, cross)], "hidden")
    board.wire([(x_r, low + 0.25), (x_r, cross - 0.17)], "r")
    board.path([(x_r + 0.17, cross), (x_z - 0.08, cross)], quantity="hidden")
    board.wire([(x_z + 0.08, cross), (x_w, cross), (x_w, low), (x_c - 0.42, low)], "hidden")
    board.wire([(x_z, low + 0.25), (x_z, top - 0.66)], "z")
    board.wire([(x_z, write_y), (x_c - 0.17, write_y)], "z")
    board.wire([(x_z, top - 0.3), (x_z, top - 0.17)], "z")
    board.wire([(x_c, low + 0.25), (x_c, write_y - 0.17)], "candidate")
    board.arrow((x_c, write_y + 0.17), (x_c, top - 0.17), "candidate", "written.wire", width=0.6 + 5 * d.z)

    board.rectangle(x_w - 0.3, 2.15 - height / 2, width, height, fill="paper")
    for name, *where in (
        ("h_prev", 0.1, top, 0.3, 0.3, 13), ("r", x_r + 0.1, 2.15, 0.66, 0, 12, "σ({a_r})"),
        ("seen", 2.38, cross + 0.27, 0.3, -0.46, 12, "{r} · {h_prev}"), ("z", x_z + 0.1, 2.15, 0.66, 0, 12, "σ({a_z})"),
        ("open", x_z - 0.82, top - 0.48, 0, 0, 12, "1 − {z}"), ("kept", 3.95, top + 0.27, 0.3, -0.49, 12, "{open} · {h_prev}"),
        ("w", x_w - 0.3, 2.15, 0.38, 0.3, 12), ("candidate", x_c + 0.08, 2.15, 0.66, 0, 12, "tanh({u} + {w} · {seen})"),
        ("written", x_c + 0.1, 3.5, 0.3, -0.3, 12, "{z} · {candidate}"),
        ("h", 6.72, top, 0.3, 0.3, 13, "(1 − {z}) · {h_prev} + {z} · {candidate}"),
    ):  # fmt: skip
        place(name, *where)
    for x, y, sign in (
        (x_r, cross, "×"), (x_z, top, "×"), (x_c, write_y, "×"), (x_z, top - 0.48, "1−"), (x_c, top, "+"),
        (1.15, top, ""), (x_z, write_y, ""),
    ):  # fmt: skip
        board.node(x, y, sign) if sign else board.circle(x, y, 0.045)
    for name, x, gate, squash in (("a_r", x_r, "r", "σ"), ("a_z", x_z, "z", "σ"), ("u", x_c, "candidate", "tanh")):
        board.box(x - 0.42, low - 0.25, 0.84, 0.5, gate, squash, size=14)
        board.arrow((x, 0.72), (x, low - 0.25), CELL_SYMBOLS[name][0])
        place(name, x - 0.3, 0.56, 0.3, -0.32, 13)
    return board


cell = explorer(
    "gru.cell", compute_cell, None,
    Slider("a_z", -6.0, 6.0, 0.1, -1.0), Slider("a_r", -6.0, 6.0, 0.1, 1.0),
    Slider("u", -3.0, 3.0, 0.1, 0.5), Slider("w", -3.0, 3.0, 0.1, 1.0), Slider("h_prev", -1.0, 1.0, 0.1, -0.8),
    line=lambda d: (f"params = gru.Params(np.eye(3), np.array([[0.0], [0.0], [{d.w}]]), np.zeros(3))\nx, h_prev = "
                    f"np.array([{d.a_z}, {d.a_r}, {d.u}]), np.array([{d.h_prev}])\ngru.step(params, x, h_prev).h[0]"),
    result="h", diagram=draw_cell,
    presets={"keep": {"a_z": -6.0}, "replace": {"a_z": 6.0},
             "reset": {"a_z": 6.0, "a_r": -6.0}, "plain": {"a_z": 6.0, "a_r": 6.0}},
)  # fmt: skip

# ---- the weighted average
STEPS = 30
CANDIDATES = {"zero": f"np.zeros({STEPS})", "one": f"np.ones({STEPS})",
              "noise": f"np.random.default_rng(0).uniform(-1, 1, {STEPS})"}  # fmt: skip
SIGNALS = {name: eval(source) for name, source in CANDIDATES.items()}  # what the picture shows is what the line says


def _states(keep, write, start, candidates):
    """s_t = keep s_{t-1} + write candidate_t, from s_0 = start on: (T + 1,)."""
    return list(accumulate(candidates, lambda state, candidate: keep * state + write * candidate, initial=start))


def compute_average(z, n, signal, h_0):
    """The states h of z for both gates, (T + 1,); the weights of h_0 and candidates 1..n in h_n, 0 after it, (T + 1,)."""
    h = _states(1 - z, z, h_0, SIGNALS[signal])
    weights = [(1 - z) ** n] + [z * (1 - z) ** (n - s) for s in range(1, n + 1)] + [0] * (STEPS - n)
    return {"candidates": SIGNALS[signal], "h": h, "h_n": h[n],
            "weights": weights, "first": weights[0], "rest": sum(weights[1:])}  # fmt: skip


def draw_average(figure, d):
    """Above, the state following the candidates; below, the weight that h_0 and each candidate have in h_n."""
    above, below = figure.subplots(2, 1, sharex=True)
    above.set(xlim=(-0.8, STEPS + 0.8), ylim=(-1.15, 1.15), ylabel="state")
    below.set(ylim=(0, 1.08), ylabel=r"weight in $h_n$", xlabel="step  (0: the initial state)", xticks=range(0, 31, 4))
    steps = np.arange(STEPS + 1)
    yield curve(above, "candidate", r"$\tilde{h}_t$", linestyle="none"), lambda d: (steps[1:], d.candidates)
    yield ghosted(curve(above, "hidden", r"$h_t$")), lambda d: (steps, d.h)
    yield ring(above, markersize=12), lambda d: ([d.n], [d.h_n])
    bars = below.bar(steps, 0 * steps, width=0.75, color=style.colour("candidate"))
    bars[0].set_facecolor(style.colour("hidden"))
    yield ghosted(bars), lambda d: d.weights
    first = Tag(below, offset=(9, 0), fontsize=style.text_size(12))
    yield first, lambda d: {"text": rf"$(1-z)^n$ = {number(d.first, 3)}", "xy": (0, max(0.06, d.first))}
    above.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=2)


def say_average(d):
    """A half-life is that of 0 < z < 1/2, after a step at least."""
    if d.n == 0 or d.z in (0, 1):
        return "start" if d.n == 0 else "keep" if d.z == 0 else "replace"
    return ("fast", {}) if d.z >= 0.5 else (None, {"half": math.log(0.5) / math.log1p(-d.z)})


average = explorer(
    "gru.average", compute_average, draw_average,
    Slider("z", 0.0, 1.0, 0.01, 0.1), Slider("n", 0, STEPS, 1, 20), Slider("h_0", -1.0, 1.0, 0.1, 1.0),
    Choice("signal", tuple(CANDIDATES), "noise"), say=say_average, result="h_n",
    line=lambda d: (f"z, h = {d.z}, {d.h_0}\n"
                    f"for candidate in {CANDIDATES[d.signal]}[: {d.n}]: h = (1 - z) * h + z * candidate\nh"),
    presets={"keep": {"z": 0.0}, "replace": {"z": 1.0}, "forget": {"signal": "zero"}, "slow": {"z": 0.02, "n": 30}},
)  # fmt: skip

# ---- two gates and one
TWIN_STEPS = 5


def compute_twin(f, i, z, old, new):
    """The LSTM's c_t = f c_{t-1} + i new and the GRU's h_t = (1 - z) h_{t-1} + z new: cs and hs, (n + 1,)."""
    cs, hs = (_states(*gates, old, [new] * TWIN_STEPS) for gates in ((f, i), (1 - z, z)))
    return {"total": f + i, "keep": 1 - z, "n": TWIN_STEPS, "cs": cs, "hs": hs,
            "c": round(cs[-1], 12), "h": round(hs[-1], 12)}  # fmt: skip


def draw_twin(figure, d):
    """Left, all pairs (keep, write): the LSTM's square and the GRU's diagonal. Right, what comes of them step by step."""
    square, states = figure.subplots(1, 2, width_ratios=(1, 1.15))
    edges = (-0.12, 1.12)
    square.set(xlim=edges, ylim=edges, xlabel="keep:  f  or  1 − z", ylabel="write:  i  or  z", aspect="equal")
    square.add_patch(Rectangle((0, 0), 1, 1, facecolor=style.colour("lstm"), alpha=0.12))
    square.plot([0, 1], [1, 0], color=style.colour("gru"), linewidth=3)
    for x, y, words in ((1, 0, "keep"), (0, 1, "replace"), (1, 1, "add up"), (0, 0, "erase")):
        aside = 26 if x != y else 9  # beside the line, not on it
        look = {"ha": "right" if x else "left", "va": "top" if y else "bottom", "fontsize": style.text_size(12)}
        Tag(square, words, (-aside if x else aside, -9 if y else 9), (x, y), **look)
    point = {"linestyle": "none", "markersize": 12, "markeredgecolor": "white", "zorder": 4}
    yield curve(square, "lstm", **point), lambda d: ([d.f], [d.i])
    yield curve(square, "gru", **point), lambda d: ([d.keep], [d.z])
    states.set(xlim=(-0.2, TWIN_STEPS + 0.2), ylim=(-6.4, 6.4), xlabel="step", ylabel="state")
    states.axhspan(-1, 1, color=style.PALE, zorder=0)
    yield ghosted(curve(states, "lstm", r"LSTM  $c_t$")), lambda d: (range(TWIN_STEPS + 1), d.cs)
    yield ghosted(curve(states, "gru", r"GRU  $h_t$")), lambda d: (range(TWIN_STEPS + 1), d.hs)
    states.legend(loc="lower left")


twin = explorer(
    "gru.twin", compute_twin, draw_twin,
    Slider("f", 0.0, 1.0, 0.01, 0.9), Slider("i", 0.0, 1.0, 0.01, 0.6), Slider("z", 0.0, 1.0, 0.01, 0.3),
    Slider("old", -1.0, 1.0, 0.1, -0.5), Slider("new", -1.0, 1.0, 0.1, 1.0),
    line=lambda d: f"c = {d.old}\nfor _ in range({TWIN_STEPS}): c = {d.f} * c + {d.i} * {d.new}\nc",
    result="c", size=style.WIDE,
    presets={"tied": {"f": 0.7, "i": 0.3, "z": 0.3}, "count": {"f": 1.0, "i": 1.0, "z": 1.0},
             "erase": {"f": 0.0, "i": 0.0, "z": 1.0, "old": 1.0}, "keep": {"f": 1.0, "i": 0.0, "z": 0.0}},
)  # fmt: skip

# ---- reset before or after the product
RESET_W = np.array([[0.9, -0.6], [0.4, 0.8]])
RESET_ROWS = {  # height in inches; a sign or an arrow stands before each but the first; ' marks a second copy
    "before": (2.65, "r ∘ h_prev = seen → W · seen' + bias = before"),
    "after": (0.98, "W' · h_prev' + bias' = inner → r' ∘ inner' = after"),
}
RESET_PARTS = {  # quantity, symbol, how it is called, how its numbers come about
    "r": ("r", "$r_t$", "rₜ", None), "h_prev": ("hidden", "$h_{t-1}$", "hₜ₋₁", None),
    "W": ("weight", "$W_h$", "W_h", None), "bias": ("weight", "$b′$", "b′", None),
    "seen": ("hidden", "$r_t\\,\\circ\\,h_{t-1}$", "(rₜ ∘ hₜ₋₁)", "{r.#} · {h_prev.#}"),
    "inner": ("hidden", "$W_h\\,h_{t-1} + b′$", "(W_h hₜ₋₁ + b′)", dot("W'", "h_prev'", 2) + " + {bias'.#}"),
    "before": ("candidate", "", "(W_h (rₜ ∘ hₜ₋₁) + b′)", dot("W", "seen'", 2) + " + {bias.#}"),
    "after": ("candidate", "", "(rₜ ∘ (W_h hₜ₋₁ + b′))", "{r'.#} · {inner'.#}"),
}  # fmt: skip


def compute_reset(r0, r1, h0, h1, b):
    """The recurrent part of the candidate, before: W (r * h) + b', and after: r * (W h + b'); all (2,) but W, (2, 2)."""
    r, h_prev = np.array([r0, r1]), np.array([h0, h1])
    seen, inner = r * h_prev, RESET_W @ h_prev + b
    before, after = np.round((RESET_W @ seen + b, r * inner), 12)
    return {"W": RESET_W, "r": r, "h_prev": h_prev, "bias": np.full(2, b),
            "seen": seen, "before": before, "before0": before[0], "before1": before[1],
            "inner": inner, "after": after, "after0": after[0], "after1": after[1],
            "difference": round(np.abs(before - after).max(), 12)}  # fmt: skip


def draw_reset(d):
    """One row for each form: W (r * h) + b' as in the deck, r * (W h + b') as in PyTorch."""
    board = Board(7.4, 3.6)
    for form, (top, row) in RESET_ROWS.items():
        x, middle, (first, *rest) = 0.15, top - CELL[1], row.split()
        board.write(x, top + 0.6, text(f"gru.reset.word.{form}"), size=12, ha="left", bold=True)
        for sign, id in zip(["", *rest[::2]], [first, *rest[1::2]], strict=True):
            if sign == "→":
                board.arrow((x + 0.08, middle), (x + 0.42, middle))
            elif sign:
                board.write(x + 0.16, middle, sign, size=14)
            x += {"": 0, "→": 0.5}.get(sign, 0.32)
            name = id.removesuffix("'")
            quantity, symbol, said, formula = RESET_PARTS[name]
            look = {"label": "" if sign == "=" else symbol, "said": said, "formula": formula}
            x = board.numbers(id, x, top, getattr(d, name), quantity, CELL, **look)
    return board


reset = explorer(
    "gru.reset", compute_reset, None,
    Slider("r0", 0.0, 1.0, 0.05, 1.0), Slider("r1", 0.0, 1.0, 0.05, 0.2),
    Slider("h0", -1.0, 1.0, 0.1, 0.5), Slider("h1", -1.0, 1.0, 0.1, -1.0), Slider("b", -1.0, 1.0, 0.1, 0.0),
    say=lambda d: None if d.difference else "same",
    line=lambda d: (f"W, r = np.array({RESET_W.tolist()}), np.array([{d.r0}, {d.r1}])\nh, b = np.array([{d.h0}, {d.h1}]), "
                    f"{d.b}\nround(np.abs(W @ (r * h) + b - r * (W @ h + b)).max(), 12)"),
    result="difference", diagram=draw_reset,
    presets={"open": {"r0": 1.0, "r1": 1.0}, "equal": {"r0": 0.5, "r1": 0.5}, "bias": {"r0": 0.5, "r1": 0.5, "b": 1.0}},
)  # fmt: skip

# ---- the gates of a network while it learns
GATES_T, GATES_H, EXAMPLES = 20, 8, 200


def compute_gates(seed, example, unit, film, frame):
    """The shown frame's cell on one sequence: values and marked (T,); z, r, candidate and h (T, H); what it answers."""
    shown = film[frame]
    xs = shown.fresh.xs[:, example - 1 : example]
    trace, outputs = bptt.forward(gru, shown.params, xs)
    z, marked = trace.z[:, 0], xs[:, 0, 1] > 0
    return {"step": shown.step, "error": shown.error, "values": xs[:, 0, 0], "marked": marked,
            "z": z, "r": trace.r[:, 0], "candidate": trace.candidate[:, 0], "h": trace.h[:, 0],
            "z_marked": z[marked, unit].mean(), "z_else": z[~marked, unit].mean(),
            "answer": outputs[-1, 0, 0], "target": shown.fresh.targets[-1, example - 1, 0]}  # fmt: skip


def draw_gates(figure, d):
    """Above, the sequence, its marked values green; below, z, r, candidate and h of all units at all steps."""
    grid = figure.subplots(3, 2, sharex=True, height_ratios=(0.62, 1, 1))
    steps = np.arange(1, GATES_T + 1)
    for axes in grid.flat:
        axes.grid(False)
    for axes in grid[0]:
        yield axes.bar(steps, 0 * steps, color=style.colour("input")), lambda d: d.values * d.marked
        yield axes.bar(steps, 0 * steps, color="#D0D0D0"), lambda d: d.values * ~d.marked
        axes.set(ylim=(0, 1.12), yticks=(0, 1), ylabel=r"$x_t$")
    scale = {"pad": 0.02, "fraction": 0.06, "use_gridspec": False}
    for name, symbol, axes, low in (
        ("z", r"$z_t$", grid[1, 0], 0), ("r", r"$r_t$", grid[2, 0], 0),
        ("candidate", r"$\tilde{h}_t$", grid[1, 1], -1), ("h", r"$h_t$", grid[2, 1], -1),
    ):  # fmt: skip
        axes.set_title(symbol, pad=9)
        look = {"cmap": style.DIVERGING if low else style.SEQUENTIAL, "aspect": "auto", "interpolation": "nearest"}
        edges = (0.5, GATES_T + 0.5, GATES_H - 0.5, -0.5)
        image = axes.imshow(np.zeros((GATES_H, GATES_T)), vmin=low, vmax=1, extent=edges, **look)
        yield image, lambda d, name=name: getattr(d, name).T
        figure.colorbar(image, ax=axes, ticks=(low, (low + 1) / 2, 1), **scale).outline.set_visible(False)
        axes.set(ylabel="unit", yticks=range(0, GATES_H, 2))
        row = axes.add_patch(Rectangle((0.5, -0.5), GATES_T, 1, fill=False, edgecolor=style.INK, linewidth=2.4))
        yield row, lambda d: {"y": d.unit - 0.5}
        yield edge_mark(axes, style.colour("input"), marker=7), lambda d: (np.flatnonzero(d.marked) + 1, [-0.5, -0.5])
    for axes in grid[2]:
        axes.set(xlabel="t", xticks=(1, 5, 10, 15, 20))


gates = explorer(
    "gru.gates", compute_gates, draw_gates,
    Slider("example", 1, EXAMPLES, 1, 1), Slider("unit", 0, GATES_H - 1, 1, 2), Slider("seed", 0, 99, 1, 1),
    line=lambda d: (
        f"from itertools import islice\npractice = race.practice({d.seed}, T={GATES_T}, H={GATES_H}, tested={EXAMPLES})\n"
        f"shown = next(islice(practice, {d.frame}, None))\n"
        f"xs = shown.fresh.xs[:, {d.example - 1} : {d.example}]  # values, marks\n"
        f"gru.forward(shown.params.cell, xs).z[..., {d.unit}][xs[..., 1] > 0].mean()"),
    presets={"other": {"example": 2}, "slow": {"unit": 4}, "seed": {"seed": 2, "unit": 3}},
    result="z_marked", size=style.LARGE, film=lambda seed: race.practice(seed, GATES_T, GATES_H, EXAMPLES), budget=60,
)  # fmt: skip

# ---- the highway
FLOOR = -26


def compute_highway(keep_bias, T, seed):
    """The curves of gradients.gru_highway, (T + 1,), their values at t = 0; the t at which curves leave the picture below."""
    made = gradients.gru_highway(keep_bias, T, seed)
    curves = {"rnn": made.rnn, "direct": made.direct, "gru": made.total}
    below = [np.flatnonzero(sizes < FLOOR)[-1] for sizes in curves.values() if sizes.min() < FLOOR]
    return {name: sizes[0] for name, sizes in curves.items()} | {"curves": curves, "keep": made.mean_f, "below": below}


def draw_highway(figure, d):
    """log10 of the size of dh_T/dh_t for all t: GRU in total, GRU along the direct path, RNN."""
    axes = figure.subplots()
    axes.set(ylim=(FLOOR, 4), xlabel="t", ylabel=r"$\log_{10}\,\|\partial h_T/\partial h_t\|$")
    axes.axhline(0, color=style.INK, linewidth=1)
    yield axes, lambda d: {"xlim": (-0.02 * d.T, 1.02 * d.T)}
    look = {"color": style.colour("gru"), "fillstyle": "none"}
    lines = {"rnn": curve(axes, "rnn", "RNN"),
             "direct": ghosted(curve(axes, "z", r"GRU, direct path $\prod (1-z)$", **look)),
             "gru": ghosted(curve(axes, "gru", "GRU, total"))}  # fmt: skip
    for name, line in lines.items():
        yield line, lambda d, name=name: {"data": (range(d.T + 1), d.curves[name]), "markevery": d.T // 10}
    yield edge_mark(axes, style.INK, marker=11, markersize=9), lambda d: (d.below, [FLOOR + 0.4] * len(d.below))
    axes.legend(loc="lower right")


highway = explorer(
    "gru.highway", compute_highway, draw_highway,
    Slider("keep_bias", -1.0, 6.0, 0.1, 0.0), Slider("T", 10, 100, 5, 100), Slider("seed", 0, 99, 1, 0),
    line=lambda d: (f"rng = np.random.default_rng({d.seed})\n"
                    f"_, params = rnn.init(rng, 4, 16), gru.init(rng, 4, 16, keep_bias={d.keep_bias})\n"
                    f"trace = gru.forward(params, rng.standard_normal(({d.T}, 1, 4)))\n"
                    "gradients.products(gru.jacobians(params, trace)).log10_norm[0, 0] - np.log10(16) / 2"),
    result="gru", guesses=("survives", "half", "like_rnn"),
    presets={"bias_1": {"keep_bias": 1.0}, "bias_3": {"keep_bias": 3.0}, "bias_5": {"keep_bias": 5.0}},
)  # fmt: skip

# ---- the race
RACE_EVERY = 10  # updates from one frame to the next


def compute_race(T, seed, film, frame):
    """The shown frame, and the curves up to the newest one, name -> updates and errors (2, frames)."""
    numbers, curves = {"step": RACE_EVERY * frame, "goal": race.SOLVED, "runners": film[frame]}, {}
    for name, runner in film[frame].items():
        made = {past[name].step: past[name].error for past in film}
        curves[name] = np.array([list(made), list(made.values())])
        numbers |= {name: runner.error, f"{name}_at": str(runner.step) if runner.error < race.SOLVED else "–"}
    return numbers | {"curves": curves}


def draw_race(figure, d):
    """The errors on fresh sequences while the networks learn; a star where one has solved the task, a line at the frame."""
    axes = figure.subplots()
    axes.set(yscale="log", xlim=(0, race.STEPS), ylim=(2e-3, 3), xlabel="updates", ylabel="error (MSE)")
    for level, words, above in ((tasks.ADDING_CHANCE, "always 1: 1/6", 15), (race.SOLVED, f"solved: {race.SOLVED}", 5)):
        axes.axhline(level, color=style.INK, linestyle=":", linewidth=1.5)
        Tag(axes, words, (0, above), (race.STEPS, level), ha="right", fontsize=style.text_size(11))
    for name in race.CELLS:
        star = curve(axes, name, marker="*", markersize=18, linestyle="none", zorder=1.9)  # behind all lines
        yield star, lambda d, name=name: d.curves[name][:, d.curves[name][1] < race.SOLVED]
        yield curve(axes, name, name.upper(), markevery=20), lambda d, name=name: d.curves[name]
    yield axes.plot([], [], color=style.GREY, linewidth=1.5)[0], lambda d: ([d.step, d.step], [1e-3, 1])
    axes.legend(loc="upper right", ncols=3)


adding = explorer(
    "gru.adding", compute_race, draw_race,
    Slider("T", 10, 50, 5, 10), Slider("seed", 0, 99, 1, 0),
    line=lambda d: (f"from itertools import islice\ntraining = race.training('gru', {d.T}, {d.seed})\n"
                    f"made = next(islice(training, {d.runners['gru'].step}, None))\n"
                    f"race.error('gru', made.params, race.unseen({d.T}, {d.seed}))"),
    result="gru", presets={"middle": {"T": 20}, "long": {"T": 50}, "again": {"T": 50, "seed": 1}},
    film=lambda T, seed: race.until_all_solved(T, seed, RACE_EVERY), budget=race.STEPS // RACE_EVERY,
)  # fmt: skip

# ---- weights and time
SLOWEST = 8  # the end of the axis: times as long as the RNN
BLOCKS = {"rnn": (("hidden", "$h$"),), "gru": (("z", "$z$"), ("r", "$r$"), ("candidate", "$\\tilde{h}$")),
          "lstm": (("i", "$i$"), ("f", "$f$"), ("o", "$o$"), ("g", "$g$"))}  # fmt: skip
PARTS = {"input": "$W_x$", "hidden": "$W_h$", "weight": "$b$"}  # of a block, from left to right
ROWS = (3.16, 2.11, 1.06)  # the middles of the three rows, in inches


def compute_cost(V, H, B, film, frame):
    """Weights and biases of each cell, counted from real arrays; the frame's times: seconds per step, and as multiples
    of the RNN's (B only matters for these); shares: where each of the PARTS begins in a block of width 1, and its width."""
    rng, times, whole = np.random.default_rng(0), film[frame], V + H + 1
    counts = {name: sum(array.size for array in cell.init(rng, V, H)) for name, (cell, _) in race.CELLS.items()}
    # the largest S, a GRU's size, with 3 S (S + V + 1) <= counts["lstm"]
    same = int((np.sqrt((V + 1) ** 2 + 4 * counts["lstm"] / 3) - (V + 1)) / 2 + 1e-9)
    return counts | {
        "share": 100 * counts["gru"] / counts["lstm"], "same": same,
        "times": times, "ratios": {name: times[name] / times["rnn"] if times else 0 for name in BLOCKS},
        "shares": {"input": (0, V / whole), "hidden": (V / whole, H / whole), "weight": (V / whole + H / whole, 1 / whole)},
    }  # fmt: skip


def draw_blocks(d):
    """Each cell's blocks of weights, split into W_x, W_h and b, and how many numbers that is."""
    board, wide, high = Board(5.5, 4.3), 0.78, 0.62  # of a block of weights, in inches
    board.write(0.15, 4.0, text("gru.cost.word.blocks"), size=13, ha="left", bold=True)
    for middle, (name, blocks) in zip(ROWS, BLOCKS.items(), strict=True):
        board.write(0.15, middle, name.upper(), size=13, ha="left")
        for column, (quantity, symbol) in enumerate(blocks):
            left, bottom = 0.85 + column * (wide + 0.08), middle - high / 2
            for part, (start, share) in d.shares.items():
                place, id = (left + wide * start, bottom, wide * share, high), f"{name}.{column}.{part}"
                board.rectangle(*place, id, fill=part, fill_opacity=0.35)
            board.rectangle(left, bottom, wide, high, fill="none", stroke=quantity, stroke_width=3)
            board.write(left + wide / 2, middle, symbol, size=14)
        formula = f"{len(blocks)} · {{rnn}}" if name != "rnn" else f"{d.H} · ({d.V} + {d.H} + 1)"
        look = {"cell": (0.98, 0.36), "size": 13, "largest": np.inf, "write": lambda value, _: f"{value:,.0f}"}
        board.numbers(name, 4.4, middle + 0.18, getattr(d, name), name, **look, said=name.upper(), formula=formula)
    for n, (part, symbol) in enumerate(PARTS.items()):
        x = 0.85 + 0.8 * n
        board.rectangle(x, 0.22, 0.22, 0.22, fill=part, fill_opacity=0.35)
        board.write(x + 0.3, 0.33, symbol, size=12, ha="left")
    return board


def draw_cost(figure, d):
    """Beside the blocks: measured time per step, the RNN's as 1."""
    times = axes_at(figure, 0.7, 0.62, 2.85, 3.1)
    times.set(xlim=(0, SLOWEST), ylim=(0.62, 3.72), xlabel="RNN = 1")  # the rows' inches
    times.set_yticks(ROWS, [name.upper() for name in BLOCKS])
    times.grid(axis="y", visible=False)
    times.text(0, 4.0, "time per step", va="center", fontsize=style.text_size(13), fontweight="bold")
    bars = times.barh(ROWS, [0, 0, 0], height=0.5, color=[style.colour(name) for name in BLOCKS])
    yield bars, lambda d: [min(ratio, SLOWEST) for ratio in d.ratios.values()]
    for middle, name in zip(ROWS, BLOCKS, strict=True):
        label = times.text(0, middle, "", va="center", fontsize=style.text_size(12))

        def time_of(d, name=name, middle=middle):
            beside = d.ratios[name] if d.ratios[name] < 0.75 * SLOWEST else 0  # where the bar is long, in it
            return {"text": f"{1e6 * d.times[name]:.0f} µs" if d.times else "?", "position": (0.15 + beside, middle)}

        yield label, time_of


def say_cost(d):
    """After a measurement also the times, in microseconds, and whether they may be those of several threads."""
    if d.times:
        times = {f"{name}_us": 1e6 * seconds for name, seconds in d.times.items()}
        return "timed" if one_thread() else "threads", times | {
            "runs": d.frame,
            "faster": 100 * d.times["gru"] / d.times["lstm"],
        }


cost = explorer(
    "gru.cost", compute_cost, draw_cost,
    Slider("V", 1, 128, 1, 28), Slider("H", 1, 128, 1, 64), Slider("B", 1, 64, 1, 16),
    say=say_cost, result="gru",
    line=lambda d: f"sum(array.size for array in gru.init(np.random.default_rng(0), V={d.V}, H={d.H}))",
    presets={"tiny": {"V": 4, "H": 3, "B": 1}, "characters": {"V": 64, "H": 128, "B": 16},
             "adding": {"V": 2, "H": 32, "B": 64}},
    size=(3.7, 4.3), diagram=draw_blocks, film=race.step_times, budget=30,
)  # fmt: skip
