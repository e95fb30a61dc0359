"""The numbers of chapter 2's captions, by plain loops that know nothing of the library.

The slide's network is rebuilt from the printed numbers and trained on by an Adam written here, its gradients by the
complex step: no backward pass is needed.
"""

import math
from functools import cache
from itertools import pairwise

import numpy as np
from oracles.cells import bars, cells, dependence, written

LETTERS = "helo"
INPUTS, TARGETS = (0, 1, 2, 2), (1, 2, 2, 3)
H = [[0.3, -0.1, 0.9], [0.96, 0.3, 0.1], [0.1, -0.5, -0.3], [-0.3, 0.9, 0.7]]
Y = [[1.0, 2.2, -3.0, 4.1], [0.5, 0.3, -1.0, 1.2], [0.1, 0.5, 1.9, -1.1], [0.2, -1.5, -0.1, 2.2]]


def run(weights, inputs):
    """(states, logits) of a sequence of ids; weights W_xh, W_hh, b_h, W_hy, b_y."""
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h, hs, ys = 0 * b_h, [], []
    for i in inputs:
        h = np.tanh(W_xh[:, i] + W_hh @ h + b_h)
        hs.append(h)
        ys.append(W_hy @ h + b_y)
    return hs, ys


def soften(y, tau=1.0):
    """Softmax at a temperature, one number after the other; for tau = 0 the largest takes it all."""
    top = max(y)
    if tau == 0:
        return [1.0 if k == list(y).index(top) else 0.0 for k in range(len(y))]
    weights = [math.exp((value - top) / tau) for value in y]
    return [weight / math.fsum(weights) for weight in weights]


def mean_loss(weights, inputs, targets):
    """Complex where a weight is."""
    ys = run(weights, inputs)[1]
    return sum(np.log(np.exp(y).sum()) - y[k] for y, k in zip(ys, targets, strict=True)) / len(targets)


@cache
def slide_network(updates, memory=True):
    """The slide's weights after some updates of Adam at rate 0.1, with the moments; without memory W_hh is held at 0."""
    if updates == 0:
        output = np.linalg.inv([[*h, 1.0] for h in H]) @ Y
        before = [[0.0] * 3, *H[:3]]
        read = np.array([[float(i == k) for k in range(4)] + h for i, h in zip(INPUTS, before, strict=True)])
        recurrent = np.linalg.pinv(read) @ np.arctanh(H)
        weights = [recurrent[:4].T, memory * recurrent[4:].T, np.zeros(3), output[:3].T, output[3]]
        return weights, [0 * w for w in weights], [0 * w for w in weights]
    weights, ms, vs = slide_network(updates - 1, memory)
    new = [], [], []
    for n, weight in enumerate(weights):
        gradient = np.zeros(weight.shape)
        for index in np.ndindex(weight.shape):
            moved = weight.astype(complex)
            moved[index] += 1e-20j
            gradient[index] = mean_loss([*weights[:n], moved, *weights[n + 1 :]], INPUTS, TARGETS).imag / 1e-20
        if n == 1 and not memory:
            gradient[:] = 0
        m = 0.9 * ms[n] + 0.1 * gradient
        v = 0.999 * vs[n] + 0.001 * gradient**2
        step = m / (1 - 0.9**updates) / (np.sqrt(v / (1 - 0.999**updates)) + 1e-8)
        for kept, array in zip(new, (weight - 0.1 * step, m, v), strict=True):
            kept.append(array)
    return new


def hello_slide(t, updates, rounded):
    ys = run(slide_network(updates)[0], INPUTS)[1]
    best = [list(y).index(max(y)) for y in ys]
    losses = [-math.log(soften(y)[k]) for y, k in zip(ys, TARGETS, strict=True)]
    return {
        "read": LETTERS[INPUTS[t - 1]],
        "best": LETTERS[best[t - 1]],
        "largest": ys[t - 1][best[t - 1]],
        "target": LETTERS[TARGETS[t - 1]],
        "p": soften(ys[t - 1])[TARGETS[t - 1]],
        "loss": losses[t - 1],
        "mean": sum(losses) / 4,
        "even": 2 * math.log(2),
        "says": "".join(LETTERS[k] for k in best),
    }


def floor(word):
    total = 0.0
    for a, b in pairwise(word):
        nexts = [second for first, second in pairwise(word) if first == a]
        total -= math.log(nexts.count(b) / len(nexts))
    return total / (len(word) - 1)


