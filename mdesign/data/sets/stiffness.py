"""Cells of two phases and their stiffness along axis 0.

The composite is that of the paper: Young's moduli of 2.4 and 120 GPa, a contrast of 50, Poisson's
ratio 0.3 of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.microstructure import FILTER_WIDTHS, filtered_noise, volume_fraction
from mdesign.physics import VoxelElasticity
from mdesign.storage import ShardedSet, code_of, rounded

__all__ = ["COMPOSITE", "StiffnessCells", "stiffness_along_axis_0", "stiffness_cells"]

#: Moduli in GPa. The error of the stiffness is of the order of the tolerance squared.
COMPOSITE = VoxelElasticity((2.4, 120.0), (0.3, 0.3), tolerance=1e-4, dtype="float32")


#: Cells in a shard: a minute of work at 51 voxels a side, so that a kill costs little.
SHARD_SIZE = 50


PROBE_SEED = 2**32 - 1


#: Voxels whose fields are held at once: some 200 MiB.
SOLVED_TOGETHER = 2**20


Phases = npt.NDArray[np.uint8]


Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StiffnessCells:
    """Cells and their stiffness."""

    #: 1 for the stiff phase, (n, size, size, size).
    phases: Phases
    #: C_11 in GPa, (n,).
    stiffness: Values
    #: Widths in voxels of the filter that each cell was made with, (n, 3).
    widths: Values

    def __len__(self) -> int:
        return len(self.stiffness)

    def __getitem__(self, rows: slice | npt.NDArray) -> StiffnessCells:
        """Select cells."""
        return StiffnessCells(self.phases[rows], self.stiffness[rows], self.widths[rows])

    @property
    def fraction(self) -> Values:
        """Fraction of the stiff phase, shape (n,)."""
        return volume_fraction(self.phases)


def stiffness_along_axis_0(phases: npt.ArrayLike, composite: VoxelElasticity = COMPOSITE) -> Values:
    """Compute C_11 (n,) of cells (n, x, y, z) of phases 0 and 1 from one load case each.

    It is the mean stress along axis 0 under a unit strain along it, with all other strains zero, in
    the unit of the moduli.
    """
    cells = arguments.not_empty("phases", arguments.phases("phases", phases, "(n, x, y, z)"))
    size = max(1, SOLVED_TOGETHER // cells[0].size)
    parts = [cells[first : first + size] for first in range(0, len(cells), size)]
    stresses = [composite.solve(part, (1, 0, 0, 0, 0, 0)).stress[:, 0] for part in parts]
    return np.concatenate([stress.mean(axis=(1, 2, 3), dtype=np.float64) for stress in stresses])


def stiffness_cells(
    n: int,
    size: int,
    *,
    scale: float = 1.0,
    fractions: tuple[float, float] = (0.25, 0.75),
    composite: VoxelElasticity = COMPOSITE,
    seed: int = 0,
    folder: str | Path,
    progress: bool = False,
) -> StiffnessCells:
    """Draw filtered-noise cells and compute their stiffness, or read both.

    The cells are kept in shards of `SHARD_SIZE` below `folder`. The same call later reads them; a
    killed run goes on where it was; a larger set continues a smaller one. The shards belong to the
    composite and to two small cells computed in each call, so that a change of the physics is
    noticed.

    Parameters
    ----------
    n, size : int
        Number of cells, at least 1, and their side in voxels; 51 in the paper.
    scale : float
        Factor on the widths of the filters, `mdesign.microstructure.FILTER_WIDTHS`, one of which is
        drawn for each cell.
    fractions : tuple of float
        Range in (0, 1), from which the fraction of the stiff phase is drawn, uniformly.
    composite : VoxelElasticity
    seed : int
        Zero or positive. Each shard draws its cells from a stream of its own.
    folder : pathlib.Path
        Where the sets lie.
    progress : bool
        Show a bar.
    """
    n, size = arguments.whole("n", n), arguments.whole("size", size)
    scale = arguments.number("scale", scale, "(0, inf)")
    low, high = arguments.array("fractions", fractions, "(2,)", "(0, 1)").tolist()
    if low > high:
        raise ValueError(f"fractions must rise; got {fractions}")

    def make(rng: np.random.Generator, n_cells: int) -> dict[str, npt.NDArray[Any]]:
        widths = scale * FILTER_WIDTHS[rng.integers(len(FILTER_WIDTHS), size=n_cells)]
        phases = filtered_noise(
            n_cells,
            (size, size, size),
            fraction=rng.uniform(low, high, n_cells),
            widths=widths,
            rng=rng,
        )
        stiffness = stiffness_along_axis_0(phases, composite)
        return {"phases": phases, "stiffness": stiffness, "widths": widths}

    settings = {
        "composite": composite,
        "size": size,
        "widths": scale * FILTER_WIDTHS,
        "fractions": (low, high),
        "probe": _probe(composite),
        "code": code_of(stiffness_cells),
    }
    kept = ShardedSet(Path(folder), settings, shard_size=SHARD_SIZE, seed=seed)
    return StiffnessCells(**kept.load(make, n, progress=progress))


def _probe(composite: VoxelElasticity) -> list[float]:
    """Stiffness of two small cells with so few digits that rounding errors do not show."""
    rng = np.random.default_rng(PROBE_SEED)
    phases = filtered_noise(2, (6, 6, 6), fraction=0.5, widths=0.7, rng=rng)
    values = stiffness_along_axis_0(phases, composite)
    return rounded(values)
