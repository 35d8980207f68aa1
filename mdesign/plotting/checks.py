"""Checks of what is drawn: panels, texts, and values that are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from mdesign.arguments import array


def panels(axes: Iterable[Any], n: int | None = None) -> list[Axes]:
    """Return n panels, or any number of them but none, as a list."""
    rows = axes if isinstance(axes, np.ndarray) else list(axes)
    listed = list(np.ravel(np.asarray(rows, dtype=object)))
    if isinstance(axes, str | Mapping) or not all(isinstance(one, Axes) for one in listed):
        raise TypeError(f"axes must be panels, Axes of Matplotlib; got {listed}")
    if n != len(listed) and (n is not None or not listed):
        raise ValueError(f"axes must be {n or 'one or more'} panels; got {len(listed)}")
    return listed


def texts(name: str, value: Iterable[Any], n: int) -> list[str]:
    """Return n texts as a list."""
    listed = list(value)
    if isinstance(value, str) or not all(isinstance(one, str) for one in listed):
        raise TypeError(f"{name} must be texts; got {value!r}")
    if len(listed) != n:
        raise ValueError(f"{name} must be {n} texts; got {len(listed)}")
    return listed


def filled(
    name: str, value: Any, shape: str = "(n,)", interval: str | None = "(-inf, inf)", **how: Any
) -> npt.NDArray[Any]:
    """Return an array of at least one number; without an interval NaN may leave gaps."""
    values = array(name, value, shape, interval, **how)
    if np.isinf(values).any():
        raise ValueError(f"{name} must be finite; got {values[np.isinf(values)][0]}")
    if not values.size:
        raise ValueError(f"{name} must not be empty; got shape {values.shape}")
    return values


def integers(name: str, value: Any, shape: str = "(n,)", interval: str = "[1, inf)") -> list[Any]:
    """Return whole numbers, or rows of them, as a list."""
    return filled(name, value, shape, interval, dtype=np.int64).tolist()


def by_name(
    name: str,
    values: Mapping[str, Any],
    shape: str = "(n,)",
    interval: str | None = "(-inf, inf)",
) -> dict[str, npt.NDArray[np.float64]]:
    """Return arrays of numbers by their names in the legend, at least one."""
    if not values:
        raise ValueError(f"{name} must name something to draw; got none")
    return {key: filled(f"{name}[{key!r}]", one, shape, interval) for key, one in values.items()}


def as_many(**values: Any) -> None:
    """Check that sequences, by the names of their arguments, are as long as one another."""
    if len({len(one) for one in values.values()}) > 1:
        lengths = " and ".join(str(len(one)) for one in values.values())
        raise ValueError(f"{' and '.join(values)} must be as many; got {lengths}")


def colour_map(colours: str | Colormap) -> Colormap:
    """Return a colour map by its name."""
    if isinstance(colours, str) and colours not in mpl.colormaps:
        raise ValueError(f"colours must name a colour map, such as 'viridis'; got {colours!r}")
    return mpl.colormaps[colours] if isinstance(colours, str) else colours
