"""Baselines of the networks of sites: the commonest element, principal components, one network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA

from mdesign import arguments
from mdesign.data.sets.sites import Sites
from mdesign.models.crystal_sites.network import N_ELEMENTS, build_softmax_classifier
from mdesign.models.crystal_sites.training import (
    SHORT_FIT,
    checked_fingerprints,
    fit_elements,
    outputs_of,
)
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings

__all__ = ["PrincipalComponents", "train_commonest", "train_direct", "train_pca"]

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PrincipalComponents:
    """Principal components of the square roots of fingerprints, in place of an autoencoder."""

    pca: Any

    def __call__(self, fingerprints: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Project fingerprints (n, 16, 16, 12) to (n, n_latent), each of variance 1 in training."""
        return self.pca.transform(_roots(checked_fingerprints(fingerprints)))

    def reconstructions(self, fingerprints: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Project fingerprints and back; returns (n, 16, 16, 12)."""
        rows = checked_fingerprints(fingerprints)
        return (self.pca.inverse_transform(self(rows)) ** 2).reshape(rows.shape)


def train_pca(train: Sites, *, n_latent: int = 64, seed: int = 0) -> PrincipalComponents:
    """Find the principal components of the fingerprints of sites.

    Raises
    ------
    ValueError
        If there are fewer sites than components.
    """
    n_latent = arguments.whole("n_latent", n_latent, f"[1, {len(train.numbers)}]")
    seed = arguments.whole("seed", seed, "[0, inf)")
    pca = PCA(n_latent, whiten=True, svd_solver="randomized", random_state=seed)
    return PrincipalComponents(pca.fit(_roots(train.fingerprints)))


def train_commonest(train: Sites) -> Callable[[npt.ArrayLike], Values]:
    """Count the elements; what it returns predicts their shares (n, 118) for all fingerprints."""
    shares = np.bincount(train.numbers - 1, minlength=N_ELEMENTS) / len(train.numbers)
    return lambda fingerprints: np.tile(shares, (len(checked_fingerprints(fingerprints)), 1))


def train_direct(
    train: tuple[npt.ArrayLike, npt.ArrayLike],
    validation: tuple[npt.ArrayLike, npt.ArrayLike],
    *,
    width: int = 256,
    settings: FitSettings = SHORT_FIT,
    folder: str | Path | None = None,
    progress: bool = False,
) -> Callable[[npt.ArrayLike], Values]:
    """Train the softmax classifier on features of sites, without the sigmoid classifier before it.

    Parameters
    ----------
    train, validation : tuple of array_like
        Features (n, m), such as principal components and distances, and atomic numbers (n,).
    width : int
        Neurons of the hidden layers.

    Returns
    -------
    callable
        Predicts the probability of each element (n, 118) from features (n, m).

    Raises
    ------
    ValueError
        If features and atomic numbers are not as many, or none.
    """
    inputs = arguments.array("train", train[0], "(n, m)", dtype=np.float32)
    fitted = fit_elements(
        build_softmax_classifier(inputs.shape[1], width=width, seed=settings.seed),
        train,
        validation,
        settings,
        checkpoints=Checkpoints.below(
            folder, "site_direct", settings, width, *train, *validation, code=train_direct
        ),
        progress=progress,
    )
    shape = f"(n, {inputs.shape[1]})"

    def predict(features: npt.ArrayLike) -> Values:
        rows = arguments.array("features", features, shape, dtype=np.float32)
        return outputs_of(fitted.model, rows).astype(np.float64)

    return predict


def _roots(fingerprints: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.sqrt(fingerprints.astype(np.float32)).reshape(len(fingerprints), -1)
