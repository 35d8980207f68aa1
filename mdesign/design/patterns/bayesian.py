"""Bayesian optimisation of a property over the latent maps of a generator."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from bayes_opt import acquisition
from bayes_opt.target_space import TargetSpace
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mdesign import arguments
from mdesign.design.patterns.interface import Patterns, check_latent_shape, relative_errors
from mdesign.design.patterns.response_surface import (
    FIRST_GUESS,
    ConfidenceBound,
    LogImprovement,
    ReachProbability,
    ResponseSurface,
    Values,
    fit_hyperparameters,
)
from mdesign.storage import load_arrays, result_name, rounded, save_arrays
from mdesign.storage.arrays import Arrays

__all__ = ["BayesianHistory", "BayesianOptimisation"]

Latents = npt.NDArray[np.float32]

REFIT_GROWTH = 1.25
"""Growth of the data after which the hyperparameters are fitted again; a fit is slow."""

N_SCATTERED = 1_000
"""Random points among which a step looks for the best acquisition first."""

N_PROBED = 4
"""Initial points that are computed again to recognise the physics of a stored run."""

N_CLIMBS = 2
"""Best of these points from which it climbs; a hedge climbs once for each acquisition."""


@dataclass(frozen=True)
class BayesianHistory:
    """Every evaluation of one optimisation, in order.

    Attributes
    ----------
    latents, values : ndarray, shapes (n, h, w) and (n,)
        Latent maps in (-1, 1), and the property of their patterns.
    target : float or None
        The wanted property; None where it was maximised.
    n_initial : int
        Number of random evaluations at the start.
    search_seconds, physics_seconds : float
        Time of the search itself, and of decoding and simulating.
    """

    latents: Latents
    values: Values
    target: float | None
    n_initial: int
    search_seconds: float = field(compare=False)
    physics_seconds: float = field(compare=False)

    @property
    def losses(self) -> Values:
        """The minimised loss: the relative error as a fraction, or minus the property."""
        return -self.values if self.target is None else relative_errors(self.values, self.target)

    @property
    def best(self) -> int:
        """Index of the best evaluation."""
        return int(np.argmin(self.losses))

    @property
    def best_so_far(self) -> Values:
        """Smallest loss up to each evaluation, shape (n,)."""
        return np.minimum.accumulate(self.losses)


@dataclass(frozen=True)
class BayesianOptimisation:
    """Search for a latent map whose pattern has a wanted property, or the largest.

    A Gaussian process models the property of a latent map, or its distance from the target
    (`response_surface`). The distance has a kink where the target is met; with the property as
    `surface`, the acquisition functions score the distance instead.

    Parameters
    ----------
    decode, simulate : callable
        From latent maps ``(n, h, w)`` to patterns ``(n, nx, ny)``, and to their property ``(n,)``.
    latent_shape : sequence of int
        Rows and columns ``(h, w)`` of a latent map.
    n_initial, n_iterations : int
        Random evaluations at the start, at least 2, and further steps of one evaluation each.
    acquisition : {"expected_improvement", "hedge"}
        What chooses the next point: the expected improvement, or a hedge that draws among it,
        the probability of improvement and the confidence bound by their past success.
    surface : {"property", "distance"}
        What the process models where there is a target; the distance is the paper's objective.
    seed : int
        Seed of all that is random.
    folder : pathlib.Path, optional
        Where every step is stored, named by these settings, the target and the code. What `decode`
        and `simulate` give at the first points is stored too and computed again, so that another
        physics is recognised. The same call continues after the last step with the same numbers as
        an uninterrupted run on the same machine, also with more iterations. A damaged file is named
        in a warning and made anew.
    progress : bool
        Show a bar.

    References
    ----------
    Yang et al., J. Mech. Des. 140, 111416 (2018): 250 samples, then 400 steps. M. Hoffman et al.,
    "Portfolio Allocation for Bayesian Optimization", UAI 2011: the hedge.

    Examples
    --------
    >>> import numpy as np
    >>> from mdesign.design.patterns.bayesian import BayesianOptimisation
    >>> method = BayesianOptimisation(
    ...     decode=lambda latents: (latents > 0).astype(np.uint8),
    ...     simulate=lambda patterns: 0.5 + 0.1 * patterns.mean((1, 2)),
    ...     latent_shape=(2, 2),
    ...     n_initial=8,
    ...     n_iterations=4,
    ... )
    >>> float(method.towards(0.55).losses.min().round(9))
    0.0
    """

    decode: Callable[[Latents], Patterns]
    simulate: Callable[[Patterns], npt.ArrayLike]
    latent_shape: Sequence[int]
    n_initial: int = 250
    n_iterations: int = 400
    acquisition: str = "expected_improvement"
    surface: str = "property"
    seed: int = 0
    folder: str | Path | None = None
    progress: bool = False

    def __post_init__(self) -> None:
        counts = {"n_initial": "[2, inf)", "n_iterations": "[0, inf)", "seed": "[0, inf)"}
        choices = {
            "acquisition": ("expected_improvement", "hedge"),
            "surface": ("property", "distance"),
        }
        check_latent_shape(self, **counts, **choices)

    @property
    def name(self) -> str:
        """Name in tables and legends."""
        return "Bayesian optimisation"

    def towards(self, target: float) -> BayesianHistory:
        """Minimise the relative error to a wanted, positive property."""
        return self._run(arguments.number("target", target, "(0, inf)"), self.seed)

    def maximise(self) -> BayesianHistory:
        """Search for the largest property."""
        return self._run(None, self.seed)

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> npt.NDArray:
        """Patterns of the evaluations nearest to a wanted property, the nearest first.

        The first is the design of the method in the paper. `rng` gives the seed of the optimisation
        in place of `seed`, and `n` is at most ``n_initial + n_iterations``.
        """
        n = arguments.whole("n", n, f"[1, {self.n_initial + self.n_iterations}]")
        target = arguments.number("target", target, "(0, inf)")
        history = self._run(target, int(rng.integers(2**31)))
        return self.decode(history.latents[np.argsort(history.losses, kind="stable")[:n]])

    def _run(self, target: float | None, seed: int) -> BayesianHistory:
        # The order of sums would depend on the threads, and one thread is enough here.
        with threadpool_limits(1, user_api="blas"):
            return self._run_alone(target, seed)

    def _run_alone(self, target: float | None, seed: int) -> BayesianHistory:
        run = path = probe = None
        if self.folder:
            probe = _Run.probe(self, target, seed)
            path = Path(self.folder) / f"{_Run.key(self, target, seed, probe)}.npz"
            run = load_arrays(path, partial(_Run.load, self, target, seed), probe=probe)
        run = run or _Run.start(self, target, seed)
        total = self.n_initial + self.n_iterations
        done = len(run.values)
        with tqdm(total=total, initial=done, desc="search", disable=not self.progress) as bar:
            while len(run.values) < total:
                if path:
                    save_arrays(path, run.state(), probe=probe, seconds=float(run.seconds.sum()))
                run.step()
                bar.update()
        if path:
            save_arrays(path, run.state(), probe=probe, seconds=float(run.seconds.sum()))
        return run.history()


class _Run:
    """State of one optimisation between two steps; all of it is stored."""

    def __init__(
        self, problem: BayesianOptimisation, target: float | None, seed: int, latents: Latents
    ) -> None:
        self._problem, self._target, self._seed = problem, target, seed
        self._hyperparameters: Values = FIRST_GUESS
        self._n_fitted = 0
        self._latents: Latents = latents
        self.seconds = np.zeros(2)
        self.values: Values = np.empty(0)

    @classmethod
    def start(cls, problem: BayesianOptimisation, target: float | None, seed: int) -> _Run:
        """Draw the initial sample and compute it."""
        run = cls(problem, target, seed, _initial(problem, seed))
        run.values = run._evaluate(run._latents)
        run._prepare()
        return run

    @classmethod
    def probe(cls, problem: BayesianOptimisation, target: float | None, seed: int) -> Values:
        """Compute the first points."""
        run = cls(problem, target, seed, _initial(problem, seed)[:N_PROBED])
        return run._evaluate(run._latents)

    @classmethod
    def key(
        cls, problem: BayesianOptimisation, target: float | None, seed: int, probe: Values
    ) -> str:
        """Name of the stored state; more steps of the same settings continue it."""
        parts = [problem.latent_shape, problem.n_initial, problem.acquisition, problem.surface]
        return result_name(
            "bayesian", parts, seed, target, rounded(probe), code=BayesianOptimisation
        )

    @classmethod
    def load(
        cls, problem: BayesianOptimisation, target: float | None, seed: int, stored: Arrays
    ) -> _Run:
        """Continue from the stored state."""
        run = cls(problem, target, seed, stored["latents"])
        run.values = stored["values"]
        run._hyperparameters = stored["hyperparameters"]
        run._n_fitted = int(stored["n_fitted"])
        run._prepare()
        if run._hedge:
            run._hedge.gains = stored["gains"]
            proposed: Any = stored["proposed"]
            run._hedge.previous_candidates = proposed if proposed.size else None
        run.seconds = stored["seconds"]
        return run

    def state(self) -> Arrays:
        """Name the arrays of the state."""
        proposed = self._hedge.previous_candidates if self._hedge else None
        return {
            "latents": self._latents,
            "values": self.values,
            "hyperparameters": self._hyperparameters,
            "n_fitted": np.array(self._n_fitted),
            "seconds": self.seconds,
            "gains": self._hedge.gains if self._hedge else np.empty(0),
            "proposed": np.empty(0) if proposed is None else proposed,
        }

    def history(self) -> BayesianHistory:
        """Return the evaluations, at most as many as the settings ask for."""
        wanted = self._problem.n_initial + self._problem.n_iterations
        return BayesianHistory(
            latents=self._latents[:wanted],
            values=self.values[:wanted],
            target=self._target,
            n_initial=self._problem.n_initial,
            search_seconds=float(self.seconds[0]),
            physics_seconds=float(self.seconds[1]),
        )

    def step(self) -> None:
        """Fit the surface, choose a point, compute it."""
        begin = time.perf_counter()
        number = len(self.values) - self._problem.n_initial
        points, standard = self._points(), self._standardise(self._modelled(self.values))
        if len(points) >= REFIT_GROWTH * self._n_fitted:
            self._hyperparameters = fit_hyperparameters(points, standard, self._hyperparameters)
            self._n_fitted = len(points)
        surface = ResponseSurface(points, standard, self._hyperparameters)
        chosen = self._choose(surface, number)
        self.seconds[0] += time.perf_counter() - begin
        latent = chosen.reshape(1, *self._problem.latent_shape)
        self.values = np.append(self.values, self._evaluate(latent))
        self._latents = np.concatenate([self._latents, latent])
        self._register(self._points()[-1], self._standardise(self._modelled(self.values))[-1])

    def _prepare(self) -> None:
        """Set up the library's record of the points, and the acquisition."""
        modelled = self._modelled(self.values)
        initial = modelled[: self._problem.n_initial]
        self._centre, self._unit = initial.mean(), initial.std() or 1.0
        self._goal = None
        if self._target is not None and self._problem.surface == "property":
            self._goal = float(self._standardise(self._target))
        n_directions = self._latents[0].size
        bounds = {f"z{direction:03d}": (-1.0, 1.0) for direction in range(n_directions)}
        self._space = TargetSpace(None, bounds, allow_duplicate_points=True)
        for point, value in zip(self._points(), self._standardise(modelled), strict=True):
            self._register(point, value)
        kinds = (LogImprovement, ReachProbability, ConfidenceBound)
        functions = [kind(self._goal) for kind in kinds]
        hedged = self._problem.acquisition == "hedge"
        self._hedge = acquisition.GPHedge(functions) if hedged else None
        self._function = self._hedge or functions[0]

    def _choose(self, surface: ResponseSurface, number: int) -> Latents:
        """Maximise the acquisition; where that is an evaluated point, among random ones only."""
        stream = np.random.PCG64([self._seed, 1, number])
        random_state = np.random.RandomState(stream)
        climbs = N_CLIMBS
        if self._hedge:
            self._reward(self._hedge, surface)
            climbs = max(climbs, self._hedge.n_acq)
        chosen = self._suggest(surface, climbs, random_state)
        if chosen.astype(np.float64) in self._space:
            chosen = self._suggest(surface, 0, random_state)
        return chosen

    def _suggest(
        self, surface: ResponseSurface, climbs: int, random_state: np.random.RandomState
    ) -> Latents:
        if self._hedge:
            self._hedge.previous_candidates = None  # rewarded already, by the objective
        point = self._function.suggest(
            surface,
            self._space,
            n_random=N_SCATTERED,
            n_smart=climbs,
            fit_gp=False,
            random_state=random_state,
        )
        return point.astype(np.float32)

    def _reward(self, hedge: acquisition.GPHedge, surface: ResponseSurface) -> None:
        """Credit each acquisition with the value now expected at its last proposal."""
        if hedge.previous_candidates is not None:
            hedge.gains = hedge.gains + self._objective(surface.predict(hedge.previous_candidates))

    def _modelled(self, values: Values) -> Values:
        """Convert the property to what the surface models: itself, or minus the distance."""
        if self._target is None or self._problem.surface == "property":
            return values
        return -np.abs(values - self._target)

    def _objective(self, standard: npt.ArrayLike) -> Values:
        """Turn standardised values of the property into what the library maximises."""
        values = np.asarray(standard, dtype=np.float64)
        return values if self._goal is None else -np.abs(values - self._goal)

    def _register(self, point: Values, standard: float) -> None:
        self._space.register(point, float(self._objective(standard)))

    def _points(self) -> Values:
        return self._latents.reshape(len(self._latents), -1).astype(np.float64)

    def _standardise(self, values: npt.ArrayLike) -> Values:
        return (np.asarray(values, dtype=np.float64) - self._centre) / self._unit

    def _evaluate(self, latents: Latents) -> Values:
        begin = time.perf_counter()
        patterns = arguments.array("patterns of decode", self._problem.decode(latents), dtype=None)
        computed = self._problem.simulate(patterns)
        values = arguments.array("values of simulate", computed, f"({len(latents)},)")
        self.seconds[1] += time.perf_counter() - begin
        return values


def _initial(problem: BayesianOptimisation, seed: int) -> Latents:
    """Draw the initial sample."""
    shape = (problem.n_initial, *problem.latent_shape)
    return np.random.default_rng([seed, 0]).uniform(-1, 1, shape).astype(np.float32)
