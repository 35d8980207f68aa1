"""Ranking of candidate structures by models whose ranking is known."""

from __future__ import annotations

import numpy as np
import pytest

from mdesign.crystals import Structure
from mdesign.data.sets.sites import Sites, crystal_sites
from mdesign.design.structure_ranking import RankingTest, Templates, log_likelihoods

FCC = 2.82 * (1 - np.eye(3))
ROCK_SALT = [[0, 0, 0], [0.5, 0.5, 0.5]]
ZINC_BLENDE = [[0, 0, 0], [0.25, 0.25, 0.25]]
PEROVSKITE = [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]


def perovskite(a: int, b: int, edge: float = 3.9) -> Structure:
    return Structure(edge * np.eye(3), PEROVSKITE, [a, b, 8, 8, 8])


CRYSTALS = [
    Structure(FCC, ROCK_SALT, [11, 17]),  # NaCl
    Structure(FCC, ROCK_SALT, [12, 8]),  # MgO
    Structure(FCC, ZINC_BLENDE, [30, 16]),  # ZnS
    Structure(2.0 * np.eye(3), ROCK_SALT, [55, 17]),  # CsCl
    perovskite(38, 22),
    perovskite(56, 22, 4.0),
]
SITES = crystal_sites(CRYSTALS)


def uniform() -> np.ndarray:
    return np.full((len(SITES.numbers), 118), 1 / 118)


def site(crystal: int, number: int) -> int:
    """Row of the site of an element."""
    first, last = SITES.first_site[crystal : crystal + 2]
    return first + SITES.numbers[first:last].tolist().index(number)


def test_the_likelihood_is_a_product_over_the_sites():
    probabilities = uniform()
    probabilities[site(4, 8), 7] = 0.5
    third, own = np.log(1 / 118), np.log(0.5)
    for per, expected in {
        "site": 2 * third + own,
        "atom": 2 * third + 3 * own,
        "mean": (2 * third + own) / 3,
    }.items():
        assert log_likelihoods(SITES, probabilities, per=per)[4] == pytest.approx(expected)
        ranking = Templates(SITES, probabilities, per=per).rank("SrTiO3")
        assert len(ranking) == 4 and ranking.elements == ("Sr", "Ti", "O")
        assert ranking.log_likelihoods[0] == pytest.approx(expected)
        assert ranking.crystals[:2].tolist() == [4, 4]


def test_all_structures_of_the_amounts_are_candidates_in_all_orders():
    ranking = Templates(SITES, uniform()).rank("K2F2")
    assert len(ranking) == 8  # four templates AB, and each with exchanged elements
    pairs = {(c, *r) for c, r in zip(ranking.crystals, ranking.replaced.tolist(), strict=True)}
    assert (2, 30, 16) in pairs and (2, 16, 30) in pairs
    np.testing.assert_allclose(ranking.log_likelihoods, 2 * np.log(1 / 118))


def test_templates_name_their_amounts_and_formulas():
    templates = Templates(SITES, uniform())
    assert templates.stoichiometries == [(1, 1), (1, 1, 3)]
    assert [templates.formula(crystal) for crystal in (0, 4)] == ["NaCl", "SrTiO3"]


def test_the_site_where_the_model_wants_an_element_wins():
    probabilities = uniform()
    probabilities[site(2, 16), 18] = 0.9  # potassium where sulphur is in ZnS
    ranking = Templates(SITES, probabilities).rank("KF")
    best = dict(zip(ranking.elements, ranking.replaced[0].tolist(), strict=True))
    assert ranking.crystals[0] == 2 and best == {"K": 16, "F": 30}


def test_a_known_structure_has_its_rank_among_all_candidates():
    """The model knows zinc blende, and likes chlorides in the structure of CsCl best."""
    probabilities = uniform()
    probabilities[site(2, 30), 29] = probabilities[site(2, 16), 15] = 0.9
    probabilities[site(3, 17), 16] = 0.5
    test = Templates(SITES, probabilities).test([2, 0])
    assert test.n_candidates.tolist() == [8, 8]
    assert Templates(SITES, probabilities).n_candidates([2, 5]).tolist() == [8, 4]
    assert test.n_better.tolist() == [0, 1] and test.n_tied.tolist() == [0, 6]
    assert test.top(1) == 0.5  # ZnS for sure; NaCl not, for CsCl is better
    assert test.top(2) == pytest.approx((1 + 1 / 7) / 2)
    assert test.top(8) == 1
    assert test.chance(1) == pytest.approx(1 / 8) and test.chance(100) == 1


def test_isostructural_candidates_are_counted_apart():
    """A template of the same prototype wins with each element in its environment."""
    probabilities = uniform()
    probabilities[site(5, 56), 37] = 0.9  # strontium where barium is in BaTiO3
    test = Templates(SITES, probabilities).test([4])
    assert test.n_isostructural.tolist() == [2]
    assert test.n_better.tolist() == [1] and test.top(1) == 0
    assert test.n_better_isostructural.tolist() == [0] and test.top_isostructural(1) == 1
    assert test.chance_isostructural(1) == pytest.approx(2 / 4)
    assert test.chance_isostructural(3) == 1
    exchanged = uniform()
    exchanged[site(5, 22), 37] = 0.9  # strontium where titanium is: not the same kind
    test = Templates(SITES, exchanged).test([4])
    assert test.top_isostructural(1) == 0


def test_chance_is_that_of_random_orders():
    rng = np.random.default_rng(0)
    test = RankingTest(*(np.array([one]) for one in (30, 0, 0, 4, 0, 0)))
    hits = [(rng.permutation(30)[:5] < 4).any() for _ in range(4_000)]
    assert test.chance_isostructural(5) == pytest.approx(np.mean(hits), abs=0.03)


def test_the_prior_is_divided_out():
    prior = np.full(118, 0.5)
    prior[7] = 0.25
    ranking = Templates(SITES, uniform(), prior=prior).rank("MgO")
    expected = 2 * np.log(1 / 118) - np.log(0.5) - np.log(0.25)
    np.testing.assert_allclose(ranking.log_likelihoods, expected)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("Na2Cl", "formula must have the amounts of a template; got Na2Cl"),
        ("Na0.5Cl", r"formula must have whole amounts; got Na0\.5Cl"),
        ("Qq", "formula"),
    ],
)
def test_formulas_without_candidates_are_refused(formula, message):
    with pytest.raises(ValueError, match=message):
        Templates(SITES, uniform()).rank(formula)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"probabilities must have shape \(14, 118\)"):
        Templates(SITES, uniform()[:-1])
    with pytest.raises(ValueError, match=r"rows must lie in \[0, 5\]; got 6"):
        Templates(SITES, uniform()).test([6])
    with pytest.raises(ValueError, match="rows must be at least one"):
        Templates(SITES, uniform()).test(np.empty(0, int))


def test_sites_of_one_crystal_are_enough():
    one: Sites = SITES[4:5]
    assert Templates(one, uniform()[8:11]).test([0]).n_candidates.tolist() == [2]
