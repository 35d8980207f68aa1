"""Steps uphill: their direction, their length, and what they leave."""

from functools import partial

import keras
import numpy as np
import pytest

from mdesign.analysis.ascent import (
    ascend_images,
    ascend_latents,
    grey_share,
    morphology,
    path_slopes,
)
from mdesign.analysis.gradients import (
    cosine_similarity,
    decode_images,
    image_gradient,
    latent_gradient,
    prediction,
)
from mdesign.microstructure import random_media

SIZE, N_LATENT = 8, 3


@pytest.fixture(scope="module")
def gradient():
    """Value and pixel gradient of a small smooth network."""
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 1)),
            keras.layers.Conv2D(4, 3, strides=2, activation="softplus"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    return partial(image_gradient, prediction(network))


@pytest.fixture(scope="module")
def decoder():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((N_LATENT,)),
            keras.layers.Dense(16, activation="softplus"),
            keras.layers.Reshape((4, 4, 1)),
            keras.layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="sigmoid"),
        ]
    )


@pytest.fixture
def latents():
    return np.random.default_rng(2).normal(size=(5, N_LATENT))


@pytest.fixture
def images():
    return np.random.default_rng(3).random((5, SIZE, SIZE))


def test_ascent_in_images_raises_the_prediction_and_stays_in_range(gradient, images):
    path = ascend_images(gradient, images, step=0.02, record=(0, 1, 10))
    assert path.steps.tolist() == [0, 1, 10]
    assert (np.diff(path.values, axis=0) > 0).all()
    assert path.images.min() >= 0
    assert path.images.max() <= 1
    assert path.latents is None
    np.testing.assert_array_equal(path.images[0], images)
    for recorded, values in zip(path.images, path.values, strict=True):
        np.testing.assert_allclose(gradient(recorded)[0], values, rtol=1e-5)


def test_a_step_in_images_follows_the_gradient_with_the_stated_length(gradient, images):
    inside = 0.3 + 0.4 * images
    path = ascend_images(gradient, inside, step=0.02, record=(0, 1))
    moved = path.images[1] - path.images[0]
    assert np.sqrt((moved**2).mean((1, 2))) == pytest.approx(0.02)
    assert cosine_similarity(moved, gradient(inside)[1]) == pytest.approx(1)


def test_ascent_in_latents_raises_the_prediction_by_steps_of_one_length(gradient, decoder, latents):
    path = ascend_latents(gradient, decoder, latents, step=0.05, record=(0, 1, 20))
    assert (np.diff(path.values, axis=0) > 0).all()
    moved = path.latents[1] - path.latents[0]
    assert np.linalg.norm(moved, axis=1) == pytest.approx(0.05)
    _, uphill = latent_gradient(gradient, decoder, latents)
    assert cosine_similarity(moved, uphill) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(path.images[2], decode_images(decoder, path.latents[2]), atol=1e-6)


def test_phases_are_the_images_cut_at_one_half(gradient, images):
    path = ascend_images(gradient, images, step=0.1, record=(0, 3))
    assert path.phases.dtype == np.uint8
    np.testing.assert_array_equal(path.phases == 1, path.images > 0.5)


def test_grey_share_counts_what_is_neither_phase():
    image = np.array([[0.0, 0.05, 0.5, 1.0], [0.2, 0.8, 0.95, 1.0]])
    assert grey_share(image[np.newaxis]).tolist() == [3 / 8]
    assert grey_share(image, margin=0.0) == 5 / 8


def test_morphology_of_authentic_images_has_no_error_and_of_others_has():
    authentic = random_media(6, 32, np.random.default_rng(5))
    same = morphology(authentic, authentic)
    assert set(same) == {"pores", "size", "grey", "two-point", "lineal"}
    assert same["two-point"] == same["lineal"] == same["grey"] == 0
    assert same["pores"] == pytest.approx(1 - authentic.mean())
    faded = morphology(np.where(authentic == 1, 0.8, 0.3), authentic)
    assert faded == {**same, "grey": 1.0}
    noise = (np.random.default_rng(6).random(authentic.shape) < 0.9).astype(float)
    other = morphology(noise, authentic)
    assert other["lineal"] > 0.05
    assert other["size"] < same["size"]


def test_slopes_are_those_of_a_fitted_line():
    rng = np.random.default_rng(4)
    along, values = rng.random((6, 3)), rng.random((6, 3))
    expected = [np.polyfit(x, y, 1)[0] for x, y in zip(along.T, values.T, strict=True)]
    np.testing.assert_allclose(path_slopes(values, along), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g, d, z, x: ascend_images(g, x, step=0.0, record=(1,)), "step must be positive"),
        (lambda g, d, z, x: ascend_images(g, x, step=1.0, record=(2, 1)), "record must be steps"),
        (lambda g, d, z, x: ascend_latents(g, d, z, step=1.0, record=()), "record must be steps"),
        (lambda g, d, z, x: ascend_latents(g, d, z[:, :2], step=1.0, record=(1,)), "latents"),
        (lambda g, d, z, x: grey_share(x, margin=0.5), "margin must lie in"),
        (lambda g, d, z, x: path_slopes(x[0], x[1][:2]), "one shape"),
        (lambda g, d, z, x: path_slopes(x[0], 0 * x[0]), "along must change on every path"),
    ],
)
def test_says_what_is_wrong(gradient, decoder, latents, images, call, message):
    with pytest.raises(ValueError, match=message):
        call(gradient, decoder, latents, images)
