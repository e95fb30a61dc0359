"""Does this notebook run where the lecture can run? Says in plain words what is wrong and what to do.

What a kernel can find out: its Python, the packages that pyproject.toml asks for, and the widgets' browser part beside
them. What it cannot find out is whether the browser really shows widgets; the learner tries that (chapters/start).
"""

import sys
import tomllib
from glob import glob
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple

from lecture_utils.texts import text

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


class Finding(NamedTuple):
    """One thing looked at: whether it is right, and the sentence to read."""

    right: bool
    sentence: str


def _release(version):
    """The leading numbers of a version: "8.1.9rc1" -> (8, 1, 9)."""
    numbers = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)


def findings(python=None, version=metadata.version, find_spec=util.find_spec, prefix=sys.prefix):
    """All Findings. The arguments stand for this Python's version, for the packages installed, and for where they are."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    python = sys.version_info[:3] if python is None else python
    least = project["requires-python"].removeprefix(">=")
    key = "right" if tuple(python) >= _release(least) else "old"
    found = [_finding("python", key, least=least, found=".".join(map(str, python)))]
    for requirement in project["dependencies"]:
        name, least = requirement.partition(";")[0].split(">=")
        if name == "isal":
            continue  # without it pictures come a little later, and nothing is wrong
        try:
            installed = version(name)
        except metadata.PackageNotFoundError:
            found.append(_finding("package", "missing", name=name, least=least))
        else:
            key = "right" if _release(installed) >= _release(least) else "old"
            found.append(_finding("package", key, name=name, least=least, found=installed))
    key = "right" if find_spec("jupyterlab_widgets") and find_spec("anywidget") else "missing"
    if prefix not in glob(prefix):  # as JupyterLab looks for the browser part: a [ in the path hides all below it
        key = "hidden"
    return [*found, _finding("widgets", key, folder=prefix)]


def _finding(subject, key, **numbers):
    return Finding(key == "right", text(f"selftest.{subject}.{key}", **numbers))


def report():
    """Prints one line per Finding."""
    for finding in findings():
        print(text("selftest.line.right" if finding.right else "selftest.line.wrong", sentence=finding.sentence))
