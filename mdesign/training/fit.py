"""Fitting a network once: early stopping, and a checkpoint that a later call finds."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.paths import written_whole
from mdesign.training.shuffled import ShuffledBatches, Transform

__all__ = ["FitSettings", "Fitted", "fingerprint", "fit", "split"]

_LIBRARIES = ("keras", "numpy", "scikit-learn", "tensorflow")
_SOURCES = (
    "training/fit.py",
    "design/patterns/mixture.py",
    "models/surrogate/training.py",
    "models/mdn.py",
    "models/surrogate/network.py",
    "training/shuffled.py",
)
"""The code behind the numbers: what another version of it fitted is not found again."""


@dataclass(frozen=True)
class FitSettings:
    """How a network is trained; the defaults are the paper's.

    Parameters
    ----------
    learning_rate : float
        Of Adam.
    batch_size : int
        Samples in a batch.
    patience : int
        Epochs without a better validation loss after which training ends.
    epochs : int
        Epochs at most.
    decay : bool
        Let the rate fall to zero along half a cosine over these epochs, instead of keeping it.
    validation_share : float
        Share of the data kept for validation, in (0, 1).
    seed : int
        Seed of the split, the order of the samples and the initial weights.

    Raises
    ------
    ValueError
        If a value breaks its rule.

    References
    ----------
    Mao et al., Integr. Mater. Manuf. Innov. 11, 637 (2022), Sections 2.7 and 3.1.
    """

    learning_rate: float = 1e-3
    batch_size: int = 128
    patience: int = 50
    epochs: int = 1_000
    decay: bool = False
    validation_share: float = 0.3
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("batch_size", "patience", "epochs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1; got {getattr(self, name)}")
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate must be positive; got {self.learning_rate}")
        if not 0 < self.validation_share < 1:
            raise ValueError(f"validation_share must lie in (0, 1); got {self.validation_share}")


@dataclass(frozen=True)
class Fitted:
    """A trained network.

    Attributes
    ----------
    model : keras.Model
        With the weights of the epoch that had the least validation loss.
    loss, validation_loss : ndarray, shape (epochs,)
        Mean loss of each epoch on the two parts of the data.
    seconds : float
        Time the training took when it was done.
    """

    model: keras.Model
    loss: npt.NDArray[np.float64]
    validation_loss: npt.NDArray[np.float64]
    seconds: float


def split(n: int, settings: FitSettings) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows to train on and rows to validate with, in random order.

    Parameters
    ----------
    n : int
        Number of samples, at least 2.
    settings : FitSettings
        Whose share and seed count.

    Returns
    -------
    tuple of ndarray
        Both not empty, together all rows once.

    Raises
    ------
    ValueError
        If there are fewer than two samples.
    """
    if n < 2:
        raise ValueError(f"n must be at least 2; got {n}")
    order = np.random.default_rng([settings.seed, 0]).permutation(n)
    cut = min(max(round(n * (1 - settings.validation_share)), 1), n - 1)
    return order[:cut], order[cut:]


def fit(
    build: Callable[[], keras.Model],
    inputs: npt.NDArray,
    targets: npt.NDArray,
    settings: FitSettings,
    *,
    loss: Any,
    recipe: str,
    key: Sequence[npt.NDArray] = (),
    transform: Transform | None = None,
    validation_batch: int = 4_096,
    folder: Path | None = None,
    progress: bool = False,
) -> Fitted:
    """Train a network with early stopping, or load it if the same call was finished before.

    Parameters
    ----------
    build : callable
        Makes the network.
    inputs, targets : ndarray, shape (n, ...)
        Data, split as `split` says.
    settings : FitSettings
        How to train.
    loss : str or keras.losses.Loss
        What is minimised.
    recipe : str
        All that shapes the network besides `settings` and the data: part of the checkpoint's name.
    key : sequence of ndarray, optional
        Data that stand for `inputs` and `targets` in the name, where these were computed from
        them with rounding errors.
    transform : callable, optional
        Applied to each training batch; see `ShuffledBatches`.
    validation_batch : int
        Samples validated at once; bounds the memory.
    folder : pathlib.Path, optional
        Where the finished network is kept, under a hash of all the above, of the code and of the
        versions of the libraries.
    progress : bool
        Show a bar.

    Returns
    -------
    Fitted
        The network and its curves.

    Raises
    ------
    FloatingPointError
        If the loss is not finite.
    """
    name = fingerprint(recipe, settings, *(key or (inputs, targets)))
    stored = folder and folder / f"{name}.keras"
    if stored and stored.is_file():
        return _load(stored)
    fitted = _train(
        build(),
        inputs,
        targets,
        settings,
        loss=loss,
        transform=transform,
        validation_batch=validation_batch,
        progress=progress,
    )
    if stored:
        _save(stored, fitted)
    return fitted


