"""NumPy arrays out of a pickle, without running what else the pickle may hold.

An ordinary unpickling calls whatever a file names. Here a file may name only what rebuilds NumPy
arrays; anything else is refused before it is looked up. What it names is not NumPy's own: numbers
are taken from their bytes, and only where type, shape and length fit.
"""

from __future__ import annotations

import io
import math
import pickle
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mdesign.paths import as_path

__all__ = ["UnsafePickle", "read_arrays"]

_NUMERIC = re.compile(r"(b1|[iu][1248]|f[248]|c(8|16))")


class UnsafePickle(ValueError):
    """A pickle asks for something that is no NumPy array."""


class _Type:
    """A type of numbers; other types are refused."""

    __slots__ = ("value",)

    def __init__(self, name: str, *flags: object) -> None:
        if not (isinstance(name, str) and _NUMERIC.fullmatch(name)):
            raise UnsafePickle(f"the pickle has values of type {name!r}; only numbers are read")
        self.value = np.dtype(name)

    def __setstate__(self, state: Any) -> None:
        _, order, *structure = state
        if order not in ("<", ">", "|", "=") or any(structure[:3]):
            raise UnsafePickle(f"the pickle has a type of state {state!r}; only numbers are read")
        self.value = self.value.newbyteorder(order)


class _Array:
    """An array that is filled when its state arrives."""

    __slots__ = ("value",)

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, is_fortran, content = state
        self.value = _filled(content, kind, shape, "F" if is_fortran else "C")


class _Named:
    """What a pickle names; unlike a function, it cannot be given attributes."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        return self._call(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise UnsafePickle("the pickle changes what it names")


def _filled(content: Any, kind: _Type, shape: Any, order: str) -> np.ndarray:
    """Array of bytes that fit its type and shape."""
    if isinstance(content, str):  # bytes of Python 2
        content = content.encode("latin1")
    if min(shape, default=0) < 0 or math.prod(shape) * kind.value.itemsize != len(content):
        raise ValueError(f"{len(content)} bytes do not fill {shape} of {kind.value}")
    values = np.frombuffer(bytearray(content), kind.value, math.prod(shape))
    return values.reshape(shape, order="F" if order == "F" else "C")


def _scalar(kind: _Type, content: Any) -> Any:
    return _filled(content, kind, (), "C")[()]


def _empty(*arguments: Any) -> _Array:
    return _Array()


def _from_buffer(content: Any, kind: _Type, shape: Any, order: str, axes: Any = None) -> np.ndarray:
    array = _filled(content, kind, shape, order)
    return array.transpose(axes) if order == "K" and axes is not None else array


_ADMITTED: dict[str, Callable[..., Any]] = {
    "ndarray": _empty,
    "dtype": _Type,
    "_reconstruct": _empty,
    "scalar": _scalar,
    "_frombuffer": _from_buffer,
}
_MODULES = {
    "numpy": ("ndarray", "dtype"),
    "numpy.core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.multiarray": ("_reconstruct", "scalar"),
    "numpy.core.numeric": ("_frombuffer",),
    "numpy._core.numeric": ("_frombuffer",),
}


# Not the one in C, which reserves as much memory as a file states, however short it is.
_Unpickler: Any = pickle._Unpickler


class _ArrayUnpickler(_Unpickler):
    """Unpickler that admits NumPy arrays, numbers, strings and plain containers."""

    dispatch: ClassVar[dict[int, Any]] = {**_Unpickler.dispatch}

    def find_class(self, module: str, name: str) -> Any:
        """Look a name up if it is admitted."""
        if name not in _MODULES.get(module, ()):
            raise UnsafePickle(f"the pickle asks for {module}.{name}; only numpy arrays are read")
        return _Named(_ADMITTED[name])

    def _load_bytearray(self) -> None:
        """Read bytes of a stated length, no more than there are."""
        (length,) = struct.unpack("<Q", self.read(8))
        self.append(bytearray(self.read(length)))

    dispatch[pickle.BYTEARRAY8[0]] = _load_bytearray


def read_arrays(path: str | Path) -> Any:
    """Read NumPy arrays, and lists, tuples and dictionaries of them, from a pickle at a path.

    Arrays hold numbers of a plain type. Strings of Python 2 are read as Latin-1.

    Raises
    ------
    UnsafePickle
        If the file asks for anything but NumPy arrays of numbers; the message names it.
    ValueError
        If the file is no complete pickle.
    """
    content = as_path("path", path).read_bytes()
    try:
        return _plain(_ArrayUnpickler(io.BytesIO(content), encoding="latin1").load(), {})
    except UnsafePickle:
        raise
    except Exception as error:
        raise ValueError(f"{path} is no whole pickle of arrays ({error})") from error


def _plain(content: Any, done: dict[int, Any]) -> Any:
    """Put arrays in the place of what stands for them; each object once."""
    if id(content) in done:
        return done[id(content)]
    plain: Any
    if isinstance(content, _Array):
        plain = content.value
    elif type(content) in (list, tuple):
        plain = type(content)(_plain(entry, done) for entry in content)
    elif type(content) is dict:
        plain = {_plain(key, done): _plain(entry, done) for key, entry in content.items()}
    elif isinstance(content, _Type | _Named):
        raise UnsafePickle("the pickle has a type in the place of an array")
    else:
        return content
    done[id(content)] = plain
    return plain
