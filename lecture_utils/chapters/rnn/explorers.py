"""The explorers of chapter 1: one step, the chain, the parameter count, the kinds of RNN."""

from contextlib import suppress

import numpy as np

from lecture_utils import kinds, rnn
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import Tag, curve, ghosted, ring
from lecture_utils.drawing.diagram import Board, number, sub
from lecture_utils.drawing.network import Network, dot, shades
from lecture_utils.texts import text
from lecture_utils.widgets.engine import Choice, Entry, Refusal, Slider, explorer

CELL = (0.52, 0.32)  # width and height in inches of one number


def _array(values):
    """An array as Python would read it."""
    return f"np.array({values.tolist()})"


def _cell(params):
    """The line of Python that makes a cell's params."""
    return f"params = rnn.Params({', '.join(map(_array, params))})\n"


# ---- one step, number by number (1.2, 1.3)
def compute_step(x0, x1, h0, h1, w_xh, w_hh):
    """A step both ways: xh = W_xh x and hh = W_hh h_prev apart, and a_joined = W [x ; h_prev] + b with W = [W_xh | W_hh]
    (2, 4); all vectors (2,)."""
    W_xh, W_hh, b = np.array([[w_xh, -0.5], [0.3, 0.8]]), np.array([[w_hh, -0.4], [0.6, 0.2]]), np.array([0.1, -0.2])
    x, h_prev = np.array([x0, x1]), np.array([h0, h1])
    W, xh, hh, trace = np.hstack([W_xh, W_hh]), W_xh @ x, W_hh @ h_prev, rnn.step(rnn.Params(W_xh, W_hh, b), x, h_prev)
    a_joined = W @ np.concatenate([x, h_prev]) + b
    return {"W_xh": W_xh, "W_hh": W_hh, "b": b, "W": W, "xh": xh, "hh": hh, "a_joined": a_joined, **trace._asdict(),
            "x_part": xh[0], "h_part": hh[0], "b_part": b[0], "a0": trace.a[0],
            "difference": round(np.abs(trace.a - a_joined).max(), 12)}  # fmt: skip


def draw_step(d):
    """Two rows that give the same h_t: the two products apart, and [W_xh | W_hh] times [x_t ; h_{t-1}]."""
    board, height = Board(7.4, 4.5), CELL[1]

    def place(name, x, top, quantity, label, said, formula=None, sizes="H"):
        values, look = getattr(d, name.removesuffix("'")), {"label": label, "said": said, "formula": formula}
        return board.numbers(name, x, top, values, quantity, CELL, sizes=sizes, **look)

    x, top = 0.12, 3.55
    board.write(x, top + 0.65, text("rnn.step.word.apart"), size=12, ha="left", bold=True)
    for sign, name, *look in (
        ("", "W_xh", "input", "$W_{xh}$", "W_xh", None, "HV"), ("·", "x", "input", "$x_t$", "xₜ", None, "V"),
        ("+", "W_hh", "hidden", "$W_{hh}$", "W_hh", None, "HH"), ("·", "h_prev", "hidden", "$h_{t-1}$", "hₜ₋₁"),
        ("+", "b", "weight", "$b_h$", "b_h"), ("=", "a", "derivative", "$a_t$", "aₜ", "{xh.#} + {hh.#} + {b.#}"),
    ):  # fmt: skip
        if sign:
            board.write(x + 0.15, top - height, sign, size=14)
            x += 0.3
        x = place(name, x, top, *look)
    board.arrow((x + 0.08, top - height), (x + 0.72, top - height))
    board.write(x + 0.38, top - height + 0.17, "tanh", size=11)
    place("h", x + 0.8, top, "hidden", "$h_t$", "hₜ", "tanh({a.#})")

    below = top - 2 * height - 0.14
    board.write(1.06, below - height, "$W_{xh}\\,x_t\\;=$", ha="right")
    place("xh", 1.06 + 0.1, below, "input", None, "W_xh x", dot("W_xh", "x", 2))
    board.write(3.22, below - height, "$W_{hh}\\,h_{t-1}\\;=$", ha="right")
    place("hh", 3.22 + 0.1, below, "hidden", None, "W_hh h_prev", dot("W_hh", "h_prev", 2))

    top = 1.08
    board.write(0.12, top + 0.65, text("rnn.step.word.joined"), size=12, ha="left", bold=True)
    place("W", 0.6, top, ["input", "input", "hidden", "hidden"], "$W = [\\,W_{xh}\\,|\\,W_{hh}\\,]$", "W")
    board.write(2.84, top - height, "·", size=14)
    place("x'", 3.0, top + height, "input", None, "xₜ", sizes="V")
    place("h_prev'", 3.0, top - height, "hidden", None, "hₜ₋₁")
    board.write(3.6, top, "$x_t$", size=13, ha="left")
    board.write(3.6, top - 2 * height, "$h_{t-1}$", size=13, ha="left")
    board.write(4.25, top - height, "+", size=14)
    place("b'", 4.4, top, "weight", "$b_h$", "b_h")
    board.write(5.07, top - height, "=", size=14)
    made = "{W.#.0} · {x'.0} + {W.#.1} · {x'.1} + {W.#.2} · {h_prev'.0} + {W.#.3} · {h_prev'.1} + {b'.#}"
    place("a_joined", 5.22, top, "derivative", "$a_t$", "aₜ", made)
    for y, name, value in ((top - 0.16, "V", len(d.x)), (top - 0.56, "H", len(d.h))):
        board.size(6.7, y, name, value, text(f"rnn.step.word.{name}"))
    return board


