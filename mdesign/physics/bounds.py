"""Bounds on the effective properties of composites of any number of isotropic phases.

The bounds of Voigt and Reuss use the volume fractions alone; those of Hashin and Shtrikman also
use that the composite is isotropic. A finite image is never quite isotropic. Its conductivity
averaged over the axes, and the bulk and shear modulus of its stiffness averaged over all
orientations, obey the bounds of Hashin and Shtrikman nevertheless (Milton and Kohn). Its modulus
along one axis need not.

References
----------
Hashin and Shtrikman, J. Appl. Phys. 33, 3125 (1962): conductivity; J. Mech. Phys. Solids 11, 127
(1963): moduli. Hashin, J. Mech. Phys. Solids 13, 119 (1965): plane strain. Walpole, J. Mech. Phys.
Solids 14, 151 (1966): phases in any order. Milton and Kohn, J. Mech. Phys. Solids 36, 597 (1988):
media of any symmetry. Torquato, Random Heterogeneous Materials (Springer, 2002), chapter 21.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign.arguments import array, choice, number, numbers

__all__ = [
    "Bounds",
    "hashin_shtrikman_bulk",
    "hashin_shtrikman_conductivity",
    "hashin_shtrikman_modulus",
    "hashin_shtrikman_shear",
    "in_plane_moduli",
    "voigt_reuss",
]

Array = NDArray[np.float64]


class Bounds(NamedTuple):
    """A lower and an upper bound, of the fractions' shape without the axis of the phases."""

    lower: Array
    upper: Array


def voigt_reuss(values: ArrayLike, fractions: ArrayLike) -> Bounds:
    """Voigt and Reuss bounds of a conductivity or a modulus: arithmetic and harmonic mean.

    Parameters
    ----------
    values : array_like, shape (phases,)
        Conductivity, bulk or shear modulus of each phase, positive.
    fractions : array_like, shape (..., phases)
        Volume fractions; their sum over the phases is 1.

    Returns
    -------
    Bounds

    Raises
    ------
    ValueError
        If a value is not positive or the fractions do not add up to 1.

    Examples
    --------
    >>> lower, upper = voigt_reuss([1.0, 3.0], [0.5, 0.5])
    >>> float(lower), float(upper)
    (1.5, 2.0)
    """
    phases = _positive("values", values)
    shares = _shares(fractions, len(phases))
    return Bounds(1 / (shares @ (1 / phases)), shares @ phases)


def hashin_shtrikman_conductivity(
    values: ArrayLike, fractions: ArrayLike, dimension: int = 2
) -> Bounds:
    """Hashin-Shtrikman bounds of the conductivity, or diffusivity, of an isotropic composite.

    Parameters
    ----------
    values, fractions : array_like
        As for `voigt_reuss`.
    dimension : {2, 3}

    Returns
    -------
    Bounds
        Of two phases, those of discs or spheres of one phase coated by the other.

    Raises
    ------
    ValueError
        As `voigt_reuss`, or if the dimension is neither 2 nor 3.

    Examples
    --------
    >>> lower, upper = hashin_shtrikman_conductivity([1.0, 3.0], [0.5, 0.5])
    >>> round(float(lower), 4), round(float(upper), 4)
    (1.6667, 1.8)
    """
    phases = _positive("values", values)
    shares = _shares(fractions, len(phases))
    # v* = (d - 1) sigma with the smallest and the largest conductivity sigma.
    factor = choice("dimension", dimension, (2, 3)) - 1
    return Bounds(
        _effective(phases, shares, factor * phases.min()),
        _effective(phases, shares, factor * phases.max()),
    )


def hashin_shtrikman_bulk(
    bulk: ArrayLike, shear: ArrayLike, fractions: ArrayLike, dimension: int = 2
) -> Bounds:
    """Hashin-Shtrikman bounds of the bulk modulus of an isotropic composite.

    Parameters
    ----------
    bulk, shear : array_like, shape (phases,)
        Moduli of each phase, positive; in two dimensions those in plane strain, lambda + mu and mu.
    fractions : array_like, shape (..., phases)
        Volume fractions; their sum over the phases is 1.
    dimension : {2, 3}

    Returns
    -------
    Bounds

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    If the phases have the same shear modulus, the bounds coincide:

    >>> lower, upper = hashin_shtrikman_bulk([1.0, 3.0], [1.0, 1.0], [0.5, 0.5])
    >>> float(lower) == float(upper)
    True
    """
    stiffness, shears, shares = _elastic(bulk, shear, fractions)
    # v* = 2 (d - 1) / d G with the smallest and the largest shear modulus G.
    factor = 2 * (choice("dimension", dimension, (2, 3)) - 1) / dimension
    return Bounds(
        _effective(stiffness, shares, factor * shears.min()),
        _effective(stiffness, shares, factor * shears.max()),
    )


