"""What chapter 3's captions say and its charts show, by plain loops that know nothing of the library."""

import math
from functools import cache

import numpy as np

# The slide's network, from the numbers printed on it: four steps, four unknowns a row.
PRINTED_H = np.array([[0.3, -0.1, 0.9], [0.96, 0.3, 0.1], [0.1, -0.5, -0.3], [-0.3, 0.9, 0.7]])
PRINTED_Y = np.array([[1.0, 2.2, -3.0, 4.1], [0.5, 0.3, -1.0, 1.2], [0.1, 0.5, 1.9, -1.1], [0.2, -1.5, -0.1, 2.2]])
INPUTS, TARGETS = [0, 1, 2, 2], [1, 2, 2, 3]


def _softmax(y):
    weights = [math.exp(value - max(y)) for value in y]
    return np.array([weight / sum(weights) for weight in weights])


def _column(i):
    return np.array([float(i == n) for n in range(4)])


@cache
def _slide_network():
    output = np.linalg.inv(np.column_stack([PRINTED_H, np.ones(4)])) @ PRINTED_Y
    stacked = np.array([[*_column(INPUTS[t]), *(PRINTED_H[t - 1] if t else np.zeros(3))] for t in range(4)])
    recurrent = np.linalg.pinv(stacked) @ np.arctanh(PRINTED_H)
    return recurrent[:4].T, recurrent[4:].T, output[:3].T, output[3]


def _is_on(losses, t, T):
    return losses == "every" or t == T


def graph(walk, w_xh, w_hh, b, w_hy, losses):
    xs, targets, T = [1.0, -0.5, 0.5], [0.5, 0.5, -0.5], 3
    on = [_is_on(losses, t, T) for t in (1, 2, 3)]

    def forward(w):
        h, loss = [0.0], 0.0
        for t in range(T):
            h.append(math.tanh(w_xh * xs[t] + w * h[t] + b))
            loss += on[t] * (w_hy * h[-1] - targets[t]) ** 2 / sum(on)
        return h, loss

    h, loss = forward(w_hh)
    dh, da, own, future = [0.0] * (T + 2), [0.0] * (T + 2), [0.0] * (T + 2), [0.0] * (T + 2)
    for t in (3, 2, 1):
        own[t] = on[t - 1] * w_hy * 2 * (w_hy * h[t] - targets[t - 1]) / sum(on)
        future[t] = w_hh * da[t + 1]
        dh[t] = own[t] + future[t]
        da[t] = (1 - h[t] ** 2) * dh[t]
    numbers = {
        "loss": loss,
        "dw_hh": sum(da[t] * h[t - 1] for t in (1, 2, 3)),
        "numeric": round((forward(w_hh + 1e-6)[1] - forward(w_hh - 1e-6)[1]) / 2e-6, 7),
    }
    if walk:
        t = walk if walk <= 3 else {4: 3, 5: 3, 6: 2, 7: 2, 8: 1, 9: 1}[walk]
        numbers |= {"t": t, "h": h[t], "slope": 1 / math.cosh(w_xh * xs[t - 1] + w_hh * h[t - 1] + b) ** 2}
        if walk > 3:
            numbers["before"] = t - 1
            numbers |= {"own": own[t], "future": future[t], "dh": dh[t], "da": da[t], "part": da[t] * h[t - 1]}
    return numbers


