"""Exercises with instant feedback: `check(name, answer)`, `hint(name)`, `solution(name)`.

How an exercise is checked: the answer is tried on cases, and typical wrong answers are recognised by what they give.

An exercise is called CHAPTER.NAME; it stands in the dict EXERCISES of chapters/CHAPTER/exercises.py. Its sentences:
CHAPTER.NAME.mistake.MISTAKE for each typical wrong answer and CHAPTER.NAME.hint.1, .2, ... for the hints.
A check never raises: what goes wrong is said in words, and what the learner wrote stays as it is.
"""

import copy
import inspect
import textwrap
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from lecture_utils.texts import text

_hints_given = Counter()


@dataclass(frozen=True)
class Exercise:
    """A right answer, the cases to try it on, typical wrong answers by name, and how many hints there are.

    `right` is a function, tried with each tuple of arguments that `cases()` gives; or a value, if `cases` is None.
    """

    right: object
    hints: int
    cases: Callable | None = None
    mistakes: dict = field(default_factory=dict)
    tolerance: float = 1e-6


class Feedback:
    """What a check says; `right` is True when the exercise is solved."""

    def __init__(self, right, key, **numbers):
        self.right, self.key, self.sentence = right, key, text(key, **numbers)

    def __repr__(self):
        return self.sentence


def find(name):
    """The Exercise of a name. Raises KeyError with the known names of its chapter."""
    chapter, _, short = name.partition(".")
    try:
        known = import_module(f"lecture_utils.chapters.{chapter}.exercises").EXERCISES
    except ModuleNotFoundError:
        known = {}
    if short not in known:
        raise KeyError(f"there is no exercise {name!r}; known: {', '.join(f'{chapter}.{other}' for other in known)}")
    return known[short]


def check(name, answer):
    """Feedback on an answer, a function or a value; never raises for anything the learner wrote."""
    try:
        exercise = find(name)
    except KeyError as error:
        return Feedback(False, "check.unknown", message=error.args[0])
    cases = [()] if exercise.cases is None else exercise.cases()
    if callable(exercise.right) and not callable(answer):
        return Feedback(False, "check.not_a_function", kind=type(answer).__name__)
    given = []
    for case in cases:
        try:
            value = _value(answer, case)
        except Exception as error:
            return Feedback(False, "check.raised", kind=type(error).__name__, message=error)
        if value is None:
            return Feedback(False, "check.nothing", name=name)
        given.append(value)
    expected = [_value(exercise.right, case) for case in cases]
    for value, wanted in zip(given, expected, strict=True):
        if _shapes(value) != _shapes(wanted):
            for mistake, wrong in exercise.mistakes.items():
                if _same(given, [_value(wrong, case) for case in cases], exercise.tolerance):
                    return Feedback(False, f"{name}.mistake.{mistake}")
            return Feedback(False, "check.shape", given=_shapes(value), expected=_shapes(wanted))
    if _same(given, expected, exercise.tolerance):
        return Feedback(True, "check.right")
    for mistake, wrong in exercise.mistakes.items():
        if _same(given, [_value(wrong, case) for case in cases], exercise.tolerance):
            return Feedback(False, f"{name}.mistake.{mistake}")
    return Feedback(False, "check.differs", name=name, distance=_distance(given, expected))


def hint(name):
    """The next hint for an exercise; after the last one, the last one again."""
    exercise = find(name)
    _hints_given[name] = min(_hints_given[name] + 1, exercise.hints)
    print(text("check.hint", n=_hints_given[name], of=exercise.hints, hint=text(f"{name}.hint.{_hints_given[name]}")))


def solution(name):
    """Prints one right answer."""
    right = find(name).right
    print(textwrap.dedent(inspect.getsource(right)) if callable(right) else repr(right))


def _value(answer, case):
    with np.errstate(all="ignore"):
        return answer(*copy.deepcopy(case)) if callable(answer) else answer


def _parts(value):
    """The arrays in a value: itself, or those of a tuple or list (several numbers are one array).

    Raises TypeError or ValueError for what holds anything but numbers.
    """
    if not isinstance(value, (tuple, list)):
        return [np.asarray(value, dtype=float)]
    parts = [np.asarray(part, dtype=float) for part in value]
    return [np.array(parts)] if all(part.shape == () for part in parts) else parts


def _shapes(value):
    """The shape of an array, a list of shapes for several arrays; else the type's name."""
    try:
        shapes = [part.shape for part in _parts(value)]
    except (TypeError, ValueError):
        return type(value).__name__
    return shapes[0] if len(shapes) == 1 else shapes


def _same(given, expected, tolerance):
    """Whether all values agree, relative to the size of the expected ones."""
    try:
        pairs = [
            pair
            for one, other in zip(given, expected, strict=True)
            for pair in zip(_parts(one), _parts(other), strict=True)
        ]
    except (TypeError, ValueError):
        return False
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=tolerance, atol=tolerance * _size(b), equal_nan=True)
        for a, b in pairs
    )


def _size(array):
    """The largest finite entry in absolute value; 1 if there is none but 0."""
    return np.abs(array[np.isfinite(array)]).max(initial=0) or 1


def _distance(given, expected):
    """The largest difference between the numbers given and expected."""
    return max(
        float(np.abs(a - b).max(initial=0))
        for one, other in zip(given, expected, strict=True)
        for a, b in zip(_parts(one), _parts(other), strict=True)
    )
