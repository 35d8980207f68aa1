"""GAN-MDN, PCA-MDN and direct MDN on small cases."""

from dataclasses import replace

import numpy as np
import pytest

from mdesign.design.patterns.mixture import (
    MdnSettings,
    binary_images,
    train_latent_mixture,
    train_pixel_mixture,
    train_principal_mixture,
)
from mdesign.models.gan.network import build_generator
from mdesign.models.gan.trained import decode
from mdesign.models.mdn import log_density
from mdesign.training.fit import FitSettings

SMALL = MdnSettings(n_components=3, fit=FitSettings(epochs=12, batch_size=32, learning_rate=2e-2))
RNG = np.random.default_rng(0)
N = 400


@pytest.fixture(scope="module")
def generator():
    return build_generator((4,), seed=0)


@pytest.fixture(scope="module")
def latent(generator):
    """GAN-MDN where the property is the mean of the latent."""
    latents = RNG.uniform(-1, 1, (N, 2, 2)).astype(np.float32)
    values = 0.65 + 0.05 * latents.mean((1, 2))
    return train_latent_mixture(latents, values, generator, settings=SMALL), latents, values


def stripes(n):
    """Patterns of two stripes whose widths add up to the property."""
    widths = RNG.integers(1, 5, (n, 2))
    columns = np.arange(8)
    pattern = np.where(
        np.arange(8)[:, None] < 4, columns < widths[:, :1, None], columns < widths[:, 1:, None]
    )
    return pattern.astype(np.uint8), 0.4 + 0.5 * pattern.mean((1, 2))


def test_candidates_follow_the_target(latent):
    method, _, _ = latent
    low, high = (
        method.latents(target, 300, np.random.default_rng(1)).mean((1, 2)).mean()
        for target in (0.63, 0.67)
    )
    assert low < -0.15
    assert high > 0.15


def test_latents_lie_where_the_generator_was_trained(latent):
    method, _, _ = latent
    assert np.abs(method.latents(0.7, 2_000, np.random.default_rng(0))).max() < 1
    free = replace(method, bounded=False)
    assert np.abs(free.latents(0.7, 2_000, np.random.default_rng(0))).max() > 1


def test_candidates_are_decoded_latents_and_repeatable(latent, generator):
    method, _, _ = latent
    patterns = method.candidates(0.66, 7, np.random.default_rng(5))
    expected = decode(generator, method.latents(0.66, 7, np.random.default_rng(5)))
    assert patterns.dtype == np.uint8
    np.testing.assert_array_equal(patterns, expected)


def test_unseen_latents_are_likelier_given_their_own_property(latent):
    method, _, _ = latent
    latents = np.random.default_rng(9).uniform(-1, 1, (200, 2, 2))
    values = 0.65 + 0.05 * latents.mean((1, 2))
    mixture, points = method.mixture(values), latents.reshape(200, -1)
    own, others = (log_density(mixture, p).mean() for p in (points, np.roll(points, 1, axis=0)))
    assert own > others + 0.5


def test_principal_components_rebuild_the_patterns_they_came_from():
    patterns, values = stripes(N)
    method = train_principal_mixture(patterns, values, 6, settings=SMALL)
    assert method.explained > 0.999
    spread = method.components.std(0).reshape(8, 8)
    assert spread[:, 5:].max() < 1e-5  # never 1 in any pattern
    for threshold in ("otsu", "fraction"):
        kind = replace(method, threshold=threshold)
        low, high = (kind.candidates(t, 100, np.random.default_rng(0)).mean() for t in (0.5, 0.6))
        assert low < high - 0.05


def test_pixels_follow_the_target():
    patterns, values = stripes(N)
    method = train_pixel_mixture(patterns, values, threshold="fraction", settings=SMALL)
    found = [method.candidates(t, 300, np.random.default_rng(0)) for t in (0.5, 0.6)]
    assert found[0].shape == (300, 8, 8)
    assert set(np.unique(found[0])) == {0, 1}
    assert found[0].mean() < found[1].mean() - 0.05


def test_a_finished_training_is_found(tmp_path, generator):
    latents = RNG.uniform(-1, 1, (60, 2, 2)).astype(np.float32)
    settings = MdnSettings(n_components=2, fit=FitSettings(epochs=2))
    first, again = (
        train_latent_mixture(
            latents, latents.mean((1, 2)), generator, settings=settings, folder=tmp_path
        )
        for _ in range(2)
    )
    assert len(list(tmp_path.glob("*/final.weights.h5"))) == 1
    np.testing.assert_array_equal(
        first.candidates(0.1, 3, np.random.default_rng(0)),
        again.candidates(0.1, 3, np.random.default_rng(0)),
    )


def test_the_fraction_threshold_keeps_the_mean_of_each_image():
    images = RNG.uniform(-0.2, 0.9, (5, 10, 10))
    binary = binary_images(images, "fraction")
    np.testing.assert_allclose(binary.mean((1, 2)), images.mean((1, 2)), atol=0.006)
    assert all(
        image[pattern == 1].min() >= image[pattern == 0].max()
        for image, pattern in zip(images, binary, strict=True)
    )
    with pytest.raises(ValueError, match="threshold"):
        binary_images(images, "median")


def test_data_that_do_not_fit_are_refused(generator):
    latents = np.zeros((4, 2, 2), np.float32)
    with pytest.raises(ValueError, match="latents and values must be as many"):
        train_latent_mixture(latents, np.zeros(3), generator)
    with pytest.raises(ValueError, match=r"values must differ; got 0\.5"):
        train_latent_mixture(latents, np.full(4, 0.5), generator)
    with pytest.raises(ValueError, match="divide images of 0 and 255 by 255"):
        train_pixel_mixture(255 * np.eye(4)[np.newaxis].repeat(4, axis=0), np.arange(4.0))
    with pytest.raises(ValueError, match="shape"):
        train_pixel_mixture(latents.reshape(4, -1), np.zeros(4))
    with pytest.raises(ValueError, match="finite"):
        train_principal_mixture(latents, np.full(4, np.nan), 1)
    with pytest.raises(ValueError, match="n_components"):
        MdnSettings(n_components=0)
