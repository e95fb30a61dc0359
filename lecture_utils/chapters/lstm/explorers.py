"""The explorers of chapter 5: the LSTM's cell, one gate, a value held, gates over a text, the highway, race and prose."""

import re
from functools import partial
from itertools import zip_longest
from math import log, tanh

import numpy as np
from matplotlib.patches import Rectangle

from lecture_utils import bptt, charlm, gradients, gru, lstm, race, rnn, textmodel, units
from lecture_utils.chapters.rnn.explorers import parse_inputs
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import OUTLINE, Tag, Trail, clipped, curve, ghosted, ghosted_trail, still, write
from lecture_utils.drawing.diagram import CELL, Board, letter, number, sub, term, tint
from lecture_utils.drawing.network import Network
from lecture_utils.functions import sigmoid
from lecture_utils.tasks import ADDING_CHANCE
from lecture_utils.texts import text
from lecture_utils.widgets.engine import Choice, Entry, Refusal, Slider, explorer

SYMBOLS = {  # of a number in a cell: its quantity, its symbol
    "x": ("input", "x_t"), "h_prev": ("hidden", "h_{t-1}"), "h": ("hidden", "h_t"), "c_prev": ("cell", "c_{t-1}"),
    "c": ("cell", "c_t"), "f": ("f", "f_t"), "i": ("i", "i_t"), "g": ("g", "g_t"), "o": ("o", "o_t"), "z": ("z", "z_t"),
    "r": ("r", "r_t"), "kept": ("cell", "f_t\\,c_{t-1}"), "written": ("g", "i_t\\,g_t"), "one": ("cell", "1"),
    "tanh_c": ("cell", "\\tanh\\,c_t"), "seen": ("hidden", "r_t\\,h_{t-1}"), "open": ("z", "1 - z_t"),
    "fresh": ("z", "\\tilde{h}_t - h_{t-1}"), "shown": ("cell", "\\tanh\\,c_t"),
}  # fmt: skip


def spoken(symbol):
    """A symbol as it is said: in plain letters."""
    signs = {"\\tilde{h}": "h̃", "\\tanh\\,": "tanh ", "\\,": " · ", "_{t-1}": "ₜ₋₁", "_t": "ₜ", "-": "−"}
    for sign, plain in signs.items():
        symbol = symbol.replace(sign, plain)
    return symbol


# ---- the cell, number by number (5.1, 5.2)
def compute_cell(f, i, g, o, c_prev):
    """c = f c_prev + i g and h = o tanh c, part by part; rounded, what cancels is 0, and + 0.0 takes the sign off it."""
    kept, written = round(f * c_prev, 12) + 0.0, round(i * g, 12) + 0.0
    shown = tanh(kept + written)
    return {"kept": kept, "written": written, "c": kept + written, "shown": shown, "h": o * shown + 0.0}


def draw_cell(d):
    """The cell as the deck draws it: along the top the cell state, below it the gates, to the right the hidden state."""
    board, (width, height) = Board(8.5, 4.5), CELL
    board.box(0.95, 0.8, 6.55, 3.65, "ghost")
    for quantity, name, *points in (  # a wire is as wide as the number `name` on it is large
        ("cell", "", (0.72, 3.95), (1.58, 3.95)), ("cell", "kept", (1.92, 3.95), (4.03, 3.95)),
        ("cell", "", (4.37, 3.95), (8.04 - 0.32, 3.95)), ("f", "f", (1.75, 1.55), (1.75, 3.78)),
        ("i", "i", (2.95, 1.55), (2.95, 2.75), (4.03, 2.75)), ("g", "", (4.2, 1.55), (4.2, 2.58)),
        ("g", "written", (4.2, 2.92), (4.2, 3.78)), ("cell", "", (6.75, 3.95), (6.75, 3.42)),
        ("cell", "", (6.75, 3.02), (6.75, 2.37)), ("o", "o", (5.45, 1.55), (5.45, 2.2), (6.58, 2.2)),
        ("hidden", "h", (6.92, 2.2), (8.04 - 0.32, 2.2)),
    ):  # fmt: skip
        wide = {"width": 0.8 + 4.5 * min(abs(getattr(d, name)), 1.5), "id": f"{name}.wire"} if name else {}
        board.wire(points, quantity, **wide)

    for name, x, y, dx, dy, *formula in (  # a number's middle, and how far beside it its symbol stands
        ("c_prev", 0.4, 3.95, 0, 0.3), ("f", 1.75, 2.2, -0.48, 0), ("i", 2.95, 2.2, -0.46, 0),
        ("kept", 2.95, 4.22, 0, -0.51, "{f} · {c_prev}"), ("g", 4.2, 2.2, 0.48, 0),
        ("written", 4.2, 3.36, 0.6, 0, "{i} · {g}"), ("o", 5.45, 1.84, 0.48, 0), ("shown", 6.75, 2.7, 0, 0.3, "tanh({c})"),
        ("c", 8.04, 3.95, 0, 0.3, "{f} · {c_prev} + {i} · {g}"), ("h", 8.04, 2.2, 0, 0.3, "{o} · tanh({c})"),
    ):  # fmt: skip
        if name == "shown":  # under the box that gives it, which says what it is
            board.box(6.39, 3.02, 0.72, 0.4, "cell", "tanh")
        (quantity, symbol), left, low = SYMBOLS[name], x - width / 2, y - height / 2
        board.rectangle(left, low, width, height, fill="paper")  # hides the wire
        look = {"said": spoken(symbol), "formula": formula[0] if formula else None}
        board.numbers(name, left, low + height, getattr(d, name), quantity, CELL, **look)
        board.write(x + dx, y + dy, "" if name == "shown" else f"${symbol}$", size=13)
    for x, y, symbol in ((1.75, 3.95, "×"), (4.2, 3.95, "+"), (4.2, 2.75, "×"), (6.75, 2.2, "×")):
        board.node(x, y, symbol)
    board.circle(6.75, 3.95, 0.045)
    board.path([(0.85, 0.62), (5.45, 0.62)])  # what comes in: the same [h_{t-1}, x_t] into all four
    board.write(0.08, 0.62, "$[h_{t-1}, x_t]$", ha="left")
    for x, quantity, squash, name in (
        (1.75, "f", "σ", "forget"), (2.95, "i", "σ", "input"), (4.2, "g", "tanh", "candidate"), (5.45, "o", "σ", "output"),
    ):  # fmt: skip
        board.arrow((x, 0.62), (x, 1.05))
        board.box(x - 0.4, 1.05, 0.8, 0.5, quantity, squash, size=14)
        board.write(x, 0.32, text(f"lstm.cell.word.{name}"))
    return board


