"""Which sentence of chapter 3's captions is the true one; see branches_rnn."""

from oracles.explorers_bptt import ORACLES


def graph(walk, **others):
    """Three steps forward; then back, at each step first h, then a."""
    return ["start", "forward", "forward", "forward", "h", "a", "h", "a", "h", "a"][walk]


def gradient_check(**values):
    return "fails" if ORACLES["bptt.gradient_check"](**values)["count"] else "passes"


def paths(t, s, cuts, **others):
    """Whether a step from t back to s is cut, one after the other."""
    if not cuts:
        return "whole"
    return "cut" if any(u - 1 in cuts for u in range(t, s, -1)) else "kept"


def memory(T, k, **others):
    """Whether pieces keep less than the whole."""
    kept = [ORACLES["bptt.memory"](T=steps, k=k, **others)["full"] for steps in (min(k, T), T)]
    return "pieces" if kept[0] < kept[1] else "whole"


def truncation(form, **others):
    return form


def training(form, k, delay, **others):
    """Whether the path from some loss back to the letter it asks for is kept."""
    asked = [(t, t - delay) for t in range(delay, 12)]
    spans = any(t // k == s // k if form == "pieces" else t - s < k for t, s in asked)
    return "long" if spans else "short"


BRANCHES = {
    "bptt.graph": graph,
    "bptt.gradient_check": gradient_check,
    "bptt.paths": paths,
    "bptt.memory": memory,
    "bptt.truncation": truncation,
    "bptt.training": training,
}
TYPED = {"bptt.paths": lambda chance, values: {"cuts": " ".join(chance.sample("12345", chance.randint(0, 3)))}}
TIES = {
    "bptt.graph": [{"walk": walk, "w_hh": 0.0} for walk in range(10)],
    "bptt.gradient_check": [{"fault": fault} for fault in ("sign", "assign", "no_mean", "wrong_state")],
    "bptt.paths": [{"t": t, "s": s, "cuts": "3"} for t, s in ((3, 3), (4, 3), (4, 4), (3, 2), (6, 4), (1, 1))],
    "bptt.memory": [{"T": 20, "k": 20}, {"T": 21, "k": 20}, {"T": 19, "k": 20}, {"T": 1, "k": 1}, {"T": 1}],
    "bptt.training": [{"k": k, "delay": d, "form": f} for k, d in ((4, 3), (3, 3), (1, 1), (2, 1), (12, 4))
                      for f in ("pieces", "window")],
}  # fmt: skip
