"""The explorers of chapter 2: the slide, training live, the two l's, the microscope, logits and samples, writing."""

from functools import cache
from itertools import zip_longest
from typing import NamedTuple

import matplotlib.colors
import numpy as np
from matplotlib.ticker import MultipleLocator

from lecture_utils import bptt, charlm, hello, rnn
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import Tag, axes_at, curve, edge_mark, ghosted, ring, write
from lecture_utils.drawing.diagram import Board, letter, number, sub
from lecture_utils.drawing.network import Network, dot, shades
from lecture_utils.functions import cross_entropy, leaves, one_hot, softmax
from lecture_utils.optimizers import TrainingStopped
from lecture_utils.texts import text
from lecture_utils.widgets.engine import Choice, Entry, Refusal, Slider, Switch, explorer

LETTERS, READS, DUE = hello.VOCABULARY, hello.INPUTS[:, 0], hello.TARGETS[:, 0]
T, V = len(READS), len(LETTERS)
EVEN = np.log(V)  # the loss of guessing evenly
UPDATES = 40  # from the slide's network to one that has learnt "hello"


def _spelt(ids):
    return "".join(LETTERS[i] for i in ids)


@cache
def slide_training():
    """The Snapshots of training the slide's network on."""
    return tuple(charlm.train(rnn, hello.rebuild(), hello.WORD, UPDATES))


def _slide_line(updates):
    return f'*_, made = charlm.train(rnn, hello.rebuild(), "hello", {updates})\n'


# ---- the slide, number by number (2.1, 2.2)
SLIDE_CELL = (0.52, 0.27)


def compute_slide(t, updates, rounded):
    """The forward pass over "hell" after some updates, hs (T, 3), ys and ps (T, V); the numbers of step t."""
    made, i = slide_training()[updates], t - 1
    trace, logits = bptt.forward(rnn, made.params, hello.INPUTS)
    ys = logits[:, 0]
    losses, best = cross_entropy(ys, DUE), ys.argmax(axis=1)
    weights = {name.rpartition(".")[2]: array for name, array in leaves(made.params)}
    on_h, on_x = rnn.dependence(made.params.cell, trace)
    return {"weights": weights, "on_h": on_h, "on_x": on_x, "hs": trace.h[:, 0], "ys": ys, "ps": made.probs,
            "says": _spelt(best),
            "read": LETTERS[READS[i]], "best": LETTERS[best[i]], "largest": ys[i].max(), "target": LETTERS[DUE[i]],
            "p": made.probs[i, DUE[i]], "loss": losses[i], "mean": losses.mean(), "even": EVEN}  # fmt: skip


def draw_slide(d):
    """One column for each step, from the letter read at the bottom to the target on top, as on the slide."""
    wide, high = SLIDE_CELL
    left, x_top, h_top, y_top = 1.22, 1.68, 2.84, 4.28
    net = Network(8.0, 5.5, T, first=left + wide / 2, pitch=1.68)
    for y, word in ((0.36, "reads"), (4.78, "largest"), (5.1, "target")):
        net.write(0.12, y, text(f"charlm.slide.word.{word}"), ha="left")
    for y, words in ((x_top - 2 * high, "$x_t$"), (h_top - 1.5 * high, "$h_t$"), (y_top - 2 * high, "$y_t$ , $p_t$")):
        net.write(0.12, y, words, size=13, ha="left")
    for top in (x_top, y_top):
        for row, char in enumerate(LETTERS):
            net.write(left - 0.14, top - (row + 0.5) * high, char)
    for name, weights in d.weights.items():
        net.unseen(name, weights)
    shown, steps = np.arange(T) < d.t, range(1, T + 1)

    def state(t):  # x_t is 1 at one letter, 0 elsewhere
        past = f" + {dot('W_hh', f'h_{t - 1}', 3)}" if t > 1 else ""
        return f"tanh({{W_xh.#.{READS[t - 1]}}}{past} + {{b_h.#}})"

    def probability(t):
        return f"exp({{y_{t}.#}}) / ({' + '.join(f'exp({{y_{t}.{n}}})' for n in range(V))})"

    shade, read = shades(d.on_h, d.on_x)
    look, decimals = {"cell": SLIDE_CELL, "shown": shown}, 1 if d.rounded else 2
    net.row("x", x_top, one_hot(READS, V), "input", SLIDE_CELL, decimals=0, shade=read)
    net.row("h", h_top, d.hs, "hidden", decimals=decimals, formula=state, shade=shade, **look)
    made = {"formula": lambda t: dot("W_hy", f"h_{t}", 3) + " + {b_y.#}"}
    net.row("y", y_top, d.ys, "output", largest=4, decimals=decimals, **made, **look)
    net.row("p", y_top, d.ps, "output", dx=0.76, formula=probability, **look)
    for t, on in zip(steps, shown, strict=True):
        x, right = net.middle(t), d.says[t - 1] == LETTERS[DUE[t - 1]]
        net.write(x, 0.36, LETTERS[READS[t - 1]], size=13)
        net.write(
            x + 0.76, 4.78, d.says[t - 1], size=13, id=f"says_{t}", fill="ink" if right else "vermilion", visible=on
        )
        net.write(x + 0.76, 5.1, LETTERS[DUE[t - 1]], size=13, bold=True)
        net.frame(x + 0.76 - wide / 2, y_top - (DUE[t - 1] + 1) * high, wide, high, id=f"due_{t}", visible=on)
        net.link("x", t, "h", t, "input", on)
        net.link("h", t, "y", t, "output", on)
        net.link("y", t, "p", t, "output", on)
        if t > 1:
            net.link("h", t - 1, "h", t, "hidden", on)
            net.weight(x - 0.84, h_top - 1.5 * high + 0.2, "$W_{hh}$", "W_hh", fill="hidden", visible=on)
        net.weight(x + 0.08, x_top + 0.18, "$W_{xh}$", "W_xh", ha="left", fill="input", visible=on)
        net.weight(x + 0.08, h_top + 0.18, "$W_{hy}$", "W_hy", ha="left", fill="output", visible=on)
        net.write(x, y_top + 0.16, "$y_t$" if t == 1 else f"$y_{t}$")
        net.write(x + 0.76, y_top + 0.16, "$p_t$" if t == 1 else f"$p_{t}$")
    net.now(d.t, 0.14, 5.34, 1.66, 0.29)
    return net


