"""Every kind of kept file: whatever damages it is noticed, named, and made good again."""

import hashlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest

from mdesign import data, paths
from mdesign.data.public import registry
from mdesign.data.sets.properties import label
from mdesign.design.composites.gidn import GidnSettings, Stopping, active_learning
from mdesign.design.patterns.bayesian import BayesianOptimisation
from mdesign.models.gan import trained
from mdesign.models.vae.network import build_decoder, build_encoder
from mdesign.models.vae.training import GenerationSettings, Generator
from mdesign.storage import ShardedSet, save_arrays
from mdesign.training.batches import ShuffledBatches
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, compile_adam, fit

INPUTS = np.random.default_rng(0).normal(size=(24, 2)).astype(np.float32)
PHASES = np.random.default_rng(1).integers(0, 2, (4, 3, 3)).astype(np.uint8)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


def replace_by_garbage(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 4)


def write_as_another_version(path: Path) -> None:
    """Write what another version might have kept, with a checksum that fits."""
    if path.suffix == ".npz":
        save_arrays(path, {"of": np.zeros(2), "another": np.ones(3)})
        return
    text = json.dumps({"format": 7}) if path.suffix in {".json", ".key"} else "another"
    path.write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    checksum = path.with_name(path.name + ".sha256")
    if checksum.exists():
        checksum.write_text(f"{digest}  {path.name}\n")


DAMAGES = (truncate, empty, flip_a_bit, replace_by_garbage, write_as_another_version)


@dataclass(frozen=True)
class Medium:
    """Stands for a slow physics."""

    factor: float = 2.0

    def properties(self, phases):
        return self.factor * phases.reshape(len(phases), -1)[:, :2] + 1.0


@dataclass(frozen=True)
class Rows:
    """A problem whose toughest designs are soft at the beginning."""

    n_elements: int = 8

    def toughness(self, designs):
        return 1.0 + designs @ np.arange(1.0, 9.0)


def labels(folder):
    return {"labels": label(PHASES, Medium(), folder=folder).properties}


def shards(folder):
    return ShardedSet(folder, {"a": 1}, shard_size=4).load(lambda rng, n: {"x": rng.random(n)}, 8)


class Stopped(Exception):
    """Stands for a kill."""


def training(folder, stop_after=None):
    """Train a network of three numbers for four epochs, or to the kill after one of them."""
    initial = keras.initializers.GlorotUniform(seed=0)
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1, kernel_initializer=initial)], name="line"
    )
    settings = FitSettings(0.05, epochs=4)
    batches = ShuffledBatches(INPUTS, INPUTS[:, :1], batch_size=8, rng=np.random.default_rng(0))
    compile_adam(model, settings, "mse", n_batches=3)
    kept = Checkpoints(folder, every=1)
    if stop_after:
        save = kept.save

        def stopping(model, state):
            save(model, state)
            if state.done == stop_after:
                raise Stopped

        kept.save = stopping
    fitted = fit(
        model,
        batches,
        epochs=4,
        validation=ShuffledBatches(
            INPUTS, INPUTS[:, :1], batch_size=24, rng=np.random.default_rng(1)
        ),
        patience=9,
        checkpoints=kept,
    )
    return {"weights": model.get_weights()[0], "loss": fitted.loss}


def killed_training(folder):
    """Leave a training in its third epoch, or finish one that was left so."""
    if not folder.exists():
        with pytest.raises(Stopped):
            training(folder, stop_after=3)
        return training(folder.parent / "whole")
    return training(folder)


SMALL = GidnSettings(
    soft_fraction=0.25,
    n_random=20,
    n_starts=10,
    hidden=(4,),
    training_steps=2,
    batch_size=5,
    design_steps=2,
)


def gidn(folder):
    found = active_learning(Rows(), SMALL, Stopping(2), checkpoint=folder)
    last = found.iterations[-1]
    return {"random": found.random_toughness, "designs": last.designs, "guess": last.predicted}


def bayesian(folder):
    method = BayesianOptimisation(
        lambda latents: latents,
        lambda maps: 0.9 - 0.1 * (maps**2).sum(axis=(1, 2)),
        (2, 2),
        n_initial=5,
        n_iterations=2,
        acquisition="hedge",
        folder=folder,
    )
    history = method.maximise()
    return {"latents": history.latents, "values": history.values}


