"""Mixture density networks: likelihood, sampling, saving, and the published weights."""

import keras
import numpy as np
import pytest
from scipy import stats

from mdesign.models.mdn import (
    Mixture,
    MixtureLoss,
    build_mdn,
    log_density,
    mixture_of,
    sample_mixture,
)


@pytest.fixture
def mixture():
    """Two conditions, three components, two dimensions."""
    rng = np.random.default_rng(3)
    weights = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    return Mixture(np.log(weights), rng.normal(size=(2, 3, 2)), rng.uniform(0.2, 0.7, (2, 3, 2)))


def scipy_log_density(mixture, condition, points):
    density = 0.0
    for k, weight in enumerate(np.exp(mixture.log_weights[condition])):
        covariance = np.diag(mixture.scales[condition, k] ** 2)
        gaussian = stats.multivariate_normal(mixture.means[condition, k], covariance)
        density = density + weight * gaussian.pdf(points)
    return np.log(density)


def raw(mixture):
    """The outputs of a network with this mixture; logits are free up to a constant."""
    parts = mixture.means, mixture.scales, mixture.log_weights + 1.7
    return np.concatenate([part.reshape(len(part), -1) for part in parts], 1).astype(np.float32)


def test_loss_is_minus_the_log_likelihood_of_scipy(mixture):
    points = np.random.default_rng(0).normal(size=(2, 2))
    loss = MixtureLoss(3, reduction=None)(points.astype(np.float32), raw(mixture))
    expected = [-scipy_log_density(mixture, b, points[b]) for b in range(2)]
    np.testing.assert_allclose(keras.ops.convert_to_numpy(loss), expected, rtol=1e-5)


def test_log_density_agrees_with_scipy(mixture):
    points = np.random.default_rng(0).normal(size=(2, 5, 2))
    expected = [scipy_log_density(mixture, b, points[b]) for b in range(2)]
    np.testing.assert_allclose(log_density(mixture, points), expected, rtol=1e-12)
    np.testing.assert_allclose(log_density(mixture, points[:, 1]), np.array(expected)[:, 1])


def test_a_bounded_density_is_one_over_the_box(mixture):
    axis = (np.arange(200) + 0.5) / 100 - 1
    grid = np.stack(np.meshgrid(axis, axis), -1).reshape(1, -1, 2)
    densities = np.exp(log_density(mixture, np.tile(grid, (2, 1, 1)), bound=1.0))
    np.testing.assert_allclose(densities.sum(1) * 1e-4, 1, rtol=1e-3)


def test_samples_have_the_moments_of_the_mixture(mixture):
    n = 200_000
    points = sample_mixture(mixture, n, np.random.default_rng(1))
    weights = np.exp(mixture.log_weights)[..., np.newaxis]
    mean = (weights * mixture.means).sum(1)
    second = (weights * (mixture.means**2 + mixture.scales**2)).sum(1)
    error = np.sqrt((second - mean**2) / n)
    assert points.shape == (2, n, 2)
    assert (np.abs(points.mean(1) - mean) < 5 * error).all()
    np.testing.assert_allclose((points**2).mean(1), second, rtol=0.02)


def test_bounded_samples_are_those_of_the_free_mixture_that_lie_in_the_box(mixture):
    free = sample_mixture(mixture, 200_000, np.random.default_rng(1))
    bounded = sample_mixture(mixture, 100_000, np.random.default_rng(2), bound=1.0)
    assert (np.abs(bounded) < 1).all()
    for b in range(2):
        kept = free[b][(np.abs(free[b]) < 1).all(-1)]
        assert 0.2 < len(kept) / len(free[b]) < 0.98  # the bound matters
        for dimension in range(2):
            gap = stats.ks_2samp(kept[:, dimension], bounded[b, :, dimension]).statistic
            assert gap < 0.012  # three standard errors of such samples


@pytest.mark.parametrize("mean", [-9.0, 9.0])
def test_bounded_samples_of_a_component_outside_the_box_lie_at_its_edge(mean):
    outside = Mixture(np.zeros((1, 1)), np.full((1, 1, 1), mean), np.full((1, 1, 1), 0.5))
    draws = sample_mixture(outside, 1_000, np.random.default_rng(0), bound=1.0).ravel()
    # The tail falls with distance 0.5 / 16 from the edge.
    assert abs(abs(draws.mean()) - (1 - 0.5 / 16)) < 0.005
    assert np.sign(draws.mean()) == np.sign(mean)
    assert (np.abs(draws) < 1).all()


