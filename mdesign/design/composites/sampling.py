"""Random designs of a fixed volume fraction, and the best of many: passive sampling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import trange

from mdesign.design.composites.ranking import ROWS, binarize, soft_count
from mdesign.physics import CrackedComposite

__all__ = ["RandomSample", "random_designs", "random_sampling"]


@dataclass(frozen=True)
class RandomSample:
    """Toughness of many random designs, and the best of them.

    Attributes
    ----------
    design : ndarray, shape (n_elements,)
        The toughest design.
    toughness : ndarray, shape (n,)
        Toughness of every design in the order of drawing.
    """

    design: npt.NDArray[np.float64]
    toughness: npt.NDArray[np.float64]

    @property
    def maximum(self) -> float:
        """Toughness of the best design."""
        return float(self.toughness.max())

    @property
    def mean(self) -> float:
        """Mean toughness."""
        return float(self.toughness.mean())

    @property
    def standard_error(self) -> float:
        """Standard error of the mean toughness."""
        return float(self.toughness.std(ddof=1) / np.sqrt(len(self.toughness)))


def random_designs(
    n: int, n_elements: int, soft_fraction: float, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Random two-phase designs, each with exactly the given number of soft elements.

    Parameters
    ----------
    n : int
        Number of designs.
    n_elements : int
        Elements of a design.
    soft_fraction : float
        Volume fraction of the soft phase, in [0, 1].
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of float64, shape (n, n_elements)
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
    if n < 0:
        raise ValueError(f"n must be zero or positive, got {n}")
    soft_count(n_elements, soft_fraction)
    designs = np.empty((n, n_elements))
    for start in range(0, n, ROWS):
        block = designs[start : start + ROWS]
        block[:] = binarize(rng.random(block.shape), soft_fraction)
    return designs


def random_sampling(
    composite: CrackedComposite,
    n: int,
    soft_fraction: float,
    *,
    rng: np.random.Generator,
    chunk: int = 65_536,
    progress: bool = False,
) -> RandomSample:
    """Draw random designs, compute their toughness and keep the best: the passive search.

    Parameters
    ----------
    composite : CrackedComposite
        The plate.
    n : int
        Number of designs, at least 1.
    soft_fraction : float
        Volume fraction of the soft phase, in [0, 1].
    rng : numpy.random.Generator
        Source of randomness.
    chunk : int
        Designs held in memory at once.
    progress : bool
        Show a progress bar.

    Returns
    -------
    RandomSample
        The best design and the toughness of all.

    Raises
    ------
    ValueError
        If `n` or `chunk` is not positive, or `soft_fraction` lies outside [0, 1].
    """
    if n < 1 or chunk < 1:
        raise ValueError(f"n and chunk must be positive, got n={n}, chunk={chunk}")
    toughness = np.empty(n)
    best = np.empty(composite.n_elements)
    for start in trange(0, n, chunk, disable=not progress, desc="random designs"):
        designs = random_designs(min(chunk, n - start), composite.n_elements, soft_fraction, rng)
        values = composite.toughness(designs)
        if start == 0 or values.max() > toughness[:start].max():
            best = designs[values.argmax()]
        toughness[start : start + len(values)] = values
    return RandomSample(best, toughness)
