"""Mixture density networks as inverse methods: over GAN latents, principal components or pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA

from mdesign import arguments
from mdesign.design.patterns.interface import Patterns
from mdesign.microstructure import otsu
from mdesign.models.gan.trained import decode
from mdesign.models.mdn import Mixture, MixtureLoss, build_mdn, mixture_of, sample_mixture
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, fit_samples, split

__all__ = [
    "LatentMixture",
    "MdnSettings",
    "PixelMixture",
    "PrincipalMixture",
    "binary_images",
    "train_latent_mixture",
    "train_pixel_mixture",
    "train_principal_mixture",
]

_THRESHOLDS = ("otsu", "fraction")

_SAMPLED_TOGETHER = 250
"""Images sampled at once; bounds the memory."""


@dataclass(frozen=True)
class MdnSettings:
    """Architecture and training of a mixture density network; the defaults are the paper's.

    Parameters
    ----------
    n_components, hidden : int and sequence of int
        Number of Gaussians, and neurons of each densely connected layer, one at least.
    fit : FitSettings
        How it is trained.
    """

    n_components: int = 40
    hidden: Sequence[int] = (16,) * 4
    fit: FitSettings = field(default_factory=FitSettings)

    def __post_init__(self) -> None:
        arguments.settle(self, n_components="[1, inf)", hidden="[1, inf)")
        if not self.hidden:
            raise ValueError("hidden must be at least one number; got ()")


@dataclass(frozen=True)
class LatentMixture:
    """GAN-MDN: a mixture over the latents of a generator, from `train_latent_mixture`.

    The latents of the data lie in (-1, 1), and the published procedure also draws latents outside,
    on which the generator was never trained. With `bounded`, latents are drawn from the mixture
    conditioned on this box; clipping would pile candidates up on its faces.
    """

    model: keras.Model
    generator: keras.Model
    latent_shape: tuple[int, ...]
    bounded: bool = True
    name: str = "GAN-MDN"
    fitted: Fitted | None = None

    def mixture(self, targets: npt.ArrayLike) -> Mixture:
        """Mixtures over the flattened latents for wanted properties."""
        return _mixture_of(self.model, targets, "targets", "(b,) or ()")

    def latents(self, target: float, n: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
        """Latents for a wanted property, shape (n, *latent_shape)."""
        n, mixture = arguments.whole("n", n), _mixture_of(self.model, target)
        draws = sample_mixture(mixture, n, rng, bound=1.0 if self.bounded else None)
        return draws[0].reshape(n, *self.latent_shape).astype(np.float32)

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Patterns of latents drawn for a wanted property; see `InverseMethod`."""
        return decode(self.generator, self.latents(target, n, rng))


@dataclass(frozen=True)
class PrincipalMixture:
    """PCA-MDN: a mixture over principal components, from `train_principal_mixture`.

    The network gives components of unit variance. `components`, shape (k, nx * ny), are the
    principal directions times the standard deviations along them, `mean` is the mean pattern, and
    `explained` the share of the variance in the components.
    """

    model: keras.Model
    components: npt.NDArray[np.float32]
    mean: npt.NDArray[np.float32]
    explained: float
    threshold: str = "otsu"
    name: str = "PCA-MDN"
    fitted: Fitted | None = None

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Patterns of components drawn for a wanted property; see `InverseMethod`."""
        n, mixture = arguments.whole("n", n), _mixture_of(self.model, target)
        draws = sample_mixture(mixture, n, rng)[0].astype(np.float32)
        images = (draws @ self.components).reshape(n, *self.mean.shape) + self.mean
        return binary_images(images, self.threshold)


@dataclass(frozen=True)
class PixelMixture:
    """Direct MDN: a mixture over pixels in row order, from `train_pixel_mixture`."""

    model: keras.Model
    shape: tuple[int, int]
    threshold: str = "otsu"
    name: str = "direct MDN"
    fitted: Fitted | None = None

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Patterns drawn for a wanted property; see `InverseMethod`."""
        n, mixture = arguments.whole("n", n), _mixture_of(self.model, target)
        sizes = np.diff([*range(0, n, _SAMPLED_TOGETHER), n])
        draws = (sample_mixture(mixture, size, rng)[0].astype(np.float32) for size in sizes)
        images = (block.reshape(-1, *self.shape) for block in draws)
        return np.concatenate([binary_images(block, self.threshold) for block in images])


