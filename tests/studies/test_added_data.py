"""Added data: draws that are paired, studies that go on, sources that help or hurt."""

import keras
import numpy as np
import pytest

from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.models.metrics import r_squared
from mdesign.models.structure_property.training import NetworkSettings, predict
from mdesign.studies import added_data as augmentation
from mdesign.studies.added_data import (
    added_data_study,
    best_network,
    fraction_prediction,
    fraction_regression,
    symmetric_copies,
)
from mdesign.training.fit import FitSettings

TRAINING = FitSettings(3e-3, batch_size=8, patience=8, steps=40, check_every=20)
SMALL = NetworkSettings(filters=(4, 4, 4, 4, 8), head=8, training=TRAINING)


def samples(n, seed, wrong=False, least=0.6):
    """Images with two functions of their fraction; wrong ones have them the other way round."""
    rng = np.random.default_rng(seed)
    solid = rng.uniform(least, 0.95, n)
    phases = (rng.random((n, 32, 32)) < solid[:, None, None]).astype(np.uint8)
    fraction = phases.mean((1, 2))
    values = 1.5 - fraction if wrong else fraction
    return Labelled(phases, np.stack([values**2, 100 * (1 - values)], axis=1))


SETS = LabelledSets(samples(16, 0, least=0.85), samples(16, 1), samples(32, 2))
SOURCES = {"right": samples(40, 3), "wrong": samples(40, 4, wrong=True), "few": samples(9, 5)}


def study(folder=None, sources=SOURCES, sizes=(8, 40), n_draws=2):
    return added_data_study(SETS, sources, sizes, settings=SMALL, n_draws=n_draws, folder=folder)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A finished study and its folder."""
    folder = tmp_path_factory.mktemp("study")
    return study(folder), folder


def test_right_samples_help_and_wrong_ones_hurt(kept):
    found, _ = kept
    assert found.baseline.shape == found.longer.shape == (2, 2)
    assert found.added["right"].shape == (2, 2, 2)
    means = {name: curve[1].mean() for name, curve in found.added.items()}
    assert means["right"] > max(found.baseline.mean(), means["wrong"])


def test_a_source_with_too_few_samples_has_no_value(kept):
    found, _ = kept
    assert np.isnan(found.added["few"][1]).all()
    assert np.isfinite(found.added["few"][0]).all()


def test_a_killed_study_goes_on_as_if_nothing_had_happened(kept, tmp_path, monkeypatch):
    class Killed(Exception):
        """Stands for the end of the process."""

    original = keras.Model.fit
    count = []

    def dying(self, *given, **asked):
        count.append(1)
        if len(count) == 7:
            raise Killed
        return original(self, *given, **asked)

    monkeypatch.setattr(keras.Model, "fit", dying)
    with pytest.raises(Killed):
        study(tmp_path)
    resumed = study(tmp_path)
    assert len(count) == 1 + 2 * 2 + 2 * 5  # one killed, two untouched, two longer, ten updated
    np.testing.assert_array_equal(resumed.baseline, kept[0].baseline)
    np.testing.assert_array_equal(resumed.longer, kept[0].longer)
    for name, curve in kept[0].added.items():
        np.testing.assert_array_equal(resumed.added[name], curve)


def test_the_best_network_is_found_in_the_folder_of_the_study(kept, monkeypatch):
    found, folder = kept
    monkeypatch.setattr(keras.Model, "fit", None)  # would be needed to train
    for quantity in (0, 1):
        model = best_network(
            SETS,
            SMALL,
            added=SOURCES["right"],
            sizes=(8, 40),
            n_draws=2,
            quantity=quantity,
            folder=folder,
        )
        reached = r_squared(SETS.test.properties, predict(model, SETS.test.phases))[quantity]
        assert reached == pytest.approx(found.added["right"][..., quantity].max(), abs=1e-4)


def test_symmetric_copies_keep_fraction_and_properties():
    source = samples(7, 6)
    copies = symmetric_copies(source, 17, np.random.default_rng(0))
    np.testing.assert_array_equal(copies.properties[:, 0], copies.phases.mean((1, 2)) ** 2)
    _, counts = np.unique(copies.properties[:, 0], return_counts=True)
    assert sorted(counts.tolist()) == [2, 2, 2, 2, 3, 3, 3]
    assert len(np.unique(copies.phases.reshape(17, -1), axis=0)) == 17


def test_a_polynomial_in_the_fraction_explains_what_depends_on_it_alone():
    truth = SETS.test.properties
    np.testing.assert_allclose(fraction_prediction(SETS.train, SETS.test), truth, atol=1e-9)
    line = fraction_prediction(SETS.train, SETS.test, degree=1)
    assert np.abs(line - truth)[:, 0].max() > 1e-3
    np.testing.assert_allclose(line[:, 1], truth[:, 1])
    np.testing.assert_allclose(fraction_regression(SETS), [1.0, 1.0], atol=1e-9)


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match="n_draws must be at least 1; got 0"):
        study(n_draws=0)
    with pytest.raises(ValueError, match="sizes must be at least 1; got 0"):
        study(sizes=(0, 8))
    with pytest.raises(ValueError, match=r"sizes must lie in \[1, 9\]; got 40"):
        best_network(SETS, SMALL, added=SOURCES["few"], sizes=(8, 40))


def test_no_source_still_gives_the_baselines(kept):
    alone = study(kept[1], sources={}, sizes=())
    np.testing.assert_array_equal(alone.baseline, kept[0].baseline)
    assert alone.added == {}
    assert augmentation.AddedData((), alone.baseline, alone.longer, {}).sizes == ()
