"""Questions on chapter 4: powers, weight and slope, singular values, clipping, what a failed training shows."""

import numpy as np

from lecture_utils import gradients, rnn, tasks
from lecture_utils.optimizers import clip_by_norm
from lecture_utils.widgets.questions import Choice, Evidence, Number, marked


def power():
    """The toy without input, at h = 0, where the slope of tanh is 1: its factors, counted and multiplied."""
    toy = gradients.toy(np.zeros(51), w_xh=0, w_hh=0.9, b=0)
    factors = [value for name, value in gradients.state_path(toy, 1) if name == "w_hh"]
    size = 10 ** toy.log10_gradient[1]
    return Evidence(size, {"count": len(factors), "size": size, "one_more": 0.9 * size})


def activations():
    """log10 |dh_20/dh_1| of one unit without input, for four networks."""

    def size(activation, w_hh, b, h_0=0.0):
        return gradients.toy(np.zeros(20), 0, w_hh, b, h_0, activation).log10_gradient[1]

    steep = size("tanh", 2, 0)
    sigmoid = max(size("sigmoid", 3.9, b, h_0) for b in np.linspace(-8, 8, 65) for h_0 in (0.1, 0.5, 0.9))
    relu = {"grows": size("relu", 2, 1), "shrinks": size("relu", 0.5, 1)}
    saturated = size("tanh", 3, 1)
    verdict = marked(a=steep > 3, b=sigmoid < 0, c=relu["shrinks"] > 0, d=saturated > 0)
    return Evidence(verdict, relu | {"steep": steep, "sigmoid": sigmoid, "saturated": saturated})


def singular():
    """Two matrices with the largest singular value 1.33: one vanishes at every power, the other grows."""
    vanishing = gradients.NON_NORMAL
    sigma = np.linalg.norm(vanishing, 2)
    growing = sigma * gradients.orthogonal(np.random.default_rng(0), 3)
    sizes = [np.linalg.norm(np.linalg.matrix_power(W, 50), 2) for W in (vanishing, growing)]
    explodes, vanishes = (all(test) for test in ([s > 1 for s in sizes], [s < 1 for s in sizes]))
    verdict = marked(a=explodes, b=vanishes, c=not (explodes or vanishes), d=np.allclose(sizes, 1))
    return Evidence(verdict, {"sigma": sigma, "first": sizes[0], "second": sizes[1]})


def clip():
    """The gradient (6, -8) clipped by its norm at 5, by hand and by the library."""
    g = np.array([6.0, -8.0])
    norm = np.sqrt((g**2).sum())
    clipped = g * min(1, 5 / norm)
    assert np.allclose(clipped, clip_by_norm(g, 5.0)[0])
    return Evidence(clipped[0], {"norm": norm, "factor": 5 / norm, "first": clipped[0], "second": clipped[1]})


def cures():
    """What clipping at 1 does to a gradient of length 1000 and to one of length 1e-9."""
    direction = np.array([0.6, -0.8])
    (large, _), (small, _) = (clip_by_norm(size * direction, 1.0) for size in (1e3, 1e-9))
    exploding, vanishing = np.linalg.norm(large) <= 1.000001, np.linalg.norm(small) > 1e-6
    turned = not np.allclose(large / np.linalg.norm(large), direction)
    verdict = marked(
        a=exploding and not vanishing,
        b=vanishing and not exploding,
        c=exploding and vanishing,
        d=turned,
    )
    return Evidence(verdict, {"large": np.linalg.norm(large), "small": np.linalg.norm(small)})


def unsolved():
    """log10 of the size of the gradient that reaches step 1 of the adding problem at T = 50: two starts of the same network."""
    params = rnn.init(np.random.default_rng(0), V=2, H=32)
    xs = tasks.adding(np.random.default_rng(1), T=50, B=1).xs
    sizes = {}
    for name, W_hh in (("uniform", params.W_hh), ("orthogonal", gradients.orthogonal(np.random.default_rng(0), 32))):
        cell = params._replace(W_hh=W_hh)
        sizes[name] = gradients.products(rnn.jacobians(cell, rnn.forward(cell, xs))[:, 0]).log10_rms[1]
    start_decides = sizes["orthogonal"] - sizes["uniform"] > 5  # the same units, the same task, another start
    clipped, _ = clip_by_norm(np.array([10 ** sizes["uniform"]]), 1.0)
    verdict = marked(a=start_decides, b=not start_decides, c=not start_decides, d=clipped[0] != 10 ** sizes["uniform"])
    return Evidence(verdict, sizes)


QUESTIONS = [
    Number(
        id="gradients.power",
        section="4.2",
        evidence=power,
        value=0.005154,
        mistakes={"one_more": 0.004638, "product": 45, "one": 0.9},
        tolerance=0.02,
    ),
    Choice(id="gradients.activations", section="4.4", evidence=activations, options="abcd", right="ab", several=True),
    Choice(id="gradients.singular", section="4.6", evidence=singular, options="abcd", right="c"),
    Number(
        id="gradients.clip",
        section="4.8",
        evidence=clip,
        value=3,
        mistakes={"by_value": 5, "unit": 0.6, "kept": 6, "largest": 3.75},
    ),
    Choice(id="gradients.cures", section="4.8", evidence=cures, options="abcd", right="a"),
    Choice(id="gradients.unsolved", section="4.10", evidence=unsolved, options="abcd", right="a"),
]
