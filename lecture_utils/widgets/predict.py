"""A question before a result: `predict(NAME)` asks what the next cells will show, takes a guess, and answers that guess.

A prediction is data: an id CHAPTER.NAME, the section it stands in, what turns out, and the numbers and phrases that would
give it away earlier in the chapter. It stands in PREDICTIONS of chapters/CHAPTER/predictions.py. Its sentences:
NAME.question, NAME.option.X for each option of a choice, and NAME.reply.X, a reply to each option, or to each range of a
number: why one may think so, and what to look at in the next cell.

A guess is made once and kept with a line that the learner may add. It is marked if a cell that had not run when the
question was first asked has run before the guess: then its result was there to be seen. Where notebooks are stored and
compared the variable LECTURE_COMMITTED is set: every guess is then what turns out, and none is kept.
"""

import html
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path

from ipywidgets import HTML, FloatLogSlider, FloatSlider, Text, VBox

from lecture_utils.texts import text
from lecture_utils.widgets import questions, quiz
from lecture_utils.widgets.base import button, shell, spoken
from lecture_utils.widgets.questions import Question
from lecture_utils.widgets.quiz import Answering, Field


# ---- what a prediction is
@dataclass(frozen=True, kw_only=True)
class Prediction(Question):
    """What all kinds have. A guess is what JSON can hold, an entry {"guess": ..., "after": ..., "why": ...} what is kept."""

    gives_away: tuple
    evidence: Callable | None = None  # the cells that follow settle it

    def text(self, key, **numbers):
        return text(f"{self.id}.{key}", **numbers)

    def accepts(self, entry):
        """Whether this is an entry for the prediction at all."""
        kinds = {"guess": (list, str), "after": bool, "why": str}
        fits = isinstance(entry, dict) and entry.keys() == kinds.keys()
        return (
            fits
            and all(isinstance(entry[name], kind) for name, kind in kinds.items())
            and super().accepts(entry["guess"])
        )

    def surprising(self, guess):
        """Whether it turned out otherwise."""
        return self.typical(guess) != self.typical(self.truth)


@dataclass(frozen=True, kw_only=True)
class Choice(Prediction, questions.Choice):
    """One of some options; its guess is a list with one letter."""

    labels = property(lambda self: [self.label(option) for option in self.options])
    truth = property(lambda self: [self.right])

    def typical(self, guess):
        """The name of the reply to a guess."""
        return guess[0]

    def written(self, guess):
        """A guess as a sentence has it."""
        return self.label(guess[0])

    def field(self):
        """The Field that takes the guess."""
        chosen = quiz.field(self)
        return chosen._replace(given=lambda: list(chosen.given()))


@dataclass(frozen=True, kw_only=True)
class Number(Prediction, questions.Number):
    """A number on a scale from `scale[0]` to `scale[1]`, with `log` a logarithmic one; its guess is the number as a string.

    `ranges` are its replies in rising order, each with the number that its range ends before.
    """

    scale: tuple
    ranges: dict
    log: bool = False
    mistakes: dict = field(default_factory=dict)

    truth = property(lambda self: f"{self.value:.3g}")

    @property
    def labels(self):
        return [text("predict.log" if self.log else "predict.linear", low=self.scale[0], high=self.scale[1])]

    def typical(self, guess):
        return next(name for name, end in self.ranges.items() if self.read(guess) < end)

    def written(self, guess):
        return guess

    def field(self):
        kind, (low, high) = (FloatLogSlider, map(math.log10, self.scale)) if self.log else (FloatSlider, self.scale)
        slider = kind(
            description=text("predict.number"),
            value=self.scale[0],
            min=low,
            max=high,
            step=(high - low) / 200,
            readout_format=".3g",
            layout={"width": "min(520px, 100%)"},
            style={"description_width": "initial"},
        )
        moved = []  # where it begins is no guess
        slider.observe(moved.append, "value")

        def lock(guess):
            slider.value, slider.disabled = self.read(guess), True

        scale = HTML(html.escape(self.labels[0]))  # below: the page takes the first label as the slider's name
        return Field(VBox([slider, scale]), (slider,), lambda: f"{slider.value:.3g}" if moved else "", lock)


# ---- all of them, and what is kept
@cache
def bank():
    """Every prediction of the lecture by its id."""
    chapters = import_module("lecture_utils.chapters")
    files = sorted(Path(chapters.__file__).parent.glob("*/predictions.py"))
    modules = [import_module(f"{chapters.__name__}.{file.parent.name}.predictions") for file in files]
    return {question.id: question for module in modules for question in module.PREDICTIONS}


@cache
def _kept(file):
    return questions.Progress(bank().values(), file)


def answers():
    """The learner's guesses, with those made in other notebooks; the same object for all widgets of a kernel."""
    kept = _kept(questions.path("guesses"))
    kept.renew()
    return kept


# ---- whether a result was there to be seen
_ran = {}  # the source of each cell that this kernel has run, in the order of the first time
_asked = {}  # the id of a prediction -> how many of them had run when it was first asked


def _follow(result):
    _ran.setdefault(result.info.raw_cell)


if shell():
    shell().events.register("post_run_cell", _follow)


def predict(name):
    """The widget that asks for the guess `name`. Raises KeyError with the known names of its chapter."""
    if name not in bank():
        known = ", ".join(other for other in bank() if other.startswith(f"{name.partition('.')[0]}."))
        raise KeyError(f"there is no prediction {name!r}; known: {known}")
    _asked.setdefault(name, len(_ran))
    question = bank()[name]
    fixed = {"guess": question.truth, "after": False, "why": ""} if os.environ.get("LECTURE_COMMITTED") else None
    return Gate(question, answers(), fixed)


