"""Rigorous coupled-wave analysis: what a patterned layer reflects, transmits and absorbs.

One layer is patterned and light comes at normal incidence. The layer is solved by its eigenvectors
in double precision, as reference, or by a rational function of its matrix, which is many times
faster and in single precision by default.

References
----------
Moharam et al., J. Opt. Soc. Am. A 12, 1068 (1995); Li, J. Opt. Soc. Am. A 14, 2758 (1997).
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from threadpoolctl import ThreadpoolController, threadpool_info
from tqdm import tqdm

from mdesign.physics.optics.films import BoundaryConditions, boundary_conditions, wave_numbers
from mdesign.physics.optics.harmonics import Harmonics
from mdesign.physics.optics.laurent_li import permittivity_matrices
from mdesign.physics.optics.layer import (
    FaceFields,
    faces_by_doubling,
    faces_by_eigenvectors,
    layer_operators,
    solve_linear,
)
from mdesign.physics.optics.stack import OpticalStack

__all__ = ["EnergyNotConserved", "Scattering", "absorptance", "scattering"]

#: Largest error of the energy balance in single and double precision, by bytes of a real number.
#: A solution beyond it is repeated by a more exact route.
_ENERGY_TOLERANCE = {4: 1e-5, 8: 1e-8}


#: Largest product of in-plane wave number and thickness for which the fast route is exact to about
#: 5e-6 in single and 1e-10 in double precision; measured against the eigenvectors.
_LARGEST_REACH = {4: 90.0, 8: 200.0}

_LOCK = threading.Lock()


class EnergyNotConserved(ArithmeticError):
    """A solution that is not finite, or whose powers do not add up to the incident power."""


@dataclass(frozen=True)
class Scattering:
    """Where the light goes, as shares of the incident power.

    Attributes
    ----------
    stack : OpticalStack
    orders : ndarray of shape (N, 2)
        Diffraction orders (m, n) in x and y; the first is (0, 0).
    reflectance, transmittance : ndarray of shape (n, 2, N)
        Of each pattern, for light polarized along x and along y, in each order. Transmitted is the
        power that enters the substrate.
    """

    stack: OpticalStack
    orders: np.ndarray
    reflectance: np.ndarray
    transmittance: np.ndarray

    @property
    def absorptance(self) -> np.ndarray:
        """Share absorbed, shape (n,), for the polarization of the stack.

        What enters an absorbing substrate counts as absorbed.
        """
        lost = self.reflectance.sum(axis=-1)
        if not self.stack.opaque:
            lost = lost + self.transmittance.sum(axis=-1)
        if self.stack.polarization == "unpolarized":
            return 1 - lost.mean(axis=1)
        return 1 - lost[:, "xy".index(self.stack.polarization)]


def absorptance(
    patterns: ArrayLike,
    stack: OpticalStack,
    dtype: DTypeLike = np.complex64,
    *,
    method: Literal["doubling", "eigen"] = "doubling",
    progress: bool = False,
) -> np.ndarray:
    """Share of the light that each pattern absorbs.

    Parameters
    ----------
    patterns : array_like of shape (n, nx, nx)
        Phases 0 and 1; each pattern fills one period. x is the first of the two axes.
    stack : OpticalStack
        The layers and the light.
    dtype : {complex64, complex128}
        Precision; a result whose energy balance is off is repeated in double precision.
    method : {"doubling", "eigen"}
        The fast route, or the reference by eigenvectors, which needs complex128.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ndarray of shape (n,)
        Absorptance, float64.

    Raises
    ------
    ValueError
        If a pattern is not binary, not square or too coarse for the orders, or a setting unknown.
    EnergyNotConserved
        If a result is not finite or violates the conservation of energy.

    Examples
    --------
    Air on silicon absorbs 1 - |(1 - n) / (1 + n)|^2:

    >>> bare = np.ones((1, 4, 4), dtype=int)
    >>> stack = OpticalStack(orders=(1, 1), layers_above=(), pattern_indices=(1, 1))
    >>> round(float(absorptance(bare, stack, np.complex128)[0]), 4)
    0.5768
    """
    return scattering(patterns, stack, dtype, method=method, progress=progress).absorptance


def scattering(
    patterns: ArrayLike,
    stack: OpticalStack,
    dtype: DTypeLike = np.complex64,
    *,
    method: Literal["doubling", "eigen"] = "doubling",
    progress: bool = False,
) -> Scattering:
    """Reflectance and transmittance of each pattern by diffraction order, as `Scattering`.

    Arguments and errors are those of `absorptance`.
    """
    patterns = _checked_patterns(patterns, stack)
    real = _real_type(dtype, method)
    problem = _Problem.of(stack, method)
    powers = np.empty((len(patterns), 2, 2, stack.n_orders))

    def solve_one(i: int) -> None:
        powers[i] = problem.powers(patterns[i], real)

    # One thread a pattern and none within: so many small matrices gain nothing from more. That is
    # a setting of the whole process, and the sum of a product depends on it: one call at a time.
    workers = _cores()
    with _LOCK, _linear_algebra().limit(limits=1), ThreadPoolExecutor(workers) as pool:
        done = pool.map(solve_one, range(len(patterns)))
        for _ in tqdm(done, "scattering", len(patterns), disable=not progress, leave=False):
            pass
    return Scattering(stack, problem.harmonics.orders, powers[:, 0], powers[:, 1])


@dataclass(frozen=True)
class _Problem:
    """What the patterns of a stack share."""

    stack: OpticalStack
    method: str
    harmonics: Harmonics
    waves: np.ndarray
    boundary: BoundaryConditions

    @classmethod
    def of(cls, stack: OpticalStack, method: str) -> _Problem:
        harmonics = Harmonics(stack.orders)
        waves = wave_numbers(stack, harmonics)
        return cls(stack, method, harmonics, waves, boundary_conditions(stack, harmonics))

    @property
    def thickness(self) -> float:
        """Of the pattern, in units of 1 / k0."""
        return 2 * np.pi * self.stack.thickness_nm / self.stack.wavelength_nm

    @property
    def finest(self) -> float:
        """Largest squared in-plane wave number over that of vacuum."""
        return float((self.waves**2).sum(axis=0).max())

    def powers(self, pattern: np.ndarray, real: np.dtype) -> np.ndarray:
        """Reflectance and transmittance of both polarizations by order, shape (2, 2, N)."""
        # Rounding spoils the fast route for a layer many times thicker than its finest harmonic is
        # long, and close to a resonance: then double precision, and at last the eigenvectors.
        reach = np.sqrt(self.finest) * self.thickness
        if self.method == "doubling":
            for precision in sorted({real, np.dtype(np.float64)}, key=lambda r: r.itemsize):
                if reach > _LARGEST_REACH[precision.itemsize]:
                    continue
                try:
                    return self._check_energy(self._powers(pattern, precision), precision)
                except ArithmeticError:
                    continue
        double = np.dtype(np.float64)
        return self._check_energy(self._powers(pattern, double, eigen=True), double)

    def _powers(self, pattern: np.ndarray, real: np.dtype, *, eigen: bool = False) -> np.ndarray:
        tensors = permittivity_matrices(pattern, self.stack, self.harmonics, real)
        operators = layer_operators(tensors, self.waves, self.harmonics)
        if eigen:
            faces = faces_by_eigenvectors(operators, self.thickness)
        else:
            # A metal's index may have no real part; the least that is assumed costs nothing.
            index = max(1.0, *(complex(index).real for index in self.stack.pattern_indices))
            faces = faces_by_doubling(operators, self.thickness, squared=self.finest, index=index)
        return _match_faces(faces, self.boundary, self.harmonics, self.waves)

    def _check_energy(self, powers: np.ndarray, real: np.dtype) -> np.ndarray:
        # Lossless films: R + T = 1. Absorbing ones: R + T <= 1.
        total = powers.sum(axis=(0, 2))
        miss = abs(total - 1) if self.stack.lossless_films else np.maximum(total - 1, 0)
        if not miss.max() <= _ENERGY_TOLERANCE[real.itemsize]:
            raise EnergyNotConserved(
                f"reflectance and transmittance add up to {total[0]} and {total[1]} for the two "
                f"polarizations; the pattern is close to a resonance of the layer, or not finite"
            )
        return powers


def _match_faces(
    faces: FaceFields, boundary: BoundaryConditions, harmonics: Harmonics, waves: np.ndarray
) -> np.ndarray:
    """Join the layer's solutions to its boundary conditions; powers of shape (2, 2, N)."""
    complex_type = np.result_type(faces.upper_s.dtype, np.complex64)
    across = _order_directions(waves, harmonics)
    upper_s, lower_s = (_rotate_field(field, across) for field in (faces.upper_s, faces.lower_s))
    upper_v, lower_v = (_rotate_current(u, across) for u in (faces.upper_u, faces.lower_u))

    def column(values: np.ndarray) -> np.ndarray:
        return values.reshape(-1, 1).astype(complex_type)

    # Tangential fields are continuous at both faces: admittance s + v = source above, and
    # below_v s - below_s v = 0 below, for the amplitudes of the 4N solutions of the layer.
    n = len(upper_s) // 2
    system = np.empty((4 * n, 4 * n), dtype=complex_type)
    np.multiply(column(boundary.admittance), upper_s, out=system[: 2 * n])
    system[: 2 * n] += upper_v
    np.multiply(column(boundary.below_v), lower_s, out=system[2 * n :])
    system[2 * n :] -= column(boundary.below_s) * lower_v
    light = np.zeros((4 * n, 2), dtype=complex_type)
    light[0, 0], light[n, 1] = boundary.source[:, 0]
    solution = solve_linear(system, light)
    upper = harmonics.amplitudes((upper_s @ solution).T.reshape(2, 2, n))
    lower_s, lower_v = (
        harmonics.amplitudes((field @ solution).T.reshape(2, 2, n)) for field in (lower_s, lower_v)
    )
    # Powers are |amplitude|^2 Im(admittance), over that of the incident wave.
    # Only the order (0, 0) is lit, along x in the first and along y in the second solution.
    unlit = boundary.offset * np.eye(2)[:, :, None]
    back = boundary.gain * upper + unlit
    reflected = (abs(back) ** 2 * boundary.incident.imag).sum(axis=1)
    through = _substrate_amplitude(lower_s, lower_v, boundary) * boundary.transmission
    transmitted = (abs(through) ** 2 * boundary.substrate.imag).sum(axis=1)
    return np.stack([reflected, transmitted]) / boundary.incident.imag[0, 0]


