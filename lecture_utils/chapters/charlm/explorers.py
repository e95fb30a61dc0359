"""The explorers of chapter 2: the slide, training live, the two l's, the microscope, logits and samples, writing."""

from contextlib import suppress

import matplotlib.colors
import numpy as np

from lecture_utils import bptt, charlm, hello, rnn
from lecture_utils.drawing import style
from lecture_utils.drawing.chart import Tag, axes_at, curve, edge_mark, ghosted, ring, write
from lecture_utils.drawing.diagram import Board, letter, number, sub
from lecture_utils.drawing.network import Network, dot, shades
from lecture_utils.functions import cross_entropy, leaves, one_hot, softmax
from lecture_utils.optimizers import TrainingStopped
from lecture_utils.texts import text
from lecture_utils.widgets.engine import Choice, Entry, Refusal, Slider, Switch, explorer

READS, DUE = hello.INPUTS[:, 0], hello.TARGETS[:, 0]
VOCAB = charlm.Vocab(hello.WORD)
LETTERS, T, V = VOCAB.chars, len(READS), len(VOCAB)
UPDATES = 40  # from the slide's network to one that has learnt "hello"
SLIDE_LINE = '*_, made = charlm.train(rnn, hello.rebuild(), "hello", {})\n'
SEED, MEMORY = Slider("seed", 0, 99, 1, 0), Switch("memory", True)


# ---- the slide, number by number (2.1, 2.2)
def compute_slide(t, updates, rounded):
    """The forward pass over "hell" after some updates, hs (T, 3), ys and ps (T, V); the numbers of step t."""
    made, i = charlm.slide_training(UPDATES)[updates], t - 1
    trace, logits = bptt.forward(rnn, made.params, hello.INPUTS)
    ys, says = logits[:, 0], VOCAB.decode(logits[:, 0].argmax(axis=1))
    return {"weights": leaves(made.params), "shades": shades(*rnn.dependence(made.params.cell, trace)),
            "hs": trace.h[:, 0], "ys": ys, "ps": made.probs, "says": says, "read": LETTERS[READS[i]], "best": says[i],
            "largest": ys[i].max(), "target": LETTERS[DUE[i]], "p": made.probs[i, DUE[i]],
            "loss": cross_entropy(ys, DUE)[i], "mean": made.loss, "even": np.log(V)}  # fmt: skip


def draw_slide(d):
    """One column for each step, from the letter read at the bottom to the target on top, as on the slide."""
    wide, high = cell = 0.52, 0.27
    left, aside, x_top, h_top, y_top = 1.22, 0.76, 1.68, 2.84, 4.28  # p_t stands that far `aside` of y_t
    net = Network(8.0, 5.5, T, first=left + wide / 2, pitch=1.68)
    for y, word in ((0.36, "reads"), (4.78, "largest"), (5.1, "target")):
        net.write(0.12, y, text(f"charlm.slide.word.{word}"), ha="left")
    for y, words in ((x_top - 2 * high, "$x_t$"), (h_top - 1.5 * high, "$h_t$"), (y_top - 2 * high, "$y_t$ , $p_t$")):
        net.write(0.12, y, words, size=13, ha="left")
    for top in (x_top, y_top):
        for row, char in enumerate(LETTERS):
            net.write(left - 0.14, top - (row + 0.5) * high, char)
    for name, weights in d.weights:
        net.unseen(name.removeprefix("cell."), weights)

    def state(t):  # x_t is 1 at one letter, 0 elsewhere
        past = f" + {dot('W_hh', f'h_{t - 1}', 3)}" if t > 1 else ""
        return f"tanh({{W_xh.#.{READS[t - 1]}}}{past} + {{b_h.#}})"

    def logit(t):
        return dot("W_hy", f"h_{t}", 3) + " + {b_y.#}"

    def probability(t):
        return f"exp({{y_{t}.#}}) / ({' + '.join(f'exp({{y_{t}.{n}}})' for n in range(V))})"

    (by_state, by_x), shown = d.shades, np.arange(T) < d.t
    look = {"cell": cell, "shown": shown, "decimals": 1 if d.rounded else 2}
    net.row("x", x_top, one_hot(READS, V), "input", cell, decimals=0, shade=by_x, sizes="V")
    net.row("h", h_top, d.hs, "hidden", formula=state, shade=by_state, sizes="H", **look)
    net.row("y", y_top, d.ys, "output", formula=logit, largest=4, sizes="V", **look)
    net.row("p", y_top, d.ps, "output", cell, aside, shown, formula=probability, sizes="V")
    for t, (read, due, says, on) in enumerate(zip(READS, DUE, d.says, shown, strict=True), 1):
        x, step, fill = net.middle(t), t if t > 1 else "t", "ink" if says == LETTERS[due] else "vermilion"
        net.write(x, 0.36, LETTERS[read], size=13)
        net.write(x + aside, 4.78, says, size=13, id=f"says_{t}", fill=fill, visible=on)
        net.write(x + aside, 5.1, LETTERS[due], size=13, bold=True)
        net.frame(x + aside - wide / 2, y_top - (due + 1) * high, wide, high, f"due_{t}", visible=on)
        for below, above, quantity in (("x", "h", "input"), ("h", "y", "output"), ("y", "p", "output")):
            net.link(below, t, above, t, quantity, on)
        if t > 1:
            net.link("h", t - 1, "h", t, "hidden", on)
            net.weight(x - 0.84, h_top - 1.5 * high + 0.2, "$W_{hh}$", "W_hh", fill="hidden", visible=on)
        net.weight(x + 0.08, x_top + 0.18, "$W_{xh}$", "W_xh", ha="left", fill="input", visible=on)
        net.weight(x + 0.08, h_top + 0.18, "$W_{hy}$", "W_hy", ha="left", fill="output", visible=on)
        net.write(x, y_top + 0.16, f"$y_{step}$")
        net.write(x + aside, y_top + 0.16, f"$p_{step}$")
    for y, name, value in ((y_top - 3.6 * high, "V", V), (h_top - 2.75 * high, "H", d.hs.shape[1])):
        net.size(0.62, y, name, value, text(f"rnn.step.word.{name}"))
    net.now(d.t, 0.14, 5.34, 1.66, 0.29)
    return net


