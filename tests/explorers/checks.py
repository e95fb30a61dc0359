"""What every explorer must hold, chapter by chapter: a test file names its chapter and inherits all of this.

Captions and pictures are held against oracles/explorers_CHAPTER.py, plain loops that import nothing from the library:
ORACLES gives the numbers of a caption, PICTURES what each artist of a chart shows, in the order of the picture function,
DIAGRAMS what every part of a diagram shows that is not always the same, by id (diagrams.shows says in which forms).

A chapter whose test also inherits `Claims` has oracles/branches_CHAPTER.py, which says which sentence is the true one.
"""

import importlib
import inspect
import io
import math
import random
import re
from base64 import b64encode
from functools import cache

import numpy as np
import pytest
from explorers import diagrams
from matplotlib.container import BarContainer
from matplotlib.image import AxesImage, imread
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, StepPatch
from matplotlib.text import Text

from lecture_utils import texts
from lecture_utils.drawing import style
from lecture_utils.drawing.canvas import Canvas
from lecture_utils.drawing.chart import Trail
from lecture_utils.widgets.engine import REGISTRY, Choice, Entry, Explorer, Slider, Switch
from tools.notebooks import rasterise

PIXEL = 1 / style.PIXELS_PER_INCH
FRAMES = 3  # of a film that runs over hundreds
LONG = ("lstm.adding", "lstm.prose")  # films of half a minute; notebooks 05 and 06 run theirs to the end


def names(chapter):
    """The explorers of a chapter."""
    importlib.import_module(f"lecture_utils.chapters.{chapter}")
    return [name for name in REGISTRY if name.startswith(f"{chapter}.")]


def oracle(chapter):
    return importlib.import_module(f"oracles.explorers_{chapter}")


# ---- settings
def settings(control):
    """The values a control is tried at: its ends, its start, a random one."""
    chance = random.Random(control.name)
    if isinstance(control, Slider):
        steps = round((control.high - control.low) / control.step)
        anywhere = control.low + control.step * chance.randint(0, steps)
        values = [control.low, control.start, control.high, anywhere]
        return [int(value) if isinstance(control.start, int) else round(value, 10) for value in values]
    if isinstance(control, Choice):
        return list(control.options)
    if isinstance(control, Switch):
        return [control.start, not control.start]
    return [control.start]


def parsed(spec, values):
    """The settings as compute gets them: typed texts parsed."""
    entries = {control.name: control for control in spec.controls if isinstance(control, Entry)}
    return {name: entries[name].parse(value) if name in entries else value for name, value in values.items()}


class Settings:
    """Named settings of an explorer, each with all its controls: the start, the presets, random ones, one control moved."""

    def __init__(self, spec):
        self.spec, self.films = spec, {}
        self.start = {control.name: control.start for control in spec.controls}
        self.presets = [self.start | preset for preset in spec.presets.values()]
        chance = random.Random(spec.name)
        ends = {control.name: dict.fromkeys(settings(control)) for control in spec.controls}
        self.random = [{name: chance.choice(list(values)) for name, values in ends.items()} for _ in range(4)]
        self.moved = [self.start | {name: value} for name, values in ends.items() for value in values]

    def arguments(self, values, frames=FRAMES):
        """What compute gets at these settings; of a film, its first frames with the last of them shown."""
        values = parsed(self.spec, values)
        if self.spec.film is None:
            return values
        feeds = {name: values[name] for name in inspect.signature(self.spec.film).parameters}
        key = repr(sorted(feeds.items())), frames
        if key not in self.films:
            film, made = self.spec.film(**feeds), []
            try:
                for frame, _ in zip(film, range(frames), strict=False):
                    made.append(frame)
            except Exception as refusal:  # what was reached counts, as in the explorer
                if type(refusal).__name__ != "Refusal":
                    raise
            self.films[key] = made
        return values | {"film": self.films[key], "frame": len(self.films[key]) - 1}


