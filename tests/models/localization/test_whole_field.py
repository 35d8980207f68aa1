"""Training the whole-field network: batches under the symmetries of the load, learning."""

import numpy as np
import pytest

from mdesign.data.sets.strains import CellSettings, random_cells, split_cells
from mdesign.models.localization.whole_field import (
    FieldBatches,
    WholeFieldSettings,
    train_whole_field,
)
from mdesign.models.metrics import strain_error
from mdesign.training.fit import FitSettings

RNG = np.random.default_rng
CELLS = CellSettings(10.0, size=5)


@pytest.fixture(scope="module")
def sets():
    return split_cells(CELLS.solve(random_cells(50, 5, RNG(0))))


def test_each_batch_is_solved_as_it_stands(sets):
    batches = FieldBatches(sets[0], 8, RNG(0))
    assert len(batches) == 4
    turned = 0
    for i in range(len(batches)):
        cells, fields = batches[i]
        assert cells.dtype == fields.dtype == np.float32
        solved = CELLS.solve(cells[..., 0]).strains
        assert strain_error(fields[..., 0], solved).max() < 0.01
        turned += not any((cells[0, ..., 0] == phases).all() for phases in sets[0].phases)
    assert turned  # otherwise the symmetries were not tried


def test_every_cell_comes_once_an_epoch_in_another_order(sets):
    batches = FieldBatches(sets[0], 8, RNG(0))
    counts = [batches[i][0].sum(axis=(1, 2, 3, 4)) for i in range(len(batches))]
    found, true = np.concatenate(counts), sets[0].phases.sum(axis=(1, 2, 3))
    assert sorted(found) == sorted(true) and list(found) != list(true)


def test_without_a_generator_cells_are_as_they_are(sets):
    cells, fields = FieldBatches(sets[1], 16)[0]
    np.testing.assert_array_equal(cells[..., 0], sets[1].phases)
    np.testing.assert_array_equal(fields[..., 0], sets[1].strains)


def test_the_network_learns_and_is_found_again(sets, tmp_path):
    known, validation, test = sets
    settings = WholeFieldSettings(FitSettings(1e-2, 4, 10, 6), width=6, blocks=1)
    network = train_whole_field(known, validation, settings, folder=tmp_path)
    found = network(test.phases)
    plain = strain_error(np.ones(found.shape), test.strains).mean()
    assert found.shape == test.strains.shape
    assert strain_error(found, test.strains).mean() < 0.6 * plain
    again = train_whole_field(known, validation, settings, folder=tmp_path)
    assert again.fitted.seconds == network.fitted.seconds
    np.testing.assert_array_equal(again(test.phases), found)


def test_cells_predicted_together_are_those_predicted_alone(sets):
    settings = WholeFieldSettings(FitSettings(batch_size=4, epochs=1), width=2, blocks=1)
    network = train_whole_field(sets[1], sets[1], settings)
    many = np.concatenate([sets[0].phases[:17]])
    np.testing.assert_allclose(network(many)[16], network(many[16:])[0], rtol=1e-5)


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match="batch_size must be at least 1; got 0"):
        WholeFieldSettings(FitSettings(batch_size=0))
