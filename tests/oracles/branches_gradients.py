"""Which sentence of chapter 4's captions is the true one; see branches_rnn."""

import math

from oracles import explorers_gradients as loops


def verdict(log10):
    """What a gradient of this size is called."""
    if log10 == -math.inf:
        return "zero"
    return "vanishes" if log10 < -3 else "explodes" if log10 > 3 else "between"


def first_guess(w_hh, **others):
    """Weights of at most 1 can only shrink; else it grows if the weights win over the slopes."""
    return "bounded" if w_hh <= 1 else "falls" if loops.first_guess(w_hh, **others)["gradient"] <= 1 else "grows"


def geometric(w, n):
    return "zero" if w == 0 else "one" if abs(w) == 1 else "shrinks" if abs(w) < 1 else "grows"


def flow(**values):
    w, a, _ = loops._flow(**values)
    if any(math.isinf(value) for value in a):
        return "overflow"
    if w == 0:
        return "no_weight"
    if values["activation"] == "relu" and any(value <= 0 for value in a[1:]):
        return "off"
    return verdict(loops.flow(**values)["log10"])


def time_machine(t, s, T, w_hh, **others):
    return "same" if s >= min(t, T) else "zero" if w_hh == 0 else "product"


def matrices(**values):
    """It was larger on the way if even the rms singular value was above 1, and above the largest one at the end."""
    sigmas, _, states, rms = loops._matrices(**values)
    largest = loops.matrices(**values)["log10"]
    kind = verdict(largest)
    if kind != "explodes" and max(rms) > 0.1 and max(rms) > largest + 0.1:
        return "hump"
    steepest = max(1 - value**2 for h in states[1:] for value in h)
    return "vanishes_above" if kind == "vanishes" and sigmas[0] * steepest > 1 else kind


def regimes(**values):
    return verdict(loops.regimes(**values)["log10"])


def cliff(film, frame, **values):
    """A plateau: neither walk has come to a good place, and no gradient on the way was worth a step."""
    if frame == 0:
        return "start"
    walks = loops._walks(**values, frames=frame + 1)
    stay = all(norm < 1e-3 for walk in walks for *_, norm in walk)
    return "plateau" if stay and any(walk[-1][2] > 0.05 for walk in walks) else "walk"


def forward_side(**values):
    """Each that is true of a last change within the bounds of rounding."""
    measured, rounding, linear = loops._change(**values)
    true = set()
    for last in (max(0.0, measured[-1] - rounding[-1]), measured[-1] + rounding[-1]):
        if last == 0:
            true.add("gone")
        elif linear[-1] > max(1, linear[0]) and last < linear[-1] / math.sqrt(10):
            true.add("saturated")
        else:
            true.add("fades" if last <= measured[0] / 2 else "grows" if last >= 2 * measured[0] else "kept")
    return true


def adding(T, film, frame, **others):
    if frame == 0:
        return "start"
    return "all" if all(loops._adding_error(params, T) < 0.01 for params in film[frame].params) else "some"


BRANCHES = {
    "gradients.first_guess": first_guess,
    "gradients.geometric": geometric,
    "gradients.flow": flow,
    "gradients.time_machine": time_machine,
    "gradients.matrices": matrices,
    "gradients.regimes": regimes,
    "gradients.cliff": cliff,
    "gradients.forward_side": forward_side,
    "gradients.adding": adding,
    "gradients.patient": adding,
}
BORROWED = {"gradients.patient": "gradients.adding"}


def short(chance, values):
    """Trainings that do not take long, of few seeds."""
    return {"T": chance.choice((10, 10, 10, 20)), "seed": chance.choice((0, 999, chance.randint(0, 4))), "frames": 2}


TYPED = {"gradients.adding": short, "gradients.patient": short}
LINEAR = [{"activation": "linear", "w_hh": w, "scale": scale, "T": T} for w, T in ((1.0, 2), (0.1, 4), (1.0, 10))
          for scale in ("one", "thousand")]  # fmt: skip
TIES = {
    "gradients.first_guess": [{"w_hh": 1.0, "x": 0.0, "b": 0.0}, {"w_hh": 0.5, "x": -0.5}, {"w_hh": 1.1, "x": 0.0, "b": 0.0}],
    "gradients.geometric": [{"w": w, "n": n} for w in (0.0, 1.0, -1.0, 0.1, -0.1, 0.99, 1.01) for n in (0, 1)],
    "gradients.flow": [*LINEAR, {"w_hh": 0.0}, {"T": 2}, {"activation": "linear", "w_hh": 8.0, "T": 400},
                       {"activation": "relu", "x": 0.0, "b": 0.0}, {"activation": "linear", "w_hh": 2.0}],
    "gradients.time_machine": [{"s": 15}, {"s": 14}, {"w_hh": 0.0}, {"T": 3, "t": 1, "s": 0}],
    "gradients.matrices": [{"radius": 1.05}, {"radius": 1.0, "T": 2}, {"radius": 1.9, "T": 100}, {"radius": 0.5},
                           {"radius": 0.8, "drive": 1.0, "nonnormality": 0.3}, {"radius": 0.9, "T": 66, "nonnormality": 0.1}],
    "gradients.regimes": [{"activation": "linear", "w_hh": w, "T": T} for w, T in ((0.0, 20), (1.0, 20), (0.1, 4), (2.0, 20))],
    "gradients.cliff": [{"w_start": 4.0, "b_start": 1.0}, {"w_start": -0.5, "b_start": 0.0}],
    "gradients.forward_side": [  # held back by tanh, and smaller than at first; the derivative, too, falls in the second
        {"radius": 1.8, "drive": 0.4, "exponent": 0, "T": 100, "seed": 71},
        {"radius": 1.75, "drive": 0.6, "exponent": 0, "T": 100, "seed": 39},
        {"radius": 2.25, "drive": 2.0, "exponent": 0, "T": 54, "seed": 47},
        {"radius": 1.0, "drive": 0.0, "exponent": -10, "T": 5},
        {"radius": 2.0, "drive": 0.0, "exponent": -6, "T": 10},
        {"radius": 0.2, "exponent": -10, "T": 100},
    ],
    "gradients.adding": [{"T": 10, "frames": 30}],
    "gradients.patient": [{"T": 10, "frames": 80}],
}  # fmt: skip
