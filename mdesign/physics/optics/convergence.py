"""How many diffraction orders a pattern needs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from mdesign import arguments
from mdesign.physics.optics.rcwa import absorptance, warn_of_laurent
from mdesign.physics.optics.stack import OpticalStack
from mdesign.physics.voxels.conjugate_gradients import NotConverged

__all__ = ["converged_orders", "truncation_errors"]

#: Numbers of orders tried; each costs about six times as much as the one before.
_COUNTS = (5, 7, 11, 15, 21, 31, 41, 61, 81, 121, 161)


def converged_orders(
    patterns: ArrayLike,
    stack: OpticalStack,
    tolerance: float = 0.01,
    *,
    largest: int = 31,
    dtype: DTypeLike = np.complex64,
) -> tuple[tuple[int, int], float]:
    """Find the orders at which the absorptance of patterns no longer depends on their number.

    The absorptance is computed with more and more orders, 5, 7, 11, 15, 21, 31 and so on. The
    error of a set is estimated as twice the largest difference from the next two, which have up
    to about twice the orders in each direction: so it holds where the error falls as 1 / orders,
    or faster.

    Parameters
    ----------
    patterns : array_like of shape (n, nx, nx)
        Phases 0 and 1, as for `absorptance`; a few typical patterns will do.
    stack : OpticalStack
        A direction in which it has one order, as for stripes, keeps one.
    tolerance : float
        Largest error of the absorptance, between 0 and 1.
    largest : int
        Largest number of orders in a direction that may be tried.
    dtype : {complex64, complex128}
        Precision, as for `absorptance`.

    Returns
    -------
    orders : tuple of int
        Of `OpticalStack`.
    error : float
        The estimate, of the worst of the patterns.

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the error is still larger at the `largest` number of orders, or at the largest that the
        pixels of the patterns allow.

    Examples
    --------
    >>> stripes = np.repeat([[[0], [1]]], 64, axis=1).repeat(128, axis=2)
    >>> stack = OpticalStack(orders=(11, 1), rule="li", thickness_nm=100.0, edge_nm=0.0)
    >>> orders, error = converged_orders(stripes, stack, tolerance=0.005)
    >>> orders, error < 0.005
    ((5, 1), True)
    """
    tolerance = arguments.number("tolerance", tolerance, "(0, 1)")
    largest = arguments.whole("largest", largest)
    if stack.n_orders == 1:
        raise ValueError("stack must have more than one order in a direction; got orders (1, 1)")
    patterns = arguments.phases("patterns", patterns, "(n, nx, nx)")
    finest = min(largest, (patterns.shape[-1] + 1) // 2)
    if finest < _COUNTS[2]:
        raise ValueError(
            f"largest and the pixels must allow at least {_COUNTS[2]} orders in a direction; got "
            f"largest {largest} and patterns of shape {patterns.shape}"
        )
    warn_of_laurent(stack)
    tried: list[tuple[tuple[int, int], np.ndarray]] = []
    error = math.inf
    for count in (count for count in _COUNTS if count <= finest):
        x, y = (1 if n == 1 else count for n in stack.orders)
        tried.append(((x, y), absorptance(patterns, replace(stack, orders=(x, y)), dtype)))
        if len(tried) < 3:
            continue
        (orders, coarse), *finer = tried[-3:]
        error = 2 * max(float(abs(values - coarse).max(initial=0)) for _, values in finer)
        if error <= tolerance:
            return orders, error
    raise NotConverged(
        f"the error of the absorptance is still {error:.2g}, above {tolerance}, at up to {finest} "
        f'orders in a direction: raise largest or the number of pixels, or use rule "li" for metals'
    )


def truncation_errors(
    patterns: ArrayLike, stack: OpticalStack, dtype: DTypeLike = np.complex64
) -> np.ndarray:
    """Estimate the error that the diffraction orders left out cause in the absorptance.

    The estimate is that of `converged_orders`: twice the larger difference from two finer results,
    here with 1.4 and 2 times the orders in each direction. A difference of two absorptances below
    it has no physical meaning.

    Parameters
    ----------
    patterns : array_like of shape (n, nx, nx)
        Phases 0 and 1, as for `absorptance`; ten typical patterns will do.
    stack : OpticalStack
        With the orders to be judged. A direction with one order, as for stripes, keeps one.
    dtype : {complex64, complex128}
        Precision, as for `absorptance`.

    Returns
    -------
    ndarray of shape (n,)
        Estimated error of the absorptance of each pattern.

    Raises
    ------
    ValueError
        If an argument is out of range, or the pixels are too coarse for twice the orders.

    Examples
    --------
    >>> squares = np.kron(np.eye(2, dtype=int), np.ones((32, 32), dtype=int))[None]
    >>> coarse = truncation_errors(squares, OpticalStack(orders=(7, 7)))
    >>> fine = truncation_errors(squares, OpticalStack(orders=(13, 13)))
    >>> coarse.shape, bool((fine < coarse / 10).all())
    ((1,), True)
    """
    if stack.n_orders == 1:
        raise ValueError("stack must have more than one order in a direction; got orders (1, 1)")
    coarse = absorptance(patterns, stack, dtype)
    differences = []
    for factor in (1.4, 2):
        x, y = (2 * math.ceil(factor * (n // 2)) + 1 for n in stack.orders)
        finer = absorptance(patterns, replace(stack, orders=(x, y)), dtype)
        differences.append(abs(finer - coarse))
    return 2 * np.max(differences, axis=0)