slide = explorer(
    "charlm.slide", compute_slide, None,
    Slider("t", 1, T, 1, T),
    Slider("updates", 0, UPDATES, 1, 0),
    Switch("rounded", True),
    line=lambda d: f"from lecture_utils import charlm, hello, rnn\n{_slide_line(d.updates)}made.loss",
    result="mean",
    presets={"first": {"t": 1}, "slide": {}, "trained": {"updates": UPDATES}},
    diagram=draw_slide,
)  # fmt: skip


# ---- loss curves with their floor
def draw_losses(figure, place, budget, top, levels, curves):
    """Losses over updates, with levels {label: loss} and curves {name in the Scene: (quantity, label)}; a ring at the
    loss of the shown step, a triangle at the edge for one above it."""
    axes = axes_at(figure, *place)
    axes.set(xlim=(0, budget), ylim=(-0.03 * top, top), xlabel="updates", ylabel="mean loss (nats)")
    for label, level in levels.items():
        axes.axhline(level, color=style.INK, linestyle=":", linewidth=1.8)
        up, va = (5, "bottom") if level < 0.9 * top else (-5, "top")
        Tag(axes, label, (0, up), (0.96 * budget, level), ha="right", va=va, fontsize=style.text_size(11))
    for name, (quantity, label) in curves.items():
        line = curve(axes, quantity, label, markevery=10)
        yield line, lambda d, name=name: (range(len(getattr(d, name))), getattr(d, name))
    if len(curves) > 1:
        axes.legend(loc="upper right", bbox_to_anchor=(1.0, 1.02))
    above = edge_mark(axes, style.VERMILION, marker="^", markersize=11)
    yield ring(axes, clip_on=False), lambda d: {"data": ([d.step], [d.loss]), "visible": d.loss <= top}
    yield above, lambda d: {"data": ([d.step], [top]), "visible": d.loss > top}


# ---- training live (2.2)
TRAINING_BUDGET, SHORTEST, LONGEST = 150, 2, 11


def parse_word(typed):
    """The word, cleaned; Refusal for one that is too short, too long, or holds no characters."""
    try:
        word, _ = charlm.clean(typed)
    except ValueError:
        raise Refusal("charlm.training.no_character") from None
    if not SHORTEST <= len(word) <= LONGEST:
        raise Refusal("charlm.training.length", typed=word, length=len(word), low=SHORTEST, high=LONGEST)
    return word


def parse_rate(typed):
    """The learning rate as it was typed; Refusal for what is no finite number above 0."""
    try:
        usable = 0 < float(typed) < np.inf
    except ValueError:
        usable = False
    if not usable:
        raise Refusal("charlm.training.rate", typed=typed)
    return typed.strip()


def film_training(word, rate, H, seed, memory):
    """The Snapshots of training a fresh network; Refusal where the rate is too large."""
    params = bptt.init(rnn, np.random.default_rng(seed), len(charlm.Vocab(word)), H)
    try:
        for made in charlm.train(rnn, params, word, TRAINING_BUDGET, float(rate), memory):
            yield made
    except TrainingStopped:
        raise Refusal("charlm.training.stopped", step=made.step + 1, last=made.step, rate=rate) from None


