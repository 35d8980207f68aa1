"""Compiled toughness by the first element to fail, of many cracked plates at once.

The factorisation is that of `mdesign.physics.fracture.kernels`. One back-substitution gives the
displacements, and with them the largest principal strain of each element. The strain of the element
that fails first, another one in each lane, is the functional whose adjoint gives the gradient; it
takes the place of that of the tip.
"""

import math

import numpy as np

from mdesign.physics.fracture.kernels import (
    LOAD,
    TIP,
    factorise,
    fast,
    gather,
    gather_displacement,
    reduce,
    sensitivity,
)
from mdesign.physics.fracture.simd import (
    fill,
    load,
    maximum,
    multiply,
    multiply_add,
    negate,
    square_root,
    store,
)


@fast
def _substitute_forward(band, inverse, sides, side, n_equations, bandwidth, stride):
    """Forward substitution of one right-hand side, by the columns of the factor."""
    for column in range(n_equations):
        # y_i -= (D L)_ij y_j / D_j for all rows i below j.
        scaled = negate(multiply(load(sides, 2 * column + side), load(inverse, column)))
        for step in range(1, min(bandwidth, n_equations - 1 - column) + 1):
            place = 2 * (column + step) + side
            entry = load(band, column * stride + step)
            store(sides, place, multiply_add(entry, scaled, load(sides, place)))


@fast
def _substitute_back(band, inverse, sides, side, n_equations, bandwidth, stride):
    """Turn one right-hand side into its solution, last equation first."""
    # x_j = (y_j - sum over i > j of (D L)_ij x_i) / D_j; two partial sums hide the latency.
    for column in range(n_equations - 1, -1, -1):
        near, far = load(sides, 2 * column + side), fill(band, 0.0)
        reach = min(bandwidth, n_equations - 1 - column)
        for step in range(1, reach, 2):
            at, row = column * stride + step, 2 * (column + step) + side
            near = multiply_add(negate(load(band, at)), load(sides, row), near)
            far = multiply_add(negate(load(band, at + 1)), load(sides, row + 2), far)
        if reach % 2:
            last = negate(load(band, column * stride + reach))
            near = multiply_add(last, load(sides, 2 * (column + reach) + side), near)
        pivot = load(inverse, column)
        store(sides, 2 * column + side, multiply_add(pivot, far, multiply(pivot, near)))


@fast
def _strain(tables, local, component):
    """One component of the strain at the centroid of a gathered element."""
    strain = fill(local, 0.0)
    for corner in range(8):
        value = fill(local, tables.centroid[component, corner])
        strain = multiply_add(value, load(local, corner), strain)
    return strain


@fast
def _find_indices(x, tables, sides, local, indices, result):
    """Failure index E eps**2 of each element, and the largest one of each lane."""
    half, zero = fill(x, 0.5), fill(x, 0.0)
    largest = zero
    for element in range(tables.position.shape[0]):
        gather_displacement(tables, sides, element, local)
        e11, e22 = _strain(tables, local, 0), _strain(tables, local, 1)
        shear = multiply(half, _strain(tables, local, 2))
        # Mohr's circle: the largest principal strain is the centre plus the radius.
        lean = multiply(half, multiply_add(fill(x, -1.0), e22, e11))
        radius = square_root(multiply_add(lean, lean, multiply(shear, shear)))
        strain = multiply_add(half, e11, multiply_add(half, e22, radius))
        strain = maximum(strain, zero)  # only tension counts
        index = multiply(load(x, element), multiply(strain, strain))
        store(indices, element, index)
        largest = maximum(largest, index)
    store(result, 1, largest)


@fast
def _solve(x, tables, band, inverse, sides, factors, local, indices, result):
    """Displacements, stiffness of the top edge (result 0) and largest failure index (result 1)."""
    n_equations, bandwidth, stride = tables.sizes[3], tables.sizes[1], band.size // inverse.size
    top = factorise(x, tables, band, inverse, sides, factors)
    reduce(top, tables, inverse, sides, result)
    _substitute_back(band, inverse, sides, LOAD, n_equations, bandwidth, stride)
    _find_indices(x, tables, sides, local, indices, result)


