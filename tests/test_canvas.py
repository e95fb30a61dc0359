"""The PNG of a move: the pixels it was given, whoever compresses them, and small enough; the PNG that a notebook keeps."""

import io
import zlib

import numpy as np
import pytest
from matplotlib.image import imread

from lecture_utils.drawing import canvas, style
from lecture_utils.drawing.chart import curve


@pytest.mark.parametrize("compress", [canvas.compress, zlib.compress])
def test_a_png_holds_the_pixels_to_five_bits_a_colour_and_white_stays_white(compress, monkeypatch):
    monkeypatch.setattr(canvas, "compress", compress)
    rgba = np.random.default_rng(0).integers(0, 256, (7, 5, 4), dtype=np.uint8)
    rgba[0], rgba[..., 3] = 255, 255
    read = np.round(255 * imread(io.BytesIO(canvas.png(rgba)))).astype(int)
    assert np.array_equal(read >> 3, rgba >> 3)
    assert (read[0] == 255).all()
    assert (rgba[1:] < 255).any(), "the pixels that were given are not touched"


def test_the_labels_of_axes_stand_where_they_stood_in_the_smaller_picture_of_a_notebook():
    def picture(figure, d):
        axes = figure.subplots()
        axes.set(xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1000))
        yield curve(axes, "rnn"), lambda d: ([0, 1], [0, 1000])

    shown = canvas.Canvas(picture, style.ONE)
    shown.draw(None)
    (axes,) = shown.figure.axes
    seen = [axis.label.get_window_extent() for axis in (axes.xaxis, axes.yaxis)]
    shown.figure.set_dpi(style.SHOWN_PER_INCH)
    with style.context():
        shown.agg.draw()
    for axis, box in zip((axes.xaxis, axes.yaxis), seen, strict=True):
        place, smaller = axis.label.get_window_extent().get_points(), style.SHOWN_PER_INCH / style.PIXELS_PER_INCH
        assert np.allclose(place, smaller * box.get_points(), atol=1.5)
