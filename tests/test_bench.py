"""bench/: when its figures are not to be trusted, and which sliders it measures as what."""

import importlib
from pathlib import Path

import pytest


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "bench")
    return importlib.import_module


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (1.0, "The machine was quiet (load 1.0 on 2 cores)."),
        (3.1, "The machine was busy (load 3.1 on 2 cores): do not trust these figures."),
        (None, "The load is unknown on this system"),
    ],
)
def test_a_busy_machine_is_named(load, words, bench):
    assert bench("machine").verdict(load, 2).startswith(words)


def test_the_load_before_the_first_benchmark_counts(monkeypatch, capsys, bench):
    monkeypatch.setenv("LECTURE_BENCH_LOAD", "99.5")
    with bench("machine").watched():
        print("measured")
    before, load, measured, after, verdict = capsys.readouterr().out.splitlines()
    assert before.startswith("Python ") and load.startswith("Load before: ") and measured == "measured"
    assert after.startswith("Load after: ") and "load 99.5 on" in verdict


@pytest.mark.parametrize(
    ("name", "redraw"), [("gradients.flow", ["T"]), ("gradients.geometric", []), ("rnn.chain", ["T"])]
)
def test_a_slider_that_moves_what_stands_still_is_measured_as_one_that_redraws(name, redraw, bench):
    ways = bench("latency").sliders(name)
    assert ways["redraw"] == redraw
    assert ways["plain"]
