"""The pictures of chapter 5: the LSTM's cell, one gate, a value held, gates over a text, the highway, race and prose.

For each picture: make(figure, data) -> artists, update(artists, data), say(data) -> (key of its caption, numbers).
"""

import matplotlib.colors
import numpy as np
from matplotlib.patches import Circle, Rectangle
from matplotlib.patheffects import withStroke

from lecture_utils.drawing import style
from lecture_utils.drawing.diagram import CELL, Numbers, arrow, board, box, letter, node, number, spell, wire, write
from lecture_utils.functions import sigmoid
from lecture_utils.tasks import ADDING_CHANCE


# ---- the cell, number by number (5.1, 5.2)
def make_cell(figure, data):
    """The cell as the deck draws it: along the top the cell state, below it the gates, to the right the hidden state."""
    axes = board(figure)
    top, write_y, show_y, low = 3.95, 2.75, 2.2, 1.3
    x_f, x_i, x_g, x_o, x_h = 1.75, 2.95, 4.2, 5.45, 6.75
    box(axes, 0.95, 0.8, 6.55, 3.65, "ghost")
    artists = {"backs": []}

    def place(name, x, y, quantity, label, dx=0.0, dy=0.3):
        """A number whose middle is at (x, y), its symbol beside it."""
        artists["backs"].append(
            axes.add_patch(Rectangle((x - CELL[0] / 2, y - CELL[1] / 2), *CELL, color="white", zorder=1.8))
        )
        artists[name] = Numbers(axes, x - CELL[0] / 2, y + CELL[1] / 2, (1,), quantity, CELL)
        if label:
            write(axes, x + dx, y + dy, label, size=13)

    # the cell state, along the top
    arrow(axes, (0.72, top), (x_f - 0.17, top), "cell")
    artists["keep"] = wire(axes, [(x_f + 0.17, top), (x_g - 0.17, top)], "cell")
    arrow(axes, (x_g + 0.17, top), (7.72, top), "cell")
    place("c_prev", 0.4, top, "cell", r"$c_{t-1}$")
    place("c", 8.04, top, "cell", r"$c_t$")
    place("kept", 2.95, top + 0.27, "cell", "")
    write(axes, 2.95, top - 0.24, r"$f_t\,c_{t-1}$", size=12)

    # the three gates and the candidate
    artists["f_wire"] = wire(axes, [(x_f, low + 0.25), (x_f, top - 0.17)], "f")
    artists["i_wire"] = wire(axes, [(x_i, low + 0.25), (x_i, write_y), (x_g - 0.17, write_y)], "i")
    wire(axes, [(x_g, low + 0.25), (x_g, write_y - 0.17)], "g")
    artists["write"] = wire(axes, [(x_g, write_y + 0.17), (x_g, top - 0.17)], "g")
    place("f", x_f, 2.2, "f", r"$f_t$", dx=-0.48, dy=0)
    place("i", x_i, 2.2, "i", r"$i_t$", dx=-0.46, dy=0)
    place("g", x_g, 2.2, "g", r"$g_t$", dx=0.48, dy=0)
    place("written", x_g, 3.36, "g", r"$i_t\,g_t$", dx=0.6, dy=0)

    # what is shown: down from the cell state, through tanh and the output gate
    wire(axes, [(x_h, top), (x_h, 3.42)], "cell")
    box(axes, x_h - 0.36, 3.02, 0.72, 0.4, "cell", "tanh", size=13)
    wire(axes, [(x_h, 3.02), (x_h, show_y + 0.17)], "cell")
    place("shown", x_h, 2.7, "cell", "")
    artists["o_wire"] = wire(axes, [(x_o, low + 0.25), (x_o, show_y), (x_h - 0.17, show_y)], "o")
    place("o", x_o, 1.84, "o", r"$o_t$", dx=0.48, dy=0)
    artists["reveal"] = wire(axes, [(x_h + 0.17, show_y), (7.72, show_y)], "hidden")
    place("h", 8.04, show_y, "hidden", r"$h_t$")

    for x, y, symbol in ((x_f, top, "×"), (x_g, top, "+"), (x_g, write_y, "×"), (x_h, show_y, "×")):
        node(axes, x, y, symbol)
    axes.add_patch(Circle((x_h, top), 0.045, color=style.INK, zorder=3))

    # what comes in: the same [h_{t-1}, x_t] into all four
    rail = 0.62
    axes.plot([0.75, x_o], [rail, rail], color=style.INK, linewidth=1.8, solid_capstyle="butt")
    write(
        axes,
        0.08,
        rail,
        r"$[h_{t-1}, x_t]$",
        size=12,
        ha="left",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )
    for x, quantity, label in ((x_f, "f", "σ"), (x_i, "i", "σ"), (x_g, "g", "tanh"), (x_o, "o", "σ")):
        arrow(axes, (x, rail), (x, low - 0.25))
        box(axes, x - 0.4, low - 0.25, 0.8, 0.5, quantity, label, size=14)
        write(axes, x, rail - 0.3, {"f": "forget", "i": "input", "g": "candidate", "o": "output"}[quantity], size=12)
    return artists


