"""Crystals: elements, compositions and their convex hulls, structures and their graphs."""

from __future__ import annotations

from mdesign.crystals.composition import (
    ELEMENTS,
    Formula,
    element_fractions,
    format_formula,
    parse_formula,
    whole_amounts,
)
from mdesign.crystals.elements import (
    PROPERTIES,
    by_electronegativity,
    element_families,
    element_features,
    element_table,
)
from mdesign.crystals.features import FEATURE_NAMES, composition_features
from mdesign.crystals.fingerprint import site_fingerprints
from mdesign.crystals.graphs import CrystalGraphs, crystal_graphs, periodic_neighbours
from mdesign.crystals.hull import LowerHull, convex_hull_energy
from mdesign.crystals.structure import (
    Structure,
    format_cif,
    parse_cif,
    parse_poscar,
    read_cif,
    write_cif,
)
from mdesign.crystals.symmetry import Symmetry, find_symmetry, unique_sites

__all__ = [
    "ELEMENTS",
    "FEATURE_NAMES",
    "PROPERTIES",
    "CrystalGraphs",
    "Formula",
    "LowerHull",
    "Structure",
    "Symmetry",
    "by_electronegativity",
    "composition_features",
    "convex_hull_energy",
    "crystal_graphs",
    "element_families",
    "element_features",
    "element_fractions",
    "element_table",
    "find_symmetry",
    "format_cif",
    "format_formula",
    "parse_cif",
    "parse_formula",
    "parse_poscar",
    "periodic_neighbours",
    "read_cif",
    "site_fingerprints",
    "unique_sites",
    "whole_amounts",
    "write_cif",
]
