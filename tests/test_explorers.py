"""Every explorer there is: each control at its ends, its start and a random value; captions against plain loops.

The loops stand in oracles/explorers_CHAPTER.py and import nothing from the library. The line of Python that an explorer
shows is executed in an empty namespace and must give the number of the caption.
"""

import importlib
import math
import pkgutil
import random
from pathlib import Path

import numpy as np
import oracles
import pytest
from matplotlib.lines import Line2D

from lecture_utils import chapters, texts
from lecture_utils.drawing import style
from lecture_utils.drawing.canvas import Canvas
from lecture_utils.widgets.engine import REGISTRY, Choice, Entry, Explorer, Slider, Switch

for found in pkgutil.iter_modules(chapters.__path__):
    importlib.import_module(f"lecture_utils.chapters.{found.name}")
ORACLES = {}
for found in pkgutil.iter_modules(oracles.__path__, "oracles."):
    if found.name.startswith("oracles.explorers_"):
        ORACLES |= importlib.import_module(found.name).ORACLES

NAMES = sorted(REGISTRY)
PIXEL = 1 / style.PIXELS_PER_INCH


def settings(control):
    """The values a control is tried at: its ends, its start, a random one."""
    chance = random.Random(control.name)
    if isinstance(control, Slider):
        steps = round((control.high - control.low) / control.step)
        anywhere = control.low + control.step * chance.randint(0, steps)
        values = [control.low, control.start, control.high, anywhere]
        return [int(value) if isinstance(control.start, int) else round(value, 10) for value in values]
    if isinstance(control, Choice):
        return list(control.options)
    if isinstance(control, Switch):
        return [control.start, not control.start]
    return [control.start]


class Panels(dict):
    """One panel per explorer, made when first asked for: a test begins with its reset."""

    def __missing__(self, name):
        self[name] = Explorer(REGISTRY[name])
        return self[name]


@pytest.fixture(scope="module")
def panels():
    return Panels()


def check_numbers(panel):
    """The caption's numbers are those of the plain loops, and the shown line of Python gives the main one."""
    arguments = panel.arguments
    expected = ORACLES[panel.spec.name](**arguments)
    assert panel.spec.result in expected
    for key, value in expected.items():
        shown = panel.numbers[key]
        if isinstance(value, str):
            assert shown == value, key
        else:
            assert math.isclose(shown, value, rel_tol=1e-6, abs_tol=1e-9), f"{key}: {shown}, by plain loops {value}"
    *body, last = panel.line.rstrip().split("\n")
    namespace = {}
    exec("\n".join(body), namespace)
    result = eval(last, namespace)
    main = panel.numbers[panel.spec.result]
    assert result == main if isinstance(main, str) else math.isclose(result, main, rel_tol=1e-6, abs_tol=1e-9)


@pytest.fixture
def unseen(monkeypatch):
    """Artists are made and updated, but nothing is turned into pixels: numbers are tested here, pictures below."""
    monkeypatch.setattr(Canvas, "_pixels", lambda self: b"")
    monkeypatch.setattr(Canvas, "_keep_still_parts", lambda self: None)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_gives_the_numbers_of_plain_loops(name, panels, unseen):
    spec, panel = REGISTRY[name], panels[name]
    panel.reset()
    starts = {control.name: control.start for control in spec.controls}
    tried = [{control.name: value} for control in spec.controls for value in dict.fromkeys(settings(control))]
    for values in [*tried, *spec.presets.values()]:
        panel.set(**(starts | values))
        if panel.run is not None:
            panel.run.step()
        check_numbers(panel)
        assert panel.caption and "nan" not in panel.caption, values


@pytest.mark.parametrize("name", NAMES)
def test_random_settings_of_all_controls_together(name, panels, unseen):
    spec, panel = REGISTRY[name], panels[name]
    chance = random.Random(name)
    for _ in range(4):
        panel.set(**{control.name: chance.choice(settings(control)) for control in spec.controls})
        check_numbers(panel)


@pytest.mark.parametrize("name", NAMES)
def test_reset_brings_back_caption_and_picture(name, panels):
    panel = panels[name]
    panel.reset()
    caption, picture = panel.caption, seen(panel)
    for preset in panel.spec.presets:
        panel.preset(preset)
        assert seen(panel) != b""
    panel.reset()
    assert panel.caption == caption
    assert seen(panel) == picture


