"""The explorers of chapter 5."""

from explorers.checks import Checks, pytest_generate_tests  # noqa: F401 (pytest calls it)


class TestLstm(Checks):
    chapter = "lstm"
