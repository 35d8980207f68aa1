"""Volume fraction and two-point correlation of patterns in the plane and in space.

Torquato, Random Heterogeneous Materials (Springer, 2002), section 2.2.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments
from mdesign.microstructure.indicator import PLANE_OR_SPACE, indicate_phase

__all__ = ["autocorrelation", "radial_average", "two_point_correlation", "volume_fraction"]


def volume_fraction(patterns: ArrayLike, *, phase: int = 1) -> NDArray[np.float64]:
    """Share of the pixels (n, nx, ny) or voxels (n, nx, ny, nz) that show a phase, shape (n,).

    Examples
    --------
    >>> volume_fraction([[[0, 1], [0, 0]]]).tolist()
    [0.25]
    """
    inside = indicate_phase(patterns, phase, PLANE_OR_SPACE)
    return inside.mean(axis=tuple(range(1, inside.ndim)))


def two_point_correlation(
    patterns: ArrayLike, *, phase: int = 1, periodic: bool = True
) -> NDArray[np.float64]:
    """Probability that two points a given shift apart both lie in a phase.

    Parameters
    ----------
    patterns : array_like, shape (n, nx, ny) or (n, nx, ny, nz)
        ValueError otherwise.
    phase : int
    periodic : bool
        Whether patterns go on beyond their edges. If not, only pairs within a pattern count.

    Returns
    -------
    numpy.ndarray
        Of the shape of `patterns`; index (i, j) is the shift by i and j pixels, and negative
        indices are negative shifts, as in `numpy.fft`. Index (0, 0) is the volume fraction.

    Examples
    --------
    >>> two_point_correlation([[[1, 1, 0, 0]]]).round(2).tolist()
    [[[0.5, 0.25, 0.0, 0.25]]]
    """
    phases = indicate_phase(patterns, phase, PLANE_OR_SPACE).astype(np.float64)
    sides = phases.shape[1:]
    # Wiener-Khinchin: the self-convolution counts the pairs of each shift. Padding to twice the
    # size keeps the edges apart; then each shift has its own number of possible pairs.
    if periodic:
        return np.maximum(_self_convolved(phases, sides) / np.prod(sides), 0)
    padded = _self_convolved(phases, tuple(2 * side for side in sides))
    shifts = [np.fft.fftfreq(side, 1 / side).astype(int) for side in sides]
    overlaps = [side - np.abs(shift) for side, shift in zip(sides, shifts, strict=True)]
    pairs = reduce(np.multiply.outer, overlaps)
    counted = padded[np.ix_(np.arange(len(phases)), *shifts)]
    return np.maximum(counted / pairs, 0)


def autocorrelation(
    patterns: ArrayLike, *, phase: int = 1, periodic: bool = True
) -> NDArray[np.float64]:
    """Two-point correlation less its value far away, scaled to 1 at shift 0.

    The far value is the square of the mean volume fraction of all patterns. Arguments, layout and
    errors are those of `two_point_correlation`; patterns all of one phase are refused too.
    """
    pairs = two_point_correlation(patterns, phase=phase, periodic=periodic)
    fraction = pairs.reshape(len(pairs), -1)[:, 0].mean() if len(pairs) else 0.0
    if not 0 < fraction < 1:
        raise ValueError(f"patterns must hold both phases; got a volume fraction of {fraction}")
    return (pairs - fraction**2) / (fraction * (1 - fraction))


def radial_average(maps: ArrayLike, *, max_lag: int | None = None) -> NDArray[np.float64]:
    """Mean of a function of the shift over all directions, shape (n, max_lag + 1).

    Index r is the mean over the shifts whose length rounds to r pixels. The maps are laid out as by
    `two_point_correlation`; `max_lag`, in pixels, is at most half the shorter side, its default.
    ValueError otherwise.
    """
    stack = arguments.images("maps", maps, PLANE_OR_SPACE)
    half = min(stack.shape[1:]) // 2
    last = half if max_lag is None else arguments.whole("max_lag", max_lag, "[0, inf)")
    if last > half:
        raise ValueError(f"max_lag must be at most {half}, half a side of maps; got {last}")
    shifts = [np.fft.fftfreq(side, 1 / side) for side in stack.shape[1:]]
    squares = reduce(np.add.outer, [shift**2 for shift in shifts])
    distances = np.rint(np.sqrt(squares)).astype(int).ravel()
    inside = distances <= last
    rings = distances[inside]
    sums = np.empty((len(stack), last + 1))
    for row, values in zip(sums, stack.reshape(len(stack), distances.size), strict=True):
        row[:] = np.bincount(rings, weights=values[inside], minlength=last + 1)
    return sums / np.bincount(rings, minlength=last + 1)


def _self_convolved(phases: NDArray[np.float64], size: tuple[int, ...]) -> NDArray[np.float64]:
    """Count the pairs of pixels of the phase for each shift, after padding to a size."""
    axes = tuple(range(1, phases.ndim))
    spectra = np.fft.rfftn(phases, s=size, axes=axes)
    return np.fft.irfftn(np.abs(spectra) ** 2, s=size, axes=axes)
