"""The numbers of chapter 2's captions, by plain loops that know nothing of the library.

The slide's network is rebuilt from the printed numbers and trained on by an Adam written here, its gradients by the
complex step: no backward pass is needed.
"""

import math
from functools import cache
from itertools import pairwise

import numpy as np

LETTERS = "helo"
INPUTS, TARGETS = (0, 1, 2, 2), (1, 2, 2, 3)
H = [[0.3, -0.1, 0.9], [0.96, 0.3, 0.1], [0.1, -0.5, -0.3], [-0.3, 0.9, 0.7]]
Y = [[1.0, 2.2, -3.0, 4.1], [0.5, 0.3, -1.0, 1.2], [0.1, 0.5, 1.9, -1.1], [0.2, -1.5, -0.1, 2.2]]


def run(weights, inputs):
    """(states, logits) of a sequence of ids; weights W_xh, W_hh, b_h, W_hy, b_y."""
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h, hs, ys = 0 * b_h, [], []
    for i in inputs:
        h = np.tanh(W_xh[:, i] + W_hh @ h + b_h)
        hs.append(h)
        ys.append(W_hy @ h + b_y)
    return hs, ys


def soften(y, tau=1.0):
    """Softmax at a temperature, one number after the other; for tau = 0 the largest takes it all."""
    top = max(y)
    if tau == 0:
        return [1.0 if k == list(y).index(top) else 0.0 for k in range(len(y))]
    weights = [math.exp((value - top) / tau) for value in y]
    return [weight / math.fsum(weights) for weight in weights]


def mean_loss(weights, inputs, targets):
    """Complex where a weight is."""
    ys = run(weights, inputs)[1]
    return sum(np.log(np.exp(y).sum()) - y[k] for y, k in zip(ys, targets, strict=True)) / len(targets)


@cache
def slide_network(updates):
    """The slide's weights after some updates of Adam at rate 0.1, with the moments."""
    if updates == 0:
        output = np.linalg.inv([[*h, 1.0] for h in H]) @ Y
        before = [[0.0] * 3, *H[:3]]
        read = np.array([[float(i == k) for k in range(4)] + h for i, h in zip(INPUTS, before, strict=True)])
        recurrent = np.linalg.pinv(read) @ np.arctanh(H)
        weights = [recurrent[:4].T, recurrent[4:].T, np.zeros(3), output[:3].T, output[3]]
        return weights, [0 * w for w in weights], [0 * w for w in weights]
    weights, ms, vs = slide_network(updates - 1)
    new = [], [], []
    for n, weight in enumerate(weights):
        gradient = np.zeros(weight.shape)
        for index in np.ndindex(weight.shape):
            moved = weight.astype(complex)
            moved[index] += 1e-20j
            gradient[index] = mean_loss([*weights[:n], moved, *weights[n + 1 :]], INPUTS, TARGETS).imag / 1e-20
        m = 0.9 * ms[n] + 0.1 * gradient
        v = 0.999 * vs[n] + 0.001 * gradient**2
        step = m / (1 - 0.9**updates) / (np.sqrt(v / (1 - 0.999**updates)) + 1e-8)
        for kept, array in zip(new, (weight - 0.1 * step, m, v), strict=True):
            kept.append(array)
    return new


def hello_slide(t, updates, rounded):
    ys = run(slide_network(updates)[0], INPUTS)[1]
    best = [list(y).index(max(y)) for y in ys]
    losses = [-math.log(soften(y)[k]) for y, k in zip(ys, TARGETS, strict=True)]
    return {
        "read": LETTERS[INPUTS[t - 1]],
        "best": LETTERS[best[t - 1]],
        "largest": ys[t - 1][best[t - 1]],
        "target": LETTERS[TARGETS[t - 1]],
        "p": soften(ys[t - 1])[TARGETS[t - 1]],
        "loss": losses[t - 1],
        "mean": sum(losses) / 4,
        "even": 2 * math.log(2),
        "says": "".join(LETTERS[k] for k in best),
    }


def floor(word):
    total = 0.0
    for a, b in pairwise(word):
        nexts = [second for first, second in pairwise(word) if first == a]
        total -= math.log(nexts.count(b) / len(nexts))
    return total / (len(word) - 1)


def _weights(params):
    return [*params.cell, params.W_hy, params.b_y]


def hello_training(word, rate, H, seed, memory, film, frame):
    chars = []
    for char in word:
        if char not in chars:
            chars.append(char)
    ids = [chars.index(char) for char in word]
    params = film[frame].params
    assert params.cell.W_hh.shape == (H, H)
    assert memory or not params.cell.W_hh.any()
    ps = [soften(y) for y in run(_weights(params), ids[:-1])[1]]
    due = [p[k] for p, k in zip(ps, ids[1:], strict=True)]
    return {
        "letters": len(word),
        "V": len(chars),
        "even": math.log(len(chars)),
        "step": frame,
        "loss": -sum(math.log(p) for p in due) / len(due),
        "floor": floor(word),
        "worst": min(due),
        "read": word[due.index(min(due))],
        "target": word[due.index(min(due)) + 1],
    }


def two_ls(seed, memory, film, frame):
    params = (film[frame].on if memory else film[frame].off).params
    assert memory or not params.cell.W_hh.any()
    hs, ys = run(_weights(params), INPUTS)
    ps = [soften(y) for y in ys]
    return {
        "step": frame,
        "distance": math.dist(hs[2], hs[3]),
        "loss": -sum(math.log(p[k]) for p, k in zip(ps, TARGETS, strict=True)) / 4,
        "floor": math.log(2) / 2,
        "first_l": ps[2][2],
        "first_o": ps[2][3],
        "second_l": ps[3][2],
        "second_o": ps[3][3],
    }


def pick(number, p):
    """The letter in whose stretch of [0, 1) the number falls."""
    upto = 0.0
    for k, share in enumerate(p):
        upto += share
        if number < upto:
            return k
    raise AssertionError(f"{number} is beyond the sum {upto}")


def sampling(y_h, y_e, y_l, y_o, tau, N, seed):
    y = [y_h, y_e, y_l, y_o]
    p = soften(y, tau)
    drawn = [pick(number, p) for number in np.random.default_rng(seed).random(N)]
    best = y.index(max(y))
    return {
        "best": LETTERS[best],
        "p_best": p[best],
        "n_best": drawn.count(best),
        "target": "e",
        "p": p[1],
        "n": drawn.count(1),
        "N": N,
        "loss": -math.log(soften(y)[1]),
    }


def generation(feed, updates, start, letters, tau, seed):
    weights = slide_network(updates)[0]
    numbers = np.random.default_rng(seed)
    reads, text = [LETTERS.index(start)] if feed == "own" else list(INPUTS[:letters]), ""
    for t in range(letters if feed == "own" else len(reads)):
        p = soften(run(weights, reads[: t + 1])[1][-1], tau)
        text += LETTERS[pick(numbers.random(), p)]
        if feed == "own":
            reads.append(LETTERS.index(text[-1]))
    chance = 100.0
    for y, k in zip(run(weights, INPUTS)[1], TARGETS, strict=True):
        chance *= soften(y, tau)[k]
    began = {"start": start} if feed == "own" else {}  # the sentence on true letters does not name it
    return began | {"text": text, "tau": tau, "updates": updates, "chance": chance}


ORACLES = {
    "charlm.slide": hello_slide,
    "charlm.training": hello_training,
    "charlm.two_ls": two_ls,
    "charlm.sampling": sampling,
    "charlm.generation": generation,
}
