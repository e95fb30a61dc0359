"""tools/copies.py: a learner's copy gives nothing away, follows an update while it is not the learner's, and is never lost."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from lecture_utils.texts import text
from tools import copies, notebooks

ROOT = Path(__file__).parents[1]
VIEW = copies.VIEW
NAMES = ["00_start_here", "01_rnn", "ko/01_rnn"]
MINE = "mine = '한글'"


def cell(source, kind="code", **more):
    """A cell as JupyterLab writes it; a code cell has been run."""
    run = {"execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["the answer"]}]}
    lines = source.splitlines(keepends=True)
    return {"cell_type": kind, "id": "c", "metadata": {}, "source": lines, **(run if kind == "code" else {}), **more}


def stored(edition=1):
    """A notebook of the lecture, in one edition or another."""
    cells = [cell("# 1. 제목", "markdown"), cell(f"x = {edition}\nprint(x)"), cell("", "code"), cell("end", "markdown")]
    return {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}


def save(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def opened(path):
    return json.loads(path.read_text(encoding="utf-8"))


def update(tool, edition=2):
    """The lecture's notebooks are replaced by those of another edition."""
    for name in NAMES:
        save(tool.STORED / f"{name}.ipynb", stored(edition))


def saved_by_jupyterlab(notebook):
    """The notebook after its cells were run, folded and saved, the last of them with Shift+Enter: no cell has changed."""
    cells = [
        one | {"metadata": {"execution": {"iopub.status.busy": "2026"}, "scrolled": True}} for one in notebook["cells"]
    ]
    for one in cells:
        one["source"] = "".join(one["source"])
        one |= {"outputs": [{"output_type": "stream", "text": ["1"]}]} if one["cell_type"] == "code" else {}
    cells[1]["metadata"] |= {"jupyter": {"source_hidden": True}, "tags": [], "slideshow": {"slide_type": ""}}
    cells.append(cell("", outputs=[], execution_count=None))
    kernel = {"kernelspec": {"name": "python3"}, "language_info": {"name": "python", "version": "3.13.1"}}
    return notebook | {"cells": cells, "metadata": notebook["metadata"] | kernel}


