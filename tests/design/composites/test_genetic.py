"""Genetic algorithm: seeded, better than chance, volume fraction kept on demand."""

import numpy as np
import pytest

from mdesign.design.composites.genetic import genetic_search
from mdesign.design.composites.sampling import random_designs
from mdesign.physics import CrackedComposite

PLATE = CrackedComposite()
SMALL = CrackedComposite(nx=8, ny=4, crack_length=2)


@pytest.fixture(scope="module")
def free():
    return genetic_search(PLATE, np.random.default_rng(0), generations=60, population=50)


@pytest.fixture(scope="module")
def held():
    return genetic_search(
        SMALL, np.random.default_rng(0), generations=80, population=60, soft_fraction=7 / 32
    )


def test_beats_random_designs_of_any_fraction_at_equal_cost(free):
    assert free.n_evaluations == 60 * 50
    rng = np.random.default_rng(0)
    random = (rng.random((free.n_evaluations, PLATE.n_elements)) < 0.5).astype(float)
    assert free.toughness > 3 * PLATE.toughness(random).max()


def test_history_is_elitist_and_ends_with_the_design(free):
    assert free.best.shape == free.mean.shape == (60,)
    assert (np.diff(free.best) >= 0).all()
    assert (free.mean <= free.best).all()
    assert free.best[-1] == pytest.approx(free.toughness)
    assert PLATE.toughness(free.design[np.newaxis])[0] == pytest.approx(free.toughness)
    assert free.soft_fraction == np.count_nonzero(free.design == 0) / PLATE.n_elements


def test_same_seed_gives_the_same_search(free):
    again = genetic_search(PLATE, np.random.default_rng(0), generations=60, population=50)
    other = genetic_search(PLATE, np.random.default_rng(1), generations=60, population=50)
    np.testing.assert_array_equal(again.design, free.design)
    np.testing.assert_array_equal(again.mean, free.mean)
    assert not np.array_equal(other.mean, free.mean)


def test_repair_keeps_the_volume_fraction_up_to_the_enumerated_optimum(held):
    assert (held.design == 0).sum() == 7
    # The best of all 3,365,856 designs is 57.2928, the second 48.5161.
    assert 40 < held.toughness < 57.2929


def test_repaired_search_beats_random_designs_at_equal_cost(held):
    random = random_designs(held.n_evaluations, 32, 7 / 32, np.random.default_rng(0))
    assert held.toughness > SMALL.toughness(random).max()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"generations": 0}, "generations must be at least 1; got 0"),
        ({"population": 1}, "population must be at least 2; got 1"),
        ({"soft_fraction": -0.1}, "soft_fraction must lie in .* got -0.1"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        genetic_search(SMALL, np.random.default_rng(0), **arguments)


def test_endless_generations_and_seeds_for_generators_are_refused():
    with pytest.raises(TypeError, match="generations"):
        genetic_search(SMALL, np.random.default_rng(0), generations=np.inf)
    with pytest.raises(TypeError, match="rng"):
        genetic_search(SMALL, 0)
