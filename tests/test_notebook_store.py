"""The notebooks as they are stored: executed, in normal form, with outputs that nbval really compares.

First what every stored notebook must be, and that each of these rules can fail; then the tool that stores them; then
nbval itself with the project's own settings.
"""

import ast
import copy
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import run
from tools import notebooks

ROOT = Path(__file__).parents[1]
STORED = notebooks.find([])
LINES = 12
PNG = "image/png"


def defects(notebook):
    """What is wrong with a stored notebook, one sentence each."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    ids = [cell.get("id") for cell in notebook.cells]
    if notebook.metadata != notebooks.METADATA:
        yield "the metadata are not those of the normal form: kernel python3, language python, no widget state"
    if None in ids or len(set(ids)) < len(ids):
        yield "cell ids are missing or not unique"
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "execution counts are not 1, 2, ..., n"
    if any(
        set(cell.metadata) - {"tags"} or "raises-exception" in cell.metadata.get("tags", ()) for cell in notebook.cells
    ):
        yield "a cell has other metadata than tags, or may raise"
    if any(output.output_type == "error" or output.get("name") == "stderr" for output in outputs):
        yield "an error or a warning is stored"
    if re.search(r"(?:/home|/Users|/root|/tmp|/var|\b[A-Z]:)[\\/]\w", "\n".join(map(shown, outputs))):
        yield "an output holds an absolute path"
    if not any(re.search(r"\d", shown(output)) for output in outputs):
        yield "no output holds a number that could be compared"
    for cell in code:
        yield from code_defects(cell)
    if not any(isinstance(node, ast.Assert) for cell in code for node in ast.walk(parse(cell))):
        yield "there is no assert"


def code_defects(cell):
    """What is wrong with one code cell."""
    first = cell.source.partition("\n")[0]
    if cell.source.count("\n") >= LINES:
        yield f"a cell has more than {LINES} lines: {first}"
    if re.search(r"^\s*[%!]|\bplt\.", cell.source, re.MULTILINE):
        yield f"a cell uses pyplot, a magic or a shell command: {first}"
        return
    body = parse(cell).body
    prints = any(isinstance(node, ast.Expr) and called(node) == "print" for node in body)
    if (prints or (body and isinstance(body[-1], ast.Expr) and called(body[-1]) is None)) and not cell.outputs:
        yield f"a cell that shows something is stored without output: {first}"


def parse(cell):
    return ast.parse(re.sub(r"^\s*[%!].*", "", cell.source, flags=re.MULTILINE))


def called(expression):
    """The name of the function that an expression statement calls; None if it is no call, "" for a method."""
    return getattr(expression.value.func, "id", "") if isinstance(expression.value, ast.Call) else None


def shown(output):
    """An output's text as nbval compares it."""
    return output.get("text", "") + output.get("data", {}).get("text/plain", "")


@pytest.mark.parametrize("path", STORED, ids=notebooks.label)
def test_a_stored_notebook_has_no_defects(path):
    assert list(defects(nbformat.read(path, as_version=4))) == []
    assert b"\r" not in path.read_bytes()


@pytest.mark.parametrize("path", [path for path in STORED if path.parent.name == "ko"], ids=notebooks.label)
def test_the_korean_edition_has_the_same_code(path):
    korean, english = (
        [cell.source for cell in nbformat.read(edition, as_version=4).cells if cell.cell_type == "code"]
        for edition in (path, path.parents[1] / path.name)
    )
    assert korean == english


def test_the_notebook_that_run_py_opens_is_there():
    assert ROOT / run.START in STORED


def sample():
    """A notebook without defects."""
    cells = [
        new_markdown_cell("# Does it shrink?"),
        new_code_cell("w = 0.5\nassert w < 1", execution_count=1),
        new_code_cell("print(w**2)", execution_count=2, outputs=[new_output("stream", name="stdout", text="0.25\n")]),
    ]
    return new_notebook(cells=cells, metadata=copy.deepcopy(notebooks.METADATA))


def damage(change):
    notebook = sample()
    change(notebook, notebook.cells[2])
    return list(defects(notebook))


def test_the_sample_has_no_defects():
    assert damage(lambda notebook, cell: None) == []


@pytest.mark.parametrize(
    ("change", "defect"),
    [
        (lambda n, c: n.metadata.kernelspec.update(name="conda-env"), "metadata"),
        (lambda n, c: n.metadata.update(widgets={"state": {}}), "widget state"),
        (lambda n, c: c.update(id=n.cells[0].id), "ids"),
        (lambda n, c: c.pop("id"), "ids"),
        (lambda n, c: c.update(execution_count=None), "counts"),
        (lambda n, c: c.update(execution_count=7), "counts"),
        (lambda n, c: c.metadata.update(execution={"iopub.execute_input": "2026"}), "other metadata"),
        (lambda n, c: c.metadata.update(tags=["raises-exception"]), "may raise"),
        (lambda n, c: c.outputs.append(new_output("error", ename="E", evalue="", traceback=[])), "error"),
        (lambda n, c: c.outputs.append(new_output("stream", name="stderr", text="warning")), "warning"),
        (lambda n, c: c.outputs[0].update(text="0.25 /home/me/x.py"), "absolute path"),
        (lambda n, c: c.outputs[0].update(text=r"0.25 C:\me\x.py"), "absolute path"),
        (lambda n, c: c.outputs[0].update(text="done"), "number"),
        (lambda n, c: c.outputs.clear(), "without output"),
        (lambda n, c: c.update(source="w", outputs=[]), "without output"),
        (lambda n, c: c.update(source="print(w)" + "\n" * LINES), "more than 12 lines"),
        (lambda n, c: c.update(source="plt.plot(w)"), "pyplot"),
        (lambda n, c: c.update(source="%matplotlib inline"), "magic"),
        (lambda n, c: c.update(source="!ls"), "shell"),
        (lambda n, c: n.cells[1].update(source="w = 0.5"), "assert"),
    ],
)
def test_each_defect_is_found(change, defect):
    assert any(defect in found for found in damage(change))


