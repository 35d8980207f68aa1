"""Random fields with the statistics of a sandstone, for work without the public images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mdesign.microstructure.fields import ranked_random_fields

__all__ = ["SANDSTONE_SOLID_FRACTION", "SANDSTONE_SOLID_SPREAD", "sandstone_like"]

SANDSTONE_SOLID_FRACTION = 0.904
"""Mean solid fraction of the sixty public sandstone images."""

SANDSTONE_SOLID_SPREAD = 0.028
"""Standard deviation of their solid fractions."""

# Autocorrelation of the pores of the same images at distances of 0, 1, 2, ... pixels, averaged
# over all directions and images.
_AUTOCORRELATION = (
    *(1.0, 0.888, 0.807, 0.736, 0.658, 0.584, 0.522, 0.466, 0.415, 0.364, 0.319, 0.282),
    *(0.248, 0.218, 0.190, 0.167, 0.145, 0.124, 0.107, 0.093, 0.081, 0.069, 0.058, 0.049),
    *(0.042, 0.035, 0.028, 0.024, 0.018, 0.015, 0.011, 0.008, 0.005, 0.002),
)


def sandstone_like(n: int, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw two-phase images with the volume fractions and pore sizes of a sandstone.

    The pores are where a Gaussian random field is highest. They have the sandstone's two-point
    statistics in all directions alike, pixel for pixel, but not the shapes of its pores, which
    lie between grains.

    Parameters
    ----------
    n : int
        Number of images.
    size : int
        Side of an image in pixels; the sandstone images have 200.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    numpy.ndarray
        Images ``(n, size, size)``, 1 = solid, 0 = pore. The solid fraction of each is drawn from
        a normal distribution with the sandstone's mean and spread, kept within three spreads.

    Raises
    ------
    ValueError
        If `n` is negative or `size` not positive.

    Examples
    --------
    >>> images = sandstone_like(4, 64, np.random.default_rng(0))
    >>> images.shape, sorted(set(images.ravel().tolist()))
    ((4, 64, 64), [0, 1])
    """
    deviations = np.clip(rng.standard_normal(max(n, 0)), -3, 3)
    solid = SANDSTONE_SOLID_FRACTION + SANDSTONE_SOLID_SPREAD * deviations
    pores = ranked_random_fields(
        n,
        (size, size),
        volume_fraction=1 - solid,
        correlation=_AUTOCORRELATION,
        rng=rng,
        periodic=False,
    )
    return 1 - pores
