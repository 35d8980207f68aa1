"""Accuracy of gradients: their cosines with the exact one, in image space and in latent space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.analysis.gradients import (
    ImageGradient,
    checked_images,
    cosine_similarity,
    decode_images,
    flip_changes,
    gradient_of,
    pull_back,
    remove_component,
)

__all__ = ["ExactGradients", "ModulusSolver", "compute_exact_gradients", "solid_fraction"]

Floats = npt.NDArray[np.float64]


@runtime_checkable
class ModulusSolver(Protocol):
    """Computes the modulus and its gradient; `mdesign.physics.PorousMedium` is one."""

    def modulus(self, phases: npt.ArrayLike) -> Floats:
        """Modulus ``(n,)`` of images ``(n, nx, ny)``."""
        ...

    def modulus_gradient(self, phases: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Modulus, and its derivative by each pixel."""
        ...


@dataclass(frozen=True)
class ExactGradients:
    """Exact gradients of the modulus, with which other gradients are compared.

    Parameters
    ----------
    authentic, exact_authentic : ndarray, shape (n, nx, ny)
        Microstructures of 0 and 1, and the exact gradient there.
    pixels, flips : ndarray, shape (n, k)
        Pixels of each, and the change of the modulus as one of them turns from pore into solid.
    decoder, latents : keras.Model and ndarray, shape (m, n_latent)
        Generator of further microstructures, and their latents.
    generated, exact_generated : ndarray, shape (m, nx, ny)
        Their grey images, and the exact gradient there.
    """

    authentic: npt.NDArray[np.uint8]
    exact_authentic: Floats
    pixels: npt.NDArray[np.intp]
    flips: Floats
    decoder: keras.Model
    latents: npt.NDArray
    generated: Floats
    exact_generated: Floats

    def cosines(self, gradient: ImageGradient) -> dict[str, Floats]:
        """Cosines of a gradient with the exact one, for each microstructure.

        ``"authentic"`` and ``"generated"`` are those in image space; ``"whole pixels"`` compares
        the derivatives by `pixels` with `flips`; ``"latent"`` is in the latent space of the
        generated ones, and ``"constant volume"`` there at right angles to the gradient of the solid
        fraction.
        """
        _, on_authentic = gradient_of(gradient, self.authentic.astype(float))
        _, on_generated = gradient_of(gradient, self.generated)
        flat = on_authentic.reshape(len(on_authentic), -1)
        ours, theirs = self._pull_back(on_generated), self._pull_back(self.exact_generated)
        volume = self._pull_back(solid_fraction(self.generated)[1])
        pairs = {
            "authentic": (on_authentic, self.exact_authentic),
            "whole pixels": (np.take_along_axis(flat, self.pixels, axis=1), self.flips),
            "generated": (on_generated, self.exact_generated),
            "latent": (ours, theirs),
            "constant volume": (remove_component(ours, volume), remove_component(theirs, volume)),
        }
        cosines = {name: cosine_similarity(*pair) for name, pair in pairs.items()}
        # The gradient of a function of the volume alone leaves only rounding errors.
        nothing = np.linalg.norm(pairs["constant volume"][0], axis=1) < 1e-6 * np.linalg.norm(
            ours, axis=1
        )
        cosines["constant volume"][nothing] = 0.0
        return cosines

    def _pull_back(self, by_pixels: Floats) -> Floats:
        return pull_back(self.decoder, self.latents, by_pixels)


def compute_exact_gradients(
    medium: ModulusSolver,
    authentic: npt.ArrayLike,
    decoder: keras.Model,
    latents: npt.ArrayLike,
    *,
    n_flips: int,
    rng: np.random.Generator,
) -> ExactGradients:
    """Solve for the exact gradients of the modulus.

    Parameters
    ----------
    medium : ModulusSolver
        The physics.
    authentic : array_like, shape (n, nx, ny)
        Microstructures of 0 and 1, one at least.
    decoder, latents : keras.Model and array_like, shape (m, n_latent)
        Generator of images of the same size, and the latents of the generated microstructures.
    n_flips : int
        Pixels of each authentic microstructure that are flipped, one solution each.
    rng : numpy.random.Generator
        Chooses these pixels.

    Returns
    -------
    ExactGradients

    Raises
    ------
    ValueError
        If `n_flips` is not between 1 and the number of pixels.
    """
    authentic = arguments.not_empty("authentic", arguments.phases("authentic", authentic))
    latents = np.asarray(latents)
    size = authentic[0].size
    n_flips = arguments.whole("n_flips", n_flips, f"[1, {size}]")
    pixels = np.stack([rng.choice(size, n_flips, replace=False) for _ in authentic])
    generated = decode_images(decoder, latents)
    return ExactGradients(
        authentic=authentic,
        exact_authentic=medium.modulus_gradient(authentic)[1],
        pixels=pixels,
        flips=flip_changes(medium.modulus, authentic, pixels),
        decoder=decoder,
        latents=latents,
        generated=generated,
        exact_generated=medium.modulus_gradient(generated)[1],
    )


def solid_fraction(images: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Mean of each image and its derivative by the pixels: the simplest model of a property.

    Parameters
    ----------
    images : array_like, shape (n, nx, ny)
        Pixels in [0, 1].

    Returns
    -------
    values, gradient : ndarray, shapes (n,) and (n, nx, ny)

    Examples
    --------
    >>> values, gradient = solid_fraction([[[0.0, 1.0], [1.0, 1.0]]])
    >>> values.tolist(), gradient.tolist()
    ([0.75], [[[0.25, 0.25], [0.25, 0.25]]])
    """
    pixels = checked_images(images)
    return pixels.mean(axis=(1, 2)), np.full(pixels.shape, 1 / pixels[0].size)
