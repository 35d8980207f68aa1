"""The modules that a piece of code runs, and a digest of their code.

Imports are followed by reading, not by running. A package that only re-exports names of its modules
counts for the names that are used: a notebook that imports the elasticity does not become out of
date when the optics change.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = ["closure", "closures", "code_of", "digest_of", "imported"]

_PACKAGE = Path(__file__).resolve().parents[1]
_COMPILED = {".py", ".pyc", ".nbc", ".nbi"}


def code_of(*entry_points: Callable[..., Any]) -> str:
    """Name the code behind a result: all modules that functions or classes can run.

    For an entry point of this package these are all modules that its own imports, directly or not;
    for any other its own source. Returns 64 hexadecimal digits. A changed line gives other digits,
    and so does another version of an imported library; a changed docstring or comment does not.
    """
    if not all(callable(one) for one in entry_points):
        raise TypeError(f"code must be functions or classes; got {entry_points}")
    parts = [f"{one.__module__} {_digest_behind(one)}" for one in entry_points]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def closure(sources: Iterable[str], package: Path) -> list[Path]:
    """List the files of a package that pieces of code run: modules, and the data files beside them.

    Lines of IPython in the code, such as the cells of a notebook, are ignored.
    """
    return closures([sources], package)[0]


def closures(codes: Iterable[Iterable[str]], package: Path) -> list[list[Path]]:
    """Find the `closure` of each of many codes, reading and following every module once."""
    read: _Files = {}
    return [
        _closure(
            [name for source in code for name in imported(_python(source), package.name)],
            package,
            read,
        )
        for code in codes
    ]


def digest_of(path: Path, package: Path) -> str:
    """Digest of a file; of a module without its comments, docstrings and layout."""
    if path.suffix == ".py":
        return _module(path, package).digest
    return hashlib.sha256(path.read_bytes()).hexdigest()


def imported(tree: ast.AST, package: str, within: tuple[str, ...] = ()) -> Iterator[str]:
    """Name in full what code uses of a package; relative imports start from `within`."""
    for node in ast.walk(tree):
        yield from (name for name in _uses(node, within) if name.split(".")[0] == package)


@dataclass(frozen=True)
class _Module:
    """Facts about a module from one reading."""

    digest: str
    uses: tuple[str, ...]
    defines: frozenset[str]
    hands_on: dict[str, str]
    libraries: frozenset[str]

    @property
    def only_hands_on(self) -> bool:
        """Whether the module has no code of its own but imports."""
        return not self.defines - {"__all__"}


_READ: dict[Path, tuple[object, _Module]] = {}

_Files = dict[str, list[tuple[Path, tuple[str, ...]]]]
"""Files that run when a full name is imported, each with the names that it uses in turn."""


def _module(path: Path, package: Path) -> _Module:
    """Read a module, unless it was read before and has not changed since."""
    stamp = _stamp(path, package)
    if path not in _READ or _READ[path][0] != stamp:
        _READ[path] = stamp, _reading(path, package)
    return _READ[path][1]


def _stamp(path: Path, package: Path) -> object:
    """Identify the version of a module: one that runs changes by a reload, not with its file."""
    if package == _PACKAGE:
        name = ".".join(path.relative_to(package.parent).with_suffix("").parts)
        loaded = sys.modules.get(name.removesuffix(".__init__"))
        if loaded is not None:
            return id(loaded.__spec__)
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _reading(path: Path, package: Path) -> _Module:
    tree = ast.parse(path.read_bytes())
    within = path.relative_to(package.parent).parent.parts
    nodes: list[ast.AST] = []
    says = _dumped(tree, nodes)
    names = [name for node in nodes for name in _uses(node, within)]
    hands_on = {
        alias.asname or alias.name: f"{_source(node, within)}.{alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    uses = tuple(dict.fromkeys(name for name in names if name.split(".")[0] == package.name))
    defines = frozenset(_defined(tree))
    digest = hashlib.sha256(says.encode() if defines - {"__all__"} else b"").hexdigest()
    libraries = frozenset(_imported_roots(nodes)) - sys.stdlib_module_names - {package.name}
    return _Module(digest, uses, defines, hands_on, libraries)


def _digest_behind(entry_point: Callable[..., Any]) -> str:
    """Digest of the modules that an entry point can run, and the versions of their libraries."""
    name = entry_point.__module__
    if name.split(".")[0] == _PACKAGE.name:
        files = _closure([name], _PACKAGE, {})
        libraries = {
            library
            for path in files
            if path.suffix == ".py"
            for library in _module(path, _PACKAGE).libraries
        }
        versions = [f"{library} {_version(library)}" for library in sorted(libraries)]
        digests = [f"{path.relative_to(_PACKAGE)} {digest_of(path, _PACKAGE)}" for path in files]
        return "\n".join([*digests, *versions])
    try:
        return _dumped(_python(inspect.getsource(entry_point)), [])
    except (OSError, TypeError):
        return entry_point.__qualname__  # typed at a prompt: there is no source to read


@cache
def _version(library: str) -> str:
    """Version of a library, by the name that it is imported by, with the backend that it uses."""
    keras = sys.modules.get("keras")
    backend = keras.backend.backend() if library == "keras" and keras else "tensorflow"
    if backend != "tensorflow":
        return f"{metadata.version(library)} {backend} {metadata.version(backend)}"
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        distributions = metadata.packages_distributions().get(library, [])
        return " ".join(metadata.version(one) for one in sorted(set(distributions)))


def _closure(names: Iterable[str], package: Path, read: _Files) -> list[Path]:
    """Files that run when these names are imported, and the data files beside them."""
    pending = list(names)
    seen, files = set(pending), set[Path]()
    while pending:
        name = pending.pop()
        if name not in read:
            read[name] = list(_files_of(name, package))
        for path, uses in read[name]:
            files.add(path)
            pending.extend(use for use in uses if use not in seen)
            seen.update(uses)
    folders = {path.parent for path in files if path.name == "__init__.py"}
    return sorted(files | {path for folder in folders for path in _data_beside(folder)})


def _files_of(name: str, package: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """See `_Files`."""
    parts = name.split(".")[1:]
    # The command line and the runner run a notebook; only what it calls is part of it.
    if parts[:1] == ["cli"]:
        return
    if parts[:1] == ["reproduce"] and parts[1:2] not in (["record"], ["tables"]):
        parts = parts[:1]
    folder, start = package, package / "__init__.py"
    for part in parts:
        if folder != package:
            yield from _package_itself(start, package)
        if (folder / part).is_dir():
            folder, start = folder / part, folder / part / "__init__.py"
            continue
        module = folder / f"{part}.py"
        if module.is_file():
            yield module, _module(module, package).uses
        elif folder != package:
            yield start, _uses_of_member(start, part, package)
        return
    yield start, () if folder == package else _uses_of_whole(folder, package)


def _package_itself(start: Path, package: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Run the code of a package's own; what it only hands on does not count."""
    module = _module(start, package)
    yield start, () if module.only_hands_on else module.uses


