"""Methods that learn nothing."""

import numpy as np
import pytest

from mdesign.design.patterns.baselines import Lookup, RandomDraws, prior_errors
from mdesign.models.gan.network import build_generator


def test_random_draws_follow_the_generator_and_not_the_target():
    method = RandomDraws(build_generator((4,), seed=0), (3, 2))
    low = method.candidates(0.55, 5, np.random.default_rng(0))
    high = method.candidates(0.75, 5, np.random.default_rng(0))
    assert low.shape == (5, 12, 8)
    assert low.dtype == np.uint8
    np.testing.assert_array_equal(low, high)
    assert not np.array_equal(low, method.candidates(0.55, 5, np.random.default_rng(1)))


def test_lookup_gives_the_nearest_first():
    values = np.array([0.1, 0.5, 0.9, 0.45, 0.62])
    patterns = np.eye(5, dtype=np.uint8)[:, :, None]
    found = Lookup(patterns, values).candidates(0.52, 3, np.random.default_rng(0))
    assert found[:, :, 0].argmax(axis=1).tolist() == [1, 3, 4]


def test_lookup_refuses_more_than_it_holds():
    patterns = np.zeros((3, 2, 2), np.uint8)
    for n in (4, 0, -1):
        with pytest.raises(ValueError, match=rf"n must lie in \[1, 3\]; got {n}"):
            Lookup(patterns, np.zeros(3)).candidates(0.5, n, np.random.default_rng(0))
    with pytest.raises(ValueError, match="values must be finite; got nan"):
        Lookup(patterns, np.array([0.1, np.nan, 0.2]))
    with pytest.raises(ValueError, match="values"):
        Lookup(patterns, np.zeros(2))


def test_expected_errors_of_random_draws():
    rng = np.random.default_rng(0)
    values = rng.normal(0.66, 0.04, 500)
    draws = rng.choice(values, (20_000, 30))
    errors = np.abs(draws - 0.75) / 0.75
    minimum, mean = prior_errors(values, 0.75, 30)
    assert minimum == pytest.approx(errors.min(axis=1).mean(), rel=0.05)
    assert mean == pytest.approx(errors.mean(), rel=0.01)
    assert prior_errors(values, 0.75, 1) == pytest.approx((mean, mean))
    with pytest.raises(ValueError, match="n must be at least 1"):
        prior_errors(values, 0.75, 0)
