"""The explorers of chapter 3: the graph, the ledger, the check, the deck's toy, memory, the cliff, truncation, training."""

import math
from itertools import pairwise

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

from lecture_utils import bptt, descent, gradcheck, gradients, hello, rnn, truncated
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import axes_at, curve, ghosted, ring, write
from lecture_utils.drawing.diagram import POINT, PX, Board, length, number, short, sub, term
from lecture_utils.drawing.network import END, Network
from lecture_utils.functions import SQUARED_ERROR, rebuild
from lecture_utils.texts import text
from lecture_utils.widgets.engine import Choice, Entry, Refusal, Slider, explorer

LOSSES = ("every", "last")


def _loss_mask(losses, T):
    """True where a loss is taken: at every step, or at the last one only."""
    return (np.arange(T) == T - 1) | (losses == "every")


def _bars(quantity, share, hatch, label):
    """The look of hatched bars, their face mixed with white: the moving layer cannot make it translucent."""
    colour = style.colour(quantity)
    pale = [share * part + 1 - share for part in to_rgb(colour)]
    return {"facecolor": pale, "edgecolor": colour, "hatch": hatch, "label": label}


def derivative(what, of="L"):
    """The partial derivative of the loss (or of something else), in mathematics."""
    return rf"\frac{{\partial {of}}}{{\partial {what}}}"


def _scalar_line(d, W_hy, xs, targets):
    """The Python of a Scene's scalar RNN and its sequence."""
    return (f"cell = rnn.Params(np.array([[{d.w_xh}]]), np.array([[{d.w_hh}]]), np.array([{d.b}]))\n"
            f"params = bptt.Params(cell, {W_hy}, np.zeros(1))\n"
            f"xs, targets = np.array({xs.tolist()}), np.array({targets.tolist()})\n")  # fmt: skip


# ---- the unrolled graph, forward and back (3.1)
GRAPH_XS, GRAPH_TARGETS = np.array([1.0, -0.5, 0.5]), np.array([0.5, 0.5, -0.5])
GRAPH_T = len(GRAPH_XS)


def _place(walk):
    """(direction, t) of a step of the walk: start, forward, then for each step back first h_t, then a_t."""
    if walk <= GRAPH_T:
        return ("forward", walk) if walk else ("start", 0)
    back, second = divmod(walk - GRAPH_T - 1, 2)
    return "ha"[second], GRAPH_T - back


def compute_graph(walk, w_xh, w_hh, b, w_hy, losses):
    """The scalar RNN: `value` and `gradient` of each kind of node, index t, and where a gradient is `known`; losses are
    taken at the steps `on`. Then the numbers of step t, at which the walk stands, and the whole dL/dw_hh."""
    params, mask = gradients.scalar(w_xh, w_hh, b, w_hy), _loss_mask(losses, GRAPH_T)
    xs, targets = GRAPH_XS.reshape(-1, 1, 1), GRAPH_TARGETS.reshape(-1, 1, 1)
    batch = {"xs": xs, "targets": targets, "y_mask": mask, "criterion": SQUARED_ERROR}
    trace, outputs = bptt.forward(rnn, params, xs)
    loss, dys = bptt.output_gradients(outputs, targets, mask, SQUARED_ERROR)
    book = gradients.ledger(rnn, params, **batch)
    numeric = bptt.numerical_gradient(lambda w: bptt.loss(rnn, gradients.scalar(w_xh, w, b, w_hy), **batch), w_hh)
    steps = SQUARED_ERROR.value(outputs, targets)
    value = {"x": xs, "a": trace.a, "h": trace.h, "y": outputs, "loss": steps, "target": targets}
    value = {name: np.pad(array.ravel(), 1) for name, array in value.items()}
    gradient = {"h": book.dh.ravel(), "a": np.pad(book.total.b_h.ravel(), 1), "y": np.pad(dys.ravel(), 1)}
    gradient["part"] = gradient["a"] * np.roll(value["h"], 1)
    back = walk - 3 * GRAPH_T - 1 + 2 * np.arange(GRAPH_T + 1)  # 0 or more once the walk has come back to h_t
    back[0] += 1  # h_0 comes along with a_1
    known = {"y": back >= 0, "h": back >= 0, "a": back > 0}
    (direction, t), h = _place(walk), value["h"]
    numbers = {"h": h[t], "slope": 1 - h[t] ** 2, "own": w_hy * gradient["y"][t], "future": w_hh * gradient["a"][t + 1],
               "dh": gradient["h"][t], "da": gradient["a"][t], "part": gradient["part"][t], "loss": loss,
               "dw_hh": book.total.W_hh.sum(), "numeric": round(float(numeric), 7)}  # fmt: skip
    numbers = {name: written + 0.0 for name, written in numbers.items()}  # -0.0 becomes 0.0: nobody writes "-0"
    place = {"on": set(np.flatnonzero(mask) + 1), "direction": direction, "t": t, "before": max(t - 1, 0)}
    return {"value": value, "gradient": gradient, "known": known} | place | numbers


WIDE, HIGH = 0.68, 0.3  # of a node's cell; a node is two cells, its value above its gradient
ROWS = {"loss": 4.62, "y": 3.72, "h": 2.72, "a": 2.72, "x": 1.42}  # the upper edge of each row
FIRST, PITCH, STATE = 1.4, 2.5, 1.25  # left edge of a_1; from step to step; from a_t to h_t


