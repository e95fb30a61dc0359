"""The pictures of chapter 6: the GRU's cell, its weighted average, its gates, and GRU, LSTM and RNN side by side.

For each picture: make(figure, data) -> artists, update(artists, data), say(data) -> (key of its caption, numbers).
"""

import math

import numpy as np
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import MaxNLocator

from lecture_utils.drawing import style
from lecture_utils.drawing.diagram import CELL, Numbers, arrow, board, box, chart, named, node, number, wire, write

CELLS = ("rnn", "lstm", "gru")


# ---- the cell, number by number (6.1)
def make_cell(figure, data):
    """The cell as it is usually drawn: along the top the state, below it r, z and the candidate; every wire its number."""
    axes = board(figure)
    top, write_y, cross, low = 4.0, 3.05, 2.62, 1.55
    x_r, x_z, x_w, x_c = 1.75, 3.15, 4.42, 5.3
    box(axes, 0.93, 0.98, 5.5, 3.55, "ghost", fill=False)
    artists = {}

    def place(name, x, y, quantity, label, side="left"):
        """A number whose left edge is at x, middle at y, its symbol beside or above it."""
        artists[name] = Numbers(axes, x, y + CELL[1] / 2, (1,), quantity, CELL)
        if side == "above":
            write(axes, x + CELL[0] / 2, y + 0.3, label, size=13)
        elif side == "below":
            write(axes, x + CELL[0] / 2, y - 0.32, label, size=13)
        else:
            write(axes, x + CELL[0] + 0.06, y, label, size=12, ha="left")

    # the state, along the top
    arrow(axes, (0.72, top), (x_z - 0.17, top), "hidden")
    artists["keep"] = arrow(axes, (x_z + 0.17, top), (x_c - 0.17, top), "hidden")
    arrow(axes, (x_c + 0.17, top), (6.7, top), "hidden")
    place("h_prev", 0.1, top, "hidden", r"$h_{t-1}$", "above")
    place("h", 6.72, top, "hidden", r"$h_t$", "above")
    place("kept", 3.95, top + 0.27, "hidden", "", "above")
    write(axes, 4.25, top - 0.22, r"$(1-z_t)\,h_{t-1}$", size=12)

    # r: what the candidate sees of the state
    wire(axes, [(1.15, top), (1.15, cross), (x_r - 0.17, cross)], "hidden")
    wire(axes, [(x_r, low + 0.25), (x_r, cross - 0.17)], "r")
    wire(axes, [(x_r + 0.17, cross), (x_w, cross), (x_w, low), (x_c - 0.42, low)], "hidden")
    place("r", x_r + 0.1, 2.15, "r", r"$r_t$")
    place("seen", 2.28, cross + 0.27, "hidden", "", "above")
    write(axes, 2.58, cross - 0.2, r"$r_t\,h_{t-1}$", size=12)

    # z: one gate, two uses; its wire passes over the other one
    axes.plot([x_z, x_z], [cross - 0.08, cross + 0.08], color="white", linewidth=8, zorder=1.6)
    wire(axes, [(x_z, low + 0.25), (x_z, top - 0.66)], "z")
    wire(axes, [(x_z, write_y), (x_c - 0.17, write_y)], "z")
    wire(axes, [(x_z, top - 0.3), (x_z, top - 0.17)], "z")
    place("z", x_z + 0.1, 2.15, "z", r"$z_t$")
    place("open", x_z - 0.82, top - 0.48, "z", "")
    node(axes, x_z, top - 0.48, r"$1{-}$")

    # the candidate
    wire(axes, [(x_c, low + 0.25), (x_c, write_y - 0.17)], "candidate")
    artists["renew"] = arrow(axes, (x_c, write_y + 0.17), (x_c, top - 0.17), "candidate")
    place("candidate", x_c + 0.08, 2.15, "candidate", r"$\tilde{h}_t$")
    place("written", x_c + 0.1, 3.5, "candidate", "")
    write(axes, x_c + 0.4, 3.2, r"$z_t\,\tilde{h}_t$", size=12, ha="center")

    for x, y, symbol in ((x_r, cross, "×"), (x_z, top, "×"), (x_c, write_y, "×"), (x_c, top, "+")):
        node(axes, x, y, symbol)
    for x, y in ((1.15, top), (x_z, write_y)):
        axes.add_patch(Circle((x, y), 0.045, color=style.INK, zorder=3))
    for x, quantity, label in ((x_r, "r", "σ"), (x_z, "z", "σ"), (x_c, "candidate", "tanh")):
        box(axes, x - 0.42, low - 0.25, 0.84, 0.5, quantity, label, size=14)
    for name, x, quantity, label in (
        ("a_r", x_r, "r", r"$a_r$"), ("a_z", x_z, "z", r"$a_z$"), ("u", x_c, "input", r"$u$"),
    ):  # fmt: skip
        arrow(axes, (x, 0.72), (x, low - 0.25), quantity)
        place(name, x - 0.3, 0.56, quantity, label, "below")
    axes.add_patch(Rectangle((x_w - 0.3, 1.99), *CELL, color="white", zorder=1.8))
    place("w", x_w - 0.3, 2.15, "weight", "")
    write(axes, x_w + 0.08, 2.45, r"$w$", size=12, ha="left")
    return artists


