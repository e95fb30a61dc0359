"""Predictions: what turns out is computed by the cells that follow, nothing earlier gives it away, and no guess is lost."""

import json
import math
import re
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import ipywidgets
import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from oracles.predictions import TRUTH

from lecture_utils.chapters import quiz as chapter_7
from lecture_utils.texts import FIRST, table, text
from lecture_utils.widgets import predict as machinery
from lecture_utils.widgets.base import close
from lecture_utils.widgets.predict import Choice, Number, bank, predict
from lecture_utils.widgets.questions import Progress
from tools import notebooks

ASKS = re.compile(r'predict\("([\w.]+)"\)')
NUMBER = re.compile(r"-?[\d.]+")
BANK = list(bank().values())


def name(question):
    return question.id


def asked(path):
    """(index of the cell, id) of each prediction that a notebook asks for."""
    cells = nbformat.read(path, as_version=4).cells
    return [
        (n, found) for n, cell in enumerate(cells) if cell.cell_type == "code" for found in ASKS.findall(cell.source)
    ]


ASKING = [path for path in notebooks.find([]) if asked(path)]
ENGLISH = [path for path in ASKING if path.parent == notebooks.FOLDER]
PLACES = {id: (path, n) for path in ENGLISH for n, id in asked(path)}


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The file of the guesses of a kernel that has run nothing yet."""
    monkeypatch.delenv("LECTURE_COMMITTED")
    monkeypatch.setenv("LECTURE_SETTINGS", str(tmp_path / "settings.json"))
    for kept in ("_ran", "_asked"):
        monkeypatch.setattr(machinery, kept, {})
    return tmp_path / ".lecture-guesses.json"


def typical(question):
    """A guess of each kind, by the name of its reply."""
    if isinstance(question, Choice):
        return {option: [option] for option in question.options}
    ends = [question.scale[0], *list(question.ranges.values())[:-1], question.scale[1]]
    middles = ((low * high) ** 0.5 if question.log else (low + high) / 2 for low, high in pairwise(ends))
    return {range: f"{middle:.3g}" for range, middle in zip(question.ranges, middles, strict=True)}


def choose(gate, guess):
    """Sets the field of a gate, as the page does."""
    gate._field.inputs[0].value = float(guess) if isinstance(gate.question, Number) else guess[0]


def committed(id, guess):
    gate = predict(id)
    choose(gate, guess)
    gate.commit()
    return gate


# the notebooks


def test_each_prediction_is_asked_once_in_a_cell_of_its_own_before_a_result():
    assert sorted(id for path in ENGLISH for _, id in asked(path)) == sorted(bank())
    for path in ASKING:
        cells = nbformat.read(path, as_version=4).cells
        assert not any(re.match(r"\*\*Predict", line) for cell in cells for line in cell.source.split("\n"))
        sources = [cell.source for cell in cells]
        for n, id in asked(path):
            assert sources[n] == f'predict("{id}")'
            assert cells[n + 1].cell_type == "code"
            assert sources[n + 1] not in sources[:n], "a cell that has run before does not count as a result"
            text = "\n".join(cell.source for cell in cells[:n] if cell.cell_type == "markdown")
            heading = re.findall(r"^## (.+)$", text, re.MULTILINE)[-1]
            assert heading.startswith(f"{bank()[id].section} ") and heading.endswith("?"), heading


@pytest.mark.parametrize("path", ENGLISH, ids=notebooks.label)
def test_the_cells_that_follow_settle_it_and_all_run_with_every_guess_open(path, file, monkeypatch):
    """The cells up to the last result, in one namespace; after each prediction those before the next text settle it."""
    monkeypatch.chdir(path.parent)
    cells, gates = nbformat.read(path, as_version=4).cells, dict(asked(path))
    namespace, waiting = {}, []
    for n, cell in enumerate(cells):
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{path.name}, cell {n + 1}", "exec"), namespace)
            waiting += [gates[n]] if n in gates else []
            continue
        for id in waiting:
            settle(bank()[id], namespace)
        waiting = []
        if n > max(gates):
            break
    assert not waiting and not file.exists()


def settle(question, namespace):
    truth = TRUTH[question.id]
    if isinstance(question, Number):
        found = float(eval(truth, namespace))
        assert question.near(found, question.value)
        assert question.typical(f"{found:.6g}") == question.typical(question.truth)
    else:
        assert sorted(truth) == list(question.options)
        assert {option for option, holds in truth.items() if eval(holds, namespace)} == {question.right}


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")  # on Windows: zmq reads in a thread of its own
@pytest.mark.parametrize("path", ASKING, ids=notebooks.label)
def test_run_all_is_green_with_every_guess_open(path, file):
    """And shows all that is shown where they are committed, which is what nbval runs, but for the replies."""
    stored, notebook = (nbformat.read(path, as_version=4) for _ in range(2))
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources, coalesce_streams=True).execute()
    gates = dict(asked(path))
    for n, (cell, before) in enumerate(zip(notebook.cells, stored.cells, strict=True)):
        if cell.cell_type == "code":
            shown, wanted = ([form(output) for output in one.outputs] for one in (cell, before))
            assert (shown == wanted) == (n not in gates), cell.source
            assert n not in gates or text("predict.open") in shown[0]


def form(output):
    return output.get("text") or output.get("data", {}).get("text/plain")


def read(cells):
    """All that a learner can read in cells: text, code, outputs, the words of a diagram; runs of blanks as one."""
    words = []
    for cell in cells:
        words.append(cell.source)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            drawn = re.sub(r"<[^>]*>", " ", data.get("image/svg+xml", ""))
            words += [output.get("text", ""), data.get("text/plain", ""), drawn]
    return re.sub(r"\s+", " ", "\n".join(words))


def stands(given, words):
    """Whether a number stands there as a whole one, or a phrase in any case."""
    if NUMBER.fullmatch(given):
        return re.search(rf"(?<![\d.]){re.escape(given)}(?!\.?\d)", words.replace("−", "-")) is not None
    return given.lower() in words.lower()


@pytest.mark.parametrize("question", BANK, ids=name)
def test_nothing_earlier_in_the_chapter_gives_it_away(question):
    """Nor the question itself, nor a reply to an earlier one; a number that would is one that stands in what follows."""
    path, n = PLACES[question.id]
    chapter = [other for other in notebooks.find([]) if other.parent == path.parent and other.name[:2] == path.name[:2]]
    cells = [cell for other in chapter if other < path for cell in nbformat.read(other, as_version=4).cells]
    here = nbformat.read(path, as_version=4).cells
    told = [other for cell in [*cells, *here[:n]] for other in ASKS.findall(cell.source)]
    said = [words for key, words in table(FIRST).items() if key.startswith(tuple(f"{other}." for other in told))]
    earlier = "\n".join([read([*cells, *here[:n]]), *said, here[n].source, question.text("question")])
    assert question.gives_away
    for given in question.gives_away:
        assert not stands(given, earlier), f"{given!r} stands before it is asked"
        assert not NUMBER.fullmatch(given) or stands(given, read(here[n + 1 :])), f"{given!r} is not what turns out"


@pytest.mark.parametrize(
    ("given", "words", "found"),
    [
        ("9.57", "a ratio of 9.57.", True),
        ("9.57", "19.57 or 9.571", False),
        ("-0.5", "(1, −0.5)", True),
        ("10", "10.5", False),
        ("Towards 0", "it goes towards 0", True),
    ],
)
def test_numbers_are_looked_for_as_whole_ones_and_phrases_in_any_case(given, words, found):
    assert stands(given, words) == found


# the bank


@pytest.mark.parametrize("question", BANK, ids=name)
def test_every_guess_has_its_own_reply_and_no_sentence_is_missing_or_left_over(question):
    guesses = typical(question)
    replies = [question.text(f"reply.{question.typical(guess)}") for guess in guesses.values()]
    assert len(set(replies)) == len(guesses) >= 3
    assert [question.typical(guess) for guess in guesses.values()] == list(guesses)
    wanted = {"question"} | {f"reply.{reply}" for reply in guesses}
    wanted |= {f"option.{option}" for option in question.options} if isinstance(question, Choice) else set()
    there = {key.removeprefix(f"{question.id}.") for key in table(FIRST) if key.startswith(f"{question.id}.")}
    assert there == wanted
    assert [reply for reply, guess in guesses.items() if not question.surprising(guess)] == [
        question.typical(question.truth)
    ]


def test_an_unknown_prediction_is_named_with_those_there_are():
    with pytest.raises(KeyError, match=r"rnn\.tahn.*rnn\.tanh"):
        predict("rnn.tahn")


# a guess


@pytest.mark.parametrize("question", BANK, ids=name)
def test_a_guess_is_answered_and_kept_with_the_line_written_to_it(question, file):
    for reply, guess in typical(question).items():
        gate = predict(question.id)
        sentence = question.text(f"reply.{reply}")
        assert text("predict.open") in repr(gate) and sentence not in repr(gate)
        assert "<details>" not in gate._repr_mimebundle_()["text/html"]
        gate.commit()
        assert gate.entry is None and "role='status' aria-live='polite'" in gate._said.value
        choose(gate, guess)
        gate.commit()
        gate.commit()  # pressed twice
        gate._why.value = "a < b, I thought"
        for shown in (gate, predict(question.id)):
            assert shown.entry == {"guess": guess, "after": False, "why": "a < b, I thought"}
            assert repr(shown).endswith(f"{sentence}\nWhy? a < b, I thought")
            assert shown._why.value == "a < b, I thought"
            assert shown._commit.layout.display == "none" and shown._field.inputs[0].disabled
            assert machinery.html.escape(sentence) in shown._said.value
        folded = gate._repr_mimebundle_()["text/html"].partition("<details>")[2]
        assert machinery.html.escape(sentence) in folded
        assert json.loads(file.read_text(encoding="utf-8"))[question.id] == [gate.entry]
        machinery._kept.cache_clear()  # as a new kernel begins
        assert repr(predict(question.id)) == repr(gate)
        chapter_7.summary().delete()
        assert not file.exists()


@pytest.mark.parametrize(("log", "half"), [(False, 2.0), (True, 1.0)])
def test_a_scale_goes_from_end_to_end_and_where_it_begins_is_no_guess(log, half, file):
    question = replace(bank()["rnn.window"], scale=(0.25, 4) if log else (0, 4), log=log)
    slider, given = (chosen := question.field()).inputs[0], chosen.given
    assert given() == ""
    ends = (10**slider.min, 10**slider.max) if log else (slider.min, slider.max)
    slider.value = math.sqrt(ends[0] * ends[1]) if log else sum(ends) / 2
    assert float(given()) == pytest.approx(half)
    assert ends == pytest.approx(question.scale)
    (scale,) = question.labels
    assert ("factors" in scale) == log and " to 4." in scale
    chosen.lock("3")
    assert slider.value == 3 and slider.disabled


def test_a_choice_that_comes_after_the_commit_is_the_one_that_counts(file):
    gate = committed("rnn.tanh", "a")
    gate._field.inputs[0].value = "b"
    assert gate.entry["guess"] == ["b"]
    assert text("rnn.tanh.reply.b") in repr(gate)


def test_notebooks_that_are_open_together_keep_each_others_guesses(file):
    here = committed("rnn.tanh", "a")
    machinery._kept.cache_clear()
    there = committed("rnn.no_input", "b")
    here._why.value = "since"
    there._why.value = "because"
    assert {id: entry["why"] for id, (entry,) in json.loads(file.read_text(encoding="utf-8")).items()} == {
        "rnn.tanh": "since",
        "rnn.no_input": "because",
    }
    assert len(predict("rnn.tanh").progress.answers) == 2
    file.unlink()  # deleted there
    here._why.value = "all the same"
    assert predict("rnn.tanh").entry["why"] == "all the same"


@pytest.mark.parametrize(
    "entry",
    [
        ["a"],
        {},
        {"guess": ["z"], "after": False, "why": ""},
        {"guess": ["a"], "after": 1, "why": ""},
        {"guess": ["a"], "after": False, "why": None},
        {"guess": 5, "after": False, "why": ""},
    ],
)
def test_what_is_no_guess_is_left_out(entry, file):
    file.write_text(json.dumps({"rnn.tanh": [entry], "rnn.window": [entry]}), encoding="utf-8")
    assert predict("rnn.tanh").entry is None and predict("rnn.window").entry is None


def test_a_file_that_cannot_be_written_is_met_with_a_sentence_and_the_guess_counts(tmp_path, file, monkeypatch):
    monkeypatch.setenv("LECTURE_SETTINGS", str(tmp_path / "no such folder" / "settings.json"))
    gate = committed("rnn.tanh", "c")
    gate._why.value = "who knows"
    assert "no such folder" in gate.trouble.value and "role='alert'" in gate.trouble.value
    assert "no such folder" not in repr(gate)
    assert predict("rnn.tanh").entry == {"guess": ["c"], "after": False, "why": "who knows"}


def test_a_file_that_breaks_while_the_notebook_is_open_loses_nothing(file):
    gate = committed("rnn.tanh", "c")
    file.write_text("{", encoding="utf-8")
    assert predict("rnn.tanh").entry["guess"] == ["c"]
    gate._why.value = "still here"
    assert json.loads(file.read_text(encoding="utf-8"))["rnn.tanh"][0]["why"] == "still here"


def test_what_a_learner_writes_is_no_html(file):
    gate = committed("rnn.tanh", "a")
    gate._why.value = "<b>x</b>"
    assert "<b>x" not in "".join(one.value for one in gate.children if isinstance(one, ipywidgets.HTML))


def test_where_notebooks_are_stored_each_guess_is_what_turns_out_and_none_is_kept(file, monkeypatch):
    monkeypatch.setenv("LECTURE_COMMITTED", "1")
    for path in ENGLISH:
        cells = nbformat.read(path, as_version=4).cells
        for n, id in asked(path):
            gate = predict(id)
            gate._why.value = "x"
            assert not gate.question.surprising(gate.entry["guess"])
            assert repr(gate) == form(cells[n].outputs[0])
    assert not file.exists()


def test_a_gate_that_is_closed_leaves_no_widget(file):
    made = ipywidgets.widgets.widget._instances
    machinery.answers()
    before = len(made)
    gate = committed("rnn.window", "3")
    close(gate)
    assert len(made) == before and gate.follow not in gate.progress._listeners


# after seeing


def ran(source):
    machinery._follow(SimpleNamespace(info=SimpleNamespace(raw_cell=source)))


@pytest.mark.parametrize(
    ("between", "after"),
    [
        ([], False),
        (['predict("rnn.tanh")'], False),
        (["import numpy as np"], False),  # an earlier cell, run again
        (['predict("rnn.window")'], False),
        (["print(h_1)"], True),
        (["print(h_1)", 'predict("rnn.tanh")', "import numpy as np"], True),
    ],
)
def test_a_guess_is_after_seeing_if_a_later_cell_has_run_since_it_was_first_asked(between, after, file):
    ran("import numpy as np")
    gate = predict("rnn.tanh")
    for source in ('predict("rnn.tanh")', *between):
        if source == 'predict("rnn.tanh")':
            gate = predict("rnn.tanh")
        ran(source)
    choose(gate, "b")
    gate.commit()
    assert gate.entry["after"] == after
    assert (text("predict.after") in repr(gate)) == after


def test_a_kernel_says_which_cells_have_run(file):
    """The import cell has run before the question, a later one after it; and a guess made between them is in time."""
    sources = [
        "from lecture_utils.widgets.predict import predict",
        'gate = predict("rnn.tanh")',
        'late = predict("rnn.no_input")\ngate._field.inputs[0].value = "a"\ngate.commit()',
        "raise ValueError",
        'late._field.inputs[0].value = "a"\nlate.commit()',
        "print(gate.entry['after'], late.entry['after'])",
    ]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
    assert notebook.cells[-1].outputs[0].text == "False True\n"


# all guesses


def test_all_guesses_are_shown_the_surprises_first(file):
    assert "0 guesses" in repr(chapter_7.guesses())
    committed("rnn.tanh", "a")
    ran("print(h_2)")
    committed("rnn.window", "50")._why.value = "fifty <steps>"
    machinery._asked["rnn.no_input"] = 0
    committed("rnn.no_input", "b")
    shown = chapter_7.guesses()
    assert [(surprise, row[0], row[2], row[3], row[4]) for surprise, row in shown.rows()] == [
        (True, "1.2", f"{bank()['rnn.no_input'].label('b')} (after seeing)", bank()["rnn.no_input"].label("c"), ""),
        (True, "1.5", "50", "9.57", "fifty <steps>"),
        (False, "1.1", bank()["rnn.tanh"].label("a"), bank()["rnn.tanh"].label("a"), ""),
    ]
    assert "You have made 3 guesses. Otherwise than you thought it turned out 2 times." in repr(shown)
    assert "fifty &lt;steps&gt;" in shown._table.value and "scope='col'" in shown._table.value


def test_the_button_of_the_quiz_deletes_the_guesses_too_and_the_question_is_open_again(file):
    gate, summary, shown = committed("rnn.tanh", "b"), chapter_7.summary(), chapter_7.guesses()
    gate._why.value = "so"
    summary.ask_to_delete()
    assert "guesses made: 1" in summary._said.value
    summary.delete()
    assert not file.exists() and gate.entry is None
    assert "0 guesses" in repr(shown) and text("predict.open") in repr(gate)
    assert gate._why.value == gate._said.value == "" and not gate._field.inputs[0].disabled
    gate.commit()
    assert gate.entry["guess"] == ["b"], "what was chosen still is"


def test_guesses_that_cannot_be_deleted_are_met_with_a_sentence(file):
    summary = chapter_7.summary()
    file.mkdir()
    summary.delete()
    assert str(file) in summary.trouble.value


def test_the_guesses_of_a_progress_are_those_of_the_bank(file):
    committed("rnn.tanh", "b")
    assert Progress(BANK, file).answers.keys() == {"rnn.tanh"}
