"""Chapter 2: the character model "hello"."""

from lecture_utils.chapters.charlm.explorers import generation, microscope, sampling, slide, training, two_ls
from lecture_utils.chapters.charlm.guesses import guess_loss, guess_memory

__all__ = ["generation", "guess_loss", "guess_memory", "microscope", "sampling", "slide", "training", "two_ls"]
