"""Diagrams: boxes, arrows, formulas and grids of numbers, written as SVG; a pure function of the data.

A diagram is a function from data to a Board. Each part of it has an id; what has changed between two Boards with the same
parts (Sheet) is what the page needs to turn one into the other. Colours are variables, which the page gives a light and
a dark value. Places are in inches from the lower left corner, as in a chart; a part that has a `name` can be reached by
the keyboard.
"""

import html
import re
from contextlib import contextmanager, nullcontext
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from lecture_utils.drawing import style

PX = style.SHOWN_PER_INCH
POINT = PX / 72
CELL = (0.6, 0.32)  # width and height in inches of one number
LINE = 1.8  # points
SMALLEST = 11  # points, of a text
# A diagram and a chart that are no wider together, in inches, stand beside each other, others one above the other.
BESIDE = 9.3
STANDS_FOR = {" ": "␣", "\n": "⏎", "\t": "⇥"}  # what a reader would not see
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Part(NamedTuple):
    """An element: how deep it stands, its tag, its attributes, and the markup in it ("" for a group of parts)."""

    depth: int
    tag: str
    attributes: dict
    content: str


class Board:
    """The parts of a diagram, `width` x `height` inches; `svg()` writes it."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.parts = {}
        self._depth = 0

    def svg(self):
        """The diagram as SVG."""
        size = f'viewBox="0 0 {px(self.width)} {px(self.height)}"'
        look = f'font-family="{", ".join(style.FONTS)}, sans-serif" font-size="{r(SMALLEST * POINT)}" '
        look += f'text-anchor="middle" fill="{paint("ink")}" style="font-kerning:none"'
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
        wide = self.width + size[0]
        place = (0, self.height, max(self.width, size[0]), self.height + size[1])
        if wide <= BESIDE:
            place = (self.width, 0, wide, max(self.height, size[1]))
        x, y, width, height = map(px, place if picture else (0, 0, self.width, self.height))
        white = f'<rect width="{r(width)}" height="{r(height)}" fill="#FFFFFF"/>'
        chart = f'<image x="{r(x)}" y="{r(y)}" width="{r(px(size[0]))}" height="{r(px(size[1]))}" '
        chart += f'href="data:image/png;base64,{picture}"/>'
        size = f' width="{r(width)}" height="{r(height)}"'
        written = self.svg().replace(">", f"{size}>{white}{chart if picture else ''}", 1)
        written = re.sub(r'viewBox="[^"]*"', f'viewBox="0 0 {r(width)} {r(height)}"', written, count=1)
        return re.sub(r"var\(--l-(\w+)\)", lambda found: style.DIAGRAM[found[1]][0], written)

    # ---- what everything is made of
    def add(self, tag, id=None, content="", visible=True, **attributes):
        """Enters a part and gives its id; `fill` and `stroke` are colours or quantities, `_` in a name stands for `-`."""
        made = {} if visible else {"display": "none"}
        for key, value in attributes.items():
            if value is not None:
                made[_hyphened(key)] = paint(value) if key in ("fill", "stroke") else value
        id = id or f"_{len(self.parts):x}"
        if id in self.parts:
            raise ValueError(f"two parts of a diagram are called {id!r}")
        self.parts[id] = Part(self._depth, tag, made, content)
        return id

    @contextmanager
    def group(self, id=None, name=None, visible=True, formula=None, **attributes):
        """Parts that belong together. `name` is said of it with its text; `formula` says how that came about, with {id} for
        the number of each part that it is made of."""
        data = {"data_name": name, "data_formula": formula}
        id = self.add("g", id, visible=visible, **data, **attributes)
        self._depth += 1
        yield id
        self._depth -= 1

    def write(
        self, x, y, words, size=12, id=None, ha="center", bold=False, mono=False, visible=True, fill=None, math=None, **look,
    ):  # fmt: skip
        """Text whose middle is at height y; words between dollars are mathematics (see `runs`). Mathematics that holds
        fractions at another time is marked `math`; where it is False a dollar is a dollar."""
        size = max(size, SMALLEST) * POINT
        pieces = [(piece, n % 2) for n, piece in enumerate([words] if math is False else words.split("$"))]
        middle = px(self.height - y)
        look |= {"font_size": r(size) if size > SMALLEST * POINT else None, "font_weight": "bold" if bold else None,
                "font_family": "DejaVu Sans Mono, monospace" if mono else None, "fill": fill, "visible": visible}  # fmt: skip
        if math or (math is None and "\\frac" in words):
            laid = Formula(px(x) - length(words, size) * {"left": 0, "center": 0.5, "right": 1}[ha], middle, size)
            for piece, mathematics in pieces:
                laid.add(piece) if mathematics else laid.words(piece)
            return self.add("g", id, laid.markup(), text_anchor="start", **look)
        markup = "".join(tspans(piece, size) if mathematics else html.escape(piece) for piece, mathematics in pieces)
        anchor = {"left": "start", "center": None, "right": "end"}[ha]
        place = {"x": r(px(x)), "y": r(middle + 0.36 * size), "text_anchor": anchor}
        return self.add("text", id, markup, **place, **look)

    def rectangle(self, x, y, width, height, id=None, **look):
        """A rectangle; (x, y) is its lower left corner."""
        box = {"x": px(x), "y": px(self.height - y - height), "width": px(width), "height": px(height)}
        return self.add("rect", id, **{key: r(value) for key, value in box.items()}, **look)

    def path(self, points, id=None, tip=False, dashed=False, width=LINE, quantity="ink", **look):
        """A line through points, with a tip if it is an arrow."""
        xy = [(px(x), px(self.height - y)) for x, y in points]
        colour, stroke = paint(quantity), width * POINT
        if tip:
            (x0, y0), (x, y) = xy[-2:]
            far = max(np.hypot(x - x0, y - y0), 1e-9)
            u, v = (x - x0) / far, (y - y0) / far
            wide, neck = 3.2 + 0.6 * stroke, (x - (9 + stroke) * u, y - (9 + stroke) * v)
            xy[-1], head = neck, [(neck[0] + n * v, neck[1] - n * u) for n in (-wide, wide)]
        d = "M" + "L".join(f"{r(x)} {r(y)}" for x, y in xy)
        dash = f"{r(2.2 * stroke)} {r(1.6 * stroke)}" if dashed else None
        line = {"stroke": colour, "stroke_width": r(stroke), "stroke_dasharray": dash, "stroke_linejoin": "round"}
        if not tip:
            return self.add("path", id, d=d, fill="none", **line, **look)
        with self.group(id, **line, **look) as id:
            self.add("path", None, d=d, fill="none")
            d = "M" + "L".join(f"{r(x)} {r(y)}" for x, y in (head[0], (x, y), head[1])) + "Z"
            self.add("path", None, d=d, fill=colour, stroke="none")
        return id

    # ---- pieces
    def box(self, x, y, width, height, quantity, label="", fill=True, size=13, id=None, dashed=False, **look):
        """A rounded box with its lower left corner at (x, y), in the colour of its quantity."""
        inside = {"fill": quantity, "fill_opacity": 0.12} if fill else {"fill": "none"}
        dash = "7 5" if dashed else None
        edge = {"stroke": quantity, "stroke_width": 2.8, "stroke_dasharray": dash, "rx": 8}
        id = self.rectangle(x, y, width, height, id, **inside, **edge, **look)
        if label:
            self.write(x + width / 2, y + height / 2, label, size=size)
        return id

    def frame(self, x, y, width, height, id=None, dashed=False, **look):
        """A black frame that marks a cell; (x, y) is its lower left corner."""
        edge = {"stroke_width": 2.5, "stroke_dasharray": "7 4"} if dashed else {"stroke_width": 3.6}
        return self.rectangle(x, y, width, height, id, fill="none", stroke="ink", **edge, **look)

    def arrow(self, start, end, quantity="ink", id=None, **look):
        """An arrow from point to point in the colour of the quantity that flows along it."""
        return self.path([start, end], id, tip=True, quantity=quantity, **look)

    def wire(self, points, quantity, id=None, **look):
        """A line through points that ends in an arrow."""
        return self.path(points, id, tip=True, quantity=quantity, **look)

    def node(self, x, y, symbol, id=None):
        """A round node at which numbers meet."""
        self.circle(x, y, 0.17, id, fill="paper", stroke="ink", stroke_width=2.2)
        self.write(x, y, symbol, size=13)

    def circle(self, x, y, radius, id=None, **look):
        """A circle around (x, y)."""
        return self.add("circle", id, cx=r(px(x)), cy=r(px(self.height - y)), r=r(px(radius)), **look)

    def numbers(
        self, id, x, y, values, quantity, cell=(0.52, 0.3), decimals=2, size=11, largest=1.0, visible=True, said=None,
        write=None, formula=None, kin=None, backing=False, sizes=(), **look,
    ):  # fmt: skip
        """A vector or matrix as a grid of cells with its numbers in them; (x, y) is the upper left corner, a vector
        stands as a column. `quantity` may be one for each column; `write` makes a number's words, `said` is how it is
        called where that is not its id. Its cells are called ID.row.column (ID.row in a vector); of a number alone the
        grid is the cell. `formula` says how a cell came about, # in it is the cell's index; cells of one `kin` and index
        are the same number, drawn several times; a `backing` hides what runs behind; `sizes` names those of its axes (see
        `size`). Gives left, right, top, bottom.
        """
        values, said = np.asarray(values, dtype=float), said or id
        grid = values.reshape(len(values), -1) if values.ndim else values.reshape(1, 1)
        rows, columns = grid.shape
        width, height = cell
        quantities = quantity if isinstance(quantity, (list, tuple)) else [quantity] * columns
        alone = grid.size == 1
        with self.group(id, said if alone else None, visible, formula if alone else None, **look):
            for row, column in np.ndindex(grid.shape):
                index = list(map(str, [row, column] if values.ndim == 2 else [row]))
                own = ".".join(index)
                name = f"{id}.{own}", f"{said}[{', '.join(index)}]", True, formula and formula.replace("#", own)
                left, low, value = x + column * width, y - (row + 1) * height, grid[row, column]
                same = {"data_kin": f"{kin}[{', '.join(index)}]"} if kin else {}
                with nullcontext() if alone else self.group(*name, **same):
                    edge = {"stroke": quantities[column], "stroke_width": 2}
                    if backing:
                        self.rectangle(left, low, width, height, fill="paper")
                    self.rectangle(left, low, width, height, **tint(value, largest), **edge)
                    self.write(left + width / 2, low + height / 2, (write or number)(value, decimals), size=size)
        ends = (x, y - rows * height), (x + columns * width, y)
        for axis, (size, end) in enumerate(zip(sizes, ends, strict=False)):
            self.path([(x, y), end], f"{id}|{axis}", width=5, data_kin=size, stroke_opacity=0)
        return SimpleNamespace(left=x, right=ends[1][0], top=y, bottom=ends[0][1])

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

    def named(self, id, x, y, values, quantity, label, cell=(0.52, 0.32), **look):
        """Numbers with their name above them."""
        place = self.numbers(id, x, y, values, quantity, cell, **look)
        self.write((place.left + place.right) / 2, y + 0.2, label, size=13)
        return place

    def line(self, id, x, y, *pieces, size=12):
        """Words and numbers one after the other, from x on; a number is (id, its name, as it is written, its formula)."""
        with self.group(id):
            for piece in pieces:
                words = piece if isinstance(piece, str) else piece[2]
                wide, gap = length(words, max(size, 11) * POINT) / PX, 0 if words is piece else 0.03
                with nullcontext() if words is piece else self.group(*piece[:2], formula=piece[3]):
                    if gap:  # where one can click; the page frames it
                        edge = {"fill": "none", "pointer_events": "all", "stroke": "ink", "stroke_width": 0}
                        self.rectangle(x + 0.01, y - 0.13, wide + 0.04, 0.26, **edge)
                    self.write(x + gap, y, words, size, ha="left", math=True)
                x += wide + 2 * gap

    def spell(self, x, y, char, id=None, **look):
        """A letter of any script at (x, y)."""
        drawn = letter(char)
        return self.write(x, y, drawn, size=14 if len(drawn) == 1 else 11, id=id, math=False, **look)


class Sheet:
    """A diagram in the page: `svg`, and `patch`, {id: {attribute: value}}, everything that has changed since; the text
    of a part is its attribute "", and None takes an attribute away. So a page that opens later shows the same."""

    def __init__(self):
        self.base, self.svg, self.patch = None, "", {}

    def show(self, board):
        """Another Board: the patch grows, or where the parts are others the SVG is new."""
        base = self.base
        if base is None or [*base.parts] != [*board.parts] or (base.width, base.height) != (board.width, board.height):
            self.base, self.svg, self.patch = board, board.svg(), {}
            return
        patch = {id: dict(changed) for id, changed in self.patch.items()}
        for (id, old), new in zip(base.parts.items(), board.parts.values(), strict=True):
            if old is new or (old == new and id not in patch):
                continue
            if old.tag != new.tag or old.depth != new.depth:
                self.base, self.svg, self.patch = board, board.svg(), {}
                return
            touched = patch.setdefault(id, {})
            for key in {**old.attributes, **new.attributes, **touched}:
                if key and (key in touched or old.attributes.get(key) != new.attributes.get(key)):
                    touched[key] = new.attributes.get(key)
            if "" in touched or old.content != new.content:
                touched[""] = new.content
        self.patch = patch


# ---- numbers and letters
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


# ---- units, colours, widths
def px(inches):
    """Pixels of the page."""
    return PX * inches


def r(value):
    """A number rounded to two decimals, as short as can be."""
    return float(f"{value:.2f}") if value % 1 else int(value)


@cache
def _hyphened(key):
    return key.replace("_", "-")


@cache
def paint(name):
    """A colour or a quantity's colour as the page knows it."""
    return name if name == "none" or name.startswith("var(") else f"var(--l-{style.colour_name(name)})"