def compute_training(word, rate, H, seed, memory, film, frame):
    """p_t (T, V) at the shown frame, where it is least sure of the target, and what the word's floor is."""
    vocab, _, targets = charlm.lesson(word)
    made, targets = film[frame], targets[:, 0]
    due = made.probs[np.arange(len(targets)), targets]
    worst = due.argmin()
    return {"letters": len(word), "chars": vocab.chars, "V": len(vocab), "even": np.log(len(vocab)),
            "floor": charlm.floor(word), "losses": [shown.loss for shown in film], "step": made.step,
            "loss": made.loss, "probs": made.probs, "targets": targets, "worst": due[worst], "read": word[worst],
            "target": word[worst + 1]}  # fmt: skip


def draw_table(d):
    """p_t at every step, the target's cell framed."""
    board, (steps, letters) = Board(5.15, 4.4), d.probs.shape
    wide, high = min(1.1, 4.4 / steps), min(0.46, 3.0 / letters)
    left, top = 0.62, 2.2 + letters * high / 2
    bottom = top - letters * high
    for row, char in enumerate(d.chars):
        board.spell(left - 0.1, top - (row + 0.5) * high, char, f"row_{row}", ha="right")
    for t, p in enumerate(d.probs, 1):
        x, named = left + (t - 1) * wide, sub("p", t)
        for row, char in enumerate(d.chars):
            look = {"cell": (wide, high), "said": f"{named}({letter(char)})"}
            board.numbers(f"p_{t}.{row}", x, top - row * high, p[row], "output", **look)
        board.spell(x + wide / 2, top + 0.22, d.word[t], f"target_{t}")
        board.spell(x + wide / 2, bottom - 0.22, d.word[t - 1], f"read_{t}", fill="input")
    for t, target in enumerate(d.targets):
        board.frame(left + t * wide, top - (target + 1) * high, wide, high, f"due_{t + 1}")
    board.write(left, top + 0.5, text("charlm.training.word.target"), ha="left")
    board.write(left, bottom - 0.5, text("charlm.training.word.reads"), ha="left", fill="input")
    return board


def draw_training(figure, d):
    """The loss so far, its floor without memory, and ln V."""
    levels = {"floor without memory": d.floor, f"ln {d.V}": d.even}
    place, top = (0.95, 0.75, 2.95, 3.3), max(2.0, 1.4 * d.even)
    return draw_losses(figure, place, TRAINING_BUDGET, top, levels, {"losses": ("rnn", "")})


training = explorer(
    "charlm.training", compute_training, draw_training,
    Entry("word", hello.WORD, parse_word, redraw=True),
    Entry("rate", "0.1", parse_rate),
    Slider("H", 1, 32, 1, 8),
    Slider("seed", 0, 99, 1, 0),
    Switch("memory", True),
    say=lambda d: "not_needed" if d.floor < 1e-12 else "on" if d.memory else "off",
    line=lambda d: (
        "import numpy as np\nfrom lecture_utils import bptt, charlm, rnn\n"
        f"params = bptt.init(rnn, np.random.default_rng({d.seed}), len(charlm.Vocab({d.word!r})), {d.H})\n"
        f"[made.loss for made in charlm.train(rnn, params, {d.word!r}, {d.frame}, {d.rate}, {d.memory})][-1]"
    ),
    result="loss",
    presets={
        "no_memory": {"memory": False},
        "korean": {"word": "안녕하세요"},
        "mississippi": {"word": "mississippi"},
        "too_fast": {"rate": "1e30"},
    },
    size=(4.1, 4.3),
    diagram=draw_table,
    film=film_training,
    budget=TRAINING_BUDGET,
)  # fmt: skip

# ---- the two l's (2.3)
TWO_LS_BUDGET, TWO_LS_RATE, TWO_LS_H = 100, 0.2, 2
EDGE = 1.1  # of the plane of states
PLANE = np.stack(np.meshgrid(*[np.linspace(-EDGE, EDGE, 201)] * 2))  # (2, 201, 201)
PALE = ("#F2F2F2", "#FCEFD2", "#DDF0FA", "#F6E4EE")  # the regions of the letters


class Pair(NamedTuple):
    """The same network after the same number of updates, with W_hh trained and with W_hh held at 0."""

    on: charlm.Snapshot
    off: charlm.Snapshot


def film_two_ls(seed):
    """Both trainings side by side, from the same weights."""
    settings = (rnn, bptt.init(rnn, np.random.default_rng(seed), V, TWO_LS_H), hello.WORD, TWO_LS_BUDGET, TWO_LS_RATE)
    yield from map(Pair, charlm.train(*settings, memory=True), charlm.train(*settings, memory=False))


