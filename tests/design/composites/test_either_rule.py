"""Every search takes a plate that fails at the tip, and one that fails first anywhere."""

from dataclasses import replace

import numpy as np
import pytest

from mdesign.design.composites import (
    AnnealingSettings,
    GidnSettings,
    LogisticSettings,
    MultistartSettings,
    Stopping,
    active_learning,
    anneal,
    enumerate_best,
    genetic_search,
    logistic_search,
    multistart,
    optimise_topology,
    random_designs,
    swap_search,
)
from mdesign.physics import CrackedComposite

TIP = CrackedComposite(nx=8, ny=4, crack_length=2)
PLATES = {"tip": TIP, "first": replace(TIP, failure="first")}
SOFT = 8 / 32
GIDN = GidnSettings(
    n_random=2_000,
    n_starts=200,
    soft_fraction=SOFT,
    hidden=(48, 48),
    training_steps=200,
    batch_size=200,
    design_steps=40,
    design_rate=0.05,
    seed=1,
)


def annealed(plate, rng):
    settings = AnnealingSettings(n_chains=16, steps=200, n_polished=2)
    return anneal(plate, SOFT, rng, settings=settings)[0][0]


def swapped(plate, rng):
    return swap_search(plate, random_designs(1, 32, SOFT, rng)[0])[0]


def ascended(plate, rng):
    return multistart(plate, SOFT, rng, settings=MultistartSettings(n_starts=50, steps=50))[0][0]


def optimised(plate, rng):
    result = optimise_topology(plate, SOFT, start=rng.random(32))
    assert result.continuous_toughness > result.history[0]
    return swap_search(plate, result.design)[0]


def bred(plate, rng):
    return genetic_search(plate, rng, generations=20, population=30, soft_fraction=SOFT).design


def drawn(plate, rng):
    settings = LogisticSettings(pool=500, rounds=5)
    return logistic_search(plate, SOFT, rng, settings=settings).designs[0]


def learnt(plate, rng):
    return active_learning(plate, GIDN, Stopping(1)).best_design


@pytest.mark.parametrize("failure", PLATES)
@pytest.mark.parametrize("search", [annealed, swapped, ascended, optimised, bred, drawn, learnt])
def test_a_search_beats_random_designs_by_either_rule(search, failure):
    plate, rng = PLATES[failure], np.random.default_rng(0)
    typical = np.median(plate.toughness(random_designs(1_000, 32, SOFT, rng)))
    design = search(plate, rng)
    assert (design == 0).sum() == 8
    assert plate.toughness(design[None].astype(float))[0] > typical


def test_enumeration_and_searches_agree_on_the_first_failure():
    plate = CrackedComposite(nx=5, ny=3, crack_length=2, failure="first")
    best = enumerate_best(plate, 5, keep=2)
    assert best.n_designs == 3_003
    assert best.values[0] > best.values[1]
    designs, toughness = anneal(
        plate, 5 / 15, np.random.default_rng(0), settings=AnnealingSettings(n_chains=16, steps=300)
    )
    np.testing.assert_array_equal(designs[0], best.designs[0])
    assert toughness[0] == pytest.approx(best.values[0], rel=1e-12)


def test_the_rules_want_different_designs():
    small = {rule: replace(plate, nx=5, ny=3) for rule, plate in PLATES.items()}
    best = {rule: enumerate_best(plate, 4).designs[0] for rule, plate in small.items()}
    assert (best["tip"] != best["first"]).any()
