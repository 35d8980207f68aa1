"""Networks layer by layer: autoencoders, mixture density networks, stages of a convolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from mdesign.arguments import whole
from mdesign.plotting.checks import as_many, by_name, filled, integers, texts
from mdesign.plotting.diagrams import parts
from mdesign.plotting.diagrams.parts import Arrow, Bar, Box, Inset, Label, Network, Part
from mdesign.plotting.style import COLOURS

__all__ = [
    "AUTOENCODER_SIZE",
    "MIXTURE_SIZE",
    "MORPHOLOGY_SIZE",
    "AutoencoderLayers",
    "draw_autoencoder",
    "draw_mixture_network",
    "draw_morphology",
    "draw_stages",
]

AUTOENCODER_SIZE = (17.8, 3.1)
"""Width and height of the drawing of one autoencoder in centimetres, its coordinates."""

MORPHOLOGY_SIZE = (17.8, 4.6)
"""The same for the samples and their morphology, drawn below it."""

MIXTURE_SIZE = (17.8, 5.0)
"""The same for the mixture density network."""

AXIS, SIDE, STEP, BAR = 1.85, 1.3, 0.82, 0.2
MIXTURE_AXIS, STAGES_AXIS = 2.7, 2.1
BLUE, ORANGE, GREEN = COLOURS[0], COLOURS[1], COLOURS[2]
BOLD = {"weight": "bold"}


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

    def __post_init__(self) -> None:
        for name in ("encoder", "decoder"):
            integers(name, getattr(self, name), "(n, 2)")
        integers("neurons", self.neurons, "(2,)")
        whole("n_latent", self.n_latent)


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
        One term that compares the two, and, if variational, one on the latent variables.
    """
    terms = texts("losses", losses, 1 + layers.variational)
    before, after = (
        filled(name, one, "(nx, ny)", "[0, 1]", dtype=None)
        for name, one in (("image", image), ("made", made))
    )
    latent = 0.1 + SIDE + STEP * (len(layers.encoder) + 1)
    decoder = latent + STEP * (1 + layers.variational)
    last = decoder + STEP * (len(layers.decoder) + 1)
    source, goal, edge, rail = 0.1 + SIDE / 2, last + 0.32 + SIDE / 2, AXIS + SIDE / 2, AXIS + 1.02
    white = {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1}}
    drawn: list[Part] = [
        parts.frame_image((0.1, AXIS - SIDE / 2, SIDE, SIDE), before),
        *_maps(0.1 + SIDE, layers.encoder, BLUE),
        *_column(latent - STEP, (1.1, BAR), BLUE, f"dense\n{layers.neurons[0]}"),
        *_latents(latent, layers),
        *_column(decoder, (1.1, BAR), GREEN, f"dense\n{layers.neurons[1]}"),
        *_maps(decoder + STEP, layers.decoder, GREEN),
        Arrow([(last, AXIS), (last + 0.3, AXIS)], width=0.8),
        parts.frame_image((last + 0.32, AXIS - SIDE / 2, SIDE, SIDE), after),
        Arrow([(source, edge), (source, rail), (goal, rail), (goal, edge)], "0.45", 0.8, "-"),
        Label(((source + goal) / 2, rail), terms[0], 6.5, others=white),
    ]
    if layers.variational:
        middle = (latent + decoder - BAR) / 2
        drawn.append(Label((middle, AXIS - 1.55), terms[1], 6.5, ORANGE, va="top"))
    parts.draw_diagram(ax, AUTOENCODER_SIZE, drawn)


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
        Images of a trained decoder, and authentic ones; the first three are drawn.
    grams : tuple of array_like, shape (c, c)
        A Gram matrix of the former and of the latter.
    n_latent : int
        Latent variables.
    filters : sequence of int
        Filters of the blocks of the feature network.
    weights : tuple of float
        Weights of the collapse and the style in the loss.
    """
    rows = [filled("samples", samples, "(n, nx, ny)", "[0, 1]")]
    rows.append(filled("authentic", authentic, str(rows[0].shape), "[0, 1]"))
    matrices = filled("grams", grams, "(2, c, c)")
    limit = float(np.abs(matrices).max()) or 1.0
    collapsed, styled = filled("weights", weights, "(2,)", "[0, inf)").tolist()
    prior = Box(0.1, 2.75, 2.0, 1.3, "prior", ORANGE)
    decoder = Box(2.6, 2.75, 2.2, 1.3, "decoder", GREEN)
    features = Box(10.2, 0.45, 2.2, 3.6, "features", "0.3")
    fixed = f"fixed, random\n{' - '.join(map(str, integers('filters', filters)))} filters\nwhitened"
    collapse = "collapse:\nhow alike the\nsamples' features are"
    style = "style:\nhow far apart the two\ndistributions of\nGram matrices are"
    loss = (
        "loss = squared error\n+ Kullback-Leibler divergence\n"
        f"+ {collapsed:,.0f} × collapse + {styled:,.0f} × style"
    )
    drawn: list[Part] = [
        *(prior, decoder, features),
        parts.connect(prior, decoder, width=0.9),
        Arrow([(4.8, 3.4), (5.3, 3.4)], width=0.9),
        Label((1.1, 3.2), f"z ~ N(0, 1)\n{whole('n_latent', n_latent)} numbers", 6.5),
        Label((3.7, 3.2), "the same\nas above", 6.5),
        Label((11.3, 2.05), fixed, 6.5),
        Label((13.75, 2.4), "Gram matrices", 6.5),
        Label((14.7, 3.4), collapse, 6.5, ORANGE, "left"),
        Label((14.7, 1.7), style, 6.5, ORANGE, "left"),
        Label((0.1, 1.75), loss, 6.5, ha="left", va="top", others={"linespacing": 1.5}),
        Label((5.4, 2.67), "samples", 6.5, GREEN, "left", "top"),
        Label((5.4, 0.37), "authentic batch", 6.5, "0.45", "left", "top"),
    ]
    for bottom, stack, matrix in zip((2.75, 0.45), rows, matrices, strict=True):
        # Rows of a matrix are drawn from the top, unlike those of an image.
        square, colours = (13.1, bottom, SIDE, SIDE), ("RdBu_r", (-limit, limit))
        drawn += [
            *(
                parts.frame_image((5.4 + 1.45 * number, bottom, SIDE, SIDE), phases)
                for number, phases in enumerate(stack[:3])
            ),
            Arrow([(9.7, bottom + 0.65), (10.2, bottom + 0.65)], width=0.9),
            Arrow([(12.4, bottom + 0.65), (13.0, bottom + 0.65)], width=0.9),
            parts.frame_image(square, matrix[::-1].T, *colours),
        ]
    parts.draw_diagram(ax, MORPHOLOGY_SIZE, drawn)


def draw_mixture_network(
    ax: Axes,
    *,
    neurons: Sequence[int],
    inputs: Sequence[int],
    heads: Sequence[tuple[str, int]],
    grid: npt.ArrayLike,
    densities: Mapping[str, npt.ArrayLike],
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
    densities : mapping of str to array_like, shape (m,)
        What the mixture says for some properties, by their names in the legend.
    """
    sizes = integers("neurons", neurons)
    seen_by = integers("inputs", inputs)
    as_many(neurons=sizes, inputs=seen_by)
    ends = _checked_heads(heads)
    at = filled("grid", grid)
    curves = by_name("densities", densities, f"({len(at)},)")
    lefts = [1.5 + 1.75 * number for number in range(len(sizes))]
    head, axis = lefts[-1] + 2.0, MIXTURE_AXIS
    total = f"{sum(size for _, size in ends)} outputs"
    drawn: list[Part] = [Label((0.3, axis), "$y$", 11), *_dense_connections(lefts)]
    for number, (left, size, seen) in enumerate(zip(lefts, sizes, seen_by, strict=True), start=1):
        text = f"{seen} → {size}\nBN, ReLU"
        drawn += [
            Bar(left, axis - 1, 0.8, 2.0, (BLUE, 0.12), BLUE, 0.8),
            Network([left + 0.4], axis, [6], 0.26, 0.11, "none", BLUE),
            Label((left + 0.4, axis - 1.12), f"dense {number}", va="top", others=BOLD),
            Label((left + 0.4, axis - 1.47), text, 6.5, va="top"),
        ]
    heights = (axis + 1.35 * np.linspace(1, -1, len(ends))).tolist()
    for (name, size), height in zip(ends, heights, strict=True):
        drawn += [
            Bar(head, height - 0.4, 2.0, 0.8, (GREEN, 0.12), GREEN, 0.8),
            Label((head + 1.0, height), f"{name}\n{size}"),
            Arrow([(head - 1.2, axis), (head, height)]),
        ]
    drawn += [
        Label((head + 1.0, 0.35), total, others=BOLD),
        Arrow([(11.95, axis), (13.2, axis)]),
        Label((12.55, axis + 0.15), "P(z | y)", va="bottom"),
        Inset((13.5, 1.15, 4.0, 3.1), lambda panel: _draw_densities(panel, at, curves)),
    ]
    parts.draw_diagram(ax, MIXTURE_SIZE, drawn)


