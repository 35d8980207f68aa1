"""Phases of voxels, checked, and their properties."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]


def check_phases(phases: npt.ArrayLike, n_phases: int, dimensions: tuple[int, ...]) -> npt.NDArray:
    """Return phases as a batch ``(n, *grid)`` with `dimensions` axes, or raise ValueError."""
    checked = np.asarray(phases)
    axes = " or ".join("(n, " + ", ".join("xyz"[:d]) + ")" for d in dimensions)
    if checked.ndim - 1 not in dimensions or min(checked.shape[1:]) < 2 or not len(checked):
        raise ValueError(
            f"phases must be {axes}, at least one cell of at least 2 voxels a side; "
            f"got shape {checked.shape}"
        )
    if checked.dtype == bool:
        checked = checked.astype(np.uint8)
    if not (np.issubdtype(checked.dtype, np.integer) or np.issubdtype(checked.dtype, np.floating)):
        raise ValueError(f"phases must be integers or fractions; got {checked.dtype}")
    if not (np.isfinite(checked).all() and checked.min() >= 0 and checked.max() <= n_phases - 1):
        raise ValueError(
            f"phases must lie in 0 to {n_phases - 1}; got {checked.min()} to {checked.max()}"
        )
    return checked


def mix_values(values: npt.ArrayLike, phases: npt.NDArray, dtype: npt.DTypeLike) -> Array:
    """Value of each voxel; linear between the phases for a fraction."""
    table = np.asarray(values, np.float64)
    if np.issubdtype(phases.dtype, np.integer):
        return table.astype(dtype)[phases]
    return np.interp(phases, np.arange(len(table)), table).astype(dtype)


def check_values(name: str, values: Sequence[float], rule: str, ok: npt.NDArray) -> None:
    """Refuse values of phases that break a rule."""
    if len(values) < 2 or not np.all(ok):
        raise ValueError(f"{name} must be two or more numbers, each {rule}; got {tuple(values)}")


def check_settings(tolerance: float, max_iterations: int, dtype: str = "float64") -> None:
    """Refuse settings of a solver that cannot work."""
    if dtype not in ("float64", "float32"):
        raise ValueError(f'dtype must be "float64" or "float32"; got {dtype!r}')
    if not 0 < tolerance < 1:
        raise ValueError(f"tolerance must lie in (0, 1); got {tolerance}")
    if max_iterations < 1:
        raise ValueError(f"max_iterations must be at least 1; got {max_iterations}")


def check_two_phases(values: Sequence[float]) -> None:
    """Refuse a gradient with respect to the phase where there are more than two."""
    if len(values) != 2:
        raise ValueError(
            f"the gradient with respect to the phase of a voxel needs two phases; got {len(values)}"
        )
