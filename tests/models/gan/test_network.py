"""The networks, their losses, and whether a training step does what it should."""

import keras
import numpy as np
import pytest

from mdesign.models.batch_norm import settle_norms
from mdesign.models.features import FEATURES, build_feature_network
from mdesign.models.gan.network import Gan, GanWeights, build_discriminator, build_generator
from mdesign.models.losses import collapse_loss, gram, real_or_not, style_loss


def latents(n, height=1, width=1, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (n, height, width, 1)).astype(np.float32)


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.fixture
def gan():
    model = Gan(
        build_generator((8, 8, 8, 8), seed=0),
        build_discriminator(32, (4, 8, 8, 8), seed=1),
        build_feature_network((4, 8), seed=2),
        weights=GanWeights(),
        discriminator_steps=2,
    )
    model.compile_optimizers(keras.optimizers.Adam(5e-3), keras.optimizers.Adam(1e-3))
    return model


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3), (4, 4)])
def test_a_larger_latent_map_makes_a_larger_image(height, width):
    images = array(build_generator(seed=0)(latents(2, height, width)))
    assert images.shape == (2, 32 * height, 32 * width, 1)
    assert np.abs(images).max() < 1


def test_the_generator_has_the_published_size():
    generator = build_generator(seed=0)
    kernels = [w.shape for w in generator.trainable_variables if len(w.shape) == 4]
    assert kernels == [
        (4, 4, 128, 1),
        (4, 4, 64, 128),
        (4, 4, 32, 64),
        (4, 4, 16, 32),
        (4, 4, 1, 16),
    ]