def binary_images(images: npt.ArrayLike, threshold: str) -> Patterns:
    """Turn grey images near 0 and 1, shape (n, nx, ny), into phases 0 and 1.

    ``"otsu"`` is the threshold for images of a generator. Sums of few components and independent
    pixels seldom have two classes of grey; there it ends near the median, so that half of the
    pixels become ones whatever the fraction in the data. ``"fraction"`` keeps each image's mean:
    that share of its brightest pixels become ones.

    Examples
    --------
    >>> grey = np.array([[[0.0, 0.1], [0.3, 0.6]]])
    >>> binary_images(grey, "fraction").tolist()
    [[[0, 0], [0, 1]]]
    """
    images = arguments.images("images", images, dtype=None)
    if arguments.choice("threshold", threshold, _THRESHOLDS) == "otsu":
        return otsu(images)
    flat = images.reshape(len(images), prod(images.shape[1:]))
    counts = np.rint(flat.sum(1)).clip(0, flat.shape[1]).astype(int)
    ones = np.arange(flat.shape[1]) < counts[:, np.newaxis]
    binary = np.empty(flat.shape, np.uint8)
    np.put_along_axis(binary, np.argsort(-flat, axis=1), ones, axis=1)
    return binary.reshape(images.shape)


def train_latent_mixture(
    latents: npt.ArrayLike,
    values: npt.ArrayLike,
    generator: keras.Model,
    *,
    settings: MdnSettings | None = None,
    folder: str | Path | None = None,
    progress: bool = False,
) -> LatentMixture:
    """Train a mixture density network from a property to the latents of a generator.

    Parameters
    ----------
    latents : array_like, shape (n, h, w)
        Latents in [-1, 1], two at least.
    values : array_like, shape (n,)
        Property of the generated patterns.
    generator : keras.Model
        From latents to patterns, as `load_generator` returns it.
    settings : MdnSettings, optional
        Architecture and training; the paper's by default.
    folder : pathlib.Path, optional
        Where the trained network is kept and reused.
    progress : bool
        Show a bar.

    Returns
    -------
    LatentMixture

    Raises
    ------
    ValueError
        If there is not one finite value a latent, or all are the same.
    """
    latents = arguments.images("latents", latents, "(n, h, w)", "[-1, 1]", dtype=None)
    values = _checked_values("latents", latents, values)
    flat = latents.reshape(len(latents), -1)
    fitted = _fit_mdn(flat, values, settings or MdnSettings(), folder, progress)
    return LatentMixture(fitted.model, generator, latents.shape[1:], fitted=fitted)


def train_principal_mixture(
    patterns: npt.ArrayLike,
    values: npt.ArrayLike,
    n_dimensions: int,
    *,
    threshold: str = "otsu",
    settings: MdnSettings | None = None,
    folder: str | Path | None = None,
    progress: bool = False,
) -> PrincipalMixture:
    """Train a mixture density network from a property to principal components of patterns.

    Parameters
    ----------
    patterns, values : array_like, shapes (n, nx, ny) and (n,)
        Phases 0 and 1, two patterns at least, and their property; the components are those of the
        training set.
    n_dimensions : int
        Number of components; the paper takes that of the latents, 9 for Data-I and 4 for Data-II.
    threshold : {"otsu", "fraction"}
        See `binary_images`.
    settings, folder, progress
        As in `train_latent_mixture`.

    Returns
    -------
    PrincipalMixture

    Raises
    ------
    ValueError
        If there is not one finite value a pattern, or all are the same.
    """
    patterns = arguments.phases("patterns", patterns)
    values = _checked_values("patterns", patterns, values)
    arguments.choice("threshold", threshold, _THRESHOLDS)
    settings = settings or MdnSettings()
    flat = patterns.reshape(len(patterns), -1)
    training, _ = split(len(patterns), settings.fit)
    most = min(len(training), flat.shape[1])
    n_dimensions = arguments.whole("n_dimensions", n_dimensions, f"[1, {most}]")
    pca = PCA(
        n_dimensions,
        whiten=True,
        svd_solver="randomized",
        random_state=settings.fit.seed,
        copy=False,
    ).fit(flat[training].astype(np.float32))
    chunks = [flat[first : first + 2_000] for first in range(0, len(flat), 2_000)]
    scores = np.concatenate([pca.transform(chunk.astype(np.float32)) for chunk in chunks])
    fitted = _fit_mdn(scores, values, settings, folder, progress, key=(patterns, values))
    deviations = np.sqrt(pca.explained_variance_)[:, np.newaxis]
    return PrincipalMixture(
        fitted.model,
        (pca.components_ * deviations).astype(np.float32),
        pca.mean_.reshape(patterns.shape[1:]).astype(np.float32),
        float(pca.explained_variance_ratio_.sum()),
        threshold,
        fitted=fitted,
    )


