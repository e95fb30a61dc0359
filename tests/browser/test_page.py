"""What lecture.js does around a widget, tried on a bare page: without JupyterLab, and after its clean-up."""

import pytest

from lecture_utils.widgets.base import SCRIPT

BOX = """
<div class="lecture" id="box">
  <div class="widget-vbox"><label>n (steps)</label><input id="number"><div class="noUi-handle" tabindex="0"></div></div>
  <div id="words"></div>
  <a id="link" href="03_bptt.ipynb#3.2-One" data-file="03_bptt.ipynb" target="_self">3.2 One</a>
</div>
"""
SLIDER = "<div class='widget-vbox'><label>f</label><div class='noUi-handle' id='later'></div></div>"
QUESTION = "<div tabindex='-1' id='question' data-takes-focus>why?</div>"


@pytest.fixture
def page(browser):
    """A page where the script runs for a widget that comes into the page later; `enter()` brings it, `end()` ends it."""
    page = browser.new_page()
    page.route("http://lecture.test/**", lambda route: route.fulfill(body="<body></body>", content_type="text/html"))
    page.goto("http://lecture.test/lab/tree/ko/07_quiz.ipynb")
    page.evaluate(
        """async ([script, html]) => {
            const file = new Blob([script], { type: "text/javascript" });
            const { default: widget } = await import(URL.createObjectURL(file));
            const box = document.createElement("div"), el = document.createElement("div");
            box.innerHTML = html;
            window.end = widget.render({ model: { get: (name) => ({ kind: "page" })[name] }, el });
            window.enter = () => { box.querySelector(".lecture").prepend(el); document.body.append(box); };
        }""",
        [SCRIPT, BOX],
    )
    yield page
    page.close()


def add(page, html):
    page.evaluate("html => { document.querySelector('#words').innerHTML = html; }", html)


def suppressed(page, element):
    page.focus(element)
    return page.get_attribute(element, "data-lm-suppress-shortcuts") == "true"


def test_sliders_get_names_keys_stay_and_a_question_takes_the_focus(page):
    page.evaluate("enter()")
    assert page.get_attribute(".noUi-handle", "aria-label") == "n (steps)"
    assert suppressed(page, "#number") and suppressed(page, ".noUi-handle") and suppressed(page, "#link")
    add(page, SLIDER)
    assert page.get_attribute("#later", "aria-label") == "f"
    add(page, QUESTION)
    assert page.evaluate("document.activeElement.id") == "question"
    page.focus("#number")
    add(page, QUESTION.replace(" data-takes-focus", ""))
    assert page.evaluate("document.activeElement.id") == "number"


def test_a_link_is_given_to_jupyterlab_beside_this_notebook(page):
    page.evaluate("enter(); link.onclick = () => false")
    page.focus("#link")
    page.keyboard.press("Enter")
    assert page.get_attribute("#link", "data-commandlinker-command") == "rendermime:handle-local-link"
    given = page.get_attribute("#link", "data-commandlinker-args")
    assert given == '{"path":"ko/03_bptt.ipynb","id":"#3.2-One"}'


@pytest.mark.parametrize("first", ["enter(); end()", "end(); enter()"])
def test_after_the_clean_up_nothing_is_done(page, first):
    page.evaluate(first)
    add(page, SLIDER + QUESTION)
    assert page.get_attribute("#later", "aria-label") is None
    assert page.evaluate("document.activeElement.id") == ""
    assert not suppressed(page, "#number")
