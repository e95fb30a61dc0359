"""What chapter 4's captions say and its charts show, by plain loops that know nothing of the library."""

import math
from decimal import Decimal
from functools import cache

import numpy as np

EPS = 2.0**-52


def _log10(size):
    with np.errstate(divide="ignore"):
        return np.log10(size)


def _size(log10, digits=3):
    """A number given by its logarithm, by exact decimal arithmetic: in powers of ten from 1e-3 down, 1e4 up."""
    if log10 == -math.inf:
        return "0"
    if -3 <= log10 < 4:
        return f"{10**log10:.{digits}g}"
    whole = math.floor(log10)
    mantissa, carry = f"{Decimal(10) ** (Decimal(log10) - whole):.{digits - 1}e}".split("e")
    return f"{mantissa}e{whole + int(carry):+03d}"


def _value(activation, a):
    """phi, of a number or of an array; sigmoid by the hyperbolic tangent, which never overflows."""
    if activation in ("tanh", "sigmoid"):
        return np.tanh(a) if activation == "tanh" else (1 + np.tanh(a / 2)) / 2
    return np.maximum(a, 0.0) if activation == "relu" else a


def _log10_slope(activation, a):
    """log10 of the derivative; tanh' = 1 / cosh^2, sigmoid' = 1 / (2 cosh(a/2))^2, both large-|a| safe."""
    if activation == "tanh":
        return -2 * (np.logaddexp(a, -a) - math.log(2)) / math.log(10)
    if activation == "sigmoid":
        return -2 * np.logaddexp(a / 2, -a / 2) / math.log(10)
    return np.where(a > 0, 0.0, -math.inf) if activation == "relu" else 0.0 * np.sign(a)


@cache
def _toy(xs, w_xh, w_hh, b, activation="tanh"):
    """(states h_0.., pre-activations, log10 of each step's derivative) for the tuple of inputs xs."""
    h, a, slopes = [0.0], [], []
    for x in xs:
        a.append(w_xh * x + b + w_hh * h[-1])
        h.append(float(_value(activation, a[-1])))
        slopes.append(float(_log10_slope(activation, a[-1])))
    return h, a, slopes


def _back(slopes, weight):
    """log10 of dh_t/dh_s for s = 0..t = len(slopes), factor by factor from t back, each phi' w_hh."""
    sizes = [0.0]
    for slope in reversed(slopes):
        sizes.append(sizes[-1] + slope + weight)
    return sizes[::-1]


