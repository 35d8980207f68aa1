"""What a generator is trained on: squares cut from Gaussian random fields."""

from __future__ import annotations

from dataclasses import dataclass, field

import keras
import numpy as np
from numpy.typing import NDArray

from mdesign.microstructure import gaussian_random_fields
from mdesign.models.gan.network import GanWeights

__all__ = ["FieldCrops", "GanSettings", "random_fields"]

UPSCALING = 32


@dataclass(frozen=True)
class GanSettings:
    """What a training run of the generator is made of.

    The defaults of the random fields give the statistics of the fields that the paper's authors
    published.

    Parameters
    ----------
    volume_fraction : float
        Expected fraction of phase 1 in the random fields.
    correlation : tuple of float
        Their autocorrelation at lags of 0, 1, 2, ... pixels.
    field_size : int
        Side of the random fields in pixels.
    n_fields : int
        How many of them.
    image_size : int
        Side of the squares cut from them at random, a multiple of 32: the networks are
        convolutional, so that a generator trained on small squares makes larger images too.
    batch_size : int
        Images of each step of a network.
    n_steps : int
        Steps of the generator.
    discriminator_steps : int
        Steps of the discriminator for each of the generator.
    generator_rate, discriminator_rate : float
        First learning rates of Adam; they fall linearly to a tenth.
    weights : GanWeights
        Weights of the collapse and the style loss.
    features : str
        ``"random"``; ``"imagenet"`` for the VGG19 that `keras.applications` downloads; or the
        path of a file of VGG19 weights without its top.
    feature_filters : tuple of int
        Filters of the two blocks of the random feature network.
    seed : int
        Seed of all randomness.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    volume_fraction: float = 0.311
    correlation: tuple[float, ...] = (
        *(1.0, 0.712, 0.472, 0.299, 0.189, 0.122),
        *(0.084, 0.063, 0.049, 0.039, 0.032, 0.026),
    )
    field_size: int = 128
    n_fields: int = 5000
    image_size: int = 96
    batch_size: int = 16
    n_steps: int = 4000
    discriminator_steps: int = 1
    generator_rate: float = 2e-3
    discriminator_rate: float = 3e-4
    weights: GanWeights = field(default_factory=GanWeights)
    features: str = "random"
    feature_filters: tuple[int, int] = (8, 16)
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("n_fields", "n_steps", "discriminator_steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1; got {getattr(self, name)}")
        if self.batch_size < 2:
            raise ValueError(f"batch_size must be at least 2; got {self.batch_size}")
        if self.image_size % UPSCALING or not 0 < self.image_size <= self.field_size:
            raise ValueError(
                f"image_size must be a multiple of {UPSCALING} up to field_size = "
                f"{self.field_size}; got {self.image_size}"
            )


def random_fields(
    settings: GanSettings, n: int, size: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw random fields with the statistics of a run.

    Parameters
    ----------
    settings : GanSettings
        The run.
    n : int
        How many.
    size : int
        Their side in pixels.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    numpy.ndarray
        Patterns ``(n, size, size)`` of 0 and 1.
    """
    return gaussian_random_fields(
        n,
        (size, size),
        volume_fraction=settings.volume_fraction,
        correlation=settings.correlation,
        rng=rng,
        periodic=False,
    )


class FieldCrops(keras.utils.PyDataset):
    """Squares of random fields and latent maps, each batch a function of seed and step.

    Parameters
    ----------
    settings : GanSettings
        The run.
    first : int, optional
        Step of the first batch.
    """

    def __init__(self, settings: GanSettings, *, first: int = 0) -> None:
        super().__init__()
        self.settings = settings
        self.first = first
        rng = np.random.default_rng(settings.seed)
        self.fields = random_fields(settings, settings.n_fields, settings.field_size, rng)

    def __len__(self) -> int:
        return self.settings.n_steps - self.first

    def __getitem__(self, index: int) -> tuple[tuple[NDArray, NDArray]]:
        settings = self.settings
        rng = np.random.default_rng([settings.seed, self.first + index])
        n_images = settings.batch_size * settings.discriminator_steps
        images = self._crops(n_images, rng)
        side = settings.image_size // UPSCALING
        latents = rng.uniform(-1, 1, (n_images + settings.batch_size, side, side, 1))
        return ((images, latents.astype(np.float32)),)

    def _crops(self, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Cut squares at random places, in one of their eight orientations each."""
        size = self.settings.image_size
        chosen = rng.integers(len(self.fields), size=n)
        corners = rng.integers(self.settings.field_size - size + 1, size=(n, 2))
        turns = rng.integers(8, size=n)
        crops = np.empty((n, size, size), np.float32)
        for k, (number, (x, y), turn) in enumerate(zip(chosen, corners, turns, strict=True)):
            crop = np.rot90(self.fields[number, x : x + size, y : y + size], turn % 4)
            crops[k] = crop.T if turn >= 4 else crop
        return 2 * crops[..., None] - 1
