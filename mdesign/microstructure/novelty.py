"""Whether made microstructures are new, or copies of those a model has learnt from."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["nearest_difference"]

_BLOCK = 64


def nearest_difference(
    made: ArrayLike, known: ArrayLike, *, max_shift: int = 4
) -> NDArray[np.float64]:
    """Share of the pixels in which a pattern differs from the most similar known one.

    A copy that is only moved by a few pixels counts as a copy: each pair is compared at all small
    shifts, over the pixels that both then have, and the best is taken. Nothing is repeated beyond
    the edges.

    Parameters
    ----------
    made : array_like
        Patterns ``(n, nx, ny)`` of 0 and 1.
    known : array_like
        Patterns ``(m, nx, ny)`` of 0 and 1, at least one.
    max_shift : int, optional
        Largest shift in pixels along each axis, below both sides.

    Returns
    -------
    numpy.ndarray
        ``(n,)``, each in [0, 1]: 0 for a copy. A value means something beside that of authentic
        patterns which the model has not seen.

    Raises
    ------
    ValueError
        If the patterns are no stacks of one size, none is known, or the shift does not fit.

    Examples
    --------
    >>> known = np.eye(8, dtype=int)[None]
    >>> nearest_difference([np.eye(8), np.zeros((8, 8))], known, max_shift=0).tolist()
    [0.0, 0.125]
    """
    ours, theirs = _signs(made), _signs(known)
    if ours.shape[1:] != theirs.shape[1:] or len(theirs) == 0:
        raise ValueError(
            "made and known must be patterns of one size, at least one of them known; "
            f"got shapes {ours.shape} and {theirs.shape}"
        )
    shape = ours.shape[1:]
    if not 0 <= max_shift < min(shape):
        raise ValueError(f"max_shift must lie between 0 and {min(shape) - 1}; got {max_shift}")
    # Where signs agree their product is 1, elsewhere -1: the sum counts both at once.
    padded = (shape[0] + max_shift, shape[1] + max_shift)
    shifts = np.arange(-max_shift, max_shift + 1)
    shared = np.outer(shape[0] - np.abs(shifts), shape[1] - np.abs(shifts))
    spectra = np.fft.rfft2(theirs, s=padded).conj()
    found = np.empty(len(ours))
    for number, spectrum in enumerate(np.fft.rfft2(ours, s=padded)):
        best = -1.0
        for first in range(0, len(spectra), _BLOCK):
            sums = np.fft.irfft2(spectrum * spectra[first : first + _BLOCK], s=padded)
            best = max(best, float((sums[:, shifts][:, :, shifts] / shared).max()))
        found[number] = (1 - best) / 2
    # Sums of whole numbers: what is left of the transform's rounding is cut off.
    return np.clip(found.round(12), 0, 1)


def _signs(patterns: ArrayLike) -> NDArray[np.float32]:
    """Return patterns as 1 and -1, or say what is wrong with them."""
    stack = np.asarray(patterns)
    if stack.ndim != 3 or 0 in stack.shape[1:]:
        raise ValueError(f"patterns must have shape (n, nx, ny); got {stack.shape}")
    if not np.isin(stack, (0, 1)).all():
        raise ValueError("patterns must hold 0 and 1; got other values")
    return 2 * stack.astype(np.float32) - 1
