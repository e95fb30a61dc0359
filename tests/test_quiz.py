"""The quiz: keys against evidence and against numbers worked out here, links, grading, what is kept, the widgets."""

import json
import math
import random
import re
from itertools import chain, combinations
from pathlib import Path

import ipywidgets
import nbformat
import numpy as np
import pytest

from lecture_utils import rnn, tasks
from lecture_utils.chapters import quiz as chapter_7
from lecture_utils.chapters.quiz import BANK, CHAPTERS
from lecture_utils.texts import table, text
from lecture_utils.widgets import questions as quiz
from lecture_utils.widgets import quiz as widgets
from lecture_utils.widgets.base import close
from lecture_utils.widgets.questions import Choice, Number, Progress, Unreadable, WrongLine

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
QUESTIONS = {question.id: question for question in BANK}
CHOICES = [question for question in BANK if isinstance(question, Choice)]
NUMBERS = [question for question in BANK if isinstance(question, Number)]


def name(question):
    return question.id


def subsets(options):
    return chain.from_iterable(combinations(options, n) for n in range(len(options) + 1))


def possible(question):
    """Every answer one can give to a choice; to a number the right one, the typical slips and a far one."""
    if isinstance(question, Number):
        return [f"{value:.6g}" for value in (question.value, *question.mistakes.values(), 987.6)]
    return [list(chosen) for chosen in subsets(question.options) if len(chosen) == 1 or (question.several and chosen)]


def right_answer(question):
    return f"{question.value:.6g}" if isinstance(question, Number) else list(question.right)


def wrong_answer(question):
    return next(answer for answer in possible(question) if not question.grade(answer).right)


# the bank


def test_the_decks_questions_come_first_and_every_chapter_has_at_least_four():
    assert [question.id for question in BANK[:2]] == ["deck.q3", "deck.q6"]
    assert list(CHAPTERS) == ["deck", "rnn", "charlm", "bptt", "gradients", "lstm", "gru"]
    assert all(len(questions) >= 4 for chapter, questions in CHAPTERS.items() if chapter != "deck")
    assert len(QUESTIONS) == len(BANK) >= 26
    assert all(question.chapter == chapter for chapter, questions in CHAPTERS.items() for question in questions)
    kinds = {(type(question), getattr(question, "several", None)) for question in BANK}
    assert kinds == {(Choice, False), (Choice, True), (Number, None), (WrongLine, False)}


@pytest.mark.parametrize("question", BANK, ids=name)
def test_the_evidence_agrees_with_the_key(question):
    found = question.settle()
    if isinstance(question, Number):
        assert question.near(float(found.verdict), question.value)
    else:
        assert found.verdict == set(question.right)


WORKED_OUT = {
    "rnn.step": math.tanh(0.5 * math.tanh(2 * 1 - 1) - 1),
    "rnn.count": 20 * 10 + 20 * 20 + 20,
    "charlm.loss": math.log(8),
    "charlm.floor": 2 * math.log(2) / 3,
    "bptt.paths": sum(1 for t in range(6) for s in range(t + 1) if t < 3 or s >= 3),
    "gradients.power": math.prod([0.9] * 50),
    "gradients.clip": 6 * 5 / math.hypot(6, -8),
    "lstm.left": 0.7**2,
    "gru.average": 0.75 * 0.8 - 0.25 * 0.4,
    "gru.count": 2480 * 3 / 4,
}


@pytest.mark.parametrize("question", NUMBERS, ids=name)
def test_the_numbers_are_those_worked_out_here(question):
    assert math.isclose(question.value, WORKED_OUT[question.id], rel_tol=question.tolerance / 2)
    values = [question.value, *question.mistakes.values()]
    for one, other in combinations(values, 2):
        assert not question.near(one, other), "two of the numbers cannot be told apart"


@pytest.mark.parametrize("question", [q for q in BANK if isinstance(q, WrongLine)], ids=name)
def test_only_the_mended_line_mends_the_pass(question):
    assert question.mended != question.lines[int(question.right) - 1]
    assert question.evidence(question.with_line_mended()) < 1e-9
    assert question.evidence("\n".join(question.lines)) > 1e-3


