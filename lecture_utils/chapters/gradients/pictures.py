"""The pictures of chapter 4: how large a gradient is after many steps, and what follows for training.

For each picture: make(figure, data) -> artists, update(artists, data), say(data) -> (key of its caption, numbers).
Sizes are drawn as log10 on an axis labelled in powers of ten; where a curve leaves the axes a triangle stands at the edge.
"""

import math

import matplotlib
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lecture_utils.drawing import style
from lecture_utils.drawing.chart import OUTLINE, Trail, edge_mark, note, powers, size


def trail(axes, quantity, label=None, marks=10, **look):
    return list(Trail(axes, quantity, label, marks, **look))


def set_trail(pair, xs, logs):
    made = Trail.__new__(Trail)
    made.curve, made.edge = pair
    made.set(xs, logs)


SMALL, LARGE = -3.0, 3.0  # log10: below it "vanishes", above it "explodes" in the captions


# ---- sizes
def verdict(log10):
    """Which caption a gradient of this size gets: zero, vanishes, explodes or between."""
    if log10 == -math.inf:
        return "zero"
    return "vanishes" if log10 < SMALL else "explodes" if log10 > LARGE else "between"


# ---- three steps of the deck's toy: guess first (4.3)
def make_first_guess(figure, data):
    """Left the three steps on the curve of tanh with their slopes, right dh_3/dh_1 as a fall or climb, factor by factor."""
    curve, fall = figure.subplots(1, 2, width_ratios=(1, 1.15))
    grid = np.linspace(-11, 11, 441)
    curve.plot(grid, np.tanh(grid), color=style.GREY)
    curve.set(xlim=(-11, 11), ylim=(-1.9, 1.9), xlabel="$a_t$", ylabel=r"$h_t = \tanh(a_t)$")
    artists = {"slopes": [], "names": [], "values": []}
    (artists["points"],) = curve.plot([], [], **style.line("hidden") | {"linestyle": "none"})
    for _ in range(3):
        artists["slopes"] += curve.plot([], [], color=style.colour("derivative"), linewidth=3)
        artists["names"].append(note(curve, ha="center", va="center"))
        artists["values"].append(note(curve, ha="right", va="center"))
    powers(fall, -18, 4, 3)
    names = (r"$\phi'(a_3)$", "$w_{hh}$", r"$\phi'(a_2)$", "$w_{hh}$", "product")
    fall.set(xlim=(-0.6, 4.6), ylabel=r"$\partial h_3/\partial h_1$ so far")
    fall.set_xticks(range(5), names)
    colours = [style.colour(name) for name in ("derivative", "weight", "derivative", "weight", "gradient")]
    artists["bars"] = fall.bar(range(5), np.zeros(5), color=colours, width=0.7)
    artists["sizes"] = [note(fall, ha="center") for _ in range(5)]
    return artists


def update_first_guess(artists, data):
    """The points and slopes; the bars, each beginning where the one before ended."""
    a, h = data.toy.a, data.toy.h[1:]
    artists["points"].set_data(a, h)
    for t in range(3):
        slope = data.slopes[t]
        reach = 1.6 / math.hypot(1, 4 * slope)
        artists["slopes"][t].set_data([a[t] - reach, a[t] + reach], [h[t] - slope * reach, h[t] + slope * reach])
        artists["names"][t].set_text(f"$a_{t + 1}$")
        artists["names"][t].set_position((a[t], h[t] + (0.23 if h[t] >= 0 else -0.23) * (t + 1)))
        artists["values"][t].set_text(rf"$\phi'(a_{t + 1}) =$ {size(data.toy.log10_derivative[t], 2)}")
        artists["values"][t].set_position((10.6, -0.45 - 0.4 * t))
    start = 0.0
    for n, (bar, log) in enumerate(zip(artists["bars"], [*data.logs, sum(data.logs)], strict=True)):
        bottom = 0.0 if n == 4 else start
        bar.set_y(bottom)
        bar.set_height(log)
        start += log
        top = bottom + log
        artists["sizes"][n].set_text(("" if n == 4 else "×") + size(log, 2))
        artists["sizes"][n].set_position((n, top + (0.25 if log >= 0 else -0.25)))
        artists["sizes"][n].set_va("bottom" if log >= 0 else "top")


