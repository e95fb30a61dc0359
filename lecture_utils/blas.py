"""One thread for numpy's matrix products, so that a measured time is the work that was done (section 6.8).

The products of the lecture are small: on several threads they wait for each other. `run.py` sees to it before numpy is
there; a kernel that something else has started is asked here, by way of the library behind numpy.
"""

import ctypes
import os
import sys
from functools import cache
from pathlib import Path

import numpy as np

SETTERS = (  # of numpy's own wheels, conda's OpenBLAS, MKL, BLIS, and macOS from 15 on, where 1 stands for one thread too
    *("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads", "openblas_set_num_threads64_"),
    *("openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads", "BLASSetThreading"),
)


def _libraries():
    """Paths: numpy's own core, which leads to all that it needs, and for Windows, where it does not, what may be behind it."""
    yield np._core._multiarray_umath.__file__
    if sys.platform == "win32":
        yield from map(str, Path(np.__file__).parents[1].glob("numpy.libs/*openblas*.dll"))
        for name in ("*openblas*", "mkl_rt*"):
            yield from map(str, Path(sys.prefix, "Library", "bin").glob(f"{name}.dll"))


@cache
def one_thread():
    """Sets numpy's products to one thread for as long as this Python runs; False if no way was found."""
    setters = []
    for path in _libraries():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        setters += [getattr(library, name) for name in SETTERS if hasattr(library, name)]
    for setter in setters:
        setter(1)
    return bool(setters) or sys.platform == "emscripten" or os.cpu_count() == 1
