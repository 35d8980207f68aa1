"""Cells and strain fields: counts of stiff voxels, shards, split and error."""

from dataclasses import replace

import numpy as np
import pytest

from mdesign.data.sets import strains as localization
from mdesign.data.sets.strains import (
    CellSettings,
    StrainFields,
    make_strain_fields,
    random_cells,
    split_cells,
)
from mdesign.models.metrics import strain_error

SETTINGS = CellSettings(10.0, size=5, shard_size=4)

TWO = np.ones((2, 1, 1, 1))


def test_counts_cover_the_range_evenly_and_from_end_to_end():
    rng = np.random.default_rng(0)
    counts = np.concatenate(
        [random_cells(20, 4, rng).reshape(20, -1).sum(axis=1) for _ in range(20)]
    )
    assert counts.min() == 1 and counts.max() == 63
    per_part = np.histogram(counts, bins=np.linspace(1, 64, 10))[0]
    assert per_part.min() > 400 / 9 * 0.8 and per_part.max() < 400 / 9 * 1.2


def test_each_part_of_the_range_has_one_cell_in_random_order():
    counts = random_cells(9, 4, np.random.default_rng(1)).reshape(9, -1).sum(axis=1)
    parts = ((counts - 1) // 7).tolist()
    assert sorted(parts) == list(range(9)) != parts


def test_stiff_voxels_lie_anywhere():
    cells = random_cells(600, 2, np.random.default_rng(0))
    shares = cells.mean(axis=0)
    # The share of a voxel over 600 cells has a deviation of 0.02 around one half.
    assert np.abs(shares - 0.5).max() < 0.1


def test_fields_are_those_of_the_solver_and_cells_of_a_smaller_set_come_first(tmp_path):
    some = make_strain_fields(SETTINGS, 3, folder=tmp_path)
    more = make_strain_fields(SETTINGS, 6, folder=tmp_path)
    np.testing.assert_array_equal(some.phases, more.phases[:3])
    np.testing.assert_array_equal(make_strain_fields(SETTINGS, 6).strains, more.strains)
    exact = replace(SETTINGS, tolerance=1e-7).solve(more.phases).strains
    assert strain_error(more.strains, exact).max() < 0.01
    np.testing.assert_allclose(more.strains.mean(axis=(1, 2, 3)), 1.0, atol=1e-5)
    assert more.phases.dtype == np.uint8 and more.strains.dtype == np.float32


def test_what_was_solved_is_not_solved_again(tmp_path, monkeypatch):
    made = make_strain_fields(SETTINGS, 4, folder=tmp_path)

    def refuse(*_):
        raise AssertionError("a cell was solved again")

    monkeypatch.setattr(localization.VoxelElasticity, "solve", refuse)
    found = make_strain_fields(SETTINGS, 4, folder=tmp_path)
    np.testing.assert_array_equal(found.strains, made.strains)
    with pytest.raises(AssertionError, match="again"):
        make_strain_fields(replace(SETTINGS, seed=1), 4, folder=tmp_path)


def test_stiff_voxels_strain_less_and_more_contrast_spreads_the_strain():
    fields = {
        c: CellSettings(c).solve(random_cells(3, 5, np.random.default_rng(0))) for c in (2, 50)
    }
    for made in fields.values():
        for phases, strains in zip(made.phases, made.strains, strict=True):
            assert strains[phases == 1].mean() < 1 < strains[phases == 0].mean()
    assert fields[50].strains.std() > 2 * fields[2].strains.std()


def test_the_load_is_along_the_first_axis():
    layers = np.zeros((1, 4, 4, 4), np.uint8)
    across, along = layers.copy(), layers.copy()
    across[:, :2], along[:, :, :2] = 1, 1
    # Layers across the load carry the same stress, layers along it the same strain.
    strains = CellSettings(10.0).solve(across).strains
    assert strains[0, 3, 0, 0] == pytest.approx(10 * strains[0, 0, 0, 0], rel=1e-3)
    np.testing.assert_allclose(CellSettings(10.0).solve(along).strains, 1.0, atol=1e-5)


def test_cells_are_split_whole():
    n = 10
    phases = np.zeros((n, 2, 2, 2), np.uint8)
    phases[:, 0, :, :] = np.arange(n)[:, None, None] >> np.arange(4).reshape(2, 2) & 1
    sets = split_cells(StrainFields(phases, np.ones(phases.shape)))
    assert [len(part) for part in sets] == [6, 2, 2]
    np.testing.assert_array_equal(np.concatenate([part.phases for part in sets]), phases)


def test_the_error_is_that_of_each_cell():
    strains = np.ones((2, 2, 1, 1))
    predicted = strains + np.array([0.1, -0.3, 0.0, 0.02]).reshape(strains.shape)
    np.testing.assert_allclose(strain_error(predicted, strains), [20.0, 1.0])
    # A mean strain of another size does not change a relative error.
    np.testing.assert_allclose(strain_error(1e-3 * predicted, 1e-3 * strains), [20.0, 1.0])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: CellSettings(0.5), "contrast must be at least 1 and finite; got 0.5"),
        (lambda: CellSettings(2.0, size=1), "size must be at least 2; got 1"),
        (lambda: random_cells(0, 3, np.random.default_rng(0)), "n must be at least 1; got 0"),
        (
            lambda: StrainFields(np.ones((2, 2, 2), np.uint8), np.ones((2, 2, 2))),
            r"phases must have shape \(n",
        ),
        (lambda: StrainFields(np.ones((1, 2, 2, 2), np.uint8), np.zeros((1, 2, 2, 2))), "mean 1"),
        (
            lambda: split_cells(
                StrainFields(np.ones((2, 1, 1, 1), np.uint8), np.ones((2, 1, 1, 1)))
            ),
            "three sets",
        ),
        (lambda: strain_error(np.ones((1, 2, 2, 2)), np.ones((2, 2, 2, 2))), "same shape"),
    ],
)
def test_says_what_is_wrong(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize("odd", [0.9, np.nan, 257, -1])
def test_cells_are_of_two_phases(odd):
    cells = np.zeros((1, 2, 2, 2))
    cells[0, 0, 0, 0] = odd
    with pytest.raises(ValueError, match=r"phases must .*; got"):
        CellSettings(2.0).solve(cells)


def test_a_strain_that_is_no_number_is_refused():
    strains = np.ones((1, 2, 2, 2))
    strains[0, 0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="strains must be finite; got nan"):
        StrainFields(np.ones(strains.shape, np.uint8), strains)


def test_lists_will_do_for_arrays():
    fields = StrainFields([[[[0, 1]]]], [[[[1.5, 0.5]]]])
    assert (fields.phases.dtype, fields.strains.dtype) == (np.uint8, np.float64)
