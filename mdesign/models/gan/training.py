"""Training a generator of microstructures on squares cut from Gaussian random fields."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from mdesign import arguments, paths
from mdesign.data.sets.absorption import sample_latents
from mdesign.microstructure import TextureComparison, compare_textures, gaussian_random_fields
from mdesign.models.batch_norm import settle_norms
from mdesign.models.features import check_features, feature_network
from mdesign.models.gan.network import Gan, GanWeights, build_discriminator, build_generator
from mdesign.models.gan.trained import decode
from mdesign.storage import digest
from mdesign.training.batches import Resumable
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import fit

__all__ = [
    "FieldCrops",
    "GanSettings",
    "GanTraining",
    "random_fields",
    "save_training",
    "texture",
    "train_gan",
]

UPSCALING = 32

N_SETTLE = 500
"""Images whose statistics the finished generator keeps."""


@dataclass(frozen=True)
class GanSettings:
    """Settings of a training run of the generator.

    The defaults of the random fields give the statistics of the fields that the paper's authors
    published.

    Parameters
    ----------
    volume_fraction, correlation : float and sequence of float
        Expected fraction of phase 1 in the random fields; autocorrelation at lags of 0, 1, ...
        pixels.
    field_size, n_fields : int
        Side of the random fields in pixels, and their number.
    image_size : int
        Side of the squares cut from them at random, a multiple of 32: the networks are
        convolutional, so that a generator trained on small squares gives larger images too.
    n_steps, discriminator_steps, batch_size : int
        Steps of the generator; steps of the discriminator for each of them; images in each step.
    generator_rate, discriminator_rate : float
        Initial learning rates of Adam; they fall linearly to a tenth.
    weights : GanWeights
        Weights of the collapse and the style loss.
    features, feature_filters : str and sequence of int
        ``"random"`` and the filters of its two blocks; ``"imagenet"`` for the VGG19 that
        `keras.applications` downloads; or the path of a file of VGG19 weights without its top.
    """

    volume_fraction: float = 0.311
    correlation: Sequence[float] = (
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
    feature_filters: Sequence[int] = (8, 16)
    seed: int = 0

    def __post_init__(self) -> None:
        counts = ("field_size", "n_fields", "image_size", "n_steps", "discriminator_steps")
        arguments.settle(
            self,
            volume_fraction="(0, 1)",
            correlation="[-1, 1]",
            batch_size="[2, inf)",
            generator_rate="(0, inf)",
            discriminator_rate="(0, inf)",
            seed="[0, inf)",
            **dict.fromkeys((*counts, "feature_filters"), "[1, inf)"),
        )
        check_features(self)
        if self.image_size % UPSCALING or self.image_size > self.field_size:
            raise ValueError(
                f"image_size must be a multiple of {UPSCALING} up to field_size = "
                f"{self.field_size}; got {self.image_size}"
            )


@dataclass(frozen=True)
class GanTraining:
    """Trained networks, losses of each step by name, and wall time over all parts of the run."""

    generator: keras.Model
    discriminator: keras.Model
    history: dict[str, list[float]]
    seconds: float


def train_gan(
    settings: GanSettings,
    folder: str | Path | None = None,
    *,
    checkpoint_every: int = 200,
    progress: bool = False,
) -> GanTraining:
    """Train a generator and a discriminator on Gaussian random fields.

    Each step depends on the seed and its number alone, so that a run that was killed continues from
    its last checkpoint to the same numbers.

    Parameters
    ----------
    folder : path-like, optional
        Keeps checkpoints in a subfolder for these settings; a finished run is loaded from there.
    checkpoint_every : int
        Steps between checkpoints.

    References
    ----------
    Yang et al., J. Mech. Des. 140, 111416 (2018): the networks and the three losses.
    """
    every = arguments.whole("checkpoint_every", checkpoint_every)
    gan = _build(settings)
    kept = Checkpoints.below(folder, "gan", settings, code=train_gan, every=every)
    fitted = fit(
        gan, lambda: FieldCrops(settings), checkpoints=kept, label="GAN", progress=progress
    )
    _settle(gan.generator, settings)
    return GanTraining(gan.generator, gan.discriminator, fitted.losses, fitted.seconds)


def random_fields(
    settings: GanSettings, n: int, size: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw n random fields of 0 and 1, `size` pixels a side, with the statistics of a run."""
    size = arguments.whole("size", size)
    return gaussian_random_fields(
        n,
        (size, size),
        volume_fraction=settings.volume_fraction,
        correlation=settings.correlation,
        rng=rng,
        periodic=False,
    )


