"""Three properties of a porous solid from its image: stiffness, diffusion, flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.physics.voxels.brinkman import LEAST_TOLERANCE, DarcyBrinkman
from mdesign.physics.voxels.conduction import VoxelConduction
from mdesign.physics.voxels.conjugate_gradients import NotConverged, converted
from mdesign.physics.voxels.elasticity import BULK, SHEAR, VoxelElasticity, average_modulus
from mdesign.physics.voxels.phases import check_phases

__all__ = ["PROPERTIES", "PorousMedium"]

#: What `PorousMedium.properties` returns, in this order.
PROPERTIES = ("modulus", "diffusivity", "permeability")


@dataclass(frozen=True)
class PorousMedium:
    """A solid with pores, phase 1 and phase 0 of an image, in plane strain and plane flow.

    Both phases conduct: at a porosity of a tenth, pores do not connect in a plane, so that what
    flows or diffuses has to pass the solid too.

    Parameters
    ----------
    pore_modulus : float
        Young's modulus of the pores over that of the solid, in (0, 1).
    poisson_ratio : float
        Of both phases, in (-1, 0.5).
    solid_diffusivity : float
        Diffusivity of the solid over that of the pores, in (0, 1).
    solid_permeability : float
        Permeability of the solid in voxel areas, positive.
    tolerance : float
        Of the solvers.

    Raises
    ------
    ValueError
        If a parameter breaks its rule.

    Examples
    --------
    Without pores the properties are those of the solid:

    >>> PorousMedium().properties(np.ones((1, 4, 4), int)).round(6).tolist()
    [[1.0, 0.01, 0.1]]
    """

    pore_modulus: float = 1e-3
    poisson_ratio: float = 0.3
    solid_diffusivity: float = 1e-2
    solid_permeability: float = 0.1
    tolerance: float = 1e-5

    def __post_init__(self) -> None:
        arguments.settle(
            self,
            pore_modulus="(0, 1)",
            poisson_ratio="(-1, 0.5)",
            solid_diffusivity="(0, 1)",
            solid_permeability="(0, inf)",
            tolerance=f"[{LEAST_TOLERANCE}, 1)",
        )

    @property
    def elasticity(self) -> VoxelElasticity:
        """The elastic problem, in units of the solid's modulus in plane strain."""
        solid = 1 - self.poisson_ratio**2
        return VoxelElasticity(
            (self.pore_modulus * solid, solid), (self.poisson_ratio,) * 2, self.tolerance
        )

    @property
    def diffusion(self) -> VoxelConduction:
        """The diffusion problem, in units of the pores' diffusivity."""
        return VoxelConduction((1.0, self.solid_diffusivity), self.tolerance)

    @property
    def flow(self) -> DarcyBrinkman:
        """The flow problem, in voxels."""
        return DarcyBrinkman((float("inf"), self.solid_permeability), self.tolerance)

    def properties(self, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Modulus, diffusivity and permeability, each averaged over all orientations.

        Parameters
        ----------
        phases : array_like, shape (n, x, y)
            1 in the solid, 0 in the pores.

        Returns
        -------
        ndarray, shape (n, 3)
            In the order of `PROPERTIES`: in-plane modulus over that of the solid, see
            `in_plane_modulus`; diffusivity over that of the pores; permeability in voxel areas.

        Raises
        ------
        ValueError
            If the array has another shape or other values.
        NotConverged
            If solutions do not converge; it names their images and holds all that did converge.
        """
        phases = check_phases(phases, 2, (2,))
        means: list[npt.NDArray[np.float64]] = []
        errors: list[NotConverged] = []
        for solve, convert in (
            (self.elasticity.effective_stiffness, average_modulus),
            (self.diffusion.effective_conductivity, _mean_of_axes),
            (self.flow.effective_permeability, _mean_of_axes),
        ):
            try:
                means.append(convert(solve(phases)))
            except NotConverged as error:
                means.append(convert(error.result))
                errors.append(error)
        properties = np.stack(means, axis=1)
        if errors:
            cells = {cell for error in errors for cell in error.cells}
            raise NotConverged("; ".join(map(str, errors)), cells, properties)
        return properties

    def modulus(self, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """In-plane modulus over that of the solid, shape (n,); errors as of `properties`.

        Fractions between the phases have Lame parameters between theirs.
        """
        cells = check_phases(phases, 2, (2,))
        return converted(lambda: self.elasticity.effective_stiffness(cells), average_modulus)

    def modulus_gradient(
        self, phases: npt.ArrayLike
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """In-plane modulus (n,), and its exact derivative by the phase of each pixel (n, x, y).

        Argument and errors are those of `modulus`.
        """
        cells = check_phases(phases, 2, (2,))
        return converted(
            lambda: self.elasticity.effective_stiffness_and_gradient(cells),
            lambda result: _modulus_and_gradient(*result),
        )


def _mean_of_axes(tensors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.trace(tensors, axis1=1, axis2=2) / 2


def _modulus_and_gradient(
    stiffness: npt.NDArray[np.float64], change: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """In-plane modulus of stiffnesses, and its derivative from theirs."""
    bulk, shear = (np.einsum("ij,nij->n", part, stiffness) for part in (BULK, SHEAR))
    # d(4 K G / (K + G)) = 4 (G^2 dK + K^2 dG) / (K + G)^2.
    share = (np.stack([shear, bulk]) / (bulk + shear)) ** 2
    by_stiffness = np.multiply.outer(share[0], BULK) + np.multiply.outer(share[1], SHEAR)
    return average_modulus(stiffness), 4 * np.einsum("nij,nij...->n...", by_stiffness, change)
