"""The explorers of chapter 5: the LSTM's cell, one gate, a value held, gates over a text, the highway, race and prose."""

import math
import os
from functools import lru_cache, partial, reduce
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle

from lecture_utils import bptt, charlm, gradients, gru, lstm, race, rnn, textmodel
from lecture_utils.chapters.rnn.explorers import parse_inputs
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import OUTLINE, Tag, Trail, clipped, curve, ghosted, still, write
from lecture_utils.drawing.diagram import CELL, Board, letter, number, sub, term, tint
from lecture_utils.drawing.network import Network
from lecture_utils.functions import sigmoid
from lecture_utils.tasks import ADDING_CHANCE
from lecture_utils.texts import text
from lecture_utils.widgets.engine import Choice, Entry, Refusal, Slider, explorer


# ---- the cell, number by number (5.1, 5.2)
def compute_cell(f, i, g, o, c_prev):
    """c = f c_prev + i g and h = o tanh c, part by part; + 0.0 makes a negative zero a plain one."""
    kept, written = f * c_prev + 0.0, i * g + 0.0
    shown = math.tanh(kept + written)
    return {"kept": kept, "written": written, "c": kept + written, "shown": shown, "h": o * shown + 0.0}


def draw_cell(d):
    """The cell as the deck draws it: along the top the cell state, below it the gates, to the right the hidden state."""
    board = Board(8.5, 4.5)
    top, write_y, show_y, low, rail = 3.95, 2.75, 2.2, 1.3, 0.62
    x_f, x_i, x_g, x_o, x_h, right = 1.75, 2.95, 4.2, 5.45, 6.75, 8.04
    width, height = CELL
    board.box(0.95, 0.8, 6.55, 3.65, "ghost")

    def wire(points, quantity, name=None):
        """A wire is as wide as the number on it is large."""
        wide = {"width": 0.8 + 4.5 * min(abs(getattr(d, name)), 1.5), "id": f"{name}.wire"} if name else {}
        board.wire(points, quantity, **wide)

    def place(name, x, y, quantity, said, label="", dx=0.0, dy=0.3, formula=None):
        """A number whose middle is at (x, y), its symbol beside it, on paper that hides the wire."""
        left, low = x - width / 2, y - height / 2
        board.rectangle(left, low, width, height, fill="paper")
        board.numbers(name, left, low + height, getattr(d, name), quantity, CELL, said=said, formula=formula)
        board.write(x + dx, y + dy, label, size=13)

    # the wires of the cell state, along the top; of the three gates and the candidate; of what is shown
    wire([(0.72, top), (x_f - 0.17, top)], "cell")
    wire([(x_f + 0.17, top), (x_g - 0.17, top)], "cell", "kept")
    wire([(x_g + 0.17, top), (right - 0.32, top)], "cell")
    wire([(x_f, low + 0.25), (x_f, top - 0.17)], "f", "f")
    wire([(x_i, low + 0.25), (x_i, write_y), (x_g - 0.17, write_y)], "i", "i")
    wire([(x_g, low + 0.25), (x_g, write_y - 0.17)], "g")
    wire([(x_g, write_y + 0.17), (x_g, top - 0.17)], "g", "written")
    wire([(x_h, top), (x_h, 3.42)], "cell")
    wire([(x_h, 3.02), (x_h, show_y + 0.17)], "cell")
    wire([(x_o, low + 0.25), (x_o, show_y), (x_h - 0.17, show_y)], "o", "o")
    wire([(x_h + 0.17, show_y), (right - 0.32, show_y)], "hidden", "h")

    # the numbers, from left to right
    place("c_prev", 0.4, top, "cell", "cₜ₋₁", "$c_{t-1}$")
    place("f", x_f, 2.2, "f", "fₜ", "$f_t$", dx=-0.48, dy=0)
    place("i", x_i, 2.2, "i", "iₜ", "$i_t$", dx=-0.46, dy=0)
    place("kept", x_i, top + 0.27, "cell", "fₜ · cₜ₋₁", "$f_t\\,c_{t-1}$", dy=-0.51, formula="{f} · {c_prev}")
    place("g", x_g, 2.2, "g", "gₜ", "$g_t$", dx=0.48, dy=0)
    place("written", x_g, 3.36, "g", "iₜ · gₜ", "$i_t\\,g_t$", dx=0.6, dy=0, formula="{i} · {g}")
    place("o", x_o, 1.84, "o", "oₜ", "$o_t$", dx=0.48, dy=0)
    board.box(x_h - 0.36, 3.02, 0.72, 0.4, "cell", "tanh")
    place("shown", x_h, 2.7, "cell", "tanh cₜ", formula="tanh({c})")
    place("c", right, top, "cell", "cₜ", "$c_t$", formula="{f} · {c_prev} + {i} · {g}")
    place("h", right, show_y, "hidden", "hₜ", "$h_t$", formula="{o} · tanh({c})")
    for x, y, symbol in ((x_f, top, "×"), (x_g, top, "+"), (x_g, write_y, "×"), (x_h, show_y, "×")):
        board.node(x, y, symbol)
    board.circle(x_h, top, 0.045)

    # what comes in: the same [h_{t-1}, x_t] into all four
    board.path([(0.85, rail), (x_o, rail)])
    board.write(0.08, rail, "$[h_{t-1}, x_t]$", ha="left")
    for x, quantity, squash, name in (
        (x_f, "f", "σ", "forget"), (x_i, "i", "σ", "input"), (x_g, "g", "tanh", "candidate"), (x_o, "o", "σ", "output"),
    ):  # fmt: skip
        board.arrow((x, rail), (x, low - 0.25))
        board.box(x - 0.4, low - 0.25, 0.8, 0.5, quantity, squash, size=14)
        board.write(x, rail - 0.3, text(f"lstm.cell.word.{name}"))
    return board


cell = explorer(
    "lstm.cell", compute_cell, None,
    Slider("c_prev", -2.0, 2.0, 0.1, 1.5),
    Slider("f", 0.0, 1.0, 0.05, 0.7),
    Slider("i", 0.0, 1.0, 0.05, 0.5),
    Slider("g", -1.0, 1.0, 0.1, -0.8),
    Slider("o", 0.0, 1.0, 0.05, 0.6),
    line=lambda d: (
        "from math import tanh\n"
        f"f, i, g, o, c_prev = {d.f}, {d.i}, {d.g}, {d.o}, {d.c_prev}\n"
        "c = f * c_prev + i * g\n"
        "o * tanh(c)"
    ),
    result="h",
    presets={
        "keep": {"f": 1.0, "i": 0.0, "o": 1.0},
        "overwrite": {"f": 0.0, "i": 1.0, "o": 1.0},
        "count": {"c_prev": 2.0, "f": 1.0, "i": 1.0, "g": 1.0, "o": 1.0},
        "hide": {"f": 1.0, "i": 0.0, "o": 0.0},
    },
    diagram=draw_cell,
)  # fmt: skip

