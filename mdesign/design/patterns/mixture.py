"""Mixture density networks as inverse methods: over GAN latents, principal components or pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import h5py
import keras
import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA

from mdesign import data
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
    "load_published_mdn",
    "train_latent_mixture",
    "train_pixel_mixture",
    "train_principal_mixture",
]

PUBLISHED_KEY = "gan_mdn/MDN_weights.h5"
PUBLISHED_DIMENSIONS = 4
_SAMPLED_TOGETHER = 250
"""Images sampled at once; bounds the memory."""


Threshold = Literal["otsu", "fraction"]


@dataclass(frozen=True)
class MdnSettings:
    """Architecture and training of a mixture density network; the defaults are the paper's.

    Parameters
    ----------
    n_components : int
        Number of Gaussians.
    hidden : tuple of int
        Neurons of each densely connected layer.
    fit : FitSettings
        How it is trained.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    n_components: int = 40
    hidden: tuple[int, ...] = (16,) * 4
    fit: FitSettings = field(default_factory=FitSettings)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))
        if min(self.n_components, *self.hidden, 1) < 1:
            raise ValueError(
                "n_components and every entry of hidden must be at least 1; "
                f"got {self.n_components} and {self.hidden}"
            )


@dataclass(frozen=True)
class LatentMixture:
    """GAN-MDN: a mixture over the latents of a generator, which draws the patterns.

    The latents of the data lie in (-1, 1), Gaussians do not. The published procedure samples
    them as they are, so that the generator also sees latents it was never trained on. Here they
    are drawn from the mixture on condition that they lie in the box, which is what the mixture
    says once one knows where the latents are; clipping would heap candidates on the faces.

    Parameters
    ----------
    model : keras.Model
        Mixture density network over latents in row order.
    generator : keras.Model
        As `load_generator` returns.
    latent_shape : (int, int)
        Rows and columns of a latent.
    bounded : bool
        Draw in the box as said above; otherwise as published.
    name : str
        Name in tables.
    fitted : Fitted, optional
        How the training went, if it was ours.
    """

    model: keras.Model
    generator: keras.Model
    latent_shape: tuple[int, int]
    bounded: bool = True
    name: str = "GAN-MDN"
    fitted: Fitted | None = None

    def mixture(self, targets: float | Sequence[float]) -> Mixture:
        """Mixtures over the flattened latents for wanted properties."""
        return mixture_of(self.model, targets)

    def latents(self, target: float, n: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
        """Latents for a wanted property, shape (n, *latent_shape)."""
        draws = sample_mixture(self.mixture(target), n, rng, bound=1.0 if self.bounded else None)
        return draws[0].reshape(n, *self.latent_shape).astype(np.float32)

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Patterns of latents drawn for a wanted property; see `InverseMethod`."""
        return decode(self.generator, self.latents(target, n, rng))


@dataclass(frozen=True)
class PrincipalMixture:
    """PCA-MDN: a mixture over principal components, from which images are put together.

    An image is made binary as `binary_images` says.

    Parameters
    ----------
    model : keras.Model
        Mixture density network over components of unit variance.
    components : ndarray, shape (k, nx * ny)
        Principal directions, each scaled by the standard deviation along it.
    mean : ndarray, shape (nx, ny)
        Mean of the training patterns.
    explained : float
        Share of their variance in the components.
    threshold : {"otsu", "fraction"}
        See `binary_images`.
    name : str
        Name in tables.
    fitted : Fitted, optional
        How the training went.
    """

    model: keras.Model
    components: npt.NDArray[np.float32]
    mean: npt.NDArray[np.float32]
    explained: float
    threshold: Threshold = "otsu"
    name: str = "PCA-MDN"
    fitted: Fitted | None = None

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Patterns of components drawn for a wanted property; see `InverseMethod`."""
        draws = sample_mixture(mixture_of(self.model, target), n, rng)[0].astype(np.float32)
        images = (draws @ self.components).reshape(n, *self.mean.shape) + self.mean
        return binary_images(images, self.threshold)


@dataclass(frozen=True)
class PixelMixture:
    """Direct MDN: a mixture over the pixels themselves.

    A sample is an image of real numbers, made binary as `binary_images` says.

    Parameters
    ----------
    model : keras.Model
        Mixture density network over pixels in row order.
    shape : (int, int)
        Rows and columns of a pattern.
    threshold : {"otsu", "fraction"}
        See `binary_images`.
    name : str
        Name in tables.
    fitted : Fitted, optional
        How the training went.
    """

    model: keras.Model
    shape: tuple[int, int]
    threshold: Threshold = "otsu"
    name: str = "direct MDN"
    fitted: Fitted | None = None

    def candidates(self, target: float, n: int, rng: np.random.Generator) -> Patterns:
        """Patterns drawn for a wanted property; see `InverseMethod`."""
        mixture = mixture_of(self.model, target)
        sizes = np.diff([*range(0, n, _SAMPLED_TOGETHER), n])
        draws = (sample_mixture(mixture, size, rng)[0].astype(np.float32) for size in sizes)
        images = (block.reshape(-1, *self.shape) for block in draws)
        return np.concatenate([binary_images(block, self.threshold) for block in images])


def binary_images(images: npt.NDArray, threshold: Threshold) -> Patterns:
    """Make grey images of phases binary.

    Parameters
    ----------
    images : ndarray, shape (n, nx, ny)
        Near 0 and 1, for instance the expected value of each pixel.
    threshold : {"otsu", "fraction"}
        ``"otsu"`` is what turns a generator's images into patterns. Its two classes of grey are
        seldom there in sums of few components or in independent pixels, where it ends near the
        median: half of the pixels become ones, whatever the fraction in the data.
        ``"fraction"`` keeps each image's mean: so many of its brightest pixels become ones.

    Returns
    -------
    ndarray of uint8, shape (n, nx, ny)
        Phases 0 and 1.

    Raises
    ------
    ValueError
        If the threshold is unknown.

    Examples
    --------
    >>> grey = np.array([[[0.0, 0.1], [0.3, 0.6]]])
    >>> binary_images(grey, "fraction").tolist()
    [[[0, 0], [0, 1]]]
    """
    if threshold == "otsu":
        return otsu(images)
    if threshold != "fraction":
        raise ValueError(f"threshold must be 'otsu' or 'fraction'; got {threshold!r}")
    flat = images.reshape(len(images), -1)
    counts = np.rint(flat.sum(1)).clip(0, flat.shape[1]).astype(int)
    ones = np.arange(flat.shape[1]) < counts[:, np.newaxis]
    binary = np.empty(flat.shape, np.uint8)
    np.put_along_axis(binary, np.argsort(-flat, axis=1), ones, axis=1)
    return binary.reshape(images.shape)


def train_latent_mixture(
    latents: npt.NDArray,
    values: npt.NDArray,
    generator: keras.Model,
    *,
    settings: MdnSettings | None = None,
    folder: Path | None = None,
    progress: bool = False,
) -> LatentMixture:
    """Train a mixture density network from a property to the latents of a generator.

    Parameters
    ----------
    latents : ndarray, shape (n, h, w)
        Latents in (-1, 1).
    values : ndarray, shape (n,)
        Property of the patterns that the generator makes of them.
    generator : keras.Model
        That generator.
    settings : MdnSettings, optional
        Architecture and training; the paper's by default.
    folder : pathlib.Path, optional
        Keeps the trained network; the same call with the same data finds it there.
    progress : bool
        Show a bar.

    Returns
    -------
    LatentMixture
        The inverse method.

    Raises
    ------
    ValueError
        If the shapes do not fit or a number is not finite.
    """
    shape = _checked(latents, values)
    flat = latents.reshape(len(latents), -1)
    fitted = _fit_mdn(flat, values, settings or MdnSettings(), folder, progress)
    return LatentMixture(fitted.model, generator, shape, fitted=fitted)


def train_principal_mixture(
    patterns: npt.NDArray,
    values: npt.NDArray,
    n_dimensions: int,
    *,
    threshold: Threshold = "otsu",
    settings: MdnSettings | None = None,
    folder: Path | None = None,
    progress: bool = False,
) -> PrincipalMixture:
    """Train a mixture density network from a property to principal components of patterns.

    Parameters
    ----------
    patterns : ndarray, shape (n, nx, ny)
        Phases 0 and 1; the components come from those that are trained on.
    values : ndarray, shape (n,)
        Their property.
    n_dimensions : int
        Number of components; the paper has that of the latents, 9 for Data-I and 4 for Data-II.
    threshold : {"otsu", "fraction"}
        See `binary_images`.
    settings, folder, progress
        As in `train_latent_mixture`.

    Returns
    -------
    PrincipalMixture
        The inverse method.

    Raises
    ------
    ValueError
        As in `train_latent_mixture`.
    """
    shape = _checked(patterns, values)
    settings = settings or MdnSettings()
    flat = patterns.reshape(len(patterns), -1)
    training, _ = split(len(patterns), settings.fit)
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
        pca.mean_.reshape(shape).astype(np.float32),
        float(pca.explained_variance_ratio_.sum()),
        threshold,
        fitted=fitted,
    )


