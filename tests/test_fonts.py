"""The fonts of pictures: the same on every machine, Hangul included, and none of them the machine's own."""

from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lecture_utils.drawing import style

SHIPPED = (Path(matplotlib.get_data_path()), Path(style.__file__).parent)


def drawn(words, **look):
    """The pixels of a text in the lecture's style."""
    with style.context():
        canvas = FigureCanvasAgg(Figure(figsize=(2, 1)))
        canvas.figure.text(0.5, 0.5, words, ha="center", **look)
        canvas.draw()
        return np.array(canvas.buffer_rgba())


@pytest.mark.parametrize("name", [*style.FONTS, "DejaVu Sans Mono"])
def test_the_fonts_come_with_matplotlib_or_with_the_lecture(name):
    found = Path(font_manager.findfont(name, fallback_to_default=False))
    assert any(found.is_relative_to(folder) for folder in SHIPPED), found


def test_every_syllable_has_its_glyph():
    glyphs = font_manager.get_font(font_manager.findfont("Lecture Hangul")).get_charmap()
    assert set(range(0xAC00, 0xD7A4)) <= set(glyphs)
    assert all(map(style.has_glyph, "aλ∂∘ₜ₋✓가힣ㄱ")) and not style.has_glyph("犬")


def test_hangul_is_drawn_without_a_warning_and_not_as_an_empty_box(caplog):
    pictures = [drawn(char) for char in "가나다"]
    assert not any(np.array_equal(one, other) for one, other in pairwise(pictures))
    drawn("굵은 글씨", fontweight="bold")
    assert not caplog.records


def test_a_learners_own_settings_do_not_reach_the_pictures():
    before = drawn("h = tanh(a), 가")
    with matplotlib.rc_context({"font.family": "serif", "font.serif": ["STIXGeneral"], "font.monospace": ["cmtt10"]}):
        assert np.array_equal(drawn("h = tanh(a), 가"), before)


def test_the_renamed_font_lies_beside_its_licence():
    folder = Path(style.__file__).parent / "fonts"
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8")
    (font,) = folder.glob("*.ttf")
    assert font.stat().st_size < 2.5e6
    assert "nanum" not in font_manager.get_font(font).family_name.lower()  # the licence reserves that name
