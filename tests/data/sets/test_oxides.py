"""Published oxides, as counted when the files were checked."""

import os

import numpy as np
import pytest

from mdesign import data, paths
from mdesign.crystals.ions import Ion, ionic_radius
from mdesign.data.public import ye2018
from mdesign.data.public.ye2018 import ComputedCell
from mdesign.data.sets import oxides
from mdesign.data.sets.oxides import A_IONS, B_IONS, Oxides, composition_folds, perovskites

USERS = os.environ.get("MDESIGN_DATA_MIRROR") or str(paths.data_cache())


@pytest.fixture
def published(monkeypatch):
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)
    try:
        for file in data.find("ye2018"):
            data.fetch(file)
    except data.DataNotReachable as error:
        pytest.skip(str(error))


def test_cells_unmixed_and_mixed(published):
    cells = ye2018.perovskite_cells()
    assert [len(cell.atoms) for cell in cells] == [3] * 427 + [4] * 3_215
    oxygen_and_metals = [
        (cell.atoms["O"], sum(cell.atoms.values()) - cell.atoms["O"]) for cell in cells
    ]
    assert all(3 * metals == 2 * oxygen for oxygen, metals in oxygen_and_metals)


def test_the_binary_oxides_balance_the_charge_of_their_ion(published):
    cells = ye2018.binary_oxides()
    unbalanced = {
        name
        for name, cell in cells.items()
        for ion in [Ion.parse(name)]
        if 2 * cell.atoms["O"] != ion.charge * cell.atoms[ion.symbol]
    }
    assert len(cells) == 91 and unbalanced == {"Yb2+"}
    for prototype, formula in (("perovskite", "TiO2"), ("garnet", "TiO2")):
        assert ye2018.ion_oxides(prototype)["Ti4+"] == formula
    assert set(oxides.oxide_energies()) == {*A_IONS, *B_IONS}


def test_radii_agree_with_those_of_another_group(published):
    """A in 12-fold coordination or the nearest tabulated one, B in an octahedron, high spin."""
    theirs = ye2018.sited_perovskites()
    assert len(theirs.a) == 5_276
    pairs = [
        (ionic_radius(ion, coordination, nearest=True), radius)
        for symbols, ions, coordination, column in (
            (theirs.a, A_IONS, 12, 0),
            (theirs.b, B_IONS, 6, 1),
        )
        for ion in ions
        for symbol, charge, radius in zip(
            symbols, theirs.charges[:, column], theirs.radii[:, column], strict=True
        )
        if (symbol, charge) == (ion.symbol, ion.charge) and ion.symbol != "Bi"
    ]
    ours, published_radii = np.array(pairs).T
    assert len(pairs) > 1_000
    # They round to whole pm. They take 138 pm for Bi on A, which Shannon does not list.
    assert np.abs(ours - published_radii).max() <= 0.55


def test_larger_ions_are_on_a_in_the_set_that_has_the_sites(published):
    theirs = ye2018.sited_perovskites()
    energies = dict(zip(zip(theirs.a, theirs.b, strict=True), theirs.energies, strict=True))
    both = {ion.symbol for ion in A_IONS if ion.charge == 3 and ion in B_IONS}
    larger_on_a = [
        energies[one, other] < energies[other, one]
        for one in both
        for other in both
        if (one, other) in energies
        and (other, one) in energies
        and ionic_radius(Ion(one, 3), 6) > ionic_radius(Ion(other, 3), 6)
    ]
    assert (sum(larger_on_a), len(larger_on_a)) == (125, 136)


def test_the_counted_compositions_and_known_energies(published):
    unmixed, mixed = perovskites("unmixed"), perovskites("mixed")
    for set_of, n, certain in ((unmixed, 213, 109), (mixed, 375, 321)):
        assert len(np.unique(set_of.compositions)) == n
        assert set_of.certain.sum() == certain
        assert all(ion in A_IONS for a, _ in set_of.sites for ion in a)
        assert all(ion in B_IONS for _, b in set_of.sites for ion in b)
    energy = dict(zip(unmixed.formulas, unmixed.energies, strict=True))
    assert energy["SrTiO3"] == pytest.approx(-0.242, abs=5e-4)
    assert energy["BaTiO3"] == pytest.approx(-0.269, abs=5e-4)
    assert energy["NdScO3"] < energy["ScNdO3"]  # the larger ion on A
    of_mixture = dict(zip(mixed.formulas, mixed.energies, strict=True))["Sr0.5Ba0.5TiO3"]
    assert of_mixture == pytest.approx((energy["SrTiO3"] + energy["BaTiO3"]) / 2, abs=5e-3)