def graph_diagram(walk, w_xh, w_hh, b, w_hy, losses):
    """Values up to step `walk`; the way back then takes two steps of the walk for each step, first h, then a."""
    xs, targets, T = [None, 1.0, -0.5, 0.5], [None, 0.5, 0.5, -0.5], 3
    on = [False] + [_is_on(losses, t, T) for t in (1, 2, 3)]
    a, h, y, loss = [0.0], [0.0], [0.0], [0.0]
    for t in (1, 2, 3):
        a.append(w_xh * xs[t] + w_hh * h[-1] + b)
        h.append(math.tanh(a[t]))
        y.append(w_hy * h[t])
        loss.append((y[t] - targets[t]) ** 2)
    da, dh, dy = [0.0] * 5, [0.0] * 4, [0.0] * 4
    for t in (3, 2, 1):
        dy[t] = on[t] * 2 * (y[t] - targets[t]) / sum(on)
        dh[t] = w_hy * dy[t] + w_hh * da[t + 1]
        da[t] = dh[t] / math.cosh(a[t]) ** 2
    dh[0] = w_hh * da[1]
    expected = {"h_0": 0.0, "dh_0": dh[0] if walk >= 9 else False}
    for t in (1, 2, 3):
        there, at_h, at_a = walk >= t, walk >= 10 - 2 * t, walk >= 11 - 2 * t
        parts = {
            "x": (xs[t], True),
            "a": (a[t], there),
            "h": (h[t], there),
            "y": (y[t], there),
            "loss": (loss[t], there and on[t]),
        }
        parts |= {"dy": (dy[t], at_h), "dh": (dh[t], at_h), "da": (da[t], at_a), "part": (da[t] * h[t - 1], at_a)}
        expected |= {f"{name}_{t}": value if shown else False for name, (value, shown) in parts.items()}
        expected |= {
            f"h_{t - 1}<a_{t}": at_a,
            f"a_{t}<h_{t}": at_a,
            f"h_{t}<y_{t}": at_h and on[t],
            f"y_{t}<loss_{t}": at_h and on[t],
        }
        expected |= {f"y_{t}>loss_{t}": on[t], f"name_L_{t}": on[t]}
    total = sum(da[t] * h[t - 1] for t in (1, 2, 3))
    t = walk if walk <= 3 else (walk - 4 == 0) * 3 or {5: 3, 6: 2, 7: 2, 8: 1, 9: 1}[walk]
    found = h[t] if walk <= 3 else dh[t] if walk % 2 == 0 else da[t]
    left, low, wide, high = {
        0: (-110, 308, 68, 60), 1: (140, 118, 193, 350), 2: (390, 118, 193, 350), 3: (640, 118, 193, 350)}.get(
        walk, (140 + 250 * (t - 1) + 125 * (walk % 2 == 0), 308, 68, 60))  # fmt: skip
    frame = {
        "x": left - 8,
        "y": low - 8 - 24 * (0 < walk < 4),
        "width": wide + 16,
        "height": high + 16 + 24 * (0 < walk < 4),
    }
    squared = walk == t and on[t] and walk > 0
    return expected | {
        "total": (lambda words: _last(words) == _rounded(total, 2)) if walk == 9 else "",
        "rule": lambda words: abs(_last(words) - found) <= 0.006 * abs(found) + 1e-12,
        "squared": (lambda words: abs(_last(words) - loss[t]) <= 0.006 * loss[t]) if squared else "",
        "now": frame if walk else False,
    }


def _last(words):
    """The last number of a sentence."""
    return float(words.split("=")[-1].replace("\N{MINUS SIGN}", "-"))


def _rounded(value, digits):
    return round(value, digits) + 0.0


def _slide_forward(W_xh, W_hh, W_hy, b_y):
    h, p = [np.zeros(3)], []
    for t in range(4):
        h.append(np.tanh(W_xh[:, INPUTS[t]] + W_hh @ h[t]))
        p.append(_softmax(W_hy @ h[-1] + b_y))
    return h, p


@cache
def _contributions(gain, losses):
    """[t][s]: what the use of the cell's weights at step s adds to the gradient of the loss of step t, (3, 8) each."""
    W_xh, W_hh, W_hy, b_y = _slide_network()
    W_hh = gain * W_hh
    h, p = _slide_forward(W_xh, W_hh, W_hy, b_y)
    parts = np.zeros((5, 5, 3, 8))
    for t in range(1, 5):
        if _is_on(losses, t, 4):
            dh = W_hy.T @ (p[t - 1] - _column(TARGETS[t - 1])) / (4 if losses == "every" else 1)
            for s in range(t, 0, -1):
                da = (1 - h[s] ** 2) * dh
                parts[t, s] = np.outer(da, [*_column(INPUTS[s - 1]), *h[s - 1], 1.0])
                dh = W_hh.T @ da
    return parts