class FieldCrops(Resumable):
    """Squares of random fields and latent maps; each batch depends on seed and step alone."""

    def __init__(self, settings: GanSettings, *, first: int = 0) -> None:
        super().__init__()
        self.settings = settings
        self.first = arguments.whole("first", first, "[0, inf)")
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

    def go_on(self, done: int, state: Any) -> None:
        """Skip the steps that are done."""
        self.first = done

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


def texture(
    generator: keras.Model, settings: GanSettings, *, n: int = 500, seed: int = 1
) -> dict[str, TextureComparison]:
    """Compare a generator's microstructures with random fields that it was not trained on.

    Parameters
    ----------
    n : int
        Microstructures and random fields of each size.
    seed : int
        Seed of both; another one than that of the run.

    Returns
    -------
    dict of str to TextureComparison
        By shape of the latent map: ``"2x2"``, ``"3x3"``, ``"4x4"``.
    """
    n, seed = arguments.whole("n", n), arguments.whole("seed", seed, "[0, inf)")
    comparisons = {}
    for side in (2, 3, 4):
        rng = np.random.default_rng([seed, side])
        generated = decode(generator, sample_latents(n, (side, side), rng))
        real = random_fields(settings, n, generated.shape[1], rng)
        comparisons[f"{side}x{side}"] = compare_textures(generated, real)
    return comparisons


def save_training(
    training: GanTraining, settings: GanSettings, folder: str | Path, *, n: int = 500
) -> None:
    """Save both networks, and the settings, losses and quality of a run in ``generator.json``.

    The quality is measured on `n` microstructures of each size.
    """
    n = arguments.whole("n", n)
    target = Path(folder)
    digests = {}
    for name in ("generator", "discriminator"):
        with paths.written_whole(target / f"{name}.keras") as temporary:
            getattr(training, name).save(temporary)
            digests[f"{name}.keras"] = digest(temporary)
    last = {name: float(np.mean(values[-100:])) for name, values in training.history.items()}
    record = {
        "settings": asdict(settings),
        "losses": last,
        "texture": {
            name: asdict(comparison)
            for name, comparison in texture(training.generator, settings, n=n).items()
        },
        "seconds": round(training.seconds, 1),
        "sha256": digests,
        "versions": {
            "keras": keras.__version__,
            "numpy": np.__version__,
            keras.backend.backend(): importlib.metadata.version(keras.backend.backend()),
        },
    }
    with paths.written_whole(target / "generator.json") as temporary:
        temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _build(settings: GanSettings) -> Gan:
    """Build the three networks and the two optimisers of a run."""
    gan = Gan(
        build_generator(seed=settings.seed),
        build_discriminator(settings.image_size, seed=settings.seed + 1),
        feature_network(settings),
        weights=settings.weights,
        discriminator_steps=settings.discriminator_steps,
    )
    gan.compile_optimizers(
        _adam(settings.generator_rate, settings.n_steps),
        _adam(settings.discriminator_rate, settings.n_steps),
    )
    return gan


def _settle(generator: keras.Model, settings: GanSettings) -> None:
    """Let the moving averages of the generator catch up with its weights."""
    side = settings.image_size // UPSCALING
    latents = sample_latents(N_SETTLE, (side, side), np.random.default_rng(settings.seed))
    settle_norms(generator, latents[..., None])


def _adam(rate: float, n_steps: int) -> keras.optimizers.Optimizer:
    """Adam whose rate falls linearly to a tenth."""
    schedule = keras.optimizers.schedules.PolynomialDecay(
        rate, n_steps, end_learning_rate=rate / 10
    )
    return keras.optimizers.Adam(schedule, beta_1=0.5)
