"""The unrolled network, the same in every chapter: a column for each step, a row for each quantity, arrows between them.

Inputs come from below, states go to the right, outputs go up; gradients go back along the same arrows, dashed. Every part
knows when it is reached (`data-when`): so the page can play the pass, forward and then backward.
"""

from collections import namedtuple

import numpy as np

from lecture_utils.drawing.diagram import Board, number, sub

STEP, BACK, END = 100, 10_000, 20_000  # `data-when`: what a step takes, where the way back and what follows begin


def dot(weights, vector, size):
    """A row of weights times a vector, as a formula of cells: # is the row."""
    return " + ".join(f"{{{weights}.#.{n}}} · {{{vector}.{n}}}" for n in range(size))


def shades(on_h, on_x):
    """From rnn.dependence, two functions of t: what the state of step t depends on, and which states depend on x_t."""

    def state(t):
        earlier = {f"h_{s}": on_h[t - 1, s - 1] for s in range(t - 1, 0, -1)}
        return earlier | {f"x_{s}": on_x[t - 1, s - 1] for s in range(t, 0, -1)}

    def read(s):
        return {f"h_{t}": on_x[t - 1, s - 1] for t in range(s, len(on_x) + 1)}

    return state, read


# Of a quantity at one step, in inches; `value` and `gradient` are the heights of its two rows of cells (or of its only one).
Place = namedtuple("Place", "left right top bottom value gradient")


class Network(Board):
    """A Board with T columns; the middle of column t (from 1) is at `first` + (t - 1) `pitch`."""

    def __init__(self, width, height, T, first, pitch):
        super().__init__(width, height)
        self.T, self.first, self.pitch = T, first, pitch
        self.places, self.ranks, self.kin = {}, [], {}

    def middle(self, t):
        """Where column t has its middle."""
        return self.first + (t - 1) * self.pitch

    def when(self, name, t, back=False):
        """When a quantity of step t is reached."""
        rank = 2 * self.ranks.index(name)
        return BACK + (self.T - t) * STEP - rank if back else t * STEP + rank

    def row(
        self, name, top, values, quantity, cell=(0.52, 0.3), dx=0.0, shown=True, gradient=None, known=True, start=1, said=None,
        formula=None, back=None, outline=False, shade=None, sets=None, returns=False, **look,
    ):  # fmt: skip
        """One vector or number a step from `start` on, called NAME_t, its upper edge at `top`; `shown` may be one truth for
        each step. Below it, `gradient` in the same shape, called dNAME_t, where it is `known`. `formula(t)` and `back(t)`
        say how a value and a gradient came about; an `outline` stands where numbers will be;
        `shade(t)`, {id: size}, is what it depends on or what depends on it, and how much; a click `sets` that control to t;
        a row that `returns` is reached on the way back."""
        self.ranks.append(name)
        shown, known = (np.broadcast_to(truth, len(values)) for truth in (shown, known))
        for n, value in enumerate(values):
            t, high = start + n, np.size(value) * cell[1]
            called, left = sub(said or name, t), self.middle(t) + dx - cell[0] / 2
            tops = [top] if gradient is None else [top, top - high]
            middles = [y - high / 2 for y in tops]
            self.places[name, t] = Place(left, left + cell[0], top, tops[-1] - high, middles[0], middles[-1])
            for y, colour in zip(tops, (quantity, "gradient"), strict=False) if outline else ():
                edge = {"fill": "none", "stroke_width": 1.4, "stroke_opacity": 0.4}
                self.rectangle(left, y - high, cell[0], high, stroke=colour, **edge)
            if value is None:
                continue
            made = {"said": called, "formula": formula and formula(t), "visible": shown[n]}
            if t >= 1:
                made |= {"data_when": self.when(name, t, returns), "data_called": called}
            made["data_set"] = sets and f"{sets}={t}"
            made["data_shade"] = shade and " ".join(f"{id}={size:.2g}" for id, size in shade(t).items())
            self.numbers(f"{name}_{t}", left, top, value, quantity, cell, **made, **look)
            if gradient is not None:
                made = {"said": f"∂L/∂{called}", "formula": back and back(t), "visible": known[n]}
                when = self.when(name, t, back=True)
                self.numbers(f"d{name}_{t}", left, tops[1], gradient[n], "gradient", cell, **made, data_when=when)

    def link(self, name, t, other, u, quantity, shown=True, dx=0.0, back=False):
        """The arrow from a quantity of step t to another one of step u: straight up or down, `dx` beside the middle, or to
        the right (`back`: to the left, dashed, between the gradients)."""
        one, two = self.places[name, t], self.places[other, u]
        one, two = (two, one) if back else (one, two)
        if abs(one.left + one.right - two.left - two.right) < 1e-9:
            x, up = (one.left + one.right) / 2 + dx, two.bottom >= one.top
            start, end = (x, one.top if up else one.bottom), (x, two.bottom if up else two.top)
        elif back:
            start, end = (one.left, one.gradient), (two.right, two.gradient)
        else:
            start, end = (one.right, one.value), (two.left, two.value)
        when = self.when(name, t, True) - 1 if back else self.when(other, u) - 1
        id = f"{name}_{t}{'<' if back else '>'}{other}_{u}"
        self.arrow(start, end, "gradient" if back else quantity, id, dashed=back, visible=shown, data_when=when)

    def weight(self, x, y, words, kin, size=12, visible=True, **look):
        """The name of a weight beside an arrow; all of one `kin` light up together: it is one weight."""
        self.kin[kin] = self.kin.get(kin, 0) + 1
        with self.group(f"{kin}~{self.kin[kin]}", kin, visible=visible, data_kin=kin):
            self.write(x, y, words, size=size, **look)

    def unseen(self, name, values):
        """The numbers of weights that formulas name but the picture has no room for."""
        for index, value in np.ndenumerate(values):
            self.add("text", ".".join([name, *map(str, index)]), number(value), visible=False)

    def now(self, t, low, high, wide, dx=0.0):
        """The dashed frame around step t, its middle `dx` beside that of the column."""
        for column in range(1, self.T + 1):
            x = self.middle(column) + dx - wide / 2
            self.frame(x, low, wide, high - low, f"now_{column}", dashed=True, visible=column == t, data_when=END)
