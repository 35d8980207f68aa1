"""Fingerprints of sites: the geometry around an atom, without the elements and without a scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.crystals import fingerprint_kernels
from mdesign.crystals.fingerprint_kernels import N_ANGLES, N_RADII
from mdesign.crystals.graphs import packed, several
from mdesign.crystals.structure import LEAST_DISTANCE, Structure

__all__ = ["SHAPE", "site_fingerprints"]

SHAPE = (N_RADII, N_RADII, N_ANGLES)
"""Nodes of the three axes: distances of two neighbours, and the angle between them."""

FURTHEST = 8.0
"""Largest distance of the nearest neighbour in Å."""


def site_fingerprints(
    structures: Structure | Sequence[Structure],
    sites: Sequence[npt.ArrayLike] | None = None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Describe the environment of atoms by the distances and angles of all pairs of neighbours.

    Lengths are in units of the distance d of the nearest neighbour, so that the fingerprint does
    not change with the scale of the crystal; elements do not enter. A neighbour at the distance r d
    has the weight (1 + cos(pi r / 2.5)) / 2 up to r = 2.5. Each pair of neighbours, in both orders,
    and each neighbour with itself, is a point on three axes: two distances on 16 nodes from 1 to
    2.5, and the angle on 12 nodes from 0 to pi. The product of the weights is spread linearly over
    the nearest nodes, two on each axis; the sum of all is 1.

    Parameters
    ----------
    structures : Structure or sequence of Structure
        At least one.
    sites : sequence of array_like of int, optional
        Atoms of each structure that are described; by default all.

    Returns
    -------
    fingerprints : ndarray of float32, shape (n_sites, 16, 16, 12)
        Structure after structure; the same in both distances.
    nearest : ndarray, shape (n_sites,)
        Distance of the nearest neighbour in Å, which the fingerprint leaves out.

    Raises
    ------
    ValueError
        If a described atom has a neighbour closer than 0.5 Å, or none within 8 Å, or a site is not
        an atom of its structure.

    References
    ----------
    The published fingerprints of K. Ryan, J. Lengyel, M. Shatruk, J. Am. Chem. Soc. 140, 10158
    (2018), have as many numbers, but are not described in full; these are ours.

    Examples
    --------
    >>> import numpy as np
    >>> cubic = Structure(3.0 * np.eye(3), [[0, 0, 0]], [84])
    >>> fingerprints, nearest = site_fingerprints(cubic)
    >>> fingerprints.shape, round(float(fingerprints.sum()), 6), nearest.tolist()
    ((1, 16, 16, 12), 1.0, [3.0])
    """
    crystals = several(structures)
    lattices, positions, first_atom = packed(crystals)
    atoms, owners = _numbered(crystals, first_atom, sites)
    fingerprints, nearest = fingerprint_kernels.histograms(
        lattices, positions, first_atom, atoms, owners, FURTHEST
    )
    odd = np.flatnonzero((nearest < LEAST_DISTANCE) | (nearest > FURTHEST + 1e-6))
    if len(odd):
        crystal = owners[odd[0]]
        atom, distance = atoms[odd[0]] - first_atom[crystal], nearest[odd[0]]
        found = f"one at {distance:.3g} Å" if np.isfinite(distance) else "none"
        raise ValueError(
            f"structures must have neighbours between {LEAST_DISTANCE} and {FURTHEST:g} Å of each "
            f"site; got {found} for atom {atom} of structure {crystal}, {crystals[crystal].formula}"
        )
    return fingerprints, nearest


def _numbered(
    crystals: list[Structure],
    first_atom: npt.NDArray[np.integer],
    sites: Sequence[npt.ArrayLike] | None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Sites as numbers of atoms that are numbered through, and the crystal of each."""
    if sites is None:
        chosen = [np.arange(len(crystal)) for crystal in crystals]
    elif len(sites) != len(crystals):
        raise ValueError(
            f"sites must be atoms of each of {len(crystals)} structures; got {len(sites)} arrays"
        )
    else:
        chosen = [
            arguments.array(f"sites[{i}]", one, "(n,)", f"[0, {len(crystal) - 1}]", dtype=np.int64)
            for i, (one, crystal) in enumerate(zip(sites, crystals, strict=True))
        ]
    owners = np.repeat(np.arange(len(crystals)), [len(one) for one in chosen])
    return np.concatenate(chosen) + first_atom[owners], owners
