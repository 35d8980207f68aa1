"""Conjugate gradients for periodic media, preconditioned by a homogeneous reference medium.

In a homogeneous medium the equations of a periodic grid decouple by frequency. The inverse of the
reference medium's small matrix at each frequency is the preconditioner: with it the number of
iterations depends on the contrast of the phases and hardly on the number of voxels, so that a
solution costs a few fast Fourier transforms an iteration.

References
----------
Schneider, Merkert and Kabel, Int. J. Numer. Methods Eng. 109, 1461 (2017): linear elements.
Zeman, Vondrejc, Novak and Marek, J. Comput. Phys. 229, 8065 (2010): conjugate gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.fft

from mdesign.physics.threads import run_in_threads
from mdesign.storage.compiled import compiled

Array = npt.NDArray[np.floating]
#: Writes the operator of the members in a slice, applied to an array, into another.
Operator = Callable[[Array, slice, Array], None]

#: Numbers of a field solved at once, so that the vectors of a block fit into a core's cache.
BLOCK_SIZE = 2**15


class NotConverged(RuntimeError):
    """An iterative solution did not reach its tolerance.

    Attributes
    ----------
    cells : list of int
        Indices of the cells without a solution; empty where there is no batch.
    result : object
        What would have been returned, with NaN for these cells; None where there is no batch.
    """

    def __init__(self, message: str, cells: Iterable[int] = (), result: Any = None) -> None:
        super().__init__(message, cells, result)
        self.cells = sorted(cells)
        self.result = result

    def __str__(self) -> str:
        return str(self.args[0])


def converted(solve: Callable[[], Any], convert: Callable[[Any], Any]) -> Any:
    """Convert what a solver returns, or what its `NotConverged` carries."""
    try:
        return convert(solve())
    except NotConverged as error:
        raise NotConverged(str(error), error.cells, convert(error.result)) from None


@dataclass(frozen=True)
class Solution:
    """Solutions of a batch."""

    #: Solutions (n, components, *grid), NaN where a cell has none, and the forces left unbalanced.
    values: Array
    residual: Array
    #: Iterations of each member (n,).
    iterations: npt.NDArray[np.intp]
    #: Norm of the preconditioned residual relative to that of the forces (n,).
    error: npt.NDArray[np.float64]
    #: What to say of the cells without a solution.
    failed: dict[int, str]

    def checked(self, result: Any) -> Any:
        """Return what is computed from the solutions, or raise `NotConverged` with it."""
        if not self.failed:
            return result
        first = min(self.failed)
        raise NotConverged(
            f"{self.failed[first]}. This is cell {first}; {len(self.failed)} cells did not "
            f"converge: {sorted(self.failed)}; those that did are in the attribute result of this "
            "error",
            self.failed,
            result,
        )


class Preconditioner:
    """Inverse of a homogeneous medium, one small Hermitian matrix a frequency.

    `inverse` has shape (components, components, *half_grid), on the frequencies of a real
    transform.
    """

    def __init__(self, inverse: npt.NDArray, grid: tuple[int, ...]) -> None:
        self.grid = grid
        self.axes = tuple(range(-len(grid), 0))
        components = len(inverse)
        self.inverse = np.ascontiguousarray(inverse.reshape(components, components, -1))

    @classmethod
    def of_medium(cls, response: Array, grid: tuple[int, ...]) -> Preconditioner:
        """Invert the response (components, components, *grid) of a medium to a unit at node 0."""
        axes = tuple(range(-len(grid), 0))
        # A symmetric stencil has a real transform; what is imaginary is rounding.
        symbol = scipy.fft.rfftn(response.astype(np.float64), axes=axes).real
        matrices = np.moveaxis(symbol, (0, 1), (-2, -1))
        # A uniform shift costs no energy: frequency 0 is singular and left out.
        matrices[(0,) * len(grid)] = np.eye(len(response))
        inverse = np.moveaxis(np.linalg.inv(matrices), (-2, -1), (0, 1)).copy()
        inverse.reshape(len(response), len(response), -1)[..., 0] = 0
        return cls(inverse.astype(response.dtype), grid)

    def __call__(self, residual: Array) -> Array:
        """Apply to residuals ``(n, components, *grid)``."""
        spectrum = scipy.fft.rfftn(residual, axes=self.axes)
        shape = spectrum.shape
        flat = spectrum.reshape(*shape[:2], -1)
        _multiply(self.inverse, flat)
        return scipy.fft.irfftn(flat.reshape(shape), s=self.grid, axes=self.axes, overwrite_x=True)


def solve(
    apply: Operator,
    precondition: Preconditioner,
    forces: Array,
    *,
    cases: int,
    tolerance: float,
    max_iterations: int,
    what: str,
) -> Solution:
    """Solve a batch of periodic problems for a symmetric positive operator.

    The forces (n, components, *grid), `cases` of a cell one after another, are overwritten by the
    residual. A member has converged at the relative norm `tolerance` of its preconditioned
    residual; what does not is called `what`. The null space of the preconditioner is left out of
    the solution.
    """
    values = np.zeros_like(forces)
    iterations = np.zeros(len(forces), np.intp)
    error = np.zeros(len(forces))
    size = max(1, BLOCK_SIZE // forces[0].size)
    slices = [slice(a, min(a + size, len(forces))) for a in range(0, len(forces), size)]

    def task(part: slice) -> None:
        iterations[part], error[part] = _iterate(
            lambda p, out: apply(p, part, out),
            precondition,
            values[part],
            forces[part],
            tolerance,
            max_iterations,
        )

    run_in_threads(task, slices)
    failed = {}
    for member in np.flatnonzero(~(error <= tolerance)).tolist():
        values.reshape(-1, cases, *values.shape[1:])[member // cases] = np.nan
        failed[member // cases] = (
            f"{what} did not converge: relative residual {error[member]:.2g} after "
            f"{iterations[member]} iterations where tolerance is {tolerance:.2g}; raise tolerance "
            "or max_iterations, lower the contrast of the phases, or use float64"
        )
    return Solution(values, forces, iterations, error, failed)


def _iterate(
    apply: Callable[[Array, Array], None],
    precondition: Preconditioner,
    x: Array,
    r: Array,
    tolerance: float,
    max_iterations: int,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Conjugate gradients on a block of members; those that have converged stay as they are."""
    flat: Any = (len(x), -1)
    x, r = x.reshape(flat), r.reshape(flat)
    grid = (len(x), -1, *precondition.grid)
    # Hestenes and Stiefel with the preconditioned residual z:
    # alpha = r.z / p.Ap, beta = new r.z / old r.z; both are 0 for a converged member.
    z = precondition(r.reshape(grid))
    p, q = z.copy(), np.empty_like(z)
    start = product = _scalar_products(r, z.reshape(flat))
    iterations = np.zeros(len(x), np.intp)
    running = product > 0
    while running.any() and iterations.max() < max_iterations:
        apply(p, q)
        curvature = _scalar_products(p.reshape(flat), q.reshape(flat))
        alpha = np.divide(product, curvature, out=np.zeros(len(x)), where=running)
        _update_solution(x, r, p.reshape(flat), q.reshape(flat), alpha)
        z = precondition(r.reshape(grid))
        previous, product = (
            product,
            np.where(running, _scalar_products(r, z.reshape(flat)), product),
        )
        iterations += running
        # r.z is the squared norm of the residual in the metric of the preconditioner.
        running = running & (product > tolerance**2 * start)
        beta = np.divide(product, previous, out=np.zeros(len(x)), where=running)
        _update_direction(p.reshape(flat), z.reshape(flat), beta)
    ratio = np.divide(np.abs(product), start, out=np.zeros(len(x)), where=start > 0)
    return iterations, np.sqrt(ratio)


