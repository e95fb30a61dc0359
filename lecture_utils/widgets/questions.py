"""The quiz: kinds of questions, how an answer is graded, what is kept of the answers, and the score.

A question is data: an id CHAPTER.NAME, the section that teaches it, the right answer, and `evidence`, a function that
computes what settles it. Its sentences stand in texts/: quiz.ID.question, quiz.ID.option.X, quiz.ID.why.X (a reason for
every option, and for every typical wrong number) and quiz.ID.evidence, which is filled with the evidence's numbers. The
bank stands in chapters/CHAPTER/questions.py, the widget in widgets/quiz.py.

An answer is what JSON can hold: the list of the options chosen, or the number as it was typed. The first answer to a
question counts for the score; a question that was missed may be answered again.
"""

import json
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from lecture_utils import settings
from lecture_utils.texts import text

NOTEBOOKS = ("01_rnn", "02_char_lm_hello", "03_bptt", "04_vanishing_gradients", "05_lstm", "06_gru")


def notebook(section):
    """The file of the notebook that holds a section, such as "3.8"."""
    return f"{NOTEBOOKS[int(section[0]) - 1]}.ipynb"


class Evidence(NamedTuple):
    """What a computation says of a question."""

    verdict: object  # the set of options to be marked, or the number asked for
    numbers: dict  # what the sentence quiz.ID.evidence is filled with


def marked(**options):
    """The set of options for which the computation says yes."""
    return {name for name, yes in options.items() if yes}


class Reason(NamedTuple):
    """Why one option is right or wrong, and what the learner did with it."""

    mark: str  # right, wrong (chosen but not right), missed (right but not chosen), left (rightly not chosen)
    option: str | None  # None for a number
    sentence: str


class Grade(NamedTuple):
    """Whether an answer is right, and the reasons."""

    right: bool
    reasons: tuple


class Unreadable(ValueError):
    """A typed number that cannot be read; its message is for the learner."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What all kinds of questions have."""

    id: str
    section: str  # its number, such as "3.8"; the heading is the text quiz.section.3.8
    evidence: Callable  # () -> Evidence

    @property
    def chapter(self):
        return self.id.partition(".")[0]

    def text(self, key, **numbers):
        return text(f"quiz.{self.id}.{key}", **numbers)

    def settle(self):
        """The Evidence, computed now."""
        return self.evidence()


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """One right option, or with `several` all that apply."""

    options: str  # one letter each
    right: str
    several: bool = False

    def label(self, option):
        """How an option stands in the list."""
        return f"{option}) {self.text(f'option.{option}')}"

    def name(self, option):
        """How a sentence speaks of an option."""
        return f"({option})"

    def accepts(self, answer):
        """Whether this is an answer to the question at all."""
        chosen = isinstance(answer, list) and all(isinstance(option, str) for option in answer)
        return chosen and set(answer) <= set(self.options) and (self.several or len(answer) == 1)

    def grade(self, answer):
        """The Grade of the list of options chosen: right if they are exactly the right ones."""
        marks = {(True, True): "right", (True, False): "wrong", (False, True): "missed", (False, False): "left"}
        reasons = (
            Reason(marks[option in answer, option in self.right], option, self.text(f"why.{option}"))
            for option in self.options
        )
        return Grade(set(answer) == set(self.right), tuple(reasons))


@dataclass(frozen=True, kw_only=True)
class WrongLine(Choice):
    """A short backward pass with one wrong line, to be found; the options are its lines, numbered from 1.

    Its `evidence` is a function of such lines: it runs them and gives the relative error of their gradient.
    """

    code: str
    mended: str  # the wrong line as it should be
    options: str = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "options", "".join(str(n) for n, _ in enumerate(self.lines, start=1)))

    @property
    def lines(self):
        return self.code.strip("\n").split("\n")

    def label(self, option):
        return f"{option}  {self.lines[int(option) - 1]}"

    def name(self, option):
        return text("quiz.line", n=option)

    def with_line_mended(self):
        lines = self.lines
        lines[int(self.right) - 1] = self.mended
        return "\n".join(lines)

    def settle(self):
        """The error of the lines as they stand, and with the one line mended: right only if that makes all the odds."""
        wrong, mended = self.evidence("\n".join(self.lines)), self.evidence(self.with_line_mended())
        verdict = {self.right} if mended < 1e-9 < 1e-3 < wrong else set()
        return Evidence(verdict, {"n": self.right, "wrong": wrong, "line": self.mended.strip()})


