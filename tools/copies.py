"""Looks after the learner's own copies of the notebooks: in my_lecture, without outputs, so that they give nothing away.

A copy holds in its metadata a word for the cells that it was made from. While its cells are still those, it follows an
update of the lecture. Once they are not it is the learner's and stays as it is; a small file beside it then lets its
import cell say that a newer edition exists (lecture_utils/chapters/__init__.py). What a reset replaces goes to my_work.
What cannot be read, and what a learner has added, is left alone. Needs nothing but Python itself.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
from datetime import datetime
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "notebooks"
COPIES = ROOT / "my_lecture"
WORK = ROOT / "my_work"
VIEW = "application/vnd.jupyter.widget-view+json"  # of a widget, in what a learner has saved
MARK = "lecture"  # in a copy's metadata
NO_NOTEBOOK = (ValueError, LookupError, TypeError, AttributeError, RecursionError)  # one of them, if a file is none


class Unreadable(Exception):
    """Sentences: which file is no notebook, and what to do."""


def names():
    """What the notebooks of the lecture are called, as in 03_bptt or ko/03_bptt."""
    found = (path.relative_to(STORED).with_suffix("").as_posix() for path in sorted(STORED.rglob("*.ipynb")))
    return [name for name in found if ".ipynb_checkpoints" not in name]


def located(folder, name):
    return folder / f"{name}.ipynb"


def mark_of_newer(name):
    """The file that says of a copy that a newer edition exists."""
    path = located(COPIES, name)
    return path.with_name(f".{path.stem}.newer")


def read(path):
    """(notebook, word for its cells, word for those it was made from or None). Raises Unreadable, OSError."""
    try:
        notebook = json.loads(path.read_bytes())
        return notebook, cells_of(notebook), notebook["metadata"].get(MARK, {}).get("made_from")
    except NO_NOTEBOOK:
        way = "Get it again, with git or from the lecture's zip."
        if path.is_relative_to(COPIES):
            way = (
                f"For a new copy: {again(path.relative_to(COPIES).with_suffix('').as_posix())}; this one is then kept."
            )
        found = path.relative_to(ROOT).as_posix()
        raise Unreadable(f"{found} cannot be read as a notebook and stays as it is. {way}") from None


def again(name):
    """The command that brings a new copy."""
    return f"python3 run.py reset {name} (Windows: py run.py reset {name})"


def cells_of(notebook):
    """One word for what learners write: sources, pasted pictures, tags, slide types.

    Outputs, and what JupyterLab writes when a cell is run, folded or saved, do not count. Nor do empty cells: JupyterLab
    adds one whenever Shift+Enter runs the last cell.
    """
    written = []
    for cell in notebook["cells"]:
        source, metadata = "".join(cell["source"]), cell["metadata"]
        slide = (metadata.get("slideshow") or {}).get("slide_type")
        more = (cell.get("attachments"), metadata.get("tags"), slide)
        if source.strip() or any(more):
            written.append([cell["cell_type"], source, *(one or None for one in more)])
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()


def closed(name):
    """(a new copy of the stored notebook as bytes, word for its cells). Raises Unreadable, OSError."""
    notebook, word, _ = read(located(STORED, name))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook["metadata"][MARK] = {"made_from": word}
    return as_saved(notebook), word


def as_saved(notebook):
    """The bytes that JupyterLab would write."""
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def write(path, content):
    """Replaces the file by one that is whole, or leaves it as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    if path.exists():
        shutil.copymode(path, unfinished)
    os.replace(unfinished, path)


def follow(name):
    """Makes or renews one copy, or leaves it. What was done: made, renewed, kept (where a newer one exists), or nothing.

    Edits not saved yet are safe: JupyterLab asks before it saves over a file that has changed on the disk, and what it
    then saves has the old mark. Raises Unreadable, OSError.
    """
    fresh, now = closed(name)
    path, done = located(COPIES, name), None
    if not os.path.lexists(path):
        write(path, fresh)
        done = "made"
    else:
        _, word, made_from = read(path)
        if word == made_from != now:
            write(path, fresh)
            done = "renewed"
        elif made_from not in (None, now) and word != now:
            done = "kept"
            mark_of_newer(name).write_text(name, encoding="utf-8")
    if done != "kept":
        mark_of_newer(name).unlink(missing_ok=True)
    return done