def _ledger_bars(i, j, gain, losses):
    """What steps 1..4 add to dL/dW_hh[i, j], then their sum: from the own loss, from later losses, from both."""
    parts = _contributions(gain, losses)[:, :, i, 4 + j]
    own = [parts[s, s] for s in range(1, 5)]
    later = [sum(parts[t, s] for t in range(s + 1, 5)) for s in range(1, 5)]
    both = [own[n] + later[n] for n in range(4)]
    return [[*bars, sum(bars)] for bars in (own, later, both)]


def ledger(i, j, gain, losses):
    parts = _contributions(gain, losses)
    a, b = sum(parts[s, s] for s in range(1, 5)).ravel(), parts.sum(axis=(0, 1)).ravel()
    lengths = math.sqrt(a @ a), math.sqrt(b @ b)
    own, later, both = _ledger_bars(i, j, gain, losses)
    return {
        "immediate": own[-1],
        "carried": later[-1],
        "total": both[-1],
        "numeric": round(both[-1], 7),
        "angle": round(math.degrees(math.acos(min(1.0, a @ b / lengths[0] / lengths[1]))), 3),
        "ratio": lengths[0] / lengths[1],
    }


ARRAYS = ("W_xh", "W_hh", "b_h", "W_hy", "b_y")


@cache
def _slide_gradients(fault):
    """The gradients of the slide's network, with one line of the backward pass broken."""
    W_xh, W_hh, W_hy, b_y = _slide_network()
    h, p = _slide_forward(W_xh, W_hh, W_hy, b_y)
    shapes = ((3, 4), (3, 3), (3,), (4, 3), (4,))
    grads = {name: np.zeros(shape) for name, shape in zip(ARRAYS, shapes, strict=True)}
    future = np.zeros(3)
    for t in (4, 3, 2, 1):
        dy = (p[t - 1] - _column(TARGETS[t - 1])) * (1 if fault == "no_mean" else 0.25)
        dh = dy @ W_hy + (0 if fault == "no_carry" else future)
        da = dh + (1 if fault == "sign" else -1) * dh * h[t] * h[t]
        future = W_hh @ da if fault == "no_transpose" else da @ W_hh
        outer = da[:, None] * h[t if fault == "wrong_state" else t - 1]
        grads["W_hh"] = outer if fault == "assign" else grads["W_hh"] + outer
        grads["W_xh"][:, INPUTS[t - 1]] += da
        grads["b_h"] += da
        grads["W_hy"] += dy[:, None] * h[t]
        grads["b_y"] += dy
    return grads


@cache
def _slide_differences(step):
    """The gradients of the slide's network by central differences, entry by entry."""
    W_xh, W_hh, W_hy, b_y = _slide_network()
    arrays = {"W_xh": W_xh, "W_hh": W_hh, "b_h": np.zeros(3), "W_hy": W_hy, "b_y": b_y}

    def loss(name, index, shift):
        at = {known: array.copy() for known, array in arrays.items()}
        at[name][index] += shift
        h, total = np.zeros(3), 0.0
        for x, target in zip(INPUTS, TARGETS, strict=True):
            h = np.tanh(at["W_xh"][:, x] + at["W_hh"] @ h + at["b_h"])
            total -= math.log(_softmax(at["W_hy"] @ h + at["b_y"])[target]) / 4
        return total

    grads = {name: np.zeros(array.shape) for name, array in arrays.items()}
    for name, grad in grads.items():
        for index in np.ndindex(grad.shape):
            grad[index] = (loss(name, index, step) - loss(name, index, -step)) / (2 * step)
    return grads


def _errors(found, reference):
    return {n: math.sqrt(((found[n] - reference[n]) ** 2).sum() / (reference[n] ** 2).sum()) for n in ARRAYS}


def check(fault, log10_step):
    errors = _errors(_slide_gradients(fault), _slide_gradients("none"))
    failed = [name for name, error in errors.items() if error > 1e-6]
    return {
        "failed": ", ".join(f"d{name}" for name in failed),
        "count": len(failed),
        "worst": max(errors.values()),
        "step": 10.0**log10_step,
    }


