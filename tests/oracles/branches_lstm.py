"""Which sentence of chapter 5's captions is the true one; see branches_rnn."""

from oracles import explorers_lstm as loops


def grow(cell, way, **others):
    """Forward by the states that there are; backward by the factors of the direct path."""
    if way == "forward":
        return "h" if cell in ("rnn", "gru") else "c"
    return "gates" if cell in ("forget", "input", "lstm") else cell


def gate(gate, **others):
    return gate


def hold(leak, **others):
    return "leak" if leak > 0 else "closed"


def colour(what, **others):
    return "influence" if what == "influence" else "unit"


def highway(**values):
    """Alike where the ratio would be written as 10^0.0."""
    ends = loops.highway(**values)
    if f"{ends['ahead']:.1f}" == "0.0":
        return "alike"
    return "ahead" if ends["total"] > ends["rnn"] else "behind"


def adding(T, seed, film, frame):
    """By how many cells have been below the goal at a frame up to the shown one."""
    won = [any(error < 0.01 for error in loops._errors(name, T, seed, film[: frame + 1])) for name in ("rnn", "lstm")]
    return ["none", "one", "both"][sum(won)]


def prose(frame, **others):
    return "start" if frame == 0 else "going"


BRANCHES = {
    "lstm.grow": grow, "lstm.gate": gate, "lstm.hold": hold, "lstm.colour": colour, "lstm.highway": highway,
    "lstm.adding": adding, "lstm.prose": prose,
}  # fmt: skip
TEXTS = ("hello", "ab", "그리고 나서", "nmaes.txt", "the cat (which was black) sat on the mat. ")


def few(chance, values):
    """A small network, of few texts and seeds."""
    return {"text": chance.choice(TEXTS), "seed": chance.choice((0, 1, 99)), "frames": 2}


def inputs(chance, values):
    """Inputs of the growing cell, large ones among them."""
    return {"xs": " ".join(chance.choices(("0", "1", "-0.5", "4", "-9", "9"), k=chance.randint(0, 8)))}


TYPED = {
    "lstm.grow": inputs, "lstm.gates": few, "lstm.colour": few,
    "lstm.adding": lambda chance, values: {"T": 10, "seed": chance.randint(0, 1), "frames": 2},
    "lstm.prose": lambda chance, values: {"text": chance.choice(TEXTS), "frames": 2},
}  # fmt: skip
TIES = {
    "lstm.grow": [{"cell": cell, "way": way, "t": 8} for cell in loops.GATES for way in ("forward", "backward")],
    "lstm.gate": [{"gate": gate, "x": x, "h_prev": h, "b": b} for gate in "figo"
                  for x, h, b in ((0.7, 0.9, -0.5), (2.0, -1.0, 6.0), (-2.0, 1.0, -6.0))],
    "lstm.hold": [{"value": -0.5, "f": 1.0, "n": 1, "leak": 0.5}, {"n": 0}, {"n": 0, "leak": 0.1}, {"f": 0.0}, {"value": 0.0}],
    "lstm.highway": [{"bias": 0.0, "T": 20, "seed": 28}, {"bias": 0.1, "T": 100, "seed": 21}, {"bias": 0.0, "seed": 0}],
    "lstm.adding": [{"T": 10, "frames": 30}, {"T": 10, "frames": 67}],
}  # fmt: skip