@fast
def compute_first_ratios(moduli, tables, work, out):
    """Energy over the largest E eps**2 of each design of a contiguous batch."""
    x, band, inverse, sides, factors, result, local, indices = work
    width = result.size // 2
    for start in range(0, moduli.shape[0], width):
        gather(moduli, start, x)
        _solve(x, tables, band, inverse, sides, factors, local, indices, result)
        for lane in range(min(width, moduli.shape[0] - start)):
            out[start + lane] = result[lane] / (2 * result[width + lane])


@fast
def _start_adjoint(tables, sides, element, lane, width):
    """Write the functional of the principal strain of one element into a lane; its strain."""
    e11 = e22 = shear = 0.0
    for corner in range(8):
        equation = tables.equation[element, corner]
        shift = tables.top_share[element, corner]
        if equation >= 0:
            shift = -sides[(2 * equation + LOAD) * width + lane]
        e11 += tables.centroid[0, corner] * shift
        e22 += tables.centroid[1, corner] * shift
        shear += tables.centroid[2, corner] * shift
    # eps = (e11 + e22) / 2 + r with r = sqrt((e11 - e22)**2 + shear**2) / 2.
    radius = math.sqrt((e11 - e22) ** 2 + shear**2) / 2
    lean = turn = 0.0  # a subgradient where all directions are principal
    if radius > 0:
        lean, turn = (e11 - e22) / (4 * radius), shear / (4 * radius)
    for corner in range(8):
        equation = tables.equation[element, corner]
        if equation >= 0:
            b11, b22 = tables.centroid[0, corner], tables.centroid[1, corner]
            value = (0.5 + lean) * b11 + (0.5 - lean) * b22 + turn * tables.centroid[2, corner]
            sides[(2 * equation + TIP) * width + lane] = value
    return (e11 + e22) / 2 + radius


@fast
def _start_adjoints(tables, sides, indices, result, first):
    """Functionals and strains (result 1) of the elements that fail first, one a lane."""
    width = first.size
    for equation in range(tables.sizes[0]):
        store(sides, 2 * equation + TIP, fill(sides, 0.0))
    for lane in range(width):
        first[lane] = 0
        for element in range(1, tables.position.shape[0]):
            if indices[element * width + lane] > indices[first[lane] * width + lane]:
                first[lane] = element
        strain = _start_adjoint(tables, sides, first[lane], lane, width)
        result[width + lane] = strain


@fast
def compute_first_gradients(moduli, tables, work, out, out_gradient):
    """Energy ratio and its gradient with respect to the moduli, for a contiguous batch."""
    x, band, inverse, sides, factors, result, local, gradient = work
    n_equations, bandwidth = tables.sizes[3], tables.sizes[1]
    width, stride = result.size // 2, band.size // inverse.size
    first = np.empty(width, np.int64)
    for start in range(0, moduli.shape[0], width):
        n_designs = min(width, moduli.shape[0] - start)
        gather(moduli, start, x)
        _solve(x, tables, band, inverse, sides, factors, local, gradient, result)
        for lane in range(n_designs):
            out[start + lane] = result[lane] / (2 * result[width + lane])
        _start_adjoints(tables, sides, gradient, result, first)
        _substitute_forward(band, inverse, sides, TIP, n_equations, bandwidth, stride)
        _substitute_back(band, inverse, sides, TIP, n_equations, bandwidth, stride)
        sensitivity(tables, sides, result, local, gradient)
        for lane in range(n_designs):
            design, element = start + lane, first[lane]
            for other in range(moduli.shape[1]):
                out_gradient[design, other] = out[design] * gradient[other * width + lane]
            # Where several elements fail together this is a subgradient, by the first of them.
            out_gradient[design, element] -= out[design] / moduli[design, element]
