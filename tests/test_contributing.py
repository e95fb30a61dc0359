"""The explorer that CONTRIBUTING.md shows is whole: it runs as it stands there, and it is as short as it says."""

import re
from pathlib import Path

from lecture_utils import texts
from lecture_utils.drawing.chart import curve, ghosted, ring
from lecture_utils.widgets import engine

SHOWN = Path(__file__).parents[1].joinpath("CONTRIBUTING.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", SHOWN, re.DOTALL)


def test_the_example_runs_and_follows_its_slider(monkeypatch):
    monkeypatch.setattr(engine, "REGISTRY", {})
    names = {
        "TEXTS": {},
        "Slider": engine.Slider,
        "explorer": engine.explorer,
        "curve": curve,
        "ghosted": ghosted,
        "ring": ring,
    }
    exec(EXAMPLE, names)
    known = texts.table("en") | names["TEXTS"]
    monkeypatch.setattr(texts, "table", lambda language: known)
    panel = names["decay"]()
    assert repr(panel) == "How much is left after n steps?\nAfter 20 steps 0.122 is left."
    before = panel.picture.layer
    panel.n.value = 21
    assert panel.picture.layer != before and panel.numbers["left"] == 0.9**21
    panel.preset("open")
    assert panel.numbers["left"] == 1


def test_the_example_is_short():
    assert sum(bool(line.strip()) for line in EXAMPLE.splitlines()) <= 25
