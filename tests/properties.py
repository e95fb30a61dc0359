"""Property tests: a statement that has to hold for whatever hypothesis draws, the same examples in every run."""

from functools import wraps

import pytest
from hypothesis import given, settings

FEW, MANY = 40, 1000  # examples: in every run, and with --thorough


def holds_for(**strategies):
    """Makes a test of a function: its arguments are drawn from the strategies."""

    def test_of(statement):
        @wraps(statement)
        def test(examples):
            drawn = given(**strategies)(statement)
            settings(max_examples=examples, derandomize=True, database=None, deadline=None)(drawn)()

        del test.__wrapped__  # pytest would ask for the statement's arguments
        return pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.thorough)])(test)

    return test_of
