"""One image on one panel, without ticks; the only place where images are transposed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.image import AxesImage

from mdesign.plotting.style import PHASES


def draw_image(
    ax: Axes,
    image: npt.ArrayLike,
    *,
    colours: str | Colormap = PHASES,
    limits: tuple[float, float] = (0, 1),
    **look: Any,
) -> AxesImage:
    """Draw an image of shape (nx, ny), index (0, 0) at the lower left, in a frame without ticks.

    `limits` are the values at the ends of the colour map; `look` is passed to ``imshow``.
    """
    look = {"interpolation": "nearest", **look}
    low, high = limits
    drawn = ax.imshow(np.asarray(image).T, colours, origin="lower", vmin=low, vmax=high, **look)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(True)
    return drawn
