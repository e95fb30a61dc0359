"""The bug hospital: each fault is what it is said to be, the healthy pass, and the table of fault and check."""

import inspect
import math
import re

import numpy as np
import pytest
from oracles import onnx_gates, onnx_rnn, plain_gates, plain_rnn

from lecture_utils import bptt, gradients, gru, lstm, rnn, texts
from lecture_utils.chapters.hospital import bugs as hospital
from lecture_utils.chapters.hospital.bugs import BUGS, CHECKS, K, case, examine, finds, healthy, patient
from lecture_utils.chapters.hospital.explorers import ward
from lecture_utils.functions import leaves
from lecture_utils.optimizers import global_norm

# Which checks must find which fault, by reasoning about what each compares; the reasons stand in texts/ as lessons.
FOUND = {
    "not_passed_back": {"weights", "initial_state"},
    "in_place": {"twice"},
    "no_slope": {"weights", "initial_state"},
    "later_state": {"one_step", "weights"},
    "one_too_far": {"pieces"},
    "power": {"weights", "initial_state", "pieces"},
    "gate_order": {"step_by_step", "limits", "reference"},
    "z_swapped": {"limits", "reference"},
    "reset_after": {"reference"},
    "overwritten": {"weights", "pieces"},
    "clipped_first": {"norm"},
}


def same(found, right):
    assert np.shape(found) == np.shape(right)
    np.testing.assert_allclose(found, right, rtol=1e-10, atol=1e-13)


def backward(cell, at):
    """The cell's (dparams, dxs, dstate0) in a Case, with a copy of dhs."""
    return cell.backward(at.params.cell, cell.forward(at.params.cell, at.xs, at.state0), at.dhs.copy())


# ---- the faults are made rightly
@pytest.mark.parametrize("name", BUGS)
def test_every_right_line_stands_in_the_library_once(name):
    for function, right, wrong in BUGS[name].changes:
        source = inspect.getsource(function)
        assert source.count(right) == 1, right
        assert wrong in right or wrong not in source, wrong


@pytest.mark.parametrize("name", BUGS)
def test_a_patient_has_the_wrong_functions_and_the_library_keeps_the_right_ones(name):
    cell, changes = BUGS[name]
    before = {function: function.__code__ for function, _, _ in changes}
    made, changed = patient(name), {function.__name__ for function, _, _ in changes}
    right = healthy(cell)
    differing = {key for key in vars(right) if getattr(made, key) is not getattr(right, key)}
    assert differing == changed
    assert all(function.__code__ is code for function, code in before.items())


def test_not_passed_back_is_truncation_to_single_steps():
    at = case(rnn)
    found = bptt.gradients(patient("not_passed_back"), at.params, at.xs, at.targets, at.state0)
    cut = bptt.gradients(rnn, at.params, at.xs, at.targets, at.state0, k=1)
    for (_, one), (_, other) in zip(leaves(found.grads), leaves(cut.grads), strict=True):
        same(one, other)


def test_in_place_gives_the_right_gradient_and_leaves_the_sums_behind():
    at = case(rnn)
    trace, dhs = rnn.forward(at.params.cell, at.xs, at.state0), at.dhs.copy()
    found = patient("in_place").backward(at.params.cell, trace, dhs)
    for one, other in zip(found[0], backward(rnn, at)[0], strict=True):
        same(one, other)
    dh = at.dhs[-1]
    for t in reversed(range(len(dhs) - 1)):
        dh = at.dhs[t] + (dh * (1 - trace.h[t + 1] ** 2)) @ at.params.cell.W_hh
        same(dhs[t], dh)


def test_no_slope_divides_the_bias_gradient_of_a_single_step_by_the_slope_of_f():
    at = case(lstm)
    trace = lstm.forward(at.params.cell, at.xs[:1], at.state0)
    trace = lstm.Trace(*(field[:, :1] for field in trace))
    right, wrong = (cell.backward(at.params.cell, trace, at.dhs[:1, :1])[0].b for cell in (lstm, patient("no_slope")))
    f, rows = trace.f[0, 0], np.arange(hospital.H, 2 * hospital.H)
    same(wrong[rows] * f * (1 - f), right[rows])
    same(np.delete(wrong, rows), np.delete(right, rows))


def test_later_state_and_overwritten_take_other_outer_products():
    at = case(rnn)
    ledger = gradients.ledger(rnn, at.params, at.xs, at.targets, at.state0)
    last = bptt.gradients(patient("overwritten"), at.params, at.xs, at.targets, at.state0).grads.cell.W_hh
    same(last, ledger.total.W_hh[0])
    trace = rnn.forward(at.params.cell, at.xs, at.state0)
    das = ledger.dh[1:] * (1 - trace.h**2)
    later = bptt.gradients(patient("later_state"), at.params, at.xs, at.targets, at.state0).grads.cell.W_hh
    same(later, sum(np.outer(das[t, b], trace.h[t, b]) for t in range(hospital.T) for b in range(hospital.B)))


