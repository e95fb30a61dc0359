"""The widgets of chapter 7: the questions of a chapter one at a time, the missed ones again, and how one stands.

Everything works with the keyboard alone: Tab and Shift+Tab, the arrow keys and Space in a list, Enter on a button. The
button below the options checks the answer and then leads to the next question, which takes the focus, so that Tab goes
on from there. What a check says stands in a region that screen readers read aloud.

The text form of a widget is all that it asks, with how it stands: it is compared in the stored notebook, and printed.
"""

import html
import inspect
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from ipywidgets import HTML, Box, Checkbox, RadioButtons, Text, VBox

from lecture_utils.texts import text
from lecture_utils.widgets.base import Widget, button, close, spoken
from lecture_utils.widgets.questions import Choice, Number, Unreadable, WrongLine, notebook


def link(section):
    """A section's heading as a link to it, in HTML; JupyterLab opens it beside the notebook (widgets/lecture.js)."""
    heading = text(f"quiz.section.{section}")
    target = html.escape(f"{notebook(section)}#{heading.replace(' ', '-')}", quote=True)
    return f'<a href="{target}" data-file="{notebook(section)}" target="_blank">{html.escape(heading)}</a>'


class Answering(Widget):
    """A widget that follows the learner's answers."""

    def __init__(self, answers):
        super().__init__()
        self.add_class("lecture-quiz")
        self.progress = answers
        self.trouble = HTML()
        self.progress.on_change(self.follow)

    def close(self):
        self.progress.forget(self.follow)
        super().close()

    def follow(self):
        """Shows what has changed with the answers."""
        self.trouble.value = spoken(self.progress.trouble, "alert", "lecture-error")


class Field(NamedTuple):
    """Where an answer is given: the widget, what it holds, and how an answer is put into it and locked."""

    widget: object
    inputs: tuple  # the widgets in it that hold a value
    given: Callable  # () -> the options chosen, or the number typed; empty if nothing is
    lock: Callable  # (answer) -> None


def field(question):
    """The Field of a question."""
    if isinstance(question, Number):
        box = Text(
            description=text("quiz.number.field"),
            continuous_update=False,
            style={"description_width": "initial"},
            layout={"width": "260px"},
        )
        return Field(box, (box,), lambda: box.value.strip(), lambda answer: _lock(box, answer))
    labels = {option: question.label(option) for option in question.options}
    if not question.several:
        options = [(label, option) for option, label in labels.items()]
        radio = RadioButtons(options=options, value=None, layout={"width": "auto"})
        if isinstance(question, WrongLine):
            radio.add_class("lecture-code")
        return Field(radio, (radio,), lambda: radio.value or "", lambda answer: _lock(radio, answer[0]))
    boxes = {
        option: Checkbox(description=label, indent=False, layout={"width": "auto", "margin": "0"})
        for option, label in labels.items()
    }

    def given():
        return "".join(option for option, box in boxes.items() if box.value)

    def lock(answer):
        for option, box in boxes.items():
            _lock(box, option in answer)

    return Field(VBox(list(boxes.values())), tuple(boxes.values()), given, lock)


def _lock(widget, value):
    widget.value, widget.disabled = value, True


def instruction(question):
    """What kind of answer a question wants, in words."""
    if isinstance(question, WrongLine):
        return text("quiz.kind.line")
    if isinstance(question, Choice):
        return text("quiz.kind.several" if question.several else "quiz.kind.one")
    exact = question.tolerance < 0.001
    words = text("quiz.kind.exact") if exact else text("quiz.kind.number", percent=100 * question.tolerance)
    return words + (text("quiz.kind.units", units=", ".join(question.units)) if question.units else "")