slide = explorer(
    "charlm.slide", compute_slide, None,
    Slider("t", 1, T, 1, T), Slider("updates", 0, UPDATES, 1, 0), Switch("rounded", True),
    line=lambda d: SLIDE_LINE.format(d.updates) + "made.loss", result="mean",
    presets={"first": {"t": 1}, "slide": {}, "trained": {"updates": UPDATES}}, diagram=draw_slide,
)  # fmt: skip


# ---- loss curves with their floor
def draw_losses(figure, d, place, budget, floor="floor without memory", **curves):
    """Losses over updates, `curves` NAME=(quantity, label) by their names in the Scene, with ln V and their `floor`; a ring
    at the loss of the shown step, a triangle at the edge for one above it."""
    axes, top = axes_at(figure, *place), max(2.0, 1.4 * d.even)
    axes.set(xlim=(0, budget), ylim=(-0.03 * top, top), xlabel="updates", ylabel="mean loss (nats)")
    for label, level in ((floor, d.floor), (f"ln {d.V}", d.even)):
        axes.axhline(level, color=style.INK, linestyle=":", linewidth=1.8)
        up, va = (5, "bottom") if level < 0.9 * top else (-5, "top")
        Tag(axes, label, (0, up), (0.96 * budget, level), ha="right", va=va, fontsize=style.text_size(11))
    for name, (quantity, label) in curves.items():
        yield curve(axes, quantity, label, markevery=10), lambda d, name=name: (range(len(d.film)), getattr(d, name))
    if len(curves) > 1:
        axes.legend(loc="upper right", bbox_to_anchor=(1.0, 1.02))
    above = edge_mark(axes, style.VERMILION, marker="^", markersize=11)
    yield ring(axes, clip_on=False), lambda d: {"data": ([d.step], [d.loss]), "visible": d.loss <= top}
    yield above, lambda d: {"data": ([d.step], [top]), "visible": d.loss > top}


# ---- training live (2.2)
BUDGET, SHORTEST, LONGEST = 150, 2, 11  # updates; letters of a word


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
    """The learning rate; Refusal for what is no finite number above 0."""
    with suppress(ValueError):
        if 0 < float(typed) < np.inf:
            return float(typed)
    raise Refusal("charlm.training.rate", typed=typed)


