"""Training with a trait: the batches, what they teach, and networks that are found again."""

import dataclasses

import keras
import numpy as np
import pytest

from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.models.metrics import r_squared
from mdesign.models.structure_property.training import NetworkSettings, predict
from mdesign.models.structure_property.trait_training import (
    Trait,
    TraitBatches,
    bound_slopes,
    train_with_trait,
)
from mdesign.models.structure_property.traits import directional_derivative, pixel_gradient
from mdesign.physics import hashin_shtrikman_modulus
from mdesign.training.fit import FitSettings

SIZE = 32
SETTINGS = NetworkSettings(
    filters=(4, 4, 4, 4, 8),
    head=8,
    training=FitSettings(3e-3, batch_size=8, patience=8, steps=40, check_every=10),
)


def changed(**training):
    return dataclasses.replace(
        SETTINGS, training=dataclasses.replace(SETTINGS.training, **training)
    )


def samples(n, seed):
    """Images whose two properties follow from their solid fraction."""
    rng = np.random.default_rng(seed)
    solid = rng.uniform(0.6, 0.95, n)
    phases = (rng.random((n, SIZE, SIZE)) < solid[:, None, None]).astype(np.uint8)
    fraction = phases.mean((1, 2))
    return Labelled(phases, np.stack([fraction**2, 100 * (1 - fraction)], axis=1))


SETS = LabelledSets(samples(16, 0), samples(16, 1), samples(16, 2))


def slopes(weight, n=10):
    images = samples(n, 3).phases.astype(float)
    return Trait(images, (np.ones_like(images), np.full(n, -4.0)), weight, batch_size=4)


def weights(model):
    return np.concatenate([array.ravel() for array in model.get_weights()])


def slope(model):
    images = slopes(0.0).images[..., np.newaxis].astype(np.float32)
    found = directional_derivative(pixel_gradient(model, images), np.ones_like(images))
    return float(np.mean(found))


@pytest.fixture(scope="module")
def plain():
    """Weights of a network that was taught no trait."""
    return weights(train_with_trait(SETS, slopes(0.0), SETTINGS))


def test_it_learns_labels_in_their_units_and_a_trait_against_them():
    settings = changed(steps=150)
    unaware = train_with_trait(SETS, slopes(0.0), settings)
    predicted = predict(unaware, SETS.test.phases)
    assert (r_squared(SETS.test.properties, predicted) > 0.8).all()
    assert slope(unaware) > 0.5
    # A trait that contradicts the labels shows whether it is heard at all.
    taught = train_with_trait(SETS, slopes(10.0), settings)
    assert slope(taught) < 0


def test_a_gradient_alone_is_taught_as_one(plain):
    images = slopes(0.0).images
    trait = Trait(images, (np.full_like(images, 1e-3),), 1.0)
    model = train_with_trait(SETS, trait, SETTINGS)
    assert np.isfinite(weights(model)).all()
    assert (weights(model) != plain).any()


def test_networks_with_and_without_see_the_same_labelled_images():
    arrays = np.arange(16.0)[:, None, None, None], np.arange(16.0)[:, None]
    few, many = (TraitBatches(*arrays, slopes(1.0, n), SETTINGS) for n in (5, 10))
    seen = []
    for _ in range(4):
        for index in range(len(few)):
            (ours, *_), targets = few[index]
            (theirs, *_), _ = many[index]
            np.testing.assert_array_equal(ours, theirs)
            np.testing.assert_array_equal(ours.ravel(), targets.ravel())
            seen += targets.ravel().tolist()
        few.on_epoch_end()
        many.on_epoch_end()
    assert len(seen) == SETTINGS.training.steps * SETTINGS.training.batch_size
    # Every image comes once before any comes again.
    assert all(sorted(seen[k : k + 16]) == list(range(16)) for k in range(0, len(seen), 16))


def test_a_finished_network_is_found_again(plain, tmp_path, monkeypatch):
    made = train_with_trait(SETS, slopes(0.0), SETTINGS, folder=tmp_path)
    np.testing.assert_array_equal(weights(made), plain)
    monkeypatch.setattr(keras.Model, "fit", lambda *_, **__: pytest.fail("trained again"))
    found = train_with_trait(SETS, slopes(0.0), SETTINGS, folder=tmp_path)
    np.testing.assert_array_equal(weights(found), plain)
    for trait in (slopes(0.1), slopes(0.0, 11)):
        with pytest.raises(pytest.fail.Exception, match="trained again"):
            train_with_trait(SETS, trait, SETTINGS, folder=tmp_path)
    with pytest.raises(pytest.fail.Exception, match="trained again"):
        other = changed(seed=1)
        train_with_trait(SETS, slopes(0.0), other, folder=tmp_path)


def test_slopes_of_a_bound():
    bound = hashin_shtrikman_modulus([0.9 - 1e-3, 0.9 + 1e-3]).upper
    found = bound_slopes([0.9], lambda fraction: hashin_shtrikman_modulus(fraction).upper)
    assert found == pytest.approx(np.diff(bound) / 2e-3, rel=1e-5)
    assert bound_slopes([0.0, 1.0], np.exp) == pytest.approx([1, np.e], rel=1e-3)
    with pytest.raises(ValueError, match="fractions must lie"):
        bound_slopes([1.1], np.exp)
    with pytest.raises(ValueError, match="step must lie in"):
        bound_slopes([0.5], np.exp, step=0.0)
    with pytest.raises(ValueError, match=r"values of bound must have shape \(2,\)"):
        bound_slopes([0.5, 0.6], lambda fractions: fractions.mean())


def test_a_training_that_diverges_says_so():
    wild = changed(learning_rate=1e20, steps=10)
    with pytest.raises(FloatingPointError, match="smaller learning rate"):
        train_with_trait(SETS, slopes(0.1), wild)


def test_says_what_is_wrong():
    good = slopes(0.1)
    with pytest.raises(ValueError, match="weight must be at least 0 and finite"):
        slopes(-1.0)
    with pytest.raises(ValueError, match="known must be a gradient"):
        dataclasses.replace(good, known=(good.known[1],))
    with pytest.raises(ValueError, match="images must have shape"):
        dataclasses.replace(good, images=good.images[0])
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        dataclasses.replace(good, batch_size=0)
    small = Trait(np.ones((2, 8, 8)), (np.ones((2, 8, 8)),), 1.0)
    with pytest.raises(ValueError, match="size of the labelled ones"):
        train_with_trait(SETS, small, SETTINGS)