def hashin_shtrikman_shear(
    bulk: ArrayLike, shear: ArrayLike, fractions: ArrayLike, dimension: int = 2
) -> Bounds:
    """Hashin-Shtrikman bounds of the shear modulus, arguments as in `hashin_shtrikman_bulk`.

    Where no phase has both the largest bulk and the largest shear modulus, they are Walpole's.
    """
    stiffness, shears, shares = _elastic(bulk, shear, fractions)
    choice("dimension", dimension, (2, 3))
    return Bounds(
        _effective(shears, shares, _surrounding(stiffness.min(), shears.min(), dimension)),
        _effective(shears, shares, _surrounding(stiffness.max(), shears.max(), dimension)),
    )


def hashin_shtrikman_modulus(
    fraction: ArrayLike,
    moduli: Sequence[float] = (1e-3, 1.0),
    poisson_ratio: float = 0.3,
) -> Bounds:
    """Bounds of the in-plane modulus of an isotropic medium of two phases in plane strain.

    It is the modulus of `mdesign.physics.in_plane_modulus`, ``E / (1 - nu**2)`` for a single phase.
    It grows with the bulk and the shear modulus in the plane, so that their bounds give its own.

    Parameters
    ----------
    fraction : array_like
        Volume fraction of phase 1, in [0, 1].
    moduli : tuple of float, default pores and a solid of modulus 1
        In-plane modulus of phase 0 and of phase 1, positive.
    poisson_ratio : float
        Of both phases, in (-1, 0.5).

    Returns
    -------
    Bounds
        Of the shape of `fraction`, in the unit of `moduli`.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> hashin_shtrikman_modulus([0.0, 1.0], (0.5, 2.0)).upper.round(6).tolist()
    [0.5, 2.0]
    """
    solid = array("fraction", fraction, interval="[0, 1]")
    values = _positive("moduli", moduli)
    if len(values) != 2:
        raise ValueError(f"moduli must be two, of phase 0 and 1; got {len(values)}")
    poisson_ratio = number("poisson_ratio", poisson_ratio, "(-1, 0.5)")
    bulk, shear = in_plane_moduli(values * (1 - poisson_ratio**2), poisson_ratio)
    shares = np.stack([1 - solid, solid], axis=-1)
    # Pull in the plane, free to contract in it: 4 K G / (K + G) with the plane-strain moduli.
    ends = [
        4 * k * g / (k + g)
        for k, g in zip(
            hashin_shtrikman_bulk(bulk, shear, shares),
            hashin_shtrikman_shear(bulk, shear, shares),
            strict=True,
        )
    ]
    return Bounds(*ends)


def in_plane_moduli(youngs_modulus: ArrayLike, poisson_ratio: ArrayLike) -> tuple[Array, Array]:
    """Bulk modulus lambda + mu and shear modulus mu in the plane, for plane strain.

    Examples
    --------
    >>> [round(float(value), 6) for value in in_plane_moduli(2.5, 0.25)]
    [2.0, 1.0]
    """
    young = array("youngs_modulus", youngs_modulus, interval="(0, inf)")
    ratio = array("poisson_ratio", poisson_ratio, interval="(-1, 0.5)")
    if young.shape and ratio.shape and young.shape != ratio.shape:
        raise ValueError(
            f"poisson_ratio must be one or as many as youngs_modulus, {young.shape}; "
            f"got {ratio.shape}"
        )
    shear = young / (2 * (1 + ratio))
    return shear / (1 - 2 * ratio), shear


def _effective(values: Array, shares: Array, around: float) -> Array:
    """Effective value of grains in a medium that contributes v* = `around`."""
    # 1 / (v_eff + v*) = sum of f_i / (v_i + v*): Hashin and Shtrikman's form for any v*.
    return 1 / (shares @ (1 / (values + around))) - around


def _surrounding(bulk: float, shear: float, dimension: int) -> float:
    """Contribution v* of a surrounding medium to the shear modulus."""
    # v* = G (d K / 2 + (d + 1) (d - 2) G / d) / (K + 2 G); G K / (K + 2 G) in the plane.
    d = dimension
    return shear * (d * bulk / 2 + (d + 1) * (d - 2) * shear / d) / (bulk + 2 * shear)


def _elastic(bulk: ArrayLike, shear: ArrayLike, fractions: ArrayLike) -> tuple[Array, Array, Array]:
    """Return checked bulk moduli, shear moduli and fractions."""
    stiffness, shears = _positive("bulk", bulk), _positive("shear", shear)
    if len(stiffness) != len(shears):
        raise ValueError(f"shear must be as many as bulk, {len(stiffness)}; got {len(shears)}")
    return stiffness, shears, _shares(fractions, len(stiffness))


def _positive(name: str, values: ArrayLike) -> Array:
    """Return the values of the phases if they are positive."""
    return np.array(numbers(name, values, "(0, inf)"))


def _shares(fractions: ArrayLike, phases: int) -> Array:
    """Return the fractions if they add up to 1."""
    checked = array("fractions", fractions, interval="[0, inf)")
    if checked.shape[-1:] != (phases,):
        raise ValueError(
            f"fractions must be one for each of {phases} values, shape (..., {phases}); "
            f"got {checked.shape}"
        )
    if not np.allclose(checked.sum(axis=-1), 1, atol=1e-9):
        raise ValueError(f"fractions must have the sum 1; got {fractions!r}")
    return checked
