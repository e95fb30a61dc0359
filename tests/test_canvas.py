"""The PNG of a move; the labels of a stored picture; cells are those that matplotlib draws; nobody's settings matter."""

import io
import zlib
from functools import partial

import matplotlib
import numpy as np
import pytest
from matplotlib._mathtext import Parser
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.rcsetup import cycler

from lecture_utils.chapters import bptt, charlm, gradients, gru, lstm, rnn
from lecture_utils.drawing import canvas, style
from lecture_utils.widgets.base import close
from lecture_utils.widgets.engine import Slider

HOSTILE = {
    "savefig.facecolor": "red", "savefig.bbox": "tight", "savefig.dpi": 37, "savefig.transparent": True,
    "figure.facecolor": "pink", "figure.autolayout": True, "figure.subplot.left": 0.4, "svg.fonttype": "path",
    "svg.hashsalt": "mine", "text.usetex": False, "text.antialiased": False, "text.color": "white", "font.size": 31.0,
    "font.family": ["monospace"], "font.weight": "bold", "font.stretch": "condensed", "mathtext.fontset": "stix",
    "mathtext.default": "rm", "path.sketch": (3.0, 9.0, 2.0), "path.simplify": False, "path.snap": False,
    "axes.prop_cycle": cycler(color=["yellow"]), "axes.xmargin": 0.3, "axes.unicode_minus": False, "axes.grid": False,
    "axes.formatter.useoffset": False, "axes.formatter.limits": [0, 0], "lines.linewidth": 9.0, "lines.marker": "x",
    "lines.antialiased": False, "lines.dashed_pattern": [1.0, 9.0], "lines.solid_capstyle": "butt", "hatch.color": "red",
    "hatch.linewidth": 7.0, "patch.linewidth": 6.0, "patch.force_edgecolor": True, "image.cmap": "jet",
    "image.interpolation": "bilinear", "image.origin": "lower", "grid.alpha": 0.1, "xtick.direction": "in",
    "xtick.minor.visible": True, "ytick.labelcolor": "red", "legend.frameon": True, "legend.loc": "lower left",
}  # fmt: skip


@pytest.mark.parametrize("compress", [canvas.compress, zlib.compress])
def test_a_png_holds_the_pixels_to_five_bits_a_colour_and_white_stays_white(compress, monkeypatch):
    monkeypatch.setattr(canvas, "compress", compress)
    rgba = np.random.default_rng(0).integers(0, 256, (7, 5, 4), dtype=np.uint8)
    rgba[0], rgba[..., 3] = 255, 255
    read = np.round(255 * imread(io.BytesIO(canvas.png(rgba)))).astype(int)
    assert np.array_equal(read >> 3, rgba[..., :3] >> 3)
    assert (read[0] == 255).all()
    assert (rgba[1:] < 255).any(), "the pixels that were given are not touched"


def test_an_axis_label_stands_below_the_numbers_in_the_stored_picture_too():
    def picture(figure, scene):
        axes = figure.add_axes((0.2, 0.2, 0.7, 0.7), xlabel="x", ylabel="y")
        yield axes.plot([], [])[0], lambda scene: ([0, 1], [0, 1])

    drawn = canvas.Canvas(picture, (3, 3))
    drawn.draw(None)
    drawn.figure.set_dpi(style.SHOWN_PER_INCH)  # as it is stored
    drawn.figure.draw_without_rendering()
    (axes,) = drawn.figure.axes
    below, left = ([label.get_window_extent() for label in axis.get_ticklabels()] for axis in (axes.xaxis, axes.yaxis))
    assert axes.xaxis.label.get_window_extent().y1 <= min(box.y0 for box in below)
    assert axes.yaxis.label.get_window_extent().x1 <= min(box.x0 for box in left)


