"""Inverse methods without a model, with which the others are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.data.sets.absorption import sample_latents
from mdesign.design.patterns.interface import Patterns, check_latent_shape
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
    latent_shape: Sequence[int]
    name: str = "random"

    def __post_init__(self) -> None:
        check_latent_shape(self)

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Draw n patterns; see `InverseMethod`."""
        arguments.number("target", target)
        n = arguments.whole("n", n)
        return decode(self.generator, sample_latents(n, self.latent_shape, rng))


@dataclass(frozen=True)
class Lookup:
    """Stored patterns nearest to the target: the best of the training data.

    Parameters
    ----------
    patterns, values : array_like, shapes (n, nx, ny) and (n,)
        Phases 0 and 1, and their property.
    name : str
        Name in tables.
    """

    patterns: npt.ArrayLike
    values: npt.ArrayLike
    name: str = "lookup"

    def __post_init__(self) -> None:
        patterns = arguments.phases("patterns", self.patterns)
        values = arguments.array("values", self.values, "(n,)")
        if len(values) != len(patterns):
            raise ValueError(
                f"values must be as many as the {len(patterns)} patterns; got {len(values)}"
            )
        object.__setattr__(self, "patterns", patterns)
        object.__setattr__(self, "values", values)

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Return the n nearest stored patterns, the nearest first; see `InverseMethod`."""
        patterns, values = np.asarray(self.patterns), np.asarray(self.values)
        n = arguments.whole("n", n, f"[1, {len(values)}]")
        distances = np.abs(values - arguments.number("target", target))
        return patterns[np.argsort(distances, kind="stable")[:n]]
