"""The README says of each notebook what the notebook says of itself, and names only what there is."""

import re
from pathlib import Path

import nbformat
import pytest

PROJECT = Path(__file__).resolve().parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))


def first_cell(path):
    return nbformat.read(path, as_version=4).cells[0].source


def row(path):
    """(question, minutes) as the notebook's first cell has them."""
    source = first_cell(path)
    title, minutes = (
        re.match(r"# \d\. (.*)", source)[1],
        re.search(r"\*\*Time:\*\* (?:about )?(\d+) minutes", source)[1],
    )
    return title, minutes


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_table_of_the_readme_agrees_with_the_notebook(path):
    title, minutes = row(path)
    assert f"| [{path.stem}](notebooks/{path.name}) | {title} | {minutes} |" in README


@pytest.mark.parametrize("path", NOTEBOOKS[1:], ids=lambda path: path.stem)
def test_the_map_of_notebook_00_agrees_with_the_notebook(path):
    title, minutes = row(path)
    cells = "\n".join(cell.source for cell in nbformat.read(NOTEBOOKS[0], as_version=4).cells)
    assert re.search(rf"\]\({path.name}\) \| {re.escape(title)} \| {minutes} \|", cells)


@pytest.mark.parametrize("path", NOTEBOOKS[:-1], ids=lambda path: path.stem)
def test_a_notebook_ends_with_the_title_of_the_next(path):
    following = NOTEBOOKS[NOTEBOOKS.index(path) + 1]
    last = nbformat.read(path, as_version=4).cells[-1].source
    title = first_cell(following).split("\n")[0].removeprefix("# ")
    assert f"**Next:** [{title}]({following.name})" in last


def test_every_file_the_readme_points_to_is_there():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(targets) > 10
    assert [target for target in targets if not (PROJECT / target).exists()] == []