SURE = 40.0  # a pre-activation at which a gate is as good as 0 or 1

# ---- the cell grown out of an RNN, one idea at a time, and the way back through it (5.8, 6.3)
GROW_T = 8
GROW_WEIGHTS = {  # of x_t and of h_{t-1}, and the bias; the candidate g is the same at all stages
    "g": (1.0, 0.5, 0.0), "f": (1.0, 0.5, 3.0), "i": (4.0, 0.5, -2.0), "o": (2.0, -0.5, 0.0),
    "z": (4.0, 0.5, -3.0), "r": (-1.0, 1.0, 1.0),
}  # fmt: skip
GROW_STAGES = {"rnn": "g", "add": "g", "forget": "fg", "input": "fig", "lstm": "figo", "gru": "rzg"}  # what is computed
GROW_X = {"f": 2.0, "r": 2.0, "i": 3.2, "z": 3.2, "g": 4.5, "o": 5.75}  # where its box stands, in inches
GROW_SYMBOLS = {  # name -> (quantity, symbol)
    "x": ("input", "x_t"), "h_prev": ("hidden", "h_{t-1}"), "h": ("hidden", "h_t"), "c_prev": ("cell", "c_{t-1}"),
    "c": ("cell", "c_t"), "f": ("f", "f_t"), "i": ("i", "i_t"), "g": ("g", "g_t"), "o": ("o", "o_t"), "z": ("z", "z_t"),
    "r": ("r", "r_t"), "kept": ("cell", "f_t\\,c_{t-1}"), "written": ("g", "i_t\\,g_t"), "one": ("cell", "1"),
    "tanh_c": ("cell", "\\tanh\\,c_t"), "seen": ("hidden", "r_t\\,h_{t-1}"), "open": ("z", "1 - z_t"),
    "fresh": ("z", "\\tilde{h}_t - h_{t-1}"),
}  # fmt: skip
GROW_GRU = {"g": ("candidate", "\\tilde{h}_t"), "written": ("candidate", "z_t\\,\\tilde{h}_t"),
            "kept": ("hidden", "(1 - z_t)\\,h_{t-1}")}  # fmt: skip
GROW_SIDES = {"left": (-0.33, 0, "right", 12), "right": (0.33, 0, "left", 12), "above": (0, 0.27, "center", 12),
              "below": (0.34, -0.27, "right", 11), "over": (-0.05, 0.24, "right", 12)}  # fmt: skip
# stages by their first letter, of the LSTM o for its output gate; the number's name, place and formula; the factor of the
# way back; on which side the symbol stands
GROW_NUMBERS = (
    ("rafiog", "x", 0.45, 0.22, None, None, "above"), ("rafio", "h_prev", 0.45, 0.82, None, None, "above"),
    ("g", "h_prev", 0.45, 3.13, None, "open", "above"), ("a", "c_prev", 0.45, 3.13, None, "one", "above"),
    ("fio", "c_prev", 0.45, 3.13, None, "f", "above"), ("fio", "f", 2.0, 1.75, "σ({a_f})", "c_prev", "left"),
    ("io", "i", 3.2, 1.75, "σ({a_i})", "g", "left"), ("af", "g", 4.5, 1.75, "tanh({a_g})", "one", "right"),
    ("io", "g", 4.5, 1.75, "tanh({a_g})", "i", "right"), ("g", "g", 4.5, 1.75, "tanh({a_g})", "z", "right"),
    ("o", "o", 6.2, 1.75, "σ({a_o})", "tanh_c", "above"), ("o", "tanh_c", 6.95, 2.13, "tanh({c})", "o", "right"),
    ("fio", "kept", 3.25, 3.13, "{f} · {c_prev}", "one", "below"),
    ("g", "kept", 3.85, 3.13, "(1 − {z}) · {h_prev}", "one", "below"),
    ("io", "written", 4.5, 2.75, "{i} · {g}", "one", "right"), ("g", "written", 4.5, 2.75, "{z} · {g}", "one", "right"),
    ("g", "r", 2.0, 1.55, "σ({a_r})", "h_prev", "left"), ("g", "z", 3.2, 1.55, "σ({a_z})", "fresh", "over"),
    ("g", "seen", 2.62, 2.05, "{r} · {h_prev}", "r", "above"), ("a", "c", 8.25, 3.13, "{c_prev} + {g}", None, "above"),
    ("f", "c", 8.25, 3.13, "{kept} + {g}", None, "above"), ("io", "c", 8.25, 3.13, "{kept} + {written}", None, "above"),
    ("r", "h", 8.25, 1.75, "tanh({a_g})", None, "above"), ("afi", "h", 8.25, 1.75, "tanh({c})", None, "above"),
    ("o", "h", 8.25, 1.75, "{o} · {tanh_c}", None, "above"), ("g", "h", 8.25, 3.13, "{kept} + {written}", None, "above"),
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
    ("g", "hidden", (2.17, 2.05), (3.83, 2.05), (3.83, 1.05), (4.02, 1.05)),
    ("g", "z", (3.2, 1.3), (3.2, 2.45)), ("g", "z", (3.2, 2.35), (4.33, 2.35)), ("g", "z", (3.2, 2.79), (3.2, 2.96)),
)  # fmt: skip
GROW_NODES = (  # where wires meet, or part
    ("fio", 2.0, 3.13, "×"), ("g", 3.2, 3.13, "×"), ("afiog", 4.5, 3.13, "+"), ("iog", 4.5, 2.35, "×"),
    ("o", 6.95, 1.75, "×"), ("g", 2.0, 2.05, "×"), ("g", 3.2, 2.62, "1−"), ("afio", 6.95, 3.13, ""), ("g", 3.2, 2.35, ""),
    ("g", 1.15, 3.13, ""),
)  # fmt: skip


def _grown(cell):
    """(module, Params, rows) of a stage; a gate of the LSTM that is not there yet is held at 1."""
    module, rows = {"rnn": (rnn, "g"), "gru": (gru, "zrg")}.get(cell, (lstm, "ifog"))
    made = np.array([GROW_WEIGHTS[gate] if gate in GROW_STAGES[cell] else (0, 0, SURE) for gate in rows])
    return module, module.Params(made[:, :1], made[:, 1:2], made[:, 2]), rows