@cache
def tried(name):
    """The Settings of an explorer, made once."""
    return Settings(REGISTRY[name])


def anywhere(control, chance):
    """Any value of a control; its ends, its start and 0 more often than others."""
    values = settings(control)
    if isinstance(control, Slider):
        step = chance.randint(0, round((control.high - control.low) / control.step))
        values += [round(control.low + step * control.step, 10)] * 5 + [0] * (control.low <= 0 <= control.high)
    return type(control.start)(chance.choice(values))


# ---- comparing
def close(shown, expected):
    """Whether a number of a caption is the expected one; ("log10", x) stands for a size written from its logarithm,
    a function for one that it approves of."""
    if callable(expected):
        return expected(shown)
    if isinstance(expected, tuple) and expected[0] == "log10":
        return abs(log10_of(shown) - expected[1]) < 0.003 if math.isfinite(expected[1]) else shown == "0"
    if isinstance(expected, str) or isinstance(shown, str):
        return shown == expected
    return math.isclose(shown, expected, rel_tol=1e-6, abs_tol=1e-9)


def log10_of(written):
    """The logarithm of a number written like 5.6e-09, also where no float is that small."""
    mantissa, exponent = re.fullmatch(r"([\d.]+)(?:e([+-]\d+))?", written).groups()
    return math.log10(float(mantissa)) + int(exponent or 0)


def equal(shown, expected):
    if isinstance(expected, str) or isinstance(shown, (str, bool)):
        return shown == expected
    shown, expected = (np.ma.filled(np.ma.asarray(array, dtype=float), np.nan) for array in (shown, expected))
    return shown.shape == expected.shape and np.allclose(shown, expected, rtol=1e-6, atol=1e-9, equal_nan=True)


def shows(artist, expected):
    """Whether an artist shows what it should, read back from matplotlib itself."""
    if isinstance(artist, Trail):
        return shows_trail(artist, *expected[:2])
    if isinstance(expected, dict):
        if isinstance(artist, AxesImage) and "data" in expected:
            expected = expected | {"data": finite(expected["data"])}
        return all(agrees(read(artist, name), value) for name, value in expected.items())
    if isinstance(artist, Line2D):
        return equal(artist.get_xdata(), expected[0]) and equal(artist.get_ydata(), expected[1])
    if isinstance(artist, BarContainer):
        start, length = ("x", "width") if artist.orientation == "horizontal" else ("y", "height")
        starts, lengths = expected if isinstance(expected, tuple) else (None, expected)
        same = agrees([getattr(bar, f"get_{length}")() for bar in artist], lengths)
        return same and (starts is None or equal([getattr(bar, f"get_{start}")() for bar in artist], starts))
    if isinstance(artist, AxesImage):
        return equal(artist.get_array(), finite(expected))
    if isinstance(artist, StepPatch):  # bars as one artist: every other step is a gap
        return equal(artist.get_data().values, np.insert(np.array(expected, float), range(1, len(expected)), math.nan))
    if isinstance(artist, Text):
        return artist.get_text() == expected
    if isinstance(expected, list):  # a piece made of several artists
        return all(shows(part, what) for part, what in zip(artist, expected, strict=True))
    raise TypeError(f"nothing is known of what {artist!r} shows")


def agrees(shown, expected):
    """Whether a property is the expected one, or one that the expected function approves of."""
    return expected(shown) if callable(expected) else equal(shown, expected)


def finite(array):
    """An array as an image keeps it: what is infinite has no colour of its own."""
    array = np.ma.filled(np.ma.asarray(array, dtype=float), np.nan)
    return np.where(np.isfinite(array), array, np.nan)


def read(artist, name):
    if name == "data":
        return artist.get_array() if isinstance(artist, AxesImage) else np.array(artist.get_data(), float)
    return getattr(artist, f"get_{name}")() if hasattr(artist, f"get_{name}") else getattr(artist, name)