def train_pixel_mixture(
    patterns: npt.ArrayLike,
    values: npt.ArrayLike,
    *,
    threshold: str = "otsu",
    settings: MdnSettings | None = None,
    folder: str | Path | None = None,
    progress: bool = False,
) -> PixelMixture:
    """Train a mixture density network from a property to pixels.

    Its last layer has ``17 K (1 + 2 nx ny)`` weights, and a batch needs about ``40 K nx ny`` bytes
    a sample: without a GPU, take fewer components, smaller batches and fewer epochs than the paper.

    Parameters
    ----------
    patterns, values : array_like, shapes (n, nx, ny) and (n,)
        Phases 0 and 1, two patterns at least, and their property.
    threshold, settings, folder, progress
        As in `train_principal_mixture`.

    Returns
    -------
    PixelMixture

    Raises
    ------
    ValueError
        If there is not one finite value a pattern, or all are the same.
    """
    patterns = arguments.phases("patterns", patterns)
    values = _checked_values("patterns", patterns, values)
    arguments.choice("threshold", threshold, _THRESHOLDS)
    flat = patterns.reshape(len(patterns), -1)
    fitted = _fit_mdn(flat, values, settings or MdnSettings(), folder, progress)
    return PixelMixture(fitted.model, patterns.shape[1:], threshold, fitted=fitted)


def _mixture_of(
    model: keras.Model, targets: npt.ArrayLike, name: str = "target", shape: str = "()"
) -> Mixture:
    """Compute the mixtures for wanted properties."""
    return mixture_of(model, arguments.array(name, targets, shape), name=name)


def _checked_values(name: str, designs: npt.NDArray, values: npt.ArrayLike) -> npt.NDArray:
    """Check that there is one value a design, and that they differ."""
    checked = arguments.array("values", values, "(n,)")
    if not 2 <= len(designs) == len(checked):
        raise ValueError(
            f"{name} and values must be as many, two at least; got {len(designs)}, {len(checked)}"
        )
    if np.ptp(checked) == 0:
        raise ValueError(f"values must differ; got {checked[0]} for all {name}")
    return checked


def _fit_mdn(
    targets: npt.NDArray,
    values: npt.NDArray,
    settings: MdnSettings,
    folder: str | Path | None,
    progress: bool,
    *,
    key: Sequence[npt.NDArray] = (),
) -> Fitted:
    """Train a network from values, shape (n,), to the mixture of targets, shape (n, m)."""
    training, _ = split(len(values), settings.fit)
    standardise = float(values[training].mean()), float(values[training].std())
    n_outputs = targets.shape[1]
    model = build_mdn(
        n_outputs,
        n_components=settings.n_components,
        hidden=settings.hidden,
        standardise=standardise,
        seed=settings.fit.seed,
    )
    return fit_samples(
        model,
        (values.astype(np.float32)[:, np.newaxis], targets),
        settings.fit,
        loss=MixtureLoss(settings.n_components),
        # A large mixture is validated in pieces that fit into memory.
        validation_batch=max(settings.fit.batch_size, min(4_096, 500_000 // n_outputs)),
        checkpoints=Checkpoints.below(
            folder, "mixture", settings, n_outputs, *(key or (targets, values)), code=_fit_mdn
        ),
        progress=progress,
    )
