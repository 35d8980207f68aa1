"""Cosines with the exact gradient: of itself, of its negative and of the solid fraction."""

import keras
import numpy as np
import pytest

from mdesign.analysis.gradient_accuracy import compute_exact_gradients, solid_fraction
from mdesign.analysis.gradients import decode_images
from mdesign.microstructure import random_media
from mdesign.physics import PorousMedium

MEDIUM = PorousMedium(pore_modulus=0.1)
KINDS = {"authentic", "whole pixels", "generated", "latent", "constant volume"}


@pytest.fixture(scope="module")
def exact():
    keras.utils.set_random_seed(0)
    decoder = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(256, activation="sigmoid"),
            keras.layers.Reshape((16, 16, 1)),
        ]
    )
    rng = np.random.default_rng(1)
    images = random_media(3, 16, rng)
    latents = 20 * rng.normal(size=(5, 4))
    return compute_exact_gradients(MEDIUM, images, decoder, latents, n_flips=20, rng=rng)


def test_the_exact_gradient_is_its_own_equal(exact):
    cosines = exact.cosines(MEDIUM.modulus_gradient)
    assert set(cosines) == KINDS
    for name in KINDS - {"whole pixels"}:
        assert cosines[name] == pytest.approx(1, abs=1e-5), name
    # Phases that differ by a factor of ten: filling a pixel is not far from a first derivative.
    assert (cosines["whole pixels"] > 0.5).all()
    assert (cosines["whole pixels"] < 0.9999).all()


def test_the_opposite_gradient_points_away(exact):
    cosines = exact.cosines(lambda images: tuple(-part for part in MEDIUM.modulus_gradient(images)))
    assert all((values < -0.5).all() for values in cosines.values())


def test_counting_pixels_knows_the_volume_alone(exact):
    cosines = exact.cosines(solid_fraction)
    assert (cosines["authentic"] > 0).all()
    assert (cosines["constant volume"] == 0).all()
    assert (cosines["latent"] > cosines["constant volume"]).all()


def test_one_number_a_microstructure(exact):
    cosines = exact.cosines(solid_fraction)
    assert {name: len(values) for name, values in cosines.items()} == {
        "authentic": 3,
        "whole pixels": 3,
        "generated": 5,
        "latent": 5,
        "constant volume": 5,
    }
    np.testing.assert_allclose(exact.generated, decode_images(exact.decoder, exact.latents))


def test_flips_are_of_different_pixels_and_of_at_most_all(exact):
    assert all(len(set(row.tolist())) == 20 for row in exact.pixels)
    for n_flips in (0, 257):
        with pytest.raises(ValueError, match=r"n_flips must lie in \[1, 256\]"):
            compute_exact_gradients(
                MEDIUM,
                exact.authentic,
                exact.decoder,
                exact.latents,
                n_flips=n_flips,
                rng=np.random.default_rng(0),
            )
