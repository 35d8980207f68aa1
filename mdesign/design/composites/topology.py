"""Gradient-based topology optimisation: continuous phases first, then the ranking."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import OptimizeResult, minimize
from threadpoolctl import threadpool_limits

from mdesign import arguments
from mdesign.design.composites.problem import (
    Array,
    DifferentiableProblem,
    Problem,
    toughness_and_gradient_of,
    toughness_of,
)
from mdesign.design.composites.projection import project
from mdesign.design.composites.ranking import binarize
from mdesign.physics import NotConverged

__all__ = ["TopologyDesign", "central_difference_gradient", "optimise_topology"]

_STEPS = "[1e-10, 0.5]"
"""Of differences: a smaller step is lost in rounding."""


@dataclass(frozen=True)
class TopologyDesign:
    """Result of a topology optimisation.

    Attributes
    ----------
    continuous, continuous_toughness : ndarray, shape (n_elements,), and float
        The optimum over phases between 0 and 1.
    design, toughness : ndarray, shape (n_elements,), and float
        Its ranking turned into phases 0 and 1.
    history : ndarray, shape (iterations + 1,)
        Toughness of the continuous design, from the start on.
    n_evaluations : int
        Evaluations of the toughness; an adjoint gradient counts as one.
    residual : float
        Largest change of a phase when the optimum is moved along the gradient of ln(toughness)
        and projected back to the allowed designs; zero at a stationary point.
    """

    continuous: Array
    continuous_toughness: float
    design: Array
    toughness: float
    history: Array
    n_evaluations: int
    residual: float


def central_difference_gradient(
    problem: Problem, design: npt.ArrayLike, step: float = 1e-4
) -> Array:
    """Gradient of the toughness by central differences, all evaluations in one batch.

    Parameters
    ----------
    problem : Problem
        Its toughness is differentiated.
    design : array_like, shape (n_elements,)
        Phases in [0, 1].
    step : float
        Half the width of the difference. At a bound the difference is one-sided.

    Returns
    -------
    ndarray, shape (n_elements,)
        Derivative of the toughness by each phase.

    Raises
    ------
    ValueError
        If `step` does not lie in [1e-10, 0.5].
    """
    step = arguments.number("step", step, _STEPS)
    design = arguments.array("design", design, f"({problem.n_elements},)", "[0, 1]")
    shifts = step * np.eye(len(design))
    upper, lower = np.clip(design + shifts, 0, 1), np.clip(design - shifts, 0, 1)
    values = toughness_of(problem, np.concatenate([upper, lower]))
    width = np.diagonal(upper) - np.diagonal(lower)
    return (values[: len(design)] - values[len(design) :]) / width


@dataclass
class _Goal:
    """The objective with its sign turned, and a count of the evaluations."""

    problem: DifferentiableProblem
    gradient: str
    objective: str
    step: float
    n_evaluations: int = 0
    history: list[float] = field(default_factory=list)

    def toughness(self, design: Array) -> float:
        self.n_evaluations += 1
        return float(toughness_of(self.problem, _allowed(design)[np.newaxis])[0])

    def value(self, design: Array) -> float:
        toughness = self.toughness(design)
        return -toughness if self.objective == "toughness" else -float(np.log(toughness))

    def derivative(self, design: Array) -> Array:
        design = _allowed(design)
        if self.gradient == "adjoint":
            self.n_evaluations += 1
            slope = toughness_and_gradient_of(self.problem, design[np.newaxis])[1][0]
        else:
            self.n_evaluations += 2 * len(design)
            slope = central_difference_gradient(self.problem, design, self.step)
        return -slope if self.objective == "toughness" else -slope / self.toughness(design)

    def record(self, design: Array) -> None:
        self.history.append(self.toughness(design))


def optimise_topology(
    problem: DifferentiableProblem,
    soft_fraction: float,
    *,
    start: npt.ArrayLike | None = None,
    gradient: str = "adjoint",
    objective: str = "toughness",
    step: float = 1e-4,
    tolerance: float = 1e-4,
    iterations: int = 1000,
) -> TopologyDesign:
    """Maximise the toughness over continuous phases by sequential quadratic programming.

    The mean phase is held at ``1 - soft_fraction`` and each phase in [0, 1]. The problem is not
    convex: the optimum of SLSQP depends on the start, on the last digits of the gradient and on
    the scale of the objective.

    Parameters
    ----------
    problem : DifferentiableProblem
        Its toughness is maximised.
    soft_fraction : float
        Volume fraction of the soft phase, in (0, 1).
    start : array_like, shape (n_elements,), optional
        Phases to start from, projected to the allowed designs; uniform by default.
    gradient : {"adjoint", "central"}
        Exact, or by central differences as in the paper.
    objective : {"toughness", "log toughness"}
        What is maximised.
    step : float
        Half the width of the central differences.
    tolerance, iterations : float and int
        Change of the objective at which the search ends, and limit on its iterations.

    Returns
    -------
    TopologyDesign

    Raises
    ------
    ValueError
        If an argument breaks its rule.
    mdesign.physics.NotConverged
        If the search does not converge; the message has the residual and the iterations.

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Eqs. 2 to 6 and Fig. S3.
    """
    arguments.choice("gradient", gradient, ("central", "adjoint"))
    arguments.choice("objective", objective, ("toughness", "log toughness"))
    step = arguments.number("step", step, _STEPS)
    tolerance = arguments.number("tolerance", tolerance, "(0, inf)")
    iterations = arguments.whole("iterations", iterations)
    goal = _Goal(problem, gradient, objective, step)
    mean = np.full(problem.n_elements, 1 / problem.n_elements)
    first = _start(problem, soft_fraction, start)
    goal.record(first)
    # The matrices are small: on a busy machine BLAS threads wait for each other.
    with threadpool_limits(limits=1, user_api="blas"):
        result = minimize(
            goal.value,
            first,
            jac=goal.derivative,
            method="SLSQP",
            bounds=[(0, 1)] * len(mean),
            constraints={
                "type": "eq",
                "fun": lambda design: mean @ design - (1 - soft_fraction),
                "jac": lambda design: mean,
            },
            callback=goal.record,
            options={"ftol": tolerance, "maxiter": iterations},
        )
    return _finish(goal, soft_fraction, result)


def _start(problem: Problem, soft_fraction: float, start: npt.ArrayLike | None) -> Array:
    """Check the start and project it to the allowed designs."""
    soft_fraction = arguments.number("soft_fraction", soft_fraction, "(0, 1)")
    if start is None:
        return np.full(problem.n_elements, 1 - soft_fraction)
    start = arguments.array("start", start, f"({problem.n_elements},)")
    return project(start[np.newaxis], soft_fraction)[0]


def _finish(goal: _Goal, soft_fraction: float, result: OptimizeResult) -> TopologyDesign:
    """Rank the optimum; raise if the search did not converge."""
    continuous = _allowed(result.x)
    values, slopes = goal.problem.toughness_and_gradient(continuous[np.newaxis])
    moved = project(continuous + slopes / values[0], soft_fraction)[0]
    residual = float(np.abs(moved - continuous).max())
    if not result.success:
        raise NotConverged(
            f"SLSQP stopped after {result.nit} iterations with residual {residual:.3g}: "
            f"{result.message}; allow more iterations or a larger tolerance"
        )
    design = binarize(continuous[np.newaxis], soft_fraction)[0]
    return TopologyDesign(
        continuous=continuous,
        continuous_toughness=float(values[0]),
        design=design,
        toughness=goal.toughness(design),
        history=np.array(goal.history),
        n_evaluations=goal.n_evaluations,
        residual=residual,
    )


def _allowed(design: Array) -> Array:
    """Undo the last digit by which SLSQP may leave the box."""
    return np.clip(design, 0, 1)
