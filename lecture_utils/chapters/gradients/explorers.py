"""The explorers of chapter 4: from a geometric sequence to the factors of a gradient, to what they do to training.

Sizes are drawn as log10 on an axis labelled in powers of ten; where a curve leaves the axes a triangle stands at the edge.
"""

import math
from functools import cache, lru_cache
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lecture_utils import bptt, gradients, rnn, tasks
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import OUTLINE, Trail, curve, edge_mark, ghosted_trail, note, powers, ring, size
from lecture_utils.functions import SQUARED_ERROR
from lecture_utils.optimizers import SGD, Adam, clip_by_norm, clip_by_value, global_norm
from lecture_utils.training import train
from lecture_utils.widgets.engine import Choice, Slider, explorer

W_XH = 2.0  # the deck's toy: w_xh = 2, w_hh = 3, b = 1
TOY = "from lecture_utils import gradients\n"
SMALL, LARGE = -3.0, 3.0  # log10: below it "vanishes", above it "explodes" in the captions


def _log10(values):
    with np.errstate(divide="ignore"):
        return np.log10(values)


def _finite(values):
    return np.where(np.isfinite(values), values, np.nan)


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
            "bottoms": [0.0, *np.cumsum(logs[:3]), 0.0], "heights": [*logs, sum(logs)], "log10": sum(logs),
            "gradient": gradients.product(gradients.state_path(toy, 1))}  # fmt: skip


def draw_first_guess(figure, d):
    """Left the three steps on the curve of tanh with their slopes, right dh_3/dh_1 as a fall or climb, factor by factor."""
    tanh, fall = figure.subplots(1, 2, width_ratios=(1, 1.15))
    grid = np.linspace(-11, 11, 441)
    tanh.plot(grid, np.tanh(grid), color=style.GREY)
    tanh.set(xlim=(grid[0], grid[-1]), ylim=(-1.9, 1.9), xlabel="$a_t$", ylabel=r"$h_t = \tanh(a_t)$")

    def tangent(d, n):
        reach = np.array([-1.6, 1.6]) / math.hypot(1, 4 * d.slopes[n])
        return d.toy.a[n] + reach, d.toy.h[n + 1] + d.slopes[n] * reach

    def name(d, n):
        a, h = d.toy.a[n], d.toy.h[n + 1]
        return {"text": f"$a_{n + 1}$", "position": (a, h + (0.23 if h >= 0 else -0.23) * (n + 1))}

    def value(d, n):
        words = rf"$\phi'(a_{n + 1}) =$ {size(d.toy.log10_derivative[n], 2)}"
        return {"text": words, "position": (10.6, -0.45 - 0.4 * n)}

    def factor(d, n):
        height, words = d.heights[n], ("" if n == 4 else "×") + size(d.heights[n], 2)
        above = height >= 0
        top = d.bottoms[n] + height + (0.25 if above else -0.25)
        return {"text": words, "position": (n, top), "va": "bottom" if above else "top"}

    for n in range(3):
        (slope,) = tanh.plot([], [], color=style.colour("derivative"), linewidth=3)
        yield slope, lambda d, n=n: tangent(d, n)
        yield note(tanh, ha="center", va="center"), lambda d, n=n: name(d, n)
        yield note(tanh, ha="right", va="center"), lambda d, n=n: value(d, n)
    yield curve(tanh, "hidden", linestyle="none"), lambda d: (d.toy.a, d.toy.h[1:])
    powers(fall, -18, 4, 3)
    fall.set(xlim=(-0.6, 4.6), ylabel=r"$\partial h_3/\partial h_1$ so far")
    fall.set_xticks(range(5), (r"$\phi'(a_3)$", "$w_{hh}$", r"$\phi'(a_2)$", "$w_{hh}$", "product"))
    colours = [style.colour(name) for name in ("derivative", "weight", "derivative", "weight", "gradient")]
    yield fall.bar(range(5), np.zeros(5), color=colours, width=0.7), lambda d: (d.bottoms, d.heights)
    for n in range(5):
        yield note(fall, ha="center"), lambda d, n=n: factor(d, n)


def say_first_guess(d):
    """Whether the product grows; two weights of at most 1 leave no choice."""
    return "bounded" if d.w_hh <= 1 else "grows" if d.gradient > 1 else "falls"


first_guess = explorer(
    "gradients.first_guess", compute_first_guess, draw_first_guess,
    Slider("w_hh", 0.1, 4.0, 0.1, 3.0),
    Slider("x", -2.0, 2.0, 0.01, 1.0),
    Slider("b", -2.0, 2.0, 0.1, 1.0),
    say=say_first_guess,
    line=lambda d: (
        f"{TOY}toy = gradients.toy([{d.x}] * 3, {W_XH}, {d.w_hh}, {d.b})\n"
        "gradients.product(gradients.state_path(toy, 1))"
    ),
    result="gradient",
    presets={"deck": {}, "balanced": {"x": -0.5}, "nearly": {"x": -0.4}},
    guesses=("grows", "same", "vanishes"),
    size=style.WIDE,
)  # fmt: skip


