"""The numbers of chapter 5's captions, by plain loops that know nothing of the library."""

import math
from pydoc_data.topics import topics

import numpy as np


def _sigmoid(a):
    return 1 / (1 + math.exp(-a))


def lstm_cell(f, i, g, o, c_prev):
    c = f * c_prev + i * g
    return {"kept": f * c_prev, "written": i * g, "c": c, "shown": math.tanh(c), "h": o * math.tanh(c)}


def lstm_gate(gate, x, h_prev, b, value):
    a = 2 * x - h_prev + b
    opening = math.tanh(a) if gate == "g" else _sigmoid(a)
    shares = {"percent": 100 * opening, "rest": 100 - 100 * opening} if gate == "f" else {}
    return {"a": a, "opening": opening, "through": opening * value} | shares


def lstm_hold(value, f, n, leak):
    c = value
    for g in [1, -0.5, 0.8, -1, 0.9, -0.4, -0.7, 1, -0.2, -0.6, 0.5, 0.3, -0.9, 0.6, -0.5][:n]:
        c = f * c + leak * g
    left = 1.0
    for _ in range(n):
        left *= f
    leaked = {"disturbance": c - left * value} if leak else {}
    return {"c": c, "h": math.tanh(c), "share": 100 * left} | leaked


def _lstm(params, xs, state=None):
    """Each step's dict of vectors, and both Jacobian pieces; xs is a list of vectors, or of ids."""
    W_x, W_h, b = (np.asarray(array, float) for array in params)
    H = W_h.shape[1]
    h, c = (np.zeros(H), np.zeros(H)) if state is None else state
    steps = []
    for x in xs:
        a = (W_x[:, x] if np.ndim(x) == 0 else W_x @ x) + W_h @ h + b
        i, f, o = (np.array([_sigmoid(value) for value in a[n * H : (n + 1) * H]]) for n in range(3))
        g = np.array([math.tanh(value) for value in a[3 * H :]])
        steps.append({"i": i, "f": f, "o": o, "g": g, "h_prev": h, "c_prev": c})
        c = f * c + i * g
        h = o * np.array([math.tanh(value) for value in c])
        steps[-1] |= {"c": c, "h": h}
    return steps


def _rnn(params, xs):
    W_xh, W_hh, b_h = (np.asarray(array, float) for array in params)
    hs = [np.zeros(len(b_h))]
    for x in xs:
        a = (W_xh[:, x] if np.ndim(x) == 0 else W_xh @ x) + W_hh @ hs[-1] + b_h
        hs.append(np.array([math.tanh(value) for value in a]))
    return hs[1:]


def _nats(hs, params, ids):
    """The losses of predicting each next id."""
    losses = []
    for h, target in zip(hs, ids, strict=True):
        y = np.asarray(params.W_hy, float) @ h + np.asarray(params.b_y, float)
        losses.append(math.log(sum(math.exp(value) for value in y)) - y[target])
    return losses


def _window(length, start, most):
    begin = max(0, min(start, length - most))
    return begin, min(length, begin + most)


def lstm_gates(text, seed, quantity, unit, t, start, film, frame):
    params = film[frame].params
    letters = list(dict.fromkeys(text.text))
    ids = [letters.index(letter) for letter in text.text]
    begin, end = _window(len(ids), start, 48)
    steps = _lstm(params.cell, ids)
    at = steps[begin + min(t, end - begin) - 1]
    mean_f = sum(step["f"][unit - 1] for step in steps[begin:end]) / (end - begin)
    losses = _nats([step["h"] for step in steps[:-1]], params, ids[1:])
    return {name: at[name][unit - 1] for name in "ifogch"} | {
        "mean_f": mean_f,
        "kept": 100 * mean_f**10,
        "step": 10 * frame,
        "loss": sum(losses) / len(losses),
    }


def _logit_gradients(params, ids, following):
    """|dy[following] / dx_t| for each t, walking back one step at a time."""
    W_x, W_h, _ = params.cell
    dh, dc, sizes = params.W_hy[following].copy(), np.zeros(W_h.shape[1]), []
    for step in reversed(_lstm(params.cell, ids)):
        i, f, o, g, c = (step[name] for name in "ifogc")
        shown = np.tanh(c)
        dc = dc + dh * o * (1 - shown**2)
        da = np.concatenate(
            [dc * g * i * (1 - i), dc * step["c_prev"] * f * (1 - f), dh * shown * o * (1 - o), dc * i * (1 - g**2)]
        )
        sizes.append(math.sqrt(sum(value**2 for value in W_x.T @ da)))
        dh, dc = W_h.T @ da, dc * f
    return sizes[::-1]


