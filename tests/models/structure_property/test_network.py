"""The structure-property network: shapes, units, saving, and fitting a few samples."""

import keras
import numpy as np
import pytest

from mdesign.models.structure_property.network import build_structure_property, standardised


def porous(n, size, seed=0):
    rng = np.random.default_rng(seed)
    solid = rng.uniform(0.8, 0.95, n)
    return (rng.random((n, size, size)) < solid[:, None, None]).astype(np.uint8)


@pytest.mark.parametrize("size", [32, 64, 128])
def test_five_convolutions_two_dense_layers_for_each_size(size):
    model = build_structure_property(size, seed=0)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Conv2D") == kinds.count("AveragePooling2D") == 5
    assert kinds.count("Dense") == 2
    assert model(porous(2, size)[..., None]).shape == (2, 3)


def test_it_fits_eight_samples():
    images = porous(8, 32)[..., None].astype(np.float32)
    values = np.random.default_rng(1).normal(size=(8, 2)).astype(np.float32)
    model = build_structure_property(32, 2, seed=0)
    model.compile(keras.optimizers.Adam(3e-3), "mse")
    for _ in range(250):
        model.train_on_batch(images, values)
    assert np.mean((keras.ops.convert_to_numpy(model(images)) - values) ** 2) < 0.02


def test_saving_and_loading_gives_the_same_outputs(tmp_path):
    model = build_structure_property(32, 2, mean=[3.0, -1.0], deviation=[0.1, 20.0], seed=3)
    model.save(tmp_path / "network.keras")
    images = porous(5, 32)[..., None].astype(np.float32)
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(model(images), loaded(images))


def test_the_output_is_the_standardised_one_in_its_units():
    mean, deviation = np.array([3.0, -1.0, 1e-3]), np.array([0.1, 20.0, 1e-5])
    model = build_structure_property(32, mean=mean, deviation=deviation, seed=0)
    images = porous(4, 32)[..., None].astype(np.float32)
    inner = keras.ops.convert_to_numpy(standardised(model)(images))
    np.testing.assert_allclose(model(images), mean + deviation * inner, rtol=1e-5)
    assert all(
        own is shared
        for own, shared in zip(model.weights, standardised(model).weights, strict=True)
    )


def test_an_all_solid_image_is_seen_as_nothing():
    model = build_structure_property(32, seed=0)
    np.testing.assert_array_equal(model(np.ones((1, 32, 32, 1))), np.zeros((1, 3)))


def test_the_seed_decides_the_weights():
    first, again, other = (
        build_structure_property(32, seed=seed).get_weights()[0] for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"size": 48}, "size must be a positive multiple of 32; got 48"),
        ({"filters": (8, 8)}, "filters must be five numbers"),
        ({"n_outputs": 0}, "n_outputs must be at least 1"),
        ({"head": 0}, "head must be at least 1"),
        ({"mean": [1.0, 2.0]}, r"mean must have shape \(\) or \(3,\)"),
        ({"deviation": [1.0, 0.0, 1.0]}, "deviation must be positive"),
    ],
)
def test_says_what_is_wrong(given, said):
    with pytest.raises(ValueError, match=said):
        build_structure_property(**({"size": 32, "seed": 0} | given))
