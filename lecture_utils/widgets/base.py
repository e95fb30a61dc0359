"""What all widgets of the lecture share: a text form, sentences that are read aloud, and an end when their cell runs again."""

import html
import sys
from pathlib import Path

import anywidget
from ipywidgets import Button, VBox
from traitlets import Bytes, Dict, Int, Unicode

from lecture_utils.drawing import style
from lecture_utils.texts import text

SCRIPT = Path(__file__).with_name("lecture.js").read_text(encoding="utf-8")
STYLE = f""".lecture {{ {style.variables(dark=False)} }}
body[data-jp-theme-light="false"] .lecture {{ {style.variables(dark=True)} }}
{Path(__file__).with_name("lecture.css").read_text(encoding="utf-8")}"""
_made = {}  # cell -> (its execution count, the widgets that it made): ipywidgets itself keeps every widget for ever


def shell():
    """IPython's shell, None outside a kernel."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def spoken(sentence, role="status", kind="lecture-caption"):
    """A sentence as HTML that screen readers read aloud when it changes; "" stays empty."""
    live = "" if role == "alert" else " aria-live='polite'"
    return sentence and f"<div role='{role}'{live} class='{kind}'>{html.escape(sentence)}</div>"


def button(key, act):
    """A button with the words of `key`; a press does `act()`."""
    made = Button(description=text(key), layout={"width": "auto"})
    made.on_click(lambda _: act())
    return made


def close(widget):
    """Closes a widget with all that it is made of."""
    for child in getattr(widget, "children", ()):
        close(child)
    for name in ("layout", "style"):
        if getattr(widget, name, None) is not None:
            getattr(widget, name).close()
    widget.close()


class Page(anywidget.AnyWidget):
    """What the page does for a whole widget: how it looks, names for its sliders, its keys, its links, its focus.

    JupyterLab takes arrow keys and letters for its own shortcuts, and has other places to open a link. Where a page allows
    no script, all but this comfort works.
    """

    _esm, _css = SCRIPT, STYLE
    kind = Unicode("page").tag(sync=True)  # says to the script what this is


class Widget(VBox):
    """A column of widgets, `page` among them, whose text form, compared in the stored notebook, is `words()`."""

    def __init__(self):
        super().__init__()
        self.add_class("lecture")
        self.page = Page(layout={"display": "none"})
        self._close_predecessors()

    def words(self):
        """What the widget says, as text."""
        raise NotImplementedError

    def __repr__(self):
        return self.words()

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": repr(self)}

    def _close_predecessors(self):
        kernel = shell()
        parent = kernel.get_parent() if hasattr(kernel, "get_parent") else {}
        cell = (parent or {}).get("metadata", {}).get("cellId")
        if cell is None:
            return
        count, widgets = _made.get(cell, (None, []))
        if count != kernel.execution_count:
            for widget in widgets:
                close(widget)
            widgets = []
        _made[cell] = kernel.execution_count, [*widgets, self]


class Picture(anywidget.AnyWidget):
    """A diagram, a picture or both, with caption and line of Python: one model, so that a move is one message."""

    _esm = SCRIPT
    svg = Unicode().tag(sync=True)  # of a diagram; "" where there is none
    patch = Dict().tag(sync=True)  # what has changed in the diagram since then: drawing/diagram.py
    selected = Unicode().tag(sync=True)  # the id of the part whose formula is shown; "" for none
    words = Dict().tag(sync=True)  # of the diagram's own buttons and sentences
    wide = Int().tag(sync=True)  # of the diagram, in pixels of the page
    png = Bytes().tag(sync=True)  # of a chart, what stands still; empty where there is none
    layer = Unicode().tag(sync=True)  # over it, what moves: SVG
    width = Int().tag(sync=True)  # of the chart
    alt = Unicode().tag(sync=True)  # what a screen reader says in place of the picture
    caption = Unicode().tag(sync=True)
    says = Unicode().tag(sync=True)  # what stands above the line
    line = Unicode().tag(sync=True)

    def __init__(self, touched, words, **traits):
        """`touched(id)` is called when the learner clicks a part of the diagram that sets something."""
        super().__init__(words=words | {"gone": text("engine.gone")}, **traits)
        self.touched = touched
        self.on_msg(self._asked)

    def _asked(self, widget, message, buffers):
        if message.get("kind") == "touch":
            self.touched(message["id"])
        if message.get("kind") == "fonts":
            files = style.font_files()
            fonts = [dict(zip(("family", "weight", "style"), look, strict=True)) for look in files]
            self.send({"kind": "fonts", "fonts": fonts}, [Path(path).read_bytes() for path in files.values()])
