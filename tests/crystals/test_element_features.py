"""Categories of the elements for crystal graph networks."""

from __future__ import annotations

import numpy as np

from mdesign.crystals import ELEMENTS, element_features

WIDTHS = (19, 7, 10, 10, 12, 10, 10, 4, 10)


def categories(symbol: str) -> list[int]:
    """Category of each kind, counted from 1; 0 where it is not known."""
    row = element_features()[ELEMENTS.index(symbol) + 1]
    kinds = np.split(row, np.cumsum(WIDTHS)[:-1])
    return [int(kind.argmax()) + 1 if kind.any() else 0 for kind in kinds]


def test_each_kind_has_at_most_one_category():
    features = element_features()
    assert features.shape == (119, 92) == (119, sum(WIDTHS))
    assert not features[0].any()
    for kind in np.split(features[1:95], np.cumsum(WIDTHS)[:-1], axis=1):
        assert set(kind.sum(axis=1)) <= {0, 1}


def test_categories_of_some_elements():
    """Group, period, electronegativity, radius, electrons, ionisation, affinity, block, volume.

    Silicon: 1.90 lies in the fifth of ten ranges from 0.5 to 4, 111 pm in the fourth from 25 to
    250 pm, ln 8.15 eV = 2.098 in the fourth from 1.3 to 3.3, 1.39 eV in the seventh from -3 to 3.7,
    ln 12.1 cm^3/mol = 2.49 in the fourth from 1.5 to 4.3.
    """
    assert categories("Si") == [14, 3, 5, 4, 4, 4, 7, 2, 4]
    assert categories("Gd")[:2] == [19, 6] and categories("Gd")[7] == 4
    assert categories("Lu")[0] == 3 and categories("Lu")[7] == 3
    assert categories("He")[7] == 1 and categories("He")[0] == 18
    assert categories("Cs")[3] == 10 and categories("Fe")[4] == 8 and categories("Zn")[4] == 12
    assert categories("Ne")[2] == 0
    assert categories("Ga")[4] == 3 and categories("I")[4] == 7 and categories("Hf")[4] == 4
    assert categories("O")[8] == 0 and categories("S")[8] == 5


def test_elements_differ_but_for_two_lanthanides():
    rows = element_features()[1:95]
    _, first = np.unique(rows, axis=0, return_index=True)
    same = set(range(94)) - set(first.tolist())
    assert [ELEMENTS[i] for i in same] == ["Er"]
