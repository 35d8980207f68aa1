"""Authentic images of porous media for learning, split so that no set knows another's.

A set is made of crops, and all crops of one image lie in the same set. Neighbouring images of the
public systems are neighbouring sections of one specimen (see `mdesign.data.porous`), so that each
set is a run of consecutive images: one of the three stacks of sandstone, alloy and hard spheres, a
third of the slices of a tomograph. Runs of a tomograph lie `GAP` slices apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mdesign import seeding
from mdesign.data import porous
from mdesign.microstructure.crops import crops, reduced
from mdesign.microstructure.porous import sandstone_like

__all__ = ["CROP_SIZE", "GAP", "RANDOM_FIELDS", "SETS", "PorousData", "authentic"]

CROP_SIZE = 128
"""Side of a crop in pixels of the image."""

GAP = 20
"""Slices of a tomograph left out between two sets: pores of Berea are shorter than that."""

RANDOM_FIELDS = "random_fields"
"""Name of the system that needs no download."""

SETS = ("train", "validation", "test")
"""Names of the three sets."""

_IMAGE_SIZE = 200
# Crops of an image: five for 200 x 200 pixels, as many as fit side by side in a tomograph, and
# twenty-five overlapping ones of the few large images of circles.
_PER_IMAGE = {"circles": 25, "berea": 9, "ketton": 4}


@dataclass(frozen=True)
class PorousData:
    """Three sets of authentic images, 1 = solid.

    Parameters
    ----------
    train, validation, test : numpy.ndarray
        Images ``(n_per_set, size, size)``.
    sources : dict of str to numpy.ndarray
        For each name in `SETS` the numbers of the images its crops were cut from.
    """

    train: NDArray[np.uint8]
    validation: NDArray[np.uint8]
    test: NDArray[np.uint8]
    sources: dict[str, NDArray[np.int64]] = field(repr=False)

    @property
    def known(self) -> NDArray[np.uint8]:
        """Images that may be learnt from: training and validation."""
        return np.concatenate([self.train, self.validation])


def authentic(
    system: str, *, size: int = CROP_SIZE, n_per_set: int = 100, seed: int = 0
) -> PorousData:
    """Cut three sets of crops out of the images of a system.

    Parameters
    ----------
    system : str
        ``"random_fields"``, which are drawn here with the statistics of the sandstone, or one of
        `mdesign.data.porous.SYSTEMS`, which are downloaded.
    size : int, optional
        Side of a crop: 128 for the pixels of the images, 64 or 32 for crops reduced by 2 or 4.
    n_per_set : int, optional
        Crops in each set; at most 100 for the systems of sixty images.
    seed : int, optional
        Decides which run of images serves for which set, and draws the random fields.

    Returns
    -------
    PorousData
        The sets.

    Raises
    ------
    ValueError
        If there is no such system, the size does not divide 128, or there are too few images.
    mdesign.data.DataNotReachable
        If the images cannot be had.

    Examples
    --------
    >>> data = authentic("random_fields", size=32, n_per_set=10)
    >>> data.known.shape, data.test.shape
    ((20, 32, 32), (10, 32, 32))
    """
    if size < 1 or CROP_SIZE % size:
        raise ValueError(f"size must divide {CROP_SIZE}; got {size}")
    if n_per_set < 1:
        raise ValueError(f"n_per_set must be at least 1; got {n_per_set}")
    rng = seeding.rng(seed)
    per_image = _PER_IMAGE.get(system, 5)
    n_images = -(-n_per_set // per_image)
    found = _images(system, 3 * n_images, rng)
    gap = GAP if system in ("berea", "ketton") else 0
    sets, sources = {}, {}
    for name, run in zip(SETS, rng.permutation(_runs(len(found), gap)), strict=True):
        chosen = _spread(run, n_images, system)
        cut, origins = crops(found[chosen], CROP_SIZE, per_image)
        kept = np.linspace(0, len(cut) - 1, n_per_set).round().astype(int)
        sets[name] = reduced(cut[kept], CROP_SIZE // size)
        sources[name] = chosen[origins[kept]]
    return PorousData(**sets, sources=sources)


def _images(system: str, n: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Images of a system: so many random fields, or all that the public file holds."""
    if system == RANDOM_FIELDS:
        return sandstone_like(n, _IMAGE_SIZE, rng)
    if system not in porous.SYSTEMS:
        known = [RANDOM_FIELDS, *porous.SYSTEMS]
        raise ValueError(f"system must be one of {known}; got {system!r}")
    return porous.images(system)


def _runs(n: int, gap: int) -> NDArray[np.int64]:
    """First and last number of three runs of consecutive images with gaps between them."""
    length = (n - 2 * gap) // 3
    first = np.arange(3) * (length + gap)
    return np.stack([first, first + length - 1], axis=1)


def _spread(run: NDArray[np.int64], n: int, system: str) -> NDArray[np.int64]:
    """So many images of a run, evenly spread over it."""
    first, last = run
    if n > last - first + 1:
        raise ValueError(
            f"n_per_set must be met by the {last - first + 1} images of {system} that a set has; "
            f"got a wish for {n} images"
        )
    return np.linspace(first, last, n).round().astype(np.int64)
