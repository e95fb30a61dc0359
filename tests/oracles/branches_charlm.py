"""Which sentence of chapter 2's captions is the true one; see branches_rnn."""

from itertools import pairwise


def training(word, memory, **others):
    """Memory is needed where a letter is followed by different ones."""
    pairs = set(pairwise(word))
    needed = len(pairs) > len({first for first, _ in pairs})
    return ("on" if memory else "off") if needed else "not_needed"


def two_ls(memory, film, frame, **others):
    W_hh = (film[frame].on if memory else film[frame].off).params.cell.W_hh
    return "on" if any(value != 0 for row in W_hh for value in row) else "off"


def microscope(word, reads, other, **others):
    reads = reads or word[:-1]
    if not other:
        return "alone"
    if other == reads:
        return "same"
    return "longer" if all(a == b for a, b in zip(reads, other, strict=False)) else "apart"


def sampling(y_h, y_e, y_l, y_o, **others):
    logits = sorted((y_h, y_e, y_l, y_o))
    return "tied" if logits[-1] == logits[-2] else ""


def generation(feed, **others):
    return feed


def word(chance, values):
    letters = "abcdefgh"[: chance.randint(1, 8)]
    some = [
        "aa",
        "ab",
        "aba",
        "hello",
        "mississippi",
        "안녕하세요",
        "".join(chance.choices(letters, k=chance.randint(2, 11))),
    ]
    return {"word": chance.choice(some)}


def sequences(chance, values):
    """A word, and two sequences of its letters that often begin alike."""
    known = chance.choice(["hello", "mississippi", "안녕하세요", "mnopqrstwxy"])
    reads, other = ("".join(chance.choices(known, k=chance.randint(0, 10))) for _ in range(2))
    first = reads or known[:-1]
    return {"word": known, "reads": reads, "other": chance.choice((other, first, first[:2], f"{first}{other}"[:10]))}


BRANCHES = {
    "charlm.training": training,
    "charlm.two_ls": two_ls,
    "charlm.microscope": microscope,
    "charlm.sampling": sampling,
    "charlm.generation": generation,
}
TYPED = {"charlm.training": word, "charlm.microscope": sequences}
TIES = {
    "charlm.sampling": [
        {"y_h": 0.0, "y_e": 0.0, "y_l": 0.0, "y_o": 0.0, "N": 1},
        {"y_h": 6.0, "y_e": 6.0, "tau": 0.0},
        {"y_l": 4.1, "tau": 20.0},
        {"y_h": 1.0, "y_e": 1.0},
    ],
    "charlm.training": [{"word": "abcdefghiaj"}, {"word": "aba"}, {"word": "aa", "memory": False}],
    "charlm.microscope": [{"other": "hell"}, {"other": "hello"}, {"other": "h"}, {"other": "o"}, {"reads": "h", "other": "h"}],
}  # fmt: skip
