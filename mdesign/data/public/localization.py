"""Public cells of 21 x 21 x 21 voxels with the strain that a finite-element program gave them.

Ten cells of two phases for each contrast of Young's moduli, 10 and 50, phase 1 the stiffer, both
of Poisson's ratio 0.3. Each is periodic and stretched by a mean strain along axis 0 alone. At
contrast 10 every cell has one stiff voxel, so that its strain is that of the others shifted; cell 1
contradicts the others a little. At contrast 50 the cells have 1 to 35 stiff voxels. Source: Yang et
al., Acta Mater. 166, 335 (2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdesign.arguments import choice, whole
from mdesign.data.public.pickles import read_arrays
from mdesign.data.public.registry import fetch

__all__ = ["CONTRASTS", "StrainedCells", "key_of", "strained_cells"]

#: Ratios of the Young's moduli for which cells are published.
CONTRASTS = (10, 50)

_SIDE = 21


@dataclass(frozen=True)
class StrainedCells:
    """Published cells and their strain."""

    #: 1 for the stiff phase, (10, 21, 21, 21).
    phases: NDArray[np.uint8]
    #: Strain 11 of each voxel, relative to the mean strain of its cell.
    strain: NDArray[np.float64]


def key_of(contrast: int) -> str:
    """Key in the registry of the public file of a contrast.

    Examples
    --------
    >>> key_of(50)
    'localization/contrast50.pkl'
    """
    ratio = choice("contrast", whole("contrast", contrast), CONTRASTS)
    return f"localization/contrast{ratio}.pkl"


def strained_cells(contrast: int, *, progress: bool = False) -> StrainedCells:
    """Read the published cells of a contrast, 10 or 50, as `StrainedCells`.

    The files give the strain in units of their own; here its mean over a cell is 1.

    Raises
    ------
    ValueError, mdesign.data.DataNotReachable
        If there are no cells of this contrast, or the file is not available.
    """
    content = read_arrays(fetch(key_of(contrast), progress=progress))
    shape = (-1, _SIDE, _SIDE, _SIDE)
    phases = np.asarray(content["data"], np.uint8).reshape(shape)
    strain = np.asarray(content["label"], np.float64).reshape(shape)
    return StrainedCells(phases, strain / strain.mean(axis=(1, 2, 3), keepdims=True))
