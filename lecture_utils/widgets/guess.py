"""A guess that is drawn: the learner's curve first, then the true one over it, and the distance in words.

`guess(NAME, ...)` declares one and gives the function that makes its widget. Its sentences: NAME.title (the question),
NAME.x and NAME.y (the axes), NAME.at (how a point is called), and a reply each to NAME.constant (a level guess),
NAME.straight (a straight one, where the truth is none or goes the other way) and NAME.right (one of the right shape).

The true curve is computed when the learner commits; until then neither the page nor the text form can hold it. The page
draws the learner's curve by itself (lecture.js, Sketch) and tells it once a stroke.
"""

import html
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ipywidgets import HTML
from traitlets import List, Unicode

from lecture_utils.drawing import style
from lecture_utils.drawing.diagram import Board
from lecture_utils.texts import text
from lecture_utils.widgets.base import Picture, Widget
from lecture_utils.widgets.engine import Refusal

LEVEL, CLOSE, MOVES = 0.05, 0.0125, 0.005  # of the axis: a level curve; as good as the same place; more than level
STRAIGHT, BENT = 0.2, 0.1  # of the way from first to last point: at most so far off the chord; on average further
WIDTH, HEIGHT, LEFT, BOTTOM, WIDE, HIGH = 6.6, 4.0, 0.85, 0.75, 5.5, 2.75  # inches: the board, the axes in it


# ---- comparing two curves
def shape(curve, span):
    """(1 rises, -1 falls, 0 neither; 1 bent above the chord from its first to its last point, -1 below, 0 straight, None
    neither) of a curve (N,) on an axis of length `span`; (0, 0) is level."""
    rise = curve[-1] - curve[0]
    off = curve - np.linspace(curve[0], curve[-1], len(curve))
    if np.ptp(curve) <= LEVEL * span:
        return 0, 0
    if abs(rise) <= LEVEL * span:
        return 0, None
    if np.abs(off).max() <= STRAIGHT * abs(rise):
        return np.sign(rise), 0
    return np.sign(rise), np.sign(off.mean()) if abs(off.mean()) > BENT * abs(rise) else None


def compare(guess, truth, span):
    """How a guess (N,) lies to the truth (N,): the point `n` where they are furthest apart, how far that is and on average,
    in how many of the N - 1 intervals both rise, fall or stay level, and which typical guess it is ("" for none)."""
    own, apart = shape(guess, span), np.abs(guess - truth)
    ways = [np.where(np.abs(np.diff(c)) > MOVES * span, np.sign(np.diff(c)), 0) for c in (guess, truth)]
    typical = {own: "straight" if own[0] and own[1] == 0 else "", (0, 0): "constant", shape(truth, span): "right"}
    return {"n": int(apart.argmax()), "apart": float(apart.max()), "mean": float(apart.mean()),
            "same": int((ways[0] == ways[1]).sum()), "all": len(guess) - 1,
            "typical": "" if own[1] is None else typical[own]}  # fmt: skip


# ---- what a guess is
@dataclass(frozen=True, kw_only=True)
class Guess:
    """A curve to be guessed: `truth()` computes it, (N,), at N equally spaced numbers x; with `log` it is log10 of what the
    axis shows. The axis goes from y[0] to y[1] with a mark at every `tick`, and a point stands at multiples of `step`."""

    name: str
    x: tuple
    y: tuple
    tick: float
    step: float
    truth: Callable
    quantity: str
    log: bool = False

    @property
    def span(self):
        return self.y[1] - self.y[0]

    def text(self, key, **numbers):
        return text(f"{self.name}.{key}", **numbers)

    def written(self, y):
        """A height as a sentence has it."""
        return f"10^{round(float(y), 1) + 0.0:g}" if self.log else f"{y:.3g}"

    def filled(self, drawn):
        """The curve (N,) through the points that are set (the others are None), level before the first and after the last."""
        known = [n for n, y in enumerate(drawn) if y is not None]
        return np.interp(range(len(drawn)), known, [drawn[n] for n in known])

    def said(self, guess, truth):
        """(the sentences on a guess, the numbers in them)."""
        found = compare(guess, truth, self.span)
        n, off = found["n"], found["apart"]
        numbers = found | {"x": self.text("at", x=self.x[n])}
        for name, curve in (("guess", guess), ("truth", truth)):
            numbers |= {name: self.written(curve[n]), f"{name}_end": self.written(curve[-1])}
        key = ("power" if off < 1.5 else "powers") if self.log else "mean"
        if off <= CLOSE * self.span:
            key = "close"
        sentences = [text(f"guess.{key}", **numbers), text("guess.same", **numbers)]
        if found["typical"]:
            sentences.append(self.text(found["typical"], **numbers))
        return " ".join(sentences), numbers

    def board(self, drawn, truth=None):
        """The axes, the learner's curve, and the true one over it; a part at_N is what the page makes a point of."""
        board, (low, high), last = Board(WIDTH, HEIGHT), self.y, len(self.x) - 1

        def place(n, y):
            return LEFT + WIDE * n / last, BOTTOM + HIGH * (y - low) / self.span

        for k in range(math.floor(self.span / self.tick + 1e-9) + 1):
            y = low + k * self.tick
            board.path([place(0, y), place(last, y)], width=0.7, quantity="grey")
            label = f"$10^{{{y:g}}}$" if self.log else f"{y:.10g}"
            board.write(LEFT - 0.12, place(0, y)[1], label, 11, ha="right")
        for n in range(0, last + 1, 5):
            x, y = place(n, low)
            board.path([(x, y), (x, y - 0.07)], width=1)
            board.write(x, y - 0.2, f"{self.x[n]}", 11)
        board.write(LEFT + WIDE / 2, 0.2, self.text("x"), 12)
        board.write(0.1, HEIGHT - 0.2, self.text("y"), 12, ha="left")
        legend = {"yours": (LEFT + 1.9, {"dashed": True, "quantity": "ink"})}

        some = any(y is not None for y in drawn)
        points = [place(n, y) for n, y in enumerate(self.filled(drawn) if some else [(low + high) / 2] * len(drawn))]
        board.path(points, "drawn", dashed=True, quantity="ink", visible=some)
        for n, (point, y) in enumerate(zip(points, drawn, strict=True)):
            spoken = {"data_at": self.text("at", x=self.x[n]), "opacity": 0 if y is None else None}
            if truth is not None:
                spoken["data_true"] = text("guess.it_is", truth=self.written(truth[n]))
            board.circle(*point, 0.045, f"at_{n}", fill="ink", stroke="ink", stroke_width=0, **spoken)
        if truth is not None:
            n = compare(self.filled(drawn), truth, self.span)["n"]
            board.path([points[n], place(n, truth[n])], quantity="grey", width=2)
            board.path([place(n, y) for n, y in enumerate(truth)], "truth", quantity=self.quantity, width=2.6)
            legend["true"] = LEFT + 3.7, {"quantity": self.quantity, "width": 2.6}
        for name, (x, look) in legend.items():
            board.path([(x, HEIGHT - 0.2), (x + 0.4, HEIGHT - 0.2)], **look)
            board.write(x + 0.5, HEIGHT - 0.2, text(f"guess.{name}"), 12, ha="left")
        scale = {"data_low": low, "data_high": high, "data_step": self.step}
        board.rectangle(LEFT, BOTTOM, WIDE, HIGH, "pad", fill="none", stroke="none", pointer_events="all", **scale)
        return board


