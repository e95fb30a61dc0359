"""The explorer engine on small explorers made here: binding, refusals, errors, ghosts, pixels, films, guesses."""

import asyncio
import random
import re
import signal
import sys
import threading
import time
from base64 import b64decode
from itertools import count

import ipywidgets
import numpy as np
import pytest

from lecture_utils import texts
from lecture_utils.drawing.canvas import Canvas
from lecture_utils.drawing.chart import curve, ghosted, still
from lecture_utils.drawing.diagram import Board, runs
from lecture_utils.widgets import engine
from lecture_utils.widgets.engine import Choice, Entry, Explorer, Refusal, Slider, Spec, Switch

SENTENCES = {
    "try.title": "What is a x?",
    "try.control.a": "a",
    "try.control.n": "n",
    "try.control.most": "most",
    "try.control.word": "word",
    "try.control.kind": "kind",
    "try.control.double": "double",
    "try.option.line": "line",
    "try.option.steps": "steps",
    "try.preset.two": "two",
    "try.preset.three": "three",
    "try.caption": "{value:.3g} of {word}",
    "try.refused": "{word!r} has no letters",
    "try.guess.up": "up",
    "try.guess.down": "down",
}


@pytest.fixture(autouse=True)
def sentences(monkeypatch):
    known = texts.table("en")
    monkeypatch.setattr(texts, "table", lambda language: known | SENTENCES)


def letters(typed):
    if not typed:
        raise Refusal("try.refused", word=typed)
    return typed.upper()


def compute(a=1.0, n=1, most=3, word="", kind="line", double=False, **film):
    if a == 4.0:
        raise ZeroDivisionError("four")
    return {"value": a * n * (2 if double else 1), "word": word, "kind": kind, "film": film}


def picture(figure, data):
    axes = figure.subplots()
    axes.set(xlim=(0, 10), ylim=(-20, 20))
    yield ghosted(curve(axes, "hidden")), lambda d: ([0, 10], [0, d.value])
    yield ghosted(axes.bar([2, 4], [1, 2])), lambda d: [d.value, -d.value]
    yield axes.text(1, 15, ""), lambda d: d.word
    yield axes, lambda d: {"xlabel": d.kind}


def without_ghosts(figure, data):
    for artist, rule in picture(figure, data):
        artist.leaves_ghost = False
        yield artist, rule


CONTROLS = (
    Slider("a", -5.0, 5.0, 0.1, 1.0),
    Slider("n", 1, 10, 1, 1, at_most="most"),
    Slider("most", 1, 10, 1, 3, redraw=True),
    Entry("word", "abc", letters),
    Choice("kind", ("line", "steps"), "line"),
    Switch("double", False),
)


def spec(**changes):
    parts = {
        "name": "try", "controls": CONTROLS, "compute": compute, "picture": picture,
        "line": lambda d: f"{d.a} * {d.n}", "result": "value",
        "presets": {"two": {"a": 2.0}, "three": {"a": 3.0}}, "size": (4, 3),
    }  # fmt: skip
    return Spec(**(parts | changes))


def chart(panel):
    return panel.picture.png, panel.picture.layer


def number_field(panel, name):
    """The typed-number entry beside a slider."""
    slider = getattr(panel, name)
    found = []

    def search(widget):
        children = getattr(widget, "children", ())
        if slider in children:
            found.append(children[0])
        for child in children:
            search(child)

    search(panel)
    return found[0]


def test_a_slider_moves_picture_caption_and_text_form():
    panel = Explorer(spec())
    before = chart(panel)
    panel.a.value = 2.5
    assert panel.numbers["value"] == 2.5
    assert panel.caption == "2.5 of ABC"
    assert repr(panel) == "What is a x?\n2.5 of ABC"
    assert chart(panel) != before


def test_a_moved_picture_is_the_picture_drawn_anew():
    panel = Explorer(spec(picture=without_ghosts))
    panel.a.value = 3.0
    moved = chart(panel)
    panel.show(redraw=True)
    assert chart(panel) == moved


def test_slider_and_typed_number_go_together():
    panel = Explorer(spec())
    field = number_field(panel, "a")
    field.value = -1.2
    assert panel.a.value == -1.2 and panel.numbers["value"] == -1.2
    panel.a.value = 0.30000000000000004
    assert field.value == 0.3 and panel.values["a"] == pytest.approx(0.3)


