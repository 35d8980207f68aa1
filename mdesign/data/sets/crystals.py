"""Crystals with a property of each, for training and hold-outs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.crystals import Structure, parse_cif
from mdesign.data.public import materials_project, perovskites

__all__ = [
    "CrystalSplits",
    "Crystals",
    "materials_project_crystals",
    "perovskite_sites",
    "published_perovskite_splits",
    "split_crystals",
]

ANIONS = (7, 8, 9, 16)
"""Atomic numbers of N, O, F and S, which occupy the sites X of the perovskites."""

_TOLD_APART = 0.05
"""Least difference of square distances, in edges, between A and B; ideal is 0.25."""

ISOLATED = frozenset({"mp-1104326"})
"""Crystals of the Materials Project with atoms more than 8 Å from any other."""

Rows = npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice


@dataclass(frozen=True)
class Crystals:
    """Structures and a property of each; ValueError if they are not as many, or none."""

    structures: tuple[Structure, ...]
    #: Property of each, (n,), such as its formation energy in eV/atom.
    values: Any

    def __post_init__(self) -> None:
        for one in self.structures:
            if not isinstance(one, Structure):
                raise TypeError(f"structures must be of the type Structure; got {one!r}")
        values = arguments.array("values", self.values, "(n,)")
        if len(values) != len(self.structures) or not len(values):
            raise ValueError(
                "values must be one for each of the structures, at least one; "
                f"got {len(values)} for {len(self.structures)}"
            )
        object.__setattr__(self, "values", values)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Rows) -> Crystals:
        """Select crystals."""
        chosen = np.arange(len(self))[rows]
        return Crystals(tuple(self.structures[row] for row in chosen), self.values[chosen])

    @property
    def formulas(self) -> npt.NDArray[Any]:
        """Formula of each crystal in the smallest whole numbers, (n,)."""
        return np.array([structure.reduced_formula for structure in self.structures])


@dataclass(frozen=True)
class CrystalSplits:
    """Crystals to train on, to validate with and to test."""

    train: Crystals
    validation: Crystals
    test: Crystals

    @property
    def joined(self) -> Crystals:
        """All crystals, part after part."""
        parts = (self.train, self.validation, self.test)
        structures = tuple(one for part in parts for one in part.structures)
        return Crystals(structures, np.concatenate([part.values for part in parts]))

    @property
    def shared_formulas(self) -> float:
        """Share of the tested crystals whose formula is also among those trained on."""
        return float(np.isin(self.test.formulas, self.train.formulas).mean())


def published_perovskite_splits(*, progress: bool = False) -> CrystalSplits:
    """Read the cubic perovskites of Castelli et al., in the split that is published with them.

    Returns
    -------
    CrystalSplits
        Of 18,928 perovskites with their energy of formation from competing phases, in eV/atom.
        Almost all formulas occur twice, with the ions A and B exchanged.

    Raises
    ------
    mdesign.data.DataNotReachable
        If a file is not available.
    """
    published = perovskites.perovskites(progress=progress)
    crystals = Crystals(published.structures, published.energies)
    return CrystalSplits(*(crystals[published.parts == part] for part in range(3)))


def perovskite_sites(structure: Structure) -> tuple[int, int, tuple[int, ...]]:
    """Tell the sites of a cubic perovskite ABX3: numbers of the atoms A, B and X.

    X are the three anions. Along an edge of the cell, a line from B meets an anion, and one from A
    passes half an edge beside each. The computed cells keep this for the edge along which their
    atoms have moved, by up to half an edge; of the three edges the one that tells the cations apart
    best is taken.

    Raises
    ------
    ValueError
        If the structure does not have two cations and three of N, O, F and S, or no edge tells the
        cations apart.
    """
    anions = np.flatnonzero(np.isin(structure.numbers, ANIONS))
    cations = np.setdiff1d(np.arange(len(structure)), anions)
    if len(anions) != 3 or len(cations) != 2:
        raise ValueError(
            f"structure must have two cations and three of N, O, F and S; got {structure.formula}"
        )
    apart = structure.positions[cations, np.newaxis] - structure.positions[anions]
    squares = (apart - np.rint(apart)) ** 2
    # Square distance of the nearest anion from the line through a cation, for each of the edges.
    beside = (squares.sum(axis=-1, keepdims=True) - squares).min(axis=1)
    gaps = beside[0] - beside[1]
    gap = gaps[np.abs(gaps).argmax()]
    if abs(gap) < _TOLD_APART:
        raise ValueError(f"structure must be a cubic perovskite; got {structure.formula}")
    a, b = (cations if gap > 0 else cations[::-1]).tolist()
    return a, b, tuple(anions.tolist())


def materials_project_crystals(
    quantity: Literal["energies", "above_hull", "band_gaps"] = "energies", *, progress: bool = False
) -> Crystals:
    """Read crystals of the Materials Project, with up to 52 atoms a cell.

    Parameters
    ----------
    quantity : {"energies", "above_hull", "band_gaps"}
        Formation energy in eV/atom, distance to the convex hull in eV/atom, or band gap in eV.

    Returns
    -------
    Crystals
        25,984 crystals; of them those that have the quantity.

    Raises
    ------
    mdesign.data.DataNotReachable
        If a file is not available.
    """
    published = materials_project.crystals(progress=progress)
    values = getattr(published, quantity)
    rows = [
        row
        for row, name in enumerate(published.identifiers)
        if np.isfinite(values[row]) and name not in ISOLATED
    ]
    structures = (parse_cif(published.cifs[row], name=published.identifiers[row]) for row in rows)
    return Crystals(tuple(structures), values[rows])


def split_crystals(
    crystals: Crystals,
    rng: np.random.Generator,
    *,
    shares: Sequence[float] = (0.6, 0.2),
    groups: npt.ArrayLike | None = None,
) -> CrystalSplits:
    """Split crystals at random; those of one group stay together.

    Parameters
    ----------
    crystals : Crystals
        To split.
    rng : numpy.random.Generator
        Source of the order.
    shares : sequence of float, optional
        Shares to train on and to validate with; the rest is the test. They hold to the size of one
        group.
    groups : array_like of int, shape (n,), optional
        Group of each crystal; by default its formula, so that none is in two parts.

    Raises
    ------
    ValueError
        If a part is empty.
    """
    names = (
        crystals.formulas
        if groups is None
        else arguments.array("groups", groups, f"({len(crystals)},)", dtype=np.int64)
    )
    return CrystalSplits(*(crystals[part] for part in split_groups(names, rng, shares)))


def split_groups(
    groups: npt.NDArray[Any], rng: np.random.Generator, shares: Sequence[float]
) -> tuple[npt.NDArray[np.bool_], ...]:
    """Mark the rows (n,) of each of three parts; see `split_crystals`."""
    train, validation = arguments.numbers("shares", shares, "(0, 1)")
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = rng.permutation(len(sizes))
    # Share of the rows that come before each group.
    before = np.empty(len(sizes))
    before[order] = (np.cumsum(sizes[order]) - sizes[order]) / len(groups)
    place = before[group]
    parts = (
        place < train,
        (place >= train) & (place < train + validation),
        place >= train + validation,
    )
    if not all(part.any() for part in parts):
        raise ValueError(
            f"shares must leave crystals for all three parts; got {tuple(shares)} of "
            f"{len(sizes)} groups"
        )
    return parts
