"""Baselines of ElemNet: random forest and gradient boosting, on fractions or on features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

from mdesign import arguments

__all__ = ["Trees", "train_boosting", "train_forest"]


@dataclass(frozen=True)
class Trees:
    """A trained ensemble of trees: predicts a property (n,) from features (n, m)."""

    regressor: Any

    def __call__(self, features: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Predict the property, shape (n,), from features (n, m)."""
        return self.regressor.predict(self._checked(features))

    def with_deviation(
        self, features: npt.ArrayLike
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Predict mean and standard deviation over the trees of a forest, each (n,).

        ValueError for boosting, whose trees correct one another.
        """
        if not isinstance(self.regressor, RandomForestRegressor):
            raise ValueError(
                "the ensemble must be a forest; its trees do not predict by themselves"
            )
        inputs = self._checked(features)
        each = np.array([tree.predict(inputs) for tree in self.regressor.estimators_])
        return each.mean(axis=0), each.std(axis=0)

    def _checked(self, features: npt.ArrayLike) -> npt.NDArray[np.float64]:
        shape = f"(n, {self.regressor.n_features_in_})"
        return arguments.not_empty("features", arguments.array("features", features, shape))


def train_forest(
    features: npt.ArrayLike,
    values: npt.ArrayLike,
    *,
    n_trees: int = 100,
    max_features: float | Literal["sqrt"] = 1 / 3,
    seed: int = 0,
) -> Trees:
    """Train a random forest on features (n, m) and values (n,).

    Each split looks at a third of the features, Breiman's choice for regression (Mach. Learn. 45,
    5, 2001). `max_features` is their share, in (0, 1], or ``"sqrt"``.
    """
    inputs, targets = _samples(features, values)
    if max_features != "sqrt":
        # A whole number would count the features instead.
        max_features = float(arguments.number("max_features", max_features, "(0, 1]"))
    forest = RandomForestRegressor(
        arguments.whole("n_trees", n_trees),
        max_features=max_features,
        random_state=arguments.whole("seed", seed, "[0, inf)"),
        n_jobs=-1,
    )
    forest.fit(inputs, targets)
    # Threads would add the trees up in any order, which changes the last digit.
    return Trees(forest.set_params(n_jobs=1))


def train_boosting(
    features: npt.ArrayLike,
    values: npt.ArrayLike,
    *,
    n_trees: int = 1_000,
    learning_rate: float = 0.1,
    leaves: int = 63,
    seed: int = 0,
) -> Trees:
    """Train gradient boosting on histograms of features (n, m), with values (n,)."""
    inputs, targets = _samples(features, values)
    boosting = HistGradientBoostingRegressor(
        max_iter=arguments.whole("n_trees", n_trees),
        learning_rate=arguments.number("learning_rate", learning_rate, "(0, 1]"),
        max_leaf_nodes=arguments.whole("leaves", leaves, "[2, inf)"),
        random_state=arguments.whole("seed", seed, "[0, inf)"),
    )
    return Trees(boosting.fit(inputs, targets))


def _samples(
    features: npt.ArrayLike, values: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    inputs = arguments.not_empty("features", arguments.array("features", features, "(n, m)"))
    return inputs, arguments.array("values", values, f"({len(inputs)},)")