# ---- a geometric sequence (4.1)
POWERS = 100  # factors that fit the axis


def compute_geometric(w, n):
    """The powers w^0 .. w^100, and log10 of their sizes."""
    ns = np.arange(POWERS + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.full(POWERS, _log10(abs(w))))])
    return {"powers": w**ns, "logs": logs, "power": (w**ns)[n]}


def draw_geometric(figure, d):
    """w^n for n = 0..100, left as it is, right on a log axis, where it is a straight line; a ring at n."""
    plain, log = figure.subplots(1, 2)
    plain.set(xlim=(0, POWERS), ylim=(-3, 3), xlabel="n  (factors)", ylabel="$w^n$")
    plain.axhline(0, color=style.INK, linewidth=1.2)
    log.set(xlim=(0, POWERS), xlabel="n  (factors)", ylabel="$|w^n|$")
    powers(log, -12, 12, 4)
    for axes, name in ((plain, "powers"), (log, "logs")):
        trail = ghosted_trail(axes, "weight")
        yield trail, lambda d, name=name: (np.arange(POWERS, -1, -1), getattr(d, name)[::-1])
        yield ring(axes, zorder=6), lambda d, name=name: ([d.n], _finite(getattr(d, name)[[d.n]]))


def say_geometric(d):
    """After how many factors w^n has changed tenfold, if it changes and is not 0."""
    step = d.logs[1]
    if step in (0, -math.inf):
        return "one" if step == 0 else "zero"
    return "shrinks" if step < 0 else "grows", {"tenfold": 1 / abs(step)}


geometric = explorer(
    "gradients.geometric", compute_geometric, draw_geometric,
    Slider("w", -2.0, 2.0, 0.01, 0.9),
    Slider("n", 0, POWERS, 1, 50),
    say=say_geometric,
    line=lambda d: f"({d.w}) ** {d.n}",
    result="power",
    presets={"above": {"w": 1.1}, "negative": {"w": -0.95}, "one": {"w": 1.0}},
    size=style.WIDE,
)  # fmt: skip


# ---- the main picture: factor by factor (4.2)
SCALES = {"one": 1.0, "thousand": 1e3, "million": 1e6}
SIGNALS = {  # of size 1, as Python
    "constant": "np.ones({T})",
    "pulse": "np.eye(1, {T})[0]",
    "alternating": "(-1.0) ** np.arange({T})",
    "noise": "np.random.default_rng(4).uniform(-1, 1, {T})",
}


def signal(name, T):
    """One of the input sequences of size 1, (T,)."""
    return eval(SIGNALS[name].format(T=T), {"np": np})  # what the line of Python shows is what runs


_signal = signal  # a control has the same name
FACTORS = (-8, 8)  # log10: the axis of a step's two factors
DECK = {"T": 20, "w_hh": 3.0, "b": 1.0, "signal": "constant", "x": 1.0}


