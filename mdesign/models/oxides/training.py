"""Training of the networks for oxides, and their errors on held-out folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.models.oxides.network import Layers, build_oxide_network
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, fit_samples, split

__all__ = ["FIT", "OxideNetwork", "held_out_predictions", "train_oxide_network"]

FIT = FitSettings(
    learning_rate=1e-2, batch_size=32, patience=100, epochs=1_000, validation_share=0.1
)
"""Rate of the authors' code; batch, patience and epochs are ours."""

Values = npt.NDArray[np.float64]
Train = Callable[[Values, Values], Callable[[Values], Values]]


@dataclass(frozen=True)
class OxideNetwork:
    """A trained network: predicts the formation energy from the descriptors of oxides.

    Inputs are standardised by `means` and `deviations`; the energy is `mean` plus `deviation` times
    the output.
    """

    fitted: Fitted
    means: Values
    deviations: Values
    mean: float
    deviation: float

    @property
    def model(self) -> keras.Model:
        """Maps standardised descriptors ``(n, n_inputs)`` to standardised energies ``(n, 1)``."""
        return self.fitted.model

    def __call__(self, descriptors: npt.ArrayLike) -> Values:
        """Predict the energy in eV/atom, shape (n,), from descriptors (n, n_inputs)."""
        shape = f"(n, {len(self.means)})"
        rows = arguments.not_empty(
            "descriptors", arguments.array("descriptors", descriptors, shape)
        )
        inputs = ((rows - self.means) / self.deviations).astype(np.float32)
        outputs = np.asarray(keras.ops.convert_to_numpy(self.model(inputs)), np.float64)
        return self.mean + self.deviation * outputs[:, 0]


def train_oxide_network(
    descriptors: npt.ArrayLike,
    energies: npt.ArrayLike,
    *,
    hidden: int = 12,
    linear: int = 0,
    dropout: float = 0.0,
    settings: FitSettings = FIT,
    folder: str | Path | None = None,
    progress: bool = False,
) -> OxideNetwork:
    """Train a network with the squared error, or load it if the same call was finished before.

    Parameters
    ----------
    descriptors : array_like, shape (n, n_inputs)
        To train on and to stop early with; `mdesign.training.fit.split` chooses which. A column
        that is the same for all is only shifted.
    energies : array_like, shape (n,)
        Formation energies in eV/atom.
    hidden, linear, dropout
        As in `mdesign.models.oxides.network.Layers`.
    settings : FitSettings
        How to train.
    folder : pathlib.Path, optional
        Keeps the trained network.

    Raises
    ------
    ValueError
        If all energies are the same.
    """
    rows = arguments.not_empty("descriptors", arguments.array("descriptors", descriptors, "(n, m)"))
    values = arguments.array("energies", energies, f"({len(rows)},)")
    training, _ = split(len(rows), settings)
    mean, deviation = float(values[training].mean()), float(values[training].std())
    if not deviation > 0:
        raise ValueError(f"energies must differ; got {mean} for all")
    means, spread = rows[training].mean(axis=0), rows[training].std(axis=0)
    deviations = np.where(spread > 0, spread, 1.0)
    layers = Layers(rows.shape[1], hidden, linear, dropout)
    fitted = fit_samples(
        build_oxide_network(layers, seed=settings.seed),
        (
            ((rows - means) / deviations).astype(np.float32),
            (values[:, np.newaxis] - mean) / deviation,
        ),
        settings,
        loss="mse",
        checkpoints=Checkpoints.below(
            folder, "oxides", settings, layers, rows, values, code=train_oxide_network
        ),
        progress=progress,
    )
    return OxideNetwork(fitted, means, deviations, mean, deviation)


def held_out_predictions(
    train: Train,
    descriptors: npt.ArrayLike,
    energies: npt.ArrayLike,
    folds: Sequence[npt.NDArray[np.intp]],
) -> Values:
    """Predict each row by a model trained on the rows of the other folds.

    Parameters
    ----------
    train : callable
        Takes descriptors (n, m) and energies (n,), and returns what predicts energies.
    descriptors : array_like, shape (n, m)
        Of all oxides.
    energies : array_like, shape (n,)
        Their formation energies in eV/atom.
    folds : sequence of ndarray of int
        Rows of each fold; together they are all rows, each once.

    Returns
    -------
    ndarray, shape (n,)
        Predicted energies in eV/atom.

    Raises
    ------
    ValueError
        If a row is in no fold or in several.
    """
    rows = arguments.array("descriptors", descriptors, "(n, m)")
    values = arguments.array("energies", energies, f"({len(rows)},)")
    if not np.array_equal(np.sort(np.concatenate(folds)), np.arange(len(rows))):
        raise ValueError(f"folds must have each of the {len(rows)} rows once")
    predictions = np.empty(len(rows))
    for fold in folds:
        others = np.setdiff1d(np.arange(len(rows)), fold)
        predictions[fold] = train(rows[others], values[others])(rows[fold])
    return predictions
