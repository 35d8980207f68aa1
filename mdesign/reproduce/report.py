"""What there is and what a run gave: for a terminal, as Markdown and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from mdesign import paths
from mdesign.reproduce.cache import Task
from mdesign.reproduce.comparison import HEAD, Row, counted
from mdesign.reproduce.outcome import Outcome, Status
from mdesign.reproduce.record import read_record
from mdesign.reproduce.seeds import aggregated

__all__ = [
    "claim_rows",
    "claims_markdown",
    "counts",
    "notebook_rows",
    "notebooks_table",
    "summary_table",
    "table",
    "write_json",
    "write_report",
]

_SHORT = ("order only", "contradicted")


def notebook_rows(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """List notebooks, with the state of their results in the profile of the tasks."""
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


def notebooks_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lay out notebooks on 80 columns, with the cost by profile."""
    profiles = [p for p in ("quick", "laptop", "paper") if any(p in row["seconds"] for row in rows)]
    width = max((len(row["id"]) for row in rows), default=0)
    head = [f"{profile:>7}" for profile in profiles]
    lines = [" ".join([f"{'notebook':<{width}}", *head, " state (quick)"])]
    for row in rows:
        costs = (f"{row['seconds'][p]:g} s" if p in row["seconds"] else "" for p in profiles)
        cells = [f"{cost:>7}" for cost in costs]
        lines.append(" ".join([f"{row['id']:<{width}}", *cells, f" {row['state']}"]))
        text = "; needs ".join([row["shows"], *filter(None, [", ".join(row["needs"])])])
        indent = " " * 4
        lines += textwrap.wrap(text, 79, initial_indent=indent, subsequent_indent=indent)
    return "\n".join(lines)


def claim_rows(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Rows of the records of notebooks, each with its notebook and profile, over their seeds."""
    records: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for task in tasks:
        if task.record.is_file():
            again = f"run again: mdesign reproduce {task.id} --force"
            records[task.id].append(read_record(task.record, again))
    return [
        {"notebook": one, "profile": found[0]["profile"], **row}
        for one, found in records.items()
        for row in aggregated(found)["rows"]
    ]


def claims_markdown(rows: Iterable[Mapping[str, Any]]) -> str:
    """Lay out claims as Markdown, with the reason of each interval; shortfalls are in bold."""
    head = ["notebook (profile)", *HEAD]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for content in rows:
        row = Row.of(content)
        claim, paper, accepted, ours, verdict = map(_cell, row.cells())
        accepted += f"<br><sub>{_cell(row.claim.reason)}</sub>"
        verdict = f"**{verdict}**" if row.verdict in _SHORT else verdict
        name = f"{content['notebook'].partition('/')[2]} ({content['profile']})"
        lines.append(f"| {' | '.join([name, claim, paper, accepted, ours, verdict])} |")
    return "\n".join(lines)


def counts(outcomes: Iterable[Outcome], rows: Sequence[Mapping[str, Any]]) -> str:
    """Sum up a run in one line.

    Examples
    --------
    >>> counts([Outcome("a/b", "done"), Outcome("a/c", "failed")], [])
    '2 notebooks: 1 done, 1 failed'
    """
    numbers = Counter(outcome.status for outcome in outcomes)
    total = numbers.total()
    ends = f"{total} notebook{'s' if total != 1 else ''}: {_statuses(numbers)}"
    return "; claims: ".join(filter(None, [ends, _verdicts(rows)]))


def summary_table(outcomes: Iterable[Outcome], rows: Sequence[Mapping[str, Any]]) -> Table:
    """One line a paper: how its notebooks ended, the verdicts, and the time they took."""
    papers: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        papers.setdefault(outcome.id.partition("/")[0], []).append(outcome)
    body = []
    for paper, ends in papers.items():
        own = [row for row in rows if row["notebook"].startswith(f"{paper}/")]
        minutes, seconds = divmod(round(sum(end.seconds for end in ends)), 60)
        time = f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
        text = _statuses(Counter(end.status for end in ends))
        body.append([paper, text, _verdicts(own), time])
    return table(["paper", "notebooks", "claims", "time"], body)


def write_report(
    folder: Path, profile: str, outcomes: Sequence[Outcome], rows: Sequence[Mapping[str, Any]]
) -> Path:
    """Write the full table of a run, ``report.md`` and ``report.json``; return the former."""
    write_json(folder / "report.json", profile, outcomes, rows)
    lines = [f"# Run in the profile {profile}", "", counts(outcomes, rows), ""]
    lines += ["| notebook | ended | time | message |", "|---|---|---:|---|"]
    for end in outcomes:
        lines.append(f"| {end.id} | {end.status} | {end.seconds:.0f} s | {_cell(end.message)} |")
    for paper in dict.fromkeys(row["notebook"].partition("/")[0] for row in rows):
        own = [row for row in rows if row["notebook"].startswith(f"{paper}/")]
        lines += ["", f"## {paper}: {_verdicts(own)}", "", claims_markdown(own)]
    path = folder / "report.md"
    with paths.written_whole(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_json(
    path: Path, profile: str, outcomes: Iterable[Outcome], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write how a run went."""
    content = {"profile": profile, "notebooks": list(map(asdict, outcomes)), "claims": list(rows)}
    with paths.written_whole(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> Table:
    """Lay out text for a terminal."""
    laid_out = Table(*head)
    for line in body:
        laid_out.add_row(*map(escape, line))
    return laid_out


def _statuses(numbers: Counter[Status]) -> str:
    return ", ".join(f"{number} {status}" for status, number in numbers.items())


def _verdicts(rows: Iterable[Mapping[str, Any]]) -> str:
    return counted(row["verdict"] for row in rows)


def _cell(text: str) -> str:
    """Text as a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", r"\|")
