"""The explorers of chapter 2: the slide, training live, the two l's, from logits to samples, writing."""

from functools import cache
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, charlm, hello, rnn
from lecture_utils.chapters.charlm import pictures as plots
from lecture_utils.drawing.diagram import moved
from lecture_utils.functions import cross_entropy, one_hot, softmax
from lecture_utils.optimizers import TrainingStopped
from lecture_utils.widgets.engine import Choice, Entry, Refusal, Slider, Spec, Switch, register

UPDATES = 40  # from the slide's network to one that has learnt "hello"


@cache
def slide_training():
    """The Snapshots of training the slide's network on."""
    return tuple(charlm.train(rnn, hello.rebuild(), hello.WORD, UPDATES))


def _slide_line(updates):
    return f'*_, made = charlm.train(rnn, hello.rebuild(), "hello", {updates})\n'


# ---- the slide, number by number
class Slide(NamedTuple):
    """All numbers of the slide up to step t, after some updates."""

    inputs: np.ndarray  # (T,)
    targets: np.ndarray  # (T,)
    xs: np.ndarray  # (T, V)
    hs: np.ndarray  # (T, H)
    ys: np.ndarray  # (T, V)
    ps: np.ndarray  # (T, V)
    losses: np.ndarray  # (T,)
    t: int
    updates: int
    decimals: int


def compute_slide(t, updates, rounded):
    """The forward pass over "hell"."""
    made = slide_training()[updates]
    trace, logits = bptt.forward(rnn, made.params, hello.INPUTS)
    inputs, targets = hello.INPUTS[:, 0], hello.TARGETS[:, 0]
    losses = cross_entropy(logits[:, 0], targets)
    xs = one_hot(inputs, len(hello.VOCABULARY))
    return Slide(inputs, targets, xs, trace.h[:, 0], logits[:, 0], made.probs, losses, t, updates, 1 if rounded else 2)


slide = register(
    Spec(
        name="charlm.slide",
        controls=(Slider("t", 1, 4, 1, 4), Slider("updates", 0, UPDATES, 1, 0), Switch("rounded", True, redraw=True)),
        compute=compute_slide,
        picture=moved(plots.make_slide, plots.update_slide),
        say=plots.say_slide,
        line=lambda d: f"from lecture_utils import charlm, hello, rnn\n{_slide_line(d.updates)}made.loss",
        result="mean",
        presets={"first": {"t": 1}, "slide": {}, "trained": {"updates": UPDATES}},
        size=(8.0, 5.5),
    )
)

# ---- training live
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


class Training(NamedTuple):
    """A word and the training so far; the network shown is that of one frame."""

    word: str
    chars: tuple
    targets: np.ndarray  # (T,)
    memory: bool
    floor: float
    budget: int
    top: float  # of the loss axis
    losses: list
    step: int
    loss: float
    probs: np.ndarray  # (T, V)
    worst: float  # the smallest probability that a target has
    read: str  # the letter read there
    target: str


def film_training(word, rate, H, seed, memory):
    """The Snapshots of training a fresh network; Refusal where the rate is too large."""
    params = bptt.init(rnn, np.random.default_rng(seed), len(charlm.Vocab(word)), H)
    try:
        for made in charlm.train(rnn, params, word, TRAINING_BUDGET, float(rate), memory):
            yield made
    except TrainingStopped:
        raise Refusal("charlm.training.stopped", step=made.step + 1, last=made.step, rate=rate) from None


def compute_training(word, rate, H, seed, memory, film, frame):
    """p_t at the shown frame, and what the word's floor is."""
    vocab, _, targets = charlm.lesson(word)
    made = film[frame]
    targets = targets[:, 0]
    due = made.probs[np.arange(len(targets)), targets]
    worst = due.argmin()
    return Training(
        word=word,
        chars=vocab.chars,
        targets=targets,
        memory=memory,
        floor=charlm.floor(word),
        budget=TRAINING_BUDGET,
        top=max(2.0, 1.4 * np.log(len(vocab))),
        losses=[shown.loss for shown in film],
        step=made.step,
        loss=made.loss,
        probs=made.probs,
        worst=due[worst],
        read=word[worst],
        target=word[worst + 1],
    )


