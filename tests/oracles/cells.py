"""How a diagram calls the cells of a vector or matrix."""


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