@pytest.mark.parametrize("size", [32, 64, 96])
def test_the_discriminator_gives_one_logit(size):
    discriminator = build_discriminator(size, seed=0)
    assert discriminator.get_layer("logit_map").kernel.shape == (size // 16, size // 16, 128, 1)
    assert array(discriminator(np.zeros((3, size, size, 1), np.float32))).shape == (3, 1)


def test_the_seed_fixes_the_weights():
    first, same, other = (build_generator(seed=seed).get_weights() for seed in (0, 0, 7))
    assert all((a == b).all() for a, b in zip(first, same, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("build", [build_generator, lambda **k: build_discriminator(32, **k)])
def test_networks_survive_saving(tmp_path, build):
    model = build(seed=3)
    model.save(tmp_path / "model.keras")
    inputs = latents(2, 32, 32) if model.name == "discriminator" else latents(2, 2, 2)
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert (array(again(inputs)) == array(model(inputs))).all()


def test_says_what_is_wrong_with_a_network():
    with pytest.raises(ValueError, match="image_size must be a positive multiple of 16"):
        build_discriminator(40, seed=0)
    with pytest.raises(ValueError, match="filters must have 1 or more numbers; got 0"):
        build_generator((), seed=0)
    with pytest.raises(ValueError, match="filters must be at least 1"):
        build_feature_network((4, 0), seed=0)


def test_features_have_the_layout_of_vgg():
    network = build_feature_network((4, 8), seed=0)
    shapes = [maps.shape for maps in network(np.zeros((2, 32, 32, 1), np.float32))]
    assert shapes == [(2, 32, 32, 4), (2, 16, 16, 4), (2, 16, 16, 8), (2, 8, 8, 8)]
    assert not network.trainable_variables
    vgg = keras.applications.VGG19(include_top=False, weights=None)
    full = build_feature_network(seed=0)
    assert {*FEATURES} <= {layer.name for layer in vgg.layers}
    for layer in full.layers:
        if layer.weights:
            expected = [w.shape for w in vgg.get_layer(layer.name).weights]
            assert [w.shape for w in layer.weights] == expected


def test_cross_entropy_is_that_of_the_label():
    logits = np.array([[2.0], [-1.0]], np.float32)
    assert array(real_or_not(logits, real=True)) == pytest.approx(
        np.mean(np.log1p(np.exp(-logits))), rel=1e-5
    )
    assert array(real_or_not(logits, real=False)) == pytest.approx(
        np.mean(np.log1p(np.exp(logits))), rel=1e-5
    )


def test_gram_is_the_mean_product_of_channels():
    maps = np.random.default_rng(0).normal(size=(2, 3, 5, 4)).astype(np.float32)
    expected = np.einsum("nhwc,nhwd->ncd", maps, maps) / 15
    np.testing.assert_allclose(array(gram(maps)), expected, rtol=1e-5, atol=1e-6)


def test_style_is_zero_for_the_same_texture_and_not_for_another():
    network = build_feature_network((4, 8), seed=0)
    rng = np.random.default_rng(0)
    fine = rng.choice([-1.0, 1.0], (8, 32, 32, 1)).astype(np.float32)
    coarse = rng.choice([-1.0, 1.0], (8, 8, 8, 1)).astype(np.float32)
    coarse = coarse.repeat(4, axis=1).repeat(4, axis=2)
    real = network(fine)
    assert array(style_loss(real, real)) == 0
    shifted = array(style_loss(real, network(np.roll(fine, 5, axis=1))))
    assert shifted < 0.05 * array(style_loss(real, network(coarse)))


def test_collapse_is_one_for_one_image_and_near_zero_for_independent_ones():
    rng = np.random.default_rng(0)
    real = [rng.normal(size=(8, 16, 16, 4)).astype(np.float32) + 3]
    alike = [real[0][:1].repeat(8, axis=0)]
    assert array(collapse_loss(real, alike)) == pytest.approx(1, abs=1e-4)
    assert array(collapse_loss(real, real)) < 0.01


def test_each_step_teaches_its_own_network(gan):
    images = np.ones((8, 32, 32, 1), np.float32)
    before = [model.get_weights() for model in (gan.discriminator, gan.generator, gan.features)]
    gan._discriminator_step(images, latents(8))
    assert changed(gan.discriminator, before[0])
    assert not trained(gan.generator, before[1])
    kernels = gan.discriminator.get_weights()[0]
    gan._generator_step(images, latents(8))
    assert (gan.discriminator.get_weights()[0] == kernels).all()
    assert trained(gan.generator, before[1])
    assert not changed(gan.features, before[2])


def changed(model, before):
    return any((a != b).any() for a, b in zip(model.get_weights(), before, strict=True))


def trained(model, before):
    """Whether a kernel changed; the moving means of a generator always do."""
    return (model.get_weights()[0] != before[0]).any()


def test_settled_norms_make_inference_agree_with_training():
    generator = build_generator((8, 8), seed=0)
    inputs = latents(64, 4, 4)
    batch = array(generator(inputs, training=True))
    assert np.abs(array(generator(inputs)) - batch).max() > 0.01
    settle_norms(generator, inputs)
    np.testing.assert_allclose(array(generator(inputs)), batch, atol=1e-4)
    assert {layer.momentum for layer in generator.layers if "norm" in layer.name} == {0.99}


class Batches(keras.utils.PyDataset):
    """The same random texture of nine tenths of phase 1 in each batch."""

    def __len__(self):
        return 40

    def __getitem__(self, index):
        rng = np.random.default_rng(index)
        images = np.where(rng.random((16, 32, 32, 1)) < 0.9, 1.0, -1.0)
        return ((images.astype(np.float32), latents(24, seed=index)),)


def test_training_learns_an_easy_texture(gan):
    gan.loss_weights = GanWeights(collapse=0.0)
    losses = []
    record = keras.callbacks.LambdaCallback(on_train_batch_end=lambda _, logs: losses.append(logs))
    gan.fit(Batches(), verbose=0, shuffle=False, callbacks=[record])
    assert set(losses[0]) == {"discriminator", "generator", "collapse", "style"}
    assert losses[-1]["style"] < 0.5 * losses[0]["style"]
