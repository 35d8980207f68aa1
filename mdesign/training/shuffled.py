"""Training batches in an order that depends on a given generator alone."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import numpy.typing as npt

Transform = Callable[[npt.NDArray, np.random.Generator], npt.NDArray]


class ShuffledBatches(keras.utils.PyDataset):
    """All samples once an epoch, in an order that is new for each epoch.

    Parameters
    ----------
    inputs, targets : ndarray, shape (n, ...)
        Samples; integers are allowed.
    batch_size : int
        Samples in a batch; all of them if they are fewer.
    only_full : bool
        Leave out the samples at the end that make no full batch, whose statistics would spoil
        batch normalisation.
    rng : numpy.random.Generator
        Source of the order and of what `transform` draws.
    transform : callable, optional
        Turns the inputs of a batch into others of equal worth, such as shifted images.

    Raises
    ------
    ValueError
        If there is no sample, the numbers of inputs and targets differ, or `batch_size` is not
        positive.
    """

    def __init__(
        self,
        inputs: npt.NDArray,
        targets: npt.NDArray,
        *,
        batch_size: int,
        rng: np.random.Generator,
        only_full: bool = True,
        transform: Transform | None = None,
    ) -> None:
        super().__init__()
        if len(inputs) != len(targets) or not len(inputs):
            raise ValueError(
                f"inputs and targets must be as many, at least 1; got {len(inputs)}, {len(targets)}"
            )
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1; got {batch_size}")
        self._inputs, self._targets = inputs, targets
        self._batch_size = min(batch_size, len(inputs))
        self._only_full = only_full
        self._rng = rng
        self._transform = transform
        self._order = rng.permutation(len(inputs))

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        whole, rest = divmod(len(self._inputs), self._batch_size)
        return whole + (rest > 0 and not self._only_full)

    def __getitem__(self, index: int) -> tuple[npt.NDArray, npt.NDArray]:
        """Return the inputs and targets of one batch as float32."""
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        inputs = self._inputs[rows]
        if self._transform is not None:
            inputs = self._transform(inputs, self._rng)
        return inputs.astype(np.float32), self._targets[rows].astype(np.float32)

    def on_epoch_end(self) -> None:
        """Choose the order of the next epoch."""
        self._order = self._rng.permutation(len(self._inputs))
