"""Notebooks as the runner sees them: their metadata, their needs and their parameters."""

from __future__ import annotations

import ast
import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

__all__ = ["Notebook", "Parameter", "UsageError", "discover", "in_order", "read_notebook", "select"]

_FIELDS = {"id": str, "paper": str, "shows": str, "needs": list, "seconds": dict}


class UsageError(ValueError):
    """A request that cannot be met as it stands; nothing has been run."""


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell."""

    name: str
    annotation: str  # as written, or the type of the default
    default: Any  # its value in the quick profile


@dataclass(frozen=True)
class Notebook:
    """A notebook and what its metadata say."""

    id: str  # "<paper>/<notebook>"
    shows: str  # the figures or tables it makes
    needs: tuple[str, ...]  # identifiers of the notebooks whose results it reads
    data: tuple[str, ...]  # keys of the public data it reads
    seconds: Mapping[str, float]  # cost by profile
    path: Path
    code: tuple[str, ...]  # sources of its code cells
    parameters: Mapping[str, Parameter]

    @property
    def paper(self) -> str:
        """The first part of the identifier."""
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        """The second part of the identifier."""
        return self.id.partition("/")[2]


def discover(root: Path) -> dict[str, Notebook]:
    """Read every notebook of a checkout, by identifier, sorted."""
    folder = root / "notebooks"
    files = (path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    identifiers = (path.relative_to(folder).with_suffix("").as_posix() for path in sorted(files))
    return {identifier: read_notebook(root, identifier) for identifier in identifiers}


def select(notebooks: Mapping[str, Notebook], names: Sequence[str]) -> list[str]:
    """List the identifiers that names stand for, each once; all of them without a name.

    A name is an identifier, the name of a notebook without its paper, or a paper.
    """
    if not names:
        return list(notebooks)
    return list(dict.fromkeys(one for name in names for one in _named(notebooks, name)))


def in_order(notebooks: Mapping[str, Notebook], wanted: Iterable[str]) -> list[str]:
    """Put notebooks, and those that they need, into an order in which they can run."""
    needs: dict[str, tuple[str, ...]] = {}
    pending = list(wanted)
    while pending:
        identifier = pending.pop()
        if identifier in needs:
            continue
        needs[identifier] = notebooks[identifier].needs
        if missing := set(needs[identifier]) - set(notebooks):
            raise UsageError(f"{identifier} needs {min(missing)!r}, which does not exist")
        pending.extend(needs[identifier])
    try:
        return list(TopologicalSorter(dict(sorted(needs.items()))).static_order())
    except CycleError as error:
        raise UsageError(f"notebooks need each other: {' -> '.join(error.args[1])}") from error


def _named(notebooks: Mapping[str, Notebook], name: str) -> list[str]:
    """List the identifiers that one name stands for."""
    if name in notebooks:
        return [name]
    of_paper = [one.id for one in notebooks.values() if one.paper == name]
    if of_paper:
        return of_paper
    named = [one.id for one in notebooks.values() if one.name == name]
    if len(named) > 1:
        raise UsageError(f"{name!r} stands for several notebooks: {', '.join(named)}")
    if not named:
        raise UsageError(f"unknown notebook {name!r}; {_suggestion(notebooks, name)}")
    return named


def _suggestion(notebooks: Mapping[str, Notebook], name: str) -> str:
    """Suggest names for an unknown one."""
    names = {one.name: one.id for one in notebooks.values()} | {key: key for key in notebooks}
    near = dict.fromkeys(names[key] for key in difflib.get_close_matches(name, names, 3, 0.6))
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"known are {', '.join(notebooks) or 'none'}"


def read_notebook(root: Path, identifier: str) -> Notebook:
    """Read one notebook of a checkout; a UsageError if its file breaks the conventions."""
    path = root / "notebooks" / f"{identifier}.ipynb"
    try:
        return _notebook(path, identifier)
    except UsageError:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(f"notebooks/{identifier}.ipynb cannot be read: {error!r}") from error


def _notebook(path: Path, identifier: str) -> Notebook:
    """Read one file; another error than a UsageError if it is no notebook."""
    content = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    about = _metadata(content, identifier)
    return Notebook(
        id=identifier,
        shows=about["shows"],
        needs=tuple(about["needs"]),
        data=tuple(about.get("data", ())),
        seconds=about["seconds"],
        path=path,
        code=tuple(map(_source, cells)),
        parameters=_parameters(cells, identifier),
    )


def _metadata(content: Mapping[str, Any], identifier: str) -> Mapping[str, Any]:
    """Metadata of mdesign in a notebook, checked."""
    about = content.get("metadata", {}).get("mdesign", {})
    missing = [field for field in _FIELDS if field not in about]
    if missing:
        raise UsageError(
            f"the metadata of notebooks/{identifier}.ipynb lack mdesign: {', '.join(missing)}"
        )
    for field, kind in {**_FIELDS, "data": list}.items():
        if not isinstance(about.get(field, kind()), kind):
            raise UsageError(
                f"the metadata of notebooks/{identifier}.ipynb must have mdesign.{field} as "
                f"a {kind.__name__}; got {about[field]!r}"
            )
    if about["id"] != identifier:
        raise UsageError(f"notebooks/{identifier}.ipynb calls itself {about['id']!r}")
    return about


def _source(cell: Mapping[str, Any]) -> str:
    """Source of a cell; the format allows one text or a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _parameters(cells: Iterable[Mapping[str, Any]], identifier: str) -> dict[str, Parameter]:
    """Read the parameters cell."""
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise UsageError(
            f"notebooks/{identifier}.ipynb must have one cell tagged 'parameters'; "
            f"it has {len(tagged)}"
        )
    try:
        parameters = map(_parameter, ast.parse(_source(tagged[0])).body)
        return {parameter.name: parameter for parameter in parameters}
    except (SyntaxError, ValueError) as error:
        raise UsageError(
            f"the parameters cell of notebooks/{identifier}.ipynb must hold only lines such as "
            f"'n_samples: int = 20_000'; {error}"
        ) from error


def _parameter(statement: ast.stmt) -> Parameter:
    """Read one line of the parameters cell."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as to):
            return Parameter(name, ast.unparse(annotation), ast.literal_eval(to))
        case ast.Assign(targets=[ast.Name(id=name)], value=to):
            default = ast.literal_eval(to)
            return Parameter(name, type(default).__name__, default)
    raise ValueError(f"it holds {ast.unparse(statement)!r}")
