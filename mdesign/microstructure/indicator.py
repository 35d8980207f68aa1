"""Indicator function of a phase, from which the statistics of patterns start."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def indicate_phase(
    patterns: ArrayLike, phase: int, dimensions: tuple[int, ...] = (2,)
) -> NDArray[np.bool_]:
    """Whether each pixel of patterns, with so many dimensions of space, shows a phase."""
    return check_stack("patterns", np.asarray(patterns), dimensions) == phase


def check_stack(name: str, stack: NDArray, dimensions: tuple[int, ...]) -> NDArray:
    """Return a stack of arrays with at least one pixel each, or raise ValueError."""
    if stack.ndim - 1 not in dimensions or 0 in stack.shape[1:]:
        shapes = " or ".join(f"(n, {', '.join(['nx', 'ny', 'nz'][:d])})" for d in dimensions)
        raise ValueError(f"{name} must have shape {shapes}; got {stack.shape}")
    return stack
