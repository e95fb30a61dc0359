"""The explorers of chapter 3."""

import random

import pytest
from explorers import diagrams
from explorers.checks import Checks, Claims, anywhere, oracle, pytest_generate_tests  # noqa: F401 (pytest calls the last)

from lecture_utils.widgets.engine import REGISTRY, Explorer


class TestBptt(Checks, Claims):
    chapter = "bptt"


def test_each_number_of_the_toy_is_what_its_formula_says():
    spec, chance = REGISTRY["bptt.toy"], random.Random(0)
    for _ in range(200):
        values = {control.name: anywhere(control, chance) for control in spec.controls}
        parts, _ = diagrams.read(spec.diagram(spec.scene(values)))
        made = {id for id, part in parts.items() if part.element.get("data-formula")}
        assert {"h_1", "a_3", "part1", "dh3_dw", "part2.3"} <= made and "part1.5" not in made
        assert all(diagrams.explains(parts[id], parts) for id in made), values


# ---- what the text says of a picture
def test_the_gradient_is_moderate_on_the_plateau_and_huge_at_the_edge():
    size = {w: slope for w, _, slope in oracle("bptt")._cliff_curve(30, -0.2)}
    plateau = [slope for w, slope in size.items() if w <= 1.42]
    assert 0.8 < min(plateau) < 0.85 and 2.4 < max(plateau) < 2.5
    assert round(max(size.values())) == 285 and round(size[2.0], 2) == 0.01


# ---- the paths and the scissors
def test_scissors_and_clicks_do_what_the_controls_do():
    panel = Explorer(REGISTRY["bptt.paths"])
    whole = panel.numbers["rest"]
    panel.cut(3)
    assert panel.cuts.value == "3" and panel.numbers["rest"] != whole and panel.picture.selected == "cut_3"
    panel.cut(1)
    assert panel.cuts.value == "3 1" and panel.data.cuts == (1, 3)
    panel.cut(3), panel.cut(1)
    assert panel.cuts.value == "" and panel.numbers["rest"] == whole
    panel.select("loss_6"), panel.select("h_4")
    assert (panel.t.value, panel.s.value) == (6, 4) and panel.numbers["path"] == panel.data.running[4]
    panel.select("x_1")  # sets nothing
    assert (panel.t.value, panel.s.value, panel.picture.selected) == (6, 4, "x_1")
    with pytest.raises(KeyError):
        panel.select("h_9")
    panel.cuts.value = "2 seven"
    assert "seven is no step" in repr(panel) and panel.data.cuts == ()
