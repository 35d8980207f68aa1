"""Gradients in both spaces, against finite differences and against networks known by heart."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from mdesign.analysis.gradients import (
    cosine_similarity,
    decode_images,
    flip_changes,
    image_gradient,
    latent_gradient,
    prediction,
    pull_back,
    push_forward,
    remove_component,
    volume_directions,
)
from mdesign.physics import PorousMedium

SIZE, N_LATENT = 8, 3


@pytest.fixture(scope="module")
def network():
    """A small smooth network with two outputs in units of their own."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 1)),
            keras.layers.Conv2D(4, 3, strides=2, activation="softplus"),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
            keras.layers.Rescaling([20.0, 5.0], [0.5, -1.0]),
        ]
    )


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


def differences(function, points, step=1e-2):
    """Central differences of a function of (n, d) by each variable."""
    columns = []
    for axis in range(points.shape[1]):
        shift = np.zeros(points.shape[1])
        shift[axis] = step
        columns.append((function(points + shift) - function(points - shift)) / (2 * step))
    return np.stack(columns, axis=1)


def test_image_gradient_agrees_with_finite_differences(network, images):
    predict = prediction(network, 1)
    images = 0.01 + 0.98 * images  # so that the differences stay within [0, 1]

    def values(flat):
        return image_gradient(predict, flat.reshape(-1, SIZE, SIZE))[0]

    _, gradient = image_gradient(predict, images)
    expected = differences(values, images.reshape(len(images), -1)).reshape(images.shape)
    # Single precision leaves 1e-7 * 20 / 0.02 of noise in a difference.
    np.testing.assert_allclose(gradient, expected, atol=5e-3)
    assert np.abs(gradient).max() > 0.1


def test_latent_gradient_agrees_with_finite_differences(network, decoder, latents):
    predict = prediction(network)
    by_pixels = partial(image_gradient, predict)
    values, gradient = latent_gradient(by_pixels, decoder, latents)
    expected = differences(lambda z: latent_gradient(by_pixels, decoder, z)[0], latents)
    np.testing.assert_allclose(gradient, expected, atol=2e-3)
    assert np.abs(gradient).max() > 0.02
    of_images, _ = image_gradient(predict, decode_images(decoder, latents))
    np.testing.assert_allclose(values, of_images, rtol=1e-5)


def test_batches_change_nothing(network, images):
    whole = image_gradient(prediction(network), images)
    parts = image_gradient(prediction(network), images, batch_size=2)
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_the_chain_rule_agrees_with_the_tape_through_both_networks(network, decoder, latents):
    _, gradient = latent_gradient(partial(image_gradient, prediction(network)), decoder, latents)
    variable = tf.convert_to_tensor(latents.astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(variable)
        values = network(decoder(variable))[:, 0]
    np.testing.assert_allclose(gradient, tape.gradient(values, variable), rtol=1e-4)


def test_a_solver_gives_its_gradient_by_the_latents_too(decoder):
    medium = PorousMedium(pore_modulus=0.1)
    latents = np.random.default_rng(8).normal(size=(2, N_LATENT))
    values, gradient = latent_gradient(medium.modulus_gradient, decoder, latents)
    np.testing.assert_allclose(values, medium.modulus(decode_images(decoder, latents)), rtol=1e-6)
    expected = differences(lambda z: medium.modulus(decode_images(decoder, z)), latents)
    np.testing.assert_allclose(gradient, expected, rtol=0.02, atol=2e-4)


def test_pushing_forward_agrees_with_finite_differences(decoder, latents):
    directions = np.random.default_rng(4).normal(size=latents.shape)
    step = 1e-2
    expected = (
        decode_images(decoder, latents + step * directions)
        - decode_images(decoder, latents - step * directions)
    ) / (2 * step)
    np.testing.assert_allclose(push_forward(decoder, latents, directions), expected, atol=1e-3)


def test_pulling_back_is_the_transpose_of_pushing_forward(decoder, latents, images):
    directions = np.random.default_rng(4).normal(size=latents.shape)
    one = (push_forward(decoder, latents, directions) * images).sum((1, 2))
    other = (pull_back(decoder, latents, images) * directions).sum(1)
    np.testing.assert_allclose(one, other, rtol=1e-4)


def test_along_the_volume_directions_the_solid_fraction_rises_by_one(decoder, latents):
    images, directions = volume_directions(decoder, latents)
    np.testing.assert_allclose(images, decode_images(decoder, latents))
    np.testing.assert_allclose(directions.mean((1, 2)), 1, rtol=1e-4)
    # Of all directions in latent space it is the steepest: least change of latents for the rise.
    steepest = pull_back(decoder, latents, np.full(images.shape, SIZE**-2.0))
    assert cosine_similarity(push_forward(decoder, latents, steepest), directions) == pytest.approx(
        1, abs=1e-4
    )


def test_volume_directions_need_a_fraction_that_changes():
    constant = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(4, kernel_initializer="zeros"),
            keras.layers.Reshape((2, 2, 1)),
        ]
    )
    with pytest.raises(ValueError, match="it does not for 3 of 3"):
        volume_directions(constant, np.zeros((3, 2)))


