"""Strain fields side by side, and influence against the distance of a neighbour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

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
    if len(axes) != len(slices):
        raise ValueError(f"axes must be as many as the {len(slices)} slices; got {len(axes)}")
    images = []
    for ax, (title, values) in zip(axes, slices.items(), strict=True):
        field = np.asarray(values, dtype=float)
        if field.ndim != 2:
            raise ValueError(f"{title} must have shape (nx, ny); got {field.shape}")
        images.append(draw_image(ax, field, colours=colours, limits=limits))
        ax.set_title(title)
    axes[0].figure.colorbar(images[0], ax=list(axes), label=quantity, pad=0.01, extend="both")
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
    for number, (name, (distances, values)) in enumerate(influence.items()):
        at, means = np.asarray(distances, dtype=float), np.asarray(values, dtype=float)
        if at.shape != means.shape or at.ndim != 1 or not (means >= 0).all():
            raise ValueError(
                f"{name} must have an influence, zero or positive, for each distance; "
                f"got shapes {means.shape} and {at.shape}"
            )
        marker = MARKERS[number % len(MARKERS)]
        seen = means > 0
        (line,) = ax.plot(at[seen], means[seen], f"-{marker}", markersize=2.5, label=name)
        line.set_zorder(3 - 0.01 * number)
        lines.append(line)
    ax.set(xlabel="distance of the neighbour in voxels", ylabel=quantity, yscale="log")
    ax.legend()
    return lines
