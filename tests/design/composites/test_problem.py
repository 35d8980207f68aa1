"""Every optimiser solves a problem that is no plate, by the protocol that it names alone."""

from dataclasses import dataclass

import numpy as np
import pytest

from mdesign.design.composites.annealing import AnnealingSettings, anneal
from mdesign.design.composites.enumeration import enumerate_best
from mdesign.design.composites.genetic import genetic_search
from mdesign.design.composites.gidn import GidnSettings, Stopping, active_learning
from mdesign.design.composites.logistic import LogisticSettings, logistic_search
from mdesign.design.composites.multistart import MultistartSettings, multistart
from mdesign.design.composites.swap import swap_search
from mdesign.design.composites.topology import optimise_topology

WEIGHTS = np.random.default_rng(0).permutation(np.linspace(-0.7, 1.5, 12))
"""Of each element, all different: the four negative ones are soft in the best design."""

BEST = (WEIGHTS > 0).astype(float)
SHARE = 4 / 12


@dataclass(frozen=True)
class Plain:
    """A separable property, exp(w . x)."""

    n_elements: int = 12

    def toughness(self, designs):
        return np.exp(np.asarray(designs, dtype=float) @ WEIGHTS)


@dataclass(frozen=True)
class Grid(Plain):
    nx: int = 3


@dataclass(frozen=True)
class Differentiable(Plain):
    def toughness_and_gradient(self, designs):
        values = self.toughness(designs)
        return values, values[:, np.newaxis] * WEIGHTS


def search_by_annealing():
    settings = AnnealingSettings(n_chains=8, steps=100, n_polished=2)
    designs, toughness = anneal(Grid(), SHARE, np.random.default_rng(0), settings=settings)
    return designs[0], toughness[0]


def search_by_swaps():
    return swap_search(Plain(), np.repeat([0.0, 1.0], [4, 8]))


def search_everything():
    best = enumerate_best(Plain(), 4)
    return best.designs[0], best.values[0]


def search_by_gradient():
    settings = MultistartSettings(n_starts=4)
    rng = np.random.default_rng(0)
    designs, toughness = multistart(Differentiable(), SHARE, rng, settings=settings)
    return designs[0], toughness[0]


def optimise(gradient):
    # The logarithm is linear, so that its optimum is a corner of the box.
    best = optimise_topology(Differentiable(), SHARE, gradient=gradient, objective="log toughness")
    assert best.continuous == pytest.approx(BEST, abs=1e-6)
    return best.design, best.toughness


def search_by_genes():
    rng = np.random.default_rng(0)
    best = genetic_search(Plain(), rng, generations=30, population=30, soft_fraction=SHARE)
    return best.design, best.toughness


def search_by_regression():
    settings = LogisticSettings(pool=60, rounds=5)
    best = logistic_search(Plain(), SHARE, np.random.default_rng(0), settings=settings)
    return best.designs[0], best.toughness[0]


def search_by_learning():
    settings = GidnSettings(
        soft_fraction=SHARE,
        n_random=300,
        n_starts=50,
        hidden=(32, 32),
        training_steps=200,
        batch_size=50,
        design_steps=40,
        design_rate=0.05,
    )
    result = active_learning(Plain(), settings, Stopping(1))
    return result.best_design, max(result.maxima)


SEARCHES = [
    search_by_annealing,
    search_by_swaps,
    search_everything,
    search_by_gradient,
    pytest.param(lambda: optimise("adjoint"), id="optimise_by_adjoint"),
    pytest.param(lambda: optimise("central"), id="optimise_by_differences"),
    search_by_genes,
    search_by_regression,
    search_by_learning,
]


@pytest.mark.parametrize("search", SEARCHES)
def test_every_optimiser_finds_the_best_design(search):
    design, toughness = search()
    np.testing.assert_array_equal(design, BEST)
    assert toughness == pytest.approx(np.exp(BEST @ WEIGHTS), rel=1e-12)


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda values: values * np.nan, id="nan"),
        pytest.param(lambda values: values[1:], id="short"),
        pytest.param(lambda values: values[:, np.newaxis], id="column"),
        pytest.param(lambda values: values.sum(), id="sum"),
    ],
)
def test_every_optimiser_names_a_property_that_is_not_one_number_a_design(
    search, change, monkeypatch
):
    right = Plain.toughness
    monkeypatch.setattr(Plain, "toughness", lambda self, designs: change(right(self, designs)))
    monkeypatch.setattr(
        Differentiable,
        "toughness_and_gradient",
        lambda self, designs: (self.toughness(designs), np.tile(WEIGHTS, (len(designs), 1))),
    )
    with pytest.raises(ValueError, match="toughness of the problem must"):
        search()


def test_swaps_end_where_all_designs_are_equally_bad(monkeypatch):
    monkeypatch.setattr(Plain, "toughness", lambda self, designs: -np.ones(len(designs)))
    _, toughness = search_by_swaps()
    assert toughness == -1


def test_a_property_that_fails_on_the_inverse_designs_is_named(monkeypatch):
    right = Plain.toughness
    monkeypatch.setattr(
        Plain,
        "toughness",
        lambda self, designs: right(self, designs) * (1 if len(designs) == 300 else np.nan),
    )
    with pytest.raises(ValueError, match="toughness of the problem must be positive and finite"):
        search_by_learning()
