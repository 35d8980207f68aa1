"""Enumeration of all designs, and the 8x8 optima that the paper's Fig. 3 starts from."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pytest

from mdesign.design.composites.enumeration import CHUNK, enumerate_best, enumerate_designs
from mdesign.physics import CrackedComposite


@dataclass(frozen=True)
class Plain:
    """Designs whose toughness is any function."""

    n_elements: int
    toughness: Callable


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize(("n_elements", "n_soft"), [(1, 0), (1, 1), (6, 0), (7, 3), (6, 6)])
def test_all_combinations_in_order(n_elements, n_soft, chunk):
    chunks = list(enumerate_designs(n_elements, n_soft, chunk=chunk))
    assert max(map(len, chunks)) <= chunk
    soft = [tuple(np.flatnonzero(design == 0)) for designs in chunks for design in designs]
    assert soft == list(combinations(range(n_elements), n_soft))


def test_designs_are_counted_and_distinct_across_chunks():
    designs = np.concatenate(list(enumerate_designs(20, 6)))
    assert len(designs) == comb(20, 6) > CHUNK
    assert (designs.sum(axis=1) == 14).all()
    codes = designs @ (1 << np.arange(20))
    assert len(np.unique(codes)) == len(designs)


def test_best_and_mean_against_a_plain_search():
    weights = np.random.default_rng(1).normal(size=18)
    designs = np.concatenate(list(enumerate_designs(18, 8)))
    values = designs @ weights
    found = enumerate_best(Plain(18, lambda some: some @ weights), 8, keep=25)
    order = np.argsort(-values)[:25]
    np.testing.assert_allclose(found.values, values[order])
    np.testing.assert_array_equal(found.designs, designs[order])
    assert found.mean == pytest.approx(values.mean(), rel=1e-12)
    assert found.n_designs == len(designs)


def test_keep_more_than_there_are():
    found = enumerate_best(Plain(3, lambda designs: designs[:, 0].astype(float)), 1, keep=10)
    assert found.values.tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize(("n_soft", "chunk"), [(-1, 5), (5, 5), (2, 0)])
def test_broken_arguments(n_soft, chunk):
    with pytest.raises(ValueError, match=r"n_soft|chunk"):
        enumerate_designs(4, n_soft, chunk=chunk)


def test_keep_at_least_one():
    with pytest.raises(ValueError, match="keep"):
        enumerate_best(Plain(4, lambda designs: designs[:, 0]), 2, keep=0)


def test_every_8x8_design_with_seven_soft_elements():
    composite = CrackedComposite(nx=8, ny=4, crack_length=2)
    found = enumerate_best(composite, 7, keep=2)
    assert found.n_designs == 3_365_856
    # Six digits are known of the best two, five of the mean.
    np.testing.assert_allclose(found.values, [57.2928, 48.5161], atol=5e-5)
    assert found.mean == pytest.approx(1.7893, abs=5e-5)
    upper = (1 - found.designs[0]).reshape(8, 4).T[::-1]
    rows = ["".join(".#"[soft] for soft in row) for row in upper]
    assert rows == ["........", ".###....", ".###....", "..#....."]
    extensions = np.repeat(found.designs[:1], 25, axis=0)
    extensions[np.arange(25), np.flatnonzero(found.designs[0])] = 0
    best = np.sort(composite.toughness(extensions))[::-1][:4]
    np.testing.assert_allclose(best, [69.416, 65.127, 62.678, 62.310], atol=5e-4)
