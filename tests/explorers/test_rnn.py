"""The explorers of chapter 1."""

from explorers.checks import Checks, pytest_generate_tests  # noqa: F401 (pytest calls it)

from lecture_utils import texts
from lecture_utils.widgets.engine import REGISTRY


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
