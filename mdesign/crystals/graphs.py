"""Periodic neighbours of atoms, and crystals as graphs: atoms are nodes, neighbours edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.crystals import neighbour_kernels
from mdesign.crystals.structure import LEAST_DISTANCE, Structure

__all__ = ["RULES", "CrystalGraphs", "crystal_graphs", "periodic_neighbours"]

Ints = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]

RULES = ("shell", "nearest")
"""Which neighbours count, see `crystal_graphs`."""

CUTOFFS = f"({LEAST_DISTANCE}, 100]"
"""Cutoffs of graphs, in Å."""


@dataclass(frozen=True)
class CrystalGraphs:
    """Crystals as graphs; the atoms of all crystals are numbered through.

    An edge leads from an atom to one of its neighbours; edges are sorted by the atom.
    """

    #: Atomic number of each atom, (n_atoms,).
    numbers: Ints
    #: First atom of each crystal, and the number of atoms, (n + 1,).
    first_atom: Ints
    #: First edge of each atom, and the number of edges, (n_atoms + 1,).
    first_edge: Ints
    #: Atom to which an edge leads, (n_edges,).
    targets: Ints
    #: Length of each edge in Å, (n_edges,).
    distances: Floats

    def __len__(self) -> int:
        return len(self.first_atom) - 1

    def __getitem__(self, rows: Any) -> CrystalGraphs:
        """Select crystals by a slice, a mask or their numbers, in that order."""
        chosen = np.arange(len(self))[rows].ravel()
        atoms, first_atom = _joined(self.first_atom, chosen)
        edges, first_edge = _joined(self.first_edge, atoms)
        # From the old number of an atom to its new one, in the crystal at hand.
        shifts = np.repeat(first_atom[:-1] - self.first_atom[chosen], np.diff(first_atom))
        shift_of_edge = np.repeat(shifts, np.diff(first_edge))
        return CrystalGraphs(
            self.numbers[atoms],
            first_atom,
            first_edge,
            self.targets[edges] + shift_of_edge,
            self.distances[edges],
        )

    @property
    def sources(self) -> Ints:
        """Atom from which each edge leads, (n_edges,)."""
        return np.repeat(np.arange(len(self.numbers)), np.diff(self.first_edge))

    @property
    def crystals(self) -> Ints:
        """Crystal of each atom, (n_atoms,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.first_atom))


def periodic_neighbours(
    structures: Structure | Sequence[Structure], cutoff: float
) -> tuple[Ints, Ints, Ints, Floats]:
    """Find all pairs of atoms within a distance, in all cells of a crystal.

    The images of a pair are found from the triangular form of the lattice, axis by axis, so that
    few are tried in vain, in skewed cells too.

    Parameters
    ----------
    structures : Structure or sequence of Structure
        One crystal, or several, whose atoms are numbered through.
    cutoff : float
        Largest distance in Å, at most 100. A pair further by less than 1e-8 Å counts, so that
        rounding does not decide about a shell at that distance.

    Returns
    -------
    i, j : ndarray, shape (m,)
        Atoms of each pair. It is there twice, from either atom; an atom is a neighbour of its own
        images, and not of itself.
    image : ndarray, shape (m, 3)
        Cell of j, in vectors of the lattice from the cell of i.
    distance : ndarray, shape (m,)
        In Å. Pairs are sorted by i, then j, then image.

    Examples
    --------
    >>> from mdesign.crystals import Structure
    >>> iron = Structure(2.0 * np.eye(3), [[0, 0, 0]], [26])
    >>> i, j, image, distance = periodic_neighbours(iron, 2.0)
    >>> image.tolist()
    [[-1, 0, 0], [0, -1, 0], [0, 0, -1], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    """
    cutoff = arguments.number("cutoff", cutoff, "(0, 100]")
    crystals = several(structures)
    triangles, positions, first_atom = packed(crystals)
    return neighbour_kernels.pairs(triangles, positions, first_atom, cutoff)