step = explorer(
    "rnn.step", compute_step, None,
    Slider("x0", -2.0, 2.0, 0.1, 1.0), Slider("x1", -2.0, 2.0, 0.1, 0.0),
    Slider("h0", -1.0, 1.0, 0.1, 0.5), Slider("h1", -1.0, 1.0, 0.1, -0.5),
    Slider("w_xh", -5.0, 5.0, 0.1, 1.0), Slider("w_hh", -5.0, 5.0, 0.1, 0.5),
    say=lambda d: (None, {"h0": d.h[0], "h1": d.h[1]}),  # of h_t; the controls of these names are h_{t-1}
    line=lambda d: _cell((d.W_xh, d.W_hh, d.b)) + f"rnn.step(params, {_array(d.x)}, {_array(d.h_prev)}).h[0]",
    result="h0", diagram=draw_step,
    presets={"no_past": {"h0": 0.0, "h1": 0.0}, "no_input": {"x0": 0.0, "x1": 0.0}, "saturated": {"w_xh": 5.0, "x0": 2.0}},
)  # fmt: skip

# ---- the chain, folded and unrolled (1.1, 1.4)
CHAIN_MOST, CHAIN_LARGEST = 5, 9.0  # steps that fit the figure; the size of a number typed
WALK = {"T": 5, "t": 5, "xs": "1 0 0 0 0", "other": ""}
W_HH = {"w00": 0.8, "w01": 0.0, "w10": 0.4, "w11": 0.6}


def parse_inputs(typed, most=CHAIN_MOST):
    """The numbers typed, the rest 0: (most,); None for nothing. Refusal for what is no number, or too many."""
    with suppress(ValueError):
        values = [float(word) for word in typed.replace(",", " ").split()]
        if len(values) <= most and all(abs(value) <= CHAIN_LARGEST for value in values):
            return np.pad(values, (0, most - len(values))) + 0.0 if values else None
    raise Refusal("rnn.chain.inputs", typed=typed, most=most, largest=int(CHAIN_LARGEST))


def compute_chain(level, T, t, xs, other, w00, w01, w10, w11):
    """T steps on xs, hs (T, 2), and on another sequence, or None; w00 ... w11 are the entries of W_hh, t counts from 1.
    a and h_prev (2,) are those of step t; `apart` is the first step at which the inputs differ (0: none does), `distance`
    |h_t - h'_t|."""
    params, t = rnn.Params(np.array([[1.0], [-0.5]]), np.array([[w00, w01], [w10, w11]]), np.zeros(2)), min(t, T)
    xs, others = (np.zeros(T) if typed is None else typed[:T] for typed in (xs, other))
    trace, second = (rnn.forward(params, values.reshape(-1, 1, 1)) for values in (xs, others))
    hs, a, (on_h, on_x) = trace.h[:, 0], trace.a[t - 1, 0], rnn.dependence(params, trace)
    h, differ = hs[t - 1], np.flatnonzero(xs != others)
    return {"t": t, "params": params, "W": np.hstack(params[:2]), "xs": xs, "hs": hs, "on_h": on_h, "on_x": on_x,
            "h0": h[0], "h1": h[1], "a": a, "a0": a[0], "a1": a[1], "h_prev": trace.h_prev[t - 1, 0],
            "others": others, "h_others": second.h[:, 0], "second": other is not None,
            "apart": differ[0] + 1 if len(differ) else 0, "distance": np.linalg.norm(h - second.h[t - 1, 0])}  # fmt: skip


