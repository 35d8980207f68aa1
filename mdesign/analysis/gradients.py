"""Gradients of a property in image space and in the latent space of a generator.

A prediction is a differentiable function from images ``(n, nx, ny, 1)`` to values ``(n,)`` in
physical units; a decoder maps latents ``(n, n_latent)`` to such images with pixels in [0, 1]. The
gradient of an image is the derivative by each pixel, in units of the property, as a solver gives
it. A ValueError names the argument of wrong shape.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mdesign import arguments

__all__ = [
    "ImageGradient",
    "Prediction",
    "cosine_similarity",
    "decode_images",
    "flip_changes",
    "image_gradient",
    "latent_gradient",
    "prediction",
    "pull_back",
    "push_forward",
    "remove_component",
    "volume_directions",
]

Prediction = Callable[[Any], Any]
"""Differentiable function from a tensor of images to a tensor of values."""

Floats = npt.NDArray[np.float64]

ImageGradient = Callable[[Floats], tuple[Floats, Floats]]
"""Values ``(n,)`` of images ``(n, nx, ny)`` and derivatives by their pixels."""


def prediction(network: keras.Model, output: int = 0) -> Prediction:
    """Select one property of those that a network predicts.

    Parameters
    ----------
    network : keras.Model
        Maps images ``(n, nx, ny, 1)`` to properties ``(n, n_outputs)`` in their units.
    output : int
        Which property.

    Returns
    -------
    callable
        Differentiable, from a tensor of images to a tensor ``(n,)``.

    Raises
    ------
    ValueError
        If the network has no such output.
    """
    output = arguments.whole("output", output, f"[0, {network.output_shape[-1] - 1}]")

    def predict(images: Any) -> Any:
        return network(images, training=False)[:, output]

    return predict


def image_gradient(
    predict: Prediction, images: npt.ArrayLike, *, batch_size: int = 100
) -> tuple[Floats, Floats]:
    """Predicted property and its derivative by each pixel.

    Parameters
    ----------
    predict : callable
        The prediction; see `prediction`.
    images : array_like, shape (n, nx, ny)
        Pixels in [0, 1].
    batch_size : int
        Images taken at once.

    Returns
    -------
    values, gradient : ndarray, shapes (n,) and (n, nx, ny)
    """
    pixels = checked_images(images).astype(np.float32)
    batch_size = arguments.whole("batch_size", batch_size)
    values, gradients = [], []
    for first in range(0, len(pixels), batch_size):
        variable = tf.convert_to_tensor(pixels[first : first + batch_size, ..., np.newaxis])
        with tf.GradientTape() as tape:
            tape.watch(variable)
            predicted = predict(variable)
        if not isinstance(predicted, tf.Tensor):
            raise TypeError(f"predict must return a tensor; got {type(predicted).__name__}")
        values.append(_array(predicted))
        gradients.append(_array(tape.gradient(predicted, variable))[..., 0])
    return np.concatenate(values), np.concatenate(gradients)


def latent_gradient(
    gradient: ImageGradient, decoder: keras.Model, latents: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Property of the images of latents ``(n, n_latent)`` and its derivative by each latent.

    `gradient` gives the property of images and its derivative by their pixels: that of a solver,
    such as `mdesign.physics.PorousMedium.modulus_gradient`, or of a network,
    ``functools.partial(image_gradient, predict)``.
    """
    values, by_pixels = gradient_of(gradient, decode_images(decoder, latents))
    return values, pull_back(decoder, latents, by_pixels)


def gradient_of(gradient: ImageGradient, images: Floats) -> tuple[Floats, Floats]:
    """Values and derivatives that a function gives, of the shapes it has to."""
    answer = gradient(images)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise TypeError(f"gradient must return values and derivatives; got {type(answer).__name__}")
    values, slopes = (arguments.array("gradient", part) for part in answer)
    if values.shape != images.shape[:1] or slopes.shape != images.shape:
        raise ValueError(
            f"gradient must return values and derivatives of {images.shape[:1]} and {images.shape};"
            f" got {values.shape} and {slopes.shape}"
        )
    return values, slopes


def checked_images(images: npt.ArrayLike) -> Floats:
    """Check grey images, shape (n, nx, ny), one at least."""
    return arguments.not_empty("images", arguments.images("images", images, interval="[0, 1]"))


def decode_images(decoder: keras.Model, latents: npt.ArrayLike) -> Floats:
    """Decode latents into grey images, shape (n, nx, ny)."""
    return _array(decoder(_check_latents(decoder, latents), training=False))[..., 0]


def pull_back(decoder: keras.Model, latents: npt.ArrayLike, gradients: npt.ArrayLike) -> Floats:
    """Turn gradients by pixels ``(n, nx, ny)`` into gradients by latents: transposed Jacobian."""
    chosen = _check_latents(decoder, latents)
    shape = (len(chosen), *decoder.output_shape[1:3])
    weights = arguments.array("gradients", gradients, str(shape), dtype=np.float32)
    with tf.GradientTape() as tape:
        variable = tf.convert_to_tensor(chosen)
        tape.watch(variable)
        images = decoder(variable, training=False)
    return _array(tape.gradient(images, variable, output_gradients=weights[..., np.newaxis]))


