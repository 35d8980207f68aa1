"""Inverse design: from a wanted property to the arrangement of two phases.

The submodules are loaded when one of their names is first used, so that importing this package
imports neither TensorFlow nor pymoo.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_NAMES_OF = {
    "annealing": (
        "AnnealingSettings",
        "anneal",
    ),
    "descent": ("gradient_descent",),
    "enumeration": (
        "Enumeration",
        "all_designs",
        "enumerate_best",
    ),
    "genetic": (
        "GeneticSearch",
        "genetic_search",
    ),
    "gidn": (
        "GidnIteration",
        "GidnResult",
        "GidnSettings",
        "Stopping",
        "active_learning",
    ),
    "logistic": (
        "LogisticSearch",
        "LogisticSettings",
        "element_weights",
        "logistic_search",
        "sample_by_weights",
    ),
    "multistart": (
        "MultistartSettings",
        "multistart",
    ),
    "peaks": (
        "GLOBAL_MINIMUM",
        "ORIGIN_MINIMUM",
        "peaks",
        "peaks_gradient",
    ),
    "projection": ("project",),
    "ranking": (
        "binarize",
        "soft_count",
    ),
    "sampling": (
        "RandomSample",
        "random_designs",
        "random_sampling",
    ),
    "swap": (
        "all_swaps",
        "swap_search",
    ),
    "topology": (
        "TopologyDesign",
        "central_difference_gradient",
        "optimize_topology",
    ),
}

_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names}

__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - the table above is the list


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