def advance(words, size, bold=False, mono=False):
    """How wide a text is."""
    return size * sum(style.advance(char, bold, mono) for char in words)


def length(words, size):
    """How wide words are that hold mathematics between dollars."""
    return sum((formula_width if n % 2 else advance)(piece, size) for n, piece in enumerate(words.split("$")))


# ---- mathematics: W_{xh}, h_{t-1}^2, \frac{\partial L}{\partial a_t}
SIGNS = {"partial": "∂", "circ": "∘", "tanh": "tanh", "sigma": "σ", "phi": "φ", "cdot": "·", "times": "×", ",": "\u2009",
         ";": "\u2005", "quad": "\u2003", "left": "", "right": ""}  # fmt: skip
SMALL = 0.7  # of the size, for what stands above or below the line
_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.)|[_^{}]|[a-zA-Z]+|[^_^{}\\a-zA-Z]+")


@cache
def runs(formula):
    """A formula as runs (words, italic, 0 on the line | -1 below | 1 above) and fractions (above, below); letters are
    italic, functions upright. `_` and `^` take what follows, or what stands in {}."""
    made, rest = [], _TOKEN.findall(formula)

    def braced():
        if rest[0] != "{":
            token = rest.pop(0)
            if len(token) > 1 and token[0] != "\\":
                rest.insert(0, token[1:])
                token = token[0]
            return token
        taken, deep = [], 0
        while True:
            token = rest.pop(0)
            deep += (token == "{") - (token == "}")
            if deep == 0:
                return "".join(taken[1:])
            taken.append(token)

    while rest:
        token = rest.pop(0)
        if not token:
            continue
        if token[0] == "\\" and token[1:].isalpha() and rest and rest[0].startswith(" "):
            rest[:1] = filter(None, [rest[0][1:]])  # the space only ends the command
        if token in "_^":
            level = -1 if token == "_" else 1
            made += [(words, italic, level) for words, italic, _ in runs(braced())]
        elif token == "\\frac":
            made.append((braced(), braced(), None))
        elif token == "\\tilde":
            made.append((braced() + "\u0303", True, 0))
        elif token == "\\mathrm":
            made.append((braced(), False, 0))
        elif token[0] == "\\":
            made.append((SIGNS[token[1:]], False, 0))
        elif token not in "{}":
            made.append((token.replace("-", "\N{MINUS SIGN}"), token[0].isalpha() and token.isascii(), 0))
    return tuple(made)


