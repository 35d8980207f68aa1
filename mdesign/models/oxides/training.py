"""Training of the networks for oxides, and their errors on held-out folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import cast

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.models.oxides.network import Layers, build_oxide_network
from mdesign.training.batches import Blocks, OrderedBatches, endless
from mdesign.training.callbacks import reset_optimizer
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, compile_adam, fit, split

__all__ = ["FIT", "OxideNetwork", "held_out_predictions", "train_oxide_network"]

FIT = FitSettings(
    learning_rate=1e-2,
    batch_size=32,
    patience=20,
    steps=2_000,
    check_every=50,
    validation_share=0.1,
)
"""Rate of the authors' code; all other settings are ours. `steps` and `check_every` count, not
`epochs`: an epoch of two hundred samples is over before its loss is known."""

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
        How to train; it states `steps` and `check_every`.
    folder : pathlib.Path, optional
        Keeps the trained network.

    Raises
    ------
    ValueError
        If all energies are the same, or the settings lack the numbers of steps.
    """
    rows = arguments.not_empty("descriptors", arguments.array("descriptors", descriptors, "(n, m)"))
    values = arguments.array("energies", energies, f"({len(rows)},)")
    train, check = split(len(rows), settings)
    mean, deviation = float(values[train].mean()), float(values[train].std())
    if not deviation > 0:
        raise ValueError(f"energies must differ; got {mean} for all")
    means, spread = rows[train].mean(axis=0), rows[train].std(axis=0)
    deviations = np.where(spread > 0, spread, 1.0)
    inputs = ((rows - means) / deviations).astype(np.float32)
    targets = ((values[:, np.newaxis] - mean) / deviation).astype(np.float32)
    layers = Layers(rows.shape[1], hidden, linear, dropout)
    fitted = fit(
        _initial(layers, settings),
        OrderedBatches(inputs[train], targets[train], _rows(len(train), settings)),
        epochs=_looks(settings),
        steps=settings.steps,
        validation=Blocks(inputs[check], targets[check], len(check)),
        patience=settings.patience,
        checkpoints=Checkpoints.below(
            folder, "oxides", settings, layers, rows, values, code=train_oxide_network
        ),
        progress=progress,
    )
    model = build_oxide_network(layers, seed=settings.seed)
    model.set_weights(fitted.model.get_weights())
    return OxideNetwork(replace(fitted, model=model), means, deviations, mean, deviation)


def _looks(settings: FitSettings) -> int:
    """Largest number of looks at the validation loss."""
    if settings.steps is None or settings.check_every is None:
        raise ValueError(
            "settings must have numbers of steps and check_every; "
            f"got {settings.steps} and {settings.check_every}"
        )
    return -(-settings.steps // settings.check_every)


def _rows(n: int, settings: FitSettings) -> npt.NDArray[np.int32]:
    """Rows of all batches, each sample as often as the others."""
    every, size = cast(int, settings.check_every), min(settings.batch_size, n)
    looks, rng = _looks(settings), np.random.default_rng([settings.seed, 1])
    return endless(n, looks * every * size, rng).reshape(looks, every, size)


def _initial(layers: Layers, settings: FitSettings) -> keras.Model:
    """Give a compiled network its initial weights."""
    # A kept layer of dropout would go on with its random numbers.
    compiled = _compiled.__wrapped__ if layers.dropout else _compiled
    network = compiled(layers, replace(settings, seed=0, epochs=_looks(settings)))
    network.set_weights(build_oxide_network(layers, seed=settings.seed).get_weights())
    reset_optimizer(network.optimizer)
    return network


@lru_cache(maxsize=8)
def _compiled(layers: Layers, settings: FitSettings) -> keras.Model:
    """Compile a network once for all trainings: it takes as long as a training on few samples."""
    network = build_oxide_network(layers, seed=0)
    compile_adam(network, settings, "mse", n_batches=cast(int, settings.check_every))
    return network


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
    rows = arguments.not_empty("descriptors", arguments.array("descriptors", descriptors, "(n, m)"))
    values = arguments.array("energies", energies, f"({len(rows)},)")
    parts = [
        arguments.array(f"folds[{i}]", fold, "(n,)", dtype=np.int64) for i, fold in enumerate(folds)
    ]
    if sorted(row for part in parts for row in part) != list(range(len(rows))):
        raise ValueError(f"folds must have each of the {len(rows)} rows of descriptors once")
    predictions = np.empty(len(rows))
    for part in parts:
        others = np.setdiff1d(np.arange(len(rows)), part)
        predict = arguments.function("what train returns", train(rows[others], values[others]))
        predictions[part] = predict(rows[part])
    return predictions