cell = explorer(
    "lstm.cell", compute_cell, None,
    Slider("c_prev", -2.0, 2.0, 0.1, 1.5), Slider("f", 0.0, 1.0, 0.05, 0.7), Slider("i", 0.0, 1.0, 0.05, 0.5),
    Slider("g", -1.0, 1.0, 0.1, -0.8), Slider("o", 0.0, 1.0, 0.05, 0.6),
    line=lambda d: f"f, i, g, o, c_prev = {d.f}, {d.i}, {d.g}, {d.o}, {d.c_prev}\nc = f * c_prev + i * g\no * tanh(c)",
    result="h", diagram=draw_cell,
    presets={"keep": {"f": 1.0, "i": 0.0, "o": 1.0}, "overwrite": {"f": 0.0, "i": 1.0, "o": 1.0},
             "count": {"c_prev": 2.0, "f": 1.0, "i": 1.0, "g": 1.0, "o": 1.0}, "hide": {"f": 1.0, "i": 0.0, "o": 0.0}},
)  # fmt: skip

# ---- the cell grown out of an RNN, one idea at a time, and the way back through it (5.8, 6.3)
GROW_T = 8
GROW_MADE = {  # what numbers are made of, at all stages or at one; `factor` is that of the direct path
    "": {"g": "tanh({a_g})", "kept": "{f} · {c_prev}", "written": "{i} · {g}", "c": "{kept} + {written}",
         "tanh_c": "tanh({c})", "h": "tanh({c})", "seen": "{r} · {h_prev}"},
    "rnn": {"h": "tanh({a_g})", "factor": "0.5 · (1 − {h}²)"}, "add": {"c": "{c_prev} + {g}"},
    "forget": {"c": "{kept} + {g}", "factor": "{f}"}, "input": {"factor": "{f}"},
    "lstm": {"h": "{o} · {tanh_c}", "factor": "{f}"},
    "gru": {"kept": "(1 − {z}) · {h_prev}", "written": "{z} · {g}", "h": "{kept} + {written}", "factor": "1 − {z}"},
}  # fmt: skip
GROW_X = {"f": 2.0, "r": 2.0, "i": 3.2, "z": 3.2, "g": 4.5, "o": 5.75}  # where its box stands, in inches
GROW_OTHER = {"rnn": {"g": ("hidden", "h_t")},  # symbols that differ
              "gru": {"g": ("candidate", "\\tilde{h}_t"), "written": ("candidate", "z_t\\,\\tilde{h}_t"),
                      "kept": ("hidden", "(1 - z_t)\\,h_{t-1}")}}  # fmt: skip
GROW_SIDES = {"left": (-0.33, 0, "right", 12), "right": (0.33, 0, "left", 12), "above": (0, 0.27, "center", 12),
              "below": (0.34, -0.27, "right", 11), "over": (-0.05, 0.24, "right", 12)}  # fmt: skip
# stages by their first letter, of the LSTM o for its output gate; the number's name and place; the factor of the way back;
# on which side the symbol stands
GROW_NUMBERS = (
    ("rafiog", "x", 0.45, 0.22, None, "above"), ("rafio", "h_prev", 0.45, 0.82, None, "above"),
    ("g", "h_prev", 0.45, 3.13, "open", "above"), ("a", "c_prev", 0.45, 3.13, "one", "above"),
    ("fio", "c_prev", 0.45, 3.13, "f", "above"), ("fio", "f", 2.0, 1.75, "c_prev", "left"),
    ("io", "i", 3.2, 1.75, "g", "left"), ("af", "g", 4.5, 1.75, "one", "right"), ("io", "g", 4.5, 1.75, "i", "right"),
    ("g", "g", 4.5, 1.75, "z", "right"), ("o", "o", 6.2, 1.75, "tanh_c", "above"), ("o", "tanh_c", 6.95, 2.13, "o", "right"),
    ("fio", "kept", 3.25, 3.13, "one", "below"), ("g", "kept", 3.85, 3.13, "one", "below"),
    ("iog", "written", 4.5, 2.75, "one", "right"), ("g", "r", 2.0, 1.55, "h_prev", "left"),
    ("g", "z", 3.2, 1.55, "fresh", "over"), ("g", "seen", 2.62, 2.05, "r", "above"),
    ("afio", "c", 8.25, 3.13, None, "above"), ("rafio", "h", 8.25, 1.75, None, "above"), ("g", "h", 8.25, 3.13, None, "above"),
)  # fmt: skip
GROW_WIRES = (  # stages, quantity, points
    ("a", "cell", (0.75, 3.13), (4.33, 3.13)), ("fio", "cell", (0.75, 3.13), (1.83, 3.13)),
    ("fio", "cell", (2.17, 3.13), (4.33, 3.13)), ("afio", "cell", (4.67, 3.13), (7.95, 3.13)),
    ("fio", "f", (2.0, 1.3), (2.0, 2.96)), ("io", "i", (3.2, 1.3), (3.2, 2.35), (4.33, 2.35)),
    ("r", "hidden", (4.5, 1.3), (4.5, 1.75), (7.95, 1.75)), ("af", "g", (4.5, 1.3), (4.5, 2.96)),
    ("iog", "g", (4.5, 1.3), (4.5, 2.18)), ("iog", "g", (4.5, 2.52), (4.5, 2.96)),
    ("afio", "cell", (6.95, 3.13), (6.95, 2.85)), ("afi", "hidden", (6.95, 2.35), (6.95, 1.75), (7.95, 1.75)),
    ("o", "cell", (6.95, 2.35), (6.95, 1.92)), ("o", "hidden", (7.12, 1.75), (7.95, 1.75)),
    ("o", "o", (5.75, 1.3), (5.75, 1.75), (6.78, 1.75)), ("g", "hidden", (0.75, 3.13), (3.03, 3.13)),
    ("g", "hidden", (3.37, 3.13), (4.33, 3.13)), ("g", "hidden", (4.67, 3.13), (7.95, 3.13)),
    ("g", "hidden", (1.15, 3.13), (1.15, 2.05), (1.83, 2.05)), ("g", "r", (2.0, 1.3), (2.0, 1.88)),
    ("g", "hidden", (2.17, 2.05), (3.83, 2.05), (3.83, 1.05), (4.02, 1.05)), ("g", "z", (3.2, 1.3), (3.2, 2.45)),
    ("g", "z", (3.2, 2.35), (4.33, 2.35)), ("g", "z", (3.2, 2.79), (3.2, 2.96)),
)  # fmt: skip
GROW_NODES = (  # where wires meet, or part
    ("fio", 2.0, 3.13, "×"), ("g", 3.2, 3.13, "×"), ("afiog", 4.5, 3.13, "+"), ("iog", 4.5, 2.35, "×"),
    ("o", 6.95, 1.75, "×"), ("g", 2.0, 2.05, "×"), ("g", 3.2, 2.62, "1−"), ("afio", 6.95, 3.13, ""), ("g", 3.2, 2.35, ""),
    ("g", 1.15, 3.13, ""),
)  # fmt: skip


