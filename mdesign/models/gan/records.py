"""What a training run leaves: networks and their quality."""

from __future__ import annotations

import importlib.metadata
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

from mdesign import paths
from mdesign.data.sets.absorption import sample_latents
from mdesign.microstructure import TextureComparison, compare_textures
from mdesign.models.gan.fields import GanSettings, random_fields
from mdesign.models.gan.trained import decode

__all__ = ["GanTraining", "save_training", "texture"]


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
