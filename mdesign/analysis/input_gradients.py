"""Derivatives of a network by its inputs: by backpropagation, and by finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mdesign import arguments

__all__ = ["backpropagation", "chain_rule", "finite_differences"]

InputGradient = Callable[[npt.ArrayLike], npt.NDArray[np.float32]]
"""Derivatives (n, d) of one output by the inputs, at points (n, d)."""


def backpropagation(network: keras.Model) -> InputGradient:
    """Compile the derivatives of a network by its inputs: one forward and one backward pass.

    Parameters
    ----------
    network : keras.Model
        Maps points ``(n, d)`` to ``(n, 1)``.

    Returns
    -------
    callable
        Takes points, shape (n, d), and returns their derivatives, shape (n, d).
    """

    @tf.function(reduce_retracing=True)
    def slopes(points: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(points)
            outputs = network(points, training=False)
        return tape.gradient(outputs, points)

    def gradient(points: npt.ArrayLike) -> npt.NDArray[np.float32]:
        return np.asarray(slopes(tf.convert_to_tensor(_checked(network, points))))

    return gradient


def finite_differences(
    network: keras.Model,
) -> Callable[[npt.ArrayLike, float], npt.NDArray[np.float32]]:
    """Compile the same derivatives by central differences: two forward passes a variable.

    Parameters
    ----------
    network : keras.Model
        Maps points ``(n, d)`` to ``(n, 1)``.

    Returns
    -------
    callable
        Takes points, shape (n, d), and half the width of the differences, and returns the
        derivatives, shape (n, d).
    """

    @tf.function(reduce_retracing=True)
    def slope(points: Any, shift: Any) -> Any:
        above, below = points + shift, points - shift
        return (network(above, training=False) - network(below, training=False))[:, 0]

    def gradient(points: npt.ArrayLike, step: float) -> npt.NDArray[np.float32]:
        width = arguments.number("step", step, "(0, inf)")
        places = tf.convert_to_tensor(_checked(network, points))
        shifts = tf.eye(network.input_shape[-1]) * width
        rises = [slope(places, shift) for shift in shifts]
        return (np.stack(rises, axis=1) / (2 * width)).astype(np.float32)

    return gradient


def chain_rule(network: keras.Model, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Differentiate a fully connected ReLU network in float64, the reference of the others.

    Parameters
    ----------
    network : keras.Model
        From `mdesign.models.gidn.build_predictor`.
    points : array_like, shape (n, d)

    Returns
    -------
    ndarray, shape (n, d)
    """
    arrays = (layer.get_weights() for layer in network.layers)
    *hidden, (last, _) = [[part.astype(float) for part in layer] for layer in arrays if layer]
    signal, active = _checked(network, points).astype(float), []
    for kernel, bias in hidden:
        signal = signal @ kernel + bias
        active.append(signal > 0)
        signal = np.maximum(signal, 0)
    slopes = np.repeat(last.T, len(signal), axis=0)
    for (kernel, _), mask in zip(hidden[::-1], active[::-1], strict=True):
        slopes = (slopes * mask) @ kernel.T
    return slopes


def _checked(network: keras.Model, points: npt.ArrayLike) -> npt.NDArray[np.float32]:
    shape = f"(n, {network.input_shape[-1]})"
    return arguments.not_empty("points", arguments.array("points", points, shape, dtype=np.float32))
