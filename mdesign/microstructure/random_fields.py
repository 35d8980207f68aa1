"""Two-phase microstructures cut from Gaussian random fields of mean 0 and variance 1.

A pattern is 1 wherever its field exceeds a level. The level fixes the volume fraction, the
covariance of the field the two-point statistics: Roberts and Teubner, Phys. Rev. E 51, 4141 (1995).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import CubicSpline
from scipy.special import ndtri

from mdesign import arguments

__all__ = ["field_covariance", "gaussian_random_fields", "mark_highest", "ranked_random_fields"]

Correlation = Sequence[float] | NDArray | Callable[[NDArray[np.float64]], NDArray[np.float64]]
_ANGLES = np.linspace(-np.pi / 2, np.pi / 2, 2001)
_BLOCK = 256

_TOLERANCE = 0.02
"""How far the correlation of a level cut may lie from the wanted one."""


def gaussian_random_fields(
    n: int,
    shape: Sequence[int],
    *,
    volume_fraction: ArrayLike,
    correlation: Correlation,
    rng: np.random.Generator,
    periodic: bool = True,
) -> NDArray[np.uint8]:
    """Draw isotropic two-phase patterns (n, nx, ny) of given volume fraction and autocorrelation.

    Both are met on average over patterns, the correlation along the axes to 0.02; a single pattern
    has its own volume fraction. ValueError if an argument is out of range or no Gaussian field has
    a level cut of this correlation: the message gives the nearest that one has.

    Parameters
    ----------
    n : int
    shape : tuple of int
        Pixels ``(nx, ny)`` of a pattern.
    volume_fraction : float or array_like, shape (n,)
        Expected fraction of phase 1, in (0, 1). The correlation is met at the mean fraction.
    correlation : sequence of float or callable
        Autocorrelation of the patterns: values at lags of 0, 1, 2, ... pixels, the first of them 1,
        falling to 0 one pixel after the last; or a function of an array of lags.
    rng : numpy.random.Generator
    periodic : bool
        Whether opposite edges of a pattern fit together.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> patterns = gaussian_random_fields(
    ...     2, (32, 32), volume_fraction=0.3, correlation=[1, 0.65, 0.34, 0.12], rng=rng
    ... )
    >>> patterns.shape, str(patterns.dtype)
    ((2, 32, 32), 'uint8')
    """
    n, shape = plain_sizes(n, shape)
    fractions = _fractions(n, volume_fraction)
    levels = ndtri(1 - fractions)
    patterns = np.empty((n, *shape), np.uint8)
    mean = float(fractions.mean()) if n else 0.5
    for block, fields in _blocks(n, shape, mean, correlation, rng, periodic):
        patterns[block] = fields > levels[block, None, None]
    return patterns


def ranked_random_fields(
    n: int,
    shape: Sequence[int],
    *,
    volume_fraction: ArrayLike,
    correlation: Correlation,
    rng: np.random.Generator,
    periodic: bool = True,
) -> NDArray[np.uint8]:
    """Draw patterns as `gaussian_random_fields` does, each of exactly its volume fraction.

    Phase 1 takes the pixels where the field is highest, so that the caller chooses the spread.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> patterns = ranked_random_fields(
    ...     2, (20, 20), volume_fraction=[0.3, 0.4], correlation=[1, 0.4, 0.04], rng=rng
    ... )
    >>> patterns.mean(axis=(1, 2)).tolist()
    [0.3, 0.4]
    """
    n, shape = plain_sizes(n, shape)
    fractions = _fractions(n, volume_fraction)
    counts = np.rint(fractions * (shape[0] * shape[1])).astype(np.int64)
    patterns = np.empty((n, *shape), np.uint8)
    mean = float(fractions.mean()) if n else 0.5
    for block, fields in _blocks(n, shape, mean, correlation, rng, periodic):
        patterns[block] = mark_highest(fields, counts[block])
    return patterns


def mark_highest(fields: NDArray[np.float64], counts: ArrayLike) -> NDArray[np.uint8]:
    """Mark with 1 the places, `counts` (n,) of them, where each of n fields is highest."""
    flat = fields.reshape(len(fields), prod(fields.shape[1:]))
    marked = np.zeros(flat.shape, np.uint8)
    for row, values, count in zip(marked, flat, np.asarray(counts), strict=True):
        first = values.size - count
        row[np.argpartition(values, min(first, values.size - 1))[first:]] = 1
    return marked.reshape(fields.shape)


def field_covariance(autocorrelation: ArrayLike, volume_fraction: float) -> NDArray[np.float64]:
    """Covariance of the Gaussian field of variance 1 whose level cut has a given autocorrelation.

    Autocorrelations below what a pattern of this volume fraction can have are raised to it.
    ValueError if one exceeds 1, or the fraction is not in (0, 1).

    Examples
    --------
    >>> bool(np.allclose(field_covariance([0, 1], 0.3), [0, 1]))
    True
    >>> round(float(field_covariance(1 / 3, 0.5)), 6)  # arcsine law: sin(pi / 6)
    0.5
    """
    wanted = arguments.array("autocorrelation", autocorrelation)
    if (wanted > 1 + 1e-12).any():
        raise ValueError(f"autocorrelation must be at most 1; got {wanted.max()}")
    volume_fraction = arguments.number("volume_fraction", volume_fraction, "(0, 1)")
    return np.sin(np.interp(wanted, _correlations(volume_fraction), _ANGLES))


def _correlations(volume_fraction: float) -> NDArray[np.float64]:
    """Autocorrelation of a level cut where the field has the covariances sin(`_ANGLES`)."""
    # The probability that two points with covariance c both lie above the level t grows with c at
    # the rate of the bivariate normal density at (t, t), exp(-t^2 / (1 + c)) / (2 pi cos a), where
    # a = arcsin(c); integrated over a the integrand is smooth.
    level = ndtri(1 - volume_fraction)
    # At -pi/2 the exponent is minus infinity unless the level is 0, where it is 0.
    exponent = -(level**2) / np.maximum(1 + np.sin(_ANGLES), 1e-300)
    joint = cumulative_trapezoid(np.exp(exponent), _ANGLES, initial=0) / (2 * np.pi)
    joint -= np.interp(0, _ANGLES, joint)
    return joint / (volume_fraction * (1 - volume_fraction))


def _blocks(
    n: int,
    shape: Sequence[int],
    volume_fraction: float,
    correlation: Correlation,
    rng: np.random.Generator,
    periodic: bool,
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Draw Gaussian fields of mean 0 and variance 1, a block of them at a time."""
    # A field that need not be periodic is cut from one of twice the size, larger than the table.
    reach = 0 if callable(correlation) else 2 * len(correlation)
    grid = shape if periodic else [2 * max(side, reach) for side in shape]
    amplitude = _amplitude(grid, volume_fraction, correlation)
    for first in range(0, n, _BLOCK):
        block = slice(first, min(first + _BLOCK, n))
        noise = rng.standard_normal((block.stop - first, *grid))
        fields = np.fft.irfft2(np.fft.rfft2(noise) * amplitude, s=grid)
        yield block, fields[:, : shape[0], : shape[1]]