@compiled()
def _multiply(matrices, vectors):  # type: ignore[no-untyped-def]
    """Matrix of each frequency times the vector of each member, in place."""
    n, components, size = vectors.shape
    out = np.empty((components, size), vectors.dtype)
    for m in range(n):
        for i in range(components):
            row = out[i]
            for k in range(size):
                row[k] = matrices[i, 0, k] * vectors[m, 0, k]
            for j in range(1, components):
                for k in range(size):
                    row[k] += matrices[i, j, k] * vectors[m, j, k]
        vectors[m] = out


@compiled(fastmath={"reassoc", "contract"})
def _scalar_products(a, b):  # type: ignore[no-untyped-def]
    """Scalar product of each member, summed in double precision."""
    n, size = a.shape
    out = np.zeros(n)
    for m in range(n):
        total = 0.0
        for k in range(size):
            total += np.float64(a[m, k]) * np.float64(b[m, k])
        out[m] = total
    return out


@compiled()
def _update_solution(x, r, p, q, alpha):  # type: ignore[no-untyped-def]
    """Step along the direction p, whose image is q."""
    for m in range(x.shape[0]):
        step = x.dtype.type(alpha[m])
        for k in range(x.shape[1]):
            x[m, k] += step * p[m, k]
            r[m, k] -= step * q[m, k]


@compiled()
def _update_direction(p, z, beta):  # type: ignore[no-untyped-def]
    """Next direction."""
    for m in range(p.shape[0]):
        share = p.dtype.type(beta[m])
        for k in range(p.shape[1]):
            p[m, k] = z[m, k] + share * p[m, k]