def formula_width(formula, size):
    """How wide a formula is."""
    width = 0
    for words, italic, level in runs(formula):
        if level is None:
            width += max(formula_width(words, size), formula_width(italic, size)) + 0.41 * size
        else:
            width += advance(words, size * (SMALL if level else 1))
    return width


def tspans(formula, size):
    """A formula without fractions as the content of a text."""
    written, height = [], 0
    for words, italic, level in runs(formula):
        shift = -0.38 * size * level if level == 1 else -0.2 * size * level
        look = f' dy="{r(shift - height)}"' if shift != height else ""
        look += f' font-size="{r(SMALL * size)}"' if level else ""
        look += ' font-style="italic"' if italic else ""
        written.append(f"<tspan{look}>{html.escape(words)}</tspan>" if look else html.escape(words))
        height = shift
    if height:
        written.append(f'<tspan dy="{r(-height)}">\u200b</tspan>')  # back on the line, for what follows
    return "".join(written)


class Formula:
    """Words and mathematics laid out from left to right on one height, with fractions."""

    def __init__(self, left, middle, size):
        self.x, self.middle, self.size, self.written = left, middle, size, []

    def markup(self):
        """The elements."""
        return "".join(self.written)

    def words(self, words):
        """Plain words."""
        self._text(html.escape(words), self.x, self.middle)
        self.x += advance(words, self.size)

    def add(self, formula):
        """Mathematics."""
        for words, italic, level in runs(formula):
            if level is None:
                self._fraction(words, italic)
            else:
                size, shift = (self.size * SMALL, level * (0.38 if level == 1 else 0.2)) if level else (self.size, 0)
                look = f' font-size="{r(size)}"' if level else ""
                look += ' font-style="italic"' if italic else ""
                y = self.middle + 0.36 * self.size - shift * self.size
                self.written.append(f'<text x="{r(self.x)}" y="{r(y)}"{look}>{html.escape(words)}</text>')
                self.x += advance(words, size)

    def _text(self, markup, x, middle):
        if markup.strip():
            self.written.append(
                f'<text x="{r(x)}" y="{r(middle + 0.36 * self.size)}" xml:space="preserve">{markup}</text>'
            )

    def _fraction(self, above, below):
        size = self.size
        wide = max(formula_width(above, size), formula_width(below, size)) + 0.16 * size
        for part, middle in ((above, self.middle - 0.66 * size), (below, self.middle + 0.66 * size)):
            x = self.x + (wide - formula_width(part, size)) / 2
            self._text(tspans(part, size), x, middle)
        self.written.append(
            f'<path d="M{r(self.x)} {r(self.middle)}h{r(wide)}" stroke="{paint("ink")}" stroke-width="1.4"/>'
        )
        self.x += wide + 0.25 * size
