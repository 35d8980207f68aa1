"""Re-ranking: a forward surrogate selects the most promising of many candidates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdesign.design.patterns.interface import InverseMethod, Patterns

__all__ = ["Reranked"]


@dataclass(frozen=True)
class Reranked:
    """An inverse method whose candidates are selected by a forward surrogate.

    Parameters
    ----------
    method : InverseMethod
        Proposes a pool of candidates.
    surrogate : callable
        Predicts the property, shape (m,), of patterns of shape (m, nx, ny), much faster than the
        physics.
    pool : int
        Candidates proposed for each target, at least 1.
    """

    method: InverseMethod
    surrogate: Callable[[Patterns], npt.ArrayLike]
    pool: int = 1_000

    def __post_init__(self) -> None:
        if self.pool < 1:
            raise ValueError(f"pool must be at least 1; got {self.pool}")

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"{self.method.name}, re-ranked"

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Return the n candidates predicted nearest, the nearest first; see `InverseMethod`."""
        if n > self.pool:
            raise ValueError(f"n must be at most the pool of {self.pool}; got {n}")
        patterns = self.method.candidates(target, self.pool, rng)
        predicted = np.asarray(self.surrogate(patterns), dtype=np.float64)
        return patterns[np.argsort(np.abs(predicted - target), kind="stable")[:n]]
