"""Which modules of the package a notebook runs, and a digest of what they say.

Imports are followed by reading, not by running: a notebook that imports the plotting does not
become out of date when the networks change.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

__all__ = ["closure", "digest_of", "imported"]

_LIBRARIES = ("keras", "numpy", "tensorflow")
_COMPILED = {".py", ".pyc", ".nbc", ".nbi"}


def closure(sources: Iterable[str], package: Path) -> list[Path]:
    """Find the files of a package that pieces of code run.

    Parameters
    ----------
    sources : iterable of str
        Python code, such as the code cells of a notebook; lines of IPython are passed over.
    package : pathlib.Path
        Folder of the package.

    Returns
    -------
    list of pathlib.Path
        Modules, those that they import in turn, and the data files beside them; sorted.
    """
    pending = [name for source in sources for name in imported(_python(source), package.name)]
    files: set[Path] = set()
    while pending:
        for path in _files_of(pending.pop(), package):
            if path not in files:
                files.add(path)
                pending.extend(_imports_of(path, package))
    folders = {path.parent for path in files if path.name == "__init__.py"}
    data = {path for folder in folders for path in _data_beside(folder)}
    return sorted(files | data)


def digest_of(path: Path) -> str:
    """Digest of a file; of a module without its comments, docstrings and layout.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    content = path.read_bytes()
    if path.suffix == ".py":
        content = ast.dump(_without_docstrings(ast.parse(content))).encode()
    return hashlib.sha256(content).hexdigest()


def imported(tree: ast.AST, package: str, within: tuple[str, ...] = ()) -> Iterator[str]:
    """Name what code uses of a package.

    Parameters
    ----------
    tree : ast.AST
        The code.
    package : str
        Name of the package.
    within : tuple of str
        The package that relative imports start from.

    Yields
    ------
    str
        Full names; of a name imported from a module, the module and the name.
    """
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = within[: len(within) - node.level + 1] if node.level else ()
            source = ".".join([*above, *filter(None, [node.module])])
            names = [f"{source}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            names = [ast.unparse(node)]  # mdesign.physics.CrackedComposite
        yield from (name for name in names if name.split(".")[0] == package)


def _python(source: str) -> ast.AST:
    """Parse a cell without its IPython lines; a cell that is no Python fails when it runs."""
    lines = (line for line in source.splitlines() if not line.lstrip().startswith(("%", "!")))
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module([], [])


def _imports_of(path: Path, package: Path) -> list[str]:
    """Names of the package that one of its modules uses."""
    if path == package / "__init__.py":
        return []  # it offers every part of the package and runs none
    within = path.relative_to(package.parent).parent.parts
    return list(imported(ast.parse(path.read_bytes()), package.name, within))


def _files_of(name: str, package: Path) -> Iterator[Path]:
    """Files that run when a full name is imported."""
    parts = name.split(".")[1:]
    # The command line and the runner run a notebook, they are no part of it.
    if parts[:1] == ["cli"]:
        return
    if parts[:1] == ["reproduce"] and parts[1:2] != ["record"]:
        parts = parts[:1]
    folder = package
    for part in parts:
        yield folder / "__init__.py"
        if (folder / part).is_dir():
            folder /= part
            continue
        if (folder / f"{part}.py").is_file():
            yield folder / f"{part}.py"
        elif part in (late := _loaded_late(folder)):
            yield late[part]
        return
    yield folder / "__init__.py"
    if folder != package:
        # The part was handed over as a whole; any of the names that it loads late may be used.
        yield from set(_loaded_late(folder).values())


@cache
def _loaded_late(folder: Path) -> dict[str, Path]:
    """Names that a part of the package may load when they are first used, and their modules."""
    if "__getattr__" not in _defined(folder / "__init__.py"):
        return {}
    modules = (path for path in folder.glob("*.py") if path.name != "__init__.py")
    return {name: path for path in modules for name in _defined(path)}


def _defined(path: Path) -> Iterator[str]:
    """Names that a module defines at its top level."""
    for node in ast.parse(path.read_bytes()).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def _data_beside(folder: Path) -> Iterator[Path]:
    """Files of a package that are neither modules nor made from them."""
    for path in folder.iterdir():
        if path.is_file() and path.suffix not in _COMPILED and not path.name.startswith("."):
            yield path


def _without_docstrings(tree: ast.Module) -> ast.Module:
    """Take the docstrings out of a module."""
    for node in ast.walk(tree):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and (ast.get_docstring(node, clean=False) is not None):
            del node.body[0]
    return tree


def code_name(*sources: str) -> str:
    """Name the code and the libraries behind trained weights: another version trains others.

    Parameters
    ----------
    *sources : str
        Modules, as paths within the package.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    digest = hashlib.sha256()
    for source in sources:
        digest.update((Path(__file__).parents[1] / source).read_bytes())
    for library in _LIBRARIES:
        digest.update(metadata.version(library).encode())
    return digest.hexdigest()