def draw_graph(d):
    """Three steps; in every node the value above and, once the walk has come back to it, the gradient below."""
    net = Network(8.6, 5.8, GRAPH_T, first=FIRST + STATE + WIDE / 2, pitch=PITCH)
    steps, targets = range(1, GRAPH_T + 1), [term(target) for target in d.value["target"]]
    xh, hh, hy, b = (term(weight) for weight in (d.w_xh, d.w_hh, d.w_hy, d.b))
    reached = [t <= d.walk for t in steps]

    def row(name, quantity, dx=0.0, back=None, start=1, **look):
        part = slice(start, GRAPH_T + 1)
        if back:
            look |= {"gradient": d.gradient[name][part], "back": back, "known": d.known[name][part]}
        values = d.value[name][part]
        net.row(name, ROWS[name], values, quantity, (WIDE, HIGH), dx, start=start, outline=True, **look)

    def into_h(t):
        own, future = f"{hy} · {{dy_{t}}}", f"{hh} · {{da_{t + 1}}}"
        return " + ".join([own] * (t > 0) + [future] * (t < GRAPH_T))

    def into_y(t):
        return f"2 · ({{y_{t}}} − {targets[t]}) / {len(d.on)}" if t in d.on else None

    row("x", "input", -STATE)
    made = {"formula": lambda t: f"{xh} · {{x_{t}}} + {hh} · {{h_{t - 1}}} + {b}", "shown": reached}
    row("a", "derivative", -STATE, lambda t: f"(1 − {{h_{t}}}²) · {{dh_{t}}}", **made)
    row("h", "hidden", 0.0, into_h, 0, formula=lambda t: t and f"tanh({{a_{t}}})", shown=[True, *reached])
    row("y", "output", 0.0, into_y, formula=lambda t: f"{hy} · {{h_{t}}}", shown=reached)
    made = {"formula": lambda t: f"({{y_{t}}} − {targets[t]})²", "shown": [t in d.on and t <= d.walk for t in steps]}
    row("loss", "target", said="L", **made)
    name_at = {"x": 0.17, "a": 0.17, "h": -0.8, "y": 0.17, "loss": 0.17}  # from the upper edge
    net.write(net.middle(0) - 0.22, ROWS["h"] + name_at["h"], "$h_0$", size=13)
    for t in steps:
        a, h, before = net.middle(t) - STATE, net.middle(t), net.middle(t - 1)
        for row_of, up in name_at.items():
            name, x = "L" if row_of == "loss" else row_of, a if row_of in "xa" else h
            look = {"id": f"name_{name}_{t}", "visible": name != "L" or t in d.on}
            net.write(x - 0.22, ROWS[row_of] + up, f"${name}_{t}$", size=13, **look)
        net.link("h", t - 1, "a", t, "hidden")
        net.link("a", t, "h", t, "hidden")
        net.link("x", t, "a", t, "input", dx=0.16)
        net.link("h", t, "y", t, "output", dx=0.16)
        net.link("y", t, "loss", t, "target", t in d.on, dx=0.16)
        at_h, at_a = d.known["h"][t], d.known["a"][t]
        net.link("h", t - 1, "a", t, "gradient", at_a, back=True)
        net.link("a", t, "h", t, "gradient", at_a, back=True)
        net.link("h", t, "y", t, "gradient", at_h and t in d.on, 0.28, back=True)
        net.link("y", t, "loss", t, "gradient", at_h and t in d.on, 0.28, back=True)
        arrow = ROWS["h"] - HIGH / 2
        net.weight((before + a) / 2, arrow + 0.17, "$w_{hh}$", "w_hh")
        net.write((a + h) / 2, arrow + 0.17, "tanh", size=11)
        net.weight(a + 0.08, (ROWS["x"] + ROWS["h"]) / 2 - HIGH + 0.05, "$w_{xh}$", "w_xh", ha="right")
        net.weight(h + 0.06, (ROWS["h"] + ROWS["y"]) / 2 - HIGH, "$w_{hy}$", "w_hy", ha="right")
        outline = {"fill": "none", "stroke": "weight", "stroke_width": 1.4, "stroke_opacity": 0.4}
        net.rectangle(a - WIDE / 2, 0.92 - HIGH, WIDE, HIGH, **outline)
        made = {"said": f"∂L/∂{sub('a', t)} · {sub('h', t - 1)}", "formula": f"{{da_{t}}} · {{h_{t - 1}}}"}
        made |= {"data_when": net.when("x", t, back=True), "visible": at_a}
        net.numbers(f"part_{t}", a - WIDE / 2, 0.92, [d.gradient["part"][t]], "weight", (WIDE, HIGH), **made)
        net.write(a, 0.28, f"${derivative(f'a_{t}')}\\,h_{t - 1}$", size=13)
        if t < GRAPH_T:
            net.write(a + PITCH / 2, 0.77, "+", size=14)
    look = {"size": 13, "ha": "left", "data_when": END}
    rule, squared = _rule(d)
    net.write(0.15, 5.5, rule, id="rule", math=True, **look)
    net.write(0.15, 5.12, squared, id="squared", **look)
    net.write(0.15, 0.77, f"${derivative('w_{hh}')}\\;=$", size=14, ha="left")
    total = f"= {number(d.dw_hh)}" if d.walk == 3 * GRAPH_T else ""
    net.write(net.middle(GRAPH_T) - STATE + WIDE / 2 + 0.15, 0.77, total, id="total", **look)
    left, low, wide, high = FIRST + (d.t - 1) * PITCH, ROWS["h"] - 2 * HIGH, WIDE, 2 * HIGH
    if d.direction == "forward":
        low, wide, high = ROWS["x"] - HIGH, STATE + WIDE, ROWS["loss"] - ROWS["x"] + HIGH + 0.24
    elif d.direction == "h":
        left += STATE
    look = {"dashed": True, "visible": d.direction != "start", "data_when": END}
    net.frame(left - 0.08, low - 0.08, wide + 0.16, high + 0.16, "now", **look)
    return net


def _rule(d):
    """The rule that the walk's present step applies, with its numbers, and below it that of the step's loss."""
    t, squared = d.t, ""
    if d.direction == "start":
        return r"$h_0 = 0$", squared
    if d.direction == "forward":
        x, a, y, target, loss = (d.value[name][t] for name in ("x", "a", "y", "target", "loss"))
        parts = f"{short(d.w_xh)} · {term(x)} + {term(d.w_hh)} · {term(d.value['h'][t - 1])} + {term(d.b)}"
        if t in d.on:
            squared = f"$L_{t} = (y_{t} - ${text('bptt.graph.word.target')}$)^2$ = "
            squared += f"({short(y)} − {term(target)})² = {short(loss)}"
        return rf"$h_{t} =$ tanh({parts}) = tanh({short(a)}) = {number(d.h, 4)}", squared
    if d.direction == "h":
        later, found = "", ""
        if t < GRAPH_T:
            later, found = rf" + w_{{hh}}\,{derivative(f'a_{t + 1}')}", f" + {term(d.future)} = {short(d.dh)}"
        own = rf"{derivative(f'h_{t}')} = w_{{hy}}\,{derivative(f'y_{t}')}"
        return rf"${own}{later}$ = {short(d.own)}{found}", squared
    numbers = f"{short(d.slope)} · {term(d.dh)} = {short(d.da)}"
    return rf"${derivative(f'a_{t}')} = (1 - h_{t}^2)\,{derivative(f'h_{t}')}$ = {numbers}", squared


