"""The character model: it reads a text letter by letter and says, at each step, what may come next.

    h_t = cell(x_t, h_{t-1})        x_t is the one-hot vector of the letter read
    y_t = W_hy h_t + b_y            one logit for each letter of the vocabulary
    p_t = softmax(y_t)              loss_t = -log p_t[next letter]

Sections 2.1-2.5 of the lecture; A. Karpathy, "The unreasonable effectiveness of recurrent neural networks" (2015).
Three things are kept apart: the *target* is what training makes likely, the *largest logit* is the single best guess,
and a *sample* is drawn from p_t. A model without memory sees the current letter only, so its mean loss cannot fall
below the entropy of the next letter given the current one, `floor(text)`; what came before has to come in by h_{t-1}.
"""

import math
import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import repeat
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, hello, rnn, training
from lecture_utils.functions import check_ids, check_sizes, cross_entropy, softmax
from lecture_utils.optimizers import Adam, TrainingStopped
from lecture_utils.tasks import Batch

ROUNDING = 1e-6  # of the largest state: what an SVD makes up where there is nothing
HOPELESS = 745  # nats; exp(-745) is the smallest float64 above 0, beyond it the right letter has probability 0


# ---- text
def clean(text):
    """(text, changes): composed (NFC), line ends as LF, no byte order mark; `changes` names what had to be changed.

    ValueError for anything but a str, and for half a surrogate pair, which is no character.
    """
    if not isinstance(text, str):
        raise ValueError(f"the text is of type {type(text).__name__}, expected str, e.g. 'hello'; bytes: text.decode()")
    if half := re.search("[\ud800-\udfff]", text):
        raise ValueError(f"the text holds half a surrogate pair, U+{ord(half[0]):04X}, at position {half.start()}")
    changes = []
    for name, change in (
        ("byte order mark", lambda text: text.removeprefix("\ufeff")),
        ("line ends", lambda text: text.replace("\r\n", "\n").replace("\r", "\n")),
        ("NFC", lambda text: unicodedata.normalize("NFC", text)),
    ):
        changed = change(text)
        if changed != text:
            changes.append(name)
        text = changed
    return text, tuple(changes)


class Vocab:
    """The characters of a text in the order of first appearance; `changes` names what `clean` changed."""

    def __init__(self, text):
        text, self.changes = clean(text)
        if not text:
            raise ValueError("the text is empty, expected at least one character, e.g. 'hello'")
        self.chars = tuple(dict.fromkeys(text))
        self._ids = {char: i for i, char in enumerate(self.chars)}

    def __len__(self):
        return len(self.chars)

    def __repr__(self):
        changed = f", changed: {', '.join(self.changes)}" if self.changes else ""
        return f"Vocab({''.join(self.chars)!r}{changed})"

    def encode(self, text):
        """The ids of the characters, (T,). ValueError for a character that is not in the vocabulary."""
        text, _ = clean(text)
        for position, char in enumerate(text):
            if char not in self._ids:
                raise ValueError(
                    f"character {char!r} (U+{ord(char):04X}) at position {position} is not in the vocabulary "
                    f"{''.join(self.chars)!r}; expected these {len(self)} characters only"
                )
        return np.array([self._ids[char] for char in text], dtype=int)

    def decode(self, ids):
        """The characters of ids (T,) as a str."""
        return "".join(self.chars[i] for i in check_ids("ids", ids, len(self)))


class Lesson(NamedTuple):
    """What a text teaches: at each step the letter read and the letter to predict."""

    vocab: Vocab
    inputs: np.ndarray  # (T, 1) ids: the text without its last character
    targets: np.ndarray  # (T, 1) ids: the text without its first character


def lesson(text):
    """The Lesson of a text, T one less than its characters. ValueError for fewer than 2 characters."""
    text, _ = clean(text)
    if len(text) < 2:
        raise ValueError(f"{text!r} needs at least 2 characters (one to read, one to predict), e.g. 'hi'")
    vocab = Vocab(text)
    ids = vocab.encode(text)[:, None]
    return Lesson(vocab, ids[:-1], ids[1:])


def floor(text):
    """The smallest mean loss of a model without memory, in nats: the entropy of the next letter given the current one.

    Of the n pairs that begin with a letter, k go on with the same next one: the best that can be said of it is k / n.
    """
    _, inputs, targets = lesson(text)
    pairs = Counter(zip(inputs[:, 0].tolist(), targets[:, 0].tolist(), strict=True))
    begins = Counter(inputs[:, 0].tolist())
    return sum(k * math.log(begins[letter] / k) for (letter, _), k in pairs.items()) / len(inputs)


# ---- training
class Snapshot(NamedTuple):
    """Where the training stands after `step` updates; never changed afterwards."""

    step: int
    loss: float  # mean over the text, of these params
    probs: np.ndarray  # (T, V), p_t at each step
    params: bptt.Params


def without_memory(params):
    """The params of a plain RNN with W_hh = 0: h_t depends on x_t alone."""
    return params._replace(cell=params.cell._replace(W_hh=np.zeros_like(params.cell.W_hh)))


