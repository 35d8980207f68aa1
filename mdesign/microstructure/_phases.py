"""What the statistics of patterns have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def of_phase(patterns: ArrayLike, phase: int) -> NDArray[np.bool_]:
    """Say where patterns show a phase.

    Parameters
    ----------
    patterns : array_like
        Patterns ``(n, nx, ny)`` of phase numbers.
    phase : int
        The phase.

    Returns
    -------
    numpy.ndarray
        True where it lies, ``(n, nx, ny)``.

    Raises
    ------
    ValueError
        If the patterns are no stack, or hold no pixel.
    """
    stack = np.asarray(patterns)
    if stack.ndim != 3 or 0 in stack.shape[1:]:
        raise ValueError(f"patterns must have shape (n, nx, ny); got {stack.shape}")
    return stack == phase
