"""The structure-property network: from a microstructure to its properties."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt

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
    if size < 1 or size % POOL**5:
        raise ValueError(f"size must be a positive multiple of {POOL**5}; got {size}")
    if len(filters) != 5 or min(*filters, head, n_outputs) < 1:
        raise ValueError(
            "filters must be five numbers, and they, head and n_outputs at least 1; "
            f"got {tuple(filters)}, {head} and {n_outputs}"
        )
    means, variances = _moments(mean, deviation, n_outputs)
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
        mean=means, variance=variances, invert=True, name="properties"
    )(state)
    return keras.Model(images, output, name="structure_property")


def standardised(model: keras.Model) -> keras.Model:
    """Return the network without its last layer, which gives the standardised properties."""
    return keras.Model(model.input, model.get_layer("standardised").output, name=model.name)


def _moments(
    mean: npt.ArrayLike, deviation: npt.ArrayLike, n_outputs: int
) -> tuple[list[float], list[float]]:
    """Return mean and variance of each output."""
    moments = []
    for name, given in (("mean", mean), ("deviation", deviation)):
        values = np.asarray(given, dtype=float)
        if values.shape not in ((), (n_outputs,)) or not np.isfinite(values).all():
            raise ValueError(f"{name} must be one finite number or {n_outputs}; got {given!r}")
        moments.append(np.broadcast_to(values, n_outputs))
    if not (moments[1] > 0).all():
        raise ValueError(f"deviation must be positive; got {deviation!r}")
    return moments[0].tolist(), (moments[1] ** 2).tolist()


def _dense(width: int, activation: str | None, name: str, seed: int) -> keras.layers.Layer:
    initializer = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Dense(width, activation, kernel_initializer=initializer, name=name)
