"""Neighbourhoods of periodic cells, and the network that is trained on them."""

from dataclasses import replace

import numpy as np
import pytest

from mdesign.data.sets.strains import CellSettings, random_cells, split_cells
from mdesign.models.localization.neighbourhood import (
    Neighbourhoods,
    NeighbourhoodSettings,
    PlaneBatches,
    train_localization_network,
)
from mdesign.models.localization.neighbourhood_network import STRAIN_SCALE
from mdesign.models.metrics import strain_error
from mdesign.training.fit import FitSettings

RNG = np.random.default_rng
SETTINGS = NeighbourhoodSettings(
    FitSettings(5e-3, 2, 10, 3), side=5, filters=(8,), heads=(16, 8), decay=0.0
)


@pytest.fixture(scope="module")
def sets():
    return split_cells(CellSettings(10.0, size=6).solve(random_cells(50, 6, RNG(0))))


def around(cell, place, side):
    """A neighbourhood by its definition, axes x, y, z."""
    offsets = np.arange(side) - side // 2
    index = [(p + offsets) % n for p, n in zip(place, cell.shape, strict=True)]
    return cell[np.ix_(*index)]


def test_cubes_are_what_lies_around_a_voxel():
    cells = RNG(0).integers(0, 2, (3, 6, 7, 8)).astype(np.uint8)
    chosen = np.array([0, 2, 1])
    voxels = np.array([[0, 0, 0], [5, 6, 7], [2, 3, 1]])
    cubes = Neighbourhoods(cells, 5).cubes(chosen, voxels)
    for cube, cell, voxel in zip(cubes, chosen, voxels, strict=True):
        np.testing.assert_array_equal(cube.transpose(2, 0, 1), around(cells[cell], voxel, 5))


def test_a_cell_may_be_smaller_than_a_neighbourhood():
    cells = RNG(0).integers(0, 2, (1, 3, 4, 3)).astype(np.uint8)
    cube = Neighbourhoods(cells, 11).cubes(np.array([0]), np.array([[1, 2, 0]]))[0]
    np.testing.assert_array_equal(cube.transpose(2, 0, 1), around(cells[0], (1, 2, 0), 11))


def test_planes_hold_the_cubes_of_their_voxels():
    cells = RNG(0).integers(0, 2, (2, 6, 7, 8)).astype(np.uint8)
    known = Neighbourhoods(cells, 5)
    image = known.planes(np.array([1]), np.array([4]))[0]
    assert image.shape == (11, 12, 5)
    for y, z in ((0, 0), (6, 7), (3, 2)):
        cube = known.cubes(np.array([1]), np.array([[4, y, z]]))[0]
        np.testing.assert_array_equal(image[y : y + 5, z : z + 5], cube)


def test_an_epoch_has_each_plane_once_with_its_strains(sets):
    known = sets[0][:4]
    batches = PlaneBatches(known, Neighbourhoods(known.phases, 5), batch_size=5, rng=RNG(0))
    assert len(batches) == 5
    images, strains = (
        np.concatenate(parts) for parts in zip(*map(batches.__getitem__, range(5)), strict=True)
    )
    assert images.dtype == strains.dtype == np.float32
    # The middle of an image is the plane itself.
    planes = [tuple(image[2:-2, 2:-2, 2].astype(int).ravel()) for image in images]
    true = {
        tuple(plane.ravel()): field
        for cell, fields in zip(known.phases, known.strains, strict=True)
        for plane, field in zip(cell.astype(int), fields, strict=True)
    }
    assert len(set(planes)) == len(true) == 24 and planes != list(true)
    for plane, field in zip(planes, strains, strict=True):
        np.testing.assert_allclose(field[..., 0], STRAIN_SCALE * true[plane], rtol=1e-6)


def test_some_planes_of_each_cell_are_drawn(sets):
    known = sets[0][:4]
    batches = PlaneBatches(
        known, Neighbourhoods(known.phases, 5), batch_size=3, per_cell=2, rng=RNG(0)
    )
    assert sum(len(batches[i][0]) for i in range(len(batches))) == 8


def test_the_network_learns_and_predicts_each_voxel_from_its_neighbourhood(sets):
    known, validation, test = sets
    network = train_localization_network(known, validation, SETTINGS)
    found = network(test.phases)
    plain = strain_error(np.ones(found.shape), test.strains).mean()
    assert strain_error(found, test.strains).mean() < 0.6 * plain
    cube = Neighbourhoods(test.phases, 5).cubes(np.array([3]), np.array([[5, 0, 2]]))
    alone = network.fitted.model.predict_on_batch(cube.astype(np.float32)) / STRAIN_SCALE
    assert found[3, 5, 0, 2] == pytest.approx(alone.item(), rel=1e-4)
    # What lies further away than the neighbourhood reaches does not count.
    far = test.phases[:1].copy()
    far[0, 3] ^= 1
    np.testing.assert_allclose(network(far)[0, 0], found[0, 0], rtol=1e-5)
    assert not np.allclose(network(far)[0, 1], found[0, 1], rtol=1e-3)


def test_a_finished_training_is_found_again_and_another_is_not(sets, tmp_path, monkeypatch):
    known, validation, test = sets
    short = replace(SETTINGS, training=FitSettings(5e-3, 2, 10, 1), planes_per_cell=1)
    first = train_localization_network(known, validation, short, folder=tmp_path)
    seconds = first.fitted.seconds
    again = train_localization_network(known, validation, short, folder=tmp_path)
    assert again.fitted.seconds == seconds
    np.testing.assert_array_equal(again(test.phases[:1]), first(test.phases[:1]))
    train_localization_network(known[:20], validation, short, folder=tmp_path)
    assert len(list(tmp_path.glob("*/final.weights.h5"))) == 2


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: replace(SETTINGS, training=FitSettings(batch_size=0)),
            "batch_size must be at least 1; got 0",
        ),
        (lambda: replace(SETTINGS, planes_per_cell=0), "planes_per_cell must be at least 1; got 0"),
        (lambda: Neighbourhoods(np.ones((2, 2, 2), np.uint8), 3), r"shape \(n, x, y, z\)"),
        (lambda: Neighbourhoods(np.ones((1, 2, 2, 2), np.uint8), 4), "side must be odd"),
    ],
)
def test_says_what_is_wrong(call, said):
    with pytest.raises(ValueError, match=said):
        call()
