"""Keep the results of a notebook: its figure, and its numbers beside those of the paper."""

from __future__ import annotations

import html
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from mdesign import papers, paths
from mdesign.reproduce.machine import device
from mdesign.reproduce.notebook import UsageError, read_notebook

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Comparison", "Row", "plain", "read_record", "record", "recorded"]

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


@dataclass(frozen=True)
class Row:
    """One claim beside our number.

    Parameters
    ----------
    name, claim, where : str
        Key of the claim within its notebook, the claim in one line, its place in the paper.
    paper, ours : float
        The published number and ours, in `unit`.
    relation : str
        "about", "at least" or "at most": how ours has to compare with the paper's.
    tolerance : float
        What is allowed on the wrong side, in `unit`.
    verdict : str
        "reproduced" or "not reproduced".
    reason : str
        Why this tolerance.
    unit : str, optional
        Unit of both numbers.
    """

    name: str
    claim: str
    where: str
    paper: float
    ours: float
    relation: str
    tolerance: float
    verdict: str
    reason: str
    unit: str = ""

    def cells(self) -> tuple[str, str, str, str]:
        """Claim, paper, ours and verdict as text."""
        sign = {"about": "", "at least": "≥ ", "at most": "≤ "}[self.relation]
        unit = f" {self.unit}" if self.unit else ""
        paper, ours = f"{sign}{_number(self.paper)}{unit}", f"{_number(self.ours)}{unit}"
        return self.claim, paper, ours, self.verdict


@dataclass(frozen=True)
class Comparison:
    """Claims beside our numbers; a notebook shows them as a table.

    Parameters
    ----------
    notebook, profile : str
        Identifier ``"<paper>/<notebook>"``, and the profile that was run.
    rows : tuple of Row
        One row a claim.
    """

    notebook: str
    profile: str
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        if not self.rows:
            return self._title()
        cells = [("claim", "paper", "ours", "verdict"), *map(Row.cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)
        return "\n".join([self._title(), *lines])

    def _repr_markdown_(self) -> str:
        if not self.rows:
            return self._title()
        body = [
            "| " + " | ".join(cell.replace("|", r"\|") for cell in row.cells()) + " |"
            for row in self.rows
        ]
        head = ["| claim | paper | ours | verdict |", "|---|---|---|---|"]
        return "\n".join([self._title(), "", *head, *body])

    def _repr_html_(self) -> str:
        title = f"<p>{html.escape(self._title())}</p>"
        if not self.rows:
            return title
        head = "".join(f"<th>{name}</th>" for name in ("claim", "paper", "ours", "verdict"))
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row.cells()) + "</tr>"
            for row in self.rows
        )
        return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _title(self) -> str:
        if not self.rows:
            return f"{self.notebook}, profile {self.profile}: no number to compare"
        held = sum(row.verdict == "reproduced" for row in self.rows)
        return f"{self.notebook}, profile {self.profile}: {held} of {len(self.rows)} reproduced"


def record(
    notebook: str,
    *,
    ours: Mapping[str, float],
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
    comparison = Comparison(notebook, profile, _judge(notebook, ours))
    contents = {
        "id": notebook,
        "paper": paper,
        "profile": profile,
        "seed": int(seed),
        "parameters": plain("parameters", dict(parameters)),
        "results": plain("results", dict(results or {})),
        "rows": [plain("rows", asdict(row)) for row in comparison.rows],
        "versions": _versions(),
        "device": device(),
        "commit": _commit(),
        "wall_seconds": round(time.time() - psutil.Process().create_time(), 1),
    }
    folder = paths.result_folder(paper, profile)
    pictures = figure if isinstance(figure, Mapping) else {"": figure}
    for suffix, picture in pictures.items():
        _save(picture, folder / (f"{name}_{suffix}.png" if suffix else f"{name}.png"))
    with paths.written_whole(folder / f"{name}.json") as temporary:
        text = json.dumps(contents, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
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


def _judge(notebook: str, ours: Mapping[str, float]) -> tuple[Row, ...]:
    """Set each of our numbers beside its claim, in the order of the paper."""
    claims = papers.claims_of(notebook)
    unknown = sorted(set(ours) - set(claims))
    if unknown:
        raise ValueError(
            f"ours must be keyed by claims of {notebook}: {sorted(claims)}; got {unknown}"
        )
    return tuple(
        Row(
            name=name,
            claim=claim.statement,
            where=claim.where,
            paper=claim.value,
            ours=float(ours[name]),
            relation=claim.relation,
            tolerance=claim.margin,
            verdict=claim.verdict(float(ours[name])),
            reason=claim.reason,
            unit=claim.unit,
        )
        for name, claim in claims.items()
        if name in ours
    )


def _number(value: float) -> str:
    """Five significant digits, large numbers without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.5g}"


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
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{short}+dirty" if changed else short


def _git(root: Path, *arguments: str) -> str:
    """Output of one git command in the checkout."""
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()
