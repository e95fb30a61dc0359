"""What a learner may type into chapter 5's explorers: a text, the name of a file, or nothing; the rest is refused in words."""

import pytest

from lecture_utils import textmodel
from lecture_utils.chapters.lstm import explorers as explore


def test_a_text_that_is_too_short_is_refused_and_the_picture_stays():
    panel = explore.gates()
    caption = panel.caption
    panel.text.value = "a"
    assert panel.caption == caption
    assert "at least 2 characters" in repr(panel)
    panel.text.value = "ab"
    assert "at least 2 characters" not in repr(panel)
    assert panel.data.chars == "ab"


def test_half_a_character_is_refused():
    with pytest.raises(explore.Refusal, match="surrogate"):
        explore.source("ab\ud800")


def test_the_name_of_a_file_stands_for_its_text(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("그리고 나서", encoding="utf-8")
    panel = explore.colour(text=str(path))
    assert panel.data.chars == "그리고 나서"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(explore.Refusal, match=r"own\.txt"):
        explore.source(str(path))


def test_a_decomposed_text_is_composed():
    assert explore.gates(text="\u1112\u1161\u11ab \u1100\u1173\u11af").data.chars == "한 글"


def test_nothing_stands_for_the_prose():
    assert explore.source("  ").text == textmodel.prose()


def test_a_caption_of_the_highway_says_when_the_lstm_is_behind():
    assert explore.say_highway(explore.compute_highway(0.0, 100, 0))[0] == "behind"
    assert explore.say_highway(explore.compute_highway(1.0, 100, 0))[0] == "ahead"
