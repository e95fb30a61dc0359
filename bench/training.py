"""One training step beside eager PyTorch's and beside its bare matrix products; all Jacobian products beside autograd.

    .venv/bin/python bench/training.py           (Windows: .venv\\Scripts\\python bench\\training.py)

A training step is gradients, clip by norm, Adagrad. PyTorch (one thread) does it as its users write it: a layer, a linear
head, cross_entropy, clip_grad_norm_, torch.optim.Adagrad; it is left out where it is missing. The bare products are those
that no step can avoid: h_{t-1} by W_h and da_t by W_h at each step, the output layer's three, and the weights' gradients.
Medians of interleaved rounds, after both have been seen to give the same loss; a busy machine changes the ratios too.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from statistics import median

import numpy as np
from machine import watched

from lecture_utils import bptt, gradients, gru, lstm, rnn
from lecture_utils.functions import leaves, rebuild
from lecture_utils.optimizers import Adagrad, clip_by_norm

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

CELLS = {"rnn": rnn, "gru": gru, "lstm": lstm}
SIZES = {"hello": (4, 16, 4, 1), "lesson": (65, 100, 25, 1), "batch": (65, 128, 64, 32)}  # V, H, T, B
SPANS = {"H16 T50": (16, 50), "H64 T100": (64, 100)}
RATE, LIMIT = 0.01, 5.0
ROUNDS, SECONDS = 15, 0.03  # of each way: how many rounds, and how long one takes at least


def ours(cell, params, ids, targets):
    """A function that makes one training step and gives the loss before it."""
    optimizer = Adagrad(RATE)
    state = optimizer.init(params)

    def step():
        nonlocal params, state
        result = bptt.gradients(cell, params, ids, targets)
        params, state = optimizer.update(params, clip_by_norm(result.grads, LIMIT)[0], state)
        return result.loss

    return step


def theirs(name, params, ids, targets):
    """The same by PyTorch; where its cell is another one (GRU) or has a second bias, the weights are its own."""
    (H, V), dtype = params.W_hy.shape[::-1], getattr(torch, params.W_hy.dtype.name)
    layer, head = getattr(torch.nn, name.upper())(V, H, dtype=dtype), torch.nn.Linear(H, V, dtype=dtype)
    if name == "rnn":
        own = (*params.cell, np.zeros(H), params.W_hy, params.b_y)
        with torch.no_grad():
            for weight, array in zip((*layer.parameters(), *head.parameters()), own, strict=True):
                weight.copy_(torch.as_tensor(array))
    weights = [*layer.parameters(), *head.parameters()]
    optimizer = torch.optim.Adagrad(weights, lr=RATE)
    ids, targets = torch.as_tensor(ids), torch.as_tensor(targets)

    def step():
        optimizer.zero_grad()
        xs = torch.nn.functional.one_hot(ids, V).to(dtype)
        loss = torch.nn.functional.cross_entropy(head(layer(xs)[0]).reshape(-1, V), targets.reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, LIMIT)
        optimizer.step()
        return loss.item()

    return step


def bare_products(params, ids):
    """A function that makes the products of one step, all of them into arrays that are there already."""
    W_h, W_hy = params.cell[1], params.W_hy
    (rows, H), V, (T, B), dtype = W_h.shape, len(W_hy), ids.shape, W_hy.dtype
    W_h_T, N = np.ascontiguousarray(W_h.T), T * B
    h, da, hs, das, ys, xs = (np.ones(s, dtype) for s in ((B, H), (B, rows), (N, H), (N, rows), (N, V), (N, V)))
    a, dh, dhs, outputs = (np.empty_like(array) for array in (da, h, hs, ys))
    dW_x, dW_h, dW_hy = (np.empty(s, dtype) for s in ((rows, V), (rows, H), (V, H)))

    def step():
        for _ in range(T):
            np.dot(h, W_h_T, out=a)
            np.dot(da, W_h, out=dh)
        np.dot(hs, W_hy.T, out=outputs)
        np.dot(ys, W_hy, out=dhs)
        np.dot(ys.T, hs, out=dW_hy)
        np.dot(das.T, hs, out=dW_h)
        np.dot(das.T, xs, out=dW_x)

    return step


def autograd_rows(params, xs):
    """A function that gives dh_T/dh_t for all t, one row of dh_T at a time, (H, T, H)."""
    W_xh, W_hh, b_h = (torch.as_tensor(array) for array in params)
    inputs = torch.as_tensor(xs)

    def act():
        h, hs = torch.zeros(len(b_h), dtype=W_hh.dtype, requires_grad=True), []
        for x in inputs:
            h = torch.tanh(W_xh @ x + W_hh @ h + b_h)
            hs.append(h)
        rows = [torch.autograd.grad(unit, hs, retain_graph=True) for unit in h]
        return np.array([[dh_t.numpy() for dh_t in row] for row in rows])

    return act


def milliseconds(ways):
    """The median time of each way, over interleaved rounds."""
    repeats, times = {}, {name: [] for name in ways}
    for name, act in ways.items():
        act()
        start = time.process_time()
        act()
        repeats[name] = 1 + int(SECONDS / (time.process_time() - start))
    for _ in range(ROUNDS):
        for name, act in ways.items():
            start = time.process_time()
            for _ in range(repeats[name]):
                act()
            times[name].append(1000 * (time.process_time() - start) / repeats[name])
    return {name: median(taken) for name, taken in times.items()}


def training():
    """One line per size, cell and dtype."""
    print(f"{'a training step':44}{'ms':>8}{'bare products':>15}{'PyTorch':>9}   as multiples of ours")
    for size, (V, H, T, B) in SIZES.items():
        for name, cell in CELLS.items():
            for dtype in (np.float32, np.float64):
                rng = np.random.default_rng(0)
                params = bptt.init(cell, rng, V, H)
                params = rebuild(params, [array.astype(dtype) for _, array in leaves(params)])
                ids, targets = rng.integers(0, V, (2, T, B))
                ways = {"ours": ours(cell, params, ids, targets), "bare": bare_products(params, ids)}
                if torch:
                    ways["PyTorch"] = theirs(name, params, ids, targets)
                    if name == "rnn":
                        assert abs(ours(cell, params, ids, targets)() / theirs(name, params, ids, targets)() - 1) < 1e-5
                times = milliseconds(ways)
                label = f"{size} V{V} H{H} T{T} B{B} {name} {np.dtype(dtype).name}"
                others = f"{times['bare'] / times['ours']:15.2f}" + (
                    f"{times['PyTorch'] / times['ours']:9.2f}" if torch else ""
                )
                print(f"{label:44}{times['ours']:8.3f}{others}")


def jacobian_products():
    """One line per size: all dh_T/dh_t of the plain RNN, t = 1..T, as `gradients.products` and row by row."""
    print(f"\n{'gradients.products':44}{'ms':>8}{'autograd rows':>15}   as multiples of ours")
    for label, (H, T) in SPANS.items():
        rng = np.random.default_rng(0)
        params, xs = rnn.init(rng, 4, H), rng.normal(size=(T, 4))
        steps = rnn.jacobians(params, rnn.forward(params, xs[:, None]))[:, 0]
        ways = {"ours": lambda steps=steps: gradients.products(steps)}
        if torch:
            ways["autograd"] = autograd_rows(params, xs)
            found, theirs = gradients.products(steps), ways["autograd"]().transpose(1, 0, 2)
            mine = 10 ** found.log10_norm[1:, None, None] * found.unit[1:]
            assert all(np.linalg.norm(a - b) < 1e-9 * np.linalg.norm(b) for a, b in zip(mine, theirs, strict=True))
        times = milliseconds(ways)
        print(f"{label:44}{times['ours']:8.3f}" + (f"{times['autograd'] / times['ours']:15.0f}" if torch else ""))


@watched()
def main():
    print(f"PyTorch {torch.__version__}" if torch else "PyTorch is missing: left out")
    training()
    jacobian_products()


if __name__ == "__main__":
    main()
