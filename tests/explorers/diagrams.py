"""Reading a diagram back from its SVG: what its parts show, and where its texts stand, measured from the fonts' metrics."""

import math
import re
from functools import cache
from typing import NamedTuple
from xml.etree import ElementTree

from PIL import ImageFont

from lecture_utils.drawing import style

SVG = "{http://www.w3.org/2000/svg}"
LOW = set("gjpqy,;|()[]Q_")  # characters that go below the line
TOUCH = 1.5  # pixels that two texts may share


class Shown(NamedTuple):
    """A part in the page: its element, its words, whether it can be seen."""

    element: ElementTree.Element
    words: str
    visible: bool


class Box(NamedTuple):
    """Where a text stands, in pixels."""

    words: str
    left: float
    top: float
    right: float
    bottom: float


def read(board):
    """(the parts shown, id to Shown; the Boxes of all texts that can be seen)."""
    parts, boxes = {}, []

    def walk(element, visible, look):
        visible = visible and element.get("display") != "none"
        look = look | {key: value for key, value in element.attrib.items() if key.startswith(("font", "text"))}
        if element.tag == f"{SVG}text" and visible and words_of(element):
            boxes.append(measured(element, look))
        if "data-id" in element.attrib:
            parts[element.get("data-id")] = Shown(element, words_of(element), visible)
        for child in element:
            walk(child, visible, look)

    walk(ElementTree.fromstring(board.svg()), True, {})
    return parts, boxes


def words_of(element):
    """The text of an element, as one reads it."""
    return "".join(element.itertext()).replace("\u200b", "").strip()


@cache
def _font(path):
    return ImageFont.truetype(path, 1000)


@cache
def _width(char, look):
    """How wide a character is at size 1."""
    return _font(style.font_files()[look]).getlength(char) / 1000


def _length(words, size, look):
    hangul = style.FONTS[1], "normal", "normal"
    return sum(size * _width(char, hangul if "\uac00" <= char <= "\ud7a3" else look) for char in words)


def measured(text, look):
    """The Box of a text element; `look` are its font's attributes, its ancestors' too."""
    family = look.get("font-family", "").split(",")[0]
    key = (family, look.get("font-weight", "normal") if "Mono" not in family else "normal", "normal")
    size, pen, top, bottom = float(look["font-size"]), 0.0, [], []
    dy = 0.0
    for words, own, shift in [(text.text or "", size, 0.0)] + [
        piece
        for span in text
        for piece in (
            (span.text or "", float(span.get("font-size", size)), float(span.get("dy", 0))),
            (span.tail or "", size, 0.0),
        )
    ]:
        dy += shift
        words = words.replace("\u200b", "")
        pen += _length(words, own, key)
        if words.strip():
            top.append(dy - 0.74 * own)
            bottom.append(dy + (0.22 if LOW & set(words) else 0.02) * own)
    left = float(text.get("x")) - pen * {"start": 0, "middle": 0.5, "end": 1}[look["text-anchor"]]
    y = float(text.get("y"))
    return Box(words_of(text), left, y + min(top), left + pen, y + max(bottom))


def overlapping(boxes):
    """The pairs of texts that stand on each other."""
    return [
        (one.words, other.words)
        for n, one in enumerate(boxes)
        for other in boxes[n + 1 :]
        if min(one.right, other.right) - max(one.left, other.left) > TOUCH
        and min(one.bottom, other.bottom) - max(one.top, other.top) > TOUCH
    ]


def outside(boxes, board):
    """The texts that leave the picture."""
    right, bottom = (style.SHOWN_PER_INCH * size for size in (board.width, board.height))
    return [box.words for box in boxes if min(box.left, box.top, right - box.right, bottom - box.bottom) < -TOUCH]


