"""The checkers of all exercises: right answers written in oracles/answers_CHAPTER.py, typical wrong ones, and what fails.

The answers know nothing of the library: what is right is computed there in another way.
"""

import importlib
import pkgutil
from pathlib import Path

import numpy as np
import oracles
import pytest

from lecture_utils.widgets.exercise import check, find

CHAPTERS = [
    importlib.import_module(found.name)
    for found in pkgutil.iter_modules(oracles.__path__, "oracles.")
    if found.name.startswith("oracles.answers_")
]
RIGHT = {name: answer for chapter in CHAPTERS for name, answer in chapter.RIGHT.items()}
WRONG = [wrong for chapter in CHAPTERS for wrong in chapter.WRONG]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_right(name):
    feedback = check(name, RIGHT[name])
    assert feedback.right, feedback


@pytest.mark.parametrize(("name", "mistake", "answer"), WRONG)
def test_a_typical_mistake_is_recognised(name, mistake, answer):
    feedback = check(name, answer)
    assert not feedback.right
    assert feedback.key == f"{name}.mistake.{mistake}"


@pytest.mark.parametrize("name", RIGHT)
def test_every_mistake_that_has_a_sentence_is_tried(name):
    assert sorted(find(name).mistakes) == sorted({mistake for tried, mistake, _ in WRONG if tried == name})


@pytest.mark.parametrize("name", RIGHT)
def test_the_stub_is_not_yet_an_answer(name):
    feedback = check(name, lambda *given: None)
    assert (feedback.right, feedback.key) == (False, "check.nothing")


@pytest.mark.parametrize("name", RIGHT)
def test_an_answer_that_raises_is_told_so(name):
    feedback = check(name, lambda *given: given[99])
    assert (feedback.right, feedback.key) == (False, "check.raised")


@pytest.mark.parametrize("name", RIGHT)
def test_an_answer_of_another_shape_is_told_so(name):
    feedback = check(name, lambda *given: np.zeros((2, 3, 5, 7)))
    assert (feedback.right, feedback.key) == (False, "check.shape")


def test_the_answers_know_nothing_of_the_library():
    assert len(CHAPTERS) >= 6
    for path in Path(oracles.__path__[0]).glob("answers_*.py"):
        assert "lecture_utils" not in path.read_text(encoding="utf-8"), path.name
