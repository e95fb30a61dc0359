"""The units whose weights are set by hand, against plain loops and the complex step."""

import cmath

import numpy as np
import pytest

from lecture_utils import units

XS = np.array([1.0, -0.4, 0.25, 0.8, -1.2])


def sigma(a):
    return 1 / (1 + cmath.exp(-a))


def walk(stage, xs, move=None):
    """(states, h of each step) of a stage in plain numbers; `move` = (s, dh, dc) is added to the state that step s makes."""
    states, shown, h, c = [], [], 0.0, 0.0
    for s, x in enumerate(xs):
        a = {gate: w_x * x + w_h * h + b for gate, (w_x, w_h, b) in units.WEIGHTS.items()}
        g = cmath.tanh(a["g"])
        if stage == "gru":
            z, r = sigma(a["z"]), sigma(a["r"])
            w_x, w_h, b = units.WEIGHTS["g"]
            h = (1 - z) * h + z * cmath.tanh(w_x * x + w_h * r * h + b)
        elif stage == "rnn":
            h = g
        else:
            f, i, o = (sigma(a[gate]) if gate in units.STAGES[stage] else 1.0 for gate in "fio")
            c = f * c + i * g
        if move and s == move[0]:
            h, c = h + move[1], c + move[1]
        if stage not in ("rnn", "gru"):
            h = o * cmath.tanh(c)
        states.append(h if stage in ("rnn", "gru") else c)
        shown.append(h)
    return np.array(states), np.array(shown)


@pytest.mark.parametrize("stage", units.STAGES)
def test_a_stage_is_its_line_and_its_gradient_the_complex_steps(stage):
    made, (states, shown) = units.grown(stage, XS), walk(stage, XS)
    np.testing.assert_allclose(made.found["h"], shown.real, rtol=1e-12)
    if stage not in ("rnn", "gru"):
        np.testing.assert_allclose(made.found["c"], states.real, rtol=1e-12)
    totals = [walk(stage, XS, (s, 1e-20j))[0][-1].imag / 1e-20 for s in range(len(XS))]
    np.testing.assert_allclose(made.totals, totals, rtol=1e-10)
    products = [np.prod(made.factors[s + 1 :]) for s in range(len(XS))]
    np.testing.assert_allclose(made.directs, products, rtol=1e-12)


def test_what_the_direct_path_is_multiplied_by():
    made = {stage: units.grown(stage, XS) for stage in units.STAGES}
    assert made["add"].factors.tolist() == [1.0] * len(XS) and made["add"].directs.tolist() == [1.0] * len(XS)
    for stage in ("forget", "input", "lstm"):
        assert np.array_equal(made[stage].factors, made[stage].found["f"])
    assert np.array_equal(made["gru"].factors, 1 - made["gru"].found["z"])
    np.testing.assert_allclose(made["rnn"].directs, made["rnn"].totals, rtol=1e-12)  # it has no other path


@pytest.mark.parametrize(("f", "leak", "n"), [(0.7, 0.0, 3), (1.0, 0.3, 4), (0.5, 1.0, 2), (0.9, 0.2, 0)])
def test_a_held_value_is_kept_disturbed_shown_and_erased(f, leak, n):
    value, disturbances = -0.6, np.array([0.5, -0.9, 0.3, 0.8])[:n]
    trace = units.hold(value, f, leak, disturbances, T=n + 4)
    c = value
    held = [c]
    for disturbance in disturbances:
        c = f * c + leak * disturbance
        held.append(c)
    np.testing.assert_allclose(trace.c[:, 0, 0], [*held, c, 0, 0], atol=1e-12)
    np.testing.assert_allclose(trace.h[:, 0, 0], [*[0] * (n + 1), np.tanh(c), 0, 0], atol=1e-12)
    gates = {"i": [1, *[leak] * n, 0, 0, 0], "f": [0, *[f] * n, 1, 0, 0], "o": [0, *[0] * n, 1, 0, 0]}
    for name, told in (gates | {"g": [value, *disturbances, value, value, value]}).items():
        np.testing.assert_allclose(getattr(trace, name)[:, 0, 0], told, atol=1e-12)