def update_cell(artists, data):
    """Fill in the numbers; a wire is as wide as its number is large."""
    for name in ("c_prev", "f", "i", "g", "o", "kept", "written", "c", "shown", "h"):
        artists[name].set([getattr(data, name)])
    widths = {
        "f_wire": data.f,
        "i_wire": data.i,
        "o_wire": data.o,
        "keep": data.kept,
        "write": data.written,
        "reveal": data.h,
    }
    for name, value in widths.items():
        for artist in artists[name]:
            artist.set_linewidth(0.8 + 4.5 * min(abs(value), 1.5))


def say_cell(data):
    """The cell's two lines with the numbers filled in."""
    return "lstm.cell.caption", {
        "f": data.f, "c_prev": data.c_prev, "kept": data.kept + 0.0, "i": data.i, "g": data.g, "written": data.written + 0.0,
        "c": data.c, "o": data.o, "shown": data.shown, "h": data.h + 0.0,  # + 0.0: no negative zero
    }  # fmt: skip


# ---- one gate (5.3)
GATE_LABELS = {  # what goes in, what comes out
    "f": (r"$c_{t-1}$", r"$f_t\,c_{t-1}$"),
    "i": (r"$g_t$", r"$i_t\,g_t$"),
    "g": (r"$i_t$", r"$i_t\,g_t$"),
    "o": (r"$\tanh\,c_t$", r"$h_t$"),
}


def make_gate(figure, data):
    """Left, the curve from the pre-activation to the gate; right, what goes in and what the gate lets through."""
    curve, bars = figure.subplots(1, 2, width_ratios=(1.7, 1))
    a = np.linspace(-8, 8, 161)
    squash, low = (np.tanh, -1) if data.gate == "g" else (sigmoid, 0)
    name = "tanh" if data.gate == "g" else "σ"
    curve.plot(a, squash(a), color=style.colour(data.gate), linewidth=2.2)
    curve.set(xlim=(-8, 8), ylim=(low - 0.08, 1.08), xlabel=rf"pre-activation $a_{data.gate}$")
    curve.set_title(rf"${data.gate}_t$ = {name}($a_{data.gate}$)", loc="left")
    artists = {}
    (artists["drop"],) = curve.plot([], [], color=style.GREY, linestyle=":", linewidth=1.8)
    (artists["dot"],) = curve.plot([], [], **style.line(data.gate) | {"markersize": 12}, clip_on=False)
    artists["value"] = curve.annotate(
        "", (0, 0), xytext=(0, 0), textcoords="offset points", fontsize=style.text_size(13)
    )
    bars.set(
        xlim=(-0.6, 1.6),
        ylim=(-1.18 if data.gate == "g" else 0, 1.18),
        xticks=(0, 1),
        xticklabels=GATE_LABELS[data.gate],
    )
    bars.tick_params(axis="x", labelsize=style.text_size(13), length=0)
    bars.axhline(0, color=style.INK, linewidth=1)
    bars.grid(axis="x", visible=False)
    quantity = {"f": "cell", "i": "g", "g": "i", "o": "cell"}[data.gate]
    artists["in"] = bars.bar([0], [0], width=0.62, color=style.colour(quantity), alpha=0.5)
    artists["out"] = bars.bar([1], [0], width=0.62, color=style.colour(data.gate), zorder=3)
    stopped = {"fill": False, "edgecolor": style.GREY, "linestyle": "--", "linewidth": 1.8}
    artists["stopped"] = bars.bar([1], [0], width=0.62, **stopped)
    artists["numbers"] = [write(bars, x, 0, "", size=12) for x in (0, 1)]
    return artists


