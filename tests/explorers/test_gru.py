"""The explorers of chapter 6; which sentence is chosen, and what the charts show when a film has run on."""

import random
from fractions import Fraction

import pytest
from explorers.checks import Checks, close, oracle, pytest_generate_tests, shows, tried  # noqa: F401 (pytest calls one)

from lecture_utils.chapters.gru import explorers as explore
from lecture_utils.drawing.canvas import Canvas
from lecture_utils.widgets.engine import REGISTRY


class TestGru(Checks):
    chapter = "gru"


# ---- which sentence is chosen
def said(spec, values):
    """The branch of the caption."""
    branch = spec.say(spec.scene(values))
    return branch[0] if isinstance(branch, tuple) else branch


def test_an_average_keeps_all_or_replaces_all_exactly_where_one_step_leaves_all_or_nothing():
    spec, chance = REGISTRY["gru.average"], random.Random(0)
    for percent in [*range(101), *[0, 100] * 20]:
        values = {"z": percent / 100, "n": chance.randint(0, 30), "h_0": chance.randint(-10, 10) / 10}
        values |= {"signal": chance.choice(["zero", "one", "noise"])}
        assert said(spec, values) == {0: "keep", 100: "replace"}.get(percent), values


def test_the_two_resets_are_called_equal_exactly_where_they_are():
    """In fractions: no difference is lost or made by rounding."""
    spec, chance, found = REGISTRY["gru.reset"], random.Random(0), set()
    starts = {control.name: control.start for control in spec.controls}
    W = [[Fraction("0.9"), Fraction("-0.6")], [Fraction("0.4"), Fraction("0.8")]]

    def agree(r0, r1, h0, h1, b):
        r0, r1, h0, h1, b = (Fraction(str(number)) for number in (r0, r1, h0, h1, b))
        before = [row[0] * r0 * h0 + row[1] * r1 * h1 + b for row in W]
        after = [r * (row[0] * h0 + row[1] * h1 + b) for r, row in zip((r0, r1), W, strict=True)]
        return before == after

    tries = [starts | preset for preset in [{}, *spec.presets.values()]]
    tries += [
        {"r0": chance.randint(0, 20) / 20, "r1": chance.randint(0, 20) / 20}
        | {name: chance.randint(-10, 10) / 10 for name in ("h0", "h1", "b")}
        for _ in range(500)
    ]
    for values in tries:  # each also with what makes the two forms equal, or nearly so
        for tie in ({}, {"r1": values["r0"]}, {"b": 0.0}, {"r1": values["r0"], "b": 0.0}, {"h0": 0.0, "h1": 0.0}):
            branch = said(spec, values | tie)
            assert branch == ("same" if agree(**values | tie) else None), values | tie
            found.add((branch, *tie))
    assert len(found) == 9  # both sentences everywhere, but equal gates without a bias always agree


def test_the_sentence_of_the_cost_has_times_exactly_where_some_were_measured():
    spec, chance = REGISTRY["gru.cost"], random.Random(0)
    for _ in range(5):
        values = {name: chance.randint(1, 16) for name in ("V", "H", "B")}
        film = tried("gru.cost").arguments(values, frames=3)["film"]
        for frame in range(3):
            assert said(spec, values | {"film": film, "frame": frame}) == ("timed" if frame > 0 else None)


def test_the_cost_says_when_several_threads_may_have_been_at_work(monkeypatch):
    spec, values = REGISTRY["gru.cost"], {"V": 3, "H": 2, "B": 1}
    film = tried("gru.cost").arguments(values, frames=2)["film"]
    monkeypatch.setattr(explore, "one_thread", lambda: False)
    assert (
        said(spec, values | {"film": film, "frame": 1}) == "threads"
        and said(spec, values | {"film": film, "frame": 0}) is None
    )


# ---- what the charts show where a film has run on and is scrubbed back
MADE_UP = [{}, {"rnn": 2e-6, "gru": 1.3e-5, "lstm": 1.8e-5}, {"rnn": 2e-6, "gru": 1.1e-5, "lstm": 1.2e-5}]


@pytest.mark.parametrize(
    ("name", "moved", "film"),
    [
        ("gru.gates", {"example": 7, "unit": 5}, None),
        ("gru.adding", {}, None),  # until all have solved the task
        ("gru.cost", {"V": 3, "H": 2, "B": 1}, MADE_UP),  # times far longer than the RNN's
    ],
)
def test_caption_and_chart_of_a_film_that_has_run_on_are_those_of_plain_loops(name, moved, film):
    spec = REGISTRY[name]
    canvas = Canvas(spec.picture, spec.size)
    canvas._keep_still_parts = canvas._keep_moving_parts = lambda: None
    values = tried(name).start | moved
    values = values | {"film": film} if film else tried(name).arguments(values, frames=spec.budget + 1)
    last = len(values["film"]) - 1
    for frame in (last, last // 2, 0):
        arguments = values | {"frame": frame}
        scene = spec.scene(arguments)
        expected, (_, numbers) = oracle("gru").ORACLES[name](**arguments), spec.caption(scene)
        assert all(close(number, expected[key]) for key, number in numbers.items())
        canvas.move(scene) if hasattr(canvas, "bound") else canvas.draw(scene)
        for (artist, _), what in zip(canvas.bound, oracle("gru").PICTURES[name](**arguments), strict=True):
            assert shows(artist, what), f"{artist} of frame {frame} does not show {what}"
