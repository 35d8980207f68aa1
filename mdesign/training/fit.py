"""The one training loop: early stopping, checkpoints, and resuming after a kill.

Keras' own `EarlyStopping` and `BackupAndRestore` do not work together: a restored run has
lost its best weights, its patience and its losses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.arguments import settle, whole
from mdesign.training.batches import Blocks, ShuffledBatches, Transform, checked_samples
from mdesign.training.callbacks import Recorder
from mdesign.training.checkpoints import Checkpoints, TrainingState

Loss = str | Callable[..., Any]

__all__ = ["FitSettings", "Fitted", "compile_adam", "fit", "fit_adam", "fit_samples", "split"]


@dataclass(frozen=True)
class FitSettings:
    """How a network is trained; the defaults are those of the mixture density networks.

    Parameters
    ----------
    learning_rate : float
        Of Adam.
    batch_size : int
        Samples in a batch.
    patience : int
        Epochs without a better validation loss after which training ends.
    epochs : int
        Largest number of epochs.
    decay : bool
        Let the rate fall to zero along half a cosine over these epochs.
    validation_share : float
        Share of the data kept for validation, in (0, 1), where no validation data are given.
    steps : int, optional
        Largest number of batches, where these are counted, not epochs.
    check_every : int, optional
        Batches from one look at the validation loss to the next, which then count as an epoch.
    seed : int
        Seed of the split, the order of the samples and the initial weights; not negative.

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
    steps: int | None = None
    check_every: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        counts = ("batch_size", "patience", "epochs", "steps", "check_every")
        settle(
            self,
            learning_rate="(0, inf)",
            validation_share="(0, 1)",
            seed="[0, inf)",
            **dict.fromkeys(counts, "[1, inf)"),
        )


@dataclass(frozen=True)
class Fitted:
    """A trained network with the weights of the least validation loss, or else the last ones.

    The losses are those of each epoch, ``"loss"`` and ``"validation_loss"``, or of each step, by
    name. The seconds count all parts of a run that was interrupted.
    """

    model: keras.Model
    losses: dict[str, list[float]]
    seconds: float

    @property
    def loss(self) -> npt.NDArray[np.float64]:
        """Mean training loss of each epoch."""
        return np.array(self.losses["loss"])

    @property
    def validation_loss(self) -> npt.NDArray[np.float64]:
        """Validation loss of each epoch."""
        return np.array(self.losses["validation_loss"])


def fit(
    model: keras.Model,
    batches: keras.utils.PyDataset | Callable[[], keras.utils.PyDataset],
    *,
    epochs: int = 1,
    steps: int | None = None,
    validation: keras.utils.PyDataset | None = None,
    patience: int | None = None,
    checkpoints: Checkpoints | None = None,
    label: str | None = None,
    progress: bool = False,
) -> Fitted:
    """Train a network in place, resume a training that was killed, or load a finished one.

    Parameters
    ----------
    model : keras.Model
        Compiled, with its initial weights.
    batches : keras.utils.PyDataset or callable
        Batches of an epoch, or a function that returns them, called if the training is not
        finished; with `checkpoints` a `mdesign.training.batches.Resumable`.
    epochs, steps : int
        Largest numbers of epochs and of batches: the last epoch may end early.
    validation : keras.utils.PyDataset, optional
        Batches whose loss is computed after each epoch: the weights with the least one are kept.
        Without it losses are recorded, and checkpoints counted, by step.
    patience : int, optional
        Epochs without a better validation loss after which training ends.
    checkpoints : Checkpoints, optional
        Where the state is saved; a killed training continues from there to the same numbers.
    label : str, optional
        Of the bar, instead of the name of the network.

    Raises
    ------
    FloatingPointError
        If a loss or the weights are not finite: the training ends at once. The message says in
        which epoch or step, and what may help.
    ValueError
        If there are checkpoints and several epochs without validation: steps of one epoch alone
        can be resumed.
    """
    epochs = whole("epochs", epochs)
    steps, patience = (
        None if value is None else whole(name, value)
        for name, value in (("steps", steps), ("patience", patience))
    )
    by_epoch = validation is not None
    if checkpoints and epochs > 1 and not by_epoch:
        raise ValueError(f"epochs must be 1 for checkpoints without validation; got {epochs}")
    state = checkpoints.restore(model) if checkpoints else TrainingState()
    if not state.finished:
        source = batches() if callable(batches) else batches
        if not isinstance(source, keras.utils.PyDataset):
            raise TypeError(f"batches must be a PyDataset or return one; got {source!r}")
        total, unit = (epochs, "epoch") if by_epoch else (epochs * len(source), "step")
        with tqdm(
            total=total,
            initial=state.done,
            desc=label or model.name,
            unit=unit,
            disable=not progress,
        ) as bar:
            recorder = Recorder(state, source, checkpoints, bar, total, patience, by_epoch)
            if steps is not None:
                recorder.steps_left = steps - state.done * (len(source) if by_epoch else 1)
            if not recorder.has_ended:
                model.fit(
                    source,
                    validation_data=validation,
                    initial_epoch=state.done if by_epoch else 0,
                    epochs=epochs,
                    shuffle=False,
                    verbose=0,
                    callbacks=[recorder],
                )
        recorder.finish(model)
    return Fitted(model, state.losses, state.seconds)


