"""Yardsticks: the exact gradient meets them all, counting pixels some, its negative none."""

import keras
import numpy as np
import pytest

from mdesign.analysis.gradient_accuracy import gradient_yardsticks, solid_fraction
from mdesign.analysis.gradients import decoded
from mdesign.microstructure import random_media
from mdesign.physics import PorousMedium

MEDIUM = PorousMedium(pore_modulus=0.1)
KINDS = {"authentic", "whole pixels", "generated", "latent", "constant volume"}


@pytest.fixture(scope="module")
def yardsticks():
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
    return gradient_yardsticks(MEDIUM, images, decoder, latents, n_flips=20, rng=rng)


def test_the_exact_gradient_is_its_own_equal(yardsticks):
    found = yardsticks.cosines(MEDIUM.modulus_gradient)
    assert set(found) == KINDS
    for name in KINDS - {"whole pixels"}:
        assert found[name] == pytest.approx(1, abs=1e-5), name
    # Phases that differ by a factor of ten: filling a pixel is not far from a first derivative.
    assert (found["whole pixels"] > 0.5).all()
    assert (found["whole pixels"] < 0.9999).all()


def test_the_opposite_gradient_points_away(yardsticks):
    found = yardsticks.cosines(lambda images: (None, -MEDIUM.modulus_gradient(images)[1]))
    assert all((values < -0.5).all() for values in found.values())


def test_counting_pixels_knows_the_volume_alone(yardsticks):
    found = yardsticks.cosines(solid_fraction)
    assert (found["authentic"] > 0).all()
    assert (found["constant volume"] == 0).all()
    assert (found["latent"] > found["constant volume"]).all()


def test_one_number_a_microstructure(yardsticks):
    found = yardsticks.cosines(solid_fraction)
    assert {name: len(values) for name, values in found.items()} == {
        "authentic": 3,
        "whole pixels": 3,
        "generated": 5,
        "latent": 5,
        "constant volume": 5,
    }
    np.testing.assert_allclose(
        yardsticks.generated, decoded(yardsticks.decoder, yardsticks.latents)
    )


def test_flips_are_of_different_pixels_and_of_at_most_all(yardsticks):
    assert all(len(set(row.tolist())) == 20 for row in yardsticks.pixels)
    for n_flips in (0, 257):
        with pytest.raises(ValueError, match="n_flips must lie between 1 and 256"):
            gradient_yardsticks(
                MEDIUM,
                yardsticks.authentic,
                yardsticks.decoder,
                yardsticks.latents,
                n_flips=n_flips,
                rng=np.random.default_rng(0),
            )
