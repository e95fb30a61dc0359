"""The explorers of chapter 3."""

from explorers.checks import Checks, pytest_generate_tests  # noqa: F401 (pytest calls it)


class TestBptt(Checks):
    chapter = "bptt"