def draw_chain(d):
    """Three levels: the folded cell with its loop; beside it T copies, each with the same W; or step t with its formula."""
    net = Network(8.9, 4.2, d.T, first=2.39, pitch=1.44)
    (_draw_one_step if d.level == "step" else _draw_cells)(net, d)
    note = {"x": 1.75, "ha": "left"} if d.level == "unrolled" else {"x": net.width / 2}
    net.write(y=0.18, words=text("rnn.chain.word.note", t=d.t, T=d.T), id="note", **note)
    return net


def _product(W, t):
    """What a_t is made of, as a formula of cells; W = [W_xh | W_hh]."""
    past = f" + {{{W}.#.1}} · {{h_{t - 1}.0}} + {{{W}.#.2}} · {{h_{t - 1}.1}}" if t > 1 else ""
    return f"{{{W}.#.0}} · {{x_{t}}}{past}"


def _draw_one_step(net, d):
    """[W_xh | W_hh] times [x_t ; h_{t-1}], plus b_h, is a_t, and tanh of it h_t."""
    x, top, height, t = 1.3, 2.4, CELL[1], d.t
    net.write(net.width / 2, 3.6, "$h_t = \\tanh(W_{xh}\\,x_t + W_{hh}\\,h_{t-1} + b_h)$", size=15)
    look = {"label": "$[W_{xh}|W_{hh}]$", "said": "W", "kin": "W"}
    net.numbers(f"W_{t}", x, top, d.W, ["input", "hidden", "hidden"], CELL, 1, **look)
    net.numbers(f"x_{t}", x + 1.9, top + height / 2, d.xs[t - 1], "input", CELL, said=sub("x", t))
    net.numbers(f"h_{t - 1}", x + 1.9, top - height / 2, d.h_prev, "hidden", CELL, said=sub("h", t - 1))
    net.write(x + 2.5, top, f"$x_{t}$", size=13, ha="left")
    net.write(x + 2.5, top - 1.5 * height + 0.02, f"$h_{t - 1}$", size=13, ha="left")
    for place, sign in ((1.73, "·"), (3.0, "+"), (3.9, "=")):
        net.write(x + place, top - height, sign, size=14)
    net.numbers("b_h", x + 3.2, top, d.params.b_h, "weight", CELL, label="$b_h$")
    look = {"label": f"$a_{t}$", "said": sub("a", t), "formula": f"{_product(f'W_{t}', t)} + {{b_h.#}}"}
    net.numbers("a", x + 4.1, top, d.a, "derivative", CELL, **look)
    net.arrow((x + 4.7, top - height), (x + 5.34, top - height))
    net.write(x + 5.0, top - height + 0.17, "tanh", size=11)
    look = {"label": f"$h_{t}$", "said": sub("h", t), "formula": "tanh({a.#})"}
    net.numbers(f"h_{t}", x + 5.42, top, d.hs[t - 1], "hidden", CELL, **look)


