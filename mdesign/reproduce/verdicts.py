"""Verdicts of the published records, as README.md and figures/<paper>/README.md show them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mdesign import papers, paths
from mdesign.reproduce.comparison import counted
from mdesign.reproduce.record import read_record
from mdesign.reproduce.report import claims_markdown
from mdesign.reproduce.tables import tables_markdown

__all__ = ["pages", "published", "refresh", "with_verdicts"]

# <!-- counts gidn -->40 reproduced<!-- end --> in a line, or tables between such lines.
_BLOCK = re.compile(r"(<!-- (counts|verdicts|tables) (\w+) -->)(.*?)(<!-- end -->)", re.DOTALL)
_RESTORE = "restore the committed one"
_NOTEBOOKS = {1: "tab1_tab3_data1", 2: "tab2_tab4_data2"}  # by data set, of gan_mdn


def published(figures: Path, paper: str) -> list[dict[str, Any]]:
    """Rows of the published records of a paper, each with its notebook and profile."""
    files = (figures / paper).glob("*.json")
    records = [read_record(path, _RESTORE) for path in files]
    return [
        {"notebook": record["id"], "profile": record["profile"], **row}
        for record in sorted(records, key=lambda record: record["id"])
        for row in record["rows"]
    ]


def with_verdicts(text: str, figures: Path) -> str:
    """Fill the marked blocks of a page from the published records."""

    def filled(match: re.Match[str]) -> str:
        start, kind, paper, _, end = match.groups()
        if kind == "tables":
            return f"{start}\n{_tables(figures / paper)}\n{end}"
        rows = published(figures, paper)
        content = _counts(paper, rows) if kind == "counts" else f"\n{claims_markdown(rows)}\n"
        return f"{start}{content}{end}"

    return _BLOCK.sub(filled, text)


def _tables(folder: Path) -> str:
    """Tables of the paper with their published records."""
    files = {number: folder / f"{name}.json" for number, name in _NOTEBOOKS.items()}
    return tables_markdown(
        {number: read_record(path, _RESTORE) for number, path in files.items() if path.is_file()}
    )


def _counts(paper: str, rows: list[dict[str, Any]]) -> str:
    """Count the verdicts of a paper, and the claims that came after the published runs."""
    known = papers.claims(paper) if paper in papers.known_papers() else {}
    judged = {f"{row['notebook'].partition('/')[2]}.{row['name']}" for row in rows}
    waiting = len(set(known) - judged)
    later = f"{waiting} not yet run" if waiting else ""
    return ", ".join(filter(None, [counted(row["verdict"] for row in rows), later]))


def pages(root: Path) -> list[Path]:
    """Pages of a checkout that show verdicts."""
    return [root / "README.md", *sorted((root / "figures").glob("*/README.md"))]


def refresh(root: Path) -> list[Path]:
    """Fill the marked blocks of all pages; return the pages that changed."""
    changed = []
    for page in pages(root):
        text = page.read_text(encoding="utf-8")
        new = with_verdicts(text, root / "figures")
        if new != text:
            with paths.written_whole(page) as temporary:
                temporary.write_text(new, encoding="utf-8")
            changed.append(page)
    return changed
