"""Files kept with their checksum: read only if they are whole, else named and made anew.

The SHA-256 of a file lies beside it in the format of ``sha256sum``, with a comment that says how
long the file took to compute: a run that reads it counts that time as its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from mdesign.arguments import function, warn_caller
from mdesign.paths import as_path, written_whole

__all__ = ["digest", "kept_whole", "read_kept", "reused_seconds"]

T = TypeVar("T")

_TOOK = re.compile(r"# took ([0-9.]+) s")
_counted: dict[Path, float] = {}  # seconds of what was computed elsewhere, 0 for what was here


def reused_seconds() -> float:
    """Seconds that other processes spent on the kept files that this one has read."""
    return sum(_counted.values())


def digest(path: str | Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    with as_path("path", path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def kept_whole(path: str | Path, *, seconds: float = 0.0) -> Iterator[Path]:
    """Write a file as `mdesign.paths.written_whole` does, with its checksum.

    `seconds` is the time that its content took to compute, in all processes.
    The checksum comes first, beside that of the file which is replaced: a kill at any time leaves
    a whole file, old or new, and a checksum that fits it.
    """
    path = as_path("path", path)
    before = _stated(path) or []
    with written_whole(path) as temporary:
        yield temporary
        after = digest(temporary)
        _state(path, [after, *before], seconds)
    if before:
        _state(path, [after], seconds)
    _counted.setdefault(path.absolute(), 0.0)


def read_kept(path: str | Path, read: Callable[[Path], T]) -> T | None:
    """Read a file that `kept_whole` wrote; None if it is missing, unfinished or damaged.

    A file without a checksum is unfinished. One that is damaged, or that `read` cannot take because
    another version wrote it, is named in a warning.
    """
    function("read", read)
    path = as_path("path", path)
    fault = _fault(path)
    if fault is None:
        try:
            content = read(path)
            _counted.setdefault(path.absolute(), _took(path))
            return content
        except Exception as error:  # whatever a file of another version leads to
            fault = f"cannot be used ({type(error).__name__}: {error})"
    if fault:
        warn_caller(f"{path} {fault}; it is made anew")
    return None


def _fault(path: Path) -> str | None:
    """Describe the fault of a file: None for a good one, empty for an unfinished one."""
    stated = _stated(path)
    if stated is None or not path.is_file():
        return ""
    actual = digest(path)
    if actual in stated:
        return None
    return f"has sha256 {actual} instead of {' or '.join(stated) or 'none'}"


def _checksum(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _stated(path: Path) -> list[str] | None:
    """Digests beside a file, two if a kill came while it was replaced; None without any."""
    if not _checksum(path).is_file():
        return None
    text = _checksum(path).read_text(encoding="ascii", errors="replace")
    return [line.partition(" ")[0] for line in text.splitlines() if not line.startswith("#")]


def _took(path: Path) -> float:
    """Seconds noted beside a file; 0 without a note."""
    noted = _TOOK.search(_checksum(path).read_text(encoding="ascii", errors="replace"))
    return float(noted[1]) if noted else 0.0


def _state(path: Path, digests: list[str], seconds: float) -> None:
    with written_whole(_checksum(path)) as temporary:
        lines = [f"{one}  {path.name}\n" for one in digests]
        lines += [f"# took {seconds:.3f} s\n"] if seconds else []
        temporary.write_text("".join(lines), encoding="ascii", errors="replace")