graph = explorer(
    "bptt.graph", compute_graph, None,
    Slider("walk", 0, 3 * GRAPH_T, 1, 6),
    Slider("w_hh", -3.0, 3.0, 0.1, 1.2), Slider("w_xh", -3.0, 3.0, 0.1, 0.8),
    Slider("b", -2.0, 2.0, 0.1, 0.0), Slider("w_hy", -2.0, 2.0, 0.1, 1.0),
    Choice("losses", LOSSES, "every"),
    line=lambda d: _scalar_line(d, f"np.array([[{d.w_hy}]])", GRAPH_XS, GRAPH_TARGETS) +
        "bptt.gradients(rnn, params, xs.reshape(-1, 1, 1), targets.reshape(-1, 1, 1), "
        f"y_mask=np.array({_loss_mask(d.losses, GRAPH_T).tolist()}), criterion=SQUARED_ERROR).grads.cell.W_hh[0, 0]",
    say=lambda d: d.direction, result="dw_hh", diagram=draw_graph,
    presets={"forward": {"walk": GRAPH_T}, "meet": {"walk": 6}, "home": {"walk": 3 * GRAPH_T},
             "last": {"walk": 3 * GRAPH_T, "losses": "last"}},
)  # fmt: skip


# ---- the ledger: what each step contributes to dL/dW_hh (3.1)
def compute_ledger(i, j, gain, losses):
    """What the steps of "hello" contribute to dL/dW_hh[i, j]: `bars`, (T + 1,) each, the last one the sum, from a
    step's own loss, carried back from later losses, in all. `angle` (degrees) and `ratio` (of lengths) compare the
    gradient of the whole cell that holds h_{t-1} constant with the true one."""
    slide, batch = hello.rebuild(), (hello.INPUTS, hello.TARGETS)
    on, W_hh = _loss_mask(losses, len(hello.INPUTS)), gain * slide.cell.W_hh

    def changed(W_hh):
        return slide._replace(cell=slide.cell._replace(W_hh=W_hh))

    book = gradients.ledger(rnn, changed(W_hh), *batch, y_mask=on)
    immediate, total = (rebuild(part, [array.sum(axis=0) for array in part]) for part in (book.immediate, book.total))
    cosine, ratio = bptt.compare(immediate, total)
    entry = np.outer(np.arange(3) == i, np.arange(3) == j)
    numeric = bptt.numerical_gradient(lambda w: bptt.loss(rnn, changed(W_hh + w * entry), *batch, y_mask=on), 0.0)
    steps = {"immediate": book.immediate.W_hh[:, i, j], "carried": book.carried.W_hh[:, i, j]}
    bars = {name: np.append(parts, parts.sum()) for name, parts in steps.items()}
    bars["total"] = bars["immediate"] + bars["carried"]
    compared = {"numeric": round(float(numeric), 7), "angle": bptt.degrees(cosine), "ratio": ratio}
    return {name: parts[-1] for name, parts in bars.items()} | {"bars": bars} | compared


LEDGER_TOP = 0.6
LEDGER_BARS = (("immediate", "output", "//", -1, "own loss  ($h_{t-1}$ held constant)"),
               ("carried", "hidden", "\\\\", 0, "later losses  (carried back)"),
               ("total", "gradient", "", 1, "both"))  # fmt: skip


def draw_ledger(figure, d):
    """For each step three bars, at the right their sums over the steps; a bar that leaves the axis ends in an arrow."""
    axes, T = figure.subplots(), len(hello.INPUTS)
    middle = T + 1.65  # of the sums
    axes.set(xlim=(0.4, T + 2.5), ylim=(-LEDGER_TOP, LEDGER_TOP), xlabel="step at which $W_{hh}$ is used")
    axes.set_xticks([*range(1, T + 1), middle], [f"t = {t}" for t in range(1, T + 1)] + ["sum"])
    axes.grid(axis="x", visible=False)
    axes.axhline(0, color=style.INK, linewidth=1)
    axes.axvline(T + 0.75, color=style.GREY, linewidth=1.2)
    for name, quantity, hatch, side, label in LEDGER_BARS:
        places = np.append(np.arange(1, T + 1) + 0.27 * side, middle + 0.52 * side)
        look = _bars(quantity, 0.55, hatch, label)
        bars = axes.bar(places, np.zeros(T + 1), [0.25] * T + [0.42], linewidth=1.5, **look)
        yield ghosted(bars), lambda d, n=name: np.clip(d.bars[n], -LEDGER_TOP, LEDGER_TOP)
        yield write(axes, 0, 0, "", size=11), lambda d, n=name, x=places[-1]: _sum_label(x, d.bars[n][-1])
        for t, place in enumerate(places):
            yield write(axes, 0, 0, "", fontweight="bold"), lambda d, n=name, t=t, x=place: _beyond(x, d.bars[n][t])
    star = ring(axes, marker="*", markersize=13, fillstyle="full", label="central differences")
    yield star, lambda d: ([places[-1]], [d.numeric])  # at the sum of both
    yield axes, lambda d: {"ylabel": rf"part of $\partial L / \partial W_{{hh}}[{d.i}, {d.j}]$"}
    axes.legend(handles=[*axes.containers, star], loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)


def _sum_label(x, value):
    """The number beside the end of the bar at x, inside the axis."""
    height = abs(value) + 0.045 if abs(value) < LEDGER_TOP - 0.08 else LEDGER_TOP - 0.1
    return {"text": number(value, 3), "position": (x, math.copysign(height, value))}