def shows(part, expected, shade=False):
    """Whether a part shows what it should: a number to the last digit written, words, whether it can be seen (a bool),
    some of its attributes and `words` (a dict), or words that a function approves of; what it depends on (`shade`);
    or several of these (a list); (what, largest): on the tint that it has where the number `largest` has the strongest."""
    if shade:
        sizes = dict(one.split("=") for one in part.element.get("data-shade").split())
        return sizes.keys() == expected.keys() and all(f"{value:.2g}" == sizes[id] for id, value in expected.items())
    if callable(expected):
        return part.visible and bool(expected(part.words))
    if isinstance(expected, list):
        return all(shows(part, what) for what in expected)
    if isinstance(expected, bool):
        return part.visible == expected
    if isinstance(expected, dict):
        text = part.element.find(f"{SVG}text")
        shown = {"words": part.words, "colour": None if text is None else text.get("fill")} | part.element.attrib
        return part.visible and all(agree(shown.get(key), value) for key, value in expected.items())
    if isinstance(expected, str):
        return part.visible and part.words == expected
    if isinstance(expected, tuple):
        what, largest = expected
        if isinstance(what, str):
            return shows(part, what) and float(part.element.find(f"{SVG}rect").get("fill-opacity")) == 0
        return part.visible and reads(part, float(what), largest)
    return part.visible and reads(part, float(expected))


def agree(attribute, expected):
    if isinstance(expected, str) or attribute is None:
        return attribute == expected
    return abs(float(attribute) - expected) < 0.0051


def reads(part, value, largest=None):
    """Whether the number written is the value, to its last digit, and the colour behind it has the sign's side, and the
    strength that it has if that of `largest` is the strongest."""
    written = part.words.replace("\N{MINUS SIGN}", "-")
    if "e" in written:
        near = abs(float(written) - value) <= 0.5000001 * 10.0 ** int(written.partition("e")[2])
    else:
        near = abs(float(written) - value) <= 0.5000001 * 10.0 ** -len(written.partition(".")[2])
    edge = ([None, *part.element.iter(f"{SVG}rect")])[-1]
    if edge is None or edge.get("fill-opacity") is None:
        return near
    strength, side = float(edge.get("fill-opacity")), "orange" if value > 0 else "blue"
    near = near and (strength < 0.006 or side in edge.get("fill"))
    if largest:
        return near and abs(strength - 0.55 * min(1, abs(value) / largest)) < 0.0051
    return near and (strength > 0) == (abs(value) > 0.009)


# ---- formulas
SIGNS = str.maketrans({"·": "*", "×": "*", "\N{MINUS SIGN}": "-", "²": "**2"})
FUNCTIONS = {"tanh": math.tanh, "exp": math.exp, "σ": lambda a: 1 / (1 + math.exp(-a)), "__builtins__": {}}


def unit(words):
    """(the number written, the unit of its last digit; of a whole number that of its third digit)."""
    written = words.replace("\N{MINUS SIGN}", "-").replace(",", "")
    mantissa, _, exponent = written.partition("e")
    decimals = len(mantissa.partition(".")[2]) if exponent or "." in mantissa else 3 - len(mantissa.lstrip("-"))
    return float(written), 10.0 ** (int(exponent or 0) - decimals)


def explains(part, parts):
    """Whether a part's formula gives its number, as exactly as the numbers written allow."""
    formula, ids = part.element.get("data-formula"), []

    def name(found):
        ids.append(found[1])
        return f"(n[{len(ids) - 1}])"

    code = compile(re.sub(r"{([^}]+)}", name, formula).translate(SIGNS), formula, "eval")
    numbers, units = zip(*(unit(parts[id].words) for id in ids), strict=True) if ids else ((), ())

    def value(at):
        return eval(code, FUNCTIONS | {"n": at})

    middle = value(numbers)
    moved = [
        abs(value([*numbers[:n], numbers[n] + side * half / 2, *numbers[n + 1 :]]) - middle)
        for n, half in enumerate(units)
        for side in (-1, 1)
    ]
    slack = sum(max(pair) for pair in zip(moved[::2], moved[1::2], strict=True))
    shown, last = unit(part.words)
    return abs(shown - middle) <= 1.2 * slack + 0.51 * last
