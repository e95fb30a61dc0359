"""What chapter 6's captions say and its charts show, by plain loops that know nothing of the library."""

import math
from functools import cache

import numpy as np
from oracles.cells import cells


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def cell(a_z, a_r, u, w, h_prev):
    z, r = 1 / (1 + math.exp(-a_z)), 1 / (1 + math.exp(-a_r))
    candidate = math.tanh(u + w * r * h_prev)
    kept, written = (1 - z) * h_prev, z * candidate
    return {
        "z": z, "open": 1 - z, "r": r, "seen": r * h_prev, "candidate": candidate, "kept": kept, "written": written,
        "h": kept + written,
    }  # fmt: skip


def _candidates(signal):
    noise = np.random.default_rng(0).uniform(-1, 1, 30)
    return [{"zero": 0.0, "one": 1.0, "noise": noise[t]}[signal] for t in range(30)]


def _weights(z, n):
    """The weights in h_n of h_0 and of each candidate up to step n, one by one."""
    return [math.prod([1 - z] * n)] + [z * math.prod([1 - z] * (n - s)) for s in range(1, n + 1)]


def _averaged(z, n, signal, h_0):
    """h_n as the sum of what it is made of: not the recursion."""
    return sum(weight * value for weight, value in zip(_weights(z, n), [h_0, *_candidates(signal)[:n]], strict=True))


def average(z, n, signal, h_0):
    first = _weights(z, n)[0]
    numbers = {"n": n, "z": z, "h_n": _averaged(z, n, signal, h_0), "first": first, "rest": 1 - first}
    return numbers if z in (0, 1) else numbers | {"half": math.log(2) / -math.log(1 - z)}


def _twins(f, i, z, old, new, n):
    """The states of LSTM and GRU after n steps, in closed form."""
    c = f**n * old + i * new * sum(f**k for k in range(n))
    return c, new + (1 - z) ** n * (old - new)


def twin(f, i, z, old, new):
    c, h = _twins(f, i, z, old, new, 5)
    return {"f": f, "i": i, "total": f + i, "keep": 1 - z, "z": z, "n": 5, "c": c, "h": h}


def reset(r0, r1, h0, h1, b):
    W, r, h = [[0.9, -0.6], [0.4, 0.8]], [r0, r1], [h0, h1]
    before = [sum(W[j][k] * (r[k] * h[k]) for k in range(2)) + b for j in range(2)]
    after = [r[j] * (sum(W[j][k] * h[k] for k in range(2)) + b) for j in range(2)]
    return {
        "before0": before[0], "before1": before[1], "after0": after[0], "after1": after[1],
        "difference": max(abs(before[j] - after[j]) for j in range(2)),
    }  # fmt: skip


# ---- networks: one step at a time, all sequences of the batch side by side; a step gives the state and the gates


def _rnn(weights, x, state):
    W_xh, W_hh, b = weights
    return np.tanh(x @ W_xh.T + state @ W_hh.T + b), {}


def _gru(weights, x, state):
    W_x, W_h, b = weights
    H = len(b) // 3
    block = [slice(k * H, k * H + H) for k in range(3)]
    z, r = (_sigmoid(x @ W_x[rows].T + state @ W_h[rows].T + b[rows]) for rows in block[:2])
    candidate = np.tanh(x @ W_x[block[2]].T + (r * state) @ W_h[block[2]].T + b[block[2]])
    h = state + z * (candidate - state)
    return h, {"z": z, "r": r, "candidate": candidate, "h": h}


def _lstm(weights, x, state):
    W_x, W_h, b = weights
    h, c = state
    i, f, o, g = np.split(x @ W_x.T + h @ W_h.T + b, 4, axis=-1)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return (_sigmoid(o) * np.tanh(c), c), {}


STEPS = {"rnn": _rnn, "lstm": _lstm, "gru": _gru}


def _answers(step, params, xs):
    """The network's answers after the last step, and the gates of all steps."""
    weights, W_hy, b_y = params
    weights = [np.asarray(weight, float) for weight in weights]
    start = np.zeros((xs.shape[1], W_hy.shape[1]))
    state, gates = (start, start) if step is _lstm else start, []
    for x in xs:
        state, inside = step(weights, x, state)
        gates.append(inside)
    h = state[0] if step is _lstm else state
    return h @ np.asarray(W_hy, float).T + b_y, gates


def _error(step, params, fresh):
    return float(np.mean((_answers(step, params, fresh.xs)[0] - fresh.targets[-1]) ** 2))


def _sequence(shown, example):
    """Of one sequence: values, the marked t (from 0), the answer, and each gate, (units, T)."""
    values, marks = shown.fresh.xs[:, example - 1].T
    marked = [t for t in range(20) if marks[t] == 1]
    assert len(marked) == 2
    answers, steps = _answers(_gru, shown.params, shown.fresh.xs[:, [example - 1]])
    return values, marked, answers[0, 0], {name: np.array([step[name][0] for step in steps]).T for name in steps[0]}