def toy(w_hh, w_xh, b, h0, x1, x2, x3):
    a1 = w_xh * x1 + w_hh * h0 + b
    h1 = math.tanh(a1)
    a2 = w_xh * x2 + w_hh * h1 + b
    h2 = math.tanh(a2)
    a3 = w_xh * x3 + w_hh * h2 + b
    d1, d2, d3 = (1 / math.cosh(a) ** 2 for a in (a1, a2, a3))
    parts = d3 * w_hh * d2 * w_hh * d1 * h0, d3 * w_hh * d2 * h1, d3 * h2
    return {
        "h3": math.tanh(a3),
        "dh3_dh1": d3 * w_hh * d2 * w_hh,
        "part1": parts[0],
        "part2": parts[1],
        "part3": parts[2],
        "dh3_dw": sum(parts),
        "slope2": d2,
        "slope3": d3,
    }


def memory(T, k, H, B):
    def kilobytes(steps):  # float64: inputs of size 4, pre-activations, states and the initial one
        return 8 * B * (sum(4 + H + H for _ in range(steps)) + H) / 1024

    full, piece = kilobytes(T), kilobytes(min(k, T))
    return {"full": full} | ({"piece": piece, "ratio": full / piece} if k < T else {})


def _cliff(w, T, b):
    """(loss, dL/dw): forward, with dh_t/dw carried along."""
    h, slope = 1.0, 0.0
    for _ in range(T):
        before, h = h, math.tanh(w * h + b)
        slope = (1 - h * h) * (before + w * slope)
    return (h - 0.9) ** 2, 2 * (h - 0.9) * slope


@cache
def _cliff_curve(T, b):
    """(w, loss, size of the gradient) along the axis of w_hh."""
    ws = [round(0.5 + 0.005 * n, 3) for n in range(501)]
    return [(w, loss, abs(gradient)) for w in ws for loss, gradient in [_cliff(w, T, b)]]


def _cliff_states(w, T, b):
    hs = [1.0]
    for _ in range(T):
        hs.append(math.tanh(w * hs[-1] + b))
    return hs


def cliff(w_hh, T, b):
    apart = [
        abs(one - two) for one, two in zip(_cliff_states(w_hh, T, b), _cliff_states(w_hh + 0.01, T, b), strict=True)
    ]
    steepest, _, slope = max(_cliff_curve(T, b), key=lambda place: place[2])
    loss, gradient = _cliff(w_hh, T, b)
    return {
        "loss": loss,
        "gradient": gradient,
        "moved": w_hh + 0.01,
        "nudged": _cliff(w_hh + 0.01, T, b)[0],
        "first": apart[1],
        "last": apart[T],
        "steepest": steepest,
        "slope": slope,
    }


def _is_kept(form, t, s, k):
    """Whether the path from the loss of step t back to step s is kept, both counted from 0."""
    return t // k == s // k if form == "pieces" else t - s < k


def truncation(form, k, T, radius, seed):
    k = min(k, T)
    numbers = {
        "k": k,
        "kept": sum(1 for t in range(T) for s in range(t + 1) if _is_kept(form, t, s, k)),
        "paths": sum(range(1, T + 1)),
        "full_bytes": 8 * (T * 17 + 8),
        "bytes": 8 * (k * 17 + 8),
    }
    return numbers | _truncated(form, k, T, radius, seed)


@cache
def _dial_paths(T, radius, seed):
    """{(t, s): (dL_t/da_s, its part of the gradient of the cell's weights)}, steps counted from 0."""
    W_xh, W_hh, W_hy, xs, targets = _dial_network(T, radius, seed)
    h, paths = [np.zeros(8)], {}
    for t in range(T):
        h.append(np.tanh(W_xh[:, xs[t]] + W_hh @ h[t]))
        dh = W_hy.T @ (_softmax(W_hy @ h[-1]) - _column(targets[t])) / T
        for s in range(t, -1, -1):
            da = (1 - h[s + 1] ** 2) * dh
            paths[t, s] = da, np.outer(da, [*_column(xs[s]), *h[s], 1.0])
            dh = W_hh.T @ da
    return paths


