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
        look = look | {key: value for key, value in element.attrib.items() if key.startswith("font")}
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
    left = float(text.get("x")) - pen * {None: 0, "middle": 0.5, "end": 1}[text.get("text-anchor")]
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


def shows(part, expected):
    """Whether a part shows what it should: a number to the last digit written, words, whether it can be seen (a bool),
    some of its attributes (a dict), or a number or words on the tint that the number has if a given one has the strongest.
    """
    if isinstance(expected, bool):
        return part.visible == expected
    if isinstance(expected, dict):
        return part.visible and all(agree(part.element.get(key), value) for key, value in expected.items())
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
    edge = part.element.find(f"{SVG}rect")
    if edge is None or edge.get("fill-opacity") is None:
        return near
    strength, side = float(edge.get("fill-opacity")), "orange" if value > 0 else "blue"
    near = near and (strength < 0.006 or side in edge.get("fill"))
    if largest:
        return near and abs(strength - 0.55 * min(1, abs(value) / largest)) < 0.0051
    return near and (strength > 0) == (abs(value) > 0.009)


def worked_out(formula, expected):
    """The number that a part's formula gives with what the parts in it should show, all digits of it."""
    formula = re.sub(r"{([^}]+)}", lambda place: f"({exact(expected[place[1]])!r})", formula)
    functions = {"tanh": math.tanh, "σ": lambda a: 1 / (1 + math.exp(-a))}
    return eval(formula.replace("·", "*").replace("\N{MINUS SIGN}", "-"), functions)


def exact(expected):
    """The number that a part should show."""
    expected = expected[0] if isinstance(expected, tuple) else expected
    return float(expected.replace(",", "") if isinstance(expected, str) else expected)