def compute_two_ls(seed, memory, film, frame):
    """The states (T, 2) of the shown frame with or without memory, the letter with the largest logit at each point of
    PLANE, and the losses of both trainings."""
    made = film[frame].on if memory else film[frame].off
    hs = bptt.forward(rnn, made.params, hello.INPUTS)[0].h[:, 0]
    (first_l, first_o), (second_l, second_o) = made.probs[2:, 2:]
    logits = np.tensordot(made.params.W_hy, PLANE, 1) + made.params.b_y[:, None, None]
    return {"hs": hs, "best": (logits == logits.max(axis=0)).argmax(axis=0),  # twice as fast as logits.argmax
            "distance": float(np.linalg.norm(hs[3] - hs[2])), "floor": charlm.floor(hello.WORD), "step": made.step,
            "loss": made.loss, "on": [pair.on.loss for pair in film], "off": [pair.off.loss for pair in film],
            "first_l": first_l, "first_o": first_o, "second_l": second_l, "second_o": second_o}  # fmt: skip


def _region_name(d, i):
    """Where the name of a letter's region stands; a small region has none."""
    inside = d.best == i
    named = inside.mean() > 0.03
    return {"visible": named} | ({"position": _heart(PLANE[:, inside].T, d.hs)} if named else {})


def _heart(points, hs):
    """The point of a region at which its letter stands: near its middle, away from the states and the frame."""
    inner = points[np.abs(points[:, 0]) < 0.85]
    points = (inner if len(inner) else points)[::7]
    room = np.linalg.norm(points[:, None] - hs, axis=-1).min(axis=1)
    off = np.linalg.norm(points - points.mean(axis=0), axis=-1)
    return points[(np.minimum(room, 0.5) - 0.5 * off).argmax()]


class Names:
    """Up to `most` names of states beside them; a rule gives (words, place) of each."""

    def __init__(self, axes, most):
        white = {"boxstyle": "round,pad=0.15", "facecolor": "#FFFFFF", "edgecolor": "none", "alpha": 0.8}
        self.texts = [write(axes, 0, 0, "", size=13, bbox=white) for _ in range(most)]

    def __iter__(self):
        return iter(self.texts)

    def set(self, *names):
        """Show these."""
        for artist, (words, place) in zip_longest(self.texts, names, fillvalue=("", (0, 0))):
            artist.set(text=words, position=place)


def _steps(read, mark=""):
    """The names of the states of a sequence: its letters, each with its step."""
    return [sub(letter(char), t) + mark for t, char in enumerate(read, 1)]


def beside(places, names):
    """(words, place) of the names of states (n, 2), one for those that are together."""
    together = []
    for place, name in zip(places, names, strict=True):
        near = [one for one in together if np.abs(one[0] - place).max() < 0.15]
        near[0][1].append(name) if near else together.append((place, [name]))
    taken, made = [place for place, _ in together], []
    for n, (place, words) in enumerate(together):
        made.append((" ".join(words), _beside(place, np.array(taken[:n] + taken[n + 1 :]), len(" ".join(words)))))
        taken.append(made[-1][1])
    return tuple(made)


def _beside(h, others, letters):
    """Where the label of a state stands: next to it, inside the axes, as far as can be from other states and labels."""
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    places = h + np.column_stack([(0.15 + 0.025 * letters) * np.cos(angles), 0.19 * np.sin(angles)])
    edge = np.array([1.06 - 0.036 * letters, 1.0])
    inside = places[(np.abs(places) < edge).all(axis=1)]
    places = inside if len(inside) else np.clip(places, -edge, edge)  # a state in a corner
    return places[np.linalg.norm(places[:, None] - others.reshape(-1, 2), axis=-1).min(axis=1, initial=9).argmax()]


def draw_two_ls(figure, d):
    """Left the plane of h_t with the letter that has the largest logit there; right both losses and the floor."""
    plane, ends = axes_at(figure, 0.85, 0.75, 3.35, 3.35), (-EDGE, EDGE)
    plane.set(xlim=ends, ylim=ends, xticks=(-1, 0, 1), yticks=(-1, 0, 1), xlabel=r"$h_t$[0]", ylabel=r"$h_t$[1]")
    plane.grid(False)
    look = {"cmap": matplotlib.colors.ListedColormap(PALE), "vmin": 0, "vmax": 3, "zorder": 0, "origin": "lower",
            "extent": ends * 2, "aspect": "auto", "interpolation": "nearest"}  # fmt: skip
    yield plane.imshow(np.zeros((2, 2)), **look), lambda d: d.best
    for i, char in enumerate(LETTERS):
        yield write(plane, 0, 0, f"→ {char}", size=20, color=style.GREY), lambda d, i=i: _region_name(d, i)
    yield curve(plane, "hidden", zorder=3), lambda d: d.hs.T
    yield Names(plane, T), lambda d: beside(d.hs, _steps(hello.WORD[:-1]))
    yield ring(plane, markersize=14, zorder=3), lambda d: d.hs[2:].T
    levels = {"floor  (2/4) ln 2": d.floor, "ln 4": EVEN}
    curves = {"off": ("weight", r"$W_{hh} = 0$"), "on": ("rnn", r"$W_{hh}$ trained")}
    yield from draw_losses(figure, (5.05, 0.75, 3.35, 3.35), TWO_LS_BUDGET, 2.0, levels, curves)


