"""The whole-field network: periodic, of unit mean, for cells of any size; fitting, saving."""

import keras
import numpy as np
import pytest

from mdesign.models.localization.whole_field_network import PeriodicPadding, build_whole_field


def phases(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 2, shape).astype(np.float32)[..., np.newaxis]


def outputs(model, cells):
    return keras.ops.convert_to_numpy(model(cells))


def moved(model, seed=1):
    """Weights far from zero in all layers, biases too, so that each of them counts."""
    rng = np.random.default_rng(seed)
    model.set_weights([array + 0.2 * rng.normal(size=array.shape) for array in model.get_weights()])
    return model


def test_padding_is_that_of_numpy():
    fields = np.random.default_rng(0).normal(size=(2, 4, 3, 5, 2)).astype(np.float32)
    around = ((0, 0), (2, 2), (2, 2), (2, 2), (0, 0))
    padded = PeriodicPadding(2)(fields)
    np.testing.assert_array_equal(padded, np.pad(fields, around, mode="wrap"))
    assert PeriodicPadding(2).compute_output_shape((None, 4, None, 5, 2)) == (None, 8, None, 9, 2)


@pytest.mark.parametrize("shift", [(1, 0, 0), (0, 4, 0), (0, 0, 6), (3, 2, 5)])
def test_a_shifted_cell_has_the_shifted_field(shift):
    model = moved(build_whole_field(4, 2, seed=0))
    cells = phases(2, 6, 7, 8)
    expected = np.roll(outputs(model, cells), shift, axis=(1, 2, 3))
    found = outputs(model, np.roll(cells, shift, axis=(1, 2, 3)))
    assert expected.std() > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_two_copies_of_a_cell_have_two_copies_of_its_field():
    model = moved(build_whole_field(4, 2, seed=0))
    cells = phases(1, 5, 4, 6)
    expected = np.tile(outputs(model, cells), (1, 2, 1, 2, 1))
    found = outputs(model, np.tile(cells, (1, 2, 1, 2, 1)))
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_the_mean_is_one():
    fields = outputs(moved(build_whole_field(4, 2, seed=0)), phases(3, 6, 6, 6))
    np.testing.assert_allclose(fields.mean(axis=(1, 2, 3, 4)), 1.0, atol=1e-4)


def test_every_voxel_is_told_what_it_cannot_see():
    # Four convolutions see 4 voxels: of a change 7 voxels away a voxel knows by the mean alone.
    # What the layer at the end does to all voxels alike is taken out by a difference.
    model = moved(build_whole_field(4, 1, seed=0))
    cells = phases(1, 15, 15, 15)
    other = cells.copy()
    other[0, 7, 7, 7] = 1 - other[0, 7, 7, 7]

    def change():
        corner = (outputs(model, other) - outputs(model, cells))[0, 0, :2, :2, 0]
        return np.abs(corner - corner[0, 0]).max()

    told = change()
    model.get_layer("told_1").set_weights([np.zeros((4, 4))])
    assert told > 30 * change()


def test_it_fits_two_cells():
    cells = phases(2, 4, 4, 4)
    strains = 1 + 0.3 * np.random.default_rng(1).normal(size=cells.shape)
    strains += 1 - strains.mean(axis=(1, 2, 3), keepdims=True)
    model = build_whole_field(12, 1, seed=0)
    model.compile(keras.optimizers.Adam(1e-2), "mse")
    for _ in range(100):
        model.train_on_batch(cells, strains)
    assert np.mean((outputs(model, cells) - strains) ** 2) < 0.05 * strains.var()


def test_saving_and_loading_gives_the_same_outputs(tmp_path):
    model = build_whole_field(4, 2, seed=0)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    cells = phases(1, 5, 5, 5)
    np.testing.assert_array_equal(model(cells), loaded(cells))


def test_the_seed_decides_the_weights():
    first, again, other = (
        build_whole_field(4, 1, seed=seed).get_weights()[0] for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match="blocks must be at least 1; got 0"):
        build_whole_field(2, 0, seed=0)
    with pytest.raises(ValueError, match="width must be at least 1; got 0"):
        PeriodicPadding(0)
