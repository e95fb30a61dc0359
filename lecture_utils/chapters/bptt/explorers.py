"""The explorers of chapter 3: the graph, the ledger, the check, the deck's toy, memory, the cliff, truncation, training."""

from functools import cache, partial
from itertools import count
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from lecture_utils import bptt, gradients, hello, rnn
from lecture_utils.chapters.bptt import pictures as plots
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import curve, ghosted, ring
from lecture_utils.drawing.diagram import moved
from lecture_utils.functions import SQUARED_ERROR, leaves, one_hot, rebuild, softmax
from lecture_utils.optimizers import Adam
from lecture_utils.tasks import Batch
from lecture_utils.training import train
from lecture_utils.widgets.engine import Choice, Slider, Spec, explorer, register

LOSSES = ("every", "last")


def _loss_mask(losses, T):
    """True where a loss is taken: at every step, or at the last one only."""
    return (np.arange(T) == T - 1) | (losses == "every")


# ---- the unrolled graph, forward and back
GRAPH_XS, GRAPH_TARGETS = np.array([1.0, -0.5, 0.5]), np.array([0.5, 0.5, -0.5])
GRAPH_T = len(GRAPH_XS)


class Graph(NamedTuple):
    """The scalar RNN over three steps, y_t = w_hy h_t, and the gradient at every node; step t at index t - 1."""

    walk: int  # 0: nothing yet; 1..T forward; then two for each step on the way back
    w_xh: float
    w_hh: float
    b: float
    w_hy: float
    xs: np.ndarray  # (T,)
    targets: np.ndarray  # (T,)
    on: np.ndarray  # (T,), where a loss is taken
    a: np.ndarray  # (T,)
    h: np.ndarray  # (T + 1,), h_0 first
    y: np.ndarray  # (T,)
    losses: np.ndarray  # (T,)
    loss: float
    dy: np.ndarray  # (T,)
    dh: np.ndarray  # (T + 1,)
    da: np.ndarray  # (T,)
    dw_hh: float
    numeric: float  # the same by central differences


def _graph_params(w_xh, w_hh, b, w_hy):
    cell = rnn.Params(np.array([[w_xh]]), np.array([[w_hh]]), np.array([b]))
    return bptt.Params(cell, np.array([[w_hy]]), np.zeros(1))


def compute_graph(walk, w_xh, w_hh, b, w_hy, losses):
    """All values and gradients; the picture shows those that the walk has reached."""
    params, on = _graph_params(w_xh, w_hh, b, w_hy), _loss_mask(losses, GRAPH_T)
    xs, targets = GRAPH_XS.reshape(-1, 1, 1), GRAPH_TARGETS.reshape(-1, 1, 1)
    options = {"y_mask": on, "criterion": SQUARED_ERROR}
    trace, outputs = bptt.forward(rnn, params, xs)
    loss, dy = bptt.output_gradients(outputs, targets, **options)
    ledger = gradients.ledger(rnn, params, xs, targets, **options)
    numeric = bptt.numerical_gradient(
        lambda w: bptt.loss(rnn, _graph_params(w_xh, w, b, w_hy), xs, targets, **options), w_hh
    )
    return Graph(
        walk=walk, w_xh=w_xh, w_hh=w_hh, b=b, w_hy=w_hy, xs=GRAPH_XS, targets=GRAPH_TARGETS, on=on,
        a=trace.a.ravel(), h=np.append(0.0, trace.h), y=outputs.ravel(),
        losses=SQUARED_ERROR.value(outputs, targets).ravel(), loss=loss, dy=dy.ravel(), dh=ledger.dh.ravel(),
        da=ledger.total.b_h.ravel(), dw_hh=ledger.total.W_hh.sum(), numeric=float(numeric),
    )  # fmt: skip


