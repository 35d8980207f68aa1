"""Climbing the gradient of a property, pixel by pixel or in latent space.

References
----------
R. Cang, H. Li, H. Yao, Y. Jiao, Y. Ren, "Investigating Key Challenges in Applying Deep Learning
Techniques to Integrated Computational Material Engineering" (report), Section 4: steps in the
space of microstructures beside steps in the latent space of a generator. Steps of constant length
are a choice made here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from mdesign.analysis.gradients import ImageGradient, decoded, latent_gradient
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


@dataclass(frozen=True)
class Ascent:
    """Steps uphill from several starts, at the recorded steps.

    Parameters
    ----------
    steps : ndarray, shape (k,)
        Numbers of the recorded steps; 0 is the start.
    images : ndarray, shape (k, n, nx, ny)
        Images with pixels in [0, 1].
    values : ndarray, shape (k, n)
        Property of the grey images, as whoever gave the gradient has it.
    latents : ndarray, shape (k, n, n_latent), optional
        Latents behind the images, of an ascent in latent space.
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
    """Climb the gradient by the pixels.

    Parameters
    ----------
    gradient : callable
        Gives the property of images and its derivative by their pixels; a network's or a
        solver's, see `mdesign.analysis.gradients.latent_gradient`.
    images : array_like, shape (n, nx, ny)
        Starts, pixels in [0, 1].
    step : float
        Root mean square change of the pixels in a step, before they are clipped to [0, 1].
    record : sequence of int
        Steps to record, rising; the last is the last one made.

    Returns
    -------
    Ascent
        The path.

    Raises
    ------
    ValueError
        If `step` is not positive, or `record` not rising from 0 or more.
    """
    start = np.asarray(images, dtype=float)
    size = np.sqrt(start[0].size)

    def onwards(pixels: Floats) -> tuple[Floats, Floats, Floats]:
        values, uphill = gradient(pixels)
        return values, pixels, np.clip(pixels + size * step * _unit(uphill), 0, 1)

    steps, values, shown, _ = _climb(start, onwards, step, record)
    return Ascent(steps, shown, values)


def ascend_latents(
    gradient: ImageGradient,
    decoder: keras.Model,
    latents: npt.ArrayLike,
    *,
    step: float,
    record: Sequence[int],
) -> Ascent:
    """Climb the gradient by the latent variables.

    Parameters
    ----------
    gradient : callable
        Gives the property of images and its derivative by their pixels; a network's or a
        solver's, see `mdesign.analysis.gradients.latent_gradient`.
    decoder : keras.Model
        Maps latents to images.
    latents : array_like, shape (n, n_latent)
        Starts.
    step : float
        Length of a step in latent space.
    record : sequence of int
        Steps to record, rising; the last is the last one made.

    Returns
    -------
    Ascent
        The path, with the grey images that the decoder gives.

    Raises
    ------
    ValueError
        If `step` is not positive, `record` not rising from 0 or more, or `latents` do not fit the
        decoder.
    """
    start = np.asarray(latents, dtype=float)

    def onwards(chosen: Floats) -> tuple[Floats, Floats, Floats]:
        values, uphill = latent_gradient(gradient, decoder, chosen)
        images = decoded(decoder, chosen)
        return values, images, chosen + step * _unit(uphill)

    steps, values, shown, path = _climb(start, onwards, step, record)
    return Ascent(steps, shown, values, path)


def grey_share(images: npt.ArrayLike, *, margin: float = 0.1) -> Floats:
    """Share of the pixels of each image that are neither phase.

    Parameters
    ----------
    images : array_like, shape (..., nx, ny)
        Pixels in [0, 1].
    margin : float
        Pixels up to `margin` and from 1 - `margin` on count as one phase; in [0, 0.5).

    Returns
    -------
    ndarray, shape (...)
        Between 0, black and white, and 1.

    Raises
    ------
    ValueError
        If `margin` leaves its range.
    """
    if not 0 <= margin < 0.5:
        raise ValueError(f"margin must lie in [0, 0.5); got {margin}")
    pixels = np.asarray(images, dtype=float)
    return ((pixels > margin) & (pixels < 1 - margin)).mean(axis=(-2, -1))


def morphology(images: npt.ArrayLike, authentic: npt.ArrayLike) -> dict[str, float]:
    """Describe images, cut at one half, beside authentic microstructures.

    Parameters
    ----------
    images : array_like, shape (n, nx, ny)
        Pixels in [0, 1], two images at least.
    authentic : array_like, shape (m, nx, ny)
        Microstructures of 0 and 1.

    Returns
    -------
    dict of str to float
        Means over the images: ``"pores"``, the pore fraction; ``"size"``, the mean chord of the
        pores in pixels; ``"grey"``, the share of grey pixels; and the largest errors of the mean
        ``"two-point"`` correlation and ``"lineal"`` path of the solid.

    Raises
    ------
    ValueError
        If there are fewer than two of one kind, or their sizes differ.
    """
    grey = np.asarray(images, dtype=float)
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
        If the shapes differ, there are fewer than two points, or `along` stays the same on a path.

    Examples
    --------
    >>> path_slopes([[1.0], [0.0]], [[0.5], [1.0]]).tolist()
    [-2.0]
    """
    heights, places = np.asarray(values, dtype=float), np.asarray(along, dtype=float)
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
    onwards: Callable[[Floats], tuple[Floats, Floats, Floats]],
    step: float,
    record: Sequence[int],
) -> tuple[npt.NDArray[np.int64], Floats, Floats, Floats]:
    """Make steps, and keep values, images and variables of those to record."""
    steps = np.asarray(record, dtype=np.int64)
    if steps.ndim != 1 or not steps.size or steps[0] < 0 or (np.diff(steps) < 1).any():
        raise ValueError(f"record must be steps rising from 0 or more; got {list(record)}")
    if not step > 0:
        raise ValueError(f"step must be positive; got {step}")
    current, kept = start, []
    for number in range(steps[-1] + 1):
        values, images, following = onwards(current)
        if number in steps:
            kept.append((values, images, current))
        current = following
    values, images, variables = (np.stack(parts) for parts in zip(*kept, strict=True))
    return steps, values, images, variables


def _unit(vectors: Floats) -> Floats:
    """Scale each vector to length 1; a zero vector stays."""
    lengths = np.sqrt((vectors**2).sum(axis=tuple(range(1, vectors.ndim)), keepdims=True))
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