def update_gate(artists, data):
    """The point on the curve and both bars."""
    low = -2 if data.gate == "g" else -1
    left = min(max(data.a, -8), 8)
    artists["drop"].set_data([left, left, -8], [low, data.opening, data.opening])
    artists["dot"].set_data([left], [data.opening])
    artists["value"].set_text(number(data.opening, 3))
    artists["value"].xy = (left, data.opening)
    up, far_left = data.opening < (0 if data.gate == "g" else 0.5), left < -5
    right = up == far_left and left < 5
    artists["value"].set(ha="left" if right else "right", position=(13 if right else -13, 9 if up else -18))
    artists["stopped"][0].set_height(0 if data.gate == "g" else data.value)
    for name, label, value in zip(("in", "out"), artists["numbers"], (data.value, data.through), strict=True):
        artists[name][0].set_height(value)
        label.set_text(number(value))
        label.set_y(value + (0.05 if value >= 0 else -0.05))
        label.set_va("bottom" if value >= 0 else "top")


def say_gate(data):
    """How far the gate is open, and what that does."""
    return f"lstm.gate.caption.{data.gate}", {
        "x": data.x, "h_prev": data.h_prev, "b": data.b, "a": data.a, "opening": data.opening, "value": data.value,
        "through": data.through, "percent": 100 * data.opening, "rest": 100 * (1 - data.opening),
    }  # fmt: skip


# ---- store, hold, release (5.1, 5.2)
def make_hold(figure, data):
    """Above, the cell state and the hidden state; below, how far each gate is open, step by step."""
    axes = figure.subplots(4, 1, sharex=True, height_ratios=(4.4, 1, 1, 1))
    T = len(data.c)
    steps = np.arange(1, T + 1)
    axes[0].set(xlim=(0.4, T + 0.6), ylim=(-2, 2), ylabel="state")
    axes[0].axhline(0, color=style.INK, linewidth=1)
    artists = {}
    (artists["c"],) = axes[0].plot([], [], **style.line("cell"), label=r"$c_t$")
    (artists["h"],) = axes[0].plot([], [], **style.line("hidden"), label=r"$h_t$")
    (artists["pure"],) = axes[0].plot([], [], color=style.INK, linestyle=":", linewidth=1.8, label=r"$f^{\,n}\,g$")
    axes[0].legend(loc="lower right", ncols=3)
    for gate, row in zip("ifo", axes[1:], strict=True):
        row.set(ylim=(0, 1.1), yticks=(0, 1))
        row.set_ylabel(rf"${gate}_t$", rotation=0, labelpad=12, va="center")
        artists[gate] = row.bar(steps, np.zeros(T), width=0.8, color=style.colour(gate))
    axes[-1].set(xlabel="step t", xticks=np.arange(1, T + 1, 2))
    artists["phases"] = [
        write(axes[0], 0, 1.75, name, size=12, fontweight="bold") for name in ("store", "hold", "release")
    ]
    return artists


