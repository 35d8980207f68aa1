"""Films and half spaces above and below a grating, order by order.

Each diffraction order of a homogeneous film is two independent lines, one for each polarization:
s, the electric field along (TM) or across (TE) the order's direction, and v with ds/dz ~ v. A wave
going down has v = y s, one going up v = -y s; the power flowing down is Im(conj(s) v). Lengths are
in units of 1 / k0. Only decaying exponentials occur, so that thick films cause no overflow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdesign.physics.optics.harmonics import Harmonics
from mdesign.physics.optics.stack import OpticalStack

__all__ = ["BoundaryConditions", "boundary_conditions"]

#: An order exactly at grazing has no finite admittance; it is kept this far from it, in kz^2.
_GRAZING = 1e-10


@dataclass(frozen=True)
class BoundaryConditions:
    """Boundary conditions of the patterned layer; arrays of shape (2, N): TM and TE.

    Above, v = source - admittance s for light of unit amplitude in the incident medium, and the
    amplitude sent back into that medium is offset + gain s. Below, (s, v) is a multiple w of
    (below_s, below_v), and w times transmission is the field at the substrate.
    """

    admittance: np.ndarray
    source: np.ndarray
    gain: np.ndarray
    offset: np.ndarray
    incident: np.ndarray
    below_s: np.ndarray
    below_v: np.ndarray
    transmission: np.ndarray
    substrate: np.ndarray


def wave_numbers(stack: OpticalStack, harmonics: Harmonics) -> np.ndarray:
    """In-plane wave numbers of the orders over k0, shape (2, N)."""
    return harmonics.orders.T * (stack.wavelength_nm / stack.period_nm)


def _admittances(index: complex | str, squared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wave number along z, shape (N,), and admittances of TM and TE, shape (2, N), of a medium."""
    permittivity = complex(index) ** 2
    # kz^2 = n^2 - kx^2 - ky^2; the admittances are i n^2 / kz (TM) and i kz (TE).
    along = permittivity - squared
    kz = np.sqrt(np.where(abs(along) < _GRAZING, _GRAZING, along) + 0j)
    return kz, np.stack([1j * permittivity / kz, 1j * kz])


def boundary_conditions(stack: OpticalStack, harmonics: Harmonics) -> BoundaryConditions:
    """Fold the films of a stack into boundary conditions of its patterned layer."""
    squared = (wave_numbers(stack, harmonics) ** 2).sum(axis=0)
    return BoundaryConditions(**_fold_above(stack, squared), **_fold_below(stack, squared))


def _fold_above(stack: OpticalStack, squared: np.ndarray) -> dict[str, np.ndarray]:
    k0 = 2 * np.pi / stack.wavelength_nm
    _, incident = _admittances(stack.superstrate_index, squared)
    light = np.zeros_like(incident)
    light[:, 0] = 1
    admittance, source = incident, 2 * incident * light
    gain, offset = np.ones_like(incident), -light
    for index, thickness in stack.layers_above:
        kz, y = _admittances(index, squared)
        # Fresnel coefficient of the upper face, then Airy's sum over the round trips in the film.
        decay = np.exp(1j * kz * k0 * thickness)
        reflected = (y - admittance) / (y + admittance)
        driven = source / (y + admittance)
        resonance = 1 + reflected * decay**2
        lift = (1 + reflected) * decay / resonance
        offset = offset + gain * (driven - lift * decay * driven)
        gain = gain * lift
        source = 2 * y * decay * driven / resonance
        admittance = y * (1 - reflected * decay**2) / resonance
    return {
        "admittance": admittance,
        "source": source,
        "gain": gain,
        "offset": offset,
        "incident": incident,
    }


def _fold_below(stack: OpticalStack, squared: np.ndarray) -> dict[str, np.ndarray]:
    k0 = 2 * np.pi / stack.wavelength_nm
    ones = np.ones((2, squared.size), dtype=complex)
    if stack.substrate_index == "mirror":
        s, v, substrate, transmission = 0 * ones, ones, 0 * ones, 0 * ones
    else:
        _, substrate = _admittances(stack.substrate_index, squared)
        s, v, transmission = ones, substrate, ones
    for index, thickness in reversed(stack.layers_below):
        kz, y = _admittances(index, squared)
        # The wave down has amplitude 1 at the top of the film; it comes back by decay squared.
        decay = np.exp(1j * kz * k0 * thickness)
        reflected = (y * s - v) / (y * s + v)
        transmission = transmission * 2 * y * decay / (y * s + v)
        s, v = 1 + reflected * decay**2, y * (1 - reflected * decay**2)
    return {"below_s": s, "below_v": v, "transmission": transmission, "substrate": substrate}
