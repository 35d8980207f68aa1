"""Mean chord: how long straight lines stay within one phase, a size of its grains or pores."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign.microstructure.indicator import indicate_phase

__all__ = ["mean_chord"]


def mean_chord(patterns: ArrayLike, *, phase: int = 0) -> NDArray[np.float64]:
    """Mean length in pixels, shape (n,), of the segments that lines of pixels cut out of a phase.

    The lines run along both axes of the patterns (n, nx, ny), and a segment ends at the edge of the
    pattern. Phase 0 is that of pores; the mean is 0 where a pattern does not hold the phase.
    ValueError if the patterns are none of phases. Torquato and Lu, Phys. Rev. E 47, 2950 (1993).

    Examples
    --------
    A pore of 2 by 4 pixels is crossed by four chords of 2 and two of 4:

    >>> image = np.ones((1, 8, 8), int)
    >>> image[0, 2:4, 3:7] = 0
    >>> mean_chord(image).round(3).tolist()
    [2.667]
    """
    inside = indicate_phase(patterns, phase)
    pixels = inside.sum(axis=(1, 2))
    chords = np.zeros(len(inside), dtype=np.int64)
    for axis in (1, 2):
        begins = inside & ~np.roll(inside, 1, axis=axis)
        edge = np.take(inside, 0, axis=axis)
        chords += begins.sum(axis=(1, 2))
        # A segment at the first pixel begins there whether or not the last pixel is inside.
        chords += (edge & np.take(inside, -1, axis=axis)).sum(axis=1)
    return np.divide(2.0 * pixels, chords, out=np.zeros(len(inside)), where=chords > 0)
