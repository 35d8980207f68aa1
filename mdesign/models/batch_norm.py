"""Batch normalisation after training."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments

__all__ = ["settle_norms"]


def settle_norms(model: keras.Model, inputs: npt.ArrayLike) -> None:
    """Set the moving averages of all batch normalisation to the statistics of one large batch.

    During training the moving averages lag behind the weights, so that a generator's images have
    another volume fraction than those that its losses saw.
    """
    sides = (str(size or f"n{axis}") for axis, size in enumerate(model.input_shape))
    values = arguments.array("inputs", inputs, f"({', '.join(sides)})", dtype=np.float32)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in norms]
    for layer in norms:
        layer.momentum = 0.0
    model(arguments.not_empty("inputs", values), training=True)
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.momentum = momentum
