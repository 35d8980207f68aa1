"""Two-point statistics against brute force, porespy and what must hold of any pattern."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mdesign.microstructure import (
    autocorrelation,
    radial_average,
    two_point_correlation,
    volume_fraction,
)

PATTERNS = arrays(np.uint8, st.tuples(st.just(2), st.integers(1, 7), st.integers(1, 7)))


@pytest.fixture
def patterns():
    return np.random.default_rng(0).integers(0, 2, (3, 6, 9), dtype=np.uint8)


def by_hand(pattern, i, j, periodic):
    """Share of the pairs of pixels, a shift (i, j) apart, that both are 1."""
    nx, ny = pattern.shape
    pairs = []
    for x in range(nx):
        for y in range(ny):
            u, v = x + i, y + j
            if periodic:
                u, v = u % nx, v % ny
            if 0 <= u < nx and 0 <= v < ny:
                pairs.append(pattern[x, y] and pattern[u, v])
    return np.mean(pairs)


@pytest.mark.parametrize("periodic", [True, False])
def test_two_point_correlation_counts_pairs(patterns, periodic):
    maps = two_point_correlation(patterns, periodic=periodic)
    assert maps.shape == patterns.shape
    for i in range(-3, 3):
        for j in range(-4, 5):
            expected = [by_hand(pattern, i, j, periodic) for pattern in patterns]
            np.testing.assert_allclose(maps[:, i, j], expected, atol=1e-12)


@pytest.mark.parametrize("periodic", [True, False])
def test_in_space_a_cell_of_equal_layers_is_its_layer(patterns, periodic):
    maps = two_point_correlation(patterns, periodic=periodic)
    for axis in (1, 2, 3):
        deep = np.repeat(np.expand_dims(patterns, axis), 4, axis)
        np.testing.assert_allclose(volume_fraction(deep), volume_fraction(patterns))
        found = np.moveaxis(two_point_correlation(deep, periodic=periodic), axis, 0)
        for shift in range(4):
            np.testing.assert_allclose(found[shift], maps, atol=1e-12)


def test_axes_are_not_swapped():
    stripes = np.zeros((1, 8, 8), np.uint8)
    stripes[:, ::2, :] = 1  # changes along x, constant along y
    maps = two_point_correlation(stripes)
    assert maps[0, 1, 0] == pytest.approx(0, abs=1e-12)
    assert maps[0, 0, 1] == pytest.approx(0.5)


@given(PATTERNS)
@settings(max_examples=40, deadline=None)
def test_no_shift_is_the_volume_fraction_and_phases_add_up(stack):
    binary = stack % 2
    one, two = (two_point_correlation(binary, phase=phase) for phase in (0, 1))
    np.testing.assert_allclose(two[:, 0, 0], volume_fraction(binary), atol=1e-12)
    fraction = volume_fraction(binary)[:, None, None]
    np.testing.assert_allclose(one - two, np.broadcast_to(1 - 2 * fraction, one.shape), atol=1e-12)


def test_radial_average_agrees_with_porespy():
    metrics = pytest.importorskip("porespy.metrics")
    pattern = np.random.default_rng(1).integers(0, 2, (1, 40, 40), dtype=np.uint8)
    ours = radial_average(two_point_correlation(pattern), max_lag=12)[0]
    theirs = metrics.two_point_correlation(pattern[0] == 1, bins=40)
    # Their rings are cut at other radii; white noise has the same value in each of them.
    assert theirs.probability_scaled[3:9].mean() == pytest.approx(ours[4:].mean(), abs=0.01)


def test_radial_average_takes_the_mean_of_each_ring():
    shifts = np.fft.fftfreq(9, 1 / 9)
    distances = np.hypot(shifts[:, None], shifts[None, :])
    means = radial_average(distances[None])[0]
    assert means.shape == (5,)
    assert means[:2].tolist() == pytest.approx([0, (4 + 4 * 2**0.5) / 8])
    assert np.all(np.abs(means - np.arange(5)) < 0.5)


def test_radial_average_in_space():
    shifts = np.fft.fftfreq(7, 1 / 7) ** 2
    distances = np.sqrt(np.add.outer(np.add.outer(shifts, shifts), shifts))
    means = radial_average(distances[None])[0]
    # Faces and edges of the unit cube round to one; its corners, at 1.73, to two.
    assert means[:2].tolist() == pytest.approx([0, (6 + 12 * 2**0.5) / 18])
    assert np.all(np.abs(means - np.arange(4)) < 0.5)


def ring_means(maps, max_lag):
    """Mean over each ring of shifts, one ring after another."""
    shifts = np.meshgrid(
        *(np.fft.fftfreq(side, 1 / side) for side in maps.shape[1:]), indexing="ij"
    )
    lengths = np.rint(np.sqrt(sum(shift**2 for shift in shifts)))
    return np.stack([maps[:, lengths == lag].mean(axis=1) for lag in range(max_lag + 1)], axis=1)


@pytest.mark.parametrize(
    "shape", [(3, 7, 10), (2, 16, 9), (1, 1, 1), (4, 2, 11), (2, 5, 8, 6), (0, 4, 4)]
)
def test_radial_average_is_the_mean_of_each_ring_for_any_sides(shape):
    maps = np.random.default_rng(3).random(shape)
    half = min(shape[1:]) // 2
    for lag in {0, half}:
        found = radial_average(maps, max_lag=lag)
        np.testing.assert_allclose(found, ring_means(maps, lag), rtol=1e-12)


def test_radial_average_takes_memory_in_proportion_to_the_pixels():
    maps = np.ones((1, 512, 512))
    tracemalloc.start()
    try:
        radial_average(maps)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # 32 bytes a pixel: 2048 x 2048 pixels take an eighth of a gigabyte.
    assert peak < 60 * maps.size


@pytest.mark.parametrize("shape", [(50, 32, 32), (20, 12, 12, 12)])
def test_autocorrelation_of_white_noise_is_one_point(shape):
    noise = np.random.default_rng(2).random(shape) < 0.3
    mean = autocorrelation(noise).mean(axis=0)
    assert mean.flat[0] == pytest.approx(1)
    assert np.abs(mean.ravel()[1:]).max() < 0.03


def test_says_what_is_wrong():
    with pytest.raises(
        ValueError,
        match=r"patterns must have shape \(n, nx, ny\) or \(n, nx, ny, nz\); got \(4, 4\)",
    ):
        volume_fraction(np.zeros((4, 4)))
    with pytest.raises(ValueError, match="both phases"):
        autocorrelation(np.ones((2, 4, 4)))
    with pytest.raises(ValueError, match=r"max_lag must be at most 2, .*; got 3"):
        radial_average(np.zeros((1, 4, 6)), max_lag=3)
    with pytest.raises(ValueError, match="maps must have shape"):
        radial_average(np.zeros((4, 6)))
