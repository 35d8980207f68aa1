"""Figures: arrays in, Axes out. Index (0, 0) of an image is drawn at the lower left."""

from mdesign.plotting.bands import draw_bands
from mdesign.plotting.composites import draw_composite, draw_composites
from mdesign.plotting.errors import draw_errors, draw_history
from mdesign.plotting.flowchart import FLOWCHART_SIZE, Flow, draw_flowchart
from mdesign.plotting.framework import FRAMEWORK_SIZE, draw_framework
from mdesign.plotting.landscapes import draw_contours, draw_paths, draw_surface
from mdesign.plotting.networks import MIXTURE_SIZE, draw_mixture_network, draw_stages
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
    "FLOWCHART_SIZE",
    "FRAMEWORK_SIZE",
    "MIXTURE_SIZE",
    "PAGE",
    "PATH_COLOURS",
    "PHASES",
    "Flow",
    "compare",
    "convergence",
    "draw_bands",
    "draw_composite",
    "draw_composites",
    "draw_contours",
    "draw_errors",
    "draw_flowchart",
    "draw_framework",
    "draw_history",
    "draw_mixture_network",
    "draw_paths",
    "draw_stages",
    "draw_surface",
    "histograms",
    "label_panels",
    "parity",
    "ranking",
    "use_style",
]
