"""Rigorous coupled-wave analysis: what a patterned layer reflects, transmits and absorbs.

One layer is patterned and light comes at normal incidence. The layer is solved by its eigenvectors
in double precision, as reference, or by a rational function of its matrix, which is many times
faster and in single precision by default. The error of each solution is estimated from reciprocity:
what a source in one diffraction order causes in another does not depend on which of the two is the
source, whatever the materials, so that a difference is a rounding error. A solution that is not
accurate enough is repeated by a more exact route, and refused where none is left.

References
----------
Moharam et al., J. Opt. Soc. Am. A 12, 1068 (1995); Li, J. Opt. Soc. Am. A 14, 2758 (1997).
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from threadpoolctl import ThreadpoolController, threadpool_info
from tqdm import tqdm

from mdesign import arguments
from mdesign.physics.optics.films import BoundaryConditions, boundary_conditions, wave_numbers
from mdesign.physics.optics.harmonics import Harmonics
from mdesign.physics.optics.laurent_li import permittivity_matrices
from mdesign.physics.optics.layer import (
    FaceFields,
    faces_by_doubling,
    faces_by_eigenvectors,
    layer_operators,
    solve_linear,
    spectral_bound,
)
from mdesign.physics.optics.stack import OpticalStack

__all__ = ["EnergyNotConserved", "Scattering", "absorptance", "scattering", "warn_of_laurent"]

#: Largest estimated error of a power, and of the energy balance, in single and double precision,
#: by bytes of a real number.
_TOLERANCE = {4: 1e-5, 8: 1e-8}

#: Random sources that probe reciprocity, and how far the error of a power may exceed the root mean
#: square of what they show; measured, on thousands of random stacks, against the eigenvectors.
_PROBES, _SAFETY = 8, 2.5

_LOCK = threading.Lock()


class EnergyNotConserved(ArithmeticError):
    """Patterns without a reliable solution: not finite, or not accurate, or creating energy.

    Attributes
    ----------
    patterns : list of int
        Indices of these patterns.
    scattering : Scattering
        Of all patterns, with NaN for these.
    """

    def __init__(self, errors: dict[int, Exception], scattering: Scattering) -> None:
        super().__init__(errors, scattering)
        self.patterns = sorted(errors)
        self.scattering = scattering
        self._first = errors[self.patterns[0]]

    def __str__(self) -> str:
        return (
            f"{len(self.patterns)} of {len(self.scattering.reflectance)} patterns have no reliable "
            f"solution: {self.patterns}; that of the others is in the attribute scattering of this "
            f"error. Of pattern {self.patterns[0]}: {self._first}"
        )


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
    method: str = "doubling",
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
        Precision of the fast route. A result with an estimated error above 1e-5 in complex64 is
        repeated in complex128, and above 1e-8 there by eigenvectors; these must meet 1e-5 if
        complex64 was asked for, and 1e-8 otherwise.
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
        If patterns have no reliable solution. The error names them and holds the solution of the
        others: ``error.patterns`` and ``error.scattering.absorptance``.

    Warns
    -----
    UserWarning
        If the pattern is of a metal and the rule of the stack is "laurent".

    Examples
    --------
    Air on silicon absorbs 1 - |(1 - n) / (1 + n)|^2:

    >>> bare = np.ones((1, 4, 4), dtype=int)
    >>> stack = OpticalStack(orders=(1, 1), layers_above=(), pattern_indices=(1, 1))
    >>> round(float(absorptance(bare, stack, np.complex128)[0]), 4)
    0.5639
    """
    warn_of_laurent(stack)
    return scattering(patterns, stack, dtype, method=method, progress=progress).absorptance


def scattering(
    patterns: ArrayLike,
    stack: OpticalStack,
    dtype: DTypeLike = np.complex64,
    *,
    method: str = "doubling",
    progress: bool = False,
) -> Scattering:
    """Reflectance and transmittance of each pattern by diffraction order, as `Scattering`.

    Arguments and errors are those of `absorptance`.
    """
    patterns = _checked_patterns(patterns, stack)
    real = _real_type(dtype, method)
    warn_of_laurent(stack)
    problem = _Problem.of(stack, method)
    powers = np.full((len(patterns), 2, 2, stack.n_orders), np.nan)
    errors: dict[int, Exception] = {}

    def solve_one(i: int) -> None:
        try:
            powers[i] = problem.powers(patterns[i], real)
        except (ArithmeticError, np.linalg.LinAlgError) as error:
            errors[i] = error

    # One thread a pattern and none within: so many small matrices gain nothing from more. That is
    # a setting of the whole process, and the sum of a product depends on it: one call at a time.
    workers = _cores()
    with _LOCK, _linear_algebra().limit(limits=1), ThreadPoolExecutor(workers) as pool:
        done = pool.map(solve_one, range(len(patterns)))
        for _ in tqdm(done, "scattering", len(patterns), disable=not progress, leave=False):
            pass
    result = Scattering(stack, problem.harmonics.orders, powers[:, 0], powers[:, 1])
    if errors:
        raise EnergyNotConserved(errors, result)
    return result


