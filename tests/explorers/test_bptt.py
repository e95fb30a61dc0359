"""The explorers of chapter 3."""

import itertools
import random
import re

import pytest
from explorers import diagrams
from explorers.checks import Checks, oracle, pytest_generate_tests, settings  # noqa: F401 (pytest calls the third)

from lecture_utils import texts
from lecture_utils.widgets.engine import REGISTRY, Explorer, Slider


class TestBptt(Checks):
    chapter = "bptt"


# ---- which sentence is chosen
def graph_sentence(walk, **others):
    """Three steps forward; then back, at each step first h, then a."""
    return ["start", "forward", "forward", "forward", "h", "a", "h", "a", "h", "a"][walk]


def check_sentence(**values):
    return "fails" if oracle("bptt").ORACLES["bptt.gradient_check"](**values)["count"] else "passes"


def truncation_sentence(form, **others):
    return form


def training_sentence(form, k, delay, **others):
    """Whether the path from some loss back to the letter it asks for is kept."""
    asked = [(t, t - delay) for t in range(delay, 12)]
    spans = any(t // k == s // k if form == "pieces" else t - s < k for t, s in asked)
    return "long" if spans else "short"


def drawn(control, chance):
    """Any value of a control; its ends, its start and 0 more often than others."""
    values = settings(control)
    if isinstance(control, Slider):
        anywhere = control.low + control.step * chance.randint(0, round((control.high - control.low) / control.step))
        anywhere = int(anywhere) if isinstance(control.start, int) else round(anywhere, 10)
        values += [anywhere] * 3 + [type(control.start)(0)] * (control.low <= 0 <= control.high)
    return chance.choice(values)


SENTENCES = {
    "bptt.graph": (graph_sentence, {"start", "forward", "h", "a"}),
    "bptt.gradient_check": (check_sentence, {"passes", "fails"}),
    "bptt.truncation": (truncation_sentence, {"pieces", "window"}),
    "bptt.training": (training_sentence, {"short", "long"}),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_the_sentence_is_the_one_that_is_true(name):
    """At the start, the presets, and random settings in which ends, ties and starts are frequent; none says "-0"."""
    spec, chance, (sentence, all_of_them) = REGISTRY[name], random.Random(name), SENTENCES[name]
    start, seen = {control.name: control.start for control in spec.controls}, set()
    anywhere = [{control.name: drawn(control, chance) for control in spec.controls} for _ in range(300)]
    for values in [start, *(start | preset for preset in spec.presets.values()), *anywhere]:
        if spec.film:
            values["film"], values["frame"] = [next(spec.film(**values))], 0
        caption, numbers = spec.caption(spec.scene(values))
        branch = sentence(**values)
        assert caption == texts.text(f"{name}.caption.{branch}", **numbers), values
        assert not re.search(r"-0(?!\.?\d)", caption), values
        seen.add(branch)
    assert seen == all_of_them


def test_each_number_of_the_toy_is_what_its_formula_says():
    spec, chance = REGISTRY["bptt.toy"], random.Random(0)
    for _ in range(200):
        values = {control.name: drawn(control, chance) for control in spec.controls}
        parts, _ = diagrams.read(spec.diagram(spec.scene(values)))
        made = {id for id, part in parts.items() if part.element.get("data-formula")}
        assert {"h_1", "a_3", "part1", "dh3_dw", "part2.3"} <= made and "part1.5" not in made
        assert all(diagrams.explains(parts[id], parts) for id in made), values


# ---- the paths and the scissors
def test_a_cut_is_named_where_it_lies():
    spec = REGISTRY["bptt.paths"]
    start = {control.name: control.start for control in spec.controls}
    for n, t, s in itertools.product(range(32), range(1, 7), range(1, 7)):
        cuts = tuple(step for step in range(1, 6) if n >> step - 1 & 1)
        caption, _ = spec.caption(spec.scene(start | {"t": t, "s": s, "cuts": cuts}))
        between = any(min(s, t) <= cut and cut + 1 <= t for cut in cuts)
        assert caption.startswith("A cut lies" if between else "From step")
        assert ("no cut lies" in caption) == (bool(cuts) and not between)
        assert ("Nothing is cut" in caption) == (not cuts)


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
