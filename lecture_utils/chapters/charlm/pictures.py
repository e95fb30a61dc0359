"""The pictures of chapter 2: the slide, training live, the two l's, from logits to samples, writing letter by letter.

For each picture: make(figure, data) -> artists, update(artists, data), say(data) -> (key of its caption, numbers).
"""

import matplotlib.colors
import numpy as np

from lecture_utils.drawing import style
from lecture_utils.drawing.diagram import Numbers, arrow, board, box, chart, frame, number, spell, write

LETTERS = "helo"

# ---- the slide, number by number (2.1, 2.2)
SLIDE_CELL = (0.52, 0.27)


def make_slide(figure, data):
    """One column for each step, from the letter read at the bottom to the target on top, as on the slide."""
    axes = board(figure)
    wide, high = SLIDE_CELL
    pitch, left = 1.68, 1.22
    x_top, h_top, y_top = 1.68, 2.84, 4.28
    for y, words in ((0.36, "reads"), (4.78, "largest"), (5.1, "target")):
        write(axes, 0.12, y, words, size=12, ha="left")
    for y, words in ((x_top - 2 * high, "$x_t$"), (h_top - 1.5 * high, "$h_t$"), (y_top - 2 * high, r"$y_t\,,\ p_t$")):
        write(axes, 0.12, y, words, size=13, ha="left")
    for top in (x_top, y_top):
        for row, char in enumerate(LETTERS):
            write(axes, left - 0.14, top - (row + 0.5) * high, char, size=12, va="center_baseline")
    artists = {name: [] for name in ("h", "y", "p", "due", "largest", "ways", "now")}
    for t in range(4):
        x = left + t * pitch
        middle = x + wide / 2
        write(axes, middle, 0.36, LETTERS[data.inputs[t]], size=13)
        Numbers(axes, x, x_top, (4,), "input", SLIDE_CELL, decimals=0).set(data.xs[t])
        artists["h"].append(Numbers(axes, x, h_top, (3,), "hidden", SLIDE_CELL, decimals=data.decimals))
        artists["y"].append(Numbers(axes, x, y_top, (4,), "output", SLIDE_CELL, decimals=data.decimals, largest=4))
        artists["p"].append(Numbers(axes, x + 0.76, y_top, (4,), "output", SLIDE_CELL))
        ways = [
            arrow(axes, (middle, x_top + 0.02), (middle, h_top - 3 * high - 0.02), "input"),
            arrow(axes, (middle, h_top + 0.02), (middle, y_top - 4 * high - 0.02), "output"),
            arrow(axes, (x + wide + 0.01, y_top - 2 * high), (x + 0.75, y_top - 2 * high), "output"),
        ]
        if t:
            start = (x - pitch + wide + 0.02, h_top - 1.5 * high)
            ways.append(arrow(axes, start, (x - 0.02, h_top - 1.5 * high), "hidden"))
        if t == 1:
            look = {"size": 12, "color": style.colour("hidden")}
            ways.append(write(axes, x - 0.6, h_top - 1.5 * high + 0.2, "$W_{hh}$", **look))
        artists["ways"].append(ways)
        write(axes, x + 1.02, 5.1, LETTERS[data.targets[t]], size=13, fontweight="bold")
        artists["largest"].append(write(axes, x + 1.02, 4.78, "", size=13))
        artists["due"].append(frame(axes, x + 0.76, y_top - (data.targets[t] + 1) * high, wide, high))
        artists["now"].append(frame(axes, x - 0.28, 0.14, 1.66, 5.2, dashed=True))
    write(axes, left + 0.62, x_top + 0.18, r"$W_{xh}$", size=12, ha="left", color=style.colour("input"))
    write(axes, left + 0.62, h_top + 0.18, r"$W_{hy}$", size=12, ha="left", color=style.colour("output"))
    write(axes, left + 0.26, y_top + 0.16, r"$y_t$", size=12)
    write(axes, left + 1.02, y_top + 0.16, r"$p_t$", size=12)
    return artists


