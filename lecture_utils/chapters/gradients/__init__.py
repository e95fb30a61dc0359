"""Chapter 4: vanishing and exploding gradients."""

from lecture_utils.chapters.gradients.explorers import (
    Weights,
    adding,
    cliff,
    cliff_gradients,
    compute_regimes,
    first_guess,
    flow,
    forward_side,
    geometric,
    matrices,
    network,
    noise,
    patient,
    regimes,
    signal,
    time_machine,
)
from lecture_utils.chapters.gradients.guesses import guess_gradient

__all__ = [
    "Weights",
    "adding",
    "cliff",
    "cliff_gradients",
    "compute_regimes",
    "first_guess",
    "flow",
    "forward_side",
    "geometric",
    "guess_gradient",
    "matrices",
    "network",
    "noise",
    "patient",
    "regimes",
    "signal",
    "time_machine",
]
