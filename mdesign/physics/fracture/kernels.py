"""Compiled banded factorisation of many cracked plates at once, one design a SIMD lane.

K = L D L^T is computed left-looking, two columns and seven sub-diagonals at a time in registers.
The load b and the crack-tip functional c are right-hand sides of the forward substitution. They
give the stiffness of the top edge, ``K_pp - b^T K^-1 b``, and the tip strain, ``-c^T K^-1 b``,
without back-substitution.

Every kernel works on flat arrays of vectors of `mdesign.physics.fracture.simd`.
"""

import numpy as np

from mdesign.physics.fracture.mesh import STRIP
from mdesign.physics.fracture.simd import divide, fill, load, multiply, multiply_add, negate, store
from mdesign.storage.compiled import compiled

#: Right-hand sides: the load and the tip functional.
LOAD, TIP = 0, 1
fast = compiled(error_model="numpy")


@fast
def gather(moduli, start, x):
    """Transpose a block of designs into lanes; the last design fills lanes that are left over."""
    width = x.size // moduli.shape[1]
    for lane in range(width):
        design = min(start + lane, moduli.shape[0] - 1)
        for element in range(moduli.shape[1]):
            x[element * width + lane] = moduli[design, element]


@fast
def _start_sides(tables, sides):
    """Right-hand sides before assembly: no load, and the functional of the tip strain."""
    sides[:] = 0
    for corner in range(8):
        equation = tables.tip_equation[corner]
        if equation >= 0:
            store(sides, 2 * equation + TIP, fill(sides, tables.tip_strain[corner]))


@fast
def _start_columns(tables, band, first, last, stride):
    """Clear columns of the band; the equation that only pads has a pivot of 1."""
    zero = fill(band, 0.0)
    for place in range(first * stride, last * stride):
        store(band, place, zero)
    for equation in range(max(first, tables.sizes[3]), last):
        store(band, equation * stride, fill(band, 1.0))


@fast
def _add_element(x, tables, band, sides, top, element):
    """Add one element to the band and the load; returns the stiffness of the top edge so far."""
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
    return top


@fast
def _scale(band, inverse, factors, column, reach, stride):
    """Minus the entries of L that couple a pair of columns to the columns before it."""
    # The band holds D L, so that -L_jk = -(D L)_jk / D_k.
    for back in range(1, reach + 1):
        row = (column - back) * stride + back
        pivot = negate(load(inverse, column - back))
        store(factors, 2 * back, multiply(pivot, load(band, row)))
        store(factors, 2 * back + 1, multiply(pivot, load(band, row + 1)))


@fast
def _eliminate_strip(band, factors, column, first, reach, stride):
    """Subtract from seven entries of two columns what the columns before them contribute."""
    # (D L)_ij = K_ij - sum over k < j of L_jk (D L)_ik. The entries (D L)_ik of an earlier column
    # are loaded once for both columns, and all fourteen sums stay in registers.
    at = column * stride + first
    a0, a1, a2, a3 = load(band, at), load(band, at + 1), load(band, at + 2), load(band, at + 3)
    a4, a5, a6 = load(band, at + 4), load(band, at + 5), load(band, at + 6)
    on = at + stride
    b0, b1, b2, b3 = load(band, on), load(band, on + 1), load(band, on + 2), load(band, on + 3)
    b4, b5, b6 = load(band, on + 4), load(band, on + 5), load(band, on + 6)
    for back in range(1, reach + 1):
        row = (column - back) * stride + back + first
        a, b = load(factors, 2 * back), load(factors, 2 * back + 1)
        a0 = multiply_add(a, load(band, row), a0)
        u = load(band, row + 1)
        a1, b0 = multiply_add(a, u, a1), multiply_add(b, u, b0)
        u = load(band, row + 2)
        a2, b1 = multiply_add(a, u, a2), multiply_add(b, u, b1)
        u = load(band, row + 3)
        a3, b2 = multiply_add(a, u, a3), multiply_add(b, u, b2)
        u = load(band, row + 4)
        a4, b3 = multiply_add(a, u, a4), multiply_add(b, u, b3)
        u = load(band, row + 5)
        a5, b4 = multiply_add(a, u, a5), multiply_add(b, u, b4)
        u = load(band, row + 6)
        a6, b5 = multiply_add(a, u, a6), multiply_add(b, u, b5)
        b6 = multiply_add(b, load(band, row + 7), b6)
    store(band, at, a0)
    store(band, at + 1, a1)
    store(band, at + 2, a2)
    store(band, at + 3, a3)
    store(band, at + 4, a4)
    store(band, at + 5, a5)
    store(band, at + 6, a6)
    store(band, on, b0)
    store(band, on + 1, b1)
    store(band, on + 2, b2)
    store(band, on + 3, b3)
    store(band, on + 4, b4)
    store(band, on + 5, b5)
    store(band, on + 6, b6)