def update_hold(artists, data):
    """Both states and all gates; the names of the phases above their steps."""
    steps = np.arange(1, len(data.c) + 1)
    artists["c"].set_data(steps, data.c)
    artists["h"].set_data(steps, data.h)
    artists["pure"].set_data(steps[: data.n + 1], data.value * data.f ** np.arange(data.n + 1))
    for gate in "ifo":
        for bar, value in zip(artists[gate], data.gates[gate], strict=True):
            bar.set_height(value)
    store, hold, release = artists["phases"]
    store.set(x=0.55, ha="left")
    hold.set(x=1.5 + data.n / 2, visible=data.n >= 5)
    release.set(x=data.n + 2, y=1.75 if data.n >= 2 else 1.4)


def say_hold(data):
    """What came back, and what share of it f to the power n lets through."""
    numbers = {
        "f": data.f, "n": data.n, "value": data.value, "share": 100 * data.f**data.n, "c": data.c[data.n],
        "h": data.h[data.n + 1], "percent": 100 * data.f, "forgets": 100 * (1 - data.f), "leak": data.leak,
        "disturbance": round(data.c[data.n] - data.value * data.f**data.n, 12),
    }  # fmt: skip
    return ("lstm.hold.caption.leak" if data.leak else "lstm.hold.caption.closed"), numbers


# ---- gates over a text (5.3)
ROWS = "ifogch"


def _letters(axes, chars, y):
    """The characters of a window along an axis, one per column."""
    return [spell(axes, t, y, char) for t, char in enumerate(chars)]


