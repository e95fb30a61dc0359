"""Chapter 3: backpropagation through time."""

from lecture_utils.chapters.bptt.explorers import (
    cliff,
    gradient_check,
    graph,
    ledger,
    memory,
    paths,
    toy,
    training,
    truncation,
)

__all__ = ["cliff", "gradient_check", "graph", "ledger", "memory", "paths", "toy", "training", "truncation"]
