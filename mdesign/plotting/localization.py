"""Strain fields side by side, and influence against the distance of a neighbour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from mdesign.arguments import numbers
from mdesign.plotting.checks import by_name, colour_map, panels
from mdesign.plotting.images import draw_image
from mdesign.plotting.style import MARKERS, Panels

__all__ = ["draw_fields", "draw_influence"]


def draw_fields(
    axes: Panels,
    slices: Mapping[str, npt.ArrayLike],
    *,
    limits: tuple[float, float],
    quantity: str,
    colours: str = "viridis",
) -> list[AxesImage]:
    """Draw slices of fields in common colours, with one colour bar.

    Parameters
    ----------
    axes : sequence of Axes, one a slice
    slices : mapping of str to array_like, shape (nx, ny)
        Values by title.
    limits : tuple of float
        Values of the ends of the colour map; what lies beyond has the colour of the end.
    quantity : str
        What is drawn, written at the colour bar.
    colours : str
        Colour map.

    Returns
    -------
    list of AxesImage
        One a slice.
    """
    fields = by_name("slices", slices, "(nx, ny)")
    places, ends = panels(axes, len(fields)), numbers("limits", limits)
    if len(ends) != 2 or ends[0] >= ends[1]:
        raise ValueError(f"limits must be two numbers, the lower one first; got {ends}")
    images = []
    for ax, (title, field) in zip(places, fields.items(), strict=True):
        images.append(draw_image(ax, field, colours=colour_map(colours), limits=(ends[0], ends[1])))
        ax.set_title(title)
    places[0].figure.colorbar(images[0], ax=places, label=quantity, pad=0.01, extend="both")
    return images


def draw_influence(
    ax: Axes,
    influence: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    *,
    quantity: str,
) -> list[Line2D]:
    """Draw how influence depends on the distance of a neighbour, on a logarithmic scale.

    Parameters
    ----------
    ax : Axes
    influence : mapping of str to tuple of array_like, shape (m,)
        Distances in voxels and influences, zero or positive, for each name in the legend, the
        first on top. Zero has no logarithm and is left out.
    quantity : str
        What the influence is.

    Returns
    -------
    list of Line2D
        One a name.
    """
    lines: list[Line2D] = []
    pairs = by_name("influence", influence, "(2, m)", "[0, inf)")
    for number, (name, (at, means)) in enumerate(pairs.items()):
        marker = MARKERS[number % len(MARKERS)]
        seen = means > 0
        (line,) = ax.plot(at[seen], means[seen], f"-{marker}", markersize=2.5, label=name)
        line.set_zorder(3 - 0.01 * number)
        lines.append(line)
    ax.set(xlabel="distance of the neighbour in voxels", ylabel=quantity, yscale="log")
    ax.legend()
    return lines
