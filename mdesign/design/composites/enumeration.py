"""Every design with a given number of soft elements, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb

import numba
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

__all__ = ["Enumeration", "all_designs", "enumerate_best"]

Designs = npt.NDArray[np.uint8]

CHUNK = 16_384
"""Designs in a chunk: few enough to stay in the processor's cache, many enough to share out."""


@dataclass(frozen=True)
class Enumeration:
    """What a look at every design found.

    Attributes
    ----------
    designs : ndarray of uint8, shape (keep, n_elements)
        The best designs, best first; 1 = stiff, 0 = soft.
    values : ndarray, shape (keep,)
        Their values.
    mean : float
        Mean value of all designs.
    n_designs : int
        Number of designs.
    """

    designs: Designs
    values: npt.NDArray[np.float64]
    mean: float
    n_designs: int


def all_designs(n_elements: int, n_soft: int, *, chunk: int = CHUNK) -> Iterator[Designs]:
    """Every design with `n_soft` soft elements, in chunks.

    Parameters
    ----------
    n_elements : int
        Elements of a design.
    n_soft : int
        Soft elements of each design, from 0 to `n_elements`.
    chunk : int
        Largest number of designs given at a time, at least 1.

    Returns
    -------
    iterator of ndarray of uint8, shape (m, n_elements)
        Designs, 1 = stiff, 0 = soft, in lexicographic order of their soft elements; each chunk
        is the caller's own.

    Raises
    ------
    ValueError
        If `n_soft` or `chunk` breaks its rule.

    Examples
    --------
    >>> [designs.tolist() for designs in all_designs(3, 2, chunk=2)]
    [[[0, 0, 1], [0, 1, 0]], [[1, 0, 0]]]
    """
    if not 0 <= n_soft <= n_elements:
        raise ValueError(f"n_soft must lie between 0 and n_elements={n_elements}; got {n_soft}")
    if chunk < 1:
        raise ValueError(f"chunk must be at least 1; got {chunk}")
    return _chunks(n_elements, n_soft, chunk)


def enumerate_best(
    evaluate: Callable[[Designs], npt.NDArray[np.floating]],
    n_elements: int,
    n_soft: int,
    *,
    keep: int = 10,
    progress: bool = False,
) -> Enumeration:
    """Evaluate every design and keep the best.

    Parameters
    ----------
    evaluate : callable
        Value of each design, shape (m,), from designs of shape (m, n_elements); the larger the
        better. `CrackedComposite.toughness` is one.
    n_elements, n_soft : int
        As in `all_designs`.
    keep : int
        How many of the best to keep, at least 1.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Enumeration
        The best designs, and the mean of all.

    Raises
    ------
    ValueError
        If `n_soft` or `keep` breaks its rule.

    Examples
    --------
    >>> found = enumerate_best(lambda designs: designs @ np.arange(4.0), 4, 2, keep=1)
    >>> found.designs.tolist(), found.values.tolist(), found.mean
    ([[0, 0, 1, 1]], [5.0], 3.0)
    """
    if keep < 1:
        raise ValueError(f"keep must be at least 1; got {keep}")
    n_designs, total = comb(n_elements, n_soft), 0.0
    designs, values = np.empty((0, n_elements), np.uint8), np.empty(0)
    with tqdm(total=n_designs, disable=not progress, desc="designs") as bar:
        for candidates in all_designs(n_elements, n_soft):
            found = evaluate(candidates)
            total += float(found.sum(dtype=np.float64))
            better = found > values[-1] if len(values) == keep else np.full(len(found), True)
            designs = np.concatenate([designs, candidates[better]])
            values = np.concatenate([values, found[better]])
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


@numba.njit(cache=True, nogil=True)
def _fill(designs: Designs, soft: npt.NDArray[np.int64]) -> None:
    """Write designs row by row and leave `soft` at the elements of the one that follows."""
    n_designs, n_elements = designs.shape
    n_soft = len(soft)
    for row in range(n_designs):
        for element in soft:
            designs[row, element] = 0
        place = n_soft - 1
        while place >= 0 and soft[place] == n_elements - n_soft + place:
            place -= 1
        if place < 0:
            return
        soft[place] += 1
        for later in range(place + 1, n_soft):
            soft[later] = soft[later - 1] + 1
