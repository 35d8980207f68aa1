"""Crystals: elements, compositions and their convex hulls."""

from __future__ import annotations

from mdesign.crystals.composition import (
    ELEMENTS,
    Formula,
    element_fractions,
    format_formula,
    parse_formula,
    whole_amounts,
)
from mdesign.crystals.elements import PROPERTIES, by_electronegativity, element_table
from mdesign.crystals.features import FEATURE_NAMES, composition_features
from mdesign.crystals.hull import LowerHull, convex_hull_energy

__all__ = [
    "ELEMENTS",
    "FEATURE_NAMES",
    "PROPERTIES",
    "Formula",
    "LowerHull",
    "by_electronegativity",
    "composition_features",
    "convex_hull_energy",
    "element_fractions",
    "element_table",
    "format_formula",
    "parse_formula",
    "whole_amounts",
]
