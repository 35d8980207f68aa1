"""Relative errors of inverse methods as a table, ours beside the published ones."""

from __future__ import annotations

import html
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy.typing as npt

from mdesign.arguments import whole
from mdesign.papers.gan_mdn import CELLS, QUANTITIES, TABLES, cell_name, published_rows
from mdesign.reproduce.comparison import counted

__all__ = ["Cells", "ErrorRow", "ErrorTable", "duration", "table_cells", "tables_markdown"]

Cells = Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]]
"""Our numbers by method, target (``"0.55"``) and quantity: REP in percent, times in seconds."""

_SHORT = {"minimum": "min REP", "mean": "average REP", "deviation": "sd of REP", "seconds": "time"}
_ERROR, _RATIO = "error of labels", "average REP over random"
_DASH = "–"
_NAMES = {1: "Data-I", 2: "Data-II"}


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


def table_cells(rows: Iterable[ErrorRow]) -> dict[str, dict[str, list[float]]]:
    """Numbers of a method by target and quantity: one for each row of a target, in order.

    A single candidate has neither an average nor a deviation.
    """
    cells: dict[str, dict[str, list[float]]] = {}
    for row in sorted(rows, key=lambda row: row.target):
        quantities = QUANTITIES if len(row.values) > 1 else ("minimum", "seconds")
        of_target = cells.setdefault(f"{row.target:.2f}", {name: [] for name in quantities})
        for name in quantities:
            scale = 1 if name == "seconds" else 100
            of_target[name].append(scale * float(getattr(row, name)))
    return cells


