"""A figure kept as pixels: what stands still is drawn once, a move draws only what moves on top of it.

Between the two lies what stands still until its rule gives something else, as an axis whose limits follow a slider: it is
kept too, and drawn anew only then.

A layout engine, new axes and matplotlib's own PNG writer would each cost more than all of a move's drawing.
"""

import io
import struct
import zlib

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from lecture_utils.drawing import chart, style

try:
    from isal.isal_zlib import compress
except ImportError:  # Windows on ARM and the browser edition have no isal: the same picture, some ms later
    from zlib import compress


FINEST = 7  # of the 255 steps of a colour the last 8 are one: nobody sees it, and the file is a quarter smaller


def png(rgba):
    """The PNG file of opaque pixels (height, width, 4): rows without a filter, which is fast and for charts no larger."""
    height, width = rgba.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with the number of its filter, 0
    for n in range(3):
        rows[:, 1 + n :: 3] = rgba[..., n]
    rows[:, 1:] |= FINEST  # white stays white
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", compress(rows, 1)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


class Ghost:
    """The previous curve in grey, behind a line or a row of bars."""

    def __init__(self, original):
        self.original = original
        look = {"animated": True, "visible": False}
        if isinstance(original, Line2D):
            axes = original.axes
            self.artists = [Line2D([], [], color=style.GREY, linewidth=2, zorder=original.zorder - 0.5, **look)]
            axes.add_line(self.artists[0])
        else:
            axes = original.patches[0].axes
            edge = {"fill": False, "edgecolor": style.GREY, "linestyle": "--", "linewidth": 1.5}
            self.artists = [Rectangle((0, 0), 0, 0, zorder=bar.zorder + 0.5, **edge, **look) for bar in original]
            for artist in self.artists:
                axes.add_patch(artist)

    def take(self):
        """Stand where the original stands now."""
        if isinstance(self.original, Line2D):
            self.artists[0].set_data(*self.original.get_data())
            self.artists[0].set_drawstyle(self.original.get_drawstyle())
        else:
            for artist, bar in zip(self.artists, self.original, strict=True):
                artist.set_bounds(*bar.get_bbox().bounds)
        for artist in self.artists:
            artist.set_visible(True)


class Cells:
    """An image's drawing of cells in plain colours: matplotlib is asked only once which cell each pixel shows."""

    def __init__(self, image):
        self.image, self.make, self.place = image, image.make_image, None

    def __call__(self, *look):
        """What AxesImage.make_image gives: the pixels, and where they go."""
        image, values, axes = self.image, self.image.get_array(), self.image.axes
        place = (values.shape, *image.get_extent(), *axes.viewLim.extents, *axes.bbox.extents)
        if place != self.place:
            numbers = np.arange(values.size, dtype="<u4") | 0xFF000000  # as colours, opaque
            image.set_data(numbers.view(np.uint8).reshape(*values.shape, 4))
            pixels, *self.where = self.make(*look)
            image.set_data(values)
            self.place, self.cells, self.opaque = place, pixels.view("<u4")[..., 0] & 0xFFFFFF, pixels[..., 3]
        colours = image.to_rgba(values, bytes=True).reshape(-1, 4).view("<u4")[:, 0]
        pixels = colours[self.cells][..., None].view(np.uint8)
        np.minimum(pixels[..., 3], self.opaque, out=pixels[..., 3])  # none beyond the edge
        return pixels, *self.where


