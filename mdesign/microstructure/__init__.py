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
from mdesign.microstructure.crops import coarsen, cut_crops
from mdesign.microstructure.lineal_path import lineal_path
from mdesign.microstructure.markov import MarkovField
from mdesign.microstructure.novelty import nearest_difference
from mdesign.microstructure.random_fields import (
    field_covariance,
    gaussian_random_fields,
    ranked_random_fields,
)
from mdesign.microstructure.random_media import random_media
from mdesign.microstructure.threshold import otsu, otsu_thresholds
from mdesign.microstructure.volumes import (
    FILTER_WIDTHS,
    filtered_noise,
    scattered,
)

__all__ = [
    "FILTER_WIDTHS",
    "MarkovField",
    "TextureComparison",
    "autocorrelation",
    "coarsen",
    "compare_textures",
    "cut_crops",
    "field_covariance",
    "filtered_noise",
    "gaussian_random_fields",
    "lineal_path",
    "mean_chord",
    "nearest_difference",
    "otsu",
    "otsu_thresholds",
    "radial_average",
    "random_media",
    "ranked_random_fields",
    "scattered",
    "two_point_correlation",
    "volume_fraction",
]
