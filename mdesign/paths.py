"""Where files lie: the data cache, the run folder, the figures.

Two environment variables move them: ``MDESIGN_HOME`` (data cache and runs) and
``MDESIGN_DATA_MIRROR`` (a folder with copies of the public data, read only).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "data_cache",
    "data_mirror",
    "figures",
    "home",
    "repository",
    "run_folder",
    "runs",
    "written_whole",
]


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
        if not name or name.startswith(".") or "/" in name or "\\" in name:
            raise ValueError(f"{argument} must be a plain folder name; got {name!r}")
    folder = runs() / profile / paper
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def figures() -> Path:
    """Folder of the committed figures, ``figures/`` of the checkout."""
    return repository() / "figures"


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file so that others see it whole or not at all.

    Yields a temporary path in the same folder with the same suffix, renamed over `path` when the
    block ends and removed when it fails. The folder is made if missing.

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
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())  # mkstemp made it private
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """Permissions the user withholds from new files."""
    current = os.umask(0)
    os.umask(current)
    return current
