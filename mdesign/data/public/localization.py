"""Public cells of 21 x 21 x 21 voxels with the strain that a finite-element program gave them.

Ten cells of two phases for each contrast of Young's moduli, 10 and 50, phase 1 the stiffer, both
of Poisson's ratio 0.3. Each is periodic and stretched by a mean strain along axis 0 alone.

At contrast 10 every cell has one stiff voxel, so that its strain is that of the others shifted;
cell 1 contradicts the others a little. At contrast 50 the cells have 1, 5, 9, 12, 16, 20, 24, 27,
31 and 35 stiff voxels.

References
----------
Z. Yang, Y. C. Yabansu, D. Jha, W. Liao, A. N. Choudhary, S. R. Kalidindi, A. Agrawal, Acta Mater.
2019, 166, 335.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdesign.data.public.pickles import read_arrays
from mdesign.data.public.registry import fetch

__all__ = ["CONTRASTS", "StrainedCells", "key_of", "strained_cells"]

CONTRASTS = (10, 50)
"""Ratios of the Young's moduli for which cells are published."""

_SIDE = 21


@dataclass(frozen=True)
class StrainedCells:
    """Published cells and their strain.

    Attributes
    ----------
    phases : ndarray of uint8, shape (10, 21, 21, 21)
        1 for the stiff phase.
    strain : ndarray, shape (10, 21, 21, 21)
        Strain 11 of each voxel, relative to the mean strain of its cell.
    """

    phases: NDArray[np.uint8]
    strain: NDArray[np.float64]


def key_of(contrast: int) -> str:
    """Key of the public file of a contrast.

    Parameters
    ----------
    contrast : int
        One of `CONTRASTS`.

    Returns
    -------
    str
        The key in the registry.

    Raises
    ------
    ValueError
        If there are no cells of this contrast.

    Examples
    --------
    >>> key_of(50)
    'localization/contrast50.pkl'
    """
    if contrast not in CONTRASTS:
        raise ValueError(f"contrast must be one of {CONTRASTS}; got {contrast!r}")
    return f"localization/contrast{contrast}.pkl"


def strained_cells(contrast: int, *, progress: bool = False) -> StrainedCells:
    """Read the published cells of a contrast.

    Parameters
    ----------
    contrast : int
        One of `CONTRASTS`.
    progress : bool, optional
        Show a bar while the file is downloaded.

    Returns
    -------
    StrainedCells
        The files give the strain in units of their own; here its mean over a cell is 1.

    Raises
    ------
    ValueError
        If there are no cells of this contrast.
    mdesign.data.DataNotReachable
        If the file cannot be had.
    """
    content = read_arrays(fetch(key_of(contrast), progress=progress))
    shape = (-1, _SIDE, _SIDE, _SIDE)
    phases = np.asarray(content["data"], np.uint8).reshape(shape)
    strain = np.asarray(content["label"], np.float64).reshape(shape)
    return StrainedCells(phases, strain / strain.mean(axis=(1, 2, 3), keepdims=True))