def film_training(word, rate, H, seed, memory):
    """The Snapshots of training a fresh network; Refusal where the rate is too large."""
    params = bptt.init(rnn, np.random.default_rng(seed), len(charlm.Vocab(word)), H)
    try:
        for made in charlm.train(rnn, params, word, BUDGET, rate, memory):
            yield made
    except TrainingStopped:
        raise Refusal("charlm.training.stopped", step=made.step + 1, last=made.step, rate=rate) from None


def compute_training(word, rate, H, seed, memory, film, frame):
    """p_t (T, V) at the shown frame, where it is least sure of the target, and what the word's floor is."""
    (vocab, _, targets), made = charlm.lesson(word), film[frame]
    due = np.take_along_axis(made.probs, targets, axis=1)
    worst = due.argmin()
    return made._asdict() | {
        "letters": len(word), "chars": vocab.chars, "V": len(vocab), "even": np.log(len(vocab)),
        "floor": charlm.floor(word), "losses": [shown.loss for shown in film], "targets": targets[:, 0], "worst": due.min(),
        "read": word[worst], "target": word[worst + 1]}  # fmt: skip


def draw_table(d):
    """p_t at every step, the target's cell framed."""
    board, (steps, letters) = Board(5.15, 4.4), d.probs.shape
    wide, high = cell = min(1.1, 4.4 / steps), min(0.46, 3.0 / letters)
    left, top = 0.62, 2.2 + letters * high / 2
    bottom = top - letters * high
    for row, char in enumerate(d.chars):
        board.spell(left - 0.1, top - (row + 0.5) * high, char, f"row_{row}", ha="right")
    for t, p in enumerate(d.probs, 1):
        x, p_t = left + (t - 1) * wide, sub("p", t)
        for row, char in enumerate(d.chars):
            said = f"{p_t}({letter(char)})"
            board.numbers(f"p_{t}.{row}", x, top - row * high, p[row], "output", cell, said=said)
        board.spell(x + wide / 2, top + 0.22, d.word[t], f"target_{t}")
        board.spell(x + wide / 2, bottom - 0.22, d.word[t - 1], f"read_{t}", fill="input")
    for t, target in enumerate(d.targets):
        board.frame(left + t * wide, top - (target + 1) * high, wide, high, f"due_{t + 1}")
    board.write(left, top + 0.5, text("charlm.training.word.target"), ha="left")
    board.write(left, bottom - 0.5, text("charlm.training.word.reads"), ha="left", fill="input")
    return board


training = explorer(
    "charlm.training", compute_training,
    lambda figure, d: draw_losses(figure, d, (0.95, 0.75, 2.95, 3.3), BUDGET, losses=("rnn", "")),
    Entry("word", hello.WORD, parse_word, redraw=True), Entry("rate", "0.1", parse_rate), Slider("H", 1, 32, 1, 8),
    SEED, MEMORY, size=(4.1, 4.3), diagram=draw_table, film=film_training, budget=BUDGET,
    say=lambda d: "not_needed" if d.floor < 1e-12 else "on" if d.memory else "off", result="loss",
    line=lambda d:
        f"params = bptt.init(rnn, np.random.default_rng({d.seed}), len(charlm.Vocab({d.word!r})), {d.H})\n"
        f"[made.loss for made in charlm.train(rnn, params, {d.word!r}, {d.frame}, {d.rate}, {d.memory})][-1]",
    presets={"no_memory": {"memory": False}, "korean": {"word": "안녕하세요"}, "mississippi": {"word": "mississippi"},
             "too_fast": {"rate": "1e30"}},
)  # fmt: skip

# ---- the two l's (2.3)
TWO_LS_BUDGET, TWO_LS_RATE, TWO_LS_H = 100, 0.2, 2
EDGE = 1.1  # of the plane of states
PLANE = np.stack(np.meshgrid(*[np.linspace(-EDGE, EDGE, 201)] * 2))  # (2, 201, 201)
PALE = ("#F2F2F2", "#FCEFD2", "#DDF0FA", "#F6E4EE")  # the regions of the letters


def film_two_ls(seed):
    """The Pairs of both trainings of a fresh network."""
    params = bptt.init(rnn, np.random.default_rng(seed), V, TWO_LS_H)
    return charlm.pairs(params, hello.WORD, TWO_LS_BUDGET, TWO_LS_RATE)


