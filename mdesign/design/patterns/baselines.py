"""Inverse methods without a model, with which the others are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.data.sets.absorption import sample_latents
from mdesign.design.patterns.interface import Patterns, check_latent_shape, relative_errors
from mdesign.models.gan.trained import decode

__all__ = ["Lookup", "RandomDraws", "prior_errors"]


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


def prior_errors(values: npt.ArrayLike, target: float, n: int = 30) -> tuple[float, float]:
    """Relative errors that random draws of the prior are expected to have.

    An inverse method is worth its training where its errors are below these. The expectation is
    over all draws from the given values, so that it has no noise of its own.

    Parameters
    ----------
    values : array_like, shape (m,)
        Property of patterns that were drawn from the prior, such as the labels of a data set.
    target : float
        The wanted property, positive.
    n : int
        Number of draws of which the least error is taken.

    Returns
    -------
    minimum, mean : float
        Expected least error of `n` draws, and expected error of one, as fractions of the target.

    Examples
    --------
    >>> minimum, mean = prior_errors([0.5, 0.6, 0.7], 0.6, n=2)
    >>> round(minimum, 3), round(mean, 3)
    (0.074, 0.111)
    """
    errors = np.sort(relative_errors(values, target))
    n = arguments.whole("n", n)
    # The least of n draws is at least the k-th of m errors with probability (1 - k / m)^n.
    larger = (1 - np.arange(len(errors) + 1) / len(errors)) ** n
    return float(errors @ -np.diff(larger)), float(errors.mean())