def test_a_typed_number_outside_the_range_is_refused_in_words_and_stays_typed():
    panel = Explorer(spec())
    field = number_field(panel, "a")
    field.value = 99.0
    assert field.value == 99.0 and panel.a.value == 1.0
    for part in ("a", "-5", "5", "99"):
        assert part in repr(panel).split("\n")[2]
    field.value = 2.0
    assert panel.numbers["value"] == 2.0
    assert len(repr(panel).split("\n")) == 2


def test_a_bound_follows_the_control_that_sets_it():
    panel = Explorer(spec())
    panel.n.value = 3
    panel.most.value = 2
    assert (panel.n.max, panel.n.value, panel.numbers["value"]) == (2, 2, 2.0)
    panel.most.value = 9
    panel.n.value = 8
    assert panel.numbers["value"] == 8.0


def test_a_refused_word_stays_typed_and_the_last_good_one_counts():
    panel = Explorer(spec())
    panel.word.value = ""
    assert panel.word.value == ""
    assert panel.caption == "1 of ABC"
    assert "'' has no letters" in repr(panel)
    panel.a.value = 2.0
    assert panel.caption == "2 of ABC"
    assert "'' has no letters" in repr(panel)
    panel.word.value = "xy"
    assert repr(panel) == "What is a x?\n2 of XY"


def test_an_exception_is_shown_and_raised_again():
    panel = Explorer(spec())
    with pytest.raises(ZeroDivisionError, match="four"):
        panel.a.value = 4.0
    assert "ZeroDivisionError: four" in repr(panel)
    assert "role='alert'" in panel._message.value
    panel.a.value = 3.0
    assert repr(panel) == "What is a x?\n3 of ABC"


def test_the_previous_curve_stays_in_grey_while_one_gesture_lasts():
    panel = Explorer(spec())
    line, bars = panel.canvas.ghosts
    assert not line.artists[0].get_visible()
    panel.a.value = 2.0
    assert list(line.artists[0].get_ydata()) == [0, 1.0]
    panel.a.value = 3.0
    assert list(line.artists[0].get_ydata()) == [0, 1.0], "still the same gesture"
    panel.n.value = 2
    assert list(line.artists[0].get_ydata()) == [0, 3.0], "another control: a new gesture"
    assert [(bar.get_y(), bar.get_height()) for bar in bars.artists] == [(0.0, 3.0), (0.0, -3.0)]
    panel.reset()
    assert not panel.canvas.ghosts[0].artists[0].get_visible()


