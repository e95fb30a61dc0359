"""How fast pictures follow the hand in the browser: key press to picture, drags, bytes, beside other ways to do it.

    .venv/bin/python bench/latency.py [NAME ...] [--quick] [--rounds N]      (Windows: .venv\\Scripts\\python bench\\latency.py)

Drives a real JupyterLab and a real browser. Everything is measured in turns in one run: for each explorer one press there
and one back, of a bare slider (its callback only changes a text), of a plain slider, of a redraw slider (its moves change
what stands still: the limits of an axis, or the parts of a diagram), and so on. A time runs from the key press to the
animation frame after the one in which the new picture was complete: by then it is painted. A new address of the same
picture does not count. `bare` is the median bare round trip of the explorer's own turns.

The first plain slider that moves the picture at the default setting is taken; where a film has not begun there may be none.
`interact` (a new figure, plt.show) and ipympl draw the same figure with as many pixels. `positions` are those that the
handle took in the page; while a frame is `unready` the browser still shows the last picture, while it is `blank` nothing.
"""

import argparse
import inspect
import math
import os
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles

from machine import watched

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from browser import lab


# ---- all that touches the package; the kernel gets the source of these functions
def registry():
    """All explorers, name to Spec."""
    import importlib
    import pkgutil

    from lecture_utils import chapters
    from lecture_utils.widgets.engine import REGISTRY

    for found in pkgutil.iter_modules(chapters.__path__):
        importlib.import_module(f"lecture_utils.chapters.{found.name}")
    return REGISTRY


def panel(name):
    """The explorer's widget."""
    from lecture_utils.widgets.engine import Explorer

    return Explorer(registry()[name])


def sliders(name):
    """The sliders by what their moves draw: only what moves (plain), or anew what stands still (redraw)."""
    from lecture_utils.widgets.engine import Slider

    made, ways = panel(name), {"plain": [], "redraw": []}
    for control in registry()[name].controls:
        if isinstance(control, Slider):
            slider, stood = getattr(made, control.name), still(made)
            slider.value += slider.step if slider.value < slider.max else -slider.step
            ways["plain" if still(made) == stood else "redraw"].append(control.name)
    return ways


def still(panel):
    """What stands still in an explorer's picture: the pixels of a chart, the parts of a diagram."""
    return id(panel.canvas and panel.canvas.png), id(panel.sheet and panel.sheet.svg)


def comparable(name):
    """Whether the picture is a function of the controls alone."""
    return registry()[name].film is None and registry()[name].diagram is None


def dots_per_inch():
    """How finely the lecture draws."""
    from lecture_utils.drawing import style

    return style.PIXELS_PER_INCH


def drawn(name, figure, values):
    """Draws the explorer's picture on a figure; the function returned moves it."""
    from lecture_utils.drawing import chart, style

    spec = registry()[name]

    def move(values):
        scene = spec.scene(values)
        for artist, rule in bound:
            chart.show(artist, rule(scene))

    with style.context():
        bound = list(spec.picture(figure, spec.scene(values)))
        move(values)
        if any(axes.get_subplotspec() for axes in figure.axes):
            figure.set_layout_engine("constrained")
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
    return move


# ---- what the cells show
def bare():
    """A slider whose callback only changes a text; whatever was shown before is closed."""
    import gc

    import ipywidgets

    ipywidgets.Widget.close_all()
    gc.collect()
    slider, label = ipywidgets.IntSlider(50, 0, 100, readout=False), ipywidgets.Label("50")
    slider.observe(lambda change: label.set_trait("value", str(change["new"])), "value")
    slider.add_class("slider-bare"), label.add_class("bench-text")
    box = ipywidgets.HBox([slider, label])
    box.add_class("bench-bare")
    return box


def ours(name):
    """The explorer; each slider is known by a class."""
    made = panel(name)
    made.add_class("bench-ours")
    for control in registry()[name].controls:
        getattr(made, control.name).add_class(f"slider-{control.name}")
    return made


def like(name, control):
    """A slider as the explorer's, for another way to do it, and all the explorer's values."""
    made = panel(name)
    own, values = getattr(made, control), made.values
    slider = type(own)(min=own.min, max=own.max, step=own.step, value=own.value)
    slider.add_class(f"slider-{control}")
    return slider, values


def interacted(name, control):
    """The same picture by `interact`: a new figure for each move."""
    import ipywidgets
    import matplotlib.pyplot as plt

    slider, values = like(name, control)

    def show(**moved):
        drawn(name, plt.figure(figsize=registry()[name].size, dpi=dots_per_inch()), values | moved)
        plt.show()

    box = ipywidgets.interactive(show, **{control: slider})
    box.add_class("bench-interact")
    return box


