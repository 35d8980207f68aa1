"""Ions and their effective ionic radii, by coordination and spin.

``ionic_radii.tsv`` beside this module holds the radii of R. D. Shannon, Acta Cryst. A 32, 751
(1976), and for trivalent actinides those of later work, as mendeleev 1.3.0 lists them (MIT
licence; L. Mentel, github.com/lmmentel/mendeleev). A radius depends on the coordination, the number
of nearest anions; for some transition metals on whether their electrons are paired, low spin, or
not, high spin; and for a few ions on the shape of the coordination, a square or a pyramid.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from mdesign.arguments import choice, text, whole
from mdesign.crystals.composition import check_symbols
from mdesign.crystals.elements import PROPERTIES, element_table

__all__ = ["SPINS", "Ion", "electronegativity", "ionic_radius"]

SPINS = ("high", "low")
"""Of an ion whose electrons may or may not be paired."""

_ION = re.compile(r"(?P<symbol>[A-Z][a-z]?)(?P<charge>[1-9]?)(?P<sign>[+-])")


@dataclass(frozen=True, order=True)
class Ion:
    """An element with a charge, in units of the elementary charge; ValueError for charge 0.

    Examples
    --------
    >>> Ion.parse("Ti4+")
    Ion(symbol='Ti', charge=4)
    >>> str(Ion("O", -2))
    'O2-'
    """

    symbol: str
    charge: int

    def __post_init__(self) -> None:
        check_symbols("symbol", [self.symbol])
        object.__setattr__(self, "charge", whole("charge", self.charge, "[-9, 9]"))
        if not self.charge:
            raise ValueError(f"charge must not be 0; got 0 for {self.symbol}")

    @classmethod
    def parse(cls, written: str) -> Ion:
        """Read an ion such as ``"Ti4+"``, ``"K+"`` or ``"O2-"``; ValueError for anything else."""
        match = _ION.fullmatch(text("written", written))
        if match is None:
            raise ValueError(
                f"written must be a symbol, a charge and its sign, as in 'Ti4+'; got {written!r}"
            )
        return cls(match["symbol"], int(f"{match['sign']}{match['charge'] or 1}"))

    def __str__(self) -> str:
        size = abs(self.charge)
        return f"{self.symbol}{size if size > 1 else ''}{'+' if self.charge > 0 else '-'}"


class _Radius(NamedTuple):
    """One line of the table."""

    coordination: int
    shape: str
    spin: str
    radius: float


def ionic_radius(
    ion: Ion, coordination: int, *, spin: str = "high", nearest: bool = False
) -> float:
    """Effective ionic radius of Shannon.

    Where the table has several radii of one coordination, the plain shape is taken before a square
    or a pyramid, and then the spin asked for before one not stated and that before the other spin.

    Parameters
    ----------
    ion : Ion
        Element and charge.
    coordination : int
        Number of nearest anions, 1 to 14; 12 and 6 on the sites A and B of a perovskite.
    spin : {"high", "low"}, optional
        Spin asked for.
    nearest : bool, optional
        Take the nearest coordination of the table where it lacks the one asked for, of two as near
        the larger one.

    Returns
    -------
    float
        Radius in pm; negative for the bare proton.

    Raises
    ------
    ValueError
        If the table has no radius of the ion, or, unless `nearest`, of its coordination.

    Examples
    --------
    >>> ionic_radius(Ion("Ti", 4), 6)
    60.5
    >>> ionic_radius(Ion("Al", 3), 12, nearest=True) == ionic_radius(Ion("Al", 3), 6)
    True
    """
    coordination = whole("coordination", coordination, "[1, 14]")
    choice("spin", spin, SPINS)
    rows = _table().get(ion)
    if rows is None:
        raise ValueError(f"ion must be one with a radius of Shannon; got {ion}")
    listed = sorted({row.coordination for row in rows})
    if not nearest and coordination not in listed:
        raise ValueError(
            f"coordination must be one of {listed} for {ion}, or nearest be True; "
            f"got {coordination}"
        )
    taken = min(listed, key=lambda one: (abs(one - coordination), -one))
    spins = (spin, "", *SPINS)
    same = (row for row in rows if row.coordination == taken)
    return min(same, key=lambda row: (row.shape, spins.index(row.spin))).radius


def electronegativity(symbol: str) -> float:
    """Electronegativity of an element on Pauling's scale; ValueError if it has none."""
    check_symbols("symbol", [symbol])
    value = float(element_table([symbol])[0, list(PROPERTIES).index("electronegativity")])
    if value != value:
        raise ValueError(f"symbol must be an element with an electronegativity; got {symbol!r}")
    return value


@cache
def _table() -> dict[Ion, list[_Radius]]:
    """Read the table, the radii of each ion."""
    source = resources.files("mdesign.crystals").joinpath("ionic_radii.tsv")
    radii: dict[Ion, list[_Radius]] = defaultdict(list)
    for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines(), delimiter="\t"):
        radii[Ion(row["symbol"], int(row["charge"]))].append(
            _Radius(int(row["coordination"]), row["shape"], row["spin"], float(row["radius"]))
        )
    return dict(radii)
