"""Pictures of one signed number per element."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from mdesign.arguments import number
from mdesign.plotting.checks import filled
from mdesign.plotting.images import draw_image

__all__ = ["draw_weights"]


def draw_weights(
    ax: Axes,
    weights: npt.ArrayLike,
    *,
    limit: float | None = None,
    title: str = "",
    caption: str = "",
) -> AxesImage:
    """Draw one weight per element; blue below zero, red above, white at zero.

    Parameters
    ----------
    ax : Axes
    weights : array_like, shape (nx, ny), finite
    limit : float, optional
        Size of the weight drawn in the darkest colour; the largest by default.
    title, caption : str
        Text above and below.

    Returns
    -------
    AxesImage
        For a colour bar.
    """
    image = filled("weights", weights, "(nx, ny)")
    if limit is None:
        largest = float(np.abs(image).max()) or 1.0
    else:
        largest = number("limit", limit, "(0, inf)")
    extent = (0, image.shape[0], 0, image.shape[1])
    ax.set(title=title, xlabel=caption)
    return draw_image(ax, image, colours="RdBu_r", limits=(-largest, largest), extent=extent)
