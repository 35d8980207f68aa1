"""Labels are computed once, reused, resumed after a kill, and computed again for new physics."""

from dataclasses import dataclass

import numpy as np
import pytest

from mdesign.data.sets import properties as property_labels
from mdesign.data.sets.properties import Labelled, label, label_sets

PHASES = (np.random.default_rng(0).random((12, 8, 8)) < 0.8).astype(np.uint8)
SEEN: list[int] = []


@dataclass(frozen=True)
class Mixture:
    """A stand-in for the physics: two functions of the volume fraction."""

    exponent: float = 2.0

    def properties(self, phases):
        SEEN.append(len(phases))
        fraction = phases.mean((1, 2))
        return np.stack([fraction**self.exponent, 1 - fraction], axis=1)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Chunks of five images, and no image computed yet."""
    monkeypatch.setattr(property_labels, "CHUNK", 5)
    SEEN.clear()


def test_labels_are_those_of_the_medium_in_their_order(tmp_path):
    for folder in (None, tmp_path):
        found = label(PHASES, Mixture(), folder=folder)
        np.testing.assert_array_equal(found.properties, Mixture().properties(PHASES))
        np.testing.assert_array_equal(found.phases, PHASES)


def test_what_is_known_is_not_computed_again(tmp_path):
    label(PHASES[:10], Mixture(), folder=tmp_path)
    assert SEEN == [1, 5, 5]
    SEEN.clear()
    found = label(PHASES, Mixture(), folder=tmp_path)
    assert SEEN == [1, 2]
    np.testing.assert_array_equal(found.properties, Mixture().properties(PHASES))


def test_a_killed_run_goes_on_where_it_was(tmp_path, monkeypatch):
    class Killed(Exception):
        """Stands for the end of the process."""

    whole = Mixture.properties

    def dying(self, phases):
        if len(SEEN) == 2:
            raise Killed
        return whole(self, phases)

    with monkeypatch.context() as patched:
        patched.setattr(Mixture, "properties", dying)
        with pytest.raises(Killed):
            label(PHASES, Mixture(), folder=tmp_path)
    SEEN.clear()
    found = label(PHASES, Mixture(), folder=tmp_path)
    assert SEEN == [1, 5, 2]
    np.testing.assert_array_equal(found.properties, Mixture().properties(PHASES))


def test_another_medium_or_other_physics_is_computed_again(tmp_path, monkeypatch):
    label(PHASES, Mixture(), folder=tmp_path)
    other = label(PHASES, Mixture(3.0), folder=tmp_path)
    np.testing.assert_array_equal(other.properties, Mixture(3.0).properties(PHASES))
    monkeypatch.setattr(Mixture, "properties", lambda self, phases: np.ones((len(phases), 2)))
    assert (label(PHASES, Mixture(), folder=tmp_path).properties == 1).all()


def test_the_three_sets_stay_apart(tmp_path):
    sets = label_sets(PHASES[:6], PHASES[6:9], PHASES[9:], Mixture(), folder=tmp_path)
    assert [len(part) for part in (sets.train, sets.validation, sets.test)] == [6, 3, 3]
    np.testing.assert_array_equal(sets.test.phases, PHASES[9:])
    np.testing.assert_array_equal(sets.test.properties, Mixture().properties(PHASES[9:]))


def test_samples_are_taken_and_added_together_with_their_properties():
    samples = label(PHASES, Mixture())
    some = samples[np.array([3, 1])]
    np.testing.assert_array_equal(some.properties, Mixture().properties(PHASES[[3, 1]]))
    joined = some.with_added(samples[:2])
    np.testing.assert_array_equal(joined.properties, Mixture().properties(joined.phases))
    assert len(joined) == 4


@pytest.mark.parametrize(
    ("phases", "properties", "said"),
    [
        (PHASES[0], np.ones((8, 1)), r"shape \(n, nx, ny\)"),
        (PHASES, np.ones(12), r"properties must have shape \(n, n_properties\); got \(12,\)"),
        (PHASES, np.ones((3, 1)), "must be as many; got 12 images and 3 rows"),
        (PHASES, np.full((12, 1), np.nan), "properties must be finite"),
    ],
)
def test_samples_that_do_not_fit_are_refused(phases, properties, said):
    with pytest.raises(ValueError, match=said):
        Labelled(phases, properties)


def test_no_images_are_refused():
    with pytest.raises(ValueError, match=r"must be at least one; got shape \(0, 8, 8\)"):
        label(PHASES[:0], Mixture())


def test_lists_will_do_for_arrays():
    labelled = Labelled([[[0, 1], [1, 0]]], [[2, 3]])
    assert (labelled.phases.dtype, labelled.properties.dtype) == (np.uint8, np.float64)
    assert labelled[:1].properties.tolist() == [[2.0, 3.0]]
