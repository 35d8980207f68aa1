"""Random fields with the statistics of public images, for work without a download."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdesign import arguments
from mdesign.microstructure.random_fields import ranked_random_fields

__all__ = ["STATISTICS", "ImageStatistics", "random_media"]


@dataclass(frozen=True)
class ImageStatistics:
    """Statistics of images that random fields take over."""

    #: Mean solid fraction of the images, and its standard deviation.
    solid_fraction: float
    spread: float
    #: Of the phases, at distances of 0, 1, 2, ... pixels, over all directions and images.
    autocorrelation: tuple[float, ...]


_SANDSTONE = (
    *(1.0, 0.888, 0.807, 0.736, 0.658, 0.584, 0.522, 0.466, 0.415, 0.364, 0.319, 0.282),
    *(0.248, 0.218, 0.190, 0.167, 0.145, 0.124, 0.107, 0.093, 0.081, 0.069, 0.058, 0.049),
    *(0.042, 0.035, 0.028, 0.024, 0.018, 0.015, 0.011, 0.008, 0.005, 0.002),
)
_ALLOY = (
    *(1.0, 0.831, 0.727, 0.650, 0.563, 0.476, 0.405, 0.333, 0.272, 0.210, 0.150, 0.113),
    *(0.070, 0.044, 0.016, -0.008, -0.017, -0.030, -0.033, -0.038, -0.041, -0.032, -0.033),
    *(-0.025, -0.021, -0.015, -0.009, -0.004),
)
_HARD_SPHERES = (
    *(1.0, 0.926, 0.874, 0.828, 0.772, 0.717, 0.667, 0.618, 0.572, 0.521, 0.472, 0.430),
    *(0.389, 0.348, 0.308, 0.273, 0.236, 0.201, 0.169, 0.141, 0.116, 0.090, 0.065, 0.043),
    *(0.024, 0.005, -0.011, -0.025, -0.037, -0.048, -0.058, -0.065, -0.071, -0.076, -0.079),
    *(-0.082, -0.082, -0.082, -0.081, -0.077, -0.074, -0.066, -0.062, -0.054, -0.044, -0.037),
    *(-0.022, -0.013),
)

#: Measured on the public images of `mdesign.data.public.porous`, sixty of 200 x 200 pixels each.
STATISTICS = {
    "sandstone": ImageStatistics(0.904, 0.028, _SANDSTONE),
    "alloy": ImageStatistics(0.667, 0.033, _ALLOY),
    "hard_spheres": ImageStatistics(0.553, 0.047, _HARD_SPHERES),
}


def random_media(
    n: int, size: int, rng: np.random.Generator, *, like: str = "sandstone"
) -> NDArray[np.uint8]:
    """Draw images (n, size, size), 1 = solid, 0 = pore, with the statistics of a public system.

    One phase is where a Gaussian random field is highest. The two-point statistics are those of the
    images, the same in all directions; the shapes of pores and grains are not. The solid fractions
    are normal with the system's mean and spread, cut off at three spreads. The public images have
    200 pixels a side. ValueError if an argument breaks its rule.

    Examples
    --------
    >>> images = random_media(4, 64, np.random.default_rng(0))
    >>> images.shape, sorted(set(images.ravel().tolist()))
    ((4, 64, 64), [0, 1])
    """
    statistics = STATISTICS[arguments.choice("like", like, STATISTICS)]
    n, size = arguments.whole("n", n, "[0, inf)"), arguments.whole("size", size)
    deviations = np.clip(rng.standard_normal(n), -3, 3)
    solid = statistics.solid_fraction + statistics.spread * deviations
    pores = ranked_random_fields(
        n,
        (size, size),
        volume_fraction=1 - solid,
        correlation=statistics.autocorrelation,
        rng=rng,
        periodic=False,
    )
    return 1 - pores
