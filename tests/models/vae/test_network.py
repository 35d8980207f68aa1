"""The networks, the terms of their loss, and whether a training step does what it should."""

import keras
import numpy as np
import pytest

from mdesign.models.features import build_feature_network, whitened
from mdesign.models.losses import style_distance, style_loss
from mdesign.models.vae.network import (
    MorphologyWeights,
    Variational,
    build_decoder,
    build_encoder,
    divergence,
    squared_error,
)

SIZE, N = 16, 8


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def blocks(n, side, *, seed=0, share=0.8, size=SIZE):
    """Random images of square grains, a share of them bright."""
    rng = np.random.default_rng(seed)
    bright = rng.random((n, size // side, size // side, 1)) < share
    return bright.repeat(side, axis=1).repeat(side, axis=2).astype(np.float32)


def normal(n, n_latent=16, seed=0):
    return np.random.default_rng(seed).standard_normal((n, n_latent)).astype(np.float32)


def model_of(kind, **weights):
    images = blocks(40, 4, seed=9)
    features = whitened(build_feature_network((4, 8), seed=3), 2 * images - 1)
    model = Variational(
        kind,
        build_encoder(SIZE, width=0.1, variational=kind != "autoencoder", seed=1),
        build_decoder(SIZE, width=0.1, seed=2),
        features if kind == "morphology" else None,
        weights=MorphologyWeights(**weights),
    )
    model.compile_optimizer(keras.optimizers.Adam(3e-3))
    return model


def layers(model, kinds):
    return [layer for layer in model.layers if isinstance(layer, kinds)]


def test_the_encoder_has_the_layers_of_the_paper():
    encoder = build_encoder(128, seed=0)
    convolutions = layers(encoder, keras.layers.Conv2D)
    assert [layer.filters for layer in convolutions] == [32, 32, 64, 64, 96, 96]
    assert [layer.strides[0] for layer in convolutions] == [1, 2, 1, 2, 1, 2]
    assert {layer.kernel_size for layer in convolutions} == {(4, 4)}
    assert [layer.units for layer in layers(encoder, keras.layers.Dense)] == [256, 16, 16]
    assert [output.shape for output in encoder.outputs] == [(None, 16), (None, 16)]


def test_the_decoder_has_the_layers_of_the_paper():
    decoder = build_decoder(128, seed=0)
    convolutions = layers(decoder, keras.layers.Conv2DTranspose)
    assert decoder.get_layer("seed_map").output.shape == (None, 16, 16, 1)
    assert [layer.filters for layer in convolutions] == [96, 96, 64, 64, 32, 32]
    assert [layer.strides[0] for layer in convolutions] == [1, 2, 1, 2, 1, 2]
    assert decoder.get_layer("image").filters == 1
    assert [layer.units for layer in layers(decoder, keras.layers.Dense)] == [256, 256]
    assert decoder.output_shape == (None, 128, 128, 1)


@pytest.mark.parametrize(("size", "side"), [(16, 8), (32, 16), (64, 16), (128, 16), (256, 32)])
def test_the_seed_map_stays_fine_for_small_images(size, side):
    decoder = build_decoder(size, width=0.1, seed=0)
    assert decoder.get_layer("seed_map").output.shape == (None, side, side, 1)
    assert decoder.output_shape == (None, size, size, 1)


def test_width_scales_hidden_layers_and_nothing_else():
    wide, narrow = (build_decoder(32, width=width, n_latent=5, seed=0) for width in (1.0, 0.5))
    for a, b in zip(wide.layers, narrow.layers, strict=True):
        if isinstance(a, keras.layers.Conv2DTranspose):
            assert a.filters == 2 * b.filters
    assert narrow.input_shape == (None, 5)
    assert narrow.output_shape == wide.output_shape == (None, 32, 32, 1)


@pytest.mark.parametrize("build", [build_encoder, build_decoder])
def test_the_seed_fixes_the_weights_and_saving_keeps_them(build, tmp_path):
    first, same, other = (build(SIZE, width=0.1, seed=seed) for seed in (0, 0, 30))
    for a, b in zip(first.get_weights(), same.get_weights(), strict=True):
        assert (a == b).all()
    pairs = zip(first.get_weights(), other.get_weights(), strict=True)
    assert any((a != b).any() for a, b in pairs)
    first.save(tmp_path / "model.keras")
    inputs = normal(2) if first.name == "decoder" else blocks(2, 4)
    again = keras.saving.load_model(tmp_path / "model.keras")(inputs)
    for a, b in zip(keras.tree.flatten(first(inputs)), keras.tree.flatten(again), strict=True):
        assert (array(a) == array(b)).all()


def test_the_squared_error_is_that_of_an_image_of_the_papers_size():
    images = np.zeros((2, 16, 16, 1), np.float32)
    assert array(squared_error(images, images + 0.5)) == pytest.approx(0.25 * 128**2)
    large = np.zeros((2, 128, 128, 1), np.float32)
    large[0, :10] = 1
    assert array(squared_error(large, np.zeros_like(large))) == pytest.approx(10 * 128 / 2)


def test_the_divergence_is_that_of_gaussians():
    assert array(divergence(np.zeros((3, 2)), np.zeros((3, 2)))) == 0
    mean, deviation = np.array([[1.0, -2.0]]), np.array([[0.5, 3.0]])
    rng = np.random.default_rng(0)
    draws = mean + deviation * rng.standard_normal((400_000, 2))
    ratio = 0.5 * (draws**2 - ((draws - mean) / deviation) ** 2) - np.log(deviation)
    expected = ratio.sum(axis=1).mean()
    found = array(divergence(mean, 2 * np.log(deviation)))
    assert found == pytest.approx(expected, rel=0.01)  # the sampling error is a fifth of it


def test_whitened_maps_are_uncorrelated_with_unit_variance():
    images = 2 * blocks(50, 4) - 1
    plain = build_feature_network((4, 8), seed=0)
    for maps in whitened(plain, images)(images):
        values = array(maps).reshape(-1, maps.shape[-1])
        np.testing.assert_allclose(values.mean(axis=0), 0, atol=2e-3)
        np.testing.assert_allclose(np.cov(values.T), np.eye(values.shape[1]), atol=0.02)


def test_more_blocks_give_more_maps():
    network = build_feature_network((4, 8, 6), seed=0)
    shapes = [maps.shape[1:] for maps in network(np.zeros((1, 16, 16, 1), np.float32))]
    assert shapes[-2:] == [(4, 4, 6), (2, 2, 6)]
    assert len(shapes) == 6


def test_images_without_variance_cannot_whiten():
    with pytest.raises(ValueError, match="images must differ within a map"):
        whitened(build_feature_network((4, 8), seed=0), np.zeros((2, 16, 16, 1)))


def test_style_distance_sees_a_mixture_that_means_do_not():
    """Half the images far too fine and half too coarse may have the right mean."""
    rng = np.random.default_rng(0)

    def maps(scales):
        return [rng.normal(size=(len(scales), 12, 12, 3)) * np.sqrt(scales)[:, None, None, None]]

    real, same = maps(np.ones(40)), maps(np.ones(40))
    mixed = maps(np.repeat([0.2, 1.8], 20))
    alike, apart = (array(style_distance(real, other)) for other in (same, mixed))
    assert abs(alike) < 0.1 * apart
    assert array(style_loss(real, mixed)) < 0.02


def test_style_distance_is_zero_on_average_for_one_distribution():
    network = whitened(build_feature_network((4, 8), seed=0), 2 * blocks(50, 4) - 1)
    draws = [network(2 * blocks(10, 4, seed=seed) - 1) for seed in range(40)]
    found = [array(style_distance(a, b)) for a, b in zip(draws[::2], draws[1::2], strict=True)]
    other = array(style_distance(draws[0], network(2 * blocks(10, 2, seed=99) - 1)))
    assert abs(np.mean(found)) < 0.1 * other
    assert min(found) < 0


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        ("autoencoder", {"reconstruction"}),
        ("vae", {"reconstruction", "divergence"}),
        ("morphology", {"reconstruction", "divergence", "collapse", "style"}),
    ],
)
def test_a_step_teaches_both_networks_by_the_terms_of_its_kind(kind, terms):
    model = model_of(kind)
    before = [part.get_weights()[0] for part in (model.encoder, model.decoder)]
    losses = model.train_step(((blocks(N, 4), blocks(N, 4, seed=1), normal(N), normal(N)),))
    assert set(losses) == terms
    after = [part.get_weights()[0] for part in (model.encoder, model.decoder)]
    assert all((a != b).any() for a, b in zip(before, after, strict=True))


