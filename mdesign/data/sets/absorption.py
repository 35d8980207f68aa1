"""Sets of microstructures with their optical absorption: latents, patterns, absorptance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from mdesign import arguments
from mdesign.microstructure.random_fields import plain_sizes
from mdesign.physics import OpticalStack, absorptance
from mdesign.storage import ShardedSet, code_of, rounded

__all__ = ["AbsorptionData", "Generator", "absorption_data", "sample_latents"]

#: Structures in a shard: seconds of work, so that a kill costs little.
SHARD_SIZE = 250

PROBE_SEED, PROBE_SIZE = 2**32 - 1, 2


@runtime_checkable
class Generator(Protocol):
    """A model that makes images, such as a Keras model; its weights name what was made with it."""

    def get_weights(self) -> list[npt.NDArray[Any]]:
        """Arrays of the weights."""


@dataclass(frozen=True)
class AbsorptionData:
    """Microstructures of a generator and their absorptance."""

    #: Latent maps (n, h, w), each entry uniform in (-1, 1).
    latents: npt.NDArray[np.float32]
    #: Phases 0 and 1, (n, 32 h, 32 w).
    patterns: npt.NDArray[np.uint8]
    #: Share of the incident light that each pattern absorbs, (n,).
    absorptance: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.absorptance)

    def between(self, low: float, high: float) -> AbsorptionData:
        """Those with an absorptance from low to high, such as the range that the paper states."""
        low = arguments.number("low", low, "[0, 1]")
        high = arguments.number("high", high, f"[{low}, 1]")
        kept = (low <= self.absorptance) & (self.absorptance <= high)
        if not kept.any():
            raise ValueError(f"no absorptance lies between {low} and {high}")
        return AbsorptionData(self.latents[kept], self.patterns[kept], self.absorptance[kept])


def absorption_data(
    generator: Generator,
    stack: OpticalStack,
    *,
    decode: Callable[[Any, NDArray[np.float32]], NDArray[np.uint8]],
    n_samples: int,
    latent_shape: tuple[int, ...],
    seed: int = 0,
    folder: str | Path,
    progress: bool = False,
) -> AbsorptionData:
    """Draw microstructures from a generator and compute their absorptance, or read both.

    The samples are kept in shards of `SHARD_SIZE` below `folder`. The same call later reads them; a
    killed run goes on where it was; a larger set continues a smaller one. The shards belong to the
    stack, the generator's weights, and two samples computed in each call, so that a change of the
    physics is noticed. See the GAN-MDN paper, Section 3.1.

    Parameters
    ----------
    generator : Generator
        Such as `mdesign.models.gan.trained.load_generator` gives.
    stack : OpticalStack
    decode : callable of (Generator, ndarray)
        Makes patterns of latents, such as `mdesign.models.gan.trained.decode`.
    n_samples : int
        Number of microstructures, at least 1 (ValueError otherwise).
    latent_shape : (int, int)
        Shape of a latent map: (3, 3) for Data-I, (2, 2) for Data-II.
    seed : int
        Zero or positive. Each shard draws its latents from a stream of its own. Notebooks keep the
        default, so that runs with different seeds share the sets.
    folder : pathlib.Path
        Where the sets lie.
    progress : bool
        Show a bar.
    """
    n_samples = arguments.whole("n_samples", n_samples)
    _, sides = plain_sizes(n_samples, latent_shape, name="latent_shape")

    def make(rng: np.random.Generator, n: int) -> dict[str, npt.NDArray[Any]]:
        latents = sample_latents(n, sides, rng)
        patterns = arguments.phases("what decode returns", decode(generator, latents))
        values = absorptance(patterns, stack)
        return {"latents": latents, "patterns": patterns, "absorptance": values}

    probe = make(np.random.default_rng(PROBE_SEED), PROBE_SIZE)["absorptance"]
    settings = {
        "stack": stack,
        "weights": generator.get_weights(),
        "latent_shape": sides,
        "probe": rounded(probe),
        "code": code_of(absorption_data),
    }
    kept = ShardedSet(Path(folder), settings, shard_size=SHARD_SIZE, seed=seed)
    return AbsorptionData(**kept.load(make, n_samples, progress=progress))


def sample_latents(n: int, shape: Sequence[int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Latent maps (n, *shape), uniform in (-1, 1); shape (3, 3) makes images of 96 x 96."""
    n, sides = plain_sizes(n, shape)
    return rng.uniform(-1, 1, (n, *sides)).astype(np.float32)
