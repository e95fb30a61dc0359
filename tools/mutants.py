"""Puts faults into the package, one by one, and sees whether the tests find each of them.

    python3 run.py mutants                  60 faults, 20 an area, drawn by the seed 0
    python3 run.py mutants --seed 7 --area rules --count 5

The areas: `numerics` (the modules of formulas), `captions` (what explorers compute, which sentence they choose, which number
stands where in it), `rules` (what the artists of a chart and the parts of a diagram show). Faults are drawn from all places
where one can be put, so that each kind of fault comes at least once. Each is tried in a fresh process, on a copy of the
project, against all tests of its area. The command fails if a fault is not found, or could not be put in.
"""

import argparse
import ast
import copy
import random
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lecture_utils"
AREAS = ("numerics", "captions", "rules")
SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
TURNS = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.Gt, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
NUMERIC = tuple(
    "bptt charlm descent functions gradcheck gradients gru lstm optimizers rnn tasks training truncated units".split()
)
NUMERIC_TESTS = (*NUMERIC, "hello", "race", "textmodel")


class Fault(NamedTuple):
    """One place in a file and what is put there."""

    area: str
    kind: str
    file: Path
    line: int
    start: int  # offsets in the file's text
    stop: int
    was: str
    now: str

    def apply(self, text):
        if text[self.start : self.stop] != self.was:
            raise ValueError(f"{self.file}:{self.line} does not hold {self.was!r}")
        return text[: self.start] + self.now + text[self.stop :]


