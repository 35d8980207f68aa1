"""Losses on derivatives: their values, their own derivatives, and whether they teach."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from mdesign.models.structure_property.network import build_structure_property, standardised
from mdesign.models.structure_property.traits import (
    TraitTraining,
    directional_derivative,
    gradient_error,
    pixel_gradient,
    slope_error,
    trait_similarity,
)


def images(n=6, size=32, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((n, size, size, 1)).astype(np.float32)


@pytest.fixture
def network():
    return build_structure_property(
        32, 2, filters=(4, 4, 4, 4, 4), head=8, mean=(0.7, 2.0), deviation=(0.1, 3.0), seed=0
    )


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_the_pixel_gradient_predicts_the_change_of_the_property(network):
    points, step = images(3), 1e-3
    change = np.random.default_rng(1).normal(size=points.shape).astype(np.float32)
    for output in (0, 1):
        gradient = pixel_gradient(network, points, output=output)
        ahead, behind = (array(network(points + s * step * change)) for s in (1, -1))
        expected = (ahead - behind)[:, output] / (2 * step)
        found = array(directional_derivative(gradient, change))
        np.testing.assert_allclose(found, expected, rtol=0.02, atol=2e-3)


def test_errors_are_relative(network):
    points = images()
    gradient = pixel_gradient(network, points)
    ones = np.ones_like(points)
    slopes = directional_derivative(gradient, ones)
    assert array(slope_error(gradient, ones, slopes)) == 0
    assert array(slope_error(gradient, ones, 2 * slopes)) == pytest.approx(0.25)
    assert array(slope_error(0 * gradient, ones, slopes)) == pytest.approx(1)
    assert array(gradient_error(gradient, gradient)) == 0
    assert array(gradient_error(0 * gradient, gradient)) == pytest.approx(1)
    assert array(gradient_error(-gradient, gradient)) == pytest.approx(4)


def test_the_loss_on_slopes_has_the_derivative_that_finite_differences_give(network):
    points, slopes = images(3), np.full(3, 2.0, np.float32)
    ones = np.ones_like(points)
    kernel = network.get_layer("head").kernel

    def loss():
        return slope_error(pixel_gradient(network, points), ones, slopes)

    with tf.GradientTape() as tape:
        value = loss()
    derivative = array(tape.gradient(value, kernel.value))
    place, step = np.unravel_index(np.abs(derivative).argmax(), derivative.shape), 1e-2
    start, sides = kernel.numpy(), []
    for sign in (1, -1):
        moved = start.copy()
        moved[place] += sign * step
        kernel.assign(moved)
        sides.append(float(loss()))
    assert (sides[0] - sides[1]) / (2 * step) == pytest.approx(derivative[place], rel=0.02)


def trained(network, trait, known, weight, steps=150):
    training = TraitTraining(network, standardised(network), trait, weight=weight)
    training.compile(keras.optimizers.Adam(3e-3), "mse")
    points = images(16, seed=3)
    solid = points.mean((1, 2))
    targets = (np.hstack([solid, solid]) - solid.mean()) / solid.std()
    logs = [
        training.train_on_batch((points, points, *known), targets, return_dict=True)
        for _ in range(steps)
    ]
    return training, logs, targets


def test_it_learns_labels_and_slopes_together(network):
    points = images(16, seed=3)
    slopes = np.full(16, 1.5, np.float32)
    known = (np.ones_like(points), slopes)
    training, logs, targets = trained(network, slope_error, known, 1.0, steps=300)
    assert set(logs[0]) == {"error", "trait"}
    assert logs[-1]["error"] < 0.5 * logs[0]["error"]
    assert logs[-1]["trait"] < 0.1 * logs[0]["trait"]
    found = directional_derivative(pixel_gradient(network, points), np.ones_like(points))
    assert array(found).mean() == pytest.approx(1.5, rel=0.2)
    # Validation compares standardised properties.
    training.compile(loss="mse")
    expected = np.mean((array(standardised(network)(points)) - targets) ** 2)
    assert training.evaluate(points, targets, verbose=0) == pytest.approx(expected, rel=1e-4)


def test_it_learns_a_gradient(network):
    exact = np.zeros((16, 32, 32, 1), np.float32)
    exact[:, 8:24, 8:24] = 0.02
    _, logs, _ = trained(network, gradient_error, (exact,), 1.0, steps=100)
    assert logs[-1]["trait"] < 0.75 * min(1.0, logs[0]["trait"])


def test_without_weight_the_training_is_the_plain_one(network):
    start = network.get_weights()
    points = images(16, seed=3)
    known = (np.ones_like(points), np.ones(16, np.float32))
    _, logs, targets = trained(network, slope_error, known, 0.0, steps=10)
    assert {log["trait"] for log in logs} == {0}
    found = network.get_weights()
    network.set_weights(start)
    plain = standardised(network)
    plain.compile(keras.optimizers.Adam(3e-3), "mse")
    for _ in range(10):
        plain.train_on_batch(points, targets)
    for one, other in zip(found, network.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_similarity_of_traits():
    slopes = np.array([1.0, -2.0, 3.0])
    assert trait_similarity(slopes, slopes) == 1
    assert trait_similarity(-slopes, slopes) == 0
    assert trait_similarity(0 * slopes, slopes) == 0
    assert trait_similarity(2 * slopes, slopes) == pytest.approx(2 / 3)
    assert trait_similarity(slopes, 2 * slopes) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("model", "physics", "message"),
    [
        ([1.0, 2.0], [1.0], "one shape"),
        ([], [], "not empty"),
        ([np.nan], [1.0], "finite"),
        ([0.0], [0.0], "both be zero"),
    ],
)
def test_similarity_says_what_is_wrong(model, physics, message):
    with pytest.raises(ValueError, match=message):
        trait_similarity(model, physics)


@pytest.mark.parametrize("weight", [-0.1, np.nan, np.inf])
def test_the_weight_must_be_usable(network, weight):
    with pytest.raises(ValueError, match="weight must be at least 0 and finite"):
        TraitTraining(network, standardised(network), slope_error, weight=weight)
