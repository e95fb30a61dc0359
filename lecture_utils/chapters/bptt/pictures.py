"""The pictures of chapter 3: the graph, the ledger, the check, the deck's toy, memory, the cliff, truncation, training.

For each picture: make(figure, data) -> artists, update(artists, data), say(data) -> (key of its caption, numbers).
"""

import math

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from lecture_utils.drawing import style
from lecture_utils.drawing.diagram import Numbers, arrow, board, box, chart, number, write


def short(value):
    """A number in three digits, a power of ten in two, with a true minus sign."""
    written = f"{value:.3g}"
    if "e" in written:
        written = f"{value:.2g}".replace("e-0", "e-")
    return written.replace("-", "\N{MINUS SIGN}")


def term(value):
    """A number as a factor or a later term of a formula: negative ones in brackets."""
    return f"({short(value)})" if value < 0 else short(value)


def clipped(value, low, high):
    """The value, held inside the axis."""
    return min(max(value, low), high)


# ---- the unrolled graph (3.1)
WIDE, HIGH = 0.68, 0.3  # of a node's cell; a node is two cells, its value above its gradient
ROWS = {"loss": 4.62, "y": 3.72, "h": 2.72, "x": 1.42}  # the upper edge of each row
FIRST, PITCH, STATE = 1.4, 2.5, 1.25  # left edge of a_1; from step to step; from a_t to h_t


def make_graph(figure, data):
    """Three steps; in every node the value above and, once the walk has come back to it, the gradient below."""
    axes = board(figure)
    T = len(data.xs)
    artists = {"value": {}, "gradient": {}, "back": {}, "loss": {}}

    def node(name, t, left, row, quantity, label, gradient=True):
        top = ROWS[row]
        words = write(axes, left + 0.12, top + (-0.8 if name == "h" else 0.17), label, size=13)
        artists["value"][name, t] = Numbers(axes, left, top, (1, 1), quantity, (WIDE, HIGH))
        if gradient:
            slot(left, top - 2 * HIGH, "gradient")
            artists["gradient"][name, t] = Numbers(axes, left, top - HIGH, (1, 1), "gradient", (WIDE, HIGH))
        return words, slot(left, top - HIGH, quantity)

    def slot(left, low, quantity):
        look = {"fill": False, "edgecolor": style.colour(quantity), "linewidth": 1, "alpha": 0.4}
        return axes.add_patch(Rectangle((left, low), WIDE, HIGH, **look))

    def back(name, t, start, end):
        artists["back"][name, t] = arrow(axes, start, end, "gradient", dashed=True)

    forward, backward = ROWS["h"] - HIGH / 2, ROWS["h"] - 3 * HIGH / 2  # heights of the arrows along the chain
    node("h", 0, FIRST - PITCH + STATE, "h", "hidden", r"$h_0$")
    for t in range(1, T + 1):
        a = FIRST + (t - 1) * PITCH
        h, before = a + STATE, a - PITCH + STATE
        node("x", t, a, "x", "input", rf"$x_{t}$", gradient=False)
        node("a", t, a, "h", "derivative", rf"$a_{t}$")
        node("h", t, h, "h", "hidden", rf"$h_{t}$")
        node("y", t, h, "y", "output", rf"$y_{t}$")
        loss = node("loss", t, h, "loss", "target", rf"$L_{t}$", gradient=False)
        arrow(axes, (before + WIDE, forward), (a, forward), "hidden")
        arrow(axes, (a + WIDE, forward), (h, forward), "hidden")
        arrow(axes, (a + 0.5, ROWS["x"]), (a + 0.5, ROWS["h"] - 2 * HIGH), "input")
        arrow(axes, (h + 0.5, ROWS["h"]), (h + 0.5, ROWS["y"] - 2 * HIGH), "output")
        artists["loss"][t] = *loss, arrow(axes, (h + 0.5, ROWS["y"]), (h + 0.5, ROWS["loss"] - HIGH), "target")
        back("a", t, (a, backward), (before + WIDE, backward))
        back("h", t, (h, backward), (a + WIDE, backward))
        back("y", t, (h + 0.62, ROWS["y"] - 2 * HIGH), (h + 0.62, ROWS["h"]))
        back("loss", t, (h + 0.62, ROWS["loss"] - HIGH), (h + 0.62, ROWS["y"]))
        write(axes, (before + WIDE + a) / 2, forward + 0.17, r"$w_{hh}$", size=12)
        write(axes, (a + WIDE + h) / 2, forward + 0.17, "tanh", size=11)
        write(axes, a + 0.5, (ROWS["x"] + ROWS["h"]) / 2 - HIGH + 0.05, r"$w_{xh}$  ", size=12, ha="right")
        write(axes, h + 0.48, (ROWS["h"] + ROWS["y"]) / 2 - HIGH, r"$w_{hy}$  ", size=12, ha="right")
        artists["gradient"]["part", t] = Numbers(axes, a, 0.92, (1, 1), "weight", (WIDE, HIGH))
        slot(a, 0.92 - HIGH, "weight")
        write(axes, a + WIDE / 2, 0.32, rf"$\frac{{\partial L}}{{\partial a_{t}}}\,h_{t - 1}$", size=14)
        if t < T:
            write(axes, a + (PITCH + WIDE) / 2, 0.77, "+", size=14)
    artists["formula"] = write(axes, 0.15, 5.52, "", size=14, ha="left")
    artists["squared"] = write(axes, 0.15, 5.17, "", size=14, ha="left")
    write(axes, 0.15, 0.77, r"$\frac{\partial L}{\partial w_{hh}}\;=$", size=14, ha="left")
    artists["total"] = write(axes, FIRST + (T - 1) * PITCH + WIDE + 0.15, 0.77, "", size=13, ha="left")
    artists["now"] = Rectangle((0, 0), 1, 1, fill=False, edgecolor=style.INK, linewidth=2.2, linestyle="--", zorder=4)
    axes.add_patch(artists["now"])
    return artists