def compute_grow(cell, way, t, xs):
    """One unit reads xs, (T,); `now` are the numbers of step t, `asked` is h_t, or on the way back the direct path to t."""
    xs = np.zeros(GROW_T) if xs is None else xs
    made, back, rnn_way = units.grown(cell, xs), way == "backward", units.grown("rnn", xs).directs
    now, direct = {name: array[t - 1] for name, array in made.found.items()} | {"one": 1.0}, made.directs[t - 1]
    return made._asdict() | {
        "now": now, "h": now["h"], "c": now.get("c"), "direct": direct, "total": made.totals[t - 1], "rnn": rnn_way[t - 1],
        "asked": direct if back else now["h"], "T": GROW_T, "state": "c" if "c" in now else "h", "back": back}  # fmt: skip


def _made(cell):
    """What each number of a stage is made of."""
    made = {gate: f"σ({{a_{gate}}})" for gate in "fiozr"} | GROW_MADE[""] | GROW_MADE[cell]
    for gate, weights in units.WEIGHTS.items():
        (w, u, b), h = map(term, weights), "{seen}" if (cell, gate) == ("gru", "g") else "{h_prev}"
        made[f"a_{gate}"] = f"{w} · {{x}} + {u} · {h} + {b}"
    return made


def _tiny(value, decimals):
    """A number, also where it is smaller than its last decimal."""
    tiny = 0 < abs(value) < 10**-decimals
    return f"{value:.0e}".replace("e-0", "e-").replace("-", "\N{MINUS SIGN}") if tiny else number(value, decimals)


def _formulas(cell, u):
    """What c, h, the factor of the direct path and the product of the later ones are made of in step u, in the end of
    inputs and states alone."""
    made, known = _made(cell), {name: f"{{{name}_{u}}}" for name in "xch"}
    known |= {f"{name}_prev": f"{{{name}_{u - 1}}}" if u > 1 else "0" for name in "ch"}

    def full(formula):
        return re.sub(r"{(\w+)}", lambda name: known.get(name[1]) or full(made[name[1]]), formula)

    later = {"direct": f"{{direct_{u + 1}}} · {{factor_{u + 1}}}"} if u < GROW_T else {}
    return later | {name: full(made[name]) for name in ("c", "h", "factor") if name in made}


def _wire(net, d, points, quantity, **look):
    """An arrow through points; on the way back it is dashed and leads the other way."""
    net.wire(points[::-1] if d.back else points, "gradient" if d.back else quantity, dashed=d.back, **look)


def _draw_sequence(net, d):
    """The steps in columns; on the way back the factor at each arrow of the direct path, and the products below."""
    steps, apart, look = range(1, GROW_T + 1), d.state == "c", {"cell": (0.52, 0.28), "sets": "t"}
    made, rows = {u: _formulas(d.cell, u) for u in steps}, {"x": 3.76, d.state: 4.82} | ({"h": 5.3} if apart else {})
    for name, y in rows.items():
        net.row(name, y, d.found[name], SYMBOLS[name][0], formula=lambda u, name=name: made[u].get(name), **look)
    for name, y in rows.items():
        net.write(0.3, y - 0.14, f"${name}_t$", size=13, id=f"label_{name}")
    for u in steps:
        if not d.back:
            net.link("x", u, d.state, u, "input")
        if apart:
            net.link("c", u, "h", u, "cell", back=d.back)
        if u > 1:
            net.link(d.state, u - 1, d.state, u, SYMBOLS[d.state][0], back=d.back)
        if u > 1 and apart:
            ends = [(net.middle(u - 1) + 0.26, 5.16), (net.middle(u) - 0.26, 4.76)]
            _wire(net, d, ends, "hidden", data_when=net.when("c", u, d.back) - 1)
    for u in steps[1:] if d.back else ():
        more = {"said": f"∂{sub(d.state, u)}/∂{sub(d.state, u - 1)}", "formula": made[u].get("factor"), "write": _tiny}
        place = net.middle(u) - 0.7, 4.6, d.factors[u - 1], "derivative", (0.43, 0.24)
        net.numbers(f"factor_{u}", *place, **more, data_when=net.when(d.state, u, back=True))
    look |= {"returns": True, "decimals": 3, "write": _tiny, "said": f"∂{sub(d.state, GROW_T)}/∂{d.state}"}
    for name, y, values in (("direct", 4.42, d.directs), ("total", 4.08, d.totals)) if d.back else ():
        net.row(name, y, values, "gradient", formula=lambda u, name=name: made[u].get(name), **look)
        net.write(0.06, y - 0.14, text(f"lstm.grow.word.{name}"), size=11, ha="left")
    net.now(d.t, 3.43, rows["h"] + 0.05, 0.56)


