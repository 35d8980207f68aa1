"""Random fields: do they have the wanted statistics?"""

import ast

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from mdesign.microstructure import (
    autocorrelation,
    field_covariance,
    gaussian_random_fields,
    ranked_random_fields,
    two_point_correlation,
    volume_fraction,
)


def fields(n=200, shape=(64, 64), seed=0, **changes):
    wanted = {
        "volume_fraction": 0.3,
        "correlation": lambda lag: np.exp(-lag / 3),
        "rng": np.random.default_rng(seed),
    } | changes
    return gaussian_random_fields(n, shape, **wanted)


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.8])
def test_volume_fraction_is_met_on_average(fraction):
    # 200 patterns of some 70 independent patches each: a standard error below 0.005.
    assert volume_fraction(fields(volume_fraction=fraction)).mean() == pytest.approx(
        fraction, abs=0.015
    )


def test_each_pattern_can_have_a_fraction_of_its_own():
    fractions = np.linspace(0.1, 0.9, 20)
    found = volume_fraction(fields(20, (128, 128), volume_fraction=fractions))
    np.testing.assert_allclose(found, fractions, atol=0.1)
    assert np.corrcoef(found, fractions)[0, 1] > 0.99


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("fraction", [0.3, 0.6])
def test_correlation_is_met(periodic, fraction):
    patterns = fields(400, volume_fraction=fraction, periodic=periodic)
    found = autocorrelation(patterns, periodic=periodic).mean(axis=0)
    lags = np.arange(1, 9)
    # An exponential is a correlation that a level cut can nearly have.
    np.testing.assert_allclose(found[lags, 0], np.exp(-lags / 3), atol=0.03)
    np.testing.assert_allclose(found[0, lags], np.exp(-lags / 3), atol=0.03)
    np.testing.assert_allclose(
        found[[1, 2], [1, 2]], np.exp(-np.array([1, 2]) * 2**0.5 / 3), atol=0.03
    )


def test_a_table_of_lags_is_met():
    table = [1, 0.7, 0.45, 0.25, 0.12, 0.05]
    found = autocorrelation(fields(400, correlation=table)).mean(axis=0)
    np.testing.assert_allclose(found[:6, 0], table, atol=0.03)
    assert abs(found[12, 0]) < 0.03


@pytest.mark.parametrize(
    ("correlation", "fraction"), [([1, 0.7, 0.5, 0.3], 0.5), ([1, 0.5], 0.5), ([1] * 6, 0.3)]
)
def test_a_correlation_that_no_level_cut_has_is_refused_and_the_nearest_met(correlation, fraction):
    wanted = {"volume_fraction": fraction, "correlation": correlation}
    with pytest.raises(ValueError, match=r"the nearest is \[1\.0, ") as refusal:
        fields(2, **wanted)
    nearest = ast.literal_eval(str(refusal.value).split("the nearest is ")[1])
    found = autocorrelation(fields(400, **wanted | {"correlation": nearest})).mean(axis=0)
    lags = np.arange(len(nearest))
    np.testing.assert_allclose(found[lags, 0], nearest, atol=0.03)
    np.testing.assert_allclose(found[0, lags], nearest, atol=0.03)


def test_a_gaussian_correlation_is_refused():
    # A pattern with edges has a kink at lag 0, where a Gaussian is flat.
    with pytest.raises(ValueError, match="correlation must be one that a level cut"):
        fields(2, correlation=lambda lag: np.exp(-((lag / 5) ** 2)))


def test_periodic_patterns_fit_together_and_others_do_not():
    def share_of_steps(patterns):
        inner = (patterns[:, 1:] != patterns[:, :-1]).mean()
        return (patterns[:, 0] != patterns[:, -1]).mean() / inner

    assert share_of_steps(fields(periodic=True)) == pytest.approx(1, abs=0.1)
    assert share_of_steps(fields(periodic=False)) > 1.5


def test_field_covariance_inverts_the_bivariate_normal():
    fraction = 0.311
    level = norm.isf(fraction)
    for covariance in (-0.3, 0.2, 0.6, 0.95):
        both = multivariate_normal([0, 0], [[1, covariance], [covariance, 1]]).cdf([-level, -level])
        correlation = (both - fraction**2) / (fraction * (1 - fraction))
        assert field_covariance(correlation, fraction) == pytest.approx(covariance, abs=1e-4)


def test_the_same_seed_gives_the_same_patterns():
    assert (fields(5, seed=3) == fields(5, seed=3)).all()
    assert (fields(5, seed=3) != fields(5, seed=4)).any()


def test_sides_may_differ_and_be_odd():
    patterns = fields(3, (33, 50))
    assert patterns.shape == (3, 33, 50)
    assert patterns.dtype == np.uint8
    assert two_point_correlation(patterns).shape == (3, 33, 50)
    assert fields(0).shape == (0, 64, 64)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n": -1}, "n must be at least 0; got -1"),
        ({"shape": (0, 4)}, "shape must be at least 1; got 0"),
        ({"shape": (4, 4, 4)}, "shape must be 2 sides"),
        ({"volume_fraction": 1.0}, r"volume_fraction must lie in \(0, 1\); got 1"),
        ({"correlation": [0.9, 0.5]}, "correlation must be 1 at lag 0; got 0.9"),
        ({"correlation": [1, 1.2]}, "autocorrelation must be at most 1; got 1.2"),
    ],
)
def test_says_what_is_wrong(changes, said):
    with pytest.raises(ValueError, match=said):
        fields(**({"n": 2} | changes))


def test_ranked_fields_have_exactly_their_fractions():
    fractions = np.array([0.1, 0.25, 0.5, 0.9])
    options = {"correlation": [1, 0.57, 0.24, 0.04], "volume_fraction": fractions}
    patterns = ranked_random_fields(4, (20, 30), rng=np.random.default_rng(0), **options)
    assert patterns.mean(axis=(1, 2)).tolist() == fractions.tolist()
    assert patterns.dtype == np.uint8
    # The same stream cut at a level instead: the smaller set of each pair lies in the larger one.
    levelled = gaussian_random_fields(4, (20, 30), rng=np.random.default_rng(0), **options)
    nested = [
        (one <= other).all() or (one >= other).all()
        for one, other in zip(patterns, levelled, strict=True)
    ]
    assert all(nested)


def test_ranked_fields_check_what_they_are_asked():
    with pytest.raises(ValueError, match=r"volume_fraction must lie in \(0, 1\); got 1"):
        ranked_random_fields(
            1, (8, 8), volume_fraction=1.0, correlation=[1], rng=np.random.default_rng(0)
        )
