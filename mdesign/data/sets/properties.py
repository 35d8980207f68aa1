"""Microstructures with their computed properties, kept so that no image is computed twice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign import arguments
from mdesign.storage import kept_arrays, result_name, rounded

__all__ = ["Labelled", "LabelledSets", "PropertySolver", "label", "label_sets"]

#: Images computed between two savings: seconds of work, so that a kill costs little.
CHUNK = 25


@runtime_checkable
class PropertySolver(Protocol):
    """Computes properties; `mdesign.physics.PorousMedium` is one."""

    def properties(self, phases: npt.NDArray) -> npt.NDArray[np.float64]:
        """Compute the properties, shape (n, n_properties), of images of shape (n, nx, ny)."""
        ...


@dataclass(frozen=True)
class Labelled:
    """Microstructures and their properties; ValueError if they do not fit or are not finite."""

    #: 1 for solid, 0 for pores, array_like (n, nx, ny); kept as uint8.
    phases: Any
    #: One row an image, array_like (n, n_properties); kept as float64.
    properties: Any

    def __post_init__(self) -> None:
        phases = arguments.phases("phases", self.phases)
        properties = arguments.array("properties", self.properties, "(n, n_properties)")
        if len(phases) != len(properties):
            raise ValueError(
                f"phases and properties must be as many; got {len(phases)} images "
                f"and {len(properties)} rows"
            )
        object.__setattr__(self, "phases", phases)
        object.__setattr__(self, "properties", properties)

    def __len__(self) -> int:
        return len(self.phases)

    def __getitem__(self, rows: npt.NDArray[np.intp] | slice) -> Labelled:
        """Select samples."""
        return Labelled(self.phases[rows], self.properties[rows])

    def with_added(self, others: Labelled) -> Labelled:
        """Append other samples to these."""
        return Labelled(
            np.concatenate([self.phases, others.phases]),
            np.concatenate([self.properties, others.properties]),
        )


@dataclass(frozen=True)
class LabelledSets:
    """Authentic samples for training, validation and test."""

    train: Labelled
    validation: Labelled
    test: Labelled


def label(
    phases: npt.ArrayLike,
    medium: PropertySolver,
    *,
    folder: str | Path | None = None,
    name: str = "properties",
    progress: bool = False,
) -> Labelled:
    """Compute the properties of microstructures (n, nx, ny), 1 = solid, or read them.

    Chunks of `CHUNK` images are kept below `folder`, if there is one, under names made of their
    pixels and the medium, so that the same images in another notebook are reused. A killed run goes
    on where it was. The first image is computed in each call, so that a change of the physics is
    noticed. `medium` is a dataclass such as `mdesign.physics.PorousMedium`; `name` is the title of
    the bar.
    """
    images = arguments.not_empty("phases", arguments.phases("phases", phases))
    chunks = [images[first : first + CHUNK] for first in range(0, len(images), CHUNK)]
    probe = None if folder is None else rounded(medium.properties(images[:1]))
    properties = []
    with tqdm(total=len(images), desc=name, unit="image", disable=not progress) as bar:
        for chunk in chunks:
            properties.append(_computed(chunk, medium, folder, probe))
            bar.update(len(chunk))
    return Labelled(images, np.concatenate(properties))


def label_sets(
    train: npt.ArrayLike,
    validation: npt.ArrayLike,
    test: npt.ArrayLike,
    medium: PropertySolver,
    *,
    folder: str | Path | None = None,
    progress: bool = False,
) -> LabelledSets:
    """Compute the properties of three sets; other arguments are those of `label`."""
    sets = {"train": train, "validation": validation, "test": test}
    sets = {
        name: arguments.not_empty(name, arguments.phases(name, phases))
        for name, phases in sets.items()
    }
    return LabelledSets(
        **{
            name: label(phases, medium, folder=folder, name=name, progress=progress)
            for name, phases in sets.items()
        }
    )


def _computed(
    chunk: npt.NDArray[np.uint8],
    medium: PropertySolver,
    folder: str | Path | None,
    probe: list[float] | None,
) -> npt.NDArray[np.float64]:
    """Properties of one chunk, computed or read."""
    if folder is None:
        return medium.properties(chunk)
    name = result_name("properties", medium, chunk, probe, code=(label, type(medium)))
    arrays = kept_arrays(
        Path(folder) / f"{name}.npz", lambda: {"properties": medium.properties(chunk)}
    )
    return arrays["properties"]