SAID = {
    "made": "These notebooks are new in my_lecture, the folder of your own copies: {names}.",
    "renewed": "These notebooks are renewed, since you had not changed them: {names}.",
    "kept": "You have changed these notebooks, so they stay as they are, though newer ones exist: {names}. "
    "For a newer one: {command}; yours is then kept in my_work.",
}


def copy():
    """Makes and renews the copies, and says what was done. The exit code: 1 if something could not be done."""
    COPIES.mkdir(exist_ok=True)
    done, code = {}, 0
    for name in names():
        try:
            done.setdefault(follow(name), []).append(name)
        except Unreadable as error:
            print(error)
            code = 1
        except OSError as error:
            print(f"my_lecture/{name}.ipynb stays as it is: {error.strerror or error}.")
            code = 1
    for what, sentence in SAID.items():
        if what in done:
            print(sentence.format(names=", ".join(done[what]), command=again(done[what][0])))
    for path in [*COPIES.rglob("*.ipynb"), *STORED.rglob("*.ipynb")]:
        forget_views(path)
    sys.stdout.flush()
    return code


def forget_views(path):
    """Takes widgets' views out of a saved notebook: their kernel is gone, and a page would say so in place of the picture.

    All else in it stays, written as JupyterLab writes it. What cannot be read as a notebook is left as it is.
    """
    try:
        saved = path.read_bytes()
        kept = without_views(saved) if VIEW.encode() in saved else None
        if kept is not None:
            write(path, kept)
    except (OSError, *NO_NOTEBOOK):
        pass


def without_views(saved):
    """A notebook without views, as bytes; None if it has none. What is no notebook raises one error or another."""
    notebook, found = json.loads(saved.decode("utf-8")), False
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            found = output.get("data", {}).pop(VIEW, None) is not None or found
    return as_saved(notebook) if found else None


def reset(given):
    """Brings new copies, and says what was done to each. First all old ones are kept, then they are replaced."""
    known = names()
    wanted = sorted({plain(name) for name in given} or known)
    if unknown := [name for name in wanted if name not in known]:
        sys.exit(
            f"Nothing was changed: there is no notebook {', '.join(unknown)}. There are: {', '.join(known)}. "
            "For example: python3 run.py reset 03_bptt"
        )
    try:
        fresh = {name: closed(name)[0] for name in wanted}
    except Unreadable as error:
        sys.exit(f"Nothing was changed: {error}")
    folder = WORK / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    while folder.exists():
        folder = folder.with_name(f"{folder.name}_")
    done = {}
    for name in wanted:
        path = located(COPIES, name)
        if not os.path.lexists(path):
            done[name] = "was missing, is back"
        elif path.read_bytes() == fresh[name]:
            done[name] = "is as it came"
        else:
            old = located(folder, name)
            old.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, old)
            done[name] = f"is new; what it was is in {old.relative_to(ROOT).as_posix()}"
    for name, what in done.items():
        if what != "is as it came":
            write(located(COPIES, name), fresh[name])
        mark_of_newer(name).unlink(missing_ok=True)
        print(f"{name} {what}", flush=True)
    if folder.exists():
        print("If one of them is open in JupyterLab: File > Reload Notebook from Disk.")


def plain(given):
    """The name of a notebook that was given by name, or by a path to the notebook or to its copy."""
    path = PurePosixPath(given.replace("\\", "/"))
    if path.parts[:1] in [(STORED.name,), (COPIES.name,)]:
        path = path.relative_to(path.parts[0])
    return path.as_posix().removesuffix(".ipynb")


def main(arguments):
    """The exit code."""
    parser = argparse.ArgumentParser(prog="run.py")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("copy", description="Makes your own copies of the notebooks in my_lecture, and renews them.")
    one = commands.add_parser("reset", description="Brings new copies of notebooks; the old ones are kept in my_work.")
    one.add_argument("names", nargs="*", metavar="NAME", help="such as 03_bptt or ko/03_bptt (default: all)")
    options = parser.parse_args(arguments)
    return reset(options.names) if options.command == "reset" else copy()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        sys.exit(f"Stopped, before anything was lost: {error}")
