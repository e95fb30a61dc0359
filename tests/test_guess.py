"""Drawn guesses: what can be drawn, what is said of it, and that nothing of the true curve is there before the commit."""

import importlib
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from oracles.guesses import CURVES, compare

from lecture_utils import texts
from lecture_utils.widgets import guess as guesses
from lecture_utils.widgets.engine import Refusal
from lecture_utils.widgets.guess import Drawing, Guess

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SENTENCES = {
    "try.title": "What does it do?",
    "try.x": "steps",
    "try.y": "$y_n$",
    "try.at": "step {x}",
    "try.constant": "Level: {guess_end}.",
    "try.straight": "Straight: {guess_end}.",
    "try.right": "Right: {truth_end}.",
}
FALLS = (4.0, 2.0, 1.0, 0.5, 0.25, 0.125)


@pytest.fixture(autouse=True)
def sentences(monkeypatch):
    known = texts.table("en")
    monkeypatch.setattr(texts, "table", lambda language: known | SENTENCES)


def spec(truth=lambda: FALLS, log=False):
    axes = {"x": tuple(range(0, 12, 2)), "y": (-1.0, 4.0), "tick": 1, "step": 0.5, "quantity": "hidden", "log": log}
    return Guess(name="try", truth=truth, **axes)


def said(guess, **more):
    """The sentences on a guess, and the widget."""
    panel = Drawing(spec(**more))
    panel.draw(guess)
    panel.commit()
    return panel.picture.caption, panel


def made(name):
    """The widget of one of the lecture's guesses."""
    chapter, _, short = name.partition(".")
    return getattr(importlib.import_module(f"lecture_utils.chapters.{chapter}"), short)()


def forms(panel):
    """All that leaves the kernel: traits and the forms that are stored."""
    bundle = {kind: form for kind, form in panel._repr_mimebundle_().items() if "widget" not in kind}
    state = {
        key: panel.picture.get_state()[key] for key in ("svg", "patch", "words", "alt", "caption", "line", "drawn")
    }
    return json.dumps([bundle, state, repr(panel)])


# ---- what can be drawn
def test_a_guess_is_drawn_committed_and_taken_back():
    panel = Drawing(spec())
    fresh = forms(panel)
    assert panel.values == [None] * 6 and panel.truth is None and panel.numbers == {}
    panel.draw([3, None, 2, None, None, 1])
    assert panel.values == [3, None, 2, None, None, 1]
    panel.commit()
    assert panel.values == pytest.approx([3, 2.5, 2, 5 / 3, 4 / 3, 1])  # straight between the points that are set
    assert list(panel.truth) == list(FALLS) and panel.numbers["apart"] == pytest.approx(7 / 6)
    before = forms(panel)
    panel.commit()
    assert forms(panel) == before
    panel.reset()
    assert forms(panel) == fresh and panel.truth is None and panel.numbers == {}
    panel.draw([None, 2, None, 3, None, None])
    panel.commit()
    assert panel.values == [2, 2, 2.5, 3, 3, 3]  # level at both ends


@pytest.mark.parametrize(
    ("values", "why"),
    [([1.0] * 5, "5 heights, expected 6"), ([], "0 heights"), ([0.0] * 5 + [4.1], "numbers from -1.0 to 4.0"),
     ([-1.1] + [0.0] * 5, "from -1.0"), ([float("nan")] * 6, "heights are"), ([float("inf")] * 6, "heights are")],
)  # fmt: skip
def test_what_is_no_curve_on_the_axes_is_refused(values, why):
    panel = Drawing(spec())
    panel.draw([1] * 6)
    with pytest.raises(ValueError, match=why):
        panel.draw(values)
    assert panel.values == [1] * 6


def test_a_committed_guess_is_not_drawn_over():
    _, panel = said([1] * 6)
    with pytest.raises(ValueError, match="committed"):
        panel.draw([2] * 6)
    panel.picture.set_state({"drawn": [2] * 6})  # a stroke that the commit has overtaken
    assert panel.values == [1] * 6


@pytest.mark.parametrize("values", [[None] * 6, [None, 1, None, None, None, None]])
def test_less_than_two_points_are_no_guess(values):
    panel = Drawing(spec(truth=lambda: pytest.fail("computed")))
    panel.draw(values)
    with pytest.raises(Refusal, match="two points"):
        panel.commit()
    panel.picture.set_state({"asks": "commit"})
    assert "two points" in panel.picture.caption and panel.picture.asks == "" and panel.values == values


def test_the_page_draws_commits_and_resets():
    panel = Drawing(spec())
    panel.picture.set_state({"drawn": [4, 2, 1, 0.5, 0, 0], "asks": "commit"})
    assert panel.truth is not None and panel.picture.asks == "" and panel.values == [4, 2, 1, 0.5, 0, 0]
    panel.picture.set_state({"asks": "reset"})
    assert panel.truth is None and panel.picture.asks == "" and panel.values == [None] * 6


