"""The explorers of chapter 1."""

import itertools

import pytest
from explorers import diagrams
from explorers.checks import Checks, oracle, pytest_generate_tests, tried  # noqa: F401 (pytest calls one)

from lecture_utils import texts
from lecture_utils.chapters.rnn.explorers import parse_inputs
from lecture_utils.widgets.engine import REGISTRY, Explorer


class TestRnn(Checks):
    chapter = "rnn"


def test_the_sentence_of_the_picker_is_that_of_the_steps_with_inputs_and_outputs():
    spec = REGISTRY["rnn.picker"]
    for kind in spec.controls[0].options:
        for seed in (0, 1, 99):
            frame = next(spec.film(kind, seed))
            reads, writes = frame.examples.x_mask, frame.examples.y_mask
            how = "" if not (reads.sum() > 1 and writes.sum() > 1) else "_in_step" if reads[-1] else "_delayed"
            branch = "_to_".join("one" if mask.sum() == 1 else "many" for mask in (reads, writes)) + how
            for example in range(1, 21):
                values = {"kind": kind, "seed": seed, "example": example, "film": [frame], "frame": 0}
                caption, numbers = spec.caption(spec.scene(values))
                assert caption == texts.text(f"rnn.picker.caption.{branch}", **numbers), values


def test_the_chain_says_where_two_sequences_part():
    spec = REGISTRY["rnn.chain"]
    start = {control.name: control.start for control in spec.controls}
    for T, t, typed in itertools.product(range(1, 6), range(1, 6), ("", "1", "1 0 1", "0 0 0 0 1", "2")):
        other = parse_inputs(typed)
        caption, _ = spec.caption(spec.scene(start | {"T": T, "t": t, "xs": parse_inputs("1 0 0 0 0"), "other": other}))
        differ = [n for n in range(T) if other is not None and other[n] != [1, 0, 0, 0, 0][n]]
        assert ("second" in caption) == bool(typed)
        assert ("the same inputs" in caption) == (bool(typed) and not differ)
        assert ("differs first" in caption) == (differ != [] and min(t, T) > differ[0])


def test_the_folded_cell_and_the_one_step_show_the_numbers_of_any_step_and_nothing_of_a_second_sequence():
    spec, start = REGISTRY["rnn.chain"], tried("rnn.chain").start
    for (level, word), T, t in itertools.product(
        (("folded", "loop"), ("step", "product and the bias")), (2, 5), range(1, 6)
    ):
        values = start | {"level": level, "T": T, "t": t, "xs": "1 -0.5 2 0 1", "other": "1 0 1", "w01": -1.0}
        arguments = tried("rnn.chain").arguments(values)
        scene = spec.scene(arguments)
        parts, boxes = diagrams.read(spec.diagram(scene))
        expected, caption = oracle("rnn").DIAGRAMS["rnn.chain"](**arguments), spec.caption(scene)[0]
        assert all(diagrams.shows(parts[id], what) for id, what in expected.items()), values
        explained = [part for part in parts.values() if "data-formula" in part.element.attrib]
        assert explained and all(diagrams.explains(part, parts) for part in explained), values
        assert not diagrams.overlapping(boxes) and word in caption and "second" not in caption


@pytest.mark.parametrize("typed", ["x", "1 2 3 4 5 6", "10", "nan", "1e400", "1;2"])
def test_what_is_no_list_of_numbers_is_refused_and_the_last_one_stays(typed):
    panel = Explorer(REGISTRY["rnn.chain"])
    panel.xs.value = typed
    assert f"{typed} cannot be read" in repr(panel) and panel.data.xs.tolist() == [1, 0, 0, 0]
    panel.xs.value = "0.5, -1"
    assert "cannot" not in repr(panel) and panel.data.xs.tolist() == [0.5, -1, 0, 0]
