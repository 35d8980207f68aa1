"""Start a process for each notebook, follow it, and stop it together with its kernel."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from mdesign.reproduce.cache import Task
from mdesign.reproduce.machine import cores
from mdesign.reproduce.outcome import Outcome, Watcher

__all__ = ["Processes", "environment"]

_SHARED = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
# TensorFlow splits sums among these threads, so their number decides the last digits.
_WHOLE = ("TF_NUM_INTRAOP_THREADS",)
_SECONDS_TO_END = 10


class Processes:
    """The processes that run notebooks, so many at a time."""

    def __init__(self, jobs: int, watcher: Watcher) -> None:
        self._environment = environment(jobs)
        self._watcher = watcher
        self._live: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, task: Task, stage: Path) -> Outcome:
        """Run one notebook to its end, all files in a folder; an OSError if the disk is full."""
        self._watcher.started(task.notebook, task.fault)
        start = time.monotonic()
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
            cell, end = self._followed(task, stage, complaints)
            if not end:
                complaints.seek(0)
                last = (complaints.read().strip().splitlines() or ["it left no message"])[-1]
                end = {"status": "failed", "error": f"its process ended early: {last}"}
        return replace(_outcome(task, end, cell), seconds=time.monotonic() - start)

    def stop(self) -> None:
        """End all processes, and with them their kernels; none is started afterwards."""
        with self._lock:
            self._stopped = True
            live = list(self._live)
        for process in live:
            process.terminate()
        for process in live:
            try:
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()

    def _followed(
        self, task: Task, stage: Path, complaints: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Run a process; return the last cell that it started, and how it ended."""
        cell: dict[str, Any] = {}
        end: dict[str, Any] = {}
        process = self._started(complaints)
        assert process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError), process:  # broken: it ended before it read its job
            process.stdin.write(repr(_job(task, stage)) + "\n")
            process.stdin.flush()
            for event in map(json.loads, process.stdout):
                if event["status"] == "running":
                    cell = event
                    self._watcher.at_cell(task.notebook, cell["cell"], cell["of"])
                else:
                    end = event
        with self._lock:
            self._live.discard(process)
        return cell, end

    def _started(self, complaints: Any) -> subprocess.Popen[str]:
        """Start a process, in a session of its own: an interrupt reaches the runner alone."""
        with self._lock:
            if self._stopped:
                raise InterruptedError("the runner was stopped")
            process = subprocess.Popen(
                [sys.executable, "-m", "mdesign.reproduce.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                encoding="utf-8",
                env=self._environment,
                start_new_session=True,
            )
            self._live.add(process)
        return process


def environment(jobs: int) -> dict[str, str]:
    """Environment in which jobs share the cores; lower limits of the user stay.

    The numbers of a notebook do not depend on how many run at a time.
    """
    share = {name: max(1, cores() // jobs) for name in _SHARED}
    share |= dict.fromkeys(_WHOLE, cores())
    limits = {
        name: str(min(threads, _number(os.environ.get(name), threads)))
        for name, threads in share.items()
    }
    # The kernel python3 of this environment, not one that the user once installed.
    return {**os.environ, **limits, "JUPYTER_PREFER_ENV_PATH": "1"}


def _job(task: Task, stage: Path) -> dict[str, Any]:
    """Describe the job to the process; parameters at their defaults are not handed over."""
    defaults = task.notebook.parameters
    changed = {
        name: value
        for name, value in task.parameters.items()
        if name == "profile" or value != defaults[name].default
    }
    return {
        "notebook": str(task.notebook.path),
        "stage": str(stage),
        "parameters": changed,
        "needed": {need: str(path) for need, path in task.needed.items()},
    }


def _outcome(task: Task, end: Mapping[str, Any], cell: Mapping[str, Any]) -> Outcome:
    """Put into words how a notebook ended."""
    if end["status"] == "disk full":
        raise OSError(errno.ENOSPC, end["error"], end.get("file") or str(task.output))
    if end["status"] == "failed" and cell:
        number = f"cell {cell['cell']}"
        if end.get("execution"):
            number += f" (In [{end['execution']}])"
        text = f"{number}, `{cell['line']}`: {end['error']}; executed so far: {task.failed}"
        return Outcome(task.id, "failed", text)
    return Outcome(task.id, end["status"], end.get("error", ""))


def _number(text: str | None, otherwise: int) -> int:
    """Read a number of threads."""
    return int(text) if text and text.isdecimal() and int(text) > 0 else otherwise