def say_first_guess(data):
    """dh_3/dh_1 with its four factors, and what the weights alone would give."""
    key = "grows" if data.gradient > 1 else "falls"
    return f"gradients.first_guess.caption.{key}", {
        "gradient": data.gradient, "log10": sum(data.logs), "slope_3": data.slopes[2], "slope_2": data.slopes[1],
        "w": data.toy.w_hh, "weights": data.toy.w_hh**2,
    }  # fmt: skip


# ---- a geometric sequence (4.1)
POWERS = 100  # factors that fit the axis


def make_geometric(figure, data):
    """w^n for n = 0..100, left as it is, right on a log axis, where it is a straight line."""
    plain, log = figure.subplots(1, 2)
    plain.set(xlim=(0, POWERS), ylim=(-3, 3), xlabel="n  (factors)", ylabel="$w^n$")
    plain.axhline(0, color=style.INK, linewidth=1.2)
    log.set(xlim=(0, POWERS), xlabel="n  (factors)", ylabel="$|w^n|$")
    powers(log, -12, 12, 4)
    artists = {}
    artists["plain"], artists["plain_edge"] = trail(plain, "weight")
    artists["log"], artists["log_edge"] = trail(log, "weight")
    ring = {"color": style.INK, "marker": "o", "markersize": 11, "fillstyle": "none", "linestyle": "none", "zorder": 6}
    (artists["here"],) = plain.plot([], [], **ring)
    (artists["here_log"],) = log.plot([], [], **ring)
    return artists


def update_geometric(artists, data):
    """Both curves; a ring at n."""
    ns = np.arange(POWERS + 1)
    for name, values, ring in (("plain", data.powers, "here"), ("log", data.logs, "here_log")):
        set_trail([artists[name], artists[name + "_edge"]], ns[::-1], values[::-1])
        artists[ring].set_data([data.n], [values[data.n] if np.isfinite(values[data.n]) else np.nan])


def say_geometric(data):
    """w^n, and after how many factors it has changed tenfold."""
    step = data.logs[1]
    key = "zero" if step == -math.inf else "one" if step == 0 else "shrinks" if step < 0 else "grows"
    numbers = {"w": data.w, "n": data.n, "power": data.powers[data.n]}
    if key in ("shrinks", "grows"):
        numbers["tenfold"] = 1 / abs(step)
    return f"gradients.geometric.caption.{key}", numbers


