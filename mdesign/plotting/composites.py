"""Pictures of two-phase composites."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from mdesign.arguments import number
from mdesign.plotting.checks import filled, panels, texts
from mdesign.plotting.images import draw_image
from mdesign.plotting.style import PHASES, Panels

__all__ = ["draw_composite", "draw_composites", "draw_phase_key"]


def draw_composite(
    ax: Axes,
    image: npt.ArrayLike,
    *,
    crack_length: float | None = None,
    title: str = "",
    caption: str = "",
    grid: bool = False,
) -> AxesImage:
    """Draw one composite, its first index from left to right and its second upwards.

    Parameters
    ----------
    ax : Axes
    image : array_like, shape (nx, ny)
        Phases in [0, 1], 1 = stiff (yellow), 0 = soft (dark blue).
    crack_length : float, optional
        Draw a crack of so many elements from the left edge at half the height.
    title, caption : str
        Text above and below.
    grid : bool
        Draw the boundaries of the elements; for small composites.

    Returns
    -------
    AxesImage
        Its array is the transposed image.
    """
    phases = filled("image", image, "(nx, ny)", "[0, 1]")
    nx, ny = phases.shape
    drawn = draw_image(ax, phases, extent=(0, nx, 0, ny))
    ax.set(title=title, xlabel=caption, xlim=(0, nx), ylim=(0, ny))
    if grid:
        ax.vlines(np.arange(1, nx), 0, ny, color="0.6", linewidth=0.4)
        ax.hlines(np.arange(1, ny), 0, nx, color="0.6", linewidth=0.4)
    if crack_length is not None:
        draw_crack(ax, number("crack_length", crack_length, f"[0, {nx}]"), ny / 2)
    return drawn


def draw_composites(
    axes: Panels,
    images: npt.ArrayLike,
    *,
    crack_length: float | None = None,
    titles: Sequence[str] = (),
    captions: Sequence[str] = (),
    grid: bool = False,
) -> list[AxesImage]:
    """Draw several composites, one a panel; panels left over are hidden.

    Parameters
    ----------
    axes : iterable of Axes
        At least n panels in reading order (an array of Axes is read row by row).
    images : array_like, shape (n, nx, ny)
        Phases as in `draw_composite`.
    titles, captions : sequence of str
        One for each image, or none.
    crack_length, grid
        As in `draw_composite`, the same for all.

    Returns
    -------
    list of AxesImage
        One an image.
    """
    places, stack = panels(axes), filled("images", images, "(n, nx, ny)", "[0, 1]")
    if len(places) < len(stack):
        raise ValueError(
            f"axes must be at least as many as the {len(stack)} images; got {len(places)}"
        )
    above, below = (
        texts(name, words, len(stack)) if len(words) else [""] * len(stack)
        for name, words in (("titles", titles), ("captions", captions))
    )
    for panel in places[len(stack) :]:
        panel.set_axis_off()
    return [
        draw_composite(
            panel, image, crack_length=crack_length, title=title, caption=caption, grid=grid
        )
        for panel, image, title, caption in zip(places, stack, above, below, strict=False)
    ]


def draw_phase_key(figure: FigureBase) -> Legend:
    """Name the colours of the two phases below the panels of a figure.

    Parameters
    ----------
    figure : Figure or SubFigure
        With the constrained layout of the style, which makes room for the key.

    Returns
    -------
    Legend
    """
    colours = mpl.colormaps[PHASES]
    keys = [
        Patch(facecolor=colours(phase), edgecolor="black", linewidth=0.5, label=name)
        for name, phase in (("soft", 0.0), ("stiff", 1.0))
    ]
    return figure.legend(handles=keys, loc="outside lower center", ncols=2)


def draw_crack(ax: Axes, length: float, height: float) -> None:
    """Draw a crack from the left edge."""
    (line,) = ax.plot(
        [0, length], [height, height], color="white", linewidth=1.4, solid_capstyle="butt"
    )
    line.set_path_effects([withStroke(linewidth=2.6, foreground="black")])
    line.set_gid("crack")