def test_cells_are_those_that_matplotlib_draws_when_values_limits_and_size_change():
    figure = Figure(figsize=(2, 2))
    agg = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.1, 0.05, 0.7, 92.5 / 200))  # above it half a pixel, which belongs to no cell
    image = axes.imshow(np.zeros((1, 1)), interpolation="nearest", aspect="auto", vmin=-2, vmax=2, origin="lower")
    axes.axis("off")
    plain, ours = image.make_image, canvas.Cells(image)
    random = np.random.default_rng(0)
    trials = [((4, 7), 7, 6), ((4, 7), 7, 6), ((5, 3), 7, 6), ((5, 3), 5, 6), ((5, 3), 5, 4)]
    for shape, end, limit in trials + [((n, n), n - 0.5, n - 0.5) for n in range(3, 12)]:
        values = random.normal(size=shape)
        values[1, 2] = np.nan
        image.set(data=values, extent=(-0.5, end, -0.5, end))
        axes.set(xlim=(-0.5, limit), ylim=(-0.5, limit))
        drawn = []
        for make in (plain, ours):
            image.make_image = make
            agg.draw()
            drawn.append(np.array(agg.buffer_rgba()))
        assert np.array_equal(*drawn)


# ---- whose settings
def shown(make):
    """All that an explorer draws: at first, at each preset, with another value of each slider, anew, and as it is stored."""
    panel = make()
    moves = [partial(panel.preset, name) for name in panel.spec.presets]
    sliders = [control for control in panel.spec.controls if isinstance(control, Slider)]
    moves += [partial(panel.set, **{slider.name: slider.low + slider.step}) for slider in sliders]
    pictures = []
    for move in [lambda: None, *moves, panel.reset]:
        move()
        pictures.append([panel.picture.png, panel.picture.layer, panel.picture.svg, panel.picture.patch])
    pictures.append(panel._stored())
    close(panel)
    return pictures


KINDS = [
    *(gradients.geometric, gradients.matrices, gradients.cliff, bptt.cliff),
    *(charlm.training, lstm.gate, rnn.parameters, gru.cost, gru.cell),
]


@pytest.mark.parametrize("make", KINDS, ids=[make.__doc__.split("'")[1] for make in KINDS])
def test_pictures_depend_on_nobodys_settings_of_matplotlib_and_leave_them_alone(make, monkeypatch):
    monkeypatch.setattr(canvas.secrets, "token_hex", lambda n: "salt")
    expected = shown(make)
    style._settings.cache_clear()  # made under the learner's settings it must be the same
    with matplotlib.rc_context():
        matplotlib.style.use("dark_background")
        matplotlib.rcParams.update(HOSTILE)
        own = dict(dict.items(matplotlib.rcParams))
        assert shown(make) == expected
        assert dict(dict.items(matplotlib.rcParams)) == own


def test_a_map_is_drawn_anew_when_only_its_mask_changes():
    def picture(figure, scene):
        axes = figure.add_axes((0, 0, 1, 1))
        yield axes.imshow(np.zeros((2, 2))), lambda hidden: np.ma.array(np.eye(2), mask=np.full((2, 2), hidden))

    drawn = canvas.Canvas(picture, (1, 1))
    drawn.draw(False)
    before = drawn.png
    drawn.move(False)
    assert drawn.png is before
    drawn.move(True)
    assert drawn.png != before


@pytest.mark.parametrize("nudge", [0, 1e-12])
def test_one_picture_has_one_svg_whatever_the_last_digits_of_its_layout(nudge):
    def picture(figure, scene):
        axes = figure.add_axes((0.1, 0.1, 0.8 + scene, 0.8))
        yield axes.plot([], [], marker="o")[0], lambda scene: ([0, 1], [0, 1])

    drawn = canvas.Canvas(picture, (3, 3))
    drawn.draw(0)
    before = drawn.svg
    drawn.draw(nudge)
    assert drawn.svg == before and "clip-path" in before


def test_a_formula_that_moves_is_read_once():
    panel, read, parse = gradients.first_guess(), [], Parser.parse
    panel.x.value = 0.5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Parser, "parse", lambda self, formula, *more: read.append(formula) or parse(self, formula, *more))
        panel.x.value = 0.6
    assert read == [] and "<tspan" in panel.canvas.svg  # a₁, a₂ and a₃ are in it
    close(panel)
