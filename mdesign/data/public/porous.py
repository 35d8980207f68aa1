"""Public images of porous and two-phase materials, 1 = solid and 0 = pore.

Four systems are the collection of the Design Informatics Lab (Cang et al., Comput. Mater. Sci. 150,
212, 2018): sandstone, alloy and hard spheres, sixty images each, and circles, twenty. The sixty
images of a system are sections of one specimen, twenty along each of three directions: images 0 to
19, 20 to 39 and 40 to 59. Neighbours in such a stack show the same pores and grains (the pixels of
neighbouring sandstones correlate with 0.43), images of different stacks only cross one another in a
line. Data for learning are therefore split by stack.

Berea and Ketton are computed tomographs of a sandstone and a limestone, read as stacks of slices
(Mosser, Dubrule and Blunt, Phys. Rev. E 96, 043309, 2017).
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ImageSequence
from PIL.TiffImagePlugin import TiffImageFile
from scipy.io import loadmat

from mdesign.arguments import choice
from mdesign.data.public.registry import fetch

__all__ = ["SYSTEMS", "images", "key_of"]

_COLLECTIONS = {
    "sandstone": ("porous/sandstone.mat", "xtr"),
    "alloy": ("porous/alloy2.mat", "xtr"),
    "hard_spheres": ("porous/hardsphere.mat", "xtr"),
    "circles": ("porous/circle.mat", "xtr_circle"),
}
_TOMOGRAPHS = {
    "berea": ("porous/berea.zip", "berea.tif"),
    "ketton": ("porous/ketton.zip", "ketton.tif"),
}
# A tag of TIFF and one of its values.
_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0

#: Names of the systems.
SYSTEMS: tuple[str, ...] = (*_COLLECTIONS, *_TOMOGRAPHS)


def key_of(system: str) -> str:
    """Key in the registry of the public file that holds a system.

    Examples
    --------
    >>> key_of("sandstone")
    'porous/sandstone.mat'
    """
    return (_COLLECTIONS | _TOMOGRAPHS)[choice("system", system, SYSTEMS)][0]


def images(system: str, *, progress: bool = False) -> NDArray[np.uint8]:
    """All images (n, nx, ny) of a system, one of `SYSTEMS`, with 0 and 1.

    They are (60, 200, 200) for sandstone, alloy and hard spheres, (20, 400, 400) for circles,
    (400, 400, 400) for Berea and (256, 256, 256) for Ketton.

    Raises
    ------
    ValueError, mdesign.data.DataNotReachable
        If there is no such system, or its file is not available.
    """
    path = fetch(key_of(system), progress=progress)
    if system in _TOMOGRAPHS:
        return _slices(path, _TOMOGRAPHS[system][1])
    rows = loadmat(path)[_COLLECTIONS[system][1]]
    side = round(rows.shape[1] ** 0.5)
    return rows.reshape(len(rows), side, side).astype(np.uint8)


def _slices(path: Path, member: str) -> NDArray[np.uint8]:
    """Read a zipped TIFF stack in which the pores are stored as 0."""
    with zipfile.ZipFile(path) as archive:
        content = archive.read(member)
    with TiffImageFile(io.BytesIO(content)) as stack:
        # Pillow turns greys around where the file says that 0 is shown white, as Berea's does.
        solid = 0 if stack.tag_v2[_PHOTOMETRIC] == _WHITE_IS_ZERO else 255
        pages = [np.asarray(page) == solid for page in ImageSequence.Iterator(stack)]
    return np.stack(pages).astype(np.uint8)
