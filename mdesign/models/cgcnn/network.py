"""Crystal graph convolutional neural network: atoms exchange messages along edges.

Xie and Grossman, Phys. Rev. Lett. 120, 145301 (2018). All crystals of a batch are one graph with a
flat list of edges, so that atoms may have any number of neighbours. Atoms of number 0 and edges of
negative length are padding: they change no crystal, and batch normalisation leaves them out.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.crystals import element_features
from mdesign.models.cgcnn.layers import (
    CONVOLUTIONS,
    Above,
    ElementVectors,
    GaussianDistances,
    GraphConvolution,
    MeanOfCrystal,
)

__all__ = ["READOUTS", "build_cgcnn", "site_model"]

READOUTS = ("full", "site")
"""What makes a property of the atoms, see `build_cgcnn`."""


def build_cgcnn(
    *,
    width: int = 64,
    n_convolutions: int = 4,
    hidden: int = 32,
    n_hidden: int = 1,
    convolution: str = "gated",
    readout: str = "full",
    n_gaussians: int = 41,
    features: npt.ArrayLike | None = None,
    seed: int,
) -> keras.Model:
    """Build the network; it takes what `mdesign.models.cgcnn.batches.as_inputs` makes of graphs.

    Parameters
    ----------
    width : int
        Length of the vector of an atom.
    n_convolutions : int
        Convolutions.
    hidden, n_hidden : int
        Neurons and number of the hidden layers after the mean over the atoms.
    convolution : {"gated", "simple"}
        Gated ones weigh neighbours by learnt factors; simple ones treat all alike.
    readout : {"full", "site"}
        Hidden layers after the mean, or a linear contribution of each atom, whose mean is the
        property: this is interpretable.
    n_gaussians : int
        Features of a distance, see `mdesign.models.cgcnn.layers.GaussianDistances`.
    features : array_like, shape (n, m), optional
        Features of the element of each atomic number, row 0 for padding; by default
        `mdesign.crystals.element_features`.

    Returns
    -------
    keras.Model
        Not compiled; the output has shape (n_crystals, 1).

    References
    ----------
    T. Xie, J.C. Grossman, Phys. Rev. Lett. 120, 145301 (2018). The default sizes are those of
    networks published with its code; the defaults of the code, and the networks of the article,
    have others.
    """
    width, hidden = arguments.whole("width", width), arguments.whole("hidden", hidden)
    n_convolutions = arguments.whole("n_convolutions", n_convolutions)
    n_hidden = arguments.whole("n_hidden", n_hidden)
    n_gaussians = arguments.whole("n_gaussians", n_gaussians)
    seed = arguments.whole("seed", seed, "[0, inf)")
    arguments.choice("convolution", convolution, CONVOLUTIONS)
    arguments.choice("readout", readout, READOUTS)
    table = arguments.array(
        "features", element_features() if features is None else features, "(n, m)", dtype=np.float32
    )
    numbers, crystals = _integers("numbers"), _integers("crystals")
    sources, targets, sizes = _integers("sources"), _integers("targets"), _integers("sizes")
    distances = keras.Input((), name="distances")
    edge_mask, atom_mask = Above(-0.5, name="is_edge")(distances), Above(0, name="is_atom")(numbers)
    edges = GaussianDistances(n_gaussians, name="gaussians")(distances)
    vectors = ElementVectors(table.shape, width, seed, name="elements")
    atoms = vectors(numbers)
    vectors.features.assign(table)
    for number in range(1, n_convolutions + 1):
        layer = GraphConvolution(
            width, convolution, seed + 10 * number, name=f"convolution_{number}"
        )
        atoms = layer([atoms, edges, sources, targets, edge_mask, atom_mask])
    if readout == "site":
        sites = _dense(1, seed + 1, None, "sites")(atoms)
        output = MeanOfCrystal(name="property")([sites, crystals, sizes])
    else:
        state = MeanOfCrystal(name="mean")([atoms, crystals, sizes])
        state = keras.layers.Activation("softplus", name="softplus")(state)
        for number in range(1, n_hidden + 1):
            state = _dense(hidden, seed + 1 + number, "softplus", f"hidden_{number}")(state)
        output = _dense(1, seed + 1, None, "property")(state)
    inputs = [numbers, sources, targets, distances, crystals, sizes]
    return keras.Model({one.name: one for one in inputs}, output, name="cgcnn")


def site_model(model: keras.Model) -> keras.Model:
    """Return the part of a network with `readout="site"` that gives what each atom contributes.

    The output has shape (n_atoms, 1); its mean over a crystal is the property.

    Raises
    ------
    ValueError
        If the network has another readout.
    """
    if not any(layer.name == "sites" for layer in model.layers):
        raise ValueError("model must have been built with readout='site'; it was not")
    return keras.Model(model.inputs, model.get_layer("sites").output, name="sites")


def _integers(name: str) -> Any:
    return keras.Input((), dtype="int32", name=name)


def _dense(n: int, seed: int, activation: str | None, name: str) -> keras.layers.Layer:
    start = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Dense(n, activation, kernel_initializer=start, name=name)
