"""Ascent along the gradient of a property, in image space or in latent space.

References
----------
R. Cang, H. Li, H. Yao, Y. Jiao, Y. Ren, "Investigating Key Challenges in Applying Deep Learning
Techniques to Integrated Computational Material Engineering" (report), Section 4. Steps of constant
length are a choice made here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.analysis.gradients import (
    ImageGradient,
    checked_images,
    decode_images,
    gradient_of,
    latent_gradient,
)
from mdesign.microstructure import compare_textures, mean_chord

__all__ = [
    "Ascent",
    "ascend_images",
    "ascend_latents",
    "grey_share",
    "morphology",
    "path_slopes",
]

Floats = npt.NDArray[np.float64]

_IMAGES = "(nx, ny) or (n, nx, ny) or (k, n, nx, ny)"


@dataclass(frozen=True)
class Ascent:
    """Several ascents at the recorded steps.

    Parameters
    ----------
    steps : ndarray, shape (k,)
        Numbers of the recorded steps; 0 is the start.
    images, values : ndarray, shapes (k, n, nx, ny) and (k, n)
        Grey images with pixels in [0, 1], and the property that belongs to the gradient.
    latents : ndarray, shape (k, n, n_latent), optional
        Latents of the images, for an ascent in latent space.
    """

    steps: npt.NDArray[np.int64]
    images: Floats
    values: Floats
    latents: Floats | None = None

    @property
    def phases(self) -> npt.NDArray[np.uint8]:
        """The recorded images as two phases: 1 where a pixel is above one half."""
        return (self.images > 0.5).astype(np.uint8)


def ascend_images(
    gradient: ImageGradient, images: npt.ArrayLike, *, step: float, record: Sequence[int]
) -> Ascent:
    """Follow the gradient by the pixels.

    Parameters
    ----------
    gradient : callable
        Property of images and its derivative by their pixels, of a network or a solver; see
        `mdesign.analysis.gradients.latent_gradient`.
    images : array_like, shape (n, nx, ny)
        Starts, pixels in [0, 1].
    step : float
        Root mean square change of the pixels in a step, before they are clipped to [0, 1].
    record : sequence of int
        Steps to record, rising; the last is the end of the ascent.

    Returns
    -------
    Ascent

    Raises
    ------
    ValueError
        If `step` is not positive, or `record` does not rise from 0 or more.
    """
    start = checked_images(images)
    size = np.sqrt(start[0].size)

    def advance(pixels: Floats) -> tuple[Floats, Floats, Floats]:
        values, uphill = gradient_of(gradient, pixels)
        return values, pixels, np.clip(pixels + size * step * _unit(uphill), 0, 1)

    steps, values, shown, _ = _climb(start, advance, step, record)
    return Ascent(steps, shown, values)


def ascend_latents(
    gradient: ImageGradient,
    decoder: keras.Model,
    latents: npt.ArrayLike,
    *,
    step: float,
    record: Sequence[int],
) -> Ascent:
    """Follow the gradient by the latent variables.

    Parameters
    ----------
    gradient, record
        As in `ascend_images`.
    decoder, latents : keras.Model and array_like, shape (n, n_latent)
        Maps latents to images, and the starts.
    step : float
        Length of a step in latent space.

    Returns
    -------
    Ascent
        With the grey images of the decoder.

    Raises
    ------
    ValueError
        If `step` or `record` breaks its rule, or `latents` do not fit the decoder.
    FloatingPointError
        If a path leaves the numbers of single precision; use a smaller `step`.
    """
    start = arguments.array("latents", latents)

    def advance(current: Floats) -> tuple[Floats, Floats, Floats]:
        values, uphill = latent_gradient(gradient, decoder, current)
        images = decode_images(decoder, current)
        return values, images, current + step * _unit(uphill)

    steps, values, shown, path = _climb(start, advance, step, record)
    return Ascent(steps, shown, values, path)


def grey_share(images: npt.ArrayLike, *, margin: float = 0.1) -> Floats:
    """Share of the pixels above `margin` and below 1 - `margin` in images, shape (..., nx, ny).

    Raises a ValueError if `margin` lies outside [0, 0.5).
    """
    margin = arguments.number("margin", margin, "[0, 0.5)")
    pixels = arguments.array("images", images, _IMAGES, "[0, 1]")
    return ((pixels > margin) & (pixels < 1 - margin)).mean(axis=(-2, -1))


def morphology(images: npt.ArrayLike, authentic: npt.ArrayLike) -> dict[str, float]:
    """Describe images, cut at one half, beside authentic microstructures.

    Parameters
    ----------
    images : array_like, shape (n, nx, ny)
        Pixels in [0, 1], two images at least.
    authentic : array_like, shape (m, nx, ny)
        Microstructures of 0 and 1, two at least.

    Returns
    -------
    dict of str to float
        Means over the images: ``"pores"``, the pore fraction; ``"size"``, the mean chord of the
        pores in pixels; ``"grey"``, the share of grey pixels; and the largest errors of the mean
        ``"two-point"`` correlation and ``"lineal"`` path of the solid.

    Raises
    ------
    ValueError
        If there are fewer than two of one kind, or the sizes differ.
    """
    grey = checked_images(images)
    if len(grey) < 2:
        raise ValueError(f"images must be at least two; got shape {grey.shape}")
    phases = (grey > 0.5).astype(np.uint8)
    compared = compare_textures(phases, authentic)
    return {
        "pores": 1 - compared.volume_fraction,
        "size": float(mean_chord(phases).mean()),
        "grey": float(grey_share(grey).mean()),
        "two-point": compared.two_point_error,
        "lineal": compared.lineal_path_error,
    }


def path_slopes(values: npt.ArrayLike, along: npt.ArrayLike) -> Floats:
    """Slope of one quantity on another along each path, by least squares.

    Parameters
    ----------
    values, along : array_like, shape (k, n)
        Both quantities at the k points of n paths.

    Returns
    -------
    ndarray, shape (n,)
        Change of `values` for a change of `along` by 1.

    Raises
    ------
    ValueError
        If the shapes differ, k is below 2, or `along` is constant on a path.

    Examples
    --------
    >>> path_slopes([[1.0], [0.0]], [[0.5], [1.0]]).tolist()
    [-2.0]
    """
    heights, places = arguments.array("values", values), arguments.array("along", along)
    if heights.shape != places.shape or heights.ndim != 2 or len(heights) < 2:
        raise ValueError(
            "values and along must have one shape (k, n), k at least 2; "
            f"got {heights.shape} and {places.shape}"
        )
    offsets = places - places.mean(axis=0)
    squares = (offsets**2).sum(axis=0)
    if not (squares > 0).all():
        raise ValueError("along must change on every path; got one on which it does not")
    return (offsets * heights).sum(axis=0) / squares


def _climb(
    start: Floats,
    advance: Callable[[Floats], tuple[Floats, Floats, Floats]],
    step: float,
    record: Sequence[int],
) -> tuple[npt.NDArray[np.int64], Floats, Floats, Floats]:
    """Take steps, and keep values, images and variables of those to record."""
    steps = arguments.array("record", record, "(k,)", "[0, inf)", dtype=np.int64)
    if not steps.size or (np.diff(steps) < 1).any():
        raise ValueError(f"record must be steps rising from 0 or more; got {list(record)}")
    arguments.number("step", step, "(0, inf)")
    current, recorded = start, []
    for number in range(steps[-1] + 1):
        values, images, successor = advance(current)
        if np.abs(successor).max(initial=0) > np.finfo(np.float32).max:
            raise FloatingPointError(f"path not finite after step {number + 1}; use a smaller step")
        if number in steps:
            recorded.append((values, images, current))
        current = successor
    values, images, variables = (np.stack(parts) for parts in zip(*recorded, strict=True))
    return steps, values, images, variables


def _unit(vectors: Floats) -> Floats:
    """Scale each vector to length 1; a zero vector stays zero."""
    lengths = np.sqrt((vectors**2).sum(axis=tuple(range(1, vectors.ndim)), keepdims=True))
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
