"""Chapter 5: the LSTM."""

from lecture_utils.chapters.lstm.explorers import (
    BRACKETS,
    adding,
    cell,
    colour,
    gate,
    gates,
    grow,
    highway,
    hold,
    prose,
)
from lecture_utils.chapters.lstm.guesses import guess_gradient, guess_state

__all__ = [
    "BRACKETS", "adding", "cell", "colour", "gate", "gates", "grow", "guess_gradient", "guess_state",
    "highway", "hold", "prose",
]  # fmt: skip
