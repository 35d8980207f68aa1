"""Bounds on the effective properties of composites of isotropic phases.

Phases may be any number. All that is known of their arrangement are their fractions (Voigt and
Reuss), and that the whole is isotropic (Hashin and Shtrikman).

A finite image is never quite isotropic. Its conductivity, averaged over the axes, still obeys the
bounds of Hashin and Shtrikman, and so do the bulk and shear modulus of its stiffness averaged over
all orientations: for any arrangement. Its modulus along an axis need not: a grid of walls along
both axes is stiffer along them than an isotropic medium can be.

References
----------
Torquato, Random Heterogeneous Materials (Springer, 2002), chapter 21.

Hashin and Shtrikman, J. Appl. Phys. 33, 3125 (1962) and J. Mech. Phys. Solids 11, 127 (1963);
Hashin, J. Mech. Phys. Solids 13, 119 (1965): in the plane; Walpole, J. Mech. Phys. Solids 14, 151
(1966): phases in any order.

Milton and Kohn, J. Mech. Phys. Solids 36, 597 (1988): media of any symmetry.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    """A lower and an upper bound.

    Parameters
    ----------
    lower, upper : numpy.ndarray
        Of the shape that the fractions have without the axis of the phases.
    """

    lower: Array
    upper: Array


def voigt_reuss(values: ArrayLike, fractions: ArrayLike) -> Bounds:
    """Bound a conductivity, or a stiffness, by what layers of the phases have.

    Parameters
    ----------
    values : array_like, shape (phases,)
        Conductivity, bulk or shear modulus of each phase, positive.
    fractions : array_like, shape (..., phases)
        Volume fractions; their sum over the phases is 1.

    Returns
    -------
    Bounds
        Harmonic and arithmetic mean: layers across and along the load.

    Raises
    ------
    ValueError
        If a value is not positive or the fractions are none.

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
    """Bound the conductivity of an isotropic composite.

    Parameters
    ----------
    values : array_like, shape (phases,)
        Conductivity, or diffusivity, of each phase, positive.
    fractions : array_like, shape (..., phases)
        Volume fractions; their sum over the phases is 1.
    dimension : {2, 3}
        Of space.

    Returns
    -------
    Bounds
        In two dimensions, of two phases, the bounds are those of discs coated by either phase.

    Raises
    ------
    ValueError
        If a value is not positive, the fractions are none, or the dimension is another.

    Examples
    --------
    >>> lower, upper = hashin_shtrikman_conductivity([1.0, 3.0], [0.5, 0.5])
    >>> round(float(lower), 4), round(float(upper), 4)
    (1.6667, 1.8)
    """
    phases = _positive("values", values)
    shares = _shares(fractions, len(phases))
    around = _dimension(dimension) - 1
    return Bounds(
        _weakened(phases, shares, around * phases.min()),
        _weakened(phases, shares, around * phases.max()),
    )


def hashin_shtrikman_bulk(
    bulk: ArrayLike, shear: ArrayLike, fractions: ArrayLike, dimension: int = 2
) -> Bounds:
    """Bound the bulk modulus of an isotropic composite.

    Parameters
    ----------
    bulk, shear : array_like, shape (phases,)
        Moduli of each phase, positive. In two dimensions they are those in the plane, for plane
        strain lambda + mu and mu.
    fractions : array_like, shape (..., phases)
        Volume fractions; their sum over the phases is 1.
    dimension : {2, 3}
        Of space; 2 for plane strain.

    Returns
    -------
    Bounds
        Of the bulk modulus.

    Raises
    ------
    ValueError
        If a modulus is not positive, the fractions are none, or the dimension is another.

    Examples
    --------
    Two phases of one shear modulus leave no choice:

    >>> lower, upper = hashin_shtrikman_bulk([1.0, 3.0], [1.0, 1.0], [0.5, 0.5])
    >>> float(lower) == float(upper)
    True
    """
    stiffness, shears, shares = _elastic(bulk, shear, fractions)
    factor = 2 * (_dimension(dimension) - 1) / dimension
    return Bounds(
        _weakened(stiffness, shares, factor * shears.min()),
        _weakened(stiffness, shares, factor * shears.max()),
    )


def hashin_shtrikman_shear(
    bulk: ArrayLike, shear: ArrayLike, fractions: ArrayLike, dimension: int = 2
) -> Bounds:
    """Bound the shear modulus of an isotropic composite.

    Parameters
    ----------
    bulk, shear, fractions, dimension
        As for `hashin_shtrikman_bulk`.

    Returns
    -------
    Bounds
        Of the shear modulus. Where no phase has both the largest bulk and the largest shear
        modulus the bounds are Walpole's.

    Raises
    ------
    ValueError
        As `hashin_shtrikman_bulk`.
    """
    stiffness, shears, shares = _elastic(bulk, shear, fractions)
    _dimension(dimension)
    return Bounds(
        _weakened(shears, shares, _surrounding(stiffness.min(), shears.min(), dimension)),
        _weakened(shears, shares, _surrounding(stiffness.max(), shears.max(), dimension)),
    )


