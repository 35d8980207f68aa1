"""Threads for kernels that release the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

import numba
import numpy as np

__all__ = ["for_each", "parts"]


@cache
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """Threads kept between calls; those of a parent process do not live on in a forked one."""
    return ThreadPoolExecutor(threads, thread_name_prefix=f"mdesign-{process}")


def for_each(task: Callable[[slice], None], slices: list[slice]) -> None:
    """Run `task` on each slice, as many at once as numba may use threads."""
    threads = min(numba.get_num_threads(), len(slices))
    if threads <= 1:
        for part in slices:
            task(part)
        return
    list(_pool(threads, os.getpid()).map(task, slices))


def parts(n: int, count: int) -> list[slice]:
    """Cut n items into at most `count` contiguous slices of nearly equal length, none empty."""
    cuts = np.linspace(0, n, max(1, min(count, n)) + 1).astype(int)
    return [slice(a, b) for a, b in pairwise(cuts.tolist())]
