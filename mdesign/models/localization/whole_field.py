"""Localisation cell by cell: a network that gives the whole strain field at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.data.sets.strains import StrainFields
from mdesign.models.localization.whole_field_network import build_whole_field
from mdesign.training.batches import EpochBatches
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, fit_adam
from mdesign.training.predict import predict_in_blocks

__all__ = ["FieldBatches", "WholeFieldNetwork", "WholeFieldSettings", "train_whole_field"]

PREDICTED_TOGETHER = 16


@dataclass(frozen=True)
class WholeFieldSettings:
    """Training, with batches of cells, and `width` and `blocks` of `build_whole_field`."""

    training: FitSettings
    width: int = 32
    blocks: int = 5

    def __post_init__(self) -> None:
        arguments.settle(self, width="[1, inf)", blocks="[1, inf)")


class FieldBatches(keras.utils.PyDataset):
    """Cells with their strain fields, each once; y and z must be equally long.

    With `rng` the cells are shuffled, and each batch is mirrored along random axes and its y and z
    exchanged or not, which does the same to its strain.
    """

    def __init__(
        self, data: StrainFields, batch_size: int, rng: np.random.Generator | None = None
    ) -> None:
        super().__init__()
        self._data, self._batch_size = data, arguments.whole("batch_size", batch_size)
        if data.phases.shape[2] != data.phases.shape[3]:
            raise ValueError(f"data must have y and z equally long; got {data.phases.shape}")
        self._order = np.arange(len(data)) if rng is None else rng.permutation(len(data))
        self._mirrored = np.zeros((len(self), 4), dtype=bool)
        if rng is not None:
            self._mirrored = rng.random(self._mirrored.shape) < 0.5

    def __len__(self) -> int:
        return -(-len(self._order) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[npt.NDArray, npt.NDArray]:
        """Return the cells and fields of one batch as float32, with a channel."""
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        *mirrored, swapped = self._mirrored[index]
        axes = tuple(1 + axis for axis in range(3) if mirrored[axis])
        arrays = []
        for array in (self._data.phases[rows], self._data.strains[rows]):
            turned = np.flip(array, axes)
            turned = turned.swapaxes(2, 3) if swapped else turned
            arrays.append(turned.astype(np.float32)[..., np.newaxis])
        return arrays[0], arrays[1]


@dataclass(frozen=True)
class WholeFieldNetwork:
    """A trained network that predicts strain fields cell by cell."""

    fitted: Fitted

    def __call__(self, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Predict the strain fields, shape (n, x, y, z), of cells of the same shape."""
        cells = arguments.not_empty("phases", arguments.phases("phases", phases, "(n, x, y, z)"))
        images = cells[..., np.newaxis].astype(np.float32)
        model = self.fitted.model
        strains = predict_in_blocks(model, images, size=PREDICTED_TOGETHER, compiled=True)
        return strains[..., 0].astype(np.float64)


def train_whole_field(
    training: StrainFields,
    validation: StrainFields,
    settings: WholeFieldSettings,
    *,
    folder: str | Path | None = None,
    progress: bool = False,
) -> WholeFieldNetwork:
    """Train the network on cells, or load it if it was trained before.

    The loss is the mean absolute error, a hundredth of the error `strain_error` in percent.

    Parameters
    ----------
    training, validation : StrainFields
        Cells to train on, and cells that end the training.
    folder : pathlib.Path, optional
        Keeps the state of each epoch, from which a killed training continues.
    """
    how = settings.training

    def cells(epoch: int) -> FieldBatches:
        rng = np.random.default_rng([how.seed, epoch])
        return FieldBatches(training, how.batch_size, rng)

    model = build_whole_field(settings.width, settings.blocks, seed=how.seed)
    kept = Checkpoints.below(
        folder, model.name, settings, training, validation, code=train_whole_field
    )
    fitted = fit_adam(
        model,
        EpochBatches(cells),
        how,
        loss="mae",
        validation=FieldBatches(validation, PREDICTED_TOGETHER),
        checkpoints=kept,
        progress=progress,
    )
    return WholeFieldNetwork(fitted)
