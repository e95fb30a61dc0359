"""A figure kept as pixels: what stands still is drawn once, a move draws only what moves on top of it.

Between the two lies what stands still until its rule gives something else, as an axis whose limits follow a slider: it is
kept too, and drawn anew only then. What moves is drawn by matplotlib's own SVG backend and lies over the PNG of the rest,
maps included: a move is some kilobytes of curves, sharp on every screen. A layout engine, new axes and matplotlib's own PNG
writer would each cost more than all of a move's drawing.
"""

import io
import re
import secrets
import struct
import zlib

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

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
    header, written = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", header), (b"IDAT", compress(rows, 1)), (b"IEND", b"")):
        written += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return written


TAG, LONG = re.compile("<[^>]+>"), re.compile(r"\d+\.\d{3,}")  # of SVG, and in it numbers finer than anybody sees
DECIMAL = re.compile(r"\d+\.\d+")
# Line breaks, who made it, and a style that would be that of the whole page (lecture.css has it).
LEFT_OUT = re.compile(r"\n *|<(metadata|style).*?</\1>", re.DOTALL)


class Ghost:
    """The previous curve in grey, behind a line or a row of bars."""

    def __init__(self, original):
        look = {"animated": True, "visible": False}
        if isinstance(original, Line2D):
            self.originals = [original]
            self.artists = [Line2D([], [], color=style.GREY, linewidth=2, zorder=original.zorder - 0.5, **look)]
        else:
            edge = {"fill": False, "edgecolor": style.GREY, "linestyle": "--", "linewidth": 1.5}
            self.originals = original.patches
            self.artists = [Rectangle((0, 0), 0, 0, zorder=bar.zorder + 0.5, **edge, **look) for bar in original]
        for artist in self.artists:
            self.originals[0].axes.add_artist(artist)

    def take(self):
        """Stand where the original stands now."""
        for artist, original in zip(self.artists, self.originals, strict=True):
            if isinstance(original, Line2D):
                artist.set(data=original.get_data(), drawstyle=original.get_drawstyle(), visible=True)
            else:
                artist.set(bounds=original.get_bbox().bounds, visible=True)


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


