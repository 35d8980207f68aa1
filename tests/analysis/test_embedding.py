import keras
import numpy as np
import pytest

from mdesign.analysis.embedding import activations, nearest_examples, principal_components, tsne

RNG = np.random.default_rng(0)


def test_activations_are_those_of_the_layer():
    inputs = keras.Input((3,))
    hidden = keras.layers.Dense(5, "relu", name="hidden")(inputs)
    network = keras.Model(inputs, keras.layers.Dense(1, name="last")(hidden))
    points = RNG.normal(size=(7, 3))
    kernel, bias = network.get_layer("hidden").get_weights()
    expected = np.maximum(points @ kernel + bias, 0)
    np.testing.assert_allclose(activations(network, points, "hidden"), expected, atol=1e-6)
    with pytest.raises(ValueError, match="layer must be one of"):
        activations(network, points, "nowhere")


def test_points_on_a_line_have_one_component():
    t = np.linspace(-1, 2, 9)
    points = np.outer(t, [3.0, -4.0, 0.0]) + 1
    scores, shares = principal_components(points)
    np.testing.assert_allclose(shares, [1, 0], atol=1e-12)
    # The largest weight, that of -4, is made positive.
    np.testing.assert_allclose(scores[:, 0], -5 * (t - t.mean()), atol=1e-12)
    with pytest.raises(ValueError, match="n_components must"):
        principal_components(points, 4)
    with pytest.raises(ValueError, match="two vectors or more; got 1"):
        principal_components(points[:1], 1)


def test_tsne_keeps_groups_together_and_is_reproducible():
    groups = np.repeat(np.eye(3) * 20, 15, axis=0) + RNG.normal(size=(45, 3))
    placed = tsne(groups, perplexity=8)
    np.testing.assert_array_equal(tsne(groups, perplexity=8), placed)
    rows, _ = nearest_examples(placed, placed, 6, metric="euclidean")
    assert (rows // 15 == np.arange(45)[:, np.newaxis] // 15).all()
    with pytest.raises(ValueError, match="perplexity must be below the number of vectors, 45"):
        tsne(groups, perplexity=45)
    with pytest.raises(ValueError, match="values must differ; got 50 equal vectors"):
        tsne(np.ones((50, 3)))


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_nearest_examples_against_brute_force(metric):
    queries, examples = RNG.normal(size=(6, 4)), RNG.normal(size=(30, 4))
    if metric == "cosine":
        unit = [a / np.linalg.norm(a, axis=1, keepdims=True) for a in (queries, examples)]
        all_distances = 1 - unit[0] @ unit[1].T
    else:
        all_distances = np.linalg.norm(queries[:, np.newaxis] - examples, axis=2)
    rows, distances = nearest_examples(queries, examples, 4, metric=metric)
    np.testing.assert_array_equal(rows, np.argsort(all_distances, axis=1)[:, :4])
    np.testing.assert_allclose(distances, np.sort(all_distances, axis=1)[:, :4], atol=1e-12)
    with pytest.raises(ValueError, match="k must"):
        nearest_examples(queries, examples, 31)
    with pytest.raises(ValueError, match=r"queries must have shape \(m, 4\)"):
        nearest_examples(queries[:, :3], examples)