def update_cell(artists, data):
    """Fill in the numbers; the two wires that meet in the sum are as wide as their share."""
    for name in ("h_prev", "h", "kept", "r", "seen", "z", "open", "candidate", "written", "a_r", "a_z", "u", "w"):
        artists[name].set([getattr(data, name)])
    artists["keep"].set_linewidth(0.6 + 5 * data.open)
    artists["renew"].set_linewidth(0.6 + 5 * data.z)


def say_cell(data):
    """The weighted average with its numbers filled in, and what the candidate saw."""
    return "gru.cell.caption", {
        "h_prev": data.h_prev, "z": data.z, "open": data.open, "r": data.r, "seen": data.seen, "candidate": data.candidate,
        "kept": data.kept, "written": data.written, "h": data.h,
    }  # fmt: skip


# ---- the weighted average over n steps (6.2)
def make_average(figure, data):
    """Above, the state following the candidates; below, the weight that h_0 and each candidate have in h_n."""
    above, below = figure.subplots(2, 1, sharex=True)
    T = len(data.candidates)
    above.set(xlim=(-0.8, T + 0.8), ylim=(-1.15, 1.15), ylabel="state")
    below.set(ylim=(0, 1.08), ylabel=r"weight in $h_n$", xlabel="step  (0: the initial state)")
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    steps = np.arange(T + 1)
    artists = {}
    (artists["candidates"],) = above.plot(
        [], [], **style.line("candidate") | {"linestyle": "none"}, label=r"$\tilde{h}_t$"
    )
    (artists["h"],) = above.plot([], [], **style.line("hidden"), label=r"$h_t$")
    (artists["now"],) = above.plot(
        [], [], color=style.INK, marker="o", markersize=12, fillstyle="none", linestyle="none"
    )
    artists["weights"] = below.bar(steps, np.zeros(T + 1), width=0.75, color=style.colour("candidate"))
    artists["weights"][0].set_facecolor(style.colour("hidden"))
    artists["first"] = below.annotate(
        "", (0, 0), xytext=(9, 0), textcoords="offset points", fontsize=style.text_size(12)
    )
    above.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=2)
    return artists


def update_average(artists, data):
    """The curve, the step looked at, the weights."""
    steps = np.arange(len(data.h))
    artists["candidates"].set_data(steps[1:], data.candidates)
    artists["h"].set_data(steps, data.h)
    artists["now"].set_data([data.n], [data.h[data.n]])
    for step, bar in enumerate(artists["weights"]):
        bar.set_height(data.weights[step] if step <= data.n else 0)
    artists["first"].set_text(rf"$(1-z)^n$ = {number(data.weights[0], 3)}")
    artists["first"].xy = (0, max(0.06, data.weights[0]))


def say_average(data):
    """What h_n is made of; for z = 0 and z = 1 there is no half-life to speak of."""
    numbers = {"n": data.n, "h_n": data.h[data.n], "first": data.weights[0], "rest": sum(data.weights[1:]), "z": data.z}
    if data.z == 0:
        return "gru.average.keep", numbers
    if data.z == 1:
        return "gru.average.replace", numbers
    return "gru.average.caption", numbers | {"half": math.log(0.5) / math.log1p(-data.z)}


