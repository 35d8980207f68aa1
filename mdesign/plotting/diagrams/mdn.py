"""Architectures as drawings: densely connected layers with a mixture, stages of a convolution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mdesign.plotting.diagrams.boxes import Box, draw_arrow, inset
from mdesign.plotting.style import COLOURS

__all__ = ["MIXTURE_SIZE", "draw_mixture_network", "draw_stages"]

MIXTURE_SIZE = (17.8, 5.0)
"""Width and height of the drawing of the mixture network in centimetres, its coordinates."""

AXIS = 2.7
"""Height at which the signal runs through the layers."""

SMALLEST, LARGEST = 0.35, 2.0


def draw_mixture_network(
    ax: Axes,
    *,
    neurons: Sequence[int],
    inputs: Sequence[int],
    heads: Sequence[tuple[str, int]],
    grid: npt.ArrayLike,
    densities: dict[str, npt.NDArray],
) -> None:
    """Draw a densely connected network whose heads parametrise a mixture of Gaussians.

    Parameters
    ----------
    ax : Axes
        Where to draw; best an Axes that fills a figure of `MIXTURE_SIZE`.
    neurons, inputs : sequence of int
        Neurons of each layer, and numbers that it sees.
    heads : sequence of (str, int)
        Name and size of each head.
    grid : array_like, shape (m,)
        Where the densities are given.
    densities : dict of str to ndarray, shape (m,)
        What the mixture says for some properties, by their names in the legend.

    Raises
    ------
    ValueError
        If `neurons` and `inputs` differ in length.
    """
    if len(neurons) != len(inputs):
        raise ValueError(
            f"neurons and inputs must be as many; got {len(neurons)} and {len(inputs)}"
        )
    ax.set(xlim=(0, MIXTURE_SIZE[0]), ylim=(0, MIXTURE_SIZE[1]), aspect="equal")
    ax.set_axis_off()
    lefts = 1.5 + 1.75 * np.arange(len(neurons))
    layers = [Box(float(left), AXIS - 1, 0.8, 2.0) for left in lefts]
    ax.text(0.3, AXIS, "$y$", ha="center", va="center", size=11)
    for number, (box, size, seen) in enumerate(zip(layers, neurons, inputs, strict=True), start=1):
        _draw_layer(ax, box, f"dense {number}", size, seen)
    _draw_connections(ax, layers)
    _draw_heads(ax, layers[-1], heads)
    _draw_densities(ax, grid, densities)


def draw_stages(ax: Axes, sides: Sequence[int], channels: Sequence[int], *, title: str) -> None:
    """Draw the feature maps of a convolutional network from its input to its output.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    sides : sequence of int
        Pixels along a side of the square maps, input first.
    channels : sequence of int
        Number of maps.
    title : str
        Title of the panel.

    Raises
    ------
    ValueError
        If `sides` and `channels` differ in length, or one is not positive.
    """
    if len(sides) != len(channels) or min(*sides, *channels) < 1:
        raise ValueError(
            f"sides and channels must be as many, each at least 1; got {sides} and {channels}"
        )
    logarithms = np.log2(np.asarray(sides, dtype=float))
    spread = max(logarithms.max() - logarithms.min(), 1)
    heights = SMALLEST + (LARGEST - SMALLEST) * (logarithms - logarithms.min()) / spread
    widths = 0.12 + 0.55 * np.sqrt(np.asarray(channels, dtype=float) / max(channels))
    left = 0.2
    for number, (height, width) in enumerate(zip(heights, widths, strict=True)):
        _draw_block(ax, left, height, width, first=number == 0)
        ax.text(
            left + width / 2,
            -LARGEST / 2 - 0.25,
            f"{sides[number]}²\n× {channels[number]}",
            ha="center",
            va="top",
            size=6.5,
        )
        if number + 1 < len(sides):
            draw_arrow(ax, (left + width + 0.1, 0), (left + width + 0.5, 0))
        left += width + 0.62
    ax.set(
        xlim=(0, left - 0.3),
        ylim=(-LARGEST / 2 - 1.1, LARGEST / 2 + 0.35),
        aspect="equal",
        title=title,
    )
    ax.set_axis_off()


def _draw_block(ax: Axes, left: float, height: float, width: float, *, first: bool) -> None:
    colour = COLOURS[4] if first else COLOURS[5]
    ax.add_patch(
        Rectangle(
            (left, -height / 2), width, height, facecolor=colour, edgecolor="0.2", linewidth=0.5
        )
    )


def _draw_layer(ax: Axes, box: Box, name: str, size: int, seen: int) -> None:
    ax.add_patch(
        Rectangle(
            (box.left, box.bottom),
            box.width,
            box.height,
            facecolor=(COLOURS[0], 0.12),
            edgecolor=COLOURS[0],
            linewidth=0.8,
            zorder=2,
        )
    )
    for shift in np.linspace(-0.65, 0.65, 6):
        ax.plot(*_at(box, float(shift)), "o", color=COLOURS[0], markersize=2.5, zorder=3)
    below = box.bottom - 0.12
    ax.text(box.middle[0], below, name, ha="center", va="top", size=7, weight="bold")
    text = f"{seen} → {size}\nBN, ReLU"
    ax.text(box.middle[0], below - 0.35, text, ha="center", va="top", size=6.5)


def _at(box: Box, shift: float) -> tuple[float, float]:
    return box.middle[0], box.middle[1] + shift


def _draw_connections(ax: Axes, layers: Sequence[Box]) -> None:
    """Link the input and each layer to the next one, and over a rail to all layers behind it."""
    sources = [(0.55, AXIS), *((box.right, AXIS) for box in layers[:-1])]
    for start, (source, goals) in enumerate(
        zip(sources, (layers[k:] for k in range(len(layers))), strict=True)
    ):
        draw_arrow(ax, source, (goals[0].left, AXIS))
        if len(goals) > 1:
            _draw_rail(ax, source[0] + 0.12 + 0.1 * start, start, goals[1:])


def _draw_rail(ax: Axes, left: float, start: int, goals: Sequence[Box]) -> None:
    height = goals[0].top + 0.3 + 0.27 * start
    entries = [box.left + 0.2 + 0.2 * start for box in goals]
    ax.plot(
        [left, left, entries[-1]], [AXIS, height, height], color=COLOURS[1], linewidth=0.9, zorder=1
    )
    for entry in entries:
        end = (entry, goals[0].top)
        draw_arrow(ax, (entry, height), end, colour=COLOURS[1], weight=0.9)


def _draw_heads(ax: Axes, last: Box, heads: Sequence[tuple[str, int]]) -> None:
    left = last.right + 1.2
    heights = AXIS + 1.35 * np.linspace(1, -1, len(heads))
    for (name, size), height in zip(heads, heights, strict=True):
        ax.add_patch(
            Rectangle(
                (left, float(height) - 0.4),
                2.0,
                0.8,
                facecolor=(COLOURS[2], 0.12),
                edgecolor=COLOURS[2],
                linewidth=0.8,
            )
        )
        ax.text(left + 1.0, height, f"{name}\n{size}", ha="center", va="center", size=7)
        draw_arrow(ax, (last.right, AXIS), (left, float(height)))
    total = sum(size for _, size in heads)
    ax.text(left + 1.0, 0.35, f"{total} outputs", ha="center", va="center", size=7, weight="bold")


def _draw_densities(ax: Axes, grid: npt.ArrayLike, densities: dict[str, npt.NDArray]) -> None:
    draw_arrow(ax, (11.95, AXIS), (13.2, AXIS))
    ax.text(12.55, AXIS + 0.15, "P(z | y)", ha="center", va="bottom", size=7)
    panel = inset(ax, (13.5, 1.15, 4.0, 3.1))
    for name, values in densities.items():
        panel.plot(np.asarray(grid), values, label=name, linewidth=1)
    panel.set(yticks=[], xlabel="one latent variable", ylim=(0, None))
    panel.legend(
        fontsize=6,
        ncols=len(densities),
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        handlelength=1.0,
        columnspacing=0.8,
    )