def train_pixel_mixture(
    patterns: npt.NDArray,
    values: npt.NDArray,
    *,
    threshold: Threshold = "otsu",
    settings: MdnSettings | None = None,
    folder: Path | None = None,
    progress: bool = False,
) -> PixelMixture:
    """Train a mixture density network from a property to pixels.

    Its last layer holds ``17 K (1 + 2 nx ny)`` weights, and a batch needs some
    ``40 K nx ny`` bytes a sample: fewer components, smaller batches and fewer epochs than the
    paper's make it bearable without a GPU.

    Parameters
    ----------
    patterns : ndarray, shape (n, nx, ny)
        Phases 0 and 1.
    values : ndarray, shape (n,)
        Their property.
    threshold : {"otsu", "fraction"}
        See `binary_images`.
    settings, folder, progress
        As in `train_latent_mixture`.

    Returns
    -------
    PixelMixture
        The inverse method.

    Raises
    ------
    ValueError
        As in `train_latent_mixture`.
    """
    shape = _checked(patterns, values)
    flat = patterns.reshape(len(patterns), -1)
    fitted = _fit_mdn(flat, values, settings or MdnSettings(), folder, progress)
    return PixelMixture(fitted.model, shape, threshold, fitted=fitted)


def load_published_mdn() -> keras.Model:
    """Load the network of the paper's authors: from absorptance to the latents of Data-II.

    Returns
    -------
    keras.Model
        As `build_mdn` makes it, for four latents and 40 Gaussians; not compiled.

    Raises
    ------
    mdesign.data.DataNotReachable
        If the file cannot be had.
    """
    model = build_mdn(PUBLISHED_DIMENSIONS, scale="elu", seed=0)
    depths = ["", "_1", "_2", "_3"]
    dense = [f"dense{depth}" for depth in (*depths, "_4", "_5", "_6")]
    normal = [f"batch_normalization{depth}" for depth in depths]
    with h5py.File(data.fetch(PUBLISHED_KEY), "r") as file:
        for kind, names, arrays in (
            (keras.layers.Dense, dense, ("kernel", "bias")),
            (
                keras.layers.BatchNormalization,
                normal,
                ("gamma", "beta", "moving_mean", "moving_variance"),
            ),
        ):
            layers = [layer for layer in model.layers if isinstance(layer, kind)]
            for layer, name in zip(layers, names, strict=True):
                layer.set_weights([file[f"{name}/{name}/{array}:0"][:] for array in arrays])
    return model


def _checked(designs: npt.NDArray, values: npt.NDArray) -> tuple[int, int]:
    """Shape of one design, after a look at all of them."""
    if designs.ndim != 3 or values.shape != designs.shape[:1]:
        raise ValueError(
            "latents or patterns must have shape (n, rows, columns) and values (n,); "
            f"got {designs.shape} and {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    return designs.shape[1:]


def _fit_mdn(
    targets: npt.NDArray,
    values: npt.NDArray,
    settings: MdnSettings,
    folder: Path | None,
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
