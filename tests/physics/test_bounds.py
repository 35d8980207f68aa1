"""Bounds: closed forms, order, and solved microstructures that obey them."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mdesign.physics import PorousMedium, VoxelConduction, VoxelElasticity
from mdesign.physics.bounds import (
    hashin_shtrikman_bulk,
    hashin_shtrikman_conductivity,
    hashin_shtrikman_modulus,
    hashin_shtrikman_shear,
    in_plane_moduli,
    voigt_reuss,
)

ROUNDING = 1e-9
moduli = st.floats(0.01, 100)
positive = st.tuples(moduli, moduli, moduli)


def all_bounds(bulk, shear, shares, dimension):
    """Pairs of bounds, the narrower beside the wider, each a list of lower and upper."""
    return [
        (hashin_shtrikman_conductivity(bulk, shares, dimension), voigt_reuss(bulk, shares)),
        (hashin_shtrikman_bulk(bulk, shear, shares, dimension), voigt_reuss(bulk, shares)),
        (hashin_shtrikman_shear(bulk, shear, shares, dimension), voigt_reuss(shear, shares)),
    ]


def test_layers_have_the_voigt_and_reuss_values():
    layers = np.tile([0, 0, 0, 1], (1, 4, 1))
    found = VoxelConduction((2.0, 5.0)).effective_conductivity(layers)[0]
    lower, upper = voigt_reuss([2.0, 5.0], [0.75, 0.25])
    assert found.diagonal() == pytest.approx([upper, lower], rel=1e-9)


@settings(deadline=None)
@given(positive, positive, hnp.arrays(float, (5, 3), elements=st.floats(0.01, 1)))
@pytest.mark.parametrize("dimension", [2, 3])
def test_the_bounds_are_in_order(dimension, bulk, shear, raw):
    shares = raw / raw.sum(axis=1, keepdims=True)
    for narrow, wide in all_bounds(bulk, shear, shares, dimension):
        slack = ROUNDING * wide.upper
        assert (wide.lower <= narrow.lower + slack).all()
        assert (narrow.lower <= narrow.upper + slack).all()
        assert (narrow.upper <= wide.upper + slack).all()


@pytest.mark.parametrize("dimension", [2, 3])
def test_equal_phases_and_pure_phases_leave_no_choice(dimension):
    for narrow, wide in all_bounds([3.0, 3.0], [2.0, 2.0], [[0.3, 0.7]], dimension):
        assert np.ptp([*narrow, *wide]) < 1e-12
    for narrow, _ in all_bounds([3.0, 5.0], [2.0, 7.0], np.eye(2), dimension):
        assert narrow.lower == pytest.approx(narrow.upper)
    assert hashin_shtrikman_shear([3, 5], [2, 7], np.eye(2), dimension).upper.tolist() == (
        pytest.approx([2, 7])
    )


@pytest.mark.parametrize("dimension", [2, 3])
def test_equal_shear_moduli_fix_the_bulk_modulus(dimension):
    # Hill's exact result: 1 / (K + c) is a mean over the phases, with c = mu or 4 mu / 3.
    around = {2: 1.0, 3: 4 / 3}[dimension] * 2.5
    expected = 1 / (0.4 / (1 + around) + 0.6 / (7 + around)) - around
    found = hashin_shtrikman_bulk([1, 7], [2.5, 2.5], [0.4, 0.6], dimension)
    assert found == pytest.approx([expected, expected], rel=1e-12)


@pytest.mark.parametrize(("dimension", "slope"), [(2, 2.0), (3, 1.5)])
def test_few_holes_in_a_conductor(dimension, slope):
    # Maxwell: discs take away twice their fraction of the conductivity, spheres 3/2 of it.
    fraction, hole = 1e-4, 1e-9
    upper = hashin_shtrikman_conductivity([hole, 1], [fraction, 1 - fraction], dimension).upper
    assert (1 - upper) / fraction == pytest.approx(slope, rel=1e-3)


def test_few_round_holes_in_a_solid():
    # In the plane the modulus falls by three times the fraction of round holes, whatever
    # Poisson's ratio; its upper bound is met by them.
    for ratio in (0.0, 0.3, 0.45):
        upper = hashin_shtrikman_modulus(1 - 1e-4, (1e-9, 1.0), ratio).upper
        assert (1 - upper) / 1e-4 == pytest.approx(3, rel=1e-3)


def test_few_spheres_in_a_solid():
    # Eshelby's dilute cavities: 1 - K / K_s = phi (1 + 3 K / (4 G)), and for the shear modulus
    # 5 (3 K + 4 G) / (9 K + 8 G).
    bulk, shear, fraction = 2.0, 1.2, 1e-5
    shares = [fraction, 1 - fraction]
    weak = 1e-9
    k = hashin_shtrikman_bulk([weak, bulk], [weak, shear], shares, 3).upper
    g = hashin_shtrikman_shear([weak, bulk], [weak, shear], shares, 3).upper
    assert (1 - k / bulk) / fraction == pytest.approx(1 + 3 * bulk / (4 * shear), rel=1e-3)
    expected = 5 * (3 * bulk + 4 * shear) / (9 * bulk + 8 * shear)
    assert (1 - g / shear) / fraction == pytest.approx(expected, rel=1e-3)


def test_the_textbook_forms_of_two_phases():
    # Hashin and Shtrikman (1963) for a soft phase 1 and a stiff phase 2 in space; Hashin (1965)
    # in plane strain.
    k1, k2, g1, g2, c1, c2 = 1.0, 8.0, 0.6, 5.0, 0.35, 0.65
    shares = [c1, c2]
    upper = k2 + c1 / (1 / (k1 - k2) + 3 * c2 / (3 * k2 + 4 * g2))
    assert hashin_shtrikman_bulk([k1, k2], [g1, g2], shares, 3).upper == pytest.approx(upper)
    bracket = 6 * (k1 + 2 * g1) * c1 / (5 * g1 * (3 * k1 + 4 * g1))
    lower = g1 + c2 / (1 / (g2 - g1) + bracket)
    assert hashin_shtrikman_shear([k1, k2], [g1, g2], shares, 3).lower == pytest.approx(lower)
    lower = k1 + c2 / (1 / (k2 - k1) + c1 / (k1 + g1))
    assert hashin_shtrikman_bulk([k1, k2], [g1, g2], shares, 2).lower == pytest.approx(lower)
    upper = g2 + c1 / (1 / (g1 - g2) + (k2 + 2 * g2) * c2 / (2 * g2 * (k2 + g2)))
    assert hashin_shtrikman_shear([k1, k2], [g1, g2], shares, 2).upper == pytest.approx(upper)


def test_the_modulus_rises_from_pores_to_solid():
    fractions = np.linspace(0, 1, 21)
    found = hashin_shtrikman_modulus(fractions)
    for bound in found:
        assert bound.shape == (21,)
        assert bound[[0, -1]] == pytest.approx([1e-3, 1])
        assert (np.diff(bound) > 0).all()
    assert (found.upper <= fractions + 1e-3 * (1 - fractions) + 1e-12).all()
    # Three times the porosity, in the limit of holes: (1 - p) / (1 + 2 p).
    holes = hashin_shtrikman_modulus(fractions, (1e-9, 1.0)).upper
    assert holes == pytest.approx(fractions / (3 - 2 * fractions), abs=1e-6)


def test_moduli_in_the_plane_are_those_of_the_solver():
    stiffness = VoxelElasticity((2.0, 1.0), (0.3, 0.3)).effective_stiffness(
        np.zeros((1, 2, 2), int)
    )[0]
    bulk, shear = in_plane_moduli(2.0, 0.3)
    assert stiffness[0, 0] == pytest.approx(bulk + shear)
    assert stiffness[0, 1] == pytest.approx(bulk - shear)
    assert stiffness[2, 2] == pytest.approx(shear)


# Random microstructures: each cell of a small pattern is resolved by six elements each way, then
# by twelve. Elements are stiffer than what they stand for (one a pixel makes a chessboard as stiff
# as the mean of its phases), by second order in the contrast where the bounds differ by third: a
# bound may be passed by the elements' error, which is less than what halving them changes.
def assert_obeys(bounds, coarse, solve):
    crude, found = (solve(np.kron(coarse, np.ones((k, k), int))[None]) for k in (6, 12))
    slack = abs(crude - found) + 1e-6 * bounds.upper
    assert bounds.lower - slack <= found <= bounds.upper + slack


patterns = hnp.arrays(np.int64, (4, 4), elements=st.integers(0, 1))
contrasts = st.floats(0.02, 50)


@settings(deadline=None, max_examples=40)
@given(patterns, contrasts)
def test_any_conductor_obeys_the_bounds(coarse, contrast):
    values = (1.0, contrast)
    shares = [1 - coarse.mean(), coarse.mean()]

    def conductivity(cells):
        return np.trace(VoxelConduction(values).effective_conductivity(cells)[0]) / 2

    assert_obeys(hashin_shtrikman_conductivity(values, shares), coarse, conductivity)


@settings(deadline=None, max_examples=30)
@given(patterns, contrasts, st.floats(0.05, 0.4))
def test_any_solid_obeys_the_bounds(coarse, contrast, ratio):
    youngs = (1.0, contrast)

    # Of the stiffness averaged over all orientations.
    def bulk_and_shear(cells):
        c = VoxelElasticity(youngs, (ratio, ratio)).effective_stiffness(cells)[0]
        bulk = (c[0, 0] + c[1, 1] + 2 * c[0, 1]) / 4
        return bulk, (c[0, 0] + c[1, 1] - 2 * c[0, 1] + 4 * c[2, 2]) / 8

    def modulus(cells):
        bulk, shear = bulk_and_shear(cells)
        return 4 * bulk * shear / (bulk + shear)

    phases = in_plane_moduli(youngs, ratio)
    shares = [1 - coarse.mean(), coarse.mean()]
    of_modulus = hashin_shtrikman_modulus(shares[1], tuple(np.divide(youngs, 1 - ratio**2)), ratio)
    assert_obeys(hashin_shtrikman_bulk(*phases, shares), coarse, lambda c: bulk_and_shear(c)[0])
    assert_obeys(hashin_shtrikman_shear(*phases, shares), coarse, lambda c: bulk_and_shear(c)[1])
    assert_obeys(of_modulus, coarse, modulus)


@settings(deadline=None, max_examples=20)
@given(patterns, st.floats(0.01, 0.9))
@example(np.eye(1, 16, dtype=int).reshape(4, 4) ^ 1, 0.875)
def test_any_modulus_obeys_the_bounds(coarse, pore_modulus):
    medium = PorousMedium(pore_modulus=pore_modulus)
    bounds = hashin_shtrikman_modulus(coarse.mean(), (pore_modulus, 1.0))
    assert_obeys(bounds, coarse, lambda cells: medium.modulus(cells)[0])


def test_walls_along_the_axes_are_stiffer_along_them_than_an_isotropic_medium():
    # Why the bound of the modulus is one for isotropic media: a grid of thin walls.
    cell = np.zeros((1, 20, 20), int)
    cell[:, :2] = cell[:, :, :2] = 1
    medium = PorousMedium(pore_modulus=1e-4)
    compliance = np.linalg.inv(medium.elasticity.effective_stiffness(cell)[0])
    upper = hashin_shtrikman_modulus(cell.mean(), (1e-4, 1.0)).upper
    assert 1 / compliance[0, 0] > 1.2 * upper
    assert medium.modulus(cell)[0] < upper


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: voigt_reuss([1, -1], [0.5, 0.5]), "values must be positive"),
        (lambda: voigt_reuss([1, 2], [0.5, 0.4]), "have the sum 1"),
        (lambda: voigt_reuss([1, 2], [1.5, -0.5]), "fractions must be at least 0"),
        (lambda: voigt_reuss([1, 2], 0.5), r"shape \(\.\.\., 2\); got \(\)"),
        (lambda: hashin_shtrikman_conductivity([1, 2], [0.5, 0.5], 4), "dimension must be one of"),
        (lambda: hashin_shtrikman_bulk([1, 2], [1], [0.5, 0.5]), "as many as bulk, 2; got 1"),
        (lambda: hashin_shtrikman_shear([1, 2], [0, 1], [0.5, 0.5]), "shear must be positive"),
        (lambda: hashin_shtrikman_modulus(1.2), "fraction must lie in"),
        (lambda: hashin_shtrikman_modulus(0.5, (1, 2, 3)), "moduli must be two"),
        (lambda: hashin_shtrikman_modulus(0.5, poisson_ratio=0.5), r"\(-1, 0\.5\); got 0\.5"),
    ],
)
def test_says_what_is_wrong(call, said):
    with pytest.raises(ValueError, match=said):
        call()