def hashin_shtrikman_modulus(
    fraction: ArrayLike,
    moduli: tuple[float, float] = (1e-3, 1.0),
    poisson_ratio: float = 0.3,
) -> Bounds:
    """Bound the in-plane modulus of an isotropic medium of two phases in plane strain.

    The modulus is the stress over the strain of a pull in the plane that leaves the other direction
    in the plane free, as `mdesign.physics.in_plane_modulus` has it; that of one phase is
    ``E / (1 - nu**2)``. It grows with the bulk and the shear modulus in the plane, so that their
    bounds are inserted.

    Parameters
    ----------
    fraction : array_like
        Volume fraction of phase 1, in [0, 1].
    moduli : tuple of float, optional
        In-plane modulus of phase 0 and of phase 1, positive; as in
        `mdesign.physics.PorousMedium`, pores and a solid of modulus 1.
    poisson_ratio : float, optional
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
    solid = np.asarray(fraction, dtype=np.float64)
    values = _positive("moduli", moduli)
    if len(values) != 2:
        raise ValueError(f"moduli must be two, of phase 0 and 1; got {len(values)}")
    if not -1 < poisson_ratio < 0.5:
        raise ValueError(f"poisson_ratio must lie in (-1, 0.5); got {poisson_ratio}")
    bulk, shear = in_plane_moduli(values * (1 - poisson_ratio**2), poisson_ratio)
    shares = np.stack([1 - solid, solid], axis=-1)
    found = [
        4 * k * g / (k + g)
        for k, g in zip(
            hashin_shtrikman_bulk(bulk, shear, shares),
            hashin_shtrikman_shear(bulk, shear, shares),
            strict=True,
        )
    ]
    return Bounds(*found)


def in_plane_moduli(youngs_modulus: ArrayLike, poisson_ratio: ArrayLike) -> tuple[Array, Array]:
    """Bulk and shear modulus in the plane, of an isotropic solid in plane strain.

    Parameters
    ----------
    youngs_modulus, poisson_ratio : array_like
        Of the solid.

    Returns
    -------
    bulk, shear : numpy.ndarray
        lambda + mu, and mu.

    Examples
    --------
    >>> [round(float(value), 6) for value in in_plane_moduli(2.5, 0.25)]
    [2.0, 1.0]
    """
    young, ratio = np.asarray(youngs_modulus, float), np.asarray(poisson_ratio, float)
    shear = young / (2 * (1 + ratio))
    return shear / (1 - 2 * ratio), shear


def _weakened(values: Array, shares: Array, around: float) -> Array:
    """Harmonic mean of values that are all raised by what surrounds a grain, lowered again."""
    return 1 / (shares @ (1 / (values + around))) - around


def _surrounding(bulk: float, shear: float, dimension: int) -> float:
    """How a medium resists the shear of a grain that it surrounds."""
    d = dimension
    return shear * (d * bulk / 2 + (d + 1) * (d - 2) * shear / d) / (bulk + 2 * shear)


def _elastic(bulk: ArrayLike, shear: ArrayLike, fractions: ArrayLike) -> tuple[Array, Array, Array]:
    stiffness, shears = _positive("bulk", bulk), _positive("shear", shear)
    if len(stiffness) != len(shears):
        raise ValueError(f"shear must be as many as bulk, {len(stiffness)}; got {len(shears)}")
    return stiffness, shears, _shares(fractions, len(stiffness))


def _positive(name: str, values: ArrayLike) -> Array:
    """Return the values of the phases, or say what is wrong with them."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or len(found) == 0 or not (np.isfinite(found) & (found > 0)).all():
        raise ValueError(f"{name} must be positive numbers, one a phase; got {values!r}")
    return found


def _shares(fractions: ArrayLike, phases: int) -> Array:
    """Return the fractions, or say what is wrong with them."""
    found = np.asarray(fractions, dtype=np.float64)
    if found.ndim == 0 or found.shape[-1] != phases:
        raise ValueError(f"fractions must have shape (..., {phases}); got {found.shape}")
    if not (found >= 0).all() or not np.allclose(found.sum(axis=-1), 1, atol=1e-9):
        raise ValueError(f"fractions must not be negative and have the sum 1; got {fractions!r}")
    return found


def _dimension(dimension: int) -> int:
    if dimension not in (2, 3):
        raise ValueError(f"dimension must be 2 or 3; got {dimension}")
    return dimension