def shows_trail(trail, xs, values):
    """The curve where it is finite; a triangle at the edge of the last point that is outside, none if all are inside.

    Of values that a function approves of, those that are not drawn are infinitely small.
    """
    low, high = trail.curve.axes.get_ylim()
    if callable(values):
        drawn = trail.curve.get_ydata()
        if not values(drawn):
            return False
        values = np.where(np.isnan(drawn), -math.inf, drawn)
    xs, values = np.asarray(xs), np.asarray(values)
    finite = np.array([value if math.isfinite(value) else math.nan for value in values])
    if not (equal(trail.curve.get_xdata(), xs) and equal(trail.curve.get_ydata(), finite)):
        return False
    outside = [
        (x, low if value < low else high) for x, value in zip(xs, values, strict=True) if not low <= value <= high
    ]
    outside = [point for point in outside if not math.isnan(point[1])]
    at = [[part] for part in outside[-1]] if outside else [[], []]
    return equal(trail.edge.get_xdata(), at[0]) and equal(trail.edge.get_ydata(), at[1])


def run_line(line):
    """The value of the last line of Python, the others executed before it in an empty namespace."""
    *body, last = line.rstrip().split("\n")
    namespace = {}
    exec("\n".join(body), namespace)
    return eval(last, namespace)


def layers(chart):
    """What stands still and what moves, of a Canvas or as the page gets it."""
    return (chart.png, chart.svg) if isinstance(chart, Canvas) else (chart.png, chart.layer)


def whole(canvas):
    """The picture as matplotlib draws all of it: colours (height, width, 3), from 0 to 1."""
    written = io.BytesIO()
    with style.context():
        canvas.figure.savefig(written, format="png", dpi=style.PIXELS_PER_INCH)
    return imread(io.BytesIO(written.getvalue()))[..., :3]


def layered(canvas):
    """The picture as the page shows it, the moving layer over the still one."""
    width, height = (style.PIXELS_PER_INCH * side for side in canvas.figure.get_size_inches())
    size, still = f'width="{width:.0f}" height="{height:.0f}"', b64encode(canvas.png).decode()
    begin = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {size} xml:space="preserve">'
    moving = re.sub('width="[0-9.]+pt" height="[0-9.]+pt"', size, canvas.svg, count=1)
    svg = f'{begin}<image {size} href="data:image/png;base64,{still}"/>{moving}</svg>'
    return imread(io.BytesIO(rasterise(svg)))[..., :3]


def blurred(colours, side=5):
    """The means of all squares of that side."""
    sums = np.pad(colours.astype(float), ((1, 0), (1, 0), (0, 0))).cumsum(0).cumsum(1)
    return (sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]) / side**2


# ---- the checks
def pytest_generate_tests(metafunc):
    """Each check runs for every explorer of the chapter, films only for those that have one."""
    if metafunc.cls and "name" in metafunc.fixturenames:
        chosen = names(metafunc.cls.chapter)
        if "film" in metafunc.function.__name__:
            chosen = [
                pytest.param(name, marks=[pytest.mark.thorough] * (name in LONG))
                for name in chosen
                if REGISTRY[name].film
            ]
        metafunc.parametrize("name", chosen)