two_ls = explorer(
    "charlm.two_ls", compute_two_ls, draw_two_ls,
    Switch("memory", True),
    Slider("seed", 0, 99, 1, 0),
    say=lambda d: "on" if d.memory else "off",
    line=lambda d: (
        "import numpy as np\nfrom lecture_utils import bptt, charlm, hello, rnn\n"
        f"*_, made = charlm.train(rnn, bptt.init(rnn, np.random.default_rng({d.seed}), {V}, {TWO_LS_H}), "
        f'"hello", {d.frame}, {TWO_LS_RATE}, {d.memory})\n'
        "np.linalg.norm(np.subtract(*bptt.forward(rnn, made.params, hello.INPUTS)[0].h[2:, 0]))"
    ),
    result="distance",
    presets={"trained": {"memory": True}, "off": {"memory": False}, "stuck": {"seed": 27}},
    size=(8.6, 4.4),
    film=film_two_ls,
    budget=TWO_LS_BUDGET,
)  # fmt: skip

# ---- the microscope: what the states of a network do while it reads (2.5)
MOST_READ = LONGEST - 1


def film_microscope(word, H, seed, memory):
    """The Snapshots of training a fresh network."""
    yield from film_training(word, "0.1", H, seed, memory)


def _read(params, ids):
    """The states (T, H) and probabilities (T, V) of a network that reads ids (T,), which may be none."""
    trace, logits = bptt.forward(rnn, params, np.append(ids, 0)[:, None])  # a pass needs a step; the last is dropped
    return trace.h[:-1, 0], softmax(logits[:-1, 0])


def main_directions(hs):
    """The two directions (2, H) along which states (n, H) reach farthest from 0, by SVD; the farthest state is on the
    positive side. 0 for a direction that no state has."""
    found = np.linalg.svd(hs)[2][:2]
    along = hs @ found.T
    return found * np.sign(along[np.abs(along).argmax(axis=0), [0, 1]].round(9))[:, None]


def compute_microscope(word, reads, other, H, seed, memory, film, frame):
    """What the network of the shown frame makes of one or two sequences, each a pair, the second may be empty: `both`, the
    letters (T), hs (T, H), ps (T, V), and `paths` (T, 2), the states in the plane; it is that of the newest frame and shows
    `share` percent of their squared length. `apart` is the first step at which other letters are read (0: none),
    `distance` that of the last states."""
    vocab, made = charlm.Vocab(word), film[frame]
    refusal = Refusal("charlm.microscope.letters", word=word, known=", ".join(vocab.chars), most=MOST_READ)
    try:
        ids = [vocab.encode(typed) for typed in (reads or word[:-1], other)]
    except ValueError:
        raise refusal from None
    if max(map(len, ids)) > MOST_READ:
        raise refusal
    one, two = both = [vocab.decode(read) for read in ids]
    hs, ps = zip(*(_read(made.params, read) for read in ids), strict=True)
    newest = np.concatenate([_read(film[-1].params, read)[0] for read in ids])
    plane = np.eye(2) if H == 2 else main_directions(newest)
    paths, last = [states @ plane.T for states in hs], ps[0][-1]
    differ = [t for t, (char, second) in enumerate(zip(one, two, strict=False), 1) if char != second]
    return {"chars": vocab.chars, "reads": one, "other": two, "both": both, "hs": hs, "ps": ps, "paths": paths,
            "step": made.step, "loss": made.loss, "best": vocab.chars[last.argmax()], "p": last.max(),
            "apart": differ[0] if differ else 0, "distance": np.linalg.norm(hs[bool(two)][-1] - hs[0][-1]),
            "share": 100 * sum(np.sum(path**2) for path in paths) / sum(np.sum(h**2) for h in hs)}  # fmt: skip