def line_graph(d):
    """The whole gradient dL/dw_hh."""
    mask = _loss_mask(d.losses, GRAPH_T).tolist()
    w_xh, w_hh, b, w_hy = (getattr(d, name) for name in ("w_xh", "w_hh", "b", "w_hy"))
    return (
        "import numpy as np\nfrom lecture_utils import bptt, rnn\nfrom lecture_utils.functions import SQUARED_ERROR\n"
        f"cell = rnn.Params(np.array([[{w_xh}]]), np.array([[{w_hh}]]), np.array([{b}]))\n"
        f"params = bptt.Params(cell, np.array([[{w_hy}]]), np.zeros(1))\n"
        f"xs, targets = np.array({GRAPH_XS.tolist()}), np.array({GRAPH_TARGETS.tolist()})\n"
        "bptt.gradients(rnn, params, xs.reshape(3, 1, 1), targets.reshape(3, 1, 1), "
        f"y_mask=np.array({mask}), criterion=SQUARED_ERROR).grads.cell.W_hh[0, 0]"
    )


graph = register(
    Spec(
        name="bptt.graph",
        controls=(
            Slider("walk", 0, 3 * GRAPH_T, 1, 6),
            Slider("w_hh", -3.0, 3.0, 0.1, 1.2),
            Slider("w_xh", -3.0, 3.0, 0.1, 0.8),
            Slider("b", -2.0, 2.0, 0.1, 0.0),
            Slider("w_hy", -2.0, 2.0, 0.1, 1.0),
            Choice("losses", LOSSES, "every"),
        ),
        compute=compute_graph,
        picture=moved(plots.make_graph, plots.update_graph),
        say=plots.say_graph,
        line=line_graph,
        result="dw_hh",
        presets={
            "forward": {"walk": GRAPH_T},
            "meet": {"walk": 6},
            "home": {"walk": 3 * GRAPH_T},
            "last": {"walk": 3 * GRAPH_T, "losses": "last"},
        },
        size=(8.6, 5.8),
    )
)


# ---- the ledger: what each step contributes to dL/dW_hh
class LedgerData(NamedTuple):
    """The contributions of the four steps of "hello" to dL/dW_hh[i, j]."""

    i: int
    j: int
    immediate: np.ndarray  # (T,), from the step's own loss
    carried: np.ndarray  # (T,), from later losses
    numeric: float  # the sum of all by central differences
    angle: float  # between the cell's gradient with h_{t-1} held constant and the whole one, in degrees
    ratio: float  # of their lengths


def _ledger_params(gain):
    """The slide's network with W_hh times the gain."""
    params = hello.rebuild()
    return params._replace(cell=params.cell._replace(W_hh=gain * params.cell.W_hh))


def _degrees(cosine):
    """The angle of a cosine, without the digits that arccos makes up near 0 and 180 degrees."""
    return round(float(np.degrees(np.arccos(cosine))), 3)


def compute_ledger(i, j, gain, losses):
    """The slide's network on "hello", its W_hh times the gain."""
    params, on = _ledger_params(gain), _loss_mask(losses, len(hello.INPUTS))
    book = gradients.ledger(rnn, params, hello.INPUTS, hello.TARGETS, y_mask=on)
    immediate, total = (rebuild(part, [array.sum(axis=0) for array in part]) for part in (book.immediate, book.total))
    cosine, ratio = bptt.compare(immediate, total)

    def loss(w):
        W_hh = params.cell.W_hh.copy()
        W_hh[i, j] = w
        moved = params._replace(cell=params.cell._replace(W_hh=W_hh))
        return bptt.loss(rnn, moved, hello.INPUTS, hello.TARGETS, y_mask=on)

    numeric = float(bptt.numerical_gradient(loss, params.cell.W_hh[i, j]))
    return LedgerData(
        i, j, book.immediate.W_hh[:, i, j], book.carried.W_hh[:, i, j], numeric, _degrees(cosine), ratio
    )  # fmt: skip


