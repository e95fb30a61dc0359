"""The one place where controls are bound to a computation and a picture.

An explorer is described by a Spec: its controls; compute(**values) -> data; a picture function, which makes axes and yields
pairs (artist, rule from data to what the artist shows; drawing/chart.py); and the line of Python that gives the caption's
number. `register` turns the Spec into a function that makes the widget. All its sentences stand in texts/, under keys that
begin with the explorer's name: NAME.title, NAME.control.CONTROL, NAME.option.OPTION, NAME.preset.PRESET, NAME.guess.GUESS,
and NAME.caption, or NAME.caption.BRANCH where the data decides which sentence is true.

What rules, captions and lines see is one Scene: the values of the controls, and over them the data that compute gave.

A move of a control draws only what moves (drawing/canvas.py) and is one message to the page (widgets/base.py). Only controls
declared `redraw=True` make the axes anew.
"""

import ast
import html
import inspect
import re
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import ipywidgets
from ipywidgets import HTML, Box, VBox

from lecture_utils.drawing import style
from lecture_utils.drawing.canvas import Canvas
from lecture_utils.drawing.diagram import BESIDE, Sheet
from lecture_utils.texts import fields, text
from lecture_utils.widgets.base import Picture, Widget, button, spoken
from lecture_utils.widgets.run import Run, whole

REGISTRY = {}
ROW = {"width": "296px", "flex": "0 0 296px", "margin": "2px 6px 2px 2px"}  # what one control takes
WHOLE = {"description_width": "initial"}  # a label is not cut
NEW_GESTURE = 1.0  # seconds without a move, after which the next move leaves the present curve behind in grey


class Refusal(Exception):
    """The learner's input cannot be used: shown in the explorer with the sentence of `key`, nothing is lost or raised."""

    def __init__(self, key, **numbers):
        super().__init__(text(key, **numbers))


# ---- controls: each makes its own widget, and reads its value from it
@dataclass(frozen=True)
class Control:
    """What all controls have. `field` is the widget that holds the value, `row` the widget that is shown."""

    name: str

    def value(self, panel):
        """What compute gets."""
        return getattr(panel, self.name).value

    stands = value  # by which one sees whether the value is another one


@dataclass(frozen=True)
class Slider(Control):
    """A number from `low` to `high` in steps; whole numbers if `start` is one. `at_most` names a control that bounds it."""

    low: float
    high: float
    step: float
    start: float
    redraw: bool = False
    at_most: str | None = None

    def value(self, panel):
        return round(super().value(panel), 10)  # 0.3, not 0.30000000000000004

    def make(self, panel, label):
        """(slider, row): the slider below its name and a typed number."""
        kind = "Int" if isinstance(self.start, int) else "Float"
        slider = getattr(ipywidgets, f"{kind}Slider")(
            min=self.low, max=self.high, step=self.step, value=self.start, readout=False,
            layout={"width": "280px", "margin": "0 4px"},
        )  # fmt: skip
        number = getattr(ipywidgets, f"{kind}Text")(
            description=label, value=self.start, step=self.step,
            style={"description_width": "195px"}, layout={"width": "290px", "margin": "0"},
        )  # fmt: skip

        def from_slider(change):
            number.value = self.value(panel)
            panel.moved(self.name)

        def from_number(change):
            typed, kept, (low, high) = change["new"], self.value(panel), (slider.min, slider.max)
            if low <= typed <= high:
                panel.solve(self.name)
                if typed != kept:
                    slider.value = typed
            else:
                numbers = {"label": label, "typed": typed, "low": low, "high": high, "kept": kept}
                panel.refuse(Refusal("engine.range", **numbers), self.name)

        slider.observe(from_slider, "value")
        number.observe(from_number, "value")
        slider.typed = number
        row = VBox([number, slider], layout=ROW)
        row.add_class("lecture-slider")
        return slider, row


@dataclass(frozen=True)
class Choice(Control):
    """One of several options, by key."""

    options: tuple
    start: str
    redraw: bool = False

    def make(self, panel, label):
        options = [(text(f"{panel.spec.name}.option.{option}"), option) for option in self.options]
        return _field(panel, self, ipywidgets.Dropdown, description=label, options=options, style=WHOLE)


@dataclass(frozen=True)
class Switch(Control):
    """On or off."""

    start: bool
    redraw: bool = False

    def make(self, panel, label):
        return _field(panel, self, ipywidgets.Checkbox, description=label, indent=False)


