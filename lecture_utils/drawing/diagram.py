"""Diagrams: boxes, arrows, formulas and grids of numbers, written as SVG; a pure function of the data.

A diagram is a function from data to a Board. Each part of it has an id; what has changed between two Boards with the same
parts (Sheet) is what the page needs to turn one into the other. Colours are variables, which the page gives a light and
a dark value. Places are in inches from the lower left corner, as in a chart; a part that has a `name` can be reached by
the keyboard.
"""

import html
import re
from collections import namedtuple
from contextlib import contextmanager, nullcontext
from functools import cache

import numpy as np

from lecture_utils.drawing import style

PX = style.SHOWN_PER_INCH  # pixels of the page
POINT = PX / 72
CELL = (0.6, 0.32)  # width and height in inches of one number
SMALLEST = 11  # points, of a text
BESIDE = 9.3  # inches: a diagram and a chart no wider together stand beside each other, others one above the other
STANDS_FOR = {" ": "␣", "\n": "⏎", "\t": "⇥"}  # what a reader would not see
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


# An element: how deep it stands, its tag, its attributes, and the markup in it ("" for a group of parts).
Part = namedtuple("Part", "depth tag attributes content")


class Board:
    """The parts of a diagram, `width` x `height` inches; `svg()` writes it."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.parts = {}
        self._depth = 0

    def svg(self):
        """The diagram as SVG."""
        size = f'viewBox="0 0 {PX * self.width} {PX * self.height}"'
        look = f'font-family="{", ".join(style.FONTS)}, sans-serif" font-size="{r(SMALLEST * POINT)}" '
        look += f'text-anchor="middle" fill="{paint("ink")}" style="font-kerning:none" xml:space="preserve"'
        written, still_open = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {look}>'], []
        for name, part in self.parts.items():
            while len(still_open) > part.depth:
                written.append(f"</{still_open.pop()}>")
            attributes = "".join(f' {key}="{html.escape(str(value))}"' for key, value in part.attributes.items())
            written.append(f'<{part.tag} data-id="{html.escape(name)}"{attributes}>{part.content}')
            still_open.append(part.tag)
        return "".join([*written, *(f"</{tag}>" for tag in reversed(still_open)), "</svg>"])

    def alone(self, picture=None, size=(0, 0)):
        """The diagram as SVG for a place without the page's colours: those of a light page, on white; `picture` is a chart
        of that size in inches, PNG in base64, which stands beside it, or below where both would be wider than a page."""
        across, up = size if picture else (0, 0)
        x, y = (self.width, 0) if self.width + across <= BESIDE else (0, self.height)
        places = x, y, across, up, max(self.width, x + across), max(self.height, y + up)
        x, y, across, up, width, height = (r(PX * place) for place in places)
        head, parts = self.svg().split(">", 1)
        head = re.sub(r'viewBox="[^"]*"', f'viewBox="0 0 {width} {height}"', head)
        head += f' width="{width}" height="{height}"><rect width="{width}" height="{height}" fill="#FFFFFF"/>'
        if picture:
            head += f'<image x="{x}" y="{y}" width="{across}" height="{up}" href="data:image/png;base64,{picture}"/>'
        return re.sub(r"var\(--l-(\w+)\)", lambda found: style.DIAGRAM[found[1]][0], head + parts)

    # ---- what everything is made of
    def add(self, tag, id=None, content="", visible=True, **attributes):
        """Enters a part; `fill` and `stroke` are colours or quantities, `_` in a name stands for `-`."""
        made = {} if visible else {"display": "none"}
        for key, value in attributes.items():
            if value is not None:
                made[key.replace("_", "-")] = paint(value) if key in ("fill", "stroke") else value
        id = id or f"_{len(self.parts):x}"
        if id in self.parts:
            raise ValueError(f"two parts of a diagram are called {id!r}")
        self.parts[id] = Part(self._depth, tag, made, content)

    @contextmanager
    def group(self, id=None, name=None, formula=None, **attributes):
        """Parts that belong together. `name` is said of it with its text; `formula` says how that came about, with {id} for
        the number of each part that it is made of."""
        self.add("g", id, data_name=name, data_formula=formula, **attributes)
        self._depth += 1
        yield
        self._depth -= 1

    def write(self, x, y, words, size=12, id=None, ha="center", bold=False, mono=False, fill=None, math=None, **look):
        """Text whose middle is at height y; words between dollars are mathematics (see `runs`). Mathematics that holds
        fractions at another time is marked `math`; where it is False a dollar is a dollar."""
        size, middle = max(size, SMALLEST) * POINT, PX * (self.height - y)
        pieces = split(words, "$" if math is not False else None)
        look |= {"font_size": r(size) if size > SMALLEST * POINT else None, "font_weight": "bold" if bold else None,
                "font_family": "DejaVu Sans Mono, monospace" if mono else None, "fill": fill}  # fmt: skip
        if math or (math is None and "\\frac" in words):
            left = PX * x - length(words, size) * {"left": 0, "center": 0.5, "right": 1}[ha]
            self.add("g", id, laid(pieces, left, middle, size), text_anchor="start", **look)
        else:
            markup = "".join(tspans(piece, size) for piece, _ in pieces)
            anchor = {"left": "start", "center": None, "right": "end"}[ha]
            self.add("text", id, markup, x=r(PX * x), y=r(middle + 0.36 * size), text_anchor=anchor, **look)

    def rectangle(self, x, y, width, height, id=None, **look):
        """A rectangle; (x, y) is its lower left corner."""
        box = {"x": x, "y": self.height - y - height, "width": width, "height": height}
        self.add("rect", id, **{key: r(PX * value) for key, value in box.items()}, **look)

    def circle(self, x, y, radius, id=None, **look):
        """A circle around (x, y)."""
        self.add("circle", id, cx=r(PX * x), cy=r(PX * (self.height - y)), r=r(PX * radius), **look)

    def path(self, points, id=None, tip=False, dashed=False, width=1.8, quantity="ink", **look):
        """A line through points, `width` points wide, with a tip if it is an arrow."""

        def through(points):
            return "M" + "L".join(f"{r(x)} {r(y)}" for x, y in points)

        xy, stroke = [(PX * x, PX * (self.height - y)) for x, y in points], width * POINT
        dash = f"{r(2.2 * stroke)} {r(1.6 * stroke)}" if dashed else None
        line = {"stroke": quantity, "stroke_width": r(stroke), "stroke_dasharray": dash, "stroke_linejoin": "round"}
        if not tip:
            self.add("path", id, d=through(xy), fill="none", **line, **look)
            return
        (x0, y0), (x, y) = xy[-2:]
        far = max(np.hypot(x - x0, y - y0), 1e-9)
        u, v = (x - x0) / far, (y - y0) / far
        wide, neck = 3.2 + 0.6 * stroke, (x - (9 + stroke) * u, y - (9 + stroke) * v)
        left, right = ((neck[0] + n * v, neck[1] - n * u) for n in (-wide, wide))
        with self.group(id, **line, **look):
            self.add("path", d=through([*xy[:-1], neck]), fill="none")
            self.add("path", d=through([left, (x, y), right]) + "Z", fill=quantity, stroke="none")

    # ---- pieces
    def box(self, x, y, width, height, quantity, label="", fill=True, size=13, id=None):
        """A rounded box with its lower left corner at (x, y), in the colour of its quantity."""
        inside = {"fill": quantity, "fill_opacity": 0.12} if fill else {"fill": "none"}
        self.rectangle(x, y, width, height, id, **inside, stroke=quantity, stroke_width=2.8, rx=8)
        if label:
            self.write(x + width / 2, y + height / 2, label, size=size)

    def frame(self, x, y, width, height, id=None, dashed=False, **look):
        """A black frame that marks a cell; (x, y) is its lower left corner."""
        edge = {"stroke_width": 2.5, "stroke_dasharray": "7 4"} if dashed else {"stroke_width": 3.6}
        self.rectangle(x, y, width, height, id, fill="none", stroke="ink", **edge, **look)

    def arrow(self, start, end, quantity="ink", id=None, **look):
        """An arrow from point to point in the colour of the quantity that flows along it."""
        self.path([start, end], id, tip=True, quantity=quantity, **look)

    def wire(self, points, quantity, id=None, **look):
        """A line through points that ends in an arrow."""
        self.path(points, id, tip=True, quantity=quantity, **look)

    def node(self, x, y, symbol):
        """A round node at which numbers meet."""
        self.circle(x, y, 0.17, fill="paper", stroke="ink", stroke_width=2.2)
        self.write(x, y, symbol, size=13)

    def numbers(
        self, id, x, y, values, quantity, cell=(0.52, 0.3), decimals=2, size=11, largest=1.0, said=None, write=None,
        formula=None, kin=None, backing=False, sizes=(), label=None, **look,
    ):  # fmt: skip
        """A vector, as a column, or a matrix as a grid of cells with its numbers in them, under its `label`; (x, y) is the
        upper left corner. `quantity` may be one for each column; `write` makes a number's words, `said` is how it is called
        where that is not its id. Its cells are called ID.row.column (ID.row in a vector); of a number alone the grid is the
        cell. `formula` says how a cell came about, # in it is the cell's index; cells of one `kin` and index are the same
        number, drawn several times; a `backing` hides what runs behind; `sizes` names those of its axes (see `size`). Gives
        the right edge."""
        values, (width, height), said = np.asarray(values, dtype=float), cell, said or id
        grid = np.atleast_2d(values.T).T
        rows, columns = grid.shape
        quantities, alone = quantity if isinstance(quantity, (list, tuple)) else [quantity] * columns, grid.size == 1
        with self.group(id, *((said, formula) if alone else ()), **look):
            for (row, column), value in np.ndenumerate(grid):
                index = [str(n) for n in (row, column)[: values.ndim]]
                own, called = ".".join(index), f"[{', '.join(index)}]"
                about = f"{id}.{own}", said + called, formula and formula.replace("#", own)
                place = x + column * width, y - (row + 1) * height, width, height
                with nullcontext() if alone else self.group(*about, data_kin=kin and kin + called):
                    if backing:
                        self.rectangle(*place, fill="paper")
                    self.rectangle(*place, **tint(value, largest), stroke=quantities[column], stroke_width=2)
                    words = (write or number)(value, decimals)
                    self.write(place[0] + width / 2, place[1] + height / 2, words, size=size)
        right = x + columns * width
        for axis, (size, end) in enumerate(zip(sizes, [(x, y - rows * height), (right, y)], strict=False)):
            self.path([(x, y), end], f"{id}|{axis}", width=5, data_kin=size, stroke_opacity=0)
        if label is not None:
            self.write((x + right) / 2, y + 0.2, label, size=13)
        return right

    def size(self, x, y, name, value, said):
        """The size `name` and its value: pointed at, every axis of that size lights up, in every grid."""
        self.write(x, y, f"${name}\\;=$", ha="right")
        with self.group(name, said, data_kin=name):
            self.rectangle(x + 0.03, y - 0.14, 0.26, 0.28, fill="none", stroke="grey", pointer_events="all")
            self.write(x + 0.16, y, str(value))

    def bars(self, id, x, y, values, quantity, said, size, low=0, over=()):
        """Numbers from `low` (0 or -1) to 1 as bars, one below the other, to the right of 0 or to the left; (x, y) is the
        upper left corner of it all. `over` are those of another one, as ticks. One part, called `said`; its bars are ID.row,
        the ticks ID'.row."""
        (width, height), rows = size, max(len(values), len(over))
        unit, row = width / (1 - low), height / rows
        zero = x - low * unit
        with self.group(id, said):
            edge = {"fill": "none", "stroke": quantity, "stroke_width": 1.4, "pointer_events": "all"}
            self.rectangle(x, y - height, width, height, **edge)
            for n, value in enumerate(values):
                at = zero + min(value, 0) * unit, y - (n + 0.9) * row, abs(value) * unit, 0.8 * row
                self.rectangle(*at, f"{id}.{n}", fill=quantity)
            for n, value in enumerate(over):
                at = zero + value * unit - 0.02, y - (n + 0.85) * row, 0.04, 0.7 * row
                self.rectangle(*at, f"{id}'.{n}", fill="grey")
            if low:
                self.path([(zero, y), (zero, y - height)], width=0.8)

    def line(self, id, x, y, *pieces, size=12):
        """Words and numbers one after the other, from x on; a number is (id, its name, as it is written, its formula)."""
        with self.group(id):
            for piece in pieces:
                words = piece if isinstance(piece, str) else piece[2]
                wide, gap = length(words, max(size, SMALLEST) * POINT) / PX, 0 if words is piece else 0.03
                with nullcontext() if words is piece else self.group(*piece[:2], formula=piece[3]):
                    if gap:  # where one can click; the page frames it
                        edge = {"fill": "none", "pointer_events": "all", "stroke": "ink", "stroke_width": 0}
                        self.rectangle(x + 0.01, y - 0.13, wide + 0.04, 0.26, **edge)
                    self.write(x + gap, y, words, size, ha="left", math=True)
                x += wide + 2 * gap

    def spell(self, x, y, char, id=None, **look):
        """A letter of any script at (x, y)."""
        drawn = letter(char)
        self.write(x, y, drawn, size=14 if len(drawn) == 1 else 11, id=id, math=False, **look)


