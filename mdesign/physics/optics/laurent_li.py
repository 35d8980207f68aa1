"""Laurent's rule and Li's rule: convolution matrices of a pattern's permittivity.

Both truncate the product of permittivity and field to the harmonics kept. Laurent's rule multiplies
by the convolution matrix of the permittivity. Li's rule, for the field component that jumps at an
interface, multiplies by the inverse of the convolution matrix of 1 / permittivity.

References
----------
Li, J. Opt. Soc. Am. A 14, 2758 (1997), Sec. 4.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mdesign.physics.optics.harmonics import Harmonics
from mdesign.physics.optics.stack import OpticalStack

__all__ = ["permittivity", "permittivity_matrices"]


def permittivity_matrices(
    pattern: np.ndarray, stack: OpticalStack, harmonics: Harmonics, real: np.dtype
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Matrices (N, N) that multiply Ex, Ey and Ez in a layer, in cosines and sines.

    `real` is the precision of the real part; the matrices are real where the pattern is lossless.
    """
    low, high = (complex(index) ** 2 for index in stack.pattern_indices)
    dtype = real if stack.lossless_pattern else np.result_type(real, np.complex64)
    # Laurent's rule: [[e]]_GG' is the Fourier coefficient of e at G - G'; e = low + (high - low) p.
    fourier = np.fft.fft2(pattern) / pattern.size * _pixel(pattern.shape, stack.pixel_sinc)
    fourier *= _edges(pattern.shape, stack.edge_nm / stack.period_nm)
    minus, plus = _indices(harmonics, pattern.shape)
    flat = fourier.ravel()
    laurent = (high - low) * harmonics.real_convolution(flat[minus], flat[plus])
    laurent[np.diag_indices_from(laurent)] += low
    laurent = _cast(laurent, dtype)
    if stack.rule == "laurent":
        return laurent, laurent, laurent
    # Li's rules: inverse rule along the field's own direction, Laurent's rule across it and for Ez,
    # which is continuous at vertical walls. The matrix for Ey is that for Ex of the transpose.
    epsilon = permittivity(pattern, stack)
    across_x = _inverse_rule(epsilon, harmonics, pixel_sinc=stack.pixel_sinc)
    turned = Harmonics(harmonics.counts[::-1])
    across_y = _inverse_rule(epsilon.T, turned, pixel_sinc=stack.pixel_sinc)
    swap = _places(turned, harmonics.orders[:, ::-1])
    across_y = across_y[np.ix_(swap, swap)]
    ex, ey = (_cast(harmonics.from_plane_waves(m), dtype) for m in (across_x, across_y))
    return ex, ey, laurent


def permittivity(pattern: np.ndarray, stack: OpticalStack) -> np.ndarray:
    """Relative permittivity of the pixels of a pattern, with the edges of the stack."""
    low, high = (complex(index) ** 2 for index in stack.pattern_indices)
    edges = _edges(np.shape(pattern), stack.edge_nm / stack.period_nm)
    return low + (high - low) * np.fft.ifft2(np.fft.fft2(pattern) * edges).real


def _cast(matrix: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Drop the imaginary part where the type has none: it is zero but for rounding."""
    return np.ascontiguousarray(matrix if dtype.kind == "c" else matrix.real, dtype=dtype)


@lru_cache(maxsize=8)
def _indices(harmonics: Harmonics, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    return harmonics.convolution_indices(shape)


@lru_cache(maxsize=8)
def _pixel(shape: tuple[int, int], squares: bool) -> np.ndarray:
    """Fourier transform of one pixel: a point, or a square about that point."""
    if not squares:
        return np.ones(shape)
    x, y = (np.sinc(np.fft.fftfreq(count)) for count in shape)
    return x[:, None] * y


@lru_cache(maxsize=8)
def _edges(shape: tuple[int, int], width: float) -> np.ndarray:
    """Fourier transform of the Gaussian that smooths the edges, of a width in periods."""
    x, y = (np.exp(-2 * (np.pi * width * np.fft.fftfreq(n, 1 / n)) ** 2) for n in shape)
    return x[:, None] * y


def _places(harmonics: Harmonics, orders: np.ndarray) -> np.ndarray:
    """Place of each of the given orders in the sequence of a set of harmonics."""
    place = {tuple(order): i for i, order in enumerate(harmonics.orders.tolist())}
    return np.array([place[tuple(order)] for order in orders.tolist()])


def _inverse_rule(epsilon: np.ndarray, harmonics: Harmonics, *, pixel_sinc: bool) -> np.ndarray:
    """Li's matrix for the field along the first axis, between plane waves, shape (N, N)."""
    # Along its own direction the field jumps at the edges of the pixels, so that the inverse of the
    # matrix [[1/e]] is taken, row by row; across it the field is continuous: Laurent's rule.
    n, m = epsilon.shape
    pixel = _pixel((n, m), pixel_sinc)
    count_x, _ = harmonics.counts
    orders = np.arange(count_x)
    inverse = np.fft.fft(1 / epsilon, axis=0).T / n * pixel[:, 0]
    rows = np.linalg.inv(inverse[:, (orders[:, None] - orders) % n])
    columns = np.fft.fft(rows, axis=0) / m * pixel[0][:, None, None]
    x, y = harmonics.orders.T
    along = x + count_x // 2
    return columns[(y[:, None] - y) % m, along[:, None], along]