def _train(
    model: keras.Model,
    inputs: npt.NDArray,
    targets: npt.NDArray,
    settings: FitSettings,
    *,
    loss: Any,
    transform: Transform | None,
    validation_batch: int,
    progress: bool,
) -> Fitted:
    training, validation = split(len(inputs), settings)
    streams = [np.random.default_rng([settings.seed, stream]) for stream in (1, 2)]
    batches = ShuffledBatches(
        inputs[training],
        targets[training],
        batch_size=settings.batch_size,
        rng=streams[0],
        transform=transform,
    )
    checks = ShuffledBatches(
        inputs[validation],
        targets[validation],
        batch_size=validation_batch,
        rng=streams[1],
        only_full=False,
    )
    stopping = keras.callbacks.EarlyStopping(patience=settings.patience, restore_best_weights=True)
    rate = settings.learning_rate
    if settings.decay:
        rate = keras.optimizers.schedules.CosineDecay(rate, settings.epochs * len(batches))
    model.compile(keras.optimizers.Adam(rate), loss)
    begin = time.perf_counter()
    with tqdm(total=settings.epochs, desc=model.name, unit="epoch", disable=not progress) as bar:
        advance = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: bar.update(1))
        history = model.fit(
            batches,
            shuffle=False,
            epochs=settings.epochs,
            validation_data=checks,
            verbose=0,
            callbacks=[stopping, advance],
        ).history
    losses = np.array([history["loss"], history["val_loss"]])
    if not np.isfinite(losses).all():
        raise FloatingPointError(
            f"the loss of {model.name} is not finite in {losses.shape[1]} epochs; "
            f"try a learning_rate below {settings.learning_rate}"
        )
    return Fitted(model, losses[0], losses[1], time.perf_counter() - begin)


def fingerprint(recipe: str, settings: FitSettings, *arrays: npt.NDArray) -> str:
    """Name a fit by all that shapes its numbers.

    Parameters
    ----------
    recipe : str
        What is fitted, in words and numbers.
    settings : FitSettings
        How.
    *arrays : ndarray
        The data.

    Returns
    -------
    str
        32 hexadecimal digits, other ones for other settings, data, code or versions of libraries.
    """
    digest = hashlib.blake2b(repr((recipe, settings)).encode(), digest_size=16)
    for library in _LIBRARIES:
        digest.update(metadata.version(library).encode())
    for source in _SOURCES:
        digest.update((Path(__file__).parents[1] / source).read_bytes())
    for array in arrays:
        digest.update(repr((array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _save(path: Path, fitted: Fitted) -> None:
    """Write the curves, then the network, each whole: a network means that both are there."""
    curves = {
        "loss": fitted.loss.tolist(),
        "validation_loss": fitted.validation_loss.tolist(),
        "seconds": fitted.seconds,
    }
    with written_whole(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(curves) + "\n", encoding="utf-8")
    with written_whole(path) as temporary:
        fitted.model.save(temporary)


def _load(path: Path) -> Fitted:
    curves = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return Fitted(
        keras.models.load_model(path, compile=False),
        np.array(curves["loss"]),
        np.array(curves["validation_loss"]),
        curves["seconds"],
    )
