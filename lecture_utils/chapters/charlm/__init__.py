"""Chapter 2: the character model "hello"."""

from lecture_utils.chapters.charlm.explorers import generation, microscope, sampling, slide, training, two_ls

__all__ = ["generation", "microscope", "sampling", "slide", "training", "two_ls"]
