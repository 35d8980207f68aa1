"""The lineal path against brute force, a closed form, and what bounds it."""

import numpy as np
import pytest

from mdesign.microstructure import lineal_path, two_point_correlation, volume_fraction


def by_hand(pattern, r, periodic):
    """Share of the segments of r + 1 pixels, along x and along y, that are all 1."""
    means = []
    for lines in (pattern, pattern.T):
        length = lines.shape[1]
        starts = range(length if periodic else length - r)
        inside = [
            all(line[(s + k) % length] for k in range(r + 1)) for line in lines for s in starts
        ]
        means.append(np.mean(inside))
    return np.mean(means)


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("phase", [0, 1])
def test_counts_segments(periodic, phase):
    patterns = (np.random.default_rng(0).random((3, 6, 9)) < 0.7).astype(np.uint8)
    paths = lineal_path(patterns, phase=phase, periodic=periodic, max_length=5)
    expected = [[by_hand(p == phase, r, periodic) for r in range(6)] for p in patterns]
    np.testing.assert_allclose(paths, expected, atol=1e-12)


def test_is_one_where_there_is_one_phase():
    solid = np.ones((2, 5, 5), np.uint8)
    assert (lineal_path(solid, max_length=4, periodic=True) == 1).all()
    assert (lineal_path(solid, max_length=4, periodic=False) == 1).all()
    assert not lineal_path(solid, phase=0, max_length=4).any()


def test_white_noise_falls_geometrically():
    noise = (np.random.default_rng(1).random((200, 64, 64)) < 0.6).astype(np.uint8)
    mean = lineal_path(noise, max_length=6).mean(axis=0)
    np.testing.assert_allclose(mean, 0.6 ** np.arange(1, 8), rtol=0.02)


def test_starts_at_the_volume_fraction_and_stays_below_the_two_point_correlation():
    patterns = (np.random.default_rng(2).random((4, 16, 16)) < 0.5).astype(np.uint8)
    paths = lineal_path(patterns)
    pairs = two_point_correlation(patterns)
    assert paths.shape == (4, 9)
    np.testing.assert_allclose(paths[:, 0], volume_fraction(patterns))
    assert (paths <= (pairs[:, :9, 0] + pairs[:, 0, :9]) / 2 + 1e-12).all()
    assert (np.diff(paths, axis=1) <= 0).all()


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"max_length must lie in \[0, 3\]; got 4"):
        lineal_path(np.ones((1, 4, 8)), max_length=4)