class Sheet:
    """A diagram in the page: `svg`, and `patch`, {id: {attribute: value}}, everything that has changed since; the text
    of a part is its attribute "", and None takes an attribute away. So a page that opens later shows the same."""

    def __init__(self):
        self.base, self.svg, self.patch = None, "", {}

    def show(self, board):
        """Another Board: the patch grows, or where the parts are others the SVG is new."""
        if self.base is None or _skeleton(self.base) != _skeleton(board):
            self.base, self.svg, self.patch = board, board.svg(), {}
            return
        patch = {}
        for (id, old), new in zip(self.base.parts.items(), board.parts.values(), strict=True):
            touched = self.patch.get(id, {})
            if old != new or touched:
                before, after = ({"": part.content, **part.attributes} for part in (old, new))
                keys = {**before, **after, **touched}
                patch[id] = {key: after.get(key) for key in keys if key in touched or before.get(key) != after.get(key)}
        self.patch = patch


def _skeleton(board):
    return board.width, board.height, [(id, part.depth, part.tag) for id, part in board.parts.items()]


# ---- numbers and letters
def number(value, decimals=2):
    """A number for a small place: fixed decimals, a true minus sign, no negative zero, powers of ten where it must."""
    if not np.isfinite(value):
        return str(value)
    written = f"{value:z.{decimals}f}" if abs(value) < 1000 else f"{value:.0e}".replace("+0", "").replace("+", "")
    return written.replace("-", "\N{MINUS SIGN}")


