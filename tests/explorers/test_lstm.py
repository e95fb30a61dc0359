"""The explorers of chapter 5; which sentence is chosen, what charts and diagrams show when a film has run on, and what may
be typed: a text, the name of a file, or nothing; the rest is refused in words.
"""

import json
import os
import random
import unicodedata
from itertools import product

import pytest
from explorers import diagrams
from explorers.checks import Checks, Claims, close, oracle, pytest_generate_tests, shows, tried  # noqa: F401 (pytest calls one)

from lecture_utils import gradients, race, textmodel, units
from lecture_utils.chapters.lstm import explorers as explore
from lecture_utils.drawing.canvas import Canvas
from lecture_utils.drawing.diagram import Sheet
from lecture_utils.widgets.engine import REGISTRY

ORACLES, PICTURES, DIAGRAMS = (getattr(oracle("lstm"), name) for name in ("ORACLES", "PICTURES", "DIAGRAMS"))


class TestLstm(Checks, Claims):
    chapter = "lstm"


def unseen(spec):
    """A canvas whose artists are read, not their pixels."""
    canvas = Canvas(spec.picture, spec.size)
    canvas._keep_still_parts = canvas._keep_moving_parts = lambda: None
    return canvas


# ---- which sentence is chosen
def said(spec, values):
    """The branch of the caption, and the numbers that `say` adds."""
    branch = spec.say(spec.scene(values))
    return branch if isinstance(branch, tuple) else (branch, {})


def test_the_race_has_a_winner_exactly_where_one_error_has_been_below_a_hundredth_and_the_other_has_not():
    spec, chance, found = REGISTRY["lstm.adding"], random.Random(0), set()
    start = tried("lstm.adding").arguments({"T": 10, "seed": 0}, frames=1)["film"][0]
    for _ in range(150):
        count = chance.randint(1, 4)
        errors = {
            name: [chance.choice([0.3, 0.0100001, 0.01, 0.01, 0.0099999, 0.0]) for _ in range(count)]
            for name in ("rnn", "lstm")
        }
        made = [{name: of[n] for name, of in errors.items()} for n in range(count)]
        film = [race.Frame(10 * n, at, start.params, start.test) for n, at in enumerate(made)]
        for frame in range(count):
            at = {name: [10 * n for n in range(frame + 1) if of[n] < 0.01] for name, of in errors.items()}
            branch, more = said(spec, {"T": 10, "seed": 0, "film": film, "frame": frame})
            if at["rnn"] and at["lstm"]:
                assert (branch, more) == ("both", {"rnn_at": at["rnn"][0], "lstm_at": at["lstm"][0]})
            elif at["rnn"] or at["lstm"]:
                winner = "RNN" if at["rnn"] else "LSTM"
                assert (branch, more) == ("one", {"winner": winner, "at": at[winner.lower()][0]})
            else:
                assert (branch, more) == ("none", {})
            found.add((branch, more.get("winner")))
    assert len(found) == 4


@pytest.mark.parametrize(
    ("name", "moved", "number"),
    [
        ("lstm.cell", {"c_prev": -2.0, "f": 0.15, "i": 0.75, "g": 0.4}, "c"),
        ("lstm.gate", {"x": 0.7, "h_prev": 0.9, "b": -0.5}, "a"),
        ("lstm.hold", {"value": -0.3, "f": 1.0, "n": 1, "leak": 0.3}, "c"),
    ],
)
def test_what_cancels_is_0(name, moved, number):
    assert REGISTRY[name].caption(REGISTRY[name].scene(tried(name).start | moved))[1][number] == 0


def test_with_bias_5_the_gradient_has_grown_in_each_of_100_starts():
    assert min(gradients.highway(5.0, T=100, seed=seed).total[0] for seed in range(100)) > 0


# ---- captions and charts where a film has run on and is scrubbed back, and for other texts
def check(name, settings_in_turn):
    spec, canvas, sheet = REGISTRY[name], None, Sheet()
    for arguments in settings_in_turn:
        scene = spec.scene(arguments)
        expected, (_, numbers) = ORACLES[name](**arguments), spec.caption(scene)
        assert set(expected) <= set(numbers)
        assert all(close(number, expected.get(key, arguments.get(key))) for key, number in numbers.items()), arguments
        if name in PICTURES:
            canvas = canvas or unseen(spec)
            canvas.move(scene) if hasattr(canvas, "bound") else canvas.draw(scene)
            for (artist, _), what in zip(canvas.bound, PICTURES[name](**arguments), strict=True):
                assert shows(artist, what), f"{artist} of frame {arguments['frame']} does not show {what}"
        if spec.diagram:
            board = spec.diagram(scene)
            sheet.show(board)
            parts, boxes = diagrams.read(board)
            for id, what in DIAGRAMS[name](**arguments).items():
                assert diagrams.shows(parts[id], what), (arguments["frame"], id, what, parts[id].words)
            assert not diagrams.overlapping(boxes) and not diagrams.outside(boxes, board)
            assert len(sheet.svg) < 40_000 and len(json.dumps(sheet.patch)) < 10_000


