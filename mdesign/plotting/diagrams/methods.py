"""How methods work: the framework of GIDN, and the flow of data and designs of GAN-MDN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from mdesign.arguments import number
from mdesign.plotting.checks import filled, integers, texts
from mdesign.plotting.composites import draw_composite
from mdesign.plotting.diagrams import parts
from mdesign.plotting.diagrams.parts import Arrow, Bar, Box, Inset, Label, Network, Part, connect
from mdesign.plotting.style import COLOURS

__all__ = ["FLOWCHART_SIZE", "FRAMEWORK_SIZE", "Flow", "draw_flowchart", "draw_framework"]

FRAMEWORK_SIZE = (17.8, 9.4)
"""Width and height of the framework in centimetres, which are its coordinates."""

FLOWCHART_SIZE = (17.8, 9.0)
"""The same for the flowchart."""

LEARNT, FIXED = "#B84700", "0.72"
DATA = Box(0.1, 5.1, 4.2, 3.4, "Training data")
STARTS = Box(0.1, 0.2, 4.2, 3.4, "Initial designs")
DESIGNS = Box(13.5, 0.2, 4.2, 3.4, "Optimised designs")
PREDICTOR = Box(5.7, 5.1, 6.2, 3.4, "Predictor", COLOURS[0])
DESIGNER = Box(5.7, 0.2, 6.2, 3.4, "Designer", COLOURS[0])
PHYSICS = Box(13.5, 5.1, 4.2, 3.4, "Physics-based model", COLOURS[2])
MAKING, TRAINING, DESIGN = COLOURS[1], COLOURS[2], COLOURS[0]


@dataclass(frozen=True)
class Flow:
    """What the flowchart shows of a real run.

    Attributes
    ----------
    latents, designed_latents : array_like, shape (2, h, w)
        Two latent maps of the data in (-1, 1), and two sampled for the target.
    patterns, designed_patterns : array_like, shape (2, nx, ny)
        Their microstructures.
    values, designed_values : array_like, shape (n,) and (2,)
        Property of all data, and of the two designs as simulated.
    target : float
        The wanted property.
    filters, neurons : sequence of int
        Filters of the generator's layers, and neurons of the MDN's hidden layers.
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

    def __post_init__(self) -> None:
        maps, images = ("(2, h, w)", "(-inf, inf)"), ("(2, nx, ny)", "[0, 1]")
        rules = {"latents": maps, "designed_latents": maps}
        rules |= {"patterns": images, "designed_patterns": images}
        rules |= {"values": ("(n,)", "(-inf, inf)"), "designed_values": ("(2,)", "(-inf, inf)")}
        for name, rule in rules.items():
            object.__setattr__(self, name, filled(name, getattr(self, name), *rule))
        for name in ("filters", "neurons"):
            object.__setattr__(self, name, integers(name, getattr(self, name)))
        number("target", self.target, "(0, inf)")