def test_a_pause_ends_a_gesture(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(engine.time, "monotonic", lambda: now[0])
    panel = Explorer(spec())
    panel.a.value = 2.0
    now[0] += engine.NEW_GESTURE + 0.1
    panel.a.value = 3.0
    assert list(panel.canvas.ghosts[0].artists[0].get_ydata()) == [0, 2.0]


def test_presets_and_reset():
    panel = Explorer(spec(), n=2)
    panel.double.value = True
    panel.preset("three")
    assert (panel.numbers["value"], panel.double.value) == (6.0, False)
    panel.reset()
    assert panel.values == {"a": 1.0, "n": 2, "most": 3, "word": "ABC", "kind": "line", "double": False}


def test_several_controls_are_set_with_one_computation():
    calls = []
    panel = Explorer(spec(compute=lambda **values: calls.append(values) or compute(**values)))
    calls.clear()
    panel.set(a=2.0, n=3, kind="steps")
    assert len(calls) == 1 and panel.numbers["value"] == 6.0


def test_only_redraw_controls_rebuild_the_axes():
    built = []
    panel = Explorer(spec(picture=lambda figure, data: built.append(1) or picture(figure, data)))
    panel.a.value = 2.0
    panel.double.value = True
    assert len(built) == 1
    panel.most.value = 5
    assert len(built) == 2


def test_the_picture_tells_its_state_to_a_screen_reader():
    panel = Explorer(spec())
    panel.a.value = 2.0
    assert panel.picture.alt == "Picture: What is a x? 2 of ABC"
    assert panel.picture.caption == panel.caption


def test_a_stored_notebook_shows_picture_and_text():
    bundle = Explorer(spec())._repr_mimebundle_()
    assert bundle["text/plain"] == "What is a x?\n1 of ABC"
    assert {"image/png", "application/vnd.jupyter.widget-view+json"} <= set(bundle)


def test_a_still_keeps_the_picture_and_says_no_number():
    panel = Explorer(spec())
    still = panel.still()
    panel.a.value = 4.5
    assert repr(still) == panel.title
    kept, moved = (made._repr_mimebundle_()["image/png"] for made in (still, panel.still()))
    assert b64decode(kept).startswith(b"\x89PNG") and kept != moved


def test_a_still_of_a_diagram_is_that_diagram():
    def diagram(data):
        board = Board(1, 1)
        board.write(0.5, 0.5, f"{data.a}")
        return board

    panel = Explorer(spec(picture=None, diagram=diagram))
    (form, kept), *more = panel.still()._repr_mimebundle_().items()
    assert (form, more) == ("image/svg+xml", []) and ">1.0</text>" in kept


def test_mathematics_of_a_diagram_ends_a_command_at_its_space_and_a_letter_may_be_a_dollar():
    assert runs("\\partial L") == (("∂", False, 0), ("L", True, 0))
    board = Board(1, 1)
    board.spell(0.5, 0.5, "$")
    assert ">$</text>" in board.svg()


def test_what_a_learner_typed_cannot_become_markup():
    panel = Explorer(spec())
    panel.word.value = "<b>x</b>"
    assert "<B>X</B>" in panel.picture.caption
    lines = [line.strip() for line in panel.picture._esm.splitlines() if "innerHTML" in line]
    assert lines == [
        "if (moves !== this.moves) this.layer.innerHTML = this.moves = moves;",
        'this.drawn.innerHTML = this.model.get("svg");',
        'if (name === "") part.innerHTML = value;',
    ]  # matplotlib's, and a Board's
    board = Board(1, 1)
    board.write(0, 0, "<b>&$<i>$")
    board.add("rect", "<u>", fill="none", data_name='"<u>')

    def words(figure, scene):
        yield figure.text(0.5, 0.5, ""), lambda scene: "<b>&"

    drawn = Canvas(words, (1, 1))
    drawn.draw(None)
    for svg in (board.svg(), drawn.svg):
        assert "&lt;b&gt;&amp;" in svg and not re.search("<[biu]>|&(?!amp;|lt;|gt;|quot;)", svg)
    panel.word.value = ""
    panel.refuse(engine.Refusal("try.refused", word="<i>"))
    assert "<i>" not in panel._message.value and "&lt;i&gt;" in panel._message.value


def test_an_unknown_control_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="no control gain; it has: a, n"):
        Explorer(spec(), gain=2)


def test_the_registry_refuses_a_second_one_and_a_name_that_is_taken(monkeypatch):
    monkeypatch.setattr(engine, "REGISTRY", {})
    with pytest.raises(ValueError, match="'layout'"):
        engine.register(spec(controls=(Slider("layout", 0, 1, 1, 0),)))
    explorer = engine.register(spec())
    assert repr(explorer(a=2.0)) == "What is a x?\n2 of ABC"
    with pytest.raises(ValueError, match="twice"):
        engine.register(spec())


def test_what_stands_still_is_drawn_anew_only_when_it_changes(monkeypatch):
    panel, drawn = Explorer(spec()), []
    keep = panel.canvas._keep_still_parts
    monkeypatch.setattr(panel.canvas, "_keep_still_parts", lambda: drawn.append(keep()))
    panel.a.value = 2.0
    assert drawn == []
    before = chart(panel)
    panel.kind.value = "steps"
    assert len(drawn) == 1 and panel.canvas.figure.axes[0].get_xlabel() == "steps"
    assert chart(panel) != before


def an_axis_that_follows(figure, data):
    """Two axes share it, and one has things above its grid; the third has no frame."""
    above = figure.add_axes((0.2, 0.6, 0.7, 0.3))
    below = figure.add_axes((0.2, 0.2, 0.7, 0.2), sharex=above)
    bare = figure.add_axes((0, 0, 1, 0.1))
    bare.axis("off")
    for axes in (above, below):
        axes.spines[:].set_visible(False)  # these are drawn twice
    above.axhline(0.5, label="half")
    above.legend(loc="center")
    below.bar(1, 0.5)
    yield above, lambda d: {"xlim": (0, d.value), "ylabel": f"to {d.value}"}
    yield bare, lambda d: {"xlim": (0, d.value)}
    yield still(bare.text(0.5, 0.5, "")), lambda d: {"text": f"{d.value}"}
    yield still(below.plot([], [])[0]), lambda d: ([0, d.value], [0, 1])


def test_what_changes_with_a_still_part_is_drawn_as_matplotlib_draws_it():
    panel = Explorer(spec(picture=an_axis_that_follows))
    panel.a.value = 2.0
    moved = np.array(panel.canvas.agg.buffer_rgba())
    for artist in panel.canvas.figure.findobj():
        artist.set_animated(False)
    panel.canvas.agg.draw()
    assert np.array_equal(moved, panel.canvas.agg.buffer_rgba())


