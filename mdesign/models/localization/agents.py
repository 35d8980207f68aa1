"""Localisation by features of the neighbourhood: one model for all voxels, or one a context.

A voxel is described by its phase, the stiff fraction of its cell, and the stiff share of each
level of neighbours. Since the load has a direction, a level may be divided by how far along the
load its voxels lie; otherwise no model can tell above from beside.

Liu et al., Integr. Mater. Manuf. Innov. 4, 192 (2015): features of neighbours, ensembles of trees.
Liu et al., Integr. Mater. Manuf. Innov. 6, 160 (2017): contexts. The review that is reproduced does
not state features and models; those here are our own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge

from mdesign import arguments
from mdesign.data.sets.strains import StrainFields
from mdesign.models.localization.mks import neighbour_levels

__all__ = ["AgentSettings", "MultiAgent", "SingleAgent", "neighbour_features"]

Floats = npt.NDArray[np.float32]

RIDGE = 1e-3
PREDICTED_TOGETHER = 16
CONTEXT_SCALES = np.array([2.0, 3.0, 1.0], dtype=np.float32)
"""How much the phase, the fraction and the nearest neighbours count when contexts are formed."""


@dataclass(frozen=True)
class AgentSettings:
    """Features, samples and models.

    Parameters
    ----------
    levels, axial : int and bool
        Levels of neighbours; whether a level is divided by how far along the load its voxels lie.
    voxels_per_cell : int
        Training voxels drawn from each cell.
    trees, leaf, contexts : int
        Trees of a forest, fewest samples in a leaf, and contexts of the multi-agent model.
    """

    levels: int = 12
    axial: bool = True
    voxels_per_cell: int = 250
    trees: int = 20
    leaf: int = 5
    contexts: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        names = ("levels", "voxels_per_cell", "trees", "leaf", "contexts")
        arguments.settle(self, seed="[0, inf)", **dict.fromkeys(names, "[1, inf)"))

    def features(self, phases: npt.ArrayLike) -> Floats:
        """Describe each voxel of cells; see `neighbour_features`."""
        return neighbour_features(phases, self.levels, axial=self.axial)


@dataclass(frozen=True)
class SingleAgent:
    """One regression forest for all voxels."""

    settings: AgentSettings
    forest: RandomForestRegressor

    @classmethod
    def trained(cls, data: StrainFields, settings: AgentSettings) -> SingleAgent:
        """Train the forest on voxels of cells."""
        features, strains = _drawn(data, settings)
        forest = RandomForestRegressor(
            settings.trees,
            min_samples_leaf=settings.leaf,
            max_features=0.4,
            random_state=settings.seed,
        )
        return cls(settings, forest.fit(features, strains))

    def __call__(self, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Predict the strain fields, shape (n, x, y, z), of cells of the same shape."""
        return _fields(phases, self.settings, self.forest.predict)


@dataclass(frozen=True)
class MultiAgent:
    """Contexts, which are clusters of similar voxels, and a linear model in each.

    Voxels are clustered by their phase, the fraction of their cell and their nearest neighbours.
    """

    settings: AgentSettings
    contexts: KMeans
    agents: tuple[Ridge, ...]

    @classmethod
    def trained(cls, data: StrainFields, settings: AgentSettings) -> MultiAgent:
        """Cluster voxels of cells into contexts, and train a model in each."""
        features, strains = _drawn(data, settings)
        contexts = KMeans(settings.contexts, n_init=1, random_state=settings.seed)
        labels = contexts.fit_predict(_context(features))
        agents = tuple(
            Ridge(RIDGE).fit(features[labels == label], strains[labels == label])
            for label in range(settings.contexts)
        )
        return cls(settings, contexts, agents)

    def __call__(self, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Predict the strain fields, shape (n, x, y, z), of cells of the same shape."""
        return _fields(phases, self.settings, self._predict)

    def _predict(self, features: Floats) -> npt.NDArray[np.float64]:
        labels = self.contexts.predict(_context(features))
        strains = np.empty(len(features))
        for label in np.unique(labels):
            rows = labels == label
            strains[rows] = self.agents[label].predict(features[rows])
        return strains


def neighbour_features(phases: npt.ArrayLike, levels: int, *, axial: bool) -> Floats:
    """Phase, stiff fraction of the cell, and stiff share of each level of neighbours.

    Returns float32 (n, x, y, z, n_features) for periodic cells (n, x, y, z) of 0 and 1, in the
    order of the levels of `mdesign.models.localization.mks.neighbour_levels`. With `axial` a level
    is divided by the distance along the first axis, the voxels beside before those above and below.
    """
    cells = arguments.phases("phases", phases, "(n, x, y, z)").astype(np.float32)
    transformed = np.fft.rfftn(cells, axes=(1, 2, 3))
    fraction = cells.mean(axis=(1, 2, 3), keepdims=True)
    features = [cells, np.broadcast_to(fraction, cells.shape)]
    for group in _groups(cells.shape[1:], levels, axial):
        # A group is the same seen from either side, so that its transform is real.
        share = transformed * np.fft.rfftn(group / group.sum()).real
        features.append(np.fft.irfftn(share, s=cells.shape[1:], axes=(1, 2, 3)))
    return np.stack(features, axis=-1, dtype=np.float32, casting="same_kind")


def _groups(grid: tuple[int, int, int], levels: int, axial: bool) -> list[npt.NDArray[np.bool_]]:
    """Masks of the voxels of each level, or of each level and distance along the load."""
    ranks, distances = neighbour_levels(grid)
    levels = arguments.whole("levels", levels, f"[1, {len(distances) - 1}]")
    along = np.minimum(np.arange(grid[0]), grid[0] - np.arange(grid[0]))
    keys = ranks * grid[0] + (along[:, np.newaxis, np.newaxis] if axial else 0)
    return [keys == key for key in np.unique(keys[(ranks >= 1) & (ranks <= levels)])]


def _drawn(data: StrainFields, settings: AgentSettings) -> tuple[Floats, npt.NDArray[np.float64]]:
    """Features and strains of voxels drawn at random from each cell."""
    rng = np.random.default_rng(settings.seed)
    voxels = data.phases[0].size
    drawn = min(settings.voxels_per_cell, voxels)
    features, strains = [], []
    for phases, field in zip(data.phases, data.strains, strict=True):
        rows = rng.choice(voxels, drawn, replace=False)
        features.append(settings.features(phases[np.newaxis]).reshape(voxels, -1)[rows])
        strains.append(field.ravel()[rows])
    return np.concatenate(features), np.concatenate(strains).astype(np.float64)


def _context(features: Floats) -> Floats:
    """Scale the features that define the context of a voxel."""
    return np.ascontiguousarray(features[:, : len(CONTEXT_SCALES)] * CONTEXT_SCALES)


def _fields(
    phases: npt.ArrayLike,
    settings: AgentSettings,
    predict: Callable[[Floats], npt.NDArray[np.float64]],
) -> npt.NDArray[np.float64]:
    """Predict a few cells at a time, because the features take much memory."""
    cells = arguments.not_empty("phases", arguments.phases("phases", phases, "(n, x, y, z)"))
    fields = []
    for first in range(0, len(cells), PREDICTED_TOGETHER):
        features = settings.features(cells[first : first + PREDICTED_TOGETHER])
        strains = predict(features.reshape(-1, features.shape[-1]))
        fields.append(strains.reshape(features.shape[:-1]))
    return np.concatenate(fields)