def update_slide(artists, data):
    """The numbers of the steps up to t; the frame around step t."""
    for t in range(4):
        shown = t < data.t
        for name, values in (("h", data.hs), ("y", data.ys), ("p", data.ps)):
            artists[name][t].set(values[t], visible=shown)
        right = data.ys[t].argmax() == data.targets[t]
        artists["largest"][t].set(text=LETTERS[data.ys[t].argmax()], color=style.INK if right else style.VERMILION)
        for part in (artists["largest"][t], artists["due"][t], *artists["ways"][t]):
            part.set_visible(shown)
        artists["now"][t].set_visible(t + 1 == data.t)


def say_slide(data):
    """The loss at step t and the mean loss, beside that of guessing evenly."""
    t = data.t - 1
    best, target = data.ys[t].argmax(), data.targets[t]
    return "charlm.slide.caption", {
        "t": data.t, "read": LETTERS[data.inputs[t]], "best": LETTERS[best], "largest": data.ys[t, best],
        "target": LETTERS[target], "p": data.ps[t, target], "loss": data.losses[t], "mean": data.losses.mean(),
        "even": np.log(4), "says": "".join(LETTERS[i] for i in data.ys.argmax(axis=1)), "updates": data.updates,
    }  # fmt: skip


# ---- loss curves with their floor
def make_losses(figure, place, curves, levels, budget, top):
    """Axes for losses over updates: {name: (line look, label)}, levels {label: loss}. Returns (axes, {name: line})."""
    axes = chart(figure, *place)
    axes.set(xlim=(0, budget), ylim=(-0.03 * top, top), xlabel="updates", ylabel="mean loss (nats)")
    for label, level in levels.items():
        axes.axhline(level, color=style.INK, linestyle=":", linewidth=1.8)
        above = level < 0.9 * top
        axes.annotate(
            label, (0.96 * budget, level), xytext=(0, 5 if above else -5), textcoords="offset points", ha="right",
            va="bottom" if above else "top", fontsize=style.text_size(11),
        )  # fmt: skip
    lines = {}
    for name, (look, label) in curves.items():
        (lines[name],) = axes.plot([], [], **style.line(look), markevery=10, label=label)
    mark = {"markersize": 11, "linestyle": "none", "clip_on": False}
    (lines["dot"],) = axes.plot([], [], color=style.INK, marker="o", fillstyle="none", **mark)
    (lines["above"],) = axes.plot([], [], color=style.VERMILION, marker="^", **mark)
    return axes, lines


def update_losses(lines, curves, step, losses, top):
    """The curves {name: values}; a ring at the losses of the shown step, a triangle at the edge for one above it."""
    for name, values in curves.items():
        lines[name].set_data(range(len(values)), values)
    inside = [loss for loss in losses if loss <= top]
    lines["dot"].set_data([step] * len(inside), inside)
    lines["above"].set_data([step] * (len(losses) > len(inside)), [top] * (len(losses) > len(inside)))


# ---- training live (2.2)
def make_training(figure, data):
    """Left p_t at every step, the target's cell framed; right the loss so far, its floor without memory, and ln V."""
    axes = board(figure)
    T, V = data.probs.shape
    wide, high = min(0.8, 4.4 / T), min(0.46, 3.0 / V)
    left, top = 0.62, 2.25 + V * high / 2
    decimals = 2 if wide > 0.42 * style.scale() else 1
    artists = {"p": Numbers(axes, left, top, (V, T), "output", (wide, high), decimals)}
    for row, char in enumerate(data.chars):
        spell(axes, left - 0.1, top - (row + 0.5) * high, char, ha="right", va="center_baseline")
    for t in range(T):
        x = left + (t + 0.5) * wide
        spell(axes, x, top + 0.22, data.word[t + 1])
        spell(axes, x, top - V * high - 0.22, data.word[t], color=style.colour("input"))
    artists["due"] = [
        frame(axes, left + t * wide, top - (target + 1) * high, wide, high) for t, target in enumerate(data.targets)
    ]
    write(axes, left, top + 0.5, "target (framed)", size=12, ha="left")
    write(axes, left, top - V * high - 0.5, "reads", size=12, ha="left", color=style.colour("input"))
    levels = {"floor without memory": data.floor, f"ln {V}": np.log(V)}
    place = (left + T * wide + 0.95, 0.75, 8.4 - left - T * wide - 0.95, 3.3)
    _, lines = make_losses(figure, place, {"curve": ("rnn", "")}, levels, data.budget, data.top)
    return artists | lines


