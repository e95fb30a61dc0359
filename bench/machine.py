"""What the numbers of a benchmark depend on: Python, numpy, the BLAS kernel in use on this machine, and its load."""

import os
import platform
from contextlib import contextmanager

import numpy as np


def describe():
    """One line: Python, numpy, BLAS and its kernel, processor."""
    return f"Python {platform.python_version()}, numpy {np.__version__}, {blas()}, {platform.machine()}"


def blas():
    """The BLAS that numpy loaded and the kernel it chose for this processor."""
    np.ones((2, 2)) @ np.ones((2, 2))
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "BLAS kernel unknown (pip install threadpoolctl)"
    loaded = [entry for entry in threadpool_info() if entry["user_api"] == "blas"]
    return ", ".join(f"{entry['internal_api']} {entry['version']} kernel {entry['architecture']}" for entry in loaded)


def load():
    """The load average of the last minute; None where the system has none (Windows)."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def verdict(before, cores):
    """Whether figures can be trusted, from the load before anything was measured."""
    if before is None:
        return "The load is unknown on this system: close other programs, and do not trust these figures blindly."
    if before > cores / 2:
        return f"The machine was busy (load {before:.1f} on {cores} cores): do not trust these figures."
    return f"The machine was quiet (load {before:.1f} on {cores} cores)."


@contextmanager
def watched():
    """Prints machine and load before a benchmark, and after it the load again and whether the figures can be trusted.

    run.py, which runs one benchmark after the other, says in LECTURE_BENCH_LOAD how busy the machine was before the first.
    """
    before, cores = load(), os.cpu_count()
    print(describe())
    print(f"Load before: {written(before)}", flush=True)
    yield
    print(f"Load after: {written(load())} (the benchmark's own work is part of it)")
    told = os.environ.get("LECTURE_BENCH_LOAD")
    print(verdict(float(told) if told else before, cores), flush=True)


def written(load):
    return "unknown" if load is None else f"{load:.2f}"
