"""What a training run leaves: checkpoints on the way, networks and their quality at its end."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from mdesign import paths
from mdesign.design.adversarial_data import GanSettings, random_fields
from mdesign.design.generators import decode, sample_latents
from mdesign.microstructure import TextureComparison, compare_textures
from mdesign.models.gan import Gan

__all__ = [
    "Checkpoints",
    "GanTraining",
    "Recorder",
    "TrainingState",
    "save_training",
    "texture",
]


@dataclass(frozen=True)
class GanTraining:
    """What a training run gave.

    Parameters
    ----------
    generator, discriminator : keras.Model
        The trained networks.
    history : dict
        The losses of each step, by name.
    seconds : float
        Wall time of the training, over all parts of a run that was interrupted.
    """

    generator: keras.Model
    discriminator: keras.Model
    history: dict[str, list[float]]
    seconds: float


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
    settings : GanSettings
        The run.
    """

    def __init__(self, folder: Path, settings: GanSettings) -> None:
        content = json.dumps(asdict(settings), sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        self.folder = folder / f"gan-{digest}"
        self._state = self.folder / "state.json"

    def save(self, gan: Gan, state: TrainingState) -> None:
        """Write the weights, then the state that names their step, and drop older weights."""
        with paths.written_whole(self._weights(state.step)) as temporary:
            named = temporary.with_suffix(".weights.h5")  # Keras insists on this ending
            gan.save_weights(named)
            named.replace(temporary)
        with paths.written_whole(self._state) as temporary:
            temporary.write_text(json.dumps(asdict(state)), encoding="utf-8")
        for old in self.folder.glob("step-*.h5"):
            if old != self._weights(state.step):
                old.unlink()

    def restore(self, gan: Gan) -> TrainingState:
        """Load the last checkpoint into the networks, if there is one."""
        if not self._state.is_file():
            return TrainingState()
        state = TrainingState(**json.loads(self._state.read_text(encoding="utf-8")))
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            named = Path(folder) / "step.weights.h5"
            shutil.copyfile(self._weights(state.step), named)
            gan.load_weights(named)
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


def texture(
    generator: keras.Model, settings: GanSettings, *, n: int = 500, seed: int = 1
) -> dict[str, TextureComparison]:
    """Compare a generator's microstructures with random fields it has not seen.

    Parameters
    ----------
    generator : keras.Model
        The generator.
    settings : GanSettings
        Its run; the random fields come from it.
    n : int, optional
        Microstructures and random fields of each size.
    seed : int, optional
        Seed of both; another one than that of the run.

    Returns
    -------
    dict of str to TextureComparison
        By shape of the latent map: ``"2x2"``, ``"3x3"``, ``"4x4"``.
    """
    found = {}
    for side in (2, 3, 4):
        rng = np.random.default_rng([seed, side])
        made = decode(generator, sample_latents(n, (side, side), rng))
        real = random_fields(settings, n, made.shape[1], rng)
        found[f"{side}x{side}"] = compare_textures(made, real)
    return found


def save_training(
    training: GanTraining, settings: GanSettings, folder: str | Path, *, n: int = 500
) -> None:
    """Write the networks of a run, and beside them how they came about and how good they are.

    Parameters
    ----------
    training : GanTraining
        A finished run.
    settings : GanSettings
        Its settings.
    folder : path-like
        Gets ``generator.keras``, ``discriminator.keras`` and ``generator.json``.
    n : int, optional
        Microstructures of each size that its quality is measured on.
    """
    target = Path(folder)
    for name in ("generator", "discriminator"):
        with paths.written_whole(target / f"{name}.keras") as temporary:
            getattr(training, name).save(temporary)
    last = {name: float(np.mean(values[-100:])) for name, values in training.history.items()}
    record = {
        "settings": asdict(settings),
        "losses": last,
        "texture": {
            name: asdict(found)
            for name, found in texture(training.generator, settings, n=n).items()
        },
        "seconds": round(training.seconds, 1),
        "versions": {
            "keras": keras.__version__,
            "numpy": np.__version__,
            keras.backend.backend(): importlib.metadata.version(keras.backend.backend()),
        },
    }
    with paths.written_whole(target / "generator.json") as temporary:
        temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
