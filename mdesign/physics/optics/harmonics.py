"""Diffraction orders of a square cell, and convolution matrices in a basis of cosines and sines.

The basis is orthonormal: 1, then sqrt(2) cos(G r) for half of the orders G, then -sqrt(2) sin(G r)
for the same half. In it a convolution matrix is symmetric and a derivative antisymmetric, whether
or not the permittivity is real. At normal incidence a real permittivity makes every operator of
the grating real, so that a lossless pattern is solved in real arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Harmonics"]


@dataclass(frozen=True)
class Harmonics:
    """Diffraction orders and their basis, for odd numbers of orders `counts` in x and y."""

    counts: tuple[int, int]

    @property
    def orders(self) -> np.ndarray:
        """Orders (m, n), shape (N, 2): zero, one half of the others, their negatives."""
        half_x, half_y = (count // 2 for count in self.counts)
        half = [
            (m, n) for m in range(half_x + 1) for n in range(-half_y, half_y + 1) if m > 0 or n > 0
        ]
        return np.array([(0, 0), *half, *((-m, -n) for m, n in half)])

    @property
    def n_half(self) -> int:
        """Number of orders in one half."""
        return int(np.prod(self.counts)) // 2

    def convolution_indices(self, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Flat places, in a Fourier transform of that shape, of G - G' and of G + G'.

        Both have shape (H + 1, H + 1), for zero and the first half of the orders.
        """
        half = self.orders[: self.n_half + 1]
        difference = (half[:, None] - half) % shape
        total = (half[:, None] + half) % shape
        return tuple(
            np.ravel_multi_index(tuple(np.moveaxis(index, -1, 0)), shape)
            for index in (difference, total)
        )

    def real_convolution(self, minus: np.ndarray, plus: np.ndarray) -> np.ndarray:
        """Convolution matrix, shape (N, N), of a real function in cosines and sines.

        `minus` and `plus` are its Fourier coefficients at `convolution_indices`.
        """
        h = self.n_half + 1
        # 2 cos a cos b = cos(a - b) + cos(a + b), and the like for the other products.
        total, difference = minus + plus, minus - plus
        result = np.empty((2 * h - 1, 2 * h - 1), dtype=minus.real.dtype)
        result[:h, :h] = total.real
        result[:h, h:] = -difference.imag[:, 1:]
        result[h:, :h] = total.imag[1:]
        result[h:, h:] = difference.real[1:, 1:]
        # The constant has norm 1 where the cosines have sqrt(2): what couples to it counts once.
        result[0] *= np.sqrt(0.5).astype(result.dtype)
        result[:, 0] *= np.sqrt(0.5).astype(result.dtype)
        return result

    def from_plane_waves(self, matrix: np.ndarray) -> np.ndarray:
        """Write a complex matrix between plane waves, shape (N, N), in cosines and sines."""
        return self._columns(self._columns(matrix.T, conjugate=True).T, conjugate=False)

    def amplitudes(self, fields: np.ndarray) -> np.ndarray:
        """Plane-wave amplitudes, in the sequence of `orders`, of fields of shape (..., N)."""
        h = self.n_half + 1
        cosine, sine = fields[..., 1:h] / np.sqrt(2), 1j * fields[..., h:] / np.sqrt(2)
        return np.concatenate([fields[..., :1], cosine + sine, cosine - sine], axis=-1)

    def derivative(self, wave_numbers: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Differentiate the rows of a matrix (N, ...) along the axis of the wave numbers (N,)."""
        h = self.n_half + 1
        # Cosines become k times the -sines, -sines become -k times the cosines.
        k = wave_numbers[1:h].reshape(-1, *(1,) * (matrix.ndim - 1))
        result = np.zeros_like(matrix)
        np.multiply(matrix[h:], -k, out=result[1:h])
        np.multiply(matrix[1:h], k, out=result[h:])
        return result

    def _columns(self, matrix: np.ndarray, *, conjugate: bool) -> np.ndarray:
        """Change the basis of the columns of a matrix, shape (..., N)."""
        h = self.n_half + 1
        positive, negative = matrix[..., 1:h], matrix[..., h:]
        phase = -1j if conjugate else 1j
        cosine = (positive + negative) / np.sqrt(2)
        sine = phase * (positive - negative) / np.sqrt(2)
        return np.concatenate([matrix[..., :1], cosine, sine], axis=-1)