def draw_reading(d):
    """For each letter the state as bars from -1 to 1, p_t as bars from 0 to 1, the likeliest letter; ticks: the second
    sequence."""
    steps, left, low = max(map(len, d.both)), 0.7, 0.95
    pitch, high, h_high = min(0.9, 4.4 / steps), min(0.28, 1.9 / len(d.chars)), min(0.28 * d.H, 1.2)
    wide, state, base = 0.66 * pitch, low + h_high, low + h_high + 0.3
    top = base + high * len(d.chars)
    board = Board(5.15, top + 0.5)
    for y, word in ((0.5, "reads"), (top + 0.24, "likeliest")):
        board.write(0.06, y, text(f"charlm.microscope.word.{word}"), ha="left")
    board.write(0.06, low + h_high / 2, "$h_t$", ha="left")
    for row, char in enumerate(d.chars):
        board.spell(left - 0.08, top - (row + 0.5) * high, char, f"row_{row}", ha="right")
    for t in range(1, steps + 1):
        x = left + (t - 0.5) * pitch
        for read, mark, y, colour in zip(d.both, ("", "'"), (0.5, 0.2), ("input", "grey"), strict=True):
            if t <= len(read):
                board.spell(x, y, read[t - 1], f"read{mark}_{t}", fill=colour)
        for name, y, both, quantity, tall, least in (
            ("h", state, d.hs, "hidden", h_high, -1), ("p", top, d.ps, "output", top - base, 0)
        ):  # fmt: skip
            values = [array[t - 1].tolist() if t <= len(array) else [] for array in both]
            said = [f"{sub(name, t)}{mark} = {', '.join(map(number, those))}"
                    for those, mark in zip(values, ("", "′"), strict=True) if those]  # fmt: skip
            board.bars(
                f"{name}_{t}", x - wide / 2, y, values[0], quantity, "; ".join(said), (wide, tall), least, values[1]
            )
        board.arrow((x, 0.65), (x, low), "input")
        board.arrow((x, state), (x, base), "output")
        if t > 1:
            board.arrow((x - pitch + wide / 2, low + h_high / 2), (x - wide / 2, low + h_high / 2), "hidden")
        if t <= len(d.reads):
            board.spell(x, top + 0.24, d.chars[d.ps[0][t - 1].argmax()], f"likeliest_{t}")
    return board


def draw_path(figure, d):
    """The states in the plane, one after the other; grey and dashed those of the second sequence."""
    plane = axes_at(figure, 0.85, 0.75, 3.1, 3.1)
    for axis in (plane.xaxis, plane.yaxis):
        axis.set_major_locator(MultipleLocator(1))

    def frame(d):
        end, words = _end(d.H), ("first", "second")
        names = ("$h_t$[0]", "$h_t$[1]") if d.H == 2 else [text(f"charlm.microscope.word.{word}") for word in words]
        return {"xlim": (-end, end), "ylim": (-end, end), "xlabel": names[0], "ylabel": names[1]}

    def names(d):
        scale, since = _end(d.H) / EDGE, d.apart - 1 if d.apart else len(d.reads)
        words = _steps(d.reads) + _steps(d.other, "′")[since:]
        placed = beside(np.concatenate([d.paths[0], d.paths[1][since:]]) / scale, words)
        return tuple((words, scale * place) for words, place in placed)

    yield plane, frame
    yield curve(plane, "ghost", marker="X", linestyle="--", markersize=9), lambda d: d.paths[1].T
    yield curve(plane, "hidden"), lambda d: d.paths[0].T
    yield Names(plane, 2 * MOST_READ), names


def _end(H):
    """Where the axes of the plane end: no state of H units is as far from 0."""
    return EDGE * (1 if H == 2 else np.sqrt(H))


def say_microscope(d):
    """Whether there is a second sequence, and what it has in common with the first; which plane is drawn."""
    branch = "alone" if not d.other else "apart" if d.apart else "same" if d.other == d.reads else "longer"
    plane = text("charlm.microscope.plane." + ("units" if d.H == 2 else "directions"), H=d.H, share=d.share)
    here = {name: read[d.apart - 1 : d.apart] for name, read in (("letter", d.reads), ("other_letter", d.other))}
    return branch, {"plane": plane, "common": min(len(d.reads), len(d.other)), **here}


microscope = explorer(
    "charlm.microscope", compute_microscope, draw_path,
    Entry("word", hello.WORD, parse_word),
    Entry("reads", ""),
    Entry("other", ""),
    Slider("H", 2, 8, 1, 2),
    Slider("seed", 0, 99, 1, 0),
    Switch("memory", True),
    say=say_microscope,
    line=lambda d: (
        "import numpy as np\nfrom lecture_utils import bptt, charlm, rnn\n"
        f"vocab = charlm.Vocab({d.word!r})\nparams = bptt.init(rnn, np.random.default_rng({d.seed}), len(vocab), {d.H})\n"
        f"*_, made = charlm.train(rnn, params, {d.word!r}, {d.frame}, 0.1, {d.memory})\n"
        "from lecture_utils.functions import softmax\n"
        f"softmax(bptt.forward(rnn, made.params, vocab.encode({d.reads!r})[:, None])[1][-1, 0]).max()"
    ),
    result="p",
    presets={
        "second": {"word": "hello", "reads": "hell", "other": "lell"},
        "no_memory": {"word": "hello", "reads": "hell", "other": "lell", "memory": False},
        "eight": {"word": "hello", "reads": "hell", "other": "lell", "H": 8},
        "long": {"word": "mississippi", "reads": "", "other": "", "H": 8},
    },
    size=(4.1, 4.3),
    diagram=draw_reading,
    film=film_microscope,
    budget=TRAINING_BUDGET,
)  # fmt: skip

