"""Simulated annealing: its moves, and the optima it reaches."""

import numpy as np
import pytest

from mdesign.design.composites.annealing import AnnealingSettings, anneal, propose
from mdesign.papers.gidn import BEST_KNOWN
from mdesign.physics import CrackedComposite

PLATE = CrackedComposite()
SMALL = CrackedComposite(nx=8, ny=4, crack_length=2)
SEVEN_SOFT = 7 / 32


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
    with pytest.raises(ValueError, match="n_chains must be at least 1"):
        AnnealingSettings(n_chains=0)
    with pytest.raises(ValueError, match="neighbour_share"):
        AnnealingSettings(neighbour_share=1.5)
    with pytest.raises(ValueError, match="starts must have shape"):
        anneal(SMALL, 0.25, np.random.default_rng(0), starts=np.ones((2, 32)))


@pytest.mark.parametrize("fraction", [0, 0.01, 0.99, 1])
def test_a_fraction_without_exchanges_is_refused(fraction):
    with pytest.raises(ValueError, match="soft_fraction must leave soft and stiff elements"):
        anneal(SMALL, fraction, np.random.default_rng(0))


def test_starts_have_the_soft_fraction():
    settings = AnnealingSettings(n_chains=2, steps=20, n_polished=1)
    starts = np.array([[0] * 7 + [1] * 25] * 2)
    designs, _ = anneal(
        SMALL, SEVEN_SOFT, np.random.default_rng(0), settings=settings, starts=starts
    )
    assert (designs == 0).sum(axis=1).tolist() == [7]
    for wrong, said in [
        (1 - starts, "starts must have 7 soft elements each"),
        (starts * 0.5, r"starts must be whole numbers; got 0\.5"),
        (starts * 255, "divide images of 0 and 255 by 255"),
    ]:
        with pytest.raises(ValueError, match=said):
            anneal(SMALL, SEVEN_SOFT, np.random.default_rng(0), settings=settings, starts=wrong)


def test_annealing_reaches_the_best_known_quarter_soft_design():
    designs, toughness = anneal(PLATE, 0.25, np.random.default_rng(0))
    assert toughness[0] == pytest.approx(BEST_KNOWN[25.0].toughness, abs=5.1e-5)
    np.testing.assert_array_equal(designs[0], BEST_KNOWN[25.0].design())