def _draw_cells(net, d):
    """The folded cell, alone with its numbers or with the chain at its right."""
    wide, high, floor, alone = 1.28, 0.92, 1.5, d.level == "folded"
    folded = net.width / 2 if alone else 0.84

    def cell(id, middle, top):
        """A copy of the cell, the arrow into it and the one up to `top`."""
        with net.group(f"{id}.cell"):
            net.box(middle - wide / 2, floor, wide, high, "weight", fill=False)
            net.write(middle, floor + high - 0.16, "$[W_{xh}|W_{hh}]$", size=11)
            at, quantities = (middle - 0.585, floor + 0.62), ["input", "hidden", "hidden"]
            net.numbers(id, *at, d.W, quantities, (0.39, 0.27), 1, said="W", kin="W")
            net.arrow((middle, 1.12), (middle, floor), "input")
            net.arrow((middle, floor + high), (middle, top), "hidden")

    cell("W", folded, 3.05 if alone else 3.25)
    loop = [(folded, 2.78), (folded - 0.76, 2.78), (folded - 0.76, floor + 0.3), (folded - 0.62, floor + 0.3)]
    net.wire(loop, "hidden", "loop")
    if alone:
        t, made = d.t, f"tanh({_product('W', d.t)})"
        net.numbers(f"x_{t}", folded - 0.26, 1.08, d.xs[t - 1], "input", CELL, said=sub("x", t))
        net.numbers(f"h_{t - 1}", folded - 1.36, 2.61, d.h_prev, "hidden", CELL, said=sub("h", t - 1))
        net.numbers(f"h_{t}", folded - 0.26, 3.72, d.hs[t - 1], "hidden", CELL, said=sub("h", t), formula=made)
        for x, y, words in ((0.5, 0.92, f"$x_{t}$"), (-1.65, 2.29, f"$h_{t - 1}$"), (0.5, 3.4, f"$h_{t}$")):
            net.write(folded + x, y, words, size=14)
        return
    for x, y, words, size in ((folded, 0.96, "$x_t$", 14), (folded, 3.42, "$h_t$", 14), (0.42, 2.95, "$h_{t-1}$", 12)):
        net.write(x, y, words, size=size)
    net.write(0.8, 4.02, text("rnn.chain.word.folded"), size=13, bold=True)
    net.write(1.75, 4.02, text("rnn.chain.word.unrolled"), size=13, bold=True, ha="left")
    middles, side = [net.middle(t) for t in range(1, d.T + 1)], floor + high / 2
    for t, x in enumerate(middles, start=1):
        cell(f"W_{t}", x, 2.72)
        net.write(x, 3.58, f"$h_{t}$", size=13)
        net.write(x, 0.58, f"$x_{t}$", size=13)
        if t < d.T:
            net.arrow((x + wide / 2, side), (middles[t] - wide / 2, side), "hidden")
    state, read = shades(d.on_h, d.on_x)
    aside, shown = 0.27 * d.second, np.arange(d.T) < d.t
    net.row("x", 1.08, d.xs, "input", CELL, -aside, shade=read)
    net.row("h", 3.4, d.hs, "hidden", CELL, -aside, shown=shown, shade=state,
            formula=lambda t: f"tanh({_product(f'W_{t}', t)})")  # fmt: skip
    net.row("x'", 1.08, d.others, "ghost", CELL, aside, shown=d.second)
    net.row("h'", 3.4, d.h_others, "ghost", CELL, aside, shown=shown & d.second)
    net.now(d.t, 0.38, 3.8, wide + 0.12)


