"""Steps uphill: the images on the way, and what a network and a solver say of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from mdesign.arguments import whole
from mdesign.plotting.checks import filled, integers, panels, texts
from mdesign.plotting.images import draw_image
from mdesign.plotting.style import COLOURS, Panels

__all__ = ["draw_gains", "draw_steps", "draw_trait"]


def draw_steps(
    axes: Panels,
    images: npt.ArrayLike,
    captions: Sequence[str],
    *,
    label: str = "",
    steps: npt.ArrayLike = (),
) -> None:
    """Draw the images of one ascent, one a panel, with a caption below each.

    Parameters
    ----------
    axes : sequence of Axes, length k
    images : array_like, shape (k, nx, ny)
        Pixels in [0, 1].
    captions : sequence of str, length k
    label : str
        Name of the row, left of its first image.
    steps : sequence of int, length k, optional
        Numbers of the steps, written above the images.
    """
    stack = filled("images", images, "(k, nx, ny)", "[0, 1]")
    places = panels(axes, len(stack))
    numbers = integers("steps", steps, f"({len(stack)},)", "[0, inf)") if np.size(steps) else []
    for ax, image, caption in zip(
        places, stack, texts("captions", captions, len(stack)), strict=True
    ):
        draw_image(ax, image)
        ax.set_xlabel(caption)
    for ax, step in zip(places, numbers, strict=False):
        ax.set_title(f"step {step}" if step else "start")
    places[0].set_ylabel(label)


def draw_gains(
    ax: Axes, predicted: npt.ArrayLike, computed: npt.ArrayLike, *, label: str, number: int = 0
) -> None:
    """Draw what a property gained on paths, as computed against as predicted.

    Parameters
    ----------
    ax : Axes
        Call again to add another kind of path.
    predicted, computed : array_like, shape (k, n)
        The property at k points of n paths.
    label : str
        Name in the legend.
    number : int
        Which colour.
    """
    across = filled("predicted", predicted, "(k, n)")
    up = filled("computed", computed, "({}, {})".format(*across.shape))
    across, up = across - across[0], up - up[0]
    colour = COLOURS[whole("number", number, "[0, inf)") % len(COLOURS)]
    ax.plot(across, up, color=colour, linewidth=0.4, alpha=0.35)
    ax.plot(across.mean(axis=1), up.mean(axis=1), "o-", color=colour, linewidth=1.6, label=label)
    ax.set(xlabel="predicted gain", ylabel="computed gain")


def draw_trait(
    ax: Axes,
    moduli: npt.ArrayLike,
    fractions: npt.ArrayLike,
    bound: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    **line: Any,
) -> LineCollection:
    """Draw paths over modulus and pore fraction, each from a circle to a triangle.

    Parameters
    ----------
    ax : Axes
    moduli, fractions : array_like, shape (k, n), k at least 2
        Modulus, and pore fraction, at k points of n paths.
    bound : (moduli, fractions), optional
        Two arrays ``(m,)``: the largest modulus at each pore fraction, a black line.
    **line : Any
        For the paths, such as ``linewidth``.

    Returns
    -------
    LineCollection
        The paths.
    """
    across = filled("moduli", moduli, "(k, n)")
    if len(across) < 2:
        raise ValueError(f"moduli must have shape (k, n), k at least 2; got {across.shape}")
    up = filled("fractions", fractions, "({}, {})".format(*across.shape))
    points = np.stack([across, up], axis=-1).transpose(1, 0, 2)
    paths = LineCollection(list(points), **{"colors": COLOURS[5], "linewidth": 0.6, **line})
    ax.add_collection(paths)
    look: dict[str, Any] = {"color": COLOURS[0], "linestyle": "none", "markersize": 2.5}
    ax.plot(across[0], up[0], marker="o", markerfacecolor="white", label="start", **look)
    ax.plot(across[-1], up[-1], marker="^", label="end of a path", **look)
    if bound is not None:
        ax.plot(
            *filled("bound", bound, "(2, m)"),
            color="black",
            linewidth=1.2,
            label="Hashin-Shtrikman bound",
        )
    ax.autoscale_view()
    return paths
