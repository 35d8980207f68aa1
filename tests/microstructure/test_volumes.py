"""Cells in space: fractions, shapes of the grains, and what is refused."""

import numpy as np
import pytest

from mdesign.microstructure import (
    FILTER_WIDTHS,
    autocorrelation,
    filtered_noise,
    scattered,
)
from mdesign.microstructure.random_fields import mark_highest

SHAPE = (21, 20, 19)


def noise(n=4, shape=SHAPE, seed=0, **changes):
    wanted = {"fraction": 0.4, "widths": 2.0, "rng": np.random.default_rng(seed)} | changes
    return filtered_noise(n, shape, **wanted)


@pytest.mark.parametrize(
    "cells",
    [
        lambda fraction: noise(len(fraction), fraction=fraction),
        lambda fraction: scattered(
            len(fraction), SHAPE, fraction=fraction, rng=np.random.default_rng(0)
        ),
    ],
)
def test_each_cell_has_its_fraction_to_a_voxel(cells):
    fractions = np.linspace(0.25, 0.75, 7)
    found = cells(fractions)
    assert found.dtype == np.uint8
    assert set(np.unique(found)) == {0, 1}
    wanted = np.rint(fractions * np.prod(SHAPE))
    np.testing.assert_array_equal(found.sum(axis=(1, 2, 3)), wanted)


def test_a_filter_smooths_along_its_axes_alone():
    cells = noise(20, (24, 24, 24), widths=[0.0, 1.5, 4.0])
    mean = autocorrelation(cells).mean(axis=0)
    assert abs(mean[1, 0, 0]) < 0.02
    assert 0.4 < mean[0, 1, 0] < mean[0, 0, 1]
    assert mean[0, 0, 3] > 0.4 > mean[0, 3, 0]


def test_half_of_a_gaussian_field_has_the_arcsine_correlation():
    width = 2.0
    mean = autocorrelation(noise(60, (32, 32, 32), widths=width, fraction=0.5)).mean(axis=0)
    lags = np.arange(1, 6)
    # Twice smoothed noise correlates like a Gaussian of twice the variance; half of the cell of
    # each field is cut off exactly, which takes some of its variance away.
    wanted = 2 / np.pi * np.arcsin(np.exp(-(lags**2) / (4 * width**2)))
    for line in (mean[lags, 0, 0], mean[0, lags, 0], mean[0, 0, lags]):
        np.testing.assert_allclose(line, wanted, atol=0.02)


def test_cells_are_periodic():
    cells = noise(20, (16, 16, 16))
    for axis in (1, 2, 3):
        steps = (cells != np.roll(cells, 1, axis)).mean(axis=tuple({0, 1, 2, 3} - {axis}))
        assert steps[0] == pytest.approx(steps[1:].mean(), rel=0.15)


def test_there_are_22_filters_alike_for_all_axes():
    assert FILTER_WIDTHS.shape == (22, 3)
    rows = {tuple(row) for row in FILTER_WIDTHS.tolist()}
    assert len(rows) == 22
    for order in ((1, 2, 0), (1, 0, 2)):
        assert {tuple(row[i] for i in order) for row in rows} == rows
    each = np.repeat(FILTER_WIDTHS, 2, axis=0)
    assert noise(44, (16, 16, 16), widths=each).shape == (44, 16, 16, 16)


def test_scattered_voxels_are_uncorrelated():
    cells = scattered(30, (12, 12, 12), fraction=0.3, rng=np.random.default_rng(1))
    mean = autocorrelation(cells).mean(axis=0)
    assert np.abs(mean.ravel()[1:]).max() < 0.03


def test_the_same_seed_gives_the_same_cells():
    np.testing.assert_array_equal(noise(seed=3), noise(seed=3))
    assert (noise(seed=3) != noise(seed=4)).any()
    # Cells are drawn one after another: fewer of them are the first of more.
    np.testing.assert_array_equal(noise(2), noise(4)[:2])


def test_highest_marks_none_or_all_where_asked():
    marked = mark_highest(np.arange(6.0).reshape(3, 2), [0, 1, 2])
    assert marked.tolist() == [[0, 0], [0, 1], [1, 1]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n": -1}, "n must be at least 0; got -1"),
        ({"shape": (4, 4)}, "shape must be 3 sides"),
        ({"fraction": 1.0}, r"fraction must lie in \(0, 1\); got 1"),
        ({"fraction": [0.5, 0.5]}, r"fraction must have shape \(\) or \(4,\); got \(2,\)"),
        ({"widths": -1.0}, "widths must be at least 0 and finite; got -1"),
        ({"widths": [1.0, 2.0]}, r"widths must have shape \(\) or \(3,\) or \(4, 3\)"),
    ],
)
def test_says_what_is_wrong(changes, said):
    with pytest.raises(ValueError, match=said):
        noise(**changes)


def test_small_integer_types_do_not_overflow():
    plain, small = (
        scattered(2, shape, fraction=0.5, rng=np.random.default_rng(0))
        for shape in [(40, 40, 40), tuple(np.int16([40, 40, 40]))]
    )
    np.testing.assert_array_equal(small, plain)
