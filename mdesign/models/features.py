"""A feature network for textures: the first two blocks of VGG."""

from __future__ import annotations

import keras

__all__ = ["FEATURES", "build_feature_network"]

# The maps that the losses look at; VGG16 and VGG19 have the same first two blocks.
FEATURES = ("block1_conv1", "block1_pool", "block2_conv1", "block2_pool")


def build_feature_network(filters: tuple[int, int] = (64, 128), *, seed: int) -> keras.Model:
    """Build fixed convolutions whose maps describe a texture.

    The weights are random; those of VGG fit in if the filters are (64, 128). Statistics over
    the maps of random filters already tell textures apart.

    Parameters
    ----------
    filters : tuple of int
        Filters of the layers of the first and the second block.
    seed : int
        Seed of the weights.

    Returns
    -------
    keras.Model
        Maps images ``(n, nx, ny, 1)`` in (-1, 1) to the four maps named in `FEATURES`. Not
        trainable.

    Raises
    ------
    ValueError
        If there are not two numbers of at least 1.

    References
    ----------
    Simonyan and Zisserman, arXiv:1409.1556 (2014), configurations D and E.
    Ustyuzhaninov et al., arXiv:1606.00021 (2016): textures from random filters.
    """
    if len(filters) != 2 or min(filters) < 1:
        raise ValueError(f"filters must be two numbers of at least 1; got {filters}")
    images = keras.Input((None, None, 1), name="image")
    state = keras.layers.Concatenate(name="colours")([images] * 3)
    maps = {}
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
            maps[name] = state
        maps[f"block{block}_pool"] = keras.layers.MaxPooling2D(name=f"block{block}_pool")(state)
        state = maps[f"block{block}_pool"]
    network = keras.Model(images, [maps[name] for name in FEATURES], name="features")
    network.trainable = False
    return network