ledger = register(
    Spec(
        name="bptt.ledger",
        controls=(
            Slider("i", 0, 2, 1, 1),
            Slider("j", 0, 2, 1, 0),
            Slider("gain", 0.0, 2.0, 0.1, 1.0),
            Choice("losses", LOSSES, "every"),
        ),
        compute=compute_ledger,
        picture=moved(plots.make_ledger, plots.update_ledger, ("immediate", "carried", "total")),
        say=plots.say_ledger,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils import bptt, hello, rnn\nparams = hello.rebuild()\n"
            f"params = params._replace(cell=params.cell._replace(W_hh={d.gain} * params.cell.W_hh))\n"
            "bptt.gradients(rnn, params, hello.INPUTS, hello.TARGETS, y_mask=np.array("
            f"{_loss_mask(d.losses, 4).tolist()})).grads.cell.W_hh[{d.i}, {d.j}]"
        ),
        result="total",
        presets={
            "slide": {},
            "against": {"i": 1, "j": 1},
            "strong": {"gain": 2.0},
            "last": {"losses": "last"},
        },
        size=(8.2, 4.6),
    )
)

# ---- a backward pass with a broken line, and the check that finds it
BACKWARD = (
    "for t in (4, 3, 2, 1):",
    "    dy = (p[t] - onehot[t]) / 4",
    "    dW_hy += np.outer(dy, h[t])",
    "    db_y += dy",
    "    dh = W_hy.T @ dy + dh_next",
    "    da = (1 - h[t] ** 2) * dh",
    "    dW_xh += np.outer(da, x[t])",
    "    dW_hh += np.outer(da, h[t - 1])",
    "    db_h += da",
    "    dh_next = W_hh.T @ da",
)
FAULTS = {  # which line of BACKWARD is broken, and how
    "none": (None, ""),
    "sign": (5, "    da = (1 + h[t] ** 2) * dh"),
    "no_carry": (4, "    dh = W_hy.T @ dy"),
    "no_transpose": (9, "    dh_next = W_hh @ da"),
    "assign": (7, "    dW_hh = np.outer(da, h[t - 1])"),
    "wrong_state": (7, "    dW_hh += np.outer(da, h[t])"),
    "no_mean": (1, "    dy = p[t] - onehot[t]"),
}
PASSES = 1e-6  # relative error up to which an array agrees


def broken(fault):
    """The lines of the backward pass with one of the FAULTS, and the index of the broken line (None: all are right)."""
    index, replacement = FAULTS[fault]
    return [replacement if n == index else line for n, line in enumerate(BACKWARD)], index


@cache
def backward_gradients(fault):
    """The gradients of the slide's network that the lines of `broken(fault)`, as they stand, compute."""
    params = hello.rebuild()
    trace, outputs = bptt.forward(rnn, params, hello.INPUTS)

    def from_one(array):  # index t = 1..4, as in the formulas; index 0 is the initial state 0
        return np.concatenate([np.zeros((1, array.shape[-1])), array[:, 0]])

    names = {"np": np, "W_hh": params.cell.W_hh, "W_hy": params.W_hy, "h": from_one(trace.h), "dh_next": np.zeros(3),
             "x": from_one(one_hot(hello.INPUTS, 4)), "p": from_one(softmax(outputs)),
             "onehot": from_one(one_hot(hello.TARGETS, 4))}  # fmt: skip
    weights = {name.rpartition(".")[2]: array for name, array in leaves(params)}
    names |= {f"d{name}": np.zeros_like(array) for name, array in weights.items()}
    exec("\n".join(broken(fault)[0]), names)  # what the picture shows is what runs
    return {name: names[f"d{name}"] for name in weights}


@cache
def _reference(method, step):
    """The gradients of the slide's network by bptt.numerical_gradient or bptt.complex_step, by name of the array."""
    params = hello.rebuild()
    arrays = [array for _, array in leaves(params)]

    def loss(n, moved):
        return bptt.loss(rnn, rebuild(params, [*arrays[:n], moved, *arrays[n + 1 :]]), hello.INPUTS, hello.TARGETS)

    return {
        name.rpartition(".")[2]: method(lambda moved, n=n: loss(n, moved), array, step)
        for n, (name, array) in enumerate(leaves(params))
    }


class Check(NamedTuple):
    """The relative error of each array of a backward pass, against two references."""

    lines: list
    broken: int | None
    names: list
    central: np.ndarray  # (5,), |found - reference| / |reference| by central differences
    complex: np.ndarray  # (5,), the same by the complex step
    log10_step: int
    failed: list  # names of the arrays that differ, by the complex step
    worst: float