def draw_grow(d):
    """Above, the sequence; below, step t: the number on every wire, or on the way back the factor of every wire."""
    net, gates, made = Network(8.7, 5.4, GROW_T, first=1.3, pitch=0.97), units.STAGES[d.cell], _made(d.cell)
    symbols, stage = SYMBOLS | GROW_OTHER.get(d.cell, {}), "o" if d.cell == "lstm" else d.cell[0]

    def own(table):
        return (row for stages, *row in table if stage in stages)

    def place(id, x, y, value, quantity, symbol, formula, side, write=number):
        look = {"said": spoken(symbol), "formula": formula, "write": write, "backing": True}
        net.numbers(id, x - 0.28, y + 0.14, value, quantity, (0.56, 0.28), **look)
        if symbol != "1":
            dx, dy, ha, size = GROW_SIDES[side]
            net.write(x + dx, y + dy, f"${symbol}$", size, f"{id}.symbol", ha)

    def squash(id, x, y, quantity, name, value):
        """The box of a σ or tanh that gives the number called `value`; on the way back its slope stands in it."""
        net.box(x - 0.48, y - 0.25, 0.96, 0.5, quantity, id=f"{id}.box")
        net.write(x, y + 0.13 * d.back, name + "′" * d.back, size=11 if d.back else 14)
        if d.back:
            formula = f"1 − {{{value}}}²" if name == "tanh" else f"{{{value}}} · (1 − {{{value}}})"
            slope = 1 - d.now[value] ** 2 if name == "tanh" else d.now[value] * (1 - d.now[value])
            look = {"said": f"{name}′", "formula": formula, "write": _tiny}
            net.numbers(id, x - 0.3, y + 0.02, slope, "derivative", (0.6, 0.22), **look)

    _draw_sequence(net, d)
    net.box(0.95, 0.03, 6.75, 3.34, "ghost", fill=False)
    read = gates.replace("g", "") if d.cell == "gru" and d.back else gates  # whose h_{t-1} comes along the rail
    past, last = [(1.15, 3.13)] if d.cell == "gru" else [(0.75, 0.82), (1.15, 0.82)], (GROW_X[read[-1]], 0.22)
    if d.back:
        _wire(net, d, [*past, (1.15, 0.22), last], "hidden")
    else:
        net.path([*past, (1.15, 0.22)])
        net.path([(0.75, 0.22), last])
    boxes = [("rafiog", "ink", (GROW_X[gate], 0.22), (GROW_X[gate], 0.8)) for gate in read]
    for quantity, *points in own([*boxes, *GROW_WIRES]):
        _wire(net, d, points, quantity)
    for x, y, sign in own(GROW_NODES):
        net.node(x, y, sign) if sign else net.circle(x, y, 0.045)
    for gate in gates:
        x, id, a, reset = GROW_X[gate], "h" if d.cell == "rnn" else gate, f"a_{gate}", (d.cell, gate) == ("gru", "g")
        if d.back:
            at = (3.83, 1.55) if reset else (x, 0.52)
            place(f"w_{gate}", *at, units.WEIGHTS[gate][1], "weight", f"w_{{h{id}}}", None, "over" if reset else "left")
            net.unseen(a, d.now[a])
        else:
            place(a, x, 0.52, d.now[a], "derivative", "a_t" if d.cell == "rnn" else a, made[a], "left")
        squash(f"slope_{gate}", x, 1.05, symbols[gate][0], "tanh" if gate == "g" else "σ", id)
    if d.state == "c":
        squash("slope_c", 6.95, 2.6, "cell", "tanh", "tanh_c" if d.cell == "lstm" else "h")
    origins = {"open": "1 − {z}", "fresh": "{g} − {h_prev}"}
    for name, x, y, factor, side in own(GROW_NUMBERS):
        if (end := x in (0.45, 8.25)) or not d.back:
            place(name, x, y, d.now[name], *symbols[name], made.get(name), side)
        else:
            net.unseen(name, d.now[name])
        if d.back and factor:
            x, side = (1.5, "below") if end else (x, side)
            place(f"d_{name}", x, y, d.now[factor], "derivative", symbols[factor][1], origins.get(factor), side, _tiny)
    return net


def line_grow(d):
    """The state of step t, or the product of the factors on the way back to it."""
    cells = {"rnn": (rnn, f"rnn.jacobians(params, trace)[{d.t}:]"), "gru": (gru, f"(1 - trace.z[{d.t}:])")}
    module, factors = cells.get(d.cell, (lstm, f"trace.f[{d.t}:]"))
    name, arrays = module.__name__.rpartition(".")[2], ", ".join(f"np.array({array.tolist()})" for array in d.params)
    asked = f"{factors}.prod()" if d.back else f"trace.h[{d.t - 1}, 0, 0]"
    return (f"params = {name}.Params({arrays})\n"
            f"trace = {name}.forward(params, np.array({d.found['x'].tolist()}).reshape(-1, 1, 1))\n{asked}")  # fmt: skip


grow = explorer(
    "lstm.grow", compute_grow, None,
    Choice("cell", tuple(units.STAGES), "rnn"), Choice("way", ("forward", "backward"), "forward"),
    Slider("t", 1, GROW_T, 1, 3), Entry("xs", "1 0.3 -0.4 0.2 -0.5 0.4 -0.3 0.1", partial(parse_inputs, most=GROW_T)),
    say=lambda d: (d.cell if d.cell in ("rnn", "add", "gru") else "gates") if d.back else d.state,
    line=line_grow, result="asked", diagram=draw_grow,
    presets={cell: {"cell": cell, "way": "backward", "t": 1} for cell in ("rnn", "add", "lstm", "gru")},
)  # fmt: skip

# ---- one gate (5.3)
GATE_X, GATE_H, GATE_FAR = 2.0, -1.0, 8  # the gate's two weights, and the largest pre-activation of the picture
# what goes in at a gate, and what comes out
GATE_ROLES = {"f": ("c_prev", "kept"), "i": ("g", "written"), "g": ("i", "written"), "o": ("tanh_c", "h")}


def compute_gate(gate, x, h_prev, b, value):
    """The gate's pre-activation a, `at` in the picture, its value `opening`, the product; what is kept and not, in percent."""
    a = round(GATE_X * x + GATE_H * h_prev + b, 12)
    opening = np.tanh(a) if gate == "g" else sigmoid(a)
    return {"a": a, "at": clipped(a, -GATE_FAR, GATE_FAR), "opening": opening, "through": opening * value,
            "percent": 100 * opening, "rest": 100 * (1 - opening)}  # fmt: skip


def draw_gate(figure, d):
    """Left, the curve from the pre-activation to the gate; right, what goes in and what the gate lets through."""
    left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
    low, name, squash = (-1, "tanh", np.tanh) if d.gate == "g" else (0, "σ", sigmoid)
    a = np.linspace(-GATE_FAR, GATE_FAR, 161)
    left.plot(a, squash(a), color=style.colour(d.gate), linewidth=2.2)
    left.set(xlim=(-GATE_FAR, GATE_FAR), ylim=(low - 0.08, 1.08), xlabel=rf"pre-activation $a_{d.gate}$")
    left.set_title(rf"${d.gate}_t$ = {name}($a_{d.gate}$)", loc="left")

    def beside(d):  # where the curve leaves room
        above = d.opening < (low + 1) / 2
        on_right = above == (d.at < -5) and d.at < 5
        place = {"ha": "left" if on_right else "right", "position": (13 if on_right else -13, 9 if above else -18)}
        return {"text": number(d.opening, 3), "xy": (d.at, d.opening)} | place

    drop = left.plot([], [], color=style.GREY, linestyle=":", linewidth=1.8)[0]
    yield drop, lambda d: ([d.at, d.at, -GATE_FAR], [low - 1, d.opening, d.opening])
    yield curve(left, d.gate, markersize=12, clip_on=False), lambda d: ([d.at], [d.opening])
    yield Tag(left, fontsize=style.text_size(13)), beside
    (quantity, goes_in), (_, comes_out) = (SYMBOLS[name] for name in GATE_ROLES[d.gate])
    right.set(xlim=(-0.6, 1.6), ylim=(1.18 * low, 1.18), xticks=(0, 1), xticklabels=(f"${goes_in}$", f"${comes_out}$"))
    right.tick_params(axis="x", labelsize=style.text_size(13), length=0)
    right.axhline(0, color=style.INK, linewidth=1)
    right.grid(axis="x", visible=False)
    stopped = {"fill": False, "edgecolor": style.GREY, "linestyle": "--", "linewidth": 1.8}
    yield right.bar([0], [0], width=0.62, color=style.colour(quantity), alpha=0.5), lambda d: [d.value]
    yield right.bar([1], [0], width=0.62, color=style.colour(d.gate), zorder=3), lambda d: [d.through]
    yield right.bar([1], [0], width=0.62, **stopped), lambda d: [0 if d.gate == "g" else d.value]

    def over(value):
        up = value >= 0
        return {"text": number(value), "y": value + (0.05 if up else -0.05), "va": "bottom" if up else "top"}

    yield write(right, 0, 0, ""), lambda d: over(d.value)
    yield write(right, 1, 0, ""), lambda d: over(d.through)


