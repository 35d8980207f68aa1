"""Fitting once: the split, early stopping, and the checkpoint."""

import keras
import numpy as np
import pytest

from mdesign.training.fit import FitSettings, fingerprint, fit, split
from mdesign.training.shuffled import ShuffledBatches

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(200, 2)).astype(np.float32)
TARGETS = INPUTS @ np.array([[1.0], [-2.0]], np.float32)


def build():
    layer = keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed=1))
    return keras.Sequential([keras.Input((2,)), layer])


def run(settings, folder=None, targets=TARGETS):
    return fit(build, INPUTS, targets, settings, loss="mse", recipe="line", folder=folder)


def test_split_keeps_the_share_and_loses_nothing():
    training, validation = split(1_000, FitSettings())
    assert len(training) == 700
    assert sorted([*training, *validation]) == list(range(1_000))
    assert not np.array_equal(split(1_000, FitSettings(seed=1))[0], training)
    assert [len(part) for part in split(2, FitSettings(validation_share=0.01))] == [1, 1]


def test_it_fits_and_the_same_seed_gives_the_same_network():
    settings = FitSettings(epochs=10, batch_size=16, learning_rate=0.1)
    first, again = run(settings), run(settings)
    assert first.validation_loss[-1] < 1e-3
    np.testing.assert_array_equal(first.loss, again.loss)
    np.testing.assert_array_equal(first.model.get_weights()[0], again.model.get_weights()[0])


def test_training_ends_when_validation_does_not_improve_and_the_best_weights_stay():
    noise = np.random.default_rng(1).normal(size=(200, 1)).astype(np.float32)
    fitted = run(FitSettings(epochs=100, patience=4, learning_rate=0.1), targets=noise)
    best = int(fitted.validation_loss.argmin())
    assert len(fitted.loss) == best + 5 < 100
    _, rows = split(200, FitSettings())
    outputs = keras.ops.convert_to_numpy(fitted.model(INPUTS[rows]))
    np.testing.assert_allclose(
        np.mean((outputs - noise[rows]) ** 2), fitted.validation_loss[best], rtol=1e-4
    )


def test_a_finished_fit_is_found_and_any_other_is_not(tmp_path):
    settings = FitSettings(epochs=2)
    first = run(settings, tmp_path)
    again = run(settings, tmp_path)
    np.testing.assert_array_equal(first.model(INPUTS), again.model(INPUTS))
    np.testing.assert_array_equal(first.validation_loss, again.validation_loss)
    assert first.seconds == again.seconds
    run(FitSettings(epochs=2, seed=1), tmp_path)
    run(settings, tmp_path, targets=TARGETS + 1)
    assert len(list(tmp_path.glob("*.keras"))) == 3
    assert {path.suffix for path in tmp_path.iterdir()} == {".keras", ".json"}


def test_the_name_of_a_fit_depends_on_recipe_settings_and_data():
    base = fingerprint("a", FitSettings(), INPUTS)
    assert base == fingerprint("a", FitSettings(), INPUTS.copy())
    others = [
        fingerprint("b", FitSettings(), INPUTS),
        fingerprint("a", FitSettings(seed=1), INPUTS),
        fingerprint("a", FitSettings(), INPUTS.reshape(-1)),
        fingerprint("a", FitSettings(), -INPUTS),
    ]
    assert base not in others


def test_a_loss_that_is_not_finite_raises():
    with pytest.raises(FloatingPointError, match="learning_rate"):
        run(FitSettings(epochs=1), targets=np.full_like(TARGETS, np.inf))


def test_batches_hold_every_sample_once_and_change_their_order():
    data = np.arange(10)[:, None]
    batches = ShuffledBatches(data, data, batch_size=4, rng=RNG, only_full=False)
    epochs = []
    for _ in range(2):
        epochs.append(np.concatenate([batches[i][0] for i in range(len(batches))]).ravel())
        batches.on_epoch_end()
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert not np.array_equal(*epochs)
    assert len(ShuffledBatches(data, data, batch_size=4, rng=RNG)) == 2
    assert len(ShuffledBatches(data, data, batch_size=40, rng=RNG)) == 1


@pytest.mark.parametrize(
    "setting",
    [
        {"learning_rate": 0.0},
        {"batch_size": 0},
        {"patience": 0},
        {"epochs": 0},
        {"validation_share": 1.0},
    ],
)
def test_bad_settings_are_named(setting):
    with pytest.raises(ValueError, match=next(iter(setting))):
        FitSettings(**setting)
