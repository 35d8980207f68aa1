"""Table of the elements: properties from which features of compositions are made.

``elements.tsv`` beside this module holds numbers of mendeleev 1.3.0 (MIT licence; L. Mentel,
github.com/lmmentel/mendeleev), which names the source of each. It lacks Pauling's
electronegativities of Kr, Pm, Eu, Tb and Yb, which are 3.00, 1.13, 1.20, 1.10 and 1.10 here. The
melting points of C, P, S, Se and Sn are those of graphite, white phosphorus, monoclinic sulphur,
grey selenium and white tin. Elements of the f block have the group 3.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from mdesign.crystals.composition import ELEMENTS, check_symbols

__all__ = [
    "PROPERTIES",
    "by_electronegativity",
    "element_families",
    "element_features",
    "element_table",
]

_SHELLS = ("s", "p", "d", "f")

_GAS = 1_000.0
"""Atomic volume in cm^3/mol above which an element is a gas."""

#: Properties with their units. Electrons and vacancies are those of the shells outside the core of
#: a noble gas.
PROPERTIES: dict[str, str] = {
    "atomic number": "",
    "period": "",
    "group": "",
    "Mendeleev number": "",
    "Pettifor number": "",
    "atomic weight": "u",
    "covalent radius": "pm",
    "van der Waals radius": "pm",
    "atomic radius": "pm",
    "polarizability": "a.u.",
    "electronegativity": "Pauling",
    "first ionisation energy": "eV",
    "melting point": "K",
    **{f"{shell} valence electrons": "" for shell in _SHELLS},
    **{f"{shell} vacancies": "" for shell in _SHELLS},
}


def element_table(elements: Sequence[str] = ELEMENTS) -> npt.NDArray[np.float64]:
    """Properties of elements, shape (len(elements), len(PROPERTIES)); NaN where one is unknown.

    Raises
    ------
    ValueError
        If a symbol is not that of an element.
    """
    symbols = check_symbols("elements", elements)
    return _table()[[ELEMENTS.index(symbol) for symbol in symbols]]


def by_electronegativity(symbols: Sequence[str]) -> list[str]:
    """Sort symbols as formulas are written, the most electronegative one last.

    Elements whose electronegativity is not known come first.

    Examples
    --------
    >>> by_electronegativity(["O", "Ti", "Sr"])
    ['Sr', 'Ti', 'O']
    """
    symbols = check_symbols("symbols", symbols)
    column = element_table(symbols)[:, list(PROPERTIES).index("electronegativity")]
    order = np.argsort(np.nan_to_num(column, nan=-np.inf), kind="stable")
    return [symbols[i] for i in order]


def element_features() -> npt.NDArray[np.float32]:
    """Describe each element by 92 categories, as crystal graph networks take them.

    One of each kind is 1: the group, or that of the f block (19), the period (7), ten ranges of the
    electronegativity and of the covalent radius, the number of valence electrons (12), ten ranges
    of the logarithm of the ionisation energy and of the electron affinity, the block (4), and ten
    ranges of the logarithm of the atomic volume in cm^3/mol. Valence electrons are those of the
    open shells: without d in the p block and without f in the d block; more than 12 count as 12.
    All are 0 where a property is not known, and the volume of gases; values outside the ranges
    count with the nearest one.

    Returns
    -------
    ndarray, shape (119, 92)
        Row Z describes the element of atomic number Z, row 0 none.

    References
    ----------
    T. Xie, J.C. Grossman, Phys. Rev. Lett. 120, 145301 (2018), whose kinds and ranges these are.
    The order of the groups and the table of properties are others, so that a network trained with
    the authors' features needs those.
    """
    number = np.arange(1, len(ELEMENTS) + 1)
    is_f = ((number >= 57) & (number <= 70)) | ((number >= 89) & (number <= 102))
    group = np.where(is_f, 19, _column("group"))
    is_p = (group >= 13) & (group <= 18) & (number > 2)
    block = np.select([is_f, is_p, (group <= 2) | (number == 2)], [4, 2, 1], 3)
    of_s, of_p, of_d, of_f = (_column(f"{shell} valence electrons") for shell in _SHELLS)
    valence = of_s + of_p + np.where(is_p, 0, of_d) + np.where(is_f, of_f, 0)
    volume = _column("atomic volume")
    volume[volume > _GAS] = np.nan
    kinds = [
        _categories(group - 1, 19),
        _categories(_column("period") - 1, 7),
        _ranges(_column("electronegativity"), 0.5, 4.0),
        _ranges(_column("covalent radius"), 25.0, 250.0),
        _categories(valence - 1, 12),
        _ranges(np.log(_column("first ionisation energy")), 1.3, 3.3),
        _ranges(_column("electron affinity"), -3.0, 3.7),
        _categories(block - 1, 4),
        _ranges(np.log(volume), 1.5, 4.3),
    ]
    features = np.concatenate(kinds, axis=1)
    return np.concatenate([np.zeros((1, features.shape[1]), np.float32), features])


def element_families() -> list[str]:
    """Name the family of each element: its group, or its row of the d or f block.

    Elements of a family are chemically similar: groups of the s and p block, such as the alkali
    metals with hydrogen, and the rows 3d, 4d, 5d, 6d, 4f and 5f, as lanthanum to ytterbium.

    Returns
    -------
    list of str
        In the order of the atomic numbers.

    Examples
    --------
    >>> families = element_families()
    >>> families[2], families[25], families[59]
    ('group 1', '3d', '4f')
    """
    period, group = _column("period").astype(int), _column("group").astype(int)
    number = np.arange(1, len(ELEMENTS) + 1)
    is_f = ((number >= 57) & (number <= 70)) | ((number >= 89) & (number <= 102))
    is_d = (group >= 3) & (group <= 12) & ~is_f
    return [
        f"{row - 2}f" if f else f"{row - 1}d" if d else f"group {column}"
        for row, column, d, f in zip(period, group, is_d, is_f, strict=True)
    ]


def _ranges(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.float32]:
    """Tell which of ten equal ranges a value lies in, (n, 10)."""
    return _categories(np.floor(10 * (values - low) / (high - low)), 10)


def _categories(values: npt.NDArray[np.float64], n: int) -> npt.NDArray[np.float32]:
    """Mark the category of each value, the nearest of 0 to n - 1, (len(values), n)."""
    return (np.clip(values, 0, n - 1)[:, np.newaxis] == np.arange(n)).astype(np.float32)


def _column(name: str) -> npt.NDArray[np.float64]:
    """One column of the file; NaN where it is empty."""
    return np.array([float(row[name] or "nan") for row in _rows()])


@cache
def _table() -> npt.NDArray[np.float64]:
    """All `PROPERTIES`, in the order of the atomic numbers."""
    columns = [_column(name) for name in PROPERTIES if name != "atomic number"]
    return np.column_stack([np.arange(1, len(ELEMENTS) + 1), *columns])


@cache
def _rows() -> list[dict[str, str]]:
    """Lines of the file, in the order of the atomic numbers."""
    source = resources.files("mdesign.crystals").joinpath("elements.tsv")
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
