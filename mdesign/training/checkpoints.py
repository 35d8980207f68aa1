"""Checkpoints of a training: weights, optimiser, losses and time.

The state is kept with its checksum, and holds those of the files that belong to it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign import paths
from mdesign.arguments import whole
from mdesign.storage import digest, kept_whole, read_kept, result_name

__all__ = ["Checkpoints", "TrainingState"]

SAVE_AFTER = 15.0
"""Seconds between two checkpoints, where these are not counted."""


@dataclass
class TrainingState:
    """Progress of a training.

    Epochs or steps done, their losses by name, wall time in seconds, the state of the batches,
    whether it has finished, states of the random numbers of layers such as dropout, and the best
    weights.
    """

    done: int = 0
    losses: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    batches: Any = None
    finished: bool = False
    seeds: list[list[int]] = field(default_factory=list)
    best: list[npt.NDArray] = field(default_factory=list)


class Checkpoints:
    """Checkpoints of one training in a folder of its own.

    They are `every` so many epochs, or steps, apart; `SAVE_AFTER` seconds if it is not given.
    """

    def __init__(self, folder: str | Path, *, every: int | None = None) -> None:
        self.folder = Path(folder)
        self.every = None if every is None else whole("every", every)
        self._state = self.folder / "state.json"
        self._saved = time.monotonic()

    @classmethod
    def below(
        cls,
        folder: str | Path | None,
        name: str,
        *parts: object,
        code: Callable[..., Any],
        every: int | None = None,
    ) -> Checkpoints | None:
        """Name the folder by all that shapes a training; None if nothing is to be kept.

        It is made at once: what cannot be written should fail before the training, not after it.
        """
        if folder is None:
            return None
        kept = Path(folder) / result_name(name, *parts, code=code)
        kept.mkdir(parents=True, exist_ok=True)
        return cls(kept, every=every)

    def due(self, done: int) -> bool:
        """Whether it is time to save."""
        if self.every is None:
            return time.monotonic() - self._saved >= SAVE_AFTER
        return done % self.every == 0

    def save(self, model: keras.Model, state: TrainingState) -> None:
        """Write weights and optimiser, then the state that names them, and delete older files."""
        files = {}
        with paths.written_whole(self.folder / _weights(state)) as temporary:
            model.save_weights(temporary)
            files[_weights(state)] = digest(temporary)
        if state.best and not state.finished:
            with paths.written_whole(self.folder / _best(state)) as temporary:
                np.savez(temporary, *state.best)
                files[_best(state)] = digest(temporary)
        state.seeds = [keras.ops.convert_to_numpy(variable).tolist() for variable in _seeds(model)]
        numbers = {name: value for name, value in vars(state).items() if name != "best"}
        with kept_whole(self._state, seconds=state.seconds) as temporary:
            temporary.write_text(json.dumps(numbers | {"files": files}), encoding="utf-8")
        for old in [*self.folder.glob("*.h5"), *self.folder.glob("best-*.npz")]:
            if old.name not in files:
                old.unlink()
        self._saved = time.monotonic()

    def restore(self, model: keras.Model) -> TrainingState:
        """Load the last checkpoint into a compiled network, if there is a whole one."""
        paths.sweep(self.folder)
        state = read_kept(self._state, self._read)
        if state is None:
            return TrainingState()
        model.load_weights(self.folder / _weights(state))
        for variable, seed in zip(_seeds(model), state.seeds, strict=True):
            variable.assign(np.array(seed, np.uint32))
        return state

    def _read(self, path: Path) -> TrainingState:
        """Read a state if the files that belong to it are whole."""
        numbers = json.loads(path.read_text(encoding="utf-8"))
        files = numbers.pop("files")
        state = TrainingState(**numbers)
        for name in {_weights(state), *files}:
            if digest(self.folder / name) != files[name]:
                raise ValueError(f"{name} is damaged")
        if _best(state) in files:
            with np.load(self.folder / _best(state), allow_pickle=False) as archive:
                state.best = [archive[name] for name in archive.files]
        return state


def _weights(state: TrainingState) -> str:
    """Name of the file of the weights of a state; Keras insists on its ending."""
    return "final.weights.h5" if state.finished else f"step-{state.done:06d}.weights.h5"


def _best(state: TrainingState) -> str:
    """Name of the file of the best weights so far."""
    return f"best-{state.done:06d}.npz"


def _seeds(model: keras.Model) -> list[keras.Variable]:
    """Variables of the random numbers that a network draws."""
    return [variable for variable in model.variables if "seed_generator" in variable.path]
