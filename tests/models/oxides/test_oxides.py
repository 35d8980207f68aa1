from dataclasses import replace
from itertools import pairwise

import keras
import numpy as np
import pytest

from mdesign.crystals.ions import Ion
from mdesign.crystals.oxides import GARNET, PEROVSKITE, averaged_descriptors, ordered_descriptors
from mdesign.models.oxides.baselines import train_forest, train_mean
from mdesign.models.oxides.network import NETWORKS, Layers, build_oxide_network
from mdesign.models.oxides.training import FIT, held_out_predictions, train_oxide_network

SHORT = replace(FIT, steps=400, check_every=100)


def samples(n=160, seed=0):
    """Descriptors of the size of those of perovskites, and a smooth energy of them."""
    rng = np.random.default_rng(seed)
    descriptors = rng.normal([130, 1.2, 65, 1.7], [20, 0.3, 14, 0.4], (n, 4))
    energies = (
        0.002 * (descriptors[:, 0] - 130) + 0.1 * (descriptors[:, 1] - descriptors[:, 3]) ** 2
    )
    return descriptors, energies


def parameters(*widths):
    """Weights and biases of dense layers."""
    return sum((before + 1) * after for before, after in pairwise(widths))


@pytest.mark.parametrize(
    ("name", "widths"),
    [
        ("perovskite", (4, 12, 1)),
        ("mixed perovskite", (10, 24, 1)),
        ("garnet", (6, 24, 1)),
        ("garnet, C mixed", (13, 22, 8, 1)),
        ("garnet, A mixed", (11, 22, 8, 1)),
        ("garnet, D mixed", (13, 22, 8, 1)),
    ],
)
def test_the_networks_are_the_published_ones(name, widths):
    model = build_oxide_network(NETWORKS[name], seed=0)
    assert model.count_params() == parameters(*widths)
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.activation.__name__ for layer in dense] == [
        "relu",
        *["linear"] * (len(widths) - 2),
    ]
    drops = [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert drops == ([0.1] if "mixed" in name and "garnet" in name else [])


@pytest.mark.parametrize(
    ("name", "prototype", "mixed"),
    [
        ("mixed perovskite", PEROVSKITE, "A"),
        ("mixed perovskite", PEROVSKITE, "B"),
        *[(f"garnet, {site} mixed", GARNET, site) for site in "CAD"],
    ],
)
def test_the_networks_take_the_ordered_descriptors(name, prototype, mixed):
    oxide = [{Ion("Al", 3): 1.0} for _ in prototype.sites]
    inputs = ordered_descriptors([oxide], [1], mixed=mixed, prototype=prototype)
    assert build_oxide_network(NETWORKS[name], seed=0)(inputs).shape == (1, 1)
    unmixed = averaged_descriptors([oxide], prototype)
    assert unmixed.shape[1] == NETWORKS[name.split(",")[0].split()[-1]].n_inputs


def test_it_is_the_same_after_saving(tmp_path):
    model = build_oxide_network(NETWORKS["garnet, A mixed"], seed=3)
    model.save(tmp_path / "oxides.keras")
    again = keras.models.load_model(tmp_path / "oxides.keras")
    inputs = np.random.default_rng(0).normal(size=(5, 11)).astype(np.float32)
    np.testing.assert_array_equal(model(inputs), again(inputs))


def test_it_learns_eight_oxides():
    descriptors, energies = samples(10)
    settings = replace(FIT, batch_size=8, validation_share=0.2, patience=100, steps=1_000)
    network = train_oxide_network(descriptors, energies, hidden=24, settings=settings)
    assert network.fitted.loss[-1] < 0.02 * network.fitted.loss[0]


def test_it_predicts_new_oxides_in_their_unit_and_is_reproducible(tmp_path):
    (descriptors, energies), (others, truth) = samples(), samples(60, seed=1)
    network = train_oxide_network(descriptors, energies, settings=SHORT, folder=tmp_path)
    error = np.abs(network(others) - truth).mean()
    assert error < 0.4 * np.abs(truth - truth.mean()).mean()
    again = train_oxide_network(descriptors, energies, settings=SHORT, folder=tmp_path)
    assert again.fitted.seconds == network.fitted.seconds  # loaded, not trained
    before = network(others)
    # Another training in between leaves the first network as it is.
    train_oxide_network(descriptors, -energies, settings=SHORT)
    np.testing.assert_array_equal(network(others), before)
    fresh = train_oxide_network(descriptors, energies, settings=SHORT)
    np.testing.assert_array_equal(fresh(others), before)


def test_units_of_the_descriptors_and_a_constant_column_do_not_matter():
    descriptors, energies = samples()
    scaled = np.column_stack([descriptors * [0.01, 1, 0.01, 1], np.full(len(descriptors), 7.0)])
    one = train_oxide_network(scaled, energies, settings=SHORT)
    assert one.deviations[-1] == 1
    assert np.isfinite(one(scaled)).all()
    ours = train_oxide_network(descriptors, energies, settings=SHORT)(descriptors)
    inches = train_oxide_network(descriptors * 2, energies, settings=SHORT)(descriptors * 2)
    np.testing.assert_allclose(ours, inches, atol=1e-6)


def test_dropout_is_reproducible():
    descriptors, energies = samples(60)
    short = replace(SHORT, steps=50, check_every=50)
    one, other = (
        train_oxide_network(descriptors, energies, linear=8, dropout=0.1, settings=short)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one(descriptors), other(descriptors))


def test_bad_samples_and_settings_are_named():
    descriptors, energies = samples(20)
    with pytest.raises(ValueError, match=r"energies must differ; got 1\.0 for all"):
        train_oxide_network(descriptors, np.ones(20))
    with pytest.raises(ValueError, match=r"energies must have shape \(20,\)"):
        train_oxide_network(descriptors, energies[:-1])
    with pytest.raises(ValueError, match="settings must have numbers of steps and check_every"):
        train_oxide_network(descriptors, energies, settings=replace(FIT, steps=None))
    with pytest.raises(ValueError, match=r"dropout must lie in \[0, 1\)"):
        Layers(4, 12, 8, 1.0)


def test_no_row_is_predicted_by_a_model_that_has_seen_it():
    rows = np.arange(10.0)[:, np.newaxis]
    seen = []

    def train(descriptors, energies):
        seen.append(set(energies))
        return lambda others: np.array([float(one in seen[-1]) for one in others[:, 0]])

    folds = np.array_split(np.random.default_rng(0).permutation(10), 3)
    assert not held_out_predictions(train, rows, rows[:, 0], folds).any()
    assert [len(one) for one in seen] == [6, 7, 7]
    with pytest.raises(ValueError, match="folds must have each of the 10 rows of descriptors once"):
        held_out_predictions(train, rows, rows[:, 0], folds[:2])


def test_the_baselines_predict_mean_and_samples():
    descriptors, energies = samples()
    others, truth = samples(60, seed=1)
    np.testing.assert_array_equal(train_mean(descriptors, energies)(others), energies.mean())
    forest = train_forest(descriptors, energies, n_trees=50)
    assert np.abs(forest(others) - truth).mean() < 0.5 * np.abs(truth - truth.mean()).mean()
    again = train_forest(descriptors, energies, n_trees=50)
    np.testing.assert_array_equal(again(others), forest(others))
    with pytest.raises(ValueError, match=r"descriptors must have shape \(n, 4\)"):
        forest(others[:, :2])
