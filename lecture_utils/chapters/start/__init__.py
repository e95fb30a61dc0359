"""Chapter 0: does everything work here?"""

from lecture_utils.chapters.start.explorers import echo, projector

__all__ = ["echo", "projector"]