def compute_two_ls(seed, memory, film, frame):
    """The states (T, 2) of the shown frame with or without memory, the letter with the largest logit at each point of
    PLANE, and the losses of both trainings."""
    made = film[frame].on if memory else film[frame].off
    hs, _ = charlm.read(rnn, made.params, READS)
    logits = np.tensordot(made.params.W_hy, PLANE, 1) + made.params.b_y[:, None, None]
    return made._asdict() | {
        "best": (logits == logits.max(axis=0)).argmax(axis=0),  # twice as fast as logits.argmax
        "hs": hs, "names": beside(hs, ["h₁", "e₂", "l₃", "l₄"], T), "distance": np.linalg.norm(hs[3] - hs[2]),
        "V": V, "even": np.log(V), "floor": charlm.floor(hello.WORD),
        "on": [pair.on.loss for pair in film], "off": [pair.off.loss for pair in film],
        **dict(zip(("first_l", "first_o", "second_l", "second_o"), made.probs[2:, 2:].flat, strict=True))}  # fmt: skip


def _region_name(d, i):
    """The name of a letter's region: near its middle, away from the states and the frame; a small region has none."""
    inside = d.best == i
    if inside.mean() <= 0.03:
        return {"visible": False}
    points = PLANE[:, inside].T
    inner = points[np.abs(points[:, 0]) < 0.85]
    points = (inner if len(inner) else points)[::7]
    room = np.linalg.norm(points[:, None] - d.hs, axis=-1).min(axis=1)
    off = np.linalg.norm(points - points.mean(axis=0), axis=-1)
    return {"visible": True, "position": points[(np.minimum(room, 0.5) - 0.5 * off).argmax()]}


def beside(places, names, most, scale=1.0):
    """Up to `most` texts that name states (n, 2), one for those that are together; the axes end at EDGE * scale."""
    together, shown = [], []
    for place, name in zip(places / scale, names, strict=True):
        near = [found for first, found in together if np.abs(first - place).max() < 0.15]
        near[0].append(name) if near else together.append((place, [name]))
    taken = [place for place, _ in together]
    for n, (place, found) in enumerate(together):
        words = " ".join(found)
        taken.append(_beside(place, np.array(taken[:n] + taken[n + 1 :]), len(words)))
        shown.append({"text": words, "position": scale * taken[-1]})
    return shown + [{"text": ""}] * (most - len(shown))


def _beside(h, others, letters):
    """Where the label of a state stands: next to it, inside the axes, as far as can be from other states and labels."""
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    places = h + np.column_stack([(0.15 + 0.025 * letters) * np.cos(angles), 0.19 * np.sin(angles)])
    edge = np.array([1.06 - 0.036 * letters, 1.0])
    inside = places[(np.abs(places) < edge).all(axis=1)]
    places = inside if len(inside) else np.clip(places, -edge, edge)  # a state in a corner
    return places[np.linalg.norm(places[:, None] - others.reshape(-1, 2), axis=-1).min(axis=1, initial=9).argmax()]


def draw_names(axes, d):
    """The names of states as `beside` gives them."""
    white = {"boxstyle": "round,pad=0.15", "facecolor": "#FFFFFF", "edgecolor": "none", "alpha": 0.8}
    for n in range(len(d.names)):
        yield write(axes, 0, 0, "", size=13, bbox=white), lambda d, n=n: d.names[n]


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
    yield from draw_names(plane, d)
    yield ring(plane, markersize=14, zorder=3), lambda d: d.hs[2:].T
    curves = {"off": ("weight", r"$W_{hh} = 0$"), "on": ("rnn", r"$W_{hh}$ trained")}
    yield from draw_losses(figure, d, (5.05, 0.75, 3.35, 3.35), TWO_LS_BUDGET, "floor  (2/4) ln 2", **curves)


two_ls = explorer(
    "charlm.two_ls", compute_two_ls, draw_two_ls, MEMORY, SEED,
    say=lambda d: "on" if d.memory else "off", result="distance",
    line=lambda d:
        f"*_, made = charlm.train(rnn, bptt.init(rnn, np.random.default_rng({d.seed}), {V}, {TWO_LS_H}), "
        f'"hello", {d.frame}, {TWO_LS_RATE}, {d.memory})\n'
        "np.linalg.norm(np.subtract(*bptt.forward(rnn, made.params, hello.INPUTS)[0].h[2:, 0]))",
    presets={"trained": {"memory": True}, "off": {"memory": False}, "stuck": {"seed": 27}},
    size=(8.6, 4.4), film=film_two_ls, budget=TWO_LS_BUDGET,
)  # fmt: skip