def split(n: int, settings: FitSettings) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Split n samples at random into rows to train on and rows to validate with.

    Raises
    ------
    ValueError
        If there are fewer than two samples.
    """
    n = whole("n", n, "[2, inf)")
    order = np.random.default_rng([settings.seed, 0]).permutation(n)
    cut = min(max(round(n * (1 - settings.validation_share)), 1), n - 1)
    return order[:cut], order[cut:]


def compile_adam(model: keras.Model, settings: FitSettings, loss: Loss, *, n_batches: int) -> None:
    """Compile a network with Adam, whose rate falls over all epochs if the settings say so."""
    if isinstance(loss, str):
        keras.losses.get(loss)  # names an unknown loss now, not in the middle of a training
    n_batches = whole("n_batches", n_batches)
    rate = settings.learning_rate
    if settings.decay:
        rate = keras.optimizers.schedules.CosineDecay(rate, settings.epochs * n_batches)
    model.compile(keras.optimizers.Adam(rate), loss)
    model.optimizer.build(model.trainable_variables)


def fit_adam(
    model: keras.Model,
    batches: keras.utils.PyDataset,
    settings: FitSettings,
    *,
    loss: Loss,
    validation: keras.utils.PyDataset,
    checkpoints: Checkpoints | None = None,
    progress: bool = False,
) -> Fitted:
    """Compile a network with Adam as the settings say, and `fit` it until validation stops it."""
    compile_adam(model, settings, loss, n_batches=len(batches))
    return fit(
        model,
        batches,
        epochs=settings.epochs,
        validation=validation,
        patience=settings.patience,
        checkpoints=checkpoints,
        progress=progress,
    )


def fit_samples(
    model: keras.Model,
    samples: tuple[npt.ArrayLike, npt.ArrayLike],
    settings: FitSettings,
    *,
    loss: Loss,
    transform: Transform | None = None,
    validation_batch: int = 4_096,
    checkpoints: Checkpoints | None = None,
    progress: bool = False,
) -> Fitted:
    """Split inputs and targets, and train a network on one part until the other stops it.

    `transform` is applied to each training batch, see `mdesign.training.batches.ShuffledBatches`;
    `validation_batch` samples are validated at once, which bounds the memory.
    """
    inputs, targets = checked_samples(*samples, name="samples")
    train, check = split(len(inputs), settings)
    batches = ShuffledBatches(
        inputs[train],
        targets[train],
        batch_size=settings.batch_size,
        rng=np.random.default_rng([settings.seed, 1]),
        transform=transform,
    )
    return fit_adam(
        model,
        batches,
        settings,
        loss=loss,
        validation=Blocks(
            inputs[check], targets[check], whole("validation_batch", validation_batch)
        ),
        checkpoints=checkpoints,
        progress=progress,
    )