class Panel(Answering):
    """Questions, one at a time. With `again`, those that are not right yet are open for another answer.

    `question` is the one that is shown, None if there is none; `open` says whether it waits for an answer.
    """

    def __init__(self, title, pick, answers, again=False):
        super().__init__(answers)
        self.title, self.again, self._pick = title, again, pick
        self.question, self.open, self._field, self._left = None, False, None, None
        self._place, self._asked, self._feedback, self._shown, self._taught = (HTML() for _ in range(5))
        self._back, self._on = button("quiz.previous", self._step(-1)), button("quiz.next", self._step(1))
        self._main = button("quiz.check", self.check_or_go_on)
        self._buttons = Box([self._main, button("quiz.show", self.show_me)], layout={"flex_flow": "row wrap"})
        self._steps, self._body = Box([self._back, self._on], layout={"flex_flow": "row wrap"}), VBox()
        head = HTML(f"<h4>{html.escape(title)}</h4>")
        self.children = [self.page, head, self.trouble, self._place, self._steps, self._body]
        self.follow()

    @property
    def questions(self):
        return self._pick()

    # what the learner, a cell or a test can do

    def go(self, question, focus=True):
        """Shows a question: open, or as it was answered last."""
        self.question, self.open = question, self._is_open(question)
        self._close_left()
        self._left, self._field = self._field, field(question)  # the last one may still be told something: _late
        words, how = (html.escape(part) for part in (question.text("question"), instruction(question)))
        self._asked.value = (
            f"<div class='lecture-question' tabindex='-1'{' data-takes-focus' if focus else ''}>{words}<br>"
            f"<small>{how}</small></div>"
        )
        self._shown.value = self._feedback.value = ""
        self._taught.value = f"{html.escape(text('quiz.taught'))} {link(question.section)}"
        self._body.children = [
            self._asked, self._field.widget, self._buttons, self._feedback, self._shown, self._taught
        ]  # fmt: skip
        self._main.description = text("quiz.check")
        if not self.open:
            self._close()
        self._tell_place()

    def answer(self, given):
        """Checks an answer: the options chosen, as in "ac", or the number as typed."""
        question = self.question
        if isinstance(question, Number):
            try:
                question.read(given)
            except Unreadable as error:
                self._say(str(error))
                return
            answer = given
        else:
            answer = sorted(given)
        self.open = False
        self.progress.record(question, answer)
        self._close()
        for one in self._field.inputs:
            one.observe(partial(self._late, question, self._field), "value")

    def check_or_go_on(self):
        """What the button below the options does: it checks the answer, and then leads to the next open question."""
        if not self.open:
            at = self.questions.index(self.question) + 1
            circle = self.questions[at:] + self.questions[:at]
            self.go(next(filter(self._is_open, circle), circle[0]))
            return
        given = self._field.given()
        if given:
            self.answer(given)
        else:
            self._say(text("quiz.no_number" if isinstance(self.question, Number) else "quiz.nothing"))

    def show_me(self):
        """Runs the evidence of the question and shows what it found, and the Python that did."""
        found = self.question.settle()
        if isinstance(self.question, WrongLine):
            sentences = text("quiz.lines", **found.numbers)
        else:
            sentences = self.question.text("evidence", **found.numbers)
        source = html.escape(inspect.getsource(self.question.evidence).strip())
        self._shown.value = (
            spoken(sentences, kind="lecture-shown")
            + f"<details><summary>{html.escape(text('quiz.code'))}</summary><pre tabindex='0'>{source}</pre></details>"
        )

    def follow(self):
        super().follow()
        questions = self.questions
        for part in (self._steps, self._body):
            part.layout.display = None if questions else "none"
        if not questions:
            self.question = None
        elif self.question not in questions:
            self.go(next(filter(self._is_open, questions), questions[0]), focus=False)
            return
        elif self.open != self._is_open(self.question) and not (self.again and not self.open):
            self.go(self.question, focus=False)  # answered or deleted elsewhere
            return
        self._tell_place()

    def words(self):
        lines = [self.title, self._where()]
        for n, question in enumerate(self.questions, start=1):
            lines += ["", f"{n}. {question.text('question')}", f"   {instruction(question)}"]
            if isinstance(question, Choice):
                lines += [f"   {question.label(option)}" for option in question.options]
        return "\n".join(lines)

    def close(self):
        self._close_left()
        super().close()

    # inside

    def _close_left(self):
        if self._left:
            close(self._left.widget)

    def _is_open(self, question):
        return question.id not in self.progress.answers or (self.again and not self.progress.right(question))

    def _step(self, by):
        return lambda: self.go(self.questions[self.questions.index(self.question) + by])

    def _late(self, question, field, _change):
        """A choice that was made before the check and came after it, since the browser holds back while the kernel works."""
        given = field.given() if isinstance(question, Number) else sorted(field.given())
        if question.accepts(given) and given != self.progress.latest(question):
            self.progress.revise(question, given)
            if self.question is question and not self.open:
                self._close()

    def _say(self, sentence):
        self._feedback.value = spoken(sentence, kind="")

    def _close(self):
        """Locks the answer and says why it is right or wrong; what the learner did not choose is folded."""
        question, answer = self.question, self.progress.latest(self.question)
        self._field.lock(answer)
        grade = question.grade(answer)
        sentence = text("quiz.right" if grade.right else "quiz.wrong")
        if isinstance(question, Choice) and question.several and not grade.right:
            marks = [reason.mark for reason in grade.reasons]
            counts = {"right": marks.count("right"), "wrong": marks.count("wrong"), "total": len(question.right)}
            sentence = text("quiz.partly", **counts)
        told, folded = [], []
        for reason in grade.reasons:
            words = reason.sentence
            if reason.option:
                key = f"quiz.reason.{reason.mark}"
                if reason.mark == "missed" and not question.several:
                    key = "quiz.reason.answer"
                words = text(key, name=question.name(reason.option), why=words)
            chosen = reason.mark in ("right", "wrong") or (reason.mark == "missed" and question.several)
            (told if chosen else folded).append(f"<p>{html.escape(words)}</p>")
        others = ""
        if folded:
            others = f"<details><summary>{html.escape(text('quiz.others'))}</summary>{''.join(folded)}</details>"
        kind = "lecture-yes" if grade.right else "lecture-no"
        self._feedback.value = (
            f"<div role='status' aria-live='polite' class='lecture-verdict {kind}'>"
            f"<p><b>{html.escape(sentence)}</b></p>{''.join(told)}</div>{others}"
        )
        self._main.description = text("quiz.next")

    def _where(self):
        questions, whole = self.questions, self.progress.score(self.progress.bank.values())
        if not questions:
            return text("quiz.place.none", answered=whole.answered, total=whole.total)
        score = self.progress.score(questions)
        right = score.now if self.again else score.first
        n = questions.index(self.question) + 1
        return text("quiz.place", n=n, total=len(questions), answered=score.answered, right=right)

    def _tell_place(self):
        self._place.value = f"<div class='lecture-place'>{html.escape(self._where())}</div>"
        if self.question:
            at = self.questions.index(self.question)
            self._back.disabled, self._on.disabled = at == 0, at == len(self.questions) - 1


