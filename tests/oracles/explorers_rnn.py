"""The numbers of chapter 1's captions, by plain loops that know nothing of the library."""

import cmath
import math
from itertools import accumulate

import numpy as np
from oracles.cells import bars, cells, dependence, written


def _matvec(W, x):
    return [sum(w * value for w, value in zip(row, x, strict=True)) for row in W]


def step(x0, x1, h0, h1, w_xh, w_hh):
    x_part = _matvec([[w_xh, -0.5], [0.3, 0.8]], [x0, x1])
    h_part = _matvec([[w_hh, -0.4], [0.6, 0.2]], [h0, h1])
    a = [x_part[0] + h_part[0] + 0.1, x_part[1] + h_part[1] - 0.2]
    return {
        "x_part": x_part[0],
        "h_part": h_part[0],
        "b_part": 0.1,
        "a0": a[0],
        "h0": math.tanh(a[0]),
        "h1": math.tanh(a[1]),
        "difference": 0,
    }


def step_diagram(x0, x1, h0, h1, w_xh, w_hh):
    W_xh, W_hh, b = [[w_xh, -0.5], [0.3, 0.8]], [[w_hh, -0.4], [0.6, 0.2]], [0.1, -0.2]
    x, h, xh, hh = [x0, x1], [h0, h1], _matvec(W_xh, [x0, x1]), _matvec(W_hh, [h0, h1])
    a = [sum(parts) for parts in zip(xh, hh, b, strict=True)]
    shown = {"W_xh": W_xh, "W_hh": W_hh, "W": [left + right for left, right in zip(W_xh, W_hh, strict=True)], "x": x,
             "x'": x, "h_prev": h, "h_prev'": h, "b": b, "b'": b, "xh": xh, "hh": hh, "a": a, "a_joined": a,
             "h": [math.tanh(value) for value in a]}  # fmt: skip
    numbers = {id: value for name, values in shown.items() for id, value in cells(name, values).items()}
    return numbers | {"V": "2", "H": "2"}


def _chain_states(xs, w00, w01, w10, w11, h=(0.0, 0.0)):
    states = []
    for (x,) in xs:
        past = _matvec([[w00, w01], [w10, w11]], h)
        h = [cmath.tanh(1.0 * x + past[0]), cmath.tanh(-0.5 * x + past[1])]
        states.append(h)
    return states


def chain(level, T, t, xs, other, w00, w01, w10, w11):
    t, mine = min(t, T), [[value] for value in xs[:T]]
    h = _chain_states(mine, w00, w01, w10, w11)[t - 1]
    numbers = {"t": t, "T": T, "h0": h[0].real, "h1": h[1].real}
    if level != "unrolled":
        return numbers | ({f"a{n}": cmath.atanh(h[n]).real for n in (0, 1)} if level == "step" else {})
    if other is None or (differ := [n for n in range(T) if xs[n] != other[n]]) == []:
        return numbers
    theirs = _chain_states([[value] for value in other[:T]], w00, w01, w10, w11)[t - 1]
    numbers["apart"] = differ[0] + 1
    return numbers | ({"distance": math.dist(np.real(h), np.real(theirs))} if t > differ[0] else {})


