"""Chapter 5's captions and charts, by plain loops that know nothing of the library."""

import cmath
import math
import unicodedata
from functools import cache, wraps
from pydoc_data.topics import topics

import numpy as np


def _sigmoid(a):
    return 1 / (1 + np.exp(-np.asarray(a, float)))


def _number(value, decimals=2):
    """A number as charts write it."""
    written = f"{abs(value):.{decimals}f}"
    return ("\N{MINUS SIGN}" if value < 0 and float(written) else "") + written


def _once(compute):
    """compute(params, ...), remembered for as long as it is asked of the same params."""
    known = {}

    @wraps(compute)
    def asked(params, *more):
        key = id(params), *more
        if key not in known:
            known[key] = params, compute(params, *more)  # held, so that the id stays theirs
        return known[key][1]

    return asked


# ---- one cell, one gate, one value held
def cell(f, i, g, o, c_prev):
    c = f * c_prev + i * g
    return {"kept": f * c_prev, "written": i * g, "c": c, "shown": math.tanh(c), "h": o * math.tanh(c)}


def one_gate(gate, x, h_prev, b, value):
    a = 2 * x - h_prev + b
    opening = math.tanh(a) if gate == "g" else float(_sigmoid(a))
    shares = {"percent": 100 * opening, "rest": 100 - 100 * opening} if gate == "f" else {}
    return {"a": a, "opening": opening, "through": opening * value} | shares


# ---- a unit that grows: the weights of x and of h, and the bias
GROWN = {"g": (1, 0.5, 0), "f": (1, 0.5, 3), "i": (4, 0.5, -2), "o": (2, -0.5, 0), "z": (4, 0.5, -3), "r": (-1, 1, 1)}
GATES = {"rnn": "g", "add": "g", "forget": "gf", "input": "gfi", "lstm": "gfio", "gru": "gzr"}


def _grown_step(cell, x, h, c):
    """Everything in one step; c is None where there is none."""
    a = {gate: GROWN[gate][0] * x + GROWN[gate][1] * h + GROWN[gate][2] for gate in GATES[cell]}
    step = {gate: 1 / (1 + cmath.exp(-a[gate])) for gate in a if gate != "g"}
    if cell == "gru":
        a["g"] = x + 0.5 * step["r"] * h
    g = step["g"] = cmath.tanh(a["g"])
    step |= {f"a_{gate}": value for gate, value in a.items()} | {"x": x, "h_prev": h}
    if cell == "rnn":
        return step | {"h": g, "factor": 0.5 * (1 - g**2)}
    if cell == "gru":
        z, r = step["z"], step["r"]
        step |= {"seen": r * h, "kept": (1 - z) * h, "written": z * g, "factor": 1 - z}
        return step | {"h": step["kept"] + step["written"]}
    kept, written = step.get("f", 1) * c, step.get("i", 1) * g
    tanh_c = cmath.tanh(kept + written)
    step |= {"c_prev": c, "kept": kept, "written": written, "c": kept + written, "tanh_c": tanh_c}
    return step | {"h": step.get("o", 1) * tanh_c, "factor": step.get("f", 1)}


def _grown(cell, xs, nudged=None):
    """The steps; the state of one of them (from 0) may be nudged before it is shown and read."""
    h, c, steps = 0j, None if cell in ("rnn", "gru") else 0j, []
    for t, x in enumerate(xs):
        step = _grown_step(cell, x, h, c)
        if t == nudged and c is None:
            step["h"] += 1e-30j
        elif t == nudged:
            step["c"] += 1e-30j
            step["h"] = step.get("o", 1) * cmath.tanh(step["c"])
        h, c = step["h"], step.get("c")
        steps.append(step)
    return steps


def _grown_back(cell, xs):
    """(the products of the factors of the direct path, the derivatives of the last state), from each step to the last."""
    state, factors = "h" if cell in ("rnn", "gru") else "c", [step["factor"].real for step in _grown(cell, xs)]
    totals = [_grown(cell, xs, nudged=t)[-1][state].imag / 1e-30 for t in range(8)]
    return [math.prod(factors[t + 1 :]) for t in range(8)], totals


def grow(cell, way, t, xs):
    xs = [0.0] * 8 if xs is None else xs
    step, (directs, totals) = _grown(cell, xs)[t - 1], _grown_back(cell, xs)
    numbers = {"h": step["h"].real, "direct": directs[t - 1], "total": totals[t - 1], "T": 8, "t": t}
    numbers |= {"c": step["c"].real} if "c" in step else {}
    numbers["rnn"] = _grown_back("rnn", xs)[1][t - 1]
    return numbers | {"asked": numbers["direct" if way == "backward" else "h"]}