@pytest.fixture
def tool(tmp_path):
    """tools/copies.py as the module of a lecture of three notebooks, in a folder with spaces and Hangul."""
    folder = tmp_path / "강의 with spaces"
    (folder / "tools").mkdir(parents=True)
    shutil.copy(copies.__file__, folder / "tools")
    spec = importlib.util.spec_from_file_location("copies", folder / "tools" / "copies.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    update(module, 1)
    return module


@pytest.fixture
def copied(tool):
    """The same after the first start."""
    assert tool.copy() == 0
    return tool


def files(folder):
    """Every file below the folder, by name, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def one(tool, name="01_rnn"):
    return tool.COPIES / f"{name}.ipynb"


# ---- what a copy holds
@pytest.mark.parametrize("path", notebooks.find([]), ids=notebooks.label)
def test_a_copy_is_the_stored_notebook_without_its_outputs(path):
    name = notebooks.label(path)
    copy, original = json.loads(copies.closed(name)[0]), opened(path)
    nbformat.validate(nbformat.from_dict(copy))
    code = [one for one in copy["cells"] if one["cell_type"] == "code"]
    assert code and all((one["outputs"], one["execution_count"]) == ([], None) for one in code)
    for kept, was in zip(copy["cells"], original["cells"], strict=True):
        was |= {"outputs": [], "execution_count": None} if was["cell_type"] == "code" else {}
        assert kept == was
    assert copy["metadata"].pop("lecture").keys() == {"made_from"}
    assert copy["metadata"] == original["metadata"]


@pytest.mark.parametrize("path", notebooks.find([]), ids=notebooks.label)
def test_every_link_works_from_the_folder_of_the_copies(path):
    sources = "\n".join("".join(one["source"]) for one in opened(path)["cells"] if one["cell_type"] == "markdown")
    places = {path.relative_to(copies.STORED) for path in notebooks.find([])}
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", sources):
        target = Path(os.path.normpath(copies.COPIES / path.relative_to(copies.STORED).parent / link))
        assert target.relative_to(copies.COPIES) in places if target.is_relative_to(copies.COPIES) else target.exists()


# ---- making and renewing
def test_the_first_start_makes_all_copies_and_the_second_changes_nothing(tool, capsys):
    before = files(tool.STORED)
    assert tool.copy() == 0
    assert (
        "new in my_lecture, the folder of your own copies: 00_start_here, 01_rnn, ko/01_rnn." in capsys.readouterr().out
    )
    first = files(tool.COPIES)
    assert first.keys() == {f"{name}.ipynb" for name in NAMES}
    assert not any(b"the answer" in content for content in first.values())
    assert tool.copy() == 0
    assert (files(tool.COPIES), files(tool.STORED), capsys.readouterr().out) == (first, before, "")


def test_a_copy_that_was_only_run_keeps_its_outputs_and_follows_an_update(copied, capsys):
    save(one(copied), saved_by_jupyterlab(opened(one(copied))))
    before = files(copied.COPIES)
    copied.copy()
    assert files(copied.COPIES) == before
    update(copied)
    capsys.readouterr()
    assert copied.copy() == 0
    assert "renewed, since you had not changed them: 00_start_here, 01_rnn, ko/01_rnn." in capsys.readouterr().out
    assert files(copied.COPIES) == {f"{name}.ipynb": copied.closed(name)[0] for name in NAMES}
    assert [one["source"] for one in opened(one(copied))["cells"]] == [one["source"] for one in stored(2)["cells"]]


def edit(cells):
    cells[1]["source"] = [MINE]


def space(cells):
    cells[1]["source"][-1] += " "


def add(cells):
    cells.append(cell(MINE))


def delete(cells):
    del cells[-1]


def exchange(cells):
    cells[0], cells[1] = cells[1], cells[0]


def retype(cells):
    cells[3]["cell_type"] = "raw"


def paste(cells):
    cells[2] |= {"attachments": {"image.png": {"image/png": "AAAA"}}}


def tag(cells):
    cells[1]["metadata"]["tags"] = ["mine"]


def slide(cells):
    cells[1]["metadata"]["slideshow"] = {"slide_type": "skip"}


@pytest.mark.parametrize("change", [edit, space, add, delete, exchange, retype, paste, tag, slide])
def test_a_changed_copy_is_kept_and_a_newer_one_announced(copied, change, capsys):
    notebook = opened(one(copied))
    change(notebook["cells"])
    save(one(copied), notebook)
    before, marker = one(copied).read_bytes(), copied.COPIES / ".01_rnn.newer"
    copied.copy()
    assert one(copied).read_bytes() == before and not marker.exists()
    update(copied)
    for _ in range(2):
        capsys.readouterr()
        assert copied.copy() == 0
        said = capsys.readouterr().out
        assert one(copied).read_bytes() == before and marker.read_text(encoding="utf-8") == "01_rnn"
        assert "so they stay as they are, though newer ones exist: 01_rnn." in said
        assert "python3 run.py reset 01_rnn (Windows: py run.py reset 01_rnn)" in said
    assert b"x = 2" in one(copied, "00_start_here").read_bytes()


def test_a_change_that_was_undone_and_one_that_the_update_makes_too_are_no_changes(copied):
    undone = one(copied, "00_start_here")
    save(undone, opened(undone))
    save(one(copied), stored(2) | {"metadata": opened(one(copied))["metadata"]})
    before = one(copied).read_bytes()
    update(copied)
    copied.copy()
    assert undone.read_bytes() == copied.closed("00_start_here")[0]
    assert one(copied).read_bytes() == before
    assert not list(copied.COPIES.rglob("*.newer"))


def test_the_announcement_goes_when_the_copy_is_new_again(copied):
    notebook = opened(one(copied, "ko/01_rnn"))
    edit(notebook["cells"])
    for again in (lambda: copied.reset(["ko/01_rnn"]), lambda: (one(copied, "ko/01_rnn").unlink(), copied.copy())):
        save(one(copied, "ko/01_rnn"), notebook)
        update(copied)
        copied.copy()
        (marker,) = copied.COPIES.rglob("*.newer")
        assert marker.read_text(encoding="utf-8") == "ko/01_rnn"
        again()
        assert not marker.exists()
        assert b"x = 2" in one(copied, "ko/01_rnn").read_bytes()


def test_what_a_learner_adds_stays_and_what_is_deleted_comes_back(copied):
    copied.COPIES.joinpath("mine").mkdir()
    save(one(copied, "mine/01_rnn"), stored())
    save(one(copied, "01_rnn-Copy1"), opened(one(copied)))
    before = files(copied.COPIES)
    one(copied).unlink()
    update(copied)
    copied.copy()
    after = files(copied.COPIES)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] == before[name]} == {"mine/01_rnn.ipynb", "01_rnn-Copy1.ipynb"}


def test_a_notebook_that_was_not_made_here_is_the_learners(copied):
    save(one(copied), stored())
    before = one(copied).read_bytes()
    update(copied)
    copied.copy()
    assert one(copied).read_bytes() == before
    assert not list(copied.COPIES.rglob("*.newer"))


BROKEN = {
    "empty": b"",
    "cut": json.dumps(stored()).encode()[:-20],
    "conflict": b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> mine\n",
    "list": b"[]",
    "old": json.dumps({"worksheets": [{"cells": []}], "metadata": {}}).encode(),
    "odd": json.dumps(stored() | {"cells": [None, 3]}).encode(),
    "latin": json.dumps(stored()).encode().replace(b"end", b"\xff"),
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "mark": json.dumps(stored() | {"metadata": {"lecture": "mine"}}).encode(),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_copy_that_cannot_be_read_is_named_and_kept(copied, content, capsys):
    one(copied).write_bytes(content)
    update(copied)
    capsys.readouterr()
    assert copied.copy() == 1
    said = capsys.readouterr().out
    assert "my_lecture/01_rnn.ipynb cannot be read as a notebook and stays as it is." in said
    assert "python3 run.py reset 01_rnn" in said
    assert one(copied).read_bytes() == content
    assert b"x = 2" in one(copied, "ko/01_rnn").read_bytes()
    copied.reset(["01_rnn"])
    assert list(files(copied.WORK).values()) == [content]


def test_a_stored_notebook_that_cannot_be_read_changes_no_copy(copied, capsys):
    before = files(copied.COPIES)
    (copied.STORED / "01_rnn.ipynb").write_bytes(BROKEN["conflict"])
    capsys.readouterr()
    assert copied.copy() == 1
    assert "notebooks/01_rnn.ipynb cannot be read as a notebook" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"Nothing was changed: notebooks/01_rnn\.ipynb cannot be read"):
        copied.reset([])
    assert files(copied.COPIES) == before


@pytest.mark.parametrize("step", ["replace", "write_bytes"])
def test_a_copy_that_cannot_be_written_stays_as_it_is(copied, monkeypatch, step, capsys):
    def refuse(*_):
        raise PermissionError(13, "it is open elsewhere")

    before = files(copied.COPIES)
    update(copied)
    with monkeypatch.context() as patch:
        patch.setattr(*((os, step) if step == "replace" else (Path, step)), refuse)
        assert copied.copy() == 1
    assert capsys.readouterr().out.count("stays as it is: it is open elsewhere.") == len(NAMES)
    assert {name: content for name, content in files(copied.COPIES).items() if ".part" not in name} == before
    assert copied.copy() == 0
    assert files(copied.COPIES) == {f"{name}.ipynb": copied.closed(name)[0] for name in NAMES}


# ---- a reset
def change_all(tool):
    """Every copy is the learner's; what they are now, by name."""
    for name in NAMES:
        notebook = opened(one(tool, name))
        notebook["cells"].append(cell(f"{MINE}  # {name}"))
        save(one(tool, name), notebook)
    return files(tool.COPIES)


def test_a_reset_brings_new_copies_and_keeps_the_old_ones(copied, capsys):
    came = files(copied.COPIES)
    mine = change_all(copied)
    save(one(copied, "my_own"), stored())
    capsys.readouterr()
    copied.reset([])
    own = one(copied, "my_own").read_bytes()
    assert files(copied.COPIES) == came | {"my_own.ipynb": own}
    (kept,) = copied.WORK.iterdir()
    assert files(kept) == mine
    said = capsys.readouterr().out
    assert f"01_rnn is new; what it was is in my_work/{kept.name}/01_rnn.ipynb" in said
    assert "Reload Notebook from Disk" in said
    copied.reset([])
    assert capsys.readouterr().out.count("is as it came") == len(NAMES)
    assert files(kept) == mine and list(copied.WORK.iterdir()) == [kept]


def test_two_resets_in_one_second_keep_both(copied, monkeypatch):
    class Still(copied.datetime):
        @classmethod
        def now(cls):
            return cls(2026, 1, 2)

    monkeypatch.setattr(copied, "datetime", Still)
    came = one(copied).read_bytes()
    for content in (b"first", b"second"):
        one(copied).write_bytes(content)
        copied.reset([])
        assert one(copied).read_bytes() == came
    assert sorted(files(copied.WORK).values()) == [b"first", b"second"]


@pytest.mark.parametrize(
    "given", ["ko/01_rnn", "ko\\01_rnn.ipynb", ".\\my_lecture\\ko\\01_rnn.ipynb", "notebooks/ko/01_rnn.ipynb"]
)
def test_only_the_notebooks_named_are_reset(copied, given):
    came, mine = files(copied.COPIES), change_all(copied)
    copied.reset([given])
    assert files(copied.COPIES) == mine | {"ko/01_rnn.ipynb": came["ko/01_rnn.ipynb"]}


def test_a_name_that_does_not_exist_changes_nothing(copied):
    mine = change_all(copied)
    with pytest.raises(SystemExit) as stopped:
        copied.reset(["01_rnn", "09_attention"])
    assert "no notebook 09_attention. There are: 00_start_here, 01_rnn, ko/01_rnn. For example:" in str(stopped.value)
    assert files(copied.COPIES) == mine
    assert not copied.WORK.exists()


def test_where_the_old_ones_cannot_be_kept_nothing_is_replaced(copied):
    mine = change_all(copied)
    copied.WORK.write_text("a file where the folder should be", encoding="utf-8")
    command = [sys.executable, "tools/copies.py", "reset"]
    process = subprocess.run(command, cwd=copied.ROOT, capture_output=True, text=True, errors="replace")
    assert process.returncode == 1 and "before anything was lost" in process.stderr
    assert files(copied.COPIES) == mine


# ---- what the import cell says
def said_by_the_import_cell(folder, session):
    code = "from lecture_utils import chapters"
    variables = {name: value for name, value in os.environ.items() if name != "JPY_SESSION_NAME"}
    variables |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | ({"JPY_SESSION_NAME": session} if session else {})
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=variables, capture_output=True, encoding="utf-8", check=True
    )
    return process.stdout


