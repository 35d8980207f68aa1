"""The predictor: a fully connected network from a design to its property."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from mdesign import arguments

INITIALIZERS = ("he_uniform", "glorot_uniform")
"""Distributions of the initial weights, by the names that Keras gives them."""


def build_predictor(
    n_inputs: int,
    *,
    hidden: Sequence[int] = (256,) * 6,
    dropout: float = 0.5,
    initializer: str = "he_uniform",
    seed: int,
) -> keras.Model:
    """Build a fully connected ReLU network with one linear output.

    Parameters
    ----------
    n_inputs : int
        Number of design variables.
    hidden : sequence of int
        Neurons of each hidden layer.
    dropout : float
        Share of the neurons of a hidden layer dropped in training, in [0, 1).
    initializer : {"he_uniform", "glorot_uniform"}
        Of the weights of the hidden layers. He's keeps the scale of the signal through ReLU layers.
        With a dropout of 0.5 it lets the noise double in each layer, and training tends to silence
        the network; Glorot's, half the variance, keeps the noise in bounds.

    Returns
    -------
    keras.Model
        Maps ``(n, n_inputs)`` to ``(n, 1)``; not compiled.

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Eq. 7: six hidden layers of 256, dropout 0.5.
    """
    n_inputs = arguments.whole("n_inputs", n_inputs)
    hidden = arguments.wholes("hidden", hidden)
    dropout = arguments.number("dropout", dropout, "[0, 1)")
    seed = arguments.whole("seed", seed, "[0, inf)")
    arguments.choice("initializer", initializer, INITIALIZERS)
    inputs = keras.Input((n_inputs,), name="design")
    hidden_state = inputs
    for depth, width in enumerate(hidden):
        start = keras.initializers.get(
            {"class_name": initializer, "config": {"seed": seed + depth}}
        )
        hidden_state = keras.layers.Dense(
            width, activation="relu", kernel_initializer=start, name=f"hidden_{depth + 1}"
        )(hidden_state)
        if dropout > 0:
            hidden_state = keras.layers.Dropout(dropout, seed=seed + depth)(hidden_state)
    start = keras.initializers.GlorotUniform(seed=seed + len(hidden))
    output = keras.layers.Dense(1, kernel_initializer=start, name="property")(hidden_state)
    return keras.Model(inputs, output, name="predictor")
