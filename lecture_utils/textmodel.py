"""A character model trained on a whole text: the text read in columns, the state carried from chunk to chunk.

    the text is cut into B columns of equal length, read side by side in chunks of T steps
    h, c after the last step of a chunk are where the next chunk starts; no gradient passes back across the cut

This is truncated BPTT as the deck teaches it (content.md 3.4), at the size at which it writes text (5.3, 5.4): H 128,
B 16, T 32, Adam with rate 0.01, the gradient's norm clipped at 1, float32. `HELD_OUT` of a long text is never trained
on; the loss there, in nats per character, is what counts. The prose is the language reference that comes with Python.

Source: A. Karpathy, "The unreasonable effectiveness of recurrent neural networks" (2015).
"""

from itertools import islice
from pydoc_data.topics import topics
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, lstm, rnn, training
from lecture_utils.charlm import Vocab, clean
from lecture_utils.functions import astype, check_ids, check_sizes, cross_entropy, one_hot
from lecture_utils.optimizers import Adam
from lecture_utils.tasks import Batch

CELLS = {"rnn": (rnn, {}), "lstm": (lstm, {"forget_bias": 1.0})}
MOST = 100_000  # characters that are used of a text
HELD_OUT = 1_000  # of them, at the end, of a text at least ten times as long


class Text(NamedTuple):
    """A text as ids, and the part of it that is kept apart to measure."""

    vocab: Vocab
    length: int  # characters in all
    train: np.ndarray  # (n,) ids
    held_out: np.ndarray  # (HELD_OUT,) ids; of a short text all of it, so that the loss is the one trained on


def prose():
    """The first 100,000 characters of Python's language reference."""
    return "".join(topics.values())[:MOST]


def read(text):
    """The Text of a str, made NFC; characters beyond the first MOST are left out. ValueError for fewer than 2."""
    text, _ = clean(text)
    text = text[:MOST]
    if len(text) < 2:
        raise ValueError(f"{text!r} needs at least 2 characters (one to read, one to predict), e.g. 'hi'")
    vocab = Vocab(text)
    ids = vocab.encode(text)
    held_out = HELD_OUT if len(ids) >= 10 * HELD_OUT else 0
    return Text(vocab, len(ids), ids[: len(ids) - held_out], ids[-held_out:])


def columns(ids, B):
    """The text in B columns of equal length, (n, B): column b goes on where column b - 1 ends; a rest is left out."""
    check_sizes(B=B)
    n = len(ids) // B
    return ids[: n * B].reshape(B, n).T


def chunks(table, T):
    """The endless (inputs (T, B), targets (T, B), first) of reading columns again and again; first: the state is 0.

    The last chunk of a reading may be shorter.
    """
    check_sizes(T=T)
    while True:
        for start in range(0, len(table) - 1, T):
            piece = table[start : start + T + 1]
            yield piece[:-1], piece[1:], start == 0


def train(name, text, seed, H=128, B=16, T=32, rate=0.01, limit=1.0, dtype=np.float32):
    """The endless Snapshots of training the named cell on a Text; a loss is in nats per character of the chunk.

    A text shorter than 10 B T characters is read in fewer columns, so that each still has ten chunks or so.
    """
    cell, options = CELLS[name]
    params = astype(bptt.init(cell, np.random.default_rng(seed), len(text.vocab), H, **options), dtype)
    table = columns(text.train, min(B, max(1, len(text.train) // (10 * T))))
    batches = (Batch(inputs, targets, None) for inputs, targets, _ in chunks(table, T))
    return training.train(cell, params, batches, Adam(rate), limit, pieces=len(range(0, len(table) - 1, T)))


def double(params):
    """The same parameters in float64, so that what is measured on them does not depend on how fast it is measured."""
    return astype(params, np.float64)


def nats(name, params, ids):
    """The mean loss in nats per character of reading ids (n,) in columns of some 200, each from the state 0."""
    table = columns(ids, max(1, len(ids) // 200))
    return float(bptt.loss(CELLS[name][0], double(params), table[:-1], table[1:]))


def measured(name, text, seed, every, **options):
    """The endless Snapshots of `train`, one every so many updates, whose loss is that of `nats` on what is held out."""
    for made in islice(train(name, text, seed, **options), 0, None, every):
        yield made._replace(loss=nats(name, made.params, text.held_out))


class Influence(NamedTuple):
    """How strongly each letter read so far moves the logit of the letter that comes next."""

    sizes: np.ndarray  # (n,), the norm of dy_n[next] / dx_t for t = 1..n, x_t read as a vector
    p: float  # the probability of the next letter


def influence(name, params, ids, following):
    """The Influence of ids (n,), read from the state 0, on the logit of the id `following` after them."""
    cell, V = CELLS[name][0], len(params.b_y)
    check_ids("following", following, V)
    params = double(params)
    trace, outputs = bptt.forward(cell, params, one_hot(ids[:, None], V))
    dhs = np.zeros(trace.h.shape)
    dhs[-1] = params.W_hy[following]  # y_n[next] = W_hy[next] h_n + b_y[next]
    _, dxs, _ = cell.backward(params.cell, trace, dhs)
    return Influence(
        np.linalg.norm(dxs[:, 0], axis=-1), float(np.exp(-cross_entropy(outputs[-1, 0], np.array(following))))
    )
