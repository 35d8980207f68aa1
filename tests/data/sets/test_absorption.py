import dataclasses

import numpy as np
import pytest

from mdesign.data.sets import absorption
from mdesign.data.sets.absorption import SHARD_SIZE, absorption_data
from mdesign.models.gan.network import build_generator
from mdesign.models.gan.trained import decode, load_generator
from mdesign.physics import OpticalStack, absorptance

STACK = OpticalStack(orders=(3, 3))


@pytest.fixture(scope="module")
def generator():
    """An untrained generator: its images are noise, but binary, and of the right size."""
    return build_generator((4, 4, 4, 4), seed=1)


@pytest.fixture
def small(monkeypatch):
    """Shards of a few structures, so that a test makes several."""
    monkeypatch.setattr(absorption, "SHARD_SIZE", 6)


def made(generator, folder, **others):
    settings = {"n_samples": 14, "latent_shape": (1, 1), "seed": 5, "folder": folder} | others
    stack = settings.pop("stack", STACK)
    model = load_generator(generator) if isinstance(generator, str) else generator
    return absorption_data(model, stack, decode=decode, **settings)


def test_samples_fit_together(generator, tmp_path, small):
    data = made(generator, tmp_path, latent_shape=(2, 2))
    assert len(data) == 14
    assert data.latents.shape == (14, 2, 2)
    assert data.latents.dtype == np.float32
    assert (np.abs(data.latents) < 1).all()
    assert len(np.unique(data.latents)) == data.latents.size
    np.testing.assert_array_equal(data.patterns, decode(generator, data.latents))
    # Structures are computed one by one in single precision: the batch changes nothing visible.
    np.testing.assert_allclose(data.absorptance, absorptance(data.patterns, STACK), atol=1e-5)


def test_a_range_of_absorptances(generator, tmp_path, small):
    data = made(generator, tmp_path, latent_shape=(2, 2))
    low, high = np.sort(data.absorptance)[[3, 9]]
    inside = data.between(low, high)
    assert len(inside) == 7
    np.testing.assert_array_equal(
        inside.absorptance, data.absorptance[(data.absorptance >= low) & (data.absorptance <= high)]
    )
    np.testing.assert_array_equal(inside.patterns, decode(generator, inside.latents))
    with pytest.raises(ValueError, match=r"no absorptance lies between 0\.0 and 0\.01"):
        data.between(0.0, 0.01)
    with pytest.raises(ValueError, match="high must lie in"):
        data.between(0.7, 0.5)


def test_the_same_call_reads_what_is_there(generator, tmp_path, small, monkeypatch):
    first = made(generator, tmp_path)
    calls = []

    def counted(patterns, stack):
        calls.append(len(patterns))
        return absorptance(patterns, stack)

    monkeypatch.setattr(absorption, "absorptance", counted)
    again = made(generator, tmp_path)
    assert sum(calls) == absorption.PROBE_SIZE
    larger = made(generator, tmp_path, n_samples=20)
    assert sum(calls) == 2 * absorption.PROBE_SIZE + 6
    for name in ("latents", "patterns", "absorptance"):
        np.testing.assert_array_equal(getattr(again, name), getattr(first, name))
        np.testing.assert_array_equal(getattr(larger, name)[:14], getattr(first, name))


def test_shards_have_the_same_bytes_whoever_makes_them(generator, tmp_path, small):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    made(generator, whole, n_samples=18)
    for n_samples in (3, 9, 18):
        made(generator, parts, n_samples=n_samples)
    contents = [
        {path.name: path.read_bytes() for path in folder.rglob("shard-*.npz")}
        for folder in (whole, parts)
    ]
    assert len(contents[0]) == 3
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    "change",
    [
        {"stack": dataclasses.replace(STACK, period_nm=846.0)},
        {"latent_shape": (2, 2)},
        {"seed": 6},
    ],
)
def test_other_settings_are_other_data(generator, tmp_path, small, change):
    first = made(generator, tmp_path)
    other = made(generator, tmp_path, **change)
    assert not np.array_equal(first.absorptance, other.absorptance)
    assert len(list(tmp_path.iterdir())) == 2


def test_another_generator_makes_other_data(generator, tmp_path, small):
    made(generator, tmp_path)
    made(build_generator((4, 4, 4, 4), seed=2), tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_change_of_the_physics_is_noticed(generator, tmp_path, small, monkeypatch):
    first = made(generator, tmp_path)
    monkeypatch.setattr(absorption, "absorptance", lambda *a: absorptance(*a) + 0.001)
    other = made(generator, tmp_path)
    np.testing.assert_allclose(other.absorptance, first.absorptance + 0.001, atol=1e-5)


def test_the_own_generator_serves(tmp_path, small):
    data = made(load_generator("own"), tmp_path, n_samples=4)
    assert data.patterns.shape == (4, 32, 32)


def test_malformed_calls_are_refused(generator, tmp_path):
    with pytest.raises(ValueError, match="n_samples must be at least 1; got 0"):
        made(generator, tmp_path, n_samples=0)
    with pytest.raises(ValueError, match="seed must be"):
        made(generator, tmp_path, seed=-1)
    assert SHARD_SIZE >= 100