def short(value):
    """A number in three digits, a power of ten in two, with a true minus sign."""
    written = f"{value:.3g}"
    written = f"{value:.2g}".replace("e-0", "e-") if "e" in written else written
    return written.replace("-", "\N{MINUS SIGN}")


def term(value):
    """A number as a factor or a later term of a formula: negative ones in brackets."""
    return f"({short(value)})" if value < 0 else short(value)


def tint(value, largest=1.0):
    """The background of a number: towards orange above 0, towards blue below, none at 0, never too dark for ink."""
    strength = 0.55 * min(abs(value) / largest, 1.0) if np.isfinite(value) else 0.0
    return {"fill": "orange" if value > 0 else "blue", "fill_opacity": r(strength)}


@cache
def letter(char):
    """How a character is drawn: as its code point where no font has it, never as an empty box."""
    char = STANDS_FOR.get(char, char)
    return char if style.has_glyph(char) else f"{ord(char):04X}"


def sub(name, t):
    """The name of a quantity at step t: h₂."""
    return name + str(t).translate(SUBSCRIPTS)


# ---- units, colours
def r(value):
    """A number rounded to two decimals, as short as can be."""
    return float(f"{value:.2f}") if value % 1 else int(value)


@cache
def paint(name):
    """A colour or a quantity's colour as the page knows it."""
    if name == "none":
        return name
    return f"var(--l-{name if name in style.DIAGRAM else style.NAMES[style.colour(name)]})"


