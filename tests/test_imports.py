"""Imports go one way: numerics <- drawing <- widgets <- chapters. Found by directory, seen in fresh processes."""

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "lecture_utils"
NUMERIC = sorted(PACKAGE.glob("*.py"))
DRAWING = sorted((PACKAGE / "drawing").glob("*.py"))
WIDGETS = sorted((PACKAGE / "widgets").glob("*.py"))


def loaded_by(file):
    """The names in sys.modules of a fresh process that has imported the module."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    run = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True, encoding="utf-8", cwd=PACKAGE.parent,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.mark.parametrize("file", NUMERIC, ids=lambda file: file.stem)
def test_numeric_modules_need_numpy_only(file):
    assert not loaded_by(file) & {"matplotlib", "ipywidgets", "IPython"}


@pytest.mark.parametrize("file", DRAWING, ids=lambda file: file.stem)
def test_drawing_needs_no_widget_and_no_chapter(file):
    assert not loaded_by(file) & {"ipywidgets", "IPython", "lecture_utils.widgets", "lecture_utils.chapters"}


@pytest.mark.parametrize("file", WIDGETS, ids=lambda file: file.stem)
def test_the_machinery_knows_no_chapter(file):
    assert "lecture_utils.chapters" not in loaded_by(file)


def test_the_modules_are_found():
    assert {"functions", "rnn", "bptt"} <= {file.stem for file in NUMERIC}
    assert "style" in {file.stem for file in DRAWING} and "engine" in {file.stem for file in WIDGETS}
