"""Shared by the benches: rates of repeated tasks, limits of threads, rows of the table."""

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
    """Rate of a task that does n things a call, per second, in the fastest repetition.

    A call before the repetitions compiles it. The clock may also count processor time.
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
    """Let compiled kernels use n threads within a block."""
    before = numba.get_num_threads()
    numba.set_num_threads(n)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def row(case: str, ours: float, peer: float, required: float | None, unit: str) -> dict[str, Any]:
    """One row of a bench: two rates, their ratio, and the least ratio that is required."""
    return {
        "case": case,
        "ours": ours,
        "peer": peer,
        "ratio": ours / peer,
        "required": required,
        "unit": unit,
    }
