"""Sets of microstructures with their optical absorption: latents, patterns, absorptance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign.data import ShardedSet
from mdesign.design.generators import decode, load_generator, sample_latents
from mdesign.physics import OpticalStack, absorptance

__all__ = ["AbsorptionData", "absorption_data"]

SHARD_SIZE = 250
"""Structures in a shard: seconds of work, so that a kill costs little."""

PROBE_SEED, PROBE_SIZE, PROBE_DIGITS = 2**32 - 1, 2, 4


@dataclass(frozen=True)
class AbsorptionData:
    """Microstructures of a generator and what they absorb.

    Attributes
    ----------
    latents : ndarray of float32, shape (n, h, w)
        Latent maps, each entry uniform in (-1, 1).
    patterns : ndarray of uint8, shape (n, 32 h, 32 w)
        Phases 0 and 1.
    absorptance : ndarray of float64, shape (n,)
        Share of the incident light that each pattern absorbs.
    """

    latents: npt.NDArray[np.float32]
    patterns: npt.NDArray[np.uint8]
    absorptance: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.absorptance)


def absorption_data(
    generator: str | keras.Model,
    stack: OpticalStack,
    *,
    n_samples: int,
    latent_shape: tuple[int, int],
    seed: int,
    folder: Path,
    progress: bool = False,
) -> AbsorptionData:
    """Draw microstructures from a generator and compute their absorptance, or read both.

    The samples are kept in shards of `SHARD_SIZE` below `folder`. The same call later reads
    them; a killed run goes on where it was; a larger set continues a smaller one. What is kept
    is tied to the stack, the generator's weights, and two samples computed anew by each call,
    so that a change of the physics is noticed.

    Parameters
    ----------
    generator : {"own", "published"} or keras.Model
        Name for `load_generator`, or a model that maps latents ``(n, h, w, 1)`` to images.
    stack : OpticalStack
        The optical configuration.
    n_samples : int
        Number of microstructures, at least 1.
    latent_shape : (int, int)
        Shape of a latent map: (3, 3) for Data-I, (2, 2) for Data-II.
    seed : int
        Zero or positive. Each shard draws its latents from a stream of its own.
    folder : pathlib.Path
        Where the sets lie.
    progress : bool
        Show a bar.

    Returns
    -------
    AbsorptionData
        Of length `n_samples`.

    Raises
    ------
    ValueError
        If a size is not positive, the seed negative, or the generator unknown.

    References
    ----------
    The GAN-MDN paper, Section 3.1.
    """
    model = load_generator(generator) if isinstance(generator, str) else generator

    def make(rng: np.random.Generator, n: int) -> dict[str, npt.NDArray[Any]]:
        latents = sample_latents(n, latent_shape, rng)
        patterns = decode(model, latents)
        values = absorptance(patterns, stack)
        return {"latents": latents, "patterns": patterns, "absorptance": values}

    probe = make(np.random.default_rng(PROBE_SEED), PROBE_SIZE)["absorptance"]
    settings = {
        "stack": stack,
        "weights": model.get_weights(),
        "latent_shape": tuple(latent_shape),
        "probe": np.round(probe, PROBE_DIGITS).tolist(),
    }
    kept = ShardedSet(folder, settings, shard_size=SHARD_SIZE, seed=seed)
    return AbsorptionData(**kept.load(make, n_samples, progress=progress))
