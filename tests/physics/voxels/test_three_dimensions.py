"""The voxel solvers in three dimensions: closed forms, published labels, another code."""

import os

import numpy as np
import pytest
from skfem_voxels import (
    PeriodicMesh,
    skfem_conductivity,
    skfem_stiffness,
)

from mdesign import data, paths
from mdesign.data.public.localization import strained_cells
from mdesign.physics import (
    VoxelConduction,
    VoxelElasticity,
    hashin_shtrikman_bulk,
    hashin_shtrikman_conductivity,
    hashin_shtrikman_shear,
)
from mdesign.physics.voxels.elasticity import VOIGT

# The user's own folders, before a test is given its own.
USERS = os.environ.get("MDESIGN_DATA_MIRROR") or str(paths.data_cache())

CONTRAST = VoxelElasticity((2.4, 120.0), (0.3, 0.3), tolerance=1e-8)
THREE = VoxelElasticity((0.2, 1.0, 3.0), (0.1, 0.35, 0.25), tolerance=1e-10)
HEAT = VoxelConduction((1.0, 0.02), tolerance=1e-9)


def random_phases(shape, n_phases=2, seed=0):
    return np.random.default_rng(seed).integers(0, n_phases, shape)


def refined(phases, times):
    return phases.repeat(times, 1).repeat(times, 2).repeat(times, 3)


def turned(stiffness, axes):
    """Stiffness after the axes of the cell are put into another order."""
    place = {frozenset(pair): i for i, pair in enumerate(VOIGT[3])}
    order = [place[frozenset((axes[i], axes[j]))] for i, j in VOIGT[3]]
    return stiffness[..., order, :][..., order]


def laminate(medium, shares):
    """Closed form for layers normal to axis 0."""
    first, shear = medium.lame_parameters
    normal = first + 2 * shear
    mean = lambda values: shares @ values  # noqa: E731
    stiffness = np.zeros((6, 6))
    stiffness[0, 0] = 1 / mean(1 / normal)
    across = mean(first / normal) * stiffness[0, 0]
    stiffness[0, 1:3] = stiffness[1:3, 0] = across
    inner = across**2 / stiffness[0, 0]
    stiffness[1, 2] = stiffness[2, 1] = mean(first - first**2 / normal) + inner
    stiffness[1, 1] = stiffness[2, 2] = mean(normal - first**2 / normal) + inner
    stiffness[3, 3] = mean(shear)
    stiffness[4, 4] = stiffness[5, 5] = 1 / mean(1 / shear)
    return stiffness


def orientation_averages(stiffness):
    """Bulk and shear modulus of the stiffness averaged over all orientations."""
    normal, shear = np.trace(stiffness[:3, :3]), np.trace(stiffness[3:, 3:])
    off = stiffness[0, 1] + stiffness[0, 2] + stiffness[1, 2]
    return (normal + 2 * off) / 9, (normal - off + 3 * shear) / 15


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_laminates_of_three_phases_are_exact_in_all_load_cases(axis):
    layers = np.array([0, 1, 1, 2, 0])
    phases = np.moveaxis(np.broadcast_to(layers, (3, 4, 5)), 2, axis)[np.newaxis]
    axes = np.insert([1, 2], axis, 0)
    wanted = turned(laminate(THREE, np.bincount(layers) / 5), axes)
    np.testing.assert_allclose(THREE.effective_stiffness(phases)[0], wanted, atol=1e-9)


def test_fields_of_a_laminate_jump_as_in_the_closed_form():
    phases = np.zeros((1, 4, 3, 3), int)
    phases[:, 0] = 1
    fields = CONTRAST.solve(phases, [1, 0, 0, 0, 0, 0])
    normal = CONTRAST.lame_parameters[0] + 2 * CONTRAST.lame_parameters[1]
    stress = 1 / (0.75 / normal[0] + 0.25 / normal[1])
    np.testing.assert_allclose(fields.stress[0, 0], stress, rtol=1e-9)
    np.testing.assert_allclose(fields.strain[0, 0], stress / normal[phases[0]], rtol=1e-9)
    np.testing.assert_allclose(fields.strain[0, 1:], 0, atol=1e-9)


def published(contrast, monkeypatch):
    """The published cells; the test is skipped where they cannot be had."""
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)
    try:
        return strained_cells(contrast)
    except data.DataNotReachable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(("contrast", "odd"), [(10, [1]), (50, [])])