def test_no_sentence_is_missing_and_none_is_left_over():
    wanted = {f"quiz.section.{question.section}" for question in BANK} | {f"quiz.chapter.{name}" for name in CHAPTERS}
    for question in BANK:
        keys = {"question"}
        if isinstance(question, Number):
            keys |= {"evidence"} | {f"why.{why}" for why in ("right", *question.mistakes)}
        else:
            keys |= {f"why.{option}" for option in question.options}
            if not isinstance(question, WrongLine):
                keys |= {"evidence"} | {f"option.{option}" for option in question.options}
        wanted |= {f"quiz.{question.id}.{key}" for key in keys}
    parts = ("section", "chapter", *CHAPTERS)
    there = {key for key in table("en") if key.startswith(tuple(f"quiz.{part}." for part in parts))}
    assert there == wanted


@pytest.mark.parametrize("question", BANK, ids=name)
def test_the_section_that_teaches_it_exists(question):
    cells = nbformat.read(NOTEBOOKS / quiz.notebook(question.section), as_version=4).cells
    lines = [line for cell in cells if cell.cell_type == "markdown" for line in cell.source.split("\n")]
    assert f"## {text(f'quiz.section.{question.section}')}" in lines
    file, anchor = re.search(r'href="([^"#]+)#([^"]+)"', widgets.link(question.section)).groups()
    assert file == quiz.notebook(question.section)
    assert anchor.startswith(f"{question.section}-")
    assert "$" not in anchor, "JupyterLab finds no heading that holds a formula"
    assert " " not in anchor


# grading


@pytest.mark.parametrize("question", CHOICES, ids=name)
def test_exactly_the_right_options_are_right_and_every_option_has_a_reason(question):
    for answer in possible(question):
        grade = question.grade(answer)
        assert grade.right == (sorted(answer) == sorted(question.right))
        assert [reason.option for reason in grade.reasons] == list(question.options)
        assert len({reason.sentence for reason in grade.reasons}) == len(question.options)
        for reason in grade.reasons:
            chosen, wanted = reason.option in answer, reason.option in question.right
            expected = ("right" if wanted else "wrong") if chosen else ("missed" if wanted else "left")
            assert reason.mark == expected
            assert len(reason.sentence) > 15


@pytest.mark.parametrize("question", NUMBERS, ids=name)
def test_typical_slips_are_recognised(question):
    assert question.grade(f"{question.value:.6g}").right
    assert question.grade(f"{question.value * (1 + question.tolerance / 2):.12g}").right
    assert not question.grade(f"{question.value * (1 + 3 * question.tolerance):.12g}").right
    for mistake, value in question.mistakes.items():
        grade = question.grade(f"{value:.6g}")
        assert not grade.right
        assert grade.reasons[0].sentence == question.text(f"why.{mistake}")
    assert question.grade("987.6").reasons[0].sentence == text("quiz.number.other")


