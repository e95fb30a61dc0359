"""Chapter 4: vanishing and exploding gradients."""

from lecture_utils.chapters.gradients.explorers import (
    adding,
    cliff,
    compute_regimes,
    first_guess,
    flow,
    forward_side,
    geometric,
    matrices,
    patient,
    regimes,
    time_machine,
)
from lecture_utils.chapters.gradients.guesses import guess_gradient

__all__ = [
    "adding", "cliff", "compute_regimes", "first_guess", "flow", "forward_side", "geometric", "guess_gradient", "matrices",
    "patient", "regimes", "time_machine",
]  # fmt: skip
