"""Maps of where a composite fails first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.image import AxesImage

from mdesign.arguments import number
from mdesign.plotting.checks import filled
from mdesign.plotting.composites import draw_crack
from mdesign.plotting.images import draw_image

__all__ = ["draw_failure_index"]

FLOOR = 1e-3
"""Failure index at the lower end of the colours."""

RING = "#00E5FF"
"""Colour of the ring around the element that fails first, which no index has."""


def draw_failure_index(
    ax: Axes,
    index: npt.ArrayLike,
    *,
    crack_length: float | None = None,
    title: str = "",
    caption: str = "",
) -> AxesImage:
    """Draw the failure index of a composite, and a ring around each element that fails first.

    Parameters
    ----------
    ax : Axes
    index : array_like, shape (nx, ny)
        ``E * eps**2`` of each element over the largest one, in [0, 1]; the colours are logarithmic,
        from 1e-3 on.
    crack_length : float, optional
        Draw a crack of so many elements from the left edge at half the height.
    title, caption : str
        Text above and below.

    Returns
    -------
    AxesImage
        For a colour bar.
    """
    values = filled("index", index, "(nx, ny)", "[0, 1]")
    nx, ny = values.shape
    drawn = draw_image(ax, values.clip(min=FLOOR), colours="magma", extent=(0, nx, 0, ny))
    drawn.set_norm(LogNorm(FLOOR, 1))
    x, y = np.nonzero(values == values.max())
    ax.plot(x + 0.5, y + 0.5, "o", color="none", markeredgecolor=RING, markersize=5)
    ax.set(title=title, xlabel=caption, xlim=(0, nx), ylim=(0, ny))
    if crack_length is not None:
        draw_crack(ax, number("crack_length", crack_length, f"[0, {nx}]"), ny / 2)
    return drawn