gate = explorer(
    "lstm.gate", compute_gate, draw_gate,
    Choice("gate", tuple(GATE_ROLES), "f", redraw=True), Slider("x", -2.0, 2.0, 0.1, 0.0),
    Slider("h_prev", -1.0, 1.0, 0.1, 0.0), Slider("b", -6.0, 6.0, 0.25, 1.0), Slider("value", 0.0, 1.0, 0.05, 1.0),
    say=lambda d: d.gate, result="opening",
    line=lambda d: f"{'np.tanh' if d.gate == 'g' else 'sigmoid'}({GATE_X} * {d.x} + {GATE_H} * {d.h_prev} + {d.b})",
    presets={"half": {"b": 0.0}, "open": {"b": 6.0}, "shut": {"b": -6.0}, "by_input": {"x": -2.0, "b": 3.0}},
)  # fmt: skip

# ---- store, hold, release (5.1, 5.2)
DISTURBANCES = (1.0, -0.5, 0.8, -1.0, 0.9, -0.4, -0.7, 1.0, -0.2, -0.6, 0.5, 0.3, -0.9, 0.6, -0.5)  # g while holding
HOLD_STEPS = len(DISTURBANCES) + 3


def compute_hold(value, f, n, leak):
    """A real LSTM of one unit is told to store a value, to hold it for n steps and to release it. cs, hs and each of `gates`
    are (HOLD_STEPS,); c is what was held, h what came back, `leak` the input gate meanwhile."""
    trace = units.hold(value, f, leak, DISTURBANCES[:n], HOLD_STEPS)
    cs, hs = trace.c[:, 0, 0], trace.h[:, 0, 0]
    return {"gates": {name: getattr(trace, name)[:, 0, 0] for name in "ifo"}, "cs": cs, "hs": hs,
            "c": round(cs[n], 12), "h": round(hs[n + 1], 12), "percent": 100 * f, "forgets": 100 * (1 - f), "share": 100 * f**n,
            "disturbance": round(cs[n] - value * f**n, 12) + 0.0}  # fmt: skip


def draw_hold(figure, d):
    """Above, the cell state and the hidden state; below, how far each gate is open, step by step."""
    top, *rows = figure.subplots(4, 1, sharex=True, height_ratios=(4.4, 1, 1, 1))
    steps = np.arange(1, HOLD_STEPS + 1)
    top.set(xlim=(0.4, HOLD_STEPS + 0.6), ylim=(-2, 2), ylabel="state")
    top.axhline(0, color=style.INK, linewidth=1)
    yield ghosted(curve(top, "cell", r"$c_t$")), lambda d: (steps, d.cs)
    yield curve(top, "hidden", r"$h_t$"), lambda d: (steps, d.hs)
    pure = top.plot([], [], color=style.INK, linestyle=":", linewidth=1.8, label=r"$f^{\,n}\,g$")[0]
    yield pure, lambda d: (steps[: d.n + 1], d.value * d.f ** np.arange(d.n + 1))
    top.legend(loc="lower right", ncols=3)
    for name, row in zip("ifo", rows, strict=True):
        row.set(ylim=(0, 1.1), yticks=(0, 1))
        row.set_ylabel(rf"${name}_t$", rotation=0, labelpad=12, va="center")
        yield row.bar(steps, 0 * steps, width=0.8, color=style.colour(name)), lambda d, name=name: d.gates[name]
    rows[-1].set(xlabel="step t", xticks=steps[::2])
    write(top, 0.55, 1.75, "store", ha="left", fontweight="bold")
    yield write(top, 0, 1.75, "hold", fontweight="bold"), lambda d: {"x": 1.5 + d.n / 2, "visible": d.n >= 5}
    yield write(top, 0, 1.75, "release", fontweight="bold"), lambda d: {"x": d.n + 2, "y": 1.75 if d.n >= 2 else 1.4}


hold = explorer(
    "lstm.hold", compute_hold, draw_hold,
    Slider("value", -1.0, 1.0, 0.1, 1.0), Slider("f", 0.0, 1.0, 0.01, 0.7), Slider("n", 0, len(DISTURBANCES), 1, 5),
    Slider("leak", 0.0, 0.5, 0.05, 0.0),
    say=lambda d: "leak" if d.leak else "closed", result="h", size=style.TALL,
    line=lambda d: (f"from functools import reduce\ndisturbances = {list(DISTURBANCES[: d.n])}\n"
                    f"tanh(reduce(lambda c, g: {d.f} * c + {d.leak} * g, disturbances, {d.value}))"),
    presets={"deck": {"n": 1}, "perfect": {"f": 1.0, "n": 15}, "careless": {"f": 1.0, "n": 15, "leak": 0.3}},
)  # fmt: skip

# ---- a network trained on the learner's own text
BRACKETS = ("the cat (which was black) sat on the mat (which was red). "
            "the dog (which was brown) sat on the cat (which was fat). ")  # fmt: skip
SMALL_H, SMALL_T, SMALL_EVERY, SMALL_FRAMES = 32, 128, 10, 30  # the gradient reaches over SMALL_T characters


def source(typed):
    """The textmodel.Source of what was typed, with what is to be said about it. Raises Refusal where that is not a text that
    a network can learn."""
    path = textmodel.found(typed)
    try:
        made = textmodel.source(typed)
    except OSError as error:
        raise Refusal("lstm_text.closed", name=path, reason=error.strerror) from None
    except UnicodeDecodeError:
        raise Refusal("lstm_text.no_text", name=path) from None
    except ValueError as error:
        fault = "surrogate" if "surrogate" in str(error) else "short"
        raise Refusal(f"lstm_text.{fault}", typed=path or typed) from None
    missing = made.python == repr(typed) and textmodel.looks_like_a_name(typed)
    return made._replace(note=text("lstm_text.no_file", name=typed.strip()) + " ") if missing else made


