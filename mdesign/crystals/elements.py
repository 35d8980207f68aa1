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

__all__ = ["PROPERTIES", "by_electronegativity", "element_table"]

_SHELLS = ("s", "p", "d", "f")

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


@cache
def _table() -> npt.NDArray[np.float64]:
    """Read the table, in the order of the atomic numbers."""
    source = resources.files("mdesign.crystals").joinpath("elements.tsv")
    rows = list(csv.DictReader(source.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    known = [name for name in PROPERTIES if name != "atomic number"]
    return np.array(
        [
            [number, *(float(row[name] or "nan") for name in known)]
            for number, row in enumerate(rows, start=1)
        ]
    )
