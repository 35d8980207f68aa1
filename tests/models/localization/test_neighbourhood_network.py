"""The localisation network: the paper's size, planes and cubes alike, fitting, saving."""

import keras
import numpy as np
import pytest

from mdesign.models.localization.neighbourhood_network import STRAIN_SCALE, build_localization_cnn

SMALL = {"filters": (4, 6), "heads": (8, 5)}


def phases(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 2, shape).astype(np.float32)


def test_the_paper_has_28_million_parameters():
    cubes, convolutions, dense = 11, (128, 256), (2048, 1024)
    left = cubes - 2 * len(convolutions)
    expected = (9 * cubes + 1) * convolutions[0] + (9 * convolutions[0] + 1) * convolutions[1]
    expected += (left**2 * convolutions[1] + 1) * dense[0] + (dense[0] + 1) * dense[1]
    expected += dense[1] + 1
    assert build_localization_cnn(seed=0).count_params() == expected == 28_099_329


def test_a_plane_is_all_its_neighbourhoods():
    model = build_localization_cnn(**SMALL, seed=0)
    image = phases(1, 15, 14, 11)
    plane = keras.ops.convert_to_numpy(model(image))
    assert plane.shape == (1, 5, 4, 1)
    for i, j in ((0, 0), (4, 3), (2, 1)):
        cube = image[:, i : i + 11, j : j + 11]
        np.testing.assert_allclose(model(cube)[0, 0, 0], plane[0, i, j], rtol=1e-5)


def test_it_is_the_network_with_dense_layers():
    model = build_localization_cnn(**SMALL, seed=3)
    dense = keras.Sequential(
        [
            keras.Input((11, 11, 11)),
            keras.layers.Rescaling(1.0, -0.5),
            *(keras.layers.Conv2D(width, 3, activation="relu") for width in SMALL["filters"]),
            keras.layers.Flatten(),
            *(keras.layers.Dense(width, "relu") for width in SMALL["heads"]),
            keras.layers.Dense(1),
        ]
    )
    dense.set_weights(
        [
            own.reshape(other.shape)
            for own, other in zip(model.get_weights(), dense.get_weights(), strict=True)
        ]
    )
    cubes = phases(3, 11, 11, 11)
    np.testing.assert_allclose(model(cubes)[:, 0, 0], dense(cubes), rtol=1e-5)


def test_it_fits_eight_neighbourhoods():
    cubes = phases(8, 7, 7, 7)
    strains = STRAIN_SCALE * np.random.default_rng(1).uniform(0.5, 1.5, (8, 1, 1, 1))
    model = build_localization_cnn(7, filters=(8, 8), heads=(32, 16), decay=0.0, seed=0)
    model.compile(keras.optimizers.Adam(3e-3), "mse")
    for _ in range(150):
        model.train_on_batch(cubes, strains)
    assert np.mean((model.predict_on_batch(cubes) - strains) ** 2) < 0.01 * strains.var()


def test_large_weights_cost_in_the_kernels_alone():
    cubes = phases(2, 7, 7, 7)
    costs = {}
    for decay in (0.0, 1e-4, 5e-4):
        model = build_localization_cnn(7, **SMALL, decay=decay, seed=0)
        model(cubes)
        costs[decay] = float(sum(model.losses))
    kernels = sum((array**2).sum() for array in model.get_weights() if array.ndim == 4)
    assert costs[0.0] == 0.0
    assert costs[1e-4] == pytest.approx(1e-4 * kernels, rel=1e-4)
    assert costs[5e-4] == pytest.approx(5e-4 * kernels, rel=1e-4)


def test_saving_and_loading_gives_the_same_outputs(tmp_path):
    model = build_localization_cnn(7, **SMALL, seed=0)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    cubes = phases(3, 7, 7, 7)
    np.testing.assert_array_equal(model(cubes), loaded(cubes))


def test_the_seed_decides_the_weights():
    first, again, other = (
        build_localization_cnn(7, **SMALL, seed=seed).get_weights()[0] for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"side": 10}, "side must be odd and above 4; got 10"),
        ({"side": 3}, "side must be odd and above 4; got 3"),
        ({"filters": ()}, "filters must have 1 or more numbers"),
        ({"heads": (8, 0)}, "heads must be at least 1 and finite; got 0"),
        ({"decay": -1.0}, r"decay must lie in \[0, 1e6\]; got -1.0"),
    ],
)
def test_says_what_is_wrong(given, said):
    with pytest.raises(ValueError, match=said):
        build_localization_cnn(**({"side": 7, "seed": 0} | SMALL | given))
