"""What is declared in more than one place says the same everywhere: dependencies, locks, versions of Python."""

import ast
import importlib.metadata
import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import run

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEPENDENCIES = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = {name: [Requirement(line) for line in lines] for name, lines in PROJECT["optional-dependencies"].items()}
WORKFLOW = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
PYTHONS = re.findall(r'"(3\.\d+)"', re.search(r"python: \[(.+)\]", WORKFLOW)[1])
LOCKS = [*run.LOCKS, "requirements-oldest.lock"]
PLATFORMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"},
    "darwin": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin", "platform_machine": "arm64"},
    "win32": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
    "win-arm": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "ARM64"},
}
CONDA = {"isal": "python-isal"}  # the name there, where it is another one


def environment(python, platform):
    return {"python_version": python, "python_full_version": f"{python}.9", **PLATFORMS[platform]}


def needed(requirement, python, platform):
    return requirement.marker is None or requirement.marker.evaluate(environment(python, platform))


def read(lock):
    """The lock's text and its requirements, each with its list of hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = text.replace("\\\n", " ").splitlines()
    return text, [(Requirement(entry.partition("--hash")[0]), re.findall(r"--hash=(\S+)", entry)) for entry in entries]


def pins(lock, python, platform):
    """What the lock installs on that Python and platform: {name: version}."""
    chosen = [entry for entry, _ in read(lock)[1] if needed(entry, python, platform)]
    assert len({entry.name for entry in chosen}) == len(chosen), "one package in two versions"
    return {canonicalize_name(entry.name): str(entry.specifier).removeprefix("==") for entry in chosen}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_version_with_hashes_and_nothing_else(lock):
    text, entries = read(lock)
    assert len(entries) > 50
    for entry, hashes in entries:
        assert re.fullmatch(r"==[\w.]+", str(entry.specifier)), entry
        assert entry.url is None
        assert hashes, entry
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), entry
    assert not re.search(r"://|@|^ *-(?!-hash=)|^ *--(?!hash=)", text, re.MULTILINE), "an address or an option"


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_locks_hold_what_is_declared_for_every_platform_and_python(python, platform):
    lecture, testing = (pins(lock, python, platform) for lock in run.LOCKS)
    for held, declared in ((lecture, DEPENDENCIES), (testing, DEPENDENCIES + EXTRAS["test"])):
        for requirement in (entry for entry in declared if needed(entry, python, platform)):
            assert requirement.specifier.contains(held[canonicalize_name(requirement.name)]), requirement
    assert lecture.items() <= testing.items()
    for requirement in EXTRAS["oracles"]:
        assert canonicalize_name(requirement.name) not in testing
    for held in lecture, testing:
        assert ("pywinpty" in held) == ("colorama" in held) == ("pexpect" not in held) == platform.startswith("win")
        assert ("isal" in held) == (platform != "win-arm")


def test_the_oldest_lock_holds_the_lowest_versions_that_are_declared():
    held = pins("requirements-oldest.lock", PYTHONS[0], "linux")
    for requirement in DEPENDENCIES:
        (bound,) = requirement.specifier
        assert held[canonicalize_name(requirement.name)].startswith(bound.version), requirement


def test_environment_yml_declares_the_same():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = re.findall(r"^  - (.+)$", text.partition("dependencies:\n")[2], re.MULTILINE)
    own = [f"python{PROJECT['requires-python']}", "pip", "pip:"]
    declared = [
        f"{CONDA.get(requirement.name, requirement.name)}{requirement.specifier}" for requirement in DEPENDENCIES
    ]
    assert sorted(lines) == sorted([*declared, *own])
    assert text.endswith("  - pip:\n      - -e .\n")


def test_all_agree_on_the_oldest_python():
    oldest = "{}.{}".format(*run.OLDEST)
    assert PROJECT["requires-python"] == f">={oldest}"
    assert PYTHONS[0] == oldest
    assert sys.version_info[:2] >= run.OLDEST


def test_ci_only_calls_run_py():
    assert re.findall(r"run: (.+)", WORKFLOW) == ["python run.py test"]
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert "set -euo pipefail" in lines
    assert lines[-1] == "python3 run.py test"
    assert not any("|| true" in line or "continue-on-error" in line for line in [*lines, *WORKFLOW.splitlines()])


def imports(source):
    """The top-level names of the modules that the source imports by absolute name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "importorskip":
            yield node.args[0].value.partition(".")[0]


def test_run_py_needs_the_standard_library_only():
    names = set(imports((ROOT / "run.py").read_text(encoding="utf-8")))
    assert {"argparse", "venv", "ensurepip"} <= names <= sys.stdlib_module_names


def sources(folder):
    """The Python of a folder's modules and of its notebooks' cells."""
    for path in (ROOT / folder).rglob("*.py"):
        yield path.read_text(encoding="utf-8")
    for path in (ROOT / folder).rglob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield "".join(cell["source"])


@pytest.mark.parametrize(
    ("folder", "declared"),
    [
        ("lecture_utils", DEPENDENCIES),
        ("notebooks", DEPENDENCIES),
        ("tools", DEPENDENCIES + EXTRAS["test"]),
        ("tests", DEPENDENCIES + EXTRAS["test"] + EXTRAS["oracles"]),
    ],
)
def test_every_package_that_is_imported_is_declared(folder, declared):
    own = {"browser", "explorers", "lecture_utils", "oracles", "properties", "run", "tools"}
    names = {name for source in sources(folder) for name in imports(source)} - sys.stdlib_module_names - own
    providers = importlib.metadata.packages_distributions()
    known = {canonicalize_name(requirement.name) for requirement in declared}
    unknown = {name for name in names if not known & {canonicalize_name(d) for d in providers.get(name, [name])}}
    assert not unknown, f"{folder} imports what pyproject.toml does not declare"