def chain_diagram(level, T, t, xs, other, w00, w01, w10, w11):
    W, t, w = [[1.0, w00, w01], [-0.5, w10, w11]], min(t, T), (w00, w01, w10, w11)
    if level != "unrolled":
        past = [[0, 0], *_chain_states([[value] for value in (np.zeros(5) if xs is None else xs)], *w)]
        shown = {"W" if level == "folded" else f"W_{t}": W, f"x_{t}": 0.0 if xs is None else xs[t - 1]}
        shown |= {f"h_{step}": [value.real for value in past[step]] for step in (t - 1, t)}
        if level == "step":
            a = [
                sum(w * value for w, value in zip(row, [shown[f"x_{t}"], *past[t - 1]], strict=True)).real for row in W
            ]
            shown |= {"a": a, "b_h": [0.0, 0.0]}
        expected = {id: value for name, values in shown.items() for id, value in cells(name, values).items()}
        return expected | {"note": f"step t = {t} of T = {T}"}
    shown = {f"W{copy}": W for copy in ("", *(f"_{step}" for step in range(1, T + 1)))}
    expected = {id: value for name, values in shown.items() for id, value in cells(name, values).items()}
    mine, theirs = (
        [[float(value)] for value in (np.zeros(5) if typed is None else typed)[:T]] for typed in (xs, other)
    )

    def run(xs, h):
        return _chain_states(xs, *w, h)

    sizes = {step: dependence(run, mine, [0.0, 0.0], step) for step in range(1, T + 1)}
    for mark, inputs, on in (("", mine, True), ("'", theirs, other is not None)):
        for step, h in enumerate(_chain_states(inputs, *w), start=1):
            seen = on and step <= t
            expected[f"x{mark}_{step}"] = inputs[step - 1][0] if on else False
            expected |= cells(f"h{mark}_{step}", [h[0].real, h[1].real]) if seen else {f"h{mark}_{step}": False}
    for step in range(1, T + 1):
        expected[f"now_{step}"] = step == t
        expected[f"x_{step}?shade"] = {f"h_{later}": sizes[later][f"x_{step}"] for later in range(step, T + 1)}
        if step <= t:
            expected[f"h_{step}?shade"] = sizes[step]
    return expected | {"note": f"step t = {t} of T = {T}"}


def parameters(T, V, H):
    rnn = sum(1 for _ in range(H) for _ in range(V + H + 1))
    window = sum(1 for _ in range(H) for _ in range(T * V + 1))
    crossing = next(steps for steps in range(1, 1000) if steps * V > V + H)
    return {"T": T, "rnn": rnn, "window": window, "ratio": window / rnn, "crossing": crossing}


TASKS = {  # steps with an input, steps with an output, size of an input, number of classes
    "one_to_one": (1, 1, 2, 2),
    "one_to_many": (1, 4, 9, 9),
    "many_to_one": (5, 1, 4, 2),
    "many_to_many_delayed": (3, 3, 4, 4),
    "many_to_many_in_step": (6, 6, 4, 4),
}
LABELS = {
    "one_to_one": ["0", "1"],
    "one_to_many": list("plusringe"),
    "many_to_one": ["good", "bad"],
    "many_to_many_delayed": list("ABCD"),
    "many_to_many_in_step": list("1234"),
}


def _targets(kind, seed, xs):
    """The right classes of examples (T, n, V) as rows of outputs, from what each task asks for."""
    if kind == "one_to_one":
        return [[int(first != second) for first, second in xs[0]]]
    if kind == "one_to_many":  # the pictures are noisy: which one was meant is drawn again
        meant = np.random.default_rng(seed + 1_000_000).integers(0, 3, xs.shape[1])
        names = [("plus", "ring", "line")[n] for n in meant]
        return [[LABELS[kind].index(name[t]) for name in names] for t in range(4)]
    sequences = xs.argmax(axis=2).T.tolist()
    if kind == "many_to_one":
        return [[int(_opinion(words) < 0) for words in sequences]]
    if kind == "many_to_many_delayed":
        return [[letters[2 - t] for letters in sequences] for t in range(3)]
    return list(zip(*(accumulate(numbers, max) for numbers in sequences), strict=True))


def _opinion(words):
    """Of good, bad, not, film: "not" turns the next word around."""
    values = [(1, -1, 0, 0)[word] for word in words]
    return sum(-value if before == 2 else value for before, value in zip([3, *words], values, strict=False))


def _answers(kind, params, xs):
    """The classes with the largest output, in rows as above."""
    inputs, outputs, _, _ = TASKS[kind]
    (W_xh, W_hh, b_h), W_hy, b_y = params
    h, answers = np.zeros((len(b_h), xs.shape[1])), []
    for t, x in enumerate(xs):
        h = np.tanh(W_xh @ x.T * (t < inputs) + W_hh @ h + b_h[:, None])
        if t >= len(xs) - outputs:
            answers.append((W_hy @ h + b_y[:, None]).argmax(axis=0))
    return answers