@pytest.mark.parametrize(
    ("id", "typed", "value"),
    [
        ("charlm.loss", "2.08", 2.08),
        ("charlm.loss", " 2,08 nats ", 2.08),
        ("charlm.loss", "3 bits", 3 * math.log(2)),
        ("charlm.loss", "3Bits", 3 * math.log(2)),
        ("charlm.loss", "25/12", 25 / 12),
        ("lstm.left", "49 %", 0.49),
        ("lstm.left", "49percent", 0.49),
        ("lstm.left", ".49", 0.49),
        ("gradients.power", "5.15e-3", 0.00515),
        ("gradients.power", "5.15·10^-3", 0.00515),
        ("gradients.power", "5.15 * 10^−3", 0.00515),
        ("rnn.step", "−0.55", -0.55),
        ("gru.count", "1860 weights", 1860),
    ],
)
def test_numbers_are_read_as_people_write_them(id, typed, value):
    assert math.isclose(QUESTIONS[id].read(typed), value, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("id", "typed", "says"),
    [
        ("charlm.loss", "three", "three"),
        ("charlm.loss", "", "0.35"),
        ("charlm.loss", "1/0", "1/0"),
        ("charlm.loss", "nan", "nan"),
        ("charlm.loss", "1e999", "1e999"),
        ("charlm.loss", "3 trits", "nats"),
        ("gru.count", "1,860", "1,860"),
        ("rnn.step", "-0.55 nats", "no unit"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(id, typed, says):
    with pytest.raises(Unreadable, match=re.escape(says)):
        QUESTIONS[id].read(typed)
    assert not QUESTIONS[id].accepts(typed)


# what is kept


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("LECTURE_SETTINGS", str(tmp_path / "settings.json"))
    return quiz.path()


def test_answers_survive_in_a_new_object(file):
    kept = Progress(BANK, file)
    for question in BANK:
        kept.record(question, wrong_answer(question))
        kept.record(question, right_answer(question))
    again = Progress(BANK, file)
    assert again.answers == kept.answers
    assert not again.trouble
    assert [child.name for child in file.parent.iterdir()] == [file.name]


def test_clearing_deletes_the_file(file):
    kept = Progress(BANK, file)
    kept.record(BANK[0], ["a"])
    assert file.exists()
    kept.clear()
    assert not file.exists()
    assert kept.answers == Progress(BANK, file).answers == {}
    kept.clear()  # nothing left to delete
    assert not kept.trouble


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe\x00", b"", b"[" * 10**5])
def test_a_broken_file_is_met_with_a_sentence_and_kept(content, file):
    file.write_bytes(content)
    kept = Progress(BANK, file)
    assert kept.answers == {}
    assert str(file) in kept.trouble
    kept.record(BANK[0], ["a"])
    assert not kept.trouble
    assert Progress(BANK, file).answers == {BANK[0].id: [["a"]]}
    assert file.with_suffix(".broken").read_bytes() == content


def test_a_file_cut_or_changed_anywhere_raises_nothing(file):
    whole = Progress(BANK, file)
    for question in BANK[:6]:
        whole.record(question, wrong_answer(question))
    content, chance = file.read_bytes(), random.Random(0)
    for n in range(150):
        at, more = (
            chance.randrange(len(content)),
            chance.choice([b"", b"null", b"7", b"[", b'"', b"\xe2", b"1e999", b"{}"]),
        )
        file.write_bytes(content[:at] + more + content[at + chance.randint(0, 3) :] * (n % 2))
        kept = Progress(BANK, file)
        assert kept.score(BANK).total == len(BANK) and kept.read_again() is not None
        assert repr(widgets.Panel("all", lambda: BANK, kept)).startswith("all")


def test_answers_that_do_not_fit_the_bank_are_left_out(file):
    stored = {
        "deck.q3": [["d"], ["z"], 7, ["a", "b"]],
        "gone.question": [["a"]],
        "rnn.step": ["many", "-0.55"],
        "rnn.count": 5,
    }
    file.write_text(json.dumps(stored), encoding="utf-8")
    kept = Progress(BANK, file)
    assert kept.answers == {"deck.q3": [["d"]], "rnn.step": ["-0.55"]}
    assert not kept.trouble


def test_a_file_that_cannot_be_written_is_met_with_a_sentence(tmp_path):
    kept = Progress(BANK, tmp_path / "no such folder" / "answers.json")
    kept.record(BANK[0], ["d"])
    assert "no such folder" in kept.trouble
    assert kept.right(BANK[0])


def test_a_folder_in_its_place_is_met_with_a_sentence(file):
    file.mkdir()
    (file / "something").touch()
    kept = Progress(BANK, file)
    assert str(file) in kept.trouble
    kept.record(BANK[0], ["d"])
    assert str(file) in kept.trouble
    kept.clear()
    assert str(file) in kept.trouble
    assert kept.answers == {}


# score


@pytest.mark.parametrize("seed", range(5))
def test_the_score_is_that_of_an_independent_count(seed, file):
    chance, kept = random.Random(seed), Progress(BANK, file)
    first, last = {}, {}
    for question in chance.sample(BANK, 25):
        for _ in range(chance.randint(1, 3)):
            answer = chance.choice(possible(question))
            kept.record(question, answer)
            if isinstance(question, Number):
                good = abs(float(answer) - question.value) <= question.tolerance * abs(question.value)
            else:
                good = set(answer) == set(question.right)
            first.setdefault(question.id, good)
            last[question.id] = good
    for questions in (*CHAPTERS.values(), BANK):
        ids = [question.id for question in questions if question.id in first]
        counts = len(questions), len(ids), sum(first[id] for id in ids), sum(last[id] for id in ids)
        assert kept.score(questions) == counts
    assert {question.id for question in kept.missed()} == {id for id, good in first.items() if not good}
    assert set(kept.read_again()) == {QUESTIONS[id].section for id, good in last.items() if not good and not first[id]}


# the widgets


def test_a_panel_leads_through_its_questions(file):
    panel = chapter_7.chapter("rnn")
    questions = CHAPTERS["rnn"]
    assert "Question 1 of 5. Answered: 0; right: 0." in repr(panel)
    panel.check_or_go_on()
    assert "Choose an answer first" in panel._feedback.value
    for n, question in enumerate(questions):
        assert panel.question is question
        assert panel.open
        panel.answer(right_answer(question) if n else wrong_answer(question))
        assert not panel.open
        assert "role='status' aria-live='polite'" in panel._feedback.value
        assert ("lecture-yes" in panel._feedback.value) == bool(n)
        panel.check_or_go_on()
    assert "Answered: 5; right: 4." in repr(panel)
    assert panel.question is questions[0]
    assert "lecture-no" in panel._feedback.value


@pytest.mark.parametrize("question", BANK, ids=name)
def test_every_question_is_asked_answered_and_settled(question, file):
    panel = chapter_7.chapter(question.chapter)
    panel.go(question)
    assert panel._field.given() == ""
    for option in question.options if isinstance(question, Choice) else ():
        assert question.label(option) in repr(panel)
    panel.show_me()
    assert "<pre" in panel._shown.value
    panel.answer(wrong_answer(question))
    assert "lecture-no" in panel._feedback.value
    sentences = re.sub(r"<[^>]*>", "", panel._feedback.value)
    for reason in question.grade(wrong_answer(question)).reasons:
        assert widgets.html.escape(reason.sentence) in sentences
    again = chapter_7.missed()
    assert again.question is question
    assert again.open
    again.answer(right_answer(question))
    assert "lecture-yes" in again._feedback.value
    assert not again.open


def test_a_missed_right_option_is_said_to_be_missed(file):
    panel = chapter_7.chapter("rnn")
    panel.go(QUESTIONS["rnn.products"])
    panel.answer("ac")
    assert "1 of the 2 right answers found, 1 marked that should not be" in panel._feedback.value
    for words in ("Yes, (a).", "You missed (b).", "Not (c)."):
        assert words in panel._feedback.value.partition("<details>")[0]


def test_a_number_that_cannot_be_read_is_no_answer(file):
    panel = chapter_7.chapter("rnn")
    panel.go(QUESTIONS["rnn.step"])
    panel.answer("a lot")
    assert panel.open
    assert "a lot" in panel._feedback.value
    assert not file.exists()


def test_what_a_learner_types_is_no_html(file):
    panel = chapter_7.chapter("rnn")
    panel.go(QUESTIONS["rnn.step"])
    panel.answer("<b>1</b>")
    assert "<b>1" not in panel._feedback.value


def test_the_fields_hold_what_is_chosen(file):
    panel = chapter_7.chapter("rnn")
    panel._field.widget.value = "c"
    panel.check_or_go_on()
    assert panel.progress.latest(QUESTIONS["rnn.shared"]) == ["c"]
    panel.go(QUESTIONS["rnn.products"])
    for box in panel._field.widget.children[:2]:
        box.value = True
    panel.check_or_go_on()
    assert panel.progress.latest(panel.question) == ["a", "b"]
    assert all(box.disabled for box in panel._field.widget.children)
    panel.go(QUESTIONS["rnn.step"])
    panel._field.widget.value = " -0.5505 "
    panel.check_or_go_on()
    assert panel.progress.right(panel.question)


def test_a_choice_that_comes_after_the_check_is_the_one_that_counts(file):
    panel = chapter_7.chapter("deck")
    panel._field.widget.value = "a"
    panel.check_or_go_on()
    panel._field.widget.value = "d"
    assert panel.progress.answers == {"deck.q3": [["d"]]}
    assert Progress(BANK, file).answers == {"deck.q3": [["d"]]}
    assert "lecture-yes" in panel._feedback.value


def test_a_missed_question_stays_until_it_is_right(file):
    panel, again = chapter_7.chapter("deck"), chapter_7.missed()
    assert again.question is None
    assert "Nothing was missed" in repr(again)
    panel.answer("a")
    panel.check_or_go_on()
    panel.answer("d")
    assert [question.id for question in again.questions] == ["deck.q3", "deck.q6"]
    again.answer("b")
    assert not again.open
    again.check_or_go_on()
    assert again.question.id == "deck.q6"
    again.answer("c")
    again.check_or_go_on()
    assert again.question.id == "deck.q3"
    assert again.open
    again.answer("d")
    score = again.progress.score(CHAPTERS["deck"])
    assert (score.first, score.now) == (0, 2)


def test_widgets_follow_each_other_and_the_file(file):
    panel, copy, summary = chapter_7.chapter("deck"), chapter_7.chapter("deck"), chapter_7.summary()
    assert text("quiz.summary.start") in repr(summary)
    panel.answer("c")
    assert not copy.open
    assert "answered 1 of 37" in repr(summary)
    assert "4.10" in repr(summary)
    chapter_7._kept.cache_clear()  # as a new kernel begins
    later = chapter_7.chapter("deck")
    assert later.question.id == "deck.q6"
    assert "Answered: 1" in repr(later)


def test_deleting_asks_first(file):
    panel, summary = chapter_7.chapter("deck"), chapter_7.summary()
    panel.answer("d")
    summary.ask_to_delete()
    assert "questions answered: 1" in summary._said.value
    summary.keep()
    assert file.exists()
    summary.ask_to_delete()
    summary.delete()
    assert not file.exists()
    assert panel.open
    assert text("quiz.summary.start") in repr(summary)


def test_trouble_with_the_file_is_said_in_the_widget(file):
    file.write_text("{", encoding="utf-8")
    panel = chapter_7.chapter("deck")
    assert "role='alert'" in panel.trouble.value
    assert str(file) not in repr(panel), "a path of this computer in the stored notebook"


def test_an_unknown_chapter_is_refused():
    with pytest.raises(ValueError, match="deck, rnn"):
        chapter_7.chapter("chapter 8")


def test_a_size_of_a_gradient_is_its_rms_singular_value_in_each_evidence():
    """By plain products; an orthogonal start does not seem to grow."""

    def size(W_xh, W_hh, inputs, start):  # of dh_T/dh_start
        h, product = np.zeros(len(W_hh)), np.eye(len(W_hh))
        for n, x in enumerate(inputs):
            h = np.tanh(W_xh @ x + W_hh @ h)
            product = (1 - h**2)[:, None] * (W_hh @ product) if n >= start else product
        return np.log10(np.sqrt(np.mean(np.linalg.svd(product)[1] ** 2)))

    def shown(id):
        return QUESTIONS[id].evidence().numbers

    noise = [np.random.default_rng(1).standard_normal((T, 1, 4))[:, 0] for T in (50, 100)]
    W_xh, W_hh, _ = rnn.init(np.random.default_rng(0), 4, 16)
    assert shown("deck.q6")["rnn"] == pytest.approx(size(W_xh, W_hh, noise[1], 0))
    noises = [np.random.default_rng([seed, 1]).standard_normal((100, 4)) for seed in range(100)]
    drawn = [rnn.init(np.random.default_rng(seed), 4, 16)[:2] for seed in range(100)]
    starts = [size(*weights, inputs, 0) for weights, inputs in zip(drawn, noises, strict=True)]
    assert shown("lstm.bias")["rnn"] == pytest.approx(np.median(starts))
    assert shown("deck.q3")["far"] == pytest.approx(size(W_xh, W_hh, noise[0], 0))
    W_xh, W_hh, _ = rnn.init(np.random.default_rng(0), 2, 32)
    xs = tasks.adding(np.random.default_rng(1), 50, 1).xs[:, 0]
    assert shown("gradients.unsolved")["uniform"] == pytest.approx(size(W_xh, W_hh, xs, 1))
    assert -0.55 < shown("gradients.unsolved")["orthogonal"] < -0.5


def test_panels_that_are_closed_are_told_nothing_and_leave_no_widget(file, tmp_path):
    kept, made = Progress(BANK, file), ipywidgets.widgets.widget._instances
    panel = widgets.Panel("all", lambda: BANK, kept)
    for question in BANK[:4]:
        panel.go(question)
    size = len(made)
    for question in (*BANK[4:], *BANK):
        panel.go(question)
    assert len(made) < size + 100
    before = len(made)
    other, score = (
        widgets.Panel("all", lambda: BANK, kept),
        widgets.Summary(kept, CHAPTERS, Progress([], tmp_path / "guesses.json")),
    )
    for question in BANK[:9]:
        other.go(question)
    for widget in (other, score):
        close(widget)
    assert len(made) == before
    table = score._table.value
    kept.record(BANK[0], wrong_answer(BANK[0]))
    assert score._table.value == table and list(kept._listeners) == [panel.follow]
