"""Batches of training samples, in an order that depends on a given generator alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign.arguments import array, whole

__all__ = [
    "Blocks",
    "EpochBatches",
    "MixedBatches",
    "OrderedBatches",
    "Resumable",
    "ShuffledBatches",
    "Transform",
    "endless",
]

Transform = Callable[[npt.NDArray, np.random.Generator], npt.NDArray]


class Resumable(keras.utils.PyDataset):
    """Batches with which a killed training can continue.

    The `state`, which JSON can hold, is what the following batches depend on besides the number of
    epochs done.
    """

    state: Any = None

    def go_on(self, done: int, state: Any) -> None:
        """Give the batches that follow after so many epochs, or steps, and this state."""
        raise NotImplementedError


class ShuffledBatches(Resumable):
    """All samples once an epoch, in a new order for each epoch.

    The samples after the last full batch are left out: a small batch would spoil batch
    normalisation. `transform` replaces the inputs of a batch by equivalent ones, such as shifted
    images.
    """

    def __init__(
        self,
        inputs: npt.ArrayLike,
        targets: npt.ArrayLike,
        *,
        batch_size: int,
        rng: np.random.Generator,
        transform: Transform | None = None,
    ) -> None:
        super().__init__()
        self._inputs, self._targets = checked_samples(inputs, targets)
        self._batch_size = min(whole("batch_size", batch_size), len(self._inputs))
        self._rng = rng
        self._transform = transform
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self._inputs) // self._batch_size

    def __getitem__(self, index: int) -> tuple[npt.NDArray, npt.NDArray]:
        """Return the inputs and targets of one batch as float32."""
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        inputs = self._inputs[rows]
        if self._transform is not None:
            inputs = self._transform(inputs, self._rng)
        return inputs.astype(np.float32), self._targets[rows].astype(np.float32)

    def on_epoch_end(self) -> None:
        """Choose the order of the next epoch."""
        self.state = self._rng.bit_generator.state
        self._order = self._rng.permutation(len(self._inputs))

    def go_on(self, done: int, state: Any) -> None:
        """Take the state of the generator before it chose the order."""
        self._rng.bit_generator.state = state
        self.on_epoch_end()


class Blocks(keras.utils.PyDataset):
    """All samples in their order, in blocks of one size, for validation."""

    def __init__(self, inputs: npt.ArrayLike, targets: npt.ArrayLike, size: int) -> None:
        super().__init__()
        self._inputs, self._targets = checked_samples(inputs, targets)
        self._size = whole("size", size)

    def __len__(self) -> int:
        return -(-len(self._inputs) // self._size)

    def __getitem__(self, index: int) -> tuple[npt.NDArray, npt.NDArray]:
        """Return the inputs and targets of one block as float32."""
        rows = slice(index * self._size, (index + 1) * self._size)
        return self._inputs[rows].astype(np.float32), self._targets[rows].astype(np.float32)


class EpochBatches(Resumable):
    """Batches that depend on the number of their epoch alone, as many in each epoch."""

    def __init__(self, make: Callable[[int], keras.utils.PyDataset]) -> None:
        super().__init__()
        self._make = make
        self._begun = 0
        self._current = make(0)
        if not isinstance(self._current, keras.utils.PyDataset):
            raise TypeError(f"make must return batches; got {self._current!r}")

    def __len__(self) -> int:
        return len(self._current)

    def __getitem__(self, index: int) -> Any:
        return self._current[index]

    def on_epoch_begin(self) -> None:
        """Go on to the next epoch, from the second on."""
        if self._begun:
            self._current = self._make(self._begun)
        self._begun += 1

    def go_on(self, done: int, state: Any) -> None:
        """Continue after so many epochs."""
        self._begun = done


class OrderedBatches(Resumable):
    """Batches of the given rows ``(n_epochs, n_batches, batch_size)`` of samples."""

    def __init__(self, inputs: npt.ArrayLike, targets: npt.ArrayLike, rows: npt.ArrayLike) -> None:
        super().__init__()
        self._inputs, self._targets = checked_samples(inputs, targets)
        shape, last = "(n_epochs, n_batches, batch_size)", len(self._inputs) - 1
        self._rows = array("rows", rows, shape, f"[0, {last}]", dtype=np.int64)
        if not self._rows.size:
            raise ValueError(f"rows must hold at least one row; got shape {self._rows.shape}")
        self._begun = 0

    def __len__(self) -> int:
        return self._rows.shape[1]

    def __getitem__(self, index: int) -> tuple[npt.NDArray, npt.NDArray]:
        rows = self._rows[max(self._begun - 1, 0), index]
        return self._inputs[rows], self._targets[rows]

    def on_epoch_begin(self) -> None:
        """Go on to the next epoch."""
        self._begun += 1

    def go_on(self, done: int, state: Any) -> None:
        """Continue after so many epochs."""
        self._begun = done


class MixedBatches(keras.utils.PyDataset):
    """Batches with a fixed share of each group of inputs (n, n_inputs) and targets (n,).

    The shares add up to 1. Each group is shuffled in each epoch, and whenever it is used up, so
    that the samples of a small group recur more often than those of a large one. The `rows` of an
    epoch, shape (n_batches, batch_size), count the samples of all groups, `inputs` and `targets`.
    """

    def __init__(
        self,
        groups: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]],
        shares: Sequence[float],
        *,
        batch_size: int,
        n_batches: int,
        rng: np.random.Generator,
    ) -> None:
        super().__init__()
        parts = array("shares", shares, "(n,)", "[0, 1]")
        if len(parts) != len(groups) or abs(parts.sum() - 1) > 1e-9:
            raise ValueError(
                f"shares must be numbers of sum 1, one for each of {len(groups)} groups; "
                f"got {shares}"
            )
        if not all(isinstance(group, tuple | list) and len(group) == 2 for group in groups):
            raise TypeError("groups must be pairs of inputs and targets")
        pairs = [checked_samples(*group, name="groups") for group in groups]
        batch_size = whole("batch_size", batch_size)
        self.inputs = np.concatenate([inputs for inputs, _ in pairs])
        targets = np.concatenate([targets for _, targets in pairs])
        self.targets = targets.astype(np.float32)[:, np.newaxis]
        self._sizes = [len(targets) for _, targets in pairs]
        self._counts = np.diff(np.round(np.cumsum([0.0, *parts]) * batch_size).astype(int))
        self._n_batches, self._rng = whole("n_batches", n_batches), rng
        self.rows = self._drawn()
        self._begun = False

    def __len__(self) -> int:
        return self._n_batches

    def __getitem__(self, index: int) -> tuple[npt.NDArray, npt.NDArray]:
        """Return the inputs and targets of one batch as float32."""
        rows = self.rows[index]
        return self.inputs[rows].astype(np.float32), self.targets[rows]

    def on_epoch_begin(self) -> None:
        """Choose new rows, from the second epoch on."""
        if self._begun:
            self.rows = self._drawn()
        self._begun = True

    def _drawn(self) -> npt.NDArray[np.int32]:
        orders, first = [], 0
        for size, count in zip(self._sizes, self._counts.tolist(), strict=True):
            order = endless(size, count * self._n_batches, self._rng)
            orders.append(first + order.reshape(self._n_batches, count))
            first += size
        return np.concatenate(orders, axis=1)


def endless(n_samples: int, n_draws: int, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """Draw rows without replacement, in one random order after another."""
    n_samples, n_draws = whole("n_samples", n_samples), whole("n_draws", n_draws, "[0, inf)")
    rounds = -(-n_draws // n_samples)
    order = [rng.permutation(n_samples).astype(np.int32) for _ in range(rounds)]
    return np.concatenate([np.empty(0, np.int32), *order])[:n_draws]


def checked_samples(
    inputs: npt.ArrayLike, targets: npt.ArrayLike, *, name: str = ""
) -> tuple[npt.NDArray, npt.NDArray]:
    """Check that samples are finite, and each has a target."""
    own = array(name or "inputs", inputs, dtype=None)
    wanted = array(name or "targets", targets, dtype=None)
    if own.shape[:1] != wanted.shape[:1] or not own.size:
        raise ValueError(
            f"{name or 'inputs and targets'} must be as many, at least 1; "
            f"got shapes {own.shape} and {wanted.shape}"
        )
    return own, wanted
