"""Symmetry of crystals: space group, distinct sites and prototype."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt
import spglib

from mdesign import arguments
from mdesign.crystals.structure import Structure

__all__ = ["Symmetry", "find_symmetry", "unique_sites"]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TOLERANCE = 0.01


@dataclass(frozen=True)
class Symmetry:
    """Space group of a crystal and its distinct sites: sets of atoms that symmetry exchanges."""

    #: Number in the International Tables, 1 to 230.
    space_group: int
    #: First atom of each distinct site, (n,).
    sites: npt.NDArray[np.int64]
    #: Atoms of each distinct site in a primitive cell, (n,).
    multiplicities: npt.NDArray[np.int64]
    #: Atomic number of each distinct site, (n,).
    numbers: npt.NDArray[np.int64]

    @property
    def prototype(self) -> str:
        """Name of the kind of crystal: formula with letters for the elements, group and sites.

        The sites of each element are listed by their atoms in a primitive cell. Letters go by the
        amount, then by the sites, so that the same crystal of other elements has the same name.
        Crystals of one prototype have one name; a few different prototypes share one, since free
        coordinates do not enter.
        """
        sites: dict[int, list[int]] = defaultdict(list)
        for number, atoms in zip(self.numbers.tolist(), self.multiplicities.tolist(), strict=True):
            sites[number].append(atoms)
        kinds = sorted((sum(atoms), sorted(atoms)) for atoms in sites.values())
        divisor = gcd(*(total for total, _ in kinds))
        formula = "".join(
            f"{_letter(i)}{total // divisor if total > divisor else ''}"
            for i, (total, _) in enumerate(kinds)
        )
        listed = ",".join("+".join(map(str, atoms)) for _, atoms in kinds)
        return f"{formula} {self.space_group} {listed}"


def find_symmetry(structure: Structure, *, tolerance: float = _TOLERANCE) -> Symmetry:
    """Find the space group and the distinct sites of a crystal, by spglib.

    Parameters
    ----------
    structure : Structure
        In any cell.
    tolerance : float
        Distance in Å by which atoms may miss the position of an equivalent one.

    Raises
    ------
    ValueError
        If no symmetry is found, because atoms are on one another or closer than the tolerance.

    References
    ----------
    A. Togo, K. Shinohara, I. Tanaka, Sci. Technol. Adv. Mater. Meth. 4, 2384822 (2024).

    Examples
    --------
    >>> salt = Structure(4.12 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])
    >>> find_symmetry(salt).prototype
    'AB 221 1,1'
    """
    tolerance = arguments.number("tolerance", tolerance, "(0, 1]")
    cell = structure.lattice, structure.positions, structure.numbers
    found = spglib.get_symmetry_dataset(cell, symprec=tolerance)
    if found is None:
        raise ValueError(
            f"structure must have a symmetry at a tolerance of {tolerance:g} Å; "
            f"got none for {structure.formula}"
        )
    sites, counts = np.unique(found.crystallographic_orbits, return_counts=True)
    cells = len(structure) // len(np.unique(found.mapping_to_primitive))
    return Symmetry(found.number, sites.astype(np.int64), counts // cells, structure.numbers[sites])


def unique_sites(
    structure: Structure, *, tolerance: float = _TOLERANCE
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List the distinct sites of a crystal: the first atom of each, and its multiplicity.

    The multiplicity counts the atoms of a site in a primitive cell, so that it does not depend on
    the cell of the structure. Arguments and errors are those of `find_symmetry`.

    Returns
    -------
    indices, multiplicities : ndarray of int, shape (n,)

    Examples
    --------
    >>> salt = Structure(4.12 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])
    >>> [values.tolist() for values in unique_sites(salt)]
    [[0, 1], [1, 1]]
    """
    symmetry = find_symmetry(structure, tolerance=tolerance)
    return symmetry.sites, symmetry.multiplicities


def _letter(place: int) -> str:
    """Name an element by its place: A to Z, then A1 and so on."""
    return _LETTERS[place % 26] + (str(place // 26) if place >= 26 else "")
