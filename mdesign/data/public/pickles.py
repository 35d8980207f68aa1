"""NumPy arrays out of a pickle, without running what else the pickle may hold.

An ordinary unpickling calls whatever a file names. Here a file may name only what rebuilds NumPy
arrays; anything else is refused before it is looked up.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

__all__ = ["UnsafePickle", "read_arrays"]

_ADMITTED = frozenset(
    {
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy.core.numeric", "_frombuffer"),
        ("numpy._core.numeric", "_frombuffer"),
    }
)


class UnsafePickle(ValueError):
    """A pickle asks for something that is no NumPy array."""


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickler that admits NumPy arrays, numbers, strings and plain containers."""

    def find_class(self, module: str, name: str) -> Any:
        """Look a name up if it is admitted."""
        if (module, name) not in _ADMITTED:
            raise UnsafePickle(f"the pickle asks for {module}.{name}; only numpy arrays are read")
        # Files written by numpy 1 name modules that numpy 2 has moved.
        moved = module.replace("numpy.core.", "numpy._core.")
        return super().find_class(moved, name)


def read_arrays(path: str | Path) -> Any:
    """Read NumPy arrays, and lists, tuples and dictionaries of them, from a pickle at a path.

    Strings of Python 2 are read as Latin-1.

    Raises
    ------
    UnsafePickle
        If the file asks for anything but NumPy arrays; the message names it.
    ValueError
        If the file is no complete pickle.
    """
    with Path(path).open("rb") as stream:
        try:
            content = _ArrayUnpickler(stream, encoding="latin1").load()
        except UnsafePickle:
            raise
        except Exception as error:
            raise ValueError(f"{path} is no whole pickle of arrays ({error})") from error
    return content
