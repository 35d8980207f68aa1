"""Training runs of generative models: resumable to the last bit, and what they make."""

import dataclasses

import numpy as np
import pytest

from mdesign.microstructure import MarkovField
from mdesign.models.vae import training as generations
from mdesign.models.vae.network import KINDS
from mdesign.models.vae.training import (
    GenerationBatches,
    GenerationSettings,
    Generator,
    artificial,
    train_generations,
)
from mdesign.training import callbacks

SMALL = GenerationSettings("morphology", 16, 0.1, 5, batch_size=4, feature_filters=(4, 8))


class Killed(Exception):
    """Stands for the end of the process."""


def images(n=12, seed=0):
    """Random patterns of square grains."""
    grains = np.random.default_rng(seed).random((n, 4, 4)) < 0.8
    return grains.repeat(4, axis=1).repeat(4, axis=2).astype(np.uint8)


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


@pytest.fixture(scope="module")
def straight():
    """A run that nobody interrupted."""
    return train_generations(images(), SMALL)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path, monkeypatch, straight):
    with monkeypatch.context() as patched:
        kill_after(4, patched)
        with pytest.raises(Killed):
            train_generations(images(), SMALL, tmp_path, checkpoint_every=3)
    kept = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert kept == ["state.json", "state.json.sha256", "step-000003.weights.h5"]
    resumed = train_generations(images(), SMALL, tmp_path, checkpoint_every=3)
    assert resumed.losses == straight.losses
    assert same(resumed.decoder, straight.decoder)
    assert same(resumed.encoder, straight.encoder)
    monkeypatch.setattr(generations, "GenerationBatches", None)  # would be needed to train
    found = train_generations(images(), SMALL, tmp_path)
    assert same(found.decoder, resumed.decoder)
    assert (found.losses, found.seconds) == (resumed.losses, resumed.seconds)


def test_runs_on_other_images_or_settings_are_kept_apart(tmp_path):
    quick = dataclasses.replace(SMALL, kind="autoencoder", n_steps=1)
    train_generations(images(), quick, tmp_path)
    train_generations(images(), quick, tmp_path)
    train_generations(images(seed=1), quick, tmp_path)
    train_generations(images(), dataclasses.replace(quick, seed=1), tmp_path)
    assert len(list(tmp_path.glob("autoencoder-*"))) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_trains_and_makes_microstructures(kind):
    model = train_generations(images(), dataclasses.replace(SMALL, kind=kind, n_steps=2))
    assert {len(values) for values in model.losses.values()} == {2}
    made = model.sample(3, np.random.default_rng(0))
    assert made.shape == (3, 16, 16)
    assert made.dtype == np.uint8
    assert set(np.unique(made)) <= {0, 1}
    assert model.codes(images(5)).shape == (5, 16)


def test_samples_are_the_thresholded_images_of_normal_latents(straight):
    latents = straight.latents(2_000, np.random.default_rng(3))
    assert abs(latents.mean()) < 0.02  # 3.6 standard errors
    assert abs(latents.std() - 1) < 0.02
    grey = straight.grey(latents[:150])
    assert grey.shape == (150, 16, 16)
    assert 0 < grey.min() < grey.max() < 1
    drawn = straight.sample(150, np.random.default_rng(3))
    first = straight.latents(150, np.random.default_rng(3))
    assert (drawn == (straight.grey(first) > 0.5)).all()
    assert straight.sample(0, np.random.default_rng(3)).shape == (0, 16, 16)


def test_an_image_is_decoded_alike_alone_and_among_others(straight):
    latents = straight.latents(130, np.random.default_rng(0))
    together = straight.grey(latents)
    # Sums of another order: a few units in the last place of float32.
    np.testing.assert_allclose(straight.grey(latents[120:121])[0], together[120], atol=1e-5)