# ---- nothing to peek at
def test_nothing_of_the_true_curve_leaves_before_the_commit():
    def forbidden():
        raise AssertionError("computed before the commit")

    panels = [Drawing(spec(truth)) for truth in (forbidden, lambda: FALLS)]
    for values in ([None] * 6, [3.0, 2, 2, 1, 1, 0]):
        for panel in panels:
            panel.draw(values)
        one, other = map(forms, panels)
        assert one == other and "truth" not in one and "data-true" not in one
        assert "guess is asked for" in repr(panels[0])
        assert set(panels[0].picture.keys) <= {*guesses.Picture(None, {}).keys, "kind", "drawn", "asks"}
    panels[1].commit()
    assert "data-true" in forms(panels[1])
    with pytest.raises(AssertionError, match="before the commit"):
        panels[0].commit()


def test_the_stored_picture_is_the_empty_axes_until_something_is_drawn():
    panel = Drawing(spec())
    assert svg_parts(panel)["drawn"].get("display") == "none"
    panel.draw([1, None, 2, 2, None, 0])
    parts = svg_parts(panel)
    assert parts["drawn"].get("display") is None
    assert [n for n in range(6) if parts[f"at_{n}"].get("opacity") == "0"] == [1, 4]


# ---- what is said
CLOSE = "Your curve lies on the true one: even where they are furthest apart, at"


@pytest.mark.parametrize(
    ("guess", "log", "sentence"),
    [
        ([4, 2, 1, 1, 1, 1], False, "On average you are 0.35 off, most at step 10: you drew 1, it is 0.125."),
        ([4, 2, 1, 0.5, 0.25, 0.125], False, f"{CLOSE} step 0, you drew 4 and it is 4."),
        ([4, 2, 1, 0.5, 0.25, 0.1], True, f"{CLOSE} step 10, you drew 10^0.1 and it is 10^0.1."),
        ([4, 2, 1, 0.5, 0.25, -1], True, "At step 10 you drew 10^-1, it is 10^0.1: one power of ten."),
        ([4, 2, 1, 0.5, 1.75, 0.125], True, "At step 8 you drew 10^1.8, it is 10^0.2: 2 powers of ten."),
        ([-1, 2, 1, 0.5, 0.25, 0.125], True, "At step 0 you drew 10^-1, it is 10^4: 5 powers of ten."),
    ],
)
def test_the_distance_in_words(guess, log, sentence):
    assert said(guess, log=log)[0].startswith(sentence)


@pytest.mark.parametrize(
    ("guess", "same"),
    [([4, 3, 2, 1, 0.5, 0], 5), ([0, 1, 2, 3, 3.5, 4], 0), ([1] * 6, 0), ([4, 3, 3, 2, 3, 2], 3)],
)
def test_where_the_guess_goes_the_way_of_the_truth(guess, same):
    assert f" In {same} of 5 intervals your curve goes" in said(guess)[0]


@pytest.mark.parametrize(
    ("guess", "reply"),
    [
        ([2] * 6, "Level: 2."),
        ([2.1, 2, 2, 2, 2, 2.2], "Level: 2.2."),
        ([4, 3.2, 2.4, 1.6, 0.8, 0], "Straight: 0."),
        ([0, 1, 2, 3, 3.5, 4], "Straight: 4."),
        ([3, 2, 1.5, 1, 1, 1], "Right: 0.125."),
        ([4, 4, 4, 3.5, 2, 0], ""),  # bent the other way
        ([0, 3, 0, 3, 0, 3], ""),
        ([2, 4, 4, 4, 4, 2], ""),
    ],
)
def test_a_typical_guess_has_its_reply(guess, reply):
    assert said(guess)[0].endswith(f"(up, down or level). {reply}".strip())


def test_a_straight_truth_makes_a_straight_guess_right():
    line = [4, 3, 2, 1, 0, -1]
    assert said([3, 2.5, 2, 1.5, 1, 0.5], truth=lambda: line)[0].endswith("Right: -1.")
    assert said(line[::-1], truth=lambda: line)[0].endswith("Straight: 4.")
    assert said([1] * 6, truth=lambda: [2] * 6)[0].endswith("Right: 2.")


def test_two_curves_are_compared_as_plain_loops_compare_them():
    rng, seen = np.random.default_rng(0), set()
    for _ in range(600):
        ways = [lambda x: 0 * x, lambda x: x, lambda x: x**3, lambda x: x**0.3, lambda x: np.sin(9 * x)]
        x = np.linspace(0, 1, rng.integers(3, 22))
        curves = [
            rng.uniform(-3, 3) + rng.uniform(-3, 3) * ways[rng.integers(5)](x) + rng.normal(0, 0.02, len(x))
            for _ in range(2)
        ]
        found, wanted = guesses.compare(*curves, 6.0), compare(*map(list, curves), 6.0)
        sizes = {key: pytest.approx(wanted[key]) for key in ("apart", "mean")}
        assert found == wanted | sizes
        seen.add(found["typical"])
    assert seen == {"", "constant", "straight", "right"}


