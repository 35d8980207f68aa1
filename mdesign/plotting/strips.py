"""Single values of several groups, side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from mdesign.plotting.checks import by_name

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
    dots = by_name("groups", groups)
    references = by_name("marks", marks, f"({len(dots)},)", None) if marks else {}
    for place, values in enumerate(dots.values()):
        ordered = np.sort(values)
        across = place + np.linspace(-0.3, 0.3, len(ordered))
        name = label if place == 0 else None
        ax.plot(across, ordered, "o", color="0.6", markersize=2, label=name)
    for number, (name, values) in enumerate(references.items()):
        marker, places = MARKERS[number % len(MARKERS)], np.arange(len(groups))
        ax.plot(places, values, marker, color=f"C{number}", markersize=5, label=name)
    ax.set(xticks=np.arange(len(groups)), xticklabels=list(groups), ylabel=quantity)
    ax.set_xlim(-0.5, len(groups) - 0.5)
    ax.legend()
