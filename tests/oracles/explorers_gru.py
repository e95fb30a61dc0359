"""The numbers of chapter 6's captions, by plain loops that know nothing of the library."""

import math

import numpy as np


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


def average(z, n, signal, h_0):
    noise = np.random.default_rng(0).uniform(-1, 1, 30)
    candidates = [{"zero": 0.0, "one": 1.0, "noise": noise[t]}[signal] for t in range(n)]
    # the weights one by one, and h_n as their sum: not the recursion
    weights = [math.prod([1 - z] * n)] + [z * math.prod([1 - z] * (n - s)) for s in range(1, n + 1)]
    h_n = sum(weight * value for weight, value in zip(weights, [h_0, *candidates], strict=True))
    numbers = {"n": n, "z": z, "h_n": h_n, "first": weights[0], "rest": 1 - weights[0]}
    return numbers if z in (0, 1) else numbers | {"half": math.log(2) / -math.log(1 - z)}


def twin(f, i, z, old, new):
    c = f**5 * old + i * new * sum(f**k for k in range(5))
    h = new + (1 - z) ** 5 * (old - new)
    return {"f": f, "i": i, "total": f + i, "keep": 1 - z, "z": z, "n": 5, "c": c, "h": h}


def reset(r0, r1, h0, h1, b):
    W, r, h = [[0.9, -0.6], [0.4, 0.8]], [r0, r1], [h0, h1]
    before = [sum(W[j][k] * (r[k] * h[k]) for k in range(2)) + b for j in range(2)]
    after = [r[j] * (sum(W[j][k] * h[k] for k in range(2)) + b) for j in range(2)]
    return {
        "before0": before[0], "before1": before[1], "after0": after[0], "after1": after[1],
        "difference": max(abs(before[j] - after[j]) for j in range(2)),
    }  # fmt: skip


# ---- networks: one step at a time, all sequences of the batch side by side


def _rnn(weights, x, state):
    W_xh, W_hh, b = weights
    return np.tanh(x @ W_xh.T + state @ W_hh.T + b), None


def _gru(weights, x, state):
    W_x, W_h, b = weights
    H = len(b) // 3
    block = [slice(k * H, k * H + H) for k in range(3)]
    z, r = (_sigmoid(x @ W_x[rows].T + state @ W_h[rows].T + b[rows]) for rows in block[:2])
    candidate = np.tanh(x @ W_x[block[2]].T + (r * state) @ W_h[block[2]].T + b[block[2]])
    return state + z * (candidate - state), z


def _lstm(weights, x, state):
    W_x, W_h, b = weights
    h, c = state
    i, f, o, g = np.split(x @ W_x.T + h @ W_h.T + b, 4, axis=-1)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return (_sigmoid(o) * np.tanh(c), c), None


def _answers(step, params, xs):
    """The network's answers after the last step, and z of all steps if it has one."""
    weights, W_hy, b_y = params
    weights = [np.asarray(weight, float) for weight in weights]
    start = np.zeros((xs.shape[1], W_hy.shape[1]))
    state, zs = (start, start) if step is _lstm else start, []
    for x in xs:
        state, z = step(weights, x, state)
        zs.append(z)
    h = state[0] if step is _lstm else state
    return h @ np.asarray(W_hy, float).T + b_y, zs


def _error(step, params, fresh):
    return float(np.mean((_answers(step, params, fresh.xs)[0] - fresh.targets[-1]) ** 2))


def gates(seed, example, unit, film, frame):
    shown = film[frame]
    answers, zs = _answers(_gru, shown.params, shown.fresh.xs)
    z = [step[example - 1, unit] for step in zs]
    values, marks = shown.fresh.xs[:, example - 1].T
    marked = [t for t in range(20) if marks[t] == 1]
    assert len(marked) == 2
    return {
        "step": 5 * frame, "error": _error(_gru, shown.params, shown.fresh), "unit": unit,
        "z_marked": sum(z[t] for t in marked) / 2, "z_else": sum(z[t] for t in range(20) if t not in marked) / 18,
        "answer": answers[example - 1, 0], "target": values[marked[0]] + values[marked[1]],
    }  # fmt: skip


def highway(keep_bias, T, seed):
    """Each column of dh_T/dh_0 by the complex step through T plain steps, in pieces short enough not to underflow."""
    rng, H, V = np.random.default_rng(seed), 16, 4
    bound = 1 / math.sqrt(H)
    draw = lambda *shape: rng.uniform(-bound, bound, shape)  # noqa: E731
    rnn = draw(H, V), draw(H, H), np.zeros(H)
    gru = draw(3 * H, V), draw(3 * H, H), np.array([-keep_bias] * H + [0.0] * 2 * H)
    xs = rng.standard_normal((T, V))
    sizes = {}
    kept, direct = [], [0.0] * H
    for name, step, weights in (("rnn", _rnn, rnn), ("gru", _gru, gru)):
        h, total = np.zeros(H), np.eye(H)
        for x in xs:
            moved, _ = step(weights, x, h + 1e-30j * np.eye(H))  # row j: h_{t-1} with its entry j moved
            total = moved.imag.T / 1e-30 @ total
            h, z = step(weights, x, h)
            if z is not None:
                kept.append(np.mean(1 - z))
                direct = [log + math.log10(1 - z_j) for log, z_j in zip(direct, z, strict=True)]
        sizes[name] = math.log10(math.sqrt((total**2).sum() / H))
    sizes["direct"] = math.log10(math.sqrt(sum(10 ** (2 * log) for log in direct) / H))
    return sizes | {"T": T, "keep_bias": keep_bias, "keep": np.mean(kept)}


def race(T, seed, film, frame):
    shown = film[frame]
    numbers = {"T": T, "step": 10 * frame, "goal": 0.01}
    for name, step in (("rnn", _rnn), ("lstm", _lstm), ("gru", _gru)):
        error = _error(step, shown.runners[name].params, shown.unseen)
        numbers[name] = error
        ran = next(n for n in range(len(film)) if film[n].runners[name] is shown.runners[name])
        numbers[name + "_at"] = str(10 * ran) if error < 0.01 else "–"
    return numbers


def cost(V, H, B, film, frame):
    def weights(blocks, H):
        return sum(1 for _ in range(blocks * H) for _ in range(V + H + 1))

    counts = {"rnn": weights(1, H), "gru": weights(3, H), "lstm": weights(4, H)}
    same = max(size for size in range(1, 200) if 3 * size * (V + size + 1) <= counts["lstm"])
    return counts | {"V": V, "H": H, "share": 75, "same": same}


ORACLES = {
    "gru.cell": cell, "gru.average": average, "gru.twin": twin, "gru.reset": reset, "gru.gates": gates,
    "gru.highway": highway, "gru.adding": race, "gru.cost": cost,
}  # fmt: skip
