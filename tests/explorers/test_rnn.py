"""The explorers of chapter 1."""

from explorers.checks import Checks, pytest_generate_tests  # noqa: F401 (pytest calls it)


class TestRnn(Checks):
    chapter = "rnn"
