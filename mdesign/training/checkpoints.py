"""Training that a killed process can go on with: checkpoints of weights, losses and time."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
from tqdm import tqdm

from mdesign import paths

__all__ = ["Checkpoints", "Recorder", "TrainingState"]


@dataclass
class TrainingState:
    """How far a run has come.

    Parameters
    ----------
    step : int
        Steps done.
    losses : dict
        Losses of each step, by name.
    seconds : float
        Wall time so far.
    """

    step: int = 0
    losses: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0


class Checkpoints:
    """Checkpoints of one run, in a subfolder named after its settings.

    Parameters
    ----------
    folder : pathlib.Path
        Where the subfolder lies.
    settings : dataclass
        The run.
    name : str
        What is trained; the subfolder's name begins with it.
    data : bytes, optional
        What the run learns from, if the settings do not say.
    """

    def __init__(self, folder: Path, settings: Any, name: str, *, data: bytes = b"") -> None:
        content = json.dumps(asdict(settings), sort_keys=True).encode()
        digest = hashlib.sha256(content + data).hexdigest()[:12]
        self.folder = folder / f"{name}-{digest}"
        self._state = self.folder / "state.json"

    def save(self, model: keras.Model, state: TrainingState) -> None:
        """Write the weights, then the state that names their step, and drop older weights."""
        with paths.written_whole(self._weights(state.step)) as temporary:
            named = temporary.with_suffix(".weights.h5")  # Keras insists on this ending
            model.save_weights(named)
            named.replace(temporary)
        with paths.written_whole(self._state) as temporary:
            temporary.write_text(json.dumps(asdict(state)), encoding="utf-8")
        for old in self.folder.glob("step-*.h5"):
            if old != self._weights(state.step):
                old.unlink()

    def restore(self, model: keras.Model) -> TrainingState:
        """Load the last checkpoint into the networks, if there is one."""
        if not self._state.is_file():
            return TrainingState()
        state = TrainingState(**json.loads(self._state.read_text(encoding="utf-8")))
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            named = Path(folder) / "step.weights.h5"
            shutil.copyfile(self._weights(state.step), named)
            model.load_weights(named)
        return state

    def _weights(self, step: int) -> Path:
        """Where the weights of a step lie."""
        return self.folder / f"step-{step:06d}.h5"


class Recorder(keras.callbacks.Callback):
    """Keep the losses of each step, save checkpoints, advance a bar.

    Parameters
    ----------
    state : TrainingState
        Grows with each step.
    checkpoints : Checkpoints, optional
        Where the run is saved.
    every : int
        Steps between checkpoints.
    bar : tqdm.tqdm
        The bar, owned and closed by the caller.
    """

    def __init__(
        self, state: TrainingState, checkpoints: Checkpoints | None, every: int, bar: tqdm
    ) -> None:
        super().__init__()
        self.state = state
        self.checkpoints = checkpoints
        self.every = every
        self.bar = bar

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        self._started = time.perf_counter() - self.state.seconds

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Record one step."""
        for name, value in (logs or {}).items():
            self.state.losses.setdefault(name, []).append(round(float(value), 6))
        self.state.step += 1
        self.state.seconds = time.perf_counter() - self._started
        self.bar.update(1)
        if self.checkpoints is not None and self.state.step % self.every == 0:
            self.checkpoints.save(self.model, self.state)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Save the last step."""
        if self.checkpoints is not None:
            self.checkpoints.save(self.model, self.state)
