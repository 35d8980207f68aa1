"""Computed oxides of Ye et al.: perovskites, binary oxides, charges; and those of Emery, Wolverton.

The authors of the networks for oxides published the total energies of their perovskites without the
positions of the atoms: which ion is on which site, and how the ions of a mixed site are ordered, is
not recorded. The energies of their garnets are not published. W. Ye et al., Nat. Commun. 9, 3800
(2018). The larger set, with sites, is that of A. A. Emery and C. Wolverton, Sci. Data 4, 170153
(2017).
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mdesign.arguments import choice
from mdesign.data.public.registry import fetch

__all__ = [
    "ComputedCell",
    "SitedPerovskites",
    "binary_oxides",
    "ion_oxides",
    "perovskite_cells",
    "sited_perovskites",
]


@dataclass(frozen=True)
class ComputedCell:
    """Atoms of a cell by symbol, and its total energy in eV, without empirical corrections."""

    atoms: dict[str, int]
    energy: float

    @classmethod
    def of(cls, entry: dict[str, Any]) -> ComputedCell:
        """Read an entry in the form of pymatgen."""
        atoms = {symbol: round(amount) for symbol, amount in entry["composition"].items()}
        return cls(atoms, float(entry["energy"]))


@dataclass(frozen=True)
class SitedPerovskites:
    """Perovskites ABO3 with the element of each site, as published."""

    #: Symbols on the site A.
    a: tuple[str, ...]
    #: Symbols on the site B.
    b: tuple[str, ...]
    #: Shannon radii of A and B in pm, of the charges that the authors chose, (n, 2).
    radii: npt.NDArray[np.float64]
    #: Charges of A and B, (n, 2); 0 where the authors found none that balance.
    charges: npt.NDArray[np.int64]
    #: Formation energy from the elements in eV/atom, (n,).
    energies: npt.NDArray[np.float64]


def perovskite_cells(*, progress: bool = False) -> list[ComputedCell]:
    """Read the computed cells of unmixed and mixed perovskites, 427 and 3,215 in this order.

    An unmixed one has two cations and a mixed one three, two of which share a site. Compositions
    are repeated: some with the sites exchanged, mixed ones with several orderings.

    Raises
    ------
    mdesign.data.DataNotReachable
        If the file is not available.
    """
    cells = [ComputedCell.of(entry) for entry in _read("perov_calc_entries", progress)]
    return sorted(cells, key=lambda cell: len(cell.atoms))


def binary_oxides(*, progress: bool = False) -> dict[str, ComputedCell]:
    """Read the computed cell of the most stable oxide of each ion, such as ``"Ti4+"``.

    As published: the cell under ``"Yb2+"`` is that of Yb2O3.

    Raises
    ------
    mdesign.data.DataNotReachable
        If the file is not available.
    """
    entries = _read("binary_oxides_entries_dict", progress)
    return {ion: ComputedCell.of(entry) for ion, entry in entries.items()}


def ion_oxides(
    prototype: Literal["perovskite", "garnet"], *, progress: bool = False
) -> dict[str, str]:
    """Read which binary oxide stands for each ion; empty where the table names none.

    Raises
    ------
    mdesign.data.DataNotReachable
        If the file is not available.
    """
    choice("prototype", prototype, ("perovskite", "garnet"))
    column = {"perovskite": "Binary Oxides", "garnet": "binary_oxide"}[prototype]
    table = _read(f"{prototype}_oxi_table", progress)
    formulas = {ion: row[column] for ion, row in table.items()}
    return {ion: said if isinstance(said, str) else "" for ion, said in formulas.items()}


def sited_perovskites(*, progress: bool = False) -> SitedPerovskites:
    """Read the perovskites of Emery and Wolverton whose formation energy is known.

    Raises
    ------
    mdesign.data.DataNotReachable
        If the file is not available.
    """
    path = fetch("ye2018/wolverton_oxides.csv", progress=progress)
    with path.open(newline="", encoding="utf-8") as stream:
        every = list(csv.DictReader(stream))
    rows = [row for row in every if row["Formation energy [eV/atom]"] != "-"]
    radii = [[float(row[f"Radius {site} [ang]"]) for site in "AB"] for row in rows]
    charges = [[row[f"Valence {site}"] for site in "AB"] for row in rows]
    return SitedPerovskites(
        tuple(row["A"] for row in rows),
        tuple(row["B"] for row in rows),
        100 * np.array(radii),
        np.array([[int(one) if one.isdigit() else 0 for one in row] for row in charges]),
        np.array([float(row["Formation energy [eV/atom]"]) for row in rows]),
    )


def _read(name: str, progress: bool) -> Any:
    """Read a file of the repository."""
    return json.loads(fetch(f"ye2018/{name}.json", progress=progress).read_text(encoding="utf-8"))