def _beyond(x, value):
    """The arrow at the edge of the axis, where the bar at x ends outside it."""
    sign = ("▲" if value > 0 else "▼") if abs(value) > LEDGER_TOP else ""
    return {"text": sign, "position": (x, math.copysign(LEDGER_TOP - 0.03, value))}


ledger = explorer(
    "bptt.ledger", compute_ledger, draw_ledger,
    Slider("i", 0, 2, 1, 1), Slider("j", 0, 2, 1, 2), Slider("gain", 0.0, 2.0, 0.1, 1.0),
    Choice("losses", LOSSES, "every"),
    line=lambda d: "params = hello.rebuild()\n"
        f"params = params._replace(cell=params.cell._replace(W_hh={d.gain} * params.cell.W_hh))\n"
        "bptt.gradients(rnn, params, hello.INPUTS, hello.TARGETS, y_mask=np.array("
        f"{_loss_mask(d.losses, len(hello.INPUTS)).tolist()})).grads.cell.W_hh[{d.i}, {d.j}]",
    result="total", size=style.WIDE,
    presets={"slide": {}, "against": {"i": 1, "j": 1}, "strong": {"gain": 2.0}, "last": {"losses": "last"}},
)  # fmt: skip


# ---- a backward pass with a broken line, and the check that finds it (3.1)
def draw_backward(d):
    """The backward pass as it runs, the broken line marked."""
    board = Board(4.35, 4.3)
    board.write(0.2, 4.05, text("bptt.gradient_check.word.backward"), size=13, ha="left", bold=True)
    heights, wrong = [3.65 - 0.34 * n for n in range(len(d.lines))], d.broken is not None
    look = {"fill": "vermilion", "fill_opacity": 0.3, "visible": wrong}
    board.rectangle(0.12, heights[d.broken or 0] - 0.16, 4.1, 0.32, "mark", **look)
    for n, (line, height) in enumerate(zip(d.lines, heights, strict=True)):
        indent = 0.1 * (len(line) - len(line.strip()))
        board.write(0.2 + indent, height, line.strip(), ha="left", mono=True, id=f"line_{n}")
    return board


def draw_check(figure, d):
    """The relative error of each array, on a log axis."""
    bars, names = axes_at(figure, 0.85, 0.65, 3.8, 3.0), list(d.central)[::-1]
    ends = low, _ = 1e-18, 1e2  # an error below has no bar
    bars.set(xscale="log", xlim=ends, ylim=(-0.6, 4.6), xlabel="relative error")
    bars.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1])
    bars.minorticks_off()
    bars.set_yticks(range(5), [rf"${name[0]}_{{{name[2:]}}}$" for name in names])
    bars.tick_params(axis="y", labelsize=style.text_size(13))
    methods = ("central", 0.19, "gradient", "//", "differences"), ("complex", -0.19, "hidden", "", "step")
    for method, shift, quantity, hatch, word in methods:
        look = _bars(quantity, 0.7, hatch, f"{method} {word}")
        row = bars.barh(np.arange(5) + shift, np.full(5, 1e-17), 0.34, left=low, **look)
        yield row, lambda d, m=method: np.clip([getattr(d, m)[name] for name in names], *ends) - low
    figure.legend(loc="upper right", ncols=2, columnspacing=1, bbox_to_anchor=(0.99, 0.99))


gradient_check = explorer(
    "bptt.gradient_check", gradcheck.report, draw_check,
    Choice("fault", tuple(gradcheck.FAULTS), "none"), Slider("log10_step", -14, -1, 1, -6),
    line=lambda d: f'gradcheck.report({d.fault!r}, {d.log10_step})["worst"]',
    say=lambda d: "fails" if d.failed else "passes", result="worst", size=(4.9, 4.3), diagram=draw_backward,
    presets={"right": {}, "sign": {"fault": "sign"}, "transpose": {"fault": "no_transpose"},
             "too_small": {"log10_step": -13}},
)  # fmt: skip


# ---- the deck's toy (3.3)
def compute_toy(w_hh, w_xh, b, h0, x1, x2, x3):
    """h_t = tanh(w_xh x_t + w_hh h_{t-1} + b) for t = 1, 2, 3. `paths`: the factors, (name, value), of dh_3/dh_1 and of
    the parts of dh_3/dw_hh that come from steps 3, 2, 1; `products`: of each path."""
    run = gradients.toy([x1, x2, x3], w_xh, w_hh, b, h0)
    paths = [gradients.state_path(run, 1), *reversed(gradients.weight_paths(run))]
    products = [gradients.product(path) for path in paths]
    (_, slope3), _, (_, slope2), _ = paths[0]
    named = dict(zip(("dh3_dh1", "part3", "part2", "part1"), products, strict=True))
    named |= {"dh3_dw": sum(reversed(products[1:])), "slope3": slope3, "slope2": slope2}
    return named | {"a": run.a, "h": run.h, "h3": run.h[3], "paths": paths, "products": products}


def _factor(name):
    """The symbol, the name, the origin and the quantity of a factor: phi'(a_3), w_hh or h_2."""
    t = name.strip(")")[-1]
    if name == "w_hh":
        return "w_{hh}", name, None, "weight"
    said, h = sub("h", t), f"{{h_{t}}}"
    if name[0] == "h":
        return name, said, h if name != "h_0" else None, "hidden"
    return f"1 - h_{t}^2", f"1 − {said}²", f"1 − {h}²", "derivative"


