"""Which sentence of chapter 6's captions is the true one; see branches_rnn."""

from fractions import Fraction


def average(z, n, **others):
    """Each candidate comes in with the weight z; what was there keeps 1 - z."""
    if n == 0:
        return "start"
    return {0: "keep", 1: "replace"}.get(z, "fast" if 1 - z <= z else "")


def reset(**values):
    """In fractions: no difference is lost or made by rounding."""
    r0, r1, h0, h1, b = (Fraction(str(values[name])) for name in ("r0", "r1", "h0", "h1", "b"))
    W = [[Fraction("0.9"), Fraction("-0.6")], [Fraction("0.4"), Fraction("0.8")]]
    before = [row[0] * r0 * h0 + row[1] * r1 * h1 + b for row in W]
    after = [r * (row[0] * h0 + row[1] * h1 + b) for r, row in zip((r0, r1), W, strict=True)]
    return "same" if before == after else ""


def cost(frame, **others):
    """Times where some were measured; whether of several threads, a test of its own says."""
    return {"timed", "threads"} if frame else ""


BRANCHES = {"gru.average": average, "gru.reset": reset, "gru.cost": cost}
TYPED = {
    "gru.gates": lambda chance, values: {"seed": chance.randint(0, 2), "frames": 2},
    "gru.adding": lambda chance, values: {"T": 10, "seed": chance.randint(0, 2), "frames": 2},
    "gru.cost": lambda chance, values: {"frames": chance.randint(1, 3)},
    "gru.reset": lambda chance, values: chance.choice(({}, {"r1": values["r0"]}, {"h0": 0.0, "h1": 0.0})),
}
TIES = {
    "gru.average": [{"z": z, "n": n} for z in (0.0, 0.01, 0.49, 0.5, 0.51, 0.99, 1.0) for n in (0, 1, 30)],
    "gru.twin": [{"f": 1.0, "i": 0.1}, {"f": 0.0, "i": 0.0, "z": 1.0, "old": -1.0, "new": 0.0}],
    "gru.reset": [{"r1": 0.95, "h0": 0.1, "h1": 0.0}, {"r0": 0.3, "r1": 0.3, "b": 0.1}],
    "gru.highway": [{"T": 10, "keep_bias": bias} for bias in (-1.0, 6.0)],
    "gru.cost": [{"frames": 2}, {"V": 1, "H": 1, "B": 1}],
}