def _weights(params):
    return [*params.cell, params.W_hy, params.b_y]


def _ids(word):
    """Each letter as its place among the different ones, in the order of first appearance."""
    chars = []
    for char in word:
        if char not in chars:
            chars.append(char)
    return [chars.index(char) for char in word], len(chars)


def _read(params, ids):
    """p_t after each letter but the last, and the probability of the letter that follows."""
    ps = [soften(y) for y in run(_weights(params), ids[:-1])[1]]
    return ps, [p[k] for p, k in zip(ps, ids[1:], strict=True)]


def _loss(params, ids):
    due = _read(params, ids)[1]
    return -sum(math.log(p) for p in due) / len(due)


def hello_training(word, rate, H, seed, memory, film, frame):
    ids, V = _ids(word)
    params = film[frame].params
    assert params.cell.W_hh.shape == (H, H)
    assert memory or not params.cell.W_hh.any()
    due = _read(params, ids)[1]
    return {
        "letters": len(word),
        "V": V,
        "even": math.log(V),
        "step": frame,
        "loss": _loss(params, ids),
        "floor": floor(word),
        "worst": min(due),
        "read": word[due.index(min(due))],
        "target": word[due.index(min(due)) + 1],
    }


HELLO = [*INPUTS, TARGETS[-1]]


def two_ls(seed, memory, film, frame):
    params = (film[frame].on if memory else film[frame].off).params
    assert memory or not params.cell.W_hh.any()
    hs, ps = run(_weights(params), INPUTS)[0], _read(params, HELLO)[0]
    return {
        "step": frame,
        "distance": math.dist(hs[2], hs[3]),
        "loss": _loss(params, HELLO),
        "floor": math.log(2) / 2,
        "first_l": ps[2][2],
        "first_o": ps[2][3],
        "second_l": ps[3][2],
        "second_o": ps[3][3],
    }


def microscope(word, reads, other, H, seed, memory, film, frame):
    made, chars, reads = film[frame], list(dict.fromkeys(word)), reads or word[:-1]
    assert memory or not made.params.cell.W_hh.any()
    hs, ys = run(_weights(made.params), map(chars.index, reads))
    p = soften(ys[-1])
    shown = {"step": frame, "loss": _loss(made.params, _ids(word)[0]), "reads": reads, "best": chars[p.index(max(p))]}
    shown |= {"p": max(p), "plane": "The plane is that of the two units."}
    if H > 2:
        places, states = _plane(word, reads, other, film, frame)
        share = 100 * np.sum(np.square(places)) / np.sum(np.square(states))
        shown["plane"] = lambda words: f" {H} units " in words and f" {share:.3g}%" in words
    if other and other != reads:
        last = run(_weights(made.params), map(chars.index, other))[0][-1]
        differ = [t for t, (one, two) in enumerate(zip(reads, other, strict=False)) if one != two]
        shown["distance"] = math.dist(hs[-1], last)
        here = {"apart": differ[0] + 1, "letter": reads[differ[0]], "other_letter": other[differ[0]]} if differ else {}
        shown |= here or {"common": min(len(reads), len(other))}
    return shown


def _plane(word, reads, other, film, frame):
    """(places, states) of both sequences one after the other; the plane is that of the two longest directions of the newest
    frame, from the eigenvectors of the sum of h hᵀ."""

    def states(n):
        chars, weights = list(dict.fromkeys(word)), _weights(film[n].params)
        return [h for read in (reads, other) for h in run(weights, map(chars.index, read))[0]]

    newest, shown = states(len(film) - 1), states(frame)
    if len(newest[0]) == 2:
        return [list(h) for h in shown], shown
    _, found = np.linalg.eigh(sum(np.outer(h, h) for h in newest))
    both = []
    for direction in (found[:, -1], found[:, -2]):
        farthest = max((direction @ h for h in newest), key=abs)
        both.append(direction * (0 if abs(farthest) < 1e-9 else math.copysign(1, farthest)))
    return [[direction @ h for direction in both] for h in shown], shown


def pick(number, p):
    """The letter in whose stretch of [0, 1) the number falls."""
    upto = 0.0
    for k, share in enumerate(p):
        upto += share
        if number < upto:
            return k
    raise AssertionError(f"{number} is beyond the sum {upto}")


