"""The explorers of chapter 1: one step, the chain, the parameter count, the kinds of RNN."""

from typing import NamedTuple

import numpy as np

from lecture_utils import kinds, rnn
from lecture_utils.chapters.rnn import pictures as plots
from lecture_utils.drawing.diagram import moved
from lecture_utils.training import accuracy
from lecture_utils.widgets.engine import Choice, Slider, Spec, register

# ---- one step
STEP = rnn.Params(np.array([[1.0, -0.5], [0.3, 0.8]]), np.array([[0.5, -0.4], [0.6, 0.2]]), np.array([0.1, -0.2]))


class Step(NamedTuple):
    """One step both ways: W_xh x and W_hh h_prev apart, and W = [W_xh | W_hh] times [x ; h_prev]."""

    params: rnn.Params
    x: np.ndarray
    h_prev: np.ndarray
    xh: np.ndarray
    hh: np.ndarray
    a: np.ndarray
    h: np.ndarray
    W: np.ndarray
    a_joined: np.ndarray


def compute_step(x0, x1, h0, h1, w_xh, w_hh):
    """A step of a cell with V = H = 2 whose entries W_xh[0, 0] and W_hh[0, 0] are w_xh and w_hh."""
    W_xh, W_hh, b_h = STEP.W_xh.copy(), STEP.W_hh.copy(), STEP.b_h
    W_xh[0, 0], W_hh[0, 0] = w_xh, w_hh
    params, x, h_prev = rnn.Params(W_xh, W_hh, b_h), np.array([x0, x1]), np.array([h0, h1])
    trace = rnn.step(params, x, h_prev)
    W = np.hstack([W_xh, W_hh])
    return Step(params, x, h_prev, W_xh @ x, W_hh @ h_prev, trace.a, trace.h, W, W @ np.concatenate([x, h_prev]) + b_h)


def _array(values):
    """An array as Python would read it."""
    return f"np.array({np.asarray(values).tolist()})"


def line_step(d):
    """h_t[0]."""
    weights = ", ".join(_array(weight) for weight in d.params)
    x, h_prev = _array([d.x0, d.x1]), _array([d.h0, d.h1])
    return (
        f"import numpy as np\nfrom lecture_utils import rnn\nparams = rnn.Params({weights})\n"
        f"rnn.step(params, {x}, {h_prev}).h[0]"
    )


step = register(
    Spec(
        name="rnn.step",
        controls=(
            Slider("x0", -2.0, 2.0, 0.1, 1.0),
            Slider("x1", -2.0, 2.0, 0.1, 0.0),
            Slider("h0", -1.0, 1.0, 0.1, 0.5),
            Slider("h1", -1.0, 1.0, 0.1, -0.5),
            Slider("w_xh", -5.0, 5.0, 0.1, 1.0),
            Slider("w_hh", -5.0, 5.0, 0.1, 0.5),
        ),
        compute=compute_step,
        picture=moved(plots.make_step, plots.update_step),
        say=plots.say_step,
        line=line_step,
        result="h0",
        presets={
            "no_past": {"h0": 0.0, "h1": 0.0},
            "no_input": {"x0": 0.0, "x1": 0.0},
            "saturated": {"w_xh": 5.0, "x0": 2.0},
        },
        size=(7.4, 4.5),
    )
)

# ---- the chain
SIGNALS = {
    "pulse": np.array([1.0, 0, 0, 0, 0]),
    "constant": np.ones(plots.CHAIN_MOST),
    "alternating": np.array([1.0, -1, 1, -1, 1]),
}
CHAIN_W_XH, CHAIN_B_H = np.array([[1.0], [-0.5]]), np.zeros(2)


class Chain(NamedTuple):
    """T steps of a cell with V = 1 and H = 2; t is the step looked at, counted from 1."""

    params: rnn.Params
    xs: np.ndarray  # (T, 1)
    hs: np.ndarray  # (T, 2)
    T: int
    t: int


def compute_chain(T, t, signal, w00, w01, w10, w11):
    """The chain for one of the SIGNALS; w00 ... w11 are the entries of W_hh."""
    params = rnn.Params(CHAIN_W_XH, np.array([[w00, w01], [w10, w11]]), CHAIN_B_H)
    xs = SIGNALS[signal][:T, None]
    return Chain(params, xs, rnn.forward(params, xs[:, None]).h[:, 0], T, min(t, T))


def line_chain(d):
    """h_t[0] of the shown step."""
    weights = ", ".join(_array(weight) for weight in d.params)
    return (
        f"import numpy as np\nfrom lecture_utils import rnn\nparams = rnn.Params({weights})\n"
        f"xs = np.array({d.xs[:, 0].tolist()}).reshape(-1, 1, 1)  # (T, B, V)\n"
        f"rnn.forward(params, xs).h[{d.t - 1}, 0, 0]"
    )


chain = register(
    Spec(
        name="rnn.chain",
        controls=(
            Slider("T", 1, plots.CHAIN_MOST, 1, 4, redraw=True),
            Slider("t", 1, plots.CHAIN_MOST, 1, 1, at_most="T"),
            Choice("signal", tuple(SIGNALS), "pulse"),
            Slider("w00", -3.0, 3.0, 0.1, 0.8),
            Slider("w01", -3.0, 3.0, 0.1, 0.0),
            Slider("w10", -3.0, 3.0, 0.1, 0.4),
            Slider("w11", -3.0, 3.0, 0.1, 0.6),
        ),
        compute=compute_chain,
        picture=moved(plots.make_chain, plots.update_chain),
        say=plots.say_chain,
        line=line_chain,
        result="h0",
        presets={
            "walk": {"T": 5, "t": 5},
            "forget": {"T": 5, "t": 5, "w00": 0.0, "w01": 0.0, "w10": 0.0, "w11": 0.0},
            "flip": {"T": 5, "t": 5, "w00": -1.5},
        },
        size=(8.9, 4.2),
    )
)


