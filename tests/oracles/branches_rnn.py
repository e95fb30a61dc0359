"""Which sentence of chapter 1's captions is the true one, by plain loops that know nothing of the library.

The names in every such file, which `checks.Claims` reads: BRANCHES gives the true sentence, or the set of true ones, by
explorer ("" for the caption that has no branches); TIES more settings to be tried than random ones, with ties and extremes
among them (`frames`: how far a film runs); TYPED random settings where those of `checks.anywhere` will not do, as for a
typed text; BORROWED the explorer whose sentences another one says.
"""


def chain(level, T, t, xs, other, **W):
    """A second sequence has the same states as long as it has the same inputs."""
    if level != "unrolled":
        return level
    if other is None:
        return ""
    differ = [n for n in range(1, T + 1) if (0.0 if xs is None else xs[n - 1]) != other[n - 1]]
    return "same" if not differ else "before" if min(t, T) < differ[0] else "apart"


def picker(kind, film, frame, **others):
    """By the steps with inputs and outputs."""
    reads, writes = (list(mask) for mask in (film[frame].examples.x_mask, film[frame].examples.y_mask))
    how = "_to_".join("many" if sum(mask) > 1 else "one" for mask in (reads, writes))
    return how if "one" in how else f"{how}_in_step" if reads[-1] else f"{how}_delayed"


def sequences(chance, values):
    """Inputs of few values, so that two sequences often begin alike; often the same one twice."""
    xs, other = (" ".join(chance.choices(("0", "1", "-0.5"), k=chance.randint(0, 5))) for _ in range(2))
    return {"xs": xs, "other": chance.choice((other, other, xs, f"{xs} 1" if len(xs.split()) < 5 else xs))}


BRANCHES = {"rnn.chain": chain, "rnn.picker": picker}
TYPED = {"rnn.chain": sequences}
TIES = {
    "rnn.chain": [
        {"T": 1, "t": 1},
        {"T": 1, "t": 1, "level": "folded"},
        {"T": 1, "other": "1 5"},  # they differ behind the last step
        {"T": 3, "t": 3, "other": "1 0 1"},
        {"T": 3, "t": 2, "other": "1 0 1"},
        {"xs": "0 0", "other": "0"},
        {"xs": "", "other": "0"},
    ],
    "rnn.picker": [{"kind": "many_to_many_in_step"}, {"kind": "many_to_many_delayed", "frames": 1}],
}
