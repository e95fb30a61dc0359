"""The explorers of chapter 4: from a geometric sequence to the factors of a gradient, to what they do to training.

Sizes are drawn as log10 on an axis labelled in powers of ten; where a curve leaves the axes a triangle stands at the edge.
"""

import math
from functools import cache, lru_cache

import matplotlib
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lecture_utils import descent, gradients, race, rnn, tasks
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import OUTLINE, Trail, curve, edge_mark, ghosted, powers, ring, size, write
from lecture_utils.widgets.engine import Choice, Slider, explorer

W_XH = 2.0  # the deck's toy: w_xh = 2, w_hh = 3, b = 1
SMALL, LARGE = -3.0, 3.0  # log10: below it "vanishes", above it "explodes" in the captions


def _finite(values):
    return np.where(np.isfinite(values), values, np.nan)


def _steps(values, every=1, first=1):
    """What a Trail shows: the values of steps first, first + 1, ..., a mark at every so many."""
    return np.arange(first, first + len(values)), values, max(1, every)


def _back(values, every=1, first=0):
    """The same from the last step back."""
    xs, values, marks = _steps(values, every, first)
    return xs[::-1], values[::-1], marks


def verdict(log10):
    """Which caption a gradient of this size gets: zero, vanishes, explodes or between."""
    if log10 == -math.inf:
        return "zero"
    return "vanishes" if log10 < SMALL else "explodes" if log10 > LARGE else "between"


# ---- three steps of the deck's toy: guess first (4.3)
def compute_first_guess(w_hh, x, b):
    """Three steps with the same input x, from h_0 = 0: slopes phi'(a_t) (3,), log10 of dh_3/dh_1's factors and product."""
    toy = gradients.toy([x] * 3, W_XH, w_hh, b)
    logs = [toy.log10_derivative[2], toy.log10_weight[2], toy.log10_derivative[1], toy.log10_weight[1]]
    slopes = 10.0**toy.log10_derivative
    return {"toy": toy, "slopes": slopes, "slope_3": slopes[2], "slope_2": slopes[1], "weights": w_hh**2,
            "bottoms": [0.0, *np.cumsum(logs[:3]), 0.0], "heights": [*logs, sum(logs)],
            "gradient": gradients.product(gradients.state_path(toy, 1))}  # fmt: skip


def draw_first_guess(figure, d):
    """Left the three steps on the curve of tanh with their slopes, right dh_3/dh_1 as a fall or climb, factor by factor."""
    tanh, fall = figure.subplots(1, 2, width_ratios=(1, 1.15))
    grid = np.linspace(-11, 11, 441)
    tanh.plot(grid, np.tanh(grid), color=style.GREY)
    tanh.set(xlim=(-11, 11), ylim=(-1.9, 1.9), xlabel="$a_t$", ylabel=r"$h_t = \tanh(a_t)$")
    small = {"size": 11, "path_effects": OUTLINE}

    def tangent(d, n):
        reach = np.array([-1.6, 1.6]) / math.hypot(1, 4 * d.slopes[n])
        return d.toy.a[n] + reach, d.toy.h[n + 1] + d.slopes[n] * reach

    def name(d, n):
        a, h = d.toy.a[n], d.toy.h[n + 1]
        return {"text": f"$a_{n + 1}$", "position": (a, h + (0.23 if h >= 0 else -0.23) * (n + 1))}

    def factor(d, n):
        height, above = d.heights[n], d.heights[n] >= 0
        top, va = d.bottoms[n] + height + (0.25 if above else -0.25), "bottom" if above else "top"
        return {"text": ("" if n == 4 else "×") + size(height, 2), "position": (n, top), "va": va}

    for n in range(3):
        (slope,) = tanh.plot([], [], color=style.colour("derivative"), linewidth=3)
        yield slope, lambda d, n=n: tangent(d, n)
        yield write(tanh, 0, 0, "", **small), lambda d, n=n: name(d, n)
        write(tanh, 6.2, -0.45 - 0.4 * n, rf"$\phi'(a_{n + 1}) =$", **small, ha="right")
        yield (
            write(tanh, 6.4, -0.45 - 0.4 * n, "", **small, ha="left"),
            lambda d, n=n: size(d.toy.log10_derivative[n], 2),
        )
    yield curve(tanh, "hidden", linestyle="none"), lambda d: (d.toy.a, d.toy.h[1:])
    powers(fall, -18, 4, 3)
    fall.set(xlim=(-0.6, 4.6), ylabel=r"$\partial h_3/\partial h_1$ so far")
    fall.set_xticks(range(5), (r"$\phi'(a_3)$", "$w_{hh}$", r"$\phi'(a_2)$", "$w_{hh}$", "product"))
    colours = [style.colour(name) for name in ("derivative", "weight", "derivative", "weight", "gradient")]
    yield fall.bar(range(5), 0, color=colours, width=0.7), lambda d: (d.bottoms, d.heights)
    for n in range(5):
        yield write(fall, 0, 0, "", **small), lambda d, n=n: factor(d, n)