# ---- the microscope: what the states of a network do while it reads (2.5)
MOST_READ = LONGEST - 1
LELL = {"word": "hello", "reads": "hell", "other": "lell"}


def compute_microscope(word, reads, other, H, seed, memory, film, frame):
    """What the network of the shown frame makes of `both` sequences, the second may be empty: hs (T, H), ps (T, V) and
    `paths` (T, 2) of each, its states in the plane of the newest frame, which shows `share` percent of their squared
    length; `apart`, the first step at which other letters are read (0: none)."""
    vocab, made = charlm.Vocab(word), film[frame]
    try:
        ids = [vocab.encode(typed) for typed in (reads or word[:-1], other)]
        if max(map(len, ids)) > MOST_READ:
            raise ValueError
    except ValueError:
        raise Refusal("charlm.microscope.letters", word=word, known=", ".join(vocab.chars), most=MOST_READ) from None
    one, two = both = [vocab.decode(read) for read in ids]
    hs, ps = zip(*(charlm.read(rnn, made.params, read) for read in ids), strict=True)
    newest = np.concatenate([charlm.read(rnn, film[-1].params, read)[0] for read in ids])
    plane, scale = (np.eye(2), 1.0) if H == 2 else (charlm.main_directions(newest), np.sqrt(H))
    labels = ("$h_t$[0]", "$h_t$[1]") if H == 2 else [text(f"charlm.microscope.word.{n}") for n in ("first", "second")]
    paths, last = [states @ plane.T for states in hs], ps[0][-1]
    apart = next((t for t, (char, second) in enumerate(zip(one, two, strict=False), 1) if char != second), 0)
    same = apart - 1 if apart else len(one)  # as many steps of the second sequence go without a name
    names = [sub(letter(char), t) + mark for read, mark, unnamed in ((one, "", 0), (two, "′", same))
             for t, char in enumerate(read, 1) if t > unnamed]  # fmt: skip
    return made._asdict() | {
        "chars": vocab.chars, "reads": one, "other": two, "both": both, "hs": hs, "ps": ps, "paths": paths,
        "best": vocab.chars[last.argmax()], "p": last.max(), "apart": apart, "labels": labels,
        "names": beside(np.concatenate([paths[0], paths[1][same:]]), names, 2 * MOST_READ, scale),
        "distance": np.linalg.norm(hs[bool(two)][-1] - hs[0][-1]), "ends": (-EDGE * scale, EDGE * scale),
        "share": 100 * sum(np.sum(path**2) for path in paths) / sum(np.sum(h**2) for h in hs)}  # fmt: skip


def draw_reading(d):
    """For each letter the state as bars from -1 to 1, p_t from 0 to 1, the likeliest letter; ticks: the second sequence."""
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
    parts = (("h", state, d.hs, "hidden", h_high, -1), ("p", top, d.ps, "output", top - base, 0))
    for t in range(1, steps + 1):
        x = left + (t - 0.5) * pitch
        for read, mark, y, colour in zip(d.both, ("", "'"), (0.5, 0.2), ("input", "grey"), strict=True):
            if t <= len(read):
                board.spell(x, y, read[t - 1], f"read{mark}_{t}", fill=colour)
        for name, y, both, quantity, tall, least in parts:
            one, two = ([*array[t - 1 : t].flat] for array in both)
            said = [f"{sub(name, t)}{mark} = {', '.join(map(number, values))}"
                    for values, mark in ((one, ""), (two, "′")) if values]  # fmt: skip
            board.bars(f"{name}_{t}", x - wide / 2, y, one, quantity, "; ".join(said), (wide, tall), least, two)
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
    plane.set(xticks=range(-3, 4), yticks=range(-3, 4))
    yield plane, lambda d: {"xlim": d.ends, "ylim": d.ends, "xlabel": d.labels[0], "ylabel": d.labels[1]}
    yield curve(plane, "ghost", marker="X", linestyle="--", markersize=9), lambda d: d.paths[1].T
    yield curve(plane, "hidden"), lambda d: d.paths[0].T
    yield from draw_names(plane, d)


