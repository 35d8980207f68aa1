"""One patterned layer in a stack of films, as a grating lit at normal incidence."""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Complex, Real
from typing import Any

import numpy as np

from mdesign.arguments import choice, number, whole
from mdesign.physics.optics.materials import refractive_index

__all__ = ["OpticalStack"]

#: A refractive index, or a material whose index at the wavelength of the stack is meant.
Index = complex | str


@dataclass(frozen=True)
class OpticalStack:
    """A patterned layer between films, periodic in both directions, lit from above.

    The default is illustrative, made of real materials: air, a film of silicon nitride, a layer
    of alumina with inclusions of silicon nitride, and a substrate of amorphous silicon. The stack
    behind the published data is not published. The lengths were chosen so that random generated
    microstructures absorb about as much, and vary about as much, as the published ones, and that
    the absorptance converges: to 0.006 or better at 7 by 7 orders and 0.0004 at 9 by 9.

    Parameters
    ----------
    wavelength_nm : float
        Vacuum wavelength.
    period_nm : float
        Side of the square cell, which one pattern fills.
    thickness_nm : float
        Thickness of the patterned layer.
    pattern_indices : tuple of complex or str
        Refractive index n + ik of phase 0 and of phase 1. Here and below, the name of a material
        in `MATERIALS` stands for its index at this wavelength, also after
        ``dataclasses.replace(stack, wavelength_nm=...)``; a number holds at every wavelength.
    layers_above, layers_below : tuple of (complex or str, float)
        Films as (refractive index, thickness in nm), from top to bottom.
    superstrate_index : float or str
        Refractive index of the lossless half space that the light comes from.
    substrate_index : complex or str
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
    edge_nm : float
        Width of the edges between the phases: the standard deviation of the Gaussian that smooths
        the permittivity; 0 for sharp edges, as a metal needs. With graded edges the absorptance
        converges with few orders.

    Raises
    ------
    ValueError
        If a parameter breaks its rule; indices need a positive imaginary part (exp(-i omega t)).
        If a material is unknown, or was not measured at this wavelength.

    Examples
    --------
    >>> OpticalStack(orders=(5, 5)).n_orders
    25
    >>> stack = OpticalStack(substrate_index="silver", wavelength_nm=616.8)
    >>> complex(stack.substrate_index)
    (0.06+4.152j)
    """

    wavelength_nm: float = 474.0
    period_nm: float = 1147.0
    thickness_nm: float = 1826.0
    pattern_indices: tuple[Index, Index] = ("alumina", "silicon nitride")
    layers_above: tuple[tuple[Index, float], ...] = (("silicon nitride", 38.0),)
    layers_below: tuple[tuple[Index, float], ...] = ()
    superstrate_index: Index = 1.0
    substrate_index: Index = "amorphous silicon"
    orders: tuple[int, int] = (9, 9)
    rule: str = "laurent"
    pixel_sinc: bool = False
    polarization: str = "unpolarized"
    edge_nm: float = 57.0

    def __post_init__(self) -> None:
        for field in fields(self):
            # Settings become plain tuples of plain numbers, whatever sequences were given.
            value = self._checked(field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        if self.edge_nm and self.metallic_pattern:
            raise ValueError(
                "edge_nm must be 0, for sharp edges, where a phase of the pattern is a metal: the "
                f"permittivity of a graded edge would pass through zero; got {self.edge_nm}"
            )

    def _checked(self, name: str, value: Any) -> Any:
        """Value of a parameter as plain Python numbers; ValueError if it breaks its rule."""
        nm = self.wavelength_nm
        if name == "edge_nm":
            return number(name, value, "[0, inf)")
        if name.endswith("_nm"):
            return _length(name, value)
        if name == "pattern_indices":
            return tuple(_index(name, index, nm) for index in _pair(name, value))
        if name.startswith("layers_"):
            films = (_pair(name, film) for film in _sequence(name, value))
            return tuple((_index(name, index, nm), _length(name, t)) for index, t in films)
        if name.endswith("_index"):
            mirror = name == "substrate_index" and isinstance(value, str) and value == "mirror"
            index = value if mirror else _index(name, value, nm)
            if name == "superstrate_index" and complex(index).imag:
                raise ValueError(f"superstrate_index must be real; got {value}")
            return index
        if name == "orders":
            return _orders(value)
        if name == "pixel_sinc":
            if not isinstance(value, bool | np.bool_):
                raise TypeError(f"pixel_sinc must be True or False; got {value!r}")
            return bool(value)
        return choice(name, value, _CHOICES[name])

    @property
    def n_orders(self) -> int:
        """Number of diffraction orders kept."""
        return math.prod(self.orders)

    @property
    def lossless_pattern(self) -> bool:
        """Whether neither phase of the pattern absorbs."""
        return not any(complex(index).imag for index in self.pattern_indices)

    @property
    def metallic_pattern(self) -> bool:
        """Whether a phase of the pattern has a permittivity with a negative real part."""
        return any((complex(index) ** 2).real < 0 for index in self.pattern_indices)

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


class _MaterialIndex(complex):
    """Refractive index that remembers its material, for another wavelength of the stack."""

    material: str


def _index(name: str, index: Any, wavelength_nm: float) -> Index:
    material = getattr(index, "material", index)
    if isinstance(material, str):
        try:
            resolved = _MaterialIndex(refractive_index(material, wavelength_nm))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        resolved.material = material
        return resolved
    if not isinstance(index, Complex):
        raise TypeError(f"{name} must be a refractive index or a material; got {index!r}")
    if (
        not cmath.isfinite(index)
        or complex(index).imag < 0
        or complex(index).real < 0
        or index == 0
    ):
        raise ValueError(
            f"{name} must be a refractive index n + ik with n, k >= 0 (absorption is positive k), "
            f"not zero, or the name of a material; got {index!r}"
        )
    return float(index) if isinstance(index, Real) else complex(index)


def _length(name: str, length: Any) -> float:
    return number(name, length, "(0, inf)")


def _orders(orders: Any) -> tuple[int, int]:
    counts = _pair("orders", orders)
    first, second = (whole("orders", count) for count in counts)
    if first % 2 == 0 or second % 2 == 0:
        raise ValueError(f"orders must be two odd positive integers; got {orders!r}")
    return first, second


def _pair(name: str, values: Any) -> Sequence[Any]:
    values = _sequence(name, values)
    if len(values) != 2:
        raise ValueError(f"{name} must hold two values each; got {values!r}")
    return values


def _sequence(name: str, values: Any) -> Sequence[Any]:
    if isinstance(values, str | Mapping) or not hasattr(values, "__len__"):
        raise TypeError(f"{name} must be a sequence; got {values!r}")
    return tuple(values)