KEPT = {
    "shard": (shards, "*/shard-00001.npz"),
    "labels": (labels, "properties-*.npz"),
    "state of a finished training": (training, "state.json"),
    "weights of a finished training": (training, "final.weights.h5"),
    "state of a killed training": (killed_training, "state.json"),
    "weights of a killed training": (killed_training, "step-000003.weights.h5"),
    "best weights of a killed training": (killed_training, "best-000003.npz"),
    "gidn": (gidn, "*/*.npz"),
    "bayesian": (bayesian, "bayesian-*.npz"),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What each kind keeps, made once, and what it gives."""
    made = {}

    def of(make):
        if make not in made:
            folder = tmp_path_factory.mktemp(make.__name__) / "kept"
            made[make] = folder, make(folder)
        return made[make]

    return of


def copied(folder: Path, to: Path) -> Path:
    for path in folder.rglob("*"):
        if path.is_file():
            target = to / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return to


def same(one, other) -> None:
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])


@pytest.mark.parametrize("kind", KEPT)
def test_a_damaged_file_is_named_and_made_anew_with_the_same_numbers(kind, results, tmp_path):
    make, pattern = KEPT[kind]
    folder, before = results(make)
    # The names of shards and labels say the version.
    damages = list(DAMAGES[:-1] if kind in ("shard", "labels") else DAMAGES)
    while damages:
        kept = copied(folder, tmp_path / damages[-1].__name__)
        damaged = sorted(kept.glob(pattern))
        for path in damaged:
            (damages.pop() if damages else truncate)(path)
        with pytest.warns(UserWarning, match="made anew") as seen:
            after = make(kept)
        messages = [str(one.message) for one in seen if "made anew" in str(one.message)]
        assert len(messages) == len(damaged)
        assert all(any(path.name in message for message in messages) for path in damaged)
        same(before, after)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        same(before, make(kept))


@pytest.mark.parametrize("kind", KEPT)
def test_a_file_without_a_checksum_is_made_anew(kind, results, tmp_path):
    make, pattern = KEPT[kind]
    folder, before = results(make)
    kept = copied(folder, tmp_path / "kept")
    for path in kept.glob(pattern):
        path.with_name(path.name + ".sha256").unlink(missing_ok=True)
    same(before, make(kept))


@pytest.mark.parametrize("difference", [1e-5, 1e-3])
def test_the_results_of_another_physics_are_not_continued(difference, tmp_path):
    """Four digits at one point are not enough: these differ in the fifth, or at other points."""

    def searched(simulate, folder):
        method = BayesianOptimisation(
            lambda latents: latents, simulate, (2, 2), n_initial=6, n_iterations=1, folder=folder
        )
        return method.maximise().values

    def first(maps):
        return 0.9 - 0.1 * (maps**2).sum(axis=(1, 2))

    def second(maps):
        return first(maps) * (1 + difference * (maps[:, 0, 0] != maps[0, 0, 0]))

    searched(first, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = searched(second, tmp_path)
    np.testing.assert_array_equal(found, searched(second, None))
    same({"values": found}, {"values": searched(second, tmp_path)})


def test_the_checkpoints_of_another_problem_of_the_same_name_are_not_continued(tmp_path):
    first = gidn(tmp_path)

    original = Rows.toughness
    try:
        Rows.toughness = lambda self, designs: original(self, designs) * 1.00001
        with pytest.warns(UserWarning, match="another physics computed it"):
            second = gidn(tmp_path)
    finally:
        Rows.toughness = original
    np.testing.assert_allclose(second["random"], first["random"] * 1.00001, rtol=1e-12)


@pytest.mark.parametrize("damage", [truncate, empty, flip_a_bit, replace_by_garbage])
@pytest.mark.parametrize("name", ["generator.keras", "discriminator.keras"])
def test_damaged_weights_of_the_package_are_named(name, damage, tmp_path, monkeypatch):
    monkeypatch.setattr(trained, "_TRAINED", copied(trained._TRAINED, tmp_path))
    damage(tmp_path / name)
    load = trained.load_discriminator if "discriminator" in name else trained.load_generator
    with pytest.raises(OSError, match=r"(generator|discriminator)\.\w+ is damaged.*reinstall"):
        load.__wrapped__("own")
    (tmp_path / "generator.json").write_bytes(b"{")
    with pytest.raises(OSError, match=r"generator\.json is damaged.*reinstall"):
        trained.trained_record()


@pytest.fixture(scope="module")
def generator(tmp_path_factory):
    """A generative model that was saved."""
    shape = {"width": 0.05, "n_latent": 2, "seed": 0}
    networks = build_encoder(16, **shape), build_decoder(16, **shape)
    settings = GenerationSettings("vae", 16, 0.05, 1, n_latent=2)
    folder = tmp_path_factory.mktemp("generator")
    Generator(settings, *networks, {"loss": [1.0]}, 2.0).save(folder)
    return folder


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["encoder.keras", "decoder.keras", "generator.json"])
def test_a_damaged_generative_model_is_named(name, damage, generator, tmp_path):
    kept = copied(generator, tmp_path / "kept")
    damage(kept / name)
    with pytest.raises(ValueError, match=rf"folder must hold .*{kept} is damaged"):
        Generator.load(kept)
    (kept / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        Generator.load(kept)


@pytest.mark.parametrize("damage", [truncate, empty, flip_a_bit, replace_by_garbage])
def test_damaged_public_data_are_named_and_fetched_again(damage, tmp_path, monkeypatch, home):
    content = b"public numbers\n" * 20
    (tmp_path / "mirror" / "group").mkdir(parents=True)
    (tmp_path / "mirror" / "group" / "file.bin").write_bytes(content)
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", str(tmp_path / "mirror"))
    file = registry.PublicFile(
        key="group/file.bin",
        url="http://127.0.0.1:9/file.bin",
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        licence="CC0",
        citation="nobody",
    )
    damage(data.fetch(file))
    with pytest.warns(UserWarning, match=r"file\.bin has .*looking for another copy"):
        path = data.fetch(file)
    assert path.read_bytes() == content
    assert path.is_relative_to(paths.data_cache())