def test_hundreds_of_moves_leave_no_figure_open():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    panel = Explorer(spec(size=(1, 1)))
    children = len(panel.canvas.figure.findobj())
    for k in range(200):
        panel.a.value = (k % 30) / 10
    assert len(panel.canvas.figure.findobj()) == children
    assert pyplot.get_fignums() == []


# ---- guesses


def test_the_answer_is_hidden_until_a_guess_is_made():
    panel = Explorer(spec(guesses=("up", "down")))
    assert "1 of ABC" not in repr(panel)
    assert "image/png" not in panel._repr_mimebundle_()
    assert panel._body.layout.display == "none"
    panel.commit("down")
    assert panel._body.layout.display == ""
    assert "1 of ABC" in repr(panel) and "Your guess: down." in panel._asked.value
    with pytest.raises(ValueError, match="none of the guesses up, down"):
        panel.commit("sideways")


# ---- films


def film(a, n):
    for step in range(n + 3):
        if a == 3.0 and step == 2:
            raise Refusal("try.refused", word="three")
        if a == 2.0 and step == 2:
            raise OverflowError("two")
        yield step * a


def film_spec(budget=3):
    return spec(film=film, budget=budget, compute=lambda film, frame, **v: compute(**v) | {"value": film[frame]})


def test_a_film_is_stepped_and_scrubbed():
    panel = Explorer(film_spec())
    assert (panel.run.state, panel.run.done, panel.numbers["value"]) == ("idle", 0, 0.0)
    panel.run.step()
    panel.run.step()
    assert (panel.run.state, panel.numbers["value"], panel.frame.max) == ("paused", 2.0, 2)
    panel.frame.value = 1
    assert panel.numbers["value"] == 1.0
    panel.run.run_to_end()
    assert (panel.run.state, panel.run.done, panel.frame.value) == ("done", 3, 3)


def test_a_control_that_feeds_the_film_begins_it_anew_and_others_do_not():
    panel = Explorer(film_spec())
    panel.run.run_to_end()
    panel.kind.value = "steps"
    assert panel.run.done == 3
    panel.n.value = 2
    assert (panel.run.done, panel.frame.max) == (0, 0)


def test_a_setting_that_changes_nothing_keeps_the_film_and_a_preset_keeps_the_typed_word():
    panel = Explorer(film_spec())
    panel.word.value = "xy"
    panel.run.run_to_end()
    panel.set(a=1.0, kind="steps")
    assert panel.run.done == 3
    panel.preset("two")
    assert (panel.run.done, panel.values["word"]) == (0, "XY")


def test_a_film_that_ends_early_is_done():
    panel = Explorer(film_spec(budget=100))
    panel.run.run_to_end()
    assert (panel.run.state, panel.run.done, panel.run.budget) == ("done", 3, 3)


def test_a_film_refused_on_the_way_keeps_what_was_reached():
    panel = Explorer(film_spec(), a=3.0)
    panel.run.run_to_end()
    assert (panel.run.state, panel.run.done, panel.numbers["value"]) == ("failed", 1, 3.0)
    assert "'three' has no letters" in repr(panel)
    panel.a.value = 1.0
    assert "three" not in repr(panel)
    assert panel.run.state == "idle"


def test_a_film_that_fails_is_shown_raised_and_keeps_what_was_reached():
    panel = Explorer(film_spec(), a=2.0)
    with pytest.raises(OverflowError, match="two"):
        panel.run.run_to_end()
    assert (panel.run.state, panel.run.done) == ("failed", 1)
    assert "OverflowError: two" in repr(panel)
    panel.run.step()
    assert (panel.run.state, panel.run.done) == ("paused", 1), "a step after a failure starts anew"


def endless(a, n):
    for k in count(1):
        time.sleep(0.001)
        yield float(k)


async def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        await asyncio.sleep(0.001)