def test_the_import_cell_of_a_changed_copy_says_that_a_newer_edition_exists(copied):
    notebook = opened(one(copied, "ko/01_rnn"))
    edit(notebook["cells"])
    save(one(copied, "ko/01_rnn"), notebook)
    update(copied)
    copied.copy()
    folder = copied.COPIES / "ko"
    sentence = text("copy.newer", name="ko/01_rnn") + "\n"
    assert said_by_the_import_cell(folder, str(folder / "01_rnn.ipynb")) == sentence
    assert "run.py reset ko/01_rnn" in sentence
    assert said_by_the_import_cell(folder, str(folder / "02_hello.ipynb")) == ""
    assert said_by_the_import_cell(copied.COPIES, str(one(copied))) == ""
    assert said_by_the_import_cell(folder, None) == ""


# ---- views of widgets
def seen(*outputs, **more):
    """A notebook of one cell with these outputs, as JupyterLab writes it."""
    shown = {"cell_type": "code", "id": "c", "metadata": {"z": 1e-07, "a": -0.0}, "outputs": list(outputs), **more}
    notebook = {"cells": [shown], "metadata": {"widgets": {VIEW: {"state": {}}}}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def test_views_of_widgets_are_taken_out_of_saved_notebooks_and_nothing_else(tool):
    folder = tool.COPIES / "ko"
    folder.mkdir(parents=True)
    path, others = folder / "가.ipynb", {"data": {"image/png": "AAAA\n", "text/plain": ["h = ½, 가\n", "\u2028"]}}
    mine = {"source": [f'x = {{"{VIEW}": {{}}}}\n', "mine = '한글'"]}
    stream = {"output_type": "stream", "text": [VIEW]}
    viewed = {"data": {VIEW: {"model_id": "1", "version_major": 2}, **others["data"]}, "metadata": {VIEW: {}}}
    path.write_bytes(seen(stream, viewed, viewed, **mine))
    path.chmod(0o640)
    tool.forget_views(path)
    assert path.read_bytes() == seen(stream, *2 * [{**viewed, "data": others["data"]}], **mine)
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640
    assert list(folder.iterdir()) == [path]


def test_views_are_taken_out_of_copies_and_of_opened_notebooks_at_every_start(copied):
    mine, came = copied.COPIES / "mine.ipynb", copied.STORED / "ko" / "opened.ipynb"
    for path in (mine, came):
        path.write_bytes(seen({"data": {VIEW: {"model_id": "1"}}}))
    copied.copy()
    assert mine.read_bytes() == came.read_bytes() == seen({"data": {}})


def test_a_notebook_without_views_or_that_is_none_stays_as_it_is(tool, monkeypatch):
    folder = tool.COPIES
    folder.mkdir()
    output = {"data": {VIEW: {"model_id": "1"}}}
    contents = {
        "none": seen({"data": {"text/plain": VIEW}}).replace(b" ", b""),  # in another form than JupyterLab's
        "cut": seen(output)[:-20],
        "list": f'["{VIEW}"]'.encode(),
        "odd": seen(output).replace(b'"outputs": [', b'"outputs": [null, 3, '),
        "old": json.dumps({"worksheets": [{"cells": []}], "metadata": {VIEW: {}}}).encode(),
        "deep": VIEW.encode().join([b"[" * 100_000, b"]"]),
        "latin": seen(output).replace(VIEW.encode(), VIEW.encode() + b'": "\xff"', 1),
        "half": seen(output, source=["???"]).replace(b"???", b"\\ud800"),
        "empty": b"",
    }
    for name, content in contents.items():
        (folder / f"{name}.ipynb").write_bytes(content)
    (folder / "a folder.ipynb").mkdir()
    (folder / "gone.ipynb").symlink_to(folder / "nowhere") if os.name != "nt" else None
    monkeypatch.setattr(os, "replace", lambda *_: pytest.fail("something was written"))
    for path in folder.iterdir():
        tool.forget_views(path)
    for name, content in contents.items():
        assert (folder / f"{name}.ipynb").read_bytes() == content, name
    assert not list(folder.glob("*.part"))
