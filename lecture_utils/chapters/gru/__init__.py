"""Chapter 6: the GRU."""

from lecture_utils.chapters.gru.explorers import adding, average, cell, cost, gates, highway, reset, twin

__all__ = ["adding", "average", "cell", "cost", "gates", "highway", "reset", "twin"]