class Checks:
    """Every explorer of `chapter`."""

    chapter: str

    def test_captions_and_pictures_are_those_of_plain_loops(self, name):
        """At each control's ends, start and a random value, at presets, and at random settings of all together."""
        spec, seen, used = REGISTRY[name], set(), set()
        known, drawn = oracle(self.chapter).ORACLES[name], oracle(self.chapter).PICTURES.get(name)
        canvas = spec.picture and Canvas(spec.picture, spec.size)
        if canvas:
            canvas._keep_still_parts = canvas._keep_moving_parts = lambda: (
                None
            )  # the artists are read, not their pixels
        for values in [*tried(name).moved, *tried(name).presets, *tried(name).random]:
            arguments = tried(name).arguments(values)
            scene = spec.scene(arguments)
            caption, numbers = spec.caption(scene)
            expected = known(**arguments)
            assert "nan" not in caption, values
            for key, number in numbers.items():
                assert key in expected or key in arguments, f"no oracle knows the caption's {key}"
                assert close(number, expected.get(key, arguments.get(key))), (values, key, number, expected.get(key))
            seen |= set(expected)
            used |= set(numbers)
            if canvas:
                self.show(canvas, spec, values, scene)
                wanted = drawn(**arguments)
                assert len(wanted) == len(canvas.bound), "an artist without an oracle"
                for n, ((artist, _), what) in enumerate(zip(canvas.bound, wanted, strict=True)):
                    assert shows(artist, what), f"artist {n} of {values}: {artist} does not show {what}"
        assert seen <= used, f"no caption shows {seen - used}"

    def test_a_diagram_shows_what_plain_loops_give(self, name):
        """Every part that has a number or is not always the same; no id is missing; no text stands on another one."""
        spec = REGISTRY[name]
        if spec.diagram is None:
            return
        first = {}
        for values in [tried(name).start, *tried(name).moved, *tried(name).presets, *tried(name).random]:
            arguments = tried(name).arguments(values)
            board = spec.diagram(spec.scene(arguments))
            parts, boxes = diagrams.read(board)
            expected = oracle(self.chapter).DIAGRAMS[name](**arguments)
            shaded = {id for id, part in parts.items() if part.visible and "data-shade" in part.element.attrib}
            assert shaded == {id.removesuffix("?shade") for id in expected if id.endswith("?shade")}
            for id, what in expected.items():
                part = parts[id.removesuffix("?shade")]
                assert diagrams.shows(part, what, id != part.element.get("data-id")), (values, id, what, part)
            assert not diagrams.overlapping(boxes), values
            assert not diagrams.outside(boxes, board), values
            for id in parts:
                grid, axis, line = *id.partition("|")[::2], parts[id].element
                if axis:  # one of a size: as many cells along it
                    places = [
                        other.removeprefix(f"{grid}.").split(".") for other in parts if other.startswith(f"{grid}.")
                    ]
                    assert str(len({place[int(axis)] for place in places})) == parts[line.get("data-kin")].words, id
            structure, above = tuple((id, part.element.tag) for id, part in parts.items()), []
            for id, part in parts.items():
                above = [*above[: board.parts[id].depth], id]  # what it stands in, and itself
                covered = set(above) & set(expected) or any(other.startswith(f"{id}.") for other in expected)
                leaf = len(part.element) == 0 or part.element.tag.endswith("text")
                own = part.element.attrib, part.words if leaf else ""
                numbered = "data-name" in part.element.attrib and re.search(r"\d", part.words)
                if numbered or first.setdefault((structure, id), own) != own:
                    assert covered or not part.visible, f"{id} ({part.words}) moves, but has no oracle"
                if part.visible and "data-formula" in part.element.attrib:
                    assert diagrams.explains(part, parts), (values, id, part.element.get("data-formula"), part.words)

    @staticmethod
    def show(canvas, spec, values, scene=None):
        """Moves the picture to these settings; draws it anew only where a control that asks for it has another value."""
        scene = scene or spec.scene(tried(spec.name).arguments(values))
        structure = {control.name: values[control.name] for control in spec.controls if control.redraw}
        canvas.move(scene) if getattr(canvas, "structure", None) == structure else canvas.draw(scene)
        canvas.structure = structure

    def test_the_line_of_python_gives_the_captions_number(self, name):
        spec = REGISTRY[name]
        for values in [tried(name).start, *tried(name).presets, *tried(name).random[:2]]:
            scene = spec.scene(tried(name).arguments(values, frames=2))
            number = run_line(spec.python(scene))
            assert close(number, spec.caption(scene)[1][spec.result]), values
            assert type(number) in (int, float), "the last line shows a plain number, not np.float64(0.5)"

    def test_the_layers_of_a_chart_look_like_matplotlibs_own_drawing(self, name):
        """Up to the smoothing of edges and a pixel in the place of a text: of 5 x 5 pixels no mean is far away."""
        spec = REGISTRY[name]
        if spec.picture is None:
            return
        canvas = Canvas(spec.picture, spec.size)
        canvas.draw(spec.scene(tried(name).arguments(tried(name).start)))
        assert np.abs(blurred(layered(canvas)) - blurred(whole(canvas))).max() < 0.6
        assert "<style" not in canvas.svg, "it would be that of the whole page"
        hatched = canvas.figure.findobj(lambda part: isinstance(part, Patch) and part.get_hatch())
        assert all(part.get_facecolor()[3] == 1 for part in hatched), "the layer has no translucent hatched face"

    def test_each_control_moves_the_picture(self, name):
        """Somewhere: from the start, or else from a preset, one of its settings gives other pixels."""
        spec = REGISTRY[name]
        canvas = spec.picture and Canvas(spec.picture, spec.size)
        idle = [control for control in spec.controls if not isinstance(control, Entry)]
        for stand in [tried(name).start, *tried(name).presets]:
            if idle and spec.diagram:
                drawn = {repr(control): {self.svg(spec, stand | {control.name: value}) for value in settings(control)}
                         for control in idle}  # fmt: skip
                idle = [control for control in idle if len(drawn[repr(control)]) == 1]
            if idle and canvas:
                canvas.draw(spec.scene(tried(name).arguments(stand)))
                still = layers(canvas)
                idle = [control for control in idle if not self.moves(canvas, spec, control, stand, still)]
        assert not idle, f"{', '.join(control.name for control in idle)} moves nothing"

    @staticmethod
    def svg(spec, values):
        return spec.diagram(spec.scene(tried(spec.name).arguments(values))).svg()

    @staticmethod
    def moves(canvas, spec, control, stand, still):
        """Whether a setting of the control changes the picture."""
        moved = False
        for value in dict.fromkeys(settings(control)):
            scene = spec.scene(tried(spec.name).arguments(stand | {control.name: value}))
            canvas.draw(scene) if control.redraw else canvas.move(scene)
            moved = moved or layers(canvas) != still
            if moved:
                break
        if control.redraw:
            canvas.draw(spec.scene(tried(spec.name).arguments(stand)))
        return moved

    def test_a_film_runs_to_its_end_and_can_be_scrubbed_back(self, name):
        panel = Explorer(REGISTRY[name])
        first = panel.caption
        panel.run.run_to_end()
        assert panel.run.state == "done"
        assert panel.run.done == panel.run.budget > 0
        expected, last = oracle(self.chapter).ORACLES[name](**panel.arguments), panel.caption
        assert all(close(panel.numbers[key], value) for key, value in expected.items() if key in panel.numbers)
        panel.frame.value = 0
        assert panel.caption != last
        panel.reset()
        assert panel.caption == first

    def test_an_explorer_is_whole(self, name):
        """Title, presets, guess, text form, alternative text, stored picture; a reset brings all back; sizes of text."""
        spec = REGISTRY[name]
        panel = Explorer(spec)
        assert 2 <= len(spec.presets) <= 4
        assert panel.title.endswith("?")
        assert repr(panel).startswith(panel.title)
        if spec.guesses:
            assert panel.caption not in repr(panel)
            panel.commit(spec.guesses[0])
        assert (texts.text(f"{name}.stored") if spec.varies else panel.caption) in repr(panel)
        assert panel.caption in panel.picture.alt
        assert ("image/svg+xml" if spec.diagram else "image/png") in panel._repr_mimebundle_()
        for artist in (
            panel.canvas.figure.findobj(lambda artist: hasattr(artist, "get_fontsize")) if panel.canvas else ()
        ):
            assert artist.get_fontsize() >= 11 or not artist.get_text(), artist
        caption, chart, svg = panel.caption, layers(panel.picture), panel.board and panel.board.svg()
        for preset in spec.presets:
            panel.preset(preset)
            assert panel.picture.png.startswith(b"\x89PNG") == bool(panel.canvas)
        panel.reset()
        assert panel.caption == caption
        assert layers(panel.picture) == chart
        assert (panel.board and panel.board.svg()) == svg

    def test_nothing_leaves_a_figure_even_with_the_larger_text_of_a_projector(self, name, monkeypatch):
        monkeypatch.setattr(style, "scale", lambda: style.PROJECTOR_SCALE)
        spec = REGISTRY[name]
        ends = {control.name: settings(control) for control in spec.controls}
        first = {key: values[0] for key, values in ends.items()}
        largest = {key: max(values) for key, values in ends.items() if not isinstance(values[0], str)}
        if spec.picture is None:  # a diagram grows as a whole
            return
        canvas = Canvas(spec.picture, spec.size)
        canvas._keep_moving_parts = lambda: None
        for values in [tried(name).start, first, tried(name).start | largest, *tried(name).presets]:
            self.show(canvas, spec, values)
            for line in canvas.figure.findobj(Line2D):  # an empty one counts as at (0, 0)
                line.set_in_layout(np.isfinite(line.get_xydata()).all(axis=1).any())
            with style.context():
                (left, bottom), (right, top) = canvas.figure.get_tightbbox().get_points()  # inches
            width, height = spec.size
            assert min(left, bottom, width - right, height - top) > -PIXEL, values


