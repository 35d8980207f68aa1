"""Published numbers: one module a paper, each number with its place, tolerance and reason."""

from __future__ import annotations

import pkgutil
import re
from ast import literal_eval
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from typing import Literal, cast, get_args

from mdesign.arguments import choice, number, text

__all__ = ["Claim", "Relation", "Verdict", "claims", "claims_of", "known_papers", "read_claims"]

Relation = Literal["about", "at least", "at most"]
Verdict = Literal["reproduced", "not reproduced"]

_ROW = re.compile(
    r"(?P<name>\w+) \| (?P<relation>about|at least|at most) (?P<value>\S+)(?: (?P<unit>\S+))?"
    r" \| (?P<tolerance>\S+)(?P<absolute> absolute)? \| (?P<where>.+)"
)


@dataclass(frozen=True)
class Claim:
    """One claim of a paper, and how near a reproduction has to come.

    Parameters
    ----------
    statement : str
        The claim in one line.
    value : float
        The published number, in `unit`. A claim without a number is put as one: a ratio of at
        most 1, a share of at least some percent.
    where : str
        Figure, table, equation or section.
    relation : {"about", "at least", "at most"}
        How our number has to stand to `value`.
    tolerance : float
        What is allowed on the wrong side of `value`: a fraction of it, or a number in `unit`
        if `absolute` is set or `value` is zero.
    reason : str
        Why this tolerance.
    unit : str, optional
        Unit of `value`; empty for a pure number.
    absolute : bool, optional
        Read `tolerance` in `unit` instead of as a fraction of `value`.

    Raises
    ------
    ValueError
        If a number is not finite, the tolerance negative, the relation unknown, or a text
        missing.

    Examples
    --------
    >>> claim = Claim("mean", 1.86, "Section 2.3", "about", 0.02, "standard error")
    >>> claim.verdict(1.87), claim.verdict(2.0)
    ('reproduced', 'not reproduced')
    """

    statement: str
    value: float
    where: str
    relation: Relation
    tolerance: float
    reason: str
    unit: str = ""
    absolute: bool = False

    def __post_init__(self) -> None:
        for name in ("statement", "where", "reason"):
            text(name, getattr(self, name))
        number("value", self.value)
        number("tolerance", self.tolerance, "[0, inf)")
        choice("relation", self.relation, get_args(Relation))
        if not (isinstance(self.unit, str) and isinstance(self.absolute, bool)):
            raise TypeError(
                f"unit must be a text and absolute a bool; got {self.unit!r} and {self.absolute!r}"
            )

    @property
    def margin(self) -> float:
        """The tolerance in the unit of `value`."""
        if self.absolute or self.value == 0:
            return self.tolerance
        return self.tolerance * abs(self.value)

    def verdict(self, ours: float) -> Verdict:
        """Judge whether our number, in `unit`, stands in `relation` to `value`.

        Raises ValueError if it is not finite.
        """
        ours = number("ours", ours)
        excess = ours - self.value
        # Decimal fractions such as 0.29 - 0.28 are off by an ulp of the numbers subtracted.
        margin = self.margin + 1e-12 * max(abs(ours), abs(self.value))
        holds = {
            "about": abs(excess) <= margin,
            "at least": excess >= -margin,
            "at most": excess <= margin,
        }[self.relation]
        return "reproduced" if holds else "not reproduced"


def known_papers() -> list[str]:
    """Names of the papers with published numbers here, sorted."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in names if not name.startswith("_"))


def read_claims(by_notebook: Mapping[str, str]) -> dict[str, Claim]:
    """Read the claims that notebooks check, each a row, its statement and a reason.

    Parameters
    ----------
    by_notebook : mapping of str to str
        Claims by notebook. A row reads ``name | relation value unit | tolerance | where``, the
        unit being optional, and the tolerance followed by ``absolute`` where it is. The statement
        and, after ``--``, the reason of the tolerance stand in the lines below.

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
    ... mean | about 1.86 | 0.02 | Section 2.3
    ...     Mean toughness of random designs
    ...     -- standard error
    ... '''
    >>> read_claims({"fig5": text})["fig5.mean"].value
    1.86
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
    columns, (statement, dashes, reason) = _ROW.fullmatch(row), below.partition(" -- ")
    if columns is None or not dashes:
        form = "'name | relation value unit | tolerance | where', statement -- reason"
        raise ValueError(f"a claim must read {form}; got {row!r}, {below!r}")
    return columns["name"], Claim(
        statement,
        literal_eval(columns["value"]),
        columns["where"],
        cast(Relation, columns["relation"]),
        literal_eval(columns["tolerance"]),
        reason,
        columns["unit"] or "",
        columns["absolute"] is not None,
    )


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
    'minimum_value'
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
