"""A small study: its contents, its reuse from the folder, and its response to the settings."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from mdesign.data.sets.porous import authentic, further_training
from mdesign.models.structure_property.training import NetworkSettings
from mdesign.models.vae.training import GenerationSettings
from mdesign.studies.materials import (
    AUTHENTIC,
    MARKOV,
    PROPOSED,
    StudySettings,
    equivalent_number,
    study_material,
)
from mdesign.training.fit import FitSettings


@dataclass(frozen=True)
class Shares:
    """Properties at no cost: the shares of solid in the whole image and in its left half."""

    def properties(self, phases):
        halves = phases[:, :, : phases.shape[2] // 2]
        return np.stack([phases.mean((1, 2)), halves.mean((1, 2))], axis=1)


SETTINGS = StudySettings(
    GenerationSettings("vae", 32, 0.1, 4, batch_size=4),
    NetworkSettings((2, 2, 2, 2, 2), 4, FitSettings(batch_size=8, steps=10, check_every=20)),
    sizes=(5, 20),
    n_draws=2,
)


@pytest.fixture(scope="module")
def data():
    return authentic("random_fields", size=32, n_per_set=15)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def study(data, folder):
    further = further_training("random_fields", data, 20, size=32)
    return study_material(data, SETTINGS, Shares(), further=further, folder=folder)


def test_all_sources_are_drawn_labelled_and_added(study):
    assert list(study.sources) == [PROPOSED, MARKOV, AUTHENTIC]
    for source in study.sources.values():
        assert source.phases.shape == (20, 32, 32)
        assert source.properties == pytest.approx(Shares().properties(source.phases))
    assert {name: added.shape for name, added in study.accuracy.added.items()} == dict.fromkeys(
        study.sources, (2, 2, 2)
    )


def test_the_measures_are_those_of_the_samples(study, data):
    values = Shares().properties(np.concatenate([data.train, data.validation, data.test]))
    assert study.authentic == pytest.approx(values)
    made = study.sources[MARKOV].properties
    assert study.spreads(MARKOV) == pytest.approx(made.std(axis=0) / values.std(axis=0))
    assert study.spreads(MARKOV)[0] < 0.2  # one volume fraction
    ordered = np.sort(np.concatenate([made[:, 0], values[:, 0]]))
    steps = [
        np.searchsorted(np.sort(x), ordered, "right") / len(x) for x in (made[:, 0], values[:, 0])
    ]
    assert study.distances(MARKOV)[0] == pytest.approx(np.abs(steps[0] - steps[1]).max())
    gained = study.accuracy.added[MARKOV][1] - study.accuracy.longer
    assert study.gains(MARKOV) == pytest.approx(gained.mean(axis=1))


def test_textures_and_novelty_are_those_of_the_artificial_samples(study, data):
    assert set(study.textures) == set(study.novelty) == {PROPOSED, MARKOV}
    assert study.textures[MARKOV].volume_fraction == pytest.approx(data.known.mean(), abs=0.006)
    assert 0.2 < study.novelty[MARKOV] < 2


def test_a_finished_study_is_found_again(study, data, folder):
    before = sorted(path for path in folder.rglob("*") if path.is_file())
    again = study_material(data, SETTINGS, Shares(), folder=folder)
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == before
    assert (again.accuracy.added[PROPOSED] == study.accuracy.added[PROPOSED]).all()
    assert AUTHENTIC not in again.sources


@pytest.mark.parametrize(
    ("value", "number"),
    [(0.5, 0), (0.6, 0), (0.65, 50), (0.7, 100), (0.75, 250), (0.8, 400), (0.9, 400)],
)
def test_equivalent_number_interpolates_a_curve_that_never_falls(value, number):
    found = equivalent_number([100, 200, 400], 0.6, [0.7, 0.65, 0.8], value)
    assert found == pytest.approx(number)


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"sizes must be rising, one at least; got \(20, 5\)"):
        replace(SETTINGS, sizes=(20, 5))
    with pytest.raises(ValueError, match=r"sizes must be rising, one at least; got \(\)"):
        replace(SETTINGS, sizes=())
    with pytest.raises(ValueError, match="authentic have one value for each"):
        equivalent_number([1, 2], 0.0, [0.1], 0.1)
    with pytest.raises(ValueError, match="sizes must rise"):
        equivalent_number([2, 1], 0.0, [0.1, 0.2], 0.1)