def say_first_guess(d):
    """Whether the product grows; two weights of at most 1 leave no choice."""
    return "bounded" if d.w_hh <= 1 else "grows" if d.gradient > 1 else "falls"


first_guess = explorer(
    "gradients.first_guess", compute_first_guess, draw_first_guess,
    Slider("w_hh", 0.1, 4.0, 0.1, 3.0), Slider("x", -2.0, 2.0, 0.01, 1.0), Slider("b", -2.0, 2.0, 0.1, 1.0),
    line=lambda d: f"toy = gradients.toy([{d.x}] * 3, {W_XH}, {d.w_hh}, {d.b})\n"
                   "gradients.product(gradients.state_path(toy, 1))",
    say=say_first_guess, result="gradient", size=style.WIDE, guesses=("grows", "same", "vanishes"),
    presets={"deck": {}, "balanced": {"x": -0.5}, "nearly": {"x": -0.4}},
)  # fmt: skip


# ---- a geometric sequence (4.1)
POWERS = 100  # factors that fit the axis


def compute_geometric(w, n):
    """The powers w^0 .. w^100, and log10 of their sizes."""
    logs, made = gradients.sums_after(np.full(POWERS, gradients.log10(w)))[::-1], w ** np.arange(POWERS + 1)
    return {"powers": made, "logs": logs, "power": float(made[n])}


def draw_geometric(figure, d):
    """w^n for n = 0..100, left as it is, right on a log axis, where it is a straight line; a ring at n."""
    plain, log = figure.subplots(1, 2)
    plain.set(xlim=(0, POWERS), ylim=(-3, 3), xlabel="n  (factors)", ylabel="$w^n$")
    plain.axhline(0, color=style.INK, linewidth=1.2)
    log.set(xlim=(0, POWERS), xlabel="n  (factors)", ylabel="$|w^n|$")
    powers(log, -12, 12, 4)
    for axes, name in ((plain, "powers"), (log, "logs")):
        yield ghosted(Trail(axes, "weight")), lambda d, name=name: _back(getattr(d, name), 10)
        yield ring(axes, zorder=6), lambda d, name=name: ([d.n], _finite(getattr(d, name)[[d.n]]))


def say_geometric(d):
    """After how many factors w^n has changed tenfold, if it changes and is not 0."""
    step = d.logs[1]
    if step in (0, -math.inf):
        return "one" if step == 0 else "zero"
    return "shrinks" if step < 0 else "grows", {"tenfold": 1 / abs(step)}


geometric = explorer(
    "gradients.geometric", compute_geometric, draw_geometric,
    Slider("w", -2.0, 2.0, 0.01, 0.9), Slider("n", 0, POWERS, 1, 50),
    line=lambda d: f"({d.w}) ** {d.n}", say=say_geometric, result="power", size=style.WIDE,
    presets={"above": {"w": 1.1}, "negative": {"w": -0.95}, "one": {"w": 1.0}},
)  # fmt: skip


# ---- the main picture: factor by factor (4.2)
SCALES = {"one": 1.0, "thousand": 1e3, "million": 1e6}
FACTORS = (-8, 8)  # log10: the axis of a step's two factors
DECK = {"T": 20, "w_hh": 3.0, "b": 1.0, "signal": "constant", "x": 1.0}


def compute_flow(activation, T, w_hh, scale, b, w_xh, signal, x):
    """The scalar RNN on x times one of gradients.SIGNALS, from h_0 = 0; its recurrent weight is w_hh times one of the SCALES.

    `logs` holds log10 of dh_T/dh_s and its two parts for s = 0..T, (T + 1,) each; `off` the steps with derivative 0.
    """
    toy = gradients.toy(x * gradients.signal(signal, T), w_xh, w_hh * SCALES[scale], b, activation=activation)
    logs = {"weight": gradients.sums_after(toy.log10_weight), "derivative": gradients.sums_after(toy.log10_derivative),
            "gradient": toy.log10_gradient}  # fmt: skip
    written = {name: size(log[1]) for name, log in logs.items()}
    off = np.flatnonzero(np.isneginf(toy.log10_derivative)) + 1
    return {"toy": toy, "logs": logs, "off": off, "n": T - 1, "log10": toy.log10_gradient[1]} | written


