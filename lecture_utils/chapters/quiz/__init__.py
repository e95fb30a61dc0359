"""Chapter 7: the bank of questions, the deck's own two first, and the widgets that ask them.

Every chapter's `questions.py` has QUESTIONS, a list; its evidence functions compute what settles each question. The right
answers stand beside the evidence and not in it, so that a test can compare the two.
"""

from functools import cache

from lecture_utils.chapters.bptt import questions as bptt
from lecture_utils.chapters.charlm import questions as charlm
from lecture_utils.chapters.gradients import questions as gradients
from lecture_utils.chapters.gru import questions as gru
from lecture_utils.chapters.lstm import questions as lstm
from lecture_utils.chapters.quiz import questions as deck
from lecture_utils.chapters.rnn import questions as rnn
from lecture_utils.texts import text
from lecture_utils.widgets import predict
from lecture_utils.widgets.questions import Progress, path
from lecture_utils.widgets.quiz import Panel, Summary

CHAPTERS = {
    "deck": deck.QUESTIONS,
    "rnn": rnn.QUESTIONS,
    "charlm": charlm.QUESTIONS,
    "bptt": bptt.QUESTIONS,
    "gradients": gradients.QUESTIONS,
    "lstm": lstm.QUESTIONS,
    "gru": gru.QUESTIONS,
}
BANK = [question for questions in CHAPTERS.values() for question in questions]


@cache
def _kept(file):
    return Progress(BANK, file)


def answers():
    """The learner's answers; the same object for all widgets, so that they follow each other."""
    return _kept(path())


def chapter(name):
    """The questions of a chapter: deck, rnn, charlm, bptt, gradients, lstm or gru."""
    if name not in CHAPTERS:
        raise ValueError(f"there is no chapter {name!r}; known: {', '.join(CHAPTERS)}")
    return Panel(text(f"quiz.chapter.{name}"), lambda: CHAPTERS[name], answers())


def missed():
    """The questions whose first answer was wrong, once more."""
    return Panel(text("quiz.missed"), answers().missed, answers(), again=True)


def summary():
    """How one stands, and what to read again."""
    return Summary(answers(), CHAPTERS, predict.answers())


def guesses():
    """All guesses of the lecture, those first after which it turned out otherwise."""
    return predict.Guesses(predict.answers())
