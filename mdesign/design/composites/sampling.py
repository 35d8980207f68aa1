"""Random designs of a fixed volume fraction."""

from __future__ import annotations

import numpy as np

from mdesign import arguments
from mdesign.design.composites.problem import Array
from mdesign.design.composites.ranking import ROWS, binarize, count_soft

__all__ = ["random_designs"]


def random_designs(
    n: int, n_elements: int, soft_fraction: float, rng: np.random.Generator
) -> Array:
    """Draw random two-phase designs, each with exactly the given number of soft elements.

    Parameters
    ----------
    n, n_elements : int
        Number of designs, and elements of each.
    soft_fraction : float
        Volume fraction of the soft phase, in [0, 1].
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n, n_elements)
        Phases 0 (soft) and 1 (stiff); every arrangement is equally likely.

    Raises
    ------
    ValueError
        If `n` is negative or `soft_fraction` lies outside [0, 1].

    Examples
    --------
    >>> random_designs(3, 8, 0.25, np.random.default_rng(0)).sum(axis=1)
    array([6., 6., 6.])
    """
    n = arguments.whole("n", n, "[0, inf)")
    count_soft(n_elements, soft_fraction)
    designs = np.empty((n, n_elements))
    for start in range(0, n, ROWS):
        block = designs[start : start + ROWS]
        block[:] = binarize(rng.random(block.shape), soft_fraction)
    return designs
