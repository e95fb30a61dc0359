"""The curves that a learner guesses, and what is said of two curves, in plain loops."""

import math

import numpy as np
from oracles import explorers_charlm, explorers_lstm


def _losses(memory):
    for updates in range(0, 41, 2):
        weights = explorers_charlm.slide_network(updates, memory)[0]
        yield explorers_charlm.mean_loss(weights, explorers_charlm.INPUTS, explorers_charlm.TARGETS)


def _toy():
    """Of a unit with w_hh = 1.5 and w_xh = 2, the product of its last factors, two more each time."""
    h, factors = 0.0, []
    for x in np.random.default_rng(4).uniform(-1, 1, 30):
        h = math.tanh(2 * 0.5 * x + 1.5 * h)
        factors.insert(0, 1.5 * (1 - h**2))
    return [math.log10(math.prod(factors[:back])) for back in range(0, 29, 2)]


def _held():
    c = 1.0
    for _ in range(16):
        yield c
        c *= 0.7


CURVES = {
    "charlm.guess_loss": lambda: list(_losses(True)),
    "charlm.guess_memory": lambda: list(_losses(False)),
    "gradients.guess_gradient": _toy,
    "lstm.guess_state": lambda: list(_held()),
    "lstm.guess_gradient": lambda: explorers_lstm._highway(0.0, 100, 0)[0]["total"][::5],
}


def way(before, after, length):
    """1 up, -1 down, 0 level, on an axis of this length."""
    if abs(after - before) <= 0.005 * length:
        return 0
    return 1 if after > before else -1


def looks(curve, length):
    """What a curve looks like: "level", or (up or down, and "straight", "above" or "below" the chord), else None."""
    if max(curve) - min(curve) <= 0.05 * length:
        return "level"
    rise = curve[-1] - curve[0]
    if abs(rise) <= 0.05 * length:
        return None
    off = [y - (curve[0] + rise * n / (len(curve) - 1)) for n, y in enumerate(curve)]
    if max(map(abs, off)) <= 0.2 * abs(rise):
        return rise > 0, "straight"
    mean = sum(off) / len(off)
    if abs(mean) <= 0.1 * abs(rise):
        return None
    return rise > 0, "above" if mean > 0 else "below"


def compare(guess, truth, length):
    gaps = [abs(a - b) for a, b in zip(guess, truth, strict=True)]
    same = 0
    for n in range(1, len(guess)):
        same += way(guess[n - 1], guess[n], length) == way(truth[n - 1], truth[n], length)
    own, typical = looks(guess, length), ""
    if own is not None and own == looks(truth, length):
        typical = "right"
    elif own == "level":
        typical = "constant"
    elif own is not None and own[1] == "straight":
        typical = "straight"
    return {"n": gaps.index(max(gaps)), "apart": max(gaps), "mean": sum(gaps) / len(gaps), "same": same,
            "all": len(guess) - 1, "typical": typical}  # fmt: skip
