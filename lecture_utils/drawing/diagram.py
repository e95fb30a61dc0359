"""The few pieces every diagram is made of: a board measured in inches, boxes, arrows, and grids of numbers.

A diagram shows the numbers that flow, not only boxes. Boxes and arrows stand still; `Numbers` and `Label` move.
"""

from functools import cache

import matplotlib.colors
import numpy as np
from matplotlib.artist import Artist
from matplotlib.container import BarContainer
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle

from lecture_utils.drawing import style
from lecture_utils.drawing.chart import ghosted

CELL = (0.6, 0.32)  # width and height in inches of one number


def board(figure, floor=0.0):
    """Axes without frame that fill the figure above `floor` (inches); one unit is an inch of the figure."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes((0, floor / height, 1, 1 - floor / height))
    axes.set(xlim=(0, width), ylim=(0, height - floor))
    axes.set_axis_off()
    return axes


def chart(figure, left, bottom, width, height):
    """Axes for a curve beside or below a board; all in inches."""
    across, up = figure.get_size_inches()
    return figure.add_axes((left / across, bottom / up, width / across, height / up))


def box(axes, x, y, width, height, quantity, label="", fill=True, size=13):
    """A rounded box with its lower left corner at (x, y), in the colour of its quantity; returns its patch."""
    colour = style.colour(quantity)
    patch = FancyBboxPatch(
        (x, y), width, height, boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=matplotlib.colors.to_rgba(colour, 0.12) if fill else "none", edgecolor=colour, linewidth=2, zorder=1,
    )  # fmt: skip
    axes.add_patch(patch)
    if label:
        write(axes, x + width / 2, y + height / 2, label, size=size)
    return patch


def write(axes, x, y, words, size=12, **look):
    """Centred text; returns its artist."""
    look = {"ha": "center", "va": "center", "color": style.INK} | look
    return axes.text(x, y, words, fontsize=style.text_size(size), zorder=3, **look)


def arrow(axes, start, end, quantity=None, bend=0.0, dashed=False, width=1.8):
    """An arrow from point to point in the colour of the quantity that flows along it; returns its patch."""
    patch = FancyArrowPatch(
        start, end, arrowstyle="-|>", mutation_scale=14, shrinkA=0, shrinkB=0, linewidth=width,
        color=style.colour(quantity) if quantity else style.INK, linestyle="--" if dashed else "-",
        connectionstyle=f"arc3,rad={bend}", zorder=2,
    )  # fmt: skip
    axes.add_patch(patch)
    return patch


def wire(axes, points, quantity):
    """A line through points that ends in an arrow, below the numbers that stand on it; returns its two artists."""
    colour = style.colour(quantity)
    (line,) = axes.plot(
        *zip(*points[:-1], strict=True), color=colour, linewidth=1.8, zorder=1.6, solid_joinstyle="miter"
    )
    tip = arrow(axes, points[-2], points[-1], quantity)
    tip.set_zorder(1.6)
    return line, tip


def node(axes, x, y, symbol):
    """A round node at which numbers meet."""
    axes.add_patch(Circle((x, y), 0.17, facecolor="white", edgecolor=style.INK, linewidth=1.6, zorder=2.5))
    write(axes, x, y, symbol, size=13)


def tint(value, largest=1.0):
    """The background of a number: towards orange above 0, towards blue below, white at 0, never too dark for ink."""
    strength = 0.55 * min(abs(float(value)) / largest, 1.0) if np.isfinite(value) else 0.0
    return matplotlib.colors.to_rgba(style.ORANGE if value > 0 else style.BLUE, strength)


class Numbers:
    """A vector or matrix drawn as a grid of cells with its numbers in them; `set` moves it, iterating gives its artists.

    (x, y) is the upper left corner; a vector stands as a column. Cells outside a `set` array's shape are hidden, so that
    a grid can be made as large as it may become.
    """

    def __init__(self, axes, x, y, shape, quantity, cell=(0.52, 0.3), decimals=2, size=11, largest=1.0):
        rows, columns = shape if len(shape) == 2 else (shape[0], 1)
        width, height = cell
        self.decimals, self.largest, self.cells = decimals, largest, {}
        quantities = quantity if isinstance(quantity, (list, tuple)) else [quantity] * columns
        for row in range(rows):
            for column in range(columns):
                left, top = x + column * width, y - row * height
                colour = style.colour(quantities[column])
                edge = Rectangle((left, top - height), width, height, edgecolor=colour, linewidth=1.5, zorder=2)
                axes.add_patch(edge)
                label = write(axes, left + width / 2, top - height / 2, "", size=size, va="center_baseline")
                self.cells[row, column] = (edge, label)
        self.left, self.right, self.top, self.bottom = x, x + columns * width, y, y - rows * height

    def __iter__(self):
        return (artist for pair in self.cells.values() for artist in pair)

    def set(self, values, visible=True):
        """Show these values (a vector or matrix that fits the grid)."""
        values = np.asarray(values)
        values = values.reshape(len(values), -1)
        for (row, column), (edge, label) in self.cells.items():
            inside = visible and row < values.shape[0] and column < values.shape[1]
            edge.set_visible(inside)
            label.set_visible(inside)
            if inside:
                value = values[row, column]
                edge.set_facecolor(tint(value, self.largest))
                label.set_text(number(value, self.decimals))


def named(axes, x, y, shape, quantity, name, cell):
    """Numbers with their name above them."""
    numbers = Numbers(axes, x, y, shape, quantity, cell)
    write(axes, (numbers.left + numbers.right) / 2, y + 0.2, name, size=13)
    return numbers


def number(value, decimals=2):
    """A number for a small place: fixed decimals, a true minus sign, no negative zero, powers of ten where it must."""
    if not np.isfinite(value):
        return str(value)
    if abs(value) >= 1000:
        return f"{value:.0e}".replace("-", "\N{MINUS SIGN}").replace("+0", "").replace("+", "")
    written = f"{value:.{decimals}f}"
    if float(written) == 0:
        written = written.lstrip("-")
    return written.replace("-", "\N{MINUS SIGN}")


# ---- letters of any script
STANDS_FOR = {" ": "␣", "\n": "⏎", "\t": "⇥"}  # what a reader would not see


@cache
def letter(char):
    """How a character is drawn: as its code point where no font has it, never as an empty box."""
    char = STANDS_FOR.get(char, char)
    return char if style.has_glyph(char) else f"{ord(char):04X}"


def spell(axes, x, y, char, **look):
    """A letter of any script at (x, y); returns its artist."""
    drawn = letter(char)
    return write(axes, x, y, drawn, size=14 if len(drawn) == 1 else 11, **look)


def frame(axes, x, y, width, height, dashed=False):
    """A black frame that marks a cell; (x, y) is its lower left corner; returns its artist."""
    look = {
        "edgecolor": style.INK,
        "linewidth": 1.8 if dashed else 2.6,
        "linestyle": "--" if dashed else "-",
        "zorder": 4,
    }
    return axes.add_patch(Rectangle((x, y), width, height, fill=False, **look))


# ---- a diagram as one piece
class Moved:
    """All moving artists of a diagram, in nested dicts and lists; one function sets them to the data."""

    def __init__(self, artists, update):
        self.artists, self.update = artists, update

    def __iter__(self):
        return iter(_flat(self.artists))

    def set(self, data):
        """Show the data."""
        self.update(self.artists, data)


def _flat(artists):
    if isinstance(artists, (Artist, BarContainer)):
        return [artists]
    values = artists.values() if isinstance(artists, dict) else artists or ()
    return [artist for value in values for artist in _flat(value)]


def moved(make, update, ghosts=()):
    """The picture function of a diagram: make(figure, data) -> artists, update(artists, data)."""

    def picture(figure, data):
        artists = make(figure, data)
        for name in ghosts:
            for piece in artists[name] if isinstance(artists[name], list) else [artists[name]]:
                ghosted(piece)
        yield Moved(artists, update), lambda data: data

    return picture
