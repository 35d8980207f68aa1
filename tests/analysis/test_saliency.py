import keras
import numpy as np
import pytest

from mdesign.analysis.saliency import effect_of_leaving_out, element_saliency


@pytest.fixture(scope="module")
def network():
    """A smooth network of three fractions."""
    fractions = keras.Input((3,))
    hidden = keras.layers.Dense(
        16, "tanh", kernel_initializer=keras.initializers.RandomNormal(stddev=1.5, seed=0)
    )(fractions)
    output = keras.layers.Dense(1, kernel_initializer=keras.initializers.HeNormal(seed=1))(hidden)
    return keras.Model(fractions, output)


COMPOSITIONS = np.array([[0.2, 0.3, 0.5], [0.6, 0.4, 0.0], [1.0, 0.0, 0.0]])


def test_saliency_is_the_derivative_of_adding_an_element(network):
    saliency = element_saliency(network, COMPOSITIONS)
    t = 1e-3
    for i in range(3):
        pure = np.eye(3)[i]
        ends = [
            np.asarray(network(((1 - s) * COMPOSITIONS + s * pure).astype(np.float32)))[:, 0]
            for s in (-t, t)
        ]
        np.testing.assert_allclose(saliency[:, i], (ends[1] - ends[0]) / (2 * t), atol=5e-3)


def test_the_weighted_mean_is_zero(network):
    saliency = element_saliency(network, COMPOSITIONS)
    np.testing.assert_allclose((saliency * COMPOSITIONS).sum(axis=1), 0, atol=1e-6)


def test_leaving_out_little_is_the_saliency_backwards(network):
    x = 0.01
    compositions = np.array([[x, 0.5, 0.5 - x]])
    effect = effect_of_leaving_out(network, compositions)[0, 0]
    expected = -x / (1 - x) * element_saliency(network, compositions)[0, 0]
    assert effect == pytest.approx(expected, rel=0.1)


def test_leaving_out_what_is_not_there_or_alone(network):
    effects = effect_of_leaving_out(network, COMPOSITIONS)
    np.testing.assert_array_equal(
        np.isnan(effects), [[False] * 3, [False, False, True], [True] * 3]
    )
    whole = np.asarray(network(np.array([[0.6, 0.4, 0.0], [0.0, 1.0, 0.0]], np.float32)))[:, 0]
    assert effects[1, 0] == pytest.approx(whole[1] - whole[0], abs=1e-6)


@pytest.mark.parametrize("function", [element_saliency, effect_of_leaving_out])
def test_bad_compositions_are_refused(network, function):
    with pytest.raises(ValueError, match=r"fractions must have shape \(n, 3\)"):
        function(network, [[0.5, 0.5]])
    with pytest.raises(ValueError, match="fractions must add up to 1"):
        function(network, [[0.5, 0.5, 0.5]])


@pytest.mark.parametrize("function", [element_saliency, effect_of_leaving_out])
def test_a_network_of_two_outputs_is_refused(function):
    inputs = keras.Input((3,))
    two = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    with pytest.raises(ValueError, match=r"network must have one output \(n, 1\)"):
        function(two, [[0.5, 0.5, 0.0]])
