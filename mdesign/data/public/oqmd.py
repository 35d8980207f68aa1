"""Formation energies of the Open Quantum Materials Database, by composition.

Three projects published test and validation parts of their own selections of the database; their
training parts are not among the files here. Each file has one energy a composition. Sixteen percent
of the compositions are in several files, whose energies differ by 8 meV/atom on average: the
projects took them from different versions of the database, or of different structures. Kirklin et
al., npj Comput. Mater. 1, 15010 (2015).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdesign.data.public.registry import fetch

__all__ = ["FILES", "PublishedEnergies", "formation_energies"]

#: Files by their names, which say the project and the part.
FILES = ("crabnet_test", "crabnet_val", "kingcrabnet_test", "kingcrabnet_val", "roost_test")

_FORMULA = ("formula", "composition")


@dataclass(frozen=True)
class PublishedEnergies:
    """Formulas as published, some with fractions of four digits, and their formation energies."""

    formulas: tuple[str, ...]
    #: Formation energy in eV/atom, (n,).
    energies: npt.NDArray[np.float64]
    #: Index in `FILES` of the file of each row, (n,).
    sources: npt.NDArray[np.int64]


def formation_energies(*, progress: bool = False) -> PublishedEnergies:
    """Read all files, in their order.

    Raises
    ------
    mdesign.data.DataNotReachable
        If a file is not available.
    """
    formulas: list[str] = []
    energies: list[float] = []
    sources: list[int] = []
    for source, name in enumerate(FILES):
        path = fetch(f"oqmd/{name}.csv", progress=progress)
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                formulas.append(next(row[column] for column in _FORMULA if column in row))
                energies.append(float(row["target"]))
                sources.append(source)
    return PublishedEnergies(tuple(formulas), np.array(energies), np.array(sources))