def _place(walk, T):
    """(direction, t) of a step of the walk: start, forward, then for each step back first h_t, then a_t."""
    if walk <= T:
        return ("forward", walk) if walk else ("start", 0)
    return "ha"[(walk - T - 1) % 2], T - (walk - T - 1) // 2


def update_graph(artists, data):
    """Values as far as the walk went forward, gradients as far as it came back, and the rule applied last."""
    T = len(data.xs)
    done = min(data.walk, T)
    for (name, t), cells in artists["value"].items():
        source = {"h": data.h, "a": data.a, "y": data.y, "loss": data.losses, "x": data.xs}[name]
        shown = name == "x" or (t <= done and (name != "loss" or bool(data.on[t - 1])))
        cells.set(source[[t if name == "h" else t - 1]], visible=shown)
    for (name, t), cells in artists["gradient"].items():
        value = {"h": data.dh, "a": data.da, "y": data.dy, "part": data.da * data.h[:-1]}[name][
            t if name == "h" else t - 1
        ]
        cells.set([value], visible=data.walk >= _reached(name, t, T))
    for (name, t), patch in artists["back"].items():
        start = {"loss": "y", "y": "h", "h": "a", "a": "part"}[name]
        patch.set_visible(data.walk >= _reached(start, t, T) and (name not in ("loss", "y") or bool(data.on[t - 1])))
    artists["total"].set_text(f"= {number(data.dw_hh)}" if data.walk == 3 * T else "")
    for t, parts in artists["loss"].items():
        for artist in parts:
            artist.set_visible(bool(data.on[t - 1]))
    artists["formula"].set_text(_rule(data))
    direction, t = _place(data.walk, T)
    squared = f"({short(data.y[t - 1])} − {term(data.targets[t - 1])})² = {short(data.losses[t - 1])}"
    visible = direction == "forward" and bool(data.on[t - 1])
    artists["squared"].set(text=rf"$L_{t} = (y_{t} - target)^2$ = {squared}", visible=visible)
    left = FIRST + (t - 1) * PITCH
    artists["now"].set_visible(direction != "start")
    if direction == "forward":
        low, high = ROWS["x"] - HIGH - 0.08, ROWS["loss"] + 0.32
        artists["now"].set_bounds(left - 0.08, low, STATE + WIDE + 0.16, high - low)
    elif direction != "start":
        shift = STATE if direction == "h" else 0
        artists["now"].set_bounds(left + shift - 0.08, ROWS["h"] - 2 * HIGH - 0.08, WIDE + 0.16, 2 * HIGH + 0.16)