def test_power_has_the_power_of_W_in_every_factor():
    at = case(rnn)
    trace, W = rnn.forward(at.params.cell, at.xs, at.state0), at.params.cell.W_hh
    dh = np.zeros_like(at.dhs[0])
    for t in (3, 2, 1, 0):
        dh = ((at.dhs[t] + dh) * (1 - trace.h[t] ** 2)) @ (W @ W @ W)
    same(backward(patient("power"), at)[2], dh)


def test_one_too_far_starts_the_second_piece_from_the_state_after_k_plus_1_steps():
    at = case(rnn)
    first, second = patient("one_too_far").piecewise(rnn, at.params, at.xs, at.targets, K)
    states = rnn.forward(at.params.cell, at.xs).h
    same(first.trace.h, states[:K])
    same(second.trace.h_prev[0], states[K])


def test_gate_order_is_the_lstm_with_its_blocks_o_and_f_exchanged():
    at = case(lstm)

    def exchanged(array):
        i, f, o, g = np.split(array, 4)
        return np.concatenate([i, o, f, g])

    moved = at._replace(params=at.params._replace(cell=lstm.Params(*map(exchanged, at.params.cell))))
    found, right = backward(patient("gate_order"), at), backward(lstm, moved)
    for one, other in zip(found[0], right[0], strict=True):
        same(one, exchanged(other))
    same(found[1], right[1])


def test_z_swapped_is_the_gru_with_the_sign_of_the_rows_z_changed():
    at = case(gru)

    def signed(array):
        z, r, candidate = np.split(array, 3)
        return np.concatenate([-z, r, candidate])

    moved = at._replace(params=at.params._replace(cell=gru.Params(*map(signed, at.params.cell))))
    same(patient("z_swapped").step(at.params.cell, at.xs[0], at.state0).h, gru.step(moved.params.cell, *step(at)).h)
    found, right = backward(patient("z_swapped"), at), backward(gru, moved)
    for one, other in zip(found[0], right[0], strict=True):
        same(one, signed(other))
    same(found[2], right[2])


def step(at):
    return at.xs[0], at.state0


def test_reset_after_is_pytorchs_form_by_plain_loops():
    at, H = case(gru), hospital.H
    (W_x, W_h, b), h = (array.tolist() for array in at.params.cell), at.state0[0].tolist()
    for x in at.xs[:, 0].tolist():
        xs = [sum(w * v for w, v in zip(row, x, strict=True)) for row in W_x]
        hs = [sum(w * v for w, v in zip(row, h, strict=True)) for row in W_h]
        z = [plain_gates.sigmoid(xs[j] + hs[j] + b[j]) for j in range(H)]
        r = [plain_gates.sigmoid(xs[j] + hs[j] + b[j]) for j in range(H, 2 * H)]
        new = [math.tanh(xs[2 * H + j] + r[j] * hs[2 * H + j] + b[2 * H + j]) for j in range(H)]
        h = [(1 - z[j]) * h[j] + z[j] * new[j] for j in range(H)]
    sick = patient("reset_after")
    same(sick.forward(at.params.cell, at.xs, at.state0).h[-1, 0], h)
    first = sick.step(at.params.cell, *step(at)).h
    same(first, sick.forward(at.params.cell, at.xs, at.state0).h[0])


def test_clipped_first_may_reach_the_limit_times_the_number_of_parts():
    at = case(rnn)
    part = bptt.gradients(rnn, at.params, at.xs, at.targets).grads
    limit = global_norm(part) / 10
    sums = [cell.clipped_sum([part] * 3, limit) for cell in (healthy(rnn), patient("clipped_first"))]
    same([global_norm(total) for total in sums], [limit, 3 * limit])
    for (_, total), (_, direction) in zip(leaves(sums[0]), leaves(part), strict=True):
        same(total, direction / 10)


# ---- the checks
@pytest.mark.parametrize("cell", [rnn, lstm, gru])
def test_the_library_passes_every_check(cell):
    assert all(0 <= error < 1e-12 for error in examine(healthy(cell)).values())


@pytest.mark.parametrize("name", BUGS)
def test_the_table_of_fault_and_check(name):
    errors = examine(patient(name))
    assert list(errors) == list(CHECKS)
    assert {check for check, error in errors.items() if finds(error)} == FOUND[name]
    # nothing in between to argue about
    assert all(0 <= error < 1e-12 or 0.05 < error < math.inf for error in errors.values())
    assert examine(patient(name)) == errors