class Gate(Answering):
    """The widget of a Prediction. `entry` is what is kept of the guess, None before there is one; `fixed` stands for it."""

    def __init__(self, question, progress, fixed=None):
        super().__init__(progress)
        self.question, self.fixed = question, fixed
        self._field, self._said = question.field(), HTML()
        self._commit = button("engine.commit", self.commit)
        self._commit.layout.align_self = "flex-start"
        self._why = Text(
            description=text("predict.why"),
            placeholder=text("predict.free"),
            layout={"width": "min(760px, 100%)"},
            style={"description_width": "initial"},
        )
        for one in self._field.inputs:
            one.observe(self._late, "value")
        self._why.observe(self._wrote, "value")
        title = HTML(f"<h4>{html.escape(question.text('question'))}</h4>")
        self.children = [self.page, title, self.trouble, self._field.widget, self._commit, self._said, self._why]
        self.follow()

    @property
    def entry(self):
        return self.fixed or self.progress.latest(self.question)

    def commit(self):
        """Takes what is chosen as the guess, and answers it."""
        if self.entry:  # pressed twice
            return
        guess = self._field.given()
        if not guess:
            key = "predict.unmoved" if isinstance(self.question, Number) else "quiz.nothing"
            self._said.value = spoken(text(key), kind="")
            return
        later = list(_ran)[_asked[self.question.id] :]
        after = any("predict(" not in cell for cell in later)  # the cell of a question shows no result
        self.progress.record(self.question, {"guess": guess, "after": after, "why": ""})
        self._why.focus()

    def follow(self):
        super().follow()
        entry = self.entry
        self._commit.layout.display = "none" if entry else None
        self._why.layout.display = None if entry else "none"
        if entry:
            self._field.lock(entry["guess"])
            self._why.value = entry["why"]
            paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in self._answer(entry))
            self._said.value = f"<div role='status' aria-live='polite' class='lecture-verdict'>{paragraphs}</div>"
        elif self._why.value or self._said.value:  # deleted
            self._why.value = self._said.value = ""
            for one in self._field.inputs:
                one.disabled = False

    def words(self):
        entry = self.entry
        lines = [text("predict.asks", question=self.question.text("question")), *self.question.labels]
        lines += self._answer(entry) if entry else [text("predict.open")]
        if entry and entry["why"]:
            lines.append(f"{text('predict.why')} {entry['why']}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, **kwargs):
        """The guess and its reply are folded where there is no kernel."""
        question, *labels = map(html.escape, (self.question.text("question"), *self.question.labels))
        page = f"<p><b>{question}</b></p>" + "".join(f"<div>{label}</div>" for label in labels)
        if self.entry:
            answer = "".join(f"<p>{html.escape(line)}</p>" for line in self._answer(self.entry))
            page += f"<details><summary>{html.escape(text('predict.fold'))}</summary>{answer}</details>"
        return super()._repr_mimebundle_(**kwargs) | {"text/html": page}

    def _answer(self, entry):
        """The sentences on a guess."""
        guess = text("predict.committed", guess=self.question.written(entry["guess"]))
        if entry["after"]:
            guess += " " + text("predict.after")
        return [guess, self.question.text(f"reply.{self.question.typical(entry['guess'])}")]

    def _late(self, _change):
        """A choice made before the commit that came after it, since the browser holds back while the kernel works."""
        guess, entry = self._field.given(), self.progress.latest(self.question)
        if entry and not self.fixed and guess and guess != entry["guess"]:
            self.progress.revise(self.question, entry | {"guess": guess})

    def _wrote(self, change):
        entry = self.progress.latest(self.question)
        if entry and not self.fixed and change["new"] != entry["why"]:
            self.progress.revise(self.question, entry | {"why": change["new"]})


class Guesses(Answering):
    """All of one's guesses with what turned out, the surprises first."""

    COLUMNS = ("section", "question", "guess", "truth", "why")

    def __init__(self, progress):
        super().__init__(progress)
        self._said, self._table = HTML(), HTML()
        title = HTML(f"<h4>{html.escape(text('predict.guesses'))}</h4>")
        self.children = [self.page, title, self.trouble, self._said, self._table]
        self.follow()

    def rows(self):
        """(whether it surprised, a row's cells) of each guess."""
        made = [(question, self.progress.latest(question)) for question in self.progress.bank.values()]
        rows = [
            (question.surprising(entry["guess"]), self._cells(question, entry)) for question, entry in made if entry
        ]
        return sorted(rows, key=lambda row: (not row[0], row[1][0]))

    def follow(self):
        super().follow()
        self._said.value = spoken(self._count(), kind="")
        head = "".join(f"<th scope='col'>{html.escape(text(f'predict.column.{name}'))}</th>" for name in self.COLUMNS)
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for _, row in self.rows())
        self._table.value = body and f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def words(self):
        return "\n".join([text("predict.guesses"), self._count(), *(" | ".join(row) for _, row in self.rows())])

    def _count(self):
        rows = self.rows()
        return text("predict.count", n=len(rows), surprises=sum(surprise for surprise, _ in rows))

    @staticmethod
    def _cells(question, entry):
        guess = question.written(entry["guess"]) + (f" ({text('predict.marked')})" if entry["after"] else "")
        return question.section, question.text("question"), guess, question.written(question.truth), entry["why"]
