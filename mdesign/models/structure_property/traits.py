"""Traits of physics as losses: targets for the derivatives of a network beside its values.

A trait is a quantifiable constraint on a structure-property model. Two are implemented as losses on
the derivative of one output by the pixels of the image: that the slope of the property by the solid
fraction is that of a bound, and, where a solver gives it, that the derivative by every pixel is the
exact one. How near a model comes to a trait is its interpretability.

References
----------
R. Cang, H. Li, H. Yao, Y. Jiao, Y. Ren, "Investigating Key Challenges in Applying Deep Learning
Techniques to Integrated Computational Material Engineering" (report), Section 4.1: trait,
interpretability, and the proposal of a training loss on them.
W. M. Czarnecki et al., "Sobolev Training for Neural Networks", arXiv:1706.04859 (2017): training
on derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import ops

from mdesign import arguments

__all__ = [
    "TraitTraining",
    "directional_derivative",
    "gradient_error",
    "pixel_gradient",
    "slope_error",
    "trait_similarity",
]


def pixel_gradient(network: keras.Model, images: Any, *, output: int = 0) -> Any:
    """Differentiate one output by the pixels ``(n, nx, ny, 1)``, differentiable by the weights."""
    points = tf.convert_to_tensor(images)
    with tf.GradientTape() as tape:
        tape.watch(points)
        values = network(points, training=False)[:, output]
    return tape.gradient(values, points)


def directional_derivative(gradient: Any, directions: Any) -> Any:
    """Change of the property (n,) along one direction ``(nx, ny, 1)`` an image.

    It is the derivative by the solid fraction if the mean of each direction is 1.
    """
    return ops.sum(gradient * directions, axis=(1, 2, 3))


def slope_error(gradient: Any, directions: Any, slopes: Any) -> Any:
    """Mean squared error of the slopes along directions, over the mean square of the right ones.

    It is 1 for a network that does not change along the directions.
    """
    estimates = directional_derivative(gradient, directions)
    return ops.mean((estimates - slopes) ** 2) / ops.mean(slopes**2)


def gradient_error(gradient: Any, exact: Any) -> Any:
    """Mean squared error of the derivatives by the pixels, over the mean square of the exact ones.

    It is 1 for a network that does not change with the pixels.
    """
    return ops.mean((gradient - exact) ** 2) / ops.mean(exact**2)


class TraitTraining(keras.Model):
    """A network that learns values from labelled images and a trait from further images.

    One training step takes ``((images, points, *known), targets)``: labelled images, images where
    the trait is imposed, its targets there, and the standardised labels, which `standardised`, the
    network without its last layer, is compared with. `trait` is a loss such as `slope_error`; with
    a `weight` of 0 it is not computed.
    """

    def __init__(
        self,
        network: keras.Model,
        standardised: keras.Model,
        trait: Callable[..., Any],
        *,
        weight: float,
        output: int = 0,
    ) -> None:
        weight = arguments.number("weight", weight, "[0, inf)")
        output = arguments.whole("output", output, f"[0, {network.output_shape[-1] - 1}]")
        super().__init__(name="trait_training")
        self.network = network
        self.standardised = standardised
        self.trait = trait
        self.trait_weight = weight
        self.output_index = output
        self.built = True

    def call(self, images: Any, training: bool = False) -> Any:
        """Return the standardised properties, for validation."""
        return self.standardised(images, training=training)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Do one step on labels and trait together."""
        (images, points, *known), targets, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            error = ops.mean((self.standardised(images, training=True) - targets) ** 2)
            trait = self._trait_error(points, known)
            loss = error + self.trait_weight * trait
        variables = self.network.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return {"error": error, "trait": trait}

    def _trait_error(self, points: Any, known: list[Any]) -> Any:
        if self.trait_weight == 0:
            return ops.zeros(())
        gradient = pixel_gradient(self.network, points, output=self.output_index)
        return self.trait(gradient, *known)


def trait_similarity(model: npt.ArrayLike, physics: npt.ArrayLike) -> float:
    """Similarity of the trait of a model to that of physics: its interpretability as a number.

    It is ``1 - |model - physics| / (|model| + |physics|)`` with Euclidean norms: 1 where both are
    the same; 0 where they are opposite, or one of them is zero everywhere; 2/3 where one is twice
    the other. The report (see the module), Section 4.1, leaves the measure open; this one is our
    choice.

    Parameters
    ----------
    model, physics : array_like, the same shape
        The trait of each, such as slopes at several images or a whole curve; finite, not both zero.
    """
    ours, theirs = arguments.array("model", model), arguments.array("physics", physics)
    if ours.shape != theirs.shape or not ours.size:
        raise ValueError(
            f"model and physics must have one shape, not empty; got {ours.shape}, {theirs.shape}"
        )
    size = np.linalg.norm(ours) + np.linalg.norm(theirs)
    if size == 0:
        raise ValueError("model and physics must not both be zero everywhere")
    return float(1 - np.linalg.norm(ours - theirs) / size)