def update_training(artists, data):
    """p_t at the shown frame; the curve up to the newest one."""
    artists["p"].set(data.probs.T)
    update_losses(artists, {"curve": data.losses}, data.step, [data.loss], data.top)


def say_training(data):
    """The loss reached, the floor of this word, and what the floor says about memory."""
    if data.floor < 1e-12:
        key = "not_needed"
    else:
        key = "on" if data.memory else "off"
    return f"charlm.training.caption.{key}", {
        "letters": len(data.word), "V": len(data.chars), "even": np.log(len(data.chars)), "step": data.step,
        "loss": data.loss, "floor": data.floor, "worst": data.worst, "read": data.read, "target": data.target,
    }  # fmt: skip


# ---- the two l's (2.3)
GRID = np.linspace(-1.1, 1.1, 201)


def make_two_ls(figure, data):
    """Left the plane of h_t with the letter that has the largest logit there; right both losses and the floor."""
    plane = chart(figure, 0.85, 0.75, 3.35, 3.35)
    plane.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xlabel=r"$h_t$[0]", ylabel=r"$h_t$[1]")
    plane.set_xticks([-1, 0, 1])
    plane.set_yticks([-1, 0, 1])
    plane.grid(False)
    pale = matplotlib.colors.ListedColormap(["#F2F2F2", "#FCEFD2", "#DDF0FA", "#F6E4EE"])
    look = {"origin": "lower", "extent": (-1.1, 1.1, -1.1, 1.1), "aspect": "auto", "interpolation": "nearest"}
    label = {"boxstyle": "round,pad=0.15", "facecolor": "#FFFFFF", "edgecolor": "none", "alpha": 0.8}
    artists = {
        "regions": plane.imshow(np.zeros((2, 2)), cmap=pale, vmin=0, vmax=3, zorder=0, **look),
        "names": [write(plane, 0, 0, f"→ {char}", size=20, color=style.GREY) for char in LETTERS],
        "path": plane.plot([], [], **style.line("hidden"), zorder=3)[0],
        "marks": [write(plane, 0, 0, "", size=13, bbox=label) for _ in data.hs],
    }
    (artists["ls"],) = plane.plot(
        [], [], color=style.INK, marker="o", markersize=14, fillstyle="none", linestyle="none", zorder=3
    )
    levels = {"floor  (2/4) ln 2": data.floor, "ln 4": np.log(4)}
    looks = {"off": ("weight", r"$W_{hh} = 0$"), "on": ("rnn", r"$W_{hh}$ trained")}
    axes, lines = make_losses(figure, (5.05, 0.75, 3.35, 3.35), looks, levels, data.budget, 2.0)
    axes.legend(loc="upper right", bbox_to_anchor=(1.0, 1.02))
    return artists | lines


def update_two_ls(artists, data):
    """The states of the four steps, the two l's ringed; the regions; both curves."""
    plane = np.stack(np.meshgrid(GRID, GRID), axis=-1)
    best = (plane @ data.params.W_hy.T + data.params.b_y).argmax(axis=-1)
    artists["regions"].set_data(best)
    for i, name in enumerate(artists["names"]):
        inside = best == i
        name.set_visible(inside.mean() > 0.03)
        if inside.any():
            name.set_position(_heart(plane[inside], data.hs))
    artists["path"].set_data(data.hs.T)
    artists["ls"].set_data(data.hs[2:].T)
    together = np.abs(data.hs[3] - data.hs[2]).max() < 0.15
    names = ("h", "e", "both l's" if together else "first l", "" if together else "second l")
    for t, (mark, name) in enumerate(zip(artists["marks"], names, strict=True)):
        mark.set(text=name, visible=bool(name), position=_beside(data.hs[t], np.delete(data.hs, t, 0), len(name)))
    update_losses(artists, {"on": data.on, "off": data.off}, data.step, [data.loss], 2.0)


