"""The explorers of chapter 1."""

import itertools

import pytest
from explorers import diagrams
from explorers.checks import Checks, Claims, oracle, pytest_generate_tests, tried  # noqa: F401 (pytest calls one)

from lecture_utils.widgets.engine import REGISTRY, Explorer


class TestRnn(Checks, Claims):
    chapter = "rnn"


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
