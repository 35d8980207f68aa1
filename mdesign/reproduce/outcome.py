"""How a notebook ended, and who is told about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from mdesign.reproduce.notebook import Notebook

__all__ = ["Outcome", "Status", "Watcher"]

Status = Literal["done", "up to date", "failed", "skipped"]


@dataclass(frozen=True)
class Outcome:
    """How a notebook ended; "skipped" if it could not run through no fault of its own."""

    id: str
    status: Status
    message: str = ""
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether its result can be read."""
        return self.status in ("done", "up to date")


class Watcher(Protocol):
    """Who is told about the progress of the notebooks, from several threads."""

    def started(self, notebook: Notebook, fault: str) -> None:
        """Take note that a notebook starts, and what is wrong with the files of its last run."""

    def at_cell(self, notebook: Notebook, cell: int, of: int) -> None:
        """Take note that a notebook has come to a cell."""

    def ended(self, outcome: Outcome) -> None:
        """Take note that a notebook has ended, or need not or cannot run."""
