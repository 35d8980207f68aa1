"""Autoencoders as drawings, layer by layer, with what each kind is trained for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mdesign.plotting.diagrams.boxes import Box, draw_arrow, draw_box, inset
from mdesign.plotting.style import COLOURS, PHASES

__all__ = [
    "AUTOENCODER_SIZE",
    "MORPHOLOGY_SIZE",
    "AutoencoderLayers",
    "draw_autoencoder",
    "draw_morphology",
]

AUTOENCODER_SIZE = (17.8, 3.1)
"""Width and height of the drawing of one autoencoder in centimetres, its coordinates."""

MORPHOLOGY_SIZE = (17.8, 4.6)
"""The same for the samples and their morphology, drawn below it."""

AXIS = 1.85
IMAGE, STEP, BAR = 1.3, 0.82, 0.2
SMALLEST, LARGEST = 0.45, 1.6
ENCODED, LATENT, DECODED = COLOURS[0], COLOURS[1], COLOURS[2]
AUTHENTIC = "0.45"


@dataclass(frozen=True)
class AutoencoderLayers:
    """Layers as read off an encoder and a decoder.

    Parameters
    ----------
    encoder, decoder : sequence of (int, int)
        Side and number of the maps behind each convolution; those of the decoder begin with
        the map that its dense layers give, and leave out the image.
    neurons : tuple of int
        Neurons of the hidden dense layer of encoder and decoder.
    n_latent : int
        Latent variables.
    variational : bool
        Whether they have a mean and a variance.
    """

    encoder: Sequence[tuple[int, int]]
    decoder: Sequence[tuple[int, int]]
    neurons: tuple[int, int]
    n_latent: int
    variational: bool


def draw_autoencoder(
    ax: Axes,
    layers: AutoencoderLayers,
    *,
    image: npt.ArrayLike,
    made: npt.ArrayLike,
    losses: Sequence[str],
) -> None:
    """Draw an image on its way through an encoder and a decoder.

    Parameters
    ----------
    ax : Axes
        Where to draw; best an Axes that fills a figure of `AUTOENCODER_SIZE`.
    layers : AutoencoderLayers
        What the networks are made of.
    image, made : array_like, shape (nx, ny)
        An image and what the networks make of it, values from 0 to 1.
    losses : sequence of str
        Terms that compare the two, and, if variational, those on the latent variables.

    Raises
    ------
    ValueError
        If there are not as many terms as the kind has places for: 1, or 2 if variational.
    """
    if len(losses) != 1 + layers.variational:
        raise ValueError(f"losses must be {1 + layers.variational} term(s); got {list(losses)}")
    _prepare(ax, AUTOENCODER_SIZE)
    _draw_image(ax, 0.1, image)
    left = _draw_maps(ax, 0.1 + IMAGE, layers.encoder, ENCODED)
    left = _draw_bar(ax, left, layers.neurons[0], "dense", ENCODED)
    start = left
    left = _draw_latents(ax, left, layers)
    stop = left - BAR
    left = _draw_bar(ax, left, layers.neurons[1], "dense", DECODED)
    left = _draw_maps(ax, left, layers.decoder, DECODED)
    draw_arrow(ax, (left, AXIS), (left + 0.3, AXIS), weight=0.8)
    _draw_image(ax, left + 0.32, made)
    _draw_comparison(ax, 0.1 + IMAGE / 2, left + 0.32 + IMAGE / 2, losses[0])
    if layers.variational:
        at = ((start + stop) / 2, AXIS - 1.55)
        ax.text(*at, losses[1], color=LATENT, ha="center", va="top", size=6.5)


def draw_morphology(
    ax: Axes,
    *,
    samples: npt.ArrayLike,
    authentic: npt.ArrayLike,
    grams: tuple[npt.ArrayLike, npt.ArrayLike],
    n_latent: int,
    filters: Sequence[int],
    weights: tuple[float, float],
) -> None:
    """Draw samples from the prior, and how their morphology is compared with authentic ones.

    Parameters
    ----------
    ax : Axes
        Where to draw; best an Axes that fills a figure of `MORPHOLOGY_SIZE`.
    samples, authentic : array_like, shape (n, nx, ny)
        Images of a trained decoder, and authentic ones.
    grams : tuple of array_like, shape (c, c)
        A Gram matrix of the former and of the latter.
    n_latent : int
        Latent variables.
    filters : sequence of int
        Filters of the blocks of the feature network.
    weights : tuple of float
        Weights of the collapse and the style in the loss.

    Raises
    ------
    ValueError
        If there are not as many samples as authentic images.
    """
    rows = [np.asarray(stack, dtype=float) for stack in (samples, authentic)]
    if rows[0].shape != rows[1].shape or rows[0].ndim != 3:
        raise ValueError(
            f"samples and authentic must have one shape (n, nx, ny); got {rows[0].shape} "
            f"and {rows[1].shape}"
        )
    _prepare(ax, MORPHOLOGY_SIZE)
    upper, lower = 2.75, 0.45
    prior, decoder = Box(0.1, upper, 2.0, 1.3), Box(2.6, upper, 2.2, 1.3)
    features = Box(10.2, lower, 2.2, upper - lower + 1.3)
    _draw_titled(ax, prior, "prior", f"z ~ N(0, 1)\n{n_latent} numbers", LATENT)
    _draw_titled(ax, decoder, "decoder", "the same\nas above", DECODED)
    draw_arrow(ax, (prior.right, prior.middle[1]), (decoder.left, decoder.middle[1]), weight=0.9)
    draw_arrow(ax, (decoder.right, decoder.middle[1]), (5.3, decoder.middle[1]), weight=0.9)
    blocks = " - ".join(map(str, filters))
    _draw_titled(ax, features, "features", f"fixed, random\n{blocks} filters\nwhitened", "0.3")
    places = ((upper, rows[0], "samples", DECODED), (lower, rows[1], "authentic batch", AUTHENTIC))
    for (bottom, stack, name, colour), matrix in zip(places, grams, strict=True):
        _draw_row(ax, bottom, stack, name, colour)
        middle = bottom + 0.65
        draw_arrow(ax, (9.7, middle), (features.left, middle), weight=0.9)
        draw_arrow(ax, (features.right, middle), (13.0, middle), weight=0.9)
        _draw_gram(ax, 13.1, bottom, matrix, grams)
    _draw_terms(ax, prior, weights)


def _prepare(ax: Axes, size: tuple[float, float]) -> None:
    ax.set(xlim=(0, size[0]), ylim=(0, size[1]), aspect="equal")
    ax.set_axis_off()


def _draw_image(ax: Axes, left: float, image: npt.ArrayLike, bottom: float | None = None) -> None:
    """Draw an image in a frame, by default on the axis of the signal."""
    panel = inset(ax, (left, AXIS - IMAGE / 2 if bottom is None else bottom, IMAGE, IMAGE))
    panel.imshow(np.asarray(image).T, cmap=PHASES, vmin=0, vmax=1, origin="lower")
    panel.set(xticks=[], yticks=[])
    panel.spines[:].set_visible(True)


def _draw_maps(ax: Axes, left: float, maps: Sequence[tuple[int, int]], colour: str) -> float:
    """Draw the maps behind each layer, as high as their sides and as wide as they are many."""
    sides = np.log2([side for side, _ in maps])
    spread = max(float(np.ptp(sides)), 1.0)
    heights = SMALLEST + (LARGEST - SMALLEST) * (sides - sides.min()) / spread
    most = max(channels for _, channels in maps)
    for (side, channels), height in zip(maps, heights, strict=True):
        width = 0.1 + 0.3 * np.sqrt(channels / most)
        place = left + STEP - width
        draw_arrow(ax, (left + 0.05, AXIS), (place - 0.03, AXIS), weight=0.6)
        _draw_rectangle(ax, place, float(height), float(width), colour)
        text = f"{side}²\n× {channels}"
        ax.text(place + width / 2, AXIS - LARGEST / 2 - 0.12, text, ha="center", va="top", size=6)
        left += STEP
    return left


def _draw_bar(ax: Axes, left: float, neurons: int, name: str, colour: str) -> float:
    """Draw a dense layer as a bar."""
    place = left + STEP - BAR
    draw_arrow(ax, (left + 0.05, AXIS), (place - 0.03, AXIS), weight=0.6)
    _draw_rectangle(ax, place, 1.1, BAR, colour)
    text = f"{name}\n{neurons}"
    ax.text(place + BAR / 2, AXIS - LARGEST / 2 - 0.12, text, ha="center", va="top", size=6)
    return left + STEP


def _draw_latents(ax: Axes, left: float, layers: AutoencoderLayers) -> float:
    """Draw the latent variables; with a variance they are drawn from a Gaussian."""
    if not layers.variational:
        return _draw_bar(ax, left, layers.n_latent, "z", LATENT)
    place = left + STEP - BAR
    for name, above in (("$\\mu$", 0.42), ("$\\sigma$", -0.42)):
        draw_arrow(ax, (left + 0.05, AXIS), (place - 0.03, AXIS + above), weight=0.6)
        _draw_rectangle(ax, place, 0.66, BAR, LATENT, above=above)
        ax.text(place + BAR / 2, AXIS + above, name, ha="center", va="center", size=7)
        draw_arrow(ax, (left + STEP + 0.02, AXIS + above), (place + STEP - 0.03, AXIS), weight=0.6)
    _draw_rectangle(ax, place + STEP, 0.66, BAR, LATENT)
    text = f"z\n{layers.n_latent}"
    ax.text(place + STEP + BAR / 2, AXIS + 0.4, text, ha="center", va="bottom", size=6)
    return left + 2 * STEP


def _draw_rectangle(
    ax: Axes, left: float, height: float, width: float, colour: str, *, above: float = 0.0
) -> None:
    """Draw a filled rectangle around the axis, or so much above it."""
    corner = (left, AXIS + above - height / 2)
    ax.add_patch(
        Rectangle(corner, width, height, facecolor=(colour, 0.35), edgecolor=colour, linewidth=0.6)
    )


def _draw_comparison(ax: Axes, left: float, right: float, text: str) -> None:
    """Link image and reconstruction above the networks."""
    start, height = AXIS + IMAGE / 2, AXIS + 1.02
    ax.plot([left, left, right, right], [start, height, height, start], color="0.45", linewidth=0.8)
    ax.text(
        (left + right) / 2,
        height,
        text,
        ha="center",
        va="center",
        size=6.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )


def _draw_titled(ax: Axes, box: Box, title: str, text: str, colour: str) -> None:
    draw_box(ax, box, title, colour)
    at = (box.middle[0], box.middle[1] - 0.2)
    ax.text(*at, text, ha="center", va="center", size=6.5)


def _draw_row(ax: Axes, bottom: float, stack: npt.NDArray, name: str, colour: str) -> None:
    """Draw three images of a stack, and what they are."""
    for number, image in enumerate(stack[:3]):
        _draw_image(ax, 5.4 + 1.45 * number, image, bottom)
    ax.text(5.4, bottom - 0.08, name, ha="left", va="top", size=6.5, color=colour)


def _draw_gram(
    ax: Axes,
    left: float,
    bottom: float,
    matrix: npt.ArrayLike,
    both: tuple[npt.ArrayLike, npt.ArrayLike],
) -> None:
    """Draw a Gram matrix on the colours of both."""
    limit = max(float(np.abs(np.asarray(each)).max()) for each in both)
    panel = inset(ax, (left, bottom, IMAGE, IMAGE))
    panel.imshow(np.asarray(matrix), cmap="RdBu_r", vmin=-limit, vmax=limit)
    panel.set(xticks=[], yticks=[])
    panel.spines[:].set_visible(True)


def _draw_terms(ax: Axes, prior: Box, weights: tuple[float, float]) -> None:
    """Write the two terms where they arise, and the whole loss."""
    collapse, style = weights
    ax.text(13.75, 2.4, "Gram matrices", ha="center", va="center", size=6.5)
    for height, text in (
        (3.4, "collapse:\nhow alike the\nsamples' features are"),
        (1.7, "style:\nhow far apart the two\ndistributions of\nGram matrices are"),
    ):
        ax.text(14.7, height, text, ha="left", va="center", size=6.5, color=LATENT)
    ax.text(
        prior.left,
        1.75,
        "loss = squared error\n+ Kullback-Leibler divergence\n"
        f"+ {collapse:,.0f} × collapse + {style:,.0f} × style",
        ha="left",
        va="top",
        size=6.5,
        linespacing=1.5,
    )
