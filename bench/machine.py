"""What the numbers of a benchmark depend on: Python, numpy, and the BLAS kernel in use on this machine."""

import platform

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