def push_forward(decoder: keras.Model, latents: npt.ArrayLike, directions: npt.ArrayLike) -> Floats:
    """Change of the decoded images along directions in latent space: the decoder's Jacobian."""
    chosen = _check_latents(decoder, latents)
    along = _check_latents(decoder, directions, "directions")
    if len(chosen) != len(along):
        raise ValueError(f"directions must be as many as latents, {len(chosen)}; got {len(along)}")
    variable = tf.convert_to_tensor(chosen)
    with tf.autodiff.ForwardAccumulator(variable, tf.convert_to_tensor(along)) as forward:
        images = decoder(variable, training=False)
    return _array(forward.jvp(images))[..., 0]


def volume_directions(decoder: keras.Model, latents: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Change of decoded images along the steepest rise of their solid fraction in latent space.

    Parameters
    ----------
    decoder, latents : keras.Model and array_like, shape (n, n_latent)
        Maps latents to images.

    Returns
    -------
    images, directions : ndarray, shape (n, nx, ny)
        The decoded images, and their change for a rise of the mean grey level by 1, so that a
        property's derivative along it is that by the solid fraction.

    Raises
    ------
    ValueError
        If the solid fraction does not change with the latents.
    """
    chosen = _check_latents(decoder, latents)
    images = decode_images(decoder, chosen)
    steepest = pull_back(decoder, chosen, np.full(images.shape, 1 / prod(images.shape[1:])))
    squares = (steepest**2).sum(axis=1, keepdims=True)
    if not (squares > 0).all():
        raise ValueError(
            "latents must be where the solid fraction changes with them; it does not for "
            f"{int((squares <= 0).sum())} of {len(chosen)}"
        )
    return images, push_forward(decoder, chosen, steepest / squares)


def cosine_similarity(first: npt.ArrayLike, second: npt.ArrayLike) -> Floats:
    """Cosine of the angle between vectors, shape (n, ...), a pair a sample; 0 for a zero vector.

    A single vector on one side is compared with all of the other side.

    Examples
    --------
    >>> cosine_similarity([[1.0, 0.0], [1.0, 1.0]], [[2.0, 0.0], [1.0, -1.0]]).tolist()
    [1.0, 0.0]
    """
    ours, theirs = arguments.array("first", first), arguments.array("second", second)
    as_many = ours.ndim > 1 and (len(ours) == len(theirs) or 1 in (len(ours), len(theirs)))
    if not as_many or ours.shape[1:] != theirs.shape[1:]:
        raise ValueError(
            "first and second must be vectors of one shape, (n, ...), as many or one; "
            f"got {ours.shape} and {theirs.shape}"
        )
    ours, theirs = (side.reshape(len(side), -1) for side in (ours, theirs))
    products = (ours * theirs).sum(axis=1)
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)


def remove_component(vectors: npt.ArrayLike, directions: npt.ArrayLike) -> Floats:
    """Subtract from vectors, shape (n, ...), their projections on directions of the same shape.

    With the gradient of the solid fraction as the direction, the remaining gradient of a property
    is the effect of a change of shape at constant volume, to first order.

    Examples
    --------
    >>> remove_component([[3.0, 4.0]], [[2.0, 0.0]]).tolist()
    [[0.0, 4.0]]
    """
    ours, along = arguments.array("vectors", vectors), arguments.array("directions", directions)
    if ours.ndim < 2 or ours.shape != along.shape:
        raise ValueError(
            f"vectors and directions must have one shape (n, ...); got {ours.shape}, {along.shape}"
        )
    axes = tuple(range(1, ours.ndim))
    squares = (along**2).sum(axis=axes, keepdims=True)
    if not (squares > 0).all():
        raise ValueError("directions must not be zero; got one that is")
    return ours - (ours * along).sum(axis=axes, keepdims=True) / squares * along


def flip_changes(
    solve: Callable[[npt.NDArray], npt.NDArray], phases: npt.ArrayLike, pixels: npt.ArrayLike
) -> Floats:
    """Change of a property as single pixels turn from pore into solid, shape (n, k).

    The derivative by a pixel is that of an infinitesimal change, far from that of a whole pixel
    where the phases differ much. `solve` gives the property ``(m,)`` of phases ``(m, nx, ny)``;
    `pixels`, shape (n, k), are indices into each flattened microstructure of 0 and 1.
    """
    images = arguments.phases("phases", phases)
    within = f"[0, {prod(images.shape[1:]) - 1}]"
    chosen = arguments.array("pixels", pixels, "(n, k)", within, dtype=np.intp)
    if len(chosen) != len(images):
        raise ValueError(
            f"pixels must have a row for each of {len(images)} phases; got {len(chosen)}"
        )
    before = arguments.array("values of solve", solve(images), f"({len(images)},)")
    changes = np.empty(chosen.shape)
    for number, (image, places) in enumerate(zip(images, chosen, strict=True)):
        flipped = np.repeat(image.reshape(1, -1), len(places), axis=0)
        rows = np.arange(len(places))
        flipped[rows, places] = 1 - flipped[rows, places]
        after = np.asarray(solve(flipped.reshape(-1, *image.shape)), dtype=float)
        solid = image.reshape(-1)[places] == 1
        changes[number] = np.where(solid, before[number] - after, after - before[number])
    return changes


def _check_latents(
    decoder: keras.Model, latents: npt.ArrayLike, name: str = "latents"
) -> npt.NDArray[np.float32]:
    shape = f"(n, {decoder.input_shape[-1]})"
    return arguments.not_empty(name, arguments.array(name, latents, shape, dtype=np.float32))


def _array(tensor: Any) -> Floats:
    return np.asarray(keras.ops.convert_to_numpy(tensor), dtype=float)