def _heart(points, hs):
    """The point of a region at which its letter stands: near its middle, away from the states and the frame."""
    inner = points[np.abs(points[:, 0]) < 0.85]
    points = (inner if len(inner) else points)[::7]
    room = np.linalg.norm(points[:, None] - hs, axis=-1).min(axis=1)
    off = np.linalg.norm(points - points.mean(axis=0), axis=-1)
    return points[(np.minimum(room, 0.5) - 0.5 * off).argmax()]


def _beside(h, others, letters):
    """Where the label of a state stands: next to it, inside the axes, as far as can be from the other states."""
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    places = h + np.column_stack([(0.15 + 0.025 * letters) * np.cos(angles), 0.19 * np.sin(angles)])
    edge = np.array([0.84, 1.02])
    inside = places[(np.abs(places) < edge).all(axis=1)]
    places = inside if len(inside) else np.clip(places, -edge, edge)  # a state in a corner
    return places[np.linalg.norm(places[:, None] - others, axis=-1).min(axis=1).argmax()]


def say_two_ls(data):
    """The distance of the two states, what is predicted at both, and the loss beside the floor."""
    return f"charlm.two_ls.caption.{'on' if data.memory else 'off'}", {
        "step": data.step, "distance": data.distance, "loss": data.loss, "floor": data.floor,
        "first_l": data.probs[2, 2], "first_o": data.probs[2, 3], "second_l": data.probs[3, 2],
        "second_o": data.probs[3, 3],
    }  # fmt: skip


# ---- logits, softmax, samples (2.4)
def make_sampling(figure, data):
    """Left the logits, right their softmax and the share of N samples; target and largest logit are named."""
    logits, probs = figure.subplots(1, 2, width_ratios=(1, 1.35))
    places = np.arange(4)
    for axes in (logits, probs):
        axes.set_xticks(places, LETTERS)
        axes.tick_params(axis="x", labelsize=style.text_size(14), length=0)
        axes.grid(axis="x", visible=False)
    logits.set(ylim=(-8.4, 8.4), xlim=(-0.6, 3.6), title="logits  $y$")
    logits.axhline(0, color=style.INK, linewidth=1)
    probs.set(ylim=(0, 1.36), xlim=(-0.6, 3.8), title=r"softmax$(y\,/\,\tau)$ and samples")
    probs.set_yticks(np.linspace(0, 1, 6))
    probs.axhline(0.25, color=style.INK, linestyle=":", linewidth=1.5)
    write(probs, 3.62, 0.285, "1/4", size=11)
    colour = style.colour("output")
    label = {"boxstyle": "square,pad=0.1", "facecolor": "#FFFFFF", "edgecolor": "none"}
    above = {  # the number that stands between the bar and the word
        "xytext": (0, 12 + 0.7 * style.text_size(12)), "textcoords": "offset points", "ha": "center",
        "fontsize": style.text_size(12), "fontweight": "bold",
    }  # fmt: skip
    artists = {
        "y": logits.bar(places, data.logits, width=0.6, color=colour),
        "p": probs.bar(places - 0.2, data.probs, width=0.36, color=colour, label="p"),
        "share": probs.bar(
            places + 0.2, data.share, width=0.36, facecolor="#FFFFFF", edgecolor=style.INK, hatch="///", label="samples"
        ),
        "y_numbers": [write(logits, x, 0, "", size=12) for x in places],
        "p_numbers": [write(probs, x - 0.2, 0, "", size=11) for x in places],
        "largest": logits.annotate("largest", (0, 0), **above),
        "target": probs.annotate("target", (data.target, 0), bbox=label, **above),
    }
    probs.legend(loc="upper left", ncols=2)
    return artists


def update_sampling(artists, data):
    """All bars and their numbers; the two words above the bars that they name."""
    for name, values in (("y", data.logits), ("p", data.probs), ("share", data.share)):
        for bar, value in zip(artists[name], values, strict=True):
            bar.set_height(value)
    for label, value in zip(artists["y_numbers"], data.logits, strict=True):
        label.set(text=number(value, 1), y=value + (0.55 if value >= 0 else -0.55))
    for label, value in zip(artists["p_numbers"], data.probs, strict=True):
        label.set(text=number(value, 2), y=value + 0.035)
    best = data.logits.argmax()
    artists["largest"].xy = (best, max(data.logits[best], 0))
    artists["target"].xy = (data.target, max(data.probs[data.target], data.share[data.target]))


