"""The generator and the discriminator of microstructure images, both fully convolutional.

Images hold values in (-1, 1); phase 1 is bright.

Yang et al., J. Mech. Des. 140, 111416 (2018): layers of 128-64-32-16-1 and 16-32-64-128-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from mdesign import arguments
from mdesign.models.losses import collapse_loss, real_or_not, style_loss

__all__ = ["Gan", "GanWeights", "build_discriminator", "build_generator"]

KERNEL = 4
STRIDE = 2
SPREAD = 0.02
# With this value the published weights give the published images to the last pixel.
NORM_EPSILON = 1e-3


def build_generator(filters: Sequence[int] = (128, 64, 32, 16), *, seed: int) -> keras.Model:
    """Build transposed convolutions from latents ``(n, h, w, 1)`` to images, both in (-1, 1).

    Each layer doubles both sides: five layers give images ``(n, 32 h, 32 w, 1)`` for any h and w.
    `filters` are the feature maps of each layer but the last, which has one.
    """
    filters = arguments.wholes("filters", filters)
    seed = arguments.whole("seed", seed, "[0, inf)")
    latents = keras.Input((None, None, 1), name="latents")
    state = latents
    for depth, width in enumerate(filters, start=1):
        state = _convolution("transposed", width, seed=seed + depth, name=f"deconvolution_{depth}")(
            state
        )
        state = keras.layers.BatchNormalization(epsilon=NORM_EPSILON, name=f"norm_{depth}")(state)
        state = keras.layers.ReLU(name=f"relu_{depth}")(state)
    last = len(filters) + 1
    state = _convolution("transposed", 1, seed=seed + last, name=f"deconvolution_{last}")(state)
    images = keras.layers.Activation("tanh", name="image")(state)
    return keras.Model(latents, images, name="generator")


def build_discriminator(
    image_size: int, filters: Sequence[int] = (16, 32, 64, 128), *, slope: float = 0.2, seed: int
) -> keras.Model:
    """Build convolutions from an image to one logit ``(n, 1)``, positive for a real image.

    The kernel of the last layer is as large as the map that reaches it. `image_size` is a multiple
    of 2 to the power of the number of `filters`; `slope` is that of the leaky ReLU for negative
    values.
    """
    filters = arguments.wholes("filters", filters)
    image_size = arguments.whole("image_size", image_size)
    slope = arguments.number("slope", slope, "[0, inf)")
    seed = arguments.whole("seed", seed, "[0, inf)")
    shrink = STRIDE ** len(filters)
    if image_size % shrink:
        raise ValueError(
            f"image_size must be a positive multiple of {shrink} for {len(filters)} layers "
            f"of stride {STRIDE}; got {image_size}"
        )
    images = keras.Input((image_size, image_size, 1), name="image")
    state = images
    for depth, width in enumerate(filters, start=1):
        state = _convolution("plain", width, seed=seed + depth, name=f"convolution_{depth}")(state)
        state = keras.layers.BatchNormalization(epsilon=NORM_EPSILON, name=f"norm_{depth}")(state)
        state = keras.layers.LeakyReLU(negative_slope=slope, name=f"relu_{depth}")(state)
    initializer = keras.initializers.TruncatedNormal(stddev=SPREAD, seed=seed + len(filters) + 1)
    logits = keras.layers.Conv2D(
        1, image_size // shrink, kernel_initializer=initializer, name="logit_map"
    )(state)
    return keras.Model(images, keras.layers.Flatten(name="logit")(logits), name="discriminator")


def _convolution(kind: str, width: int, *, seed: int, name: str) -> keras.layers.Layer:
    """Create one strided layer with seeded initial weights."""
    layer = keras.layers.Conv2DTranspose if kind == "transposed" else keras.layers.Conv2D
    return layer(
        width,
        KERNEL,
        strides=STRIDE,
        padding="same",
        kernel_initializer=keras.initializers.TruncatedNormal(stddev=SPREAD, seed=seed),
        name=name,
    )


@dataclass(frozen=True)
class GanWeights:
    """Weights of `collapse_loss` and `style_loss` beside the adversarial loss of the generator.

    Both losses are relative, so that one pair of weights suits any feature network. The paper's
    weights, 0.03 each, multiply sums that grow with the activations of VGG.
    """

    collapse: float = 100.0
    style: float = 10.0

    def __post_init__(self) -> None:
        arguments.settle(self, collapse="[0, inf)", style="[0, inf)")


class Gan(keras.Model):
    """A generator and a discriminator that learn from each other; the feature network is fixed.

    One training step takes ``(images, latents)``: the images are cut into as many parts as the
    discriminator makes steps, the latents into one part more, the last for the generator.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        features: keras.Model,
        *,
        weights: GanWeights,
        discriminator_steps: int = 3,
    ) -> None:
        super().__init__(name="gan")
        self.generator = generator
        self.discriminator = discriminator
        self.features = features
        self.loss_weights = weights
        self.discriminator_steps = arguments.whole("discriminator_steps", discriminator_steps)
        self.built = True

    def compile_optimizers(
        self, generator: keras.optimizers.Optimizer, discriminator: keras.optimizers.Optimizer
    ) -> None:
        """Set the optimiser of each network."""
        super().compile(jit_compile="auto")
        self.generator_optimizer = generator
        self.discriminator_optimizer = discriminator
        generator.build(self.generator.trainable_variables)
        discriminator.build(self.discriminator.trainable_variables)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Update the discriminator several times, then the generator once."""
        images, latents = data[0]
        parts = self.discriminator_steps
        real = ops.split(images, parts)
        drawn = ops.split(latents, parts + 1)
        for step in range(parts):
            discriminator_loss = self._discriminator_step(real[step], drawn[step])
        losses = self._generator_step(real[-1], drawn[-1])
        return {"discriminator": discriminator_loss, **losses}

    def _discriminator_step(self, images: Any, latents: Any) -> Any:
        """Train the discriminator to tell real images from generated ones."""
        generated = self.generator(latents, training=True)
        with tf.GradientTape() as tape:
            loss = real_or_not(self.discriminator(images, training=True), real=True)
            loss += real_or_not(self.discriminator(generated, training=True), real=False)
        variables = self.discriminator.trainable_variables
        self.discriminator_optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    def _generator_step(self, images: Any, latents: Any) -> dict[str, Any]:
        """Train the generator to pass for real, with texture and variety."""
        real_maps = self.features(images)
        with tf.GradientTape() as tape:
            generated = self.generator(latents, training=True)
            maps = self.features(generated)
            adversarial = real_or_not(self.discriminator(generated, training=True), real=True)
            collapse = collapse_loss(real_maps, maps)
            style = style_loss(real_maps, maps)
            loss = (
                adversarial
                + self.loss_weights.collapse * collapse
                + self.loss_weights.style * style
            )
        variables = self.generator.trainable_variables
        self.generator_optimizer.apply(tape.gradient(loss, variables), variables)
        return {"generator": adversarial, "collapse": collapse, "style": style}
