"""Functions of two variables, and paths on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, Normalize
from matplotlib.contour import QuadContourSet
from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection  # type: ignore[import-untyped]
from mpl_toolkits.mplot3d.axes3d import Axes3D  # type: ignore[import-untyped]

from mdesign.arguments import array, number, numbers, whole
from mdesign.plotting.checks import colour_map, filled
from mdesign.plotting.style import PATH_COLOURS

__all__ = ["draw_contours", "draw_paths", "draw_surface"]

SURFACE_COLOURS = "viridis"


def draw_surface(
    ax: Axes3D,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    z: npt.ArrayLike,
    *,
    colours: str | Colormap = SURFACE_COLOURS,
    alpha: float = 1.0,
) -> Poly3DCollection:
    """Draw a surface over a grid; NaN leaves holes.

    Parameters
    ----------
    ax : Axes3D
    x, y : array_like, shape (nx,) and (ny,), or both (nx, ny)
        Coordinates of a rectangular grid, or of each point of a curved one.
    z : array_like, shape (nx, ny)
        Height at ``(x[i], y[j])`` or ``(x[i, j], y[i, j])``.
    colours : str or Colormap
        Colour map of the height.
    alpha : float
        Opacity.

    Returns
    -------
    Poly3DCollection
    """
    *grid, heights = _checked_grid(x, y, z)
    rows, columns = heights.shape
    colouring = {
        "cmap": colour_map(colours),
        "vmin": np.nanmin(heights),
        "vmax": np.nanmax(heights),
    }
    look: dict[str, Any] = {"linewidth": 0, "antialiased": False, "rasterized": True}
    look["alpha"] = number("alpha", alpha, "[0, 1]")
    surface: Poly3DCollection = ax.plot_surface(
        *grid, heights, rcount=rows, ccount=columns, **colouring, **look
    )
    return surface


def draw_contours(
    ax: Axes,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    z: npt.ArrayLike,
    *,
    levels: int | Sequence[float] | npt.NDArray = 16,
    colours: str | Colormap = SURFACE_COLOURS,
) -> QuadContourSet:
    """Draw filled contours with thin lines between them.

    Parameters
    ----------
    ax : Axes
    x, y, z, colours
        As in `draw_surface`.
    levels : int or sequence of float
        Number of levels, or the levels.

    Returns
    -------
    QuadContourSet
        The filled contours, for a colour bar.
    """
    first, second, heights = _checked_grid(x, y, z)
    if np.ndim(levels):
        steps: Any = numbers("levels", levels, least=2)
        if np.any(np.diff(steps) <= 0):
            raise ValueError(f"levels must rise; got {steps}")
    else:
        steps = whole("levels", levels)
    masked, colouring = np.ma.masked_invalid(heights), colour_map(colours)
    contours = ax.contourf(first, second, masked, steps, cmap=colouring)
    ax.contour(contours, colors="black", linewidths=0.25, alpha=0.5, linestyles="solid")
    return contours


def draw_paths(
    ax: Axes, paths: npt.ArrayLike, *, colours: str | Colormap = PATH_COLOURS, width: float = 0.5
) -> LineCollection | Line3DCollection:
    """Draw solution paths whose colour runs along their length.

    Parameters
    ----------
    ax : Axes or Axes3D
    paths : array_like, shape (n, steps, 2) or (n, steps, 3), steps at least 2
        Points along each path; three coordinates on an Axes3D.
    colours : str or Colormap
        Colour map along a path, by default green to yellow.
    width : float
        Width of the lines in points.

    Returns
    -------
    LineCollection or Line3DCollection
        All segments, step by step so that no path hides the beginning of another one.
    """
    dimensions = 3 if isinstance(ax, Axes3D) else 2
    points = filled("paths", paths, f"(n, steps, {dimensions})")
    if points.shape[1] < 2:
        raise ValueError(f"paths must have two points or more each; got shape {points.shape}")
    steps = np.stack([points[:, :-1], points[:, 1:]], axis=2).swapaxes(0, 1)
    kind = LineCollection
    if isinstance(ax, Axes3D):
        kind = Line3DCollection
        # Otherwise a whole surface is drawn over the paths, or none of it.
        ax.computed_zorder = False
    lines = kind(
        list(steps.reshape(-1, 2, dimensions)),
        array=_share_of_length(points).T.ravel(),
        norm=Normalize(0, 1),
        cmap=colour_map(colours),
        linewidths=number("width", width, "(0, inf)"),
        rasterized=True,
        zorder=2,
    )
    ax.add_collection(lines)
    return lines


def _share_of_length(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Share of a path's length at the middle of each step, shape (n, steps - 1)."""
    lengths = np.linalg.norm(np.diff(points, axis=1), axis=2)
    whole = lengths.sum(axis=1, keepdims=True)
    return (lengths.cumsum(axis=1) - lengths / 2) / np.where(whole > 0, whole, 1)


def _checked_grid(
    x: npt.ArrayLike, y: npt.ArrayLike, z: npt.ArrayLike
) -> tuple[npt.NDArray, npt.NDArray, npt.NDArray[np.float64]]:
    heights = array("z", z, "(nx, ny)", None)
    if min(heights.shape) < 2 or not np.isfinite(heights).any():
        raise ValueError(f"z must have finite values on 2 x 2 points or more; got {heights}")
    nx, ny = heights.shape
    first = array("x", x, f"({nx},) or ({nx}, {ny})")
    second = array("y", y, f"({ny},) or ({nx}, {ny})")
    if first.ndim != second.ndim:
        raise ValueError(f"x and y must both be rows or grids; got {first.shape}, {second.shape}")
    if first.ndim == 1:
        first, second = np.meshgrid(first, second, indexing="ij")
    return first, second, heights
