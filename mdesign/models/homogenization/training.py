"""Training of the homogenisation network: from a cell of two phases to its stiffness.

The composite is that of the paper: Young's moduli of 2.4 and 120 GPa, a contrast of 50, Poisson's
ratio 0.3 of both. The target is the stiffness C_11 along axis 0, in GPa.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.data.sets.stiffness import StiffnessCells
from mdesign.models.homogenization.network import (
    DENSE,
    FILTERS,
    PENALTY,
    build_homogenization_cnn,
    moved_cells,
)
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, fit_samples, split
from mdesign.training.predict import predict_in_blocks

__all__ = ["PAPER_FIT", "StiffnessNetwork", "train_homogenization_cnn"]


PAPER_FIT = FitSettings(batch_size=8, patience=10, validation_share=0.2)
"""How the paper's network was trained: Adam, batches of 8, 20 % for validation."""


_PREDICTED_TOGETHER = 64

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StiffnessNetwork:
    """A trained homogenisation network."""

    fitted: Fitted

    @property
    def model(self) -> keras.Model:
        """Maps cells ``(n, size, size, size, 1)`` to C_11 in GPa, ``(n, 1)``."""
        return self.fitted.model

    def __call__(self, phases: npt.ArrayLike) -> Values:
        """Predict C_11 in GPa, shape (n,), of cells of shape (n, size, size, size)."""
        size = self.model.input_shape[1]
        cells = arguments.phases("phases", phases, f"(n, {size}, {size}, {size})")
        stiffness = predict_in_blocks(self.model, cells[..., np.newaxis], size=_PREDICTED_TOGETHER)
        return stiffness[:, 0].astype(np.float64)

    def averaged(self, phases: npt.ArrayLike, copies: int, rng: np.random.Generator) -> Values:
        """Average C_11 in GPa, shape (n,), over `copies` random `moved_cells`, all equally stiff.

        The zero padding of the network gives each copy another stiffness; the mean has a smaller
        error.
        """
        copies = arguments.whole("copies", copies)
        cells = arguments.phases("phases", phases, "(n, nx, nx, nx)")
        return np.mean([self(moved_cells(cells, rng)) for _ in range(copies)], axis=0)


def train_homogenization_cnn(
    cells: StiffnessCells,
    *,
    filters: Sequence[int] = FILTERS,
    dense: Sequence[int] = DENSE,
    penalty: float = PENALTY,
    moved: bool = False,
    settings: FitSettings = PAPER_FIT,
    folder: str | Path | None = None,
    progress: bool = False,
) -> StiffnessNetwork:
    """Train the homogenisation network on cells, or load it if the same call was finished before.

    The loss is the mean squared error in GPa squared, beside which the penalty is small, as in the
    paper.

    Parameters
    ----------
    cells : StiffnessCells
        To train on and to validate with; `mdesign.training.fit.split` chooses which.
    filters, dense, penalty
        As in `mdesign.models.homogenization.network.build_homogenization_cnn`.
    moved : bool
        Shift, mirror and turn the cells of each batch at random, which leaves C_11 unchanged; the
        paper does not.
    folder : pathlib.Path, optional
        Keeps the trained network.

    Raises
    ------
    ValueError
        If the cells are too small for the poolings, or all have the same stiffness.
    """
    phases = arguments.phases("phases of the cells", cells.phases, "(n, nx, nx, nx)")
    stiffness = arguments.array("stiffness of the cells", cells.stiffness, f"({len(phases)},)")
    stiffness = stiffness[split(len(cells), settings)[0]]
    if not stiffness.std() > 0:
        raise ValueError(f"cells must differ in their stiffness; got {stiffness[0]} for all")
    shape: dict[str, Any] = {
        "filters": tuple(arguments.wholes("filters", filters)),
        "dense": tuple(arguments.wholes("dense", dense, least=0)),
        "penalty": arguments.number("penalty", penalty, "[0, 1e6]"),
    }
    fitted = fit_samples(
        build_homogenization_cnn(
            phases.shape[1],
            **shape,
            mean=float(stiffness.mean()),
            deviation=float(stiffness.std()),
            seed=settings.seed,
        ),
        (phases[..., np.newaxis], cells.stiffness[:, np.newaxis]),
        settings,
        loss="mse",
        transform=moved_cells if moved else None,
        validation_batch=_PREDICTED_TOGETHER,
        checkpoints=Checkpoints.below(
            folder, "homogenization", settings, shape, moved, cells, code=train_homogenization_cnn
        ),
        progress=progress,
    )
    return StiffnessNetwork(fitted)