@cache
def _truncated(form, k, T, radius, seed):
    paths = _dial_paths(T, radius, seed)
    full = sum(part for _, part in paths.values())
    cut = sum(part for (t, s), (_, part) in paths.items() if _is_kept(form, t, s, k))
    lengths = math.sqrt((cut**2).sum()), math.sqrt((full**2).sum())
    cosine = (cut * full).sum() / lengths[0] / lengths[1]
    return {"angle": round(math.degrees(math.acos(min(1.0, cosine))), 3), "ratio": lengths[0] / lengths[1]}


def _dial_network(T, radius, seed):
    """The random network, drawn again in the same order: weights, then a matrix of given radius, then the letters."""
    rng = np.random.default_rng(seed)
    W_xh, _, W_hy = (rng.uniform(-1 / math.sqrt(8), 1 / math.sqrt(8), shape) for shape in ((8, 4), (8, 8), (4, 8)))
    Q, R = np.linalg.qr(rng.standard_normal((8, 8)))
    Q = Q * np.sign(np.diag(R))
    blocks = np.diag(rng.choice([-1.0, 1.0], 8))
    for n, angle in enumerate(rng.uniform(0, math.pi, 3)):
        c, s = math.cos(angle), math.sin(angle)
        blocks[2 * n : 2 * n + 2, 2 * n : 2 * n + 2] = [[c, -s], [s, c]]
    rng.standard_normal((8, 8))
    return W_xh, radius * Q @ blocks @ Q.T, W_hy, rng.integers(0, 4, (T, 1))[:, 0], rng.integers(0, 4, (T, 1))[:, 0]


def _recall_loss(params, xs, delay):
    """The mean over steps and examples, -log p of the letter read `delay` steps ago; xs (12, examples)."""
    (W_xh, W_hh, b_h), W_hy, b_y = params
    total, h = 0.0, np.zeros((xs.shape[1], len(b_h)))
    for t in range(12):
        h = np.tanh(W_xh[:, xs[t]].T + h @ W_hh.T + b_h)
        if t >= delay:
            y = h @ W_hy.T + b_y
            wanted = np.take_along_axis(y, xs[t - delay][:, None], axis=1)[:, 0]
            total += (np.log(np.exp(y).sum(axis=1)) - wanted).sum()
    return total / xs.shape[1] / (12 - delay)


def training(form, k, delay, seed, film, frame):
    shown = film[frame]
    return {
        "step": 10 * frame,
        "needed": delay + 1,
        "truncated_loss": _recall_loss(shown.truncated, shown.xs, delay),
        "full_loss": _recall_loss(shown.full, shown.xs, delay),
        "chance": math.log(4),
    }


# ---- what the charts show, artist by artist in the order of the picture function
def memory_picture(T, k, H, B):
    Ts = list(range(1, 201))
    at = memory(T, k, H, B)
    return [
        (Ts, [memory(steps, k, H, B)["full"] for steps in Ts]),
        (Ts, [memory(min(steps, k), k, H, B)["full"] for steps in Ts]),
        ([T, T], [at["full"], at.get("piece", at["full"])]),
    ]


def truncation_picture(form, k, T, radius, seed):
    k, paths, sizes = min(k, T), _dial_paths(T, radius, seed), np.full((T, T), np.nan)
    for (t, s), (da, _) in paths.items():
        length = math.sqrt(da @ da)
        sizes[t, s] = math.log10(length) if length else -math.inf
    cut = [(t, s) for t in range(T) for s in range(t + 1) if not _is_kept(form, t, s, k)]
    curves = {one: [_truncated(one, n, T, radius, seed) for n in range(1, T + 1)] for one in ("pieces", "window")}
    wide = {"xlim": (0.5, T + 0.5)}
    expected = [
        wide | {"ylim": (T + 0.5, 0.5)},
        {"data": sizes, "extent": (0.5, T + 0.5, T + 0.5, 0.5)},
        {"data": ([s + 1 for _, s in cut], [t + 1 for t, _ in cut]), "markersize": min(7, 90 / T)},
    ]
    for number, top in (("angle", 92), ("ratio", 2.05)):
        held = {one: [min(at[number], top) for at in curve] for one, curve in curves.items()}
        expected += [wide, *((range(1, T + 1), held[one]) for one in ("pieces", "window")), ([k], [held[form][k - 1]])]
    return expected


