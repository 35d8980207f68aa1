"""Pictures of one signed number per element."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

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
        Where to draw; ticks are removed and the aspect is equal.
    weights : array_like, shape (nx, ny)
        First index from left to right, second from bottom to top.
    limit : float, optional
        Size of the weight drawn in the darkest colour; the largest by default.
    title, caption : str
        Text above and below.

    Returns
    -------
    AxesImage
        For a colour bar.

    Raises
    ------
    ValueError
        If `weights` is not two-dimensional or not finite.
    """
    image = np.asarray(weights, dtype=float)
    if image.ndim != 2 or not np.isfinite(image).all():
        raise ValueError(f"weights must be finite, of shape (nx, ny); got shape {image.shape}")
    largest = float(np.abs(image).max()) if limit is None else limit
    drawn = ax.imshow(
        image.T,
        origin="lower",
        extent=(0, image.shape[0], 0, image.shape[1]),
        cmap="RdBu_r",
        vmin=-largest,
        vmax=largest,
        interpolation="nearest",
    )
    ax.set(xticks=[], yticks=[], title=title, xlabel=caption)
    ax.spines[:].set_visible(True)
    return drawn
