"""Drawn guesses as a person draws them: with mouse, finger and keys; nothing of the true curve before the commit."""

import json

import nbformat
import pytest
from browser import lab
from browser.test_diagrams import SENT

VALUES = "all => all.map(one => one.hasAttribute('opacity') ? null : Number(one.getAttribute('aria-valuenow')))"
FOCUSED = """() => ['aria-label', 'aria-valuetext', 'role', 'aria-readonly']
  .map(name => document.activeElement.getAttribute(name))"""
GONE = "() => document.querySelector('[data-id=truth]') === null"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A JupyterLab with one notebook that shows two guesses."""
    home = tmp_path_factory.mktemp("lab")
    (home / "notebooks").mkdir()
    calls = ["from lecture_utils import chapters\npanel = chapters.lstm.guess_gradient()\npanel",
             "chapters.lstm.guess_state()", "print(panel.values, panel.truth is None)"]  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(call) for call in calls])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, home / "notebooks" / "guesses.ipynb")
    with lab.serve(home) as address:
        yield address


@pytest.fixture
def opened(visit):
    """(the Visit, the guess of the gradient, that of the state)."""
    one = visit("guesses.ipynb")
    one.run_all()
    return one, *one.page.locator(".lecture-guess").all()


def values(panel):
    return panel.locator("[data-at]").evaluate_all(VALUES)


def caption(panel):
    return panel.locator(".lecture-caption").inner_text()


def place(panel, x, y):
    """Where on the page a point is, x and y from 0 to 1 along the axes."""
    box = panel.locator("[data-id=pad]").bounding_box()
    return box["x"] + x * box["width"], box["y"] + (1 - y) * box["height"]


def changes(page):
    """What the page has told the kernel: the traits of each message that changes some."""
    sent = [json.loads(content) for kind, content in page.evaluate("() => window.sent") if kind == "comm_msg"]
    return [one["data"]["state"] for one in sent if one["data"]["method"] == "update"]


def test_a_curve_is_drawn_with_the_mouse_and_told_once(opened):
    visit, panel, _ = opened
    page = visit.page
    page.evaluate(SENT.replace(".slice(0, 300)", ""))
    panel.scroll_into_view_if_needed()
    assert values(panel) == [None] * 21
    page.mouse.move(*place(panel, 0.001, 0.75))
    page.mouse.down()
    page.mouse.move(*place(panel, 0.5, 0.5))
    assert values(panel)[:11] == [0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10]  # also between two places of the pointer
    x, y = place(panel, 1, 0)
    page.mouse.move(x + 60, y + 60)  # held fast beyond the axes
    assert page.evaluate("() => window.sent") == []
    page.mouse.up()
    drawn = values(panel)
    assert drawn[10:] == [-10, -12, -14, -16, -18, -20, -22, -24, -26, -28, -30]
    assert page.evaluate(FOCUSED)[:2] == ["100 steps back", "10^-30"]
    page.mouse.move(*place(panel, 0.2, 0.9))  # no button: nothing is drawn
    page.wait_for_timeout(300)
    assert changes(page) == [{"drawn": drawn}] and values(panel) == drawn

    # nothing to peek at; then the true curve, and the distance in words
    assert page.evaluate(GONE) and "data-true" not in panel.inner_html()
    panel.get_by_role("button", name="This is my guess").click()
    panel.locator("[data-id=truth]").wait_for()
    visit.until(lambda: "powers of ten" in caption(panel), lambda: f"no distance in words: {caption(panel)}")
    page.mouse.move(*place(panel, 0.1, 0.1))
    page.mouse.down()
    page.mouse.move(*place(panel, 0.9, 0.1))
    page.mouse.up()
    assert values(panel) == drawn
    panel.get_by_role("button", name="Reset").click()
    page.wait_for_function(GONE)
    assert values(panel) == [None] * 21
    assert visit.complaints == [] and visit.stayed_here()


def test_a_curve_is_drawn_with_a_finger(opened):
    visit, _, panel = opened
    page = visit.page
    touch = page.context.new_cdp_session(page)

    def finger(kind, *points):
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]},
        )

    panel.scroll_into_view_if_needed()
    finger("touchStart", place(panel, 0, 1 / 1.2))
    for n in range(1, 16):  # straight down as well: the page does not scroll away
        finger("touchMove", place(panel, n / 15, (1 - n / 15) / 1.2))
    finger("touchStart", place(panel, 1, 0), place(panel, 0.1, 0.1))  # a second finger draws nothing
    finger("touchEnd")
    visit.until(lambda: None not in values(panel), lambda: f"a finger draws {values(panel)}")
    assert values(panel) == pytest.approx([1 - n / 15 for n in range(16)], abs=0.02)
    assert visit.complaints == []


def test_a_curve_is_drawn_by_keys(opened):
    visit, _, panel = opened
    page = visit.page
    stops = panel.locator("svg [tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    assert page.evaluate(FOCUSED) == ["n = 0", "not set", "slider", "false"]
    page.keyboard.press("Enter")
    visit.until(lambda: "two points" in caption(panel), "an empty guess is not refused")
    for key in ("PageUp", "PageUp", "PageUp", "PageUp"):
        page.keyboard.press(key)
    assert page.evaluate(FOCUSED)[:2] == ["n = 0", "1"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED)[:2] == ["n = 1", "0.99"]
    page.keyboard.press("End")
    for _ in range(15):
        page.keyboard.press("PageDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED)[:2] == ["n = 15", "0.01"]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(FOCUSED)[:2] == ["n = 14", "not set"]
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(FOCUSED)[0] == "n = 0"
    assert values(panel) == [1, 0.99, *[None] * 13, 0.01]
    page.keyboard.press("Enter")
    panel.locator("[data-id=truth]").wait_for()
    assert page.evaluate(FOCUSED) == ["n = 0", "1, it is 1", "slider", "true"]
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED)[:2] == ["n = 0", "1, it is 1"]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED)[:2] == ["n = 1", "0.99, it is 0.7"]
    assert "straight line" in caption(panel).lower()
    assert visit.complaints == [] and visit.stayed_here()


def test_what_is_drawn_is_in_the_kernel_and_what_python_draws_is_on_the_page(opened):
    visit, panel, _ = opened
    page = visit.page

    def run(source):
        return page.evaluate(
            """async source => {
                const book = window.jupyterapp.shell.currentWidget.content, cell = book.widgets[2];
                cell.model.sharedModel.setSource(source);
                book.activeCellIndex = 2;
                await window.jupyterapp.commands.execute('notebook:run-cell');
                return cell.model.outputs.toJSON().map(one => one.text ?? one.evalue).join('');
            }""",
            source,
        )

    panel.scroll_into_view_if_needed()
    page.mouse.move(*place(panel, 0.5, 0.5))
    page.mouse.down()
    page.mouse.up()
    assert run("print(panel.values[10], panel.values[9], panel.truth)") == "-10 None None\n"
    run("panel.draw([-n for n in range(21)])")
    visit.until(lambda: values(panel) == [-n for n in range(21)], "what Python draws is not on the page")
    run("panel.commit()")
    panel.locator("[data-id=truth]").wait_for()
    assert visit.complaints == []


def test_when_python_began_anew_the_caption_asks_to_run_the_cell_again(opened):
    visit, panel, _ = opened
    assert "Shift+Enter" not in caption(panel)
    visit.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    visit.until(lambda: "Press Shift+Enter in its cell." in caption(panel), "nothing was said")
    assert panel.locator(".lecture-line").inner_text() == ""
    visit.run_all()
    visit.until(lambda: "Shift+Enter" not in caption(panel), "the old words stand there still")
