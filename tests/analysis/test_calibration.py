"""Levels of highest-density regions."""

import numpy as np
import pytest
from scipy import stats

from mdesign.analysis.calibration import best_widening, coverage, density_levels, widened
from mdesign.models.mdn import Mixture, sample_mixture

N = 1_000


def mixture(scale=1.0):
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(3), N)
    means, scales = rng.normal(0, 0.5, (N, 3, 2)), rng.uniform(0.1, 0.6, (N, 3, 2))
    return Mixture(np.log(weights), means, scale * scales)


@pytest.mark.parametrize("bound", [None, 1.0])
def test_levels_of_own_draws_are_uniform(bound):
    rng = np.random.default_rng(1)
    points = sample_mixture(mixture(), 1, rng, bound=bound)[:, 0]
    levels = density_levels(mixture(), points, n_draws=19, rng=rng, bound=bound)
    assert stats.kstest(levels, "uniform").pvalue > 0.01


@pytest.mark.parametrize(("scale", "too_wide"), [(2.0, True), (0.5, False)])
def test_mixtures_that_are_too_wide_cover_too_much(scale, too_wide):
    rng = np.random.default_rng(1)
    points = sample_mixture(mixture(), 1, rng)[:, 0]
    covered = coverage(density_levels(mixture(scale), points, n_draws=50, rng=rng), [0.5, 0.8])
    assert ((covered > np.array([0.6, 0.87])) == too_wide).all()
    assert ((covered < np.array([0.4, 0.7])) == (not too_wide)).all()


@pytest.mark.parametrize("bound", [None, 1.0])
def test_the_factor_that_a_mixture_lacks_is_found(bound):
    points = sample_mixture(mixture(), 1, np.random.default_rng(1), bound=bound)[:, 0]
    factor = best_widening(widened(mixture(), 0.4), points, bound=bound)
    assert factor == pytest.approx(2.5, rel=0.06)


def test_a_gaussian_gives_the_chi_square_level():
    gaussian = Mixture(np.zeros((2, 1)), np.zeros((2, 1, 2)), np.full((2, 1, 2), 0.3))
    points = np.array([[0.3, 0.0], [0.6, 0.3]])
    levels = density_levels(gaussian, points, n_draws=40_000, rng=np.random.default_rng(0))
    np.testing.assert_allclose(levels, stats.chi2.cdf([1, 5], 2), atol=0.01)


def test_bad_input_is_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="points"):
        density_levels(mixture(), np.zeros((N, 3)), n_draws=5, rng=rng)
    with pytest.raises(ValueError, match="n_draws"):
        density_levels(mixture(), np.zeros((N, 2)), n_draws=0, rng=rng)
    with pytest.raises(ValueError, match=r"points must lie within the bound 0\.5; got 0\.6"):
        density_levels(mixture(), np.full((N, 2), 0.6), n_draws=5, rng=rng, bound=0.5)
    for levels in ([np.nan], [1.5], []):
        with pytest.raises(ValueError, match="levels must"):
            coverage(levels, [0.5])