def warn_of_laurent(stack: OpticalStack) -> None:
    """Warn the caller's caller, once per pair of materials, where Laurent's rule fails."""
    if stack.rule == "laurent" and stack.metallic_pattern:
        _warn_once(stack.pattern_indices)


@lru_cache
def _warn_once(pattern_indices: tuple[complex | str, ...]) -> None:
    arguments.warn_caller(
        f"Laurent's rule converges slowly or not at all for a pattern with a metal, a permittivity "
        f"with a negative real part, here of refractive indices {pattern_indices}: use "
        f'OpticalStack(rule="li") and check the number of orders with converged_orders',
    )


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
    def index(self) -> float:
        """Real part of the largest index; a metal's may be zero, the least assumed is one."""
        return max(1.0, *(complex(index).real for index in self.stack.pattern_indices))

    def powers(self, pattern: np.ndarray, real: np.dtype) -> np.ndarray:
        """Reflectance and transmittance of both polarizations by order, shape (2, 2, N)."""
        double = np.dtype(np.float64)
        if self.method == "doubling":
            for precision in sorted({real, double}, key=lambda r: r.itemsize):
                tolerance = _TOLERANCE[precision.itemsize]
                # In a thick layer, the phase alone may take most of the error that is allowed.
                if self._phase_error(precision) > tolerance / 2:
                    continue
                try:
                    return self._checked_powers(pattern, precision, tolerance)
                except ArithmeticError:
                    continue
        return self._checked_powers(pattern, double, _TOLERANCE[real.itemsize], eigen=True)

    def _checked_powers(
        self, pattern: np.ndarray, real: np.dtype, tolerance: float, *, eigen: bool = False
    ) -> np.ndarray:
        faces = self._faces(pattern, real, eigen=eigen)
        powers, defect = _match_faces(faces, self.boundary, self.harmonics, self.waves)
        # The defects of the probes are a sample of the error. What they cannot show is that the
        # phase of the light through the layer is rounded as a whole.
        error = _SAFETY * defect + self._phase_error(real)
        # Lossless films: R + T = 1. Absorbing ones: R + T <= 1.
        total = powers.sum(axis=(0, 2))
        miss = abs(total - 1) if self.stack.lossless_films else np.maximum(total - 1, 0)
        if not np.max([error, *miss]) <= tolerance:
            raise ArithmeticError(
                f"the estimated error of a power is {error:.1e}, and reflectance and transmittance "
                f"add up to {total[0]} and {total[1]} for the two polarizations; the pattern is "
                f"close to a resonance of the layer, or not finite"
            )
        return powers

    def _phase_error(self, real: np.dtype) -> float:
        """Bound the rounding error of the phase of the light through the layer."""
        return float(self.index * self.thickness * np.finfo(real).eps)

    def _faces(self, pattern: np.ndarray, real: np.dtype, *, eigen: bool) -> FaceFields:
        tensors = permittivity_matrices(pattern, self.stack, self.harmonics, real)
        operators = layer_operators(tensors, self.waves, self.harmonics)
        if eigen:
            return faces_by_eigenvectors(operators, self.thickness)
        # The finest harmonic has the largest squared in-plane wave number. Next to a metal, the
        # truncated series has modes that oscillate or decay much faster than light in any phase.
        squared, index = float((self.waves**2).sum(axis=0).max()), self.index
        if self.stack.metallic_pattern:
            squared = spectral_bound(operators.pq)
            index = max(index, np.sqrt(squared))
        return faces_by_doubling(operators, self.thickness, squared=squared, index=index)