def sampling(y_h, y_e, y_l, y_o, tau, N, seed):
    y = [y_h, y_e, y_l, y_o]
    p = soften(y, tau)
    drawn = [pick(number, p) for number in np.random.default_rng(seed).random(N)]
    best = [k for k in range(4) if y[k] == max(y)]
    together = {"p_all": math.fsum(p[k] for k in best)} if len(best) > 1 else {}
    return together | {
        "best": ", ".join(LETTERS[k] for k in best),
        "p_best": max(p),
        "n_best": sum(drawn.count(k) for k in best),
        "target": "e",
        "p": p[1],
        "n": drawn.count(1),
        "N": N,
        "loss": -math.log(soften(y)[1]),
    }


def generation(feed, updates, start, letters, tau, seed):
    weights = slide_network(updates)[0]
    numbers = np.random.default_rng(seed)
    reads, text = [LETTERS.index(start)] if feed == "own" else list(INPUTS[:letters]), ""
    for t in range(letters if feed == "own" else len(reads)):
        p = soften(run(weights, reads[: t + 1])[1][-1], tau)
        text += LETTERS[pick(numbers.random(), p)]
        if feed == "own":
            reads.append(LETTERS.index(text[-1]))
    chance = 100.0
    for y, k in zip(run(weights, INPUTS)[1], TARGETS, strict=True):
        chance *= soften(y, tau)[k]
    began = {"start": start} if feed == "own" else {}  # the sentence on true letters does not name it
    return began | {"text": text, "tau": tau, "updates": updates, "chance": chance}


# ---- what the charts show, artist by artist in the order of the picture function; a function stands for "such that"
def losses_picture(curves, frame, loss, top):
    """Losses so far; a ring at the loss of the shown frame, or a triangle where it is above the axes."""
    return [
        *((range(len(curve)), curve) for curve in curves),
        {"data": ([frame], [loss]), "visible": loss <= top},
        {"data": ([frame], [top]), "visible": loss > top},
    ]


def hello_training_picture(word, rate, H, seed, memory, film, frame):
    ids, V = _ids(word)
    losses = [_loss(made.params, ids) for made in film]
    return losses_picture([losses], frame, losses[frame], max(2.0, 1.4 * math.log(V)))


def two_ls_picture(seed, memory, film, frame):
    params = (film[frame].on if memory else film[frame].off).params
    hs = run(_weights(params), INPUTS)[0]

    def best(x, y):
        """The letter with the largest logit at points of the plane of states."""
        return np.argmax([w[0] * x + w[1] * y + b for w, b in zip(params.W_hy, params.b_y, strict=True)], axis=0)

    ends = np.linspace(-1.1, 1.1, 201)
    letters = np.array([best(ends, y) for y in ends])  # row by row, from the bottom to the top

    def region(k):
        if not (letters == k).mean() > 0.03:
            return {"visible": False}
        return {"visible": True, "text": f"→ {LETTERS[k]}", "position": lambda at: best(*at) == k and _inside(at)}

    off, on = ([_loss(getattr(pair, name).params, HELLO) for pair in film] for name in ("off", "on"))
    return [
        {"data": letters, "extent": (-1.1, 1.1, -1.1, 1.1), "origin": "lower"},
        *map(region, range(4)),
        ([h[0] for h in hs], [h[1] for h in hs]),
        *names(hs, ["h₁", "e₂", "l₃", "l₄"], 4),
        ([hs[2][0], hs[3][0]], [hs[2][1], hs[3][1]]),
        *losses_picture([off, on], frame, (on if memory else off)[frame], 2.0),
    ]


def names(places, words, most, scale=1):
    """The names of states that are together are one, near the first of them and inside the axes; up to `most`."""
    groups = []
    for place, word in zip(places, words, strict=True):
        for first, found in groups:
            if max(abs(first[0] - place[0]), abs(first[1] - place[1])) < 0.15 * scale:
                found.append(word)
                break
        else:
            groups.append((place, [word]))

    def near(place, words):
        reach = 0.2 + 0.05 * len(words)
        return lambda at: (
            abs(at[0] - place[0]) < reach * scale
            and abs(at[1] - place[1]) < 0.3 * scale
            and _inside(np.divide(at, scale))
        )

    shown = [{"text": " ".join(found), "position": near(place, " ".join(found))} for place, found in groups]
    return shown + [{"text": ""}] * (most - len(shown))