SLIPS = re.compile(
    r"-0(?![\d.])|(?<![\d.])1 (arrays|bytes|copies|factors|inputs|letters|outputs|runs|steps|times|updates)\b|\bnan\b"
)


class Claims:
    """Every sentence of every caption of `chapter` is said where it is true, and only there."""

    chapter: str

    @pytest.mark.parametrize("count", [30, pytest.param(1000, marks=pytest.mark.thorough)])
    def test_the_sentence_is_the_one_that_is_true(self, name, count):
        """At the start, the presets, ties and `count` random settings; each sentence is said somewhere."""
        known, chance, spec = (
            importlib.import_module(f"oracles.branches_{self.chapter}"),
            random.Random(name),
            REGISTRY[name],
        )
        own = getattr(known, "BORROWED", {}).get(name, name)  # whose sentences it says
        sentences = [key for key in texts.table("en") if re.match(rf"{own}\.caption(\.|$)", key)]
        true, typed = known.BRANCHES.get(name, lambda **arguments: ""), known.TYPED.get(name, lambda *_: {})
        tries = [tried(name).start | more for more in [{}, *spec.presets.values(), *known.TIES.get(name, [])]]
        for _ in range(count):
            values = {control.name: anywhere(control, chance) for control in spec.controls}
            tries.append(values | typed(chance, values))
        said, films = set(), Settings(spec)
        for values in tries:
            frames = values.pop("frames", FRAMES)
            arguments = films.arguments(values, frames)
            for frame in sorted({0, arguments["frame"]}) if spec.film else [None]:
                arguments |= {} if frame is None else {"frame": frame}
                caption, numbers = spec.caption(spec.scene(arguments))
                [key] = [
                    key
                    for key in sentences
                    if set(texts.fields(key)) <= set(numbers) and texts.text(key, **numbers) == caption
                ]
                branch, right = key.removeprefix(f"{own}.caption").lstrip("."), true(**arguments)
                assert branch in (right if isinstance(right, set) else {right}), (values, frame, branch, right)
                assert not SLIPS.search(caption), caption
                said.add(key)
        assert said == set(sentences), "sentences that are never said"
