"""The property network: fitting, transfer from a discriminator, symmetric copies of patterns."""

import keras
import numpy as np
import pytest

from mdesign.models.gan.network import build_discriminator
from mdesign.models.surrogate.network import build_property_cnn, shifted_and_turned


def blobs(n, size, seed=0):
    rng = np.random.default_rng(seed)
    fractions = rng.uniform(0.2, 0.8, n)
    return (rng.random((n, size, size)) < fractions[:, None, None]).astype(np.uint8)


def test_it_fits_eight_samples():
    patterns = blobs(8, 16)[..., None].astype(np.float32)
    values = np.random.default_rng(1).normal(size=(8, 1)).astype(np.float32)
    model = build_property_cnn((4, 8), seed=0)
    model.compile(keras.optimizers.Adam(2e-2), "mse")
    model.fit(patterns, values, batch_size=8, epochs=40, verbose=0)
    assert (
        float(np.mean((keras.ops.convert_to_numpy(model(patterns, training=True)) - values) ** 2))
        < 0.05
    )


def test_one_network_takes_patterns_of_any_size():
    model = build_property_cnn((4, 8), seed=0)
    assert [model(np.zeros((2, n, n, 1), np.float32)).shape for n in (16, 32)] == [(2, 1)] * 2


def test_saving_and_loading_gives_the_same_outputs(tmp_path):
    model = build_property_cnn((4, 8), seed=3)
    model.save(tmp_path / "cnn.keras")
    patterns = blobs(5, 16)[..., None].astype(np.float32)
    loaded = keras.models.load_model(tmp_path / "cnn.keras")
    np.testing.assert_array_equal(model(patterns), loaded(patterns))


def test_the_first_layers_of_a_discriminator_are_taken_over():
    discriminator = build_discriminator(32, (4, 8), seed=5)
    images = 2.0 * blobs(3, 32)[..., None].astype(np.float32) - 1
    model = build_property_cnn((4, 8), start=discriminator, frozen=True, seed=0)
    maps = keras.Model(model.input, model.get_layer("relu_2").output)((images + 1) / 2)
    theirs = keras.Model(discriminator.input, discriminator.get_layer("relu_2").output)(images)
    np.testing.assert_allclose(maps, theirs, atol=1e-6)
    trained = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert trained == {"standard", "head", "property"}
    free = build_property_cnn((4, 8), start=discriminator, seed=0)
    assert len(free.trainable_variables) > len(model.trainable_variables)


def test_a_discriminator_of_other_filters_is_refused():
    with pytest.raises(ValueError, match="start"):
        build_property_cnn((4, 16), start=build_discriminator(32, (4, 8), seed=0), seed=0)
    with pytest.raises(ValueError, match="frozen"):
        build_property_cnn(frozen=True, seed=0)
    with pytest.raises(ValueError, match="filters"):
        build_property_cnn((), seed=0)


def test_copies_keep_the_power_spectrum_of_each_pattern_up_to_a_turn():
    patterns = blobs(6, 12)
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(20):
        copies = shifted_and_turned(patterns, rng)
        seen.add(copies[0].tobytes())
        for pattern, copy in zip(patterns, copies, strict=True):
            expected, found = (np.abs(np.fft.fft2(image)) for image in (pattern, copy))
            np.testing.assert_allclose(np.sort(found.ravel()), np.sort(expected.ravel()), atol=1e-9)
    assert len(seen) >= 18


def test_patterns_of_a_batch_are_shifted_each_on_its_own():
    patterns = np.zeros((40, 8, 8), np.uint8)
    patterns[:, 0, 0] = 1
    copies = shifted_and_turned(patterns, np.random.default_rng(0))
    assert (copies.sum((1, 2)) == 1).all()
    assert len(np.unique(copies.reshape(40, -1).argmax(1))) > 20
