"""Films the README's animation: the graph of chapter 3 is played forward and back, then scissors cut a path.

Drives a real JupyterLab in a real browser, as the browser tests do, and writes docs/lecture.gif.
"""

import argparse
import io
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from PIL import Image, ImageChops

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from browser import lab  # noqa: E402 (lies with the tests)

TARGET = ROOT / "docs" / "lecture.gif"
WIDTH, COLOURS = 760, 160  # pixels; of the picture's palette
LARGEST = 1_500_000  # bytes
SHOWN = ("bptt.graph(walk=9)", "bptt.paths()")
LAST = 1.5  # seconds for which the end of a scene stands still


def scenes(graph, paths):
    """(what is filmed, what is done to it: (act, seconds to watch)) of each scene."""

    def part(id):
        return paths.locator(f'[data-id="{id}"]').first.click

    play = graph.locator(".lecture-player button").first.click
    yield graph.locator(".lecture-diagram"), [(play, 16)]
    yield paths.locator(".lecture-pictures"), [(part(id), 1.6) for id in ("loss_6", "h_2", "cut_3", "cut_3")]


def film(server, browser):
    """The frames (picture, seconds), equal ones after each other taken as one."""
    visit = lab.Visit(browser, server, "film.ipynb")
    visit.run_all()
    frames = []
    for place, acts in scenes(*visit.page.locator(".lecture-explorer").all()):
        place.scroll_into_view_if_needed()
        visit.page.wait_for_timeout(1500)  # the fonts are there
        for act, seconds in acts:
            act()
            visit.page.mouse.move(0, 0)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                start, shot = time.monotonic(), Image.open(io.BytesIO(place.screenshot())).convert("RGB")
                visit.page.wait_for_timeout(40)
                spent = time.monotonic() - start
                if (
                    frames
                    and frames[-1][0].size == shot.size
                    and not ImageChops.difference(frames[-1][0], shot).getbbox()
                ):
                    frames[-1] = frames[-1][0], frames[-1][1] + spent
                else:
                    frames.append((shot, spent))
        frames[-1] = frames[-1][0], LAST
    visit.close()
    return frames


def write(frames, target):
    """The animation, all frames on a page of one size; gives its size in bytes."""
    height = round(max(shot.height * WIDTH / shot.width for shot, _ in frames))
    pages = []
    for shot, _ in frames:
        page = Image.new("RGB", (WIDTH, height), "white")
        page.paste(shot.resize((WIDTH, round(shot.height * WIDTH / shot.width)), Image.Resampling.LANCZOS))
        pages.append(page)
    palette = Image.new("RGB", (WIDTH, height * len(pages) // 4 + 1))  # of every fourth row of all of them
    for n, page in enumerate(pages):
        palette.paste(page.resize((WIDTH, height // 4), Image.Resampling.NEAREST), (0, n * (height // 4)))
    first = palette.quantize(COLOURS, dither=Image.Dither.NONE)
    pages = [page.quantize(palette=first, dither=Image.Dither.NONE) for page in pages]
    times = [max(20, round(1000 * seconds)) for _, seconds in frames]
    pages[0].save(target, save_all=True, append_images=pages[1:], duration=times, loop=0, optimize=True, disposal=1)
    return target.stat().st_size


def main(arguments):
    """The exit code: 1 without a browser, or if the animation has become too large."""
    argparse.ArgumentParser(prog="run.py animation", description=__doc__.split("\n")[0]).parse_args(arguments)
    path = lab.find_browser()
    if path is None:
        print("No Chromium, Chrome or Edge found: install one, or set LECTURE_BROWSER to its path")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "notebooks").mkdir()
        calls = [f"from lecture_utils import chapters\nchapters.{call}" for call in SHOWN]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(call) for call in calls])
        notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
        nbformat.write(notebook, home / "notebooks" / "film.ipynb")
        with lab.serve(home) as server, lab.chromium(path) as browser:
            frames = film(server, browser)
    size = write(frames, TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {len(frames)} frames, {size // 1000} kB")
    return int(size > LARGEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
