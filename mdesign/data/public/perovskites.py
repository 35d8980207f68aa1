"""Computed cubic perovskites ABX3: 18,928 structures with their heat of formation.

Castelli et al., Energy Environ. Sci. 5, 5814 (2012). The structures, in the parts that crystal
graph networks and generative models are compared on, and the energies come from two publications,
which name the crystals differently. ``perovskite_rows.npy`` beside this module has the row of the
energy for each structure, in the order of the parts; it was made by matching each structure with
that of the same number in the Computational Materials Repository, exactly.
"""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt

from mdesign.crystals import Structure, parse_formula, parse_poscar
from mdesign.data.public.registry import fetch

__all__ = ["PARTS", "PublishedPerovskites", "perovskites"]

#: Parts of the published split, of 11,356, 3,787 and 3,785 crystals.
PARTS = ("train", "val", "test")

_STRUCTURES = "perov5_heat_ref.json"


@dataclass(frozen=True)
class PublishedPerovskites:
    """Perovskites as published: cells of five atoms, all cubic."""

    structures: tuple[Structure, ...]
    #: Energy of formation from competing phases, in eV/atom, rounded to 0.02 eV/atom, (n,).
    energies: npt.NDArray[np.float64]
    #: Index in `PARTS` of the part of each, (n,).
    parts: npt.NDArray[np.int64]


def perovskites(*, progress: bool = False) -> PublishedPerovskites:
    """Read all perovskites, part by part.

    Raises
    ------
    mdesign.data.DataNotReachable
        If a file is not available.
    """
    archive = fetch(f"perovskites/{_STRUCTURES}.zip", progress=progress)
    with zipfile.ZipFile(archive) as files:
        published = json.loads(files.read(_STRUCTURES))
    with fetch("perovskites/castelli.csv", progress=progress).open(encoding="utf-8") as stream:
        energies = [(row["formula"], float(row["target"])) for row in csv.DictReader(stream)]
    with (resources.files(__package__) / "perovskite_rows.npy").open("rb") as stream:
        rows = np.load(stream)
    # Line ends are written as a backslash and an n.
    texts = [text.replace("\\n", "\n") for part in PARTS for text in published[part].values()]
    structures = tuple(parse_poscar(text) for text in texts)
    for structure, row in zip(structures, rows, strict=True):
        if parse_formula(structure.formula) != parse_formula(energies[row][0]):
            raise ValueError(
                f"energies must be those of the structures; got {energies[row][0]} for "
                f"{structure.formula}"
            )
    return PublishedPerovskites(
        structures,
        np.array([energies[row][1] for row in rows]),
        np.repeat(np.arange(len(PARTS)), [len(published[part]) for part in PARTS]),
    )