def draw_stages(ax: Axes, sides: Sequence[int], channels: Sequence[int], *, title: str) -> None:
    """Draw the feature maps of a convolutional network from its input to its output.

    Parameters
    ----------
    ax : Axes
    sides, channels : sequence of int
        Pixels along a side of the square maps, input first, and number of maps, at least 1.
    title : str
        Title of the panel.
    """
    lengths, numbers = integers("sides", sides), integers("channels", channels)
    as_many(sides=lengths, channels=numbers)
    maps = list(zip(lengths, numbers, strict=True))
    sizes = parts.scale_maps(maps, (0.35, 2.0), (0.12, 0.55))
    drawn: list[Part] = []
    left, axis = 0.2, STAGES_AXIS
    for (height, width), (side, number) in zip(sizes, maps, strict=True):
        if drawn:
            drawn.append(Arrow([(left - 0.52, axis), (left - 0.12, axis)]))
        colour = COLOURS[5 if drawn else 4]
        drawn.append(Bar(left, axis - height / 2, width, height, colour))
        text = f"{side}²\n× {number}"
        drawn.append(Label((left + width / 2, axis - 1.25), text, 6.5, va="top"))
        left += width + 0.62
    parts.draw_diagram(ax, (left - 0.3, axis + 1.35), drawn)
    ax.set_title(title)


