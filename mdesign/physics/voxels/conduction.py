"""Steady conduction of heat, charge or a solute in periodic microstructures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

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

__all__ = ["ConductionFields", "VoxelConduction"]

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class ConductionFields:
    """Gradient and flux of each voxel under a mean gradient.

    Attributes
    ----------
    gradient, flux : ndarray, shape (n, 2, x, y) or (n, 3, x, y, z)
        At the centroids; the flux is the conductivity times the gradient, without a sign.
    iterations, error : ndarray, shape (n,)
        Iterations of each cell, and relative norm of its preconditioned residual.
    """

    gradient: Array
    flux: Array
    iterations: npt.NDArray[np.intp]
    error: npt.NDArray[np.float64]


@dataclass(frozen=True)
class VoxelConduction:
    """Periodic cell of isotropic conductors, one bilinear or trilinear element a voxel.

    The conductivity of a voxel that is a fraction between two phases lies linearly between theirs.

    Parameters
    ----------
    conductivities : tuple of float
        Conductivity, or diffusivity, of each phase, positive.
    tolerance : float
        Relative norm of the preconditioned residual at which a solution has converged. The error of
        the effective conductivity is about its square.
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
    >>> medium = VoxelConduction((1.0, 3.0))
    >>> np.round(medium.effective_conductivity(np.array([[[0, 1], [0, 1]]]))[0], 6).tolist()
    [[2.0, 0.0], [0.0, 1.5]]
    """

    conductivities: tuple[float, ...]
    tolerance: float = 1e-6
    dtype: npt.DTypeLike = "float64"
    max_iterations: int = 2_000

    def __post_init__(self) -> None:
        settle_medium(self, conductivities="(0, inf)")
        check_several("conductivities", self.conductivities)

    def solve(self, phases: npt.ArrayLike, mean_gradient: npt.ArrayLike) -> ConductionFields:
        """Gradient and flux of every voxel under one mean gradient.

        Parameters
        ----------
        phases : array_like, shape (n, x, y) or (n, x, y, z)
        mean_gradient : array_like, shape (2,) or (3,)

        Returns
        -------
        ConductionFields

        Raises
        ------
        ValueError
            If an array has another shape, or a phase is unknown.
        NotConverged
            If cells do not converge; it names them and holds the result of the others, see there.
        """
        cells = self._cells(phases)
        d = cells.ndim - 1
        mean = check_mean("mean_gradient", mean_gradient, d, d)
        conductivity = mix_values(self.conductivities, cells, self.dtype)
        _, solution = self._solved(conductivity, mean[np.newaxis])
        local = elements.centroid_gradients(solution.values[:, 0], d).swapaxes(0, 1)
        gradient = local + mean.reshape(1, d, *[1] * d)
        flux = conductivity[:, np.newaxis] * gradient
        fields = ConductionFields(gradient, flux, solution.iterations, solution.error)
        return solution.checked(fields)

    def effective_conductivity(self, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Conductivity of the equivalent homogeneous medium, symmetric, shape (n, d, d).

        The phases have shape (n, x, y) or (n, x, y, z), d axes. Errors are those of `solve`.
        """
        cells = self._cells(phases)
        conductivity = mix_values(self.conductivities, cells, self.dtype)
        effective, solution = self._solved(conductivity, np.eye(cells.ndim - 1))
        return solution.checked(effective)

    def effective_conductivity_and_gradient(
        self, phases: npt.ArrayLike
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Effective conductivity (n, d, d) and its exact derivative by each voxel (n, d, d, *grid).

        The derivative is that of turning phase 0 into phase 1, for two phases; fractions are
        mixtures. Argument and errors are those of `effective_conductivity`.
        """
        check_two_phases(self.conductivities)
        cells = self._cells(phases)
        d = cells.ndim - 1
        conductivity = mix_values(self.conductivities, cells, self.dtype)
        effective, solution = self._solved(conductivity, np.eye(d))
        # The energy is stationary, so that only its explicit dependence on the phases counts: the
        # product of two cases' gradients, integrated by modes, times the change of conductivity.
        potential = solution.values.reshape(len(cells), d, *cells.shape[1:])
        modes = elements.gradient_modes(potential, d)
        modes[0] += np.eye(d).reshape(d, 1, d, *[1] * d)
        weights = (self.conductivities[1] - self.conductivities[0]) * elements.mode_weights(d)
        gradient = np.einsum("tani...,tanj...,t->nij...", modes, modes, weights)
        return solution.checked((effective, gradient / cells[0].size))

    def _cells(self, phases: npt.ArrayLike) -> npt.NDArray:
        return check_phases(phases, len(self.conductivities), (2, 3))

    def _solved(
        self, conductivity: Array, cases: Array
    ) -> tuple[npt.NDArray[np.float64], Solution]:
        """Effective conductivity between the cases, shape (n, cases, cases), and potentials."""
        cells = Cells(elements.conductive_fluxes, (conductivity,), cases, 1)
        forces = cells.forces()
        solution = cells.solve(
            _preconditioner(cells.grid, str(self.dtype)),
            forces.copy(),
            tolerance=self.tolerance,
            max_iterations=self.max_iterations,
            what="conduction",
        )
        mean = conductivity.reshape(len(conductivity), -1).mean(axis=1, dtype=np.float64)
        # Energy of uniform gradients (Voigt's bound) less what the local gradients relax.
        voigt = np.multiply.outer(mean, cases @ cases.T)
        return voigt - cells.relaxed(forces, solution), solution


@lru_cache(maxsize=16)
def _preconditioner(grid: tuple[int, ...], dtype: str) -> Preconditioner:
    """Inverse of the homogeneous medium of unit conductivity; its scale does not matter."""
    return reference_preconditioner(elements.conductive_fluxes, (1.0,), grid, 1, dtype)
