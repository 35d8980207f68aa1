"""Benchmarks: ``tests/benchmarks/bench_<name>.py``, each with a docstring and ``run(progress)``."""

from __future__ import annotations

import ast
import importlib.util
import json
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

from mdesign import paths
from mdesign.reproduce.machine import cores, processor
from mdesign.reproduce.notebook import UsageError
from mdesign.reproduce.report import table

__all__ = ["bench_table", "benches", "described", "machine", "run_bench", "write_json"]

_PACKAGES = ("keras", "numba", "numpy", "scikit-fem", "scipy", "tensorflow")


def benches(root: Path) -> dict[str, Path]:
    """Find the benchmarks of a checkout, by name."""
    files = sorted((root / "tests" / "benchmarks").glob("bench_*.py"))
    return {path.stem.removeprefix("bench_"): path for path in files}


def described(path: Path) -> str:
    """First line of the docstring of a benchmark, read without running it."""
    text = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    return text.partition("\n")[0]


def run_bench(root: Path, name: str, *, progress: bool = False) -> list[dict[str, Any]]:
    """Run one benchmark.

    Its rows have the keys case, ours, peer, ratio (None for a missing peer), required, unit, met.
    """
    files = benches(root)
    if name not in files:
        raise UsageError(f"unknown benchmark {name!r}; known are {', '.join(files) or 'none'}")
    specification = importlib.util.spec_from_file_location(f"bench_{name}", files[name])
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return [{**row, "met": _met(row)} for row in module.run(progress=progress)]


def bench_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay out the rows of a benchmark."""
    body = [
        [
            str(row["case"]),
            *(_number(row.get(name)) for name in ("ours", "peer")),
            str(row.get("unit", "")),
            *(_number(row.get(name)) for name in ("ratio", "required")),
            {True: "yes", False: "no", None: ""}[row["met"]],
        ]
        for row in rows
    ]
    return table(["case", "ours", "peer", "unit", "ratio", "required", "met"], body)


def machine() -> dict[str, Any]:
    """Describe what the numbers were measured on: system, processor, cores, memory, versions."""
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            packages[name] = "not installed"
    return {
        "system": platform.platform(),
        "processor": processor(),
        "cores": cores(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "packages": packages,
    }


def write_json(path: Path, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of a benchmark and what they were measured on."""
    content = {"bench": name, "machine": machine(), "rows": list(rows)}
    with paths.written_whole(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _met(row: Mapping[str, Any]) -> bool | None:
    """Whether a ratio is at least what is required; None if one of them is missing."""
    ratio, required = row.get("ratio"), row.get("required")
    return None if ratio is None or required is None else bool(ratio >= required)


def _number(value: float | str | None) -> str:
    """Three significant digits; a text, such as why a peer is missing, stays."""
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
