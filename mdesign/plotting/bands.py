"""Functions of a distance for several groups of microstructures: means and bands."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from mdesign.plotting.checks import as_many, by_name, filled

__all__ = ["draw_bands"]


def draw_bands(
    ax: Axes,
    groups: Mapping[str, npt.ArrayLike],
    *,
    distances: npt.ArrayLike | None = None,
    quantity: str,
    distance: str = "distance in pixels",
) -> list[Line2D]:
    """Draw the mean of each group of curves, in a band of one standard deviation either side.

    Parameters
    ----------
    ax : Axes
    groups : mapping of str to array_like, shape (n, m), n at least 1
        n curves of m points for each name in the legend.
    distances : array_like, shape (m,), optional
        Where the points lie; 0 to m - 1 by default.
    quantity, distance : str
        Names of the axes.

    Returns
    -------
    list of Line2D
        The means, one a group.
    """
    lines: list[Line2D] = []
    curves = by_name("groups", groups, "(n, m)")
    for number, (name, stack) in enumerate(curves.items()):
        every = np.arange(stack.shape[1])
        at = filled("distances", every if distances is None else distances)
        as_many(distances=at, groups=stack.T)
        mean, deviation = stack.mean(axis=0), stack.std(axis=0)
        (line,) = ax.plot(at, mean, ("-", "--", ":", "-.")[number % 4], label=name)
        low, high, colour = mean - deviation, mean + deviation, line.get_color()
        ax.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
        lines.append(line)
    ax.set(xlabel=distance, ylabel=quantity)
    ax.legend()
    return lines