DISTURBANCES = [1, -0.5, 0.8, -1, 0.9, -0.4, -0.7, 1, -0.2, -0.6, 0.5, 0.3, -0.9, 0.6, -0.5]


def _held(value, f, n, leak):
    """c after storing and after each step of holding."""
    cs = [value]
    for g in DISTURBANCES[:n]:
        cs.append(f * cs[-1] + leak * g)
    return cs


def hold(value, f, n, leak):
    c, left = _held(value, f, n, leak)[-1], math.prod([f] * n)
    more = {"disturbance": c - left * value} if leak else {"forgets": 100 * (1 - f)}
    return {"percent": 100 * f, "c": c, "h": math.tanh(c), "share": 100 * left} | more


# ---- networks: an input is a vector, an id, or a row of either for each sequence of a batch
def _reads(W, x):
    return W[:, x].T if np.asarray(x).dtype.kind == "i" else x @ W.T


def _lstm(params, xs):
    """Each step's dict of what is inside, one after the other."""
    W_x, W_h, b = (np.asarray(array, float) for array in params)
    h = c = np.zeros(W_h.shape[1])
    for x in xs:
        a_i, a_f, a_o, a_g = np.split(_reads(W_x, x) + h @ W_h.T + b, 4, axis=-1)
        step = {"i": _sigmoid(a_i), "f": _sigmoid(a_f), "o": _sigmoid(a_o), "g": np.tanh(a_g), "c_prev": c}
        c = step["f"] * c + step["i"] * step["g"]
        h = step["o"] * np.tanh(c)
        yield step | {"c": c, "h": h}


def _rnn(params, xs):
    W_xh, W_hh, b = (np.asarray(array, float) for array in params)
    h = np.zeros(len(b))
    for x in xs:
        h = np.tanh(_reads(W_xh, x) + h @ W_hh.T + b)
        yield {"h": h}


CELLS = {"rnn": _rnn, "lstm": _lstm}


def _outputs(name, params, xs):
    """y after each step."""
    for step in CELLS[name](params.cell, xs):
        yield step["h"] @ np.asarray(params.W_hy, float).T + np.asarray(params.b_y, float)


# ---- texts
def _used(text):
    used = "".join(topics.values()) if text.python == "textmodel.prose()" else text.text
    used = used.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", used)[:100_000]


def _parts(text):
    """(the letters that there are, what is trained on, what is measured on)."""
    used = _used(text)
    letters = "".join(dict.fromkeys(used))
    return (letters, used[:-1000], used[-1000:]) if len(used) >= 10_000 else (letters, used, used)


def _ids(letters, text):
    return [letters.index(letter) for letter in text]


