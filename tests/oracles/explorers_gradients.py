"""The numbers of chapter 4's captions, by plain loops that know nothing of the library."""

import math
from decimal import Decimal

import numpy as np

MAX_EXPONENT = 700  # exp(709) is the last one that float64 holds


def _log10(value):
    return math.log10(value) if value > 0 else -math.inf


def _size(log10):
    """A number given by its logarithm, by exact decimal arithmetic: 3 digits, in powers of ten from 1e-3 down, 1e4 up."""
    if log10 == -math.inf:
        return "0"
    if -3 <= log10 < 4:
        return f"{10**log10:.3g}"
    whole = math.floor(log10)
    digits, carry = f"{Decimal(10) ** (Decimal(log10) - whole):.2e}".split("e")
    return f"{digits}e{whole + int(carry):+03d}"


def _value(activation, a):
    if activation == "tanh":
        return math.tanh(a)
    if activation == "sigmoid":
        return 1 / (1 + math.exp(-a)) if a > -MAX_EXPONENT else 0.0
    return max(a, 0.0) if activation == "relu" else a


def _log10_slope(activation, a):
    """log10 of the derivative; tanh' = 1 / cosh^2, sigmoid' = 1 / (2 cosh(a/2))^2, both large-|a| safe."""
    if activation == "tanh":
        return -2 * _log10_cosh(a)
    if activation == "sigmoid":
        return -2 * (math.log10(2) + _log10_cosh(a / 2))
    return -math.inf if activation == "relu" and not a > 0 else 0.0


def _log10_cosh(a):
    if abs(a) > MAX_EXPONENT:
        return abs(a) * math.log10(math.e) - math.log10(2)
    return math.log10(math.cosh(a))


def _toy(xs, w_xh, w_hh, b, activation="tanh"):
    """(states h_0.., pre-activations, log10 of each step's derivative)."""
    h, a, slopes = [0.0], [], []
    for x in xs:
        a.append(w_xh * float(x) + b + w_hh * h[-1])
        h.append(_value(activation, a[-1]))
        slopes.append(_log10_slope(activation, a[-1]))
    return h, a, slopes


def first_guess(w_hh, x, b):
    _, _, slopes = _toy([x] * 3, 2.0, w_hh, b)
    return {
        "gradient": 10 ** slopes[2] * w_hh * 10 ** slopes[1] * w_hh,
        "log10": slopes[2] + slopes[1] + 2 * math.log10(w_hh),
        "slope_3": 10 ** slopes[2],
        "slope_2": 10 ** slopes[1],
        "weights": w_hh * w_hh,
    }


def geometric(w, n):
    power = 1.0
    for _ in range(n):
        power *= w
    numbers = {"power": power}
    if abs(w) not in (0.0, 1.0):
        numbers["tenfold"] = math.log(10) / abs(math.log(abs(w)))
    return numbers


def _signal(name, T):
    if name == "noise":
        return list(np.random.default_rng(4).uniform(-1, 1, 1000)[:T])
    return {"constant": [1.0] * T, "pulse": [1.0] + [0.0] * (T - 1), "alternating": [(-1.0) ** t for t in range(T)]}[
        name
    ]


def gradient_flow(activation, T, w_hh, scale, b, w_xh, signal, x):
    w = w_hh * {"one": 1, "thousand": 1000, "million": 1000000}[scale]
    _, a, slopes = _toy([x * value for value in _signal(signal, T)], w_xh, w, b, activation)
    weight = derivative = total = 0.0
    for t in range(T, 1, -1):
        weight += _log10(abs(w))
        derivative += slopes[t - 1]
        total += _log10(abs(w)) + slopes[t - 1]
    numbers = {"log10": total, "gradient": _size(total), "weight": _size(weight), "derivative": _size(derivative)}
    infinite = [t for t, value in enumerate(a, 1) if math.isinf(value)]
    off = [t for t, slope in enumerate(slopes, 1) if slope == -math.inf]
    if infinite:
        numbers["step"] = infinite[0]
    elif w != 0 and total == -math.inf:
        numbers["step"] = off[-1]
    return numbers


