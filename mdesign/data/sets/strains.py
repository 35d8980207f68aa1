"""Cells of two phases with their strain fields: what localisation learns from.

A cell is stretched by a mean strain of 1 along its first axis, the other components 0; its field is
that component of the strain at the centre of each voxel. The stiff voxels lie at random places, and
their counts cover the range from 1 to all but 1 evenly, as those of the published cells do.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.microstructure import scattered
from mdesign.physics import VoxelElasticity
from mdesign.storage import ShardedSet, code_of

__all__ = ["CellSettings", "StrainFields", "make_strain_fields", "random_cells", "split_cells"]

#: Mean strain in the solver's notation.
PULL = (1, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class StrainFields:
    """Cells and their strain fields; ValueError if shapes differ or a mean is not 1."""

    #: 1 for stiff, 0 for soft, array_like (n, x, y, z); kept as uint8.
    phases: Any
    #: Strain along the first axis at the centre of each voxel, of mean 1 in each cell, array_like.
    strains: Any

    def __post_init__(self) -> None:
        phases = arguments.phases("phases", self.phases, "(n, x, y, z)")
        strains = arguments.array("strains", self.strains, dtype=None)
        if phases.shape != strains.shape:
            raise ValueError(
                "phases and strains must have the same shape; "
                f"got {phases.shape} and {strains.shape}"
            )
        object.__setattr__(self, "phases", phases)
        object.__setattr__(self, "strains", strains)
        means = strains.mean(axis=(1, 2, 3), dtype=np.float64)
        if not np.allclose(means, 1.0, rtol=0.0, atol=1e-4):
            worst = means[np.argmax(np.abs(means - 1))]
            raise ValueError(f"strains must have the mean 1 in each cell; got {worst}")

    def __len__(self) -> int:
        return len(self.phases)

    def __getitem__(self, rows: npt.NDArray[np.intp] | slice) -> StrainFields:
        """Select cells."""
        return StrainFields(self.phases[rows], self.strains[rows])


@dataclass(frozen=True)
class CellSettings:
    """Which cells are made, and how exactly they are solved; the defaults are the paper's.

    The paper is Yang et al., Acta Mater. 166, 335 (2019). ValueError if a number breaks its rule.
    """

    #: Young's modulus of the stiff phase over that of the soft one, at least 1.
    contrast: float
    #: Voxels along each side, at least 2.
    size: int = 21
    #: Of both phases.
    poisson_ratio: float = 0.3
    #: Of the solver; 1e-5 leaves a mean error of the strains of less than 0.001 %.
    tolerance: float = 1e-5
    #: Cells in a shard; their counts of stiff voxels cover the range evenly.
    shard_size: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        arguments.settle(
            self,
            contrast="[1, inf)",
            size="[2, inf)",
            poisson_ratio="(-1, 0.5)",
            tolerance="(0, 1)",
            shard_size="[1, inf)",
            seed="[0, inf)",
        )

    def solve(self, phases: npt.ArrayLike) -> StrainFields:
        """Solve cells (n, x, y, z) of any size, 1 for stiff; strains in float32.

        Raises `mdesign.physics.NotConverged` if a cell does not converge.
        """
        cells = arguments.phases("phases", phases, "(n, x, y, z)")
        solver = VoxelElasticity(
            (1.0, float(self.contrast)),
            (self.poisson_ratio, self.poisson_ratio),
            tolerance=self.tolerance,
            dtype="float32",
        )
        strains = solver.solve(cells, PULL).strain[:, 0]
        return StrainFields(cells, strains.astype(np.float32))


def random_cells(n: int, size: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Cells (n, size, size, size) of 0 and 1 with stiff voxels at random places.

    The range of counts, from 1 to all voxels but 1, is cut into as many equal parts as there are
    cells, and each cell has a count from a part of its own; the order is random.
    """
    n, size = arguments.whole("n", n), arguments.whole("size", size, "[2, inf)")
    voxels = size**3
    shares = (rng.permutation(n) + rng.random(n)) / n
    counts = 1 + np.floor(shares * (voxels - 1))
    return scattered(n, (size, size, size), fraction=counts / voxels, rng=rng)


def make_strain_fields(
    settings: CellSettings,
    n_cells: int,
    *,
    folder: str | Path | None = None,
    progress: bool = False,
) -> StrainFields:
    """Make random cells and solve them, or read both.

    They are in random order of their counts of stiff voxels. A larger set begins with the cells of
    a smaller one. The shards lie in `folder`, where a killed run goes on with the next one; nothing
    is kept without it.

    Raises
    ------
    ValueError, mdesign.physics.NotConverged
        If `n_cells` is not positive, or a cell does not converge.
    """
    n_cells = arguments.whole("n_cells", n_cells)

    def make(rng: np.random.Generator, n: int) -> dict[str, npt.NDArray[Any]]:
        solved = settings.solve(random_cells(n, settings.size, rng))
        return {"phases": solved.phases, "strains": solved.strains}

    with tempfile.TemporaryDirectory() as passing:
        shards = ShardedSet(
            Path(folder or passing),
            {"cells": settings, "code": code_of(make_strain_fields)},
            shard_size=settings.shard_size,
            seed=settings.seed,
        )
        return StrainFields(**shards.load(make, n_cells, progress=progress))


def split_cells(
    data: StrainFields, shares: tuple[float, float] = (0.6, 0.2)
) -> tuple[StrainFields, StrainFields, StrainFields]:
    """Split cells, in the order they have, for training, validation and test.

    The voxels of a cell are never split. `shares` are those of training and validation; ValueError
    if a set would be empty.
    """
    parts = arguments.array("shares", shares, "(2,)", "(0, 1)")
    ends = np.round(np.cumsum(parts) * len(data)).astype(int)
    if not 0 < ends[0] < ends[1] < len(data):
        raise ValueError(
            f"shares must leave cells for each of three sets; got {shares} of {len(data)} cells"
        )
    return data[: ends[0]], data[ends[0] : ends[1]], data[ends[1] :]
