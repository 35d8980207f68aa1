"""Registry of public data files: address, checksum, licence; and how a file gets into the cache.

A file is looked up in the cache (`mdesign.paths.data_cache`), then in the folder that
``MDESIGN_DATA_MIRROR`` names, then at its address. Its checksum is verified each time. The files
themselves are never part of the repository.
"""

from __future__ import annotations

import csv
import errno
import shutil
import warnings
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from mdesign import paths
from mdesign.arguments import text, whole
from mdesign.storage.files import digest

__all__ = ["DataNotReachable", "PublicFile", "fetch", "files", "find"]


class DataNotReachable(OSError):
    """A public file is neither in the cache nor in the mirror nor at its address."""


@dataclass(frozen=True)
class PublicFile:
    """A public data file; ValueError if its key, address, size or checksum is malformed."""

    #: ``"<group>/<name>"``, also the path below the cache and the mirror.
    key: str
    #: Where it is published, at a fixed version.
    url: str
    bytes: int
    #: Its checksum, 64 hexadecimal digits.
    sha256: str
    licence: str
    #: The work to cite for it.
    citation: str

    def __post_init__(self) -> None:
        for name in ("key", "url", "sha256", "licence", "citation"):
            text(name, getattr(self, name))
        object.__setattr__(self, "bytes", whole("bytes", self.bytes))
        parts = PurePosixPath(self.key).parts
        if len(parts) < 2 or ".." in parts or self.key.startswith("/") or "\\" in self.key:
            raise ValueError(f'key must read "<group>/<name>"; got {self.key!r}')
        if not self.url.startswith(("https://", "http://")):
            raise ValueError(f"url must begin with https:// or http://; got {self.url!r}")
        if len(self.sha256) != 64 or set(self.sha256) - set("0123456789abcdef"):
            raise ValueError(f"sha256 must be 64 hexadecimal digits; got {self.sha256!r}")

    @property
    def group(self) -> str:
        """The first part of the key."""
        return self.key.partition("/")[0]

    def checksum_error(self, path: Path) -> str | None:
        """Say what is wrong with the size or checksum of an existing file; None for a good copy."""
        size = path.stat().st_size
        if size != self.bytes:
            return f"has {size} bytes instead of {self.bytes}"
        found = digest(path)
        return None if found == self.sha256 else f"has sha256 {found} instead of {self.sha256}"


@cache
def files() -> tuple[PublicFile, ...]:
    """All public files, sorted by key."""
    text = (
        resources.files("mdesign.data.public").joinpath("registry.tsv").read_text(encoding="utf-8")
    )
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    entries = (
        PublicFile(
            key=row["key"],
            url=row["url"],
            bytes=int(row["bytes"]),
            sha256=row["sha256"],
            licence=row["licence"],
            citation=row["citation"],
        )
        for row in rows
    )
    return tuple(sorted(entries, key=lambda file: file.key))


def find(name: str) -> tuple[PublicFile, ...]:
    """Public files of a key such as ``"gan_mdn/dataset_z4.hdf5"`` or a group, or ValueError.

    Examples
    --------
    >>> len(find("gan_mdn"))
    4
    """
    text("name", name)
    matches = tuple(file for file in files() if name in (file.key, file.group))
    if not matches:
        names = sorted({file.group for file in files()} | {file.key for file in files()})
        raise ValueError(f"name must be a key or group of public data: {names}; got {name!r}")
    return matches


def fetch(file: PublicFile | str, *, progress: bool = False) -> Path:
    """Get one public file, or the file of a key, into the cache and return its verified path.

    A truncated or altered copy is named in a warning and replaced.

    Raises
    ------
    ValueError, DataNotReachable
        If there is no such key, or no good copy is available; the message says how to try again.
    """
    wanted = file if isinstance(file, PublicFile) else _find_one(text("file", file))
    cached = paths.data_cache() / wanted.key
    if _is_good(wanted, cached):
        return cached
    mirror = paths.data_mirror()
    if mirror is not None and _is_good(wanted, mirror / wanted.key):
        with paths.written_whole(cached) as temporary:
            shutil.copyfile(mirror / wanted.key, temporary)
        return cached
    _download(wanted, cached, progress)
    return cached


class _Capped:
    """A file that takes no more than so many bytes."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._limit = stream, limit

    def write(self, chunk: bytes) -> int:
        """Write a part of a download."""
        if self._stream.tell() + len(chunk) > self._limit:
            raise OSError(f"it is larger than {self._limit} bytes")
        return self._stream.write(chunk)

    def flush(self) -> None:
        """Write what is buffered."""
        self._stream.flush()


def _find_one(key: str) -> PublicFile:
    """Find the file of one key."""
    matches = find(key)
    if len(matches) > 1 or matches[0].key != key:
        raise ValueError(
            f"file must be one key, not a group: {[f.key for f in matches]}; got {key!r}"
        )
    return matches[0]


def _is_good(file: PublicFile, path: Path) -> bool:
    """Whether a good copy lies at a path; a bad one is named in a warning."""
    if not path.is_file():
        return False
    problem = file.checksum_error(path)
    if problem is not None:
        warnings.warn(f"{path} {problem}; looking for another copy", UserWarning, stacklevel=3)
    return problem is None


def _download(file: PublicFile, path: Path, progress: bool) -> None:
    """Download a file and put it in place once its checksum is right."""
    import pooch  # only here: looking a file up stays quick

    remedy = (
        f"try again with: mdesign data fetch {file.key}, "
        "or name a folder that holds it in MDESIGN_DATA_MIRROR"
    )
    with paths.written_whole(path) as temporary:
        try:
            with temporary.open("wb") as stream:
                capped = _Capped(stream, file.bytes)
                pooch.HTTPDownloader(progressbar=progress)(file.url, capped, None)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise DataNotReachable(
                f"{file.key} cannot be had from {file.url} ({error}); {remedy}"
            ) from error
        problem = file.checksum_error(temporary)
        if problem is not None:
            raise DataNotReachable(f"{file.key} as sent by {file.url} {problem}; {remedy}")