def film_small(text, seed):
    """Snapshots of a small LSTM learning a text, in float64."""
    return textmodel.measured("lstm", text.read, seed, SMALL_EVERY, H=SMALL_H, T=SMALL_T, dtype=np.float64)


def line_small(d, what):
    """What the network of the shown frame has at a letter of the text: a number of a unit, or the largest influence on it."""
    asked = f"lstm.forward(params.cell, text.train[:, None]).{what}[{d.at}, 0, {d.unit - 1}]"
    if what == "influence":
        asked = f"textmodel.influence('lstm', params, text.train[:{d.at}], text.train[{d.at}]).sizes.max()"
    return (f"from itertools import islice\ntext = textmodel.read({d.text.python})\n"
            f"training = textmodel.train('lstm', text, {d.seed}, H={SMALL_H}, T={SMALL_T}, dtype=np.float64)\n"
            f"params = next(islice(training, {d.frame * SMALL_EVERY}, None)).params\n{asked}")  # fmt: skip


# ---- gates over a text (5.3)
ROWS, GATES_WIDE = "ifogch", 48


def compute_gates(text, seed, quantity, unit, t, start, film, frame):
    """What the gates of the shown frame's LSTM, which reads the text from its beginning, did in the window. t counts from 1,
    in the window, `at` from 0, in the text. `map` (H, T) is the quantity of all units, `rows` (6, T) are all of the unit in
    the order of ROWS; the cell state is divided by its largest size. The seed stands behind the film."""
    made, (begin, ids, chars) = film[frame], textmodel.window(text.read, start, GATES_WIDE)
    t, trace = min(t, len(chars)), lstm.forward(made.params.cell, ids[:, None])
    everything = {name: getattr(trace, name)[begin:, 0].T for name in ROWS}
    rows = {name: of_all[unit - 1] for name, of_all in everything.items()}
    largest, mean_f = np.abs(everything["c"]).max() if quantity == "c" else 1.0, float(rows["f"].mean())
    return {name: row[t - 1] for name, row in rows.items()} | {
        "t": t, "at": begin + t - 1, "chars": chars, "char": letter(chars[t - 1]), "step": made.step, "loss": made.loss,
        "map": everything[quantity] / largest, "largest": largest, "mean_f": mean_f, "kept": 100 * mean_f**10,
        "rows": np.array([row / np.abs(row).max() if name == "c" else row for name, row in rows.items()])}  # fmt: skip


