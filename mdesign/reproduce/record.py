"""Keep the results of a notebook: its figure, and its numbers beside those of the paper."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from mdesign import paths, storage
from mdesign.reproduce.comparison import Comparison
from mdesign.reproduce.machine import device
from mdesign.reproduce.notebook import UsageError, read_notebook

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["as_text", "plain", "read_record", "record", "recorded"]

# When the process started, on a clock that nobody sets: the time of day may go back in a long run.
_STARTED = time.monotonic() - (time.time() - psutil.Process().create_time())

_DISTRIBUTIONS = (
    "mdesign",
    "jax",
    "keras",
    "numba",
    "numpy",
    "pymoo",
    "scikit-learn",
    "scipy",
    "tensorflow",
)
_DIGITS = 6
_DPI = 300


def record(
    notebook: str,
    *,
    ours: Mapping[str, float],
    baselines: Mapping[str, Mapping[str, float]] | None = None,
    figure: Figure | Mapping[str, Figure],
    results: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    profile: str | None = None,
    seed: int | None = None,
) -> Comparison:
    """Judge our numbers, and write figure and numbers into the run folder.

    Writes ``<id>.png`` (a further ``<id>_<suffix>.png`` for each further figure) and, last,
    ``<id>.json``, each whole or not at all. Equal figures give equal bytes. What the runner runs
    goes into the run folder when it has succeeded.

    Parameters
    ----------
    notebook : str
        Identifier ``"<paper>/<notebook>"``, such as ``"gidn/fig5_statistics"``.
    ours : mapping of str to float
        Our numbers by claim, its name after the dot; empty for a notebook that compares none.
    baselines : mapping of str to mapping of str to float, optional
        Numbers of rival methods by claim and method. The table shows those better than ours.
    figure : matplotlib.figure.Figure or mapping of str to Figure
        The figure, or several by suffix; the main one has the suffix ``""``.
    results : mapping of str to Any, optional
        Further numbers to keep; arrays become lists.
    parameters : mapping of str to Any, optional
        Values of the parameters cell. A running kernel has them: they are read from its
        variables, by the names in the parameters cell of the notebook's file.
    profile, seed : str, int, optional
        Profile and seed of the run; by default those among the parameters.

    Returns
    -------
    Comparison
        The claims beside our numbers.

    Raises
    ------
    ValueError
        For a key of `ours` that is no claim of this notebook, a number that is not finite, a
        value that JSON cannot hold, or parameters that are neither given nor in a kernel.
    """
    paper, _, name = notebook.partition("/")
    parameters = _kernel_parameters(notebook) if parameters is None else parameters
    profile = parameters["profile"] if profile is None else profile
    seed = parameters["seed"] if seed is None else seed
    by_seed = {name: {int(seed): float(value)} for name, value in ours.items()}
    comparison = Comparison.of(notebook, profile, by_seed, baselines or {})
    reused = storage.reused_seconds()
    contents = {
        "id": notebook,
        "paper": paper,
        "profile": profile,
        "seed": int(seed),
        "parameters": plain("parameters", dict(parameters)),
        "results": plain("results", dict(results or {})),
        "rows": [plain("rows", row.content()) for row in comparison.rows],
        "versions": _versions(),
        "device": device(),
        "commit": _commit(),
        "wall_seconds": round(time.monotonic() - _STARTED + reused, 1),
        "reused_seconds": round(reused, 1),
    }
    folder = paths.result_folder(paper, profile)
    pictures = figure if isinstance(figure, Mapping) else {"": figure}
    for suffix, picture in pictures.items():
        _save(picture, folder / (f"{name}_{suffix}.png" if suffix else f"{name}.png"))
    with paths.written_whole(folder / f"{name}.json") as temporary:
        temporary.write_text(as_text(contents), encoding="utf-8")
    return comparison


def recorded(notebook: str, *, profile: str) -> dict[str, Any]:
    """Read what another notebook recorded.

    Parameters
    ----------
    notebook, profile : str
        Identifier ``"<paper>/<notebook>"``, and the profile whose record is wanted.

    Returns
    -------
    dict
        Its JSON, from the run folder or else from ``figures/``; ``"profile"`` says of which run.

    Raises
    ------
    FileNotFoundError, ValueError
        If the notebook has not been run, or its record is damaged; the message has the command
        that runs it.
    """
    paper, _, name = notebook.partition("/")
    remedy = f"run it first: mdesign reproduce {notebook} --profile {profile}"
    needed = json.loads(os.environ.get("MDESIGN_NEEDED", "{}"))  # set by the runner
    record = paths.run_folder(paper, profile) / f"{name}.json"
    for path in (needed.get(notebook, record), paths.figures() / paper / record.name):
        if Path(path).is_file():
            return read_record(Path(path), remedy)
    raise FileNotFoundError(f"no record of {notebook}; {remedy}")


def as_text(record: Mapping[str, Any]) -> str:
    """Write a record as sorted JSON."""
    text = json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return text + "\n"


def read_record(path: Path, remedy: str) -> dict[str, Any]:
    """Read a record; a UsageError that names the file if it is damaged."""
    with suppress(ValueError):
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and "profile" in content:
            return content
    raise UsageError(f"{path} is damaged; {remedy}")


def _kernel_parameters(notebook: str) -> dict[str, Any]:
    """Values in the running kernel of the names in the notebook's parameters cell."""
    ipython = sys.modules.get("IPython")  # loaded wherever a kernel runs
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        raise ValueError(f"parameters of {notebook} must be given outside a notebook's kernel")
    names = read_notebook(paths.repository(), notebook).parameters
    missing = sorted(set(names) - set(shell.user_ns))
    if missing:
        raise ValueError(f"run the parameters cell of {notebook}, which sets {missing}")
    return {name: shell.user_ns[name] for name in names}


def _save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG without the metadata that change between versions."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for ax in figure.axes:
        # The solver of the layout leaves the last digits to chance, and with them a pixel.
        ax.set_position(np.round(ax.get_position(original=True).bounds, 6).tolist())
    with paths.written_whole(path) as temporary:
        figure.savefig(temporary, dpi=_DPI, metadata={"Software": None})


def plain(name: str, value: Any) -> Any:
    """Turn a value into what JSON holds, floats at six significant digits."""
    if isinstance(value, Mapping):
        return {str(key): plain(f"{name}.{key}", entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return plain(name, value.tolist())
    if isinstance(value, list | tuple):
        return [plain(f"{name}[{index}]", entry) for index, entry in enumerate(value)]
    if isinstance(value, np.generic):
        return plain(name, value.item())
    if isinstance(value, float):
        return _rounded(name, value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise ValueError(
        f"{name} must be numbers, text, arrays, lists or mappings of them; "
        f"got {type(value).__name__}"
    )


def _rounded(name: str, value: float) -> float:
    """Round to significant digits."""
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite; got {value}")
    return float(f"{value:.{_DIGITS}g}")


def _versions() -> dict[str, str]:
    """Versions of Python and of the installed packages that make the numbers."""
    versions = {"python": platform.python_version()}
    for name in _DISTRIBUTIONS:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def _commit() -> str | None:
    """Short commit of the checkout, with ``+dirty`` for uncommitted changes; None without git."""
    try:
        root = paths.repository()
        short = _git(root, "rev-parse", "--short", "HEAD")
        # The figures and pages that a run publishes change no result.
        what = (".", ":(exclude)figures", ":(exclude)*.md")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no", "--", *what)
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{short}+dirty" if changed else short


def _git(root: Path, *arguments: str) -> str:
    """Output of one git command in the checkout."""
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()
