"""How well made microstructures match real ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign.microstructure.correlation import (
    radial_average,
    two_point_correlation,
    volume_fraction,
)
from mdesign.microstructure.lineal_path import lineal_path

__all__ = ["TextureComparison", "compare_textures"]


@dataclass(frozen=True)
class TextureComparison:
    """Statistics of made patterns beside real ones.

    Parameters
    ----------
    two_point_error : float
        Largest difference of the mean two-point correlations, over directions averaged, up to
        a quarter of the shorter side.
    lineal_path_error : float
        The same for the lineal path.
    volume_fraction : float
        Mean volume fraction of the made patterns.
    volume_fraction_spread : float
        Its standard deviation.
    volume_fraction_range : tuple of float
        Its smallest and largest value.
    diversity : float
        Share of the pixels in which two made patterns differ, relative to real ones; near 0 if
        the generator makes one image only.
    """

    two_point_error: float
    lineal_path_error: float
    volume_fraction: float
    volume_fraction_spread: float
    volume_fraction_range: tuple[float, float]
    diversity: float


def compare_textures(made: ArrayLike, real: ArrayLike) -> TextureComparison:
    """Compare made patterns with real ones of the same size.

    Parameters
    ----------
    made, real : array_like
        Patterns ``(n, nx, ny)`` of 0 and 1, at least two of each.

    Returns
    -------
    TextureComparison
        What they have in common.

    Raises
    ------
    ValueError
        If there are fewer than two of one kind, or their sizes differ.
    """
    ours, theirs = np.asarray(made), np.asarray(real)
    if min(len(ours), len(theirs)) < 2 or ours.shape[1:] != theirs.shape[1:]:
        raise ValueError(
            "made and real must be at least two patterns each, of one size; "
            f"got shapes {ours.shape} and {theirs.shape}"
        )
    last = min(ours.shape[1:]) // 4
    fractions = volume_fraction(ours)
    return TextureComparison(
        two_point_error=_largest(_two_point(ours, last), _two_point(theirs, last)),
        lineal_path_error=_largest(_path(ours, last), _path(theirs, last)),
        volume_fraction=float(fractions.mean()),
        volume_fraction_spread=float(fractions.std()),
        volume_fraction_range=(float(fractions.min()), float(fractions.max())),
        diversity=_differing(ours) / _differing(theirs),
    )


def _two_point(patterns: NDArray, last: int) -> NDArray[np.float64]:
    """Mean two-point correlation by distance."""
    maps = two_point_correlation(patterns, periodic=False)
    return radial_average(maps.mean(axis=0, keepdims=True), max_lag=last)[0]


def _path(patterns: NDArray, last: int) -> NDArray[np.float64]:
    """Mean lineal path."""
    return lineal_path(patterns, periodic=False, max_length=last).mean(axis=0)


def _largest(first: NDArray, second: NDArray) -> float:
    """Largest difference of two curves."""
    return float(np.abs(first - second).max())


def _differing(patterns: NDArray) -> float:
    """Share of the pixels in which a pattern differs from the next."""
    return float((patterns != np.roll(patterns, 1, axis=0)).mean())
