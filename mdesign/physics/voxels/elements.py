"""Bilinear and trilinear elements on a periodic grid of voxels, of any dimension.

Inside an element the displacement is a sum of products of the local coordinates in [-1, 1], one
for each subset S of the axes. The sums and differences of the corner values that give their
coefficients are a Hadamard transform. The products are orthogonal, and their squares integrate to
(1/3)^|S| of the volume, so that full Gauss quadrature is a short sum over the subsets T that a
derivative leaves.

Arrays of nodes and of voxels have the grid's shape. The voxel of an index lies between the node of
the same index and its neighbours above, and a subset is an integer whose bit for axis a is
``1 << (d - 1 - a)``.

References
----------
Hughes, Int. J. Numer. Methods Eng. 15, 1413 (1980): the B-bar element.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from mdesign.storage.compiled import compiled

Array = npt.NDArray[np.floating]


@lru_cache(maxsize=64)
def corner_rows(grid: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """Rows of nodes at the corners of each row of voxels, shape (rows, 2**(d - 1))."""
    leading = grid[:-1]
    rows = np.arange(np.prod(leading, dtype=int)).reshape(leading)
    axes = tuple(range(len(leading)))
    shifts = product((0, 1), repeat=len(leading))
    return np.stack(
        [np.roll(rows, tuple(-s for s in shift), axes).ravel() for shift in shifts], axis=1
    )


@compiled(inline="always")
def _gather(u, row, corners):  # type: ignore[no-untyped-def]
    """Corner values of a row of voxels, and their Hadamard transform."""
    n = u.shape[2]
    for c in range(row.shape[0]):
        for i in range(u.shape[0]):
            line, low, high = u[i, row[c]], corners[2 * c, i], corners[2 * c + 1, i]
            low[:] = line
            high[: n - 1] = line[1:]
            high[n - 1] = line[0]
    bit = 1
    while bit < corners.shape[0]:
        for s in range(corners.shape[0]):
            if not s & bit:
                for i in range(u.shape[0]):
                    low, high = corners[s, i], corners[s | bit, i]
                    for z in range(n):
                        a, b = low[z], high[z]
                        low[z] = a + b
                        high[z] = b - a
        bit *= 2


@compiled(inline="always")
def _scatter(modes, row, out):  # type: ignore[no-untyped-def]
    """Transposed transform of the modes' forces, added to the nodes of a row of voxels."""
    n = out.shape[2]
    bit = 1
    while bit < modes.shape[0]:
        for s in range(modes.shape[0]):
            if not s & bit:
                for i in range(out.shape[0]):
                    low, high = modes[s, i], modes[s | bit, i]
                    for z in range(n):
                        a, b = low[z], high[z]
                        low[z] = a - b
                        high[z] = a + b
        bit *= 2
    for c in range(row.shape[0]):
        for i in range(out.shape[0]):
            line, low, high = out[i, row[c]], modes[2 * c, i], modes[2 * c + 1, i]
            for z in range(n):
                line[z] += low[z]
            for z in range(n - 1):
                line[z + 1] += high[z]
            line[0] += high[n - 1]


@compiled()
def elastic_forces(displacement, strain, first, shear, rows, cells, out):  # type: ignore[no-untyped-def]
    """Nodal forces `out` of displacements (n, d, rows, nz) about mean strains (n, d, d), B-bar.

    `first` and `shear` (cells, rows, nz) are Lame's parameters of each voxel, `rows` comes from
    `corner_rows`, and `cells` (n,) is the cell of each displacement.
    """
    n, d, n_rows, nz = displacement.shape
    subsets = 2**d
    scale = displacement.dtype.type(2.0 ** (1 - d))
    third, two = displacement.dtype.type(1.0 / 3.0), displacement.dtype.type(2.0)
    zero = displacement.dtype.type(0.0)
    corners = np.empty((subsets, d, nz), displacement.dtype)
    forces = np.empty((subsets, d, nz), displacement.dtype)
    trace = np.empty(nz, displacement.dtype)
    for m in range(n):
        out[m] = 0
        for r in range(n_rows):
            _gather(displacement[m], rows[r], corners)
            forces[:] = 0
            lame, mu = first[cells[m], r], shear[cells[m], r]
            # The derivative along axis i turns the mode `left | bit i` into `left`.
            for left in range(subsets - 1):
                # Gauss quadrature: the square of a mode integrates to (1/3)^|left|.
                weight = scale
                for a in range(d):
                    if left >> a & 1:
                        weight *= third
                trace[:] = 0
                for i in range(d):
                    bit = 1 << (d - 1 - i)
                    if not left & bit:
                        mean = strain[m, i, i] if left == 0 else zero
                        for z in range(nz):
                            trace[z] += scale * corners[left | bit, i, z] + mean
                for i in range(d):
                    own = 1 << (d - 1 - i)
                    mean = strain[m, i, i] if left == 0 else zero
                    if not left & own:
                        gradient, force = corners[left | own, i], forces[left | own, i]
                        _stretch(gradient, trace, lame, mu, left, scale, weight, mean, force)
                    for j in range(i):
                        other = 1 << (d - 1 - j)
                        mean = two * strain[m, i, j] if left == 0 else zero
                        _shear(corners, forces, mu, left, i, j, own, other, scale, weight, mean)
            _scatter(forces, rows[r], out[m])


