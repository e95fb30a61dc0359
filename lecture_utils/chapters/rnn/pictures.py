"""The pictures of chapter 1: one step, the chain, the parameter count, the kinds of RNN.

For each picture: make(figure, data) -> artists, update(artists, data), say(data) -> (key of its caption, numbers).
"""

import numpy as np
from matplotlib.ticker import MaxNLocator

from lecture_utils.drawing import style
from lecture_utils.drawing.diagram import Numbers, arrow, board, box, chart, named, write

CELL = (0.52, 0.32)  # width and height in inches of one number
CHAIN_MOST = 5  # steps that fit the chain's figure


# ---- one step, number by number (1.2, 1.3)
def make_step(figure, data):
    """Two rows that give the same h_t: the two products apart, and [W_xh | W_hh] times [x_t ; h_{t-1}]."""
    axes = board(figure)
    width, height = CELL
    artists = {}

    def place(name, x, top, shape, quantity, label):
        artists[name] = named(axes, x, top, shape, quantity, label, CELL)
        return artists[name].right

    def sign(x, top, mark):
        write(axes, x + 0.15, top - height, mark, size=14)
        return x + 0.3

    top = 3.55
    write(axes, 0.12, top + 0.65, "separate products", size=12, ha="left", fontweight="bold")
    x = place("W_xh", 0.12, top, (2, 2), "input", r"$W_{xh}$")
    x = place("x", sign(x, top, "·"), top, (2,), "input", r"$x_t$")
    x = place("W_hh", sign(x, top, "+"), top, (2, 2), "hidden", r"$W_{hh}$")
    x = place("h_prev", sign(x, top, "·"), top, (2,), "hidden", r"$h_{t-1}$")
    x = place("b", sign(x, top, "+"), top, (2,), "weight", r"$b_h$")
    x = place("a", sign(x, top, "="), top, (2,), "derivative", r"$a_t$")
    arrow(axes, (x + 0.08, top - height), (x + 0.72, top - height))
    write(axes, x + 0.38, top - height + 0.17, "tanh", size=11)
    place("h", x + 0.8, top, (2,), "hidden", r"$h_t$")

    below = top - 2 * height - 0.14
    for name, middle, quantity, label in (
        ("xh", 1.06, "input", r"$W_{xh}\,x_t\;=$"),
        ("hh", 3.22, "hidden", r"$W_{hh}\,h_{t-1}\;=$"),
    ):
        write(axes, middle, below - height, label, size=12, ha="right")
        artists[name] = Numbers(axes, middle + 0.1, below, (2,), quantity, CELL)

    top = 1.08
    write(axes, 0.12, top + 0.65, "concatenated", size=12, ha="left", fontweight="bold")
    artists["W"] = Numbers(axes, 0.6, top, (2, 4), ["input", "input", "hidden", "hidden"], CELL)
    write(axes, 0.6 + 2 * width, top + 0.2, r"$W = [\,W_{xh}\,|\,W_{hh}\,]$", size=13)
    write(axes, 2.84, top - height, "·", size=14)
    artists["x_again"] = Numbers(axes, 3.0, top + height, (2,), "input", CELL)
    artists["h_prev_again"] = Numbers(axes, 3.0, top - height, (2,), "hidden", CELL)
    write(axes, 3.6, top, r"$x_t$", size=13, ha="left")
    write(axes, 3.6, top - 2 * height, r"$h_{t-1}$", size=13, ha="left")
    write(axes, 4.25, top - height, "+", size=14)
    place("b_again", 4.4, top, (2,), "weight", r"$b_h$")
    write(axes, 5.07, top - height, "=", size=14)
    place("a_again", 5.22, top, (2,), "derivative", r"$a_t$")
    return artists


def update_step(artists, data):
    """Fill in the numbers."""
    W_xh, W_hh, b_h = data.params
    values = {
        "W_xh": W_xh, "x": data.x, "W_hh": W_hh, "h_prev": data.h_prev, "b": b_h, "a": data.a, "h": data.h,
        "xh": data.xh, "hh": data.hh, "W": data.W, "x_again": data.x, "h_prev_again": data.h_prev,
        "b_again": b_h, "a_again": data.a_joined,
    }  # fmt: skip
    for name, value in values.items():
        artists[name].set(value)