def first_guess(w_hh, x, b):
    _, _, slopes = _toy((x,) * 3, 2.0, w_hh, b)
    return {
        "gradient": 10 ** slopes[2] * w_hh * 10 ** slopes[1] * w_hh,
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


def _inputs(signal, T, x):
    """x times a signal of size 1, a tuple."""
    if signal == "noise":
        return tuple(x * float(value) for value in np.random.default_rng(4).uniform(-1, 1, 1000)[:T])
    signals = {"constant": [1.0] * T, "pulse": [1.0] + [0.0] * (T - 1), "alternating": [(-1.0) ** t for t in range(T)]}
    return tuple(x * value for value in signals[signal])


def _flow(activation, T, w_hh, scale, b, w_xh, signal, x):
    """(w, pre-activations, log10 of the slopes) of the scalar RNN."""
    w = w_hh * {"one": 1, "thousand": 1000, "million": 1000000}[scale]
    return w, *_toy(_inputs(signal, T, x), w_xh, w, b, activation)[1:]


def flow(**values):
    w, a, slopes = _flow(**values)
    weights, derivatives, gradient = _flow_parts(w, slopes)
    numbers = {
        "n": len(a) - 1,
        "log10": gradient[1],
        "gradient": ("log10", gradient[1]),
        "weight": ("log10", weights[1]),
        "derivative": ("log10", derivatives[1]),
    }
    infinite = [t for t, value in enumerate(a, 1) if math.isinf(value)]
    off = [t for t, slope in enumerate(slopes, 1) if slope == -math.inf]
    if infinite:
        numbers["step"] = infinite[0]
    elif w != 0 and gradient[1] == -math.inf:
        numbers["step"] = off[-1]
    return numbers


def _flow_parts(w, slopes):
    """log10 of the weights' part, of the derivatives' part and of dh_T/dh_s itself, s = 0..T."""
    weight = _log10(abs(w))
    return _back([0.0] * len(slopes), weight), _back(slopes, 0.0), _back(slopes, weight)


def _machine(T, t, s, w_hh, b, signal, x):
    """(t, s, log10 |w_hh|, log10 of the slopes, rows of log10 |dh_t/dh_s|: row t has s = 0..t)."""
    t = min(t, T)
    weight, slopes = _log10(abs(w_hh)), _toy(_inputs(signal, T, x), 2.0, w_hh, b)[2]
    return t, min(s, t), weight, slopes, [_back(slopes[:end], weight) for end in range(T + 1)]


def time_machine(**values):
    t, s, weight, slopes, rows = _machine(**values)
    pairs = [rows[end][start] for end in range(len(rows)) for start in range(end)]
    numbers = {
        "t": t,
        "s": s,
        "n": t - s,
        "log10": rows[t][s],
        "gradient": ("log10", rows[t][s]),
        "share": 100 * sum(size < -3 for size in pairs) / len(pairs),
    }
    if t > s:
        numbers["weight"] = "log10", sum(weight for _ in range(s, t))
        numbers["derivative"] = "log10", sum(slopes[s:t])
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


@cache
def _run(example, H, radius, nonnormality, seed, drive, T, change=0.0):
    """(W_xh, W_hh, inputs, states) of the network on noise whose first input is changed."""
    W_xh, W = _network(example, H, radius, nonnormality, seed)
    xs = drive * np.random.default_rng(seed + 1000).standard_normal(T)
    xs[0] += change
    return W_xh, W, xs, _states(W_xh, W, xs)


def _way_back(W, states):
    """[(product, log10 of its scale)] of dh_T/dh_s for s = T..0, scaled down at every step so that it stays in range."""
    product, scale = np.eye(len(W)), 0.0
    way = [(product, scale)]
    for h in reversed(states[1:]):
        product = product @ np.array([(1 - value**2) * row for value, row in zip(h, W, strict=True)])
        largest = np.abs(product).max()
        product, scale = product / largest, scale + math.log10(largest)
        way.append((product, scale))
    return way


def _rms_back(W, states):
    """log10 of the root of the mean squared singular value of dh_T/dh_s for s = T..0."""
    return [scale + math.log10((product**2).sum() / len(W)) / 2 for product, scale in _way_back(W, states)]


@cache
def _matrices(matrix, radius, nonnormality, drive, H, T, seed):
    """(singular values of W_hh, sizes of its eigenvalues, states, log10 of the rms singular value after n steps)."""
    _, W, _, states = _run(matrix == "example", H, radius, nonnormality, seed, drive, T)
    sigmas = [math.sqrt(max(0.0, square)) for square in np.linalg.eigvalsh(W.T @ W)[::-1]]
    sizes = [0.8**0.5 * 0.5**0.5] * 2 + [0.3] if matrix == "example" else [radius] * H
    return sigmas, sorted(sizes, reverse=True), states, _rms_back(W, states)


@cache
def _singular(matrix, radius, nonnormality, drive, H, T, seed):
    """{n: log10 of the singular values of the product of the last n steps} for some n from 0 to T."""
    _, W, _, states = _run(matrix == "example", H, radius, nonnormality, seed, drive, T)
    way = _way_back(W, states)
    spans = sorted({k * T // 6 for k in range(7)})
    return {n: way[n][1] + _log10(np.linalg.svd(way[n][0])[1]) for n in spans}


def matrices(**values):
    sigmas, sizes, states, rms = _matrices(**values)
    slopes = [1 - value**2 for h in states[1:] for value in h]
    largest = _singular(**values)[values["T"]][0]
    return {
        "log10": largest,
        "norm": ("log10", largest),
        "sigma": sigmas[0],
        "radius": sizes[0],
        "H": len(sizes),
        "slope": sum(slopes) / len(slopes),
        "hump": ("log10", max(rms)),
        "at": rms.index(max(rms)),
    }


W_GRID, B_GRID = np.linspace(-8, 8, 65), np.linspace(-4, 4, 41)


@cache
def _regimes_map(activation, T, x):
    """log10 |dh_T/dh_1|, a row for each b: all points of the map at once, step by step."""
    w, drive = W_GRID[None, :], 2.0 * x + B_GRID[:, None]
    h, total = _value(activation, drive + 0 * w), 0.0
    for _ in range(T - 1):
        a = drive + w * h
        h, total = _value(activation, a), total + _log10_slope(activation, a) + _log10(np.abs(w))
    return total


def regimes(activation, T, x, w_hh, b):
    sizes = _regimes_map(activation, T, x)
    here = sum(_toy((x,) * T, 2.0, w_hh, b, activation)[2][1:]) + (T - 1) * _log10(abs(w_hh))
    vanishing, exploding = (100 * float(part.sum()) / sizes.size for part in (sizes < -3, sizes > 3))
    return {
        "log10": here,
        "gradient": ("log10", here),
        "vanishing": vanishing,
        "exploding": exploding,
        "between": 100 - vanishing - exploding,
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


@cache
def _walks(w_start, b_start, rate, clip, limit, T, frames):
    """Gradient descent, plain and clipped: for each a list of (w, b, loss, norm of the gradient)."""
    walks = []
    for clipped in (False, True):
        w, b, walk = w_start, b_start, []
        for _ in range(frames):
            loss, by_w, by_b = _cliff_loss(w, b, T)
            norm = math.hypot(by_w, by_b)
            walk.append((w, b, loss, norm))
            if clipped and clip == "norm" and norm > limit:
                by_w, by_b = by_w * limit / norm, by_b * limit / norm
            elif clipped and clip == "value":
                by_w, by_b = max(-limit, min(limit, by_w)), max(-limit, min(limit, by_b))
            w, b = w - rate * by_w, b - rate * by_b
        walks.append(walk)
    return walks


def cliff(film, frame, **values):
    plain, clipped = _walks(**values, frames=frame + 1)
    numbers = {
        "w": plain[-1][0],
        "b": plain[-1][1],
        "loss": plain[-1][2],
        "w_clipped": clipped[-1][0],
        "b_clipped": clipped[-1][1],
        "clipped": clipped[-1][2],
        "norm": max(norm for *_, norm in plain),
    }
    return numbers | ({"start_norm": plain[0][3]} if frame == 0 else {})


@cache
def _change(radius, drive, exponent, T, seed):
    """What a change of x_1 becomes: (sizes measured, what rounding may make of them, sizes by the derivative), t = 1..T."""
    change = 10.0**exponent
    W_xh, W, xs, states = _run(False, 16, radius, 0.0, seed, drive, T)
    moved = _run(False, 16, radius, 0.0, seed, drive, T, change)[3]
    direction, linear = np.zeros(16), []
    for t in range(T):
        direction = (1 - states[t + 1] ** 2) * (W @ direction + (change * W_xh if t == 0 else 0.0))
        linear.append(math.hypot(*direction))
    measured = [math.hypot(*(b - a)) for a, b in zip(states[1:], moved[1:], strict=True)]
    xs = np.array([abs(xs[0]) + change, *np.abs(xs[1:])])
    rounded = np.add(*(_rounding(W_xh, W, xs, run) for run in (states, moved)))
    return measured, 4 * rounded, linear


def _rounding(W_xh, W, sizes, states):
    """The size that the rounding errors of all steps so far may have in h_t, t = 1..T: each is passed on like a change."""
    covariance, found = np.zeros(W.shape), []
    for before, h, x in zip(states, states[1:], sizes, strict=False):
        step = (1 - h**2)[:, None] * W
        new = EPS * (np.abs(W_xh) * x + np.abs(W) @ np.abs(before) + np.abs(h))
        covariance = step @ covariance @ step.T + np.diag(new**2)
        found.append(math.sqrt(np.trace(covariance)))
    return np.array(found)


def _within(sizes, rounding):
    """Approves of log10 values that are those of the sizes but for rounding; what is not drawn has rounded to 0."""
    low, high = (_log10(np.maximum(0, np.array(sizes) + way * rounding)) for way in (-1, 1))

    def approve(shown):
        drawn = np.where(np.isnan(shown), -math.inf, shown)
        return np.shape(drawn) == low.shape and bool(np.all((low - 1e-6 <= drawn) & (drawn <= high + 1e-6)))

    return approve


def forward_side(radius, drive, exponent, T, seed):
    measured, rounding, linear = _change(radius, drive, exponent, T, seed)
    _, W, _, states = _run(False, 16, radius, 0.0, seed, drive, T)

    def last(written):
        shown, digits = float(written), 0.005 * float(written)
        return abs(shown - measured[-1]) <= rounding[-1] + digits

    grew = linear[-1] > max(1, linear[0]) and measured[-1] < linear[-1] / math.sqrt(10)
    return ({"linear_1": ("log10", math.log10(linear[0]))} if grew else {}) | {
        "change": 10.0**exponent,
        "first": ("log10", math.log10(measured[0])),
        "last": last,
        "linear": ("log10", math.log10(linear[-1])),
        "log10": math.log10(linear[-1]),
        "back": ("log10", _rms_back(W, states)[T - 1]),
    }


FRESH = 200  # sequences on which the error is measured


@cache
def _fresh(T):
    """The sequences of (value, mark) and the sums of the two marked values, drawn again in the same order."""
    rng = np.random.default_rng(1_000_000)
    xs = np.stack([rng.random((T, FRESH)), np.zeros((T, FRESH))], axis=2)
    for first, end in ((0, T // 2), (T // 2, T)):
        for n, t in enumerate(rng.integers(first, end, size=FRESH)):
            xs[t, n, 1] = 1.0
    return xs, [sum(value for value, mark in xs[:, n] if mark == 1) for n in range(FRESH)]


def _adding_run(params, xs):
    """(answers, states) of a trained network."""
    (W_xh, W_hh, b_h), W_hy, b_y = params
    h = [np.zeros((xs.shape[1], len(b_h)))]
    for x in xs:
        h.append(np.tanh(x @ W_xh.T + h[-1] @ W_hh.T + b_h))
    return (h[-1] @ W_hy.T + b_y)[:, 0], h


def _adding_error(params, T):
    xs, sums = _fresh(T)
    answers, _ = _adding_run(params, xs)
    return sum((answer - due) ** 2 for answer, due in zip(answers, sums, strict=True)) / FRESH


def _adding_reach(params, T):
    """log10 of the rms singular value of dh_T/dh_s on the first fresh sequence, s = 0..T."""
    states = _adding_run(params, _fresh(T)[0][:, :1])[1]
    return _rms_back(params[0][1], [h[0] for h in states])[::-1]


def _adding(T, film, frame, updates):
    errors = [_adding_error(params, T) for params in film[frame].params]
    numbers = {
        "step": 40 * frame,
        "budget": updates,
        "error": errors[0],
        "solved": sum(error < 0.01 for error in errors),
        "seeds": len(errors),
        "goal": 0.01,
        "reach": ("log10", _adding_reach(film[frame].params[0], T)[1]),
    }
    return numbers | ({"chance": 1 / 6} if frame == 0 or numbers["solved"] == len(errors) else {})


def adding(T, seed, film, frame):
    return _adding(T, film, frame, 3_000)


def patient(T, seed, film, frame):
    return _adding(T, film, frame, 15_000)


# ---- what the charts show, artist by artist in the order of the picture function
def first_guess_picture(w_hh, x, b):
    h, a, slopes = _toy((x,) * 3, 2.0, w_hh, b)
    weight = math.log10(w_hh)
    factors = [slopes[2], weight, slopes[1], weight]
    bottoms, heights = [*(sum(factors[:n]) for n in range(4)), 0.0], [*factors, sum(factors)]
    expected = []
    for t in (1, 2, 3):
        slope, half = 10 ** slopes[t - 1], 1.6 / math.sqrt(1 + 16 * 10 ** (2 * slopes[t - 1]))
        aside = 0.23 * t if h[t] >= 0 else -0.23 * t
        expected += [
            ([a[t - 1] - half, a[t - 1] + half], [h[t] - half * slope, h[t] + half * slope]),
            {"text": f"$a_{t}$", "position": (a[t - 1], h[t] + aside)},
            _size(slopes[t - 1], 2),
        ]
    expected += [(a, h[1:]), (bottoms, heights)]
    for n, (bottom, height) in enumerate(zip(bottoms, heights, strict=True)):
        words = _size(height, 2) if n == 4 else f"×{_size(height, 2)}"
        above = height >= 0
        place = {"position": (n, bottom + height + (0.25 if above else -0.25)), "va": "bottom" if above else "top"}
        expected.append({"text": words} | place)
    return expected


def geometric_picture(w, n):
    powers, logs = [1.0], [0.0]
    for _ in range(100):
        powers.append(powers[-1] * w)
        logs.append(logs[-1] + _log10(abs(w)))
    down = range(100, -1, -1)
    ring = logs[n] if math.isfinite(logs[n]) else math.nan
    return [(down, powers[::-1]), ([n], [powers[n]]), (down, logs[::-1]), ([n], [ring])]


def flow_picture(**values):
    T = values["T"]
    w, _, slopes = _flow(**values)
    ts, dotted = list(range(1, T + 1)), T <= 60
    marks, line = (slice(1, None), slice(0)) if dotted else (slice(0), slice(1, None))
    parts = [(ts, sizes[1:]) for sizes in _flow_parts(w, slopes)]
    factors = [(ts[shown], sizes[shown]) for sizes in ([_log10(abs(w))] * T, slopes) for shown in (marks, line)]
    off = [t for t in ts[1:] if slopes[t - 1] == -math.inf]
    return [{"xlim": (1 - 0.02 * T, 1.02 * T)}, *parts, *factors, (off, [-8] * len(off))]


def time_machine_picture(**values):
    T = values["T"]
    t, s, weight, slopes, rows = _machine(**values)
    sizes = np.full((T + 1, T + 1), np.nan)
    for end, row in enumerate(rows):
        sizes[end, : end + 1] = row
    ends = (-0.5, T + 0.5)

    def bars(sizes):  # step n at bar n, only those on the way
        return [max(-12, min(8, sizes[n - 1])) if s < n <= t else math.nan for n in range(1, 41)]

    return [
        {"xlim": ends, "ylim": ends},
        {"data": sizes, "extent": ends + ends},
        ([s, t], [t, t]),
        {"xy": (s - 0.5, t - 0.5)},
        {"xlim": (T + 0.6, 0.4)},
        bars(slopes),
        bars([weight] * T),
        (range(s + 1, t + 1), rows[t][s:t]),  # at step n the product of all factors met from t back to n
    ]


def matrices_picture(**values):
    T = values["T"]
    sigmas, sizes, _, rms = _matrices(**values)
    singular = _singular(**values)
    down, across = range(T, -1, -1), np.linspace(0, 1, len(sizes))
    held = np.concatenate(list(singular.values()))
    share = 10.0 ** np.concatenate([logs - logs[0] for logs in singular.values()])  # of the largest of its product

    def approve(shown):  # what is small beside the largest is known less well, and what is lost is not shown
        lost = np.isnan(shown)
        right = np.abs(shown - held) < 1e-6 * (1 + np.abs(held)) + 1e-15 / np.maximum(share, EPS)
        return shown.shape == held.shape and np.all(np.where(lost, share < 1e-11, right & (share > len(sizes) * EPS)))

    def is_radius(shown):  # eigenvalues of a matrix far from normal are known to half the digits
        return np.allclose(shown, [n * math.log10(sizes[0]) for n in down], rtol=1e-6, atol=1e-5)

    return [
        {"xlim": (-0.02 * T, 1.02 * T)},
        (down, [n * math.log10(sigmas[0]) for n in down]),
        (down, is_radius),
        (down, rms[::-1]),
        {"xdata": np.repeat(list(singular), len(sizes)), "ydata": approve},
        (across, sigmas),
        (across, sizes),
        (across, [4 if sigma > 4 else math.nan for sigma in sigmas]),
    ]


def regimes_picture(activation, T, x, w_hh, b):
    return [_regimes_map(activation, T, x), ([w_hh], [b])]


@cache
def _cliff_map(T):
    """The loss over the map, a row for each b."""
    w, b = np.linspace(-1, 4, 101)[None, :], np.linspace(-1.5, 1, 81)[:, None]
    h = 0.5
    for _ in range(T):
        h = np.tanh(w * h + b)
    return (h + 0.5) ** 2


def cliff_picture(film, frame, **values):
    expected = [_cliff_map(values["T"]), ([0, 60], [math.log10(values["limit"])] * 2)]
    for walk in _walks(**values, frames=frame + 1):
        ws, bs, losses, norms = zip(*walk, strict=True)
        expected += [
            (ws, bs),
            ([max(-1, min(4, ws[-1]))], [max(-1.5, min(1, bs[-1]))]),
            (range(frame + 1), losses),
            (range(frame, -1, -1), _log10(norms)[::-1]),
        ]
    return expected


def forward_side_picture(radius, drive, exponent, T, seed):
    measured, rounding, linear = _change(radius, drive, exponent, T, seed)
    _, W, _, states = _run(False, 16, radius, 0.0, seed, drive, T)
    down = range(T, 0, -1)
    return [
        {"xlim": (1, T)},
        {"xlim": (1, T)},
        (down, _log10(linear)[::-1]),
        (down, _within(measured[::-1], rounding[::-1])),
        (range(1, T + 1), _rms_back(W, states)[::-1][1:]),
    ]


def adding_picture(T, seed, film, frame):
    expected = [{"xlim": (1, T)}]
    for n, params in enumerate(film[frame].params):
        logs = [math.log10(_adding_error(course.params[n], T)) for course in film]
        held = [max(-3, min(1, log)) for log in logs]
        expected += [
            (range(0, 40 * len(film), 40), held),
            ([40 * frame], [held[frame]]),
            (range(1, T + 1), _adding_reach(params, T)[1:]),
        ]
    return expected


PICTURES = {
    "gradients.first_guess": first_guess_picture,
    "gradients.geometric": geometric_picture,
    "gradients.flow": flow_picture,
    "gradients.time_machine": time_machine_picture,
    "gradients.matrices": matrices_picture,
    "gradients.regimes": regimes_picture,
    "gradients.cliff": cliff_picture,
    "gradients.forward_side": forward_side_picture,
    "gradients.adding": adding_picture,
    "gradients.patient": adding_picture,
}

ORACLES = {
    "gradients.first_guess": first_guess,
    "gradients.geometric": geometric,
    "gradients.flow": flow,
    "gradients.time_machine": time_machine,
    "gradients.matrices": matrices,
    "gradients.regimes": regimes,
    "gradients.cliff": cliff,
    "gradients.forward_side": forward_side,
    "gradients.adding": adding,
    "gradients.patient": patient,
}
