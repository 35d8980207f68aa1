"""Exchanges of one soft and one stiff element, and the search by them."""

from itertools import combinations

import numpy as np
import pytest

from mdesign.design.composites.swap import list_swaps, swap_search
from mdesign.physics import CrackedComposite

SMALL = CrackedComposite(nx=8, ny=4, crack_length=2)


def test_list_swaps_lists_each_exchange_once():
    swaps = list_swaps([0, 1, 0, 1, 1])
    expected = {
        tuple(design)
        for soft in combinations(range(5), 2)
        if len(set(soft) & {0, 2}) == 1
        for design in [[float(e not in soft) for e in range(5)]]
    }
    assert {tuple(design) for design in swaps} == expected
    assert len(swaps) == 6
    with pytest.raises(ValueError, match="only 0 and 1"):
        list_swaps([0.5, 1])


def test_swap_search_climbs_to_a_design_without_a_better_neighbour():
    start = np.ones(32)
    start[[0, 5, 9, 14, 20, 27, 31]] = 0
    design, toughness = swap_search(SMALL, start)
    assert design.sum() == start.sum()
    assert toughness > SMALL.toughness(start[None])[0]
    assert SMALL.toughness(list_swaps(design)).max() <= toughness * (1 + 1e-12)
