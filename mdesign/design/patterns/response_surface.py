"""Response surface and acquisition functions of Bayesian optimisation.

All values are in standard deviations from the mean of the initial sample, so that thresholds and
rewards mean the same for every property.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from bayes_opt import acquisition
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from scipy.special import ndtr
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

__all__ = [
    "ConfidenceBound",
    "LogImprovement",
    "ReachProbability",
    "ResponseSurface",
    "fit_hyperparameters",
]

Values = npt.NDArray[np.float64]
Moments = npt.NDArray[np.floating[Any]]

FIRST_GUESS = np.log([1.0, 2.0, 1e-2])
"""Logarithms of variance, length and roughness before the first fit."""

_BOUNDS = ((1e-2, 1e2), (1e-1, 1e2), (1e-6, 1.0))
_LEAST_IMPROVEMENT = 1e-300
_LEAST_VARIANCE = 1e-12
_STEP = 1e-4


def fit_hyperparameters(points: Values, values: Values, guess: Values) -> Values:
    """Fit logarithms of variance, length and roughness, by greatest likelihood, from a guess.

    The roughness is the variance that no smooth surface explains. One length serves all directions,
    since a convolutional generator treats all cells of a latent map alike.
    """
    variance, length, roughness = np.exp(guess)
    kernel = ConstantKernel(variance, _BOUNDS[0]) * Matern(length, _BOUNDS[1], nu=2.5)
    kernel += WhiteKernel(roughness, _BOUNDS[2])
    with warnings.catch_warnings():
        # A length or a roughness at its bound is an answer here, not a failure.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = GaussianProcessRegressor(kernel).fit(points, values)
    return np.asarray(fitted.kernel_.theta, dtype=np.float64)


class ResponseSurface:
    """Gaussian process with a Matern 5/2 kernel and a roughness, fitted to standardised values.

    The search for the best acquisition predicts one point at a time, hundreds of times a step, and
    in scikit-learn the checks of the arguments take ten times as long as the arithmetic. So the
    prediction and its slope are computed here, from the inverse of the covariance.
    """

    def __init__(self, points: Values, values: Values, hyperparameters: Values) -> None:
        self.X_train_ = points  # the name by which the acquisitions ask for it
        self._variance, self._length, roughness = np.exp(hyperparameters)
        covariance = self._covariance(points)
        covariance[np.diag_indices_from(covariance)] += roughness
        factor = cho_factor(covariance, lower=True)
        self._weights = cho_solve(factor, values)
        self._inverse = cho_solve(factor, np.eye(len(points)))

    def predict(self, points: Values, return_std: bool = False) -> Any:
        """Mean of the value at points (n, d), and standard deviation if wanted.

        The deviation leaves out the roughness: the property is deterministic, and nothing can be
        gained at a point that was evaluated.
        """
        covariance = self._covariance(points)
        mean = covariance @ self._weights
        if not return_std:
            return mean
        explained = np.einsum("ij,ij->i", covariance @ self._inverse, covariance)
        return mean, np.sqrt(np.maximum(self._variance - explained, _LEAST_VARIANCE))

    def slopes(self, point: Values) -> tuple[float, float, Values, Values]:
        """Mean and standard deviation at one point (d,), and their gradients (d,)."""
        offsets = point - self.X_train_
        distance = np.sqrt(np.sum(offsets**2, axis=1)) * (np.sqrt(5) / self._length)
        decay = self._variance * np.exp(-distance)
        covariance = decay * (1 + distance + distance**2 / 3)
        factor = decay * (1 + distance) * (-5 / (3 * self._length**2))
        gradient = factor[:, np.newaxis] * offsets
        solved = self._inverse @ covariance
        variance = self._variance - covariance @ solved
        deviation = np.sqrt(max(variance, _LEAST_VARIANCE))
        slope = -(solved @ gradient) / deviation if variance > _LEAST_VARIANCE else 0 * point
        return float(covariance @ self._weights), deviation, self._weights @ gradient, slope

    def _covariance(self, points: Values) -> Values:
        distance = cdist(points, self.X_train_) * (np.sqrt(5) / self._length)
        return self._variance * (1 + distance + distance**2 / 3) * np.exp(-distance)


class _Climbing(acquisition.AcquisitionFunction):
    """Climbs along the gradient of the surface; the library's take d + 1 predictions a step."""

    def suggest(self, gp: ResponseSurface, *args: Any, **settings: Any) -> Values:
        """Return the point with the best acquisition."""
        self._surface = gp
        return np.asarray(super().suggest(gp, *args, **settings))

    def _smart_minimize(
        self, acq: Any, space: Any, x_seeds: Any, random_state: Any
    ) -> tuple[Values, float]:
        """Climb from each seed, as the library asks; the acquisition changes its sign."""
        ends = [
            minimize(self._descent, seed, jac=True, bounds=space.bounds, method="L-BFGS-B")
            for seed in x_seeds
        ]
        best = min(ends, key=lambda end: end.fun)
        return np.clip(best.x, *space.bounds.T), float(best.fun)

    def _descent(self, point: Values) -> tuple[float, Values]:
        """Minus the acquisition at one point, and its gradient by the chain rule."""
        mean, deviation, mean_slope, deviation_slope = self._surface.slopes(point)
        step = _STEP * deviation
        shifts = step * np.array([0, 1, -1, 0, 0]), step * np.array([0, 0, 0, 1, -1])
        scores = self.base_acq(mean + shifts[0], deviation + shifts[1])
        by_mean, by_deviation = (scores[1::2] - scores[2::2]) / (2 * step)
        return -float(scores[0]), -(by_mean * mean_slope + by_deviation * deviation_slope)