@pytest.mark.parametrize("name", NAMES)
def test_each_control_moves_the_picture(name, panels):
    spec, panel = REGISTRY[name], panels[name]
    starts = {control.name: control.start for control in spec.controls}
    for control in spec.controls:
        if not isinstance(control, Entry):
            stands = [starts, *(starts | preset for preset in spec.presets.values())]
            assert any(moves(panel, control, stand) for stand in stands), control.name


def moves(panel, control, stand):
    """Whether the pictures at the control's settings differ, with all other controls where they stand."""
    pictures = set()
    for value in dict.fromkeys(settings(control)):
        panel.reset()
        panel.set(**(stand | {control.name: value}))
        if panel.run is not None:
            panel.run.step()
        pictures.add(seen(panel))
    return len(pictures) > 1


def seen(panel):
    """The picture's bytes."""
    pixels = panel.picture.png
    assert pixels.startswith(b"\x89PNG")
    return pixels


@pytest.mark.parametrize("name", [name for name in NAMES if REGISTRY[name].film])
def test_a_film_runs_to_its_end_and_can_be_scrubbed_back(name, panels):
    panel = panels[name]
    panel.reset()
    first = panel.caption
    panel.run.run_to_end()
    assert panel.run.state == "done"
    assert panel.run.done == panel.run.budget > 0
    check_numbers(panel)
    last = panel.caption
    panel.frame.value = 0
    assert panel.caption != last
    check_numbers(panel)
    panel.reset()
    assert panel.caption == first


@pytest.mark.parametrize("name", NAMES)
def test_an_explorer_is_described_whole(name):
    spec = REGISTRY[name]
    panel = Explorer(spec)
    assert 2 <= len(spec.presets) <= 4
    assert panel.title.endswith("?")
    assert repr(panel).startswith(panel.title)
    if spec.guesses:
        assert panel.caption not in repr(panel)
        panel.commit(spec.guesses[0])
    assert (texts.text(f"{name}.stored") if spec.varies else panel.caption) in repr(panel)
    assert panel.caption in panel.picture.alt
    assert "image/png" in panel._repr_mimebundle_()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_a_figure_is_smaller_than_11_points(name, panels):
    panel = panels[name]
    sizes = [
        (artist.get_fontsize(), artist.get_text())
        for artist in panel.canvas.figure.findobj(lambda artist: hasattr(artist, "get_fontsize"))
        if artist.get_text()
    ]
    assert all(size >= 11 for size, _ in sizes), [words for size, words in sizes if size < 11]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_leaves_a_figure_even_with_the_larger_text_of_a_projector(name, monkeypatch):
    monkeypatch.setattr(style, "scale", lambda: style.PROJECTOR_SCALE)
    spec = REGISTRY[name]
    panel = Explorer(spec)
    values = {control.name: settings(control) for control in spec.controls}
    starts = {control.name: control.start for control in spec.controls}
    first = {key: tried[0] for key, tried in values.items()}
    largest = {key: max(tried) for key, tried in values.items() if not isinstance(tried[0], str)}
    for tried in [{}, first, largest, *spec.presets.values()]:
        panel.set(**(starts | tried))
        if panel.run is not None:
            panel.run.step()
        for line in panel.canvas.figure.findobj(Line2D):
            line.set_in_layout(np.isfinite(line.get_xydata()).all(axis=1).any())  # an empty line counts as at (0, 0)
        with style.context():
            (left, bottom), (right, top) = panel.canvas.figure.get_tightbbox().get_points()  # inches
        width, height = spec.size
        assert min(left, bottom, width - right, height - top) > -PIXEL, tried


def test_every_explorer_has_an_oracle_and_no_text_is_left_over():
    assert set(ORACLES) == set(REGISTRY)
    for key in texts.table("en"):
        name, kind, *rest = key.split(".")
        if name in REGISTRY and kind in ("control", "option", "preset", "guess"):
            spec = REGISTRY[name]
            options = [option for control in spec.controls if isinstance(control, Choice) for option in control.options]
            known = {"control": [control.name for control in spec.controls], "option": options,
                     "preset": spec.presets, "guess": spec.guesses}  # fmt: skip
            assert rest[0] in known[kind], key


def test_oracles_know_nothing_of_the_library():
    for path in Path(oracles.__path__[0]).glob("explorers_*.py"):
        assert "lecture_utils" not in path.read_text(encoding="utf-8"), path.name
