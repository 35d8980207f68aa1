"""One patterned layer in a stack of films, as a grating lit at normal incidence."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, fields
from typing import Literal

from mdesign.physics.optics.materials import refractive_index

__all__ = ["OpticalStack"]

_WAVELENGTH_NM = 506.0


@dataclass(frozen=True)
class OpticalStack:
    """A patterned layer between films, periodic in both directions, lit from above.

    The default is illustrative, made of real materials: air, a film of silicon nitride, a layer
    of silicon nitride with inclusions of silica, and a substrate of amorphous silicon. The stack
    behind the published data is not published. The thicknesses were chosen so that the published
    microstructures have nearly the published mean and spread of absorptance, converged at 11 by 11
    orders to about 0.01.

    Parameters
    ----------
    wavelength_nm : float
        Vacuum wavelength.
    period_nm : float
        Side of the square cell, which one pattern fills.
    thickness_nm : float
        Thickness of the patterned layer.
    pattern_indices : tuple of complex
        Refractive index n + ik of phase 0 and of phase 1.
    layers_above, layers_below : tuple of (complex, float)
        Films as (refractive index, thickness in nm), from top to bottom.
    superstrate_index : float
        Refractive index of the lossless half space that the light comes from.
    substrate_index : complex or "mirror"
        Refractive index of the half space below; "mirror" is a perfect conductor.
    orders : tuple of int
        Number of diffraction orders in x and y, both odd: (11, 11) means -5 to 5 in each.
    rule : {"laurent", "li"}
        How products of permittivity and field are truncated: by convolution (Laurent's rule, what
        fmmax and grcwa call FFT), or by inverse convolution across the edges of the pixels (Li, J.
        Opt. Soc. Am. A 14, 2758 (1997), Sec. 4).
    pixel_sinc : bool
        Transform the pixels as squares instead of as points.
    polarization : {"unpolarized", "x", "y"}
        Electric field of the light; unpolarized is the mean over x and y.

    Raises
    ------
    ValueError
        If a parameter breaks its rule; indices need a positive imaginary part (exp(-i omega t)).

    Examples
    --------
    >>> OpticalStack(orders=(5, 5)).n_orders
    25
    """

    wavelength_nm: float = _WAVELENGTH_NM
    period_nm: float = 845.0
    thickness_nm: float = 812.0
    pattern_indices: tuple[complex, complex] = (
        refractive_index("silicon nitride", _WAVELENGTH_NM),
        refractive_index("silica", _WAVELENGTH_NM),
    )
    layers_above: tuple[tuple[complex, float], ...] = (
        (refractive_index("silicon nitride", _WAVELENGTH_NM), 90.0),
    )
    layers_below: tuple[tuple[complex, float], ...] = ()
    superstrate_index: float = 1.0
    substrate_index: complex | Literal["mirror"] = refractive_index(
        "amorphous silicon", _WAVELENGTH_NM
    )
    orders: tuple[int, int] = (11, 11)
    rule: Literal["laurent", "li"] = "laurent"
    pixel_sinc: bool = False
    polarization: Literal["unpolarized", "x", "y"] = "unpolarized"

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name.endswith("_nm"):
                _check_length(field.name, getattr(self, field.name))
        if len(self.pattern_indices) != 2:
            raise ValueError(f"pattern_indices must hold two; got {self.pattern_indices!r}")
        for index in self.pattern_indices:
            _check_index("pattern_indices", index)
        for name in ("layers_above", "layers_below"):
            for index, thickness in getattr(self, name):
                _check_index(name, index)
                _check_length(name, thickness)
        _check_index("superstrate_index", self.superstrate_index)
        if complex(self.superstrate_index).imag:
            raise ValueError(f"superstrate_index must be real; got {self.superstrate_index}")
        if self.substrate_index != "mirror":
            _check_index("substrate_index", self.substrate_index)
        if len(self.orders) != 2 or any(not _is_odd(count) for count in self.orders):
            raise ValueError(f"orders must be two odd positive integers; got {self.orders!r}")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {choices}; got {getattr(self, name)!r}")

    @property
    def n_orders(self) -> int:
        """Number of diffraction orders kept."""
        return math.prod(self.orders)

    @property
    def lossless_pattern(self) -> bool:
        """Whether neither phase of the pattern absorbs."""
        return not any(complex(index).imag for index in self.pattern_indices)

    @property
    def lossless_films(self) -> bool:
        """Whether neither the pattern nor a film absorbs."""
        films = self.layers_above + self.layers_below
        return self.lossless_pattern and not any(complex(index).imag for index, _ in films)

    @property
    def opaque(self) -> bool:
        """Whether no light leaves downwards: the substrate absorbs it or is a mirror."""
        return self.substrate_index == "mirror" or complex(self.substrate_index).imag > 0


_CHOICES = {"rule": ("laurent", "li"), "polarization": ("unpolarized", "x", "y")}


def _is_odd(count: object) -> bool:
    return isinstance(count, int) and count > 0 and count % 2 == 1


def _check_length(name: str, length: float) -> None:
    if not (math.isfinite(length) and length > 0):
        raise ValueError(f"{name} must be a positive length in nm; got {length}")


def _check_index(name: str, index: complex) -> None:
    index = complex(index)
    if not cmath.isfinite(index) or index.imag < 0 or index.real < 0 or index == 0:
        raise ValueError(
            f"{name} must be a refractive index n + ik with n, k >= 0 (absorption is positive k), "
            f"not zero; got {index}"
        )