@pytest.mark.parametrize("name", BUGS)
def test_central_differences_say_of_a_patient_what_the_complex_step_says(name):
    cell = patient(name)
    at = case(cell)

    def loss_with(W):
        first, *rest = at.params.cell
        return bptt.loss(cell, at.params._replace(cell=type(at.params.cell)(first, W, *rest[1:])), *batch)

    batch = at.xs, at.targets, at.state0
    right = bptt.numerical_gradient(loss_with, at.params.cell[1])
    found = bptt.gradients(cell, at.params, *batch).grads.cell[1]
    assert (np.linalg.norm(found - right) > 1e-3 * np.linalg.norm(right)) == ("weights" in FOUND[name])


def test_a_nan_is_found():
    assert finds(math.nan)
    assert not finds(1e-15)


def test_the_reference_numbers_are_those_of_onnx_and_of_plain_loops():
    V, H, T = hospital.V, hospital.H, hospital.T
    xs = np.sin(np.arange(1.0, T * V + 1)).reshape(T, 1, V)
    zero, one = [0.0] * H, np.zeros((1, H))

    def sines(cell, *shapes):
        return cell.Params(*(np.sin(np.arange(1, math.prod(s) + 1)).reshape(s) for s in shapes))

    params = sines(rnn, (H, V), (H, H), (H,))
    plain = plain_rnn.hidden_states(*(array.tolist() for array in params), xs[:, 0].tolist(), zero)[-1]
    same(plain, hospital.REFERENCE["rnn"])
    np.testing.assert_allclose(onnx_rnn.hidden_states(params, xs, one)[-1, 0], plain, rtol=1e-6)  # float32
    params = sines(lstm, (4 * H, V), (4 * H, H), (4 * H,))
    same(plain_gates.lstm(params, xs[:, 0].tolist(), zero, zero)[0][-1], hospital.REFERENCE["lstm"])
    same(onnx_gates.lstm(params, xs, np.zeros((2, 1, H)))[1][0], hospital.REFERENCE["lstm"])
    params = sines(gru, (3 * H, V), (3 * H, H), (3 * H,))
    same(plain_gates.gru(params, xs[:, 0].tolist(), zero)[-1], hospital.REFERENCE["gru"])
    same(onnx_gates.gru(params, xs, one)[1][0], hospital.REFERENCE["gru"])


# ---- the widget
def test_a_guess_comes_first_and_then_stands():
    panel = ward()
    assert repr(panel).splitlines()[1:] == [panel.score()]
    assert panel._table.value.count("<td>?</td>") == len(BUGS) * len(CHECKS)
    panel.button.click()
    assert texts.text("hospital.unguessed") in panel._said.value
    assert not panel.examined

    panel.patient.value = "reset_after"
    panel.choice.value = "weights"
    panel.button.click()
    guessed, found, _ = panel.verdict()
    assert guessed == texts.text("hospital.wrong", guess=texts.text("hospital.check.weights"))
    assert re.findall(r"\b\d+\. ", found) == ["9. "]
    assert "role='status'" in panel._said.value
    assert panel.button.disabled
    panel.commit("reference")
    assert panel.guesses == {"reset_after": "weights"}

    panel.patient.value = "in_place"
    assert not panel.button.disabled
    assert panel.choice.value is None
    panel.commit("twice")
    assert panel.verdict()[0] == texts.text("hospital.right", guess=texts.text("hospital.check.twice"))
    assert panel._table.value.count("class='lecture-found'") == 2
    assert panel._table.value.count("<td>?</td>") == (len(BUGS) - 2) * len(CHECKS)
    assert repr(panel) == panel._repr_mimebundle_()["text/plain"]
    assert repr(panel).splitlines()[1:] == [
        texts.text("hospital.row", patient=texts.text("hospital.bug.reset_after"), numbers="9"),
        texts.text("hospital.row", patient=texts.text("hospital.bug.in_place"), numbers="5"),
        texts.text("hospital.examined", done=2, total=len(BUGS), right=1),
    ]
    panel.patient.value = "reset_after"
    assert panel.choice.value == "weights"


def test_the_wrong_lines_of_every_patient_are_shown_escaped():
    panel = ward()
    for name in BUGS:
        panel.patient.value = name
        shown = panel._lines.value
        assert shown.count("\n  + ") == len(BUGS[name].changes)
        assert re.search(r"<(?!/?(p|pre)\b)", shown) is None


def test_an_unknown_guess_is_refused():
    with pytest.raises(ValueError, match="'luck' is none of the checks loss_falls, "):
        ward().commit("luck")


def test_every_fault_and_check_has_its_sentences_and_no_sentence_is_left_over():
    known = {"bug": BUGS, "cause": BUGS, "lesson": BUGS, "check": CHECKS}
    keys = [key.split(".") for key in texts.table("en") if key.startswith("hospital.")]
    for kind, names in known.items():
        assert [rest[0] for _, found, *rest in keys if found == kind] == list(names), kind
    for n, check in enumerate(CHECKS, start=1):
        assert texts.text(f"hospital.check.{check}").startswith(f"{n}. ")
