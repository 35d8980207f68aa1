import numba
import numpy as np
import pytest
from skfem_voxels import PeriodicMesh, skfem_stiffness

from mdesign.physics import NotConverged, VoxelElasticity, in_plane_modulus

CONTRAST = VoxelElasticity((1e-3, 1.0), (0.3, 0.3), tolerance=1e-8)
THREE = VoxelElasticity((0.2, 1.0, 3.0), (0.1, 0.35, 0.25), tolerance=1e-10)


def random_phases(shape, n_phases=2, seed=0):
    return np.random.default_rng(seed).integers(0, n_phases, shape)


def disc(side, fraction):
    """A disc of phase 0 in the middle of phase 1."""
    at = np.arange(side) - (side - 1) / 2
    return (np.add.outer(at**2, at**2) >= fraction * side**2 / np.pi).astype(int)


def isotropic(modulus, ratio):
    shear = modulus / (2 * (1 + ratio))
    first = 2 * shear * ratio / (1 - 2 * ratio)
    return np.array([[first + 2 * shear, first, 0], [first, first + 2 * shear, 0], [0, 0, shear]])


def laminate(medium, shares):
    """Closed form for layers normal to axis 1."""
    first, shear = medium.lame_parameters
    normal = first + 2 * shear
    mean = lambda values: shares @ values  # noqa: E731
    stiffness = np.zeros((3, 3))
    stiffness[1, 1] = 1 / mean(1 / normal)
    stiffness[0, 1] = stiffness[1, 0] = mean(first / normal) * stiffness[1, 1]
    stiffness[0, 0] = mean(normal - first**2 / normal) + stiffness[0, 1] ** 2 / stiffness[1, 1]
    stiffness[2, 2] = 1 / mean(1 / shear)
    return stiffness


def test_homogeneous_medium_is_itself():
    phases = np.ones((1, 5, 4), int)
    np.testing.assert_allclose(THREE.effective_stiffness(phases)[0], isotropic(1, 0.35), rtol=1e-12)


@pytest.mark.parametrize("axis", [0, 1])
def test_laminates_of_three_phases_are_exact(axis):
    layers = np.array([0, 1, 1, 2, 0, 2, 2])
    phases = np.broadcast_to(layers, (3, 7))[np.newaxis]
    wanted = laminate(THREE, np.bincount(layers) / 7)
    if axis == 0:
        phases, order = phases.swapaxes(1, 2), [1, 0, 2]
        wanted = wanted[np.ix_(order, order)]
    np.testing.assert_allclose(THREE.effective_stiffness(phases)[0], wanted, atol=1e-9)


def test_agrees_with_scikit_fem_at_high_contrast():
    phases = random_phases((2, 12, 12))
    medium = VoxelElasticity((1e-3, 1.0), (0.3, 0.3), tolerance=1e-9)
    ours = medium.effective_stiffness(phases)
    mesh = PeriodicMesh((12, 12), vector=True)
    theirs = [skfem_stiffness(image, medium, mesh) for image in phases]
    # Direct and iterative solution of one system: rounding alone.
    np.testing.assert_allclose(ours, theirs, atol=1e-11)


def test_dilute_round_pore_softens_by_three_times_its_fraction():
    fraction = 0.01
    phases = disc(192, fraction)[np.newaxis]
    medium = VoxelElasticity((1e-6, 1.0), (0.3, 0.3))
    stiffness = medium.effective_stiffness(phases)
    found = (1 - in_plane_modulus(stiffness) * (1 - 0.3**2)) / np.mean(phases == 0)
    # Pores of neighbouring cells interact to the order of the fraction.
    assert found[0] == pytest.approx(3.0, rel=0.05)


def test_in_plane_modulus_does_not_turn_with_the_axes():
    assert in_plane_modulus(isotropic(2.0, 0.3)) == pytest.approx(2.0 / (1 - 0.3**2))
    stiffness = CONTRAST.effective_stiffness(np.broadcast_to([0, 1, 1], (1, 3, 3)))[0]
    c, s = np.cos(0.4), np.sin(0.4)
    turn = np.array([[c * c, s * s, 2 * c * s], [s * s, c * c, -2 * c * s], [-c * s, c * s, 0]])
    turn[2, 2] = c * c - s * s
    turned = turn @ stiffness @ turn.T
    assert abs(turned[0, 0] - stiffness[0, 0]) > 0.01
    assert in_plane_modulus(turned) == pytest.approx(in_plane_modulus(stiffness))


