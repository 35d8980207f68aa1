"""The table of verdicts of the published figures, as the README shows it."""

from __future__ import annotations

import json
from pathlib import Path

from mdesign.reproduce.record import Comparison, Row

__all__ = ["published", "verdict_table"]


def published(figures: Path, paper: str) -> list[Comparison]:
    """Read the published records of a paper.

    Parameters
    ----------
    figures : pathlib.Path
        Folder of the published figures.
    paper : str
        Key of the paper.

    Returns
    -------
    list of Comparison
        Sorted by notebook.
    """
    records = [json.loads(path.read_text("utf-8")) for path in (figures / paper).glob("*.json")]
    found = [
        Comparison(one["id"], one["profile"], tuple(Row(**row) for row in one["rows"]))
        for one in records
    ]
    return sorted(found, key=lambda one: one.notebook)


def verdict_table(figures: Path, paper: str) -> str:
    """Lay out *claim, paper, ours, verdict* of all published records of a paper as Markdown.

    Parameters
    ----------
    figures : pathlib.Path
        Folder of the published figures.
    paper : str
        Key of the paper.

    Returns
    -------
    str
        A line with the count, and the table; what is not reproduced is set in bold.
    """
    rows = [(one, row) for one in published(figures, paper) for row in one.rows]
    held = sum(row.verdict == "reproduced" for _, row in rows)
    lines = [
        f"{held} of {len(rows)} claims reproduced.",
        "",
        "| notebook (profile) | claim | paper | ours | verdict |",
        "|---|---|---|---|---|",
    ]
    for one, row in rows:
        claim, paper_value, ours, verdict = (cell.replace("|", r"\|") for cell in row.cells())
        verdict = verdict if verdict == "reproduced" else f"**{verdict}**"
        name = f"{one.notebook.partition('/')[2]} ({one.profile})"
        lines.append(f"| {name} | {claim} | {paper_value} | {ours} | {verdict} |")
    return "\n".join(lines)