def gates(seed, example, unit, film, frame):
    shown = film[frame]
    values, marked, answer, inside = _sequence(shown, example)
    z = inside["z"][unit]
    return {
        "step": 5 * frame, "error": _error(_gru, shown.params, shown.fresh), "unit": unit,
        "z_marked": sum(z[t] for t in marked) / 2, "z_else": sum(z[t] for t in range(20) if t not in marked) / 18,
        "answer": answer, "target": values[marked[0]] + values[marked[1]],
    }  # fmt: skip


@cache
def _highway(keep_bias, T, seed):
    """log10 of the size of dh_T/dh_t, t = 0..T, in the RNN, the GRU and along its direct path; the mean of 1 - z."""
    rng, H, V = np.random.default_rng(seed), 16, 4
    bound = 1 / math.sqrt(H)
    draw = lambda *shape: rng.uniform(-bound, bound, shape)  # noqa: E731
    rnn = draw(H, V), draw(H, H), np.zeros(H)
    gru = draw(3 * H, V), draw(3 * H, H), np.array([-keep_bias] * H + [0.0] * 2 * H)
    xs = rng.standard_normal((T, V))
    slopes, kept = {"rnn": [], "gru": [], "direct": []}, []
    for name, weights in (("rnn", rnn), ("gru", gru)):
        h = np.zeros(H)
        for x in xs:
            # by the complex step: in row j h_{t-1} has its entry j moved
            moved, _ = STEPS[name](weights, x, h + 1e-30j * np.eye(H))
            slopes[name].append(moved.imag.T / 1e-30)
            h, inside = STEPS[name](weights, x, h)
            if inside:
                kept.append(np.mean(1 - inside["z"]))
                slopes["direct"].append(np.diag(1 - inside["z"]))
    sizes = {}
    for name in slopes:
        total, found = np.eye(H), [0.0]
        for slope in reversed(slopes[name]):
            total = total @ slope
            found.insert(0, math.log10(math.sqrt((total**2).sum() / H)))
        sizes[name] = found
    return sizes, np.mean(kept)


def highway(keep_bias, T, seed):
    sizes, keep = _highway(keep_bias, T, seed)
    return {name: curve[0] for name, curve in sizes.items()} | {"T": T, "keep_bias": keep_bias, "keep": keep}


def race(T, seed, film, frame):
    shown = film[frame]
    numbers = {"T": T, "step": 10 * frame, "goal": 0.01}
    for name, step in STEPS.items():
        error = _error(step, shown[name].params, shown[name].fresh)
        numbers[name] = error
        ran = next(n for n in range(len(film)) if film[n][name] is shown[name])
        numbers[name + "_at"] = str(10 * ran) if error < 0.01 else "–"
    return numbers


def cost(V, H, B, film, frame):
    def weights(blocks, H):
        return sum(1 for _ in range(blocks * H) for _ in range(V + H + 1))

    counts = {"rnn": weights(1, H), "gru": weights(3, H), "lstm": weights(4, H)}
    same = max(size for size in range(1, 200) if 3 * size * (V + size + 1) <= counts["lstm"])
    numbers = counts | {"V": V, "H": H, "share": 75, "same": same}
    if frame == 0:
        return numbers
    # measured, not computed; as the times only ever become shorter, the last is the shortest
    shortest = {name: min(times[name] for times in film[1 : frame + 1]) for name in counts}
    numbers |= {f"{name}_us": 1e6 * seconds for name, seconds in shortest.items()}
    return numbers | {"runs": frame, "faster": 100 * shortest["gru"] / shortest["lstm"]}


ORACLES = {
    "gru.cell": cell, "gru.average": average, "gru.twin": twin, "gru.reset": reset, "gru.gates": gates,
    "gru.highway": highway, "gru.adding": race, "gru.cost": cost,
}  # fmt: skip


# ---- what the charts show, artist by artist in the order of the picture function
def _named(label, xs, ys):
    """A line, and what the legend calls it."""
    return {"data": (xs, ys), "label": label}


def average_picture(z, n, signal, h_0):
    first = _weights(z, n)[0]
    return [
        _named(r"$\tilde{h}_t$", range(1, 31), _candidates(signal)),
        _named("$h_t$", range(31), [_averaged(z, t, signal, h_0) for t in range(31)]),
        ([n], [_averaged(z, n, signal, h_0)]),
        _weights(z, n) + [0] * (30 - n),
        {"text": f"$(1-z)^n$ = {first:.3f}", "xy": (0, max(0.06, first))},  # never below the axis' numbers
    ]


def twin_picture(f, i, z, old, new):
    states = [_twins(f, i, z, old, new, n) for n in range(6)]
    return [
        ([f], [i]), ([1 - z], [z]),
        _named("LSTM  $c_t$", range(6), [c for c, _ in states]), _named("GRU  $h_t$", range(6), [h for _, h in states]),
    ]  # fmt: skip


