"""Logistic regression as a design rule: one weight per element, learnt in a loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from tqdm import trange

from mdesign import arguments
from mdesign.design.composites.problem import Array, Problem, toughness_of
from mdesign.design.composites.ranking import binarize, count_soft
from mdesign.design.composites.sampling import random_designs
from mdesign.physics import NotConverged

__all__ = [
    "LogisticSearch",
    "LogisticSettings",
    "element_weights",
    "logistic_search",
    "sample_by_weights",
]


@dataclass(frozen=True)
class LogisticSettings:
    """Sizes and choices of `logistic_search`.

    Parameters
    ----------
    pool, rounds : int
        Designs in the pool, as many as are drawn in each round, and number of rounds.
    good_share : float
        Share of the pool that is labelled good, in (0, 1).
    temperature, penalty : float
        Spread of the draws around the ranking, in standard deviations of the weights, and
        strength of the quadratic penalty on the weights.
    """

    pool: int = 5000
    rounds: int = 20
    good_share: float = 0.5
    temperature: float = 0.3
    penalty: float = 1.0

    def __post_init__(self) -> None:
        shares = {"good_share": "(0, 1)", "temperature": "[0, inf)", "penalty": "(0, inf)"}
        arguments.settle(self, pool="[2, inf)", rounds="[1, inf)", **shares)


@dataclass(frozen=True)
class LogisticSearch:
    """Result of the self-learning loop.

    Attributes
    ----------
    designs, toughness : ndarray, shapes (n, n_elements) and (n,)
        The different designs in the pool after the last round, toughest first.
    weights : ndarray, shape (rounds, n_elements)
        Weight of each element in each round, positive where stiff material makes a design good.
    best, mean : ndarray, shape (rounds + 1,)
        Largest and mean toughness of the pool, from the first random one on.
    n_evaluations : int
        Evaluations of the toughness.
    """

    designs: Array
    toughness: Array
    weights: Array
    best: Array
    mean: Array
    n_evaluations: int


def element_weights(designs: npt.ArrayLike, good: npt.ArrayLike, penalty: float = 1.0) -> Array:
    """Fit a logistic regression that tells good designs from bad ones, and return its weights.

    Parameters
    ----------
    designs, good : array_like, shapes (n, n_elements) and (n,)
        Phases, 1 = stiff, and the label of each design; both labels must occur.
    penalty : float
        Strength of the quadratic penalty on the weights, positive.

    Returns
    -------
    ndarray, shape (n_elements,)

    Raises
    ------
    ValueError
        If only one label occurs or `penalty` is not positive.
    mdesign.physics.NotConverged
        If the fit does not converge.
    """
    labels = arguments.array("good", good, "(n,)", "[0, 1]", dtype=np.uint8).astype(bool)
    if labels.all() or not labels.any():
        raise ValueError(f"good must hold both labels; got {labels.sum()} good of {labels.size}")
    designs = arguments.array("designs", designs, f"({labels.size}, n_elements)")
    penalty = arguments.number("penalty", penalty, "(0, inf)")
    model = LogisticRegression(C=1 / penalty, max_iter=1000)
    # The products are small: on a busy machine BLAS threads wait for each other.
    with threadpool_limits(limits=1, user_api="blas"):
        model.fit(designs, labels)
    if model.n_iter_[0] >= model.max_iter:
        raise NotConverged(
            f"the logistic regression did not converge in {model.n_iter_[0]} steps; "
            "use a larger penalty"
        )
    return np.asarray(model.coef_[0], dtype=np.float64)


def sample_by_weights(
    weights: npt.ArrayLike,
    n: int,
    soft_fraction: float,
    *,
    temperature: float,
    rng: np.random.Generator,
) -> Array:
    """Draw n designs around the ranking of the weights; temperature 0 gives the ranking itself.

    The soft elements are drawn one after another without replacement, each with probability
    proportional to ``exp(-weight / temperature)``.
    """
    n, weights = arguments.whole("n", n), np.array(arguments.numbers("weights", weights))
    temperature = arguments.number("temperature", temperature, "[0, inf)")
    # Ranking with Gumbel noise on the weights is drawing without replacement.
    noise = rng.gumbel(size=(n, weights.size))
    return binarize(weights - temperature * noise, soft_fraction)


def logistic_search(
    problem: Problem,
    soft_fraction: float,
    rng: np.random.Generator,
    *,
    settings: LogisticSettings | None = None,
    progress: bool = False,
) -> LogisticSearch:
    """Search for the toughest design with a linear model that learns from its own designs.

    The pool starts with random designs. In each round its tougher part is labelled good, a weight
    is learnt for each element, as many new designs are drawn around the ranking of the weights,
    and the toughest of old and new stay.

    Parameters
    ----------
    problem : Problem
        Its toughness is maximised.
    soft_fraction : float
        Volume fraction of the soft phase, in [0, 1].
    rng : numpy.random.Generator
        Source of randomness.
    settings : LogisticSettings, optional
        Size of the pool and the rounds.
    progress : bool
        Show a progress bar.

    Returns
    -------
    LogisticSearch

    Raises
    ------
    ValueError
        If `soft_fraction` lies outside [0, 1] or leaves only one design.

    References
    ----------
    Gu, Chen, Buehler, Extreme Mech. Lett. 18, 19 (2018): linear model of good and bad designs.
    Gu, Chen, Richmond, Buehler, Mater. Horiz. 5, 939 (2018): the self-learning loop.
    """
    settings = settings or LogisticSettings()
    count_soft(problem.n_elements, soft_fraction, both=True)
    pool = random_designs(settings.pool, problem.n_elements, soft_fraction, rng)
    toughness = toughness_of(problem, pool)
    pool, toughness = _toughest(pool, toughness, settings.pool)
    weights, history = [], [toughness]
    for _ in trange(settings.rounds, disable=not progress, desc="rounds"):
        good = np.arange(len(pool)) < settings.good_share * len(pool)
        weights.append(element_weights(pool, good, settings.penalty))
        temperature = settings.temperature * float(weights[-1].std())
        drawn = sample_by_weights(
            weights[-1], settings.pool, soft_fraction, temperature=temperature, rng=rng
        )
        merged = np.concatenate([pool, drawn])
        values = np.concatenate([toughness, toughness_of(problem, drawn)])
        pool, toughness = _toughest(merged, values, settings.pool)
        history.append(toughness)
    return LogisticSearch(
        designs=pool,
        toughness=toughness,
        weights=np.array(weights),
        best=np.array([values[0] for values in history]),
        mean=np.array([values.mean() for values in history]),
        n_evaluations=settings.pool * (settings.rounds + 1),
    )


def _toughest(designs: Array, toughness: npt.NDArray, n: int) -> tuple[Array, Array]:
    """Keep at most `n` different designs, toughest first."""
    _, places = np.unique(designs.astype(bool), axis=0, return_index=True)
    order = places[np.argsort(-toughness[places], kind="stable")][:n]
    return designs[order], toughness[order]
