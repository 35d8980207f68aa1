"""Waves of one patterned layer: Maxwell's equations in its harmonics, and their solutions.

With s = (Ex, Ey), u = i Z0 (Hx, Hy) and lengths in units of 1 / k0 the layer obeys s' = P u and
u' = Q s, so that s'' = (P Q) s [1]_. Two routes give the fields at its two faces for a complete
set of solutions: the eigenvectors of P Q, or, much faster, a rational function of P Q.

References
----------
.. [1] M. G. Moharam et al., J. Opt. Soc. Am. A 1995, 12, 1068, Eqs. 57 to 60.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.linalg
from numba.extending import get_cython_function_address

from mdesign.physics.optics.harmonics import Harmonics

__all__ = [
    "FaceFields",
    "LayerOperators",
    "faces_by_doubling",
    "faces_by_eigenvectors",
    "layer_operators",
    "solve_linear",
    "spectral_bound",
]


@dataclass(frozen=True)
class LayerOperators:
    """The operators of a layer, each of shape (2N, 2N)."""

    p: np.ndarray
    q: np.ndarray
    pq: np.ndarray


@dataclass(frozen=True)
class FaceFields:
    """Fields s and u at the upper and lower face, shape (2N, 4N): one column a solution."""

    upper_s: np.ndarray
    upper_u: np.ndarray
    lower_s: np.ndarray
    lower_u: np.ndarray


def layer_operators(
    permittivities: tuple[np.ndarray, np.ndarray, np.ndarray],
    wave_numbers: np.ndarray,
    harmonics: Harmonics,
) -> LayerOperators:
    """Operators of a layer from the matrices (N, N) that multiply Ex, Ey and Ez."""
    ex, ey, ez = permittivities
    kx, ky = wave_numbers
    n = len(ex)
    inverse = solve_linear(ez, np.eye(n, dtype=ez.dtype))

    def dx(matrix: np.ndarray) -> np.ndarray:
        return harmonics.derivative(kx, matrix)

    def dy(matrix: np.ndarray) -> np.ndarray:
        return harmonics.derivative(ky, matrix)

    diagonal = np.arange(n)
    p, q, pq = (np.empty((2 * n, 2 * n), dtype=ez.dtype) for _ in range(3))
    # Ez = inverse (dx u_y - dy u_x) eliminates the z component from Faraday's law:
    # P = [[-dx inverse dy, 1 + dx inverse dx], [-1 - dy inverse dy, dy inverse dx]].
    # The inverse is symmetric and a derivative antisymmetric: one from the right is a transpose.
    from_right = np.hstack([dy(inverse).T, -dx(inverse).T])
    p[:n], p[n:] = dx(from_right), dy(from_right)
    p[diagonal, n + diagonal] += 1
    p[n + diagonal, diagonal] -= 1
    # i Z0 Hz = dx Ey - dy Ex eliminates the z component from Ampere's law, with dx^2 = -kx^2:
    # Q = [[kx ky, ey - kx^2], [ky^2 - ex, -kx ky]].
    q[:n, :n] = q[n:, n:] = 0
    q[:n, n:], q[n:, :n] = ey, -ex
    q[diagonal, diagonal] = kx * ky
    q[diagonal, n + diagonal] -= kx**2
    q[n + diagonal, diagonal] += ky**2
    q[n + diagonal, n + diagonal] = -kx * ky
    # P Q s = -grad(inverse div(e s)) plus the rows of Q exchanged: no product of full matrices.
    divergence = inverse @ np.hstack([dx(ex), dy(ey)])
    pq[:n], pq[n:] = -dx(divergence), -dy(divergence)
    pq[:n] += q[n:]
    pq[n:] -= q[:n]
    return LayerOperators(p, q, pq)


def spectral_bound(matrix: np.ndarray) -> float:
    """Upper bound of the moduli of the eigenvalues of a matrix: the lesser of two norms."""
    size = abs(matrix)
    return float(min(size.sum(axis=0).max(), size.sum(axis=1).max()))


def faces_by_eigenvectors(operators: LayerOperators, thickness: float) -> FaceFields:
    """Fields at the faces from the eigenvectors of P Q: even, then odd solutions of each mode.

    The thickness is in units of 1 / k0.
    """
    # A mode w with P Q w = rate^2 w has the even solution s = w cosh(rate z), u = Q w sinh(rate z)
    # / rate about the middle, a mode v of Q P the odd one u = v cosh, s = P v sinh / rate. So both
    # remain where the rate is zero, an order at grazing. Divided by exp(rate h / 2) none overflows.
    squared, left, w = scipy.linalg.eig(operators.pq, left=True, right=True)
    angle = np.sqrt(squared.astype(complex)) * thickness
    cosh = (1 + np.exp(-angle)) / 2
    ratio = np.divide(-np.expm1(-angle), angle, out=np.ones_like(angle), where=angle != 0)
    sinh = ratio * thickness / 2
    # Q P is the transpose of P Q but for an exchange of x and y, see `faces_by_doubling`.
    x, y = np.split(left.conj(), 2)
    v = np.concatenate([y, -x])
    return _faces(w * cosh, operators.q @ w * sinh, v * cosh, operators.p @ v * sinh)


def _faces(
    even_s: np.ndarray, even_u: np.ndarray, odd_u: np.ndarray, odd_s: np.ndarray
) -> FaceFields:
    """Both faces from the lower one, of solutions even and odd about the middle."""
    return FaceFields(
        np.hstack([even_s, -odd_s]),
        np.hstack([-even_u, odd_u]),
        np.hstack([even_s, odd_s]),
        np.hstack([even_u, odd_u]),
    )


def faces_by_doubling(
    operators: LayerOperators, thickness: float, *, squared: float, index: float
) -> FaceFields:
    """Fields at the faces from hyperbolic functions of the matrix P Q: even, then odd solutions.

    `squared` estimates the largest eigenvalue of P Q, that of the finest harmonic; `index` is the
    real part of the largest refractive index: no mode oscillates faster. Where a phase is a metal,
    neither bounds the spurious modes of a truncated series: see `spectral_bound`.
    """
    # With h the thickness, M^2 = P Q and T = tanh(M h / 4) / M, solutions even about the middle
    # have s = (1 + M^2 T^2) a and u = 2 Q T a at the lower face, odd ones u = (1 + (Q P) T^2) b
    # and s = 2 T P b: cosh and sinh of the doubled angle without their common denominator
    # 1 - M^2 T^2, so that a mode in resonance with the whole layer does no harm. A thicker layer
    # starts from a part that no mode is in resonance with, and doubles cosh and sinh further.
    further = max(0, int(np.ceil(np.log2(index * thickness / 4 / _LARGEST_PHASE))))
    t = _tanh(operators.pq, thickness / 4 / 2**further, max(squared, index**2))
    n = len(t) // 2
    cosh, sinh = operators.pq @ (t @ t), 2 * t
    cosh[np.diag_indices(2 * n)] += 1
    for _ in range(further):
        # cosh 2x = cosh^2 x + M^2 sinh^2 x and sinh 2x = 2 sinh x cosh x, with sinh divided by M.
        squares = sinh @ sinh
        cosh, sinh = cosh @ cosh + operators.pq @ squares, 2 * (sinh @ cosh)
        # Divide both by one matrix that is of their size for waves and for evanescent fields alike.
        # The eigenvalues of P Q are above minus the squared index: this is positive for all.
        size = cosh + squares * squares.dtype.type(2 * index**2)
        both = solve_linear(size, np.hstack([cosh, sinh]))
        cosh, sinh = np.ascontiguousarray(both[:, : 2 * n]), np.ascontiguousarray(both[:, 2 * n :])
    # In cosines and sines Q P is the transpose of P Q but for an exchange of x and y.
    odd = np.empty_like(cosh)
    odd[:n, :n], odd[n:, n:] = cosh[n:, n:].T, cosh[:n, :n].T
    odd[:n, n:], odd[n:, :n] = -cosh[:n, n:].T, -cosh[n:, :n].T
    return _faces(cosh, operators.q @ sinh, odd, sinh @ operators.p)


#: tan is infinite at pi / 2; phases of the part that the doubling starts from stay below this.
_LARGEST_PHASE = 1.3
#: Lambert's continued fraction of tanh(x) / x, six terms: coefficients of x^0, x^2, x^4, x^6.
_NUMERATOR = (135135.0, 17325.0, 378.0, 1.0)
_DENOMINATOR = (135135.0, 62370.0, 3150.0, 28.0)
#: Largest x for which it is exact to single and double precision.
_LARGEST_ARGUMENT = {4: 3.0, 8: 0.5}


def _tanh(square: np.ndarray, length: float, largest: float) -> np.ndarray:
    """Matrix function tanh(M length) / M of a given M^2, by continued fraction and doubling."""
    limit = _LARGEST_ARGUMENT[square.real.dtype.itemsize]
    doublings = max(0, int(np.ceil(np.log2(np.sqrt(largest) * length / limit))))
    step = length / 2**doublings
    y = square * (step * step)
    y2 = y @ y
    y3 = y2 @ y
    diagonal = np.diag_indices(len(y))
    above, below = (a * y + b * y2 + c * y3 for _, a, b, c in (_NUMERATOR, _DENOMINATOR))
    above[diagonal] += _NUMERATOR[0]
    below[diagonal] += _DENOMINATOR[0]
    t = step * solve_linear(below, above)
    for _ in range(doublings):
        # tanh 2x = 2 tanh x / (1 + tanh^2 x), with tanh divided by M.
        below = square @ (t @ t)
        below[diagonal] += 1
        t = 2 * solve_linear(below, t)
    return t


_LAPACK = {"f": "sgesv", "d": "dgesv", "F": "cgesv", "D": "zgesv"}


@cache
def _gesv(kind: str) -> Callable[..., None]:
    address = get_cython_function_address("scipy.linalg.cython_lapack", _LAPACK[kind])
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 8)(address)


def solve_linear(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve a linear system by LAPACK's gesv; both arrays have the same type.

    The front ends of scipy and numpy are several times slower here, and hold the interpreter while
    they compute; this one lets other threads run.
    """
    n, k = right.shape
    factors, solution = matrix.T.copy(), right.T.copy()
    pivots = np.empty(n, dtype=np.int32)
    size, columns, info = ctypes.c_int(n), ctypes.c_int(k), ctypes.c_int(0)
    at = ctypes.addressof
    _gesv(matrix.dtype.char)(
        *(at(size), at(columns), factors.ctypes.data, at(size)),
        *(pivots.ctypes.data, solution.ctypes.data, at(size), at(info)),
    )
    if info.value:
        raise ArithmeticError(f"a linear system of the layer is singular at row {info.value}")
    return solution.T
