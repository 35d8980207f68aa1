"""Small networks from the ions of an oxide to its formation energy.

W. Ye et al., Nat. Commun. 9, 3800 (2018), and their repository materialsvirtuallab/garnetdnn,
whose trained networks have these layers.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras

from mdesign.arguments import settle, whole

__all__ = ["NETWORKS", "Layers", "build_oxide_network"]


@dataclass(frozen=True)
class Layers:
    """Layers of a network; ValueError for a size that cannot be.

    Parameters
    ----------
    n_inputs : int
        Descriptors of an oxide, see `mdesign.crystals.oxides`.
    hidden : int
        Neurons of the hidden layer, with ReLU.
    linear : int, optional
        Neurons of a second layer without activation; 0 for none.
    dropout : float, optional
        Share of these that training drops, in [0, 1).
    """

    n_inputs: int
    hidden: int
    linear: int = 0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        settle(self, n_inputs="[1, inf)", hidden="[1, inf)", linear="[0, inf)", dropout="[0, 1)")


NETWORKS = {
    "perovskite": Layers(4, 12),
    "mixed perovskite": Layers(10, 24),
    "garnet": Layers(6, 24),
    "garnet, C mixed": Layers(13, 22, 8, 0.1),
    "garnet, A mixed": Layers(11, 22, 8, 0.1),
    "garnet, D mixed": Layers(13, 22, 8, 0.1),
}
"""The published networks by what they describe; those of mixed oxides have an ordering as input."""


def build_oxide_network(layers: Layers, *, seed: int) -> keras.Model:
    """Build a network for standardised descriptors ``(n, n_inputs)``; its output is ``(n, 1)``.

    Returns
    -------
    keras.Model
        Not compiled; of ``NETWORKS["perovskite"]`` it has 73 parameters.
    """
    seed = whole("seed", seed, "[0, inf)")
    first, second, last = (keras.initializers.GlorotUniform(seed=seed + i) for i in range(3))
    descriptors = keras.Input((layers.n_inputs,), name="descriptors")
    dense = keras.layers.Dense(layers.hidden, "relu", kernel_initializer=first, name="hidden")
    state = dense(descriptors)
    if layers.linear:
        dense = keras.layers.Dense(layers.linear, kernel_initializer=second, name="linear")
        state = dense(state)
    if layers.linear and layers.dropout:
        state = keras.layers.Dropout(layers.dropout, seed=seed, name="dropout")(state)
    energy = keras.layers.Dense(1, kernel_initializer=last, name="energy")(state)
    return keras.Model(descriptors, energy, name="oxide_network")
