"""Phases of voxels, checked, and their properties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mdesign import arguments

Array = npt.NDArray[np.floating]

#: Data types that a solver may iterate in.
PRECISIONS = ("float64", "float32")


def check_phases(phases: npt.ArrayLike, n_phases: int, dimensions: tuple[int, ...]) -> npt.NDArray:
    """Return phases, whole or mixed, as a batch ``(n, *grid)`` with `dimensions` axes, C order."""
    shape = " or ".join("(n, " + ", ".join("xyz"[:d]) + ")" for d in dimensions)
    interval = f"[0, {n_phases - 1}]"
    cells = arguments.images("phases", phases, shape, interval, least=2, dtype=None)
    if not len(cells):
        raise ValueError(f"phases must be at least one cell; got shape {cells.shape}")
    return cells.astype(np.uint8) if cells.dtype == bool else cells


def mix_values(values: npt.ArrayLike, phases: npt.NDArray, dtype: npt.DTypeLike) -> Array:
    """Value of each voxel; linear between the phases for a fraction."""
    table = np.asarray(values, np.float64)
    if np.issubdtype(phases.dtype, np.integer):
        return table.astype(dtype)[phases]
    return np.interp(phases, np.arange(len(table)), table).astype(dtype)


def settle_medium(medium: Any, **rules: arguments.Rule) -> None:
    """Check the fields of a medium and of its solver; for its ``__post_init__``."""
    if hasattr(medium, "dtype"):
        dtype = arguments.data_type("dtype", medium.dtype, PRECISIONS)
        object.__setattr__(medium, "dtype", dtype.name)
    arguments.settle(medium, **{"tolerance": "(0, 1)", "max_iterations": "[1, inf)", **rules})


def check_mean(name: str, value: npt.ArrayLike, size: int, d: int) -> npt.NDArray[np.float64]:
    """Return the components of a mean strain or gradient for phases in d dimensions."""
    components = arguments.array(name, value)
    if components.shape != (size,):
        raise ValueError(
            f"{name} must have shape ({size},) for phases in {d} dimensions; got {components.shape}"
        )
    return components


def check_several(name: str, values: Sequence[float]) -> None:
    """Refuse values of a single phase."""
    if len(values) < 2:
        raise ValueError(f"{name} must be two or more numbers; got {values}")


def check_two_phases(values: Sequence[float]) -> None:
    """Refuse a gradient with respect to the phase where there are more than two."""
    if len(values) != 2:
        raise ValueError(
            f"the gradient with respect to the phase of a voxel needs two phases; got {len(values)}"
        )
