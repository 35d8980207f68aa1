"""Otsu's threshold: from grey images to two phases.

Otsu, IEEE Trans. Syst. Man Cybern. 9, 62 (1979): the largest variance between the classes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments

__all__ = ["otsu", "otsu_thresholds"]

_BLOCK = 1024


def otsu_thresholds(images: ArrayLike, *, n_bins: int = 256) -> NDArray[np.float64]:
    """Otsu's threshold of each image (n, nx, ny), shape (n,): the centre of a bin of grey.

    The histogram has `n_bins` between the smallest and the largest value of an image; an image of
    one value has that value. ValueError if the images have another shape or are not finite.
    """
    stack = arguments.images("images", images, dtype=None)
    n_bins = arguments.whole("n_bins", n_bins, "[2, inf)")
    blocks = range(0, len(stack), _BLOCK)
    parts = [_thresholds(stack[first : first + _BLOCK], n_bins) for first in blocks]
    return np.concatenate(parts) if parts else np.empty(0)


def otsu(images: ArrayLike) -> NDArray[np.uint8]:
    """Make grey images (n, nx, ny) binary: 1 where an image lies above its own threshold.

    Examples
    --------
    >>> otsu([[[-0.9, 0.8], [0.7, -0.8]]]).tolist()
    [[[0, 1], [1, 0]]]
    """
    thresholds = otsu_thresholds(images)
    return (np.asarray(images) > thresholds[:, None, None]).astype(np.uint8)


def _thresholds(images: NDArray, n_bins: int) -> NDArray[np.float64]:
    """Thresholds of a few images."""
    values = images.reshape(len(images), -1).astype(np.float64)
    low = values.min(axis=1, keepdims=True)
    width = (values.max(axis=1, keepdims=True) - low) / n_bins
    safe = np.where(width > 0, width, 1.0)
    bins = np.minimum((values - low) / safe, n_bins - 1).astype(np.int64)
    flat = bins + n_bins * np.arange(len(images))[:, None]
    counts = np.bincount(flat.ravel(), minlength=n_bins * len(images)).reshape(-1, n_bins)
    centres = low + width * (np.arange(n_bins) + 0.5)
    best = np.argmax(_between_classes(counts, centres), axis=1)
    return centres[np.arange(len(images)), best]


def _between_classes(counts: NDArray, centres: NDArray) -> NDArray[np.float64]:
    """Variance between the classes at and below, and above, each bin but the last."""
    # Otsu 1979: omega_0 omega_1 (mu_0 - mu_1)^2, up to a factor that all bins share.
    below = np.cumsum(counts, axis=1)[:, :-1].astype(np.float64)
    above = counts.sum(axis=1, keepdims=True) - below
    moments = np.cumsum(counts * centres, axis=1)
    mean_below = moments[:, :-1] / np.maximum(below, 1)
    mean_above = (moments[:, -1:] - moments[:, :-1]) / np.maximum(above, 1)
    return below * above * (mean_below - mean_above) ** 2
