"""Diagrams as data: boxes, bars, labels, arrows, networks and insets at places in centimetres."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection, LineCollection
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path
from matplotlib.typing import ColorType

from mdesign.plotting.images import draw_image
from mdesign.plotting.style import PHASES

Point = tuple[float, float]
Place = tuple[float, float, float, float]


@dataclass(frozen=True)
class Box:
    """A rounded box with its title inside at the top."""

    left: float
    bottom: float
    width: float
    height: float
    title: str
    colour: str = "0.55"

    def at(self, across: float, up: float) -> Point:
        """Return the point at shares of width and height."""
        return self.left + across * self.width, self.bottom + up * self.height

    def square(self, left: float, bottom: float, side: float) -> Place:
        """Return a square place inside the box, counted from its lower left corner."""
        return self.left + left, self.bottom + bottom, side, side


@dataclass(frozen=True)
class Bar:
    """A filled rectangle: a layer of a network or a material."""

    left: float
    bottom: float
    width: float
    height: float
    face: ColorType
    edge: str = "0.2"
    linewidth: float = 0.5


@dataclass(frozen=True)
class Label:
    """A text of a size in points, centred unless aligned otherwise."""

    at: Point
    text: str
    size: float = 7
    colour: str = "black"
    ha: str = "center"
    va: str = "center"
    others: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrow:
    """A line through points with a head, or without one in style "-"; its width in points."""

    points: Sequence[Point]
    colour: str = "0.25"
    width: float = 1.4
    style: str = "-|>"


@dataclass(frozen=True)
class Network:
    """Columns of nodes around a height, each node linked to all of the next column."""

    across: npt.ArrayLike
    height: float
    sizes: Sequence[int]
    pitch: float
    diameter: float
    links: str
    inputs: str = "white"


@dataclass(frozen=True)
class Inset:
    """Axes at a place (left, bottom, width, height), and what draws on them."""

    place: Place
    content: Callable[[Axes], object]


Part = Box | Bar | Label | Arrow | Network | Inset


def draw_diagram(ax: Axes, size: Point, parts: Iterable[Part]) -> None:
    """Draw parts in their order on axes of a width and a height in centimetres."""
    ax.set(xlim=(0, size[0]), ylim=(0, size[1]), aspect="equal")
    ax.set_axis_off()
    for part in parts:
        _draw_part(ax, part)


def _draw_part(ax: Axes, part: Part) -> None:
    match part:
        case Box(left, bottom, width, height, title, colour):
            look: dict[str, Any] = {"boxstyle": "round,pad=0,rounding_size=0.25", "ec": colour}
            tint = (colour, 0.08)
            ax.add_patch(FancyBboxPatch((left, bottom), width, height, fc=tint, **look))
            middle, top = left + width / 2, bottom + height - 0.33
            ax.text(middle, top, title, ha="center", va="center", weight="bold")
        case Bar(left, bottom, width, height, face, edge, line):
            ax.add_patch(Rectangle((left, bottom), width, height, fc=face, ec=edge, lw=line))
        case Label(at, text, size, colour, ha, va, others):
            ax.text(*at, text, size=size, color=colour, ha=ha, va=va, **others)
        case Arrow(points, colour, width, style):
            look = {"path": Path(np.array(points)), "mutation_scale": 4 + 3.6 * width}
            ax.add_patch(FancyArrowPatch(arrowstyle=style, lw=width, color=colour, **look))
        case Network():
            _draw_network(ax, part)
        case Inset(place, content):
            content(ax.inset_axes(place, transform=ax.transData))


def _draw_network(ax: Axes, network: Network) -> None:
    layers = [
        [(at, network.height + network.pitch * (node - (n - 1) / 2)) for node in range(n)]
        for at, n in zip(np.asarray(network.across), network.sizes, strict=True)
    ]
    lines = [(a, b) for left, right in pairwise(layers) for a in left for b in right]
    ax.add_collection(LineCollection(lines, colors=network.links, linewidths=0.35, zorder=2))
    nodes = np.concatenate(layers)
    widths, angles = np.full(len(nodes), network.diameter), np.zeros(len(nodes))
    colours = [network.inputs] * network.sizes[0]
    look: dict[str, Any] = {"edgecolors": "0.2", "linewidths": 0.5, "zorder": 3}
    look["facecolors"] = colours + ["white"] * (len(nodes) - len(colours))
    circles = EllipseCollection(
        widths, widths, angles, units="xy", offsets=nodes, offset_transform=ax.transData, **look
    )
    ax.add_collection(circles)


def connect(start: Box, end: Box, colour: str = "0.25", width: float = 1.4) -> Arrow:
    """Arrow from one box to another one right of it, or straight below or above."""
    if end.left > start.left + start.width:
        return Arrow([start.at(1, 0.5), end.at(0, 0.5)], colour, width)
    down = start.bottom > end.bottom
    return Arrow([start.at(0.5, 0 if down else 1), end.at(0.5, 1 if down else 0)], colour, width)


def frame_image(
    place: Place, image: npt.ArrayLike, colours: str = PHASES, limits: Point = (0, 1)
) -> Inset:
    """Inset of an image of shape (nx, ny), index (0, 0) at the lower left."""
    look: dict[str, Any] = {"colours": colours, "limits": limits, "interpolation": "auto"}
    return Inset(place, lambda ax: draw_image(ax, image, **look))


def scale_maps(
    maps: Iterable[tuple[float, float]], heights: Point, widths: Point
) -> list[tuple[float, float]]:
    """Height and width of a bar for the maps of each layer, given as (side, number of maps).

    Heights lie between the two of `heights`, by the logarithm of the side; widths are the first
    of `widths` and at most the second more, by the root of the number of maps.
    """
    sides, channels = np.array(list(maps), dtype=float).T
    logarithms = np.log2(sides)
    shares = (logarithms - logarithms.min()) / max(np.ptp(logarithms), 1)
    high = heights[0] + (heights[1] - heights[0]) * shares
    wide = widths[0] + widths[1] * np.sqrt(channels / channels.max())
    return list(zip(high.tolist(), wide.tolist(), strict=True))
