"""Exact design: projection, multi-start ascent, swap search and annealing."""

from itertools import combinations

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mdesign.design.composites.annealing import AnnealingSettings, anneal, propose
from mdesign.design.composites.multistart import MultistartSettings, multistart
from mdesign.design.composites.projection import project
from mdesign.design.composites.swap import all_swaps, swap_search
from mdesign.papers.gidn import BEST_KNOWN
from mdesign.physics import CrackedComposite

PLATE = CrackedComposite()
SMALL = CrackedComposite(nx=8, ny=4, crack_length=2)
SEVEN_SOFT = 7 / 32


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, (2, 6), elements=st.floats(-3, 3)), st.floats(0.05, 0.95))
def test_projection_is_the_nearest_allowed_design(designs, soft_fraction):
    projected = project(designs, soft_fraction)
    np.testing.assert_allclose(projected.mean(axis=1), 1 - soft_fraction, atol=1e-12)
    assert projected.min() >= 0
    assert projected.max() <= 1
    # Variational inequality: no allowed direction brings it nearer to the design.
    for design, near in zip(designs, projected, strict=True):
        linear = scipy.optimize.linprog(
            near - design,
            A_eq=np.ones((1, 6)),
            b_eq=[6 * (1 - soft_fraction)],
            bounds=[(0, 1)] * 6,
        )
        assert linear.fun >= (near - design) @ near - 1e-9


def test_projection_refuses_bad_input():
    with pytest.raises(ValueError, match=r"soft_fraction must lie in \[0, 1\], got 1.2"):
        project([[0.5]], 1.2)
    with pytest.raises(ValueError, match="finite"):
        project([[np.nan]], 0.5)


def test_all_swaps_lists_each_exchange_once():
    swaps = all_swaps([0, 1, 0, 1, 1])
    expected = {
        tuple(design)
        for soft in combinations(range(5), 2)
        if len(set(soft) & {0, 2}) == 1
        for design in [[float(e not in soft) for e in range(5)]]
    }
    assert {tuple(design) for design in swaps} == expected
    assert len(swaps) == 6
    with pytest.raises(ValueError, match="only 0 and 1"):
        all_swaps([0.5, 1])


def test_swap_search_climbs_to_a_design_without_a_better_neighbour():
    start = np.ones(32)
    start[[0, 5, 9, 14, 20, 27, 31]] = 0
    design, toughness = swap_search(SMALL, start)
    assert design.sum() == start.sum()
    assert toughness > SMALL.toughness(start[None])[0]
    assert SMALL.toughness(all_swaps(design)).max() <= toughness * (1 + 1e-12)


def test_multistart_holds_the_fraction_and_beats_random_designs():
    rng = np.random.default_rng(0)
    quick = MultistartSettings(n_starts=64, steps=60)
    designs, toughness = multistart(SMALL, SEVEN_SOFT, rng, settings=quick)
    assert (designs.sum(axis=1) == 25).all()
    assert (np.diff(toughness) <= 0).all()
    np.testing.assert_array_equal(SMALL.toughness(designs), toughness)
    with pytest.raises(ValueError, match="n_starts and steps"):
        MultistartSettings(n_starts=0)
    with pytest.raises(ValueError, match="step_size must be positive"):
        MultistartSettings(step_size=0.0)
    assert toughness[0] > 45  # the best of 3,365,856 designs has 57.29, their mean is 1.79


def test_proposals_exchange_one_pair():
    rng = np.random.default_rng(1)
    designs = (rng.permuted(np.tile(np.arange(128), (500, 1)), axis=1) >= 32).astype(float)
    moved = propose(designs, 16, rng, 0.6)
    changed = (moved != designs).sum(axis=1)
    assert set(changed) == {0, 2}
    assert (moved.sum(axis=1) == 96).all()
    near = propose(designs, 16, rng, 1.0)
    rows = np.flatnonzero((near != designs).any(axis=1))
    pairs = np.array([np.flatnonzero(near[row] != designs[row]) for row in rows])
    assert np.abs(np.diff(pairs // 8)).max() == 1
    assert np.abs(np.diff(pairs % 8)).max() == 1


def test_annealing_finds_the_enumerated_optimum_and_is_seeded():
    short = AnnealingSettings(n_chains=32, steps=1000, n_polished=4)
    runs = [anneal(SMALL, SEVEN_SOFT, np.random.default_rng(3), settings=short) for _ in range(2)]
    assert runs[0][1][0] == pytest.approx(57.2928, abs=5e-5)
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    with pytest.raises(ValueError, match="0 < coldest <= hottest"):
        AnnealingSettings(coldest=1.0)
    with pytest.raises(ValueError, match="n_chains, steps and n_polished must be at least 1"):
        AnnealingSettings(n_chains=0)
    with pytest.raises(ValueError, match="neighbour_share"):
        AnnealingSettings(neighbour_share=1.5)
    with pytest.raises(ValueError, match="starts must have shape"):
        anneal(SMALL, 0.25, np.random.default_rng(0), starts=np.ones((2, 32)))


def test_annealing_reaches_the_best_known_quarter_soft_design():
    designs, toughness = anneal(PLATE, 0.25, np.random.default_rng(0))
    assert toughness[0] == pytest.approx(BEST_KNOWN[25.0].toughness, abs=5.1e-5)
    np.testing.assert_array_equal(designs[0], BEST_KNOWN[25.0].design())
