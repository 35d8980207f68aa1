"""Oxides with ions on fixed sites, perovskites and garnets: descriptors and formation energy.

W. Ye et al., Nat. Commun. 9, 3800 (2018): two numbers describe each site, the ionic radius and the
electronegativity of its ion. A mixed site, with ions of two kinds, has their means (disorder), or
both ions one after the other and the number of their ordering in binary digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdesign.arguments import array, choice, not_empty, number, whole
from mdesign.crystals.ions import Ion, electronegativity, ionic_radius

__all__ = [
    "GARNET",
    "MEANS",
    "PEROVSKITE",
    "Prototype",
    "Site",
    "averaged_descriptors",
    "formation_energy",
    "ordered_descriptors",
    "ordering_bits",
]

Site = Mapping[Ion, float]
"""Share of each ion on a site, with the sum 1."""

MEANS = ("arithmetic", "bond energy")
"""Of the electronegativities of the ions on a site."""

_OXYGEN = "O"


@dataclass(frozen=True)
class Prototype:
    """A structure of oxides: its sites, and how many orderings a mixed site has."""

    #: Sites in the order of the descriptors.
    sites: tuple[str, ...]
    #: Ions of each site in a formula unit.
    ions: tuple[int, ...]
    #: Oxygen ions of a formula unit.
    oxygen: int
    #: Oxygen ions around each site.
    coordinations: tuple[int, ...]
    #: Different orderings of two ions on each site, in the authors' cells.
    orderings: tuple[int, ...]


PEROVSKITE = Prototype(("A", "B"), (1, 1), 3, (12, 6), (10, 10))
"""ABO3; two ions mix on a site in equal parts."""

GARNET = Prototype(("C", "A", "D"), (3, 2, 3), 12, (8, 6, 4), (20, 7, 18))
"""C3A2D3O12; two ions mix on C and D two to one, on A in equal parts."""


def averaged_descriptors(
    oxides: Sequence[Sequence[Site]],
    prototype: Prototype = PEROVSKITE,
    *,
    mean: str = "arithmetic",
) -> npt.NDArray[np.float64]:
    """Describe each site by the mean radius and electronegativity of its ions, as in disorder.

    Parameters
    ----------
    oxides : sequence of sequence of mapping of Ion to float
        Of each oxide the shares of the ions on each site, in the order of `prototype`.
    prototype : Prototype, optional
        Structure of all of them.
    mean : {"arithmetic", "bond energy"}, optional
        Of the electronegativities: ``"bond energy"`` gives the value X whose squared difference
        from oxygen, on Pauling's scale an energy, is the mean of those of the ions. Radii have
        their arithmetic mean, Vegard's law, with both.

    Returns
    -------
    ndarray, shape (n, 2 * number of sites)
        Radius in pm and electronegativity of the first site, then of the second, and so on. The
        radius is that of the site's coordination, or of the nearest one that is tabulated, with
        high spin.

    Raises
    ------
    ValueError
        If the shares of a site do not add up to 1, an oxide has another number of sites, or an ion
        has no radius.

    Examples
    --------
    >>> averaged_descriptors([[{Ion("Sr", 2): 1}, {Ion("Ti", 4): 1}]])
    array([[144.  ,   0.95,  60.5 ,   1.54]])
    """
    choice("mean", mean, MEANS)
    rows = [
        [
            one
            for site, coordination in zip(sites, prototype.coordinations, strict=True)
            for one in _averaged(site, coordination, mean)
        ]
        for sites in _checked(oxides, prototype)
    ]
    return np.array(rows)


def ordered_descriptors(
    oxides: Sequence[Sequence[Site]],
    orderings: npt.ArrayLike,
    *,
    mixed: str,
    prototype: Prototype = PEROVSKITE,
) -> npt.NDArray[np.float64]:
    """Describe both ions of a mixed site, and the number of their ordering in binary digits.

    Parameters
    ----------
    oxides : sequence of sequence of mapping of Ion to float
        As in `averaged_descriptors`. The site `mixed` has one or two ions, the others have one.
    orderings : array_like of int, shape (n,)
        Number of the ordering of each oxide, from 0.
    mixed : str
        Which site has two ions. The one with the smaller share comes first, of equal shares the
        first by symbol; an ion alone on the site counts as both.
    prototype : Prototype, optional
        Structure of all of them.

    Returns
    -------
    ndarray, shape (n, 2 * (number of sites + 1) + digits)
        Radius in pm and electronegativity of each ion, then the digits of `ordering_bits`.

    Raises
    ------
    ValueError
        If another site is mixed or a site has three ions, or a number is out of range.
    """
    place = prototype.sites.index(choice("mixed", mixed, prototype.sites))
    checked = _checked(oxides, prototype)
    numbers = array("orderings", orderings, f"({len(checked)},)", dtype=np.int64)
    rows = []
    for row, sites in enumerate(checked):
        ions: list[tuple[float, float]] = []
        for i, name in enumerate(prototype.sites):
            listed = [ion for _, ion in sorted((share, ion) for ion, share in sites[i].items())]
            allowed = 2 if i == place else 1
            if len(listed) > allowed:
                raise ValueError(
                    f"oxides[{row}] must have at most {allowed} ions on {name}, with "
                    f"mixed={mixed!r}; got {', '.join(map(str, listed))}"
                )
            twice = listed * (allowed // len(listed))
            ions += [_described(ion, prototype.coordinations[i]) for ion in twice]
        rows.append(np.ravel(ions))
    return np.hstack([np.array(rows), ordering_bits(numbers, prototype.orderings[place])])


def ordering_bits(orderings: npt.ArrayLike, n_orderings: int) -> npt.NDArray[np.float64]:
    """Write numbers of orderings in binary digits, the highest one first.

    Parameters
    ----------
    orderings : array_like of int, shape (n,)
        From 0 to `n_orderings` - 1.
    n_orderings : int
        How many there are; the digits are those that this number itself needs.

    Returns
    -------
    ndarray, shape (n, digits)
        Of 0 and 1.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> ordering_bits([1, 6], 7)
    array([[0., 0., 1.],
           [1., 1., 0.]])
    """
    n_orderings = whole("n_orderings", n_orderings)
    numbers = array("orderings", orderings, "(n,)", f"[0, {n_orderings - 1}]", dtype=np.int64)
    places = np.arange(n_orderings.bit_length())[::-1]
    return (numbers[:, np.newaxis] >> places & 1).astype(np.float64)


def formation_energy(
    ions: Mapping[Ion, float], energy: float, oxide_energies: Mapping[Ion, float]
) -> float:
    """Compute the formation energy from the binary oxides of the ions, in eV/atom.

    Parameters
    ----------
    ions : mapping of Ion to float
        Amounts of the cations in the cell; their charges give the oxygen.
    energy : float
        Total energy of the cell in eV.
    oxide_energies : mapping of Ion to float
        Total energy of the binary oxide of each ion, in eV for one ion.

    Returns
    -------
    float
        Negative if the oxide is more stable than the mixture of the binary oxides.

    Raises
    ------
    ValueError
        If an ion is no cation or has no binary oxide.

    Examples
    --------
    >>> Ca, Si = Ion("Ca", 2), Ion("Si", 4)
    >>> formation_energy({Ca: 1, Si: 1}, -30.0, {Ca: -10.0, Si: -15.0})
    -1.0
    """
    energy = number("energy", energy)
    atoms = 0.0
    for ion, given in ions.items():
        amount = number(f"ions[{str(ion)!r}]", given, "(0, inf)")
        if ion.charge < 0 or ion not in oxide_energies:
            raise ValueError(f"ions must be cations whose oxide is in oxide_energies; got {ion}")
        energy -= amount * number(f"oxide_energies[{str(ion)!r}]", oxide_energies[ion])
        atoms += amount * (1 + ion.charge / 2)
    return energy / atoms


def _checked(oxides: Sequence[Sequence[Site]], prototype: Prototype) -> list[list[Site]]:
    """Check that each oxide has the sites of the prototype, and the shares of a site the sum 1."""
    for row, sites in enumerate(oxides):
        if not isinstance(sites, Sequence) or len(sites) != len(prototype.sites):
            raise ValueError(
                f"oxides[{row}] must have the sites {', '.join(prototype.sites)}; got {sites}"
            )
        for name, site in zip(prototype.sites, sites, strict=True):
            shares = array(f"oxides[{row}][{name!r}]", list(site.values()), "(n,)", "(0, 1]")
            if abs(shares.sum() - 1) > 1e-6:
                raise ValueError(
                    f"oxides[{row}] must have shares that add up to 1 on each site; "
                    f"got {shares.sum():g} on {name}"
                )
    not_empty("oxides", np.empty(len(oxides)))
    return [list(sites) for sites in oxides]


def _described(ion: Ion, coordination: int) -> tuple[float, float]:
    """Radius and electronegativity of an ion on a site."""
    return ionic_radius(ion, coordination, nearest=True), electronegativity(ion.symbol)


def _averaged(site: Site, coordination: int, mean: str) -> tuple[float, float]:
    """Mean radius and electronegativity of the ions on a site."""
    described = np.array([_described(ion, coordination) for ion in site])
    shares = np.array(list(site.values()))
    radius, plain = shares @ described
    if mean == "arithmetic":
        return float(radius), float(plain)
    oxygen = electronegativity(_OXYGEN)
    return float(radius), float(oxygen - np.sqrt(shares @ (oxygen - described[:, 1]) ** 2))