def _reached(name, t, T):
    """The step of the walk at which a gradient is known."""
    if name == "h" and t == 0:
        return 3 * T
    return T + 1 + 2 * (T - t) + (name in ("a", "part"))


def _rule(data):
    """The rule that the walk's present step applies, with its numbers."""
    T = len(data.xs)
    direction, t = _place(data.walk, T)
    if direction == "start":
        return r"$h_0 = 0$"
    h_prev, h, a = data.h[t - 1], data.h[t], data.a[t - 1]
    if direction == "forward":
        parts = f"{short(data.w_xh)} · {term(data.xs[t - 1])} + {term(data.w_hh)} · {term(h_prev)} + {term(data.b)}"
        return rf"$h_{t} =$ tanh({parts}) = tanh({short(a)}) = {number(h, 4)}"
    if direction == "h":
        own, future = _two_parts(data, t)
        return (
            rf"$\frac{{\partial L}}{{\partial h_{t}}} = w_{{hy}}\,\frac{{\partial L}}{{\partial y_{t}}}"
            + (rf" + w_{{hh}}\,\frac{{\partial L}}{{\partial a_{t + 1}}}" if t < T else "")
            + rf"$ = {short(own)}" + (f" + {term(future)} = {short(data.dh[t])}" if t < T else "")
        )  # fmt: skip
    return (
        rf"$\frac{{\partial L}}{{\partial a_{t}}} = (1 - h_{t}^2)\,\frac{{\partial L}}{{\partial h_{t}}}"
        rf"$ = {short(1 - h * h)} · {term(data.dh[t])} = {short(data.da[t - 1])}"
    )


def _two_parts(data, t):
    """dL/dh_t by way of y_t, and by way of a_{t+1}."""
    return data.w_hy * data.dy[t - 1], data.w_hh * data.da[t] if t < len(data.xs) else 0.0


def say_graph(data):
    """What the present step of the walk found, and the whole gradient beside central differences."""
    T = len(data.xs)
    direction, t = _place(data.walk, T)
    own, future = _two_parts(data, max(t, 1))
    return f"bptt.graph.caption.{direction}", {
        "t": t, "before": max(t - 1, 0), "later": t + 1, "h": data.h[t], "dh": data.dh[t], "own": own, "future": future,
        "da": data.da[t - 1], "slope": 1 - data.h[t] ** 2, "part": data.da[t - 1] * data.h[t - 1], "loss": data.loss,
        "dw_hh": data.dw_hh, "numeric": round(data.numeric, 7),
    }  # fmt: skip


# ---- the ledger (3.1)
LEDGER_TOP = 0.6
LEDGER_BARS = (("immediate", "output", "//", -1), ("carried", "hidden", "..", 0), ("total", "gradient", "", 1))


def make_ledger(figure, data):
    """For each step three bars: from its own loss, from later losses, both; at the right their sums over the steps."""
    axes = figure.subplots()
    T = len(data.immediate)
    axes.set(xlim=(0.4, T + 2.5), ylim=(-LEDGER_TOP, LEDGER_TOP), xlabel="step at which $W_{hh}$ is used")
    axes.set_xticks([*range(1, T + 1), T + 1.65], [f"t = {t}" for t in range(1, T + 1)] + ["sum"])
    axes.grid(axis="x", visible=False)
    axes.axhline(0, color=style.INK, linewidth=1)
    axes.axvline(T + 0.75, color=style.GREY, linewidth=1.2)
    artists = {}
    labels = {
        "immediate": "own loss  ($h_{t-1}$ held constant)",
        "carried": "later losses  (carried back)",
        "total": "both",
    }
    for name, quantity, hatch, side in LEDGER_BARS:
        places = np.append(np.arange(1, T + 1) + 0.27 * side, T + 1.65 + 0.52 * side)
        artists[name] = axes.bar(
            places, np.zeros(T + 1), [0.25] * T + [0.42], facecolor=to_rgba(style.colour(quantity), 0.55),
            edgecolor=style.colour(quantity), hatch=hatch, linewidth=1.5, label=labels[name],
        )  # fmt: skip
    (artists["numeric"],) = axes.plot(
        [], [], color=style.INK, marker="*", markersize=13, linestyle="none", label="central differences"
    )
    artists["sums"] = [write(axes, T + 1.65 + 0.52 * side, 0, "", size=11) for *_, side in LEDGER_BARS]
    artists["over"] = [write(axes, 0, 0, "", size=12, fontweight="bold") for _ in range(3 * (T + 1))]
    artists["name"] = axes.set_ylabel("")
    handles = [artists[name] for name, *_ in LEDGER_BARS] + [artists["numeric"]]
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return artists


