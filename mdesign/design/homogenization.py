"""From a cell of two phases to its stiffness: labelled cells, and a network that learns them.

The composite is that of the paper: Young's moduli of 2.4 and 120 GPa, a contrast of 50, Poisson's
ratio 0.3 of both. What is learnt is the stiffness C_11 along axis 0, in GPa.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from mdesign.data import ShardedSet
from mdesign.design.fitting import FitSettings, Fitted, fit, split
from mdesign.microstructure import FILTER_WIDTHS, filtered_noise, volume_fraction
from mdesign.models import homogenization_cnn
from mdesign.models.homogenization_cnn import (
    DENSE,
    FILTERS,
    PENALTY,
    build_homogenization_cnn,
    moved_cells,
)
from mdesign.physics import VoxelElasticity

__all__ = [
    "COMPOSITE",
    "PAPER_FIT",
    "Accuracy",
    "Predictor",
    "StiffnessCells",
    "StiffnessNetwork",
    "accuracy",
    "learning_curve",
    "stiffness_along_axis_0",
    "stiffness_cells",
    "train_homogenization_cnn",
]

COMPOSITE = VoxelElasticity((2.4, 120.0), (0.3, 0.3), tolerance=1e-4, dtype="float32")
"""Moduli in GPa. The error of the stiffness is of the order of the tolerance squared."""

PAPER_FIT = FitSettings(batch_size=8, patience=10, validation_share=0.2)
"""How the paper's network was trained: Adam, batches of 8, 20 % for validation."""

SHARD_SIZE = 50
"""Cells in a shard: a minute of work at 51 voxels a side, so that a kill costs little."""

PROBE_SEED, PROBE_DIGITS = 2**32 - 1, 4
_PREDICTED_TOGETHER = 64

SOLVED_TOGETHER = 2**20
"""Voxels whose fields are held at once: some 200 MiB."""

Phases = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]
Predictor = Callable[[Phases], Values]
"""Stiffness, shape (n,), of cells of shape (n, x, y, z)."""


@dataclass(frozen=True)
class StiffnessCells:
    """Cells and their stiffness.

    Attributes
    ----------
    phases : ndarray of uint8, shape (n, size, size, size)
        1 for the stiff phase.
    stiffness : ndarray of float64, shape (n,)
        C_11 in GPa.
    widths : ndarray of float64, shape (n, 3)
        Widths in voxels of the filter that each cell was made with.
    """

    phases: Phases
    stiffness: Values
    widths: Values

    def __len__(self) -> int:
        return len(self.stiffness)

    def __getitem__(self, rows: slice | npt.NDArray) -> StiffnessCells:
        """Take some of the cells."""
        return StiffnessCells(self.phases[rows], self.stiffness[rows], self.widths[rows])

    @property
    def fraction(self) -> Values:
        """Fraction of the stiff phase, shape (n,)."""
        return volume_fraction(self.phases)


class Accuracy(NamedTuple):
    """Mean absolute error of predicted stiffness.

    Parameters
    ----------
    gpa : float
        In GPa.
    percent : float
        In percent of the mean of the true stiffness. The paper's three pairs of errors have one
        and the same quotient, 33.6 GPa, so that this is what its percentages mean.
    """

    gpa: float
    percent: float


@dataclass(frozen=True)
class StiffnessNetwork:
    """A trained homogenisation network.

    Parameters
    ----------
    fitted : Fitted
        The network and how its training went.
    """

    fitted: Fitted

    @property
    def model(self) -> keras.Model:
        """Maps cells ``(n, size, size, size, 1)`` to C_11 in GPa, ``(n, 1)``."""
        return self.fitted.model

    def __call__(self, phases: Phases) -> Values:
        """Predict C_11 in GPa, shape (n,), of cells of shape (n, size, size, size)."""
        found = [
            self.model(phases[first : first + _PREDICTED_TOGETHER, ..., np.newaxis])
            for first in range(0, len(phases), _PREDICTED_TOGETHER)
        ]
        return np.concatenate([keras.ops.convert_to_numpy(part)[:, 0] for part in found]).astype(
            np.float64
        )

    def averaged(self, phases: Phases, copies: int, rng: np.random.Generator) -> Values:
        """Average the predictions for moved copies of cells, all of which are as stiff.

        A network with walls of zeros around its cells gives each copy another stiffness; the mean
        errs less than one of them.

        Parameters
        ----------
        phases : ndarray, shape (n, size, size, size)
            Phases 0 and 1.
        copies : int
            Copies of each cell, at least 1, as
            `mdesign.models.homogenization_cnn.moved_cells` makes them.
        rng : numpy.random.Generator
            Source of the moves.

        Returns
        -------
        ndarray, shape (n,)
            C_11 in GPa.

        Raises
        ------
        ValueError
            If `copies` is not positive.
        """
        if copies < 1:
            raise ValueError(f"copies must be at least 1; got {copies}")
        return np.mean([self(moved_cells(phases, rng)) for _ in range(copies)], axis=0)


