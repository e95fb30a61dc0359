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
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path

import nbformat
import numpy as np
import pytest
from matplotlib import pyplot as plt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import run
from tools import notebooks

ROOT = Path(__file__).parents[1]
STORED = notebooks.find([])
LINES = 12
PNG, SVG, WIDGET = "image/png", "image/svg+xml", "application/vnd.jupyter.widget-view+json"


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
    data = [output.get("data", {}) for output in outputs]
    if any(WIDGET in forms for forms in data):
        yield "a view of a widget is stored: without a kernel a page would say that there is nothing behind it"
    if any(SVG in forms and PNG not in forms for forms in data):
        yield "a diagram is stored without its picture"
    if any("<foreignObject" in forms.get(SVG, "") or "<script" in forms.get(SVG, "") for forms in data):
        yield "a diagram holds more than a drawing"
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
    """An output's text as nbval compares it, a diagram's numbers aside."""
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
    assert notebooks.FOLDER / run.START in STORED


def forms(**data):
    """An output with a text form and others, such as PNG="..."."""
    kinds = {"PNG": PNG, "SVG": SVG, "VIEW": WIDGET}
    return new_output("display_data", {"text/plain": "loss 1.3"} | {kinds[name]: value for name, value in data.items()})


def drawing(number, chart=""):
    """A diagram with a number, and a chart of so many bytes beside it."""
    place = f'<image x="40" width="40" height="40" href="data:image/png;base64,{chart}"/>'
    words = f'<text x="2" y="30" font-family="DejaVu Sans" font-size="16" fill="#262626">{number}</text>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40">{words}{place}</svg>'


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
        (lambda n, c: c.outputs.append(forms(VIEW={"model_id": "1"}, PNG="")), "view of a widget"),
        (lambda n, c: c.outputs.append(forms(SVG="<svg/>")), "without its picture"),
        (lambda n, c: c.outputs.append(forms(SVG="<svg><script/></svg>", PNG="")), "more than a drawing"),
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
        f"display({{'text/plain': 'a diagram', 'image/svg+xml': '{drawing(0.25, 'bmV3')}'}}, raw=True)",
    )
    process = tool("ko/01")
    assert (process.returncode, process.stdout) == (0, "stored    ko/01\n"), process.stderr
    notebook = nbformat.read(path, as_version=4)
    assert list(defects(notebook)) == []
    assert [cell.id for cell in notebook.cells] == ["c0", "c1", "c2", "c3", "c4"]
    assert notebook.cells[1].outputs[0].text == "1\n23\n"
    marks = [[output.get("metadata", {}).get("lecture") for output in cell.outputs] for cell in notebook.cells[1:]]
    assert marks == [[None], [{"widget": True}] * 3, [None], [None]]
    assert [list(output.data) for output in notebook.cells[2].outputs] == [["text/plain"]] * 3
    assert b64decode(notebook.cells[4].outputs[0].data[PNG]).startswith(b"\x89PNG")

    # A picture whose text stays the same keeps its stored bytes, unless pictures are asked for; --check stores nothing.
    notebook.cells[3].outputs[0].data[PNG] = b64encode(b"drawn elsewhere").decode()
    notebook.cells[4].outputs[0].data |= {SVG: drawing(0.25, "b2xk"), PNG: b64encode(b"drawn elsewhere").decode()}
    nbformat.write(notebook, path)
    before = path.read_bytes()
    for arguments, code, word in ((), 0, "unchanged"), (("--check", "--pictures", str(path)), 1, "stale"):
        process = tool(*arguments)
        assert (process.returncode, process.stdout) == (code, f"{word:9} ko/01\n")
        assert path.read_bytes() == before

    # A diagram with another number is another diagram.
    notebook.cells[4].outputs[0].data[SVG] = drawing(0.24, "b2xk")
    nbformat.write(notebook, path)
    assert tool().stdout == "stored    ko/01\n"
    shown = nbformat.read(path, as_version=4).cells[4].outputs[0].data
    assert shown[SVG] == drawing(0.25, "bmV3")
    assert b64decode(shown[PNG]).startswith(b"\x89PNG")


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


