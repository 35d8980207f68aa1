"""The peaks function: hills and valleys over two variables, to try a search on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["GLOBAL_MINIMUM", "ORIGIN_MINIMUM", "peaks", "peaks_gradient"]

Array = npt.NDArray[np.float64]

GLOBAL_MINIMUM = (0.22827892, -1.62553496)
"""Where the lowest valley is; the value there is -6.5511333."""

ORIGIN_MINIMUM = (0.29644556, 0.32019621)
"""The shallow valley beside the origin, which traps a descent; the value there is -0.0649359."""


def peaks(x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """Evaluate the peaks function.

    Parameters
    ----------
    x, y : array_like
        Coordinates that broadcast together; the hills lie within [-3, 3].

    Returns
    -------
    ndarray
        Value at each point, of the common shape.

    Notes
    -----
    Equation 1 as printed is the well-known form of the function, term by term and sign by sign;
    nothing had to be corrected.

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Eq. 1.

    Examples
    --------
    >>> float(peaks(*GLOBAL_MINIMUM).round(4))
    -6.5511
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    below, middle, left = _bells(x, y)
    return 3 * (1 - x) ** 2 * below - 10 * (x / 5 - x**3 - y**5) * middle - left / 3


def peaks_gradient(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    """Evaluate the two partial derivatives of the peaks function.

    Parameters
    ----------
    x, y : array_like
        Coordinates that broadcast together.

    Returns
    -------
    by_x, by_y : ndarray
        Partial derivatives at each point, of the common shape.

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Eq. 1, differentiated.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    below, middle, left = _bells(x, y)
    polynomial = x / 5 - x**3 - y**5
    by_x = (
        -6 * (1 - x) * (1 + x * (1 - x)) * below
        - 10 * (1 / 5 - 3 * x**2 - 2 * x * polynomial) * middle
        + 2 / 3 * (x + 1) * left
    )
    by_y = (
        -6 * (1 - x) ** 2 * (y + 1) * below
        + 10 * (5 * y**4 + 2 * y * polynomial) * middle
        + 2 / 3 * y * left
    )
    return by_x, by_y


def _bells(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Three Gaussian bells, centred below the origin, at it, and left of it."""
    return (
        np.exp(-(x**2) - (y + 1) ** 2),
        np.exp(-(x**2) - y**2),
        np.exp(-((x + 1) ** 2) - y**2),
    )