# ---- the main picture: factor by factor (4.2)
def make_flow(figure, data):
    """Above |dh_T/dh_t| and its two parts, below the two factors of each step; both on log axes."""
    whole, steps = figure.subplots(2, 1, sharex=True, height_ratios=(2.1, 1))
    powers(whole, -16, 8, 4)
    margin = 0.02 * data.T
    whole.set(xlim=(1 - margin, data.T + margin), ylabel="size")
    powers(steps, -8, 8, 4)
    steps.set(xlabel="t", ylabel="factors")
    steps.xaxis.set_major_locator(MaxNLocator(integer=True))
    marks = max(1, data.T // 10)
    artists = {}
    for name, quantity, label in (
        ("weight", "weight", r"weights: $|w_{hh}|^{T-t}$"),
        ("derivative", "derivative", r"derivatives: $\prod \phi'(a_n)$"),
        ("total", "gradient", r"$|\partial h_T/\partial h_t|$"),
    ):
        artists[name], artists[name + "_edge"] = trail(whole, quantity, label, marks)
    figure.legend(*whole.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    look = {"linestyle": "none"} if data.T <= 60 else {"marker": "None"}
    for name, quantity in (("step_weight", "weight"), ("step_derivative", "derivative")):
        artists[name], artists[name + "_edge"] = trail(steps, quantity, marks=1, **look)
    artists["off"] = edge_mark(steps, style.colour("derivative"), marker="v", markersize=8)
    return artists


def update_flow(artists, data):
    """All curves; steps whose derivative is exactly 0 stand as triangles on the floor."""
    toy = data.toy
    ts, states = np.arange(1, data.T + 1), np.arange(1, data.T + 1)

    def set_pair(name, xs, logs):
        set_trail([artists[name], artists[name + "_edge"]], xs, logs)

    for name, logs in (("total", toy.log10_gradient), ("weight", data.weight), ("derivative", data.derivative)):
        set_pair(name, states, logs[1:])
    set_pair("step_weight", ts[1:], toy.log10_weight[1:])
    set_pair("step_derivative", ts[1:], toy.log10_derivative[1:])
    zero = ts[1:][np.isneginf(toy.log10_derivative[1:])]
    artists["off"].set_data(zero, np.full(len(zero), artists["off"].axes.get_ylim()[0]))


def say_flow(data):
    """|dh_T/dh_1|, its two parts, and what became of the forward pass."""
    toy = data.toy
    log10 = toy.log10_gradient[1]
    kind = verdict(log10)
    if toy.overflow is not None:
        kind = "overflow"
    elif kind == "zero":
        kind = "no_weight" if toy.w_hh == 0 else "off"
    numbers = {
        "T": data.T, "n": data.T - 1, "log10": log10, "gradient": size(log10), "weight": size(data.weight[1]),
        "derivative": size(data.derivative[1]),
    }  # fmt: skip
    if kind == "overflow":
        numbers["step"] = toy.overflow
    if kind == "off":
        numbers["step"] = int(np.flatnonzero(np.isneginf(toy.log10_derivative))[-1]) + 1
    return f"gradients.flow.caption.{kind}", numbers


# ---- the time machine: all pairs (t, s)
DEEP = 8.0  # log10: darker than this nothing gets


def _log_image(axes, values, extent):
    """A heat map of log10 sizes: blue vanishes, white is 1, red explodes, grey is exactly 0; with its scale."""
    colours = matplotlib.colormaps[style.DIVERGING].with_extremes(bad="#BDBDBD")
    image = axes.imshow(
        values, origin="lower", aspect="auto", extent=extent, cmap=colours, norm=Normalize(-DEEP, DEEP),
        interpolation="nearest",
    )  # fmt: skip
    ticks = FuncFormatter(lambda value, _: f"$10^{{{value:.0f}}}$")
    axes.figure.colorbar(
        image, ax=axes, format=ticks, ticks=(-8, -4, 0, 4, 8), extend="both", pad=0.03, use_gridspec=False
    )
    axes.grid(False)
    return image


def _shades(logs):
    return np.ma.masked_invalid(logs)


def make_time_machine(figure, data):
    """Left the triangle of all dh_t/dh_s with the way from t back to s, right the factors met on that way."""
    triangle, way = figure.subplots(1, 2, width_ratios=(1.15, 1))
    T = data.T
    artists = {"image": _log_image(triangle, np.zeros((T + 1, T + 1)), (-0.5, T + 0.5, -0.5, T + 0.5))}
    triangle.set(
        xlabel="s  (state at the start)",
        ylabel="t  (state at the end)",
        title=r"$|\partial h_t/\partial h_s|$   (grey: 0)",
    )
    for axis in (triangle.xaxis, triangle.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    (artists["way"],) = triangle.plot([], [], color=style.INK, linewidth=2.5, path_effects=OUTLINE)
    frame = Rectangle((0, 0), 1, 1, fill=False, edgecolor=style.INK, linewidth=2.5, zorder=5, path_effects=OUTLINE)
    artists["cell"] = triangle.add_patch(frame)
    powers(way, -12, 8, 4)
    way.set(xlim=(T + 0.6, 0.4), xlabel="n  (steps met, from t back)", title="factors and product")
    way.xaxis.set_major_locator(MaxNLocator(integer=True))
    steps = np.arange(1, T + 1)
    artists["derivatives"] = way.bar(steps, np.zeros(T), 0.8, color=style.colour("derivative"), label=r"$\phi'(a_n)$")
    artists["weights"] = way.bar(steps, np.zeros(T), 0.8, color=style.colour("weight"), label="$w_{hh}$")
    artists["product"], artists["edge"] = trail(way, "gradient", "product", marks=max(1, T // 20))
    way.legend(loc="upper left")
    return artists


def update_time_machine(artists, data):
    """The triangle, the way along row t, its bars and the running product."""
    artists["image"].set_data(_shades(data.logs))
    artists["way"].set_data([data.s, data.t], [data.t, data.t])
    artists["cell"].set_xy((data.s - 0.5, data.t - 0.5))
    on = (np.arange(1, data.T + 1) > data.s) & (np.arange(1, data.T + 1) <= data.t)
    low, high = artists["product"].axes.get_ylim()
    for name, logs in (("derivatives", data.toy.log10_derivative), ("weights", data.toy.log10_weight)):
        for bar, height, shown in zip(artists[name], np.clip(logs, low, high), on, strict=True):
            bar.set_height(height if shown else 0)
    steps = np.arange(data.s + 1, data.t + 1)
    set_trail([artists["product"], artists["edge"]], steps, data.logs[data.t, data.s : data.t])


def say_time_machine(data):
    """|dh_t/dh_s|, and the two parts it is made of."""
    log10 = data.logs[data.t, data.s]
    steps = slice(data.s, data.t)
    kind = "same" if data.s == data.t else "zero" if log10 == -math.inf else "product"
    numbers = {"t": data.t, "s": data.s, "n": data.t - data.s, "log10": log10, "gradient": size(log10),
               "share": 100 * data.share}  # fmt: skip
    if kind != "same":
        numbers["weight"] = size(data.toy.log10_weight[steps].sum())
        numbers["derivative"] = size(data.toy.log10_derivative[steps].sum())
    return f"gradients.time_machine.caption.{kind}", numbers


# ---- vectors: singular values, eigenvalues, and the product itself (4.2)
def make_matrices(figure, data):
    """Left sizes after n steps: what is measured, sigma_max^n and |lambda|max^n; right the spectrum of W_hh."""
    sizes, spectrum = figure.subplots(1, 2, width_ratios=(1.6, 1))
    powers(sizes, -10, 8, 2)
    sizes.set(
        xlim=(-0.02 * data.T, 1.02 * data.T), xlabel="n = T - s  (steps)", ylabel=r"size of $\partial h_T/\partial h_s$"
    )
    artists = {}
    artists["bound"], artists["bound_edge"] = trail(sizes, "weight", r"$\sigma_{max}^{\,n}$", marks=max(1, data.T // 8))
    artists["radius"], artists["radius_edge"] = trail(
        sizes, "target", r"$|\lambda|_{max}^{\,n}$", marks=max(1, data.T // 8)
    )
    artists["rms"], artists["rms_edge"] = trail(sizes, "gradient", "rms singular value", marks=[])
    (artists["singular"],) = sizes.plot(
        [], [], color=style.colour("gradient"), marker="_", markersize=12, linestyle="none", label="singular values"
    )
    figure.legend(*sizes.get_legend_handles_labels(), loc="outside upper center", ncols=4, columnspacing=1.0)
    spectrum.set(xlim=(-0.02, 1.02), ylim=(0, 4), title="$W_{hh}$")
    spectrum.set_xticks((0, 1), ("largest", "smallest"))
    for label, where in zip(spectrum.get_xticklabels(), ("left", "right"), strict=True):
        label.set_ha(where)
    spectrum.axhline(1, color=style.INK, linewidth=1.2)
    (artists["sigma"],) = spectrum.plot([], [], **style.line("weight"), label=r"$\sigma_i$")
    (artists["lambda"],) = spectrum.plot([], [], **style.line("target"), label=r"$|\lambda_i|$")
    artists["above"] = edge_mark(spectrum, style.colour("weight"), marker="^")
    spectrum.legend(loc="upper right")
    return artists


def update_matrices(artists, data):
    """All curves; singular values of the product at a few spans; the spectrum, with a triangle if it leaves the axes."""
    n = np.arange(data.T + 1)
    for name, logs in (("bound", n * data.log10_sigma), ("radius", n * data.log10_radius), ("rms", data.log10_rms)):
        set_trail([artists[name], artists[name + "_edge"]], n[::-1], np.asarray(logs)[::-1])
    values = data.log10_singular
    artists["singular"].set_data(
        np.repeat(data.spans, values.shape[1]), np.where(np.isfinite(values), values, np.nan).ravel()
    )
    places = np.linspace(0, 1, len(data.sigmas))
    artists["sigma"].set_data(places, data.sigmas)
    artists["lambda"].set_data(places, data.lambdas)
    above = places[data.sigmas > 4]
    artists["above"].set_data(above, np.full(len(above), 4.0))


def say_matrices(data):
    """sigma_max, |lambda|max and the norm of the whole product."""
    norm = data.log10_singular[-1, 0]
    kind = verdict(norm)
    if kind == "vanishes" and data.sigmas[0] * data.largest_slope > 1:
        kind = "vanishes_above"
    if kind != "explodes" and data.log10_rms.max() > 0.1:
        kind = "hump"
    return f"gradients.matrices.caption.{kind}", {
        "sigma": data.sigmas[0], "radius": data.lambdas[0], "T": data.T, "H": len(data.sigmas), "log10": norm,
        "norm": size(norm), "slope": data.mean_slope, "hump": size(data.log10_rms.max()), "at": int(data.log10_rms.argmax()),
    }  # fmt: skip


# ---- the map of regimes (4.3)
def make_regimes(figure, data):
    """|dh_T/dh_1| over (w_hh, b); a ring at the chosen pair."""
    axes = figure.subplots()
    w, b = data.w_values, data.b_values
    half_w, half_b = (w[1] - w[0]) / 2, (b[1] - b[0]) / 2
    extent = (w[0] - half_w, w[-1] + half_w, b[0] - half_b, b[-1] + half_b)
    artists = {"image": _log_image(axes, data.logs, extent)}
    axes.set(
        xlabel="$w_{hh}$",
        ylabel="b",
        title=r"$|\partial h_T/\partial h_1|$   (grey: 0)",
    )
    (artists["here"],) = axes.plot(
        [], [], marker="o", markersize=13, fillstyle="none", color=style.INK, markeredgewidth=2.5, path_effects=OUTLINE
    )
    return artists


def update_regimes(artists, data):
    """The map and the ring."""
    artists["image"].set_data(_shades(data.logs))
    artists["here"].set_data([data.w_hh], [data.b])


def say_regimes(data):
    """The gradient at the ring, and how much of the map vanishes or explodes."""
    return f"gradients.regimes.caption.{verdict(data.log10)}", {
        "T": data.T, "w": data.w_hh, "b": data.b, "log10": data.log10, "gradient": size(data.log10),
        "vanishing": 100 * np.mean(data.logs < SMALL), "exploding": 100 * np.mean(data.logs > LARGE),
        "between": 100 * np.mean((data.logs >= SMALL) & (data.logs <= LARGE)),
    }  # fmt: skip


# ---- the cliff: gradient descent with and without clipping (4.3)
WALKERS = {"plain": (style.VERMILION, "v", "no clipping"), "clipped": (style.GREEN, "s", "clipped")}


def make_cliff(figure, data):
    """Left the loss over (w_hh, b) with both walks, right the loss and the norm of the gradient, step by step."""
    grid = figure.subplot_mosaic([["map", "loss"], ["map", "norm"]], width_ratios=(1.25, 1))
    surface, loss, norm = grid["map"], grid["loss"], grid["norm"]
    w, b = data.w_values, data.b_values
    artists = {}
    artists["image"] = surface.imshow(
        data.surface, origin="lower", aspect="auto", extent=(w[0], w[-1], b[0], b[-1]), cmap=style.SEQUENTIAL,
        norm=Normalize(0, 2.3), interpolation="bilinear",
    )  # fmt: skip
    figure.colorbar(artists["image"], ax=surface, label="loss", extend="max", pad=0.02, use_gridspec=False)
    surface.grid(False)
    surface.set(xlabel="$w_{hh}$", ylabel="b", xlim=(w[0], w[-1]), ylim=(b[0], b[-1]))
    loss.set(xlim=(0, data.budget), ylim=(-0.08, 2.5), ylabel="loss")
    loss.tick_params(labelbottom=False)
    powers(norm, -9, 4, 3)
    norm.set(xlim=(0, data.budget), xlabel="updates", ylabel=r"$\|$gradient$\|$")
    (artists["limit"],) = norm.plot([], [], color=style.INK, linestyle=":")
    for name, (colour, mark, label) in WALKERS.items():
        look = {"color": colour, "marker": mark, "linestyle": "-" if name == "clipped" else "--"}
        artists[name] = {
            "path": surface.plot(
                [], [], **look, linewidth=1.8, markevery=[], label=label, path_effects=OUTLINE, zorder=4
            ),
            "end": edge_mark(surface, colour, marker=mark, markersize=13, markeredgecolor=style.INK, zorder=6),
            "loss": loss.plot([], [], **look, markevery=15, markersize=6),
            "norm": trail(norm, "gradient", marks=15, markersize=6, **look),
        }
    figure.legend(*surface.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return artists


def update_cliff(artists, data):
    """Both walks up to the shown frame; a walker that has left the map stands at its edge."""
    artists["image"].set_data(data.surface)
    artists["limit"].set_data([0, data.budget], [math.log10(data.limit)] * 2)
    w, b = data.w_values, data.b_values
    for name, walk in zip(WALKERS, (data.plain, data.clipped), strict=True):
        parts = artists[name]
        parts["path"][0].set_data(walk.w, walk.b)
        parts["end"].set_data([np.clip(walk.w[-1], w[0], w[-1])], [np.clip(walk.b[-1], b[0], b[-1])])
        steps = np.arange(len(walk.loss))
        parts["loss"][0].set_data(steps, walk.loss)
        set_trail(parts["norm"], steps[::-1], walk.log10_norm[::-1])


def say_cliff(data):
    """Both losses, both places, and the steepest gradient met."""
    plain, clipped = data.plain, data.clipped
    if data.step == 0:
        key = "start"
    elif max(plain.loss[-1], clipped.loss[-1]) > 0.05 and max(*plain.log10_norm, *clipped.log10_norm) < SMALL:
        key = "plateau"
    else:
        key = "walk"
    return f"gradients.cliff.caption.{key}", {
        "step": data.step, "loss": plain.loss[-1], "clipped": clipped.loss[-1], "w": plain.w[-1], "b": plain.b[-1],
        "norm": 10.0 ** max(plain.log10_norm), "w_clipped": clipped.w[-1], "b_clipped": clipped.b[-1], "limit": data.limit,
        "start_norm": 10.0 ** plain.log10_norm[0],
    }  # fmt: skip


# ---- the forward side (4.5)
def make_forward_side(figure, data):
    """Left |change of h_t| after a small change of x_1, right |dh_T/dh_t|: the same factors, met in the other order."""
    ahead, back = figure.subplots(1, 2)
    powers(ahead, -18, 4, 3)
    ahead.set(xlim=(1, data.T), xlabel="t", ylabel=r"$|\Delta h_t|$", title="forward, from step 1")
    powers(back, -18, 4, 3)
    back.set(xlim=(1, data.T), xlabel="t", ylabel=r"$|\partial h_T/\partial h_t|$  (rms)")
    back.set_title("backward, from step T")
    artists = {}
    artists["linear"], artists["linear_edge"] = trail(
        ahead, "derivative", "derivative × change", marks=max(1, data.T // 10)
    )
    artists["measured"], artists["measured_edge"] = trail(
        ahead, "hidden", "measured", marks=max(1, data.T // 12), linestyle=":"
    )
    figure.legend(*ahead.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    artists["back"], artists["back_edge"] = trail(back, "gradient", marks=max(1, data.T // 10))
    return artists


def update_forward_side(artists, data):
    """The curves."""
    ts = np.arange(1, data.T + 1)
    for name, logs in (("linear", data.log10_linear), ("measured", data.log10_measured)):
        set_trail([artists[name], artists[name + "_edge"]], ts[::-1], logs[::-1])
    set_trail([artists["back"], artists["back_edge"]], ts, data.log10_back[1:])


def say_forward_side(data):
    """The change at step 1 and at step T, measured and predicted by the derivative."""
    first, last, linear = data.log10_measured[0], data.log10_measured[-1], data.log10_linear[-1]
    if last == -math.inf:
        kind = "gone"
    elif linear > 0 and last < linear - 0.5:
        kind = "saturated"
    else:
        kind = "fades" if last < first else "grows"
    return f"gradients.forward_side.caption.{kind}", {
        "T": data.T, "change": 10.0**data.exponent, "first": size(first), "last": size(last), "linear": size(linear),
        "log10": linear, "log10_first": first, "back": size(data.log10_back[1]), "log10_back": data.log10_back[1],
    }  # fmt: skip


# ---- the adding problem, live (4.4)
STROKES = ("-", "--", ":")


def make_adding(figure, data):
    """Left the error on fresh sequences over the updates, right how far back the gradient reaches; one curve per seed."""
    error, reach = figure.subplots(1, 2)
    powers(error, -3, 1, 1)
    error.set(xlim=(0, data.updates), xlabel="updates", ylabel="mean squared error")
    error.xaxis.set_major_locator(MaxNLocator(4))
    for level, label in ((data.chance, "always say 1"), (data.goal, "solved")):
        error.axhline(math.log10(level), color=style.INK, linestyle=":", linewidth=1.8)
        error.annotate(
            label, (data.updates, math.log10(level)), xytext=(-2, 4), textcoords="offset points", ha="right",
            fontsize=style.text_size(11),
        )  # fmt: skip
    powers(reach, -12, 3, 3)
    reach.set(xlim=(1, data.T), xlabel="t", ylabel=r"$|\partial h_T/\partial h_t|$  (rms)")
    reach.xaxis.set_major_locator(MaxNLocator(integer=True))
    artists = {"errors": [], "now": [], "reach": []}
    for n, stroke in zip(range(len(data.errors[0])), STROKES, strict=False):
        look = style.line("rnn") | {"linestyle": stroke, "marker": "None"}
        artists["errors"] += error.plot([], [], **look, label=f"seed {data.seed + n}")
        artists["now"] += error.plot([], [], **style.line("rnn") | {"linestyle": "none"})
        artists["reach"].append(trail(reach, "gradient", linestyle=stroke, marker="None"))
    error.legend(loc="lower left")
    return artists


def update_adding(artists, data):
    """The curves up to the newest frame; a mark and the reach of the gradient at the shown one."""
    low, high = artists["errors"][0].axes.get_ylim()
    logs = np.clip(np.log10(data.errors), low, high)
    for n, curve in enumerate(artists["errors"]):
        curve.set_data(data.steps, logs[:, n])
        artists["now"][n].set_data([data.step], [logs[data.frame, n]])
        set_trail(artists["reach"][n], np.arange(1, data.T + 1), data.log10_reach[n][1:])


def say_adding(data):
    """The error of the first seed, how many seeds have solved the task, and how far the gradient reaches."""
    errors = data.errors[data.frame]
    solved = int(np.sum(errors < data.goal))
    kind = "start" if data.step == 0 else "all" if solved == len(errors) else "some"
    return f"gradients.adding.caption.{kind}", {
        "T": data.T, "step": data.step, "error": errors[0], "solved": solved, "seeds": len(errors), "goal": data.goal,
        "chance": data.chance, "reach": size(data.log10_reach[0][1]), "budget": data.updates,
    }  # fmt: skip
