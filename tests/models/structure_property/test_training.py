"""Learning properties: early stopping, updates, and networks that are kept."""

import dataclasses

import keras
import numpy as np
import pytest

from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.models.metrics import r_squared
from mdesign.models.structure_property import training as property_learning
from mdesign.models.structure_property.training import Learner, NetworkSettings, predict
from mdesign.training.fit import FitSettings

SMALL = NetworkSettings(
    filters=(4, 4, 4, 4, 8),
    head=8,
    training=FitSettings(3e-3, batch_size=8, patience=8, steps=20, check_every=20),
    update_steps=10,
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


def changed(**training):
    return dataclasses.replace(SMALL, training=dataclasses.replace(SMALL.training, **training))


def trained(settings=SMALL, *, sets=SETS, added=None, draw=0, folder=None):
    learner = Learner(sets, settings, folder)
    size = 0 if added is None else len(added)
    return learner.model(learner.network(draw, added, size))


def weights(model):
    return flat(model.get_weights())


def flat(arrays):
    return np.concatenate([array.ravel() for array in arrays])


def test_it_learns_in_the_units_of_the_properties():
    settings = changed(steps=200)
    model = trained(settings)
    predicted = predict(model, SETS.test.phases)
    assert (r_squared(SETS.test.properties, predicted) > 0.8).all()
    learner = Learner(SETS, settings, None)
    np.testing.assert_allclose(
        learner.network(0, None, 0).r2, r_squared(SETS.test.properties, predicted), atol=1e-4
    )


def test_the_same_seed_gives_the_same_network_and_another_draw_another():
    first, again = (weights(trained()) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, weights(trained(draw=1)))
    other = changed(seed=1)
    assert not np.array_equal(first, weights(trained(other)))


def watch(monkeypatch, seen):
    """Let each training leave what it was asked and what came of it."""

    def watched(model, batches, **asked):
        start = flat(model.get_weights())
        fitted = original(model, batches, **asked)
        seen.append((batches, start, asked, fitted.losses))
        return fitted

    original = property_learning.fit
    monkeypatch.setattr(property_learning, "fit", watched)


def test_the_weights_of_the_least_validation_loss_are_kept(monkeypatch):
    noise = LabelledSets(samples(24, 0, 1.0), samples(16, 1, 1.0), SETS.test)
    seen = []
    watch(monkeypatch, seen)
    settings = changed(steps=400, check_every=5, patience=3)
    learner = Learner(noise, settings, None)
    learner.network(0, None, 0)
    losses = seen[0][3]["validation_loss"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3 < 80
    inputs, targets = learner._tensors(noise.validation)
    kept = np.mean((learner._network.predict_on_batch(inputs) - targets) ** 2)
    assert kept == pytest.approx(losses[best], rel=1e-5)


def test_an_update_begins_where_the_network_was_and_uses_what_is_added(monkeypatch):
    seen = []
    watch(monkeypatch, seen)
    learner = Learner(SETS, SMALL, None)
    before = learner.network(0, None, 0)
    after = learner.network(0, MORE, 5)
    asked = [(len(batches._inputs), asked["steps"]) for batches, _, asked, _ in seen]
    assert asked == [(24, 20), (29, 10)]
    np.testing.assert_array_equal(seen[1][1], flat(before.weights))
    assert not np.array_equal(flat(after.weights), flat(before.weights))


def test_a_draw_takes_the_same_samples_first(monkeypatch):
    seen = []
    watch(monkeypatch, seen)
    learner = Learner(SETS, SMALL, None)
    for draw, size in ((0, 4), (0, 12), (1, 4)):
        learner.network(draw, MORE, size)
    targets = [batches._targets[24:, 0] for batches, *_ in seen if len(batches._targets) > 24]
    few, all_of_them, other = (learner.mean[0] + learner.deviation[0] * part for part in targets)
    np.testing.assert_array_equal(few, all_of_them[:4])
    np.testing.assert_allclose(np.sort(all_of_them), np.sort(MORE.properties[:, 0]), rtol=1e-6)
    assert not np.array_equal(few, other)


def test_a_network_is_kept_and_any_other_is_trained(tmp_path, monkeypatch):
    first = trained(added=MORE, folder=tmp_path)
    assert len(list(tmp_path.glob("*/final.weights.h5"))) == 2
    with monkeypatch.context() as patched:
        patched.setattr(keras.Model, "fit", None)  # would be needed to train
        again = trained(added=MORE, folder=tmp_path)
    np.testing.assert_array_equal(weights(first), weights(again))
    other = trained(added=MORE[:6], folder=tmp_path)
    assert not np.array_equal(weights(first), weights(other))
    assert len(list(tmp_path.glob("*/final.weights.h5"))) == 3


def test_training_that_diverges_says_so():
    with pytest.raises(FloatingPointError, match="smaller learning rate"):
        trained(changed(learning_rate=1e30))


def test_r_squared_is_one_for_the_truth_and_zero_for_the_mean():
    computed = np.random.default_rng(0).normal(size=(50, 2))
    guess = np.stack([computed[:, 0], np.full(50, computed[:, 1].mean())], axis=1)
    np.testing.assert_allclose(r_squared(computed, guess), [1.0, 0.0], atol=1e-12)
    with pytest.raises(ValueError, match="predicted must have the shape of computed"):
        r_squared(computed, guess[:1])
    with pytest.raises(ValueError, match="vary in every property"):
        r_squared(np.ones((3, 1)), np.ones((3, 1)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"training": FitSettings()}, "numbers of steps and check_every"),
        ({"update_steps": 0}, "update_steps must be at least 1"),
    ],
)
def test_bad_settings_are_named(given, said):
    with pytest.raises(ValueError, match=said):
        NetworkSettings(**given)