def _way_back(cell, xs):
    """(everything computed, by name; the factors of the direct path, their products from step T back, and the last state's
    derivatives by all paths), all (T,). The state is c, and h where there is no c."""
    module, params, rows = _grown(cell)
    trace = module.forward(params, xs.reshape(-1, 1, 1))
    found = {name: array[:, 0, 0] for name, array in trace._asdict().items() if name != "a"}
    found |= {f"a_{gate}": a for gate, a in zip(rows, trace.a[:, 0].T, strict=True)}
    steps, into = module.jacobians(params, trace)[:, 0], np.ones((len(xs), 1))
    if module is lstm:
        factors, found["kept"], found["written"] = found["f"], found["f"] * found["c_prev"], found["i"] * found["g"]
        into = np.column_stack([found["o"] * (1 - found["tanh_c"] ** 2), into])  # of h_t and c_t by c_t
    elif module is gru:
        g, h_prev, factors = found["candidate"], found["h_prev"], 1 - found["z"]
        found |= {"g": g, "open": factors, "fresh": g - h_prev, "seen": found["r"] * h_prev, "kept": factors * h_prev,
                  "written": found["z"] * g}  # fmt: skip
    else:
        factors, found["g"] = steps[:, 0, 0], found["h"]
    row, totals = np.eye(steps.shape[1])[-1], np.empty(len(xs))
    for t in reversed(range(len(xs))):
        totals[t], row = row @ into[t], row @ steps[t]
    return found, factors, np.append(np.cumprod(factors[:0:-1])[::-1], 1.0), totals


def compute_grow(cell, way, t, xs):
    """One unit reads xs, (T,); `now` are the numbers of step t, `asked` is h_t, or on the way back the direct path to t."""
    xs = np.zeros(GROW_T) if xs is None else xs
    found, factors, directs, totals = _way_back(cell, xs)
    back, now = way == "backward", {name: array[t - 1] for name, array in found.items()} | {"one": 1.0}
    return {"xs": xs, "hs": found["h"], "cs": found.get("c"), "h": now["h"], "c": now.get("c"), "now": now,
            "factors": factors, "directs": directs, "totals": totals, "direct": directs[t - 1], "total": totals[t - 1],
            "rnn": _way_back("rnn", xs)[2][t - 1], "asked": directs[t - 1] if back else now["h"], "back": back,
            "T": len(xs), "own": GROW_STAGES[cell], "state": "c" if "c" in found else "h"}  # fmt: skip


def _pre(gate, x, h):
    """The formula of a pre-activation."""
    w, u, b = map(term, GROW_WEIGHTS[gate])
    return f"{w} · {x} + {u} · {h} + {b}"


def _tiny(value, decimals):
    """A number, also where it is smaller than its last decimal."""
    if abs(value) >= 10**-decimals or value == 0:
        return number(value, decimals)
    return f"{value:.0e}".replace("e-0", "e-").replace("-", "\N{MINUS SIGN}")


def _grow_formulas(d):
    """Of a step u, as functions: what c_u, h_u and the factor of the direct path are made of."""

    def before(u, name):
        return f"{{{name}_{u - 1}}}" if u > 1 else "0"

    def gate(name, u, factor=""):
        made = _pre(name, f"{{x_{u}}}", factor + before(u, "h"))
        return f"tanh({made})" if name == "g" else f"σ({made})"

    def gated(name, u):
        return f"{gate(name, u)} · " if name in d.own else ""

    def c(u):
        return f"{gated('f', u)}{before(u, 'c')} + {gated('i', u)}{gate('g', u)}"

    def h(u):
        if d.cell == "gru":
            return f"(1 − {gate('z', u)}) · {before(u, 'h')} + {gated('z', u)}{gate('g', u, gated('r', u))}"
        return gate("g", u) if d.cell == "rnn" else f"{gated('o', u)}tanh({{c_{u}}})"

    def factor(u):
        made = {"rnn": f"{term(GROW_WEIGHTS['g'][1])} · (1 − {{h_{u}}}²)", "gru": f"1 − {gate('z', u)}", "add": None}
        return made.get(d.cell, gate("f", u))

    return c, h, factor


def _draw_sequence(net, d):
    """The steps in columns; on the way back the factor at each arrow of the direct path, and the products below."""
    (made_c, made_h, made_factor), row = _grow_formulas(d), {"cell": (0.52, 0.28), "sets": "t"}
    apart, line = d.state == "c", "cell" if d.state == "c" else "hidden"
    net.row("x", 3.76, d.xs, "input", **row)
    if apart:
        net.row("c", 4.82, d.cs, "cell", formula=made_c, **row)
    net.row("h", 5.3 if apart else 4.82, d.hs, "hidden", formula=made_h, **row)
    for name, y in (("x", 3.62), (d.state, 4.68), *([("h", 5.16)] if apart else [])):
        net.write(0.3, y, f"${name}_t$", size=13, id=f"label_{name}")
    for u in range(1, GROW_T + 1):
        if not d.back:
            net.link("x", u, d.state, u, "input")
        if apart:
            net.link("c", u, "h", u, "cell", back=d.back)
        if u > 1:
            net.link(d.state, u - 1, d.state, u, line, back=d.back)
        if u > 1 and apart:
            ends = (net.middle(u - 1) + 0.26, 5.16), (net.middle(u) - 0.26, 4.76)
            look = {"quantity": "gradient" if d.back else "hidden", "dashed": d.back}
            net.arrow(*(ends[::-1] if d.back else ends), data_when=net.when("c", u, d.back) - 1, **look)
    if d.back:
        for u in range(2, GROW_T + 1):
            made = {"said": f"∂{sub(d.state, u)}/∂{sub(d.state, u - 1)}", "formula": made_factor(u), "write": _tiny}
            made["data_when"] = net.when(d.state, u, back=True)
            net.numbers(f"factor_{u}", net.middle(u) - 0.7, 4.6, d.factors[u - 1], "derivative", (0.43, 0.24), **made)

        def product(u):
            return f"{{direct_{u + 1}}} · {{factor_{u + 1}}}" if u < GROW_T else None

        row |= {"returns": True, "decimals": 3, "write": _tiny, "said": f"∂{sub(d.state, GROW_T)}/∂{d.state}"}
        for name, y, values, made in (("direct", 4.42, d.directs, product), ("total", 4.08, d.totals, None)):
            net.row(name, y, values, "gradient", formula=made, **row)
            net.write(0.06, y - 0.14, text(f"lstm.grow.word.{name}"), size=11, ha="left")
    net.now(d.t, 3.43, 5.35 if apart else 4.87, 0.56)