@fast
def _eliminate_sides(sides, factors, column, reach):
    """Forward substitution of both right-hand sides for a pair of equations."""
    # y_j = b_j - sum over k < j of L_jk y_k, the same factors as for the columns.
    near = 2 * column
    b0, c0 = load(sides, near + LOAD), load(sides, near + TIP)
    b1, c1 = load(sides, near + 2 + LOAD), load(sides, near + 2 + TIP)
    for back in range(1, reach + 1):
        first, second = load(factors, 2 * back), load(factors, 2 * back + 1)
        b, c = load(sides, near - 2 * back + LOAD), load(sides, near - 2 * back + TIP)
        b0, c0 = multiply_add(first, b, b0), multiply_add(first, c, c0)
        b1, c1 = multiply_add(second, b, b1), multiply_add(second, c, c1)
    store(sides, near + LOAD, b0)
    store(sides, near + TIP, c0)
    store(sides, near + 2 + LOAD, b1)
    store(sides, near + 2 + TIP, c1)


@fast
def _finish_pair(band, inverse, sides, column, bandwidth, stride):
    """Pivots of a pair of columns, the second after the contribution of the first."""
    # The strips left out what the first column of the pair contributes to the second.
    at, one = column * stride, fill(band, 1.0)
    pivot = divide(one, load(band, at))
    store(inverse, column, pivot)
    factor = negate(multiply(load(band, at + 1), pivot))
    for step in range(bandwidth):
        place = at + stride + step
        store(band, place, multiply_add(factor, load(band, at + 1 + step), load(band, place)))
    for side in range(2):
        place = 2 * column + 2 + side
        store(sides, place, multiply_add(factor, load(sides, place - 2), load(sides, place)))
    store(inverse, column + 1, divide(one, load(band, at + stride)))


@fast
def factorise(x, tables, band, inverse, sides, factors):
    """Assemble and factorise; the columns then hold D L, `inverse` holds 1 / D.

    Returns what the elements add to the stiffness of the top edge.
    """
    bandwidth, stride = tables.sizes[1], band.size // inverse.size
    nx = tables.first.size - 2
    ny = tables.position.shape[0] // nx
    top = fill(x, 0.0)
    _start_sides(tables, sides)
    _start_columns(tables, band, 0, tables.first[1], stride)
    column = 0
    for ix in range(nx):
        _start_columns(tables, band, tables.first[ix + 1], tables.first[ix + 2], stride)
        for element in range(ny * ix, ny * (ix + 1)):
            top = _add_element(x, tables, band, sides, top, element)
        # Equations are eliminated as soon as all elements around them are assembled, while they
        # are still in the nearest cache.
        complete = tables.first[ix + 1] if ix + 1 < nx else tables.first[ix + 2]
        while column + 1 < complete:
            reach = min(column, bandwidth)
            _scale(band, inverse, factors, column, reach, stride)
            for start in range(0, bandwidth + 1, STRIP):
                part = min(reach, bandwidth - start)
                _eliminate_strip(band, factors, column, start, part, stride)
            _eliminate_sides(sides, factors, column, reach)
            _finish_pair(band, inverse, sides, column, bandwidth, stride)
            column += 2
    return top