def on_ipympl(name, control):
    """The same picture on a canvas of ipympl: artists made once and moved, then draw_idle."""
    import ipywidgets
    import matplotlib.pyplot as plt
    from ipympl.backend_nbagg import Canvas, FigureManager
    from matplotlib.figure import Figure

    plt.switch_backend("module://matplotlib_inline.backend_inline")  # the import has taken plt.show for itself
    slider, values = like(name, control)
    figure = Figure(figsize=registry()[name].size, dpi=dots_per_inch())
    canvas = Canvas(figure)
    FigureManager(canvas, 0)
    move = drawn(name, figure, values)

    def moved(change):
        move(values | {control: change["new"]})
        canvas.draw_idle()

    slider.observe(moved, "value")
    box = ipywidgets.VBox([slider, canvas])
    box.add_class("bench-ipympl")
    return box


SOURCE = "\n\n".join(
    inspect.getsource(function)
    for function in (
        *(registry, panel, still, sliders, comparable, dots_per_inch, drawn),
        *(bare, ours, like, interacted, on_ipympl),
    )
)

# ---- measuring
CELLS = 5  # the sources above, and one cell for each panel of a turn
PAIRS = 8  # presses there and back
QUICK = 4  # explorers of --quick
COMPARED = 3  # explorers that are also drawn the other ways
PATIENCE, QUIET = 20_000, 150  # ms: for a picture to change, and for the rest of a move to come
DRAG, RATE = 1.5, 60  # seconds, pointer moves a second
AIM, GOAL_LAG, GOAL_INTERACT, GOAL_IPYMPL = 15, 220, 5, 3


def allowed(way, trip, drawn):
    """The most ms and kB that a move may take, beside a bare round trip; of a diagram (`drawn`) or of a chart."""
    if drawn:
        return {"plain": (trip + 12, 6), "redraw": (trip + 30, 40)}.get(way, (math.inf, math.inf))
    return {"plain": (1.5 * trip + 25, 80), "redraw": (3 * trip, 80)}.get(way, (math.inf, math.inf))


def p95(times):
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


class Row:
    """One slider of one panel: how it is found in the page, and what was measured."""

    def __init__(self, way, control, kind):
        self.root, self.control, self.kind = f".bench-{way}", control, kind
        self.handle = f"{self.root} .slider-{control} :is(.noUi-handle, input[type=range])"
        self.times, self.bytes, self.drag = [], [], None

    def __bool__(self):
        return bool(self.times)

    @property
    def median(self):
        return median(self.times)

    @property
    def kB(self):
        return median(self.bytes) / 1000