def guess(name, **more):
    """Declares a Guess; the function returned makes its widget."""
    spec = Guess(name=name, **more)

    def panel():
        return Drawing(spec)

    panel.__name__, panel.__doc__ = name, f"The drawn guess {name!r}."
    return panel


# ---- the widget
class Sketch(Picture):
    """A picture into which the learner draws."""

    kind = Unicode("sketch").tag(sync=True)
    drawn = List().tag(sync=True)  # the height of each point, None where it is not set
    asks = Unicode().tag(sync=True)  # "commit" or "reset" while the learner asks for it


class Drawing(Widget):
    """The widget of a Guess. `values` are the heights drawn; `truth` and `numbers` are there once it is committed."""

    def __init__(self, spec):
        super().__init__()
        self.add_class("lecture-guess")
        self.spec, self.truth, self.numbers = spec, None, {}
        words = {name: text(f"guess.{name}") for name in ("unset", "keys")}
        words |= {"commit": text("engine.commit"), "reset": text("engine.reset"), "power": "10^" if spec.log else ""}
        wide = round(WIDTH * style.scale() * style.SHOWN_PER_INCH)
        self.picture = Sketch(None, words=words, wide=wide, layout={"width": f"min({wide}px, 100%)"})
        self.picture.observe(self._drew, "drawn")
        self.picture.observe(self._asked, "asks")
        self.children = [self.page, HTML(f"<h4>{html.escape(spec.text('title'))}</h4>"), self.picture]
        self.reset()

    @property
    def values(self):
        """The heights (N,) drawn, None where no point is set."""
        return list(self.picture.drawn)

    def draw(self, values):
        """Sets the heights, one for each x, None for a point that is not set; with `log` they are powers of ten. ValueError
        for another number of them, for what lies off the axis, or after `commit`."""
        x, (low, high) = self.spec.x, self.spec.y
        values = [None if y is None else float(y) for y in values]
        if self.truth is not None:
            raise ValueError("the guess is committed; reset() begins a new one")
        if len(values) != len(x):
            raise ValueError(f"{len(values)} heights, expected {len(x)}: one for each of {x[0]}, {x[1]}, ..., {x[-1]}")
        if not all(y is None or low <= y <= high for y in values):
            raise ValueError(f"the heights are {values}, expected numbers from {low} to {high}, or None")
        self.picture.drawn = values

    def commit(self):
        """Takes the curve as the guess and draws the true one over it. Refusal without two points to draw a curve through."""
        if sum(y is not None for y in self.picture.drawn) < 2:
            raise Refusal("guess.few")
        if self.truth is None:
            guess = self.spec.filled(self.picture.drawn)
            self.truth = np.asarray(self.spec.truth())
            said, self.numbers = self.spec.said(guess, self.truth)
            self._guess = guess.tolist()
            self._show(said, self._guess)

    def reset(self):
        """Empty axes, and no true curve."""
        self.truth, self.numbers = None, {}
        self._show(text("guess.how"), [None] * len(self.spec.x))

    def words(self):
        said = text("guess.open") if self.truth is None else self.picture.caption
        return f"{self.spec.text('title')}\n{said}"

    def _repr_mimebundle_(self, **kwargs):
        svg = self.spec.board(self.picture.drawn, self.truth).alone()
        return super()._repr_mimebundle_(**kwargs) | {"image/svg+xml": svg}

    def _show(self, said, drawn):
        with self.picture.hold_sync():
            self.picture.svg = self.spec.board(drawn, self.truth).svg()
            self.picture.drawn, self.picture.caption = drawn, said
            self.picture.alt = text("engine.picture", title=self.spec.text("title"), caption=said)

    def _drew(self, change):
        if self.truth is not None and change["new"] != self._guess:  # drawn while the commit was on its way
            self.picture.drawn = self._guess

    def _asked(self, change):
        try:
            {"commit": self.commit, "reset": self.reset, "": lambda: None}[change["new"]]()
        except Refusal as refusal:
            self.picture.caption = str(refusal)
        finally:
            self.picture.asks = ""