def say_microscope(d):
    """Whether there is a second sequence, and what it has in common with the first; which plane is drawn."""
    branches = {"alone": not d.other, "same": d.other == d.reads, "apart": d.apart, "longer": True}
    here, plane = slice(d.apart - 1, d.apart), "units" if d.H == 2 else "directions"
    return next(branch for branch, fits in branches.items() if fits), {
        "plane": text(f"charlm.microscope.plane.{plane}", H=d.H, share=d.share),
        "common": min(map(len, d.both)), "letter": d.reads[here], "other_letter": d.other[here]}  # fmt: skip


microscope = explorer(
    "charlm.microscope", compute_microscope, draw_path,
    Entry("word", hello.WORD, parse_word), Entry("reads", ""), Entry("other", ""), Slider("H", 2, 8, 1, 2), SEED, MEMORY,
    say=say_microscope, result="p", size=(4.1, 4.3), diagram=draw_reading, budget=BUDGET,
    line=lambda d:
        f"vocab = charlm.Vocab({d.word!r})\nparams = bptt.init(rnn, np.random.default_rng({d.seed}), len(vocab), {d.H})\n"
        f"*_, made = charlm.train(rnn, params, {d.word!r}, {d.frame}, 0.1, {d.memory})\n"
        f"softmax(bptt.forward(rnn, made.params, vocab.encode({d.reads!r})[:, None])[1][-1, 0]).max()",
    presets={"second": LELL, "no_memory": LELL | {"memory": False}, "eight": LELL | {"H": 8},
             "long": {"word": "mississippi", "reads": "", "other": "", "H": 8}},
    film=lambda word, H, seed, memory: film_training(word, 0.1, H, seed, memory),
)  # fmt: skip

# ---- logits, softmax, samples (2.4)
TARGET = DUE[0]  # the first step of the slide


def compute_sampling(y_h, y_e, y_l, y_o, tau, N, seed):
    """Four logits, their softmax at a temperature, the share of each letter in N draws; p of the largest (p_all, if
    several are: of all these) and of the target, how often each was drawn, and the loss in training, at temperature 1."""
    logits = np.array([y_h, y_e, y_l, y_o])
    best, probs = np.flatnonzero(logits == logits.max()), softmax(logits, tau)
    counts = np.bincount(charlm.draw(np.random.default_rng(seed), probs, N), minlength=V)
    return {"logits": logits, "probs": probs, "share": counts / N, "loss": cross_entropy(logits, TARGET), "top": best[0],
            "best": ", ".join(LETTERS[i] for i in best), "p_best": probs.max(), "p_all": probs[best].sum(),
            "n_best": counts[best].sum(), "target": LETTERS[TARGET], "p": probs[TARGET], "n": counts[TARGET]}  # fmt: skip


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
    probs.set(ylim=(0, 1.36), xlim=(-0.6, 3.8), title=r"softmax$(y\,/\,\tau)$ and samples", yticks=np.linspace(0, 1, 6))
    probs.axhline(1 / V, color=style.INK, linestyle=":", linewidth=1.5)
    write(probs, 3.62, 0.285, "1/4", size=11)
    colour = style.colour("output")
    hatched = {"facecolor": "#FFFFFF", "edgecolor": style.INK, "hatch": "///"}
    yield ghosted(logits.bar(places, zeros, width=0.6, color=colour)), lambda d: d.logits
    yield ghosted(probs.bar(places - 0.2, zeros, width=0.36, color=colour, label="p")), lambda d: d.probs
    yield probs.bar(places + 0.2, zeros, width=0.36, label="samples", **hatched), lambda d: d.share
    probs.legend(loc="upper left", ncols=2)

    def at(value, gap, decimals):
        return {"text": number(value, decimals), "y": value + gap}

    for i in places:
        yield write(logits, i, 0, "", size=12), lambda d, i=i: at(d.logits[i], 0.55 if d.logits[i] >= 0 else -0.55, 1)
        yield write(probs, i - 0.2, 0, "", size=11), lambda d, i=i: at(d.probs[i], 0.035, 2)
    size = style.text_size(12)
    look = {"offset": (0, 12 + 0.7 * size), "ha": "center", "fontsize": size, "fontweight": "bold"}  # over the number
    white = {"boxstyle": "square,pad=0.1", "facecolor": "#FFFFFF", "edgecolor": "none"}
    yield Tag(logits, "largest", **look), lambda d: {"xy": (d.top, max(d.logits[d.top], 0))}
    yield Tag(probs, "target", bbox=white, **look), lambda d: {"xy": (TARGET, max(d.p, d.share[TARGET]))}


