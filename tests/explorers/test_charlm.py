"""What a learner may type into chapter 2's explorers: words of any script, words and rates that cannot be used."""

import unicodedata

import numpy as np
import pytest

from lecture_utils.chapters.charlm import explorers as explore
from lecture_utils.drawing.diagram import letter

DECOMPOSED = unicodedata.normalize("NFD", "안녕하세요")


@pytest.fixture
def panel():
    return explore.training()


def test_a_korean_word_is_read_composed_and_needs_no_memory(panel):
    panel.word.value = DECOMPOSED
    assert (panel.numbers["letters"], panel.numbers["V"], panel.numbers["floor"]) == (5, 5, 0)
    assert "NFC" in panel.caption and "memory is not needed" in panel.caption
    drawn = [artist.get_text() for artist in panel.canvas.figure.axes[0].texts]
    assert all(letter(char) in drawn for char in "안녕하세요")


def test_code_points_stand_for_letters_that_no_font_of_the_lecture_has(panel):
    panel.word.value = "犬猫"
    drawn = [artist.get_text() for artist in panel.canvas.figure.axes[0].texts]
    assert "72AC" in drawn and "732B" in drawn
    assert "犬" not in drawn and "犬" in panel.caption


@pytest.mark.parametrize("word", ["", "h", "hello, world", "\ud83d\ud83d"])
def test_a_word_that_cannot_be_used_is_refused_and_nothing_is_lost(panel, word):
    before = panel.caption
    panel.word.value = word
    assert panel.caption == before
    assert panel.word.value == word
    assert "hello" in repr(panel).removeprefix(panel.title).removeprefix(before)
    panel.word.value = "hi"
    assert panel.numbers["letters"] == 2


@pytest.mark.parametrize("rate", ["", "fast", "0", "-0.1", "nan", "inf"])
def test_a_rate_that_cannot_be_used_is_refused(panel, rate):
    before = repr(panel)
    panel.rate.value = rate
    assert repr(panel).startswith(before) and "The rate must be" in repr(panel)
    panel.rate.value = "0.2"
    assert repr(panel) == before


def test_a_rate_out_of_all_bounds_stops_and_keeps_the_last_good_weights(panel):
    panel.rate.value = "1e30"
    panel.run.run_to_end()
    assert panel.run.state == "failed"
    assert (panel.run.done, panel.numbers["step"]) == (0, 0)
    assert "stopped at update 1" in repr(panel)
    assert np.isfinite(panel.data.probs).all()
    panel.rate.value = "0.1"
    panel.run.run_to_end()
    assert panel.numbers["loss"] < 0.01 and "stopped" not in repr(panel)


@pytest.mark.parametrize("corner", [(1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0.95, 0.2)])
def test_the_label_of_a_state_stands_inside_the_axes_even_in_a_corner(corner):
    others = np.zeros((3, 2))
    x, y = explore._beside(np.array(corner, float), others, len("second l"))
    assert abs(x) <= 0.84 and abs(y) <= 1.02
