"""Arrays kept in a file: computed once, and again if the file is damaged."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from mdesign.arguments import array, function
from mdesign.storage.files import kept_whole, read_kept

__all__ = ["Arrays", "kept_arrays", "load_arrays", "save_arrays"]

Arrays = dict[str, npt.NDArray[Any]]
T = TypeVar("T")

_PROBE = "probe of the physics"
_SAME = 1e-6


def kept_arrays(
    path: str | Path,
    make: Callable[[], Mapping[str, npt.NDArray[Any]]],
    *,
    probe: npt.ArrayLike | None = None,
) -> Arrays:
    """Read the arrays of a file; compute and write them if it is missing or damaged.

    A damaged file gives a warning. The same arrays give the same bytes. For `probe` see
    `load_arrays`.
    """
    function("make", make)
    arrays = load_arrays(path, dict, probe=probe)
    if arrays is None:
        start = time.monotonic()
        arrays = dict(make())
        save_arrays(path, arrays, probe=probe, seconds=time.monotonic() - start)
    return arrays


def save_arrays(
    path: str | Path,
    arrays: Mapping[str, npt.ArrayLike],
    *,
    probe: npt.ArrayLike | None = None,
    seconds: float = 0.0,
) -> None:
    """Write arrays into one file, with its checksum and the `seconds` that they took to compute.

    For `probe` see `load_arrays`.
    """
    if not isinstance(arrays, Mapping):
        raise TypeError(f"arrays must be a mapping of arrays by name; got {arrays!r}")
    contents = {
        name: array(f"arrays[{name!r}]", values, interval=None, dtype=None)
        for name, values in arrays.items()
    }
    if probe is not None:
        contents[_PROBE] = array("probe", probe, dtype=None)
    with kept_whole(path, seconds=seconds) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in sorted(contents):
            # A fixed date, so that no clock enters the bytes.
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, contents[name], allow_pickle=False)


def load_arrays(
    path: str | Path, parse: Callable[[Arrays], T], *, probe: npt.ArrayLike | None = None
) -> T | None:
    """Read the arrays of a file and parse them; None, with a warning, if they are of no use.

    Parameters
    ----------
    path, parse : pathlib.Path and callable
        See `mdesign.storage.files.read_kept`.
    probe : array_like, optional
        What the physics behind the arrays gives at a few points. It is stored with the arrays, and
        they are of no use where it differs by more than a part in a million.
    """
    wanted = None if probe is None else array("probe", probe)
    function("parse", parse)

    def read(path: Path) -> T:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        if wanted is not None and not np.allclose(arrays.pop(_PROBE), wanted, rtol=_SAME, atol=0):
            raise ValueError("another physics computed it")
        return parse(arrays)

    return read_kept(path, read)