@dataclass(frozen=True)
class ErrorTable:
    """Minimum, average and deviation of the relative errors, and time, by method and target.

    Ours are the median, and the range in brackets where there are several numbers; the sign ≈ marks
    a median in the accepted interval of the published number.

    Parameters
    ----------
    data_set : {1, 2}
        Data-I with Tables 1 and 3 of the paper, or Data-II with Tables 2 and 4.
    cells : mapping
        Our numbers; `table_cells` gives those of a method.
    context : mapping
        By target, in percent of it: ``"error of the labels"``, and ``"random"``, the average REP of
        random draws, over which the last column states each average REP.

    Raises
    ------
    ValueError
        If there is no such data set or no method.
    """

    data_set: int
    cells: Cells
    context: Mapping[str, Mapping[str, float]]

    def __post_init__(self) -> None:
        whole("data_set", self.data_set, "[1, 2]")
        if not self.cells:
            raise ValueError("cells must have at least one method; got none")

    def rows(self) -> dict[str, list[tuple[str, ...]]]:
        """Rows by method: target, error of the labels, the paper's number and ours by column."""
        return {
            method: [self._row(method, float(target)) for target in targets]
            for method, targets in self.cells.items()
        }

    def verdicts(self) -> list[str]:
        """Verdicts on the medians, one for each published number that has one of ours beside it."""
        judged = (self._median(*key) for key in self._keys())
        return [
            CELLS[self.data_set][cell_name(*key)].verdict(median)
            for key, median in zip(self._keys(), judged, strict=True)
        ]

    def n_near(self) -> int:
        """Count the medians in the accepted interval of the published number."""
        return sum(self._is_near(*key) for key in self._keys())

    def __repr__(self) -> str:
        head, rows = _heads(), self.rows()
        lines = [head, *(row for of_method in rows.values() for row in of_method)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [self._title(), _line(head, widths)]
        for method, of_method in rows.items():
            text += [method, *(_line(row, widths) for row in of_method)]
        return "\n".join(text)

    def _repr_markdown_(self) -> str:
        head = _heads()
        lines = [f"**{self._title()}**", "", _bar(head), "|---|" + "---:|" * (len(head) - 1)]
        for method, rows in self.rows().items():
            lines.append(_bar((f"**{method}**", *[""] * (len(head) - 1))))
            lines += [_bar(row) for row in rows]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        upper = "".join(f'<th colspan="2">{name}</th>' for name in _SHORT.values())
        lower = "<th>paper</th><th>ours</th>" * len(_SHORT)
        body = []
        for method, rows in self.rows().items():
            name = html.escape(method)
            span = f'<th colspan="{len(_heads())}" style="text-align:left">{name}</th>'
            body.append(f"<tr>{span}</tr>")
            body += [
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                for row in rows
            ]
        return (
            f"<p>{html.escape(self._title())}</p><table><thead><tr>"
            f'<th rowspan="2">target</th><th rowspan="2">{_ERROR}</th>{upper}'
            f'<th rowspan="2">{_RATIO}</th></tr><tr>{lower}</tr></thead>'
            f"<tbody>{''.join(body)}</tbody></table>"
        )

    def _title(self) -> str:
        return f"Tables {self.data_set} and {self.data_set + 2}, {_NAMES[self.data_set]}"

    def _keys(self) -> list[tuple[str, float, str]]:
        """List method, target and quantity of the published numbers that have ours beside them."""
        return [
            (method, float(target), quantity)
            for method, targets in self.cells.items()
            for target, quantities in targets.items()
            for quantity in quantities
            if cell_name(method, float(target), quantity) in CELLS[self.data_set]
        ]

    def _median(self, method: str, target: float, quantity: str) -> float:
        return statistics.median(self.cells[method][f"{target:.2f}"][quantity])

    def _is_near(self, method: str, target: float, quantity: str) -> bool:
        claim = CELLS[self.data_set].get(cell_name(method, target, quantity))
        if claim is None:
            return False
        low, high = claim.accepted
        return low <= self._median(method, target, quantity) <= high

    def _row(self, method: str, target: float) -> tuple[str, ...]:
        published = published_rows(self.data_set, method).get(target)
        context = self.context[f"{target:.2f}"]
        texts = [f"{target:.2f}", _percent(context["error of the labels"])]
        for quantity in QUANTITIES:
            write = duration if quantity == "seconds" else _percent
            printed = getattr(published, quantity, None)
            numbers = self.cells[method][f"{target:.2f}"].get(quantity, [])
            ours = _spread(numbers, write) if numbers else _DASH
            near = "≈ " if numbers and self._is_near(method, target, quantity) else ""
            texts += [_DASH if printed is None else write(printed), near + ours]
        average = self.cells[method][f"{target:.2f}"].get("mean")
        ratio = f"{statistics.median(average) / context['random']:.2f}" if average else _DASH
        return (*texts, ratio)


def tables_markdown(records: Mapping[int, Mapping[str, Any]]) -> str:
    """Lay out Tables 1 to 4 from the records of their notebooks, over all their seeds.

    Parameters
    ----------
    records : mapping of int to mapping
        Published records by data set, 1 or 2; one whose ``results`` have no ``cells`` counts as not
        yet run.
    """
    tables = [
        ErrorTable(data_set, _pooled(record), record["results"]["context"])
        for data_set, record in sorted(records.items())
        if "cells" in record["results"]
    ]
    printed = sum(len(cells) for cells in CELLS.values())
    verdicts = [verdict for table in tables for verdict in table.verdicts()]
    missing = printed - len(verdicts)
    said = ", ".join(filter(None, [counted(verdicts), f"{missing} not yet run" * bool(missing)]))
    count = (
        f"Verdicts on the {printed} printed numbers, each with an interval of 5 %: {said}. "
        f"Marked by ≈, {sum(table.n_near() for table in tables)} of our medians lie within 5 % of "
        "the paper's number."
    )
    return "\n\n".join([count, *(table._repr_markdown_() for table in tables)])


def _pooled(record: Mapping[str, Any]) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Join the cells of all seeds of a record: the paper's methods, baselines, then variants."""
    first, *others = (one["results"]["cells"] for one in [record, *record.get("other_seeds", [])])
    published = list(TABLES[1])
    own = sorted(set(first) - set(published), key=lambda name: ("," in name, name))
    return {
        method: {
            target: {
                quantity: sum((one[method][target][quantity] for one in others), numbers)
                for quantity, numbers in first[method][target].items()
            }
            for target in sorted(first[method])
        }
        for method in [*published, *own]
    }


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


def _spread(numbers: Sequence[float], write: Callable[[float], str]) -> str:
    """Median, and range of several numbers."""
    median, least, largest = (
        write(number) for number in (statistics.median(numbers), min(numbers), max(numbers))
    )
    return median if len(numbers) == 1 else f"{median} ({least.removesuffix(' %')} to {largest})"


def _heads() -> tuple[str, ...]:
    pairs = (text for name in _SHORT.values() for text in (f"{name}, paper", "ours"))
    return ("target", _ERROR, *pairs, _RATIO)


def _percent(value: float) -> str:
    return f"{value:.2f} %"


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(map(str.rjust, texts, widths)).rstrip()


def _bar(texts: Sequence[str]) -> str:
    return "| " + " | ".join(texts) + " |"
