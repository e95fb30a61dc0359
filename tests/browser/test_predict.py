"""A learner predicts by keyboard: a guess, its reply, a line of one's own that outlives the kernel; and one made too late."""

from functools import partial

import nbformat
import pytest
from browser import lab
from browser.test_quiz import focused, on_button, on_option, tab_to
from nbformat.v4 import new_code_cell, new_notebook

from lecture_utils.texts import text

WHY = "between -1 and 1 nothing happens"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder with JupyterLab's notebooks, and with what is kept of the guesses."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def server(home):
    """A JupyterLab with one notebook that asks twice, each time before a result."""
    sources = ["from lecture_utils.widgets.predict import predict", 'predict("rnn.tanh")', "print(0.7616)",
               'predict("rnn.window")', "print(9.57)"]  # fmt: skip
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    (home / "notebooks").mkdir()
    nbformat.write(notebook, home / "notebooks" / "asks.ipynb")
    with lab.serve(home) as address:
        yield address


def commit(visit, gate):
    """From where the focus is to the button, and a press of it; then the line has the focus."""
    tab_to(visit.page, partial(on_button, visit.page, text("engine.commit")))
    visit.page.keyboard.press("Enter")
    gate.locator(".lecture-verdict[role=status][aria-live=polite]").wait_for()
    visit.until(lambda: focused(visit.page, "placeholder") == text("predict.free"), "the line has not the focus")


def test_a_guess_by_keyboard_and_one_after_seeing(visit, home):
    visit = visit("asks.ipynb")
    page, gates = visit.page, visit.page.locator(".lecture-quiz")
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
    for _ in range(2):
        visit.command("notebook:run-cell-and-select-next")
    first = gates.first
    first.locator("input[type=radio]").first.wait_for()
    assert text("rnn.tanh.question") in first.inner_text()
    assert first.locator(".lecture-verdict").count() == 0 and not first.locator("input[type=text]").is_visible()

    def settled():
        first.locator("input[type=radio]").first.focus()
        page.wait_for_timeout(200)  # JupyterLab takes the focus after a run
        return on_option(page, "a")

    visit.until(settled, "the options do not keep the focus")
    page.keyboard.press("Space")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    commit(visit, first)
    visit.until(lambda: text("rnn.tanh.reply.c") in first.inner_text(), first.inner_text)
    assert text("predict.after") not in first.inner_text()
    page.keyboard.type(WHY)
    kept = home / ".lecture-guesses.json"
    visit.until(lambda: WHY in kept.read_text(encoding="utf-8"), "the line is not kept as it is typed")

    visit.run_all()
    visit.restart_and_run_all()
    line = first.get_by_label(text("predict.why"))
    visit.until(lambda: line.input_value() == WHY, "the line is lost")
    assert text("rnn.tanh.reply.c") in first.inner_text()
    assert first.locator("input[type=radio]:enabled").count() == 0

    second = gates.nth(1)
    slider = second.get_by_role("slider", name=text("predict.number"))
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    commit(visit, second)
    visit.until(lambda: text("rnn.window.reply.fewer") in second.inner_text(), second.inner_text)
    assert text("predict.after") in second.inner_text()
    assert visit.complaints == []
    assert visit.stayed_here()
