"""The machinery of the exercises: nothing a learner writes raises, hints come one at a time, solutions are right."""

import importlib.util
import pkgutil
import re

import numpy as np
import pytest

from lecture_utils import chapters
from lecture_utils.texts import table
from lecture_utils.widgets.exercise import check, hint, solution

EXERCISES = {
    f"{found.name}.{short}": exercise
    for found in pkgutil.iter_modules(chapters.__path__)
    if importlib.util.find_spec(f"lecture_utils.chapters.{found.name}.exercises")
    for short, exercise in importlib.import_module(f"lecture_utils.chapters.{found.name}.exercises").EXERCISES.items()
}


def stops(*given):
    raise ZeroDivisionError("division by zero")


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (stops, "check.raised"),
        (lambda *given: None, "check.nothing"),
        (lambda *given: np.zeros(7), "check.shape"),
        (lambda *given: "h", "check.shape"),
        (lambda *given: np.full(3, np.nan), "check.differs"),
        (lambda *given: np.full(3, 0.123), "check.differs"),
        (lambda: 0, "check.raised"),
        (0.5, "check.not_a_function"),
    ],
)
def test_whatever_the_answer_does_the_check_only_speaks(answer, key):
    feedback = check("rnn.step", answer)
    assert (feedback.right, feedback.key) == (False, key)
    assert repr(feedback) == feedback.sentence != ""


def test_a_plain_list_of_numbers_counts_as_an_array():
    assert check("rnn.step", lambda x, h, W, U, b: list(np.tanh(W @ x + U @ h + b))).right
    assert "(4,)" in repr(check("rnn.step", lambda *given: [0.0] * 4))


def test_an_answer_cannot_spoil_the_cases():
    def spoils(x, h_prev, W_xh, W_hh, b_h):
        W_xh[:] = 0
        return np.tanh(W_hh @ h_prev + b_h)

    assert not check("rnn.step", spoils).right
    assert check("rnn.step", lambda x, h, W, U, b: np.tanh(W @ x + U @ h + b)).right


def test_an_unknown_exercise_is_named_with_those_there_are():
    feedback = check("rnn.stpe", stops)
    assert "rnn.stpe" in repr(feedback) and "rnn.step" in repr(feedback)
    assert "nowhere.step" in repr(check("nowhere.step", stops))


def test_hints_come_one_at_a_time_and_the_last_one_stays(capsys):
    last = EXERCISES["rnn.masks"].hints
    for n in [*range(1, last + 1), last]:
        hint("rnn.masks")
        assert capsys.readouterr().out.startswith(f"Hint {n} of {last}: ")


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_shown_is_right(name, capsys):
    solution(name)
    source = capsys.readouterr().out
    exercise = EXERCISES[name]
    assert check(name, exercise.right).right
    assert exercise.cases is None or source.startswith("def ")


@pytest.mark.parametrize("name", EXERCISES)
def test_every_mistake_and_hint_has_its_sentence_and_none_is_left_over(name):
    exercise = EXERCISES[name]
    assert len(exercise.mistakes) >= 3
    sentences = [f"{name}.mistake.{mistake}" for mistake in exercise.mistakes]
    sentences += [f"{name}.hint.{n + 1}" for n in range(exercise.hints)]
    assert sorted(key for key in table("en") if re.match(rf"{name}\.(mistake|hint)\.", key)) == sorted(sentences)
    assert all(table("en")[key].startswith("Not yet: ") for key in sentences if ".mistake." in key)


@pytest.mark.parametrize("name", EXERCISES)
def test_no_two_mistakes_look_alike(name):
    exercise = EXERCISES[name]
    for mistake, wrong in exercise.mistakes.items():
        assert check(name, wrong).key == f"{name}.mistake.{mistake}"
