import pickle

import numpy as np
import pytest
from skfem_voxels import PeriodicMesh, skfem_conductivity

from mdesign.physics import NotConverged, VoxelConduction
from mdesign.physics.voxels import elements

MEDIUM = VoxelConduction((1.0, 0.01), tolerance=1e-9)


def random_phases(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 2, shape)


def refined(phases, times):
    return phases.repeat(times, 1).repeat(times, 2)


def test_laminates_are_exact():
    layers = np.array([0, 1, 1, 2, 0])
    medium = VoxelConduction((1.0, 0.1, 5.0), tolerance=1e-10)
    values = np.asarray(medium.conductivities)[layers]
    phases = np.broadcast_to(layers, (1, 4, 5))
    wanted = np.diag([values.mean(), 1 / np.mean(1 / values)])
    np.testing.assert_allclose(medium.effective_conductivity(phases)[0], wanted, atol=1e-10)


def test_agrees_with_scikit_fem():
    phases = random_phases((2, 12, 12))
    mesh = PeriodicMesh((12, 12), vector=False)
    theirs = [skfem_conductivity(image, MEDIUM, mesh) for image in phases]
    # Direct and iterative solution of one system: rounding alone.
    np.testing.assert_allclose(MEDIUM.effective_conductivity(phases), theirs, atol=1e-13)


def test_checkerboard_tends_to_the_geometric_mean_from_above():
    board = np.array([[[0, 1], [1, 0]]])
    medium = VoxelConduction((1.0, 0.25), tolerance=1e-9)
    found = np.array(
        [medium.effective_conductivity(refined(board, k))[0, 0, 0] for k in (4, 8, 16, 32, 64)]
    )
    excess = found - np.sqrt(0.25)
    assert (excess > 0).all()
    assert (excess[1:] < 0.6 * excess[:-1]).all()
    assert excess[-1] < 2e-3


def test_refinement_lowers_the_energy():
    # The coarse elements' fields are among the fine ones'.
    phases = random_phases((1, 6, 6), seed=3)
    found = [np.trace(MEDIUM.effective_conductivity(refined(phases, k))[0]) for k in (1, 2, 4)]
    assert found[0] > found[1] > found[2]


def test_exchanged_phases_have_the_dual_conductivity():
    phases = refined(random_phases((1, 4, 4), seed=5), 32)
    one = VoxelConduction((1.0, 0.2)).effective_conductivity(phases)[0]
    other = VoxelConduction((0.2, 1.0)).effective_conductivity(phases)[0]
    # Keller's theorem for the plane, up to the error of the mesh.
    assert one[0, 0] * other[1, 1] == pytest.approx(0.2 * (1 + one[0, 1] ** 2 / 0.2), rel=0.01)


def test_dilute_discs_follow_maxwell():
    side, fraction = 128, 0.02
    at = np.arange(side) - (side - 1) / 2
    phases = (np.add.outer(at**2, at**2) < fraction * side**2 / np.pi).astype(int)[np.newaxis]
    found = VoxelConduction((1.0, 10.0)).effective_conductivity(phases)[0]
    share = phases.mean() * (10 - 1) / (10 + 1)
    # Maxwell's formula for a square array is wrong only in the third order of the fraction.
    np.testing.assert_allclose(found, np.eye(2) * (1 + share) / (1 - share), atol=2e-3)


def test_gradient_agrees_with_finite_differences_at_every_pixel():
    medium = VoxelConduction((1.0, 0.05), tolerance=1e-11)
    phases = np.random.default_rng(1).random((1, 4, 5))
    effective, gradient = medium.effective_conductivity_and_gradient(phases)
    np.testing.assert_allclose(effective, medium.effective_conductivity(phases), rtol=1e-12)
    step = 1e-5
    unit = step * np.eye(20).reshape(20, 4, 5)
    change = medium.effective_conductivity(phases + unit)
    change = change - medium.effective_conductivity(phases - unit)
    wanted = np.moveaxis(change, 0, -1).reshape(2, 2, 4, 5) / (2 * step)
    # The difference quotient is off by its third derivative times the step squared.
    np.testing.assert_allclose(gradient[0], wanted, atol=1e-8)


def test_fields_carry_the_effective_flux():
    phases = random_phases((2, 8, 6))
    fields = MEDIUM.solve(phases, [0.3, -0.7])
    np.testing.assert_allclose(fields.gradient.mean((2, 3)), [[0.3, -0.7]] * 2, atol=1e-12)
    wanted = MEDIUM.effective_conductivity(phases) @ [0.3, -0.7]
    np.testing.assert_allclose(fields.flux.mean((2, 3)), wanted, atol=1e-8)


def test_single_precision():
    phases = random_phases((2, 24, 24))
    single = VoxelConduction((1.0, 0.01), tolerance=1e-5, dtype="float32")
    found = single.effective_conductivity(phases)
    # Rounding of float32 times the iterations.
    np.testing.assert_allclose(found, MEDIUM.effective_conductivity(phases), atol=2e-6)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="conductivities must be positive and finite"):
        VoxelConduction((1.0, 0.0))
    with pytest.raises(ValueError, match=r"mean_gradient must have shape \(2,\)"):
        MEDIUM.solve(np.zeros((1, 4, 4), int), [1, 0, 0])
    with pytest.raises(ValueError, match="needs two phases; got 3"):
        VoxelConduction((1.0, 2.0, 3.0)).effective_conductivity_and_gradient(np.zeros((1, 4, 4)))
    with pytest.raises(NotConverged, match="conduction did not converge"):
        VoxelConduction((1.0, 1e-6), 1e-10, max_iterations=2).effective_conductivity(
            random_phases((1, 16, 16))
        )


def test_a_cell_that_does_not_converge_is_named_and_the_others_are_kept():
    phases = np.stack([np.zeros((8, 8), int), random_phases((8, 8)), np.ones((8, 8), int)])
    hasty = VoxelConduction((1.0, 1e-3), 1e-8, max_iterations=2)
    with pytest.raises(NotConverged, match=r"conduction .* cell 1; 1 cells .*: \[1\]") as caught:
        hasty.effective_conductivity(phases)
    assert caught.value.cells == [1]
    assert np.isnan(caught.value.result[1]).all()
    np.testing.assert_allclose(caught.value.result[[0, 2]], [np.eye(2), 1e-3 * np.eye(2)])
    with pytest.raises(NotConverged) as caught:
        hasty.effective_conductivity_and_gradient(phases)
    effective, gradient = caught.value.result
    assert np.isnan(effective).any(axis=(1, 2)).tolist() == [False, True, False]
    assert np.isnan(gradient).any(axis=(1, 2, 3, 4)).tolist() == [False, True, False]
    with pytest.raises(NotConverged) as caught:
        hasty.solve(phases, [1.0, 0.0])
    assert np.isnan(caught.value.result.flux).any(axis=(1, 2, 3)).tolist() == [False, True, False]
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.cells, str(again)) == ([1], str(caught.value))


def test_cells_in_any_order_compile_nothing_new():
    phases = random_phases((2, 6, 7))
    wanted = MEDIUM.effective_conductivity(phases)
    compiled = len(elements.conductive_fluxes.signatures)
    np.testing.assert_array_equal(MEDIUM.effective_conductivity(np.asfortranarray(phases)), wanted)
    assert len(elements.conductive_fluxes.signatures) == compiled


def test_settings_may_be_numbers_of_numpy():
    medium = VoxelConduction((np.float32(1), np.int8(2)), max_iterations=np.uint8(200))
    assert medium == VoxelConduction((1.0, 2.0), max_iterations=200)
    assert type(medium.max_iterations) is int
