"""What is up to date: a key of everything a result depends on, kept beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from mdesign import papers, paths
from mdesign.reproduce.notebook import Notebook, UsageError
from mdesign.reproduce.record import plain
from mdesign.storage.code import closures, digest_of

__all__ = ["State", "Task", "Workspace", "is_produced_by", "keys"]

State = Literal["up to date", "out of date", "never run"]


@dataclass(frozen=True)
class Workspace:
    """Where notebooks lie and where their results go."""

    root: Path  # holds notebooks/
    runs: Path  # results, <profile>/<paper>/ below it
    figures: Path  # published figures, <paper>/ below it
    package: Path  # what the notebooks import

    @classmethod
    def of_checkout(cls) -> Workspace:
        """Return the checkout, and the run folder that the environment names."""
        package = Path(paths.__file__).resolve().parent
        try:
            return cls(paths.repository(), paths.runs(), paths.figures(), package)
        except FileNotFoundError as error:
            raise UsageError(str(error)) from error


@dataclass(frozen=True)
class Task:
    """One notebook with the values it runs with."""

    notebook: Notebook
    profile: str
    parameters: Mapping[str, Any]
    key: str  # digest of everything that the result depends on
    runs: Path  # results of all profiles

    @property
    def id(self) -> str:
        """Identifier of the notebook."""
        return self.notebook.id

    @property
    def output(self) -> Path:
        """The executed notebook."""
        return self.runs / self.profile / f"{self.id}.ipynb"

    @property
    def record(self) -> Path:
        """Its numbers, if it records some."""
        return self.output.with_suffix(".json")

    @property
    def stamp(self) -> Path:
        """The key of the last run that succeeded."""
        return self.output.with_suffix(".key")

    @property
    def state(self) -> State:
        """Whether the files are those that the runner left, and still those of this task.

        Whatever else wrote into the run folder, such as papermill by hand, changes a digest.
        """
        try:
            stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return "out of date" if self.output.exists() else "never run"
        except ValueError:
            return "out of date"
        same = stamp["key"] == self.key and stamp["files"] == self._digests()
        return "up to date" if same else "out of date"

    def produced(self) -> list[Path]:
        """Figures and numbers that the notebook left in the run folder."""
        folder = self.output.parent
        return sorted(path for path in folder.glob("*.*") if is_produced_by(self.id, path))

    def is_recorded(self) -> bool:
        """Whether the record, if there is one, has the values of this task."""
        if not self.record.is_file():
            return True
        record = json.loads(self.record.read_text(encoding="utf-8"))
        values = plain("parameters", dict(self.parameters))
        return record["profile"] == self.profile and record.get("parameters", values) == values

    def mark_done(self, seconds: float) -> None:
        """Keep the key and the digests of the files beside the result."""
        content = {"key": self.key, "seconds": round(seconds, 1), "files": self._digests()}
        with paths.written_whole(self.stamp) as temporary:
            temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def clear(self) -> None:
        """Remove the stamp and the files of an earlier run, whoever made it."""
        for path in (self.stamp, *self.produced()):
            path.unlink(missing_ok=True)

    def _digests(self) -> dict[str, str]:
        """Digest by name of the executed notebook and what it produced."""
        files = [path for path in (self.output, *self.produced()) if path.is_file()]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def is_produced_by(notebook: str, path: Path) -> bool:
    """Whether a file of a run folder holds the numbers or a figure of a notebook.

    Examples
    --------
    >>> is_produced_by("gidn/fig1", Path("fig1_inset.png"))
    True
    >>> is_produced_by("gidn/fig1", Path("fig10.png"))
    False
    """
    name = notebook.partition("/")[2]
    if path.stem == name:
        return path.suffix in {".json", ".png"}
    is_of_another = path.with_suffix(".ipynb").exists()
    return path.suffix == ".png" and path.stem.startswith(f"{name}_") and not is_of_another


def keys(
    notebooks: Mapping[str, Notebook],
    order: Sequence[str],
    parameters: Mapping[str, Mapping[str, Any]],
    package: Path,
) -> dict[str, str]:
    """Digest everything that the results of notebooks depend on, each after those it needs.

    That is its code, its parameters, the modules it runs, the claims it checks, and the keys of
    the notebooks it needs.
    """
    digests: dict[Path, str] = {}
    keys: dict[str, str] = {}
    sources = closures([notebooks[identifier].code for identifier in order], package)
    for identifier, files in zip(order, sources, strict=True):
        notebook = notebooks[identifier]
        digests |= {path: digest_of(path, package) for path in files if path not in digests}
        content = {
            "code": notebook.code,
            "parameters": parameters[identifier],
            "sources": {str(path.relative_to(package)): digests[path] for path in files},
            "claims": _claims(notebook),
            "needs": {need: keys[need] for need in notebook.needs},
        }
        text = json.dumps(content, sort_keys=True, default=repr)
        keys[identifier] = hashlib.sha256(text.encode()).hexdigest()
    return keys


def _claims(notebook: Notebook) -> list[dict[str, Any]]:
    """Claims that a notebook checks."""
    if notebook.paper not in papers.known_papers():
        return []
    claims = papers.claims_of(notebook.id)
    return [{"name": name, **asdict(claim)} for name, claim in claims.items()]
