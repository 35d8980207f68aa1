"""Arrays of phases: random fields, their statistics, and how grey images become binary."""

from __future__ import annotations

from mdesign.microstructure.chords import mean_chord
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
    highest,
    ranked_random_fields,
)
from mdesign.microstructure.lineal_path import lineal_path
from mdesign.microstructure.markov import MarkovField
from mdesign.microstructure.novelty import nearest_difference
from mdesign.microstructure.random_media import random_media, sandstone_like
from mdesign.microstructure.threshold import otsu, otsu_thresholds
from mdesign.microstructure.volumes import (
    FILTER_WIDTHS,
    filtered_noise,
    scattered,
    single_inclusions,
)

__all__ = [
    "FILTER_WIDTHS",
    "MarkovField",
    "TextureComparison",
    "autocorrelation",
    "compare_textures",
    "crops",
    "field_covariance",
    "filtered_noise",
    "gaussian_random_fields",
    "highest",
    "lineal_path",
    "mean_chord",
    "nearest_difference",
    "otsu",
    "otsu_thresholds",
    "radial_average",
    "random_media",
    "ranked_random_fields",
    "reduced",
    "sandstone_like",
    "scattered",
    "single_inclusions",
    "two_point_correlation",
    "volume_fraction",
]
