"""What truncation takes from the gradient, path by path, and what a network still learns from the rest (3.8, 3.9).

    dL/dW = sum over t and s <= t of dL_t/da_s (input of W at s)^T        a path from the loss of step t back to step s

In pieces of k steps the paths within a piece are kept, with a sliding window those of fewer than k steps back.
"""

from functools import lru_cache, partial
from itertools import count, pairwise
from typing import NamedTuple

import numpy as np

from lecture_utils import bptt, gradients, rnn, tasks
from lecture_utils.functions import check_sizes, one_hot, one_of
from lecture_utils.optimizers import Adam
from lecture_utils.training import train

FORMS = {"pieces": bptt.gradients, "window": bptt.windowed_gradients}


def kept(form, T, k):
    """Whether the path from the loss of step t back to step s is kept, entry [t, s], both counted from 0."""
    check_sizes(T=T, k=k)
    one_of(FORMS, form=form)
    t, s = np.arange(T)[:, None], np.arange(T)
    return (s <= t) & ((s // k == t // k) if form == "pieces" else (t - s < k))


def contributions(params, xs, targets, criterion, cuts=()):
    """What each step contributes to the gradient of a plain RNN's weights, (T, weights), by the order of its Params, where
    the way back is cut after the steps `cuts`; the loss is the mean over all T steps."""
    T, states, parts = len(xs), rnn.forward(params.cell, xs).h, []
    for start, stop in pairwise([0, *cuts, T]):
        state0, piece = states[start - 1] if start else None, slice(start, stop)
        found = gradients.ledger(rnn, params, xs[piece], targets[piece], state0, criterion=criterion).total
        parts.append(np.column_stack([array.reshape(stop - start, -1) for array in found]) * (stop - start) / T)
    return np.vstack(parts)


# ---- the paths of a random network
VOCABULARY, UNITS = 4, 8


def dial_network(T, radius, seed):
    """(params, xs, targets): a random RNN whose W_hh has that spectral radius, random letters (T, 1) in and out."""
    rng = np.random.default_rng(seed)
    params = bptt.init(rnn, rng, VOCABULARY, UNITS)
    params = params._replace(cell=params.cell._replace(W_hh=gradients.recurrent_matrix(rng, UNITS, radius)))
    return params, rng.integers(0, VOCABULARY, (T, 1)), rng.integers(0, VOCABULARY, (T, 1))


@lru_cache(maxsize=8)  # so that a move of k or form costs next to nothing
def dial_paths(T, radius, seed):
    """(trace, data) of `dial_network`: a truncation is a sum over some of the paths. In the data are the sizes of the
    paths, [t, s], angle and length for every k in both forms, and the memory. All this is never changed."""
    params, xs, targets = dial_network(T, radius, seed)
    trace, outputs = bptt.forward(rnn, params, xs)
    dhs = (bptt.output_gradients(outputs, targets)[1] @ params.W_hy)[:, 0]
    steps = rnn.jacobians(params.cell, trace)[:, 0]
    dh = np.zeros((T, T, UNITS))  # dL_t/dh_s
    for s in reversed(range(T)):
        dh[s, s] = dhs[s]
        if s + 1 < T:
            dh[s + 1 :, s] = dh[s + 1 :, s + 1] @ steps[s + 1]  # later losses, by way of h_{s+1}
    da = dh * (1 - trace.h[:, 0] ** 2)
    inputs = np.hstack([one_hot(xs[:, 0], VOCABULARY), trace.h_prev[:, 0], np.ones((T, 1))])  # of W_xh, W_hh, b_h
    angles, ratios = {}, {}
    for form in FORMS:
        masks = np.array([kept(form, T, k) for k in range(1, T + 1)], float)
        grads = np.einsum("kts,tsi->kis", masks, da, optimize=True) @ inputs
        grads = grads.reshape(T, -1)  # the last is the full one
        lengths = np.linalg.norm(grads, axis=1)
        cosines = np.clip(grads @ grads[-1] / lengths / lengths[-1], -1, 1)
        angles[form], ratios[form] = [bptt.degrees(cosine) for cosine in cosines], lengths / lengths[-1]
    with np.errstate(divide="ignore"):
        sizes = np.where(np.tri(T) > 0, np.log10(np.linalg.norm(da, axis=-1)), np.nan)
    return trace, {"log10_size": sizes, "angles": angles, "ratios": ratios, "full_bytes": bptt.bytes_kept(trace)}


# ---- training with truncated gradients, on `tasks.recall`
LENGTH, LETTERS, HIDDEN, BATCH, RATE, LIMIT = 12, 4, 24, 16, 0.01, 1.0
EVERY, EXAMPLES = 10, 32


class Frame(NamedTuple):
    """Where both trainings stand, from the same start and on the same batches."""

    step: int
    truncated: bptt.Params
    full: bptt.Params
    truncated_loss: float  # on examples that no training sees, in nats
    full_loss: float
    xs: np.ndarray  # (LENGTH, EXAMPLES), those examples


def train_truncated(form, k, delay, seed):
    """A generator of the Params of a network trained with a truncated gradient, before and after each update."""
    truncate, rng = one_of(FORMS, form=form), np.random.default_rng(seed)
    params = bptt.init(rnn, rng, LETTERS, HIDDEN)
    batches = (tasks.recall(rng, LENGTH, BATCH, LETTERS, delay) for _ in count())
    made = train(rnn, params, batches, Adam(RATE), LIMIT, gradients=partial(truncate, k=k))
    return (snapshot.params for snapshot in made)


def recall_loss(params, delay, seed):
    """(loss, xs): the mean loss on examples that no training sees, and their letters."""
    rng = np.random.default_rng(seed + 1_000_000)
    xs, targets, y_mask, _ = tasks.recall(rng, LENGTH, EXAMPLES, LETTERS, delay)
    return float(bptt.loss(rnn, params, xs, targets, y_mask=y_mask)), xs


def film(form, k, delay, seed):
    """A generator of Frames of two trainings side by side, truncated and full, one every few updates."""
    pair = train_truncated(form, k, delay, seed), train_truncated("pieces", LENGTH, delay, seed)
    for step, (truncated, full) in enumerate(zip(*pair, strict=True)):
        if step % EVERY == 0:
            loss, xs = recall_loss(truncated, delay, seed)
            yield Frame(step, truncated, full, loss, recall_loss(full, delay, seed)[0], xs)
