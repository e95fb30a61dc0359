"""A learner answers the whole quiz with the keyboard, misses some, restarts the kernel, mends them, deletes all.

The score is counted here, from the keys and from what was typed, and compared with what the page says.
"""

import re
from functools import partial

from lecture_utils.chapters.quiz import BANK, CHAPTERS
from lecture_utils.widgets.questions import Number

WRONG = {question.id for n, question in enumerate(BANK) if n % 4 == 1}  # what this learner gets wrong


def focused(page, attribute="innerText"):
    return page.evaluate(f"() => document.activeElement.{attribute} ?? ''")


def tab_to(page, reached, key="Tab"):
    """Presses Tab until the element that has the focus is the one."""
    passed = []
    for _ in range(20):
        page.keyboard.press(key)
        if reached():
            return
        passed.append(focused(page, "outerHTML")[:80])
    raise AssertionError("Tab does not lead there, but to:\n" + "\n".join(passed))


def begin(visit, panel):
    """Puts the focus at the beginning of a panel, once JupyterLab, which takes it after a run, has let go of it."""
    button = panel.get_by_role("button", name="Next question", exact=True).first
    held = 0

    def settled():
        nonlocal held
        held = held + 1 if button.evaluate("element => document.activeElement === element") else 0
        if not held:
            button.focus()
        return held == 5

    visit.until(settled, "the focus is taken away again and again")


def on_button(page, name):
    return page.evaluate(
        "name => document.activeElement.matches('button') && document.activeElement.innerText === name", name
    )


def on_option(page, letter):
    """Whether the focus is at the option that begins with this letter or line number."""
    label = page.evaluate("() => document.activeElement.closest('label')?.innerText ?? ''")
    return re.match(rf"\s*{letter}[) ]", label) is not None


def choice(question, rightly):
    """The options, or the number, that this learner chooses."""
    if isinstance(question, Number):
        return f"{question.value:.5g}" if rightly else "123.456"
    if rightly:
        return question.right
    return next(option for option in question.options if question.right != option)


def answer(visit, panel, question, rightly):
    """Gives an answer with the keyboard, and checks what the page says of it; the focus stays at the button."""
    page = visit.page
    chosen = choice(question, rightly)
    if isinstance(question, Number):
        panel.locator("input[type=text]:enabled").wait_for()
        tab_to(page, partial(page.evaluate, "() => document.activeElement.matches('input[type=text]')"))
        page.keyboard.type(chosen)
    else:
        for option in question.options:
            panel.locator("label").filter(has_text=question.label(option)).first.wait_for()
        for option in chosen:
            tab_to(page, partial(on_option, page, option))
            page.keyboard.press("Space")
    tab_to(page, partial(on_button, page, "Check"))
    page.keyboard.press("Enter")
    verdict = panel.locator(".lecture-verdict[role=status][aria-live=polite]")
    verdict.wait_for()
    # JupyterLab may send the last of several quick key presses after the check; the verdict then follows it.
    visit.until(lambda: ("lecture-yes" in verdict.get_attribute("class")) == rightly, question.id)
    visit.until(partial(on_button, page, "Next question"), f"no way on from {question.id}")


def go_on(visit):
    """From the button to the next question, which takes the focus."""
    page = visit.page
    before = page.evaluate(
        "() => document.activeElement.closest('.lecture-quiz').querySelector('.lecture-question').innerText"
    )
    page.keyboard.press("Enter")
    visit.until(
        lambda: focused(page, "className") == "lecture-question" and focused(page) != before, "no next question"
    )


def cells(panel):
    """The numbers of the last row of the table: answered, right at the first answer, right now."""
    return panel.locator("tbody tr").last.locator("td").all_inner_texts()


def test_the_whole_quiz_by_keyboard(visit):
    visit = visit("07_quiz.ipynb")
    page = visit.page
    visit.run_all()
    panels = page.locator(".lecture-quiz")
    assert panels.count() == len(CHAPTERS) + 2
    missed, summary = panels.nth(len(CHAPTERS)), panels.nth(len(CHAPTERS) + 1)

    for panel, questions in zip(panels.all(), CHAPTERS.values(), strict=False):
        panel.scroll_into_view_if_needed()
        begin(visit, panel)
        for n, question in enumerate(questions):
            assert question.text("question") in panel.locator(".lecture-question").inner_text()
            answer(visit, panel, question, question.id not in WRONG)
            if n < len(questions) - 1:
                go_on(visit)
    tab_to(page, partial(on_button, page, "Show me"))
    page.keyboard.press("Enter")
    panel.locator(".lecture-shown").wait_for()

    total, right = len(BANK), len(BANK) - len(WRONG)
    visit.until(
        lambda: cells(summary) == [f"{total} of {total}", f"{right} of {total}", f"{right} of {total}"],
        partial(cells, summary),
    )
    for section in {question.section for question in BANK if question.id in WRONG}:
        assert summary.get_by_text(re.compile(rf"^{section} ")).count() == 1

    visit.restart_and_run_all()
    visit.until(lambda: cells(summary)[1:2] == [f"{right} of {total}"], "the score is lost with the kernel")

    missed.scroll_into_view_if_needed()
    begin(visit, missed)
    again = [question for question in BANK if question.id in WRONG]
    for question in again:
        answer(visit, missed, question, rightly=True)
        if question is not again[-1]:
            go_on(visit)
    visit.until(lambda: cells(summary)[1:] == [f"{right} of {total}", f"{total} of {total}"], partial(cells, summary))
    assert summary.get_by_text("Nothing to read again.").is_visible()

    summary.get_by_role("button", name="Delete all my answers and guesses").focus()
    page.keyboard.press("Enter")
    summary.get_by_role("button", name="Yes, delete them").wait_for()
    tab_to(page, partial(on_button, page, "Yes, delete them"))
    page.keyboard.press("Enter")
    visit.until(lambda: cells(summary)[0] == f"0 of {total}", "the answers are not deleted")
    assert panels.first.get_by_role("button", name="Check").is_visible()
    assert visit.complaints == []
    assert visit.stayed_here()


def test_a_link_opens_the_section_in_the_same_jupyterlab(visit):
    visit = visit("07_quiz.ipynb")
    page = visit.page
    visit.run_all()
    question = CHAPTERS["bptt"][0]
    panel = page.locator(".lecture-quiz").nth(list(CHAPTERS).index("bptt"))
    panel.scroll_into_view_if_needed()
    link = panel.get_by_role("link")
    assert link.inner_text().startswith(f"{question.section} ")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.title.label === '03_bptt.ipynb'")
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel")
    page.wait_for_function(
        """section => {
            const book = window.jupyterapp.shell.currentWidget.content.node, seen = book.getBoundingClientRect();
            const heading = [...book.querySelectorAll('h2')].find(one => one.textContent.startsWith(section));
            const top = heading?.getBoundingClientRect().top;
            return seen.top - 20 < top && top < seen.bottom - 100;
        }""",
        arg=f"{question.section} ",
    )
    assert visit.complaints == []