def compute_check(fault, log10_step):
    """The check of the backward pass with a fault; the step is that of the central differences."""
    found = backward_gradients(fault)
    references = _reference(bptt.numerical_gradient, 10.0**log10_step), _reference(bptt.complex_step, 1e-20)
    central, by_complex = (
        np.array([np.linalg.norm(found[name] - array) / np.linalg.norm(array) for name, array in reference.items()])
        for reference in references
    )
    failed = [name for name, error in zip(found, by_complex, strict=True) if error > PASSES]
    lines, index = broken(fault)
    return Check(
        lines, index, list(found), central, by_complex, log10_step, failed, round(float(by_complex.max()), 12)
    )  # fmt: skip


gradient_check = register(
    Spec(
        name="bptt.gradient_check",
        controls=(Choice("fault", tuple(FAULTS), "none"), Slider("log10_step", -14, -1, 1, -6)),
        compute=compute_check,
        picture=moved(plots.make_check, plots.update_check),
        say=plots.say_check,
        line=lambda d: (
            "from lecture_utils.chapters.bptt.explorers import compute_check\n"
            f"compute_check({d.fault!r}, {d.log10_step}).worst"
        ),
        result="worst",
        presets={
            "right": {},
            "sign": {"fault": "sign"},
            "transpose": {"fault": "no_transpose"},
            "too_small": {"log10_step": -13},
        },
        size=(8.6, 4.3),
    )
)


# ---- the deck's toy
class ToyData(NamedTuple):
    """The deck's three steps, and the paths that the gradients of h_3 take."""

    w_hh: float
    w_xh: float
    b: float
    xs: list
    toy: gradients.Toy
    state_path: list  # the factors of dh_3/dh_1
    weight_paths: list  # of each step's part of dh_3/dw_hh
    dh3_dh1: float
    parts: list  # the products of weight_paths, for steps 1..3


def compute_toy(w_hh, w_xh, b, h0, x1, x2, x3):
    """h_t = tanh(w_xh x_t + w_hh h_{t-1} + b) for t = 1, 2, 3."""
    toy = gradients.toy([x1, x2, x3], w_xh, w_hh, b, h0)
    state_path, weight_paths = gradients.state_path(toy, 1), gradients.weight_paths(toy)
    parts = [gradients.product(path) for path in weight_paths]
    return ToyData(
        w_hh, w_xh, b, [x1, x2, x3], toy, state_path, weight_paths, gradients.product(state_path), parts
    )  # fmt: skip


toy = register(
    Spec(
        name="bptt.toy",
        controls=(
            Slider("w_hh", -5.0, 5.0, 0.1, 3.0),
            Slider("w_xh", -5.0, 5.0, 0.1, 2.0),
            Slider("b", -3.0, 3.0, 0.1, 1.0),
            Slider("h0", -1.0, 1.0, 0.1, 0.0),
            Slider("x1", -3.0, 3.0, 0.1, -0.3),
            Slider("x2", -3.0, 3.0, 0.1, -0.9),
            Slider("x3", -3.0, 3.0, 0.1, -0.8),
        ),
        compute=compute_toy,
        picture=moved(plots.make_toy, plots.update_toy),
        say=plots.say_toy,
        line=lambda d: (
            "from lecture_utils import gradients\n"
            "toy = gradients.toy([{x1}, {x2}, {x3}], w_xh={w_xh}, w_hh={w_hh}, b={b}, h_0={h0})\n"
            "gradients.product(gradients.state_path(toy, 1))".format(**vars(d))
        ),
        result="dh3_dh1",
        presets={
            "deck": {},
            "started": {"h0": 0.5},
            "negative": {"w_hh": -3.0, "x2": 0.1, "x3": 0.1},
            "no_past": {"w_hh": 0.0},
        },
        size=(8.6, 5.0),
    )
)

# ---- memory
MEMORY_V, MEMORY_MOST = 4, 200