# ---- the LSTM's two gates and the GRU's one (6.2)
def make_twin(figure, data):
    """Left, all pairs (keep, write): the LSTM's square and the GRU's diagonal. Right, what comes of them step by step."""
    square, curve = figure.subplots(1, 2, width_ratios=(1, 1.15))
    square.set(
        xlim=(-0.12, 1.12), ylim=(-0.12, 1.12), xlabel="keep:  f  or  1 − z", ylabel="write:  i  or  z", aspect="equal"
    )
    square.add_patch(Rectangle((0, 0), 1, 1, facecolor=style.colour("lstm"), alpha=0.12))
    square.plot([0, 1], [1, 0], color=style.colour("gru"), linewidth=3)
    for x, y, words in ((1, 0, "keep"), (0, 1, "replace"), (1, 1, "add up"), (0, 0, "erase")):
        aside = 26 if x != y else 9  # beside the line, not on it
        shift = {"xytext": (-aside if x else aside, -9 if y else 9), "textcoords": "offset points"}
        square.annotate(words, (x, y), **shift, ha="right" if x else "left", va="top" if y else "bottom",
                        fontsize=style.text_size(12))  # fmt: skip
    artists = {}
    for name in ("lstm", "gru"):
        look = style.line(name) | {"linestyle": "none", "markersize": 12, "markeredgecolor": "white"}
        (artists[name + "_gates"],) = square.plot([], [], **look, zorder=4)
    curve.set(xlim=(-0.2, 5.2), ylim=(-6.4, 6.4), xlabel="step", ylabel="state")
    curve.axhspan(-1, 1, color=style.PALE, zorder=0)
    (artists["lstm"],) = curve.plot([], [], **style.line("lstm"), label=r"LSTM  $c_t$")
    (artists["gru"],) = curve.plot([], [], **style.line("gru"), label=r"GRU  $h_t$")
    curve.legend(loc="lower left")
    return artists


def update_twin(artists, data):
    """Both gate settings, both states over the steps."""
    artists["lstm_gates"].set_data([data.f], [data.i])
    artists["gru_gates"].set_data([1 - data.z], [data.z])
    steps = np.arange(len(data.c))
    artists["lstm"].set_data(steps, data.c)
    artists["gru"].set_data(steps, data.h)


def say_twin(data):
    """Both states after the last step, and how far the LSTM's pair is from the GRU's line."""
    return "gru.twin.caption", {
        "f": data.f, "i": data.i, "total": data.f + data.i, "keep": 1 - data.z, "z": data.z, "n": len(data.c) - 1,
        "c": data.c[-1], "h": data.h[-1],
    }  # fmt: skip


# ---- reset before or after the product (libraries)
def make_reset(figure, data):
    """Two rows: W (r * h) + b' as in the deck, r * (W h + b') as in PyTorch."""
    axes = board(figure)
    height = CELL[1]
    artists = {}

    def place(name, x, top, shape, quantity, label):
        artists[name] = named(axes, x, top, shape, quantity, label, CELL)
        return artists[name].right

    def sign(x, top, mark):
        write(axes, x + 0.16, top - height, mark, size=14)
        return x + 0.32

    def onward(x, top):
        arrow(axes, (x + 0.08, top - height), (x + 0.42, top - height))
        return x + 0.5

    top = 2.65
    write(
        axes, 0.15, top + 0.6, "reset before the product  (deck, this lecture)", size=12, ha="left", fontweight="bold"
    )
    x = place("r", 0.15, top, (2,), "r", r"$r_t$")
    x = place("h", sign(x, top, "∘"), top, (2,), "hidden", r"$h_{t-1}$")
    x = place("seen", sign(x, top, "="), top, (2,), "hidden", "")
    x = place("W", onward(x, top), top, (2, 2), "weight", r"$W_h$")
    x = place("seen_again", sign(x, top, "·"), top, (2,), "hidden", r"$r_t \circ h_{t-1}$")
    x = place("b", sign(x, top, "+"), top, (2,), "weight", r"$b'$")
    place("before", sign(x, top, "="), top, (2,), "candidate", "")

    top = 0.98
    write(
        axes,
        0.15,
        top + 0.6,
        "reset after the product  (PyTorch, Keras by default)",
        size=12,
        ha="left",
        fontweight="bold",
    )
    x = place("W_again", 0.15, top, (2, 2), "weight", r"$W_h$")
    x = place("h_again", sign(x, top, "·"), top, (2,), "hidden", r"$h_{t-1}$")
    x = place("b_again", sign(x, top, "+"), top, (2,), "weight", r"$b'$")
    x = place("inner", sign(x, top, "="), top, (2,), "hidden", "")
    x = place("r_again", onward(x, top), top, (2,), "r", r"$r_t$")
    x = place("inner_again", sign(x, top, "∘"), top, (2,), "hidden", r"$W_h h_{t-1} + b'$")
    place("after", sign(x, top, "="), top, (2,), "candidate", "")
    return artists