class Canvas:
    """The pixels of a picture function: `draw` makes the axes anew, `move` only moves. Both return PNG bytes.

    `bound` holds the pairs (artist, rule) of the picture.
    """

    def __init__(self, picture, size):
        self.picture = picture
        self.figure = Figure(figsize=size, dpi=style.PIXELS_PER_INCH)
        self.agg = FigureCanvasAgg(self.figure)

    def draw(self, scene):
        """The whole picture made anew."""
        with style.context():
            self.figure.clear()
            self.bound = list(self.picture(self.figure, scene))
            self._still_state = None
            self._show(scene)
            if any(axes.get_subplotspec() for axes in self.figure.axes):
                self.figure.set_layout_engine("constrained")
                self.figure.draw_without_rendering()
                self.figure.set_layout_engine("none")
            moving = [part for artist, _ in self.bound if not chart.stands_still(artist) for part in _parts(artist)]
            self.ghosts = [Ghost(part) for artist, _ in self.bound for part in _ghosted(artist)]
            moving += [artist for ghost in self.ghosts for artist in ghost.artists]
            for artist in moving:
                artist.set_animated(True)
                if isinstance(artist, AxesImage) and artist.get_interpolation() == "nearest":
                    artist.make_image = Cells(artist)
            self.moving = sorted(moving, key=lambda artist: artist.zorder)
            framed = (axes for axes in self.figure.axes if axes.axison)
            self.frames = [spine for axes in framed for spine in axes.spines.values() if spine.get_visible()]
            self.turning = self._turning(scene)
            for artist in self.turning:
                artist.set_animated(True)
            self.agg.draw()  # what is animated it leaves out
            self.fixed = self.agg.copy_from_bbox(self.figure.bbox)
            self._keep_still_parts()
            for axes in self.figure.axes:
                _keep_labels(axes)
            return self._pixels()

    def move(self, scene):
        """The picture with its moving artists set to the data; the still parts are drawn anew only if they changed."""
        if self._show(scene):
            with style.context():
                self._keep_still_parts()
        return self._pixels()

    def leave_ghosts(self):
        """The present curves stay behind in grey."""
        for ghost in self.ghosts:
            ghost.take()

    def stored(self):
        """The PNG at the size it is shown, for a notebook opened without a kernel."""
        with style.context():
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="png", dpi=style.SHOWN_PER_INCH, pil_kwargs={"compress_level": 9})
        return buffer.getvalue()

    def _show(self, scene):
        """Lets every artist show what its rule says; whether one that stands still has changed."""
        shown = [(artist, rule(scene)) for artist, rule in self.bound]
        still = [what for artist, what in shown if chart.stands_still(artist)]
        changed, self._still_state = still != self._still_state, still
        for artist, what in shown:
            if changed or not chart.stands_still(artist):
                chart.show(artist, what)
        return changed

    def _turning(self, scene):
        """What is drawn anew when a still part changes: of its axes what the rule names, and what may lie above that."""
        named = {}
        for artist, rule in self.bound:
            if isinstance(artist, Axes):
                for name in {key[0] for key in rule(scene)}:
                    for axes in getattr(artist, f"get_shared_{name}_axes")().get_siblings(artist):
                        named.setdefault(axes, set()).add(getattr(axes, f"{name}axis"))
            elif chart.stands_still(artist):
                named |= {part.axes: named.get(part.axes, set()) for part in _parts(artist)}
        turning = []
        for axes, anew in named.items():
            fixed = {axes.patch, axes.title, axes.xaxis, axes.yaxis} - anew
            if not axes.axison:
                fixed |= {axes.xaxis, axes.yaxis, *axes.spines.values()}
            parts = [part for part in axes.get_children() if not (part in fixed or part.get_animated())]
            turning += sorted(parts, key=lambda part: part.zorder)
        return turning

    def _keep_still_parts(self):
        self.agg.restore_region(self.fixed)
        for artist in self.turning:
            self.figure.draw_artist(artist)
        self.still = self.agg.copy_from_bbox(self.figure.bbox)

    def _pixels(self):
        self.agg.restore_region(self.still)
        for artist in self.moving:
            self.figure.draw_artist(artist)
        for spine in self.frames:
            self.figure.draw_artist(spine)
        return png(np.asarray(self.agg.buffer_rgba()))


def _keep_labels(axes):
    """Title and axis labels stay where they are: matplotlib would look for their place again at every drawing."""
    if not axes.get_title():
        axes.set_title("", y=1.0)  # the others have theirs from lecture.mplstyle
    for axis in (axes.xaxis, axes.yaxis):
        place = axis.label.get_transform().transform(axis.label.get_position())
        axis.set_label_coords(*axes.transAxes.inverted().transform(place))  # at any number of pixels per inch


def _parts(artist):
    """The artists that a piece is made of."""
    return [artist] if isinstance(artist, Artist) else [part for piece in artist for part in _parts(piece)]


def _ghosted(artist):
    """The parts of a piece that leave a ghost."""
    if getattr(artist, "leaves_ghost", False):
        return [artist]
    if isinstance(artist, (Artist, BarContainer)):
        return []
    return [part for part in artist if getattr(part, "leaves_ghost", False)]