def compute_flow(activation, T, w_hh, scale, b, w_xh, signal, x):
    """The scalar RNN on x times one of the SIGNALS, from h_0 = 0; its recurrent weight is w_hh times one of the SCALES.

    `logs` holds log10 of dh_T/dh_s and its two parts for s = 0..T, (T + 1,) each; `off` the steps with derivative 0.
    """
    toy = gradients.toy(x * _signal(signal, T), w_xh, w_hh * SCALES[scale], b, activation=activation)
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
    for quantity, label in (
        ("weight", r"weights: $|w_{hh}|^{T-t}$"),
        ("derivative", r"derivatives: $\prod \phi'(a_n)$"),
        ("gradient", r"$|\partial h_T/\partial h_t|$"),
    ):
        trail = ghosted_trail(whole, quantity, label)
        yield trail, lambda d, q=quantity: (np.arange(1, d.T + 1), d.logs[q][1:], max(1, d.T // 10))
    figure.legend(*whole.get_legend_handles_labels(), loc="outside upper center", ncols=3)

    def factors(d, quantity, dotted):  # up to 60 steps each factor is a mark
        shown = slice(1, None) if (d.T <= 60) == dotted else slice(0)
        return np.arange(1, d.T + 1)[shown], getattr(d.toy, f"log10_{quantity}")[shown]

    for quantity in ("weight", "derivative"):
        for dotted, look in ((True, {"linestyle": "none"}), (False, {"marker": "None"})):
            trail = Trail(steps, quantity, marks=1, **look)
            yield trail, lambda d, q=quantity, dotted=dotted: factors(d, q, dotted)
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
    Choice("activation", tuple(gradients.ACTIVATIONS), "tanh"),
    Slider("T", 2, 1000, 1, 30),
    Slider("w_hh", -8.0, 8.0, 0.05, 1.5),
    Choice("scale", tuple(SCALES), "one"),
    Slider("b", -3.0, 3.0, 0.05, 0.0),
    Slider("w_xh", -3.0, 3.0, 0.05, W_XH),
    Choice("signal", tuple(SIGNALS), "noise"),
    Slider("x", -3.0, 3.0, 0.001, 0.5),
    say=say_flow,
    line=lambda d: (
        f"import numpy as np\n{TOY}xs = {d.x} * {SIGNALS[d.signal].format(T=d.T)}\n"
        f"gradients.toy(xs, {d.w_xh}, {d.w_hh * SCALES[d.scale]}, {d.b}, "
        f"activation={d.activation!r}).log10_gradient[1]"
    ),
    result="log10",
    presets={"deck": DECK, "tanh_grows": DECK | {"x": -0.5},
             "relu_stops": {"activation": "relu", "w_hh": 0.9, "b": -0.2, "x": 1.0},
             "extreme": DECK | {"activation": "linear", "T": 1000, "w_hh": 1.0, "scale": "million"}},
    size=style.TALL,
)  # fmt: skip


# ---- the time machine: all pairs (t, s)
MACHINE_T = 40  # the longest
WAY = (-12, 8)  # log10: the axis of the factors met
DEEP = 8.0  # log10: darker than this nothing gets


def _log_image(axes, extent=None):
    """A heat map of log10 sizes: blue vanishes, white is 1, red explodes, grey is exactly 0; with its scale."""
    colours = matplotlib.colormaps[style.DIVERGING].with_extremes(bad="#BDBDBD")
    look = {"cmap": colours, "norm": Normalize(-DEEP, DEEP), "interpolation": "nearest", "aspect": "auto"}
    image = axes.imshow(np.zeros((1, 1)), origin="lower", extent=extent, **look)
    scale = {"ticks": (-8, -4, 0, 4, 8), "format": FuncFormatter(lambda value, _: f"$10^{{{value:.0f}}}$")}
    axes.figure.colorbar(image, ax=axes, extend="both", pad=0.03, use_gridspec=False, **scale)
    axes.grid(False)
    return image


def compute_time_machine(T, t, s, w_hh, b, signal, x):
    """The toy on x times one of the SIGNALS; `logs`, log10 |dh_t/dh_s|, is (T + 1, T + 1). s > t is read as s = t."""
    t, s = min(t, T), min(s, t, T)
    toy = gradients.toy(x * _signal(signal, T), W_XH, w_hh, b)
    factors = toy.log10_derivative + toy.log10_weight
    logs = np.full((T + 1, T + 1), np.nan)
    for end in range(T + 1):
        logs[end, : end + 1] = gradients.sums_after(factors[:end])
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
    (path,) = triangle.plot([], [], color=style.INK, linewidth=2.5, path_effects=OUTLINE)
    yield path, lambda d: ([d.s, d.t], [d.t, d.t])
    frame = Rectangle((0, 0), 1, 1, fill=False, edgecolor=style.INK, linewidth=2.5, zorder=5, path_effects=OUTLINE)
    yield triangle.add_patch(frame), lambda d: {"xy": (d.s - 0.5, d.t - 0.5)}
    powers(way, *WAY, 4)
    way.set(xlabel="n  (steps met, from t back)", title="factors and product")
    yield way, lambda d: {"xlim": (d.T + 0.6, 0.4)}
    for axis in (triangle.xaxis, triangle.yaxis, way.xaxis):
        axis.set_major_locator(MaxNLocator(integer=True))

    def met(d, quantity):
        heights = np.zeros(MACHINE_T)
        heights[d.s : d.t] = np.clip(getattr(d.toy, f"log10_{quantity}")[d.s : d.t], *WAY)
        return heights

    for quantity, label in (("derivative", r"$\phi'(a_n)$"), ("weight", "$w_{hh}$")):
        bars = way.bar(range(1, MACHINE_T + 1), 0, 0.8, color=style.colour(quantity), label=label)
        yield bars, lambda d, q=quantity: met(d, q)
    product = Trail(way, "gradient", "product")
    yield product, lambda d: (np.arange(d.s + 1, d.t + 1), d.logs[d.t, d.s : d.t], max(1, d.T // 20))
    way.legend(loc="upper left")


time_machine = explorer(
    "gradients.time_machine", compute_time_machine, draw_time_machine,
    Slider("T", 3, MACHINE_T, 1, 20),
    Slider("t", 1, MACHINE_T, 1, 15, at_most="T"),
    Slider("s", 0, MACHINE_T, 1, 5, at_most="T"),
    Slider("w_hh", -4.0, 4.0, 0.05, 1.5),
    Slider("b", -2.0, 2.0, 0.05, 0.0),
    Choice("signal", tuple(SIGNALS), "noise"),
    Slider("x", -3.0, 3.0, 0.05, 1.0),
    say=lambda d: "same" if d.s == d.t else "zero" if d.log10 == -math.inf else "product",
    line=lambda d: (
        f"import numpy as np\n{TOY}xs = ({d.x} * {SIGNALS[d.signal].format(T=d.T)})[:{d.t}]  # up to step t\n"
        f"gradients.toy(xs, {W_XH}, {d.w_hh}, {d.b}).log10_gradient[{d.s}]"
    ),
    result="log10",
    presets={"deck": {"w_hh": 3.0, "b": 1.0, "signal": "constant"}, "neighbours": {"t": 6, "s": 5},
             "farthest": {"t": 20, "s": 0}, "pulse": {"signal": "pulse", "w_hh": 1.0}},
    size=style.WIDE,
)  # fmt: skip


# ---- vectors: singular values, eigenvalues, and the product itself (4.2)
SPANS = 6  # spans at which all singular values of the product are drawn, besides 0
LARGEST_SIGMA = 4  # that fits the axis


def network(matrix, H, radius, nonnormality, seed):
    """rnn.Params with V = 1: W_hh random, or the 3x3 example, which has a spectral radius of its own."""
    rng = np.random.default_rng(seed)
    W_hh = gradients.NON_NORMAL if matrix == "example" else gradients.recurrent_matrix(rng, H, radius, nonnormality)
    return rnn.Params(rng.standard_normal((len(W_hh), 1)), W_hh, np.zeros(len(W_hh)))


def noise(T, seed):
    """Standard normal inputs (T, 1, 1)."""
    return np.random.default_rng(seed + 1000).standard_normal((T, 1, 1))


@lru_cache(maxsize=8)
def _spectrum(*arguments):
    """(params, sigmas, lambdas): a `network`, the singular values of its W_hh and the sizes of its eigenvalues, (H,)."""
    params = network(*arguments)
    sizes = np.sort(np.abs(np.linalg.eigvals(params.W_hh)))[::-1]
    return params, np.linalg.svd(params.W_hh, compute_uv=False), sizes


def compute_matrices(matrix, H, radius, nonnormality, drive, T, seed):
    """The products of the step Jacobians over the last n = 0..T steps, for inputs of size `drive`, beside W_hh's spectrum.

    With drive 0 the state stays 0, tanh' = 1, and they are powers of W_hh. log10_bound, log10_radius and log10_rms (T + 1,)
    are sigma_max^n, |lambda|max^n and the root of the mean squared singular value; log10_singular is (spans, H).
    """
    params, sigmas, lambdas = _spectrum(matrix, H, radius, nonnormality, seed)
    trace = rnn.forward(params, drive * noise(T, seed))
    products = gradients.products(rnn.jacobians(params, trace)[:, 0])
    spans, slopes = np.unique(np.linspace(0, T, SPANS + 1).astype(int)), 1 - trace.h**2
    chosen = gradients.Products(products.log10_norm[T - spans], products.unit[T - spans])
    rms = products.log10_norm[::-1] - np.log10(len(sigmas)) / 2  # Frobenius norm over sqrt(H)
    singular = gradients.log10_singular_values(chosen)
    return {"sigmas": sigmas, "lambdas": lambdas, "sigma": sigmas[0], "spans": spans, "log10_singular": singular,
            "log10_bound": np.arange(T + 1) * _log10(sigmas[0]), "log10_radius": np.arange(T + 1) * _log10(lambdas[0]),
            "log10_rms": rms, "slope": slopes.mean(), "largest_slope": slopes.max(), "log10": singular[-1, 0],
            "norm": size(singular[-1, 0]), "hump": size(rms.max()), "at": rms.argmax()}  # fmt: skip


def draw_matrices(figure, d):
    """Left sizes after n steps: what is measured, sigma_max^n and |lambda|max^n; right the spectrum of W_hh."""
    sizes, spectrum = figure.subplots(1, 2, width_ratios=(1.6, 1))
    powers(sizes, -10, 8, 2)
    sizes.set(xlabel="n = T - s  (steps)", ylabel=r"size of $\partial h_T/\partial h_s$")
    yield sizes, lambda d: {"xlim": (-0.02 * d.T, 1.02 * d.T)}
    bound = ghosted_trail(sizes, "weight", r"$\sigma_{max}^{\,n}$")
    radius = Trail(sizes, "target", r"$|\lambda|_{max}^{\,n}$")
    yield bound, lambda d: (np.arange(d.T, -1, -1), d.log10_bound[::-1], max(1, d.T // 8))
    yield radius, lambda d: (np.arange(d.T, -1, -1), d.log10_radius[::-1], max(1, d.T // 8))
    rms = ghosted_trail(sizes, "gradient", "rms singular value", marks=[])
    yield rms, lambda d: (np.arange(d.T, -1, -1), d.log10_rms[::-1])
    singular = curve(sizes, "gradient", "singular values", marker="_", markersize=12, linestyle="none")
    yield singular, lambda d: (np.repeat(d.spans, len(d.sigmas)), _finite(d.log10_singular).ravel())
    figure.legend(*sizes.get_legend_handles_labels(), loc="outside upper center", ncols=4, columnspacing=1.0)
    spectrum.set(xlim=(-0.02, 1.02), ylim=(0, LARGEST_SIGMA), title="$W_{hh}$")
    spectrum.set_xticks((0, 1), ("largest", "smallest"))
    for label, where in zip(spectrum.get_xticklabels(), ("left", "right"), strict=True):
        label.set_ha(where)
    spectrum.axhline(1, color=style.INK, linewidth=1.2)
    yield curve(spectrum, "weight", r"$\sigma_i$"), lambda d: (np.linspace(0, 1, len(d.sigmas)), d.sigmas)
    yield curve(spectrum, "target", r"$|\lambda_i|$"), lambda d: (np.linspace(0, 1, len(d.lambdas)), d.lambdas)
    above = edge_mark(spectrum, style.colour("weight"), marker="^")
    yield above, lambda d: (np.linspace(0, 1, len(d.sigmas)), np.where(d.sigmas > LARGEST_SIGMA, LARGEST_SIGMA, np.nan))
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
    Choice("matrix", ("random", "example"), "random"),
    Slider("radius", 0.05, 2.0, 0.05, 1.0),
    Slider("nonnormality", 0.0, 2.0, 0.1, 0.0),
    Slider("drive", 0.0, 3.0, 0.1, 0.0),
    Slider("H", 2, 64, 1, 16),
    Slider("T", 2, 100, 1, 50),
    Slider("seed", 0, 99, 1, 0),
    say=say_matrices,
    line=lambda d: (
        "from lecture_utils import gradients, rnn\nfrom lecture_utils.chapters.gradients.explorers import network, noise\n"
        f"params = network({d.matrix!r}, {d.H}, {d.radius}, {d.nonnormality}, {d.seed})\n"
        f"trace = rnn.forward(params, {d.drive} * noise({d.T}, {d.seed}))\n"
        "gradients.log10_singular_values(gradients.products(rnn.jacobians(params, trace)[:, 0]))[0, 0]"
    ),
    result="log10",
    presets={"saturating": {"radius": 1.2, "drive": 1.0}, "hump": {"radius": 0.8, "nonnormality": 1.0},
             "example": {"matrix": "example"}},
    size=style.WIDE,
)  # fmt: skip


# ---- the map of regimes (4.3)
W_GRID, B_GRID = np.linspace(-8, 8, 65), np.linspace(-4, 4, 41)


class Regimes(NamedTuple):
    """log10 |dh_T/dh_1| over the grid of (w_hh, b), shares of the map in percent, and log10 at the chosen pair."""

    logs: np.ndarray  # (b, w)
    vanishing: float
    exploding: float
    between: float
    log10: float
    gradient: str


@lru_cache(maxsize=8)
def _regimes(activation, T, x):
    """The map of log10 |dh_T/dh_1| (b, w): one scalar RNN for every point of the grid, all at once."""
    phi = gradients.ACTIVATIONS[activation]
    w_values, drives = np.meshgrid(W_GRID, W_XH * x + B_GRID)
    h = phi.value(drives)  # step 1, from h_0 = 0
    logs = (T - 1) * _log10(np.abs(w_values))
    for _ in range(T - 1):
        a = w_values * h + drives
        logs = logs + phi.log10_derivative(a)
        h = phi.value(a)
    return logs


def compute_regimes(activation, T, x, w_hh, b):
    """The map for the constant input x, and the gradient at (w_hh, b)."""
    logs = _regimes(activation, T, x)
    small, large = logs < SMALL, logs > LARGE
    here = gradients.toy([x] * T, W_XH, w_hh, b, activation=activation).log10_gradient[1]
    return Regimes(logs, *(100 * np.mean(part) for part in (small, large, ~small & ~large)), here, size(here))


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
    Slider("T", 2, 100, 1, 20),
    Slider("x", -2.0, 2.0, 0.05, 0.0),
    Slider("w_hh", -8.0, 8.0, 0.1, 3.0),
    Slider("b", -4.0, 4.0, 0.1, 1.0),
    say=lambda d: verdict(d.log10),
    line=lambda d: (
        f"{TOY}toy = gradients.toy([{d.x}] * {d.T}, {W_XH}, {d.w_hh}, {d.b}, "
        f"activation={d.activation!r})\ntoy.log10_gradient[1]"
    ),
    result="log10",
    presets={"long": {"T": 100}, "sigmoid": {"activation": "sigmoid", "w_hh": 6.0, "b": -3.0},
             "relu": {"activation": "relu", "w_hh": 1.0}, "linear": {"activation": "linear", "w_hh": 1.0}}
)  # fmt: skip


# ---- the cliff: gradient descent with and without clipping (4.3)
CLIFF_H_0, CLIFF_TARGET, WALK = 0.5, -0.5, 60
CLIFF_W, CLIFF_B = np.linspace(-1, 4, 101), np.linspace(-1.5, 1, 81)
W_RANGE, B_RANGE = (CLIFF_W[0], CLIFF_W[-1]), (CLIFF_B[0], CLIFF_B[-1])
WALKERS = (("no clipping", style.VERMILION, "v", "--"), ("clipped", style.GREEN, "s", "-"))
CLIPS = {"norm": lambda grads, limit: clip_by_norm(grads, limit)[0], "value": clip_by_value}


class Weights(NamedTuple):
    """What the walkers move."""

    w_hh: np.ndarray  # ()
    b: np.ndarray  # ()


class Place(NamedTuple):
    """Where a walker stands: its weights, the loss there, and the norm of its gradient."""

    weights: Weights
    loss: float
    norm: float


def cliff_gradients(weights, T):
    """(loss, Weights of gradients) of (h_T - target)^2, h_t = tanh(w_hh h_{t-1} + b), by BPTT."""
    cell = rnn.Params(np.zeros((1, 1)), np.reshape(weights.w_hh, (1, 1)), np.reshape(weights.b, 1))
    params = bptt.Params(cell, np.ones((1, 1)), np.zeros(1))
    xs, targets = np.zeros((T, 1, 1)), np.full((T, 1, 1), CLIFF_TARGET)
    result = bptt.gradients(
        rnn, params, xs, targets, np.full((1, 1), CLIFF_H_0), y_mask=np.arange(T) == T - 1, criterion=SQUARED_ERROR
    )
    return float(result.loss), Weights(result.grads.cell.W_hh[0, 0], result.grads.cell.b_h[0])


def film_cliff(w_start, b_start, rate, clip, limit, T):
    """Frames (place of the plain walker, place of the clipped walker) of gradient descent from the same start."""
    optimizer = SGD(rate)
    walkers = [Weights(np.array(w_start), np.array(b_start))] * 2
    while True:
        made = [cliff_gradients(weights, T) for weights in walkers]
        yield tuple(Place(w, loss, global_norm(grads)) for w, (loss, grads) in zip(walkers, made, strict=True))
        steps = made[0][1], CLIPS[clip](made[1][1], limit)
        walkers = [optimizer.update(w, grads, ())[0] for w, grads in zip(walkers, steps, strict=True)]


@cache
def cliff_surface(T):
    """The loss over the grid, (b, w)."""
    w_values, b_values = np.meshgrid(CLIFF_W, CLIFF_B)
    h = np.full(w_values.shape, CLIFF_H_0)
    for _ in range(T):
        h = np.tanh(w_values * h + b_values)
    return (h - CLIFF_TARGET) ** 2


def compute_cliff(w_start, b_start, rate, clip, limit, T, film, frame):
    """Both walks up to the shown frame, plain and clipped: w_hh, b, loss, log10 of the gradient's norm, (4, frame + 1)."""
    walks = [
        np.array([(*place.weights, place.loss, _log10(place.norm)) for place in places]).T
        for places in zip(*film[: frame + 1], strict=True)
    ]
    (w, b, loss), (w_clipped, b_clipped, clipped) = (walk[:3, -1] for walk in walks)
    return {"surface": cliff_surface(T), "walks": walks, "w": w, "b": b, "loss": loss, "w_clipped": w_clipped,
            "b_clipped": b_clipped, "clipped": clipped, "norm": 10.0 ** walks[0][3].max(),
            "start_norm": 10.0 ** walks[0][3, 0]}  # fmt: skip


def draw_cliff(figure, d):
    """Left the loss over (w_hh, b) with both walks, held at its edge; right loss and norm of the gradient, step by step."""
    grid = figure.subplot_mosaic([["map", "loss"], ["map", "norm"]], width_ratios=(1.25, 1))
    surface, loss, norm = grid["map"], grid["loss"], grid["norm"]
    look = {"cmap": style.SEQUENTIAL, "norm": Normalize(0, 2.3), "interpolation": "bilinear", "aspect": "auto"}
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

    def held(walk):
        return np.clip(walk[0, -1:], *W_RANGE), np.clip(walk[1, -1:], *B_RANGE)

    for n, (label, color, marker, linestyle) in enumerate(WALKERS):
        look = {"color": color, "marker": marker, "linestyle": linestyle}
        path = {"linewidth": 1.8, "markevery": [], "label": label, "path_effects": OUTLINE, "zorder": 4}
        yield surface.plot([], [], **look, **path)[0], lambda d, n=n: d.walks[n][:2]
        end = edge_mark(surface, color, marker=marker, markersize=13, markeredgecolor=style.INK, zorder=6)
        yield end, lambda d, n=n: held(d.walks[n])
        (losses,) = loss.plot([], [], **look, markevery=15, markersize=6)
        yield losses, lambda d, n=n: (range(d.frame + 1), d.walks[n][2])
        norms = Trail(norm, "gradient", marks=15, markersize=6, **look)
        yield norms, lambda d, n=n: (np.arange(d.frame, -1, -1), d.walks[n][3, ::-1])
    figure.legend(*surface.get_legend_handles_labels(), loc="outside upper center", ncols=2)


def say_cliff(d):
    """Whether both walks stay on a plateau."""
    flat = max(d.loss, d.clipped) > 0.05 and max(walk[3].max() for walk in d.walks) < SMALL
    return "start" if d.frame == 0 else "plateau" if flat else "walk"


cliff = explorer(
    "gradients.cliff", compute_cliff, draw_cliff,
    Slider("w_start", -0.5, 4.0, 0.1, 1.5),
    Slider("b_start", -1.5, 1.0, 0.1, -0.2),
    Slider("rate", 0.02, 0.5, 0.02, 0.1),
    Choice("clip", tuple(CLIPS), "norm"),
    Slider("limit", 0.1, 5.0, 0.1, 0.5),
    Slider("T", 5, 50, 1, 20),
    say=say_cliff,
    line=lambda d: (
        "from itertools import islice\nfrom lecture_utils.chapters.gradients.explorers import film_cliff\n"
        f"made = film_cliff({d.w_start}, {d.b_start}, {d.rate}, {d.clip!r}, {d.limit}, {d.T})\n"
        f"*_, (plain, clipped) = islice(made, {d.frame + 1})\nplain.loss"
    ),
    result="loss",
    presets={"thrown": {}, "short": {"T": 5}, "plateau": {"w_start": 4.0, "b_start": 1.0}},
    size=style.LARGE,
    film=film_cliff,
    budget=WALK,
)  # fmt: skip


# ---- the forward side (4.5)
FORWARD_H = 16


def compute_forward_side(radius, drive, exponent, T, seed):
    """Two passes whose x_1 differ by 10**exponent, and the products of the step Jacobians.

    log10 of the change of h_t as measured and by the derivative, t = 1..T, and of the backward picture, s = 0..T.
    """
    params, xs, dx = network("random", FORWARD_H, radius, 0.0, seed), drive * noise(T, seed), 10.0**exponent
    change = gradients.sensitivity(rnn, params, xs, dx=np.array([[dx]]))
    measured, linear = _log10(change.measured[:, 0]), _log10(change.linear[:, 0])
    steps = rnn.jacobians(params, rnn.forward(params, xs))[:, 0]
    back = gradients.products(steps).log10_norm - np.log10(FORWARD_H) / 2
    return {"log10_measured": measured, "log10_linear": linear, "log10_backward": back, "change": dx,
            "log10_first": measured[0], "log10_last": measured[-1], "log10": linear[-1], "log10_back": back[1],
            "first": size(measured[0]), "last": size(measured[-1]), "linear": size(linear[-1]),
            "back": size(back[1])}  # fmt: skip


def draw_forward_side(figure, d):
    """Left |change of h_t| after a small change of x_1, right |dh_T/dh_t|: the same factors, met in the other order."""
    ahead, back = figure.subplots(1, 2)
    ahead.set(ylabel=r"$|\Delta h_t|$", title="forward, from step 1")
    back.set(ylabel=r"$|\partial h_T/\partial h_t|$  (rms)", title="backward, from step T")
    for axes in (ahead, back):
        powers(axes, -18, 4, 3)
        axes.set(xlabel="t")
        yield axes, lambda d: {"xlim": (1, d.T)}
    linear = ghosted_trail(ahead, "derivative", "derivative × change")
    measured = Trail(ahead, "hidden", "measured", linestyle=":")
    yield linear, lambda d: (np.arange(d.T, 0, -1), d.log10_linear[::-1], max(1, d.T // 10))
    yield measured, lambda d: (np.arange(d.T, 0, -1), d.log10_measured[::-1], max(1, d.T // 12))
    figure.legend(*ahead.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    backward = ghosted_trail(back, "gradient")
    yield backward, lambda d: (np.arange(1, d.T + 1), d.log10_backward[1:], max(1, d.T // 10))


def say_forward_side(d):
    """What became of the change."""
    if d.log10_last == -math.inf:
        return "gone"
    if d.log10 > max(0.0, d.log10_linear[0]) and d.log10_last < d.log10 - 0.5:
        return "saturated"
    return "fades" if d.log10_last < d.log10_first else "grows"


forward_side = explorer(
    "gradients.forward_side", compute_forward_side, draw_forward_side,
    Slider("radius", 0.2, 2.5, 0.05, 0.8),
    Slider("drive", 0.0, 2.0, 0.1, 0.3),
    Slider("exponent", -10, 0, 1, -3),
    Slider("T", 5, 100, 1, 40),
    Slider("seed", 0, 99, 1, 0),
    say=say_forward_side,
    line=lambda d: (
        "import numpy as np\nfrom lecture_utils import gradients, rnn\n"
        "from lecture_utils.chapters.gradients.explorers import network, noise\n"
        f"params = network('random', {FORWARD_H}, {d.radius}, 0.0, {d.seed})\n"
        f"xs = {d.drive} * noise({d.T}, {d.seed})\n"
        f"np.log10(gradients.sensitivity(rnn, params, xs, dx=np.array([[10.0 ** {d.exponent}]])).linear[-1, 0])"
    ),
    result="log10",
    presets={"chaos": {"radius": 2.0, "drive": 0.0, "exponent": -8, "T": 80},
             "rounding": {"radius": 0.5, "exponent": -8}, "driven": {"radius": 1.3, "drive": 2.0}},
    size=style.WIDE,
)  # fmt: skip


# ---- the adding problem, live (4.4)
ADDING_H, ADDING_B, GOAL, FRESH, CLIP = 32, 64, 0.01, 200, 1.0
EVERY = 40  # updates between two frames
ERRORS = (-3, 1)  # log10: the axis of the error
STROKES = ("-", "--", ":")


class Course(NamedTuple):
    """Where the trainings of several seeds stand."""

    step: int  # updates of those that still run
    stopped: tuple  # updates that each has made
    params: tuple
    errors: tuple  # on the fresh sequences
    fresh: tasks.Batch  # which no training sees


def adding_training(rng, T, start, updates):
    """The Snapshots of an RNN on the adding problem; W_hh starts uniform (Adam's rate 0.01) or orthogonal (0.001)."""
    params = bptt.init(rnn, rng, 2, ADDING_H, 1)
    if start == "orthogonal":
        params = params._replace(cell=params.cell._replace(W_hh=gradients.orthogonal(rng, ADDING_H)))
    batches = (tasks.adding(rng, T, ADDING_B) for _ in range(updates))
    optimizer = Adam({"uniform": 0.01, "orthogonal": 0.001}[start])
    return train(rnn, params, batches, optimizer, CLIP, SQUARED_ERROR)


def adding_fresh(T):
    """The sequences on which the error is measured."""
    return tasks.adding(np.random.default_rng(1_000_000), T, FRESH)


def adding_error(params, fresh):
    """The mean squared error of the answers."""
    return float(bptt.loss(rnn, params, fresh.xs, fresh.targets, y_mask=fresh.y_mask, criterion=SQUARED_ERROR))


def _courses(T, seeds, start, updates):
    """A Course every few updates until all seeds have solved the task; a seed that has solved it stops there."""
    fresh = adding_fresh(T)
    running = [adding_training(np.random.default_rng(seed), T, start, updates) for seed in seeds]
    made = [next(training) for training in running]
    while True:
        errors = tuple(adding_error(snapshot.params, fresh) for snapshot in made)
        steps = tuple(snapshot.step for snapshot in made)
        yield Course(max(steps), steps, tuple(snapshot.params for snapshot in made), errors, fresh)
        open_seeds = [n for n, error in enumerate(errors) if error >= GOAL]
        if not open_seeds:
            return
        for n in open_seeds:
            for _ in range(EVERY):
                made[n] = next(running[n])


def draw_adding(figure, d):
    """Left the error on fresh sequences over the updates, right how far back the gradient reaches; one curve per seed."""
    error, reach = figure.subplots(1, 2)
    powers(error, *ERRORS, 1)
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
    for n, stroke in enumerate(STROKES[: d.seeds]):
        errors = curve(error, "rnn", f"seed {d.seed + n}", linestyle=stroke, marker="None")
        yield errors, lambda d, n=n: (d.steps, np.clip(np.log10(d.errors[:, n]), *ERRORS))
        now = curve(error, "rnn", linestyle="none", zorder=2.5)
        yield now, lambda d, n=n: ([d.step], np.clip(np.log10(d.errors[[d.frame], n]), *ERRORS))
        trail = Trail(reach, "gradient", linestyle=stroke, marker="None")
        yield trail, lambda d, n=n: (np.arange(1, d.T + 1), d.log10_reach[n][1:])
    error.legend(loc="lower left")


def _adding(name, start, seeds, updates, T, presets):
    """One of the two explorers of the adding problem: `seeds` at once, `updates` at most."""

    def film(T, seed):
        return _courses(T, range(seed, seed + seeds), start, updates)

    def compute(T, seed, film, frame):
        """The errors of all seeds so far, (frames, seeds), and how far back the gradient reaches, for each seed (T + 1,)."""
        shown, reach = film[frame], []
        for params in shown.params:
            steps = rnn.jacobians(params.cell, rnn.forward(params.cell, shown.fresh.xs[:, :1]))[:, 0]
            reach.append(gradients.products(steps).log10_norm - np.log10(ADDING_H) / 2)
        return {"step": shown.step, "steps": [made.step for made in film], "errors": np.array([c.errors for c in film]),
                "error": shown.errors[0], "solved": sum(error < GOAL for error in shown.errors), "seeds": seeds,
                "goal": GOAL, "chance": tasks.ADDING_CHANCE, "budget": updates, "log10_reach": reach,
                "reach": size(reach[0][1])}  # fmt: skip

    return explorer(
        name, compute, draw_adding,
        Slider("T", 10, 50, 10, T),
        Slider("seed", 0, 999, 1, 0, redraw=True),  # the legend names the seeds
        say=lambda d: f"gradients.adding.caption.{'start' if d.step == 0 else 'all' if d.solved == d.seeds else 'some'}",
        line=lambda d: (
            "import numpy as np\n"
            "from lecture_utils.chapters.gradients.explorers import adding_error, adding_fresh, adding_training\n"
            f"training = adding_training(np.random.default_rng({d.seed}), {d.T}, {start!r}, {d.film[d.frame].stopped[0]})\n"
            f"*_, last = training\nadding_error(last.params, adding_fresh({d.T}))"
        ),
        result="error",
        presets=presets,
        size=style.WIDE,
        film=film,
        budget=updates // EVERY,
    )  # fmt: skip


# two seeds with uniform weights; then one with an orthogonal W_hh, a tenth of the rate and five times the updates
adding = _adding(
    "gradients.adding", "uniform", 2, 3_000, 20, {"short": {"T": 20}, "between": {"T": 30}, "long": {"T": 50}}
)
patient = _adding("gradients.patient", "orthogonal", 1, 15_000, 10, {"short": {"T": 20}, "long": {"T": 50}})