def microscope_picture(word, reads, other, H, seed, memory, film, frame):
    reads = reads or word[:-1]
    places, end = _plane(word, reads, other, film, frame)[0], 1.1 * (1 if H == 2 else math.sqrt(H))
    first, second = places[: len(reads)], places[len(reads) :]
    differ = [t for t, (one, two) in enumerate(zip(reads, other, strict=False)) if one != two]
    since = differ[0] if differ else len(reads)
    words = [f"{char}{STEPS[t]}" for t, char in enumerate(reads)]
    words += [f"{char}{STEPS[t]}′" for t, char in enumerate(other)][since:]
    axes = ("$h_t$[0]", "$h_t$[1]") if H == 2 else ("first main direction", "second main direction")
    return [
        {"xlim": (-end, end), "ylim": (-end, end), "xlabel": axes[0], "ylabel": axes[1]},
        tuple(zip(*second, strict=True)) or ((), ()),
        tuple(zip(*first, strict=True)),
        *names(first + second[since:], words, 20, end / 1.1),
    ]


STEPS = ["₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉", "₁₀"]


def _inside(at):
    return max(abs(at[0]), abs(at[1])) < 1.1


def sampling_picture(y_h, y_e, y_l, y_o, tau, N, seed):
    y, at = [y_h, y_e, y_l, y_o], sampling(y_h, y_e, y_l, y_o, tau, N, seed)
    p = soften(y, tau)
    drawn = [pick(number, p) for number in np.random.default_rng(seed).random(N)]
    share = [drawn.count(k) / N for k in range(4)]
    numbers = []
    for k in range(4):
        written = f"{abs(y[k]):.1f}"
        sign = "\N{MINUS SIGN}" if y[k] < 0 and float(written) else ""
        numbers += [
            {"text": sign + written, "position": (k, y[k] + (0.55 if y[k] >= 0 else -0.55))},
            {"text": f"{p[k]:.2f}", "position": (k - 0.2, p[k] + 0.035)},
        ]
    top = LETTERS.index(at["best"][0])
    return [
        y,
        p,
        share,
        *numbers,
        {"text": "largest", "xy": (top, max(y[top], 0))},
        {"text": "target", "xy": (1, max(p[1], share[1]))},
    ]


def slide_diagram(t, updates, rounded):
    W_xh, W_hh, b_h, *_ = slide_network(updates)[0]
    hs, ys = run(slide_network(updates)[0], INPUTS)
    expected, xs = {"V": "4", "H": "3"}, [[float(k == i) for k in range(4)] for i in INPUTS]

    def states(xs, h):
        made = []
        for x in xs:
            h = np.tanh(W_xh @ np.array(x) + W_hh @ np.array(h) + b_h)
            made.append(h)
        return made

    for step, (h, y) in enumerate(zip(hs, ys, strict=True), start=1):
        expected |= cells(f"x_{step}", [float(k == INPUTS[step - 1]) for k in range(4)])
        shown = {"h": list(h), "y": list(y), "p": soften(y)}
        for name, values in shown.items():
            expected |= cells(f"{name}_{step}", values) if step <= t else {f"{name}_{step}": False}
        expected |= dict.fromkeys((f"x_{step}>h_{step}", f"h_{step}>y_{step}", f"y_{step}>p_{step}"), step <= t)
        expected |= {f"{name}~{step}": step <= t for name in ("W_xh", "W_hy")}
        expected |= {f"h_{step - 1}>h_{step}": step <= t, f"W_hh~{step - 1}": step <= t} if step > 1 else {}
        best = max(range(4), key=lambda k: y[k])
        right = best == TARGETS[step - 1]
        says = {"fill": f"var(--l-{'ink' if right else 'vermilion'})", "words": LETTERS[best]}
        due = {"y": 122 + 27 * TARGETS[step - 1]}
        expected |= (
            {f"says_{step}": says, f"due_{step}": due} if step <= t else {f"says_{step}": False, f"due_{step}": False}
        )
        expected[f"now_{step}"] = step == t
        sizes = {later: dependence(states, xs, [0.0] * 3, later) for later in range(step, 5)}
        expected[f"x_{step}?shade"] = {f"h_{later}": sizes[later][f"x_{step}"] for later in range(step, 5)}
        if step <= t:
            expected[f"h_{step}?shade"] = sizes[step]
    return expected


