"""Toughness of a two-phase composite with an edge crack under Mode I (opening) loading."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.physics.fracture import banded
from mdesign.physics.fracture.mesh import HalfModel

Array = npt.NDArray[np.floating]

#: Strain at the crack tip over the mean strain of the plate, below which toughness has no meaning.
_LEAST_TIP_STRAIN = 1e-3

#: Largest relative error of a toughness in float32, and how far designs may exceed the error of
#: those that it is estimated from; measured, see the tests.
SINGLE_TOLERANCE, _SAFETY = 1e-3, 10


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

    This criterion looks at one element. An arrangement that shields it takes the toughness to any
    height while the plate would fail elsewhere: a toughness is meaningless where the strain at the
    tip is below 1e-3 of the mean strain of the plate, and then comes with a warning.

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
        arguments.settle(
            self,
            nx="[2, inf)",
            ny="[1, inf)",
            modulus_ratio="(1, inf)",
            poisson_ratio="(-1, 0.5)",
        )
        arguments.settle(self, crack_length=f"[1, {self.nx - 1}]")

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

    @cached_property
    def _single_error(self) -> float:
        """Estimate of the largest relative error of a solution in float32."""
        # A stiff part beside a soft one moves almost as a rigid body: its forces are rounded in
        # units of the stiff modulus while the energy is that of the soft one.
        x, y = np.divmod(np.arange(self.n_elements), self.ny)
        columns, rows = (np.unique(np.linspace(0, n, 9).astype(int)) for n in (self.nx, self.ny))
        tip = self.crack_length + np.arange(2)
        parts = [y >= rows[:, None], x >= columns[:, None], x >= tip[:, None]]
        parts.append(np.random.default_rng(0).random((32, self.n_elements)) < 0.5)
        probes = np.concatenate([*parts, *(~part for part in parts)])
        error = 0.0
        for few in (probes[:8], probes[8:]):
            if error <= SINGLE_TOLERANCE:
                error = max(error, _SAFETY * self._largest_single_error(few))
        return error

    def _largest_single_error(self, designs: npt.NDArray) -> float:
        """Largest relative error of designs in float32."""
        single, double = (self._moduli(designs, dtype) for dtype in (np.float32, np.float64))
        try:
            ratio = banded.energy_ratio(self._mesh, single)
        except FloatingPointError:
            return np.inf
        return float(abs(ratio / banded.energy_ratio(self._mesh, double) - 1).max())

    def toughness(self, designs: npt.ArrayLike, dtype: npt.DTypeLike = np.float64) -> Array:
        """Toughness of each design relative to the all-stiff plate.

        Parameters
        ----------
        designs : array_like, shape (n, nx * ny)
            Phases in [0, 1], 1 = stiff.
        dtype : numpy.float64 or numpy.float32
            Precision of the result. The solution in float32 is faster. Where its relative error may
            exceed 1e-3, as on meshes above about 24 x 12 at a modulus ratio of 10 and on smaller
            ones at larger ratios or with longer cracks, the solution is in float64 nonetheless.

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
        precision = arguments.data_type("dtype", dtype, ("float64", "float32"))
        single = precision == np.float32 and self._single_error <= SINGLE_TOLERANCE
        moduli = self._moduli(designs, precision if single else np.dtype(np.float64))
        ratio = banded.energy_ratio(self._mesh, moduli) / self.stiff_energy_ratio
        self._warn_of_shielding(moduli, ratio)
        return ratio.astype(precision, copy=False)

    def toughness_and_gradient(self, designs: npt.ArrayLike) -> tuple[Array, Array]:
        """Toughness of each design, shape (n,), and its adjoint gradient, shape (n, nx * ny).

        The gradient is exact. Argument and errors are those of `toughness`.
        """
        moduli = self._moduli(designs, np.float64)
        ratio, gradient = banded.energy_ratio_and_gradient(self._mesh, moduli)
        # Chain rule through Eq. 3: dE/dx is the difference of the moduli.
        gradient *= (self.modulus_ratio - 1.0) / self.stiff_energy_ratio
        ratio /= self.stiff_energy_ratio
        self._warn_of_shielding(moduli, ratio)
        return ratio, gradient

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
        phases = arguments.array("design", design, f"({self.n_elements},)", "[0, 1]")
        moduli = self._moduli(phases[np.newaxis], np.float64)[0]
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
            Phases of the upper halves, or any other values of their elements.

        Returns
        -------
        ndarray, shape (n, nx, 2 * ny)
            Index (ix, iy), iy = 0 on the bottom edge; the crack lies between iy = ny - 1 and ny.

        Raises
        ------
        ValueError
            If `designs` has the wrong shape or values that are not finite.
        """
        values = arguments.array("designs", designs, f"(n, {self.n_elements})", dtype=None)
        upper = values.reshape(-1, self.nx, self.ny)
        return np.concatenate([upper[:, :, ::-1], upper], axis=2)

    def _warn_of_shielding(self, moduli: Array, toughness: Array) -> None:
        """Warn if the toughest design hardly strains the tip."""
        # The strain of the all-stiff plate at the tip exceeds its mean, and no design is softer
        # than the soft phase: below this toughness the strain cannot be as small.
        possible = _LEAST_TIP_STRAIN**-2 / self.modulus_ratio
        toughest = int(toughness.argmax()) if toughness.size else 0
        if "_warned" in vars(self) or not toughness.size or toughness[toughest] < possible:
            return
        displacement = self._mesh.displacement(moduli[toughest].astype(np.float64))
        strain, _ = self._mesh.strain_and_stress(displacement, moduli[toughest])
        shielded = self.ny * abs(strain[self.tip_element, 1]) < _LEAST_TIP_STRAIN
        if shielded:
            vars(self)["_warned"] = True  # once, not in each step of a search
            arguments.warn_caller(
                "toughness has no meaning for the toughest design: the strain at its crack tip is "
                f"below {_LEAST_TIP_STRAIN} of the mean strain, and the plate would fail elsewhere"
            )

    def _checked(
        self, designs: npt.ArrayLike, dtype: npt.DTypeLike | None = np.float64
    ) -> npt.NDArray:
        shape = f"(n, {self.n_elements})"
        return arguments.array("designs", designs, shape, "[0, 1]", dtype=dtype)

    def _moduli(self, designs: npt.ArrayLike, precision: npt.DTypeLike) -> Array:
        """Young's moduli of checked designs, in units of the soft one."""
        # Eq. 3: E(x) = E_soft + x (E_stiff - E_soft).
        moduli = np.multiply(self._checked(designs), self.modulus_ratio - 1, dtype=precision)
        moduli += 1
        return moduli
