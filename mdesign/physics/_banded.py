"""Compiled banded factorisation of many cracked plates at once, one design a SIMD lane.

K = L D L^T column by column (left-looking), seven sub-diagonals at a time in registers. The
load b and the crack-tip functional c are carried along as right-hand sides, so that the
stiffness of the top edge, ``K_pp - b^T K^-1 b``, and the tip strain, ``-c^T K^-1 b``, need no
back-substitution.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import numpy.typing as npt

from mdesign.physics._lanes import (
    aligned,
    divide,
    fill,
    load,
    multiply,
    multiply_add,
    negate,
    store,
)
from mdesign.physics._mesh import STRIP, HalfModel

Array = npt.NDArray[np.floating]

#: Right-hand sides carried along: the load and the tip functional.
LOAD, TIP = 0, 1
#: Designs a thread takes at least; below this, starting a thread costs more than it saves.
DESIGNS_PER_THREAD = 64

compiled = numba.njit(cache=True, nogil=True, error_model="numpy")


@compiled
def _gather(moduli, start, x):
    """Transpose a block of designs into lanes; the last design fills what is left over."""
    width = x.size // moduli.shape[1]
    for lane in range(width):
        design = min(start + lane, moduli.shape[0] - 1)
        for element in range(moduli.shape[1]):
            x[element * width + lane] = moduli[design, element]


@compiled
def _assemble(x, tables, band, sides):
    """Stiffness band and right-hand sides of a block; returns the top edge's own stiffness."""
    band[:] = 0
    sides[:] = 0
    top = fill(x, 0.0)
    for element in range(tables.position.shape[0]):
        modulus = load(x, element)
        for entry in range(tables.value.size):
            place = tables.position[element, entry]
            if place >= 0:
                value = fill(x, tables.value[entry])
                store(band, place, multiply_add(value, modulus, load(band, place)))
        if tables.top_energy[element] != 0:
            top = multiply_add(fill(x, tables.top_energy[element]), modulus, top)
            for corner in range(8):
                equation = tables.equation[element, corner]
                if equation >= 0:
                    row = 2 * equation + LOAD
                    value = fill(x, tables.load[element, corner])
                    store(sides, row, multiply_add(value, modulus, load(sides, row)))
    for corner in range(8):
        row = tables.tip_equation[corner]
        if row >= 0:
            store(sides, 2 * row + TIP, fill(x, tables.tip_strain[corner]))
    return top


@compiled
def _eliminate_strip(band, inverse, column, first, bandwidth, stride):
    """Subtract from seven entries of a column what the columns before it contribute."""
    at = column * stride + first
    a0, a1, a2, a3 = load(band, at), load(band, at + 1), load(band, at + 2), load(band, at + 3)
    a4, a5, a6 = load(band, at + 4), load(band, at + 5), load(band, at + 6)
    for back in range(1, min(column, bandwidth - first) + 1):
        row = (column - back) * stride + back
        factor = negate(multiply(load(band, row), load(inverse, column - back)))
        row += first
        a0 = multiply_add(factor, load(band, row), a0)
        a1 = multiply_add(factor, load(band, row + 1), a1)
        a2 = multiply_add(factor, load(band, row + 2), a2)
        a3 = multiply_add(factor, load(band, row + 3), a3)
        a4 = multiply_add(factor, load(band, row + 4), a4)
        a5 = multiply_add(factor, load(band, row + 5), a5)
        a6 = multiply_add(factor, load(band, row + 6), a6)
    store(band, at, a0)
    store(band, at + 1, a1)
    store(band, at + 2, a2)
    store(band, at + 3, a3)
    store(band, at + 4, a4)
    store(band, at + 5, a5)
    store(band, at + 6, a6)


@compiled
def _eliminate_sides(band, inverse, sides, column, bandwidth, stride):
    """Forward substitution of both right-hand sides for one equation."""
    b, c = load(sides, 2 * column + LOAD), load(sides, 2 * column + TIP)
    for back in range(1, min(column, bandwidth) + 1):
        row = column - back
        factor = negate(multiply(load(band, row * stride + back), load(inverse, row)))
        b = multiply_add(factor, load(sides, 2 * row + LOAD), b)
        c = multiply_add(factor, load(sides, 2 * row + TIP), c)
    store(sides, 2 * column + LOAD, b)
    store(sides, 2 * column + TIP, c)


