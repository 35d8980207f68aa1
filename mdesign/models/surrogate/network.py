"""The property network: convolutions from a pattern of two phases to its property."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments

__all__ = ["build_property_cnn", "shifted_and_turned"]

KERNEL = 4
STRIDE = 2
SLOPE = 0.2
MOMENTUM = 0.9
"""Of the normalisations; with tens of steps an epoch, slower averages would lag behind."""


def build_property_cnn(
    filters: Sequence[int] = (16, 32, 64, 128),
    *,
    head: int = 64,
    start: keras.Model | None = None,
    frozen: bool = False,
    seed: int,
) -> keras.Model:
    """Build strided convolutions like a discriminator's, the mean of each map, and a small head.

    Maps patterns ``(n, nx, ny, 1)`` of 0 and 1, of any size, to ``(n, 1)``; not compiled. The head
    also sees the volume fraction, which no strided convolution gives exactly. `start` is a
    discriminator of the same filters whose convolutions and normalisations are copied; with
    `frozen` they are kept as they are and the head alone is trained.

    References
    ----------
    Yang et al., J. Mech. Des. 140, 111416 (2018): the discriminator as a pretrained network.
    """
    filters, head = arguments.wholes("filters", filters), arguments.whole("head", head)
    seed = arguments.whole("seed", seed, "[0, inf)")
    if frozen and start is None:
        raise ValueError("frozen must be False where start gives no layers to keep")
    patterns = keras.Input((None, None, 1), name="pattern")
    state = keras.layers.Rescaling(2.0, -1.0, name="image")(patterns)
    for depth, width in enumerate(filters, start=1):
        state = _convolution(state, width, depth, seed + depth)
    pooling = keras.layers.GlobalAveragePooling2D
    summary = [pooling(name="means")(state), pooling(name="fraction")(patterns)]
    state = keras.layers.Concatenate(name="summary")(summary)
    # The fraction varies by a few percent only and would be overheard.
    state = keras.layers.BatchNormalization(momentum=MOMENTUM, name="standard")(state)
    state = _dense(head, "relu", "head", seed + len(filters) + 1)(state)
    output = _dense(1, None, "property", seed + len(filters) + 2)(state)
    model = keras.Model(patterns, output, name="property_cnn")
    if start is not None:
        _copy_layers(start, model, frozen)
    return model


def shifted_and_turned(patterns: npt.ArrayLike, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Shift, mirror and turn patterns of 0 and 1, which keeps their property.

    This holds for unit cells of periodic structures under unpolarised light at normal incidence.
    The batch ``(n, nx, nx)``, or with a channel, is mirrored and turned as one, each pattern
    shifted on its own.
    """
    cells = arguments.phases("patterns", patterns, "(n, nx, nx) or (n, nx, nx, 1)")
    turned = np.rot90(cells, int(rng.integers(4)), axes=(1, 2))
    if rng.integers(2):
        turned = turned.swapaxes(1, 2)
    rows, columns = turned.shape[1:3]
    shifts = np.stack([rng.integers(0, rows, len(turned)), rng.integers(0, columns, len(turned))])
    i = (np.arange(rows) + shifts[0][:, np.newaxis]) % rows
    j = (np.arange(columns) + shifts[1][:, np.newaxis]) % columns
    sample = np.arange(len(turned))[:, np.newaxis, np.newaxis]
    return turned[sample, i[:, :, np.newaxis], j[:, np.newaxis, :]]


def _convolution(state: keras.KerasTensor, width: int, depth: int, seed: int) -> keras.KerasTensor:
    initializer = keras.initializers.HeNormal(seed=seed)
    state = keras.layers.Conv2D(
        width,
        KERNEL,
        strides=STRIDE,
        padding="same",
        kernel_initializer=initializer,
        name=f"convolution_{depth}",
    )(state)
    state = keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"norm_{depth}")(state)
    return keras.layers.LeakyReLU(negative_slope=SLOPE, name=f"relu_{depth}")(state)


def _dense(width: int, activation: str | None, name: str, seed: int) -> keras.layers.Layer:
    initializer = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Dense(width, activation, kernel_initializer=initializer, name=name)


def _copy_layers(source: keras.Model, model: keras.Model, frozen: bool) -> None:
    """Copy the first convolutions and normalisations of a network."""
    for kind in (keras.layers.Conv2D, keras.layers.BatchNormalization):
        own, others = ([x for x in m.layers if isinstance(x, kind)] for m in (model, source))
        for layer, other in zip(own, others, strict=False):
            if [w.shape for w in layer.weights] != [w.shape for w in other.weights]:
                raise ValueError(
                    f"start must have the filters of this network; its {other.name} has weights "
                    f"of {other.weights[0].shape} where {layer.name} has {layer.weights[0].shape}"
                )
            layer.set_weights(other.get_weights())
            layer.trainable = not frozen
