"""Generators: ours lies here, the published one gives the published images."""

import os
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from mdesign import data, paths
from mdesign.data.sets.absorption import sample_latents
from mdesign.microstructure import volume_fraction
from mdesign.models.gan import trained
from mdesign.models.gan.network import build_generator
from mdesign.models.gan.trained import decode, load_discriminator, load_generator, trained_record

# The fixture of the tests hides what the user has; these files are worth having.
USERS = os.environ.get("MDESIGN_DATA_MIRROR") or str(paths.data_cache())


@pytest.fixture
def published(monkeypatch):
    """Where the published files lie; a test that needs them is skipped without them."""
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)
    trained._generator.cache_clear()
    trained._discriminator.cache_clear()

    def fetched(key: str) -> Path:
        try:
            return data.fetch(key)
        except data.DataNotReachable as error:
            pytest.skip(f"data not reachable: {error}")

    fetched("gan_mdn/gan_weights.pickle")
    return fetched


def test_the_published_generator_gives_the_published_images(published):
    with h5py.File(published("gan_mdn/dataset_z4.hdf5")) as file:
        images, latents = file["x"][:], file["z"][:]
    assert images.shape == (100, 64, 64)
    assert (decode(load_generator("published"), latents) == images).all()


def test_the_published_discriminator_takes_its_size(published):
    images = np.zeros((2, 128, 128, 1), np.float32)
    assert load_discriminator("published")(images).shape == (2, 1)


def test_our_generator_makes_the_fields_it_learnt():
    patterns = decode(load_generator("own"), sample_latents(200, (2, 2), np.random.default_rng(0)))
    fraction = volume_fraction(patterns)
    wanted = trained_record()["settings"]["volume_fraction"]
    assert patterns.shape == (200, 64, 64)
    assert fraction.mean() == pytest.approx(wanted, abs=0.04)
    # Two independent images of this fraction differ in 2 f (1 - f) of their pixels.
    differing = (patterns[1:] != patterns[:-1]).mean()
    assert differing > 0.8 * 2 * wanted * (1 - wanted)


def test_our_record_says_how_it_was_trained():
    record = trained_record()
    assert set(record) == {"settings", "losses", "texture", "seconds", "sha256", "versions"}
    assert record["settings"]["features"] == "random"
    for comparison in record["texture"].values():
        assert comparison["two_point_error"] < 0.03
        assert comparison["lineal_path_error"] < 0.03
        assert comparison["diversity"] > 0.8


def test_our_discriminator_takes_the_size_it_was_trained_at():
    size = trained_record()["settings"]["image_size"]
    logits = load_discriminator("own")(np.zeros((2, size, size, 1), np.float32))
    assert logits.shape == (2, 1)


def test_decoding_does_not_depend_on_what_else_is_decoded():
    generator = load_generator("own")
    latents = sample_latents(260, (2, 3), np.random.default_rng(1))
    patterns = decode(generator, latents)
    assert patterns.dtype == np.uint8
    assert patterns.shape == (260, 64, 96)
    # Another batch size may round otherwise in the last digit, which may move a pixel.
    assert (decode(generator, latents[255:]) != patterns[255:]).mean() < 1e-4


def test_decoding_a_network_of_other_depth():
    shallow = build_generator((4, 4), seed=0)
    assert decode(shallow, np.zeros((2, 3, 3))).shape == (2, 24, 24)


def test_latents_are_uniform():
    latents = sample_latents(2000, (3, 2), np.random.default_rng(0))
    assert latents.shape == (2000, 3, 2)
    assert latents.dtype == np.float32
    assert np.abs(latents).max() <= 1
    assert latents.std() == pytest.approx(1 / 3**0.5, rel=0.02)


def test_a_generator_is_loaded_once():
    assert load_generator("own") is load_generator("own")
    assert isinstance(load_generator("own"), keras.Model)


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match="name must be one of"):
        load_generator("other")
    with pytest.raises(ValueError, match="name must be one of"):
        load_discriminator("other")
    with pytest.raises(ValueError, match=r"latents must have shape \(n, h, w\)"):
        decode(build_generator((4,), seed=0), np.zeros((4, 4)))