def crystal_graphs(
    structures: Structure | Sequence[Structure],
    *,
    neighbours: int = 12,
    cutoff: float = 8.0,
    rule: str = "shell",
) -> CrystalGraphs:
    """Join each atom of crystals to its neighbours.

    Parameters
    ----------
    structures : Structure or sequence of Structure
        At least one.
    neighbours : int
        Neighbours of an atom, at least; at most 1000.
    cutoff : float
        Largest distance of a neighbour in Å.
    rule : {"shell", "nearest"}
        With `shell`, all neighbours that are at most 0.1 Å further than the last of `neighbours`
        count: the graph does not depend on how the crystal is described. With `nearest`, exactly
        `neighbours` count, as published: of those at equal distance, to 1e-5 Å, the ones with the
        lowest number of the atom, then image. An atom with fewer within the cutoff is joined to the
        first atom of the crystal at the distance cutoff + 1 Å instead, also as published.

    Returns
    -------
    CrystalGraphs
        With edges sorted by length.

    Raises
    ------
    ValueError
        If two atoms are closer than 0.5 Å, or an atom has no neighbour within the cutoff.

    References
    ----------
    T. Xie, J.C. Grossman, Phys. Rev. Lett. 120, 145301 (2018), and its code.
    """
    neighbours = arguments.whole("neighbours", neighbours, "[1, 1000]")
    cutoff = arguments.number("cutoff", cutoff, CUTOFFS)
    arguments.choice("rule", rule, RULES)
    crystals = several(structures)
    triangles, positions, first_atom = packed(crystals)
    first_edge, targets, distances = neighbour_kernels.edges(
        triangles, positions, first_atom, neighbours, cutoff, rule == "nearest"
    )
    _check_distances(crystals, first_atom, first_edge, distances, cutoff)
    numbers = np.concatenate([crystal.numbers for crystal in crystals])
    return CrystalGraphs(numbers, first_atom, first_edge, targets, distances)


def several(structures: Structure | Sequence[Structure]) -> list[Structure]:
    """One crystal or several as a list that is not empty."""
    crystals = [structures] if isinstance(structures, Structure) else list(structures)
    if not crystals:
        raise ValueError("structures must be one Structure or more; got none")
    for crystal in crystals:
        if not isinstance(crystal, Structure):
            raise TypeError(f"structures must be of the type Structure; got {crystal!r}")
    return crystals


def packed(crystals: list[Structure]) -> tuple[Floats, Floats, Ints]:
    """Triangular lattices (n, 3, 3), positions of all atoms, and the first atom of each crystal."""
    lattices = np.stack([crystal.lattice for crystal in crystals])
    # L = T Q with an orthogonal Q: the rows of T are the vectors of the cell, turned. The
    # factorisation gives a lower triangle, of the vectors and coordinates in reverse an upper one.
    upper = np.asarray(np.linalg.qr(lattices[:, ::-1].transpose(0, 2, 1), mode="r"))
    triangles = upper.transpose(0, 2, 1)[:, ::-1, ::-1]
    positions = np.concatenate([crystal.positions for crystal in crystals])
    first_atom = np.concatenate([[0], np.cumsum([len(crystal) for crystal in crystals])])
    return np.ascontiguousarray(triangles), positions, first_atom


def _check_distances(
    crystals: list[Structure], first_atom: Ints, first_edge: Ints, distances: Floats, cutoff: float
) -> None:
    """Refuse atoms without neighbours, and atoms on one another."""
    lonely = np.diff(first_edge) == 0
    nearest = np.full(len(lonely), np.inf)
    nearest[~lonely] = distances[first_edge[:-1][~lonely]]
    odd = np.flatnonzero(lonely | (nearest < LEAST_DISTANCE) | (nearest > cutoff + 0.5))
    if len(odd):
        atom = odd[0]
        crystal = int(np.searchsorted(first_atom, atom, side="right")) - 1
        found = "none" if nearest[atom] > cutoff else f"one at {nearest[atom]:.3g} Å"
        raise ValueError(
            f"structures must have neighbours between {LEAST_DISTANCE} and {cutoff:g} Å for each "
            f"atom; got {found} for atom {atom - first_atom[crystal]} of structure {crystal}, "
            f"{crystals[crystal].formula}"
        )


def _joined(first: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Members of groups that begin at `first`, group after group, and where each begins then."""
    sizes = np.diff(first)[rows]
    begins = np.concatenate([[0], np.cumsum(sizes)])
    return np.arange(begins[-1]) + np.repeat(first[rows] - begins[:-1], sizes), begins
