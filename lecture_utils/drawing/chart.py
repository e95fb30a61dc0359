"""The pieces of charts, and what it means for a piece to show something.

A picture function makes its axes and yields pairs (artist, rule): the rule takes the data and gives what the artist shows.

    a line       (xs, ys)                       a Trail    (xs, log10 values), a triangle where it leaves the axes
    bars         heights, or (bottoms, heights) a text     the words
    an image     the array
    axes         a dict of limits or labels, which stand still: when it changes, they are drawn anew (so `still` marks others)
    any of them  a dict of matplotlib's properties, for example {"text": "3", "position": (x, y)}
"""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FuncFormatter, MultipleLocator

from lecture_utils.drawing import style

OUTLINE_WIDTH = 4.5  # points
OUTLINE = [withStroke(linewidth=OUTLINE_WIDTH, foreground="white")]


def show(artist, what):
    """Lets an artist show what its rule gives."""
    if isinstance(what, dict):
        artist.set(**what)
    elif isinstance(artist, (Line2D, AxesImage)):
        artist.set_data(what)
    elif isinstance(artist, BarContainer):
        names = ("x", "width") if artist.orientation == "horizontal" else ("y", "height")
        names, values = (names, what) if isinstance(what, tuple) else (names[1:], (what,))
        for bar, *one in zip(artist, *values, strict=True):
            bar.set(**dict(zip(names, one, strict=True)))
    elif isinstance(artist, Text):
        artist.set_text(what)
    else:  # a piece made of several artists
        artist.set(*(what if isinstance(what, tuple) else (what,)))


def stands_still(artist):
    """Whether an artist belongs to the still parts of a picture."""
    return isinstance(artist, (Axes, AxesImage)) or getattr(artist, "stands_still", False)


def still(piece):
    """The artist or piece, marked: it stands still until its rule gives something else."""
    piece.stands_still = True
    return piece


def ghosted(piece):
    """The artist or Trail, marked: when another control moves, its present curve stays behind in grey."""
    getattr(piece, "curve", piece).leaves_ghost = True
    return piece


# ---- pieces
def curve(axes, quantity, label=None, **look):
    """A line in the colour, marker and line style of its quantity."""
    return axes.plot([], [], label=label, **style.line(quantity) | look)[0]


def ring(axes, **look):
    """Open rings that mark points."""
    look = {"color": style.INK, "marker": "o", "markersize": 11, "fillstyle": "none", "linestyle": "none"} | look
    return axes.plot([], [], **look)[0]


def edge_mark(axes, colour, **look):
    """A mark that may stand on the edge of the axes; the layout does not make room for it."""
    look = {"linestyle": "none", "markersize": 10, "clip_on": False, "zorder": 5} | look
    return axes.plot([], [], color=colour, in_layout=False, **look)[0]


class Trail:
    """A curve; where it first leaves the axes, read from its last point, a triangle stands at the edge."""

    def __init__(self, axes, quantity, label=None, marks=10, **look):
        self.curve = curve(axes, quantity, label, markevery=marks, **look)
        self.edge = edge_mark(axes, self.curve.get_color())

    def __iter__(self):
        return iter((self.curve, self.edge))

    def set(self, xs, values, marks=None):
        """Show these values, infinite ones outside the axes; `marks` is matplotlib's markevery."""
        low, high = self.curve.axes.get_ylim()
        values = np.asarray(values, dtype=float)
        self.curve.set_data(xs, np.where(np.isfinite(values), values, np.nan))
        if marks is not None:
            self.curve.set_markevery(marks)
        last = np.flatnonzero((values < low) | (values > high))[-1:]
        below = values[last] < low
        self.edge.set(marker="v" if any(below) else "^", data=(np.asarray(xs)[last], np.where(below, low, high)))


def ghosted_trail(axes, quantity, label=None, **look):
    """A Trail whose curve leaves a ghost."""
    return ghosted(Trail(axes, quantity, label, **look))


def powers(axes, low, high, every):
    """Makes the y axis one of log10 values from low to high, labelled in powers of ten, with a line at size 1."""
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(MultipleLocator(every))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"$10^{{{value:.0f}}}$"))
    axes.axhline(0, color=style.INK, linewidth=1.2)


def axes_at(figure, left, bottom, width, height):
    """Axes at a place given in inches."""
    across, up = figure.get_size_inches()
    return figure.add_axes((left / across, bottom / up, width / across, height / up))


def write(axes, x, y, words, size=12, **look):
    """Centred text; returns its artist."""
    look = {"ha": "center", "va": "center", "color": style.INK} | look
    return axes.text(x, y, words, fontsize=style.text_size(size), **look)


# ---- numbers
def clipped(value, low, high):
    """The value, held inside the axis."""
    return min(max(value, low), high)


def size(log10, digits=3):
    """A size given as log10, written with its first digits also where float64 has no such number; "0" for -inf."""
    if log10 == -math.inf:
        return "0"
    if -3.0 <= log10 < 4:
        return f"{10.0**log10:.{digits}g}"
    exponent = math.floor(log10)
    mantissa, carried = f"{10.0 ** (log10 - exponent):.{digits - 1}e}".split("e")
    return f"{mantissa}e{exponent + int(carried):+03d}"


# ---- words beside a place
class Tag(Annotation):
    """Words some points away from the place `xy` that they name; a rule gives "xy" like any property."""

    def __init__(self, axes, words="", offset=(0, 0), xy=(0, 0), **look):
        super().__init__(words, xy, offset, textcoords="offset points", clip_on=False, **look)
        axes.add_artist(self)

    def set_xy(self, xy):
        """Name another place."""
        self.xy = xy