def _held(value, low, high):
    return max(low, min(high, value))


def ledger_picture(i, j, gain, losses):
    """Three bars a step, side by side, at the right the sums with their labels; arrows where a bar goes on beyond +-0.6."""
    bars, expected = _ledger_bars(i, j, gain, losses), []
    for side, values in zip((-1, 0, 1), bars, strict=True):
        places = [*(t + 0.27 * side for t in (1, 2, 3, 4)), 5.65 + 0.52 * side]
        expected += [[_held(value, -0.6, 0.6) for value in values], _sum_label(places[-1], values[-1])]
        expected += [_edge_arrow(x, value) for x, value in zip(places, values, strict=True)]
    star = [6.17], [round(bars[2][-1], 7)]
    return [*expected, star, {"ylabel": rf"part of $\partial L / \partial W_{{hh}}[{i}, {j}]$"}]


def _sum_label(x, value):
    """Three decimals, beyond the end of the bar at x as long as there is room."""
    written = f"{value:.3f}".replace("-", "\N{MINUS SIGN}" if round(value, 3) else "")

    def beside(at):
        end, height = abs(value), abs(at[1])
        there = end < height < end + 0.1 if end < 0.52 else 0.45 < height < 0.6
        return math.isclose(at[0], x) and at[1] * value > -1e-9 and there

    return {"text": written, "position": beside}


def _edge_arrow(x, value):
    if abs(value) <= 0.6:
        return {"text": ""}
    at_edge = lambda at: math.isclose(at[0], x) and 0.5 < math.copysign(1, value) * at[1] < 0.6  # noqa: E731
    return {"text": "▲" if value > 0 else "▼", "position": at_edge}


BACKWARD = """\
for t in (4, 3, 2, 1):
    dy = (p[t] - onehot[t]) / 4
    dW_hy += np.outer(dy, h[t])
    db_y += dy
    dh = W_hy.T @ dy + dh_next
    da = (1 - h[t] ** 2) * dh
    dW_xh += np.outer(da, x[t])
    dW_hh += np.outer(da, h[t - 1])
    db_h += da
    dh_next = W_hh.T @ da"""
BREAKS = {
    "none": ("", ""),
    "sign": ("(1 -", "(1 +"),
    "no_carry": (" + dh_next", ""),
    "no_transpose": ("W_hh.T", "W_hh"),
    "assign": ("dW_hh +=", "dW_hh ="),
    "wrong_state": ("h[t - 1]", "h[t]"),
    "no_mean": ("(p[t] - onehot[t]) / 4", "p[t] - onehot[t]"),
}


def check_picture(fault, log10_step):
    """From 1e-18 on, the relative errors by central differences and by the complex step, b_y at the bottom: those of the
    loops as far as rounding lets two ways of computing agree."""
    right, found = _slide_gradients("none"), _slide_gradients(fault)

    def near(reference, rounding):
        errors = [_held(error, 1e-18, 1e2) for error in _errors(found, reference).values()][::-1]
        return lambda shown: np.allclose(shown, errors, rtol=1e-6, atol=rounding)

    step = 10.0**log10_step
    return [near(_slide_differences(step), 1e-14 / step), near(right, 1e-13)]


def cliff_picture(w_hh, T, b):
    ws, losses, slopes = zip(*_cliff_curve(T, b), strict=True)
    loss, gradient = _cliff(w_hh, T, b)
    on_axis = lambda slope: _held(abs(slope), 1e-4, 1e4)  # noqa: E731
    return [
        (ws, losses),
        (ws, [on_axis(slope) for slope in slopes]),
        ([w_hh], [loss]),
        ([w_hh], [on_axis(gradient)]),
        {"xlim": (0, T)},
        *((range(T + 1), _cliff_states(w, T, b)) for w in (w_hh, w_hh + 0.01)),
    ]


