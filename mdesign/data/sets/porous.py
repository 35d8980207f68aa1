"""Authentic images of porous media for learning, in three disjoint sets.

A set is made of crops, and all crops of one image lie in the same set. Neighbouring images of the
public systems are neighbouring sections of one specimen (see `mdesign.data.public.porous`), so that
each set is a run of consecutive images: one of the three stacks of sandstone, alloy and hard
spheres, a third of the slices of a tomograph. Runs of a tomograph lie `GAP` slices apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mdesign import arguments, seeding
from mdesign.data.public import porous
from mdesign.microstructure.crops import coarsen, cut_crops
from mdesign.microstructure.random_media import random_media

__all__ = [
    "CROP_SIZE",
    "GAP",
    "RANDOM_SYSTEMS",
    "SETS",
    "PorousData",
    "authentic",
    "further_training",
]

#: Side of a crop in pixels of the image.
CROP_SIZE = 128

#: Slices of a tomograph left out between two sets: pores of Berea are shorter than that.
GAP = 20

#: Systems drawn without a download, and the public systems whose statistics they have.
RANDOM_SYSTEMS = {
    "random_fields": "sandstone",
    "alloy_fields": "alloy",
    "sphere_fields": "hard_spheres",
}

#: Names of the three sets.
SETS = ("train", "validation", "test")

_IMAGE_SIZE = 200
_TOMOGRAPHS = ("berea", "ketton")


@dataclass(frozen=True)
class PorousData:
    """Three sets of authentic images, 1 = solid."""

    #: Images (n_per_set, size, size) of each set.
    train: NDArray[np.uint8]
    validation: NDArray[np.uint8]
    test: NDArray[np.uint8]
    #: For each name in `SETS` the numbers of the images its crops were cut from.
    sources: dict[str, NDArray[np.int64]] = field(repr=False)

    @property
    def known(self) -> NDArray[np.uint8]:
        """Images that may be learnt from: training and validation."""
        return np.concatenate([self.train, self.validation])


def authentic(
    system: str,
    *,
    size: int = CROP_SIZE,
    n_per_set: int = 100,
    seed: int = 0,
    crop: int = CROP_SIZE,
) -> PorousData:
    """Cut three sets of crops out of the images of a system.

    Parameters
    ----------
    system : str
        One of `RANDOM_SYSTEMS`, which are drawn here, or one of
        `mdesign.data.public.porous.SYSTEMS`, which are downloaded. ``"random_fields"`` has the
        statistics of the sandstone.
    size : int
        Side of the images of a set, a divisor of `crop`; crops are coarsened to it.
    n_per_set : int
        Images in each set; at most 100 for the systems of sixty images.
    seed : int
        Decides which run of images serves for which set, and draws the random fields.
    crop : int
        Side of a crop in pixels of the source. Smaller ones make more of a tomograph.

    Raises
    ------
    ValueError, mdesign.data.DataNotReachable
        If an argument breaks its rule, there are too few images, or they are not available.

    Examples
    --------
    >>> data = authentic("random_fields", size=32, n_per_set=10)
    >>> data.known.shape, data.test.shape
    ((20, 32, 32), (10, 32, 32))
    """
    size, crop = _plain_sides(size, crop)
    n_per_set = arguments.whole("n_per_set", n_per_set)
    rng = seeding.rng(seed)
    images = _images(system, n_per_set, rng)
    arguments.whole("crop", crop, f"[1, {images.shape[1]}]")
    per_image = _per_image(system, images.shape[1] // crop)
    n_images = -(-n_per_set // per_image)
    runs = _image_runs(len(images), GAP if system in _TOMOGRAPHS else 0)
    sets, sources = {}, {}
    for name, run in zip(SETS, rng.permutation(runs), strict=True):
        chosen = _pick_evenly(run, n_images, system)
        cut, origins = cut_crops(images[chosen], crop, per_image)
        kept = np.linspace(0, len(cut) - 1, n_per_set).round().astype(int)
        sets[name] = coarsen(cut[kept], crop // size)
        sources[name] = chosen[origins[kept]]
    return PorousData(**sets, sources=sources)


def further_training(
    system: str,
    data: PorousData,
    n: int,
    *,
    size: int = CROP_SIZE,
    seed: int = 0,
    crop: int = CROP_SIZE,
) -> NDArray[np.uint8]:
    """Cut n more authentic images (n, size, size) that could have been in the training set.

    They are other random fields, or slices of the training run of a tomograph that `data` has not
    used. `data` is what `authentic` returned for the same system, size, seed and crop. ValueError
    if the system has no more images, as the collections of sixty and twenty images.
    """
    n, seed = arguments.whole("n", n), arguments.whole("seed", seed, "[0, inf)")
    size, crop = _plain_sides(size, crop)
    if system in RANDOM_SYSTEMS:
        arguments.whole("crop", crop, f"[1, {_IMAGE_SIZE}]")
        per_image = _per_image(system, 1)
        fields = _fields(system, -(-n // per_image), seeding.rng(seed + 1))
        return coarsen(cut_crops(fields, crop, per_image)[0][:n], crop // size)
    if system not in _TOMOGRAPHS:
        systems = [*RANDOM_SYSTEMS, *_TOMOGRAPHS]
        raise ValueError(f"system must be one of {systems} to have more images; got {system!r}")
    per_image = _per_image(system, porous.images(system).shape[1] // crop)
    used = data.sources["train"]
    wanted = n + per_image * len(np.unique(used))
    more = authentic(system, size=size, n_per_set=wanted, seed=seed, crop=crop)
    unused = np.flatnonzero(~np.isin(more.sources["train"], used))
    return more.train[unused[np.linspace(0, len(unused) - 1, n).round().astype(int)]]


def _plain_sides(size: int, crop: int) -> tuple[int, int]:
    """Check the sides of images and crops."""
    size, crop = arguments.whole("size", size), arguments.whole("crop", crop)
    if crop % size:
        raise ValueError(f"size must divide the crop, {crop}; got {size}")
    return size, crop


def _images(system: str, n_per_set: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Images of a system: random fields, as many as are needed, or all of the public file."""
    if system in RANDOM_SYSTEMS:
        return _fields(system, 3 * -(-n_per_set // _per_image(system, 1)), rng)
    return porous.images(arguments.choice("system", system, [*RANDOM_SYSTEMS, *porous.SYSTEMS]))


def _fields(system: str, n: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw random fields as large as the images whose statistics they have."""
    return random_media(n, _IMAGE_SIZE, rng, like=RANDOM_SYSTEMS[system])


def _per_image(system: str, side_by_side: int) -> int:
    """Crops of an image: a fixed overlapping layout, or as many as a tomograph holds apart."""
    if system in _TOMOGRAPHS:
        return max(side_by_side, 1) ** 2
    return 25 if system == "circles" else 5


def _image_runs(n: int, gap: int) -> NDArray[np.int64]:
    """First and last number of three runs of consecutive images with gaps between them."""
    length = (n - 2 * gap) // 3
    first = np.arange(3) * (length + gap)
    return np.stack([first, first + length - 1], axis=1)


def _pick_evenly(run: NDArray[np.int64], n: int, system: str) -> NDArray[np.int64]:
    """Pick so many images of a run, evenly spread over it."""
    first, last = run
    if n > last - first + 1:
        raise ValueError(
            f"n_per_set must be met by the {last - first + 1} images of {system} that a set has; "
            f"got a wish for {n} images"
        )
    return np.linspace(first, last, n).round().astype(np.int64)