def update_reset(artists, data):
    """Fill in the numbers."""
    values = {
        "W": data.W, "r": data.r, "h": data.h_prev, "seen": data.seen, "seen_again": data.seen,
        "before": data.before, "W_again": data.W, "h_again": data.h_prev, "b": data.b, "b_again": data.b, "inner": data.inner,
        "inner_again": data.inner, "r_again": data.r, "after": data.after,
    }  # fmt: skip
    for name, value in values.items():
        artists[name].set(value)


def say_reset(data):
    """Both results, and how far they are apart."""
    difference = round(float(np.abs(data.before - data.after).max()), 12)
    numbers = {"before0": data.before[0], "before1": data.before[1], "after0": data.after[0], "after1": data.after[1]}
    return ("gru.reset.caption" if difference else "gru.reset.same"), numbers | {"difference": difference}


# ---- the gates of a network while it learns (6.1)
def make_gates(figure, data):
    """Above, the sequence, its marked values green; below, z, r, candidate and h of all units at all steps."""
    grid = figure.subplots(3, 2, sharex=True, height_ratios=(0.62, 1, 1))
    T, H = data.z.shape
    steps = np.arange(1, T + 1)
    artists = {"values": [], "marks": [], "frames": []}
    for axes in grid[0]:
        artists["values"].append(axes.bar(steps, np.zeros(T), width=0.8))
        axes.set(ylim=(0, 1.12), yticks=(0, 1), ylabel=r"$x_t$")
        axes.grid(False)
    panels = (("z", grid[1, 0], (0, 1)), ("r", grid[2, 0], (0, 1)),
              ("candidate", grid[1, 1], (-1, 1)), ("h", grid[2, 1], (-1, 1)))  # fmt: skip
    symbols = {"z": r"$z_t$", "r": r"$r_t$", "candidate": r"$\tilde{h}_t$", "h": r"$h_t$"}
    for name, axes, (low, high) in panels:
        picture = axes.imshow(
            np.zeros((H, T)), aspect="auto", vmin=low, vmax=high, extent=(0.5, T + 0.5, H - 0.5, -0.5),
            cmap=style.SEQUENTIAL if low == 0 else style.DIVERGING, interpolation="nearest",
        )  # fmt: skip
        artists[name] = picture
        axes.set_title(symbols[name], pad=9)
        axes.set(ylabel="unit", yticks=range(0, H, 2))
        axes.grid(False)
        bar = figure.colorbar(
            picture, ax=axes, ticks=(low, (low + high) / 2, high), pad=0.02, fraction=0.06, use_gridspec=False
        )
        bar.outline.set_visible(False)
        frame = Rectangle((0.5, -0.5), T, 1, fill=False, edgecolor=style.INK, linewidth=2.4)
        axes.add_patch(frame)
        artists["frames"].append(frame)
        look = {"color": style.colour("input"), "marker": 7, "markersize": 10, "linestyle": "none", "clip_on": False}
        artists["marks"] += axes.plot([], [], **look)
    for axes in grid[2]:
        axes.set(xlabel="t", xticks=(1, 5, 10, 15, 20))
    return artists


def update_gates(artists, data):
    """The sequence, the four pictures, the marked steps, the frame around the unit."""
    for bars in artists["values"]:
        for bar, value, marked in zip(bars, data.values, data.marked, strict=True):
            bar.set(height=value, facecolor=style.colour("input") if marked else "#D0D0D0")
    for name in ("z", "r", "candidate", "h"):
        artists[name].set_data(getattr(data, name).T)
    for points in artists["marks"]:
        points.set_data(np.flatnonzero(data.marked) + 1, [-0.5, -0.5])
    for frame in artists["frames"]:
        frame.set_y(data.unit - 0.5)


def say_gates(data):
    """How open z is at the marked steps and elsewhere, and what the network answers."""
    z = data.z[:, data.unit]
    return "gru.gates.caption", {
        "step": data.step, "error": data.error, "unit": data.unit, "z_marked": z[data.marked].mean(),
        "z_else": z[~data.marked].mean(), "answer": data.answer, "target": data.target,
    }  # fmt: skip


