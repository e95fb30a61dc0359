"""A character model trained on a whole text: the text read in columns, the state carried from chunk to chunk.

    the text is cut into B columns of equal length, read side by side in chunks of T steps
    h, c after the last step of a chunk are where the next chunk starts; no gradient passes back across the cut

This is truncated BPTT as the deck teaches it (content.md 3.4), at the size at which it writes text (5.3, 5.4): H 128,
B 16, T 32, Adam with rate 0.01, the gradient's norm clipped at 1, float32. `HELD_OUT` of a long text is never trained
on; the loss there, in nats per character, is what counts. The prose is the language reference that comes with Python.

Source: A. Karpathy, "The unreasonable effectiveness of recurrent neural networks" (2015).
"""

import os
import re
from functools import lru_cache
from itertools import islice
from pydoc_data.topics import topics
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, lstm, rnn, training
from lecture_utils.charlm import Vocab, clean
from lecture_utils.functions import astype, check_ids, check_sizes, cross_entropy, one_hot, one_of
from lecture_utils.optimizers import Adam
from lecture_utils.tasks import Batch

CELLS = {"rnn": (rnn, {}), "lstm": (lstm, {"forget_bias": 1.0})}
MOST = 100_000  # characters that are used of a text
READ = 5 * MOST  # characters that are looked at: NFC makes one of at most four
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


def found(name):
    """The path of the file that a name stands for, "" if there is none: as it was typed or pasted, perhaps with blanks
    beside it or quotes around it, perhaps with ~ for the learner's own folder."""
    for tried in (name, _bare(name)):
        try:
            path = os.path.expanduser(tried)
        except ValueError:  # ~ before what can be no user's name
            path = tried
        if os.path.isfile(path):
            return path
    return ""


def looks_like_a_name(text):
    """Whether what was typed was perhaps meant as the name of a file: a folder, a path, or a line that ends like .txt."""
    name = _bare(text)
    ends = re.fullmatch(r"[^\n]*\w\.[A-Za-z]\w{0,4}", name)
    return bool(ends or re.match(r"~|\.{0,2}[\\/]|[A-Za-z]:[\\/]", name) or os.path.isdir(name))


def _bare(name):
    """The name without blanks beside it and quotes around it."""
    name = name.strip()
    return name[1:-1].strip() if len(name) > 2 and name[0] == name[-1] and name[0] in "'\"" else name


def load(path):
    """The text of a UTF-8 file as far as `read` looks at it. OSError if it cannot be read, ValueError if it is no UTF-8."""
    path = os.path.abspath(path)
    stat = os.stat(path)
    return _load(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _load(path, *_version):
    with open(path, encoding="utf-8") as file:
        return file.read(READ)


def read(text):
    """The Text of a str, made NFC; characters beyond the first MOST are left out. ValueError for fewer than 2."""
    text, _ = clean(text[:READ] if isinstance(text, str) else text)
    text = text[:MOST]
    if len(text) < 2:
        raise ValueError(f"{text!r} needs at least 2 characters (one to read, one to predict), e.g. 'hi'")
    vocab = Vocab(text)
    ids = vocab.encode(text)
    held_out = HELD_OUT if len(ids) >= 10 * HELD_OUT else 0
    return Text(vocab, len(ids), ids[: len(ids) - held_out], ids[-held_out:])


class Source(NamedTuple):
    """A text, how Python gets it, what a network reads of it, and what is to be said about what was typed."""

    text: str
    python: str
    read: Text
    note: str = ""


def source(typed):
    """The Source of what was typed: nothing stands for `prose`, the name of a file for what is in it. OSError and ValueError
    as from `load` and `read`, UnicodeDecodeError for a file that is no UTF-8."""
    got, python, path = typed, repr(typed), found(typed)
    if not typed.strip():
        got, python = prose(), "textmodel.prose()"
    elif path:
        got, python = load(path), f"textmodel.load({path!r})"
    return Source(got, python, read(got))


def window(text, start, most):
    """(where a window of a Text begins, the ids up to its end, its characters); it is as full as the text allows."""
    begin = min(start, max(0, len(text.train) - most))
    ids = text.train[: begin + most]
    return begin, ids, text.vocab.decode(ids[begin:])


def columns(ids, B):
    """The text in B columns of equal length, (n, B): column b goes on where column b - 1 ends; a rest is left out."""
    check_sizes(B=B)
    n = len(ids) // B
    return ids[: n * B].reshape(B, n).T


def chunks(table, T):
    """The endless (inputs (T, B), targets (T, B), first) of reading columns again and again; first: the state is 0.

    The last chunk of a reading may be shorter. ValueError for columns of fewer than 2 letters, in which none follows.
    """
    check_sizes(T=T)
    if len(table) < 2:
        raise ValueError(f"table has shape {np.shape(table)}, expected (n, B) with n at least 2: one letter to predict")
    while True:
        for start in range(0, len(table) - 1, T):
            piece = table[start : start + T + 1]
            yield piece[:-1], piece[1:], start == 0


def train(name, text, seed, H=128, B=16, T=32, rate=0.01, limit=1.0, dtype=np.float32):
    """The endless Snapshots of training the named cell on a Text; a loss is in nats per character of the chunk.

    A text shorter than 10 B T characters is read in fewer columns, so that each still has ten chunks or so.
    """
    check_sizes(B=B, T=T)
    cell, options = one_of(CELLS, name=name)
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
    return float(bptt.loss(one_of(CELLS, name=name)[0], double(params), table[:-1], table[1:]))


def measured(name, text, seed, every, **options):
    """The endless Snapshots of `train`, one every so many updates, whose loss is that of `nats` on what is held out."""
    check_sizes(every=every)
    for made in islice(train(name, text, seed, **options), 0, None, every):
        yield made._replace(loss=nats(name, made.params, text.held_out))


def side_by_side(names, text, seed, every):
    """The endless {name: Snapshot} of the named cells, each as `measured` makes them."""
    films = (measured(name, text, seed, every) for name in names)
    return (dict(zip(names, made, strict=True)) for made in zip(*films, strict=True))


class Influence(NamedTuple):
    """How strongly each letter read so far moves the logit of the letter that comes next."""

    sizes: np.ndarray  # (n,), the norm of dy_n[next] / dx_t for t = 1..n, x_t read as a vector
    p: float  # the probability of the next letter


def influence(name, params, ids, following):
    """The Influence of ids (n,), read from the state 0, on the logit of the id `following` after them."""
    cell, V = one_of(CELLS, name=name)[0], len(params.b_y)
    check_ids("following", following, V)
    params = double(params)
    trace, outputs = bptt.forward(cell, params, one_hot(ids[:, None], V))
    dhs = np.zeros(trace.h.shape)
    dhs[-1] = params.W_hy[following]  # y_n[next] = W_hy[next] h_n + b_y[next]
    _, dxs, _ = cell.backward(params.cell, trace, dhs)
    return Influence(
        np.linalg.norm(dxs[:, 0], axis=-1), float(np.exp(-cross_entropy(outputs[-1, 0], np.array(following))))
    )
