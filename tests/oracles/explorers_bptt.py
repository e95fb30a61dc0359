"""The numbers of chapter 3's captions, by plain loops that know nothing of the library."""

import math

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
        numbers |= {"t": t, "h": h[t]}
        if walk > 3:
            numbers |= {"own": own[t], "future": future[t], "dh": dh[t], "da": da[t], "part": da[t] * h[t - 1]}
    return numbers


def _slide_forward(W_xh, W_hh, W_hy, b_y):
    h, p = [np.zeros(3)], []
    for t in range(4):
        h.append(np.tanh(W_xh[:, INPUTS[t]] + W_hh @ h[t]))
        p.append(_softmax(W_hy @ h[-1] + b_y))
    return h, p


def ledger(i, j, gain, losses):
    W_xh, W_hh, W_hy, b_y = _slide_network()
    W_hh = gain * W_hh
    h, p = _slide_forward(W_xh, W_hh, W_hy, b_y)
    count = 4 if losses == "every" else 1
    whole, alone = [], []
    for reach in (4, 1):  # from every loss back over all steps, or over its own only
        parts = whole if reach == 4 else alone
        dW_xh, dW_hh, db_h = np.zeros((3, 4)), np.zeros((3, 3)), np.zeros(3)
        for t in range(1, 5):
            if not _is_on(losses, t, 4):
                continue
            dh = W_hy.T @ (p[t - 1] - _column(TARGETS[t - 1])) / count
            for s in range(t, max(0, t - reach), -1):
                da = (1 - h[s] ** 2) * dh
                dW_xh[:, INPUTS[s - 1]] += da
                dW_hh += np.outer(da, h[s - 1])
                db_h += da
                dh = W_hh.T @ da
        parts += [dW_xh.ravel(), dW_hh.ravel(), db_h, dW_hh[i, j]]
    a, b = np.concatenate(alone[:3]), np.concatenate(whole[:3])
    lengths = math.sqrt(a @ a), math.sqrt(b @ b)
    return {
        "immediate": alone[3],
        "carried": whole[3] - alone[3],
        "total": whole[3],
        "numeric": round(whole[3], 7),
        "angle": round(math.degrees(math.acos(min(1.0, a @ b / lengths[0] / lengths[1]))), 3),
        "ratio": lengths[0] / lengths[1],
    }


def check(fault, log10_step):
    W_xh, W_hh, W_hy, b_y = _slide_network()
    h, p = _slide_forward(W_xh, W_hh, W_hy, b_y)

    def backward(fault):
        names = ("W_xh", "W_hh", "b_h", "W_hy", "b_y")
        grads = dict(
            zip(names, (np.zeros((3, 4)), np.zeros((3, 3)), np.zeros(3), np.zeros((4, 3)), np.zeros(4)), strict=True)
        )
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

    right, found = backward("none"), backward(fault)
    errors = {name: math.sqrt(((found[name] - right[name]) ** 2).sum() / (right[name] ** 2).sum()) for name in right}
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

    return {
        "full": kilobytes(T),
        "piece": kilobytes(min(k, T)),
        "ratio": kilobytes(T) / kilobytes(min(k, T)),
        "k": min(k, T),
    }


def cliff(w_hh, T, b):
    def run(w):  # forward, with dh_t/dw_hh carried along
        h, slope = 1.0, 0.0
        for _ in range(T):
            before, h = h, math.tanh(w * h + b)
            slope = (1 - h * h) * (before + w * slope)
        return (h - 0.9) ** 2, 2 * (h - 0.9) * slope

    curve = {round(0.5 + 0.005 * n, 3): run(round(0.5 + 0.005 * n, 3))[1] for n in range(501)}
    steepest = max(curve, key=lambda w: abs(curve[w]))
    loss, gradient = run(w_hh)
    return {
        "loss": loss,
        "gradient": gradient,
        "nudged": run(w_hh + 0.01)[0],
        "steepest": steepest,
        "slope": abs(curve[steepest]),
    }


