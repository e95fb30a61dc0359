"""The exercises of chapter 3: one backward step, the sum over time, a truncated gradient."""

import numpy as np

from lecture_utils.widgets.exercise import Exercise


def step(dh, h, h_prev, W_hh):
    da = (1 - h**2) * dh
    return np.outer(da, h_prev), W_hh.T @ da


def _step_cases():
    rng = np.random.default_rng(3)
    return [tuple(rng.uniform(-0.9, 0.9, shape) for shape in ((3,), (3,), (3,), (3, 3))) for _ in range(3)]


def _step(da, h_prev, back):
    """A wrong answer's two arrays."""
    return np.outer(da, h_prev), back


def over_time(das, hs):
    return sum(np.outer(das[t], hs[t]) for t in range(len(das)))


def _over_time_cases():
    rng = np.random.default_rng(4)
    return [(rng.normal(size=(T, 2)), rng.uniform(-1, 1, (T + 1, 2))) for T in (4, 6)]


def truncated(paths, k):
    total = 0
    for t in range(len(paths)):
        for s in range(t + 1):
            if s // k == t // k:
                total += paths[t, s]
    return total


def _truncated_cases():
    rng = np.random.default_rng(5)
    return [(np.tril(rng.normal(size=(T, T))), k) for T, k in ((6, 2), (7, 3), (5, 4))]


def _kept(paths, keep):
    """The sum of the paths [t, s] for which keep(t, s) holds."""
    return sum(paths[t, s] for t in range(len(paths)) for s in range(t + 1) if keep(t, s))


EXERCISES = {
    "step": Exercise(
        right=step,
        hints=3,
        cases=_step_cases,
        mistakes={
            "no_slope": lambda dh, h, h_prev, W_hh: _step(dh, h_prev, W_hh.T @ dh),
            "no_transpose": lambda dh, h, h_prev, W_hh: _step((1 - h**2) * dh, h_prev, W_hh @ ((1 - h**2) * dh)),
            "swapped": lambda dh, h, h_prev, W_hh: _step(h_prev, (1 - h**2) * dh, W_hh.T @ ((1 - h**2) * dh)),
            "own_state": lambda dh, h, h_prev, W_hh: _step((1 - h**2) * dh, h, W_hh.T @ ((1 - h**2) * dh)),
            "skipped": lambda dh, h, h_prev, W_hh: _step((1 - h**2) * dh, h_prev, W_hh.T @ dh),
        },
    ),
    "over_time": Exercise(
        right=over_time,
        hints=3,
        cases=_over_time_cases,
        mistakes={
            "last_only": lambda das, hs: np.outer(das[-1], hs[-2]),
            "own_state": lambda das, hs: das.T @ hs[1:],
            "mean": lambda das, hs: das.T @ hs[:-1] / len(das),
            "transposed": lambda das, hs: hs[:-1].T @ das,
            "sums_first": lambda das, hs: np.outer(das.sum(axis=0), hs[:-1].sum(axis=0)),
        },
    ),
    "truncated": Exercise(
        right=truncated,
        hints=3,
        cases=_truncated_cases,
        mistakes={
            "window": lambda paths, k: _kept(paths, lambda t, s: t - s < k),
            "window_too_long": lambda paths, k: _kept(paths, lambda t, s: t - s <= k),
            "own_loss": lambda paths, k: np.trace(paths),
            "all": lambda paths, k: paths.sum(),
            "no_rest": lambda paths, k: _kept(paths, lambda t, s: s // k == t // k and t < len(paths) // k * k),
            "last_piece": lambda paths, k: _kept(paths, lambda t, s: s // k == t // k == (len(paths) - 1) // k),
        },
    ),
}
