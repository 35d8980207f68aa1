"""Re-ranking: a forward surrogate selects the most promising of many candidates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdesign import arguments
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
        arguments.settle(self, pool="[1, inf)")

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"{self.method.name}, re-ranked"

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Return the n candidates predicted nearest, the nearest first; see `InverseMethod`."""
        n = arguments.whole("n", n, f"[1, {self.pool}]")
        patterns = self.method.candidates(target, self.pool, rng)
        predicted = arguments.array(
            "values of surrogate", self.surrogate(patterns), f"({len(patterns)},)"
        )
        return patterns[np.argsort(np.abs(predicted - target), kind="stable")[:n]]