def make_gates(figure, data):
    """Above, one quantity of all units over the text; below, all six quantities of one unit. 0 is white."""
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.5, 1))
    T, H = data.rows.shape[1], len(data.map)
    look = {"cmap": style.DIVERGING, "vmin": -1, "vmax": 1, "aspect": "auto", "interpolation": "nearest"}
    artists = {"map": above.imshow(data.map, **look), "rows": below.imshow(data.rows, **look)}
    above.set(ylabel="unit", yticks=(0, H // 2 - 1, H - 1), yticklabels=(1, H // 2, H))
    labels = [rf"${name}_t$" for name in ROWS]
    labels[ROWS.index("c")] += " scaled"
    below.set(yticks=range(len(ROWS)), yticklabels=labels, xticks=[], xlim=(-0.5, T - 0.5))
    for axes in (above, below):
        axes.grid(False)
    _letters(below, data.chars, len(ROWS) + 0.15)
    below.set_xlabel("the characters read", labelpad=26)
    look = {"color": style.INK, "linestyle": "none", "markersize": 11, "clip_on": False}
    look["transform"] = above.get_yaxis_transform()  # x in parts of the width
    artists["unit"] = [above.plot([x], [0], marker=marker, **look)[0] for x, marker in ((-0.012, ">"), (1.012, "<"))]
    artists["title"] = above.text(0, 1.03, "", fontsize=style.text_size(13), va="bottom", transform=above.transAxes)
    edge = {"fill": False, "edgecolor": style.INK, "linewidth": 1.8, "clip_on": False}
    edge["path_effects"] = [withStroke(linewidth=4.5, foreground="white")]
    artists["now"] = [
        axes.add_patch(Rectangle((0, -0.5), 1, rows, **edge)) for axes, rows in ((above, H), (below, len(ROWS)))
    ]
    figure.colorbar(artists["rows"], ax=(above, below), ticks=(-1, 0, 1), pad=0.025, aspect=30)
    return artists


def update_gates(artists, data):
    """Both maps, the frame around the chosen unit, the frame around the chosen step."""
    largest = np.abs(data.map).max() if data.quantity == "c" else 1.0
    artists["map"].set_data(data.map / largest)
    scales = np.where(np.array(list(ROWS)) == "c", np.abs(data.rows).max(axis=1), 1.0)
    artists["rows"].set_data(data.rows / scales[:, None])
    for pointer in artists["unit"]:
        pointer.set_ydata([data.unit - 1])
    scaled = f", over the largest ({number(largest, 1)})" if data.quantity == "c" else ""
    artists["title"].set_text(rf"${data.quantity}_t$ of all units{scaled}; below, unit {data.unit}")
    for patch in artists["now"]:
        patch.set_x(data.t - 1.5)


def say_gates(data):
    """All six numbers of the unit at the chosen character, and how long it keeps what it has."""
    values = {name: data.rows[row, data.t - 1] for row, name in enumerate(ROWS)}
    return "lstm.gates.caption", values | {
        "unit": data.unit, "t": data.t, "char": letter(data.chars[data.t - 1]), "step": data.step, "loss": data.loss,
        "mean_f": data.mean_f, "kept": 100 * data.mean_f**10,
    }  # fmt: skip


# ---- a text in colours (5.3)
ACROSS, DOWN = 20, 3  # characters of the coloured text
TILE = (0.405, 0.78)  # inches


def make_colour(figure, data):
    """The text in tiles: each character with its number below it, on the number's colour."""
    axes = board(figure)
    artists = {"tiles": [], "chars": [], "numbers": []}
    width, height = TILE
    for n, char in enumerate(data.chars):
        left, top = 0.15 + n % ACROSS * width, 3.05 - n // ACROSS * (height + 0.16)
        tile = Rectangle((left, top - height), width, height, edgecolor=style.GREY, linewidth=0.8, zorder=1)
        artists["tiles"].append(axes.add_patch(tile))
        artists["chars"].append(spell(axes, left + width / 2, top - 0.26, char))
        artists["numbers"].append(write(axes, left + width / 2, top - 0.58, "", size=11))
    artists["next"] = axes.add_patch(
        Rectangle((0, 0), width, height, fill=False, edgecolor=style.INK, linewidth=2.6, zorder=4)
    )
    artists["title"] = write(axes, 0.15, 3.32, "", size=13, ha="left")
    return artists


def _short(value):
    """Two digits for a tile: .31, -.05, 2.4."""
    if abs(value) >= 0.995:
        return number(value, 1)
    return number(value).replace("0.", ".", 1)


def update_colour(artists, data):
    """The colour and the number of each tile; white and empty where there is none; the frame around the next letter."""
    colours = matplotlib.colormaps[style.DIVERGING]
    largest = max(1.0, np.abs(data.values).max())
    for n, (tile, label) in enumerate(zip(artists["tiles"], artists["numbers"], strict=True)):
        known = n < len(data.values)
        tile.set_facecolor(colours(0.5 + 0.36 * data.values[n] / largest) if known else "white")
        label.set_text(_short(data.values[n]) if known else "")
    left = artists["tiles"][data.t]
    artists["next"].set_xy(left.get_xy())
    symbol = rf"${data.what}_t$ of unit {data.unit}" if data.what in ROWS else (
        r"$\left|\partial y_T[\mathrm{next}]\,/\,\partial x_t\right|$ over its largest")  # fmt: skip
    artists["title"].set_text(symbol)


def say_colour(data):
    """Which letter counts most for the framed one, or what the unit holds there and its two ends."""
    low, high = int(np.argmin(data.values)), int(np.argmax(data.values))
    numbers = {"t": data.t, "next": letter(data.chars[data.t]), "step": data.step}
    if data.what in ROWS:
        return "lstm.colour.caption.unit", numbers | {
            "what": data.what, "unit": data.unit, "value": data.values[data.t],
            "low": data.values[low], "low_char": letter(data.chars[low]), "low_t": low,
            "high": data.values[high], "high_char": letter(data.chars[high]), "high_t": high,
        }  # fmt: skip
    return "lstm.colour.caption.influence", numbers | {
        "p": data.p, "value": data.largest, "high_char": letter(data.chars[high]), "back": data.t - high,
        "far": data.far, "percent": 100 * data.far_share,
    }  # fmt: skip


# ---- the highway (5.1)
HIGHWAY_STEPS, HIGHWAY_LOW, HIGHWAY_HIGH = 100, -34, 5


def make_highway(figure, data):
    """Three curves on one logarithmic axis: the LSTM's whole gradient, its direct path, the RNN's gradient."""
    axes = figure.subplots()
    axes.set(xlim=(-1, HIGHWAY_STEPS + 1), ylim=(HIGHWAY_LOW, HIGHWAY_HIGH), xlabel="steps back,  T − t")
    axes.set_ylabel(r"$\log_{10}$ of the size of the gradient")
    axes.axhline(0, color=style.INK, linewidth=1)
    artists = {}
    looks = {
        "total": style.line("lstm") | {"label": r"LSTM, all paths:  $\partial c_T/\partial c_t$"},
        "direct": style.line("f") | {"linestyle": ":", "fillstyle": "none", "label": r"LSTM, direct path:  $\prod f$"},
        "rnn": style.line("rnn") | {"label": r"RNN:  $\partial h_T/\partial h_t$"},
    }
    for n, (name, look) in enumerate(looks.items()):
        (artists[name],) = axes.plot([], [], **look, markevery=(4 * n, 12))
    artists["edge"] = axes.plot([], [], color=style.INK, marker="v", markersize=10, linestyle="none", clip_on=False)[0]
    axes.legend(loc="lower left")
    return artists


def update_highway(artists, data):
    """All curves; an arrow at the edge where one leaves the picture."""
    left = []
    for name in ("total", "direct", "rnn"):
        logs = getattr(data, name)
        back = np.arange(len(logs))[::-1]
        artists[name].set_data(back, logs)
        outside = back[logs < HIGHWAY_LOW]
        left += [outside.min()] if len(outside) else []
    artists["edge"].set_data(left, [HIGHWAY_LOW] * len(left))


def say_highway(data):
    """All three at t = 0: the whole way back."""
    ahead = data.total[0] - data.rnn[0]
    return f"lstm.highway.caption.{'ahead' if ahead > 0 else 'behind'}", {
        "T": data.T, "bias": data.bias, "total": data.total[0], "direct": data.direct[0], "rnn": data.rnn[0],
        "f": data.mean_f, "ahead": abs(ahead),
    }  # fmt: skip


# ---- the race (5.4)
def make_race(figure, data):
    """Left, the error while both train; right, the answers of both to the test sequences against the right ones."""
    curve, answers = figure.subplots(1, 2, width_ratios=(1.5, 1))
    curve.set(xlim=(0, data.budget), ylim=(1e-4, 3), yscale="log", xlabel="updates", ylabel="error on unseen sequences")
    for level, words in ((ADDING_CHANCE, "always answer 1"), (data.goal, "solved")):
        curve.axhline(level, color=style.INK, linestyle=":", linewidth=1.5)
        look = {"xytext": (-4, 5), "textcoords": "offset points", "ha": "right", "fontsize": style.text_size(11)}
        curve.annotate(words, (data.budget, level), **look)
    answers.set(xlim=(-0.15, 2.15), ylim=(-0.15, 2.15), xlabel="right answer", ylabel="answer", aspect="equal")
    answers.plot([0, 2], [0, 2], color=style.INK, linestyle=":", linewidth=1.5)
    artists = {}
    for name in ("rnn", "lstm"):
        (artists[name],) = curve.plot([], [], **style.line(name), label=name.upper(), markevery=10)
        look = style.line(name) | {"linestyle": "none", "markersize": 6}
        (artists[f"{name}_answers"],) = answers.plot([], [], **look, alpha=0.75)
    (artists["now"],) = curve.plot([], [], color=style.GREY, linewidth=1.5)
    curve.legend(loc="upper right", ncols=2)
    return artists


def update_race(artists, data):
    """Both curves up to the newest frame, the answers at the shown one."""
    for name in ("rnn", "lstm"):
        artists[name].set_data(data.steps, data.errors[name])
        artists[f"{name}_answers"].set_data(data.right, np.clip(data.answers[name], -0.1, 2.1))
    artists["now"].set_data([data.step, data.step], [1e-4, 3])


def say_race(data):
    """Both errors at the shown frame, and who has solved the task so far."""
    solved = {name: at for name, at in data.solved.items() if at is not None}
    key = {0: "none", 1: "one", 2: "both"}[len(solved)]
    numbers = {
        "T": data.T,
        "step": data.step,
        "rnn": data.errors["rnn"][data.frame],
        "lstm": data.errors["lstm"][data.frame],
    }
    numbers |= {f"{name}_at": at for name, at in solved.items()}
    if key == "one":
        (winner,) = solved
        numbers |= {"winner": winner.upper(), "at": solved[winner]}
    return f"lstm.adding.caption.{key}", numbers


# ---- prose (5.4)
WRITTEN, LINE = 96, 48  # characters of a sample, and of a line of it


def make_prose(figure, data):
    """Above, the loss of both on characters that they never train on; below, what both write."""
    curve, page = figure.subplots(2, 1, height_ratios=(1.55, 1))
    curve.set(xlim=(0, data.budget), ylim=(0, 5), xlabel="updates", ylabel="nats per character")
    artists = {"lines": {}}
    for name in ("rnn", "lstm"):
        (artists[name],) = curve.plot([], [], **style.line(name), label=name.upper(), markevery=8)
    (artists["now"],) = curve.plot([], [], color=style.GREY, linewidth=1.5)
    curve.axhline(data.even, color=style.INK, linestyle=":", linewidth=1.5)
    curve.annotate(f"ln {data.V}", (data.budget / 2, data.even), xytext=(6, -5), textcoords="offset points", va="top",
                   fontsize=style.text_size(11))  # fmt: skip
    curve.legend(loc="upper right", bbox_to_anchor=(1, 0.86), ncols=2)
    page.set(xlim=(0, 1), ylim=(0, 4.2))
    page.set_axis_off()
    look = {"family": ["DejaVu Sans Mono", *style.FONTS], "parse_math": False}
    for row, name in enumerate(("rnn", "lstm")):
        colour = style.colour(name)
        page.text(
            0, 4 - 2.1 * row, name.upper(), va="top", fontsize=style.text_size(12), fontweight="bold", color=colour
        )
        artists["lines"][name] = [
            page.text(0.1, 4 - 2.1 * row - 0.85 * n, "", va="top", fontsize=style.text_size(12), **look)
            for n in range(2)
        ]
    return artists


def update_prose(artists, data):
    """Both curves up to the newest frame, both samples of the shown one."""
    for name in ("rnn", "lstm"):
        artists[name].set_data(data.steps, data.losses[name])
        shown = [char if char == " " else letter(char) for char in data.samples[name]]
        shown = [char if len(char) == 1 else "□" for char in shown]
        for n, line in enumerate(artists["lines"][name]):
            line.set_text("".join(shown[n * LINE : (n + 1) * LINE]))
    artists["now"].set_data([data.step, data.step], [0, 5])


def say_prose(data):
    """Both losses at the shown frame, and their distance."""
    rnn, lstm = (data.losses[name][data.frame] for name in ("rnn", "lstm"))
    return f"lstm.prose.caption.{'going' if data.step else 'start'}", {
        "step": data.step, "rnn": rnn, "lstm": lstm, "difference": round(abs(rnn - lstm), 12), "even": data.even, "V": data.V,
        "length": data.length, "tau": data.tau,
    }  # fmt: skip
