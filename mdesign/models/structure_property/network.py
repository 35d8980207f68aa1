"""The structure-property network: from a microstructure to its properties."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments

__all__ = ["FILTERS", "build_structure_property", "standardised"]

FILTERS = (8, 16, 32, 32, 64)
"""Feature maps of the five convolutions."""

KERNEL = 3
POOL = 2


def build_structure_property(
    size: int,
    n_outputs: int = 3,
    *,
    filters: Sequence[int] = FILTERS,
    head: int = 64,
    mean: npt.ArrayLike = 0.0,
    deviation: npt.ArrayLike = 1.0,
    seed: int,
) -> keras.Model:
    """Build five convolutions, each with a pooling of 2, and two dense layers.

    Maps images ``(n, size, size, 1)``, 1 for solid, 0 for pores or any grey between, to properties
    ``(n, n_outputs)``; `size` is a multiple of 32; not compiled. The convolutions see the pores, 1
    minus the image, so that the zeros beyond an edge look like the solid that fills most of it. The
    last dense layer gives standardised properties, which the output scales with the `mean` and
    `deviation` of the training data.

    References
    ----------
    Cang et al., Comput. Mater. Sci. 150, 212 (2018): a convolutional network from images of a
    material to its properties. Its layers are our choice.
    """
    size, n_outputs = arguments.whole("size", size), arguments.whole("n_outputs", n_outputs)
    filters, head = arguments.wholes("filters", filters), arguments.whole("head", head)
    seed = arguments.whole("seed", seed, "[0, inf)")
    if size % POOL**5:
        raise ValueError(f"size must be a positive multiple of {POOL**5}; got {size}")
    if len(filters) != 5:
        raise ValueError(f"filters must be five numbers; got {filters}")
    means = _each("mean", mean, "(-inf, inf)", n_outputs)
    deviations = _each("deviation", deviation, "(0, inf)", n_outputs)
    images = keras.Input((size, size, 1), name="image")
    state = keras.layers.Rescaling(-1.0, 1.0, name="pores")(images)
    for depth, width in enumerate(filters, start=1):
        initializer = keras.initializers.HeNormal(seed=seed + depth)
        state = keras.layers.Conv2D(
            width,
            KERNEL,
            padding="same",
            activation="relu",
            kernel_initializer=initializer,
            name=f"convolution_{depth}",
        )(state)
        state = keras.layers.AveragePooling2D(POOL, name=f"pool_{depth}")(state)
    state = keras.layers.Flatten(name="summary")(state)
    state = _dense(head, "relu", "head", seed + 6)(state)
    state = _dense(n_outputs, None, "standardised", seed + 7)(state)
    output = keras.layers.Normalization(
        mean=means.tolist(), variance=(deviations**2).tolist(), invert=True, name="properties"
    )(state)
    return keras.Model(images, output, name="structure_property")


def standardised(model: keras.Model) -> keras.Model:
    """Return the network without its last layer, which gives the standardised properties."""
    return keras.Model(model.input, model.get_layer("standardised").output, name=model.name)


def _each(name: str, value: npt.ArrayLike, interval: str, n: int) -> npt.NDArray[np.float64]:
    """Return one number for each output."""
    return np.broadcast_to(arguments.array(name, value, f"() or ({n},)", interval), n)


def _dense(width: int, activation: str | None, name: str, seed: int) -> keras.layers.Layer:
    initializer = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Dense(width, activation, kernel_initializer=initializer, name=name)