training = register(
    Spec(
        name="charlm.training",
        controls=(
            Entry("word", hello.WORD, parse_word, redraw=True),
            Entry("rate", "0.1", parse_rate),
            Slider("H", 1, 32, 1, 8),
            Slider("seed", 0, 99, 1, 0),
            Switch("memory", True),
        ),
        compute=compute_training,
        picture=moved(plots.make_training, plots.update_training),
        say=plots.say_training,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils import bptt, charlm, rnn\n"
            f"params = bptt.init(rnn, np.random.default_rng({d.seed}), "
            f"len(charlm.Vocab({d.word!r})), {d.H})\n"
            f"[made.loss for made in charlm.train(rnn, params, {d.word!r}, {d.frame}, "
            f"{d.rate}, {d.memory})][-1]"
        ),
        result="loss",
        presets={
            "no_memory": {"memory": False},
            "korean": {"word": "안녕하세요"},
            "mississippi": {"word": "mississippi"},
            "too_fast": {"rate": "1e30"},
        },
        size=(8.6, 4.5),
        film=film_training,
        budget=TRAINING_BUDGET,
    )
)

# ---- the two l's
TWO_LS_BUDGET, TWO_LS_RATE, TWO_LS_H = 100, 0.2, 2


class Pair(NamedTuple):
    """The same network after the same number of updates, with W_hh trained and with W_hh held at 0."""

    on: charlm.Snapshot
    off: charlm.Snapshot


class TwoLs(NamedTuple):
    """The states of the four steps in one of the two networks, and the losses of both."""

    inputs: np.ndarray  # (T,)
    memory: bool
    params: bptt.Params
    hs: np.ndarray  # (T, 2)
    probs: np.ndarray  # (T, V)
    distance: float  # between the states at the two l's
    floor: float
    budget: int
    on: list
    off: list
    step: int
    loss: float


def _fresh(seed):
    return bptt.init(rnn, np.random.default_rng(seed), len(hello.VOCABULARY), TWO_LS_H)


def film_two_ls(seed):
    """Both trainings side by side, from the same weights."""
    settings = (rnn, _fresh(seed), hello.WORD, TWO_LS_BUDGET, TWO_LS_RATE)
    yield from map(Pair, charlm.train(*settings, memory=True), charlm.train(*settings, memory=False))


def compute_two_ls(seed, memory, film, frame):
    """h_t of the shown frame, with or without memory."""
    made = film[frame].on if memory else film[frame].off
    hs = bptt.forward(rnn, made.params, hello.INPUTS)[0].h[:, 0]
    return TwoLs(
        inputs=hello.INPUTS[:, 0],
        memory=memory,
        params=made.params,
        hs=hs,
        probs=made.probs,
        distance=float(np.linalg.norm(hs[3] - hs[2])),
        floor=charlm.floor(hello.WORD),
        budget=TWO_LS_BUDGET,
        on=[pair.on.loss for pair in film],
        off=[pair.off.loss for pair in film],
        step=made.step,
        loss=made.loss,
    )


two_ls = register(
    Spec(
        name="charlm.two_ls",
        controls=(Switch("memory", True), Slider("seed", 0, 99, 1, 0)),
        compute=compute_two_ls,
        picture=moved(plots.make_two_ls, plots.update_two_ls),
        say=plots.say_two_ls,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils import bptt, charlm, hello, rnn\n"
            f"*_, made = charlm.train(rnn, bptt.init(rnn, np.random.default_rng({d.seed}), 4, {TWO_LS_H}), "
            f'"hello", {d.frame}, {TWO_LS_RATE}, {d.memory})\n'
            "np.linalg.norm(np.subtract(*bptt.forward(rnn, made.params, hello.INPUTS)[0].h[2:, 0]))"
        ),
        result="distance",
        presets={"trained": {"memory": True}, "off": {"memory": False}, "stuck": {"seed": 27}},
        size=(8.6, 4.4),
        film=film_two_ls,
        budget=TWO_LS_BUDGET,
        guesses=("zero", "floor", "even"),
    )
)