def test_repeats_are_the_same_compositions(published):
    for kind, n in (("unmixed", 296), ("mixed", 2_697)):
        once, every = perovskites(kind), perovskites(kind, repeats=True)
        assert len(every) == n
        np.testing.assert_array_equal(np.unique(every.compositions), np.unique(once.compositions))
        lowest = [every.energies[every.compositions == c].min() for c in once.compositions]
        assert (once.energies >= np.array(lowest) - 1e-12).all()


def test_sites_follow_charges_and_then_sizes(monkeypatch):
    def cell(energy, **atoms):
        return ComputedCell(atoms, energy)

    cells = [
        cell(-100.0, Sr=4, Ti=4, O=12),
        cell(-100.0, Nd=4, Sc=4, O=12),
        cell(-98.0, Nd=4, Sc=4, O=12),
        cell(-100.001, Nd=4, Sc=4, O=12),
        cell(-100.0, Ti=4, Hf=4, O=12),  # neither is an ion of A
    ]
    monkeypatch.setattr(ye2018, "perovskite_cells", lambda progress: cells)
    monkeypatch.setattr(oxides, "oxide_energies", lambda progress: dict.fromkeys(
        {*A_IONS, *B_IONS}, 0.0
    ))  # fmt: skip
    unmixed = perovskites("unmixed")
    assert unmixed.formulas == ["SrTiO3", "NdScO3", "ScNdO3"]
    np.testing.assert_array_equal(unmixed.certain, [True, False, False])
    np.testing.assert_allclose(unmixed.energies, [-5, -5.00005, -4.9])
    np.testing.assert_array_equal(unmixed.compositions, [0, 1, 1])
    every = perovskites("unmixed", repeats=True)
    assert every.formulas == ["SrTiO3", "NdScO3", "NdScO3", "ScNdO3"]


def test_two_ions_share_a_site(monkeypatch):
    cells = [ComputedCell({"Ba": 2, "Sr": 6, "Ti": 8, "O": 24}, -1.0),
             ComputedCell({"Sr": 8, "Al": 4, "V": 4, "O": 24}, -1.0)]  # fmt: skip
    monkeypatch.setattr(ye2018, "perovskite_cells", lambda progress: cells)
    monkeypatch.setattr(oxides, "oxide_energies", lambda progress: dict.fromkeys(
        {*A_IONS, *B_IONS}, 0.0
    ))  # fmt: skip
    first, second = perovskites("mixed").sites
    assert first == ({Ion("Ba", 2): 0.25, Ion("Sr", 2): 0.75}, {Ion("Ti", 4): 1.0})
    assert second == ({Ion("Sr", 2): 1.0}, {Ion("Al", 3): 0.5, Ion("V", 5): 0.5})


def test_folds_keep_compositions_together_and_have_each_row_once():
    compositions = np.array([7, 7, 3, 3, 3, 5, 1, 2, 9, 9])
    folds = composition_folds(compositions, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(np.sort(np.concatenate(folds)), np.arange(10))
    groups = [set(compositions[fold]) for fold in folds]
    assert sum(map(len, groups)) == 6
    assert {len(group) for group in groups} == {2}
    with pytest.raises(ValueError, match=r"n_folds must lie in \[2, 6\]; got 7"):
        composition_folds(compositions, 7, np.random.default_rng(0))


def test_oxides_fit_together():
    sites = (({Ion("Sr", 2): 1.0}, {Ion("Ti", 4): 1.0}),) * 2
    small = Oxides(sites, [0.1, 0.2], [0, 1], [True, False])
    assert len(small[small.certain]) == 1
    assert small[1:].energies.tolist() == [0.2]
    with pytest.raises(ValueError, match="energies must have shape"):
        Oxides(sites, [0.1], [0, 1], [True, False])
