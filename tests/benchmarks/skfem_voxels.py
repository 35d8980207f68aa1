"""The same periodic voxels solved by scikit-fem, which comes with the extra ``test``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import scipy.sparse.linalg

from mdesign.physics.voxels.conduction import VoxelConduction
from mdesign.physics.voxels.elasticity import VOIGT, VoxelElasticity

__all__ = ["PeriodicMesh", "skfem_conductivity", "skfem_elasticity", "skfem_stiffness"]

Array = npt.NDArray[np.float64]


class PeriodicMesh:
    """The same elements in scikit-fem: unit squares or cubes, opposite sides joined.

    `basis` has full quadrature, `centre` one point at the centroid of each element. `join` leads
    from the unknowns to all nodal values; one node is held, so that nothing moves as a whole. The
    unknowns are displacements if `vector` is true, else a potential.
    """

    def __init__(self, grid: tuple[int, ...], *, vector: bool) -> None:
        import skfem

        d = len(grid)
        flat = d == 2
        element = skfem.ElementQuad1() if flat else skfem.ElementHex1()
        sides = [np.arange(side + 1.0) for side in grid]
        mesh = (skfem.MeshQuad if flat else skfem.MeshHex).init_tensor(*sides)
        if vector:
            element = skfem.ElementVector(element)
        self.grid = grid
        self.basis = skfem.Basis(mesh, element, intorder=2)
        middle = np.full((d, 1), 0.5), np.ones(1)
        self.centre = skfem.Basis(mesh, element, quadrature=middle)
        corners = np.floor(mesh.p[:, mesh.t].mean(axis=1)).astype(int)
        self._voxel = np.ravel_multi_index(tuple(corners), grid)
        nodes = np.round(mesh.p).astype(int)
        self.join = self._joined(np.ravel_multi_index(tuple(nodes), grid, mode="wrap"))

    def field(self, values: npt.NDArray, basis: Any) -> npt.NDArray:
        """Values of the voxels at the points of quadrature of a basis."""
        return np.repeat(values.ravel()[self._voxel][:, None], basis.X.shape[1], axis=1)

    def affine(self) -> Array:
        """Nodal values of unit strains in Voigt order, or of unit gradients, one a column."""
        position, dofs = self.basis.doflocs, self.basis.nodal_dofs
        if len(dofs) == 1:
            return position.T
        cases = VOIGT[len(dofs)]
        values = np.zeros((self.basis.N, len(cases)))
        for case, (i, j) in enumerate(cases):
            for own, other in ((i, j), (j, i)):
                values[dofs[own], case] = position[other, dofs[own]] / (1 if i == j else 2)
        return values

    def system(self, matrix: Any, affine: Array) -> tuple[Any, Array]:
        """Matrix of the unknowns, and the forces that affine fields leave unbalanced."""
        return (self.join.T @ matrix @ self.join).tocsc(), -(self.join.T @ (matrix @ affine))

    def relaxed(self, matrix: Any) -> Array:
        """Energy between affine fields once the interior has relaxed, factorised once."""
        affine = self.affine()
        joined, forces = self.system(matrix, affine)
        solution = scipy.sparse.linalg.splu(joined).solve(forces)
        return (affine.T @ (matrix @ affine) - forces.T @ solution) / np.prod(self.grid)

    def _joined(self, master: npt.NDArray[np.intp]) -> Any:
        """Sparse matrix of ones that gives every node the values of its master."""
        components = len(self.basis.nodal_dofs)
        columns = np.empty(self.basis.N, int)
        for i in range(components):
            columns[self.basis.nodal_dofs[i]] = master * components + i
        places = (np.arange(self.basis.N), columns)
        shape = (self.basis.N, components * int(np.prod(self.grid)))
        return sp.csr_matrix((np.ones(self.basis.N), places), shape)[:, components:]


def skfem_elasticity(cell: npt.NDArray, medium: VoxelElasticity, mesh: PeriodicMesh) -> Any:
    """Stiffness of all nodes for the phases of a cell, before opposite sides are joined."""
    from skfem import BilinearForm
    from skfem.helpers import ddot, sym_grad, trace

    # B-bar: deviators with full quadrature, the volumetric strain at the centroids.
    first, shear = medium.lame_parameters
    bulk = first + 2 * shear / 3

    @BilinearForm
    def deviatoric(u: Any, v: Any, w: Any) -> Any:
        a, b = sym_grad(u), sym_grad(v)
        return 2 * w.shear * (ddot(a, b) - trace(a) * trace(b) / 3)

    @BilinearForm
    def volumetric(u: Any, v: Any, w: Any) -> Any:
        return w.bulk * trace(sym_grad(u)) * trace(sym_grad(v))

    matrix = deviatoric.assemble(mesh.basis, shear=mesh.field(shear[cell], mesh.basis))
    return matrix + volumetric.assemble(mesh.centre, bulk=mesh.field(bulk[cell], mesh.centre))


def skfem_stiffness(cell: npt.NDArray, medium: VoxelElasticity, mesh: PeriodicMesh) -> Array:
    """Effective stiffness of one cell, as `VoxelElasticity.effective_stiffness` gives it."""
    return mesh.relaxed(skfem_elasticity(cell, medium, mesh))


def skfem_conductivity(cell: npt.NDArray, medium: VoxelConduction, mesh: PeriodicMesh) -> Array:
    """Effective conductivity of one cell, as `VoxelConduction.effective_conductivity` gives it."""
    from skfem import BilinearForm
    from skfem.helpers import dot, grad

    @BilinearForm
    def flux(u: Any, v: Any, w: Any) -> Any:
        return w.conductivity * dot(grad(u), grad(v))

    values = mesh.field(np.asarray(medium.conductivities)[cell], mesh.basis)
    return mesh.relaxed(flux.assemble(mesh.basis, conductivity=values))
