"""The explorers of chapter 6; which sentence is chosen, and what the charts show when a film has run on."""

from itertools import cycle

import pytest
from explorers.checks import Checks, Claims, close, oracle, pytest_generate_tests, shows, tried  # noqa: F401 (pytest calls one)

from lecture_utils.chapters.gru import explorers as explore
from lecture_utils.drawing.canvas import Canvas
from lecture_utils.widgets.engine import REGISTRY


class TestGru(Checks, Claims):
    chapter = "gru"

    @pytest.fixture(autouse=True)
    def threads(self, monkeypatch):
        """numpy has one thread and several by turns, so that both sentences are said."""
        turns = cycle((True, False))
        monkeypatch.setattr(explore, "one_thread", lambda: next(turns))


# ---- which sentence is chosen
def said(spec, values):
    """The branch of the caption."""
    branch = spec.say(spec.scene(values))
    return branch[0] if isinstance(branch, tuple) else branch


@pytest.mark.parametrize(
    ("name", "moved", "number"),
    [("gru.twin", {"f": 1.0, "i": 0.1}, "c"), ("gru.reset", {"r0": 1.0, "r1": 0.3, "h0": 0.2, "h1": 1.0}, "before0")],
)
def test_what_cancels_is_0(name, moved, number):
    assert REGISTRY[name].caption(REGISTRY[name].scene(tried(name).start | moved))[1][number] == 0


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
