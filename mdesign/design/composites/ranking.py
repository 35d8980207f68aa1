"""From continuous designs to two phases: the softest elements become soft."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.design.composites.problem import Array

__all__ = ["binarize", "count_soft"]

#: Rows ranked at once, so that the temporary arrays stay in the cache.
ROWS = 8192


def count_soft(n_elements: int, soft_fraction: float, *, both: bool = False) -> int:
    """Count the soft elements of a design, ``round(soft_fraction * n_elements)``.

    Raises a ValueError if `both` phases have to occur and only one does.

    Examples
    --------
    >>> count_soft(128, 0.125)
    16
    """
    n_elements = arguments.whole("n_elements", n_elements)
    n_soft = round(arguments.number("soft_fraction", soft_fraction, "[0, 1]") * n_elements)
    if both and not 0 < n_soft < n_elements:
        raise ValueError(
            f"soft_fraction must leave soft and stiff elements; got {soft_fraction}, that is "
            f"{n_soft} of {n_elements} soft"
        )
    return n_soft


def binarize(designs: npt.ArrayLike, soft_fraction: float) -> Array:
    """Turn continuous designs into two phases by the ranking of their elements.

    Parameters
    ----------
    designs : array_like, shape (n, n_elements)
        Continuous phases, 1 = stiff, 0 = soft.
    soft_fraction : float
        Volume fraction of the soft phase, in [0, 1].

    Returns
    -------
    ndarray, shape (n, n_elements)
        Phases 0 and 1. The ``round(soft_fraction * n_elements)`` elements of lowest value of each
        design are soft; among equal values the first ones.

    Raises
    ------
    ValueError
        If `designs` has not two dimensions or holds a NaN, or `soft_fraction` is outside [0, 1].

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Experimental Section.

    Examples
    --------
    >>> binarize([[0.9, 0.1, 0.5, 0.2]], 0.5)
    array([[1., 0., 1., 0.]])
    """
    designs = arguments.array("designs", designs, "(n, n_elements)", "[-inf, inf]")
    n_soft = count_soft(designs.shape[1], soft_fraction)
    phases = np.ones_like(designs)
    if n_soft > 0:
        for start in range(0, len(designs), ROWS):
            rows = designs[start : start + ROWS]
            phases[start : start + ROWS][_softest(rows, n_soft)] = 0.0
    return phases


def _softest(rows: Array, n_soft: int) -> npt.NDArray[np.bool_]:
    """Mark the `n_soft` lowest values of each row, the first ones among equals."""
    rank = n_soft - 1
    last = np.argpartition(rows, rank, axis=1)[:, rank, np.newaxis]
    threshold = np.take_along_axis(rows, last, axis=1)
    soft = rows <= threshold
    tied = np.count_nonzero(soft, axis=1) > n_soft
    if tied.any():
        equal = rows[tied] == threshold[tied]
        room = n_soft - np.count_nonzero(rows[tied] < threshold[tied], axis=1)
        soft[tied] &= ~equal | (np.cumsum(equal, axis=1) <= room[:, np.newaxis])
    return soft