chain = explorer(
    "rnn.chain", compute_chain, None,
    Choice("level", ("folded", "unrolled", "step"), "unrolled"),
    Slider("T", 1, CHAIN_MOST, 1, 4), Slider("t", 1, CHAIN_MOST, 1, 1, at_most="T"),
    Entry("xs", "1 0 0 0 0", parse_inputs), Entry("other", "", parse_inputs),
    *(Slider(entry, -3.0, 3.0, 0.1, start) for entry, start in W_HH.items()),
    say=lambda d: (
        d.level if d.level != "unrolled" else None if not d.second
        else "same" if d.apart == 0 else "before" if d.t < d.apart else "apart"
    ),
    result="h0", diagram=draw_chain,
    line=lambda d:
        f"{_cell(d.params)}xs = {_array(d.xs)}.reshape(-1, 1, 1)  # (T, B, V)\nrnn.forward(params, xs).h[{d.t - 1}, 0, 0]",
    presets={"walk": WALK, "forget": WALK | dict.fromkeys(W_HH, 0.0), "flip": WALK | {"w00": -1.5},
             "two": WALK | {"other": "1 0 1 0 0"}},
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
    for name, va, up in (("rnn", "top", -8), ("window", "bottom", 8)):

        def tag(d, name=name, up=up):
            side, ha = (8, "left") if d.T <= 60 else (-8, "right")  # away from the right edge
            return {"text": f"{getattr(d, name):,}", "xy": (d.T, getattr(d, name)), "position": (side, up), "ha": ha}

        yield Tag(axes, va=va, fontsize=style.text_size(12)), tag


parameters = explorer(
    "rnn.parameters", compute_parameters, draw_parameters,
    Slider("T", 1, LONGEST, 1, 50), Slider("V", 1, 100, 1, 4), Slider("H", 1, 128, 1, 16),
    line=lambda d: f"sum(weight.size for weight in rnn.init(np.random.default_rng(0), V={d.V}, H={d.H}))", result="rnn",
    presets={"hello": {"T": 4, "V": 4, "H": 3}, "sentence": {"T": 200, "V": 100, "H": 128}, "short": {"T": 2}},
)  # fmt: skip

# ---- the kinds of RNN (1.5)
GOAL, EVERY = 0.95, 5  # of the accuracy; training steps from one frame to the next


def compute_kinds(kind, seed, example, film, frame):
    """What the network of the shown frame answers to one example, {t: (answer, right one)}, by which states hs (T, H); the
    accuracies so far and the shown one in percent; the seed stands behind the film."""
    chosen, shown, n = kinds.KINDS[kind], film[frame], example - 1
    hs, said, right = kinds.answers(kind, shown.params, shown.examples, n)
    return {"hs": hs, "T": len(chosen.x_mask), "V": chosen.V,
            "inputs": int(chosen.x_mask.sum()), "outputs": int(chosen.y_mask.sum()),
            "classes": len(chosen.outputs), "words": kinds.read(kind, shown.examples, n),
            "answers": dict(zip(np.flatnonzero(chosen.y_mask) + 1, zip(said, right, strict=True), strict=True)),
            "said": " ".join(said), "right": " ".join(right),
            "step": shown.step, "accuracy": 100 * shown.accuracy}  # fmt: skip


def draw_kinds(d):
    """The chain with its inputs and outputs switched on or off, and one example; right answers are marked."""
    kind, pitch = kinds.KINDS[d.kind], 1.15
    net = Network(7.4, 3.2, d.T, first=(7.4 - (d.T - 1) * pitch) / 2 + 0.35, pitch=pitch)
    for y, words in ((2.72, text("rnn.picker.word.output")), (1.64, "$h_t$"), (0.55, text("rnn.picker.word.input"))):
        net.write(0.12, y, words, ha="left")
    for t, h in enumerate(d.hs, start=1):
        x, most = net.middle(t), np.abs(h).argmax()
        said = text("rnn.picker.word.state", name=sub("h", t), H=len(h), unit=most, value=number(h[most]))
        net.bars(f"h_{t}", x - 0.3, 2.22, h, "hidden", said, (0.6, 1.16), low=-1)
        if t < d.T:
            net.arrow((x + 0.3, 1.64), (x + pitch - 0.3, 1.64), "hidden")
        if kind.x_mask[t - 1]:
            net.arrow((x, 0.72), (x, 1.06), "input")
            for n, line in enumerate(d.words[t - 1].split("\n")):
                net.write(x, 0.58 - 0.18 * n, line, id=f"word_{t}.{n}")
        if t in d.answers:
            net.arrow((x, 2.22), (x, 2.56), "output")
            said, right = d.answers[t]
            mark, colour = ("✓", "ink") if said == right else ("✗", "vermilion")
            net.write(x, 2.72, f"{said} {mark}", size=13, id=f"answer_{t}", fill=colour, bold=said == right)
    return net


def draw_accuracy(figure, d):
    """The accuracy while the network trains."""
    axes = figure.subplots()
    axes.set(ylim=(0, 1.05), xlabel="training step", ylabel="right answers")
    axes.set(xlim=(0, kinds.STEPS), xticks=range(0, kinds.STEPS + 1, 40))
    axes.axhline(GOAL, color=style.INK, linestyle=":", linewidth=1.5)
    Tag(axes, f"goal {GOAL:.0%}", (0, -6), (kinds.STEPS, GOAL), ha="right", va="top", fontsize=style.text_size(11))
    yield curve(axes, "rnn", markevery=5), lambda d: np.transpose([made[:2] for made in d.film])
    yield ring(axes, markersize=10), lambda d: ([d.step], [d.film[d.frame].accuracy])


picker = explorer(
    "rnn.picker", compute_kinds, draw_accuracy,
    Choice("kind", tuple(kinds.KINDS), "one_to_one"),
    Slider("seed", 0, 99, 1, 0), Slider("example", 1, 20, 1, 1),
    say=lambda d: d.kind, result="accuracy",
    line=lambda d:
        "from itertools import islice\nfrom lecture_utils.training import accuracy\n"
        f"*_, last = islice(kinds.training({d.kind!r}, np.random.default_rng({d.seed})), {d.frame * EVERY + 1})\n"
        f"100 * accuracy(rnn, last.params, kinds.unseen({d.kind!r}, {d.seed}))",
    presets={kind: {"kind": kind} for kind in ("one_to_many", "many_to_one", "many_to_many_delayed")},
    diagram=draw_kinds, size=(7.4, 2.6), film=lambda kind, seed: kinds.run(kind, seed, EVERY), budget=kinds.STEPS // EVERY,
)  # fmt: skip
