"""Periodic cells of two phases in space: filtered noise and scattered voxels.

Phase 1 is the one that the fraction counts, by convention the stiff one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments
from mdesign.microstructure.random_fields import mark_highest, plain_sizes

__all__ = ["FILTER_WIDTHS", "filtered_noise", "scattered"]

_GRAINS = tuple((width, width, width) for width in (1.0, 2.0, 3.0, 4.0))
_FIBRES = tuple(
    tuple(long if axis == along else short for axis in range(3))
    for along in range(3)
    for short, long in ((1.0, 2.0), (1.0, 4.0), (2.0, 4.0))
)
_PLATES = tuple(
    tuple(thin if axis == across else wide for axis in range(3))
    for across in range(3)
    for thin, wide in ((1.0, 2.0), (1.0, 4.0), (2.0, 4.0))
)

#: Twenty-two Gaussian filters, shape (22, 3): standard deviations along the axes, in voxels of a
#: cell of 51 a side. Four make grains alike in all directions, nine make fibres and nine plates
#: along each of the axes. Which filters the published cells were made with is not stated, only that
#: there were about as many.
FILTER_WIDTHS: NDArray[np.float64] = np.array(_GRAINS + _FIBRES + _PLATES)


def filtered_noise(
    n: int,
    shape: Sequence[int],
    *,
    fraction: ArrayLike,
    widths: ArrayLike,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Draw cells (n, nx, ny, nz) that are 1 where Gaussian-filtered white noise is highest.

    Parameters
    ----------
    n : int
    shape : tuple of int
        Voxels ``(nx, ny, nz)`` of a cell.
    fraction : float or array_like, shape (n,)
        Fraction of phase 1, in (0, 1); each cell has it to a voxel.
    widths : float or array_like, shape (3,) or (n, 3)
        Standard deviations of the filter along the axes, in voxels, zero or positive.
    rng : numpy.random.Generator

    Examples
    --------
    Fibres along axis 2:

    >>> rng = np.random.default_rng(0)
    >>> cells = filtered_noise(3, (9, 9, 9), fraction=1 / 3, widths=[1, 1, 4], rng=rng)
    >>> cells.mean(axis=(1, 2, 3)).round(4).tolist()
    [0.3333, 0.3333, 0.3333]
    """
    n, shape = plain_sizes(n, shape, axes=3)
    counts = _counts(n, shape, fraction)
    spreads = _spreads(n, widths)
    cells = np.empty((n, *shape), np.uint8)
    for cell, count, spread in zip(cells, counts, spreads, strict=True):
        spectrum = np.fft.rfftn(rng.standard_normal(shape))
        for axis, width in enumerate(spread):
            along = [1, 1, 1]
            along[axis] = -1
            spectrum *= _transfer(shape[axis], width, half=axis == 2).reshape(along)
        field = np.fft.irfftn(spectrum, s=shape, axes=(0, 1, 2))
        cell[:] = mark_highest(field[np.newaxis], [count])[0]
    return cells


def scattered(
    n: int, shape: Sequence[int], *, fraction: ArrayLike, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw cells as `filtered_noise` does, but with the voxels of phase 1 at random places.

    Examples
    --------
    >>> int(scattered(1, (2, 2, 2), fraction=0.5, rng=np.random.default_rng(0)).sum())
    4
    """
    n, shape = plain_sizes(n, shape, axes=3)
    counts = _counts(n, shape, fraction)
    return mark_highest(rng.random((n, *shape)), counts)


def _transfer(side: int, width: float, *, half: bool) -> NDArray[np.float64]:
    """Share that a Gaussian filter leaves of each frequency along an axis."""
    frequencies = np.fft.rfftfreq(side) if half else np.fft.fftfreq(side)
    return np.exp(-2 * (np.pi * width * frequencies) ** 2)


def _counts(n: int, shape: Sequence[int], fraction: ArrayLike) -> NDArray[np.int64]:
    """Voxels of phase 1 in each cell."""
    fractions = arguments.array("fraction", fraction, f"() or ({n},)", "(0, 1)")
    return np.rint(np.broadcast_to(fractions, n) * np.prod(shape)).astype(np.int64)


def _spreads(n: int, widths: ArrayLike) -> NDArray[np.float64]:
    """Widths of the filter of each cell."""
    spreads = arguments.array("widths", widths, f"() or (3,) or ({n}, 3)", "[0, inf)")
    return np.broadcast_to(spreads, (n, 3))
