"""Perovskites with ions on their sites and the formation energy from binary oxides.

The published cells do not say which ion is on which site. The charges decide for a part of the
compositions; for the others the sites are assigned by the size of the ions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mdesign.arguments import array, choice, not_empty, whole
from mdesign.crystals import format_formula
from mdesign.crystals.ions import Ion, ionic_radius
from mdesign.crystals.oxides import PEROVSKITE, Site, formation_energy
from mdesign.data.public import ye2018
from mdesign.data.public.ye2018 import ComputedCell

__all__ = ["A_IONS", "B_IONS", "Oxides", "composition_folds", "oxide_energies", "perovskites"]


def _ions(listed: str) -> tuple[Ion, ...]:
    return tuple(Ion(word[:-1], int(word[-1])) for word in listed.split())


A_IONS = _ions(
    "Al3 Ba2 Bi3 Ca2 Cd2 Ce3 Ce4 Dy3 Er3 Gd3 Ho3 La3 Mg2 Mn2 Nd3 Ni2 Pb2 Pd2 Pr3 Pt2 Rh3 Sc3 Sm3 "
    "Sn4 Sr2 Tb3 Tl3 Tm3 Y3 Zn2"
)
"""Ions of the site A in the authors' calculations."""

B_IONS = _ions(
    "Al3 Au3 Bi3 Ce3 Ce4 Co2 Co3 Cr3 Cu2 Dy3 Er3 Eu3 Fe2 Fe3 Ga3 Gd3 Ge4 Hf4 Ho3 In3 Ir4 La3 Lu3 "
    "Mg2 Mn2 Mn4 Mo4 Nd3 Ni2 Os4 Pb4 Pd4 Pr3 Pt4 Re4 Rh3 Ru4 Sc3 Si4 Sm3 Sn4 Ta5 Tb3 Tc4 Ti4 Tl3 "
    "Tm3 V5 W4 Y3 Zn2 Zr4"
)
"""Ions of the site B."""

_SAME_ENERGY = 1e-3
"""Energies of one structure, computed twice, differ by less: in eV/atom."""

_COMMON = 6
"""Coordination in which the ions of both sites are compared."""

Rows = npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice
Sites = tuple[Site, Site]


@dataclass(frozen=True)
class Oxides:
    """Oxides of one prototype and their formation energies; ValueError if they do not fit.

    Parameters
    ----------
    sites : sequence of tuple of mapping of Ion to float
        Of each oxide the shares of the ions on each site.
    energies : array_like, shape (n,)
        Formation energy from the binary oxides in eV/atom.
    compositions : array_like of int, shape (n,)
        Number of the composition; oxides of one composition belong into one part of a split.
    certain : array_like of bool, shape (n,)
        Whether the charges alone decide which ion is on which site.
    """

    sites: Sequence[Sites]
    energies: Any
    compositions: Any
    certain: Any

    def __post_init__(self) -> None:
        shape = f"({len(self.sites)},)"
        checked = {
            "energies": array("energies", self.energies, shape),
            "compositions": array("compositions", self.compositions, shape, dtype=np.int64),
            "certain": array("certain", self.certain, shape, "[0, 1]", dtype=np.bool_),
        }
        for name, values in checked.items():
            object.__setattr__(self, name, values)
        object.__setattr__(self, "sites", tuple(self.sites))

    def __len__(self) -> int:
        return len(self.sites)

    def __getitem__(self, rows: Rows) -> Oxides:
        """Select oxides."""
        chosen = np.arange(len(self))[rows]
        sites = tuple(self.sites[i] for i in chosen)
        return Oxides(sites, self.energies[rows], self.compositions[rows], self.certain[rows])

    @property
    def formulas(self) -> list[str]:
        """Formula of each, the ions of the site A first."""
        return [
            "".join(format_formula({ion.symbol: share for ion, share in s.items()}) for s in sites)
            + f"O{PEROVSKITE.oxygen}"
            for sites in self.sites
        ]


def oxide_energies(*, progress: bool = False) -> dict[Ion, float]:
    """Energy of the binary oxide of each ion of both sites, in eV for one ion.

    Raises
    ------
    mdesign.data.DataNotReachable
        If the file is not available.
    """
    cells = ye2018.binary_oxides(progress=progress)
    energies = {}
    for ion in {*A_IONS, *B_IONS}:
        cell = cells[str(ion)]
        n_ions = cell.atoms[ion.symbol]
        if cell.atoms != {ion.symbol: n_ions, "O": n_ions * ion.charge / 2}:
            raise ValueError(f"the oxide of {ion} must balance its charge; got {cell.atoms}")
        energies[ion] = cell.energy / n_ions
    return energies