def test_published_strains_are_met(contrast, odd, monkeypatch):
    cells = published(contrast, monkeypatch)
    medium = VoxelElasticity((1.0, float(contrast)), (0.3, 0.3))
    fields = medium.solve(cells.phases, [1, 0, 0, 0, 0, 0])
    errors = np.abs(fields.strain[:, 0] - cells.strain).mean(axis=(1, 2, 3))
    assert len(errors) == 10
    # The labels have five digits.
    assert np.delete(errors, odd).max() < 1e-4


def test_one_published_cell_contradicts_the_others(monkeypatch):
    # One stiff voxel in each: all have the same strain up to a shift, or would have.
    cells = published(10, monkeypatch)
    aligned = [
        np.roll(strain, tuple(-np.argwhere(phases)[0]), (0, 1, 2))
        for phases, strain in zip(cells.phases, cells.strain, strict=True)
    ]
    apart = np.abs(aligned - np.median(aligned, axis=0)).mean(axis=(1, 2, 3))
    assert apart[1] > 1e-4
    assert np.delete(apart, 1).max() < 3e-5


def test_agrees_with_scikit_fem_in_all_load_cases():
    phases = random_phases((2, 5, 6, 7))
    mesh = PeriodicMesh((5, 6, 7), vector=True)
    theirs = [skfem_stiffness(cell, CONTRAST, mesh) for cell in phases]
    found = CONTRAST.effective_stiffness(phases)
    # Direct and iterative solution of one system: the tolerance squared.
    np.testing.assert_allclose(found, theirs, atol=1e-9)
    assert np.ptp(found[0].diagonal()[:3]) > 1


def test_a_cell_constant_along_an_axis_is_that_of_plane_strain():
    flat = random_phases((2, 10, 8))
    plane = CONTRAST.effective_stiffness(flat)
    for axis in range(3):
        deep = np.repeat(np.expand_dims(flat, axis + 1), 3, axis + 1)
        i, j = (a for a in range(3) if a != axis)
        rows = [i, j, VOIGT[3].index((i, j))]
        found = CONTRAST.effective_stiffness(deep)
        np.testing.assert_allclose(found[:, rows][:, :, rows], plane, atol=1e-9)


def test_orientation_averages_obey_hashin_and_shtrikman():
    phases = random_phases((3, 9, 9, 9))
    first, shear = CONTRAST.lame_parameters
    bulk = first + 2 * shear / 3
    for cell, stiffness in zip(phases, CONTRAST.effective_stiffness(phases), strict=True):
        shares = np.bincount(cell.ravel()) / cell.size
        for value, bound in zip(
            orientation_averages(stiffness),
            (hashin_shtrikman_bulk, hashin_shtrikman_shear),
            strict=True,
        ):
            lower, upper = bound(bulk, shear, shares, 3)
            assert lower < value < upper


def test_refinement_of_a_cube_converges_from_above():
    coarse = np.zeros((1, 3, 3, 3), int)
    coarse[0, 1, 1, 1] = 1
    medium = VoxelElasticity((1.0, 10.0), (0.3, 0.3), tolerance=1e-7)
    values = [medium.effective_stiffness(refined(coarse, k))[0, 0, 0] for k in (1, 2, 4, 8)]
    steps = -np.diff(values)
    assert (steps > 0).all()
    # Edges and corners of the cube keep the order below two.
    assert (steps[1:] < 0.5 * steps[:-1]).all()


def test_gradient_agrees_with_finite_differences_at_every_voxel():
    medium = VoxelElasticity((0.05, 1.0), (0.2, 0.35), tolerance=1e-11)
    phases = np.random.default_rng(1).random((1, 2, 3, 4))
    stiffness, gradient = medium.effective_stiffness_and_gradient(phases)
    np.testing.assert_allclose(stiffness, medium.effective_stiffness(phases), rtol=1e-12)
    step = 1e-5
    unit = step * np.eye(24).reshape(24, 2, 3, 4)
    change = medium.effective_stiffness(phases + unit) - medium.effective_stiffness(phases - unit)
    wanted = np.moveaxis(change, 0, -1).reshape(6, 6, 2, 3, 4) / (2 * step)
    # The difference quotient is off by its third derivative times the step squared.
    np.testing.assert_allclose(gradient[0], wanted, atol=1e-8)


