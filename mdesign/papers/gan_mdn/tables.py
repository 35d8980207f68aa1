"""Tables 1 to 4 of the GAN-MDN paper, every number, and the claim that each of them makes."""

from __future__ import annotations

from dataclasses import dataclass

from mdesign.arguments import choice, number, text, whole
from mdesign.papers import Claim, read_claims

GAN_MDN, PCA_MDN, DIRECT = "GAN-MDN", "PCA-MDN", "direct MDN"
BAYESIAN = "Bayesian optimisation"

IN_RANGE = (0.55, 0.60, 0.65, 0.70, 0.75)
"""Wanted absorptances of Tables 1 and 2, within the range of the data."""

OUT_OF_RANGE = (0.53, 0.77)
"""Wanted absorptances of Tables 3 and 4, beyond the range of the data."""

_HOUR = 3600.0


@dataclass(frozen=True)
class PublishedRow:
    """One row of Tables 1 to 4.

    Parameters
    ----------
    target : float
        The wanted absorptance.
    minimum, mean, deviation : float or None
        Residual error percentage (REP) of the candidates in percent; None for a dash.
    seconds : float
        Running time.
    """

    target: float
    minimum: float | None
    mean: float | None
    deviation: float | None
    seconds: float


def _rows(*numbers: tuple[float | None, ...]) -> tuple[PublishedRow, ...]:
    """Rows of a sampling method: min, average, deviation in percent, and seconds, by target."""
    targets = IN_RANGE if len(numbers) == len(IN_RANGE) else OUT_OF_RANGE
    return tuple(
        PublishedRow(target, *row)  # type: ignore[arg-type]
        for target, row in zip(targets, numbers, strict=True)
    )


def _searches(*numbers: tuple[float | None, float]) -> tuple[PublishedRow, ...]:
    """Rows of an optimiser: the REP of its one answer in percent, and hours."""
    return _rows(*((final, None, None, hours * _HOUR) for final, hours in numbers))


TABLES: dict[int, dict[str, tuple[PublishedRow, ...]]] = {
    1: {
        GAN_MDN: _rows(
            (0.65, 15.68, 8.40, 9.75),
            (0.18, 9.15, 5.97, 9.50),
            (0.22, 5.80, 3.93, 9.67),
            (0.13, 5.29, 3.86, 9.62),
            (0.20, 7.83, 3.91, 9.50),
        ),
        PCA_MDN: _rows(
            (5.05, 17.67, 7.84, 7.22),
            (0.50, 10.89, 6.48, 7.30),
            (0.17, 5.92, 4.00, 7.20),
            (0.40, 8.81, 5.27, 7.20),
            (2.95, 18.34, 5.54, 7.36),
        ),
        DIRECT: _rows(
            (0.84, 9.07, 3.14, 175.27),
            (4.70, 14.40, 4.08, 187.86),
            (9.35, 20.04, 4.06, 177.60),
            (12.29, 25.18, 4.21, 147.23),
            (17.73, 26.81, 3.55, 178.70),
        ),
        BAYESIAN: _searches((None, 4.4), (1.08, 3.6), (3.38, 5.8), (None, 10.6), (None, 8.9)),
    },
    2: {
        GAN_MDN: _rows(
            (1.25, 16.19, 8.96, 9.67),
            (0.70, 10.99, 7.93, 9.74),
            (0.18, 7.65, 5.64, 9.57),
            (0.10, 5.00, 4.61, 9.68),
            (0.43, 6.18, 3.51, 9.60),
        ),
        PCA_MDN: _rows(
            (4.96, 11.74, 3.05, 7.24),
            (0.07, 2.69, 2.18, 7.26),
            (3.71, 8.79, 2.59, 7.40),
            (0.10, 3.41, 2.44, 7.15),
            (3.17, 6.27, 1.52, 7.26),
        ),
        DIRECT: _rows(
            (2.85, 12.78, 3.89, 23.21),
            (7.87, 14.95, 3.56, 24.05),
            (11.00, 17.33, 2.63, 24.14),
            (3.03, 15.62, 4.09, 23.90),
            (8.44, 12.73, 3.20, 23.34),
        ),
        BAYESIAN: _searches((15.51, 5.8), (None, 12.1), (1.21, 4.2), (None, 18.8), (None, 3.2)),
    },
    3: {
        GAN_MDN: _rows((1.43, 16.66, 9.72, 9.70), (0.78, 10.78, 5.73, 9.48)),
        PCA_MDN: _rows((7.35, 20.96, 9.12, 7.06), (0.30, 9.40, 6.18, 7.35)),
        DIRECT: _rows((0.44, 7.42, 3.31, 23.12), (16.00, 28.49, 4.05, 22.87)),
    },
    4: {
        GAN_MDN: _rows((0.38, 18.78, 8.48, 9.52), (0.50, 7.82, 3.60, 9.31)),
        PCA_MDN: _rows((25.33, 33.32, 3.63, 6.96), (6.28, 10.66, 2.20, 7.05)),
        DIRECT: _rows((12.49, 19.02, 3.77, 23.51), (16.15, 25.27, 3.26, 23.04)),
    },
}
"""Tables 1 (Data-I) and 2 (Data-II), in range, and 3 (Data-I) and 4 (Data-II), out of range."""


