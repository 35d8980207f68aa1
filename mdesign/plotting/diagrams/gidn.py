"""The framework of generative inverse design networks as a drawing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from mdesign.plotting.composites import draw_composite
from mdesign.plotting.diagrams.boxes import Box, draw_arrow, draw_box, draw_links, inset
from mdesign.plotting.style import COLOURS

__all__ = ["FRAMEWORK_SIZE", "draw_framework"]

FRAMEWORK_SIZE = (17.8, 9.4)
"""Width and height of the drawing in centimetres, which are its coordinates."""

LAYERS = (5, 6, 6, 6, 1)
GREY = "0.55"
LEARNT, FIXED = "#B84700", "0.72"


DATA = Box(0.1, 5.1, 4.2, 3.4)
STARTS = Box(0.1, 0.2, 4.2, 3.4)
PREDICTOR = Box(5.7, 5.1, 6.2, 3.4)
DESIGNER = Box(5.7, 0.2, 6.2, 3.4)
PHYSICS = Box(13.5, 5.1, 4.2, 3.4)
DESIGNS = Box(13.5, 0.2, 4.2, 3.4)


def draw_framework(
    ax: Axes,
    *,
    samples: npt.ArrayLike,
    starts: npt.ArrayLike,
    designs: npt.ArrayLike,
    strain: npt.ArrayLike,
    captions: tuple[str, str, str] = ("", "", ""),
    crack_length: float | None = None,
) -> None:
    """Draw predictor, designer and feedback loop around composites of a real run.

    Parameters
    ----------
    ax : Axes
        Where to draw; best an Axes that fills a figure of `FRAMEWORK_SIZE`.
    samples, starts, designs : array_like, shape (2, nx, ny)
        Two training designs, two initial and two optimised ones, as in `draw_composite`.
    strain : array_like, shape (nx, ny)
        A field for the box of the physics-based model, scaled to [0, 1].
    captions : tuple of str
        Lines below the training, the initial and the optimised designs.
    crack_length : float, optional
        Length of the crack in elements.

    Raises
    ------
    ValueError
        If there are not two images of a kind.
    """
    ax.set(xlim=(0, FRAMEWORK_SIZE[0]), ylim=(0, FRAMEWORK_SIZE[1]), aspect="equal")
    ax.set_axis_off()
    groups = {
        "Training data": (DATA, samples),
        "Initial designs": (STARTS, starts),
        "Optimised designs": (DESIGNS, designs),
    }
    for (title, (box, images)), caption in zip(groups.items(), captions, strict=True):
        _draw_images(ax, box, title, images, crack_length)
        _write(ax, box, caption)
    _draw_physics(ax, strain)
    _draw_predictor(ax)
    _draw_designer(ax)
    _draw_flow(ax)


def _write(ax: Axes, box: Box, text: str, *, height: float = 0.36, colour: str = "black") -> None:
    at = (box.middle[0], box.bottom + height)
    ax.text(*at, text, ha="center", va="center", size=7, color=colour)


def _draw_images(
    ax: Axes, box: Box, title: str, images: npt.ArrayLike, crack_length: float | None
) -> None:
    pair = np.asarray(images, dtype=float)
    if pair.ndim != 3 or len(pair) != 2:
        raise ValueError(f"{title.lower()} must have shape (2, nx, ny); got {pair.shape}")
    draw_box(ax, box, title, GREY)
    for image, left in zip(pair, (0.2, 2.15), strict=True):
        place = (box.left + left, box.bottom + 0.8, 1.85, 1.85)
        draw_composite(inset(ax, place), image, crack_length=crack_length)


def _draw_physics(ax: Axes, strain: npt.ArrayLike) -> None:
    draw_box(ax, PHYSICS, "Physics-based model", COLOURS[2])
    field = inset(ax, (PHYSICS.left + 1.175, PHYSICS.bottom + 0.8, 1.85, 1.85))
    field.imshow(np.asarray(strain).T, origin="lower", cmap="viridis", vmin=0, vmax=1)
    field.set(xticks=[], yticks=[])
    field.spines[:].set_visible(True)
    _write(ax, PHYSICS, "finite elements: true toughness")


def _draw_predictor(ax: Axes) -> None:
    draw_box(ax, PREDICTOR, "Predictor", COLOURS[0])
    _draw_network(ax, PREDICTOR, links=LEARNT, inputs=FIXED)
    _write(ax, PREDICTOR, "learnt: weights and biases", height=0.72, colour=LEARNT)
    _write(ax, PREDICTOR, "minimise (prediction − true toughness)²")


def _draw_designer(ax: Axes) -> None:
    draw_box(ax, DESIGNER, "Designer", COLOURS[0])
    _draw_network(ax, DESIGNER, links=FIXED, inputs=LEARNT)
    _write(ax, DESIGNER, "learnt: the designs", height=0.72, colour=LEARNT)
    _write(ax, DESIGNER, "maximise the predicted toughness")


def _draw_network(ax: Axes, box: Box, *, links: str, inputs: str) -> None:
    """Draw a small network; what is learnt stands out by its colour."""
    x = np.linspace(box.left + 1.1, box.right - 1.4, len(LAYERS))
    centre = box.bottom + 1.95
    layers = [
        np.stack([np.full(n, at), centre + 0.32 * (np.arange(n) - (n - 1) / 2)], axis=1)
        for at, n in zip(x, LAYERS, strict=True)
    ]
    colours = [inputs] * LAYERS[0] + ["white"] * (sum(LAYERS) - LAYERS[0])
    draw_links(ax, layers, colours, links=links)
    ax.text(x[0] - 0.3, centre, "$x$", ha="right", va="center", size=8)
    ax.text(x[-1] + 0.3, centre, "$\\hat{T}(x)$", ha="left", va="center", size=8)


def _draw_flow(ax: Axes) -> None:
    draw_arrow(ax, (DATA.right, DATA.middle[1]), (PREDICTOR.left, PREDICTOR.middle[1]))
    draw_arrow(ax, (STARTS.right, STARTS.middle[1]), (DESIGNER.left, DESIGNER.middle[1]))
    draw_arrow(ax, (DESIGNER.right, DESIGNER.middle[1]), (DESIGNS.left, DESIGNS.middle[1]))
    draw_arrow(ax, (PREDICTOR.middle[0], PREDICTOR.bottom), (DESIGNER.middle[0], DESIGNER.top))
    ax.text(
        PREDICTOR.middle[0] + 0.2, 4.35, "weights and biases,\nnow constants", va="center", size=7
    )
    draw_arrow(
        ax, (DESIGNS.middle[0], DESIGNS.top), (PHYSICS.middle[0], PHYSICS.bottom), colour=COLOURS[2]
    )
    ax.text(DESIGNS.middle[0] - 0.2, 4.35, "verify", ha="right", va="center", size=7)
    above = 9.0
    ax.plot(
        [PHYSICS.middle[0], PHYSICS.middle[0], DATA.middle[0]],
        [PHYSICS.top, above, above],
        color=COLOURS[2],
        linewidth=1.4,
    )
    draw_arrow(ax, (DATA.middle[0], above), (DATA.middle[0], DATA.top), colour=COLOURS[2])
    text = "feedback loop: verified designs join the training data"
    ax.text(PREDICTOR.middle[0], above + 0.08, text, ha="center", va="bottom", size=7)