# ---- faults in Python
def changes(node, names=()):
    """(kind, the node with a fault) for each fault that can be put at this node; `names` may stand in for an attribute."""
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        yield "operator", ast.BinOp(node.left, SWAPS[type(node.op)](), node.right)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TURNS:
        yield "comparison", ast.Compare(node.left, [TURNS[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield "sign", node.operand
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield "constant", ast.Constant(node.value + 1)
    elif isinstance(node, ast.Constant) and type(node.value) is float and node.value:
        yield "constant", ast.Constant(2 * node.value)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "d":
        for name in names:
            if name != node.attr:
                yield "field", ast.Attribute(node.value, name)


def walk(node):
    """The nodes below, without what says no number: texts, error messages, docstrings, annotations, defaults."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "defaults", "kw_defaults"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, (ast.JoinedStr, ast.Raise, ast.Assert)):
                yield child
                yield from walk(child)


def faults_in(area, file, text, tree, names=(), kind=None, only=lambda node: True):
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    raw = text.encode()

    def offset(line, column):
        return len(raw[: starts[line - 1] + column].decode())

    for node in filter(only, walk(tree)):
        for found, changed in changes(node, names):
            start, stop = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
            now = ast.unparse(ast.fix_missing_locations(copy.deepcopy(changed)))
            yield Fault(area, kind or found, file, node.lineno, start, stop, text[start:stop], f"({now})")


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def numerics():
    """In the bodies of the numeric modules' functions, but for the checks at the doors."""
    for name in NUMERIC:
        file = PACKAGE / f"{name}.py"
        text = file.read_text(encoding="utf-8")
        for function in functions(ast.parse(text)):
            if "check" not in function.name:
                yield from faults_in("numerics", file, text, function)


def chapter_files():
    return sorted(PACKAGE.glob("chapters/*/explorers.py"))


def captions():
    """In what an explorer computes, in the choice of its sentence, and in the fields of its sentences."""
    for file in chapter_files():
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        for function in functions(tree):
            if function.name.startswith(("compute_", "say_")):
                part = "choice" if function.name.startswith("say_") else "computed"
                for fault in faults_in("captions", file, text, function):
                    yield fault._replace(kind=f"{part}: {fault.kind}")
        for keyword in (node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "say"):
            yield from faults_in("captions", file, text, keyword, kind="choice: lambda")
    for file in sorted(PACKAGE.glob("texts/en/*.py")):
        if not (PACKAGE / "chapters" / file.stem / "explorers.py").exists():
            continue
        text = file.read_text(encoding="utf-8")
        for entry in re.finditer(r'^    "[\w.]+\.caption[\w.]*": (?:"(?:[^"\\]|\\.)*"\s*)+', text, re.MULTILINE):
            fields = list(re.finditer(r"\{(\w+)", entry[0]))
            for one in fields:
                for other in sorted({field[1] for field in fields} - {one[1]}):
                    start = entry.start() + one.start(1)
                    line = text.count("\n", 0, start) + 1
                    yield Fault("captions", "sentence: field", file, line, start, start + len(one[1]), one[1], other)


def of_data(node):
    """Whether a node is about a field of the data."""
    return any(
        isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "d"
        for part in ast.walk(node)
    )


def rules():
    """In the rules that a chart's picture function yields; in a diagram, where it is about the data."""
    for file in chapter_files():
        text = file.read_text(encoding="utf-8")
        for function in functions(ast.parse(text)):
            yields = [node.value for node in ast.walk(function) if isinstance(node, (ast.Yield, ast.YieldFrom))]
            pairs = [value for value in yields if isinstance(value, ast.Tuple) and len(value.elts) == 2]
            lambdas = [rule for value in pairs for rule in ast.walk(value.elts[1]) if isinstance(rule, ast.Lambda)]
            drawn = [] if yields or not function.name.startswith("draw_") else [function]
            names = sorted(
                {node.attr for rule in lambdas + drawn for node in ast.walk(rule)
                 if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "d"}
            )  # fmt: skip
            for rule in lambdas:
                yield from faults_in("rules", file, text, ast.Expression(rule.body), names)
            for diagram in drawn:
                for fault in faults_in("rules", file, text, diagram, names, only=of_data):
                    yield fault._replace(kind=f"diagram: {fault.kind}")


# ---- trying them
def draw(area, count, seed):
    """Faults of an area, as many of each kind as of any other; no two at the same place."""
    chance = random.Random(f"{area} {seed}")
    places = list({"numerics": numerics, "captions": captions, "rules": rules}[area]())
    chance.shuffle(places)
    kinds = {}
    for fault in places:
        kinds.setdefault(fault.kind, []).append(fault)
    in_turn = (fault for row in zip_longest(*kinds.values()) for fault in row if fault)
    chosen = {}
    for fault in in_turn:
        if len(chosen) == max(count, len(kinds)):
            break
        chosen.setdefault((fault.file, fault.start), fault)
    print(f"{area}: {len(places)} faults can be put in, {len(chosen)} are tried", flush=True)
    return list(chosen.values())


def tests(fault):
    """The test files of a fault's area, those nearest to it first."""
    if fault.area != "numerics":
        chapter = fault.file.stem if "texts" in fault.file.parts else fault.file.parent.name
        return [f"tests/explorers/test_{chapter}.py", "tests/test_captions.py"]
    nearest = sorted(NUMERIC_TESTS, key=lambda name: name != fault.file.stem)
    return [path for name in nearest if (ROOT / (path := f"tests/test_{name}.py")).exists()]


def attempt(fault):
    """(whether the fault was found, by which test), in a process of its own on a copy of the project."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        home = Path(folder)
        for name in ("lecture_utils", "tests"):
            shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__", "screenshots"))
        shutil.copy(ROOT / "pyproject.toml", home)
        target = home / fault.file.relative_to(ROOT)
        target.write_text(fault.apply(target.read_text(encoding="utf-8")), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--color=no", "-p", "no:cacheprovider", *tests(fault)]
        run = subprocess.run(command, cwd=home, capture_output=True, encoding="utf-8", errors="replace")
        named = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
        if run.returncode not in (0, 1, 2):
            raise RuntimeError(f"pytest ended with {run.returncode}:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
        return run.returncode != 0, named[1] if named else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=20, help="faults an area")
    parser.add_argument("--area", choices=AREAS, action="append", help="all of them, if none is named")
    options = parser.parse_args()
    faults = [fault for area in options.area or AREAS for fault in draw(area, options.count, options.seed)]
    missed = 0
    with ThreadPoolExecutor(2) as pool:
        for fault, (found, test) in zip(faults, pool.map(attempt, faults), strict=True):
            missed += not found
            place = f"{fault.file.relative_to(PACKAGE)}:{fault.line}"
            was, now = (re.sub(r"\s+", " ", part) for part in (fault.was, fault.now))
            print(f"{fault.area:9} {fault.kind:22} {place:34} {was} -> {now}", flush=True)
            print(f"{'':9} {'found by ' + test if found else 'NOT FOUND'}", flush=True)
    print(f"{len(faults)} faults, {len(faults) - missed} found, {missed} not found")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
