"""Training runs: resumable to the last bit, and honest about what they made."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from mdesign.models.gan import training as adversarial
from mdesign.models.gan.training import FieldCrops, GanSettings, train_gan
from mdesign.training import callbacks

SMALL = GanSettings(n_fields=12, field_size=48, image_size=32, batch_size=4, n_steps=5)


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def straight():
    """A run that nobody interrupted."""
    return train_gan(SMALL)


def kill_after(step, monkeypatch):
    """Let the next run end like a killed process, after its recorder has seen a step."""

    def seen(self, batch, logs=None):
        original(self, batch, logs)
        if self.state.done == step:
            raise Killed

    original = callbacks.Recorder.on_train_batch_end
    monkeypatch.setattr(callbacks.Recorder, "on_train_batch_end", seen)


def same(first, second):
    return all(
        (a == b).all() for a, b in zip(first.get_weights(), second.get_weights(), strict=True)
    )


def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path, monkeypatch, straight):
    with monkeypatch.context() as patched:
        kill_after(4, patched)
        with pytest.raises(Killed):
            train_gan(SMALL, tmp_path, checkpoint_every=3)
    kept = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert kept == ["state.json", "state.json.sha256", "step-000003.weights.h5"]
    resumed = train_gan(SMALL, tmp_path, checkpoint_every=3)
    assert resumed.history == straight.history
    assert same(resumed.generator, straight.generator)
    assert same(resumed.discriminator, straight.discriminator)
    assert {len(losses) for losses in straight.history.values()} == {5}
    monkeypatch.setattr(adversarial, "FieldCrops", None)  # would be needed to train
    found = train_gan(SMALL, tmp_path)
    assert same(found.generator, resumed.generator)
    assert (found.history, found.seconds) == (resumed.history, resumed.seconds)


def test_runs_of_other_settings_are_kept_apart(tmp_path):
    other = dataclasses.replace(SMALL, seed=1)
    for run in (SMALL, other):
        train_gan(dataclasses.replace(run, n_steps=1), tmp_path)
    assert len(list(tmp_path.glob("gan-*"))) == 2


def test_batches_depend_on_the_step_alone():
    whole = FieldCrops(SMALL)
    rest = FieldCrops(SMALL, first=3)
    assert (len(whole), len(rest)) == (5, 2)
    for a, b in zip(whole[4][0], rest[1][0], strict=True):
        assert (a == b).all()
    (images, latents) = whole[0][0]
    assert images.shape == (4, 32, 32, 1)
    assert latents.shape == (8, 1, 1, 1)
    assert np.unique(images).tolist() == [-1, 1]


def test_a_run_is_saved_with_its_quality(tmp_path, straight):
    adversarial.save_training(straight, SMALL, tmp_path, n=4)
    record = json.loads((tmp_path / "generator.json").read_text())
    assert set(record["texture"]) == {"2x2", "3x3", "4x4"}
    assert record["settings"]["n_steps"] == 5
    assert set(record["losses"]) == {"discriminator", "generator", "collapse", "style"}
    loaded = keras.saving.load_model(tmp_path / "generator.keras")
    assert same(loaded, straight.generator)
    assert keras.saving.load_model(tmp_path / "discriminator.keras").input_shape[1] == 32


def test_vgg_weights_from_a_file_are_used(tmp_path):
    keras.utils.set_random_seed(0)
    vgg = keras.applications.VGG19(include_top=False, weights=None)
    path = tmp_path / "vgg19.weights.h5"
    vgg.save_weights(path)
    network = adversarial.feature_network(dataclasses.replace(SMALL, features=str(path)))
    name = "block2_conv1"
    assert same(network.get_layer(name), vgg.get_layer(name))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image_size": 40}, "image_size must be a multiple of 32"),
        ({"image_size": 64}, "up to field_size = 48; got 64"),
        ({"batch_size": 1}, "batch_size must be at least 2"),
        ({"n_steps": 0}, "n_steps must be at least 1"),
    ],
)
def test_says_what_is_wrong_with_settings(changes, said):
    with pytest.raises(ValueError, match=said):
        dataclasses.replace(SMALL, **changes)


def test_a_saved_generator_loads_with_keras_alone(tmp_path, straight):
    adversarial.save_training(straight, SMALL, tmp_path, n=2)
    loaded = keras.saving.load_model(tmp_path / "generator.keras")
    assert same(loaded, straight.generator)


def test_a_huge_rate_ends_the_training():
    with pytest.raises(FloatingPointError, match="not finite in step"):
        train_gan(dataclasses.replace(SMALL, generator_rate=1e30))


def test_says_what_is_wrong_with_a_run():
    with pytest.raises(ValueError, match="checkpoint_every must be at least 1; got 0"):
        train_gan(SMALL, checkpoint_every=0)
    with pytest.raises(ValueError, match="features must be"):
        adversarial.feature_network(dataclasses.replace(SMALL, features="/no/such/file.h5"))
