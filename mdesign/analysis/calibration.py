"""Calibration of mixtures: a region of stated probability should contain that share of the data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from mdesign import arguments
from mdesign.models.mdn import Mixture, check_within, log_density, sample_mixture

__all__ = ["best_widening", "coverage", "density_levels", "widened"]

_TOGETHER = 4_000_000
"""Numbers held at once."""


def density_levels(
    mixture: Mixture,
    points: npt.ArrayLike,
    *,
    n_draws: int,
    rng: np.random.Generator,
    bound: float | None = None,
) -> npt.NDArray[np.float64]:
    """Probability of the region in which a mixture is denser than at a point.

    For points drawn from the mixtures themselves, these levels are uniform in (0, 1). A level above
    p means that the point lies outside the highest-density region of probability p (Hyndman, Am.
    Stat. 50, 120, 1996). Ties with the draws are broken at random, so that few draws give no bias.

    Parameters
    ----------
    mixture : Mixture
        Of b conditions.
    points : array_like, shape (b, M)
        One observation under each condition.
    n_draws : int
        Draws from each mixture, which estimate the probability; at least 1.
    rng : numpy.random.Generator
        Source of the draws.
    bound : float, optional
        Take the mixture on condition that all coordinates lie in (-bound, bound), as
        `sample_mixture` draws.

    Returns
    -------
    ndarray, shape (b,)
        Levels in (0, 1).

    Raises
    ------
    ValueError
        If there is not one point a condition, within `bound`, or no draw.
    """
    n, n_components, n_outputs = mixture.means.shape
    observed = arguments.array("points", points, f"({n}, {n_outputs})")
    check_within(observed, bound)
    n_draws = arguments.whole("n_draws", n_draws)
    size = max(1, _TOGETHER // (n_draws * n_components * n_outputs))
    denser = np.empty(n)
    for first in range(0, n, size):
        rows = slice(first, first + size)
        part = Mixture(mixture.log_weights[rows], mixture.means[rows], mixture.scales[rows])
        draws = log_density(part, sample_mixture(part, n_draws, rng, bound=bound))
        denser[rows] = (draws > log_density(part, observed[rows])[:, np.newaxis]).sum(1)
    return (denser + rng.random(n)) / (n_draws + 1)


def coverage(levels: npt.ArrayLike, nominal: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Share of the points inside the highest-density region of each nominal probability.

    Parameters
    ----------
    levels : array_like, shape (n,)
        From `density_levels`.
    nominal : array_like, shape (m,)
        Stated probabilities p, in [0, 1].

    Returns
    -------
    ndarray, shape (m,)
        Equal to `nominal` for a calibrated mixture, up to sqrt(p (1 - p) / n).

    Examples
    --------
    >>> coverage([0.1, 0.4, 0.6, 0.9], [0.5, 0.95]).tolist()
    [0.5, 1.0]
    """
    ordered = np.sort(arguments.numbers("levels", levels, "[0, 1]"))
    stated = arguments.array("nominal", nominal, "(m,)", "[0, 1]")
    return np.searchsorted(ordered, stated, side="right") / len(ordered)


def widened(mixture: Mixture, factor: float) -> Mixture:
    """Multiply all standard deviations of a mixture by a positive factor."""
    factor = arguments.number("factor", factor, "(0, inf)")
    return Mixture(mixture.log_weights, mixture.means, factor * mixture.scales)


def best_widening(
    mixture: Mixture,
    points: npt.ArrayLike,
    *,
    bound: float | None = None,
    limits: tuple[float, float] = (0.25, 8.0),
) -> float:
    """Factor of greatest likelihood by which to widen a mixture, from held-out data.

    Parameters
    ----------
    mixture, points, bound
        As in `density_levels`.
    limits : (float, float)
        Smallest and largest factor considered, positive.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `points` break their rule, or `limits` do not rise from a positive number.

    References
    ----------
    Guo et al., Proc. ICML 34, 1321 (2017).
    """
    low, high = arguments.numbers("limits", limits, "(0, inf)")
    if low > high:
        raise ValueError(f"limits must rise; got {limits}")

    def loss(logarithm: float) -> float:
        return -log_density(widened(mixture, np.exp(logarithm)), points, bound=bound).mean()

    found = minimize_scalar(loss, bounds=np.log((low, high)), method="bounded")
    return float(np.exp(found.x))
