"""Periodic cells of voxel elements under several mean gradients: forces, solutions, energies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdesign.physics.voxels.conjugate_gradients import Preconditioner, Solution, solve
from mdesign.physics.voxels.elements import corner_rows

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Cells:
    """A batch of cells of one kind of element."""

    #: `mdesign.physics.voxels.elements.elastic_forces` or `conductive_fluxes`.
    kernel: Callable[..., None]
    #: Properties (n, *grid) of each voxel, in the order of the kernel.
    properties: tuple[Array, ...]
    #: Mean strains or gradients (cases, ...); every cell is solved under each, one after another.
    cases: Array
    #: Unknowns of a node.
    components: int

    @property
    def grid(self) -> tuple[int, ...]:
        """Voxels along each axis."""
        return self.properties[0].shape[1:]

    def forces(self) -> Array:
        """Nodal forces that the mean strains leave unbalanced, shape (n * cases, c, *grid)."""
        n = len(self.properties[0])
        shape = (n * len(self.cases), self.components, *self.grid)
        dtype = self.properties[0].dtype
        out = np.empty(shape, dtype)
        self._apply(
            np.zeros(shape, dtype), np.concatenate([-self.cases] * n), slice(0, len(out)), out
        )
        return out

    def solve(
        self,
        precondition: Preconditioner,
        forces: Array,
        *,
        tolerance: float,
        max_iterations: int,
        what: str,
    ) -> Solution:
        """Nodal values that balance the forces, which are overwritten by the residual."""
        means = np.zeros((len(forces), *self.cases.shape[1:]))
        return solve(
            lambda values, members, out: self._apply(values, means[members], members, out),
            precondition,
            forces,
            cases=len(self.cases),
            tolerance=tolerance,
            max_iterations=max_iterations,
            what=what,
        )

    def relaxed(self, forces: Array, solution: Solution) -> npt.NDArray[np.float64]:
        """Energy of each pair of cases that the nodal values relax, shape (n, cases, cases)."""
        # f^T u + u^T r with the residual r = f - K u: the energy is stationary at the solution, so
        # that its error is of second order in that of u.
        shape = (-1, len(self.cases), forces[0].size)
        left, values = (a.reshape(shape).astype(np.float64) for a in (forces, solution.values))
        residual = solution.residual.reshape(shape).astype(np.float64)
        work = left @ values.swapaxes(1, 2) + values @ residual.swapaxes(1, 2)
        return (work + work.swapaxes(1, 2)) / (2 * np.prod(self.grid))

    def _apply(self, values: Array, means: Array, members: slice, out: Array) -> None:
        shape = (*values.shape[:2], -1, self.grid[-1])
        voxels = (-1, np.prod(self.grid[:-1], dtype=int), self.grid[-1])
        self.kernel(
            values.reshape(shape),
            means.astype(values.dtype),
            *(field.reshape(voxels) for field in self.properties),
            corner_rows(self.grid),
            np.arange(members.start, members.stop) // len(self.cases),
            out.reshape(shape),
        )


def reference_preconditioner(
    kernel: Callable[..., None],
    properties: tuple[float, ...],
    grid: tuple[int, ...],
    components: int,
    dtype: str,
) -> Preconditioner:
    """Invert the homogeneous reference medium of these properties on a grid."""
    d = len(grid)
    # The response to a unit at node 0 is the stencil; its transform is the symbol of the operator.
    unit = np.zeros((components, components, *grid), dtype)
    unit.reshape(components, components, -1)[..., 0] = np.eye(components)
    fields = tuple(np.full((1, *grid), value, dtype) for value in properties)
    means = np.zeros((components, *[d] * (2 if components == d else 1)), dtype)
    response = np.empty_like(unit)
    cells = Cells(kernel, fields, means, components)
    cells._apply(unit, means, slice(0, components), response)
    return Preconditioner.of_medium(response, grid)
