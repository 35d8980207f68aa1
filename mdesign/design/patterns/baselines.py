"""Inverse methods without a model, with which the others are compared."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from mdesign.data.sets.absorption import sample_latents
from mdesign.design.patterns.interface import Patterns
from mdesign.models.gan.trained import decode

__all__ = ["Lookup", "RandomDraws"]


@dataclass(frozen=True)
class RandomDraws:
    """Patterns drawn from the prior of a generator, whatever the target.

    Parameters
    ----------
    generator, latent_shape : keras.Model and (int, int)
        Generator of the patterns, and rows and columns of a latent.
    name : str
        Name in tables.
    """

    generator: keras.Model
    latent_shape: tuple[int, ...]
    name: str = "random"

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Draw n patterns; see `InverseMethod`."""
        return decode(self.generator, sample_latents(n, self.latent_shape, rng))


@dataclass(frozen=True)
class Lookup:
    """Stored patterns nearest to the target: the best of the training data.

    Parameters
    ----------
    patterns, values : ndarray, shapes (n, nx, ny) and (n,)
        Phases 0 and 1, and their property.
    name : str
        Name in tables.
    """

    patterns: Patterns
    values: npt.NDArray
    name: str = "lookup"

    def __post_init__(self) -> None:
        if self.values.shape != self.patterns.shape[:1]:
            raise ValueError(
                f"values must be as many as the {len(self.patterns)} patterns; "
                f"got shape {self.values.shape}"
            )

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Return the n nearest stored patterns, the nearest first; see `InverseMethod`."""
        if n > len(self.values):
            raise ValueError(f"n must be at most the {len(self.values)} stored patterns; got {n}")
        return self.patterns[np.argsort(np.abs(self.values - target), kind="stable")[:n]]
