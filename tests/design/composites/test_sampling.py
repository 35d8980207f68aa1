"""Random designs: exact counts, every arrangement alike, and the paper's mean toughness."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdesign.design.composites.sampling import random_designs
from mdesign.physics import CrackedComposite

PLATE = CrackedComposite()


@given(st.integers(0, 40), st.integers(1, 150), st.floats(0, 1), st.integers(0, 2**32))
def test_each_design_has_exactly_its_soft_elements(n, n_elements, soft_fraction, seed):
    designs = random_designs(n, n_elements, soft_fraction, np.random.default_rng(seed))
    assert designs.shape == (n, n_elements)
    assert np.isin(designs, (0, 1)).all()
    assert ((designs == 0).sum(axis=1) == round(soft_fraction * n_elements)).all()


def test_every_arrangement_is_equally_likely():
    n = 60_000
    designs = random_designs(n, 6, 0.5, np.random.default_rng(0))
    _, counts = np.unique(designs, axis=0, return_counts=True)
    assert len(counts) == comb(6, 3)
    expected = n / len(counts)
    chi_squared = ((counts - expected) ** 2 / expected).sum()
    # The chance of more than 45 with 19 degrees of freedom is 7e-4; the seed is fixed.
    assert chi_squared < 45


@pytest.mark.parametrize(("soft_fraction", "mean"), [(0.125, 1.411), (0.25, 1.863), (0.5, 2.614)])
def test_mean_toughness_of_random_designs(soft_fraction, mean):
    designs = random_designs(20_000, PLATE.n_elements, soft_fraction, np.random.default_rng(1))
    toughness = PLATE.toughness(designs)
    standard_error = toughness.std(ddof=1) / np.sqrt(len(toughness))
    # Reference means of 1,000,000 designs: their own error is a seventh of this sample's.
    assert abs(toughness.mean() - mean) < 4 * standard_error + 0.002
    assert standard_error < 0.02 * mean


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="got -1"):
        random_designs(-1, 8, 0.25, np.random.default_rng(0))
