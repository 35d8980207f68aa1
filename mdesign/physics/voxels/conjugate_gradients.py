"""Conjugate gradients for periodic media, preconditioned by a homogeneous medium.

In a homogeneous medium the equations of a periodic grid decouple by frequency. The inverse of a
reference medium's small matrix at each frequency is the preconditioner: with it the number of
iterations depends on the contrast of the phases and hardly on the number of voxels, so that the
cost of a solution is that of some fast Fourier transforms.

References
----------
M. Schneider, D. Merkert, M. Kabel, "FFT-based homogenization for microstructures discretized by
linear hexahedral elements", Int. J. Numer. Methods Eng. 2017, 109, 1461.
J. Zeman, J. Vondrejc, J. Novak, I. Marek, "Accelerating a FFT-based solver for numerical
homogenization of periodic media by conjugate gradients", J. Comput. Phys. 2010, 229, 8065.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import scipy.fft

from mdesign.physics._threads import for_each

Array = npt.NDArray[np.floating]
Operator = Callable[[Array, slice, Array], None]
"""Writes the operator of the members in a slice, applied to an array, into another."""

#: Numbers of a field that are worked on at once: some of them fit into a core's cache.
NUMBERS_AT_ONCE = 2**15


class NotConverged(RuntimeError):
    """An iterative solution did not reach its tolerance."""


@dataclass(frozen=True)
class Solution:
    """Solutions of a batch.

    Attributes
    ----------
    values, residual : ndarray, shape (n, components, *grid)
        Solutions, and the forces left unbalanced.
    iterations : ndarray of int, shape (n,)
        Iterations of each member.
    error : ndarray, shape (n,)
        Norm of the preconditioned residual relative to that of the forces.
    """

    values: Array
    residual: Array
    iterations: npt.NDArray[np.intp]
    error: npt.NDArray[np.float64]


class Preconditioner:
    """Inverse of a homogeneous medium, one small Hermitian matrix a frequency.

    Parameters
    ----------
    inverse : ndarray, shape (components, components, *half_grid)
        Inverse matrices on the frequencies of a real transform, real or complex.
    grid : tuple of int
        Nodes along each axis.
    """

    def __init__(self, inverse: npt.NDArray, grid: tuple[int, ...]) -> None:
        self.grid = grid
        self.axes = tuple(range(-len(grid), 0))
        components = len(inverse)
        self.inverse = np.ascontiguousarray(inverse.reshape(components, components, -1))

    @classmethod
    def of_medium(cls, response: Array, grid: tuple[int, ...]) -> Preconditioner:
        """Invert what a homogeneous medium's operator makes of a unit at node 0.

        Parameters
        ----------
        response : ndarray, shape (components, components, *grid)
            Response to a unit of each component, as a batch.
        grid : tuple of int
            Nodes along each axis.

        Returns
        -------
        Preconditioner
        """
        axes = tuple(range(-len(grid), 0))
        # A symmetric stencil has a real transform; what is imaginary is rounding.
        symbol = scipy.fft.rfftn(response.astype(np.float64), axes=axes).real
        matrices = np.moveaxis(symbol, (0, 1), (-2, -1))
        # A uniform shift costs nothing; leave it out.
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
    tolerance: float,
    max_iterations: int,
    what: str,
) -> Solution:
    """Solve a batch of periodic problems.

    Parameters
    ----------
    apply : callable
        The symmetric positive operator.
    precondition : Preconditioner
        Of a medium with like stiffness; its null space is left out of the solution.
    forces : ndarray, shape (n, components, *grid)
        Right-hand sides; overwritten by the residual.
    tolerance : float
        Relative norm of the preconditioned residual at which a member has converged.
    max_iterations : int
        Iterations after which the solution is given up.
    what : str
        What is solved, for the message.

    Returns
    -------
    Solution
        Of all members.

    Raises
    ------
    NotConverged
        If a member does not converge; the message has its residual and the iterations.
    """
    values = np.zeros_like(forces)
    iterations = np.zeros(len(forces), np.intp)
    error = np.zeros(len(forces))
    size = max(1, NUMBERS_AT_ONCE // forces[0].size)
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

    for_each(task, slices)
    bad = np.flatnonzero(~(error <= tolerance))
    if bad.size:
        worst = bad[np.nanargmax(np.where(np.isnan(error[bad]), np.inf, error[bad]))]
        raise NotConverged(
            f"{what} did not converge for {bad.size} of {len(forces)} load cases (first: case "
            f"{bad[0]}): relative residual {error[worst]:.2g} after {iterations[worst]} "
            f"iterations where tolerance is {tolerance:.2g}; raise tolerance or max_iterations, "
            "lower the contrast of the phases, or use float64"
        )
    return Solution(values, forces, iterations, error)


def _iterate(
    apply: Callable[[Array, Array], None],
    precondition: Preconditioner,
    x: Array,
    r: Array,
    tolerance: float,
    max_iterations: int,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Conjugate gradients on some members; one that has converged stands still."""
    flat: Any = (len(x), -1)
    x, r = x.reshape(flat), r.reshape(flat)
    grid = (len(x), -1, *precondition.grid)
    z = precondition(r.reshape(grid))
    p, q = z.copy(), np.empty_like(z)
    start = product = _dots(r, z.reshape(flat))
    iterations = np.zeros(len(x), np.intp)
    running = product > 0
    while running.any() and iterations.max() < max_iterations:
        apply(p, q)
        curvature = _dots(p.reshape(flat), q.reshape(flat))
        alpha = np.divide(product, curvature, out=np.zeros(len(x)), where=running)
        _advance(x, r, p.reshape(flat), q.reshape(flat), alpha)
        z = precondition(r.reshape(grid))
        previous, product = product, np.where(running, _dots(r, z.reshape(flat)), product)
        iterations += running
        running = running & (product > tolerance**2 * start)
        beta = np.divide(product, previous, out=np.zeros(len(x)), where=running)
        _turn(p.reshape(flat), z.reshape(flat), beta)
    ratio = np.divide(np.abs(product), start, out=np.zeros(len(x)), where=start > 0)
    return iterations, np.sqrt(ratio)


@numba.njit(nogil=True, cache=True)
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


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _dots(a, b):  # type: ignore[no-untyped-def]
    """Scalar product of each member, summed in double precision."""
    n, size = a.shape
    out = np.zeros(n)
    for m in range(n):
        total = 0.0
        for k in range(size):
            total += np.float64(a[m, k]) * np.float64(b[m, k])
        out[m] = total
    return out


@numba.njit(nogil=True, cache=True)
def _advance(x, r, p, q, alpha):  # type: ignore[no-untyped-def]
    """Step along the direction p, whose image is q."""
    for m in range(x.shape[0]):
        step = x.dtype.type(alpha[m])
        for k in range(x.shape[1]):
            x[m, k] += step * p[m, k]
            r[m, k] -= step * q[m, k]


@numba.njit(nogil=True, cache=True)
def _turn(p, z, beta):  # type: ignore[no-untyped-def]
    """Next direction."""
    for m in range(p.shape[0]):
        share = p.dtype.type(beta[m])
        for k in range(p.shape[1]):
            p[m, k] = z[m, k] + share * p[m, k]
