"""Colours, marks and sizes of every figure: each quantity looks the same from chapter 1 to chapter 7.

The palette is Okabe and Ito's ("Color Universal Design", 2008), told apart by readers with any common colour vision;
each quantity has a mark or a line style besides, so that colour never carries a meaning alone.
In a dark theme the browser inverts the picture's lightness (widgets/lecture.css), so the colours here are those on white.
"""

from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import matplotlib
import matplotlib.style
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from lecture_utils import settings

# DejaVu Sans comes with matplotlib and has the lecture's signs (∘ ₜ ✓), the other one has Hangul. Pictures are drawn with
# these two, whatever a machine has installed.
FONTS = ("DejaVu Sans", "Lecture Hangul")
font_manager.fontManager.addfont(Path(__file__).parent / "fonts" / "LectureHangul.ttf")
_hangul = font_manager.fontManager.ttflist[-1]
font_manager.fontManager.ttflist.append(replace(_hangul, weight=700))  # it stands for bold too, without a warning

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"  # Okabe-Ito
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
INK, GREY, PALE = "#262626", "#8C8C8C", "#F2F2F2"
DIAGRAM = {  # name of a colour -> on a light and on a dark page
    "ink": (INK, "#E8E8E8"), "paper": ("#FFFFFF", "#111111"), "grey": (GREY, "#9E9E9E"), "black": (BLACK, "#FFFFFF"),
    "orange": (ORANGE, "#F0B429"), "sky": (SKY, "#7CC7F0"), "green": (GREEN, "#2EC4A0"), "yellow": (YELLOW, "#F0E442"),
    "blue": (BLUE, "#5AAEEB"), "vermilion": (VERMILION, "#FF8B4D"), "purple": (PURPLE, "#E7A3CB"),
}  # fmt: skip
NAMES = {light: name for name, (light, _) in DIAGRAM.items()}
LOOKS = {  # of a quantity: colour, marker, line style
    "input": (GREEN, "s", "-"), "hidden": (BLUE, "o", "-"), "cell": (VERMILION, "D", "-"), "weight": (ORANGE, "^", "--"),
    "output": (PURPLE, "P", "-"), "target": (BLACK, "*", ":"), "ghost": (GREY, "None", "-"),
    "gradient": (VERMILION, "v", "-"), "derivative": (SKY, "X", "-."),
    "i": (GREEN, "s", "-"), "f": (VERMILION, "D", "--"), "o": (PURPLE, "P", "-."), "g": (ORANGE, "^", ":"),
    "z": (VERMILION, "D", "--"), "r": (SKY, "X", "-."), "candidate": (ORANGE, "^", ":"),
    "rnn": (BLUE, "o", "-"), "lstm": (VERMILION, "D", "--"), "gru": (GREEN, "s", "-."),
}  # fmt: skip
DIVERGING = "RdBu_r"  # signed values: 0 is white, and sign and size are printed wherever there is room
SEQUENTIAL = "cividis"  # sizes: readable without colour vision

ONE, TALL, WIDE, LARGE = (7.4, 4.4), (7.4, 5.0), (8.5, 4.3), (8.5, 5.2)  # a chart's size in inches
PIXELS_PER_INCH = 150  # the browser shows 100 of them per inch: sharp on screens scaled to 150 percent
SHOWN_PER_INCH = 100
PROJECTOR_SCALE = 1.3


def colour(quantity):
    """The colour of a quantity, for example colour("hidden")."""
    return LOOKS[quantity][0]


def variables(dark):
    """The colours of diagrams as variables of CSS, for a light or for a dark page."""
    return " ".join(f"--l-{name}: {both[dark]};" for name, both in DIAGRAM.items())


def line(quantity):
    """Keyword arguments for Axes.plot that draw a quantity in its colour, marker and line style."""
    return dict(zip(("color", "marker", "linestyle"), LOOKS[quantity], strict=True))


def scale():
    """The factor on all text: 1, or 1.3 when the projector switch of notebook 00 is on."""
    return PROJECTOR_SCALE if settings.load()["projector"] else 1.0


def text_size(points):
    """A text size in points that follows the projector switch; nothing in a figure is smaller than 11."""
    return max(points, 11) * scale()


@cache
def font_files():
    """The files of the fonts of a diagram: {(family, weight, style): path}."""
    plain = {"variant": "normal", "stretch": "normal"}  # whatever a learner has set
    files, looks = {}, [(FONTS[0], "normal", "normal"), (FONTS[0], "bold", "normal"), (FONTS[0], "normal", "italic")]
    for family, weight, slant in [*looks, ("DejaVu Sans Mono", "normal", "normal"), (FONTS[1], "normal", "normal")]:
        font = font_manager.FontProperties(family=family, weight=weight, style=slant, **plain)
        files[family, weight, slant] = font_manager.findfont(font)
    return files


@cache
def _fonts():
    """The FONTS, a thousand units high."""
    fonts = [FT2Font(font_files()[family, "normal", "normal"]) for family in FONTS]
    for font in fonts:
        font.set_size(1000, 72)
    return fonts


def has_glyph(char):
    """Whether one of the FONTS can draw a character."""
    return any(font.get_char_index(ord(char)) for font in _fonts())


@cache
def advance(char):
    """How far a character moves the pen, at size 1."""
    for font in _fonts():
        if font.get_char_index(ord(char)):
            return font.load_char(ord(char)).linearHoriAdvance / 65536 / 1000
    return 1.0


@cache
def _settings(larger):
    """All of matplotlib's settings as the lecture has them, text `larger` by that factor: nothing of what a learner has set."""
    with matplotlib.rc_context():
        matplotlib.style.use(["default", Path(__file__).with_name("lecture.mplstyle")])
        for name in "font.size axes.titlesize axes.labelsize xtick.labelsize ytick.labelsize legend.fontsize".split():
            matplotlib.rcParams[name] *= larger
        return {name: value for name, value in dict.items(matplotlib.rcParams) if name != "backend"}


@contextmanager
def context():
    """The lecture's matplotlib settings, for the time in which a figure is made, changed or drawn.

    They are put in place unchecked: matplotlib's own rc_context checks all of them, which costs a third of a move.
    """
    stood = dict.copy(matplotlib.rcParams)
    dict.update(matplotlib.rcParams, _settings(scale()))
    try:
        yield
    finally:
        dict.update(matplotlib.rcParams, stood)
