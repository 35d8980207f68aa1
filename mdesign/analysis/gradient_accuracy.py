"""How right a gradient is: cosines with the exact one, at images and in latent space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import keras
import numpy as np
import numpy.typing as npt

from mdesign.analysis.gradients import (
    ImageGradient,
    cosine_similarity,
    decoded,
    flip_changes,
    pull_back,
    without,
)

__all__ = ["GradientYardsticks", "ModulusSolver", "gradient_yardsticks", "solid_fraction"]

Floats = npt.NDArray[np.float64]


class ModulusSolver(Protocol):
    """Computes the modulus and its gradient; `mdesign.physics.PorousMedium` is one."""

    def modulus(self, phases: npt.ArrayLike) -> Floats:
        """Modulus ``(n,)`` of images ``(n, nx, ny)``."""
        ...

    def modulus_gradient(self, phases: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Modulus, and its derivative by each pixel."""
        ...


@dataclass(frozen=True)
class GradientYardsticks:
    """Exact gradients at chosen microstructures, for others to be compared with.

    Parameters
    ----------
    authentic : ndarray, shape (n, nx, ny)
        Microstructures of 0 and 1.
    exact_authentic : ndarray, shape (n, nx, ny)
        Exact gradient there.
    pixels : ndarray, shape (n, k)
        Some pixels of each.
    flips : ndarray, shape (n, k)
        Change of the modulus as one of them turns from pore into solid.
    decoder : keras.Model
        Maps latents to images.
    latents : ndarray, shape (m, n_latent)
        Latents of generated microstructures.
    generated : ndarray, shape (m, nx, ny)
        Their grey images.
    exact_generated : ndarray, shape (m, nx, ny)
        Exact gradient there.
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
        """Compare a gradient with the exact one.

        Parameters
        ----------
        gradient : callable
            Value and derivative by the pixels, of a network or another model.

        Returns
        -------
        dict of str to ndarray
            Cosines for each microstructure: ``"authentic"`` and ``"generated"`` in image space;
            ``"whole pixels"``, the derivatives by some pixels of the authentic ones against the
            changes as these turn solid; ``"latent"`` in the latent space of the generated ones,
            and ``"constant volume"``, there at right angles to the gradient of the solid fraction.
        """
        _, on_authentic = gradient(self.authentic.astype(float))
        _, on_generated = gradient(self.generated)
        flat = on_authentic.reshape(len(on_authentic), -1)
        ours, theirs = self._pulled(on_generated), self._pulled(self.exact_generated)
        volume = self._pulled(solid_fraction(self.generated)[1])
        pairs = {
            "authentic": (on_authentic, self.exact_authentic),
            "whole pixels": (np.take_along_axis(flat, self.pixels, axis=1), self.flips),
            "generated": (on_generated, self.exact_generated),
            "latent": (ours, theirs),
            "constant volume": (without(ours, volume), without(theirs, volume)),
        }
        found = {name: cosine_similarity(*pair) for name, pair in pairs.items()}
        # Of a gradient that knows the volume alone nothing is left but rounding errors.
        nothing = np.linalg.norm(pairs["constant volume"][0], axis=1) < 1e-6 * np.linalg.norm(
            ours, axis=1
        )
        found["constant volume"][nothing] = 0.0
        return found

    def _pulled(self, by_pixels: Floats) -> Floats:
        return pull_back(self.decoder, self.latents, by_pixels)


def gradient_yardsticks(
    medium: ModulusSolver,
    authentic: npt.NDArray[np.uint8],
    decoder: keras.Model,
    latents: npt.NDArray,
    *,
    n_flips: int,
    rng: np.random.Generator,
) -> GradientYardsticks:
    """Solve for the exact gradients of the modulus.

    Parameters
    ----------
    medium : ModulusSolver
        The physics.
    authentic : ndarray, shape (n, nx, ny)
        Microstructures of 0 and 1.
    decoder : keras.Model
        Maps latents to images of the same size.
    latents : ndarray, shape (m, n_latent)
        Latents of the generated microstructures.
    n_flips : int
        Pixels of each authentic microstructure that are flipped; a solution each.
    rng : numpy.random.Generator
        Chooses them.

    Returns
    -------
    GradientYardsticks
        Exact gradients and changes.

    Raises
    ------
    ValueError
        If `n_flips` is not between 1 and the number of pixels.
    """
    size = authentic[0].size
    if not 1 <= n_flips <= size:
        raise ValueError(f"n_flips must lie between 1 and {size}; got {n_flips}")
    pixels = np.stack([rng.choice(size, n_flips, replace=False) for _ in authentic])
    generated = decoded(decoder, latents)
    return GradientYardsticks(
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
    """Count pixels: the model that every gradient has to beat.

    Parameters
    ----------
    images : array_like, shape (n, nx, ny)
        Pixels in [0, 1].

    Returns
    -------
    values : ndarray, shape (n,)
        Mean of each image.
    gradient : ndarray, shape (n, nx, ny)
        Its derivative by the pixels, the same for all.

    Examples
    --------
    >>> values, gradient = solid_fraction([[[0.0, 1.0], [1.0, 1.0]]])
    >>> values.tolist(), gradient.tolist()
    ([0.75], [[[0.25, 0.25], [0.25, 0.25]]])
    """
    pixels = np.asarray(images, dtype=float)
    return pixels.mean(axis=(1, 2)), np.full(pixels.shape, 1 / pixels[0].size)
