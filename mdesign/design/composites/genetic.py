"""Binary genetic algorithm, with pymoo; free or with a repaired volume fraction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.callback import Callback
from pymoo.core.duplicate import DuplicateElimination
from pymoo.core.population import Population
from pymoo.core.problem import Problem as PymooProblem
from pymoo.core.repair import NoRepair, Repair
from pymoo.operators.crossover.pntx import TwoPointCrossover
from pymoo.operators.mutation.bitflip import BitflipMutation
from pymoo.operators.sampling.rnd import BinaryRandomSampling
from pymoo.optimize import minimize
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mdesign import arguments
from mdesign.design.composites.problem import Array, Problem, toughness_of
from mdesign.design.composites.ranking import binarize, count_soft

__all__ = ["GeneticSearch", "genetic_search"]


@dataclass(frozen=True)
class GeneticSearch:
    """Result of a genetic algorithm.

    Attributes
    ----------
    design, toughness : ndarray, shape (n_elements,), and float
        The toughest design.
    best, mean : ndarray, shape (generations,)
        Largest and mean toughness of the population of each generation.
    n_evaluations : int
        Evaluations of the toughness.
    """

    design: Array
    toughness: float
    best: Array
    mean: Array
    n_evaluations: int

    @property
    def soft_fraction(self) -> float:
        """Volume fraction of the soft phase in the toughest design."""
        return float(1 - self.design.mean())


class _Toughness(PymooProblem):
    """Toughness of a whole population at once, with the sign that pymoo minimises."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(n_var=problem.n_elements, n_obj=1, vtype=bool, xl=0, xu=1)
        self.problem = problem

    def _evaluate(self, x: npt.NDArray, out: dict, *args: object, **kwargs: object) -> None:
        out["F"] = -toughness_of(self.problem, x.astype(np.float64))[:, np.newaxis]


class _KeepSoftFraction(Repair):
    """Flip as few random elements as needed to hold the volume fraction."""

    def __init__(self, soft_fraction: float) -> None:
        super().__init__()
        self.soft_fraction = soft_fraction

    def _do(
        self,
        problem: PymooProblem,
        x: npt.NDArray,
        random_state: np.random.Generator | None = None,
        **kwargs: object,
    ) -> npt.NDArray:
        assert random_state is not None
        # Soft elements draw keys below 1 and stiff ones above, so the ranking first drops
        # random soft elements, or adds random stiff ones, and leaves all others alone.
        keys = x + random_state.random(x.shape)
        return binarize(keys, self.soft_fraction).astype(bool)


class _NoTwins(DuplicateElimination):
    """Drop repeated designs by their bytes, which is quicker than comparing all pairs."""

    def _do(
        self, pop: Population, other: Population | None, is_duplicate: npt.NDArray
    ) -> npt.NDArray:
        seen = set() if other is None else {row.tobytes() for row in other.get("X")}
        for place, row in enumerate(pop.get("X")):
            key = row.tobytes()
            is_duplicate[place] = key in seen
            seen.add(key)
        return is_duplicate


class _History(Callback):
    """Best and mean toughness of each generation."""

    def __init__(self, bar: tqdm) -> None:
        super().__init__()
        self.bar = bar
        self.best: list[float] = []
        self.mean: list[float] = []

    def notify(self, algorithm: GA) -> None:
        toughness = -algorithm.pop.get("F")
        self.best.append(float(toughness.max()))
        self.mean.append(float(toughness.mean()))
        self.bar.set_postfix(best=f"{self.best[-1]:.1f}", refresh=False)
        self.bar.update()


def genetic_search(
    problem: Problem,
    rng: np.random.Generator,
    *,
    generations: int = 1000,
    population: int = 200,
    soft_fraction: float | None = None,
    progress: bool = False,
) -> GeneticSearch:
    """Search for the toughest design with a binary genetic algorithm.

    It has tournament selection, two-point crossover along the element numbering, one bit flipped
    per offspring on average, elitist survival and no duplicates.

    Parameters
    ----------
    problem : Problem
        Its toughness is maximised.
    rng : numpy.random.Generator
        Source of randomness.
    generations, population : int
        Generations, the random first one included, and designs in each, at least 2.
    soft_fraction : float, optional
        Volume fraction of the soft phase, held by repairing each design; by default the fraction
        is free, as in the paper.
    progress : bool
        Show a progress bar.

    Returns
    -------
    GeneticSearch

    Raises
    ------
    ValueError
        If `generations` or `population` is too small, or `soft_fraction` lies outside [0, 1].

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Figs. S4 and S5.
    """
    generations = arguments.whole("generations", generations)
    population = arguments.whole("population", population, "[2, inf)")
    with tqdm(total=generations, disable=not progress, desc="generations") as bar:
        history = _History(bar)
        # Populations are small: on a busy machine BLAS threads wait for each other.
        with threadpool_limits(limits=1, user_api="blas"):
            result = minimize(
                _Toughness(problem),
                _algorithm(problem, population, soft_fraction),
                ("n_gen", generations),
                seed=int(rng.integers(2**31)),
                callback=history,
            )
    return GeneticSearch(
        design=result.X.astype(np.float64),
        toughness=float(-result.F[0]),
        best=np.array(history.best),
        mean=np.array(history.mean),
        n_evaluations=int(result.algorithm.evaluator.n_eval),
    )


def _algorithm(problem: Problem, population: int, soft_fraction: float | None) -> GA:
    """Set up the operators."""
    repair: Repair = NoRepair()
    if soft_fraction is not None:
        count_soft(problem.n_elements, soft_fraction)
        repair = _KeepSoftFraction(soft_fraction)
    return GA(
        pop_size=population,
        sampling=BinaryRandomSampling(),
        crossover=TwoPointCrossover(),
        mutation=BitflipMutation(),
        repair=repair,
        eliminate_duplicates=_NoTwins(),
    )
