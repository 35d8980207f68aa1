"""Influence coefficients: exact where they must be, and influence that falls with distance."""

import numpy as np
import pytest

from mdesign.data.sets.strains import CellSettings, StrainFields, random_cells, split_cells
from mdesign.models.localization.mks import (
    InfluenceCoefficients,
    by_level,
    influence_of_flips,
    neighbour_levels,
)
from mdesign.models.metrics import strain_error

SETTINGS = CellSettings(10.0, size=7)
RNG = np.random.default_rng


def inclusions(matrix, n=3):
    """Cells with one voxel of the other phase, each at another place."""
    cells = np.full((n, 7, 7, 7), matrix, np.uint8)
    places = RNG(0).integers(0, 7, (n, 3))
    cells[np.arange(n), *places.T] = 1 - matrix
    return cells


@pytest.fixture(scope="module")
def sets():
    return split_cells(SETTINGS.solve(random_cells(60, 7, RNG(0))))


@pytest.mark.parametrize("matrix", [0, 1])
def test_single_inclusions_are_exact(matrix):
    cells = SETTINGS.solve(inclusions(matrix))
    coefficients = InfluenceCoefficients.of_inclusion(SETTINGS, stiff_matrix=bool(matrix))
    assert cells.strains.std() > 0.02
    assert strain_error(coefficients(cells.phases), cells.strains).max() < 0.002


def test_calibration_on_one_inclusion_gives_its_coefficients():
    fitted = InfluenceCoefficients.calibrated(SETTINGS.solve(inclusions(0)))
    taken = InfluenceCoefficients.of_inclusion(SETTINGS)
    np.testing.assert_allclose(fitted.values, taken.values, atol=1e-4)


def test_two_distant_inclusions_nearly_add_up():
    cells = inclusions(0, 1)
    cells[0, 3, 3, 3] = 1
    assert cells.sum() == 2
    solved = SETTINGS.solve(cells)
    predicted = InfluenceCoefficients.of_inclusion(SETTINGS)(solved.phases)
    spread = strain_error(np.ones(solved.strains.shape), solved.strains)[0]
    assert strain_error(predicted, solved.strains)[0] < 0.1 * spread


def test_coefficients_of_a_linear_material_are_found():
    values = RNG(1).normal(size=(4, 3, 5))
    values -= values.mean()
    phases = RNG(2).integers(0, 2, (40, 4, 3, 5)).astype(np.uint8)
    strains = InfluenceCoefficients(values)(phases)
    shifted = sum(
        values[i, j, k] * np.roll(phases[0], (i, j, k), axis=(0, 1, 2))
        for i, j, k in np.ndindex(values.shape)
    )
    np.testing.assert_allclose(strains[0], 1 + shifted, rtol=1e-10)
    found = InfluenceCoefficients.calibrated(StrainFields(phases, strains))
    np.testing.assert_allclose(found.values, values, atol=1e-10)


def test_calibration_has_the_least_squared_error_on_its_cells(sets):
    known, _, test = sets
    fitted = InfluenceCoefficients.calibrated(known)
    squared = ((fitted(known.phases) - known.strains) ** 2).mean()
    for seed in range(3):
        change = 1e-3 * RNG(seed).normal(size=fitted.values.shape)
        other = InfluenceCoefficients(fitted.values + change - change.mean())
        assert ((other(known.phases) - known.strains) ** 2).mean() > squared
    errors = strain_error(fitted(test.phases), test.strains)
    assert errors.mean() < 0.7 * strain_error(np.ones(test.strains.shape), test.strains).mean()


def test_the_predicted_mean_strain_is_one(sets):
    predicted = InfluenceCoefficients.calibrated(sets[0])(sets[2].phases)
    np.testing.assert_allclose(predicted.mean(axis=(1, 2, 3)), 1.0, atol=1e-10)


def test_cells_are_calibrated_in_parts_as_in_one(sets, monkeypatch):
    whole = InfluenceCoefficients.calibrated(sets[0])
    monkeypatch.setattr("mdesign.models.localization.mks.CALIBRATED_TOGETHER", 7)
    parts = InfluenceCoefficients.calibrated(sets[0])
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-12)


@pytest.mark.parametrize("source", ["solver", "coefficients"])
def test_influence_falls_with_the_level_of_neighbours(sets, source):
    solver = lambda phases: SETTINGS.solve(phases).strains  # noqa: E731
    predict = solver if source == "solver" else InfluenceCoefficients.calibrated(sets[0])
    means = by_level(influence_of_flips(predict, sets[2].phases, 10, RNG(0)))[1]
    assert means[0] > 2 * means[1] and means[1] > 1.5 * means[2:4].mean()
    assert means[2:4].mean() > 2 * means[8:].mean()


def test_flips_of_a_linear_material_show_its_coefficients():
    values = RNG(1).normal(size=(4, 3, 5))
    values -= values.mean()
    phases = RNG(2).integers(0, 2, (5, 4, 3, 5)).astype(np.uint8)
    found = influence_of_flips(InfluenceCoefficients(values), phases, 4, RNG(0))
    np.testing.assert_allclose(found, np.abs(values), rtol=1e-10)


def test_levels_are_those_of_a_cubic_lattice():
    levels, distances = neighbour_levels((21, 21, 21))
    assert np.bincount(levels.ravel())[:8].tolist() == [1, 6, 12, 8, 6, 24, 24, 12]
    np.testing.assert_allclose(distances[:8] ** 2, [0, 1, 2, 3, 4, 5, 6, 8])
    assert levels[0, 0, 20] == 1 and levels[20, 20, 20] == 3


def test_level_means_are_those_of_their_voxels():
    influence = -RNG(0).random((5, 5, 5))
    distances, means = by_level(influence)
    nearest = [influence[1, 0, 0], influence[4, 0, 0], influence[0, 1, 0]]
    nearest += [influence[0, 4, 0], influence[0, 0, 1], influence[0, 0, 4]]
    assert means[1] == pytest.approx(-np.mean(nearest))
    assert len(distances) == len(means) == len(np.unique(distances))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: InfluenceCoefficients(np.full((2, 2, 2), np.nan)), "values must be finite"),
        (lambda: InfluenceCoefficients(np.ones((2, 2))), r"shape \(x, y, z\); got \(2, 2\)"),
        (
            lambda: InfluenceCoefficients(np.ones((2, 2, 2)))(np.ones((1, 3, 2, 2))),
            r"shape \(n, 2, 2, 2\); got \(1, 3, 2, 2\)",
        ),
        (
            lambda: InfluenceCoefficients.calibrated(
                StrainFields(np.ones((2, 3, 3, 3), np.uint8), np.ones((2, 3, 3, 3)))
            ),
            "data must show every frequency",
        ),
        (lambda: by_level(np.ones((2, 2))), r"shape \(x, y, z\); got \(2, 2\)"),
        (
            lambda: influence_of_flips(np.ones_like, np.ones((1, 2, 2, 2), int), 0, RNG(0)),
            "n_flips",
        ),
    ],
)
def test_says_what_is_wrong(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_a_list_will_do_for_coefficients():
    fields = InfluenceCoefficients([[[0.5, -0.5]]])([[[[0, 1]]]])
    np.testing.assert_allclose(fields, [[[[0.5, 1.5]]]])