def test_the_race_that_both_have_won_is_that_of_plain_loops():
    won = tried("lstm.adding").arguments({"T": 10, "seed": 0}, frames=67)
    check("lstm.adding", [won | {"frame": frame} for frame in (66, 64, 40, 22, 21, 0)])
    assert len({said(REGISTRY["lstm.adding"], won | {"frame": frame})[0] for frame in (66, 40, 0)}) == 3


MIXED = unicodedata.normalize("NFD", "한글 ") + "犬\r\nsat on\tthe 猫\n"


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        (explore.BRACKETS, 31),
        ("ab", 2),  # shorter than any window
        (MIXED * 3, 2),  # letters that are composed, or drawn as something else
        ("".join(random.Random(0).choices("abcde \n", k=12_000)), 1),  # a part is kept apart
    ],
    ids=["brackets", "short", "mixed", "long"],
)
@pytest.mark.parametrize("name", ["lstm.gates", "lstm.colour"])
def test_a_small_network_that_has_run_on_is_that_of_plain_loops(name, text, frames):
    arguments = tried(name).arguments(tried(name).start | {"text": text}, frames=frames)
    chance, tries = random.Random(0), []
    for place in ({}, {"t": 1}, {"start": 200, "t": 19}, {"start": 56, "t": 19}, {"start": 56, "t": 48}):
        for what in ("c", "f", "influence") if name == "lstm.colour" else ("c", "g"):
            kind = {"what" if name == "lstm.colour" else "quantity": what, "unit": chance.randint(1, 32)}
            tries += [arguments | place | kind | {"frame": frame} for frame in (frames - 1, frames // 3)]
    check(name, tries)


def test_prose_of_another_text_is_that_of_plain_loops():
    arguments = tried("lstm.prose").arguments(tried("lstm.prose").start | {"text": MIXED * 20}, frames=12)
    check("lstm.prose", [arguments | {"frame": frame, "tau": tau, "draw": 7}
                         for frame, tau in ((11, 1.0), (11, 0.0), (4, 2.0), (0, 0.1))])  # fmt: skip
    samples = REGISTRY["lstm.prose"].scene(arguments).samples.values()
    assert all({"□", "⏎", "⇥", " ", "한"} <= set(sample) for sample in samples)


# ---- the names beside the charts; diagrams
def test_curves_rows_and_bars_have_their_names():
    labels = {}
    for name in ("lstm.highway", "lstm.hold"):
        labels[name] = unseen(REGISTRY[name])
        labels[name].draw(REGISTRY[name].scene(tried(name).start))
    all_paths, direct, rnn = (trail.curve.get_label() for trail, _ in labels["lstm.highway"].bound)
    assert (all_paths[:16], direct[:18], rnn[:4]) == ("LSTM, all paths:", "LSTM, direct path:", "RNN:")
    assert [axes.get_ylabel() for axes in labels["lstm.hold"].figure.axes] == ["state", "$i_t$", "$f_t$", "$o_t$"]
    for gate, bars in {"f": (r"$c_{t-1}$", r"$f_t\,c_{t-1}$"), "i": ("$g_t$", r"$i_t\,g_t$"),
                       "g": ("$i_t$", r"$i_t\,g_t$"), "o": (r"$\tanh\,c_t$", "$h_t$")}.items():  # fmt: skip
        canvas = unseen(REGISTRY["lstm.gate"])
        canvas.draw(REGISTRY["lstm.gate"].scene(tried("lstm.gate").start | {"gate": gate}))
        left, right = canvas.figure.axes
        assert left.get_xlabel() == f"pre-activation $a_{gate}$"
        assert left.get_title(loc="left") == f"${gate}_t$ = {'tanh' if gate == 'g' else 'σ'}($a_{gate}$)"
        assert tuple(label.get_text() for label in right.get_xticklabels()) == bars


@pytest.mark.parametrize("cell", units.STAGES)
def test_a_stage_of_the_growing_cell_is_that_of_plain_loops_whatever_is_typed(cell):
    """All parts, and how they came about, also where numbers are large, or too small for their decimals."""
    spec = REGISTRY["lstm.grow"]
    for way, t, typed in product(("forward", "backward"), (2, 7), ("1 -0.4 0.25", "4 -4 4 -4 -4 4 -4 4", "")):
        arguments = tried("lstm.grow").arguments({"cell": cell, "way": way, "t": t, "xs": typed})
        board = spec.diagram(spec.scene(arguments))
        parts, boxes = diagrams.read(board)
        for id, what in DIAGRAMS["lstm.grow"](**arguments).items():
            assert diagrams.shows(parts[id], what), (way, t, typed, id, what, parts[id].words)
        for id, part in parts.items():
            if part.visible and "data-formula" in part.element.attrib:
                assert diagrams.explains(part, parts), (way, t, typed, id, part.element.get("data-formula"), part.words)
        assert not diagrams.overlapping(boxes) and not diagrams.outside(boxes, board)


def test_a_move_of_the_coloured_text_is_small_and_each_tile_says_its_letter_and_place():
    spec, sheet = REGISTRY["lstm.colour"], Sheet()
    start = tried("lstm.colour").arguments(tried("lstm.colour").start, frames=31)
    for moves in ({}, {"unit": 2}, {"what": "f"}, {"what": "influence"}, {"frame": 3, "what": "h"}):
        board = spec.diagram(spec.scene(start | moves))
        sheet.show(board)
        assert len(sheet.svg) < 40_000 and len(json.dumps(sheet.patch)) < 5_000
        said = [part.attributes["data-name"] for part in board.parts.values() if "data-name" in part.attributes]
        letters = explore.BRACKETS[:60].replace(" ", "␣")
        assert said == [f"{letter}, position {n}" for n, letter in enumerate(letters)]


def test_a_dollar_in_the_text_is_a_letter():
    for typed in ("$5 $x_t$ \\frac{1}{2}", "<b>&amp;"):
        board = explore.colour(text=typed).board
        parts, _ = diagrams.read(board)
        assert [parts[f"letter.{n}"].words for n in range(len(typed))] == list(typed.replace(" ", "␣"))


# ---- what may be typed
def test_a_text_that_is_too_short_is_refused_and_the_picture_stays():
    panel = explore.gates()
    caption = panel.caption
    panel.text.value = "a"
    assert panel.caption == caption
    assert "at least 2 characters" in repr(panel)
    panel.text.value = "ab"
    assert "at least 2 characters" not in repr(panel)
    assert panel.data.chars == "ab"


def test_half_a_character_is_refused():
    with pytest.raises(explore.Refusal, match="surrogate"):
        explore.source("ab\ud800")


def test_the_name_of_a_file_stands_for_its_text_however_it_was_pasted(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    path = tmp_path / "own.txt"
    path.write_text("그리고 나서", encoding="utf-8")
    for name in (f"{path}", f" {path} ", f'"{path}"', f" '{path}' ", "~/own.txt", '"~/own.txt"'):
        assert explore.source(name)[:2] == ("그리고 나서", f"textmodel.load({os.path.expanduser('~/own.txt')!r})"), name
        assert explore.source(name).note == ""
    assert explore.colour(text=str(path)).data.chars == "그리고 나서"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(explore.Refusal, match=r"own\.txt.*UTF-8"):
        explore.source(str(path))
    path.write_bytes(b"")
    with pytest.raises(explore.Refusal, match=r"own\.txt.*at least 2"):
        explore.source(str(path))


def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path, monkeypatch):
    path = tmp_path / "own.txt"
    path.write_text("hello", encoding="utf-8")

    def closed(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(textmodel, "load", closed)
    with pytest.raises(explore.Refusal, match=r"own\.txt cannot be read: Permission denied"):
        explore.source(str(path))


def test_a_name_without_a_file_is_said_and_its_letters_are_used(tmp_path):
    deleted, folder = tmp_path / "own.txt", tmp_path / "texts"
    deleted.write_text("hello", encoding="utf-8")
    folder.mkdir()
    panels = [make() for make in (explore.gates, explore.colour, explore.prose)]
    for typed in ("nmaes.txt", "~/nmaes", '"my texts.txt"', f"{folder}", f" {deleted} ", "C:\\texts\\a", "/no/such"):
        if str(deleted) in typed:
            assert explore.source(typed).text == "hello"
            deleted.unlink()
        for panel in panels[: None if typed == "nmaes.txt" else 1]:
            panel.text.value = typed
            note = f"There is no text file called {typed.strip()} here, so its letters are the text. "
            assert panel.caption.startswith(note)
            assert panel.data.text.text == typed
    for typed in (explore.BRACKETS, "hello.", "pi is 3.14", "Really? No... yes", "one.txt\ntwo", "and/or", "1.5", "''"):
        assert explore.source(typed).note == "", typed
    panels[0].text.value = "hello"
    assert panels[0].caption.startswith("After")


def test_a_decomposed_text_is_composed():
    assert explore.gates(text="\u1112\u1161\u11ab \u1100\u1173\u11af").data.chars == "한 글"


def test_nothing_stands_for_the_prose():
    assert explore.source("  ").text == textmodel.prose()
