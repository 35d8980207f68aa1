"""Localisation cell by cell: a network that gives the whole strain field at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from mdesign.data.sets.strains import StrainFields
from mdesign.models.localization.whole_field_network import build_whole_field
from mdesign.training.epochs import EpochSettings, code_version, train_epochs
from mdesign.training.fit import Fitted

__all__ = ["FieldBatches", "WholeFieldNetwork", "WholeFieldSettings", "train_whole_field"]

_SOURCES = ("models/localization/whole_field.py", "models/localization/whole_field_network.py")

PREDICTED_TOGETHER = 16


@dataclass(frozen=True)
class WholeFieldSettings:
    """Network and training.

    Parameters
    ----------
    training : EpochSettings
        How long and how fast.
    width, blocks : int
        Of `mdesign.models.localization.whole_field_network.build_whole_field`.
    batch_size : int
        Cells in a batch.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    training: EpochSettings
    width: int = 32
    blocks: int = 5
    batch_size: int = 4

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1; got {self.batch_size}")


class FieldBatches(keras.utils.PyDataset):
    """Cells with their strain fields, all once.

    Parameters
    ----------
    data : StrainFields
        Cells; y and z must be equally long.
    batch_size : int
        Cells in a batch.
    rng : numpy.random.Generator, optional
        Source of the order and of the symmetries: each batch is mirrored along some axes, and y
        and z may change places, which does the same to its strain. Cells stay in their order and
        as they are if it is not given.
    """

    def __init__(
        self, data: StrainFields, batch_size: int, rng: np.random.Generator | None = None
    ) -> None:
        super().__init__()
        self._data, self._batch_size = data, batch_size
        self._order = np.arange(len(data)) if rng is None else rng.permutation(len(data))
        self._mirrored = np.zeros((len(self), 4), dtype=bool)
        if rng is not None:
            self._mirrored = rng.random(self._mirrored.shape) < 0.5

    def __len__(self) -> int:
        """Return the number of batches."""
        return -(-len(self._order) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[npt.NDArray, npt.NDArray]:
        """Return the cells and fields of one batch as float32, with a channel."""
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        *mirrored, swapped = self._mirrored[index]
        axes = tuple(1 + axis for axis in range(3) if mirrored[axis])
        found = []
        for array in (self._data.phases[rows], self._data.strains[rows]):
            turned = np.flip(array, axes)
            turned = turned.swapaxes(2, 3) if swapped else turned
            found.append(turned.astype(np.float32)[..., np.newaxis])
        return found[0], found[1]


@dataclass(frozen=True)
class WholeFieldNetwork:
    """Predicts strain fields cell by cell.

    Parameters
    ----------
    fitted : Fitted
        The trained network and its curves.
    """

    fitted: Fitted

    def __call__(self, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Predict the strain fields, shape (n, x, y, z), of cells of the same shape."""
        cells = np.asarray(phases, dtype=np.float32)[..., np.newaxis]
        blocks = range(0, len(cells), PREDICTED_TOGETHER)
        found = [
            self.fitted.model.predict_on_batch(cells[first : first + PREDICTED_TOGETHER])
            for first in blocks
        ]
        return np.concatenate(found)[..., 0].astype(np.float64)


def train_whole_field(
    training: StrainFields,
    validation: StrainFields,
    settings: WholeFieldSettings,
    *,
    folder: Path | None = None,
    progress: bool = False,
) -> WholeFieldNetwork:
    """Train the network on cells, or load it if it was trained before.

    The loss is the mean absolute error: a hundredth of the error by which fields are judged.

    Parameters
    ----------
    training, validation : StrainFields
        Cells to learn from, and cells to end the training with.
    settings : WholeFieldSettings
        How to train.
    folder : pathlib.Path, optional
        Where the state is saved after each epoch; a killed training goes on from there.
    progress : bool
        Show a bar.

    Returns
    -------
    WholeFieldNetwork

    Raises
    ------
    FloatingPointError
        If the training diverges.
    """
    seed, size = settings.training.seed, settings.batch_size

    def batches(epoch: int) -> FieldBatches:
        return FieldBatches(training, size, np.random.default_rng([seed, epoch]))

    fitted = train_epochs(
        build_whole_field(settings.width, settings.blocks, seed=seed),
        batches,
        FieldBatches(validation, PREDICTED_TOGETHER),
        settings.training,
        loss="mae",
        key=[settings, training, validation, code_version(*_SOURCES)],
        folder=folder,
        progress=progress,
    )
    return WholeFieldNetwork(fitted)
