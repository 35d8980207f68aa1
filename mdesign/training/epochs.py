"""Training epoch by epoch, with early stopping, that a killed process can go on with."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.paths import written_whole
from mdesign.storage.code import code_name
from mdesign.storage.fingerprint import fingerprint
from mdesign.training.fit import Fitted

__all__ = ["EpochSettings", "code_version", "train_epochs"]


@dataclass(frozen=True)
class EpochSettings:
    """How long and how fast a network is trained.

    Parameters
    ----------
    epochs : int
        Epochs at most.
    learning_rate : float
        Of Adam.
    patience : int
        Epochs without a better validation loss after which training ends.
    decay : bool
        Let the rate fall to zero along half a cosine over the epochs, instead of keeping it.
    seed : int
        Of whatever is random.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    epochs: int
    learning_rate: float = 1e-3
    patience: int = 10
    decay: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1; got {getattr(self, name)}")
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate must be positive; got {self.learning_rate}")


@dataclass
class _State:
    """How far a training has come."""

    losses: list[list[float]] = field(default_factory=list)
    seconds: float = 0.0
    best: list[npt.NDArray] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.losses)

    @property
    def waited(self) -> int:
        """Epochs since the best one."""
        checks = [check for _, check in self.losses]
        return len(checks) - 1 - int(np.argmin(checks)) if checks else 0


def train_epochs(
    model: keras.Model,
    batches: Callable[[int], keras.utils.PyDataset],
    checks: keras.utils.PyDataset,
    settings: EpochSettings,
    *,
    loss: Any,
    key: Sequence[object] = (),
    folder: Path | None = None,
    progress: bool = False,
) -> Fitted:
    """Train a network, go on with a training that was killed, or load one that was finished.

    Parameters
    ----------
    model : keras.Model
        With its initial weights; trained in place.
    batches : callable of int
        Gives the batches of an epoch, counted from 0, the same for the same epoch.
    checks : keras.utils.PyDataset
        Batches to validate with.
    settings : EpochSettings
        How to train.
    loss : str or keras.losses.Loss
        What is minimised.
    key : sequence of object
        All that shapes the training besides `settings`: numbers, texts, dataclasses, arrays.
    folder : pathlib.Path, optional
        Where the state is saved after each epoch, in a file named after `key` and `settings`.
    progress : bool
        Show a bar, one step an epoch.

    Returns
    -------
    Fitted
        The network with the weights of the least validation loss, and its curves.

    Raises
    ------
    FloatingPointError
        If a loss is not finite.
    """
    rate = settings.learning_rate
    if settings.decay:
        rate = keras.optimizers.schedules.CosineDecay(rate, settings.epochs * len(batches(0)))
    model.compile(keras.optimizers.Adam(rate), loss)
    model.optimizer.build(model.trainable_variables)
    name = fingerprint([settings, *key])[:16]
    stored = folder and folder / f"{model.name}-{name}.npz"
    state = _restored(stored, model) if stored and stored.is_file() else _State()
    with tqdm(total=settings.epochs, desc=model.name, unit="epoch", disable=not progress) as bar:
        bar.update(state.epoch)
        while state.epoch < settings.epochs and state.waited < settings.patience:
            _advance(model, batches(state.epoch), checks, state)
            bar.update(1)
            if stored:
                _save(stored, model, state)
    model.set_weights(state.best)
    curves = np.array(state.losses)
    return Fitted(model, curves[:, 0], curves[:, 1], state.seconds)


def code_version(*sources: str) -> str:
    """Name the code and the libraries behind a network: another version trains another one.

    Parameters
    ----------
    *sources : str
        Files of this package, such as ``"models/localization/whole_field_network.py"``; this one is always among them.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    """
    return code_name("training/epochs.py", *sources)


def _advance(
    model: keras.Model,
    batches: keras.utils.PyDataset,
    checks: keras.utils.PyDataset,
    state: _State,
) -> None:
    """Train one epoch."""
    begin = time.perf_counter()
    history = model.fit(batches, shuffle=False, validation_data=checks, epochs=1, verbose=0).history
    found = [float(history["loss"][0]), float(history["val_loss"][0])]
    if not np.isfinite(found).all():
        raise FloatingPointError(
            f"the loss of {model.name} is not finite in epoch {state.epoch + 1}; "
            "try a smaller learning_rate"
        )
    state.losses.append(found)
    state.seconds += time.perf_counter() - begin
    if state.waited == 0:
        state.best = model.get_weights()


def _save(path: Path, model: keras.Model, state: _State) -> None:
    """Write all that the next epoch depends on."""
    curves = json.dumps({"losses": state.losses, "seconds": state.seconds})
    arrays = {f"weights-{i}": array for i, array in enumerate(model.get_weights())}
    arrays |= {f"best-{i}": array for i, array in enumerate(state.best)}
    for i, variable in enumerate(model.optimizer.variables):
        arrays[f"optimizer-{i}"] = keras.ops.convert_to_numpy(variable)
    with written_whole(path) as temporary, temporary.open("wb") as stream:
        np.savez(stream, curves=np.array(curves), **arrays)


def _restored(path: Path, model: keras.Model) -> _State:
    """Load what `_save` wrote into a compiled network and its optimiser."""
    with np.load(path, allow_pickle=False) as archive:
        curves = json.loads(archive["curves"].item())
        count = len(model.weights)
        model.set_weights([archive[f"weights-{i}"] for i in range(count)])
        for i, variable in enumerate(model.optimizer.variables):
            variable.assign(archive[f"optimizer-{i}"])
        best = [archive[f"best-{i}"] for i in range(count)]
    return _State(curves["losses"], curves["seconds"], best)
