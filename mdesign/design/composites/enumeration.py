"""Every design with a given number of soft elements, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign import arguments
from mdesign.design.composites.problem import Array, Problem, toughness_of
from mdesign.storage.compiled import compiled

__all__ = ["Enumeration", "enumerate_best", "enumerate_designs"]

Designs = npt.NDArray[np.uint8]

CHUNK = 16_384
"""Designs in a chunk: few enough to stay in the processor's cache, many enough to share out."""


@dataclass(frozen=True)
class Enumeration:
    """Result of an enumeration.

    Attributes
    ----------
    designs, values : ndarray, shapes (keep, n_elements) and (keep,)
        The best designs, 1 = stiff, 0 = soft, and their toughness, best first.
    mean, n_designs : float and int
        Mean toughness and number of all designs.
    """

    designs: Designs
    values: Array
    mean: float
    n_designs: int


def enumerate_designs(n_elements: int, n_soft: int, *, chunk: int = CHUNK) -> Iterator[Designs]:
    """Yield every design with `n_soft` soft elements, at most `chunk` at a time.

    They come in lexicographic order of their soft elements; each chunk is a new array.

    Examples
    --------
    >>> [designs.tolist() for designs in enumerate_designs(3, 2, chunk=2)]
    [[[0, 0, 1], [0, 1, 0]], [[1, 0, 0]]]
    """
    n_elements = arguments.whole("n_elements", n_elements)
    n_soft = arguments.whole("n_soft", n_soft, f"[0, {n_elements}]")
    return _chunks(n_elements, n_soft, arguments.whole("chunk", chunk))


def enumerate_best(
    problem: Problem, n_soft: int, *, keep: int = 10, progress: bool = False
) -> Enumeration:
    """Evaluate every design and keep the best.

    Parameters
    ----------
    problem : Problem
        Its toughness is maximised.
    n_soft, keep : int
        Soft elements of each design, and how many of the best to keep, at least 1.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Enumeration

    Raises
    ------
    ValueError
        If `n_soft` does not lie between 0 and ``problem.n_elements``, or `keep` is below 1.

    Examples
    --------
    >>> from mdesign.physics import CrackedComposite
    >>> best = enumerate_best(CrackedComposite(nx=4, ny=1, crack_length=2), 1, keep=1)
    >>> best.designs.tolist(), best.values.round(4).tolist(), best.n_designs
    ([[1, 1, 0, 1]], [6.194], 4)
    """
    keep, n_elements = arguments.whole("keep", keep), problem.n_elements
    n_soft = arguments.whole("n_soft", n_soft, f"[0, {n_elements}]")
    n_designs, total = comb(n_elements, n_soft), 0.0
    designs, values = np.empty((0, n_elements), np.uint8), np.empty(0)
    with tqdm(total=n_designs, disable=not progress, desc="designs") as bar:
        for candidates in enumerate_designs(n_elements, n_soft):
            toughness = toughness_of(problem, candidates)
            total += float(toughness.sum(dtype=np.float64))
            better = np.full(len(candidates), True)
            if len(values) == keep:
                better = toughness > values[-1]
            designs = np.concatenate([designs, candidates[better]])
            values = np.concatenate([values, toughness[better]])
            best = np.argsort(-values, kind="stable")[:keep]
            designs, values = designs[best], values[best]
            bar.update(len(candidates))
    return Enumeration(designs, values, total / n_designs, n_designs)


def _chunks(n_elements: int, n_soft: int, chunk: int) -> Iterator[Designs]:
    soft = np.arange(n_soft)
    left = comb(n_elements, n_soft)
    while left:
        designs = np.ones((min(chunk, left), n_elements), np.uint8)
        _fill(designs, soft)
        left -= len(designs)
        yield designs


@compiled()
def _fill(designs: Designs, soft: npt.NDArray[np.int64]) -> None:
    """Write designs row by row and leave `soft` at the elements of the one that follows."""
    n_designs, n_elements = designs.shape
    n_soft = len(soft)
    for row in range(n_designs):
        for element in soft:
            designs[row, element] = 0
        # The last soft element that is not yet as far back as it can be moves on by one, and
        # those after it follow directly.
        place = n_soft - 1
        while place >= 0 and soft[place] == n_elements - n_soft + place:
            place -= 1
        if place < 0:
            return
        soft[place] += 1
        for later in range(place + 1, n_soft):
            soft[later] = soft[later - 1] + 1
