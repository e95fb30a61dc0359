"""The kinds of RNN by number of inputs and outputs (section 1.5), each with a tiny task of its own.

One cell and one training loop serve all of them. A kind only says at which steps an input is given (x_mask) and at which
steps a loss is taken (y_mask):

    one to one              an ordinary network: the exclusive or of two bits
    one to many             a picture's caption: 3x3 noisy pixels in, its name out, letter by letter
    many to one             a sentence's sentiment: words in, good or bad out; "not" turns the next word around
    many to many, delayed   encoder and decoder: letters in, then the capitals out, in reverse order (one cell does both)
    many to many, in step   a label for every frame: the largest number so far
"""

from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, rnn
from lecture_utils.functions import check_sizes, one_hot, one_of
from lecture_utils.optimizers import Adam
from lecture_utils.tasks import Batch
from lecture_utils.training import accuracy, train

HIDDEN, BATCH, RATE, STEPS = 32, 64, 0.01, 400
TESTED = 400  # examples


class Kind(NamedTuple):
    """One kind: the steps with an input, the steps with an output, the names of both, and its task."""

    x_mask: np.ndarray  # (T,) booleans
    y_mask: np.ndarray  # (T,) booleans
    inputs: tuple  # the name of each input symbol; for the picture, of each pixel
    outputs: tuple  # the name of each class
    draw: Callable  # (rng, B) -> xs (T, B, V), targets (T, B)
    spell: Callable  # an input vector (V,) and the names -> how it is written for a reader

    @property
    def V(self):
        """The size of an input vector."""
        return len(self.inputs)


def _symbol(x, names):
    return names[int(np.argmax(x))]


def _mask(marks):
    return np.array([mark == "x" for mark in marks])


def _bits(rng, B):
    bits = rng.integers(0, 2, (1, B, 2))
    return bits.astype(float), bits[..., 0] ^ bits[..., 1]


def _spell_bits(x, names):
    return f"{x[0]:.0f}, {x[1]:.0f}"


NAMES = ("plus", "ring", "line")
PIXELS = np.array([[0, 1, 0, 1, 1, 1, 0, 1, 0], [1, 1, 1, 1, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1, 0, 0, 0]], float)
LETTERS = tuple(dict.fromkeys("".join(NAMES)))


def _pixels(x, names):
    return "\n".join("".join("█" if pixel > 0.5 else "░" for pixel in row) for row in x.reshape(3, 3))


def _captions(rng, B):
    shape = rng.integers(0, len(NAMES), B)
    xs = np.zeros((4, B, 9))
    xs[0] = PIXELS[shape] + 0.2 * rng.standard_normal((B, 9))
    letters = np.array([[LETTERS.index(letter) for letter in name] for name in NAMES])
    return xs, letters[shape].T


WORDS = ("good", "bad", "not", "film")


def _sentiments(rng, B):
    """Sentences of five words whose opinions do not cancel out: drawn until there are enough of them."""
    found = np.empty((5, 0), int)
    while found.shape[1] < B:
        words = rng.integers(0, len(WORDS), (5, 2 * B))
        found = np.concatenate([found, words[:, _opinion(words) != 0]], axis=1)
    words = found[:, :B]
    return one_hot(words, len(WORDS)), np.tile((_opinion(words) < 0).astype(int), (5, 1))


def _opinion(words):
    value = np.select([words == 0, words == 1], [1, -1], 0)
    value[1:] = np.where(words[:-1] == 2, -value[1:], value[1:])
    return value.sum(axis=0)


def _reversals(rng, B):
    letters = rng.integers(0, 4, (3, B))
    none = np.zeros((3, B), int)
    return one_hot(np.concatenate([letters, none]), 4), np.concatenate([none, letters[::-1]])


def _maxima(rng, B):
    numbers = rng.integers(0, 4, (6, B))
    return one_hot(numbers, 4), np.maximum.accumulate(numbers, axis=0)


KINDS = {
    "one_to_one": Kind(_mask("x"), _mask("x"), ("bit 1", "bit 2"), ("0", "1"), _bits, _spell_bits),
    "one_to_many": Kind(
        _mask("x..."), _mask("xxxx"), tuple(f"pixel {n}" for n in range(1, 10)), LETTERS, _captions, _pixels
    ),
    "many_to_one": Kind(_mask("xxxxx"), _mask("....x"), WORDS, ("good", "bad"), _sentiments, _symbol),
    "many_to_many_delayed": Kind(_mask("xxx..."), _mask("...xxx"), tuple("abcd"), tuple("ABCD"), _reversals, _symbol),
    "many_to_many_in_step": Kind(_mask("xxxxxx"), _mask("xxxxxx"), tuple("1234"), tuple("1234"), _maxima, _symbol),
}


def batch(kind, rng, B=BATCH):
    """B fresh examples of a kind, by name. ValueError for an unknown name."""
    check_sizes(B=B)
    chosen = one_of(KINDS, kind=kind)
    xs, targets = chosen.draw(rng, B)
    return Batch(xs, targets, chosen.y_mask, chosen.x_mask)


def training(kind, rng):
    """The Snapshots of training a plain RNN on a kind: STEPS updates of Adam on fresh batches of BATCH examples."""
    chosen = one_of(KINDS, kind=kind)
    params = bptt.init(rnn, rng, chosen.V, HIDDEN, len(chosen.outputs))
    return train(rnn, params, (batch(kind, rng) for _ in range(STEPS)), Adam(RATE))


class Frame(NamedTuple):
    """Where the training of a kind stands."""

    step: int
    accuracy: float  # on the examples
    params: bptt.Params
    examples: Batch  # freshly drawn ones


def unseen(kind, seed):
    """TESTED examples that no training of this seed sees."""
    return batch(kind, np.random.default_rng(seed + 1_000_000), TESTED)


def run(kind, seed, every):
    """A generator of Frames of the training from default_rng(seed), one every so many updates; the first before any."""
    check_sizes(every=every)
    fresh = unseen(kind, seed)
    for step, _, params in islice(training(kind, np.random.default_rng(seed)), 0, None, every):
        yield Frame(step, accuracy(rnn, params, fresh), params, fresh)


def read(kind, examples, n):
    """Example n of a batch as a reader would write it: one string per step, empty where no input is given."""
    chosen = one_of(KINDS, kind=kind)
    return [
        chosen.spell(x, chosen.inputs) if on else "" for x, on in zip(examples.xs[:, n], chosen.x_mask, strict=True)
    ]


def answers(kind, params, examples, n):
    """The states (T, H) of the network on example n; its answers, the name of the largest output at each step where a loss
    is taken; and the right ones."""
    chosen = one_of(KINDS, kind=kind)
    trace, outputs = bptt.forward(rnn, params, examples.xs[:, n : n + 1], x_mask=examples.x_mask)
    classes = outputs[chosen.y_mask, 0].argmax(axis=-1), examples.targets[chosen.y_mask, n]
    return trace.h[:, 0], *([chosen.outputs[best] for best in found] for found in classes)
