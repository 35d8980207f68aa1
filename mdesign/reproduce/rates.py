"""What benches share: rates of repeated tasks, threads held to a number, rows of the table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numba

__all__ = ["rate", "row", "threads"]


def rate(
    task: Callable[[], object],
    n: int,
    clock: Callable[[], float] = time.perf_counter,
    *,
    repeats: int = 3,
) -> float:
    """Measure how many things a second a task does, in the fastest of a few repetitions.

    Parameters
    ----------
    task : callable
        What is measured; one call before the repetitions compiles it.
    n : int
        Things that one call does.
    clock : callable, optional
        Seconds: wall time, or processor time of a thread or of the process.
    repeats : int, optional
        Repetitions, at least 1.

    Returns
    -------
    float
        Things a second.

    Raises
    ------
    ValueError
        If `repeats` is not positive.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1; got {repeats}")
    task()
    seconds = []
    for _ in range(repeats):
        start = clock()
        task()
        seconds.append(clock() - start)
    return n / min(seconds)


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Let compiled kernels use so many threads within a block.

    Parameters
    ----------
    n : int
        Threads, at least 1 and at most as many as numba was started with.
    """
    before = numba.get_num_threads()
    numba.set_num_threads(n)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def row(case: str, ours: float, peer: float, required: float | None, unit: str) -> dict[str, Any]:
    """Make one row of the table.

    Parameters
    ----------
    case : str
        What is compared with what.
    ours, peer : float
        Both rates, in `unit`; their ratio is the result.
    required : float or None
        The least ratio that was asked for, if any was.
    unit : str
        Of the rates.

    Returns
    -------
    dict
        As `mdesign.reproduce.bench.run_bench` wants it.
    """
    return {
        "case": case,
        "ours": ours,
        "peer": peer,
        "ratio": ours / peer,
        "required": required,
        "unit": unit,
    }