def truncation(form, k, T, radius, seed):
    k = min(k, T)
    kept = sum(1 for t in range(T) for s in range(t + 1) if (t // k == s // k if form == "pieces" else t - s < k))
    numbers = {
        "k": k,
        "kept": kept,
        "paths": sum(range(1, T + 1)),
        "full_bytes": 8 * (T * 17 + 8),
        "bytes": 8 * (k * 17 + 8),
    }
    return numbers | _truncated(form, k, T, radius, seed)


def _truncated(form, k, T, radius, seed):
    W_xh, W_hh, W_hy, xs, targets = _dial_network(T, radius, seed)
    h, p = [np.zeros(8)], []
    for t in range(T):
        h.append(np.tanh(W_xh[:, xs[t]] + W_hh @ h[t]))
        p.append(_softmax(W_hy @ h[-1]))
    cut, full = np.zeros((8, 13)), np.zeros((8, 13))
    for t in range(T):
        dh = W_hy.T @ (p[t] - _column(targets[t])) / T
        for s in range(t, -1, -1):
            da = (1 - h[s + 1] ** 2) * dh
            part = np.outer(da, [*_column(xs[s]), *h[s], 1.0])
            full += part
            if t // k == s // k if form == "pieces" else t - s < k:
                cut += part
            dh = W_hh.T @ da
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


def training(form, k, delay, seed, film, frame):
    shown = film[frame]

    def loss(params):
        (W_xh, W_hh, b_h), W_hy, b_y = params
        total = 0.0
        for n in range(shown.xs.shape[1]):
            h = np.zeros(len(b_h))
            for t in range(12):
                h = np.tanh(W_xh[:, shown.xs[t, n]] + W_hh @ h + b_h)
                if t >= delay:
                    total -= math.log(_softmax(W_hy @ h + b_y)[shown.xs[t - delay, n]])
        return total / shown.xs.shape[1] / (12 - delay)

    return {
        "step": 10 * frame,
        "needed": delay + 1,
        "truncated_loss": loss(shown.truncated),
        "full_loss": loss(shown.full),
        "chance": math.log(4),
    }


# ---- what the charts show, artist by artist in the order of the picture function
def memory_picture(T, k, H, B):
    Ts = list(range(1, 201))
    at = memory(T, k, H, B)
    return [
        (Ts, [memory(steps, k, H, B)["full"] for steps in Ts]),
        (Ts, [memory(steps, k, H, B)["piece"] for steps in Ts]),
        ([T, T], [at["full"], at["piece"]]),
    ]


def truncation_picture(form, k, T, radius, seed):
    k = min(k, T)
    sizes = np.full((T, T), np.nan)
    W_xh, W_hh, W_hy, xs, targets = _dial_network(T, radius, seed)
    h, p = [np.zeros(8)], []
    for t in range(T):
        h.append(np.tanh(W_xh[:, xs[t]] + W_hh @ h[t]))
        p.append(_softmax(W_hy @ h[-1]))
        dh = W_hy.T @ (p[t] - _column(targets[t])) / T
        for s in range(t, -1, -1):
            da = (1 - h[s + 1] ** 2) * dh
            length = math.sqrt(da @ da)
            sizes[t, s] = math.log10(length) if length else -math.inf
            dh = W_hh.T @ da
    kept = lambda t, s: t // k == s // k if form == "pieces" else t - s < k  # noqa: E731
    cut = [(t, s) for t in range(T) for s in range(t + 1) if not kept(t, s)]
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


PICTURES = {"bptt.memory": memory_picture, "bptt.truncation": truncation_picture}

ORACLES = {
    "bptt.graph": graph,
    "bptt.ledger": ledger,
    "bptt.gradient_check": check,
    "bptt.toy": toy,
    "bptt.memory": memory,
    "bptt.cliff": cliff,
    "bptt.truncation": truncation,
    "bptt.training": training,
}
