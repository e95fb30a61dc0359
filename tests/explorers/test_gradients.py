"""The explorers of chapter 4; which sentence is chosen, and what the charts show when a film has run on."""

import math
import random
from types import SimpleNamespace

import numpy as np
import pytest
from explorers.checks import (  # noqa: F401 (pytest calls the fifth)
    FRAMES,
    Checks,
    close,
    oracle,
    pytest_generate_tests,
    settings,
    shows,
    tried,
)

from lecture_utils import texts
from lecture_utils.drawing.canvas import Canvas
from lecture_utils.drawing.chart import Trail, size
from lecture_utils.widgets.engine import REGISTRY

loops = oracle("gradients")


class TestGradients(Checks):
    chapter = "gradients"


# ---- which sentence is chosen: those that are true of the numbers of plain loops
def verdict(log10):
    """What a gradient of this size is called."""
    if log10 == -math.inf:
        return "zero"
    return "vanishes" if log10 < -3 else "explodes" if log10 > 3 else "between"


def first_guess_sentence(scene, w_hh, **others):
    gradient = loops.first_guess(w_hh, **others)["gradient"]
    return {"bounded" if w_hh <= 1 else "falls" if gradient <= 1 else "grows"}


def geometric_sentence(scene, w, n):
    size = abs(w)
    return {"zero" if size == 0 else "one" if size == 1 else "shrinks" if size < 1 else "grows"}


def flow_sentence(scene, **values):
    w, a, _ = loops._flow(**values)
    if any(math.isinf(value) for value in a):
        return {"overflow"}
    if w == 0:
        return {"no_weight"}
    if values["activation"] == "relu" and any(value <= 0 for value in a[1:]):
        return {"off"}
    return {verdict(loops.flow(**values)["log10"])}


def time_machine_sentence(scene, t, s, T, w_hh, **others):
    return {"same" if s >= min(t, T) else "zero" if w_hh == 0 else "product"}


def matrices_sentence(scene, **values):
    """It was larger on the way if even the rms singular value was above 1, and above the largest one at the end."""
    sigmas, _, states, rms = loops._matrices(**values)
    largest = loops.matrices(**values)["log10"]
    kind = verdict(largest)
    if kind != "explodes" and max(rms) > 0.1 and max(rms) > largest + 0.1:
        return {"hump"}
    steepest = max(1 - value**2 for h in states[1:] for value in h)
    return {"vanishes_above" if kind == "vanishes" and sigmas[0] * steepest > 1 else kind}


def regimes_sentence(scene, **values):
    return {verdict(loops.regimes(**values)["log10"])}


def cliff_sentence(scene, film, frame, **values):
    if frame == 0:
        return {"start"}
    walks = loops._walks(**values, frames=frame + 1)
    stay = all(norm < 1e-3 for walk in walks for *_, norm in walk)
    return {"plateau" if stay and any(walk[-1][2] > 0.05 for walk in walks) else "walk"}


def forward_side_sentence(scene, **values):
    """Each that is true of a last change within the bounds of rounding; "gone" if and only if it is written as 0."""
    measured, rounding, linear = loops._change(**values)
    true = set()
    for last in (max(0.0, measured[-1] - rounding[-1]), measured[-1] + rounding[-1]):
        if last == 0:
            true.add("gone")
        elif linear[-1] > max(1, linear[0]) and last < linear[-1] / math.sqrt(10):
            true.add("saturated")
        else:
            true.add("fades" if last < measured[0] else "grows")
    return true & {"gone"} if scene.last == "0" else true - {"gone"}


SENTENCES = {  # the function, and how many random settings it is asked about
    "gradients.first_guess": (first_guess_sentence, 300),
    "gradients.geometric": (geometric_sentence, 300),
    "gradients.flow": (flow_sentence, 300),
    "gradients.time_machine": (time_machine_sentence, 200),
    "gradients.matrices": (matrices_sentence, 150),
    "gradients.regimes": (regimes_sentence, 150),
    "gradients.cliff": (cliff_sentence, 100),
    "gradients.forward_side": (forward_side_sentence, 200),
}
TIES = [{"w_hh": 1.0, "x": 0.0, "b": 0.0}, {"w_hh": 0.0}, {"w": 0.0}, {"w": -1.0}, {"s": 15}]
TIES += [{"activation": "linear", "w_hh": w, "scale": scale, "T": T} for w, T in ((1.0, 2), (0.1, 4))
         for scale in ("one", "thousand")]  # fmt: skip
TIES += [  # held back by tanh, and smaller than at first; the derivative, too, falls in the second
    {"radius": 1.8, "drive": 0.4, "exponent": 0, "T": 100, "seed": 71},
    {"radius": 1.75, "drive": 0.6, "exponent": 0, "T": 100, "seed": 39},
]
FILM = 5  # frames that are asked about


@pytest.mark.parametrize("name", SENTENCES)
def test_the_sentence_is_the_one_that_is_true(name):
    """At the start, the presets, ties, and random settings in which the ends of controls are frequent."""
    spec, chance, (sentence, count) = REGISTRY[name], random.Random(name), SENTENCES[name]
    tries = [tried(name).start, *tried(name).presets]
    tries += [tried(name).start | tie for tie in TIES if tie.keys() <= tried(name).start.keys()]
    for _ in range(count):
        values = {}
        for control in spec.controls:
            usual = settings(control)
            if hasattr(control, "step") and chance.random() < 0.6:  # anywhere, not too often long
                place = chance.randint(0, round((control.high - control.low) / control.step))
                place = min(place, 100) if control.name == "T" else place
                usual = [type(control.start)(round(control.low + place * control.step, 10))]
            values[control.name] = chance.choice(usual)
        tries.append(values)
    said = set()
    for values in tries:
        arguments = tried(name).arguments(values, FILM)
        for at in [{"frame": 0}, {"frame": FILM - 1}] if spec.film else [{}]:
            scene = spec.scene(arguments | at)
            caption, numbers = spec.caption(scene)
            true = sentence(scene, **(arguments | at))
            [branch] = [b for b in branches(name) if caption == written(f"{name}.caption.{b}", numbers)]
            assert branch in true, (values | at, branch, true)
            said.add(branch)
    assert said == set(branches(name)), "sentences that are never said"


def branches(name):
    """All sentences of an explorer."""
    return [key.rsplit(".", 1)[1] for key in texts.table("en") if key.startswith(f"{name}.caption.")]


def written(key, numbers):
    """A sentence, if these are its numbers."""
    return texts.text(key, **numbers) if set(texts.fields(key)) <= set(numbers) else None


@pytest.mark.parametrize(("name", "seeds"), [("gradients.adding", 2), ("gradients.patient", 1)])
def test_the_adding_problem_is_called_solved_when_all_seeds_have_solved_it(name, seeds):
    for step in (0, 40, 3000):
        for solved in range(seeds + 1):
            branch = REGISTRY[name].say(SimpleNamespace(step=step, solved=solved, seeds=seeds))
            expected = "start" if step < 40 else "some" if solved < seeds else "all"
            assert branch == f"gradients.adding.caption.{expected}"


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
