"""What an optimiser asks of the physics: protocols that `mdesign.physics.CrackedComposite` fits."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from mdesign import arguments

__all__ = ["Array", "DifferentiableProblem", "GridProblem", "Problem"]

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.floating]


@runtime_checkable
class Problem(Protocol):
    """Designs of two phases and the property to maximise, for instance a frozen dataclass."""

    @property
    def n_elements(self) -> int:
        """Number of elements of a design."""

    def toughness(self, designs: npt.ArrayLike) -> Floats:
        """Property, positive, shape (n,), of designs of shape (n, n_elements) in [0, 1]."""


@runtime_checkable
class GridProblem(Problem, Protocol):
    """A problem whose elements lie on a grid, in row order."""

    @property
    def nx(self) -> int:
        """Elements along the first axis."""


@runtime_checkable
class DifferentiableProblem(Problem, Protocol):
    """A problem with an exact gradient."""

    def toughness_and_gradient(self, designs: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Property, shape (n,), and its derivative by each element, shape (n, n_elements)."""


def toughness_of(problem: Problem, designs: npt.NDArray, interval: str = "(-inf, inf)") -> Array:
    """Toughness of designs; ValueError unless it is one number a design, within the interval."""
    return _checked(problem.toughness(designs), (len(designs),), interval)


def toughness_and_gradient_of(
    problem: DifferentiableProblem, designs: npt.NDArray
) -> tuple[Array, Array]:
    """Toughness and derivatives; ValueError unless they are positive and finite numbers."""
    toughness, gradient = problem.toughness_and_gradient(designs)
    return _checked(toughness, (len(designs),), "(0, inf)"), _checked(gradient, designs.shape)


def _checked(values: npt.ArrayLike, shape: tuple[int, ...], interval: str = "(-inf, inf)") -> Array:
    return arguments.array("toughness of the problem", values, str(shape), interval)
