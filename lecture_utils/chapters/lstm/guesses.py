"""The curves of chapter 5 that the learner draws first: a value held by a constant forget gate, and the LSTM's gradient."""

from lecture_utils import gradients
from lecture_utils.chapters.lstm.explorers import compute_hold
from lecture_utils.widgets.guess import guess

HELD, BACK = tuple(range(16)), tuple(range(0, 101, 5))


def state():
    """The cell state after each of HELD steps with f = 0.7 and i = 0, from c = 1: that of the explorer hold."""
    return compute_hold(value=1.0, f=0.7, n=HELD[-1], leak=0.0)["cs"][: len(HELD)]


def gradient():
    """log10 of the size of dc_T/dc_t for each of BACK = T - t: a fresh LSTM with forget bias 0."""
    return gradients.highway(0.0, T=BACK[-1], seed=0).total[::-1][list(BACK)]


guess_state = guess("lstm.guess_state", x=HELD, y=(0.0, 1.2), tick=0.2, step=0.01, truth=state, quantity="cell")
AXES = {"x": BACK, "y": (-30.0, 10.0), "tick": 10, "step": 0.5, "log": True}
guess_gradient = guess("lstm.guess_gradient", truth=gradient, quantity="lstm", **AXES)
