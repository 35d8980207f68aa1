from dataclasses import replace

import numpy as np
import pytest
from bench_fem import (
    ScikitFemPlate,
    energy_ratio_solveh_banded,
    energy_ratio_spsolve,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mdesign.design.composites import MultistartSettings, multistart
from mdesign.design.composites.sampling import random_designs
from mdesign.papers.gidn import BEST_KNOWN
from mdesign.physics import CrackedComposite, SingularToughness
from mdesign.physics.fracture import kernels
from mdesign.physics.fracture.mesh import element_stiffness, plane_stress, strain_displacement

PLATE = CrackedComposite()
SMALL = CrackedComposite(nx=8, ny=4, crack_length=2)


def soft_rows(picture, plate):
    """Design from a picture of the upper half: top row = loaded edge, # = soft."""
    rows = [line.strip() for line in picture.split()]
    image = np.array([[mark == "." for mark in line] for line in rows], dtype=float)
    return image[::-1].T.reshape(1, plate.n_elements)


OPTIMUM_SEVEN_SOFT = "........ .###.... .###.... ..#....."
OPTIMUM_EIGHT_SOFT = "........ .###.... .###.... ..#.#..."
BEST_QUARTER_SOFT = """
...#######......
..######........
.#####..........
.####...........
.###............
...###..........
...###..........
....#...........
"""


@pytest.fixture(scope="module")
def designs():
    rng = np.random.default_rng(7)
    binary = random_designs(30, 128, 0.25, rng)
    return np.concatenate([binary, rng.random((30, 128))])


def test_element_has_three_rigid_modes_and_exact_constant_strain():
    stiffness = element_stiffness(1 / 3)
    assert np.linalg.matrix_rank(stiffness, tol=1e-12) == 5
    np.testing.assert_allclose(stiffness, stiffness.T, atol=1e-15)
    strain = np.array([0.3, -0.2, 0.5])
    x, y = np.array([0, 1, 1, 0.0]), np.array([0, 0, 1, 1.0])
    nodes = np.stack([0.3 * x + 0.25 * y, 0.25 * x - 0.2 * y], axis=1).ravel()
    np.testing.assert_allclose(strain_displacement(0.3, -0.7) @ nodes, strain, atol=1e-15)
    energy = strain @ plane_stress(1 / 3) @ strain
    assert nodes @ stiffness @ nodes == pytest.approx(energy, rel=1e-14)


@pytest.mark.parametrize(("plate", "oracle"), [(PLATE, 26.19485), (SMALL, 10.20010)])
def test_all_stiff_energy_ratio(plate, oracle):
    # The oracle is given to seven significant digits.
    assert plate.stiff_energy_ratio == pytest.approx(oracle, abs=5e-6)


@pytest.mark.parametrize("plate", [PLATE, SMALL])
def test_one_material_has_unit_toughness(plate):
    uniform = np.array([[0.0], [0.37], [1.0]]) * np.ones(plate.n_elements)
    np.testing.assert_allclose(plate.toughness(uniform), 1, rtol=1e-12)


@pytest.mark.parametrize("soft", sorted(BEST_KNOWN))
def test_best_known_designs(soft):
    known = BEST_KNOWN[soft]
    assert known.design().mean() == 1 - soft / 100
    # The values are known to four digits after the point.
    assert PLATE.toughness(known.design()[None])[0] == pytest.approx(known.toughness, abs=5.1e-5)


def test_orientation_of_the_quarter_soft_picture():
    assert PLATE.toughness(soft_rows(BEST_QUARTER_SOFT, PLATE))[0] == pytest.approx(
        218.0929, abs=5e-5
    )


def test_small_optima_and_the_step_between_them():
    seven = soft_rows(OPTIMUM_SEVEN_SOFT, SMALL)
    assert SMALL.toughness(seven)[0] == pytest.approx(57.2928, abs=5e-5)
    eight = soft_rows(OPTIMUM_EIGHT_SOFT, SMALL)
    assert SMALL.toughness(eight)[0] == pytest.approx(69.4160, abs=5e-5)
    softened = np.array([np.where(np.arange(32) == e, 0, seven[0]) for e in range(32)])
    values = np.sort(SMALL.toughness(softened[softened.sum(axis=1) == 24]))[::-1]
    np.testing.assert_allclose(values[:4], [69.416, 65.127, 62.678, 62.310], atol=5e-4)


@pytest.mark.parametrize(
    # Means of the spec; the spread of a mean of 300,000 draws is below a third of each band.
    ("soft", "n", "mean", "band"),
    [(0.25, 1_000_000, 1.863, 0.008), (0.125, 300_000, 1.411, 0.01), (0.5, 300_000, 2.614, 0.03)],
)
def test_mean_toughness_of_random_designs(soft, n, mean, band):
    rng = np.random.default_rng(0)
    parts = [PLATE.toughness(random_designs(n // 10, 128, soft, rng)) for _ in range(10)]
    values = np.concatenate(parts)
    assert values.mean() == pytest.approx(mean, abs=band)
    if soft == 0.25:
        assert 35 < values.max() < 80


@pytest.mark.parametrize(
    "plate", [PLATE, SMALL, CrackedComposite(5, 1, 2), CrackedComposite(6, 5, 1)]
)
def test_agrees_with_spsolve(plate):
    designs = np.random.default_rng(3).random((20, plate.n_elements)).round(1)
    reference = [energy_ratio_spsolve(plate, d) / plate.stiff_energy_ratio for d in designs]
    np.testing.assert_allclose(plate.toughness(designs), reference, rtol=1e-12)


def test_agrees_with_banded_cholesky_and_scikit_fem(designs):
    ours = PLATE.toughness(designs[::6]) * PLATE.stiff_energy_ratio
    banded = [energy_ratio_solveh_banded(PLATE, d) for d in designs[::6]]
    np.testing.assert_allclose(ours, banded, rtol=1e-11)
    other = ScikitFemPlate(PLATE)
    np.testing.assert_allclose(ours, [other.energy_ratio(d) for d in designs[::6]], rtol=1e-10)


def test_single_precision(designs):
    single = PLATE.toughness(designs, np.float32)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, PLATE.toughness(designs), rtol=1e-4)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(2, 24),
    st.integers(1, 24),
    st.floats(0, 1),
    st.floats(0.1, 3).map(lambda power: 1 + 10**power),
    st.integers(0, 2**32),
)
def test_single_precision_keeps_three_digits(nx, ny, crack, modulus_ratio, seed):
    rng = np.random.default_rng(seed)
    plate = CrackedComposite(nx, ny, 1 + round(crack * (nx - 2)), modulus_ratio)
    x, y = np.divmod(np.arange(plate.n_elements), ny)
    halves = [x >= rng.integers(nx), y >= rng.integers(ny), (x >= nx // 2) & (y >= ny // 2)]
    parts = np.concatenate([halves, rng.random((4, plate.n_elements)) < 0.5])
    designs = np.concatenate([parts, ~parts, rng.random((2, plate.n_elements))])
    single = plate.toughness(designs, np.float32)
    np.testing.assert_allclose(single, plate.toughness(designs), rtol=1e-3)


def test_a_mesh_too_fine_for_single_precision_is_solved_in_double():
    plate = CrackedComposite(96, 48, 24)
    toughness = plate.toughness(np.ones((1, plate.n_elements)), np.float32)
    assert toughness.dtype == np.float32
    assert toughness[0] == pytest.approx(1, abs=1e-6)


def test_single_precision_is_taken_where_it_is_good_enough(designs):
    single, double = PLATE.toughness(designs, np.float32), PLATE.toughness(designs)
    assert (single != double.astype(np.float32)).any()


def test_small_integer_types_do_not_overflow():
    plate = CrackedComposite(nx=np.uint16(64), ny=np.uint8(64), crack_length=np.int8(5))
    assert plate == CrackedComposite(64, 64, 5)
    assert plate.n_elements == 4096


def test_designs_in_any_order_compile_nothing_new(designs):
    PLATE.toughness(designs)
    compiled = len(kernels.compute_ratios.signatures)
    found = PLATE.toughness(np.asfortranarray(designs[:5]))
    np.testing.assert_array_equal(found, PLATE.toughness(designs[:5]))
    assert len(kernels.compute_ratios.signatures) == compiled


@pytest.mark.parametrize("plate", [PLATE, SMALL, CrackedComposite(5, 1, 2)])
def test_gradient_against_central_differences(plate):
    design = np.random.default_rng(5).uniform(0.1, 0.9, plate.n_elements)
    step = 1e-5 * np.eye(plate.n_elements)
    ahead, behind = plate.toughness(design + step), plate.toughness(design - step)
    value, gradient = plate.toughness_and_gradient(design[None])
    assert value == plate.toughness(design[None])
    np.testing.assert_allclose(
        gradient[0], (ahead - behind) / 2e-5, atol=1e-6 * np.abs(gradient).max()
    )


@pytest.mark.parametrize("n", [0, 1, 7, 9, 200, 301])
def test_batching_does_not_change_a_design(n, designs):
    batch = np.resize(designs, (n, 128))
    one_by_one = [PLATE.toughness(d[None])[0] for d in batch]
    np.testing.assert_array_equal(PLATE.toughness(batch), one_by_one)


@settings(max_examples=25, deadline=None)
@given(arrays(np.float64, (3, 32), elements=st.floats(0, 1, width=32)))
def test_toughness_is_positive_and_ratio_scales_out(designs):
    values = SMALL.toughness(designs)
    assert (values > 0).all()


def test_fields_are_in_equilibrium_and_symmetric_where_they_must_be(designs):
    design = designs[0]
    fields = PLATE.fields(design)
    assert fields.displacement.shape == (17, 9, 2)
    np.testing.assert_allclose(fields.displacement[:, -1, 1], 1, atol=0)
    np.testing.assert_allclose(fields.displacement[4:, 0, 1], 0, atol=0)
    assert fields.displacement[:4, 0, 1].min() > 0
    # The vertical force through every row of elements is the same.
    np.testing.assert_allclose(np.ptp(row_forces(PLATE, fields, design)), 0, atol=1e-10)


def row_forces(plate, fields, design):
    """Vertical force that the elements of each row hand to the nodes above them."""
    mesh = plate._mesh
    moduli = 1 + 9 * design
    local = fields.displacement.reshape(-1)[mesh.element_dofs]
    forces = moduli[:, None] * (local @ mesh.stiffness)
    return (forces[:, 5] + forces[:, 7]).reshape(plate.nx, plate.ny).sum(axis=0)


def test_any_values_are_expanded():
    weights = np.linspace(-1, 2, PLATE.n_elements)[np.newaxis]
    assert PLATE.expand(weights)[0, 0, PLATE.ny :].tolist() == weights[0, : PLATE.ny].tolist()


def test_expand_mirrors_the_upper_half():
    design = np.zeros(128)
    design[8 * 3 + 2] = 1
    image = PLATE.expand(design[None])
    assert image.shape == (1, 16, 16)
    np.testing.assert_array_equal(np.argwhere(image[0] == 1), [[3, 5], [3, 10]])


@pytest.mark.parametrize(
    ("designs", "message"),
    [
        (np.ones(128), r"shape \(n, 128\).*got \(128,\)"),
        (np.ones((2, 64)), r"got \(2, 64\)"),
        (np.full((1, 128), 1.5), r"\[0, 1\].*1\.5"),
        (np.full((1, 128), -0.1), r"\[0, 1\].*-0\.1"),
        (np.full((1, 128), np.nan), r"\[0, 1\].*nan"),
        (np.full((1, 128), 255), "divide images of 0 and 255 by 255"),
    ],
)
def test_bad_designs_are_refused(designs, message):
    with pytest.raises(ValueError, match=message):
        PLATE.toughness(designs)
    with pytest.raises(ValueError, match=message):
        PLATE.toughness_and_gradient(designs)


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="dtype must be one of"):
        PLATE.toughness(np.ones((1, 128)), np.int64)
    with pytest.raises(ValueError, match=r"crack_length must lie in \[1, 15\]; got 16"):
        CrackedComposite(crack_length=16)
    with pytest.raises(ValueError, match=r"modulus_ratio must lie in \(1, inf\); got 1"):
        CrackedComposite(modulus_ratio=1.0)
    with pytest.raises(ValueError, match="poisson_ratio"):
        CrackedComposite(poisson_ratio=0.5)
    with pytest.raises(ValueError, match="nx must be at least 2; got 1"):
        CrackedComposite(nx=1)


@pytest.mark.parametrize("modulus_ratio", [15.0, 25.0])
def test_a_search_that_shields_the_tip_stops_and_says_so(modulus_ratio):
    # Ascent finds designs whose tip is not strained at all: 1e10 and more.
    plate, rng = CrackedComposite(modulus_ratio=modulus_ratio), np.random.default_rng(0)
    with pytest.raises(SingularToughness, match=r"below 0\.001 of the mean.*failure='first'"):
        multistart(plate, 0.5, rng, settings=MultistartSettings(n_starts=100))
    first = replace(plate, failure="first")
    _, toughness = multistart(first, 0.5, rng, settings=MultistartSettings(n_starts=100))
    assert 0 < toughness[0] < 10


def test_a_design_is_refused_below_a_thousandth_of_the_mean_strain():
    # Four soft elements nearly shield the tip, and the phase of a fifth turns the sign.
    plate = CrackedComposite(modulus_ratio=100.0)
    designs = np.ones((81, 128))
    designs[:, [24, 25, 33, 41]] = 0
    designs[:, 48] = np.linspace(0, 0.1, 81)
    strain = np.array([plate.ny * plate.fields(design).strain[4, 0, 1] for design in designs])
    assert strain[0] < -0.002
    assert strain[-1] > 0.002
    refused = abs(strain) < 1e-3
    assert 3 < refused.sum() < 70
    plate.toughness(designs[~refused])
    plate.toughness_and_gradient(designs[~refused])
    for design in designs[refused]:
        with pytest.raises(SingularToughness, match="1 of 1 designs"):
            plate.toughness(design[None])
        with pytest.raises(SingularToughness, match="first: design 1"):
            plate.toughness_and_gradient([designs[-1], design])


def test_the_best_designs_of_the_paper_are_not_refused():
    PLATE.toughness(np.array([known.design() for known in BEST_KNOWN.values()]))
    PLATE.toughness_and_gradient(soft_rows(BEST_QUARTER_SOFT, PLATE))


def test_energy_converges_at_the_rate_of_a_crack():
    # The r**(1/2) displacement at a crack tip lets the energy of linear elements converge as h.
    def energy(n):
        plate = CrackedComposite(nx=8 * n, ny=4 * n, crack_length=2 * n)
        fields = plate.fields(np.ones(plate.n_elements))
        return row_forces(plate, fields, np.ones(plate.n_elements))[-1]

    energies = np.array([energy(n) for n in (1, 2, 4, 8)])
    steps = -np.diff(energies)
    assert (steps > 0).all(), "displacement elements approach the energy from above"
    np.testing.assert_allclose(steps[:-1] / steps[1:], 2, atol=0.25)


def test_operations_follow_the_banded_method():
    # Factorising a band costs n w (w + 1); the spec measured 0.21 Mflop with the gradient.
    n, width = PLATE._mesh.n_equations, PLATE._mesh.bandwidth
    assert (n, width) == (275, 20)
    assert PLATE.operations() > n * width * (width + 1)
    assert PLATE.operations(gradient=True) == pytest.approx(0.21e6, rel=0.1)
    assert SMALL.operations() < PLATE.operations() / 4
