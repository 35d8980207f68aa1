"""Inverse design of materials: physics makes data, models learn it, design inverts it.

Submodules are loaded when first used, so that ``import mdesign`` is quick and never imports
TensorFlow:

>>> import mdesign
>>> mdesign.papers.claims("gidn")["fig5_statistics.maximum_25_iteration_3"].value
218.09
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import Any

__all__ = [
    "__version__",
    "analysis",
    "cli",
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
        return metadata.version("mdesign")
    if name in __all__:
        return import_module(f"mdesign.{name}")
    raise AttributeError(f"module 'mdesign' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
