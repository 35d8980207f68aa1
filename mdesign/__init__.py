"""Inverse design of materials: physics makes data, models learn it, design inverts it.

Submodules are loaded when first used, so that ``import mdesign`` is quick and never imports
TensorFlow:

>>> import mdesign
>>> mdesign.papers.claims("gidn")["fig4_active_learning.maximum_25_iteration_3"].value
218.09
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import FunctionType, ModuleType
from typing import Any

__all__ = [
    "__version__",
    "analysis",
    "arguments",
    "cli",
    "crystals",
    "data",
    "design",
    "microstructure",
    "models",
    "papers",
    "paths",
    "physics",
    "plotting",
    "reproduce",
    "seeding",
    "storage",
    "studies",
    "training",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        return metadata.version("mdesign")
    if name in __all__:
        return import_module(f"mdesign.{name}")
    raise AttributeError(f"module 'mdesign' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


class _CheckedAnnotations:
    """Has the annotations of the rooms in `_CHECKED` checked in every call.

    A wrong type is a TypeError that names the argument. What an array holds is checked by
    `mdesign.arguments`; a number may be one of NumPy's. Nothing is loaded before the first import
    of one of these rooms: the command line has to start quickly. Functions inside functions are
    not checked: beartype would decorate them in every call, and keep all that they refer to.
    """

    @classmethod
    def find_spec(cls, name: str, path: Any = None, *target: Any) -> ModuleSpec | None:
        """Find a module of these rooms, and let it be checked once it is loaded."""
        if not f"{name}.".startswith(_CHECKED):
            return None
        spec = PathFinder.find_spec(name, path)
        if spec and spec.loader and name not in _UNCHECKED:
            load = spec.loader.exec_module
            spec.loader.exec_module = lambda module: _checked(load, module)  # type: ignore[method-assign]
        return spec


def _checked(load: Any, module: ModuleType) -> None:
    """Load a module, and decorate its functions and classes with beartype."""
    from beartype import beartype

    load(module)
    decorate = beartype(conf=_rules())
    for name, value in list(vars(module).items()):
        if isinstance(value, FunctionType | type) and value.__module__ == module.__name__:
            setattr(module, name, decorate(value))


@cache
def _rules() -> Any:
    """Say what beartype accepts for an annotation."""
    import numbers
    from typing import Annotated

    import numpy as np
    import numpy.typing as npt
    from beartype import BeartypeConf, BeartypeViolationVerbosity, FrozenDict
    from beartype.vale import Is

    arrays = ("bool", "uint8", "int32", "int64", "float32", "float64", "complex128")
    kinds: list[Any] = [np.integer, np.floating, *(np.dtype(name).type for name in arrays)]
    plain: dict[Any, Any] = {npt.NDArray[kind]: np.ndarray | np.generic for kind in kinds}  # type: ignore[valid-type]
    plain |= {int: numbers.Integral, float: numbers.Real, complex: numbers.Complex}
    plain[npt.ArrayLike] = object
    for one in (int, float, str):
        plain[Sequence[one]] = Sequence[one] | np.ndarray  # type: ignore[valid-type]
    for one in (int, float):  # as many numbers in a list or an array will do for a tuple
        others: Any = list[one] | np.ndarray  # type: ignore[valid-type]
        plain[tuple[one, ...]] = tuple[one, ...] | others  # type: ignore[valid-type]
        for size in (2, 3):
            several: Any = tuple[(one,) * size]  # type: ignore[misc]
            plain[several] = several | Annotated[others, Is[_has(size)]]
    return BeartypeConf(
        hint_overrides=FrozenDict(plain),
        violation_type=TypeError,
        violation_verbosity=BeartypeViolationVerbosity.MINIMAL,
    )


def _has(size: int) -> Callable[[Any], bool]:
    return lambda values: len(values) == size


_CHECKED = (
    "mdesign.analysis.",
    "mdesign.crystals.",
    "mdesign.data.sets.",
    "mdesign.design.",
    "mdesign.microstructure.",
    "mdesign.models.",
    "mdesign.physics.",
    "mdesign.plotting.",
    "mdesign.studies.",
    "mdesign.training.",
)

_UNCHECKED = (
    "mdesign.physics.fracture.simd",  # intrinsics of numba
    "mdesign.physics.optics.stack",  # takes any sequences and makes them plain
)


class _QuietTensorFlow:
    """Hides what TensorFlow writes to standard error while it is imported.

    Its messages about missing graphics processors come before it reads TF_CPP_MIN_LOG_LEVEL.
    Set this variable to 0 to see them.
    """

    @classmethod
    def find_spec(cls, name: str, *search: Any) -> ModuleSpec | None:
        """Find TensorFlow, once, and let it load without standard error."""
        if name != "tensorflow":
            return None
        sys.meta_path.remove(cls)
        spec = PathFinder.find_spec(name)
        if spec and spec.loader:
            load = spec.loader.exec_module
            spec.loader.exec_module = lambda module: _quietly(load, module)  # type: ignore[method-assign]
        return spec


def _quietly(load: Any, module: ModuleType) -> None:
    """Load a module while file descriptor 2, to which compiled code writes, goes nowhere."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        load(module)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") != "0" and "tensorflow" not in sys.modules:
    sys.meta_path.insert(0, _QuietTensorFlow)
sys.meta_path.insert(0, _CheckedAnnotations)