def compute_memory(T, k, H, B):
    """kB kept for the backward pass, counted from real traces: of T steps, of one piece; the curves (200,) over Ts."""
    cell = rnn.init(np.random.default_rng(0), MEMORY_V, H)
    trace = rnn.forward(cell, np.zeros((MEMORY_MOST, B, MEMORY_V)))
    Ts = np.arange(1, MEMORY_MOST + 1)
    one, two, full, piece = (bptt.bytes_kept(bptt.piece(trace, 0, steps)) / 1024 for steps in (1, 2, T, min(k, T)))
    curve = one + (Ts - 1) * (two - one)  # each further step adds the same arrays
    return {"k": min(k, T), "full": full, "piece": piece, "ratio": full / piece,
            "Ts": Ts, "full_curve": curve, "piece_curve": curve[np.minimum(Ts, k) - 1]}  # fmt: skip


def draw_memory(figure, d):
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlim=(1, MEMORY_MOST), ylim=(0.03, 1e4), xlabel="T  (steps)")
    axes.set_ylabel("memory kept for the way back (kB)")
    yield ghosted(curve(axes, "rnn", "whole sequence", markevery=0.1)), lambda d: (d.Ts, d.full_curve)
    yield ghosted(curve(axes, "weight", "pieces of k steps", markevery=(0.05, 0.1))), lambda d: (d.Ts, d.piece_curve)
    yield ring(axes), lambda d: ([d.T, d.T], [d.full, d.piece])
    axes.legend(loc="upper left")


memory = explorer(
    "bptt.memory", compute_memory, draw_memory,
    Slider("T", 1, MEMORY_MOST, 1, 100),
    Slider("k", 1, MEMORY_MOST, 1, 20),
    Slider("H", 1, 64, 1, 32),
    Slider("B", 1, 16, 1, 8),
    line=lambda d: (
        "import numpy as np\nfrom lecture_utils import bptt, rnn\n"
        f"cell = rnn.init(np.random.default_rng(0), V={MEMORY_V}, H={d.H})\n"
        f"bptt.bytes_kept(rnn.forward(cell, np.zeros(({d.T}, {d.B}, {MEMORY_V})))) / 1024"
    ),
    result="full",
    presets={"long": {"T": 200}, "short": {"T": 10}, "one": {"k": 1}},
)  # fmt: skip


# ---- too sensitive: the cliff
CLIFF_WS = np.round(np.arange(0.5, 3.0001, 0.005), 3)
CLIFF_H0, CLIFF_TARGET, NUDGE = 1.0, 0.9, 0.01


class Cliff(NamedTuple):
    """Loss and gradient of a scalar RNN against its recurrent weight; T steps without input, from h_0 = 1."""

    w_hh: float
    loss: float
    gradient: float
    nudged: float  # the loss at w_hh + NUDGE
    ws: np.ndarray
    losses: np.ndarray
    slopes: np.ndarray  # |dL/dw_hh|
    steepest: float  # the w_hh of the curve where |dL/dw_hh| is largest
    slope: float  # and how large it is there


def _cliff_loss(w, T, b):
    """(h_T - target)^2 for each of the weights w."""
    h = CLIFF_H0
    for _ in range(T):
        h = np.tanh(w * h + b)
    return (h - CLIFF_TARGET) ** 2


def compute_cliff(w_hh, T, b):
    """The curves by the complex step, the point by backpropagation through time."""
    curve = _cliff_loss(CLIFF_WS + 1e-20j, T, b)
    slopes = np.abs(curve.imag / 1e-20)
    params = _graph_params(0.0, w_hh, b, 1.0)
    result = bptt.gradients(
        rnn, params, np.zeros((T, 1, 1)), np.full((T, 1, 1), CLIFF_TARGET), state0=np.full((1, 1), CLIFF_H0),
        y_mask=_loss_mask("last", T), criterion=SQUARED_ERROR,
    )  # fmt: skip
    nudged = _cliff_loss(w_hh + NUDGE, T, b)
    top = slopes.argmax()
    return Cliff(
        w_hh, float(result.loss), result.grads.cell.W_hh[0, 0], float(nudged), CLIFF_WS, curve.real, slopes,
        CLIFF_WS[top], slopes[top],
    )  # fmt: skip


