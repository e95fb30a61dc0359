"""Imports go one way: numeric modules load no drawing and no widget, plots no widget. Found by directory."""

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "lecture_utils"
NUMERIC = sorted(PACKAGE.glob("*.py"))
PLOTS = sorted((PACKAGE / "plots").glob("*.py"))


def loaded_by(file):
    """The top-level names in sys.modules of a fresh process that has imported the module."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=PACKAGE.parent)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.mark.parametrize("file", NUMERIC, ids=lambda file: file.stem)
def test_numeric_modules_need_numpy_only(file):
    assert not loaded_by(file) & {"matplotlib", "ipywidgets", "IPython"}


@pytest.mark.parametrize("file", PLOTS, ids=lambda file: file.stem)
def test_plots_need_no_widget(file):
    assert not loaded_by(file) & {"ipywidgets", "IPython"}


def test_the_modules_are_found():
    assert {"functions", "rnn", "bptt"} <= {file.stem for file in NUMERIC}