# ---- logits, softmax, samples (2.4)
LOGITS = [Slider(f"y_{char}", -6.0, 6.0, 0.1, float(y)) for char, y in zip(LETTERS, hello.Y[0], strict=True)]
TARGET = DUE[0]  # the first step of the slide


def compute_sampling(y_h, y_e, y_l, y_o, tau, N, seed):
    """Four logits, their softmax at a temperature, the share of each letter in N draws; p of the largest and of the
    target, how often each was drawn, and the loss that training sees, at temperature 1."""
    logits = np.array([y_h, y_e, y_l, y_o])
    top, probs = logits.argmax(), softmax(logits, tau)
    counts = np.bincount(charlm.draw(np.random.default_rng(seed), probs, N), minlength=V)
    return {"logits": logits, "probs": probs, "share": counts / N, "top": top, "best": LETTERS[top],
            "p_best": probs[top], "n_best": counts[top], "target": LETTERS[TARGET], "p": probs[TARGET],
            "n": counts[TARGET], "loss": float(cross_entropy(logits, TARGET))}  # fmt: skip


def draw_sampling(figure, d):
    """Left the logits, right their softmax and the share of N samples; target and largest logit are named."""
    logits, probs = figure.subplots(1, 2, width_ratios=(1, 1.35))
    places, zeros = np.arange(V), np.zeros(V)
    for axes in (logits, probs):
        axes.set_xticks(places, LETTERS)
        axes.tick_params(axis="x", labelsize=style.text_size(14), length=0)
        axes.grid(axis="x", visible=False)
    logits.set(ylim=(-8.4, 8.4), xlim=(-0.6, 3.6), title="logits  $y$")
    logits.axhline(0, color=style.INK, linewidth=1)
    probs.set(ylim=(0, 1.36), xlim=(-0.6, 3.8), title=r"softmax$(y\,/\,\tau)$ and samples")
    probs.set_yticks(np.linspace(0, 1, 6))
    probs.axhline(1 / V, color=style.INK, linestyle=":", linewidth=1.5)
    write(probs, 3.62, 0.285, "1/4", size=11)
    colour = style.colour("output")
    hatched = {"facecolor": "#FFFFFF", "edgecolor": style.INK, "hatch": "///"}
    yield ghosted(logits.bar(places, zeros, width=0.6, color=colour)), lambda d: d.logits
    yield ghosted(probs.bar(places - 0.2, zeros, width=0.36, color=colour, label="p")), lambda d: d.probs
    yield probs.bar(places + 0.2, zeros, width=0.36, label="samples", **hatched), lambda d: d.share
    probs.legend(loc="upper left", ncols=2)

    def above(d, i):
        y = d.logits[i]
        return {"text": number(y, 1), "y": y + (0.55 if y >= 0 else -0.55)}

    for i in places:
        yield write(logits, i, 0, "", size=12), lambda d, i=i: above(d, i)
        words = write(probs, i - 0.2, 0, "", size=11)
        yield words, lambda d, i=i: {"text": number(d.probs[i], 2), "y": d.probs[i] + 0.035}
    size = style.text_size(12)
    look = {"offset": (0, 12 + 0.7 * size), "ha": "center", "fontsize": size, "fontweight": "bold"}  # over the number
    white = {"boxstyle": "square,pad=0.1", "facecolor": "#FFFFFF", "edgecolor": "none"}
    yield Tag(logits, "largest", **look), lambda d: {"xy": (d.top, max(d.logits[d.top], 0))}
    yield Tag(probs, "target", bbox=white, **look), lambda d: {"xy": (TARGET, max(d.p, d.share[TARGET]))}


sampling = explorer(
    "charlm.sampling", compute_sampling, draw_sampling,
    *LOGITS,
    Slider("tau", 0.0, 20.0, 0.1, 1.0),
    Slider("N", 1, 2000, 1, 100),
    Slider("seed", 0, 99, 1, 0),
    line=lambda d: (
        "import numpy as np\nfrom lecture_utils.functions import softmax\n"
        f"max(softmax(np.array({d.logits.tolist()}), {d.tau}))"
    ),
    result="p_best",
    presets={"argmax": {"tau": 0.0}, "flat": {"tau": 20.0}, "many": {"N": 2000}, "repaired": {"y_e": 6.0, "y_o": 0.0}},
    size=style.WIDE,
)  # fmt: skip