def time_machine(T, t, s, w_hh, b, signal, x):
    t = min(t, T)
    s = min(s, t)
    _, _, slopes = _toy([x * value for value in _signal(signal, T)], 2.0, w_hh, b)
    weight = _log10(abs(w_hh))

    def log10(end, start):
        return sum(slopes[n - 1] + weight for n in range(start + 1, end + 1))

    pairs = [(end, start) for end in range(T + 1) for start in range(end)]
    numbers = {
        "t": t,
        "s": s,
        "n": t - s,
        "log10": log10(t, s),
        "gradient": _size(log10(t, s)),
        "share": 100 * sum(log10(*pair) < -3 for pair in pairs) / len(pairs),
    }
    if t > s:
        numbers["weight"] = _size(sum(weight for _ in range(s, t)))
        numbers["derivative"] = _size(sum(slopes[n - 1] for n in range(s + 1, t + 1)))
    return numbers


EXAMPLE = [[0.3, 0.0, 1.2], [0.0, 0.0, 0.5], [0.0, 0.8, 0.0]]


def _recurrent(rng, H, radius, nonnormality):
    """A random matrix by its real Schur form: rotations on the diagonal, noise above them, in a random basis."""
    Q, R = np.linalg.qr(rng.standard_normal((H, H)))
    for j in range(H):
        Q[:, j] *= math.copysign(1, R[j, j])
    signs = rng.choice([-1.0, 1.0], H)
    angles = rng.uniform(0, math.pi, (H - 1) // 2)
    schur = np.zeros((H, H))
    for j in range(H):
        schur[j, j] = signs[j]
    noise = rng.standard_normal((H, H))
    for i in range(H):
        noise[i, : i + 1] = 0
    for block, angle in enumerate(angles):
        i = 2 * block
        schur[i : i + 2, i : i + 2] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        noise[i, i + 1] = 0
    total = math.sqrt(sum(value * value for row in noise for value in row))
    return radius * (Q @ (schur + nonnormality * math.sqrt(H) * noise / (total or 1)) @ Q.T)


def _network(example, H, radius, nonnormality, seed):
    rng = np.random.default_rng(seed)
    W = np.array(EXAMPLE) if example else _recurrent(rng, H, radius, nonnormality)
    return rng.standard_normal((len(W), 1))[:, 0], W


def _states(W_xh, W, xs):
    h = [np.zeros(len(W))]
    for x in xs:
        h.append(np.array([math.tanh(value) for value in W_xh * x + W @ h[-1]]))
    return h


def _log10_product(W, states, start, norm):
    """log10 of the norm of dh_T/dh_start, the product scaled down at every step so that it stays in range."""
    product, scale = np.eye(len(W)), 0.0
    for h in states[start + 1 :]:
        product = np.array([(1 - value**2) * row for value, row in zip(h, W, strict=True)]) @ product
        largest = np.abs(product).max()
        if largest == 0:
            return -math.inf
        product, scale = product / largest, scale + math.log10(largest)
    return scale + math.log10(norm(product))


def _rms(product):
    return math.sqrt((product**2).sum() / len(product))


def matrix_flow(matrix, radius, nonnormality, drive, H, T, seed):
    W_xh, W = _network(matrix == "example", H, radius, nonnormality, seed)
    states = _states(W_xh, W, drive * np.random.default_rng(seed + 1000).standard_normal(T))
    slopes = [1 - value**2 for h in states[1:] for value in h]
    return {
        "log10": _log10_product(W, states, 0, lambda product: np.linalg.norm(product, 2)),
        "sigma": math.sqrt(np.linalg.eigvalsh(W.T @ W)[-1]),
        "radius": 0.8**0.5 * 0.5**0.5 if matrix == "example" else radius,
        "T": T,
        "H": 3 if matrix == "example" else H,
        "slope": sum(slopes) / len(slopes),
    }


def regimes(activation, T, x, w_hh, b):
    def log10(w, bias):
        return sum(_toy([x] * T, 2.0, w, bias, activation)[2][1:]) + (T - 1) * _log10(abs(w))

    sizes = [log10(w, bias) for w in np.linspace(-8, 8, 65) for bias in np.linspace(-4, 4, 41)]
    return {
        "T": T,
        "log10": log10(w_hh, b),
        "gradient": _size(log10(w_hh, b)),
        "vanishing": 100 * sum(size < -3 for size in sizes) / len(sizes),
        "exploding": 100 * sum(size > 3 for size in sizes) / len(sizes),
    }


def _cliff_loss(w, b, T):
    """(loss, dL/dw, dL/db) of (h_T - (-1/2))^2 from h_0 = 1/2, with derivatives carried forward along the states."""
    h, by_w, by_b = 0.5, 0.0, 0.0
    for _ in range(T):
        new = math.tanh(w * h + b)
        slope = 1 - new * new
        by_w, by_b = slope * (h + w * by_w), slope * (1 + w * by_b)
        h = new
    return (h + 0.5) ** 2, 2 * (h + 0.5) * by_w, 2 * (h + 0.5) * by_b


def cliff(w_start, b_start, rate, clip, limit, T, film, frame):
    places = {"plain": (w_start, b_start), "clipped": (w_start, b_start)}
    for _ in range(frame):
        for name, (w, b) in places.items():
            _, by_w, by_b = _cliff_loss(w, b, T)
            norm = math.hypot(by_w, by_b)
            if name == "clipped" and clip == "norm" and norm > limit:
                by_w, by_b = by_w * limit / norm, by_b * limit / norm
            elif name == "clipped" and clip == "value":
                by_w, by_b = max(-limit, min(limit, by_w)), max(-limit, min(limit, by_b))
            places[name] = w - rate * by_w, b - rate * by_b
    numbers = {"loss": _cliff_loss(*places["plain"], T)[0]}
    if frame == 0:
        numbers["start_norm"] = math.hypot(*_cliff_loss(w_start, b_start, T)[1:])
    numbers["clipped"] = _cliff_loss(*places["clipped"], T)[0]
    return numbers


def forward_side(radius, drive, exponent, T, seed):
    W_xh, W = _network(False, 16, radius, 0.0, seed)
    xs = drive * np.random.default_rng(seed + 1000).standard_normal(T)
    states = _states(W_xh, W, xs)
    change = 10.0**exponent * W_xh * (1 - states[1] ** 2)
    for h in states[2:]:
        change = (1 - h**2) * (W @ change)
    moved = _states(W_xh, W, [xs[0] + 10.0**exponent, *xs[1:]])
    return {
        "T": T,
        "change": 10.0**exponent,
        "log10": _log10(math.hypot(*change)),
        "log10_first": _log10(math.hypot(*(moved[1] - states[1]))),
        "log10_back": _log10_product(W, states, 1, _rms),
    }


def _adding(film, frame, seeds):
    errors = []
    for (W_xh, W_hh, b_h), W_hy, b_y in film[frame].params:
        xs = film[frame].fresh.xs
        h = np.zeros((xs.shape[1], len(b_h)))
        for x in xs:
            h = np.tanh(x @ W_xh.T + h @ W_hh.T + b_h)
        sums = [sum(value for value, mark in xs[:, n] if mark == 1) for n in range(xs.shape[1])]
        answers = (h @ W_hy.T + b_y)[:, 0]
        errors.append(sum((answer - due) ** 2 for answer, due in zip(answers, sums, strict=True)) / len(sums))
    return {
        "error": errors[0],
        "solved": sum(error < 0.01 for error in errors),
        "seeds": seeds,
        "chance": 1 / 6,
    }


def adding_rnn(T, seed, film, frame):
    return _adding(film, frame, 2)


def adding_patient(T, seed, film, frame):
    return _adding(film, frame, 1)


ORACLES = {
    "gradients.first_guess": first_guess,
    "gradients.geometric": geometric,
    "gradients.flow": gradient_flow,
    "gradients.time_machine": time_machine,
    "gradients.matrices": matrix_flow,
    "gradients.regimes": regimes,
    "gradients.cliff": cliff,
    "gradients.forward_side": forward_side,
    "gradients.adding": adding_rnn,
    "gradients.patient": adding_patient,
}
