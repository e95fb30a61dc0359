"""The explorers of chapter 4."""

from explorers.checks import Checks, pytest_generate_tests  # noqa: F401 (pytest calls it)


class TestGradients(Checks):
    chapter = "gradients"