# ---- mathematics: W_{xh}, h_{t-1}^2, \frac{\partial L}{\partial a_t}
SIGNS = {"partial": "∂", "circ": "∘", "tanh": "tanh", "sigma": "σ", "phi": "φ", "cdot": "·", "times": "×", ",": "\u2009",
         ";": "\u2005", "quad": "\u2003", "left": "", "right": ""}  # fmt: skip
# Of the size: what stands above or below the line, and how much lower it stands, by its level.
SMALL, LOWER = 0.7, {-1: 0.2, 0: 0.0, 1: -0.38}
_TOKEN = re.compile(r"(?<=[_^])[^{\\]|\\(?:[a-zA-Z]+ ?|.)|[_^{}]|[a-zA-Z]+|[^_^{}\\a-zA-Z]+")


@cache
def runs(formula):
    """A formula as runs (words, italic, 0 on the line | -1 below | 1 above) and fractions (runs above, runs below, None);
    letters are italic, functions upright. `_` and `^` take what follows, or what stands in {}."""
    made, rest = [], _TOKEN.findall(formula)

    def argument():
        taken = [rest.pop(0)]
        while taken.count("{") > taken.count("}"):
            taken.append(rest.pop(0))
        return "".join(taken[1:-1] if taken[0] == "{" else taken)

    while rest:
        token = rest.pop(0)
        command = token.rstrip()  # a space only ends it
        if token in "_^":
            level = -1 if token == "_" else 1
            made += [(words, italic, level) for words, italic, _ in runs(argument())]
        elif command == "\\frac":
            made.append((runs(argument()), runs(argument()), None))
        elif command == "\\tilde":
            made.append((argument() + "\u0303", True, 0))
        elif token[0] == "\\":
            made.append((SIGNS[command[1:]], False, 0))
        elif token not in "{}":
            made.append((token.replace("-", "\N{MINUS SIGN}"), token[0].isalpha() and token.isascii(), 0))
    return tuple(made)


