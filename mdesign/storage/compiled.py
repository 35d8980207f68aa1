"""Machine code that numba keeps for later processes, where it can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

__all__ = ["compiled"]


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile as `numba.njit(nogil=True)` does, and keep the code if a folder can be written."""

    def compile_one(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(nogil=True, cache=True, **options)(function)
        except RuntimeError:  # neither the package nor the user's cache folder can be written
            return numba.njit(nogil=True, **options)(function)

    return compile_one
