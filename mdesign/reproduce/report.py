"""Tables of what there is and of what was found, for a terminal and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from mdesign import paths
from mdesign.reproduce.cache import Task
from mdesign.reproduce.outcome import Outcome
from mdesign.reproduce.record import Row

__all__ = [
    "claim_rows",
    "claims_table",
    "counts",
    "notebook_rows",
    "notebooks_table",
    "table",
    "write_json",
]

_HELD = "reproduced"


def notebook_rows(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """List notebooks.

    Parameters
    ----------
    tasks : iterable of Task
        The notebooks, with the values of the profile of which the state is asked.

    Returns
    -------
    list of dict
        Keys: id, shows, needs, data, seconds (by profile), state.
    """
    return [
        {
            "id": task.id,
            "shows": task.notebook.shows,
            "needs": list(task.notebook.needs),
            "data": list(task.notebook.data),
            "seconds": dict(task.notebook.seconds),
            "state": task.state,
        }
        for task in tasks
    ]


def notebooks_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay out notebooks, with one column of seconds a profile.

    Parameters
    ----------
    rows : sequence of mapping
        From `notebook_rows`.

    Returns
    -------
    rich.table.Table
        One line a notebook.
    """
    profiles = list(dict.fromkeys(profile for row in rows for profile in row["seconds"]))
    body = [
        [
            row["id"],
            row["shows"],
            ", ".join(row["needs"]),
            *(f"{row['seconds'][p]:g} s" if p in row["seconds"] else "" for p in profiles),
            row["state"],
        ]
        for row in rows
    ]
    return table(["notebook", "shows", "needs", *profiles, "state (quick)"], body)


def claim_rows(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Read what notebooks recorded.

    Parameters
    ----------
    tasks : iterable of Task
        Notebooks whose results are up to date.

    Returns
    -------
    list of dict
        One a claim: the row of the record, with the notebook and its profile.
    """
    found: list[dict[str, Any]] = []
    for task in tasks:
        if task.record.is_file():
            record = json.loads(task.record.read_text(encoding="utf-8"))
            whose = {"notebook": task.id, "profile": record["profile"]}
            found.extend({**whose, **row} for row in record["rows"])
    return found


def claims_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay out claims.

    Parameters
    ----------
    rows : sequence of mapping
        From `claim_rows`.

    Returns
    -------
    rich.table.Table
        Columns notebook, claim, paper, ours, verdict.
    """
    names = {field.name for field in fields(Row)}
    claims = [Row(**{name: row[name] for name in names}) for row in rows]
    body = [[row["notebook"], *claim.cells()] for row, claim in zip(rows, claims, strict=True)]
    return table(["notebook", "claim", "paper", "ours", "verdict"], body)


def counts(outcomes: Iterable[Outcome], rows: Sequence[Mapping[str, Any]]) -> str:
    """Sum up a run in one line.

    Parameters
    ----------
    outcomes : iterable of Outcome
        How the notebooks ended.
    rows : sequence of mapping
        From `claim_rows`.

    Returns
    -------
    str
        Such as ``"3 notebooks: 2 done, 1 failed; 5 of 6 claims reproduced"``.

    Examples
    --------
    >>> counts([Outcome("a/b", "done"), Outcome("a/c", "failed")], [])
    '2 notebooks: 1 done, 1 failed; 0 of 0 claims reproduced'
    """
    found = Counter(outcome.status for outcome in outcomes)
    parts = ", ".join(f"{number} {status}" for status, number in found.items())
    held = sum(row["verdict"] == _HELD for row in rows)
    total = found.total()
    return (
        f"{total} notebook{'s' if total != 1 else ''}: {parts}; "
        f"{held} of {len(rows)} claims reproduced"
    )


def write_json(
    path: Path,
    profile: str,
    outcomes: Iterable[Outcome],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Write how a run went.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    profile : str
        Name of the profile.
    outcomes : iterable of Outcome
        How the notebooks ended.
    rows : sequence of mapping
        From `claim_rows`.
    """
    content = {"profile": profile, "notebooks": list(map(asdict, outcomes)), "claims": list(rows)}
    with paths.written_whole(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> Table:
    """Lay out text.

    Parameters
    ----------
    head : sequence of str
        Titles of the columns.
    body : iterable of sequence of str
        The lines.

    Returns
    -------
    rich.table.Table
        The table.
    """
    laid_out = Table(*head)
    for line in body:
        laid_out.add_row(*map(escape, line))
    return laid_out
