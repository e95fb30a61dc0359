"""Brings notebooks back to how they came with the lecture; of each one that it replaces, it keeps a copy.

How they came is known from git's last commit. Without git (a downloaded zip) it is known from the copies that run.py
makes before it opens the lecture for the first time. Only notebooks of the lecture are touched: those that a learner
has added, the answers to the quiz and the settings stay. Needs nothing but Python itself.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
ORIGINALS = ROOT / ".lecture-originals"
WORK = ROOT / "my_work"


def committed():
    """The notebooks of git's last commit, by name below the folder; none where git does not know them."""
    command = ["git", "archive", "--format=tar", "HEAD", FOLDER.name]
    try:
        archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = [entry for entry in tar if entry.isfile() and entry.name.endswith(".ipynb")]
        return {entry.name.removeprefix(f"{FOLDER.name}/"): tar.extractfile(entry).read() for entry in files}


def copied():
    """The notebooks as they were before the first start, by name below the folder; none where no copies were made."""
    return {path.relative_to(ORIGINALS).as_posix(): path.read_bytes() for path in sorted(ORIGINALS.rglob("*.ipynb"))}


def keep():
    """Makes the copies, once, where git does not know the notebooks."""
    if ORIGINALS.exists() or not FOLDER.exists() or committed():
        return
    unfinished = ORIGINALS.with_name(f"{ORIGINALS.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(FOLDER, unfinished, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    unfinished.rename(ORIGINALS)


def reset(names):
    """Says what was done to each notebook. First all copies are made, then the notebooks are replaced."""
    originals = committed() or copied()
    if not originals:
        sys.exit(
            "Nothing was changed: neither git nor a copy from before the first start tells how the notebooks came."
        )
    wanted = {name.replace("\\", "/").removeprefix("notebooks/").removesuffix(".ipynb") + ".ipynb" for name in names}
    if unknown := sorted(wanted - set(originals)):
        known = ", ".join(name.removesuffix(".ipynb") for name in originals)
        sys.exit(f"Nothing was changed: there is no notebook {', '.join(unknown)}. There are: {known}")
    done = {}
    folder = WORK / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    for name in sorted(wanted or originals):
        if not (FOLDER / name).exists():
            done[name] = "was missing, is back"
        elif (FOLDER / name).read_bytes() == originals[name]:
            done[name] = "is as it came"
        else:
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(FOLDER / name, copy)
            done[name] = f"is reset; what it was is in {copy.relative_to(ROOT).as_posix()}"
    for name, what in done.items():
        if what != "is as it came":
            (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
            unfinished = (FOLDER / name).with_suffix(".part")
            unfinished.write_bytes(originals[name])
            os.replace(unfinished, FOLDER / name)
        print(f"{name} {what}", flush=True)
    if folder.exists():
        print("If one of them is open in JupyterLab: File > Reload Notebook from Disk.")


def main(arguments):
    """Resets the notebooks named, or all; with --keep only makes the copies."""
    parser = argparse.ArgumentParser(prog="run.py reset", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as 03_bptt or ko/03_bptt (default: all)")
    parser.add_argument("--keep", action="store_true", help="only make the copies of before the first start")
    options = parser.parse_args(arguments)
    keep() if options.keep else reset(options.names)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.exit(f"Stopped, before anything was lost: {error}")
