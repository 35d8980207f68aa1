"""Projection onto the designs that are allowed: a box and a given mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.design.composites.problem import Array
from mdesign.design.composites.ranking import count_soft

#: Halvings of the interval [-1, 1] that holds the shift; 2**-50 is below rounding.
HALVINGS = 50


def project(designs: npt.ArrayLike, soft_fraction: float) -> Array:
    """Find the nearest designs in [0, 1] whose mean is ``1 - soft_fraction``.

    Parameters
    ----------
    designs : array_like, shape (n, n_elements)
        Phases, of any value.
    soft_fraction : float
        Share of soft material, in [0, 1].

    Returns
    -------
    ndarray, shape (n, n_elements)
        Euclidean projection of each design.

    Raises
    ------
    ValueError
        If `soft_fraction` lies outside [0, 1] or a design is not finite.

    Examples
    --------
    >>> project([[0.2, 0.4, 1.5]], soft_fraction=0.5).round(3).tolist()
    [[0.15, 0.35, 1.0]]
    """
    designs = arguments.array("designs", designs, "(n, n_elements)")
    count_soft(designs.shape[1], soft_fraction)
    # The projection adds one number to all elements of a design and clips; bisect for it.
    low = -designs.max(axis=1, keepdims=True)
    high = 1 - designs.min(axis=1, keepdims=True)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        mean = np.clip(designs + middle, 0, 1).mean(axis=1, keepdims=True)
        too_low = mean < 1 - soft_fraction
        low = np.where(too_low, middle, low)
        high = np.where(too_low, high, middle)
    return np.clip(designs + (low + high) / 2, 0, 1)