def split(words, sign="$"):
    """Words with mathematics between dollars as pieces: their runs, and whether they are mathematics."""
    pieces = words.split(sign) if sign else [words]
    return [(runs(piece), True) if n % 2 else (((piece, False, 0),), False) for n, piece in enumerate(pieces)]


def width(runs, size):
    """How wide runs are."""
    total = 0
    for words, italic, level in runs:
        if level is None:
            total += max(width(words, size), width(italic, size)) + 0.41 * size
        else:
            total += size * (SMALL if level else 1) * sum(map(style.advance, words))
    return total


def length(words, size):
    """How wide words are that hold mathematics between dollars."""
    return sum(width(piece, size) for piece, _ in split(words))


def _look(italic, level, size):
    return (f' font-size="{r(SMALL * size)}"' if level else "") + ' font-style="italic"' * italic


def tspans(runs, size):
    """Runs without fractions as the content of a text."""
    written, height = [], 0
    for words, italic, level in runs:
        lower = LOWER[level] * size
        look = (f' dy="{r(lower - height)}"' if lower != height else "") + _look(italic, level, size)
        written.append(f"<tspan{look}>{html.escape(words)}</tspan>" if look else html.escape(words))
        height = lower
    if height:
        written.append(f'<tspan dy="{r(-height)}">\u200b</tspan>')  # back on the line, for what follows
    return "".join(written)


def laid(pieces, x, middle, size):
    """Pieces with fractions in them, as elements from x on."""
    written = []

    def put(x, lower, markup, look=""):
        written.append(f'<text x="{r(x)}" y="{r(middle + (lower + 0.36) * size)}"{look}>{markup}</text>')

    for run, formula in ((run, formula) for piece, formula in pieces for run in piece):
        (words, italic, level), wide = run, width([run], size)
        if level is None:
            bar = wide - 0.25 * size
            for part, lower in ((words, -0.66), (italic, 0.66)):
                put(x + (bar - width(part, size)) / 2, lower, tspans(part, size))
            written.append(f'<path d="M{r(x)} {r(middle)}h{r(bar)}" stroke="{paint("ink")}" stroke-width="1.4"/>')
        elif formula:
            put(x, LOWER[level], html.escape(words), _look(italic, level, size))
        elif words.strip():
            put(x, 0, html.escape(words))
        x += wide
    return "".join(written)
