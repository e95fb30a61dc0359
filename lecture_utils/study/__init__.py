"""Exercises with instant feedback: `check(name, answer)`, `hint(name)`, `solution(name)`."""

from lecture_utils.study.exercises import check, hint, solution

__all__ = ["check", "hint", "solution"]
