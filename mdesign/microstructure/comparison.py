"""How well synthetic microstructures match authentic ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments
from mdesign.microstructure.correlation import (
    radial_average,
    two_point_correlation,
    volume_fraction,
)
from mdesign.microstructure.lineal_path import lineal_path

__all__ = ["TextureComparison", "compare_textures"]


@dataclass(frozen=True)
class TextureComparison:
    """Statistics of generated patterns beside authentic ones."""

    #: Largest difference of the mean two-point correlation, averaged over directions, up to a
    #: quarter of the shorter side.
    two_point_error: float
    #: The same for the lineal path.
    lineal_path_error: float
    #: Mean, standard deviation and extremes of the volume fraction of the generated patterns.
    volume_fraction: float
    volume_fraction_spread: float
    volume_fraction_range: tuple[float, float]
    #: Share of the pixels in which two generated patterns differ, relative to authentic ones; near
    #: 0 if the generator makes one image only.
    diversity: float


def compare_textures(generated: ArrayLike, authentic: ArrayLike) -> TextureComparison:
    """Compare generated patterns (n, nx, ny) of 0 and 1 with authentic ones of the same size.

    ValueError if there are fewer than two of one kind, or the sizes differ.
    """
    ours = arguments.phases("generated", generated)
    theirs = arguments.phases("authentic", authentic)
    if min(len(ours), len(theirs)) < 2 or ours.shape[1:] != theirs.shape[1:]:
        raise ValueError(
            "generated and authentic must be at least two patterns each, of one size; "
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
