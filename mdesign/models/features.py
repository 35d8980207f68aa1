"""Feature networks for textures: the first blocks of VGG, and the whitening of their maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments

__all__ = [
    "FEATURES",
    "FeatureSettings",
    "build_feature_network",
    "check_features",
    "feature_network",
    "whitened",
]

# The maps that the losses look at; VGG16 and VGG19 have the same first two blocks.
FEATURES = ("block1_conv1", "block1_pool", "block2_conv1", "block2_pool")

#: Directions of less variance than this share of the largest are noise, and left out.
LEAST_VARIANCE = 1e-4


def build_feature_network(filters: Sequence[int] = (64, 128), *, seed: int) -> keras.Model:
    """Build two or more blocks of fixed convolutions whose maps describe a texture.

    Maps images ``(n, nx, ny, 1)`` in (-1, 1) to the four maps named in `FEATURES`, and to two more
    for each further block; not trainable. The weights are random, which is enough to tell textures
    apart; those of VGG fit if the filters of the blocks are (64, 128).

    References
    ----------
    Simonyan and Zisserman, arXiv:1409.1556 (2014), configurations D and E.
    Ustyuzhaninov et al., arXiv:1606.00021 (2016): textures from random filters.
    """
    filters = arguments.wholes("filters", filters, least=2)
    seed = arguments.whole("seed", seed, "[0, inf)")
    images = keras.Input((None, None, 1), name="image")
    state = keras.layers.Concatenate(name="colours")([images] * 3)
    outputs = []
    for block, width in enumerate(filters, start=1):
        for layer in (1, 2):
            name = f"block{block}_conv{layer}"
            initializer = keras.initializers.HeNormal(seed=seed + 2 * block + layer)
            state = keras.layers.Conv2D(
                width,
                3,
                padding="same",
                activation="relu",
                kernel_initializer=initializer,
                name=name,
            )(state)
            if layer == 1:
                outputs.append(state)
        state = keras.layers.MaxPooling2D(name=f"block{block}_pool")(state)
        outputs.append(state)
    network = keras.Model(images, outputs, name="features")
    network.trainable = False
    return network


def whitened(network: keras.Model, images: ArrayLike) -> keras.Model:
    """Add linear layers to a feature network that whiten its maps over images ``(n, nx, ny, 1)``.

    Most of the variance of the maps of a binary image is the position of its phases; the shape of
    their edges is a small part. The layers subtract the mean of each channel and make the channels
    uncorrelated, each with a variance of one. The images, in (-1, 1), must not be constant.
    """
    outputs = []
    shown = arguments.images("images", images, "(n, nx, ny, 1)", "[-1, 1]", dtype=np.float32)
    arguments.not_empty("images", shown)
    predicted = network.predict(shown, batch_size=50, verbose=0)
    for number, (maps, symbolic) in enumerate(zip(predicted, network.outputs, strict=True)):
        mean, directions = _whitening(maps.reshape(-1, maps.shape[-1]).astype(np.float64))
        layer = keras.layers.Dense(directions.shape[1], name=f"whitened_{number}")
        outputs.append(layer(symbolic))
        layer.set_weights([directions, -mean @ directions])
    model = keras.Model(network.input, outputs, name="whitened_features")
    model.trainable = False
    return model


def _whitening(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of the channels, and the directions in which they are uncorrelated."""
    variances, axes = np.linalg.eigh(np.cov(values.T).reshape(2 * (values.shape[1],)))
    if not variances[-1] > 0:
        raise ValueError("images must differ within a map, so that it has a variance; got none")
    kept = variances > LEAST_VARIANCE * variances[-1]
    return values.mean(axis=0), axes[:, kept] / np.sqrt(variances[kept])


@runtime_checkable
class FeatureSettings(Protocol):
    """Settings that name a feature network, such as `GanSettings`."""

    @property
    def features(self) -> str:
        """``"random"``, ``"imagenet"`` or a path."""

    @property
    def feature_filters(self) -> Sequence[int]:
        """Filters of each block of random features."""

    @property
    def seed(self) -> int:
        """Seed of random features."""


def check_features(settings: FeatureSettings) -> None:
    """Check the fields that name a feature network, for the ``__post_init__`` of settings.

    A file of weights is not looked for: settings may be read where it is missing.
    """
    least = 2 if settings.features == "random" else 0
    arguments.wholes("feature_filters", settings.feature_filters, least=least)
    named = settings.features in ("random", "imagenet")
    if not named and not settings.features.endswith((".h5", ".hdf5", ".keras")):
        raise ValueError(
            'features must be "random", "imagenet" or the path of a file of VGG19 weights, .h5, '
            f".hdf5 or .keras; got {settings.features!r}"
        )


def feature_network(settings: FeatureSettings) -> keras.Model:
    """Build the feature network that settings, such as `GanSettings`, name.

    Raises
    ------
    ValueError
        If the weights of VGG cannot be loaded.
    """
    if settings.features == "random":
        return build_feature_network(settings.feature_filters, seed=settings.seed)
    try:
        vgg = keras.applications.VGG19(include_top=False, weights=settings.features)
    except Exception as error:
        raise ValueError(
            f'features must be "random", "imagenet" where the network allows, or a file of '
            f"VGG19 weights; {settings.features!r} gave: {error}"
        ) from error
    network = build_feature_network(seed=settings.seed)
    names = [layer.name for layer in network.layers if layer.weights]
    for name in names:
        network.get_layer(name).set_weights(vgg.get_layer(name).get_weights())
    return network
