"""Steepest-ascent exchange of one soft and one stiff element."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.design.composites.problem import Array, Problem, toughness_of


def list_swaps(design: npt.ArrayLike) -> Array:
    """List the designs that differ from one by an exchange of one soft and one stiff element.

    Raises a ValueError if a phase is neither 0 nor 1.

    Examples
    --------
    >>> list_swaps([0, 1, 1]).tolist()
    [[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    """
    design = arguments.array("design", design, "(n_elements,)")
    if not np.isin(design, (0, 1)).all():
        raise ValueError(
            "design must hold only 0 and 1; rank it first (mdesign.design.composites.binarize)"
        )
    soft, stiff = np.flatnonzero(design == 0), np.flatnonzero(design == 1)
    swaps = np.repeat(design[np.newaxis], soft.size * stiff.size, axis=0)
    rows = np.arange(len(swaps))
    swaps[rows, np.repeat(soft, stiff.size)] = 1
    swaps[rows, np.tile(stiff, soft.size)] = 0
    return swaps


def swap_search(problem: Problem, design: npt.ArrayLike) -> tuple[Array, float]:
    """Make the best exchange again and again until none improves the design.

    Parameters
    ----------
    problem : Problem
        Its toughness is maximised.
    design : array_like, shape (n_elements,)
        Start, phases 0 and 1.

    Returns
    -------
    design : ndarray, shape (n_elements,)
        A design that no single exchange improves, with as many soft elements as the start.
    toughness : float
        Its toughness.

    Raises
    ------
    ValueError
        If a phase is neither 0 nor 1.
    """
    best = arguments.array("design", design, f"({problem.n_elements},)")
    swaps = list_swaps(best)
    toughness = float(toughness_of(problem, best[np.newaxis])[0])
    while len(swaps):
        values = toughness_of(problem, swaps)
        leader = int(np.argmax(values))
        # A gain below rounding would let two equal designs take turns for ever.
        if values[leader] <= toughness + 1e-12 * abs(toughness):
            break
        best, toughness = swaps[leader], float(values[leader])
        swaps = list_swaps(best)
    return best, toughness
