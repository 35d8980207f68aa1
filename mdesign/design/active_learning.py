"""Active learning: which sample of a pool to label next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm
from tqdm import tqdm

from mdesign import arguments

__all__ = [
    "ACQUISITIONS",
    "LearningHistory",
    "acquire",
    "expected_improvement",
    "learn_actively",
]

ACQUISITIONS = ("uncertainty", "expected improvement", "lowest prediction", "random")
Values = npt.NDArray[np.float64]
Prediction = tuple[npt.NDArray, npt.NDArray]
Fit = Callable[[Values, Values], Callable[[Values], Prediction]]
"""Trains on features (n, m) and values (n,): returns what predicts means and deviations."""


def expected_improvement(means: npt.ArrayLike, deviations: npt.ArrayLike, best: float) -> Values:
    """Compute the mean amount by which normal variables (n,) are below the least value known.

    Jones, Schonlau and Welch, J. Glob. Optim. 13, 455 (1998).
    """
    mu = arguments.not_empty("means", arguments.array("means", means, "(n,)"))
    sigma = arguments.array("deviations", deviations, f"({len(mu)},)", "[0, inf)")
    gain = arguments.number("best", best) - mu
    z = np.divide(gain, sigma, out=np.zeros_like(gain), where=sigma > 0)
    return np.where(sigma > 0, gain * norm.cdf(z) + sigma * norm.pdf(z), np.maximum(gain, 0))


def acquire(
    acquisition: str,
    means: npt.ArrayLike,
    deviations: npt.ArrayLike,
    n: int,
    *,
    best: float,
    rng: np.random.Generator,
) -> npt.NDArray[np.intp]:
    """Choose n of the samples with the given predictions, the most wanted first.

    ``"uncertainty"`` takes the largest deviations, ``"expected improvement"`` what may lie most
    below `best`, ``"lowest prediction"`` the smallest means, and ``"random"`` any. Ties are broken
    at random.
    """
    mu = arguments.not_empty("means", arguments.array("means", means, "(n,)"))
    sigma = arguments.array("deviations", deviations, f"({len(mu)},)", "[0, inf)")
    n, best = arguments.whole("n", n, f"[1, {len(mu)}]"), arguments.number("best", best)
    acquisition = arguments.choice("acquisition", acquisition, ACQUISITIONS)
    order = rng.permutation(len(mu))
    if acquisition == "random":
        return order[:n]
    if acquisition == "expected improvement":
        wanted = expected_improvement(mu, sigma, best)
    else:
        wanted = sigma if acquisition == "uncertainty" else -mu
    return order[np.argsort(-wanted[order], kind="stable")][:n]


@dataclass(frozen=True)
class LearningHistory:
    """What active learning did, round by round.

    `chosen` are rows of the pool in the order in which they were labelled, the first ones at
    random; `sizes` how many were labelled before each training; `errors` the mean absolute error on
    the test data after it; `best` the least value labelled so far.
    """

    chosen: npt.NDArray[np.intp]
    sizes: npt.NDArray[np.int64]
    errors: Values
    best: Values


def learn_actively(
    pool: tuple[npt.ArrayLike, npt.ArrayLike],
    test: tuple[npt.ArrayLike, npt.ArrayLike],
    fit: Fit,
    *,
    acquisition: str,
    n_initial: int,
    n_rounds: int,
    n_added: int,
    rng: np.random.Generator,
    progress: bool = False,
) -> LearningHistory:
    """Label some samples of a pool at random, then round by round those that are wanted most.

    Parameters
    ----------
    pool, test : (array_like, array_like)
        Features (n, m) and values (n,). The values of the pool are seen once they are chosen, those
        of the test data never.
    fit : callable
        Trains on features and values; returns a function from features to means and deviations.
    acquisition : {"uncertainty", "expected improvement", "lowest prediction", "random"}
        See `acquire`; improvement means a lower value.
    n_initial, n_rounds, n_added : int
        Samples labelled at first, rounds after that, and samples added in each.
    rng : numpy.random.Generator
        Source of the first samples, and of ties.

    Raises
    ------
    ValueError
        If the pool has fewer samples than are to be labelled, or a prediction is not finite.
    """
    features, values = _samples("pool", pool)
    test_features, test_values = _samples("test", test)
    acquisition = arguments.choice("acquisition", acquisition, ACQUISITIONS)
    n_initial = arguments.whole("n_initial", n_initial)
    n_rounds = arguments.whole("n_rounds", n_rounds, "[0, inf)")
    n_added = arguments.whole("n_added", n_added)
    if n_initial + n_rounds * n_added > len(values):
        raise ValueError(
            f"pool must hold {n_initial + n_rounds * n_added} samples; got {len(values)}"
        )
    chosen = rng.permutation(len(values))[:n_initial]
    sizes, errors, best = [], [], []
    for number in tqdm(range(n_rounds + 1), desc=acquisition, unit="round", disable=not progress):
        predict = arguments.function("what fit returns", fit(features[chosen], values[chosen]))
        means, _ = _predicted(predict, test_features)
        sizes.append(len(chosen))
        errors.append(float(np.abs(means - test_values).mean()))
        best.append(float(values[chosen].min()))
        if number == n_rounds:
            break
        left = np.setdiff1d(np.arange(len(values)), chosen)
        means, deviations = _predicted(predict, features[left])
        wanted = acquire(acquisition, means, deviations, n_added, best=best[-1], rng=rng)
        chosen = np.concatenate([chosen, left[wanted]])
    return LearningHistory(chosen, np.array(sizes), np.array(errors), np.array(best))


def _predicted(predict: Callable[[Values], Prediction], features: Values) -> tuple[Values, Values]:
    """Means and deviations, as many as there are features."""
    pair = predict(features)
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise ValueError(
            "what fit returns must give means and deviations, as Trees.with_deviation and "
            f"ElemNet.with_deviation do; got {type(pair).__name__}"
        )
    shape = f"({len(features)},)"
    return (
        arguments.array("means of what fit returns", pair[0], shape),
        arguments.array("deviations of what fit returns", pair[1], shape, "[0, inf)"),
    )


def _samples(name: str, pair: tuple[npt.ArrayLike, npt.ArrayLike]) -> tuple[Values, Values]:
    """Check features and values."""
    features = arguments.not_empty(name, arguments.array(f"{name}[0]", pair[0], "(n, m)"))
    return features, arguments.array(f"{name}[1]", pair[1], f"({len(features)},)")