def _substrate_amplitude(s: np.ndarray, v: np.ndarray, boundary: BoundaryConditions) -> np.ndarray:
    """Return the factor w of (s, v) = w (below_s, below_v), from whichever is not small."""
    weight_s, weight_v = boundary.below_s.conj(), boundary.below_v.conj()
    norm = abs(boundary.below_s) ** 2 + abs(boundary.below_v) ** 2
    return (weight_s * s + weight_v * v) / norm


def _order_directions(waves: np.ndarray, harmonics: Harmonics) -> np.ndarray:
    """Return the unit vector of each order, shape (2, N); an order shares that of its negative."""
    half = harmonics.n_half + 1
    x, y = waves[:, :half] / np.maximum(np.hypot(*waves[:, :half]), 1e-300)
    x[0] = 1
    return np.stack([np.r_[x, x[1:]], np.r_[y, y[1:]]])


def _rotate_field(s: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Electric field along and across each order's direction from (Ex, Ey)."""
    (x, y), (sx, sy) = _columns(across, s), np.split(s, 2)
    return np.concatenate([x * sx + y * sy, x * sy - y * sx])


def _rotate_current(u: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return the currents of those fields: u across the direction, and minus u along it."""
    (x, y), (ux, uy) = _columns(across, u), np.split(u, 2)
    return np.concatenate([x * uy - y * ux, -(x * ux + y * uy)])


def _columns(across: np.ndarray, field: np.ndarray) -> np.ndarray:
    return across[:, :, None].astype(field.real.dtype)


def _checked_patterns(patterns: ArrayLike, stack: OpticalStack) -> np.ndarray:
    patterns = np.asarray(patterns)
    if patterns.ndim != 3 or patterns.shape[1] != patterns.shape[2]:
        raise ValueError(f"patterns must have shape (n, nx, nx); got {patterns.shape}")
    if not np.isin(patterns, (0, 1)).all():
        odd = patterns[~np.isin(patterns, (0, 1))].flat[0]
        raise ValueError(f"patterns must hold the phases 0 and 1 alone; got {odd}")
    need = 2 * max(stack.orders) - 1
    if patterns.shape[1] < need:
        raise ValueError(
            f"patterns must have at least {need} pixels a side for orders {stack.orders}; "
            f"got {patterns.shape[1]}"
        )
    return patterns.astype(np.uint8)


def _real_type(dtype: DTypeLike, method: str) -> np.dtype:
    dtype = np.dtype(dtype)
    if dtype not in (np.complex64, np.complex128):
        raise ValueError(f"dtype must be complex64 or complex128; got {dtype}")
    if method not in ("doubling", "eigen"):
        raise ValueError(f'method must be "doubling" or "eigen"; got {method!r}')
    if method == "eigen" and dtype != np.complex128:
        raise ValueError(f'method "eigen" needs dtype complex128; got {dtype}')
    return np.dtype(np.float32 if dtype == np.complex64 else np.float64)


@cache
def _linear_algebra() -> ThreadpoolController:
    return ThreadpoolController()


@cache
def _cores() -> int:
    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max([1, *pools])
