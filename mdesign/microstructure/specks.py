"""Specks: clusters of a few pixels, a sign that an image was not made as a whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from mdesign import arguments

__all__ = ["count_specks", "find_specks"]


def count_specks(patterns: ArrayLike, *, largest: int = 3) -> NDArray[np.int64]:
    """Count the clusters of either phase, of at most `largest` pixels, in patterns (n, nx, ny).

    Pixels that share an edge belong to one cluster. Clusters cut by the border count too, so that a
    count is to be compared with that of authentic patterns of the same size.

    Examples
    --------
    >>> pattern = np.zeros((1, 6, 6), int)
    >>> pattern[0, 2, 2:4] = 1
    >>> count_specks(pattern).tolist(), count_specks(1 - pattern, largest=1).tolist()
    ([1], [0])
    """
    specks = find_specks(patterns, largest=largest)
    return np.bincount(specks[:, 0].astype(np.int64), minlength=len(np.asarray(patterns)))


def find_specks(patterns: ArrayLike, *, largest: int = 3) -> NDArray[np.float64]:
    """Find the centres of the clusters that `count_specks` counts: pattern, x and y, a row each.

    Examples
    --------
    >>> pattern = np.zeros((1, 6, 6), int)
    >>> pattern[0, 2, 2:4] = 1
    >>> find_specks(pattern).tolist()
    [[0.0, 2.0, 2.5]]
    """
    stack = arguments.phases("patterns", patterns)
    largest = arguments.whole("largest", largest)
    neighbours = np.zeros((3, 3, 3), int)  # none in the next pattern
    neighbours[1] = ndimage.generate_binary_structure(2, 1)
    centres = [np.zeros((0, 3))]
    for phase in (0, 1):
        clusters, n = ndimage.label(stack == phase, neighbours)
        sizes = np.bincount(clusters.ravel(), minlength=n + 1)[1:]
        small = np.flatnonzero(sizes <= largest) + 1
        if len(small):
            centres.append(np.array(ndimage.center_of_mass(clusters > 0, clusters, small)))
    return np.concatenate(centres)
