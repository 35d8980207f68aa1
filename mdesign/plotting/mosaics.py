"""Many small images in one panel, a row for each kind."""

from __future__ import annotations

from collections.abc import Mapping

import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from mdesign.plotting.checks import by_name
from mdesign.plotting.images import draw_image

__all__ = ["draw_mosaic"]

GAP = 0.08
"""Space between two images, over the side of an image."""


def draw_mosaic(ax: Axes, rows: Mapping[str, npt.ArrayLike]) -> list[AxesImage]:
    """Draw images side by side, a row for each name, the first row at the top.

    Parameters
    ----------
    ax : Axes
    rows : mapping of str to array_like, shape (n, nx, ny)
        As many images of one size for each name; values from 0 to 1.

    Returns
    -------
    list of AxesImage
        Row by row.
    """
    stacks = by_name("rows", rows, "(n, nx, ny)", "[0, 1]")
    shapes = {stack.shape for stack in stacks.values()}
    if len(shapes) != 1:
        raise ValueError(f"rows must be stacks (n, nx, ny) of one shape; got {sorted(shapes)}")
    n, nx, ny = next(iter(shapes))
    step = 1 + GAP
    drawn = []
    for row, stack in enumerate(stacks.values()):
        bottom = (len(stacks) - 1 - row) * step
        for column, image in enumerate(stack):
            left = column * step
            extent = (left, left + 1, bottom, bottom + ny / nx)
            # Many pixels may share one of the figure: averaged, not picked.
            drawn.append(draw_image(ax, image, extent=extent, interpolation="auto"))
    middles = [(len(stacks) - 1 - row) * step + ny / nx / 2 for row in range(len(stacks))]
    ax.set(xlim=(0, n * step - GAP), ylim=(0, (len(stacks) - 1) * step + ny / nx), aspect="equal")
    ax.set(yticks=middles, yticklabels=list(stacks))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return drawn
