"""The explorers of chapter 2; what a learner may type into them: words of any script, words and rates that cannot be used."""

import inspect
import random
import unicodedata

import numpy as np
import pytest
from explorers import diagrams
from explorers.checks import Checks, Claims, close, oracle, pytest_generate_tests, settings, shows  # noqa: F401 (pytest calls the third)

from lecture_utils import texts
from lecture_utils.chapters.charlm import explorers as explore
from lecture_utils.drawing.canvas import Canvas
from lecture_utils.widgets.engine import REGISTRY


class TestCharlm(Checks, Claims):
    chapter = "charlm"


# ---- which sentence is chosen
def said(spec, values):
    """Which of the explorer's sentences the caption is, and its numbers."""
    caption, numbers = spec.caption(spec.scene(values))
    key = f"{spec.name}.caption."
    (branch,) = (
        name.removeprefix(key)
        for name in texts.table("en")
        if name.startswith(key) and set(texts.fields(name)) <= set(numbers) and texts.text(name, **numbers) == caption
    )
    return branch, numbers


def test_the_sentence_of_writing_is_that_of_what_goes_in():
    spec, chance = REGISTRY["charlm.generation"], random.Random(0)
    for _ in range(300):
        values = {control.name: chance.choice(settings(control)) for control in spec.controls}
        branch, numbers = said(spec, values)
        assert branch == values["feed"]
        reads = "".join("helo"[i] for i in spec.scene(values).reads)
        fed_back = (values["start"] + numbers["text"])[:-1]
        assert reads == (fed_back if branch == "own" else "hell"[: values["letters"]])


def test_the_microscope_says_what_the_second_sequence_has_in_common_with_the_first():
    spec, chance, seen = REGISTRY["charlm.microscope"], random.Random(0), set()
    for n in range(200):
        word = chance.choice(["hello", "mississippi", "안녕하세요", "mnopqrstwxy"])
        reads, other = ("".join(chance.choices(word, k=chance.randint(0, 10))) for _ in range(2))
        other = (other, reads or word[:-1], (reads or word[:-1])[:2], f"{reads or word[:-1]}{other}"[:10])[n % 4]
        values = {"word": word, "reads": reads, "other": other, "H": n % 7 + 2, "seed": n % 9, "memory": n % 3 > 0}
        values |= {"film": [next(spec.film(word, values["H"], values["seed"], values["memory"]))], "frame": 0}
        branch, numbers = said(spec, values)
        one, both = reads or word[:-1], min(len(reads or word[:-1]), len(other))
        assert branch == (
            "alone" if other == "" else "same" if other == one else "longer" if one[:both] == other[:both] else "apart"
        )
        assert all(close(numbers[key], value) for key, value in oracle("charlm").microscope(**values).items()), values
        check_diagram("charlm.microscope", values)
        seen.add(branch)
    assert len(seen) == 4


def test_the_plane_of_the_microscope_stands_still_while_one_looks_back():
    spec, values = (
        REGISTRY["charlm.microscope"],
        {"word": "hello", "reads": "", "other": "hel", "H": 5, "seed": 3, "memory": True},
    )
    film = list(zip(range(30), spec.film("hello", 5, 3, True), strict=False))
    check_chart(
        "charlm.microscope", [values | {"film": [made for _, made in film], "frame": frame} for frame in (0, 7, 29)]
    )


# ---- what the charts show where a film has run on (losses beyond the axes, regions that have gone), and at ties
def check_diagram(name, arguments):
    board = REGISTRY[name].diagram(REGISTRY[name].scene(arguments))
    parts, boxes = diagrams.read(board)
    assert not diagrams.overlapping(boxes) and not diagrams.outside(boxes, board), arguments
    for id, what in oracle("charlm").DIAGRAMS[name](**arguments).items():
        assert diagrams.shows(parts[id], what), f"{id} does not show {what}"


def check_chart(name, settings_in_turn):
    spec, drawn = REGISTRY[name], oracle("charlm").PICTURES[name]
    canvas = Canvas(spec.picture, spec.size)
    canvas._keep_still_parts = canvas._keep_moving_parts = lambda: None
    for arguments in settings_in_turn:
        scene = spec.scene(arguments)
        canvas.move(scene) if hasattr(canvas, "bound") else canvas.draw(scene)
        for (artist, _), what in zip(canvas.bound, drawn(**arguments), strict=True):
            assert shows(artist, what), f"{artist} does not show {what}"
        if spec.diagram:
            check_diagram(name, arguments)


@pytest.mark.parametrize(
    ("name", "values", "frames"),
    [
        ("charlm.two_ls", {"memory": True, "seed": 27}, (10, 40, 100)),
        ("charlm.two_ls", {"memory": True, "seed": 0}, (10, 40, 100)),
        ("charlm.two_ls", {"memory": False, "seed": 0}, (10, 100)),
        ("charlm.training", {"word": "hello", "rate": 20.0, "H": 8, "seed": 0, "memory": True}, (1, 2, 10)),
        ("charlm.training", {"word": "hello", "rate": 0.1, "H": 8, "seed": 0, "memory": False}, (20, 150)),
    ],
)
def test_the_picture_of_a_film_that_has_run_on_is_that_of_plain_loops(name, values, frames):
    make = REGISTRY[name].film
    film = list(make(**{feed: values[feed] for feed in inspect.signature(make).parameters}))
    check_chart(name, [values | {"film": film[: frame + 1], "frame": frame} for frame in frames])
    if values.get("rate") == 20:
        assert max(film[frame].loss for frame in frames) > 2 * np.log(4)  # far above the axes