def test_a_diagram_is_drawn_with_the_lectures_fonts_and_its_chart():
    def pixels(svg):
        return plt.imread(BytesIO(notebooks.rasterise(svg)))

    def dark(part):
        return (part[..., 3] > 0.5).sum()

    chart = BytesIO()
    plt.imsave(chart, np.full((2, 2, 3), (0.0, 0.0, 1.0)))
    number, nothing, beside = (
        pixels(drawing(words, picture))
        for words, picture in ((0.25, ""), ("", ""), ("가", b64encode(chart.getvalue()).decode()))
    )
    assert number.shape == (40, 80, 4)
    assert dark(number[:, :40]) > 20 and dark(nothing) == 0
    assert dark(beside[:, :40]) > 20, "Hangul"
    np.testing.assert_allclose(beside[20, 60], (0, 0, 1, 1), atol=0.01)


# nbval with the project's settings


def words_of_nbval(folder, cells):
    """What nbval, with the project's settings, says of each cell: (source, outputs)."""
    notebook = new_notebook(metadata=notebooks.METADATA)
    for n, (source, outputs) in enumerate(cells):
        notebook.cells.append(new_code_cell(source, execution_count=n + 1, outputs=outputs))
    nbformat.write(notebook, folder / "a.ipynb")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "nbval.cfg", folder / "tests")
    command = [sys.executable, "-m", "pytest", "a.ipynb", "-v", "--color=no"]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=300)
    words = re.findall(r"::Cell \d+ ([A-Z]+)", process.stdout)
    assert len(words) == len(cells), process.stdout
    return words


def test_nbval_compares_stdout_and_stderr(tmp_path):
    cases = [
        ("print(0.5**2)", "0.25\n", "PASSED"),
        ("print(0.5**2)", "0.26\n", "FAILED"),
        ("print(0.5**2)", None, "FAILED"),
        ("import warnings\nwarnings.warn('not stored')", None, "FAILED"),
        ("assert False", None, "FAILED"),
    ]
    streams = {text: [new_output("stream", name="stdout", text=text)] if text else [] for _, text, _ in cases}
    words = words_of_nbval(tmp_path, [(source, streams[text]) for source, text, _ in cases])
    assert words == [word for _, _, word in cases]


def test_nbval_misses_no_view_of_a_widget_and_compares_all_of_a_diagram_but_the_bytes_of_its_chart(tmp_path):
    shown = "import ipywidgets\nfrom IPython.display import display\nslider = ipywidgets.IntSlider(3)\nslider"
    said = "IntSlider(value=3)"
    data = "{'text/plain': 'loss 1.3', 'image/svg+xml': '%s'}"
    live = f"display({data % drawing('0.25', 'bmV3')}, raw=True)"
    cases = [
        (shown, new_output("execute_result", {"text/plain": said}, execution_count=1), "PASSED"),
        (shown, new_output("execute_result", {"text/plain": "IntSlider(value=4)"}, execution_count=2), "FAILED"),
        (live, forms(SVG=drawing("0.25", "bmV3"), PNG="old"), "PASSED"),
        (live, forms(SVG=drawing("0.25", "b2xkZXI="), PNG="old"), "PASSED"),
        (live, forms(SVG=drawing("0.26", "bmV3"), PNG="old"), "FAILED"),
        (live, forms(SVG=drawing("0.25", "bmV3").replace("16", "17"), PNG="old"), "FAILED"),
        (live, forms(SVG=re.sub("<image.*?/>", "", drawing("0.25", "bmV3")), PNG="old"), "FAILED"),
        (live, forms(PNG="old"), "FAILED"),
    ]
    words = words_of_nbval(tmp_path, [(source, [output]) for source, output, _ in cases])
    assert words == [word for _, _, word in cases]


def test_what_nbval_takes_out_is_a_chart_in_a_diagram_and_nothing_else():
    text = (ROOT / "tests" / "nbval.cfg").read_bytes().decode("ascii")
    ((pattern, instead),) = re.findall(r"^regex: (.*)$\n^replace: (.*)$", text, re.MULTILINE)
    for path in STORED:
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", ()):
                for kind, value in {"text": output.get("text", ""), **output.get("data", {})}.items():
                    if isinstance(value, str) and kind not in notebooks.PICTURES:
                        taken = re.findall(pattern, value)
                        assert len(taken) == (value.count("<image ") if kind == SVG else 0)
                        assert re.sub(pattern, instead, value).count("base64") == 0
