"""The flow of data, training and design of a GAN with a mixture density network, as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mdesign.plotting.composites import draw_composite
from mdesign.plotting.diagrams.boxes import Box, draw_arrow, draw_box, draw_links, inset
from mdesign.plotting.style import COLOURS

__all__ = ["FLOWCHART_SIZE", "Flow", "draw_flowchart"]

FLOWCHART_SIZE = (17.8, 9.0)
"""Width and height of the drawing in centimetres, which are its coordinates."""

GREY = "0.55"
MAKING, TRAINING, DESIGN = COLOURS[1], COLOURS[2], COLOURS[0]
WIDTH, HEIGHT, GAP = 2.4, 3.0, 0.64
UPPER, LOWER = 4.95, 0.35
COLUMNS = ("property", "MDN", "latent", "generator", "microstructure", "physics")


@dataclass(frozen=True)
class Flow:
    """What the drawing shows of a real run.

    Attributes
    ----------
    latents : array_like, shape (2, h, w)
        Two latent maps of the data, in (-1, 1).
    patterns : array_like, shape (2, nx, ny)
        Their microstructures.
    values : array_like, shape (n,)
        The property of all data.
    target : float
        The wanted property.
    designed_latents, designed_patterns : array_like
        Two sampled latent maps and their microstructures.
    designed_values : array_like, shape (2,)
        Property of these two, as simulated.
    filters : sequence of int
        Filters of the generator's layers.
    neurons : sequence of int
        Neurons of the hidden layers of the mixture density network.
    """

    latents: npt.ArrayLike
    patterns: npt.ArrayLike
    values: npt.ArrayLike
    target: float
    designed_latents: npt.ArrayLike
    designed_patterns: npt.ArrayLike
    designed_values: npt.ArrayLike
    filters: Sequence[int]
    neurons: Sequence[int]


def draw_flowchart(ax: Axes, flow: Flow, *, quantity: str = "absorptance") -> None:
    """Draw how data are made, the mixture density network is trained, and designs come about.

    Parameters
    ----------
    ax : Axes
        Where to draw; best an Axes that fills a figure of `FLOWCHART_SIZE`.
    flow : Flow
        What is shown.
    quantity : str
        Name of the property.

    Raises
    ------
    ValueError
        If there are not two latent maps and two microstructures of each kind.
    """
    ax.set(xlim=(0, FLOWCHART_SIZE[0]), ylim=(0, FLOWCHART_SIZE[1]), aspect="equal")
    ax.set_axis_off()
    upper, lower = (_row(bottom) for bottom in (UPPER, LOWER))
    _draw_row(ax, upper, flow.latents, flow.patterns, flow)
    _draw_row(ax, lower, flow.designed_latents, flow.designed_patterns, flow)
    draw_box(ax, upper["property"], f"{quantity} y", GREY)
    draw_box(ax, lower["property"], "target y*", GREY)
    for box, target in ((upper["property"], None), (lower["property"], flow.target)):
        _draw_histogram(ax, box, flow.values, target)
    errors = 100 * np.abs(np.asarray(flow.designed_values, dtype=float) / flow.target - 1)
    _write(ax, lower["physics"], f"REP {errors[0]:.1f} %, {errors[1]:.1f} %")
    _write(ax, upper["physics"], "labels y")
    _draw_making(ax, upper)
    _draw_training(ax, upper)
    _draw_design(ax, upper, lower)


def _row(bottom: float) -> dict[str, Box]:
    lefts = 0.1 + (WIDTH + GAP) * np.arange(len(COLUMNS))
    return {
        name: Box(float(left), bottom, WIDTH, HEIGHT)
        for name, left in zip(COLUMNS, lefts, strict=True)
    }


def _write(ax: Axes, box: Box, text: str, *, colour: str = "black") -> None:
    ax.text(
        box.middle[0], box.bottom + 0.32, text, ha="center", va="center", size=6.5, color=colour
    )


def _draw_row(
    ax: Axes, row: dict[str, Box], latents: npt.ArrayLike, patterns: npt.ArrayLike, flow: Flow
) -> None:
    titles = {
        "MDN": "MDN",
        "latent": "latent z",
        "generator": "generator",
        "microstructure": "image x",
        "physics": "RCWA",
    }
    for name, title in titles.items():
        draw_box(ax, row[name], title, GREY)
    maps, images = np.asarray(latents, dtype=float), np.asarray(patterns, dtype=float)
    for name, stack in (("latents", maps), ("patterns", images)):
        if stack.ndim != 3 or len(stack) != 2:
            raise ValueError(f"{name} must have shape (2, rows, columns); got {stack.shape}")
    _draw_maps(ax, row["latent"], maps)
    _draw_images(ax, row["microstructure"], images)
    _draw_generator(ax, row["generator"], flow.filters)
    _draw_network(ax, row["MDN"], flow.neurons)
    _draw_stack(ax, row["physics"])


def _places(box: Box) -> list[tuple[float, float, float, float]]:
    """Two overlapping squares inside a box."""
    return [
        (box.left + 0.2, box.bottom + 1.05, 1.4, 1.4),
        (box.left + 0.8, box.bottom + 0.6, 1.4, 1.4),
    ]


def _draw_maps(ax: Axes, box: Box, maps: npt.NDArray) -> None:
    for values, place in zip(maps, _places(box), strict=True):
        panel = inset(ax, place)
        panel.imshow(values.T, origin="lower", cmap="PuOr", vmin=-1, vmax=1)
        panel.set(xticks=[], yticks=[])
        panel.spines[:].set_visible(True)
    rows, columns = maps.shape[1:]
    _write(ax, box, f"{rows} × {columns}")


def _draw_images(ax: Axes, box: Box, images: npt.NDArray) -> None:
    for image, place in zip(images, _places(box), strict=True):
        draw_composite(inset(ax, place), image)
    nx, ny = images.shape[1:]
    _write(ax, box, f"{nx} × {ny}")


def _draw_generator(ax: Axes, box: Box, filters: Sequence[int]) -> None:
    """Draw one bar a layer: higher as the image grows, broader with more filters."""
    widths = 0.09 + 0.3 * np.sqrt(np.asarray(filters, dtype=float) / max(filters))
    heights = np.linspace(0.5, 1.5, len(filters))
    spare = WIDTH - 0.5 - widths.sum()
    left = box.left + 0.25
    for width, height in zip(widths, heights, strict=True):
        corner = (left, box.bottom + 1.55 - height / 2)
        ax.add_patch(
            Rectangle(corner, width, height, facecolor=COLOURS[5], edgecolor="0.2", linewidth=0.5)
        )
        left += width + spare / (len(filters) - 1)
    _write(ax, box, "-".join(map(str, filters)))


def _draw_network(ax: Axes, box: Box, neurons: Sequence[int]) -> None:
    sizes = (1, *(4 for _ in neurons), 3)
    across = np.linspace(box.left + 0.3, box.right - 0.3, len(sizes))
    layers = [
        np.stack([np.full(n, at), box.bottom + 1.55 + 0.34 * (np.arange(n) - (n - 1) / 2)], axis=1)
        for at, n in zip(across, sizes, strict=True)
    ]
    draw_links(ax, layers, ["white"] * sum(sizes), links="0.72", size=0.17)
    _write(ax, box, f"{len(neurons)} × {neurons[0]}, P(z | y)")


def _draw_stack(ax: Axes, box: Box) -> None:
    """Draw light that falls on a patterned layer between a film and a substrate."""
    left, bottom, width = box.left + 0.3, box.bottom + 0.65, WIDTH - 0.6
    films = ((0.45, "0.45"), (0.4, "0.92"), (0.16, COLOURS[5]))
    for height, colour in films:
        ax.add_patch(
            Rectangle(
                (left, bottom), width, height, facecolor=colour, edgecolor="0.2", linewidth=0.5
            )
        )
        if colour == "0.92":
            for start, share in ((0.12, 0.16), (0.42, 0.1), (0.68, 0.2)):
                hole = (left + start * width, bottom)
                ax.add_patch(Rectangle(hole, share * width, height, facecolor="white"))
        bottom += height
    middle = box.middle[0]
    draw_arrow(ax, (middle - 0.25, bottom + 0.65), (middle - 0.25, bottom), colour=COLOURS[4])
    draw_arrow(ax, (middle + 0.25, bottom), (middle + 0.25, bottom + 0.5), colour="0.6")


def _draw_histogram(ax: Axes, box: Box, values: npt.ArrayLike, target: float | None) -> None:
    panel = inset(ax, (box.left + 0.2, box.bottom + 0.75, WIDTH - 0.4, 1.65))
    panel.hist(np.asarray(values, dtype=float), 30, color="0.75", linewidth=0)
    panel.set(yticks=[])
    panel.tick_params(labelsize=5.5, length=2, pad=1)
    panel.spines["left"].set_visible(False)
    panel.patch.set_alpha(0)
    if target is not None:
        panel.axvline(target, color=DESIGN, linewidth=1.2)
        low, high = panel.get_xlim()
        panel.set_xlim(min(low, target), max(high, target))
        _write(ax, box, f"y* = {target:g}", colour=DESIGN)


def _between(ax: Axes, left: Box, right: Box, colour: str) -> None:
    draw_arrow(ax, (left.right, left.middle[1]), (right.left, right.middle[1]), colour=colour)


def _draw_making(ax: Axes, row: dict[str, Box]) -> None:
    names = COLUMNS[2:]
    for start, end in pairwise(names):
        _between(ax, row[start], row[end], MAKING)
    above = UPPER + HEIGHT + 0.45
    source, goal = row["physics"].middle[0], row["property"].middle[0]
    ax.plot([source, source, goal], [UPPER + HEIGHT, above, above], color=MAKING, linewidth=1.4)
    draw_arrow(ax, (goal, above), (goal, UPPER + HEIGHT), colour=MAKING)
    text = "making the data: random latents, their microstructures, their simulated labels"
    ax.text((source + goal) / 2, above + 0.08, text, color=MAKING, ha="center", va="bottom", size=7)


def _draw_training(ax: Axes, row: dict[str, Box]) -> None:
    _between(ax, row["property"], row["MDN"], TRAINING)
    _between(ax, row["MDN"], row["latent"], TRAINING)
    ax.text(
        row["property"].left,
        UPPER - 0.3,
        "training: likelihood of z given y",
        color=TRAINING,
        va="center",
        size=7,
    )


def _draw_design(ax: Axes, upper: dict[str, Box], lower: dict[str, Box]) -> None:
    for start, end in pairwise(COLUMNS):
        _between(ax, lower[start], lower[end], DESIGN)
    top = LOWER + HEIGHT
    for name in ("MDN", "generator"):
        across = upper[name].middle[0]
        draw_arrow(ax, (across, UPPER), (across, top), colour="0.6")
        ax.text(
            across + 0.15,
            (UPPER + top) / 2 - 0.25,
            "same weights",
            color="0.4",
            va="center",
            size=6.5,
        )
    ax.text(
        lower["physics"].right,
        top + 0.3,
        "design: sample z, decode, verify",
        color=DESIGN,
        ha="right",
        va="center",
        size=7,
    )
