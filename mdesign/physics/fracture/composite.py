"""Toughness of a two-phase composite with an edge crack under Mode I (opening) loading."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mdesign.physics.fracture import banded
from mdesign.physics.fracture.mesh import HalfModel

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Fields:
    """Displacement, strain and stress of one design under a unit displacement of the top edge."""

    #: Nodal (u_x, u_y) of the upper half in units of the prescribed one, (nx + 1, ny + 1, 2).
    displacement: Array
    #: Components 11, 22 and 12 (engineering shear) at the element centroids, (nx, ny, 3).
    strain: Array
    #: The same components in units of the soft modulus.
    stress: Array


@dataclass(frozen=True)
class CrackedComposite:
    """Upper half of a symmetric composite plate with an edge crack, pulled open.

    The plate is a grid of unit-square bilinear elements in plane stress. The crack runs from the
    left edge along the plane of symmetry. The top edge is displaced uniformly; the plate fails when
    the strain across the crack plane, at the centroid of the crack-tip element, reaches the failure
    strain of that element's material. All materials have the same toughness, ``E * eps_f**2 = t``,
    so that only the arrangement counts.

    A design is a row of ``nx * ny`` phases in [0, 1], 1 = stiff, 0 = soft; element
    ``e = ny * ix + iy`` with `ix` counted from the cracked edge and `iy` = 0 on the crack plane.

    Parameters
    ----------
    nx, ny : int
        Elements along the crack and above the crack plane.
    crack_length : int
        Length of the crack in elements, at least 1 and less than `nx`.
    modulus_ratio : float
        Young's modulus of the stiff phase over that of the soft phase, above 1.
    poisson_ratio : float
        Poisson's ratio of both phases, in (-1, 0.5).

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Eqs. 2 to 6.
    """

    nx: int = 16
    ny: int = 8
    crack_length: int = 4
    modulus_ratio: float = 10.0
    poisson_ratio: float = 1 / 3

    def __post_init__(self) -> None:
        if self.nx < 2 or self.ny < 1:
            raise ValueError(f"nx must be >= 2 and ny >= 1, got nx={self.nx}, ny={self.ny}")
        if not 1 <= self.crack_length < self.nx:
            raise ValueError(
                f"crack_length must be at least 1 and less than nx={self.nx}, "
                f"got {self.crack_length}"
            )
        if not self.modulus_ratio > 1:
            raise ValueError(f"modulus_ratio must be above 1, got {self.modulus_ratio}")
        if not -1 < self.poisson_ratio < 0.5:
            raise ValueError(f"poisson_ratio must lie in (-1, 0.5), got {self.poisson_ratio}")

    @property
    def n_elements(self) -> int:
        """Number of design variables, ``nx * ny``."""
        return self.nx * self.ny

    @property
    def tip_element(self) -> int:
        """Index of the element ahead of the crack tip."""
        return self.ny * self.crack_length

    @cached_property
    def _mesh(self) -> HalfModel:
        return HalfModel(self.nx, self.ny, self.crack_length, self.poisson_ratio)

    @cached_property
    def stiff_energy_ratio(self) -> float:
        """Energy over ``E_tip * eps_tip**2`` of the all-stiff plate, the unit of toughness."""
        stiff = np.ones((1, self.n_elements))
        return float(banded.energy_ratio(self._mesh, stiff * self.modulus_ratio)[0])

    def toughness(self, designs: npt.ArrayLike, dtype: npt.DTypeLike = np.float64) -> Array:
        """Toughness of each design relative to the all-stiff plate.

        Parameters
        ----------
        designs : array_like, shape (n, nx * ny)
            Phases in [0, 1], 1 = stiff.
        dtype : numpy.float64 or numpy.float32
            Precision of the solution; float32 is faster and good to about four digits.

        Returns
        -------
        ndarray, shape (n,)
            Without unit; 1 for an all-stiff or all-soft plate.

        Raises
        ------
        ValueError
            If `designs` has the wrong shape or values, or `dtype` is another.
        FloatingPointError
            If the factorisation breaks down.

        Examples
        --------
        >>> import numpy as np
        >>> plate = CrackedComposite()
        >>> plate.toughness(np.ones((1, plate.n_elements))).round(6)
        array([1.])
        """
        # The energy at unit displacement (Eq. 2) grows until failure by the square of the strains'
        # ratio, (eps_f / eps_tip)^2 = t / (E_tip eps_tip^2) by Eq. 5.
        moduli = self._moduli(designs, dtype)
        return banded.energy_ratio(self._mesh, moduli) / self.stiff_energy_ratio

    def toughness_and_gradient(self, designs: npt.ArrayLike) -> tuple[Array, Array]:
        """Toughness of each design, shape (n,), and its adjoint gradient, shape (n, nx * ny).

        The gradient is exact. Argument and errors are those of `toughness`.
        """
        moduli = self._moduli(designs, np.float64)
        ratio, gradient = banded.energy_ratio_and_gradient(self._mesh, moduli)
        # Chain rule through Eq. 3: dE/dx is the difference of the moduli.
        gradient *= (self.modulus_ratio - 1.0) / self.stiff_energy_ratio
        return ratio / self.stiff_energy_ratio, gradient

    def operations(self, *, gradient: bool = False) -> int:
        """Count the floating-point operations of one design, without those of the padding.

        They are those of `toughness`, or of `toughness_and_gradient` if `gradient` is true.
        """
        mesh = self._mesh
        n, width = mesh.n_equations, mesh.bandwidth
        assembly = 2 * int((mesh.tables.position >= 0).sum())
        factorisation = n * width * (width + 1)
        substitution = 4 * n * width
        value = assembly + factorisation + substitution + 6 * n
        if not gradient:
            return value
        forces_and_products = 2 * 64 + 4 * 8
        return value + substitution + forces_and_products * self.n_elements

    def fields(self, design: npt.ArrayLike) -> Fields:
        """Displacement, strain and stress of one design, shape (nx * ny,), as `Fields`.

        Raises
        ------
        ValueError
            As `toughness`.
        """
        moduli = self._moduli(np.asarray(design)[np.newaxis], np.float64)[0]
        displacement = self._mesh.displacement(moduli)
        strain, stress = self._mesh.strain_and_stress(displacement, moduli)
        shape = (self.nx, self.ny, 3)
        return Fields(
            displacement.reshape(self.nx + 1, self.ny + 1, 2),
            strain.reshape(shape),
            stress.reshape(shape),
        )

    def expand(self, designs: npt.ArrayLike) -> npt.NDArray:
        """Full symmetric plates, bottom to top, as images.

        Parameters
        ----------
        designs : array_like, shape (n, nx * ny)
            Phases of the upper halves.

        Returns
        -------
        ndarray, shape (n, nx, 2 * ny)
            Index (ix, iy), iy = 0 on the bottom edge; the crack lies between iy = ny - 1 and ny.

        Raises
        ------
        ValueError
            If `designs` has the wrong shape.
        """
        designs = self._shaped(designs)
        upper = designs.reshape(-1, self.nx, self.ny)
        return np.concatenate([upper[:, :, ::-1], upper], axis=2)

    def _shaped(self, designs: npt.ArrayLike) -> npt.NDArray:
        designs = np.asarray(designs)
        if designs.ndim != 2 or designs.shape[1] != self.n_elements:
            raise ValueError(
                f"designs must have shape (n, {self.n_elements}) = (n, nx * ny), "
                f"got {designs.shape}"
            )
        return designs

    def _moduli(self, designs: npt.ArrayLike, dtype: npt.DTypeLike) -> Array:
        """Young's moduli of checked designs, in units of the soft one."""
        precision = np.dtype(dtype)
        if precision not in (np.float64, np.float32):
            raise ValueError(f"dtype must be float64 or float32, got {precision}")
        designs = self._shaped(designs)
        if designs.size and not (designs.min() >= 0 and designs.max() <= 1):
            bad = designs[~((designs >= 0) & (designs <= 1))]
            raise ValueError(f"designs must lie in [0, 1] without NaN, got {bad[0]}")
        # Eq. 3: E(x) = E_soft + x (E_stiff - E_soft).
        moduli = np.multiply(designs, self.modulus_ratio - 1, dtype=precision)
        moduli += 1
        return moduli