# ---- the highway (6.2, beside 5.1)
FLOOR = -26


def make_highway(figure, data):
    """log10 of the size of dh_T/dh_t for all t: GRU in total, GRU along the direct path, RNN."""
    axes = figure.subplots()
    axes.set(xlim=(-0.02 * data.T, 1.02 * data.T), ylim=(FLOOR, 4), xlabel="t")
    axes.set_ylabel(r"$\log_{10}\,\|\partial h_T/\partial h_t\|$")
    axes.axhline(0, color=style.INK, linewidth=1)
    every = max(1, data.T // 10)
    direct = style.line("z") | {"color": style.colour("gru"), "fillstyle": "none"}
    artists = {}
    (artists["rnn"],) = axes.plot([], [], **style.line("rnn"), label="RNN", markevery=every)
    (artists["direct"],) = axes.plot([], [], **direct, label=r"GRU, direct path $\prod (1-z)$", markevery=every)
    (artists["gru"],) = axes.plot([], [], **style.line("gru"), label="GRU, total", markevery=every)
    (artists["below"],) = axes.plot([], [], color=style.INK, marker=11, markersize=9, linestyle="none", clip_on=False)
    axes.legend(loc="lower right")
    return artists


def update_highway(artists, data):
    """The three curves; a marker at the lower edge where one leaves the picture."""
    steps = np.arange(data.T + 1)
    for name in ("rnn", "direct", "gru"):
        artists[name].set_data(steps, getattr(data, name))
    left = [steps[curve < FLOOR].max() for curve in (data.rnn, data.direct, data.gru) if (curve < FLOOR).any()]
    artists["below"].set_data(left, [FLOOR + 0.4] * len(left))


def say_highway(data):
    """The sizes at t = 0, and how much one step keeps on average."""
    return "gru.highway.caption", {
        "T": data.T, "bias": data.keep_bias, "rnn": data.rnn[0], "direct": data.direct[0], "gru": data.gru[0],
        "keep": data.keep,
    }  # fmt: skip


# ---- the race (6.3)
def make_race(figure, data):
    """The error of all three networks on fresh sequences while they learn, on a logarithmic axis."""
    axes = figure.subplots()
    axes.set(yscale="log", xlim=(0, data.most), ylim=(2e-3, 3), xlabel="updates", ylabel="error (MSE)")
    for level, words, above in ((data.chance, "always 1: 1/6", 15), (data.goal, "solved: 0.01", 5)):
        axes.axhline(level, color=style.INK, linestyle=":", linewidth=1.5)
        axes.annotate(words, (data.most, level), xytext=(0, above), textcoords="offset points", ha="right",
                      fontsize=style.text_size(11))  # fmt: skip
    artists = {"ends": []}
    for name in CELLS:
        (artists[name],) = axes.plot([], [], **style.line(name), label=name.upper(), markevery=20)
        (end,) = axes.plot([], [], color=style.colour(name), marker="*", markersize=18, linestyle="none")
        artists["ends"].append(end)
    (artists["now"],) = axes.plot([], [], color=style.GREY, linewidth=1.5)
    axes.legend(loc="upper right", ncols=3)
    return artists


def update_race(artists, data):
    """All curves up to the newest frame, a star where one is solved, a line at the shown frame."""
    for name, end in zip(CELLS, artists["ends"], strict=True):
        steps, errors = data.curves[name]
        artists[name].set_data(steps, errors)
        solved = bool(errors[-1] < data.goal)
        end.set_data(steps[-1:] if solved else [], errors[-1:] if solved else [])
    artists["now"].set_data([data.step, data.step], [1e-3, 1])


def say_race(data):
    """The errors at the shown frame, and after how many updates each was solved."""
    numbers = {"T": data.T, "step": data.step, "goal": data.goal}
    for name in CELLS:
        runner = data.runners[name]
        numbers[name] = runner.error
        numbers[name + "_at"] = str(runner.step) if runner.error < data.goal else "–"
    return "gru.adding.caption", numbers


# ---- weights and time (6.3)
BLOCKS = {"rnn": (("hidden", r"$h$"),), "gru": (("z", r"$z$"), ("r", r"$r$"), ("candidate", r"$\tilde{h}$")),
          "lstm": (("i", r"$i$"), ("f", r"$f$"), ("o", r"$o$"), ("g", r"$g$"))}  # fmt: skip
BLOCK = (0.78, 0.62)  # width and height in inches of a block of weights
ROWS = (3.16, 2.11, 1.06)  # the middles of the three rows, in inches
SLOWEST = 8  # times as long as the RNN: the end of the axis


def _left(column):
    return 0.85 + column * (BLOCK[0] + 0.08)


def make_cost(figure, data):
    """Left, each cell's blocks of weights, split into W_x, W_h and b; right, measured time per step, the RNN's as 1."""
    axes = board(figure)
    wide, high = BLOCK
    artists = {"input": [], "hidden": [], "weight": [], "counts": []}
    write(axes, 0.15, 4.0, "blocks of weights", size=13, ha="left", fontweight="bold")
    write(axes, 5.75, 4.0, "time per step", size=13, ha="left", fontweight="bold")
    for middle, (name, blocks) in zip(ROWS, BLOCKS.items(), strict=True):
        bottom = middle - high / 2
        write(axes, 0.15, middle, name.upper(), size=13, ha="left")
        for column, (quantity, symbol) in enumerate(blocks):
            left = _left(column)
            for part in ("input", "hidden", "weight"):
                share = Rectangle((left, bottom), wide, high, facecolor=style.colour(part), zorder=1)
                share.set(alpha=0.35)
                axes.add_patch(share)
                artists[part].append(share)
            frame = Rectangle((left, bottom), wide, high, fill=False, edgecolor=style.colour(quantity), linewidth=2.2)
            axes.add_patch(frame)
            write(axes, left + wide / 2, middle, symbol, size=14)
        artists["counts"].append(write(axes, 4.4, middle, "", size=13, ha="left"))
    for x, part, label in ((0.85, "input", r"$W_x$"), (1.65, "hidden", r"$W_h$"), (2.45, "weight", r"$b$")):
        axes.add_patch(Rectangle((x, 0.22), 0.22, 0.22, facecolor=style.colour(part), alpha=0.35))
        write(axes, x + 0.3, 0.33, label, size=12, ha="left")
    times = chart(figure, 5.75, 0.62, 2.5, 3.1)
    times.set(xlim=(0, SLOWEST), ylim=(0.62, 3.72), yticks=[], xlabel="RNN = 1")  # the rows' inches
    artists["bars"] = times.barh(ROWS, [0, 0, 0], height=0.5, color=[style.colour(name) for name in BLOCKS])
    artists["labels"] = [times.text(0, y, "", va="center", fontsize=style.text_size(12)) for y in ROWS]
    return artists


def update_cost(artists, data):
    """The shares of W_x, W_h and b in a block, the counts, the times if there are any."""
    whole = data.V + data.H + 1
    share = {"input": data.V / whole, "hidden": data.H / whole, "weight": 1 / whole}
    start = {"input": 0, "hidden": share["input"], "weight": share["input"] + share["hidden"]}
    columns = [column for blocks in BLOCKS.values() for column in range(len(blocks))]
    for part, patches in ((part, artists[part]) for part in share):
        for column, patch in zip(columns, patches, strict=True):
            patch.set(x=_left(column) + BLOCK[0] * start[part], width=BLOCK[0] * share[part])
    for label, name in zip(artists["counts"], BLOCKS, strict=True):
        label.set_text(f"{data.counts[name]:,}")
    for bar, label, name in zip(artists["bars"], artists["labels"], BLOCKS, strict=True):
        ratio = data.times[name] / data.times["rnn"] if data.times else 0
        bar.set_width(min(ratio, SLOWEST))
        label.set_text(f"{1e6 * data.times[name]:.0f} µs" if data.times else "?")
        label.set_x(min(ratio, SLOWEST) + 0.15 if ratio < 0.75 * SLOWEST else 0.15)


def say_cost(data):
    """The counts; after a measurement also the times, in microseconds."""
    counts = data.counts
    numbers = {"V": data.V, "H": data.H} | counts | {"share": 100 * counts["gru"] / counts["lstm"], "same": data.same}
    if not data.times:
        return "gru.cost.caption", numbers
    times = {f"{name}_us": 1e6 * data.times[name] for name in BLOCKS}
    return "gru.cost.timed", numbers | times | {
        "runs": data.runs,
        "faster": 100 * data.times["gru"] / data.times["lstm"],
    }
