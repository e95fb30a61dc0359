"""The curves of chapter 2 that the learner draws first: the loss on "hello" against updates, with and without memory."""

from lecture_utils import charlm, hello, rnn
from lecture_utils.widgets.guess import guess

UPDATES = tuple(range(0, 41, 2))


def losses(memory):
    """The mean loss of the slide's network after each of UPDATES."""
    made = charlm.train(rnn, hello.rebuild(), hello.WORD, UPDATES[-1], memory=memory)
    return [snapshot.loss for snapshot in made][:: UPDATES[1]]


AXES = {"x": UPDATES, "y": (0.0, 2.0), "tick": 0.5, "step": 0.02}
guess_loss = guess("charlm.guess_loss", truth=lambda: losses(memory=True), quantity="rnn", **AXES)
guess_memory = guess("charlm.guess_memory", truth=lambda: losses(memory=False), quantity="weight", **AXES)
