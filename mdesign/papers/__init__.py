"""Published claims: one module a paper, each claim with its place, accepted interval and reason."""

from __future__ import annotations

import pkgutil
import re
from ast import literal_eval
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from math import inf, isnan
from typing import Literal, cast, get_args

from mdesign.arguments import choice, number, text

__all__ = ["Claim", "Kind", "Verdict", "claims", "claims_of", "known_papers", "read_claims"]

Kind = Literal["value", "order", "trend"]
Verdict = Literal["reproduced", "better", "order only", "contradicted", "not comparable"]
Side = Literal["", "above", "below"]
Interval = tuple[float, float]

_FORM = (
    "'name | kind | number unit | accepted | where', statement -- reason, and where it is not "
    "comparable !! why"
)
_ROW = re.compile(
    r"(?P<name>\w+) \| (?P<kind>\w+) \| (?P<number>[^\s|]+)(?: (?P<unit>\S+))?"
    r" \| (?P<accepted>[^,|]+)(?:, better (?P<better>above|below))?"
    r"(?:, order (?P<order>[^,|]+))? \| (?P<where>.+)"
)
_WITHIN = re.compile(r"within (?P<size>\S+)(?P<percent> %)?")


@dataclass(frozen=True)
class Claim:
    """A sentence of a paper that a reproduction could contradict, and what is accepted for it.

    Parameters
    ----------
    statement : str
        The claim in one line.
    kind : {"value", "order", "trend"}
        A number, an order (A is better than B), or a sign or shape.
    value : float or None
        The number that the paper prints, in `unit`; None where it prints none.
    accepted : tuple of float
        Interval of our number, in `unit`, that reproduces the claim; an end may be infinite.
    where : str
        Figure, table, equation or section.
    reason : str
        Where the interval comes from.
    unit : str, optional
        Unit of all numbers; empty for a pure number.
    better : {"", "above", "below"}, optional
        Side of the interval on which our number is better than the paper's, in the direction in
        which the paper's own method should be good; empty if there is no such side.
    order : tuple of float, optional
        Interval in which at least the order or the sign is that of the paper.
    differs : str, optional
        What of physics, data or definition differs from the paper. The numbers are then not
        comparable; an `order`, if given, still is.

    Raises
    ------
    ValueError
        If a number is not finite, an interval empty, a choice unknown, or a text missing.

    Examples
    --------
    >>> claim = Claim("mean", "value", 1.86, (1.80, 1.92), "Section 2.3", "standard error")
    >>> claim.verdict(1.87), claim.verdict(2.0)
    ('reproduced', 'contradicted')
    """

    statement: str
    kind: Kind
    value: float | None
    accepted: Interval
    where: str
    reason: str
    unit: str = ""
    better: Side = ""
    order: Interval | None = None
    differs: str = ""

    def __post_init__(self) -> None:
        for name in ("statement", "where", "reason"):
            text(name, getattr(self, name))
        choice("kind", self.kind, get_args(Kind))
        choice("better", self.better, get_args(Side))
        if self.value is not None:
            number("value", self.value)
        for name in ("accepted", "order"):
            interval = getattr(self, name)
            if interval is not None:
                object.__setattr__(self, name, _interval(name, interval))
        if not (isinstance(self.unit, str) and isinstance(self.differs, str)):
            raise TypeError(
                f"unit and differs must be texts; got {self.unit!r} and {self.differs!r}"
            )

    def verdict(self, ours: float) -> Verdict:
        """Judge our number, in `unit`; ValueError if it is not finite."""
        ours = number("ours", ours)
        ordered = self.order is not None and _holds(self.order, ours)
        if self.differs and self.order is None:
            return "not comparable"
        if self.differs:
            return "order only" if ordered else "contradicted"
        if _holds(self.accepted, ours):
            return "reproduced"
        beyond = {"above": ours > self.accepted[1], "below": ours < self.accepted[0]}
        if beyond.get(self.better, False):
            return "better"
        return "order only" if ordered else "contradicted"

    def beats(self, rival: float, ours: float) -> bool:
        """Whether the number of a rival method is better than ours.

        Raises ValueError if the claim has neither a better side nor an interval with one open end.
        """
        rival, ours = number("rival", rival), number("ours", ours)
        is_open = {"above": self.accepted[1] == inf, "below": self.accepted[0] == -inf}
        sides = [self.better] if self.better else [side for side in is_open if is_open[side]]
        if len(sides) != 1:
            raise ValueError(f"{self.statement!r} does not say which side is better")
        return rival > ours if sides == ["above"] else rival < ours


def _interval(name: str, ends: Interval) -> Interval:
    """Check an interval, whose ends may be infinite."""
    if not (isinstance(ends, tuple) and len(ends) == 2):
        raise TypeError(f"{name} must be a pair of numbers; got {ends!r}")
    low, high = map(float, ends)
    if isnan(low) or isnan(high) or low > high or (low, high) == (-inf, inf):
        raise ValueError(f"{name} must be an interval with an end; got {ends}")
    return low, high


def _holds(interval: Interval, ours: float) -> bool:
    """Whether an interval holds a number, but for the rounding of decimal fractions."""
    low, high = interval
    return low - 1e-12 * abs(low) <= ours <= high + 1e-12 * abs(high)


