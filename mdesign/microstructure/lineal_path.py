"""Lineal path: the probability that a whole straight segment lies in one phase.

Lu and Torquato, Phys. Rev. A 45, 922 (1992).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments
from mdesign.microstructure.indicator import indicate_phase

__all__ = ["lineal_path"]


def lineal_path(
    patterns: ArrayLike,
    *,
    phase: int = 1,
    periodic: bool = True,
    max_length: int | None = None,
) -> NDArray[np.float64]:
    """Probability that a segment along an axis lies wholly in a phase, averaged over both axes.

    Parameters
    ----------
    patterns : array_like, shape (n, nx, ny)
    phase : int
    periodic : bool
        Whether patterns go on beyond their edges. If not, only segments within one count.
    max_length : int, optional
        Largest distance in pixels between the ends of a segment, below the shorter side, else
        ValueError; half the shorter side by default.

    Returns
    -------
    numpy.ndarray, shape (n, max_length + 1)
        Index r is a segment of r + 1 pixels, whose ends lie r pixels apart: index 0 is the volume
        fraction, and no value exceeds the two-point correlation of the same shift.

    Examples
    --------
    >>> lineal_path([[[1, 1, 1, 0]] * 4], max_length=2, periodic=False).round(3).tolist()
    [[0.75, 0.708, 0.625]]
    """
    phases = indicate_phase(patterns, phase)
    shorter = min(phases.shape[1:])
    last = shorter // 2
    if max_length is not None:
        last = arguments.whole("max_length", max_length, f"[0, {shorter - 1}]")
    along_y = _along_last_axis(phases, periodic, last)
    along_x = _along_last_axis(phases.transpose(0, 2, 1), periodic, last)
    return (along_x + along_y) / 2


def _along_last_axis(phases: NDArray[np.bool_], periodic: bool, last: int) -> NDArray[np.float64]:
    """Share of the possible starts of a segment from which all its pixels are of the phase."""
    n, lines, length = phases.shape
    runs = np.minimum(_run_lengths(phases, periodic, last), last + 1).reshape(n, lines * length)
    flat = runs + (last + 2) * np.arange(n)[:, None]
    counts = np.bincount(flat.ravel(), minlength=n * (last + 2)).reshape(n, last + 2)
    at_least = counts[:, :0:-1].cumsum(axis=1)[:, ::-1]
    starts = lines * (length - (0 if periodic else np.arange(last + 1)))
    return at_least / starts


def _run_lengths(phases: NDArray[np.bool_], periodic: bool, last: int) -> NDArray[np.int64]:
    """Pixels of the phase in a row from each pixel on, in the direction of the last axis."""
    length = phases.shape[-1]
    beyond = phases[..., : last + 1] if periodic else np.zeros_like(phases[..., :1])
    extended = np.concatenate([phases, beyond], axis=-1)
    total = extended.shape[-1]
    ends = np.where(extended, total, np.arange(total))
    next_end = np.minimum.accumulate(ends[..., ::-1], axis=-1)[..., ::-1]
    return (next_end - np.arange(total))[..., :length]
