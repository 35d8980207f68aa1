"""ElemNet: dense layers from the fractions of the elements to a property of the compound.

Jha et al., Sci. Rep. 8, 17593 (2018): seventeen layers, with dropout after each group of one width.
"""

from __future__ import annotations

from typing import Any

import keras

from mdesign import arguments

__all__ = [
    "DROPOUT",
    "WIDTHS",
    "ActiveDropout",
    "build_elemnet",
    "layer_widths",
    "with_active_dropout",
]

WIDTHS = (1024,) * 4 + (512,) * 3 + (256,) * 3 + (128,) * 3 + (64,) * 2 + (32,)
"""Neurons of the hidden layers of the network of seventeen layers; the last layer has one."""

DROPOUT = {1024: 0.2, 512: 0.1, 256: 0.3, 128: 0.2}
"""Share of the neurons dropped after the last layer of a width."""


@keras.saving.register_keras_serializable(package="mdesign")
class ActiveDropout(keras.layers.Dropout):
    """Dropout in prediction too: Keras switches the `training` of a layer off there."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Drop, whatever `training` says."""
        return super().call(inputs, training=True)


def layer_widths(depth: int) -> tuple[int, ...]:
    """Widths of the hidden layers of a network of `depth` layers, of at least 2.

    The sixteen hidden widths of the paper are stretched or thinned out evenly, so that the shape
    stays the same: the paper does not state the widths of its other networks.

    Examples
    --------
    >>> layer_widths(5)
    (1024, 512, 256, 128)
    >>> layer_widths(17) == WIDTHS
    True
    """
    n_hidden = arguments.whole("depth", depth, "[2, 100]") - 1
    return tuple(WIDTHS[i * len(WIDTHS) // n_hidden] for i in range(n_hidden))


def build_elemnet(
    n_elements: int = 86,
    *,
    depth: int = 17,
    width: float = 1.0,
    dropout: float = 1.0,
    n_outputs: int = 1,
    seed: int,
) -> keras.Model:
    """Build the network for fractions ``(n, n_elements)``; its output is ``(n, n_outputs)``.

    Parameters
    ----------
    n_elements : int
        Elements of the compounds.
    depth : int
        Layers with weights, see `layer_widths`.
    width : float
        Factor of all widths.
    dropout : float
        Factor of the shares in `DROPOUT`; 0 for none.
    n_outputs : int
        2 for a mean and the logarithm of a standard deviation.

    Returns
    -------
    keras.Model
        Not compiled; by default it has 4,631,361 parameters.
    """
    n_elements = arguments.whole("n_elements", n_elements)
    width = arguments.number("width", width, "(0, 16]")
    dropout = arguments.number("dropout", dropout, "[0, 3]")
    n_outputs = arguments.whole("n_outputs", n_outputs, "[1, 2]")
    seed = arguments.whole("seed", seed, "[0, inf)")
    widths = layer_widths(depth)
    fractions = keras.Input((n_elements,), name="fractions")
    state = fractions
    for number, wide in enumerate(widths, start=1):
        state = keras.layers.Dense(
            max(1, round(width * wide)),
            "relu",
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed + number),
            name=f"dense_{number}",
        )(state)
        is_last = number == len(widths) or widths[number] != wide
        share = dropout * DROPOUT.get(wide, 0.0)
        if is_last and share:
            name = f"dropout_{number}"
            state = keras.layers.Dropout(share, seed=seed + number, name=name)(state)
    last = keras.initializers.GlorotUniform(seed=seed + len(widths) + 1)
    output = keras.layers.Dense(n_outputs, kernel_initializer=last, name="property")(state)
    return keras.Model(fractions, output, name="elemnet")


def with_active_dropout(model: keras.Model) -> keras.Model:
    """Copy a network; the copy also drops in prediction, for Monte-Carlo dropout.

    Raises
    ------
    ValueError
        If the network has no dropout.
    """

    def copy(layer: keras.layers.Layer) -> keras.layers.Layer:
        kind = ActiveDropout if isinstance(layer, keras.layers.Dropout) else type(layer)
        return kind.from_config(layer.get_config())

    if not any(isinstance(layer, keras.layers.Dropout) for layer in model.layers):
        raise ValueError(f"model must have layers of dropout; got {model.name} without any")
    active = keras.models.clone_model(model, clone_function=copy)
    active.set_weights(model.get_weights())
    return active
