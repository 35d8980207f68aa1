import numpy as np
import pytest

from mdesign.microstructure.random_media import random_media
from mdesign.physics import PROPERTIES, NotConverged, PorousMedium, VoxelConduction

MEDIUM = PorousMedium()


def test_pores_soften_and_let_pass():
    images = random_media(3, 48, np.random.default_rng(0))
    found = MEDIUM.properties(images)
    assert found.shape == (3, len(PROPERTIES))
    assert (found[:, 0] < images.mean((1, 2))).all()
    assert (found[:, 1] > MEDIUM.solid_diffusivity).all()
    assert (found[:, 2] > MEDIUM.solid_permeability).all()


def test_solid_is_the_unit():
    solid = np.ones((1, 4, 4), int)
    np.testing.assert_allclose(MEDIUM.properties(solid), [[1.0, 0.01, 0.1]], rtol=1e-9)
    stiffer = PorousMedium(poisson_ratio=0.1).modulus(solid)
    np.testing.assert_allclose(stiffer, 1.0, rtol=1e-9)


def test_modulus_of_layers_is_that_of_the_average_over_orientations():
    layers = np.broadcast_to([0, 1, 1, 1], (1, 4, 4))
    medium = PorousMedium(pore_modulus=0.1, poisson_ratio=0.0)
    along, across = 0.25 * 0.1 + 0.75, 1 / (0.25 / 0.1 + 0.75)
    bulk, shear = (along + across) / 4, (along + across + 2 * across) / 8
    wanted = 4 * bulk * shear / (bulk + shear)
    np.testing.assert_allclose(medium.modulus(layers), wanted, rtol=1e-9)
    turned = medium.modulus(layers.swapaxes(1, 2))
    np.testing.assert_allclose(turned, wanted, rtol=1e-9)


def test_gradient_of_the_modulus_agrees_with_finite_differences_at_every_pixel():
    medium = PorousMedium(pore_modulus=0.01, tolerance=1e-7)
    phases = np.random.default_rng(2).random((2, 4, 5))
    modulus, gradient = medium.modulus_gradient(phases)
    np.testing.assert_allclose(modulus, medium.modulus(phases), rtol=1e-12)
    step = 1e-5
    unit = step * np.eye(20).reshape(20, 4, 5)
    for image, found in zip(phases, gradient, strict=True):
        change = medium.modulus(image + unit) - medium.modulus(image - unit)
        # The difference quotient is off by its third derivative times the step squared.
        np.testing.assert_allclose(found.ravel(), change / (2 * step), atol=1e-7)
    assert (gradient > 0).all()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"pore_modulus must lie in \(0, 1\); got 0"):
        PorousMedium(pore_modulus=0)
    with pytest.raises(ValueError, match="solid_permeability must be positive and finite; got -1"):
        PorousMedium(solid_permeability=-1.0)
    with pytest.raises(ValueError, match=r"phases must lie in \[0, 1\]; got 2"):
        MEDIUM.properties(np.full((1, 4, 4), 2))


def test_properties_that_do_not_converge_are_named_and_the_others_are_kept(monkeypatch):
    images = np.stack([np.ones((8, 8), int), np.tile([[0, 1, 1, 1]], (8, 2))])
    wanted = MEDIUM.properties(images)
    hasty = VoxelConduction((1.0, MEDIUM.solid_diffusivity), 1e-9, max_iterations=1)
    monkeypatch.setattr(PorousMedium, "diffusion", hasty)
    with pytest.raises(NotConverged, match="conduction did not converge") as caught:
        MEDIUM.properties(images)
    assert caught.value.cells == [1]
    wanted[1, 1] = np.nan
    np.testing.assert_allclose(caught.value.result, wanted)