def draw_framework(
    ax: Axes,
    *,
    samples: npt.ArrayLike,
    starts: npt.ArrayLike,
    designs: npt.ArrayLike,
    strain: npt.ArrayLike,
    captions: Sequence[str] = ("", "", ""),
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
    captions : sequence of three str
        Lines below the training, the initial and the optimised designs.
    crack_length : float, optional
        Length of the crack in elements.
    """
    below = {
        **dict(zip((DATA, STARTS, DESIGNS), texts("captions", captions, 3), strict=True)),
        PHYSICS: "finite elements: true toughness",
        PREDICTOR: "minimise (prediction − true toughness)²",
        DESIGNER: "maximise the predicted toughness",
    }
    drawn: list[Part] = [
        *below,
        *(Label((box.at(0.5, 0)[0], box.bottom + 0.36), text) for box, text in below.items()),
        *_two_composites(DATA, "samples", samples, crack_length),
        *_two_composites(STARTS, "starts", starts, crack_length),
        *_two_composites(DESIGNS, "designs", designs, crack_length),
        parts.frame_image(
            PHYSICS.square(1.175, 0.8, 1.85), filled("strain", strain, "(nx, ny)"), "viridis"
        ),
        *_predictor(PREDICTOR, LEARNT, FIXED, "learnt: weights and biases"),
        *_predictor(DESIGNER, FIXED, LEARNT, "learnt: the designs"),
        connect(DATA, PREDICTOR),
        connect(STARTS, DESIGNER),
        connect(DESIGNER, DESIGNS),
        connect(PREDICTOR, DESIGNER),
        Label((9.0, 4.35), "weights and biases,\nnow constants", ha="left"),
        connect(DESIGNS, PHYSICS, COLOURS[2]),
        Label((15.4, 4.35), "verify", ha="right"),
        Arrow([PHYSICS.at(0.5, 1), (15.6, 9.0), (2.2, 9.0), DATA.at(0.5, 1)], COLOURS[2]),
        Label((8.8, 9.08), "feedback loop: verified designs join the training data", va="bottom"),
    ]
    parts.draw_diagram(ax, FRAMEWORK_SIZE, drawn)


def draw_flowchart(ax: Axes, flow: Flow, *, quantity: str = "absorptance") -> None:
    """Draw how data are made, the mixture density network is trained, and designs come about.

    Parameters
    ----------
    ax : Axes
        Where to draw; best an Axes that fills a figure of `FLOWCHART_SIZE`.
    flow : Flow
    quantity : str
        Name of the property.
    """
    errors = 100 * np.abs(np.asarray(flow.designed_values, dtype=float) / flow.target - 1)
    rep = f"REP {errors[0]:.1f} %, {errors[1]:.1f} %"
    upper, lower = _row_boxes(4.95, f"{quantity} y"), _row_boxes(0.35, "target y*")
    making = "making the data: random latents, their microstructures, their simulated labels"
    loop = [upper[5].at(0.5, 1), (16.5, 8.4), (1.3, 8.4), upper[0].at(0.5, 1)]
    drawn: list[Part] = [
        *_row(upper, flow, "", "labels y"),
        *_row(lower, flow, "designed_", rep),
        _histogram(upper[0], flow.values),
        _histogram(lower[0], flow.values, flow.target),
        _caption(lower[0], f"y* = {flow.target:g}", DESIGN),
        *(connect(*ends, TRAINING) for ends in pairwise(upper[:3])),
        *(connect(*ends, MAKING) for ends in pairwise(upper[2:])),
        *(connect(*ends, DESIGN) for ends in pairwise(lower)),
        *(connect(upper[column], lower[column], "0.6") for column in (1, 3)),
        *(Label((left, 3.9), "same weights", 6.5, "0.4", "left") for left in (4.49, 10.57)),
        Arrow(loop, MAKING),
        Label((8.9, 8.48), making, colour=MAKING, va="bottom"),
        Label((0.1, 4.65), "training: likelihood of z given y", colour=TRAINING, ha="left"),
        Label((17.7, 3.65), "design: sample z, decode, verify", colour=DESIGN, ha="right"),
    ]
    parts.draw_diagram(ax, FLOWCHART_SIZE, drawn)


def _two_composites(
    box: Box, name: str, images: npt.ArrayLike, crack_length: float | None
) -> list[Part]:
    draw = partial(draw_composite, crack_length=crack_length)
    return [
        Inset(box.square(left, 0.8, 1.85), partial(draw, image=phases))
        for left, phases in zip(
            (0.2, 2.15), filled(name, images, "(2, nx, ny)", "[0, 1]"), strict=True
        )
    ]


def _predictor(box: Box, links: str, inputs: str, learnt: str) -> list[Part]:
    """Parts of a small network; what is learnt stands out by its colour."""
    first, last, height = box.left + 1.1, box.left + 4.8, box.bottom + 1.95
    across, sizes = np.linspace(first, last, 5), (5, 6, 6, 6, 1)
    return [
        Network(across, height, sizes, 0.32, 0.22, links, inputs),
        Label((first - 0.3, height), "$x$", 8, ha="right"),
        Label((last + 0.3, height), "$\\hat{T}(x)$", 8, ha="left"),
        Label((box.at(0.5, 0)[0], box.bottom + 0.72), learnt, colour=LEARNT),
    ]


def _row_boxes(bottom: float, first: str) -> list[Box]:
    titles = (first, "MDN", "latent z", "generator", "image x", "RCWA")
    return [Box(0.1 + 3.04 * k, bottom, 2.4, 3.0, title) for k, title in enumerate(titles)]


def _caption(box: Box, text: str, colour: str = "black") -> Label:
    return Label((box.left + 1.2, box.bottom + 0.32), text, 6.5, colour)


def _row(boxes: list[Box], flow: Flow, kind: str, verdict: str) -> list[Part]:
    """Parts of one row, but for its histogram."""
    _, mdn, latent, generator, pattern, physics = boxes
    maps, images = (np.asarray(getattr(flow, kind + name)) for name in ("latents", "patterns"))
    sizes = (1, *(4 for _ in flow.neurons), 3)
    across = np.linspace(mdn.left + 0.3, mdn.left + 2.1, len(sizes))
    drawn: list[Part] = [*boxes, *_generator(generator, flow.filters), *_stack(physics)]
    for (left, up), latents, phases in zip(((0.2, 1.05), (0.8, 0.6)), maps, images, strict=True):
        drawn.append(parts.frame_image(latent.square(left, up, 1.4), latents, "PuOr", (-1, 1)))
        drawn.append(Inset(pattern.square(left, up, 1.4), partial(draw_composite, image=phases)))
    return [
        *drawn,
        Network(across, mdn.bottom + 1.55, sizes, 0.34, 0.17, "0.72"),
        _caption(mdn, f"{len(flow.neurons)} × {flow.neurons[0]}, P(z | y)"),
        _caption(latent, "{} × {}".format(*maps.shape[1:])),
        _caption(generator, "-".join(map(str, flow.filters))),
        _caption(pattern, "{} × {}".format(*images.shape[1:])),
        _caption(physics, verdict),
    ]


def _generator(box: Box, filters: Sequence[int]) -> list[Part]:
    """One bar a layer: higher as the image grows, wider with more filters."""
    maps = [(2.0**layer, number) for layer, number in enumerate(filters)]
    sizes = parts.scale_maps(maps, (0.5, 1.5), (0.09, 0.3))
    gap = (1.9 - sum(width for _, width in sizes)) / max(len(filters) - 1, 1)
    left, drawn = box.left + 0.25, []
    for height, width in sizes:
        drawn.append(Bar(left, box.bottom + 1.55 - height / 2, width, height, COLOURS[5]))
        left += width + gap
    return [*drawn]


def _stack(box: Box) -> list[Part]:
    """Light that falls on a film over a patterned layer on a substrate."""
    left, bottom, top = box.left + 0.3, box.bottom + 0.65, box.bottom + 1.66
    holes = ((0.216, 0.288), (0.756, 0.18), (1.224, 0.36))
    return [
        Bar(left, bottom, 1.8, 0.45, "0.45"),
        Bar(left, bottom + 0.45, 1.8, 0.4, "0.92"),
        *(Bar(left + at, bottom + 0.45, width, 0.4, "white", "none") for at, width in holes),
        Bar(left, bottom + 0.85, 1.8, 0.16, COLOURS[5]),
        Arrow([(left + 0.65, top + 0.65), (left + 0.65, top)], COLOURS[4]),
        Arrow([(left + 1.15, top), (left + 1.15, top + 0.5)], "0.6"),
    ]


def _histogram(box: Box, values: npt.ArrayLike, target: float | None = None) -> Inset:
    def content(ax: Axes) -> None:
        ax.hist(np.asarray(values, dtype=float), 30, color="0.75", linewidth=0)
        ax.set(yticks=[])
        ax.tick_params(labelsize=5.5, length=2, pad=1)
        ax.spines["left"].set_visible(False)
        ax.patch.set_alpha(0)
        if target is not None:
            ax.axvline(target, color=DESIGN, linewidth=1.2)
            low, high = ax.get_xlim()
            ax.set_xlim(min(low, target), max(high, target))

    return Inset((box.left + 0.2, box.bottom + 0.82, 2.0, 1.58), content)