def draw_toy(d):
    """Above, the nested formula with its numbers; below, the factors of dh_3/dh_1 and of the parts of dh_3/dw_hh."""
    board, b, left = Board(8.6, 5.0), term(d.b), 1.1  # where the rows of factors begin
    inner = [f"{short(d.w_xh)} · {term(x)} + {term(d.w_hh)} · " for x in (d.x1, d.x2, d.x3)]
    steps = [f"tanh({inner[t]}{term(d.h[t])} + {b})" for t in range(3)]
    for t in range(3):
        h = f"{{h_{t}}}" if t else term(d.h0)
        a = f"a_{t + 1}", sub("a", t + 1), short(d.a[t]), f"{inner[t]}{h} + {b}"
        h = f"h_{t + 1}", sub("h", t + 1), number(d.h[t + 1], 4), f"tanh({{a_{t + 1}}})"
        board.line(f"step_{t + 1}", 0.2, 4.72 - 0.38 * t, f"$h_{t + 1}$ = {steps[t]} = tanh(", a, ") = ", h)
    nested = f"$h_3$ = tanh({inner[2]}{steps[1]} + {b}) = {number(d.h[3], 4)}"
    board.write(0.2, 3.58, nested, min(12, 8.3 * PX / length(nested, POINT)), "nested", ha="left")

    names = {"dh3_dh1": "∂h₃/∂h₁"} | {f"part{t}": text("bptt.toy.word.step", t=t) for t in (3, 2, 1)}
    rows = zip((2.85, 1.52, 0.92, 0.32), names.items(), d.paths, d.products, strict=True)
    for y, (name, said), path, product in rows:
        label = rf"${derivative('h_1', 'h_3')}\;=$" if name == "dh3_dh1" else said
        board.write(0.2, y, label, ha="left")
        for n, (factor, value) in enumerate(path):
            x, (symbol, called, origin, quantity) = left + n, _factor(factor)
            with board.group(f"{name}.{n}", called, formula=origin):
                board.box(x, y - 0.27, 0.92, 0.54, quantity)
                board.write(x + 0.46, y - 0.14, short(value), size=11)
            board.write(x + 0.46, y + 0.14, f"${symbol}$", size=11)
        factors = " · ".join(f"{{{name}.{n}}}" for n in range(len(path)))
        product = name, said, short(product), factors
        board.line(f"{name}'", left + len(path) + 0.03, y, "= ", product, size=13)
    whole = "dh3_dw", "∂h₃/∂w_hh", short(d.dh3_dw), "{part3} + {part2} + {part1}"
    board.write(0.2, 2.1, rf"${derivative('w_{hh}', 'h_3')}\;=$", ha="left")
    board.line("sum", left, 2.1, " + ".join(map(term, d.products[1:])) + " = ", whole, size=13)
    return board


toy = explorer(
    "bptt.toy", compute_toy, None,
    Slider("w_hh", -5.0, 5.0, 0.1, 3.0), Slider("w_xh", -5.0, 5.0, 0.1, 2.0), Slider("b", -3.0, 3.0, 0.1, 1.0),
    Slider("h0", -1.0, 1.0, 0.1, 0.0),
    Slider("x1", -3.0, 3.0, 0.1, -0.3), Slider("x2", -3.0, 3.0, 0.1, -0.9), Slider("x3", -3.0, 3.0, 0.1, -0.8),
    line=lambda d:
        f"toy = gradients.toy([{d.x1}, {d.x2}, {d.x3}], w_xh={d.w_xh}, w_hh={d.w_hh}, b={d.b}, h_0={d.h0})\n"
        "gradients.product(gradients.state_path(toy, 1))",
    result="dh3_dh1", diagram=draw_toy,
    presets={"deck": {}, "started": {"h0": 0.5}, "negative": {"w_hh": -3.0, "x2": 0.1, "x3": 0.1},
             "no_past": {"w_hh": 0.0}},
)  # fmt: skip


# ---- the paths of the gradient, and scissors (3.6, 3.8)
PATHS_XS = np.array([1.0, -0.5, 0.8, 0.2, -0.9, 0.6])
PATHS_TARGETS, PATHS_T = np.array([0.5, 0.5, -0.5, 0.0, 0.5, -0.5]), len(PATHS_XS)


def parse_cuts(typed):
    """The steps after which the way back is cut, in order; Refusal for what is no such step."""
    words = typed.replace(",", " ").split()
    for word in words:
        if word not in map(str, range(1, PATHS_T)):
            raise Refusal("bptt.paths.cut", typed=word, high=PATHS_T - 1)
    return tuple(sorted({int(word) for word in words}))


def compute_paths(t, s, cuts, w_hh, w_xh, b):
    """One unit that is its own output, the mean of (h_t - target)^2 as the loss. `slopes` (T,) of each step and, back from
    step t to step s, `running` (T + 1,), dh_t/dh_u, 0 behind a cut; what each step contributes to dL/dw_hh, `full` and
    `kept` (T,); angle (degrees) and length of the cut gradient of w_xh, w_hh, b beside the full one."""
    s, params = min(s, t), gradients.scalar(w_xh, w_hh, b)
    xs, targets = PATHS_XS.reshape(-1, 1, 1), PATHS_TARGETS.reshape(-1, 1, 1)
    full, kept = (truncated.contributions(params, xs, targets, SQUARED_ERROR, after) for after in ((), cuts))
    hs = rnn.forward(params.cell, xs).h[:, 0, 0]
    slopes, running = 1 - hs**2, np.zeros(PATHS_T + 1)
    running[t] = 1.0
    for u in range(t, s, -1):
        running[u - 1] = running[u] * slopes[u - 1] * w_hh * (u - 1 not in cuts)
    (wanted, found), steps = (part.sum(axis=0) for part in (full, kept)), t - s
    cosine = wanted @ found / max(np.linalg.norm(wanted) * np.linalg.norm(found), 1e-300)
    return {"s": s, "hs": hs, "losses": (hs - PATHS_TARGETS) ** 2, "slopes": slopes, "running": running,
            "full": full[:, 1], "kept": kept[:, 1], "whole": wanted[1], "rest": found[1], "steps": steps,
            "path": running[s] + 0.0, "angle": bptt.degrees(min(cosine, 1.0)),
            "ratio": np.linalg.norm(found) / np.linalg.norm(wanted), "after": ", ".join(map(str, cuts))}  # fmt: skip


