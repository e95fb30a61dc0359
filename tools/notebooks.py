"""Executes the notebooks and stores them in a normal form, so that a stored one changes only where its content does.

The normal form: execution counts 1, 2, ...; no timings and no widget state; of a cell's metadata its tags, of the
notebook's the kernel's and the language's name; each cell keeps its id. Of a widget its picture and its text form are
stored, no view: without a kernel there is nothing behind it, and a page would say so in the picture's place. That there
was one says `lecture.widget` in the output's metadata. A diagram, SVG, is stored as PNG too, for readers that show no SVG.
A picture keeps its stored bytes while its cell has the same source and the same text outputs, since another release of
a library may draw the same picture in other bytes; SVG counts as text, but for a chart embedded in it. Warnings and
errors are not stored: they fail.
"""

import argparse
import os
import re
import sys
from base64 import b64encode
from pathlib import Path
from uuid import uuid4

import nbformat
import resvg_py
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from lecture_utils.drawing import style

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
PNG, SVG = "image/png", "image/svg+xml"
PICTURES = (PNG, "image/jpeg")
EMBEDDED = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]*")  # a chart in SVG; tests/nbval.cfg takes it out too
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SECONDS = 120


class Failure(Exception):
    """A notebook that cannot be stored: which, which cell, and why."""


def find(names, folder=FOLDER):
    """The notebooks of the folder; with names, those whose path, file name or stem is among them. Raises Failure."""
    found = sorted(path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    for name in names:
        if not any(matches(path, name, folder) for path in found):
            raise Failure(f"no notebook {name!r}; there are: {', '.join(label(path, folder) for path in found)}")
    return [path for path in found if not names or any(matches(path, name, folder) for name in names)]


def label(path, folder=FOLDER):
    """The notebook's name below the folder, as in ko/01_rnn."""
    return path.relative_to(folder).with_suffix("").as_posix()


def matches(path, name, folder):
    return path == Path(name).resolve() or label(path, folder) == name.removesuffix(".ipynb")


def execute(path):
    """The notebook as a fresh kernel leaves it, run in its own folder. Raises Failure for an error or a warning."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    )
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                raise Failure(f"{path.name}, cell {index + 1}: {error.ename}: {error.evalue}\n{cell.source}") from None
            except (CellTimeoutError, DeadKernelError) as error:
                raise Failure(f"{path.name}, cell {index + 1}: {error}\n{cell.source}") from None
    for index, cell in enumerate(notebook.cells):  # after the last cell: a callback may write into an earlier one
        for output in cell.get("outputs", ()):
            if output.output_type == "error" or output.get("name") == "stderr":
                reason = output.get("text") or f"{output.ename}: {output.evalue}"
                raise Failure(f"{path.name}, cell {index + 1}: {reason}\n{cell.source}")
    return notebook


def normalise(notebook, stored):
    """The executed notebook in normal form, with the pictures that the stored one already has."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    count = 0
    before = {cell.get("id"): cell for cell in stored.cells}
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({"tags": cell.metadata.tags} if cell.metadata.get("tags") else {})
        cell.setdefault("id", uuid4().hex[:8])
        if cell.cell_type != "code":
            continue
        count += bool(cell.source.strip())
        cell.execution_count = count if cell.source.strip() else None
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
            if output.get("data", {}).pop(WIDGET, None):
                output.metadata["lecture"] = nbformat.from_dict({"widget": True})
        old = before.get(cell.id)
        if old and old.source == cell.source and texts(old) == texts(cell):
            for output, kept in zip(cell.outputs, old.outputs, strict=True):
                for kind in {*PICTURES, SVG} & set(kept.get("data", {})):
                    output.data[kind] = kept.data[kind]
        for output in cell.outputs:
            if SVG in output.get("data", {}) and PNG not in output.data:
                output.data[PNG] = b64encode(rasterise(output.data[SVG])).decode("ascii")
    return notebook


def texts(cell):
    """What nbval compares of the outputs: no picture, no number that only says where in the notebook a cell stands."""
    return [
        (
            output.output_type,
            output.get("text"),
            {kind: text(kind, value) for kind, value in output.get("data", {}).items() if kind != WIDGET}
            | ({PNG: None} if SVG in output.get("data", {}) else {}),
        )
        for output in cell.outputs
    ]


def text(kind, value):
    """What is compared of one form of an output."""
    if kind in PICTURES:
        return None
    return EMBEDDED.sub("", value) if kind == SVG else value


def rasterise(svg):
    """A diagram as PNG, as large as a page shows it, with the lecture's fonts and none of the machine's."""
    files = list(style.font_files().values())
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, font_files=files, skip_system_fonts=True))


def main(arguments):
    """The exit code: 1 if a notebook fails, or is not as it would be stored and --check is given."""
    parser = argparse.ArgumentParser(prog="run.py notebooks", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as 03_bptt, ko/03_bptt or a path (default: all)")
    parser.add_argument("--check", action="store_true", help="store nothing; name those that would change")
    parser.add_argument("--pictures", action="store_true", help="store every picture as it is drawn now")
    options = parser.parse_args(arguments)
    os.environ["LECTURE_SETTINGS"] = os.devnull  # the defaults, not what this learner has chosen
    os.environ["LECTURE_COMMITTED"] = "1"  # readers without a kernel see every question answered
    code = 0
    for path in find(options.names):
        stored = nbformat.NotebookNode(cells=[]) if options.pictures else nbformat.read(path, as_version=4)
        try:
            text = nbformat.writes(normalise(execute(path), stored)) + "\n"
        except Failure as failure:
            print(f"FAILED    {failure}", flush=True)
            code = 1
            continue
        changed = path.read_text(encoding="utf-8") != text
        if changed and options.check:
            code = 1
        elif changed:
            path.write_text(text, encoding="utf-8", newline="\n")
        word = ("stale" if options.check else "stored") if changed else "unchanged"
        print(f"{word:9} {label(path)}", flush=True)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        sys.exit(str(failure))
