"""Arrays of phases: random fields, their statistics, and how grey images become binary."""

from __future__ import annotations

from mdesign.microstructure.comparison import TextureComparison, compare_textures
from mdesign.microstructure.correlation import (
    autocorrelation,
    radial_average,
    two_point_correlation,
    volume_fraction,
)
from mdesign.microstructure.crops import crops, reduced
from mdesign.microstructure.fields import (
    field_covariance,
    gaussian_random_fields,
    ranked_random_fields,
)
from mdesign.microstructure.lineal_path import lineal_path
from mdesign.microstructure.markov import MarkovField
from mdesign.microstructure.novelty import nearest_difference
from mdesign.microstructure.porous import sandstone_like
from mdesign.microstructure.threshold import otsu, otsu_thresholds

__all__ = [
    "MarkovField",
    "TextureComparison",
    "autocorrelation",
    "compare_textures",
    "crops",
    "field_covariance",
    "gaussian_random_fields",
    "lineal_path",
    "nearest_difference",
    "otsu",
    "otsu_thresholds",
    "radial_average",
    "ranked_random_fields",
    "reduced",
    "sandstone_like",
    "two_point_correlation",
    "volume_fraction",
]