def draw_grow(d):
    """Above, the sequence; below, step t: the number on every wire, or on the way back the factor of every wire."""
    net, stage = Network(8.7, 5.4, GROW_T, first=1.3, pitch=0.97), "o" if d.cell == "lstm" else d.cell[0]
    symbols = GROW_SYMBOLS | {"gru": GROW_GRU, "rnn": {"g": ("hidden", "h_t")}}.get(d.cell, {})
    plain = {"\\tilde{h}": "h̃", "\\tanh\\,": "tanh ", "\\,": " · ", "_{t-1}": "ₜ₋₁", "_t": "ₜ", "-": "−"}

    def place(id, x, y, value, quantity, symbol, formula, side, write):
        said = reduce(lambda words, both: words.replace(*both), plain.items(), symbol)
        net.numbers(
            id, x - 0.28, y + 0.14, value, quantity, (0.56, 0.28), said=said, formula=formula, write=write, backing=True
        )
        if symbol != "1":
            dx, dy, ha, size = GROW_SIDES[side]
            net.write(x + dx, y + dy, f"${symbol}$", size, f"{id}.symbol", ha)

    def unseen(name):
        net.unseen(name, np.asarray(d.now[name]))

    def squash(id, x, y, quantity, name, slope, formula):
        """The box of a σ or tanh; on the way back its slope stands in it."""
        net.box(x - 0.48, y - 0.25, 0.96, 0.5, quantity, id=f"{id}.box")
        net.write(x, y + 0.13 * d.back, name + "′" * d.back, size=11 if d.back else 14)
        if d.back:
            made = {"said": f"{name}′", "formula": formula, "write": _tiny}
            net.numbers(id, x - 0.3, y + 0.02, slope, "derivative", (0.6, 0.22), **made)

    _draw_sequence(net, d)
    net.box(0.95, 0.03, 6.75, 3.34, "ghost", fill=False)
    read = d.own.replace("g", "") if d.cell == "gru" and d.back else d.own  # whose h_{t-1} comes along the rail
    back, last = {"quantity": "gradient", "dashed": True, "tip": True}, (GROW_X[read[-1]], 0.22)
    past = [(1.15, 3.13), (1.15, 0.22)] if d.cell == "gru" else [(0.75, 0.82), (1.15, 0.82), (1.15, 0.22)]
    net.path([last, *past[::-1]], **back) if d.back else net.path(past)
    if not d.back:
        net.path([(0.75, 0.22), last])
    boxes = [("rafiog", "ink", (GROW_X[gate], 0.22), (GROW_X[gate], 0.8)) for gate in read]
    for stages, quantity, *points in (*boxes, *GROW_WIRES):
        if stage in stages:
            net.path(points[::-1], **back) if d.back else net.wire(points, quantity)
    for stages, x, y, sign in GROW_NODES:
        if stage in stages:
            net.node(x, y, sign) if sign else net.circle(x, y, 0.045)
    for gate in d.own:
        x, value, quantity, id = GROW_X[gate], d.now[gate], symbols[gate][0], "h" if d.cell == "rnn" else gate
        reset = d.cell == "gru" and gate == "g"
        if d.back:
            at = (3.83, 1.55) if reset else (x, 0.52)
            made = GROW_WEIGHTS[gate][1], "weight", f"w_{{h{id}}}", None
            place(f"w_{gate}", *at, *made, "over" if reset else "left", number)
            unseen(f"a_{gate}")
        else:
            made = _pre(gate, "{x}", "{seen}" if reset else "{h_prev}")
            name = "a_t" if d.cell == "rnn" else f"a_{gate}"
            place(f"a_{gate}", x, 0.52, d.now[f"a_{gate}"], "derivative", name, made, "left", number)
        name, slope = ("tanh", 1 - value**2) if gate == "g" else ("σ", value * (1 - value))
        made = f"1 − {{{id}}}²" if gate == "g" else f"{{{gate}}} · (1 − {{{gate}}})"
        squash(f"slope_{gate}", x, 1.05, quantity, name, slope, made)
    if d.state == "c":
        made = f"1 − {{{'tanh_c' if d.cell == 'lstm' else 'h'}}}²"
        squash("slope_c", 6.95, 2.6, "cell", "tanh", 1 - d.now["tanh_c"] ** 2, made)
    origins = {"open": "1 − {z}", "fresh": "{g} − {h_prev}"}
    for stages, name, x, y, formula, factor, side in GROW_NUMBERS:
        end = x in (0.45, 8.25)
        if stage not in stages:
            continue
        if end or not d.back:
            place(name, x, y, d.now[name], *symbols[name], formula, side, number)
        else:
            unseen(name)
        if d.back and factor:
            made = d.now[factor], "derivative", symbols[factor][1], origins.get(factor)
            place(f"d_{name}", 1.5 if end else x, y, *made, "below" if end else side, _tiny)
    return net


def line_grow(d):
    """The state of step t, or the product of the factors on the way back to it."""
    module, params, _ = _grown(d.cell)
    name, arrays = module.__name__.rpartition(".")[2], ", ".join(f"np.array({array.tolist()})" for array in params)
    factors = {"rnn": "rnn.jacobians(params, trace)[{t}:]", "gru": "(1 - trace.z[{t}:])"}.get(d.cell, "trace.f[{t}:]")
    return (
        f"import numpy as np\nfrom lecture_utils import {name}\nparams = {name}.Params({arrays})\n"
        f"trace = {name}.forward(params, np.array({d.xs.tolist()}).reshape(-1, 1, 1))\n"
        + (f"{factors}.prod()".format(t=d.t) if d.back else f"trace.h[{d.t - 1}, 0, 0]")
    )


grow = explorer(
    "lstm.grow", compute_grow, None,
    Choice("cell", tuple(GROW_STAGES), "rnn"),
    Choice("way", ("forward", "backward"), "forward"),
    Slider("t", 1, GROW_T, 1, 3),
    Entry("xs", "1 0.3 -0.4 0.2 -0.5 0.4 -0.3 0.1", partial(parse_inputs, most=GROW_T)),
    say=lambda d: (d.cell if d.cell in ("rnn", "add", "gru") else "gates") if d.back else d.state,
    line=line_grow,
    result="asked",
    presets={cell: {"cell": cell, "way": "backward", "t": 1} for cell in ("rnn", "add", "lstm", "gru")},
    diagram=draw_grow,
)  # fmt: skip

