"""One record of several runs of a notebook that differ in their seed."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from mdesign.reproduce.comparison import Row
from mdesign.reproduce.record import plain

__all__ = ["aggregated"]


def aggregated(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put the records of the seeds of one notebook into one.

    Its rows have our numbers of all seeds. All else is that of the first seed; the records of the
    other seeds are kept, without their rows, as ``"other_seeds"``.
    """
    first, *others = records
    if not others:
        return dict(first)
    rows = zip(*(map(Row.of, record["rows"]) for record in records), strict=True)
    without = ({k: v for k, v in record.items() if k != "rows"} for record in others)
    return {
        **first,
        "rows": [plain("rows", _over_seeds(row).content()) for row in rows],
        "other_seeds": list(without),
    }


def _over_seeds(rows: Sequence[Row]) -> Row:
    """Join the rows of one claim."""
    first = rows[0]
    ours = {seed: value for row in rows for seed, value in row.ours.items()}
    baselines = {
        name: statistics.median(row.baselines[name] for row in rows if name in row.baselines)
        for name in first.baselines
    }
    return Row(first.name, first.claim, ours, baselines)
