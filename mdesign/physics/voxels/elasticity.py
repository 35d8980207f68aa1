"""Linear elasticity of periodic microstructures, one finite element a voxel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.physics.voxels import elements
from mdesign.physics.voxels.cells import Cells, reference_preconditioner
from mdesign.physics.voxels.conjugate_gradients import Preconditioner, Solution
from mdesign.physics.voxels.phases import (
    check_mean,
    check_phases,
    check_several,
    check_two_phases,
    mix_values,
    settle_medium,
)

__all__ = ["ElasticFields", "VoxelElasticity", "in_plane_modulus"]

Array = npt.NDArray[np.floating]

#: Voigt order: pairs of axes of each component.
VOIGT = {
    2: ((0, 0), (1, 1), (0, 1)),
    3: ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)),
}

#: In-plane bulk and shear modulus of the stiffness averaged over orientations, as weights:
#: K = (C11 + C22 + 2 C12) / 4 and G = (C11 + C22 - 2 C12 + 4 C66) / 8.
BULK = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 0]]) / 4
SHEAR = np.array([[1, -1, 0], [-1, 1, 0], [0, 0, 4]]) / 8


@dataclass(frozen=True)
class ElasticFields:
    """Strain and stress of each voxel under a mean strain.

    Attributes
    ----------
    strain, stress : ndarray, shape (n, 3, x, y) or (n, 6, x, y, z)
        At the centroids, in Voigt order 11, 22, 12 or 11, 22, 33, 23, 13, 12 with engineering
        shear; stress in the unit of the moduli.
    iterations, error : ndarray, shape (n,)
        Iterations of each cell, and relative norm of its preconditioned residual.
    """

    strain: Array
    stress: Array
    iterations: npt.NDArray[np.intp]
    error: npt.NDArray[np.float64]


@dataclass(frozen=True)
class VoxelElasticity:
    """Periodic cell of isotropic phases, solved by conjugate gradients and Fourier transforms.

    Each voxel is a trilinear element of unit side, or a bilinear one in plane strain, with full
    quadrature and a mean volumetric strain (B-bar, Hughes 1980), which does not lock. The solution
    is that of Schneider, Merkert and Kabel (2017). Lame's parameters of a voxel that is a fraction
    between two phases lie linearly between theirs.

    Parameters
    ----------
    youngs_moduli : tuple of float
        Young's modulus of each phase, positive.
    poisson_ratios : tuple of float
        Poisson's ratio of each phase, in (-1, 0.5).
    tolerance : float
        Relative norm of the preconditioned residual at which a solution has converged. The error of
        the effective stiffness is about its square.
    dtype : numpy.float64 or numpy.float32
        Precision of the iterations.
    max_iterations : int
        Iterations after which a solution is given up.

    Raises
    ------
    ValueError
        If a parameter breaks its rule.

    Examples
    --------
    The stiffness of a laminate along its layers is the mean of theirs:

    >>> medium = VoxelElasticity((1.0, 3.0), (0.0, 0.0))
    >>> laminate = np.array([[[0, 1], [0, 1]]])
    >>> np.round(medium.effective_stiffness(laminate)[0].diagonal(), 6).tolist()
    [2.0, 1.5, 0.75]
    """

    youngs_moduli: tuple[float, ...]
    poisson_ratios: tuple[float, ...]
    tolerance: float = 1e-6
    dtype: npt.DTypeLike = "float64"
    max_iterations: int = 2_000

    def __post_init__(self) -> None:
        settle_medium(self, youngs_moduli="(0, inf)", poisson_ratios="(-1, 0.5)")
        check_several("youngs_moduli", self.youngs_moduli)
        phases, ratios = len(self.youngs_moduli), len(self.poisson_ratios)
        if phases != ratios:
            raise ValueError(
                f"poisson_ratios must be as many as youngs_moduli, {phases}; got {ratios}"
            )

    @property
    def lame_parameters(self) -> Array:
        """Lame's first parameter and shear modulus of each phase, shape (2, phases)."""
        moduli, ratios = np.asarray(self.youngs_moduli), np.asarray(self.poisson_ratios)
        shear = moduli / (2 * (1 + ratios))
        return np.stack([2 * shear * ratios / (1 - 2 * ratios), shear])

    def solve(self, phases: npt.ArrayLike, mean_strain: npt.ArrayLike) -> ElasticFields:
        """Strain and stress of every voxel under one mean strain.

        Parameters
        ----------
        phases : array_like, shape (n, x, y) or (n, x, y, z)
        mean_strain : array_like, shape (3,) or (6,)
            11, 22, 12 or 11, 22, 33, 23, 13, 12, engineering shear.

        Returns
        -------
        ElasticFields

        Raises
        ------
        ValueError
            If an array has another shape, or a phase is unknown.
        NotConverged
            If cells do not converge; it names them and holds the result of the others, see there.
        """
        cells = self._cells(phases)
        d = cells.ndim - 1
        strain = _tensors(mean_strain, d)
        lame = self._lame(cells)
        _, solution = self._solved(lame, strain[np.newaxis])
        gradient = np.moveaxis(elements.centroid_gradients(solution.values, d), -d - 1, 0)
        local = (gradient + gradient.swapaxes(0, 1)) / 2
        local = local + strain[(slice(None), slice(None), *[np.newaxis] * (d + 1))]
        trace = np.trace(local)
        stress = 2 * lame[1] * local
        for axis in range(d):
            stress[axis, axis] += lame[0] * trace
        fields = ElasticFields(
            _voigt(local, 2.0), _voigt(stress, 1.0), solution.iterations, solution.error
        )
        return solution.checked(fields)

    def effective_stiffness(self, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Stiffness of the equivalent homogeneous medium, symmetric, (n, 3, 3) or (n, 6, 6).

        It has the unit of the moduli and relates the mean strains of `solve`, with engineering
        shear, to the mean stresses. Errors are those of `solve`.
        """
        cells = self._cells(phases)
        stiffness, solution = self._solved(self._lame(cells), _all_cases(cells.ndim - 1))
        return solution.checked(stiffness)

    def effective_stiffness_and_gradient(
        self, phases: npt.ArrayLike
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Effective stiffness (n, v, v) and its exact derivative by each voxel (n, v, v, *grid).

        The derivative is that of turning phase 0 into phase 1, for two phases; fractions are
        mixtures. Argument and errors are those of `effective_stiffness`.
        """
        check_two_phases(self.youngs_moduli)
        cells = self._cells(phases)
        d = cells.ndim - 1
        cases = _all_cases(d)
        stiffness, solution = self._solved(self._lame(cells), cases)
        # The energy is stationary, so that only its explicit dependence on the phases counts: the
        # strains of two load cases, contracted with the difference of the phases' stiffness.
        shape = (len(cells), len(cases), d, *cells.shape[1:])
        displacement = np.moveaxis(solution.values.reshape(shape), 1, 0)
        modes = np.moveaxis(_strain_modes(displacement, d), 3, 0)
        modes[:, 0] += cases.reshape(*cases.shape, *[1] * (d + 1))
        change = np.diff(self.lame_parameters, axis=1)[:, 0]
        return solution.checked((stiffness, _sensitivity(modes, change, d) / cells[0].size))

    def _cells(self, phases: npt.ArrayLike) -> npt.NDArray:
        return check_phases(phases, len(self.youngs_moduli), (2, 3))

    def _lame(self, cells: npt.NDArray) -> Array:
        """Lame's parameters of each voxel, shape (2, n, *grid)."""
        return np.stack([mix_values(values, cells, self.dtype) for values in self.lame_parameters])

    def _solved(self, lame: Array, cases: Array) -> tuple[npt.NDArray[np.float64], Solution]:
        """Effective stiffness between the cases, shape (n, cases, cases), and displacements."""
        cells = Cells(elements.elastic_forces, tuple(lame), cases, lame.ndim - 2)
        forces = cells.forces()
        first, shear = self.lame_parameters.mean(axis=1).tolist()
        solution = cells.solve(
            _preconditioner(cells.grid, first, shear, str(self.dtype)),
            forces.copy(),
            tolerance=self.tolerance,
            max_iterations=self.max_iterations,
            what="elasticity",
        )
        # Energy of uniform strains (Voigt's bound), lambda tr e tr e' + 2 mu e : e', less what the
        # displacements relax.
        means = lame.reshape(*lame.shape[:2], -1).mean(axis=2, dtype=np.float64)
        traces = np.trace(cases, axis1=1, axis2=2)
        stiffness = np.multiply.outer(means[0], np.outer(traces, traces))
        stiffness += np.multiply.outer(2 * means[1], np.einsum("iab,jab->ij", cases, cases))
        return stiffness - cells.relaxed(forces, solution), solution


def in_plane_modulus(stiffness: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Modulus of a pull in the plane, from the stiffness averaged over all orientations.

    Stress over strain, the other direction in the plane free to contract. The average over the
    orientations obeys the bounds of Hashin and Shtrikman; the modulus along one axis need not.

    Parameters
    ----------
    stiffness : array_like, shape (..., 3, 3)
        Effective stiffness in plane strain, Voigt order 11, 22, 12.

    Returns
    -------
    ndarray, shape (...)
        ``4 K G / (K + G)`` with the bulk and the shear modulus in the plane; ``E / (1 - nu**2)``
        for a homogeneous isotropic medium.
    """
    return average_modulus(arguments.array("stiffness", stiffness, "(..., 3, 3)"))


def average_modulus(stiffness: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return `in_plane_modulus`, NaN where a stiffness is."""
    bulk, shear = (np.einsum("ij,...ij->...", part, stiffness) for part in (BULK, SHEAR))
    return 4 * bulk * shear / (bulk + shear)


@lru_cache(maxsize=16)
def _preconditioner(
    grid: tuple[int, ...], first: float, shear: float, dtype: str
) -> Preconditioner:
    """Inverse of the homogeneous medium with these parameters of Lame."""
    return reference_preconditioner(elements.elastic_forces, (first, shear), grid, len(grid), dtype)


def _all_cases(d: int) -> npt.NDArray[np.float64]:
    """Return unit strains in Voigt order, shape (v, d, d)."""
    return np.stack([_tensors(unit, d) for unit in np.eye(len(VOIGT[d]))])


def _tensors(strain: npt.ArrayLike, d: int) -> npt.NDArray[np.float64]:
    """Symmetric tensor of a strain in Voigt order."""
    components = check_mean("mean_strain", strain, len(VOIGT[d]), d)
    tensor = np.zeros((d, d))
    for value, (i, j) in zip(components, VOIGT[d], strict=True):
        tensor[i, j] = tensor[j, i] = value if i == j else value / 2
    return tensor


def _strain_modes(displacement: Array, d: int) -> Array:
    """Strain tensors by the subset of axes along which they vary, (2**d - 1, d, d, ..., *grid)."""
    gradient = elements.gradient_modes(displacement, d)
    gradient = np.moveaxis(gradient, -d - 1, 1)
    return (gradient + gradient.swapaxes(1, 2)) / 2


def _sensitivity(modes: Array, change: Array, d: int) -> npt.NDArray[np.float64]:
    """Energy of two cases' strains for a change of Lame's parameters, (n, cases, cases, *grid)."""
    cases, n, grid = len(modes), modes.shape[4], modes.shape[5:]
    out = np.empty((n, cases, cases, *grid))
    traces = np.trace(modes, axis1=2, axis2=3)
    weights = elements.mode_weights(d)
    for i in range(cases):
        for j in range(i + 1):
            product = np.einsum("tab...,tab...,t->...", modes[i], modes[j], weights)
            volume = np.einsum("t...,t...,t->...", traces[i], traces[j], weights)
            whole = traces[i, 0] * traces[j, 0]
            # B-bar: the mean volumetric strain (mode 0) counts in full, the modes that vary in the
            # element as a deviator only, e : e' - tr e tr e' / 3, in plane strain too.
            deviatoric = product - (volume - whole) / 3
            out[:, i, j] = out[:, j, i] = change[0] * whole + 2 * change[1] * deviatoric
    return out


def _voigt(tensor: Array, shear: float) -> Array:
    """Components ``(n, v, *grid)`` of tensors ``(d, d, n, *grid)``."""
    d = len(tensor)
    parts = [tensor[i, j] * (1.0 if i == j else shear) for i, j in VOIGT[d]]
    return np.stack(parts, axis=1)