def test_fields_carry_the_effective_stress():
    phases = random_phases((2, 5, 6, 7))
    mean = np.array([0.3, -0.2, 0.5, 0.1, -0.4, 0.2])
    fields = CONTRAST.solve(phases, mean)
    assert fields.strain.shape == (2, 6, 5, 6, 7)
    np.testing.assert_allclose(
        fields.strain.mean((2, 3, 4)), np.tile(mean, (2, 1)), rtol=0, atol=1e-12
    )
    wanted = CONTRAST.effective_stiffness(phases) @ mean
    np.testing.assert_allclose(fields.stress.mean((2, 3, 4)), wanted, rtol=1e-8)


def test_axes_and_shifts():
    phases = random_phases((1, 4, 5, 6))
    stiffness = CONTRAST.effective_stiffness(phases)
    shifted = CONTRAST.effective_stiffness(np.roll(phases, (1, 2, 3), (1, 2, 3)))
    np.testing.assert_allclose(shifted, stiffness, atol=1e-9)
    axes = (2, 0, 1)
    other = CONTRAST.effective_stiffness(np.transpose(phases, (0, *(a + 1 for a in axes))))
    np.testing.assert_allclose(other, turned(stiffness, axes), atol=1e-9)


def test_single_precision():
    phases = random_phases((2, 12, 12, 12))
    settings = {"youngs_moduli": (2.4, 120.0), "poisson_ratios": (0.3, 0.3), "tolerance": 1e-5}
    single, double = (
        VoxelElasticity(**settings, dtype=dtype).solve(phases, [1, 0, 0, 0, 0, 0])
        for dtype in ("float32", "float64")
    )
    assert (single.iterations == double.iterations).all()
    # Rounding of float32 over some 25 iterations, relative to the mean strain of 1.
    np.testing.assert_allclose(single.strain, double.strain, atol=5e-5)
    exact = CONTRAST.effective_stiffness(phases)[:, 0, 0]
    np.testing.assert_allclose(single.stress[:, 0].mean(axis=(1, 2, 3)), exact, rtol=2e-6)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_conduction_in_laminates_is_exact(axis):
    layers = np.array([0, 1, 1, 2, 0])
    medium = VoxelConduction((1.0, 0.1, 5.0), tolerance=1e-10)
    values = np.asarray(medium.conductivities)[layers]
    phases = np.moveaxis(np.broadcast_to(layers, (3, 4, 5)), 2, axis)[np.newaxis]
    wanted = np.full(3, values.mean())
    wanted[axis] = 1 / np.mean(1 / values)
    found = medium.effective_conductivity(phases)[0]
    np.testing.assert_allclose(found, np.diag(wanted), atol=1e-10)


def test_conduction_agrees_with_scikit_fem_and_the_bounds():
    phases = random_phases((2, 5, 6, 7))
    mesh = PeriodicMesh((5, 6, 7), vector=False)
    theirs = [skfem_conductivity(cell, HEAT, mesh) for cell in phases]
    found = HEAT.effective_conductivity(phases)
    np.testing.assert_allclose(found, theirs, atol=1e-13)
    shares = np.stack([1 - phases.mean((1, 2, 3)), phases.mean((1, 2, 3))], -1)
    lower, upper = hashin_shtrikman_conductivity(HEAT.conductivities, shares, 3)
    mean = np.trace(found, axis1=1, axis2=2) / 3
    assert (lower < mean).all()
    assert (mean < upper).all()


def test_gradient_of_the_conductivity_agrees_with_finite_differences():
    medium = VoxelConduction((1.0, 0.05), tolerance=1e-11)
    phases = np.random.default_rng(1).random((1, 2, 3, 4))
    _, gradient = medium.effective_conductivity_and_gradient(phases)
    step = 1e-5
    unit = step * np.eye(24).reshape(24, 2, 3, 4)
    change = medium.effective_conductivity(phases + unit)
    change = change - medium.effective_conductivity(phases - unit)
    wanted = np.moveaxis(change, 0, -1).reshape(3, 3, 2, 3, 4) / (2 * step)
    np.testing.assert_allclose(gradient[0], wanted, atol=1e-8)
