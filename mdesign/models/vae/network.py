"""Encoder and decoder, and three losses: plain, variational and morphology-consistent.

Images hold values in (0, 1); phase 1 is bright.

Cang et al., Comput. Mater. Sci. 150, 212 (2018): layers, filters, collapse and style.
Kingma and Welling, arXiv:1312.6114 (2013): the variational autoencoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from mdesign import arguments
from mdesign.models.losses import collapse_loss, style_distance

__all__ = [
    "FILTERS",
    "KINDS",
    "MorphologyWeights",
    "Variational",
    "build_decoder",
    "build_encoder",
    "check_shape",
    "divergence",
    "squared_error",
]

#: Plain autoencoder, variational autoencoder, and the latter with a loss on its morphology.
KINDS = ("autoencoder", "vae", "morphology")

#: Pixels of the paper's images, to which the squared error of images of any size is scaled.
PIXELS = 128**2

#: Feature maps of the encoder's pairs of layers; the decoder has them in the other order.
FILTERS = (32, 64, 96)
N_DENSE = 256
KERNEL = 4
SLOPE = 0.2
MOMENTUM = 0.9
SHRINK = 2 ** len(FILTERS)

#: Side of the map that the paper's decoder starts from.
SEED_SIDE = 16


def build_encoder(
    size: int, *, width: float = 1.0, n_latent: int = 16, variational: bool = True, seed: int
) -> keras.Model:
    """Build three pairs of convolutions, the second of each with stride 2, and dense layers.

    Maps images ``(n, size, size, 1)`` in (0, 1) to latents ``(n, n_latent)``; a variational one to
    their mean and the logarithm of their variance.

    Parameters
    ----------
    size : int
        Side of the images, a multiple of 8.
    width : float
        Factor on the number of maps and neurons of every hidden layer; 1 as in the paper.
    """
    size, width, n_latent = check_shape(size, width, n_latent)
    seed = arguments.whole("seed", seed, "[0, inf)")
    images = keras.Input((size, size, 1), name="image")
    state = images
    for number, filters in enumerate(FILTERS):
        for stride in (1, 2):
            name = f"convolution_{2 * number + stride}"
            own = seed + 2 * number + stride
            state = _convolution(state, _scaled(filters, width), stride, seed=own, name=name)
    state = keras.layers.Flatten(name="flat")(state)
    state = _dense(_scaled(N_DENSE, width), seed=seed + 7, name="hidden")(state)
    state = keras.layers.LeakyReLU(negative_slope=SLOPE, name="hidden_relu")(state)
    latents = _dense(n_latent, seed=seed + 8, name="latent")(state)
    if variational:
        latents = [latents, _dense(n_latent, seed=seed + 9, name="log_variance")(state)]
    return keras.Model(images, latents, name="encoder")


def build_decoder(size: int, *, width: float = 1.0, n_latent: int = 16, seed: int) -> keras.Model:
    """Build transposed convolutions from latents ``(n, n_latent)`` to images in (0, 1).

    They start from a map of one channel, of 16 by 16 for the paper's images of 128 by 128. For
    smaller images it keeps its resolution, which places the pores: the first pairs of layers
    then keep the sides, and at least the last doubles them. Parameters as in `build_encoder`.
    """
    size, width, n_latent = check_shape(size, width, n_latent)
    seed = arguments.whole("seed", seed, "[0, inf)")
    n_pairs = len(FILTERS)
    doublings = next((k for k in range(1, n_pairs) if size <= SEED_SIDE * 2**k), n_pairs)
    side = size // 2**doublings
    latents = keras.Input((n_latent,), name="latent")
    state = _dense(_scaled(N_DENSE, width), seed=seed + 1, name="hidden")(latents)
    state = keras.layers.LeakyReLU(negative_slope=SLOPE, name="hidden_relu")(state)
    state = _dense(side**2, seed=seed + 2, name="pixels")(state)
    state = keras.layers.Reshape((side, side, 1), name="seed_map")(state)
    for number, filters in enumerate(reversed(FILTERS)):
        for layer in (1, 2):
            name = f"deconvolution_{2 * number + layer}"
            own = seed + 2 + 2 * number + layer
            maps = _scaled(filters, width)
            stride = 2 if layer == 2 and number >= n_pairs - doublings else 1
            state = _convolution(state, maps, stride, seed=own, name=name, transposed=True)
    images = keras.layers.Conv2D(
        1,
        KERNEL,
        padding="same",
        activation="sigmoid",
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 9),
        name="image",
    )(state)
    return keras.Model(latents, images, name="decoder")


@dataclass(frozen=True)
class MorphologyWeights:
    """Weights of `squared_error`, `divergence`, `collapse_loss` and `style_distance`."""

    reconstruction: float = 1.0
    divergence: float = 1.0
    collapse: float = 300.0
    style: float = 10_000.0

    def __post_init__(self) -> None:
        names = ("reconstruction", "divergence", "collapse", "style")
        arguments.settle(self, **dict.fromkeys(names, "[0, inf)"))


class Variational(keras.Model):
    """An encoder and a decoder that learn together.

    One training step takes ``(images, others, noise, latents)``: images to be reconstructed, as
    many authentic ones to compare samples with, and standard normal noise for the latent variables
    of the former and latents of the samples. The kind ``"autoencoder"`` has the squared error of
    the reconstruction; ``"vae"`` adds the divergence; ``"morphology"`` the collapse and the style
    of samples from the prior too, seen by a fixed feature network, best
    `mdesign.models.features.whitened`.
    """

    def __init__(
        self,
        kind: str,
        encoder: keras.Model,
        decoder: keras.Model,
        features: keras.Model | None = None,
        *,
        weights: MorphologyWeights | None = None,
    ) -> None:
        super().__init__(name=kind)
        arguments.choice("kind", kind, KINDS)
        if len(encoder.outputs) != 1 + (kind != "autoencoder"):
            raise ValueError(
                f"encoder must have a variance unless the kind is 'autoencoder'; got kind {kind!r} "
                f"and {len(encoder.outputs)} output(s)"
            )
        if kind == "morphology" and features is None:
            raise ValueError("features must be a network for the kind 'morphology'; got None")
        self.kind = kind
        self.encoder = encoder
        self.decoder = decoder
        self.features: Any = features
        self.loss_weights = weights or MorphologyWeights()
        self.built = True

    def compile_optimizer(self, optimizer: keras.optimizers.Optimizer) -> None:
        """Set the optimiser of both networks."""
        super().compile(jit_compile="auto")
        self.both_optimizer = optimizer
        optimizer.build(self._variables())

    def train_step(self, data: Any) -> dict[str, Any]:
        """Update both networks once."""
        images, others, noise, latents = data[0]
        with tf.GradientTape() as tape:
            losses = self._terms(images, others, noise, latents)
            loss = sum(getattr(self.loss_weights, name) * part for name, part in losses.items())
        variables = self._variables()
        self.both_optimizer.apply(tape.gradient(loss, variables), variables)
        return losses

    def _terms(self, images: Any, others: Any, noise: Any, latents: Any) -> dict[str, Any]:
        codes, losses = self._encode(images, noise)
        if self.kind != "morphology":
            decoded = self.decoder(codes, training=True)
            return losses | {"reconstruction": squared_error(images, decoded)}
        # All in one batch: normalised apart, samples could be told from reconstructions, and
        # the decoder would learn two languages.
        decoded = self.decoder(ops.concatenate([codes, latents]), training=True)
        reconstructed, samples = ops.split(decoded, 2)
        real_maps, maps = self.features(2 * others - 1), self.features(2 * samples - 1)
        return losses | {
            "reconstruction": squared_error(images, reconstructed),
            "collapse": collapse_loss(real_maps, maps),
            "style": style_distance(real_maps, maps),
        }

    def _encode(self, images: Any, noise: Any) -> tuple[Any, dict[str, Any]]:
        """Latent variables of images, and the loss on them."""
        if self.kind == "autoencoder":
            return self.encoder(images, training=True), {}
        mean, log_variance = self.encoder(images, training=True)
        codes = mean + ops.exp(0.5 * log_variance) * noise
        return codes, {"divergence": divergence(mean, log_variance)}

    def _variables(self) -> list[Any]:
        return self.encoder.trainable_variables + self.decoder.trainable_variables


def squared_error(images: Any, decoded: Any) -> Any:
    """Mean squared difference of a pixel, times the pixels of one of the paper's images.

    The balance between this error and the divergence is then that of the paper at any size.
    """
    return PIXELS * ops.mean((images - decoded) ** 2)


def divergence(mean: Any, log_variance: Any) -> Any:
    """Kullback-Leibler divergence of Gaussians ``(n, n_latent)`` from the standard normal.

    The mean over n; Kingma and Welling, Appendix B.
    """
    parts = mean**2 + ops.exp(log_variance) - log_variance - 1
    return 0.5 * ops.mean(ops.sum(parts, axis=1))


def check_shape(size: int, width: float, n_latent: int) -> tuple[int, float, int]:
    """Check what gives the networks their shape; a width above 100 would not fit in a memory."""
    size = arguments.whole("size", size)
    if size % SHRINK:
        raise ValueError(f"size must be a positive multiple of {SHRINK}; got {size}")
    width = arguments.number("width", width, "(0, 100]")
    return size, width, arguments.whole("n_latent", n_latent)


def _scaled(number: int, width: float) -> int:
    return max(1, round(number * width))


def _dense(units: int, *, seed: int, name: str) -> keras.layers.Layer:
    initializer = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Dense(units, kernel_initializer=initializer, name=name)


def _convolution(
    state: Any, filters: int, stride: int, *, seed: int, name: str, transposed: bool = False
) -> Any:
    """Apply one layer with seeded initial weights, batch normalisation and a leaky ReLU.

    Without normalisation the outputs for mostly solid images stay at their mean for a long time.
    """
    layer = keras.layers.Conv2DTranspose if transposed else keras.layers.Conv2D
    state = layer(
        filters,
        KERNEL,
        strides=stride,
        padding="same",
        kernel_initializer=keras.initializers.HeNormal(seed=seed),
        name=name,
    )(state)
    state = keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(state)
    return keras.layers.LeakyReLU(negative_slope=SLOPE, name=f"{name}_relu")(state)
