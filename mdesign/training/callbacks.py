"""Callbacks: a bar, and what records losses, stops early and saves; the reset of an optimiser."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from mdesign.training.checkpoints import Checkpoints, TrainingState

__all__ = ["ProgressBar", "Recorder", "reset_optimizer"]

ADVICE = "try a smaller learning rate, and check inputs and targets for very large values"
"""What helps where a loss is not finite."""


def check_weights(name: str, weights: Iterable[Any]) -> None:
    """Raise FloatingPointError if weights of a network are not finite."""
    if not all(np.isfinite(one).all() for one in weights):
        raise FloatingPointError(f"the weights of {name} are not finite; {ADVICE}")


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
            variable.assign(keras.ops.zeros(variable.shape, variable.dtype))


class Recorder(keras.callbacks.Callback):
    """Record losses and best weights, end the training, save checkpoints, advance a bar."""

    def __init__(
        self,
        state: TrainingState,
        batches: Any,
        checkpoints: Checkpoints | None,
        bar: tqdm,
        total: int,
        patience: int | None,
        by_epoch: bool,
    ) -> None:
        super().__init__()
        self.state, self.batches, self.checkpoints, self.bar = state, batches, checkpoints, bar
        self.total, self.patience, self.by_epoch = total, patience, by_epoch
        self.steps_left: int | None = None
        self.resumed = state.done > 0
        if self.resumed:
            batches.go_on(state.done, state.batches)

    @property
    def since_best(self) -> int:
        """Epochs since the one with the least validation loss."""
        checks = self.state.losses.get("validation_loss", [])
        return len(checks) - 1 - int(np.argmin(checks)) if checks else 0

    @property
    def has_ended(self) -> bool:
        """Whether all epochs or steps are done, or the patience has run out."""
        waited = self.patience is not None and self.since_best >= self.patience
        stepped = self.steps_left is not None and self.steps_left <= 0
        return waited or stepped or self.state.done >= self.total

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        self.started = time.perf_counter() - self.state.seconds

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Resume once more after a kill: Keras has drawn two batches to learn their shapes."""
        if self.resumed:
            self.batches.go_on(self.state.done, self.state.batches)
            self.resumed = False

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Record a step where steps are recorded; end the last epoch where steps are counted."""
        if self.steps_left is not None:
            self.steps_left -= 1
            self.model.stop_training = self.steps_left <= 0
        if not self.by_epoch:
            self._record({name: round(float(value), 6) for name, value in (logs or {}).items()})
            self._save_if_due()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record an epoch where epochs count; keep its weights if they are the best."""
        if not self.by_epoch or logs is None:
            return
        self._record(
            {name.replace("val_", "validation_"): float(value) for name, value in logs.items()}
        )
        self.state.batches = getattr(self.batches, "state", None)
        if self.since_best == 0:
            self.state.best = self.model.get_weights()
        self.model.stop_training = self.has_ended or self.model.stop_training
        self._save_if_due()

    def finish(self, model: keras.Model) -> None:
        """Set the best weights, and save them."""
        if self.state.best:
            model.set_weights(self.state.best)
        check_weights(model.name, model.get_weights())
        self.state.finished = True
        if self.checkpoints is not None:
            self.checkpoints.save(model, self.state)

    def _record(self, losses: dict[str, float]) -> None:
        for name, value in losses.items():
            if not np.isfinite(value):
                done = f"{'epoch' if self.by_epoch else 'step'} {self.state.done + 1}"
                raise FloatingPointError(
                    f"the {name.replace('_', ' ')} of {self.model.name} is not finite in {done}; "
                    + ADVICE
                )
        for name, value in losses.items():
            self.state.losses.setdefault(name, []).append(value)
        self.state.done += 1
        self.state.seconds = time.perf_counter() - self.started
        self.bar.update(1)

    def _save_if_due(self) -> None:
        if self.checkpoints is not None and self.checkpoints.due(self.state.done):
            self.checkpoints.save(self.model, self.state)
