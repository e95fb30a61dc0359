"""Questions on chapter 1: the shared weights, one step, the two products, the kinds of RNN."""

import numpy as np

from lecture_utils import kinds, rnn
from lecture_utils.widgets.questions import Choice, Evidence, Number, marked


def shared():
    """One entry of W_hh changed before the pass; then the same change made in some of the copies only."""
    params = rnn.Params(np.array([[1.0], [-0.5]]), np.array([[0.8, 0.0], [0.4, 0.6]]), np.zeros(2))
    xs = np.array([1.0, 0.5, -1.0, 0.2]).reshape(4, 1, 1)
    changed = params._replace(W_hh=np.array([[-0.5, 0.0], [0.4, 0.6]]))
    after = rnn.forward(changed, xs).h[-1, 0]

    def copies(*steps):  # the change stands only in the copies of these steps
        h = np.zeros(2)
        for t, x in enumerate(xs[:, 0], start=1):
            h = rnn.step(changed if t in steps else params, x, h).h
        return h

    verdict = marked(
        a=np.allclose(copies(1), after),
        b=np.allclose(copies(4), after),
        c=np.allclose(copies(1, 2, 3, 4), after),
        d=np.allclose(copies(), after),
    )
    return Evidence(verdict, {"after": after[0], "one": copies(4)[0], "all": copies(1, 2, 3, 4)[0]})


def step():
    """h_2 of one unit, from the two lines."""
    w_xh, w_hh, b_h = 2.0, 0.5, -1.0
    h_1 = np.tanh(w_xh * 1 + w_hh * 0 + b_h)
    a_2 = w_xh * 0 + w_hh * h_1 + b_h
    h_2 = np.tanh(a_2)
    return Evidence(h_2, {"h_1": h_1, "a_2": a_2, "h_2": h_2})


def products():
    """The largest difference between each expression and W_xh x + W_hh h, for random numbers with V = H = 3."""
    rng = np.random.default_rng(0)
    W_xh, W_hh, x, h = (rng.standard_normal(shape) for shape in ((3, 3), (3, 3), 3, 3))
    wanted = W_xh @ x + W_hh @ h
    given = {
        "a": np.hstack([W_xh, W_hh]) @ np.concatenate([x, h]),
        "b": np.hstack([W_hh, W_xh]) @ np.concatenate([h, x]),
        "c": np.hstack([W_xh, W_hh]) @ np.concatenate([h, x]),
        "d": (W_xh + W_hh) @ (x + h),
    }
    differences = {name: np.abs(value - wanted).max().round(12) for name, value in given.items()}
    return Evidence({name for name, size in differences.items() if size == 0}, differences)


def count():
    """The sizes of all arrays of a real cell, and of the same cell after 100 steps."""
    cell = rnn.init(np.random.default_rng(0), V=10, H=20)
    rnn.forward(cell, np.zeros((100, 1, 10)))
    sizes = {name: array.size for name, array in cell._asdict().items()}
    return Evidence(sum(sizes.values()), sizes | {"total": sum(sizes.values())})


def in_step():
    """The masks of the kind that each example belongs to: an input and an output at each of several steps?"""
    examples = {
        "a": "many_to_many_delayed",
        "b": "many_to_many_in_step",
        "c": "many_to_many_in_step",
        "d": "one_to_many",
    }
    masks = {option: (kinds.KINDS[name].x_mask, kinds.KINDS[name].y_mask) for option, name in examples.items()}
    verdict = {option for option, (x_mask, y_mask) in masks.items() if (x_mask & y_mask).all()}
    numbers = {
        f"{option}_{name}": mask.astype(int) for option in masks for name, mask in zip("xy", masks[option], strict=True)
    }
    return Evidence(verdict, numbers)


QUESTIONS = [
    Choice(id="rnn.shared", section="1.3", evidence=shared, options="abcd", right="c"),
    Number(
        id="rnn.step",
        section="1.2",
        evidence=step,
        value=-0.5505,
        mistakes={"no_tanh": -0.6192, "no_bias": 0.4476, "no_past": -0.7616, "first": 0.7616},
    ),
    Choice(id="rnn.products", section="1.4", evidence=products, options="abcd", right="ab", several=True),
    Number(
        id="rnn.count",
        section="1.5",
        evidence=count,
        value=620,
        mistakes={"times_T": 62_000, "no_bias": 600, "no_recurrent": 220, "no_input": 420},
        units={"weights": 1, "numbers": 1},
        tolerance=1e-6,
    ),
    Choice(id="rnn.in_step", section="1.6", evidence=in_step, options="abcd", right="bc", several=True),
]