def update_ledger(artists, data):
    """Heights of all bars; a bar that leaves the axis ends in an arrow."""
    rows = {"immediate": data.immediate, "carried": data.carried, "total": data.immediate + data.carried}
    over = iter(artists["over"])
    for (name, *_), label in zip(LEDGER_BARS, artists["sums"], strict=True):
        values = np.append(rows[name], rows[name].sum())
        for bar, value in zip(artists[name], values, strict=True):
            bar.set_height(clipped(value, -LEDGER_TOP, LEDGER_TOP))
            mark = next(over)
            mark.set(visible=abs(value) > LEDGER_TOP, text="▲" if value > 0 else "▼")
            mark.set_position((bar.get_x() + bar.get_width() / 2, math.copysign(LEDGER_TOP - 0.03, value)))
        label.set_text(number(values[-1], 3))
        height = abs(values[-1]) + 0.045 if abs(values[-1]) < LEDGER_TOP - 0.08 else LEDGER_TOP - 0.1
        label.set_y(math.copysign(height, values[-1]))
    sums = artists["total"][-1]
    artists["numeric"].set_data([sums.get_x() + sums.get_width() / 2], [data.numeric])
    artists["name"].set_text(rf"part of $\partial L / \partial W_{{hh}}[{data.i}, {data.j}]$")


def say_ledger(data):
    """Both sums, central differences, and how wrong it is to hold h_{t-1} constant."""
    immediate, carried = data.immediate.sum(), data.carried.sum()
    return "bptt.ledger.caption", {
        "i": data.i, "j": data.j, "immediate": immediate, "carried": carried, "total": immediate + carried,
        "numeric": round(data.numeric, 7), "angle": data.angle, "ratio": data.ratio,
    }  # fmt: skip


# ---- the gradient check (3.1)
CHECK_LOW, CHECK_HIGH = 1e-18, 1e2
CHECK_BARS = (("central", "gradient", 0.19), ("complex", "hidden", -0.19))


def make_check(figure, data):
    """Left the backward pass as it runs, right the relative error of each array on a log axis."""
    axes = board(figure)
    write(axes, 0.2, 4.05, "backward", size=13, ha="left", fontweight="bold")
    artists = {"mark": Rectangle((0.12, 0), 4.1, 0.32, facecolor=to_rgba(style.VERMILION, 0.3), zorder=1)}
    axes.add_patch(artists["mark"])
    artists["lines"] = [
        write(axes, 0.2, 3.65 - 0.34 * n, "", size=12, ha="left", family="monospace") for n in range(len(data.lines))
    ]
    bars = chart(figure, 5.45, 0.65, 2.95, 3.0)
    bars.set(xscale="log", xlim=(CHECK_LOW, CHECK_HIGH), ylim=(-0.6, 4.6), xlabel="relative error")
    bars.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1])
    bars.minorticks_off()
    bars.set_yticks(
        range(5), [rf"$W_{{{name[2:]}}}$" if name[0] == "W" else rf"$b_{name[2:]}$" for name in data.names[::-1]]
    )
    bars.tick_params(axis="y", labelsize=style.text_size(13))
    for (name, quantity, shift), label in zip(CHECK_BARS, ("central differences", "complex step"), strict=True):
        artists[name] = bars.barh(
            np.arange(5) + shift, np.full(5, 1e-17), 0.34, left=CHECK_LOW, facecolor=to_rgba(style.colour(quantity), 0.7),
            hatch="//" if name == "central" else "", edgecolor=style.colour(quantity), label=label,
        )  # fmt: skip
    figure.legend(
        *bars.get_legend_handles_labels(), loc="upper right", ncols=2, columnspacing=1, bbox_to_anchor=(0.99, 0.99)
    )
    return artists


