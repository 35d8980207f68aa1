"""Energy ratio of many cracked plates, spread over threads."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
import numpy.typing as npt

from mdesign.physics.fracture import first_failure, kernels
from mdesign.physics.fracture.mesh import LEAST_TIP_STRAIN, HalfModel
from mdesign.physics.fracture.simd import allocate_vectors
from mdesign.physics.threads import run_in_threads, split_range

Array = npt.NDArray[np.floating]

#: Designs a thread takes at least; below this, starting a thread costs more than it saves.
DESIGNS_PER_THREAD = 64


class SingularToughness(ArithmeticError):
    """The strain at the crack tip nearly vanishes, so that a toughness by it has no meaning."""


def _workspace(mesh: HalfModel, dtype: np.dtype, *, fields: bool) -> tuple[Array, ...]:
    """Memory of a thread: moduli, band, 1/D, right-hand sides, factors, result.

    With `fields` also the displacements of an element, and a value of each element.
    """
    n_elements, n = mesh.nx * mesh.ny, mesh.n_padded
    rows = [n_elements, n * mesh.stride, n, 2 * n, 2 * mesh.bandwidth + 2, 2]
    if fields:
        rows += [16, n_elements]
    return tuple(allocate_vectors(count, dtype) for count in rows)


def _in_threads(task: Callable[[slice], None], n: int) -> None:
    """Run `task` on contiguous parts of n designs."""
    run_in_threads(task, split_range(n, min(numba.get_num_threads(), n // DESIGNS_PER_THREAD)))


def energy_ratio(mesh: HalfModel, moduli: Array, failure: str) -> Array:
    """Elastic energy over ``E * eps**2`` for each row of moduli, shape (n, nx * ny).

    `failure` says where: at the crack tip, or where it is largest; see `CrackedComposite`. The
    dtype of the moduli, float64 or float32, is the precision of the solution.
    """
    out = np.empty(len(moduli), dtype=moduli.dtype)

    def solve(part: slice) -> None:
        work = _workspace(mesh, moduli.dtype, fields=failure == "first")
        if failure == "first":
            first_failure.compute_first_ratios(moduli[part], mesh.tables, work, out[part])
        else:
            kernels.compute_ratios(moduli[part], mesh.tables, work, out[part])

    _in_threads(solve, len(moduli))
    return _check_ratio(out)


def energy_ratio_and_gradient(mesh: HalfModel, moduli: Array, failure: str) -> tuple[Array, Array]:
    """Energy ratio of each row of moduli, shape (n, nx * ny), and its adjoint gradient."""
    # With the displacement u and the adjoint w = K^-1 c, the derivatives with respect to the
    # modulus of element e are u_e^T k0 u_e (stiffness) and -w_e^T k0 u_e (strain).
    out, gradient = np.empty(len(moduli)), np.empty(moduli.shape)

    def solve(part: slice) -> None:
        work = _workspace(mesh, moduli.dtype, fields=True)
        data = moduli[part], mesh.tables, work, out[part], gradient[part]
        if failure == "first":
            first_failure.compute_first_gradients(*data)
        else:
            kernels.compute_gradients(*data)

    _in_threads(solve, len(moduli))
    return _check_ratio(out), gradient


def _check_ratio(ratio: Array) -> Array:
    """Raise SingularToughness for infinite ratios, FloatingPointError for other failures."""
    shielded = np.flatnonzero(np.isposinf(ratio))
    if shielded.size:
        raise SingularToughness(
            f"{shielded.size} of {ratio.size} designs (first: design {shielded[0]}) have a strain "
            f"at the crack tip below {LEAST_TIP_STRAIN:g} of the mean strain and fail elsewhere: "
            "toughness by the tip has no meaning; use CrackedComposite(failure='first')"
        )
    bad = ~(np.isfinite(ratio) & (ratio > 0))
    if bad.any():
        raise FloatingPointError(
            f"the stiffness matrix of {bad.sum()} of {ratio.size} designs could not be "
            f"factorised (first: design {np.flatnonzero(bad)[0]})"
        )
    return ratio