# ---- what is drawn
def svg_parts(panel):
    """The parts of the stored picture by id."""
    svg = ElementTree.fromstring(panel._repr_mimebundle_()["image/svg+xml"])
    return {part.get("data-id"): part for part in svg.iter() if part.get("data-id")}


def heights(parts, points):
    """(x from 0 to 1, the height on the axes) of points in pixels, by where the axes stand."""
    pad = {key: float(parts["pad"].get(key)) for key in ("x", "y", "width", "height", "data-low", "data-high")}
    for x, y in points:
        up = 1 - (y - pad["y"]) / pad["height"]
        yield (x - pad["x"]) / pad["width"], pad["data-low"] + up * (pad["data-high"] - pad["data-low"])


def path(part):
    return [tuple(map(float, one.split())) for one in part.get("d")[1:].split("L")]


@pytest.mark.parametrize("log", [False, True])
def test_guess_and_truth_stand_where_they_should(log):
    guess = [3.5, 3, 2, -1, 0, 1]
    parts = svg_parts(said(guess, log=log)[1])
    across = [n / 5 for n in range(6)]
    points = [(float(parts[f"at_{n}"].get("cx")), float(parts[f"at_{n}"].get("cy"))) for n in range(6)]
    for shown, wanted in ((path(parts["drawn"]), guess), (points, guess), (path(parts["truth"]), FALLS)):
        np.testing.assert_allclose(list(heights(parts, shown)), list(zip(across, wanted, strict=True)), atol=0.01)
    assert parts["at_2"].get("data-at") == "step 4"
    assert parts["at_2"].get("data-true") == ("it is 10^1" if log else "it is 1")
    words = ["".join(part.itertext()).strip("\u200b") for part in parts.values() if part.tag.endswith("text")]
    assert words[:6] == (["10−1", "100", "101", "102", "103", "104"] if log else ["-1", "0", "1", "2", "3", "4"])
    assert words[6:8] == ["0", "10"]  # below the axis, every fifth


# ---- the lecture's guesses
@pytest.mark.parametrize("name", CURVES)
def test_a_true_curve_is_that_of_plain_loops(name):
    panel = made(name)
    truth, wanted = np.asarray(panel.spec.truth()), CURVES[name]()
    np.testing.assert_allclose(truth, wanted, rtol=1e-6, atol=1e-8)
    low, high = panel.spec.y
    assert low <= truth.min() and truth.max() <= high and len(truth) == len(panel.values)
    assert len(set(np.diff(panel.spec.x))) == 1
    for number in (panel.spec.tick, panel.spec.step):
        assert (high - low) / number == pytest.approx(round((high - low) / number))


@pytest.mark.parametrize("name", CURVES)
def test_each_of_the_lectures_guesses_has_all_its_replies(name):
    panel = made(name)
    low, high = panel.spec.y
    n, truth, middle = len(panel.values), CURVES[name](), (low + high) / 2
    typical = {"constant": [middle] * n, "straight": np.linspace(low, high, n), "right": truth}
    for reply, guess in typical.items():
        panel.reset()
        panel.draw(guess)
        panel.commit()
        assert panel.numbers["typical"] == reply
        assert panel.picture.caption.endswith(panel.spec.text(reply, **panel.numbers))
        assert "  " not in panel.picture.caption and panel.spec.text("title").endswith("?")


@pytest.mark.parametrize("name", CURVES)
def test_nothing_before_a_guess_holds_its_answer(name):
    """Of its own section: no text, no output and no code has the number at which the true curve ends."""
    (found,) = (p for p in NOTEBOOKS.glob("*.ipynb") if f"chapters.{name}()" in p.read_text(encoding="utf-8"))
    before = []
    for cell in json.loads(found.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if source == f"chapters.{name}()":
            break
        before.append(re.split(r"^(?=## )", source, flags=re.MULTILINE)[-1] if "## " in source else source)
        if "## " in source:
            before = before[-1:]
        before += [
            "".join(out.get("text", out.get("data", {}).get("text/plain", ""))) for out in cell.get("outputs", ())
        ]
    assert before[0].startswith("## ")
    truth = np.asarray(CURVES[name]())
    ends = {f"{abs(truth[-1]):.3g}", f"{abs(truth[-1]):.2g}", f"{truth[len(truth) // 2]:.2g}"}
    assert not [end for end in ends if end in "\n".join(before)]
    assert not re.search(r"vanish|floor|f\^n", "\n".join(before))