class Bench:
    """The page in which all is measured."""

    def __init__(self, visit):
        self.visit, self.page = visit, visit.page

    def run(self, number, source):
        """Runs a source in a cell; an error in it ends the benchmark."""
        errors = self.page.evaluate(
            """async ([number, source]) => {
                const book = window.jupyterapp.shell.currentWidget.content, cell = book.widgets[number];
                cell.model.sharedModel.setSource(source);
                book.activeCellIndex = number;
                await window.jupyterapp.commands.execute('notebook:run-cell');
                return cell.model.outputs.toJSON().filter(one => one.output_type === 'error').map(one => one.evalue);
            }""",
            [number, source],
        )
        if errors:
            raise RuntimeError(f"{source}: {errors[0]}")

    def show(self, number, source, row):
        """Runs a cell, and waits until its picture stands."""
        self.run(number, source)
        self.page.wait_for_selector(row.root)
        explorer = self.page.locator(row.root)
        lab.open_the_answer(self.page, explorer)
        self.page.wait_for_function("([root, kind]) => bench.ready(root, kind)", arg=[row.root, row.kind])
        self.page.wait_for_timeout(300)

    def keys(self, row):
        """The key that moves the slider from where it stands, and the one that moves it back; None if it cannot move."""
        handle = self.page.locator(row.handle)
        if not handle.count() or not handle.is_visible():
            return None
        low, now, high = (float(handle.get_attribute(f"aria-value{part}")) for part in ("min", "now", "max"))
        there_and_back = ("ArrowRight", "ArrowLeft")
        return None if low >= high else there_and_back if now < high else there_and_back[::-1]

    def watch(self, row):
        """Brings the slider's picture into view, and begins to look at it."""
        self.page.evaluate(
            """async ([root, kind, handle]) => {
                const box = document.querySelector(root), shown = bench.kind(kind).find(box);
                const seen = document.querySelector('.jp-WindowedPanel-outer, .jp-Notebook').getBoundingClientRect();
                const inside = ({top, bottom}) => top >= seen.top && bottom <= Math.min(seen.bottom, innerHeight);
                if (!inside(shown.getBoundingClientRect())) shown.scrollIntoView({block: 'center'});
                if (!inside(document.querySelector(handle).getBoundingClientRect()))
                    document.querySelector(handle).scrollIntoView({block: 'nearest'});
                await new Promise(done => setTimeout(done, 50));
                await bench.watch(root, kind, handle);
            }""",
            [row.root, row.kind, row.handle],
        )

    def finish(self, patience=PATIENCE):
        return self.page.evaluate("([patience, quiet]) => bench.finish(patience, quiet)", [patience, QUIET])

    def press(self, row, key):
        """One key press: (ms to the changed picture, bytes), or None if the picture did not change."""
        self.watch(row)
        self.page.keyboard.press(key)
        seen = self.finish()
        return (seen["times"][0] - seen["pressed"], seen["bytes"]) if seen["times"] else None

    def pair(self, row):
        """There and back; whether the picture changed both times."""
        taken = [self.press(row, key) for key in self.keys(row)]
        if None in taken:
            return False
        for milliseconds, size in taken:
            row.times.append(milliseconds)
            row.bytes.append(size)
        return True

    def drag(self, row):
        """The handle dragged over its track and back: pictures and positions a second, lag in ms, blank and unready frames."""
        self.watch(row)
        mouse = self.page.mouse
        box = self.page.locator(row.handle).bounding_box()
        track = self.page.locator(f"{row.root} .slider-{row.control} :is(.noUi-base, input[type=range])").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        left, right = track["x"], track["x"] + track["width"]
        mouse.move(x, y)
        mouse.down()
        start, steps = time.perf_counter(), round(DRAG * RATE)
        for n in range(1, steps + 1):
            # From where it stands to the right end, to the left end, and back to the middle: all at one speed.
            way, length = n / steps, (right - x) + (right - left) + (right - left) / 2
            done = way * length
            if done < right - x:
                at = x + done
            elif done < (right - x) + (right - left):
                at = right - (done - (right - x))
            else:
                at = left + (done - (right - x) - (right - left))
            time.sleep(max(0, start + n / RATE - time.perf_counter()))
            mouse.move(at, y)
        mouse.up()
        seen = self.finish()
        seconds = (seen["released"] - seen["pressed"]) / 1000
        during = [moment for moment in seen["times"] if moment <= seen["released"]]
        lag = max(0, seen["times"][-1] - seen["released"]) if seen["times"] else math.nan
        row.drag = (len(during) / seconds, seen["moves"] / seconds, lag, seen["blank"], seen["unready"])

    def explorer(self, name, pairs, compared):
        """Measures one explorer in turns: its rows by way, `bare` among them."""
        self.visit.command("notebook:clear-all-cell-outputs")
        rows = {"bare": Row("bare", "bare", "text")}
        self.show(1, "bare()", rows["bare"])
        names = sliders(name)
        if names["plain"] or names["redraw"]:
            self.show(2, f"ours({name!r})", Row("ours", "", "lecture"))
        for way, controls in names.items():
            for control in controls:
                row = Row("ours", control, "lecture")
                if self.keys(row) and self.pair(row):
                    rows[way] = Row("ours", control, "lecture")  # the try is not counted
                    break
        if compared and "plain" in rows:
            control = rows["plain"].control
            rows["interact"] = Row("interact", control, "inline")
            self.show(3, f"interacted({name!r}, {control!r})", rows["interact"])
            if find_spec("ipympl"):
                rows["ipympl"] = Row("ipympl", control, "canvas")
                self.show(4, f"on_ipympl({name!r}, {control!r})", rows["ipympl"])
        for _ in range(pairs):
            for row in rows.values():
                self.pair(row)
        for row in rows.values():
            self.drag(row)
        return rows


# ---- what is printed
HEAD = (
    f"{'explorer':24}{'slider':22}{'median':>7}{'p95':>6}{'bare':>6}{'x bare':>7}{'allowed':>8}{'kB':>6}"
    f"{'pictures/s':>12}{'positions/s':>12}{'lag':>6}{'blank':>6}{'unready':>8}   misses"
)


def misses(way, row, rows, drawn):
    """Words for the goals that a row does not reach."""
    words, trip = [], rows["bare"].median
    ms, kB = allowed(way, trip, drawn)
    words += ["time"] * (row.median > ms) + ["kB"] * (row.kB > kB)
    if way == "plain" and row.drag:
        _, _, lag, blank, _ = row.drag
        words += ["lag"] * (not lag <= GOAL_LAG) + ["blank"] * (blank > 0)
    for other, goal in (("interact", GOAL_INTERACT), ("ipympl", GOAL_IPYMPL)):
        if way == "plain" and rows.get(other) and rows[other].median < goal * row.median:
            words.append(f"under {goal} times faster than {other}")
    return words


