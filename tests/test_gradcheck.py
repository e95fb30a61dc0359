"""The gradient check: the right lines pass, each fault fails where the formulas say it must."""

import ast

import numpy as np
import pytest

from lecture_utils import bptt, gradcheck, hello, rnn

FAILING = {
    "none": "",
    "sign": "W_xh W_hh b_h",
    "no_carry": "W_xh W_hh b_h",
    "no_transpose": "W_xh W_hh b_h",
    "assign": "W_hh",
    "wrong_state": "W_hh",
    "no_mean": "W_xh W_hh b_h W_hy b_y",
}


@pytest.mark.parametrize("fault", gradcheck.FAULTS)
def test_each_fault_fails_in_the_arrays_behind_it(fault):
    lines, index = gradcheck.broken(fault)
    changed = [n for n, (line, right) in enumerate(zip(lines, gradcheck.BACKWARD, strict=True)) if line != right]
    assert changed == ([] if index is None else [index])
    assert ast.parse("\n".join(lines))
    errors = gradcheck.errors(fault, 1e-6)
    for method in ("central", "complex"):
        assert {name for name, error in errors[method].items() if error > gradcheck.PASSES} == {*FAILING[fault].split()}
    found = gradcheck.report(fault, -6)
    assert found["failed"] == ", ".join(f"d{name}" for name in FAILING[fault].split())
    assert (found["count"], found["lines"], found["broken"]) == (len(FAILING[fault].split()), lines, index)
    assert found["central"] == errors["central"] and (found["worst"] > gradcheck.PASSES) == (fault != "none")


def test_the_right_lines_and_the_complex_step_give_the_gradients_of_the_library():
    found, reference = gradcheck.gradients("none"), gradcheck.reference(bptt.complex_step, 1e-20)
    grads = bptt.gradients(rnn, hello.rebuild(), hello.INPUTS, hello.TARGETS).grads
    for name, array in (grads.cell._asdict() | {"W_hy": grads.W_hy, "b_y": grads.b_y}).items():
        np.testing.assert_allclose(found[name], array, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(reference[name], array, rtol=1e-13, atol=1e-16)