def test_cosines_of_known_vectors(images):
    assert cosine_similarity(images, images) == pytest.approx(1)
    assert cosine_similarity(images, -3 * images) == pytest.approx(-1)
    assert cosine_similarity(images, np.zeros_like(images)).tolist() == [0] * len(images)
    assert cosine_similarity(images, images[:1]).shape == (len(images),)
    half = cosine_similarity([[1.0, 0.0]], [[1.0, np.sqrt(3)]])
    assert half == pytest.approx(0.5)


def test_what_is_left_is_at_right_angles(images):
    directions = np.random.default_rng(5).normal(size=images.shape)
    left = remove_component(images, directions)
    assert (left * directions).sum((1, 2)) == pytest.approx(0, abs=1e-10)
    np.testing.assert_allclose(remove_component(left, directions), left, atol=1e-12)
    # What was taken points along the directions.
    assert np.abs(cosine_similarity(images - left, directions)) == pytest.approx(1)


def test_flips_of_a_known_function_are_its_differences():
    weights = np.random.default_rng(6).random((4, 4))
    phases = (np.random.default_rng(7).random((3, 4, 4)) < 0.6).astype(np.uint8)

    def solve(patterns):
        return np.sqrt(1 + (weights * patterns).sum((1, 2)))

    pixels = np.tile(np.arange(16), (3, 1))
    found = flip_changes(solve, phases, pixels)
    for image, changes in zip(phases, found, strict=True):
        for pixel, change in enumerate(changes):
            with_solid, without_solid = image.astype(float), image.astype(float)
            with_solid.flat[pixel], without_solid.flat[pixel] = 1, 0
            expected = solve(with_solid[np.newaxis]) - solve(without_solid[np.newaxis])
            assert change == pytest.approx(expected[0])
    some = flip_changes(solve, phases, pixels[:, [3, 9]])
    np.testing.assert_allclose(some, found[:, [3, 9]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda n, d, z, x: prediction(n, output=2), r"output must lie in \[0, 1\]; got 2"),
        (lambda n, d, z, x: image_gradient(prediction(n), x[0]), r"images must have shape"),
        (lambda n, d, z, x: latent_gradient(np.sum, d, z[:, :2]), r"latents .*\(n, 3\)"),
        (lambda n, d, z, x: pull_back(d, z, x[:2]), r"gradients must have shape \(5, 8, 8\)"),
        (lambda n, d, z, x: push_forward(d, z, z[:2]), "directions must be as many"),
        (lambda n, d, z, x: cosine_similarity(x, z), "vectors of one shape"),
        (lambda n, d, z, x: remove_component(x, z), "vectors and directions must have one shape"),
        (lambda n, d, z, x: remove_component(x, 0 * x), "directions must not be zero"),
        (lambda n, d, z, x: flip_changes(np.sum, x, [[0]] * 5), "phases must be whole numbers"),
        (lambda n, d, z, x: image_gradient(prediction(n), 255 * (x > 0.5)), "divide images of 0"),
        (
            lambda n, d, z, x: flip_changes(np.sum, x > 0.5, [[64]] * 5),
            r"pixels must lie in \[0, 63\]",
        ),
        (
            lambda n, d, z, x: flip_changes(np.sum, x > 0.5, [[0]]),
            "pixels must have a row for each of 5 phases; got 1",
        ),
    ],
)
def test_says_what_is_wrong(network, decoder, latents, images, call, message):
    with pytest.raises(ValueError, match=message):
        call(network, decoder, latents, images)