@_once
def _nats(params, name, letters, text):
    """The mean loss of predicting each next letter of a text that is read in columns of some 200."""
    columns = max(1, len(text) // 200)
    ids, n = _ids(letters, text), len(text) // columns
    steps = [np.array(ids[t : columns * n : n]) for t in range(n)]
    losses = []
    for y, targets in zip(_outputs(name, params, steps[:-1]), steps[1:], strict=True):
        losses += list(np.log(np.exp(y).sum(axis=1)) - y[range(columns), targets])
    return float(np.mean(losses))


def _drawn(letter):
    """A letter as it is drawn; the lecture's fonts have no Chinese."""
    if unicodedata.name(letter, "").startswith("CJK"):
        return f"{ord(letter):04X}"
    return {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(letter, letter)


def _window(text, start, most):
    """Where the window begins and ends: as full as the text allows."""
    begin = max(0, min(start, len(text) - most))
    return begin, min(len(text), begin + most)


@_once
def _inside(params, letters, text):
    """The LSTM's steps over a text."""
    return list(_lstm(params.cell, _ids(letters, text)))


def _seen(text, start, film, frame):
    """Of the window of the chart of gates: its letters, and all that is inside in each of its steps."""
    letters, trained, _ = _parts(text)
    begin, end = _window(trained, start, 48)
    return trained[begin:end], _inside(film[frame].params, letters, trained[:end])[begin:]


def gates(text, seed, quantity, unit, t, start, film, frame):
    chars, steps = _seen(text, start, film, frame)
    t = min(t, len(chars))
    mean_f = sum(step["f"][unit - 1] for step in steps) / len(steps)
    letters, _, measured = _parts(text)
    return {name: steps[t - 1][name][unit - 1] for name in "ifogch"} | {
        "note": "",
        "t": t,
        "char": _drawn(chars[t - 1]),
        "mean_f": mean_f,
        "kept": 100 * mean_f**10,
        "step": 10 * frame,
        "loss": _nats(film[frame].params, "lstm", letters, measured),
    }


@_once
def _logit_gradients(params, letters, text, following):
    """|dy[following] / dx_t| for each t, walking back one step at a time."""
    W_x, W_h, _ = params.cell
    k = letters.index(following)
    dh, dc, sizes = params.W_hy[k].copy(), np.zeros(W_h.shape[1]), []
    for step in reversed(_inside(params, letters, text)):
        i, f, o, g, c = (step[name] for name in "ifogc")
        shown = np.tanh(c)
        dc = dc + dh * o * (1 - shown**2)
        da = np.concatenate(
            [dc * g * i * (1 - i), dc * step["c_prev"] * f * (1 - f), dh * shown * o * (1 - o), dc * i * (1 - g**2)]
        )
        sizes.append(math.sqrt(sum(value**2 for value in W_x.T @ da)))
        dh, dc = W_h.T @ da, dc * f
    return sizes[::-1]


def colour(text, seed, what, unit, t, start, film, frame):
    params = film[frame].params
    letters, trained, _ = _parts(text)
    begin, end = _window(trained, start, 60)
    t = min(t, end - begin - 1)
    at = begin + t
    numbers = {"note": "", "step": 10 * frame, "next": _drawn(trained[at])}
    if what == "influence":
        sizes = _logit_gradients(params, letters, trained[:at], trained[at])
        strongest = sizes.index(max(sizes))
        *_, y = _outputs("lstm", params, _ids(letters, trained[:at]))
        return numbers | {
            "value": max(sizes),
            "p": math.exp(y[letters.index(trained[at])]) / np.exp(y).sum(),
            "high_char": _drawn(trained[strongest]),
            "back": at - strongest,
            "far": 10,
            "percent": 100 * sum(sizes[:-10]) / sum(sizes),
        }
    values = tiles(text, seed, what, unit, t, start, film, frame)
    for name, extreme in (("high", max(values)), ("low", min(values))):
        k = values.index(extreme)
        numbers |= {name: extreme, f"{name}_t": k, f"{name}_char": _drawn(trained[begin + k])}
    return numbers | {"t": t, "value": values[t]}


def tiles(text, seed, what, unit, t, start, film, frame):
    """The number of each letter of the window; an influence over the largest in the whole text."""
    params = film[frame].params
    letters, trained, _ = _parts(text)
    begin, end = _window(trained, start, 60)
    if what == "influence":
        at = min(begin + t, end - 1)
        sizes = _logit_gradients(params, letters, trained[:at], trained[at])
        return [size / max(sizes) for size in sizes[begin:]]
    return [step[what][unit - 1] for step in _inside(params, letters, trained[:end])[begin:]]


# ---- the highway
@cache
def _highway(bias, T, seed):
    """log10 of each gradient's size 0, 1, ..., T steps back, and the mean f.

    The weights and the noise are drawn as the library draws them; then one Jacobian times the next, in floats.
    """
    V, H = 4, 16
    xs = np.random.default_rng([seed, 1]).standard_normal((T, V))
    rng = np.random.default_rng(seed)
    W_x, W_h = rng.uniform(-0.25, 0.25, (4 * H, V)), rng.uniform(-0.25, 0.25, (4 * H, H))
    steps = list(_lstm((W_x, W_h, np.repeat([0, bias, 0, 0], H)), xs))
    W_i, W_f, W_o, W_g = np.split(W_h, 4)
    slopes = []  # of (h, c) by the ones before, row by row
    for step in steps:
        i, f, o, g, c_prev = (step[name] for name in ("i", "f", "o", "g", "c_prev"))
        shown = np.tanh(step["c"])
        J = np.zeros((2 * H, 2 * H))
        for n in range(H):
            parts = i[n] * (1 - i[n]) * g[n], f[n] * (1 - f[n]) * c_prev[n], i[n] * (1 - g[n] ** 2)
            J[H + n, :H] = parts[0] * W_i[n] + parts[1] * W_f[n] + parts[2] * W_g[n]
            J[H + n, H + n] = f[n]
            J[n] = o[n] * (1 - shown[n] ** 2) * J[H + n]
            J[n, :H] += shown[n] * o[n] * (1 - o[n]) * W_o[n]
        slopes.append(J)
    rng = np.random.default_rng(seed)
    W_xh, W_hh = rng.uniform(-0.25, 0.25, (H, V)), rng.uniform(-0.25, 0.25, (H, H))
    plain = [(1 - step["h"] ** 2)[:, None] * W_hh for step in _rnn((W_xh, W_hh, np.zeros(H)), xs)]
    sizes = {}
    for name, factors in (("total", slopes), ("direct", [np.diag(step["f"]) for step in steps]), ("rnn", plain)):
        product, sizes[name] = np.eye(len(factors[0])), [0.0]
        for factor in reversed(factors):
            product = product @ factor
            sizes[name].append(math.log10(math.sqrt((product[-H:, -H:] ** 2).sum() / H)))
    return sizes, float(np.mean([step["f"] for step in steps]))


def highway(bias, T, seed):
    sizes, f = _highway(bias, T, seed)
    ends = {name: curve[T] for name, curve in sizes.items()}
    return ends | {"ahead": abs(ends["total"] - ends["rnn"]), "f": f}


# ---- the race
@cache
def _unseen(T, seed):
    """The test sequences (T, 100, 2), drawn as the library draws them, and the right answers."""
    rng, xs = np.random.default_rng([seed, 2]), np.zeros((T, 100, 2))
    xs[:, :, 0] = rng.random((T, 100))
    for low, high in ((0, T // 2), (T // 2, T)):
        for n, t in enumerate(rng.integers(low, high, size=100)):
            xs[t, n, 1] = 1
    return xs, np.array([sum(value for value, mark in xs[:, n] if mark) for n in range(100)])


@_once
def _answers(params, name, T, seed):
    *_, y = _outputs(name, params, _unseen(T, seed)[0])
    return y[:, 0]


def _errors(name, T, seed, film):
    return [float(np.mean((_answers(made.params[name], name, T, seed) - _unseen(T, seed)[1]) ** 2)) for made in film]


def adding(T, seed, film, frame):
    numbers, solved = {"step": 10 * frame}, {}
    for name in ("rnn", "lstm"):
        errors = _errors(name, T, seed, film[: frame + 1])
        numbers[name] = errors[frame]
        below = [10 * n for n, error in enumerate(errors) if error < 0.01]
        if below:
            solved[name] = below[0]
    if len(solved) == 2:
        return numbers | {"rnn_at": solved["rnn"], "lstm_at": solved["lstm"]}
    return numbers | {key: value for name in solved for key, value in (("winner", name.upper()), ("at", solved[name]))}


# ---- prose
def prose(text, tau, draw, film, frame):
    letters, _, measured = _parts(text)
    numbers = {name: _nats(film[frame][name].params, name, letters, measured) for name in ("rnn", "lstm")}
    later = {"step": 10 * frame, "difference": abs(numbers["rnn"] - numbers["lstm"])} if frame else {}
    return numbers | later | {"note": "", "V": len(letters), "even": math.log(len(letters)), "length": len(_used(text))}


ORACLES = {
    "lstm.cell": cell, "lstm.grow": grow, "lstm.gate": one_gate, "lstm.hold": hold, "lstm.gates": gates, "lstm.colour": colour,
    "lstm.highway": highway, "lstm.adding": adding, "lstm.prose": prose,
}  # fmt: skip


# ---- what the charts show, artist by artist in the order of the picture function
def _named(label, xs, ys):
    """A line, and what the legend calls it."""
    return {"data": (xs, ys), "label": label}


def gate_picture(gate, x, h_prev, b, value):
    low = -1 if gate == "g" else 0
    at = one_gate(gate, x, h_prev, b, value)
    a, opening, through = at["a"], at["opening"], at["through"]
    at = max(-8, min(a, 8))
    # where a rising curve leaves room, above left or below right of a point, but for the edges of the axes
    right = at < -5 or 0 <= a < 5
    tag = {"text": _number(opening, 3), "xy": (at, opening), "position": (13 if right else -13, 9 if a < 0 else -18)}

    def over(x, value):
        above = value >= 0
        place = {"position": (x, value + (0.05 if above else -0.05)), "va": "bottom" if above else "top"}
        return {"text": _number(value)} | place

    return [
        ([at, at, -8], [low - 1, opening, opening]),
        ([at], [opening]),
        tag | {"ha": "left" if right else "right"},
        [value],
        [through],
        [0 if gate == "g" else value],  # a candidate is what is gated, not a gate
        over(0, value),
        over(1, through),
    ]


def hold_picture(value, f, n, leak):
    """Stored at step 1, held in the n steps after it, released in the next; then nothing is left."""
    cs, after, steps = _held(value, f, n, leak), [0] * (16 - n), range(1, 19)
    return [
        _named("$c_t$", steps, [*cs, cs[-1], *after]),
        _named("$h_t$", steps, [*[0] * len(cs), math.tanh(cs[-1]), *after]),
        _named(r"$f^{\,n}\,g$", range(1, n + 2), [value * math.prod([f] * held) for held in range(n + 1)]),
        [1, *[leak] * n, 0, *after],
        [0, *[f] * n, 1, *after],
        [0, *[0] * n, 1, *after],
        {"text": "hold", "position": (1.5 + n / 2, 1.75), "visible": n >= 5},  # where it stands between the two others
        {"text": "release", "position": (n + 2, 1.75 if n >= 2 else 1.4)},  # not on top of "store"
    ]


def gates_picture(text, seed, quantity, unit, t, start, film, frame):
    chars, steps = _seen(text, start, film, frame)
    wide, t = len(chars), min(t, len(chars))
    inside = {name: np.array([step[name] for step in steps]).T for name in "ifogch"}
    largest = np.abs(inside["c"]).max()
    above = inside[quantity] / largest if quantity == "c" else inside[quantity]
    below = np.array([inside[name][unit - 1] for name in "ifogch"])
    below[4] /= np.abs(below[4]).max()
    expected = [{"xlim": (-0.5, wide - 0.5)}]
    for values, high in ((above, 32), (below, 6)):
        expected += [
            {"data": values, "extent": (-0.5, wide - 0.5, high - 0.5, -0.5), "clim": (-1, 1)},
            {"xy": (t - 1.5, -0.5), "width": 1, "height": high},
        ]
    scaled = f", over the largest ({_number(largest, 1)})" if quantity == "c" else ""
    return [
        *expected,
        *({"text": _drawn(chars[n]) if n < wide else "", "position": (n, 6.15)} for n in range(48)),
        ([-0.012], [unit - 1]),
        ([1.012], [unit - 1]),
        f"${quantity}_t$ of all units{scaled}; below, unit {unit}",
    ]


def highway_picture(bias, T, seed):
    return [(range(T, -1, -1), curve[::-1]) for curve in _highway(bias, T, seed)[0].values()]


def _racers(curves, frame, low, high):
    """The curves of both, and where the shown frame stands."""
    lines = [_named(name.upper(), range(0, 10 * len(curve), 10), curve) for name, curve in curves.items()]
    return [*lines, ([10 * frame, 10 * frame], [low, high])]


def adding_picture(T, seed, film, frame):
    curves = {name: _errors(name, T, seed, film) for name in ("rnn", "lstm")}
    right, expected = _unseen(T, seed)[1][:60], _racers(curves, frame, 1e-4, 3)
    for name in curves:
        answers = [max(-0.1, min(y, 2.1)) for y in _answers(film[frame].params[name], name, T, seed)[:60]]
        close = lambda xy, ys=answers: np.allclose(xy, (right, ys), atol=1e-4)  # noqa: E731 (drawn in float32)
        expected.append({"data": close})
    return expected


@_once
def _writes(params, name, letters, tau, seed):
    """96 letters as they are drawn: each is drawn by the softened outputs after the one before it."""
    numbers, ids = np.random.default_rng(seed), [0]
    for y in _outputs(name, params, (ids[-1] for _ in range(96))):
        if tau == 0:
            ids.append(int(y.argmax()))
            continue
        p, number, k = np.exp((y - y.max()) / tau), numbers.random(), 0
        while k < len(letters) - 1 and number >= p[: k + 1].sum() / p.sum():
            k += 1
        ids.append(k)
    drawn = [letters[k] if letters[k] == " " else _drawn(letters[k]) for k in ids[1:]]
    return "".join(letter if len(letter) == 1 else "□" for letter in drawn)


def prose_picture(text, tau, draw, film, frame):
    letters, _, measured = _parts(text)
    even, names = math.log(len(letters)), ("rnn", "lstm")
    curves = {name: [_nats(made[name].params, name, letters, measured) for made in film] for name in names}
    samples = [_writes(film[frame][name].params, name, letters, tau, draw) for name in names]
    return [
        ((0, 1), (even, even)),
        {"text": f"ln {len(letters)}", "xy": (400, even)},
        *_racers(curves, frame, 0, 5),
        *(sample[at : at + 48] for sample in samples for at in (0, 48)),
    ]


# ---- what the parts of the diagrams show
def cell_diagram(f, i, g, o, c_prev):
    """Every number; a wire is as wide as its number is large."""
    shown = {"f": f, "i": i, "g": g, "o": o, "c_prev": c_prev} | cell(f, i, g, o, c_prev)
    points = {name: 0.8 + 4.5 * min(1.5, abs(shown[name])) for name in ("f", "i", "o", "kept", "written", "h")}
    return shown | {f"{name}.wire": {"stroke-width": wide / 72 * 100} for name, wide in points.items()}


def grow_diagram(cell, way, t, xs):
    """Forward each wire's number; backward the numbers at the ends, and each wire's factor."""
    xs = [0.0] * 8 if xs is None else xs
    steps, state, gates, expected = _grown(cell, xs), "h" if cell in ("rnn", "gru") else "c", GATES[cell], {}
    now = {name: value.real for name, value in steps[t - 1].items()}
    for u, step in enumerate(steps, start=1):
        expected |= {f"{name}_{u}": step[name].real for name in ("x", "h", state)} | {f"now_{u}": u == t}
    ends = {"x", "h", "h_prev", state, f"{state}_prev"}
    wires = [gate for gate in gates if cell != "rnn"] + ["tanh_c"] * (cell == "lstm")
    wires += {"rnn": [], "add": [], "forget": ["kept"], "gru": ["seen", "kept", "written"]}.get(
        cell, ["kept", "written"]
    )
    if way == "forward":
        return expected | {name: now[name] for name in (*ends, *wires, *(f"a_{gate}" for gate in gates))}
    expected |= {name: now[name] for name in ends}
    directs, totals = _grown_back(cell, xs)
    for u in range(1, 9):
        expected |= {f"direct_{u}": directs[u - 1], f"total_{u}": totals[u - 1]}
        expected |= {f"factor_{u}": steps[u - 1]["factor"].real} if u > 1 else {}
    expected |= {f"w_{gate}": GROWN[gate][1] for gate in gates}
    expected |= {f"slope_{gate}": now[gate] * (1 - now[gate]) for gate in gates if gate != "g"}
    expected["slope_g"] = 1 - now["g"] ** 2
    if cell == "rnn":
        return expected
    one, z = 1.0, now.get("z", 0.0)
    factors = {  # of c_t (in the GRU h_t) by what stands at the wire's beginning, through one operation
        "f": now.get("c_prev"), "i": now["g"], "o": now.get("tanh_c"), "tanh_c": now.get("o"), "kept": one, "written": one,
        "g": now.get("i", z if cell == "gru" else one), "z": now["g"] - now["h_prev"], "r": now["h_prev"],
        "seen": now.get("r"), f"{state}_prev": {"add": one, "gru": 1 - z}.get(cell, now.get("f")),
    }  # fmt: skip
    expected |= {f"d_{name}": factors[name] for name in (*wires, f"{state}_prev")}
    return expected | ({"slope_c": 1 - now["tanh_c"] ** 2} if state == "c" else {})


def colour_diagram(text, seed, what, unit, t, start, film, frame):
    """The tiles, three rows of twenty; those without a number have no colour."""
    values = tiles(text, seed, what, unit, t, start, film, frame)
    trained = _parts(text)[1]
    begin, end = _window(trained, start, 60)
    largest, (row, column) = max(1, *map(abs, values)), divmod(min(t, end - begin - 1), 20)
    parts = {"framed": {"x": 15 + 40.5 * column, "y": 55 + 94 * row}}
    parts["title"] = f"{what}t of unit {unit}"
    if what == "influence":
        parts["title"] = "|∂yT[k]\N{THIN SPACE}/\N{THIN SPACE}∂xt| over its largest; k is the framed letter"
    for n, letter in enumerate(trained[begin:end]):
        parts[f"letter.{n}"] = _drawn(letter)
        parts[str(n)] = (values[n] if n < len(values) else "", largest)
    return parts


DIAGRAMS = {"lstm.cell": cell_diagram, "lstm.grow": grow_diagram, "lstm.colour": colour_diagram}
PICTURES = {
    "lstm.gate": gate_picture, "lstm.hold": hold_picture, "lstm.gates": gates_picture,
    "lstm.highway": highway_picture, "lstm.adding": adding_picture, "lstm.prose": prose_picture,
}  # fmt: skip
