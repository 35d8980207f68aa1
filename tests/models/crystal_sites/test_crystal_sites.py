"""Networks of crystal sites: their layers, what they learn, and their baselines."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from mdesign.crystals import element_families
from mdesign.data.sets.sites import Sites
from mdesign.models.crystal_sites.baselines import train_commonest, train_direct, train_pca
from mdesign.models.crystal_sites.errors import errors_within_families, top_k_error
from mdesign.models.crystal_sites.network import (
    DEPTH,
    PAPER,
    Layout,
    build_autoencoder,
    build_sigmoid_classifier,
    build_softmax_classifier,
    depth,
    encoder_of,
    reconstruction_error,
)
from mdesign.models.crystal_sites.training import (
    SHORT_FIT,
    train_autoencoder,
    train_classifiers,
    train_site_model,
    weighted_cross_entropy,
)

TINY = Layout((16, 32), 1, 64, 8)
FIT = replace(SHORT_FIT, batch_size=8, epochs=120, learning_rate=5e-3)


def sites(n: int = 8, seed: int = 0) -> Sites:
    """Sites of a few kinds, each with a pattern and an element of its own, and some noise."""
    rng = np.random.default_rng(seed)
    kinds = np.random.default_rng(9).random((4, 16, 16, 12)) ** 8
    kind = np.arange(n) % 4
    values = kinds[kind] * rng.uniform(0.9, 1.1, (n, 16, 16, 12))
    values += values.transpose(0, 2, 1, 3)
    values /= values.sum(axis=(1, 2, 3), keepdims=True)
    numbers = np.array([8, 26, 11, 17])[kind]
    ones = np.ones(n, int)
    return Sites(values, ones, numbers, ones, np.arange(n + 1), np.full(n, "A 1 1"))


def test_the_autoencoder_of_the_paper_has_42_layers_and_64_latents():
    model = build_autoencoder(PAPER, seed=0)
    assert depth(model) == 42
    assert model.input_shape == model.output_shape == (None, 16, 16, 12)
    assert np.prod(model.input_shape[1:]) == 3_072
    assert encoder_of(model).output_shape == (None, 64)


@pytest.mark.parametrize("build", [build_sigmoid_classifier, build_softmax_classifier])
def test_the_classifiers_have_five_layers_and_118_outputs(build):
    model = build(seed=0)
    assert depth(model) == DEPTH == 5
    assert model.output_shape == (None, 118)
    norms = [one for one in model.layers if isinstance(one, keras.layers.BatchNormalization)]
    assert len(norms) == (4 if build is build_softmax_classifier else 0)
    outputs = keras.ops.convert_to_numpy(model(np.ones((3, model.input_shape[1]))))
    adds_up = np.allclose(outputs.sum(axis=1), 1, atol=1e-5)
    assert adds_up == (build is build_softmax_classifier)


@pytest.mark.parametrize("divergence", [None, 1e-3])
def test_they_are_the_same_after_saving(tmp_path, divergence):
    inputs = sites().fingerprints.astype(np.float32)
    model = build_autoencoder(TINY, divergence=divergence, seed=3)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model(inputs), again(inputs))


def test_latents_vary_in_training_alone_and_have_a_divergence():
    model = build_autoencoder(TINY, divergence=1.0, seed=0)
    inputs = sites().fingerprints.astype(np.float32)
    layer = model.get_layer("sample")
    mean, log_variance = np.full((2, 8), 2.0, np.float32), np.zeros((2, 8), np.float32)
    np.testing.assert_array_equal(layer(mean, log_variance), mean)
    assert float(layer.losses[-1]) == pytest.approx(8 * 0.5 * 4)  # 1/2 mean^2 a latent
    drawn = layer(np.zeros((4_000, 8), np.float32), np.full((4_000, 8), np.log(4.0)), training=True)
    assert float(np.std(drawn)) == pytest.approx(2, rel=0.03)
    np.testing.assert_array_equal(model(inputs), model(inputs))


def test_the_reconstruction_error_is_between_0_and_2():
    fingerprints = sites().fingerprints.astype(np.float32)
    perfect = reconstruction_error(fingerprints, np.sqrt(fingerprints))
    np.testing.assert_allclose(perfect, 0, atol=1e-6)
    zero = reconstruction_error(fingerprints, np.zeros_like(fingerprints))
    np.testing.assert_allclose(zero, 1, atol=2e-3)


def test_an_error_on_the_present_element_weighs_more():
    present, likely = np.eye(4)[:1], np.array([[0.5, 0.25, 1e-9, 1e-9]])
    expected = -(3 * np.log(0.5) + np.log(0.75)) / 4
    loss = weighted_cross_entropy(present, likely, weight=3.0)
    np.testing.assert_allclose(loss, expected, rtol=1e-6)


def test_it_learns_eight_sites_and_keeps_what_it_learnt(tmp_path):
    data, others = sites(), sites(8, seed=1)
    fits = {"autoencoder": FIT, "classifiers": FIT, "folder": tmp_path}
    model = train_site_model(data, others, layout=TINY, width=32, **fits)
    losses = model.autoencoder.fitted.loss
    assert losses[-1] < 0.3 * losses[0]
    probabilities = model(data.fingerprints)
    assert probabilities.shape == (8, 118)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert top_k_error(probabilities, data.numbers) == 0
    likely = model.classifiers.likely(model.autoencoder(data.fingerprints))
    assert (likely.argmax(axis=1) + 1).tolist() == data.numbers.tolist()
    assert model.classifiers.element_vectors.shape == (118, 32)
    again = train_site_model(data, others, layout=TINY, width=32, **fits)
    assert again.autoencoder.fitted.seconds == model.autoencoder.fitted.seconds  # loaded
    np.testing.assert_array_equal(again(data.fingerprints), probabilities)


def test_two_trainings_with_one_seed_are_the_same():
    data = sites()
    one, other = (
        train_autoencoder(data, data, layout=TINY, settings=replace(FIT, epochs=2))
        for _ in range(2)
    )
    np.testing.assert_array_equal(one(data.fingerprints), other(data.fingerprints))
    error = np.abs(one.reconstructions(data.fingerprints) - data.fingerprints).max()
    assert 0 < error < 1


def test_the_baselines_predict():
    data, others = sites(40), sites(20, seed=1)
    shares = train_commonest(data)(others.fingerprints)
    np.testing.assert_allclose(shares[:, [7, 25]], 0.25)
    pca = train_pca(data, n_latent=3)
    latents = pca(data.fingerprints)
    np.testing.assert_allclose(latents.std(axis=0), 1, rtol=0.05)
    assert np.abs(pca.reconstructions(data.fingerprints) - data.fingerprints).max() < 0.01
    fit = replace(FIT, epochs=20)
    parts = (latents, data.numbers), (pca(others.fingerprints), others.numbers)
    assert (
        top_k_error(train_direct(*parts, width=16, settings=fit)(parts[1][0]), others.numbers) == 0
    )
    with pytest.raises(ValueError, match=r"n_latent must lie in \[1, 40\]; got 41"):
        train_pca(data, n_latent=41)


def test_errors_are_counted():
    probabilities = np.eye(118)[[7, 15, 25]]
    assert top_k_error(probabilities, [8, 16, 26]) == 0
    assert top_k_error(probabilities, [8, 17, 27]) == pytest.approx(2 / 3)
    assert top_k_error(probabilities, [8, 17, 27], k=118) == 0
    within = errors_within_families(probabilities, [8, 34, 17])
    assert within.share == 0.5 and within.chance == pytest.approx(1 / 4)
    with pytest.raises(ValueError, match="probabilities must have an error at least; got none"):
        errors_within_families(probabilities, [8, 16, 26])


def test_families_are_groups_and_rows():
    families = element_families()
    sizes = {name: families.count(name) for name in set(families)}
    assert sizes["4f"] == sizes["5f"] == 14 and sizes["3d"] == sizes["5d"] == 10
    assert sizes["group 1"] == sizes["group 18"] == 7 and sum(sizes.values()) == 118
    assert families[56] == families[69] == "4f" and families[70] == "5d"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Layout((2,) * 5), "filters must be those of 1 to 4 stages; got 5"),
        (lambda: Layout((2, 0)), "filters must be at least 1"),
        (
            lambda: train_classifiers((np.ones((3, 2)), [1, 2]), (np.ones((3, 2)), [1, 2, 3])),
            r"train must have shape \(3,\)",
        ),
        (
            lambda: train_classifiers((np.ones((2, 2)), [1, 119]), (np.ones((1, 2)), [1])),
            r"train must lie in \[1, 118\]; got 119",
        ),
        (lambda: top_k_error(np.eye(118)[:2], [1, 2, 3]), r"numbers must have shape \(2,\)"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
