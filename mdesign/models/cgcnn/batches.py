"""Batches of crystal graphs, padded to a few sizes so that compiled code is used again."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.crystals import CrystalGraphs
from mdesign.training.batches import Resumable

__all__ = ["GraphBatches", "GraphBlocks", "as_inputs"]

Inputs = dict[str, npt.NDArray[Any]]

_GROWTH = 1.1
"""Ratio of two sizes to which graphs are padded: the padding is at most this share."""

PADDING = -1.0
"""Length of the edges of the padding."""


def as_inputs(graphs: CrystalGraphs) -> Inputs:
    """Turn graphs into what the network takes, padded with an atom or more and edges between them.

    Returns
    -------
    dict of str to ndarray
        `numbers` and `crystals` (n_atoms,), `sources`, `targets` and `distances` (n_edges,), and
        `sizes`, the numbers of atoms (n,).
    """
    n_atoms, n_edges = len(graphs.numbers), len(graphs.distances)
    atoms, edges = _rounded_up(n_atoms + 1) - n_atoms, _rounded_up(n_edges) - n_edges

    def padded(values: npt.NDArray[Any], n: int, filling: float, kind: Any) -> npt.NDArray[Any]:
        return np.pad(values.astype(kind), (0, n), constant_values=filling)

    # The first atom of the padding has all its edges.
    return {
        "numbers": padded(graphs.numbers, atoms, 0, np.int32),
        "crystals": padded(graphs.crystals, atoms, len(graphs), np.int32),
        "sources": padded(graphs.sources, edges, n_atoms, np.int32),
        "targets": padded(graphs.targets, edges, n_atoms, np.int32),
        "distances": padded(graphs.distances, edges, PADDING, keras.config.floatx()),
        "sizes": np.diff(graphs.first_atom).astype(np.int32),
    }


class GraphBlocks(keras.utils.PyDataset):
    """All crystals in their order, so many at a time, with their targets if there are any."""

    def __init__(
        self, graphs: CrystalGraphs, targets: npt.ArrayLike | None, batch_size: int
    ) -> None:
        super().__init__()
        self._graphs = graphs
        self._targets = None if targets is None else _checked(targets, graphs)
        self._batch_size = arguments.whole("batch_size", batch_size)

    def __len__(self) -> int:
        return -(-len(self._graphs) // self._batch_size)

    def __getitem__(self, index: int) -> Any:
        """Return the inputs, and targets (batch_size, 1), of one block."""
        rows = slice(index * self._batch_size, (index + 1) * self._batch_size)
        inputs = as_inputs(self._graphs[rows])
        return inputs if self._targets is None else (inputs, _column(self._targets[rows]))


class GraphBatches(Resumable):
    """All crystals once an epoch, in a new order for each epoch; the last, smaller batch is left.

    `mdesign.training.batches.ShuffledBatches` does the same with arrays.
    """

    def __init__(
        self,
        graphs: CrystalGraphs,
        targets: npt.ArrayLike,
        *,
        batch_size: int,
        rng: np.random.Generator,
    ) -> None:
        super().__init__()
        self._graphs, self._targets, self._rng = graphs, _checked(targets, graphs), rng
        self._batch_size = min(arguments.whole("batch_size", batch_size), len(graphs))
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self._graphs) // self._batch_size

    def __getitem__(self, index: int) -> tuple[Inputs, npt.NDArray[Any]]:
        """Return the inputs and targets (batch_size, 1) of one batch."""
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        return as_inputs(self._graphs[rows]), _column(self._targets[rows])

    def on_epoch_end(self) -> None:
        """Choose the order of the next epoch."""
        self.state = self._rng.bit_generator.state
        self._order = self._rng.permutation(len(self._graphs))

    def go_on(self, done: int, state: Any) -> None:
        """Take the state of the generator before it chose the order."""
        self._rng.bit_generator.state = state
        self.on_epoch_end()


def _rounded_up(n: int) -> int:
    """Round up to one of a few sizes, in geometric steps."""
    step = np.ceil(np.log(max(n, 8)) / np.log(_GROWTH))
    return max(n, int(np.ceil(_GROWTH**step)))


def _checked(targets: npt.ArrayLike, graphs: CrystalGraphs) -> npt.NDArray[Any]:
    """Check that there is a target for each crystal."""
    return arguments.array("targets", targets, f"({len(graphs)},)")


def _column(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values[:, np.newaxis].astype(keras.config.floatx())
