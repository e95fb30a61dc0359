"""Chapter 1: how a network reads a sequence."""

from lecture_utils.chapters.rnn.explorers import chain, parameters, picker, step

__all__ = ["chain", "parameters", "picker", "step"]
