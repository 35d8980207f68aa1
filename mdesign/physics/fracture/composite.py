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
    #: ``E * eps**2`` over that of the element whose failure counts, (nx, ny); `eps` is the strain
    #: of the rule: across the crack plane ("tip"), or the largest principal one ("first").
    failure_index: Array


@dataclass(frozen=True)
class CrackedComposite:
    """Upper half of a symmetric composite plate with an edge crack, pulled open.

    The plate is a grid of unit-square bilinear elements in plane stress. The crack runs from the
    left edge along the plane of symmetry. The top edge is displaced uniformly. All materials have
    the same toughness, ``E * eps_f**2 = t`` with the failure strain ``eps_f``, so that only the
    arrangement counts. The plate fails, by the rule `failure`,

    - ``"tip"``, the rule of the paper: when the strain across the crack plane, at the centroid of
      the element ahead of the crack tip, reaches the failure strain of that element;
    - ``"first"``: when the largest principal strain at the centroid of any element, if it is a
      tension, reaches the failure strain of that element.

    The rule ``"tip"`` looks at one element. An arrangement that shields it takes the toughness to
    any height while the plate would fail elsewhere. Where the strain at the tip is below 1e-3 of
    the mean strain of the plate, the toughness has no meaning and an error is raised, so that a
    search stops.

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
    failure : {"tip", "first"}
        Which element's failure counts.

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
    failure: str = "tip"

    def __post_init__(self) -> None:
        arguments.settle(
            self,
            nx="[2, inf)",
            ny="[1, inf)",
            modulus_ratio="(1, inf)",
            poisson_ratio="(-1, 0.5)",
            failure=("tip", "first"),
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
        """Energy over ``E * eps**2`` of the all-stiff plate at failure, the unit of toughness."""
        stiff = np.ones((1, self.n_elements))
        return float(self._energy_ratio(stiff * self.modulus_ratio)[0])

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
            ratio = self._energy_ratio(single)
            return float(abs(ratio / self._energy_ratio(double) - 1).max())
        except ArithmeticError:
            return np.inf

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
        mdesign.physics.SingularToughness
            If the plate fails by the rule ``"tip"`` and the strain at the tip of a design is below
            1e-3 of the mean strain.

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
        ratio = self._energy_ratio(moduli) / self.stiff_energy_ratio
        return ratio.astype(precision, copy=False)

    def toughness_and_gradient(self, designs: npt.ArrayLike) -> tuple[Array, Array]:
        """Toughness of each design, shape (n,), and its adjoint gradient, shape (n, nx * ny).

        The gradient is exact; where several elements fail together it is a subgradient, that of
        one of them. Argument and errors are those of `toughness`.
        """
        moduli = self._moduli(designs, np.float64)
        ratio, gradient = banded.energy_ratio_and_gradient(self._mesh, moduli, self.failure)
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
        if self.failure == "first":
            value += substitution // 2 + (6 * 8 + 12) * self.n_elements
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
        grid = (self.nx, self.ny)
        return Fields(
            displacement.reshape(self.nx + 1, self.ny + 1, 2),
            strain.reshape(*grid, 3),
            stress.reshape(*grid, 3),
            self._failure_index(strain, moduli).reshape(grid),
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

    def _failure_index(self, strain: Array, moduli: Array) -> Array:
        """``E * eps**2`` of each element over the one that counts."""
        if self.failure == "tip":
            index = moduli * strain[:, 1] ** 2
            return index / index[self.tip_element]
        e11, e22, shear = strain.T
        principal = (e11 + e22) / 2 + np.hypot(e11 - e22, shear) / 2
        index = moduli * principal.clip(min=0) ** 2
        return index / index.max()

    def _energy_ratio(self, moduli: Array) -> Array:
        return banded.energy_ratio(self._mesh, moduli, self.failure)

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
