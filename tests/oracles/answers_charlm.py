"""Answers to the exercises of chapter 2: right ones, and typical wrong ones by the name of their mistake."""

import math

import numpy as np


def right_logits(i, W_xh, b_h, W_hy, b_y):
    h = [math.tanh(W_xh[j, i] + b_h[j]) for j in range(len(b_h))]
    return np.array([sum(W_hy[k, j] * h[j] for j in range(len(h))) + b_y[k] for k in range(len(b_y))])


def right_softmax(y, tau):
    """Each entry by its distances to all others: nothing overflows that should not."""
    return np.array([1 / math.fsum(math.exp((other - one) / tau) for other in y) for one in y])


def right_floor(word):
    pairs = [word[t : t + 2] for t in range(len(word) - 1)]
    same_first = [sum(other[0] == pair[0] for other in pairs) for pair in pairs]
    return sum(math.log(n / pairs.count(pair)) for n, pair in zip(same_first, pairs, strict=True)) / len(pairs)


def one_pass(word, weight):
    """The sum over the letters of the entropy of what follows, each with a weight."""
    total = 0.0
    for letter in set(word[:-1]):
        nexts = [word[t + 1] for t in range(len(word) - 1) if word[t] == letter]
        total -= weight(len(nexts)) * sum(math.log(nexts.count(after) / len(nexts)) for after in nexts) / len(nexts)
    return total


RIGHT = {"charlm.logits": right_logits, "charlm.softmax": right_softmax, "charlm.floor": right_floor}
WRONG = [
    ("charlm.logits", "no_tanh", lambda i, W, b, U, c: U @ W[:, i] + U @ b + c),
    ("charlm.logits", "no_b_y", lambda i, W, b, U, c: right_logits(i, W, b, U, c) - c),
    ("charlm.logits", "no_b_h", lambda i, W, b, U, c: right_logits(i, W, 0 * b, U, c)),
    ("charlm.logits", "row", lambda i, W, b, U, c: U @ np.tanh(W.T[:3, i] + b) + c),
    ("charlm.logits", "probabilities", lambda i, W, b, U, c: right_softmax(right_logits(i, W, b, U, c), 1)),
    ("charlm.softmax", "overflow", lambda y, tau: np.exp(y / tau) / sum(np.exp(y / tau))),
    ("charlm.softmax", "no_tau", lambda y, tau: right_softmax(y, 1)),
    ("charlm.softmax", "times", lambda y, tau: right_softmax(y, 1 / tau)),
    ("charlm.softmax", "tau_after", lambda y, tau: right_softmax(y, 1) / tau),
    ("charlm.softmax", "sum", lambda y, tau: right_softmax(y, tau) / max(right_softmax(y, tau))),
    ("charlm.floor", "bits", lambda word: right_floor(word) * math.log2(math.e)),
    ("charlm.floor", "sum", lambda word: one_pass(word, lambda n: n)),
    ("charlm.floor", "length", lambda word: one_pass(word, lambda n: n / len(word))),
    ("charlm.floor", "no_condition", lambda word: right_floor("".join("." + b for b in word[1:]) + ".") * 2),
    ("charlm.floor", "unweighted", lambda word: one_pass(word, lambda n: 1) / len(set(word[:-1]))),
]  # fmt: skip
