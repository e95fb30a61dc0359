"""The explorers of chapter 6."""

from explorers.checks import Checks, pytest_generate_tests  # noqa: F401 (pytest calls it)


class TestGru(Checks):
    chapter = "gru"
