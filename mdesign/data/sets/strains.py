"""Cells of two phases with their strain fields: what localisation learns from.

A cell is pulled to a mean strain of 1 along its first axis, the other components 0; its field is
that component of the strain at the centre of each voxel. The stiff voxels lie at random places, and
the counts of stiff voxels cover all that is possible evenly, from 1 to all but 1, as those of the
published cells do.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mdesign.microstructure import scattered
from mdesign.physics import VoxelElasticity
from mdesign.storage import ShardedSet

__all__ = ["CellSettings", "StrainFields", "make_strain_fields", "random_cells", "split_cells"]

PULL = (1, 0, 0, 0, 0, 0)
"""Mean strain in the solver's notation."""


@dataclass(frozen=True)
class StrainFields:
    """Cells and their strain fields.

    Parameters
    ----------
    phases : ndarray of uint8, shape (n, x, y, z)
        1 for stiff, 0 for soft.
    strains : ndarray, shape (n, x, y, z)
        Strain along the first axis at the centre of each voxel, of mean 1 in each cell.

    Raises
    ------
    ValueError
        If the shapes do not fit, a strain is not finite, or the mean of a cell is not 1.
    """

    phases: npt.NDArray[np.uint8]
    strains: npt.NDArray[np.floating]

    def __post_init__(self) -> None:
        if self.phases.ndim != 4 or self.phases.shape != self.strains.shape:
            raise ValueError(
                "phases and strains must have the same shape (n, x, y, z); "
                f"got {self.phases.shape} and {self.strains.shape}"
            )
        means = self.strains.mean(axis=(1, 2, 3), dtype=np.float64)
        if not np.allclose(means, 1.0, rtol=0.0, atol=1e-4):
            worst = means[np.argmax(np.abs(means - 1))]
            raise ValueError(f"strains must have the mean 1 in each cell; got {worst}")

    def __len__(self) -> int:
        return len(self.phases)

    def __getitem__(self, rows: npt.NDArray[np.intp] | slice) -> StrainFields:
        """Take some of the cells."""
        return StrainFields(self.phases[rows], self.strains[rows])


@dataclass(frozen=True)
class CellSettings:
    """Which cells are made, and how exactly they are solved; the defaults are the paper's.

    Parameters
    ----------
    contrast : float
        Young's modulus of the stiff phase over that of the soft one, at least 1.
    size : int
        Voxels along each side, at least 2.
    poisson_ratio : float
        Of both phases.
    tolerance : float
        Of the solver; 1e-5 leaves a mean error of the strains of less than 0.001 %.
    shard_size : int
        Cells in a shard; their counts of stiff voxels cover the range evenly.
    seed : int
        Seed of the cells.

    Raises
    ------
    ValueError
        If a number breaks its rule.

    References
    ----------
    Yang et al., Acta Mater. 166, 335 (2019).
    """

    contrast: float
    size: int = 21
    poisson_ratio: float = 0.3
    tolerance: float = 1e-5
    shard_size: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.contrast >= 1:
            raise ValueError(f"contrast must be at least 1; got {self.contrast}")
        if self.size < 2:
            raise ValueError(f"size must be at least 2; got {self.size}")

    def solve(self, phases: npt.ArrayLike) -> StrainFields:
        """Solve cells.

        Parameters
        ----------
        phases : array_like, shape (n, x, y, z)
            1 for stiff, 0 for soft; of any size.

        Returns
        -------
        StrainFields
            Strains in float32.

        Raises
        ------
        mdesign.physics.NotConverged
            If a cell does not converge.
        """
        cells = np.asarray(phases, dtype=np.uint8)
        solver = VoxelElasticity(
            (1.0, float(self.contrast)),
            (self.poisson_ratio, self.poisson_ratio),
            tolerance=self.tolerance,
            dtype="float32",
        )
        strains = solver.solve(cells, PULL).strain[:, 0]
        return StrainFields(cells, strains.astype(np.float32))


def random_cells(n: int, size: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Cells with stiff voxels at random places.

    The range of counts, from 1 to all voxels but 1, is cut into as many equal parts as there are
    cells, and each cell has a count from a part of its own; the order is random.

    Parameters
    ----------
    n : int
        Number of cells, at least 1.
    size : int
        Voxels along each side.
    rng : numpy.random.Generator
        Source of the counts, the places and the order.

    Returns
    -------
    ndarray of uint8, shape (n, size, size, size)
        1 for stiff, 0 for soft.

    Raises
    ------
    ValueError
        If `n` is not positive.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}")
    voxels = size**3
    shares = (rng.permutation(n) + rng.random(n)) / n
    counts = 1 + np.floor(shares * (voxels - 1))
    return scattered(n, (size, size, size), fraction=counts / voxels, rng=rng)


def make_strain_fields(
    settings: CellSettings,
    n_cells: int,
    *,
    folder: Path | None = None,
    progress: bool = False,
) -> StrainFields:
    """Make random cells and solve them, or read those that were made before.

    Parameters
    ----------
    settings : CellSettings
        Which cells.
    n_cells : int
        How many; a larger set begins with the cells of a smaller one.
    folder : pathlib.Path, optional
        Where the shards lie; a killed run goes on with the next one. Nothing is kept without it.
    progress : bool
        Show a bar, one step a shard.

    Returns
    -------
    StrainFields
        In random order of the counts of stiff voxels.

    Raises
    ------
    ValueError
        If `n_cells` is not positive.
    mdesign.physics.NotConverged
        If a cell does not converge.
    """

    def make(rng: np.random.Generator, n: int) -> dict[str, npt.NDArray[Any]]:
        solved = settings.solve(random_cells(n, settings.size, rng))
        return {"phases": solved.phases, "strains": solved.strains}

    with tempfile.TemporaryDirectory() as passing:
        shards = ShardedSet(
            folder or Path(passing),
            {"cells": settings},
            shard_size=settings.shard_size,
            seed=settings.seed,
        )
        return StrainFields(**shards.load(make, n_cells, progress=progress))


def split_cells(
    data: StrainFields, shares: tuple[float, float] = (0.6, 0.2)
) -> tuple[StrainFields, StrainFields, StrainFields]:
    """Split cells, never the voxels of a cell, into three sets, in the order they have.

    Parameters
    ----------
    data : StrainFields
        Cells in random order.
    shares : tuple of float
        Shares to train on and to validate with; the rest is for the test.

    Returns
    -------
    tuple of StrainFields
        To train on, to validate with, to test with; none empty.

    Raises
    ------
    ValueError
        If a set would be empty.
    """
    ends = np.round(np.cumsum(shares) * len(data)).astype(int)
    if not 0 < ends[0] < ends[1] < len(data):
        raise ValueError(
            f"shares must leave cells for each of three sets; got {shares} of {len(data)} cells"
        )
    return data[: ends[0]], data[ends[0] : ends[1]], data[ends[1] :]