def _uses_of_member(start: Path, name: str, package: Path) -> tuple[str, ...]:
    """Say what one name of a package stands for."""
    module = _module(start, package)
    if name in module.hands_on:
        return (module.hands_on[name],)
    late = _loaded_late(start.parent, package)
    return (late[name],) if name in late else module.uses


def _uses_of_whole(folder: Path, package: Path) -> tuple[str, ...]:
    """Say what a whole package stands for, any name of which may be used."""
    late = _loaded_late(folder, package)
    return (*_module(folder / "__init__.py", package).uses, *sorted(set(late.values())))


def _loaded_late(folder: Path, package: Path) -> dict[str, str]:
    """Names that a package may load when they are first used, and their modules."""
    if "__getattr__" not in _module(folder / "__init__.py", package).defines:
        return {}
    modules = (path for path in folder.glob("*.py") if path.name != "__init__.py")
    return {
        name: ".".join(path.relative_to(package.parent).with_suffix("").parts)
        for path in modules
        for name in _module(path, package).defines
    }


def _source(node: ast.ImportFrom, within: tuple[str, ...]) -> str:
    """Name the module that names are imported from, in full."""
    above = within[: len(within) - node.level + 1] if node.level else ()
    return ".".join([*above, *filter(None, [node.module])])


def _uses(node: ast.AST, within: tuple[str, ...]) -> Iterator[str]:
    """Full names that one node of a tree uses."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        source = _source(node, within)
        yield from (f"{source}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Attribute):  # mdesign.physics.CrackedComposite
        parts = [node.attr]
        while isinstance(node := node.value, ast.Attribute):
            parts.append(node.attr)
        if isinstance(node, ast.Name):
            yield ".".join([node.id, *reversed(parts)])


def _imported_roots(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """First parts of the absolute names that are imported."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]


def _defined(tree: ast.Module) -> Iterator[str]:
    """Names that a module defines at its top level."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def _data_beside(folder: Path) -> Iterator[Path]:
    """Files of a package that are neither modules nor compiled from them."""
    for path in folder.iterdir():
        if path.is_file() and path.suffix not in _COMPILED and not path.name.startswith("."):
            yield path


def _python(source: str) -> ast.Module:
    """Parse a cell without its IPython lines; a cell that is no Python fails when it runs."""
    lines = (line for line in source.splitlines() if not line.lstrip().startswith(("%", "!")))
    try:
        return ast.parse(inspect.cleandoc("\n" + "\n".join(lines)))
    except SyntaxError:
        return ast.Module([], [])


_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _dumped(value: Any, nodes: list[ast.AST]) -> str:
    """Dump code without its docstrings, and list its nodes, in one pass: this sets the pace."""
    if isinstance(value, list):
        return f"[{','.join([_dumped(one, nodes) for one in value])}]"
    if not isinstance(value, ast.AST):
        return repr(value)
    nodes.append(value)
    if isinstance(value, _DOCUMENTED) and ast.get_docstring(value, clean=False) is not None:
        del value.body[0]
    parts = [_dumped(getattr(value, name, None), nodes) for name in value._fields]
    return f"{type(value).__name__}({','.join(parts)})"