QUANTITIES = {
    "minimum": "min REP",
    "mean": "average REP",
    "deviation": "standard deviation of REP",
    "seconds": "running time",
}
"""What the columns of the tables hold, by the names in `PublishedRow`."""

_NO_LABELS = "labels of another optical stack"
_NO_MACHINE = "another computer"


def cell_name(method: str, target: float, quantity: str) -> str:
    """Name of the claim of one cell.

    Examples
    --------
    >>> cell_name("GAN-MDN", 0.55, "mean")
    'gan_mdn_055_mean'
    """
    method, target = text("method", method), number("target", target, "(0, 1)")
    choice("quantity", quantity, tuple(QUANTITIES))
    return f"{method} {100 * target:03.0f} {quantity}".replace("-", "_").replace(" ", "_").lower()


def _cell(table: int, method: str, row: PublishedRow, quantity: str) -> str:
    """Claim of one cell; none for a dash."""
    value = getattr(row, quantity)
    if value is None:
        return ""
    name, unit, differs = cell_name(method, row.target, quantity), "%", _NO_LABELS
    if quantity == "seconds":
        unit, differs = "s", _NO_MACHINE
    return f"""
    {name} | value | {value} {unit} | within 5 % | Table {table}
        {method} at {row.target:.2f}: {QUANTITIES[quantity]}
        -- 5 % of the printed number
        !! {differs}
    """


CELLS: dict[int, dict[str, Claim]] = {
    data_set: {
        key.removeprefix("table."): claim
        for key, claim in read_claims(
            {
                "table": "".join(
                    _cell(table, method, row, quantity)
                    for table in (data_set, data_set + 2)
                    for method, rows in TABLES[table].items()
                    for row in rows
                    for quantity in QUANTITIES
                )
            }
        ).items()
    }
    for data_set in (1, 2)
}
"""The claim of every printed number by data set and `cell_name`; times in seconds."""


def published_rows(data_set: int, method: str) -> dict[float, PublishedRow]:
    """All that the paper prints for one method on one data set.

    Parameters
    ----------
    data_set : {1, 2}
        Data-I (Tables 1 and 3) or Data-II (Tables 2 and 4).
    method : str
        Name of the method, a key of `TABLES`.

    Returns
    -------
    dict of float to PublishedRow
        By target, ascending; empty for a method that the paper does not have.

    Raises
    ------
    ValueError
        If there is no such data set.

    Examples
    --------
    >>> published_rows(1, "GAN-MDN")[0.53].minimum
    1.43
    >>> published_rows(2, "random draws")
    {}
    """
    data_set, method = whole("data_set", data_set, "[1, 2]"), text("method", method)
    rows = [row for table in (data_set, data_set + 2) for row in TABLES[table].get(method, ())]
    return {row.target: row for row in sorted(rows, key=lambda row: row.target)}
