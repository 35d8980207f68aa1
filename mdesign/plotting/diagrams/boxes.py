"""Boxes, arrows and small networks that the drawings of methods are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection, LineCollection
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rounded box: lower left corner and size in centimetres."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def top(self) -> float:
        return self.bottom + self.height

    @property
    def middle(self) -> Point:
        return self.left + self.width / 2, self.bottom + self.height / 2


def draw_box(ax: Axes, box: Box, title: str, colour: str) -> None:
    """Draw a box with its title inside at the top."""
    style = "round,pad=0,rounding_size=0.25"
    ax.add_patch(
        FancyBboxPatch(
            (box.left, box.bottom),
            box.width,
            box.height,
            boxstyle=style,
            facecolor=(colour, 0.08),
            edgecolor=colour,
        )
    )
    ax.text(box.middle[0], box.top - 0.33, title, ha="center", va="center", weight="bold")


def inset(ax: Axes, place: tuple[float, float, float, float]) -> Axes:
    """Axes at a place in centimetres: left, bottom, width, height."""
    return ax.inset_axes(place, transform=ax.transData)


def draw_arrow(
    ax: Axes, start: Point, end: Point, *, colour: str = "0.25", weight: float = 1.4
) -> None:
    """Draw a straight arrow, its line so many points wide."""
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=4 + 3.6 * weight,
            shrinkA=0,
            shrinkB=0,
            linewidth=weight,
            color=colour,
        )
    )


def draw_links(
    ax: Axes,
    layers: Sequence[npt.NDArray],
    colours: Sequence[str],
    *,
    links: str,
    size: float = 0.22,
) -> None:
    """Draw the nodes of a network, shape (n, 2) a layer, linked from layer to layer."""
    lines = [(a, b) for left, right in pairwise(layers) for a in left for b in right]
    ax.add_collection(LineCollection(lines, colors=links, linewidths=0.35, zorder=2))
    nodes = np.concatenate(layers)
    sizes = np.full(len(nodes), size)
    ax.add_collection(
        EllipseCollection(
            sizes,
            sizes,
            np.zeros(len(nodes)),
            units="xy",
            offsets=nodes,
            offset_transform=ax.transData,
            facecolors=colours,
            edgecolors="0.2",
            linewidths=0.5,
            zorder=3,
        )
    )