def draw_flow(figure, d):
    """Above |dh_T/dh_t| and its two parts, below the two factors of each step; derivatives of 0 lie on the floor."""
    whole, steps = figure.subplots(2, 1, sharex=True, height_ratios=(2.1, 1))
    powers(whole, -16, 8, 4)
    whole.set(ylabel="size")
    powers(steps, *FACTORS, 4)
    steps.set(xlabel="t", ylabel="factors")
    steps.xaxis.set_major_locator(MaxNLocator(integer=True))
    yield whole, lambda d: {"xlim": (1 - 0.02 * d.T, 1.02 * d.T)}
    labels = {"weight": r"weights: $|w_{hh}|^{T-t}$", "derivative": r"derivatives: $\prod \phi'(a_n)$",
              "gradient": r"$|\partial h_T/\partial h_t|$"}  # fmt: skip
    for name, label in labels.items():
        yield ghosted(Trail(whole, name, label)), lambda d, name=name: _steps(d.logs[name][1:], d.T // 10)
    figure.legend(*whole.get_legend_handles_labels(), loc="outside upper center", ncols=3)

    def factors(d, name, dotted):  # up to 60 steps each factor is a mark
        return _steps(getattr(d.toy, f"log10_{name}")[1:] if (d.T <= 60) == dotted else [], first=2)

    for name in ("weight", "derivative"):
        for dotted, look in ((True, {"linestyle": "none"}), (False, {"marker": "None"})):
            yield Trail(steps, name, **look), lambda d, name=name, dotted=dotted: factors(d, name, dotted)
    floor = edge_mark(steps, style.colour("derivative"), marker="v", markersize=8)
    yield floor, lambda d: (d.off[d.off > 1], np.full(sum(d.off > 1), FACTORS[0]))


def say_flow(d):
    """What became of the gradient, or of the forward pass."""
    if d.toy.overflow is not None:
        return "overflow", {"step": d.toy.overflow}
    if d.log10 == -math.inf:
        return "no_weight" if d.toy.w_hh == 0 else ("off", {"step": d.off[-1]})
    return verdict(d.log10)


flow = explorer(
    "gradients.flow", compute_flow, draw_flow,
    Choice("activation", tuple(gradients.ACTIVATIONS), "tanh"), Slider("T", 2, 1000, 1, 30),
    Slider("w_hh", -8.0, 8.0, 0.05, 1.5), Choice("scale", tuple(SCALES), "one"),
    Slider("b", -3.0, 3.0, 0.05, 0.0), Slider("w_xh", -3.0, 3.0, 0.05, W_XH),
    Choice("signal", tuple(gradients.SIGNALS), "noise"), Slider("x", -3.0, 3.0, 0.001, 0.5),
    line=lambda d: f"xs = {d.x} * {gradients.SIGNALS[d.signal].format(T=d.T)}\ngradients.toy(xs, {d.w_xh}, "
                   f"{d.w_hh * SCALES[d.scale]}, {d.b}, activation={d.activation!r}).log10_gradient[1]",
    say=say_flow, result="log10", size=style.TALL,
    presets={"deck": DECK, "tanh_grows": DECK | {"x": -0.5},
             "relu_stops": {"activation": "relu", "w_hh": 0.9, "b": -0.2, "x": 1.0},
             "extreme": DECK | {"activation": "linear", "T": 1000, "w_hh": 1.0, "scale": "million"}},
)  # fmt: skip


# ---- the time machine: all pairs (t, s)
MACHINE_T = 40  # the longest
WAY = (-12, 8)  # log10: the axis of the factors met


def _log_image(axes, extent=None):
    """A heat map of log10 sizes: blue vanishes, white is 1, red explodes, grey is exactly 0; with its scale."""
    colours = matplotlib.colormaps[style.DIVERGING].with_extremes(bad="#BDBDBD")
    look = {"cmap": colours, "norm": Normalize(-8, 8), "interpolation": "nearest", "aspect": "auto"}
    image = axes.imshow(np.zeros((1, 1)), origin="lower", extent=extent, **look)
    scale = {"ticks": (-8, -4, 0, 4, 8), "format": FuncFormatter(lambda value, _: f"$10^{{{value:.0f}}}$")}
    axes.figure.colorbar(image, ax=axes, extend="both", pad=0.03, use_gridspec=False, **scale)
    axes.grid(False)
    return image


def compute_time_machine(T, t, s, w_hh, b, signal, x):
    """The toy on x times one of gradients.SIGNALS; `logs`, log10 |dh_t/dh_s|, is (T + 1, T + 1). s > t is read as s = t."""
    t, s = min(t, T), min(s, t, T)
    toy = gradients.toy(x * gradients.signal(signal, T), W_XH, w_hh, b)
    logs = gradients.toy_triangle(toy)
    below = logs[np.tril_indices(T + 1, -1)] < SMALL
    return {"t": t, "s": s, "n": t - s, "toy": toy, "logs": logs, "share": 100 * below.mean(), "log10": logs[t, s],
            "gradient": size(logs[t, s]), "weight": size(toy.log10_weight[s:t].sum()),
            "derivative": size(toy.log10_derivative[s:t].sum())}  # fmt: skip


def draw_time_machine(figure, d):
    """Left the triangle of all dh_t/dh_s with the way from t back to s, right the factors met on that way."""
    triangle, way = figure.subplots(1, 2, width_ratios=(1.15, 1))
    image = _log_image(triangle)
    triangle.set(xlabel="s  (state at the start)", ylabel="t  (state at the end)")
    triangle.set_title(r"$|\partial h_t/\partial h_s|$   (grey: 0)")
    yield triangle, lambda d: {"xlim": (-0.5, d.T + 0.5), "ylim": (-0.5, d.T + 0.5)}
    yield image, lambda d: {"data": np.ma.masked_invalid(d.logs), "extent": (-0.5, d.T + 0.5) * 2}
    look = {"linewidth": 2.5, "path_effects": OUTLINE}
    yield triangle.plot([], [], color=style.INK, **look)[0], lambda d: ([d.s, d.t], [d.t, d.t])
    frame = Rectangle((0, 0), 1, 1, fill=False, edgecolor=style.INK, zorder=5, **look)
    yield triangle.add_patch(frame), lambda d: {"xy": (d.s - 0.5, d.t - 0.5)}
    powers(way, *WAY, 4)
    way.set(xlabel="n  (steps met, from t back)", title="factors and product")
    yield way, lambda d: {"xlim": (d.T + 0.6, 0.4)}
    for axis in (triangle.xaxis, triangle.yaxis, way.xaxis):
        axis.set_major_locator(MaxNLocator(integer=True))

    edges = (np.arange(1, MACHINE_T + 1)[:, None] + (-0.4, 0.4)).ravel()  # all bars are one artist, nan between them

    def met(d, name):
        heights = np.full(2 * MACHINE_T - 1, np.nan)
        heights[2 * d.s : 2 * d.t : 2] = np.clip(getattr(d.toy, f"log10_{name}")[d.s : d.t], *WAY)
        return heights

    for name, label in (("derivative", r"$\phi'(a_n)$"), ("weight", "$w_{hh}$")):
        bars = way.stairs(np.zeros(2 * MACHINE_T - 1), edges, color=style.colour(name), fill=True, label=label)
        yield bars, lambda d, name=name: {"data": met(d, name)}
    product = Trail(way, "gradient", "product")
    yield product, lambda d: _steps(d.logs[d.t, d.s : d.t], d.T // 20, first=d.s + 1)
    way.legend(handles=[product.curve, *way.patches], loc="upper left")


time_machine = explorer(
    "gradients.time_machine", compute_time_machine, draw_time_machine,
    Slider("T", 3, MACHINE_T, 1, 20),
    Slider("t", 1, MACHINE_T, 1, 15, at_most="T"), Slider("s", 0, MACHINE_T, 1, 5, at_most="T"),
    Slider("w_hh", -4.0, 4.0, 0.05, 1.5), Slider("b", -2.0, 2.0, 0.05, 0.0),
    Choice("signal", tuple(gradients.SIGNALS), "noise"), Slider("x", -3.0, 3.0, 0.05, 1.0),
    line=lambda d: f"xs = ({d.x} * {gradients.SIGNALS[d.signal].format(T=d.T)})[:{d.t}]  # up to step t\n"
                   f"gradients.toy(xs, {W_XH}, {d.w_hh}, {d.b}).log10_gradient[{d.s}]",
    say=lambda d: "same" if d.s == d.t else "zero" if d.log10 == -math.inf else "product",
    result="log10", size=style.WIDE,
    presets={"deck": {"w_hh": 3.0, "b": 1.0, "signal": "constant"}, "neighbours": {"t": 6, "s": 5},
             "farthest": {"t": 20, "s": 0}, "pulse": {"signal": "pulse", "w_hh": 1.0}},
)  # fmt: skip


# ---- vectors: singular values, eigenvalues, and the product itself (4.2)
def compute_matrices(matrix, H, radius, nonnormality, drive, T, seed):
    """The products of the step Jacobians over the last n = 0..T steps, for inputs of size `drive`, beside W_hh's spectrum.

    With drive 0 the state stays 0, tanh' = 1, and they are powers of W_hh. log10_bound, log10_radius and log10_rms (T + 1,)
    are sigma_max^n, |lambda|max^n and the root of the mean squared singular value; log10_singular is (spans, H).
    """
    params, sigmas, lambdas = gradients.spectrum(matrix, H, radius, nonnormality, seed)
    trace = rnn.forward(params, drive * gradients.noise(T, seed))
    products = gradients.products(rnn.jacobians(params, trace)[:, 0])
    ns, spans = np.arange(T + 1), np.unique(np.linspace(0, T, 7).astype(int))
    singular = gradients.log10_singular_values(gradients.Products(*(part[T - spans] for part in products)))
    slopes, rms = 1 - trace.h**2, products.log10_rms[::-1]
    return {"sigmas": sigmas, "lambdas": lambdas, "sigma": sigmas[0], "spans": spans, "log10_singular": singular,
            "log10_bound": ns * gradients.log10(sigmas[0]), "log10_radius": ns * gradients.log10(lambdas[0]),
            "log10_rms": rms, "slope": slopes.mean(), "largest_slope": slopes.max(), "log10": singular[-1, 0],
            "norm": size(singular[-1, 0]), "hump": size(rms.max()), "at": rms.argmax()}  # fmt: skip


def draw_matrices(figure, d):
    """Left sizes after n steps: what is measured, sigma_max^n and |lambda|max^n; right the spectrum of W_hh."""
    (sizes, spectrum), top = figure.subplots(1, 2, width_ratios=(1.6, 1)), 4  # of the singular values that fit the axis
    powers(sizes, -10, 8, 2)
    sizes.set(xlabel="n = T - s  (steps)", ylabel=r"size of $\partial h_T/\partial h_s$")
    yield sizes, lambda d: {"xlim": (-0.02 * d.T, 1.02 * d.T)}
    yield ghosted(Trail(sizes, "weight", r"$\sigma_{max}^{\,n}$")), lambda d: _back(d.log10_bound, d.T // 8)
    yield Trail(sizes, "target", r"$|\lambda|_{max}^{\,n}$"), lambda d: _back(d.log10_radius, d.T // 8)
    yield ghosted(Trail(sizes, "gradient", "rms singular value", marks=[])), lambda d: _back(d.log10_rms)[:2]
    singular = curve(sizes, "gradient", "singular values", marker="_", markersize=12, linestyle="none")
    yield singular, lambda d: (np.repeat(d.spans, len(d.sigmas)), _finite(d.log10_singular).ravel())
    figure.legend(*sizes.get_legend_handles_labels(), loc="outside upper center", ncols=4, columnspacing=1.0)
    spectrum.set(xlim=(-0.02, 1.02), ylim=(0, top), title="$W_{hh}$")
    for tick, where in zip(spectrum.set_xticks((0, 1), ("largest", "smallest")), ("left", "right"), strict=True):
        tick.label1.set_ha(where)
    spectrum.axhline(1, color=style.INK, linewidth=1.2)
    yield curve(spectrum, "weight", r"$\sigma_i$"), lambda d: (np.linspace(0, 1, len(d.sigmas)), d.sigmas)
    yield curve(spectrum, "target", r"$|\lambda_i|$"), lambda d: (np.linspace(0, 1, len(d.lambdas)), d.lambdas)
    above = edge_mark(spectrum, style.colour("weight"), marker="^")
    yield above, lambda d: (np.linspace(0, 1, len(d.sigmas)), np.where(d.sigmas > top, top, np.nan))
    spectrum.legend(loc="upper right")


def say_matrices(d):
    """What became of the norm; H and the spectral radius are the matrix's own, since the example ignores the controls."""
    kind = verdict(d.log10)
    if kind == "vanishes" and d.sigma * d.largest_slope > 1:
        kind = "vanishes_above"
    if kind != "explodes" and d.log10_rms.max() > max(0.0, d.log10) + 0.1:
        kind = "hump"
    return kind, {"H": len(d.sigmas), "radius": d.lambdas[0]}


matrices = explorer(
    "gradients.matrices", compute_matrices, draw_matrices,
    Choice("matrix", ("random", "example"), "random"), Slider("radius", 0.05, 2.0, 0.05, 1.0),
    Slider("nonnormality", 0.0, 2.0, 0.1, 0.0), Slider("drive", 0.0, 3.0, 0.1, 0.0),
    Slider("H", 2, 64, 1, 16), Slider("T", 2, 100, 1, 50), Slider("seed", 0, 99, 1, 0),
    line=lambda d: f"params = gradients.network({d.matrix!r}, {d.H}, {d.radius}, {d.nonnormality}, {d.seed})\n"
                   f"trace = rnn.forward(params, {d.drive} * gradients.noise({d.T}, {d.seed}))\n"
                   "gradients.log10_singular_values(gradients.products(rnn.jacobians(params, trace)[:, 0]))[0, 0]",
    say=say_matrices, result="log10", size=style.WIDE,
    presets={"saturating": {"radius": 1.2, "drive": 1.0}, "hump": {"radius": 0.8, "nonnormality": 1.0},
             "example": {"matrix": "example"}},
)  # fmt: skip


# ---- the map of regimes (4.3)
W_GRID, B_GRID = np.linspace(-8, 8, 65), np.linspace(-4, 4, 41)


@lru_cache(maxsize=8)
def _regimes(activation, T, x):
    return gradients.constant_input(*np.meshgrid(W_GRID, W_XH * x + B_GRID), T, activation)


def compute_regimes(activation, T, x, w_hh, b):
    """For the constant input x the map of log10 |dh_T/dh_1|, `logs` (b, w), shares of it in percent, and the gradient at
    (w_hh, b)."""
    logs = _regimes(activation, T, x)
    kinds = {"vanishing": logs < SMALL, "exploding": logs > LARGE, "between": ~(logs < SMALL) & ~(logs > LARGE)}
    here = gradients.toy([x] * T, W_XH, w_hh, b, activation=activation).log10_gradient[1]
    shares = {kind: 100 * np.mean(part) for kind, part in kinds.items()}
    return {"logs": logs, "log10": here, "gradient": size(here)} | shares


def draw_regimes(figure, d):
    """|dh_T/dh_1| over (w_hh, b); a ring at the chosen pair."""
    axes = figure.subplots()
    half_w, half_b = (W_GRID[1] - W_GRID[0]) / 2, (B_GRID[1] - B_GRID[0]) / 2
    extent = (W_GRID[0] - half_w, W_GRID[-1] + half_w, B_GRID[0] - half_b, B_GRID[-1] + half_b)
    yield _log_image(axes, extent), lambda d: np.ma.masked_invalid(d.logs)
    axes.set(xlabel="$w_{hh}$", ylabel="b", title=r"$|\partial h_T/\partial h_1|$   (grey: 0)")
    yield ring(axes, markersize=13, markeredgewidth=2.5, path_effects=OUTLINE), lambda d: ([d.w_hh], [d.b])


regimes = explorer(
    "gradients.regimes", compute_regimes, draw_regimes,
    Choice("activation", tuple(gradients.ACTIVATIONS), "tanh"),
    Slider("T", 2, 100, 1, 20), Slider("x", -2.0, 2.0, 0.05, 0.0),
    Slider("w_hh", -8.0, 8.0, 0.1, 3.0), Slider("b", -4.0, 4.0, 0.1, 1.0),
    line=lambda d: f"toy = gradients.toy([{d.x}] * {d.T}, {W_XH}, {d.w_hh}, {d.b}, activation={d.activation!r})\n"
                   "toy.log10_gradient[1]",
    say=lambda d: verdict(d.log10), result="log10",
    presets={"long": {"T": 100}, "sigmoid": {"activation": "sigmoid", "w_hh": 6.0, "b": -3.0},
             "relu": {"activation": "relu", "w_hh": 1.0}, "linear": {"activation": "linear", "w_hh": 1.0}},
)  # fmt: skip


# ---- the cliff: gradient descent with and without clipping (4.3)
WALK = 60  # updates
W_RANGE, B_RANGE = (-1, 4), (-1.5, 1)


@cache
def _cliff_surface(T):
    """The loss over the map, (b, w)."""
    return descent.cliff_loss(*np.meshgrid(np.linspace(*W_RANGE, 101), np.linspace(*B_RANGE, 81)), T)


def compute_cliff(w_start, b_start, rate, clip, limit, T, film, frame):
    """Both walks up to the shown frame, plain and clipped: w_hh, b, loss, log10 of the gradient's norm, (4, frame + 1)."""
    walks = np.array(film[: frame + 1]).transpose(1, 2, 0)
    walks[:, 3] = gradients.log10(walks[:, 3])
    (w, b, loss), (w_clipped, b_clipped, clipped) = walks[:, :3, -1]
    return {"surface": _cliff_surface(T), "walks": walks, "w": w, "b": b, "loss": loss, "w_clipped": w_clipped,
            "b_clipped": b_clipped, "clipped": clipped, "norm": 10.0 ** walks[0, 3].max(),
            "start_norm": 10.0 ** walks[0, 3, 0]}  # fmt: skip


def draw_cliff(figure, d):
    """Left the loss over (w_hh, b) with both walks, held at its edge; right loss and norm of the gradient, step by step."""
    grid = figure.subplot_mosaic([["map", "loss"], ["map", "norm"]], width_ratios=(1.25, 1))
    surface, loss, norm = grid["map"], grid["loss"], grid["norm"]
    colours = matplotlib.colormaps[style.SEQUENTIAL].resampled(40)  # more make a larger picture, and look the same
    look = {"cmap": colours, "norm": Normalize(0, 2.3), "interpolation": "bilinear", "aspect": "auto"}
    image = surface.imshow(np.zeros((1, 1)), origin="lower", extent=W_RANGE + B_RANGE, **look)
    figure.colorbar(image, ax=surface, label="loss", extend="max", pad=0.02, use_gridspec=False)
    surface.grid(False)
    surface.set(xlabel="$w_{hh}$", ylabel="b", xlim=W_RANGE, ylim=B_RANGE)
    yield image, lambda d: d.surface
    loss.set(xlim=(0, WALK), ylim=(-0.08, 2.5), ylabel="loss")
    loss.tick_params(labelbottom=False)
    powers(norm, -9, 4, 3)
    norm.set(xlim=(0, WALK), xlabel="updates", ylabel=r"$\|$gradient$\|$")
    yield norm.plot([], [], color=style.INK, linestyle=":")[0], lambda d: ([0, WALK], [math.log10(d.limit)] * 2)

    def held(w, b, *_):
        return np.clip(w[-1:], *W_RANGE), np.clip(b[-1:], *B_RANGE)

    walkers = (("no clipping", style.VERMILION, "v", "--"), ("clipped", style.GREEN, "s", "-"))
    for n, (label, color, marker, linestyle) in enumerate(walkers):
        look = {"color": color, "marker": marker, "linestyle": linestyle}
        path = {"linewidth": 1.8, "markevery": [], "label": label, "path_effects": OUTLINE, "zorder": 4}
        yield surface.plot([], [], **look, **path)[0], lambda d, n=n: d.walks[n][:2]
        end = edge_mark(surface, color, marker=marker, markersize=13, markeredgecolor=style.INK, zorder=6)
        yield end, lambda d, n=n: held(*d.walks[n])
        (losses,) = loss.plot([], [], **look, markevery=15, markersize=6)
        yield losses, lambda d, n=n: (range(d.frame + 1), d.walks[n][2])
        yield Trail(norm, "gradient", markersize=6, **look), lambda d, n=n: _back(d.walks[n][3], 15)
    figure.legend(*surface.get_legend_handles_labels(), loc="outside upper center", ncols=2)


def say_cliff(d):
    """Whether both walks stay on a plateau."""
    flat = max(d.loss, d.clipped) > 0.05 and max(walk[3].max() for walk in d.walks) < SMALL
    return "start" if d.frame == 0 else "plateau" if flat else "walk"


cliff = explorer(
    "gradients.cliff", compute_cliff, draw_cliff,
    Slider("w_start", -0.5, 4.0, 0.1, 1.5), Slider("b_start", -1.5, 1.0, 0.1, -0.2),
    Slider("rate", 0.02, 0.5, 0.02, 0.1), Choice("clip", tuple(descent.CLIPS), "norm"),
    Slider("limit", 0.1, 5.0, 0.1, 0.5), Slider("T", 5, 50, 1, 20),
    line=lambda d: "from itertools import islice\n"
                   f"made = descent.cliff_walks({d.w_start}, {d.b_start}, {d.rate}, {d.clip!r}, {d.limit}, {d.T})\n"
                   f"*_, (plain, clipped) = islice(made, {d.frame + 1})\nplain.loss",
    say=say_cliff, result="loss", size=style.LARGE, film=descent.cliff_walks, budget=WALK,
    presets={"thrown": {}, "short": {"T": 5}, "plateau": {"w_start": 4.0, "b_start": 1.0}},
)  # fmt: skip


# ---- the forward side (4.5)
FORWARD_H = 16


def compute_forward_side(radius, drive, exponent, T, seed):
    """Two passes whose x_1 differ by 10**exponent, and the products of the step Jacobians.

    log10 of the change of h_t as measured and by the derivative, t = 1..T, and of the backward picture, s = 0..T.
    """
    params, xs = gradients.network("random", FORWARD_H, radius, 0.0, seed), drive * gradients.noise(T, seed)
    change = gradients.sensitivity(rnn, params, xs, dx=np.array([[10.0**exponent]]))
    measured, linear = (gradients.log10(sizes[:, 0]) for sizes in change)
    back = gradients.products(rnn.jacobians(params, rnn.forward(params, xs))[:, 0]).log10_rms
    logs = {"first": measured[0], "last": measured[-1], "linear_1": linear[0], "linear": linear[-1], "back": back[1]}
    return {"log10_measured": measured, "log10_linear": linear, "log10_backward": back, "change": 10.0**exponent,
            "log10": linear[-1]} | {name: size(log10) for name, log10 in logs.items()}  # fmt: skip


def draw_forward_side(figure, d):
    """Left |change of h_t| after a small change of x_1, right |dh_T/dh_t|: the same factors, met in the other order."""
    ahead, back = figure.subplots(1, 2)
    ahead.set(ylabel=r"$|\Delta h_t|$", title="forward, from step 1")
    back.set(ylabel=r"$|\partial h_T/\partial h_t|$  (rms)", title="backward, from step T")
    for axes in (ahead, back):
        powers(axes, -18, 4, 3)
        axes.set(xlabel="t")
        yield axes, lambda d: {"xlim": (1, d.T)}
    yield ghosted(Trail(ahead, "derivative", "derivative × change")), lambda d: _back(d.log10_linear, d.T // 10, 1)
    yield Trail(ahead, "hidden", "measured", linestyle=":"), lambda d: _back(d.log10_measured, d.T // 12, 1)
    figure.legend(*ahead.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    yield ghosted(Trail(back, "gradient")), lambda d: _steps(d.log10_backward[1:], d.T // 10)


def say_forward_side(d):
    """What became of the change."""
    first, last = d.log10_measured[[0, -1]]
    if last == -math.inf:
        return "gone"
    if d.log10 > max(0.0, d.log10_linear[0]) and last < d.log10 - 0.5:
        return "saturated"
    return "kept" if abs(last - first) < math.log10(2) else "fades" if last < first else "grows"


forward_side = explorer(
    "gradients.forward_side", compute_forward_side, draw_forward_side,
    Slider("radius", 0.2, 2.5, 0.05, 0.8), Slider("drive", 0.0, 2.0, 0.1, 0.3), Slider("exponent", -10, 0, 1, -3),
    Slider("T", 5, 100, 1, 40), Slider("seed", 0, 99, 1, 0),
    line=lambda d: f"params = gradients.network('random', {FORWARD_H}, {d.radius}, 0.0, {d.seed})\n"
                   f"xs = {d.drive} * gradients.noise({d.T}, {d.seed})\n"
                   f"np.log10(gradients.sensitivity(rnn, params, xs, dx=np.array([[10.0 ** {d.exponent}]])).linear[-1, 0])",
    say=say_forward_side, result="log10", size=style.WIDE,
    presets={"chaos": {"radius": 2.0, "drive": 0.0, "exponent": -8, "T": 80},
             "rounding": {"radius": 0.5, "exponent": -8}, "driven": {"radius": 1.3, "drive": 2.0}},
)  # fmt: skip


# ---- the adding problem, live (4.4)
def draw_adding(figure, d):
    """Left the error on unseen sequences over the updates, right how far back the gradient reaches; one curve per seed."""
    (error, reach), ends = figure.subplots(1, 2), (-3, 1)
    powers(error, *ends, 1)
    error.set(xlim=(0, d.budget), xlabel="updates", ylabel="mean squared error")
    error.xaxis.set_major_locator(MaxNLocator(4))
    words = {"textcoords": "offset points", "ha": "right", "fontsize": style.text_size(11)}
    for level, label in ((d.chance, "always say 1"), (d.goal, "solved")):
        error.axhline(math.log10(level), color=style.INK, linestyle=":", linewidth=1.8)
        error.annotate(label, (d.budget, math.log10(level)), (-2, 4), **words)
    powers(reach, -12, 3, 3)
    reach.set(xlabel="t", ylabel=r"$|\partial h_T/\partial h_t|$  (rms)")
    reach.xaxis.set_major_locator(MaxNLocator(integer=True))
    yield reach, lambda d: {"xlim": (1, d.T)}
    for n, stroke in enumerate(("-", "--", ":")[: d.seeds]):
        errors = curve(error, "rnn", f"seed {d.seed + n}", linestyle=stroke, marker="None")
        yield errors, lambda d, n=n: (d.steps, np.clip(np.log10(d.errors[:, n]), *ends))
        now = curve(error, "rnn", linestyle="none", zorder=2.5)
        yield now, lambda d, n=n: ([d.step], np.clip(np.log10(d.errors[[d.frame], n]), *ends))
        yield Trail(reach, "gradient", linestyle=stroke, marker="None"), lambda d, n=n: _steps(d.log10_reach[n][1:])
    error.legend(loc="lower left")


def _adding(name, start, seeds, updates, T, presets):
    """One of the two explorers of the adding problem: `seeds` at once, `updates` at most."""

    def compute(T, seed, film, frame):
        """The errors of all seeds so far, (frames, seeds), and how far back the gradient reaches, for each seed (T + 1,)."""
        shown, reach = film[frame], []
        for params in shown.params:
            trace = rnn.forward(params.cell, shown.unseen.xs[:, :1])
            reach.append(gradients.products(rnn.jacobians(params.cell, trace)[:, 0]).log10_rms)
        return {"step": shown.step, "steps": [made.step for made in film], "errors": np.array([c.errors for c in film]),
                "error": shown.errors[0], "solved": sum(error < race.SOLVED for error in shown.errors), "seeds": seeds,
                "goal": race.SOLVED, "chance": tasks.ADDING_CHANCE, "budget": updates, "log10_reach": reach,
                "reach": size(reach[0][1])}  # fmt: skip

    return explorer(
        name, compute, draw_adding,
        Slider("T", 10, 50, 10, T), Slider("seed", 0, 999, 1, 0, redraw=True),  # the legend names the seeds
        line=lambda d: f"training = descent.adding(np.random.default_rng({d.seed}), {d.T}, {start!r}, "
                       f"{d.film[d.frame].stopped[0]})\n*_, last = training\n"
                       f"race.error('rnn', last.params, descent.adding_unseen({d.T}))",
        say=lambda d: f"gradients.adding.caption.{'start' if d.step == 0 else 'all' if d.solved == d.seeds else 'some'}",
        film=lambda T, seed: descent.adding_courses(T, range(seed, seed + seeds), start, updates),
        result="error", size=style.WIDE, budget=updates // descent.EVERY, presets=presets,
    )  # fmt: skip


# two seeds with uniform weights; then one with an orthogonal W_hh, a tenth of the rate and five times the updates
SHORT, LONG = {"short": {"T": 20}}, {"long": {"T": 50}}
adding = _adding("gradients.adding", "uniform", 2, 3_000, 20, SHORT | {"between": {"T": 30}} | LONG)
patient = _adding("gradients.patient", "orthogonal", 1, 15_000, 10, SHORT | LONG)
