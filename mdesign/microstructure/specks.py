"""Specks: clusters of a few pixels, a sign that an image was not made as a whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from mdesign import arguments

__all__ = ["count_specks"]


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
    stack = arguments.phases("patterns", patterns)
    largest = arguments.whole("largest", largest)
    neighbours = np.zeros((3, 3, 3), int)  # none in the next pattern
    neighbours[1] = ndimage.generate_binary_structure(2, 1)
    specks = np.zeros(len(stack), np.int64)
    for phase in (0, 1):
        clusters, n = ndimage.label(stack == phase, neighbours)
        if n:
            sizes = np.bincount(clusters.ravel(), minlength=n + 1)[1:]
            starts = ndimage.find_objects(clusters)
            places = np.array([where[0].start for where in starts])
            specks += np.bincount(places[sizes <= largest], minlength=len(stack))
    return specks
