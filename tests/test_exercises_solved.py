"""Run all with every exercise solved: each stub gets what `solution(name)` prints, and every check then says so.

Only the notebooks with exercises are run here; the others are then no different from what nbval runs.
"""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from lecture_utils.texts import FIRST, languages, table
from lecture_utils.widgets.exercise import solution
from tools import notebooks

ASKS = re.compile(r"""(?<![\w.])check\(["']""")
STUB = re.compile(r'def (\w+)(\(.*\)):\n    return None  # your line here\n\n\ncheck\("([\w.]+)", \1\)')
HEAD = re.compile(r"def \w+(\(.*\)):")


def exercises(notebook):
    """The cells of a notebook that check an answer."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and ASKS.search(cell.source)]


FOUND = {path: len(exercises(nbformat.read(path, as_version=4))) for path in notebooks.find([])}


@pytest.mark.parametrize("number", range(1, 7))
def test_a_chapter_has_at_least_two_exercises(number):
    counts = [count for path, count in FOUND.items() if path.name.startswith(f"{number:02}_")]
    assert counts and min(counts) >= 2


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")  # on Windows: zmq reads in a thread of its own
@pytest.mark.parametrize("path", [path for path, count in FOUND.items() if count], ids=notebooks.label)
def test_run_all_is_green_with_every_exercise_solved(path, capsys):
    notebook = nbformat.read(path, as_version=4)
    solved = {}
    for cell in exercises(notebook):
        stub = STUB.fullmatch(cell.source)
        assert stub, f"not a stub and its check:\n{cell.source}"
        mine, given, name = stub.groups()
        solution(name)
        text = capsys.readouterr().out
        assert HEAD.match(text)[1] == given, f"{name}: the stub and the solution take other arguments"
        cell.source = HEAD.sub(f"def {mine}{given}:", text, count=1) + f'\n\ncheck("{name}", {mine})'
        solved[name] = cell

    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()

    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
    language = path.parent.name if path.parent.name in languages() else FIRST
    said = {name: [output.data["text/plain"] for output in cell.outputs] for name, cell in solved.items()}
    assert said == {name: [table(language)["check.right"]] for name in solved}
