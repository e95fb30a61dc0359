"""What is around the widgets: one style, one script, and a widget that holds both; nothing of it stands in any HTML."""

import re
from pathlib import Path

import pytest

import lecture_utils
from lecture_utils.chapters import hospital, lstm, quiz, rnn, start
from lecture_utils.drawing import style
from lecture_utils.widgets import base

SOURCES = sorted(Path(lecture_utils.__file__).parent.rglob("*.py"))
WIDGETS = [rnn.step, lstm.guess_state, quiz.summary, lambda: quiz.chapter("rnn"), hospital.ward, start.echo,
           start.projector]  # fmt: skip


@pytest.mark.parametrize("make", WIDGETS)
def test_every_widget_holds_its_page(make):
    widget = make()
    assert [child for child in widget.children if isinstance(child, base.Page)] == [widget.page]
    assert widget.page.layout.display == "none"


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.stem)
def test_no_script_and_no_style_stands_in_the_html_of_a_widget(file):
    assert not re.search(r"<script|<style|\bon(load|click|error)=", file.read_text(encoding="utf-8"))


def test_the_script_is_one_short_file():
    lines = base.SCRIPT.splitlines()
    assert len(lines) <= 700 and max(map(len, lines)) <= 120
    assert [file.name for file in Path(base.__file__).parent.glob("*.js")] == ["lecture.js"]


def test_every_colour_of_a_diagram_has_a_value_on_a_light_and_on_a_dark_page():
    light, dark = re.findall(r"^(.*)\{ (--l-.*) \}$", base.STYLE, re.MULTILINE)
    assert "light" not in light[0] and 'theme-light="false"' in dark[0]
    for n, (_, values) in enumerate((light, dark)):
        assert dict(re.findall(r"--l-(\w+): (#\w+);", values)) == {
            name: both[n] for name, both in style.DIAGRAM.items()
        }
    assert set(re.findall(r"var\(--l-(\w+)", base.STYLE)) <= set(style.DIAGRAM)
