"""Agents: features of known cells, functions of them found, contexts with models of their own."""

from dataclasses import replace

import numpy as np
import pytest

from mdesign.data.sets.strains import CellSettings, StrainFields, random_cells, split_cells
from mdesign.models.localization.agents import (
    AgentSettings,
    MultiAgent,
    SingleAgent,
    neighbour_features,
)
from mdesign.models.metrics import strain_error

RNG = np.random.default_rng
SETTINGS = AgentSettings(levels=3, voxels_per_cell=100, trees=5, contexts=4)


def one_voxel(x, y, z):
    cell = np.zeros((1, 7, 7, 7), np.uint8)
    cell[0, x, y, z] = 1
    return cell


@pytest.fixture(scope="module")
def sets():
    return split_cells(CellSettings(10.0, size=7).solve(random_cells(60, 7, RNG(0))))


def test_shells_of_one_stiff_voxel():
    features = neighbour_features(one_voxel(0, 0, 6), 2, axial=False)[0]
    assert features.shape == (7, 7, 7, 4)
    near = [1 / 343, 1 / 6, 0]
    np.testing.assert_allclose(features[0, 0, 6], [1, 1 / 343, 0, 0], atol=1e-6)
    for place in ((1, 0, 6), (6, 0, 6), (0, 0, 0), (0, 6, 6)):
        np.testing.assert_allclose(features[place], [0, *near], atol=1e-6)
    np.testing.assert_allclose(features[1, 1, 6], [0, 1 / 343, 0, 1 / 12], atol=1e-6)
    np.testing.assert_allclose(features[3, 3, 3], [0, 1 / 343, 0, 0], atol=1e-6)


def test_along_the_load_is_told_from_beside():
    features = neighbour_features(one_voxel(3, 3, 3), 1, axial=True)[0]
    np.testing.assert_allclose(features[3, 4, 3, 2:], [1 / 4, 0], atol=1e-6)
    np.testing.assert_allclose(features[4, 3, 3, 2:], [0, 1 / 2], atol=1e-6)


def test_shells_add_up_to_the_whole_cell():
    cells = random_cells(2, 5, RNG(3))
    features = neighbour_features(cells, 9, axial=False)
    counts = [6, 12, 8, 6, 24, 24, 12, 24, 8]  # of a periodic cell of 5 voxels a side
    total = features[..., 0] + features[..., 2:] @ np.array(counts, np.float32)
    expected = np.broadcast_to(cells.sum((1, 2, 3))[:, None, None, None], cells.shape)
    np.testing.assert_allclose(total, expected, rtol=1e-4)


def linear(cells):
    """Fields that are a linear function of the features."""
    features = neighbour_features(cells, 1, axial=True)
    fields = features @ np.array([-0.5, 0.3, -0.2, 0.4], np.float32)
    return StrainFields(cells, fields + 1 - fields.mean((1, 2, 3), keepdims=True))


def test_the_multi_agent_finds_what_is_linear_in_each_context():
    # The mean of a field depends on the fraction alone, so that the shift is linear too.
    known, test = linear(random_cells(10, 6, RNG(0))), linear(random_cells(3, 6, RNG(1)))
    agents = MultiAgent.trained(known, replace(SETTINGS, levels=1))
    assert len(agents.agents) == 4
    assert strain_error(agents(test.phases), test.strains).max() < 0.5


def test_agents_learn_from_solved_cells_and_gain_from_the_direction(sets):
    known, _, test = sets
    plain = strain_error(np.ones(test.strains.shape), test.strains).mean()
    for kind in (SingleAgent, MultiAgent):
        errors = {
            axial: strain_error(
                kind.trained(known, replace(SETTINGS, axial=axial))(test.phases), test.strains
            ).mean()
            for axial in (False, True)
        }
        assert errors[True] < 0.8 * errors[False] < 0.8 * plain


def test_the_same_seed_gives_the_same_fields(sets):
    known, _, test = sets
    for kind in (SingleAgent, MultiAgent):
        first, again, other = (
            kind.trained(known[:5], replace(SETTINGS, seed=seed))(test.phases[:1])
            for seed in (0, 0, 1)
        )
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)


def test_cells_predicted_together_are_those_predicted_alone(sets, monkeypatch):
    agent = SingleAgent.trained(sets[0][:5], SETTINGS)
    whole = agent(sets[2].phases[:3])
    monkeypatch.setattr("mdesign.models.localization.agents.PREDICTED_TOGETHER", 2)
    np.testing.assert_array_equal(agent(sets[2].phases[:3]), whole)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: AgentSettings(trees=0), "trees must be at least 1; got 0"),
        (lambda: neighbour_features(np.ones((2, 2, 2)), 1, axial=False), r"shape \(n, x, y, z\)"),
        (
            lambda: neighbour_features(np.ones((1, 3, 3, 3)), 4, axial=False),
            r"levels must lie in \[1, 3\]; got 4",
        ),
    ],
)
def test_says_what_is_wrong(call, said):
    with pytest.raises(ValueError, match=said):
        call()