def test_refinement_of_a_square_inclusion_converges():
    coarse = np.zeros((1, 4, 4), int)
    coarse[:, 1:3, 1:3] = 1
    medium = VoxelElasticity((0.1, 1.0), (0.3, 0.3), tolerance=1e-8)
    values = [
        medium.effective_stiffness(coarse.repeat(k, 1).repeat(k, 2))[0, 0, 0] for k in (1, 2, 4, 8)
    ]
    steps = np.abs(np.diff(values))
    # Corners of the inclusion keep the order below two.
    assert (steps[1:] < 0.5 * steps[:-1]).all()


def test_gradient_agrees_with_finite_differences_at_every_pixel():
    medium = VoxelElasticity((0.05, 1.0), (0.2, 0.35), tolerance=1e-11)
    phases = np.random.default_rng(1).random((1, 4, 5))
    stiffness, gradient = medium.effective_stiffness_and_gradient(phases)
    np.testing.assert_allclose(stiffness, medium.effective_stiffness(phases), rtol=1e-12)
    step = 1e-5
    moved = phases + step * np.eye(20).reshape(20, 4, 5)
    back = phases - step * np.eye(20).reshape(20, 4, 5)
    change = medium.effective_stiffness(moved) - medium.effective_stiffness(back)
    wanted = np.moveaxis(change, 0, -1).reshape(3, 3, 4, 5) / (2 * step)
    # The difference quotient is off by its third derivative times the step squared.
    np.testing.assert_allclose(gradient[0], wanted, atol=1e-8)


def test_fields_balance_and_carry_the_effective_stress():
    phases = random_phases((2, 8, 6))
    mean = np.array([0.3, -0.2, 0.5])
    fields = CONTRAST.solve(phases, mean)
    stiffness = CONTRAST.effective_stiffness(phases)
    np.testing.assert_allclose(fields.strain.mean((2, 3)), np.tile(mean, (2, 1)), atol=1e-12)
    np.testing.assert_allclose(fields.stress.mean((2, 3)), stiffness @ mean, atol=1e-7)
    assert (fields.error <= CONTRAST.tolerance).all()
    assert (fields.iterations > 1).all()


def test_axis_0_is_component_11():
    phases = np.zeros((1, 6, 4), int)
    phases[:, :, 0] = 1
    stiffness = CONTRAST.effective_stiffness(phases)[0]
    assert stiffness[0, 0] > 10 * stiffness[1, 1]
    fields = CONTRAST.solve(phases, [1, 0, 0])
    np.testing.assert_allclose(fields.strain[0, 0], 1, atol=1e-9)
    assert fields.stress[0, 0, 0, 0] > 100 * fields.stress[0, 0, 0, 1]


def test_shift_and_turn_of_the_cell():
    phases = random_phases((1, 6, 7))
    stiffness = CONTRAST.effective_stiffness(phases)
    shifted = CONTRAST.effective_stiffness(np.roll(phases, (2, 3), (1, 2)))
    np.testing.assert_allclose(shifted, stiffness, atol=1e-12)
    turned = CONTRAST.effective_stiffness(phases.swapaxes(1, 2))
    order = [1, 0, 2]
    np.testing.assert_allclose(turned[0], stiffness[0][np.ix_(order, order)], atol=1e-12)


def test_error_falls_with_the_square_of_the_tolerance():
    phases = random_phases((1, 32, 32))
    exact = VoxelElasticity((1e-3, 1.0), (0.3, 0.3), tolerance=1e-11).effective_stiffness(phases)
    for tolerance in (1e-2, 1e-3, 1e-4):
        found = VoxelElasticity((1e-3, 1.0), (0.3, 0.3), tolerance).effective_stiffness(phases)
        assert np.abs(found - exact).max() < 10 * tolerance**2