def say_sampling(data):
    """p of the largest and of the target, how often each was drawn, and the loss, which knows no temperature."""
    best = data.logits.argmax()
    return "charlm.sampling.caption", {
        "best": LETTERS[best], "p_best": data.probs[best], "n_best": data.counts[best], "tau": data.tau,
        "target": LETTERS[data.target], "p": data.probs[data.target], "n": data.counts[data.target],
        "N": int(data.counts.sum()), "loss": data.loss,
    }  # fmt: skip


# ---- writing, letter by letter (2.5)
MOST = 8  # letters that fit
WRITING_CELL, WRITING_TOP = (0.56, 0.32), 3.1


def make_generation(figure, data):
    """One column for each letter: what is read, p_t, what is chosen; dashed, the way back of what was written."""
    axes = board(figure)
    (wide, high), top, pitch, left = WRITING_CELL, WRITING_TOP, 0.92, 1.15
    reads, state, writes = 0.36, 1.18, 3.84
    for y, words in ((reads, "reads"), (state, "$h_t$"), (top - 2 * high, "$p_t$"), (writes, "writes")):
        write(axes, 0.12, y, words, size=12, ha="left")
    for row, char in enumerate(LETTERS):
        write(axes, left - 0.16, top - (row + 0.5) * high, char, size=13, va="center_baseline")
    artists = {name: [] for name in ("reads", "p", "chosen", "writes", "parts", "back")}
    for t in range(MOST):
        x = left + t * pitch
        middle, gap = x + wide / 2, x + wide + 0.18
        artists["reads"].append(write(axes, middle, reads, "", size=17, color=style.colour("input")))
        artists["p"].append(Numbers(axes, x, top, (4,), "output", (wide, high)))
        artists["chosen"].append(frame(axes, x, top - high, wide, high))
        artists["writes"].append(write(axes, middle, writes, "", size=17, fontweight="bold"))
        artists["parts"].append(
            [
                box(axes, x, state - 0.17, wide, 0.34, "hidden"),
                arrow(axes, (middle, reads + 0.2), (middle, state - 0.19), "input"),
                arrow(axes, (middle, state + 0.19), (middle, top - 4 * high - 0.03), "output"),
                arrow(axes, (middle, top + 0.05), (middle, writes - 0.22), "output"),
                *([arrow(axes, (x - pitch + wide, state), (x, state), "hidden")] if t else []),
            ]
        )
        if t + 1 < MOST:
            (way,) = axes.plot(
                [middle + 0.16, gap, gap, x + pitch + 0.12], [writes, writes, reads, reads],
                color=style.GREY, linestyle="--", linewidth=1.6, zorder=1,
            )  # fmt: skip
            artists["back"].append(way)
    return artists


def update_generation(artists, data):
    """The columns of the letters written so far; the frame around the chosen letter's probability."""
    n = len(data.ids)
    high, top = WRITING_CELL[1], WRITING_TOP
    for t in range(MOST):
        on = t < n
        artists["reads"][t].set(text=LETTERS[data.reads[t]] if on else "")
        wrong = on and not data.own and data.ids[t] != data.due[t]
        artists["writes"][t].set(text=LETTERS[data.ids[t]] if on else "", color=style.VERMILION if wrong else style.INK)
        artists["p"][t].set(data.probs[min(t, n - 1)], visible=on)
        artists["chosen"][t].set(visible=on, y=top - (data.ids[min(t, n - 1)] + 1) * high)
        for part in artists["parts"][t]:
            part.set_visible(on)
    for t, way in enumerate(artists["back"]):
        way.set_visible(data.own and t + 1 < n)


def say_generation(data):
    """What was written, and how often drawing would write "ello" after "h"."""
    return f"charlm.generation.caption.{'own' if data.own else 'true'}", {
        "start": LETTERS[data.reads[0]], "text": "".join(LETTERS[i] for i in data.ids), "tau": data.tau,
        "updates": data.updates, "chance": data.chance,
    }  # fmt: skip
