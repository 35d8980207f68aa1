"""The homogenisation network: its published size, saving, and fitting a few cells."""

import keras
import numpy as np
import pytest

from mdesign.models.homogenization.network import (
    build_homogenization_cnn,
    first_excitations,
    first_filters,
    moved_cells,
)

SMALL = {"filters": (4, 8, 8), "dense": (16,), "seed": 0}


def cells(n, size, seed=0):
    rng = np.random.default_rng(seed)
    stiff = rng.uniform(0.25, 0.75, n)
    return (rng.random((n, size, size, size, 1)) < stiff[:, None, None, None, None]).astype("f4")


def test_it_has_as_many_parameters_as_published():
    assert build_homogenization_cnn(51, seed=0).count_params() == 3_801_505


@pytest.mark.parametrize(("size", "depth"), [(16, 4), (21, 4), (32, 5), (51, 5)])
def test_sizes(size, depth):
    filters = (2, 3, 4, 5, 6)[:depth]
    model = build_homogenization_cnn(size, filters=filters, dense=(7, 8), seed=0)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Conv3D") == kinds.count("AveragePooling3D") == depth
    assert model.get_layer("summary").output.shape == (None, filters[-1])
    assert model(cells(2, size)).shape == (2, 1)


def test_it_fits_eight_cells():
    inputs = cells(8, 9)
    values = np.random.default_rng(1).normal(40, 20, (8, 1)).astype("f4")
    model = build_homogenization_cnn(9, **SMALL, penalty=0.0, mean=40.0, deviation=20.0)
    model.compile(keras.optimizers.Adam(3e-3), "mse")
    for _ in range(150):
        model.train_on_batch(inputs, values)
    assert np.mean(np.abs(keras.ops.convert_to_numpy(model(inputs)) - values)) < 2


def test_saving_and_loading_gives_the_same_outputs(tmp_path):
    model = build_homogenization_cnn(9, **SMALL, mean=30.0, deviation=5.0)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(model(cells(3, 9)), loaded(cells(3, 9)))


def test_the_output_is_shifted_and_scaled():
    plain = build_homogenization_cnn(9, **SMALL)
    scaled = build_homogenization_cnn(9, **SMALL, mean=30.0, deviation=5.0)
    np.testing.assert_allclose(scaled(cells(3, 9)), 30 + 5 * plain(cells(3, 9)), rtol=1e-6)


def test_phases_count_as_minus_and_plus_a_half():
    model = build_homogenization_cnn(9, filters=(4,), dense=(), seed=0)
    state = model.get_layer("centred")(np.array([0.0, 1.0])[None, :, None, None, None])
    assert np.ravel(state).tolist() == [-0.5, 0.5]


def test_all_weights_but_no_bias_are_penalised():
    model = build_homogenization_cnn(9, **SMALL, penalty=0.25)
    kernels = [weight for weight in model.weights if weight.path.endswith("kernel")]
    assert len(kernels) == 5
    wanted = 0.25 * sum(float(keras.ops.sum(kernel**2)) for kernel in kernels)
    for bias in (weight for weight in model.weights if weight.path.endswith("bias")):
        bias.assign(keras.ops.ones_like(bias))
    assert float(sum(model.losses)) == pytest.approx(wanted, rel=1e-5)


def test_moved_cells_are_shifted_mirrored_and_turned_about_axis_0():
    rng = np.random.default_rng(0)
    x, y, z = np.meshgrid(*[np.arange(side) for side in (5, 5, 5)], indexing="ij")
    cell = np.stack([x, y, z], -1)
    seen = set()
    for _ in range(200):
        moved = moved_cells(np.stack([cell, cell]), rng)
        for one in moved:
            # One number steps along each axis, up or down, by one voxel on the periodic cell.
            steps = [(np.roll(one, -1, axis) - one + 2) % 5 - 2 for axis in range(3)]
            signs = []
            for axis, step in enumerate(steps):
                assert len(np.unique(step.reshape(-1, 3), axis=0)) == 1
                along = int(np.flatnonzero(step[0, 0, 0])[0])
                assert (along == 0) == (axis == 0)
                signs.append((along, int(step[0, 0, 0, along])))
            seen.add(tuple(signs))
        assert not np.array_equal(moved[0], cell) or not np.array_equal(moved[1], cell)
    assert len(seen) == 16


def test_first_filters_are_kernels_on_the_phases():
    model = build_homogenization_cnn(9, **SMALL)
    filters = first_filters(model)
    assert filters.shape == (4, 3, 3, 3)
    point = np.zeros((1, 9, 9, 9, 1), "f4")
    point[0, 4, 4, 4] = 1.0
    convolution = model.get_layer("convolution_1")
    response = convolution.convolution_op(point, convolution.kernel)[0, 3:6, 3:6, 3:6]
    # What a voxel excites lies on the other side of the voxel than in the kernel.
    np.testing.assert_allclose(np.moveaxis(response, -1, 0), filters[:, ::-1, ::-1, ::-1])


def test_first_excitations_are_means_of_the_maps():
    model = build_homogenization_cnn(9, **SMALL)
    inputs = cells(40, 9)
    found = first_excitations(model, inputs)
    assert found.shape == (40, 4)
    convolution = model.get_layer("convolution_1")
    maps = np.maximum(convolution.convolution_op(inputs[33:34] - 0.5, convolution.kernel), 0)
    np.testing.assert_allclose(found[33], maps[0].mean((0, 1, 2)), rtol=1e-5)


def test_the_seed_decides_the_weights():
    first, again, other = (
        first_filters(build_homogenization_cnn(9, **SMALL | {"seed": seed})) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"size": 15}, "size must be at least 32 for the poolings of 5 filters; got 15"),
        ({"filters": ()}, "filters must have 1 or more numbers"),
        ({"dense": (0,)}, "dense must be at least 1"),
        ({"penalty": -1.0}, r"penalty must lie in \[0, 1e6\]"),
        ({"deviation": 0.0}, "deviation must be positive"),
    ],
)
def test_says_what_is_wrong(given, said):
    with pytest.raises(ValueError, match=said):
        build_homogenization_cnn(**({"size": 32, "seed": 0} | given))
