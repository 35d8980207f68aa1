"""Training of generative models of microstructures on a few authentic ones, and their samples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments, paths
from mdesign.microstructure import MarkovField
from mdesign.models.batch_norm import settle_norms
from mdesign.models.features import check_features, feature_network, whitened
from mdesign.models.vae.network import (
    KINDS,
    MorphologyWeights,
    Variational,
    build_decoder,
    build_encoder,
    check_shape,
)
from mdesign.storage import digest
from mdesign.training.batches import Resumable
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import fit
from mdesign.training.predict import predict_in_blocks

__all__ = [
    "GenerationBatches",
    "GenerationSettings",
    "Generator",
    "artificial",
    "train_generations",
]

_BATCH = 100
_NETWORKS = ("encoder", "decoder")


@dataclass(frozen=True)
class GenerationSettings:
    """Settings of the training of a generative model.

    Parameters
    ----------
    kind : {"autoencoder", "vae", "morphology"}
        Terms of the loss, as in `mdesign.models.vae.network.Variational`.
    size, width : int and float
        Side of the images in pixels, a multiple of 8; factor on the layers, 1 as in the paper.
    n_steps, n_latent, batch_size : int
        Steps of training (up to 100,000 in the paper), latent variables, and images of a step.
    rate : float
        Initial learning rate of Adam; it falls linearly to a tenth.
    weights : MorphologyWeights
        Weights of the terms.
    features, feature_filters : str and sequence of int
        ``"random"`` and the filters of its blocks; ``"imagenet"`` for the VGG19 that
        `keras.applications` downloads; or the path of a file of VGG19 weights without its top.
    """

    kind: str
    size: int
    width: float
    n_steps: int
    n_latent: int = 16
    batch_size: int = 20
    rate: float = 3e-3
    weights: MorphologyWeights = field(default_factory=MorphologyWeights)
    features: str = "random"
    feature_filters: Sequence[int] = (8, 16, 32)
    seed: int = 0

    def __post_init__(self) -> None:
        arguments.settle(
            self,
            kind=KINDS,
            n_steps="[1, inf)",
            batch_size="[2, inf)",
            rate="(0, inf)",
            feature_filters="[1, inf)",
            seed="[0, inf)",
        )
        check_shape(self.size, self.width, self.n_latent)
        check_features(self)


@dataclass(frozen=True)
class Generator:
    """A trained generative model, its losses of each step by name, and its wall time in seconds."""

    settings: GenerationSettings
    encoder: keras.Model
    decoder: keras.Model
    losses: dict[str, list[float]]
    seconds: float

    def grey(self, latents: ArrayLike) -> NDArray[np.float32]:
        """Decode latents ``(n, n_latent)`` to images ``(n, size, size)`` in (0, 1)."""
        shape = f"(n, {self.settings.n_latent})"
        points = arguments.array("latents", latents, shape, dtype=np.float32)
        return predict_in_blocks(self.decoder, points, size=_BATCH)[..., 0]

    def codes(self, phases: ArrayLike) -> NDArray[np.float32]:
        """Encode microstructures ``(n, size, size)`` as latents, without noise."""
        images = _images("phases", phases, self.settings.size)
        return predict_in_blocks(self.encoder, images, size=_BATCH)

    def latents(self, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw latents ``(n, n_latent)`` from the standard normal."""
        n = arguments.whole("n", n, "[0, inf)")
        return rng.standard_normal((n, self.settings.n_latent), dtype=np.float32)

    def sample(self, n: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Draw microstructures ``(n, size, size)``: 1 where a decoded image exceeds 0.5."""
        return (self.grey(self.latents(n, rng)) > 0.5).astype(np.uint8)

    def save(self, folder: str | Path) -> None:
        """Save both networks, then the rest with their SHA-256 in ``generator.json``."""
        target, digests = Path(folder), {}
        for name in _NETWORKS:
            with paths.written_whole(target / f"{name}.keras") as temporary:
                getattr(self, name).save(temporary)
                digests[name] = digest(temporary)
        record = {"settings": asdict(self.settings), "losses": self.losses, "seconds": self.seconds}
        record["sha256"] = digests
        with paths.written_whole(target / "generator.json") as temporary:
            temporary.write_text(json.dumps(record) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Generator:
        """Load what `save` wrote; OSError or ValueError if a file is missing or damaged."""
        source = Path(folder)
        try:
            record = json.loads((source / "generator.json").read_text(encoding="utf-8"))
            given = record["settings"]
            weights = MorphologyWeights(**given.pop("weights"))
            settings = GenerationSettings(**given, weights=weights)
            for name in _NETWORKS:
                if digest(source / f"{name}.keras") != record["sha256"][name]:
                    raise ValueError(f"{name}.keras is not the file that was saved")
            networks = {
                name: keras.saving.load_model(source / f"{name}.keras") for name in _NETWORKS
            }
            return cls(settings, **networks, losses=record["losses"], seconds=record["seconds"])
        except OSError:
            raise
        except Exception as error:  # whatever a damaged file leads to
            raise ValueError(
                f"folder must hold what Generator.save wrote; {source} is damaged ({error!r})"
            ) from error


def train_generations(
    images: ArrayLike,
    settings: GenerationSettings,
    folder: str | Path | None = None,
    *,
    checkpoint_every: int = 200,
    progress: bool = False,
) -> Generator:
    """Train a generative model on authentic microstructures.

    Each step depends on the seed and its number alone, so that a run that was killed continues from
    its last checkpoint to the same numbers. Cang et al., Comput. Mater. Sci. 150, 212 (2018).

    Parameters
    ----------
    images : array_like, shape (n, size, size)
        Microstructures of 0 and 1, at least a batch of them.
    folder : path-like, optional
        Keeps checkpoints in a subfolder for these settings and images; a finished run is loaded.
    checkpoint_every : int
        Steps between checkpoints.
    """
    every = arguments.whole("checkpoint_every", checkpoint_every)
    authentic = _images("images", images, settings.size)
    if len(authentic) < settings.batch_size:
        raise ValueError(
            f"images must be at least batch_size = {settings.batch_size}; got {len(authentic)}"
        )
    model = _build(settings, authentic)
    kept = Checkpoints.below(
        folder, settings.kind, settings, authentic, code=train_generations, every=every
    )
    fitted = fit(
        model, lambda: GenerationBatches(images, settings), checkpoints=kept, progress=progress
    )
    _settle(model, authentic, settings)
    return Generator(settings, model.encoder, model.decoder, fitted.losses, fitted.seconds)


class GenerationBatches(Resumable):
    """Authentic images, noise and latents; each batch depends on seed and step alone."""

    def __init__(self, images: ArrayLike, settings: GenerationSettings, *, first: int = 0) -> None:
        super().__init__()
        self.images = _phases("images", images, settings.size)
        self.settings = settings
        self.first = arguments.whole("first", first, "[0, inf)")

    def __len__(self) -> int:
        return self.settings.n_steps - self.first

    def __getitem__(self, index: int) -> tuple[tuple[NDArray, NDArray, NDArray, NDArray]]:
        settings = self.settings
        rng = np.random.default_rng([settings.seed, self.first + index])
        parts = [
            self.images[rng.choice(len(self.images), settings.batch_size, replace=False)]
            for _ in ("reconstructed", "compared with")
        ]
        normal = rng.standard_normal((2, settings.batch_size, settings.n_latent), np.float32)
        return ((*(part.astype(np.float32) for part in parts), *normal),)

    def go_on(self, done: int, state: Any) -> None:
        """Skip the steps that are done."""
        self.first = done


def artificial(
    model: Generator | MarkovField, n: int, rng: np.random.Generator, *, size: int | None = None
) -> NDArray[np.uint8]:
    """Draw n microstructures ``(n, size, size)`` from a `Generator` or a `MarkovField`.

    A Markov field needs a size; a `Generator` has its own.
    """
    if isinstance(model, Generator):
        if size not in (None, model.settings.size):
            raise ValueError(f"size must be the model's own, {model.settings.size}; got {size}")
        return model.sample(n, rng)
    if size is None:
        raise ValueError("size must be given for a Markov field; got None")
    return model.synthesize(n, size, rng)


def _build(settings: GenerationSettings, images: NDArray[np.float32]) -> Variational:
    """Build the networks and the optimiser of a run."""
    shape: dict[str, Any] = {"width": settings.width, "n_latent": settings.n_latent}
    features = None
    if settings.kind == "morphology":
        features = whitened(feature_network(settings), 2 * images - 1)
    variational = settings.kind != "autoencoder"
    model = Variational(
        settings.kind,
        build_encoder(settings.size, **shape, variational=variational, seed=settings.seed),
        build_decoder(settings.size, **shape, seed=settings.seed + 10),
        features,
        weights=settings.weights,
    )
    schedule = keras.optimizers.schedules.PolynomialDecay(
        settings.rate, settings.n_steps, end_learning_rate=settings.rate / 10
    )
    model.compile_optimizer(keras.optimizers.Adam(schedule))
    return model


def _settle(model: Variational, images: NDArray[np.float32], settings: GenerationSettings) -> None:
    """Give the batch normalisation the statistics of all training images."""
    settle_norms(model.encoder, images)
    codes = predict_in_blocks(model.encoder, images, size=_BATCH)
    latents = np.random.default_rng(settings.seed).standard_normal(codes.shape, np.float32)
    if settings.kind == "morphology":
        codes = np.concatenate([codes, latents])
    settle_norms(model.decoder, codes)


def _images(name: str, phases: ArrayLike, size: int) -> NDArray[np.float32]:
    """Images in single precision; see `_phases`."""
    return _phases(name, phases, size).astype(np.float32)


def _phases(name: str, phases: ArrayLike, size: int) -> NDArray[np.uint8]:
    """Add a channel to images of the size that the networks take."""
    return arguments.phases(name, phases, f"(n, {size}, {size})")[..., np.newaxis]