def draw_gates(figure, d):
    """Above, one quantity of all units over the text; below, all six quantities of one unit. 0 is white."""
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.5, 1))
    yield below, lambda d: {"xlim": (-0.5, len(d.chars) - 0.5)}
    look = {"cmap": style.DIVERGING, "vmin": -1, "vmax": 1, "aspect": "auto", "interpolation": "nearest"}
    edge = {"fill": False, "edgecolor": style.INK, "linewidth": 1.8, "clip_on": False, "path_effects": OUTLINE}
    for axes, name, high in ((above, "map", SMALL_H), (below, "rows", len(ROWS))):
        axes.grid(False)
        image = axes.imshow(np.zeros((high, GATES_WIDE)), **look)
        yield image, lambda d, name=name, high=high: {
            "data": getattr(d, name), "extent": (-0.5, len(d.chars) - 0.5, high - 0.5, -0.5)}  # fmt: skip
        yield axes.add_patch(Rectangle((0, -0.5), 1, high, **edge)), lambda d: {"x": d.t - 1.5}
    above.set(ylabel="unit", yticks=(0, SMALL_H // 2 - 1, SMALL_H - 1), yticklabels=(1, SMALL_H // 2, SMALL_H))
    below.set(yticks=range(6), yticklabels=[rf"${name}_t$" + " scaled" * (name == "c") for name in ROWS], xticks=[])

    def spelt(char):  # a character, or "", smaller where it is drawn as its code point
        drawn = letter(char) if char else ""
        return {"text": drawn, "fontsize": style.text_size(14 if len(drawn) <= 1 else 11)}

    for t in range(GATES_WIDE):
        yield still(write(below, t, len(ROWS) + 0.15, "")), lambda d, t=t: spelt(d.chars[t : t + 1])
    below.set_xlabel("the characters read", labelpad=26)
    look = {"color": style.INK, "linestyle": "none", "markersize": 11, "clip_on": False}
    look["transform"] = above.get_yaxis_transform()  # x in parts of the width
    for x, marker in ((-0.012, ">"), (1.012, "<")):
        yield above.plot([], [], marker=marker, **look)[0], lambda d, x=x: ([x], [d.unit - 1])

    def title(d):
        scaled = f", over the largest ({number(d.largest, 1)})" if d.quantity == "c" else ""
        return rf"${d.quantity}_t$ of all units{scaled}; below, unit {d.unit}"

    yield above.text(0, 1.03, "", fontsize=style.text_size(13), va="bottom", transform=above.transAxes), title
    figure.colorbar(image, ax=(above, below), ticks=(-1, 0, 1), pad=0.025, aspect=30)


gates = explorer(
    "lstm.gates", compute_gates, draw_gates,
    Entry("text", BRACKETS, parse=source), Slider("seed", 0, 99, 1, 2), Choice("quantity", tuple(ROWS), "c"),
    Slider("unit", 1, SMALL_H, 1, 8), Slider("t", 1, GATES_WIDE, 1, 9), Slider("start", 0, 200, 1, 0),
    say=lambda d: (None, {"note": d.text.note}), line=lambda d: line_small(d, "f"), result="f",
    size=style.LARGE, film=film_small, budget=SMALL_FRAMES,
    presets={"forget": {"quantity": "f"}, "write": {"quantity": "i"}, "second": {"start": 68, "t": 30}},
)  # fmt: skip

# ---- a text in colours (5.3)
ACROSS, DOWN, FAR = 20, 3, 10  # characters of the coloured text, and back


def compute_colour(text, seed, what, unit, t, start, film, frame):
    """A number for each character of a window: a unit's, or how much it moves the logit of the framed character. t is the
    framed one, from 0, in the window, `at` in the text; `values` are up to (ACROSS DOWN,). An influence is divided by the
    largest one, which is `value`; p is the probability of the framed character, `percent` the share of the influence that
    comes from more than `far` characters back. All characters before the window are read as well, and the one with the
    largest influence, `back` before the framed one, may stand there. The seed stands behind the film."""
    made, (begin, ids, chars) = film[frame], textmodel.window(text.read, start, ACROSS * DOWN)
    t = min(t, len(chars) - 1)
    at = begin + t
    if what == "influence":
        sizes, p = textmodel.influence("lstm", made.params, ids[:at], ids[at])
        strongest = int(sizes.argmax())
        value, values = sizes[strongest], sizes[begin:] / sizes[strongest]
        more = {"p": p, "far": FAR, "percent": 100 * float(sizes[:-FAR].sum() / sizes.sum())}
    else:
        values = getattr(lstm.forward(made.params.cell, ids[:, None]), what)[begin:, 0, unit - 1]
        strongest, value, more = begin + int(values.argmax()), values[t], {}
    low_t = int(values.argmin())
    return more | {
        "t": t, "at": at, "chars": chars, "next": letter(chars[t]), "values": values, "value": value, "step": made.step,
        "low": values[low_t], "low_t": low_t, "low_char": letter(chars[low_t]), "high": values.max(),
        "high_t": strongest - begin, "high_char": letter(text.read.vocab.chars[ids[strongest]]), "back": at - strongest,
        "kind": "influence" if what == "influence" else "unit"}  # fmt: skip


def _short(value):
    """Two digits for a tile: .31, -.05, 2.4, 12."""
    return number(value, int(abs(value) < 9.95)) if abs(value) >= 0.995 else number(value).replace("0.", ".", 1)


def draw_colour(d):
    """The text in tiles: each character with its number below it, on the number's colour; a frame around the next letter."""
    board, (width, height), largest = Board(8.5, 3.6), (0.405, 0.78), max(1.0, np.abs(d.values).max())
    symbol = "|\\partial y_T[k]\\,/\\,\\partial x_t|" if d.what == "influence" else f"{d.what}_t"
    title = text(f"lstm.colour.word.{d.kind}", size=f"${symbol}$", quantity=f"${symbol}$", unit=d.unit)
    board.write(0.15, 3.32, title, size=13, id="title", ha="left")
    places = [(0.15 + n % ACROSS * width, 3.05 - n // ACROSS * (height + 0.16) - height) for n in range(len(d.chars))]
    for n, ((left, low), char, value) in enumerate(zip_longest(places, d.chars, d.values)):
        with board.group(f"{n}", text("lstm.colour.word.tile", letter=letter(char), position=n)):
            board.rectangle(left, low, width, height, **tint(value or 0, largest), stroke="grey")
            board.write(left + width / 2, low + 0.2, "" if value is None else _short(value), size=11)
    with board.group(pointer_events="none"):  # a click is for the tile below
        for n, ((left, low), char) in enumerate(zip(places, d.chars, strict=True)):
            board.spell(left + width / 2, low + 0.52, char, id=f"letter.{n}")
        board.frame(*places[d.t], width, height, id="framed")
    return board


colour = explorer(
    "lstm.colour", compute_colour, None,
    Entry("text", BRACKETS, parse=source), Slider("seed", 0, 99, 1, 2),
    Choice("what", ("c", "h", "f", "i", "influence"), "c"), Slider("unit", 1, SMALL_H, 1, 8),
    Slider("t", 1, ACROSS * DOWN - 1, 1, 19), Slider("start", 0, 200, 1, 0),
    say=lambda d: (d.kind, {"note": d.text.note}), line=lambda d: line_small(d, d.what), result="value",
    presets={"influence": {"what": "influence"}, "fat": {"what": "influence", "start": 56, "t": 54}, "shown": {"what": "h"}},
    diagram=draw_colour, film=film_small, budget=SMALL_FRAMES,
)  # fmt: skip


# ---- the highway (5.1)
def draw_highway(figure, d):
    """Three curves on one logarithmic axis: the LSTM's whole gradient, its direct path, the RNN's gradient."""
    axes = figure.add_subplot(xlim=(-1, 101), ylim=(-34, 5), xlabel="steps back,  T − t")
    axes.set_ylabel(r"$\log_{10}$ of the size of the gradient")
    axes.axhline(0, color=style.INK, linewidth=1)
    for n, (name, make, quantity, label, look) in enumerate((
        ("total", ghosted_trail, "lstm", r"LSTM, all paths:  $\partial c_T/\partial c_t$", {}),
        ("direct", ghosted_trail, "f", r"LSTM, direct path:  $\prod f$", {"linestyle": ":", "fillstyle": "none"}),
        ("rnn", Trail, "rnn", r"RNN:  $\partial h_T/\partial h_t$", {}),
    )):  # fmt: skip
        trail = make(axes, quantity, label, marks=(4 * n, 12), **look)
        yield trail, lambda d, name=name: (range(d.T, -1, -1), getattr(d, name))
    axes.legend(loc="lower left")


def say_highway(d):
    """All three at t = 0, the whole way back, and whether the LSTM's is larger than the RNN's, in the digit shown."""
    ahead = d.total[0] - d.rnn[0]
    ends = {"total": d.total[0], "direct": d.direct[0], "rnn": d.rnn[0], "f": d.mean_f, "ahead": abs(ahead)}
    return ("alike" if abs(ahead) < 0.05 else "ahead" if ahead > 0 else "behind"), ends


highway = explorer(
    "lstm.highway", gradients.highway, draw_highway,
    Slider("bias", 0.0, 5.0, 0.1, 1.0), Slider("T", 10, 100, 10, 100), Slider("seed", 0, 99, 1, 0),
    say=say_highway, result="total",
    line=lambda d: (f"params = lstm.init(np.random.default_rng({d.seed}), V=4, H=16, forget_bias={d.bias})\n"
                    f"xs = np.random.default_rng([{d.seed}, 1]).standard_normal(({d.T}, 1, 4))\n"
                    "path = gradients.products(lstm.jacobians(params, lstm.forward(params, xs))[:, 0])  # state: h, then c\n"
                    "path.log10_norm[0] + np.log10(np.linalg.norm(path.unit[0, 16:, 16:]) / 16 ** 0.5)"),
    presets={"none": {"bias": 0.0}, "usual": {"bias": 1.0}, "large": {"bias": 3.0}, "too_large": {"bias": 5.0}},
)  # fmt: skip

# ---- the race (5.4)
RACERS, RACE_EVERY, RACE_SHOWN = ("rnn", "lstm"), 10, 60  # updates between frames, sequences whose answers are shown


def compute_race(T, seed, film, frame):
    """Both cells' errors so far, in `curves` at all frames; their answers at the shown one; who had solved the task by then.
    T and the seed stand behind the film."""
    shown, steps = film[frame], [made.step for made in film]
    xs, right = shown.test.xs[:, :RACE_SHOWN].astype(np.float32), shown.test.targets[-1, :RACE_SHOWN, 0]
    answers = {name: bptt.forward(race.CELLS[name][0], shown.params[name], xs)[1][-1, :, 0] for name in RACERS}
    curves = {name: [made.errors[name] for made in film] for name in RACERS}
    solved = {name: race.solved_at(steps[: frame + 1], curves[name][: frame + 1]) for name in RACERS}
    more = {"step": shown.step, "steps": steps, "curves": curves, "solved": solved, "right": right, "answers": answers}
    return shown.errors | more


def _racers(axes, marks):
    """Pairs: the curves of both cells up to the newest frame, and a line where the shown one stands."""
    for name in RACERS:
        yield curve(axes, name, name.upper(), markevery=marks), lambda d, name=name: (d.steps, d.curves[name])
    yield axes.plot([], [], color=style.GREY, linewidth=1.5)[0], lambda d: ([d.step, d.step], axes.get_ylim())


def draw_race(figure, d):
    """Left, the error while both train; right, the answers of both to the test sequences against the right ones."""
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    left.set(xlim=(0, race.STEPS), ylim=(1e-4, 3), yscale="log", xlabel="updates", ylabel="error on unseen sequences")
    for level, words in ((ADDING_CHANCE, "always answer 1"), (race.SOLVED, "solved")):
        left.axhline(level, color=style.INK, linestyle=":", linewidth=1.5)
        Tag(left, words, (-4, 5), (race.STEPS, level), ha="right", fontsize=style.text_size(11))
    yield from _racers(left, 10)
    left.legend(loc="upper right", ncols=2)
    right.set(xlim=(-0.15, 2.15), ylim=(-0.15, 2.15), xlabel="right answer", ylabel="answer", aspect="equal")
    right.plot([0, 2], [0, 2], color=style.INK, linestyle=":", linewidth=1.5)
    for name in RACERS:
        dots = curve(right, name, linestyle="none", markersize=6, alpha=0.75)
        yield dots, lambda d, name=name: (d.right, np.clip(d.answers[name], -0.1, 2.1))


def say_race(d):
    """Who has solved the task so far, and when."""
    solved = {name: at for name, at in d.solved.items() if at is not None}
    if len(solved) == 1:
        ((winner, at),) = solved.items()
        return "one", {"winner": winner.upper(), "at": at}
    return ("both" if solved else "none"), {f"{name}_at": at for name, at in solved.items()}


adding = explorer(
    "lstm.adding", compute_race, draw_race,
    Slider("T", 10, 60, 10, 50), Slider("seed", 0, 99, 1, 0),
    say=say_race, result="lstm", size=style.WIDE,
    line=lambda d: (f"from itertools import islice\ntraining = race.training('lstm', {d.T}, {d.seed})\n"
                    f"made = next(islice(training, {d.frame * RACE_EVERY}, None))\n"
                    f"race.error('lstm', made.params, race.unseen({d.T}, {d.seed}))"),
    presets={"short": {"T": 10}, "middle": {"T": 20}, "again": {"seed": 1}},
    film=lambda T, seed: race.run(RACERS, T, seed, RACE_EVERY), budget=race.STEPS // RACE_EVERY,
)  # fmt: skip

# ---- prose (5.4)
PROSE_EVERY, PROSE_STEPS = 10, 800  # updates
LINE, LINES = 48, 2  # characters of a line of a sample, and its lines


def _sample(name, params, vocab, tau, draw):
    """What a network writes, its letters as a font has them, each as wide as all others."""
    options = {"rng": np.random.default_rng(draw), "tau": tau}
    sample = charlm.sample(textmodel.CELLS[name][0], params, vocab, vocab.chars[0], LINES * LINE, **options)
    drawn = (char if char == " " else letter(char) for char in sample.text)
    return "".join(char if len(char) == 1 else "□" for char in drawn)


def compute_prose(text, tau, draw, film, frame):
    """Losses so far, in `curves` at all frames; samples of the shown one, drawn with the same random numbers for both. `even`
    is ln V, the loss of guessing evenly."""
    shown, vocab = film[frame], text.read.vocab
    losses = {name: made.loss for name, made in shown.items()}
    return losses | {
        "step": frame * PROSE_EVERY, "steps": [PROSE_EVERY * n for n in range(len(film))],
        "curves": {name: [made[name].loss for made in film] for name in RACERS},
        "samples": {name: _sample(name, made.params, vocab, tau, draw) for name, made in shown.items()},
        "V": len(vocab), "even": log(len(vocab)), "length": text.read.length,
        "difference": round(abs(losses["rnn"] - losses["lstm"]), 12)}  # fmt: skip


def draw_prose(figure, d):
    """Above, the loss of both on characters that they never train on; below, what both write."""
    above, below = figure.subplots(2, 1, height_ratios=(1.55, 1))
    above.set(xlim=(0, PROSE_STEPS), ylim=(0, 5), xlabel="updates", ylabel="nats per character")
    yield still(above.axhline(0, color=style.INK, linestyle=":", linewidth=1.5)), lambda d: ((0, 1), (d.even, d.even))
    tag = Tag(above, offset=(6, -5), va="top", fontsize=style.text_size(11))
    yield still(tag), lambda d: {"text": f"ln {d.V}", "xy": (PROSE_STEPS / 2, d.even)}
    yield from _racers(above, 8)
    above.legend(loc="upper right", bbox_to_anchor=(1, 0.86), ncols=2)
    below.set(xlim=(0, 1), ylim=(0, 4.2))
    below.set_axis_off()
    look = {"va": "top", "fontsize": style.text_size(12)}
    mono = look | {"family": ["DejaVu Sans Mono", *style.FONTS], "parse_math": False}
    for name, top in zip(RACERS, (4, 1.9), strict=True):
        below.text(0, top, name.upper(), fontweight="bold", color=style.colour(name), **look)
        for n in range(LINES):
            line = below.text(0.1, top - 0.85 * n, "", **mono)
            yield line, lambda d, name=name, at=n * LINE: d.samples[name][at : at + LINE]


prose = explorer(
    "lstm.prose", compute_prose, draw_prose,
    Entry("text", "", parse=source), Slider("tau", 0.0, 2.0, 0.1, 1.0), Slider("draw", 0, 99, 1, 0),
    say=lambda d: ("going" if d.step else "start", {"note": d.text.note}), result="lstm", size=style.LARGE,
    line=lambda d: (f"from itertools import islice\ntext = textmodel.read({d.text.python})\n"
                    f"made = next(islice(textmodel.train('lstm', text, 0), {d.step}, None))\n"
                    "textmodel.nats('lstm', made.params, text.held_out)"),
    presets={"largest": {"tau": 0.0}, "careful": {"tau": 0.5}, "wild": {"tau": 1.5}},
    film=lambda text: textmodel.side_by_side(RACERS, text.read, 0, PROSE_EVERY), budget=PROSE_STEPS // PROSE_EVERY,
    varies=True,  # each Python has its own language reference
)  # fmt: skip
