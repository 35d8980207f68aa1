"""Whether synthetic microstructures are new, or copies of the training images."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments

__all__ = ["nearest_difference"]

_BLOCK = 64


def nearest_difference(
    generated: ArrayLike, training: ArrayLike, *, max_shift: int = 4
) -> NDArray[np.float64]:
    """Share of the pixels in which a pattern differs from the most similar training pattern, (n,).

    0 is a copy; other values are to be compared with those of authentic patterns that the model has
    not seen. Each pair is compared at all small shifts, over the pixels that overlap, and the best
    shift counts, so that a copy moved by a few pixels is a copy.

    Parameters
    ----------
    generated, training : array_like, shapes (n, nx, ny) and (m, nx, ny)
        Patterns of 0 and 1, at least one of the latter; ValueError otherwise.
    max_shift : int
        Largest shift in pixels along each axis, below both sides.

    Examples
    --------
    >>> training = np.eye(8, dtype=int)[None]
    >>> nearest_difference([np.eye(8), np.zeros((8, 8))], training, max_shift=0).tolist()
    [0.0, 0.125]
    """
    ours, theirs = _signs("generated", generated), _signs("training", training)
    if ours.shape[1:] != theirs.shape[1:] or len(theirs) == 0:
        raise ValueError(
            "generated and training must be patterns of one size, at least one for training; "
            f"got shapes {ours.shape} and {theirs.shape}"
        )
    shape = ours.shape[1:]
    max_shift = arguments.whole("max_shift", max_shift, f"[0, {min(shape) - 1}]")
    # Where signs agree their product is 1, elsewhere -1: the sum counts both at once.
    padded = (shape[0] + max_shift, shape[1] + max_shift)
    shifts = np.arange(-max_shift, max_shift + 1)
    shared = np.outer(shape[0] - np.abs(shifts), shape[1] - np.abs(shifts))
    spectra = np.fft.rfft2(theirs, s=padded).conj()
    differences = np.empty(len(ours))
    for number, spectrum in enumerate(np.fft.rfft2(ours, s=padded)):
        best = -1.0
        for first in range(0, len(spectra), _BLOCK):
            sums = np.fft.irfft2(spectrum * spectra[first : first + _BLOCK], s=padded)
            best = max(best, float((sums[:, shifts][:, :, shifts] / shared).max()))
        differences[number] = (1 - best) / 2
    # Sums of whole numbers: what is left of the transform's rounding is cut off.
    return np.clip(differences.round(12), 0, 1)


def _signs(name: str, patterns: ArrayLike) -> NDArray[np.float32]:
    """Patterns of phases as 1 and -1."""
    return 2 * arguments.phases(name, patterns).astype(np.float32) - 1
