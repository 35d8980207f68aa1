"""Crystal graph networks in the form that is published: one matrix for each pair of atoms.

Xie and Grossman, Phys. Rev. Lett. 120, 145301 (2018). With 64 features of an atom, twelve
neighbours of each, 41 of a distance, four convolutions and a hidden layer of 32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign.crystals import CrystalGraphs, element_features
from mdesign.models.cgcnn.layers import MeanOfCrystal

WIDTH, NEIGHBOURS, CONVOLUTIONS, HIDDEN = 64, 12, 4, 32

Arrays = list[npt.NDArray[Any]]


def padded(graphs: CrystalGraphs, first: int, n: int) -> Arrays:
    """Features of atoms and distances, neighbours, crystals and numbers of atoms of a batch."""
    part = graphs[first : first + n]
    distances = part.distances.reshape(-1, NEIGHBOURS, 1)
    return [
        element_features()[part.numbers],
        np.exp(-(((distances - np.arange(41) / 5) * 5) ** 2)).astype(np.float32),
        part.targets.reshape(-1, NEIGHBOURS),
        part.crystals.astype(np.int32),
        np.diff(part.first_atom).astype(np.int32),
    ]


def keras_network(
    graphs: CrystalGraphs, targets: npt.NDArray[Any], size: int
) -> tuple[keras.Model, list[Any]]:
    """Build the network in Keras, and its batches."""
    atoms, edges = keras.Input((92,)), keras.Input((NEIGHBOURS, 41))
    neighbours = keras.Input((NEIGHBOURS,), dtype="int32")
    crystals, sizes = keras.Input((), dtype="int32"), keras.Input((), dtype="int32")
    state = keras.layers.Dense(WIDTH)(atoms)
    for _ in range(CONVOLUTIONS):
        state = PublishedConvolution()([state, edges, neighbours])
    # The layer leaves out the crystal after the last, which holds padding elsewhere.
    state = MeanOfCrystal()([state, crystals, sizes])
    state = keras.layers.Dense(HIDDEN, "softplus")(keras.ops.softplus(state))
    model = keras.Model([atoms, edges, neighbours, crystals, sizes], keras.layers.Dense(1)(state))
    batches = [
        (padded(graphs, first, size), targets[first : first + size, None].astype(np.float32))
        for first in range(0, len(graphs), size)
    ]
    return model, batches


class PublishedConvolution(keras.layers.Layer):
    """The gated convolution on pairs of atoms."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = keras.layers.Dense(2 * WIDTH)
        self.of_pairs, self.of_atoms = (
            keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5) for _ in range(2)
        )

    def build(self, shapes: Any) -> None:
        """Make the weights."""
        self.pair.build((None, NEIGHBOURS, 2 * WIDTH + 41))
        self.of_pairs.build((None, NEIGHBOURS, 2 * WIDTH))
        self.of_atoms.build((None, WIDTH))
        self.built = True

    def call(self, inputs: list[Any], training: bool | None = None) -> Any:
        """Update atoms (n, 64) by edges (n, 12, 41) to neighbours (n, 12)."""
        atoms, edges, neighbours = inputs
        around = keras.ops.take(atoms, neighbours, axis=0)
        centre = keras.ops.broadcast_to(atoms[:, None], keras.ops.shape(around))
        mixed = self.pair(keras.ops.concatenate([centre, around, edges], axis=-1))
        mixed = self.of_pairs(mixed, training=training)
        gate, core = mixed[..., :WIDTH], mixed[..., WIDTH:]
        total = keras.ops.sum(keras.ops.sigmoid(gate) * keras.ops.softplus(core), axis=1)
        return keras.ops.softplus(atoms + self.of_atoms(total, training=training))


def torch_steps(
    graphs: CrystalGraphs, targets: npt.NDArray[Any], size: int
) -> tuple[Callable[[], object], Callable[[], object]]:
    """Give a training epoch and a prediction of all batches in PyTorch."""
    import torch
    from torch import nn

    class Convolution(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pair = nn.Linear(2 * WIDTH + 41, 2 * WIDTH)
            self.of_pairs, self.of_atoms = nn.BatchNorm1d(2 * WIDTH), nn.BatchNorm1d(WIDTH)

        def forward(self, atoms: Any, edges: Any, neighbours: Any) -> Any:
            centre = atoms.unsqueeze(1).expand(-1, NEIGHBOURS, -1)
            mixed = self.pair(torch.cat([centre, atoms[neighbours], edges], dim=2))
            mixed = self.of_pairs(mixed.view(-1, 2 * WIDTH)).view(mixed.shape)
            gate, core = mixed.chunk(2, dim=2)
            total = (torch.sigmoid(gate) * nn.functional.softplus(core)).sum(dim=1)
            return nn.functional.softplus(atoms + self.of_atoms(total))

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Linear(92, WIDTH)
            self.convolutions = nn.ModuleList(Convolution() for _ in range(CONVOLUTIONS))
            self.hidden, self.output = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, 1)

        def forward(self, atoms: Any, edges: Any, neighbours: Any, sizes: Any) -> Any:
            state = self.embedding(atoms)
            for convolution in self.convolutions:
                state = convolution(state, edges, neighbours)
            means = torch.stack([one.mean(dim=0) for one in state.split(sizes)])
            hidden = nn.functional.softplus(self.hidden(nn.functional.softplus(means)))
            return self.output(hidden)

    network = Network()
    optimizer = torch.optim.Adam(network.parameters())
    batches = []
    for first in range(0, len(graphs), size):
        atoms, edges, neighbours, _, sizes = padded(graphs, first, size)
        arrays = [torch.from_numpy(one) for one in (atoms, edges, neighbours.astype(np.int64))]
        wanted = torch.from_numpy(targets[first : first + size, None].astype(np.float32))
        batches.append(((*arrays, sizes.tolist()), wanted))

    def train() -> None:
        for inputs, wanted in batches:
            optimizer.zero_grad()
            ((network(*inputs) - wanted) ** 2).mean().backward()
            optimizer.step()

    def predict() -> None:
        network.eval()
        with torch.no_grad():
            for inputs, _ in batches:
                network(*inputs)
        network.train()

    return train, predict
