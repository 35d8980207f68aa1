"""Show the progress of notebooks: one bar each on a terminal, one line an event elsewhere."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from mdesign.reproduce.notebook import Notebook
from mdesign.reproduce.outcome import Outcome

__all__ = ["Bars", "Lines", "described", "on"]

_COLOURS = {"done": "green", "up to date": "green", "failed": "red", "skipped": "yellow"}


class Lines:
    """One line when a notebook starts, with its cost in the profile, and one when it ends."""

    def __init__(self, console: Console, profile: str) -> None:
        self._console = console
        self._profile = profile

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing is held open."""

    def started(self, notebook: Notebook, fault: str) -> None:
        """Write that a notebook starts."""
        self._name_fault(fault)
        seconds = notebook.seconds.get(self._profile)
        hint = f" (about {seconds:g} s)" if seconds else ""
        self._console.print(f"{notebook.id}: started{hint}", highlight=False, soft_wrap=True)

    def at_cell(self, notebook: Notebook, cell: int, of: int) -> None:
        """Write nothing; a log has no use for it."""

    def ended(self, outcome: Outcome) -> None:
        """Write how a notebook ended."""
        self._console.print(described(outcome), highlight=False, soft_wrap=True)

    def _name_fault(self, fault: str) -> None:
        if fault:
            text = f"[yellow]{escape(fault)}; it is made anew[/]"
            self._console.print(text, highlight=False, soft_wrap=True)


class Bars(Lines):
    """One bar a running notebook: its cell, of how many, and the time."""

    def __init__(self, console: Console, profile: str) -> None:
        super().__init__(console, profile)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("cell"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def started(self, notebook: Notebook, fault: str) -> None:
        """Show a bar."""
        self._name_fault(fault)
        self._bars[notebook.id] = self._progress.add_task(notebook.id, total=None)

    def at_cell(self, notebook: Notebook, cell: int, of: int) -> None:
        """Move the bar on."""
        self._progress.update(self._bars[notebook.id], completed=cell, total=of)

    def ended(self, outcome: Outcome) -> None:
        """Replace the bar by a line."""
        if outcome.id in self._bars:
            self._progress.remove_task(self._bars.pop(outcome.id))
        super().ended(outcome)


def on(console: Console, profile: str) -> Lines:
    """Bars on a terminal, else lines; a context manager."""
    return (Bars if console.is_terminal else Lines)(console, profile)


def described(outcome: Outcome) -> str:
    """Put an outcome into one line of rich markup."""
    text = f"{outcome.id}: [{_COLOURS[outcome.status]}]{outcome.status}[/]"
    if outcome.seconds:
        text += f" ({outcome.seconds:.1f} s)"
    return f"{text}: {escape(outcome.message)}" if outcome.message else text