# ---- parameters against T
class Parameters(NamedTuple):
    """Weights of an RNN and of a feed-forward layer on the whole window, counted from real arrays at T."""

    Ts: np.ndarray
    recurrent: np.ndarray
    window: np.ndarray
    T: int
    rnn_count: int
    window_count: int
    crossing: int  # the smallest T at which the RNN is the smaller one


def _layer(T, V, H):
    """The weights of a hidden layer that sees T inputs of size V at once: W (H, T V) and b (H,)."""
    return np.zeros((H, T * V)), np.zeros(H)


def compute_parameters(T, V, H):
    """Both counts for all T to 200."""
    Ts = np.arange(1, 201)
    cell = rnn.init(np.random.default_rng(0), V, H)
    recurrent = sum(weight.size for weight in cell)
    return Parameters(
        Ts=Ts,
        recurrent=np.full(len(Ts), recurrent),
        window=H * V * Ts + H,
        T=T,
        rnn_count=recurrent,
        window_count=sum(weight.size for weight in _layer(T, V, H)),
        crossing=2 + H // V,  # H T V + H > H V + H H + H
    )


parameters = register(
    Spec(
        name="rnn.parameters",
        controls=(Slider("T", 1, 200, 1, 50), Slider("V", 1, 100, 1, 4), Slider("H", 1, 128, 1, 16)),
        compute=compute_parameters,
        picture=moved(plots.make_parameters, plots.update_parameters, ("recurrent", "window")),
        say=plots.say_parameters,
        line=lambda d: (
            "import numpy as np\nfrom lecture_utils import rnn\n"
            f"sum(weight.size for weight in rnn.init(np.random.default_rng(0), V={d.V}, H={d.H}))"
        ),
        result="rnn",
        presets={"hello": {"T": 4, "V": 4, "H": 3}, "sentence": {"T": 200, "V": 100, "H": 128}, "short": {"T": 2}},
    )
)

# ---- the kinds of RNN
GOAL = 0.95
EVERY = 5  # training steps from one frame to the next
EXAMPLES = 400


class Frame(NamedTuple):
    """Where the training of a kind stands."""

    step: int
    accuracy: float  # on the examples
    params: tuple
    examples: tuple  # freshly drawn ones


class Kinds(NamedTuple):
    """A kind with one example and the training so far."""

    name: str
    kind: kinds.Kind
    T: int
    words_in: list
    said: list
    right: list
    steps: int
    goal: float
    shown_steps: list
    accuracies: list
    step: int
    accuracy: float


def film_kinds(kind, seed):
    """Frames of the training, every few steps; accuracy on freshly drawn examples."""
    fresh = kinds.batch(kind, np.random.default_rng(seed + 1_000_000), EXAMPLES)
    for snapshot in kinds.training(kind, np.random.default_rng(seed)):
        if snapshot.step % EVERY == 0:
            yield Frame(snapshot.step, accuracy(rnn, snapshot.params, fresh), snapshot.params, fresh)


def compute_kinds(kind, seed, example, film, frame):
    """What the network of the shown frame answers to one example; the seed stands behind the film."""
    chosen = kinds.KINDS[kind]
    shown = film[frame]
    return Kinds(
        name=kind,
        kind=chosen,
        T=len(chosen.x_mask),
        words_in=kinds.read(kind, shown.examples, example - 1),
        said=kinds.answers(kind, shown.params, shown.examples, example - 1),
        right=[chosen.outputs[target] for target in shown.examples.targets[chosen.y_mask, example - 1]],
        steps=kinds.STEPS,
        goal=GOAL,
        shown_steps=[made.step for made in film],
        accuracies=[made.accuracy for made in film],
        step=shown.step,
        accuracy=shown.accuracy,
    )


picker = register(
    Spec(
        name="rnn.picker",
        controls=(
            Choice("kind", tuple(kinds.KINDS), "one_to_one", redraw=True),
            Slider("seed", 0, 99, 1, 0),
            Slider("example", 1, 20, 1, 1, redraw=True),
        ),
        compute=compute_kinds,
        picture=moved(plots.make_kinds, plots.update_kinds),
        say=plots.say_kinds,
        line=lambda d: (
            "import itertools\nimport numpy as np\nfrom lecture_utils import kinds, rnn\n"
            "from lecture_utils.training import accuracy\n"
            f"training = kinds.training({d.kind!r}, np.random.default_rng({d.seed}))\n"
            f"*_, last = itertools.islice(training, {d.frame * EVERY + 1})\n"
            f"fresh = kinds.batch({d.kind!r}, np.random.default_rng({d.seed + 1_000_000}), {EXAMPLES})\n"
            f"100 * accuracy(rnn, last.params, fresh)"
        ),
        result="accuracy",
        presets={kind: {"kind": kind} for kind in ("one_to_many", "many_to_one", "many_to_many_delayed")},
        size=(7.4, 5.0),
        film=film_kinds,
        budget=kinds.STEPS // EVERY,
    )
)