def _match_faces(
    faces: FaceFields, boundary: BoundaryConditions, harmonics: Harmonics, waves: np.ndarray
) -> tuple[np.ndarray, float]:
    """Join the layer's solutions to its boundary conditions; powers (2, 2, N) and their defect."""
    complex_type = np.result_type(faces.upper_s.dtype, np.complex64)
    across = _order_directions(waves, harmonics)
    upper_s, lower_s = (_rotate_field(field, across) for field in (faces.upper_s, faces.lower_s))
    upper_v, lower_v = (_rotate_current(u, across) for u in (faces.upper_u, faces.lower_u))

    def column(values: np.ndarray) -> np.ndarray:
        return values.reshape(-1, 1).astype(complex_type)

    # Tangential fields are continuous at both faces: admittance s + v = source above, and
    # below_v s - below_s v = source below, for the amplitudes of the 4N solutions of the layer.
    n = len(upper_s) // 2
    system = np.empty((4 * n, 4 * n), dtype=complex_type)
    np.multiply(column(boundary.admittance), upper_s, out=system[: 2 * n])
    system[: 2 * n] += upper_v
    np.multiply(column(boundary.below_v), lower_s, out=system[2 * n :])
    system[2 * n :] -= column(boundary.below_s) * lower_v
    sources = _sources(boundary)
    solution = solve_linear(system, sources.astype(complex_type))
    upper = upper_s @ solution
    lower = _substrate_amplitude(lower_s @ solution, lower_v @ solution, boundary)
    # The response to sources is a symmetric matrix: Lorentz's reciprocity, in cosines and sines.
    crossed = sources.T @ np.concatenate([upper, lower])
    defect = abs(crossed[2:, :2] - crossed[:2, 2:].T) ** 2 / boundary.incident.imag[0, 0]
    lit, through = (harmonics.amplitudes(f[:, :2].T.reshape(2, 2, n)) for f in (upper, lower))
    return _powers(lit, through, boundary), float(np.sqrt(defect.mean(axis=0).max()))


def _sources(boundary: BoundaryConditions) -> np.ndarray:
    """Light along x and along y, then random sources at both faces, shape (4N, 2 + probes)."""
    n = boundary.gain.shape[1]
    light = np.zeros((4 * n, 2), dtype=complex)
    light[0, 0], light[n, 1] = boundary.source[:, 0]
    # Scaled so that their responses are amplitudes of unit power, in a root mean square of orders.
    above = abs(boundary.gain) * np.sqrt(abs(boundary.incident))
    below = np.hypot(abs(boundary.below_s), abs(boundary.below_v))
    scale = np.concatenate([above.ravel(), below.ravel()]) / np.sqrt(2 * n)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (4 * n, _PROBES))
    return np.hstack([light, scale[:, None] * signs])


def _powers(upper: np.ndarray, lower: np.ndarray, boundary: BoundaryConditions) -> np.ndarray:
    """Reflectance and transmittance from amplitudes at both faces, each of shape (2, 2, N)."""
    # Powers are |amplitude|^2 Im(admittance), over that of the incident wave.
    # Only the order (0, 0) is lit, along x in the first and along y in the second solution.
    unlit = boundary.offset * np.eye(2)[:, :, None]
    back = boundary.gain * upper + unlit
    reflected = (abs(back) ** 2 * boundary.incident.imag).sum(axis=1)
    through = lower * boundary.transmission
    transmitted = (abs(through) ** 2 * boundary.substrate.imag).sum(axis=1)
    return np.stack([reflected, transmitted]) / boundary.incident.imag[0, 0]


def _substrate_amplitude(s: np.ndarray, v: np.ndarray, boundary: BoundaryConditions) -> np.ndarray:
    """Return the factor w of (s, v) = w (below_s, below_v), from whichever is not small."""
    below_s, below_v = (part.reshape(-1, 1) for part in (boundary.below_s, boundary.below_v))
    norm = abs(below_s) ** 2 + abs(below_v) ** 2
    return (below_s.conj() * s + below_v.conj() * v) / norm


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
    patterns = arguments.phases("patterns", patterns, "(n, nx, nx)")
    need = 2 * max(stack.orders) - 1
    if patterns.shape[1] < need:
        raise ValueError(
            f"patterns must have at least {need} pixels a side for orders {stack.orders}; "
            f"got {patterns.shape[1]}"
        )
    return patterns


def _real_type(dtype: DTypeLike, method: str) -> np.dtype:
    dtype = arguments.data_type("dtype", dtype, ("complex64", "complex128"))
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
