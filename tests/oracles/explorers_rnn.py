"""The numbers of chapter 1's captions, by plain loops that know nothing of the library."""

import math


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


def chain(T, t, signal, w00, w01, w10, w11):
    xs = {"pulse": [1, 0, 0, 0, 0], "constant": [1] * 5, "alternating": [1, -1, 1, -1, 1]}[signal]
    h = [0.0, 0.0]
    for x in xs[:t]:
        part = _matvec([[w00, w01], [w10, w11]], h)
        h = [math.tanh(1.0 * x + part[0]), math.tanh(-0.5 * x + part[1])]
    return {"t": t, "T": T, "h0": h[0], "h1": h[1]}


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


def kinds(kind, seed, example, film, frame):
    inputs, outputs, V, classes = TASKS[kind]
    (W_xh, W_hh, b_h), W_hy, b_y = film[frame].params
    xs, targets = film[frame].examples.xs, film[frame].examples.targets
    right, said = 0, ""
    for n in range(xs.shape[1]):
        h = [0.0] * len(b_h)
        for t in range(len(xs)):
            a = W_xh @ (xs[t, n] if t < inputs else 0 * xs[t, n]) + W_hh @ h + b_h
            h = [math.tanh(value) for value in a]
            if t >= len(xs) - outputs:
                answer = max(range(classes), key=(W_hy @ h + b_y).__getitem__)
                right += answer == targets[t, n]
                said += LABELS[kind][answer] + " " if n == example - 1 else ""
    return {
        "inputs": inputs,
        "outputs": outputs,
        "V": V,
        "classes": classes,
        "step": 5 * frame,
        "accuracy": 100 * right / (xs.shape[1] * outputs),
        "said": said.strip(),
    }


ORACLES = {"rnn.step": step, "rnn.chain": chain, "rnn.parameters": parameters, "rnn.picker": kinds}
