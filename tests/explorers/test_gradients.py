"""The explorers of chapter 4; which sentence is chosen, and what the charts show when a film has run on."""

import math
import random
from types import SimpleNamespace

import numpy as np
import pytest
from explorers.checks import (  # noqa: F401 (pytest calls the fifth)
    FRAMES,
    Checks,
    Claims,
    close,
    oracle,
    pytest_generate_tests,
    settings,
    shows,
    tried,
)

from lecture_utils.drawing.canvas import Canvas
from lecture_utils.drawing.chart import Trail, size
from lecture_utils.widgets.engine import REGISTRY

loops = oracle("gradients")


class TestGradients(Checks, Claims):
    chapter = "gradients"


# ---- what the text says of a picture
@pytest.mark.parametrize("x", [0.0, 1.0, -0.5])
def test_the_map_of_tanh_is_red_on_the_line_of_exact_balance_only(x):
    for T in (5, 8, 20, 50, 100):
        explodes = REGISTRY["gradients.regimes"].compute("tanh", T, x, 3.0, 1.0)["logs"] > 3
        assert {b for b, row in zip(loops.B_GRID.round(3), explodes, strict=True) if row.any()} == {-2 * x}


# ---- what float64 cannot hold
def test_a_size_is_written_with_its_first_digits_whatever_its_exponent():
    chance = random.Random(0)
    for log10 in [-math.inf, -3.0, 4.0, 0.0, -0.0, *(chance.uniform(-scale, scale) for scale in [4, 400, 7000] * 300)]:
        for digits in (2, 3):
            assert size(log10, digits) == loops._size(log10, digits), log10


# ---- what the charts show where a film has run on and is scrubbed back
@pytest.mark.parametrize(
    ("name", "moved", "frames"),
    [
        ("gradients.cliff", {}, 61),  # to the end
        ("gradients.cliff", {"limit": 5.0, "rate": 0.5}, 61),
        ("gradients.cliff", {"clip": "value", "w_start": 4.0, "T": 50}, 61),
        ("gradients.adding", {"T": 10}, FRAMES),
        ("gradients.patient", {"T": 10}, FRAMES),
    ],
)
def test_a_film_that_has_run_on_and_is_scrubbed_back_is_that_of_plain_loops(name, moved, frames):
    spec = REGISTRY[name]
    canvas = Canvas(spec.picture, spec.size)
    canvas._keep_still_parts = canvas._keep_moving_parts = lambda: None
    arguments = tried(name).arguments(tried(name).start | moved, frames)
    for frame in (frames - 1, frames // 2, 0):
        arguments["frame"] = frame
        scene = spec.scene(arguments)
        expected, (_, numbers) = arguments | loops.ORACLES[name](**arguments), spec.caption(scene)
        assert all(close(number, expected[key]) for key, number in numbers.items())
        canvas.move(scene) if hasattr(canvas, "bound") else canvas.draw(scene)
        for (artist, _), what in zip(canvas.bound, loops.PICTURES[name](**arguments), strict=True):
            assert shows(artist, what), f"{artist} of frame {frame} does not show {what}"


@pytest.mark.parametrize(("name", "most"), [("flow", 11), ("matrices", 9), ("forward_side", 13)])
def test_a_short_curve_has_a_mark_at_every_step_and_a_long_one_has_few(name, most):
    spec = REGISTRY[f"gradients.{name}"]
    slider = next(control for control in spec.controls if control.name == "T")
    canvas = Canvas(spec.picture, spec.size)
    for T in (4, slider.high):
        canvas.draw(spec.scene(tried(spec.name).arguments(tried(spec.name).start | {"T": T})))
        trails = [piece for piece, _ in canvas.bound if isinstance(piece, Trail)]
        spacings = [every for trail in trails if isinstance(every := trail.curve.get_markevery(), int) and every > 0]
        spaced = [every for every in spacings if T == 4 or every > 1]  # those of single steps keep every mark
        assert spaced and all(every == 1 if T == 4 else 7 < T / every < most + 1 for every in spaced)


@pytest.mark.parametrize(("loss", "said"), [(0.051, "plateau"), (0.09, "plateau"), (0.049, "walk")])
def test_a_walk_that_has_nearly_arrived_is_not_stuck(loss, said):
    """A flat place is called a plateau only where the loss is above 0.05; walks do not come by such losses often."""
    walks = [np.full((4, 6), -4.0)] * 2  # the last row: log10 of the gradient
    for losses in ((loss, 0.0), (0.0, loss)):
        scene = SimpleNamespace(frame=5, loss=losses[0], clipped=losses[1], walks=walks)
        assert REGISTRY["gradients.cliff"].say(scene) == said