def update_check(artists, data):
    """The lines, the broken one marked, and the errors; an error below the axis has no bar."""
    for label, line in zip(artists["lines"], data.lines, strict=True):
        label.set_text(line)
    artists["mark"].set_visible(data.broken is not None)
    if data.broken is not None:
        artists["mark"].set_y(3.65 - 0.34 * data.broken - 0.16)
    for name, *_ in CHECK_BARS:
        for bar, error in zip(artists[name], getattr(data, name)[::-1], strict=True):
            bar.set_width(clipped(error, CHECK_LOW, CHECK_HIGH) - CHECK_LOW)


def say_check(data):
    """Which arrays fail, and by how much at most."""
    key = "bptt.gradient_check.caption.fails" if data.failed else "bptt.gradient_check.caption.passes"
    return key, {"failed": ", ".join(f"d{name}" for name in data.failed), "count": len(data.failed), "worst": data.worst,
                 "step": 10.0**data.log10_step}  # fmt: skip


# ---- the deck's toy (3.3)
FACTORS = 1.1  # where the rows of factors begin
WIDTH = 1180  # points times characters: a line of text no longer than this fits into the figure
FACTOR_COLOURS = {"p": "derivative", "w": "weight", "h": "hidden"}  # by the first letter of the factor's name


def make_toy(figure, data):
    """Above, the nested formula with its numbers; below, the factors of dh_3/dh_1 and of the three parts of dh_3/dw_hh."""
    axes = board(figure)
    artists = {"lines": [write(axes, 0.2, 4.72 - 0.38 * n, "", size=12, ha="left") for n in range(4)]}
    rows = [(2.85, r"$\frac{\partial h_3}{\partial h_1}\;=$", data.state_path)]
    for n, path in enumerate(reversed(data.weight_paths)):
        rows.append((1.52 - 0.6 * n, f"step {3 - n}", path))
    write(axes, 0.2, 2.1, r"$\frac{\partial h_3}{\partial w_{hh}}\;=$", size=15, ha="left")
    artists["total"] = write(axes, FACTORS, 2.1, "", size=13, ha="left")
    artists["factors"], artists["products"] = [], []
    for y, label, path in rows:
        write(axes, 0.2, y, label, size=15 if label[0] == "$" else 12, ha="left")
        for n, (name, _) in enumerate(path):
            x = FACTORS + n
            box(axes, x, y - 0.27, 0.92, 0.54, FACTOR_COLOURS[name[0]])
            write(axes, x + 0.46, y + 0.14, _symbol(name), size=11)
            artists["factors"].append(write(axes, x + 0.46, y - 0.14, "", size=11))
        artists["products"].append(write(axes, FACTORS + len(path) + 0.03, y, "", size=13, ha="left"))
    return artists


def _symbol(name):
    """A factor's name in mathematics: phi'(a_3), w_hh, h_2."""
    if name == "w_hh":
        return r"$w_{hh}$"
    return rf"$1 - h_{name[-2]}^2$" if name[0] == "p" else rf"${name}$"


def update_toy(artists, data):
    """All numbers of the formula, the factors, their products and the sum."""
    w_hh, w_xh, b, h, a = data.w_hh, data.w_xh, data.b, data.toy.h, data.toy.a
    inner = [f"{short(w_xh)} · {term(x)} + {term(w_hh)} · " for x in data.xs]
    for t in range(3):
        artists["lines"][t].set_text(
            rf"$h_{t + 1}$ = tanh({inner[t]}{term(h[t])} + {term(b)}) = tanh({short(a[t])}) = {number(h[t + 1], 4)}"
        )
    nested = f"tanh({inner[2]}tanh({inner[1]}{term(h[1])} + {term(b)}) + {term(b)})"
    line = f"h_3 = {nested} = {number(h[3], 4)}"
    artists["lines"][3].set(text=line.replace("h_3", "$h_3$"), fontsize=min(style.text_size(12), WIDTH / len(line)))
    paths = [data.state_path, *reversed(data.weight_paths)]
    values = [value for path in paths for _, value in path]
    for label, value in zip(artists["factors"], values, strict=True):
        label.set_text(short(value))
    for label, value in zip(artists["products"], [data.dh3_dh1, *reversed(data.parts)], strict=True):
        label.set_text(f"= {short(value)}")
    artists["total"].set_text(" + ".join(map(term, reversed(data.parts))) + f" = {short(sum(data.parts))}")


