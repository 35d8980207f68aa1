"""Computed crystals of the Materials Project: structure, formation energy, distance to the hull.

Test and validation parts of two published selections, of crystals with up to 20 and up to 52 atoms
a cell. Jain et al., APL Mater. 1, 011002 (2013).
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdesign.data.public.registry import fetch

__all__ = ["FILES", "PublishedCrystals", "crystals"]

#: Files by their names, which say the selection and the part.
FILES = ("mp_20_biternary_test", "mp_20_biternary_val", "mpts_52_test", "mpts_52_val")

_SUM = re.compile(r"_chemical_formula_sum\s+'([^']+)'|_chemical_formula_sum\s+(\S+)")
_ABOVE_HULL = ("e_above_hull", "energy_above_hull")


@dataclass(frozen=True)
class PublishedCrystals:
    """Crystals as published, each once."""

    #: Such as ``"mp-149"``.
    identifiers: tuple[str, ...]
    #: Chemical formula of the cell.
    formulas: tuple[str, ...]
    #: Structure in the CIF format.
    cifs: tuple[str, ...]
    #: Formation energy in eV/atom, (n,).
    energies: npt.NDArray[np.float64]
    #: Distance to the convex hull in eV/atom, (n,).
    above_hull: npt.NDArray[np.float64]
    #: Band gap in eV, (n,); NaN where the selection does not have it.
    band_gaps: npt.NDArray[np.float64]


def crystals(*, progress: bool = False) -> PublishedCrystals:
    """Read all files; a crystal in several of them counts once.

    Raises
    ------
    mdesign.data.DataNotReachable
        If a file is not available.
    """
    rows: dict[str, dict[str, str]] = {}
    for name in FILES:
        content = gzip.decompress(
            fetch(f"materials_project/{name}.csv.gz", progress=progress).read_bytes()
        )
        for row in csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")):
            rows.setdefault(row["material_id"], row)
    published = list(rows.values())
    return PublishedCrystals(
        tuple(rows),
        tuple(_formula(row["cif"]) for row in published),
        tuple(row["cif"] for row in published),
        _column(published, "formation_energy_per_atom"),
        _column(published, *_ABOVE_HULL),
        _column(published, "band_gap"),
    )


def _column(rows: list[dict[str, str]], *names: str) -> npt.NDArray[np.float64]:
    """Numbers of the first of several columns that a row has; NaN if it has none."""
    return np.array(
        [float(next((row[name] for name in names if name in row), "nan")) for row in rows]
    )


def _formula(cif: str) -> str:
    """Find the formula of the cell in a file of the CIF format."""
    found = _SUM.search(cif)
    if found is None:
        raise ValueError(f"a crystal must state its _chemical_formula_sum; got {cif[:80]!r}")
    return found[1] or found[2]