@compiled(inline="always")
def _stretch(gradient, trace, lame, mu, left, scale, weight, mean, force):  # type: ignore[no-untyped-def]
    """Add the forces of the strain along one axis in one mode."""
    two, third = force.dtype.type(2.0), force.dtype.type(1.0 / 3.0)
    if left == 0:
        for z in range(force.shape[0]):
            strain = scale * gradient[z] + mean
            force[z] += weight * (lame[z] * trace[z] + two * mu[z] * strain)
    else:
        # B-bar (Hughes 1980): the volumetric strain is replaced by its mean, so that a mode that
        # varies has only its deviator, e_ii - tr e / 3.
        for z in range(force.shape[0]):
            force[z] += weight * (two * mu[z] * (scale * gradient[z] - third * trace[z]))


@compiled(inline="always")
def _shear(corners, forces, mu, left, i, j, own, other, scale, weight, mean):  # type: ignore[no-untyped-def]
    """Add the forces of the engineering shear strain of axes i and j in one mode."""
    nz = mu.shape[0]
    along_j, along_i = not left & other, not left & own
    if along_j and along_i:
        a, b = corners[left | other, i], corners[left | own, j]
        fa, fb = forces[left | other, i], forces[left | own, j]
        for z in range(nz):
            stress = weight * (mu[z] * (scale * (a[z] + b[z]) + mean))
            fa[z] += stress
            fb[z] += stress
    elif along_j:
        a, fa = corners[left | other, i], forces[left | other, i]
        for z in range(nz):
            fa[z] += weight * (mu[z] * (scale * a[z] + mean))
    elif along_i:
        b, fb = corners[left | own, j], forces[left | own, j]
        for z in range(nz):
            fb[z] += weight * (mu[z] * (scale * b[z] + mean))


@compiled()
def conductive_fluxes(potential, gradient, conductivity, rows, cells, out):  # type: ignore[no-untyped-def]
    """Nodal fluxes of potentials about mean gradients, full quadrature.

    The arguments are those of `elastic_forces`: potentials (n, 1, rows, nz), mean gradients (n, d)
    and conductivities (cells, rows, nz).
    """
    n, _, n_rows, nz = potential.shape
    d = gradient.shape[1]
    subsets = 2**d
    scale = potential.dtype.type(2.0 ** (1 - d))
    third = potential.dtype.type(1.0 / 3.0)
    corners = np.empty((subsets, 1, nz), potential.dtype)
    fluxes = np.empty((subsets, 1, nz), potential.dtype)
    for m in range(n):
        out[m] = 0
        for r in range(n_rows):
            _gather(potential[m], rows[r], corners)
            fluxes[:] = 0
            k = conductivity[cells[m], r]
            # Full quadrature: the sum over the modes of k grad.grad, (1/3)^|left| each.
            for mode in range(1, subsets):
                amplitude, flux = corners[mode, 0], fluxes[mode, 0]
                for axis in range(d):
                    bit = 1 << (d - 1 - axis)
                    if mode & bit:
                        left = mode ^ bit
                        weight = scale
                        for a in range(d):
                            if left >> a & 1:
                                weight *= third
                        mean = gradient[m, axis] if left == 0 else potential.dtype.type(0)
                        for z in range(nz):
                            flux[z] += weight * (k[z] * (scale * amplitude[z] + mean))
            _scatter(fluxes, rows[r], out[m])


def centroid_gradients(nodal: Array, d: int) -> Array:
    """Gradients (d, ..., *grid) at the centroids of the elements, of nodal values (..., *grid)."""
    gradients = np.empty((d, *nodal.shape), nodal.dtype)
    for along in range(d):
        values = nodal
        for axis in range(d):
            above = np.roll(values, -1, axis=axis - d)
            values = above - values if axis == along else values + above
        np.multiply(values, 2.0 ** (1 - d), out=gradients[along])
    return gradients


def gradient_modes(nodal: Array, d: int) -> Array:
    """Gradients inside the elements, by the subset of axes along which they vary.

    Of nodal values (..., *grid), in an array (2**d - 1, d, ..., *grid): the coefficient of the
    product of the local coordinates of a subset in the derivative along an axis; zero where the
    subset holds that axis.
    """
    modes = nodal[np.newaxis]
    for axis in range(-d, 0):
        above = np.roll(modes, -1, axis=axis)
        modes = np.stack([modes + above, above - modes], axis=1)
        modes = modes.reshape(-1, *modes.shape[2:])
    gradients = np.zeros((2**d - 1, d, *nodal.shape), nodal.dtype)
    for left, axis in product(range(2**d - 1), range(d)):
        bit = 1 << (d - 1 - axis)
        if not left & bit:
            gradients[left, axis] = 2.0 ** (1 - d) * modes[left | bit]
    return gradients


def mode_weights(d: int) -> Array:
    """Share of the volume that the square of each subset's product integrates to."""
    return np.array([(1 / 3) ** subset.bit_count() for subset in range(2**d - 1)])
