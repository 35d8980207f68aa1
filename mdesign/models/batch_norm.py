"""Batch normalisation after training."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["settle_norms"]


def settle_norms(model: keras.Model, inputs: Any) -> None:
    """Set the moving averages of all batch normalisation to the statistics of one batch.

    While a generator learns, its moving averages lag behind its weights, and images made with
    them have another volume fraction than those it was judged by.

    Parameters
    ----------
    model : keras.Model
        The network, changed in place.
    inputs : array_like
        A large batch of its inputs.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in norms]
    for layer in norms:
        layer.momentum = 0.0
    model(inputs, training=True)
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.momentum = momentum
