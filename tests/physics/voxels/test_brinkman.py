import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from mdesign.physics import DarcyBrinkman, NotConverged


def channel(side, share=0.5):
    """A channel along axis 0 as wide as a share of the cell."""
    phases = np.ones((1, 4, side), int)
    phases[:, :, : round(share * side)] = 0
    return phases


def mean_velocity(width, wall, permeability):
    """Closed form in a channel between walls of a porous solid, periodic."""
    length = np.sqrt(permeability)
    half, solid = width / 2, wall / 2
    amplitude = half * length / np.sinh(solid / length)
    slip = permeability + amplitude * np.cosh(solid / length)
    free = half**3 / 3 + slip * half
    return 2 * (free + permeability * solid + half * length**2) / (width + wall)


def by_saddle_point(phases, permeabilities):
    """The same equations with the pressure as an unknown, solved directly."""
    nx, ny = phases.shape
    size = nx * ny
    index = np.arange(size).reshape(nx, ny)
    one = sp.identity(size, format="csr")
    shift = [one[np.roll(index, 1, axis).ravel()] for axis in (0, 1)]
    laplace = sum(2 * one - s - s.T for s in shift)
    drag = (1 / np.asarray(permeabilities))[phases]
    faces = [sp.diags(((drag + np.roll(drag, 1, axis)) / 2).ravel()) for axis in (0, 1)]
    gradient = sp.vstack([one - s for s in shift])[:, 1:]
    flow = sp.block_diag([laplace + face for face in faces])
    system = sp.bmat([[flow, gradient], [gradient.T, None]]).tocsc()
    solver = splu(system)
    out = np.empty((2, 2))
    for j in range(2):
        force = np.zeros(system.shape[0])
        force[j * size : (j + 1) * size] = 1
        velocity = solver.solve(force)[: 2 * size].reshape(2, -1)
        out[:, j] = velocity.mean(1)
    return out


def test_uniform_solid_is_itself():
    medium = DarcyBrinkman((float("inf"), 0.3))
    found = medium.effective_permeability(np.ones((1, 5, 4), int))[0]
    np.testing.assert_allclose(found, 0.3 * np.eye(2), atol=1e-12)


def test_channel_converges_to_the_closed_form_with_second_order():
    errors = []
    for side in (16, 32, 64, 128):
        permeability = 0.5 * (side / 16) ** 2
        medium = DarcyBrinkman((float("inf"), permeability), tolerance=1e-7)
        found = medium.effective_permeability(channel(side))[0, 0, 0]
        errors.append(found / mean_velocity(side / 2, side / 2, permeability) - 1)
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    np.testing.assert_allclose(orders, 2, atol=0.1)
    assert abs(errors[-1]) < 2e-3


def test_tight_walls_give_the_parabola_of_poiseuille():
    side = 128
    medium = DarcyBrinkman((float("inf"), 1e-3))
    fields = medium.solve(channel(side), [1.0, 0.0])
    profile = fields.velocity[0, 0, 0, : side // 2]
    at = np.arange(side // 2) + 0.5
    # No slip is met at the centres of the first solid voxels: half a voxel beyond either wall.
    wide = (at + 0.5) * (side / 2 + 0.5 - at) / 2
    np.testing.assert_allclose(profile, wide, rtol=0.01)
    np.testing.assert_allclose(fields.velocity[0, 1], 0, atol=1e-6 * profile.max())


def test_across_layers_the_drags_add():
    medium = DarcyBrinkman((2.0, 0.1))
    found = medium.effective_permeability(channel(12, 0.25))[0]
    assert found[1, 1] == pytest.approx(1 / (0.25 / 2.0 + 0.75 / 0.1), rel=1e-9)


def test_agrees_with_the_direct_solution_of_the_saddle_point():
    phases = np.random.default_rng(0).integers(0, 2, (1, 10, 8))
    medium = DarcyBrinkman((float("inf"), 0.1), tolerance=1e-7)
    found = medium.effective_permeability(phases)[0]
    np.testing.assert_allclose(found, by_saddle_point(phases[0], (np.inf, 0.1)), rtol=1e-9)


def test_flow_has_no_divergence_and_its_mean_is_the_permeability():
    phases = np.random.default_rng(1).integers(0, 2, (2, 16, 12))
    medium = DarcyBrinkman((float("inf"), 0.1))
    u = medium.solve(phases, [1.0, 0.0]).velocity
    divergence = np.roll(u[:, 0], -1, 1) - u[:, 0] + np.roll(u[:, 1], -1, 2) - u[:, 1]
    assert np.abs(divergence).max() < 1e-12 * np.abs(u).max()
    wanted = medium.effective_permeability(phases)[:, :, 0]
    np.testing.assert_allclose(u.mean((2, 3)), wanted, atol=1e-6)


def test_turned_cell():
    phases = np.random.default_rng(2).integers(0, 2, (1, 9, 12))
    medium = DarcyBrinkman((float("inf"), 0.2))
    found = medium.effective_permeability(phases)[0]
    turned = medium.effective_permeability(phases.swapaxes(1, 2))[0]
    np.testing.assert_allclose(turned, found[::-1, ::-1], atol=1e-9)


@pytest.mark.parametrize(("h", "factor"), [(4, 1.875), (8, 1.40625), (12, 1.26389), (20, 1.155)])
def test_a_slit_is_wider_than_its_voxels_by_a_known_factor(h, factor):
    phases = np.zeros((1, 3, h + 4), int)
    phases[:, :, :4] = 1
    medium = DarcyBrinkman((float("inf"), 1e-7), tolerance=1e-7)
    found = medium.effective_permeability(phases)[0]
    # Zero velocity at the centres of the first solid voxels: the sum of j (h + 1 - j) / 2.
    assert factor == pytest.approx((1 + 1 / h) * (1 + 2 / h), abs=1e-5)
    assert found[0, 0] * (h + 4) / h == pytest.approx(factor * h**2 / 12, rel=1e-4)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="permeabilities must hold at least one finite"):
        DarcyBrinkman((float("inf"), float("inf")))
    with pytest.raises(ValueError, match=r"permeabilities must lie in \(0, inf\]; got 0"):
        DarcyBrinkman((0.0, 1.0))
    with pytest.raises(ValueError, match=r"tolerance must lie in \[1e-07, 1\); got 1e-09"):
        DarcyBrinkman((1.0, 2.0), tolerance=1e-9)
    medium = DarcyBrinkman((float("inf"), 0.1))
    with pytest.raises(ValueError, match="cell 1 is free fluid"):
        medium.effective_permeability(np.stack([np.ones((4, 4), int), np.zeros((4, 4), int)]))
    with pytest.raises(ValueError, match=r"force must have shape \(2,\); got \(1,\)"):
        medium.solve(np.ones((1, 4, 4), int), [1.0])
    with pytest.raises(NotConverged, match="flow did not converge"):
        DarcyBrinkman((float("inf"), 1e-4), max_iterations=2).effective_permeability(channel(16))