# The tool


@pytest.fixture
def store(tmp_path):
    """Two functions: one writes notebooks/ko/NAME.ipynb of code cells with the ids c0, c1, ...; one runs the tool."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "notebooks" / "ko").mkdir(parents=True)
    shutil.copy(notebooks.__file__, tmp_path / "tools")

    def write(name, *sources, tags=()):
        cells = [new_code_cell(source, id=f"c{n}", metadata={"tags": list(tags)}) for n, source in enumerate(sources)]
        path = tmp_path / "notebooks" / "ko" / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        return path

    def tool(*arguments):
        command = [sys.executable, "tools/notebooks.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=300)

    return write, tool


def test_the_tool_stores_a_normal_form_that_executing_again_does_not_change(store):
    write, tool = store
    path = write(
        "01",
        "import ipywidgets, os\nfrom IPython.display import Image, display",
        "print(1)\nprint(2, end='')\nprint(3)\nassert os.path.exists('01.ipynb')",
        "a, b = ipywidgets.IntSlider(3), ipywidgets.IntSlider(4)\ndisplay(a, b)\na",
        "Image(b'drawn', format='png')",
    )
    process = tool("ko/01")
    assert (process.returncode, process.stdout) == (0, "stored    ko/01\n"), process.stderr
    notebook = nbformat.read(path, as_version=4)
    assert list(defects(notebook)) == []
    assert [cell.id for cell in notebook.cells] == ["c0", "c1", "c2", "c3"]
    assert notebook.cells[1].outputs[0].text == "1\n23\n"
    views = [output.data[notebooks.WIDGET]["model_id"] for output in notebook.cells[2].outputs]
    assert [int(view, 16) for view in views] == [1, 2, 1]

    # A picture whose text stays the same keeps its stored bytes, unless pictures are asked for; --check stores nothing.
    notebook.cells[3].outputs[0].data[PNG] = b64encode(b"drawn elsewhere").decode()
    nbformat.write(notebook, path)
    before = path.read_bytes()
    for arguments, code, word in ((), 0, "unchanged"), (("--check", "--pictures", str(path)), 1, "stale"):
        process = tool(*arguments)
        assert (process.returncode, process.stdout) == (code, f"{word:9} ko/01\n")
        assert path.read_bytes() == before


def test_the_tool_stores_nothing_that_fails_or_warns(store):
    write, tool = store
    callback = "import ipywidgets\ns = ipywidgets.IntSlider()\ns.observe(lambda change: 1 / 0, 'value')\ns.value = 3"
    sources = {"error": "1 / 0", "warning": "import warnings\nwarnings.warn('large')", "callback": callback}
    paths = [write(name, "print(1)", source, tags=["raises-exception"]) for name, source in sources.items()]
    before = [path.read_bytes() for path in paths]
    process = tool()
    assert process.returncode == 1
    assert "FAILED    error.ipynb, cell 2: ZeroDivisionError: division by zero\n1 / 0\n" in process.stdout
    assert "UserWarning: large" in process.stdout
    assert "FAILED    callback.ipynb, cell 2: ZeroDivisionError: division by zero\n" in process.stdout
    assert [path.read_bytes() for path in paths] == before


def test_an_unknown_name_is_refused_with_the_known_ones(store):
    write, tool = store
    write("01", "1")
    process = tool("02")
    assert (process.returncode, process.stderr) == (1, "no notebook '02'; there are: ko/01\n")


def test_pictures_of_a_cell_that_moved_are_kept_and_those_of_a_changed_source_are_not():
    def notebook(png, *cells):
        data = {"text/plain": "loss 1.3"}
        made = new_notebook()
        for n, (name, source) in enumerate(cells):
            output = new_output("execute_result", data | {PNG: png}, execution_count=n + 1)
            made.cells.append(new_code_cell(source, id=name, execution_count=n + 1, outputs=[output]))
        return made

    stored = notebook("old", ("a", "draw(1)"), ("b", "draw(2)"))
    result = notebooks.normalise(notebook("new", ("x", "draw(0)"), ("a", "draw(1)"), ("b", "draw(3)")), stored)
    assert [cell.outputs[0].data[PNG] for cell in result.cells] == ["new", "old", "new"]


# nbval with the project's settings


def test_nbval_compares_stdout_and_stderr(tmp_path):
    cases = [
        ("print(0.5**2)", "0.25\n", "PASSED"),
        ("print(0.5**2)", "0.26\n", "FAILED"),
        ("print(0.5**2)", None, "FAILED"),
        ("import warnings\nwarnings.warn('not stored')", None, "FAILED"),
        ("assert False", None, "FAILED"),
    ]
    notebook = new_notebook(metadata=notebooks.METADATA)
    for n, (source, text, _) in enumerate(cases):
        outputs = [new_output("stream", name="stdout", text=text)] if text else []
        notebook.cells.append(new_code_cell(source, execution_count=n + 1, outputs=outputs))
    nbformat.write(notebook, tmp_path / "a.ipynb")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    command = [sys.executable, "-m", "pytest", "a.ipynb", "-v", "--color=no"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=300)
    words = re.findall(r"::Cell \d ([A-Z]+)", process.stdout)
    assert words == [word for _, _, word in cases], process.stdout
