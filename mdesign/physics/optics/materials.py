"""Complex refractive indices of optical materials, from published measurements.

The sign is that of fields exp(-i omega t): an absorbing material has a positive imaginary part.

References
----------
Amorphous silicon: Pierce and Spicer, Phys. Rev. B 5, 3017 (1972), values of Palik, Handbook of
Optical Constants of Solids (1985). Silver: Johnson and Christy, Phys. Rev. B 6, 4370 (1972).
Fused silica: Malitson, J. Opt. Soc. Am. 55, 1205 (1965), dispersion formula. Silicon nitride:
Philipp, J. Electrochem. Soc. 120, 295 (1973) and Baak, Appl. Opt. 21, 1069 (1982), dispersion
formula. Alumina (sapphire, ordinary ray): Malitson and Dodge, J. Opt. Soc. Am. 62, 1405 (1972),
dispersion formula. The numbers are those collected, in the public domain, at https://refractiveindex.info.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

import numpy as np

__all__ = ["MATERIALS", "refractive_index"]


@dataclass(frozen=True)
class _Measured:
    """Refractive index between tabulated wavelengths, in nm."""

    wavelengths: np.ndarray
    indices: np.ndarray

    @property
    def span(self) -> tuple[float, float]:
        return float(self.wavelengths[0]), float(self.wavelengths[-1])

    def __call__(self, wavelength_nm: float) -> complex:
        return complex(np.interp(wavelength_nm, self.wavelengths, self.indices))


@dataclass(frozen=True)
class _Sellmeier:
    """Sellmeier: n^2 = 1 + sum of strength / (1 - (resonance / wavelength)^2), in nm."""

    span: tuple[float, float]
    terms: tuple[tuple[float, float], ...]

    def __call__(self, wavelength_nm: float) -> complex:
        squared = (strength / (1 - (at / wavelength_nm) ** 2) for strength, at in self.terms)
        return complex(np.sqrt(1 + sum(squared)))


@cache
def _materials() -> dict[str, _Measured | _Sellmeier]:
    text = (
        resources.files("mdesign.physics.optics")
        .joinpath("optical_constants.tsv")
        .read_text("utf-8")
    )
    measured: dict[str, list[tuple[float, float, float]]] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        values = float(row["wavelength_nm"]), float(row["n"]), float(row["k"])
        measured.setdefault(row["material"], []).append(values)
    materials: dict[str, _Measured | _Sellmeier] = {}
    for name, rows in measured.items():
        wavelengths, n, k = np.array(rows).T
        materials[name] = _Measured(wavelengths, n + 1j * k)
    materials["alumina"] = _Sellmeier(
        (200, 5000), ((1.4313493, 72.6631), (0.65054713, 119.3242), (5.3414021, 18028.251))
    )
    materials["silica"] = _Sellmeier(
        (210, 6700), ((0.6961663, 68.4043), (0.4079426, 116.2414), (0.8974794, 9896.161))
    )
    materials["silicon nitride"] = _Sellmeier((207, 1240), ((2.8939, 139.67),))
    return materials


#: Name of each material and the wavelengths, in nm, between which its index is known.
MATERIALS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {name: index.span for name, index in sorted(_materials().items())}
)


def refractive_index(material: str, wavelength_nm: float) -> complex:
    """Complex refractive index n + ik of a material at a vacuum wavelength in nm.

    The material is a name in `MATERIALS`. Between tabulated wavelengths n and k are linear.

    Raises
    ------
    ValueError
        If the material is unknown, or was not measured at this wavelength.

    Examples
    --------
    >>> refractive_index("silica", 589.3).real.__round__(4)
    1.4584
    """
    if material not in MATERIALS:
        raise ValueError(f"material must be one of {list(MATERIALS)}; got {material!r}")
    low, high = MATERIALS[material]
    if not low <= wavelength_nm <= high:
        raise ValueError(
            f"wavelength_nm must lie between {low:g} and {high:g} for {material}; "
            f"got {wavelength_nm}"
        )
    return _materials()[material](wavelength_nm)