# ---- one gate (5.3)
GATE_X, GATE_H = 2.0, -1.0  # the gate's two weights
GATE_FAR = 8  # pre-activations of the picture
GATE_ROLES = {  # the quantity that goes in, its symbol, the symbol of what comes out
    "f": ("cell", r"$c_{t-1}$", r"$f_t\,c_{t-1}$"),
    "i": ("g", r"$g_t$", r"$i_t\,g_t$"),
    "g": ("i", r"$i_t$", r"$i_t\,g_t$"),
    "o": ("cell", r"$\tanh\,c_t$", r"$h_t$"),
}


def _squash(gate):
    return np.tanh if gate == "g" else sigmoid


def compute_gate(gate, x, h_prev, b, value):
    """The gate's pre-activation a, its value `opening`, and the product; what is kept and forgotten in percent."""
    a = GATE_X * x + GATE_H * h_prev + b
    opening = _squash(gate)(a)
    return {"a": a, "opening": opening, "through": opening * value,
            "percent": 100 * opening, "rest": 100 * (1 - opening)}  # fmt: skip


def draw_gate(figure, d):
    """Left, the curve from the pre-activation to the gate; right, what goes in and what the gate lets through."""
    left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
    low, name = (-1, "tanh") if d.gate == "g" else (0, "σ")
    a = np.linspace(-GATE_FAR, GATE_FAR, 161)
    left.plot(a, _squash(d.gate)(a), color=style.colour(d.gate), linewidth=2.2)
    left.set(xlim=(-GATE_FAR, GATE_FAR), ylim=(low - 0.08, 1.08), xlabel=rf"pre-activation $a_{d.gate}$")
    left.set_title(rf"${d.gate}_t$ = {name}($a_{d.gate}$)", loc="left")

    def at(d):
        return clipped(d.a, -GATE_FAR, GATE_FAR)

    def beside(d):  # where the curve leaves room
        above = d.opening < (low + 1) / 2
        on_right = above == (at(d) < -5) and at(d) < 5
        place = {"ha": "left" if on_right else "right", "position": (13 if on_right else -13, 9 if above else -18)}
        return {"text": number(d.opening, 3), "xy": (at(d), d.opening)} | place

    drop = left.plot([], [], color=style.GREY, linestyle=":", linewidth=1.8)[0]
    yield drop, lambda d: ([at(d), at(d), -GATE_FAR], [low - 1, d.opening, d.opening])
    yield curve(left, d.gate, markersize=12, clip_on=False), lambda d: ([at(d)], [d.opening])
    yield Tag(left, fontsize=style.text_size(13)), beside

    quantity, *symbols = GATE_ROLES[d.gate]
    right.set(xlim=(-0.6, 1.6), ylim=(1.18 * low, 1.18), xticks=(0, 1), xticklabels=symbols)
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


def line_gate(d):
    """The gate itself."""
    a = f"{GATE_X} * {d.x} + {GATE_H} * {d.h_prev} + {d.b}"
    if d.gate == "g":
        return f"import numpy as np\nnp.tanh({a})"
    return f"from lecture_utils.functions import sigmoid\nsigmoid({a})"


gate = explorer(
    "lstm.gate", compute_gate, draw_gate,
    Choice("gate", tuple(GATE_ROLES), "f", redraw=True),
    Slider("x", -2.0, 2.0, 0.1, 0.0),
    Slider("h_prev", -1.0, 1.0, 0.1, 0.0),
    Slider("b", -6.0, 6.0, 0.25, 1.0),
    Slider("value", 0.0, 1.0, 0.05, 1.0),
    say=lambda d: d.gate,
    line=line_gate,
    result="opening",
    presets={"half": {"b": 0.0}, "open": {"b": 6.0}, "shut": {"b": -6.0}, "by_input": {"x": -2.0, "b": 3.0}},
)  # fmt: skip

# ---- store, hold, release (5.1, 5.2)
HOLD_MOST = 15
HOLD_STEPS = HOLD_MOST + 3
DISTURBANCES = (1.0, -0.5, 0.8, -1.0, 0.9, -0.4, -0.7, 1.0, -0.2, -0.6, 0.5, 0.3, -0.9, 0.6, -0.5)  # g while holding
PUPPET = lstm.Params(np.eye(4), np.zeros((4, 1)), np.zeros(4))  # the inputs are the pre-activations of i, f, o, g


def _logit(p):
    """The pre-activation of a gate that shall be p, at most SURE."""
    return float(np.clip(np.log(p) - np.log1p(-p), -SURE, SURE)) if 0 < p < 1 else SURE * (2 * p - 1)


def _artanh(g):
    """The pre-activation of a candidate that shall be g."""
    return np.arctanh(np.clip(g, -1 + 1e-16, 1 - 1e-16))


