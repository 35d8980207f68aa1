"""A progress bar for Keras, and the reset of an optimiser."""

from __future__ import annotations

from typing import Any

import keras
from tqdm import tqdm

__all__ = ["ProgressBar", "reset_optimizer"]


class ProgressBar(keras.callbacks.Callback):
    """Advance a tqdm bar, which the caller closes, by one for each training step."""

    def __init__(self, bar: tqdm) -> None:
        super().__init__()
        self.bar = bar

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Advance the bar."""
        self.bar.update(1)


def reset_optimizer(optimizer: keras.optimizers.Optimizer) -> None:
    """Set moments and step count to zero; a constant rate stays, a schedule starts again."""
    for variable in optimizer.variables if optimizer.built else ():
        if variable.name != "learning_rate":
            variable.assign(keras.ops.zeros_like(variable))
