"""Whatever a learner does with an explorer, in any order: no traceback, no nan in a caption, no lost word, no widget more."""

import importlib
import random

import ipywidgets
import numpy as np
import pytest
from explorers.checks import LONG

from lecture_utils.widgets.base import close
from lecture_utils.widgets.engine import REGISTRY, Choice, Entry, Explorer, Slider

for chapter in ("rnn", "charlm", "bptt", "gradients", "lstm", "gru"):
    importlib.import_module(f"lecture_utils.chapters.{chapter}")
SLOW = (*LONG, "gradients.adding", "gru.gates")  # a frame takes long
SAMPLE = ("rnn.chain", "charlm.training", "bptt.paths", "gradients.matrices", "lstm.highway", "gru.cell")
TYPED = (
    "",
    " ",
    "hello",
    "안녕하세요",
    "0.5 -1 9",
    "1,2,3",
    "٠.٥",
    "nan",
    "inf",
    "-0",
    "1e400",
    "<b>&{x}%s",
    "\ud800",
    "🙂" * 12,
    "a\n\0b",
)
NUMBERS = (np.nan, np.inf, -np.inf, -0.0, 1e300, -7.3, 0.123456789)


def act(panel, chance):
    """One thing that a learner can do, and what must then stand in the field that was typed into."""
    control = chance.choice([*panel.spec.controls, "preset", "reset", "step", "frame"])
    if control == "preset":
        panel.preset(chance.choice(list(panel.spec.presets)))
    elif control == "reset":
        panel.reset()
    elif control in ("step", "frame"):
        if panel.run is not None and panel.spec.name not in SLOW:
            panel.run.step() if control == "step" else setattr(panel.frame, "value", chance.randint(0, panel.frame.max))
    elif isinstance(control, Entry):
        field, typed = getattr(panel, control.name), chance.choice([*TYPED, control.start])
        field.value = typed
        assert field.value == typed
    elif isinstance(control, Slider):
        field = getattr(panel, control.name)
        if chance.random() < 0.5:
            steps = round((control.high - control.low) / control.step)
            field.value = control.low + control.step * chance.randint(0, steps)
        else:
            typed = chance.choice([*NUMBERS, control.low, control.high, chance.uniform(control.low, control.high)])
            if isinstance(control.start, int):
                typed = round(typed) if abs(typed) < 1e9 else 10**9
            field.typed.value = typed
            inside = field.min <= typed <= field.max
            assert panel.values[control.name] == pytest.approx(typed) if inside else repr(panel).count("\n") > 1
    elif isinstance(control, Choice):
        getattr(panel, control.name).value = chance.choice(control.options)
    else:
        getattr(panel, control.name).value ^= True


@pytest.mark.parametrize(
    ("name", "moves"),
    [(name, 20) for name in SAMPLE] + [pytest.param(name, 1_000, marks=pytest.mark.thorough) for name in REGISTRY],
)
def test_any_moves_in_any_order_leave_a_caption_of_numbers_and_no_widget(name, moves):
    kept, chance = ipywidgets.widgets.widget._instances, random.Random(name)
    before = len(kept)
    panel = Explorer(REGISTRY[name])
    if panel.spec.guesses:
        panel.commit(panel.spec.guesses[0])
    size = len(kept)
    for n in range(moves):
        act(panel, chance)
        assert "nan" not in panel.caption.split() and len(kept) == size, n
        assert panel.picture.caption == panel.caption in panel.picture.alt
        for control in panel.spec.controls:  # what stands beside a slider is its value, or refused
            typed = getattr(getattr(panel, control.name), "typed", None)
            assert typed is None or typed.value == panel.values[control.name] or panel._problems, (n, control.name)
    panel.reset()
    fresh = Explorer(REGISTRY[name])
    assert repr(panel).split("\n")[:2] == repr(fresh).split("\n")[:2] or panel.spec.guesses
    close(panel)
    close(fresh)
    assert len(kept) == before
