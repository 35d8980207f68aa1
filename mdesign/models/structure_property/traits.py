"""Traits of physics as losses: what a network's derivatives should be, taught beside its values.

A trait is a quantifiable constraint on a structure-property model. Two are written here as losses
on the derivative of one output by the pixels of the image: that the property rises with the solid
fraction as steeply as a bound says, and, where a solver gives it, that the derivative by every
pixel is the exact one. How near a model comes to a trait is its interpretability.

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

__all__ = [
    "TraitTraining",
    "directional_derivative",
    "gradient_error",
    "pixel_gradient",
    "slope_error",
    "trait_similarity",
]


def pixel_gradient(network: keras.Model, images: Any, *, output: int = 0) -> Any:
    """Differentiate one output of a network by the pixels, so that a loss can go on from there.

    Parameters
    ----------
    network : keras.Model
        Maps images to properties ``(n, n_outputs)``.
    images : tensor, shape (n, nx, ny, 1)
        Where.
    output : int
        Which property.

    Returns
    -------
    tensor, shape (n, nx, ny, 1)
        In units of the property. A loss of it can be differentiated by the weights.
    """
    points = tf.convert_to_tensor(images)
    with tf.GradientTape() as tape:
        tape.watch(points)
        values = network(points, training=False)[:, output]
    return tape.gradient(values, points)


def directional_derivative(gradient: Any, directions: Any) -> Any:
    """Change of the property along one direction an image.

    Parameters
    ----------
    gradient, directions : tensor, shape (n, nx, ny, 1)
        Derivative by the pixels, and change of the pixels.

    Returns
    -------
    tensor, shape (n,)
        The derivative by the solid fraction, if the mean of each direction is 1.
    """
    return ops.sum(gradient * directions, axis=(1, 2, 3))


def slope_error(gradient: Any, directions: Any, slopes: Any) -> Any:
    """How far the slopes along directions are from what they should be.

    Parameters
    ----------
    gradient, directions : tensor, shape (n, nx, ny, 1)
        As in `directional_derivative`.
    slopes : tensor, shape (n,)
        The slope that a trait of physics states for each image.

    Returns
    -------
    tensor
        Mean squared difference, relative to the mean square of `slopes`: 1 for a network that
        does not change along the directions.
    """
    found = directional_derivative(gradient, directions)
    return ops.mean((found - slopes) ** 2) / ops.mean(slopes**2)


def gradient_error(gradient: Any, exact: Any) -> Any:
    """How far derivatives by the pixels are from the exact ones.

    Parameters
    ----------
    gradient, exact : tensor, shape (n, nx, ny, 1)
        The network's derivative, and the exact one.

    Returns
    -------
    tensor
        Mean squared difference, relative to the mean square of `exact`: 1 for a network that
        does not change with the pixels.
    """
    return ops.mean((gradient - exact) ** 2) / ops.mean(exact**2)


class TraitTraining(keras.Model):
    """A network that learns values from labelled images and a trait from further images.

    One training step takes ``((images, points, *known), targets)``: labelled images, images where
    the trait is taught, what the trait knows there, and the standardised labels.

    Parameters
    ----------
    network : keras.Model
        Maps images to properties in their units.
    standardised : keras.Model
        The same network up to its standardised properties, of mean 0 and deviation 1, in which
        labels are compared.
    trait : callable
        Makes a number of the gradient at `points` and of `known`, such as `slope_error`.
    weight : float
        Of the trait beside the mean squared error of the standardised labels. At 0 the trait is
        not computed, and the training is the plain one.
    output : int
        The property that the trait is about.

    Raises
    ------
    ValueError
        If `weight` is negative or not finite.
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
        if not (np.isfinite(weight) and weight >= 0):
            raise ValueError(f"weight must be finite, zero or positive; got {weight}")
        super().__init__(name="trait_training")
        self.network = network
        self.standardised = standardised
        self.trait = trait
        self.trait_weight = weight
        self.output_index = output
        self.built = True

    def call(self, images: Any, training: bool = False) -> Any:
        """Give the standardised properties, for validation."""
        return self.standardised(images, training=training)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Make one step on labels and trait together."""
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
    """How like the trait of a model is to that of physics: its interpretability as a number.

    Parameters
    ----------
    model, physics : array_like, the same shape
        The trait of each, such as slopes at several images or a whole curve.

    Returns
    -------
    float
        ``1 - |model - physics| / (|model| + |physics|)`` with Euclidean norms: 1 where both are
        the same; 0 where they are opposite, or one of them is zero everywhere; 2/3 where one is
        twice the other.

    Raises
    ------
    ValueError
        If the shapes differ, there is no number, one is not finite, or both are zero everywhere.

    References
    ----------
    The report (see the module), Section 4.1, asks for the similarity of a model's trait and that
    of the physics, and leaves the measure open; this one is a choice.
    """
    ours, theirs = np.asarray(model, dtype=float), np.asarray(physics, dtype=float)
    if ours.shape != theirs.shape or not ours.size:
        raise ValueError(
            f"model and physics must have one shape, not empty; got {ours.shape}, {theirs.shape}"
        )
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        raise ValueError("model and physics must be finite; got numbers that are not")
    size = np.linalg.norm(ours) + np.linalg.norm(theirs)
    if size == 0:
        raise ValueError("model and physics must not both be zero everywhere")
    return float(1 - np.linalg.norm(ours - theirs) / size)