@compiled
def _factorise(band, inverse, sides, n_equations, bandwidth, stride):
    """L D L^T in place: the columns hold D L, `inverse` holds 1 / D."""
    one = fill(band, 1.0)
    for column in range(n_equations):
        for first in range(0, bandwidth + 1, STRIP):
            _eliminate_strip(band, inverse, column, first, bandwidth, stride)
        _eliminate_sides(band, inverse, sides, column, bandwidth, stride)
        store(inverse, column, divide(one, load(band, column * stride)))


@compiled
def _reduce(top, tables, inverse, sides, result):
    """Stiffness of the top edge and strain at the tip."""
    stiffness, strain = top, fill(inverse, tables.tip_offset)
    for row in range(tables.sizes[0]):
        b = load(sides, 2 * row + LOAD)
        scaled = negate(multiply(b, load(inverse, row)))
        stiffness = multiply_add(scaled, b, stiffness)
        strain = multiply_add(scaled, load(sides, 2 * row + TIP), strain)
    store(result, 0, stiffness)
    store(result, 1, strain)


@compiled
def _values(moduli, tables, work, out):
    """Energy ratio of each design of a contiguous batch."""
    x, band, inverse, sides, result = work
    n_equations, bandwidth, tip = tables.sizes
    width = result.size // 2
    stride = band.size // inverse.size
    for start in range(0, moduli.shape[0], width):
        _gather(moduli, start, x)
        top = _assemble(x, tables, band, sides)
        _factorise(band, inverse, sides, n_equations, bandwidth, stride)
        _reduce(top, tables, inverse, sides, result)
        for lane in range(min(width, moduli.shape[0] - start)):
            strain = result[width + lane]
            out[start + lane] = result[lane] / (2 * x[tip * width + lane] * strain * strain)


@compiled
def _substitute_back(band, inverse, sides, n_equations, bandwidth, stride):
    """Turn both right-hand sides into solutions, last equation first."""
    for column in range(n_equations - 1, -1, -1):
        b0, c0 = load(sides, 2 * column + LOAD), load(sides, 2 * column + TIP)
        b1 = c1 = fill(band, 0.0)
        reach = min(bandwidth, n_equations - 1 - column)
        for step in range(1, reach, 2):
            row = 2 * (column + step)
            near = negate(load(band, column * stride + step))
            far = negate(load(band, column * stride + step + 1))
            b0 = multiply_add(near, load(sides, row + LOAD), b0)
            c0 = multiply_add(near, load(sides, row + TIP), c0)
            b1 = multiply_add(far, load(sides, row + 2 + LOAD), b1)
            c1 = multiply_add(far, load(sides, row + 2 + TIP), c1)
        if reach % 2:
            last = negate(load(band, column * stride + reach))
            b0 = multiply_add(last, load(sides, 2 * (column + reach) + LOAD), b0)
            c0 = multiply_add(last, load(sides, 2 * (column + reach) + TIP), c0)
        pivot = load(inverse, column)
        store(sides, 2 * column + LOAD, multiply_add(pivot, b1, multiply(pivot, b0)))
        store(sides, 2 * column + TIP, multiply_add(pivot, c1, multiply(pivot, c0)))


@compiled
def _gather_element(tables, sides, element, local):
    """Displacements (places 0 to 7) and adjoint displacements (8 to 15) of one element."""
    for corner in range(8):
        equation = tables.equation[element, corner]
        if equation >= 0:
            store(local, corner, negate(load(sides, 2 * equation + LOAD)))
            store(local, 8 + corner, load(sides, 2 * equation + TIP))
        else:
            store(local, corner, fill(local, tables.top_share[element, corner]))
            store(local, 8 + corner, fill(local, 0.0))


@compiled
def _sensitivity(tables, sides, result, local, gradient):
    """Derivative of ln(K / eps**2) with respect to each modulus."""
    energy_weight = divide(fill(local, 1.0), load(result, 0))
    strain_weight = divide(fill(local, 2.0), load(result, 1))
    for element in range(tables.position.shape[0]):
        _gather_element(tables, sides, element, local)
        total = fill(local, 0.0)
        for row in range(8):
            force = fill(local, 0.0)
            for column in range(8):
                value = fill(local, tables.stiffness[row, column])
                force = multiply_add(value, load(local, column), force)
            weight = multiply(energy_weight, load(local, row))
            weight = multiply_add(strain_weight, load(local, 8 + row), weight)
            total = multiply_add(weight, force, total)
        store(gradient, element, total)