@pytest.mark.parametrize("logits", [(-6.0, -0.1, -3.0, -0.1), (0.0, 0.0, 0.0, 0.0), (6.0, 6.0, -6.0, 6.0)])
def test_the_chart_of_sampling_is_that_of_plain_loops_at_ties_and_where_all_logits_are_negative(logits):
    values = dict(zip(("y_h", "y_e", "y_l", "y_o"), logits, strict=True)) | {"N": 50, "seed": 1}
    check_chart("charlm.sampling", [values | {"tau": tau} for tau in (0.0, 0.1, 20.0)])


# ---- what may be typed
DECOMPOSED = unicodedata.normalize("NFD", "안녕하세요")


@pytest.fixture
def panel(monkeypatch):
    """Words and numbers are read here, no pixels."""
    monkeypatch.setattr(Canvas, "_keep_still_parts", lambda self: None)
    monkeypatch.setattr(Canvas, "_keep_moving_parts", lambda self: None)
    return explore.training()


def words(panel, id):
    """What a part of the diagram says."""
    return diagrams.read(panel.board)[0][id].words


def test_a_korean_word_is_read_composed_and_needs_no_memory(panel):
    panel.word.value = DECOMPOSED
    assert (panel.numbers["letters"], panel.numbers["V"], panel.numbers["floor"]) == (5, 5, 0)
    assert "NFC" in panel.caption and "memory is not needed" in panel.caption
    assert [words(panel, f"row_{n}") for n in range(5)] == list("안녕하세요")
    assert [words(panel, f"target_{n}") for n in range(1, 5)] == list("녕하세요")


def test_code_points_stand_for_letters_that_no_font_of_the_lecture_has(panel):
    panel.word.value = "犬猫"
    assert [words(panel, id) for id in ("row_0", "row_1", "read_1", "target_1")] == ["72AC", "732B", "72AC", "732B"]
    assert "犬" not in panel.board.svg() and "犬" in panel.caption


@pytest.mark.parametrize("word", ["", "h", "hello, world", "\ud83d\ud83d"])
def test_a_word_that_cannot_be_used_is_refused_and_nothing_is_lost(panel, word):
    before = panel.caption
    panel.word.value = word
    assert panel.caption == before
    assert panel.word.value == word
    assert "hello" in repr(panel).removeprefix(panel.title).removeprefix(before)
    panel.word.value = "hi"
    assert panel.numbers["letters"] == 2


@pytest.mark.parametrize("rate", ["", "fast", "0", "-0.1", "nan", "inf"])
def test_a_rate_that_cannot_be_used_is_refused(panel, rate):
    before = repr(panel)
    panel.rate.value = rate
    assert repr(panel).startswith(before) and "The rate must be" in repr(panel)
    panel.rate.value = "0.2"
    assert repr(panel) == before


@pytest.mark.parametrize("typed", ["\u0660.\u0662", "\uff10.\uff12", " 00.2 ", "2e-1", "0_0.2", "+.2"])
def test_a_rate_in_any_digits_is_what_the_line_of_python_shows(panel, typed):
    panel.rate.value = typed
    assert panel.values["rate"] == 0.2 and " 0.2, True)" in panel.line


def test_a_rate_out_of_all_bounds_stops_and_keeps_the_last_good_weights(panel):
    panel.rate.value = "1e30"
    panel.run.run_to_end()
    assert panel.run.state == "failed"
    assert (panel.run.done, panel.numbers["step"]) == (0, 0)
    assert "stopped at update 1" in repr(panel)
    assert np.isfinite(panel.data.probs).all()
    panel.rate.value = "0.1"
    panel.run.run_to_end()
    assert panel.numbers["loss"] < 0.01 and "stopped" not in repr(panel)


def test_the_microscope_reads_letters_composed(panel):
    panel = explore.microscope(word=DECOMPOSED, reads=DECOMPOSED[:6], other=DECOMPOSED[:3])
    assert "“안녕”" in panel.caption and "“안” (grey)" in panel.caption and words(panel, "read_2") == "녕"


@pytest.mark.parametrize("typed", ["hey", "hellohellohello", "\ud83d"])
@pytest.mark.parametrize("field", ["reads", "other"])
def test_the_microscope_refuses_what_its_network_cannot_read_and_nothing_is_lost(panel, field, typed):
    panel = explore.microscope()
    before, entry = panel.caption, getattr(panel, field)
    entry.value = typed
    assert panel.caption == before and entry.value == typed
    assert "only the letters of “hello”: h, e, l, o. Type up to 10" in repr(panel)
    entry.value = "hel"
    assert "only the letters" not in repr(panel) and "“hel”" in panel.caption


@pytest.mark.parametrize("corner", [(1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0.95, 0.2)])
def test_the_label_of_a_state_stands_inside_the_axes_even_in_a_corner(corner):
    others = np.zeros((3, 2))
    x, y = explore._beside(np.array(corner, float), others, len("second l"))
    assert abs(x) <= 0.84 and abs(y) <= 1.02
