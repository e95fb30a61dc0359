"""The explorers of chapter 2."""

from explorers.checks import Checks, pytest_generate_tests  # noqa: F401 (pytest calls it)


class TestCharlm(Checks):
    chapter = "charlm"