def known_papers() -> list[str]:
    """Names of the papers with published numbers here, sorted."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in names if not name.startswith("_"))


def read_claims(by_notebook: Mapping[str, str]) -> dict[str, Claim]:
    """Read the claims that notebooks check, each a row, its statement and a reason.

    Parameters
    ----------
    by_notebook : mapping of str to str
        Claims by notebook. A row reads ``name | kind | number unit | accepted | where``, the unit
        being optional, and the number ``-`` where the paper prints none. `accepted` reads
        ``A to B``, ``at least A``, ``at most B``, ``within 5 %`` of the number or ``within 0.1``
        of it in the unit; ``, better above`` or ``below`` and ``, order at least A`` may follow.
        The lines below hold the statement, after ``--`` the reason of the interval, and after
        ``!!`` why the claim is not comparable.

    Returns
    -------
    dict of str to Claim
        Keyed ``"<notebook that checks it>.<name>"``.

    Raises
    ------
    ValueError
        If a row cannot be read, or two have one name.

    Examples
    --------
    >>> text = '''
    ... mean | value | 1.86 | 1.80 to 1.92, order at least 1 | Section 2.3
    ...     Mean toughness of random designs
    ...     -- standard error
    ... '''
    >>> read_claims({"fig5": text})["fig5.mean"].accepted
    (1.8, 1.92)
    """
    if not isinstance(by_notebook, Mapping):
        raise TypeError(f"by_notebook must be a mapping of texts; got {by_notebook!r}")
    keyed: dict[str, Claim] = {}
    for notebook, rows_of_notebook in by_notebook.items():
        said = text(f"by_notebook[{notebook!r}]", rows_of_notebook)
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        rows = [number for number, line in enumerate(lines) if " | " in line]
        if 0 not in rows:
            raise ValueError(
                f"by_notebook[{notebook!r}] must begin with a row of a claim; got {lines[:1]}"
            )
        for row, following in pairwise([*rows, len(lines)]):
            name, claim = _read_claim(lines[row], " ".join(lines[row + 1 : following]))
            if f"{notebook}.{name}" in keyed:
                raise ValueError(f"names must differ; got {name!r} twice in {notebook}")
            keyed[f"{notebook}.{name}"] = claim
    return keyed


def _read_claim(row: str, below: str) -> tuple[str, Claim]:
    """Read one claim, its row and the lines below."""
    said, _, differs = below.partition(" !! ")
    columns, (statement, dashes, reason) = _ROW.fullmatch(row), said.partition(" -- ")
    if columns is None or not dashes:
        raise ValueError(f"a claim must read {_FORM}; got {row!r}, {below!r}")
    value = None if columns["number"] == "-" else _float(columns["number"], row)
    order = columns["order"]
    return columns["name"], Claim(
        statement,
        cast(Kind, columns["kind"]),
        value,
        _accepted(columns["accepted"], value, row),
        columns["where"],
        reason,
        columns["unit"] or "",
        cast(Side, columns["better"] or ""),
        _accepted(order, value, row) if order else None,
        differs,
    )


def _accepted(words: str, value: float | None, row: str) -> Interval:
    """Read an interval in words."""
    match words.split():
        case ["at", "least", low]:
            return _float(low, row), inf
        case ["at", "most", high]:
            return -inf, _float(high, row)
        case [low, "to", high]:
            return _float(low, row), _float(high, row)
    within = _WITHIN.fullmatch(words)
    if within is None or value is None:
        raise ValueError(f"a claim must read {_FORM}; got the interval {words!r} in {row!r}")
    size = _float(within["size"], row)
    margin = abs(value) * size / 100 if within["percent"] else size
    return value - margin, value + margin


def _float(word: str, row: str) -> float:
    """Read a number of a row."""
    try:
        return float(literal_eval(word))
    except (ValueError, SyntaxError, TypeError) as error:
        raise ValueError(
            f"a claim must read {_FORM}; got {word!r} for a number in {row!r}"
        ) from error


def claims(paper: str) -> dict[str, Claim]:
    """All claims of one paper.

    Parameters
    ----------
    paper : str
        Name of the paper, such as ``"gidn"``.

    Returns
    -------
    dict of str to Claim
        Keyed ``"<notebook>.<name>"``, where the notebook is the one that checks the claim.

    Raises
    ------
    ValueError
        If the paper is unknown.
    """
    choice("paper", paper, known_papers())
    return dict(import_module(f"{__name__}.{paper}").CLAIMS)


def claims_of(notebook: str) -> dict[str, Claim]:
    """Claims that one notebook checks.

    Parameters
    ----------
    notebook : str
        Identifier ``"<paper>/<notebook>"``, such as ``"gidn/fig2_peaks"``.

    Returns
    -------
    dict of str to Claim
        Keyed by the name after the dot; empty for a notebook that checks none.

    Raises
    ------
    ValueError
        If the identifier has no such form or the paper is unknown.

    Examples
    --------
    >>> sorted(claims_of("gidn/fig2_peaks"))[0]
    'accuracy'
    """
    paper, separator, name = text("notebook", notebook).partition("/")
    if not separator or not name or "/" in name:
        raise ValueError(f'notebook must read "<paper>/<notebook>"; got {notebook!r}')
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): claim
        for key, claim in claims(paper).items()
        if key.startswith(prefix)
    }
