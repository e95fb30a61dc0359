"""The curve of chapter 4 that the learner draws first: the gradient of one unit against steps back."""

from lecture_utils import gradients
from lecture_utils.widgets.guess import guess

BACK = tuple(range(0, 29, 2))


def gradient():
    """log10 of |dh_T/dh_t| for each of BACK = T - t, of the unit that the explorer flow begins with."""
    toy = gradients.toy(0.5 * gradients.signal("noise", 30), w_xh=2.0, w_hh=1.5, b=0.0)
    return toy.log10_gradient[::-1][list(BACK)]


AXES = {"x": BACK, "y": (-30.0, 10.0), "tick": 10, "step": 0.5, "log": True}
guess_gradient = guess("gradients.guess_gradient", truth=gradient, quantity="gradient", **AXES)
