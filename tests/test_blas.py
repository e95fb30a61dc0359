"""That a kernel which nobody told so holds numpy to one thread."""

import ctypes
import os
import subprocess
import sys

import numpy as np
import pytest

from lecture_utils import blas

CODE = """
import ctypes
import numpy as np
def threads():
    library = ctypes.CDLL(np._core._multiarray_umath.__file__)
    return library.scipy_openblas_get_num_threads64_()
before = threads()
from lecture_utils.chapters import gru
gru.cost().run.step()
print(before, threads())
"""


def test_the_measured_shares_are_those_of_one_thread():
    if not hasattr(ctypes.CDLL(np._core._multiarray_umath.__file__), "scipy_openblas_get_num_threads64_"):
        pytest.skip("numpy has another library here")
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    made = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True)
    assert made.stdout.split() == ["2", "1"]


def test_where_no_library_is_known_it_says_so(monkeypatch):
    monkeypatch.setattr(blas, "SETTERS", ())
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert blas.one_thread.__wrapped__() is False
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert blas.one_thread.__wrapped__() is True
    monkeypatch.setattr(blas, "_libraries", lambda: ["/no/such/library.so"])
    assert blas.one_thread.__wrapped__() is True


def test_here_a_way_is_found():
    assert blas.one_thread() is True
