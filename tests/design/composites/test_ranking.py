"""The ranking: exact counts, order kept, ties settled."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mdesign.design.composites.ranking import ROWS, binarize, count_soft

# Few different values, so that ties are common.
VALUES = st.integers(-3, 3).map(float)
DESIGNS = st.tuples(st.integers(1, 5), st.integers(1, 40)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=VALUES)
)
FRACTIONS = st.floats(0, 1)


@given(DESIGNS, FRACTIONS)
def test_each_design_gets_exactly_its_soft_elements(designs, soft_fraction):
    phases = binarize(designs, soft_fraction)
    assert phases.dtype == np.float64
    assert np.isin(phases, (0, 1)).all()
    assert ((phases == 0).sum(axis=1) == round(soft_fraction * designs.shape[1])).all()


@given(DESIGNS, FRACTIONS)
def test_no_soft_element_was_stiffer_than_a_stiff_one(designs, soft_fraction):
    for design, phases in zip(designs, binarize(designs, soft_fraction), strict=True):
        if 0 < phases.sum() < phases.size:
            assert design[phases == 0].max() <= design[phases == 1].min()


@given(DESIGNS, FRACTIONS)
def test_equals_a_stable_sort(designs, soft_fraction):
    n_soft = count_soft(designs.shape[1], soft_fraction)
    expected = np.ones_like(designs)
    order = np.argsort(designs, axis=1, kind="stable")
    np.put_along_axis(expected, order[:, :n_soft], 0, axis=1)
    np.testing.assert_array_equal(binarize(designs, soft_fraction), expected)


@given(DESIGNS, FRACTIONS)
def test_ranking_twice_changes_nothing(designs, soft_fraction):
    once = binarize(designs, soft_fraction)
    np.testing.assert_array_equal(binarize(once, soft_fraction), once)


def test_rows_beyond_one_block_are_ranked_alike():
    designs = np.random.default_rng(0).random((2 * ROWS + 3, 4))
    designs[ROWS] = 0.5
    phases = binarize(designs, 0.5)
    np.testing.assert_array_equal(phases[ROWS], [0, 0, 1, 1])
    for row in (0, ROWS - 1, ROWS + 1, 2 * ROWS + 2):
        np.testing.assert_array_equal(phases[row], binarize(designs[[row]], 0.5)[0])


@pytest.mark.parametrize(
    ("designs", "soft_fraction", "message"),
    [
        (np.zeros(4), 0.5, r"shape \(n, n_elements\); got \(4,\)"),
        ([[0.0, np.nan]], 0.5, "designs must be a number; got nan"),
        ([[0.0, 1.0]], 1.5, "soft_fraction must lie in .* got 1.5"),
        ([[0.0, 1.0]], np.nan, "soft_fraction"),
    ],
)
def test_what_cannot_be_ranked_is_refused(designs, soft_fraction, message):
    with pytest.raises(ValueError, match=message):
        binarize(designs, soft_fraction)
