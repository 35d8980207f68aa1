"""Put the figures and numbers of full runs among the committed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mdesign import paths
from mdesign.reproduce.cache import Task
from mdesign.reproduce.record import as_text, read_record
from mdesign.reproduce.seeds import aggregated

__all__ = ["RANKS", "publish"]

#: Profiles whose results are published; a higher one is never replaced by a lower one.
RANKS = {"laptop": 1, "paper": 2}


def publish(tasks: Sequence[Task], figures: Path) -> str:
    """Copy what the up-to-date runs of a notebook left, one run a seed, the numbers last.

    The figures are those of the first seed, the numbers those of all. Nothing is written for the
    quick profile, and over a result of a higher profile, or of the same profile with more seeds.
    Returns why nothing was written although the profile is one that is published; else "".
    """
    first = tasks[0]
    if first.profile not in RANKS or not all(task.record.is_file() for task in tasks):
        return ""
    again = f"run again: mdesign reproduce {first.id} --force"
    record = aggregated([read_record(task.record, again) for task in tasks])
    folder = figures / first.notebook.paper
    if not all(map(_is_clean, [record, *record.get("other_seeds", [])])):
        return "not published: the run does not come from a clean commit"
    if _rank(record) < _published(folder / first.record.name):
        return "not published: the published result has more seeds or a higher profile"
    for source in first.produced():
        if source != first.record:
            _write(folder / source.name, source.read_bytes())
    _write(folder / first.record.name, as_text(record).encode())
    return ""


def _is_clean(record: Mapping[str, Any]) -> bool:
    """Whether the commit of a record holds all that made it."""
    return bool(record.get("commit")) and not record["commit"].endswith("+dirty")


def _rank(record: Mapping[str, Any]) -> tuple[int, int]:
    """Rank of a result by its profile, then by its number of seeds."""
    return RANKS.get(record["profile"], 0), 1 + len(record.get("other_seeds", []))


def _published(path: Path) -> tuple[int, int]:
    """Rank of a published result; (0, 0) if there is none."""
    if not path.is_file():
        return 0, 0
    return _rank(read_record(path, "restore the committed one"))


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, unless it is there already."""
    if not path.is_file() or path.read_bytes() != content:
        with paths.written_whole(path) as temporary:
            temporary.write_bytes(content)