def gates_picture(seed, example, unit, film, frame):
    values, marked, _, inside = _sequence(film[frame], example)
    sequence = [[values[t] if (t in marked) is on else 0 for t in range(20)] for on in (True, False)]
    expected = [*sequence, *sequence]
    for name, low in (("z", 0), ("r", 0), ("candidate", -1), ("h", -1)):
        expected += [
            {"data": inside[name], "extent": (0.5, 20.5, 7.5, -0.5), "clim": (low, 1)},
            {"xy": (0.5, unit - 0.5), "width": 20, "height": 1},
            ([t + 1 for t in marked], [-0.5, -0.5]),
        ]
    return expected


def highway_picture(keep_bias, T, seed):
    sizes = _highway(keep_bias, T, seed)[0]
    curves = {"RNN": sizes["rnn"], r"GRU, direct path $\prod (1-z)$": sizes["direct"], "GRU, total": sizes["gru"]}
    left = [max(t for t in range(T + 1) if curve[t] < -26) for curve in curves.values() if min(curve) < -26]
    return [
        {"xlim": (-0.02 * T, 1.02 * T), "ylim": (-26, 4)},
        *(_named(label, range(T + 1), curve) for label, curve in curves.items()),
        (left, [-25.6] * len(left)),
    ]


def race_picture(T, seed, film, frame):
    expected = []
    for name, step in STEPS.items():
        errors = []
        for made in film:
            errors.append(_error(step, made[name].params, made[name].fresh))
            if errors[-1] < 0.01:
                break
        solved = [(10 * n, error) for n, error in enumerate(errors) if error < 0.01]
        expected += [([n for n, _ in solved], [error for _, error in solved])]
        expected += [_named(name.upper(), [10 * n for n in range(len(errors))], errors)]
    return [*expected, ([10 * frame, 10 * frame], [1e-3, 1])]


def cost_picture(V, H, B, film, frame):
    """The times are measured, not computed; bars end at 8 times the RNN's, a long one has its label inside."""
    rows = {"rnn": 3.16, "gru": 2.11, "lstm": 1.06}
    if frame == 0:
        return [([0, 0, 0], [0, 0, 0]), *({"text": "?", "position": (0.15, y)} for y in rows.values())]
    times = film[frame]
    ratios = [times[name] / times["rnn"] for name in rows]
    return [
        ([0, 0, 0], [min(ratio, 8) for ratio in ratios]),
        *(
            {"text": f"{times[name] * 1e6:.0f} µs", "position": (ratio + 0.15 if ratio < 6 else 0.15, y)}
            for (name, y), ratio in zip(rows.items(), ratios, strict=True)
        ),
    ]


# ---- what the parts of the diagrams show
def cell_diagram(a_z, a_r, u, w, h_prev):
    """Every number; the two wires that meet in the sum are as wide as their share."""
    shown = {"a_z": a_z, "a_r": a_r, "u": u, "w": w, "h_prev": h_prev} | cell(a_z, a_r, u, w, h_prev)
    wide = {"kept.wire": 0.6 + 5 * shown["open"], "written.wire": 0.6 + 5 * shown["z"]}
    return shown | {id: {"stroke-width": points / 72 * 100} for id, points in wide.items()}


def reset_diagram(r0, r1, h0, h1, b):
    W, r, h = [[0.9, -0.6], [0.4, 0.8]], [r0, r1], [h0, h1]
    seen, inner = [r0 * h0, r1 * h1], [row[0] * h0 + row[1] * h1 + b for row in W]
    both = {"W": W, "r": r, "h_prev": h, "bias": [b, b], "seen": seen, "inner": inner}
    shown = both | {f"{name}'": values for name, values in both.items()}
    shown |= {"before": [row[0] * seen[0] + row[1] * seen[1] + b for row in W], "after": [r0 * inner[0], r1 * inner[1]]}
    return {id: value for name, values in shown.items() for id, value in cells(name, values).items()}


def cost_diagram(V, H, B, film, frame):
    """How many numbers; where W_x, W_h and b begin in each block, 78 pixels wide, and how wide they are."""
    counts, whole, shown = cost(V, H, B, film, 0), V + H + 1, {}
    for name, blocks in (("rnn", 1), ("gru", 3), ("lstm", 4)):
        shown[name] = f"{counts[name]:,}"
        for n in range(blocks):
            before = 85 + 86 * n
            for part, columns in (("input", V), ("hidden", H), ("weight", 1)):
                shown[f"{name}.{n}.{part}"] = {"x": before, "width": 78 * columns / whole}
                before += 78 * columns / whole
    return shown


DIAGRAMS = {"gru.cell": cell_diagram, "gru.reset": reset_diagram, "gru.cost": cost_diagram}
PICTURES = {
    "gru.average": average_picture, "gru.twin": twin_picture, "gru.gates": gates_picture,
    "gru.highway": highway_picture, "gru.adding": race_picture, "gru.cost": cost_picture,
}  # fmt: skip
