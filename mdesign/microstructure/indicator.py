"""Indicator function of a phase, from which the statistics of patterns start."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments

#: Phases that patterns may have; what holds more is a grey image.
MOST_PHASES = 16

PLANE = "(n, nx, ny)"
PLANE_OR_SPACE = "(n, nx, ny) or (n, nx, ny, nz)"


def indicate_phase(patterns: ArrayLike, phase: Any, shape: str = PLANE) -> NDArray[np.bool_]:
    """Whether each pixel of patterns of phase numbers shows a phase."""
    number = arguments.whole("phase", phase, f"[0, {MOST_PHASES - 1}]")
    return arguments.phases("patterns", patterns, shape, n_phases=MOST_PHASES) == number