def stiffness_along_axis_0(phases: Phases, composite: VoxelElasticity = COMPOSITE) -> Values:
    """Compute C_11 of cells from one load case each.

    Parameters
    ----------
    phases : ndarray, shape (n, x, y, z)
        Phases 0 and 1.
    composite : VoxelElasticity, optional
        The composite.

    Returns
    -------
    ndarray, shape (n,)
        Mean stress along axis 0 under a unit strain along it, all others kept at zero, in the unit
        of the moduli.
    """
    size = max(1, SOLVED_TOGETHER // phases[0].size)
    parts = [phases[first : first + size] for first in range(0, len(phases), size)]
    stresses = [composite.solve(part, (1, 0, 0, 0, 0, 0)).stress[:, 0] for part in parts]
    return np.concatenate([stress.mean(axis=(1, 2, 3), dtype=np.float64) for stress in stresses])


def stiffness_cells(
    n: int,
    size: int,
    *,
    scale: float = 1.0,
    fractions: tuple[float, float] = (0.25, 0.75),
    composite: VoxelElasticity = COMPOSITE,
    seed: int = 0,
    folder: Path,
    progress: bool = False,
) -> StiffnessCells:
    """Draw filtered-noise cells and compute their stiffness, or read both.

    The cells are kept in shards of `SHARD_SIZE` below `folder`. The same call later reads them; a
    killed run goes on where it was; a larger set continues a smaller one. What is kept is tied to
    the composite and to two small cells computed anew by each call, so that a change of the
    physics is noticed.

    Parameters
    ----------
    n : int
        Number of cells, at least 1.
    size : int
        Side of a cell in voxels; 51 in the paper.
    scale : float, optional
        Factor on the widths of the filters, `mdesign.microstructure.FILTER_WIDTHS`, one of which
        is drawn for each cell.
    fractions : tuple of float, optional
        Range from which the fraction of the stiff phase is drawn, uniformly.
    composite : VoxelElasticity, optional
        The composite.
    seed : int, optional
        Zero or positive. Each shard draws its cells from a stream of its own.
    folder : pathlib.Path
        Where the sets lie.
    progress : bool, optional
        Show a bar.

    Returns
    -------
    StiffnessCells
        Of length `n`.

    Raises
    ------
    ValueError
        If a number breaks its rule.
    """
    if not scale > 0 or not 0 < fractions[0] <= fractions[1] < 1:
        raise ValueError(
            "scale must be positive and fractions rise within (0, 1); "
            f"got {scale} and {tuple(fractions)}"
        )

    def make(rng: np.random.Generator, n_cells: int) -> dict[str, npt.NDArray[Any]]:
        widths = scale * FILTER_WIDTHS[rng.integers(len(FILTER_WIDTHS), size=n_cells)]
        phases = filtered_noise(
            n_cells,
            (size, size, size),
            fraction=rng.uniform(*fractions, n_cells),
            widths=widths,
            rng=rng,
        )
        stiffness = stiffness_along_axis_0(phases, composite)
        return {"phases": phases, "stiffness": stiffness, "widths": widths}

    settings = {
        "composite": composite,
        "size": size,
        "widths": scale * FILTER_WIDTHS,
        "fractions": tuple(fractions),
        "probe": _probe(composite),
    }
    kept = ShardedSet(folder, settings, shard_size=SHARD_SIZE, seed=seed)
    return StiffnessCells(**kept.load(make, n, progress=progress))


def train_homogenization_cnn(
    cells: StiffnessCells,
    *,
    filters: Sequence[int] = FILTERS,
    dense: Sequence[int] = DENSE,
    penalty: float = PENALTY,
    moved: bool = False,
    settings: FitSettings = PAPER_FIT,
    folder: Path | None = None,
    progress: bool = False,
) -> StiffnessNetwork:
    """Train the homogenisation network on cells, or load it if the same call was finished before.

    Parameters
    ----------
    cells : StiffnessCells
        To train on and to validate with.
    filters, dense, penalty
        As in `mdesign.models.homogenization_cnn.build_homogenization_cnn`. The loss is the mean
        squared error in GPa squared, beside which the penalty is small, as in the paper.
    moved : bool, optional
        Shift, mirror and turn the cells of each batch at random, which leaves C_11 as it is; the
        paper does not.
    settings : FitSettings, optional
        How to train; `mdesign.design.fitting.split` tells which cells validate.
    folder : pathlib.Path, optional
        Where the trained network is kept and found again.
    progress : bool, optional
        Show a bar.

    Returns
    -------
    StiffnessNetwork
        Callable on cells.

    Raises
    ------
    ValueError
        If the network has no room for its poolings in cells of this size, or the stiffness of all
        cells is the same.
    """
    size = cells.phases.shape[1]
    known = cells.stiffness[split(len(cells), settings)[0]]

    def build() -> keras.Model:
        return build_homogenization_cnn(
            size,
            filters=filters,
            dense=dense,
            penalty=penalty,
            mean=float(known.mean()),
            deviation=float(known.std()),
            seed=settings.seed,
        )

    code = inspect.getsource(homogenization_cnn)
    fitted = fit(
        build,
        cells.phases[..., np.newaxis],
        cells.stiffness[:, np.newaxis],
        settings,
        loss="mse",
        recipe=f"{code} {tuple(filters)} {tuple(dense)} {penalty} {moved}",
        key=(cells.phases, cells.stiffness.astype(np.float32)),
        transform=moved_cells if moved else None,
        validation_batch=_PREDICTED_TOGETHER,
        folder=folder,
        progress=progress,
    )
    return StiffnessNetwork(fitted)


def accuracy(predicted: npt.ArrayLike, true: npt.ArrayLike) -> Accuracy:
    """Mean absolute error of predicted stiffness, in GPa and in percent of the mean.

    Parameters
    ----------
    predicted, true : array_like, shape (n,)
        Stiffness in GPa.

    Returns
    -------
    Accuracy

    Raises
    ------
    ValueError
        If the shapes differ or there is nothing to compare.

    Examples
    --------
    >>> accuracy([9.0, 33.0], [10.0, 30.0])
    Accuracy(gpa=2.0, percent=10.0)
    """
    guesses, values = np.asarray(predicted, float), np.asarray(true, float)
    if guesses.shape != values.shape or not values.size:
        raise ValueError(
            f"predicted and true must be as many, at least 1; got {guesses.shape}, {values.shape}"
        )
    error = float(np.abs(guesses - values).mean())
    return Accuracy(error, 100 * error / float(values.mean()))


def learning_curve(
    train: Callable[[StiffnessCells], Predictor],
    cells: StiffnessCells,
    test: StiffnessCells,
    counts: Iterable[int],
) -> list[Accuracy]:
    """Accuracy on one test set after training on more and more cells.

    Parameters
    ----------
    train : callable
        Makes a predictor from cells.
    cells : StiffnessCells
        To train on; the first of them are taken, so that each set holds the smaller ones.
    test : StiffnessCells
        To judge by, none of them among `cells`.
    counts : iterable of int
        Numbers of cells to train on, at most as many as there are.

    Returns
    -------
    list of Accuracy
        One for each count.

    Raises
    ------
    ValueError
        If a count is larger than the number of cells or not positive.
    """
    wanted = list(counts)
    if not wanted or min(wanted) < 1 or max(wanted) > len(cells):
        raise ValueError(f"counts must lie between 1 and {len(cells)}; got {wanted}")
    return [accuracy(train(cells[:count])(test.phases), test.stiffness) for count in wanted]


def _probe(composite: VoxelElasticity) -> list[float]:
    """Stiffness of two small cells with so few digits that rounding errors do not show."""
    rng = np.random.default_rng(PROBE_SEED)
    phases = filtered_noise(2, (6, 6, 6), fraction=0.5, widths=0.7, rng=rng)
    values = stiffness_along_axis_0(phases, composite)
    return [float(f"{value:.{PROBE_DIGITS}g}") for value in values]
