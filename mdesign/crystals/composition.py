"""Chemical formulas: amounts and fractions of the elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum, inf, isfinite
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.arguments import number, text

__all__ = [
    "ELEMENTS",
    "Formula",
    "check_fractions",
    "check_symbols",
    "element_fractions",
    "format_formula",
    "parse_formula",
    "whole_amounts",
]

_PERIODS = """
    H He
    Li Be B C N O F Ne
    Na Mg Al Si P S Cl Ar
    K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
    Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe
    Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn
    Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
"""

ELEMENTS: tuple[str, ...] = tuple(_PERIODS.split())
"""Symbols of the 118 elements; the element of atomic number Z has the index Z - 1."""

Formula = str | Mapping[str, float]
"""A formula, such as ``"SrTiO3"``, or amounts by symbol, such as ``{"Sr": 1, "Ti": 1, "O": 3}``."""

_KNOWN = frozenset(ELEMENTS)
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_AMOUNT = r"[0-9]+(?:\.[0-9]+|/[0-9]+)?"
_TOKEN = re.compile(
    rf"(?P<open>[(\[{{])|\s+|(?:(?P<symbol>[A-Z][a-z]?)|(?P<close>[)\]}}]))(?P<amount>{_AMOUNT})?"
)
_LEAD = re.compile(rf"\s*(?P<amount>{_AMOUNT})?\s*")
_DOTS = frozenset("·•⋅∙*")
_CLOSES = {"(": ")", "[": "]", "{": "}"}
# A full stop after the amount of an element: a decimal point or a hydrate?
_WATER = re.compile(r"[A-Za-z)\]}][0-9]*(?P<stop>\.)[0-9]*\s*(H2O|OH2)\s*$")

Amounts = dict[str, list[float]]


def parse_formula(formula: str) -> dict[str, float]:
    """Read a chemical formula.

    Parameters
    ----------
    formula : str
        Symbols with amounts, which may be decimal or a fraction: ``"Fe2O3"``, ``"Li0.5CoO2"``,
        ``"CaSO4·1/2H2O"``. Brackets may be nested: ``"K4[Fe(CN)6]"``. A raised dot or an asterisk
        joins parts, each with its number in front: ``"CuSO4·5H2O"``, ``"2MgO·SiO2"``; a full stop
        is a decimal point. Unicode subscripts, and spaces between symbols, are allowed.

    Returns
    -------
    dict of str to float
        Amount of each element, in the order in which they first occur.

    Raises
    ------
    ValueError
        If something cannot be read, a symbol is not that of an element, or an amount is zero; the
        message gives the formula and the position, from 1.

    Examples
    --------
    >>> parse_formula("CuSO4·5H2O")
    {'Cu': 1.0, 'S': 1.0, 'O': 9.0, 'H': 10.0}
    """
    return _Text("formula", text("formula", formula)).amounts()


def element_fractions(
    formulas: Iterable[Formula], elements: Sequence[str] = ELEMENTS
) -> npt.NDArray[np.float64]:
    """Atomic fraction of each element in each formula.

    Parameters
    ----------
    formulas : iterable of str or of mapping of str to float
        A list or the column of a table, of what `parse_formula` takes, or of amounts by symbol.
    elements : sequence of str, optional
        Symbols of the columns, all 118 by default.

    Returns
    -------
    ndarray, shape (n, len(elements))
        Each row has the sum 1. It depends neither on the order of the elements in the formula nor
        on how a formula is grouped.

    Raises
    ------
    ValueError
        If a formula cannot be read or has an element that is not among `elements`; the message
        names it.

    Examples
    --------
    >>> element_fractions(["TiO2", {"Ti": 3, "O": 1}], ["O", "Ti"])
    array([[0.66666667, 0.33333333],
           [0.25      , 0.75      ]])
    """
    if isinstance(formulas, str | bytes | Mapping) or not isinstance(formulas, Iterable):
        raise TypeError(f"formulas must be a sequence of formulas; got {formulas!r}")
    formulas = list(formulas)
    elements = check_symbols("elements", elements)
    column = {symbol: index for index, symbol in enumerate(elements)}
    fractions = np.zeros((len(formulas), len(elements)))
    for row, formula in enumerate(formulas):
        amounts = _amounts(f"formulas[{row}]", formula)
        total = _total(amounts.values())
        for symbol, amount in amounts.items():
            if symbol not in column:
                raise ValueError(
                    f"formulas[{row}] must be of the elements {', '.join(elements)}; "
                    f"got {formula!r} with {symbol}"
                )
            fractions[row, column[symbol]] = amount / total
    return fractions


def check_symbols(name: str, symbols: Any, among: Sequence[str] = ELEMENTS) -> tuple[str, ...]:
    """Return different symbols, at least one, of the elements `among` which they must be."""
    if isinstance(symbols, str) or not isinstance(symbols, Sequence) or isinstance(symbols, bytes):
        raise TypeError(f"{name} must be a sequence of symbols; got {symbols!r}")
    if not all(isinstance(symbol, str) for symbol in symbols):
        raise TypeError(f"{name} must be texts; got {list(symbols)}")
    if not symbols or len(set(symbols)) < len(symbols) or not set(symbols) <= set(among):
        which = "of elements" if among is ELEMENTS else f"among {', '.join(among)}"
        raise ValueError(f"{name} must be different symbols {which}; got {list(symbols)}")
    return tuple(symbols)


def check_fractions(
    name: str, value: Any, n_elements: int | None = None, *, tolerance: float = 1e-6
) -> npt.NDArray[np.float64]:
    """Return fractions (n, n_elements), each row of the sum 1; None for any number of elements."""
    points = arguments.array(name, value, f"(n, {n_elements or 'm'})", "[0, 1]")
    if not points.shape[1]:
        raise ValueError(f"{name} must have a column an element; got none")
    off = np.abs(points.sum(axis=1) - 1) > tolerance
    if off.any():
        row = int(np.flatnonzero(off)[0])
        raise ValueError(f"{name} must add up to 1; got {points[row].sum():g} in row {row}")
    return points


def format_formula(amounts: Mapping[str, float]) -> str:
    """Write amounts by symbol as a formula, from which `parse_formula` reads the same numbers.

    Examples
    --------
    >>> format_formula({"Li": 0.5, "Co": 1, "O": 2})
    'Li0.5CoO2'
    """
    checked = _checked("amounts", amounts)
    return "".join(
        symbol + ("" if amount == 1 else np.format_float_positional(amount, trim="-"))
        for symbol, amount in checked.items()
    )


def whole_amounts(
    fractions: npt.ArrayLike, *, largest: int = 200, tolerance: float = 2e-4
) -> npt.NDArray[np.int64]:
    """Write compositions in the smallest whole numbers.

    Parameters
    ----------
    fractions : array_like, shape (n, m)
        Fractions of m elements; they may be rounded.
    largest : int, optional
        Largest total number of atoms to try.
    tolerance : float, optional
        Largest error of a fraction; rounding to four digits may give 1e-4 to 2e-4.

    Returns
    -------
    ndarray of int, shape (n, m)
        Of each row the amounts with the smallest total that give all fractions.

    Raises
    ------
    ValueError
        If a row has no such amounts.

    Examples
    --------
    >>> whole_amounts([[0.5556, 0.2222, 0.2222], [1.0, 0.0, 0.0]])
    array([[5, 2, 2],
           [1, 0, 0]])
    """
    shares = arguments.array("fractions", fractions, "(n, m)", "[0, 1]")
    largest = arguments.whole("largest", largest)
    tolerance = arguments.number("tolerance", tolerance, "(0, 1)")
    # Few of the elements are in a compound: their fractions stand in the first columns.
    rows, columns = np.nonzero(shares)
    first = np.searchsorted(rows, np.arange(len(shares)))
    places = np.arange(len(rows)) - first[rows]
    present = np.zeros((len(shares), places.max(initial=-1) + 1))
    present[rows, places] = shares[rows, columns]
    found = np.zeros(present.shape, np.int64)
    left = np.arange(len(shares))
    for total in range(1, largest + 1):
        wanted = present[left]
        of_total = np.rint(wanted * total)
        good = np.abs(of_total / total - wanted).max(axis=1, initial=0) <= tolerance
        good &= (of_total.sum(axis=1) == total) & ((of_total > 0) == (wanted > 0)).all(axis=1)
        found[left[good]] = of_total[good]
        left = left[~good]
    if left.size:
        raise ValueError(
            f"fractions must be those of whole numbers of up to {largest} atoms, see largest; got "
            f"{', '.join(f'{share:g}' for share in shares[left[0]] if share)} in row {left[0]}"
        )
    amounts = np.zeros(shares.shape, np.int64)
    amounts[rows, columns] = found[rows, places]
    return amounts


def _amounts(name: str, formula: Any) -> dict[str, float]:
    """Amounts of a formula in either form."""
    if isinstance(formula, str):
        return _Text(name, text(name, formula)).amounts()
    return _checked(name, formula)


def _checked(name: str, amounts: Any) -> dict[str, float]:
    """Amounts by symbol, each positive and finite, at least one."""
    if not isinstance(amounts, Mapping):
        raise TypeError(f"{name} must be a formula or amounts by symbol; got {amounts!r}")
    if not amounts:
        raise ValueError(f"{name} must have an element; got none")
    for symbol in amounts:
        if symbol not in _KNOWN:
            raise ValueError(f"{name} must be keyed by symbols of elements; got {symbol!r}")
    return {
        symbol: number(f"{name}[{symbol!r}]", amount, "(0, inf)")
        for symbol, amount in amounts.items()
    }


@dataclass(frozen=True)
class _Text:
    """A formula to read, and the name of the argument for messages."""

    name: str
    formula: str

    @cached_property
    def plain(self) -> str:
        """The formula without subscripts, position by position."""
        return self.formula.translate(_SUBSCRIPTS)

    def amounts(self) -> dict[str, float]:
        """Read part by part; the sums do not depend on the order of the terms."""
        if water := _WATER.search(self.plain):
            raise self._refusal(water.start("stop"), "write a hydrate with ·, not with a full stop")
        summed: Amounts = {}
        position = 0
        while True:
            lead = cast("re.Match[str]", _LEAD.match(self.plain, position))
            part, position = self._part(lead.end())
            _add(summed, part, self._amount(lead))
            if position == len(self.plain):
                break
            position += 1
        amounts = {symbol: _total(terms) for symbol, terms in summed.items()}
        if not isfinite(_total(amounts.values())):
            raise ValueError(f"{self.name} must have finite amounts; got {self.formula!r}")
        return amounts

    def _part(self, position: int) -> tuple[Amounts, int]:
        """Read up to a raised dot or the end: the amounts, and the position where it stops."""
        groups: list[Amounts] = [{}]
        opened: list[int] = []
        while position < len(self.plain) and self.plain[position] not in _DOTS:
            token = _TOKEN.match(self.plain, position)
            if token is None:
                raise self._refusal(position, f"{self.plain[position]!r} cannot be read")
            if symbol := token["symbol"]:
                if symbol not in _KNOWN:
                    raise self._refusal(position, f"no element is {symbol!r}")
                _add(groups[-1], {symbol: [1.0]}, self._amount(token))
            elif token["open"]:
                opened.append(position)
                groups.append({})
            elif token["close"]:
                if not opened or _CLOSES[self.plain[opened.pop()]] != token["close"]:
                    raise self._refusal(position, f"{token['close']!r} closes nothing")
                if not (group := groups.pop()):
                    raise self._refusal(position, "there is nothing between the brackets")
                _add(groups[-1], group, self._amount(token))
            position = token.end()
        if opened:
            raise self._refusal(opened[-1], f"{self.plain[opened[-1]]!r} is not closed")
        if not groups[0]:
            raise self._refusal(position, "an element is missing")
        return groups[0], position

    def _amount(self, token: re.Match[str]) -> float:
        """Value of the number at the end of a token, 1 where there is none."""
        if token["amount"] is None:
            return 1.0
        over, _, under = token["amount"].partition("/")
        value = float(over) / (float(under or "1") or inf)
        if not 0 < value < inf:
            raise self._refusal(token.start("amount"), f"{token['amount']} is no amount")
        return value

    def _refusal(self, position: int, why: str) -> ValueError:
        """Say what cannot be read, and where."""
        return ValueError(
            f"{self.name} must be a chemical formula; got {self.formula!r}: {why}, at position "
            f"{position + 1}"
        )


def _add(into: Amounts, part: Mapping[str, list[float]], times: float) -> None:
    """Add the terms of a part, a number of times."""
    for symbol, terms in part.items():
        into.setdefault(symbol, []).extend(times * term for term in terms)


def _total(terms: Iterable[float]) -> float:
    """Sum whose rounding does not depend on the order, infinite beyond the largest number."""
    try:
        return fsum(terms)
    except OverflowError:
        return inf