@compiled
def _gradients(moduli, tables, work, out, out_gradient):
    """Energy ratio and its gradient with respect to the moduli, for a contiguous batch."""
    x, band, inverse, sides, result, local, gradient = work
    n_equations, bandwidth, tip = tables.sizes
    width = result.size // 2
    stride = band.size // inverse.size
    for start in range(0, moduli.shape[0], width):
        _gather(moduli, start, x)
        top = _assemble(x, tables, band, sides)
        _factorise(band, inverse, sides, n_equations, bandwidth, stride)
        _reduce(top, tables, inverse, sides, result)
        _substitute_back(band, inverse, sides, n_equations, bandwidth, stride)
        _sensitivity(tables, sides, result, local, gradient)
        for lane in range(min(width, moduli.shape[0] - start)):
            design, strain = start + lane, result[width + lane]
            modulus = x[tip * width + lane]
            out[design] = result[lane] / (2 * modulus * strain * strain)
            for element in range(moduli.shape[1]):
                out_gradient[design, element] = out[design] * gradient[element * width + lane]
            out_gradient[design, tip] -= out[design] / modulus


def _workspace(mesh: HalfModel, dtype: np.dtype, *, gradient: bool) -> tuple[Array, ...]:
    """Memory of one thread: moduli, band, 1 / D, right-hand sides, result [, local, gradient]."""
    n_elements, n_equations = mesh.nx * mesh.ny, mesh.n_equations
    stride = mesh.bandwidth + STRIP
    rows = [n_elements, n_equations * stride, n_equations, 2 * n_equations, 2]
    if gradient:
        rows += [16, n_elements]
    return tuple(aligned(n, dtype) for n in rows)


def _in_threads(task: Callable[[slice], None], n: int) -> None:
    """Run `task` on contiguous parts of n designs, as many at once as numba may use threads."""
    parts = max(1, min(numba.get_num_threads(), n // DESIGNS_PER_THREAD))
    cuts = np.linspace(0, n, parts + 1).astype(int)
    slices = [slice(a, b) for a, b in zip(cuts[:-1], cuts[1:], strict=True)]
    if parts == 1:
        task(slices[0])
        return
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(task, slices))


def energy_ratio(mesh: HalfModel, moduli: Array) -> Array:
    """Elastic energy over ``E_tip * eps_tip**2`` for each row of moduli.

    Parameters
    ----------
    mesh : HalfModel
        Mesh and supports.
    moduli : ndarray, shape (n, nx * ny)
        Young's moduli; float64 or float32, which sets the precision of the solution.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    FloatingPointError
        If a factorisation breaks down.
    """
    out = np.empty(len(moduli), dtype=moduli.dtype)

    def solve(part: slice) -> None:
        work = _workspace(mesh, moduli.dtype, gradient=False)
        _values(moduli[part], mesh.tables, work, out[part])

    _in_threads(solve, len(moduli))
    return _checked(out)


def energy_ratio_and_gradient(mesh: HalfModel, moduli: Array) -> tuple[Array, Array]:
    """Energy ratio of each row of moduli, and its exact gradient.

    Parameters
    ----------
    mesh : HalfModel
        Mesh and supports.
    moduli : ndarray, shape (n, nx * ny)
        Young's moduli, float64.

    Returns
    -------
    ratio : ndarray, shape (n,)
    gradient : ndarray, shape (n, nx * ny)

    Raises
    ------
    FloatingPointError
        If a factorisation breaks down.

    Notes
    -----
    With the displacement u and the adjoint w = K^-1 c, the derivatives with respect to the
    modulus of element e are u_e^T k0 u_e for the stiffness and -w_e^T k0 u_e for the strain.
    """
    out, gradient = np.empty(len(moduli)), np.empty(moduli.shape)

    def solve(part: slice) -> None:
        work = _workspace(mesh, moduli.dtype, gradient=True)
        _gradients(moduli[part], mesh.tables, work, out[part], gradient[part])

    _in_threads(solve, len(moduli))
    return _checked(out), gradient


def _checked(ratio: Array) -> Array:
    """Refuse results of a factorisation that broke down."""
    bad = ~(np.isfinite(ratio) & (ratio > 0))
    if bad.any():
        raise FloatingPointError(
            f"the stiffness matrix of {bad.sum()} of {ratio.size} designs could not be "
            f"factorised (first: design {np.flatnonzero(bad)[0]})"
        )
    return ratio
