"""Compositions of the public database, as counted when the files were checked."""

import os

import numpy as np
import pytest

from mdesign import data, paths
from mdesign.data.public import materials_project, oqmd
from mdesign.data.sets.compositions import (
    OQMD_ELEMENTS,
    Compositions,
    materials_project_compositions,
    oqmd_compositions,
    split_compositions,
)

USERS = os.environ.get("MDESIGN_DATA_MIRROR") or str(paths.data_cache())
SMALL = Compositions(
    [[1, 2, 0], [1, 1, 0], [0, 1, 1], [1, 3, 1]], [-3, -2, -1, 0], ("Ti", "O", "Sr")
)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MDESIGN_DATA_MIRROR", USERS)
        try:
            folder = tmp_path_factory.mktemp("oqmd")
            made = oqmd_compositions(folder=folder)
            kept = oqmd_compositions(folder=folder)
            np.testing.assert_array_equal(kept.amounts, made.amounts)
            np.testing.assert_array_equal(kept.values, made.values)
            return kept
        except data.DataNotReachable as error:
            pytest.skip(str(error))


def test_the_elements_are_the_86_of_the_database():
    assert len(OQMD_ELEMENTS) == 86
    assert OQMD_ELEMENTS[0] == "H" and OQMD_ELEMENTS[-1] == "Pu" and "Xe" in OQMD_ELEMENTS


def test_the_database_has_the_counted_compositions(published):
    assert len(published) == 151_339
    assert len(np.unique(published.amounts, axis=0)) == len(published)
    assert np.abs(published.values - published.values.mean()).mean() == pytest.approx(
        0.5776, abs=1e-4
    )
    assert published.contain(["Ti", "O"]).sum() == 414
    assert published.lie_within(["Na", "Fe", "Mn", "O"]).sum() == 42
    assert ((published.amounts > 0).sum(axis=1) > 1).all()


def test_energies_are_those_of_the_files(published):
    formulas = published.formulas
    row = formulas.index("NaSrAl2")
    assert published.values[row] <= 0.093413436


def test_every_file_is_in_the_registry():
    for module, group in ((oqmd, "oqmd"), (materials_project, "materials_project")):
        assert {file.key.partition("/")[2].split(".")[0] for file in data.find(group)} == set(
            module.FILES
        )


def test_crystals_of_the_materials_project(monkeypatch):
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)
    try:
        crystals = materials_project.crystals()
    except data.DataNotReachable as error:
        pytest.skip(str(error))
    assert len(crystals.identifiers) == len(set(crystals.identifiers)) == 25_985
    assert (crystals.above_hull > -0.1).all()
    row = crystals.identifiers.index("mp-865981")
    assert crystals.formulas[row] == "Tm1 Mg1 Hg2"
    assert crystals.energies[row] == pytest.approx(-0.436368, abs=1e-6)


def test_compositions_of_both_databases(published, monkeypatch):
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)
    try:
        others = materials_project_compositions()
    except data.DataNotReachable as error:
        pytest.skip(str(error))
    shared = others[others.are_among(published)]
    assert len(others) == 23_493 and len(shared) == 7_842
    again = published[published.are_among(others)]
    np.testing.assert_array_equal(again.amounts, shared.amounts)
    difference = shared.values - again.values
    assert np.abs(difference).mean() == pytest.approx(0.098, abs=5e-4)
    assert difference.mean() == pytest.approx(-0.068, abs=5e-4)
    assert others.lie_within(["Ti", "O"]).sum() == 9
    above = materials_project_compositions("above_hull")
    titania = above[above.lie_within(["Ti", "O"])]
    assert titania.values[titania.formulas.index("TiO2")] == pytest.approx(0, abs=1e-3)
    np.testing.assert_array_equal(above.amounts, others.amounts)
    with pytest.raises((TypeError, ValueError), match="quantity"):
        materials_project_compositions("volume")


def test_the_lowest_value_of_a_composition_counts():
    formulas, values = ["TiO2", "Ti2O4", "Ti0.3333O0.6667", "TiO"], [1, -1, 0, 3]
    made = Compositions.of(formulas, values, ["Ti", "O"])
    np.testing.assert_array_equal(made.amounts, [[1, 1], [1, 2]])
    np.testing.assert_array_equal(made.values, [3, -1])
    assert Compositions.of(formulas, values).elements == ("O", "Ti")
    with pytest.raises(
        ValueError, match=r"formulas\[0\] must be of the elements Ti; got 'TiO2' with O"
    ):
        Compositions.of(formulas, values, ["Ti"])
    with pytest.raises(ValueError, match="values must have shape"):
        Compositions.of(formulas, [1.0])


def test_systems():
    assert SMALL.formulas == ["TiO2", "TiO", "SrO", "SrTiO3"]
    np.testing.assert_array_equal(SMALL.contain(["Ti", "Sr"]), [False, False, False, True])
    np.testing.assert_array_equal(SMALL.lie_within(["Ti", "O"]), [True, True, False, False])
    np.testing.assert_allclose(SMALL.fractions[3], [0.2, 0.6, 0.2])
    with pytest.raises(
        ValueError, match=r"symbols must be different symbols among Ti, O, Sr; got \['Fe'\]"
    ):
        SMALL.contain(["Fe"])


def test_which_compositions_are_in_another_set():
    other = Compositions([[2, 1, 0], [1, 1, 0]], [5, 6], SMALL.elements)
    np.testing.assert_array_equal(SMALL.are_among(other), [False, True, False, False])
    with pytest.raises(ValueError, match=r"others must have the elements Ti, O, Sr; got Ti, O$"):
        SMALL.are_among(Compositions([[1, 2]], [0], ("Ti", "O")))


def test_no_composition_is_in_two_parts():
    many = Compositions(np.eye(50, dtype=int)[:, :50] + 1, np.arange(50.0), OQMD_ELEMENTS[:50])
    splits = split_compositions(many, np.random.default_rng(0))
    parts = [part.values.tolist() for part in (splits.train, splits.validation, splits.test)]
    assert [len(part) for part in parts] == [40, 5, 5]
    assert sorted(value for part in parts for value in part) == list(range(50))
    with pytest.raises(ValueError, match="must leave compositions for all three parts"):
        split_compositions(SMALL, np.random.default_rng(0), shares=(0.98, 0.01))


@pytest.mark.parametrize(
    ("amounts", "values", "message"),
    [
        ([[1, 2]], [0.0], "amounts must have a row for each"),
        ([[1, 2, -1]], [0.0], "amounts must"),
        ([[0.5, 1, 0]], [0.0], r"amounts must be whole numbers, as whole_amounts.*got 0\.5"),
        ([[0, 0, 0]], [0.0], "not all zero; got the common divisor 0 in row 0"),
        ([[1, 2, 0], [2, 4, 0]], [0.0, 1.0], "got the common divisor 2 in row 1"),
        ([[1, 2, 0], [1, 1, 0], [1, 2, 0]], [0, 1, 2], "got the same in rows 0 and 2"),
        ([[1, 0, 0]], [np.nan], "values must"),
    ],
)
def test_bad_compositions_are_refused(amounts, values, message):
    with pytest.raises(ValueError, match=message):
        Compositions(amounts, values, SMALL.elements)
