"""Batch normalisation after training."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["settle_norms"]


def settle_norms(model: keras.Model, inputs: Any) -> None:
    """Set the moving averages of all batch normalisation to the statistics of one large batch.

    During training the moving averages lag behind the weights, so that a generator's images have
    another volume fraction than those that its losses saw.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in norms]
    for layer in norms:
        layer.momentum = 0.0
    model(inputs, training=True)
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.momentum = momentum
