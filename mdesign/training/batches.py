"""Training batches mixed from several groups of samples in fixed shares."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt


class MixedBatches(keras.utils.PyDataset):
    """Batches with a fixed share of each group of samples, drawn without replacement in turn.

    Each group is walked through in random order and shuffled again when it is used up, so that
    a small group comes round more often than a large one.

    Parameters
    ----------
    groups : sequence of (inputs, targets)
        Arrays of shape (n, n_inputs) and (n,), n > 0; inputs may be integers.
    shares : sequence of float
        Share of each group in a batch, adding up to 1.
    batch_size : int
        Samples in a batch.
    n_batches : int
        Number of batches; one epoch goes through all of them.
    rng : numpy.random.Generator
        Source of the order.

    Raises
    ------
    ValueError
        If the shares do not fit the groups or do not add up to 1.
    """

    def __init__(
        self,
        groups: Sequence[tuple[npt.NDArray, npt.NDArray]],
        shares: Sequence[float],
        *,
        batch_size: int,
        n_batches: int,
        rng: np.random.Generator,
    ) -> None:
        super().__init__()
        if len(shares) != len(groups) or abs(sum(shares) - 1) > 1e-9 or min(shares) < 0:
            raise ValueError(
                f"shares must be {len(groups)} numbers of sum 1, one a group, got {tuple(shares)}"
            )
        self._groups = groups
        counts = np.diff(np.round(np.cumsum([0.0, *shares]) * batch_size).astype(int))
        self._orders = [
            _endless_order(len(targets), count * n_batches, rng).reshape(n_batches, count)
            for (_, targets), count in zip(groups, counts, strict=True)
        ]
        self._n_batches = n_batches

    def __len__(self) -> int:
        """Return the number of batches."""
        return self._n_batches

    def __getitem__(self, index: int) -> tuple[npt.NDArray, npt.NDArray]:
        """Return the inputs and targets of one batch as float32."""
        chosen = [order[index] for order in self._orders]
        pairs = list(zip(self._groups, chosen, strict=True))
        inputs = np.concatenate([inputs[rows] for (inputs, _), rows in pairs])
        targets = np.concatenate([targets[rows] for (_, targets), rows in pairs])
        return inputs.astype(np.float32), targets.astype(np.float32)[:, np.newaxis]


def _endless_order(n_samples: int, n_draws: int, rng: np.random.Generator) -> npt.NDArray:
    """Return the indices of `n_draws` samples: one random permutation after another."""
    rounds = -(-n_draws // n_samples)
    order = [rng.permutation(n_samples).astype(np.int32) for _ in range(rounds)]
    return np.concatenate([np.empty(0, np.int32), *order])[:n_draws]