def compute_hold(value, f, n, leak):
    """A real LSTM of one unit, moved like a puppet: each gate gets the pre-activation that opens it as far as told.

    cs, hs and each of `gates` are (HOLD_STEPS,); c is what was held, h what came back, `leak` the input gate meanwhile.
    """
    xs = np.zeros((HOLD_STEPS, 1, 4))
    xs[..., :3] = -SURE  # all gates shut, the forget gate too: erase
    xs[..., 3] = _artanh(value)
    xs[0, 0, 0] = SURE  # store
    xs[1 : n + 1, 0, 0], xs[1 : n + 2, 0, 1] = _logit(leak), _logit(f)  # hold
    xs[1 : n + 1, 0, 3] = _artanh(DISTURBANCES[:n])
    xs[n + 1, 0, 1:3] = SURE  # release: f = 1, o = 1
    trace = lstm.forward(PUPPET, xs)
    cs, hs = trace.c[:, 0, 0], trace.h[:, 0, 0]
    return {"gates": {name: getattr(trace, name)[:, 0, 0] for name in "ifo"}, "cs": cs, "hs": hs, "c": cs[n],
            "h": hs[n + 1], "percent": 100 * f, "forgets": 100 * (1 - f), "share": 100 * f**n,
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
    bold = {"fontweight": "bold"}
    write(top, 0.55, 1.75, "store", ha="left", **bold)
    yield write(top, 0, 1.75, "hold", **bold), lambda d: {"x": 1.5 + d.n / 2, "visible": d.n >= 5}
    yield write(top, 0, 1.75, "release", **bold), lambda d: {"x": d.n + 2, "y": 1.75 if d.n >= 2 else 1.4}


hold = explorer(
    "lstm.hold", compute_hold, draw_hold,
    Slider("value", -1.0, 1.0, 0.1, 1.0),
    Slider("f", 0.0, 1.0, 0.01, 0.7),
    Slider("n", 0, HOLD_MOST, 1, 5),
    Slider("leak", 0.0, 0.5, 0.05, 0.0),
    say=lambda d: "leak" if d.leak else "closed",
    line=lambda d: (
        "from functools import reduce\nfrom math import tanh\n"
        f"disturbances = {list(DISTURBANCES[: d.n])}\n"
        f"tanh(reduce(lambda c, g: {d.f} * c + {d.leak} * g, disturbances, {d.value}))"
    ),
    result="h",
    presets={"deck": {"n": 1}, "perfect": {"f": 1.0, "n": 15}, "careless": {"f": 1.0, "n": 15, "leak": 0.3}},
    size=style.TALL,
)  # fmt: skip

# ---- a network trained on the learner's own text
BRACKETS = (
    "the cat (which was black) sat on the mat (which was red). "
    "the dog (which was brown) sat on the cat (which was fat). "
)
SMALL_H, SMALL_T, SMALL_EVERY, SMALL_FRAMES = 32, 128, 10, 30


class Source(NamedTuple):
    """A text, how Python gets it, and what a network reads of it."""

    text: str
    python: str
    read: textmodel.Text


def source(typed):
    """The Source of what was typed: nothing stands for Python's reference, the name of a file for what is in it.

    Raises Refusal where that is not a text that a network can learn.
    """
    text, python = typed, repr(typed)
    if not typed.strip():
        text, python = textmodel.prose(), "textmodel.prose()"
    elif os.path.isfile(typed):
        python = f"open({typed!r}, encoding='utf-8').read()"
        try:
            with open(typed, encoding="utf-8") as file:
                text = file.read()
        except (OSError, ValueError):
            raise Refusal("lstm_text.no_text", name=typed) from None
    try:
        cleaned, _ = charlm.clean(text)
    except ValueError:
        raise Refusal("lstm_text.surrogate") from None
    if len(cleaned) < 2:
        raise Refusal("lstm_text.short", typed=cleaned)
    return Source(text, python, textmodel.read(cleaned))


def film_small(text, seed):
    """Snapshots of a small LSTM learning a text, in float64; `loss` is in nats per character of the text.

    The gradient reaches over SMALL_T characters.
    """
    for made in textmodel.train("lstm", text.read, seed, H=SMALL_H, T=SMALL_T, dtype=np.float64):
        if made.step % SMALL_EVERY == 0:
            yield made._replace(loss=textmodel.nats("lstm", made.params, text.read.held_out))


def line_small(d):
    """The first lines: the network of the shown frame."""
    return (
        "import itertools\nimport numpy as np\nfrom lecture_utils import lstm, textmodel\n"
        f"text = textmodel.read({d.text.python})\n"
        f"training = textmodel.train('lstm', text, {d.seed}, H={SMALL_H}, T={SMALL_T}, dtype=np.float64)\n"
        f"params = next(itertools.islice(training, {d.frame * SMALL_EVERY}, None)).params\n"
    )


def window(ids, start, most):
    """(where the window begins, its end) for a text of ids, so that it is as full as the text allows."""
    begin = min(start, max(0, len(ids) - most))
    return begin, min(begin + most, len(ids))


# ---- gates over a text (5.3)
ROWS = "ifogch"
GATES_WIDE = 48


def compute_gates(text, seed, quantity, unit, t, start, film, frame):
    """The LSTM of the shown frame reads the text from its beginning; what its gates did in the window.

    t counts from 1, in the window, `at` from 0, in the text. `map` (H, T) is the quantity of all units, `rows` (6, T) are
    all of the unit in the order of ROWS; the cell state is divided by its largest size. The seed stands behind the film.
    """
    made, ids = film[frame], text.read.train
    begin, end = window(ids, start, GATES_WIDE)
    t, chars = min(t, end - begin), text.read.vocab.decode(ids[begin:end])
    trace = lstm.forward(made.params.cell, ids[:end, None])
    everything = {name: getattr(trace, name)[begin:, 0].T for name in ROWS}
    rows = {name: units[unit - 1] for name, units in everything.items()}
    largest = np.abs(everything["c"]).max() if quantity == "c" else 1.0
    mean_f = float(rows["f"].mean())
    return {name: row[t - 1] for name, row in rows.items()} | {
        "t": t, "at": begin + t - 1, "chars": chars, "char": letter(chars[t - 1]),
        "map": everything[quantity] / largest, "largest": largest,
        "rows": np.array([row / np.abs(row).max() if name == "c" else row for name, row in rows.items()]),
        "mean_f": mean_f, "kept": 100 * mean_f**10, "step": made.step, "loss": made.loss,
    }  # fmt: skip


class Letters:
    """The characters of a text along an axis, one per column, at the height y."""

    def __init__(self, axes, y, most):
        self.artists = [write(axes, t, y, "") for t in range(most)]

    def __iter__(self):
        return iter(self.artists)

    def set(self, chars):
        """Show these characters, at most as many as there are columns."""
        for artist, drawn in zip_longest(self.artists, map(letter, chars), fillvalue=""):
            artist.set(text=drawn, fontsize=style.text_size(14 if len(drawn) <= 1 else 11))


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
    labels = [rf"${name}_t$" + " scaled" * (name == "c") for name in ROWS]
    below.set(yticks=range(len(ROWS)), yticklabels=labels, xticks=[])
    yield still(Letters(below, len(ROWS) + 0.15, GATES_WIDE)), lambda d: d.chars
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
    Entry("text", BRACKETS, parse=source),
    Slider("seed", 0, 99, 1, 2),
    Choice("quantity", tuple(ROWS), "c"),
    Slider("unit", 1, SMALL_H, 1, 8),
    Slider("t", 1, GATES_WIDE, 1, 9),
    Slider("start", 0, 200, 1, 0),
    line=lambda d: line_small(d) + f"lstm.forward(params.cell, text.train[:, None]).f[{d.at}, 0, {d.unit - 1}]",
    result="f",
    presets={"forget": {"quantity": "f"}, "write": {"quantity": "i"}, "second": {"start": 68, "t": 30}},
    size=style.LARGE,
    film=film_small,
    budget=SMALL_FRAMES,
)  # fmt: skip

# ---- a text in colours (5.3)
ACROSS, DOWN = 20, 3  # characters of the coloured text
COLOUR_WIDE = ACROSS * DOWN
TILE = (0.405, 0.78)  # inches
FAR = 10  # characters back