# ---- what the diagrams show, by id
def hello_training_diagram(word, rate, H, seed, memory, film, frame):
    """The letters of the rows, of the columns what is read and what comes next; p, and the frame around the next one."""
    ids, V = _ids(word)
    wide, high = min(110, 440 / (len(word) - 1)), min(46, 300 / V)  # pixels
    shown = {f"row_{k}": _drawn(word[ids.index(k)]) for k in range(V)}
    for t, p in enumerate(_read(film[frame].params, ids)[0]):
        shown |= {f"p_{t + 1}.{k}": p[k] for k in range(V)}
        shown |= {f"read_{t + 1}": _drawn(word[t]), f"target_{t + 1}": _drawn(word[t + 1])}
        place = {"x": 62 + t * wide, "y": 220 + high * (ids[t + 1] - V / 2), "width": wide, "height": high}
        shown[f"due_{t + 1}"] = place
    return shown


def microscope_diagram(word, reads, other, H, seed, memory, film, frame):
    """What both read; the states as bars from -1 to 1, p from 0 to 1, ticks for the second one; the likeliest letter."""
    chars, reads, weights = list(dict.fromkeys(word)), reads or word[:-1], _weights(film[frame].params)
    (hs, ys), (others, y_others) = (run(weights, map(chars.index, read)) for read in (reads, other))
    steps, high = max(len(reads), len(other)), min(28, 190 / len(chars))  # pixels
    pitch, h_high = min(90, 440 / steps), min(28 * H, 120)
    top, wide = 50, 0.66 * pitch
    h_top, shown = top + high * len(chars) + 30, {f"row_{k}": _drawn(char) for k, char in enumerate(chars)}
    for t in range(steps):
        left, step = 70 + (t + 0.5) * pitch - wide / 2, STEPS[t]
        h, h_other = (list(found[t]) if t < len(found) else [] for found in (hs, others))
        p, p_other = (soften(found[t]) if t < len(found) else [] for found in (ys, y_others))
        for name, y, tall, one, two, low in (
            ("h", h_top, h_high, h, h_other, -1),
            ("p", top, h_top - 30 - top, p, p_other, 0),
        ):
            shown |= bars(f"{name}_{t + 1}", left, y, (wide, tall), one, low, two)
            said = [
                f"{name}{step}{mark} = {', '.join(map(written, those))}"
                for mark, those in (("", one), ("′", two))
                if those
            ]
            shown[f"{name}_{t + 1}"] = {"data-name": "; ".join(said)}
        if t < len(reads):
            shown |= {f"read_{t + 1}": _drawn(reads[t]), f"likeliest_{t + 1}": _drawn(chars[p.index(max(p))])}
        if t < len(other):
            shown[f"read'_{t + 1}"] = _drawn(other[t])
    return shown


def _drawn(char):
    return char if char.isascii() or "가" <= char <= "힣" else f"{ord(char):04X}"


def generation_diagram(feed, updates, start, letters, tau, seed):
    """What is read and written (vermilion where it is wrong), p, the frame around what is chosen, the way back."""
    weights, text = slide_network(updates)[0], generation(feed, updates, start, letters, tau, seed)["text"]
    reads, shown = (start + text)[:-1] if feed == "own" else "hell"[:letters], {}
    for t, (read, chosen) in enumerate(zip(reads, text, strict=True)):
        inputs = [LETTERS.index(char) for char in reads[: t + 1]]
        p, k = soften(run(weights, inputs)[1][-1], tau), LETTERS.index(chosen)
        ink = "ink" if feed == "own" or chosen == "ello"[t] else "vermilion"
        shown |= {f"p_{t + 1}.{n}": p[n] for n in range(4)} | cells(f"h_{t + 1}", list(run(weights, inputs)[0][-1]))
        shown |= {f"read_{t + 1}": read, f"written_{t + 1}": [chosen, {"fill": f"var(--l-{ink})"}]}
        shown[f"chosen_{t + 1}"] = {"x": 115 + 92 * t, "y": 110 + 32 * k, "width": 56, "height": 32}
        if t + 1 < len(text):
            shown[f"back_{t + 1}"] = feed == "own"
    return shown


ORACLES = {
    "charlm.slide": hello_slide,
    "charlm.training": hello_training,
    "charlm.two_ls": two_ls,
    "charlm.microscope": microscope,
    "charlm.sampling": sampling,
    "charlm.generation": generation,
}

DIAGRAMS = {
    "charlm.slide": slide_diagram,
    "charlm.training": hello_training_diagram,
    "charlm.microscope": microscope_diagram,
    "charlm.generation": generation_diagram,
}

PICTURES = {
    "charlm.training": hello_training_picture,
    "charlm.two_ls": two_ls_picture,
    "charlm.microscope": microscope_picture,
    "charlm.sampling": sampling_picture,
}
