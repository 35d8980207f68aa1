"""Microstructures with their computed properties, kept so that no image is computed twice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.storage import ShardedSet

__all__ = ["Labelled", "LabelledSets", "PropertySolver", "label", "label_sets"]

CHUNK = 25
"""Images computed between two savings: seconds of work, so that a kill costs little."""

PROBE_DIGITS = 4


class PropertySolver(Protocol):
    """Computes properties; `mdesign.physics.PorousMedium` is one."""

    def properties(self, phases: npt.NDArray) -> npt.NDArray[np.float64]:
        """Compute the properties, shape (n, n_properties), of images of shape (n, nx, ny)."""
        ...


@dataclass(frozen=True)
class Labelled:
    """Microstructures and their properties.

    Parameters
    ----------
    phases : ndarray of uint8, shape (n, nx, ny)
        1 for solid, 0 for pores.
    properties : ndarray of float64, shape (n, n_properties)
        One row an image.

    Raises
    ------
    ValueError
        If the shapes do not fit or a property is not finite.
    """

    phases: npt.NDArray[np.uint8]
    properties: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.phases.ndim != 3 or self.properties.ndim != 2:
            raise ValueError(
                "phases must have shape (n, nx, ny) and properties (n, n_properties); "
                f"got {self.phases.shape} and {self.properties.shape}"
            )
        if len(self.phases) != len(self.properties):
            raise ValueError(
                f"properties must have one row for each of {len(self.phases)} images; "
                f"got {len(self.properties)}"
            )
        if not np.isfinite(self.properties).all():
            raise ValueError("properties must be finite; got some that are not")

    def __len__(self) -> int:
        return len(self.phases)

    def __getitem__(self, rows: npt.NDArray[np.intp] | slice) -> Labelled:
        """Take some of the samples."""
        return Labelled(self.phases[rows], self.properties[rows])

    def with_added(self, others: Labelled) -> Labelled:
        """Put other samples behind these."""
        return Labelled(
            np.concatenate([self.phases, others.phases]),
            np.concatenate([self.properties, others.properties]),
        )


@dataclass(frozen=True)
class LabelledSets:
    """Authentic samples to train on, to end the training with, and to judge by.

    Parameters
    ----------
    train, validation, test : Labelled
        The three sets.
    """

    train: Labelled
    validation: Labelled
    test: Labelled


def label(
    phases: npt.NDArray[np.uint8],
    medium: PropertySolver,
    *,
    folder: Path | None = None,
    name: str = "properties",
    progress: bool = False,
) -> Labelled:
    """Compute the properties of microstructures, or read those that were computed before.

    Chunks of `CHUNK` images are kept below `folder`, each under a name made of its pixels and of
    the medium, so that the same images in another notebook are found. A killed run goes on where
    it was. The first image is always computed anew: a change of the physics is noticed by it.

    Parameters
    ----------
    phases : ndarray of uint8, shape (n, nx, ny)
        1 for solid, 0 for pores.
    medium : PropertySolver
        A dataclass that computes the properties, such as `mdesign.physics.PorousMedium`.
    folder : pathlib.Path, optional
        Where the properties are kept; nothing is kept without it.
    name : str
        Stands at the bar.
    progress : bool
        Show a bar.

    Returns
    -------
    Labelled
        In the order of `phases`.

    Raises
    ------
    ValueError
        If `phases` is no stack of at least one image.
    """
    if phases.ndim != 3 or not len(phases):
        raise ValueError(f"phases must have shape (n, nx, ny), n at least 1; got {phases.shape}")
    chunks = [phases[first : first + CHUNK] for first in range(0, len(phases), CHUNK)]
    probe = None if folder is None else _rounded(medium.properties(phases[:1]))
    found = []
    with tqdm(total=len(phases), desc=name, unit="image", disable=not progress) as bar:
        for chunk in chunks:
            found.append(_computed(chunk, medium, folder, probe))
            bar.update(len(chunk))
    return Labelled(phases, np.concatenate(found))


def label_sets(
    train: npt.NDArray[np.uint8],
    validation: npt.NDArray[np.uint8],
    test: npt.NDArray[np.uint8],
    medium: PropertySolver,
    *,
    folder: Path | None = None,
    progress: bool = False,
) -> LabelledSets:
    """Compute the properties of the three authentic sets.

    Parameters
    ----------
    train, validation, test : ndarray of uint8, shape (n, nx, ny)
        As `mdesign.data.sets.porous.authentic` splits them.
    medium, folder, progress
        As in `label`.

    Returns
    -------
    LabelledSets
        The sets with their properties.
    """
    sets = {"train": train, "validation": validation, "test": test}
    return LabelledSets(
        **{
            name: label(phases, medium, folder=folder, name=name, progress=progress)
            for name, phases in sets.items()
        }
    )


def _computed(
    chunk: npt.NDArray[np.uint8],
    medium: PropertySolver,
    folder: Path | None,
    probe: list[str] | None,
) -> npt.NDArray[np.float64]:
    """Properties of one chunk, computed or read."""

    def make(_: np.random.Generator, n: int) -> dict[str, npt.NDArray[Any]]:
        return {"properties": medium.properties(chunk[:n])}

    if folder is None:
        return medium.properties(chunk)
    settings = {"medium": medium, "phases": chunk, "probe": probe}
    kept = ShardedSet(folder, settings, shard_size=len(chunk))
    return kept.load(make, len(chunk))["properties"]


def _rounded(values: npt.NDArray[np.float64]) -> list[str]:
    """Write numbers with so few digits that rounding errors do not show."""
    return [f"{value:.{PROBE_DIGITS}g}" for value in values.ravel()]