def say_step(data):
    """h_t, and by how much the two ways of computing it differ."""
    return "rnn.step.caption", {
        "a0": data.a[0], "h0": data.h[0], "h1": data.h[1], "x_part": data.xh[0], "h_part": data.hh[0],
        "b_part": data.params.b_h[0],
        "difference": round(np.abs(data.a - data.a_joined).max(), 12),
    }  # fmt: skip


# ---- the chain, folded and unrolled (1.1, 1.4)
def make_chain(figure, data):
    """Left the folded cell with its loop, right T copies of it; every copy shows the same W."""
    axes = board(figure)
    wide, high, pitch, floor, first = 1.28, 0.92, 1.44, 1.5, 1.75
    write(axes, 0.8, 4.02, "folded", size=13, fontweight="bold")
    write(axes, first, 4.02, "unrolled: the same cell, once per step", size=13, fontweight="bold", ha="left")
    artists = {"W": [], "x": [], "h": [], "now": []}

    def cell(left):
        box(axes, left, floor, wide, high, "weight")
        write(axes, left + wide / 2, floor + high - 0.16, r"$[W_{xh}|W_{hh}]$", size=11)
        quantities = ["input", "hidden", "hidden"]
        artists["W"].append(Numbers(axes, left + 0.055, floor + 0.62, (2, 3), quantities, (0.39, 0.27), decimals=1))

    cell(0.2)
    middle = 0.2 + wide / 2
    arrow(axes, (middle, 1.12), (middle, floor), "input")
    write(axes, middle, 0.96, r"$x_t$", size=14)
    arrow(axes, (middle, floor + high), (middle, 3.25), "hidden")
    write(axes, middle, 3.42, r"$h_t$", size=14)
    loop = [(middle, 2.78), (0.08, 2.78), (0.08, floor + 0.3)]
    axes.plot(*zip(*loop, strict=True), color=style.colour("hidden"), linewidth=1.8)
    arrow(axes, (0.08, floor + 0.3), (0.22, floor + 0.3), "hidden")
    write(axes, 0.42, 2.95, r"$h_{t-1}$", size=12)
    for t in range(data.T):
        left = first + t * pitch
        middle = left + wide / 2
        cell(left)
        arrow(axes, (middle, 1.12), (middle, floor), "input")
        arrow(axes, (middle, floor + high), (middle, 2.72), "hidden")
        if t + 1 < data.T:
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


def update_chain(artists, data):
    """W in every copy, the states up to step t, the frame around step t."""
    W = np.hstack([data.params.W_xh, data.params.W_hh])
    for copy in artists["W"]:
        copy.set(W)
    for t in range(data.T):
        artists["x"][t].set(data.xs[t])
        artists["h"][t].set(data.hs[t], visible=t < data.t)
        artists["now"][t].set_visible(t + 1 == data.t)
    artists["note"].set_text(f"step t = {data.t} of T = {data.T}")


def say_chain(data):
    """h at the chosen step, and what one changed entry of W changes."""
    return "rnn.chain.caption", {"t": data.t, "T": data.T, "h0": data.hs[data.t - 1, 0], "h1": data.hs[data.t - 1, 1]}


# ---- parameters against T (1.4)
def make_parameters(figure, data):
    """Number of weights of both networks against T, on logarithmic axes."""
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlim=(1, 200), ylim=(1, 1e7), xlabel="T  (steps in the window)")
    axes.set_ylabel("weights and biases")
    (recurrent,) = axes.plot(data.Ts, data.recurrent, **style.line("rnn"), label="RNN", markevery=25)
    (window,) = axes.plot(
        data.Ts, data.window, **style.line("weight"), label="feed-forward on the window", markevery=25
    )
    (here,) = axes.plot([], [], color=style.INK, linestyle=":", linewidth=1.5)
    axes.legend(loc="upper left")
    counts = [
        axes.annotate("", (1, 1), xytext=(8, 6), textcoords="offset points", fontsize=style.text_size(12)) for _ in "ab"
    ]
    return {"recurrent": recurrent, "window": window, "here": here, "counts": counts}