def _states(kind, params, xs):
    """h_1 ... h_T of one example (T, V)."""
    (W_xh, W_hh, b_h), *_ = params
    hs = [0 * b_h]
    for t, x in enumerate(xs):
        hs.append(np.tanh(W_xh @ x * (t < TASKS[kind][0]) + W_hh @ hs[-1] + b_h))
    return hs[1:]


def _share(kind, seed, made):
    xs = made.examples.xs
    return np.mean(np.equal(_answers(kind, made.params, xs), _targets(kind, seed, xs)))


def kinds(kind, seed, example, film, frame):
    inputs, outputs, V, classes = TASKS[kind]
    made, xs = film[frame], film[frame].examples.xs
    said, right = _answers(kind, made.params, xs), _targets(kind, seed, xs)
    return {
        "T": max(inputs, outputs) if kind != "many_to_many_delayed" else inputs + outputs,
        "inputs": inputs,
        "outputs": outputs,
        "V": V,
        "classes": classes,
        "step": 5 * frame,
        "accuracy": 100 * _share(kind, seed, made),
        "said": " ".join(LABELS[kind][row[example - 1]] for row in said),
        "right": " ".join(LABELS[kind][row[example - 1]] for row in right),
    }


def kinds_diagram(kind, seed, example, film, frame):
    inputs, outputs, _, _ = TASKS[kind]
    made, xs = film[frame], film[frame].examples.xs
    said, right = _answers(kind, made.params, xs), _targets(kind, seed, xs)
    expected = {}
    for n, (one, other) in enumerate(zip(said, right, strict=True)):
        name, good = LABELS[kind][one[example - 1]], one[example - 1] == other[example - 1]
        expected[f"answer_{len(xs) - outputs + n + 1}"] = f"{name} {'✓' if good else '✗'}"
    for t, h in enumerate(_states(kind, made.params, xs[:, example - 1]), start=1):
        left = 100 * ((7.4 - (len(xs) - 1) * 1.15) / 2 + 0.35 + 1.15 * (t - 1) - 0.3)
        unit = max(range(32), key=lambda n, h=h: abs(h[n]))
        said = (
            f"h{'₁₂₃₄₅₆'[t - 1]}: 32 units, each a bar from −1 to 1; farthest from 0 is unit {unit}, {written(h[unit])}"
        )
        expected |= {f"h_{t}": {"data-name": said}} | bars(f"h_{t}", left, 98, (60, 116), h, -1)
    for t in range(1, inputs + 1):
        for n, line in enumerate(_read(kind, xs[t - 1, example - 1]).split("\n")):
            expected[f"word_{t}.{n}"] = line
    return expected


def _read(kind, x):
    """What one input says."""
    if kind == "one_to_one":
        return ", ".join(f"{value:.0f}" for value in x)
    if kind == "one_to_many":
        return "\n".join("".join("█" if value > 0.5 else "░" for value in row) for row in x.reshape(3, 3))
    names = {
        "many_to_one": ["good", "bad", "not", "film"],
        "many_to_many_delayed": "abcd",
        "many_to_many_in_step": "1234",
    }
    return names[kind][int(x.argmax())]


# ---- what the charts show, artist by artist in the order of the picture function
def parameters_picture(T, V, H):
    Ts = range(1, 201)
    at = parameters(T, V, H)
    side, ha = (8, "left") if T <= 60 else (-8, "right")
    tags = [
        {"text": f"{at[name]:,}", "xy": (T, at[name]), "position": (side, up), "ha": ha}
        for name, up in (("rnn", -8), ("window", 8))
    ]
    return [
        (Ts, [H * V + H * H + H for _ in Ts]),
        (Ts, [H * steps * V + H for steps in Ts]),
        {"xdata": (T, T)},
        *tags,
    ]


def kinds_picture(kind, seed, example, film, frame):
    shares = [_share(kind, seed, made) for made in film]
    return [(range(0, 5 * len(film), 5), shares), ([5 * frame], [shares[frame]])]


ORACLES = {"rnn.step": step, "rnn.chain": chain, "rnn.parameters": parameters, "rnn.picker": kinds}

DIAGRAMS = {"rnn.step": step_diagram, "rnn.chain": chain_diagram, "rnn.picker": kinds_diagram}
PICTURES = {"rnn.parameters": parameters_picture, "rnn.picker": kinds_picture}