def draw_paths(d):
    """The chain with its losses on top; the factors from loss t back to step s on the arrows, the product so far below
    the states, what each step contributes at the bottom. Between the steps, scissors."""
    net = Network(9.2, 4.7, PATHS_T, first=1.95, pitch=1.18)
    high, small, cell = 2.95, (0.52, 0.27), (0.56, 0.3)  # `high` is the height of the chain's arrows
    for y, words in ((4.3, "$L_u$"), (high, "$h_u$"), (2.5, rf"${derivative('h_u', 'h_t')}$"), (1.62, "$x_u$")):
        net.write(0.12, y, words, size=13, ha="left")
    for y, word in ((0.97, "full"), (0.5, "kept")):
        net.write(0.12, y, text(f"bptt.paths.word.{word}"), ha="left")
    on, steps = [d.s <= u <= d.t for u in range(1, PATHS_T + 1)], range(1, PATHS_T + 1)

    def made(u):
        return f"tanh({term(d.w_xh)} · {{x_{u}}} + {term(d.w_hh)} · {f'{{h_{u - 1}}}' if u > 1 else '0'} + {term(d.b)})"

    def ran(u):
        return None if u == d.t or u in d.cuts else f"{{run_{u + 1}}} · {{slope_{u + 1}}} · {{weight_{u + 1}}}"

    net.row("x", 1.77, PATHS_XS, "input", cell)
    net.row("h", high + 0.15, d.hs, "hidden", cell, formula=made, sets="s")
    lost = {"formula": lambda u: f"({{h_{u}}} − {term(PATHS_TARGETS[u - 1])})²", "sets": "t", "said": "L"}
    net.row("loss", 4.45, d.losses, "target", cell, **lost)
    for u in steps:
        net.link("x", u, "h", u, "input")
        net.link("h", u, "loss", u, "target")
        net.frame(net.middle(u) - 0.32, 4.11, 0.64, 0.38, f"t_{u}", visible=u == d.t)
        net.frame(net.middle(u) - 0.32, high - 0.19, 0.64, 0.38, f"s_{u}", visible=u == d.s)
    look = {"shown": on, "formula": ran, "said": "∂hₜ/∂h", "backing": True, "returns": True}
    net.row("run", 2.65, d.running[1:], "gradient", cell, **look)
    for u in steps[1:]:
        gap, path, cut = net.middle(u) - 0.59, d.s < u <= d.t, u - 1 in d.cuts
        left, right, place = gap - 0.31, gap + 0.31, gap - small[0] / 2
        net.arrow((left, high + 0.06), (right, high + 0.06), "hidden", f"h_{u - 1}>h_{u}")
        back = {"dashed": True, "visible": path and not cut}
        net.arrow((right, high - 0.06), (left, high - 0.06), "gradient", f"back_{u}", **back)
        weight = {"visible": path, "said": "w_hh", "kin": "w_hh"}
        net.numbers(f"weight_{u}", place, high + 0.44, d.w_hh, "weight", small, **weight)
        slope = {"visible": path, "said": f"1 − {sub('h', u)}²", "formula": f"1 − {{h_{u}}}²"}
        net.numbers(f"slope_{u}", place, high - 0.17, d.slopes[u - 1], "derivative", small, **slope)
        named = text(f"bptt.paths.word.{'mend' if cut else 'cut'}", before=u - 1, after=u)
        with net.group(f"cut_{u - 1}", named, data_set=f"cuts~{u - 1}"):
            net.rectangle(gap - 0.2, high + 0.55, 0.4, 0.36, fill="paper", fill_opacity=0)
            look = {"fill": "vermilion"} if cut else {"fill": "grey", "opacity": 0.7}
            net.write(gap, high + 0.73, "✂", size=20, **look)
        ends = (gap, high - 0.16), (gap, high + 0.16)
        net.path(ends, f"line_{u - 1}", width=3, quantity="vermilion", visible=cut)
    for name, y, values, total in (("full", 1.12, d.full, d.whole), ("kept", 0.65, d.kept, d.rest)):
        net.row(name, y, values, "weight", cell, returns=True, said=f"{text(f'bptt.paths.word.{name}')} ")
        whole = {"said": "∂L/∂w_hh", "formula": " + ".join(f"{{{name}_{u}}}" for u in steps)}
        net.write(8.32, y - 0.15, "=", size=13)
        net.numbers(f"{name}_sum", 8.47, y, total, "gradient", cell, **whole)
    net.write(8.75, 1.45, f"${derivative('w_{hh}')}$", size=13)
    return net


paths = explorer(
    "bptt.paths", compute_paths, None,
    Slider("t", 1, PATHS_T, 1, 5), Slider("s", 1, PATHS_T, 1, 2, at_most="t"),
    Entry("cuts", "", parse_cuts),
    Slider("w_hh", -3.0, 3.0, 0.1, 1.2), Slider("w_xh", -3.0, 3.0, 0.1, 0.8), Slider("b", -2.0, 2.0, 0.1, 0.0),
    say=lambda d: ("cut" if any(d.s <= cut < d.t for cut in d.cuts) else "kept") if d.cuts else "whole",
    line=lambda d: _scalar_line(d, "np.eye(1)", PATHS_XS, PATHS_TARGETS) +
        "state, total = None, 0\n"
        f"for start, stop in {list(pairwise([0, *d.cuts, PATHS_T]))}:\n"
        "    piece = [array[start:stop].reshape(-1, 1, 1) for array in (xs, targets)]\n"
        "    result = bptt.gradients(rnn, params, *piece, state0=state, criterion=SQUARED_ERROR)\n"
        f"    state, total = rnn.state(result.trace), total + result.grads.cell.W_hh[0, 0] * (stop - start) / {PATHS_T}\n"
        "total",
    result="rest", diagram=draw_paths,
    presets={"one": {"cuts": "3"}, "pieces": {"cuts": "2 4"}, "all": {"cuts": "1 2 3 4 5"}, "none": {"cuts": ""}},
)  # fmt: skip


# ---- memory
MEMORY_V, MEMORY_MOST = 4, 200


def compute_memory(T, k, H, B):
    """kB kept for the backward pass, counted from real traces: of T steps, of one piece; the curves (200,) over Ts."""
    cell = rnn.init(np.random.default_rng(0), MEMORY_V, H)
    trace = rnn.forward(cell, np.zeros((MEMORY_MOST, B, MEMORY_V)))
    Ts = np.arange(1, MEMORY_MOST + 1)
    one, two, full, piece = (bptt.bytes_kept(bptt.piece(trace, 0, steps)) / 1024 for steps in (1, 2, T, min(k, T)))
    curve = one + (Ts - 1) * (two - one)  # each further step adds the same arrays
    return {"full": full, "piece": piece, "ratio": full / piece,
            "Ts": Ts, "full_curve": curve, "piece_curve": curve[np.minimum(Ts, k) - 1]}  # fmt: skip


