"""The bug hospital at the end of chapter 6."""

from lecture_utils.chapters.hospital.bugs import BUGS, CHECKS, case, distance, examine, finds, healthy, patient
from lecture_utils.chapters.hospital.explorers import ward

__all__ = ["BUGS", "CHECKS", "case", "distance", "examine", "finds", "healthy", "patient", "ward"]