# ---- writing, letter by letter (2.5)
MOST = 8  # letters that fit


def compute_generation(feed, updates, start, letters, tau, seed):
    """The slide's network after some updates, fed with its own letters or with the true ones: what it reads and writes
    (n,), by which states hs (n, 3), with which probabilities (n, V); in percent, how often drawing writes "ello" after "h"."""
    made, rng = slide_training()[updates], np.random.default_rng(seed)
    probs = softmax(bptt.forward(rnn, made.params, hello.INPUTS)[1][:, 0], tau)
    chance = 100 * probs[np.arange(T), DUE].prod()
    if feed == "own":
        _, ids, _, probs = charlm.sample(rnn, made.params, charlm.Vocab(hello.WORD), start, letters, rng, tau)
        reads = np.append(LETTERS.index(start), ids[:-1])
    else:
        probs, reads = probs[:letters], READS[:letters]
        ids = np.array([charlm.draw(rng, p) for p in probs])
    hs = _read(made.params, reads)[0]
    return {"reads": reads, "ids": ids, "hs": hs, "probs": probs, "text": _spelt(ids), "chance": chance}


def draw_generation(d):
    """One column for each letter: what is read, p_t, what is chosen; dashed, the way back of what was written."""
    board, own, word = Board(8.6, 4.6), d.feed == "own", "charlm.generation.word"
    (wide, high), top, pitch, left = (0.56, 0.32), 3.5, 0.92, 1.15
    reads, state, writes, tall = 0.36, 1.36, 4.24, 0.42
    rows = {reads: text(f"{word}.reads"), state: "$h_t$", top - 2 * high: "$p_t$", writes: text(f"{word}.writes")}
    for y, words in rows.items():
        board.write(0.12, y, words, ha="left")
    for row, char in enumerate(LETTERS):
        board.write(left - 0.16, top - (row + 0.5) * high, char, size=13)
    for t, (read, chosen) in enumerate(zip(d.reads, d.ids, strict=True), 1):
        x, named = left + (t - 1) * pitch, sub("p", t)
        middle, gap = x + wide / 2, x + wide + 0.18
        board.write(middle, reads, LETTERS[read], size=17, id=f"read_{t}", fill="input")
        board.arrow((middle, reads + 0.2), (middle, state - tall), "input")
        board.numbers(f"h_{t}", x, state + tall, d.hs[t - 1], "hidden", (wide, 2 * tall / 3), said=sub("h", t))
        board.arrow((middle, state + tall), (middle, top - 4 * high - 0.03), "output")
        for row, char in enumerate(LETTERS):
            look = {"cell": (wide, high), "said": f"{named}({char})"}
            board.numbers(f"p_{t}.{row}", x, top - row * high, d.probs[t - 1, row], "output", **look)
        board.frame(x, top - (chosen + 1) * high, wide, high, f"chosen_{t}")
        board.arrow((middle, top + 0.05), (middle, writes - 0.22), "output")
        wrong = not own and chosen != DUE[t - 1]
        look = {"size": 17, "bold": True, "fill": "vermilion" if wrong else "ink"}
        board.write(middle, writes, LETTERS[chosen], id=f"written_{t}", **look)
        if t < len(d.ids):
            board.arrow((x + wide, state), (x + pitch, state), "hidden")
            corners = [(middle + 0.16, writes), (gap, writes), (gap, reads), (x + pitch + 0.12, reads)]
            board.path(corners, f"back_{t}", tip=True, dashed=True, width=1.6, quantity="grey", visible=own)
    return board


generation = explorer(
    "charlm.generation", compute_generation, None,
    Choice("feed", ("own", "true"), "own"),
    Slider("updates", 0, UPDATES, 1, 0),
    Choice("start", tuple(LETTERS), "h"),
    Slider("letters", 1, MOST, 1, 6),
    Slider("tau", 0.0, 5.0, 0.1, 0.0),
    Slider("seed", 0, 99, 1, 0),
    say=lambda d: d.feed,
    line=lambda d: (
        f"from lecture_utils import bptt, charlm, hello, rnn\nfrom lecture_utils.functions import softmax\n"
        f"{_slide_line(d.updates)}"
        f"100 * softmax(bptt.forward(rnn, made.params, hello.INPUTS)[1][:, 0], {d.tau})"
        "[range(4), hello.TARGETS[:, 0]].prod()"
    ),
    result="chance",
    presets={
        "untrained": {},
        "true": {"feed": "true"},
        "trained": {"updates": UPDATES, "letters": 4},
        "drawn": {"updates": UPDATES, "tau": 1.0, "letters": 8},
    },
    diagram=draw_generation,
)  # fmt: skip
