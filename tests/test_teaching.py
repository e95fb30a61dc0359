"""TEACHING.md: its minutes add up, what it names exists, and objectives, exercises, questions and plans are in step."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest

from lecture_utils.chapters.quiz import BANK

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
CHAPTERS = ("rnn", "charlm", "bptt", "gradients", "lstm", "gru")
PLANS = {"90 minutes": 90, "3 hours": 180}


def table(heading):
    """The rows of the table under a heading of the guide, without the head."""
    (part,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", GUIDE, re.DOTALL | re.MULTILINE)
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def cells(path):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]


def notebook(number):
    """The path of the notebook of a chapter."""
    (path,) = (ROOT / "notebooks").glob(f"{number:02}_*.ipynb")
    return path.relative_to(ROOT).as_posix()


def headings(path):
    """The headings of a notebook's sections."""
    texts = ("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown")
    return [heading for text in texts for heading in re.findall(r"^## (.+)$", text, re.MULTILINE)]


def sections(number):
    """The numbers of a chapter's sections, such as 3.8."""
    found = (re.match(r"\d\.\d+", heading) for heading in headings(notebook(number)))
    return [match[0] for match in found if match]


def planned(plan):
    """(number, notebook, heading, what to show) of each row of a plan that is not a break."""
    for _, deck, section, show in table(plan):
        if section == "break":
            assert not deck
            continue
        number, path, rest = re.fullmatch(r"\[([\d.]+)\]\((notebooks/\w+\.ipynb)\) (.+)", section).groups()
        yield number, path, f"{number} {rest}", show


@pytest.mark.parametrize(("plan", "minutes"), PLANS.items())
def test_the_minutes_of_a_plan_add_up(plan, minutes):
    assert sum(int(row[0]) for row in table(plan)) == minutes


@pytest.mark.parametrize("plan", PLANS)
def test_every_section_of_a_plan_is_a_heading_of_its_notebook(plan):
    for number, path, heading, _ in planned(plan):
        assert heading in headings(path)
        assert path == notebook(int(number[0]))


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_goes_through_all_parts_of_the_deck_in_the_order_of_the_sections(plan):
    numbers = [tuple(map(int, number.split("."))) for number, *_ in planned(plan)]
    assert numbers == sorted(numbers)
    assert {number[0] for number in numbers} == set(range(8))
    parts = " ".join(row[1] for row in table(plan))
    assert {"I", "II", "III", "IV", "V"} <= set(re.findall(r"\b[IV]+\b", parts))


@pytest.mark.parametrize("plan", PLANS)
def test_every_explorer_that_a_plan_shows_is_in_that_notebook(plan):
    for _, path, _, show in planned(plan):
        code = "\n".join("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "code")
        calls = re.findall(r"`(chapters\.\w+\.\w+\()\)`", show)
        assert calls or "()`" not in show
        for call in calls:
            assert call in code, f"{path}: {call})"


def test_there_is_a_question_for_every_section_of_the_plans_in_order():
    shown = {number for plan in PLANS for number, *_ in planned(plan) if number[0] != "0"}
    asked = [row[0] for row in table("The question before each reveal")]
    assert asked == sorted(shown, key=lambda number: [int(part) for part in number.split(".")])
    assert all(all(row) for row in table("The question before each reveal"))


def objectives(number):
    """The numbers of the objectives in a notebook's first cell."""
    return [int(n) for n in re.findall(r"^(\d+)\. ", "".join(cells(notebook(number))[0]["source"]), re.MULTILINE)]


COVER = [
    (int(chapter), int(objective.split()[0]), *(set(filter(None, re.split(r",\s*", cell))) for cell in rest))
    for chapter, objective, *rest in table("Where each objective is taught and tested")
]


def test_every_objective_is_taught_by_a_section_and_tested_by_an_exercise_or_a_question():
    wanted = [(number, objective) for number in range(1, 7) for objective in objectives(number)]
    assert [(chapter, objective) for chapter, objective, *_ in COVER] == wanted
    for chapter, objective, taught, exercises, questions in COVER:
        assert taught, (chapter, objective)
        assert exercises | questions, (chapter, objective)


@pytest.mark.parametrize("number", range(1, 7))
def test_every_section_belongs_to_an_objective_of_its_chapter(number):
    taught = set().union(*(row[2] for row in COVER if row[0] == number))
    assert taught == set(sections(number))


def test_every_exercise_belongs_to_an_objective_of_its_chapter_and_stands_in_its_notebook():
    for number, name in enumerate(CHAPTERS, start=1):
        known = {f"{name}.{short}" for short in import_module(f"lecture_utils.chapters.{name}.exercises").EXERCISES}
        assert set().union(*(row[3] for row in COVER if row[0] == number)) == known
        code = "\n".join("".join(cell["source"]) for cell in cells(notebook(number)) if cell["cell_type"] == "code")
        assert set(re.findall(r'check\("([\w.]+)"', code)) == known


def test_every_question_of_the_quiz_belongs_to_an_objective_whose_sections_teach_it():
    bank = {question.id: question for question in BANK}
    assert set().union(*(row[4] for row in COVER)) == set(bank)
    for chapter, objective, taught, _, questions in COVER:
        for name in questions:
            if not name.startswith("deck."):  # the deck's own questions range over several chapters
                assert bank[name].section in taught, (chapter, objective, name)


def test_the_guide_names_the_commands():
    for command in ("run.py handout", "run.py reset", "Presentation Mode", "Simple Interface", "my_work"):
        assert command in GUIDE