class Summary(Answering):
    """How the learner stands in each chapter, what to read again, and a button that deletes the answers and the guesses."""

    def __init__(self, answers, chapters, guesses):
        super().__init__(answers)
        self.chapters = chapters  # the questions of each, by name
        self.guesses = guesses  # the Progress of widgets/predict.py
        self._table, self._again, self._file, self._said = HTML(), HTML(), HTML(), HTML()
        self._delete = button("quiz.delete", self.ask_to_delete)
        self._delete.layout.align_self = "flex-start"
        self._yes, self._no = button("quiz.delete.yes", self.delete), button("quiz.delete.no", self.keep)
        self._sure = Box([self._no, self._yes], layout={"flex_flow": "row wrap", "display": "none"})
        title = HTML(f"<h4>{html.escape(text('quiz.summary'))}</h4>")
        self.children = [
            self.page, title, self.trouble, self._table, self._again, self._delete, self._said, self._sure, self._file
        ]  # fmt: skip
        self.follow()

    def rows(self):
        """The name and the Score of each chapter, and of all questions."""
        parts = [(text(f"quiz.chapter.{name}"), questions) for name, questions in self.chapters.items()]
        parts.append((text("quiz.summary.all"), self.progress.bank.values()))
        return [(name, self.progress.score(questions)) for name, questions in parts]

    def follow(self):
        super().follow()
        names = ("chapter", "answered", "first", "now")
        head = "".join(f"<th scope='col'>{html.escape(text(f'quiz.summary.{name}'))}</th>" for name in names)
        body = "".join(
            f"<tr><th scope='row'>{html.escape(name)}</th>"
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in self._cells(score))
            + "</tr>"
            for name, score in self.rows()
        )
        self._table.value = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        sections = self.progress.read_again()
        links = "".join(f"<li>{link(section)}</li>" for section in sections)
        self._again.value = spoken(self._advice(), kind="") + (links and f"<ul>{links}</ul>")
        self._file.value = html.escape(text("quiz.where", path=self.progress.file, guesses=self.guesses.file.name))

    def ask_to_delete(self):
        """Asks once more before anything is deleted."""
        self.guesses.renew()
        counts = {"n": len(self.progress.answers), "guesses": len(self.guesses.answers)}
        self._said.value = spoken(text("quiz.delete.sure", **counts), kind="")
        self._sure.layout.display = None

    def delete(self):
        """Deletes all answers and guesses."""
        for kept in (self.progress, self.guesses):
            kept.clear()
        self.trouble.value = spoken(self.progress.trouble or self.guesses.trouble, "alert", "lecture-error")
        self._decided("quiz.delete.done")

    def keep(self):
        self._decided("quiz.delete.kept")

    def words(self):
        lines = [text("quiz.summary")]
        lines += [f"{name}: {', '.join(self._named(score))}" for name, score in self.rows()]
        sections = (text(f"quiz.section.{section}") for section in self.progress.read_again())
        return "\n".join([*lines, self._advice(), *(f"- {section}" for section in sections)])

    def _named(self, score):
        names = (text(f"quiz.summary.{name}") for name in ("answered", "first", "now"))
        return (f"{name} {cell}" for name, cell in zip(names, self._cells(score), strict=True))

    @staticmethod
    def _cells(score):
        """What stands in a row: answered, right at the first answer, right now."""
        counts = (score.answered, score.total), (score.first, score.answered), (score.now, score.answered)
        return [text("quiz.summary.of", n=n, total=total) if total else "–" for n, total in counts]

    def _advice(self):
        if not self.progress.answers:
            return text("quiz.summary.start")
        return text("quiz.summary.again" if self.progress.read_again() else "quiz.summary.nothing")

    def _decided(self, key):
        self._sure.layout.display = "none"
        self._said.value = spoken(text(key), kind="")
