"""Chords against brute force and closed forms."""

from itertools import groupby

import numpy as np
import pytest

from mdesign.microstructure.chords import mean_chord


def by_hand(pattern, phase):
    """Mean length of all runs of a phase along rows and columns."""
    lines = [*pattern, *pattern.T]
    runs = [len(list(run)) for line in lines for value, run in groupby(line) if value == phase]
    return np.mean(runs) if runs else 0.0


@pytest.mark.parametrize("phase", [0, 1])
def test_counts_the_runs_of_every_line(phase):
    patterns = (np.random.default_rng(0).random((6, 7, 10)) < 0.7).astype(np.uint8)
    expected = [by_hand(pattern, phase) for pattern in patterns]
    np.testing.assert_allclose(mean_chord(patterns, phase=phase), expected)


def test_one_phase_alone_gives_the_sides_and_the_other_nothing():
    solid = np.ones((1, 4, 12), np.uint8)
    assert mean_chord(solid).tolist() == [0.0]
    assert mean_chord(solid, phase=1) == pytest.approx(2 * 48 / 16)


def test_white_noise_has_geometric_chords():
    noise = (np.random.default_rng(1).random((50, 200, 200)) < 0.75).astype(np.uint8)
    assert mean_chord(noise).mean() == pytest.approx(1 / 0.75, rel=0.01)


def test_doubled_pixels_double_the_chords():
    patterns = (np.random.default_rng(2).random((3, 9, 9)) < 0.8).astype(np.uint8)
    doubled = patterns.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_allclose(mean_chord(doubled), 2 * mean_chord(patterns))


def test_wants_a_stack():
    with pytest.raises(ValueError, match="patterns must have shape"):
        mean_chord(np.ones((3, 3)))
