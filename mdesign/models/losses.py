"""Losses of generators and discriminators, as functions of logits and feature maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

__all__ = ["collapse_loss", "gram", "real_or_not", "style_distance", "style_loss"]


def real_or_not(logits: Any, *, real: bool) -> Any:
    """Mean binary cross-entropy of the logits ``(n, 1)`` of a discriminator against one label."""
    labels = ops.ones_like(logits) if real else ops.zeros_like(logits)
    return ops.mean(keras.losses.binary_crossentropy(labels, logits, from_logits=True))


def collapse_loss(real: Sequence[Any], generated: Sequence[Any]) -> Any:
    """Similarity of generated images: mean squared cosine, 0 to 1, between their feature maps.

    The maps ``(n, h, w, c)`` are taken relative to the mean of each channel over the real images:
    features are positive, so that without it all images are alike.

    References
    ----------
    Zhao, Mathieu and LeCun, arXiv:1609.03126 (2016), Eq. 7.
    """
    likeness = [
        _likeness(b - ops.mean(a, axis=(0, 1, 2))) for a, b in zip(real, generated, strict=True)
    ]
    return sum(likeness) / len(likeness)


def style_loss(real: Sequence[Any], generated: Sequence[Any]) -> Any:
    """Difference of texture: relative squared difference of the mean Gram matrices of maps.

    References
    ----------
    Gatys, Ecker and Bethge, arXiv:1505.07376 (2015), Eqs. 3 to 5.
    """
    parts = []
    for a, b in zip(real, generated, strict=True):
        target = ops.mean(gram(a), axis=0)
        difference = ops.mean(gram(b), axis=0) - target
        parts.append(ops.sum(difference**2) / ops.sum(target**2))
    return sum(parts) / len(parts)


def style_distance(real: Sequence[Any], generated: Sequence[Any]) -> Any:
    """Difference between two distributions of texture: energy distance of Gram matrices.

    Relative to the mean Gram matrix of the real images, averaged over the maps ``(n, h, w, c)``, n
    > 1. `style_loss` compares means, which a mixture of too coarse and too fine images meets as
    well; this distance has the mean zero for equal distributions only. One batch may give a
    negative number, for the pairs of an image with itself are left out.

    References
    ----------
    Székely and Rizzo, J. Stat. Plan. Inference 143, 1249 (2013), Eq. 2.
    """
    parts = []
    for a, b in zip(real, generated, strict=True):
        target, other = (ops.reshape(gram(maps), (ops.shape(maps)[0], -1)) for maps in (a, b))
        between = ops.mean(_distances(target, other))
        within = _between_others(target) + _between_others(other)
        parts.append((2 * between - within) / ops.norm(ops.mean(target, axis=0)))
    return sum(parts) / len(parts)


def gram(maps: Any) -> Any:
    """Gram matrices ``(n, c, c)``: mean products of the channels of maps ``(n, h, w, c)``."""
    _, height, width, channels = ops.shape(maps)
    flat = ops.reshape(maps, (-1, height * width, channels))
    return ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / (height * width)


def _likeness(maps: Any) -> Any:
    """Mean squared cosine between the maps of different images."""
    n = ops.shape(maps)[0]
    flat = ops.reshape(maps, (n, -1))
    unit = flat / (ops.norm(flat, axis=1, keepdims=True) + 1e-8)
    cosines = ops.matmul(unit, ops.transpose(unit))
    pairs = ops.cast(n * (n - 1), cosines.dtype)
    return (ops.sum(cosines**2) - ops.sum(ops.diagonal(cosines) ** 2)) / pairs


def _distances(first: Any, second: Any) -> Any:
    """Euclidean distances between the rows of two matrices."""
    lengths = ops.sum(first**2, axis=1)[:, None] + ops.sum(second**2, axis=1)[None, :]
    squares = lengths - 2 * ops.matmul(first, ops.transpose(second))
    return ops.sqrt(ops.maximum(squares, 0) + 1e-6)  # a slope of the root at 0 would be infinite


def _between_others(rows: Any) -> Any:
    """Mean distance between different rows of a matrix."""
    distances = _distances(rows, rows)
    n = ops.shape(rows)[0]
    total = ops.sum(distances) - ops.sum(ops.diagonal(distances))
    return total / ops.cast(n * (n - 1), distances.dtype)
