"""Put the figures and numbers of a full run among the committed ones."""

from __future__ import annotations

import shutil
from pathlib import Path

from mdesign import paths
from mdesign.reproduce.cache import Task
from mdesign.reproduce.record import read_record

__all__ = ["RANKS", "publish"]

#: Profiles whose results are published; a higher one is never replaced by a lower one.
RANKS = {"laptop": 1, "paper": 2}


def publish(task: Task, figures: Path) -> list[Path]:
    """Copy what an up-to-date notebook left in the run folder, the numbers last.

    Returns the files written: none for the quick profile or other parameters than the profile's,
    over a result of a higher profile, or where the same files are there already.
    """
    folder = figures / task.notebook.paper
    rank = 0 if task.variant else RANKS.get(task.profile, 0)
    if not rank or rank < _rank(folder / task.record.name) or not task.record.is_file():
        return []
    written = []
    for source in sorted(task.produced(), key=lambda path: path == task.record):
        target = folder / source.name
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            with paths.written_whole(target) as temporary:
                shutil.copyfile(source, temporary)
            written.append(target)
    return written


def _rank(record: Path) -> int:
    """Rank of the profile that made a published result; 0 if there is none."""
    if not record.is_file():
        return 0
    return RANKS.get(read_record(record, "restore the committed one")["profile"], 0)