def perovskites(
    kind: Literal["unmixed", "mixed"], *, repeats: bool = False, progress: bool = False
) -> Oxides:
    """Assemble the published perovskites of the ions in `A_IONS` and `B_IONS`.

    All distributions of the ions over the sites that balance the charge are considered. If there is
    one, it is certain. Of several, the one with the larger ions on A is taken; of an unmixed
    composition with two energies the lower one gets that, and the higher one the next. This agrees
    with 92 % of the pairs of trivalent ions in the set of Emery and Wolverton, which has the sites.

    Parameters
    ----------
    kind : {"unmixed", "mixed"}
        With one ion on each site, or with two on one of them.
    repeats : bool, optional
        Keep all computed cells. By default the lowest energy of each composition and assignment is
        kept, of the mixed ones that of the most stable ordering.

    Returns
    -------
    Oxides
        Of the unmixed kind 213 compositions, 109 of them certain; of the mixed kind 375, 321 of
        them certain. 86 unmixed and 84 mixed compositions have other ions and are left out.

    Raises
    ------
    mdesign.data.DataNotReachable
        If a file is not available.
    """
    choice("kind", kind, ("unmixed", "mixed"))
    references = oxide_energies(progress=progress)
    n_elements = {"unmixed": 3, "mixed": 4}[kind]
    cells: dict[tuple[tuple[str, int], ...], list[ComputedCell]] = defaultdict(list)
    for cell in ye2018.perovskite_cells(progress=progress):
        if len(cell.atoms) == n_elements:
            cells[tuple(sorted(cell.atoms.items()))].append(cell)
    rows: list[tuple[Sites, float, int, bool]] = []
    for composition, same in enumerate(cells.values()):
        assignments = _assignments(same[0].atoms)
        if not assignments:
            continue
        taken = set()
        for which, cell in _assigned(same, len(assignments) if kind == "unmixed" else 1):
            if repeats or which not in taken:
                energy = _energy(assignments[which], cell, references)
                rows.append((assignments[which], energy, composition, len(assignments) == 1))
            taken.add(which)
    sites, energies, compositions, certain = zip(*rows, strict=True)
    return Oxides(sites, np.array(energies), np.array(compositions), np.array(certain))


def composition_folds(
    compositions: npt.ArrayLike, n_folds: int, rng: np.random.Generator
) -> list[npt.NDArray[np.intp]]:
    """Split rows at random into folds, all rows of a composition into one.

    Parameters
    ----------
    compositions : array_like of int, shape (n,)
        Number of the composition of each row.
    n_folds : int
        At least 2.
    rng : numpy.random.Generator
        Source of the order.

    Returns
    -------
    list of ndarray
        Rows of each fold, each row in one.

    Raises
    ------
    ValueError
        If there are fewer compositions than folds.
    """
    groups = not_empty("compositions", array("compositions", compositions, "(n,)", dtype=np.int64))
    different, inverse = np.unique(groups, return_inverse=True)
    n_folds = whole("n_folds", n_folds, f"[2, {max(len(different), 2)}]")
    fold_of = rng.permutation(np.arange(len(different)) % n_folds)[inverse]
    return [np.flatnonzero(fold_of == fold) for fold in range(n_folds)]


def _assignments(atoms: dict[str, int]) -> list[Sites]:
    """All distributions over the sites that balance the charge, those with larger ions on A first.

    A mixed site has ions of two elements; an element is on one site alone.
    """
    cations = {symbol: n for symbol, n in atoms.items() if symbol != "O"}
    units = atoms["O"] // PEROVSKITE.oxygen
    balanced = {
        tuple(sites): None
        for a_symbols in _halves(cations, units)
        for sites in _charged(cations, a_symbols, units)
    }
    listed = [(dict(a), dict(b)) for a, b in balanced]
    return sorted(listed, key=lambda sites: _mean_radius(sites[1]) - _mean_radius(sites[0]))


def _halves(cations: dict[str, int], units: int) -> Iterator[tuple[str, ...]]:
    """Symbols that fill the site A and leave as many ions for B."""
    for size in range(1, len(cations)):
        for symbols in combinations(cations, size):
            if sum(cations[symbol] for symbol in symbols) == units:
                yield symbols


def _charged(
    cations: dict[str, int], a_symbols: tuple[str, ...], units: int
) -> Iterator[tuple[tuple[tuple[Ion, float], ...], ...]]:
    """Ions of the lists for symbols on A and B, whose charges balance those of the oxygen."""
    lists = [A_IONS if symbol in a_symbols else B_IONS for symbol in cations]
    choices = (
        [ion for ion in ions if ion.symbol == symbol]
        for symbol, ions in zip(cations, lists, strict=True)
    )
    for ions in product(*choices):
        charge = sum(cations[ion.symbol] * ion.charge for ion in ions)
        if charge == 2 * PEROVSKITE.oxygen * units:
            shares = [(ion, cations[ion.symbol] / units) for ion in ions]
            yield tuple(
                tuple(pair for pair in shares if (pair[0].symbol in a_symbols) is on_a)
                for on_a in (True, False)
            )


def _mean_radius(site: Site) -> float:
    """Mean radius of the ions on a site, in a coordination common to both sites."""
    radii = [ionic_radius(ion, _COMMON, nearest=True) for ion in site]
    return float(np.dot(radii, list(site.values())))


def _assigned(cells: list[ComputedCell], n: int) -> Iterator[tuple[int, ComputedCell]]:
    """Cells of one composition by energy, each with which of n assignments it gets."""
    which, last = 0, None
    for cell in sorted(cells, key=lambda cell: cell.energy):
        energy = cell.energy / sum(cell.atoms.values())
        if last is not None and energy - last > _SAME_ENERGY:
            which = min(which + 1, n - 1)
        last = energy
        yield which, cell


def _energy(sites: Sites, cell: ComputedCell, references: dict[Ion, float]) -> float:
    """Compute the formation energy of a cell with ions on its sites."""
    units = cell.atoms["O"] // PEROVSKITE.oxygen
    ions = {ion: units * share for site in sites for ion, share in site.items()}
    return formation_energy(ions, cell.energy, references)
