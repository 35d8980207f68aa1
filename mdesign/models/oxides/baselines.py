"""Baselines of the networks for oxides: the mean, and a random forest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestRegressor

from mdesign import arguments

__all__ = ["train_forest", "train_mean"]

Values = npt.NDArray[np.float64]


def train_mean(
    descriptors: npt.ArrayLike, energies: npt.ArrayLike
) -> Callable[[npt.ArrayLike], Values]:
    """Take the mean of the energies (n,); what it returns predicts that for all descriptors."""
    _, values = _samples(descriptors, energies)
    mean = float(values.mean())
    return lambda others: np.full(len(arguments.array("descriptors", others, "(n, m)")), mean)


def train_forest(
    descriptors: npt.ArrayLike, energies: npt.ArrayLike, *, n_trees: int = 300, seed: int = 0
) -> Callable[[npt.ArrayLike], Values]:
    """Train a random forest on descriptors (n, m) and energies (n,); return what predicts energies.

    Each split looks at all descriptors, of which there are few.
    """
    rows, values = _samples(descriptors, energies)
    forest = RandomForestRegressor(
        arguments.whole("n_trees", n_trees), random_state=arguments.whole("seed", seed, "[0, inf)")
    ).fit(rows, values)
    shape = f"(n, {rows.shape[1]})"
    return lambda others: forest.predict(arguments.array("descriptors", others, shape))


def _samples(descriptors: npt.ArrayLike, energies: npt.ArrayLike) -> tuple[Values, Values]:
    """Check descriptors and energies."""
    rows = arguments.not_empty("descriptors", arguments.array("descriptors", descriptors, "(n, m)"))
    return rows, arguments.array("energies", energies, f"({len(rows)},)")
