"""Three networks: an autoencoder of fingerprints, and two classifiers of elements.

The elements are those of the periodic table, 118 in the order of their atomic numbers.

K. Ryan, J. Lengyel, M. Shatruk, J. Am. Chem. Soc. 140, 10158 (2018), as the review describes it:
the widths of the layers are not stated and are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, no_type_check

import keras
from keras import ops

from mdesign.arguments import number, settle, whole
from mdesign.crystals.composition import ELEMENTS
from mdesign.crystals.fingerprint import SHAPE

__all__ = [
    "DEPTH",
    "N_ELEMENTS",
    "PAPER",
    "SMALL",
    "LatentSample",
    "Layout",
    "build_autoencoder",
    "build_sigmoid_classifier",
    "build_softmax_classifier",
    "depth",
    "encoder_of",
    "reconstruction_error",
]

N_ELEMENTS = len(ELEMENTS)

DEPTH = 5
"""Layers with weights of each classifier."""

_KERNEL = 3
_SCALE = prod(SHAPE) ** 0.5
"""Square roots of a fingerprint, whose squares add up to 1, are about 1 in this unit."""

_MOMENTUM = 0.9


@dataclass(frozen=True)
class Layout:
    """Size of the autoencoder; the decoder has the layers of the encoder in the other order.

    Parameters
    ----------
    filters : tuple of int
        Feature maps of each stage; a stage halves the sides of the maps, 16 at the beginning.
    convolutions : int
        Convolutions of a stage. The first halves the sides, each other one adds to its input.
    hidden : int
        Neurons of the dense layer between maps and latents.
    n_latent : int
        Numbers that are kept of a fingerprint.
    """

    filters: tuple[int, ...] = (24, 48)
    convolutions: int = 1
    hidden: int = 256
    n_latent: int = 64

    def __post_init__(self) -> None:
        settle(
            self,
            filters="[1, inf)",
            convolutions="[1, inf)",
            hidden="[1, inf)",
            n_latent="[1, inf)",
        )
        most = SHAPE[0].bit_length() - 1
        if not 1 <= len(self.filters) <= most:
            raise ValueError(
                f"filters must be those of 1 to {most} stages; got {len(self.filters)} of them"
            )


SMALL = Layout()
"""An autoencoder that two cores train in minutes."""

PAPER = Layout((64, 128, 256), 6, 512, 64)
"""An autoencoder of 42 layers with weights, as many as in the paper."""


@keras.saving.register_keras_serializable(package="mdesign")
@no_type_check  # Keras reads the signatures
class LatentSample(keras.layers.Layer):
    """Draw latents around their mean in training, and add their divergence to the loss.

    The divergence is that of Kullback and Leibler from the standard normal, in units of `weight`.
    """

    def __init__(self, weight: float, seed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.weight = weight
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, mean: Any, log_variance: Any, training: bool | None = None) -> Any:
        """Return the latents, outside training their mean."""
        parts = mean**2 + ops.exp(log_variance) - log_variance - 1
        self.add_loss(self.weight * 0.5 * ops.mean(ops.sum(parts, axis=1)))
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise

    def compute_output_shape(self, mean_shape: Any, log_variance_shape: Any) -> Any:
        """Return the shape of the latents."""
        return mean_shape

    def get_config(self) -> dict[str, Any]:
        """Return what the layer was made with."""
        return super().get_config() | {"weight": self.weight, "seed": self.seed}


def build_autoencoder(
    layout: Layout = SMALL, *, divergence: float | None = 1e-4, seed: int
) -> keras.Model:
    """Build an autoencoder of fingerprints ``(n, 16, 16, 12)``; it returns their square roots.

    The distances are the sides of the maps, and the angles the channels. Square roots make common
    environments, whose fingerprints have a few large numbers, no more important than rare ones.

    Parameters
    ----------
    layout : Layout
        Size of the network.
    divergence : float, optional
        Weight of the divergence of the latents in the loss of a variational autoencoder; None for
        one that is not variational.

    Returns
    -------
    keras.Model
        Not compiled. The layer "latent" gives the mean of the latents, see `encoder_of`.
    """
    seed = whole("seed", seed, "[0, inf)")
    fingerprints = keras.Input(SHAPE, name="fingerprint")
    state = _SCALE * ops.sqrt(fingerprints)
    state = _convolution(state, layout.filters[0], name="stem", seed=seed)
    for stage, filters in enumerate(layout.filters):
        for step in range(layout.convolutions):
            name = f"encoder_{stage + 1}_{step + 1}"
            own = seed + 100 * (stage + 1) + step
            if step == 0:
                state = _convolution(state, filters, name=name, seed=own, stride=2)
            else:
                state = state + _convolution(state, filters, name=name, seed=own)
    maps = state.shape[1:]
    state = keras.layers.Flatten(name="flat")(state)
    state = _dense(state, layout.hidden, name="encoder_hidden", seed=seed + 1, activation="relu")
    latents = _dense(state, layout.n_latent, name="latent", seed=seed + 2)
    if divergence is not None:
        weight = number("divergence", divergence, "[0, inf)")
        spread = _dense(state, layout.n_latent, name="log_variance", seed=seed + 3)
        latents = LatentSample(weight, seed, name="sample")(latents, spread)
    return keras.Model(fingerprints, _decoded(latents, maps, layout, seed), name="autoencoder")


def _decoded(latents: Any, maps: tuple[int, ...], layout: Layout, seed: int) -> Any:
    """Apply the layers of the decoder, which begins with maps of the given shape."""
    state = _dense(latents, layout.hidden, name="decoder_hidden", seed=seed + 4, activation="relu")
    size = maps[0] * maps[1] * maps[2]
    state = _dense(state, size, name="decoder_maps", seed=seed + 5, activation="relu")
    state = keras.layers.Reshape(maps, name="maps")(state)
    below = [layout.filters[0], *layout.filters[:-1]]
    for stage in reversed(range(len(layout.filters))):
        for step in range(layout.convolutions):
            name = f"decoder_{stage + 1}_{step + 1}"
            own = seed + 100 * (stage + 1) + 50 + step
            if step < layout.convolutions - 1:
                state = state + _convolution(state, layout.filters[stage], name=name, seed=own)
            else:
                state = _convolution(
                    state, below[stage], name=name, seed=own, stride=2, transposed=True
                )
    last = keras.initializers.GlorotUniform(seed=seed + 6)
    state = keras.layers.Conv2D(
        SHAPE[-1], _KERNEL, padding="same", kernel_initializer=last, name="last"
    )(state)
    return state / _SCALE


def encoder_of(autoencoder: keras.Model) -> keras.Model:
    """Return the part of an autoencoder that gives the latents ``(n, n_latent)``."""
    return keras.Model(autoencoder.input, autoencoder.get_layer("latent").output, name="encoder")


def reconstruction_error(fingerprints: Any, roots: Any) -> Any:
    """Sum of the squared differences of the square roots of fingerprints, (n,): between 0 and 2."""
    return ops.sum((ops.sqrt(fingerprints) - roots) ** 2, axis=(1, 2, 3))


def build_sigmoid_classifier(
    n_latent: int = 64, *, width: int = 256, n_elements: int = N_ELEMENTS, seed: int
) -> keras.Model:
    """Build five dense layers from latents to how likely each element is on such a site.

    The outputs ``(n, n_elements)`` do not add up to 1: several elements may be likely. The kernel
    of the last layer, "elements", has a vector of each element.

    Returns
    -------
    keras.Model
        Not compiled.
    """
    n_latent, width = whole("n_latent", n_latent), whole("width", width)
    n_elements, seed = whole("n_elements", n_elements), whole("seed", seed, "[0, inf)")
    latents = keras.Input((n_latent,), name="latent")
    state = latents
    for layer in range(1, DEPTH):
        state = _dense(state, width, name=f"dense_{layer}", seed=seed + layer, activation="relu")
    output = _dense(state, n_elements, name="elements", seed=seed + DEPTH, activation="sigmoid")
    return keras.Model(latents, output, name="sigmoid_classifier")


def build_softmax_classifier(
    n_inputs: int = N_ELEMENTS, *, width: int = 256, n_elements: int = N_ELEMENTS, seed: int
) -> keras.Model:
    """Build five dense layers, with batch normalisation, to the probability of each element.

    In the paper the inputs ``(n, n_inputs)`` are the outputs of the sigmoid classifier.

    Returns
    -------
    keras.Model
        Not compiled; its outputs ``(n, n_elements)`` add up to 1.
    """
    n_inputs, width = whole("n_inputs", n_inputs), whole("width", width)
    n_elements, seed = whole("n_elements", n_elements), whole("seed", seed, "[0, inf)")
    inputs = keras.Input((n_inputs,), name="inputs")
    state = inputs
    for layer in range(1, DEPTH):
        state = _dense(state, width, name=f"dense_{layer}", seed=seed + layer)
        state = keras.layers.BatchNormalization(momentum=_MOMENTUM, name=f"norm_{layer}")(state)
        state = keras.layers.ReLU(name=f"relu_{layer}")(state)
    output = _dense(state, n_elements, name="elements", seed=seed + DEPTH, activation="softmax")
    return keras.Model(inputs, output, name="softmax_classifier")


def depth(model: keras.Model) -> int:
    """Count the dense and convolutional layers; those of mean and variance, side by side, as one.

    Examples
    --------
    >>> depth(build_autoencoder(PAPER, seed=0))
    42
    """
    kinds = (keras.layers.Dense, keras.layers.Conv2D, keras.layers.Conv2DTranspose)
    return sum(isinstance(one, kinds) and one.name != "log_variance" for one in model.layers)


def _dense(state: Any, units: int, *, name: str, seed: int, activation: str | None = None) -> Any:
    """Apply a dense layer with seeded weights."""
    weights = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Dense(units, activation, kernel_initializer=weights, name=name)(state)


def _convolution(
    state: Any, filters: int, *, name: str, seed: int, stride: int = 1, transposed: bool = False
) -> Any:
    """Apply one convolution with seeded weights, batch normalisation and ReLU."""
    layer = keras.layers.Conv2DTranspose if transposed else keras.layers.Conv2D
    state = layer(
        filters,
        _KERNEL,
        strides=stride,
        padding="same",
        kernel_initializer=keras.initializers.HeNormal(seed=seed),
        name=name,
    )(state)
    state = keras.layers.BatchNormalization(momentum=_MOMENTUM, name=f"{name}_norm")(state)
    return keras.layers.ReLU(name=f"{name}_relu")(state)
