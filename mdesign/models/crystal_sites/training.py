"""Training of the networks of sites: autoencoder, sigmoid and softmax classifier in turn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from mdesign import arguments
from mdesign.crystals.fingerprint import SHAPE
from mdesign.data.sets.sites import Sites
from mdesign.models.crystal_sites.network import (
    N_ELEMENTS,
    SMALL,
    Layout,
    build_autoencoder,
    build_sigmoid_classifier,
    build_softmax_classifier,
    encoder_of,
    reconstruction_error,
)
from mdesign.training.batches import Blocks, ShuffledBatches
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, Loss, fit_adam
from mdesign.training.predict import predict_in_blocks

__all__ = [
    "SHORT_FIT",
    "Autoencoder",
    "Classifiers",
    "SiteModel",
    "fit_elements",
    "train_autoencoder",
    "train_classifiers",
    "train_site_model",
    "weighted_cross_entropy",
]

SHORT_FIT = FitSettings(learning_rate=2e-3, batch_size=64, patience=20, epochs=15, decay=True)
"""A short training on two cores; the rate falls to zero. The sites to validate with are given, so
that `validation_share` is not used."""

_PREDICTED_TOGETHER = 1_024

Values = npt.NDArray[np.float64]
Samples = tuple[npt.ArrayLike, npt.ArrayLike]


@dataclass(frozen=True)
class Autoencoder:
    """A trained autoencoder: gives the latents (n, n_latent) of fingerprints (n, 16, 16, 12)."""

    fitted: Fitted

    def __call__(self, fingerprints: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Encode fingerprints."""
        return outputs_of(self._encoder, checked_fingerprints(fingerprints))

    def reconstructions(self, fingerprints: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Encode and decode fingerprints; returns (n, 16, 16, 12)."""
        return outputs_of(self.fitted.model, checked_fingerprints(fingerprints)) ** 2

    @cached_property
    def _encoder(self) -> keras.Model:
        return encoder_of(self.fitted.model)


@dataclass(frozen=True)
class Classifiers:
    """Both trained classifiers: from latents (n, n_latent) to elements."""

    sigmoid: Fitted
    softmax: Fitted

    def __call__(self, latents: npt.ArrayLike) -> Values:
        """Predict the probability of each element, (n, 118); each row adds up to 1."""
        return outputs_of(self.softmax.model, self.likely(latents)).astype(np.float64)

    def likely(self, latents: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Predict how likely each element can be on such a site, (n, 118), between 0 and 1."""
        shape = f"(n, {self.sigmoid.model.input_shape[1]})"
        rows = arguments.array("latents", latents, shape, dtype=np.float32)
        return outputs_of(self.sigmoid.model, rows)

    @property
    def element_vectors(self) -> npt.NDArray[np.float32]:
        """Weights of the last layer of the sigmoid classifier, a row each element, (118, width)."""
        return np.asarray(self.sigmoid.model.get_layer("elements").get_weights()[0]).T


@dataclass(frozen=True)
class SiteModel:
    """Three trained networks: probability of each element from fingerprints (n, 16, 16, 12)."""

    autoencoder: Autoencoder
    classifiers: Classifiers

    def __call__(self, fingerprints: npt.ArrayLike) -> Values:
        """Predict the probability of each element, (n, 118)."""
        return self.classifiers(self.autoencoder(fingerprints))


def train_site_model(
    train: Sites,
    validation: Sites,
    *,
    layout: Layout = SMALL,
    divergence: float | None = 1e-4,
    width: int = 256,
    positive_weight: float = 118.0,
    autoencoder: FitSettings = SHORT_FIT,
    classifiers: FitSettings = SHORT_FIT,
    folder: str | Path | None = None,
    progress: bool = False,
) -> SiteModel:
    """Train all three networks, or load them if the same call was finished before.

    Parameters
    ----------
    train, validation : Sites
        To train on and to stop early with.
    layout, divergence
        As in `mdesign.models.crystal_sites.network.build_autoencoder`.
    width : int
        Neurons of the hidden layers of the classifiers.
    positive_weight : float
        Weight of the element that is on a site in the loss of the sigmoid classifier; each of the
        other 117 has the weight 1.
    autoencoder, classifiers : FitSettings
        How to train.
    folder : pathlib.Path, optional
        Keeps the trained networks.
    """
    kept: dict[str, Any] = {"folder": folder, "progress": progress}
    encode = train_autoencoder(
        train, validation, layout=layout, divergence=divergence, settings=autoencoder, **kept
    )
    trained = train_classifiers(
        (encode(train.fingerprints), train.numbers),
        (encode(validation.fingerprints), validation.numbers),
        width=width,
        positive_weight=positive_weight,
        settings=classifiers,
        **kept,
    )
    return SiteModel(encode, trained)


def train_autoencoder(
    train: Sites,
    validation: Sites,
    *,
    layout: Layout = SMALL,
    divergence: float | None = 1e-4,
    settings: FitSettings = SHORT_FIT,
    folder: str | Path | None = None,
    progress: bool = False,
) -> Autoencoder:
    """Train the autoencoder alone; arguments are those of `train_site_model`."""
    model = build_autoencoder(layout, divergence=divergence, seed=settings.seed)
    checkpoints = Checkpoints.below(
        folder,
        "site_autoencoder",
        settings,
        layout,
        divergence,
        train.fingerprints,
        validation.fingerprints,
        code=train_autoencoder,
    )
    inputs, others = train.fingerprints, validation.fingerprints
    batches = _shuffled(inputs, inputs, settings)
    fitted = fit_adam(
        model,
        batches,
        settings,
        loss=reconstruction_error,
        validation=Blocks(others, others, _PREDICTED_TOGETHER),
        checkpoints=checkpoints,
        progress=progress,
    )
    return Autoencoder(fitted)


def train_classifiers(
    train: Samples,
    validation: Samples,
    *,
    width: int = 256,
    positive_weight: float = 118.0,
    settings: FitSettings = SHORT_FIT,
    folder: str | Path | None = None,
    progress: bool = False,
) -> Classifiers:
    """Train the sigmoid classifier, then the softmax classifier on its outputs.

    Parameters
    ----------
    train, validation : tuple of array_like
        Latents (n, n_latent) and atomic numbers (n,).
    width, positive_weight, folder
        As in `train_site_model`.

    Raises
    ------
    ValueError
        If latents and atomic numbers are not as many, or none.
    """
    weight = arguments.number("positive_weight", positive_weight, "(0, inf)")
    train, validation = _checked("train", train), _checked("validation", validation)
    parts = (settings, width, weight, *train, *validation)
    sigmoid = fit_elements(
        build_sigmoid_classifier(train[0].shape[1], width=width, seed=settings.seed),
        train,
        validation,
        settings,
        loss=partial(weighted_cross_entropy, weight=weight),
        checkpoints=Checkpoints.below(folder, "site_sigmoid", *parts, code=train_classifiers),
        progress=progress,
    )
    softmax = fit_elements(
        build_softmax_classifier(width=width, seed=settings.seed),
        (outputs_of(sigmoid.model, train[0]), train[1]),
        (outputs_of(sigmoid.model, validation[0]), validation[1]),
        settings,
        checkpoints=Checkpoints.below(folder, "site_softmax", *parts, code=train_classifiers),
        progress=progress,
    )
    return Classifiers(sigmoid, softmax)


def fit_elements(
    model: keras.Model,
    train: Samples,
    validation: Samples,
    settings: FitSettings = SHORT_FIT,
    *,
    loss: Loss = "categorical_crossentropy",
    checkpoints: Checkpoints | None = None,
    progress: bool = False,
) -> Fitted:
    """Train a network from features (n, m) to elements, given by their atomic numbers (n,).

    Its outputs are (n, 118). ValueError if features and atomic numbers are not as many, or none.
    """
    features, numbers = _checked("train", train)
    others, other_numbers = _checked("validation", validation)
    return fit_adam(
        model,
        _shuffled(features, _one_hot(numbers), settings),
        settings,
        loss=loss,
        validation=Blocks(others, _one_hot(other_numbers), _PREDICTED_TOGETHER),
        checkpoints=checkpoints,
        progress=progress,
    )


def weighted_cross_entropy(present: Any, likely: Any, *, weight: float) -> Any:
    """Cross-entropy of the presence of each element, (n,); the present one has a weight.

    Targets and outputs are (n, n_elements). An element may be likely whatever the others are.
    """
    likely = ops.clip(likely, 1e-7, 1 - 1e-7)
    parts = weight * present * ops.log(likely) + (1 - present) * ops.log(1 - likely)
    return -ops.mean(parts, axis=-1)


def checked_fingerprints(fingerprints: npt.ArrayLike) -> npt.NDArray[Any]:
    """Check fingerprints of sites."""
    shape = f"(n, {', '.join(map(str, SHAPE))})"
    return arguments.array("fingerprints", fingerprints, shape, "[0, 1]", dtype=None)


def outputs_of(model: keras.Model, inputs: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Compute the outputs of a network in blocks."""
    return predict_in_blocks(
        model,
        inputs,
        size=_PREDICTED_TOGETHER,
        prepare=np.float32,
        compiled=len(inputs) > 4 * _PREDICTED_TOGETHER,
    )


def _shuffled(
    inputs: npt.NDArray[Any], targets: npt.NDArray[Any], settings: FitSettings
) -> ShuffledBatches:
    rng = np.random.default_rng([settings.seed, 1])
    return ShuffledBatches(inputs, targets, batch_size=settings.batch_size, rng=rng)


def _checked(name: str, samples: Samples) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Check features and atomic numbers."""
    features = arguments.array(name, samples[0], "(n, m)", dtype=np.float32)
    shape = f"({len(arguments.not_empty(name, features))},)"
    return features, arguments.array(name, samples[1], shape, "[1, 118]", dtype=np.int64)


def _one_hot(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Mark the element of each atomic number, (n, 118)."""
    return np.eye(N_ELEMENTS, dtype=np.float32)[numbers - 1]