@fast
def reduce(top, tables, inverse, sides, result):
    """Stiffness of the top edge and strain at the tip."""
    # With y = L^-1 b and z = L^-1 c: b^T K^-1 b = sum of y^2 / D and c^T K^-1 b = sum of y z / D.
    stiffness, strain = top, fill(inverse, tables.tip_offset)
    for row in range(tables.sizes[0]):
        b = load(sides, 2 * row + LOAD)
        scaled = negate(multiply(b, load(inverse, row)))
        stiffness = multiply_add(scaled, b, stiffness)
        strain = multiply_add(scaled, load(sides, 2 * row + TIP), strain)
    store(result, 0, stiffness)
    store(result, 1, strain)


@fast
def compute_ratios(moduli, tables, work, out):
    """Energy ratio of each design of a contiguous batch."""
    x, band, inverse, sides, factors, result = work
    tip, width = tables.sizes[2], result.size // 2
    for start in range(0, moduli.shape[0], width):
        gather(moduli, start, x)
        top = factorise(x, tables, band, inverse, sides, factors)
        reduce(top, tables, inverse, sides, result)
        # Energy K / 2 at unit displacement over E_tip eps_tip^2 (Chen and Gu 2020, Eqs. 2 and 5).
        for lane in range(min(width, moduli.shape[0] - start)):
            strain = result[width + lane]
            out[start + lane] = result[lane] / (2 * x[tip * width + lane] * strain * strain)
            if abs(strain) < tables.least_strain:
                out[start + lane] = np.inf


@fast
def _substitute_back(band, inverse, sides, n_equations, bandwidth, stride):
    """Turn both right-hand sides into solutions, last equation first."""
    # x_j = (y_j - sum over i > j of (D L)_ij x_i) / D_j; two partial sums hide the latency.
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


@fast
def gather_displacement(tables, sides, element, local):
    """Displacements of one element, at places 0 to 7."""
    for corner in range(8):
        equation = tables.equation[element, corner]
        if equation >= 0:
            # u = -K^-1 b; the right-hand side b is the force of the prescribed top edge.
            store(local, corner, negate(load(sides, 2 * equation + LOAD)))
        else:
            store(local, corner, fill(local, tables.top_share[element, corner]))


@fast
def _gather_adjoint(tables, sides, element, local):
    """Adjoint displacements of one element, at places 8 to 15."""
    for corner in range(8):
        equation = tables.equation[element, corner]
        if equation >= 0:
            store(local, 8 + corner, load(sides, 2 * equation + TIP))
        else:
            store(local, 8 + corner, fill(local, 0.0))


@fast
def sensitivity(tables, sides, result, local, gradient):
    """Differentiate ln(K / eps**2) with respect to each modulus."""
    # dK = u_e^T k0 u_e and d eps = -w_e^T k0 u_e with the adjoint w = K^-1 c, so that
    # d ln(K / eps^2) = (u_e / K + 2 w_e / eps)^T k0 u_e.
    energy_weight = divide(fill(local, 1.0), load(result, 0))
    strain_weight = divide(fill(local, 2.0), load(result, 1))
    for element in range(tables.position.shape[0]):
        gather_displacement(tables, sides, element, local)
        _gather_adjoint(tables, sides, element, local)
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


@fast
def compute_gradients(moduli, tables, work, out, out_gradient):
    """Energy ratio and its gradient with respect to the moduli, for a contiguous batch."""
    x, band, inverse, sides, factors, result, local, gradient = work
    n_equations, bandwidth, tip, _ = tables.sizes
    width, stride = result.size // 2, band.size // inverse.size
    for start in range(0, moduli.shape[0], width):
        gather(moduli, start, x)
        top = factorise(x, tables, band, inverse, sides, factors)
        reduce(top, tables, inverse, sides, result)
        _substitute_back(band, inverse, sides, n_equations, bandwidth, stride)
        sensitivity(tables, sides, result, local, gradient)
        for lane in range(min(width, moduli.shape[0] - start)):
            design, strain = start + lane, result[width + lane]
            modulus = x[tip * width + lane]
            out[design] = result[lane] / (2 * modulus * strain * strain)
            for element in range(moduli.shape[1]):
                out_gradient[design, element] = out[design] * gradient[element * width + lane]
            # The modulus of the tip element also stands in the denominator of the ratio.
            out_gradient[design, tip] -= out[design] / modulus
            if abs(strain) < tables.least_strain:
                out[design] = np.inf
