"""Learning properties: early stopping, updates, and networks that are found again."""

import dataclasses

import numpy as np
import pytest

from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.models.metrics import r_squared
from mdesign.models.structure_property import training as property_learning
from mdesign.models.structure_property.training import (
    Learner,
    NetworkSettings,
    predict,
    train_property_network,
)

SMALL = NetworkSettings(
    filters=(4, 4, 4, 4, 8), head=8, learning_rate=3e-3, batch_size=8, steps=20, update_steps=10
)


def samples(n, seed, noise=0.0):
    """Images whose two properties a network can learn, unless they are noise."""
    rng = np.random.default_rng(seed)
    solid = rng.uniform(0.6, 0.95, n)
    phases = (rng.random((n, 32, 32)) < solid[:, None, None]).astype(np.uint8)
    fraction = phases.mean((1, 2)) + noise * rng.normal(size=n)
    return Labelled(phases, np.stack([fraction**2, 100 * (1 - fraction)], axis=1))


SETS = LabelledSets(samples(24, 0), samples(16, 1), samples(16, 2))
MORE = samples(12, 3)


def weights(model):
    return np.concatenate([array.ravel() for array in model.get_weights()])


def test_it_learns_in_the_units_of_the_properties():
    settings = dataclasses.replace(SMALL, steps=200)
    model = train_property_network(SETS, settings)
    predicted = predict(model, SETS.test.phases)
    assert (r_squared(SETS.test.properties, predicted) > 0.8).all()
    learner = Learner(SETS, settings, None)
    np.testing.assert_allclose(
        learner.network(0, None, 0).r2, r_squared(SETS.test.properties, predicted), atol=1e-4
    )


def test_the_same_seed_gives_the_same_network_and_another_draw_another():
    first, again = (weights(train_property_network(SETS, SMALL)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, weights(train_property_network(SETS, SMALL, draw=1)))
    other = dataclasses.replace(SMALL, seed=1)
    assert not np.array_equal(first, weights(train_property_network(SETS, other)))


def test_the_weights_of_the_least_validation_loss_are_kept():
    noise = LabelledSets(samples(24, 0, 1.0), samples(16, 1, 1.0), SETS.test)
    losses = []

    class Watched(property_learning._Trainer):
        def _loss(self):
            losses.append(super()._loss())
            return losses[-1]

    settings = dataclasses.replace(SMALL, steps=400, check_every=5, patience=3)
    trainer = Watched(noise, settings)
    start = trainer.build(0).get_weights()
    kept = trainer.train(noise.train, start, 400, np.random.default_rng(0))
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3 < 80
    trainer._network.set_weights(trainer.unpacked(kept.weights))
    assert super(Watched, trainer)._loss() == pytest.approx(losses[best], rel=1e-5)


def test_an_update_begins_where_the_network_was_and_uses_what_is_added(monkeypatch):
    seen = []

    def watched(self, taken, start, steps, rng):
        seen.append((len(taken), np.concatenate([array.ravel() for array in start]), steps))
        return original(self, taken, start, steps, rng)

    original = property_learning._Trainer.train
    monkeypatch.setattr(property_learning._Trainer, "train", watched)
    learner = Learner(SETS, SMALL, None)
    before = learner.network(0, None, 0)
    after = learner.network(0, MORE, 5)
    assert [(size, steps) for size, _, steps in seen] == [(24, 20), (29, 10)]
    np.testing.assert_array_equal(seen[1][1], before.weights)
    assert not np.array_equal(after.weights, before.weights)


def test_a_draw_takes_the_same_samples_first(monkeypatch):
    taken = []
    original = property_learning._Trainer.train
    monkeypatch.setattr(
        property_learning._Trainer,
        "train",
        lambda self, found, *rest: taken.append(found) or original(self, found, *rest),
    )
    learner = Learner(SETS, SMALL, None)
    for draw, size in ((0, 4), (0, 12), (1, 4)):
        learner.network(draw, MORE, size)
    few, all_of_them, other = (part.properties[24:, 0] for part in taken if len(part) > 24)
    np.testing.assert_array_equal(few, all_of_them[:4])
    np.testing.assert_array_equal(np.sort(all_of_them), np.sort(MORE.properties[:, 0]))
    assert not np.array_equal(few, other)


def test_a_network_is_found_again_and_any_other_is_not(tmp_path, monkeypatch):
    first = train_property_network(SETS, SMALL, added=MORE, folder=tmp_path)
    assert len(list(tmp_path.glob("*/*.npz"))) == 2
    train = property_learning._Trainer.train
    monkeypatch.setattr(property_learning._Trainer, "train", None)  # would be needed to train
    again = train_property_network(SETS, SMALL, added=MORE, folder=tmp_path)
    np.testing.assert_array_equal(weights(first), weights(again))
    monkeypatch.setattr(property_learning._Trainer, "train", train)
    other = train_property_network(SETS, SMALL, added=MORE[:6], folder=tmp_path)
    assert not np.array_equal(weights(first), weights(other))
    assert len(list(tmp_path.glob("*/*.npz"))) == 3


def test_training_that_diverges_says_so():
    with pytest.raises(FloatingPointError, match="learning_rate below 1e\\+30"):
        train_property_network(SETS, dataclasses.replace(SMALL, learning_rate=1e30))


def test_r_squared_is_one_for_the_truth_and_zero_for_the_mean():
    computed = np.random.default_rng(0).normal(size=(50, 2))
    guess = np.stack([computed[:, 0], np.full(50, computed[:, 1].mean())], axis=1)
    np.testing.assert_allclose(r_squared(computed, guess), [1.0, 0.0], atol=1e-12)
    with pytest.raises(ValueError, match=r"predicted must have shape \(50, 2\)"):
        r_squared(computed, guess[:1])
    with pytest.raises(ValueError, match="vary in every property"):
        r_squared(np.ones((3, 1)), np.ones((3, 1)))


@pytest.mark.parametrize(
    "given",
    [{"steps": 0}, {"patience": 0}, {"batch_size": 0}, {"learning_rate": 0.0}, {"seed": -1}],
)
def test_bad_settings_are_named(given):
    with pytest.raises(ValueError, match=next(iter(given))):
        NetworkSettings(**given)