def test_batches_depend_on_the_step_alone():
    whole = GenerationBatches(images(), SMALL)
    rest = GenerationBatches(images(), SMALL, first=3)
    assert (len(whole), len(rest)) == (5, 2)
    for a, b in zip(whole[4][0], rest[1][0], strict=True):
        assert (a == b).all()
    shown, others, noise, latents = whole[0][0]
    assert shown.shape == others.shape == (4, 16, 16, 1)
    assert noise.shape == latents.shape == (4, 16)
    assert (shown != others).any()
    assert (noise != latents).any()


def test_artificial_microstructures_come_from_any_model(straight):
    class Field(MarkovField):
        def synthesize(self, n, size, rng):
            return rng.integers(2, size=(n, size, size), dtype=np.uint8)

    rng = np.random.default_rng
    assert (artificial(straight, 4, rng(1)) == straight.sample(4, rng(1))).all()
    assert artificial(Field(), 4, rng(1), size=9).shape == (4, 9, 9)
    with pytest.raises(ValueError, match="size must be given"):
        artificial(Field(), 4, rng(1))
    with pytest.raises(ValueError, match="size must be the model's own, 16; got 32"):
        artificial(straight, 4, rng(1), size=32)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "gan"}, "kind must be one of"),
        ({"n_steps": 0}, "n_steps must be at least 1; got 0"),
        ({"batch_size": 1}, "batch_size must be at least 2; got 1"),
        ({"size": 12}, "size must be a positive multiple of 8; got 12"),
        ({"size": "abc"}, "size"),
        ({"width": -1}, "width must lie in"),
        ({"rate": float("nan")}, "rate must be positive and finite; got nan"),
        ({"features": "nonsense"}, "features must be .*; got 'nonsense'"),
        ({"feature_filters": (8,)}, "feature_filters must have 2 or more numbers"),
    ],
)
def test_says_what_is_wrong_with_settings(changes, said):
    with pytest.raises((ValueError, TypeError), match=said):
        dataclasses.replace(SMALL, **changes)


def test_files_of_weights_need_no_filters_and_may_end_as_keras_allows():
    for features in ("imagenet", "weights.h5", "weights.hdf5", "weights.keras"):
        dataclasses.replace(SMALL, features=features, feature_filters=(8,))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda images: 255 * images, "divide images of 0 and 255 by 255"),
        (lambda images: np.where(images == 1, np.nan, 0.0), "images must lie in .* got nan"),
        (lambda images: 0.5 * images, "images must be whole numbers; got 0.5"),
    ],
)
def test_values_are_checked_before_training(monkeypatch, spoil, said):
    monkeypatch.setattr(generations, "fit", None)  # would be needed to train
    with pytest.raises(ValueError, match=said):
        train_generations(spoil(images()), SMALL)


def test_a_huge_rate_ends_the_training():
    wild = dataclasses.replace(SMALL, kind="vae", rate=1e30)
    with pytest.raises(FloatingPointError, match="not finite in step"):
        train_generations(images(), wild)


def test_a_saved_generator_is_the_same(tmp_path, straight):
    straight.save(tmp_path / "kept")
    loaded = Generator.load(tmp_path / "kept")
    assert loaded.settings == straight.settings
    assert (loaded.losses, loaded.seconds) == (straight.losses, straight.seconds)
    made = [model.sample(3, np.random.default_rng(0)) for model in (straight, loaded)]
    np.testing.assert_array_equal(*made)
    np.testing.assert_array_equal(*(model.codes(images(2)) for model in (straight, loaded)))


def test_says_what_is_wrong_with_a_run(straight):
    with pytest.raises(ValueError, match="checkpoint_every must be at least 1; got 0"):
        train_generations(images(), SMALL, checkpoint_every=0)
    with pytest.raises(ValueError, match="images must be at least batch_size = 4; got 3"):
        train_generations(images(3), SMALL)
    with pytest.raises(ValueError, match=r"images must have shape \(n, 16, 16\)"):
        train_generations(images()[:, :8, :8], SMALL)
    with pytest.raises(ValueError, match=r"latents must have shape \(n, 16\); got \(3, 4\)"):
        straight.grey(np.zeros((3, 4)))