@dataclass(frozen=True, kw_only=True)
class Number(Question):
    """A number to compute, right within a relative tolerance; `units` are those it may be typed with."""

    value: float
    mistakes: dict  # the name of a typical mistake -> the number it gives
    units: dict = field(default_factory=dict)  # unit -> how many of the value's unit it is; "" is no unit
    tolerance: float = 0.01

    def accepts(self, answer):
        """Whether this is a number with a known unit."""
        try:
            return isinstance(answer, str) and math.isfinite(self.read(answer))
        except Unreadable:
            return False

    def read(self, typed):
        """The number typed, in the unit of the value: 0.35, 0,35, 1/3, 5.6e-9 or 5.6·10^-9. Raises Unreadable."""
        if re.match(r"[-+−]?[1-9]\d{0,2}(,\d{3})+(?!\d)", typed.strip()):  # 1,860: thousands, or a decimal comma?
            raise Unreadable(text("quiz.number.comma", typed=typed))
        plain = re.sub(r"\s*[·*×x]\s*10\s*\^?\s*", "e", typed.strip().replace("−", "-").replace(",", "."))
        number = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
        parts = re.fullmatch(rf"({number})(?:\s*/\s*({number}))?\s*([^\d\s/]*)", plain, re.IGNORECASE)
        if not parts or (parts[2] and not float(parts[2])):
            raise Unreadable(text("quiz.number.unreadable", typed=typed))
        units = {"": 1} | self.units
        if parts[3].lower() not in units:
            known = ", ".join(unit for unit in units if unit)
            key = "quiz.number.unit" if known else "quiz.number.no_unit"
            raise Unreadable(text(key, unit=parts[3], known=known))
        value = float(parts[1]) / float(parts[2] or 1) * units[parts[3].lower()]
        if not math.isfinite(value):
            raise Unreadable(text("quiz.number.unreadable", typed=typed))
        return value

    def near(self, value, wanted):
        return math.isclose(value, wanted, rel_tol=self.tolerance)

    def grade(self, answer):
        """The Grade of the number as typed; a typical mistake is recognised by the number it gives."""
        value = self.read(answer)
        right = self.near(value, self.value)
        mistake = next((name for name, wrong in self.mistakes.items() if self.near(value, wrong)), None)
        why = "right" if right else mistake
        sentence = self.text(f"why.{why}") if why else text("quiz.number.other")
        return Grade(right, (Reason("right" if right else "wrong", None, sentence),))


class Score(NamedTuple):
    """How a learner stands with some questions."""

    total: int
    answered: int
    first: int  # right at the first answer
    now: int  # right at the latest answer


def path(name="quiz"):
    """Where the answers are kept, or what else has a `name`: beside the settings."""
    return settings.path().with_name(f".lecture-{name}.json")


class Progress:
    """A learner's answers, kept in a small local file. `trouble` is a sentence if the file could not be used."""

    def __init__(self, bank, file):
        self.bank = {question.id: question for question in bank}
        self.file, self.trouble = file, ""
        self._listeners = {}
        self._unreadable = False
        self.answers = self._load()  # id -> the answers given, the first one first

    def _load(self):
        try:
            stored = json.loads(self.file.read_text(encoding="utf-8"))
            if not isinstance(stored, dict):
                raise ValueError(type(stored).__name__)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            self.trouble = text("quiz.file.unreadable", path=self.file, reason=error)
            self._unreadable = not isinstance(error, OSError)
            return {}
        known = {
            name: [answer for answer in given if self.bank[name].accepts(answer)]
            for name, given in stored.items()
            if name in self.bank and isinstance(given, list)
        }
        return {name: given for name, given in known.items() if given}

    def on_change(self, listener):
        """Calls listener() after every change, until `forget(listener)`."""
        self._listeners[listener] = None

    def forget(self, listener):
        self._listeners.pop(listener, None)

    def renew(self):
        """Takes in what the kernel of another notebook has written; what could not be written here stays."""
        if not self.trouble:
            answers = self._load()
            self.answers = self.answers if self.trouble else answers

    def record(self, question, answer):
        """Keeps one more answer to a question."""
        self.renew()
        self.answers.setdefault(question.id, []).append(answer)
        self._store()

    def revise(self, question, answer):
        """Puts another answer in the place of the latest one."""
        self.renew()
        self.answers[question.id] = [*self.answers.get(question.id, ())[:-1], answer]
        self._store()

    def clear(self):
        """Forgets all answers and deletes the file."""
        self.answers.clear()
        try:
            self.file.unlink(missing_ok=True)
        except OSError as error:
            self.trouble = text("quiz.file.undeletable", path=self.file, reason=error.strerror)
        else:
            self.trouble, self._unreadable = "", False
        self._tell()

    def _store(self):
        try:
            if self._unreadable:  # it may hold someone's answers: keep it
                self.file.replace(self.file.with_suffix(".broken"))
            fresh = self.file.with_suffix(".new")  # written aside first, so that a crash leaves the old file whole
            fresh.write_text(json.dumps(self.answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            os.replace(fresh, self.file)
        except OSError as error:
            self.trouble = text("quiz.file.unwritable", path=self.file, reason=error.strerror)
        else:
            self.trouble, self._unreadable = "", False
        self._tell()

    def _tell(self):
        for listener in list(self._listeners):
            listener()

    def latest(self, question):
        """The latest answer to a question, None if there is none."""
        return self.answers[question.id][-1] if question.id in self.answers else None

    def right(self, question, attempt=-1):
        """Whether the latest answer (attempt 0: the first) is right; False if there is none."""
        return question.id in self.answers and question.grade(self.answers[question.id][attempt]).right

    def missed(self):
        """The questions whose first answer was wrong, in the order of the bank."""
        return [
            question for question in self.bank.values() if question.id in self.answers and not self.right(question, 0)
        ]

    def read_again(self):
        """The sections of the questions whose latest answer is wrong, each once, in order."""
        sections = {question.section for question in self.missed() if not self.right(question)}
        return sorted(sections, key=lambda section: [int(part) for part in section.split(".")])

    def score(self, questions):
        """The Score of some questions."""
        answered = [question for question in questions if question.id in self.answers]
        return Score(
            len(questions),
            len(answered),
            sum(self.right(question, 0) for question in answered),
            sum(self.right(question) for question in answered),
        )