def draw_memory(figure, d):
    """The memory against T, both axes logarithmic, of the whole sequence and of pieces of k steps; rings at this T."""
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlim=(1, MEMORY_MOST), ylim=(0.03, 1e4), xlabel="T  (steps)")
    axes.set_ylabel("memory kept for the way back (kB)")
    yield ghosted(curve(axes, "rnn", "whole sequence", markevery=0.1)), lambda d: (d.Ts, d.full_curve)
    yield ghosted(curve(axes, "weight", "pieces of k steps", markevery=(0.05, 0.1))), lambda d: (d.Ts, d.piece_curve)
    yield ring(axes), lambda d: ([d.T, d.T], [d.full, d.piece])
    axes.legend(loc="upper left")


memory = explorer(
    "bptt.memory", compute_memory, draw_memory,
    Slider("T", 1, MEMORY_MOST, 1, 100), Slider("k", 1, MEMORY_MOST, 1, 20),
    Slider("H", 1, 64, 1, 32), Slider("B", 1, 16, 1, 8),
    line=lambda d: f"cell = rnn.init(np.random.default_rng(0), V={MEMORY_V}, H={d.H})\n"
                   f"bptt.bytes_kept(rnn.forward(cell, np.zeros(({d.T}, {d.B}, {MEMORY_V})))) / 1024",
    say=lambda d: "pieces" if d.k < d.T else "whole", result="full",
    presets={"long": {"T": 200}, "short": {"T": 10}, "one": {"k": 1}},
)  # fmt: skip


# ---- too sensitive: the cliff (3.2)
CLIFF_WS = np.round(np.arange(0.5, 3.0001, 0.005), 3)
CLIFF_H0, CLIFF_TARGET, NUDGE, TINY = 1.0, 0.9, 0.01, 1e-20  # TINY: the complex step
SLOPES = (1e-4, 1e4)  # the axis


def compute_cliff(w_hh, T, b):
    """Loss and gradient of a scalar RNN, T steps without input, at w_hh by backpropagation through time; `losses` and
    `slopes`, |dL/dw_hh| by the complex step, over CLIFF_WS; where that is largest. `nudged` is the loss at `moved`; `hs`
    (T+1,) and `hs_moved` are the states at both, `first` and `last` how far h_1 and h_T are apart."""
    losses = descent.cliff_loss(CLIFF_WS + 1j * TINY, b, T, CLIFF_H0, CLIFF_TARGET)
    loss, grads = descent.cliff_gradients(descent.Weights(w_hh, b), T, CLIFF_H0, CLIFF_TARGET)
    slopes, moved = np.abs(losses.imag / TINY), w_hh + NUDGE
    top, (hs, hs_moved) = slopes.argmax(), (descent.cliff_states(w, b, T, CLIFF_H0) for w in (w_hh, moved))
    return {"loss": loss, "gradient": grads.w_hh, "moved": moved,
            "nudged": (hs_moved[-1] - CLIFF_TARGET) ** 2, "losses": losses.real, "slopes": slopes,
            "steepest": CLIFF_WS[top], "slope": slopes[top], "hs": hs, "hs_moved": hs_moved,
            "first": abs(hs_moved[1] - hs[1]), "last": abs(hs_moved[-1] - hs[-1])}  # fmt: skip


def draw_cliff(figure, d):
    """Left above the loss against w_hh, below the size of its gradient on a log axis, held at the edges it would leave;
    right the states at w_hh and at a slightly larger one."""
    grid = figure.add_gridspec(2, 2)
    above, states = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[:, 1], ylim=(-1.05, 1.35))
    below = figure.add_subplot(grid[1, 0], sharex=above)
    above.tick_params(labelbottom=False)
    states.set(xlabel="step  $t$", ylabel="$h_t$")
    states.axhline(CLIFF_TARGET, color=style.INK, linestyle=":", linewidth=1.8)
    above.set(xlim=(CLIFF_WS[0], CLIFF_WS[-1]), ylim=(-0.15, 3.8), ylabel="loss  $L$")
    below.set(yscale="log", ylim=SLOPES, xlabel="$w_{hh}$", ylabel=r"$|\partial L / \partial w_{hh}|$")
    look = {"marker": "", "linestyle": "-", "linewidth": 2.2}
    yield ghosted(curve(above, "target", **look)), lambda d: (CLIFF_WS, d.losses)
    yield ghosted(curve(below, "gradient", **look)), lambda d: (CLIFF_WS, np.clip(d.slopes, *SLOPES))
    yield ring(above, markersize=10), lambda d: ([d.w_hh], [d.loss])
    yield ring(below, markersize=10), lambda d: ([d.w_hh], [np.clip(abs(d.gradient), *SLOPES)])
    yield states, lambda d: {"xlim": (0, d.T)}
    look = {"marker": "X", "linestyle": "--", "markevery": 3}
    yield curve(states, "hidden", "$w_{hh}$", markevery=3), lambda d: (range(d.T + 1), d.hs)
    yield curve(states, "ghost", f"$w_{{hh}} + {NUDGE}$", **look), lambda d: (range(d.T + 1), d.hs_moved)
    states.legend(loc="upper right", ncols=2)


cliff = explorer(
    "bptt.cliff", compute_cliff, draw_cliff,
    Slider("w_hh", 0.5, 3.0, 0.005, 1.45), Slider("T", 1, 60, 1, 30), Slider("b", -0.5, 0.0, 0.01, -0.2),
    line=lambda d:
        f"cell = rnn.Params(np.zeros((1, 1)), np.array([[{d.w_hh}]]), np.array([{d.b}]))\n"
        f"params, T = bptt.Params(cell, np.ones((1, 1)), np.zeros(1)), {d.T}\n"
        f"bptt.gradients(rnn, params, np.zeros((T, 1, 1)), np.full((T, 1, 1), {CLIFF_TARGET}), "
        f"np.full((1, 1), {CLIFF_H0}), y_mask=np.arange(T) == T - 1, criterion=SQUARED_ERROR).grads.cell.W_hh[0, 0]",
    result="gradient", size=style.LARGE,
    presets={"plateau": {"w_hh": 1.0}, "edge": {}, "few": {"T": 3}, "many": {"T": 60, "w_hh": 1.48}},
)  # fmt: skip


