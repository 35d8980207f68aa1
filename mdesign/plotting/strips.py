"""Single values of several groups, side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

__all__ = ["draw_strips"]

MARKERS = "Dsv^P"


def draw_strips(
    ax: Axes,
    groups: Mapping[str, npt.ArrayLike],
    marks: Mapping[str, npt.ArrayLike],
    *,
    label: str,
    quantity: str,
) -> None:
    """Draw every value of each group as a dot, and single reference values as large marks.

    Parameters
    ----------
    ax : Axes
    groups : mapping of str to array_like, shape (n,)
        Values of each group; the dots are spread sideways in the order of the values.
    marks : mapping of str to array_like, shape (len(groups),)
        One value a group for each name in the legend; NaN leaves the mark out.
    label : str
        Name of the dots in the legend.
    quantity : str
        What is drawn, with its unit if it has one.
    """
    for place, values in enumerate(groups.values()):
        ordered = np.sort(np.asarray(values, dtype=float))
        across = place + np.linspace(-0.3, 0.3, len(ordered))
        name = label if place == 0 else None
        ax.plot(across, ordered, "o", color="0.6", markersize=2, label=name)
    for number, (name, heights) in enumerate(marks.items()):
        values = np.asarray(heights, dtype=float)
        if values.shape != (len(groups),):
            raise ValueError(f"{name} must have {len(groups)} values; got shape {values.shape}")
        marker, places = MARKERS[number % len(MARKERS)], np.arange(len(groups))
        ax.plot(places, values, marker, color=f"C{number}", markersize=5, label=name)
    ax.set(xticks=np.arange(len(groups)), xticklabels=list(groups), ylabel=quantity)
    ax.set_xlim(-0.5, len(groups) - 0.5)
    ax.legend()
