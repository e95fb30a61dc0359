"""How long a move of each explorer takes: computing, drawing what moves, drawing anew; medians in ms, one thread.

    .venv/bin/python bench/explorers.py          (Windows: .venv\\Scripts\\python bench\\explorers.py)

`largest` is the slowest of the settings with one control at an end. The goal is 5 ms of computing at the start and 30 ms
at the largest; what takes longer is a film. Times are those of this machine; a busy one doubles them.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import importlib
import pkgutil
import time
from statistics import median

from machine import watched

from lecture_utils import chapters
from lecture_utils.widgets.engine import REGISTRY, Choice, Explorer, Slider, Switch

ROUNDS = 15


def registry():
    """All explorers, name to Spec."""
    for found in pkgutil.iter_modules(chapters.__path__):
        importlib.import_module(f"lecture_utils.chapters.{found.name}")
    return REGISTRY


def ends(control):
    """The settings of a control at which computing may take longest."""
    if isinstance(control, Slider):
        return [control.low, control.high]
    if isinstance(control, Choice):
        return control.options
    return [True, False] if isinstance(control, Switch) else []


def milliseconds(act):
    """The median time of an act, over some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    return median(times)


def rows():
    """One row per explorer: name, computing at the start, computing at the largest, moving, drawing anew, kB."""
    for name, spec in registry().items():
        panel = Explorer(spec)

        def compute(panel=panel, spec=spec):
            spec.compute(**panel.arguments)

        start = milliseconds(compute)
        moved, anew = milliseconds(panel.show), milliseconds(lambda panel=panel: panel.show(redraw=True))
        largest = start
        for control in spec.controls:
            for value in ends(control):
                panel.set(**{control.name: value})
                largest = max(largest, milliseconds(compute))
                panel.reset()
        yield name, start, largest, moved, anew, len(panel.picture.png) / 1000


@watched()
def main():
    print(f"{'explorer':24}{'compute':>9}{'largest':>9}{'move':>8}{'anew':>8}{'kB':>6}")
    for name, *numbers in rows():
        print(f"{name:24}{numbers[0]:9.2f}{numbers[1]:9.2f}{numbers[2]:8.1f}{numbers[3]:8.1f}{numbers[4]:6.0f}")


if __name__ == "__main__":
    main()
