"""Figures: arrays in, Axes out.

Functions add to the `ax` that they are given. The first index of an image runs from left to
right, the second from bottom to top. Arguments of other shapes, lengths or ranges than stated
raise ValueError.
"""

from mdesign.plotting.ascents import draw_gains, draw_steps, draw_trait
from mdesign.plotting.bands import draw_bands
from mdesign.plotting.composites import draw_composite, draw_composites, draw_phase_key
from mdesign.plotting.diagrams.methods import (
    FLOWCHART_SIZE,
    FRAMEWORK_SIZE,
    Flow,
    draw_flowchart,
    draw_framework,
)
from mdesign.plotting.diagrams.networks import (
    AUTOENCODER_SIZE,
    MIXTURE_SIZE,
    MORPHOLOGY_SIZE,
    AutoencoderLayers,
    draw_autoencoder,
    draw_mixture_network,
    draw_morphology,
    draw_stages,
)
from mdesign.plotting.errors import draw_errors, draw_history
from mdesign.plotting.failure import draw_failure_index
from mdesign.plotting.landscapes import draw_contours, draw_paths, draw_surface
from mdesign.plotting.mosaics import draw_mosaic
from mdesign.plotting.small_data import draw_accuracy, draw_distributions
from mdesign.plotting.statistics import (
    draw_comparison,
    draw_convergence,
    draw_histograms,
    draw_parity,
    draw_ranking,
)
from mdesign.plotting.strips import draw_strips
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
    "AUTOENCODER_SIZE",
    "COLOURS",
    "COLUMN",
    "FLOWCHART_SIZE",
    "FRAMEWORK_SIZE",
    "MIXTURE_SIZE",
    "MORPHOLOGY_SIZE",
    "PAGE",
    "PATH_COLOURS",
    "PHASES",
    "AutoencoderLayers",
    "Flow",
    "draw_accuracy",
    "draw_autoencoder",
    "draw_bands",
    "draw_comparison",
    "draw_composite",
    "draw_composites",
    "draw_contours",
    "draw_convergence",
    "draw_distributions",
    "draw_errors",
    "draw_failure_index",
    "draw_flowchart",
    "draw_framework",
    "draw_gains",
    "draw_histograms",
    "draw_history",
    "draw_mixture_network",
    "draw_morphology",
    "draw_mosaic",
    "draw_parity",
    "draw_paths",
    "draw_phase_key",
    "draw_ranking",
    "draw_stages",
    "draw_steps",
    "draw_strips",
    "draw_surface",
    "draw_trait",
    "label_panels",
    "use_style",
]
