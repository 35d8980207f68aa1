"""Localisation voxel by voxel: a network that sees the neighbourhood of each voxel.

A cell of 21 voxels a side has 9,261 neighbourhoods of 1,331 voxels; those of many cells do not fit
into memory. They are cut out of the periodic cells batch by batch, all of one plane across the
load at a time: these overlap and form one image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.data.sets.strains import StrainFields
from mdesign.models.localization.neighbourhood_network import (
    FILTERS,
    HEADS,
    STRAIN_SCALE,
    build_localization_cnn,
)
from mdesign.training.batches import EpochBatches
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, fit_adam
from mdesign.training.predict import predict_in_blocks

__all__ = [
    "LocalizationNetwork",
    "NeighbourhoodSettings",
    "Neighbourhoods",
    "PlaneBatches",
    "train_localization_network",
]

Rows = npt.NDArray[np.intp]

PREDICTED_TOGETHER = 16
"""Planes predicted or validated at a time."""


@dataclass(frozen=True)
class NeighbourhoodSettings:
    """Network, samples and training; the sizes are the paper's, at contrast 10.

    Parameters
    ----------
    training : FitSettings
        How to train; a batch consists of planes, usually of different cells. The paper has 1.
    side : int
        Voxels along each side of a neighbourhood, odd.
    filters, heads : sequence of int
        Feature maps of the convolutions and neurons of the dense layers.
    decay : float
        Weight of the squared weights in the loss.
    planes_per_cell : int, optional
        Planes of each cell in an epoch, drawn for each epoch; all of them if not given.
    checked_per_cell : int
        Planes of each validation cell that are used after each epoch.
    """

    training: FitSettings
    side: int = 11
    filters: Sequence[int] = FILTERS
    heads: Sequence[int] = HEADS
    decay: float = 1e-4
    planes_per_cell: int | None = None
    checked_per_cell: int = 2

    def __post_init__(self) -> None:
        names = ("side", "filters", "heads", "planes_per_cell", "checked_per_cell")
        arguments.settle(self, decay="[0, 1e6]", **dict.fromkeys(names, "[1, inf)"))


class Neighbourhoods:
    """Neighbourhoods of the voxels of periodic cells (n, x, y, z), cut out on demand.

    The load is along x; `side` is the odd number of voxels along each side of a neighbourhood.
    """

    def __init__(self, phases: npt.ArrayLike, side: int) -> None:
        cells = arguments.not_empty("phases", arguments.phases("phases", phases, "(n, x, y, z)"))
        self.shape = cells.shape
        self.side = side = arguments.whole("side", side)
        if side % 2 == 0:
            raise ValueError(f"side must be odd; got {side}")
        around = (side // 2, side // 2)
        padded = np.pad(cells, ((0, 0), around, around, around), mode="wrap")
        # The slices across the load, those around a plane, become the channels, the last axis.
        self._planes = np.lib.stride_tricks.sliding_window_view(padded, side, axis=1)

    def planes(self, cells: Rows, planes: Rows) -> npt.NDArray[np.uint8]:
        """Cut out all neighbourhoods of m planes, given by cell and index along its first axis.

        The shape is (m, y + side - 1, z + side - 1, side); the last axis is x of the cell.
        """
        return self._planes[cells, planes]

    def cubes(self, cells: Rows, voxels: npt.NDArray[np.intp]) -> npt.NDArray[np.uint8]:
        """Cut out the neighbourhoods (m, side, side, side) of voxels (m, 3) of cells (m,).

        The axes are y, z and x of the cell, with the voxel in the middle.
        """
        x, y, z = voxels.T
        cubes = np.lib.stride_tricks.sliding_window_view(
            self._planes, (self.side, self.side), axis=(2, 3)
        )
        return np.moveaxis(cubes[cells, x, y, z], 1, -1)


class PlaneBatches(keras.utils.PyDataset):
    """Neighbourhoods of `per_cell` random planes of each cell, or of all, with their strains."""

    def __init__(
        self,
        data: StrainFields,
        neighbourhoods: Neighbourhoods,
        *,
        batch_size: int,
        per_cell: int | None = None,
        rng: np.random.Generator,
    ) -> None:
        super().__init__()
        self._batch_size = arguments.whole("batch_size", batch_size)
        if per_cell is not None:
            per_cell = arguments.whole("per_cell", per_cell)
        planes = data.phases.shape[1]
        drawn = min(per_cell or planes, planes)
        rows = np.stack([rng.permutation(planes)[:drawn] for _ in range(len(data))])
        rows += planes * np.arange(len(data))[:, np.newaxis]
        self._rows = rng.permutation(rows.ravel())
        self._data, self._neighbourhoods = data, neighbourhoods

    def __len__(self) -> int:
        return -(-len(self._rows) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[npt.NDArray, npt.NDArray]:
        """Return images of planes, and their strains times `STRAIN_SCALE`, as float32."""
        rows = self._rows[index * self._batch_size : (index + 1) * self._batch_size]
        cells, planes = np.divmod(rows, self._data.phases.shape[1])
        images = self._neighbourhoods.planes(cells, planes)
        targets = STRAIN_SCALE * self._data.strains[cells, planes, ..., np.newaxis]
        return images.astype(np.float32), targets.astype(np.float32)


@dataclass(frozen=True)
class LocalizationNetwork:
    """A trained network that predicts strain fields plane by plane."""

    fitted: Fitted

    def __call__(self, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Predict the strain fields, shape (n, x, y, z), of cells of the same shape."""
        model = self.fitted.model
        neighbourhoods = Neighbourhoods(phases, model.input_shape[-1])
        shape = neighbourhoods.shape
        strains = predict_in_blocks(
            model,
            np.arange(shape[0] * shape[1]),
            size=PREDICTED_TOGETHER,
            prepare=lambda rows: neighbourhoods.planes(*np.divmod(rows, shape[1])).astype(
                np.float32
            ),
            compiled=True,
        )
        return strains.reshape(shape).astype(np.float64) / STRAIN_SCALE


def train_localization_network(
    training: StrainFields,
    validation: StrainFields,
    settings: NeighbourhoodSettings,
    *,
    folder: str | Path | None = None,
    progress: bool = False,
) -> LocalizationNetwork:
    """Train the network on neighbourhoods, or load it if it was trained before.

    Parameters
    ----------
    training, validation : StrainFields
        Cells to train on, and cells that end the training.
    folder : pathlib.Path, optional
        Keeps the state of each epoch, from which a killed training continues.
    """
    how = settings.training
    seen = [Neighbourhoods(part.phases, settings.side) for part in (training, validation)]

    def planes(epoch: int) -> PlaneBatches:
        return PlaneBatches(
            training,
            seen[0],
            batch_size=how.batch_size,
            per_cell=settings.planes_per_cell,
            rng=np.random.default_rng([how.seed, epoch]),
        )

    checks = PlaneBatches(
        validation,
        seen[1],
        batch_size=PREDICTED_TOGETHER,
        per_cell=settings.checked_per_cell,
        rng=np.random.default_rng(how.seed),
    )
    model = build_localization_cnn(
        settings.side,
        filters=settings.filters,
        heads=settings.heads,
        decay=settings.decay,
        seed=how.seed,
    )
    kept = Checkpoints.below(
        folder, model.name, settings, training, validation, code=train_localization_network
    )
    fitted = fit_adam(
        model,
        EpochBatches(planes),
        how,
        loss="mse",
        validation=checks,
        checkpoints=kept,
        progress=progress,
    )
    return LocalizationNetwork(fitted)