def test_batch_single_and_threads_give_the_same_numbers():
    phases = random_phases((70, 16, 16))
    together = CONTRAST.effective_stiffness(phases)
    alone = np.concatenate([CONTRAST.effective_stiffness(phases[i : i + 1]) for i in (0, 41, 69)])
    np.testing.assert_array_equal(together[[0, 41, 69]], alone)
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        np.testing.assert_array_equal(CONTRAST.effective_stiffness(phases), together)
    finally:
        numba.set_num_threads(before)


def test_single_precision():
    phases = random_phases((2, 24, 24))
    single = VoxelElasticity((1e-2, 1.0), (0.3, 0.3), tolerance=1e-5, dtype="float32")
    double = VoxelElasticity((1e-2, 1.0), (0.3, 0.3), tolerance=1e-8)
    found = single.effective_stiffness(phases)
    # Rounding of float32 times the iterations.
    np.testing.assert_allclose(found, double.effective_stiffness(phases), atol=2e-6)


def test_without_convergence_it_raises_with_residual_and_iterations():
    medium = VoxelElasticity((1e-3, 1.0), (0.3, 0.3), tolerance=1e-10, max_iterations=3)
    with pytest.raises(NotConverged, match=r"residual .* after 3 iterations .* tolerance is 1e-10"):
        medium.effective_stiffness(random_phases((2, 16, 16)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((1.0, -1.0), (0.3, 0.3)), "youngs_moduli must be positive and finite; got -1"),
        (((1.0,), (0.3,)), "youngs_moduli must be two or more numbers"),
        (((1.0, 2.0), (0.3, 0.5)), r"poisson_ratios must lie in \(-1, 0.5\); got 0.5"),
        (((1.0, 2.0), (0.3, 0.3, 0.3)), "poisson_ratios must be as many as youngs_moduli, 2"),
        (((1.0, 2.0), (0.3, 0.3), 0.0), "tolerance must lie in"),
        (((1.0, 2.0), (0.3, 0.3), 1e-5, "float16"), "dtype must be"),
        (((1.0, 2.0), (0.3, 0.3), 1e-5, "float64", 0), "max_iterations must be at least 1"),
    ],
)
def test_bad_media_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        VoxelElasticity(*arguments)


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        (
            np.zeros((4, 4), int),
            r"phases must have shape \(n, x, y\) or \(n, x, y, z\); got \(4, 4\).*newaxis",
        ),
        (np.zeros((0, 4, 4), int), "phases must be"),
        (np.zeros((1, 1, 4), int), "at least 2 pixels a side"),
        (np.full((1, 4, 4), 2), r"phases must lie in \[0, 1\]; got 2"),
        (np.full((1, 4, 4), np.nan), r"phases must lie in \[0, 1\]; got nan"),
        (np.full((1, 4, 4), 255), "divide images of 0 and 255 by 255"),
        (np.zeros((16, 16, 3), int), "take one channel"),
    ],
)
def test_bad_phases_are_refused(phases, message):
    with pytest.raises(ValueError, match=message):
        CONTRAST.effective_stiffness(phases)


def test_other_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"mean_strain must have shape \(3,\)"):
        CONTRAST.solve(np.zeros((1, 4, 4), int), [1, 0])
    with pytest.raises(ValueError, match="needs two phases; got 3"):
        THREE.effective_stiffness_and_gradient(np.zeros((1, 4, 4), int))


def test_a_cell_that_does_not_converge_is_named_and_the_others_are_kept():
    phases = np.concatenate([np.ones((1, 8, 8), int), random_phases((2, 8, 8))])
    hasty = VoxelElasticity((1e-3, 1.0), (0.3, 0.3), 1e-8, max_iterations=3)
    with pytest.raises(NotConverged, match=r"2 cells did not converge: \[1, 2\]") as caught:
        hasty.effective_stiffness(phases)
    assert caught.value.cells == [1, 2]
    assert np.isnan(caught.value.result[1:]).all()
    assert np.isfinite(caught.value.result[0]).all()
