"""Sets of distinct sites: selection, storage, and splits that keep crystals together."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from mdesign.crystals import Structure, site_fingerprints
from mdesign.data.public.registry import DataNotReachable
from mdesign.data.sets import sites as module
from mdesign.data.sets.sites import Sites, crystal_sites, materials_project_sites, split_sites

USERS = os.environ.get("MDESIGN_DATA_MIRROR", "")
FCC = 2.82 * (1 - np.eye(3))
SALT = Structure(FCC, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
PEROVSKITE = Structure(
    3.9 * np.eye(3),
    [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]],
    [38, 22, 8, 8, 8],
)
IRON = Structure(1.43 * (1 - 2 * np.eye(3)), [[0, 0, 0]], [26])
SITES = crystal_sites([SALT, PEROVSKITE, IRON])


def many(n: int = 40) -> Sites:
    """Crystals of three prototypes, with one to three sites."""
    return SITES[np.arange(n) % 3]


def equal(one: Sites, other: Sites) -> bool:
    """Whether they are the same but for the last digit of half precision."""
    close = all(
        np.allclose(getattr(one, name), getattr(other, name), rtol=2**-10, atol=6e-8)
        for name in vars(one)
        if name != "prototypes"
    )
    return close and one.prototypes.tolist() == other.prototypes.tolist()


def test_each_distinct_site_is_there_once():
    assert SITES.numbers.tolist() == [11, 17, 38, 22, 8, 26]
    assert SITES.multiplicities.tolist() == [1, 1, 1, 1, 3, 1]
    assert SITES.first_site.tolist() == [0, 2, 5, 6] and len(SITES) == 3
    assert SITES.crystals.tolist() == [0, 0, 1, 1, 1, 2]
    assert SITES.prototypes.tolist() == ["AB 225 1,1", "ABC3 221 1,1,3", "A 229 1"]
    np.testing.assert_allclose(SITES.nearest[:2], 2.82)


def test_half_precision_keeps_the_fingerprints():
    exact = np.concatenate(
        [site_fingerprints(one, [rows])[0] for one, rows in [(PEROVSKITE, [0, 1, 2])]]
    )
    stored = SITES[1:2].fingerprints.astype(np.float64)
    np.testing.assert_allclose(stored, exact, rtol=2**-11, atol=3e-8)


def test_selected_crystals_have_their_sites():
    assert equal(SITES[np.array([2, 1])], crystal_sites([IRON, PEROVSKITE]))
    assert equal(SITES[np.array([False, True, False])], SITES[1:2])
    assert equal(SITES[:1].with_added(SITES[1:]), SITES)
    apart = SITES.apart()
    assert len(apart) == 6 and apart.prototypes[3] == SITES.prototypes[1]


def test_they_are_kept(tmp_path, monkeypatch):
    one = crystal_sites([SALT, PEROVSKITE], folder=tmp_path)
    monkeypatch.setattr(module, "_described", None)
    assert equal(crystal_sites([SALT, PEROVSKITE], folder=tmp_path), one)
    with pytest.raises(TypeError):
        crystal_sites([SALT, IRON], folder=tmp_path)


@pytest.mark.parametrize(("by", "shared"), [("crystal", 1.0), ("prototype", 0.0)])
def test_a_split_keeps_crystals_or_prototypes_together(by, shared):
    sites = replace(many(), nearest=np.arange(1.0, 1 + len(many().numbers)))
    parts = split_sites(sites, np.random.default_rng(0), shares=(0.3, 0.3), by=by)
    assert parts.shared_prototypes == shared
    seen = [one.nearest for one in (parts.train, parts.validation, parts.test)]
    assert sorted(np.concatenate(seen).tolist()) == sites.nearest.tolist()
    owner = dict(zip(sites.nearest.tolist(), sites.crystals.tolist(), strict=True))
    owners = [{owner[one] for one in part.tolist()} for part in seen]
    assert not owners[0] & owners[1] and not owners[0] & owners[2] and not owners[1] & owners[2]


def test_a_split_by_site_tears_crystals():
    sites = many()
    parts = split_sites(sites, np.random.default_rng(0), by="site")
    assert len(parts.test) == len(parts.test.numbers)
    assert len(parts.train) + len(parts.validation) + len(parts.test) == len(sites.numbers)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first_site": [0, 2, 2, 6]}, "first_site must rise from 0 to the number of sites, 6"),
        ({"first_site": [0, 2, 5]}, "first_site must rise from 0"),
        ({"prototypes": ["A"]}, "prototypes must be one for each of 3 crystals"),
        ({"numbers": [0] * 6}, r"numbers must lie in \[1, 118\]; got 0"),
        ({"nearest": [1.0] * 5}, r"nearest must have shape \(6,\)"),
    ],
)
def test_arrays_that_do_not_fit_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        replace(SITES, **change)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="structures must be at least one; got none"):
        crystal_sites([])
    with pytest.raises(ValueError, match="shares must leave crystals for all three parts"):
        split_sites(SITES[:1], np.random.default_rng(0))


def test_crystals_of_the_materials_project_are_drawn_at_random(monkeypatch):
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)
    try:
        sites = materials_project_sites(8, rng=np.random.default_rng(0))
    except DataNotReachable:
        pytest.skip("the data are not here")
    assert len(sites) == 8 and len(set(sites.prototypes)) > 3
    np.testing.assert_allclose(
        sites.fingerprints.astype(np.float64).sum(axis=(1, 2, 3)), 1, atol=2e-3
    )
    with pytest.raises(ValueError, match="rng must be given to draw n crystals; got None"):
        materials_project_sites(8)
