"""The interface of every inverse method, and the evaluation by which methods are compared."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from mdesign.arguments import array, number, numbers, settle, whole

__all__ = ["Evaluation", "InverseMethod", "evaluate", "relative_errors"]

Patterns = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]
Simulate = Callable[[Patterns], npt.ArrayLike]


@runtime_checkable
class InverseMethod(Protocol):
    """Proposes candidate patterns for a wanted property."""

    @property
    def name(self) -> str:
        """Name in tables and legends, such as ``"GAN-MDN"``."""

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Propose `n` patterns for a wanted property: phases 0 and 1, uint8, shape (n, nx, ny)."""


@dataclass(frozen=True)
class Evaluation:
    """Simulated candidates of one method for one target.

    Attributes
    ----------
    method, target : str and float
        Name of the method, and wanted property.
    values : ndarray, shape (n,)
        Simulated property of each candidate.
    best : ndarray of uint8, shape (nx, ny)
        The candidate nearest to the target.
    seconds, seconds_with_physics : float
        Time to propose the candidates, and to propose and simulate them.
    """

    method: str
    target: float
    values: Values
    best: npt.NDArray
    seconds: float
    seconds_with_physics: float

    @property
    def errors(self) -> Values:
        """Relative error of each candidate, as a fraction."""
        return relative_errors(self.values, self.target)

    @property
    def minimum(self) -> float:
        """Smallest relative error, as a fraction."""
        return float(self.errors.min())

    @property
    def mean(self) -> float:
        """Mean relative error, as a fraction."""
        return float(self.errors.mean())

    @property
    def deviation(self) -> float:
        """Standard deviation of the relative errors (over the n candidates), as a fraction."""
        return float(self.errors.std())


def relative_errors(values: npt.ArrayLike, target: float) -> Values:
    """Distance of property values from a target, as a fraction of the target.

    Parameters
    ----------
    values, target : array_like, shape (n,), and float
        Simulated property, finite, and wanted property, positive.

    Returns
    -------
    ndarray, shape (n,)
        ``|values - target| / target``; times 100 it is the paper's REP.

    Examples
    --------
    >>> relative_errors([0.55, 0.66], 0.6).round(3).tolist()
    [0.083, 0.1]
    """
    target = number("target", target, "(0, inf)")
    return np.abs(array("values", values, "(n,)") - target) / target


def evaluate(
    method: InverseMethod,
    targets: npt.ArrayLike,
    n: int,
    *,
    simulate: Simulate,
    rng: np.random.Generator,
) -> tuple[Evaluation, ...]:
    """Propose candidates for each target, simulate them, and time both.

    Parameters
    ----------
    method : InverseMethod
    targets : sequence of float
        Wanted properties, each positive.
    n : int
        Candidates for each target, at least 1.
    simulate : callable
        Property, shape (n,), of patterns of shape (n, nx, ny).
    rng : numpy.random.Generator
        Spawns one generator a target, so that a row does not depend on the others.

    Returns
    -------
    tuple of Evaluation
        One a target, in order. The time of the first includes what a method computes at its first
        call only, such as the compilation of a network.

    Raises
    ------
    ValueError
        If `n` or a target is not positive, or the method or the simulation returns another number.
    """
    n = whole("n", n)
    wanted = numbers("targets", targets, "(0, inf)")
    streams = rng.spawn(len(wanted))
    return tuple(
        _evaluate_one(method, target, n, simulate, stream)
        for target, stream in zip(wanted, streams, strict=True)
    )


def check_latent_shape(method: Any, **rules: Any) -> None:
    """Check the fields of a method that has a generator; see `mdesign.arguments.settle`."""
    settle(method, latent_shape="[1, inf)", **rules)
    if len(method.latent_shape) != 2:
        raise ValueError(f"latent_shape must be two numbers (h, w); got {method.latent_shape}")


def _evaluate_one(
    method: InverseMethod, target: float, n: int, simulate: Simulate, rng: np.random.Generator
) -> Evaluation:
    begin = time.perf_counter()
    patterns = method.candidates(target, n, rng)
    proposed = time.perf_counter()
    values = array(f"values of simulate for {method.name}", simulate(patterns), f"({n},)")
    end = time.perf_counter()
    if len(patterns) != n:
        raise ValueError(f"{method.name} must give {n} patterns; got {patterns.shape}")
    best = int(np.argmin(relative_errors(values, target)))
    return Evaluation(
        method=method.name,
        target=float(target),
        values=values,
        best=patterns[best],
        seconds=proposed - begin,
        seconds_with_physics=end - begin,
    )