sampling = explorer(
    "charlm.sampling", compute_sampling, draw_sampling,
    *(Slider(f"y_{char}", -6.0, 6.0, 0.1, float(y)) for char, y in zip(LETTERS, hello.Y[0], strict=True)),
    Slider("tau", 0.0, 20.0, 0.1, 1.0), Slider("N", 1, 2000, 1, 100), SEED,
    line=lambda d: f"max(softmax(np.array({d.logits.tolist()}), {d.tau}))", result="p_best",
    presets={"argmax": {"tau": 0.0}, "flat": {"tau": 20.0}, "many": {"N": 2000}, "repaired": {"y_e": 6.0, "y_o": 0.0}},
    say=lambda d: "tied" if len(d.best) > 1 else None, size=style.WIDE,
)  # fmt: skip


# ---- writing, letter by letter (2.5)
def compute_generation(feed, updates, start, letters, tau, seed):
    """The slide's network after some updates, fed with its own letters or with the true ones: what it reads and writes
    (n,), by which states hs (n, 3), with which probabilities (n, V); in percent, how often drawing writes "ello" after "h"."""
    made, rng = charlm.slide_training(UPDATES)[updates], np.random.default_rng(seed)
    probs = softmax(bptt.forward(rnn, made.params, hello.INPUTS)[1][:, 0], tau)
    chance = 100 * probs[np.arange(T), DUE].prod()
    if feed == "own":
        _, ids, _, probs = charlm.sample(rnn, made.params, VOCAB, start, letters, rng, tau)
        reads = np.append(VOCAB.encode(start), ids[:-1])
    else:
        probs, reads = probs[:letters], READS[:letters]
        ids = np.array([charlm.draw(rng, p) for p in probs])
    hs, _ = charlm.read(rnn, made.params, reads)
    return {"reads": reads, "ids": ids, "hs": hs, "probs": probs, "text": VOCAB.decode(ids), "chance": chance}


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
        x, p_t = left + (t - 1) * pitch, sub("p", t)
        middle, gap = x + wide / 2, x + wide + 0.18
        board.write(middle, reads, LETTERS[read], size=17, id=f"read_{t}", fill="input")
        board.arrow((middle, reads + 0.2), (middle, state - tall), "input")
        board.numbers(f"h_{t}", x, state + tall, d.hs[t - 1], "hidden", (wide, 2 * tall / 3), said=sub("h", t))
        board.arrow((middle, state + tall), (middle, top - 4 * high - 0.03), "output")
        for row, (char, p) in enumerate(zip(LETTERS, d.probs[t - 1], strict=True)):
            board.numbers(f"p_{t}.{row}", x, top - row * high, p, "output", (wide, high), said=f"{p_t}({char})")
        board.frame(x, top - (chosen + 1) * high, wide, high, f"chosen_{t}")
        board.arrow((middle, top + 0.05), (middle, writes - 0.22), "output")
        colour = "ink" if own or chosen == DUE[t - 1] else "vermilion"
        board.write(middle, writes, LETTERS[chosen], size=17, id=f"written_{t}", bold=True, fill=colour)
        if t < len(d.ids):
            board.arrow((x + wide, state), (x + pitch, state), "hidden")
            corners = [(middle + 0.16, writes), (gap, writes), (gap, reads), (x + pitch + 0.12, reads)]
            board.path(corners, f"back_{t}", tip=True, dashed=True, width=1.6, quantity="grey", visible=own)
    return board


generation = explorer(
    "charlm.generation", compute_generation, None,
    Choice("feed", ("own", "true"), "own"), Slider("updates", 0, UPDATES, 1, 0), Choice("start", LETTERS, "h"),
    Slider("letters", 1, 8, 1, 6), Slider("tau", 0.0, 5.0, 0.1, 0.0), SEED,
    say=lambda d: d.feed, result="chance",
    line=lambda d: SLIDE_LINE.format(d.updates) +
        f"100 * softmax(bptt.forward(rnn, made.params, hello.INPUTS)[1][:, 0], {d.tau})[range(4), hello.TARGETS[:, 0]].prod()",
    presets={"untrained": {}, "true": {"feed": "true"}, "trained": {"updates": UPDATES, "letters": 4},
             "drawn": {"updates": UPDATES, "tau": 1.0, "letters": 8}}, diagram=draw_generation,
)  # fmt: skip
