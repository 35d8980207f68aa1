"""Figures: arrays in, Axes out. Index (0, 0) of an image is drawn at the lower left."""

from mdesign.plotting.composites import draw_composite, draw_composites
from mdesign.plotting.framework import FRAMEWORK_SIZE, draw_framework
from mdesign.plotting.landscapes import draw_contours, draw_paths, draw_surface
from mdesign.plotting.statistics import compare, convergence, histograms, parity, ranking
from mdesign.plotting.style import (
    COLOURS,
    COLUMN,
    PAGE,
    PATH_COLOURS,
    PHASES,
    label_panels,
    use_style,
)

__all__ = [
    "COLOURS",
    "COLUMN",
    "FRAMEWORK_SIZE",
    "PAGE",
    "PATH_COLOURS",
    "PHASES",
    "compare",
    "convergence",
    "draw_composite",
    "draw_composites",
    "draw_contours",
    "draw_framework",
    "draw_paths",
    "draw_surface",
    "histograms",
    "label_panels",
    "parity",
    "ranking",
    "use_style",
]