def compute_colour(text, seed, what, unit, t, start, film, frame):
    """A number for each character of a window: a unit's, or how much it moves the logit of the framed character.

    t is the framed character, from 0, in the window, `at` in the text; `values` are up to (COLOUR_WIDE,). An influence is
    divided by the largest one, which is `value`; p is the probability of the framed character, `percent` the share of the
    influence that comes from more than `far` characters back. All characters before the window are read as well, and the
    one with the largest influence, `back` before the framed one, may stand there.
    The seed stands behind the film.
    """
    made, ids = film[frame], text.read.train
    begin, end = window(ids, start, COLOUR_WIDE)
    t, chars = min(t, end - begin - 1), text.read.vocab.decode(ids[begin:end])
    at = begin + t
    if what == "influence":
        sizes, p = textmodel.influence("lstm", made.params, ids[:at], ids[at])
        strongest = int(sizes.argmax())
        value, values = sizes[strongest], sizes[begin:] / sizes[strongest]
        more = {"p": p, "far": FAR, "percent": 100 * float(sizes[:-FAR].sum() / sizes.sum())}
    else:
        values = getattr(lstm.forward(made.params.cell, ids[:end, None]), what)[begin:, 0, unit - 1]
        strongest, value, more = begin + int(values.argmax()), values[t], {}
    low_t = int(values.argmin())
    return more | {
        "t": t, "at": at, "chars": chars, "next": letter(chars[t]), "values": values, "value": value, "step": made.step,
        "low": values[low_t], "low_t": low_t, "low_char": letter(chars[low_t]),
        "high": values.max(), "high_t": strongest - begin, "back": at - strongest,
        "high_char": letter(text.read.vocab.chars[ids[strongest]]),
    }  # fmt: skip


def _short(value):
    """Two digits for a tile: .31, -.05, 2.4, 12."""
    return number(value, int(abs(value) < 9.95)) if abs(value) >= 0.995 else number(value).replace("0.", ".", 1)


def draw_colour(d):
    """The text in tiles: each character with its number below it, on the number's colour; a frame around the next letter."""
    board, (width, height), largest = Board(8.5, 3.6), TILE, max(1.0, np.abs(d.values).max())
    if d.what == "influence":
        title = text("lstm.colour.word.influence", size="$|\\partial y_T[k]\\,/\\,\\partial x_t|$")
    else:
        title = text("lstm.colour.word.unit", quantity=f"${d.what}_t$", unit=d.unit)
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


def line_colour(d):
    """The unit's number at the framed character, or the largest influence on its logit."""
    if d.what == "influence":
        influence = f"textmodel.influence('lstm', params, text.train[:{d.at}], text.train[{d.at}])"
        return line_small(d) + f"{influence}.sizes.max()"
    return line_small(d) + f"lstm.forward(params.cell, text.train[:, None]).{d.what}[{d.at}, 0, {d.unit - 1}]"


colour = explorer(
    "lstm.colour", compute_colour, None,
    Entry("text", BRACKETS, parse=source),
    Slider("seed", 0, 99, 1, 2),
    Choice("what", ("c", "h", "f", "i", "influence"), "c"),
    Slider("unit", 1, SMALL_H, 1, 8),
    Slider("t", 1, COLOUR_WIDE - 1, 1, 19),
    Slider("start", 0, 200, 1, 0),
    say=lambda d: "influence" if d.what == "influence" else "unit",
    line=line_colour,
    result="value",
    presets={
        "influence": {"what": "influence"},
        "fat": {"what": "influence", "start": 56, "t": 54},
        "shown": {"what": "h"},
    },
    diagram=draw_colour,
    film=film_small,
    budget=SMALL_FRAMES,
)  # fmt: skip

# ---- the highway (5.1)
HIGHWAY_V, HIGHWAY_H = 4, 16
HIGHWAY_STEPS, HIGHWAY_LOW, HIGHWAY_HIGH = 100, -34, 5


class Highway(NamedTuple):
    """log10 of sizes, (T + 1,) for t = 0..T; a size is the Frobenius norm over sqrt(H), 1 for the identity."""

    total: np.ndarray  # d c_T / d c_t by all paths
    direct: np.ndarray  # the product of the forget gates alone
    rnn: np.ndarray  # d h_T / d h_t
    mean_f: float


@lru_cache(maxsize=8)
def _plain(T, seed):
    """(the noise, the RNN's curve)."""
    xs = np.random.default_rng([seed, 1]).standard_normal((T, 1, HIGHWAY_V))
    params = rnn.init(np.random.default_rng(seed), HIGHWAY_V, HIGHWAY_H)
    path = gradients.products(rnn.jacobians(params, rnn.forward(params, xs))[:, 0])
    return xs, path.log10_norm - math.log10(HIGHWAY_H) / 2


def compute_highway(bias, T, seed):
    """Both cells as `init` makes them, reading the same noise."""
    xs, plain = _plain(T, seed)
    params = lstm.init(np.random.default_rng(seed), HIGHWAY_V, HIGHWAY_H, forget_bias=bias)
    trace = lstm.forward(params, xs)
    path = gradients.products(lstm.jacobians(params, trace)[:, 0])
    size = np.linalg.norm(path.unit[:, HIGHWAY_H:, HIGHWAY_H:], axis=(1, 2)) / math.sqrt(HIGHWAY_H)
    forgets = gradients.sums_after(np.log10(trace.f[:, 0]))  # of each unit
    most = forgets.max(axis=1)
    direct = np.log10(np.mean(10 ** (2 * (forgets - most[:, None])), axis=1)) / 2 + most
    return Highway(path.log10_norm + np.log10(size), direct, plain, float(trace.f.mean()))


def draw_highway(figure, d):
    """Three curves on one logarithmic axis: the LSTM's whole gradient, its direct path, the RNN's gradient."""
    axes = figure.subplots()
    axes.set(xlim=(-1, HIGHWAY_STEPS + 1), ylim=(HIGHWAY_LOW, HIGHWAY_HIGH), xlabel="steps back,  T − t")
    axes.set_ylabel(r"$\log_{10}$ of the size of the gradient")
    axes.axhline(0, color=style.INK, linewidth=1)
    for n, (name, quantity, label, look) in enumerate((
        ("total", "lstm", r"LSTM, all paths:  $\partial c_T/\partial c_t$", {}),
        ("direct", "f", r"LSTM, direct path:  $\prod f$", {"linestyle": ":", "fillstyle": "none"}),
        ("rnn", "rnn", r"RNN:  $\partial h_T/\partial h_t$", {}),
    )):  # fmt: skip
        trail = Trail(axes, quantity, label, marks=(4 * n, 12), **look)
        if name != "rnn":
            ghosted(trail.curve)
        yield trail, lambda d, name=name: (range(d.T, -1, -1), getattr(d, name))
    axes.legend(loc="lower left")