def train(cell, params, text, steps, rate=0.1, memory=True):
    """A generator of Snapshots of training on one text with Adam: the first before any update, then one per update.

    Without memory (plain RNN only) W_hh is held at 0: it starts there, and each letter is read as a sequence of its
    own, after h_{t-1} = 0, so that the gradient of W_hh is 0. Raises TrainingStopped, naming the step, when the loss
    passes HOPELESS or a number is no longer finite; the last Snapshot it gave holds the last good weights.
    """
    _, inputs, targets = lesson(text)
    if not memory:
        if cell is not rnn:
            raise ValueError("memory=False switches off W_hh of the plain RNN, expected cell=rnn")
        params, inputs, targets = without_memory(params), inputs.T, targets.T  # (1, B): T sequences of one step each
    for made in training.train(cell, params, repeat(Batch(inputs, targets, None), steps), Adam(rate)):
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # reported in words
                logits = bptt.forward(cell, made.params, inputs)[1]
                loss = float(cross_entropy(logits, targets).mean())
        except ValueError:  # logits beyond float64
            loss = math.inf
        if not loss <= HOPELESS:
            raise TrainingStopped(
                f"training stopped at step {made.step}: the loss is {loss:.3g} nats, the right letters have "
                f"probability 0; the rate is {rate:g}, expected a smaller one, e.g. rate=0.1"
            )
        yield Snapshot(made.step, loss, softmax(logits).reshape(-1, logits.shape[-1]), made.params)


class Pair(NamedTuple):
    """Two trainings of a plain RNN after the same number of updates."""

    on: Snapshot  # W_hh is trained
    off: Snapshot  # W_hh is held at 0


def pairs(params, text, steps, rate=0.1):
    """A generator of Pairs, from the same params."""
    return map(Pair, *(train(rnn, params, text, steps, rate, memory) for memory in (True, False)))


@cache
def slide_training(steps):
    """The Snapshots, a tuple, of training the slide's network on."""
    return tuple(train(rnn, hello.rebuild(), hello.WORD, steps))


# ---- reading
def read(cell, params, ids):
    """The states (T, H) and probabilities (T, V) of a model that reads ids (T,), which may be none."""
    trace, logits = bptt.forward(cell, params, np.append(ids, 0)[:, None])  # a pass needs a step; the last is dropped
    return trace.h[:-1, 0], softmax(logits[:-1, 0])


def main_directions(hs):
    """The two directions (2, H) along which states (n, H) reach farthest from 0, by SVD; the farthest state is on the
    positive side. 0 for a direction that no state has. ValueError unless n >= 1 and H >= 2."""
    if np.ndim(hs) != 2 or len(hs) == 0 or hs.shape[1] < 2:
        raise ValueError(f"hs has shape {np.shape(hs)}, expected (n, H) with n at least 1 and H at least 2")
    found = np.linalg.svd(hs)[2][:2]
    along = hs @ found.T
    far = along[np.abs(along).argmax(axis=0), [0, 1]]
    return found * np.where(np.abs(far) > ROUNDING * np.abs(hs).max(), np.sign(far), 0)[:, None]


# ---- writing
def draw(rng, probs, n=None):
    """Ids drawn with the probabilities (V,): one, or n of them; each is where a uniform number falls among the sums.

    ValueError unless the probabilities are at least 0, with a sum above 0; it need not be 1.
    """
    with np.errstate(over="ignore"):
        edges = np.cumsum(probs, dtype=np.float64)
    if not (np.min(probs, initial=0) >= 0 and 0 < np.sum(edges[-1:]) < math.inf):
        raise ValueError(f"probs is {probs}, expected numbers >= 0 with a finite sum > 0, e.g. [0.5, 0.5]")
    return np.searchsorted(edges / edges[-1], rng.random(n), side="right")


class Sample(NamedTuple):
    """What a model wrote, letter by letter."""

    text: str
    ids: np.ndarray  # (n,)
    logits: np.ndarray  # (n, V)
    probs: np.ndarray  # (n, V), at the temperature it was drawn with


def sample(cell, params, vocab, start, n, rng, tau=1.0):
    """The Sample of n letters that follow `start`: draw one from softmax(logits / tau), feed it back, repeat.

    tau = 0 takes the largest logit. ValueError for an empty start, a letter not in the vocabulary, or a negative tau.
    """
    check_sizes(n=n)
    xs, state = vocab.encode(start)[:, None], None
    if len(xs) == 0:
        raise ValueError(f"start is empty, expected at least one character to read, e.g. {vocab.chars[0]!r}")
    ids, logits, probs = [], [], []
    for _ in range(n):
        trace, outputs = bptt.forward(cell, params, xs, state)
        state = cell.state(trace)
        logits.append(outputs[-1, 0])
        probs.append(softmax(logits[-1], tau))
        ids.append(int(draw(rng, probs[-1])))
        xs = np.array([[ids[-1]]])  # what was written is read next
    return Sample(vocab.decode(ids), np.array(ids), np.array(logits), np.array(probs))