def training_picture(form, k, delay, seed, film, frame):
    full, cut = (
        [min(1.8, _recall_loss(getattr(made, name), made.xs, delay)) for made in film] for name in ("full", "truncated")
    )
    steps = [10 * n for n in range(len(film))]
    return [(steps, full), (steps, cut), ([10 * frame] * 2, [cut[frame], full[frame]])]


# ---- what the diagrams show, by id
def check_diagram(fault, log10_step):
    """The ten lines, indented, and the mark on the one that is not as it should be."""
    lines, heights = BACKWARD.replace(*BREAKS[fault]).splitlines(), [65 + 34 * n for n in range(10)]
    marked = [height for line, was, height in zip(lines, BACKWARD.splitlines(), heights, strict=True) if line != was]
    shown = {f"line_{n}": [line.strip(), {"x": 60 if n else 20}] for n, line in enumerate(lines)}
    return shown | {"mark": {"y": marked[0] - 16, "height": 32} if marked else False}


def _written(value):
    """Three digits, or a power of ten with two."""
    digits = f"{value:.3g}" if "e" not in f"{value:.3g}" else f"{value:.2g}".replace("e-0", "e-")
    return digits.replace("-", "−")


def _bracketed(value):
    return f"({_written(value)})" if value < 0 else _written(value)


def toy_diagram(w_hh, w_xh, b, h0, x1, x2, x3):
    """The steps with their numbers, h_3 written as one nested formula, and factor by factor what each path gives."""
    h, a, d, steps, shown = [h0], [], [], [], {}
    for t, x in enumerate((x1, x2, x3)):
        a.append(w_xh * x + w_hh * h[t] + b)
        h.append(math.tanh(a[t]))
        d.append(1 / math.cosh(a[t]) ** 2)
        steps.append(f"tanh({_written(w_xh)} · {_bracketed(x)} + {_bracketed(w_hh)} · @ + {_bracketed(b)})")
        at, value = _written(a[t]), f"{h[-1]:.4f}".replace("-", "−" if round(h[-1], 4) else "")
        with_state = steps[t].replace("@", _bracketed(h[t]))
        shown[f"step_{t + 1}"] = f"h{t + 1} = {with_state} = tanh({at}) = {value}"
        shown |= {f"a_{t + 1}": at, f"h_{t + 1}": value}
    nested = steps[2].replace("@", steps[1].replace("@", _bracketed(h[1])))
    shown["nested"] = f"h3 = {nested} = {value}"
    paths = {
        "dh3_dh1": [d[2], w_hh, d[1], w_hh],
        "part3": [d[2], h[2]],
        "part2": [d[2], w_hh, d[1], h[1]],
        "part1": [d[2], w_hh, d[1], w_hh, d[0], h0],
    }
    for name, path in paths.items():
        shown |= {f"{name}.{n}": _written(value) for n, value in enumerate(path)}
        shown |= {name: _written(math.prod(path)), f"{name}'": f"= {_written(math.prod(path))}"}
    parts = [math.prod(paths[name]) for name in ("part3", "part2", "part1")]
    shown |= {"dh3_dw": _written(sum(parts)), "sum": f"{' + '.join(map(_bracketed, parts))} = {_written(sum(parts))}"}
    return shown


PATHS_XS, PATHS_TARGETS = [1.0, -0.5, 0.8, 0.2, -0.9, 0.6], [0.5, 0.5, -0.5, 0.0, 0.5, -0.5]


def _paths_forward(w_xh, w_hh, b):
    h = [0.0]
    for x in PATHS_XS:
        h.append(math.tanh(w_xh * x + w_hh * h[-1] + b))
    return h


