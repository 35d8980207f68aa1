"""Markov random field: each pixel drawn from the pixels before it, by a decision tree.

A classification tree learns the probability that a pixel is of phase 1, given the pixels around it
that come earlier when an image is read row by row. An image is drawn in the same order. As in
Bostanabad et al., Acta Mater. 103, 89 (2016), one number is tuned so that every image gets the same
volume fraction: here a shift of the log-odds, tuned for each image while its random numbers stay.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments
from mdesign.storage.compiled import compiled

__all__ = ["MarkovField", "VolumeFractionNotMet", "causal_neighbours"]

_LARGEST_SHIFT = 20.0  # of the log-odds: beyond it every pixel has the same phase
_BISECTIONS = 18
_REDRAWS = 40


class VolumeFractionNotMet(RuntimeError):
    """No shift of the log-odds gives an image its volume fraction."""


class _Tree(NamedTuple):
    """A fitted tree: for each node the pixel it asks for, the next nodes, its log-odds."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    if_zero: NDArray[np.int64]
    if_one: NDArray[np.int64]
    log_odds: NDArray[np.float64]


@dataclass(frozen=True)
class MarkovField:
    """Markov random field of two phases; ValueError if a parameter is out of range.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> stripes = np.tile([[[1, 1, 0, 0]]], (3, 24, 6))
    >>> fitted = MarkovField(radius=3, min_leaf=2).fit(stripes, rng)
    >>> fitted.synthesize(2, 16, rng).mean(axis=(1, 2)).tolist()
    [0.5, 0.5]
    """

    #: Reach of the neighbourhood in pixels: so many rows above, and as far to both sides.
    radius: int = 5
    #: Fewest pixels of the training images in a leaf of the tree.
    min_leaf: int = 20
    #: Pixels that the tree learns from, drawn at random if the images hold more.
    max_pixels: int = 500_000
    #: Largest deviation of the volume fraction of an image from that of the training images.
    tolerance: float = 0.005
    #: Rows and columns drawn before those that are kept, in radii. They forget the border, which is
    #: copied from a training image.
    burn_in: int = 3
    _tree: _Tree | None = field(default=None, repr=False, compare=False)
    _images: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        counts = dict.fromkeys(("radius", "min_leaf", "max_pixels", "burn_in"), "[1, inf)")
        arguments.settle(self, **counts, tolerance="(0, 1)")

    @property
    def volume_fraction(self) -> float:
        """Fraction of phase 1 in the training images, and in every image drawn."""
        return float(self._fitted()[1].mean())

    def fit(self, images: ArrayLike, rng: np.random.Generator) -> "MarkovField":
        """Return a field that has learned from images (n, nx, ny); this one stays as it is.

        ValueError unless the images hold both phases 0 and 1, with sides above twice the radius.
        """
        phases = self._checked(images)
        neighbours = causal_neighbours(self.radius)
        inputs, outcomes, weights = self._examples(phases, neighbours, rng)
        tree = _grown(inputs, outcomes, weights, neighbours, self.min_leaf, rng)
        return replace(self, _tree=tree, _images=phases)

    def synthesize(self, n: int, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Draw images (n, size, size), all of the volume fraction of the training images.

        ValueError if the field is not fitted, `VolumeFractionNotMet` if repeated draws miss the
        fraction.
        """
        self._fitted()
        n, size = arguments.whole("n", n, "[0, inf)"), arguments.whole("size", size)
        images = np.empty((n, size, size), np.uint8)
        for image in images:
            image[:] = self._one(size, rng)
        return images

    def _one(self, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Draw an image, again if no shift of its log-odds gives it its volume fraction."""
        tree, images = self._fitted()
        margin, radius = self.burn_in * self.radius, self.radius
        shape = (radius + margin + size, 2 * (radius + margin) + size)
        for _ in range(_REDRAWS):
            start = images[rng.integers(len(images))]
            repeats = [-(-wanted // have) for wanted, have in zip(shape, start.shape, strict=True)]
            canvas = np.tile(start, repeats)[: shape[0], : shape[1]].copy()
            noise = rng.logistic(size=shape)
            wanted = self.volume_fraction
            missing = _tuned(canvas, noise, tree, radius, margin, wanted, self.tolerance)
            if abs(missing) <= self.tolerance:
                return canvas[-size:, radius + margin : -radius - margin]
        raise VolumeFractionNotMet(
            f"volume fraction {self.volume_fraction:.4f} must be met to {self.tolerance}; "
            f"{_REDRAWS} images in a row missed it. A larger tolerance or size helps"
        )

    def _fitted(self) -> tuple[_Tree, NDArray[np.uint8]]:
        """Return the tree and the training images."""
        if self._tree is None or self._images is None:
            raise ValueError("the field must be fitted; got one that is not: use what fit returns")
        return self._tree, self._images

    def _checked(self, images: ArrayLike) -> NDArray[np.uint8]:
        """Return the images as phases, or raise ValueError."""
        phases = arguments.phases("images", images, least=2 * self.radius + 1)
        if not 0 < phases.sum() < phases.size:
            raise ValueError("images must hold the phases 0 and 1, both of them")
        return phases

    def _examples(
        self, phases: NDArray[np.uint8], neighbours: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64]]:
        """Neighbourhoods, the pixels that follow them, and weights."""
        # Neighbourhoods of a single phase are most of them and all alike: each kind is one example
        # with the weight of all.
        n, nx, ny = phases.shape
        r = self.radius
        count = n * (nx - r) * (ny - 2 * r)
        chosen = rng.choice(count, min(count, self.max_pixels), replace=False)
        image, row, column = np.unravel_index(chosen, (n, nx - r, ny - 2 * r))
        outcomes = phases[image, row + r, column + r]
        inputs = np.stack(
            [phases[image, row + r + dx, column + r + dy] for dx, dy in neighbours], axis=1
        )
        ones = inputs.sum(axis=1, dtype=np.int64)
        mixed = (ones > 0) & (ones < len(neighbours))
        kinds = [(kind, out) for kind in (0, 1) for out in (0, 1)]
        counts = [
            ((ones == kind * len(neighbours)) & (outcomes == out)).sum() for kind, out in kinds
        ]
        plain = np.repeat([[kind] for kind, _ in kinds], len(neighbours), axis=1)
        return (
            np.concatenate([inputs[mixed], plain]).astype(np.uint8),
            np.concatenate([outcomes[mixed], [out for _, out in kinds]]).astype(np.uint8),
            np.concatenate([np.ones(int(mixed.sum())), counts]).astype(np.float64),
        )


def causal_neighbours(radius: int) -> NDArray[np.int64]:
    """Shifts along x (rows) and y to the pixels within a radius that come before a pixel.

    Examples
    --------
    >>> causal_neighbours(1).tolist()
    [[-1, -1], [-1, 0], [-1, 1], [0, -1]]
    """
    x, y = np.indices((radius + 1, 2 * radius + 1))
    shifts = np.stack([x.ravel() - radius, y.ravel() - radius], axis=1)
    return shifts[: radius * (2 * radius + 1) + radius]


def _grown(
    inputs: NDArray[np.uint8],
    outcomes: NDArray[np.uint8],
    weights: NDArray[np.float64],
    neighbours: NDArray[np.int64],
    min_leaf: int,
    rng: np.random.Generator,
) -> _Tree:
    """Grow the tree and lay it out in arrays."""
    from sklearn.tree import DecisionTreeClassifier  # only here: importing it takes a while

    present = weights > 0
    grown = DecisionTreeClassifier(
        criterion="entropy",
        min_weight_fraction_leaf=min(min_leaf / weights.sum(), 0.5),
        random_state=int(rng.integers(2**31)),
    ).fit(inputs[present], outcomes[present], sample_weight=weights[present])
    nodes = grown.tree_
    # One added pixel of each phase keeps the odds of a leaf of one phase finite.
    ones = nodes.value[:, 0, -1] * nodes.weighted_n_node_samples + 1
    zeros = (1 - nodes.value[:, 0, -1]) * nodes.weighted_n_node_samples + 1
    asked = neighbours[np.maximum(nodes.feature, 0)]
    return _Tree(
        rows=np.ascontiguousarray(asked[:, 0]),
        columns=np.ascontiguousarray(asked[:, 1]),
        if_zero=nodes.children_left.astype(np.int64),
        if_one=nodes.children_right.astype(np.int64),
        log_odds=np.log(ones / zeros),
    )


@compiled()
def _draw(canvas, noise, tree, radius, margin, shift):  # type: ignore[no-untyped-def]
    """Draw the canvas inside its border row by row; returns the image's fraction of phase 1."""
    ones = 0
    height, width = canvas.shape
    first, last = radius + margin, width - radius - margin
    for i in range(radius, height):
        for j in range(radius, width - radius):
            node = 0
            while tree.if_zero[node] >= 0:
                if canvas[i + tree.rows[node], j + tree.columns[node]]:
                    node = tree.if_one[node]
                else:
                    node = tree.if_zero[node]
            # 1 where the log-odds exceed logistic noise, which happens with its probability.
            canvas[i, j] = tree.log_odds[node] + shift > noise[i, j]
            if i >= radius + margin and first <= j < last:
                ones += canvas[i, j]
    return ones / ((height - radius - margin) * (last - first))


@compiled()
def _tuned(canvas, noise, tree, radius, margin, wanted, tolerance):  # type: ignore[no-untyped-def]
    """Draw the canvas with a shift that gives it its volume fraction; returns the error left."""
    # Bisection: the fraction of phase 1 grows with the shift, but for feedback between pixels.
    low, high = -_LARGEST_SHIFT, _LARGEST_SHIFT
    shift, missing = 0.0, 1.0
    for _ in range(_BISECTIONS):
        missing = wanted - _draw(canvas, noise, tree, radius, margin, shift)
        if abs(missing) <= tolerance:
            break
        if missing > 0:
            low = shift
        else:
            high = shift
        # The shift is small as a rule: short steps first, then ever longer ones.
        if low > -_LARGEST_SHIFT and high < _LARGEST_SHIFT:
            shift = (low + high) / 2
        else:
            shift = max(2 * low, 0.25) if missing > 0 else min(2 * high, -0.25)
    return missing
