"""Chapter 5: the LSTM."""

from lecture_utils.chapters.lstm.explorers import (
    BRACKETS,
    adding,
    cell,
    colour,
    compute_highway,
    gate,
    gates,
    grow,
    highway,
    hold,
    prose,
)

__all__ = [
    "BRACKETS", "adding", "cell", "colour", "compute_highway", "gate", "gates", "grow", "highway", "hold", "prose",
]  # fmt: skip