@pytest.mark.parametrize("deviations", [30, 36, 38, 50, 500, 1e5])
@pytest.mark.parametrize("sign", [-1, 1])
def test_far_outside_the_box_the_distance_from_the_edge_is_exponential(sign, deviations):
    mean = np.full((1, 1, 1), sign * (1.0 + deviations))
    outside = Mixture(np.zeros((1, 1)), mean, np.ones((1, 1, 1)))
    draws = sample_mixture(outside, 2_000, np.random.default_rng(0), bound=1.0).ravel()
    distances = (1 - sign * draws) * deviations
    # Bound by the edge that is never drawn, at 1 - 2^-20, and by the rounding of the mean.
    assert distances.min() > 0
    if deviations < 1e4:
        assert distances.mean() == pytest.approx(1, abs=0.1)
    assert np.abs(sign * draws - 1).max() < 20 / deviations


@pytest.mark.parametrize(("n_latents", "outputs"), [(9, 760), (4, 360)])
def test_the_paper_s_count_of_outputs_and_weights(n_latents, outputs):
    model = build_mdn(n_latents, scale="elu", seed=0)
    assert model.output_shape == (None, outputs)
    kernels = [
        layer.kernel.shape for layer in model.layers if isinstance(layer, keras.layers.Dense)
    ]
    assert [shape[0] for shape in kernels] == [1, 17, 33, 49, 16, 16, 16]


def test_saving_and_loading_gives_the_same_outputs(tmp_path):
    model = build_mdn(2, n_components=3, standardise=(0.66, 0.04), seed=1)
    model.compile("adam", MixtureLoss(3))
    model.save(tmp_path / "mdn.keras")
    loaded = keras.models.load_model(tmp_path / "mdn.keras")
    inputs = np.linspace(0.5, 0.8, 7, dtype=np.float32)[:, None]
    np.testing.assert_array_equal(model(inputs), loaded(inputs))
    assert loaded.loss.n_components == 3


def test_the_same_seed_gives_the_same_network():
    first, again, other = (build_mdn(2, seed=seed).get_weights()[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_it_learns_both_branches_of_an_inverse_with_two_answers():
    rng = np.random.default_rng(0)
    branch = rng.choice([-1.0, 1.0], 2_000)
    wanted = rng.uniform(0.2, 0.8, 2_000)
    designs = (branch * wanted + rng.normal(0, 0.02, 2_000)).astype(np.float32)[:, None]
    model = build_mdn(1, n_components=4, standardise=(0.5, 0.17), seed=0)
    model.compile(keras.optimizers.Adam(1e-2), MixtureLoss(4))
    model.fit(wanted.astype(np.float32)[:, None], designs, batch_size=128, epochs=25, verbose=0)
    points = sample_mixture(mixture_of(model, [0.6]), 2_000, rng)[0, :, 0]
    assert 0.35 < (points > 0).mean() < 0.65
    assert np.median(np.abs(np.abs(points) - 0.6)) < 0.08


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"n_outputs": 0}, "n_outputs"),
        ({"n_outputs": 2, "n_components": 0}, "n_components"),
        ({"n_outputs": 2, "hidden": ()}, "hidden"),
        ({"n_outputs": 2, "scale": "exp"}, "scale"),
    ],
)
def test_bad_arguments_are_named(arguments, name):
    with pytest.raises(ValueError, match=name):
        build_mdn(**arguments, seed=0)


def test_properties_at_which_the_network_gives_no_numbers_are_named():
    model = build_mdn(2, n_components=2, hidden=(4,), seed=0)
    model.get_layer("logits").set_weights([np.full((4, 2), 1e38), np.zeros(2)])
    with pytest.raises(ValueError, match="properties must be near the properties of the training"):
        mixture_of(model, [1e38])


def test_a_mixture_that_is_none_is_refused(mixture):
    with pytest.raises(ValueError, match="scales"):
        Mixture(mixture.log_weights, mixture.means, -mixture.scales)
    with pytest.raises(ValueError, match="log_weights"):
        Mixture(mixture.log_weights + 1, mixture.means, mixture.scales)
    with pytest.raises(ValueError, match="shapes"):
        Mixture(mixture.log_weights[:, :2], mixture.means, mixture.scales)
    with pytest.raises(ValueError, match="bound"):
        sample_mixture(mixture, 1, np.random.default_rng(0), bound=0.0)


def test_a_constant_property_cannot_be_standardised():
    with pytest.raises(ValueError, match="deviation in standardise must be positive"):
        build_mdn(2, standardise=(0.5, 0.0), seed=0)
