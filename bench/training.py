"""One training step of our RNN beside other ways to write it: medians of interleaved rounds, as ratios to ours.

    .venv/bin/python bench/training.py           (Windows: .venv\\Scripts\\python bench\\training.py)

`course style` is the loop most courses show: one-hot inputs, one product per step and weight, gradients summed inside the
loop. PyTorch (eager, CPU, one thread) takes part where it is installed. The same loss, the same gradients: checked first.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from statistics import median

import numpy as np
from machine import watched

from lecture_utils import bptt, rnn
from lecture_utils.functions import one_hot, softmax

SIZES = {"hello": (4, 1, 3, 4), "lesson": (25, 1, 100, 50), "batch": (64, 32, 128, 50)}  # T, B, H, V
ROUNDS = 21


def ours(params, ids, targets):
    """bptt.gradients on ids."""
    result = bptt.gradients(rnn, params, ids, targets)
    return result.loss, result.grads


def course_style(params, ids, targets):
    """Loss and gradients, step by step and weight by weight."""
    (W_xh, W_hh, b_h), W_hy, b_y = params
    T, B = ids.shape
    xs, hs, probs, loss = {}, {-1: np.zeros((B, len(b_h)))}, {}, 0.0
    for t in range(T):
        xs[t] = one_hot(ids[t], W_xh.shape[1])
        hs[t] = np.tanh(xs[t] @ W_xh.T + hs[t - 1] @ W_hh.T + b_h)
        probs[t] = softmax(hs[t] @ W_hy.T + b_y)
        loss += -np.log(probs[t][np.arange(B), targets[t]]).sum() / (T * B)
    grads = [np.zeros_like(array) for array in (W_xh, W_hh, b_h, W_hy, b_y)]
    dh_next = np.zeros_like(hs[0])
    for t in reversed(range(T)):
        dy = (probs[t] - one_hot(targets[t], len(b_y))) / (T * B)
        da = (1 - hs[t] ** 2) * (dy @ W_hy + dh_next)
        for total, part in zip(
            grads, (da.T @ xs[t], da.T @ hs[t - 1], da.sum(0), dy.T @ hs[t], dy.sum(0)), strict=True
        ):
            total += part
        dh_next = da @ W_hh
    return loss, bptt.Params(rnn.Params(*grads[:3]), *grads[3:])


def torch_step(params, ids, targets):
    """A function that gives loss and gradients by PyTorch's RNN and autograd."""
    import torch

    torch.set_num_threads(1)
    H, V = params.cell.W_xh.shape
    layer, head = torch.nn.RNN(V, H).double(), torch.nn.Linear(H, V).double()
    own = (*params.cell[:2], params.cell.b_h, np.zeros(H), params.W_hy, params.b_y)
    with torch.no_grad():
        for weight, array in zip((*layer.parameters(), *head.parameters()), own, strict=True):
            weight.copy_(torch.as_tensor(array))
    steps, answers = torch.as_tensor(ids), torch.as_tensor(targets).reshape(-1)

    def step(*_):
        layer.zero_grad(), head.zero_grad()
        xs = torch.nn.functional.one_hot(steps, V).double()
        loss = torch.nn.functional.cross_entropy(head(layer(xs)[0]).reshape(-1, V), answers)
        loss.backward()
        W_xh, W_hh, b_h, _ = (weight.grad.numpy() for weight in layer.parameters())
        return loss.item(), bptt.Params(rnn.Params(W_xh, W_hh, b_h), head.weight.grad.numpy(), head.bias.grad.numpy())

    return step


@watched()
def main():
    for name, (T, B, H, V) in SIZES.items():
        rng = np.random.default_rng(0)
        params = bptt.init(rnn, rng, V, H)
        ids, targets = rng.integers(0, V, (2, T, B))
        ways = {"ours": ours, "course style": course_style}
        try:
            ways["PyTorch"] = torch_step(params, ids, targets)
        except ImportError:
            print("PyTorch is not installed: left out")
        loss, grads = ours(params, ids, targets)
        for way in ways.values():
            other_loss, other = way(params, ids, targets)
            assert np.isclose(loss, other_loss) and np.allclose(grads.cell.W_hh, other.cell.W_hh)
        times = {label: [] for label in ways}
        for _ in range(ROUNDS):
            for label, way in ways.items():
                start = time.perf_counter()
                way(params, ids, targets)
                times[label].append(1000 * (time.perf_counter() - start))
        own = median(times["ours"])
        print(f"{name}: T={T} B={B} H={H} V={V}, ours {own:.2f} ms; as a multiple of ours:", end="")
        print("".join(f"  {label} {median(taken) / own:.1f}" for label, taken in times.items() if label != "ours"))


if __name__ == "__main__":
    main()