# ---- the truncation dial
def compute_dial(form, k, T, radius, seed):
    """Which paths the truncation keeps and cuts, and how its gradient and its memory compare with the full ones."""
    k, (trace, data) = min(k, T), truncated.dial_paths(T, radius, seed)
    kept = truncated.kept(form, T, k)
    return data | {"k": k, "kept": int(kept.sum()), "paths": T * (T + 1) // 2, "cut": np.nonzero(np.tri(T) * ~kept),
                   "angle": data["angles"][form][k - 1], "ratio": data["ratios"][form][k - 1],
                   "bytes": bptt.bytes_kept(bptt.piece(trace, 0, k))}  # fmt: skip


def draw_dial(figure, d):
    """Left the paths from loss t to step s, the cut ones crossed; right angle and length against k, in both forms."""
    axes = figure.subplot_mosaic([["paths", "bar", "angle"], ["paths", "bar", "length"]], width_ratios=[1.2, 0.06, 1])
    paths, angle, length = axes["paths"], axes["angle"], axes["length"]
    paths.set(xlabel="step s that is reached", ylabel="loss of step t", title=r"$\log_{10}|\partial L_t/\partial a_s|$")
    paths.grid(False)
    paths.set_facecolor(style.PALE)
    image = paths.imshow(np.zeros((1, 1)), cmap=style.SEQUENTIAL, vmin=-5, vmax=0, aspect="auto")
    figure.colorbar(image, cax=axes["bar"], extend="min")
    crosses = ring(paths, color=style.VERMILION, marker="x", markeredgewidth=2)
    yield paths, lambda d: {"xlim": (0.5, d.T + 0.5), "ylim": (d.T + 0.5, 0.5)}
    yield image, lambda d: {"data": d.log10_size, "extent": (0.5, d.T + 0.5, d.T + 0.5, 0.5)}
    yield crosses, lambda d: {"data": (d.cut[1] + 1, d.cut[0] + 1), "markersize": min(7, 90 / d.T)}
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
    Choice("form", tuple(truncated.FORMS), "pieces"),
    Slider("k", 1, 24, 1, 4, at_most="T"), Slider("T", 2, 24, 1, 12),
    Slider("radius", 0.0, 1.5, 0.05, 0.9), Slider("seed", 0, 99, 1, 0),
    line=lambda d: "from lecture_utils.truncated import dial_network\n"
        f"network = dial_network(T={d.T}, radius={d.radius}, seed={d.seed})\n"
        f"grads = bptt.{'gradients' if d.form == 'pieces' else 'windowed_gradients'}(rnn, *network, k={d.k}).grads\n"
        "full = bptt.gradients(rnn, *network).grads\n"
        "round(float(np.degrees(np.arccos(bptt.compare(grads.cell, full.cell)[0]))), 3)",
    say=lambda d: d.form, result="angle", size=style.WIDE,
    presets={"pieces": {}, "window": {"form": "window"}, "one": {"k": 1}, "short_memory": {"radius": 0.3}},
)  # fmt: skip


# ---- training with truncated gradients
FRAMES = 40
TRAIN_TOP, CHANCE = 1.8, math.log(truncated.LETTERS)  # where the axis ends; the loss of guessing


def compute_training(form, k, delay, seed, film, frame):
    """The loss curves of both trainings up to the newest frame, and the losses of the shown one."""
    shown = film[frame]
    return {"steps": [made.step for made in film], "truncated": [made.truncated_loss for made in film],
            "full": [made.full_loss for made in film], "step": shown.step, "truncated_loss": shown.truncated_loss,
            "full_loss": shown.full_loss, "needed": delay + 1, "chance": CHANCE}  # fmt: skip


def draw_training(figure, d):
    """Both loss curves, rings at the shown frame; the dotted line is guessing among the letters."""
    axes = figure.subplots()
    axes.set(xlim=(0, truncated.EVERY * FRAMES + 10), xlabel="updates", ylim=(-0.05, TRAIN_TOP))
    axes.set_ylabel("loss on new examples (nats)")
    axes.axhline(CHANCE, color=style.INK, linestyle=":", linewidth=1.5, label=f"guessing: ln {truncated.LETTERS}")
    full, cut = curve(axes, "rnn", "full BPTT", markevery=5), curve(axes, "weight", "truncated to k", markevery=5)
    yield full, lambda d: (d.steps, np.minimum(d.full, TRAIN_TOP))
    yield cut, lambda d: (d.steps, np.minimum(d.truncated, TRAIN_TOP))
    yield ring(axes), lambda d: ([d.step] * 2, np.minimum([d.truncated_loss, d.full_loss], TRAIN_TOP))
    axes.legend(loc="center right", bbox_to_anchor=(1, 0.4))


training = explorer(
    "bptt.training", compute_training, draw_training,
    Choice("form", tuple(truncated.FORMS), "pieces"),
    Slider("k", 1, truncated.LENGTH, 1, 3), Slider("delay", 1, 4, 1, 3), Slider("seed", 0, 99, 1, 2),
    line=lambda d: "from itertools import islice\nfrom lecture_utils.truncated import recall_loss, train_truncated\n"
        f"made = train_truncated({d.form!r}, k={d.k}, delay={d.delay}, seed={d.seed})\n"
        f"*_, params = islice(made, {d.frame * truncated.EVERY + 1})\n"
        f"recall_loss(params, delay={d.delay}, seed={d.seed})[0]",
    say=lambda d: "long" if d.k > d.delay else "short", result="truncated_loss", film=truncated.film, budget=FRAMES,
    presets={"short": {"k": 3}, "enough": {"k": 4}, "window": {"k": 4, "form": "window"},
             "one_back": {"k": 1, "delay": 1}},
)  # fmt: skip