@dataclass(frozen=True)
class Entry(Control):
    """A typed text; `parse` gives its value or raises Refusal. What was typed stays in the field either way."""

    start: str
    parse: Callable = str
    redraw: bool = False

    def value(self, panel):
        return panel.parsed[self.name][1]

    def stands(self, panel):
        return panel.parsed[self.name][0]

    def make(self, panel, label):
        field = ipywidgets.Text(description=label, value=self.start, continuous_update=False, style=WHOLE, layout=ROW)
        panel.parsed[self.name] = self.start, self.parse(self.start)

        def typed(change):
            try:
                panel.parsed[self.name] = change["new"], self.parse(change["new"])
            except Refusal as refusal:
                panel.refuse(refusal, self.name)
            else:
                panel.solve(self.name)
                panel.moved(self.name)

        field.observe(typed, "value")
        return field, field


def _field(panel, control, widget, **look):
    made = widget(value=control.start, layout=ROW, **look)
    made.observe(lambda change: panel.moved(control.name), "value")
    return made, made


# ---- what an explorer is
@dataclass(frozen=True, kw_only=True)
class Spec:
    """An explorer. `line(scene)` is Python whose last line gives the caption's number `result`; `python` adds its imports.

    `say(scene)` gives what the data decides about the caption: nothing, a branch, or (branch, further numbers).
    With `film(**some controls)`, a generator of snapshots, the explorer has step, play, pause, cancel and a slider
    `frame` over what was reached; compute then also gets `film` (the snapshots so far) and `frame` (an index).
    A picture is a chart, a `diagram` (a function from the Scene to a Board; drawing/diagram.py), or both beside each other.
    With `guesses`, picture and caption stay hidden until the learner has committed to one of them.
    An explorer that `varies` begins with numbers that are not the same with every Python: its text form, which is
    compared with the stored notebook, has the sentence `NAME.stored` in place of the caption.
    """

    name: str
    controls: tuple
    compute: Callable
    line: Callable
    result: str
    presets: dict
    picture: Callable | None = None
    diagram: Callable | None = None
    say: Callable = lambda scene: None
    size: tuple = style.ONE  # inches
    film: Callable | None = None
    budget: int = 0  # frames
    guesses: tuple = ()
    varies: bool = False

    def scene(self, arguments):
        """The Scene at some settings of the controls."""
        data = self.compute(**arguments)
        return SimpleNamespace(**arguments | (data if isinstance(data, dict) else data._asdict()))

    def caption(self, scene):
        """The caption, and the numbers in it by name."""
        said = self.say(scene)
        branch, more = said if isinstance(said, tuple) else (said, {})
        key = branch if branch and "." in branch else ".".join(filter(None, (self.name, "caption", branch)))
        known = vars(scene) | more
        numbers = {name: known[name] for name in (*fields(key), self.result)}
        return text(key, **numbers), numbers

    def python(self, scene):
        """The line, after the imports of the names that it has from the explorer's file; it gives a plain number."""
        line, known, number = self.line(scene), self.line.__globals__, self.caption(scene)[1][self.result]
        if hasattr(number, "item"):  # numpy would write np.float64(0.5)
            *lines, last = line.split("\n")
            line = "\n".join([*lines, f"{type(number.item()).__name__}({last})"])
        used = [node for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Name)]
        made = {node.id for node in used if isinstance(node.ctx, ast.Store)}
        sources = {}
        for name in sorted({node.id for node in used} & known.keys() - made):
            meaning = known[name]
            source = meaning.__name__.rpartition(".")[0] if inspect.ismodule(meaning) else meaning.__module__
            sources.setdefault(source, []).append(name)
        imports = (f"from {source} import {', '.join(names)}" for source, names in sorted(sources.items()) if source)
        return "\n".join([*(["import numpy as np"] if "" in sources else []), *imports, line])


def explorer(name, compute, picture, *controls, **more):
    """Enters an explorer in the registry: a function that makes its widget, controls set by keyword.

    `picture` is that of a chart; None where there is only a `diagram`.
    """
    return register(Spec(name=name, compute=compute, picture=picture, controls=controls, **more))


def register(spec):
    """Enters a Spec in the registry; the function returned makes the widget, its controls set by keyword."""
    taken = [control.name for control in spec.controls if hasattr(Explorer, control.name)]
    if taken:
        raise ValueError(f"explorer {spec.name}: a control cannot be called {taken[0]!r}")
    if REGISTRY.setdefault(spec.name, spec) is not spec:
        raise ValueError(f"explorer {spec.name!r} is registered twice")

    def panel(**start):
        return Explorer(spec, **start)

    panel.__name__ = spec.name
    panel.__doc__ = f"The explorer {spec.name!r}; its controls: {', '.join(c.name for c in spec.controls)}."
    return panel


