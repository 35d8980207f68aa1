import keras
import numpy as np
import pytest

from mdesign.data.sets.compositions import Compositions
from mdesign.models.elemnet.baselines import train_boosting, train_forest
from mdesign.models.elemnet.network import (
    WIDTHS,
    build_elemnet,
    layer_widths,
    with_active_dropout,
)
from mdesign.models.elemnet.training import PAPER_FIT, SHORT_FIT, train_elemnet
from mdesign.training.fit import FitSettings

SYMBOLS = ("Li", "O", "Fe", "Si")
QUICK = FitSettings(learning_rate=3e-3, batch_size=32, epochs=60, decay=True, validation_share=0.1)


def compositions(n=400, seed=0):
    """Random compositions whose energy is that of bonds of lithium and iron with oxygen."""
    rng = np.random.default_rng(seed)
    amounts = np.unique(
        rng.integers(0, 6, (n, 4)) + np.eye(4, dtype=int)[rng.integers(4, size=n)], axis=0
    )
    amounts = np.unique(amounts // np.gcd.reduce(amounts, axis=1, keepdims=True), axis=0)
    x = amounts / amounts.sum(axis=1, keepdims=True)
    return Compositions(amounts, -6 * x[:, 0] * x[:, 1] - 3 * x[:, 2] * x[:, 1], SYMBOLS)


def test_the_network_has_the_parameters_of_the_paper():
    model = build_elemnet(seed=0)
    assert model.count_params() == 4_631_361
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [*WIDTHS, 1]
    drops = {layer.name: layer.rate for layer in model.layers if "dropout" in layer.name}
    assert drops == {"dropout_4": 0.2, "dropout_7": 0.1, "dropout_10": 0.3, "dropout_13": 0.2}


@pytest.mark.parametrize("depth", [2, 4, 7, 11, 17, 24])
def test_depth_counts_the_layers_with_weights(depth):
    model = build_elemnet(4, depth=depth, width=1 / 16, dropout=0.0, seed=0)
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert len(dense) == depth
    widths = layer_widths(depth)
    assert list(widths) == sorted(widths, reverse=True)
    assert widths[0] == 1024


def test_it_is_the_same_after_saving(tmp_path):
    model = with_active_dropout(build_elemnet(4, width=1 / 16, n_outputs=2, seed=0))
    model.save(tmp_path / "elemnet.keras")
    again = keras.models.load_model(tmp_path / "elemnet.keras")
    assert again.output_shape == (None, 2)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_active_dropout_is_random_and_the_rest_is_not():
    inputs = np.full((1, 4), 0.25, np.float32)
    silent = build_elemnet(4, seed=0)
    active = with_active_dropout(silent)
    one, other = (np.asarray(silent(inputs)) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert np.asarray(active(inputs)) != np.asarray(active(inputs))
    for one, other in zip(silent.get_weights(), active.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="model must have layers of dropout; got elemnet without"):
        with_active_dropout(build_elemnet(4, dropout=0.0, seed=0))


def test_it_learns_eight_compositions():
    eight = compositions(12)[np.arange(10)]
    settings = FitSettings(
        learning_rate=1e-3, batch_size=8, epochs=500, patience=500, validation_share=0.2
    )
    network = train_elemnet(eight, width=1 / 8, dropout=0.0, settings=settings)
    assert network.fitted.loss[-1] < 0.05 * network.fitted.loss[0]


def test_it_predicts_new_compositions_and_is_reproducible(tmp_path):
    data = compositions()
    train, test = data[: len(data) - 60], data[len(data) - 60 :]
    order = np.random.default_rng(1).permutation(len(data))
    train, test = data[order[60:]], data[order[:60]]
    arguments = {"width": 1 / 16, "depth": 5, "dropout": 0.0, "settings": QUICK}
    network = train_elemnet(train, **arguments, folder=tmp_path)
    error = np.abs(network(test.fractions) - test.values).mean()
    assert error < 0.25 * np.abs(test.values - test.values.mean()).mean()
    again = train_elemnet(train, **arguments, folder=tmp_path)
    assert again.fitted.seconds == network.fitted.seconds  # loaded, not trained
    fresh = train_elemnet(train, **arguments)
    np.testing.assert_array_equal(fresh(test.fractions), network(test.fractions))


def test_a_folder_that_cannot_be_written_fails_before_the_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        train_elemnet(compositions(30), settings=PAPER_FIT, folder=tmp_path / "file")


def test_the_deviation_is_that_of_the_noise():
    rng = np.random.default_rng(0)
    data = compositions(1_500)
    noise = 0.1 + 0.4 * (data.fractions[:, 3] > 0.2)
    noisy = Compositions(
        data.amounts, data.values + noise * rng.standard_normal(len(data)), data.elements
    )
    network = train_elemnet(
        noisy, width=1 / 16, depth=4, dropout=0.0, probabilistic=True, settings=QUICK
    )
    _, deviation = network.with_deviation(data.fractions)
    loud, quiet = np.median(deviation[noise > 0.2]), np.median(deviation[noise < 0.2])
    assert loud == pytest.approx(0.5, rel=0.35)
    assert loud > 2 * quiet


def test_transfer_starts_from_the_weights_and_the_scale():
    data = compositions()
    arguments = {"width": 1 / 16, "depth": 4, "dropout": 0.0}
    source = train_elemnet(data, **arguments, settings=QUICK)
    still = FitSettings(learning_rate=1e-12, epochs=1, batch_size=32, validation_share=0.1)
    shifted = Compositions(data.amounts, data.values + 1, data.elements)
    copied = train_elemnet(shifted, **arguments, start=source, settings=still)
    np.testing.assert_allclose(copied(data.fractions), source(data.fractions), atol=1e-5)
    with pytest.raises(ValueError, match="start must have the depth, width"):
        train_elemnet(shifted, width=1 / 16, depth=5, dropout=0.0, start=source)
    turned = Compositions(data.amounts[:, ::-1], data.values, data.elements[::-1])
    with pytest.raises(ValueError, match="start must have the elements of the compositions"):
        train_elemnet(turned, **arguments, start=source)


def test_a_network_without_deviation_says_so():
    network = train_elemnet(
        compositions(30),
        width=1 / 64,
        dropout=0.0,
        settings=FitSettings(epochs=1, validation_share=0.2),
    )
    with pytest.raises(ValueError, match="probabilistic=True"):
        network.with_deviation(np.full((1, 4), 0.25))
    with pytest.raises(ValueError, match=r"fractions must have shape \(n, 4\)"):
        network(np.full((1, 3), 1 / 3))
    same = Compositions([[1, 1, 0, 0], [1, 2, 0, 0], [1, 3, 0, 0]], [1.0] * 3, SYMBOLS)
    with pytest.raises(ValueError, match="compositions must differ in their values"):
        train_elemnet(same, settings=SHORT_FIT)


@pytest.mark.parametrize("train", [train_forest, train_boosting])
def test_trees_predict_and_are_reproducible(train):
    data = compositions(800)
    order = np.random.default_rng(1).permutation(len(data))
    fit, test = data[order[100:]], data[order[:100]]
    trees = train(fit.fractions, fit.values, n_trees=50)
    error = np.abs(trees(test.fractions) - test.values).mean()
    assert error < 0.3 * np.abs(test.values - test.values.mean()).mean()
    again = train(fit.fractions, fit.values, n_trees=50)
    np.testing.assert_array_equal(again(test.fractions), trees(test.fractions))
    with pytest.raises(ValueError, match=r"features must have shape \(n, 4\)"):
        trees([[1.0, 0.0]])


def test_the_deviation_of_a_forest_is_that_of_its_trees():
    rng = np.random.default_rng(0)
    features = rng.random((200, 3))
    forest = train_forest(features, features[:, 0] ** 2, n_trees=7)
    mean, deviation = forest.with_deviation(features)
    np.testing.assert_allclose(mean, forest(features), rtol=0, atol=1e-12)
    each = [tree.predict(features) for tree in forest.regressor.estimators_]
    np.testing.assert_allclose(deviation, np.std(each, axis=0))
    # Far from the samples of an ordered feature all trees agree.
    assert forest.with_deviation([[-9.0, 0.5, 0.5]])[1] < deviation.max()
    with pytest.raises(ValueError, match="must be a forest"):
        train_boosting(features, features[:, 0], n_trees=2).with_deviation(features)
    one, whole = (train_forest(features, features[:, 0], max_features=share) for share in (1, 1.0))
    np.testing.assert_array_equal(one(features), whole(features))  # a share, not a number
    with pytest.raises(ValueError, match=r"features must have shape \(n, 3\)"):
        forest.with_deviation(features[:, :2])