cliff = register(
    Spec(
        name="bptt.cliff",
        controls=(
            Slider("w_hh", 0.5, 3.0, 0.005, 1.45),
            Slider("T", 1, 60, 1, 30),
            Slider("b", -0.5, 0.0, 0.01, -0.2),
        ),
        compute=compute_cliff,
        picture=moved(plots.make_cliff, plots.update_cliff, ("losses", "slopes")),
        say=plots.say_cliff,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils import bptt, rnn\nfrom lecture_utils.functions import SQUARED_ERROR\n"
            f"cell = rnn.Params(np.zeros((1, 1)), np.array([[{d.w_hh}]]), np.array([{d.b}]))\n"
            f"params, T = bptt.Params(cell, np.ones((1, 1)), np.zeros(1)), {d.T}\n"
            f"bptt.gradients(rnn, params, np.zeros((T, 1, 1)), np.full((T, 1, 1), {CLIFF_TARGET}), "
            "state0=np.ones((1, 1)), y_mask=np.arange(T) == T - 1, criterion=SQUARED_ERROR).grads.cell.W_hh[0, 0]"
        ),
        result="gradient",
        presets={"plateau": {"w_hh": 1.0}, "edge": {}, "few": {"T": 3}, "many": {"T": 60, "w_hh": 1.48}},
        size=(7.4, 4.8),
    )
)

# ---- the truncation dial
DIAL_V, DIAL_H = 4, 8
FORMS = ("pieces", "window")


