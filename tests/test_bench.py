"""bench/: when its figures are not to be trusted."""

import importlib.util
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("machine", Path(__file__).parents[1] / "bench" / "machine.py")
machine = importlib.util.module_from_spec(spec)
spec.loader.exec_module(machine)


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (1.0, "The machine was quiet (load 1.0 on 2 cores)."),
        (3.1, "The machine was busy (load 3.1 on 2 cores): do not trust these figures."),
        (None, "The load is unknown on this system"),
    ],
)
def test_a_busy_machine_is_named(load, words):
    assert machine.verdict(load, 2).startswith(words)


def test_the_load_before_the_first_benchmark_counts(monkeypatch, capsys):
    monkeypatch.setenv("LECTURE_BENCH_LOAD", "99.5")
    with machine.watched():
        print("measured")
    before, load, measured, after, verdict = capsys.readouterr().out.splitlines()
    assert before.startswith("Python ") and load.startswith("Load before: ") and measured == "measured"
    assert after.startswith("Load after: ") and "load 99.5 on" in verdict
