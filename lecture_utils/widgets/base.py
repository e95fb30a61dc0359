"""What all widgets of the lecture share: a text form, sentences that are read aloud, and an end when their cell runs again."""

import html
import sys
from pathlib import Path

import anywidget
from ipywidgets import VBox
from traitlets import Bytes, Int, Unicode

_made = {}  # cell -> (its execution count, the widgets that it made): ipywidgets itself keeps every widget for ever


def spoken(sentence, role="status", kind="lecture-caption"):
    """A sentence as HTML that screen readers read aloud when it changes; "" stays empty."""
    live = "" if role == "alert" else " aria-live='polite'"
    return sentence and f"<div role='{role}'{live} class='{kind}'>{html.escape(sentence)}</div>"


def close(widget):
    """Closes a widget with all that it is made of."""
    for child in getattr(widget, "children", ()):
        close(child)
    for name in ("layout", "style"):
        if getattr(widget, name, None) is not None:
            getattr(widget, name).close()
    widget.close()


class Widget(VBox):
    """A column of widgets whose text form, compared in the stored notebook, is `words()`."""

    def __init__(self):
        super().__init__()
        self.add_class("lecture")
        self._close_predecessors()

    def words(self):
        """What the widget says, as text."""
        raise NotImplementedError

    def __repr__(self):
        return self.words()

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": repr(self)}

    def _close_predecessors(self):
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None  # None outside a kernel
        parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
        cell = (parent or {}).get("metadata", {}).get("cellId")
        if cell is None:
            return
        count, widgets = _made.get(cell, (None, []))
        if count != shell.execution_count:
            for widget in widgets:
                close(widget)
            widgets = []
        _made[cell] = shell.execution_count, [*widgets, self]


class Picture(anywidget.AnyWidget):
    """A picture with its caption and its line of Python: one model, so that a move is one message."""

    _esm = Path(__file__).with_name("lecture.js").read_text(encoding="utf-8")
    png = Bytes().tag(sync=True)
    width = Int().tag(sync=True)  # pixels of the page
    alt = Unicode().tag(sync=True)  # what a screen reader says in place of the picture
    caption = Unicode().tag(sync=True)
    says = Unicode().tag(sync=True)  # what stands above the line
    line = Unicode().tag(sync=True)
