"""Small images out of large ones: crops at fixed places, and coarsening by a whole factor."""

from __future__ import annotations

from itertools import product
from math import isqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments

__all__ = ["coarsen", "cut_crops"]


def cut_crops(
    images: ArrayLike, size: int, per_image: int = 5
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Cut squares of `size` pixels out of each image (n, nx, ny), at the same places in all.

    The images hold phase numbers. `per_image` crops are cut of each: 5 for the four corners and the
    centre, 1 for the centre, or a larger square number m * m for m by m places from edge to edge.
    ValueError if a crop does not fit. Returns the crops (n * per_image, size, size), those of one
    image in a row, and for each the index of its image.

    Examples
    --------
    >>> crops, sources = cut_crops(np.arange(9).reshape(1, 3, 3), 1)
    >>> crops.ravel().tolist(), sources.tolist()
    ([0, 2, 6, 8, 4], [0, 0, 0, 0, 0])
    """
    stack = arguments.phases("images", images, n_phases=255)  # 255 is the white of an image
    size = arguments.whole("size", size, f"[1, {min(stack.shape[1:])}]")
    places = _places((stack.shape[1] - size, stack.shape[2] - size), per_image)
    squares = [stack[:, x : x + size, y : y + size] for x, y in places]
    cut = np.stack(squares, axis=1).reshape(-1, size, size)
    return cut, np.repeat(np.arange(len(stack)), per_image)


def coarsen(phases: ArrayLike, factor: int) -> NDArray[np.uint8]:
    """Turn each block of pixels of patterns (n, nx, ny) of 0 and 1 into its more frequent phase.

    `factor`, the side of a block, divides both sides; ValueError otherwise. A block of half and
    half takes the phase of its first pixel. So neither phase gains, and straight edges stay
    straight: one phase for all ties would shift the volume fraction of the sandstone by 0.7 % at
    half the resolution, and 1 and 0 in turn would comb the edges.

    Examples
    --------
    >>> coarsen([[[1, 1, 0, 1], [1, 0, 0, 1]]], 2).tolist()
    [[[1, 0]]]
    """
    stack = arguments.phases("phases", phases)
    factor = arguments.whole("factor", factor)
    nx, ny = stack.shape[1:]
    if nx % factor or ny % factor:
        raise ValueError(f"factor must divide the sides {nx} and {ny}; got {factor}")
    blocks = stack.reshape(len(stack), nx // factor, factor, ny // factor, factor)
    twice = 2 * blocks.sum(axis=(2, 4), dtype=np.int64)
    first = blocks[:, :, 0, :, 0] == 1
    return ((twice > factor**2) | ((twice == factor**2) & first)).astype(np.uint8)


def _places(room: tuple[int, int], per_image: int) -> list[tuple[int, int]]:
    """Corners of the crops of an image that leaves so much room along its sides."""
    centre = (room[0] // 2, room[1] // 2)
    if per_image == 1:
        return [centre]
    if per_image == 5:
        return [*product((0, room[0]), (0, room[1])), centre]
    side = isqrt(arguments.whole("per_image", per_image))
    if side < 2 or side**2 != per_image:
        raise ValueError(f"per_image must be 5 or a square number; got {per_image}")
    along = [np.rint(np.linspace(0, free, side)).astype(int).tolist() for free in room]
    return list(product(*along))
