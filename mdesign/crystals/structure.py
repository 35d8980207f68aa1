"""Crystal structures: a cell with its atoms, read from files of the CIF and POSCAR formats.

The rows of a lattice are its vectors. Positions are fractional: ``positions @ lattice`` is in Å.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product, takewhile
from math import gcd, isfinite
from pathlib import Path
from typing import Any

import gemmi
import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from mdesign import arguments, paths
from mdesign.crystals.composition import ELEMENTS, format_formula, parse_formula
from mdesign.crystals.elements import by_electronegativity
from mdesign.crystals.operators import settle_operators

__all__ = [
    "Structure",
    "format_cif",
    "parse_cif",
    "parse_poscar",
    "read_cif",
    "write_cif",
]

_CELL = (
    *(f"_cell_length_{edge}" for edge in "abc"),
    *(f"_cell_angle_{angle}" for angle in ("alpha", "beta", "gamma")),
)
_COORDINATES = tuple(f"_atom_site_fract_{axis}" for axis in "xyz")
_MISSING = ("", "?", ".")
_ORDERED: dict[str, Callable[[str], bool]] = {
    "occupancy": lambda value: abs(gemmi.cif.as_number(value) - 1) <= _FULL,
    "disorder_group": lambda value: value == "0",
    "disorder_assembly": lambda value: False,
    "calc_flag": lambda value: value != "dum",
}
"""What a site of an ordered crystal may say, where it says something."""

_FULL = 5e-3
"""An occupancy within this of 1 is full."""

_FORMULA = 5e-3
"""Largest difference of the share of an element from that of the stated formula."""

LEAST_DISTANCE = 0.5
"""Sites closer than this, in Å, are a mistake or disorder."""

_SYMBOL = re.compile(r"([A-Z][a-z]?)(?:[0-9]*[+-]|[+-][0-9]*)?")
_LABEL = re.compile(r"([A-Z][a-z]?)(?:[0-9'*(+-][^/]*)?")
_NUMBER_OF = {symbol: number for number, symbol in enumerate(ELEMENTS, start=1)}
_LEAST_VOLUME = 1e-3

_POTENTIAL = re.compile(r"[_/].*")
"""What VASP adds to a symbol to name a potential."""


@dataclass(frozen=True)
class Structure:
    """A crystal; ValueError if the cell has no volume, or the arrays do not fit.

    Parameters
    ----------
    lattice : array_like, shape (3, 3)
        Vectors of the cell, a row each, in Å.
    positions : array_like, shape (n, 3)
        Fractional coordinates of the atoms, in any cell of the crystal.
    numbers : array_like of int, shape (n,)
        Atomic numbers.

    Examples
    --------
    >>> salt = Structure(5.64 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])
    >>> salt.formula, round(salt.volume, 1)
    ('CsCl', 179.4)
    """

    lattice: Any
    positions: Any
    numbers: Any

    def __post_init__(self) -> None:
        lattice = arguments.array("lattice", self.lattice, "(3, 3)", "[-1e5, 1e5]")
        positions = arguments.array("positions", self.positions, "(n, 3)", "[-1e6, 1e6]")
        numbers = arguments.array("numbers", self.numbers, "(n,)", "[1, 118]", dtype=np.int64)
        if len(numbers) != len(positions) or not len(numbers):
            raise ValueError(
                "numbers must be one for each of the positions, at least one; "
                f"got {len(numbers)} for {len(positions)}"
            )
        volume = abs(_determinant(lattice))
        if volume < _LEAST_VOLUME * len(numbers):
            raise ValueError(
                f"lattice must have a volume of at least {_LEAST_VOLUME} Å^3 an atom; "
                f"got {volume:.3g} Å^3 for {len(numbers)} atoms"
            )
        object.__setattr__(self, "lattice", lattice)
        object.__setattr__(self, "positions", positions)
        object.__setattr__(self, "numbers", numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def symbols(self) -> list[str]:
        """Symbol of each atom."""
        return [ELEMENTS[number - 1] for number in self.numbers]

    @property
    def formula(self) -> str:
        """Formula of the cell, the most electronegative element last."""
        return format_formula(self._amounts())

    @property
    def reduced_formula(self) -> str:
        """Formula in the smallest whole numbers."""
        amounts = self._amounts()
        divisor = gcd(*amounts.values())
        return format_formula({symbol: count / divisor for symbol, count in amounts.items()})

    @property
    def volume(self) -> float:
        """Of the cell, in Å^3."""
        return abs(_determinant(self.lattice))

    def supercell(self, n: npt.ArrayLike) -> Structure:
        """Repeat the cell along its vectors.

        Parameters
        ----------
        n : array_like of int, shape (3,) or (3, 3)
            Number of cells along each vector, or the new vectors, a row each, in units of the old;
            their determinant is the number of cells.

        Raises
        ------
        ValueError
            If the new cell has no volume.
        """
        matrix = arguments.array("n", n, "(3,) or (3, 3)", dtype=np.int64)
        matrix = np.diag(matrix) if matrix.ndim == 1 else matrix
        cells = abs(round(float(np.linalg.det(matrix))))
        if not cells:
            raise ValueError(f"n must be vectors of a cell with a volume; got {matrix.tolist()}")
        shifts = _points_of_cell(matrix)
        positions = (self.positions[:, np.newaxis] + shifts) @ np.linalg.inv(matrix)
        return Structure(
            matrix @ self.lattice, positions.reshape(-1, 3), np.repeat(self.numbers, cells)
        )

    def equivalents(self, rng: np.random.Generator) -> dict[str, Structure]:
        """Describe the same crystal in other ways, none of which may change a property.

        Returns
        -------
        dict of str to Structure
            With another order of the atoms, orientation, origin, cell of the same volume, and cell
            of twice the volume, by the name of what is changed.
        """
        order, turn = rng.permutation(len(self)), Rotation.random(rng=rng).as_matrix()
        return {
            "order": Structure(self.lattice, self.positions[order], self.numbers[order]),
            "orientation": Structure(self.lattice @ turn, self.positions, self.numbers),
            "origin": Structure(self.lattice, self.positions + rng.random(3), self.numbers),
            "cell": self.supercell([[1, 0, 0], [2, 1, 0], [-1, 1, 1]]),
            "supercell": self.supercell([2, 1, 1]),
        }

    def _amounts(self) -> dict[str, int]:
        """Atoms of each element in the cell, the most electronegative element last."""
        counts = np.bincount(self.numbers)
        symbols = by_electronegativity([ELEMENTS[z - 1] for z in np.flatnonzero(counts)])
        return {symbol: int(counts[_NUMBER_OF[symbol]]) for symbol in symbols}


def read_cif(path: str | Path) -> Structure:
    """Read the crystal of a CIF file, with all atoms of its cell.

    Parameters
    ----------
    path : str or pathlib.Path
        A file with one data block that has atoms. Operators of symmetry are applied, or those of
        the named space group; without either, the atoms listed are all.

    Returns
    -------
    Structure

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not in the format, a value is missing, a site is not fully occupied by one element
        or disordered, or the symmetry is not clear; the message names the file, and the site.
    """
    content = Path(path).read_bytes()
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    return parse_cif(text.rstrip("\x1a"), name=str(path))


def parse_cif(text: str, *, name: str = "text") -> Structure:
    """Read the crystal of a text in the CIF format, as `read_cif` does of a file.

    Examples
    --------
    >>> salt = Structure(4.12 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])
    >>> parse_cif(format_cif(salt)).symbols
    ['Cs', 'Cl']
    """
    arguments.text(name, text)
    try:
        block = _only_block(text)
        _check_cell(block)
        small = gemmi.make_small_structure_from_block(block)
        _check_order(block)
        numbers = _numbers_of_sites(small)
        settle_operators(block, small)
        sites = small.get_all_unit_cell_sites()
        structure = Structure(
            np.array(small.cell.orth.mat.tolist()).T,
            np.array([site.fract.tolist() for site in sites]),
            [numbers[site.type_symbol] for site in sites],
        )
        _check_apart(structure, [site.label for site in sites])
        _check_formula(structure, block)
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"{name} must be one ordered crystal in the CIF format: {error}") from None
    return structure


def format_cif(structure: Structure) -> str:
    """Write a crystal in the CIF format, without symmetry: all atoms of the cell are listed."""
    lengths = np.linalg.norm(structure.lattice, axis=1)
    unit = structure.lattice / lengths[:, np.newaxis]
    cosines = [unit[1] @ unit[2], unit[0] @ unit[2], unit[0] @ unit[1]]
    values = [*lengths, *np.degrees(np.arccos(cosines))]
    lines = [
        f"data_{structure.formula}",
        *(f"{key} {value:.10f}" for key, value in zip(_CELL, values, strict=True)),
        "_space_group_name_H-M_alt 'P 1'",
        *("loop_", "_space_group_symop_operation_xyz", "'x, y, z'"),
        *("loop_", "_atom_site_label", "_atom_site_type_symbol"),
        *_COORDINATES,
        "_atom_site_occupancy",
    ]
    for row, (symbol, place) in enumerate(
        zip(structure.symbols, structure.positions, strict=True), start=1
    ):
        lines.append(f"{symbol}{row} {symbol} " + " ".join(f"{x:.10f}" for x in place) + " 1")
    return "\n".join(lines) + "\n"


def write_cif(structure: Structure, path: str | Path) -> None:
    """Write a crystal to a CIF file, see `format_cif`."""
    with paths.written_whole(Path(path)) as temporary:
        temporary.write_text(format_cif(structure), encoding="utf-8")


def parse_poscar(text: str, *, name: str = "text") -> Structure:
    """Read the crystal of a text in the POSCAR format of VASP, with the line of symbols.

    Raises
    ------
    ValueError
        If the text is not in that format, or has no line of symbols.
    """
    lines = [line.split() for line in arguments.text(name, text).splitlines()]
    try:
        lattice = np.array([[float(x) for x in line[:3]] for line in lines[2:5]])
        scales = _scales(lines[1], lattice)
        lattice = lattice * scales
        symbols = [_POTENTIAL.sub("", word) for word in lines[5]]
        counts = [int(word) for word in takewhile(str.isdigit, lines[6])]
        numbers = np.repeat([_NUMBER_OF[symbol] for symbol in symbols], _as_many(counts, symbols))
        first = 8 if lines[7][0][0] in "sS" else 7
        kind = lines[first][0][0].lower()
        rows = list(takewhile(bool, lines[first + 1 :]))
        positions = np.array([[float(x) for x in line[:3]] for line in _as_many(rows, numbers)])
        if kind not in "dck":
            raise ValueError(f"coordinates must be direct or Cartesian; got {lines[first][0]}")
        if kind != "d":
            positions = positions * scales @ np.linalg.inv(lattice)
        return Structure(lattice, positions, numbers)
    except (ValueError, IndexError, KeyError, ZeroDivisionError, np.linalg.LinAlgError) as error:
        raise ValueError(
            f"{name} must be in the POSCAR format of VASP, with the symbols in line 6: {error}"
        ) from None


def _scales(words: list[str], lattice: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Factors of the three coordinates: three, or one; a negative one is the volume of the cell."""
    factors = np.array([float(word) for word in words[:3]])
    if len(factors) == 1 and factors[0] < 0:
        return (-factors / abs(_determinant(lattice))) ** (1 / 3)
    if len(factors) == 2 or not (factors > 0).all():
        raise ValueError(f"the scale must be one number, or three positive ones; got {words}")
    return factors


