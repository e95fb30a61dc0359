"""The question bank: one module per chapter, the deck's own two questions first.

Every module has QUESTIONS, a list; its evidence functions compute what settles each question. The right answers stand
beside the evidence and not in it, so that a test can compare the two.
"""

from lecture_utils.study.questions import bptt, charlm, deck, gradients, gru, lstm, rnn

CHAPTERS = {
    module.__name__.rpartition(".")[2]: module.QUESTIONS for module in (deck, rnn, charlm, bptt, gradients, lstm, gru)
}
BANK = [question for questions in CHAPTERS.values() for question in questions]
NOTEBOOKS = ("01_rnn", "02_char_lm_hello", "03_bptt", "04_vanishing_gradients", "05_lstm", "06_gru")


def notebook(section):
    """The file of the notebook that holds a section, such as "3.8"."""
    return f"{NOTEBOOKS[int(section[0]) - 1]}.ipynb"
