"""Where files lie: the data cache, the run folder, the figures.

Two environment variables move them: ``MDESIGN_HOME`` (data cache and runs) and
``MDESIGN_DATA_MIRROR`` (a folder with copies of the public data, read only). The runner tells a
notebook by ``MDESIGN_RESULTS`` where its results go.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "as_path",
    "data_cache",
    "data_mirror",
    "figures",
    "home",
    "repository",
    "result_folder",
    "run_folder",
    "runs",
    "sweep",
    "temporary_folder",
    "written_whole",
]

LEFTOVER_AFTER = 3600.0
"""Seconds after which a temporary file, written in seconds, must be that of a killed run."""

_TEMPORARY = re.compile(r"\..*-([0-9a-f]{8})-(\d+)-\w{8}(\..*)?")


def as_path(name: str, value: str | os.PathLike[str]) -> Path:
    """Return an argument as a path; TypeError that names it for anything else."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be a path; got {value!r}")
    return Path(value)


def repository() -> Path:
    """Root of the checkout, the folder that holds ``notebooks/``.

    It is the parent of the package for an editable installation, else the first such folder among
    the current one and those above it; FileNotFoundError if neither holds the notebooks.
    """
    current = Path.cwd()
    for folder in (Path(__file__).resolve().parents[1], current, *current.parents):
        if (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise FileNotFoundError(
        f"no mdesign checkout (notebooks/ beside pyproject.toml) at or above {current}; "
        'clone the repository and install it with: python -m pip install -e "."'
    )


def home() -> Path:
    """Folder of everything mdesign keeps: ``$MDESIGN_HOME``, or the user's cache folder."""
    chosen = os.environ.get("MDESIGN_HOME")
    if chosen:
        return Path(chosen).expanduser().resolve()
    import pooch  # only here: a plain `import mdesign.paths` stays quick

    return Path(pooch.os_cache("mdesign"))


def data_cache() -> Path:
    """Folder of the public data that were fetched, below `home`."""
    return home() / "data"


def data_mirror() -> Path | None:
    """Folder with copies of the public data (``$MDESIGN_DATA_MIRROR``), if one is named."""
    chosen = os.environ.get("MDESIGN_DATA_MIRROR")
    return Path(chosen).expanduser().resolve() if chosen else None


def runs() -> Path:
    """Folder of executed notebooks: ``$MDESIGN_HOME/runs``, else ``runs/`` of the checkout."""
    if os.environ.get("MDESIGN_HOME"):
        return home() / "runs"
    return repository() / "runs"


def run_folder(paper: str, profile: str) -> Path:
    """Folder ``runs()/profile/paper`` of a paper's results, made if missing.

    ValueError if a name is not a plain folder name, such as ``"gidn"`` and ``"quick"``.
    """
    for argument, name in (("paper", paper), ("profile", profile)):
        if not isinstance(name, str):
            raise TypeError(f"{argument} must be a text; got {name!r}")
        if not name or name.startswith(".") or "/" in name or "\\" in name:
            raise ValueError(f"{argument} must be a plain folder name; got {name!r}")
    folder = runs() / profile / paper
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def result_folder(paper: str, profile: str) -> Path:
    """Folder into which a notebook records its results: the runner's, else `run_folder`."""
    chosen = os.environ.get("MDESIGN_RESULTS")
    return Path(chosen) if chosen else run_folder(paper, profile)


def figures() -> Path:
    """Folder of the committed figures, ``figures/`` of the checkout."""
    return repository() / "figures"


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file so that others see it whole or not at all.

    Yields a temporary path in the same folder with the same suffixes, renamed over `path` when the
    block ends and removed when it fails; what a killed process left there goes too. The folder is
    made if missing. An OSError names `path`.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with written_whole(target) as temporary:
    ...     _ = temporary.write_text("whole")
    ...     target.exists()
    False
    >>> target.read_text()
    'whole'
    """
    target = as_path("path", path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder lies where a file belongs", str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    stem, dot, suffix = target.name.partition(".")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=_prefix(stem), suffix=dot + suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())  # mkstemp made it private
        temporary.replace(target)
    except OSError as error:
        if error.errno is not None and error.filename in (None, name):
            error.filename = str(target)
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def temporary_folder(parent: str | os.PathLike[str], stem: str) -> Iterator[Path]:
    """Make a folder that is removed when the block ends or, after a kill, by the next `sweep`."""
    parent = as_path("parent", parent)
    parent.mkdir(parents=True, exist_ok=True)
    sweep(parent)
    with tempfile.TemporaryDirectory(
        dir=parent, prefix=_prefix(stem), ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


def sweep(folder: str | os.PathLike[str]) -> None:
    """Delete the temporary files and folders that killed processes left in a folder."""
    folder = as_path("folder", folder)
    for entry in os.scandir(folder) if folder.is_dir() else ():
        match = _TEMPORARY.fullmatch(entry.name)
        if match and _is_left_over(Path(entry.path), match[1], int(match[2])):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)


def _prefix(stem: str) -> str:
    """Begin a temporary name, which says what process on what machine writes it."""
    if not isinstance(stem, str) or "/" in stem:
        raise TypeError(f"stem must be the beginning of a name; got {stem!r}")
    return f".{stem}-{_machine()}-{os.getpid()}-"


def _machine() -> str:
    """Name the machine, or the container, whose processes have numbers of their own."""
    numbers = Path("/proc/self/ns/pid")
    whole = platform.node() + (os.readlink(numbers) if numbers.exists() else "")
    return hashlib.sha256(whole.encode()).hexdigest()[:8]


def _is_left_over(path: Path, machine: str, process: int) -> bool:
    """Whether nobody writes a temporary file any more."""
    if machine == _machine() and not _is_running(process):
        return True
    try:
        return time.time() - path.stat().st_mtime > LEFTOVER_AFTER
    except FileNotFoundError:
        return False


def _is_running(process: int) -> bool:
    import psutil  # only here: a plain `import mdesign.paths` stays quick

    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _umask() -> int:
    """Permissions the user withholds from new files."""
    current = os.umask(0)
    os.umask(current)
    return current
