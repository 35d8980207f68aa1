"""Logistic regression: a planted rule is recovered, draws follow the weights, the loop improves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdesign.design.composites.logistic import (
    LogisticSettings,
    element_weights,
    logistic_search,
    sample_by_weights,
)
from mdesign.design.composites.sampling import random_designs
from mdesign.physics import CrackedComposite

SMALL = CrackedComposite(nx=8, ny=4, crack_length=2)
SEVEN_SOFT = 7 / 32


def test_weights_recover_a_planted_linear_rule():
    rng = np.random.default_rng(0)
    planted = rng.normal(size=20)
    designs = random_designs(4000, 20, 0.5, rng)
    score = designs @ planted
    weights = element_weights(designs, score > np.median(score))
    # All designs have the same sum, so weights are known up to a constant.
    assert np.corrcoef(weights, planted)[0, 1] > 0.98
    best = sample_by_weights(weights, 1, 0.5, temperature=0, rng=rng)[0]
    assert best @ planted > score.max() - 1e-9


def test_turned_labels_turn_the_weights():
    rng = np.random.default_rng(1)
    designs = random_designs(500, 10, 0.3, rng)
    good = designs[:, 0] > 0
    np.testing.assert_allclose(
        element_weights(designs, good), -element_weights(designs, ~good), atol=1e-3
    )


@given(st.integers(1, 30), st.floats(0, 1), st.floats(0, 5), st.integers(0, 2**32))
def test_draws_have_exactly_their_soft_elements(n, soft_fraction, temperature, seed):
    weights = np.linspace(-1, 1, 16)
    rng = np.random.default_rng(seed)
    drawn = sample_by_weights(weights, n, soft_fraction, temperature=temperature, rng=rng)
    assert drawn.shape == (n, 16)
    assert ((drawn == 0).sum(axis=1) == round(soft_fraction * 16)).all()


def test_one_soft_element_is_drawn_with_the_stated_probability():
    weights, temperature, n = np.array([0.0, 0.5, 1.0, 2.0]), 0.7, 40_000
    rng = np.random.default_rng(0)
    drawn = sample_by_weights(weights, n, 0.25, temperature=temperature, rng=rng)
    expected = np.exp(-weights / temperature)
    expected /= expected.sum()
    error = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs((drawn == 0).mean(axis=0) - expected) < 4 * error).all()


@pytest.fixture(scope="module")
def search():
    settings = LogisticSettings(pool=600, rounds=8)
    return logistic_search(SMALL, SEVEN_SOFT, np.random.default_rng(0), settings=settings)


def test_loop_beats_random_designs_at_equal_cost(search):
    assert search.n_evaluations == 600 * 9
    random = random_designs(search.n_evaluations, 32, SEVEN_SOFT, np.random.default_rng(0))
    assert search.toughness[0] > SMALL.toughness(random).max()
    # Never above the best of all 3,365,856 designs.
    assert search.toughness[0] < 57.2929


def test_pool_is_sorted_different_and_keeps_the_volume_fraction(search):
    assert (np.diff(search.toughness) <= 0).all()
    assert len(np.unique(search.designs, axis=0)) == len(search.designs)
    assert ((search.designs == 0).sum(axis=1) == 7).all()
    np.testing.assert_allclose(SMALL.toughness(search.designs), search.toughness)


def test_history_never_falls(search):
    assert search.weights.shape == (8, 32)
    assert search.best.shape == search.mean.shape == (9,)
    assert (np.diff(search.best) >= 0).all()
    assert search.mean[-1] > 3 * search.mean[0]
    assert search.best[-1] == search.toughness[0]


def test_soft_material_above_the_crack_face_pays(search):
    # The optimum puts its row of soft elements there; see the 8x8 oracle.
    image = search.weights[-1].reshape(8, 4)
    assert image[1:4, 1:3].mean() < image[5:, :].mean()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: element_weights(np.eye(3), [1, 1, 1]), "both labels; got 3 good of 3"),
        (lambda: element_weights(np.eye(2), [0, 1], penalty=0), "penalty must be positive"),
        (lambda: LogisticSettings(pool=1), "pool must be at least 2; got 1"),
        (lambda: LogisticSettings(good_share=1.0), "good_share must lie in .* got 1.0"),
        (
            lambda: sample_by_weights([1.0], 1, 0, temperature=-1, rng=np.random.default_rng(0)),
            "temperature must be at least 0 and finite; got -1",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