def trained(model, n_steps):
    """Losses of steps on random batches."""

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return n_steps

        def __getitem__(self, index):
            images = [blocks(N, 4, seed=index % 2), blocks(N, 4, seed=100 + index)]
            return ((*images, normal(N, seed=index), normal(N, seed=10_000 + index)),)

    losses = []
    record = keras.callbacks.LambdaCallback(on_train_batch_end=lambda _, logs: losses.append(logs))
    model.fit(Batches(), verbose=0, shuffle=False, callbacks=[record])
    return losses


def test_an_autoencoder_learns_a_few_images_by_heart():
    losses = trained(model_of("autoencoder"), 150)
    assert losses[-1]["reconstruction"] < 0.3 * losses[0]["reconstruction"]


@pytest.mark.parametrize("term", ["reconstruction", "divergence", "collapse", "style"])
def test_each_weight_makes_its_own_term_fall(term):
    weights = dict.fromkeys(("reconstruction", "divergence", "collapse", "style"), 0.0)
    model = model_of("morphology", **(weights | {term: 1.0}))
    model.compile_optimizer(keras.optimizers.Adam(1e-4))
    batch = ((blocks(N, 4), blocks(N, 4, seed=1), normal(N), normal(N, seed=1)),)
    found = [float(model.train_step(batch)[term]) for _ in range(4)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0]


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match="size must be a positive multiple of 8; got 20"):
        build_encoder(20, seed=0)
    with pytest.raises(ValueError, match=r"width must lie in \(0, 100\]; got 0"):
        build_decoder(16, width=0, seed=0)
    with pytest.raises(ValueError, match="n_latent must be at least 1; got 0"):
        build_decoder(16, n_latent=0, seed=0)
    plain = build_encoder(16, width=0.1, variational=False, seed=0)
    full = build_encoder(16, width=0.1, seed=0)
    decoder = build_decoder(16, width=0.1, seed=0)
    with pytest.raises(ValueError, match="kind must be one of"):
        Variational("gan", full, decoder)
    with pytest.raises(ValueError, match="encoder must have a variance"):
        Variational("vae", plain, decoder)
    with pytest.raises(ValueError, match="features must be a network"):
        Variational("morphology", full, decoder)
