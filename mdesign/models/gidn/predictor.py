"""The predictor: a fully connected network from a design to its property."""

from __future__ import annotations

from collections.abc import Sequence

import keras


def build_predictor(
    n_inputs: int, *, hidden: Sequence[int] = (256,) * 6, dropout: float = 0.5, seed: int
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

    Returns
    -------
    keras.Model
        Maps ``(n, n_inputs)`` to ``(n, 1)``; not compiled.

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Eq. 7: six hidden layers of 256, dropout 0.5.
    """
    if n_inputs < 1 or len(hidden) < 1:
        raise ValueError(
            f"n_inputs must be at least 1 and hidden not empty, got {n_inputs} and {hidden}"
        )
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must lie in [0, 1), got {dropout}")
    inputs = keras.Input((n_inputs,), name="design")
    hidden_state = inputs
    for depth, width in enumerate(hidden):
        initializer = keras.initializers.HeUniform(seed=seed + depth)
        hidden_state = keras.layers.Dense(
            width, activation="relu", kernel_initializer=initializer, name=f"hidden_{depth + 1}"
        )(hidden_state)
        if dropout > 0:
            hidden_state = keras.layers.Dropout(dropout, seed=seed + depth)(hidden_state)
    initializer = keras.initializers.GlorotUniform(seed=seed + len(hidden))
    output = keras.layers.Dense(1, kernel_initializer=initializer, name="property")(hidden_state)
    return keras.Model(inputs, output, name="predictor")
