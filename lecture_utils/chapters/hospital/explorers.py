"""The widget of the bug hospital: guess which check finds a fault, run the checks, fill the table of fault and check.

Works with the keyboard alone; what the checks say stands in a region that screen readers read aloud. The text form is
the title, how many patients were examined, and what was found: it is compared in the stored notebook.
"""

import html
from itertools import groupby
from operator import itemgetter

from ipywidgets import HTML, Button, Dropdown, RadioButtons

from lecture_utils.chapters.hospital.bugs import BUGS, CHECKS, examine, finds, patient
from lecture_utils.texts import text
from lecture_utils.widgets.base import Widget


def _escaped(key):
    return html.escape(text(f"hospital.{key}"))


class Ward(Widget):
    """The bug hospital. `examined` holds what each check said (name -> error) of those whose checks were run, by patient."""

    def __init__(self):
        super().__init__()
        self.add_class("lecture-ward")
        self.examined, self.guesses = {}, {}
        bugs = [(text(f"hospital.bug.{name}"), name) for name in BUGS]
        checks = [(text(f"hospital.check.{name}"), name) for name in CHECKS]
        look = {"style": {"description_width": "initial"}, "layout": {"width": "480px"}}
        self.patient = Dropdown(description=text("hospital.patient"), options=bugs, **look)
        self.choice = RadioButtons(options=checks, value=None, layout={"width": "auto"})
        self.button = Button(description=text("hospital.run"), layout={"width": "auto", "align_self": "flex-start"})
        self._lines, self._said, self._table = HTML(), HTML(), HTML()
        self.patient.observe(lambda change: self._show(), "value")
        self.button.on_click(lambda _: self._pressed())
        head, ask = HTML(f"<h4>{_escaped('title')}</h4>"), HTML(_escaped("ask"))
        asked = [head, self.patient, self._lines, ask, self.choice, self.button]
        self.children = [self.page, *asked, self._said, self._table]
        self._show()

    def commit(self, guess):
        """Takes the guess, the name of a check, and runs all checks on the patient. ValueError for an unknown name."""
        if guess not in CHECKS:
            raise ValueError(f"{guess!r} is none of the checks {', '.join(CHECKS)}")
        name = self.patient.value
        if name not in self.examined:
            self.guesses[name], self.examined[name] = guess, examine(patient(name))
        self._show()

    def found(self, name):
        """The checks that find the fault of an examined patient."""
        return [check for check, error in self.examined[name].items() if finds(error)]

    def verdict(self):
        """What the checks have said of the patient that is shown, one sentence each; an open one asks for a guess."""
        name = self.patient.value
        if name not in self.examined:
            return [text("hospital.open")]
        guess, found, errors = self.guesses[name], self.found(name), self.examined[name]
        by = [text("hospital.by", check=text(f"hospital.check.{check}"), error=errors[check]) for check in found]
        guessed = text("hospital.right" if guess in found else "hospital.wrong", guess=text(f"hospital.check.{guess}"))
        return [guessed, text("hospital.found", checks="; ".join(by)), text(f"hospital.lesson.{name}")]

    def score(self):
        """How many patients were examined, and how many guesses were right."""
        right = sum(guess in self.found(name) for name, guess in self.guesses.items())
        return text("hospital.examined", done=len(self.examined), total=len(BUGS), right=right)

    def words(self):
        number = {check: str(n) for n, check in enumerate(CHECKS, 1)}
        found = {name: ", ".join(map(number.get, self.found(name))) for name in self.examined}
        rows = [text("hospital.row", patient=text(f"hospital.bug.{name}"), numbers=found[name]) for name in found]
        return "\n".join([text("hospital.title"), *rows, self.score()])

    # inside

    def _pressed(self):
        if self.choice.value:
            self.commit(self.choice.value)
        else:
            self._say([text("hospital.unguessed")])

    def _say(self, sentences):
        told = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in sentences)
        self._said.value = f"<div role='status' aria-live='polite' class='lecture-caption'>{told}</div>"

    def _show(self):
        name = self.patient.value
        changes = ""
        for function, lines in groupby(BUGS[name].changes, key=itemgetter(0)):
            changes += f"{function.__module__.rpartition('.')[2]}.{function.__name__}\n"
            changes += "".join(f"  - {right}\n  + {wrong}\n" for _, right, wrong in lines)
        self._lines.value = f"<p>{_escaped(f'cause.{name}')}</p><pre tabindex='0'>{html.escape(changes)}</pre>"
        done = name in self.examined
        self.choice.disabled = self.button.disabled = done
        self.choice.value = self.guesses.get(name)
        self._say(self.verdict())
        self._table.value = self._rows()

    def _rows(self):
        """The table of fault and check, as far as it is known."""
        head = (f"<th scope='col' title='{_escaped(f'check.{check}')}'>{n}</th>" for n, check in enumerate(CHECKS, 1))
        cells = {name: "".join(self._cell(name, check) for check in CHECKS) for name in BUGS}
        body = (f"<tr><th scope='row'>{_escaped(f'bug.{name}')}</th>{cells[name]}</tr>" for name in BUGS)
        about = f"<p>{html.escape(self.score())}</p><p>{_escaped('table')}</p>"
        return f"{about}<table><thead><tr><td></td>{''.join(head)}</tr></thead><tbody>{''.join(body)}</tbody></table>"

    def _cell(self, name, check):
        if name not in self.examined:
            return f"<td>{text('hospital.cell.open')}</td>"
        if finds(self.examined[name][check]):
            return f"<td class='lecture-found'>{text('hospital.cell.found')}</td>"
        return f"<td>{text('hospital.cell.passes')}</td>"


ward = Ward  # as a notebook calls it