def update_parameters(artists, data):
    """Both curves, the line at T, both counts."""
    artists["recurrent"].set_data(data.Ts, data.recurrent)
    artists["window"].set_data(data.Ts, data.window)
    artists["here"].set_data([data.T, data.T], [1, 1e7])
    near_edge = data.T > 60
    for label, count, above in zip(artists["counts"], (data.rnn_count, data.window_count), (False, True), strict=True):
        label.set_text(f"{count:,}")
        label.xy = (data.T, count)
        label.set(ha="right" if near_edge else "left", va="bottom" if above else "top")
        label.set_position((-8 if near_edge else 8, 8 if above else -8))


def say_parameters(data):
    """Both counts at T, and from which T on the RNN is the smaller network."""
    return "rnn.parameters.caption", {
        "T": data.T, "rnn": data.rnn_count, "window": data.window_count, "ratio": data.window_count / data.rnn_count,
        "crossing": data.crossing,
    }  # fmt: skip


# ---- the kinds of RNN (1.5)
def make_kinds(figure, data):
    """Above, the chain with its inputs and outputs switched on or off, and one example; below, accuracy while it trains."""
    axes = board(figure, floor=2.5)
    T, kind = data.T, data.kind
    pitch = 1.15
    left = (7.4 - (T - 1) * pitch) / 2 + 0.35
    artists = {"answers": []}
    for x, words in ((1.16, "output"), (0.0, "input")):
        write(axes, 0.12, 0.45 + x * 1.35, words, size=12, ha="left")
    for t in range(T):
        x = left + t * pitch
        box(axes, x - 0.3, 0.96, 0.6, 0.56, "hidden", rf"$h_{t + 1}$")
        if t + 1 < T:
            arrow(axes, (x + 0.3, 1.24), (x + pitch - 0.3, 1.24), "hidden")
        if kind.x_mask[t]:
            arrow(axes, (x, 0.62), (x, 0.96), "input")
            write(axes, x, 0.58, data.words_in[t], size=12, va="top", linespacing=1.0)
        if kind.y_mask[t]:
            arrow(axes, (x, 1.52), (x, 1.86), "output")
            artists["answers"].append(write(axes, x, 2.02, "", size=13))
    curve = chart(figure, 1.0, 0.7, 6.1, 1.7)
    curve.set(xlim=(0, data.steps), ylim=(0, 1.05), xlabel="training step", ylabel="right answers")
    curve.xaxis.set_major_locator(MaxNLocator(integer=True))
    curve.axhline(data.goal, color=style.INK, linestyle=":", linewidth=1.5)
    curve.annotate(f"goal {data.goal:.0%}", (data.steps, data.goal), xytext=(0, -6), textcoords="offset points", ha="right",
                   va="top", fontsize=style.text_size(11))  # fmt: skip
    (artists["curve"],) = curve.plot([], [], **style.line("rnn"), markevery=5)
    (artists["dot"],) = curve.plot(
        [], [], color=style.INK, marker="o", markersize=10, fillstyle="none", linestyle="none"
    )
    return artists


def update_kinds(artists, data):
    """The answers of the network at the shown frame, right ones marked; the curve up to the newest frame."""
    for label, said, right in zip(artists["answers"], data.said, data.right, strict=True):
        label.set_text(f"{said} {'✓' if said == right else '✗'}")
        label.set(
            color=style.INK if said == right else style.VERMILION, fontweight="bold" if said == right else "normal"
        )
    artists["curve"].set_data(data.shown_steps, data.accuracies)
    artists["dot"].set_data([data.step], [data.accuracy])


def say_kinds(data):
    """Shapes, and the accuracy reached at the shown frame."""
    return f"rnn.picker.caption.{data.name}", {
        "T": data.T, "inputs": int(data.kind.x_mask.sum()), "outputs": int(data.kind.y_mask.sum()),
        "V": data.kind.V, "classes": len(data.kind.outputs), "step": data.step, "accuracy": 100 * data.accuracy,
        "said": " ".join(data.said), "right": " ".join(data.right),
    }  # fmt: skip