def _amplitude(
    grid: Sequence[int], volume_fraction: float, correlation: Correlation
) -> NDArray[np.float64]:
    """Square root of the spectrum of the field of variance 1."""
    # Wiener-Khinchin: the spectrum is the transform of the covariance. A correlation that no field
    # can have gives negative values; it is replaced by the nearest one.
    steps = [np.minimum(np.arange(side), side - np.arange(side)) for side in grid]
    lags = np.hypot(steps[0][:, None], steps[1][None, :]).astype(np.float64)
    power = np.fft.fft2(_covariance(lags, volume_fraction, correlation)).real
    power = _nearest_spectrum(power)
    _check_met(np.fft.ifft2(power).real, volume_fraction, correlation)
    return np.sqrt(power[:, : grid[1] // 2 + 1])


def _check_met(
    covariance: NDArray[np.float64], volume_fraction: float, correlation: Correlation
) -> None:
    """Raise unless the level cut of a field correlates as wanted along both axes."""
    of_angles = _correlations(volume_fraction)
    for line in (covariance[:, 0], covariance[0]):
        lags = np.arange(len(line) // 2 + 1)
        angles = np.arcsin(np.clip(line[lags], -1, 1))
        nearest = np.interp(angles, _ANGLES, of_angles)
        table = correlation(lags.astype(float)) if callable(correlation) else correlation
        wanted = np.append(np.asarray(table, dtype=np.float64), np.zeros(len(lags)))[: len(lags)]
        if np.abs(nearest - wanted).max() > _TOLERANCE:
            last = np.flatnonzero(np.abs(nearest) > _TOLERANCE / 2).max(initial=0)
            raise ValueError(
                "correlation must be one that a level cut of a random field of this shape and "
                f"volume_fraction can have; the nearest is {nearest[: last + 1].round(3).tolist()}"
            )


def _nearest_spectrum(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nearest power spectrum without negative values and with mean 1."""
    # It is what lies above a level, which is found among the sorted values. Dropping the negative
    # values alone would add white noise and roughen the edges of the pattern.
    falling = np.sort(power, axis=None)[::-1]
    levels = (np.cumsum(falling) - power.size) / np.arange(1, power.size + 1)
    level = levels[np.flatnonzero(falling > levels)[-1]]
    return np.maximum(power - level, 0)


def _covariance(
    lags: NDArray[np.float64], volume_fraction: float, correlation: Correlation
) -> NDArray[np.float64]:
    """Covariance of the field at all lags, 1 at lag 0."""
    if callable(correlation):
        values = np.asarray(correlation(lags), dtype=np.float64)
        _check_start(values.flat[0])
        return field_covariance(values, volume_fraction)
    # The table is interpolated as covariance: that is smooth at lag 0, where the correlation of a
    # pattern has a kink.
    table = np.append(arguments.array("correlation", correlation, "(n,)"), 0.0)
    _check_start(table[0])
    nodes = np.arange(len(table))
    covariance = field_covariance(table, volume_fraction)
    return CubicSpline(nodes, covariance, bc_type="clamped")(np.minimum(lags, nodes[-1]))


def _check_start(value: float) -> None:
    """Raise unless a pattern correlates fully with itself."""
    if abs(value - 1) > 1e-9:
        raise ValueError(f"correlation must be 1 at lag 0; got {value}")


def plain_sizes(
    n: Any, shape: Any, axes: int = 2, name: str = "shape"
) -> tuple[int, tuple[int, ...]]:
    """Return the number and the sides of patterns as plain integers, whose products are exact."""
    n = arguments.whole("n", n, "[0, inf)")
    sides = tuple(arguments.whole(name, side) for side in shape)
    if len(sides) != axes:
        raise ValueError(f"{name} must be {axes} sides; got {sides}")
    return n, sides


def _fractions(n: int, volume_fraction: ArrayLike) -> NDArray[np.float64]:
    """Volume fraction of each of n patterns."""
    shape = f"() or ({n},)"
    fractions = arguments.array("volume_fraction", volume_fraction, shape, "(0, 1)")
    return np.broadcast_to(fractions, n)
