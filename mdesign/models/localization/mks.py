"""Materials Knowledge System (MKS): first-order influence coefficients of a composite.

The strain of a voxel is 1 plus a sum over all stiff voxels of the cell, each weighted with a
coefficient that depends on where it lies seen from the voxel: the first term of the series of
Green's functions, calibrated instead of derived. A periodic sum of this kind is a product in
Fourier space, so that each frequency is fitted on its own.

A voxel is either stiff or soft, so that the coefficients of the two local states enter only through
their difference. The mean of the strain is prescribed, so that the difference has the mean 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.data.sets.strains import CellSettings, StrainFields

__all__ = ["InfluenceCoefficients", "by_level", "influence_of_flips", "neighbour_levels"]

Floats = npt.NDArray[np.float64]

CALIBRATED_TOGETHER = 256
"""Cells whose transforms are held at a time."""


@dataclass(frozen=True)
class InfluenceCoefficients:
    """MKS influence coefficients: the change of strain around a voxel that becomes stiff.

    The `values`, array_like (x, y, z), are periodic and relative to the voxel, which lies at
    (0, 0, 0).

    References
    ----------
    Kalidindi et al., Comput. Mater. Continua 17, 103 (2010).
    Landi, Niezgoda and Kalidindi, Acta Mater. 58, 2716 (2010): elastic localisation.
    """

    values: Any

    def __post_init__(self) -> None:
        values = arguments.array("values", self.values, "(x, y, z)")
        object.__setattr__(self, "values", values)

    @classmethod
    def calibrated(cls, data: StrainFields) -> InfluenceCoefficients:
        """Fit the coefficients to cells by least squares, one frequency at a time.

        Too few cells, in all of which a frequency is 0, raise ValueError.
        """
        grid = data.phases.shape[1:]
        together: npt.NDArray[np.complex128] = np.zeros((*grid[:2], grid[2] // 2 + 1), complex)
        power = np.zeros(together.shape)
        for first in range(0, len(data), CALIBRATED_TOGETHER):
            block = slice(first, first + CALIBRATED_TOGETHER)
            phases, strains = _transform(data.phases[block]), _transform(data.strains[block])
            together += (phases.conj() * strains).sum(axis=0)
            power += (np.abs(phases) ** 2).sum(axis=0)
        # The mean strain is 1 whatever the phases: no coefficient belongs to frequency 0.
        together[0, 0, 0] = 0.0
        power[0, 0, 0] = 1.0
        if not (power > 1e-12 * power.max()).all():
            silent = int((power <= 1e-12 * power.max()).sum())
            raise ValueError(
                f"data must show every frequency; {silent} of {power.size} are 0 in all "
                f"{len(data)} cells: take more of them"
            )
        return cls(_back(np.divide(together, power, dtype=complex), grid))

    @classmethod
    def of_inclusion(
        cls, settings: CellSettings, *, stiff_matrix: bool = False
    ) -> InfluenceCoefficients:
        """Compute the coefficients from one voxel in a matrix: exact in the dilute limit.

        With `stiff_matrix` it is a soft voxel in a stiff matrix instead of a stiff one in a soft
        matrix.
        """
        cell = np.full((1, *(settings.size,) * 3), int(stiff_matrix), dtype=np.uint8)
        cell[0, 0, 0, 0] = 1 - cell[0, 0, 0, 0]
        change = settings.solve(cell).strains[0].astype(np.float64) - 1.0
        return cls(-change if stiff_matrix else change)

    def __call__(self, phases: npt.ArrayLike) -> Floats:
        """Predict the strain fields, shape (n, x, y, z), of cells of the same shape."""
        shape = f"(n, {', '.join(map(str, self.values.shape))})"
        cells = arguments.phases("phases", phases, shape)
        product = np.fft.rfftn(self.values) * _transform(cells)
        return 1.0 + _back(product, self.values.shape)


def influence_of_flips(
    predict: Callable[[npt.NDArray[np.uint8]], npt.NDArray],
    phases: npt.ArrayLike,
    n_flips: int,
    rng: np.random.Generator,
) -> Floats:
    """Mean change of the strain around a voxel whose phase is flipped.

    Parameters
    ----------
    predict : callable
        Gives the strain fields of cells: a network, coefficients, or the solver.
    phases : array_like, shape (n, x, y, z)
        Cells of 0 and 1 to draw from.
    n_flips : int
        Flips, each of one voxel in another random cell.

    Returns
    -------
    ndarray, shape (x, y, z)
        Mean magnitude of the change at each place relative to the changed voxel, (0, 0, 0).
    """
    n_flips = arguments.whole("n_flips", n_flips)
    cells = arguments.not_empty("phases", arguments.phases("phases", phases, "(n, x, y, z)"))
    before = cells[rng.integers(0, len(cells), n_flips)]
    places = rng.integers(0, cells.shape[1:], (n_flips, 3))
    after = before.copy()
    after[np.arange(n_flips), *places.T] ^= 1
    fields = [
        arguments.array("values of predict", predict(flipped), str(before.shape))
        for flipped in (after, before)
    ]
    changes = np.abs(fields[0] - fields[1])
    centred = [
        np.roll(change, -place, axis=(0, 1, 2))
        for change, place in zip(changes, places, strict=True)
    ]
    return np.mean(centred, axis=0)


def neighbour_levels(shape: tuple[int, int, int]) -> tuple[npt.NDArray[np.intp], Floats]:
    """Level of each voxel (x, y, z) as a neighbour of voxel (0, 0, 0), and distance of each level.

    Level 0 is the voxel itself, level 1 its six nearest neighbours, and each further level the
    voxels at the next distance; the cell is periodic.

    Examples
    --------
    >>> levels, distances = neighbour_levels((3, 3, 3))
    >>> np.bincount(levels.ravel()).tolist(), np.round(distances, 3).tolist()
    ([1, 6, 12, 8], [0.0, 1.0, 1.414, 1.732])
    """
    sides = arguments.wholes("shape", shape, least=3)
    offsets = [np.minimum(np.arange(n), n - np.arange(n)) for n in sides]
    squares = sum(offset**2 for offset in np.meshgrid(*offsets, indexing="ij"))
    values, levels = np.unique(squares, return_inverse=True)
    return levels.reshape(sides), np.sqrt(values.astype(np.float64))


def by_level(influence: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Distance (n_levels,) of each level of neighbours in voxels, and their mean influence.

    The influence (x, y, z) is that between voxel (0, 0, 0) of a periodic cell and each voxel.
    """
    values = arguments.not_empty("influence", arguments.array("influence", influence, "(x, y, z)"))
    magnitudes = np.abs(values)
    levels, distances = neighbour_levels(magnitudes.shape)
    totals = np.bincount(levels.ravel(), weights=magnitudes.ravel())
    return distances, totals / np.bincount(levels.ravel())


def _transform(fields: npt.NDArray) -> npt.NDArray[np.complex128]:
    return np.fft.rfftn(fields.astype(np.float64), axes=(1, 2, 3))


def _back(transformed: npt.NDArray[np.complex128], grid: tuple[int, ...]) -> Floats:
    return np.fft.irfftn(transformed, s=grid, axes=(-3, -2, -1))
