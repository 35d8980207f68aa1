"""Structures a second of the coupled-wave solver against fmmax and grcwa, on one core."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from tqdm import tqdm

from mdesign.microstructure import gaussian_random_fields
from mdesign.physics import OpticalStack, absorptance
from mdesign.physics._fourier import Harmonics

#: Repetitions of which the fastest counts.
REPEATS = 3
#: Autocorrelation at lags of 0, 1, 2, ... pixels, near that of the published random fields.
CORRELATION = (1, 0.71, 0.47, 0.30, 0.20, 0.13, 0.06)


def _permittivity(pattern: np.ndarray, stack: OpticalStack) -> np.ndarray:
    low, high = (complex(index) ** 2 for index in stack.pattern_indices)
    return np.where(np.asarray(pattern) == 1, high, low)


def fmmax_reflectance(stack: OpticalStack) -> Callable[[np.ndarray], np.ndarray]:
    """Reflectance of one pattern, shape (2,) for x and y, by fmmax, compiled.

    The precision is that of jax: complex64, or complex128 where 64 bits are enabled.
    """
    import jax
    import jax.numpy as jnp
    from fmmax import basis, fields, fmm, scattering

    lattice = basis.LatticeVectors(u=stack.period_nm * basis.X, v=stack.period_nm * basis.Y)
    orders = Harmonics(stack.orders).orders
    expansion = basis.Expansion(basis_coefficients=orders)
    media = [
        (complex(stack.superstrate_index), 0.0),
        *stack.layers_above,
        (None, stack.thickness_nm),
        *stack.layers_below,
        (complex(stack.substrate_index), 0.0),
    ]

    def layers(permittivity: Any) -> list[Any]:
        def solved(epsilon: Any) -> Any:
            return fmm.eigensolve_isotropic_media(
                wavelength=jnp.asarray(stack.wavelength_nm),
                in_plane_wavevector=jnp.zeros(2),
                primitive_lattice_vectors=lattice,
                permittivity=epsilon,
                expansion=expansion,
                formulation=fmm.Formulation.FFT,
            )

        return [
            solved(permittivity if index is None else jnp.asarray([[index**2]]))
            for index, _ in media
        ]

    @jax.jit
    def reflectance(permittivity: Any) -> Any:
        found = layers(permittivity)
        matrix = scattering.stack_s_matrix(found, [jnp.asarray(t) for _, t in media])
        n = expansion.num_terms
        light = jnp.zeros((2 * n, 2), dtype=complex).at[0, 0].set(1).at[n, 1].set(1)
        down, up = fields.amplitude_poynting_flux(light, matrix.s21 @ light, found[0])
        return -up.sum(axis=0) / down.sum(axis=0)

    def of_pattern(pattern: np.ndarray) -> np.ndarray:
        # fmmax's two solutions are those of Hx and Hy: light along y comes first.
        return np.asarray(reflectance(jnp.asarray(_permittivity(pattern, stack))))[::-1]

    return of_pattern


def grcwa_reflectance(stack: OpticalStack) -> Callable[[np.ndarray], np.ndarray]:
    """Reflectance of one pattern, shape (2,) for x and y, by grcwa in complex128."""
    import grcwa

    def one(pattern: np.ndarray, polarization: str) -> float:
        side = stack.period_nm
        cell = grcwa.obj(
            stack.n_orders, [side, 0], [0, side], 1 / stack.wavelength_nm, 0.0, 0.0, verbose=0
        )
        cell.Add_LayerUniform(0, complex(stack.superstrate_index) ** 2)
        for index, thickness in stack.layers_above:
            cell.Add_LayerUniform(thickness, complex(index) ** 2)
        cell.Add_LayerGrid(stack.thickness_nm, *np.shape(pattern))
        for index, thickness in stack.layers_below:
            cell.Add_LayerUniform(thickness, complex(index) ** 2)
        cell.Add_LayerUniform(0, complex(stack.substrate_index) ** 2)
        cell.Init_Setup(Gmethod=1)
        if cell.nG != stack.n_orders:
            raise ValueError(f"grcwa kept {cell.nG} orders instead of {stack.n_orders}")
        cell.GridLayer_geteps(_permittivity(pattern, stack).ravel())
        p, s = (0, 1) if polarization == "x" else (1, 0)
        cell.MakeExcitationPlanewave(p, 0, s, 0, order=0)
        reflected, _ = cell.RT_Solve(normalize=1)
        return float(np.real(reflected))

    # grcwa's p wave at normal incidence has its field along x for an azimuth of zero.
    return lambda pattern: np.array([one(pattern, "y"), one(pattern, "x")])


def rate(task: Callable[[], object], n: int, clock: Callable[[], float]) -> float:
    """Structures a second of the fastest of several calls, the first of which compiles."""
    task()
    seconds = []
    for _ in range(REPEATS):
        start = clock()
        task()
        seconds.append(clock() - start)
    return n / min(seconds)


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table, both polarizations; processor time, all threads added, counts."""
    patterns = gaussian_random_fields(
        16, (64, 64), volume_fraction=0.32, correlation=CORRELATION, rng=np.random.default_rng(0)
    )
    rows = []
    required = {(11, 11): 3.5, (15, 15): 3.5, (21, 21): 4.0}
    for orders in tqdm(required, desc="rcwa", disable=not progress):
        stack = OpticalStack(orders=orders)
        few = patterns[:4]
        single = rate(partial(absorptance, few, stack), 4, time.process_time)
        double = rate(partial(absorptance, few, stack, np.complex128), 4, time.process_time)
        fmmax = rate(partial(fmmax_reflectance(stack), patterns[0]), 1, time.process_time)
        name = f"{stack.n_orders} harmonics"
        rows.append(row(f"{name}, complex64, against fmmax", single, fmmax, required[orders]))
        if orders != (21, 21):
            grcwa = rate(partial(grcwa_reflectance(stack), patterns[0]), 1, time.process_time)
            rows.append(row(f"{name}, complex128, against grcwa", double, grcwa, 1.0))
    both = rate(partial(absorptance, patterns, OpticalStack()), len(patterns), time.perf_counter)
    rows.append(row("121 harmonics, all cores, against 25,000 in 20 min", both, 25_000 / 1200, 1.0))
    return rows


def row(case: str, ours: float, peer: float, required: float) -> dict[str, Any]:
    """One line of the table."""
    return {
        "case": case,
        "ours": ours,
        "peer": peer,
        "ratio": ours / peer,
        "required": required,
        "unit": "structures/s",
    }
