"""Compositions with their formation energy, each composition once, for training and hold-outs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.crystals import (
    ELEMENTS,
    Formula,
    by_electronegativity,
    element_fractions,
    format_formula,
    whole_amounts,
)
from mdesign.crystals.composition import check_symbols
from mdesign.data.public import materials_project, oqmd
from mdesign.data.public.registry import find
from mdesign.storage import kept_arrays, result_name
from mdesign.storage.arrays import Arrays

__all__ = [
    "OQMD_ELEMENTS",
    "CompositionSplits",
    "Compositions",
    "materials_project_compositions",
    "oqmd_compositions",
    "split_compositions",
]

_MISSING = frozenset({"He", "Ne", "Ar", "Po", "At", "Rn", "Fr", "Ra"})

OQMD_ELEMENTS: tuple[str, ...] = tuple(symbol for symbol in ELEMENTS[:94] if symbol not in _MISSING)
"""The 86 elements of the database: up to plutonium, without eight that are rare or inert."""

_RANGE = (-20.0, 5.0)
_DEVIATIONS = 5.0

Rows = npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice


@dataclass(frozen=True)
class Compositions:
    """Different compositions and a property of each; ValueError if they do not fit.

    Parameters
    ----------
    amounts : array_like of int, shape (n, len(elements))
        Atoms of each element, in the smallest whole numbers.
    values : array_like, shape (n,)
        Property of each composition, such as its formation energy in eV/atom.
    elements : tuple of str, optional
        Symbols of the columns.
    """

    amounts: Any
    values: Any
    elements: tuple[str, ...] = OQMD_ELEMENTS

    def __post_init__(self) -> None:
        elements = check_symbols("elements", self.elements)
        amounts = arguments.array("amounts", self.amounts, "(n, m)", "[0, inf)")
        if (amounts != np.rint(amounts)).any():
            odd = amounts[amounts != np.rint(amounts)][0]
            raise ValueError(
                f"amounts must be whole numbers, as whole_amounts or Compositions.of make them; "
                f"got {odd}"
            )
        amounts = amounts.astype(np.int64)
        values = arguments.array("values", self.values, "(n,)")
        if amounts.shape != (len(values), len(elements)):
            raise ValueError(
                "amounts must have a row for each of the values and a column for each of the "
                f"elements; got {amounts.shape} for {len(values)} values and {len(elements)} "
                "elements"
            )
        divisors = np.gcd.reduce(amounts, axis=1)
        if (divisors != 1).any():
            row = int(np.flatnonzero(divisors != 1)[0])
            raise ValueError(
                "amounts must be the smallest whole numbers of each composition, not all zero; "
                f"got the common divisor {divisors[row]} in row {row}"
            )
        _check_different(amounts)
        object.__setattr__(self, "elements", elements)
        object.__setattr__(self, "amounts", amounts)
        object.__setattr__(self, "values", values)

    @classmethod
    def of(
        cls,
        formulas: Iterable[Formula],
        values: npt.ArrayLike,
        elements: Sequence[str] | None = None,
    ) -> Compositions:
        """Make compositions of formulas, of equal ones with the lowest value.

        Parameters
        ----------
        formulas : iterable of str or of mapping of str to float
            As in `mdesign.crystals.element_fractions`.
        values : array_like, shape (n,)
            Property of each.
        elements : sequence of str, optional
            Symbols of the columns; by default those that occur, by atomic number.

        Raises
        ------
        ValueError
            If a formula cannot be read, has other elements, or has no whole amounts.
        """
        fractions = element_fractions(formulas, ELEMENTS if elements is None else elements)
        arguments.not_empty("formulas", fractions)
        checked = arguments.array("values", values, f"({len(fractions)},)")
        if elements is None:
            present = np.flatnonzero(fractions.any(axis=0))
            elements, fractions = [ELEMENTS[i] for i in present], fractions[:, present]
        return cls(*_lowest(fractions, checked), tuple(elements))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Rows) -> Compositions:
        """Select compositions."""
        return Compositions(self.amounts[rows], self.values[rows], self.elements)

    @property
    def fractions(self) -> npt.NDArray[np.float64]:
        """Atomic fractions, (n, len(elements))."""
        return self.amounts / self.amounts.sum(axis=1, keepdims=True)

    @property
    def formulas(self) -> list[str]:
        """Formula of each composition, the most electronegative element last."""
        symbols = by_electronegativity(self.elements)
        columns = [self.elements.index(symbol) for symbol in symbols]
        return [
            format_formula({symbols[i]: int(row[i]) for i in np.flatnonzero(row)})
            for row in self.amounts[:, columns]
        ]

    def contain(self, symbols: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which compositions have all of some elements, (n,)."""
        return (self.amounts[:, self._columns(symbols)] > 0).all(axis=1)

    def lie_within(self, symbols: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which compositions have no element but those of a system, (n,)."""
        others = np.setdiff1d(np.arange(len(self.elements)), self._columns(symbols))
        return (self.amounts[:, others] == 0).all(axis=1)

    def are_among(self, others: Compositions) -> npt.NDArray[np.bool_]:
        """Which compositions are also in another set, (n,); ValueError if it has other columns."""
        if others.elements != self.elements:
            raise ValueError(
                f"others must have the elements {', '.join(self.elements)}; "
                f"got {', '.join(others.elements)}"
            )
        known = set(map(bytes, others.amounts))
        return np.array([bytes(row) in known for row in self.amounts], bool)

    def _columns(self, symbols: Sequence[str]) -> list[int]:
        wanted = check_symbols("symbols", symbols, self.elements)
        return [self.elements.index(symbol) for symbol in wanted]


@dataclass(frozen=True)
class CompositionSplits:
    """Compositions to train on, to validate with and to test; none is in two of them."""

    train: Compositions
    validation: Compositions
    test: Compositions


def oqmd_compositions(*, folder: str | Path | None = None, progress: bool = False) -> Compositions:
    """Assemble the compositions of the public parts of the database.

    Of files that have one composition the lowest energy is taken, as the authors of ElemNet did of
    several structures. Energies outside (-20, 5) eV/atom, and then those further than five standard
    deviations from the mean, are left out, and so are pure elements, whose formation energy is zero
    by definition. Jha et al., Sci. Rep. 8, 17593 (2018).

    Parameters
    ----------
    folder : pathlib.Path, optional
        Keeps the assembled set, which takes some ten seconds to make.

    Returns
    -------
    Compositions
        151,339 compositions, formation energies in eV/atom, sorted by their amounts.

    Raises
    ------
    mdesign.data.DataNotReachable
        If a file is not available.
    """
    if folder is None:
        arrays = _assembled(progress)
    else:
        sums = [file.sha256 for file in find("oqmd")]
        name = result_name("oqmd", sums, code=oqmd_compositions)
        arrays = kept_arrays(Path(folder) / f"{name}.npz", lambda: _assembled(progress))
    return Compositions(arrays["amounts"], arrays["values"])


def materials_project_compositions(
    quantity: Literal["energies", "above_hull"] = "energies", *, progress: bool = False
) -> Compositions:
    """Assemble compounds of the Materials Project, of the elements in `OQMD_ELEMENTS`.

    Pure elements are left out.

    Parameters
    ----------
    quantity : {"energies", "above_hull"}
        Formation energy, or distance to the convex hull; the lowest of each composition.

    Returns
    -------
    Compositions
        Values in eV/atom, sorted by their amounts; columns as in `oqmd_compositions`.

    Raises
    ------
    mdesign.data.DataNotReachable
        If a file is not available.
    """
    quantity = arguments.choice("quantity", quantity, ("energies", "above_hull"))
    published = materials_project.crystals(progress=progress)
    fractions = element_fractions(published.formulas)
    columns = [ELEMENTS.index(symbol) for symbol in OQMD_ELEMENTS]
    others = np.delete(fractions, columns, axis=1).any(axis=1)
    rows = ~others & ((fractions > 0).sum(axis=1) > 1)
    return Compositions(*_lowest(fractions[rows][:, columns], getattr(published, quantity)[rows]))


def _assembled(progress: bool) -> Arrays:
    """Amounts and energies of the public parts of the database, in the form of arrays."""
    published = oqmd.formation_energies(progress=progress)
    fractions = element_fractions(published.formulas, OQMD_ELEMENTS)
    amounts, values = _lowest(fractions, published.energies)
    sane = (values > _RANGE[0]) & (values < _RANGE[1]) & ((amounts > 0).sum(axis=1) > 1)
    amounts, values = amounts[sane], values[sane]
    near = np.abs(values - values.mean()) <= _DEVIATIONS * values.std()
    return {"amounts": amounts[near], "values": values[near]}


def _check_different(amounts: npt.NDArray[np.int64]) -> None:
    """Refuse a composition that is there twice."""
    rows: dict[bytes, int] = {}
    for row, key in enumerate(map(bytes, amounts)):
        first = rows.setdefault(key, row)
        if first != row:
            raise ValueError(
                "amounts must be different compositions, of which Compositions.of keeps the lowest "
                f"value; got the same in rows {first} and {row}"
            )


def _lowest(
    fractions: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Take the lowest value of each composition: its amounts in whole numbers, and the value."""
    amounts = whole_amounts(fractions)
    # Rows are compared byte by byte, and amounts are at most 200.
    different, inverse = np.unique(amounts.astype(np.uint8), axis=0, return_inverse=True)
    least = np.full(len(different), np.inf)
    np.minimum.at(least, inverse.ravel(), values)
    return different.astype(np.int64), least


def split_compositions(
    compositions: Compositions, rng: np.random.Generator, *, shares: Sequence[float] = (0.8, 0.1)
) -> CompositionSplits:
    """Split compositions at random.

    Parameters
    ----------
    compositions : Compositions
        Each composition is there once, so that none is in two parts.
    rng : numpy.random.Generator
        Source of the order.
    shares : sequence of float, optional
        Shares to train on and to validate with; the rest is the test.

    Raises
    ------
    ValueError
        If the shares leave a part empty.
    """
    train, validation = arguments.numbers("shares", shares, "(0, 1)")
    order = rng.permutation(len(compositions))
    cuts = [round(train * len(order)), round((train + validation) * len(order))]
    parts = np.split(order, cuts)
    if not all(map(len, parts)):
        raise ValueError(
            f"shares must leave compositions for all three parts; got {tuple(shares)} of "
            f"{len(order)}"
        )
    return CompositionSplits(*(compositions[part] for part in parts))