class Renderer(RendererSVG):
    """Matplotlib's own writer of SVG, but what would be long is short: a row of marks is one line with a mark at each of its
    points, not an element each; an outlined text stays a text."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._text2path = text_to_path  # all renderers have one, so that formulas it has read once are known

    def add(self, artist):
        """Draws an artist."""
        effects = artist.get_path_effects() if isinstance(artist, Text) else []
        if effects:
            self.writer.start("g", style=f"stroke: white; stroke-width: {chart.OUTLINE_WIDTH}; paint-order: stroke")
            artist.set_path_effects([])
        artist.draw(self)
        if effects:
            artist.set_path_effects(effects)
            self.writer.end("g")

    def _make_id(self, type, content):
        """From numbers as they are written, so that one picture has one SVG: a layout differs in its last digits."""
        return super()._make_id(type, DECIMAL.sub(_rounded, str(content)))

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        """The marks of a line; SVG counts heights from above."""
        points = [xy[-2:] for xy, _ in path.iter_segments(trans, simplify=False) if len(xy)]
        points = [(x, self.height - y) for x, y in points if 0 <= x <= self.width and 0 <= y <= self.height]
        if not points:
            return
        shape = self._convert_path(marker_path, marker_trans + Affine2D().scale(1, -1), simplify=False)
        look = self._get_style(gc, rgbFace)
        id = self._make_id("m", (shape, look))
        self.writer.start("g", **self._get_clip_attrs(gc))
        self.writer.start("marker", id=id, markerUnits="userSpaceOnUse", style="overflow: visible")
        self.writer.element("path", d=shape, style=look)
        self.writer.end("marker")
        line = "L".join(f"{x:.2f} {y:.2f}" for x, y in (points if len(points) > 1 else 2 * points))
        where = "marker" if len(points) > 1 else "marker-start"  # a line of one point has no marks
        self.writer.element("path", d=f"M{line}", style=f"fill: none; {where}: url(#{id})")
        self.writer.end("g")


class Canvas:
    """A picture function as two layers: `png`, bytes, of what stands still, and `svg` of what moves. `draw` makes the axes
    anew, `move` only moves. `bound` holds the pairs (artist, rule) of the picture."""

    def __init__(self, picture, size):
        self.picture = picture
        with style.context():
            self.figure = Figure(figsize=size, dpi=style.PIXELS_PER_INCH)
        self.agg = FigureCanvasAgg(self.figure)
        self.salt = secrets.token_hex(4)  # begins the ids in its SVG: several pictures stand in one page
        self.png, self.svg = b"", ""

    def draw(self, scene):
        """The whole picture made anew."""
        with style.context():
            self.figure.clear()
            self.figure.dpi = style.PIXELS_PER_INCH  # whatever an interrupt has left
            self.bound = list(self.picture(self.figure, scene))
            self._still_state = None
            self._show(scene)
            if any(axes.get_subplotspec() for axes in self.figure.axes):
                self.figure.set_layout_engine("constrained")
                self.figure.draw_without_rendering()
                self.figure.set_layout_engine("none")
            moving = [part for artist, _ in self.bound if not chart.stands_still(artist) for part in _parts(artist)]
            pieces = dict.fromkeys(part for piece, _ in self.bound for part in (piece, *_parts(piece)))
            self.ghosts = [Ghost(piece) for piece in pieces if getattr(piece, "leaves_ghost", False)]
            moving += [artist for ghost in self.ghosts for artist in ghost.artists]
            for artist in self.figure.findobj(AxesImage):
                if artist.get_interpolation() == "nearest":
                    artist.make_image = Cells(artist)
            framed = (axes for axes in self.figure.axes if axes.axison)
            frames = [spine for axes in framed for spine in axes.spines.values() if spine.get_visible()]
            self.moving = [*sorted(moving, key=lambda artist: artist.zorder), *frames]
            self.turning = self._turning(scene, moving)
            for artist in [*moving, *self.turning]:
                artist.set_animated(True)
            self.agg.draw()  # what is animated it leaves out
            self.fixed = self.agg.copy_from_bbox(self.figure.bbox)
            self._keep_still_parts()
            for axes in self.figure.axes:
                _keep_labels(axes)
            self._keep_moving_parts()

    def move(self, scene):
        """The picture with its moving artists set to the data; the still parts are drawn anew only if they changed."""
        with style.context():
            if self._show(scene):
                self._keep_still_parts()
            self._keep_moving_parts()

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
        still = [_frozen(what) for artist, what in shown if chart.stands_still(artist)]
        changed, self._still_state = still != self._still_state, still
        for artist, what in shown:
            if changed or not chart.stands_still(artist):
                chart.show(artist, what)
        return changed

    def _turning(self, scene, moving):
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
            parts = [part for part in axes.get_children() if part not in fixed and part not in moving]
            turning += sorted(parts, key=lambda part: part.zorder)
        return turning

    def _keep_still_parts(self):
        self.agg.restore_region(self.fixed)
        for artist in self.turning:
            self.figure.draw_artist(artist)
        self.png = png(np.asarray(self.agg.buffer_rgba()))

    def _keep_moving_parts(self):
        written, (width, height) = io.StringIO(), 72 * self.figure.get_size_inches()
        matplotlib.rcParams["svg.hashsalt"] = self.salt  # until the context ends
        self.figure.dpi = 72  # of SVG
        renderer = Renderer(width, height, written)
        for artist in self.moving:
            renderer.add(artist)
        renderer.finalize()
        self.figure.dpi = style.PIXELS_PER_INCH
        svg = TAG.sub(lambda tag: LONG.sub(_rounded, tag[0]), written.getvalue())
        self.svg = LEFT_OUT.sub("", svg[svg.index("<svg") :])


def _rounded(number):
    return f"{float(number[0]):.2f}"


def _frozen(what):
    """What a rule gives, so that it can be compared: arrays as their bytes."""
    if isinstance(what, dict):
        return {name: _frozen(part) for name, part in what.items()}
    if isinstance(what, (tuple, list)):
        return [_frozen(part) for part in what]
    return (what.shape, np.ma.filled(what, np.nan).tobytes()) if isinstance(what, np.ndarray) else what


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