def _column(
    start: float,
    size: tuple[float, float],
    colour: str,
    text: str,
    *,
    above: float = 0.0,
    sources: Sequence[tuple[float, float]] = ((0.05, 0.0),),
) -> list[Part]:
    """Bar of a layer at the end of the step from `start`, arrows to it, and a text below."""
    (height, width), end = size, start + STEP
    left, middle = end - width, AXIS + above
    arrows = [[(start + dx, AXIS + dy), (left - 0.03, middle)] for dx, dy in sources]
    return [
        *(Arrow(points, width=0.6) for points in arrows),
        Bar(left, middle - height / 2, width, height, (colour, 0.35), colour, 0.6),
        Label((end - width / 2, AXIS - 0.92), text, 6, va="top"),
    ]


def _maps(start: float, maps: Sequence[tuple[int, int]], colour: str) -> list[Part]:
    """One bar for the maps of each layer."""
    sizes = parts.scale_maps(maps, (0.45, 1.6), (0.1, 0.3))
    drawn: list[Part] = []
    for number, (size, (side, channels)) in enumerate(zip(sizes, maps, strict=True)):
        drawn += _column(start + STEP * number, size, colour, f"{side}²\n× {channels}")
    return drawn


def _latents(start: float, layers: AutoencoderLayers) -> list[Part]:
    """Bar of the latent variables, or those of mean, deviation and a draw from the Gaussian."""
    text = f"z\n{layers.n_latent}"
    if not layers.variational:
        return _column(start, (1.1, BAR), ORANGE, text)
    size, place = (0.66, BAR), start + STEP - BAR / 2
    return [
        *_column(start, size, ORANGE, "", above=0.42),
        *_column(start, size, ORANGE, "", above=-0.42),
        *_column(start + STEP, size, ORANGE, text, sources=((0.02, 0.42), (0.02, -0.42))),
        Label((place, AXIS + 0.42), "$\\mu$"),
        Label((place, AXIS - 0.42), "$\\sigma$"),
    ]


def _dense_connections(lefts: Sequence[float]) -> list[Part]:
    """Arrows from the input and each layer to the next one, and over it to all layers behind."""
    drawn: list[Part] = []
    for number, source in enumerate((0.55, *(left + 0.8 for left in lefts[:-1]))):
        drawn.append(Arrow([(source, MIXTURE_AXIS), (lefts[number], MIXTURE_AXIS)]))
        left, rail = source + 0.12 + 0.1 * number, MIXTURE_AXIS + 1.3 + 0.27 * number
        for goal in lefts[number + 1 :]:
            entry = goal + 0.2 + 0.2 * number
            way = [(left, MIXTURE_AXIS), (left, rail), (entry, rail), (entry, MIXTURE_AXIS + 1)]
            drawn.append(Arrow(way, ORANGE, 0.9))
    return drawn


def _checked_heads(heads: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    pairs = list(heads)
    if not all(isinstance(one, tuple | list) and len(one) == 2 for one in pairs):
        raise TypeError(f"heads must be pairs of a name and a size; got {heads}")
    names = texts("heads", [name for name, _ in pairs], len(pairs))
    return list(zip(names, integers("heads", [size for _, size in pairs]), strict=True))


def _draw_densities(ax: Axes, grid: npt.NDArray, densities: dict[str, npt.NDArray]) -> None:
    for name, values in densities.items():
        ax.plot(grid, values, label=name, linewidth=1)
    ax.set(yticks=[], xlabel="one latent variable", ylim=(0, None))
    look: dict[str, Any] = {"fontsize": 6, "handlelength": 1.0, "columnspacing": 0.8}
    ax.legend(ncols=len(densities), loc="lower right", bbox_to_anchor=(1.0, 1.0), **look)
