"""What is up to date: a key of everything a result depends on, kept beside it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mdesign import papers, paths
from mdesign.reproduce.notebook import Notebook, UsageError
from mdesign.storage import digest, fingerprint
from mdesign.storage.code import closures, digest_of

__all__ = ["State", "Task", "Workspace", "is_produced_by", "keys", "variants"]

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
    variant: str = ""  # folder of a run with other parameters than those of the profile
    needed: Mapping[str, Path] = field(default_factory=dict)  # records of the notebooks it needs

    @property
    def id(self) -> str:
        """Identifier of the notebook."""
        return self.notebook.id

    @property
    def output(self) -> Path:
        """The executed notebook."""
        folder = self.runs / self.profile / self.notebook.paper / self.variant
        return folder / f"{self.notebook.name}.ipynb"

    @property
    def failed(self) -> Path:
        """What was executed in a run that failed."""
        return self.output.with_suffix(".failed.ipynb")

    @property
    def record(self) -> Path:
        """Its numbers, if it records some."""
        return self.output.with_suffix(".json")

    @property
    def stamp(self) -> Path:
        """The key of the last run that succeeded, and the checksums of its files."""
        return self.output.with_suffix(".key")

    @property
    def state(self) -> State:
        """Whether the files are those that the runner left, and still those of this task.

        Whatever else wrote into the run folder, such as papermill by hand, changes a checksum.
        """
        if self._stamped() == self._stamp_of(self.output.parent):
            return "up to date"
        made = (self.stamp, self.output, self.failed)
        return "out of date" if any(path.exists() for path in made) else "never run"

    @property
    def fault(self) -> str:
        """Say what became of the files that a run with this key left; empty if they are whole."""
        stamped, found = self._stamped(), self._stamp_of(self.output.parent)
        if stamped is None or stamped == found:
            return ""
        lines = stamped.splitlines()
        if lines[:1] != found.splitlines()[:1]:
            is_stamp = len(lines) > 1 and all(map(_LINE.fullmatch, lines))
            return "" if is_stamp else f"{self.stamp} is damaged"
        names = {line[66:] for line in set(lines) ^ set(found.splitlines())}
        return f"{self.stamp} does not fit the files beside it ({', '.join(sorted(names))})"

    def produced(self, folder: Path | None = None) -> list[Path]:
        """Figures and numbers that the notebook left in the run folder, or in another."""
        files = (folder or self.output.parent).glob("*.*")
        return sorted(path for path in files if is_produced_by(self.id, path))

    def keep(self, stage: Path) -> None:
        """Replace the files of an earlier run by those of a finished one, the stamp last."""
        stamp = self._stamp_of(stage)
        files = [stage / self.output.name, *self.produced(stage)]
        names = {path.name for path in files}
        for old in (self.failed, *self.produced()):
            if old.name not in names:
                old.unlink(missing_ok=True)
        for path in files:
            path.replace(self.output.parent / path.name)
        with paths.written_whole(self.stamp) as temporary:
            temporary.write_text(stamp, encoding="utf-8")

    def _stamped(self) -> str | None:
        """Content of the stamp, if there is one."""
        try:
            return self.stamp.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def _stamp_of(self, folder: Path) -> str:
        """Write the stamp for files in a folder: key, executed notebook, and what it produced."""
        files = (folder / self.output.name, *self.produced(folder))
        lines = [f"{digest(path)}  {path.name}" for path in files if path.is_file()]
        return "\n".join([f"{self.key}  {self.id}", *lines]) + "\n"


_LINE = re.compile(r"[0-9a-f]{64}  .+")


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


def variants(
    notebooks: Mapping[str, Notebook],
    order: Sequence[str],
    usual: Mapping[str, Mapping[str, Any]],
    parameters: Mapping[str, Mapping[str, Any]],
) -> dict[str, str]:
    """Name folders for notebooks that run, or need one that runs, with unusual parameters.

    The name begins with these parameters; it is empty where all are the usual ones.
    """
    names: dict[str, str] = {}
    changed: dict[str, dict[str, Any]] = {}
    for one in order:
        own = {name: v for name, v in parameters[one].items() if v != usual[one][name]}
        changed[one] = {k: v for need in notebooks[one].needs for k, v in changed[need].items()}
        changed[one] |= {one: own} if own else {}
        values = {name: v for changes in changed[one].values() for name, v in changes.items()}
        text = ",".join(f"{name}={values[name]}" for name in sorted(values))
        short = re.sub(r"[^\w=,.+-]+", "", text)[:60]
        names[one] = f"{short}-{fingerprint(changed[one])[:8]}" if values else ""
    return names


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
