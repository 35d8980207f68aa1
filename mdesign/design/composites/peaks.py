"""The peaks function, a landscape over two variables, and gradient descent with its path."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.design.composites.problem import Array

__all__ = ["GLOBAL_MINIMUM", "gradient_descent", "peaks", "peaks_gradient"]

GLOBAL_MINIMUM = (0.22827892, -1.62553496)
"""Where the peaks function has its smallest value, -6.5511333."""


def peaks(x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """Evaluate the peaks function at coordinates that broadcast together.

    Its extrema lie within [-3, 3].

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Eq. 1.

    Examples
    --------
    >>> float(peaks(*GLOBAL_MINIMUM).round(4))
    -6.5511
    """
    x, y = _coordinates(x, y)
    below, middle, left = _bells(x, y)
    return 3 * (1 - x) ** 2 * below - 10 * (x / 5 - x**3 - y**5) * middle - left / 3


def peaks_gradient(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    """Evaluate the partial derivatives of `peaks` by x and by y, each of the common shape."""
    x, y = _coordinates(x, y)
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


def gradient_descent(
    gradient: Callable[[Array], Array],
    starts: npt.ArrayLike,
    *,
    rate: float,
    steps: int,
    project: Callable[[Array], Array] | None = None,
) -> Array:
    """Follow the negative gradient with a fixed rate from several starts at once.

    Parameters
    ----------
    gradient, project : callable
        Maps points of shape (n, d) to their gradient; and, if given, to the nearest permitted
        points after each step.
    starts : array_like, shape (n, d)
        First points of the paths.
    rate, steps : float and int
        Step per unit of gradient, and number of steps.

    Returns
    -------
    ndarray, shape (n, steps + 1, d)
        All points, the starts first.

    Raises
    ------
    ValueError
        If `starts` has another number of axes, or `rate` or `steps` is not positive.
    FloatingPointError
        If a path leaves the finite numbers; use a smaller `rate`.

    Examples
    --------
    >>> path = gradient_descent(lambda points: 2 * points, [[1.0, -2.0]], rate=0.25, steps=2)
    >>> path[0].tolist()
    [[1.0, -2.0], [0.5, -1.0], [0.25, -0.5]]
    """
    points = arguments.array("starts", starts, "(n, d)")
    rate, steps = arguments.number("rate", rate, "(0, inf)"), arguments.whole("steps", steps)
    path = [points]
    for step in range(steps):
        slopes = arguments.array("gradient", gradient(points), str(points.shape), None)
        points = points - rate * slopes
        if not np.isfinite(points).all():
            raise FloatingPointError(f"path not finite after step {step + 1}; use a smaller rate")
        if project is not None:
            points = arguments.array("points of project", project(points), str(points.shape))
        path.append(points)
    return np.stack(path, axis=1)


def _coordinates(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    """Check coordinates; where the bells are zero, nearer ones, whose powers do not overflow."""
    across, up = (np.clip(arguments.array(*one), -100, 100) for one in (("x", x), ("y", y)))
    try:
        np.broadcast_shapes(across.shape, up.shape)
    except ValueError as error:
        raise ValueError(
            f"x and y must broadcast together; got {across.shape} and {up.shape}"
        ) from error
    return across, up


def _bells(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Three Gaussian bells, centred below the origin, at it, and left of it."""
    return (
        np.exp(-(x**2) - (y + 1) ** 2),
        np.exp(-(x**2) - y**2),
        np.exp(-((x + 1) ** 2) - y**2),
    )
