"""Operators of symmetry that a CIF file states: made clear, or refused."""

from __future__ import annotations

from functools import cache
from typing import Any

import gemmi
import numpy as np

__all__ = ["settle_operators"]

_READ = {
    *("_symmetry_equiv_pos_as_xyz", "_space_group_symop_operation_xyz"),
    *("_symmetry_space_group_name_h-m", "_space_group_name_h-m_alt"),
    *("_symmetry_space_group_name_hall", "_space_group_name_hall"),
    *("_symmetry_int_tables_number", "_space_group_it_number"),
}
"""Tags of symmetry that are read; `_WITHOUT` say nothing of their own."""

_WITHOUT = {
    *("_symmetry_equiv_pos_site_id", "_space_group_symop_id", "_symmetry_cell_setting"),
    *("_space_group_crystal_system", "_space_group_bravais_type", "_space_group_laue_class"),
}
_BEGINNINGS = ("_symmetry", "_space_group", "_parent_space_group", "_atom_site_moment")
_MISSING = ("", "?", ".")

_DISTORTED = 0.02
"""Largest change of a metric by an operator, relative to its largest entry."""


def settle_operators(block: gemmi.cif.Block, small: gemmi.SmallStructure) -> None:
    """Set the group of a crystal from operators or names in its file.

    ValueError if these contradict one another or the cell, or leave open which operators are meant.
    """
    named = _named(small)
    if small.symops:
        operators = [gemmi.Op(text).wrap() for text in small.symops]
        _check_operators(operators, named)
    else:
        _check_others(block, named)
        if len(named) > 1:
            settings = ", ".join(group.xhm() for group in named)
            raise ValueError(f"the operators of symmetry must be stated; got one of {settings}")
        small.spacegroup = named[0] if named else gemmi.SpaceGroup(1)
        small.setup_cell_images()
        operators = list(small.spacegroup.operations())
    _check_metric(operators, small.cell)


def _named(small: gemmi.SmallStructure) -> list[gemmi.SpaceGroup]:
    """List the settings that all names in a file allow; none if it has no name."""
    cell = small.cell
    stated = {
        "name": small.spacegroup_hm.strip(),
        "Hall symbol": small.spacegroup_hall.strip(),
        "number": str(small.spacegroup_number or ""),
    }
    groups: list[gemmi.SpaceGroup] = []
    for kind, text in stated.items():
        if text in _MISSING:
            continue
        found = _by_name(text, cell.alpha, cell.gamma) if kind == "name" else _by_symbol(kind, text)
        if not found:
            raise ValueError(f"the space group must be known; got the {kind} {text}")
        numbers = {group.number for group in found}
        if groups and not numbers & {group.number for group in groups}:
            raise ValueError(
                f"the space group must be stated once; got {groups[0].xhm()} and the {kind} {text}"
            )
        # The symbols tell a setting, and the number does not.
        groups = groups if groups and kind == "number" else found
    return groups


@cache
def _by_symbol(kind: str, text: str) -> list[gemmi.SpaceGroup]:
    """List the settings of a group that a Hall symbol or a number allows."""
    groups = gemmi.spacegroup_table()
    if kind == "number":
        return [group for group in groups if str(group.number) == text]
    symbol = text.replace("_", " ")
    return [group for group in groups if group.hall.lower() == symbol.lower()]


def _by_name(text: str, alpha: float, gamma: float) -> list[gemmi.SpaceGroup]:
    """List the settings of a group that a name allows in a cell of these angles."""
    # Two suffixes of another database say the origin.
    for suffix, origin in ((" S", ":1"), (" Z", ":2")):
        if text.endswith(suffix):
            text = text.removesuffix(suffix) + origin
    # The angles tell rhombohedral from hexagonal axes.
    found = gemmi.find_spacegroup_by_name(text, alpha, gamma)
    if found is None or ":" in text or found.ext not in ("1", "2"):
        return [found] if found else []
    return [group for group in gemmi.spacegroup_table() if group.hm == found.hm]


def _check_operators(operators: list[gemmi.Op], named: list[gemmi.SpaceGroup]) -> None:
    """Refuse operators that make no group, or another one than is named."""
    if any(abs(abs(np.linalg.det(_rotation(operator))) - 1) > 1e-6 for operator in operators):
        raise ValueError("the operators of symmetry must keep volumes")
    found = gemmi.find_spacegroup_by_ops(gemmi.GroupOps(operators))
    if found is None:  # an unusual setting, or no group
        names = {operator.triplet() for operator in operators}
        if any((a * b).wrap().triplet() not in names for a in operators for b in operators):
            raise ValueError("the operators of symmetry must make a group")
    elif named and found.number not in {group.number for group in named}:
        raise ValueError(
            f"the operators of symmetry must be those of {named[0].xhm()}; got those of "
            f"{found.xhm()}"
        )


def _check_others(block: gemmi.cif.Block, named: list[gemmi.SpaceGroup]) -> None:
    """Refuse a file whose symmetry is stated by tags alone that are not read."""
    if named:
        return
    pairs: list[Any] = [item.pair for item in block if item.pair]
    loops = [item.loop for item in block if item.loop and item.loop.length()]
    pairs += [(tag, loop[0, column]) for loop in loops for column, tag in enumerate(loop.tags)]
    for tag, value in pairs:
        said = gemmi.cif.as_string(value).replace(" ", "") not in (*_MISSING, "P1", "1", "x,y,z")
        is_symmetry = tag.lower().startswith(_BEGINNINGS) and tag.lower() not in _READ | _WITHOUT
        if said and is_symmetry:
            raise ValueError(f"the symmetry must be stated by the usual tags; got {tag}")


def _check_metric(operators: list[gemmi.Op], cell: gemmi.UnitCell) -> None:
    """Refuse operators that change lengths or angles of the cell."""
    if len(operators) == 1:
        return
    vectors = np.array(cell.orth.mat.tolist())
    metric = vectors.T @ vectors
    for operator in operators:
        rotation = _rotation(operator)
        changed = rotation.T @ metric @ rotation - metric
        if not np.abs(changed).max() <= _DISTORTED * metric.max():
            raise ValueError(
                "the operators of symmetry must keep the cell; "
                f"{operator.triplet()} does not, with edges and angles {cell.parameters}"
            )


def _rotation(operator: gemmi.Op) -> np.ndarray:
    """Matrix of an operator, of fractional coordinates."""
    return np.array(operator.rot) / gemmi.Op.DEN