# ---- logits, softmax, samples
class Sampling(NamedTuple):
    """Four logits, their softmax at a temperature, and how often each letter came in N draws."""

    logits: np.ndarray
    tau: float
    probs: np.ndarray
    counts: np.ndarray
    share: np.ndarray
    target: int
    loss: float  # of the target, at temperature 1: the loss that training sees


def compute_sampling(y_h, y_e, y_l, y_o, tau, N, seed):
    """The first step of the slide; its target is "e"."""
    logits, target = np.array([y_h, y_e, y_l, y_o]), int(hello.TARGETS[0, 0])
    probs = softmax(logits, tau)
    counts = np.bincount(charlm.draw(np.random.default_rng(seed), probs, N), minlength=4)
    return Sampling(logits, tau, probs, counts, counts / N, target, float(cross_entropy(logits, target)))


LOGITS = [Slider(f"y_{char}", -6.0, 6.0, 0.1, float(y)) for char, y in zip(hello.VOCABULARY, hello.Y[0], strict=True)]

sampling = register(
    Spec(
        name="charlm.sampling",
        controls=(
            *LOGITS,
            Slider("tau", 0.0, 20.0, 0.1, 1.0),
            Slider("N", 1, 2000, 1, 100),
            Slider("seed", 0, 99, 1, 0),
        ),
        compute=compute_sampling,
        picture=moved(plots.make_sampling, plots.update_sampling, ("y", "p")),
        say=plots.say_sampling,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils.functions import softmax\n"
            f"max(softmax(np.array([{', '.join(str(getattr(d, slider.name)) for slider in LOGITS)}]), {d.tau}))"
        ),
        result="p_best",
        presets={
            "argmax": {"tau": 0.0},
            "flat": {"tau": 20.0},
            "many": {"N": 2000},
            "repaired": {"y_e": 6.0, "y_o": 0.0},
        },
        size=(8.2, 4.4),
    )
)


# ---- writing, letter by letter
class Generation(NamedTuple):
    """What is read and what is written, letter by letter."""

    reads: np.ndarray  # (n,)
    ids: np.ndarray  # (n,)
    probs: np.ndarray  # (n, V)
    due: np.ndarray  # (4,), the targets when the true letters are read
    own: bool  # whether it reads what it wrote
    tau: float
    updates: int
    chance: float  # percent: how often drawing writes "ello" after "h"


def compute_generation(feed, updates, start, letters, tau, seed):
    """The slide's network after some updates, fed with its own letters or with the true ones."""
    made, rng, due = slide_training()[updates], np.random.default_rng(seed), hello.TARGETS[:, 0]
    logits = bptt.forward(rnn, made.params, hello.INPUTS)[1][:, 0]
    true_probs = softmax(logits, tau)
    chance = 100 * true_probs[np.arange(len(due)), due].prod()
    if feed == "own":
        written = charlm.sample(rnn, made.params, charlm.Vocab(hello.WORD), start, letters, rng, tau)
        reads = np.append(hello.VOCABULARY.index(start), written.ids[:-1])
        return Generation(reads, written.ids, written.probs, due, True, tau, updates, chance)
    n = min(letters, len(hello.INPUTS))
    ids = np.array([charlm.draw(rng, probs) for probs in true_probs[:n]])
    return Generation(hello.INPUTS[:n, 0], ids, true_probs[:n], due, False, tau, updates, chance)


generation = register(
    Spec(
        name="charlm.generation",
        controls=(
            Choice("feed", ("own", "true"), "own"),
            Slider("updates", 0, UPDATES, 1, 0),
            Choice("start", tuple(hello.VOCABULARY), "h"),
            Slider("letters", 1, plots.MOST, 1, 6),
            Slider("tau", 0.0, 5.0, 0.1, 0.0),
            Slider("seed", 0, 99, 1, 0),
        ),
        compute=compute_generation,
        picture=moved(plots.make_generation, plots.update_generation),
        say=plots.say_generation,
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
        size=(8.6, 4.2),
    )
)