class Still:
    """A picture that no longer moves. Its text form is the title alone: no number that differs between machines."""

    def __init__(self, title, stored):
        self.title, self.stored = title, stored

    def __repr__(self):
        return self.title

    def _repr_mimebundle_(self, **kwargs):
        return self.stored


# ---- the widget
class Explorer(Widget):
    """The widget of a Spec. Each control is an attribute, for example `panel.T.value = 5`.

    `values` are the settings, `data` the Scene, `numbers` the numbers in `caption`; `run` is the Run of a film. The text
    form is the title and the caption.
    """

    run = None

    def __init__(self, spec, **start):
        unknown = sorted(set(start) - {control.name for control in spec.controls})
        if unknown:
            known = ", ".join(control.name for control in spec.controls)
            raise ValueError(f"explorer {spec.name} has no control {', '.join(unknown)}; it has: {known}")
        super().__init__()
        self.add_class("lecture-explorer")
        self.spec, self.title = spec, text(f"{spec.name}.title")
        self.canvas, self.sheet = spec.picture and Canvas(spec.picture, spec.size), spec.diagram and Sheet()
        self.data, self.caption, self.numbers, self.board = None, "", {}, None
        self.guess, self.parsed = None, {}
        self._held, self._drawn, self._gesture, self._moved_at, self._problems = False, None, None, 0.0, {}
        words = {name: text(f"diagram.{name}") for name in ("pass", "play", "back", "forward", "whole", "depends")}
        self.picture = Picture(self._touch, says=text("engine.line"), words=words)
        self._message = HTML()
        with self._hold():
            rows = [self._make(control) for control in spec.controls] + ([self._make_film()] if spec.film else [])
            self._starts = {control.name: control.start for control in spec.controls} | start
            self._assign(self._starts)
        # Beside the picture the controls are a column; where there is no room for both they stand above it, row by row.
        controls = Box([*rows, self._buttons()], layout={"flex": "1 1 310px", "flex_flow": "row wrap"})
        self._body = Box([controls, self.picture], layout={"flex_flow": "row wrap", "align_items": "flex-start"})
        heading = HTML(f"<h4>{html.escape(self.title)}</h4>")
        self.children = [self.page, heading, *self._ask(), self._message, self._body]
        self._rewind()
        self.show()
        widths = [self.spec.size[0] if self.canvas else 0, self.board.width * style.scale() if self.board else 0]
        self.picture.width, self.picture.wide = (round(width * style.SHOWN_PER_INCH) for width in widths)
        shown = self.picture.width + self.picture.wide
        shown = shown if shown <= BESIDE * style.SHOWN_PER_INCH else max(self.picture.width, self.picture.wide)
        self.picture.layout.flex, self.picture.layout.min_width = f"0 1 {shown}px", f"min({shown}px, 100%)"

    # what the learner, a cell or a test can do

    @property
    def values(self):
        """The settings of all controls, name to value; of a typed text that cannot be used, the last one that could."""
        return {control.name: control.value(self) for control in self.spec.controls}

    @property
    def arguments(self):
        """What compute gets: the values, and with a film its frames so far and the one that is shown."""
        return self.values | ({} if self.run is None else {"film": self.run.frames, "frame": self.frame.value})

    @property
    def line(self):
        """The line of Python that gives the caption's number."""
        return self.spec.python(self.data)

    def set(self, **values):
        """Sets several controls at once and shows the result; what stands there already does not begin a film anew."""
        with self._hold():
            self._assign(values)
        self._answer(partial(self._change, ",".join(values)))

    def reset(self):
        """Back to the settings the explorer began with, the previous curve gone."""
        self._gesture, self._drawn = None, None
        self._problems.clear()
        with self._hold():
            self._assign(self._starts)
        self._answer(self._begin)

    def preset(self, name):
        """One of the named settings; controls it does not name go back to their start, but a typed text stays."""
        starts = {c.name: self._starts[c.name] for c in self.spec.controls if not isinstance(c, Entry)}
        self.set(**(starts | self.spec.presets[name]))

    def commit(self, guess):
        """Commits to a guess: only now the picture opens. Raises ValueError for an unknown guess."""
        if guess not in self.spec.guesses:
            raise ValueError(f"{guess!r} is none of the guesses {', '.join(self.spec.guesses)}")
        self.guess = guess
        self._choice.disabled = self._committed.disabled = True
        self._asked.value = spoken(text("engine.guessed", guess=text(f"{self.spec.name}.guess.{guess}")))
        self._body.layout.display = ""

    def select(self, id):
        """What a click on a part of the diagram does: its formula is shown, and it sets what it sets. KeyError without one."""
        part = self.board.parts[id]
        self.picture.selected = id
        if "data-set" in part.attributes:
            self._touch(id)

    def cut(self, step):
        """The scissors: cuts the way back between a step and the next one, or mends it."""
        self.select(f"cut_{step}")

    def close(self):
        """A closed explorer makes no more frames, and needs no picture: IPython keeps it in `Out` for ever."""
        if self.run is not None:
            self.run.stop()
        self.canvas = None
        super().close()

    def still(self):
        """The picture as it stands, to keep in a notebook what a long run has reached."""
        return Still(self.title, self._stored())

    def show(self, redraw=False, gesture=None):
        """Computes and draws the present settings. `gesture` names the control that moved."""
        axes = self._standing([control.name for control in self.spec.controls if control.redraw])
        redraw, self._drawn = redraw or axes != self._drawn, None  # whatever stops it, next time all is drawn anew
        self._seen = self.run and (self.frame.value, self.run.done)
        self.data = self.spec.scene(self.arguments)
        self.caption, self.numbers = self.spec.caption(self.data)
        whole(partial(self._present, redraw, gesture, axes))

    def _present(self, redraw, gesture, axes):
        with self.picture.hold_sync():
            if self.canvas:
                self._draw(redraw, gesture)
                self.picture.png, self.picture.layer = self.canvas.png, self.canvas.svg
            if self.sheet:
                self.board = self.spec.diagram(self.data)
                self.sheet.show(self.board)
                self.picture.svg, self.picture.patch = self.sheet.svg, self.sheet.patch
            self.picture.caption, self.picture.line = self.caption, self.line
            self.picture.alt = text("engine.picture", title=self.title, caption=self.caption)
        self._drawn = axes

    def _draw(self, redraw, gesture):
        if redraw:
            self.canvas.draw(self.data)
            return
        now = time.monotonic()
        if gesture is not None and (gesture != self._gesture or now - self._moved_at > NEW_GESTURE):
            self.canvas.leave_ghosts()
        self._gesture, self._moved_at = gesture, now
        self.canvas.move(self.data)

    def words(self):
        if self.spec.guesses and self.guess is None:
            return f"{self.title}\n{text('engine.hidden')}"
        caption = text(f"{self.spec.name}.stored") if self.spec.varies else self.caption
        return "\n".join(part for part in (self.title, caption, *self._problems.values()) if part)

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle if self.spec.guesses and self.guess is None else bundle | self._stored()

    def _stored(self):
        picture = self.canvas and b64encode(self.canvas.stored()).decode("ascii")
        if self.board:
            return {"image/svg+xml": self.board.alone(picture, self.spec.size)}
        return {"image/png": picture} if picture else {}

    # what a control or a part of the diagram tells

    def _touch(self, id):
        """`data-set` of a part is "CONTROL=VALUE", or "CONTROL~WORD" for a word that comes into a typed list or leaves it."""
        name, how, value = re.split("([=~])", self.board.parts[id].attributes["data-set"], maxsplit=1)
        field = getattr(self, name)
        if how == "~":
            words = field.value.split()
            field.value = " ".join([word for word in words if word != value] if value in words else [*words, value])
        else:
            field.value = type(field.value)(value)

    def moved(self, name):
        """A control has a new value."""
        if not self._held:
            self._answer(partial(self._change, name))

    def refuse(self, refusal, control=""):
        """Shows a problem until the control it came from is put right (or, without a control, until the next success)."""
        self._problems[control] = str(refusal)
        self._tell()

    def solve(self, control=""):
        """The problem with a control is gone."""
        self._problems.pop(control, None)
        self._tell()

    def _tell(self):
        self._message.value = spoken("\n".join(self._problems.values()), "alert", "lecture-error")

    # inside

    @contextmanager
    def _hold(self):
        """Controls that change meanwhile are not answered one by one."""
        held, self._held = self._held, True
        try:
            yield
        except KeyboardInterrupt:
            self._drawn = None
            self._interrupted()
            raise
        finally:
            self._held = held

    def _make(self, control):
        field, row = control.make(self, text(f"{self.spec.name}.control.{control.name}"))
        setattr(self, control.name, field)
        return row

    def _assign(self, values):
        self._bound(values)
        for name, value in values.items():
            field = getattr(self, name)
            field.value = value
            if hasattr(field, "typed"):  # where a number was refused, it stands there still
                field.typed.value = round(field.value, 10)

    def _bound(self, values):
        """Sliders follow the controls that bound them."""
        for control in self.spec.controls:
            if isinstance(control, Slider) and control.at_most in values:
                getattr(self, control.name).max = values[control.at_most]

    def _standing(self, names):
        return {control.name: control.stands(self) for control in self.spec.controls if control.name in names}

    def _change(self, gesture):
        """Shows what the controls now say; a film that was made of other values begins anew."""
        with self._hold():
            self._bound(self.values)
        if self.run is not None and (self._fed != self._standing(self._feeds) or not self.run.frames):
            self._rewind()
        self.show(gesture=gesture)

    def _begin(self):
        self._rewind()
        self.show()

    def _answer(self, act):
        """Does what the learner asked; a refusal is only shown, an interrupt and any fault are shown and raised again."""
        try:
            act()
        except Refusal as refusal:
            self.refuse(refusal)
        except KeyboardInterrupt:
            self._interrupted()
            raise
        except Exception as error:
            self._fault(error)
            raise
        else:
            self.solve()

    def _interrupted(self):
        if self._drawn is None:  # else it came when all was shown
            self.refuse(Refusal("engine.interrupted"))

    def _fault(self, error):
        self.refuse(Refusal("engine.failed", kind=type(error).__name__, message=error))

    def _buttons(self):
        label = HTML(text("engine.presets"), layout={"margin": "2px 6px"})
        presets = [button(f"{self.spec.name}.preset.{name}", partial(self.preset, name)) for name in self.spec.presets]
        row = {"flex_flow": "row wrap", "flex": "1 1 296px"}
        return Box([label, *presets, button("engine.reset", self.reset)], layout=row)

    def _ask(self):
        if not self.spec.guesses:
            return []
        options = [(text(f"{self.spec.name}.guess.{guess}"), guess) for guess in self.spec.guesses]
        self._choice = ipywidgets.RadioButtons(options=options, value=None, layout={"width": "auto"})
        self._committed = button("engine.commit", lambda: self._choice.value and self.commit(self._choice.value))
        self._committed.layout.align_self = "flex-start"
        self._asked = HTML(html.escape(text("engine.unguessed")))
        self._body.layout.display = "none"
        return [VBox([self._choice, self._committed, self._asked])]

    # a film

    def _make_film(self):
        self._feeds = set(inspect.signature(self.spec.film).parameters)
        self.frame, row = Slider("frame", 0, 0, 1, 0).make(self, text("run.frame"))
        row.layout.flex = "0 0 auto"  # it stands in a column
        self.progress = ipywidgets.IntProgress(
            min=0, max=self.spec.budget, description=text("run.progress", done=0, budget=self.spec.budget),
            style={"description_width": "initial"}, layout={"width": "290px"},
        )  # fmt: skip
        self._status = HTML()
        self.run = Run(self._film, self.spec.budget, self._filmed, self._failed)
        buttons = [button(f"run.{name}", getattr(self.run, name)) for name in ("step", "play", "pause", "cancel")]
        return VBox([Box(buttons, layout={"flex_flow": "row wrap"}), self.progress, self._status, row], layout=ROW)

    def _film(self):
        self.solve("run")
        values = self.values
        return self.spec.film(**{name: values[name] for name in self._feeds})

    def _rewind(self):
        if self.run is not None:
            self._fed = None
            self.run.rewind()
            self._follow()
            self._fed = self._standing(self._feeds)

    def _follow(self):
        """Frame slider, progress bar and status stand at the newest frame."""
        with self._hold():
            self.frame.max = self.run.done
            self.frame.value = self.run.done
        counts = {"done": self.run.done, "budget": self.run.budget}
        self.progress.max, self.progress.value = max(1, self.run.budget), self.run.done
        self.progress.description = text("run.progress", **counts)
        self._status.value = spoken(text(f"run.{self.run.state}", **counts))

    def _filmed(self):
        self._follow()
        if self._drawn is None or self._seen != (self.frame.value, self.run.done):  # else a press has only to be told
            self._answer(partial(self.show, gesture="frame"))

    def _failed(self, error):
        known = isinstance(error, Refusal)
        self.refuse(error, "run") if known else self._fault(error)
        return known
