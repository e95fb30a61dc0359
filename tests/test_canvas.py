"""The PNG of a move: the pixels it was given, whoever compresses them, and small enough."""

import io
import zlib

import numpy as np
import pytest
from matplotlib.image import imread

from lecture_utils.drawing import canvas


@pytest.mark.parametrize("compress", [canvas.compress, zlib.compress])
def test_a_png_holds_the_pixels_to_five_bits_a_colour_and_white_stays_white(compress, monkeypatch):
    monkeypatch.setattr(canvas, "compress", compress)
    rgba = np.random.default_rng(0).integers(0, 256, (7, 5, 4), dtype=np.uint8)
    rgba[0], rgba[..., 3] = 255, 255
    read = np.round(255 * imread(io.BytesIO(canvas.png(rgba)))).astype(int)
    assert np.array_equal(read >> 3, rgba[..., :3] >> 3)
    assert (read[0] == 255).all()
    assert (rgba[1:] < 255).any(), "the pixels that were given are not touched"
