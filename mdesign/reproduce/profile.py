"""Profiles and parameters: the values that a notebook runs with, checked against its types."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import EllipsisType
from typing import Any

import yaml

from mdesign.reproduce.notebook import Notebook, Parameter, UsageError

__all__ = ["DEFAULT_PROFILE", "effective", "known_profiles", "literal", "overrides", "settings"]

#: The profile of the defaults in the parameters cells; it has no file.
DEFAULT_PROFILE = "quick"
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
    "tuple": (list, tuple),
    "list": (list, tuple),
}
_BUILDERS: dict[str, Callable[[Any], Any]] = {"float": float, "tuple": tuple, "list": list}


class _Loader(yaml.SafeLoader):
    """YAML in which ``1e-3`` is a number; the YAML 1.1 of PyYAML wants ``1.0e-3``."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+"),
    list("-+0123456789"),
)


def known_profiles(root: Path) -> list[str]:
    """Names of the profiles of a checkout, the default one first."""
    files = sorted((root / "notebooks" / "profiles").glob("*.yaml"))
    return [DEFAULT_PROFILE, *(path.stem for path in files)]


def settings(
    root: Path, profile: str, notebooks: Mapping[str, Notebook], wanted: Iterable[str] = ()
) -> dict[str, dict[str, Any]]:
    """Read the values that a profile sets, by notebook and parameter, of the annotated types.

    A UsageError if the profile has no entry for a notebook that is wanted: a run with the sizes of
    another profile must not bear its name.
    """
    if profile not in known_profiles(root):
        raise UsageError(
            f"unknown profile {profile!r}; known are {', '.join(known_profiles(root))}"
        )
    if profile == DEFAULT_PROFILE:
        return {}
    path = root / "notebooks" / "profiles" / f"{profile}.yaml"
    content = _parse(path.read_text(encoding="utf-8"), path.name) or {}
    if not isinstance(content, dict):
        raise UsageError(f"{path.name} must map notebooks to parameters")
    unknown = sorted(set(content) - set(notebooks))
    if unknown:
        raise UsageError(f"{path.name} names unknown notebooks: {', '.join(unknown)}")
    if missing := [one for one in wanted if one not in content]:
        raise UsageError(
            f"{path.name} has no entry for {', '.join(missing)}: the profile {profile} cannot run "
            "it; an empty entry stands for the values of the parameters cell"
        )
    return {
        identifier: _checked(notebooks[identifier], values or {}, path.name)
        for identifier, values in content.items()
    }


def literal(text: str) -> Any:
    """Read a value of the command line as a YAML literal.

    Examples
    --------
    >>> [literal(text) for text in ("3", "1e-3", "true", "[1, 2]", "name")]
    [3, 0.001, True, [1, 2], 'name']
    """
    return _parse(text, repr(text))


def overrides(
    notebooks: Mapping[str, Notebook],
    selected: Iterable[str],
    order: Iterable[str],
    given: Sequence[tuple[str, str]],
) -> dict[str, dict[str, Any]]:
    """Set out the values given on the command line by notebook, of the annotated types.

    Each selected notebook must have every parameter given; those that they need, which `order`
    adds, get the parameters that they have.
    """
    values = {name: literal(text) for name, text in given}
    asked = set(selected)
    return {
        identifier: _checked(
            notebooks[identifier],
            values
            if identifier in asked
            else {k: v for k, v in values.items() if k in notebooks[identifier].parameters},
            "-p",
        )
        for identifier in order
    }


def effective(notebook: Notebook, profile: str, *layers: Mapping[str, Any]) -> dict[str, Any]:
    """All values a notebook runs with: its defaults, replaced layer by layer."""
    values = {name: parameter.default for name, parameter in notebook.parameters.items()}
    for layer in layers:
        values |= layer
    if "profile" in values:
        values["profile"] = profile
    return values


def _parse(text: str, place: str) -> Any:
    """Read YAML; an error names the place."""
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise UsageError(f"{place} is no YAML: {' '.join(str(error).split())}") from error


def _checked(notebook: Notebook, values: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Convert values to the annotated types; refuse unknown names."""
    if "profile" in values:
        raise UsageError(f"{place}: the parameter 'profile' of {notebook.id} is set by --profile")
    for name in values:
        if name not in notebook.parameters:
            names = ", ".join(sorted(set(notebook.parameters) - {"profile"}))
            raise UsageError(
                f"{place}: {notebook.id} has no parameter {name!r}; it knows {names or 'none'}"
            )
    return {
        name: _typed(notebook, notebook.parameters[name], value, place)
        for name, value in values.items()
    }


def _typed(notebook: Notebook, parameter: Parameter, value: Any, place: str) -> Any:
    """Convert a value to the annotated type; an error says what was expected."""
    if not _is_finite(value):
        raise UsageError(
            f"{place}: parameter {parameter.name!r} of {notebook.id} must be finite; got {value!r}"
        )
    try:
        return _convert(ast.parse(parameter.annotation, mode="eval").body, value)
    except TypeError as error:
        raise UsageError(
            f"{place}: parameter {parameter.name!r} of {notebook.id} must be "
            f"{parameter.annotation}; got {value!r} ({type(value).__name__})"
        ) from error


def _is_finite(value: Any) -> bool:
    """Whether a value, or each entry of a sequence, is no infinite number and no NaN."""
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _convert(kind: ast.expr, value: Any) -> Any:
    """Convert a value to an annotated type, or raise a TypeError."""
    match kind:
        case ast.Constant(value=str(text)):
            return _convert(ast.parse(text, mode="eval").body, value)
        case ast.Constant(value=None) if value is None:
            return None
        case ast.Name(id=name) if isinstance(value, _TYPES.get(name, ())):
            # A bool is an int to Python, not to a reader.
            if isinstance(value, bool) == (name == "bool"):
                return _BUILDERS.get(name, lambda same: same)(value)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            try:
                return _convert(left, value)
            except TypeError:
                return _convert(right, value)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=choices):
            allowed = ast.literal_eval(choices)
            if value in (allowed if isinstance(allowed, tuple) else (allowed,)):
                return value
        case ast.Subscript(value=ast.Name() as outer, slice=inner):
            return _convert_entries(outer, inner, _convert(outer, value))
    raise TypeError


def _convert_entries(outer: ast.Name, inner: ast.expr, values: Any) -> Any:
    """Convert the entries of a sequence."""
    kinds = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    match kinds:
        case [kind, ast.Constant(value=EllipsisType())]:
            kinds = [kind] * len(values)
        case [kind] if outer.id == "list":
            kinds = [kind] * len(values)
    if len(kinds) != len(values):
        raise TypeError
    converted = [_convert(kind, value) for kind, value in zip(kinds, values, strict=True)]
    return type(values)(converted)
