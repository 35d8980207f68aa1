"""One name for settings, arrays and versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mdesign.arguments import array, text, whole
from mdesign.storage.code import code_of

__all__ = ["as_json", "fingerprint", "result_name", "rounded"]


def fingerprint(value: object) -> str:
    """Hash settings, so that equal settings and only those have equal hashes.

    Parameters
    ----------
    value : object
        Numbers, texts, None, arrays, dataclasses, and mappings and sequences of these; else
        ValueError.

    Returns
    -------
    str
        64 hexadecimal digits, the same on every machine.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": 1 + 2j}) == fingerprint({"b": 1 + 2j, "a": 1})
    True
    >>> fingerprint(1) == fingerprint(1.0)
    False
    """
    text = json.dumps(as_json(value), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


EntryPoint = Callable[..., Any]


def result_name(kind: str, *parts: object, code: EntryPoint | Sequence[EntryPoint]) -> str:
    """Name a kept result by all that shapes it: settings, data, code and library versions.

    Parameters
    ----------
    kind : str
        What it is; the name begins with it.
    *parts : object
        Settings and data, as `fingerprint` takes them.
    code : callable, or a sequence of them
        What computes it; see `mdesign.storage.code.code_of`.
    """
    entry_points = code if isinstance(code, Sequence) else [code]
    return f"{text('kind', kind)}-{fingerprint([*parts, code_of(*entry_points)])[:16]}"


def rounded(values: npt.ArrayLike, digits: int = 4) -> list[float]:
    """Round a probe of the physics, so that rounding errors do not give it another fingerprint."""
    digits = whole("digits", digits)
    return [float(f"{value:.{digits}g}") for value in array("values", values).flat]


def as_json(value: object) -> Any:
    """Convert settings to what JSON can hold; different settings stay different."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, np.generic):
        return as_json(value.item())
    if isinstance(value, np.ndarray) and value.dtype != object:
        content = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return {"array": [value.dtype.str, list(value.shape), content]}
    if is_dataclass(value) and not isinstance(value, type):
        members = {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
        return {type(value).__name__: members}
    if isinstance(value, Mapping):
        return {str(name): as_json(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(member) for member in value]
    raise ValueError(
        "settings must be numbers, texts, arrays, dataclasses, mappings or sequences of these; "
        f"got {type(value).__name__}: {value!r}"
    )
