import keras
import numpy as np
import pytest

from mdesign.analysis.input_gradients import backpropagation, chain_rule, finite_differences
from mdesign.models.gidn import build_predictor


@pytest.fixture(scope="module")
def network():
    return build_predictor(3, hidden=(16, 8), dropout=0.3, seed=1)


def test_backpropagation_is_the_chain_rule(network):
    points = np.random.default_rng(0).normal(size=(50, 3))
    gradient = backpropagation(network)(points)
    # Rounding of float32 through three layers.
    np.testing.assert_allclose(gradient, chain_rule(network, points), atol=1e-5)


def test_the_network_is_linear_along_its_exact_gradient(network):
    point = np.array([[0.3, -0.2, 0.5]], np.float32)
    step = np.array([[1e-3, 2e-3, -1e-3]], np.float32)
    rise = network(point + step, training=False) - network(point, training=False)
    # No unit of the network switches on so short a way, so that only float32 rounds.
    assert float(rise[0, 0]) == pytest.approx(chain_rule(network, point)[0] @ step[0], abs=5e-7)


def test_differences_agree_with_a_quadratic():
    inputs = keras.Input((2,))
    outputs = keras.layers.Lambda(lambda x: x[:, :1] ** 2 + 3 * x[:, 1:])(inputs)
    network = keras.Model(inputs, outputs)
    points = [[1.0, 2.0], [-0.5, 0.0]]
    expected = [[2.0, 3.0], [-1.0, 3.0]]
    np.testing.assert_allclose(backpropagation(network)(points), expected, atol=1e-6)
    # Exact for a quadratic but for the rounding of float32 over the step.
    differences = finite_differences(network)(points, 0.125)
    np.testing.assert_allclose(differences, expected, atol=1e-5)


def test_other_shapes_and_steps_are_refused(network):
    differences = finite_differences(network)
    for gradient in (
        backpropagation(network),
        lambda points: differences(points, 0.1),
        lambda points: chain_rule(network, points),
    ):
        with pytest.raises(ValueError, match=r"points must have shape \(n, 3\)"):
            gradient(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="step must be"):
        differences(np.zeros((2, 3)), 0.0)
