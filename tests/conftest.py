"""What all tests share: settings of their own in place of the user's, and the browser.

Notebooks are compared by nbval in its strict mode. Nothing is taken out of the comparison: what a cell writes to stderr
is compared too, and since no stored notebook holds any (`test_notebook_store.py`), a warning in a cell is a failure.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from browser.lab import FOLDERS, find_browser
from hypothesis import configuration

# One thread for numpy, as run.py sets it for the lecture: small products on more threads only wait for each other.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")


def pytest_configure(config):
    """Neither read nor write what the user has set up for Jupyter and the lecture: kernels get a new folder."""
    home = tempfile.mkdtemp(prefix="lecture-tests-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    configuration.set_hypothesis_home_dir(home)  # it keeps tables of Unicode there
    for name in (*FOLDERS, "LECTURE_SETTINGS"):
        os.environ[name] = str(Path(home, name.lower()))
    os.environ["LECTURE_COMMITTED"] = "1"  # nbval compares with notebooks that are stored so


@pytest.fixture(scope="session")
def browser_path():
    """The browser's path. Without one the test is skipped, with a word why; in CI (where `CI` is set) it fails."""
    path = find_browser()
    if path is None:
        reason = "no Chromium, Chrome or Edge found: install one, or set LECTURE_BROWSER to its path"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return path