def line(name, way, row, rows, drawn):
    """One row of the table."""
    if not row:
        return f"{name:24}{way + ' ' + row.control:22} the picture did not change"
    trip = rows["bare"].median
    limit, _ = allowed(way, trip, drawn)
    text = f"{name:24}{'bare' if way == 'bare' else way + ' ' + row.control:22}{row.median:7.0f}{p95(row.times):6.0f}"
    text += f"{trip:6.0f}{row.median / trip:7.1f}{f'{limit:.0f}' if limit < math.inf else '':>8}{row.kB:6.0f}"
    if row.drag:
        pictures, positions, lag, blank, unready = row.drag
        text += f"{pictures:12.1f}{positions:12.1f}{lag:6.0f}{blank:6.0f}{unready:8.0f}"
    else:
        text += f"{'-':>12}{'-':>12}{'-':>6}{'-':>6}{'-':>8}"
    if way in ("interact", "ipympl"):
        return f"{text}   {row.median / rows['plain'].median:.1f} times ours" if rows.get("plain") else text
    return f"{text}   {', '.join(misses(way, row, rows, drawn))}"


def chosen(names, quick):
    """The explorers to measure, and those of them that are also drawn the other ways."""
    known = list(registry())
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"There is no explorer {', '.join(unknown)}; there are: {', '.join(known)}")
    names = names or (known[:: math.ceil(len(known) / QUICK)] if quick else known)
    able = [name for name in names if comparable(name)]
    return names, able[:: max(1, math.ceil(len(able) / COMPARED))]


def measure(bench, names, pairs, compared):
    """Measures and prints, explorer by explorer."""
    from playwright.sync_api import Error

    bench.run(0, SOURCE)
    print(HEAD, flush=True)
    trips, missed, good, aimed, unmeasured = [], {}, 0, 0, []
    for name in names:
        try:
            rows = bench.explorer(name, pairs, name in compared)
        except (RuntimeError, Error) as error:
            if bench.page.is_closed():
                raise
            print(f"{name:24}could not be measured: {str(error).splitlines()[0]}", flush=True)
            missed[name] = ["not measured"]
            continue
        drawn = registry()[name].picture is None
        trips.append(rows["bare"].median)
        for way, row in rows.items():
            print(line("" if way != "bare" else name, way, row, rows, drawn), flush=True)
        if not rows.get("plain"):
            unmeasured.append(name)
        elif rows["plain"].median <= trips[-1] + AIM:
            aimed += 1
        words = [
            f"{way} {word}"
            for way in ("plain", "redraw")
            if rows.get(way)
            for word in misses(way, rows[way], rows, drawn)
        ]
        if words:
            missed[name] = words
        elif rows.get("plain") or rows.get("redraw"):
            good += 1
    print(f"\n{aimed} of {len(names)} explorers take at most the bare round trip and {AIM} ms.")
    print(f"All goals are reached by {good}, not by {len(missed)}:")
    for name, words in missed.items():
        print(f"  {name}: {', '.join(words)}")
    if unmeasured:
        print(f"No plain slider moves the picture at the default setting: {', '.join(unmeasured)}")
    if not find_spec("ipympl"):
        print("ipympl is not installed: left out")
    if not trips:
        return
    low, high = min(trips), max(trips)
    print(f"Bare round trip: first {trips[0]:.0f} ms, last {trips[-1]:.0f}, between {low:.0f} and {high:.0f}.")
    if high > 1.5 * low:
        print("It changed by more than half during the run: the machine was not left alone, trust the ratios only.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="explorers to measure (the default is all)")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} explorers only")
    parser.add_argument("--rounds", type=int, default=PAIRS, help=f"presses there and back (the default is {PAIRS})")
    options = parser.parse_args()
    names, compared = chosen(options.names, options.quick)
    path = lab.find_browser()
    if path is None:
        sys.exit("No Chromium, Chrome or Edge found: install one, or set LECTURE_BROWSER to its path")
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # the kernel inherits it
    with watched(), tempfile.TemporaryDirectory(prefix="lecture-bench-") as folder:
        home = Path(folder)
        write_notebook(home / "notebooks" / "latency.ipynb")
        with lab.serve(home) as address, lab.chromium(path) as browser:
            print(f"{path}, {browser.version}")
            script = Path(__file__).with_suffix(".js")
            visit = lab.Visit(browser, address, "latency.ipynb", script=script)
            measure(Bench(visit), names, options.rounds, compared)
            visit.close()


def write_notebook(path):
    """A notebook of empty cells, which the benchmark fills."""
    import nbformat

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("") for _ in range(CELLS)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path.parent.mkdir()
    nbformat.write(book, path)


if __name__ == "__main__":
    main()
