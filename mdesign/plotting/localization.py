"""Strain fields side by side, and influence against the distance of a neighbour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

__all__ = ["draw_fields", "draw_influence"]

MARKERS = "osD^v"


def draw_fields(
    axes: Sequence[Axes],
    slices: Mapping[str, npt.ArrayLike],
    *,
    limits: tuple[float, float],
    quantity: str,
    colours: str = "viridis",
) -> list[AxesImage]:
    """Draw slices of fields in common colours, with one colour bar.

    Parameters
    ----------
    axes : sequence of Axes
        One panel a slice.
    slices : mapping of str to array_like, shape (nx, ny)
        Titles and values; the first index from left to right, the second from bottom to top.
    limits : tuple of float
        Values of the ends of the colour map; what lies beyond has the colour of the end.
    quantity : str
        What is drawn, written at the colour bar.
    colours : str
        Name of a colour map.

    Returns
    -------
    list of AxesImage
        One a slice.

    Raises
    ------
    ValueError
        If there is not one panel a slice, or a slice is not two-dimensional.
    """
    if len(axes) != len(slices):
        raise ValueError(f"axes must be as many as the {len(slices)} slices; got {len(axes)}")
    images = []
    for ax, (title, values) in zip(axes, slices.items(), strict=True):
        field = np.asarray(values, dtype=float)
        if field.ndim != 2:
            raise ValueError(f"{title} must have shape (nx, ny); got {field.shape}")
        image = ax.imshow(
            field.T,
            origin="lower",
            cmap=colours,
            vmin=limits[0],
            vmax=limits[1],
            interpolation="nearest",
        )
        ax.set(xticks=[], yticks=[], title=title)
        images.append(image)
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
        Where to draw.
    influence : mapping of str to tuple of array_like, shape (m,)
        Distances in voxels and influences for each name in the legend, the first on top; an
        influence of zero cannot be drawn and is left out.
    quantity : str
        What the influence is.

    Returns
    -------
    list of Line2D
        One a name.

    Raises
    ------
    ValueError
        If an influence is negative, or there is not one for each distance.
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