def kept(form, T, k):
    """Whether the path from the loss of step t back to step s is kept, entry [t, s], both counted from 0."""
    t, s = np.arange(T)[:, None], np.arange(T)
    return (s <= t) & ((s // k == t // k) if form == "pieces" else (t - s < k))


def dial_network(T, radius, seed):
    """(params, xs, targets): a random RNN whose W_hh has that spectral radius, random letters in and out."""
    rng = np.random.default_rng(seed)
    params = bptt.init(rnn, rng, DIAL_V, DIAL_H)
    params = params._replace(cell=params.cell._replace(W_hh=gradients.recurrent_matrix(rng, DIAL_H, radius)))
    return params, rng.integers(0, DIAL_V, (T, 1)), rng.integers(0, DIAL_V, (T, 1))


def compute_dial(form, k, T, radius, seed):
    """The gradient path by path, [t, s]; a truncation is a sum over some of the paths."""
    params, xs, targets = dial_network(T, radius, seed)
    trace, outputs = bptt.forward(rnn, params, xs)
    dhs = (bptt.output_gradients(outputs, targets)[1] @ params.W_hy)[:, 0]
    steps = rnn.jacobians(params.cell, trace)[:, 0]
    dh = np.zeros((T, T, DIAL_H))  # dL_t/dh_s
    for s in reversed(range(T)):
        dh[s, s] = dhs[s]
        if s + 1 < T:
            dh[s + 1 :, s] = dh[s + 1 :, s + 1] @ steps[s + 1]  # later losses, by way of h_{s+1}
    da = dh * (1 - trace.h[:, 0] ** 2)
    inputs = np.hstack([one_hot(xs[:, 0], DIAL_V), trace.h_prev[:, 0], np.ones((T, 1))])  # of W_xh, W_hh, b_h
    angles, ratios = {}, {}
    for name in FORMS:
        masks = np.array([kept(name, T, n) for n in range(1, T + 1)], float)
        grads = (np.einsum("kts,tsi->kis", masks, da, optimize=True) @ inputs).reshape(
            T, -1
        )  # the last is the full one
        lengths = np.linalg.norm(grads, axis=1)
        angles[name] = [_degrees(c) for c in np.clip(grads @ grads[-1] / lengths / lengths[-1], -1, 1)]
        ratios[name] = lengths / lengths[-1]
    with np.errstate(divide="ignore"):
        sizes = np.where(np.tri(T) > 0, np.log10(np.linalg.norm(da, axis=-1)), np.nan)
    k, paths = min(k, T), kept(form, T, min(k, T))
    return {"k": k, "kept": int(paths.sum()), "paths": T * (T + 1) // 2, "cut": np.nonzero(np.tri(T) * ~paths),
            "log10_size": sizes, "angles": angles, "ratios": ratios, "angle": angles[form][k - 1],
            "ratio": ratios[form][k - 1], "full_bytes": bptt.bytes_kept(trace),
            "bytes": bptt.bytes_kept(bptt.piece(trace, 0, k))}  # fmt: skip


FAINTEST = -5  # log10 of the size of a path at which the colour scale begins


def draw_dial(figure, d):
    """Left the paths from loss t to step s, the cut ones crossed; right angle and length against k, in both forms."""
    axes = figure.subplot_mosaic([["paths", "bar", "angle"], ["paths", "bar", "length"]], width_ratios=[1.2, 0.06, 1])
    paths, angle, length = axes["paths"], axes["angle"], axes["length"]
    paths.set(xlabel="step s that is reached", ylabel="loss of step t", title=r"$\log_{10}|\partial L_t/\partial a_s|$")
    paths.grid(False)
    paths.set_facecolor(style.PALE)
    image = paths.imshow(np.zeros((1, 1)), cmap=style.SEQUENTIAL, vmin=FAINTEST, vmax=0, aspect="auto")
    figure.colorbar(image, cax=axes["bar"], extend="min")
    cross = {"color": style.VERMILION, "marker": "x", "markeredgewidth": 2, "linestyle": "none"}
    yield paths, lambda d: {"xlim": (0.5, d.T + 0.5), "ylim": (d.T + 0.5, 0.5)}
    yield image, lambda d: {"data": d.log10_size, "extent": (0.5, d.T + 0.5, d.T + 0.5, 0.5)}
    yield (
        paths.plot([], [], **cross)[0],
        lambda d: {"data": (d.cut[1] + 1, d.cut[0] + 1), "markersize": min(7, 90 / d.T)},
    )
    angle.set(ylim=(-4, 94), ylabel="angle (°)", yticks=(0, 30, 60, 90))
    angle.tick_params(labelbottom=False)
    length.set(ylim=(0, 2.1), ylabel="length / full", xlabel="k")
    length.axhline(1, color=style.INK, linewidth=1)
    for axis in (paths.xaxis, paths.yaxis, length.xaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    for panel, curves, top in ((angle, "angles", 92), (length, "ratios", 2.05)):
        yield panel, lambda d: {"xlim": (0.5, d.T + 0.5)}
        for form, quantity, marker in (("pieces", "weight", "^"), ("window", "hidden", "o")):
            line = curve(panel, quantity, form, marker=marker, markersize=5)
            yield line, lambda d, c=curves, f=form, top=top: (range(1, d.T + 1), np.minimum(getattr(d, c)[f], top))
        here = ring(panel, markersize=12)
        yield here, lambda d, c=curves, top=top: ([d.k], [min(getattr(d, c)[d.form][d.k - 1], top)])
    angle.legend(loc="upper right")


truncation = explorer(
    "bptt.truncation", compute_dial, draw_dial,
    Choice("form", FORMS, "pieces"),
    Slider("k", 1, 24, 1, 4, at_most="T"),
    Slider("T", 2, 24, 1, 12),
    Slider("radius", 0.0, 1.5, 0.05, 0.9),
    Slider("seed", 0, 99, 1, 0),
    say=lambda d: d.form,
    line=lambda d: (
        "import numpy as np\nfrom lecture_utils import bptt, rnn\n"
        "from lecture_utils.chapters.bptt.explorers import dial_network\n"
        f"network = dial_network(T={d.T}, radius={d.radius}, seed={d.seed})\n"
        f"grads = bptt.{'gradients' if d.form == 'pieces' else 'windowed_gradients'}(rnn, *network, k={d.k}).grads\n"
        "full = bptt.gradients(rnn, *network).grads\n"
        "round(float(np.degrees(np.arccos(bptt.compare(grads.cell, full.cell)[0]))), 3)"
    ),
    result="angle",
    presets={"pieces": {}, "window": {"form": "window"}, "one": {"k": 1}, "short_memory": {"radius": 0.3}},
    size=(8.6, 4.5),
)  # fmt: skip


# ---- training with truncated gradients
TRAIN_T, TRAIN_V, TRAIN_H, TRAIN_B, TRAIN_RATE, TRAIN_LIMIT = 12, 4, 24, 16, 0.01, 1.0
EVERY, FRAMES, EXAMPLES = 10, 40, 32
SOLVED = 0.1  # nats


class TrainFrame(NamedTuple):
    """Where both trainings stand, from the same start and on the same batches."""

    step: int
    truncated: bptt.Params
    full: bptt.Params
    truncated_loss: float  # on examples that no training sees, in nats
    full_loss: float
    xs: np.ndarray  # (T, EXAMPLES), those examples


def recall(rng, B, delay):
    """(xs, targets, y_mask): random letters; at each step the letter read `delay` steps ago is asked for."""
    xs = rng.integers(0, TRAIN_V, (TRAIN_T, B))
    return xs, np.roll(xs, delay, axis=0), np.arange(TRAIN_T) >= delay


def train_truncated(form, k, delay, seed):
    """A generator of the Params of a network trained on `recall` with a truncated gradient, before and after each update."""
    rng = np.random.default_rng(seed)
    params = bptt.init(rnn, rng, TRAIN_V, TRAIN_H)
    batches = (Batch(*recall(rng, TRAIN_B, delay)) for _ in count())
    gradients_of = partial(bptt.gradients if form == "pieces" else bptt.windowed_gradients, k=k)
    made = train(rnn, params, batches, Adam(TRAIN_RATE), TRAIN_LIMIT, gradients=gradients_of)
    return (snapshot.params for snapshot in made)


def recall_loss(params, delay, seed):
    """(loss, xs): the mean loss on examples that no training sees, and their letters."""
    xs, targets, y_mask = recall(np.random.default_rng(seed + 1_000_000), EXAMPLES, delay)
    return float(bptt.loss(rnn, params, xs, targets, y_mask=y_mask)), xs


def film_training(form, k, delay, seed):
    """Frames of two trainings side by side, truncated and full, every few updates."""
    pair = train_truncated(form, k, delay, seed), train_truncated("pieces", TRAIN_T, delay, seed)
    for step, (truncated, full) in enumerate(zip(*pair, strict=True)):
        if step % EVERY == 0:
            loss, xs = recall_loss(truncated, delay, seed)
            yield TrainFrame(step, truncated, full, loss, recall_loss(full, delay, seed)[0], xs)


class TrainData(NamedTuple):
    """Both loss curves so far."""

    form: str
    k: int
    delay: int
    steps: list
    truncated: list
    full: list
    step: int
    truncated_loss: float
    full_loss: float


def compute_training(form, k, delay, seed, film, frame):
    """The curves up to the newest frame, the losses of the shown one; the seed stands behind the film."""
    shown = film[frame]
    return TrainData(
        form, k, delay, [made.step for made in film], [made.truncated_loss for made in film],
        [made.full_loss for made in film], shown.step, shown.truncated_loss, shown.full_loss,
    )  # fmt: skip


training = register(
    Spec(
        name="bptt.training",
        controls=(
            Choice("form", FORMS, "pieces"),
            Slider("k", 1, TRAIN_T, 1, 3),
            Slider("delay", 1, 4, 1, 3),
            Slider("seed", 0, 99, 1, 2),
        ),
        compute=compute_training,
        picture=moved(plots.make_training, plots.update_training),
        say=plots.say_training,
        line=lambda d: (
            "from itertools import islice\nfrom lecture_utils.chapters.bptt.explorers import recall_loss, train_truncated\n"
            f"made = train_truncated({d.form!r}, k={d.k}, delay={d.delay}, seed={d.seed})\n"
            f"*_, params = islice(made, {d.frame * EVERY + 1})\n"
            f"recall_loss(params, delay={d.delay}, seed={d.seed})[0]"
        ),
        result="truncated_loss",
        presets={
            "short": {"k": 3},
            "enough": {"k": 4},
            "window": {"k": 4, "form": "window"},
            "one_back": {"k": 1, "delay": 1},
        },
        film=film_training,
        budget=FRAMES,
    )
)