def _paths_parts(w_xh, w_hh, b, cuts):
    """What each step contributes to the gradient of (w_xh, w_hh, b): path by path, losses t and uses u <= t, those that
    pass a cut left out."""
    h = _paths_forward(w_xh, w_hh, b)
    parts = [[0.0, 0.0, 0.0] for _ in PATHS_XS]
    for t in range(1, 7):
        for u in range(1, t + 1):
            if any(u <= cut < t for cut in cuts):
                continue
            path = 2 * (h[t] - PATHS_TARGETS[t - 1]) / 6 * (1 - h[u] ** 2)
            for v in range(u + 1, t + 1):
                path *= (1 - h[v] ** 2) * w_hh
            for n, last in enumerate((PATHS_XS[u - 1], h[u - 1], 1.0)):
                parts[u - 1][n] += path * last
    return parts


def _running(t, u, w_hh, h, cuts):
    return 0.0 if any(u <= cut < t for cut in cuts) else math.prod((1 - h[v] ** 2) * w_hh for v in range(u + 1, t + 1))


def paths(t, s, cuts, w_hh, w_xh, b):
    s, h = min(s, t), _paths_forward(w_xh, w_hh, b)
    whole, rest = (np.sum(_paths_parts(w_xh, w_hh, b, some), axis=0) for some in ((), cuts))
    numbers = {"t": t, "s": s, "path": _running(t, s, w_hh, h, cuts), "rest": rest[1]}
    if not cuts:
        return numbers | {"steps": t - s}
    lengths = math.hypot(*whole), math.hypot(*rest)
    cosine = sum(one * other for one, other in zip(whole, rest, strict=True)) / max(math.prod(lengths), 1e-300)
    return numbers | {"whole": whole[1], "after": ", ".join(str(cut) for cut in cuts), "ratio": lengths[1] / lengths[0],
                      "angle": lambda shown: abs(math.cos(math.radians(shown)) - cosine) < 1e-5}  # fmt: skip


def paths_diagram(t, s, cuts, w_hh, w_xh, b):
    s, h, on = min(s, t), _paths_forward(w_xh, w_hh, b), range(min(s, t), t + 1)
    full, kept = _paths_parts(w_xh, w_hh, b, ()), _paths_parts(w_xh, w_hh, b, cuts)
    expected = {"full_sum": sum(part[1] for part in full), "kept_sum": sum(part[1] for part in kept)}
    for u in range(1, 7):
        expected |= {f"x_{u}": PATHS_XS[u - 1], f"h_{u}": h[u], f"loss_{u}": (h[u] - PATHS_TARGETS[u - 1]) ** 2}
        expected |= {f"full_{u}": full[u - 1][1], f"kept_{u}": kept[u - 1][1]}
        expected |= {
            f"run_{u}": _running(t, u, w_hh, h, cuts) if u in on else False,
            f"t_{u}": u == t,
            f"s_{u}": u == s,
        }
        if u > 1:
            way = s < u <= t
            expected |= {f"weight_{u}": w_hh if way else False, f"slope_{u}": 1 - h[u] ** 2 if way else False}
            ink = "vermilion" if u - 1 in cuts else "grey"
            expected |= {f"back_{u}": way and u - 1 not in cuts, f"line_{u - 1}": u - 1 in cuts}
            name = f"{'mend' if u - 1 in cuts else 'cut'} between steps {u - 1} and {u}"
            expected[f"cut_{u - 1}"] = {"words": "✂", "data-name": name, "colour": f"var(--l-{ink})"}
    return expected


DIAGRAMS = {
    "bptt.graph": graph_diagram,
    "bptt.paths": paths_diagram,
    "bptt.gradient_check": check_diagram,
    "bptt.toy": toy_diagram,
}

PICTURES = {
    "bptt.ledger": ledger_picture,
    "bptt.gradient_check": check_picture,
    "bptt.memory": memory_picture,
    "bptt.cliff": cliff_picture,
    "bptt.truncation": truncation_picture,
    "bptt.training": training_picture,
}

ORACLES = {
    "bptt.graph": graph,
    "bptt.paths": paths,
    "bptt.ledger": ledger,
    "bptt.gradient_check": check,
    "bptt.toy": toy,
    "bptt.memory": memory,
    "bptt.cliff": cliff,
    "bptt.truncation": truncation,
    "bptt.training": training,
}
