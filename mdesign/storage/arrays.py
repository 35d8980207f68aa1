"""Arrays kept in a file with its checksum: computed once, and again if the file is damaged.

The SHA-256 of a file lies beside it in the format of ``sha256sum``.
"""

from __future__ import annotations

import hashlib
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mdesign.paths import written_whole

__all__ = ["Arrays", "kept_arrays"]

Arrays = dict[str, npt.NDArray[Any]]


def kept_arrays(path: Path, make: Callable[[], Mapping[str, npt.NDArray[Any]]]) -> Arrays:
    """Read the arrays of a file; compute and write them if it is missing or damaged.

    A damaged file gives a warning. The same arrays give the same bytes.
    """
    fault = _fault(path)
    if fault:
        warnings.warn(f"{path} {fault}; it is made anew", UserWarning, stacklevel=4)
    if fault is not None:
        _write(path, make())
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _write(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write a file, then its checksum: a file without one is unfinished."""
    with written_whole(path) as temporary:
        with zipfile.ZipFile(temporary, "w") as archive:
            for name in sorted(arrays):
                # A fixed date, so that no clock enters the bytes.
                entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(entry, "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, arrays[name], allow_pickle=False)
        digest = _digest(temporary)
    with written_whole(_checksum(path)) as temporary:
        temporary.write_text(f"{digest}  {path.name}\n", encoding="ascii")


def _checksum(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fault(path: Path) -> str | None:
    """Describe the fault of a file: None for a good one, empty for an unfinished one."""
    if not (path.is_file() and _checksum(path).is_file()):
        return ""
    stated = _checksum(path).read_bytes().split(b" ")[0].decode("ascii", errors="replace")
    actual = _digest(path)
    return None if actual == stated else f"has sha256 {actual} instead of {stated}"
