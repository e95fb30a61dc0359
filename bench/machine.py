"""What the numbers of a benchmark depend on: Python, numpy, and the BLAS kernel in use on this machine."""

import os
import platform

import numpy as np


def describe():
    """One line: Python, numpy, BLAS and its kernel, processor."""
    return f"Python {platform.python_version()}, numpy {np.__version__}, {blas()}, {platform.machine()}"


def load():
    """How many processes wanted to run in the last minute, on how many processors; where the system counts them."""
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return f"{busy} on {os.cpu_count()} processors"


def blas():
    """The BLAS that numpy loaded and the kernel it chose for this processor."""
    np.ones((2, 2)) @ np.ones((2, 2))
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "BLAS kernel unknown (pip install threadpoolctl)"
    loaded = [entry for entry in threadpool_info() if entry["user_api"] == "blas"]
    return ", ".join(f"{entry['internal_api']} {entry['version']} kernel {entry['architecture']}" for entry in loaded)
