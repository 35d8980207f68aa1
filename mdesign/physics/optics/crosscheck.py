"""The same optical problem solved by other codes, which come with the extra ``test``.

fmmax (formulation FFT): Schubert and Hammond, arXiv:2306.08131. grcwa: Jin et al., Opt. Express 28,
29075 (2020).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mdesign.physics.optics.harmonics import Harmonics
from mdesign.physics.optics.laurent_li import permittivity
from mdesign.physics.optics.stack import OpticalStack

__all__ = ["fmmax_reflectance", "grcwa_reflectance"]

Reflectance = Callable[[np.ndarray], np.ndarray]


def fmmax_reflectance(stack: OpticalStack) -> Reflectance:
    """Make a compiled function that computes the total reflectance of one pattern by fmmax.

    Parameters
    ----------
    stack : OpticalStack
        Without a mirror; always solved with Laurent's rule and with points for pixels.

    Returns
    -------
    callable
        From a pattern (nx, nx) to the reflectance (2,) for light along x and along y, in the
        precision of jax: complex64, or complex128 where 64 bits are enabled.
    """
    import fmmax
    import jax
    import jax.numpy as jnp

    side = stack.period_nm
    lattice = fmmax.LatticeVectors(u=jnp.array([side, 0.0]), v=jnp.array([0.0, side]))
    orders = Harmonics(stack.orders).orders
    expansion = fmmax.Expansion(basis_coefficients=orders)
    media = [
        (complex(stack.superstrate_index), 0.0),
        *stack.layers_above,
        (None, stack.thickness_nm),
        *stack.layers_below,
        (complex(stack.substrate_index), 0.0),
    ]

    def layers(permittivity: Any) -> list[Any]:
        def solved(epsilon: Any) -> Any:
            return fmmax.eigensolve_isotropic_media(
                wavelength=jnp.asarray(stack.wavelength_nm),
                in_plane_wavevector=jnp.zeros(2),
                primitive_lattice_vectors=lattice,
                permittivity=epsilon,
                expansion=expansion,
                formulation=fmmax.Formulation.FFT,
            )

        return [
            solved(permittivity if index is None else jnp.asarray([[complex(index) ** 2]]))
            for index, _ in media
        ]

    @jax.jit
    def reflectance(permittivity: Any) -> Any:
        solutions = layers(permittivity)
        matrix = fmmax.stack_s_matrix(solutions, [jnp.asarray(t) for _, t in media])
        n = expansion.num_terms
        light = jnp.zeros((2 * n, 2), dtype=complex).at[0, 0].set(1).at[n, 1].set(1)
        down, up = fmmax.amplitude_poynting_flux(light, matrix.s21 @ light, solutions[0])
        return -up.sum(axis=0) / down.sum(axis=0)

    def of_pattern(pattern: np.ndarray) -> np.ndarray:
        # fmmax's two solutions are those of Hx and Hy: light along y comes first.
        return np.asarray(reflectance(jnp.asarray(permittivity(pattern, stack))))[::-1]

    return of_pattern


def grcwa_reflectance(stack: OpticalStack) -> Reflectance:
    """Make a function that computes the total reflectance of one pattern by grcwa, in complex128.

    Arguments and result are those of `fmmax_reflectance`.
    """
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
        cell.GridLayer_geteps(permittivity(pattern, stack).ravel())
        p, s = (0, 1) if polarization == "x" else (1, 0)
        cell.MakeExcitationPlanewave(p, 0, s, 0, order=0)
        reflected, _ = cell.RT_Solve(normalize=1)
        return float(np.real(reflected))

    # grcwa's p wave at normal incidence has its field along x for an azimuth of zero.
    return lambda pattern: np.array([one(pattern, "y"), one(pattern, "x")])
