"""What the statistics of patterns have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def indicate_phase(
    patterns: ArrayLike, phase: int, dimensions: tuple[int, ...] = (2,)
) -> NDArray[np.bool_]:
    """Say where patterns show a phase.

    Parameters
    ----------
    patterns : array_like
        Patterns ``(n, nx, ny)`` or ``(n, nx, ny, nz)`` of phase numbers.
    phase : int
        The phase.
    dimensions : tuple of int, optional
        Dimensions of space that are admitted.

    Returns
    -------
    numpy.ndarray
        True where it lies, of the shape of `patterns`.

    Raises
    ------
    ValueError
        If the patterns are no stack, or hold no pixel.
    """
    return check_stack("patterns", np.asarray(patterns), dimensions) == phase


def check_stack(name: str, stack: NDArray, dimensions: tuple[int, ...]) -> NDArray:
    """Return arrays of some points each, or say that they are none."""
    if stack.ndim - 1 not in dimensions or 0 in stack.shape[1:]:
        shapes = " or ".join(f"(n, {', '.join(['nx', 'ny', 'nz'][:d])})" for d in dimensions)
        raise ValueError(f"{name} must have shape {shapes}; got {stack.shape}")
    return stack