def test_pause_is_heard_while_a_frame_is_made_and_the_frame_is_kept():
    going = threading.Event()

    def film(a, n):
        yield 0.0
        for k in range(1, 4):
            going.wait(30)
            yield float(k)

    async def watch():
        panel = Explorer(
            spec(film=film, budget=3, compute=lambda film, frame, **v: compute(**v) | {"value": film[frame]})
        )
        panel.run.play()
        await asyncio.sleep(0.05)
        begin = time.monotonic()
        panel.run.pause()
        assert time.monotonic() - begin < 0.15 and (panel.run.state, panel.run.done) == ("paused", 0)
        going.set()
        panel.run.step()
        assert (panel.run.state, panel.run.frames) == ("paused", [0.0, 1.0])
        panel.run.play()
        await until(lambda: panel.run.state == "done")
        assert panel.run.frames == [0.0, 1.0, 2.0, 3.0]
        going.clear()
        panel.run.play()  # anew
        await asyncio.sleep(0.05)
        panel.a.value = 2.0
        assert (panel.run.state, panel.run.frames) == ("idle", [0.0])
        going.set()
        panel.run.run_to_end()
        assert panel.run.frames == [0.0, 1.0, 2.0, 3.0]

    asyncio.run(watch())


def test_without_threads_a_film_plays_too(monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    test_play_runs_to_its_end_by_itself()


@pytest.mark.parametrize(("a", "state", "words"), [(3.0, "failed", "no letters"), (2.0, "failed", "OverflowError")])
def test_a_film_that_ends_on_the_way_while_it_plays_says_so(a, state, words):
    async def watch():
        panel = Explorer(film_spec(), a=a)
        panel.run.play()
        await until(lambda: panel.run.state == state)
        assert panel.run.frames == [0.0, a] and words in repr(panel)
        assert panel.run._task.done() or await asyncio.sleep(0.05) is None
        if a == 2.0:
            assert isinstance(panel.run._task.exception(), OverflowError)

    asyncio.run(watch())


def test_play_can_be_paused_resumed_and_cancelled_and_keeps_its_frames():
    async def watch():
        panel = Explorer(spec(film=endless, budget=10**9,
                              compute=lambda film, frame, **v: compute(**v) | {"value": film[frame]}))  # fmt: skip
        panel.run.play()
        assert panel.run.state == "playing"
        await until(lambda: panel.run.done > 2)
        panel.run.pause()
        reached = panel.run.done
        for _ in range(5):
            await asyncio.sleep(0)
        assert (panel.run.state, panel.run.done) == ("paused", reached)
        panel.run.play()
        await until(lambda: panel.run.done > reached)
        panel.run.cancel()
        reached = panel.run.done
        assert panel.run.state == "cancelled" and panel.numbers["value"] == reached + 1
        panel.run.play()
        await until(lambda: panel.run.done > 0)
        assert panel.run.frames[0] == 1.0, "play after cancel starts anew"
        panel.run.pause()

    asyncio.run(watch())


def test_play_runs_to_its_end_by_itself():
    async def watch():
        panel = Explorer(film_spec())
        panel.run.play()
        await until(lambda: panel.run.state == "done")
        assert panel.run.done == 3

    asyncio.run(watch())


def test_a_picture_that_fails_while_a_film_plays_ends_the_film():
    def words(d):
        if d.value == 2.0:
            raise OverflowError("two")
        return d.word

    def fails(figure, data):
        yield from picture(figure, data)
        yield figure.text(0, 0, ""), words

    async def watch():
        panel = Explorer(spec(film=endless, budget=10**9, picture=fails,
                              compute=lambda film, frame, **v: compute(**v) | {"value": min(film[frame], 2.0)}))  # fmt: skip
        panel.run.play()
        await until(lambda: panel.run.state != "playing")
        with pytest.raises(OverflowError, match="two"):
            await panel.run._task
        assert panel.run.state == "failed" and "OverflowError: two" in repr(panel)

    asyncio.run(watch())


# ---- interrupts


def interrupted_film(how):
    """A film that is interrupted once, while its fourth frame is made."""
    struck = []

    def film(a, n):
        for k in range(1, 80):
            if k == 4 and not struck:
                struck.append(True)
                how()
            yield float(k)

    return spec(film=film, budget=20, compute=lambda film, frame, **v: compute(**v) | {"value": film[frame]})


def interrupt():
    signal.raise_signal(signal.SIGINT)


def strike():
    raise KeyboardInterrupt


@pytest.fixture
def interrupts():
    """As in a kernel; what runs in the background of a shell ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def twice():
    interrupt()
    interrupt()


@pytest.mark.parametrize(("how", "kept"), [(interrupt, 3), (strike, 2), (twice, 2)])
@pytest.mark.parametrize("ask", ["step", "run_to_end"])
@pytest.mark.usefixtures("interrupts")
def test_an_interrupted_film_is_paused_keeps_its_frames_and_goes_on(ask, how, kept):
    panel = Explorer(interrupted_film(how))
    panel.run.step()
    panel.run.step()
    with pytest.raises(KeyboardInterrupt):
        getattr(panel.run, ask)()
    assert (panel.run.state, panel.run.done, panel.frame.value) == ("paused", kept, kept)
    assert f"Paused at {kept} of 20." in panel._status.value and panel.caption == f"{kept + 1} of ABC"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    async def watch():
        panel.run.play()
        await until(lambda: panel.run.state == "done")

    asyncio.run(watch())
    assert panel.run.frames == [float(k) for k in range(1, 22)]


def test_an_interrupted_move_says_so_and_the_next_one_shows_everything():
    strikes = [True]

    def interrupted(**values):
        if values["most"] == 5 and strikes:
            strikes.pop()
            strike()
        return compute(**values)

    panel = Explorer(spec(compute=interrupted, picture=without_ghosts))
    with pytest.raises(KeyboardInterrupt):
        panel.most.value = 5
    assert "Interrupted" in repr(panel) and "role='alert'" in panel._message.value
    built = panel.canvas.bound
    panel.a.value = 2.0
    assert repr(panel) == "What is a x?\n2 of ABC" and panel._message.value == ""
    assert panel.canvas.bound is not built, "the axes are made anew, as `most` had asked"


def test_an_interrupted_beginning_of_a_film_is_made_up_for():
    strikes = []

    def film(a, n):
        if strikes:
            strikes.pop()()
        yield from (a * k for k in range(5))

    panel = Explorer(spec(film=film, budget=4, compute=lambda film, frame, **v: compute(**v) | {"value": film[frame]}))
    panel.run.run_to_end()
    for go_on in (panel.run.step, lambda: setattr(panel.kind, "value", "steps"), panel.run.run_to_end, panel.reset):
        strikes.append(strike)
        with pytest.raises(KeyboardInterrupt):
            panel.a.value -= 0.5
        go_on()
        assert panel.run.frames == [panel.values["a"] * k for k in range(panel.run.done + 1)]
        assert panel.numbers["value"] == panel.run.frames[-1] and "Interrupted" not in repr(panel)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # one that struck a destructor
@pytest.mark.usefixtures("interrupts")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers")
@pytest.mark.parametrize("rounds", [8, pytest.param(300, marks=pytest.mark.thorough)])
def test_an_interrupt_at_any_moment_of_a_move_or_a_film_loses_nothing(rounds):
    def slow(a, n):
        for k in range(12):
            time.sleep(0.001)
            yield k * a

    def plain(figure, data):
        axes = figure.add_axes((0.2, 0.2, 0.7, 0.7), xlim=(0, 10), ylim=(-40, 40))
        yield curve(axes, "hidden"), lambda d: ([0, 10], [0, d.value])
        yield axes, lambda d: {"xlabel": d.kind}

    made = spec(film=slow, budget=10, picture=plain, size=(1, 1),
                compute=lambda film, frame, **v: compute(**v) | {"value": film[frame]})  # fmt: skip
    panel, fresh, chance = Explorer(made), Explorer(made), random.Random(0)
    fresh.canvas.salt = panel.canvas.salt
    old = signal.signal(signal.SIGALRM, lambda *_: interrupt())
    try:
        for n in range(rounds):
            moves = {
                "a": round(chance.uniform(-3, 3), 1),
                "most": chance.randint(1, 10),
                "kind": ("line", "steps")[n % 2],
            }
            try:
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-4, 0.05))
                panel.set(**moves)
                panel.run.run_to_end()
            except KeyboardInterrupt:
                pass
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            for one in (panel, fresh):
                one.set(**moves | {"double": n % 2 == 0})
                one.run.run_to_end()
            assert panel.run.frames == fresh.run.frames and panel.caption == fresh.caption
            assert chart(panel) == chart(fresh)
            assert panel.run.state == "done" and repr(panel).count("\n") == 1
    finally:
        signal.signal(signal.SIGALRM, old)


# ---- what a kernel keeps


def test_a_cell_that_runs_again_closes_what_it_had_made(monkeypatch):
    class Shell:
        execution_count = 1

        def get_parent(self):
            return {"metadata": {"cellId": "c"}}

    shell, kept = Shell(), ipywidgets.widgets.widget._instances
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: shell)
    first, second = Explorer(spec()), Explorer(spec())
    size = len(kept)
    assert first.comm is not None and second.comm is not None, "one cell may make two"
    for shell.execution_count in (2, 3, 4):
        Explorer(spec()), Explorer(spec())
    assert first.comm is None and second.comm is None
    assert len(kept) == size