class LogImprovement(_Climbing, acquisition.ExpectedImprovement):
    """Logarithm of the expected improvement of the property, or of its distance from a target.

    The logarithm has the same maximum and a usable slope where the improvement is minute (S. Ament
    et al., "Unexpected Improvements to Expected Improvement for Bayesian Optimization", NeurIPS
    2023).
    """

    def __init__(self, target: float | None) -> None:
        super().__init__(xi=0.0)
        self.target = target

    def base_acq(self, mean: Moments, std: Moments) -> Moments:
        """Acquisition for a normal distribution of this mean and deviation."""
        if self.target is None:
            improvement = super().base_acq(mean, std)
        else:
            improvement = _expected_approach(mean, std, self.target, self.y_max)
        return np.log(np.maximum(improvement, _LEAST_IMPROVEMENT))


class ReachProbability(_Climbing, acquisition.ProbabilityOfImprovement):
    """Probability that the property improves, or its distance from a target."""

    def __init__(self, target: float | None) -> None:
        super().__init__(xi=0.0)
        self.target = target

    def base_acq(self, mean: Moments, std: Moments) -> Moments:
        """Acquisition for a normal distribution of this mean and deviation."""
        if self.target is None:
            return super().base_acq(mean, std)
        return _chance_to_approach(mean, std, self.target, self.y_max)


class ConfidenceBound(_Climbing, acquisition.UpperConfidenceBound):
    """Upper confidence bound of the property, or of minus its distance from a target."""

    def __init__(self, target: float | None) -> None:
        super().__init__(kappa=2.576)
        self.target = target

    def base_acq(self, mean: Moments, std: Moments) -> Moments:
        """Acquisition for a normal distribution of this mean and deviation."""
        if self.target is None:
            return super().base_acq(mean, std)
        return np.asarray(self.kappa * std - np.abs(mean - self.target))


def _expected_approach(mean: Moments, std: Moments, target: float, known: Any) -> Moments:
    """Compute the expected improvement of minus a normal value's distance from the target."""
    best, offset = -known, target - mean
    ends = np.stack([offset - best, offset, offset + best]) / std
    low, middle, high = ndtr(ends)
    left, centre, right = np.exp(-0.5 * ends**2) / np.sqrt(2 * np.pi)
    below = (best - offset) * (middle - low)
    above = (best + offset) * (high - middle)
    return below + above + std * (left - 2 * centre + right)


def _chance_to_approach(mean: Moments, std: Moments, target: float, known: Any) -> Moments:
    """Probability that a normal value is nearer to the target than the best so far."""
    best, offset = -known, target - mean
    return np.asarray(ndtr((offset + best) / std) - ndtr((offset - best) / std))
