"""Threads for kernels that release the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

import numba
import numpy as np

__all__ = ["run_in_threads", "split_range"]


@cache
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """Threads that are kept between calls, but never shared with a forked process."""
    return ThreadPoolExecutor(threads, thread_name_prefix=f"mdesign-{process}")


def run_in_threads(task: Callable[[slice], None], slices: list[slice]) -> None:
    """Run `task` on each slice, in as many threads as numba may use."""
    threads = min(numba.get_num_threads(), len(slices))
    if threads <= 1:
        for part in slices:
            task(part)
        return
    list(_pool(threads, os.getpid()).map(task, slices))


def split_range(n: int, count: int) -> list[slice]:
    """Cut n items into at most `count` contiguous slices of nearly equal length, none empty."""
    cuts = np.linspace(0, n, max(1, min(count, n)) + 1).astype(int)
    return [slice(a, b) for a, b in pairwise(cuts.tolist())]
