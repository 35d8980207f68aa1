"""Rules of mixtures between their limits, and regression on two-point statistics."""

import numpy as np
import pytest

from mdesign.data.sets.stiffness import COMPOSITE, stiffness_cells
from mdesign.microstructure import scattered, two_point_correlation
from mdesign.models.homogenization.baselines import (
    mixture_rules,
    two_point_features,
    two_point_regression,
)
from mdesign.models.metrics import accuracy
from mdesign.physics import VoxelElasticity


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    return stiffness_cells(400, 7, scale=0.4, folder=tmp_path_factory.mktemp("cells"))


def test_rules_agree_on_a_single_phase():
    normal = COMPOSITE.lame_parameters[0] + 2 * COMPOSITE.lame_parameters[1]
    for values in mixture_rules([0.0, 1.0]).values():
        np.testing.assert_allclose(values, normal)


def test_rules_are_ordered_and_as_given_by_hand():
    rules = mixture_rules(np.linspace(0.05, 0.95, 10))
    rising = ("Reuss", "Hashin-Shtrikman lower", "Hashin-Shtrikman mean", "Hashin-Shtrikman upper")
    values = [rules[name] for name in (*rising, "Voigt")]
    assert (np.diff(values, axis=0) > 0).all()
    # Of one Poisson's ratio, all moduli mix alike: E (1 - nu) / (1 + nu) / (1 - 2 nu).
    half = mixture_rules([0.5])
    factor = 0.7 / 1.3 / 0.4
    assert half["Voigt"][0] == pytest.approx(61.2 * factor)
    assert half["Reuss"][0] == pytest.approx(2 / (1 / 2.4 + 1 / 120) * factor)
    assert half["Hill"][0] == pytest.approx((half["Voigt"][0] + half["Reuss"][0]) / 2)


def test_two_poissons_ratios_mix_by_bulk_and_shear_modulus():
    composite = VoxelElasticity((1.0, 10.0), (0.1, 0.4))
    first, shear = composite.lame_parameters
    bulk = first + 2 * shear / 3
    wanted = 1 / np.mean(1 / bulk) + 4 / 3 / np.mean(1 / shear)
    assert mixture_rules([0.5], composite)["Reuss"][0] == pytest.approx(wanted)


def test_every_cell_lies_between_voigt_and_reuss(cells):
    rules = mixture_rules(cells.fraction)
    assert (cells.stiffness > rules["Reuss"]).all()
    assert (cells.stiffness < rules["Voigt"]).all()
    # Of the rules the means are the best by far, as the paper's rule is.
    errors = {name: accuracy(value, cells.stiffness).percent for name, value in rules.items()}
    assert max(errors["Hill"], errors["Hashin-Shtrikman mean"]) < 50 < errors["Reuss"]
    assert errors["Voigt"] > 80


@pytest.mark.parametrize("sides", [(5, 5, 5), (4, 5, 6)])
def test_features_are_each_shift_and_its_opposite_once(sides):
    phases = scattered(3, sides, fraction=0.4, rng=np.random.default_rng(0))
    features = two_point_features(phases)
    maps = two_point_correlation(phases)
    ways = [2 if side % 2 == 0 else 1 for side in sides]
    # Shifts that are their own opposites: zero, and half an even side.
    assert features.shape == (3, (np.prod(sides) + np.prod(ways)) // 2)
    np.testing.assert_allclose(features[:, 0], maps[:, 0, 0, 0], rtol=1e-6)
    for one, values in zip(maps, features, strict=True):
        np.testing.assert_allclose(np.unique(one.round(6)), np.unique(values.round(6)), atol=2e-6)


def test_few_lags_leave_few_features():
    phases = scattered(2, (9, 9, 9), fraction=0.4, rng=np.random.default_rng(0))
    near = two_point_features(phases, max_lag=1)
    assert near.shape == (2, 14)
    maps = two_point_correlation(phases)
    around = maps[:, [-1, 0, 1]][:, :, [-1, 0, 1]][:, :, :, [-1, 0, 1]].reshape(2, -1)
    np.testing.assert_allclose(np.sort(near)[:, [0, -1]], np.sort(around)[:, [0, -1]], rtol=1e-6)


def test_statistics_tell_more_than_the_fraction(cells):
    train, test = cells[:320], cells[320:]
    found = two_point_regression(train, components=(3, 10), degrees=(1, 2))
    cubic = np.polyfit(train.fraction, train.stiffness, 3)
    by_fraction = accuracy(np.polyval(cubic, test.fraction), test.stiffness)
    ours = accuracy(found(test.phases), test.stiffness)
    assert ours.gpa < 0.75 * by_fraction.gpa
    assert (found.components, found.degree) == (10, 2)


def test_a_choice_with_too_many_terms_is_left_out(cells):
    found = two_point_regression(cells[:60], components=(2, 10), degrees=(1, 3))
    # 10 components have 286 terms up to the third degree, more than 48 cells.
    assert (found.components, found.degree) != (10, 3)
    with pytest.raises(ValueError, match="fewer terms than the 16 cells"):
        two_point_regression(cells[:20], components=(20,))


def test_the_same_seed_gives_the_same_regression(cells):
    options = {"components": (5,), "degrees": (2,)}
    first, again = (two_point_regression(cells[:100], **options) for _ in range(2))
    np.testing.assert_array_equal(first(cells.phases[:9]), again(cells.phases[:9]))


def test_negative_lags_are_refused():
    with pytest.raises(ValueError, match="max_lag must be at least 0; got -1"):
        two_point_features(np.zeros((1, 4, 4, 4)), max_lag=-1)