def _as_many(values: Any, others: Any) -> Any:
    """Return values if they are as many as others."""
    if len(values) != len(others):
        raise ValueError(f"numbers of symbols, counts and rows must fit; got {values}")
    return values


def _determinant(lattice: npt.NDArray[np.float64]) -> float:
    """Signed volume of a cell."""
    (a, b, c), (d, e, f), (g, h, i) = lattice.tolist()
    return a * (e * i - f * h) + b * (f * g - d * i) + c * (d * h - e * g)


def _points_of_cell(matrix: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Lattice points in the cell of a matrix of whole numbers, as many as its determinant."""
    corners = np.array(list(product((0, 1), repeat=3))) @ matrix
    ranges = (np.arange(a, b + 1) for a, b in zip(corners.min(0), corners.max(0), strict=True))
    points = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)
    fractions = points @ np.linalg.inv(matrix)
    # Points on the faces count on the lower side; fractions are multiples of 1/determinant.
    slack = 0.5 / abs(np.linalg.det(matrix))
    return points[((fractions > -slack) & (fractions < 1 - slack)).all(axis=1)]


def _only_block(text: str) -> gemmi.cif.Block:
    """Find the only block that has atoms."""
    document = gemmi.cif.read_string(text)
    blocks = [block for block in document if all(map(block.find_loop, _COORDINATES))]
    if len(blocks) != 1:
        names = [block.name for block in document]
        raise ValueError(
            "it must have one block with fractional coordinates of atoms; "
            f"got {len(blocks)} such of the blocks {names}"
        )
    return blocks[0]


def _check_cell(block: gemmi.cif.Block) -> None:
    """Refuse a cell that is not stated in full: gemmi takes edges of 1 Å instead."""
    for key in _CELL:
        value = block.find_value(key)
        if value is None or not gemmi.cif.as_number(value) > 0:
            raise ValueError(f"{key} must be a positive number; got {value}")


def _check_order(block: gemmi.cif.Block) -> None:
    """Refuse disorder by what is written, of which gemmi reads a part as nothing."""
    for kind, rule in _ORDERED.items():
        column = list(block.find_values(f"_atom_site_{kind}"))
        for raw in set(column):
            value = gemmi.cif.as_string(raw)
            if value not in _MISSING and not rule(value):
                labels = block.find_values("_atom_site_label")
                site = labels[column.index(raw)] if len(labels) else column.index(raw) + 1
                raise ValueError(
                    f"site {site} must be ordered, one element in full; got {kind} {value}"
                )


def _numbers_of_sites(small: gemmi.SmallStructure) -> dict[str, int]:
    """Atomic number by type of site."""
    for site in small.sites:
        if not isfinite(sum(site.fract.tolist())):
            raise ValueError(f"site {site.label}: the coordinates must be numbers")
    labels = {site.type_symbol: site.label for site in small.sites}
    return {kind: _number_of(label, kind) for kind, label in labels.items()}


def _number_of(label: str, kind: str) -> int:
    """Atomic number of a site; gemmi takes the label for the type where none is stated."""
    found = _SYMBOL.fullmatch(kind) or (_LABEL.fullmatch(label) if kind == label else None)
    if found is None or found[1] not in _NUMBER_OF:
        raise ValueError(f"site {label} must be of an element; got {kind}")
    return _NUMBER_OF[found[1]]


def _check_apart(structure: Structure, labels: list[str]) -> None:
    """Refuse atoms on one another, of which one is too many."""
    apart = structure.positions[:, np.newaxis] - structure.positions
    vectors = (apart - np.rint(apart)) @ structure.lattice
    near = np.triu((vectors**2).sum(axis=-1) < LEAST_DISTANCE**2, k=1)
    if near.any():
        first, second = np.argwhere(near)[0]
        raise ValueError(
            f"sites must be at least {LEAST_DISTANCE} Å apart; got {labels[first]} and "
            f"{labels[second]} at {np.linalg.norm(vectors[first, second]):.2f} Å"
        )


def _check_formula(structure: Structure, block: gemmi.cif.Block) -> None:
    """Refuse atoms that are not those of the formula that is stated."""
    stated = gemmi.cif.as_string(block.find_value("_chemical_formula_sum") or "?")
    try:
        wanted = parse_formula(stated)
    except ValueError:
        return  # none, or not of elements alone
    found = Counter(structure.symbols)
    total, atoms = sum(wanted.values()), len(structure)
    if any(
        abs(wanted.get(symbol, 0) / total - found.get(symbol, 0) / atoms) > _FORMULA
        for symbol in {*wanted, *found}
    ):
        raise ValueError(
            f"the atoms must be those of the formula {stated}; got {structure.formula}"
        )