def say_highway(d):
    """All three at t = 0, the whole way back, and whether the LSTM's is larger than the RNN's."""
    ends = {"total": d.total[0], "direct": d.direct[0], "rnn": d.rnn[0], "f": d.mean_f}
    ahead = ends["total"] - ends["rnn"]
    return ("ahead" if ahead > 0 else "behind"), ends | {"ahead": abs(ahead)}


highway = explorer(
    "lstm.highway", compute_highway, draw_highway,
    Slider("bias", 0.0, 5.0, 0.1, 1.0),
    Slider("T", 10, HIGHWAY_STEPS, 10, HIGHWAY_STEPS),
    Slider("seed", 0, 99, 1, 0),
    say=say_highway,
    line=lambda d: (
        "import numpy as np\nfrom lecture_utils import gradients, lstm\n"
        f"params = lstm.init(np.random.default_rng({d.seed}), V={HIGHWAY_V}, H={HIGHWAY_H}, forget_bias={d.bias})\n"
        f"xs = np.random.default_rng([{d.seed}, 1]).standard_normal(({d.T}, 1, {HIGHWAY_V}))\n"
        "path = gradients.products(lstm.jacobians(params, lstm.forward(params, xs))[:, 0])  # state: h, then c\n"
        f"path.log10_norm[0] + np.log10(np.linalg.norm(path.unit[0, {HIGHWAY_H}:, {HIGHWAY_H}:]) / {HIGHWAY_H} ** 0.5)"
    ),
    result="total",
    presets={"none": {"bias": 0.0}, "usual": {"bias": 1.0}, "large": {"bias": 3.0}, "too_large": {"bias": 5.0}},
)  # fmt: skip

# ---- the race (5.4)
RACE_EVERY, RACE_SHOWN = 10, 60
RACERS = ("rnn", "lstm")


def film_race(T, seed):
    """Frames of the race, every few updates."""
    return race.run(RACERS, T, seed, RACE_EVERY)


def compute_race(T, seed, film, frame):
    """Both cells' errors so far, in `curves` at all frames; their answers at the shown one; who had solved the task by then.

    T and the seed stand behind the film.
    """
    shown = film[frame]
    xs, right = shown.test.xs[:, :RACE_SHOWN].astype(np.float32), shown.test.targets[-1, :RACE_SHOWN, 0]
    answers = {name: bptt.forward(race.CELLS[name][0], shown.params[name], xs)[1][-1, :, 0] for name in RACERS}
    steps = [made.step for made in film]
    curves = {name: [made.errors[name] for made in film] for name in RACERS}
    solved = {name: race.solved_at(steps[: frame + 1], curves[name][: frame + 1]) for name in RACERS}
    return shown.errors | {
        "step": shown.step, "steps": steps, "curves": curves, "solved": solved, "right": right, "answers": answers}  # fmt: skip


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
    Slider("T", 10, 60, 10, 50),
    Slider("seed", 0, 99, 1, 0),
    say=say_race,
    line=lambda d: (
        "import itertools\nfrom lecture_utils import race\n"
        f"training = race.training('lstm', {d.T}, {d.seed})\n"
        f"made = next(itertools.islice(training, {d.frame * RACE_EVERY}, None))\n"
        f"race.error('lstm', made.params, race.unseen({d.T}, {d.seed}))"
    ),
    result="lstm",
    presets={"short": {"T": 10}, "middle": {"T": 20}, "again": {"seed": 1}},
    size=style.WIDE,
    film=film_race,
    budget=race.STEPS // RACE_EVERY,
)  # fmt: skip

# ---- prose (5.4)
PROSE_EVERY, PROSE_FRAMES = 10, 80
PROSE_STEPS = PROSE_EVERY * PROSE_FRAMES
LINE, LINES = 48, 2  # characters of a line of a sample, and its lines


def film_prose(text):
    """Snapshots of both cells learning a text, every few updates; `loss` is in nats per character that is held out."""
    for both in zip(*(textmodel.train(name, text.read, 0) for name in RACERS), strict=True):
        if both[0].step % PROSE_EVERY == 0:
            yield {
                name: made._replace(loss=textmodel.nats(name, made.params, text.read.held_out))
                for name, made in zip(RACERS, both, strict=True)
            }


def _sample(name, params, vocab, tau, draw):
    """What a network writes, its letters as a font has them, each as wide as all others."""
    options = {"rng": np.random.default_rng(draw), "tau": tau}
    sample = charlm.sample(textmodel.CELLS[name][0], params, vocab, vocab.chars[0], LINES * LINE, **options)
    drawn = (char if char == " " else letter(char) for char in sample.text)
    return "".join(char if len(char) == 1 else "□" for char in drawn)


def compute_prose(text, tau, draw, film, frame):
    """Losses so far, in `curves` at all frames; samples of the shown one, drawn with the same random numbers for both.

    `even` is ln V, the loss of guessing evenly.
    """
    shown, vocab = film[frame], text.read.vocab
    losses = {name: made.loss for name, made in shown.items()}
    return losses | {
        "step": frame * PROSE_EVERY, "steps": [PROSE_EVERY * n for n in range(len(film))],
        "curves": {name: [made[name].loss for made in film] for name in RACERS},
        "samples": {name: _sample(name, made.params, vocab, tau, draw) for name, made in shown.items()},
        "V": len(vocab), "even": math.log(len(vocab)), "length": text.read.length,
        "difference": round(abs(losses["rnn"] - losses["lstm"]), 12),
    }  # fmt: skip


def draw_prose(figure, d):
    """Above, the loss of both on characters that they never train on; below, what both write."""
    above, below = figure.subplots(2, 1, height_ratios=(1.55, 1))
    above.set(xlim=(0, PROSE_STEPS), ylim=(0, 5), xlabel="updates", ylabel="nats per character")
    even = above.axhline(0, color=style.INK, linestyle=":", linewidth=1.5)
    yield still(even), lambda d: ((0, 1), (d.even, d.even))
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
    Entry("text", "", parse=source),
    Slider("tau", 0.0, 2.0, 0.1, 1.0),
    Slider("draw", 0, 99, 1, 0),
    say=lambda d: "going" if d.step else "start",
    line=lambda d: (
        "import itertools\nfrom lecture_utils import textmodel\n"
        f"text = textmodel.read({d.text.python})\n"
        f"made = next(itertools.islice(textmodel.train('lstm', text, 0), {d.step}, None))\n"
        "textmodel.nats('lstm', made.params, text.held_out)"
    ),
    result="lstm",
    presets={"largest": {"tau": 0.0}, "careful": {"tau": 0.5}, "wild": {"tau": 1.5}},
    size=style.LARGE,
    film=film_prose,
    budget=PROSE_FRAMES,
    varies=True,  # each Python has its own language reference
)  # fmt: skip
