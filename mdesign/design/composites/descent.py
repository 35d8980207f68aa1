"""Gradient descent with its whole path, for pictures of landscapes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["gradient_descent"]

Array = npt.NDArray[np.float64]


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
    gradient : callable
        Gradient at points of shape (n, d), in the same shape.
    starts : array_like, shape (n, d)
        Where the paths begin.
    rate : float
        Step per unit of gradient, above 0.
    steps : int
        Number of steps, at least 1.
    project : callable, optional
        Brings points of shape (n, d) back into the permitted region after each step.

    Returns
    -------
    ndarray, shape (n, steps + 1, d)
        All points, the starts first.

    Raises
    ------
    ValueError
        If `starts` has another number of dimensions, or `rate` or `steps` breaks its rule.
    FloatingPointError
        If a path leaves the finite numbers; a smaller `rate` is the remedy.

    Examples
    --------
    >>> path = gradient_descent(lambda points: 2 * points, [[1.0, -2.0]], rate=0.25, steps=2)
    >>> path[0].tolist()
    [[1.0, -2.0], [0.5, -1.0], [0.25, -0.5]]
    """
    points = np.array(starts, dtype=np.float64)
    if points.ndim != 2:
        raise ValueError(f"starts must have shape (n, d); got {points.shape}")
    if not rate > 0 or steps < 1:
        raise ValueError(f"rate must be above 0 and steps at least 1; got {rate} and {steps}")
    path = [points]
    for step in range(steps):
        points = points - rate * gradient(points)
        if not np.isfinite(points).all():
            raise FloatingPointError(f"path not finite after step {step + 1}; use a smaller rate")
        points = points if project is None else project(points)
        path.append(points)
    return np.stack(path, axis=1)
