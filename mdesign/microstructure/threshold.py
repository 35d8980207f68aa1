"""From grey images to two phases: Otsu's threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["otsu", "otsu_thresholds"]

_BLOCK = 1024


def otsu_thresholds(images: ArrayLike, *, n_bins: int = 256) -> NDArray[np.float64]:
    """Threshold of each image that best separates its two classes of grey.

    Parameters
    ----------
    images : array_like
        Grey values ``(n, nx, ny)``.
    n_bins : int, optional
        Bins of the histogram between the smallest and the largest value of an image.

    Returns
    -------
    numpy.ndarray
        Thresholds ``(n,)``, each the centre of a bin; an image of one value has that value.

    Raises
    ------
    ValueError
        If the images are no stack, hold no pixel, or are not finite.

    References
    ----------
    Otsu, IEEE Trans. Syst. Man Cybern. 9, 62-66 (1979): the largest variance between classes.
    """
    stack = _checked(images)
    if n_bins < 2:
        raise ValueError(f"n_bins must be at least 2; got {n_bins}")
    blocks = range(0, len(stack), _BLOCK)
    parts = [_thresholds(stack[first : first + _BLOCK], n_bins) for first in blocks]
    return np.concatenate(parts) if parts else np.empty(0)


def otsu(images: ArrayLike) -> NDArray[np.uint8]:
    """Make grey images binary, each at its own threshold.

    Parameters
    ----------
    images : array_like
        Grey values ``(n, nx, ny)``.

    Returns
    -------
    numpy.ndarray
        Patterns ``(n, nx, ny)``: 1 where an image lies above its threshold, else 0.

    Raises
    ------
    ValueError
        As in `otsu_thresholds`.

    Examples
    --------
    >>> otsu([[[-0.9, 0.8], [0.7, -0.8]]]).tolist()
    [[[0, 1], [1, 0]]]
    """
    thresholds = otsu_thresholds(images)
    return (np.asarray(images) > thresholds[:, None, None]).astype(np.uint8)


def _checked(images: ArrayLike) -> NDArray[np.floating]:
    """Return the images as a stack of finite numbers, or say what is wrong with them."""
    stack = np.asarray(images)
    if stack.ndim != 3 or 0 in stack.shape[1:]:
        raise ValueError(f"images must have shape (n, nx, ny); got {stack.shape}")
    if not np.isfinite(stack).all():
        raise ValueError("images must be finite; got a value that is not")
    return stack


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
    below = np.cumsum(counts, axis=1)[:, :-1].astype(np.float64)
    above = counts.sum(axis=1, keepdims=True) - below
    moments = np.cumsum(counts * centres, axis=1)
    mean_below = moments[:, :-1] / np.maximum(below, 1)
    mean_above = (moments[:, -1:] - moments[:, :-1]) / np.maximum(above, 1)
    return below * above * (mean_below - mean_above) ** 2
