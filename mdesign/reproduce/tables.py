"""Relative errors of inverse methods as a table, ours beside the published ones."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy.typing as npt

from mdesign.papers.gan_mdn import PublishedRow

__all__ = ["ErrorRow", "ErrorTable", "duration"]

_COLUMNS = ("target", "min REP", "average REP", "sd of REP", "time")
_DASH = "–"


class ErrorRow(Protocol):
    """Relative errors of the candidates of one method for one target, as fractions."""

    @property
    def target(self) -> float:
        """The wanted property."""

    @property
    def values(self) -> npt.NDArray:
        """Property of each candidate."""

    @property
    def minimum(self) -> float:
        """Smallest relative error."""

    @property
    def mean(self) -> float:
        """Average relative error."""

    @property
    def deviation(self) -> float:
        """Standard deviation of the relative errors."""

    @property
    def seconds(self) -> float:
        """Time to find the candidates."""


@dataclass(frozen=True)
class ErrorTable:
    """Minimum, average and deviation of the relative errors, and time, by method and target.

    Parameters
    ----------
    title : str
        Heading.
    ours : mapping of str to sequence of ErrorRow
        Rows of each method by its name. A row with a single candidate has no average.
    published : mapping of str to mapping of float to PublishedRow
        What the paper prints, by method and target; empty for a method or target it lacks.

    Raises
    ------
    ValueError
        If there is no method, or one without rows.
    """

    title: str
    ours: Mapping[str, Sequence[ErrorRow]]
    published: Mapping[str, Mapping[float, PublishedRow]]

    def __post_init__(self) -> None:
        if not self.ours or not all(self.ours.values()):
            raise ValueError(
                "ours must have at least one method, each with rows; "
                f"got { {name: len(rows) for name, rows in self.ours.items()} }"
            )

    def cells(self) -> dict[str, list[tuple[str, ...]]]:
        """Rows by method: the target, then ours and the paper's of each column in turn."""
        return {
            method: [
                _cells(row, self.published.get(method, {}).get(row.target))
                for row in sorted(rows, key=lambda row: row.target)
            ]
            for method, rows in self.ours.items()
        }

    def __repr__(self) -> str:
        head = _heads()
        lines = [head, *(row for rows in self.cells().values() for row in rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [self.title, _line(head, widths)]
        for method, rows in self.cells().items():
            text += [method, *(_line(row, widths) for row in rows)]
        return "\n".join(text)

    def _repr_markdown_(self) -> str:
        head = _heads()
        lines = [f"**{self.title}**", "", _bar(head), "|---|" + "---:|" * (len(head) - 1)]
        for method, rows in self.cells().items():
            lines.append(_bar((f"**{method}**", *[""] * (len(head) - 1))))
            lines += [_bar(row) for row in rows]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        upper = "".join(f'<th colspan="2">{name}</th>' for name in _COLUMNS[1:])
        lower = "<th>ours</th><th>paper</th>" * (len(_COLUMNS) - 1)
        body = []
        for method, rows in self.cells().items():
            span = 2 * len(_COLUMNS) - 1
            name = html.escape(method)
            body.append(f'<tr><th colspan="{span}" style="text-align:left">{name}</th></tr>')
            body += [
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                for row in rows
            ]
        return (
            f'<p>{html.escape(self.title)}</p><table><thead><tr><th rowspan="2">target</th>{upper}'
            f"</tr><tr>{lower}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )


def duration(seconds: float) -> str:
    """Write a time in milliseconds, seconds or hours.

    Examples
    --------
    >>> duration(0.004), duration(9.75), duration(15840)
    ('4 ms', '9.75 s', '4.4 h')
    """
    if seconds < 1:
        return f"{1000 * seconds:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 1800 else f"{seconds / 3600:.3g} h"


def _heads() -> tuple[str, ...]:
    return (_COLUMNS[0], *(text for name in _COLUMNS[1:] for text in (name, "paper")))


def _cells(row: ErrorRow, published: PublishedRow | None) -> tuple[str, ...]:
    several = len(row.values) > 1
    ours = [row.minimum, row.mean if several else None, row.deviation if several else None]
    pairs = [
        (_percent(None if mine is None else 100 * mine), _percent(other))
        for mine, other in zip(ours, _published(published), strict=True)
    ]
    times = (duration(row.seconds), duration(published.seconds) if published else _DASH)
    return (f"{row.target:.2f}", *(text for pair in pairs for text in pair), *times)


def _published(row: PublishedRow | None) -> tuple[float | None, float | None, float | None]:
    return (row.minimum, row.mean, row.deviation) if row else (None, None, None)


def _percent(value: float | None) -> str:
    return _DASH if value is None else f"{value:.2f} %"


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(map(str.rjust, texts, widths)).rstrip()


def _bar(texts: Sequence[str]) -> str:
    return "| " + " | ".join(texts) + " |"