def say_toy(data):
    """h_3 and both derivatives."""
    w1, w2, w3 = data.parts
    return "bptt.toy.caption", {
        "h3": data.toy.h[3], "dh3_dh1": data.dh3_dh1, "dh3_dw": w1 + w2 + w3, "part1": w1, "part2": w2, "part3": w3,
        "slope3": data.state_path[0][1], "slope2": data.state_path[2][1], "w_hh": data.w_hh,
    }  # fmt: skip


# ---- too sensitive (3.2)
SLOPE_LOW, SLOPE_HIGH = 1e-4, 1e4


def make_cliff(figure, data):
    """Above the loss against w_hh, below the size of its gradient on a log axis."""
    above, below = figure.subplots(2, 1, sharex=True)
    above.set(xlim=(data.ws[0], data.ws[-1]), ylim=(-0.15, 3.8), ylabel="loss  $L$")
    below.set(yscale="log", ylim=(SLOPE_LOW, SLOPE_HIGH), xlabel="$w_{hh}$", ylabel=r"$|\partial L / \partial w_{hh}|$")
    look = {"color": style.INK, "marker": "o", "markersize": 10, "fillstyle": "none", "linestyle": "none"}
    (losses,) = above.plot([], [], color=style.colour("target"), linewidth=2.2)
    (slopes,) = below.plot([], [], color=style.colour("gradient"), linewidth=2.2)
    (at_loss,), (at_slope,) = above.plot([], [], **look), below.plot([], [], **look)
    return {"losses": losses, "slopes": slopes, "at_loss": at_loss, "at_slope": at_slope}


def update_cliff(artists, data):
    """Both curves and the point at w_hh, held at the edge of the axis where it would leave it."""
    artists["losses"].set_data(data.ws, data.losses)
    artists["slopes"].set_data(data.ws, np.clip(data.slopes, SLOPE_LOW, SLOPE_HIGH))
    artists["at_loss"].set_data([data.w_hh], [data.loss])
    artists["at_slope"].set_data([data.w_hh], [clipped(abs(data.gradient), SLOPE_LOW, SLOPE_HIGH)])


def say_cliff(data):
    """Loss and gradient here, what a small change does, and the steepest place."""
    return "bptt.cliff.caption", {
        "w_hh": data.w_hh, "loss": data.loss, "gradient": data.gradient, "nudged": data.nudged, "moved": data.w_hh + 0.01,
        "steepest": data.steepest, "slope": data.slope,
    }  # fmt: skip


# ---- training with truncated gradients (3.4)
TRAIN_TOP, TRAIN_LAST = 1.8, 400


def make_training(figure, data):
    """Both loss curves; the dotted line is guessing among four letters."""
    axes = figure.subplots()
    axes.set(xlim=(0, TRAIN_LAST + 10), ylim=(-0.05, TRAIN_TOP), xlabel="updates", ylabel="loss on new examples (nats)")
    axes.axhline(math.log(4), color=style.INK, linestyle=":", linewidth=1.5, label="guessing: ln 4")
    (full,) = axes.plot([], [], **style.line("rnn"), markevery=5, label="full BPTT")
    (truncated,) = axes.plot([], [], **style.line("weight"), markevery=5, label="truncated to k")
    (here,) = axes.plot([], [], color=style.INK, marker="o", markersize=11, fillstyle="none", linestyle="none")
    axes.legend(loc="center right", bbox_to_anchor=(1, 0.4))
    return {"full": full, "truncated": truncated, "here": here}


def update_training(artists, data):
    """The curves up to the newest frame, rings at the shown one."""
    artists["full"].set_data(data.steps, np.minimum(data.full, TRAIN_TOP))
    artists["truncated"].set_data(data.steps, np.minimum(data.truncated, TRAIN_TOP))
    losses = np.minimum([data.truncated_loss, data.full_loss], TRAIN_TOP)
    artists["here"].set_data([data.step] * 2, losses)


def say_training(data):
    """Both losses, and whether k spans the delay."""
    reach = "long" if data.k > data.delay else "short"
    return f"bptt.training.caption.{reach}", {
        "k": data.k, "delay": data.delay, "needed": data.delay + 1, "step": data.step,
        "truncated_loss": data.truncated_loss, "full_loss": data.full_loss, "chance": math.log(4),
    }  # fmt: skip
