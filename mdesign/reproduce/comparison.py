"""Claims beside our numbers, as a table and as the rows of a record."""

from __future__ import annotations

import html
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from math import inf, isfinite
from typing import Any

from mdesign import papers
from mdesign.papers import Claim, Verdict

__all__ = ["HEAD", "Comparison", "Row", "counted"]

#: Columns of a table of claims.
HEAD = ("claim", "paper", "accepted", "ours", "verdict")
_ORDER: tuple[Verdict, ...] = (
    "reproduced",
    "better",
    "order only",
    "contradicted",
    "not comparable",
)
_DASH = "–"


@dataclass(frozen=True)
class Row:
    """One claim beside our numbers.

    Parameters
    ----------
    name : str
        Key of the claim within its notebook.
    claim : Claim
        The claim.
    ours : mapping of int to float
        Our number by seed, in the unit of the claim.
    baselines : mapping of str to float, optional
        Numbers of rival methods, the median over the seeds.
    """

    name: str
    claim: Claim
    ours: Mapping[int, float]
    baselines: Mapping[str, float] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """Median over the seeds."""
        return statistics.median(self.ours.values())

    @property
    def verdict(self) -> Verdict:
        """Verdict on the median."""
        return self.claim.verdict(self.median)

    def cells(self) -> tuple[str, ...]:
        """Write the columns of `HEAD`."""
        claim = self.claim
        paper = _DASH if claim.value is None else _with_unit(_number(claim.value), claim.unit)
        accepted = _interval(claim.accepted, claim.unit)
        if claim.order is not None:
            accepted += f"; order {_interval(claim.order, claim.unit)}"
        verdict = f"{self.verdict}: {claim.differs}" if claim.differs else self.verdict
        return claim.statement, paper, accepted, self._ours(), verdict

    def content(self) -> dict[str, Any]:
        """Convert to what JSON holds; open ends of intervals are null."""
        claim = asdict(self.claim)
        for name in ("accepted", "order"):
            if claim[name] is not None:
                claim[name] = [end if isfinite(end) else None for end in claim[name]]
        return {
            "name": self.name,
            "claim": claim,
            "ours": {str(seed): value for seed, value in self.ours.items()},
            "median": self.median,
            "verdict": self.verdict,
            "baselines": dict(self.baselines),
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Row:
        """Read a row of a record."""
        claim = dict(content["claim"])
        for name in ("accepted", "order"):
            if claim[name] is not None:
                low, high = claim[name]
                claim[name] = (-inf if low is None else low, inf if high is None else high)
        ours = {int(seed): value for seed, value in content["ours"].items()}
        return cls(content["name"], Claim(**claim), ours, content["baselines"])

    def _ours(self) -> str:
        """Median, range over seeds, and the baselines that are better."""
        unit, values = self.claim.unit, list(self.ours.values())
        text = _with_unit(_number(self.median), unit)
        if len(values) > 1:
            text += f" ({_number(min(values))} to {_number(max(values))}, {len(values)} seeds)"
        better = {
            name: rival
            for name, rival in self.baselines.items()
            if self.claim.beats(rival, self.median)
        }
        said = (f"{name} {_with_unit(_number(rival), unit)}" for name, rival in better.items())
        return f"{text}; better: {', '.join(said)}" if better else text


@dataclass(frozen=True)
class Comparison:
    """Claims beside our numbers; a notebook shows them as a table.

    Parameters
    ----------
    notebook, profile : str
        Identifier ``"<paper>/<notebook>"``, and the profile that was run.
    rows : tuple of Row
        One row a claim.
    """

    notebook: str
    profile: str
    rows: tuple[Row, ...]

    @classmethod
    def of(
        cls,
        notebook: str,
        profile: str,
        ours: Mapping[str, Mapping[int, float]],
        baselines: Mapping[str, Mapping[str, float]],
    ) -> Comparison:
        """Set our numbers, by claim and seed, beside the claims, in the order of the paper."""
        claims = papers.claims_of(notebook)
        if unknown := sorted(set(ours) - set(claims)):
            raise ValueError(
                f"ours must be keyed by claims of {notebook}: {sorted(claims)}; got {unknown}"
            )
        if unknown := sorted(set(baselines) - set(ours)):
            raise ValueError(
                f"baselines must be keyed by claims that stand in ours: {sorted(ours)}; "
                f"got {unknown}"
            )
        rows = tuple(
            Row(name, claim, ours[name], baselines.get(name, {}))
            for name, claim in claims.items()
            if name in ours
        )
        return cls(notebook, profile, rows)

    def __repr__(self) -> str:
        if not self.rows:
            return self._title()
        cells = [HEAD, *map(Row.cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)
        return "\n".join([self._title(), *lines])

    def _repr_markdown_(self) -> str:
        if not self.rows:
            return self._title()
        lines = [HEAD, ["---"] * len(HEAD), *map(Row.cells, self.rows)]
        bars = (" | ".join(cell.replace("|", r"\|") for cell in line) for line in lines)
        return "\n".join([self._title(), "", *(f"| {bar} |" for bar in bars)])

    def _repr_html_(self) -> str:
        title = f"<p>{html.escape(self._title())}</p>"
        if not self.rows:
            return title
        head = "".join(f"<th>{name}</th>" for name in HEAD)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row.cells()) + "</tr>"
            for row in self.rows
        )
        return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _title(self) -> str:
        found = counted(row.verdict for row in self.rows) or "no number to compare"
        return f"{self.notebook}, profile {self.profile}: {found}"


def counted(verdicts: Iterable[str]) -> str:
    """Count verdicts.

    Examples
    --------
    >>> counted(["contradicted", "reproduced", "contradicted"])
    '1 reproduced, 2 contradicted'
    """
    numbers = Counter(verdicts)
    return ", ".join(f"{numbers[verdict]} {verdict}" for verdict in _ORDER if numbers[verdict])


def _interval(ends: tuple[float, float], unit: str) -> str:
    """Write an interval with its unit."""
    low, high = ends
    if low == high:
        return _with_unit(_number(low), unit)
    if isfinite(low) and isfinite(high):
        return _with_unit(f"{_number(low)} to {_number(high)}", unit)
    sign, end = ("≥", low) if isfinite(low) else ("≤", high)
    return _with_unit(f"{sign} {_number(end)}", unit)


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}" if unit else text


def _number(value: float) -> str:
    """Five significant digits, large numbers without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.5g}"
