"""How a diagram calls the cells of a vector or matrix; where bars stand; what a state depends on."""


def cells(id, values):
    """{id of the cell: its number} of a number, a vector or a matrix (nested lists); one number alone has the id itself."""
    if not isinstance(values, (list, tuple)):
        return {id: values}
    rows = [row if isinstance(row, (list, tuple)) else None for row in values]
    if len(values) == 1 and (rows[0] is None or len(rows[0]) == 1):
        return {id: values[0] if rows[0] is None else rows[0][0]}
    if rows[0] is None:
        return {f"{id}.{n}": value for n, value in enumerate(values)}
    return {f"{id}.{n}.{m}": value for n, row in enumerate(rows) for m, value in enumerate(row)}


def bars(id, left, top, size, values, low=0, over=()):
    """{id of a bar: its place in pixels}; left, top and size (width, height) of the whole are in pixels."""
    unit, row, shown = size[0] / (1 - low), size[1] / max(len(values), len(over)), {}
    zero = left - low * unit
    for n, value in enumerate(values):
        x, y = zero + unit * min(0, value), top + row * (n + 0.1)
        shown[f"{id}.{n}"] = {"x": x, "y": y, "width": unit * abs(value), "height": 0.8 * row}
    for n, value in enumerate(over):
        tick = {"x": zero + unit * value - 2, "y": top + row * (n + 0.15), "width": 4, "height": 0.7 * row}
        shown[f"{id}'.{n}"] = tick
    return shown


def written(value):
    """A number with two decimals and a true minus sign."""
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "\N{MINUS SIGN}")


def dependence(run, xs, h0, t):
    """{"h_s": |dh_t/dh_s|, "x_s": |dh_t/dx_s|} of step t (from 1), by complex steps; run(xs, h) gives the states after h
    has read the list xs. The norms are Frobenius's."""

    def norm(function, width):
        columns = []
        for n in range(width):
            nudge = [0j] * width
            nudge[n] = 1e-20j
            columns += [value.imag / 1e-20 for value in function(nudge)]
        return sum(value**2 for value in columns) ** 0.5

    def add(vector, nudge):
        return [value + other for value, other in zip(vector, nudge, strict=True)]

    hs = [list(h0), *map(list, run(xs, h0))]
    sizes = {f"h_{s}": norm(lambda e, s=s: run(xs[s:t], add(hs[s], e))[-1], len(h0)) for s in range(t - 1, 0, -1)}
    for s in range(t, 0, -1):
        x = list(xs[s - 1])
        sizes[f"x_{s}"] = norm(lambda e, s=s, x=x: run([add(x, e), *xs[s:t]], hs[s - 1])[-1], len(x))
    return sizes