def lstm_colour(text, seed, what, unit, t, start, film, frame):
    params = film[frame].params
    letters = list(dict.fromkeys(text.text))
    ids = [letters.index(letter) for letter in text.text]
    begin, end = _window(len(ids), start, 60)
    at = begin + min(t, end - begin - 1)
    steps = _lstm(params.cell, ids)
    if what == "influence":
        sizes = _logit_gradients(params, ids[:at], ids[at])
        strongest = max(range(begin, at), key=sizes.__getitem__)
        loss = _nats([steps[at - 1]["h"]], params, [ids[at]])[0]
        return {
            "value": max(sizes),
            "p": math.exp(-loss),
            "back": at - strongest,
            "percent": 100 * sum(sizes[:-10]) / sum(sizes),
            "next": text.text[at].replace(" ", "␣"),
        }
    values = [step[what][unit - 1] for step in steps[begin:end]]
    return {"value": values[at - begin], "high": max(values), "low": min(values), "low_t": values.index(min(values))}


def lstm_highway(bias, T, seed):
    """The same weights and noise drawn as the library draws them; then one Jacobian times the next, in floats."""
    V, H = 4, 16
    xs = np.random.default_rng([seed, 1]).standard_normal((T, V))
    rng = np.random.default_rng(seed)
    W_x, W_h = rng.uniform(-0.25, 0.25, (4 * H, V)), rng.uniform(-0.25, 0.25, (4 * H, H))
    path, direct = np.eye(2 * H), np.ones(H)
    forgets = []
    for step in _lstm((W_x, W_h, np.repeat([0, bias, 0, 0], H)), list(xs)):
        i, f, o, g, c_prev = (step[name] for name in ("i", "f", "o", "g", "c_prev"))
        shown = np.tanh(step["c"])
        J = np.zeros((2 * H, 2 * H))
        for n in range(H):
            slopes = i[n] * (1 - i[n]) * g[n], f[n] * (1 - f[n]) * c_prev[n], i[n] * (1 - g[n] ** 2)
            J[H + n, :H] = slopes[0] * W_h[n] + slopes[1] * W_h[H + n] + slopes[2] * W_h[3 * H + n]
            J[H + n, H + n] = f[n]
            J[n] = o[n] * (1 - shown[n] ** 2) * J[H + n]
            J[n, :H] += shown[n] * o[n] * (1 - o[n]) * W_h[2 * H + n]
        path, direct = J @ path, f * direct
        forgets.append(f.mean())
    rng = np.random.default_rng(seed)
    W_xh, W_hh = rng.uniform(-0.25, 0.25, (H, V)), rng.uniform(-0.25, 0.25, (H, H))
    plain = np.eye(H)
    for h in _rnn((W_xh, W_hh, np.zeros(H)), list(xs)):
        plain = ((1 - h**2)[:, None] * W_hh) @ plain
    total, rnn = (math.log10(math.sqrt((M**2).sum() / H)) for M in (path[H:, H:], plain))
    return {
        "total": total,
        "direct": math.log10(math.sqrt((direct**2).sum() / H)),
        "rnn": rnn,
        "ahead": abs(total - rnn),
        "f": sum(forgets) / T,
    }


def lstm_race(T, seed, film, frame):
    test = film[frame].test
    numbers = {"step": 10 * frame}
    for name in ("rnn", "lstm"):
        params, errors = film[frame].params[name], []
        for n in range(test.xs.shape[1]):
            xs = list(test.xs[:, n])
            last = _rnn(params.cell, xs)[-1] if name == "rnn" else _lstm(params.cell, xs)[-1]["h"]
            answer = np.asarray(params.W_hy, float)[0] @ last + float(params.b_y[0])
            errors.append((answer - sum(value for value, mark in xs if mark)) ** 2)
        numbers[name] = sum(errors) / len(errors)
    return numbers


def lstm_prose(text, tau, draw, film, frame):
    used = "".join(topics.values())[:100_000] if text.python == "textmodel.prose()" else text.text[:100_000]
    letters = list(dict.fromkeys(used))
    held_out = used[-1000:] if len(used) >= 10_000 else used
    ids = [letters.index(letter) for letter in held_out]
    columns = max(1, len(ids) // 200)
    n = len(ids) // columns
    numbers = {"V": len(letters), "even": math.log(len(letters)), "length": len(used)}
    for name in ("rnn", "lstm"):
        params, losses = film[frame][name].params, []
        for start in range(0, columns * n, n):
            column = ids[start : start + n]
            hs = _rnn(params.cell, column) if name == "rnn" else [step["h"] for step in _lstm(params.cell, column)]
            losses += _nats(hs[:-1], params, column[1:])
        numbers[name] = sum(losses) / len(losses)
    later = {"step": 10 * frame, "difference": abs(numbers["rnn"] - numbers["lstm"])} if frame else {}
    return numbers | later


ORACLES = {
    "lstm.cell": lstm_cell,
    "lstm.gate": lstm_gate,
    "lstm.hold": lstm_hold,
    "lstm.gates": lstm_gates,
    "lstm.colour": lstm_colour,
    "lstm.highway": lstm_highway,
    "lstm.adding": lstm_race,
    "lstm.prose": lstm_prose,
}
