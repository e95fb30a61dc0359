"""Questions on chapter 2: the loss, what training changes, memory and its floor, sampling, writing."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np

from lecture_utils import bptt, charlm, hello, rnn
from lecture_utils.functions import cross_entropy, leaves, one_hot, softmax
from lecture_utils.widgets.questions import Choice, Evidence, Number, marked

NATS = {"nats": 1, "nat": 1, "bits": math.log(2), "bit": math.log(2)}


def loss():
    """-ln p of the target."""
    nats = -np.log(1 / 8)
    return Evidence(nats, {"nats": nats, "bits": nats / np.log(2)})


def descent():
    """The signs of p - onehot at the slide's first step, and the logits after one small step downhill."""
    y, target = hello.Y[0], 1
    dy = softmax(y) - one_hot(target, 4)
    raised = set(np.flatnonzero(-dy > 0))
    verdict = marked(
        a=raised == {target},
        b=raised == {int(y.argmax())},
        c=raised == set(np.flatnonzero(y < y.mean())),
        d=raised == {0, 1, 2, 3},
    )
    before, after = cross_entropy(y, np.array(target)), cross_entropy(y - 0.1 * dy, np.array(target))
    return Evidence(verdict, {f"d{k}": dy[k] for k in range(4)} | {"before": before, "after": after})


def words():
    """The floor of each word: what a model without memory cannot get below."""
    floors = {
        option: charlm.floor(word)
        for option, word in zip("abcd", ("tomato", "banana", "letter", "coffee"), strict=True)
    }
    return Evidence({option for option, floor in floors.items() if floor > 0}, floors)


def floor():
    """The mean of -ln(k / n) over the pairs of "noon", counted here."""
    pairs = list(pairwise("noon"))
    begins = Counter(first for first, _ in pairs)
    same = Counter(pairs)
    losses = [math.log(begins[pair[0]] / same[pair]) for pair in pairs]
    mean = sum(losses) / len(losses)
    return Evidence(mean, {"first": losses[0], "second": losses[1], "third": losses[2], "mean": mean})


def sampling():
    """The loss of the slide's first step, and how often 1000 draws give "e", for two temperatures."""
    y, target = hello.Y[0], 1
    losses, drawn = [], []
    for tau in (1.0, 4.0):
        draws = charlm.draw(np.random.default_rng(0), softmax(y, tau), 1000)
        drawn.append(int((draws == target).sum()))
        losses.append(float(cross_entropy(y, np.array(target))))
    lower, higher, moves = min(losses) < losses[0], max(losses) > losses[0], losses[0] != losses[1]
    verdict = marked(a=lower, b=higher, c=not (lower or higher), d=moves)
    return Evidence(verdict, {"loss": losses[0], "cold": drawn[0], "hot": drawn[1]})


def feedback():
    """The slide's network on the true letters, on its own letters, and on its own letters with one thing changed."""
    params, vocab = hello.rebuild(), charlm.Vocab(hello.WORD)
    before = [array.copy() for _, array in leaves(params)]

    def write(seed):
        return charlm.sample(rnn, params, vocab, "h", 4, np.random.default_rng(seed), tau=0).text

    def read(ids, forget=False):
        if forget:  # each letter after the state 0
            ids = ids.T
        logits = bptt.forward(rnn, params, ids)[1]
        return vocab.decode(logits.reshape(-1, 4).argmax(axis=1))

    given, own = read(hello.INPUTS), write(0)
    own_letters = vocab.encode("h" + own[:-1])[:, None]
    verdict = marked(
        a=write(0) != write(1),  # does chance play a part at tau = 0?
        b=read(own_letters) == own != given,  # the same network, given the letters that it wrote itself
        c=any((array != old).any() for (_, array), old in zip(leaves(params), before, strict=True)),
        d=read(own_letters, forget=True) == own,
    )
    return Evidence(verdict, {"given": given, "own": own, "read": read(own_letters), "other": write(1)})


QUESTIONS = [
    Number(
        id="charlm.loss",
        section="2.3",
        evidence=loss,
        value=2.0794,
        mistakes={"bits": 3, "log10": 0.9031, "sign": -2.0794, "rest": 0.875},
        units=NATS,
    ),
    Choice(id="charlm.descent", section="2.4", evidence=descent, options="abcd", right="a"),
    Choice(id="charlm.words", section="2.6", evidence=words, options="abcd", right="cd", several=True),
    Number(
        id="charlm.floor",
        section="2.6",
        evidence=floor,
        value=0.4621,
        mistakes={"letters": 0.3466, "bits": 0.6667, "ambiguous": 0.6931, "sum": 1.3863},
        units=NATS,
    ),
    Choice(id="charlm.sampling", section="2.7", evidence=sampling, options="abcd", right="c"),
    Choice(id="charlm.feedback", section="2.8", evidence=feedback, options="abcd", right="b"),
]
