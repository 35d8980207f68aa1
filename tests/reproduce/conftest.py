"""A small checkout with notebooks of a few lines, for the tests of the runner."""

from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
import yaml

from mdesign.reproduce import runner
from mdesign.reproduce.cache import Workspace
from mdesign.reproduce.outcome import Outcome

PARAMETERS = 'profile: str = "quick"  # profile\nseed: int = 0  # seed'


@dataclass
class Watched:
    """Notes what the runner tells."""

    started_ids: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ended_ids: list[str] = field(default_factory=list)
    cells: list[tuple[str, int, int]] = field(default_factory=list)

    def started(self, notebook, fault):
        self.started_ids.append(notebook.id)
        self.faults.append(fault)

    def at_cell(self, notebook, cell, of):
        self.cells.append((notebook.id, cell, of))

    def ended(self, outcome):
        self.ended_ids.append(outcome.id)


@dataclass
class Checkout:
    """A checkout in a folder of the test."""

    workspace: Workspace

    def write(self, identifier, *cells, needs=(), parameters=PARAMETERS, **metadata) -> Path:
        first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
        about = {
            "id": identifier,
            "paper": identifier.partition("/")[0],
            "shows": "a figure",
            "needs": list(needs),
            "data": [],
            "seconds": {"quick": 1, "laptop": 2},
        }
        content = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell("Title"), first]
            + [nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={
                "mdesign": about | metadata,
                "kernelspec": {"name": "python3", "display_name": "Python 3"},
                "language_info": {"name": "python"},
            },
        )
        path = self.workspace.root / "notebooks" / f"{identifier}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(content, path)
        return path

    def write_profile(self, name, content) -> None:
        folder = self.workspace.root / "notebooks" / "profiles"
        folder.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        (folder / f"{name}.yaml").write_text(text)

    def write_module(self, name, text) -> None:
        path = self.workspace.package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def plan(self, *names, **request) -> runner.Plan:
        return runner.plan(runner.Request(names, **request), self.workspace)

    def run(self, *names, watcher=None, **request) -> dict[str, Outcome]:
        asked = runner.Request(names, **request)
        planned = runner.plan(asked, self.workspace)
        return runner.execute(asked, planned, self.workspace, watcher or Watched())

    def run_seeds(self, *names, **request) -> list[Outcome]:
        asked = runner.Request(names, **request)
        planned = runner.plans(asked, self.workspace)
        return runner.execute_seeds(asked, planned, self.workspace, Watched())


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def checkout(tmp_path, home) -> Checkout:
    """A checkout without notebooks, with a package of its own."""
    root = tmp_path / "checkout"
    (root / "notebooks").mkdir(parents=True)
    (root / "pyproject.toml").touch()
    made = Checkout(Workspace(root, home / "runs", root / "figures", root / "mdesign"))
    made.write_module("__init__.py", "")
    return made
